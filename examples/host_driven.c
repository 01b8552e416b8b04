/*
 * The host owns the neurons and the clock; the library has the synapses and their learning.
 *
 * The host's leaky integrators are an "external" population. In each turn of its own loop the host
 * lets the library take a step, reads what its neurons received in it, integrates them over that
 * step, and hands in who fired. Inhibitory synapses learn by "vogels2011" and bring the rate down
 * to the target rho0.
 *
 * The same network with the library's own neurons runs beside it. Sources and synapses are the
 * same, because draws depend on nothing but the seed and the order of creation. The host integrates
 * in double precision and the library in single, so now and then a neuron crosses its threshold one
 * step earlier or later; no such difference grows, as the rule pulls both to the same weights.
 *
 * The argument is the number of seconds, at least 20; default 40.
 */
#include <math.h>
#include <quell/quell.h>
#include <stdio.h>
#include <stdlib.h>

#define TRY(call)                                                                                  \
  do {                                                                                             \
    quell_status status_ = (call);                                                                 \
    if (status_ != QUELL_OK) return status_;                                                       \
  } while (0)

enum { CELLS = 50, EXC = 800, INH = 200, REFRACTORY = 20 }; /* the last in steps: 2 ms */
static const double dt = 0.1, cm = 200.0, tau_m = 20.0, tau_syn = 5.0, v_rest = -60.0,
                    v_thresh = -50.0, rho0 = 5.0;

typedef struct circuit {
  quell_network *net;
  quell_population *cells;
  quell_recorder *recorder;
} circuit;

/* The host's own neurons, with the library's default parameters. */
typedef struct neurons {
  double v[CELLS], i_exc[CELLS], i_inh[CELLS];
  int refractory[CELLS];
} neurons;

static quell_status build(circuit *c, const char *model) {
  const quell_value rate_exc = {"rate", 5.0}, rate_inh = {"rate", 10.0},
                    learning[] = {{"rho0", rho0}, {"eta", 1.0}};
  quell_network_options options = QUELL_NETWORK_OPTIONS_INIT;
  quell_connection half = QUELL_CONNECTION_INIT;
  quell_population *exc, *inh;
  quell_projection *excitation, *inhibition;
  quell_rule *rule;
  options.dt = dt;
  TRY(quell_network_create(&options, &c->net));
  TRY(quell_population_create(c->net, "exc", "poisson", EXC, &rate_exc, 1, &exc));
  TRY(quell_population_create(c->net, "inh", "poisson", INH, &rate_inh, 1, &inh));
  TRY(quell_population_create(c->net, "cells", model, CELLS, NULL, 0, &c->cells));
  TRY(quell_rule_create(c->net, "vogels2011", learning, 2, &rule));
  half.kind = QUELL_FIXED_PROBABILITY;
  half.p = 0.5;
  half.weight.kind = QUELL_CONSTANT;
  half.weight.a = 20.0; /* pA */
  TRY(quell_connect(c->net, exc, c->cells, "excitatory", &half, NULL, &excitation));
  half.weight.a = 0.0;
  TRY(quell_connect(c->net, inh, c->cells, "inhibitory", &half, rule, &inhibition));
  return quell_record_spikes(c->cells, NULL, &c->recorder);
}

/* Advances the host's neurons over a step in which `exc` and `inh` arrived, exactly for currents
 * that decay; returns the number of those that fire. */
static size_t integrate(neurons *s, const float *exc, const float *inh, uint32_t *fired) {
  const double leak = exp(-dt / tau_m), decay = exp(-dt / tau_syn);
  const double per_pA = (leak - decay) / (1.0 / tau_syn - 1.0 / tau_m) / cm;
  size_t n = 0;
  for (uint32_t i = 0; i < CELLS; i++) {
    s->i_exc[i] += (double)exc[i];
    s->i_inh[i] += (double)inh[i];
    double v = v_rest + (s->v[i] - v_rest) * leak + (s->i_exc[i] - s->i_inh[i]) * per_pA;
    int held = s->refractory[i] > 0, fires = !held && v >= v_thresh;
    s->v[i] = held || fires ? v_rest : v;
    s->refractory[i] = fires ? REFRACTORY : s->refractory[i] - held;
    s->i_exc[i] *= decay;
    s->i_inh[i] *= decay;
    if (fires) fired[n++] = i;
  }
  return n;
}

/* The host's loop. */
static quell_status drive(circuit *c, neurons *s, uint64_t steps) {
  for (uint64_t i = 0; i < steps; i++) {
    const float *exc, *inh;
    uint32_t n, fired[CELLS];
    TRY(quell_step(c->net));
    TRY(quell_population_input(c->cells, "excitatory", &exc, &n));
    TRY(quell_population_input(c->cells, "inhibitory", &inh, &n));
    TRY(quell_population_spikes_in(c->cells, fired, integrate(s, exc, inh, fired)));
  }
  return QUELL_OK;
}

/* Number of spikes that both have: the same neuron in the same step. */
static size_t in_common(const quell_recording *a, const quell_recording *b) {
  size_t i = 0, j = 0, common = 0;
  while (i < a->samples && j < b->samples) {
    uint64_t left = a->stamps[i] * CELLS + a->ids[i], right = b->stamps[j] * CELLS + b->ids[j];
    common += left == right;
    i += left <= right;
    j += right <= left;
  }
  return common;
}

static quell_status demonstrate(circuit *host, circuit *own, int seconds, int *holds) {
  static neurons cells;
  quell_recording a = QUELL_RECORDING_INIT, b = QUELL_RECORDING_INIT;
  double first = 0.0, last = 0.0;
  for (int i = 0; i < CELLS; i++) cells.v[i] = v_rest;
  TRY(build(host, "external"));
  TRY(build(own, "lif_curr_exp"));
  for (int t = 5; t <= seconds; t += 5) {
    size_t before = a.samples;
    TRY(drive(host, &cells, 50000));
    TRY(quell_run(own->net, 5000.0));
    TRY(quell_recorder_read(host->recorder, &a));
    TRY(quell_recorder_read(own->recorder, &b));
    last = (double)(a.samples - before) / CELLS / 5.0;
    if (t == 5) first = last;
    printf("%3d s: %5.2f Hz\n", t, last);
  }
  size_t common = in_common(&a, &b);
  printf("the host's neurons fired %zu times, the library's %zu times, %zu in common\n", a.samples,
         b.samples, common);
  *holds = first > 2.0 * rho0 && fabs(last - rho0) < 0.2 * rho0 && 100 * common > 99 * a.samples &&
           100 * common > 99 * b.samples;
  return QUELL_OK;
}

int main(int argc, char **argv) {
  circuit host = {0}, own = {0};
  int holds = 0;
  quell_status status = demonstrate(&host, &own, argc > 1 ? atoi(argv[1]) : 40, &holds);
  if (status)
    fprintf(stderr, "%s%s\n", quell_network_error(host.net), quell_network_error(own.net));
  else if (!holds)
    fprintf(stderr, "at the end, %g Hz +- 20 %% and 99 %% in common are expected\n", rho0);
  quell_network_destroy(&host.net);
  quell_network_destroy(&own.net);
  return holds ? EXIT_SUCCESS : EXIT_FAILURE;
}

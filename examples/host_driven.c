/*
 * The host owns the neurons and the clock; the library has the synapses and their learning.
 *
 * The host's leaky integrators are an "external" population. In each turn of its own loop the host
 * lets the library take a step, reads what its neurons received in it, integrates them over that
 * step, and hands in who fired. Inhibitory synapses learn by "vogels2011" and bring the rate down to
 * the target rho0.
 *
 * The same network with the library's neurons is made beside it: sources and synapses are the same,
 * because their draws depend on the seed and on the order of creation alone. The host integrates in
 * double, the library in single precision, so that now and then a threshold is crossed one step
 * earlier or later. The rule pulls both back to the same weights, so such differences do not grow.
 *
 * usage: host_driven [seconds, default 60]
 */
#include <math.h>
#include <quell/quell.h>
#include <stdio.h>
#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
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
  quell_projection *inhibition;
  quell_recorder *recorder;
} circuit;

/* The host's own neurons. */
typedef struct neurons {
  double v[CELLS], i_exc[CELLS], i_inh[CELLS];
  int refractory[CELLS];
} neurons;

static quell_status build(circuit *c, const char *model) {
  const quell_value rate_exc = {"rate", 5.0}, rate_inh = {"rate", 10.0},
                    learning[] = {{"rho0", rho0}, {"eta", 0.2}};
  quell_network_options options = QUELL_NETWORK_OPTIONS_INIT;
  quell_connection half = QUELL_CONNECTION_INIT;
  quell_population *exc, *inh;
  quell_projection *excitation;
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
  TRY(quell_connect(c->net, inh, c->cells, "inhibitory", &half, rule, &c->inhibition));
  return quell_record_spikes(c->cells, NULL, &c->recorder);
}

/* Advances the host's neurons over a step in which `exc` and `inh` arrived, exactly for currents that
 * decay; returns the number of those that fire. */
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

static quell_status rate_since(const circuit *c, size_t *seen, double seconds, double *rate) {
  quell_recording spikes = QUELL_RECORDING_INIT;
  TRY(quell_recorder_read(c->recorder, &spikes));
  *rate = (double)(spikes.samples - *seen) / CELLS / seconds;
  *seen = spikes.samples;
  return QUELL_OK;
}

static quell_status demonstrate(circuit *host, circuit *own, int blocks) {
  static neurons s;
  size_t seen[2]={0};
  for (uint32_t i = 0; i < CELLS; i++)
    s.v[i] = v_rest;
  TRY(build(host, "external"));
  TRY(build(own, "lif_curr_exp"));
  for (int b=0;b<blocks;b++) {
    double r[2];
    TRY(drive(host, &s, 50000));
    TRY(quell_run(own->net, 5000.0));
    TRY(rate_since(host,&seen[0],5,&r[0])); TRY(rate_since(own,&seen[1],5,&r[1]));
    uint64_t n = quell_projection_size(host->inhibition);
    static float a[CELLS*INH], w[CELLS*INH];
    TRY(quell_projection_get(host->inhibition,"weight",0,n,a)); TRY(quell_projection_get(own->inhibition,"weight",0,n,w));
    double d=0,m=0, mx=0; for(uint64_t i=0;i<n;i++) d+=(a[i]-w[i])*(a[i]-w[i]), m+=w[i]/n, mx=fmax(mx,fabs(a[i]-w[i]));
    quell_recording x=QUELL_RECORDING_INIT,y=x; quell_recorder_read(host->recorder,&x);quell_recorder_read(own->recorder,&y);
    size_t i=0,j=0,same=0; while(i<x.samples&&j<y.samples){ uint64_t p=x.stamps[i]*64+x.ids[i],q=y.stamps[j]*64+y.ids[j]; if(p==q)same++,i++,j++; else if(p<q)i++; else j++;}
    printf("%d %g %g  w %g rms diff %g max %g  same %zu of %zu %zu\n",b*5+5,r[0],r[1],m,sqrt(d/n),mx,same,x.samples,y.samples);
  }
  return QUELL_OK;
}

int main(int argc, char **argv) {
  circuit host={0}, own={0};
  int status=demonstrate(&host,&own,argc>1?atoi(argv[1]):12);
  if(status) fprintf(stderr,"%d %s %s\n",status,quell_network_error(host.net),quell_network_error(own.net));
  return status;
}

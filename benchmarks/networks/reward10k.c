/* What a third factor costs: the network of stdp10k, whose synapses learn by pairs of spikes at
 * once (case pair), or through an eligibility (tau 1 s) and dopamine (tau 200 ms; Izhikevich 2007,
 * 10.1093/cercor/bhl152). Dopamine stays as it is (constant), is released 10 times a second (10Hz),
 * is set by the host at every step (every-step), or comes from 10 neurons that fire at 10 Hz
 * (neurons); with the case deferred it is constant, and the eligibility one that any rule can have.
 *
 * All cases have the same spikes, so that their times can be compared: what is learnt, or what
 * dopamine makes of it, is so little that it is lost in the rounding of a weight of 12 pA, which is
 * 5e-7 pA. The work is that of any other amplitudes, since none of it depends on a value. Weights
 * stay what they were in the beginning, and digests are compared. */
#include "stdp10k.h"

#include <stdlib.h>

enum { PAIR, CONSTANT, TENTHS, EVERY_STEP, NEURONS, DEFERRED };

static const double tau_e = 1000.0, tau_dopamine = 200.0;
static const double unnoticed = 1e-9; /* dopamine, and amplitudes of pairs without it */

static quell_rule *pair_rule(model *m, double scale) {
  const quell_value learning[] = {{"a_plus", scale},
                                  {"a_minus", 1.05 * scale},
                                  {"tau_plus", 20.0},
                                  {"tau_minus", 20.0},
                                  {"w_max", 24.0}};
  return add_rule(m, "stdp_pair", learning, COUNT(learning));
}

static quell_rule *reward_rule(model *m) {
  const quell_value learning[] = {{"a_plus", 0.024},   {"a_minus", 0.0252}, {"tau_plus", 20.0},
                                  {"tau_minus", 20.0}, {"tau_e", tau_e},    {"w_max", 24.0}};
  return add_rule(m, "reward_stdp", learning, COUNT(learning));
}

static quell_modulator *add_dopamine(model *m, double tonic) {
  const quell_value kinetics[] = {{"tonic", tonic}, {"tau", tau_dopamine}};
  quell_modulator *dopamine;
  check(m, quell_modulator_create(m->net, "dopamine", NULL, kinetics, COUNT(kinetics), &dopamine));
  return dopamine;
}

/* Levels that go up and down, `every` ms, until the benchmark ends. */
static void schedule(model *m, quell_modulator *dopamine, double every, double end) {
  size_t n = (size_t)(end / every + 0.5);
  double *time = must_alloc(n, sizeof *time), *level = must_alloc(n, sizeof *level);
  for (size_t i = 0; i < n; i++) {
    time[i] = every * (double)i;
    level[i] = unnoticed * (double)(1 + i % 7);
  }
  check(m, quell_modulator_schedule(dopamine, QUELL_SET_LEVEL, 0, time, level, n));
  free(time);
  free(level);
}

/* Not of the model's populations: what they fire is no part of what is compared. */
static void add_dopamine_neurons(model *m, quell_modulator *dopamine) {
  const quell_value rate = {"rate", 10.0};
  quell_source source = QUELL_SOURCE_INIT;
  quell_population *neurons;
  source.amount = unnoticed / 20.0; /* so that the mean is that of the other cases */
  check(m, quell_population_create(m->net, "dopamine", "poisson", 10, &rate, 1, &neurons));
  check(m, quell_modulator_source(dopamine, neurons, &source));
}

static void build(model *m, const settings *s, unsigned which) {
  if (which == PAIR) {
    stdp10k_join(m, pair_rule(m, unnoticed));
    return;
  }
  double end = 1000.0 * (reward10k.warm_up + (s->seconds > 0.0 ? s->seconds : reward10k.seconds));
  int at_rest = which == CONSTANT || which == DEFERRED;
  quell_rule *rule = which == DEFERRED ? pair_rule(m, 0.001) : reward_rule(m);
  quell_modulator *dopamine = add_dopamine(m, at_rest ? unnoticed : 0.0);
  if (which == DEFERRED) check(m, quell_rule_eligibility(rule, tau_e));
  check(m, quell_rule_bind(rule, which == DEFERRED ? "factor" : "reward", dopamine, NULL));
  stdp10k_join(m, rule);
  if (which == TENTHS) schedule(m, dopamine, 100.0, end);
  if (which == EVERY_STEP) schedule(m, dopamine, quell_network_dt(m->net), end);
  if (which == NEURONS) add_dopamine_neurons(m, dopamine);
}

static const char *const cases[] = {"pair",    "constant", "10Hz", "every-step",
                                    "neurons", "deferred", NULL};

const benchmark reward10k = {
    .name = "reward10k",
    .summary = "stdp10k with eligibilities and dopamine, against pairs alone; by what moves it",
    .cases = cases,
    .by_name = 6,
    .warm_up = 1.0,
    .seconds = 2.0,
    .compared = 1,
    .build = build,
};

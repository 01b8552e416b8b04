/* What a third factor costs: the network of stdp10k, once with plain pairs, and with the same pairs
 * as an eligibility (1 s) under dopamine (200 ms) that stands still, or is set 10 or 10,000 times
 * per second. Amplitudes are so small that no weight moves its neuron: all cases have the same
 * spikes, and what differs between them is the cost of learning. */
#include "../bench.h"

#include <stdlib.h>

enum { PAIRS, STILL, SELDOM, EACH_STEP };
static const double changes_per_second[] = {0.0, 0.0, 10.0, 10000.0};
static const double warm_up = 1.0, seconds = 2.0;

/* Levels from 0.5 to 1.5. */
static void move(const model *m, quell_modulator *dopamine, double hz, double ms) {
  size_t n = (size_t)(ms / 1000.0 * hz);
  double *time = must_alloc(n, sizeof *time), *level = must_alloc(n, sizeof *level);
  uint64_t state = 7;
  for (size_t i = 0; i < n; i++) {
    time[i] = (double)i * 1000.0 / hz;
    level[i] = 0.5 + uniform(&state);
  }
  if (n) check(m, quell_modulator_schedule(dopamine, QUELL_SET_LEVEL, 0, time, level, n));
  free(time);
  free(level);
}

static quell_rule *learning_of(model *m, const settings *s, unsigned which) {
  const quell_value pairs[] = {{"a_plus", 1e-9}, {"a_minus", 1.05e-9}, {"w_max", 24.0}};
  if (which == PAIRS) return add_rule(m, "stdp_pair", pairs, COUNT(pairs));
  quell_modulator *dopamine;
  quell_rule *rule = add_rule(m, "reward_stdp", pairs, COUNT(pairs));
  const quell_value kinetics[] = {{"tonic", 1.0}, {"tau", 200.0}};
  check(m, quell_modulator_create(m->net, "dopamine", NULL, kinetics, 2, &dopamine));
  check(m, quell_rule_bind(rule, "reward", dopamine, NULL));
  double measured = s->seconds > 0.0 ? s->seconds : seconds;
  move(m, dopamine, changes_per_second[which], 1000.0 * (warm_up + measured));
  return rule;
}

static void build(model *m, const settings *s, unsigned which) {
  const quell_value neuron[] = {{"cm", 200.0},      {"tau_m", 20.0},     {"v_rest", -60.0},
                                {"v_reset", -60.0}, {"v_thresh", -50.0}, {"tau_refrac", 2.0},
                                {"tau_syn_E", 5.0}, {"tau_syn_I", 5.0},  {"i_offset", 500.0}};
  quell_population *exc = add_population(m, "exc", "lif_curr_exp", 8000, neuron, COUNT(neuron));
  quell_population *inh = add_population(m, "inh", "lif_curr_exp", 2000, neuron, COUNT(neuron));
  spread_uniform(m, exc, "v", -60.0, -50.0);
  spread_uniform(m, inh, "v", -60.0, -50.0);
  const quell_connection from_exc = sparse(0.125, 12.0, 1.5), from_inh = sparse(0.125, 96.0, 1.5);
  join(m, exc, exc, "excitatory", &from_exc, learning_of(m, s, which));
  join(m, exc, inh, "excitatory", &from_exc, NULL);
  join(m, inh, exc, "inhibitory", &from_inh, NULL);
  join(m, inh, inh, "inhibitory", &from_inh, NULL);
}

static const char *const cases[] = {"pairs", "still", "10Hz", "10kHz", NULL};

const benchmark reward10k = {
    .name = "reward10k",
    .summary = "stdp10k with eligibility and dopamine, by changes of dopamine; and without",
    .cases = cases,
    .by_name = 4,
    .warm_up = 1.0,
    .seconds = 2.0,
    .build = build,
};

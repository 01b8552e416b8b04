/* Dense plasticity of excitation: 10,000 neurons with exponential currents and a constant drive, no
 * noise, connected with probability 1/8; the 8 million synapses between excitatory neurons follow
 * the additive pair rule of Song et al. 2000 (10.1038/78829). The rate of E differs between draws
 * of the connections, 8.3 to 10.1 Hz over eight seeds; the coefficient of variation is 1.2. */
#include "stdp10k.h"

void stdp10k_join(model *m, quell_rule *rule) {
  const quell_value neuron[] = {{"cm", 200.0},      {"tau_m", 20.0},     {"v_rest", -60.0},
                                {"v_reset", -60.0}, {"v_thresh", -50.0}, {"tau_refrac", 2.0},
                                {"tau_syn_E", 5.0}, {"tau_syn_I", 5.0},  {"i_offset", 500.0}};
  quell_population *exc = add_population(m, "exc", "lif_curr_exp", 8000, neuron, COUNT(neuron));
  quell_population *inh = add_population(m, "inh", "lif_curr_exp", 2000, neuron, COUNT(neuron));
  spread_uniform(m, exc, "v", -60.0, -50.0);
  spread_uniform(m, inh, "v", -60.0, -50.0);
  const quell_connection from_exc = sparse(0.125, 12.0, 1.5), from_inh = sparse(0.125, 96.0, 1.5);
  join(m, exc, exc, "excitatory", &from_exc, rule);
  join(m, exc, inh, "excitatory", &from_exc, NULL);
  join(m, inh, exc, "inhibitory", &from_inh, NULL);
  join(m, inh, inh, "inhibitory", &from_inh, NULL);
}

static void build(model *m, const settings *s, unsigned which) {
  (void)s, (void)which;
  /* The rule has its amplitudes in units of w_max. */
  const quell_value learning[] = {{"a_plus", 0.024 / 24.0},
                                  {"a_minus", 0.0252 / 24.0},
                                  {"tau_plus", 20.0},
                                  {"tau_minus", 20.0},
                                  {"w_max", 24.0}};
  stdp10k_join(m, add_rule(m, "stdp_pair", learning, COUNT(learning)));
}

static const char *const cases[] = {"1.5ms", NULL};

const benchmark stdp10k = {
    .name = "stdp10k",
    .summary = "10,000 neurons, 8 million excitatory synapses learn by pairs of spikes",
    .cases = cases,
    .by_name = 1,
    .warm_up = 1.0,
    .seconds = 2.0,
    .build = build,
};

/* Inhibition that learns to balance excitation: Vogels et al. 2011 (10.1126/science.1211095) with
 * the weights of the authors' script (ModelDB 143751) and of Brian2's example; those of the paper
 * are ten times larger. Measured from second 10 on, when E fires at about 7.2 and I at 8.1 Hz, on
 * their way to the target of 3 Hz. */
#include "../bench.h"

static const double delays[] = {0.0, 0.8};

static void build(model *m, const settings *s, unsigned which) {
  (void)s;
  const quell_value neuron[] = {{"cm", 200.0},      {"tau_m", 20.0},     {"v_rest", -60.0},
                                {"v_reset", -60.0}, {"v_thresh", -50.0}, {"tau_refrac", 5},
                                {"tau_syn_E", 5.0}, {"tau_syn_I", 10.0}, {"e_rev_E", 0.0},
                                {"e_rev_I", -80.0}, {"i_offset", 200.0}};
  quell_population *exc = add_population(m, "exc", "lif_cond_exp", 8000, neuron, COUNT(neuron));
  quell_population *inh = add_population(m, "inh", "lif_cond_exp", 2000, neuron, COUNT(neuron));

  const quell_value learning[] = {{"eta", 0.01}, {"rho0", 3.0}, {"tau", 20.0}, {"w_max", 100.0}};
  quell_rule *balance = add_rule(m, "vogels2011", learning, COUNT(learning));
  const quell_connection from_exc = sparse(0.02, 0.3, delays[which]);
  const quell_connection inh_to_inh = sparse(0.02, 3.0, delays[which]);
  const quell_connection inh_to_exc = sparse(0.02, 1e-10, delays[which]);
  join(m, exc, exc, "excitatory", &from_exc, NULL);
  join(m, exc, inh, "excitatory", &from_exc, NULL);
  join(m, inh, inh, "inhibitory", &inh_to_inh, NULL);
  join(m, inh, exc, "inhibitory", &inh_to_exc, balance);
}

static const char *const cases[] = {"0ms", "0.8ms", NULL};

const benchmark vogels2011 = {
    .name = "vogels2011",
    .summary = "10,000 neurons, inhibition learns (Vogels et al. 2011); by delay",
    .cases = cases,
    .by_name = 2,
    .warm_up = 10.0,
    .seconds = 10.0,
    .build = build,
};

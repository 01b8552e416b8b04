/* Static conductances: benchmark 1 of Brette et al. 2007 (10.1007/s10827-007-0038-6), after Vogels
 * & Abbott 2005 (10.1523/JNEUROSCI.3508-05.2005). 110 pA stand for a resting potential of -49 mV
 * above the reset of -60 mV. Potentials begin anywhere between reset and threshold. Rates are 16 to
 * 24 Hz, depending on the delay and on the integrator. */
#include "../bench.h"

static const double delays[] = {0.1, 0.8};

static void build(model *m, const settings *s, unsigned which) {
  (void)s;
  const quell_value neuron[] = {{"cm", 200.0},      {"tau_m", 20.0},     {"v_rest", -60.0},
                                {"v_reset", -60.0}, {"v_thresh", -50.0}, {"tau_refrac", 5},
                                {"tau_syn_E", 5.0}, {"tau_syn_I", 10.0}, {"e_rev_E", 0.0},
                                {"e_rev_I", -80.0}, {"i_offset", 110.0}};
  quell_population *exc = add_population(m, "exc", "lif_cond_exp", 3200, neuron, COUNT(neuron));
  quell_population *inh = add_population(m, "inh", "lif_cond_exp", 800, neuron, COUNT(neuron));
  spread_uniform(m, exc, "v", -60.0, -50.0);
  spread_uniform(m, inh, "v", -60.0, -50.0);

  const quell_connection from_exc = sparse(0.02, 6.0, delays[which]);
  const quell_connection from_inh = sparse(0.02, 67.0, delays[which]);
  join(m, exc, exc, "excitatory", &from_exc, NULL);
  join(m, exc, inh, "excitatory", &from_exc, NULL);
  join(m, inh, exc, "inhibitory", &from_inh, NULL);
  join(m, inh, inh, "inhibitory", &from_inh, NULL);
}

static const char *const cases[] = {"0.1ms", "0.8ms", NULL};

const benchmark coba4k = {
    .name = "coba4k",
    .summary = "4,000 neurons, static conductances (Brette et al. 2007); by delay",
    .cases = cases,
    .by_name = 2,
    .warm_up = 0.0,
    .seconds = 10.0,
    .build = build,
};

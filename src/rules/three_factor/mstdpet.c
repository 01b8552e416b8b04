/*
 * mstdpet: pairs of spikes make an eligibility, which the reward of each moment turns into a
 * change: mstdp with an eligibility trace.
 *
 *   pre:   e −= a_minus y          x, y: traces with tau_plus, tau_minus
 *   post:  e += a_plus x           de/dt = −e / tau_e
 *   always:  dw/dt = e × reward    per second
 *
 * In Florian's notation e is z / tau_z, so that a pair's change is as large as in mstdp under a
 * constant reward of 1 / tau_e [s]: a_plus = gamma A+ / tau_z [s].
 *
 * Florian 2007, Neural Computation 19:1468, 10.1162/neco.2007.19.6.1468; the paper's numbers were
 * not seen: amplitudes and tau_e = 25 ms are ours.
 */
#include "rules/three_factor/eligible_pairs.h"

static const quell_param_desc params[] = {QL_ELIGIBLE_PAIR_PARAMS(0.4, 0.4, 25.0, 1.0)};

static const quell_value symmetric[] = {{"a_plus", 0.4}, {"a_minus", -0.4}};

static const quell_preset_desc presets[] = {
    {"symmetric", "pairs in either order are eligible; the amplitudes are ours",
     QUELL_TABLE(symmetric)},
};

static const quell_trace_desc traces[] = {QL_ELIGIBLE_PAIR_TRACES(QUELL_TRACE_ADD)};

static const quell_factor_desc factors[] = {{"reward", "the reward of each moment"}};

const quell_rule_desc QL_RULE(mstdpet) = {
    .name = "mstdpet",
    .summary = "pair rule with an eligibility trace under a reward",
    .source = "Florian 2007, 10.1162/neco.2007.19.6.1468",
    QL_ELIGIBLE_PAIR_RULE,
};

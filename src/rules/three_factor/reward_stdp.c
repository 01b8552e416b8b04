/*
 * reward_stdp: pairs of spikes make an eligibility, which a reward turns into a change.
 *
 *   pre:   e −= a_minus y          x, y: traces with tau_plus, tau_minus
 *   post:  e += a_plus x           de/dt = −e / tau_e
 *   always:  dw/dt = e × reward    per second
 *
 * "reward" is a third factor: usually the concentration of dopamine, which decays with 0.2 s, or
 * what it is above its baseline. After one pair and one release of 1, with the dopamine decaying
 * with tau_c, w changes in all by e tau_e tau_c / (tau_e + tau_c), e being what is left of the
 * pair's change at the release. Chance: a reward that does not depend on e makes a drift of
 * <reward> <e>.
 *
 * NEST's stdp_dopamine_synapse has the same equations with times in ms: its weight changes per ms
 * of (concentration − baseline), a spike adds 1 / tau_n [ms] to the concentration. So the same
 * course follows here from a release of 1 / tau_n [ms] and a curve with slope 1000, or from a
 * release of 1 / tau_n [s]. Its defaults are the preset nest.
 *
 * Izhikevich 2007, Cerebral Cortex 17:2443, 10.1093/cercor/bhl152. Equations as in NEST (Potjans,
 * Morrison & Diesmann 2010, 10.3389/fncom.2010.00141); the amplitudes are those of the author's
 * code (ModelDB 84167), whose traces are of the nearest spike: reward_stdp_nearest.
 */
#include "rules/three_factor/eligible_pairs.h"

static const quell_param_desc params[] = {QL_ELIGIBLE_PAIR_PARAMS(0.1, 0.15, 1000.0, 4.0)};

static const quell_value nest[] = {{"a_plus", 1.0}, {"a_minus", 1.5}, {"w_max", 200.0}};

static const quell_preset_desc presets[] = {
    {"nest", "defaults of NEST's stdp_dopamine_synapse", QUELL_TABLE(nest)},
};

static const quell_trace_desc traces[] = {QL_ELIGIBLE_PAIR_TRACES(QUELL_TRACE_ADD)};

static const quell_factor_desc factors[] = {
    {"reward", "what turns eligibility into change, such as dopamine above its baseline"}};

const quell_rule_desc QL_RULE(reward_stdp) = {
    .name = "reward_stdp",
    .summary = "pair rule whose changes wait for a reward",
    .source = "Izhikevich 2007, 10.1093/cercor/bhl152",
    QL_ELIGIBLE_PAIR_RULE,
};

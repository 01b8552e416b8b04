/*
 * reward_stdp_nearest: pairs of nearest spikes make an eligibility, which a reward turns into a
 * change. As reward_stdp, but each spike sets its trace in place of adding to it:
 *
 *   pre:   e −= a_minus y          y: e^(−t / tau_minus), t since the last post spike
 *   post:  e += a_plus x           x: e^(−t / tau_plus), t since the last pre spike
 *   always:  dw/dt = e × reward    per second, de/dt = −e / tau_e
 *
 * This is the form of the author's own code (daspnet of ModelDB 84167, in steps of 1 ms): traces
 * fall by the factor 0.95 each ms, the eligibility by 0.99 each 10 ms, the dopamine by 0.995 each
 * ms, and a reward adds 0.5. The weight there grows every 10 ms by (0.002 + dopamine) e, so its
 * reward is 100 × (0.002 + dopamine) in our unit, per second. A post spike there reads pre traces
 * that are one step old: a pair t ms apart counts 0.1 × 0.95^(t − 1), and one in the same step does
 * not count as pre before post. The preset izhikevich2007 has its constants, with this.
 *
 * Izhikevich 2007, Cerebral Cortex 17:2443, 10.1093/cercor/bhl152.
 */
#include "rules/three_factor/eligible_pairs.h"

static const quell_param_desc params[] = {QL_ELIGIBLE_PAIR_PARAMS(0.1, 0.15, 1000.0, 4.0)};

static const quell_value izhikevich2007[] = {{"a_plus", 0.1 / 0.95},
                                             {"a_minus", 0.15},
                                             {"tau_plus", 19.495725746},
                                             {"tau_minus", 19.495725746},
                                             {"tau_e", 994.99162},
                                             {"w_max", 4.0},
                                             {"tie", 2}};

static const quell_preset_desc presets[] = {
    {"izhikevich2007", "author's code, ModelDB 84167", QUELL_TABLE(izhikevich2007)},
};

static const quell_trace_desc traces[] = {QL_ELIGIBLE_PAIR_TRACES(QUELL_TRACE_SET)};

static const quell_factor_desc factors[] = {
    {"reward", "what turns eligibility into change, such as dopamine above its baseline"}};

const quell_rule_desc QL_RULE(reward_stdp_nearest) = {
    .name = "reward_stdp_nearest",
    .summary = "nearest-spike pair rule whose changes wait for a reward",
    .source = "Izhikevich 2007, 10.1093/cercor/bhl152",
    QL_ELIGIBLE_PAIR_RULE,
};

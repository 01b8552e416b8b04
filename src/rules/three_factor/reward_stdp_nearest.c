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
 * reward is 100 × (0.002 + dopamine) in our unit, per second; the preset izhikevich2007 has its
 * constants.
 *
 * Izhikevich 2007, Cerebral Cortex 17:2443, 10.1093/cercor/bhl152.
 */
#include "rules/builtin.h"

enum { A_PLUS, A_MINUS, TAU_PLUS, TAU_MINUS, TAU_E };
enum { PLUS, MINUS }; /* bindable */

static const quell_param_desc params[] = {
    {"a_plus", "w", "eligibility by a pair, pre before post", 0.1, -1e9, 1e9, QUELL_BINDABLE, 0},
    {"a_minus", "w", "loss of it by a pair, post before pre", 0.15, -1e9, 1e9, QUELL_BINDABLE, 0},
    {"tau_plus", "ms", "time constant of the pre trace", 20.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"tau_minus", "ms", "time constant of the post trace", 20.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"tau_e", "ms", "time constant of the eligibility", 1000.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    QUELL_STANDARD_PARAMS(4.0),
};

static const quell_value izhikevich2007[] = {{"a_plus", 0.1},
                                             {"a_minus", 0.15},
                                             {"tau_plus", 19.495725746},
                                             {"tau_minus", 19.495725746},
                                             {"tau_e", 994.99162},
                                             {"w_max", 4.0}};

static const quell_preset_desc presets[] = {
    {"izhikevich2007", "author's code, ModelDB 84167", QUELL_TABLE(izhikevich2007)},
};

static const quell_trace_desc traces[] = {
    {"x", QUELL_PRE, QUELL_TRACE_SET, TAU_PLUS, 0},
    {"y", QUELL_POST, QUELL_TRACE_SET, TAU_MINUS, 0},
};

static const quell_factor_desc factors[] = {
    {"reward", "what turns eligibility into change, such as dopamine above its baseline"},
};

static const quell_eligibility_desc eligibilities[] = {
    {"eligibility", "w", "change that a reward would make, per second and unit of it", TAU_E, 1},
};

static quell_status prepare(const quell_rule_args *args, void *instance) {
  (void)args, (void)instance; /* the amplitudes may move */
  return QUELL_OK;
}

static void on_pre(const quell_block *block) {
  float *restrict e = block->elig[0];
  const float *restrict minus = block->bound[MINUS], *restrict y = block->post[0];
  for (uint32_t i = 0; i < block->n; i++) e[i] -= minus[i] * y[i];
}

static void on_post(const quell_block *block) {
  float *restrict e = block->elig[0];
  const float *restrict plus = block->bound[PLUS], *restrict x = block->pre[0];
  for (uint32_t i = 0; i < block->n; i++) e[i] += plus[i] * x[i];
}

static const quell_event_desc events[] = {
    {.kind = QUELL_PRE, .wants_post = 1u << 0, .call = on_pre},
    {.kind = QUELL_POST, .wants_pre = 1u << 0, .call = on_post},
};

const quell_rule_desc QL_RULE(reward_stdp_nearest) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "reward_stdp_nearest",
    .summary = "nearest-spike pair rule whose changes wait for a reward",
    .source = "Izhikevich 2007, 10.1093/cercor/bhl152",
    .params = QUELL_TABLE(params),
    .traces = QUELL_TABLE(traces),
    .events = QUELL_TABLE(events),
    .prepare = prepare,
    .presets = QUELL_TABLE(presets),
    .factors = QUELL_TABLE(factors),
    .eligibilities = QUELL_TABLE(eligibilities),
};

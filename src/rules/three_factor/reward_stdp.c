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

static const quell_value nest[] = {{"a_plus", 1.0}, {"a_minus", 1.5}, {"w_max", 200.0}};

static const quell_preset_desc presets[] = {
    {"nest", "defaults of NEST's stdp_dopamine_synapse", QUELL_TABLE(nest)},
};

static const quell_trace_desc traces[] = {
    {"x", QUELL_PRE, QUELL_TRACE_ADD, TAU_PLUS, 0},
    {"y", QUELL_POST, QUELL_TRACE_ADD, TAU_MINUS, 0},
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

const quell_rule_desc QL_RULE(reward_stdp) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "reward_stdp",
    .summary = "pair rule whose changes wait for a reward",
    .source = "Izhikevich 2007, 10.1093/cercor/bhl152",
    .params = QUELL_TABLE(params),
    .traces = QUELL_TABLE(traces),
    .events = QUELL_TABLE(events),
    .prepare = prepare,
    .presets = QUELL_TABLE(presets),
    .factors = QUELL_TABLE(factors),
    .eligibilities = QUELL_TABLE(eligibilities),
};

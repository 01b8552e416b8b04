/*
 * da_5ht: dopamine potentiates and serotonin depresses what was paired, each through an eligibility
 * of its own.
 *
 *   pre:   s = a_minus y,  post:  s = a_plus x        x, y: traces with tau_plus, tau_minus
 *   at either:  e_da += s;  at post, and at pre by b_minus y:  e_5ht −= b_plus x
 *   always:  dw/dt = eta (e_da × dopamine + e_5ht × serotonin),  per second
 *
 * The traces decay with tau_da and tau_5ht. In the sequential form serotonin sees pre before post
 * alone (b_minus = 0) and lasts longer; in the competitive form both windows are symmetric, and
 * active serotonin multiplies a_plus and a_minus by 1.15 or 1.5: bind "a_plus" and "a_minus".
 *
 * Wert-Carvajal, Reneaux, Tchumatchenko & Clopath 2022, Cell Reports 39:110645,
 * 10.1016/j.celrep.2022.110645; constants and form of the authors' code, where both act at the end
 * of a trial; here they act as long as they are there.
 */
#include "rules/builtin.h"

enum { ETA, A_PLUS, A_MINUS, B_PLUS, B_MINUS, TAU_PLUS, TAU_MINUS, TAU_DA, TAU_5HT };
enum { BOUND_ETA, BOUND_A_PLUS, BOUND_A_MINUS, BOUND_B_PLUS, BOUND_B_MINUS };

static const quell_param_desc params[] = {
    {"eta", "w", "learning rate", 0.01, 0.0, 1e9, QUELL_BINDABLE, 0},
    {"a_plus", "1", "dopamine: pair, pre before post", 1.0, -1e9, 1e9, QUELL_BINDABLE, 0},
    {"a_minus", "1", "dopamine: pair, post before pre", 1.0, -1e9, 1e9, QUELL_BINDABLE, 0},
    {"b_plus", "1", "serotonin: pair, pre before post", 1.0, -1e9, 1e9, QUELL_BINDABLE, 0},
    {"b_minus", "1", "serotonin: pair, post before pre", 0.0, -1e9, 1e9, QUELL_BINDABLE, 0},
    {"tau_plus", "ms", "time constant of the pre trace", 10.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"tau_minus", "ms", "time constant of the post trace", 10.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"tau_da", "ms", "decay of the eligibility for dopamine", 2000.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"tau_5ht", "ms", "decay of the eligibility for serotonin", 5000.0, 0.0, 1e9, QUELL_MIN_OPEN,
     0},
    QUELL_STANDARD_PARAMS(3.0),
};

static const quell_value competitive[] = {{"b_minus", 1.0}};

static const quell_preset_desc presets[] = {
    {"competitive", "symmetric windows for both", QUELL_TABLE(competitive)},
};

static const quell_trace_desc traces[] = {
    {"x", QUELL_PRE, QUELL_TRACE_ADD, TAU_PLUS, 0},
    {"y", QUELL_POST, QUELL_TRACE_ADD, TAU_MINUS, 0},
};

static const quell_factor_desc factors[] = {
    {"dopamine", "potentiates what is eligible"},
    {"serotonin", "depresses what is eligible"},
};

static const quell_eligibility_desc eligibilities[] = {
    {"e_da", "w", "eligibility for dopamine", TAU_DA, 1},
    {"e_5ht", "w", "eligibility for serotonin, below 0", TAU_5HT, 2},
};

static quell_status prepare(const quell_rule_args *args, void *instance) {
  (void)args, (void)instance; /* all amplitudes may move */
  return QUELL_OK;
}

static void pair(const quell_block *block, const float *restrict a, const float *restrict b,
                 const float *restrict trace) {
  const float *restrict eta = block->bound[BOUND_ETA];
  float *restrict e_da = block->elig[0], *restrict e_5ht = block->elig[1];
  for (uint32_t i = 0; i < block->n; i++) {
    e_da[i] += eta[i] * a[i] * trace[i];
    e_5ht[i] -= eta[i] * b[i] * trace[i];
  }
}

static void on_pre(const quell_block *block) {
  pair(block, block->bound[BOUND_A_MINUS], block->bound[BOUND_B_MINUS], block->post[0]);
}

static void on_post(const quell_block *block) {
  pair(block, block->bound[BOUND_A_PLUS], block->bound[BOUND_B_PLUS], block->pre[0]);
}

static const quell_event_desc events[] = {
    {.kind = QUELL_PRE, .wants_post = 1u << 0, .call = on_pre},
    {.kind = QUELL_POST, .wants_pre = 1u << 0, .call = on_post},
};

const quell_rule_desc QL_RULE(da_5ht) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "da_5ht",
    .summary = "dopamine potentiates what was paired, serotonin depresses it",
    .source = "Wert-Carvajal et al. 2022, 10.1016/j.celrep.2022.110645",
    .params = QUELL_TABLE(params),
    .traces = QUELL_TABLE(traces),
    .events = QUELL_TABLE(events),
    .prepare = prepare,
    .eligibilities = QUELL_TABLE(eligibilities),
    .presets = QUELL_TABLE(presets),
    .factors = QUELL_TABLE(factors),
};

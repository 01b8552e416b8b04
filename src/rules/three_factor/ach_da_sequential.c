/*
 * ach_da_sequential: acetylcholine depresses at once what is active; dopamine that comes later
 * undoes this, and potentiates.
 *
 *   pre:   s = a_minus y,  post:  s = a_plus x        x, y: traces with tau_plus, tau_minus
 *   at either:  e += s,  p += eta_ach s,  w −= eta_ach s
 *   at a release of an amount a of dopamine:  w += p + eta_da a e,  p = 0
 *
 * e decays with tau_e. eta_ach is meant to follow a channel of acetylcholine (0: none there), p is
 * the depression that is not confirmed yet. A pair in either order counts.
 *
 * The authors' code has trials: at a reward the weight becomes that of the beginning of the trial,
 * plus eta_da e. Here p takes the place of the beginning of the trial, so that there need be none:
 * a depression without reward stays, until dopamine comes, in this trial or a later one. To confirm
 * it, write 0 to p.
 *
 * Brzosko, Zannone, Schultz, Clopath & Paulsen 2017, 10.7554/eLife.27756; Zannone, Brzosko, Paulsen
 * & Clopath 2018, 10.1038/s41598-018-27393-2. Constants of the authors' code.
 */
#include "rules/builtin.h"

enum { ETA_ACH, ETA_DA, A_PLUS, A_MINUS, TAU_PLUS, TAU_MINUS, TAU_E };
enum { BOUND_ACH, BOUND_DA }; /* bindable */

static const quell_param_desc params[] = {
    {"eta_ach", "w", "depression by a pair while there is acetylcholine", 2e-3, 0.0, 1e9,
     QUELL_BINDABLE, 0},
    {"eta_da", "w", "potentiation by a release of 1 for an eligibility of 1", 0.01, 0.0, 1e9,
     QUELL_BINDABLE, 0},
    {"a_plus", "1", "pair, pre before post", 1.0, -1e9, 1e9, 0, 0},
    {"a_minus", "1", "pair, post before pre", 1.0, -1e9, 1e9, 0, 0},
    {"tau_plus", "ms", "time constant of the pre trace", 10.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"tau_minus", "ms", "time constant of the post trace", 10.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"tau_e", "ms", "time constant of the eligibility", 2000.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    QUELL_STANDARD_PARAMS(3.0),
};

static const quell_trace_desc traces[] = {
    {"x", QUELL_PRE, QUELL_TRACE_ADD, TAU_PLUS, 0},
    {"y", QUELL_POST, QUELL_TRACE_ADD, TAU_MINUS, 0},
};

static const quell_var_desc vars[] = {
    {"p", "w", "depression that dopamine would undo", 0.0},
};

static const quell_factor_desc factors[] = {
    {"dopamine", "its releases undo the depression and potentiate"},
};

static const quell_eligibility_desc eligibilities[] = {
    {"eligibility", "1", "pairs that dopamine would reward", TAU_E, 0},
};

typedef struct constants {
  float plus, minus;
} constants;

static quell_status prepare(const quell_rule_args *args, void *instance) {
  *(constants *)instance = (constants){(float)args->value[A_PLUS], (float)args->value[A_MINUS]};
  return QUELL_OK;
}

static void pair(const quell_block *block, float amplitude, const float *restrict trace) {
  const float *restrict eta = block->bound[BOUND_ACH];
  float *restrict w = block->w, *restrict p = block->var[0], *restrict e = block->elig[0];
  for (uint32_t i = 0; i < block->n; i++) {
    float s = amplitude * trace[i];
    e[i] += s;
    p[i] += eta[i] * s;
    w[i] -= eta[i] * s;
  }
}

static void on_pre(const quell_block *block) {
  pair(block, ((const constants *)block->instance)->minus, block->post[0]);
}

static void on_post(const quell_block *block) {
  pair(block, ((const constants *)block->instance)->plus, block->pre[0]);
}

static void on_dopamine(const quell_block *block) {
  const float *restrict eta = block->bound[BOUND_DA], *restrict amount = block->pulse;
  const float *restrict e = block->elig[0];
  float *restrict w = block->w, *restrict p = block->var[0];
  for (uint32_t i = 0; i < block->n; i++) { /* other territories have released nothing */
    float undone = amount[i] != 0.0f ? p[i] : 0.0f;
    w[i] += undone + eta[i] * amount[i] * e[i];
    p[i] -= undone;
  }
}

static const quell_event_desc events[] = {
    {.kind = QUELL_PRE, .wants_post = 1u << 0, .call = on_pre},
    {.kind = QUELL_POST, .wants_pre = 1u << 0, .call = on_post},
    {.kind = QUELL_PULSE, .param = 0, .call = on_dopamine},
};

const quell_rule_desc QL_RULE(ach_da_sequential) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "ach_da_sequential",
    .summary =
        "depression at once under acetylcholine, undone and turned into potentiation by dopamine",
    .source =
        "Brzosko et al. 2017, 10.7554/eLife.27756; Zannone et al. 2018, 10.1038/s41598-018-27393-2",
    .params = QUELL_TABLE(params),
    .traces = QUELL_TABLE(traces),
    .events = QUELL_TABLE(events),
    .prepare = prepare,
    .eligibilities = QUELL_TABLE(eligibilities),
    .vars = QUELL_TABLE(vars),
    .instance_size = sizeof(constants),
    .factors = QUELL_TABLE(factors),
};

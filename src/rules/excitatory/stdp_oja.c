/*
 * stdp_oja: at a post spike the weights move towards the recent input, so that a cell comes to
 * prefer what makes it fire, and the sum of squares stays bounded without a separate normalisation.
 *
 *   post:  w += eta (beta x − w)        x: trace of the pre spikes, time constant tau
 *
 * The fixed point is w = beta ⟨x at a post spike⟩. A spiking form of competitive learning after
 * Oja 1982, 10.1007/BF00275687; this form (no factor for the post activity in the decay, because
 * the change happens once per post spike) is ours.
 */
#include "rules/builtin.h"

enum { ETA, BETA, TAU };
enum { BOUND_ETA, BOUND_BETA };

static const quell_param_desc params[] = {
    {"eta", "1", "learning rate: part of the distance covered per post spike", 0.05, 0.0, 1.0,
     QUELL_BINDABLE, 0},
    {"beta", "w", "weight that a trace of 1 stands for", 0.01, 0.0, 1e9, QUELL_BINDABLE, 0},
    {"tau", "ms", "time constant of the pre trace", 20.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    QUELL_STANDARD_PARAMS((double)INFINITY),
};

static const quell_trace_desc traces[] = {{"x", QUELL_PRE, QUELL_TRACE_ADD, TAU, 0}};

static quell_status prepare(const quell_rule_args *args, void *instance) {
  (void)args, (void)instance; /* both may move */
  return QUELL_OK;
}

static void on_post(const quell_block *block) {
  float *restrict w = block->w;
  const float *restrict x = block->pre[0];
  const float *restrict eta = block->bound[BOUND_ETA], *restrict beta = block->bound[BOUND_BETA];
  for (uint32_t i = 0; i < block->n; i++) w[i] += eta[i] * (beta[i] * x[i] - w[i]);
}

static const quell_event_desc events[] = {
    {.kind = QUELL_POST, .wants_pre = 1u << 0, .call = on_post}};

const quell_rule_desc QL_RULE(stdp_oja) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "stdp_oja",
    .summary = "weights follow the recent input at each post spike",
    .source = "after Oja 1982, 10.1007/BF00275687",
    .params = QUELL_TABLE(params),
    .traces = QUELL_TABLE(traces),
    .events = QUELL_TABLE(events),
    .prepare = prepare,
};

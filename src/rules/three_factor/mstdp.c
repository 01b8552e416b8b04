/*
 * mstdp: pairs of spikes change the weight at once, as much as the reward of the moment says.
 *
 *   pre:   w −= reward a_minus y       x, y: traces with tau_plus, tau_minus
 *   post:  w += reward a_plus x
 *
 * "reward" is a parameter that is meant to follow a channel; left alone it makes the pair rule of
 * one sign. There is no eligibility: a reward counts for the spikes of its own step. mstdpet has
 * one. Both come from the gradient of the expected reward; in Florian's notation reward is
 * gamma r(t), a_plus is A+, a_minus is −A−.
 *
 * Florian 2007, Neural Computation 19:1468, 10.1162/neco.2007.19.6.1468; the paper's numbers were
 * not seen, the amplitudes are ours.
 */
#include "rules/builtin.h"

enum { REWARD, A_PLUS, A_MINUS, TAU_PLUS, TAU_MINUS };
enum { BY }; /* bindable: reward */

static const quell_param_desc params[] = {
    {"reward", "1", "factor on all changes", 1.0, -1e9, 1e9, QUELL_BINDABLE, 0},
    {"a_plus", "w", "change by a pair, pre before post", 0.01, -1e9, 1e9, 0, 0},
    {"a_minus", "w", "loss by a pair, post before pre", 0.01, -1e9, 1e9, 0, 0},
    {"tau_plus", "ms", "time constant of the pre trace", 20.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"tau_minus", "ms", "time constant of the post trace", 20.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    QUELL_STANDARD_PARAMS(1.0),
};

static const quell_trace_desc traces[] = {
    {"x", QUELL_PRE, QUELL_TRACE_ADD, TAU_PLUS, 0},
    {"y", QUELL_POST, QUELL_TRACE_ADD, TAU_MINUS, 0},
};

typedef struct constants {
  float plus, minus;
} constants;

static quell_status prepare(const quell_rule_args *args, void *instance) {
  *(constants *)instance = (constants){(float)args->value[A_PLUS], (float)args->value[A_MINUS]};
  return QUELL_OK;
}

static void on_pre(const quell_block *block) {
  const constants *c = block->instance;
  float *restrict w = block->w;
  const float *restrict reward = block->bound[BY], *restrict y = block->post[0];
  for (uint32_t i = 0; i < block->n; i++) w[i] -= reward[i] * (c->minus * y[i]);
}

static void on_post(const quell_block *block) {
  const constants *c = block->instance;
  float *restrict w = block->w;
  const float *restrict reward = block->bound[BY], *restrict x = block->pre[0];
  for (uint32_t i = 0; i < block->n; i++) w[i] += reward[i] * (c->plus * x[i]);
}

static const quell_event_desc events[] = {
    {.kind = QUELL_PRE, .wants_post = 1u << 0, .call = on_pre},
    {.kind = QUELL_POST, .wants_pre = 1u << 0, .call = on_post},
};

const quell_rule_desc QL_RULE(mstdp) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "mstdp",
    .summary = "pair rule scaled by the reward of the moment",
    .source = "Florian 2007, 10.1162/neco.2007.19.6.1468",
    .params = QUELL_TABLE(params),
    .traces = QUELL_TABLE(traces),
    .events = QUELL_TABLE(events),
    .instance_size = sizeof(constants),
    .prepare = prepare,
};

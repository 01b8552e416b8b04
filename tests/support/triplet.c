#include "triplet.h"

/* The full triplet rule of Pfister & Gerstner 2006: slow traces are read by events of their own
 * side, before their jump. */

enum { TAU_PLUS, TAU_MINUS, TAU_X, TAU_Y, A2_PLUS, A3_PLUS, A2_MINUS, A3_MINUS };

static const quell_param_desc triplet_params[] = {
    {"tau_plus", "ms", "fast pre trace", 16.8, 0, 1e6, QUELL_MIN_OPEN, 0},
    {"tau_minus", "ms", "fast post trace", 33.7, 0, 1e6, QUELL_MIN_OPEN, 0},
    {"tau_x", "ms", "slow pre trace", 101, 0, 1e6, QUELL_MIN_OPEN, 0},
    {"tau_y", "ms", "slow post trace", 125, 0, 1e6, QUELL_MIN_OPEN, 0},
    {"a2_plus", "w", "pair potentiation", 0.005, 0, 1, 0, 0},
    {"a3_plus", "w", "triplet potentiation", 0.0062, 0, 1, 0, 0},
    {"a2_minus", "w", "pair depression", 0.007, 0, 1, 0, 0},
    {"a3_minus", "w", "triplet depression", 0.0023, 0, 1, 0, 0},
    QUELL_STANDARD_PARAMS(5.0),
};
static const quell_trace_desc triplet_traces[] = {
    {"r1", QUELL_PRE, QUELL_TRACE_ADD, TAU_PLUS, 0},
    {"o1", QUELL_POST, QUELL_TRACE_ADD, TAU_MINUS, 0},
    {"r2", QUELL_PRE, QUELL_TRACE_ADD, TAU_X, 0},
    {"o2", QUELL_POST, QUELL_TRACE_ADD, TAU_Y, 0},
};

typedef struct amplitudes {
  float a2_plus, a3_plus, a2_minus, a3_minus;
} amplitudes;

static quell_status triplet_prepare(const quell_rule_args *args, void *instance) {
  const double *v = args->value;
  *(amplitudes *)instance =
      (amplitudes){(float)v[A2_PLUS], (float)v[A3_PLUS], (float)v[A2_MINUS], (float)v[A3_MINUS]};
  return QUELL_OK;
}

static void triplet_pre(const quell_block *b) {
  const amplitudes *a = b->instance;
  for (uint32_t i = 0; i < b->n; i++)
    b->w[i] -= b->post[0][i] * (a->a2_minus + a->a3_minus * b->pre[1][i]);
}

static void triplet_post(const quell_block *b) {
  const amplitudes *a = b->instance;
  for (uint32_t i = 0; i < b->n; i++)
    b->w[i] += b->pre[0][i] * (a->a2_plus + a->a3_plus * b->post[1][i]);
}

static const quell_event_desc triplet_events[] = {
    {.kind = QUELL_PRE, .wants_pre = 1u << 1, .wants_post = 1u << 0, .call = triplet_pre},
    {.kind = QUELL_POST, .wants_pre = 1u << 0, .wants_post = 1u << 1, .call = triplet_post},
};

const quell_rule_desc test_triplet = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .name = "test_triplet",
    .summary = "full triplet rule",
    .source = "10.1523/JNEUROSCI.1425-06.2006",
    .params = QUELL_TABLE(triplet_params),
    .traces = QUELL_TABLE(triplet_traces),
    .events = QUELL_TABLE(triplet_events),
    .instance_size = sizeof(amplitudes),
    .prepare = triplet_prepare,
};

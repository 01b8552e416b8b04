/* The change by pairs and triplets of spikes, shared by the rules that differ in their traces. */
#ifndef QL_RULES_TRIPLET_H
#define QL_RULES_TRIPLET_H

#include <quell/plugin.h>

enum { A2_PLUS, A3_PLUS, A2_MINUS, A3_MINUS, TAU_PLUS, TAU_MINUS, TAU_X, TAU_Y };

typedef struct constants {
  float a2_plus, a3_plus, a2_minus, a3_minus;
} constants;

static quell_status prepare(const quell_rule_args *args, void *instance) {
  const double *value = args->value;
  constants *c = instance;
  c->a2_plus = (float)value[A2_PLUS];
  c->a3_plus = (float)value[A3_PLUS];
  c->a2_minus = (float)value[A2_MINUS];
  c->a3_minus = (float)value[A3_MINUS];
  return QUELL_OK;
}

static void on_pre(const quell_block *block) {
  const constants *c = block->instance;
  float *restrict w = block->w;
  const float *restrict r2 = block->pre[1], *restrict o1 = block->post[0];
  for (uint32_t i = 0; i < block->n; i++) w[i] -= o1[i] * (c->a2_minus + c->a3_minus * r2[i]);
}

static void on_post(const quell_block *block) {
  const constants *c = block->instance;
  float *restrict w = block->w;
  const float *restrict r1 = block->pre[0], *restrict o2 = block->post[1];
  for (uint32_t i = 0; i < block->n; i++) w[i] += r1[i] * (c->a2_plus + c->a3_plus * o2[i]);
}

static const quell_event_desc events[] = {
    {.kind = QUELL_PRE, .wants_pre = 1u << 1, .wants_post = 1u << 0, .call = on_pre},
    {.kind = QUELL_POST, .wants_pre = 1u << 0, .wants_post = 1u << 1, .call = on_post},
};

#endif

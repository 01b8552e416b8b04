/* The change by pairs and triplets of spikes, shared by the rules that differ in their traces. */
#ifndef QL_RULES_TRIPLET_H
#define QL_RULES_TRIPLET_H

#include <quell/plugin.h>

enum { A2_PLUS, A3_PLUS, A2_MINUS, A3_MINUS, TAU_PLUS, TAU_MINUS, TAU_X, TAU_Y };
/* The amplitudes come first in the table, and all are bindable: they have these numbers there too.
 */

static quell_status prepare(const quell_rule_args *args, void *instance) {
  (void)args, (void)instance; /* all amplitudes may move */
  return QUELL_OK;
}

static void on_pre(const quell_block *block) {
  float *restrict w = block->w;
  const float *restrict r2 = block->pre[1], *restrict o1 = block->post[0];
  const float *restrict pair = block->bound[A2_MINUS], *restrict triplet = block->bound[A3_MINUS];
  for (uint32_t i = 0; i < block->n; i++) w[i] -= o1[i] * (pair[i] + triplet[i] * r2[i]);
}

static void on_post(const quell_block *block) {
  float *restrict w = block->w;
  const float *restrict r1 = block->pre[0], *restrict o2 = block->post[1];
  const float *restrict pair = block->bound[A2_PLUS], *restrict triplet = block->bound[A3_PLUS];
  for (uint32_t i = 0; i < block->n; i++) w[i] += r1[i] * (pair[i] + triplet[i] * o2[i]);
}

static const quell_event_desc events[] = {
    {.kind = QUELL_PRE, .wants_pre = 1u << 1, .wants_post = 1u << 0, .call = on_pre},
    {.kind = QUELL_POST, .wants_pre = 1u << 0, .wants_post = 1u << 1, .call = on_post},
};

#endif

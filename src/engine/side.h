/* The post side of a rule: what it keeps and computes for each neuron of a population, however many
 * projections with that rule end there. */
#ifndef QL_ENGINE_SIDE_H
#define QL_ENGINE_SIDE_H

#include "engine/tile.h"

struct ql_side {
  quell_rule *rule;
  quell_population *population;
  double *var[QL_MAX_POST_VARS]; /* one tile after the other, each [depth][count] */
  uint32_t depth[QL_MAX_POST_VARS];
  uint32_t input[QL_MAX_INPUTS];  /* states that post_step reads … */
  float *as_float[QL_MAX_INPUTS]; /* … [size], where the state is no float; else NULL */
  int state_of[QL_MAX_SIGNALS];   /* the state that a signal is; -1: post_step writes it */
  float *signal[QL_MAX_SIGNALS];  /* [size]; that of a float state is the state itself */
  uint32_t word[QL_MAX_SIGNALS];  /* where post events keep it; 0: they do not */
  uint32_t news[QL_MAX_OBSERVED]; /* delays of the observed populations, steps */

  /* Integrals, see frame.h: by neuron the drive of the step, J, and J at the ends of the last
   * windows, [n_ends][size]. */
  uint32_t window; /* steps */
  uint32_t n_ends;
  double tau[QL_MAX_INTEGRALS]; /* of the traces that carry them, steps */
  float *drive[QL_MAX_INTEGRALS], *now[QL_MAX_INTEGRALS], *end[QL_MAX_INTEGRALS];
  double *area[QL_MAX_INTEGRALS];
};

/* The window that a stamp lies in: (window × steps, (window + 1) × steps]. */
static inline uint64_t ql_window_of(const ql_side *side, uint64_t stamp) {
  return stamp ? (stamp - 1) / side->window : 0;
}

/* Brings the post side up to stamp `stamp`: after the neurons' update, before their spikes are
 * remembered. */
#define ql_post_step QL_FOR_ISA(ql_post_step)
void ql_post_step(ql_tile *tile, uint64_t stamp);

/* What callbacks get of a side, for the neurons of a tile. */
typedef struct ql_post_arrays {
  const float *state[QL_MAX_INPUTS];
  double *var[QL_MAX_POST_VARS];
  float *signal[QL_MAX_SIGNALS], *drive[QL_MAX_INTEGRALS];
  double observed[QL_MAX_OBSERVED], param[QL_MAX_RULE_PARAMS];
} ql_post_arrays;

/* `side` may be NULL: a rule that keeps nothing there. Parameters are those of `step`. */
#define ql_post_block_of QL_FOR_ISA(ql_post_block_of)
quell_post_block ql_post_block_of(const ql_tile *tile, const quell_rule *rule, const ql_side *side,
                                  uint64_t stamp, uint64_t step, ql_post_arrays *arrays);

#endif

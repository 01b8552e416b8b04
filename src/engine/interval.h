/* Rules that act at an interval: a streamed pass over all synapses, and one before it where a sum
 * over the synapses of each post neuron is needed. */
#ifndef QL_ENGINE_INTERVAL_H
#define QL_ENGINE_INTERVAL_H

#include "engine/tile.h"

/* The projections onto a population that share a rule: their synapses make one sum. */
struct ql_group {
  const quell_rule *rule;
  const ql_side *side; /* NULL: the rule has none */
  uint32_t period;     /* steps */
  uint32_t n;
  struct ql_member {
    quell_projection *projection;
    const ql_use *use;
  } * member;
};

/* What is due at `clock`, after the events of this stamp. */
#define ql_intervals QL_FOR_ISA(ql_intervals)
void ql_intervals(ql_tile *tile, uint64_t clock);

#endif

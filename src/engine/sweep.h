/* Walks over all synapses of a projection that is being built: tile by tile in parallel, post
 * neuron by post neuron, always drawing the same. */
#ifndef QL_ENGINE_SWEEP_H
#define QL_ENGINE_SWEEP_H

#include "engine/quantity.h"
#include "engine/tile.h"
#include "network/connectivity.h"

/* Of delays, in steps. */
typedef struct ql_range {
  int32_t least, most;
} ql_range;
#define QL_NO_RANGE  ((ql_range){INT32_MAX, 0})
#define QL_ANY_RANGE ((ql_range){0, QL_LONGEST_DELAY + 1})

/* What is to be built. */
typedef struct ql_plan {
  quell_projection *projection;
  quell_network *network;
  const quell_connection *connection;
  const ql_draw_code *draw;
  ql_connectivity connectivity;
  ql_quantity weight;
  ql_quantity delay;         /* of the part that is kept per synapse … */
  ql_range range;            /* … in [range.least, range.most] …*/
  uint32_t shift;            /* … less the steps of it that turned out to be axonal */
  ql_quantity axonal;        /* where it varies, it splits the row of a pre neuron */
  atomic_uchar *axonal_used; /* [QL_LONGEST_DELAY + 1], if it varies */
  uint32_t *axonal_index; /* where each axonal delay is in projection->axonal, if rows are split */
} ql_plan;

/* Synapses onto one post neuron. */
typedef struct ql_chunk {
  uint32_t post, first, n; /* synapses [first, first + n) of the neuron, n ≤ QL_STRIP */
  const uint32_t *pre, *row;
  const uint64_t *place; /* in the caller's list */
} ql_chunk;

/* A tile's share of a sweep. */
typedef struct ql_share {
  ql_plan *plan;
  ql_tile *tile;
  ql_part *part;      /* from the rows' allocation on */
  ql_refusal refusal; /* of its lowest post neuron that has one */
  ql_range delays;    /* that were met, in steps */
  uint32_t *filled;   /* synapses of each fragment that are in place, [n_rows] */
  uint32_t *pre;      /* partners of one post neuron, [most] */
  uint64_t *place;    /* of each in the caller's list, [most]; NULL if there is none */
  uint64_t *bitmap;   /* for ql_partners() */
} ql_share;

/* What is done in a sweep; `begin`, which returns 0 if there is no memory, and `end` may be NULL. A
 * share that has a refusal goes no further. */
typedef struct ql_sweep_work {
  int (*begin)(ql_share *share);
  void (*chunk)(ql_share *share, const ql_chunk *chunk);
  void (*end)(ql_share *share);
} ql_sweep_work;

/* Goes over all synapses. The sentence of a failure is that of the lowest post neuron. `delays`
 * receives the range of those that were met. */
quell_status ql_sweep(ql_plan *plan, const ql_sweep_work *work, ql_range *delays);

/* Weights of a chunk, and its delays in steps, if they are drawn or listed one by one. Drawn delays
 * are kept within `range`, which is that of all of them or any. Return 0 after noting a refusal. */
int ql_chunk_weights(ql_share *share, const ql_chunk *chunk, float *weight);
int ql_chunk_delays(ql_share *share, const ql_chunk *chunk, const ql_quantity *delay,
                    ql_range range, int32_t *steps);
/* Widens `range` to have all delays of a chunk, which are drawn. Returns 0 after noting a refusal.
 */
int ql_chunk_range(ql_share *share, const ql_chunk *chunk, const ql_quantity *delay,
                   ql_range *range);

void ql_refuse(ql_share *share, ql_refusal refusal);

#endif

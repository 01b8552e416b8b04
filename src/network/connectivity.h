/* Which neurons are connected, drawn one post neuron at a time: any tile can draw its own part
 * alone, and drawing twice gives the same. */
#ifndef QL_NETWORK_CONNECTIVITY_H
#define QL_NETWORK_CONNECTIVITY_H

#include "base/memory.h"
#include "network/draw.h"
#include <quell/projection.h>

typedef struct ql_connectivity {
  const quell_connection *connection;
  uint32_t n_pre, n_post;
  int no_self; /* pre and post are one population, and QUELL_NO_SELF */
  uint64_t seed;
  uint32_t object; /* number of the projection */
  const ql_draw_code *draw;
  uint64_t *offset; /* fixed total, list: synapses onto earlier post neurons, [n_post + 1] */
  uint64_t
      *place;    /* list: places in the caller's list of the pairs that are held, by post neuron */
  uint64_t held; /* … the first of which is pair number `held` in this order */
  uint32_t most; /* upper bound of synapses onto one post neuron */
} ql_connectivity;

/* Checks the request and prepares what is drawn for all post neurons together. `same` says that pre
 * and post are one population; sizes are in [1, 2^30]. On failure the sentence goes to `message`
 * and nothing is held. QUELL_E_RANGE: kind, flags, p or count impossible, a pair of a list that the
 * flags forbid; QUELL_E_LENGTH: an index of a list past the end, with its place; sizes differ for
 * one to one; QUELL_E_NULL: a list without arrays; QUELL_E_MEMORY. At most 2^31 synapses onto a
 * neuron and a fixed total of 2^40: what would not fit is refused, not tried. `connection` and its
 * arrays must stay until ql_connectivity_close(). */
quell_status ql_connectivity_open(ql_connectivity *connectivity, ql_memory *memory,
                                  const quell_connection *connection, uint32_t n_pre,
                                  uint32_t n_post, int same, uint64_t seed, uint32_t object,
                                  const ql_draw_code *draw, char *message, size_t message_size);
void ql_connectivity_close(ql_connectivity *connectivity, ql_memory *memory);

/* The partners of post neurons are drawn for a range of them at a time, whose end this tells. */
uint32_t ql_connectivity_reach(const ql_connectivity *connectivity, uint32_t first);
/* Gets ready for the range [first, end). */
void ql_connectivity_hold(ql_connectivity *connectivity, uint32_t first, uint32_t end);

static inline int ql_allows_multapses(const ql_connectivity *connectivity) {
  return !(connectivity->connection->flags & QUELL_NO_MULTAPSES);
}

/* Pre neurons that a post neuron may have. */
static inline uint32_t ql_candidates(const ql_connectivity *connectivity) {
  return connectivity->no_self ? connectivity->n_pre - 1 : connectivity->n_pre;
}

/* Fixed total, list: synapses onto the post neurons [first, end). */
static inline uint64_t ql_pairs(const ql_connectivity *connectivity, uint32_t first, uint32_t end) {
  return connectivity->offset[end] - connectivity->offset[first];
}

/* Partners are drawn in partners.c. */

/* Words of scratch that ql_partners() needs, all zero before and after each call. */
size_t ql_partners_scratch(const ql_connectivity *connectivity);

/* The pre neurons of the synapses onto `post`, in the order of drawing or listing, into pre[most];
 * returns their number. For a list, place[i] receives the place of each in the caller's list. */
uint32_t ql_partners(const ql_connectivity *connectivity, uint32_t post, uint64_t *scratch,
                     uint32_t *pre, uint64_t *place);

#endif

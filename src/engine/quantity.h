/* Quantities of synapses that are being built: where their values come from, and what is refused.
 */
#ifndef QL_ENGINE_QUANTITY_H
#define QL_ENGINE_QUANTITY_H

#include "network/distribution.h"
#include "network/network.h"

enum { QL_LONGEST_DELAY = 65535 }; /* steps, for each of the two parts */

typedef struct ql_quantity {
  const char *name;
  const quell_distribution *distribution;
  double value;                                                     /* if it is one for all */
  enum { QL_ONE_VALUE, QL_DRAWN, QL_BY_LIST, QL_BY_NUMBER } source; /* the latter two: arrays */
  uint32_t purpose;   /* of the numbers that are drawn */
  ql_sampler sampler; /* if they are */
  float low, high;    /* what is allowed */
} ql_quantity;

/* `fallback` is the value of QUELL_DEFAULT. */
ql_quantity ql_quantity_of(const char *name, const quell_distribution *distribution,
                           double fallback, const quell_connection *connection, uint32_t purpose);

/* Whether each synapse's value is found with the synapse: one by one, in the order of drawing. */
static inline int ql_is_single(const ql_quantity *quantity) {
  return quantity->source == QL_DRAWN || quantity->source == QL_BY_LIST;
}

/* Why a synapse cannot be. */
typedef struct ql_refusal {
  enum { QL_NO_REFUSAL, QL_NO_MEMORY, QL_OUT_OF_RANGE, QL_TOO_LONG, QL_BAD_WEIGHT } reason;
  const ql_quantity *quantity;
  uint32_t pre, post;
  double value;
} ql_refusal;

/* Notes the sentence. */
quell_status ql_refusal_fail(const quell_projection *projection, const ql_refusal *refusal);

/* What a weight may be, by the rule or without one. */
void ql_weight_bounds(const quell_projection *projection, float *low, float *high);
/* "; a weight is a magnitude …": the end of a sentence. */
const char *ql_weight_sign(const quell_projection *projection, char *text, size_t size);

/* A delay in ms, given and not drawn, as steps. */
quell_status ql_delay_steps(const quell_network *network, const char *name, double ms,
                            uint32_t *steps);

/* As steps, without checks. */
static inline uint32_t ql_nearest_step(const quell_network *network, double ms) {
  return (uint32_t)(ms / network->dt + 0.5);
}

#endif

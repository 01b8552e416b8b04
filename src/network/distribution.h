/* Values for synapses: constant, drawn or given. */
#ifndef QL_NETWORK_DISTRIBUTION_H
#define QL_NETWORK_DISTRIBUTION_H

#include "base/random.h"
#include <quell/projection.h>

/* Checks everything but the length of an array. `quantity` names it in the sentence ("weight",
 * "delay"); values must be ≥ 0 and finite. What would be passed over in silence is refused too:
 * QUELL_CLIP or QUELL_REDRAW where nothing is drawn, numbers or values without a kind.
 * QUELL_E_RANGE, QUELL_E_NULL. */
quell_status ql_distribution_check(const quell_distribution *distribution, const char *quantity,
                                   char *message, size_t message_size);

/* One value for a random or constant kind. `fallback` is the value of QUELL_DEFAULT. Returns 0 if
 * the value is refused, or if redrawing does not find one within 10,000 tries; *value then holds
 * the last one drawn. */
int ql_distribution_draw(const quell_distribution *distribution, double fallback, ql_stream *stream,
                         double *value);

#endif

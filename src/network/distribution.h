/* Values for synapses: constant, drawn or given. */
#ifndef QL_NETWORK_DISTRIBUTION_H
#define QL_NETWORK_DISTRIBUTION_H

#include "network/draw.h"
#include <quell/projection.h>

/* Checks everything but the length of an array. `quantity` names it in the sentence ("weight",
 * "delay"); values must be ≥ 0 and finite. What would be passed over in silence is refused too:
 * QUELL_CLIP or QUELL_REDRAW where nothing is drawn, numbers or values without a kind.
 * QUELL_E_RANGE, QUELL_E_NULL. */
quell_status ql_distribution_check(const quell_distribution *distribution, const char *quantity,
                                   char *message, size_t message_size);

/* Whether values are drawn by chance, and whether they can differ. */
int ql_distribution_is_drawn(const quell_distribution *distribution);
int ql_distribution_varies(const quell_distribution *distribution);

/* How the values of a drawn kind are made. Bounds that have (almost) nothing of a distribution
 * between them, with QUELL_REDRAW, are not kept: the values that come are outside. */
ql_sampler ql_distribution_sampler(const quell_distribution *distribution);

#endif

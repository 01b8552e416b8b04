/* Delays of a projection that is being built: which there are, and where they have their place. */
#ifndef QL_ENGINE_DELAYS_H
#define QL_ENGINE_DELAYS_H

#include "engine/sweep.h"

/* The axonal delays, each of which has its own rows: sets projection->axonal, and where they vary
 * the plan's axonal_index. */
quell_status ql_find_axonal(ql_plan *plan);

/* Divides the delays into axonal and dendritic ones, and tells how the latter are stored. `drawn`
 * is the range of those that were drawn; all synapses are counted. */
quell_status ql_place_delays(ql_plan *plan, ql_range drawn);

#endif

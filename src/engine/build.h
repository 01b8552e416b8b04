/* How the synapses of a projection are laid out as rows in tiles. */
#ifndef QL_ENGINE_BUILD_H
#define QL_ENGINE_BUILD_H

#include "network/network.h"

/* Draws the synapses of a projection whose populations, receptor, rule and number are set. On
 * failure the sentence is noted, and ql_parts_free() frees what there is. */
quell_status ql_build(quell_projection *projection, const quell_connection *connection);
void ql_parts_free(quell_projection *projection);

/* Gives a static projection stored weights, all equal, in place of the one that it has for all. On
 * failure it is as it was. */
quell_status ql_store_weights(quell_projection *projection);

#endif

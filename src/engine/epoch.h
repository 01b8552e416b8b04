/* What a projection learns with, and since when. */
#ifndef QL_ENGINE_EPOCH_H
#define QL_ENGINE_EPOCH_H

#include "network/network.h"

/* The current epoch, the one that holds from the clock on. */
ql_epoch *ql_epoch_last(quell_projection *projection);
/* The epoch that holds at `stamp`, which is not older than the horizon. */
const ql_epoch *ql_epoch_at(const quell_projection *projection, uint64_t stamp);
/* Makes room for one more epoch; settles rows if they have fallen behind by many. */
quell_status ql_epoch_reserve(quell_projection *projection);
/* From the clock on: another instance (NULL: no rule acts at events) or another state of the
 * switch. Room was reserved. */
void ql_epoch_begin(quell_projection *projection, ql_instance *instance, int32_t on);
void ql_instance_release(quell_network *network, ql_instance *instance);

#endif

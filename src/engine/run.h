/* The clock: batches of steps, the exchange of spikes between them, and what happens at a stop. */
#ifndef QL_ENGINE_RUN_H
#define QL_ENGINE_RUN_H

#include "network/network.h"

/* Advances the network; the first call fixes the topology. */
quell_status ql_advance(quell_network *network, uint64_t steps);

/* Spikes with the stamp of the clock that came from outside, to be merged into the list. */
quell_status ql_hand_in(quell_population *population, const uint32_t *neurons, size_t n);

#endif

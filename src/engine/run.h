/* The clock: batches of steps, the exchange of spikes between them, and what happens at a stop. */
#ifndef QL_ENGINE_RUN_H
#define QL_ENGINE_RUN_H

#include "network/network.h"

/* Advances the network; the first call fixes the topology. */
quell_status ql_advance(quell_network *network, uint64_t steps);

/* Spikes with the stamp of the clock that came from outside: they come to those that have it, or
 * replace them. */
quell_status ql_hand_in(quell_population *population, const uint32_t *neurons, size_t n,
                        int replace);

/* Gives parameters the values that their courses have for the clock. */
void ql_follow_courses(quell_population *population);

#endif

/* The first step: from what a network is to what it runs on. */
#ifndef QL_ENGINE_START_H
#define QL_ENGINE_START_H

#include "network/network.h"

/* Fixes the topology. On failure the network is as before, and it can be tried again. */
quell_status ql_start(quell_network *network);

/* Lists of spikes for each population, `rings` of them. Returns 0 if there is no memory. */
int ql_spikes_create(quell_population *population, uint32_t rings);
void ql_spikes_destroy(quell_population *population, uint32_t rings);

#endif

/* How a tile runs. */
#ifndef QL_ENGINE_STEP_H
#define QL_ENGINE_STEP_H

#include "engine/tile.h"

#define ql_tile_steps QL_FOR_ISA(ql_tile_steps)

/* Advances a tile from `clock` by `steps`, with all spikes stamped up to `clock` known. Its own
 * spikes are collected in tile->spikes. */
void ql_tile_steps(ql_tile *tile, uint64_t clock, uint32_t steps);

#endif

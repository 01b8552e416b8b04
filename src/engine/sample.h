/* What recorders take from a tile. */
#ifndef QL_ENGINE_SAMPLE_H
#define QL_ENGINE_SAMPLE_H

#include "engine/tile.h"

/* Fills this tile's part of the samples that are due at `clock`. */
void ql_sample(ql_tile *tile, uint64_t clock);

#endif

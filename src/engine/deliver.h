/* Adds weights to the input of their targets. */
#ifndef QL_ENGINE_DELIVER_H
#define QL_ENGINE_DELIVER_H

#include "engine/tile.h"

#define ql_deliver     QL_FOR_ISA(ql_deliver)
#define ql_deliver_row QL_FOR_ISA(ql_deliver_row)

/* Up to QL_BLOCK synapses: each weight goes into the slot of `first_slot` plus its delay. */
void ql_deliver(ql_tile *tile, const quell_projection *projection, uint32_t first_slot, uint32_t n,
                const uint16_t *target, const uint32_t *delay, const float *w);

/* A row of weights as they are, times `scale`. */
void ql_deliver_row(ql_tile *tile, const quell_projection *projection, uint32_t row,
                    uint32_t first_slot, float scale);

#endif

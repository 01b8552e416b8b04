/* Parameters and inputs of neurons that follow neuromodulators, step by step. */
#ifndef QL_ENGINE_SWAY_H
#define QL_ENGINE_SWAY_H

#include "engine/tile.h"

/* Whether a parameter follows a channel, or what arrives at a receptor. */
int ql_sways(const quell_population *population, uint32_t target);

/* The parameters of the tile's neurons in this step, where they follow a channel: `param` is turned
 * to them, and the bit of `uniform` cleared where they may differ. */
#define ql_sway_params QL_FOR_ISA(ql_sway_params)
void ql_sway_params(ql_tile *tile, uint64_t clock, const float **param, uint32_t *uniform);

/* Scales what arrives in this step at the receptors that follow a channel. */
#define ql_sway_input QL_FOR_ISA(ql_sway_input)
void ql_sway_input(ql_tile *tile, uint64_t clock, float *const *input);

#endif

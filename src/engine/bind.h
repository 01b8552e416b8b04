/* What the rules of the projections need of their populations, found and made at the first step. */
#ifndef QL_ENGINE_BIND_H
#define QL_ENGINE_BIND_H

#include "network/network.h"

/* Whole steps in a time, at least 0. */
uint32_t ql_steps_in(const quell_network *network, double ms);

/* Steps between an arrival and the late event of the projection's rule. */
uint32_t ql_late_steps(const quell_projection *projection);
/* The shortest time that news of a population takes to rules and channels, steps; UINT32_MAX if
 * there is none. */
uint32_t ql_shortest_news(const quell_network *network, uint32_t *longest);

/* Lets the post events of a population keep a number by neuron, [size]; `index` is its place behind
 * the traces. Returns 0 if there is no memory. */
int ql_remember(quell_population *population, const float *signal, uint32_t *index);

/* Traces, post sides and intervals of all projections. Returns 0 if there is no memory. */
int ql_bind(quell_network *network);
void ql_unbind(quell_population *population);

#endif

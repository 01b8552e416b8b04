/* Lazy, exact plasticity: a row learns when its spike arrives, by replaying the post events since
 * its last visit in the order in which they happened. */
#ifndef QL_ENGINE_PLASTICITY_H
#define QL_ENGINE_PLASTICITY_H

#include "engine/tile.h"

#define ql_visit      QL_FOR_ISA(ql_visit)
#define ql_visit_late QL_FOR_ISA(ql_visit_late)
#define ql_settle     QL_FOR_ISA(ql_settle)
#define ql_peek       QL_FOR_ISA(ql_peek)
#define ql_reframe    QL_FOR_ISA(ql_reframe)
#define ql_write      QL_FOR_ISA(ql_write)

/* A pre spike arrives at a marked row at `clock` (the step that begins): replay, learn, deliver. */
void ql_visit(ql_tile *tile, const quell_projection *projection, uint32_t row, uint64_t clock);

/* Delivers a row without rules whose gain differs by the territory of the post neuron. */
#define ql_deliver_territories QL_FOR_ISA(ql_deliver_territories)
void ql_deliver_territories(ql_tile *tile, const quell_projection *projection, uint32_t row,
                            uint32_t clock, float scale);

/* The time of the rule's late event after an arrival. It costs a pass over the row, like an
 * arrival; nothing is delivered. */
void ql_visit_late(ql_tile *tile, const quell_projection *projection, uint32_t row, uint64_t clock);

/* Brings a fragment up to all events stamped before `until`. Changes no later bit. */
void ql_settle(ql_tile *tile, const quell_projection *projection, uint32_t row, uint64_t until);

/* For a rule with integrals: the weights as they are kept between events, to the window of `clock`,
 * opened for the time that learning is off, or closed again. */
typedef enum ql_reframing { QL_ADVANCED, QL_OPENED, QL_CLOSED } ql_reframing;
void ql_reframe(ql_tile *tile, const quell_projection *projection, uint32_t row, uint64_t clock,
                ql_reframing to);

/* Writes weights (var = -1) or a variable of synapses [from, from + n) of a fragment at a stop, for
 * a rule with eligibilities: an event of these synapses. */
void ql_write(ql_tile *tile, const quell_projection *projection, uint32_t row, uint64_t clock,
              int var, uint32_t from, uint32_t n, const float *values);

/* What settling up to `until` would give, without doing it: synapses [from, from + n) of a
 * fragment. `var` is the number of a rule variable, or -1 for the weight. */
void ql_peek(ql_tile *tile, const quell_projection *projection, uint32_t row, uint64_t until,
             int var, uint32_t from, uint32_t n, float *values);

#endif

/* What the lanes of a block read of what moves, and the way between the weights and eligibilities
 * that rules see and what is kept between events: see moving.h. */
#ifndef QL_ENGINE_ANCHOR_H
#define QL_ENGINE_ANCHOR_H

#include "engine/lanes.h"
#include "engine/moving.h"

/* What the event of a call reads of parameters and factors on changes: of all lanes at a stamp, or
 * of the events of one age of the first n due lanes, at the stamps in scratch->when. */
#define ql_moving_at_row QL_FOR_ISA(ql_moving_at_row)
void ql_moving_at_row(ql_lanes *k, uint64_t stamp);
#define ql_moving_of_round QL_FOR_ISA(ql_moving_of_round)
void ql_moving_of_round(ql_lanes *k, uint32_t n, uint32_t age);

/* From what is kept to what rules see, weights within the bounds of the instance; and back. The
 * first pair is for all lanes at a stamp, which lies in the window that the lanes are kept for … */
#define ql_anchor_open QL_FOR_ISA(ql_anchor_open)
void ql_anchor_open(ql_lanes *k, uint64_t stamp, const ql_instance *instance);
#define ql_anchor_close QL_FOR_ISA(ql_anchor_close)
void ql_anchor_close(ql_lanes *k, uint64_t stamp);
/* … the second for a round. */
#define ql_anchor_open_round QL_FOR_ISA(ql_anchor_open_round)
void ql_anchor_open_round(ql_lanes *k, uint32_t n, uint32_t age, const ql_instance *instance);
#define ql_anchor_close_round QL_FOR_ISA(ql_anchor_close_round)
void ql_anchor_close_round(ql_lanes *k, uint32_t n);

/* From one window to the next. */
#define ql_anchor_advance QL_FOR_ISA(ql_anchor_advance)
void ql_anchor_advance(ql_lanes *k, uint64_t window);

/* What is by neuron, for a tile: the dials as a step begins, A as it ends. */
#define ql_moving_enter_step QL_FOR_ISA(ql_moving_enter_step)
void ql_moving_enter_step(const ql_tile *tile, uint64_t clock);
#define ql_moving_leave_step QL_FOR_ISA(ql_moving_leave_step)
void ql_moving_leave_step(const ql_tile *tile, uint64_t clock);

#endif

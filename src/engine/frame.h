/* Weights that change at every step, without a step for every weight. The rule says a drive q of
 * each post neuron and step, and dw = x q with a pre trace x, which decays with tau from arrival to
 * arrival. In a window of steps that begins at step b,
 *
 *   w(t) = w' + c J(t),   J(t) = sum over the steps s in (b, t] of q(s) e^(-(s - b) / tau),
 *
 * where c = x e^((arrival - b) / tau) belongs to the row and J to the neuron. So w' is all that is
 * kept by synapse, and it stays as it is until the next arrival or the window's end. Windows lie on
 * the grid of steps and are about two time constants long: then neither factor grows large. */
#ifndef QL_ENGINE_FRAME_H
#define QL_ENGINE_FRAME_H

#include "engine/lanes.h"

/* The step up to which drives are known at a stop: the state of the host's neurons is taken over
 * when the step begins, so there it is the one before. */
static inline uint64_t ql_frame_clock(const ql_tile *tile, uint64_t clock) {
  return tile->sided < clock ? tile->sided : clock;
}

/* What a row carries: its last arrivals, and the traces before them. */
typedef struct ql_carried {
  ql_arrived spike;
  const double *pre_trace;
} ql_carried;

static inline ql_carried ql_carried_by(const ql_mark *mark) {
  return (ql_carried){mark->spike, mark->pre_trace};
}

/* As it will be after one more arrival that read the traces `before`. */
static inline ql_carried ql_carried_after(const ql_mark *mark, uint32_t stamp,
                                          const double *before) {
  if (mark->spike.n && mark->spike.stamp == stamp)
    return (ql_carried){{stamp, mark->spike.n + 1}, mark->pre_trace};
  return (ql_carried){{stamp, 1}, before};
}

/* Brings w' from the window that the row is kept for to that of `clock`. */
#define ql_frame_advance QL_FOR_ISA(ql_frame_advance)
void ql_frame_advance(ql_lanes *k, uint64_t clock);
/* From w' to the weights at `clock`, within their bounds. */
#define ql_frame_open QL_FOR_ISA(ql_frame_open)
void ql_frame_open(ql_lanes *k, uint64_t clock, const ql_instance *instance);
/* The way back, with what the row carries. */
#define ql_frame_close QL_FOR_ISA(ql_frame_close)
void ql_frame_close(ql_lanes *k, uint64_t clock, const ql_carried *carried);

/* Adds the drive of a step, which the post side has just told. */
#define ql_frame_add QL_FOR_ISA(ql_frame_add)
void ql_frame_add(const ql_tile *tile, const ql_side *side, uint64_t stamp);

/* What lies between w' and the weight of a synapse at `clock`. */
#define ql_frame_offset QL_FOR_ISA(ql_frame_offset)
float ql_frame_offset(const quell_projection *projection, const ql_mark *mark, uint64_t clock,
                      uint32_t neuron);

#endif

/* The post events of a tile's neurons, as far back as a row may lag behind. A trace at a later time
 * is, by definition, its value just after the last event times a decay: there is no other number.
 */
#ifndef QL_ENGINE_HISTORY_H
#define QL_ENGINE_HISTORY_H

#include "base/memory.h"
#include "rules/shape.h"

enum { QL_NEWEST = 8 }; /* events of a neuron that are kept in place; older ones overflow */

/* Whether a stamp, of which the low 32 bits are kept, is before another within 2^31 steps. */
static inline int ql_stamp_before(uint32_t stamp, uint32_t than) {
  return (int32_t)(stamp - than) < 0;
}

/* Older events of one neuron, numbers [first, count - QL_NEWEST), in a ring by number. */
typedef struct ql_overflow {
  uint32_t first;    /* number of the oldest event that is kept at all */
  uint32_t capacity; /* a power of two, or 0 */
  uint32_t *stamp;   /* [capacity] */
  float *value;      /* [capacity][traces] */
} ql_overflow;

typedef struct ql_history {
  uint32_t n_traces;
  const ql_trace_use *trace; /* the population's */
  uint32_t latest;           /* stamp of the last event of all neurons */
  uint32_t *count;           /* events so far, [neurons]; events are numbered from 0 */
  uint32_t *newest;          /* stamp of the last event, [neurons] */
  uint32_t *stamp;           /* [neurons][QL_NEWEST] */
  float *value;              /* [neurons][traces][QL_NEWEST] */
  ql_overflow *overflow;     /* [neurons] */
} ql_history;

int ql_history_start(ql_history *history, ql_memory *memory, const ql_trace_use *trace,
                     uint32_t n_traces, uint32_t neurons);
void ql_history_stop(ql_history *history, ql_memory *memory, uint32_t neurons);

/* Notes an event. Events that no row can still need are forgotten: those of which a younger one is
 * itself older than `horizon` steps. Returns 0 if there is no memory. */
int ql_history_add(ql_history *history, ql_memory *memory, uint32_t neuron, uint32_t stamp,
                   uint32_t horizon);

/* Keeps stamps comparable when they are very old: see QL_DECAY_LONGEST. */
void ql_history_clamp(ql_history *history, uint32_t neurons, uint32_t oldest);

static inline uint32_t ql_event_stamp(const ql_history *history, uint32_t neuron, uint32_t number) {
  if (history->count[neuron] - number <= QL_NEWEST)
    return history->stamp[neuron * (size_t)QL_NEWEST + number % QL_NEWEST];
  const ql_overflow *old = &history->overflow[neuron];
  return old->stamp[number & (old->capacity - 1)];
}

/* Value of a trace just after an event. */
static inline float ql_event_trace(const ql_history *history, uint32_t neuron, uint32_t number,
                                   uint32_t trace) {
  if (history->count[neuron] - number <= QL_NEWEST)
    return history
        ->value[(neuron * (size_t)history->n_traces + trace) * QL_NEWEST + number % QL_NEWEST];
  const ql_overflow *old = &history->overflow[neuron];
  return old->value[(number & (old->capacity - 1)) * (size_t)history->n_traces + trace];
}

#endif

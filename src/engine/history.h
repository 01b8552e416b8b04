/* The post events of a tile's neurons, as far back as a row may lag behind. A trace at a later time
 * is, by definition, its value just after the last event times a decay: there is no other number.
 *
 * Events of a neuron are numbered from 0. The stamps of the most recent are kept once more in
 * arrays over the neurons, and so are the traces of the newest, because every visit asks for them
 * and seldom for anything else. In place of events that there never were, there are some long ago
 * with traces of 0, so that nobody has to ask. */
#ifndef QL_ENGINE_HISTORY_H
#define QL_ENGINE_HISTORY_H

#include "base/memory.h"
#include "base/prefetch.h"
#include "rules/shape.h"

/* Events of a neuron whose stamps are kept by age, and those that are kept in place; older ones
 * overflow. */
enum { QL_RECENT = 8, QL_KEPT = 16 };

/* How many steps back "long ago" is: further than any row or trace reaches, and near enough that
 * stamps of 32 bits can still be compared. */
#define QL_LONG_AGO ((uint32_t)1 << 30)

/* Whether a stamp, of which the low 32 bits are kept, is before another within 2^31 steps. */
static inline int ql_stamp_before(uint32_t stamp, uint32_t than) {
  return (int32_t)(stamp - than) < 0;
}

/* An event: its stamp, the value of each trace just after it, and of the signals that are kept. */
typedef union ql_word {
  uint32_t stamp;
  float value;
} ql_word;

/* Older events of one neuron, numbers [first, count - QL_KEPT), in a ring by number. */
typedef struct ql_overflow {
  uint32_t first;    /* number of the oldest event that is kept at all */
  uint32_t capacity; /* a power of two, or 0 */
  ql_word *event;    /* [capacity][words] */
} ql_overflow;

typedef struct ql_history {
  uint32_t neurons, n_traces;
  uint32_t n_signals;
  uint32_t words;             /* of an event: 1 + n_traces + n_signals */
  const ql_trace_use *trace;  /* the population's */
  const float *const *signal; /* the population's, each [its size] … */
  uint32_t first;             /* … of which neuron 0 is this one */
  uint32_t latest;            /* stamp of the last event of all neurons */
  uint32_t *recent;           /* stamps by age, the newest event first, [QL_RECENT][neurons] */
  float *value;               /* traces of the newest event, [n_traces][neurons] … */
  double *carried;            /* … and in the precision in which they go on */
  uint32_t *count;            /* events so far, [neurons] */
  ql_word *event;             /* [neurons][QL_KEPT][words], in a ring by number */
  ql_overflow *overflow;      /* [neurons] */
} ql_history;

/* Set up before: neurons, and what is remembered of an event. Returns 0 if there is no memory. */
int ql_history_start(ql_history *history, ql_memory *memory, uint32_t clock);
void ql_history_stop(ql_history *history, ql_memory *memory);

/* Notes an event. Events that no row can still need are forgotten: those of which a younger one is
 * itself older than `horizon` steps. Returns 0 if there is no memory. */
int ql_history_add(ql_history *history, ql_memory *memory, uint32_t neuron, uint32_t stamp,
                   uint32_t horizon);

/* Asks for the memory that noting an event will need. */
QL_PREFETCHER void ql_history_prefetch(const ql_history *history, uint32_t neuron) {
  uint32_t next = history->count[neuron] + 1; /* it will be looked at whether the oldest may go */
  QL_PREFETCH(history->event + ((size_t)neuron * QL_KEPT + next % QL_KEPT) * history->words);
  QL_PREFETCH(&history->overflow[neuron]);
  for (uint32_t age = 0; age < QL_RECENT; age++)
    QL_PREFETCH(history->recent + (size_t)age * history->neurons + neuron);
}

QL_PREFETCHER void ql_prefetch_kept(const ql_history *history, uint32_t neuron) {
  const ql_word *event = history->event + (size_t)neuron * QL_KEPT * history->words;
  QL_PREFETCH(event);
  QL_PREFETCH(event + QL_KEPT / 2 * history->words);
  QL_PREFETCH(&history->count[neuron]);
}

/* Keeps stamps comparable when they are very old: see QL_DECAY_LONGEST. */
void ql_history_clamp(ql_history *history, uint32_t oldest);

/* Where an event of an age below QL_KEPT is. */
static inline const ql_word *ql_kept_event(const ql_history *history, uint32_t neuron,
                                           uint32_t number) {
  return history->event + ((size_t)neuron * QL_KEPT + number % QL_KEPT) * history->words;
}

/* Where an event is; NULL if it is not kept, or if there was none. */
static inline const ql_word *ql_history_event(const ql_history *history, uint32_t neuron,
                                              uint32_t number) {
  const ql_overflow *old = &history->overflow[neuron];
  uint32_t age = history->count[neuron] - number;
  if (age > history->count[neuron] - old->first) return NULL;
  if (age > QL_KEPT) return old->event + (size_t)(number & (old->capacity - 1)) * history->words;
  return ql_kept_event(history, neuron, number);
}

static inline uint32_t ql_event_stamp(const ql_history *history, uint32_t neuron, uint32_t number) {
  const ql_word *event = ql_history_event(history, neuron, number);
  return event ? event->stamp : history->latest - QL_LONG_AGO;
}

/* Value of a trace just after an event. */
static inline float ql_event_trace(const ql_history *history, uint32_t neuron, uint32_t number,
                                   uint32_t trace) {
  const ql_word *event = ql_history_event(history, neuron, number);
  return event ? event[1 + trace].value : 0.0f;
}

/* Value of a signal at an event that is kept; `word` is its place. */
static inline float ql_event_signal(const ql_history *history, uint32_t neuron, uint32_t number,
                                    uint32_t word) {
  const ql_word *event = ql_history_event(history, neuron, number);
  return event ? event[word].value : 0.0f;
}

#endif

/* A block of the synapses of one fragment while it is worked on. A lane is one of them. */
#ifndef QL_ENGINE_LANES_H
#define QL_ENGINE_LANES_H

#include "engine/fragment.h"

enum { QL_LANES = 16 }; /* calls of a rule are padded to a multiple of this */

/* What a rule of ages reads where there was no spike, ms. */
#define QL_NEVER 1e9f

typedef struct ql_lanes {
  ql_tile *tile;
  const quell_projection *projection;
  const ql_use *use; /* the rule whose events these are … */
  const ql_shape *shape;
  ql_scratch *scratch;
  const ql_mark *mark; /* of the row */
  uint32_t live;
  uint64_t first;         /* number of the first synapse of the block */
  const uint16_t *target; /* of the block */
  uint32_t latest;        /* the largest number in scratch->late */
  /* Each pre trace as post events read it, but for the time that passed: those at the stamp of the
   * last arrival, and later ones. */
  float coincident[QL_MAX_TRACES], after[QL_MAX_TRACES];
  uint64_t applied; /* events */
  int wrong;        /* something became no number */
} ql_lanes;

/* What an event of a rule is called with. */
typedef struct ql_call {
  const ql_event *event;
  const ql_instance *instance;
  float low, high; /* bounds of the weights */
  quell_block block;
  float *var[QL_MAX_VARS];
  const float *pre[QL_MAX_TRACES], *post[QL_MAX_TRACES], *signal[QL_MAX_SIGNALS];
  const float *random[2 * QL_MAX_RANDOM], *bound[QL_MAX_BOUND];
  float *elig[QL_MAX_ELIGIBILITIES];
  int scales; /* changes are scaled, or go into an eligibility */
} ql_call;

static inline uint32_t ql_padded(uint32_t n) {
  return (n + (QL_LANES - 1u)) & ~(QL_LANES - 1u);
}

static inline void ql_pad(float *values, uint32_t n) {
  for (uint32_t i = n; i < ql_padded(n); i++) values[i] = 0.0f;
}

static inline void ql_pad_ages(uint32_t *values, uint32_t n) {
  for (uint32_t i = n; i < ql_padded(n); i++) values[i] = values[0];
}

/* Trace of the row with the `arrivals` at its last stamp added to what it was before them. */
static inline double ql_raised(uint32_t kind, double before, uint32_t arrivals) {
  if (kind == QUELL_TRACE_ADD) return before + arrivals;
  return arrivals ? (kind == QUELL_TRACE_SET ? 1.0 : 0.0) : before;
}

static inline float ql_clip(float w, float low, float high) {
  return w < low ? low : w > high ? high : w;
}

/* Low 32 bits of a number, made whole again; it is within 2^31 of another. */
static inline uint64_t ql_whole(uint32_t low, uint64_t near) {
  return near + (uint64_t)(int64_t)(int32_t)(low - (uint32_t)near);
}

static inline const ql_arrived *ql_arrived_on(const ql_mark *mark, uint32_t side) {
  return side == QUELL_LATE ? &mark->late : &mark->spike;
}

/* The row's traces as they are at `stamp`, with all arrivals so far. */
#define ql_row_traces QL_FOR_ISA(ql_row_traces)
void ql_row_traces(const quell_projection *projection, const ql_mark *mark, uint32_t stamp,
                   double *value);
/* Notes an arrival of a side; `before` are the traces as it read them. */
#define ql_mark_arrival QL_FOR_ISA(ql_mark_arrival)
void ql_mark_arrival(const quell_projection *projection, ql_mark *mark, uint32_t side,
                     uint32_t stamp, const double *before);

/* For the events of a rule of the projection's stack. */
#define ql_lanes_of QL_FOR_ISA(ql_lanes_of)
ql_lanes ql_lanes_of(ql_tile *tile, const quell_projection *projection, const ql_use *use,
                     const ql_fragment *fragment);
#define ql_lanes_load QL_FOR_ISA(ql_lanes_load)
void ql_lanes_load(ql_lanes *k, const ql_fragment *fragment, uint32_t row, uint32_t from,
                   uint32_t live);
#define ql_lanes_store QL_FOR_ISA(ql_lanes_store)
void ql_lanes_store(const ql_lanes *k, const ql_fragment *fragment, uint32_t from);

/* Events of lanes. "Stamp" here is when the synapse sees the event: with the dendritic delay. An
 * age counts back from the newest event that is not too late. */

/* For each lane the newest event before `until`: its stamp, and where it is. */
#define ql_locate QL_FOR_ISA(ql_locate)
void ql_locate(ql_lanes *k, uint32_t until);

/* Whether the events of an age are among the recent ones for all lanes, or at least in place. */
static inline int ql_is_recent(const ql_lanes *k, uint32_t age) {
  return k->latest + age < QL_RECENT;
}

static inline int ql_is_in_place(const ql_lanes *k, uint32_t age) {
  return k->latest + age < QL_KEPT;
}

/* Number of the event of an age. */
static inline uint32_t ql_number_of(const ql_lanes *k, uint32_t lane, uint32_t age) {
  uint32_t late = k->latest ? k->scratch->late[lane] : 0;
  return k->tile->history.count[k->target[lane]] - 1 - late - age;
}

static inline uint32_t ql_old_stamp_of(const ql_lanes *k, uint32_t lane, uint32_t age) {
  const ql_history *history = &k->tile->history;
  uint32_t neuron = k->target[lane], number = ql_number_of(k, lane, age);
  uint32_t stamp = ql_is_in_place(k, age) ? ql_kept_event(history, neuron, number)->stamp
                                          : ql_event_stamp(history, neuron, number);
  return stamp + k->scratch->delay[lane];
}

static inline uint32_t ql_stamp_of(const ql_lanes *k, uint32_t lane, uint32_t age) {
  if (!ql_is_recent(k, age)) return ql_old_stamp_of(k, lane, age);
  const ql_history *history = &k->tile->history;
  const ql_scratch *s = k->scratch;
  return history->recent[(size_t)age * history->neurons + s->at[lane]] + s->delay[lane];
}

/* Times the decay over the `age` of each lane; n is padded. */
#define ql_decay_values QL_FOR_ISA(ql_decay_values)
void ql_decay_values(const ql_decay *restrict decay, uint32_t n, const uint32_t *restrict age,
                     float *restrict value);
/* The `age` of each lane in ms. */
#define ql_ages_in_ms QL_FOR_ISA(ql_ages_in_ms)
void ql_ages_in_ms(double dt, uint32_t n, const uint32_t *restrict age, float *restrict value);

/* Gets a call of an event ready, for weights `w` and variables `var`. */
#define ql_call_prepare QL_FOR_ISA(ql_call_prepare)
void ql_call_prepare(ql_lanes *k, ql_call *call, uint32_t kind, const ql_instance *instance,
                     float *w, float (*var)[QL_BLOCK]);
/* What all lanes read at `stamp`: `row` are the row's traces; lanes are located behind `stamp` if
 * the event wants post traces. */
#define ql_gather_inputs QL_FOR_ISA(ql_gather_inputs)
void ql_gather_inputs(ql_lanes *k, const ql_call *call, uint32_t stamp, const double *row);
/* Calls the rule for the first `live` lanes and clips. What lies behind them is padding for the
 * rule, but may be other lanes: it stays as it was. */
#define ql_call_rule QL_FOR_ISA(ql_call_rule)
void ql_call_rule(ql_lanes *k, ql_call *call, uint32_t live);

/* Fresh random numbers of an event for the first n lanes: a function of the synapse, the kind of
 * event, its stamp and its ordinal among those of that stamp. */
#define ql_draw_random QL_FOR_ISA(ql_draw_random)
void ql_draw_random(ql_lanes *k, const ql_event *event, uint32_t kind, uint32_t n,
                    const uint32_t *lane, const uint32_t *stamp, const uint32_t *ordinal);

/* The same for an event that all lanes have at once. */
#define ql_draw_row QL_FOR_ISA(ql_draw_row)
void ql_draw_row(ql_lanes *k, const ql_event *event, uint32_t kind, uint32_t stamp,
                 uint32_t ordinal);

/* Notes that a rule made something that is no finite number; the first is named. */
#define ql_blame QL_FOR_ISA(ql_blame)
void ql_blame(ql_tile *tile, const quell_rule *rule);

/* Adds what was done to the tile's account. */
#define ql_lanes_done QL_FOR_ISA(ql_lanes_done)
void ql_lanes_done(const ql_lanes *k);

#endif

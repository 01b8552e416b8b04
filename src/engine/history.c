#include "engine/history.h"

#include <string.h>

int ql_history_start(ql_history *history, ql_memory *memory, const ql_trace_use *trace,
                     uint32_t n_traces, uint32_t neurons) {
  history->n_traces = n_traces;
  history->trace = trace;
  history->count = ql_alloc(memory, neurons, sizeof *history->count);
  history->newest = ql_alloc(memory, neurons, sizeof *history->newest);
  history->stamp = ql_alloc(memory, neurons, QL_NEWEST * sizeof *history->stamp);
  history->value = ql_alloc(memory, neurons, (size_t)n_traces * QL_NEWEST * sizeof *history->value);
  history->overflow = ql_alloc(memory, neurons, sizeof *history->overflow);
  return history->count && history->newest && history->stamp && history->value && history->overflow;
}

void ql_history_stop(ql_history *history, ql_memory *memory, uint32_t neurons) {
  for (uint32_t j = 0; history->overflow && j < neurons; j++) {
    ql_free(memory, history->overflow[j].stamp);
    ql_free(memory, history->overflow[j].value);
  }
  ql_free(memory, history->count);
  ql_free(memory, history->newest);
  ql_free(memory, history->stamp);
  ql_free(memory, history->value);
  ql_free(memory, history->overflow);
  memset(history, 0, sizeof *history);
}

/* Doubles the ring of older events, which holds the numbers [first, end). */
static int overflow_grow(ql_history *history, ql_memory *memory, ql_overflow *old, uint32_t end) {
  uint32_t n_traces = history->n_traces, capacity = old->capacity ? 2 * old->capacity : QL_NEWEST;
  uint32_t *stamp = ql_alloc(memory, capacity, sizeof *stamp);
  float *value = ql_alloc(memory, capacity, n_traces * sizeof *value);
  if (!stamp || !value) {
    ql_free(memory, stamp);
    ql_free(memory, value);
    return 0;
  }
  for (uint32_t k = old->first; k != end; k++) {
    uint32_t from = k & (old->capacity - 1), to = k & (capacity - 1);
    stamp[to] = old->stamp[from];
    memcpy(value + (size_t)to * n_traces, old->value + (size_t)from * n_traces,
           n_traces * sizeof *value);
  }
  ql_free(memory, old->stamp);
  ql_free(memory, old->value);
  old->stamp = stamp;
  old->value = value;
  old->capacity = capacity;
  return 1;
}

/* Moves the oldest event that is kept in place to the older ones, to free its place. */
static int overflow_push(ql_history *history, ql_memory *memory, uint32_t neuron, uint32_t stamp,
                         uint32_t horizon) {
  ql_overflow *old = &history->overflow[neuron];
  uint32_t end = history->count[neuron] - QL_NEWEST;
  while (old->first != end + 1 &&
         ql_stamp_before(ql_event_stamp(history, neuron, old->first + 1), stamp - horizon))
    old->first++;
  if (old->first == end + 1) return 1;
  if (end - old->first == old->capacity && !overflow_grow(history, memory, old, end)) return 0;
  uint32_t to = end & (old->capacity - 1);
  old->stamp[to] = ql_event_stamp(history, neuron, end);
  for (uint32_t i = 0; i < history->n_traces; i++)
    old->value[(size_t)to * history->n_traces + i] = ql_event_trace(history, neuron, end, i);
  return 1;
}

static float trace_after(const ql_trace_use *trace, float before, uint32_t age) {
  if (trace->kind == QUELL_TRACE_SET) return 1.0f;
  return (float)((double)before * ql_decay_over(trace->decay, age) + 1.0);
}

int ql_history_add(ql_history *history, ql_memory *memory, uint32_t neuron, uint32_t stamp,
                   uint32_t horizon) {
  uint32_t number = history->count[neuron];
  int full = number - history->overflow[neuron].first >= QL_NEWEST;
  if (full && !overflow_push(history, memory, neuron, stamp, horizon)) return 0;
  uint32_t place = number % QL_NEWEST, before = (number - 1) % QL_NEWEST;
  uint32_t *stamps = history->stamp + neuron * (size_t)QL_NEWEST;
  for (uint32_t i = 0; i < history->n_traces; i++) {
    float *value = history->value + (neuron * (size_t)history->n_traces + i) * QL_NEWEST;
    float last = number == history->overflow[neuron].first ? 0.0f : value[before];
    value[place] = trace_after(&history->trace[i], last, stamp - stamps[before]);
  }
  stamps[place] = history->newest[neuron] = history->latest = stamp;
  history->count[neuron]++;
  return 1;
}

void ql_history_clamp(ql_history *history, uint32_t neurons, uint32_t oldest) {
  if (ql_stamp_before(history->latest, oldest)) history->latest = oldest;
  for (uint32_t j = 0; j < neurons; j++) {
    ql_overflow *old = &history->overflow[j];
    while (history->count[j] - old->first > QL_NEWEST &&
           ql_stamp_before(ql_event_stamp(history, j, old->first + 1), oldest))
      old->first++;
    uint32_t *stamps = history->stamp + j * (size_t)QL_NEWEST;
    for (uint32_t i = 0; i < QL_NEWEST; i++)
      if (ql_stamp_before(stamps[i], oldest)) stamps[i] = oldest;
    if (ql_stamp_before(history->newest[j], oldest)) history->newest[j] = oldest;
  }
}

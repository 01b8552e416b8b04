#include "engine/history.h"

#include <string.h>

int ql_history_start(ql_history *history, ql_memory *memory, uint32_t clock) {
  uint32_t neurons = history->neurons, n_traces = history->n_traces;
  history->words = 1 + n_traces + history->n_signals;
  history->latest = clock - QL_LONG_AGO;
  history->recent = ql_alloc(memory, neurons, QL_RECENT * sizeof *history->recent);
  history->value = ql_alloc(memory, neurons, n_traces * sizeof *history->value);
  history->carried = ql_alloc(memory, neurons, n_traces * sizeof *history->carried);
  history->count = ql_alloc(memory, neurons, sizeof *history->count);
  history->event = ql_alloc(memory, neurons, QL_KEPT * history->words * sizeof *history->event);
  history->overflow = ql_alloc(memory, neurons, sizeof *history->overflow);
  if (!history->recent || !history->value || !history->carried || !history->count ||
      !history->event || !history->overflow)
    return 0;
  for (size_t i = 0; i < (size_t)neurons * QL_RECENT; i++) history->recent[i] = history->latest;
  for (size_t i = 0; i < (size_t)neurons * QL_KEPT; i++)
    history->event[i * history->words].stamp = history->latest;
  return 1;
}

void ql_history_stop(ql_history *history, ql_memory *memory) {
  for (uint32_t j = 0; history->overflow && j < history->neurons; j++)
    ql_free(memory, history->overflow[j].event);
  ql_free(memory, history->recent);
  ql_free(memory, history->value);
  ql_free(memory, history->carried);
  ql_free(memory, history->count);
  ql_free(memory, history->event);
  ql_free(memory, history->overflow);
  memset(history, 0, sizeof *history);
}

/* Doubles the ring of older events, which holds the numbers [first, end). */
static int overflow_grow(ql_memory *memory, ql_overflow *old, uint32_t end, uint32_t words) {
  uint32_t capacity = old->capacity ? 2 * old->capacity : QL_KEPT;
  ql_word *event = ql_alloc(memory, capacity, words * sizeof *event);
  if (!event) return 0;
  for (uint32_t k = old->first; k != end; k++)
    memcpy(event + (size_t)(k & (capacity - 1)) * words,
           old->event + (size_t)(k & (old->capacity - 1)) * words, words * sizeof *event);
  ql_free(memory, old->event);
  old->event = event;
  old->capacity = capacity;
  return 1;
}

/* Forgets the oldest events as long as the one after them is before `oldest`, up to number `end`.
 */
static void forget(const ql_history *history, uint32_t neuron, uint32_t end, uint32_t oldest) {
  ql_overflow *old = &history->overflow[neuron];
  while (old->first != end &&
         ql_stamp_before(ql_event_stamp(history, neuron, old->first + 1), oldest))
    old->first++;
}

/* Moves the oldest event that is kept in place to the older ones, to free its place. */
static int overflow_push(ql_history *history, ql_memory *memory, uint32_t neuron, uint32_t stamp,
                         uint32_t horizon) {
  ql_overflow *old = &history->overflow[neuron];
  uint32_t end = history->count[neuron] - QL_KEPT, words = history->words;
  forget(history, neuron, end + 1, stamp - horizon);
  if (old->first == end + 1) return 1;
  if (end - old->first == old->capacity && !overflow_grow(memory, old, end, words)) return 0;
  memcpy(old->event + (size_t)(end & (old->capacity - 1)) * words,
         ql_history_event(history, neuron, end), words * sizeof *old->event);
  return 1;
}

static double trace_after(const ql_trace_use *trace, double before, uint32_t age) {
  if (trace->kind == QUELL_TRACE_SET) return 1.0;
  return before * ql_decay_carry(&trace->decay, age) + 1.0;
}

int ql_history_add(ql_history *history, ql_memory *memory, uint32_t neuron, uint32_t stamp,
                   uint32_t horizon) {
  uint32_t number = history->count[neuron], *recent = history->recent + neuron;
  uint32_t since = stamp - recent[0];
  if (number - history->overflow[neuron].first >= QL_KEPT &&
      !overflow_push(history, memory, neuron, stamp, horizon))
    return 0;
  ql_word *event = history->event + ((size_t)neuron * QL_KEPT + number % QL_KEPT) * history->words;
  for (size_t age = QL_RECENT - 1; age > 0; age--)
    recent[age * history->neurons] = recent[(age - 1) * history->neurons];
  event->stamp = recent[0] = history->latest = stamp;
  for (uint32_t i = 0; i < history->n_traces; i++) {
    size_t place = (size_t)i * history->neurons + neuron;
    double after = trace_after(&history->trace[i], history->carried[place], since);
    history->carried[place] = after;
    event[1 + i].value = history->value[place] = (float)after;
  }
  ql_word *kept = event + 1 + history->n_traces;
  for (uint32_t i = 0; i < history->n_signals; i++)
    kept[i].value = history->signal[i][history->first + neuron];
  history->count[neuron]++;
  return 1;
}

void ql_history_clamp(ql_history *history, uint32_t oldest) {
  if (ql_stamp_before(history->latest, oldest)) history->latest = oldest;
  for (size_t i = 0; i < (size_t)QL_RECENT * history->neurons; i++)
    if (ql_stamp_before(history->recent[i], oldest)) history->recent[i] = oldest;
  for (uint32_t j = 0; j < history->neurons; j++) {
    if (history->count[j] - history->overflow[j].first > QL_KEPT)
      forget(history, j, history->count[j] - QL_KEPT, oldest);
    ql_word *events = history->event + (size_t)j * QL_KEPT * history->words;
    for (uint32_t i = 0; i < QL_KEPT; i++) {
      ql_word *event = events + (size_t)i * history->words;
      if (ql_stamp_before(event->stamp, oldest)) event->stamp = oldest;
    }
  }
}

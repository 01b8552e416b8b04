#include "record/recorder.h"

static int is_due(const quell_recorder *recorder, uint64_t clock) {
  return clock % recorder->interval == 0 && clock >= recorder->start && clock < recorder->stop;
}

static int push_stamp(quell_recorder *recorder, uint64_t stamp) {
  if (!ql_grow(&recorder->network->memory, (void **)&recorder->stamps, &recorder->stamps_capacity,
               recorder->samples + 1, sizeof *recorder->stamps))
    return 0;
  recorder->stamps[recorder->samples] = stamp;
  return 1;
}

static int push_values(quell_recorder *recorder) {
  size_t needed = (recorder->samples + 1) * recorder->width;
  return ql_grow(&recorder->network->memory, (void **)&recorder->values, &recorder->values_capacity,
                 needed, sizeof *recorder->values);
}

int ql_recorder_reserve(quell_recorder *recorder, uint64_t clock, uint32_t steps) {
  if (recorder->kind != QL_RECORD_STATE && recorder->kind != QL_RECORD_WEIGHTS) return 1;
  size_t before = recorder->batch = recorder->samples;
  uint64_t past = clock % recorder->interval, at = past ? clock + recorder->interval - past : clock;
  for (; at < clock + steps; at += recorder->interval) {
    if (!is_due(recorder, at)) continue;
    if (!push_stamp(recorder, at) || !push_values(recorder)) {
      recorder->samples = before;
      return 0;
    }
    recorder->samples++;
  }
  return 1;
}

void ql_recorder_unreserve(quell_recorder *recorder) {
  if (recorder->kind == QL_RECORD_STATE || recorder->kind == QL_RECORD_WEIGHTS)
    recorder->samples = recorder->batch;
}

float *ql_recorder_sample(const quell_recorder *recorder, uint64_t clock) {
  if (!recorder->width || !is_due(recorder, clock)) return NULL;
  uint64_t place = (clock - recorder->stamps[recorder->batch]) / recorder->interval;
  return recorder->values + (recorder->batch + place) * recorder->width;
}

static int is_recorded(const quell_recorder *recorder, uint32_t neuron) {
  if (!recorder->ids) return 1;
  size_t low = 0, high = recorder->n_ids;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (recorder->ids[middle] < neuron)
      low = middle + 1;
    else
      high = middle;
  }
  return low < recorder->n_ids && recorder->ids[low] == neuron;
}

static int make_room(quell_recorder *recorder, size_t n) {
  ql_memory *memory = &recorder->network->memory;
  size_t needed = recorder->samples + n;
  return ql_grow(memory, (void **)&recorder->stamps, &recorder->stamps_capacity, needed,
                 sizeof *recorder->stamps) &&
         ql_grow(memory, (void **)&recorder->neurons, &recorder->neurons_capacity, needed,
                 sizeof *recorder->neurons);
}

/* There is room for them. */
static void push_spikes(quell_recorder *recorder, uint64_t stamp, const uint32_t *neurons,
                        size_t n) {
  for (size_t i = 0; i < n; i++) {
    if (!is_recorded(recorder, neurons[i])) continue;
    recorder->stamps[recorder->samples] = stamp;
    recorder->neurons[recorder->samples++] = neurons[i];
  }
}

static int take_spikes(quell_recorder *recorder, uint64_t stamp, const ql_spikes *spikes) {
  if (stamp <= recorder->start || stamp > recorder->stop) return 1;
  if (!make_room(recorder, spikes->n)) return 0;
  push_spikes(recorder, stamp, spikes->at, spikes->n);
  return 1;
}

static float rate_of(const quell_recorder *recorder, uint64_t count) {
  double seconds = (double)recorder->interval * recorder->network->dt / 1000.0;
  return (float)((double)count / (recorder->population->size * seconds));
}

static int take_count(quell_recorder *recorder, uint64_t stamp, const ql_spikes *spikes) {
  recorder->open += spikes->n;
  if (stamp % recorder->interval) return 1;
  if (stamp >= recorder->start + recorder->interval && stamp <= recorder->stop) {
    if (!push_stamp(recorder, stamp) || !push_values(recorder)) return 0;
    recorder->values[recorder->samples++] = rate_of(recorder, recorder->open);
    recorder->closed = recorder->open;
  }
  recorder->open = 0;
  return 1;
}

int ql_recorder_spikes(quell_recorder *recorder, uint64_t stamp, const ql_spikes *spikes) {
  if (recorder->kind == QL_RECORD_SPIKES) return take_spikes(recorder, stamp, spikes);
  if (recorder->kind == QL_RECORD_RATE) return take_count(recorder, stamp, spikes);
  return 1;
}

int ql_recorder_make_room(quell_recorder *recorder, size_t n) {
  return recorder->kind != QL_RECORD_SPIKES || make_room(recorder, n);
}

static void hand_in_spikes(quell_recorder *recorder, uint64_t stamp, const uint32_t *neurons,
                           size_t n) {
  if (stamp < recorder->start || stamp > recorder->stop) return;
  push_spikes(recorder, stamp, neurons, n);
  size_t from = recorder->samples;
  while (from && recorder->stamps[from - 1] == stamp) from--;
  ql_sort_neurons(recorder->neurons + from, recorder->samples - from);
}

static void hand_in_count(quell_recorder *recorder, uint64_t stamp, size_t n) {
  size_t last = recorder->samples - 1;
  if (stamp % recorder->interval) {
    recorder->open += n;
  } else if (recorder->samples && recorder->stamps[last] == stamp) {
    recorder->closed += n;
    recorder->values[last] = rate_of(recorder, recorder->closed);
  }
}

void ql_recorder_hand_in(quell_recorder *recorder, uint64_t stamp, const uint32_t *neurons,
                         size_t n) {
  if (recorder->kind == QL_RECORD_SPIKES) hand_in_spikes(recorder, stamp, neurons, n);
  if (recorder->kind == QL_RECORD_RATE) hand_in_count(recorder, stamp, n);
}

void ql_recorder_forget(quell_recorder *recorder, uint64_t stamp) {
  if (recorder->kind != QL_RECORD_SPIKES) return;
  while (recorder->samples && recorder->stamps[recorder->samples - 1] == stamp) recorder->samples--;
}

void ql_recorder_free(quell_recorder *recorder) {
  if (!recorder) return;
  ql_memory *memory = &recorder->network->memory;
  ql_free(memory, recorder->ids);
  ql_free(memory, recorder->stamps);
  ql_free(memory, recorder->neurons);
  ql_free(memory, recorder->values);
  ql_free(memory, recorder);
}

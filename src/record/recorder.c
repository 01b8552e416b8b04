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

static int take_spikes(quell_recorder *recorder, uint64_t stamp, const ql_spikes *spikes) {
  if (stamp > recorder->stop) return 1;
  ql_memory *memory = &recorder->network->memory;
  size_t needed = recorder->samples + spikes->n;
  if (!ql_grow(memory, (void **)&recorder->stamps, &recorder->stamps_capacity, needed,
               sizeof *recorder->stamps) ||
      !ql_grow(memory, (void **)&recorder->neurons, &recorder->neurons_capacity, needed,
               sizeof *recorder->neurons))
    return 0;
  for (size_t i = 0; i < spikes->n; i++) {
    if (!is_recorded(recorder, spikes->at[i])) continue;
    recorder->stamps[recorder->samples] = stamp;
    recorder->neurons[recorder->samples++] = spikes->at[i];
  }
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
  if (recorder->kind == QL_RECORD_SPIKES)
    return stamp > recorder->start ? take_spikes(recorder, stamp, spikes) : 1;
  if (recorder->kind == QL_RECORD_RATE) return take_count(recorder, stamp, spikes);
  return 1;
}

int ql_recorder_spikes_again(quell_recorder *recorder, uint64_t stamp, const ql_spikes *spikes,
                             size_t more) {
  size_t n = recorder->samples;
  if (recorder->kind == QL_RECORD_SPIKES) {
    if (stamp < recorder->start) return 1;
    while (n && recorder->stamps[n - 1] == stamp) n--;
    size_t before = recorder->samples;
    recorder->samples = n;
    if (take_spikes(recorder, stamp, spikes)) return 1;
    recorder->samples = before;
    return 0;
  }
  if (recorder->kind != QL_RECORD_RATE) return 1;
  if (stamp % recorder->interval) {
    recorder->open += more;
  } else if (n && recorder->stamps[n - 1] == stamp) {
    recorder->closed += more;
    recorder->values[n - 1] = rate_of(recorder, recorder->closed);
  }
  return 1;
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

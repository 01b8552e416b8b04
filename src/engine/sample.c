#include "engine/sample.h"

#include "engine/code.h"
#include "record/recorder.h"

static void sample_state(const ql_tile *tile, const quell_recorder *recorder, float *sample) {
  uint64_t first = tile->first, end = first + tile->count;
  if (!recorder->ids) {
    for (uint64_t j = first; j < end; j++)
      sample[j] = (float)ql_state_value(tile->population, recorder->state, j);
    return;
  }
  for (size_t i = 0; i < recorder->n_ids; i++)
    if (recorder->ids[i] >= first && recorder->ids[i] < end)
      sample[i] = (float)ql_state_value(tile->population, recorder->state, recorder->ids[i]);
}

static void sample_weights(ql_tile *tile, const quell_recorder *recorder, uint64_t clock,
                           float *sample) {
  const quell_projection *projection = recorder->projection;
  const ql_part *part = &projection->parts[tile->number];
  const ql_code *code = projection->network->code;
  if (!recorder->ids) {
    for (uint32_t row = 0; row < projection->n_rows; row++)
      code->peek(tile, projection, row, clock, -1, 0, part->row[row].length,
                 sample + projection->row_start[row] + part->row[row].place);
    return;
  }
  for (size_t i = 0; i < recorder->n_ids; i++) {
    uint32_t row = ql_row_of(projection, recorder->ids[i]);
    uint64_t place = recorder->ids[i] - projection->row_start[row];
    const ql_row *here = &part->row[row];
    if (place >= here->place && place - here->place < here->length)
      code->peek(tile, projection, row, clock, -1, (uint32_t)(place - here->place), 1, sample + i);
  }
}

void ql_sample(ql_tile *tile, uint64_t clock) {
  const quell_network *network = tile->population->network;
  for (size_t r = 0; r < network->n_recorders; r++) {
    const quell_recorder *recorder = network->recorders[r];
    int state = recorder->kind == QL_RECORD_STATE && recorder->population == tile->population;
    int weights =
        recorder->kind == QL_RECORD_WEIGHTS && recorder->projection->post == tile->population;
    if (!state && !weights) continue;
    float *sample = ql_recorder_sample(recorder, clock);
    if (!sample) continue;
    if (state)
      sample_state(tile, recorder, sample);
    else
      sample_weights(tile, recorder, clock, sample);
  }
}

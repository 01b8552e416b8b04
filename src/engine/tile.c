#include "engine/tile.h"

#include <string.h>

size_t ql_fragment_bytes(const quell_projection *projection, uint32_t n) {
  size_t each = sizeof(float) * (1 + projection->n_vars) + sizeof(uint16_t);
  return (size_t)n * (each + projection->delay_bytes);
}

ql_fragment ql_fragment_of(const quell_projection *projection, const ql_part *part, uint32_t row) {
  const ql_row *place = &part->row[row];
  ql_fragment fragment = {.n = place->length};
  float *floats = (float *)(void *)(part->arena + (size_t)place->line * 64);
  fragment.w = floats;
  for (uint32_t i = 0; i < projection->n_vars; i++)
    fragment.var[i] = floats + (size_t)(1 + i) * place->length;
  fragment.target = (uint16_t *)(void *)(floats + (size_t)(1 + projection->n_vars) * place->length);
  fragment.delay = fragment.target + place->length;
  return fragment;
}

void ql_fragment_delays(const quell_projection *projection, const ql_fragment *fragment,
                        uint32_t from, uint32_t n, uint32_t *delay) {
  const uint8_t *bytes = (const uint8_t *)fragment->delay + from;
  const uint16_t *words = (const uint16_t *)fragment->delay + from;
  if (projection->delay_bytes == 0) {
    for (uint32_t i = 0; i < n; i++) delay[i] = projection->dendritic_min;
  } else if (projection->delay_bytes == 1) {
    for (uint32_t i = 0; i < n; i++) delay[i] = bytes[i];
  } else {
    for (uint32_t i = 0; i < n; i++) delay[i] = words[i];
  }
}

/* The common case of one delay: one slot, and a plain sum where the targets are a run. */
static void deliver_slot(float *restrict slot, int distinct, uint32_t n,
                         const uint16_t *restrict target, const float *restrict w) {
  if (distinct && (uint32_t)(target[n - 1] - target[0]) == n - 1) {
    slot += target[0];
    for (uint32_t i = 0; i < n; i++) slot[i] += w[i];
  } else {
    for (uint32_t i = 0; i < n; i++) slot[target[i]] += w[i];
  }
}

void ql_deliver(ql_tile *tile, const quell_projection *projection, uint32_t first_slot, uint32_t n,
                const uint16_t *target, const uint32_t *delay, const float *w) {
  float *ring = tile->ring[projection->receptor];
  uint32_t mask = tile->slots - 1;
  if (!projection->delay_bytes) {
    size_t slot = (first_slot + delay[0]) & mask;
    deliver_slot(ring + slot * tile->count, projection->distinct, n, target, w);
    return;
  }
  for (uint32_t i = 0; i < n; i++) {
    size_t slot = (first_slot + delay[i]) & mask;
    ring[slot * tile->count + target[i]] += w[i];
  }
}

uint32_t ql_row_of(const quell_projection *projection, uint64_t synapse) {
  uint32_t low = 0, high = projection->n_rows;
  while (high - low > 1) {
    uint32_t middle = low + (high - low) / 2;
    if (projection->row_start[middle] <= synapse)
      low = middle;
    else
      high = middle;
  }
  return low;
}

int ql_tiles_create(quell_population *population) {
  uint32_t size = population->network->tile_size;
  population->n_tiles = (population->size - 1) / size + 1;
  population->tiles =
      ql_alloc(&population->network->memory, population->n_tiles, sizeof *population->tiles);
  if (!population->tiles) return 0;
  for (uint32_t i = 0; i < population->n_tiles; i++) {
    ql_tile *tile = &population->tiles[i];
    tile->population = population;
    tile->number = i;
    tile->first = i * size;
    tile->count = population->size - tile->first < size ? population->size - tile->first : size;
  }
  return 1;
}

void ql_tiles_destroy(quell_population *population) {
  for (uint32_t i = 0; population->tiles && i < population->n_tiles; i++)
    ql_tile_stop(&population->tiles[i]);
  ql_free(&population->network->memory, population->tiles);
  population->tiles = NULL;
}

int ql_tile_start(ql_tile *tile, uint32_t slots) {
  quell_population *population = tile->population;
  ql_memory *memory = &population->network->memory;
  tile->slots = slots;
  for (uint32_t i = 0; i < population->model->n_receptors; i++) {
    tile->ring[i] = ql_alloc(memory, (size_t)slots * tile->count, sizeof *tile->ring[i]);
    if (!tile->ring[i]) return 0;
  }
  if (population->remembers && !ql_history_start(&tile->history, memory, population->trace,
                                                 population->n_traces, tile->count))
    return 0;
  tile->scratch = ql_alloc(memory, 1, sizeof *tile->scratch);
  tile->model_scratch = ql_alloc(memory, tile->count, sizeof *tile->model_scratch);
  tile->fired = ql_alloc(memory, tile->count, sizeof *tile->fired);
  tile->spikes_end = ql_alloc(memory, population->network->batch, sizeof *tile->spikes_end);
  return tile->scratch && tile->model_scratch && tile->fired && tile->spikes_end;
}

void ql_tile_stop(ql_tile *tile) {
  ql_memory *memory = &tile->population->network->memory;
  for (uint32_t i = 0; i < QL_MAX_RECEPTORS; i++) {
    ql_free(memory, tile->ring[i]);
    tile->ring[i] = NULL;
  }
  ql_history_stop(&tile->history, memory, tile->count);
  ql_free(memory, tile->scratch);
  ql_free(memory, tile->model_scratch);
  ql_free(memory, tile->fired);
  ql_free(memory, tile->spikes.at);
  ql_free(memory, tile->spikes_end);
  tile->scratch = NULL;
  tile->model_scratch = NULL;
  tile->fired = NULL;
  tile->spikes = (ql_spikes){0};
  tile->spikes_end = NULL;
}

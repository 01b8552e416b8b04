#include "engine/tile.h"

#include "engine/sway.h"
#include "modulation/dial.h"

enum { LARGEST_TILE = 4096, SMALLEST_TILE = 512 };

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

/* Neurons of a tile, as large as the second cache likes, and as many tiles as share evenly among
 * the threads; not so small that rows fall apart into short fragments. */
static uint32_t suitable_size(const quell_population *population) {
  const quell_network *network = population->network;
  if (network->tile_size) return network->tile_size;
  uint32_t threads = network->threads ? network->threads : 1;
  uint32_t share = (population->size - 1) / threads + 1;
  uint32_t tiles = (share - 1) / LARGEST_TILE + 1, size = (share - 1) / tiles + 1;
  if (size < SMALLEST_TILE) size = SMALLEST_TILE;
  return (size + 63) / 64 * 64;
}

int ql_tiles_create(quell_population *population) {
  uint32_t size = suitable_size(population);
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

int ql_sways(const quell_population *population, uint32_t target) {
  const ql_dial *dial = population->dial;
  return dial && (dial[2 * target].n || dial[2 * target + 1].n);
}

/* Not where what arrives is scaled. */
static int is_direct(const ql_tile *tile, const uint32_t *slots, uint32_t receptor) {
  return slots[receptor] == 1 && tile->population->model->receptor_states &&
         !ql_sways(tile->population, QL_MAX_PARAMS + receptor);
}

static size_t ring_size(const ql_tile *tile, const uint32_t *slots, uint32_t receptor) {
  size_t line = 64 / sizeof(float), n = (size_t)slots[receptor] * tile->count;
  return is_direct(tile, slots, receptor) ? 0 : (n + line - 1) / line * line;
}

size_t ql_tile_rings(const ql_tile *tile, const uint32_t *slots) {
  size_t n = 0;
  for (uint32_t i = 0; i < tile->population->model->n_receptors; i++)
    n += ring_size(tile, slots, i);
  return n;
}

static int start_history(ql_tile *tile) {
  quell_population *population = tile->population;
  ql_history *history = &tile->history;
  history->neurons = tile->count;
  history->trace = population->trace;
  history->n_traces = population->n_traces;
  history->signal = population->remembered;
  history->n_signals = population->n_remembered;
  history->first = tile->first;
  return ql_history_start(history, &population->network->memory,
                          (uint32_t)population->network->clock);
}

/* Working space for what rules compute by neuron; whole cache lines for each post trace. */
static int start_side(ql_tile *tile) {
  ql_memory *memory = &tile->population->network->memory;
  size_t n = tile->count, padded = (n + 15) & ~(size_t)15;
  tile->sided = tile->population->network->clock;
  tile->spiked = ql_alloc(memory, n, sizeof *tile->spiked);
  tile->post_traces = ql_alloc(memory, QL_MAX_TRACES * padded, sizeof *tile->post_traces);
  tile->sum = ql_alloc(memory, n, sizeof *tile->sum);
  tile->factor = ql_alloc(memory, n, sizeof *tile->factor);
  return tile->spiked && tile->post_traces && tile->sum && tile->factor;
}

static int start_sway(ql_tile *tile) {
  for (uint32_t i = 0; i < tile->population->model->n_params; i++) {
    if (!ql_sways(tile->population, i)) continue;
    tile->sway[i] =
        ql_alloc(&tile->population->network->memory, tile->count, sizeof *tile->sway[i]);
    if (!tile->sway[i]) return 0;
  }
  return 1;
}

int ql_tile_start(ql_tile *tile, const uint32_t *slots, float *rings) {
  quell_population *population = tile->population;
  ql_memory *memory = &population->network->memory;
  for (uint32_t i = 0; i < population->model->n_receptors; i++) {
    if (ring_size(tile, slots, i) > UINT32_MAX) return 0;
    tile->slots[i] = slots[i];
    tile->direct[i] = is_direct(tile, slots, i);
    tile->ring[i] = rings;
    rings += ring_size(tile, slots, i);
    if (!tile->direct[i]) continue;
    float *state = population->state[population->model->receptor_states[i]];
    tile->ring[i] = state + tile->first;
  }
  if (population->remembers && !start_history(tile)) return 0;
  if ((population->n_sides || population->n_groups) && !start_side(tile)) return 0;
  if (!start_sway(tile)) return 0;
  tile->scratch = ql_alloc(memory, 1, sizeof *tile->scratch);
  tile->model_scratch = ql_alloc(memory, tile->count, sizeof *tile->model_scratch);
  tile->fired = ql_alloc(memory, tile->count, sizeof *tile->fired);
  tile->times = ql_alloc(memory, tile->count, sizeof *tile->times);
  tile->spikes_end = ql_alloc(memory, population->network->batch, sizeof *tile->spikes_end);
  return tile->scratch && tile->model_scratch && tile->fired && tile->times && tile->spikes_end;
}

void ql_tile_stop(ql_tile *tile) {
  ql_memory *memory = &tile->population->network->memory;
  for (uint32_t i = 0; i < QL_MAX_RECEPTORS; i++) {
    tile->direct[i] = 0;
    tile->ring[i] = NULL;
  }
  for (uint32_t i = 0; i < QL_MAX_PARAMS; i++) {
    ql_free(memory, tile->sway[i]);
    tile->sway[i] = NULL;
  }
  ql_history_stop(&tile->history, memory);
  ql_free(memory, tile->scratch);
  ql_free(memory, tile->model_scratch);
  ql_free(memory, tile->spiked);
  ql_free(memory, tile->post_traces);
  ql_free(memory, tile->sum);
  ql_free(memory, tile->factor);
  ql_free(memory, tile->fired);
  ql_free(memory, tile->times);
  ql_free(memory, tile->spikes.at);
  ql_free(memory, tile->spikes_end);
  tile->scratch = NULL;
  tile->model_scratch = NULL;
  tile->spiked = NULL;
  tile->post_traces = NULL;
  tile->sum = NULL;
  tile->factor = NULL;
  tile->fired = NULL;
  tile->times = NULL;
  tile->spikes = (ql_spikes){0};
  tile->spikes_end = NULL;
}

#include "engine/place.h"

#include "engine/build.h"
#include "engine/fragment.h"
#include <string.h>

enum { BATCH = 32 }; /* synapses whose places are looked up at a time */

static uint64_t lines_of(const quell_projection *projection, uint32_t n) {
  return (ql_fragment_bytes(projection, n) + 63) / 64;
}

/* Arranges the fragments; returns how many lines they take. */
static uint64_t lay_out(const quell_projection *projection, ql_row *row) {
  uint64_t lines = 0;
  for (uint32_t r = 0; r < projection->n_rows; r++) {
    row[r].line = (uint32_t)lines;
    lines += lines_of(projection, row[r].length);
  }
  return lines;
}

static int allocate_part(const quell_projection *projection, ql_part *part) {
  ql_memory *memory = &projection->network->memory;
  part->lines = lay_out(projection, part->row);
  if (part->lines > UINT32_MAX) return 0;
  part->arena = ql_alloc(memory, part->lines, 64);
  return part->arena != NULL;
}

static int begin_placing(ql_share *share) {
  const quell_projection *projection = share->plan->projection;
  ql_memory *memory = &share->plan->network->memory;
  share->filled = ql_alloc(memory, projection->n_rows, sizeof *share->filled);
  return share->filled && allocate_part(projection, share->part);
}

/* Where a synapse goes. */
typedef struct slot {
  uint16_t *target;
  float *weight;
  unsigned char *delay;
} slot;

/* The next slot of each row's fragment. It lies on lines of memory that were last touched many
 * synapses ago: they are asked for here, and written to when they have come. */
static inline void find_slots(const quell_projection *projection, const ql_part *part,
                              uint32_t *filled, const uint32_t *row, uint32_t n, int weights,
                              uint32_t delay_bytes, slot *slots) {
  for (uint32_t i = 0; i < n; i++) {
    uint32_t k = filled[row[i]]++;
    ql_fragment fragment = ql_fragment_of(projection, part, row[i]);
    slots[i].target = fragment.target + k;
    __builtin_prefetch(slots[i].target, 1);
    if (weights) {
      slots[i].weight = fragment.w + k;
      __builtin_prefetch(slots[i].weight, 1);
    }
    if (delay_bytes) {
      slots[i].delay = (unsigned char *)fragment.delay + (size_t)k * delay_bytes;
      __builtin_prefetch(slots[i].delay, 1);
    }
  }
}

/* Always called with constants for what is stored, so that there is a loop for each case. */
static inline void place(const ql_share *share, const ql_chunk *chunk, int weights,
                         const float *weight, uint32_t delay_bytes, const int32_t *steps) {
  const uint16_t target = (uint16_t)(chunk->post - share->tile->first);
  const uint32_t shift = share->plan->shift;
  /* Copies, which no store in these loops can change. */
  const quell_projection projection = *share->plan->projection;
  const ql_part part = *share->part;
  slot slots[BATCH];
  for (uint32_t first = 0; first < chunk->n; first += BATCH) {
    uint32_t n = chunk->n - first < BATCH ? chunk->n - first : BATCH;
    find_slots(&projection, &part, share->filled, chunk->row + first, n, weights, delay_bytes,
               slots);
    for (uint32_t i = 0; i < n; i++) {
      uint32_t delay = delay_bytes ? (uint32_t)steps[first + i] - shift : 0;
      *slots[i].target = target;
      if (weights) *slots[i].weight = weight[first + i];
      if (delay_bytes == 1) *slots[i].delay = (uint8_t)delay;
      if (delay_bytes == 2) *(uint16_t *)(void *)slots[i].delay = (uint16_t)delay;
    }
  }
}

static void refuse_weight(ql_share *share, uint32_t pre, uint32_t post, double value) {
  ql_refuse(share, (ql_refusal){.reason = QL_BAD_WEIGHT, .pre = pre, .post = post, .value = value});
}

/* The one weight of all synapses, which is refused only where there is a synapse. */
static int check_weight(ql_share *share, const ql_chunk *chunk) {
  const quell_projection *projection = share->plan->projection;
  float weight = projection->weight, low, high;
  ql_weight_bounds(projection, &low, &high);
  if (weight >= low && weight <= high) return 1;
  refuse_weight(share, chunk->pre[0], chunk->post, share->plan->weight.value);
  return 0;
}

static void place_synapses(ql_share *share, const ql_chunk *chunk) {
  const ql_plan *plan = share->plan;
  float weight[QL_STRIP];
  int32_t steps[QL_STRIP];
  int weights = ql_is_single(&plan->weight);
  uint32_t delays = ql_is_single(&plan->delay) ? plan->projection->delay_bytes : 0;
  if (plan->weight.source == QL_ONE_VALUE && !check_weight(share, chunk)) return;
  if (weights && !ql_chunk_weights(share, chunk, weight)) return;
  if (delays && !ql_chunk_delays(share, chunk, &plan->delay, plan->range, steps)) return;
  if (weights && delays == 0) place(share, chunk, 1, weight, 0, NULL);
  if (weights && delays == 1) place(share, chunk, 1, weight, 1, steps);
  if (weights && delays == 2) place(share, chunk, 1, weight, 2, steps);
  if (!weights && delays == 0) place(share, chunk, 0, NULL, 0, NULL);
  if (!weights && delays == 1) place(share, chunk, 0, NULL, 1, steps);
  if (!weights && delays == 2) place(share, chunk, 0, NULL, 2, steps);
}

static void fill(float *values, uint32_t n, float value) {
  for (uint32_t i = 0; i < n; i++) values[i] = value;
}

static void fill_weights(const ql_share *share, uint64_t first, const ql_fragment *fragment) {
  const ql_quantity *weight = &share->plan->weight;
  if (weight->source == QL_ONE_VALUE)
    fill(fragment->w, fragment->n, share->plan->projection->weight);
  for (uint32_t i = 0; weight->source == QL_BY_NUMBER && i < fragment->n; i++)
    fragment->w[i] = (float)weight->distribution->values[first + i];
}

static void fill_delays(const ql_share *share, uint64_t first, const ql_fragment *fragment) {
  const ql_plan *plan = share->plan;
  uint32_t bytes = plan->projection->delay_bytes;
  if (plan->delay.source != QL_BY_NUMBER || !bytes) return;
  for (uint32_t i = 0; i < fragment->n; i++) {
    double ms = plan->delay.distribution->values[first + i];
    uint32_t steps = ql_nearest_step(plan->network, ms) - plan->shift;
    if (bytes == 1)
      ((uint8_t *)fragment->delay)[i] = (uint8_t)steps;
    else
      ((uint16_t *)fragment->delay)[i] = (uint16_t)steps;
  }
}

static void check_weights(ql_share *share, uint32_t row, uint64_t first,
                          const ql_fragment *fragment) {
  const quell_projection *projection = share->plan->projection;
  float low, high;
  ql_weight_bounds(projection, &low, &high);
  for (uint32_t i = 0; i < fragment->n; i++)
    if (!(fragment->w[i] >= low && fragment->w[i] <= high))
      refuse_weight(share, row % projection->pre->size, share->tile->first + fragment->target[i],
                    share->plan->weight.distribution->values[first + i]);
}

/* What is the same for all synapses, or known by their number. */
static void complete_fragments(ql_share *share) {
  const quell_projection *projection = share->plan->projection;
  const ql_part *part = share->part;
  for (uint32_t r = 0; r < projection->n_rows; r++) {
    ql_fragment fragment = ql_fragment_of(projection, part, r);
    uint64_t first = projection->row_start[r] + part->row[r].place;
    for (uint32_t v = 0; v < projection->n_vars; v++)
      fill(fragment.var[v], fragment.n, projection->var_value[v]);
    for (uint32_t v = 0; fragment.n && v < projection->n_row_vars; v++)
      fragment.row_var[v] = projection->row_var_value[v];
    fill_delays(share, first, &fragment);
    if (!projection->stores_weights || ql_is_single(&share->plan->weight)) continue;
    fill_weights(share, first, &fragment);
    if (share->plan->weight.source == QL_BY_NUMBER) check_weights(share, r, first, &fragment);
  }
  ql_free(&share->plan->network->memory, share->filled);
  share->filled = NULL;
}

quell_status ql_place_synapses(ql_plan *plan) {
  static const ql_sweep_work work = {begin_placing, place_synapses, complete_fragments};
  ql_range ignored;
  return ql_sweep(plan, &work, &ignored);
}

/* Single weights for what had one for all. */

static void copy_part(const quell_projection *from, const quell_projection *to, uint32_t t,
                      unsigned char *arena) {
  const ql_part old = from->parts[t];
  ql_part *part = &to->parts[t];
  uint64_t line = 0;
  for (uint32_t r = 0; r < from->n_rows; r++) {
    const ql_fragment before = ql_fragment_of(from, &old, r);
    part->arena = arena;
    part->row[r].line = (uint32_t)line;
    const ql_fragment after = ql_fragment_of(to, part, r);
    line += lines_of(to, after.n);
    if (after.mark) memcpy(after.mark, before.mark, after.n ? ql_mark_bytes(from) : 0);
    fill(after.w, after.n, to->weight);
    for (uint32_t v = 0; v < from->n_vars; v++)
      memcpy(after.var[v], before.var[v], before.n * sizeof *before.var[v]);
    memcpy(after.target, before.target, before.n * (sizeof *before.target + from->delay_bytes));
  }
  part->lines = line;
}

/* Room for all fragments of a part; NULL if there is none. */
static unsigned char *allocate_arena(const quell_projection *projection, const ql_part *part) {
  uint64_t lines = 0;
  for (uint32_t r = 0; r < projection->n_rows; r++)
    lines += lines_of(projection, part->row[r].length);
  return lines > UINT32_MAX ? NULL : ql_alloc(&projection->network->memory, lines, 64);
}

quell_status ql_store_weights(quell_projection *projection) {
  if (projection->stores_weights) return QUELL_OK;
  ql_memory *memory = &projection->network->memory;
  uint32_t n_tiles = projection->post->n_tiles, ready = 0;
  quell_projection after = *projection;
  after.stores_weights = 1;
  unsigned char **arena = ql_alloc(memory, n_tiles, sizeof *arena);
  while (arena && ready < n_tiles &&
         (arena[ready] = allocate_arena(&after, &projection->parts[ready])))
    ready++;
  quell_status status = arena && ready == n_tiles ? QUELL_OK : ql_no_memory(projection->network);
  for (uint32_t t = 0; !status && t < n_tiles; t++) {
    unsigned char *old = projection->parts[t].arena;
    copy_part(projection, &after, t, arena[t]);
    arena[t] = old;
  }
  if (!status) projection->stores_weights = 1;
  for (uint32_t t = 0; t < ready; t++) ql_free(memory, arena[t]);
  ql_free(memory, arena);
  return status;
}

#include "engine/deliver.h"

#include "engine/fragment.h"

/* Sums are taken in the order of the synapses, so that they do not depend on anything else. */

static int is_run(const quell_projection *projection, uint32_t n, const uint16_t *target) {
  return projection->distinct && (uint32_t)(target[n - 1] - target[0]) == n - 1;
}

static float *slot_of(const ql_tile *tile, uint32_t receptor, uint32_t step) {
  return tile->ring[receptor] + (size_t)(step & (tile->slots[receptor] - 1)) * tile->count;
}

/* All synapses have one delay, and so one slot. */
static void add_weights(const quell_projection *projection, float *restrict slot, uint32_t n,
                        const uint16_t *restrict target, const float *restrict w) {
  if (is_run(projection, n, target)) {
    slot += target[0];
    for (uint32_t i = 0; i < n; i++) slot[i] += w[i];
  } else {
    for (uint32_t i = 0; i < n; i++) slot[target[i]] += w[i];
  }
}

static void add_weight(const quell_projection *projection, float *restrict slot, uint32_t n,
                       const uint16_t *restrict target, float w) {
  if (is_run(projection, n, target)) {
    slot += target[0];
    for (uint32_t i = 0; i < n; i++) slot[i] += w;
  } else {
    for (uint32_t i = 0; i < n; i++) slot[target[i]] += w;
  }
}

/* Each synapse has a delay of its own. Places are worked out in a loop of their own, which the
 * compiler vectorises. */

static void add_at(float *restrict ring, uint32_t n, const uint32_t *restrict place,
                   const float *restrict w) {
  for (uint32_t i = 0; i < n; i++) ring[place[i]] += w[i];
}

static void add_one_at(float *restrict ring, uint32_t n, const uint32_t *restrict place, float w) {
  for (uint32_t i = 0; i < n; i++) ring[place[i]] += w;
}

#define PLACES(name, type)                                                                         \
  static void name(const ql_tile *tile, uint32_t receptor, uint32_t first_slot, uint32_t n,        \
                   const uint16_t *restrict target, const type *restrict delay,                    \
                   uint32_t *restrict place) {                                                     \
    uint32_t mask = tile->slots[receptor] - 1, count = tile->count;                                \
    for (uint32_t i = 0; i < n; i++)                                                               \
      place[i] = ((first_slot + delay[i]) & mask) * count + target[i];                             \
  }

PLACES(places, uint32_t)
PLACES(places_of_bytes, uint8_t)
PLACES(places_of_words, uint16_t)

void ql_deliver(ql_tile *tile, const quell_projection *projection, uint32_t first_slot, uint32_t n,
                const uint16_t *target, const uint32_t *delay, const float *w) {
  uint32_t receptor = projection->receptor, place[QL_BLOCK];
  if (!projection->delay_bytes) {
    add_weights(projection, slot_of(tile, receptor, first_slot + delay[0]), n, target, w);
    return;
  }
  places(tile, receptor, first_slot, n, target, delay, place);
  add_at(tile->ring[receptor], n, place, w);
}

static void deliver_delayed(ql_tile *tile, const quell_projection *projection,
                            const ql_fragment *fragment, uint32_t first_slot, const float *w,
                            float all) {
  uint32_t receptor = projection->receptor, place[QL_BLOCK];
  for (uint32_t from = 0; from < fragment->n; from += QL_BLOCK) {
    uint32_t n = fragment->n - from < QL_BLOCK ? fragment->n - from : QL_BLOCK;
    const uint16_t *target = fragment->target + from;
    ql_prefetch_block(projection, fragment, from + QL_BLOCK);
    if (projection->delay_bytes == 1)
      places_of_bytes(tile, receptor, first_slot, n, target,
                      (const uint8_t *)fragment->delay + from, place);
    else
      places_of_words(tile, receptor, first_slot, n, target,
                      (const uint16_t *)fragment->delay + from, place);
    if (w)
      add_at(tile->ring[receptor], n, place, w + from);
    else
      add_one_at(tile->ring[receptor], n, place, all);
  }
}

static void deliver_fragment(ql_tile *tile, const quell_projection *projection,
                             const ql_fragment *fragment, uint32_t first_slot, const float *w,
                             float all) {
  if (projection->delay_bytes) {
    deliver_delayed(tile, projection, fragment, first_slot, w, all);
    return;
  }
  float *slot = slot_of(tile, projection->receptor, first_slot + projection->dendritic_min);
  if (w)
    add_weights(projection, slot, fragment->n, fragment->target, w);
  else
    add_weight(projection, slot, fragment->n, fragment->target, all);
}

/* Each weight is scaled before it is added, block by block. */
static void deliver_scaled(ql_tile *tile, const quell_projection *projection,
                           const ql_fragment *fragment, uint32_t first_slot, float scale) {
  float scaled[QL_BLOCK];
  for (uint32_t from = 0; from < fragment->n; from += QL_BLOCK) {
    ql_fragment part = *fragment;
    part.n = fragment->n - from < QL_BLOCK ? fragment->n - from : QL_BLOCK;
    part.target += from;
    part.delay = (uint8_t *)part.delay + (size_t)from * projection->delay_bytes;
    for (uint32_t i = 0; i < part.n; i++) scaled[i] = fragment->w[from + i] * scale;
    deliver_fragment(tile, projection, &part, first_slot, scaled, 0.0f);
  }
}

void ql_deliver_row(ql_tile *tile, const quell_projection *projection, uint32_t row,
                    uint32_t first_slot, float scale) {
  ql_fragment fragment = ql_fragment_of(projection, &projection->parts[tile->number], row);
  if (!fragment.n) return;
  tile->work.synaptic += fragment.n;
  if (fragment.w && scale != 1.0f)
    deliver_scaled(tile, projection, &fragment, first_slot, scale);
  else
    deliver_fragment(tile, projection, &fragment, first_slot, fragment.w,
                     projection->weight * scale);
}

/* The fragment of a row that lands in a tile: one piece of the part's arena, which begins at a line
 * of 64 bytes,
 *   mark, pre traces and row variables, if the projection has such |
 *   weights float[n], if they are stored | variables float[n] each | targets uint16[n] |
 *   dendritic delays uint8[n] or uint16[n], if they differ. */
#ifndef QL_ENGINE_FRAGMENT_H
#define QL_ENGINE_FRAGMENT_H

#include "base/prefetch.h"
#include "engine/tile.h"

/* Spikes of one kind that have reached a row. Stamps are the low 32 bits. */
typedef struct ql_arrived {
  uint32_t stamp; /* of the last */
  uint32_t n;     /* how many at that stamp; 0: there was none yet */
} ql_arrived;

/* How far a fragment has come. */
typedef struct ql_mark {
  ql_arrived spike, late;
  uint32_t fresh;  /* first stamp whose post events are not applied yet */
  uint32_t window; /* number of the window that weights and eligibilities are kept for */
  uint32_t pulsed; /* first stamp whose releases are not applied yet */
  uint32_t reserved;
  double pre_trace[]; /* value of each just before the last arrivals of its side */
} ql_mark;

typedef struct ql_fragment {
  uint32_t n;
  ql_mark *mark;   /* marked projections only, and not without synapses */
  double *row_var; /* likewise; behind them n_row_units, see moving.h */
  float *w;        /* NULL: they are not stored, all are the projection's */
  float *var[QL_MAX_VARS];
  uint16_t *target;
  void *delay;
} ql_fragment;

static inline size_t ql_mark_bytes(const quell_projection *projection) {
  size_t doubles = projection->n_pre + projection->n_row_vars + projection->n_row_units;
  return projection->marked ? sizeof(ql_mark) + doubles * sizeof(double) : 0;
}

static inline size_t ql_fragment_bytes(const quell_projection *projection, uint32_t n) {
  size_t floats = (projection->stores_weights ? 1 : 0) + projection->n_vars;
  if (!n) return 0;
  return ql_mark_bytes(projection) +
         n * (floats * sizeof(float) + sizeof(uint16_t) + projection->delay_bytes);
}

static inline ql_fragment ql_fragment_of(const quell_projection *projection, const ql_part *part,
                                         uint32_t row) {
  const ql_row *place = &part->row[row];
  ql_fragment fragment = {.n = place->length};
  unsigned char *start = part->arena + (size_t)place->line * 64;
  if (projection->marked) {
    fragment.mark = (ql_mark *)(void *)start;
    fragment.row_var = fragment.mark->pre_trace + projection->n_pre;
  }
  float *floats = (float *)(void *)(start + ql_mark_bytes(projection));
  if (projection->stores_weights) {
    fragment.w = floats;
    floats += place->length;
  }
  for (uint32_t i = 0; i < projection->n_vars; i++, floats += place->length)
    fragment.var[i] = floats;
  fragment.target = (uint16_t *)(void *)floats;
  fragment.delay = fragment.target + place->length;
  return fragment;
}

/* Dendritic delay of a synapse, in steps. */
static inline uint32_t ql_fragment_delay(const quell_projection *projection,
                                         const ql_fragment *fragment, uint32_t i) {
  if (projection->delay_bytes == 0) return projection->dendritic_min;
  return projection->delay_bytes == 1 ? ((const uint8_t *)fragment->delay)[i]
                                      : ((const uint16_t *)fragment->delay)[i];
}

QL_PREFETCHER void ql_prefetch_array(const void *array, size_t from, size_t to) {
  for (size_t byte = from; byte < to; byte += 64) QL_PREFETCH((const char *)array + byte);
  QL_PREFETCH((const char *)array + to - 1);
}

/* Asks for the memory of up to QL_BLOCK synapses from `from` on. */
QL_PREFETCHER void ql_prefetch_block(const quell_projection *projection,
                                     const ql_fragment *fragment, uint32_t from) {
  uint32_t to = fragment->n - from < QL_BLOCK ? fragment->n : from + QL_BLOCK;
  if (from >= fragment->n) return;
  if (fragment->w) ql_prefetch_array(fragment->w, from * sizeof(float), to * sizeof(float));
  for (uint32_t v = 0; v < projection->n_vars; v++)
    ql_prefetch_array(fragment->var[v], from * sizeof(float), to * sizeof(float));
  ql_prefetch_array(fragment->target, from * sizeof(uint16_t), to * sizeof(uint16_t));
  if (projection->delay_bytes)
    ql_prefetch_array(fragment->delay, (size_t)from * projection->delay_bytes,
                      (size_t)to * projection->delay_bytes);
}

#endif

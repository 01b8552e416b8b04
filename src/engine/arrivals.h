/* The spikes that arrive at a tile during a batch, in the order in which they are handled: by
 * (clock, projection, late or not, axonal delay, pre), which depends on the network alone, and so
 * do the sums of inputs. All of them are known when the batch begins, so that the memory of their
 * rows is asked for before their turn comes. */
#ifndef QL_ENGINE_ARRIVALS_H
#define QL_ENGINE_ARRIVALS_H

#include "engine/fragment.h"

/* A row is found by its descriptor: that is asked for first, and the row when it is nearer. */
enum { QL_AHEAD = 16, QL_NEAR = 8 };

typedef struct ql_arrival {
  uint64_t clock;
  const quell_projection *projection;
  uint32_t k, row; /* which of the projection's lags, which row */
  float rate;      /* of a rate unit, Hz */
} ql_arrival;

typedef struct ql_arrivals {
  const ql_tile *tile;
  uint64_t clock, end; /* where the search is, and where it ends */
  size_t p, i;         /* projection, spike of its list */
  uint32_t k;
  uint32_t head, n;
  ql_arrival queue[QL_AHEAD];
} ql_arrivals;

/* The next neuron of a projection that has something for a lag: one that fired, or a rate unit that
 * is not silent. */
static inline int ql_next_neuron(ql_arrivals *a, const quell_projection *projection,
                                 uint32_t *neuron, float *rate) {
  const quell_population *pre = projection->pre;
  uint64_t lag = projection->lag[a->k], network_age = a->clock - projection->network->start;
  if (network_age < lag) return 0;
  if (pre->rates) {
    while (a->i < pre->size) {
      *neuron = (uint32_t)a->i++;
      *rate = ql_rate_at(pre, a->clock, lag, *neuron);
      if (*rate != 0.0f) return 1;
    }
    return 0;
  }
  const ql_spikes *spikes = ql_spikes_at(pre, a->clock - lag);
  if (a->i == spikes->n) return 0;
  *neuron = spikes->at[a->i++];
  return 1;
}

static inline int ql_search_arrival(ql_arrivals *a, ql_arrival *found) {
  const quell_population *population = a->tile->population;
  for (; a->clock < a->end; a->clock++, a->p = 0) {
    for (; a->p < population->n_incoming; a->p++, a->k = 0) {
      const quell_projection *projection = population->incoming[a->p];
      for (; a->k < projection->n_late + projection->n_axonal; a->k++, a->i = 0) {
        uint32_t neuron;
        float rate = 0.0f;
        if (!ql_next_neuron(a, projection, &neuron, &rate)) continue;
        uint32_t row = a->k % projection->n_axonal * projection->pre->size + neuron;
        *found = (ql_arrival){a->clock, projection, a->k, row, rate};
        return 1;
      }
    }
  }
  return 0;
}

QL_PREFETCHER void ql_prefetch_row(const ql_tile *tile, const ql_arrival *arrival) {
  const quell_projection *projection = arrival->projection;
  ql_fragment fragment = ql_fragment_of(projection, &projection->parts[tile->number], arrival->row);
  if (fragment.mark) QL_PREFETCH(fragment.mark);
  ql_prefetch_block(projection, &fragment, 0);
}

static inline void ql_arrivals_refill(ql_arrivals *a) {
  while (a->n < QL_AHEAD) {
    ql_arrival *next = &a->queue[(a->head + a->n) % QL_AHEAD];
    if (!ql_search_arrival(a, next)) return;
    a->n++;
    QL_PREFETCH(&next->projection->parts[a->tile->number].row[next->row]);
  }
}

static inline ql_arrivals ql_arrivals_of(const ql_tile *tile, uint64_t clock, uint32_t steps) {
  ql_arrivals a = {.tile = tile, .clock = clock, .end = clock + steps};
  ql_arrivals_refill(&a);
  for (uint32_t i = 0; i < QL_NEAR && i < a.n; i++) ql_prefetch_row(tile, &a.queue[i]);
  return a;
}

/* Takes the next arrival at `clock`; 0 if there are no more. */
static inline int ql_next_arrival(ql_arrivals *a, uint64_t clock, ql_arrival *arrival) {
  if (!a->n || a->queue[a->head].clock != clock) return 0;
  *arrival = a->queue[a->head];
  a->head = (a->head + 1) % QL_AHEAD;
  a->n--;
  ql_arrivals_refill(a);
  if (a->n >= QL_NEAR) ql_prefetch_row(a->tile, &a->queue[(a->head + QL_NEAR - 1) % QL_AHEAD]);
  return 1;
}

#endif

#include "engine/delays.h"

/* Axonal delays. */

static void mark_delays(ql_share *share, const ql_chunk *chunk) {
  const ql_plan *plan = share->plan;
  int32_t steps[QL_STRIP];
  if (!ql_chunk_delays(share, chunk, &plan->axonal, QL_ANY_RANGE, steps)) return;
  for (uint32_t i = 0; i < chunk->n; i++)
    atomic_store_explicit(&plan->axonal_used[steps[i]], 1, memory_order_relaxed);
}

static quell_status note_axonal(ql_plan *plan) {
  static const ql_sweep_work mark = {.chunk = mark_delays};
  const quell_distribution *axonal = plan->axonal.distribution;
  ql_range ignored;
  if (plan->axonal.source == QL_DRAWN) return ql_sweep(plan, &mark, &ignored);
  for (size_t i = 0; i < axonal->n; i++) {
    uint32_t steps;
    quell_status status =
        ql_delay_steps(plan->network, plan->axonal.name, axonal->values[i], &steps);
    if (status) return status;
    plan->axonal_used[steps] = 1;
  }
  return QUELL_OK;
}

static quell_status collect_axonal(ql_plan *plan) {
  quell_projection *projection = plan->projection;
  ql_memory *memory = &plan->network->memory;
  uint32_t n = 0;
  for (uint32_t steps = 0; steps <= QL_LONGEST_DELAY; steps++) n += plan->axonal_used[steps];
  plan->axonal_index = ql_alloc(memory, QL_LONGEST_DELAY + 1, sizeof *plan->axonal_index);
  if (!plan->axonal_index) return ql_no_memory(plan->network);
  if (n > projection->n_axonal) {
    ql_free(memory, projection->axonal);
    projection->axonal = ql_alloc(memory, n, sizeof *projection->axonal);
    if (!projection->axonal) return ql_no_memory(plan->network);
    projection->n_axonal = n;
  }
  n = 0;
  for (uint32_t steps = 0; steps <= QL_LONGEST_DELAY; steps++) {
    if (!plan->axonal_used[steps]) continue;
    projection->axonal[n] = steps;
    plan->axonal_index[steps] = n++;
  }
  return QUELL_OK;
}

quell_status ql_find_axonal(ql_plan *plan) {
  quell_projection *projection = plan->projection;
  ql_memory *memory = &plan->network->memory;
  projection->axonal = ql_alloc(memory, 1, sizeof *projection->axonal);
  if (!projection->axonal) return ql_no_memory(plan->network);
  projection->n_axonal = 1;
  if (plan->axonal.source == QL_ONE_VALUE)
    return ql_delay_steps(plan->network, plan->axonal.name, plan->axonal.value, projection->axonal);
  plan->axonal_used = ql_alloc(memory, QL_LONGEST_DELAY + 1, sizeof *plan->axonal_used);
  if (!plan->axonal_used) return ql_no_memory(plan->network);
  quell_status status = note_axonal(plan);
  return status ? status : collect_axonal(plan);
}

/* Dendritic delays. */

static void widen(ql_range *range, uint32_t steps) {
  if ((int32_t)steps < range->least) range->least = (int32_t)steps;
  if ((int32_t)steps > range->most) range->most = (int32_t)steps;
}

/* Delays that are given: one for all, or an array, which has each of its values on some synapse. */
static quell_status given_delays(const ql_plan *plan, ql_range *range) {
  const ql_quantity *delay = &plan->delay;
  int one = delay->source == QL_ONE_VALUE;
  const double *values = one ? &delay->value : delay->distribution->values;
  size_t n = one ? 1 : delay->distribution->n;
  for (size_t i = 0; i < n; i++) {
    uint32_t steps;
    quell_status status = ql_delay_steps(plan->network, delay->name, values[i], &steps);
    if (status) return status;
    widen(range, steps);
  }
  return QUELL_OK;
}

quell_status ql_place_delays(ql_plan *plan, ql_range range) {
  quell_projection *projection = plan->projection;
  quell_status status = plan->delay.source == QL_DRAWN ? QUELL_OK : given_delays(plan, &range);
  if (status) return status;
  if (range.least > range.most) range.least = 0; /* none */
  plan->range = range;
  projection->dendritic_min = (uint32_t)range.least;
  projection->dendritic_max = (uint32_t)range.most;
  if (plan->delay.distribution == &plan->connection->delay) {
    plan->shift = projection->axonal[0] = projection->dendritic_min;
    projection->dendritic_min = 0;
    projection->dendritic_max -= plan->shift;
  }
  if (projection->dendritic_max > projection->dendritic_min)
    projection->delay_bytes = projection->dendritic_max > UINT8_MAX ? 2 : 1;
  uint32_t horizon = plan->network->horizon;
  if (!horizon || projection->dendritic_max <= horizon / 4) return QUELL_OK;
  return ql_fail(plan->network, QUELL_E_RANGE,
                 "connection: the longest dendritic delay is %u steps; the network's 'horizon' of "
                 "%u steps allows %u",
                 projection->dendritic_max, horizon, horizon / 4);
}

#include "engine/sweep.h"

#include "base/fpmode.h"

/* A range of post neurons that connectivity holds, and what is done with it. */
typedef struct stretch {
  const ql_sweep_work *work;
  ql_share *share;
  uint32_t first, end;
} stretch;

void ql_refuse(ql_share *share, ql_refusal refusal) {
  if (share->refusal.reason == QL_NO_REFUSAL || refusal.post < share->refusal.post)
    share->refusal = refusal;
}

/* Refuses the first value that is not in [low, high]. */
static void refuse_first(ql_share *share, const ql_chunk *chunk, const ql_quantity *quantity,
                         int reason, const float *value, float low, float high) {
  uint32_t i = 0;
  while (value[i] >= low && value[i] <= high) i++;
  int listed = quantity->source == QL_BY_LIST;
  ql_refuse(share, (ql_refusal){.reason = reason,
                                .quantity = quantity,
                                .pre = chunk->pre[i],
                                .post = chunk->post,
                                .value = listed ? quantity->distribution->values[chunk->place[i]]
                                                : (double)value[i]});
}

static void words(const ql_share *share, const ql_chunk *chunk, const ql_quantity *quantity,
                  uint32_t *word) {
  const ql_plan *plan = share->plan;
  const ql_words sequence = {plan->network->seed, quantity->purpose, plan->projection->number,
                             chunk->post};
  plan->draw->words(&sequence, chunk->first, chunk->n, word);
}

static int draw_values(ql_share *share, const ql_chunk *chunk, const ql_quantity *quantity,
                       float *value) {
  const ql_plan *plan = share->plan;
  uint32_t word[QL_STRIP];
  words(share, chunk, quantity, word);
  plan->draw->values(&quantity->sampler, chunk->n, word, value);
  if (plan->draw->within(chunk->n, value, quantity->low, quantity->high)) return 1;
  refuse_first(share, chunk, quantity, QL_OUT_OF_RANGE, value, quantity->low, quantity->high);
  return 0;
}

int ql_chunk_weights(ql_share *share, const ql_chunk *chunk, float *weight) {
  const ql_plan *plan = share->plan;
  const double *listed = plan->weight.distribution->values;
  float low, high;
  if (plan->weight.source == QL_DRAWN) {
    if (!draw_values(share, chunk, &plan->weight, weight)) return 0;
  } else {
    for (uint32_t i = 0; i < chunk->n; i++) weight[i] = (float)listed[chunk->place[i]];
  }
  ql_weight_bounds(plan->projection, &low, &high);
  if (plan->draw->within(chunk->n, weight, low, high)) return 1;
  refuse_first(share, chunk, &plan->weight, QL_BAD_WEIGHT, weight, low, high);
  return 0;
}

static int listed_delays(const ql_plan *plan, const ql_chunk *chunk, const ql_quantity *delay,
                         int32_t *steps) {
  const double *listed = delay->distribution->values;
  for (uint32_t i = 0; i < chunk->n; i++)
    steps[i] = (int32_t)ql_nearest_step(plan->network, listed[chunk->place[i]]);
  return 1;
}

int ql_chunk_delays(ql_share *share, const ql_chunk *chunk, const ql_quantity *delay,
                    ql_range range, int32_t *steps) {
  const ql_plan *plan = share->plan;
  float ms[QL_STRIP];
  if (delay->source == QL_BY_LIST) return listed_delays(plan, chunk, delay, steps);
  if (!draw_values(share, chunk, delay, ms)) return 0;
  plan->draw->steps(chunk->n, ms, plan->network->dt, range.least, range.most, steps);
  for (uint32_t i = 0; range.most > QL_LONGEST_DELAY && i < chunk->n; i++) {
    if (steps[i] <= QL_LONGEST_DELAY) continue;
    ql_refuse(share, (ql_refusal){.reason = QL_TOO_LONG,
                                  .quantity = delay,
                                  .post = chunk->post,
                                  .value = (double)ms[i]});
    return 0;
  }
  return 1;
}

/* A delay grows with the number that it is made from, but for rounding: it is enough to look at the
 * least and the largest number, and to keep the others within the bounds that these give. */
int ql_chunk_range(ql_share *share, const ql_chunk *chunk, const ql_quantity *delay,
                   ql_range *range) {
  const ql_plan *plan = share->plan;
  uint32_t word[QL_STRIP], extreme[2];
  float ms[2];
  int32_t steps[QL_STRIP];
  words(share, chunk, delay, word);
  plan->draw->extremes(chunk->n, word, extreme);
  plan->draw->values(&delay->sampler, 2, extreme, ms);
  int fit = plan->draw->within(2, ms, delay->low, delay->high);
  if (fit) plan->draw->steps(2, ms, plan->network->dt, 0, QL_LONGEST_DELAY + 1, steps);
  if (!fit || steps[1] > QL_LONGEST_DELAY)
    return ql_chunk_delays(share, chunk, delay, QL_ANY_RANGE, steps);
  for (int i = 0; i < 2; i++) {
    if (steps[i] < range->least) range->least = steps[i];
    if (steps[i] > range->most) range->most = steps[i];
  }
  return 1;
}

static int allocate_scratch(ql_share *share) {
  const ql_connectivity *c = &share->plan->connectivity;
  ql_memory *memory = &share->plan->network->memory;
  int listed = share->plan->connection->kind == QUELL_LIST;
  share->pre = ql_alloc(memory, c->most, sizeof *share->pre);
  share->place = listed ? ql_alloc(memory, c->most, sizeof *share->place) : NULL;
  share->bitmap = ql_alloc(memory, ql_partners_scratch(c), sizeof *share->bitmap);
  return share->pre && (share->place || !listed) && share->bitmap;
}

static void free_scratch(ql_share *share) {
  ql_memory *memory = &share->plan->network->memory;
  ql_free(memory, share->pre);
  ql_free(memory, share->place);
  ql_free(memory, share->bitmap);
  share->pre = NULL;
  share->place = share->bitmap = NULL;
}

/* The row of each synapse: that of its pre neuron among those with its axonal delay. */
static int split_rows(ql_share *share, const ql_chunk *chunk, uint32_t *row) {
  const ql_plan *plan = share->plan;
  int32_t steps[QL_STRIP];
  if (!ql_chunk_delays(share, chunk, &plan->axonal, QL_ANY_RANGE, steps)) return 0;
  for (uint32_t i = 0; i < chunk->n; i++)
    row[i] = plan->axonal_index[steps[i]] * plan->projection->pre->size + chunk->pre[i];
  return 1;
}

static void sweep_neuron(ql_share *share, const ql_sweep_work *work, uint32_t post) {
  const ql_plan *plan = share->plan;
  uint32_t row[QL_STRIP];
  uint32_t n = ql_partners(&plan->connectivity, post, share->bitmap, share->pre, share->place);
  for (uint32_t first = 0; first < n && !share->refusal.reason; first += QL_STRIP) {
    ql_chunk chunk = {.post = post,
                      .first = first,
                      .n = n - first < QL_STRIP ? n - first : QL_STRIP,
                      .pre = share->pre + first,
                      .row = share->pre + first,
                      .place = share->place ? share->place + first : NULL};
    if (plan->axonal_index) {
      if (!split_rows(share, &chunk, row)) return;
      chunk.row = row;
    }
    work->chunk(share, &chunk);
  }
}

static void sweep_share(const stretch *r, ql_share *share) {
  const ql_tile *tile = share->tile;
  uint32_t last = tile->first + tile->count;
  uint32_t first = r->first > tile->first ? r->first : tile->first;
  uint32_t end = r->end < last ? r->end : last;
  int ready = first > tile->first || !r->work->begin || r->work->begin(share);
  if (!ready || !allocate_scratch(share))
    ql_refuse(share, (ql_refusal){.reason = QL_NO_MEMORY, .post = first});
  for (uint32_t post = first; post < end && !share->refusal.reason; post++)
    sweep_neuron(share, r->work, post);
  free_scratch(share);
  if (end == last && !share->refusal.reason && r->work->end) r->work->end(share);
}

static void task(void *argument, uint32_t i) {
  const stretch *r = argument;
  ql_share *share = &r->share[i];
  if (share->refusal.reason) return;
  ql_fpmode mode = ql_fpmode_enter();
  sweep_share(r, share);
  ql_fpmode_leave(mode);
}

static void run(const quell_executor *executor, uint32_t n, stretch *r) {
  if (executor->run) {
    executor->run(executor->context, n, task, r);
    return;
  }
  for (uint32_t i = 0; i < n; i++) task(r, i);
}

/* Range by range of those that connectivity can hold. */
static void sweep_ranges(ql_plan *plan, const ql_sweep_work *work, ql_share *share) {
  const quell_population *post = plan->projection->post;
  uint32_t size = post->tiles[0].count;
  for (uint32_t first = 0, end; first < post->size; first = end) {
    end = ql_connectivity_reach(&plan->connectivity, first);
    ql_connectivity_hold(&plan->connectivity, first, end);
    stretch r = {work, share + first / size, first, end};
    run(&plan->network->executor, (end - 1) / size - first / size + 1, &r);
  }
}

quell_status ql_sweep(ql_plan *plan, const ql_sweep_work *work, ql_range *delays) {
  const quell_population *post = plan->projection->post;
  ql_memory *memory = &plan->network->memory;
  ql_share *share = ql_alloc(memory, post->n_tiles, sizeof *share);
  if (!share) return ql_no_memory(plan->network);
  for (uint32_t t = 0; t < post->n_tiles; t++)
    share[t] = (ql_share){.plan = plan,
                          .tile = &post->tiles[t],
                          .part = plan->projection->parts ? &plan->projection->parts[t] : NULL,
                          .delays = QL_NO_RANGE};
  sweep_ranges(plan, work, share);
  quell_status status = QUELL_OK;
  *delays = QL_NO_RANGE;
  for (uint32_t t = 0; t < post->n_tiles; t++) {
    if (!status) status = ql_refusal_fail(plan->projection, &share[t].refusal);
    if (share[t].delays.least < delays->least) delays->least = share[t].delays.least;
    if (share[t].delays.most > delays->most) delays->most = share[t].delays.most;
    ql_free(memory, share[t].filled);
  }
  ql_free(memory, share);
  return status;
}

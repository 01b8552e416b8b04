#include "engine/interval.h"

#include "engine/anchor.h"
#include "engine/epoch.h"
#include "engine/frame.h"
#include "engine/lanes.h"
#include "engine/plasticity.h"
#include "engine/side.h"
#include <string.h>

typedef struct ql_member member;

static float most(float a, float b) {
  return a > b ? a : b;
}

static float least(float a, float b) {
  return a < b ? a : b;
}

/* Bounds of the rule, and of the one that learns at events. */
static void bound(ql_call *call, const quell_projection *projection) {
  if (!projection->rule) return;
  const ql_instance *below = projection->rule->instance;
  call->low = most(call->low, below->w_min);
  call->high = least(call->high, below->w_max);
}

static void pick_factors(ql_lanes *k, float *factor) {
  for (uint32_t i = 0; i < k->live; i++) factor[i] = k->tile->factor[k->target[i]];
  ql_pad(factor, k->live);
}

/* Calls the event for one block, whose lanes are loaded. */
static void call_event(ql_lanes *k, uint32_t kind, uint32_t period, uint32_t stamp, float pre_rate,
                       const double *now) {
  ql_scratch *s = k->scratch;
  const quell_network *network = k->projection->network;
  ql_call call;
  ql_call_prepare(k, &call, kind, k->use->rule->instance, s->w, s->var);
  bound(&call, k->projection);
  if (call.event->wants_post) ql_locate(k, stamp + 1);
  ql_gather_inputs(k, &call, stamp, now);
  ql_draw_row(k, call.event, kind, stamp, k->use->rule->number);
  if (k->use->moving) ql_moving_at_row(k, stamp);
  call.block.out = s->out;
  call.block.factor = s->factor;
  call.block.pre_rate = pre_rate;
  call.block.elapsed = (float)(period * network->dt);
  ql_call_rule(k, &call, k->live);
}

static float rate_of_row(const quell_projection *projection, uint32_t row, uint64_t clock) {
  const quell_population *pre = projection->pre;
  uint32_t axonal = projection->axonal[row / pre->size];
  return pre->rates ? ql_rate_at(pre, clock, axonal, row % pre->size) : 0.0f;
}

static void add_to_sums(ql_lanes *k) {
  for (uint32_t i = 0; i < k->live; i++) k->tile->sum[k->target[i]] += (double)k->scratch->out[i];
}

/* The event on all blocks of a row. The reduction stores nothing. */
static void pass_row(ql_tile *tile, const member *m, uint32_t row, uint32_t kind, uint32_t period,
                     uint64_t clock) {
  const quell_projection *projection = m->projection;
  ql_fragment fragment = ql_fragment_of(projection, &projection->parts[tile->number], row);
  if (!fragment.n) return;
  ql_settle(tile, projection, row, clock + 1);
  double now[QL_MAX_TRACES];
  if (fragment.mark) ql_row_traces(projection, fragment.mark, (uint32_t)clock, now);
  float pre_rate = rate_of_row(projection, row, clock);
  uint32_t block = projection->network->block_size;
  int driven = projection->rule && projection->rule->shape.n_integrals;
  const ql_carried carried = driven ? ql_carried_by(fragment.mark) : (ql_carried){0};
  int anchored = ql_anchors(projection->use) != NULL;
  ql_lanes k = ql_lanes_of(tile, projection, m->use, &fragment);
  for (uint32_t from = 0; from < fragment.n; from += block) {
    ql_prefetch_block(projection, &fragment, from + block);
    ql_lanes_load(&k, &fragment, row, from, fragment.n - from < block ? fragment.n - from : block);
    ql_lanes own = k; /* of the rule that learns at events */
    own.use = projection->use;
    own.shape = &projection->use->rule->shape;
    if (driven) ql_frame_advance(&k, clock);
    if (driven) ql_frame_open(&k, clock, projection->rule->instance);
    if (anchored) ql_anchor_open(&own, clock, projection->rule->instance);
    if (kind == QUELL_INTERVAL) pick_factors(&k, tile->scratch->factor);
    call_event(&k, kind, period, (uint32_t)clock, pre_rate, now);
    if (kind == QUELL_REDUCE) {
      add_to_sums(&k);
      continue;
    }
    if (driven) ql_frame_close(&k, clock, &carried);
    if (anchored) ql_anchor_close(&own, clock);
    ql_lanes_store(&k, &fragment, from);
  }
  if (driven && kind == QUELL_INTERVAL)
    fragment.mark->window = (uint32_t)ql_window_of(projection->use->side, clock);
  if (kind == QUELL_REDUCE) k.applied = 0;
  ql_lanes_done(&k);
}

static void pass(ql_tile *tile, const ql_group *group, uint32_t kind, uint64_t clock) {
  if (!group->rule->shape.event[kind].call) return;
  for (uint32_t i = 0; i < group->n; i++) {
    const member *m = &group->member[i];
    if (!ql_epoch_at(m->projection, clock)->on) continue;
    for (uint32_t row = 0; row < m->projection->n_rows; row++)
      pass_row(tile, m, row, kind, group->period, clock);
  }
}

/* Post traces of all neurons of the tile at `clock`, one trace after the other. */
static void gather_traces(const ql_tile *tile, const ql_group *group, uint32_t clock,
                          const float **post) {
  const ql_history *history = &tile->history;
  const ql_shape *shape = &group->rule->shape;
  uint32_t n = tile->count;
  for (uint32_t t = 0; t < shape->n_post; t++) {
    float *out = tile->post_traces + (size_t)t * ((n + 15u) & ~15u);
    post[t] = out;
    uint32_t trace = group->member[0].use->post_trace[t];
    int is_age = shape->post[t].kind == QUELL_TRACE_AGE;
    for (uint32_t j = 0; j < n; j++) {
      uint32_t age = clock - history->recent[j];
      if (is_age)
        ql_ages_in_ms(tile->population->network->dt, 1, &age, &out[j]);
      else {
        out[j] = history->value[(size_t)trace * history->neurons + j];
        ql_decay_values(&history->trace[trace].decay, 1, &age, &out[j]);
      }
    }
  }
}

static void decide(ql_tile *tile, const ql_group *group, uint64_t clock) {
  const float *post[QL_MAX_TRACES];
  ql_post_arrays arrays;
  const quell_rule *rule = group->rule;
  if (!rule->desc->decide) {
    for (uint32_t j = 0; j < tile->count; j++) tile->factor[j] = (float)tile->sum[j];
    return;
  }
  if (rule->shape.n_post) gather_traces(tile, group, (uint32_t)clock, post);
  quell_post_block block = ql_post_block_of(tile, rule, group->side, clock, clock, &arrays);
  block.post = post;
  block.sum = tile->sum;
  block.factor = tile->factor;
  rule->desc->decide(&block);
}

static int any_learns(const ql_group *group, uint64_t clock) {
  for (uint32_t i = 0; i < group->n; i++)
    if (ql_epoch_at(group->member[i].projection, clock)->on) return 1;
  return 0;
}

void ql_intervals(ql_tile *tile, uint64_t clock) {
  const quell_population *population = tile->population;
  if (clock == population->network->start) return;
  for (uint32_t g = 0; g < population->n_groups; g++) {
    const ql_group *group = &population->groups[g];
    if (clock % group->period) continue;
    if (!any_learns(group, clock)) continue;
    memset(tile->sum, 0, tile->count * sizeof *tile->sum);
    pass(tile, group, QUELL_REDUCE, clock);
    decide(tile, group, clock);
    pass(tile, group, QUELL_INTERVAL, clock);
  }
}

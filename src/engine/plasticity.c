#include "engine/plasticity.h"

#include "engine/deliver.h"
#include "engine/epoch.h"
#include "engine/frame.h"
#include "engine/replay.h"
#include "engine/side.h"
#include <math.h>
#include <string.h>

static int tie_of(const quell_projection *projection) {
  return (int)projection->rule->value[projection->rule->shape.tie];
}

static uint32_t shorter(uint32_t a, uint32_t b) {
  return a < b ? a : b;
}

static ql_fragment fragment_on(const ql_tile *tile, const quell_projection *projection,
                               uint32_t row) {
  return ql_fragment_of(projection, &projection->parts[tile->number], row);
}

/* Delivery. */

/* What short-term plasticity makes of the row's weights at this arrival. */
static double release(const quell_projection *projection, const ql_fragment *fragment,
                      uint32_t clock, double *since) {
  const ql_arrived *last = &fragment->mark->spike;
  const quell_rule *rule = projection->release->rule;
  *since = last->n ? (clock - last->stamp) * projection->network->dt : (double)INFINITY;
  return rule->desc->release(fragment->row_var, *since, rule->value, rule->instance->constants);
}

/* Each synapse releases by itself. */
static void release_lanes(ql_lanes *k, float efficacy, float since, uint32_t stamp) {
  ql_scratch *s = k->scratch;
  ql_lanes by = *k;
  ql_call call;
  by.use = k->projection->release;
  by.shape = &by.use->rule->shape;
  by.applied = 0;
  ql_call_prepare(&by, &call, QUELL_RELEASE, by.use->rule->instance, s->out, s->var);
  call.low = -INFINITY;
  call.high = INFINITY;
  call.block.efficacy = efficacy;
  call.block.elapsed = since;
  uint32_t ordinal = by.mark->spike.stamp == stamp ? by.mark->spike.n : 0;
  ql_draw_row(&by, call.event, QUELL_RELEASE, stamp, ordinal);
  ql_call_rule(&by, &call, by.live);
  by.applied = 0; /* no weight has changed */
  ql_lanes_done(&by);
}

/* An arrival at a row whose projection has short-term plasticity, or has not. */
typedef struct arrival {
  uint32_t stamp;
  float efficacy, since;
} arrival;

static arrival arrive(ql_tile *tile, const quell_projection *projection,
                      const ql_fragment *fragment, uint32_t clock) {
  double since = 0.0, efficacy = 1.0;
  if (projection->release) efficacy = release(projection, fragment, clock, &since);
  if (!isfinite((float)efficacy)) ql_blame(tile, projection->release->rule);
  return (arrival){clock, (float)efficacy, (float)since};
}

static void deliver(ql_lanes *k, const arrival *a) {
  ql_scratch *s = k->scratch;
  const float *w = s->w;
  if (k->projection->release) {
    w = s->out;
    memcpy(s->out, s->w, ql_padded(k->live) * sizeof *s->out);
    if (k->projection->release->rule->shape.event[QUELL_RELEASE].call)
      release_lanes(k, a->efficacy, a->since, a->stamp);
    else
      for (uint32_t i = 0; i < k->live; i++) s->out[i] *= a->efficacy;
  }
  ql_deliver(k->tile, k->projection, a->stamp, k->live, k->target, s->delay, w);
}

/* A row without a rule that learns at events. */
static void visit_static(ql_tile *tile, const quell_projection *projection, uint32_t row,
                         const ql_fragment *fragment, const arrival *a) {
  if (!projection->release || !projection->release->rule->shape.event[QUELL_RELEASE].call) {
    ql_deliver_row(tile, projection, row, a->stamp, a->efficacy);
    return;
  }
  ql_lanes k = ql_lanes_of(tile, projection, projection->release, fragment);
  for (uint32_t from = 0; from < fragment->n; from += QL_BLOCK) {
    ql_lanes_load(&k, fragment, row, from, shorter(fragment->n - from, QL_BLOCK));
    deliver(&k, a);
    ql_lanes_store(&k, fragment, from);
  }
  tile->work.synaptic += fragment->n;
  ql_lanes_done(&k);
}

/* Learning. */

/* An event of the whole block at `stamp`, which is the `ordinal`th of its kind at that stamp. */
static void row_event(ql_lanes *k, uint32_t kind, const ql_epoch *epoch, uint32_t stamp,
                      uint32_t ordinal, const double *before) {
  ql_scratch *s = k->scratch;
  ql_call call;
  ql_call_prepare(k, &call, kind, epoch->instance, s->w, s->var);
  ql_gather_inputs(k, &call, stamp, before);
  ql_draw_row(k, call.event, kind, stamp, ordinal);
  ql_call_rule(k, &call, k->live);
}

static void learn_and_deliver(ql_lanes *k, const ql_epoch *epoch, const arrival *a,
                              const double *before) {
  int learns = epoch->on && k->shape->event[QUELL_PRE].call;
  int first = k->use->rule->desc->flags & QUELL_TRANSMIT_FIRST;
  const ql_arrived *last = &k->mark->spike;
  if (first) deliver(k, a);
  if (learns)
    row_event(k, QUELL_PRE, epoch, a->stamp, last->stamp == a->stamp ? last->n : 0, before);
  if (!first) deliver(k, a);
}

/* A rule with integrals has no post events; its weights are opened, learn, and are closed with the
 * traces as they are after the arrival. */
static void visit_driven(ql_tile *tile, const quell_projection *projection, uint32_t row,
                         const ql_fragment *fragment, uint64_t clock, const arrival *a,
                         const double *before) {
  const ql_epoch *epoch = ql_epoch_at(projection, clock);
  uint32_t block = projection->network->block_size;
  const ql_carried after = ql_carried_after(fragment->mark, a->stamp, before);
  ql_lanes k = ql_lanes_of(tile, projection, projection->use, fragment);
  for (uint32_t from = 0; from < fragment->n; from += block) {
    ql_prefetch_block(projection, fragment, from + block);
    ql_lanes_load(&k, fragment, row, from, shorter(fragment->n - from, block));
    ql_locate(&k, (uint32_t)clock + (tie_of(projection) == QUELL_POST_FIRST));
    if (epoch->on) ql_frame_advance(&k, clock);
    if (epoch->on) ql_frame_open(&k, clock, epoch->instance);
    learn_and_deliver(&k, epoch, a, before);
    if (epoch->on) ql_frame_close(&k, clock, &after);
    ql_lanes_store(&k, fragment, from);
  }
  tile->work.synaptic += fragment->n;
  ql_lanes_done(&k);
  fragment->mark->window = (uint32_t)ql_window_of(projection->use->side, clock);
  fragment->mark->fresh = (uint32_t)clock;
}

static void visit_plastic(ql_tile *tile, const quell_projection *projection, uint32_t row,
                          const ql_fragment *fragment, uint64_t clock, const arrival *a,
                          const double *before) {
  uint64_t fresh = ql_whole(fragment->mark->fresh, clock);
  uint64_t until = clock + (tie_of(projection) == QUELL_POST_FIRST);
  const ql_epoch *epoch = ql_epoch_at(projection, clock);
  uint32_t block = projection->network->block_size;
  ql_lanes k = ql_lanes_of(tile, projection, projection->use, fragment);
  for (uint32_t from = 0; from < fragment->n; from += block) {
    ql_prefetch_block(projection, fragment, from + block);
    ql_lanes_load(&k, fragment, row, from, shorter(fragment->n - from, block));
    ql_replay(&k, fresh, until);
    learn_and_deliver(&k, epoch, a, before);
    ql_lanes_store(&k, fragment, from);
  }
  tile->work.synaptic += fragment->n;
  ql_lanes_done(&k);
  if ((int64_t)(until - fresh) > 0) fragment->mark->fresh = (uint32_t)until;
}

void ql_visit(ql_tile *tile, const quell_projection *projection, uint32_t row, uint64_t clock) {
  ql_fragment fragment = fragment_on(tile, projection, row);
  if (!fragment.n) return;
  double before[QL_MAX_TRACES];
  ql_row_traces(projection, fragment.mark, (uint32_t)clock, before);
  arrival a = arrive(tile, projection, &fragment, (uint32_t)clock);
  if (projection->rule && projection->rule->shape.n_integrals)
    visit_driven(tile, projection, row, &fragment, clock, &a, before);
  else if (projection->rule)
    visit_plastic(tile, projection, row, &fragment, clock, &a, before);
  else
    visit_static(tile, projection, row, &fragment, &a);
  ql_mark_arrival(projection, fragment.mark, QUELL_PRE, (uint32_t)clock, before);
}

void ql_visit_late(ql_tile *tile, const quell_projection *projection, uint32_t row,
                   uint64_t clock) {
  ql_fragment fragment = fragment_on(tile, projection, row);
  if (!fragment.n) return;
  double before[QL_MAX_TRACES];
  ql_row_traces(projection, fragment.mark, (uint32_t)clock, before);
  uint64_t fresh = ql_whole(fragment.mark->fresh, clock);
  const ql_epoch *epoch = ql_epoch_at(projection, clock);
  const ql_arrived *last = &fragment.mark->late;
  uint32_t block = projection->network->block_size;
  uint32_t ordinal = last->stamp == (uint32_t)clock ? last->n : 0;
  ql_lanes k = ql_lanes_of(tile, projection, projection->use, &fragment);
  for (uint32_t from = 0; from < fragment.n; from += block) {
    ql_prefetch_block(projection, &fragment, from + block);
    ql_lanes_load(&k, &fragment, row, from, shorter(fragment.n - from, block));
    ql_replay(&k, fresh, clock);
    if (epoch->on) row_event(&k, QUELL_LATE, epoch, (uint32_t)clock, ordinal, before);
    ql_lanes_store(&k, &fragment, from);
  }
  ql_lanes_done(&k);
  if ((int64_t)(clock - fresh) > 0) fragment.mark->fresh = (uint32_t)clock;
  ql_mark_arrival(projection, fragment.mark, QUELL_LATE, (uint32_t)clock, before);
}

/* Brings w' to the window of `clock`, and perhaps to the weights or back: see reframing. */
static void reframe(ql_tile *tile, const quell_projection *projection, uint32_t row,
                    const ql_fragment *fragment, uint64_t clock, ql_reframing to) {
  ql_lanes k = ql_lanes_of(tile, projection, projection->use, fragment);
  const ql_carried carried = ql_carried_by(fragment->mark);
  uint64_t now = ql_window_of(projection->use->side, clock);
  if (to == QL_ADVANCED && ql_whole(fragment->mark->window, now) >= now) return;
  uint32_t block = projection->network->block_size;
  for (uint32_t from = 0; from < fragment->n; from += block) {
    ql_lanes_load(&k, fragment, row, from, shorter(fragment->n - from, block));
    if (to != QL_CLOSED) ql_frame_advance(&k, clock);
    if (to == QL_OPENED) ql_frame_open(&k, clock, projection->rule->instance);
    if (to == QL_CLOSED) ql_frame_close(&k, clock, &carried);
    ql_lanes_store(&k, fragment, from);
  }
  fragment->mark->window = (uint32_t)now;
}

void ql_reframe(ql_tile *tile, const quell_projection *projection, uint32_t row, uint64_t clock,
                ql_reframing to) {
  ql_fragment fragment = fragment_on(tile, projection, row);
  if (fragment.n) reframe(tile, projection, row, &fragment, ql_frame_clock(tile, clock), to);
}

void ql_settle(ql_tile *tile, const quell_projection *projection, uint32_t row, uint64_t until) {
  ql_fragment fragment = fragment_on(tile, projection, row);
  if (!fragment.n || !projection->rule) return;
  uint64_t fresh = ql_whole(fragment.mark->fresh, until);
  if ((int64_t)(until - fresh) <= 0) return;
  if (projection->rule->shape.n_integrals) {
    fragment.mark->fresh = (uint32_t)until;
    if (!ql_epoch_at(projection, until - 1)->on) return;
    reframe(tile, projection, row, &fragment, until - 1, QL_ADVANCED);
    return;
  }
  ql_lanes k = ql_lanes_of(tile, projection, projection->use, &fragment);
  uint32_t block = projection->network->block_size;
  for (uint32_t from = 0; from < fragment.n; from += block) {
    ql_lanes_load(&k, &fragment, row, from, shorter(fragment.n - from, block));
    ql_replay(&k, fresh, until);
    ql_lanes_store(&k, &fragment, from);
  }
  ql_lanes_done(&k);
  fragment.mark->fresh = (uint32_t)until;
}

/* Reading. */

static void copy_settled(const quell_projection *projection, const ql_fragment *fragment, int var,
                         uint32_t from, uint32_t n, float *values) {
  const float *stored = var < 0 ? fragment->w : fragment->var[var];
  for (uint32_t i = 0; i < n; i++) values[i] = stored ? stored[from + i] : projection->weight;
}

/* Whether what is stored is what is read. */
static int is_settled(const quell_projection *projection, const ql_fragment *fragment,
                      uint64_t until) {
  if (projection->network->phase == QL_BUILDING || !projection->rule) return 1;
  const ql_shape *shape = &projection->rule->shape;
  if (shape->event[QUELL_READ].call || shape->n_integrals) return 0;
  return (int64_t)(until - ql_whole(fragment->mark->fresh, until)) <= 0;
}

void ql_peek(ql_tile *tile, const quell_projection *projection, uint32_t row, uint64_t until,
             int var, uint32_t from, uint32_t n, float *values) {
  ql_fragment fragment = fragment_on(tile, projection, row);
  if (!n) return;
  if (is_settled(projection, &fragment, until)) {
    copy_settled(projection, &fragment, var, from, n, values);
    return;
  }
  double now[QL_MAX_TRACES];
  ql_row_traces(projection, fragment.mark, (uint32_t)until, now);
  uint64_t fresh = ql_whole(fragment.mark->fresh, until);
  if ((int64_t)(until - fresh) < 0) fresh = until;
  ql_lanes k = ql_lanes_of(tile, projection, projection->use, &fragment);
  uint32_t block = projection->network->block_size;
  for (uint32_t done = 0; done < n; done += block) {
    uint32_t live = shorter(n - done, block);
    ql_lanes_load(&k, &fragment, row, from + done, live);
    ql_replay(&k, fresh, until);
    const ql_epoch *epoch = ql_epoch_at(projection, until);
    if (epoch->on && k.shape->n_integrals) {
      ql_frame_advance(&k, ql_frame_clock(tile, until));
      ql_frame_open(&k, ql_frame_clock(tile, until), epoch->instance);
    }
    if (epoch->on && k.shape->event[QUELL_READ].call)
      row_event(&k, QUELL_READ, epoch, (uint32_t)until, 0, now);
    memcpy(values + done, var < 0 ? k.scratch->w : k.scratch->var[var], live * sizeof *values);
  }
}

#include "engine/plasticity.h"

#include "engine/anchor.h"
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
                      uint32_t clock, double *since, float *bound) {
  double param[QL_MAX_RULE_PARAMS];
  const ql_arrived *last = &fragment->mark->spike;
  const quell_rule *rule = projection->release->rule;
  double *units = fragment->row_var + projection->n_row_vars;
  *since = last->n ? (clock - last->stamp) * projection->network->dt : (double)INFINITY;
  const double *now = ql_params_at_arrival(projection->release, clock, *since, units, param);
  for (uint32_t i = 0; i < rule->shape.n_bound; i++) bound[i] = (float)now[rule->shape.bound[i]];
  return rule->desc->release(fragment->row_var, *since, now, rule->instance->constants);
}

/* An arrival at a row whose projection has short-term plasticity, or has not. */
typedef struct arrival {
  uint32_t stamp;
  float efficacy, since;
  float bound[QL_MAX_BOUND]; /* parameters of short-term plasticity, as they were for it */
} arrival;

/* Each synapse releases by itself. */
static void release_lanes(ql_lanes *k, const arrival *a) {
  ql_scratch *s = k->scratch;
  ql_lanes by = *k;
  ql_call call;
  by.use = k->projection->release;
  by.shape = &by.use->rule->shape;
  by.applied = 0;
  ql_call_prepare(&by, &call, QUELL_RELEASE, by.use->rule->instance, s->out, s->var);
  call.low = -INFINITY;
  call.high = INFINITY;
  call.block.efficacy = a->efficacy;
  call.block.elapsed = a->since;
  for (uint32_t p = 0; p < by.shape->n_bound; p++)
    for (uint32_t i = 0; i < ql_padded(by.live); i++) s->bound[p][i] = a->bound[p];
  uint32_t ordinal = by.mark->spike.stamp == a->stamp ? by.mark->spike.n : 0;
  ql_draw_row(&by, call.event, QUELL_RELEASE, a->stamp, ordinal);
  ql_call_rule(&by, &call, by.live);
  by.applied = 0; /* no weight has changed */
  ql_lanes_done(&by);
}

static arrival arrive(ql_tile *tile, const quell_projection *projection,
                      const ql_fragment *fragment, uint32_t clock) {
  arrival a = {.stamp = clock};
  double since = 0.0, efficacy = 1.0;
  if (projection->release) efficacy = release(projection, fragment, clock, &since, a.bound);
  if (!isfinite((float)efficacy)) ql_blame(tile, projection->release->rule);
  a.efficacy = (float)efficacy;
  a.since = (float)since;
  return a;
}

/* Short-term plasticity that acts on each synapse by itself. */
static int releases_lanes(const quell_projection *projection) {
  return projection->release && projection->release->rule->shape.event[QUELL_RELEASE].call;
}

/* What the projection's gain makes of what is delivered. */
static void scale_by_gain(const ql_lanes *k, uint32_t clock, float *out) {
  const ql_dial *dial = k->projection->gain;
  uint32_t horizon = k->projection->network->horizon;
  const float *gain = dial->ring + (clock & (horizon - 1));
  const uint32_t *territory =
      dial->wide ? ql_channel_territory(dial->wide, k->projection->post) : NULL;
  for (uint32_t i = 0; i < k->live; i++) {
    uint32_t at = territory ? territory[k->tile->first + k->target[i]] : 0;
    out[i] *= gain[(size_t)at * horizon];
  }
}

static void deliver(ql_lanes *k, const arrival *a) {
  ql_scratch *s = k->scratch;
  const float *w = s->w;
  if (k->projection->release || k->projection->gain) {
    w = s->out;
    memcpy(s->out, s->w, ql_padded(k->live) * sizeof *s->out);
    if (releases_lanes(k->projection))
      release_lanes(k, a);
    else
      for (uint32_t i = 0; i < k->live; i++) s->out[i] *= a->efficacy; /* 1 without release */
    if (k->projection->gain) scale_by_gain(k, a->stamp, s->out);
  }
  ql_deliver(k->tile, k->projection, a->stamp, k->live, k->target, s->delay, w);
}

/* A row without a rule that learns at events. */
static void visit_static(ql_tile *tile, const quell_projection *projection, uint32_t row,
                         const ql_fragment *fragment, const arrival *a) {
  if (!releases_lanes(projection) && !projection->gain) {
    ql_deliver_row(tile, projection, row, a->stamp, a->efficacy);
    return;
  }
  const ql_use *use = projection->release ? projection->release : projection->use;
  ql_lanes k = ql_lanes_of(tile, projection, use, fragment);
  for (uint32_t from = 0; from < fragment->n; from += QL_BLOCK) {
    ql_lanes_load(&k, fragment, row, from, shorter(fragment->n - from, QL_BLOCK));
    deliver(&k, a);
    ql_lanes_store(&k, fragment, from);
  }
  tile->work.synaptic += fragment->n;
  ql_lanes_done(&k);
}

void ql_deliver_territories(ql_tile *tile, const quell_projection *projection, uint32_t row,
                            uint32_t clock, float scale) {
  ql_fragment fragment = fragment_on(tile, projection, row);
  ql_scratch *s = tile->scratch;
  ql_lanes k = {.tile = tile, .projection = projection, .scratch = s};
  for (uint32_t from = 0; from < fragment.n; from += QL_BLOCK) {
    ql_lanes_load(&k, &fragment, row, from, shorter(fragment.n - from, QL_BLOCK));
    for (uint32_t i = 0; i < k.live; i++) s->w[i] *= scale;
    scale_by_gain(&k, clock, s->w);
    ql_deliver(tile, projection, clock, k.live, k.target, s->delay, s->w);
  }
  tile->work.synaptic += fragment.n;
}

/* Learning. */

/* Notes how far a row has come: see ql_replay(). */
static void come_to(const quell_projection *projection, ql_mark *mark, uint64_t until,
                    uint64_t at) {
  const ql_moving *moving = projection->use[0].moving;
  if ((int32_t)((uint32_t)until - mark->fresh) > 0) mark->fresh = (uint32_t)until;
  if (moving && moving->n) mark->window = (uint32_t)ql_moving_window(moving, at);
  mark->pulsed = (uint32_t)at;
}

static void learn_and_deliver(ql_lanes *k, const ql_epoch *epoch, const arrival *a,
                              const double *before) {
  int learns = epoch->on && k->shape->event[QUELL_PRE].call;
  int first = k->use->rule->desc->flags & QUELL_TRANSMIT_FIRST;
  const ql_arrived *last = &k->mark->spike;
  if (first) deliver(k, a);
  if (learns)
    ql_row_event(k, QUELL_PRE, epoch, a->stamp, last->stamp == a->stamp ? last->n : 0, before);
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

/* While learning is off an arrival is no event: what the delivery made of a block for itself,
 * weights within their bounds, is not kept. */
static void keep(ql_lanes *k, int back) {
  const ql_use *use = k->use;
  ql_scratch *s = k->scratch;
  memcpy(back ? s->w : s->was[0], back ? s->was[0] : s->w, k->live * sizeof *s->w);
  for (uint32_t i = 0; i < k->shape->n_eligibilities; i++) {
    float *e = s->var[use->first_var + k->shape->n_vars + i], *was = s->was[1 + i];
    memcpy(back ? e : was, back ? was : e, k->live * sizeof *e);
  }
}

static void visit_plastic(ql_tile *tile, const quell_projection *projection, uint32_t row,
                          const ql_fragment *fragment, uint64_t clock, const arrival *a,
                          const double *before) {
  uint64_t fresh = ql_whole(fragment->mark->fresh, clock);
  uint64_t until = clock + (tie_of(projection) == QUELL_POST_FIRST);
  const ql_epoch *epoch = ql_epoch_at(projection, clock);
  uint32_t block = projection->network->block_size;
  int anchored = ql_anchors(projection->use) != NULL;
  ql_lanes k = ql_lanes_of(tile, projection, projection->use, fragment);
  for (uint32_t from = 0; from < fragment->n; from += block) {
    ql_prefetch_block(projection, fragment, from + block);
    ql_lanes_load(&k, fragment, row, from, shorter(fragment->n - from, block));
    ql_replay(&k, fresh, until, clock);
    if (anchored && !epoch->on) keep(&k, 0);
    if (anchored) ql_anchor_open(&k, clock, epoch->instance);
    learn_and_deliver(&k, epoch, a, before);
    if (anchored && epoch->on) ql_anchor_close(&k, clock);
    if (anchored && !epoch->on) keep(&k, 1);
    ql_lanes_store(&k, fragment, from);
  }
  tile->work.synaptic += fragment->n;
  ql_lanes_done(&k);
  come_to(projection, fragment->mark, until, clock);
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
    ql_replay(&k, fresh, clock, clock);
    if (epoch->on) ql_closed_event(&k, QUELL_LATE, epoch, (uint32_t)clock, ordinal, before);
    ql_lanes_store(&k, &fragment, from);
  }
  ql_lanes_done(&k);
  come_to(projection, fragment.mark, clock, clock);
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

/* See ql_replay(). */
static void settle(ql_tile *tile, const quell_projection *projection, uint32_t row,
                   const ql_fragment *fragment, uint64_t until, uint64_t at) {
  uint64_t fresh = ql_whole(fragment->mark->fresh, until);
  if ((int64_t)(until - fresh) < 0) fresh = until;
  uint32_t block = projection->network->block_size;
  ql_lanes k = ql_lanes_of(tile, projection, projection->use, fragment);
  for (uint32_t from = 0; from < fragment->n; from += block) {
    ql_lanes_load(&k, fragment, row, from, shorter(fragment->n - from, block));
    ql_replay(&k, fresh, until, at);
    ql_lanes_store(&k, fragment, from);
  }
  ql_lanes_done(&k);
  come_to(projection, fragment->mark, until, at);
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
  settle(tile, projection, row, &fragment, until, until - 1);
}

void ql_write(ql_tile *tile, const quell_projection *projection, uint32_t row, uint64_t clock,
              int var, uint32_t from, uint32_t n, const float *values) {
  ql_fragment fragment = fragment_on(tile, projection, row);
  settle(tile, projection, row, &fragment, clock, clock);
  ql_lanes k = ql_lanes_of(tile, projection, projection->use, &fragment);
  const ql_epoch *epoch = ql_epoch_at(projection, clock);
  uint32_t block = projection->network->block_size;
  for (uint32_t done = 0; done < n; done += block) {
    uint32_t live = shorter(n - done, block);
    ql_lanes_load(&k, &fragment, row, from + done, live);
    ql_anchor_open(&k, clock, epoch->instance);
    memcpy(var < 0 ? k.scratch->w : k.scratch->var[var], values + done, live * sizeof *values);
    ql_anchor_close(&k, clock);
    ql_lanes_store(&k, &fragment, from + done);
  }
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
  if (shape->event[QUELL_READ].call || shape->n_integrals || shape->n_eligibilities) return 0;
  if (shape->event[QUELL_PULSE].call) return 0;
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
    ql_replay(&k, fresh, until, until);
    const ql_epoch *epoch = ql_epoch_at(projection, until);
    if (ql_anchors(k.use)) ql_anchor_open(&k, until, epoch->instance);
    if (epoch->on && k.shape->n_integrals) {
      ql_frame_advance(&k, ql_frame_clock(tile, until));
      ql_frame_open(&k, ql_frame_clock(tile, until), epoch->instance);
    }
    if (epoch->on && k.shape->event[QUELL_READ].call)
      ql_row_event(&k, QUELL_READ, epoch, (uint32_t)until, 0, now);
    memcpy(values + done, var < 0 ? k.scratch->w : k.scratch->var[var], live * sizeof *values);
  }
}

#include "engine/lanes.h"

#include "base/math.h"
#include "base/philox.h"
#include "base/random.h"
#include "engine/moving.h"
#include "engine/side.h"
#include <string.h>

/* Ages are in float like those of the post side, so that equal times are equal. */
static double passed(const quell_projection *projection, uint32_t t, double value, uint32_t age) {
  if (projection->pre_trace[t].kind == QUELL_TRACE_AGE)
    return value + (double)((float)age * (float)projection->network->dt);
  return value * ql_decay_carry(&projection->pre_decay[t], age);
}

void ql_row_traces(const quell_projection *projection, const ql_mark *mark, uint32_t stamp,
                   double *value) {
  for (uint32_t t = 0; t < projection->n_pre; t++) {
    const ql_trace *trace = &projection->pre_trace[t];
    const ql_arrived *last = ql_arrived_on(mark, trace->side);
    double after = ql_raised(trace->kind, mark->pre_trace[t], last->n);
    double none = trace->kind == QUELL_TRACE_AGE ? (double)QL_NEVER : 0.0;
    value[t] = last->n ? passed(projection, t, after, stamp - last->stamp) : none;
  }
}

void ql_mark_arrival(const quell_projection *projection, ql_mark *mark, uint32_t side,
                     uint32_t stamp, const double *before) {
  ql_arrived *last = side == QUELL_LATE ? &mark->late : &mark->spike;
  if (last->n && last->stamp == stamp) {
    last->n++; /* the traces stay as they were before all arrivals of this stamp */
    return;
  }
  last->stamp = stamp;
  last->n = 1;
  for (uint32_t t = 0; t < projection->n_pre; t++)
    if (projection->pre_trace[t].side == side) mark->pre_trace[t] = before[t];
}

static int sees_coincident(const ql_lanes *k, uint32_t side) {
  if (side == QUELL_LATE) return 1;
  return k->use->rule->value[k->shape->tie] != QUELL_EXCLUSIVE;
}

/* What post events read of a pre trace. */
static void prepare_pre(ql_lanes *k, uint32_t t) {
  uint32_t at = k->use->first_pre + t;
  const ql_trace *trace = &k->projection->pre_trace[at];
  const ql_arrived *last = ql_arrived_on(k->mark, trace->side);
  float none = trace->kind == QUELL_TRACE_AGE ? QL_NEVER : 0.0f;
  k->after[t] = last->n ? (float)ql_raised(trace->kind, k->mark->pre_trace[at], last->n) : none;
  k->coincident[t] =
      last->n && !sees_coincident(k, trace->side) ? (float)k->mark->pre_trace[at] : k->after[t];
}

ql_lanes ql_lanes_of(ql_tile *tile, const quell_projection *projection, const ql_use *use,
                     const ql_fragment *fragment) {
  ql_lanes k = {.tile = tile,
                .projection = projection,
                .use = use,
                .shape = &use->rule->shape,
                .scratch = tile->scratch,
                .mark = fragment->mark};
  for (uint32_t t = 0; k.mark && k.shape->event[QUELL_POST].call && t < k.shape->n_pre; t++)
    prepare_pre(&k, t);
  return k;
}

static void load_delays(const quell_projection *projection, const ql_fragment *fragment,
                        uint32_t from, uint32_t n, uint32_t *restrict delay) {
  const uint8_t *bytes = (const uint8_t *)fragment->delay + from;
  const uint16_t *words = (const uint16_t *)fragment->delay + from;
  if (projection->delay_bytes == 0) {
    for (uint32_t i = 0; i < n; i++) delay[i] = projection->dendritic_min;
  } else if (projection->delay_bytes == 1) {
    for (uint32_t i = 0; i < n; i++) delay[i] = bytes[i];
  } else {
    for (uint32_t i = 0; i < n; i++) delay[i] = words[i];
  }
}

/* A rule may divide by its variable: padding has the value that the variable begins with. */
static void pad_var(const ql_lanes *k, uint32_t v, float *var) {
  for (uint32_t i = k->live; i < ql_padded(k->live); i++) var[i] = k->projection->var_value[v];
}

void ql_lanes_load(ql_lanes *k, const ql_fragment *fragment, uint32_t row, uint32_t from,
                   uint32_t live) {
  ql_scratch *s = k->scratch;
  const quell_projection *projection = k->projection;
  k->live = live;
  k->first = projection->row_start[row] + projection->parts[k->tile->number].row[row].place + from;
  k->target = fragment->target + from;
  if (fragment->w)
    memcpy(s->w, fragment->w + from, live * sizeof *s->w);
  else
    for (uint32_t i = 0; i < live; i++) s->w[i] = projection->weight;
  ql_pad(s->w, live);
  for (uint32_t v = 0; v < projection->n_vars; v++) {
    memcpy(s->var[v], fragment->var[v] + from, live * sizeof *s->var[v]);
    pad_var(k, v, s->var[v]);
  }
  load_delays(projection, fragment, from, live, s->delay);
}

void ql_lanes_store(const ql_lanes *k, const ql_fragment *fragment, uint32_t from) {
  if (fragment->w) memcpy(fragment->w + from, k->scratch->w, k->live * sizeof(float));
  for (uint32_t v = 0; v < k->projection->n_vars; v++)
    memcpy(fragment->var[v] + from, k->scratch->var[v], k->live * sizeof(float));
}

/* Goes back from events that are not before `until`; they are few, if the delay is short. */
static void pass_over_late(ql_lanes *k, uint32_t until) {
  const ql_history *history = &k->tile->history;
  ql_scratch *s = k->scratch;
  uint32_t n = 0;
  for (uint32_t i = 0; i < k->live; i++) {
    s->spare[n] = i;
    n += !ql_stamp_before(s->newest[i], until);
  }
  if (!n) return;
  memset(s->late, 0, k->live * sizeof *s->late);
  for (uint32_t i = 0; i < n; i++) {
    uint32_t lane = s->spare[i], late = 0, neuron = k->target[lane];
    uint32_t number = history->count[neuron] - 1;
    for (; !ql_stamp_before(s->newest[lane], until); late++)
      s->newest[lane] = ql_event_stamp(history, neuron, --number) + s->delay[lane];
    s->late[lane] = late;
    s->at[lane] += late * history->neurons;
    if (late > k->latest) k->latest = late;
  }
}

QL_LOOP void newest_events(uint32_t n, const uint32_t *restrict stamp,
                           const uint16_t *restrict target, const uint32_t *restrict delay,
                           uint32_t *restrict at, uint32_t *restrict newest) {
  for (uint32_t i = 0; i < n; i++) {
    at[i] = target[i];
    newest[i] = stamp[(int32_t)target[i]] + delay[i];
  }
}

void ql_locate(ql_lanes *k, uint32_t until) {
  const ql_history *history = &k->tile->history;
  ql_scratch *s = k->scratch;
  k->latest = 0;
  newest_events(k->live, history->recent, k->target, s->delay, s->at, s->newest);
  if (!ql_stamp_before(history->latest + k->projection->dendritic_max, until))
    pass_over_late(k, until);
}

/* Traces. */

void ql_decay_values(const ql_decay *restrict decay, uint32_t n, const uint32_t *restrict age,
                     float *restrict value) {
  const float rate = decay->rate;
  const uint32_t end = decay->end;
  for (uint32_t i = 0; i < n; i++) value[i] *= ql_decay_over(rate, end, age[i]);
}

void ql_ages_in_ms(double dt, uint32_t n, const uint32_t *restrict age, float *restrict value) {
  const float ms = (float)dt;
  const uint32_t ever = QL_LONG_AGO / 2; /* what is older stands for a spike that never was */
  for (uint32_t i = 0; i < n; i++) {
    float since = (float)(int32_t)age[i] * ms;
    value[i] = age[i] < ever ? since : QL_NEVER;
  }
}

QL_LOOP void since_newest(uint32_t n, uint32_t stamp, const uint32_t *restrict newest,
                          uint32_t *restrict age) {
  for (uint32_t i = 0; i < n; i++) age[i] = stamp - newest[i];
}

QL_LOOP void pick(uint32_t n, const float *restrict value, const uint16_t *restrict target,
                  float *restrict out) {
  for (uint32_t i = 0; i < n; i++) out[i] = value[(int32_t)target[i]];
}

/* Post trace i of all lanes at `stamp`. */
static void gather_post(ql_lanes *k, uint32_t i, uint32_t stamp) {
  const ql_history *history = &k->tile->history;
  ql_scratch *s = k->scratch;
  uint32_t n = ql_padded(k->live), trace = k->use->post_trace[i];
  float *out = s->post[i];
  since_newest(k->live, stamp, s->newest, s->spare);
  ql_pad_ages(s->spare, k->live);
  if (k->shape->post[i].kind == QUELL_TRACE_AGE) {
    ql_ages_in_ms(k->projection->network->dt, n, s->spare, out);
    return;
  }
  pick(k->live, history->value + (size_t)trace * history->neurons, k->target, out);
  for (uint32_t lane = 0; k->latest && lane < k->live; lane++)
    if (s->late[lane])
      out[lane] = ql_event_trace(history, k->target[lane], ql_number_of(k, lane, 0), trace);
  ql_pad(out, k->live);
  ql_decay_values(&history->trace[trace].decay, n, s->spare, out);
}

void ql_gather_inputs(ql_lanes *k, const ql_call *call, uint32_t stamp, const double *row) {
  ql_scratch *s = k->scratch;
  const ql_event *event = call->event;
  for (uint32_t t = 0; t < k->shape->n_pre; t++)
    for (uint32_t i = 0; event->wants_pre >> t & 1 && i < ql_padded(k->live); i++)
      s->pre[t][i] = (float)row[k->use->first_pre + t];
  for (uint32_t t = 0; t < k->shape->n_post; t++)
    if (event->wants_post >> t & 1) gather_post(k, t, stamp);
  for (uint32_t i = 0; i < k->shape->n_signals; i++) {
    if (!(event->wants_signal >> i & 1)) continue;
    pick(k->live, k->use->side->signal[i] + k->tile->first, k->target, s->signal[i]);
    ql_pad(s->signal[i], k->live);
  }
}

/* Calls. */

QL_LOOP void fill(uint32_t n, float value, float *restrict to) {
  for (uint32_t i = 0; i < n; i++) to[i] = value;
}

static int is_moving(const ql_lanes *k, uint32_t dial) {
  return k->use->moving && ql_moves(&k->use->moving->dial[dial]);
}

/* Factors on changes are 1 where nothing moves them. */
static void prepare_scales(ql_lanes *k, ql_call *call, uint32_t kind) {
  const ql_moving *moving = k->use->moving;
  call->scales = ((moving && moving->scales) || k->shape->defers) && kind != QUELL_REDUCE;
  for (uint32_t d = 0; call->scales && d < QL_FIRST_BOUND; d++)
    if (!is_moving(k, d)) fill(ql_padded(k->live), 1.0f, k->scratch->scale[d]);
}

void ql_call_prepare(ql_lanes *k, ql_call *call, uint32_t kind, const ql_instance *instance,
                     float *w, float (*var)[QL_BLOCK]) {
  ql_scratch *s = k->scratch;
  const ql_event *event = &k->shape->event[kind];
  call->event = event;
  call->instance = instance;
  call->low = instance->w_min;
  call->high = instance->w_max;
  for (uint32_t v = 0; v < k->shape->n_vars; v++) call->var[v] = var[k->use->first_var + v];
  for (uint32_t i = 0; i < k->shape->n_eligibilities; i++)
    call->elig[i] = var[k->use->first_var + k->shape->n_vars + i];
  for (uint32_t i = 0; i < QL_MAX_TRACES; i++) {
    call->pre[i] = event->wants_pre >> i & 1 ? s->pre[i] : NULL;
    call->post[i] = event->wants_post >> i & 1 ? s->post[i] : NULL;
  }
  for (uint32_t i = 0; i < QL_MAX_SIGNALS; i++)
    call->signal[i] = event->wants_signal >> i & 1 ? s->signal[i] : NULL;
  for (uint32_t i = 0; i < event->uniforms + event->normals; i++) call->random[i] = s->random[i];
  for (uint32_t i = 0; i < k->shape->n_bound; i++) {
    call->bound[i] = s->bound[i];
    if (!is_moving(k, QL_FIRST_BOUND + i))
      fill(ql_padded(k->live), instance->bound[i], s->bound[i]);
  }
  prepare_scales(k, call, kind);
  call->block = (quell_block){.struct_size = sizeof(quell_block),
                              .event = kind,
                              .instance = instance->constants,
                              .w = w,
                              .var = call->var,
                              .pre = call->pre,
                              .post = call->post,
                              .signal = call->signal,
                              .random = call->random,
                              .elig = call->elig,
                              .bound = call->bound,
                              .pulse = kind == QUELL_PULSE ? s->pulse : NULL};
}

/* Puts back the lanes of a group from `live` on. */
static void restore(float *restrict group, const float *restrict before, uint32_t live) {
  for (uint32_t i = 0; i < QL_LANES; i++) group[i] = i < live ? group[i] : before[i];
}

/* Whether any of them is no number. */
QL_LOOP int any_wrong(uint32_t n, const float *restrict value) {
  int32_t wrong = 0;
  for (uint32_t i = 0; i < n; i++) wrong |= !(value[i] - value[i] == 0.0f);
  return wrong;
}

/* What the rule has done to a value becomes as much of it as the factors say. */
QL_LOOP void scale_change(uint32_t n, float (*restrict by)[QL_BLOCK], const float *restrict was,
                          float *restrict value) {
  const float *restrict all = by[QL_LEARNING], *restrict up = by[QL_POTENTIATION],
                        *restrict down = by[QL_DEPRESSION];
  for (uint32_t i = 0; i < n; i++) {
    float change = value[i] - was[i];
    float side = change > 0.0f ? up[i] : down[i];
    value[i] = was[i] + change * (all[i] * side);
  }
}

/* What it has done to the weight goes into the eligibility. */
QL_LOOP void defer_change(uint32_t n, float (*restrict by)[QL_BLOCK], const float *restrict was,
                          float *restrict w, float *restrict e) {
  const float *restrict all = by[QL_LEARNING], *restrict up = by[QL_POTENTIATION],
                        *restrict down = by[QL_DEPRESSION];
  for (uint32_t i = 0; i < n; i++) {
    float change = w[i] - was[i];
    float side = change > 0.0f ? up[i] : down[i];
    e[i] += change * (all[i] * side);
    w[i] = was[i];
  }
}

static void call_scaled(ql_lanes *k, ql_call *call, uint32_t n) {
  ql_scratch *s = k->scratch;
  quell_block *block = &call->block;
  memcpy(s->was[0], block->w, n * sizeof(float));
  for (uint32_t i = 0; i < k->shape->n_eligibilities; i++)
    memcpy(s->was[1 + i], call->elig[i], n * sizeof(float));
  call->event->call(block);
  if (k->shape->defers) {
    defer_change(n, s->scale, s->was[0], block->w, call->elig[0]);
    return;
  }
  scale_change(n, s->scale, s->was[0], block->w);
  for (uint32_t i = 0; i < k->shape->n_eligibilities; i++)
    scale_change(n, s->scale, s->was[1 + i], call->elig[i]);
}

void ql_call_rule(ql_lanes *k, ql_call *call, uint32_t live) {
  quell_block *block = &call->block;
  const float low = call->low, high = call->high;
  uint32_t n = ql_padded(live), last = n - QL_LANES, n_vars = ql_kept_vars(k->shape);
  float *var[QL_MAX_VARS];
  for (uint32_t v = 0; v < n_vars; v++)
    var[v] = v < k->shape->n_vars ? call->var[v] : call->elig[v - k->shape->n_vars];
  float *restrict w = block->w, before[1 + QL_MAX_VARS][QL_LANES];
  memcpy(before[0], w + last, sizeof before[0]);
  for (uint32_t v = 0; v < n_vars; v++) memcpy(before[1 + v], var[v] + last, sizeof before[0]);
  block->n = n;
  block->live = live;
  if (call->scales)
    call_scaled(k, call, n);
  else
    call->event->call(block);
  for (uint32_t i = 0; i < n; i++) w[i] = ql_clip(w[i], low, high);
  restore(w + last, before[0], live - last);
  k->wrong |= any_wrong(n, w);
  for (uint32_t v = 0; v < n_vars; v++) {
    restore(var[v] + last, before[1 + v], live - last);
    k->wrong |= any_wrong(n, var[v]);
  }
  k->applied += live;
}

void ql_lanes_done(const ql_lanes *k) {
  k->tile->work.plastic += k->applied;
  if (k->wrong) ql_blame(k->tile, k->use->rule);
}

void ql_blame(ql_tile *tile, const quell_rule *rule) {
  if (tile->status) return;
  tile->status = QUELL_E_RANGE;
  tile->wrong = rule;
}

/* Chance. */

/* A key of its own for each event, so that the counter is left for the synapse. */
static ql_block key_of_event(const quell_projection *projection, uint32_t kind, uint32_t stamp,
                             uint32_t ordinal) {
  uint64_t seed = projection->network->seed;
  ql_block event = {stamp, ordinal, kind, QL_DRAW_EVENT};
  return ql_philox_block((uint32_t)seed, (uint32_t)(seed >> 32), event);
}

static void draw_lane(const ql_lanes *k, const ql_event *event, ql_block key, uint64_t synapse,
                      uint32_t i) {
  uint32_t n = event->uniforms + event->normals, word[2 * QL_MAX_RANDOM];
  for (uint32_t b = 0; 4 * b < n; b++) {
    ql_block counter = {b, (uint32_t)synapse, (uint32_t)(synapse >> 32), k->projection->number};
    ql_block drawn = ql_philox_block(key.x0, key.x1, counter);
    memcpy(word + 4 * b, &drawn, sizeof drawn);
  }
  for (uint32_t r = 0; r < n; r++) {
    float uniform = ((float)(word[r] >> 9) + 0.5f) * 0x1p-23f;
    k->scratch->random[r][i] =
        r < event->uniforms ? uniform : (float)ql_normal_quantile((word[r] + 0.5) * 0x1p-32);
  }
}

void ql_draw_random(ql_lanes *k, const ql_event *event, uint32_t kind, uint32_t n,
                    const uint32_t *lane, const uint32_t *stamp, const uint32_t *ordinal) {
  uint32_t randoms = event->uniforms + event->normals;
  if (!randoms) return;
  ql_block key = {0};
  for (uint32_t i = 0; i < n; i++) {
    int same = i && stamp[i] == stamp[i - 1] && ordinal[i] == ordinal[i - 1];
    if (!same) key = key_of_event(k->projection, kind, stamp[i], ordinal[i]);
    draw_lane(k, event, key, k->first + (lane ? lane[i] : i), i);
  }
  for (uint32_t r = 0; r < randoms; r++)
    for (uint32_t i = n; i < ql_padded(n); i++) k->scratch->random[r][i] = 0.5f;
}

void ql_draw_row(ql_lanes *k, const ql_event *event, uint32_t kind, uint32_t stamp,
                 uint32_t ordinal) {
  ql_scratch *s = k->scratch;
  if (!event->uniforms && !event->normals) return;
  for (uint32_t i = 0; i < k->live; i++) {
    s->when[i] = stamp;
    s->spare[i] = ordinal;
  }
  ql_draw_random(k, event, kind, k->live, NULL, s->when, s->spare);
}

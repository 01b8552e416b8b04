#include "engine/plasticity.h"

#include "engine/epoch.h"
#include <string.h>

/* A block of one fragment while it is worked on. */
typedef struct work {
  ql_tile *tile;
  const quell_projection *projection;
  const ql_shape *shape;
  ql_scratch *scratch;
  const ql_mark *mark;
  const float *pre_trace; /* of the row, just before the arrivals at mark->arrived */
  uint32_t live;
  const uint16_t *target; /* of the block */
} work;

static uint32_t padded(uint32_t n) {
  return (n + 15u) & ~15u;
}

static float clip(float w, float low, float high) {
  return w < low ? low : w > high ? high : w;
}

/* Trace of the row with the `arrivals` at its last stamp added to what it was before them. */
static float raised(uint32_t kind, float before, uint32_t arrivals) {
  if (kind == QUELL_TRACE_SET) return arrivals ? 1.0f : before;
  return before + (float)arrivals;
}

/* Pre trace i as a post event at `stamp` reads it. */
static float pre_trace_at(const work *k, uint32_t i, uint32_t stamp, int exclusive) {
  const ql_mark *mark = k->mark;
  if (!mark->arrivals) return 0.0f;
  if (exclusive && stamp == mark->arrived) return k->pre_trace[i];
  float value = raised(k->shape->pre[i].kind, k->pre_trace[i], mark->arrivals);
  return value * ql_decay_over(k->projection->pre_decay[i], stamp - mark->arrived);
}

static uint32_t event_at(const work *k, uint32_t lane, uint32_t number) {
  return ql_event_stamp(&k->tile->history, k->target[lane], number) + k->scratch->delay[lane];
}

/* Post trace i of a lane at `stamp`, from the events of its neuron before event `number`. */
static float post_trace_at(const work *k, uint32_t i, uint32_t lane, uint32_t number,
                           uint32_t stamp) {
  const ql_history *history = &k->tile->history;
  uint32_t neuron = k->target[lane];
  if (number == history->overflow[neuron].first) return 0.0f;
  uint32_t trace = k->projection->post_trace[i];
  return ql_event_trace(history, neuron, number - 1, trace) *
         ql_decay_over(history->trace[trace].decay, stamp - event_at(k, lane, number - 1));
}

/* A rule may divide by its variable: padding has the value that the variable begins with. */
static void pad_var(const work *k, uint32_t v, float *var, uint32_t from, uint32_t to) {
  float value = (float)ql_rule_var(k->projection->rule->desc, v)->value;
  for (uint32_t i = from; i < to; i++) var[i] = value;
}

static void load(work *k, const ql_fragment *fragment, uint32_t from, uint32_t live) {
  ql_scratch *s = k->scratch;
  uint32_t n = padded(live);
  k->live = live;
  k->target = fragment->target + from;
  memcpy(s->w, fragment->w + from, live * sizeof *s->w);
  memset(s->w + live, 0, (n - live) * sizeof *s->w);
  for (uint32_t v = 0; v < k->projection->n_vars; v++) {
    memcpy(s->var[v], fragment->var[v] + from, live * sizeof *s->var[v]);
    pad_var(k, v, s->var[v], live, n);
  }
  ql_fragment_delays(k->projection, fragment, from, live, s->delay);
}

static void store(const work *k, const ql_fragment *fragment, uint32_t from) {
  memcpy(fragment->w + from, k->scratch->w, k->live * sizeof(float));
  for (uint32_t v = 0; v < k->projection->n_vars; v++)
    memcpy(fragment->var[v] + from, k->scratch->var[v], k->live * sizeof(float));
}

/* Finds for each lane the events with a stamp in [fresh, until). Returns 0 if there are none. */
static int find_events(work *k, uint32_t fresh, uint32_t until) {
  const ql_history *history = &k->tile->history;
  ql_scratch *s = k->scratch;
  uint32_t found = 0;
  if (ql_stamp_before(history->latest + k->projection->dendritic_max, fresh)) {
    for (uint32_t lane = 0; lane < k->live; lane++) s->end[lane] = history->count[k->target[lane]];
    return 0;
  }
  for (uint32_t lane = 0; lane < k->live; lane++) {
    uint32_t neuron = k->target[lane], end = history->count[neuron];
    s->end[lane] = s->next[lane] = end;
    if (ql_stamp_before(history->newest[neuron] + s->delay[lane], fresh) || !end) continue;
    uint32_t first = history->overflow[neuron].first;
    while (end != first && !ql_stamp_before(event_at(k, lane, end - 1), until)) end--;
    uint32_t next = end;
    while (next != first && !ql_stamp_before(event_at(k, lane, next - 1), fresh)) next--;
    s->end[lane] = end;
    s->next[lane] = next;
    found |= end - next;
  }
  return found != 0;
}

static void call_rule(const ql_event *event, uint32_t kind, const ql_epoch *epoch, uint32_t live,
                      float *w, float (*var)[QL_BLOCK], uint32_t n_vars, ql_scratch *s) {
  float *vars[QL_MAX_VARS];
  const float *pre[QL_MAX_TRACES], *post[QL_MAX_TRACES];
  for (uint32_t i = 0; i < n_vars; i++) vars[i] = var[i];
  for (uint32_t i = 0; i < QL_MAX_TRACES; i++) {
    pre[i] = event->wants_pre >> i & 1 ? s->pre[i] : NULL;
    post[i] = event->wants_post >> i & 1 ? s->post[i] : NULL;
  }
  const ql_instance *instance = epoch->instance;
  quell_block block = {sizeof block, kind, padded(live), live, instance->constants, w,
                       vars,         pre,  post};
  event->call(&block);
  for (uint32_t i = 0; i < live; i++) w[i] = clip(w[i], instance->w_min, instance->w_max);
}

/* Collects what the lanes of one round need, without gaps: lane i of the round is lane s->lane[i]
 * of the block. */
static void gather_round(work *k, uint32_t n, int exclusive) {
  ql_scratch *s = k->scratch;
  const ql_event *event = &k->shape->on_post;
  uint32_t end = padded(n);
  for (uint32_t i = 0; i < n; i++) s->gathered_w[i] = s->w[s->lane[i]];
  memset(s->gathered_w + n, 0, (end - n) * sizeof(float));
  for (uint32_t v = 0; v < k->projection->n_vars; v++) {
    for (uint32_t i = 0; i < n; i++) s->gathered_var[v][i] = s->var[v][s->lane[i]];
    pad_var(k, v, s->gathered_var[v], n, end);
  }
  for (uint32_t t = 0; t < k->shape->n_pre; t++) {
    if (!(event->wants_pre >> t & 1)) continue;
    for (uint32_t i = 0; i < n; i++)
      s->pre[t][i] = pre_trace_at(k, t, event_at(k, s->lane[i], s->next[s->lane[i]]), exclusive);
    memset(s->pre[t] + n, 0, (end - n) * sizeof(float));
  }
  for (uint32_t t = 0; t < k->shape->n_post; t++) {
    if (!(event->wants_post >> t & 1)) continue;
    for (uint32_t i = 0; i < n; i++) {
      uint32_t lane = s->lane[i], number = s->next[lane];
      s->post[t][i] = post_trace_at(k, t, lane, number, event_at(k, lane, number));
    }
    memset(s->post[t] + n, 0, (end - n) * sizeof(float));
  }
}

static void scatter_round(work *k, uint32_t n) {
  ql_scratch *s = k->scratch;
  for (uint32_t i = 0; i < n; i++) {
    uint32_t lane = s->lane[i];
    s->w[lane] = s->gathered_w[i];
    for (uint32_t v = 0; v < k->projection->n_vars; v++) s->var[v][lane] = s->gathered_var[v][i];
    s->next[lane]++;
  }
}

/* Lanes with an event before `until`, into s->lane. */
static uint32_t lanes_due(work *k, uint32_t until) {
  ql_scratch *s = k->scratch;
  uint32_t n = 0;
  for (uint32_t lane = 0; lane < k->live; lane++)
    if (s->next[lane] != s->end[lane] && ql_stamp_before(event_at(k, lane, s->next[lane]), until))
      s->lane[n++] = lane;
  return n;
}

/* Applies the events before `until` in rounds: round r has the r-th event of each lane. */
static void replay_epoch(work *k, const ql_epoch *epoch, uint32_t until, int exclusive) {
  ql_scratch *s = k->scratch;
  const ql_event *event = &k->shape->on_post;
  for (uint32_t n; (n = lanes_due(k, until)) != 0;) {
    if (epoch->on && event->call) {
      gather_round(k, n, exclusive);
      call_rule(event, QUELL_POST, epoch, n, s->gathered_w, s->gathered_var, k->projection->n_vars,
                s);
      scatter_round(k, n);
    } else {
      for (uint32_t i = 0; i < n; i++) s->next[s->lane[i]]++;
    }
  }
}

static int tie_of(const quell_projection *projection) {
  return (int)projection->rule->value[projection->rule->shape.tie];
}

/* Replays the post events stamped in [fresh, until), each with what held at its stamp. */
static void replay(work *k, uint64_t fresh, uint64_t until) {
  if (!find_events(k, (uint32_t)fresh, (uint32_t)until)) return;
  int exclusive = tie_of(k->projection) == QUELL_EXCLUSIVE;
  const ql_epoch *last = &k->projection->epoch[k->projection->n_epochs - 1];
  const ql_epoch *epoch = ql_epoch_at(k->projection, fresh);
  for (; epoch < last && epoch[1].start < until; epoch++)
    replay_epoch(k, epoch, (uint32_t)epoch[1].start, exclusive);
  replay_epoch(k, epoch, (uint32_t)until, exclusive);
}

/* Post trace i of all lanes at `stamp`. The short way is for a neuron whose last event is before
 * it; one that never fired has a value of 0 there. */
static void gather_post_traces(work *k, uint32_t i, uint32_t stamp) {
  const ql_history *history = &k->tile->history;
  ql_scratch *s = k->scratch;
  uint32_t trace = k->projection->post_trace[i];
  const ql_decay *decay = history->trace[trace].decay;
  for (uint32_t lane = 0; lane < k->live; lane++) {
    uint32_t neuron = k->target[lane], end = s->end[lane];
    if (end != history->count[neuron]) {
      s->post[i][lane] = post_trace_at(k, i, lane, end, stamp);
      continue;
    }
    size_t place = (neuron * (size_t)history->n_traces + trace) * QL_NEWEST + (end - 1) % QL_NEWEST;
    uint32_t age = stamp - history->newest[neuron] - s->delay[lane];
    s->post[i][lane] = history->value[place] * ql_decay_over(decay, age);
  }
}

/* The pre event, on the whole block; `before` are the row's traces as this arrival reads them. */
static void pre_event(work *k, const ql_epoch *epoch, uint32_t stamp, const float *before) {
  ql_scratch *s = k->scratch;
  const ql_event *event = &k->shape->on_pre;
  uint32_t end = padded(k->live);
  for (uint32_t t = 0; t < k->shape->n_pre; t++)
    for (uint32_t i = 0; (event->wants_pre >> t & 1) && i < end; i++)
      s->pre[t][i] = i < k->live ? before[t] : 0.0f;
  for (uint32_t t = 0; t < k->shape->n_post; t++) {
    if (!(event->wants_post >> t & 1)) continue;
    gather_post_traces(k, t, stamp);
    memset(s->post[t] + k->live, 0, (end - k->live) * sizeof(float));
  }
  call_rule(event, QUELL_PRE, epoch, k->live, s->w, s->var, k->projection->n_vars, s);
}

/* A stamp's low 32 bits, made whole again; it is within 2^31 of the clock. */
static uint64_t whole(uint32_t stamp, uint64_t clock) {
  return clock + (uint64_t)(int64_t)(int32_t)(stamp - (uint32_t)clock);
}

static work work_on(ql_tile *tile, const quell_projection *projection, const ql_part *part,
                    uint32_t row) {
  const ql_shape *shape = &projection->rule->shape;
  return (work){.tile = tile,
                .projection = projection,
                .shape = shape,
                .scratch = tile->scratch,
                .mark = &part->mark[row],
                .pre_trace = part->pre_trace + (size_t)row * shape->n_pre};
}

/* The row's traces as an arrival at `stamp` reads them. */
static void traces_before(const work *k, uint32_t stamp, float *before) {
  const ql_mark *mark = k->mark;
  for (uint32_t i = 0; i < k->shape->n_pre; i++) {
    float value = raised(k->shape->pre[i].kind, k->pre_trace[i], mark->arrivals);
    float decay = ql_decay_over(k->projection->pre_decay[i], stamp - mark->arrived);
    before[i] = mark->arrivals ? (float)((double)value * decay) : 0.0f;
  }
}

static void mark_arrival(ql_mark *mark, float *pre_trace, const float *before, uint32_t n_traces,
                         uint32_t stamp) {
  if (mark->arrivals && mark->arrived == stamp) {
    mark->arrivals++; /* the traces stay as they were before all arrivals of this stamp */
    return;
  }
  mark->arrived = stamp;
  mark->arrivals = 1;
  memcpy(pre_trace, before, n_traces * sizeof *before);
}

void ql_visit(ql_tile *tile, const quell_projection *projection, uint32_t row, uint64_t clock) {
  ql_part *part = &projection->parts[tile->number];
  ql_fragment fragment = ql_fragment_of(projection, part, row);
  if (!fragment.n) return;
  work k = work_on(tile, projection, part, row);
  ql_mark *mark = &part->mark[row];
  uint64_t fresh = whole(mark->fresh, clock);
  uint64_t until = clock + (tie_of(projection) == QUELL_POST_FIRST);
  const ql_epoch *epoch = ql_epoch_at(projection, clock);
  int learns = epoch->on && k.shape->on_pre.call;
  float before[QL_MAX_TRACES];
  traces_before(&k, (uint32_t)clock, before);
  uint32_t block = projection->network->block_size;
  for (uint32_t from = 0; from < fragment.n; from += block) {
    load(&k, &fragment, from, fragment.n - from < block ? fragment.n - from : block);
    replay(&k, fresh, until);
    if (learns) pre_event(&k, epoch, (uint32_t)clock, before);
    ql_deliver(tile, projection, (uint32_t)clock, k.live, k.target, k.scratch->delay, k.scratch->w);
    store(&k, &fragment, from);
  }
  if ((int64_t)(until - fresh) > 0) mark->fresh = (uint32_t)until;
  mark_arrival(mark, part->pre_trace + (size_t)row * k.shape->n_pre, before, k.shape->n_pre,
               (uint32_t)clock);
}

void ql_settle(ql_tile *tile, const quell_projection *projection, uint32_t row, uint64_t until) {
  ql_part *part = &projection->parts[tile->number];
  ql_mark *mark = &part->mark[row];
  uint64_t fresh = whole(mark->fresh, until);
  if ((int64_t)(until - fresh) <= 0) return;
  ql_fragment fragment = ql_fragment_of(projection, part, row);
  work k = work_on(tile, projection, part, row);
  uint32_t block = projection->network->block_size;
  for (uint32_t from = 0; from < fragment.n; from += block) {
    load(&k, &fragment, from, fragment.n - from < block ? fragment.n - from : block);
    replay(&k, fresh, until);
    store(&k, &fragment, from);
  }
  mark->fresh = (uint32_t)until;
}

void ql_settle_projection(quell_projection *projection) {
  for (uint32_t t = 0; t < projection->post->n_tiles; t++)
    for (uint32_t row = 0; row < projection->n_rows; row++)
      ql_settle(&projection->post->tiles[t], projection, row, projection->network->clock);
}

void ql_peek(ql_tile *tile, const quell_projection *projection, uint32_t row, uint64_t until,
             int var, uint32_t from, uint32_t n, float *values) {
  ql_part *part = &projection->parts[tile->number];
  ql_fragment fragment = ql_fragment_of(projection, part, row);
  uint64_t fresh = projection->rule ? whole(part->mark[row].fresh, until) : until;
  if (projection->network->phase == QL_BUILDING || (int64_t)(until - fresh) <= 0) {
    memcpy(values, (var < 0 ? fragment.w : fragment.var[var]) + from, n * sizeof *values);
    return;
  }
  work k = work_on(tile, projection, part, row);
  uint32_t block = projection->network->block_size;
  for (uint32_t done = 0; done < n; done += block) {
    uint32_t live = n - done < block ? n - done : block;
    load(&k, &fragment, from + done, live);
    replay(&k, fresh, until);
    memcpy(values + done, var < 0 ? k.scratch->w : k.scratch->var[var], live * sizeof *values);
  }
}

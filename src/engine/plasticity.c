#include "engine/plasticity.h"

#include "engine/deliver.h"
#include "engine/epoch.h"
#include "engine/fragment.h"
#include <string.h>

enum { LANES = 16 }; /* calls of a rule are padded to a multiple of this */

/* A block of one fragment while it is worked on. */
typedef struct work {
  ql_tile *tile;
  const quell_projection *projection;
  const ql_shape *shape;
  ql_scratch *scratch;
  const ql_mark *mark; /* of the row */
  uint32_t live;
  const uint16_t *target; /* of the block */
  uint32_t latest;        /* the largest number in scratch->late */
  /* Each pre trace as post events read it, but for its decay: those at the stamp of the last
   * arrival, and later ones. */
  float coincident[QL_MAX_TRACES], after[QL_MAX_TRACES];
  uint64_t applied; /* events */
} work;

/* What a block's tables of pointers hold. */
typedef struct pointers {
  float *var[QL_MAX_VARS];
  const float *pre[QL_MAX_TRACES], *post[QL_MAX_TRACES];
} pointers;

static uint32_t padded(uint32_t n) {
  return (n + (LANES - 1u)) & ~(LANES - 1u);
}

static float clip(float w, float low, float high) {
  return w < low ? low : w > high ? high : w;
}

/* Trace of the row with the `arrivals` at its last stamp added to what it was before them. */
static double raised(uint32_t kind, double before, uint32_t arrivals) {
  if (kind == QUELL_TRACE_SET) return arrivals ? 1.0 : before;
  return before + arrivals;
}

/* A rule may divide by its variable: padding has the value that the variable begins with. */
static void pad_var(const work *k, uint32_t v, float *var, uint32_t from, uint32_t to) {
  float value = (float)ql_rule_var(k->projection->rule->desc, v)->value;
  for (uint32_t i = from; i < to; i++) var[i] = value;
}

static void pad(float *values, uint32_t n) {
  for (uint32_t i = n; i < padded(n); i++) values[i] = 0.0f;
}

static void pad_ages(uint32_t *values, uint32_t n) {
  for (uint32_t i = n; i < padded(n); i++) values[i] = values[0];
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

static void load(work *k, const ql_fragment *fragment, uint32_t from, uint32_t live) {
  ql_scratch *s = k->scratch;
  k->live = live;
  k->target = fragment->target + from;
  memcpy(s->w, fragment->w + from, live * sizeof *s->w);
  pad(s->w, live);
  for (uint32_t v = 0; v < k->projection->n_vars; v++) {
    memcpy(s->var[v], fragment->var[v] + from, live * sizeof *s->var[v]);
    pad_var(k, v, s->var[v], live, padded(live));
  }
  load_delays(k->projection, fragment, from, live, s->delay);
}

static void store(const work *k, const ql_fragment *fragment, uint32_t from) {
  memcpy(fragment->w + from, k->scratch->w, k->live * sizeof(float));
  for (uint32_t v = 0; v < k->projection->n_vars; v++)
    memcpy(fragment->var[v] + from, k->scratch->var[v], k->live * sizeof(float));
}

/* Events of lanes. "Stamp" here is when the synapse sees the event: with the dendritic delay. An
 * age counts back from the newest event that is not too late. */

/* Whether the events of an age are among the recent ones for all lanes, or at least in place. */
static int is_recent(const work *k, uint32_t age) {
  return k->latest + age < QL_RECENT;
}

static int is_in_place(const work *k, uint32_t age) {
  return k->latest + age < QL_KEPT;
}

/* Number of the event of an age. */
static uint32_t number_of(const work *k, uint32_t lane, uint32_t age) {
  uint32_t late = k->latest ? k->scratch->late[lane] : 0;
  return k->tile->history.count[k->target[lane]] - 1 - late - age;
}

static uint32_t old_stamp_of(const work *k, uint32_t lane, uint32_t age) {
  const ql_history *history = &k->tile->history;
  uint32_t neuron = k->target[lane], number = number_of(k, lane, age);
  uint32_t stamp = is_in_place(k, age) ? ql_kept_event(history, neuron, number)->stamp
                                       : ql_event_stamp(history, neuron, number);
  return stamp + k->scratch->delay[lane];
}

static inline uint32_t stamp_of(const work *k, uint32_t lane, uint32_t age) {
  if (!is_recent(k, age)) return old_stamp_of(k, lane, age);
  const ql_history *history = &k->tile->history;
  const ql_scratch *s = k->scratch;
  return history->recent[(size_t)age * history->neurons + s->at[lane]] + s->delay[lane];
}

/* Goes back from events that are not before `until`; they are few, if the delay is short. */
static void pass_over_late(work *k, uint32_t until) {
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

/* For each lane the newest event before `until`: its stamp, and where it is. */
static void locate(work *k, uint32_t until) {
  const ql_history *history = &k->tile->history;
  ql_scratch *s = k->scratch;
  k->latest = 0;
  newest_events(k->live, history->recent, k->target, s->delay, s->at, s->newest);
  if (!ql_stamp_before(history->latest + k->projection->dendritic_max, until))
    pass_over_late(k, until);
}

/* Lanes whose newest event is due. */
static uint32_t due_lanes(const work *k, uint32_t fresh) {
  ql_scratch *s = k->scratch;
  uint32_t due = 0;
  for (uint32_t i = 0; i < k->live; i++) {
    s->lane[due] = i;
    due += !ql_stamp_before(s->newest[i], fresh);
  }
  return due;
}

/* Lanes that have had some events may have many, which are seldom in the cache. */
QL_PREFETCHER void prefetch_older(const work *k, uint32_t n) {
  const ql_history *history = &k->tile->history;
  for (uint32_t i = 0; i < n; i++) ql_prefetch_kept(history, k->target[k->scratch->lane[i]]);
}

/* Of the first n due lanes, those that have an event of this age come to the front; returns how
 * many. The stamps are kept for the time when the events have their turn. */
static uint32_t bring_forward(work *k, uint32_t n, uint32_t age, uint32_t fresh) {
  ql_scratch *s = k->scratch;
  if (age == QL_RECENT / 2) prefetch_older(k, n);
  uint32_t front = 0, rest = 0, *restrict stamps = age < QL_KEPT ? s->stamp[age] : s->when;
  for (uint32_t i = 0; i < n; i++) {
    uint32_t lane = s->lane[i], stamp = stamp_of(k, lane, age);
    uint32_t due = !ql_stamp_before(stamp, fresh);
    stamps[lane] = stamp;
    s->lane[front] = s->spare[rest] = lane;
    front += due;
    rest += !due;
  }
  memcpy(s->lane + front, s->spare, rest * sizeof *s->lane);
  return front;
}

/* Finds the lanes with events in [fresh, until), by falling number of them, after locate(until).
 * Returns how many, and the largest number in *most. */
static uint32_t find_due(work *k, uint32_t fresh, uint32_t *most) {
  ql_scratch *s = k->scratch;
  *most = 0;
  if (ql_stamp_before(k->tile->history.latest + k->projection->dendritic_max, fresh)) return 0;
  uint32_t due = due_lanes(k, fresh);
  for (uint32_t n = due; n; ++*most) {
    if (*most < QL_KEPT) s->due_at_age[*most] = n;
    n = bring_forward(k, n, *most + 1, fresh);
  }
  return due;
}

static void gather(const work *k, uint32_t n) {
  ql_scratch *s = k->scratch;
  for (uint32_t i = 0; i < n; i++) s->due_w[i] = s->w[s->lane[i]];
  pad(s->due_w, n);
  for (uint32_t v = 0; v < k->projection->n_vars; v++) {
    for (uint32_t i = 0; i < n; i++) s->due_var[v][i] = s->var[v][s->lane[i]];
    pad_var(k, v, s->due_var[v], n, padded(n));
  }
  for (uint32_t i = n; i < padded(n); i++) s->lane[i] = s->lane[0];
}

static void scatter(const work *k, uint32_t n) {
  ql_scratch *s = k->scratch;
  for (uint32_t i = 0; i < n; i++) s->w[s->lane[i]] = s->due_w[i];
  for (uint32_t v = 0; v < k->projection->n_vars; v++)
    for (uint32_t i = 0; i < n; i++) s->var[v][s->lane[i]] = s->due_var[v][i];
}

/* Where a rule finds things when it is called for an event. */
static quell_block block_for(work *k, const ql_event *event, uint32_t kind, const ql_epoch *epoch,
                             float *w, float (*var)[QL_BLOCK], pointers *p) {
  ql_scratch *s = k->scratch;
  for (uint32_t v = 0; v < k->projection->n_vars; v++) p->var[v] = var[v];
  for (uint32_t i = 0; i < QL_MAX_TRACES; i++) {
    p->pre[i] = event->wants_pre >> i & 1 ? s->pre[i] : NULL;
    p->post[i] = event->wants_post >> i & 1 ? s->post[i] : NULL;
  }
  return (quell_block){.struct_size = sizeof(quell_block),
                       .event = kind,
                       .instance = epoch->instance->constants,
                       .w = w,
                       .var = p->var,
                       .pre = p->pre,
                       .post = p->post};
}

/* Puts back the lanes of a group from `live` on. */
static void restore(float *restrict group, const float *restrict before, uint32_t live) {
  for (uint32_t i = 0; i < LANES; i++) group[i] = i < live ? group[i] : before[i];
}

/* Calls the rule for the first `live` lanes and clips. What lies behind them is padding for the
 * rule, but may be other lanes: it stays as it was. */
static void call_rule(work *k, const ql_event *event, quell_block *block, const ql_epoch *epoch,
                      uint32_t live) {
  const float low = epoch->instance->w_min, high = epoch->instance->w_max;
  uint32_t n = padded(live), last = n - LANES, n_vars = k->projection->n_vars;
  float *restrict w = block->w, before[1 + QL_MAX_VARS][LANES];
  memcpy(before[0], w + last, sizeof before[0]);
  for (uint32_t v = 0; v < n_vars; v++)
    memcpy(before[1 + v], block->var[v] + last, sizeof before[0]);
  block->n = n;
  block->live = live;
  event->call(block);
  for (uint32_t i = 0; i < n; i++) w[i] = clip(w[i], low, high);
  restore(w + last, before[0], live - last);
  for (uint32_t v = 0; v < n_vars; v++) restore(block->var[v] + last, before[1 + v], live - last);
  k->applied += live;
}

QL_LOOP void pick(uint32_t n, const uint32_t *restrict from, const uint32_t *restrict lane,
                  uint32_t *restrict to) {
  for (uint32_t i = 0; i < padded(n); i++) to[i] = from[(int32_t)lane[i]];
}

/* Stamps of the events of one age of the first n due lanes, a whole number of groups. */
static void stamps_of_round(work *k, uint32_t n, uint32_t age) {
  ql_scratch *s = k->scratch;
  if (age < QL_KEPT) {
    pick(n, age ? s->stamp[age] : s->newest, s->lane, s->when);
  } else {
    for (uint32_t i = 0; i < padded(n); i++) s->when[i] = old_stamp_of(k, s->lane[i], age);
  }
}

/* How many of the due lanes have an event of this age; `n` have an older one. */
static uint32_t lanes_of_round(const work *k, uint32_t n, uint32_t due, uint32_t age,
                               uint32_t fresh) {
  const ql_scratch *s = k->scratch;
  if (age < QL_KEPT) return s->due_at_age[age];
  while (n < due && !ql_stamp_before(old_stamp_of(k, s->lane[n], age), fresh)) n++;
  return n;
}

/* Values times their decays over `age`. */
QL_LOOP void decay_values(const ql_decay *restrict decay, uint32_t n, const uint32_t *restrict age,
                          float *restrict value) {
  const float rate = decay->rate;
  const uint32_t end = decay->end;
  for (uint32_t i = 0; i < padded(n); i++) value[i] *= ql_decay_over(rate, end, age[i]);
}

QL_LOOP void since_arrival(uint32_t n, const uint32_t *restrict when, uint32_t arrived, float after,
                           float coincident, uint32_t *restrict age, float *restrict trace) {
  for (uint32_t i = 0; i < padded(n); i++) {
    age[i] = when[i] - arrived;
    trace[i] = age[i] ? after : coincident;
  }
}

/* Pre trace t as the events of the round read it. */
static void pre_traces_of_round(work *k, uint32_t t, uint32_t n) {
  ql_scratch *s = k->scratch;
  since_arrival(n, s->when, k->mark->arrived, k->after[t], k->coincident[t], s->spare, s->pre[t]);
  decay_values(&k->projection->pre_decay[t], n, s->spare, s->pre[t]);
}

/* Post trace t as the events of the round read it: from the event before each. */
static void post_traces_of_round(work *k, uint32_t t, uint32_t n, uint32_t age) {
  ql_scratch *s = k->scratch;
  const ql_history *history = &k->tile->history;
  uint32_t trace = k->projection->post_trace[t], *restrict since = s->spare;
  float *restrict out = s->post[t];
  for (uint32_t i = 0; i < n; i++) {
    uint32_t lane = s->lane[i];
    since[i] = s->when[i] - stamp_of(k, lane, age + 1);
    out[i] = ql_event_trace(history, k->target[lane], number_of(k, lane, age + 1), trace);
  }
  pad_ages(since, n);
  pad(out, n);
  decay_values(&history->trace[trace].decay, n, since, out);
}

/* The events of one age: one for each of the first n due lanes. */
static void apply_round(work *k, quell_block *block, const ql_epoch *epoch, uint32_t n,
                        uint32_t age) {
  const ql_event *event = &k->shape->on_post;
  stamps_of_round(k, n, age);
  for (uint32_t t = 0; t < k->shape->n_pre; t++)
    if (event->wants_pre >> t & 1) pre_traces_of_round(k, t, n);
  for (uint32_t t = 0; t < k->shape->n_post; t++)
    if (event->wants_post >> t & 1) post_traces_of_round(k, t, n, age);
  call_rule(k, event, block, epoch, n);
}

/* Replays the events in [fresh, until) with what holds in this epoch, the oldest of each lane
 * first. Afterwards the lanes are located at `until`. */
static void replay_epoch(work *k, const ql_epoch *epoch, uint32_t fresh, uint32_t until) {
  ql_scratch *s = k->scratch;
  const ql_event *event = &k->shape->on_post;
  uint32_t age, n = 0;
  locate(k, until);
  if (!epoch->on || !event->call) return;
  uint32_t due = find_due(k, fresh, &age);
  if (!due) return;
  gather(k, due);
  pointers p;
  quell_block block = block_for(k, event, QUELL_POST, epoch, s->due_w, s->due_var, &p);
  while (age-- > 0) {
    n = lanes_of_round(k, n, due, age, fresh);
    apply_round(k, &block, epoch, n, age);
  }
  scatter(k, due);
}

/* Replays the post events stamped in [fresh, until), each with what held at its stamp. */
static void replay(work *k, uint64_t fresh, uint64_t until) {
  const ql_epoch *last = &k->projection->epoch[k->projection->n_epochs - 1];
  const ql_epoch *epoch = ql_epoch_at(k->projection, fresh);
  for (; epoch < last && epoch[1].start < until; epoch++) {
    replay_epoch(k, epoch, (uint32_t)fresh, (uint32_t)epoch[1].start);
    fresh = epoch[1].start;
  }
  replay_epoch(k, epoch, (uint32_t)fresh, (uint32_t)until);
}

QL_LOOP void since_newest(uint32_t n, const float *restrict value, const uint16_t *restrict target,
                          uint32_t stamp, const uint32_t *restrict newest, uint32_t *restrict age,
                          float *restrict trace) {
  for (uint32_t i = 0; i < n; i++) {
    age[i] = stamp - newest[i];
    trace[i] = value[(int32_t)target[i]];
  }
}

/* Post trace i of all lanes at `stamp`, at which they are located. */
static void gather_post_traces(work *k, uint32_t i, uint32_t stamp) {
  const ql_history *history = &k->tile->history;
  ql_scratch *s = k->scratch;
  uint32_t trace = k->projection->post_trace[i];
  const uint16_t *target = k->target;
  float *out = s->post[i];
  since_newest(k->live, history->value + (size_t)trace * history->neurons, target, stamp, s->newest,
               s->spare, out);
  for (uint32_t lane = 0; k->latest && lane < k->live; lane++)
    if (s->late[lane])
      out[lane] = ql_event_trace(history, target[lane], number_of(k, lane, 0), trace);
  pad_ages(s->spare, k->live);
  pad(out, k->live);
  decay_values(&history->trace[trace].decay, k->live, s->spare, out);
}

/* The pre event, on the whole block; `before` are the row's traces as this arrival reads them. */
static void pre_event(work *k, const ql_epoch *epoch, uint32_t stamp, const double *before) {
  ql_scratch *s = k->scratch;
  const ql_event *event = &k->shape->on_pre;
  for (uint32_t t = 0; t < k->shape->n_pre; t++)
    for (uint32_t i = 0; event->wants_pre >> t & 1 && i < padded(k->live); i++)
      s->pre[t][i] = (float)before[t];
  for (uint32_t t = 0; t < k->shape->n_post; t++)
    if (event->wants_post >> t & 1) gather_post_traces(k, t, stamp);
  pointers p;
  quell_block block = block_for(k, event, QUELL_PRE, epoch, s->w, s->var, &p);
  call_rule(k, event, &block, epoch, k->live);
}

/* A stamp's low 32 bits, made whole again; it is within 2^31 of the clock. */
static uint64_t whole(uint32_t stamp, uint64_t clock) {
  return clock + (uint64_t)(int64_t)(int32_t)(stamp - (uint32_t)clock);
}

static int tie_of(const quell_projection *projection) {
  return (int)projection->rule->value[projection->rule->shape.tie];
}

static work work_on(ql_tile *tile, const quell_projection *projection,
                    const ql_fragment *fragment) {
  const ql_mark *mark = fragment->mark;
  work k = {.tile = tile,
            .projection = projection,
            .shape = &projection->rule->shape,
            .scratch = tile->scratch,
            .mark = mark};
  for (uint32_t t = 0; mark->arrivals && t < k.shape->n_pre; t++) {
    k.after[t] = (float)raised(k.shape->pre[t].kind, mark->pre_trace[t], mark->arrivals);
    k.coincident[t] =
        tie_of(projection) == QUELL_EXCLUSIVE ? (float)mark->pre_trace[t] : k.after[t];
  }
  return k;
}

/* The row's traces as an arrival at `stamp` reads them. */
static void traces_before(const work *k, uint32_t stamp, double *before) {
  const ql_mark *mark = k->mark;
  for (uint32_t i = 0; i < k->shape->n_pre; i++) {
    double value = raised(k->shape->pre[i].kind, mark->pre_trace[i], mark->arrivals);
    double decay = ql_decay_carry(&k->projection->pre_decay[i], stamp - mark->arrived);
    before[i] = mark->arrivals ? value * decay : 0.0;
  }
}

static void mark_arrival(ql_mark *mark, const double *before, uint32_t n_traces, uint32_t stamp) {
  if (mark->arrivals && mark->arrived == stamp) {
    mark->arrivals++; /* the traces stay as they were before all arrivals of this stamp */
    return;
  }
  mark->arrived = stamp;
  mark->arrivals = 1;
  memcpy(mark->pre_trace, before, n_traces * sizeof *before);
}

void ql_visit(ql_tile *tile, const quell_projection *projection, uint32_t row, uint64_t clock) {
  ql_fragment fragment = ql_fragment_of(projection, &projection->parts[tile->number], row);
  if (!fragment.n) return;
  work k = work_on(tile, projection, &fragment);
  uint64_t fresh = whole(fragment.mark->fresh, clock);
  uint64_t until = clock + (tie_of(projection) == QUELL_POST_FIRST);
  const ql_epoch *epoch = ql_epoch_at(projection, clock);
  int learns = epoch->on && k.shape->on_pre.call;
  double before[QL_MAX_TRACES];
  traces_before(&k, (uint32_t)clock, before);
  uint32_t block = projection->network->block_size;
  for (uint32_t from = 0; from < fragment.n; from += block) {
    ql_prefetch_block(projection, &fragment, from + block);
    load(&k, &fragment, from, fragment.n - from < block ? fragment.n - from : block);
    replay(&k, fresh, until);
    if (learns) pre_event(&k, epoch, (uint32_t)clock, before);
    ql_deliver(tile, projection, (uint32_t)clock, k.live, k.target, k.scratch->delay, k.scratch->w);
    store(&k, &fragment, from);
  }
  tile->work.synaptic += fragment.n;
  tile->work.plastic += k.applied;
  if ((int64_t)(until - fresh) > 0) fragment.mark->fresh = (uint32_t)until;
  mark_arrival(fragment.mark, before, k.shape->n_pre, (uint32_t)clock);
}

void ql_settle(ql_tile *tile, const quell_projection *projection, uint32_t row, uint64_t until) {
  ql_fragment fragment = ql_fragment_of(projection, &projection->parts[tile->number], row);
  if (!fragment.n) return;
  uint64_t fresh = whole(fragment.mark->fresh, until);
  if ((int64_t)(until - fresh) <= 0) return;
  work k = work_on(tile, projection, &fragment);
  uint32_t block = projection->network->block_size;
  for (uint32_t from = 0; from < fragment.n; from += block) {
    load(&k, &fragment, from, fragment.n - from < block ? fragment.n - from : block);
    replay(&k, fresh, until);
    store(&k, &fragment, from);
  }
  tile->work.plastic += k.applied;
  fragment.mark->fresh = (uint32_t)until;
}

static void copy_settled(const quell_projection *projection, const ql_fragment *fragment, int var,
                         uint32_t from, uint32_t n, float *values) {
  const float *stored = var < 0 ? fragment->w : fragment->var[var];
  for (uint32_t i = 0; i < n; i++) values[i] = stored ? stored[from + i] : projection->weight;
}

void ql_peek(ql_tile *tile, const quell_projection *projection, uint32_t row, uint64_t until,
             int var, uint32_t from, uint32_t n, float *values) {
  ql_fragment fragment = ql_fragment_of(projection, &projection->parts[tile->number], row);
  if (!n) return;
  uint64_t fresh = projection->rule ? whole(fragment.mark->fresh, until) : until;
  if (projection->network->phase == QL_BUILDING || (int64_t)(until - fresh) <= 0) {
    copy_settled(projection, &fragment, var, from, n, values);
    return;
  }
  work k = work_on(tile, projection, &fragment);
  uint32_t block = projection->network->block_size;
  for (uint32_t done = 0; done < n; done += block) {
    uint32_t live = n - done < block ? n - done : block;
    load(&k, &fragment, from + done, live);
    replay(&k, fresh, until);
    memcpy(values + done, var < 0 ? k.scratch->w : k.scratch->var[var], live * sizeof *values);
  }
}

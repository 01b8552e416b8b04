#include "engine/replay.h"

#include "engine/anchor.h"
#include "engine/epoch.h"
#include "engine/side.h"
#include <string.h>

/* Lanes whose newest event is due. */
static uint32_t due_lanes(const ql_lanes *k, uint32_t fresh) {
  ql_scratch *s = k->scratch;
  uint32_t due = 0;
  for (uint32_t i = 0; i < k->live; i++) {
    s->lane[due] = i;
    due += !ql_stamp_before(s->newest[i], fresh);
  }
  return due;
}

/* Lanes that have had some events may have many, which are seldom in the cache. */
QL_PREFETCHER void prefetch_older(const ql_lanes *k, uint32_t n) {
  const ql_history *history = &k->tile->history;
  for (uint32_t i = 0; i < n; i++) ql_prefetch_kept(history, k->target[k->scratch->lane[i]]);
}

/* Of the first n due lanes, those that have an event of this age come to the front; returns how
 * many. The stamps are kept for the time when the events have their turn. */
static uint32_t bring_forward(ql_lanes *k, uint32_t n, uint32_t age, uint32_t fresh) {
  ql_scratch *s = k->scratch;
  if (age == QL_RECENT / 2) prefetch_older(k, n);
  uint32_t front = 0, rest = 0, *restrict stamps = age < QL_KEPT ? s->stamp[age] : s->when;
  for (uint32_t i = 0; i < n; i++) {
    uint32_t lane = s->lane[i], stamp = ql_stamp_of(k, lane, age);
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
static uint32_t find_due(ql_lanes *k, uint32_t fresh, uint32_t *most) {
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

static void gather(const ql_lanes *k, uint32_t n) {
  ql_scratch *s = k->scratch;
  for (uint32_t i = 0; i < n; i++) s->due_w[i] = s->w[s->lane[i]];
  ql_pad(s->due_w, n);
  for (uint32_t v = 0; v < ql_kept_vars(k->shape); v++) {
    for (uint32_t i = 0; i < n; i++) s->due_var[v][i] = s->var[v][s->lane[i]];
    for (uint32_t i = n; i < ql_padded(n); i++) s->due_var[v][i] = k->projection->var_value[v];
  }
  for (uint32_t i = n; i < ql_padded(n); i++) s->lane[i] = s->lane[0];
}

static void scatter(const ql_lanes *k, uint32_t n) {
  ql_scratch *s = k->scratch;
  for (uint32_t i = 0; i < n; i++) s->w[s->lane[i]] = s->due_w[i];
  for (uint32_t v = 0; v < ql_kept_vars(k->shape); v++)
    for (uint32_t i = 0; i < n; i++) s->var[v][s->lane[i]] = s->due_var[v][i];
}

QL_LOOP void pick(uint32_t n, const uint32_t *restrict from, const uint32_t *restrict lane,
                  uint32_t *restrict to) {
  for (uint32_t i = 0; i < ql_padded(n); i++) to[i] = from[(int32_t)lane[i]];
}

/* Stamps of the events of one age of the first n due lanes, a whole number of groups. */
static void stamps_of_round(ql_lanes *k, uint32_t n, uint32_t age) {
  ql_scratch *s = k->scratch;
  if (age < QL_KEPT) {
    pick(n, age ? s->stamp[age] : s->newest, s->lane, s->when);
  } else {
    for (uint32_t i = 0; i < ql_padded(n); i++) s->when[i] = ql_old_stamp_of(k, s->lane[i], age);
  }
}

/* How many of the due lanes have an event of this age; `n` have an older one. */
static uint32_t lanes_of_round(const ql_lanes *k, uint32_t n, uint32_t due, uint32_t age,
                               uint32_t fresh) {
  const ql_scratch *s = k->scratch;
  if (age < QL_KEPT) return s->due_at_age[age];
  while (n < due && !ql_stamp_before(ql_old_stamp_of(k, s->lane[n], age), fresh)) n++;
  return n;
}

QL_LOOP void since_arrival(uint32_t n, const uint32_t *restrict when, uint32_t arrived, float after,
                           float coincident, uint32_t *restrict age, float *restrict trace) {
  for (uint32_t i = 0; i < n; i++) {
    age[i] = when[i] - arrived;
    trace[i] = age[i] ? after : coincident;
  }
}

/* Times since the arrivals before events, ms: at the stamp of the last, what was before it. */
QL_LOOP void add_ages(double dt, uint32_t n, const uint32_t *restrict age, float *restrict trace) {
  const float ms = (float)dt;
  for (uint32_t i = 0; i < n; i++) trace[i] += (float)(int32_t)age[i] * ms;
}

/* Pre trace t as the events of the round read it. */
static void pre_traces_of_round(ql_lanes *k, uint32_t t, uint32_t n) {
  ql_scratch *s = k->scratch;
  const quell_projection *projection = k->projection;
  uint32_t at = k->use->first_pre + t;
  const ql_arrived *last = ql_arrived_on(k->mark, projection->pre_trace[at].side);
  since_arrival(ql_padded(n), s->when, last->stamp, k->after[t], k->coincident[t], s->spare,
                s->pre[t]);
  if (projection->pre_trace[at].kind != QUELL_TRACE_AGE)
    ql_decay_values(&projection->pre_decay[at], ql_padded(n), s->spare, s->pre[t]);
  else if (last->n)
    add_ages(projection->network->dt, ql_padded(n), s->spare, s->pre[t]);
}

/* Post trace t as the events of the round read it: from the event before each. */
static void post_traces_of_round(ql_lanes *k, uint32_t t, uint32_t n, uint32_t age) {
  ql_scratch *s = k->scratch;
  const ql_history *history = &k->tile->history;
  uint32_t *restrict since = s->spare;
  float *restrict out = s->post[t];
  for (uint32_t i = 0; i < n; i++) since[i] = s->when[i] - ql_stamp_of(k, s->lane[i], age + 1);
  ql_pad_ages(since, n);
  if (k->shape->post[t].kind == QUELL_TRACE_AGE) {
    ql_ages_in_ms(k->projection->network->dt, ql_padded(n), since, out);
    return;
  }
  uint32_t trace = k->use->post_trace[t];
  for (uint32_t i = 0; i < n; i++) {
    uint32_t lane = s->lane[i];
    out[i] = ql_event_trace(history, k->target[lane], ql_number_of(k, lane, age + 1), trace);
  }
  ql_pad(out, n);
  ql_decay_values(&history->trace[trace].decay, ql_padded(n), since, out);
}

/* Signal i as it was when the events of the round were emitted. */
static void signals_of_round(ql_lanes *k, uint32_t i, uint32_t n, uint32_t age) {
  ql_scratch *s = k->scratch;
  uint32_t word = k->use->side->word[i];
  for (uint32_t j = 0; j < n; j++) {
    uint32_t lane = s->lane[j];
    s->signal[i][j] =
        ql_event_signal(&k->tile->history, k->target[lane], ql_number_of(k, lane, age), word);
  }
  ql_pad(s->signal[i], n);
}

static void random_of_round(ql_lanes *k, const ql_event *event, uint32_t n, uint32_t age) {
  ql_scratch *s = k->scratch;
  if (!event->uniforms && !event->normals) return;
  for (uint32_t i = 0; i < n; i++) s->spare[i] = ql_number_of(k, s->lane[i], age);
  ql_draw_random(k, event, QUELL_POST, n, s->lane, s->when, s->spare);
}

/* The events of one age: one for each of the first n due lanes. */
static void apply_round(ql_lanes *k, ql_call *call, uint32_t n, uint32_t age) {
  const ql_event *event = call->event;
  ql_scratch *s = k->scratch;
  stamps_of_round(k, n, age);
  ql_pad_ages(s->when, n); /* what stands there is of another round */
  for (uint32_t t = 0; t < k->shape->n_pre; t++)
    if (event->wants_pre >> t & 1) pre_traces_of_round(k, t, n);
  for (uint32_t t = 0; t < k->shape->n_post; t++)
    if (event->wants_post >> t & 1) post_traces_of_round(k, t, n, age);
  for (uint32_t i = 0; i < k->shape->n_signals; i++)
    if (event->wants_signal >> i & 1) signals_of_round(k, i, n, age);
  random_of_round(k, event, n, age);
  if (k->use->moving) ql_moving_of_round(k, n, age);
  if (!ql_anchors(k->use)) {
    ql_call_rule(k, call, n);
    return;
  }
  ql_anchor_open_round(k, n, age, call->instance);
  ql_call_rule(k, call, n);
  ql_anchor_close_round(k, n);
}

/* Replays the events in [fresh, until) with what holds in this epoch, the oldest of each lane
 * first. Afterwards the lanes are located at `until`. */
static void replay_epoch(ql_lanes *k, const ql_epoch *epoch, uint32_t fresh, uint32_t until) {
  ql_scratch *s = k->scratch;
  uint32_t age, n = 0;
  ql_locate(k, until);
  if (!epoch->on || !k->shape->event[QUELL_POST].call) return;
  uint32_t due = find_due(k, fresh, &age);
  if (!due) return;
  gather(k, due);
  ql_call call;
  ql_call_prepare(k, &call, QUELL_POST, epoch->instance, s->due_w, s->due_var);
  while (age-- > 0) {
    n = lanes_of_round(k, n, due, age, fresh);
    apply_round(k, &call, n, age);
  }
  scatter(k, due);
}

void ql_row_event(ql_lanes *k, uint32_t kind, const ql_epoch *epoch, uint32_t stamp,
                  uint32_t ordinal, const double *before) {
  ql_scratch *s = k->scratch;
  ql_call call;
  ql_call_prepare(k, &call, kind, epoch->instance, s->w, s->var);
  ql_gather_inputs(k, &call, stamp, before);
  ql_draw_row(k, call.event, kind, stamp, ordinal);
  if (k->use->moving) ql_moving_at_row(k, stamp);
  ql_call_rule(k, &call, k->live);
}

void ql_closed_event(ql_lanes *k, uint32_t kind, const ql_epoch *epoch, uint32_t stamp,
                     uint32_t ordinal, const double *before) {
  int anchored = ql_anchors(k->use) != NULL;
  if (anchored) ql_anchor_open(k, stamp, epoch->instance);
  ql_row_event(k, kind, epoch, stamp, ordinal, before);
  if (anchored) ql_anchor_close(k, stamp);
}

/* What lies between events of a row's past: changes of what it learns with, windows that end,
 * releases that are events. */
typedef struct cuts {
  const ql_epoch *epoch, *last;
  uint64_t window, windows; /* that the row is kept for, and is to be */
  const ql_pulse *pulse, *pulses;
} cuts;

static const ql_pulse *first_pulse(const quell_modulator *m, uint64_t stamp) {
  const ql_pulse *pulse = m->pulse, *end = m->pulse + m->n_pulses;
  while (end > pulse && end[-1].stamp >= stamp) end--;
  return end;
}

static cuts cuts_of(const ql_lanes *k, uint64_t fresh, uint64_t at) {
  const quell_projection *projection = k->projection;
  const ql_moving *moving = k->use->moving;
  cuts c = {.epoch = ql_epoch_at(projection, fresh),
            .last = &projection->epoch[projection->n_epochs - 1]};
  if (moving && moving->n) {
    c.windows = ql_moving_window(moving, at);
    c.window = ql_whole(k->mark->window, c.windows);
  }
  if (moving && moving->pulses) {
    c.pulse = first_pulse(moving->pulses, ql_whole(k->mark->pulsed, at));
    c.pulses = first_pulse(moving->pulses, at);
  }
  return c;
}

/* Where the next thing happens, up to `until`. */
static uint64_t next_cut(const ql_lanes *k, const cuts *c, uint64_t until) {
  uint64_t cut = until;
  if (c->epoch < c->last && c->epoch[1].start < cut) cut = c->epoch[1].start;
  if (c->window < c->windows) {
    uint64_t end = (c->window + 1) * k->use->moving->window;
    if (end < cut) cut = end;
  }
  if (c->pulse < c->pulses && c->pulse->stamp + 1 < cut) cut = c->pulse->stamp + 1;
  return cut;
}

/* The releases of one step, by territory. */
static void read_pulses(ql_lanes *k, cuts *c) {
  ql_scratch *s = k->scratch;
  const uint32_t *territory = ql_channel_territory(k->use->moving->pulses, k->projection->post);
  uint64_t stamp = c->pulse->stamp;
  for (uint32_t i = 0; i < ql_padded(k->live); i++) s->pulse[i] = 0.0f;
  for (; c->pulse < c->pulses && c->pulse->stamp == stamp; c->pulse++)
    for (uint32_t i = 0; i < k->live; i++)
      if ((territory ? territory[k->tile->first + k->target[i]] : 0) == c->pulse->at)
        s->pulse[i] += c->pulse->amount;
}

static void apply_pulses(ql_lanes *k, cuts *c) {
  uint64_t stamp = c->pulse->stamp;
  const ql_epoch *epoch = ql_epoch_at(k->projection, stamp);
  double now[QL_MAX_TRACES];
  read_pulses(k, c);
  if (!epoch->on) return;
  ql_row_traces(k->projection, k->mark, (uint32_t)stamp, now);
  if (k->shape->event[QUELL_PULSE].wants_post) ql_locate(k, (uint32_t)stamp + 1);
  ql_closed_event(k, QUELL_PULSE, epoch, (uint32_t)stamp, 0, now);
}

/* Windows and epochs that end at a cut, after the releases of the step before it. */
static void pass_cut(ql_lanes *k, cuts *c, uint64_t cut) {
  if (c->pulse < c->pulses && c->pulse->stamp + 1 == cut) apply_pulses(k, c);
  if (c->window < c->windows && (c->window + 1) * k->use->moving->window == cut)
    ql_anchor_advance(k, c->window++);
  if (c->epoch < c->last && c->epoch[1].start == cut) c->epoch++;
}

void ql_replay(ql_lanes *k, uint64_t fresh, uint64_t until, uint64_t at) {
  cuts c = cuts_of(k, fresh, at);
  for (;;) {
    uint64_t cut = next_cut(k, &c, until);
    int more = c.window < c.windows || c.pulse < c.pulses || (c.epoch < c.last && cut < until);
    if (!more) break;
    if (cut > fresh) {
      replay_epoch(k, c.epoch, (uint32_t)fresh, (uint32_t)cut);
      fresh = cut;
    }
    pass_cut(k, &c, cut);
  }
  replay_epoch(k, c.epoch, (uint32_t)fresh, (uint32_t)until);
}

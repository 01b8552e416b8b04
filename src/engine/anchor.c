#include "engine/anchor.h"

#include "base/math.h"
#include "engine/epoch.h"
#include <string.h>

/* Below this nothing is left of an eligibility: far from what anything sums up to, and far from
 * numbers that are slow. */
static const float NOTHING = 1e-30f;

/* --- reading --- */

QL_LOOP void fill(uint32_t n, float value, float *restrict to) {
  for (uint32_t i = 0; i < n; i++) to[i] = value;
}

QL_LOOP void pick(uint32_t n, const float *restrict value, const uint16_t *restrict target,
                  float *restrict out) {
  for (uint32_t i = 0; i < n; i++) out[i] = value[(int32_t)target[i]];
}

QL_LOOP void pick_stamps(uint32_t n, const float *restrict ring, uint32_t mask,
                         const uint32_t *restrict when, float *restrict out) {
  for (uint32_t i = 0; i < n; i++) out[i] = ring[(int32_t)(when[i] & mask)];
}

static uint32_t mask_of(const ql_lanes *k) {
  return k->projection->network->horizon - 1;
}

static void read_row(const ql_lanes *k, const ql_reading *r, uint64_t stamp, float *out) {
  uint32_t mask = mask_of(k), n = ql_padded(k->live);
  size_t at = (size_t)(stamp & mask), first = k->tile->first;
  if (r->now) {
    pick(k->live, r->now + first, k->target, out);
    ql_pad(out, k->live);
  } else if (!r->territory) {
    fill(n, r->ring[at], out);
  } else {
    for (uint32_t i = 0; i < k->live; i++)
      out[i] = r->ring[(size_t)r->territory[first + k->target[i]] * (mask + 1) + at];
    ql_pad(out, k->live);
  }
}

static void read_round(const ql_lanes *k, const ql_reading *r, uint32_t n, uint32_t age,
                       float *out) {
  const ql_scratch *s = k->scratch;
  uint32_t mask = mask_of(k);
  if (r->ring && !r->territory) {
    pick_stamps(ql_padded(n), r->ring, mask, s->when, out);
    return;
  }
  for (uint32_t i = 0; i < n; i++) {
    uint32_t lane = s->lane[i], neuron = k->target[lane];
    if (r->now)
      out[i] = ql_event_signal(&k->tile->history, neuron, ql_number_of(k, lane, age), r->word);
    else
      out[i] =
          r->ring[(size_t)r->territory[k->tile->first + neuron] * (mask + 1) + (s->when[i] & mask)];
  }
  ql_pad(out, n);
}

/* Where the values of a dial go. */
static float *place_of(ql_scratch *s, uint32_t dial) {
  return dial < QL_FIRST_BOUND ? s->scale[dial] : s->bound[dial - QL_FIRST_BOUND];
}

void ql_moving_at_row(ql_lanes *k, uint64_t stamp) {
  const ql_moving *moving = k->use->moving;
  for (uint32_t d = 0; d < QL_FIRST_BOUND + k->shape->n_bound; d++)
    if (ql_moves(&moving->dial[d])) read_row(k, &moving->dial[d], stamp, place_of(k->scratch, d));
}

void ql_moving_of_round(ql_lanes *k, uint32_t n, uint32_t age) {
  const ql_moving *moving = k->use->moving;
  for (uint32_t d = 0; d < QL_FIRST_BOUND + k->shape->n_bound; d++)
    if (ql_moves(&moving->dial[d]))
      read_round(k, &moving->dial[d], n, age, place_of(k->scratch, d));
}

/* --- frames --- */

QL_LOOP void add_scaled(uint32_t n, float scale, const float *restrict e, float *restrict w) {
  for (uint32_t i = 0; i < n; i++) w[i] += e[i] * scale;
}

QL_LOOP void add_product(uint32_t n, const float *restrict area, const float *restrict e,
                         float *restrict w) {
  for (uint32_t i = 0; i < n; i++) w[i] += e[i] * area[i];
}

QL_LOOP void subtract_product(uint32_t n, const float *restrict area, const float *restrict e,
                              float *restrict w) {
  for (uint32_t i = 0; i < n; i++) w[i] -= e[i] * area[i];
}

QL_LOOP void scale(uint32_t n, float factor, float *restrict e) {
  for (uint32_t i = 0; i < n; i++) e[i] *= factor;
}

QL_LOOP void scale_each(uint32_t n, const float *restrict factor, float *restrict e) {
  for (uint32_t i = 0; i < n; i++) e[i] *= factor[i];
}

QL_LOOP void clip(uint32_t n, float low, float high, float *restrict w) {
  for (uint32_t i = 0; i < n; i++) w[i] = ql_clip(w[i], low, high);
}

/* A pace is one load; three rings would be three look-ups. */
QL_LOOP void pick_paces(uint32_t n, const ql_pace *restrict pace, uint32_t mask,
                        const uint32_t *restrict when, ql_pace *restrict out) {
  for (uint32_t i = 0; i < n; i++) memcpy(&out[i], &pace[when[i] & mask], sizeof *out);
}

QL_LOOP void spread_paces(uint32_t n, const ql_pace *restrict pace, float *restrict area,
                          float *restrict grow, float *restrict shrink) {
  for (uint32_t i = 0; i < n; i++) {
    area[i] = pace[i].area;
    grow[i] = pace[i].grow;
    shrink[i] = pace[i].shrink;
  }
}

/* The common case in one pass over the lanes: one eligibility, A the same for all. */
QL_LOOP void open_one(uint32_t n, float area, float shrink, float low, float high,
                      float *restrict e, float *restrict w) {
  for (uint32_t i = 0; i < n; i++) {
    w[i] = ql_clip(w[i] + e[i] * area, low, high);
    e[i] *= shrink;
  }
}

QL_LOOP void close_one(uint32_t n, float area, float grow, float *restrict e, float *restrict w) {
  for (uint32_t i = 0; i < n; i++) {
    e[i] *= grow;
    w[i] -= e[i] * area;
  }
}

/* Whether A is the same for all. */
static int is_common(const ql_anchor *anchor) {
  return anchor->area.ring && !anchor->area.territory;
}

static int is_one(const ql_moving *moving) {
  return moving->n == 1 && is_common(&moving->anchor[0]);
}

/* Where the eligibilities are among the variables of the projection. */
static uint32_t first_of(const ql_lanes *k) {
  return k->use->first_var + k->shape->n_vars;
}

void ql_anchor_open(ql_lanes *k, uint64_t stamp, const ql_instance *instance) {
  const ql_moving *moving = k->use->moving;
  ql_scratch *s = k->scratch;
  uint32_t n = ql_padded(k->live), at = (uint32_t)stamp & mask_of(k), first = first_of(k);
  const ql_anchor *one = moving->anchor;
  if (is_one(moving)) {
    const ql_pace *now = &one->pace[at];
    open_one(n, now->area, now->shrink, instance->w_min, instance->w_max, s->var[first], s->w);
    return;
  }
  for (uint32_t i = 0; i < moving->n; i++) {
    read_row(k, &moving->anchor[i].area, stamp, s->area[i]);
    add_product(n, s->area[i], s->var[first + i], s->w);
    scale(n, moving->anchor[i].pace[at].shrink, s->var[first + i]);
  }
  clip(n, instance->w_min, instance->w_max, s->w);
}

void ql_anchor_close(ql_lanes *k, uint64_t stamp) {
  const ql_moving *moving = k->use->moving;
  ql_scratch *s = k->scratch;
  uint32_t n = ql_padded(k->live), at = (uint32_t)stamp & mask_of(k), first = first_of(k);
  const ql_anchor *one = moving->anchor;
  if (is_one(moving)) {
    close_one(n, one->pace[at].area, one->pace[at].grow, s->var[first], s->w);
    return;
  }
  for (uint32_t i = 0; i < moving->n; i++) {
    scale(n, moving->anchor[i].pace[at].grow, s->var[first + i]);
    subtract_product(n, s->area[i], s->var[first + i], s->w);
  }
}

void ql_anchor_open_round(ql_lanes *k, uint32_t n, uint32_t age, const ql_instance *instance) {
  const ql_moving *moving = k->use->moving;
  ql_scratch *s = k->scratch;
  uint32_t padded = ql_padded(n), first = first_of(k);
  for (uint32_t i = 0; i < moving->n; i++) {
    const ql_anchor *anchor = &moving->anchor[i];
    pick_paces(padded, anchor->pace, mask_of(k), s->when, s->pace);
    spread_paces(padded, s->pace, s->area[i], s->grow[i], s->shrink);
    if (!is_common(anchor)) read_round(k, &anchor->area, n, age, s->area[i]);
    add_product(n, s->area[i], s->due_var[first + i], s->due_w);
    scale_each(n, s->shrink, s->due_var[first + i]);
  }
  clip(n, instance->w_min, instance->w_max, s->due_w);
}

void ql_anchor_close_round(ql_lanes *k, uint32_t n) {
  const ql_moving *moving = k->use->moving;
  ql_scratch *s = k->scratch;
  uint32_t first = first_of(k);
  for (uint32_t i = 0; i < moving->n; i++) {
    scale_each(n, s->grow[i], s->due_var[first + i]);
    subtract_product(n, s->area[i], s->due_var[first + i], s->due_w);
  }
}

QL_LOOP void decay(uint32_t n, float left, float *restrict e) {
  for (uint32_t i = 0; i < n; i++) {
    e[i] *= left;
    e[i] = ((e[i] < NOTHING) & (e[i] > -NOTHING)) ? 0.0f : e[i];
  }
}

void ql_anchor_advance(ql_lanes *k, uint64_t window) {
  const ql_moving *moving = k->use->moving;
  ql_scratch *s = k->scratch;
  uint32_t n = k->live, first = first_of(k);
  size_t tile = k->tile->first;
  for (uint32_t i = 0; i < moving->n; i++) {
    const ql_anchor *anchor = &moving->anchor[i];
    const float *end = anchor->end + window % moving->n_ends * anchor->n;
    float *e = s->var[first + i];
    if (anchor->area.now) {
      pick(n, end + tile, k->target, s->area[i]);
      add_product(n, s->area[i], e, s->w);
    } else if (anchor->area.territory) {
      for (uint32_t j = 0; j < n; j++)
        s->area[i][j] = end[anchor->area.territory[tile + k->target[j]]];
      add_product(n, s->area[i], e, s->w);
    } else {
      add_scaled(n, end[0], e, s->w);
    }
    decay(n, anchor->over_window, e);
  }
}

/* --- by neuron --- */

/* A post event reads what is there after the releases of its stamp. They are not known when a
 * neuron fires, so this is noted when the step of that stamp begins. */
static void note_at_events(const ql_tile *tile, const ql_reading *reading, uint32_t clock) {
  const ql_history *history = &tile->history;
  for (uint32_t j = 0; j < tile->count; j++) {
    uint32_t number = history->recent[j] == clock ? history->count[j] : 0;
    while (number-- > 0 && ql_event_stamp(history, j, number) == clock) {
      ql_word *event = (ql_word *)ql_history_event(history, j, number);
      event[reading->word].value = reading->now[tile->first + j];
    }
  }
}

static void note_dials(const ql_tile *tile, uint32_t clock) {
  const quell_population *population = tile->population;
  for (size_t p = 0; p < population->n_incoming; p++) {
    const quell_projection *projection = population->incoming[p];
    const ql_moving *moving = projection->n_uses ? projection->use[0].moving : NULL;
    for (uint32_t d = 0; moving && d < QL_MAX_DIALS; d++)
      if (moving->dial[d].now) note_at_events(tile, &moving->dial[d], clock);
  }
}

/* Calls for each rule whose dials are by neurons of the tile's population once, though several
 * projections may share it. */
void ql_moving_enter_step(const ql_tile *tile, uint64_t clock) {
  const quell_network *network = tile->population->network;
  for (size_t r = 0; r < network->n_rules; r++) {
    const quell_rule *rule = network->rules[r];
    for (uint32_t d = 0; d < rule->n_dials; d++) {
      ql_dial *dial = &rule->dial[d];
      if (dial->now && dial->wide->population == tile->population)
        ql_dial_enter_step(dial, ql_dial_base(rule, d), clock, tile->first, tile->count);
    }
  }
  if (tile->population->remembers) note_dials(tile, (uint32_t)clock);
  ql_dial *own = tile->population->dial;
  for (uint32_t d = 0; own && d < QL_POPULATION_DIALS; d++)
    if (own[d].now) ql_dial_enter_step(&own[d], d % 2 ? 0.0 : 1.0, clock, tile->first, tile->count);
}

QL_LOOP void accumulate(uint32_t n, double weight, const float *restrict factor,
                        double *restrict sum, float *restrict now) {
  for (uint32_t i = 0; i < n; i++) {
    sum[i] += weight * (double)factor[i];
    now[i] = (float)sum[i];
  }
}

static void end_window(const ql_tile *tile, ql_anchor *anchor, float *end) {
  for (uint32_t j = tile->first; j < tile->first + tile->count; j++) {
    end[j] = anchor->area.now[j];
    anchor->area.now[j] = 0.0f;
    anchor->sum[j] = 0.0;
  }
}

static void leave_step(const ql_tile *tile, const ql_moving *moving, ql_anchor *anchor, int moves,
                       uint64_t clock) {
  uint64_t next = clock + 1;
  uint32_t first = tile->first;
  double since = (double)(clock % moving->window) / anchor->tau;
  if (moves)
    accumulate(tile->count, anchor->per_step * ql_exp(-since), anchor->factor->now + first,
               anchor->sum + first, anchor->area.now + first);
  if (next % moving->window == 0)
    end_window(tile, anchor,
               anchor->end + (next / moving->window - 1) % moving->n_ends * anchor->n);
}

void ql_moving_leave_step(const ql_tile *tile, uint64_t clock) {
  const quell_population *population = tile->population;
  for (size_t p = 0; p < population->n_incoming; p++) {
    const quell_projection *projection = population->incoming[p];
    ql_moving *moving = projection->n_uses ? projection->use[0].moving : NULL;
    for (uint32_t i = 0; moving && i < moving->n; i++)
      if (moving->anchor[i].area.now)
        leave_step(tile, moving, &moving->anchor[i], ql_epoch_at(projection, clock)->on, clock);
  }
}

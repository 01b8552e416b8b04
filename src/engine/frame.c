#include "engine/frame.h"

#include "base/math.h"
#include "engine/side.h"

/* Time constants after an arrival, behind which nothing is left of its trace: e^-18 is 2e-8. */
static const double GONE = -18.0;

static const ql_side *side_of(const quell_projection *projection) {
  return projection->use[0].side;
}

/* What the row carries into a window. */
static float carrier(const quell_projection *projection, const ql_carried *carried, uint32_t i,
                     uint64_t window, uint64_t clock) {
  const ql_use *use = &projection->use[0];
  const ql_side *side = use->side;
  uint32_t t = use->first_pre + ql_rule_integral(use->rule->desc, i)->trace;
  if (!carried->spike.n) return 0.0f;
  uint64_t arrived = ql_whole(carried->spike.stamp, clock), begin = window * side->window;
  double x = ql_raised(projection->pre_trace[t].kind, carried->pre_trace[t], carried->spike.n);
  double since = (double)(int64_t)(arrived - begin) / projection->pre_decay[t].tau;
  return since < GONE ? 0.0f : (float)(x * ql_exp(since));
}

QL_LOOP void add_scaled(uint32_t n, float scale, const float *restrict value,
                        const uint16_t *restrict target, float *restrict w) {
  for (uint32_t i = 0; i < n; i++) w[i] += scale * value[(int32_t)target[i]];
}

void ql_frame_advance(ql_lanes *k, uint64_t clock) {
  const quell_projection *projection = k->projection;
  const ql_side *side = side_of(projection);
  const ql_carried carried = ql_carried_by(k->mark);
  uint64_t now = ql_window_of(side, clock), window = ql_whole(k->mark->window, now);
  for (; window < now; window++) {
    for (uint32_t i = 0; i < side->rule->shape.n_integrals; i++) {
      float c = carrier(projection, &carried, i, window, clock);
      if (c == 0.0f) continue;
      const float *end = side->end[i] + window % side->n_ends * side->population->size;
      add_scaled(k->live, c, end + k->tile->first, k->target, k->scratch->w);
    }
  }
}

static void shift(ql_lanes *k, uint64_t clock, const ql_carried *carried, float sign) {
  const ql_side *side = side_of(k->projection);
  uint64_t window = ql_window_of(side, clock);
  for (uint32_t i = 0; i < side->rule->shape.n_integrals; i++) {
    float c = sign * carrier(k->projection, carried, i, window, clock);
    add_scaled(k->live, c, side->now[i] + k->tile->first, k->target, k->scratch->w);
  }
}

void ql_frame_open(ql_lanes *k, uint64_t clock, const ql_instance *instance) {
  float *w = k->scratch->w;
  const ql_carried carried = ql_carried_by(k->mark);
  shift(k, clock, &carried, 1.0f);
  for (uint32_t i = 0; i < k->live; i++) w[i] = ql_clip(w[i], instance->w_min, instance->w_max);
}

void ql_frame_close(ql_lanes *k, uint64_t clock, const ql_carried *carried) {
  shift(k, clock, carried, -1.0f);
}

float ql_frame_offset(const quell_projection *projection, const ql_mark *mark, uint64_t clock,
                      uint32_t neuron) {
  const ql_side *side = side_of(projection);
  uint64_t window = ql_window_of(side, clock);
  const ql_carried carried = ql_carried_by(mark);
  float offset = 0.0f;
  for (uint32_t i = 0; i < side->rule->shape.n_integrals; i++)
    offset += carrier(projection, &carried, i, window, clock) * side->now[i][neuron];
  return offset;
}

QL_LOOP void accumulate(uint32_t n, double weight, const float *restrict drive,
                        double *restrict area, float *restrict now) {
  for (uint32_t i = 0; i < n; i++) {
    area[i] += weight * (double)drive[i];
    now[i] = (float)area[i];
  }
}

static void end_window(const ql_tile *tile, const ql_side *side, uint32_t i, uint64_t window) {
  uint32_t first = tile->first;
  float *end = side->end[i] + window % side->n_ends * side->population->size + first;
  for (uint32_t j = 0; j < tile->count; j++) {
    end[j] = side->now[i][first + j];
    side->area[i][first + j] = 0.0;
  }
}

void ql_frame_add(const ql_tile *tile, const ql_side *side, uint64_t stamp) {
  uint64_t window = ql_window_of(side, stamp), begin = window * side->window;
  for (uint32_t i = 0; i < side->rule->shape.n_integrals; i++) {
    if (stamp == begin + 1 && window) end_window(tile, side, i, window - 1);
    double weight = ql_exp(-(double)(stamp - begin) / side->tau[i]);
    accumulate(tile->count, weight, side->drive[i] + tile->first, side->area[i] + tile->first,
               side->now[i] + tile->first);
  }
}

#include "engine/sway.h"

#include "modulation/dial.h"
#include <math.h>

/* What a dial is for a neuron. */
typedef struct view {
  const float *ring, *now;
  const uint32_t *territory;
  size_t stride, at;
  float none;
} view;

static view view_of(const ql_dial *dial, const quell_population *population, uint64_t clock,
                    float none) {
  uint32_t horizon = population->network->horizon;
  view v = {.ring = dial->ring, .now = dial->now, .stride = horizon, .none = none};
  v.at = (size_t)(clock & (horizon - 1));
  if (dial->wide && dial->ring) v.territory = ql_channel_territory(dial->wide, population);
  return v;
}

static float value_of(const view *v, uint32_t neuron) {
  if (v->now) return v->now[neuron];
  if (!v->ring) return v->none;
  return v->ring[(v->territory ? v->territory[neuron] : 0) * v->stride + v->at];
}

static int differs(const view *v) {
  return v->now || v->territory;
}

static void blame(ql_tile *tile, uint32_t target, float value) {
  if (tile->status) return;
  tile->status = QUELL_E_RANGE;
  tile->swayed = target + 1;
  tile->swayed_to = value;
}

QL_LOOP void scale_and_add(uint32_t n, float factor, float more, const float *restrict base,
                           float *restrict out) {
  for (uint32_t j = 0; j < n; j++) out[j] = base[j] * factor + more;
}

static void check_range(ql_tile *tile, uint32_t i, const float *value) {
  const quell_param_desc *param = &tile->population->model->params[i];
  const float min = (float)param->min, max = (float)param->max;
  for (uint32_t j = 0; j < tile->count; j++)
    if (!(value[j] >= min && value[j] <= max)) blame(tile, i, value[j]);
}

static void sway(ql_tile *tile, uint32_t i, uint64_t clock, const float *base, float *out,
                 uint32_t *uniform) {
  const quell_population *population = tile->population;
  const view by = view_of(&population->dial[2 * i], population, clock, 1.0f);
  const view more = view_of(&population->dial[2 * i + 1], population, clock, 0.0f);
  if (differs(&by) || differs(&more)) {
    *uniform &= ~((uint32_t)1 << i);
    for (uint32_t j = 0; j < tile->count; j++) {
      uint32_t neuron = tile->first + j;
      out[j] = base[j] * value_of(&by, neuron) + value_of(&more, neuron);
    }
  } else {
    scale_and_add(tile->count, value_of(&by, 0), value_of(&more, 0), base, out);
  }
  check_range(tile, i, out);
}

void ql_sway_params(ql_tile *tile, uint64_t clock, const float **param, uint32_t *uniform) {
  const quell_population *population = tile->population;
  for (uint32_t i = 0; i < population->model->n_params; i++) {
    if (!ql_sways(population, i)) continue;
    sway(tile, i, clock, param[i], tile->sway[i], uniform);
    param[i] = tile->sway[i];
  }
}

void ql_sway_input(ql_tile *tile, uint64_t clock, float *const *input) {
  const quell_population *population = tile->population;
  for (uint32_t r = 0; r < population->model->n_receptors; r++) {
    uint32_t target = QL_MAX_PARAMS + r;
    if (!ql_sways(population, target)) continue;
    const view by = view_of(&population->dial[2 * target], population, clock, 1.0f);
    const view more = view_of(&population->dial[2 * target + 1], population, clock, 0.0f);
    for (uint32_t j = 0; j < tile->count; j++) {
      float factor = value_of(&by, tile->first + j) + value_of(&more, tile->first + j);
      if (!(factor >= 0.0f && factor <= 1e9f)) blame(tile, target, factor);
      input[r][j] *= factor;
    }
  }
}

#include "engine/side.h"

#include "engine/frame.h"
#include "engine/moving.h"

/* A state as floats; those of another type are converted. */
static const float *state_as_float(const ql_side *side, uint32_t state, float *converted,
                                   const ql_tile *tile) {
  const quell_population *population = side->population;
  const void *values = population->state[state];
  if (!converted) return (const float *)values + tile->first;
  float *out = converted + tile->first;
  if (population->model->states[state].type == QUELL_FLOAT64)
    for (uint32_t i = 0; i < tile->count; i++)
      out[i] = (float)((const double *)values)[tile->first + i];
  else
    for (uint32_t i = 0; i < tile->count; i++)
      out[i] = (float)((const int32_t *)values)[tile->first + i];
  return out;
}

/* Mean rate of a population at a stamp that is known to all, Hz. */
static double mean_rate(const quell_population *population, uint64_t stamp, uint64_t delay) {
  const quell_network *network = population->network;
  if (stamp - network->start < delay) return 0.0;
  uint64_t then = stamp - delay;
  if (population->mean_rate) return population->mean_rate[then & (network->rings - 1)];
  return 1000.0 * (double)ql_spikes_at(population, then)->n / (population->size * network->dt);
}

quell_post_block ql_post_block_of(const ql_tile *tile, const quell_rule *rule, const ql_side *side,
                                  uint64_t stamp, uint64_t step, ql_post_arrays *a) {
  const ql_shape *shape = &rule->shape;
  for (uint32_t i = 0; side && i < shape->n_inputs; i++)
    a->state[i] = state_as_float(side, side->input[i], side->as_float[i], tile);
  for (uint32_t i = 0; side && i < shape->n_post_vars; i++)
    a->var[i] = side->var[i] + (size_t)tile->first * side->depth[i];
  for (uint32_t i = 0; side && i < shape->n_signals; i++)
    a->signal[i] = side->state_of[i] < 0 ? side->signal[i] + tile->first : NULL;
  for (uint32_t i = 0; side && i < shape->n_integrals; i++)
    a->drive[i] = side->drive[i] + tile->first;
  for (uint32_t i = 0; side && i < shape->n_observed; i++) {
    const quell_population *watched = rule->observed[i] ? rule->observed[i] : tile->population;
    a->observed[i] = mean_rate(watched, stamp, side->news[i]);
  }
  return (quell_post_block){.struct_size = sizeof(quell_post_block),
                            .n = tile->count,
                            .step = stamp,
                            .instance = rule->instance->constants,
                            .state = a->state,
                            .spikes = tile->spiked,
                            .var = a->var,
                            .signal = a->signal,
                            .drive = a->drive,
                            .observed = a->observed,
                            .param = ql_params_at(rule, step, a->param)};
}

/* Signals that are states of another type than float. */
static void convert_signals(const ql_side *side, const ql_tile *tile) {
  for (uint32_t i = 0; i < side->rule->shape.n_signals; i++) {
    int state = side->state_of[i];
    if (state < 0 || side->population->model->states[state].type == QUELL_FLOAT32) continue;
    state_as_float(side, (uint32_t)state, side->signal[i], tile);
  }
}

void ql_post_step(ql_tile *tile, uint64_t stamp) {
  tile->sided = stamp;
  const quell_population *population = tile->population;
  for (size_t i = 0; i < population->n_sides; i++) {
    const ql_side *side = population->sides[i];
    convert_signals(side, tile);
    if (!side->rule->desc->post_step) continue;
    ql_post_arrays arrays;
    quell_post_block block = ql_post_block_of(tile, side->rule, side, stamp, stamp - 1, &arrays);
    side->rule->desc->post_step(&block);
    if (side->rule->shape.n_integrals) ql_frame_add(tile, side, stamp);
  }
}

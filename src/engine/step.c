#include "engine/step.h"

#include "base/seconds.h"
#include "engine/anchor.h"
#include "engine/arrivals.h"
#include "engine/deliver.h"
#include "engine/fragment.h"
#include "engine/interval.h"
#include "engine/plasticity.h"
#include "engine/sample.h"
#include "engine/side.h"
#include "engine/sway.h"
#include <string.h>

/* How often, and to what age, very old stamps are moved up: see QL_DECAY_LONGEST. */
#define CLAMP_EVERY ((uint64_t)1 << 28)
#define CLAMP_AGE   ((uint32_t)1 << 30)

static void remember(ql_tile *tile, uint32_t neuron, uint64_t stamp) {
  quell_network *network = tile->population->network;
  if (!ql_history_add(&tile->history, &network->memory, neuron, (uint32_t)stamp, network->horizon))
    tile->status = QUELL_E_MEMORY;
}

/* The host's neurons fire from outside: their states and spikes are taken over here. */
static void take_from_host(ql_tile *tile, uint64_t clock) {
  const quell_population *population = tile->population;
  const ql_spikes *spikes = ql_spikes_at(population, clock);
  size_t from = 0, to;
  while (from < spikes->n && spikes->at[from] < tile->first) from++;
  for (to = from; to < spikes->n && spikes->at[to] - tile->first < tile->count;) to++;
  if (tile->spiked && clock != population->network->start) {
    memset(tile->spiked, 0, tile->count * sizeof *tile->spiked);
    for (size_t i = from; i < to; i++) tile->spiked[spikes->at[i] - tile->first] += 1.0f;
    ql_post_step(tile, clock);
  }
  for (size_t i = from; population->remembers && i < to; i++)
    remember(tile, spikes->at[i] - tile->first, clock);
}

/* What was done since the last lap belongs to this phase. */
static void lap(ql_tile *tile, double *phase) {
  if (!tile->timed) return;
  double now = ql_seconds();
  *phase += now - tile->since;
  tile->since = now;
}

/* A rate unit transmits the number of spikes that are to be expected in a step. */
static float scale_of(const quell_projection *projection, const ql_arrival *arrival) {
  double dt = projection->network->dt;
  return projection->pre->rates ? (float)((double)arrival->rate * dt / 1000.0) : 1.0f;
}

/* The gain that all synapses have at an arrival; 0: they differ by territory. */
static int has_one_gain(const quell_projection *projection, uint64_t clock, float *gain) {
  const ql_dial *dial = projection->gain;
  uint32_t horizon = projection->network->horizon;
  *gain = dial ? dial->ring[clock & (horizon - 1)] : 1.0f;
  return !dial || !dial->wide || !ql_channel_territory(dial->wide, projection->post);
}

static void handle(ql_tile *tile, const ql_arrival *arrival, uint64_t clock) {
  const quell_projection *projection = arrival->projection;
  if (arrival->k < projection->n_late) {
    ql_visit_late(tile, projection, arrival->row, clock);
  } else if (projection->marked) {
    ql_visit(tile, projection, arrival->row, clock);
  } else {
    uint32_t axonal = projection->axonal[arrival->k - projection->n_late];
    uint32_t slot = (uint32_t)clock + axonal - projection->lag[arrival->k];
    float scale = scale_of(projection, arrival), gain;
    if (has_one_gain(projection, clock, &gain))
      ql_deliver_row(tile, projection, arrival->row, slot, scale * gain);
    else
      ql_deliver_territories(tile, projection, arrival->row, slot, scale);
  }
}

static void deliver_spikes(ql_tile *tile, ql_arrivals *arrivals, uint64_t clock) {
  double *phase = &tile->work.deliver;
  ql_arrival arrival;
  while (ql_next_arrival(arrivals, clock, &arrival)) {
    double *next = arrival.projection->rule ? &tile->work.plasticity : &tile->work.deliver;
    if (next != phase) lap(tile, phase);
    phase = next;
    handle(tile, &arrival, clock);
  }
  lap(tile, phase);
}

/* The plastic rows onto a tile, counted through all its projections. */
static uint64_t plastic_rows(const quell_population *population) {
  uint64_t rows = 0;
  for (size_t p = 0; p < population->n_incoming; p++)
    if (population->incoming[p]->rule) rows += population->incoming[p]->n_rows;
  return rows;
}

static void inspect(ql_tile *tile, uint64_t row, uint64_t clock, uint32_t quarter) {
  const quell_population *population = tile->population;
  for (size_t p = 0; p < population->n_incoming; p++) {
    const quell_projection *projection = population->incoming[p];
    if (!projection->rule) continue;
    if (row >= projection->n_rows) {
      row -= projection->n_rows;
      continue;
    }
    const ql_part *part = &projection->parts[tile->number];
    ql_fragment fragment = ql_fragment_of(projection, part, (uint32_t)row);
    uint32_t behind = fragment.n ? (uint32_t)clock - fragment.mark->fresh : 0;
    if ((int32_t)behind >= (int32_t)quarter) ql_settle(tile, projection, (uint32_t)row, clock + 1);
    return;
  }
}

/* Brings up to date one fragment after the other, so that none lags behind by more than half the
 * horizon: each is inspected once in a quarter of it. */
static void sweep(ql_tile *tile, uint64_t clock) {
  uint32_t quarter = tile->population->network->horizon / 4;
  uint64_t rows = plastic_rows(tile->population);
  tile->sweep_credit += rows;
  for (; tile->sweep_credit >= quarter; tile->sweep_credit -= quarter) {
    inspect(tile, tile->sweep_at, clock, quarter);
    tile->sweep_at = (tile->sweep_at + 1) % rows;
  }
}

static void clamp(ql_arrived *arrived, uint32_t oldest) {
  if (ql_stamp_before(arrived->stamp, oldest)) arrived->stamp = oldest;
}

static void clamp_old_stamps(ql_tile *tile, uint64_t clock) {
  uint32_t oldest = (uint32_t)clock - CLAMP_AGE;
  const quell_population *population = tile->population;
  if (population->remembers) ql_history_clamp(&tile->history, oldest);
  for (size_t p = 0; p < population->n_incoming; p++) {
    const quell_projection *projection = population->incoming[p];
    for (uint32_t row = 0; projection->marked && row < projection->n_rows; row++) {
      ql_fragment fragment = ql_fragment_of(projection, &projection->parts[tile->number], row);
      if (!fragment.n) continue;
      clamp(&fragment.mark->spike, oldest);
      clamp(&fragment.mark->late, oldest);
    }
  }
}

static ql_update update_of(ql_tile *tile, uint64_t clock, void **state, const float **param,
                           const float **input) {
  const quell_population *population = tile->population;
  const ql_model *model = population->model;
  for (uint32_t i = 0; i < model->n_states; i++) {
    size_t bytes = model->states[i].type == QUELL_FLOAT64 ? 8 : 4;
    state[i] = (char *)population->state[i] + tile->first * bytes;
  }
  for (uint32_t i = 0; i < model->n_params; i++)
    param[i] = population->param_array[i] ? population->param_array[i] + tile->first : NULL;
  return (ql_update){.constants = population->constants,
                     .n = tile->count,
                     .state = state,
                     .param = param,
                     .uniform = population->uniform,
                     .input = input,
                     .scratch = tile->model_scratch,
                     .spikes = tile->times,
                     .fired = tile->fired,
                     .seed = population->network->seed,
                     .object = population->number,
                     .first = tile->first,
                     .step = clock};
}

/* What arrives in this step, by receptor. */
static void collect_input(ql_tile *tile, uint64_t clock, float **input) {
  const quell_population *population = tile->population;
  for (uint32_t i = 0; i < population->model->n_receptors; i++) {
    input[i] = tile->ring[i] + (clock & (tile->slots[i] - 1)) * tile->count;
    if (population->background[i])
      ql_background_add(population->background[i], clock, tile->first, tile->count, input[i]);
  }
  if (population->dial) ql_sway_input(tile, clock, input);
}

static void fire(ql_tile *tile, uint32_t neuron, uint64_t stamp) {
  ql_spikes *spikes = &tile->spikes;
  uint32_t times = tile->times[neuron];
  tile->times[neuron] = 0;
  for (uint32_t i = 0; i < times; i++) {
    if (!ql_grow(&tile->population->network->memory, (void **)&spikes->at, &spikes->capacity,
                 spikes->n + 1, sizeof *spikes->at)) {
      tile->status = QUELL_E_MEMORY;
      return;
    }
    spikes->at[spikes->n++] = tile->first + neuron;
    if (tile->population->remembers) remember(tile, neuron, stamp);
  }
}

/* What the host reads of a step's input, and room for the next. */
static void hand_over_input(ql_tile *tile, float **input) {
  quell_population *population = tile->population;
  for (uint32_t i = 0; i < population->model->n_receptors; i++) {
    if (tile->direct[i]) continue;
    if (population->input[i])
      memcpy(population->input[i] + tile->first, input[i], tile->count * sizeof *input[i]);
    memset(input[i], 0, tile->count * sizeof *input[i]);
  }
}

/* The rules' side of the neurons, which read their new state and which of them fire. */
static void update_sides(ql_tile *tile, const ql_update *done, uint64_t stamp) {
  memset(tile->spiked, 0, tile->count * sizeof *tile->spiked);
  for (uint32_t i = 0; i < done->n_fired; i++)
    tile->spiked[done->fired[i]] = (float)tile->times[done->fired[i]];
  ql_post_step(tile, stamp);
}

static void publish_rates(const ql_tile *tile, uint64_t stamp) {
  const quell_population *population = tile->population;
  uint64_t ring = stamp & (population->network->rings - 1);
  const float *rate = population->state[population->model->rate_state - 1];
  memcpy(population->rates + ring * population->size + tile->first, rate + tile->first,
         tile->count * sizeof *rate);
}

static void update(ql_tile *tile, uint64_t clock) {
  const quell_population *population = tile->population;
  float *input[QL_MAX_RECEPTORS] = {NULL};
  collect_input(tile, clock, input);
  if (population->model->update) {
    void *state[QL_MAX_STATES];
    const float *param[QL_MAX_PARAMS], *separate[QL_MAX_RECEPTORS];
    for (uint32_t i = 0; i < QL_MAX_RECEPTORS; i++) separate[i] = tile->direct[i] ? NULL : input[i];
    ql_update arguments = update_of(tile, clock, state, param, separate);
    if (population->dial) ql_sway_params(tile, clock, param, &arguments.uniform);
    population->model->update(&arguments);
    if (tile->spiked) update_sides(tile, &arguments, clock + 1);
    if (population->rates) publish_rates(tile, clock + 1);
    for (uint32_t i = 0; population->remembers && i < arguments.n_fired; i++)
      ql_history_prefetch(&tile->history, tile->fired[i]);
    for (uint32_t i = 0; i < arguments.n_fired; i++) fire(tile, tile->fired[i], clock + 1);
  }
  hand_over_input(tile, input);
}

void ql_tile_steps(ql_tile *tile, uint64_t clock, uint32_t steps) {
  const quell_population *population = tile->population;
  ql_arrivals arrivals = ql_arrivals_of(tile, clock, steps);
  tile->spikes.n = 0;
  if (tile->timed) tile->since = ql_seconds();
  for (uint32_t i = 0; i < steps; i++, clock++) {
    if (population->model->kind == QL_EXTERNAL) take_from_host(tile, clock);
    if (population->modulated) {
      ql_channels_enter_step(population, tile->first, tile->count);
      ql_moving_enter_step(tile, clock);
    }
    ql_sample(tile, clock);
    lap(tile, &tile->work.record);
    deliver_spikes(tile, &arrivals, clock);
    if (clock % CLAMP_EVERY == 0) clamp_old_stamps(tile, clock);
    if (population->remembers || population->n_groups) {
      if (population->remembers) sweep(tile, clock);
      ql_intervals(tile, clock);
      lap(tile, &tile->work.plasticity);
    }
    if (population->modulated) ql_moving_leave_step(tile, clock);
    update(tile, clock);
    if (population->modulated) ql_channels_leave_step(population, tile->first, tile->count);
    lap(tile, &tile->work.update);
    tile->spikes_end[i] = tile->spikes.n;
  }
}

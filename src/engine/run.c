#include "engine/run.h"

#include "base/fpmode.h"
#include "base/seconds.h"
#include "engine/code.h"
#include "engine/moving.h"
#include "engine/start.h"
#include "record/recorder.h"
#include <string.h>

/* The progress hook is called about this often. The wall clock is looked at after a number of
 * batches that adapts to their speed, up to a bound, so that slow batches after quick ones do not
 * keep it waiting. */
static const double REPORT_SECONDS = 0.1;
enum { MOST_BATCHES_UNSEEN = 256 };

/* So that asking for the time costs next to nothing. */
enum { TIMED_EVERY = 16 };

/* Appends neurons[from, to). */
static int push_spikes(quell_network *network, ql_spikes *list, const uint32_t *neurons,
                       size_t from, size_t to) {
  size_t n = to - from;
  if (!n) return 1;
  if (!ql_grow(&network->memory, (void **)&list->at, &list->capacity, list->n + n,
               sizeof *list->at))
    return 0;
  memcpy(list->at + list->n, neurons + from, n * sizeof *neurons);
  list->n += n;
  return 1;
}

/* Room for n spikes more, in the list and in all that record it. */
static int make_room(quell_population *population, ql_spikes *list, size_t n) {
  quell_network *network = population->network;
  for (size_t i = 0; i < network->n_recorders; i++)
    if (network->recorders[i]->population == population &&
        !ql_recorder_make_room(network->recorders[i], n))
      return 0;
  return n <= SIZE_MAX - list->n && ql_grow(&network->memory, (void **)&list->at, &list->capacity,
                                            list->n + n, sizeof *list->at);
}

quell_status ql_hand_in(quell_population *population, const uint32_t *neurons, size_t n,
                        int replace) {
  quell_network *network = population->network;
  ql_spikes *list = ql_spikes_at(population, network->clock);
  if (!make_room(population, list, n)) return ql_no_memory(network);
  if (replace) {
    network->measure.spikes -= list->n;
    list->n = 0;
  }
  network->measure.spikes += n;
  push_spikes(network, list, neurons, 0, n);
  ql_sort_neurons(list->at, list->n);
  ql_fpmode mode = ql_fpmode_enter();
  for (size_t i = 0; i < network->n_recorders; i++) {
    quell_recorder *recorder = network->recorders[i];
    if (recorder->population != population) continue;
    if (replace) ql_recorder_forget(recorder, network->clock);
    ql_recorder_hand_in(recorder, network->clock, neurons, n);
  }
  ql_fpmode_leave(mode);
  return QUELL_OK;
}

/* Spikes of a source that are given as a list. */
static int take_source_spikes(quell_population *population, uint64_t stamp, ql_spikes *list) {
  size_t from = population->source_next, to = from;
  while (to < population->source_n && population->source_stamp[to] == stamp) to++;
  population->source_next = to;
  return push_spikes(population->network, list, population->source_neuron, from, to);
}

/* Puts the spikes of all tiles together: for each stamp of the batch, in ascending order. */
static int exchange_population(quell_population *population, uint64_t clock, uint32_t steps) {
  quell_network *network = population->network;
  for (uint32_t i = 0; i < steps; i++) {
    ql_spikes *list = ql_spikes_at(population, clock + i + 1);
    for (uint32_t t = 0; t < population->n_tiles; t++) {
      const ql_tile *tile = &population->tiles[t];
      size_t from = i ? tile->spikes_end[i - 1] : 0;
      if (!push_spikes(network, list, tile->spikes.at, from, tile->spikes_end[i])) return 0;
    }
    if (!take_source_spikes(population, clock + i + 1, list)) return 0;
    network->measure.spikes += list->n;
  }
  return 1;
}

/* The lists of the batch's stamps, which held older ones before. */
static void clear_lists(quell_network *network, uint32_t steps) {
  for (size_t i = 0; i < network->n_populations; i++)
    for (uint32_t k = 1; k <= steps; k++)
      ql_spikes_at(network->populations[i], network->clock + k)->n = 0;
}

static void average_rates(const quell_population *population, uint32_t steps) {
  const quell_network *network = population->network;
  for (uint32_t k = 1; population->rates && k <= steps; k++) {
    uint64_t ring = (network->clock + k) & (network->rings - 1);
    const float *rate = population->rates + ring * population->size;
    population->mean_rate[ring] = ql_mean_rate(population, rate);
  }
}

static int exchange(quell_network *network, uint32_t steps) {
  clear_lists(network, steps);
  for (size_t i = 0; i < network->n_populations; i++) average_rates(network->populations[i], steps);
  for (size_t i = 0; i < network->n_populations; i++)
    if (!exchange_population(network->populations[i], network->clock, steps)) return 0;
  for (size_t i = 0; i < network->n_recorders; i++) {
    quell_recorder *recorder = network->recorders[i];
    for (uint32_t k = 1; recorder->population && k <= steps; k++)
      if (!ql_recorder_spikes(recorder, network->clock + k,
                              ql_spikes_at(recorder->population, network->clock + k)))
        return 0;
  }
  return 1;
}

static void apply_course(quell_population *population, ql_course *course) {
  const double *value = course->value + course->next * (course->per_neuron ? population->size : 1);
  float *array = population->param_array[course->param];
  for (uint32_t j = 0; j < population->size; j++)
    array[j] = (float)(course->per_neuron ? value[j] : value[0]);
  if (!course->per_neuron) population->param[course->param] = value[0];
  ql_note_uniform(population, course->param);
  course->next++;
}

void ql_follow_courses(quell_population *population) {
  for (uint32_t i = 0; i < population->model->n_params; i++) {
    ql_course *course = population->course[i];
    while (course && course->next < course->n &&
           course->step[course->next] <= population->network->clock)
      apply_course(population, course);
  }
}

/* Steps until a course changes a parameter, at most `most`. */
static uint32_t steps_to_change(const quell_network *network, uint32_t most) {
  for (size_t i = 0; i < network->n_populations; i++) {
    const quell_population *population = network->populations[i];
    for (uint32_t k = 0; k < population->model->n_params; k++) {
      const ql_course *course = population->course[k];
      if (!course || course->next == course->n) continue;
      uint64_t left = course->step[course->next] - network->clock;
      if (left < most) most = (uint32_t)left;
    }
  }
  return most;
}

/* The host's functions are called once for a clock, even if its step has to be tried again. */
static int call_host(quell_network *network) {
  int any = 0, told = network->told == network->clock + 1;
  for (size_t i = 0; i < network->n_populations; i++) {
    quell_population *population = network->populations[i];
    if (!population->on_step) continue;
    any = 1;
    if (told) continue;
    network->activity = QL_IN_ON_STEP;
    population->on_step(population->on_step_context);
    network->activity = QL_IN_RUN;
  }
  network->told = network->clock + 1;
  return any;
}

typedef struct batch {
  quell_network *network;
  uint32_t steps;
} batch;

static void run_tile(void *argument, uint32_t i) {
  const batch *b = argument;
  ql_fpmode mode = ql_fpmode_enter();
  b->network->code->tile_steps(b->network->tiles[i], b->network->clock, b->steps);
  ql_fpmode_leave(mode);
}

static void run_tiles(quell_network *network, uint32_t steps) {
  batch b = {network, steps};
  if (network->executor.run) {
    network->executor.run(network->executor.context, network->n_tiles, run_tile, &b);
    return;
  }
  for (uint32_t i = 0; i < network->n_tiles; i++) run_tile(&b, i);
}

/* Makes room for the samples of a batch. Returns its steps, 0 if there is no memory. */
static uint32_t prepare_batch(quell_network *network, uint32_t most) {
  ql_fpmode mode = ql_fpmode_enter();
  uint32_t steps = steps_to_change(network, most);
  for (size_t i = 0; steps && i < network->n_recorders; i++) {
    if (ql_recorder_reserve(network->recorders[i], network->clock, steps)) continue;
    while (i--) ql_recorder_unreserve(network->recorders[i]);
    steps = 0;
  }
  ql_fpmode_leave(mode);
  return steps;
}

/* In one batch of some the tiles measure their phases. */
static int choose_timed(quell_network *network) {
  int timed = network->measure.batches++ % TIMED_EVERY == 0;
  for (uint32_t i = 0; i < network->n_tiles; i++) network->tiles[i]->timed = timed;
  return timed;
}

static int finish_batch(quell_network *network, uint32_t steps, int timed) {
  ql_fpmode mode = ql_fpmode_enter();
  double start = timed ? ql_seconds() : 0.0;
  int exchanged = exchange(network, steps);
  network->measure.steps += steps;
  if (timed) {
    network->measure.timed_steps += steps;
    network->measure.exchange += ql_seconds() - start;
  }
  network->clock += steps;
  for (size_t i = 0; i < network->n_populations; i++) ql_follow_courses(network->populations[i]);
  ql_fpmode_leave(mode);
  return exchanged;
}

static quell_status out_of_memory(const quell_network *network) {
  return ql_fail(network, QUELL_E_MEMORY,
                 "network: out of memory in a step; it can be read and destroyed, not run");
}

/* Something of a population followed channels too far. */
static quell_status out_of_range(const quell_network *network, const ql_tile *tile,
                                 uint32_t steps) {
  const ql_model *model = tile->population->model;
  uint32_t i = tile->swayed - 1;
  int is_param = i < QL_MAX_PARAMS;
  const char *name = is_param ? model->params[i].name : model->receptors[i - QL_MAX_PARAMS];
  return ql_fail(
      network, QUELL_E_RANGE,
      "population '%.70s': '%s' must be in [%g, %g] %s, and between %g and %g ms follows "
      "its channels to %g; the network can be read and destroyed, not run",
      tile->population->name, name, is_param ? model->params[i].min : 0.0,
      is_param ? model->params[i].max : 1e9, is_param ? model->params[i].unit : "",
      (double)network->clock * network->dt, (double)(network->clock + steps) * network->dt,
      (double)tile->swayed_to);
}

/* What went wrong in a batch: what a tile met first, of the first tile. */
static quell_status tiles_status(const quell_network *network, uint32_t steps) {
  for (uint32_t t = 0; t < network->n_tiles; t++) {
    const ql_tile *tile = network->tiles[t];
    if (!tile->status) continue;
    if (tile->swayed) return out_of_range(network, tile, steps);
    if (!tile->wrong) return out_of_memory(network);
    return ql_fail(
        network, tile->status,
        "rule '%s': between %g and %g ms it made a weight, variable or release onto "
        "population '%.70s' that is no finite number; the network can be read and destroyed, not "
        "run",
        tile->wrong->desc->name, (double)network->clock * network->dt,
        (double)(network->clock + steps) * network->dt, tile->population->name);
  }
  return QUELL_OK;
}

/* Where modulators go in the steps of a batch, and what follows them. */
static quell_status follow_modulators(quell_network *network, uint32_t steps) {
  ql_fpmode mode = ql_fpmode_enter();
  quell_status status = ql_channels_advance(network, steps) ? QUELL_OK : out_of_memory(network);
  if (!status) status = ql_moving_advance(network, steps);
  ql_fpmode_leave(mode);
  return status;
}

static quell_status advance_batch(quell_network *network, uint64_t left) {
  uint32_t most = network->batch < network->horizon / 4 ? network->batch : network->horizon / 4;
  if (most > left) most = (uint32_t)left;
  if (call_host(network)) most = 1;
  if (network->phase == QL_FAILED) return QUELL_E_MEMORY;
  uint32_t steps = prepare_batch(network, most);
  if (!steps) return ql_no_memory(network);
  quell_status status = follow_modulators(network, steps);
  if (status) {
    network->phase = QL_FAILED;
    return status;
  }
  int timed = choose_timed(network);
  run_tiles(network, steps);
  status = tiles_status(network, steps);
  if (!finish_batch(network, steps, timed) && !status) status = out_of_memory(network);
  if (status) network->phase = QL_FAILED;
  return status;
}

/* Calls the progress hook a few times a second. */
typedef struct reporter {
  uint32_t every, since; /* batches */
  double last;
} reporter;

static int report(const quell_network *network, uint64_t done, uint64_t total) {
  return network->progress.report(network->progress.context, done, total) != 0;
}

static int asks_to_stop(quell_network *network, reporter *r, uint64_t done, uint64_t total) {
  if (atomic_exchange(&network->stop, 0)) return 1;
  if (!network->progress.report || ++r->since < r->every) return 0;
  double now = ql_seconds(), passed = now - r->last;
  if (passed < REPORT_SECONDS) {
    if (r->every < MOST_BATCHES_UNSEEN && passed < REPORT_SECONDS / 2) r->every *= 2;
    return 0;
  }
  if (passed > 2 * REPORT_SECONDS && r->every > 1) r->every /= 2;
  r->since = 0;
  r->last = now;
  int asked = report(network, done, total);
  return atomic_exchange(&network->stop, 0) || asked;
}

quell_status ql_advance(quell_network *network, uint64_t steps) {
  if (network->phase == QL_FAILED)
    return ql_fail(network, QUELL_E_FAILED,
                   "network: an earlier step failed; it can be read and destroyed, not run");
  network->activity = QL_IN_RUN;
  quell_status status = network->phase == QL_BUILDING ? ql_start(network) : QUELL_OK;
  double began = ql_seconds();
  reporter r = {1, 0, network->progress.report ? ql_seconds() : 0.0};
  uint64_t done = 0, start = network->clock;
  int stop = steps && atomic_exchange(&network->stop, 0);
  while (done < steps && !stop && !status) {
    status = advance_batch(network, steps - done);
    done = network->clock - start;
    /* A request that comes too late for this run is for the next one. */
    if (!status && done < steps) stop = asks_to_stop(network, &r, done, steps);
  }
  if (!status && !stop && steps > 1 && network->progress.report) report(network, steps, steps);
  network->measure.run += ql_seconds() - began;
  network->activity = QL_IDLE;
  return status ? status : stop ? QUELL_STOPPED : QUELL_OK;
}

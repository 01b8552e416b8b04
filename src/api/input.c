/* What a population is given from outside as time goes on: courses of parameters, lists of spikes,
 * the host's own neurons. */
#include <quell/population.h>

#include "api/check.h"
#include "api/free.h"
#include "engine/run.h"
#include "record/recorder.h"
#include <stdlib.h>
#include <string.h>

/* An array of more elements fits into no memory. */
#define MOST_ELEMENTS (SIZE_MAX / 32)

static quell_status too_many(const quell_population *population, size_t n, const char *what) {
  return ql_fail(population->network, QUELL_E_LENGTH,
                 "population '%.70s': %zu %s are more than any memory holds", population->name, n,
                 what);
}

static quell_status refuse_model(const quell_population *population, const char *needed) {
  return ql_fail(population->network, QUELL_E_UNSUPPORTED,
                 "population '%.70s': only the model '%s' can do this, it is a '%s'",
                 population->name, needed, population->model->name);
}

static quell_status null_array(const quell_population *population, const char *what) {
  return ql_fail(population->network, QUELL_E_NULL, "population '%.70s': %s is NULL",
                 population->name, what);
}

static quell_status check_times(const quell_population *population, const double *times, size_t n,
                                uint64_t *step) {
  const quell_network *network = population->network;
  for (size_t i = 0; i < n; i++) {
    if (!ql_time_to_steps(network, times[i], &step[i]) || step[i] < network->clock)
      return ql_fail(network, QUELL_E_RANGE,
                     "population '%.70s': time %zu must not be before the clock, %g ms, got %g",
                     population->name, i, (double)network->clock * network->dt, times[i]);
    if (i && step[i] < step[i - 1])
      return ql_fail(network, QUELL_E_RANGE, "population '%.70s': time %zu is before time %zu",
                     population->name, i, i - 1);
  }
  return QUELL_OK;
}

static quell_status check_course(const quell_population *population, const quell_param_desc *param,
                                 const double *values, size_t n) {
  for (size_t i = 0; i < n; i++) {
    quell_status status = ql_check_value(population->network, "schedule", param, values[i]);
    if (status)
      return ql_fail(population->network, status,
                     "population '%.70s': value %zu of '%s' must be in [%g, %g] %s, got %g",
                     population->name, i, param->name, param->min, param->max, param->unit,
                     values[i]);
  }
  return QUELL_OK;
}

static quell_status make_course(const quell_population *population, uint32_t param,
                                const double *times, size_t n_times, const double *values,
                                size_t n_values, ql_course **out) {
  ql_memory *memory = &population->network->memory;
  ql_course *course = ql_alloc(memory, 1, sizeof *course);
  if (!course) return ql_no_memory(population->network);
  course->param = param;
  course->n = n_times;
  course->per_neuron = n_values != n_times;
  course->step = ql_alloc(memory, n_times, sizeof *course->step);
  course->value = ql_alloc(memory, n_values, sizeof *course->value);
  quell_status status =
      course->step && course->value ? QUELL_OK : ql_no_memory(population->network);
  if (!status) status = check_times(population, times, n_times, course->step);
  if (!status)
    status = check_course(population, &population->model->params[param], values, n_values);
  if (status) {
    ql_course_free(memory, course);
    return status;
  }
  memcpy(course->value, values, n_values * sizeof *values);
  *out = course;
  return QUELL_OK;
}

quell_status quell_population_schedule(quell_population *population, const char *name,
                                       const double *times, size_t n_times, const double *values,
                                       size_t n_values) {
  if (!population) return QUELL_E_NULL;
  quell_network *network = population->network;
  if (!name) return null_array(population, "the name");
  if (n_times && (!times || !values)) return null_array(population, "the array of times or values");
  quell_status status = ql_check_idle(network);
  if (status) return status;
  const ql_model *model = population->model;
  uint32_t param = 0;
  while (param < model->n_params && strcmp(model->params[param].name, name)) param++;
  if (param == model->n_params)
    return ql_fail(network, QUELL_E_NAME, "population '%.70s': no parameter '%.60s'",
                   population->name, name);
  if (!population->param_array[param])
    return ql_fail(network, QUELL_E_UNSUPPORTED, "population '%.70s': all neurons share '%s'",
                   population->name, name);
  int shared = n_values == n_times;
  int each = n_times <= SIZE_MAX / population->size && n_values == n_times * population->size;
  if (!shared && !each)
    return ql_fail(network, QUELL_E_LENGTH,
                   "population '%.70s': %zu times need as many values, or as many for each of the "
                   "%u neurons; got %zu",
                   population->name, n_times, population->size, n_values);
  if (n_times > MOST_ELEMENTS) return too_many(population, n_times, "times");
  if (n_values > MOST_ELEMENTS) return too_many(population, n_values, "values for times");
  ql_course *course = NULL;
  ql_fpmode mode = ql_fpmode_enter();
  if (n_times) status = make_course(population, param, times, n_times, values, n_values, &course);
  ql_fpmode_leave(mode);
  if (status) return status;
  ql_course_free(&network->memory, population->course[param]);
  population->course[param] = course;
  ql_follow_courses(population);
  return QUELL_OK;
}

typedef struct spike {
  uint64_t stamp;
  uint32_t neuron;
} spike;

static int in_order(const void *a, const void *b) {
  const spike *left = a, *right = b;
  if (left->stamp != right->stamp) return left->stamp < right->stamp ? -1 : 1;
  return (left->neuron > right->neuron) - (left->neuron < right->neuron);
}

static quell_status read_spikes(const quell_population *population, const uint32_t *neurons,
                                const double *times, size_t n, spike *spikes) {
  const quell_network *network = population->network;
  uint64_t earliest = network->clock + (network->phase != QL_BUILDING);
  for (size_t i = 0; i < n; i++) {
    if (neurons[i] >= population->size)
      return ql_fail(network, QUELL_E_LENGTH,
                     "population '%.70s': spike %zu is of neuron %u, there are %u",
                     population->name, i, neurons[i], population->size);
    uint64_t stamp;
    if (!ql_time_to_steps(network, times[i], &stamp) || stamp < earliest)
      return ql_fail(network, QUELL_E_RANGE,
                     "population '%.70s': spike %zu must not be before %g ms, got %g",
                     population->name, i, (double)earliest * network->dt, times[i]);
    spikes[i] = (spike){stamp, neurons[i]};
  }
  qsort(spikes, n, sizeof *spikes, in_order);
  return QUELL_OK;
}

/* Those of the clock itself, before the first step, are handed in; the rest is kept. */
static quell_status keep_spikes(quell_population *population, const spike *spikes, size_t n,
                                uint64_t *stamp, uint32_t *neuron) {
  quell_network *network = population->network;
  size_t now = 0;
  for (size_t i = 0; i < n; i++) {
    stamp[i] = spikes[i].stamp;
    neuron[i] = spikes[i].neuron;
    now += network->phase == QL_BUILDING && stamp[i] == network->clock;
  }
  quell_status status =
      network->phase == QL_BUILDING ? ql_hand_in(population, neuron, now, 1) : QUELL_OK;
  if (status) return status;
  ql_free(&network->memory, population->source_stamp);
  ql_free(&network->memory, population->source_neuron);
  population->source_stamp = stamp;
  population->source_neuron = neuron;
  population->source_n = n;
  population->source_next = now;
  return QUELL_OK;
}

quell_status quell_population_set_spikes(quell_population *population, const uint32_t *neurons,
                                         const double *times, size_t n) {
  if (!population) return QUELL_E_NULL;
  quell_network *network = population->network;
  if (n && (!neurons || !times)) return null_array(population, "the array of neurons or times");
  if (population->model->kind != QL_SPIKE_SOURCE) return refuse_model(population, "spike_source");
  if (n > MOST_ELEMENTS) return too_many(population, n, "spikes");
  quell_status status = ql_check_idle(network);
  if (status) return status;
  ql_memory *memory = &network->memory;
  spike *spikes = ql_alloc(memory, n, sizeof *spikes);
  uint64_t *stamp = ql_alloc(memory, n, sizeof *stamp);
  uint32_t *neuron = ql_alloc(memory, n, sizeof *neuron);
  ql_fpmode mode = ql_fpmode_enter();
  status = spikes && stamp && neuron ? read_spikes(population, neurons, times, n, spikes)
                                     : ql_no_memory(network);
  ql_fpmode_leave(mode);
  if (!status) status = keep_spikes(population, spikes, n, stamp, neuron);
  ql_free(memory, spikes);
  if (!status) return QUELL_OK;
  ql_free(memory, stamp);
  ql_free(memory, neuron);
  return status;
}

quell_status quell_population_spikes_in(quell_population *population, const uint32_t *neurons,
                                        size_t n) {
  if (!population) return QUELL_E_NULL;
  quell_network *network = population->network;
  if (n && !neurons) return null_array(population, "the array of neurons");
  if (population->model->kind != QL_EXTERNAL) return refuse_model(population, "external");
  if (network->activity != QL_IN_ON_STEP) {
    quell_status status = ql_check_idle(network);
    if (status) return status;
  }
  if (network->phase == QL_FAILED)
    return ql_fail(network, QUELL_E_FAILED, "network: an earlier step failed");
  if (n > MOST_ELEMENTS) return too_many(population, n, "spikes");
  for (size_t i = 0; i < n; i++)
    if (neurons[i] >= population->size)
      return ql_fail(network, QUELL_E_LENGTH,
                     "population '%.70s': spike %zu is of neuron %u, there are %u",
                     population->name, i, neurons[i], population->size);
  return ql_hand_in(population, neurons, n, 0);
}

quell_status quell_population_spikes_out(const quell_population *population,
                                         const uint32_t **neurons, size_t *n) {
  if (!population) return QUELL_E_NULL;
  const quell_network *network = population->network;
  if (!neurons || !n) return null_array(population, "the place for the spikes");
  const ql_spikes *list = ql_spikes_at(population, network->clock);
  *neurons = list->at;
  *n = list->n;
  return QUELL_OK;
}

quell_status quell_population_input(const quell_population *population, const char *receptor,
                                    const float **input, uint32_t *n) {
  if (!population) return QUELL_E_NULL;
  if (!receptor || !input || !n) return null_array(population, "the receptor or a place for it");
  const ql_model *model = population->model;
  if (model->kind != QL_EXTERNAL) return refuse_model(population, "external");
  for (uint32_t i = 0; i < model->n_receptors; i++) {
    if (strcmp(model->receptors[i], receptor)) continue;
    *input = population->input[i];
    *n = population->size;
    return QUELL_OK;
  }
  return ql_fail(population->network, QUELL_E_NAME, "population '%.70s': no receptor '%.60s'",
                 population->name, receptor);
}

quell_status quell_population_on_step(quell_population *population, void (*on_step)(void *context),
                                      void *context) {
  if (!population) return QUELL_E_NULL;
  if (population->model->kind != QL_EXTERNAL) return refuse_model(population, "external");
  quell_status status = ql_check_idle(population->network);
  if (status) return status;
  population->on_step = on_step;
  population->on_step_context = context;
  return QUELL_OK;
}

#include <quell/population.h>

#include "api/check.h"
#include "api/free.h"
#include "base/message.h"
#include "engine/code.h"
#include "engine/start.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_NEURONS = 1 << 30, OWNER = 96 };

/* "population 'name'", the beginning of a sentence. */
static const char *owner_of(const quell_population *population, char owner[OWNER]) {
  snprintf(owner, OWNER, "population '%.70s'", population->name);
  return owner;
}

static size_t state_bytes(uint32_t type) {
  return type == QUELL_FLOAT64 ? sizeof(double) : sizeof(float);
}

static void state_put(void *array, uint32_t type, uint32_t j, double value) {
  if (type == QUELL_FLOAT64)
    ((double *)array)[j] = value;
  else if (type == QUELL_INT32)
    ((int32_t *)array)[j] = (int32_t)value;
  else
    ((float *)array)[j] = (float)value;
}

static double state_get(const void *array, uint32_t type, uint32_t j) {
  if (type == QUELL_FLOAT64) return ((const double *)array)[j];
  if (type == QUELL_INT32) return ((const int32_t *)array)[j];
  return ((const float *)array)[j];
}

static int param_index(const ql_model *model, const char *name) {
  for (uint32_t i = 0; i < model->n_params; i++)
    if (!strcmp(model->params[i].name, name)) return (int)i;
  return -1;
}

static int state_index(const ql_model *model, const char *name) {
  for (uint32_t i = 0; i < model->n_states; i++)
    if (!strcmp(model->states[i].name, name)) return (int)i;
  return -1;
}

static int receptor_index(const ql_model *model, const char *name) {
  for (uint32_t i = 0; i < model->n_receptors; i++)
    if (!strcmp(model->receptors[i], name)) return (int)i;
  return -1;
}

/* Gives all neurons one value of a parameter, if they do not share it anyway. */
static void fill(quell_population *population, uint32_t param, double value) {
  float *array = population->param_array[param];
  if (!array) return;
  for (uint32_t j = 0; j < population->size; j++) array[j] = (float)value;
  population->uniform |= 1u << param;
}

static quell_status prepare(const quell_population *population, const double *param,
                            void *constants) {
  char message[256] = "", owner[OWNER];
  const ql_model *model = population->model;
  if (!model->prepare) return QUELL_OK;
  quell_status status =
      model->prepare(param, population->network->dt, constants, message, sizeof message);
  if (status) ql_fail(population->network, status, "%s: %s", owner_of(population, owner), message);
  return status;
}

static int allocate(quell_population *population) {
  const ql_model *model = population->model;
  ql_memory *memory = &population->network->memory;
  population->constants = ql_alloc(memory, 1, model->constants_size);
  if (!population->constants) return 0;
  for (uint32_t i = 0; i < model->n_params; i++) {
    if (!(model->params[i].flags & QUELL_PER_NEURON)) continue;
    population->param_array[i] = ql_alloc(memory, population->size, sizeof(float));
    if (!population->param_array[i]) return 0;
  }
  for (uint32_t i = 0; i < model->n_states; i++) {
    population->state[i] = ql_alloc(memory, population->size, state_bytes(model->states[i].type));
    if (!population->state[i]) return 0;
  }
  for (uint32_t i = 0; model->kind == QL_EXTERNAL && i < model->n_receptors; i++) {
    population->input[i] = ql_alloc(memory, population->size, sizeof(float));
    if (!population->input[i]) return 0;
  }
  return ql_tiles_create(population) && ql_spikes_create(population, 1);
}

static void initialise(quell_population *population) {
  const ql_model *model = population->model;
  for (uint32_t i = 0; i < model->n_params; i++) fill(population, i, population->param[i]);
  for (uint32_t i = 0; i < model->n_states; i++) {
    const ql_state_desc *state = &model->states[i];
    double value = state->from ? population->param[param_index(model, state->from)] : state->value;
    for (uint32_t j = 0; j < population->size; j++)
      state_put(population->state[i], state->type, j, value);
  }
  if (!model->start) return;
  ql_update all = {.constants = population->constants,
                   .n = population->size,
                   .state = population->state,
                   .param = (const float *const *)population->param_array,
                   .seed = population->network->seed,
                   .object = population->number};
  model->start(&all);
}

static quell_status unknown_model(const quell_network *network, const char *name,
                                  const char *model) {
  char known[160] = "";
  for (size_t i = 0; i < ql_model_count(); i++)
    ql_list_name(known, sizeof known, ql_model_at(i)->name);
  return ql_fail(network, QUELL_E_NAME, "population '%.70s': no model '%.70s'; there are: %s", name,
                 model, known);
}

static quell_status check_new(const quell_network *network, const char *name, const char *model,
                              uint32_t size) {
  if (!*name) return ql_fail(network, QUELL_E_NAME, "population: the name is empty");
  for (size_t i = 0; i < network->n_populations; i++)
    if (!strcmp(network->populations[i]->name, name))
      return ql_fail(network, QUELL_E_NAME, "population '%.70s': there is one already", name);
  if (!ql_model_find(model)) return unknown_model(network, name, model);
  if (size < 1 || size > MOST_NEURONS)
    return ql_fail(network, QUELL_E_RANGE,
                   "population '%.70s': the size must be in [1, %d], got %u", name, MOST_NEURONS,
                   size);
  return QUELL_OK;
}

static quell_status set_up(quell_population *population, const char *name,
                           const quell_value *values, size_t n) {
  quell_network *network = population->network;
  const ql_model *model = population->model;
  char owner[OWNER];
  population->name = ql_alloc(&network->memory, strlen(name) + 1, 1);
  if (!population->name) return ql_no_memory(network);
  strcpy(population->name, name);
  for (uint32_t i = 0; i < model->n_params; i++) population->param[i] = model->params[i].value;
  quell_status status = ql_take_values(network, owner_of(population, owner), model->params,
                                       model->n_params, values, n, population->param);
  if (status) return status;
  if (!allocate(population)) return ql_no_memory(network);
  status = prepare(population, population->param, population->constants);
  if (status) return status;
  initialise(population);
  if (!ql_append(network, (void ***)&network->populations, &network->n_populations,
                 &network->population_capacity, population))
    return ql_no_memory(network);
  return QUELL_OK;
}

quell_status quell_population_create(quell_network *network, const char *name, const char *model,
                                     uint32_t size, const quell_value *values, size_t n,
                                     quell_population **out) {
  if (!network) return QUELL_E_NULL;
  if (!name || !model || !out)
    return ql_fail(network, QUELL_E_NULL,
                   "population: name, model or place for the handle is NULL");
  quell_status status = ql_check_building(network);
  if (!status) status = check_new(network, name, model, size);
  if (status) return status;
  quell_population *population = ql_alloc(&network->memory, 1, sizeof *population);
  if (!population) return ql_no_memory(network);
  population->network = network;
  population->number = (uint32_t)network->n_populations;
  population->model = network->code->find_model(model);
  population->size = size;
  ql_fpmode mode = ql_fpmode_enter();
  status = set_up(population, name, values, n);
  ql_fpmode_leave(mode);
  if (status)
    ql_population_free(population);
  else
    *out = population;
  return status;
}

const char *quell_population_name(const quell_population *population) {
  return population ? population->name : NULL;
}

const char *quell_population_model(const quell_population *population) {
  return population ? population->model->name : NULL;
}

uint32_t quell_population_size(const quell_population *population) {
  return population ? population->size : 0;
}

static quell_status set_values(quell_population *population, const quell_value *values, size_t n) {
  quell_network *network = population->network;
  const ql_model *model = population->model;
  char owner[OWNER];
  double param[QL_MAX_PARAMS];
  memcpy(param, population->param, sizeof param);
  quell_status status = ql_take_values(network, owner_of(population, owner), model->params,
                                       model->n_params, values, n, param);
  if (status) return status;
  void *constants = ql_alloc(&network->memory, 1, model->constants_size);
  if (!constants) return ql_no_memory(network);
  status = prepare(population, param, constants);
  if (status) {
    ql_free(&network->memory, constants);
    return status;
  }
  ql_free(&network->memory, population->constants);
  population->constants = constants;
  memcpy(population->param, param, sizeof param);
  for (size_t k = 0; k < n; k++) {
    int i = param_index(model, values[k].name);
    fill(population, (uint32_t)i, values[k].value);
  }
  return QUELL_OK;
}

quell_status quell_population_set(quell_population *population, const quell_value *values,
                                  size_t n) {
  if (!population) return QUELL_E_NULL;
  quell_status status = ql_check_idle(population->network);
  if (status) return status;
  ql_fpmode mode = ql_fpmode_enter();
  status = set_values(population, values, n);
  ql_fpmode_leave(mode);
  return status;
}

/* A state variable's range as that of a parameter, to be checked in the same way. */
static quell_param_desc state_range(const ql_state_desc *state) {
  uint32_t flags = state->type == QUELL_INT32 ? QUELL_INTEGER : 0;
  return (quell_param_desc){state->name, state->unit, state->doc, state->value,
                            state->min,  state->max,  flags,      0};
}

static quell_status check_array(const quell_population *population, const quell_param_desc *param,
                                const double *values, size_t n) {
  char owner[OWNER], element[OWNER + 32];
  for (size_t j = 0; j < n; j++) {
    if (ql_value_fits(param, values[j])) continue;
    snprintf(element, sizeof element, "%s, value %zu", owner_of(population, owner), j);
    return ql_check_value(population->network, element, param, values[j]);
  }
  return QUELL_OK;
}

static quell_status unknown(const quell_population *population, const char *name) {
  return ql_fail(population->network, QUELL_E_NAME,
                 "population '%.70s': the model '%s' has no parameter or state variable '%.60s'",
                 population->name, population->model->name, name);
}

static quell_status shared(const quell_population *population, const char *name) {
  return ql_fail(population->network, QUELL_E_UNSUPPORTED,
                 "population '%.70s': all neurons share '%s'", population->name, name);
}

static quell_status set_array(quell_population *population, const char *name, uint32_t first,
                              uint32_t n, const double *values) {
  const ql_model *model = population->model;
  int s = state_index(model, name), p = param_index(model, name);
  if (s < 0 && p < 0) return unknown(population, name);
  if (s < 0 && !population->param_array[p]) return shared(population, name);
  const quell_param_desc range = s < 0 ? model->params[p] : state_range(&model->states[s]);
  quell_status status = check_array(population, &range, values, n);
  if (status) return status;
  for (uint32_t j = 0; j < n; j++) {
    if (s < 0)
      population->param_array[p][first + j] = (float)values[j];
    else
      state_put(population->state[s], model->states[s].type, first + j, values[j]);
  }
  if (s < 0) ql_note_uniform(population, (uint32_t)p);
  if (s >= 0 && population->rates && s == (int)model->rate_state - 1) ql_publish_rates(population);
  return QUELL_OK;
}

static quell_status check_slice(const quell_population *population, const void *values,
                                uint32_t first, uint32_t n) {
  char owner[OWNER];
  if (n && !values)
    return ql_fail(population->network, QUELL_E_NULL, "%s: the array of values is NULL",
                   owner_of(population, owner));
  return ql_check_slice(population->network, owner_of(population, owner), first, n,
                        population->size);
}

/* The host says what its own neurons are like when it is asked for their step. */
static quell_status check_may_set(const quell_population *population) {
  if (population->model->kind == QL_EXTERNAL && population->network->activity == QL_IN_ON_STEP)
    return QUELL_OK;
  return ql_check_idle(population->network);
}

quell_status quell_population_set_array(quell_population *population, const char *name,
                                        uint32_t first, uint32_t n, const double *values) {
  if (!population) return QUELL_E_NULL;
  if (!name) return ql_fail(population->network, QUELL_E_NULL, "population: the name is NULL");
  quell_status status = check_may_set(population);
  if (!status) status = check_slice(population, values, first, n);
  if (status) return status;
  ql_fpmode mode = ql_fpmode_enter();
  status = set_array(population, name, first, n, values);
  ql_fpmode_leave(mode);
  return status;
}

quell_status quell_population_get(const quell_population *population, const char *name,
                                  uint32_t first, uint32_t n, double *values) {
  if (!population) return QUELL_E_NULL;
  if (!name) return ql_fail(population->network, QUELL_E_NULL, "population: the name is NULL");
  quell_status status = check_slice(population, values, first, n);
  if (status) return status;
  const ql_model *model = population->model;
  int s = state_index(model, name), p = param_index(model, name);
  if (s < 0 && p < 0) return unknown(population, name);
  for (uint32_t j = 0; j < n; j++) {
    if (s >= 0)
      values[j] = state_get(population->state[s], model->states[s].type, first + j);
    else if (population->param_array[p])
      values[j] = population->param_array[p][first + j];
    else
      values[j] = population->param[p];
  }
  return QUELL_OK;
}

quell_status quell_population_view(const quell_population *population, const char *name,
                                   quell_view *view) {
  if (!population) return QUELL_E_NULL;
  if (!name || !view)
    return ql_fail(population->network, QUELL_E_NULL, "population: the name or the view is NULL");
  int s = state_index(population->model, name);
  if (s < 0) return unknown(population, name);
  const quell_view known = {0, population->model->states[s].type, population->state[s],
                            population->size};
  return ql_fill(population->network, view, &known, sizeof known, "view");
}

static quell_status set_background(quell_population *population, uint32_t receptor, double rate,
                                   double weight) {
  quell_network *network = population->network;
  double mean = rate * network->dt / 1000.0;
  if (!(rate >= 0.0 && mean <= 64.0))
    return ql_fail(network, QUELL_E_RANGE,
                   "population '%.70s': the background's rate must be in [0, %g] Hz, got %g",
                   population->name, 64000.0 / network->dt, rate);
  if (!(weight >= 0.0 && weight <= QL_MOST_WEIGHT))
    return ql_fail(network, QUELL_E_RANGE,
                   "population '%.70s': the background's weight must be a magnitude in [0, %g], "
                   "got %g",
                   population->name, QL_MOST_WEIGHT, weight);
  ql_background **background = &population->background[receptor];
  if (rate == 0.0) {
    ql_free(&network->memory, *background);
    *background = NULL;
    return QUELL_OK;
  }
  if (!*background) *background = ql_alloc(&network->memory, 1, sizeof **background);
  if (!*background) return ql_no_memory(network);
  **background = (ql_background){
      .weight = (float)weight, .seed = network->seed, .object = 2 * population->number + receptor};
  ql_background_prepare(*background, mean);
  return QUELL_OK;
}

quell_status quell_population_background(quell_population *population, const char *receptor,
                                         double rate, double weight) {
  if (!population) return QUELL_E_NULL;
  quell_network *network = population->network;
  if (!receptor) return ql_fail(network, QUELL_E_NULL, "population: the receptor is NULL");
  quell_status status = ql_check_idle(network);
  if (status) return status;
  if (population->model->kind != QL_NEURON)
    return ql_fail(network, QUELL_E_UNSUPPORTED,
                   "population '%.70s': the model '%s' takes no background", population->name,
                   population->model->name);
  int i = receptor_index(population->model, receptor);
  if (i < 0)
    return ql_fail(network, QUELL_E_NAME, "population '%.70s': no receptor '%.60s'",
                   population->name, receptor);
  ql_fpmode mode = ql_fpmode_enter();
  status = set_background(population, (uint32_t)i, rate, weight);
  ql_fpmode_leave(mode);
  return status;
}

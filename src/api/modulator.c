#include <quell/modulator.h>

#include "api/check.h"
#include "base/message.h"
#include "modulation/critic.h"
#include "modulation/curve.h"
#include "modulation/diffusion.h"
#include "modulation/presets.h"
#include <math.h>
#include <string.h>

static const quell_param_desc params[QL_CHANNEL_PARAMS] = {
    {"tonic", "1", "concentration without release", 0.0, -1e12, 1e12, 0, 0},
    {"tau", "ms", "time constant with which what is released decays", 200.0, 0.0, (double)INFINITY,
     0, 0},
    {"min", "1", "smallest concentration", -(double)INFINITY, -(double)INFINITY, 1e12, 0, 0},
    {"max", "1", "largest concentration", (double)INFINITY, -1e12, (double)INFINITY, 0, 0},
};

enum { MOST_TERRITORIES = 4096, MOST_DIFFUSING = 256, OWNER = 96, LONGEST_NEWS = 1 << 20 };
static const double MOST_AMOUNT = 1e12, LEAST_DIFFUSING_TAU = 1e-3;

/* --- checks --- */

static quell_status refuse(const quell_modulator *m, quell_status status, const char *what) {
  return ql_fail(m->network, status, "channel '%s': %s", m->name, what);
}

/* Inside on_step the host may change channels, too. */
static quell_status check_open(const quell_modulator *m) {
  if (m->network->activity == QL_IN_ON_STEP) return QUELL_OK;
  return ql_check_idle(m->network);
}

static quell_status check_releasable(const quell_modulator *m) {
  quell_status status = check_open(m);
  if (status || m->scope != QUELL_SCOPE_STATE) return status;
  return refuse(m, QUELL_E_UNSUPPORTED, "it is a state of neurons, and nothing is released");
}

static quell_status check_scope(const quell_modulator *m, int32_t most, const char *what) {
  quell_status status = ql_check_building(m->network);
  if (status || m->scope <= most) return status;
  return refuse(m, QUELL_E_UNSUPPORTED, what);
}

static quell_status check_at(const quell_modulator *m, uint64_t at) {
  if (at < m->size) return QUELL_OK;
  return ql_fail(m->network, QUELL_E_LENGTH, "channel '%s': it has %u values, there is no %llu",
                 m->name, m->size, (unsigned long long)at);
}

static quell_status check_amount(const quell_modulator *m, const char *what, double value) {
  if (fabs(value) <= MOST_AMOUNT) return QUELL_OK;
  return ql_fail(m->network, QUELL_E_RANGE, "channel '%s': the %s must be in [%g, %g], got %g",
                 m->name, what, -MOST_AMOUNT, MOST_AMOUNT, value);
}

static quell_status check_level(const quell_modulator *m, double value) {
  if (value >= m->param[QL_MIN] && value <= m->param[QL_MAX] && isfinite(value)) return QUELL_OK;
  return ql_fail(m->network, QUELL_E_RANGE,
                 "channel '%s': the concentration must be in [%g, %g], got %g", m->name,
                 m->param[QL_MIN], m->param[QL_MAX], value);
}

static quell_status check_params(const quell_network *network, const char *owner,
                                 const double *value) {
  if (value[QL_MIN] <= value[QL_TONIC] && value[QL_TONIC] <= value[QL_MAX]) return QUELL_OK;
  return ql_fail(network, QUELL_E_RANGE, "%s: 'tonic' must be in [min, max] = [%g, %g], got %g",
                 owner, value[QL_MIN], value[QL_MAX], value[QL_TONIC]);
}

/* A whole number of steps from the clock on. */
static quell_status check_time(const quell_modulator *m, double time, uint64_t *stamp) {
  const quell_network *network = m->network;
  *stamp = network->clock;
  if (time == QUELL_NOW) return QUELL_OK;
  if (ql_time_on_grid(network, time, stamp) && *stamp >= network->clock) return QUELL_OK;
  return ql_fail(network, QUELL_E_RANGE,
                 "channel '%s': a time must be a whole number of steps from the clock, %g ms, on, "
                 "got %g ms",
                 m->name, (double)network->clock * network->dt, time);
}

static quell_status check_population(const quell_modulator *m, const quell_population *population) {
  if (!population) return refuse(m, QUELL_E_NULL, "the population is NULL");
  if (population->network == m->network) return QUELL_OK;
  return ql_fail(m->network, QUELL_E_OWNER,
                 "channel '%s': population '%.70s' belongs to another network", m->name,
                 population->name);
}

/* The delay of news, in steps. */
static quell_status take_delay(const quell_modulator *m, double ms, uint32_t *delay) {
  const quell_network *network = m->network;
  uint64_t steps = 0;
  if (ms == 0.0) {
    double one = floor(1.0 / network->dt + 0.5);
    *delay = one < 1.0 ? 1 : (uint32_t)one;
    return QUELL_OK;
  }
  if (!ql_time_on_grid(network, ms, &steps) || steps < 1 || steps > LONGEST_NEWS)
    return ql_fail(network, QUELL_E_RANGE,
                   "channel '%s': 'delay' must be a whole number of steps in [%g, %g] ms, got %g",
                   m->name, network->dt, LONGEST_NEWS * network->dt, ms);
  *delay = (uint32_t)steps;
  return QUELL_OK;
}

/* --- creation --- */

static quell_status take_state(quell_modulator *m, const char *state) {
  const quell_population *population = m->population;
  if (!state) return refuse(m, QUELL_E_NULL, "the state is NULL");
  for (uint32_t i = 0; i < population->model->n_states; i++) {
    if (strcmp(population->model->states[i].name, state)) continue;
    m->state = i;
    return QUELL_OK;
  }
  return ql_fail(m->network, QUELL_E_NAME,
                 "channel '%s': population '%.70s' (model '%s') has no state '%.60s'", m->name,
                 population->name, population->model->name, state);
}

static quell_status take_scope(quell_modulator *m, const quell_modulator_options *options) {
  int by_neuron = options->scope >= QUELL_SCOPE_NEURON;
  if (options->scope < QUELL_SCOPE_NETWORK || options->scope > QUELL_SCOPE_STATE ||
      options->reserved)
    return refuse(m, QUELL_E_RANGE, "'scope' must be 0 to 3, and 'reserved' 0");
  int territorial = options->scope == QUELL_SCOPE_TERRITORY;
  if (territorial ? options->territories < 1 || options->territories > MOST_TERRITORIES
                  : options->territories != 0)
    return ql_fail(m->network, QUELL_E_RANGE,
                   "channel '%s': 'territories' must be in [1, %d] for that scope, and 0 for any "
                   "other, got %u",
                   m->name, MOST_TERRITORIES, options->territories);
  if (!by_neuron && (options->population || options->state))
    return refuse(m, QUELL_E_RANGE, "a population or state goes with the scopes neuron and state");
  m->scope = options->scope;
  m->size = territorial ? options->territories : 1;
  if (!by_neuron) return QUELL_OK;
  quell_status status = check_population(m, options->population);
  if (status) return status;
  m->population = options->population;
  m->size = options->population->size;
  if (m->scope == QUELL_SCOPE_STATE) return take_state(m, options->state);
  return options->state ? refuse(m, QUELL_E_RANGE, "a state goes with the scope state") : QUELL_OK;
}

static quell_status take_params(quell_modulator *m, const char *preset, const quell_value *values,
                                size_t n) {
  char owner[OWNER];
  const ql_kinetics *kinetics = preset ? ql_kinetics_find(preset) : NULL;
  if (preset && !kinetics)
    return ql_fail(m->network, QUELL_E_NAME, "channel '%s': there is no preset '%.60s'", m->name,
                   preset);
  for (uint32_t i = 0; i < QL_CHANNEL_PARAMS; i++)
    m->param[i] = kinetics ? kinetics->param[i] : params[i].value;
  ql_message(owner, sizeof owner, "channel '%.70s'", m->name);
  quell_status status =
      ql_take_values(m->network, owner, params, QL_CHANNEL_PARAMS, values, n, m->param);
  return status ? status : check_params(m->network, owner, m->param);
}

static quell_status take_name(quell_modulator *m, const char *name) {
  size_t n = strlen(name);
  if (!n || n > 70)
    return ql_fail(m->network, QUELL_E_NAME, "channel: a name has 1 to 70 bytes, got %zu", n);
  if (quell_modulator_find(m->network, name))
    return ql_fail(m->network, QUELL_E_NAME, "channel: there is a '%s' already", name);
  m->name = ql_alloc(&m->network->memory, n + 1, 1);
  if (!m->name) return ql_no_memory(m->network);
  memcpy(m->name, name, n + 1);
  return QUELL_OK;
}

static quell_status set_up(quell_modulator *m, const char *name,
                           const quell_modulator_options *options, const quell_value *values,
                           size_t n) {
  quell_network *network = m->network;
  quell_status status = take_name(m, name);
  if (!status) status = take_scope(m, options);
  if (!status) status = take_params(m, options->preset, values, n);
  if (status) return status;
  m->phasic = ql_alloc(&network->memory, m->size, sizeof *m->phasic);
  if (!m->phasic || !ql_append(network, (void ***)&network->modulators, &network->n_modulators,
                               &network->modulator_capacity, m))
    return ql_no_memory(network);
  if (m->population) m->population->modulated = 1;
  return QUELL_OK;
}

quell_status quell_modulator_create(quell_network *network, const char *name,
                                    const quell_modulator_options *options,
                                    const quell_value *values, size_t n, quell_modulator **out) {
  if (!network) return QUELL_E_NULL;
  if (!name || !out)
    return ql_fail(network, QUELL_E_NULL, "channel: the name or the place for the handle is NULL");
  quell_modulator_options known = QUELL_MODULATOR_OPTIONS_INIT;
  char message[200];
  quell_status status = ql_check_building(network);
  if (status) return status;
  if (options)
    status =
        ql_struct_in(&known, sizeof known, options, "channel options", message, sizeof message);
  if (status) return ql_fail(network, status, "%s", message);
  quell_modulator *m = ql_alloc(&network->memory, 1, sizeof *m);
  if (!m) return ql_no_memory(network);
  m->network = network;
  m->number = (uint32_t)network->n_modulators;
  status = set_up(m, name, &known, values, n);
  if (status)
    ql_channel_free(m);
  else
    *out = m;
  return status;
}

quell_modulator *quell_modulator_find(const quell_network *network, const char *name) {
  for (size_t i = 0; network && name && i < network->n_modulators; i++)
    if (!strcmp(network->modulators[i]->name, name)) return network->modulators[i];
  return NULL;
}

/* What there is, after other parameters. Returns 0 if there is no memory. */
static int keep_up(quell_modulator *m) {
  ql_fpmode mode = ql_fpmode_enter();
  int made = 1;
  if (m->diffusion && m->network->phase == QL_READY) made = ql_diffusion_start(m->diffusion, m);
  for (uint32_t i = 0; i < m->size && made; i++) ql_channel_bound(m, &m->phasic[i]);
  ql_fpmode_leave(mode);
  return made;
}

quell_status quell_modulator_set_values(quell_modulator *m, const quell_value *values, size_t n) {
  if (!m) return QUELL_E_NULL;
  double value[QL_CHANNEL_PARAMS], before[QL_CHANNEL_PARAMS];
  char owner[OWNER];
  ql_message(owner, sizeof owner, "channel '%.70s'", m->name);
  memcpy(value, m->param, sizeof value);
  memcpy(before, m->param, sizeof before);
  quell_status status = check_open(m);
  if (!status)
    status = ql_take_values(m->network, owner, params, QL_CHANNEL_PARAMS, values, n, value);
  if (!status) status = check_params(m->network, owner, value);
  if (!status && m->diffusion && value[QL_TAU] < LEAST_DIFFUSING_TAU)
    status = refuse(m, QUELL_E_RANGE, "'tau' must be at least 0.001 ms where there is diffusion");
  if (status) return status;
  memcpy(m->param, value, sizeof value);
  if (keep_up(m)) return QUELL_OK;
  memcpy(m->param, before, sizeof before);
  return ql_no_memory(m->network);
}

quell_status quell_modulator_get_value(const quell_modulator *m, const char *name, double *value) {
  if (!m) return QUELL_E_NULL;
  if (!name || !value) return refuse(m, QUELL_E_NULL, "the name or the place is NULL");
  for (uint32_t i = 0; i < QL_CHANNEL_PARAMS; i++) {
    if (strcmp(params[i].name, name)) continue;
    *value = m->param[i];
    return QUELL_OK;
  }
  return ql_fail(m->network, QUELL_E_NAME, "channel '%s': no parameter '%.60s'", m->name, name);
}

quell_status quell_modulator_describe(const quell_modulator *m, quell_modulator_info *info) {
  if (!m) return QUELL_E_NULL;
  if (!info) return refuse(m, QUELL_E_NULL, "the info is NULL");
  const quell_modulator_info known = {.scope = m->scope,
                                      .size = m->size,
                                      .name = m->name,
                                      .population = m->population,
                                      .sources = (uint32_t)m->n_sources + (m->critic != NULL),
                                      .readers = m->readers};
  return ql_fill(m->network, info, &known, sizeof known, "channel info");
}

/* --- where it is --- */

static quell_status check_territories(const quell_modulator *m, const quell_population *population,
                                      const uint32_t *territory, size_t n) {
  quell_status status = check_population(m, population);
  if (status) return status;
  if (!territory) return refuse(m, QUELL_E_NULL, "the array of territories is NULL");
  if (n != population->size)
    return ql_fail(m->network, QUELL_E_LENGTH,
                   "channel '%s': population '%.70s' has %u neurons, got %zu territories", m->name,
                   population->name, population->size, n);
  for (size_t i = 0; i < n; i++)
    if (territory[i] >= m->size)
      return ql_fail(m->network, QUELL_E_RANGE,
                     "channel '%s': the territory of neuron %zu must be below %u, got %u", m->name,
                     i, m->size, territory[i]);
  return QUELL_OK;
}

quell_status quell_modulator_territories(quell_modulator *m, quell_population *population,
                                         const uint32_t *territory, size_t n) {
  if (!m) return QUELL_E_NULL;
  quell_status status = ql_check_building(m->network);
  if (!status && m->scope != QUELL_SCOPE_TERRITORY)
    status = refuse(m, QUELL_E_UNSUPPORTED, "only a channel of that scope has territories");
  if (!status) status = check_territories(m, population, territory, n);
  if (status) return status;
  ql_memory *memory = &m->network->memory;
  size_t capacity = m->n_territories;
  uint32_t *copy = ql_alloc(memory, n, sizeof *copy);
  if (!copy || !ql_grow(memory, (void **)&m->territory, &capacity, population->number + 1,
                        sizeof *m->territory)) {
    ql_free(memory, copy);
    return ql_no_memory(m->network);
  }
  for (; m->n_territories <= population->number; m->n_territories++)
    m->territory[m->n_territories] = NULL;
  memcpy(copy, territory, n * sizeof *copy);
  ql_free(memory, m->territory[population->number]);
  m->territory[population->number] = copy;
  return QUELL_OK;
}

quell_status quell_modulator_diffusion(quell_modulator *m, const double *rate, size_t n) {
  if (!m) return QUELL_E_NULL;
  quell_status status = ql_check_building(m->network);
  if (status) return status;
  if (m->scope != QUELL_SCOPE_TERRITORY || m->size > MOST_DIFFUSING ||
      m->param[QL_TAU] < LEAST_DIFFUSING_TAU)
    return refuse(m, QUELL_E_UNSUPPORTED,
                  "diffusion is between up to 256 territories of a channel with 'tau' of at least "
                  "0.001 ms");
  if (!rate) return refuse(m, QUELL_E_NULL, "the matrix is NULL");
  if (n != (size_t)m->size * m->size)
    return ql_fail(m->network, QUELL_E_LENGTH,
                   "channel '%s': the matrix must have %u × %u elements, got %zu", m->name, m->size,
                   m->size, n);
  for (size_t i = 0; i < n; i++)
    if (i % (m->size + 1) && !(rate[i] >= 0.0 && rate[i] <= 1e6))
      return ql_fail(m->network, QUELL_E_RANGE,
                     "channel '%s': element %zu of the matrix must be in [0, 1e+06] per second, "
                     "got %g",
                     m->name, i, rate[i]);
  ql_diffusion *made = ql_diffusion_make(&m->network->memory, rate, m->size);
  if (!made) return ql_no_memory(m->network);
  ql_diffusion_free(&m->network->memory, m->diffusion);
  m->diffusion = made;
  return QUELL_OK;
}

/* --- what changes it --- */

/* Number i of some releases that ascend in time. */
typedef ql_due due_at(const quell_modulator *m, const void *context, size_t i);

/* Puts them behind all that are due at the same stamp or before. What is due later moves up once,
 * beginning with the last. */
static quell_status insert(quell_modulator *m, size_t n, due_at *due, const void *context) {
  size_t from = m->n_due, to = from + n;
  if (n > SIZE_MAX / sizeof *m->due - from ||
      !ql_grow(&m->network->memory, (void **)&m->due, &m->due_capacity, to, sizeof *m->due))
    return ql_no_memory(m->network);
  m->n_due = to;
  while (n--) {
    ql_due next = due(m, context, n);
    while (from > 0 && m->due[from - 1].stamp > next.stamp) m->due[--to] = m->due[--from];
    m->due[--to] = next;
  }
  return QUELL_OK;
}

static ql_due itself(const quell_modulator *m, const void *context, size_t i) {
  (void)m;
  return ((const ql_due *)context)[i];
}

quell_status quell_modulator_release(quell_modulator *m, uint64_t at, double amount, double time) {
  if (!m) return QUELL_E_NULL;
  uint64_t stamp;
  quell_status status = check_releasable(m);
  if (!status) status = check_at(m, at);
  if (!status) status = check_amount(m, "amount", amount);
  if (!status) status = check_time(m, time, &stamp);
  if (status) return status;
  if (m->scope == QUELL_SCOPE_NEURON) {
    if (stamp != m->network->clock)
      return refuse(m, QUELL_E_UNSUPPORTED, "to single neurons it is released now, not later");
    ql_fpmode mode = ql_fpmode_enter();
    ql_channel_release(m, &m->phasic[at], amount);
    ql_fpmode_leave(mode);
    return QUELL_OK;
  }
  const ql_due due = {stamp, (uint32_t)at, QUELL_RELEASE_AMOUNT, amount};
  return insert(m, 1, itself, &due);
}

static quell_status check_schedule(const quell_modulator *m, int32_t kind, uint64_t at,
                                   const double *time, const double *value, size_t n) {
  quell_status status = check_at(m, at);
  if (status) return status;
  if (kind != QUELL_RELEASE_AMOUNT && kind != QUELL_SET_LEVEL)
    return refuse(m, QUELL_E_RANGE, "'kind' must be amounts (0) or levels (1)");
  if (n && (!time || !value)) return refuse(m, QUELL_E_NULL, "times or values are NULL");
  if (n > SIZE_MAX / sizeof *m->due - m->n_due) return ql_no_memory(m->network);
  uint64_t stamp, last = 0;
  for (size_t i = 0; i < n && !status; i++, last = stamp) {
    status = check_time(m, time[i], &stamp);
    if (!status && (time[i] < 0.0 || stamp < last))
      status = refuse(m, QUELL_E_RANGE, "times must ascend, from the clock on");
    if (!status)
      status =
          kind == QUELL_SET_LEVEL ? check_level(m, value[i]) : check_amount(m, "amount", value[i]);
  }
  return status;
}

typedef struct course {
  int32_t kind;
  uint32_t at;
  const double *time, *value;
} course;

static ql_due of_course(const quell_modulator *m, const void *context, size_t i) {
  const course *c = context;
  ql_due due = {m->network->clock, c->at, c->kind, c->value[i]};
  ql_time_on_grid(m->network, c->time[i], &due.stamp);
  return due;
}

quell_status quell_modulator_schedule(quell_modulator *m, int32_t kind, uint64_t at,
                                      const double *time, const double *value, size_t n) {
  if (!m) return QUELL_E_NULL;
  quell_status status = check_releasable(m);
  if (status) return status;
  if (m->scope == QUELL_SCOPE_NEURON)
    return refuse(m, QUELL_E_UNSUPPORTED, "to single neurons it is released now, not later");
  status = check_schedule(m, kind, at, time, value, n);
  const course given = {kind, (uint32_t)at, time, value};
  return status ? status : insert(m, n, of_course, &given);
}

typedef struct levels {
  uint64_t first;
  const double *concentration;
} levels;

static ql_due of_levels(const quell_modulator *m, const void *context, size_t i) {
  const levels *l = context;
  return (ql_due){m->network->clock, (uint32_t)(l->first + i), QUELL_SET_LEVEL,
                  l->concentration[i]};
}

quell_status quell_modulator_set(quell_modulator *m, uint64_t first, uint64_t n,
                                 const double *concentration) {
  if (!m) return QUELL_E_NULL;
  quell_status status = check_releasable(m);
  if (!status) status = ql_check_slice(m->network, "channel", first, n, m->size);
  if (!status && n && !concentration)
    status = refuse(m, QUELL_E_NULL, "the concentrations are NULL");
  for (uint64_t i = 0; i < n && !status; i++) status = check_level(m, concentration[i]);
  const levels given = {first, concentration};
  if (status || m->scope != QUELL_SCOPE_NEURON)
    return status ? status : insert(m, n, of_levels, &given);
  for (uint64_t i = 0; i < n; i++) m->phasic[first + i] = concentration[i] - m->param[QL_TONIC];
  return QUELL_OK;
}

quell_status quell_modulator_get(const quell_modulator *m, uint64_t first, uint64_t n,
                                 double *concentration) {
  if (!m) return QUELL_E_NULL;
  quell_status status = ql_check_slice(m->network, "channel", first, n, m->size);
  if (!status && n && !concentration) status = refuse(m, QUELL_E_NULL, "the place is NULL");
  ql_fpmode mode = ql_fpmode_enter();
  for (uint64_t i = 0; i < n && !status; i++)
    concentration[i] = ql_channel_at_clock(m, (uint32_t)(first + i));
  ql_fpmode_leave(mode);
  return status;
}

quell_status quell_modulator_source(quell_modulator *m, quell_population *population,
                                    const quell_source *source) {
  if (!m) return QUELL_E_NULL;
  quell_source known;
  char message[200];
  uint32_t delay = 0;
  quell_status status =
      check_scope(m, QUELL_SCOPE_TERRITORY, "spikes release into one value or into territories");
  if (!status) status = check_population(m, population);
  if (!status && !source) status = refuse(m, QUELL_E_NULL, "the source is NULL");
  if (status) return status;
  if (population->model->rate_state)
    return refuse(m, QUELL_E_UNSUPPORTED, "rate units send no spikes that could release");
  status = ql_struct_in(&known, sizeof known, source, "source", message, sizeof message);
  if (!status && known.reserved) {
    ql_message(message, sizeof message, "source: 'reserved' must be 0");
    status = QUELL_E_UNSUPPORTED;
  }
  if (status) return ql_fail(m->network, status, "%s", message);
  status = check_amount(m, "amount of a spike", known.amount);
  if (!status) status = take_delay(m, known.delay, &delay);
  if (status) return status;
  if (!ql_grow(&m->network->memory, (void **)&m->sources, &m->source_capacity, m->n_sources + 1,
               sizeof *m->sources))
    return ql_no_memory(m->network);
  m->sources[m->n_sources++] = (ql_source){population, known.amount, delay};
  return QUELL_OK;
}

/* --- the critic --- */

static quell_status check_critic(const quell_modulator *m, const quell_critic *c) {
  const char *wrong = NULL;
  if (c->kind < QUELL_CRITIC_MEAN || c->kind > QUELL_CRITIC_POPULATION)
    wrong = "'kind' must be mean (1), value (2) or population (3)";
  else if (c->kind == QUELL_CRITIC_MEAN && !(c->rate >= 0.0 && c->rate <= 1.0))
    wrong = "'rate' must be in [0, 1]";
  else if (c->kind != QUELL_CRITIC_MEAN && !(c->tau > 0.0))
    wrong = "'tau' must be > 0 ms";
  else if (c->kind == QUELL_CRITIC_POPULATION &&
           !(c->tau_fast > 0.0 && c->tau_slow > c->tau_fast && c->tau_slow <= 1e9))
    wrong = "'tau_fast' must be > 0 ms, and 'tau_slow' above it";
  else if (c->kind == QUELL_CRITIC_POPULATION &&
           !(fabs(c->value) <= MOST_AMOUNT && fabs(c->gain) <= MOST_AMOUNT))
    wrong = "'value' and 'gain' must be in [-1e12, 1e12]";
  if (!wrong) return QUELL_OK;
  return ql_fail(m->network, QUELL_E_RANGE, "channel '%s': the critic's %s", m->name, wrong);
}

quell_status quell_modulator_critic(quell_modulator *m, const quell_critic *critic) {
  if (!m) return QUELL_E_NULL;
  quell_critic known;
  char message[200];
  uint32_t delay = 0;
  quell_status status = check_scope(m, QUELL_SCOPE_NETWORK, "a critic goes with one value");
  if (!status && !critic) status = refuse(m, QUELL_E_NULL, "the critic is NULL");
  if (!status && m->critic) status = refuse(m, QUELL_E_STATE, "it has a critic already");
  if (status) return status;
  status = ql_struct_in(&known, sizeof known, critic, "critic", message, sizeof message);
  if (status) return ql_fail(m->network, status, "%s", message);
  status = check_critic(m, &known);
  if (!status && known.kind == QUELL_CRITIC_POPULATION) {
    status = check_population(m, known.population);
    if (!status && known.population->model->rate_state)
      status = refuse(m, QUELL_E_UNSUPPORTED, "the critic needs neurons that spike");
    if (!status) status = take_delay(m, known.delay, &delay);
  }
  if (status) return status;
  m->critic = ql_alloc(&m->network->memory, 1, sizeof *m->critic);
  if (!m->critic) return ql_no_memory(m->network);
  *m->critic = (ql_critic){.is = known, .delay = delay};
  return QUELL_OK;
}

/* Whether the channel has a critic, of a kind if `kind` is not 0. */
static quell_status check_has_critic(const quell_modulator *m, int32_t kind) {
  if (!m->critic) return refuse(m, QUELL_E_STATE, "it has no critic: see quell_modulator_critic()");
  if (!kind || m->critic->is.kind == kind) return QUELL_OK;
  return refuse(m, QUELL_E_STATE, "its critic takes no predictions");
}

quell_status quell_modulator_reward(quell_modulator *m, double reward) {
  if (!m) return QUELL_E_NULL;
  quell_status status = check_open(m);
  if (!status) status = check_has_critic(m, 0);
  if (!status) status = check_amount(m, "reward", reward);
  if (status) return status;
  ql_fpmode mode = ql_fpmode_enter();
  ql_critic_reward(m->critic, reward);
  ql_fpmode_leave(mode);
  return QUELL_OK;
}

static quell_status predict(quell_modulator *m, double value,
                            void (*take)(ql_critic *, const quell_network *, double)) {
  if (!m) return QUELL_E_NULL;
  quell_status status = check_open(m);
  if (!status) status = check_has_critic(m, QUELL_CRITIC_VALUE);
  if (!status) status = check_amount(m, "prediction", value);
  if (status) return status;
  ql_fpmode mode = ql_fpmode_enter();
  take(m->critic, m->network, value);
  ql_fpmode_leave(mode);
  return QUELL_OK;
}

quell_status quell_modulator_predict(quell_modulator *m, double value) {
  return predict(m, value, ql_critic_predict);
}

quell_status quell_modulator_restart(quell_modulator *m, double value) {
  return predict(m, value, ql_critic_restart);
}

quell_status quell_modulator_expected(const quell_modulator *m, double *value) {
  if (!m) return QUELL_E_NULL;
  if (!value) return refuse(m, QUELL_E_NULL, "the place is NULL");
  quell_status status = check_has_critic(m, 0);
  if (status) return status;
  ql_fpmode mode = ql_fpmode_enter();
  *value = ql_critic_expected(m->critic);
  ql_fpmode_leave(mode);
  return QUELL_OK;
}

/* --- curves and presets --- */

quell_status quell_curve_value(const quell_curve *curve, double concentration, double *value) {
  if (!curve || !value) return QUELL_E_NULL;
  quell_curve known;
  quell_status status = ql_curve_read(curve, &known, NULL, 0);
  if (!status && !isfinite(concentration)) status = QUELL_E_RANGE;
  if (!status) *value = ql_curve_at(&known, concentration);
  return status;
}

quell_status quell_modulator_kinetics(size_t i, quell_modulator_preset *preset) {
  if (!preset) return QUELL_E_NULL;
  const ql_kinetics *kinetics = ql_kinetics_at(i);
  if (!kinetics) return QUELL_E_LENGTH;
  const quell_curve none = QUELL_CURVE_INIT;
  const quell_modulator_preset known = {
      .name = kinetics->name, .doc = kinetics->doc, .source = kinetics->source, .curve = none};
  return ql_struct_out(preset, &known, sizeof known, "preset", NULL, 0);
}

quell_status quell_modulator_receptor(size_t i, quell_modulator_preset *preset) {
  if (!preset) return QUELL_E_NULL;
  const ql_receptor *receptor = ql_receptor_at(i);
  if (!receptor) return QUELL_E_LENGTH;
  const quell_modulator_preset known = {.name = receptor->name,
                                        .doc = receptor->doc,
                                        .source = receptor->source,
                                        .curve = receptor->curve};
  return ql_struct_out(preset, &known, sizeof known, "preset", NULL, 0);
}

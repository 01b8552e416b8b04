/* Populations and projections that follow channels; rules do so in rule.c. */
#include <quell/modulator.h>

#include "api/check.h"
#include "modulation/curve.h"
#include "modulation/dial.h"
#include <stdio.h>
#include <string.h>

enum { OWNER = 96 };

/* What any binding needs: a network that is being built, a channel of it, a curve. */
static quell_status check(const quell_network *network, const char *target,
                          const quell_modulator *channel, const quell_curve *curve,
                          quell_curve *known) {
  char message[200];
  if (!target || !channel)
    return ql_fail(network, QUELL_E_NULL, "channel: the target or the channel is NULL");
  quell_status status = ql_check_building(network);
  if (status) return status;
  if (channel->network != network)
    return ql_fail(network, QUELL_E_OWNER, "channel '%s': it is of another network", channel->name);
  status = ql_curve_read(curve, known, message, sizeof message);
  return status ? ql_fail(network, status, "%s", message) : QUELL_OK;
}

/* --- projections --- */

static quell_status no_gain(const quell_projection *projection, const char *target) {
  return ql_fail(projection->network, QUELL_E_NAME,
                 "projection: nothing called '%.60s' can follow a channel; there is gain", target);
}

quell_status quell_projection_bind(quell_projection *projection, const char *target,
                                   quell_modulator *channel, const quell_curve *curve) {
  if (!projection) return QUELL_E_NULL;
  const quell_network *network = projection->network;
  quell_curve known;
  quell_status status = check(network, target, channel, curve, &known);
  if (status) return status;
  if (strcmp(target, "gain")) return no_gain(projection, target);
  if (channel->scope > QUELL_SCOPE_TERRITORY)
    return ql_fail(network, QUELL_E_UNSUPPORTED,
                   "projection: 'gain' cannot follow channel '%s', which has a value for each "
                   "neuron",
                   channel->name);
  ql_dial *dial = projection->gain;
  if (!dial) dial = ql_alloc(&projection->network->memory, 1, sizeof *dial);
  if (!dial) return ql_no_memory(network);
  status = ql_dial_bind(dial, "projection", target, channel, &known);
  if (status && !projection->gain)
    ql_free(&projection->network->memory, dial);
  else
    projection->gain = dial;
  return status;
}

/* Whether a dial has a value of this number; the sentence is noted. */
static quell_status check_at(const quell_network *network, const ql_dial *dial, uint64_t at) {
  uint64_t size = dial && dial->wide ? dial->wide->size : 1;
  if (at < size) return QUELL_OK;
  return ql_fail(network, QUELL_E_LENGTH, "projection: 'gain' has %llu values, there is no %llu",
                 (unsigned long long)size, (unsigned long long)at);
}

quell_status quell_projection_effective(const quell_projection *projection, const char *target,
                                        uint64_t at, double *value) {
  if (!projection) return QUELL_E_NULL;
  const quell_network *network = projection->network;
  if (!target || !value)
    return ql_fail(network, QUELL_E_NULL, "projection: the target or the place is NULL");
  if (strcmp(target, "gain")) return no_gain(projection, target);
  quell_status status = check_at(network, projection->gain, at);
  if (!status)
    *value = projection->gain ? ql_dial_at_clock(projection->gain, 1.0, (uint32_t)at) : 1.0;
  return status;
}

/* --- populations --- */

/* The number of what may follow: a parameter, or behind them a receptor; -1 if there is none. */
static int find_target(const quell_population *population, const char *target) {
  const ql_model *model = population->model;
  for (uint32_t i = 0; i < model->n_params; i++)
    if (model->params[i].flags & QUELL_PER_NEURON && !strcmp(model->params[i].name, target))
      return (int)i;
  for (uint32_t r = 0; r < model->n_receptors; r++)
    if (!strcmp(model->receptors[r], target)) return (int)(QL_MAX_PARAMS + r);
  return -1;
}

static quell_status no_target(const quell_population *population, const char *target) {
  const ql_model *model = population->model;
  char list[256] = "";
  for (uint32_t i = 0; i < model->n_params; i++)
    if (model->params[i].flags & QUELL_PER_NEURON)
      ql_list_name(list, sizeof list, model->params[i].name);
  for (uint32_t r = 0; r < model->n_receptors; r++)
    ql_list_name(list, sizeof list, model->receptors[r]);
  return ql_fail(population->network, QUELL_E_NAME,
                 "population '%.70s': nothing called '%.60s' can follow a channel%s%s",
                 population->name, target, *list ? "; there are " : "", list);
}

/* All dials of a population, made for its first binding. */
static quell_status make_dials(quell_population *population) {
  if (population->dial) return QUELL_OK;
  population->dial =
      ql_alloc(&population->network->memory, QL_POPULATION_DIALS, sizeof *population->dial);
  return population->dial ? QUELL_OK : ql_no_memory(population->network);
}

quell_status quell_population_bind(quell_population *population, const char *target,
                                   quell_modulator *channel, const quell_curve *curve) {
  if (!population) return QUELL_E_NULL;
  const quell_network *network = population->network;
  char owner[OWNER];
  quell_curve known;
  quell_status status = check(network, target, channel, curve, &known);
  if (status) return status;
  int i = find_target(population, target);
  if (i < 0) return no_target(population, target);
  if (channel->scope > QUELL_SCOPE_TERRITORY && channel->population != population)
    return ql_fail(network, QUELL_E_UNSUPPORTED,
                   "population '%.70s': channel '%s' is of the neurons of population '%.70s'",
                   population->name, channel->name, channel->population->name);
  status = make_dials(population);
  if (status) return status;
  snprintf(owner, sizeof owner, "population '%.70s'", population->name);
  return ql_dial_bind(&population->dial[2 * i + (known.combine == QUELL_ADD)], owner, target,
                      channel, &known);
}

/* A channel of territories has values by territory, one of neurons by neuron. */
static double dial_of_neuron(const quell_population *population, const ql_dial *dial, double base,
                             uint32_t neuron) {
  uint32_t at = neuron;
  if (!dial->n) return base;
  if (dial->wide && dial->wide->scope == QUELL_SCOPE_TERRITORY) {
    const uint32_t *territory = ql_channel_territory(dial->wide, population);
    at = territory ? territory[neuron] : 0;
  }
  return ql_dial_at_clock(dial, base, dial->wide ? at : 0);
}

quell_status quell_population_effective(const quell_population *population, const char *target,
                                        uint64_t neuron, double *value) {
  if (!population) return QUELL_E_NULL;
  const quell_network *network = population->network;
  if (!target || !value)
    return ql_fail(network, QUELL_E_NULL, "population: the target or the place is NULL");
  int i = find_target(population, target);
  if (i < 0) return no_target(population, target);
  if (neuron >= population->size)
    return ql_fail(network, QUELL_E_LENGTH,
                   "population '%.70s': it has %u neurons, there is no "
                   "%llu",
                   population->name, population->size, (unsigned long long)neuron);
  double base = i < QL_MAX_PARAMS ? (double)population->param_array[i][neuron] : 1.0;
  *value = base;
  if (!population->dial) return QUELL_OK;
  uint32_t j = (uint32_t)neuron;
  *value = base * dial_of_neuron(population, &population->dial[2 * i], 1.0, j) +
           dial_of_neuron(population, &population->dial[2 * i + 1], 0.0, j);
  return QUELL_OK;
}

#include <quell/rule.h>

#include "api/check.h"
#include "api/free.h"
#include "engine/bind.h"
#include "engine/code.h"
#include "engine/epoch.h"
#include "rules/registry.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { OWNER = 96 };

static const quell_param_desc *params_of(const quell_rule *rule) {
  return rule->desc->params.at;
}

static double value_at(const double *value, int param, double none) {
  return param < 0 ? none : value[param];
}

static quell_status check_bounds(const quell_rule *rule, const double *value) {
  double w_min = value_at(value, rule->shape.w_min, 0.0);
  double w_max = value_at(value, rule->shape.w_max, (double)INFINITY);
  if (w_min > w_max)
    return ql_fail(rule->network, QUELL_E_RANGE, "rule '%s': 'w_min' is %g, above 'w_max', %g",
                   rule->desc->name, w_min, w_max);
  if (w_min <= 1e30 && (w_max <= 1e30 || isinf(w_max))) return QUELL_OK;
  return ql_fail(rule->network, QUELL_E_RANGE,
                 "rule '%s': 'w_min' and 'w_max' must be at most 1e30, or 'w_max' infinite",
                 rule->desc->name);
}

static quell_status check_taus(const quell_rule *rule, const double *value) {
  for (uint32_t i = 0; i < rule->shape.n_pre + rule->shape.n_post; i++) {
    const ql_trace *trace =
        i < rule->shape.n_pre ? &rule->shape.pre[i] : &rule->shape.post[i - rule->shape.n_pre];
    if (trace->kind == QUELL_TRACE_AGE) continue;
    double steps = value[trace->tau] / rule->network->dt;
    if (steps > 0.0 && steps <= QL_DECAY_LONGEST) continue;
    return ql_fail(rule->network, QUELL_E_RANGE, "rule '%s': '%s' must be in (0, %g] ms, got %g",
                   rule->desc->name, params_of(rule)[trace->tau].name,
                   QL_DECAY_LONGEST * rule->network->dt, value[trace->tau]);
  }
  return QUELL_OK;
}

/* The engine works in steps: `least` to `most` of them make the parameter. */
static quell_status check_steps(const quell_rule *rule, const double *value, uint32_t param,
                                uint64_t least, uint64_t most) {
  const quell_network *network = rule->network;
  uint64_t steps = 0;
  int whole = ql_time_on_grid(network, value[param], &steps);
  if (whole && steps >= least && steps <= most) return QUELL_OK;
  return ql_fail(network, QUELL_E_RANGE,
                 "rule '%s': '%s' must be a whole number of steps in [%g, %g] ms, got %g",
                 rule->desc->name, params_of(rule)[param].name, (double)least * network->dt,
                 (double)most * network->dt, value[param]);
}

enum { LONGEST_LATE = 1 << 20, LONGEST_LINE = 1 << 16, LONGEST_PERIOD = 1 << 30 };

/* See engine/frame.h: a window is two time constants. */
enum { SHORTEST_CARRIER = 4 };

static quell_status check_carriers(const quell_rule *rule, const double *value) {
  for (uint32_t i = 0; i < rule->shape.n_integrals; i++) {
    uint32_t tau = rule->shape.pre[ql_rule_integral(rule->desc, i)->trace].tau;
    double least = SHORTEST_CARRIER * rule->network->dt;
    if (value[tau] >= least) continue;
    return ql_fail(rule->network, QUELL_E_RANGE,
                   "rule '%s': '%s' must be at least %d steps, %g ms, got %g", rule->desc->name,
                   params_of(rule)[tau].name, SHORTEST_CARRIER, least, value[tau]);
  }
  return QUELL_OK;
}

static quell_status check_times(const quell_rule *rule, const double *value) {
  const ql_shape *shape = &rule->shape;
  const ql_event *late = &shape->event[QUELL_LATE], *interval = &shape->event[QUELL_INTERVAL];
  quell_status status = QUELL_OK;
  if (late->call) status = check_steps(rule, value, late->param, 0, LONGEST_LATE);
  if (interval->call && !status)
    status = check_steps(rule, value, interval->param, 1, LONGEST_PERIOD);
  for (uint32_t i = 0; i < shape->n_post_vars && !status; i++) {
    uint32_t depth = ql_rule_post_var(rule->desc, i)->depth;
    if (depth) status = check_steps(rule, value, depth - 1, 0, LONGEST_LINE);
  }
  for (uint32_t i = 0; i < shape->n_observed && !status; i++)
    status = check_steps(rule, value, ql_rule_observed(rule->desc, i)->delay, 1, LONGEST_LATE);
  return status;
}

static quell_status check_tie(const quell_rule *rule, const double *value) {
  if (rule->shape.tie < 0) return QUELL_OK;
  uint32_t tie = (uint32_t)value[rule->shape.tie];
  if (!rule->desc->ties || rule->desc->ties >> tie & 1) return QUELL_OK;
  return ql_fail(rule->network, QUELL_E_RANGE, "rule '%s': it does not support tie %u",
                 rule->desc->name, tie);
}

/* The constants for a set of parameters, with one reference held by the caller. */
static quell_status make_instance(const quell_rule *rule, const double *value, ql_instance **out) {
  quell_network *network = rule->network;
  quell_status status = check_bounds(rule, value);
  if (!status) status = check_taus(rule, value);
  if (!status) status = check_carriers(rule, value);
  if (!status) status = check_times(rule, value);
  if (!status) status = check_tie(rule, value);
  if (status) return status;
  ql_instance *instance = ql_alloc(&network->memory, 1, sizeof *instance);
  if (!instance) return ql_no_memory(network);
  instance->references = 1;
  instance->w_min = (float)value_at(value, rule->shape.w_min, 0.0);
  instance->w_max = (float)value_at(value, rule->shape.w_max, (double)INFINITY);
  for (uint32_t i = 0; i < rule->shape.n_bound; i++)
    instance->bound[i] = (float)value[rule->shape.bound[i]];
  instance->constants = ql_alloc(&network->memory, 1, rule->desc->instance_size);
  char message[256] = "";
  quell_rule_args args = {sizeof args, rule->shape.n_params, value, network->dt,
                          message,     sizeof message};
  if (!instance->constants)
    status = ql_no_memory(network);
  else if ((status = rule->desc->prepare(&args, instance->constants)))
    ql_fail(network, status, "%.200s",
            *message ? message : "rule: it refuses these parameters without a reason");
  if (status)
    ql_instance_release(network, instance);
  else
    *out = instance;
  return status < 0 ? status : status ? QUELL_E_RANGE : QUELL_OK;
}

static quell_status set_up(quell_rule *rule, const quell_value *values, size_t n) {
  quell_network *network = rule->network;
  char owner[OWNER], message[256];
  quell_status status = ql_shape_read(rule->desc, &rule->shape, message, sizeof message);
  if (status) return ql_fail(network, status, "%s", message);
  rule->value = ql_alloc(&network->memory, rule->shape.n_params, sizeof *rule->value);
  if (!rule->value) return ql_no_memory(network);
  for (uint32_t i = 0; i < rule->shape.n_params; i++)
    rule->value[i] = ql_rule_param(rule->desc, i)->value;
  snprintf(owner, sizeof owner, "rule '%.70s'", rule->desc->name);
  status =
      ql_take_values(network, owner, params_of(rule), rule->shape.n_params, values, n, rule->value);
  if (!status) status = make_instance(rule, rule->value, &rule->instance);
  if (status) return status;
  if (!ql_append(network, (void ***)&network->rules, &network->n_rules, &network->rule_capacity,
                 rule))
    return ql_no_memory(network);
  return QUELL_OK;
}

quell_status quell_rule_create(quell_network *network, const char *name, const quell_value *values,
                               size_t n, quell_rule **out) {
  if (!network) return QUELL_E_NULL;
  if (!name || !out)
    return ql_fail(network, QUELL_E_NULL, "rule: the name or the place for the handle is NULL");
  quell_status status = ql_check_idle(network);
  if (status) return status;
  const quell_rule_desc *desc = quell_registry_find(network->registry, name);
  if (!desc) return ql_fail(network, QUELL_E_NAME, "rule: there is no '%.70s'", name);
  quell_rule *rule = ql_alloc(&network->memory, 1, sizeof *rule);
  if (!rule) return ql_no_memory(network);
  rule->network = network;
  rule->number = (uint32_t)network->n_rules;
  rule->desc = ql_code_rule(network->code, desc);
  ql_registry_use(network->registry, desc);
  ql_fpmode mode = ql_fpmode_enter();
  status = set_up(rule, values, n);
  ql_fpmode_leave(mode);
  if (status)
    ql_rule_free(rule);
  else
    *out = rule;
  return status;
}

static quell_status check_fixed(const quell_rule *rule, const double *value) {
  if (rule->network->phase == QL_BUILDING) return QUELL_OK;
  for (uint32_t i = 0; i < rule->shape.n_params; i++) {
    if (value[i] == rule->value[i] || !ql_is_fixed(rule->desc, &rule->shape, i)) continue;
    return ql_fail(rule->network, QUELL_E_STATE, "rule '%s': '%s' is fixed after the first step",
                   rule->desc->name, params_of(rule)[i].name);
  }
  return QUELL_OK;
}

/* All projections that learn with the rule go on with the instance, or none. */
static quell_status begin_epochs(quell_rule *rule, ql_instance *instance) {
  const quell_network *network = rule->network;
  for (size_t i = 0; i < network->n_projections; i++) {
    if (network->projections[i]->rule != rule) continue;
    quell_status status = ql_epoch_reserve(network->projections[i]);
    if (status) return status;
  }
  for (size_t i = 0; i < network->n_projections; i++) {
    quell_projection *projection = network->projections[i];
    if (projection->rule == rule)
      ql_epoch_begin(projection, instance, ql_epoch_last(projection)->on);
  }
  return QUELL_OK;
}

static quell_status change(quell_rule *rule, const quell_value *values, size_t n) {
  quell_network *network = rule->network;
  char owner[OWNER];
  double value[QL_MAX_RULE_PARAMS];
  ql_instance *instance;
  snprintf(owner, sizeof owner, "rule '%.70s'", rule->desc->name);
  memcpy(value, rule->value, rule->shape.n_params * sizeof *value);
  quell_status status =
      ql_take_values(network, owner, params_of(rule), rule->shape.n_params, values, n, value);
  if (!status) status = check_fixed(rule, value);
  if (!status) status = make_instance(rule, value, &instance);
  if (status) return status;
  status = begin_epochs(rule, instance);
  if (status) {
    ql_instance_release(network, instance);
    return status;
  }
  ql_instance_release(network, rule->instance);
  rule->instance = instance;
  memcpy(rule->value, value, rule->shape.n_params * sizeof *value);
  return QUELL_OK;
}

quell_status quell_rule_set(quell_rule *rule, const quell_value *values, size_t n) {
  if (!rule) return QUELL_E_NULL;
  quell_status status = ql_check_idle(rule->network);
  if (status) return status;
  ql_fpmode mode = ql_fpmode_enter();
  status = change(rule, values, n);
  ql_fpmode_leave(mode);
  return status;
}

quell_status quell_rule_get(const quell_rule *rule, const char *name, double *value) {
  if (!rule) return QUELL_E_NULL;
  if (!name || !value)
    return ql_fail(rule->network, QUELL_E_NULL, "rule: the name or the place is NULL");
  int i = ql_rule_param_index(rule->desc, name);
  if (i < 0)
    return ql_fail(rule->network, QUELL_E_NAME, "rule '%s': no parameter '%.60s'", rule->desc->name,
                   name);
  *value = rule->value[i];
  return QUELL_OK;
}

quell_status quell_rule_observe(quell_rule *rule, const char *name, quell_population *population) {
  if (!rule) return QUELL_E_NULL;
  const quell_network *network = rule->network;
  if (!name || !population)
    return ql_fail(network, QUELL_E_NULL, "rule: the name or the population is NULL");
  quell_status status = ql_check_building(network);
  if (status) return status;
  if (population->network != network)
    return ql_fail(network, QUELL_E_OWNER, "rule '%s': population '%.70s' is of another network",
                   rule->desc->name, population->name);
  for (uint32_t i = 0; i < rule->shape.n_observed; i++) {
    if (strcmp(ql_rule_observed(rule->desc, i)->name, name)) continue;
    rule->observed[i] = population;
    return QUELL_OK;
  }
  return ql_fail(network, QUELL_E_NAME, "rule '%s': it observes no '%.60s'", rule->desc->name,
                 name);
}

const char *quell_rule_name(const quell_rule *rule) {
  return rule ? rule->desc->name : NULL;
}

#include <quell/modulator.h>
#include <quell/rule.h>

#include "api/check.h"
#include "api/free.h"
#include "engine/bind.h"
#include "engine/code.h"
#include "engine/epoch.h"
#include "engine/moving.h"
#include "modulation/curve.h"
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

static quell_status check_eligibility(const quell_rule *rule, const char *name, double tau) {
  double dt = rule->network->dt;
  if (tau >= SHORTEST_CARRIER * dt && tau <= QL_DECAY_LONGEST * dt) return QUELL_OK;
  return ql_fail(rule->network, QUELL_E_RANGE, "rule '%s': '%s' must be in [%g, %g] ms, got %g",
                 rule->desc->name, name, SHORTEST_CARRIER * dt, QL_DECAY_LONGEST * dt, tau);
}

static quell_status check_eligibilities(const quell_rule *rule, const double *value) {
  quell_status status = QUELL_OK;
  for (uint32_t i = 0; i < rule->desc->eligibilities.count && !status; i++) {
    uint32_t tau = ql_rule_eligibility(rule->desc, i)->tau;
    status = check_eligibility(rule, params_of(rule)[tau].name, value[tau]);
  }
  return status;
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
  if (!status) status = check_eligibilities(rule, value);
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

/* Whatever is bound later, the dials are there. */
static quell_status make_dials(quell_rule *rule, uint32_t n_factors) {
  ql_memory *memory = &rule->network->memory;
  uint32_t n = QL_FIRST_BOUND + rule->shape.n_bound + n_factors;
  ql_dial *dial = ql_alloc(memory, n, sizeof *dial);
  if (!dial) return ql_no_memory(rule->network);
  for (uint32_t d = 0; d < rule->n_dials; d++) dial[d] = rule->dial[d];
  for (uint32_t d = n - n_factors; d < n; d++) dial[d].is_factor = 1;
  ql_free(memory, rule->dial);
  rule->dial = dial;
  rule->n_dials = n;
  return QUELL_OK;
}

static quell_status set_up(quell_rule *rule, const quell_value *values, size_t n) {
  quell_network *network = rule->network;
  char owner[OWNER], message[256];
  quell_status status = ql_shape_read(rule->desc, &rule->shape, message, sizeof message);
  if (status) return ql_fail(network, status, "%s", message);
  status = make_dials(rule, rule->shape.n_factors);
  if (status) return status;
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

/* --- following modulators: see modulator.h --- */

static void name_owner(const quell_rule *rule, char *owner) {
  snprintf(owner, OWNER, "rule '%.70s'", rule->desc->name);
}

static quell_status no_target(const quell_rule *rule, const char *target) {
  char list[256] = "learning, potentiation, depression";
  for (uint32_t i = 0; i < rule->shape.n_bound; i++)
    ql_list_name(list, sizeof list, ql_rule_param(rule->desc, rule->shape.bound[i])->name);
  for (uint32_t i = 0; i < rule->shape.n_factors; i++)
    ql_list_name(list, sizeof list, ql_factor_name(rule, i));
  return ql_fail(rule->network, QUELL_E_NAME,
                 "rule '%s': nothing called '%.60s' can follow a channel; there are %s",
                 rule->desc->name, target, list);
}

/* Short-term plasticity changes no weights, and integrals do so all the time. */
static quell_status check_target(const quell_rule *rule, const char *target) {
  if (!ql_is_standard_target(target) || !(rule->shape.releases || rule->shape.n_integrals))
    return QUELL_OK;
  return ql_fail(rule->network, QUELL_E_UNSUPPORTED,
                 "rule '%s': it changes weights at no events or at every step, so '%s' cannot "
                 "follow a channel",
                 rule->desc->name, target);
}

quell_status quell_rule_bind(quell_rule *rule, const char *target, quell_modulator *modulator,
                             const quell_curve *curve) {
  if (!rule) return QUELL_E_NULL;
  const quell_network *network = rule->network;
  if (!target || !modulator)
    return ql_fail(network, QUELL_E_NULL, "rule: the target or the channel is NULL");
  char owner[OWNER], message[200];
  quell_curve known;
  quell_status status = ql_check_building(network);
  if (status) return status;
  if (modulator->network != network)
    return ql_fail(network, QUELL_E_OWNER, "rule '%s': channel '%s' is of another network",
                   rule->desc->name, modulator->name);
  status = ql_curve_read(curve, &known, message, sizeof message);
  if (status) return ql_fail(network, status, "%s", message);
  int d = ql_dial_index(rule, target);
  if (d < 0) return no_target(rule, target);
  status = check_target(rule, target);
  if (status) return status;
  name_owner(rule, owner);
  return ql_dial_bind(&rule->dial[d], owner, target, modulator, &known);
}

static quell_status check_deferrable(const quell_rule *rule) {
  const quell_network *network = rule->network;
  const char *name = rule->desc->name;
  if (rule->in_use)
    return ql_fail(network, QUELL_E_STATE,
                   "rule '%s': a projection has it already, it can no longer be given an "
                   "eligibility",
                   name);
  const ql_shape *shape = &rule->shape;
  if (!shape->learns || shape->n_integrals || shape->n_factors || shape->n_eligibilities ||
      shape->event[QUELL_READ].call)
    return ql_fail(network, QUELL_E_UNSUPPORTED,
                   "rule '%s': only a rule that changes weights at events, and not between them, "
                   "and that has no third factor can be given an eligibility",
                   name);
  if (ql_rule_has_var(rule->desc, "eligibility"))
    return ql_fail(network, QUELL_E_NAME, "rule '%s': it has a variable 'eligibility'", name);
  if (shape->n_vars < QL_MAX_VARS) return QUELL_OK;
  return ql_fail(network, QUELL_E_UNSUPPORTED, "rule '%s': it has %d variables already", name,
                 QL_MAX_VARS);
}

quell_status quell_rule_eligibility(quell_rule *rule, double tau) {
  if (!rule) return QUELL_E_NULL;
  const quell_network *network = rule->network;
  quell_status status = ql_check_building(network);
  if (!status) status = check_deferrable(rule);
  if (!status) status = check_eligibility(rule, "tau", tau);
  if (!status) status = make_dials(rule, 1);
  if (status) return status;
  rule->eligibility = tau;
  rule->shape.defers = 1;
  rule->shape.n_eligibilities = rule->shape.n_factors = 1;
  return QUELL_OK;
}

quell_status quell_rule_effective(const quell_rule *rule, const char *target, uint64_t at,
                                  double *value) {
  if (!rule) return QUELL_E_NULL;
  const quell_network *network = rule->network;
  if (!target || !value)
    return ql_fail(network, QUELL_E_NULL, "rule: the target or the place is NULL");
  int d = ql_dial_index(rule, target);
  if (d < 0) return no_target(rule, target);
  const ql_dial *dial = &rule->dial[d];
  uint64_t size = dial->wide ? dial->wide->size : 1;
  if (at >= size)
    return ql_fail(network, QUELL_E_LENGTH, "rule '%s': '%s' has %llu values, there is no %llu",
                   rule->desc->name, target, (unsigned long long)size, (unsigned long long)at);
  *value = dial->is_factor && !dial->n
               ? 0.0
               : ql_dial_at_clock(dial, ql_dial_base(rule, (uint32_t)d), (uint32_t)at);
  return QUELL_OK;
}

const char *quell_rule_name(const quell_rule *rule) {
  return rule ? rule->desc->name : NULL;
}

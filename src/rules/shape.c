#include "rules/shape.h"

#include "base/message.h"
#include <float.h>
#include <math.h>
#include <string.h>

static const void *entry(const quell_table *table, uint32_t i) {
  return (const char *)table->at + (size_t)i * table->stride;
}

#define ENTRY(name, type, table)                                                                   \
  const type *name(const quell_rule_desc *rule, uint32_t i) {                                      \
    return entry(&rule->table, i);                                                                 \
  }

ENTRY(ql_rule_param, quell_param_desc, params)
ENTRY(ql_rule_trace, quell_trace_desc, traces)
ENTRY(ql_rule_var, quell_var_desc, vars)
ENTRY(ql_rule_row_var, quell_row_var_desc, row_vars)
ENTRY(ql_rule_post_var, quell_post_var_desc, post_vars)
ENTRY(ql_rule_state, quell_state_desc, states)
ENTRY(ql_rule_signal, quell_signal_desc, signals)
ENTRY(ql_rule_integral, quell_integral_desc, integrals)
ENTRY(ql_rule_observed, quell_observed_desc, observed)
ENTRY(ql_rule_factor, quell_factor_desc, factors)
ENTRY(ql_rule_eligibility, quell_eligibility_desc, eligibilities)
ENTRY(ql_rule_preset, quell_preset_desc, presets)

#define INDEX(function, at, table)                                                                 \
  int function(const quell_rule_desc *rule, const char *name) {                                    \
    for (uint32_t i = 0; i < rule->table.count; i++)                                               \
      if (!strcmp(at(rule, i)->name, name)) return (int)i;                                         \
    return -1;                                                                                     \
  }

INDEX(ql_rule_param_index, ql_rule_param, params)
INDEX(ql_rule_var_index, ql_rule_var, vars)
INDEX(ql_rule_factor_index, ql_rule_factor, factors)
INDEX(ql_rule_eligibility_index, ql_rule_eligibility, eligibilities)

int ql_rule_has_var(const quell_rule_desc *rule, const char *name) {
  if (ql_rule_var_index(rule, name) >= 0 || ql_rule_eligibility_index(rule, name) >= 0) return 1;
  for (uint32_t i = 0; i < rule->row_vars.count; i++)
    if (!strcmp(ql_rule_row_var(rule, i)->name, name)) return 1;
  return 0;
}

int ql_is_standard_target(const char *name) {
  return !strcmp(name, "learning") || !strcmp(name, "potentiation") || !strcmp(name, "depression");
}

/* What every synapse has, by names that no variable may have. */
static int is_reserved(const char *name) {
  return !strcmp(name, "weight") || !strncmp(name, "delay", 5);
}

#define REFUSE(...)                                                                                \
  do {                                                                                             \
    ql_message(message, message_size, __VA_ARGS__);                                                \
    return QUELL_E_RANGE;                                                                          \
  } while (0)

static quell_status check_table(const quell_rule_desc *rule, const quell_table *table,
                                const char *what, size_t element, uint32_t most, char *message,
                                size_t message_size) {
  if (!table->count) return QUELL_OK;
  if (!table->at) REFUSE("rule '%s': the table of %s is NULL", rule->name, what);
  if (table->count > most)
    REFUSE("rule '%s': at most %u %s, got %u", rule->name, most, what, table->count);
  if (table->stride == element) return QUELL_OK;
  ql_message(message, message_size,
             "rule '%s': the structs in the table of %s have %u bytes, this library knows %u",
             rule->name, what, table->stride, (unsigned)element);
  return QUELL_E_UNSUPPORTED;
}

static quell_status check_tables(const quell_rule_desc *rule, char *message, size_t message_size) {
  const struct {
    const quell_table *table;
    const char *what;
    size_t element;
    uint32_t most;
  } all[] = {
      {&rule->params, "parameters", sizeof(quell_param_desc), QL_MAX_RULE_PARAMS},
      {&rule->vars, "variables", sizeof(quell_var_desc), QL_MAX_VARS},
      {&rule->traces, "traces", sizeof(quell_trace_desc), 2 * QL_MAX_TRACES},
      {&rule->events, "events", sizeof(quell_event_desc), QL_EVENT_KINDS - 1},
      {&rule->post_vars, "post variables", sizeof(quell_post_var_desc), QL_MAX_POST_VARS},
      {&rule->states, "states", sizeof(quell_state_desc), QL_MAX_INPUTS},
      {&rule->signals, "signals", sizeof(quell_signal_desc), QL_MAX_SIGNALS},
      {&rule->integrals, "integrals", sizeof(quell_integral_desc), QL_MAX_INTEGRALS},
      {&rule->observed, "observed populations", sizeof(quell_observed_desc), QL_MAX_OBSERVED},
      {&rule->row_vars, "row variables", sizeof(quell_row_var_desc), QL_MAX_ROW_VARS},
      {&rule->presets, "presets", sizeof(quell_preset_desc), QL_MAX_PRESETS},
      {&rule->factors, "factors", sizeof(quell_factor_desc), QL_MAX_FACTORS},
      {&rule->eligibilities, "eligibilities", sizeof(quell_eligibility_desc), QL_MAX_ELIGIBILITIES},
  };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    quell_status status = check_table(rule, all[i].table, all[i].what, all[i].element, all[i].most,
                                      message, message_size);
    if (status) return status;
  }
  return QUELL_OK;
}

static int is_in_range(const quell_param_desc *param) {
  double value = param->value;
  if ((param->flags & QUELL_MIN_OPEN) && value == param->min) return 0;
  if ((param->flags & QUELL_INTEGER) && value != floor(value)) return 0;
  return value >= param->min && value <= param->max;
}

static quell_status check_params(const quell_rule_desc *rule, char *message, size_t message_size) {
  for (uint32_t i = 0; i < rule->params.count; i++) {
    const quell_param_desc *param = ql_rule_param(rule, i);
    if (!param->name || !*param->name || !param->unit || !param->doc)
      REFUSE("rule '%s': parameter %u lacks its name, unit or doc", rule->name, i);
    if (ql_rule_param_index(rule, param->name) != (int)i)
      REFUSE("rule '%s': two parameters are called '%s'", rule->name, param->name);
    if (!is_in_range(param))
      REFUSE("rule '%s': the default of '%s' is outside its range", rule->name, param->name);
    if (param->reserved ||
        (param->flags & ~(uint32_t)(QUELL_MIN_OPEN | QUELL_INTEGER | QUELL_BINDABLE)))
      REFUSE("rule '%s': '%s' has flags that this library does not know", rule->name, param->name);
  }
  return QUELL_OK;
}

static quell_status check_vars(const quell_rule_desc *rule, char *message, size_t message_size) {
  for (uint32_t i = 0; i < rule->vars.count; i++) {
    const quell_var_desc *var = ql_rule_var(rule, i);
    if (!var->name || !*var->name || !var->unit || !var->doc)
      REFUSE("rule '%s': variable %u lacks its name, unit or doc", rule->name, i);
    if (ql_rule_var_index(rule, var->name) != (int)i || is_reserved(var->name))
      REFUSE("rule '%s': the variable name '%s' is taken", rule->name, var->name);
    if (!(var->value >= -FLT_MAX && var->value <= FLT_MAX))
      REFUSE("rule '%s': the variable '%s' begins with %g, which is no float", rule->name,
             var->name, var->value);
  }
  return QUELL_OK;
}

static quell_status check_bounds(const quell_rule_desc *rule, const ql_shape *shape, char *message,
                                 size_t message_size) {
  if ((shape->w_min < 0) != (shape->w_max < 0))
    REFUSE("rule '%s': it must have both 'w_min' and 'w_max', or neither", rule->name);
  if (shape->w_min < 0) return QUELL_OK;
  if (ql_rule_param(rule, (uint32_t)shape->w_min)->min < 0.0 ||
      ql_rule_param(rule, (uint32_t)shape->w_max)->min < 0.0)
    REFUSE("rule '%s': 'w_min' and 'w_max' are magnitudes, their ranges must begin at 0 or above",
           rule->name);
  return QUELL_OK;
}

static quell_status check_tie(const quell_rule_desc *rule, const ql_shape *shape, char *message,
                              size_t message_size) {
  if (shape->tie < 0) return QUELL_OK;
  const quell_param_desc *tie = ql_rule_param(rule, (uint32_t)shape->tie);
  if (!(tie->flags & QUELL_INTEGER) || tie->min < 0.0 || tie->max > 2.0)
    REFUSE("rule '%s': 'tie' must be a whole number in [0, 2]", rule->name);
  if (rule->ties && !(rule->ties >> (uint32_t)tie->value & 1))
    REFUSE("rule '%s': the default of 'tie' is not among 'ties'", rule->name);
  return QUELL_OK;
}

static quell_status find_standard(const quell_rule_desc *rule, ql_shape *shape, char *message,
                                  size_t message_size) {
  static const char *const names[] = {"w_min", "w_max", "tie"};
  int *const index[] = {&shape->w_min, &shape->w_max, &shape->tie};
  for (int i = 0; i < 3; i++) {
    *index[i] = ql_rule_param_index(rule, names[i]);
    if (*index[i] < 0 && shape->learns)
      REFUSE("rule '%s': the parameter '%s' is missing; end the table with QUELL_STANDARD_PARAMS",
             rule->name, names[i]);
  }
  quell_status status = check_bounds(rule, shape, message, message_size);
  return status ? status : check_tie(rule, shape, message, message_size);
}

static quell_status read_traces(const quell_rule_desc *rule, ql_shape *shape, char *message,
                                size_t message_size) {
  for (uint32_t i = 0; i < rule->traces.count; i++) {
    const quell_trace_desc *trace = ql_rule_trace(rule, i);
    if (!trace->name || !*trace->name) REFUSE("rule '%s': trace %u lacks its name", rule->name, i);
    if (trace->side < QUELL_PRE || trace->side > QUELL_LATE)
      REFUSE("rule '%s': trace %u has no side", rule->name, i);
    if (trace->kind < QUELL_TRACE_ADD || trace->kind > QUELL_TRACE_AGE)
      REFUSE("rule '%s': trace %u is of an unknown kind", rule->name, i);
    if ((trace->kind != QUELL_TRACE_AGE && trace->tau >= rule->params.count) || trace->reserved)
      REFUSE("rule '%s': trace %u has no time constant among the parameters", rule->name, i);
    int behind = trace->side == QUELL_POST;
    uint32_t *n = behind ? &shape->n_post : &shape->n_pre;
    if (*n == QL_MAX_TRACES)
      REFUSE("rule '%s': more than %d traces on one side", rule->name, QL_MAX_TRACES);
    ql_trace *traces = behind ? shape->post : shape->pre;
    traces[(*n)++] = (ql_trace){trace->side, trace->kind, trace->tau};
  }
  return QUELL_OK;
}

/* The first number that is not an index of a table with n entries, in a bit set. */
static int wants_too_much(uint64_t wants, uint32_t n) {
  return wants >> n != 0;
}

static quell_status read_event(const quell_rule_desc *rule, ql_shape *shape, uint32_t i,
                               char *message, size_t message_size) {
  const quell_event_desc *event = entry(&rule->events, i);
  if (event->kind < QUELL_PRE || event->kind >= QL_EVENT_KINDS || !event->call)
    REFUSE("rule '%s': event %u is of an unknown kind or has no function", rule->name, i);
  uint32_t timed = event->kind == QUELL_LATE || event->kind == QUELL_INTERVAL;
  uint32_t n = timed ? rule->params.count : event->kind == QUELL_PULSE ? rule->factors.count : 1;
  if (event->param >= n)
    REFUSE("rule '%s': event %u has no time among the parameters, no factor, or one that it does "
           "not need",
           rule->name, i);
  ql_event *slot = &shape->event[event->kind];
  if (slot->call) REFUSE("rule '%s': two events of one kind", rule->name);
  if (wants_too_much(event->wants_pre, shape->n_pre) ||
      wants_too_much(event->wants_post, shape->n_post))
    REFUSE("rule '%s': event %u wants a trace that is not declared", rule->name, i);
  if (wants_too_much(event->wants_signal, shape->n_signals))
    REFUSE("rule '%s': event %u wants a signal that is not declared", rule->name, i);
  if (event->uniforms > QL_MAX_RANDOM || event->normals > QL_MAX_RANDOM)
    REFUSE("rule '%s': event %u wants more than %d random numbers of a kind", rule->name, i,
           QL_MAX_RANDOM);
  *slot = (ql_event){event->call,         event->param,    event->wants_pre, event->wants_post,
                     event->wants_signal, event->uniforms, event->normals};
  return QUELL_OK;
}

static quell_status check_events(const quell_rule_desc *rule, const ql_shape *shape, char *message,
                                 size_t message_size) {
  const ql_event *on = shape->event;
  if (!rule->events.count && !rule->release) REFUSE("rule '%s': it wants no event", rule->name);
  if (on[QUELL_RELEASE].call && !rule->release)
    REFUSE("rule '%s': it wants the release, but has no 'release'", rule->name);
  const ql_event *release = &on[QUELL_RELEASE];
  if (release->wants_pre || release->wants_post || release->wants_signal)
    REFUSE("rule '%s': the release reads no traces and no signals", rule->name);
  if (rule->release && (shape->learns || on[QUELL_INTERVAL].call))
    REFUSE("rule '%s': short-term plasticity has events of no other kind", rule->name);
  if ((on[QUELL_REDUCE].call || rule->decide) && !on[QUELL_INTERVAL].call)
    REFUSE("rule '%s': it has a sum or 'decide', but no interval", rule->name);
  if (on[QUELL_READ].call && !shape->learns)
    REFUSE("rule '%s': it has a reading, but no event that changes a weight", rule->name);
  if (on[QUELL_PULSE].call && !shape->learns)
    REFUSE("rule '%s': it has a pulse, but no event that changes a weight", rule->name);
  if (on[QUELL_READ].uniforms || on[QUELL_READ].normals)
    REFUSE("rule '%s': reading cannot depend on chance", rule->name);
  return QUELL_OK;
}

static quell_status read_events(const quell_rule_desc *rule, ql_shape *shape, char *message,
                                size_t message_size) {
  for (uint32_t i = 0; i < rule->events.count; i++) {
    quell_status status = read_event(rule, shape, i, message, message_size);
    if (status) return status;
  }
  const ql_event *on = shape->event;
  shape->learns = on[QUELL_PRE].call || on[QUELL_POST].call || on[QUELL_LATE].call;
  shape->releases = rule->release != NULL;
  return check_events(rule, shape, message, message_size);
}

/* A late trace is counted from late events, so there must be some. */
static quell_status check_late(const quell_rule_desc *rule, const ql_shape *shape, char *message,
                               size_t message_size) {
  for (uint32_t i = 0; i < shape->n_pre; i++)
    if (shape->pre[i].side == QUELL_LATE && !shape->event[QUELL_LATE].call)
      REFUSE("rule '%s': it has a late trace, but no late event", rule->name);
  return QUELL_OK;
}

/* The neuron's side. */

static quell_status check_post_vars(const quell_rule_desc *rule, char *message,
                                    size_t message_size) {
  for (uint32_t i = 0; i < rule->post_vars.count; i++) {
    const quell_post_var_desc *var = ql_rule_post_var(rule, i);
    if (!var->name || !*var->name || !var->unit || !var->doc)
      REFUSE("rule '%s': post variable %u lacks its name, unit or doc", rule->name, i);
    if (!(var->value >= -DBL_MAX && var->value <= DBL_MAX) || var->reserved)
      REFUSE("rule '%s': the post variable '%s' begins with no number", rule->name, var->name);
    if (var->depth > rule->params.count)
      REFUSE("rule '%s': the post variable '%s' has no length among the parameters", rule->name,
             var->name);
  }
  return QUELL_OK;
}

static quell_status check_signals(const quell_rule_desc *rule, char *message, size_t message_size) {
  for (uint32_t i = 0; i < rule->states.count; i++) {
    const quell_state_desc *state = ql_rule_state(rule, i);
    if (!state->name || !*state->name || !state->doc)
      REFUSE("rule '%s': state %u lacks its name or doc", rule->name, i);
  }
  for (uint32_t i = 0; i < rule->signals.count; i++) {
    const quell_signal_desc *signal = ql_rule_signal(rule, i);
    if (!signal->name || !*signal->name || !signal->unit || !signal->doc)
      REFUSE("rule '%s': signal %u lacks its name, unit or doc", rule->name, i);
    if (!signal->state && !rule->post_step)
      REFUSE("rule '%s': nothing writes the signal '%s'", rule->name, signal->name);
  }
  if ((rule->states.count || rule->observed.count) && !rule->post_step)
    REFUSE("rule '%s': it has states or observed populations, but no 'post_step'", rule->name);
  return QUELL_OK;
}

static quell_status check_observed(const quell_rule_desc *rule, char *message,
                                   size_t message_size) {
  for (uint32_t i = 0; i < rule->observed.count; i++) {
    const quell_observed_desc *observed = ql_rule_observed(rule, i);
    if (!observed->name || !*observed->name || !observed->doc || observed->reserved)
      REFUSE("rule '%s': observed population %u lacks its name or doc", rule->name, i);
    if (observed->delay >= rule->params.count)
      REFUSE("rule '%s': the observed population '%s' has no delay among the parameters",
             rule->name, observed->name);
  }
  return QUELL_OK;
}

static quell_status check_integrals(const quell_rule_desc *rule, const ql_shape *shape,
                                    char *message, size_t message_size) {
  for (uint32_t i = 0; i < rule->integrals.count; i++) {
    const quell_integral_desc *integral = ql_rule_integral(rule, i);
    if (!integral->name || !*integral->name || !integral->doc || integral->reserved)
      REFUSE("rule '%s': integral %u lacks its name or doc", rule->name, i);
    int there = integral->trace < shape->n_pre;
    const ql_trace *trace = &shape->pre[there ? integral->trace : 0];
    if (!there || trace->side != QUELL_PRE || trace->kind == QUELL_TRACE_AGE)
      REFUSE("rule '%s': the integral '%s' is carried by no decaying pre trace", rule->name,
             integral->name);
    if (!rule->post_step || !shape->event[QUELL_PRE].call || shape->event[QUELL_POST].call ||
        shape->event[QUELL_LATE].call)
      REFUSE("rule '%s': a rule with an integral has 'post_step', a pre event, and no post or late "
             "event",
             rule->name);
  }
  return QUELL_OK;
}

static quell_status check_row_vars(const quell_rule_desc *rule, char *message,
                                   size_t message_size) {
  if (rule->row_vars.count && !rule->release)
    REFUSE("rule '%s': it has row variables, but no 'release'", rule->name);
  for (uint32_t i = 0; i < rule->row_vars.count; i++) {
    const quell_row_var_desc *var = ql_rule_row_var(rule, i);
    if (!var->name || !*var->name || !var->unit || !var->doc)
      REFUSE("rule '%s': row variable %u lacks its name, unit or doc", rule->name, i);
    if (!(var->value >= -DBL_MAX && var->value <= DBL_MAX))
      REFUSE("rule '%s': the row variable '%s' begins with no number", rule->name, var->name);
    int taken = is_reserved(var->name) || ql_rule_var_index(rule, var->name) >= 0;
    for (uint32_t k = 0; k < i; k++) taken |= !strcmp(ql_rule_row_var(rule, k)->name, var->name);
    if (taken) REFUSE("rule '%s': the variable name '%s' is taken", rule->name, var->name);
  }
  return QUELL_OK;
}

static quell_status check_preset(const quell_rule_desc *rule, const quell_preset_desc *preset,
                                 char *message, size_t message_size) {
  if (preset->values.count && (!preset->values.at || preset->values.count > QL_MAX_RULE_PARAMS ||
                               preset->values.stride != sizeof(quell_value)))
    REFUSE("rule '%s': the preset '%s' is no table of values", rule->name, preset->name);
  for (uint32_t k = 0; k < preset->values.count; k++) {
    const quell_value *value = entry(&preset->values, k);
    int i = value->name ? ql_rule_param_index(rule, value->name) : -1;
    if (i < 0) REFUSE("rule '%s': the preset '%s' sets no parameter", rule->name, preset->name);
    quell_param_desc param = *ql_rule_param(rule, (uint32_t)i);
    param.value = value->value;
    if (!is_in_range(&param))
      REFUSE("rule '%s': the preset '%s' has '%s' outside its range", rule->name, preset->name,
             param.name);
  }
  return QUELL_OK;
}

static quell_status read_bound(const quell_rule_desc *rule, ql_shape *shape, char *message,
                               size_t message_size) {
  for (uint32_t i = 0; i < rule->params.count; i++) {
    if (!(ql_rule_param(rule, i)->flags & QUELL_BINDABLE)) continue;
    if (ql_is_fixed(rule, shape, i) || (int)i == shape->w_min || (int)i == shape->w_max)
      REFUSE("rule '%s': '%s' shapes the past or is a bound of the weight, and cannot be bindable",
             rule->name, ql_rule_param(rule, i)->name);
    if (shape->n_bound == QL_MAX_BOUND)
      REFUSE("rule '%s': more than %d bindable parameters", rule->name, QL_MAX_BOUND);
    shape->bound[shape->n_bound++] = i;
  }
  return QUELL_OK;
}

static quell_status check_factors(const quell_rule_desc *rule, char *message, size_t message_size) {
  for (uint32_t i = 0; i < rule->factors.count; i++) {
    const quell_factor_desc *factor = ql_rule_factor(rule, i);
    if (!factor->name || !*factor->name || !factor->doc)
      REFUSE("rule '%s': factor %u lacks its name or doc", rule->name, i);
    if (ql_rule_factor_index(rule, factor->name) != (int)i ||
        ql_rule_param_index(rule, factor->name) >= 0 || ql_is_standard_target(factor->name))
      REFUSE("rule '%s': the factor name '%s' is taken", rule->name, factor->name);
  }
  return QUELL_OK;
}

static quell_status check_eligibilities(const quell_rule_desc *rule, const ql_shape *shape,
                                        char *message, size_t message_size) {
  for (uint32_t i = 0; i < rule->eligibilities.count; i++) {
    const quell_eligibility_desc *e = ql_rule_eligibility(rule, i);
    if (!e->name || !*e->name || !e->unit || !e->doc)
      REFUSE("rule '%s': eligibility %u lacks its name, unit or doc", rule->name, i);
    if (ql_rule_eligibility_index(rule, e->name) != (int)i || is_reserved(e->name) ||
        ql_rule_var_index(rule, e->name) >= 0)
      REFUSE("rule '%s': the eligibility name '%s' is taken", rule->name, e->name);
    if (e->tau >= rule->params.count)
      REFUSE("rule '%s': '%s' has no time constant among the parameters", rule->name, e->name);
    if (e->factor > rule->factors.count)
      REFUSE("rule '%s': '%s' has a factor that is not declared", rule->name, e->name);
  }
  if (!rule->eligibilities.count) return QUELL_OK;
  if (!shape->learns || rule->integrals.count || shape->event[QUELL_READ].call)
    REFUSE("rule '%s': eligibilities go with pre, post or late events, not with integrals or "
           "readings",
           rule->name);
  if (rule->vars.count + rule->eligibilities.count > QL_MAX_VARS)
    REFUSE("rule '%s': more than %d variables and eligibilities", rule->name, QL_MAX_VARS);
  return QUELL_OK;
}

static quell_status check_presets(const quell_rule_desc *rule, char *message, size_t message_size) {
  for (uint32_t i = 0; i < rule->presets.count; i++) {
    const quell_preset_desc *preset = ql_rule_preset(rule, i);
    if (!preset->name || !*preset->name || !preset->doc)
      REFUSE("rule '%s': preset %u lacks its name or doc", rule->name, i);
    quell_status status = check_preset(rule, preset, message, message_size);
    if (status) return status;
  }
  return QUELL_OK;
}

static quell_status check_versions(const quell_rule_desc *rule, char *message,
                                   size_t message_size) {
  if (rule->struct_size == sizeof *rule && rule->abi_major == QUELL_RULE_ABI_MAJOR &&
      rule->abi_minor <= QUELL_RULE_ABI_MINOR &&
      !(rule->flags & ~(uint32_t)(QUELL_TRANSMIT_FIRST | QUELL_NEEDS_RATES)))
    return QUELL_OK;
  ql_message(message, message_size,
             "rule: built for rule ABI %u.%u with a descriptor of %u bytes and flags %u; this "
             "library has %d.%d, %u bytes and flags up to 3",
             rule->abi_major, rule->abi_minor, rule->struct_size, rule->flags, QUELL_RULE_ABI_MAJOR,
             QUELL_RULE_ABI_MINOR, (unsigned)sizeof *rule);
  return QUELL_E_UNSUPPORTED;
}

quell_status ql_shape_read(const quell_rule_desc *rule, ql_shape *shape, char *message,
                           size_t message_size) {
  memset(shape, 0, sizeof *shape);
  quell_status status = check_versions(rule, message, message_size);
  if (status) return status;
  if (!rule->name || !*rule->name || !rule->summary || !rule->source) {
    ql_message(message, message_size, "rule: it lacks its name, summary or source");
    return QUELL_E_NAME;
  }
  if (!rule->prepare) REFUSE("rule '%s': it has no 'prepare'", rule->name);
  if (rule->ties & ~7u) REFUSE("rule '%s': 'ties' has unknown bits", rule->name);
  status = check_tables(rule, message, message_size);
  if (!status) status = check_params(rule, message, message_size);
  if (!status) status = check_vars(rule, message, message_size);
  shape->n_params = rule->params.count;
  shape->n_vars = rule->vars.count;
  shape->n_row_vars = rule->row_vars.count;
  shape->n_post_vars = rule->post_vars.count;
  shape->n_inputs = rule->states.count;
  shape->n_signals = rule->signals.count;
  shape->n_integrals = rule->integrals.count;
  shape->n_observed = rule->observed.count;
  shape->n_factors = rule->factors.count;
  shape->n_eligibilities = rule->eligibilities.count;
  if (!status) status = read_traces(rule, shape, message, message_size);
  if (!status) status = read_events(rule, shape, message, message_size);
  if (!status) status = find_standard(rule, shape, message, message_size);
  if (!status) status = check_late(rule, shape, message, message_size);
  if (!status) status = check_post_vars(rule, message, message_size);
  if (!status) status = check_signals(rule, message, message_size);
  if (!status) status = check_observed(rule, message, message_size);
  if (!status) status = check_integrals(rule, shape, message, message_size);
  if (!status) status = check_row_vars(rule, message, message_size);
  if (!status) status = check_factors(rule, message, message_size);
  if (!status) status = check_eligibilities(rule, shape, message, message_size);
  if (!status) status = read_bound(rule, shape, message, message_size);
  if (!status) status = check_presets(rule, message, message_size);
  return status;
}

static int is_tau(const ql_trace *traces, uint32_t n, uint32_t param) {
  for (uint32_t i = 0; i < n; i++)
    if (traces[i].kind != QUELL_TRACE_AGE && traces[i].tau == param) return 1;
  return 0;
}

int ql_is_fixed(const quell_rule_desc *rule, const ql_shape *shape, uint32_t param) {
  if ((int)param == shape->tie) return 1;
  if (is_tau(shape->pre, shape->n_pre, param) || is_tau(shape->post, shape->n_post, param))
    return 1;
  if (shape->event[QUELL_LATE].call && shape->event[QUELL_LATE].param == param) return 1;
  if (shape->event[QUELL_INTERVAL].call && shape->event[QUELL_INTERVAL].param == param) return 1;
  for (uint32_t i = 0; i < shape->n_eligibilities; i++)
    if (ql_rule_eligibility(rule, i)->tau == param) return 1;
  for (uint32_t i = 0; i < shape->n_post_vars; i++)
    if (ql_rule_post_var(rule, i)->depth == param + 1) return 1;
  for (uint32_t i = 0; i < shape->n_observed; i++)
    if (ql_rule_observed(rule, i)->delay == param) return 1;
  return 0;
}

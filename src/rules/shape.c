#include "rules/shape.h"

#include "base/message.h"
#include <float.h>
#include <math.h>
#include <string.h>

static const void *entry(const quell_table *table, uint32_t i) {
  return (const char *)table->at + (size_t)i * table->stride;
}

const quell_param_desc *ql_rule_param(const quell_rule_desc *rule, uint32_t i) {
  return entry(&rule->params, i);
}

const quell_var_desc *ql_rule_var(const quell_rule_desc *rule, uint32_t i) {
  return entry(&rule->vars, i);
}

int ql_rule_param_index(const quell_rule_desc *rule, const char *name) {
  for (uint32_t i = 0; i < rule->params.count; i++)
    if (!strcmp(ql_rule_param(rule, i)->name, name)) return (int)i;
  return -1;
}

int ql_rule_var_index(const quell_rule_desc *rule, const char *name) {
  for (uint32_t i = 0; i < rule->vars.count; i++)
    if (!strcmp(ql_rule_var(rule, i)->name, name)) return (int)i;
  return -1;
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
  quell_status status = check_table(rule, &rule->params, "parameters", sizeof(quell_param_desc),
                                    QL_MAX_RULE_PARAMS, message, message_size);
  if (!status)
    status = check_table(rule, &rule->vars, "variables", sizeof(quell_var_desc), QL_MAX_VARS,
                         message, message_size);
  if (!status)
    status = check_table(rule, &rule->traces, "traces", sizeof(quell_trace_desc), 2 * QL_MAX_TRACES,
                         message, message_size);
  if (!status)
    status = check_table(rule, &rule->events, "events", sizeof(quell_event_desc), 2, message,
                         message_size);
  return status;
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
    if (param->reserved || (param->flags & ~(uint32_t)(QUELL_MIN_OPEN | QUELL_INTEGER)))
      REFUSE("rule '%s': '%s' has flags that this library does not know", rule->name, param->name);
  }
  return QUELL_OK;
}

static quell_status check_vars(const quell_rule_desc *rule, char *message, size_t message_size) {
  for (uint32_t i = 0; i < rule->vars.count; i++) {
    const quell_var_desc *var = ql_rule_var(rule, i);
    if (!var->name || !*var->name || !var->unit || !var->doc)
      REFUSE("rule '%s': variable %u lacks its name, unit or doc", rule->name, i);
    if (ql_rule_var_index(rule, var->name) != (int)i || !strcmp(var->name, "weight") ||
        !strncmp(var->name, "delay", 5))
      REFUSE("rule '%s': the variable name '%s' is taken", rule->name, var->name);
    if (!(var->value >= -FLT_MAX && var->value <= FLT_MAX))
      REFUSE("rule '%s': the variable '%s' begins with %g, which is no float", rule->name,
             var->name, var->value);
  }
  return QUELL_OK;
}

static quell_status check_standard(const quell_rule_desc *rule, const ql_shape *shape,
                                   char *message, size_t message_size) {
  const quell_param_desc *tie = ql_rule_param(rule, shape->tie);
  if (ql_rule_param(rule, shape->w_min)->min < 0.0 || ql_rule_param(rule, shape->w_max)->min < 0.0)
    REFUSE("rule '%s': 'w_min' and 'w_max' are magnitudes, their ranges must begin at 0 or above",
           rule->name);
  if (!(tie->flags & QUELL_INTEGER) || tie->min < 0.0 || tie->max > 2.0)
    REFUSE("rule '%s': 'tie' must be a whole number in [0, 2]", rule->name);
  if (rule->ties && !(rule->ties >> (uint32_t)tie->value & 1))
    REFUSE("rule '%s': the default of 'tie' is not among 'ties'", rule->name);
  return QUELL_OK;
}

static quell_status find_standard(const quell_rule_desc *rule, ql_shape *shape, char *message,
                                  size_t message_size) {
  static const char *const names[] = {"w_min", "w_max", "tie"};
  uint32_t *const index[] = {&shape->w_min, &shape->w_max, &shape->tie};
  for (int i = 0; i < 3; i++) {
    int found = ql_rule_param_index(rule, names[i]);
    if (found < 0)
      REFUSE("rule '%s': the parameter '%s' is missing; end the table with QUELL_STANDARD_PARAMS",
             rule->name, names[i]);
    *index[i] = (uint32_t)found;
  }
  return check_standard(rule, shape, message, message_size);
}

static quell_status read_traces(const quell_rule_desc *rule, ql_shape *shape, char *message,
                                size_t message_size) {
  for (uint32_t i = 0; i < rule->traces.count; i++) {
    const quell_trace_desc *trace = entry(&rule->traces, i);
    if (!trace->name || !*trace->name) REFUSE("rule '%s': trace %u lacks its name", rule->name, i);
    if (trace->side != QUELL_PRE && trace->side != QUELL_POST)
      REFUSE("rule '%s': trace %u has no side", rule->name, i);
    if (trace->kind != QUELL_TRACE_ADD && trace->kind != QUELL_TRACE_SET)
      REFUSE("rule '%s': trace %u is of an unknown kind", rule->name, i);
    if (trace->tau >= rule->params.count || trace->reserved)
      REFUSE("rule '%s': trace %u has no time constant among the parameters", rule->name, i);
    uint32_t *n = trace->side == QUELL_PRE ? &shape->n_pre : &shape->n_post;
    if (*n == QL_MAX_TRACES)
      REFUSE("rule '%s': more than %d traces on one side", rule->name, QL_MAX_TRACES);
    ql_trace *traces = trace->side == QUELL_PRE ? shape->pre : shape->post;
    traces[(*n)++] = (ql_trace){trace->kind, trace->tau};
  }
  return QUELL_OK;
}

static quell_status read_events(const quell_rule_desc *rule, ql_shape *shape, char *message,
                                size_t message_size) {
  for (uint32_t i = 0; i < rule->events.count; i++) {
    const quell_event_desc *event = entry(&rule->events, i);
    if ((event->kind != QUELL_PRE && event->kind != QUELL_POST) || event->param || !event->call)
      REFUSE("rule '%s': event %u is of an unknown kind or has no function", rule->name, i);
    ql_event *slot = event->kind == QUELL_PRE ? &shape->on_pre : &shape->on_post;
    if (slot->call) REFUSE("rule '%s': two events of one kind", rule->name);
    if (event->wants_pre >> shape->n_pre || event->wants_post >> shape->n_post)
      REFUSE("rule '%s': event %u wants a trace that is not declared", rule->name, i);
    *slot = (ql_event){event->call, event->wants_pre, event->wants_post};
  }
  if (!rule->events.count) REFUSE("rule '%s': it wants no event", rule->name);
  return QUELL_OK;
}

static quell_status check_versions(const quell_rule_desc *rule, char *message,
                                   size_t message_size) {
  if (rule->struct_size == sizeof *rule && rule->abi_major == QUELL_RULE_ABI_MAJOR &&
      rule->abi_minor <= QUELL_RULE_ABI_MINOR && !rule->flags)
    return QUELL_OK;
  ql_message(message, message_size,
             "rule: built for rule ABI %u.%u with a descriptor of %u bytes and flags %u; this "
             "library has %d.%d, %u bytes and no flags",
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
  if (!status) status = find_standard(rule, shape, message, message_size);
  if (!status) status = read_traces(rule, shape, message, message_size);
  if (!status) status = read_events(rule, shape, message, message_size);
  shape->n_params = rule->params.count;
  shape->n_vars = rule->vars.count;
  return status;
}

#include <quell/catalogue.h>

#include "base/versioned.h"
#include "engine/fragment.h"
#include "rules/shape.h"

static uint32_t kept_traces(const ql_shape *shape) {
  uint32_t n = 0;
  for (uint32_t t = 0; t < shape->n_post; t++) n += shape->post[t].kind != QUELL_TRACE_AGE;
  return n;
}

static uint32_t kept_signals(const ql_shape *shape) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < shape->n_signals; i++)
    n += shape->event[QUELL_POST].wants_signal >> i & 1;
  return n;
}

/* See engine/history.h and engine/side.h. */
static uint32_t neuron_bytes(const ql_shape *shape) {
  size_t traces = kept_traces(shape), words = 1 + traces + kept_signals(shape), bytes = 0;
  if (shape->learns || shape->n_post)
    bytes += QL_RECENT * sizeof(uint32_t) + traces * (sizeof(float) + sizeof(double)) +
             sizeof(uint32_t) + QL_KEPT * words * sizeof(ql_word) + sizeof(ql_overflow);
  bytes += shape->n_signals * sizeof(float) + shape->n_post_vars * sizeof(double);
  bytes += shape->n_integrals * (2 * sizeof(float) + sizeof(double));
  return (uint32_t)bytes;
}

static uint32_t row_bytes(const ql_shape *shape) {
  if (!shape->learns && !shape->releases && !shape->n_pre) return 0;
  size_t units = shape->releases ? shape->n_bound : 0; /* see engine/moving.h */
  return (uint32_t)(sizeof(ql_mark) + (shape->n_pre + shape->n_row_vars + units) * sizeof(double));
}

static uint32_t events_of(const ql_shape *shape) {
  uint32_t events = 0;
  for (uint32_t kind = QUELL_PRE; kind < QL_EVENT_KINDS; kind++)
    events |= (uint32_t)(shape->event[kind].call != NULL) << kind;
  return events;
}

quell_status quell_rule_describe(const quell_rule_desc *rule, quell_rule_info *info) {
  if (!rule || !info) return QUELL_E_NULL;
  ql_shape shape;
  quell_status status = ql_shape_read(rule, &shape, NULL, 0);
  if (status) return status;
  const quell_rule_info known = {.kind = shape.learns     ? QUELL_RULE_EVENT
                                         : shape.releases ? QUELL_RULE_SHORT_TERM
                                                          : QUELL_RULE_INTERVAL,
                                 .name = rule->name,
                                 .summary = rule->summary,
                                 .source = rule->source,
                                 .flags = rule->flags,
                                 .events = events_of(&shape),
                                 .ties = shape.tie < 0 ? 0
                                         : rule->ties  ? rule->ties
                                                       : 7,
                                 .n_parameters = shape.n_params,
                                 .n_variables = shape.n_vars,
                                 .n_presets = rule->presets.count,
                                 .synapse_bytes =
                                     (uint32_t)((1 + ql_kept_vars(&shape)) * sizeof(float)),
                                 .row_bytes = row_bytes(&shape),
                                 .neuron_bytes = neuron_bytes(&shape),
                                 .n_traces = rule->traces.count,
                                 .n_factors = shape.n_factors,
                                 .n_eligibilities = shape.n_eligibilities};
  return ql_struct_out(info, &known, sizeof known, "rule info", NULL, 0);
}

quell_status quell_rule_variable(const quell_rule_desc *rule, size_t i, quell_variable *info) {
  if (!rule || !info) return QUELL_E_NULL;
  if (i >= rule->vars.count) return QUELL_E_LENGTH;
  const quell_var_desc *var = ql_rule_var(rule, (uint32_t)i);
  const quell_variable known = {.name = var->name,
                                .unit = var->unit,
                                .doc = var->doc,
                                .value = var->value,
                                .min = -INFINITY,
                                .max = INFINITY};
  return ql_struct_out(info, &known, sizeof known, "variable", NULL, 0);
}

quell_status quell_rule_trace(const quell_rule_desc *rule, size_t i, quell_trace_info *info) {
  if (!rule || !info) return QUELL_E_NULL;
  if (i >= rule->traces.count) return QUELL_E_LENGTH;
  const quell_trace_desc *trace = ql_rule_trace(rule, (uint32_t)i);
  const quell_trace_info known = {
      .side = trace->side,
      .kind = trace->kind,
      .name = trace->name,
      .tau = trace->kind == QUELL_TRACE_AGE ? NULL : ql_rule_param(rule, trace->tau)->name};
  return ql_struct_out(info, &known, sizeof known, "trace info", NULL, 0);
}

quell_status quell_rule_factor(const quell_rule_desc *rule, size_t i, quell_factor_info *info) {
  if (!rule || !info) return QUELL_E_NULL;
  if (i >= rule->factors.count) return QUELL_E_LENGTH;
  const quell_factor_desc *factor = ql_rule_factor(rule, (uint32_t)i);
  const quell_factor_info known = {.name = factor->name, .doc = factor->doc};
  return ql_struct_out(info, &known, sizeof known, "factor info", NULL, 0);
}

quell_status quell_rule_eligibility_info(const quell_rule_desc *rule, size_t i,
                                         quell_eligibility_info *info) {
  if (!rule || !info) return QUELL_E_NULL;
  if (i >= rule->eligibilities.count) return QUELL_E_LENGTH;
  const quell_eligibility_desc *e = ql_rule_eligibility(rule, (uint32_t)i);
  const quell_eligibility_info known = {
      .name = e->name,
      .unit = e->unit,
      .doc = e->doc,
      .tau = ql_rule_param(rule, e->tau)->name,
      .factor = e->factor ? ql_rule_factor(rule, e->factor - 1)->name : NULL};
  return ql_struct_out(info, &known, sizeof known, "eligibility info", NULL, 0);
}

quell_status quell_rule_preset(const quell_rule_desc *rule, size_t i, quell_preset_info *info) {
  if (!rule || !info) return QUELL_E_NULL;
  if (i >= rule->presets.count) return QUELL_E_LENGTH;
  const quell_preset_desc *preset = ql_rule_preset(rule, (uint32_t)i);
  const quell_preset_info known = {.name = preset->name,
                                   .doc = preset->doc,
                                   .values = preset->values.at,
                                   .n = preset->values.count};
  return ql_struct_out(info, &known, sizeof known, "preset info", NULL, 0);
}

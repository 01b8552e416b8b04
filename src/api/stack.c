#include "api/stack.h"

#include "engine/moving.h"
#include <string.h>

static const char *name_of(const quell_rule *rule) {
  return rule->desc->name;
}

static quell_status check_rule(const quell_projection *projection, const quell_rule *rule) {
  const quell_network *network = projection->network;
  if (!rule) return ql_fail(network, QUELL_E_NULL, "connection: a rule of the stack is NULL");
  if (rule->network != network)
    return ql_fail(network, QUELL_E_OWNER, "connection: the rule '%s' belongs to another network",
                   name_of(rule));
  int rates = projection->pre->model->rate_state != 0;
  if ((rule->desc->flags & QUELL_NEEDS_RATES) && !rates)
    return ql_fail(
        network, QUELL_E_UNSUPPORTED,
        "connection: the rule '%s' reads the rates of rate units, and population '%.70s' "
        "(model '%s') has none",
        name_of(rule), projection->pre->name, projection->pre->model->name);
  if (rates && (rule->shape.learns || rule->shape.releases || rule->shape.n_pre))
    return ql_fail(network, QUELL_E_UNSUPPORTED,
                   "connection: the rule '%s' acts at spikes, and population '%.70s' has rate "
                   "units, which send none",
                   name_of(rule), projection->pre->name);
  return QUELL_OK;
}

static int has_state(const quell_population *population, const char *name) {
  for (uint32_t i = 0; i < population->model->n_states; i++)
    if (!strcmp(population->model->states[i].name, name)) return 1;
  return 0;
}

static quell_status check_state(const quell_projection *projection, const quell_rule *rule,
                                const char *state) {
  if (!state || has_state(projection->post, state)) return QUELL_OK;
  return ql_fail(projection->network, QUELL_E_NAME,
                 "connection: the rule '%s' reads the state '%.60s', which population '%.70s' "
                 "(model '%s') has not",
                 name_of(rule), state, projection->post->name, projection->post->model->name);
}

static quell_status check_states(const quell_projection *projection, const quell_rule *rule) {
  quell_status status = QUELL_OK;
  for (uint32_t i = 0; i < rule->shape.n_inputs && !status; i++)
    status = check_state(projection, rule, ql_rule_state(rule->desc, i)->name);
  for (uint32_t i = 0; i < rule->shape.n_signals && !status; i++)
    status = check_state(projection, rule, ql_rule_signal(rule->desc, i)->state);
  return status;
}

/* The first variable of a synapse or row that both rules have; NULL if there is none. */
static const char *common_name(const quell_rule *a, const quell_rule *b) {
  for (uint32_t v = 0; v < ql_kept_vars(&a->shape) + a->shape.n_row_vars; v++) {
    const char *name = ql_var_name(a, v);
    for (uint32_t u = 0; u < ql_kept_vars(&b->shape) + b->shape.n_row_vars; u++)
      if (!strcmp(name, ql_var_name(b, u))) return name;
  }
  return NULL;
}

/* Two variables of one name could not be told apart. */
static quell_status check_names(const quell_projection *projection, const quell_rule *rule) {
  for (uint32_t u = 0; u < projection->n_uses; u++) {
    const quell_rule *other = projection->use[u].rule;
    const char *name = common_name(rule, other);
    if (name)
      return ql_fail(projection->network, QUELL_E_NAME,
                     "connection: the rules '%s' and '%s' both have a variable '%.60s'",
                     name_of(other), name_of(rule), name);
  }
  return QUELL_OK;
}

static quell_status check_place(const quell_projection *projection, const quell_rule *rule) {
  const quell_network *network = projection->network;
  if (rule->shape.learns && projection->n_uses)
    return ql_fail(network, QUELL_E_UNSUPPORTED,
                   "connection: the rule '%s' learns at events; a projection has one such rule, "
                   "and it is not in the stack but before it",
                   name_of(rule));
  if (rule->shape.releases && projection->release)
    return ql_fail(network, QUELL_E_UNSUPPORTED,
                   "connection: '%s' and '%s' are both short-term plasticity; a projection has one",
                   name_of(projection->release->rule), name_of(rule));
  for (uint32_t u = 0; u < projection->n_uses; u++)
    if (projection->use[u].rule == rule)
      return ql_fail(network, QUELL_E_UNSUPPORTED, "connection: the rule '%s' is there twice",
                     name_of(rule));
  const ql_shape *shape = &rule->shape;
  if (projection->n_uses == QL_MAX_STACK ||
      projection->n_vars + ql_kept_vars(shape) > QL_MAX_VARS ||
      projection->n_pre + shape->n_pre > QL_MAX_TRACES)
    return ql_fail(network, QUELL_E_UNSUPPORTED,
                   "connection: at most %d rules, %d variables and %d pre traces in all; '%s' is "
                   "too much",
                   QL_MAX_STACK, QL_MAX_VARS, QL_MAX_TRACES, name_of(rule));
  return QUELL_OK;
}

static void add_rule(quell_projection *projection, quell_rule *rule) {
  const ql_shape *shape = &rule->shape;
  ql_use *use = &projection->use[projection->n_uses++];
  *use = (ql_use){.rule = rule, .first_var = projection->n_vars, .first_pre = projection->n_pre};
  for (uint32_t v = 0; v < shape->n_vars; v++)
    projection->var_value[projection->n_vars++] = (float)ql_rule_var(rule->desc, v)->value;
  for (uint32_t e = 0; e < shape->n_eligibilities; e++)
    projection->var_value[projection->n_vars++] = 0.0f;
  for (uint32_t t = 0; t < shape->n_pre; t++)
    projection->pre_trace[projection->n_pre++] = shape->pre[t];
  for (uint32_t v = 0; v < shape->n_row_vars; v++)
    projection->row_var_value[projection->n_row_vars++] = ql_rule_row_var(rule->desc, v)->value;
  rule->in_use = 1;
  if (shape->releases) projection->n_row_units = shape->n_bound;
  if (shape->learns) projection->rule = rule;
  if (shape->releases) projection->release = use;
  if (shape->learns || shape->event[QUELL_INTERVAL].call) projection->can_learn = 1;
  if (shape->learns || shape->releases || shape->n_pre) projection->marked = 1;
}

static quell_status stack_rule(quell_projection *projection, quell_rule *rule) {
  quell_status status = check_rule(projection, rule);
  if (!status) status = check_states(projection, rule);
  if (!status) status = check_place(projection, rule);
  if (!status) status = check_names(projection, rule);
  if (!status) add_rule(projection, rule);
  return status;
}

quell_status ql_stack_rules(quell_projection *projection, quell_rule *rule,
                            quell_rule *const *stack, size_t n_stack) {
  quell_status status = rule ? stack_rule(projection, rule) : QUELL_OK;
  if (n_stack && !stack)
    return ql_fail(projection->network, QUELL_E_NULL, "connection: 'stack' is NULL");
  for (size_t i = 0; i < n_stack && !status; i++) status = stack_rule(projection, stack[i]);
  return status;
}

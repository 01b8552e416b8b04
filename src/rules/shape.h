/* What the engine needs to know of a rule, read once from its descriptor. */
#ifndef QL_RULES_SHAPE_H
#define QL_RULES_SHAPE_H

#include "base/decay.h"
#include <quell/plugin.h>

/* Most entries of a rule's tables, and most random numbers of each kind for an event. */
enum {
  QL_MAX_RULE_PARAMS = 64,
  QL_MAX_TRACES = 8, /* before the synapse, and as many behind it */
  QL_MAX_VARS = 8,
  QL_MAX_ROW_VARS = 4,
  QL_MAX_POST_VARS = 8,
  QL_MAX_INPUTS = 8, /* states that post_step reads */
  QL_MAX_SIGNALS = 8,
  QL_MAX_INTEGRALS = 2,
  QL_MAX_OBSERVED = 4,
  QL_MAX_RANDOM = 8,
  QL_MAX_BOUND = 8, /* parameters that may follow a modulator */
  QL_MAX_FACTORS = 4,
  QL_MAX_ELIGIBILITIES = 4,
  QL_MAX_PRESETS = 64
};

/* A trace that is kept. */
typedef struct ql_trace_use {
  uint32_t kind;
  ql_decay decay;
} ql_trace_use;

typedef struct ql_trace {
  uint32_t side, kind, tau; /* tau: index of the parameter */
} ql_trace;

typedef struct ql_event {
  void (*call)(const quell_block *block); /* NULL: the rule does not want this event */
  uint32_t param;                         /* index of the one with its time */
  uint64_t wants_pre, wants_post, wants_signal;
  uint32_t uniforms, normals;
} ql_event;

enum { QL_EVENT_KINDS = QUELL_PULSE + 1 };

typedef struct ql_shape {
  uint32_t n_params, n_vars, n_row_vars, n_post_vars, n_inputs, n_signals, n_integrals, n_observed;
  uint32_t n_factors, n_eligibilities;
  uint32_t n_pre, n_post;                /* traces: of the sides pre and late, and post */
  uint32_t n_bound, bound[QL_MAX_BOUND]; /* the parameters with QUELL_BINDABLE */
  int w_min, w_max, tie;                 /* indices of the standard parameters; -1: it has none */
  int learns;                            /* it wants pre, post or late events */
  int releases;                          /* short-term plasticity */
  int defers; /* what it does to the weight goes into its one eligibility */
  ql_trace pre[QL_MAX_TRACES], post[QL_MAX_TRACES];
  ql_event event[QL_EVENT_KINDS]; /* by kind */
} ql_shape;

/* Reads and checks a descriptor; on failure the sentence goes to `message`. */
quell_status ql_shape_read(const quell_rule_desc *rule, ql_shape *shape, char *message,
                           size_t message_size);

/* What a synapse has of a rule beside its weight: first the variables, then the eligibilities. */
static inline uint32_t ql_kept_vars(const ql_shape *shape) {
  return shape->n_vars + shape->n_eligibilities;
}

/* Whether the rule has something that is kept for each post neuron or computed there. */
static inline int ql_has_side(const ql_shape *shape, const quell_rule_desc *rule) {
  return shape->n_signals || shape->n_post_vars || shape->n_integrals || rule->post_step;
}

const quell_param_desc *ql_rule_param(const quell_rule_desc *rule, uint32_t i);
const quell_trace_desc *ql_rule_trace(const quell_rule_desc *rule, uint32_t i);
const quell_var_desc *ql_rule_var(const quell_rule_desc *rule, uint32_t i);
const quell_row_var_desc *ql_rule_row_var(const quell_rule_desc *rule, uint32_t i);
const quell_post_var_desc *ql_rule_post_var(const quell_rule_desc *rule, uint32_t i);
const quell_state_desc *ql_rule_state(const quell_rule_desc *rule, uint32_t i);
const quell_signal_desc *ql_rule_signal(const quell_rule_desc *rule, uint32_t i);
const quell_integral_desc *ql_rule_integral(const quell_rule_desc *rule, uint32_t i);
const quell_observed_desc *ql_rule_observed(const quell_rule_desc *rule, uint32_t i);
const quell_factor_desc *ql_rule_factor(const quell_rule_desc *rule, uint32_t i);
const quell_eligibility_desc *ql_rule_eligibility(const quell_rule_desc *rule, uint32_t i);
const quell_preset_desc *ql_rule_preset(const quell_rule_desc *rule, uint32_t i);
/* Index of a parameter, factor, eligibility or variable by name; -1 if there is none. */
int ql_rule_param_index(const quell_rule_desc *rule, const char *name);
int ql_rule_factor_index(const quell_rule_desc *rule, const char *name);
int ql_rule_eligibility_index(const quell_rule_desc *rule, const char *name);
int ql_rule_var_index(const quell_rule_desc *rule, const char *name);
/* Whether it has a variable of that name, of synapses (eligibilities are such) or of rows. */
int ql_rule_has_var(const quell_rule_desc *rule, const char *name);

/* Whether it is a factor on the changes of any rule, see quell_rule_bind(). */
int ql_is_standard_target(const char *name);

/* Whether the parameter shapes the past, so that it is fixed once there is one: the time constant
 * of a trace or eligibility, the time of an event, the length of a delay line, the delay of news,
 * the ties. */
int ql_is_fixed(const quell_rule_desc *rule, const ql_shape *shape, uint32_t param);

#endif

/* What the engine needs to know of a rule, read once from its descriptor. */
#ifndef QL_RULES_SHAPE_H
#define QL_RULES_SHAPE_H

#include "base/decay.h"
#include <quell/plugin.h>

enum { QL_MAX_TRACES = 8, QL_MAX_VARS = 8, QL_MAX_RULE_PARAMS = 64 };

/* A trace that is kept. */
typedef struct ql_trace_use {
  uint32_t kind;
  ql_decay decay;
} ql_trace_use;

typedef struct ql_trace {
  uint32_t kind, tau; /* tau: index of the parameter */
} ql_trace;

typedef struct ql_event {
  void (*call)(const quell_block *block); /* NULL: the rule does not want this event */
  uint64_t wants_pre, wants_post;
} ql_event;

typedef struct ql_shape {
  uint32_t n_params, n_vars, n_pre, n_post; /* pre and post traces */
  uint32_t w_min, w_max, tie;               /* indices of the standard parameters */
  ql_trace pre[QL_MAX_TRACES], post[QL_MAX_TRACES];
  ql_event on_pre, on_post;
} ql_shape;

/* Reads and checks a descriptor; on failure the sentence goes to `message`. */
quell_status ql_shape_read(const quell_rule_desc *rule, ql_shape *shape, char *message,
                           size_t message_size);

const quell_param_desc *ql_rule_param(const quell_rule_desc *rule, uint32_t i);
const quell_var_desc *ql_rule_var(const quell_rule_desc *rule, uint32_t i);
/* Index of a parameter or variable by name; -1 if there is none. */
int ql_rule_param_index(const quell_rule_desc *rule, const char *name);
int ql_rule_var_index(const quell_rule_desc *rule, const char *name);

#endif

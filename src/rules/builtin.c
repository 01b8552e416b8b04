#include "rules/builtin.h"

#define ADDRESS(name) &QL_RULE(name),

static const quell_rule_desc *const rules[] = {QL_BUILTIN_RULES(ADDRESS)};

const quell_rule_desc *ql_builtin_rule(size_t i) {
  return i < sizeof rules / sizeof *rules ? rules[i] : NULL;
}

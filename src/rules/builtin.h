/* The built-in rules, one file each. A new one is a file beside this one and a line here. */
#ifndef QL_RULES_BUILTIN_H
#define QL_RULES_BUILTIN_H

#include "base/isa.h"
#include <quell/plugin.h>

/* Calls RULE(name) for each, in the order in which they are listed. */
#define QL_BUILTIN_RULES(RULE)                                                                     \
  RULE(vogels2011)                                                                                 \
  RULE(miehl2022)                                                                                  \
  RULE(competitive_hebbian)                                                                        \
  RULE(cross_homeostatic)                                                                          \
  RULE(rate_inhibitory)                                                                            \
  RULE(rate_partner)                                                                               \
  RULE(stdp_pair)                                                                                  \
  RULE(stdp_oja)

/* The descriptor that a rule's file defines; those of another instruction set differ in their code
 * alone. */
#define QL_RULE(name)         QL_FOR_ISA(ql_rule_##name)
#define QL_DECLARE_RULE(name) extern const quell_rule_desc QL_RULE(name);
QL_BUILTIN_RULES(QL_DECLARE_RULE)

/* All of them; NULL past the end. */
#define ql_builtin_rule QL_FOR_ISA(ql_builtin_rule)
const quell_rule_desc *ql_builtin_rule(size_t i);

#endif

/* The built-in rules, one file each. A new one is a file beside this one, a line here and one in
 * builtin.c. */
#ifndef QL_RULES_BUILTIN_H
#define QL_RULES_BUILTIN_H

#include "base/isa.h"
#include <quell/plugin.h>

#define ql_vogels2011 QL_FOR_ISA(ql_vogels2011)
#define ql_stdp_pair  QL_FOR_ISA(ql_stdp_pair)
#define ql_stdp_oja   QL_FOR_ISA(ql_stdp_oja)
extern const quell_rule_desc ql_vogels2011, ql_stdp_pair, ql_stdp_oja;

/* All of them; NULL past the end. Those of another instruction set differ in their code alone. */
#define ql_builtin_rule QL_FOR_ISA(ql_builtin_rule)
const quell_rule_desc *ql_builtin_rule(size_t i);

#endif

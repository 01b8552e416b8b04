/* The built-in rules, one file each. */
#ifndef QL_RULES_BUILTIN_H
#define QL_RULES_BUILTIN_H

#include <quell/plugin.h>

extern const quell_rule_desc ql_vogels2011, ql_stdp_pair, ql_stdp_oja;

#endif

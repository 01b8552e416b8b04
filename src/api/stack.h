/* The rules of a projection, in the order in which they act. */
#ifndef QL_API_STACK_H
#define QL_API_STACK_H

#include "network/network.h"

/* Gives the new projection, whose populations are known, its rules. */
quell_status ql_stack_rules(quell_projection *projection, quell_rule *rule,
                            quell_rule *const *stack, size_t n_stack);

#endif

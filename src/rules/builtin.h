/* The built-in rules, one file each. A new one is a file beside this one and a line here. */
#ifndef QL_RULES_BUILTIN_H
#define QL_RULES_BUILTIN_H

#include "base/isa.h"
#include <quell/plugin.h>

/* Calls RULE(name) for each, in the order in which they are listed. */
#define QL_BUILTIN_RULES(RULE)                                                                     \
  RULE(vogels2011)                                                                                 \
  RULE(clopath2010)                                                                                \
  RULE(competitive_hebbian)                                                                        \
  RULE(consolidate)                                                                                \
  RULE(cross_homeostatic)                                                                          \
  RULE(decay)                                                                                      \
  RULE(istdp_asymmetric)                                                                           \
  RULE(istdp_multiplicative)                                                                       \
  RULE(istdp_symmetric)                                                                            \
  RULE(meta_learnt)                                                                                \
  RULE(miehl2022)                                                                                  \
  RULE(miehl2022_spiking)                                                                          \
  RULE(normalise)                                                                                  \
  RULE(quantal)                                                                                    \
  RULE(rate_inhibitory)                                                                            \
  RULE(rate_partner)                                                                               \
  RULE(scaling)                                                                                    \
  RULE(stdp_exponential)                                                                           \
  RULE(stdp_oja)                                                                                   \
  RULE(stdp_pair)                                                                                  \
  RULE(stdp_power)                                                                                 \
  RULE(stdp_triplet)                                                                               \
  RULE(stdp_triplet_homeostatic)                                                                   \
  RULE(stdp_triplet_nearest)                                                                       \
  RULE(tsodyks_markram)

/* The descriptor that a rule's file defines; those of another instruction set differ in their code
 * alone. */
#define QL_RULE(name)         QL_FOR_ISA(ql_rule_##name)
#define QL_DECLARE_RULE(name) extern const quell_rule_desc QL_RULE(name);
QL_BUILTIN_RULES(QL_DECLARE_RULE)

/* All of them; NULL past the end. */
#define ql_builtin_rule QL_FOR_ISA(ql_builtin_rule)
const quell_rule_desc *ql_builtin_rule(size_t i);

#endif

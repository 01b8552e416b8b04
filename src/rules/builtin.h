/* The built-in rules, one file each. A new one is a file beside this one and a line here. */
#ifndef QL_RULES_BUILTIN_H
#define QL_RULES_BUILTIN_H

#include "base/isa.h"
#include <quell/plugin.h>

/* Calls RULE(name) for each, in the order in which they are listed. */
#define QL_BUILTIN_RULES(RULE)                                                                     \
  RULE(vogels2011)                                                                                 \
  RULE(anti_hebbian)                                                                               \
  RULE(codependent_inhibitory)                                                                     \
  RULE(competitive_hebbian)                                                                        \
  RULE(cross_homeostatic)                                                                          \
  RULE(global_secreted)                                                                            \
  RULE(inhibitory_scaling)                                                                         \
  RULE(istdp_asymmetric)                                                                           \
  RULE(istdp_gamma)                                                                                \
  RULE(istdp_multiplicative)                                                                       \
  RULE(istdp_symmetric)                                                                            \
  RULE(ltp_i_veto)                                                                                 \
  RULE(meta_learnt)                                                                                \
  RULE(miehl2022)                                                                                  \
  RULE(miehl2022_spiking)                                                                          \
  RULE(rate_inhibitory)                                                                            \
  RULE(rate_partner)                                                                               \
  RULE(ricker)                                                                                     \
  RULE(voltage_inhibitory)                                                                         \
  RULE(calcium_graupner2012)                                                                       \
  RULE(clopath2010)                                                                                \
  RULE(codependent_excitatory)                                                                     \
  RULE(stdp_exponential)                                                                           \
  RULE(stdp_nn_pre_centred)                                                                        \
  RULE(stdp_nn_restricted)                                                                         \
  RULE(stdp_nn_symmetric)                                                                          \
  RULE(stdp_oja)                                                                                   \
  RULE(stdp_pair)                                                                                  \
  RULE(stdp_power)                                                                                 \
  RULE(stdp_table)                                                                                 \
  RULE(stdp_triplet)                                                                               \
  RULE(stdp_triplet_homeostatic)                                                                   \
  RULE(stdp_triplet_nearest)                                                                       \
  RULE(zenke2015)                                                                                  \
  RULE(ach_da_sequential)                                                                          \
  RULE(da_5ht)                                                                                     \
  RULE(mstdp)                                                                                      \
  RULE(mstdpet)                                                                                    \
  RULE(reward_stdp)                                                                                \
  RULE(reward_stdp_nearest)                                                                        \
  RULE(rstdp)                                                                                      \
  RULE(td_stdp)                                                                                    \
  RULE(teacher)                                                                                    \
  RULE(two_traces)                                                                                 \
  RULE(consolidate)                                                                                \
  RULE(decay)                                                                                      \
  RULE(normalise)                                                                                  \
  RULE(scaling)                                                                                    \
  RULE(quantal)                                                                                    \
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

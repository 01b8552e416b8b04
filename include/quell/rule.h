/**
 * @file rule.h
 * An instance of a registered learning rule: a name and its parameters, which any number of
 * projections of one network may share.
 */
#ifndef QUELL_RULE_H
#define QUELL_RULE_H

#include <quell/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Makes an instance of a rule. The network owns it.
 * @param network where it belongs
 * @param name a rule of the network's registry, such as "vogels2011"
 * @param values parameters that differ from their defaults, [n]; NULL if n is 0
 * @param n number of values
 * @param rule receives the handle
 * @return #QUELL_E_NULL; #QUELL_E_NAME for an unknown rule or parameter, or one given twice;
 *         #QUELL_E_RANGE; #QUELL_E_STATE inside a callback; #QUELL_E_MEMORY; or what the rule
 *         itself says to this set of parameters
 */
QUELL_API quell_status quell_rule_create(quell_network *network, const char *name,
                                         const quell_value *values, size_t n, quell_rule **rule);

/**
 * Changes parameters, all or none. The change acts on events from the current step on, however
 * long ago a synapse was last visited; a weight outside new bounds is clipped at its next event.
 * The time constants of traces and the tie setting are fixed once the network has run.
 * @param rule the instance
 * @param values parameters to change, [n]; the others keep their values
 * @param n number of values
 * @return as quell_rule_create(); #QUELL_E_STATE for a parameter that is fixed by now
 */
QUELL_API quell_status quell_rule_set(quell_rule *rule, const quell_value *values, size_t n);

/** Reads a parameter. @param rule the instance @param name its name @param value receives it
 *  @return #QUELL_E_NULL, #QUELL_E_NAME */
QUELL_API quell_status quell_rule_get(const quell_rule *rule, const char *name, double *value);

/**
 * Names the population whose mean rate a rule follows, in place of that of its post neurons.
 * @param rule the instance
 * @param name one of the rule's observed populations, such as "guard"
 * @param population whose rate; of the same network
 * @return #QUELL_E_NULL; #QUELL_E_NAME; #QUELL_E_OWNER; #QUELL_E_STATE after the first step
 */
QUELL_API quell_status quell_rule_observe(quell_rule *rule, const char *name,
                                          quell_population *population);

/** Name of the rule, such as "vogels2011"; NULL for a null handle. */
QUELL_API const char *quell_rule_name(const quell_rule *rule);

#ifdef __cplusplus
}
#endif

#endif

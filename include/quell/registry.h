/**
 * @file registry.h
 * The set of learning rules that a network may use, and what can be known about them.
 */
#ifndef QUELL_REGISTRY_H
#define QUELL_REGISTRY_H

#include <quell/plugin.h>
#include <quell/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A registry that holds the built-in rules, to which rules of one's own can be added. Networks that
 * use it keep it alive, so it may be destroyed before them.
 * @param allocator its memory, copied; NULL for malloc
 * @param registry receives the handle
 * @return #QUELL_E_NULL, #QUELL_E_MEMORY
 */
QUELL_API quell_status quell_registry_create(const quell_allocator *allocator,
                                             quell_registry **registry);

/** Gives up the caller's hold and sets the pointer to NULL. A null handle is left alone. */
QUELL_API void quell_registry_destroy(quell_registry **registry);

/**
 * Adds a rule. The descriptor and all that it points to must stay valid as long as the registry is
 * in use. Not while another thread uses the registry.
 * @param registry where it is added
 * @param rule the descriptor, see plugin.h
 * @param message buffer for the sentence on failure, may be NULL
 * @param message_size bytes in `message`
 * @return #QUELL_E_NULL; #QUELL_E_NAME if the name is empty or taken; #QUELL_E_RANGE if the
 *         descriptor contradicts itself; #QUELL_E_UNSUPPORTED if it was built for a newer library;
 *         #QUELL_E_MEMORY. The registry is then as it was.
 */
QUELL_API quell_status quell_registry_add(quell_registry *registry, const quell_rule_desc *rule,
                                          char *message, size_t message_size);

/** Number of rules; NULL stands for the built-in rules, here and below. Any thread. */
QUELL_API size_t quell_registry_count(const quell_registry *registry);

/** The descriptor of rule i in [0, count), in order of addition; NULL past the end. Any thread. */
QUELL_API const quell_rule_desc *quell_registry_rule(const quell_registry *registry, size_t i);

/** The descriptor of a rule by name; NULL if there is none. Any thread. */
QUELL_API const quell_rule_desc *quell_registry_find(const quell_registry *registry,
                                                     const char *name);

/**
 * Parameter i of a rule.
 * @param rule the descriptor
 * @param i index in [0, number of parameters)
 * @param info receives name, unit, doc, default and range
 * @return #QUELL_E_NULL; #QUELL_E_LENGTH past the last parameter. Any thread.
 */
QUELL_API quell_status quell_rule_parameter(const quell_rule_desc *rule, size_t i,
                                            quell_variable *info);

#ifdef __cplusplus
}
#endif

#endif

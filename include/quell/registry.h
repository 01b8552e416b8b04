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
 * Adds a rule. The descriptor and its tables are copied; its strings and functions must stay valid
 * as long as the registry is in use. One that was compiled with an older header of the same major
 * version is as good as a new one. Not while another thread uses the registry.
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

/**
 * Loads a library of rules (see #quell_plugin) and adds all its rules, or none. It stays loaded
 * until quell_plugin_unload(), or until the registry and all networks that use it are gone. Nothing
 * of it is called before its version and all its descriptors have been checked, except its entry
 * and what the operating system runs when a shared object is loaded: load what you trust. Not while
 * another thread uses the registry; other registries may be used.
 * @param registry where the rules are added
 * @param path the file. It is never searched for: a name without a slash is one of the working
 *        directory.
 * @param message buffer for the sentence on failure, which names the file; may be NULL
 * @param message_size bytes in `message`
 * @return #QUELL_E_NULL; #QUELL_E_NAME if the file cannot be read, is loaded already, or has a name
 *         that is empty or taken, its own or that of a rule; #QUELL_E_RANGE if a struct contradicts
 *         itself; #QUELL_E_UNSUPPORTED if it is no shared library of this machine, has no entry, or
 *         was built for another version; #QUELL_E_MEMORY. The registry is then as it was.
 */
QUELL_API quell_status quell_plugin_load(quell_registry *registry, const char *path, char *message,
                                         size_t message_size);

/**
 * Takes the rules of a library out of the registry and unloads it. Descriptors of its rules that
 * were asked for are then no longer valid. Not while another thread uses the registry.
 * @param registry where it was loaded
 * @param plugin its path as it was given to quell_plugin_load(), or its name
 * @param message buffer for the sentence on failure, may be NULL
 * @param message_size bytes in `message`
 * @return #QUELL_E_NULL; #QUELL_E_NAME if there is none; #QUELL_E_STATE if a network has one of its
 *         rules. Nothing has then changed.
 */
QUELL_API quell_status quell_plugin_unload(quell_registry *registry, const char *plugin,
                                           char *message, size_t message_size);

/** Number of rules; NULL stands for the built-in rules, here and below. Any thread. */
QUELL_API size_t quell_registry_count(const quell_registry *registry);

/** The descriptor of rule i in [0, count), in order of addition; NULL past the end. It is that of
 *  the registry, in the structs of this version. Any thread. */
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

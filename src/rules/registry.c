#include "rules/registry.h"

#include "base/message.h"
#include "base/versioned.h"
#include "rules/builtin.h"
#include "rules/descriptor.h"
#include "rules/shape.h"
#include <string.h>

static size_t n_builtin(void) {
  size_t n = 0;
  while (ql_builtin_rule(n)) n++;
  return n;
}

/* --- its life --- */

quell_status quell_registry_create(const quell_allocator *allocator, quell_registry **registry) {
  if (!registry) return QUELL_E_NULL;
  if (allocator && (!allocator->alloc || !allocator->release)) return QUELL_E_NULL;
  ql_memory memory;
  ql_memory_init(&memory, allocator);
  quell_registry *made = ql_alloc(&memory, 1, sizeof *made);
  if (!made) return QUELL_E_MEMORY;
  ql_memory_init(&made->memory, allocator);
  atomic_init(&made->references, 1);
  *registry = made;
  return QUELL_OK;
}

void quell_registry_destroy(quell_registry **registry) {
  if (!registry) return;
  ql_registry_release(*registry);
  *registry = NULL;
}

void ql_registry_hold(quell_registry *registry) {
  if (registry) atomic_fetch_add(&registry->references, 1);
}

static void free_rule(ql_memory *memory, ql_added *rule) {
  if (!rule) return;
  ql_free(memory, rule->desc);
  ql_free(memory, rule);
}

void ql_registry_release(quell_registry *registry) {
  if (!registry || atomic_fetch_sub(&registry->references, 1) > 1) return;
  ql_memory memory;
  ql_memory_init(&memory, &registry->memory.host);
  for (size_t i = 0; i < registry->n; i++) free_rule(&memory, registry->added[i]);
  ql_free(&memory, registry->added);
  for (ql_library *next, *library = registry->libraries; library; library = next) {
    next = library->next;
    ql_library_close(&memory, library);
  }
  ql_free(&memory, registry);
}

static ql_added *find_added(const quell_registry *registry, const quell_rule_desc *rule) {
  for (size_t i = 0; registry && i < registry->n; i++)
    if (registry->added[i]->desc == rule) return registry->added[i];
  return NULL;
}

void ql_registry_use(quell_registry *registry, const quell_rule_desc *rule) {
  ql_added *added = find_added(registry, rule);
  if (added) atomic_fetch_add(&added->uses, 1);
}

void ql_registry_unuse(quell_registry *registry, const quell_rule_desc *rule) {
  ql_added *added = find_added(registry, rule);
  if (added) atomic_fetch_sub(&added->uses, 1);
}

/* --- adding --- */

/* A copy of a rule that may be added, if none of the `n` that come with it has its name. */
static quell_status make_rule(quell_registry *registry, const quell_rule_desc *given,
                              ql_added *const *with, size_t n, ql_added **rule, char *message,
                              size_t message_size) {
  ql_memory *memory = &registry->memory;
  ql_shape shape;
  quell_rule_desc *desc = NULL;
  quell_status status = ql_descriptor_copy(memory, given, &desc, message, message_size);
  if (!status) status = ql_shape_read(desc, &shape, message, message_size);
  int taken = !status && quell_registry_find(registry, desc->name) != NULL;
  for (size_t i = 0; !status && i < n; i++) taken |= !strcmp(with[i]->desc->name, desc->name);
  if (taken) {
    ql_message(message, message_size, "registry: there is a rule '%s' already", desc->name);
    status = QUELL_E_NAME;
  }
  if (!status && !(*rule = ql_alloc(memory, 1, sizeof **rule))) {
    ql_message(message, message_size, "registry: out of memory");
    status = QUELL_E_MEMORY;
  }
  if (status) {
    ql_free(memory, desc);
    return status;
  }
  (*rule)->desc = desc;
  atomic_init(&(*rule)->uses, 0);
  return QUELL_OK;
}

static quell_status append(quell_registry *registry, ql_added *const *rules, size_t n,
                           char *message, size_t message_size) {
  if (!ql_grow(&registry->memory, (void **)&registry->added, &registry->capacity, registry->n + n,
               sizeof(ql_added *))) {
    ql_message(message, message_size, "registry: out of memory");
    return QUELL_E_MEMORY;
  }
  for (size_t i = 0; i < n; i++) registry->added[registry->n++] = rules[i];
  return QUELL_OK;
}

quell_status quell_registry_add(quell_registry *registry, const quell_rule_desc *rule,
                                char *message, size_t message_size) {
  if (!registry || !rule) {
    ql_message(message, message_size, "registry: a null handle or rule");
    return QUELL_E_NULL;
  }
  ql_added *made = NULL;
  quell_status status = make_rule(registry, rule, NULL, 0, &made, message, message_size);
  if (!status) status = append(registry, &made, 1, message, message_size);
  if (status) free_rule(&registry->memory, made);
  return status;
}

/* --- libraries --- */

enum { SENTENCE = 512 };

static quell_status check_new(const quell_registry *registry, const ql_library *library,
                              char *message, size_t message_size) {
  for (const ql_library *other = registry->libraries; other; other = other->next) {
    int same = other->handle == library->handle;
    if (!same && strcmp(other->plugin.name, library->plugin.name)) continue;
    if (same)
      ql_message(message, message_size, "it is loaded already, as '%s'", other->given);
    else
      ql_message(message, message_size, "there is a plugin '%s' already, from '%s'",
                 other->plugin.name, other->given);
    return QUELL_E_NAME;
  }
  return QUELL_OK;
}

/* Makes all rules of a library; what is made stays in `rules`. */
static quell_status make_rules(quell_registry *registry, const ql_library *library,
                               ql_added **rules, char *message, size_t message_size) {
  for (uint32_t i = 0; i < library->plugin.rules.count; i++) {
    const quell_rule_desc *given = ql_library_rule(library, i);
    if (!given) {
      ql_message(message, message_size, "its rule %u is NULL", i);
      return QUELL_E_RANGE;
    }
    quell_status status = make_rule(registry, given, rules, i, &rules[i], message, message_size);
    if (status) return status;
    rules[i]->library = library;
  }
  return QUELL_OK;
}

static quell_status add_rules(quell_registry *registry, const ql_library *library, char *message,
                              size_t message_size) {
  ql_memory *memory = &registry->memory;
  uint32_t n = library->plugin.rules.count;
  ql_added **rules = ql_alloc(memory, n, sizeof *rules);
  if (!rules) {
    ql_message(message, message_size, "out of memory");
    return QUELL_E_MEMORY;
  }
  quell_status status = make_rules(registry, library, rules, message, message_size);
  if (!status) status = append(registry, rules, n, message, message_size);
  for (uint32_t i = 0; status && i < n; i++) free_rule(memory, rules[i]);
  ql_free(memory, rules);
  return status;
}

quell_status quell_plugin_load(quell_registry *registry, const char *path, char *message,
                               size_t message_size) {
  if (!registry || !path) {
    ql_message(message, message_size, "plugin: a null registry or path");
    return QUELL_E_NULL;
  }
  char why[SENTENCE] = "";
  ql_library *library = NULL;
  quell_status status = ql_library_open(&registry->memory, path, &library, why, sizeof why);
  if (!status) status = check_new(registry, library, why, sizeof why);
  if (!status) status = add_rules(registry, library, why, sizeof why);
  if (status) {
    ql_message(message, message_size, "plugin '%s': %s", path, why);
    ql_library_close(&registry->memory, library);
    return status;
  }
  library->next = registry->libraries;
  registry->libraries = library;
  return QUELL_OK;
}

static ql_library **find_library(quell_registry *registry, const char *plugin) {
  ql_library **by_name = NULL;
  for (ql_library **at = &registry->libraries; *at; at = &(*at)->next) {
    if (!strcmp((*at)->given, plugin)) return at;
    if (!strcmp((*at)->plugin.name, plugin)) by_name = at;
  }
  return by_name;
}

static const char *name_in_use(const quell_registry *registry, const ql_library *library) {
  for (size_t i = 0; i < registry->n; i++)
    if (registry->added[i]->library == library && atomic_load(&registry->added[i]->uses))
      return registry->added[i]->desc->name;
  return NULL;
}

static void remove_rules(quell_registry *registry, const ql_library *library) {
  size_t kept = 0;
  for (size_t i = 0; i < registry->n; i++) {
    if (registry->added[i]->library == library)
      free_rule(&registry->memory, registry->added[i]);
    else
      registry->added[kept++] = registry->added[i];
  }
  registry->n = kept;
}

quell_status quell_plugin_unload(quell_registry *registry, const char *plugin, char *message,
                                 size_t message_size) {
  if (!registry || !plugin) {
    ql_message(message, message_size, "plugin: a null registry or name");
    return QUELL_E_NULL;
  }
  ql_library **at = find_library(registry, plugin), *library = at ? *at : NULL;
  if (!library) {
    ql_message(message, message_size, "plugin '%s': it is not loaded", plugin);
    return QUELL_E_NAME;
  }
  const char *used = name_in_use(registry, library);
  if (used) {
    ql_message(message, message_size, "plugin '%s': a network has its rule '%s'", plugin, used);
    return QUELL_E_STATE;
  }
  remove_rules(registry, library);
  *at = library->next;
  ql_library_close(&registry->memory, library);
  return QUELL_OK;
}

/* --- asking --- */

size_t quell_registry_count(const quell_registry *registry) {
  return n_builtin() + (registry ? registry->n : 0);
}

const quell_rule_desc *quell_registry_rule(const quell_registry *registry, size_t i) {
  const quell_rule_desc *builtin = ql_builtin_rule(i);
  if (builtin) return builtin;
  return i < quell_registry_count(registry) ? registry->added[i - n_builtin()]->desc : NULL;
}

const quell_rule_desc *quell_registry_find(const quell_registry *registry, const char *name) {
  for (size_t i = 0; name && i < quell_registry_count(registry); i++) {
    const quell_rule_desc *rule = quell_registry_rule(registry, i);
    if (!strcmp(rule->name, name)) return rule;
  }
  return NULL;
}

quell_status quell_rule_parameter(const quell_rule_desc *rule, size_t i, quell_variable *info) {
  if (!rule || !info) return QUELL_E_NULL;
  if (i >= rule->params.count) return QUELL_E_LENGTH;
  const quell_param_desc *param = ql_rule_param(rule, (uint32_t)i);
  const quell_variable known = {0,          param->flags, param->name, param->unit,
                                param->doc, param->value, param->min,  param->max};
  return ql_struct_out(info, &known, sizeof known, "variable", NULL, 0);
}

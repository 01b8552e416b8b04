#include "rules/registry.h"

#include "base/message.h"
#include "base/versioned.h"
#include "rules/builtin.h"
#include "rules/shape.h"
#include <string.h>

static size_t n_builtin(void) {
  size_t n = 0;
  while (ql_builtin_rule(n)) n++;
  return n;
}

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

void ql_registry_release(quell_registry *registry) {
  if (!registry || atomic_fetch_sub(&registry->references, 1) > 1) return;
  ql_memory memory;
  ql_memory_init(&memory, &registry->memory.host);
  ql_free(&memory, registry->added);
  ql_free(&memory, registry);
}

quell_status quell_registry_add(quell_registry *registry, const quell_rule_desc *rule,
                                char *message, size_t message_size) {
  if (!registry || !rule) {
    ql_message(message, message_size, "registry: a null handle or rule");
    return QUELL_E_NULL;
  }
  ql_shape shape;
  quell_status status = ql_shape_read(rule, &shape, message, message_size);
  if (status) return status;
  if (quell_registry_find(registry, rule->name)) {
    ql_message(message, message_size, "registry: there is a rule '%s' already", rule->name);
    return QUELL_E_NAME;
  }
  if (!ql_grow(&registry->memory, (void **)&registry->added, &registry->capacity, registry->n + 1,
               sizeof *registry->added)) {
    ql_message(message, message_size, "registry: out of memory");
    return QUELL_E_MEMORY;
  }
  registry->added[registry->n++] = rule;
  return QUELL_OK;
}

size_t quell_registry_count(const quell_registry *registry) {
  return n_builtin() + (registry ? registry->n : 0);
}

const quell_rule_desc *quell_registry_rule(const quell_registry *registry, size_t i) {
  const quell_rule_desc *builtin = ql_builtin_rule(i);
  if (builtin) return builtin;
  return i < quell_registry_count(registry) ? registry->added[i - n_builtin()] : NULL;
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

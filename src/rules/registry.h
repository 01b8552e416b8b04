/* The registry: the built-in rules, those that the host added, and those of loaded libraries. */
#ifndef QL_RULES_REGISTRY_H
#define QL_RULES_REGISTRY_H

#include "base/memory.h"
#include "rules/library.h"
#include <quell/registry.h>

/* A rule that is not built in. */
typedef struct ql_added {
  quell_rule_desc *desc;     /* the registry's copy */
  const ql_library *library; /* NULL: the host's */
  atomic_uint uses;          /* by networks, which may be in different threads */
} ql_added;

struct quell_registry {
  ql_memory memory;
  atomic_uint references; /* the host's hold and one for each network */
  ql_added **added;
  size_t n, capacity;
  ql_library *libraries;
};

void ql_registry_hold(quell_registry *registry); /* NULL: the built-ins, nothing to do */
void ql_registry_release(quell_registry *registry);

/* A network has the rule from here on, or no longer: its library must stay while it has. */
void ql_registry_use(quell_registry *registry, const quell_rule_desc *rule);
void ql_registry_unuse(quell_registry *registry, const quell_rule_desc *rule);

#endif

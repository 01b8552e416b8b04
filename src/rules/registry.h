/* The registry: the built-in rules, and those that the host added. */
#ifndef QL_RULES_REGISTRY_H
#define QL_RULES_REGISTRY_H

#include "base/memory.h"
#include <quell/registry.h>

struct quell_registry {
  ql_memory memory;
  atomic_uint references; /* the host's hold and one for each network */
  const quell_rule_desc **added;
  size_t n, capacity;
};

void ql_registry_hold(quell_registry *registry); /* NULL: the built-ins, nothing to do */
void ql_registry_release(quell_registry *registry);

#endif

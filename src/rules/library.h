/* A library of rules that is loaded: its file, and what its entry has returned. */
#ifndef QL_RULES_LIBRARY_H
#define QL_RULES_LIBRARY_H

#include "base/memory.h"
#include <quell/plugin.h>

typedef struct ql_library {
  struct ql_library *next; /* in the registry's list */
  void *handle;            /* of dlopen(); the same for the same file */
  quell_plugin plugin;     /* in the struct of this version */
  const char *given;       /* the path as it was given; in `path` */
  char path[];             /* with a slash */
} ql_library;

/* Loads a file and asks its entry. `message` receives a sentence without the name of the file. */
quell_status ql_library_open(ql_memory *memory, const char *path, ql_library **library,
                             char *message, size_t message_size);

/* Nothing that it pointed to may be used from here on. NULL is left alone. */
void ql_library_close(ql_memory *memory, ql_library *library);

/* Rule i of [0, plugin.rules.count), as the library has it; may be NULL. */
const quell_rule_desc *ql_library_rule(const ql_library *library, uint32_t i);

#endif

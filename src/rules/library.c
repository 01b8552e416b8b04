#define _POSIX_C_SOURCE 200809L

#include "rules/library.h"

#include "base/message.h"
#include "rules/descriptor.h"
#include "rules/elf.h"
#include <string.h>

enum { MOST_RULES = 1024 };

typedef const quell_plugin *entry_function(uint32_t host_major, uint32_t host_minor);

/* --- the loader of the operating system --- */

#ifdef QL_HAS_DLOPEN
#include <dlfcn.h>

/* The loader begins its sentences with the name of the file, which ours have already. */
static void why(const char *path, char *message, size_t message_size) {
  const char *text = dlerror();
  size_t n = strlen(path);
  if (!text) text = "it cannot be loaded";
  if (!strncmp(text, path, n) && !strncmp(text + n, ": ", 2)) text += n + 2;
  ql_message(message, message_size, "%s", text);
}

/* `path` has a slash: without one the loader would search for it. */
static quell_status load(const char *path, void **handle, char *message, size_t message_size) {
  quell_status status = ql_elf_check(path, message, message_size);
  if (status) return status;
  *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (*handle) return QUELL_OK;
  why(path, message, message_size);
  return QUELL_E_UNSUPPORTED;
}

static void unload(void *handle) {
  dlclose(handle);
}

static entry_function *find_entry(void *handle) {
  entry_function *entry = NULL;
  void *symbol = dlsym(handle, "quell_plugin_entry");
  memcpy(&entry, &symbol, sizeof entry); /* ISO C has no cast for it, POSIX has the same bits */
  return entry;
}

#else

static quell_status load(const char *path, void **handle, char *message, size_t message_size) {
  (void)path;
  *handle = NULL;
  ql_message(message, message_size, "this quell was built without loading of plugins");
  return QUELL_E_UNSUPPORTED;
}

static void unload(void *handle) {
  (void)handle;
}

static entry_function *find_entry(void *handle) {
  (void)handle;
  return NULL;
}

#endif

/* --- what the entry returns --- */

static quell_status check_plugin(const quell_plugin *plugin, char *message, size_t message_size) {
  const quell_table *rules = &plugin->rules;
  if (!plugin->name || !*plugin->name || !plugin->version || !plugin->summary) {
    ql_message(message, message_size, "it lacks its name, version or summary");
    return QUELL_E_NAME;
  }
  const char *wrong = NULL;
  if (plugin->reserved)
    wrong = "'reserved' is not 0";
  else if (!rules->count || !rules->at)
    wrong = "it has no rules";
  else if (rules->count > MOST_RULES || rules->stride != sizeof(void *))
    wrong = "its table of rules is no table of pointers";
  if (wrong) ql_message(message, message_size, "%s", wrong);
  return wrong ? QUELL_E_RANGE : QUELL_OK;
}

/* Version and size lie at the same place in the struct of every version. */
static quell_status ask(void *handle, quell_plugin *known, char *message, size_t message_size) {
  entry_function *entry = find_entry(handle);
  if (!entry) {
    ql_message(message, message_size, "it has no function quell_plugin_entry()");
    return QUELL_E_UNSUPPORTED;
  }
  const quell_plugin *given = entry(QUELL_RULE_ABI_MAJOR, QUELL_RULE_ABI_MINOR);
  if (!given) {
    ql_message(message, message_size, "it does not work with rule ABI %d.%d", QUELL_RULE_ABI_MAJOR,
               QUELL_RULE_ABI_MINOR);
    return QUELL_E_UNSUPPORTED;
  }
  quell_status status =
      ql_abi_check("it was", given->abi_major, given->abi_minor, message, message_size);
  if (!status)
    status = ql_grown_in(known, sizeof *known, QL_END(quell_plugin, extension), given,
                         given->struct_size, "its quell_plugin", message, message_size);
  return status ? status : check_plugin(known, message, message_size);
}

/* --- both --- */

/* Not loaded yet. A name without a slash is one of the working directory. */
static ql_library *make(ql_memory *memory, const char *path) {
  static const char here[] = "./";
  size_t before = strchr(path, '/') ? 0 : strlen(here), n = strlen(path);
  ql_library *library = ql_alloc(memory, 1, sizeof *library + before + n + 1);
  if (!library) return NULL;
  memcpy(library->path, here, before);
  memcpy(library->path + before, path, n);
  library->given = library->path + before;
  return library;
}

quell_status ql_library_open(ql_memory *memory, const char *path, ql_library **library,
                             char *message, size_t message_size) {
  ql_library *made = make(memory, path);
  if (!made) {
    ql_message(message, message_size, "out of memory");
    return QUELL_E_MEMORY;
  }
  quell_status status = load(made->path, &made->handle, message, message_size);
  if (!status) status = ask(made->handle, &made->plugin, message, message_size);
  if (status)
    ql_library_close(memory, made);
  else
    *library = made;
  return status;
}

void ql_library_close(ql_memory *memory, ql_library *library) {
  if (library && library->handle) unload(library->handle);
  ql_free(memory, library);
}

const quell_rule_desc *ql_library_rule(const ql_library *library, uint32_t i) {
  return ((const quell_rule_desc *const *)library->plugin.rules.at)[i];
}

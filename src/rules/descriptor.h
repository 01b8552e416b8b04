/* Structs of rules that were compiled with another version of plugin.h. */
#ifndef QL_RULES_DESCRIPTOR_H
#define QL_RULES_DESCRIPTOR_H

#include "base/memory.h"
#include <quell/plugin.h>

/* The end of a member: the size that its struct had when it was the last. */
#define QL_END(type, member) (offsetof(type, member) + sizeof(((type *)0)->member))

/* Copies a struct of `given_size` bytes into one that has `size` bytes here and had `first` when it
 * was released. What an older one lacks is 0. QUELL_E_UNSUPPORTED if the size cannot be, or if a
 * newer one has members set that are not known here; `name` is that of the struct. */
quell_status ql_grown_in(void *known, size_t size, size_t first, const void *given,
                         size_t given_size, const char *name, char *message, size_t message_size);

/* QUELL_E_UNSUPPORTED if it needs more than this library's ABI; `what` begins the sentence. */
quell_status ql_abi_check(const char *what, uint32_t major, uint32_t minor, char *message,
                          size_t message_size);

/* A copy of a descriptor and of its tables in the structs of this version, to be checked by
 * ql_shape_read(). Strings and functions stay where they are. The copy is one block, which
 * ql_free() takes back. */
quell_status ql_descriptor_copy(ql_memory *memory, const quell_rule_desc *given,
                                quell_rule_desc **copy, char *message, size_t message_size);

#endif

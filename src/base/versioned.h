/* Structs of the public headers that begin with their own size, so that they can grow. */
#ifndef QL_BASE_VERSIONED_H
#define QL_BASE_VERSIONED_H

#include <quell/types.h>

/* Copies the caller's struct into the one that this library knows, `size` bytes. QUELL_E_RANGE if
 * it is smaller than any released one, QUELL_E_UNSUPPORTED if it has members that this library does
 * not know and that are not zero. `name` begins the sentence that `message` receives. */
quell_status ql_struct_in(void *known, size_t size, const void *given, const char *name,
                          char *message, size_t message_size);

/* Fills the caller's struct from the one that this library knows. Errors as above: members that
 * this library cannot fill must be zero. */
quell_status ql_struct_out(void *given, const void *known, size_t size, const char *name,
                           char *message, size_t message_size);

#endif

/* Memory from the host's allocator: zeroed, 64-byte aligned, sizes checked for overflow. */
#ifndef QL_BASE_MEMORY_H
#define QL_BASE_MEMORY_H

#include <quell/types.h>
#include <stdatomic.h>

typedef struct ql_memory {
  quell_allocator host;
  atomic_flag lock;   /* the host's allocator is never called twice at the same time */
  size_t bytes, peak; /* in use now, and most that ever was */
} ql_memory;

/* `host` may be NULL: malloc. */
void ql_memory_init(ql_memory *memory, const quell_allocator *host);

/* `count` × `size` zeroed bytes, or NULL if that overflows or there is no memory. A product of 0
 * gives a valid pointer. */
void *ql_alloc(ql_memory *memory, size_t count, size_t size);

/* Takes back what ql_alloc() gave; NULL is left alone. */
void ql_free(ql_memory *memory, void *pointer);

/* Makes room for `needed` elements of `size` bytes in *array (which may be NULL), at least doubling
 * *capacity; contents are kept, new elements are zero. Returns 0, leaving all as it was, if there
 * is no memory. */
int ql_grow(ql_memory *memory, void **array, size_t *capacity, size_t needed, size_t size);

#endif

/* Threads of the library's own, behind the same hook as the host's. */
#ifndef QL_BASE_POOL_H
#define QL_BASE_POOL_H

#include "base/memory.h"

typedef struct ql_pool ql_pool;

enum { QL_MOST_THREADS = 256 };

/* `threads` in [2, QL_MOST_THREADS] counts the caller of ql_pool_run(), which takes part. Returns
 * NULL if there is no memory or no thread to be had. */
ql_pool *ql_pool_create(ql_memory *memory, uint32_t threads);
void ql_pool_destroy(ql_pool *pool);

/* As quell_executor's `run`, with the pool as context. Task i is first offered to thread
 * i mod threads, so that a tile stays in one processor's cache; who is done early takes over. */
void ql_pool_run(void *pool, uint32_t n, void (*task)(void *argument, uint32_t i), void *argument);

#endif

#ifdef __linux__
#define _DEFAULT_SOURCE
#include <sys/mman.h>
#endif

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 };

#ifdef MADV_HUGEPAGE
static const size_t HUGE_PAGE = (size_t)2 << 20, LARGE_BLOCK = (size_t)4 << 20;
#endif

/* In front of each block, so that releasing it needs no size from the caller. */
typedef struct header {
  size_t bytes;
} header;

#ifdef MADV_HUGEPAGE
/* Rows are visited at random, so that every page costs a look-up: large blocks are put on large
 * pages. */
static void *alloc_large(size_t size) {
  void *block = NULL;
  if (posix_memalign(&block, HUGE_PAGE, size)) return NULL;
  madvise(block, size / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE); /* it does no harm if refused */
  return block;
}
#endif

static void *default_alloc(void *context, size_t size, size_t align) {
  (void)context;
#ifdef MADV_HUGEPAGE
  if (size >= LARGE_BLOCK) return alloc_large(size);
#endif
  return aligned_alloc(align, size);
}

static void default_release(void *context, void *pointer, size_t size) {
  (void)context;
  (void)size;
  free(pointer);
}

void ql_memory_init(ql_memory *memory, const quell_allocator *host) {
  static const quell_allocator standard = {NULL, default_alloc, default_release};
  memory->host = host ? *host : standard;
  atomic_flag_clear(&memory->lock);
  memory->bytes = memory->peak = 0;
}

static void acquire(ql_memory *memory) {
  while (atomic_flag_test_and_set_explicit(&memory->lock, memory_order_acquire)) continue;
}

static void release(ql_memory *memory) {
  atomic_flag_clear_explicit(&memory->lock, memory_order_release);
}

void *ql_alloc(ql_memory *memory, size_t count, size_t size) {
  if (size && count > (SIZE_MAX - 2 * ALIGNMENT) / size) return NULL;
  size_t bytes = (count * size + 2 * ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  acquire(memory);
  char *block = memory->host.alloc(memory->host.context, bytes, ALIGNMENT);
  if (block) memory->bytes += bytes;
  if (memory->bytes > memory->peak) memory->peak = memory->bytes;
  release(memory);
  if (!block) return NULL;
  memset(block, 0, bytes);
  ((header *)(void *)block)->bytes = bytes;
  return block + ALIGNMENT;
}

void ql_free(ql_memory *memory, void *pointer) {
  if (!pointer) return;
  char *block = (char *)pointer - ALIGNMENT;
  size_t bytes = ((header *)(void *)block)->bytes;
  acquire(memory);
  memory->host.release(memory->host.context, block, bytes);
  memory->bytes -= bytes;
  release(memory);
}

int ql_grow(ql_memory *memory, void **array, size_t *capacity, size_t needed, size_t size) {
  if (needed <= *capacity) return 1;
  size_t larger = *capacity > SIZE_MAX / 2 ? needed : 2 * *capacity;
  if (larger < needed) larger = needed;
  void *copy = ql_alloc(memory, larger, size);
  if (!copy) return 0;
  if (*array) memcpy(copy, *array, *capacity * size);
  ql_free(memory, *array);
  *array = copy;
  *capacity = larger;
  return 1;
}

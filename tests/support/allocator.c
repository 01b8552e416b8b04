#include "allocator.h"
#include <stdlib.h>
#include <string.h>

/* What lies before each block; the tail guard lies after it. */
typedef struct header {
  void *base;
  size_t size;
  uint64_t magic;
} header;

enum { GUARD = 16, FRESH = 0xa5, STALE = 0xdd, FENCE = 0xfe };
static const uint64_t alive = 0x9b1ec0de5afe0001u, dead = 0x9b1ec0de5afe0000u;

static void *take(void *context, size_t size, size_t align) {
  test_allocator *a = context;
  int overlap = atomic_flag_test_and_set(&a->busy);
  unsigned char *memory = NULL;
  a->faults += overlap != 0;
  a->calls++;
  if (size == 0 || align == 0 || (align & (align - 1)) != 0 || align > 4096) a->faults++;
  if (a->fail_at && (a->calls == a->fail_at || (a->fail_all && a->calls > a->fail_at))) {
    a->failures++;
  } else {
    unsigned char *base = malloc(size + align + sizeof(header) + GUARD);
    if (base) {
      uintptr_t at = (uintptr_t)base + sizeof(header) + align - 1;
      memory = base + (at / align * align - (uintptr_t)base);
      header head = {base, size, alive};
      memcpy(memory - sizeof head, &head, sizeof head);
      memset(memory, FRESH, size); /* nobody may rely on zeros */
      memset(memory + size, FENCE, GUARD);
      a->live++;
      a->bytes += size;
      if (a->bytes > a->peak) a->peak = a->bytes;
    }
  }
  if (!overlap) atomic_flag_clear(&a->busy);
  return memory;
}

static void give(void *context, void *pointer, size_t size) {
  test_allocator *a = context;
  int overlap = atomic_flag_test_and_set(&a->busy);
  unsigned char *memory = pointer;
  header head = {NULL, 0, 0};
  a->faults += overlap != 0;
  if (memory) memcpy(&head, memory - sizeof head, sizeof head);
  if (head.magic != alive || head.size != size) {
    a->faults++;
  } else {
    for (size_t i = 0; i < GUARD; i++) a->faults += memory[size + i] != FENCE;
    a->live--;
    a->bytes -= size;
    head.magic = dead;
    memcpy(memory - sizeof head, &head, sizeof head);
    memset(memory, STALE, size);
    free(head.base);
  }
  if (!overlap) atomic_flag_clear(&a->busy);
}

quell_allocator test_allocator_hooks(test_allocator *allocator) {
  return (quell_allocator){allocator, take, give};
}

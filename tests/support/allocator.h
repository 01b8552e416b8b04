/* The host's memory in tests: counts, poisons, checks what is given back, and can fail. */
#ifndef TEST_ALLOCATOR_H
#define TEST_ALLOCATOR_H

#include <quell/types.h>
#include <stdatomic.h>

typedef struct test_allocator {
  uint64_t calls;    /* allocations asked for */
  uint64_t fail_at;  /* the allocation of this number (from 1) fails; 0: none */
  int fail_all;      /* so do all after it */
  uint64_t failures; /* how many failed */
  uint64_t live;     /* blocks held */
  uint64_t bytes, peak;
  uint64_t faults; /* wrong size or pointer given back, written past the end, overlapping calls */
  atomic_flag busy;
} test_allocator;

#define TEST_ALLOCATOR_INIT                                                                        \
  { 0, 0, 0, 0, 0, 0, 0, 0, ATOMIC_FLAG_INIT }

/* For quell_network_options and quell_registry_create(). */
quell_allocator test_allocator_hooks(test_allocator *allocator);

#endif

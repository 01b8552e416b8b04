/* The library's own threads: every task once, whatever the number of tasks and threads, and whether
 * the threads are still watching or have gone to sleep. */
#define _POSIX_C_SOURCE 200809L

#include "base/pool.h"
#include "support/check.h"
#include <stdatomic.h>
#include <time.h>

enum { MOST_TASKS = 300 };

typedef struct tally {
  atomic_uint times[MOST_TASKS];
} tally;

static void count(void *argument, uint32_t i) {
  tally *t = argument;
  atomic_fetch_add(&t->times[i], 1);
}

static void check_round(ql_pool *pool, uint32_t n) {
  tally t = {0};
  ql_pool_run(pool, n, count, &t);
  for (uint32_t i = 0; i < MOST_TASKS; i++) assert_int_equal(atomic_load(&t.times[i]), i < n);
}

static void each_task_runs_once(void **state) {
  const uint32_t tasks[] = {0, 1, 2, 3, 7, 8, 9, 64, MOST_TASKS};
  ql_memory memory;
  ql_memory_init(&memory, NULL);
  for (uint32_t threads = 2; threads <= 9; threads++) {
    ql_pool *pool = ql_pool_create(&memory, threads);
    assert_non_null(pool);
    for (int round = 0; round < (quick() ? 3 : 50); round++)
      for (size_t i = 0; i < COUNT(tasks); i++) check_round(pool, tasks[i]);
    ql_pool_destroy(pool);
  }
  assert_int_equal(memory.bytes, 0);
  (void)state;
}

static void sleep_for(long nanoseconds) {
  const struct timespec time = {0, nanoseconds};
  nanosleep(&time, NULL);
}

/* Pauses around the time after which a thread goes to sleep, to meet it on the way there. */
static void sleeping_threads_wake_up(void **state) {
  ql_memory memory;
  ql_memory_init(&memory, NULL);
  ql_pool *pool = ql_pool_create(&memory, 3);
  assert_non_null(pool);
  for (long pause = 0; pause < 200000; pause += quick() ? 20000 : 500) {
    check_round(pool, 5);
    sleep_for(pause);
  }
  ql_pool_destroy(pool);
  (void)state;
}

/* What a thread wrote in a round is seen by all in the next. */
typedef struct relay {
  uint32_t value[64], n;
} relay;

static void pass_on(void *argument, uint32_t i) {
  relay *r = argument;
  r->value[i]++;
}

static void add_up(void *argument, uint32_t i) {
  relay *r = argument;
  if (i) return;
  for (uint32_t k = 0; k < 64; k++) r->n += r->value[k];
}

static void rounds_follow_each_other(void **state) {
  ql_memory memory;
  ql_memory_init(&memory, NULL);
  ql_pool *pool = ql_pool_create(&memory, 4);
  relay r = {{0}, 0};
  const uint32_t rounds = quick() ? 100 : 5000;
  assert_non_null(pool);
  for (uint32_t k = 0; k < rounds; k++) {
    ql_pool_run(pool, 64, pass_on, &r);
    ql_pool_run(pool, 4, add_up, &r);
  }
  assert_int_equal(r.n, 64 * (rounds * (rounds + 1) / 2));
  ql_pool_destroy(pool);
  (void)state;
}

/* One long task does not hold up those that would come after it on the same thread. */
static void dawdle(void *argument, uint32_t i) {
  tally *t = argument;
  if (i == 0) {
    for (int k = 0; k < 2000 && atomic_load(&t->times[4]) == 0; k++) sleep_for(1000000);
    assert_int_equal(atomic_load(&t->times[4]), 1);
  }
  count(argument, i);
}

static void who_is_done_takes_over(void **state) {
  tally t = {0};
  ql_memory memory;
  ql_memory_init(&memory, NULL);
  ql_pool *pool = ql_pool_create(&memory, 2);
  assert_non_null(pool);
  ql_pool_run(pool, 6, dawdle, &t); /* tasks 2 and 4 are thread 0's, which dawdles */
  for (uint32_t i = 0; i < 6; i++) assert_int_equal(atomic_load(&t.times[i]), 1);
  ql_pool_destroy(pool);
  (void)state;
}

static void come_and_go(void **state) {
  ql_memory memory;
  ql_memory_init(&memory, NULL);
  for (int i = 0; i < (quick() ? 10 : 300); i++) {
    ql_pool *pool = ql_pool_create(&memory, 4);
    assert_non_null(pool);
    if (i % 2) check_round(pool, 4);
    ql_pool_destroy(pool);
  }
  assert_int_equal(memory.bytes, 0);
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_task_runs_once),
      cmocka_unit_test(sleeping_threads_wake_up),
      cmocka_unit_test(rounds_follow_each_other),
      cmocka_unit_test(who_is_done_takes_over),
      cmocka_unit_test(come_and_go),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

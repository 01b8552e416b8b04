/* Between two batches of a run lie microseconds, so a thread that waits looks for work for a while
 * before it sleeps. */
#define _POSIX_C_SOURCE 200809L

#include "base/pool.h"

#include "base/seconds.h"
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#if defined __x86_64__ || defined __i386__
#include <immintrin.h>
#define PAUSE() _mm_pause()
#else
#define PAUSE() (void)0
#endif

static const double WATCHFUL_SECONDS = 50e-6;
enum { PAUSES_PER_LOOK = 32 };

/* Each on cache lines of its own. */
typedef struct worker {
  _Alignas(64) atomic_uint started; /* rounds that it has been called to */
  atomic_int asleep;
  atomic_uint next; /* of its own tasks */
  uint32_t number;
  ql_pool *pool;
  pthread_t thread;
} worker;

struct ql_pool {
  ql_memory *memory;
  uint32_t threads, created;
  int crowded; /* fewer processors than threads: who waits makes room */
  void (*task)(void *argument, uint32_t i);
  void *argument;
  uint32_t n, members; /* tasks and threads of this round */
  int quit;
  atomic_uint busy; /* threads that have not finished this round */
  atomic_int caller_asleep;
  pthread_mutex_t lock;
  pthread_cond_t wake, done;
  worker worker[]; /* [threads]; number 0 is the caller */
};

/* Watches for a while whether `flag` changes from `value`. */
static int changes_soon(const ql_pool *pool, atomic_uint *flag, uint32_t value) {
  double end = ql_seconds() + WATCHFUL_SECONDS;
  do {
    for (int i = 0; i < PAUSES_PER_LOOK; i++) {
      if (atomic_load_explicit(flag, memory_order_acquire) != value) return 1;
      if (pool->crowded)
        sched_yield();
      else
        PAUSE();
    }
  } while (ql_seconds() < end);
  return 0;
}

static void await_start(worker *me, uint32_t seen) {
  ql_pool *pool = me->pool;
  if (changes_soon(pool, &me->started, seen)) return;
  pthread_mutex_lock(&pool->lock);
  atomic_store(&me->asleep, 1);
  while (atomic_load(&me->started) == seen) pthread_cond_wait(&pool->wake, &pool->lock);
  atomic_store(&me->asleep, 0);
  pthread_mutex_unlock(&pool->lock);
}

static void await_end(ql_pool *pool) {
  uint32_t busy;
  while ((busy = atomic_load(&pool->busy)) != 0) {
    if (changes_soon(pool, &pool->busy, busy)) continue;
    pthread_mutex_lock(&pool->lock);
    atomic_store(&pool->caller_asleep, 1);
    while (atomic_load(&pool->busy)) pthread_cond_wait(&pool->done, &pool->lock);
    atomic_store(&pool->caller_asleep, 0);
    pthread_mutex_unlock(&pool->lock);
  }
}

/* The tasks of one member that nobody has taken yet. */
static void work_through(ql_pool *pool, worker *owner) {
  uint32_t members = pool->members;
  for (;;) {
    uint64_t i = owner->number + (uint64_t)members * atomic_fetch_add(&owner->next, 1);
    if (i >= pool->n) return;
    pool->task(pool->argument, (uint32_t)i);
  }
}

static void work(worker *me) {
  ql_pool *pool = me->pool;
  for (uint32_t k = 0; k < pool->members; k++)
    work_through(pool, &pool->worker[(me->number + k) % pool->members]);
}

static void finish(ql_pool *pool) {
  if (atomic_fetch_sub(&pool->busy, 1) > 1 || !atomic_load(&pool->caller_asleep)) return;
  pthread_mutex_lock(&pool->lock);
  pthread_cond_signal(&pool->done);
  pthread_mutex_unlock(&pool->lock);
}

static void *live(void *argument) {
  worker *me = argument;
  for (uint32_t seen = 0;; seen++) {
    await_start(me, seen);
    if (me->pool->quit) return NULL;
    work(me);
    finish(me->pool);
  }
}

static void start(ql_pool *pool, uint32_t members) {
  int asleep = 0;
  for (uint32_t k = 1; k < members; k++) {
    atomic_fetch_add(&pool->worker[k].started, 1);
    asleep |= atomic_load(&pool->worker[k].asleep);
  }
  if (!asleep) return;
  pthread_mutex_lock(&pool->lock);
  pthread_cond_broadcast(&pool->wake);
  pthread_mutex_unlock(&pool->lock);
}

void ql_pool_run(void *context, uint32_t n, void (*task)(void *argument, uint32_t i),
                 void *argument) {
  ql_pool *pool = context;
  pool->task = task;
  pool->argument = argument;
  pool->n = n;
  pool->members = n < pool->threads ? n : pool->threads;
  for (uint32_t k = 0; k < pool->members; k++) atomic_store(&pool->worker[k].next, 0);
  atomic_store(&pool->busy, pool->members ? pool->members - 1 : 0);
  start(pool, pool->members);
  work(&pool->worker[0]);
  await_end(pool);
}

static int create_threads(ql_pool *pool) {
  for (pool->created = 1; pool->created < pool->threads; pool->created++) {
    worker *next = &pool->worker[pool->created];
    if (pthread_create(&next->thread, NULL, live, next)) return 0;
  }
  return 1;
}

ql_pool *ql_pool_create(ql_memory *memory, uint32_t threads) {
  ql_pool *pool = ql_alloc(memory, 1, sizeof *pool + threads * sizeof pool->worker[0]);
  if (!pool) return NULL;
  pool->memory = memory;
  pool->threads = threads;
  long processors = sysconf(_SC_NPROCESSORS_ONLN);
  pool->crowded = processors > 0 && threads > (unsigned long)processors;
  pthread_mutex_init(&pool->lock, NULL);
  pthread_cond_init(&pool->wake, NULL);
  pthread_cond_init(&pool->done, NULL);
  for (uint32_t k = 0; k < threads; k++) {
    pool->worker[k].number = k;
    pool->worker[k].pool = pool;
  }
  if (create_threads(pool)) return pool;
  ql_pool_destroy(pool);
  return NULL;
}

void ql_pool_destroy(ql_pool *pool) {
  if (!pool) return;
  pool->quit = 1;
  start(pool, pool->created);
  for (uint32_t k = 1; k < pool->created; k++) pthread_join(pool->worker[k].thread, NULL);
  pthread_cond_destroy(&pool->done);
  pthread_cond_destroy(&pool->wake);
  pthread_mutex_destroy(&pool->lock);
  ql_free(pool->memory, pool);
}

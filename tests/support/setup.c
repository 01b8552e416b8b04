#include "setup.h"
#include "check.h"
#include "random.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const uint64_t late_start = ((uint64_t)1 << 32) - 10000;

static void run_backwards(void *context, uint32_t n, void (*task)(void *, uint32_t),
                          void *argument) {
  (void)context;
  while (n > 0) task(argument, --n);
}

static void run_shuffled(void *context, uint32_t n, void (*task)(void *, uint32_t),
                         void *argument) {
  random_state random = {n};
  uint32_t few[64], *order = n <= COUNT(few) ? few : malloc(n * sizeof *order);
  (void)context;
  if (!order) abort();
  for (uint32_t i = 0; i < n; i++) {
    uint32_t j = random_below(&random, i + 1);
    order[i] = order[j];
    order[j] = i;
  }
  for (uint32_t i = 0; i < n; i++) task(argument, order[i]);
  if (order != few) free(order);
}

typedef struct crew {
  void (*task)(void *, uint32_t);
  void *argument;
  uint32_t n;
  atomic_uint next;
} crew;

static void *work(void *argument) {
  crew *crew = argument;
  for (;;) {
    uint32_t i = atomic_fetch_add(&crew->next, 1);
    if (i >= crew->n) return NULL;
    crew->task(crew->argument, i);
  }
}

static void run_threads(void *context, uint32_t n, void (*task)(void *, uint32_t), void *argument) {
  crew crew = {task, argument, n, 0};
  pthread_t other;
  int threaded = n > 1 && pthread_create(&other, NULL, work, &crew) == 0;
  (void)context;
  work(&crew);
  if (threaded) pthread_join(other, NULL);
}

const quell_executor executor_backwards = {NULL, run_backwards};
const quell_executor executor_shuffled = {NULL, run_shuffled};
const quell_executor executor_threads = {NULL, run_threads};

const char *setup_name(const setup *s) {
  static char line[200];
  const char *executor = !s->executor                         ? "none"
                         : s->executor == &executor_backwards ? "backwards"
                         : s->executor == &executor_shuffled  ? "shuffled"
                                                              : "threads";
  snprintf(line, sizeof line,
           "tile %u horizon %u block %u executor %s threads %u isa %s cut %d read %d start %llu",
           (unsigned)s->tile_size, (unsigned)s->horizon, (unsigned)s->block_size, executor,
           (unsigned)s->threads, quell_isa_name(s->isa), (int)s->cut, s->read,
           (unsigned long long)s->start);
  return line;
}

quell_network *open_network(const setup *s) {
  char error[256] = "";
  quell_network *network = NULL;
  quell_network_options options = QUELL_NETWORK_OPTIONS_INIT;
  options.tile_size = s->tile_size;
  options.horizon = s->horizon;
  options.block_size = s->block_size;
  options.executor = s->executor;
  options.threads = s->threads;
  options.isa = s->isa;
  options.start = s->start;
  options.dt = s->dt;
  options.seed = s->seed;
  options.allocator = s->allocator;
  options.error = error;
  options.error_size = sizeof error;
  if (quell_network_create(&options, &network) != QUELL_OK)
    fail_msg("%s: %s", setup_name(s), error);
  return network;
}

void advance(quell_network *network, const setup *s, uint64_t steps, between read, void *context) {
  random_state random = {steps};
  uint32_t piece = (uint32_t)(steps / 500) + 1; /* pieces of 1 … piece: about a thousand */
  cut how = s->read ? CUT_STEPS : s->cut;
  uint64_t end = quell_network_clock(network) + steps;
  while (steps > 0) {
    uint64_t n = steps;
    if (how == CUT_STEPS) n = 1;
    if (how == CUT_PIECES) n = 1 + random_below(&random, piece);
    if (n > steps) n = steps;
    if (how == CUT_STEPS && (steps & 1))
      OK(quell_step(network));
    else
      OK(quell_run_steps(network, n));
    steps -= n;
    if (read && s->read) read(context);
  }
  assert_int_equal(quell_network_clock(network), end);
}

uint64_t digest(uint64_t hash, const void *bytes, size_t n) {
  const unsigned char *at = bytes;
  for (; n >= sizeof(uint32_t); n -= sizeof(uint32_t), at += sizeof(uint32_t)) {
    uint32_t word;
    memcpy(&word, at, sizeof word);
    hash = (hash ^ word) * 0x100000001b3u;
  }
  for (; n > 0; n--) hash = (hash ^ *at++) * 0x100000001b3u;
  return hash;
}

uint64_t digest_weights(uint64_t hash, const quell_projection *projection) {
  uint64_t n = quell_projection_size(projection);
  float *w = must_alloc(n, sizeof *w);
  OK(quell_projection_get(projection, "weight", 0, n, w));
  hash = digest(hash, w, n * sizeof *w);
  free(w);
  return hash;
}

uint64_t digest_state(uint64_t hash, const quell_population *population, const char *name) {
  uint32_t n = quell_population_size(population);
  double *values = must_alloc(n, sizeof *values);
  OK(quell_population_get(population, name, 0, n, values));
  hash = digest(hash, values, n * sizeof *values);
  free(values);
  return hash;
}

uint64_t digest_recording(uint64_t hash, const quell_recorder *recorder, uint64_t start) {
  quell_recording r = QUELL_RECORDING_INIT;
  OK(quell_recorder_read(recorder, &r));
  for (size_t i = 0; i < r.samples; i++) {
    uint64_t stamp = r.stamps[i] - start;
    hash = digest(hash, &stamp, sizeof stamp);
  }
  if (r.ids) hash = digest(hash, r.ids, r.samples * sizeof *r.ids);
  if (r.values) hash = digest(hash, r.values, r.samples * r.width * sizeof *r.values);
  return hash;
}

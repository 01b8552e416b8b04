/* The settings that must not change a bit, and how a run goes under them. */
#ifndef TEST_SETUP_H
#define TEST_SETUP_H

#include <quell/quell.h>

typedef enum cut { CUT_NONE, CUT_PIECES, CUT_STEPS } cut;

/* Zero means default. */
typedef struct setup {
  uint32_t tile_size, horizon, block_size;
  const quell_executor *executor;
  uint32_t threads; /* of the library's own */
  int32_t isa;
  cut cut;
  int read; /* all weights and states are read at every step */
  uint64_t start;
  double dt;
  uint64_t seed;
  const quell_allocator *allocator;
} setup;

/* Run tasks last first, in shuffled order, and on threads. */
extern const quell_executor executor_backwards, executor_shuffled, executor_threads;

/* A start that crosses 2^32 after ten thousand steps. */
extern const uint64_t late_start;

/* One line that names a setup, for messages; in a static buffer. */
const char *setup_name(const setup *setup);

quell_network *open_network(const setup *setup);

/* Calls that a run makes between its pieces, after each of them; may be NULL. */
typedef void (*between)(void *context);

/* Advances by `steps`, cut as the setup says. */
void advance(quell_network *network, const setup *setup, uint64_t steps, between read,
             void *context);

/* FNV-1a, 64 bits, by words of 32 bits; start with DIGEST. */
#define DIGEST 0xcbf29ce484222325u
uint64_t digest(uint64_t hash, const void *bytes, size_t n);
/* All weights of a projection. */
uint64_t digest_weights(uint64_t hash, const quell_projection *projection);
/* A state variable of all neurons. */
uint64_t digest_state(uint64_t hash, const quell_population *population, const char *name);
/* What a recorder holds; stamps count from `start`. */
uint64_t digest_recording(uint64_t hash, const quell_recorder *recorder, uint64_t start);

#endif

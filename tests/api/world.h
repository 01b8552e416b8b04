/* A small network with a bit of everything, and the means to say: this call is refused, with this
 * status and a sentence that has these words, and nothing has changed. */
#ifndef TEST_API_WORLD_H
#define TEST_API_WORLD_H

#include "support/allocator.h"
#include "support/check.h"
#include "support/setup.h"
#include <stdlib.h>
#include <string.h>

enum {
  EXC = 30,
  INH = 8,
  NOISE = 6,
  AREAS = 2,
  SOURCE = 5,
  HOST = 4,
  OUT_BYTES = 512,
  MOST_BYTES = 1 << 26 /* the host has no more for one block: what is huge is refused at once */
};

typedef struct world world;
typedef void (*world_hook)(world *w);

struct world {
  test_allocator allocator;
  quell_registry *registry; /* the test's; NULL: the built-in rules */
  quell_network *net;
  quell_population *exc, *inh, *noise, *source, *host;
  quell_rule *rule;
  quell_projection *plastic, *still, *onto_host;
  quell_recorder *spikes, *weights, *v, *rate;
  quell_modulator *da;    /* one value, with a critic of values, and the spikes of `source` */
  quell_modulator *calm;  /* one value, without a critic */
  quell_modulator *areas; /* AREAS territories */
  quell_modulator *each;  /* one for each neuron of `exc` */
  world_hook in_step, in_report, in_log; /* called from inside the callbacks; NULL for none */
  uint64_t steps;                        /* run so far */
  uint64_t calls;                        /* of on_step */
  int broken;                            /* refusals that were not what they should be */
  union {
    double align;
    unsigned char bytes[OUT_BYTES];
  } out; /* stands for what a call would fill in */
};

/* An out-parameter that a refused call must leave alone. */
#define OUT(w, type) ((type *)(void *)(w)->out.bytes)

/* The call gives this status, and a sentence that has all these words; it leaves OUT() alone and
 * holds no memory. What is wrong is printed, and fails in world_close(), so that a table is gone
 * through to its end. */
#define REFUSED(w, status, call, ...)                                                              \
  do {                                                                                             \
    refusal refusal_ = refusal_begin(w);                                                           \
    refusal_end(w, &refusal_, (call), (status), #call, (const char *const[]){__VA_ARGS__, NULL},   \
                __FILE__, __LINE__);                                                               \
  } while (0)

/* The same for any condition. */
#define HOLDS(w, condition)                                                                        \
  do {                                                                                             \
    if (!(condition)) {                                                                            \
      print_error("%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                          \
      (w)->broken++;                                                                               \
    }                                                                                              \
  } while (0)

static inline void *world_take(void *context, size_t size, size_t align) {
  world *w = context;
  quell_allocator hooks = test_allocator_hooks(&w->allocator);
  return size > MOST_BYTES ? NULL : hooks.alloc(hooks.context, size, align);
}

static inline void world_give(void *context, void *pointer, size_t size) {
  world *w = context;
  quell_allocator hooks = test_allocator_hooks(&w->allocator);
  hooks.release(hooks.context, pointer, size);
}

static inline void world_on_step(void *context) {
  world *w = context;
  uint32_t neuron = (uint32_t)(w->calls % HOST);
  if (w->calls++ % 7 == 0) OK(quell_population_spikes_in(w->host, &neuron, 1));
  if (w->in_step) w->in_step(w);
}

static inline int32_t world_on_report(void *context, uint64_t done, uint64_t total) {
  world *w = context;
  assert_true(done <= total);
  if (w->in_report) w->in_report(w);
  return 0;
}

static inline void world_on_log(void *context, int32_t level, const char *message) {
  world *w = context;
  assert_true(level >= 0 && *message);
  if (w->in_log) w->in_log(w);
}

static inline void world_populate(world *w) {
  const quell_value drive = {"i_offset", 150}, rate = {"rate", 200};
  const uint32_t neurons[] = {0, 3, 1, 4, 2, 0};
  const double times[] = {1, 2, 3, 4, 20, 30};
  OK(quell_population_create(w->net, "exc", "lif_cond_exp", EXC, &drive, 1, &w->exc));
  OK(quell_population_create(w->net, "inh", "lif_curr_exp", INH, &drive, 1, &w->inh));
  OK(quell_population_create(w->net, "noise", "poisson", NOISE, &rate, 1, &w->noise));
  OK(quell_population_create(w->net, "source", "spike_source", SOURCE, NULL, 0, &w->source));
  OK(quell_population_create(w->net, "host", "external", HOST, NULL, 0, &w->host));
  OK(quell_population_set_spikes(w->source, neurons, times, COUNT(times)));
  OK(quell_population_background(w->exc, "excitatory", 100, 0.5));
  OK(quell_population_on_step(w->host, world_on_step, w));
}

static inline void world_join(world *w) {
  quell_connection c = QUELL_CONNECTION_INIT;
  OK(quell_rule_create(w->net, "vogels2011", NULL, 0, &w->rule));
  c.kind = QUELL_FIXED_PROBABILITY;
  c.p = 0.5;
  c.delay = (quell_distribution){QUELL_UNIFORM, 0, 0.2, 1.6, 0, 0, NULL, 0};
  OK(quell_connect(w->net, w->inh, w->exc, "inhibitory", &c, w->rule, &w->plastic));
  c = (quell_connection)QUELL_CONNECTION_INIT;
  c.kind = QUELL_ALL_TO_ALL;
  c.weight = (quell_distribution){QUELL_CONSTANT, 0, 0.5, 0, 0, 0, NULL, 0};
  OK(quell_connect(w->net, w->noise, w->exc, "excitatory", &c, NULL, &w->still));
  c.kind = QUELL_FIXED_IN_DEGREE;
  c.count = 2;
  OK(quell_connect(w->net, w->source, w->host, "excitatory", &c, NULL, &w->onto_host));
}

static inline void world_record(world *w) {
  quell_record_options options = QUELL_RECORD_OPTIONS_INIT;
  options.interval = 2;
  OK(quell_record_spikes(w->exc, NULL, &w->spikes));
  OK(quell_record_weights(w->plastic, &options, &w->weights));
  OK(quell_record_state(w->exc, "v", &options, &w->v));
  OK(quell_record_rate(w->inh, &options, &w->rate));
}

static inline void world_modulate(world *w) {
  const quell_source source = QUELL_SOURCE_INIT;
  quell_critic critic = QUELL_CRITIC_INIT;
  quell_modulator_options options = QUELL_MODULATOR_OPTIONS_INIT;
  critic.kind = QUELL_CRITIC_VALUE;
  OK(quell_modulator_create(w->net, "da", NULL, NULL, 0, &w->da));
  OK(quell_modulator_source(w->da, w->source, &source));
  OK(quell_modulator_critic(w->da, &critic));
  OK(quell_modulator_create(w->net, "calm", NULL, NULL, 0, &w->calm));
  options.scope = QUELL_SCOPE_TERRITORY;
  options.territories = AREAS;
  OK(quell_modulator_create(w->net, "areas", &options, NULL, 0, &w->areas));
  OK(quell_modulator_release(w->areas, 1, 0.5, 3.0));
  options.scope = QUELL_SCOPE_NEURON;
  options.territories = 0;
  options.population = w->exc;
  OK(quell_modulator_create(w->net, "each", &options, NULL, 0, &w->each));
}

/* An empty network. */
static inline world *world_new(quell_registry *registry) {
  world *w = must_alloc(1, sizeof *w);
  *w = (world){.allocator = TEST_ALLOCATOR_INIT, .registry = registry};
  const quell_allocator allocator = {w, world_take, world_give};
  const quell_progress progress = {w, world_on_report};
  const quell_log log = {w, world_on_log};
  quell_network_options options = QUELL_NETWORK_OPTIONS_INIT;
  options.registry = registry;
  options.allocator = &allocator;
  options.progress = &progress;
  options.log = &log;
  options.horizon = 256;
  options.tile_size = 64;
  options.seed = 7;
  OK(quell_network_create(&options, &w->net));
  return w;
}

static inline world *world_open_with(quell_registry *registry) {
  world *w = world_new(registry);
  world_populate(w);
  world_join(w);
  world_record(w);
  world_modulate(w);
  return w;
}

static inline world *world_open(void) {
  return world_open_with(NULL);
}

static inline void world_run(world *w, uint64_t steps) {
  OK(quell_run_steps(w->net, steps));
  w->steps += steps;
}

static inline uint64_t world_digest_channels(uint64_t hash, const world *w) {
  double c[AREAS + EXC + 3] = {0};
  OK(quell_modulator_get(w->areas, 0, AREAS, c));
  OK(quell_modulator_get(w->each, 0, EXC, c + AREAS));
  OK(quell_modulator_get(w->da, 0, 1, c + AREAS + EXC));
  OK(quell_modulator_get(w->calm, 0, 1, c + AREAS + EXC + 1));
  OK(quell_modulator_expected(w->da, c + AREAS + EXC + 2));
  return digest(hash, c, sizeof c);
}

static inline uint64_t world_digest(const world *w) {
  uint64_t hash = digest_weights(digest_weights(DIGEST, w->plastic), w->still);
  hash = digest_state(digest_state(hash, w->exc, "v"), w->exc, "g_inh");
  hash = digest_state(digest_state(hash, w->inh, "v"), w->noise, "remaining");
  hash = digest_recording(digest_recording(hash, w->spikes, 0), w->weights, 0);
  hash = digest_recording(digest_recording(hash, w->v, 0), w->rate, 0);
  return world_digest_channels(hash, w);
}

/* Takes it down; for a test that changed it. */
static inline void world_discard(world *w) {
  int broken = w->broken;
  quell_network_destroy(&w->net);
  assert_null(w->net);
  assert_int_equal(w->allocator.live, 0);
  assert_int_equal(w->allocator.faults, 0);
  free(w);
  assert_int_equal(broken, 0);
}

/* It goes on exactly as a network that saw none of the refused calls. */
static inline void world_close(world *w) {
  world *twin = world_open_with(w->registry);
  if (w->steps) world_run(twin, w->steps);
  w->in_step = w->in_report = w->in_log = NULL;
  if (world_digest(w) != world_digest(twin)) {
    print_error("a refused call has changed the network\n");
    w->broken++;
  }
  world_run(w, 400);
  world_run(twin, 400);
  if (world_digest(w) != world_digest(twin)) {
    print_error("after a refused call the network runs differently\n");
    w->broken++;
  }
  world_discard(twin);
  world_discard(w);
}

typedef struct refusal {
  uint64_t live, bytes;
  unsigned char error[512]; /* the sentence before */
} refusal;

static inline refusal refusal_begin(world *w) {
  refusal r = {.live = w->allocator.live, .bytes = w->allocator.bytes};
  (void)quell_network_learning(w->net, 77); /* a sentence to tell the new one from */
  strncpy((char *)r.error, quell_network_error(w->net), sizeof r.error - 1);
  memset(w->out.bytes, 0xa5, OUT_BYTES);
  return r;
}

static inline int is_untouched(const world *w) {
  for (size_t i = 0; i < OUT_BYTES; i++)
    if (w->out.bytes[i] != 0xa5) return 0;
  return 1;
}

static inline const char *missing_word(const char *error, const char *const *words) {
  for (; *words; words++)
    if (!strstr(error, *words)) return *words;
  return NULL;
}

static inline void refusal_end(world *w, const refusal *before, quell_status got, quell_status want,
                               const char *call, const char *const *words, const char *file,
                               int line) {
  const char *error = quell_network_error(w->net), *missing = missing_word(error, words);
  const char *wrong = NULL;
  int is_old = !strcmp(error, (const char *)before->error) && strstr(error, "77");
  if (!is_untouched(w)) wrong = "it has written to what it should fill in";
  if (w->allocator.live != before->live || w->allocator.bytes != before->bytes)
    wrong = "it holds other memory than before";
  if (missing) wrong = "the sentence lacks a word";
  if (is_old) wrong = "there is no sentence";
  if (got != want) wrong = "wrong status";
  if (!wrong) return;
  print_error("%s:%d: %s: %s\n  gives %s, should give %s\n  \"%s\"%s%s%s\n", file, line, call,
              wrong, quell_status_string(got), quell_status_string(want), is_old ? "" : error,
              missing ? ", lacks \"" : "", missing ? missing : "", missing ? "\"" : "");
  w->broken++;
}

#endif

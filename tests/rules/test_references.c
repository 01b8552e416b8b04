/* The weights of published simulators' trajectories, in every configuration of the engine. */
#include "support/bench.h"
#include "support/check.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#ifndef QUELL_TEST_DATA
#define QUELL_TEST_DATA "tests/data"
#endif

enum { POSTS = 200, STEPS_PER_SAMPLE = 1000, MAX_LINES = 1024 };

typedef struct reference {
  const char *file;
  int dense; /* which spikes */
  double axonal, dendritic, w0;
  eager_rule rule;
  const eager_change *change;
  size_t n_change;
} reference;

#define SPARSE_VOGELS                                                                              \
  { EAGER_VOGELS, .eta = 0.01, .rho0 = 5, .tau = 20, .w_max = 10 }
#define VOGELS(t)                                                                                  \
  { EAGER_VOGELS, .eta = 0.004, .rho0 = 12, .tau = 20, .w_max = 10, .tie = t }
#define PAIR(plus, minus, tp, tm, mu, t)                                                           \
  {                                                                                                \
    EAGER_PAIR, .a_plus = plus, .a_minus = minus, .tau_plus = tp, .tau_minus = tm, .mu_plus = mu,  \
                .mu_minus = mu, .w_max = 1, .tie = t                                               \
  }
#define DENSE_PAIR(t) PAIR(0.004, 0.0021, 16.8, 33.7, 0, t)

static const eager_change changes[] = {{20350, "eta", 0.012},
                                       {40123, "learning", 0},
                                       {55001, "learning", 1},
                                       {70000, "rho0", 4},
                                       {82007, "w_max", 2.5}};

static const reference references[] = {
    {"vogels2011", 0, 0, 0, 0.5, SPARSE_VOGELS, NULL, 0},
    {"stdp_pair_additive", 0, 0, 0, 0.5, PAIR(0.01, 0.00525, 16.8, 33.7, 0, 0), NULL, 0},
    {"stdp_pair_multiplicative", 0, 0, 0, 0.5, PAIR(0.05, 0.06, 20, 20, 1, 0), NULL, 0},
    {"stdp_pair_power", 0, 0, 0, 0.5, PAIR(0.05, 0.06, 20, 20, 0.4, 0), NULL, 0},
    {"delay_axonal_pair", 1, 2.3, 0, 0.5, DENSE_PAIR(QUELL_PRE_FIRST), NULL, 0},
    {"delay_axonal_bounds_pair", 1, 1.5, 0, 0.5, PAIR(0.06, 0.035, 16.8, 33.7, 0, 0), NULL, 0},
    {"delay_dendritic_exclusive_pair", 1, 0, 1.7, 0.5, DENSE_PAIR(QUELL_EXCLUSIVE), NULL, 0},
    {"delay_dendritic_exclusive_vogels", 1, 0, 0.1, 2, VOGELS(QUELL_EXCLUSIVE), NULL, 0},
    {"delay_mixed_vogels", 1, 1.1, 0.8, 2, VOGELS(QUELL_PRE_FIRST), NULL, 0},
    {"delay_none_pre_first_pair", 1, 0, 0, 0.5, DENSE_PAIR(QUELL_PRE_FIRST), NULL, 0},
    {"delay_none_exclusive_pair", 1, 0, 0, 0.5, DENSE_PAIR(QUELL_EXCLUSIVE), NULL, 0},
    {"delay_none_post_first_pair", 1, 0, 0, 0.5, DENSE_PAIR(QUELL_POST_FIRST), NULL, 0},
    {"delay_none_pre_first_vogels", 1, 0, 0, 2, VOGELS(QUELL_PRE_FIRST), NULL, 0},
    {"delay_none_exclusive_vogels", 1, 0, 0, 2, VOGELS(QUELL_EXCLUSIVE), NULL, 0},
    {"delay_none_post_first_vogels", 1, 0, 0, 2, VOGELS(QUELL_POST_FIRST), NULL, 0},
    {"changes_vogels", 1, 0.8, 0, 2, VOGELS(QUELL_PRE_FIRST), changes, COUNT(changes)},
};

/* Reads up to MAX_LINES lines of one or two columns. */
static size_t read_csv(const char *name, double *first, double *second) {
  char path[512], line[2048];
  size_t n = 0;
  snprintf(path, sizeof path, "%s/reference/%s.csv", QUELL_TEST_DATA, name);
  FILE *file = fopen(path, "r");
  if (!file) fail_msg("cannot read %s", path);
  while (file && n < MAX_LINES && fgets(line, sizeof line, file)) {
    char *rest;
    if (line[0] == '#') continue;
    first[n] = strtod(line, &rest);
    if (second) second[n] = strtod(rest + 1, NULL);
    n++;
  }
  if (file) fclose(file);
  assert_true(n > 0 && n < MAX_LINES);
  return n;
}

/* A third of the post neurons is silent, the others fire the file's spikes. */
static int silent(uint32_t neuron) {
  return neuron % 3 == 2;
}

static void load_spikes(int dense, train *pre, train *post) {
  double t[MAX_LINES];
  size_t n = read_csv(dense ? "spikes_pre_dense" : "spikes_pre", t, NULL);
  for (size_t i = 0; i < n; i++) train_add(pre, (uint64_t)llround(t[i] * 10.0), 1);
  n = read_csv(dense ? "spikes_post_dense" : "spikes_post", t, NULL);
  for (size_t i = 0; i < n; i++)
    for (uint32_t j = 0; j < POSTS; j++)
      if (!silent(j)) train_add(post, (uint64_t)llround(t[i] * 10.0), j);
  train_sort(pre);
  train_sort(post);
}

static eager eager_of(const reference *r, const train *pre, const train *post, uint32_t neuron) {
  eager s = {.rule = r->rule, .dt = 0.1, .w = r->w0, .change = r->change, .n_change = r->n_change};
  s.pre = train_of(pre, 1, (uint64_t)llround(r->axonal * 10.0), &s.n_pre);
  s.post = train_of(post, neuron, (uint64_t)llround(r->dendritic * 10.0), &s.n_post);
  return s;
}

/* The other tests lean on the eager reference: it must itself equal the files. */
static void eager_reference_equals_the_files(void **state) {
  for (size_t i = 0; i < COUNT(references); i++) {
    double t[MAX_LINES], w[MAX_LINES];
    train pre = {NULL, 0, 0}, post = {NULL, 0, 0};
    size_t n = read_csv(references[i].file, t, w);
    load_spikes(references[i].dense, &pre, &post);
    eager s = eager_of(&references[i], &pre, &post, 0);
    for (size_t k = 0; k < n; k++) {
      double got = eager_at(&s, k * STEPS_PER_SAMPLE);
      if (fabs(got - w[k]) > 1e-9)
        fail_msg("%s at %g ms: %.12g, not %.12g", references[i].file, t[k], got, w[k]);
    }
    free((void *)(uintptr_t)s.pre);
    free((void *)(uintptr_t)s.post);
    train_free(&pre);
    train_free(&post);
  }
  (void)state;
}

static void connect_all(const reference *r, quell_connection *c, uint32_t *pre, uint32_t *post) {
  for (uint32_t j = 0; j < POSTS; j++) {
    pre[j] = 1;
    post[j] = j;
  }
  c->kind = QUELL_LIST;
  c->pre = pre;
  c->post = post;
  c->n = POSTS;
  c->weight.kind = c->delay_axonal.kind = c->delay_dendritic.kind = QUELL_CONSTANT;
  c->weight.a = r->w0;
  c->delay_axonal.a = r->axonal;
  c->delay_dendritic.a = r->dendritic;
}

/* One run; returns the digest of all samples of all weights. */
static uint64_t run_reference(const reference *r, const setup *setup, size_t samples,
                              const double *want, const train *pre, const train *post) {
  bench b;
  uint32_t from[POSTS], to[POSTS];
  float w[POSTS];
  uint64_t hash = DIGEST;
  size_t next = 0;
  quell_connection c = QUELL_CONNECTION_INIT;
  eager lone = eager_of(r, pre, post, 2);
  connect_all(r, &c, from, to);
  bench_open(&b, setup, &r->rule, 3, pre, POSTS, post, &c);
  for (size_t k = 0; k < samples; k++) {
    size_t first = next;
    uint64_t step = k * STEPS_PER_SAMPLE;
    double silence = eager_at(&lone, step);
    while (next < r->n_change && r->change[next].step < step) next++;
    bench_run_changes(&b, r->change ? r->change + first : NULL, next - first, step);
    OK(quell_projection_get(b.synapses, "weight", 0, POSTS, w));
    hash = digest(hash, w, sizeof w);
    for (uint32_t j = 0; j < POSTS; j++)
      CLOSE((double)w[j], silent(j) ? silence : want[k], r->rule.w_max, r->file, k);
  }
  bench_close(&b);
  free((void *)(uintptr_t)lone.pre);
  free((void *)(uintptr_t)lone.post);
  return hash;
}

/* Horizon 1 stands for the shortest that the delay allows. */
static const setup setups[] = {
    {0},
    {.tile_size = 64,
     .horizon = 1,
     .block_size = 16,
     .executor = &executor_shuffled,
     .cut = CUT_PIECES},
    {.tile_size = 256,
     .horizon = 1,
     .block_size = 48,
     .executor = &executor_backwards,
     .read = 1,
     .start = ((uint64_t)1 << 32) - 10000},
    {.tile_size = 64},
    {.tile_size = 256},
    {.tile_size = 65536},
    {.horizon = 1},
    {.block_size = 16},
    {.block_size = 48},
    {.executor = &executor_backwards},
    {.executor = &executor_shuffled},
    {.cut = CUT_PIECES},
    {.cut = CUT_STEPS},
    {.read = 1},
    {.start = ((uint64_t)1 << 32) - 10000},
    {.tile_size = 64,
     .horizon = 1,
     .block_size = 48,
     .cut = CUT_PIECES,
     .start = ((uint64_t)1 << 32) - 10000},
    {.tile_size = 65536,
     .horizon = 256,
     .block_size = 16,
     .cut = CUT_STEPS,
     .start = ((uint64_t)1 << 31) - 10000},
};

static void trajectory_is_the_files_in_every_configuration(void **state) {
  const reference *r = *state;
  double t[MAX_LINES], w[MAX_LINES];
  train pre = {NULL, 0, 0}, post = {NULL, 0, 0};
  size_t samples = read_csv(r->file, t, w), runs = quick() ? 3 : COUNT(setups);
  uint64_t first = 0;
  load_spikes(r->dense, &pre, &post);
  if (quick()) samples = 13;
  for (size_t i = 0; i < runs; i++) {
    setup setup = setups[i];
    if (setup.horizon == 1) setup.horizon = r->dendritic > 1.6 ? 128 : 64;
    uint64_t hash = run_reference(r, &setup, samples, w, &pre, &post);
    if (i == 0) first = hash;
    if (hash != first) fail_msg("%s: other bits with %s", r->file, setup_name(&setup));
  }
  train_free(&pre);
  train_free(&post);
}

int main(void) {
  struct CMUnitTest tests[COUNT(references) + 1] = {
      cmocka_unit_test(eager_reference_equals_the_files)};
  for (size_t i = 0; i < COUNT(references); i++)
    tests[i + 1] =
        (struct CMUnitTest){references[i].file, trajectory_is_the_files_in_every_configuration,
                            NULL, NULL, (void *)(uintptr_t)&references[i]};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

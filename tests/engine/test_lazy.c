/* Learning when it matters must give what learning at once gives, whoever makes it happen and
 * whatever shares the history: users' traps L7, L8 and 6. L1 and L1b are in test_lazy_batches.c, L2
 * to L4 in test_lazy_silence.c, L9 in test_lazy_stamps.c. */
#include "support/check.h"
#include "support/mixed.h"
#include "support/random.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* L7. What settles rows, or only looks, at random times: reads of any part, writes of the value
 * that is there, changes to the value that is there. */

static float *read_some(mixed *m, random_state *random, quell_projection **p, uint64_t *first,
                        uint64_t *n) {
  *p = m->projections[random_below(random, (uint32_t)m->n_projections)];
  uint32_t size = (uint32_t)quell_projection_size(*p);
  *first = random_below(random, size);
  *n = 1 + random_below(random, size - (uint32_t)*first);
  float *w = must_alloc(*n, sizeof *w);
  OK(quell_projection_get(*p, "weight", *first, *n, w));
  return w;
}

static void write_same_weights(mixed *m, random_state *random) {
  quell_projection *p;
  uint64_t first, n;
  float *w = read_some(m, random, &p, &first, &n);
  quell_status status = quell_projection_set(p, "weight", first, n, w);
  /* A weight that is outside bounds which moved cannot be written, and stays. */
  assert_true(status == QUELL_OK || status == QUELL_E_RANGE);
  free(w);
}

static void set_same_parameter(mixed *m, random_state *random) {
  static const char *const names[] = {"eta", "a_plus", "mu_plus", "beta"};
  uint32_t i = random_below(random, MIXED_RULES);
  quell_value value = {names[i], 0};
  OK(quell_rule_get(m->rules[i], value.name, &value.value));
  OK(quell_rule_set(m->rules[i], &value, 1));
}

static void switch_to_same(mixed *m, random_state *random) {
  quell_projection_info info = QUELL_PROJECTION_INFO_INIT;
  quell_projection *p = m->projections[random_below(random, (uint32_t)m->n_projections)];
  OK(quell_projection_describe(p, &info));
  if (info.rule) OK(quell_projection_learning(p, info.learning));
}

static void interfere(mixed *m, random_state *random) {
  quell_projection *p;
  uint64_t first, n;
  switch (random_below(random, 5)) {
  case 0:
    write_same_weights(m, random);
    break;
  case 1:
    set_same_parameter(m, random);
    break;
  case 2:
    switch_to_same(m, random);
    break;
  case 3:
    free(read_some(m, random, &p, &first, &n));
    break;
  default: /* nothing: the row waits for its visit or for the sweep */
    break;
  }
}

static uint64_t run_interfered(const setup *setup, mixed_options options, uint64_t seed) {
  random_state random = {seed};
  uint64_t end = quick() ? 500 : 2500; /* the changes of `mixed` are at 300 to 1400 */
  mixed m;
  mixed_build(&m, setup, options);
  if (seed == 0) mixed_run(&m, end);
  for (uint64_t step = 0; step < end && seed;) {
    step += 1 + random_below(&random, seed % 2 ? 9 : 60);
    mixed_run(&m, step < end ? step : end);
    interfere(&m, &random);
  }
  uint64_t hash = mixed_digest(&m) ^ mixed_recorded(&m);
  mixed_close(&m);
  return hash;
}

static void l7_settling_by_anything_in_any_order_gives_the_same_bits(void **state) {
  const uint32_t horizons[] = {0, 64, 256, 1024}, tiles[] = {0, 64, 256};
  const mixed_options options = {*(const int *)*state, 1, 1};
  uint64_t want = run_interfered(&(const setup){0}, options, 0);
  for (uint64_t seed = 1; seed <= (quick() ? 1 : 10); seed++) {
    setup setup = {.horizon = horizons[seed % 4], .tile_size = tiles[seed % 3]};
    if (run_interfered(&setup, options, seed) != want)
      fail_msg("other bits with interference %d, %s", (int)seed, setup_name(&setup));
  }
}

/* L8. Three projections onto the same neurons: other rules, time constants, delays, and rows that
 * are visited often, seldom and once. */

enum { POSTS = 70, END = 30000, SHARERS = 3 };

static const eager_rule sharer_rules[SHARERS] = {
    {EAGER_PAIR, .a_plus = 0.02, .a_minus = 0.01, .tau_plus = 16.8, .tau_minus = 12, .w_max = 1,
     .tie = QUELL_POST_FIRST},
    {EAGER_VOGELS, .eta = 0.001, .rho0 = 4, .tau = 900, .w_max = 10},
    {EAGER_OJA, .eta = 0.01, .beta = 0.7, .tau = 300, .w_max = 1, .tie = QUELL_EXCLUSIVE},
};

static quell_distribution constant(double a) {
  return (quell_distribution){QUELL_CONSTANT, 0, a, 0, 0, 0, NULL, 0};
}

static quell_connection sharer_connection(size_t i) {
  const double axonal[] = {0, 2.3, 0.4}, dendritic[] = {1.6, 0, 0.7};
  quell_connection c = QUELL_CONNECTION_INIT;
  c.kind = QUELL_ALL_TO_ALL;
  c.weight = constant(0.5);
  c.delay_axonal = constant(axonal[i]);
  c.delay_dendritic = constant(dendritic[i]);
  return c;
}

static void make_sharer_spikes(train *pre, train *post) {
  train_poisson(pre, 0, 0.004, 1, END, 3);  /* 40 Hz */
  train_poisson(pre, 1, 0.0001, 1, END, 3); /* 1 Hz */
  train_add(pre, 3, 2);
  train_add(pre, END - 700, 2);
  for (uint32_t j = 1; j < POSTS; j++) train_poisson(post, j, j % 9 ? 0.001 : 0.01, 0, END, 4);
  train_sort(pre);
  train_sort(post);
}

static void check_sharers(const setup *setup, const train *pre, const train *post) {
  float initial[3 * POSTS], alone[3 * POSTS], w[3 * POSTS];
  quell_connection c = sharer_connection(0);
  bench all, views[SHARERS];
  bench_open(&all, setup, &sharer_rules[0], 3, pre, POSTS, post, &c);
  views[0] = all;
  for (size_t i = 1; i < SHARERS; i++) {
    quell_value values[EAGER_MAX_VALUES];
    views[i] = all;
    c = sharer_connection(i);
    OK(quell_rule_create(all.network, eager_name(&sharer_rules[i]), values,
                         eager_values(&sharer_rules[i], values), &views[i].rule));
    OK(quell_connect(all.network, all.pre, all.post, "excitatory", &c, views[i].rule,
                     &views[i].synapses));
  }
  bench_run_to(&all, END);
  for (size_t k = 0; k < COUNT(initial); k++) initial[k] = 0.5f;
  for (size_t i = 0; i < SHARERS; i++) {
    bench b;
    bench_check(&views[i], &sharer_rules[i], NULL, 0, initial, eager_name(&sharer_rules[i]));
    c = sharer_connection(i);
    bench_open(&b, setup, &sharer_rules[i], 3, pre, POSTS, post, &c);
    bench_run_to(&b, END);
    OK(quell_projection_get(b.synapses, "weight", 0, COUNT(w), alone));
    OK(quell_projection_get(views[i].synapses, "weight", 0, COUNT(w), w));
    assert_memory_equal(w, alone, sizeof w);
    bench_close(&b);
  }
  bench_close(&all);
}

static void l8_projections_with_other_rules_and_delays_share_one_history(void **state) {
  const setup setups[] = {
      {.horizon = 64, .tile_size = 64}, {0}, {.cut = CUT_PIECES, .horizon = 512}};
  train pre = {NULL, 0, 0}, post = {NULL, 0, 0};
  make_sharer_spikes(&pre, &post);
  for (size_t i = 0; i < (quick() ? 1 : COUNT(setups)); i++) check_sharers(&setups[i], &pre, &post);
  train_free(&pre);
  train_free(&post);
  (void)state;
}

/* Trap 6. */

enum { PRES = 3, PAIRS = PRES * POSTS };

typedef struct wiring {
  uint32_t pre[PAIRS], post[PAIRS];
  double weight[PAIRS], axonal[PAIRS], dendritic[PAIRS];
} wiring;

/* The pairs whose delays are axonal `a` and dendritic `d`, those of any value for -1. */
static size_t choose(wiring *w, int a, int d) {
  const double axonal[] = {0.2, 0.5, 1.3}, dendritic[] = {0, 0.4, 0.9};
  size_t n = 0;
  for (uint32_t i = 0; i < PAIRS; i++) {
    int of_a = (int)(i * 7 / 5 % 3), of_d = (int)(i * 11 / 7 % 3);
    if ((a >= 0 && a != of_a) || (d >= 0 && d != of_d)) continue;
    w->pre[n] = i % PRES;
    w->post[n] = i / PRES;
    w->weight[n] = 0.25 + 0.002 * (double)i;
    w->axonal[n] = axonal[of_a];
    w->dendritic[n++] = dendritic[of_d];
  }
  return n;
}

static quell_connection connection_of(const wiring *w, size_t n, int homogeneous) {
  quell_connection c = QUELL_CONNECTION_INIT;
  c.kind = QUELL_LIST;
  c.pre = w->pre;
  c.post = w->post;
  c.n = n;
  c.weight = (quell_distribution){QUELL_ARRAY, 0, 0, 0, 0, 0, w->weight, n};
  c.delay_axonal = (quell_distribution){QUELL_ARRAY, 0, 0, 0, 0, 0, w->axonal, n};
  c.delay_dendritic = (quell_distribution){QUELL_ARRAY, 0, 0, 0, 0, 0, w->dendritic, n};
  if (!homogeneous) return c;
  c.delay_axonal = constant(w->axonal[0]);
  c.delay_dendritic = constant(w->dendritic[0]);
  return c;
}

/* Weights by pair of neurons. */
static void read_pairs(const quell_projection *p, float pairs[PRES][POSTS]) {
  uint32_t pre[PAIRS], post[PAIRS];
  float w[PAIRS];
  uint64_t n = quell_projection_size(p);
  OK(quell_projection_endpoints(p, 0, n, pre, post));
  OK(quell_projection_get(p, "weight", 0, n, w));
  for (uint64_t i = 0; i < n; i++) pairs[pre[i]][post[i]] = w[i];
}

static void compare_inputs(const bench *b) {
  const float *mixed, *sorted;
  uint32_t n;
  OK(quell_population_input(b->post, "inhibitory", &mixed, &n));
  OK(quell_population_input(b->post, "excitatory", &sorted, &n));
  for (uint32_t j = 0; j < n; j++) CLOSE((double)mixed[j], (double)sorted[j], 10, "input", j);
}

static void check_sum_of_homogeneous(const setup *setup, const train *pre, const train *post) {
  const eager_rule rule = {EAGER_VOGELS, .eta = 0.02, .rho0 = 8, .tau = 20, .w_max = 10};
  static float mixed[PRES][POSTS], sorted[PRES][POSTS];
  static wiring w;
  quell_projection *parts[9];
  bench b;
  quell_connection c = connection_of(&w, choose(&w, -1, -1), 0);
  bench_open(&b, setup, &rule, PRES, pre, POSTS, post, &c);
  for (int i = 0; i < 9; i++) {
    c = connection_of(&w, choose(&w, i / 3, i % 3), 1);
    OK(quell_connect(b.network, b.pre, b.post, "excitatory", &c, b.rule, &parts[i]));
  }
  for (uint64_t step = 1; step <= 3000; step++) {
    bench_run_to(&b, step);
    compare_inputs(&b);
  }
  read_pairs(b.synapses, mixed);
  for (int i = 0; i < 9; i++) read_pairs(parts[i], sorted);
  assert_memory_equal(mixed, sorted, sizeof mixed);
  bench_close(&b);
}

static void trap_6_mixed_delays_are_the_sum_of_homogeneous_ones(void **state) {
  const setup setups[] = {{0}, {.tile_size = 64, .horizon = 64, .block_size = 16}};
  train pre = {NULL, 0, 0}, post = {NULL, 0, 0};
  for (uint32_t i = 0; i < PRES; i++) train_poisson(&pre, i, 0.01, 0, 3000, 5);
  for (uint32_t j = 0; j < POSTS; j++) train_poisson(&post, j, 0.01, 0, 3000, 6);
  train_sort(&pre);
  train_sort(&post);
  for (size_t i = 0; i < COUNT(setups); i++) check_sum_of_homogeneous(&setups[i], &pre, &post);
  train_free(&pre);
  train_free(&post);
  (void)state;
}

static const int short_delays = 0, long_delays = 1;

#define L7(delays)                                                                                 \
  {                                                                                                \
    "l7_settling_by_anything_in_any_order_gives_the_same_bits, " #delays,                          \
        l7_settling_by_anything_in_any_order_gives_the_same_bits, NULL, NULL,                      \
        (void *)(uintptr_t)&delays                                                                 \
  }

int main(void) {
  const struct CMUnitTest tests[] = {
      L7(short_delays),
      L7(long_delays),
      cmocka_unit_test(l8_projections_with_other_rules_and_delays_share_one_history),
      cmocka_unit_test(trap_6_mixed_delays_are_the_sum_of_homogeneous_ones),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Users' trap L9: steps beyond 2^31 and 2^32, where the 32 bits that are kept of a stamp wrap, and
 * the moments every 2^28 steps when very old stamps are moved up, so that they stay comparable. */
#include "support/bench.h"
#include "support/check.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PRES = 4, POSTS = 70, EDGE = 4000, END = 9000 };

/* In steps of 1 ms, of which a time in ms is exact. Traces are slow, so that events long
 * before the edge count long after it. */
static const eager_rule rules[] = {
    {EAGER_VOGELS, .eta = 1e-3, .rho0 = 10, .tau = 3000, .w_max = 10},
    {EAGER_PAIR, .a_plus = 1e-3, .a_minus = 5e-4, .tau_plus = 5000, .tau_minus = 2000,
     .mu_plus = 0.5, .mu_minus = 1, .w_max = 1, .tie = QUELL_POST_FIRST},
    {EAGER_OJA, .eta = 0.01, .beta = 0.1, .tau = 4000, .w_max = 1, .tie = QUELL_EXCLUSIVE},
};

static const uint64_t power_28 = (uint64_t)1 << 28, power_31 = (uint64_t)1 << 31,
                      power_32 = (uint64_t)1 << 32;

/* Pre neuron 0 fires only in the beginning and in the end, 1 only after the edge, post neuron 0
 * only before it, 1 only after it, 2 never. */
static void make_spikes(train *pre, train *post) {
  train_add(pre, 5, 0);
  train_add(pre, END - 300, 0);
  train_poisson(pre, 1, 0.01, EDGE + 1, END, 3);
  train_poisson(pre, 2, 0.01, 0, END, 3);
  train_poisson(pre, 3, 0.01, 0, END, 3);
  train_poisson(post, 0, 0.02, 0, EDGE - 500, 4);
  train_poisson(post, 1, 0.02, EDGE + 1, END, 4);
  for (uint32_t j = 3; j < POSTS; j++) train_poisson(post, j, j % 8 ? 0.004 : 0.05, 0, END, 4);
  for (uint64_t s = EDGE - 3; s <= EDGE + 3; s++) { /* and on the very steps of the edge */
    train_add(pre, s, 3);
    train_add(post, s, 3 + (uint32_t)(s % 3));
    train_add(post, s, POSTS - 1);
  }
  train_sort(pre);
  train_sort(post);
}

static quell_connection connect_rows(void) {
  quell_connection c = QUELL_CONNECTION_INIT;
  c.kind = QUELL_ALL_TO_ALL;
  c.weight = (quell_distribution){QUELL_UNIFORM, 0, 0.2, 0.8, 0, 0, NULL, 0};
  c.delay_axonal = (quell_distribution){QUELL_CONSTANT, 0, 3, 0, 0, 0, NULL, 0};
  c.delay_dendritic = (quell_distribution){QUELL_UNIFORM, 0, 0, 16, 0, 0, NULL, 0};
  return c;
}

/* The digest of all weights on the way; against eager at the end if asked. */
static uint64_t run_from(const setup *setup, const eager_rule *rule, const train *pre,
                         const train *post, int compare) {
  float initial[PRES * POSTS];
  uint64_t hash = DIGEST;
  quell_connection c = connect_rows();
  bench b;
  bench_open(&b, setup, rule, PRES, pre, POSTS, post, &c);
  OK(quell_projection_get(b.synapses, "weight", 0, COUNT(initial), initial));
  for (uint64_t step = 500; step <= END; step += 500) {
    bench_run_to(&b, step);
    hash = digest_weights(hash, b.synapses);
  }
  if (compare) bench_check(&b, rule, NULL, 0, initial, setup_name(setup));
  bench_close(&b);
  return hash;
}

/* From each start the same bits as from 0, and the eager weights; `edge` is where the steps of the
 * edge come to lie. */
static void check_edges(const uint64_t *edge, size_t n) {
  const setup settings[] = {{.horizon = 64, .tile_size = 64},
                            {0},
                            {.horizon = 1024, .cut = CUT_PIECES, .executor = &executor_backwards}};
  train pre = {NULL, 0, 0}, post = {NULL, 0, 0};
  make_spikes(&pre, &post);
  for (size_t r = 0; r < COUNT(rules); r++) {
    uint64_t want = run_from(&(const setup){.dt = 1}, &rules[r], &pre, &post, 1);
    for (size_t i = r % (quick() ? 3 : 1); i < n; i += quick() ? 3 : 1) {
      setup setup = settings[(i + r) % COUNT(settings)];
      setup.dt = 1;
      setup.start = edge[i] - EDGE;
      if (run_from(&setup, &rules[r], &pre, &post, i == 0) != want)
        fail_msg("%s: other bits with %s", eager_name(&rules[r]), setup_name(&setup));
    }
  }
  train_free(&pre);
  train_free(&post);
}

static void l9_steps_beyond_2_31_and_2_32(void **state) {
  const uint64_t edge[] = {power_31,     power_32,     power_32 + power_31,
                           power_31 + 8, power_32 - 8, ((uint64_t)1 << 52) - (END - EDGE) - 1};
  check_edges(edge, COUNT(edge));
  (void)state;
}

/* Stamps older than 2^30 steps are moved up when the clock passes a multiple of 2^28: nothing else
 * may be. */
static void l9_old_stamps_are_moved_up_every_2_28_steps(void **state) {
  const uint64_t edge[] = {power_28,        2 * power_28,       4 * power_28,  7 * power_28,
                           8 * power_28,    12 * power_28,      16 * power_28, 20 * power_28,
                           1000 * power_28, 3 * power_28 + EDGE /* in the first step */};
  check_edges(edge, COUNT(edge));
  (void)state;
}

/* Up to the last step that there is: a time in ms is still a whole number there, and its half is
 * not, so that "plus a half, rounded down" is off by one. */
static void l9_a_source_fires_on_its_steps_up_to_2_53(void **state) {
  const uint64_t starts[] = {power_32, (uint64_t)1 << 51, (uint64_t)1 << 52,
                             ((uint64_t)1 << 53) - 100};
  for (size_t i = 0; i < COUNT(starts); i++) {
    const setup setup = {.dt = 1, .start = starts[i]};
    quell_network *net = open_network(&setup);
    quell_population *source;
    train spikes = {NULL, 0, 0};
    for (uint64_t step = 10; step < 14; step++) train_add(&spikes, step, 0);
    OK(quell_population_create(net, "source", "spike_source", 1, NULL, 0, &source));
    give_spikes(source, &spikes, starts[i], 1);
    for (uint64_t step = 1; step < 20; step++) {
      const uint32_t *ids;
      size_t n;
      OK(quell_step(net));
      OK(quell_population_spikes_out(source, &ids, &n));
      if (n != (step >= 10 && step < 14))
        fail_msg("%d spikes with stamp %llu + %d", (int)n, (unsigned long long)starts[i],
                 (int)step);
    }
    quell_network_destroy(&net);
    train_free(&spikes);
  }
  (void)state;
}

/* Where the table of decays ends, and far beyond it. */
static void l9_pairs_far_apart(void **state) {
  const uint64_t apart[] = {16383, 16384, 16385, 200000, quick() ? 300000 : 3000000};
  for (size_t i = 0; i < COUNT(apart); i++) {
    const eager_rule rule = {EAGER_PAIR,      .a_plus = 0.5,    .a_minus = 0.3,
                             .tau_plus = 1e6, .tau_minus = 2e6, .w_max = 1};
    const setup setup = {.dt = 1, .start = power_32 - 10000};
    const float initial = 0.4f;
    train pre = {NULL, 0, 0}, post = {NULL, 0, 0};
    quell_connection c = QUELL_CONNECTION_INIT;
    bench b;
    train_add(&pre, 10, 0);
    train_add(&post, 10 + apart[i], 0);
    train_add(&pre, 30 + apart[i], 0);
    c.kind = QUELL_ALL_TO_ALL;
    c.weight = (quell_distribution){QUELL_CONSTANT, 0, 0.4, 0, 0, 0, NULL, 0};
    bench_open(&b, &setup, &rule, 1, &pre, 1, &post, &c);
    bench_run_to(&b, apart[i] + 100);
    bench_check(&b, &rule, NULL, 0, &initial, "far apart");
    bench_close(&b);
    train_free(&pre);
    train_free(&post);
  }
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(l9_steps_beyond_2_31_and_2_32),
      cmocka_unit_test(l9_old_stamps_are_moved_up_every_2_28_steps),
      cmocka_unit_test(l9_a_source_fires_on_its_steps_up_to_2_53),
      cmocka_unit_test(l9_pairs_far_apart),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Random trains against the eager reference, synapse by synapse: bursts, coincidences, several
 * spikes in a step, long silences, multapses, rows of many lengths, delays of every kind. */
#include "support/bench.h"
#include "support/check.h"
#include "support/random.h"
#include <math.h>
#include <stdlib.h>

enum { PRES = 7, POSTS = 90, SYNAPSES = 700, LAST = 20000 };

static const eager_rule rules[] = {
    {EAGER_VOGELS, .eta = 0.01, .rho0 = 12, .tau = 20, .w_max = 10},
    {EAGER_PAIR, .a_plus = 0.01, .a_minus = 0.006, .tau_plus = 16.8, .tau_minus = 33.7, .w_max = 1},
    {EAGER_PAIR, .a_plus = 0.05, .a_minus = 0.04, .tau_plus = 20, .tau_minus = 12, .mu_plus = 1,
     .mu_minus = 1, .w_max = 1},
    {EAGER_PAIR, .a_plus = 0.03, .a_minus = 0.02, .tau_plus = 20, .tau_minus = 20, .mu_plus = 0.4,
     .mu_minus = 0.7, .w_max = 5},
    {EAGER_PAIR, .a_plus = 0.5, .a_minus = 0.45, .tau_plus = 10, .tau_minus = 10, .w_min = 0.2,
     .w_max = 1}, /* at a bound most of the time */
    {EAGER_OJA, .eta = 0.02, .beta = 0.7, .tau = 20, .w_max = 1},
};

typedef struct trains {
  train pre, post;
} trains;

/* Neuron 0 of each side is silent for most of the time, the last pre neuron fires in bursts, every
 * fifth post neuron at 200 Hz, and a third of the pre spikes meets a post spike on its step. */
static void make_trains(trains *t, uint64_t seed) {
  random_state random = {seed};
  *t = (trains){{NULL, 0, 0}, {NULL, 0, 0}};
  train_add(&t->pre, 5, 0);
  train_add(&t->pre, LAST - 500, 0);
  train_add(&t->post, 1, 0);
  for (uint32_t i = 1; i < PRES; i++) train_poisson(&t->pre, i, 0.001, 1, LAST, seed);
  for (uint64_t step = 700; step < LAST; step += 2500)
    for (uint64_t k = 0; k < 12; k++) train_add(&t->pre, step + k * (k % 3), PRES - 1);
  for (uint32_t j = 1; j < POSTS; j++)
    train_poisson(&t->post, j, j % 5 ? 0.0015 : 0.02, 0, LAST, seed + 77);
  for (size_t i = 0; i < t->pre.n; i += 3)
    for (uint32_t j = 1; j < POSTS; j += 1 + random_below(&random, 9))
      train_add(&t->post, t->pre.at[i].step, j);
  train_sort(&t->pre);
  train_sort(&t->post);
}

typedef enum delay_kind {
  NO_DELAY,
  AXONAL,
  AXONAL_ARRAY, /* spread over 20 ms: each value has a row of its own */
  DENDRITIC_ARRAY,
  BOTH,
  PLAIN_ARRAY,
  DELAY_KINDS
} delay_kind;

/* SYNAPSES random pairs, some of them several times, with random weights. */
typedef struct wiring {
  uint32_t pre[SYNAPSES], post[SYNAPSES];
  double weight[SYNAPSES], delay[SYNAPSES];
  float initial[SYNAPSES]; /* in the order of the projection */
  quell_connection c;
} wiring;

static void wire(wiring *w, const eager_rule *rule, delay_kind kind, uint64_t seed) {
  random_state random = {seed};
  w->c = (quell_connection)QUELL_CONNECTION_INIT;
  for (size_t i = 0; i < SYNAPSES; i++) {
    w->pre[i] = random_below(&random, PRES);
    w->post[i] = random_below(&random, w->pre[i] == 2 ? 5 : POSTS);
    w->weight[i] = rule->w_min + (rule->w_max - rule->w_min) * random_uniform(&random);
    w->delay[i] = 0.1 * random_below(&random, 17);
    if (i % 10 == 0) w->weight[i] = i % 20 ? rule->w_max : rule->w_min;
  }
  w->c.kind = QUELL_LIST;
  w->c.pre = w->pre;
  w->c.post = w->post;
  w->c.n = SYNAPSES;
  w->c.weight = (quell_distribution){QUELL_ARRAY, 0, 0, 0, 0, 0, w->weight, SYNAPSES};
  quell_distribution array = {QUELL_ARRAY, 0, 0, 0, 0, 0, w->delay, SYNAPSES};
  quell_distribution constant = {QUELL_CONSTANT, 0, 1.3, 0, 0, 0, NULL, 0};
  if (kind == AXONAL || kind == BOTH) w->c.delay_axonal = constant;
  if (kind == DENDRITIC_ARRAY || kind == BOTH) w->c.delay_dendritic = array;
  if (kind == AXONAL_ARRAY) {
    for (size_t i = 0; i < SYNAPSES; i++) w->delay[i] = 0.1 * (1 + random_below(&random, 200));
    w->c.delay_axonal = array;
  }
  if (kind == PLAIN_ARRAY) {
    for (size_t i = 0; i < SYNAPSES; i++) w->delay[i] += 0.5;
    w->c.delay = array;
  }
}

/* Every synapse must be found where the header says: sorted by (axonal delay, pre, post), then as
 * listed. */
static void find_synapses(wiring *w, const bench *b) {
  uint32_t pre[SYNAPSES], post[SYNAPSES];
  uint8_t used[SYNAPSES] = {0};
  float delay[SYNAPSES];
  assert_int_equal(quell_projection_size(b->synapses), SYNAPSES);
  OK(quell_projection_endpoints(b->synapses, 0, SYNAPSES, pre, post));
  OK(quell_projection_get(b->synapses, "delay", 0, SYNAPSES, delay));
  OK(quell_projection_get(b->synapses, "weight", 0, SYNAPSES, w->initial));
  for (size_t i = 0; i < SYNAPSES; i++) {
    size_t k = 0;
    int split = w->c.delay_axonal.kind == QUELL_ARRAY;
    while (k < SYNAPSES && (used[k] || w->pre[k] != pre[i] || w->post[k] != post[i] ||
                            (split && fabs((double)delay[i] - w->delay[k]) > 1e-4)))
      k++;
    assert_true(k < SYNAPSES);
    used[k] = 1;
    assert_true(w->initial[i] == (float)w->weight[k]);
    double want = w->c.delay.kind || split
                      ? w->delay[k]
                      : w->c.delay_axonal.a + (w->c.delay_dendritic.kind ? w->delay[k] : 0);
    assert_true(fabs((double)delay[i] - want) < 1e-4);
  }
}

/* Returns the digest of all weights at all samples; compares some of them with the eager reference
 * if asked. */
static uint64_t run_trains(const eager_rule *rule, const trains *t, const setup *setup,
                           delay_kind kind, int compare) {
  static wiring w;
  bench b;
  uint64_t hash = DIGEST;
  wire(&w, rule, kind, 5);
  bench_open(&b, setup, rule, PRES, &t->pre, POSTS, &t->post, &w.c);
  find_synapses(&w, &b);
  for (uint64_t step = LAST / 10; step <= LAST + LAST / 10; step += LAST / 10) {
    bench_run_to(&b, step);
    if (compare && (step == LAST / 10 * 3 || step == LAST / 10 * 7 || step > LAST))
      bench_check(&b, rule, NULL, 0, w.initial, eager_name(rule));
    hash = digest_weights(hash, b.synapses);
  }
  bench_close(&b);
  return hash;
}

static void random_trains_give_the_eager_weights(void **state) {
  static const setup setups[] = {
      {.tile_size = 64,
       .horizon = 128,
       .block_size = 16,
       .executor = &executor_shuffled,
       .cut = CUT_PIECES},
      {0},
      {.block_size = 48, .executor = &executor_backwards, .start = ((uint64_t)1 << 32) - 10000},
  };
  eager_rule rule = *(const eager_rule *)*state;
  trains t;
  make_trains(&t, 11);
  for (delay_kind kind = NO_DELAY; kind < DELAY_KINDS; kind++) {
    for (int32_t tie = QUELL_PRE_FIRST; tie <= QUELL_POST_FIRST; tie++) {
      uint64_t hash[COUNT(setups)];
      size_t runs = quick() ? 1 : COUNT(setups);
      if (quick() && tie != (int32_t)kind % 3) continue;
      rule.tie = tie;
      for (size_t i = 0; i < runs; i++) hash[i] = run_trains(&rule, &t, &setups[i], kind, i == 0);
      for (size_t i = 1; i < runs; i++)
        if (hash[i] != hash[0]) fail_msg("other bits with %s", setup_name(&setups[i]));
    }
  }
  train_free(&t.pre);
  train_free(&t.post);
}

/* A silent pre neuron under post spikes for many horizons. Post neuron 0 fires at 100 Hz and later
 * at 250 Hz, so that what is kept must grow when some of it was forgotten; 1 fires once, is silent
 * and bursts; 2 does so just before the second pre spike, which must not see the burst (it is still
 * in the dendrite) but the single spike long before: the newest record before a burst stays. */
static void silent_spikes(train *pre, train *post, uint64_t end) {
  train_add(pre, 10, 0);
  train_add(pre, end - 500, 0);
  for (uint64_t s = 50; s < end; s += s < end / 4 * 3 ? 100 : 40) train_add(post, s, 0);
  train_add(post, 40, 1);
  for (uint64_t s = end - 2000; s < end; s += 3) train_add(post, s, 1);
  train_add(post, end - 4000, 2);
  for (uint64_t s = end - 513; s < end - 500; s++) train_add(post, s, 2);
  train_sort(post);
}

static void silence_of_many_horizons_loses_nothing(void **state) {
  const setup setups[] = {{.horizon = 64}, {.horizon = 256, .tile_size = 64}, {0}};
  const uint64_t end = quick() ? 80000 : 200000; /* float32 drifts by 1e-5 in some 10^4 events */
  eager_rule rule = {EAGER_VOGELS, .eta = 0.01, .rho0 = 1, .tau = 2000, .w_max = 1e6};
  for (size_t i = 0; i < COUNT(setups); i++) {
    bench b;
    train pre = {NULL, 0, 0}, post = {NULL, 0, 0};
    quell_connection c = QUELL_CONNECTION_INIT;
    const float w[3] = {1, 1, 1};
    silent_spikes(&pre, &post, end);
    c.kind = QUELL_ALL_TO_ALL;
    c.delay_dendritic = (quell_distribution){QUELL_CONSTANT, 0, 1.6, 0, 0, 0, NULL, 0};
    bench_open(&b, &setups[i], &rule, 1, &pre, 3, &post, &c);
    bench_run_to(&b, end + 20);
    bench_check(&b, &rule, NULL, 0, w, setup_name(&setups[i]));
    bench_close(&b);
    train_free(&pre);
    train_free(&post);
  }
  (void)state;
}

/* The default horizon must grow with the dendritic delay (here to 65,536 steps), or spikes on their
 * way through the dendrite are forgotten. */
static void long_dendritic_delays_lose_nothing(void **state) {
  const setup setup = {0};
  const uint64_t end = 80000;
  const float w[1] = {1};
  eager_rule rule = {EAGER_VOGELS, .eta = 0.01, .rho0 = 1, .tau = 2000, .w_max = 1e6};
  bench b;
  train pre = {NULL, 0, 0}, post = {NULL, 0, 0};
  quell_connection c = QUELL_CONNECTION_INIT;
  train_add(&pre, 10, 0);
  train_add(&pre, end - 500, 0);
  for (uint64_t s = 50; s < end; s += 40) train_add(&post, s, 0);
  c.kind = QUELL_ALL_TO_ALL;
  c.delay_dendritic = (quell_distribution){QUELL_CONSTANT, 0, 1200, 0, 0, 0, NULL, 0};
  bench_open(&b, &setup, &rule, 1, &pre, 1, &post, &c);
  bench_run_to(&b, end);
  bench_check(&b, &rule, NULL, 0, w, "dendritic delay of 1.2 s");
  bench_close(&b);
  train_free(&pre);
  train_free(&post);
  (void)state;
}

/* What reaches the post neuron is the weight after the pre event, and within the bounds: they hold
 * at every use (users' trap 19). */
static void delivered_weights_are_current_and_within_bounds(void **state) {
  const eager_rule rule = rules[4];
  const setup setup = {.block_size = 16};
  bench b;
  train pre = {NULL, 0, 0}, post = {NULL, 0, 0};
  quell_connection c = QUELL_CONNECTION_INIT;
  uint32_t n, seen = 0;
  const float *input;
  size_t n_pre, n_post;
  train_poisson(&pre, 0, 0.01, 1, 20000, 3);
  train_poisson(&post, 0, 0.008, 1, 20000, 4);
  c.kind = QUELL_ALL_TO_ALL;
  c.weight = (quell_distribution){QUELL_CONSTANT, 0, 0.5, 0, 0, 0, NULL, 0};
  c.delay_axonal = (quell_distribution){QUELL_CONSTANT, 0, 0.3, 0, 0, 0, NULL, 0};
  bench_open(&b, &setup, &rule, 1, &pre, 1, &post, &c);
  eager s = {.rule = rule, .dt = 0.1, .w = 0.5};
  uint64_t *arrivals = train_of(&pre, 0, 3, &n_pre), *effective = train_of(&post, 0, 0, &n_post);
  s.pre = arrivals, s.n_pre = n_pre;
  s.post = effective, s.n_post = n_post;
  for (uint64_t step = 0; step < 20010; step++) {
    OK(quell_step(b.network));
    OK(quell_population_input(b.post, "inhibitory", &input, &n));
    eager_at(&s, step + 1);
    int arrived = s.i_pre > 0 && arrivals[s.i_pre - 1] == step;
    assert_true(arrived ? input[0] >= 0.2f && input[0] <= 1.0f : input[0] == 0.0f);
    if (arrived) CLOSE((double)input[0], s.delivered, 1, "delivered at step", step);
    seen += (uint32_t)arrived;
  }
  assert_int_equal(seen, n_pre);
  bench_close(&b);
  free(arrivals);
  free(effective);
  train_free(&pre);
  train_free(&post);
  (void)state;
}

int main(void) {
  static const char *const names[] = {"trains: vogels2011",          "trains: pair additive",
                                      "trains: pair multiplicative", "trains: pair power",
                                      "trains: pair at its bounds",  "trains: oja"};
  struct CMUnitTest tests[COUNT(rules) + 3] = {
      cmocka_unit_test(silence_of_many_horizons_loses_nothing),
      cmocka_unit_test(long_dendritic_delays_lose_nothing),
      cmocka_unit_test(delivered_weights_are_current_and_within_bounds)};
  for (size_t i = 0; i < COUNT(rules); i++)
    tests[i + 3] = (struct CMUnitTest){names[i], random_trains_give_the_eager_weights, NULL, NULL,
                                       (void *)(uintptr_t)&rules[i]};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

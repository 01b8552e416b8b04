/* Everything acts from its own step on: parameters, bounds, switches and weights that change
 * between two visits of a row, against the eager reference. */
#include "support/bench.h"
#include "support/check.h"
#include <math.h>
#include <stdlib.h>

static const setup setups[] = {
    {0},
    {.tile_size = 64,
     .horizon = 64,
     .block_size = 16,
     .executor = &executor_backwards,
     .cut = CUT_PIECES},
    {.horizon = 256, .read = 1},
    {.start = ((uint64_t)1 << 32) - 3000}, /* changes on both sides of 2^32 */
};

/* One pre neuron that fires at steps 20 and 9000 only, three post neurons: 100 Hz, one spike, none.
 */
typedef struct scene {
  train pre, post;
  quell_connection c;
} scene;

enum { END = 9500 };

static void make_scene(scene *s, double axonal, double dendritic) {
  *s = (scene){{NULL, 0, 0}, {NULL, 0, 0}, QUELL_CONNECTION_INIT};
  train_add(&s->pre, 20, 0);
  train_add(&s->pre, 9000, 0);
  for (uint64_t step = 30; step < END - 300; step += 97) train_add(&s->post, step, 0);
  train_add(&s->post, 4000, 1);
  train_sort(&s->post);
  s->c.kind = QUELL_ALL_TO_ALL;
  s->c.weight = (quell_distribution){QUELL_CONSTANT, 0, 2, 0, 0, 0, NULL, 0};
  s->c.delay_axonal = (quell_distribution){QUELL_CONSTANT, 0, axonal, 0, 0, 0, NULL, 0};
  s->c.delay_dendritic = (quell_distribution){QUELL_CONSTANT, 0, dendritic, 0, 0, 0, NULL, 0};
}

static void close_scene(scene *s) {
  train_free(&s->pre);
  train_free(&s->post);
}

static void check_changes(const eager_rule *rule, const eager_change *change, size_t n) {
  const double delays[][2] = {{0, 0}, {0.9, 0}, {0, 1.6}, {0.4, 0.7}};
  const float initial[3] = {2, 2, 2};
  for (size_t d = 0; d < COUNT(delays); d++) {
    for (size_t i = 0; i < COUNT(setups); i++) {
      bench b;
      scene s;
      make_scene(&s, delays[d][0], delays[d][1]);
      bench_open(&b, &setups[i], rule, 1, &s.pre, 3, &s.post, &s.c);
      bench_run_changes(&b, change, n, END);
      bench_check(&b, rule, change, n, initial, setup_name(&setups[i]));
      bench_close(&b);
      close_scene(&s);
    }
  }
}

static const eager_rule slow_vogels = {EAGER_VOGELS, .eta = 0.01, .rho0 = 2, .tau = 300,
                                       .w_max = 50};
static const eager_rule slow_pair = {EAGER_PAIR,      .a_plus = 0.01,   .a_minus = 0.002,
                                     .tau_plus = 300, .tau_minus = 200, .mu_plus = 0.5,
                                     .mu_minus = 1,   .w_max = 10};

/* L2: with one epoch applied to the whole unvisited interval, or with epochs that are dropped or
 * shifted by the delay, the sum of 50 different rates comes out wrong. */
static void fifty_changes_while_the_pre_neuron_is_silent(void **state) {
  eager_change change[50];
  for (size_t i = 0; i < COUNT(change); i++)
    change[i] = (eager_change){100 + 170 * i, i % 5 == 4 ? "rho0" : "eta",
                               i % 5 == 4 ? 1.0 + (double)i : 0.002 * (double)(1 + i * 7 % 11)};
  check_changes(&slow_vogels, change, COUNT(change));
  for (size_t i = 0; i < COUNT(change); i++) {
    change[i].name = i % 2 ? "a_plus" : "mu_plus";
    change[i].value = i % 2 ? 0.001 * (double)(1 + i % 9) : 0.1 * (double)(i % 10);
  }
  check_changes(&slow_pair, change, COUNT(change));
  (void)state;
}

/* More epochs than are kept at once (64 in the specification), at consecutive steps. */
static void three_hundred_changes_on_consecutive_steps(void **state) {
  eager_change change[300];
  for (size_t i = 0; i < COUNT(change); i++)
    change[i] = (eager_change){5000 + i, "eta", 0.001 * (double)(1 + i * 31 % 101)};
  check_changes(&slow_vogels, change, COUNT(change));
  (void)state;
}

/* L3. Post spikes while learning is off leave the weight alone, those before and after count. */
static void learning_off_and_on_between_two_visits(void **state) {
  const eager_change once[] = {{1000, "learning", 0}, {5000, "learning", 1}};
  const eager_change twice[] = {{500, "learning", 0},  {2000, "learning", 1},
                                {3999, "learning", 0}, {4001, "learning", 1},
                                {7000, "learning", 0}, {7000, "learning", 1}};
  const eager_change across[] = {{3000, "learning", 0}, {9300, "learning", 1}};
  const eager_change with_eta[] = {
      {1000, "learning", 0}, {2000, "eta", 0.05}, {3000, "learning", 1}, {6000, "eta", 0.002}};
  check_changes(&slow_vogels, once, COUNT(once));
  check_changes(&slow_vogels, twice, COUNT(twice));
  check_changes(&slow_vogels, across, COUNT(across));
  check_changes(&slow_vogels, with_eta, COUNT(with_eta));
  check_changes(&slow_pair, twice, COUNT(twice));
  (void)state;
}

/* Users' trap 16; the written value also ends a wrong replay of older events. */
static void weight_that_is_set_takes_part_from_its_step_on(void **state) {
  const eager_change sets[] = {
      {3000, "weight", 1.25}, {4000, "weight", 3}, {4000, "eta", 0.03}, {8999, "weight", 2.5}};
  const eager_change off[] = {{2000, "learning", 0}, {3000, "weight", 1.5}, {6000, "learning", 1}};
  check_changes(&slow_vogels, sets, COUNT(sets));
  check_changes(&slow_vogels, off, COUNT(off));
  (void)state;
}

static void weight_that_is_set_is_read_back(void **state) {
  bench b;
  scene s;
  const float w = 1.75f, bad = 51.0f, negative = -1.0f;
  make_scene(&s, 0, 0);
  bench_open(&b, &setups[0], &slow_vogels, 1, &s.pre, 3, &s.post, &s.c);
  bench_run_to(&b, 5000);
  float before = bench_weight(&b, 2);
  OK(quell_projection_set(b.synapses, "weight", 0, 1, &w));
  assert_true(bench_weight(&b, 0) == w);
  assert_true(bench_weight(&b, 2) == before); /* and no other changed */
  GIVES(QUELL_E_RANGE, quell_projection_set(b.synapses, "weight", 0, 1, &bad));
  GIVES(QUELL_E_RANGE, quell_projection_set(b.synapses, "weight", 0, 1, &negative));
  GIVES(QUELL_E_LENGTH, quell_projection_set(b.synapses, "weight", 3, 1, &w));
  assert_true(bench_weight(&b, 0) == w);
  bench_close(&b);
  close_scene(&s);
  (void)state;
}

/* A bound that moves clips at the next event of the synapse, not at the change. */
static void bounds_that_move_clip_at_the_next_event(void **state) {
  const eager_change lower[] = {{4500, "w_max", 2.05}, {6000, "w_max", 10}};
  const eager_change raise[] = {{4500, "w_min", 2.5}};
  const eager_change narrow[] = {{4500, "w_max", 1.5}};
  check_changes(&slow_vogels, lower, COUNT(lower));
  check_changes(&slow_vogels, raise, COUNT(raise));
  check_changes(&slow_vogels, narrow, COUNT(narrow));
  (void)state;
}

/* At 0 a synapse is not optimised away, and at either bound it stays there to the bit. */
static void weights_at_the_bounds_learn_and_stay(void **state) {
  const double tau = 20;
  const eager_rule up = {EAGER_VOGELS, .eta = 0.01, .rho0 = 0, .tau = tau, .w_max = 2};
  const eager_rule down = {EAGER_PAIR, .a_minus = 0.1, .tau_plus = tau, .tau_minus = tau,
                           .w_max = 1};
  const struct {
    const eager_rule *rule;
    double w0, want;
    int exact;
  } cases[] = {{&up, 0, 0.01 + 0.01 * exp(-1 / tau), 0}, {&up, 2, 2, 1}, {&down, 0, 0, 1}};
  for (size_t i = 0; i < COUNT(cases); i++) {
    bench b;
    train pre = {NULL, 0, 0}, post = {NULL, 0, 0};
    quell_connection c = QUELL_CONNECTION_INIT;
    train_add(&post, 10, 0);
    train_add(&pre, 20, 0);
    train_add(&post, 20, 0);
    c.kind = QUELL_ALL_TO_ALL;
    c.weight = (quell_distribution){QUELL_CONSTANT, 0, cases[i].w0, 0, 0, 0, NULL, 0};
    bench_open(&b, &setups[0], cases[i].rule, 1, &pre, 1, &post, &c);
    bench_run_to(&b, 40);
    CLOSE((double)bench_weight(&b, 0), cases[i].want, 1, "bound", i);
    if (cases[i].exact) assert_true(bench_weight(&b, 0) == (float)cases[i].want);
    bench_close(&b);
    train_free(&pre);
    train_free(&post);
  }
  (void)state;
}

/* Users' trap 23, L8: one rule on two projections with different delays onto one neuron; a change
 * reaches both, from its own step. */
static void rule_that_two_projections_share_changes_for_both(void **state) {
  const eager_change change[] = {{3000, "eta", 0.03}, {6000, "rho0", 9}};
  const float initial[3] = {2, 2, 2};
  for (size_t i = 0; i < COUNT(setups); i++) {
    bench b, other;
    scene s;
    make_scene(&s, 0, 1.1);
    bench_open(&b, &setups[i], &slow_vogels, 1, &s.pre, 3, &s.post, &s.c);
    other = b;
    s.c.delay_axonal.a = 2.1;
    s.c.delay_dendritic.a = 0.2;
    OK(quell_connect(b.network, b.pre, b.post, "excitatory", &s.c, b.rule, &other.synapses));
    bench_run_changes(&b, change, COUNT(change), END);
    bench_check(&b, &slow_vogels, change, COUNT(change), initial, "first projection");
    bench_check(&other, &slow_vogels, change, COUNT(change), initial, "second projection");
    bench_close(&b);
    close_scene(&s);
  }
  (void)state;
}

/* Two projections with different rules share the post spikes of one neuron, switched apart. */
static void rules_on_one_neuron_do_not_mix(void **state) {
  const float initial[3] = {2, 2, 2};
  bench b, other;
  scene s;
  quell_value values[EAGER_MAX_VALUES];
  size_t n = eager_values(&slow_pair, values);
  const eager_change off[] = {{3000, "learning", 0}};
  make_scene(&s, 0, 0);
  bench_open(&b, &setups[1], &slow_vogels, 1, &s.pre, 3, &s.post, &s.c);
  other = b;
  OK(quell_rule_create(b.network, eager_name(&slow_pair), values, n, &other.rule));
  OK(quell_connect(b.network, b.pre, b.post, "excitatory", &s.c, other.rule, &other.synapses));
  bench_run_changes(&b, off, 1, END);
  bench_check(&b, &slow_vogels, off, 1, initial, "switched off");
  bench_check(&other, &slow_pair, NULL, 0, initial, "left on");
  bench_close(&b);
  close_scene(&s);
  (void)state;
}

static void what_is_refused_changes_nothing(void **state) {
  bench b;
  scene s;
  double value = 0;
  const quell_value half[] = {{"eta", 0.5}, {"rho0", -1}}, unknown[] = {{"etta", 1}};
  const quell_value twice[] = {{"eta", 1}, {"eta", 2}}, tau = {"tau", 10}, tie = {"tie", 1};
  make_scene(&s, 0, 0);
  bench_open(&b, &setups[0], &slow_vogels, 1, &s.pre, 3, &s.post, &s.c);
  GIVES(QUELL_E_RANGE, quell_rule_set(b.rule, half, 2));
  GIVES(QUELL_E_NAME, quell_rule_set(b.rule, unknown, 1));
  GIVES(QUELL_E_NAME, quell_rule_set(b.rule, twice, 2));
  OK(quell_rule_get(b.rule, "eta", &value));
  assert_true(value == slow_vogels.eta);
  bench_run_to(&b, 100);
  GIVES(QUELL_E_STATE, quell_rule_set(b.rule, &tau, 1)); /* fixed once the network has run */
  GIVES(QUELL_E_STATE, quell_rule_set(b.rule, &tie, 1));
  OK(quell_rule_get(b.rule, "tau", &value));
  assert_true(value == slow_vogels.tau);
  GIVES(QUELL_E_RANGE, quell_projection_learning(b.synapses, 2));
  bench_run_to(&b, END);
  bench_check(&b, &slow_vogels, NULL, 0, (const float[]){2, 2, 2}, "after refusals");
  bench_close(&b);
  close_scene(&s);
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(fifty_changes_while_the_pre_neuron_is_silent),
      cmocka_unit_test(three_hundred_changes_on_consecutive_steps),
      cmocka_unit_test(learning_off_and_on_between_two_visits),
      cmocka_unit_test(weight_that_is_set_takes_part_from_its_step_on),
      cmocka_unit_test(weight_that_is_set_is_read_back),
      cmocka_unit_test(bounds_that_move_clip_at_the_next_event),
      cmocka_unit_test(weights_at_the_bounds_learn_and_stay),
      cmocka_unit_test(rule_that_two_projections_share_changes_for_both),
      cmocka_unit_test(rules_on_one_neuron_do_not_mix),
      cmocka_unit_test(what_is_refused_changes_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

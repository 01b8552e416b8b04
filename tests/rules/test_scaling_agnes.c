/* anti_hebbian and inhibitory_scaling, the two partners of Hebbian inhibition of Agnes, Luppi &
 * Vogels 2020. */
#include "support/check.h"
#include "support/compare.h"
#include "support/pairs.h"
#include <math.h>

/* anti_hebbian. */

enum { A_ETA, A_RHO0, A_TAU, A_TAU_ETA };

static void fading(const synapse_cell *cell) {
  const double *p = cell->params;
  for (uint64_t s = 1; s < cell->steps; s++)
    cell->signal[0][s] = exp(-(double)s * cell->dt / p[A_TAU_ETA]);
}

static void anti_pre(const double *t, double *w, double *var, const void *params) {
  const double *p = params;
  *w -= p[A_ETA] * t[SYNAPSE_SIGNAL] * (t[1] - 2 * p[A_RHO0] * p[A_TAU] / 1000);
  (void)var;
}

static void anti_post(const double *t, double *w, double *var, const void *params) {
  *w -= ((const double *)params)[A_ETA] * t[SYNAPSE_SIGNAL] * t[0];
  (void)var;
}

static const synapse_rule anti = {
    .name = "anti_hebbian",
    .trace = {{QUELL_PRE, QUELL_TRACE_ADD, 0, "tau"}, {QUELL_POST, QUELL_TRACE_ADD, 0, "tau"}},
    .pre = anti_pre,
    .post = anti_post,
    .cell = fading,
};

static void anti_hebbian_equals_its_reference(void **state) {
  const quell_value fast[] = {{"eta", 0.05}, {"tau_eta", 700}, {"rho0", 12}};
  const quell_value never[] = {{"eta", 0.02}, {"tau_eta", (double)INFINITY}};
  compare_trains(&anti, "agnes2020", fast, COUNT(fast));
  compare_trains(&anti, NULL, never, COUNT(never));
  (void)state;
}

static double window_of_pair(double ms, int tie, double w, const double *p) {
  int meets = ms != 0 || tie != QUELL_EXCLUSIVE;
  (void)p;
  return w - 0.1 * (meets * exp(-fabs(ms) / 20) - 0.165);
}

static void window_is_reversed(void **state) {
  const quell_value own[] = {{"eta", 0.1}, {"tau_eta", (double)INFINITY}};
  compare_window(&anti, "agnes2020", own, COUNT(own), 2, window_of_pair);
  (void)state;
}

/* At alpha 0.165; the whole is tau_eta times the drift of the beginning. */
static void anti_hebbian_drifts_away_and_fades(void **state) {
  const double rates[] = {2, 10};
  for (size_t i = 0; i < COUNT(rates); i++) {
    const quell_value own[] = {{"eta", 2e-3}, {"tau_eta", 3000}};
    pairs run = {.rule = "anti_hebbian", .preset = "agnes2020", .own = own, .n = COUNT(own)};
    run.w0 = 2.5, run.r_pre = 15, run.r_post = rates[i], run.seconds = 30;
    double now = -2e-3 * 15 * (2 * trace_per_rate(20, 0.5) * rates[i] - 0.165);
    pairs_check_drift(&run, now * 3 * (1 - exp(-run.seconds / 3)) / run.seconds);
  }
  (void)state;
}

static void values_in_range_give_numbers(void **state) {
  const quell_value own[] = {{"interval", 2}};
  compare_ranges("anti_hebbian", NULL, 0, 1);
  compare_ranges("inhibitory_scaling", own, 1, 2);
  (void)state;
}

static void bits_do_not_depend_on_how_it_is_run(void **state) {
  const quell_value own[] = {{"eta", 0.02}, {"tau_eta", 300}};
  const quell_value fast[] = {{"tau_r", 50}, {"interval", 0.7}, {"eta", 0.5}};
  check_bits("anti_hebbian", NULL, own, COUNT(own), 1, "inhibitory");
  check_bits("inhibitory_scaling", NULL, fast, COUNT(fast), 1, "inhibitory");
  (void)state;
}

/* inhibitory_scaling, on neurons of the host with given trains. */

enum { CELLS = 40 };

typedef struct scaled {
  quell_network *network;
  quell_population *post;
  quell_projection *synapses; /* one for each cell */
  feeder feeder;
} scaled;

/* `below` is a rule that learns at events, NULL for none. */
static void open_scaled(scaled *s, const setup *setup, const quell_value *own, size_t n,
                        const double *w, const train *post, quell_rule *(*below)(quell_network *)) {
  quell_population *pre;
  quell_rule *rule;
  quell_value values[RULE_PARAMS];
  quell_connection c = QUELL_CONNECTION_INIT;
  size_t count = rule_values("inhibitory_scaling", "agnes2020", own, n, values);
  s->network = open_network(setup);
  OK(quell_population_create(s->network, "pre", "spike_source", CELLS, NULL, 0, &pre));
  OK(quell_population_create(s->network, "post", "external", CELLS, NULL, 0, &s->post));
  OK(quell_rule_create(s->network, "inhibitory_scaling", values, count, &rule));
  c.kind = QUELL_ONE_TO_ONE;
  c.weight = (quell_distribution){QUELL_ARRAY, 0, 0, 0, 0, 0, w, CELLS};
  c.stack = &rule;
  c.n_stack = 1;
  OK(quell_connect(s->network, pre, s->post, "inhibitory", &c, below ? below(s->network) : NULL,
                   &s->synapses));
  s->feeder = (feeder){s->post, post, 0, 0};
  OK(quell_population_on_step(s->post, feed, &s->feeder));
}

static void weights_of(const scaled *s, float *w) {
  OK(quell_projection_get(s->synapses, "weight", 0, CELLS, w));
}

/* The published step, in double precision, on a clock of 0.1 ms: returns the weight. */
static double euler(const train *post, uint32_t cell, double w, uint64_t steps) {
  double R = 0;
  size_t next = 0;
  for (uint64_t s = 1; s < steps; s++) {
    R *= exp(-0.1 / 1000);
    if (R > 10) w += 1e-6 * 0.8 * (R - 5);
    if (R < 2.5) w += 1e-6 * w * (R - 5);
    if (w > 5) w = 5;
    if (w < 1e-4) w = 1e-4;
    while (next < post->n && post->at[next].step < s) next++;
    for (; next < post->n && post->at[next].step == s; next++)
      if (post->at[next].neuron == cell) R += 1;
  }
  return w;
}

/* Cells from 0.5 to 30 Hz, which fall silent and wake again. */
static void make_rates(train *t, uint64_t steps) {
  for (uint32_t j = 0; j < CELLS; j++)
    for (uint64_t from = 0; from < steps; from += steps / 4) {
      uint32_t k = (j + (uint32_t)(from / (steps / 4)) * 13) % CELLS;
      train_poisson(t, j, 0.5 * pow(60, k / 39.0) * 1e-4, from + 1, from + steps / 4, from + 5);
    }
  train_sort(t);
}

static void scaling_is_what_published_steps_add_up_to(void **state) {
  const uint64_t steps = quick() ? 100000 : 400000;
  const setup setup = {.cut = CUT_PIECES};
  train post = {NULL, 0, 0};
  scaled s;
  float got[CELLS];
  double w[CELLS];
  int grown = 0, shrunk = 0;
  for (size_t j = 0; j < CELLS; j++) w[j] = 0.2 + 4.8 * (double)j / CELLS;
  make_rates(&post, steps);
  open_scaled(&s, &setup, NULL, 0, w, &post, NULL);
  advance(s.network, &setup, steps, NULL, NULL);
  weights_of(&s, got);
  for (uint32_t j = 0; j < CELLS; j++) {
    double want = euler(&post, j, (double)(float)w[j], steps);
    CLOSE((double)got[j], want, 1, "scaling", j);
    grown += want > w[j] + 0.1, shrunk += want < w[j] - 0.1;
  }
  assert_true(grown > 3 && shrunk > 3);
  quell_network_destroy(&s.network);
  train_free(&post);
  (void)state;
}

/* The rate of change does not depend on the interval. */
static void interval_does_not_matter(void **state) {
  const uint64_t steps = quick() ? 100000 : 400000;
  const double intervals[] = {1, 10, 100};
  const setup setup = {0};
  train post = {NULL, 0, 0};
  double w[CELLS];
  for (size_t j = 0; j < CELLS; j++) w[j] = 1;
  make_rates(&post, steps);
  for (size_t i = 0; i < COUNT(intervals); i++) {
    const quell_value own[] = {{"interval", intervals[i]}};
    scaled s;
    float got[CELLS];
    open_scaled(&s, &setup, own, 1, w, &post, NULL);
    OK(quell_run_steps(s.network, steps));
    weights_of(&s, got);
    for (uint32_t j = 0; j < CELLS; j++) {
      double want = euler(&post, j, 1, steps);
      assert_true(fabs((double)got[j] / want - 1) < 2e-3 * sqrt(intervals[i]));
    }
    quell_network_destroy(&s.network);
  }
  train_free(&post);
  (void)state;
}

/* Regular spikes hold R: cells at 1, 3, 5, 9 and 15 Hz from 10 s on, when R has settled. */
static void rates_are_the_published_ones(void **state) {
  const double rates[] = {1, 3, 5, 9, 15};
  const setup setup = {0};
  train post = {NULL, 0, 0};
  double w[CELLS];
  scaled s;
  float before[CELLS], after[CELLS];
  for (size_t j = 0; j < CELLS; j++) w[j] = 2;
  for (uint32_t j = 0; j < COUNT(rates); j++)
    for (double k = 1; k < 16 * rates[j]; k++)
      train_add(&post, (uint64_t)llround(1e4 * k / rates[j]), j);
  train_sort(&post);
  open_scaled(&s, &setup, NULL, 0, w, &post, NULL);
  OK(quell_projection_learning(s.synapses, 0));
  OK(quell_run(s.network, 10000));
  OK(quell_projection_learning(s.synapses, 1));
  weights_of(&s, before);
  for (size_t j = 0; j < CELLS; j++) assert_true(before[j] == 2.0f); /* off means off */
  OK(quell_run(s.network, 5000));
  weights_of(&s, after);
  assert_true(fabs(log((double)after[0] / 2) / 5 / -0.04 - 1) < 2e-4);
  assert_true(fabs(((double)after[4] - 2) / 5 / 0.08 - 1) < 2e-4);
  for (size_t j = 1; j < 4; j++) assert_true(after[j] == 2.0f);        /* the dead zone */
  assert_true(fabs(log((double)after[5] / 2) / 5 / -0.05 - 1) < 2e-5); /* silent */
  quell_network_destroy(&s.network);
  train_free(&post);
  (void)state;
}

/* A silent neuron's synapses end at the lower bound, a busy one's at the upper; stacked on another
 * rule, at the narrower bounds of both. */
static quell_rule *vogels(quell_network *network) {
  const quell_value values[] = {{"w_min", 0.3}, {"w_max", 4}};
  quell_rule *rule;
  OK(quell_rule_create(network, "vogels2011", values, 2, &rule));
  return rule;
}

static void weights_stay_within_all_bounds(void **state) {
  for (int stacked = 0; stacked < 2; stacked++) {
    const setup setup = {.dt = 1};
    const quell_value own[] = {{"interval", 10}, {"eta", 1}};
    train post = {NULL, 0, 0};
    double w[CELLS];
    float got[CELLS];
    scaled s;
    for (size_t j = 0; j < CELLS; j++) w[j] = 2;
    for (uint64_t k = 1; k < 500; k++) train_add(&post, 40 * k, 1);
    open_scaled(&s, &setup, own, COUNT(own), w, &post, stacked ? vogels : NULL);
    OK(quell_run(s.network, 20000));
    weights_of(&s, got);
    assert_true(got[0] == (stacked ? 0.3f : 1e-4f));
    assert_true(got[1] == (stacked ? 4.0f : 5.0f));
    quell_network_destroy(&s.network);
    train_free(&post);
  }
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(anti_hebbian_equals_its_reference),
      cmocka_unit_test(window_is_reversed),
      cmocka_unit_test(anti_hebbian_drifts_away_and_fades),
      cmocka_unit_test(values_in_range_give_numbers),
      cmocka_unit_test(bits_do_not_depend_on_how_it_is_run),
      cmocka_unit_test(scaling_is_what_published_steps_add_up_to),
      cmocka_unit_test(interval_does_not_matter),
      cmocka_unit_test(rates_are_the_published_ones),
      cmocka_unit_test(weights_stay_within_all_bounds),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* global_secreted: the rate of the population is that of host-owned neurons, held, or that of
 * integrate-and-fire neurons which the rule brings to its target. */
#include "support/check.h"
#include "support/compare.h"
#include "support/pairs.h"
#include <math.h>

enum { ETA, GAMMA, TAU_H, XI, TAU, DELAY };

/* H / gamma − 1; H begins at gamma, and what is older than the first news is silence. */
static void cell(const synapse_cell *cell) {
  const double *p = cell->params;
  double H = p[GAMMA], keep = p[TAU_H] > 0 ? exp(-cell->dt / p[TAU_H]) : 0;
  uint64_t delay = (uint64_t)llround(p[DELAY] / cell->dt);
  for (uint64_t s = 1; s < cell->steps; s++) {
    double rate = s >= delay ? cell->rate[s - delay] : 0;
    H = rate + keep * (H - rate);
    cell->signal[0][s] = H / p[GAMMA] - 1;
  }
}

static void on_pre(const double *t, double *w, double *var, const void *params) {
  const double *p = params;
  *w += p[ETA] * t[SYNAPSE_SIGNAL] * (t[1] + p[XI]);
  (void)var;
}

static void on_post(const double *t, double *w, double *var, const void *params) {
  *w += ((const double *)params)[ETA] * t[SYNAPSE_SIGNAL] * t[0];
  (void)var;
}

static const synapse_rule secreted = {
    .name = "global_secreted",
    .trace = {{QUELL_PRE, QUELL_TRACE_ADD, 0, "tau"}, {QUELL_POST, QUELL_TRACE_ADD, 0, "tau"}},
    .pre = on_pre,
    .post = on_post,
    .cell = cell,
};

/* The rate of the population, around 60 Hz, passes gamma all the time. */
static void it_equals_its_reference(void **state) {
  const quell_value slow[] = {{"eta", 0.1}, {"tau_h", 30}, {"gamma", 60}, {"delay", 1.5}};
  const quell_value step[] = {
      {"eta", 0.05}, {"tau_h", 2}, {"gamma", 45}, {"delay", 0.1}, {"xi", 0}};
  compare_trains(&secreted, "zenke2015", slow, COUNT(slow));
  compare_trains(&secreted, NULL, step, COUNT(step));
  (void)state;
}

/* Two thousand neurons of which each fires once in 200 ms. */
static double window_of_pair(double ms, int tie, double w, const double *p) {
  int meets = ms != 0 || tie != QUELL_EXCLUSIVE;
  (void)p;
  return w + 0.1 * -1 * (meets * exp(-fabs(ms) / 20) + 1);
}

/* A target far above any rate: G is -1 to a part in 1e6. */
static void window_is_symmetric_with_an_offset(void **state) {
  const quell_value own[] = {{"eta", 0.1}, {"gamma", 1e6}, {"tau_h", 0}};
  compare_window(&secreted, "zenke2015", own, COUNT(own), 4, window_of_pair);
  (void)state;
}

/* G held at 1 and at -0.5 by 200 Hz of another population. */
static void drift_is_that_of_a_held_factor(void **state) {
  const double gamma[] = {100, 400}, r_post[] = {10, 10, 1e-9};
  for (size_t i = 0; i < 3; i++) {
    double G = 200 / gamma[i % 2] - 1;
    const quell_value own[] = {
        {"eta", 1e-3}, {"gamma", gamma[i % 2]}, {"tau_h", 0}, {"w_max", 100}};
    pairs run = {.rule = "global_secreted", .preset = "zenke2015", .own = own, .n = COUNT(own)};
    run.w0 = 10, run.r_pre = 15, run.r_post = r_post[i], run.seconds = quick() ? 5 : 20;
    run.observe = "population", run.rate = 200;
    pairs_check_drift(&run, 1e-3 * G * 15 * (1 + 2 * trace_per_rate(20, 0.5) * r_post[i]));
  }
  (void)state;
}

static void values_in_range_give_numbers(void **state) {
  const quell_value own[] = {{"delay", 2}};
  compare_ranges("global_secreted", own, 1, 1);
  (void)state;
}

/* One synapse, and an observed population of which all neurons fire on step 100. */

typedef struct bell {
  quell_network *network;
  quell_population *post, *observed;
  quell_projection *synapse;
} bell;

static bell open_bell(const double *pre_ms, size_t n_pre, double delay, double dendritic) {
  const setup setup = {0};
  bell b = {.network = open_network(&setup)};
  quell_population *pre;
  quell_rule *rule;
  const uint32_t ids[8] = {0};
  const quell_value values[] = {{"eta", 1e-4}, {"gamma", 10}, {"tau_h", 0}, {"delay", delay}};
  quell_connection c = QUELL_CONNECTION_INIT;
  c.kind = QUELL_ALL_TO_ALL;
  c.delay_dendritic = (quell_distribution){QUELL_CONSTANT, 0, dendritic, 0, 0, 0, NULL, 0};
  OK(quell_population_create(b.network, "pre", "spike_source", 1, NULL, 0, &pre));
  OK(quell_population_create(b.network, "post", "external", 1, NULL, 0, &b.post));
  OK(quell_population_create(b.network, "observed", "external", 4, NULL, 0, &b.observed));
  OK(quell_rule_create(b.network, "global_secreted", values, COUNT(values), &rule));
  OK(quell_rule_observe(rule, "population", b.observed));
  OK(quell_connect(b.network, pre, b.post, "inhibitory", &c, rule, &b.synapse));
  OK(quell_population_set_spikes(pre, ids, pre_ms, n_pre));
  return b;
}

static void ring_and_fire(const bell *b, uint64_t to, uint64_t ring, uint64_t fire) {
  const uint32_t all[] = {0, 1, 2, 3};
  for (uint64_t s; (s = quell_network_clock(b->network)) < to;) {
    if (s == ring) OK(quell_population_spikes_in(b->observed, all, 4));
    if (s == fire) OK(quell_population_spikes_in(b->post, all, 1));
    OK(quell_step(b->network));
  }
}

static double weight(const bell *b) {
  float w;
  OK(quell_projection_get(b->synapse, "weight", 0, 1, &w));
  return (double)w;
}

/* Four spikes of four neurons in 0.1 ms are 10 kHz, G = 999, for one step, 2 ms later. */
static void news_takes_its_delay(void **state) {
  for (int shift = -1; shift <= 1; shift++) {
    const double pre = 12 + 0.1 * shift;
    bell b = open_bell(&pre, 1, 2, 0);
    ring_and_fire(&b, 150, 100, UINT64_MAX);
    assert_true(fabs(weight(&b) - 1 - 1e-4 * (shift ? -1 : 999)) < 1e-6);
    quell_network_destroy(&b.network);
  }
  (void)state;
}

/* The factor that a post event reads is that of the spike, not that of its arrival. */
static void factor_rides_with_the_post_spike(void **state) {
  const double pre = 10;
  for (int shift = -1; shift <= 1; shift++) {
    bell b = open_bell(&pre, 1, 2, 3);
    ring_and_fire(&b, 200, 100, (uint64_t)(120 + shift));
    double x = exp(-(12 + 0.1 * shift + 3 - 10) / 20);
    double want = 1 - 1e-4 + 1e-4 * (shift ? -1 : 999) * x;
    assert_true(fabs(weight(&b) - want) < 1e-6);
    quell_network_destroy(&b.network);
  }
  (void)state;
}

static void old_weight_is_delivered(void **state) {
  const double pre = 12;
  const float *input;
  uint32_t n;
  bell b = open_bell(&pre, 1, 2, 0);
  ring_and_fire(&b, 121, 100, UINT64_MAX);
  OK(quell_population_input(b.post, "inhibitory", &input, &n));
  assert_true(n == 1 && input[0] == 1.0f);
  assert_true(weight(&b) > 1.09);
  quell_network_destroy(&b.network);
  (void)state;
}

static void bits_do_not_depend_on_how_it_is_run(void **state) {
  const quell_value own[] = {{"eta", 1e-2}, {"tau_h", 100}, {"delay", 0.8}};
  check_bits("global_secreted", NULL, own, COUNT(own), 1, "inhibitory");
  (void)state;
}

/* Neurons with different drives: the mean rate of all becomes gamma, each rate does not. */
static void rate_of_the_population_becomes_the_target(void **state) {
  enum { CELLS = 100, SOURCES = 60 };
  const double gamma[] = {5, 12}, start[] = {0.2, 6};
  for (size_t i = 0; i < COUNT(gamma); i++) {
    const setup setup = {.seed = 3};
    quell_network *net = open_network(&setup);
    quell_population *source[2], *cells;
    const char *const names[] = {"E", "I"}, *const receptors[] = {"excitatory", "inhibitory"};
    const quell_value rate = {"rate", 20};
    const quell_value values[] = {
        {"eta", 0.02}, {"gamma", gamma[i]}, {"tau_h", 500}, {"w_max", 50}};
    quell_rule *rule;
    quell_projection *synapses;
    double offset[CELLS], spikes[CELLS] = {0}, sum = 0, least = 1e9, most = 0;
    const uint64_t settle = quick() ? 200000 : 400000;
    OK(quell_population_create(net, "cells", "lif_cond_exp", CELLS, NULL, 0, &cells));
    for (size_t j = 0; j < CELLS; j++) offset[j] = (double)j;
    OK(quell_population_set_array(cells, "i_offset", 0, CELLS, offset));
    OK(quell_rule_create(net, "global_secreted", values, COUNT(values), &rule));
    for (int k = 0; k < 2; k++) {
      quell_connection c = QUELL_CONNECTION_INIT;
      OK(quell_population_create(net, names[k], "poisson", SOURCES, &rate, 1, &source[k]));
      c.kind = QUELL_FIXED_PROBABILITY;
      c.p = 0.5;
      c.weight = (quell_distribution){QUELL_CONSTANT, 0, k ? start[i] : 2, 0, 0, 0, NULL, 0};
      OK(quell_connect(net, source[k], cells, receptors[k], &c, k ? rule : NULL, &synapses));
    }
    for (uint64_t s = 0; s < 2 * settle; s++) {
      const uint32_t *ids;
      size_t n;
      OK(quell_step(net));
      OK(quell_population_spikes_out(cells, &ids, &n));
      for (size_t k = 0; s >= settle && k < n; k++) spikes[ids[k]] += 1;
    }
    for (size_t j = 0; j < CELLS; j++) {
      double r = spikes[j] / ((double)settle * 1e-4);
      sum += r / CELLS, least = fmin(least, r), most = fmax(most, r);
    }
    if (!(fabs(sum / gamma[i] - 1) < 0.03 && most > 1.5 * gamma[i] && least < 0.7 * gamma[i]))
      fail_msg("mean rate %g Hz, from %g to %g, should be %g", sum, least, most, gamma[i]);
    quell_network_destroy(&net);
  }
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(it_equals_its_reference),
      cmocka_unit_test(window_is_symmetric_with_an_offset),
      cmocka_unit_test(drift_is_that_of_a_held_factor),
      cmocka_unit_test(values_in_range_give_numbers),
      cmocka_unit_test(news_takes_its_delay),
      cmocka_unit_test(factor_rides_with_the_post_spike),
      cmocka_unit_test(old_weight_is_delivered),
      cmocka_unit_test(bits_do_not_depend_on_how_it_is_run),
      cmocka_unit_test(rate_of_the_population_becomes_the_target),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

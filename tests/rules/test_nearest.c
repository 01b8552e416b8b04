/* The three nearest-neighbour rules against their definitions, which are looked up in the lists of
 * spikes: which spikes a spike has seen, and which of those another one has seen before. */
#include "support/check.h"
#include "support/compare.h"
#include "support/independent.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { A_PLUS, A_MINUS, TAU_PLUS, TAU_MINUS, MU_PLUS, MU_MINUS, W_MIN, W_MAX };

/* The synapse whose variables these are, at the `number`th event of a side in the list. */
typedef struct moment {
  const synapse *s;
  size_t number;
} moment;

enum { STAMP = 6, COUNT_OF = 7 }; /* variables of the reference alone */

static moment moment_of(double *var, int side) {
  synapse *s = (synapse *)(void *)((char *)var - offsetof(synapse, var));
  const uint64_t *stamp = side == QUELL_PRE ? s->pre : s->post;
  size_t end = side == QUELL_PRE ? s->i_pre : s->i_post, first = end - 1;
  while (first && stamp[first - 1] == stamp[end - 1]) first--;
  double key = 2.0 * (double)stamp[end - 1] + (side == QUELL_PRE);
  if (var[STAMP] != key + 1) var[COUNT_OF] = 0;
  var[STAMP] = key + 1;
  var[COUNT_OF] += 1;
  return (moment){s, first + (size_t)var[COUNT_OF] - 1};
}

/* Whether a spike at `stamp` on one side has seen one at `other` on the other side. */
static int post_saw(const synapse *s, uint64_t stamp, uint64_t other) {
  return other < stamp || (other == stamp && s->rule->tie == QUELL_PRE_FIRST);
}

static int pre_saw(const synapse *s, uint64_t stamp, uint64_t other) {
  return other < stamp || (other == stamp && s->rule->tie == QUELL_POST_FIRST);
}

/* How many pre spikes the kth post spike has seen, and the other way round. */
static size_t pres_seen(const synapse *s, size_t k) {
  size_t n = 0;
  while (n < s->n_pre && post_saw(s, s->post[k], s->pre[n])) n++;
  return n;
}

static size_t posts_seen(const synapse *s, size_t k) {
  size_t n = 0;
  while (n < s->n_post && pre_saw(s, s->pre[k], s->post[n])) n++;
  return n;
}

static double fading(const synapse *s, uint64_t from, uint64_t to, double tau) {
  return exp(-(double)(to - from) * s->dt / tau);
}

static void potentiate(double *w, const double *p, double x) {
  *w += p[W_MAX] * p[A_PLUS] * pow(1 - *w / p[W_MAX], p[MU_PLUS]) * x;
}

static void depress(double *w, const double *p, double y) {
  *w -= p[W_MAX] * p[A_MINUS] * pow(*w / p[W_MAX], p[MU_MINUS]) * y;
}

/* Figure 7A, and the pre side of 7B. */
static void nearest_pre(const double *t, double *w, double *var, const void *params) {
  const double *p = params;
  moment m = moment_of(var, QUELL_PRE);
  size_t n = posts_seen(m.s, m.number);
  if (n) depress(w, p, fading(m.s, m.s->post[n - 1], m.s->pre[m.number], p[TAU_MINUS]));
  (void)t;
}

static void nearest_post(const double *t, double *w, double *var, const void *params) {
  const double *p = params;
  moment m = moment_of(var, QUELL_POST);
  size_t n = pres_seen(m.s, m.number);
  if (n) potentiate(w, p, fading(m.s, m.s->pre[n - 1], m.s->post[m.number], p[TAU_PLUS]));
  (void)t;
}

/* Figure 7B: all pre spikes that the post spike before has not seen. */
static void centred_post(const double *t, double *w, double *var, const void *params) {
  const double *p = params;
  moment m = moment_of(var, QUELL_POST);
  size_t old = m.number ? pres_seen(m.s, m.number - 1) : 0;
  double x = 0;
  for (size_t n = pres_seen(m.s, m.number); n > old; n--)
    x += fading(m.s, m.s->pre[n - 1], m.s->post[m.number], p[TAU_PLUS]);
  potentiate(w, p, x);
  var[0] = t[0];
}

/* Figure 7C: the last one, if the spike before has not seen it. */
static void restricted_pre(const double *t, double *w, double *var, const void *params) {
  const double *p = params;
  moment m = moment_of(var, QUELL_PRE);
  size_t n = posts_seen(m.s, m.number), old = m.number ? posts_seen(m.s, m.number - 1) : 0;
  if (n > old) depress(w, p, fading(m.s, m.s->post[n - 1], m.s->pre[m.number], p[TAU_MINUS]));
  (void)t;
}

static void restricted_post(const double *t, double *w, double *var, const void *params) {
  const double *p = params;
  moment m = moment_of(var, QUELL_POST);
  size_t n = pres_seen(m.s, m.number), old = m.number ? pres_seen(m.s, m.number - 1) : 0;
  if (n > old) potentiate(w, p, fading(m.s, m.s->pre[n - 1], m.s->post[m.number], p[TAU_PLUS]));
  (void)t;
}

static const synapse_rule symmetric = {
    .name = "stdp_nn_symmetric", .pre = nearest_pre, .post = nearest_post};
static const synapse_rule centred = {
    .name = "stdp_nn_pre_centred",
    .trace = {{QUELL_PRE, QUELL_TRACE_ADD, 0, "tau_plus"}},
    .pre = nearest_pre,
    .post = centred_post,
    .var_name = {"paired"},
};
static const synapse_rule restricted = {
    .name = "stdp_nn_restricted", .pre = restricted_pre, .post = restricted_post};

static const synapse_rule *const rules[] = {&symmetric, &centred, &restricted};

static const quell_value power[] = {{"a_plus", 0.03},    {"a_minus", 0.02}, {"tau_plus", 16.8},
                                    {"tau_minus", 33.7}, {"mu_plus", 0.4},  {"mu_minus", 0.7},
                                    {"w_max", 5}};
static const quell_value mixed[] = {{"a_plus", 0.02}, {"a_minus", 0.03}, {"mu_minus", 1}};

static double pair(double ms, int tie, double w, const double *p) {
  if (ms > 0 || (ms == 0 && tie == QUELL_PRE_FIRST)) potentiate(&w, p, exp(-ms / p[TAU_PLUS]));
  if (ms < 0 || (ms == 0 && tie == QUELL_POST_FIRST)) depress(&w, p, exp(ms / p[TAU_MINUS]));
  return w;
}

static void windows_are_the_closed_form(void **state) {
  for (size_t i = 0; i < COUNT(rules); i++) {
    compare_window(rules[i], NULL, power, COUNT(power), 2, pair);
    compare_window(rules[i], "nest", NULL, 0, 40, pair);
  }
  (void)state;
}

static void rules_equal_their_definitions(void **state) {
  for (size_t i = 0; i < COUNT(rules); i++) {
    compare_trains(rules[i], NULL, power, COUNT(power));
    if (!quick()) compare_trains(rules[i], NULL, mixed, COUNT(mixed));
    compare_trains(rules[i], "nest", NULL, 0);
  }
  (void)state;
}

/* NEST's own example of its coincident pairs: pre at 10 and 20 ms, post at 20 ms is a potentiation
 * of 10 to 20. And a post spike after that finds the pre spike at 20 ms, which nobody has seen. */
static void coincident_spikes_pair_with_the_next_older(void **state) {
  const quell_value own[] = {{"tie", QUELL_EXCLUSIVE}, {"a_plus", 0.1}, {"a_minus", 0.01}};
  const setup setup = {0};
  const double first = 0.1 * exp(-10 / 20.), second = 0.1 * exp(-5 / 20.);
  for (size_t i = 0; i < COUNT(rules); i++) {
    train pre = {NULL, 0, 0}, post = {NULL, 0, 0};
    independent net;
    float w;
    train_add(&pre, 100, 0), train_add(&pre, 200, 0);
    train_add(&post, 200, 0), train_add(&post, 250, 0);
    independent_open(&net, &setup, rules[i]->name, NULL, own, COUNT(own), 1, NULL, 0.5, &pre,
                     &post);
    independent_run_to(&net, 210, &w);
    CLOSE((double)w, 0.5 + first, 1, rules[i]->name, 0);
    independent_run_to(&net, 300, &w);
    CLOSE((double)w, 0.5 + first + second, 1, rules[i]->name, 1);
    independent_close(&net);
    train_free(&pre), train_free(&post);
  }
  (void)state;
}

/* Mean drift under independent spikes with probabilities p and q per step, exactly, on the grid:
 * geometric series over the distance in steps, which begins at 0 where the coincident spike is seen
 * and at 1 elsewhere; 7B stops at post spikes, 7C at spikes of both sides. */
static double series(double p, double stop, double decay, int sees_coincident) {
  return p * (sees_coincident ? 1 : decay) / (1 - stop * decay);
}

static double mean_drift(size_t rule, int tie, double p, double q) {
  const double plus = exp(-0.1 / 20), minus = exp(-0.1 / 34);
  double stops_plus[] = {1 - p, 1 - q, (1 - p) * (1 - q)};
  double stops_minus[] = {1 - q, 1 - q, (1 - p) * (1 - q)};
  return q * 2e-3 * series(p, stops_plus[rule], plus, tie == QUELL_PRE_FIRST) -
         p * 1.5e-3 * series(q, stops_minus[rule], minus, tie == QUELL_POST_FIRST);
}

static void drift_is_the_mean_over_independent_synapses(void **state) {
  enum { N = 1000, END = 60000 };
  const double p = 0.004, q = 0.0025; /* 40 and 25 Hz */
  const setup setup = {0};
  static float w[N];
  static double change[N];
  train pre = {NULL, 0, 0}, post = {NULL, 0, 0};
  train_independent(&pre, N, p, 3000, END, 17);
  train_independent(&post, N, q, 3000, END, 18);
  for (size_t i = 0; i < COUNT(rules); i++) {
    for (int tie = QUELL_PRE_FIRST; tie <= QUELL_POST_FIRST; tie++) {
      const quell_value own[] = {
          {"a_plus", 2e-3}, {"a_minus", 1.5e-3}, {"tau_minus", 34}, {"tie", tie}};
      independent net;
      independent_open(&net, &setup, rules[i]->name, NULL, own, COUNT(own), N, NULL, 0.5, &pre,
                       &post);
      independent_run_to(&net, 6000, w); /* 300 ms: the traces are stationary */
      for (size_t k = 0; k < N; k++) change[k] = -(double)w[k];
      independent_run_to(&net, END, w);
      for (size_t k = 0; k < N; k++) change[k] += (double)w[k];
      check_mean(change, N, (END - 6000) * mean_drift(i, tie, p, q), 0, rules[i]->name);
      independent_close(&net);
    }
  }
  train_free(&pre), train_free(&post);
  (void)state;
}

static void values_in_range_give_numbers(void **state) {
  for (size_t i = 0; i < COUNT(rules); i++) compare_ranges(rules[i]->name, NULL, 0, 3 + i);
  (void)state;
}

/* Without an upper bound there is no W, and amplitudes have the unit of the weight. */
static void an_infinite_bound_needs_additive_changes(void **state) {
  const quell_value refused[] = {{"w_max", INFINITY}, {"mu_plus", 0.5}};
  for (size_t i = 0; i < COUNT(rules); i++) {
    quell_rule *rule = NULL;
    const setup setup = {0};
    quell_network *network = open_network(&setup);
    OK(quell_rule_create(network, rules[i]->name, refused, 1, &rule));
    GIVES(QUELL_E_RANGE, quell_rule_create(network, rules[i]->name, refused, 2, &rule));
    assert_non_null(strstr(quell_network_error(network), rules[i]->name));
    assert_non_null(strstr(quell_network_error(network), "mu_plus"));
    quell_network_destroy(&network);
  }
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(windows_are_the_closed_form),
      cmocka_unit_test(rules_equal_their_definitions),
      cmocka_unit_test(coincident_spikes_pair_with_the_next_older),
      cmocka_unit_test(drift_is_the_mean_over_independent_synapses),
      cmocka_unit_test(values_in_range_give_numbers),
      cmocka_unit_test(an_infinite_bound_needs_additive_changes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

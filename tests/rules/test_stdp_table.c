/* stdp_table: what is between the points, beyond them, and at 0. */
#include "support/check.h"
#include "support/compare.h"
#include "support/independent.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ETA, SPACING, FIRST, ZERO = 18, LAST = 34, REACH = 16 };

/* The window at t = post minus pre. */
static double at(double t, const double *p) {
  double place = t / p[SPACING];
  if (fabs(place) > REACH + 1e-6) return 0;
  int below = (int)floor(place);
  if (below >= REACH) below = REACH - 1;
  double part = place - below;
  return (1 - part) * p[ZERO + below] + part * p[ZERO + below + 1];
}

static void pre(const double *t, double *w, double *var, const void *params) {
  const double *p = params;
  if (t[1] < 1e7) *w += p[ETA] * at(-t[1], p);
  (void)var;
}

static void post(const double *t, double *w, double *var, const void *params) {
  const double *p = params;
  if (t[0] < 1e7) *w += p[ETA] * at(t[0], p);
  (void)var;
}

static const synapse_rule table = {
    .name = "stdp_table",
    .trace = {{QUELL_PRE, QUELL_TRACE_AGE, 0, NULL}, {QUELL_POST, QUELL_TRACE_AGE, 0, NULL}},
    .pre = pre,
    .post = post,
};

static double pair(double ms, int tie, double w, const double *p) {
  return ms == 0 && tie == QUELL_EXCLUSIVE ? w : w + p[ETA] * at(ms, p);
}

/* All points differ, and none is 0: an index that is off by one or a sign shows. */
static const quell_value all_different[] = {
    {"eta", 0.02},      {"spacing", 2.5},   {"value_m16", -0.3}, {"value_m15", 0.25},
    {"value_m14", 0.4}, {"value_m13", 0.1}, {"value_m12", -0.9}, {"value_m11", -0.7},
    {"value_m10", 0.6}, {"value_m9", 0.35}, {"value_m8", 0.77},  {"value_m7", -0.15},
    {"value_m6", 1.2},  {"value_m5", 0.8},  {"value_m4", -0.5},  {"value_m3", -1.1},
    {"value_m2", -1.6}, {"value_m1", -2},   {"value_0", 0.9},    {"value_1", 2.2},
    {"value_2", 1.9},   {"value_3", 1.3},   {"value_4", 0.95},   {"value_5", 0.2},
    {"value_6", -0.4},  {"value_7", 0.55},  {"value_8", -0.85},  {"value_9", 0.65},
    {"value_10", 0.15}, {"value_11", -1},   {"value_12", 0.3},   {"value_13", 1.4},
    {"value_14", -0.6}, {"value_15", 0.45}, {"value_16", 0.7},   {"w_max", 4},
};

static void rule_equals_its_reference(void **state) {
  compare_window(&table, NULL, all_different, COUNT(all_different), 2, pair);
  compare_trains(&table, NULL, all_different, COUNT(all_different));
  compare_trains(&table, "gamma", (quell_value[]){{"eta", 0.03}}, 1);
  (void)state;
}

/* A window on a grid that dt does not divide; its ends belong to it. */
static void ends_belong_to_the_window(void **state) {
  const double spacing[] = {0.1, 0.3, 0.7, 1.1, 6.2};
  for (size_t i = 0; i < COUNT(spacing); i++) {
    const quell_value own[] = {
        {"spacing", spacing[i]}, {"value_16", 5}, {"value_m16", -3}, {"value_15", 5}, {"eta", 0.1}};
    compare_window(&table, NULL, own, COUNT(own), 0.5, pair);
  }
  (void)state;
}

/* The presets are what they say, from the formulas. */
static double pulse(double t) {
  return fabs(t) <= 12 ? 1 : fabs(t) <= 40 ? -1.2 : 0;
}

static double gamma_density(double t) {
  double x = fabs(t) / 10;
  return t == 0 ? 0 : copysign(pow(x * exp(1 - x), 10), t);
}

static double bi_sigmoid(double t) {
  return 1 - 1 / (1 + exp(-0.474723045 * (t - 20.77893753))) -
         1 / (1 + exp(-0.757072031 * (t - 48.93860322)));
}

static void presets_are_their_formulas(void **state) {
  const struct {
    const char *name;
    double (*window)(double t);
  } all[] = {{"pulse", pulse}, {"gamma", gamma_density}, {"bi_sigmoid", bi_sigmoid}};
  quell_value values[RULE_PARAMS];
  for (size_t i = 0; i < COUNT(all); i++) {
    rule_values("stdp_table", all[i].name, NULL, 0, values);
    for (int k = -REACH; k <= REACH; k++)
      assert_float_equal(values[ZERO + k].value, all[i].window(k * values[SPACING].value), 1e-8);
  }
  assert_string_equal(values[ZERO].name, "value_0");
  assert_string_equal(values[FIRST].name, "value_m16");
  assert_string_equal(values[LAST].name, "value_16");
  (void)state;
}

/* The mean over independent spikes is a sum over the steps of the window: the nearest spike is k
 * steps away with p (1 - p)^k, or one step nearer where the coincident one is not seen. */
static double side(const double *p, double chance, int sign, int sees_coincident) {
  double sum = 0, there = chance;
  for (int k = !sees_coincident; k <= 10 * 100; k++, there *= 1 - chance)
    sum += there * at(sign * 0.1 * k, p);
  return sum;
}

static void drift_is_the_mean_over_independent_synapses(void **state) {
  enum { N = 1000, END = 60000 };
  const double p = 0.004, q = 0.002;
  const setup setup = {0};
  static float w[N];
  static double change[N];
  train before = {NULL, 0, 0}, after = {NULL, 0, 0};
  train_independent(&before, N, p, 0, END, 61);
  train_independent(&after, N, q, 0, END, 62);
  for (int tie = QUELL_PRE_FIRST; tie <= QUELL_POST_FIRST; tie++) {
    independent net;
    quell_value own[COUNT(all_different) + 1], values[RULE_PARAMS];
    double numbers[RULE_PARAMS];
    memcpy(own, all_different, sizeof all_different);
    own[0].value = 1e-3;
    own[COUNT(all_different)] = (quell_value){"tie", tie};
    size_t n = rule_values("stdp_table", NULL, own, COUNT(own), values);
    for (size_t i = 0; i < n; i++) numbers[i] = values[i].value;
    independent_open(&net, &setup, "stdp_table", NULL, own, COUNT(own), N, NULL, 2, &before,
                     &after);
    independent_run_to(&net, 5000, w);
    for (size_t k = 0; k < N; k++) change[k] = -(double)w[k];
    independent_run_to(&net, END, w);
    for (size_t k = 0; k < N; k++) change[k] += (double)w[k];
    double want = 1e-3 * (q * side(numbers, p, 1, tie == QUELL_PRE_FIRST) +
                          p * side(numbers, q, -1, tie == QUELL_POST_FIRST));
    check_mean(change, N, want * (END - 5000), 0, "drift");
    independent_close(&net);
  }
  train_free(&before), train_free(&after);
  (void)state;
}

static void values_in_range_give_numbers(void **state) {
  compare_ranges("stdp_table", NULL, 0, 8);
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rule_equals_its_reference),
      cmocka_unit_test(ends_belong_to_the_window),
      cmocka_unit_test(presets_are_their_formulas),
      cmocka_unit_test(drift_is_the_mean_over_independent_synapses),
      cmocka_unit_test(values_in_range_give_numbers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

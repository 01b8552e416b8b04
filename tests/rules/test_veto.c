/* ltp_i_veto: a pre spike potentiates, `window` later, unless a post spike is nearer than that. */
#include "support/check.h"
#include "support/compare.h"
#include "support/independent.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ETA, WINDOW };

static void late(const double *t, double *w, double *var, const void *params) {
  const double *p = params;
  if (t[0] > 2 * p[WINDOW] - 0.01) *w += p[ETA];
  (void)var;
}

static const synapse_rule veto = {
    .name = "ltp_i_veto",
    .trace = {{QUELL_POST, QUELL_TRACE_AGE, 0, NULL}},
    .late = late,
    .late_is = "window",
};

static double pair(double ms, int tie, double w, const double *p) {
  (void)tie;
  return fabs(ms) < p[WINDOW] - 0.01 ? w : w + p[ETA];
}

static void rule_equals_its_reference(void **state) {
  const quell_value own[] = {{"eta", 0.05}, {"window", 3.7}, {"w_max", 5}};
  compare_window(&veto, NULL, NULL, 0, 1, pair);
  compare_window(&veto, "third_party_slow", own, COUNT(own), 1, pair);
  compare_trains(&veto, NULL, own, COUNT(own));
  compare_trains(&veto, "third_party_fast", NULL, 0);
  (void)state;
}

/* Straight from the sentence: look at all post spikes around each pre spike. */
static void rule_is_its_definition(void **state) {
  enum { N = 300, END = 20000, W = 150 };
  const quell_value own[] = {{"eta", 0.25}, {"window", 15}, {"w_max", 1000}};
  const setup setup = {.cut = CUT_PIECES, .tile_size = 64, .read = 1};
  static float w[N];
  independent net;
  train pre = {NULL, 0, 0}, post = {NULL, 0, 0};
  train_independent(&pre, N, 0.002, 0, END, 41);
  train_independent(&post, N, 0.002, 0, END, 42);
  for (uint32_t i = 0; i < N; i++) { /* one pair at each of the interesting distances */
    train_add(&pre, END + 1000, i);
    train_add(&post, (uint64_t)(END + 1000 - 155 + (int)i), i);
  }
  train_sort(&post);
  independent_open(&net, &setup, "ltp_i_veto", NULL, own, COUNT(own), N, NULL, 0, &pre, &post);
  independent_run_to(&net, END + 2000, w);
  for (uint32_t i = 0; i < N; i++) {
    size_t n_pre, n_post;
    uint64_t *a = train_of(&pre, i, 0, &n_pre), *b = train_of(&post, i, 0, &n_post);
    double want = 0;
    for (size_t k = 0; k < n_pre; k++) {
      int vetoed = 0;
      for (size_t j = 0; j < n_post; j++) vetoed |= (a[k] > b[j] ? a[k] - b[j] : b[j] - a[k]) < W;
      want += vetoed ? 0 : 0.25;
    }
    assert_float_equal((double)w[i], want, 0);
    free(a), free(b);
  }
  independent_close(&net);
  train_free(&pre), train_free(&post);
  (void)state;
}

/* The weight changes at the late event and not before it. */
static void weight_waits_for_the_window(void **state) {
  const setup setup = {0};
  independent net;
  float w;
  train pre = {NULL, 0, 0}, post = {NULL, 0, 0};
  train_add(&pre, 500, 0);
  independent_open(&net, &setup, "ltp_i_veto", NULL, NULL, 0, 1, NULL, 1, &pre, &post);
  independent_run_to(&net, 700, &w);
  assert_true(w == 1.0f);
  independent_run_to(&net, 701, &w); /* 20 ms, and the step at which it happens */
  CLOSE((double)w, 1.005, 20, "after the window", 0);
  independent_close(&net);
  train_free(&pre);
  (void)state;
}

/* The window is counted in steps of any length. */
static void window_does_not_depend_on_the_step(void **state) {
  enum { N = 41 };
  const setup setup = {.dt = 0.25};
  const quell_value own[] = {{"window", 2.5}};
  float w[N];
  independent net;
  train pre = {NULL, 0, 0}, post = {NULL, 0, 0};
  for (uint32_t i = 0; i < N; i++) {
    train_add(&pre, 100, i);
    train_add(&post, 80 + i, i);
  }
  train_sort(&post);
  independent_open(&net, &setup, "ltp_i_veto", NULL, own, 1, N, NULL, 1, &pre, &post);
  independent_run_to(&net, 200, w);
  for (int i = 0; i < N; i++) /* ten steps away is no veto */
    CLOSE((double)w[i], abs(i - 20) < 10 ? 1 : 1.005, 20, "dt 0.25 ms", i - 20);
  independent_close(&net);
  train_free(&pre), train_free(&post);
  (void)state;
}

/* eta r_pre e^(-2 window r_post); on the grid there are 2 W - 1 steps that veto. */
static void drift_is_the_mean_over_independent_synapses(void **state) {
  enum { N = 1000, END = 60000, W = 200 };
  const double p = 0.003, q = 0.0012;
  const setup setup = {0};
  static float w[N];
  static double change[N];
  independent net;
  train pre = {NULL, 0, 0}, post = {NULL, 0, 0};
  train_independent(&pre, N, p, 0, END, 51);
  train_independent(&post, N, q, 0, END, 52);
  independent_open(&net, &setup, "ltp_i_veto", NULL, NULL, 0, N, NULL, 0, &pre, &post);
  independent_run_to(&net, 2000, w);
  for (size_t k = 0; k < N; k++) change[k] = -(double)w[k];
  independent_run_to(&net, END - 1000, w);
  for (size_t k = 0; k < N; k++) change[k] += (double)w[k];
  check_mean(change, N, (END - 3000) * 0.005 * p * pow(1 - q, 2 * W - 1), 0, "drift");
  /* The formula of the file in continuous time: 40 ms at 12 Hz; half a step of window is the
   * difference. */
  check_mean(change, N, (END - 3000) * 0.005 * p * exp(-0.04 * 12), 0.01 * 0.005 * p * END,
             "drift in continuous time");
  independent_close(&net);
  train_free(&pre), train_free(&post);
  (void)state;
}

static void values_in_range_give_numbers(void **state) {
  const quell_value own[] = {{"window", 3}};
  const quell_value off_grid[] = {{"window", 3.14159}};
  const setup setup = {0};
  quell_network *network = open_network(&setup);
  quell_rule *rule = NULL;
  compare_ranges("ltp_i_veto", own, COUNT(own), 7);
  GIVES(QUELL_E_RANGE, quell_rule_create(network, "ltp_i_veto", off_grid, 1, &rule));
  assert_non_null(strstr(quell_network_error(network), "window"));
  quell_network_destroy(&network);
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rule_equals_its_reference),
      cmocka_unit_test(rule_is_its_definition),
      cmocka_unit_test(weight_waits_for_the_window),
      cmocka_unit_test(window_does_not_depend_on_the_step),
      cmocka_unit_test(drift_is_the_mean_over_independent_synapses),
      cmocka_unit_test(values_in_range_give_numbers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

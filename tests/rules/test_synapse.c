/* The generic reference (support/synapse.h) against closed forms and against the rules that have
 * another reference (support/eager.h). */
#include "support/check.h"
#include "support/compare.h"
#include <math.h>
#include <stdlib.h>

/* vogels2011: parameters in the order of its table. */
enum { ETA, RHO0, TAU };

static void vogels_pre(const double *t, double *w, double *var, const void *params) {
  const double *p = params;
  *w += p[ETA] * (t[1] - 2 * p[RHO0] * p[TAU] / 1000);
  (void)var;
}

static void vogels_post(const double *t, double *w, double *var, const void *params) {
  *w += ((const double *)params)[ETA] * t[0];
  (void)var;
}

static const synapse_rule vogels = {
    .name = "vogels2011",
    .trace = {{QUELL_PRE, QUELL_TRACE_ADD, 0, "tau"}, {QUELL_POST, QUELL_TRACE_ADD, 0, "tau"}},
    .pre = vogels_pre,
    .post = vogels_post,
};

static double vogels_window(double ms, int tie, double w, const double *p) {
  int meets = ms != 0 || tie != QUELL_EXCLUSIVE;
  w += p[ETA] * (meets * exp(-fabs(ms) / p[TAU]) - 2 * p[RHO0] * p[TAU] / 1000);
  return w;
}

static void vogels_equals_its_reference(void **state) {
  const quell_value own[] = {{"rho0", 12}, {"w_max", 10}, {"eta", 0.02}};
  compare_window(&vogels, NULL, own, COUNT(own), 4, vogels_window);
  compare_trains(&vogels, NULL, own, COUNT(own));
  (void)state;
}

/* stdp_pair */
enum { A_PLUS, A_MINUS, TAU_PLUS, TAU_MINUS, MU_PLUS, MU_MINUS, W_MIN, W_MAX };

static void pair_pre(const double *t, double *w, double *var, const void *params) {
  const double *p = params;
  *w -= p[W_MAX] * p[A_MINUS] * pow(*w / p[W_MAX], p[MU_MINUS]) * t[1];
  (void)var;
}

static void pair_post(const double *t, double *w, double *var, const void *params) {
  const double *p = params;
  *w += p[W_MAX] * p[A_PLUS] * pow(1 - *w / p[W_MAX], p[MU_PLUS]) * t[0];
  (void)var;
}

static const synapse_rule pair = {
    .name = "stdp_pair",
    .trace = {{QUELL_PRE, QUELL_TRACE_ADD, 0, "tau_plus"},
              {QUELL_POST, QUELL_TRACE_ADD, 0, "tau_minus"}},
    .pre = pair_pre,
    .post = pair_post,
};

static void pair_equals_its_reference(void **state) {
  const quell_value own[] = {{"mu_plus", 0.4},    {"mu_minus", 0.7}, {"a_plus", 0.03},
                             {"tau_minus", 33.7}, {"a_minus", 0.02}, {"w_max", 5}};
  compare_window(&pair, NULL, own, COUNT(own), 2, NULL);
  compare_trains(&pair, NULL, own, COUNT(own));
  (void)state;
}

static void values_in_range_give_numbers(void **state) {
  compare_ranges("vogels2011", NULL, 0, 1);
  compare_ranges("stdp_pair", NULL, 0, 2);
  (void)state;
}

/* The other reference, event by event: both are exact. */
static void both_references_agree(void **state) {
  train pre = {NULL, 0, 0}, post = {NULL, 0, 0};
  const double p[] = {0.02, 0.015, 20, 30, 0.3, 0.6, 0, 1};
  synapse_rule rule = pair;
  train_poisson(&pre, 0, 0.03, 1, 20000, 1);
  train_poisson(&pre, 0, 0.03, 1, 20000, 2);
  train_poisson(&post, 0, 0.03, 1, 20000, 3);
  train_poisson(&post, 0, 0.03, 1, 20000, 4);
  train_sort(&pre), train_sort(&post);
  rule.trace[0].tau = 20, rule.trace[1].tau = 30;
  rule.params = p, rule.w_max = 1;
  for (rule.tie = 0; rule.tie < 3; rule.tie++) {
    eager e = {{EAGER_PAIR, .a_plus = 0.02, .a_minus = 0.015, .tau_plus = 20, .tau_minus = 30,
                .mu_plus = 0.3, .mu_minus = 0.6, .w_max = 1, .tie = rule.tie},
               .dt = 0.1,
               .w = 0.4};
    e.pre = train_of(&pre, 0, 0, &e.n_pre), e.post = train_of(&post, 0, 0, &e.n_post);
    synapse s = synapse_open(&rule, 0.1, 0.4, e.pre, e.n_pre, e.post, e.n_post);
    for (uint64_t step = 0; step < 21000; step += 100) {
      if (fabs(synapse_at(&s, step) - eager_at(&e, step)) > 1e-12 ||
          fabs(s.delivered - e.delivered) > 1e-12)
        fail_msg("tie %d, step %d: %.15g and %.15g", rule.tie, (int)step, s.w, e.w);
    }
    free((void *)(uintptr_t)e.pre), free((void *)(uintptr_t)e.post);
  }
  train_free(&pre), train_free(&post);
  (void)state;
}

/* A rule that writes down what it reads. */
typedef struct note {
  double log[64][6];
  size_t n;
} note;

static void write_down(const double *t, double *w, double *var, const void *params) {
  note *note = *(struct note *const *)params;
  for (size_t i = 0; i < 6; i++) note->log[note->n][i] = t[i];
  note->n++;
  (void)w, (void)var;
}

static const synapse_rule reader = {
    .trace = {{QUELL_PRE, QUELL_TRACE_ADD, 10, NULL},
              {QUELL_PRE, QUELL_TRACE_SET, 10, NULL},
              {QUELL_PRE, QUELL_TRACE_AGE, 0, NULL},
              {QUELL_POST, QUELL_TRACE_ADD, 10, NULL},
              {QUELL_POST, QUELL_TRACE_AGE, 0, NULL},
              {QUELL_LATE, QUELL_TRACE_ADD, 10, NULL}},
    .pre = write_down,
    .post = write_down,
    .late = write_down,
    .late_steps = 50,
    .w_max = 1,
};

static void check_note(const note *note, size_t i, const double want[6]) {
  for (size_t k = 0; k < 6; k++)
    if (fabs(note->log[i][k] - want[k]) > 1e-12)
      fail_msg("event %zu reads %g of trace %zu, should read %g", i, note->log[i][k], k, want[k]);
}

/* Two arrivals and two post spikes at step 100, an arrival at 150 with the late events of those. */
static void traces_are_read_as_said(void **state) {
  const uint64_t pre[] = {100, 100, 150}, post[] = {100, 100};
  const double none = 1e7, e = exp(-0.5);
  for (int tie = QUELL_PRE_FIRST; tie <= QUELL_POST_FIRST; tie++) {
    note note = {.n = 0}, *at = &note;
    synapse_rule rule = reader;
    rule.params = &at, rule.tie = tie;
    synapse s = synapse_open(&rule, 0.1, 0.5, pre, 3, post, 2);
    synapse_at(&s, 1000);
    assert_int_equal(note.n, 3 + 3 + 2);
    size_t first_pre = tie == QUELL_POST_FIRST ? 2 : 0, first_post = 2 - first_pre;
    double y = tie == QUELL_POST_FIRST ? 2 : 0, age_y = tie == QUELL_POST_FIRST ? 0 : none;
    double x = tie == QUELL_PRE_FIRST ? 2 : 0, age_x = tie == QUELL_PRE_FIRST ? 0 : none;
    check_note(&note, first_pre, (double[]){0, 0, none, y, age_y, 0});
    check_note(&note, first_pre + 1, (double[]){1, 1, 0, y, age_y, 0});
    check_note(&note, first_post, (double[]){x, x > 0, age_x, 0, none, 0});
    check_note(&note, first_post + 1, (double[]){x, x > 0, age_x, 1, 0, 0});
    check_note(&note, 4, (double[]){2 * e, e, 5, 2 * e, 5, 0}); /* late events first */
    check_note(&note, 5, (double[]){2 * e, e, 5, 2 * e, 5, 1});
    check_note(&note, 6, (double[]){2 * e, e, 5, 2 * e, 5, 2});
    check_note(&note, 7, (double[]){(2 * e + 1) * e, e, 5, 2 * e * e, 10, 2 * e});
  }
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(traces_are_read_as_said),      cmocka_unit_test(both_references_agree),
      cmocka_unit_test(vogels_equals_its_reference),  cmocka_unit_test(pair_equals_its_reference),
      cmocka_unit_test(values_in_range_give_numbers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

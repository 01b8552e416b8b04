/* The generic reference (support/synapse.h) against closed forms and against the rules that have
 * another reference (support/eager.h). */
#include "support/check.h"
#include "support/compare.h"
#include <math.h>
#include <stdlib.h>

/* vogels2011: parameters in the order of its table. */
enum { ETA, RHO0, TAU_V };

static void vogels_pre(const double *t, double *w, double *var, const void *params) {
  const double *p = params;
  *w += p[ETA] * (t[1] - 2 * p[RHO0] * p[TAU_V] / 1000);
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
  w += p[ETA] * (meets * exp(-fabs(ms) / p[TAU_V]) - 2 * p[RHO0] * p[TAU_V] / 1000);
  return w;
}

static void vogels_equals_its_reference(void **state) {
  const quell_value own[] = {{"rho0", 12}, {"w_max", 10}, {"eta", 0.02}};
  compare_window(&vogels, NULL, own, COUNT(own), 4, vogels_window);
  compare_trains(&vogels, NULL, own, COUNT(own));
  (void)state;
}

/* stdp_pair */
enum { A_PLUS, A_MINUS, TAU_PLUS, TAU_MINUS, MU_PLUS, MU_MINUS, A_PRE, A_POST, W_MIN, W_MAX };

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

/* A rule of all kinds of traces and events, in the library and here. Each event reads each trace
 * with a factor of its own. */

enum { LATE_AFTER, TAU };
enum { X, S, A, L, M, Y, B, TRACES }; /* pre: added, set, age; late: added, age; post: added, age */

static const quell_param_desc all_params[] = {
    {"late", "ms", "from the arrival to the late event", 4, 0.1, 1e3, 0, 0},
    {"tau", "ms", "time constant of all traces", 15, 0, 1e6, QUELL_MIN_OPEN, 0},
    QUELL_STANDARD_PARAMS(5.0),
};
static const quell_trace_desc all_traces[] = {
    {"x", QUELL_PRE, QUELL_TRACE_ADD, TAU, 0},  {"s", QUELL_PRE, QUELL_TRACE_SET, TAU, 0},
    {"a", QUELL_PRE, QUELL_TRACE_AGE, TAU, 0},  {"l", QUELL_LATE, QUELL_TRACE_ADD, TAU, 0},
    {"m", QUELL_LATE, QUELL_TRACE_AGE, TAU, 0}, {"y", QUELL_POST, QUELL_TRACE_ADD, TAU, 0},
    {"b", QUELL_POST, QUELL_TRACE_AGE, TAU, 0},
};
static const quell_var_desc all_vars[] = {{"seen", "1", "mean of what was read", 0.5}};

static const double factor[3][TRACES] = {{0.004, -0.02, 0.03, 0.006, -0.03, -0.005, 0.05},
                                         {-0.003, 0.03, 0.02, -0.007, 0.02, 0.004, -0.06},
                                         {0.005, 0.01, -0.04, -0.005, 0.02, 0.003, 0.03}};

/* An age counts as 1 now and as nothing long ago. */
static double counts_as(size_t trace, double value) {
  int age = trace == A || trace == M || trace == B;
  return age ? 1 / (1 + value / 7) : value;
}

static void read_all(const double *f, const double *t, double *w, double *var) {
  double sum = 0;
  for (size_t i = 0; i < TRACES; i++) sum += f[i] * counts_as(i, t[i]);
  *w += sum;
  var[0] += 0.1 * (sum - var[0]);
}

static void all_pre(const double *t, double *w, double *var, const void *params) {
  read_all(factor[0], t, w, var);
  (void)params;
}

static void all_post(const double *t, double *w, double *var, const void *params) {
  read_all(factor[1], t, w, var);
  (void)params;
}

static void all_late(const double *t, double *w, double *var, const void *params) {
  read_all(factor[2], t, w, var);
  (void)params;
}

/* What is read depends on the time since the last pre spike. */
static void all_read(const double *t, double *w, double *var, const void *params) {
  *w += 0.1 * counts_as(A, t[A]);
  var[0] *= 1 - counts_as(A, t[A]);
  (void)params;
}

static const synapse_rule all = {
    .name = "test_all",
    .trace = {{QUELL_PRE, QUELL_TRACE_ADD, 0, "tau"},
              {QUELL_PRE, QUELL_TRACE_SET, 0, "tau"},
              {QUELL_PRE, QUELL_TRACE_AGE, 0, NULL},
              {QUELL_LATE, QUELL_TRACE_ADD, 0, "tau"},
              {QUELL_LATE, QUELL_TRACE_AGE, 0, NULL},
              {QUELL_POST, QUELL_TRACE_ADD, 0, "tau"},
              {QUELL_POST, QUELL_TRACE_AGE, 0, NULL}},
    .pre = all_pre,
    .post = all_post,
    .late = all_late,
    .read = all_read,
    .late_is = "late",
    .var = {0.5},
    .var_name = {"seen"},
};

static quell_status prepare_nothing(const quell_rule_args *args, void *instance) {
  (void)args, (void)instance;
  return QUELL_OK;
}

static void on_any(const quell_block *block) {
  const double *f = factor[block->event == QUELL_PRE ? 0 : block->event == QUELL_POST ? 1 : 2];
  for (uint32_t i = 0; i < block->n; i++) {
    float sum = 0;
    for (size_t k = 0; k < TRACES; k++) {
      float value = k < Y ? block->pre[k][i] : block->post[k - Y][i];
      if (k == A || k == M || k == B) value = 1 / (1 + value / 7);
      sum += (float)f[k] * value;
    }
    block->w[i] += sum;
    block->var[0][i] += 0.1f * (sum - block->var[0][i]);
  }
}

static void on_read(const quell_block *block) {
  for (uint32_t i = 0; i < block->n; i++) {
    float recent = 1 / (1 + block->pre[A][i] / 7);
    block->w[i] += 0.1f * recent;
    block->var[0][i] *= 1 - recent;
  }
}

static const quell_event_desc all_events[] = {
    {.kind = QUELL_PRE, .wants_pre = 0x1f, .wants_post = 3, .call = on_any},
    {.kind = QUELL_POST, .wants_pre = 0x1f, .wants_post = 3, .call = on_any},
    {.kind = QUELL_LATE, .param = LATE_AFTER, .wants_pre = 0x1f, .wants_post = 3, .call = on_any},
    {.kind = QUELL_READ, .wants_pre = 1u << A, .call = on_read},
};

static const quell_rule_desc all_desc = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "test_all",
    .summary = "all kinds of traces and events",
    .source = "none",
    .params = QUELL_TABLE(all_params),
    .vars = QUELL_TABLE(all_vars),
    .traces = QUELL_TABLE(all_traces),
    .events = QUELL_TABLE(all_events),
    .prepare = prepare_nothing,
};

static void engine_and_reference_agree_on_all(void **state) {
  synapse_rule rule = all;
  rule.desc = &all_desc;
  compare_window(&rule, NULL, NULL, 0, 2.5, NULL);
  compare_trains(&rule, NULL, NULL, 0);
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(traces_are_read_as_said),
      cmocka_unit_test(both_references_agree),
      cmocka_unit_test(vogels_equals_its_reference),
      cmocka_unit_test(pair_equals_its_reference),
      cmocka_unit_test(values_in_range_give_numbers),
      cmocka_unit_test(engine_and_reference_agree_on_all),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* zenke2015: triplets, the heterosynaptic term, what a pre spike does alone, the three homeostatic
 * variants, and the consolidation of the reference. */
#include "support/check.h"
#include "support/compare.h"
#include "support/pairs.h"
#include <math.h>
#include <string.h>

enum {
  A_PLUS,
  A_MINUS,
  BETA,
  DELTA,
  TAU_PLUS,
  TAU_MINUS,
  TAU_SLOW,
  HOMEOSTASIS,
  KAPPA,
  TAU_HOM,
  TAU_C,
  INTERVAL,
  DEPTH,
  W_P
};

/* The rate, without the spikes of the step. */
static void cell(const synapse_cell *cell) {
  const double *p = cell->params;
  double nu = 1;
  for (uint64_t s = 1; s < cell->steps; s++) {
    nu *= exp(-cell->dt / p[TAU_HOM]);
    cell->signal[0][s] = nu;
    nu += 1000 / p[TAU_HOM] * cell->spikes[s];
  }
}

static double factor(const double *p, double nu) {
  if (p[HOMEOSTASIS] == 0) return 1;
  if (p[HOMEOSTASIS] == 1) return nu / p[KAPPA] * (nu / p[KAPPA]);
  return fmin(fmax(nu / p[KAPPA], 0.5), 1.2);
}

static void on_pre(const double *t, double *w, double *var, const void *params) {
  const double *p = params;
  *w += p[DELTA] - p[A_MINUS] * factor(p, t[SYNAPSE_SIGNAL]) * t[1];
  (void)var;
}

static void on_post(const double *t, double *w, double *var, const void *params) {
  const double *p = params;
  *w += p[A_PLUS] * t[0] * t[2] - p[BETA] * (*w - var[0]) * t[1] * t[1] * t[1];
}

static double well(const double *p, double w, double reference) {
  double r = reference;
  return w - r - p[DEPTH] * r * (p[W_P] / 2 - r) * (p[W_P] - r);
}

static void on_interval(const double *t, double *w, double *var, const void *params) {
  const double *p = params;
  double top = fmax(fmax(*w, p[W_P]), var[0]);
  double next = var[0] + p[INTERVAL] / p[TAU_C] * well(p, *w, var[0]);
  var[0] = fmax(0, fmin(top, next));
  (void)t;
}

static const synapse_rule zenke = {
    .name = "zenke2015",
    .trace = {{QUELL_PRE, QUELL_TRACE_ADD, 0, "tau_plus"},
              {QUELL_POST, QUELL_TRACE_ADD, 0, "tau_minus"},
              {QUELL_POST, QUELL_TRACE_ADD, 0, "tau_slow"}},
    .pre = on_pre,
    .post = on_post,
    .interval = on_interval,
    .interval_is = "consolidation_interval",
    .cell = cell,
    .var_name = {"reference"},
};

/* The interval divides the start of all settings of the comparison. Amplitudes are large, beta is
 * small enough for a burst not to turn the sign of w - reference. */
static void variants_equal_their_reference(void **state) {
  const char *const presets[] = {"p10", "p11", "p12"};
  for (size_t i = 0; i < COUNT(presets); i++) {
    const quell_value own[] = {{"a_plus", 0.02}, {"a_minus", 0.05}, {"delta", 2e-3},
                               {"beta", 2e-3},   {"tau_c", 300},    {"consolidation_interval", 4.8},
                               {"kappa", 25},    {"tau_hom", 400}};
    compare_trains(&zenke, presets[i], own, COUNT(own));
  }
  (void)state;
}

/* The slow trace does not contain the spike itself, so that a pair does not potentiate. */
static double window_of_pair(double ms, int tie, double w, const double *p) {
  double y = ms < 0 || (ms == 0 && tie == QUELL_POST_FIRST) ? exp(ms / 20) : 0;
  return w + p[DELTA] - p[A_MINUS] * y;
}

static void pairs_depress(void **state) {
  const quell_value own[] = {{"a_minus", 0.3}, {"delta", 0.05}, {"consolidation_interval", 1200}};
  compare_window(&zenke, "p10", own, COUNT(own), 2, window_of_pair);
  (void)state;
}

static quell_network *triplet(const quell_value *own, size_t n, quell_projection **synapse,
                              quell_population **post, const double *pre_ms, size_t n_pre,
                              double w0) {
  const setup setup = {0};
  quell_network *net = open_network(&setup);
  quell_population *pre;
  quell_rule *rule;
  quell_value values[RULE_PARAMS];
  const uint32_t ids[8] = {0};
  quell_connection c = QUELL_CONNECTION_INIT;
  size_t count = rule_values("zenke2015", "p10", own, n, values);
  c.kind = QUELL_ALL_TO_ALL;
  c.weight = (quell_distribution){QUELL_CONSTANT, 0, w0, 0, 0, 0, NULL, 0};
  OK(quell_population_create(net, "pre", "spike_source", 1, NULL, 0, &pre));
  OK(quell_population_create(net, "post", "external", 1, NULL, 0, post));
  OK(quell_rule_create(net, "zenke2015", values, count, &rule));
  OK(quell_connect(net, pre, *post, "excitatory", &c, rule, synapse));
  OK(quell_population_set_spikes(pre, ids, pre_ms, n_pre));
  return net;
}

/* Post at 10 and 30 ms, pre at 25 ms: potentiation with the slow trace, the heterosynaptic term
 * with the cube of the fast one. */
static void triplet_is_the_closed_form(void **state) {
  const quell_value own[] = {{"a_plus", 0.5}, {"a_minus", 0}, {"delta", 0}, {"beta", 0.4}};
  const double pre = 25;
  const uint32_t id = 0;
  quell_projection *synapse;
  quell_population *post;
  float w;
  quell_network *net = triplet(own, COUNT(own), &synapse, &post, &pre, 1, 2);
  for (uint64_t s = 0; s < 400; s++) {
    if (s == 100 || s == 300) OK(quell_population_spikes_in(post, &id, 1));
    OK(quell_step(net));
  }
  OK(quell_projection_get(synapse, "weight", 0, 1, &w));
  double y = exp(-20.0 / 20);
  double want = 2 + 0.5 * exp(-5.0 / 20) * exp(-20.0 / 100) - 0.4 * 2 * y * y * y;
  assert_true(fabs((double)w - want) < 1e-6);
  quell_network_destroy(&net);
  (void)state;
}

static void old_weight_is_delivered(void **state) {
  const quell_value own[] = {{"delta", 0.5}};
  const double pre = 10;
  quell_projection *synapse;
  quell_population *post;
  const float *input;
  float w;
  uint32_t n;
  quell_network *net = triplet(own, COUNT(own), &synapse, &post, &pre, 1, 2);
  for (uint64_t s = 0; s <= 100; s++) OK(quell_step(net));
  OK(quell_population_input(post, "excitatory", &input, &n));
  OK(quell_projection_get(synapse, "weight", 0, 1, &w));
  assert_true(n == 1 && input[0] == 2.0f && w == 2.5f);
  quell_network_destroy(&net);
  (void)state;
}

/* Means of traces of a Poisson train that fires by a coin in each step, from its cumulants; the
 * step is 0.5 ms. For small steps these are m³ + (3/2) m² + m/3 with m = r tau. */
static double cube_of_trace(double r, double tau) {
  double p = r * 0.5e-3, q = exp(-0.5 / tau), k1 = p * q / (1 - q);
  double k2 = p * (1 - p) * q * q / (1 - q * q);
  double k3 = p * (1 - p) * (1 - 2 * p) * q * q * q / (1 - q * q * q);
  return k3 + 3 * k2 * k1 + k1 * k1 * k1;
}

static pairs run_of(const quell_value *own, size_t n, double r_post) {
  pairs run = {.rule = "zenke2015", .preset = "p10", .own = own, .n = n};
  run.w0 = 2.5, run.r_pre = 15, run.r_post = r_post, run.seconds = quick() ? 10 : 20;
  return run;
}

static void hebbian_drift(void **state) {
  const double rates[] = {4, 16};
  const quell_value own[] = {{"beta", 0}};
  for (size_t i = 0; i < COUNT(rates); i++) {
    double r = rates[i], x = trace_per_rate(20, 0.5), z = trace_per_rate(100, 0.5);
    pairs run = run_of(own, 1, r);
    pairs_check_drift(&run, 15 * (1e-3 * x * z * r * r - 1e-3 * x * r + 2e-5));
  }
  (void)state;
}

/* Without delta the drift turns at 1 / tau_slow. */
static void hebbian_drift_turns_at_10_Hz(void **state) {
  static float w[PAIRS];
  const quell_value own[] = {{"beta", 0}, {"delta", 0}};
  const double rates[] = {8, 10, 12};
  for (size_t i = 0; i < COUNT(rates); i++) {
    double mean, error, r = rates[i], x = trace_per_rate(20, 0.5), z = trace_per_rate(100, 0.5);
    pairs run = run_of(own, 2, r);
    pairs_run(&run, "weight", w);
    mean_and_error(w, &mean, &error);
    double drift = 15 * 1e-3 * x * r * (z * r - 1) * run.seconds;
    assert_true(fabs(mean - 2.5 - drift) < 4 * error);
    if (r < 10) assert_true(mean < 2.5 - 4 * error);
    if (r > 10) assert_true(mean > 2.5 + 4 * error);
    if (r == 10) assert_true(fabs(drift) < error); /* zero but for the step */
  }
  (void)state;
}

/* The reference is held, by a slow consolidation. */
static void heterosynaptic_drift(void **state) {
  const double rates[] = {10, 30};
  for (size_t i = 0; i < COUNT(rates); i++) {
    double r = rates[i], cube = cube_of_trace(r, 20), m = r * 0.02;
    assert_true(fabs(cube / (m * m * m + 1.5 * m * m + m / 3) - 1) < 0.06);
    const quell_value own[] = {
        {"a_plus", 0}, {"a_minus", 0}, {"delta", 0}, {"beta", 2e-3 / r / cube}, {"tau_c", 1e12}};
    pairs run = run_of(own, COUNT(own), r);
    run.var = "reference", run.value = 1.5;
    run.seconds = quick() ? 5 : 20;
    pairs_check_drift(&run, (1 - exp(-2e-3 * run.seconds)) * -1 / run.seconds);
  }
  (void)state;
}

/* m y over y in the mean, at 20 Hz with kappa 10: 1, a bit more than 4, 1.2. Of the square it is
 * E[nu² y] from the cumulants of nu and y, which are made of the same spikes: for a Poisson train
 * r ∫ of the product of their kernels. */
static double square_of_rate(double r, double tau, double tau_hom) {
  double y = r * tau, nu_y = r / tau_hom / (1 / tau_hom + 1 / tau), nu_nu = r / (2 * tau_hom);
  double nu_nu_y = r / tau_hom / tau_hom / (2 / tau_hom + 1 / tau);
  return (nu_nu_y + 2 * nu_y * r + nu_nu * y + r * r * y) / (100 * y);
}

static void homeostasis_scales_depression(void **state) {
  static float before[PAIRS], after[PAIRS];
  const char *const presets[] = {"p10", "p11", "p12"};
  const double m[] = {1, square_of_rate(20, 0.02, 4), 1.2};
  for (size_t i = 0; i < COUNT(presets); i++) {
    const quell_value own[] = {{"a_plus", 0}, {"delta", 0}, {"beta", 0}, {"tau_hom", 4000}};
    pairs run = run_of(own, COUNT(own), 20);
    double mean, error;
    run.preset = presets[i];
    run.seconds = 24; /* six tau_hom; the same spikes again */
    pairs_run(&run, "weight", before);
    run.seconds = 44;
    pairs_run(&run, "weight", after);
    for (size_t k = 0; k < PAIRS; k++) after[k] -= before[k];
    mean_and_error(after, &mean, &error);
    double want = -1e-3 * m[i] * 15 * 20 * trace_per_rate(20, 0.5) * 20;
    assert_true(error < 0.02 * fabs(want));
    if (!(fabs(mean - want) < 4 * error))
      fail_msg("%s: %g in 20 s, should be %g ± %g", presets[i], mean, want, error);
  }
  (void)state;
}

/* Consolidation, of synapses whose weights stay: w and where the reference begins and ends. */

enum { MOST = 8 };

typedef struct branch {
  double w, begin, end; /* end: NAN for just not that of the beginning */
} branch;

static void consolidate(const quell_value *own, size_t n, uint32_t synapses, const double *w,
                        const double *begin, double seconds, float *reference) {
  const setup setup = {.dt = 10};
  quell_network *net = open_network(&setup);
  quell_population *pre, *post;
  quell_rule *rule;
  quell_projection *projection;
  quell_value values[RULE_PARAMS];
  quell_connection c = QUELL_CONNECTION_INIT;
  size_t count = rule_values("zenke2015", "p10", own, n, values);
  c.kind = QUELL_ONE_TO_ONE;
  c.weight = (quell_distribution){QUELL_ARRAY, 0, 0, 0, 0, 0, w, synapses};
  OK(quell_population_create(net, "pre", "spike_source", synapses, NULL, 0, &pre));
  OK(quell_population_create(net, "post", "external", synapses, NULL, 0, &post));
  OK(quell_rule_create(net, "zenke2015", values, count, &rule));
  OK(quell_connect(net, pre, post, "excitatory", &c, rule, &projection));
  for (uint32_t i = 0; i < synapses; i++) reference[i] = (float)begin[i];
  OK(quell_projection_set(projection, "reference", 0, synapses, reference));
  for (uint64_t k = (uint64_t)llround(seconds * 100); k > 0; k--) OK(quell_step(net));
  OK(quell_projection_get(projection, "reference", 0, synapses, reference));
  quell_network_destroy(&net);
}

/* One step of 1.2 s at w = reference: nothing at 0, w_P/2 and w_P; away from w_P/2, towards the
 * others. */
static void fixed_points_are_those_of_the_double_well(void **state) {
  const double at[] = {0, 0.25, 0.5, 0.1, 0.2, 0.3, 0.4, 0.6};
  float reference[MOST];
  for (int twenty = 0; twenty < 2; twenty++) {
    const quell_value own[] = {{"p", twenty ? 20 : 0.1 / 0.005859375}};
    consolidate(own, 1, MOST, at, at, 1.21, reference);
    for (size_t i = 0; i < MOST; i++) {
      double w = (double)(float)at[i];
      double step = -1e-3 * own[0].value * w * (0.25 - w) * (0.5 - w);
      assert_true(fabs((double)reference[i] - w - step) < 3.1e-8);
      if (i < 3) assert_true(reference[i] == (float)at[i]);
    }
  }
  consolidate(NULL, 0, 1, at + 3, at + 4, 1.19, reference);
  assert_true(reference[0] == (float)at[4]); /* no step before 1.2 s */
  (void)state;
}

/* The branches of the reference at fixed w, by bisection between the extrema of the well. */
static double root(double P, double w, double low, double high) {
  const double p[] = {[DEPTH] = P, [W_P] = 0.5};
  for (int i = 0; i < 100; i++) {
    double middle = (low + high) / 2;
    if (well(p, w, middle) > 0)
      low = middle;
    else
      high = middle;
  }
  return low;
}

/* The low branch ends at w 0.2516 for P 17.07 and at 0.2608 for P 20, the high one at 0.2484 and
 * 0.2392: on this side a reference stays on its branch, beyond it leaves. */
static void branches_disappear_at_the_published_weights(void **state) {
  const double P[] = {0.1 / 0.005859375, 20}, up[] = {0.2516, 0.2608}, down[] = {0.2484, 0.2392};
  for (size_t i = 0; i < 2; i++) {
    double spread = sqrt(0.25 * 0.25 / 3 - 1 / (3 * P[i])); /* extrema at 0.25 ± spread */
    const double w[] = {up[i] - 3e-4, up[i] + 3e-4, down[i] + 3e-4, down[i] - 3e-4};
    const double begin[] = {0, 0, 0.5, 0.5};
    const double end[] = {root(P[i], w[0], 0, 0.25 - spread), root(P[i], w[1], 0.25 + spread, 1),
                          root(P[i], w[2], 0.25 + spread, 1), root(P[i], w[3], 0, 0.25 - spread)};
    const quell_value own[] = {{"p", P[i]}, {"tau_c", 100}, {"consolidation_interval", 10}};
    float reference[4];
    consolidate(own, COUNT(own), 4, w, begin, 60, reference);
    for (size_t k = 0; k < 4; k++)
      if (!(fabs((double)reference[k] - end[k]) < 1e-4))
        fail_msg("P %g, w %g: reference %g, should be %g", P[i], w[k], (double)reference[k],
                 end[k]);
    assert_true(end[0] < 0.25 && end[1] > 0.25 && end[2] > 0.25 && end[3] < 0.25);
  }
  (void)state;
}

/* A depth at which Euler's step is far too long: it ends at the border that the flow keeps. */
static void steps_that_are_too_long_end_at_the_border(void **state) {
  const quell_value own[] = {{"p", 1e4}, {"tau_c", 10}, {"consolidation_interval", 10}};
  const double w[] = {0.3, 0.3, 0.7}, begin[] = {0.4, 0.1, 0.4};
  float reference[3];
  consolidate(own, COUNT(own), 3, w, begin, 0.02, reference);
  assert_true(reference[0] == 0.5f && reference[1] == 0.0f && reference[2] == 0.7f);
  (void)state;
}

/* Where the scripts and the classes of the authors' program disagree. */
static void values_are_those_of_the_scripts(void **state) {
  quell_value values[RULE_PARAMS];
  size_t n = rule_values("zenke2015", "p11", NULL, 0, values);
  assert_true(fabs(value_of(values, n, "p") - 17.067) < 5e-4);
  assert_true(value_of(values, n, "beta") == 0.05 && value_of(values, n, "tau_hom") == 6e5);
  n = rule_values("zenke2015", "p11_class", NULL, 0, values);
  assert_true(value_of(values, n, "p") == 20 && value_of(values, n, "beta") == 0.1);
  (void)state;
}

static void values_in_range_give_numbers(void **state) {
  const quell_value own[] = {{"consolidation_interval", 2.4}, {"w_max", 1e6}};
  const quell_value usual[] = {{"consolidation_interval", 2.4}, {"w_max", 5}};
  compare_ranges("zenke2015", own, 2, 1);
  compare_ranges("zenke2015", usual, 2, 2);
  (void)state;
}

static void sets_that_do_not_fit_are_refused(void **state) {
  const setup setup = {0};
  quell_network *net = open_network(&setup);
  quell_rule *rule;
  const quell_value slow[] = {{"tau_c", 100}}, wide[] = {{"w_max", 2e6}};
  GIVES(QUELL_E_RANGE, quell_rule_create(net, "zenke2015", slow, 1, &rule));
  assert_non_null(strstr(quell_network_error(net), "consolidation_interval"));
  GIVES(QUELL_E_RANGE, quell_rule_create(net, "zenke2015", wide, 1, &rule));
  assert_non_null(strstr(quell_network_error(net), "w_max"));
  quell_network_destroy(&net);
  (void)state;
}

static void bits_do_not_depend_on_how_it_is_run(void **state) {
  const quell_value own[] = {{"a_plus", 0.02},
                             {"a_minus", 0.02},
                             {"tau_hom", 100},
                             {"tau_c", 200},
                             {"consolidation_interval", 5}};
  check_bits("zenke2015", "p11", own, COUNT(own), 0.5, "excitatory");
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(variants_equal_their_reference),
      cmocka_unit_test(pairs_depress),
      cmocka_unit_test(triplet_is_the_closed_form),
      cmocka_unit_test(old_weight_is_delivered),
      cmocka_unit_test(hebbian_drift),
      cmocka_unit_test(hebbian_drift_turns_at_10_Hz),
      cmocka_unit_test(heterosynaptic_drift),
      cmocka_unit_test(homeostasis_scales_depression),
      cmocka_unit_test(fixed_points_are_those_of_the_double_well),
      cmocka_unit_test(branches_disappear_at_the_published_weights),
      cmocka_unit_test(steps_that_are_too_long_end_at_the_border),
      cmocka_unit_test(values_are_those_of_the_scripts),
      cmocka_unit_test(values_in_range_give_numbers),
      cmocka_unit_test(sets_that_do_not_fit_are_refused),
      cmocka_unit_test(bits_do_not_depend_on_how_it_is_run),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

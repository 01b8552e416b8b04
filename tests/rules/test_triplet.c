/* Triplet rules: the eight fits of Pfister & Gerstner 2006 on the protocols of their two data sets,
 * a trajectory of another simulator, windows, random trains, drift, and the sliding threshold. */
#include "support/check.h"
#include "support/compare.h"
#include "support/drift.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNUSED(var) (void)(var)

enum { A2_PLUS, A3_PLUS, A2_MINUS, A3_MINUS, TAU_PLUS, TAU_MINUS, TAU_X, TAU_Y };

static void triplet_pre(const double *t, double *w, double *var, const void *params) {
  const double *p = params;
  *w -= t[2] * (p[A2_MINUS] + p[A3_MINUS] * t[1]);
  UNUSED(var);
}

static void triplet_post(const double *t, double *w, double *var, const void *params) {
  const double *p = params;
  *w += t[0] * (p[A2_PLUS] + p[A3_PLUS] * t[3]);
  UNUSED(var);
}

static const synapse_rule triplet = {
    .name = "stdp_triplet",
    .trace = {{QUELL_PRE, QUELL_TRACE_ADD, 0, "tau_plus"},
              {QUELL_PRE, QUELL_TRACE_ADD, 0, "tau_x"},
              {QUELL_POST, QUELL_TRACE_ADD, 0, "tau_minus"},
              {QUELL_POST, QUELL_TRACE_ADD, 0, "tau_y"}},
    .pre = triplet_pre,
    .post = triplet_post,
};

static const synapse_rule nearest = {
    .name = "stdp_triplet_nearest",
    .trace = {{QUELL_PRE, QUELL_TRACE_SET, 0, "tau_plus"},
              {QUELL_PRE, QUELL_TRACE_SET, 0, "tau_x"},
              {QUELL_POST, QUELL_TRACE_SET, 0, "tau_minus"},
              {QUELL_POST, QUELL_TRACE_SET, 0, "tau_y"}},
    .pre = triplet_pre,
    .post = triplet_post,
};

/* A lone pair is seen by the fast traces alone. */
static double triplet_window(double ms, int tie, double w, const double *p) {
  if (ms > 0 || (ms == 0 && tie == QUELL_PRE_FIRST)) return w + p[A2_PLUS] * exp(-ms / p[TAU_PLUS]);
  if (ms < 0 || (ms == 0 && tie == QUELL_POST_FIRST))
    return w - p[A2_MINUS] * exp(ms / p[TAU_MINUS]);
  return w;
}

static const quell_value strong[] = {{"a2_plus", 0.02},  {"a3_plus", 0.05}, {"a2_minus", 0.03},
                                     {"a3_minus", 0.04}, {"tau_x", 101},    {"tau_y", 125},
                                     {"w_max", 4}};

static void triplet_is_its_equations(void **state) {
  compare_window(&triplet, NULL, strong, COUNT(strong), 2, triplet_window);
  compare_trains(&triplet, NULL, strong, COUNT(strong));
  compare_ranges("stdp_triplet", NULL, 0, 8);
  (void)state;
}

static void nearest_triplet_is_its_equations(void **state) {
  compare_window(&nearest, NULL, strong, COUNT(strong), 2, triplet_window);
  compare_trains(&nearest, NULL, strong, COUNT(strong));
  compare_ranges("stdp_triplet_nearest", NULL, 0, 9);
  (void)state;
}

/* Protocols. Each is a set of spikes that repeats, played to a pair of neurons of its own. */

enum { REPETITIONS = 60, MOST = 13 };

typedef struct protocol {
  double period;          /* ms */
  double pre[2], post[2]; /* ms since the start of a repetition; negative: there is none */
} protocol;

static void add_spikes(train *train, const double *at, double start, double dt, uint32_t neuron) {
  for (size_t i = 0; i < 2; i++)
    if (at[i] >= 0) train_add(train, (uint64_t)llround((start + at[i]) / dt), neuron);
}

/* Relative changes of n weights of 1. */
static void play(const char *rule, const char *preset, double dt, const protocol *protocols,
                 uint32_t n, double *change) {
  const setup setup = {.dt = dt};
  quell_value values[RULE_PARAMS];
  size_t n_values = rule_values(rule, preset, NULL, 0, values);
  train pre = {NULL, 0, 0}, post = {NULL, 0, 0};
  float w[MOST];
  double end = 0;
  quell_connection c = QUELL_CONNECTION_INIT;
  quell_network *net = open_network(&setup);
  quell_population *source, *target;
  quell_rule *learns;
  quell_projection *synapses;
  for (uint32_t i = 0; i < n; i++) {
    for (int k = 0; k < REPETITIONS; k++) {
      add_spikes(&pre, protocols[i].pre, 1 + k * protocols[i].period, dt, i);
      add_spikes(&post, protocols[i].post, 1 + k * protocols[i].period, dt, i);
    }
    end = fmax(end, REPETITIONS * protocols[i].period + 10);
  }
  train_sort(&pre), train_sort(&post);
  OK(quell_population_create(net, "pre", "spike_source", n, NULL, 0, &source));
  OK(quell_population_create(net, "post", "external", n, NULL, 0, &target));
  OK(quell_rule_create(net, rule, values, n_values, &learns));
  c.kind = QUELL_ONE_TO_ONE;
  OK(quell_connect(net, source, target, "excitatory", &c, learns, &synapses));
  give_spikes(source, &pre, 0, dt);
  feeder feeder = {target, &post, 0, 0};
  OK(quell_population_on_step(target, feed, &feeder));
  OK(quell_run(net, end));
  OK(quell_projection_get(synapses, "weight", 0, n, w));
  for (uint32_t i = 0; i < n; i++) change[i] = (double)w[i] - 1;
  quell_network_destroy(&net);
  train_free(&pre), train_free(&post);
}

typedef struct fit {
  const char *rule, *preset;
  double change[MOST]; /* in the order of the protocols */
  double error;        /* mean squared distance from the data, in their standard errors */
} fit;

static void check_fit(const fit *fit, const double *change, uint32_t n, const double (*data)[2]) {
  double error = 0;
  for (uint32_t i = 0; i < n; i++) {
    if (fabs(change[i] - fit->change[i]) > 1e-4)
      fail_msg("%s, %s, protocol %u: %.6f, should be %.4f", fit->rule, fit->preset, i, change[i],
               fit->change[i]);
    error += pow((change[i] - data[i][0]) / data[i][1], 2) / n;
  }
  if (fabs(error - fit->error) > 0.006 * fmax(1, fit->error))
    fail_msg("%s, %s: error %.4f, should be %.3f", fit->rule, fit->preset, error, fit->error);
}

/* Visual cortex (Sjöström, Turrigiano & Nelson 2001): 60 pairs 10 ms apart at 0.1, 10, 20, 40 and
 * 50 Hz, pre first and post first. */
static void visual_cortex_fits_give_their_changes(void **state) {
  static const fit fits[] = {
      {"stdp_triplet",
       "visual_full",
       {0.0000, 0.1321, 0.2470, 0.5337, 0.7409, -0.3122, -0.3336, -0.3516, 0.1548, 0.7272},
       0.342},
      {"stdp_triplet",
       "visual_minimal",
       {0.0000, 0.1186, 0.2278, 0.5321, 0.7627, -0.3166, -0.3322, -0.3417, 0.1737, 0.7492},
       0.356},
      {"stdp_triplet_nearest",
       "visual_full",
       {0.0000, 0.1036, 0.3232, 0.5603, 0.6243, -0.2943, -0.4113, -0.3382, 0.2598, 0.6193},
       0.232},
      {"stdp_triplet_nearest",
       "visual_minimal",
       {0.0000, 0.1009, 0.3220, 0.5683, 0.6358, -0.3568, -0.3556, -0.2786, 0.2898, 0.6299},
       0.348},
  };
  static const double data[10][2] = {{-0.04, 0.05}, {0.14, 0.10},  {0.29, 0.14},  {0.53, 0.11},
                                     {0.56, 0.26},  {-0.29, 0.08}, {-0.41, 0.11}, {-0.34, 0.10},
                                     {0.56, 0.32},  {0.75, 0.19}};
  const double rates[] = {0.1, 10, 20, 40, 50};
  protocol protocols[10];
  for (size_t i = 0; i < 5; i++) {
    protocols[i] = (protocol){1000 / rates[i], {0, -1}, {10, -1}};
    protocols[i + 5] = (protocol){1000 / rates[i], {10, -1}, {0, -1}};
  }
  for (size_t i = 0; i < COUNT(fits); i++) {
    double change[MOST];
    play(fits[i].rule, fits[i].preset, 1, protocols, 10, change);
    check_fit(&fits[i], change, 10, data);
  }
  (void)state;
}

/* Hippocampal culture (Wang, Gerkin, Nauen & Bi 2005): 60 repetitions at 1 Hz of pairs, of both
 * kinds of triplets and of quadruplets. */
static void hippocampal_fits_give_their_changes(void **state) {
  static const fit fits[] = {
      {"stdp_triplet",
       "hippocampal_full",
       {0.2018, -0.1037, 0.0426, 0.0052, -0.0782, 0.1023, 0.3576, 0.2038, 0.1080, 0.3247, 0.0353,
        0.1030, 0.2448},
       2.83},
      {"stdp_triplet",
       "hippocampal_minimal",
       {0.1754, -0.1561, 0.0551, 0.0193, -0.0508, 0.1016, 0.3327, 0.1798, 0.0684, 0.3178, 0.0418,
        0.0789, 0.3047},
       3.27},
      {"stdp_triplet_nearest",
       "hippocampal_full",
       {0.1522, -0.1338, 0.0498, 0.0184, -0.0422, 0.0896, 0.3775, 0.2151, 0.1039, 0.3545, 0.0517,
        0.0962, 0.1885},
       2.72},
      {"stdp_triplet_nearest",
       "hippocampal_minimal",
       {0.1522, -0.1338, 0.0498, 0.0184, -0.0422, 0.0896, 0.3790, 0.2169, 0.1052, 0.3569, 0.0517,
        0.0986, 0.1912},
       2.71},
  };
  static const double data[MOST][2] = {{0.25, 0.05}, {-0.17, 0.05}, {-0.01, 0.04},  {0.03, 0.04},
                                       {0.01, 0.03}, {0.24, 0.06},  {0.33, 0.04},   {0.34, 0.04},
                                       {0.22, 0.08}, {0.29, 0.05},  {-0.003, 0.03}, {0.06, 0.04},
                                       {0.21, 0.04}};
  static const protocol protocols[MOST] = {
      {1000, {0, -1}, {10, -1}},    {1000, {10, -1}, {0, -1}},    {1000, {0, 10}, {5, -1}},
      {1000, {0, 20}, {10, -1}},    {1000, {0, 20}, {15, -1}},    {1000, {0, 20}, {5, -1}},
      {1000, {5, -1}, {0, 10}},     {1000, {10, -1}, {0, 20}},    {1000, {5, -1}, {0, 20}},
      {1000, {15, -1}, {0, 20}},    {1000, {0, 93.5}, {5, 88.5}}, /* pre-post first */
      {1000, {5, 83.7}, {0, 88.7}},                               /* post-pre first */
      {1000, {5, 20}, {0, 25}}};
  for (size_t i = 0; i < COUNT(fits); i++) {
    double change[MOST];
    play(fits[i].rule, fits[i].preset, 0.1, protocols, MOST, change);
    check_fit(&fits[i], change, MOST, data);
  }
  (void)state;
}

/* Reads the first column, and the second where it is wanted. */
static size_t read_csv(const char *name, double *first, double *second, size_t most) {
  char path[512], line[2048];
  size_t n = 0;
  snprintf(path, sizeof path, "%s/reference/%s.csv", QUELL_TEST_DATA, name);
  FILE *file = fopen(path, "r");
  if (!file) fail_msg("cannot read %s", path);
  while (file && n < most && fgets(line, sizeof line, file)) {
    char *rest;
    if (line[0] == '#') continue;
    first[n] = strtod(line, &rest);
    if (second) second[n] = strtod(rest + 1, NULL);
    n++;
  }
  if (file) fclose(file);
  assert_true(n > 0 && n < most);
  return n;
}

/* Brian2's weight of one synapse over 10 s. */
static void triplet_follows_brian2(void **state) {
  static double t[1024], w[1024];
  const quell_value own[] = {{"a2_plus", 0.005},   {"a3_plus", 0.0062}, {"a2_minus", 0.007},
                             {"a3_minus", 0.0023}, {"tau_x", 101},      {"tau_y", 125},
                             {"w_max", 5}};
  const setup setup = {.cut = CUT_PIECES};
  quell_value values[RULE_PARAMS];
  train pre = {NULL, 0, 0}, post = {NULL, 0, 0};
  size_t n = read_csv("spikes_pre", t, NULL, 1024);
  for (size_t i = 0; i < n; i++) train_add(&pre, (uint64_t)llround(10 * t[i]), 0);
  n = read_csv("spikes_post", t, NULL, 1024);
  for (size_t i = 0; i < n; i++) train_add(&post, (uint64_t)llround(10 * t[i]), 0);
  size_t samples = read_csv("stdp_triplet_full", t, w, 1024);
  bench b = {.setup = &setup};
  quell_connection c = QUELL_CONNECTION_INIT;
  c.kind = QUELL_ALL_TO_ALL;
  b.network = open_network(&setup);
  OK(quell_population_create(b.network, "pre", "spike_source", 1, NULL, 0, &b.pre));
  OK(quell_population_create(b.network, "post", "external", 1, NULL, 0, &b.post));
  OK(quell_rule_create(b.network, "stdp_triplet", values,
                       rule_values("stdp_triplet", NULL, own, COUNT(own), values), &b.rule));
  OK(quell_connect(b.network, b.pre, b.post, "excitatory", &c, b.rule, &b.synapses));
  give_spikes(b.pre, &pre, 0, 0.1);
  b.feeder = (feeder){b.post, &post, 0, 0};
  OK(quell_population_on_step(b.post, feed, &b.feeder));
  for (size_t k = 0; k < samples; k++) {
    bench_run_to(&b, (uint64_t)llround(10 * t[k]));
    CLOSE((double)bench_weight(&b, 0), w[k], 5, "stdp_triplet_full", k);
  }
  bench_close(&b);
  train_free(&pre), train_free(&post);
  (void)state;
}

/* Drift of the full rule; without a3_minus it changes its sign at the published thresholds. */

static double triplet_drift(const quell_value *v, size_t n, double r_pre, double r_post) {
  double plus = without_ties(value_of(v, n, "tau_plus"), 0.5) * r_pre;
  double minus = without_ties(value_of(v, n, "tau_minus"), 0.5) * r_post;
  double slow_pre = without_ties(value_of(v, n, "tau_x"), 0.5) * r_pre;
  double slow_post = without_ties(value_of(v, n, "tau_y"), 0.5) * r_post;
  return r_post * plus * (value_of(v, n, "a2_plus") + value_of(v, n, "a3_plus") * slow_post) -
         r_pre * minus * (value_of(v, n, "a2_minus") + value_of(v, n, "a3_minus") * slow_pre);
}

static void check_triplet_drift(const char *preset, double r_pre, double r_post, double at_rest) {
  const quell_value tie = {"tie", QUELL_EXCLUSIVE};
  quell_value values[RULE_PARAMS];
  size_t n = rule_values("stdp_triplet", preset, &tie, 1, values);
  drift_run run = {"stdp_triplet", preset, &tie, 1, 5, r_pre, r_post, .seconds = 5, .warm_up = 3};
  double drift = triplet_drift(values, n, r_pre, r_post);
  if (at_rest > 0) assert_true(fabs(drift) < at_rest);
  check_drift(&run, NULL, drift, 0.0002 * r_post);
}

static void triplet_drifts_as_poisson_trains_say(void **state) {
  check_triplet_drift("visual_minimal", 20, 19.22, 0.002);
  check_triplet_drift("visual_full", 20, 10, 0);
  if (quick()) return;
  check_triplet_drift("visual_minimal", 20, 8, 0);
  check_triplet_drift("visual_minimal", 20, 35, 0);
  check_triplet_drift("hippocampal_minimal", 20, 5.378, 0.0003);
  check_triplet_drift("hippocampal_full", 25, 12, 0);
  (void)state;
}

/* A trace of the nearest of independent spikes, one with probability p in a step. */
static double nearest_trace(double tau, double rate) {
  double e = exp(-0.5 / tau), p = rate * 0.5 / 1000;
  return p * e / (1 - (1 - p) * e);
}

static void nearest_triplet_drifts_as_poisson_trains_say(void **state) {
  const quell_value tie = {"tie", QUELL_EXCLUSIVE};
  const double pre = 25, post = 18;
  drift_run run = {"stdp_triplet_nearest", "visual_full", &tie, 1, 5, pre, post,
                   .seconds = 5,           .warm_up = 4};
  double plus = post * nearest_trace(16.8, pre) * (8.8e-11 + 5.3e-2 * nearest_trace(40, post));
  double minus = pre * nearest_trace(33.7, post) * (6.6e-3 + 3.1e-3 * nearest_trace(714, pre));
  check_drift(&run, NULL, plus - minus, 0.002);
  (void)state;
}

/* The sliding threshold. */

enum { H_A3, H_KAPPA, H_PLUS, H_MINUS, H_Y, H_HOM };

static void homeostatic_pre(const double *t, double *w, double *var, const void *params) {
  const double *p = params;
  double nu = t[3] / (p[H_HOM] / 1000);
  *w -= p[H_A3] * p[H_PLUS] * p[H_Y] / p[H_MINUS] / 1000 * nu * nu / p[H_KAPPA] * t[1];
  UNUSED(var);
}

static void homeostatic_post(const double *t, double *w, double *var, const void *params) {
  *w += ((const double *)params)[H_A3] * t[0] * t[2];
  UNUSED(var);
}

static const synapse_rule homeostatic = {
    .name = "stdp_triplet_homeostatic",
    .trace = {{QUELL_PRE, QUELL_TRACE_ADD, 0, "tau_plus"},
              {QUELL_POST, QUELL_TRACE_ADD, 0, "tau_minus"},
              {QUELL_POST, QUELL_TRACE_ADD, 0, "tau_y"},
              {QUELL_POST, QUELL_TRACE_ADD, 0, "tau_hom"}},
    .pre = homeostatic_pre,
    .post = homeostatic_post,
};

static void homeostatic_triplet_is_its_equations(void **state) {
  const quell_value own[] = {{"a3_plus", 0.03}, {"kappa", 20}, {"tau_hom", 900}, {"w_max", 4}};
  compare_window(&homeostatic, NULL, own, COUNT(own), 2, NULL);
  compare_trains(&homeostatic, NULL, own, COUNT(own));
  compare_ranges("stdp_triplet_homeostatic", NULL, 0, 10);
  (void)state;
}

/* What is beyond all floats is refused, with the names of what makes it so. */
static void homeostatic_triplet_refuses_what_it_cannot(void **state) {
  const setup setup = {0};
  const quell_value own[] = {{"a3_plus", 1e9}, {"tau_hom", 1e-3}, {"kappa", 1e-3}};
  quell_network *net = open_network(&setup);
  quell_rule *rule;
  GIVES(QUELL_E_RANGE, quell_rule_create(net, "stdp_triplet_homeostatic", own, 3, &rule));
  assert_non_null(strstr(quell_network_error(net), "'tau_hom'"));
  quell_network_destroy(&net);
  (void)state;
}

/* Mean of h² y for a Poisson train of 1 Hz times `rate`: by cumulants, which for traces of one
 * train are those of the product of their kernels. */
static double mean_h2y(double hom, double minus, double rate) {
  double h = rate * without_ties(hom, 0.5), y = rate * without_ties(minus, 0.5);
  double hh = rate * without_ties(hom / 2, 0.5);
  double hy = rate * without_ties(1 / (1 / hom + 1 / minus), 0.5);
  double hhy = rate * without_ties(1 / (2 / hom + 1 / minus), 0.5);
  return h * h * y + 2 * h * hy + hh * y + hhy;
}

/* Depression grows with the square of the rate: drift is positive below kappa, negative above it
 * and about zero there; exactly so with the spread of the estimate taken into account. */
static void homeostatic_triplet_rests_at_kappa(void **state) {
  const quell_value own[] = {
      {"tie", QUELL_EXCLUSIVE}, {"kappa", 15}, {"tau_hom", 2000}, {"w_max", 10}};
  const double posts[] = {15, 8, 25};
  for (size_t i = 0; i < (quick() ? 1 : COUNT(posts)); i++) {
    drift_run run = {"stdp_triplet_homeostatic",
                     NULL,
                     own,
                     COUNT(own),
                     5,
                     20,
                     posts[i],
                     .seconds = 10,
                     .warm_up = 14};
    double plus = posts[i] * 20 * without_ties(16.8, 0.5) * posts[i] * without_ties(114, 0.5);
    double minus = 20 * 16.8 * 114 / 33.7 / 1000 / 15 / 4 * mean_h2y(2000, 33.7, posts[i]);
    if (i) assert_true((plus > minus) == (posts[i] < 15));
    check_drift(&run, NULL, 6.5e-3 * (plus - minus), 0.003);
  }
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(visual_cortex_fits_give_their_changes),
      cmocka_unit_test(hippocampal_fits_give_their_changes),
      cmocka_unit_test(triplet_follows_brian2),
      cmocka_unit_test(triplet_is_its_equations),
      cmocka_unit_test(nearest_triplet_is_its_equations),
      cmocka_unit_test(triplet_drifts_as_poisson_trains_say),
      cmocka_unit_test(nearest_triplet_drifts_as_poisson_trains_say),
      cmocka_unit_test(homeostatic_triplet_is_its_equations),
      cmocka_unit_test(homeostatic_triplet_refuses_what_it_cannot),
      cmocka_unit_test(homeostatic_triplet_rests_at_kappa),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

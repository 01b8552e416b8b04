/* Inhibitory rules that need pairs of spikes alone: windows, mean drift, random trains and ranges.
 * Equations and published numbers are those in the rules' files. */
#include "support/check.h"
#include "support/compare.h"
#include "support/drift.h"
#include <math.h>

#define UNUSED(var) (void)(var)

/* istdp_asymmetric, and meta_learnt, which is the same in other words. */

enum { ETA, A_PRE, A_POST, A_PLUS, A_MINUS, TAU_PLUS, TAU_MINUS };

static void asymmetric_pre(const double *t, double *w, double *var, const void *params) {
  const double *p = params;
  *w += p[ETA] * (p[A_PRE] + p[A_MINUS] * t[1]);
  UNUSED(var);
}

static void asymmetric_post(const double *t, double *w, double *var, const void *params) {
  const double *p = params;
  *w += p[ETA] * (p[A_POST] + p[A_PLUS] * t[0]);
  UNUSED(var);
}

static const synapse_rule asymmetric = {
    .name = "istdp_asymmetric",
    .trace = {{QUELL_PRE, QUELL_TRACE_ADD, 0, "tau_plus"},
              {QUELL_POST, QUELL_TRACE_ADD, 0, "tau_minus"}},
    .pre = asymmetric_pre,
    .post = asymmetric_post,
};

static double asymmetric_window(double ms, int tie, double w, const double *p) {
  w += p[ETA] * (p[A_PRE] + p[A_POST]);
  if (ms > 0 || (ms == 0 && tie == QUELL_PRE_FIRST))
    w += p[ETA] * p[A_PLUS] * exp(-ms / p[TAU_PLUS]);
  if (ms < 0 || (ms == 0 && tie == QUELL_POST_FIRST))
    w += p[ETA] * p[A_MINUS] * exp(ms / p[TAU_MINUS]);
  return w;
}

static const quell_value asymmetric_own[] = {{"eta", 0.02},     {"a_pre", -0.3},   {"a_post", 0.2},
                                             {"a_plus", 1.1},   {"a_minus", -0.9}, {"tau_plus", 14},
                                             {"tau_minus", 31}, {"w_max", 8}};

static void asymmetric_is_its_equations(void **state) {
  compare_window(&asymmetric, NULL, asymmetric_own, COUNT(asymmetric_own), 3, asymmetric_window);
  compare_trains(&asymmetric, NULL, asymmetric_own, COUNT(asymmetric_own));
  compare_trains(&asymmetric, "festa2024_sst", NULL, 0);
  compare_ranges("istdp_asymmetric", NULL, 0, 3);
  (void)state;
}

/* The preset of the random network rests at these rates (a_pre r_pre + a_post r_post + 0.3 r_pre
 * r_post = 0), and moves on both sides of them. */
static void asymmetric_drifts_by_areas_and_constants(void **state) {
  const double rest[3][2] = {{5, 2.0588}, {10, 2.1875}, {20, 2.2581}};
  const quell_value own[] = {{"tie", QUELL_EXCLUSIVE}, {"eta", 1e-4}};
  for (size_t i = quick() ? 1 : 0; i < (quick() ? 2 : 3); i++) {
    for (int side = -1; side <= 1; side++) {
      double pre = rest[i][0], post = rest[i][1] * pow(1.5, side);
      drift_run run = {"istdp_asymmetric", "festa2024_random", own, COUNT(own), 40, pre, post,
                       .seconds = 10,      .warm_up = 1};
      double areas = without_ties(60, 0.5) / 0.060 - 0.7 * without_ties(30, 0.5) / 0.030;
      double drift = 1e-4 * (-0.7 * pre + 0.2 * post + areas * pre * post);
      if (side == 0) assert_true(fabs(drift / 1e-4) < 0.02 * 0.7 * pre); /* but for the grid */
      check_drift(&run, NULL, drift, 1e-4 * 0.1 * pre);
    }
  }
  (void)state;
}

/* Constants alone: each pre spike and each post spike counts. A window without area has no drift.
 */
static void sst_preset_drifts_by_its_constants(void **state) {
  const quell_value own[] = {{"tie", QUELL_EXCLUSIVE}, {"eta", 1e-4}};
  drift_run run = {"istdp_asymmetric", "festa2024_sst", own, COUNT(own), 40, 20, 8,
                   .seconds = 10,      .warm_up = 1};
  check_drift(&run, NULL, 1e-4 * (-0.2 * 20 + 1.0 * 8), 1e-4 * 1.5);
  (void)state;
}

/* meta_learnt */

enum { TAU_PRE = 1, TAU_POST, ALPHA, BETA, GAMMA, KAPPA };

static void meta_pre(const double *t, double *w, double *var, const void *params) {
  const double *p = params;
  *w += p[ETA] * (p[ALPHA] + p[KAPPA] * t[1]);
  UNUSED(var);
}

static void meta_post(const double *t, double *w, double *var, const void *params) {
  const double *p = params;
  *w += p[ETA] * (p[BETA] + p[GAMMA] * t[0]);
  UNUSED(var);
}

static const synapse_rule meta = {
    .name = "meta_learnt",
    .trace = {{QUELL_PRE, QUELL_TRACE_ADD, 0, "tau_pre"},
              {QUELL_POST, QUELL_TRACE_ADD, 0, "tau_post"}},
    .pre = meta_pre,
    .post = meta_post,
};

static double meta_window(double ms, int tie, double w, const double *p) {
  w += p[ETA] * (p[ALPHA] + p[BETA]);
  if (ms > 0 || (ms == 0 && tie == QUELL_PRE_FIRST)) w += p[ETA] * p[GAMMA] * exp(-ms / p[TAU_PRE]);
  if (ms < 0 || (ms == 0 && tie == QUELL_POST_FIRST))
    w += p[ETA] * p[KAPPA] * exp(ms / p[TAU_POST]);
  return w;
}

static void meta_learnt_is_its_equations(void **state) {
  const quell_value own[] = {{"alpha", -0.7}, {"beta", 0.3},      {"gamma", 1.6}, {"kappa", -1.1},
                             {"tau_pre", 27}, {"tau_post", 11.5}, {"w_max", 9}};
  compare_window(&meta, NULL, own, COUNT(own), 3, meta_window);
  compare_trains(&meta, NULL, own, COUNT(own));
  compare_ranges("meta_learnt", NULL, 0, 4);
  (void)state;
}

/* With alpha = -1.2, kappa 1.5 at 20 ms and gamma 0.7 at 50 ms the target is 1.2 / 0.065 Hz. */
static void meta_learnt_has_its_target_rate(void **state) {
  const quell_value own[] = {{"alpha", -1.2}, {"kappa", 1.5},   {"gamma", 0.7},
                             {"tau_pre", 50}, {"tau_post", 20}, {"eta", 1e-3}};
  const double rates[] = {1.2 / 0.065, 12, 30};
  for (size_t i = 0; i < (quick() ? 1 : COUNT(rates)); i++) {
    drift_run run = {"meta_learnt", NULL,          own,         COUNT(own), 10, 15,
                     rates[i],      .seconds = 10, .warm_up = 1};
    double areas = 1.5 * without_ties(20, 0.5) + 0.7 * with_ties(50, 0.5);
    check_drift(&run, NULL, 1e-3 * 15 * (-1.2 + areas * rates[i]), 1e-3 * 15 * 0.03);
  }
  (void)state;
}

/* istdp_symmetric */

enum { A_1 = 3, A_2, TAU_1, TAU_2 };

static void symmetric_pre(const double *t, double *w, double *var, const void *params) {
  const double *p = params;
  *w += p[ETA] * (p[A_PRE] + p[A_1] * t[2] - p[A_2] * t[3]);
  UNUSED(var);
}

static void symmetric_post(const double *t, double *w, double *var, const void *params) {
  const double *p = params;
  *w += p[ETA] * (p[A_POST] + p[A_1] * t[0] - p[A_2] * t[1]);
  UNUSED(var);
}

static const synapse_rule symmetric = {
    .name = "istdp_symmetric",
    .trace = {{QUELL_PRE, QUELL_TRACE_ADD, 0, "tau_1"},
              {QUELL_PRE, QUELL_TRACE_ADD, 0, "tau_2"},
              {QUELL_POST, QUELL_TRACE_ADD, 0, "tau_1"},
              {QUELL_POST, QUELL_TRACE_ADD, 0, "tau_2"}},
    .pre = symmetric_pre,
    .post = symmetric_post,
};

static double symmetric_window(double ms, int tie, double w, const double *p) {
  w += p[ETA] * (p[A_PRE] + p[A_POST]);
  if (ms == 0 && tie == QUELL_EXCLUSIVE) return w;
  return w + p[ETA] * (p[A_1] * exp(-fabs(ms) / p[TAU_1]) - p[A_2] * exp(-fabs(ms) / p[TAU_2]));
}

static void symmetric_is_its_equations(void **state) {
  const quell_value own[] = {{"eta", 0.02}, {"a_pre", -0.2}, {"a_post", 0.25}, {"a_1", 1.3},
                             {"a_2", 0.6},  {"tau_1", 9},    {"tau_2", 40},    {"w_max", 8}};
  compare_window(&symmetric, NULL, own, COUNT(own), 3, symmetric_window);
  compare_trains(&symmetric, NULL, own, COUNT(own));
  compare_trains(&symmetric, "festa2024_pv", NULL, 0);
  compare_window(&symmetric, "after_woodin2003", NULL, 0, 3, symmetric_window);
  compare_ranges("istdp_symmetric", NULL, 0, 5);
  (void)state;
}

/* The default's window is zero at 15 ms ln 3 = 16.479 ms and positive within. */
static void mexican_hat_has_its_zero(void **state) {
  quell_value values[RULE_PARAMS];
  double numbers[RULE_PARAMS];
  size_t n = rule_values("istdp_symmetric", "mexican_hat", NULL, 0, values);
  (void)reference_for(&symmetric, values, n, numbers);
  double zero = 15 * log(3);
  assert_true(fabs(symmetric_window(zero, 0, 0, numbers)) < 1e-15);
  assert_true(symmetric_window(16.4, 0, 0, numbers) > 1e-6);
  assert_true(symmetric_window(-16.5, 0, 0, numbers) < -1e-7);
  assert_true(fabs(numbers[A_1] * numbers[TAU_1] - numbers[A_2] * numbers[TAU_2]) < 1e-12);
  compare_window(&symmetric, "mexican_hat", NULL, 0, 3, symmetric_window);
  (void)state;
}

/* The window of the PV preset has no area: it rests at r_post = 0.2 r_pre, whatever r_pre. */
static void pv_preset_rests_where_its_constants_cancel(void **state) {
  const quell_value own[] = {{"tie", QUELL_EXCLUSIVE}, {"eta", 1e-4}};
  const double rates[3][2] = {{20, 4}, {40, 8}, {20, 10}};
  for (size_t i = 0; i < (quick() ? 1 : 3); i++) {
    double pre = rates[i][0], post = rates[i][1];
    drift_run run = {"istdp_symmetric", "festa2024_pv", own, COUNT(own), 40, pre, post,
                     .seconds = 20,     .warm_up = 4};
    double area = 2 * (without_ties(30, 0.5) / 0.030 - without_ties(600, 0.5) / 0.600);
    check_drift(&run, NULL, 1e-4 * (-0.2 * pre + post + area * pre * post), 1e-4 * 1.5);
  }
  (void)state;
}

/* istdp_multiplicative */

enum { RHO0 = 1, TAU, W_N, SIGN };

static void multiplicative_pre(const double *t, double *w, double *var, const void *params) {
  const double *p = params;
  *w += p[SIGN] * p[ETA] * *w / p[W_N] * (t[1] - 2 * p[RHO0] * p[TAU] / 1000);
  UNUSED(var);
}

static void multiplicative_post(const double *t, double *w, double *var, const void *params) {
  const double *p = params;
  *w += p[SIGN] * p[ETA] * *w / p[W_N] * t[0];
  UNUSED(var);
}

static const synapse_rule multiplicative = {
    .name = "istdp_multiplicative",
    .trace = {{QUELL_PRE, QUELL_TRACE_ADD, 0, "tau"}, {QUELL_POST, QUELL_TRACE_ADD, 0, "tau"}},
    .pre = multiplicative_pre,
    .post = multiplicative_post,
};

static double multiplicative_window(double ms, int tie, double w, const double *p) {
  double rate = p[SIGN] * p[ETA] / p[W_N], alpha = 2 * p[RHO0] * p[TAU] / 1000;
  int meets = ms != 0 || tie != QUELL_EXCLUSIVE;
  double other = meets * exp(-fabs(ms) / p[TAU]);
  if (ms > 0 || (ms == 0 && tie != QUELL_POST_FIRST))
    return w * (1 - rate * alpha) * (1 + rate * other);
  return w * (1 + rate * (other - alpha));
}

static void multiplicative_is_its_equations(void **state) {
  quell_value own[] = {{"eta", 0.02}, {"rho0", 12}, {"tau", 25},
                       {"w_n", 2.5},  {"w_max", 9}, {"sign", 1}};
  compare_window(&multiplicative, NULL, own, COUNT(own), 3, multiplicative_window);
  compare_trains(&multiplicative, NULL, own, COUNT(own));
  own[5].value = -1;
  compare_trains(&multiplicative, NULL, own, COUNT(own));
  compare_ranges("istdp_multiplicative", NULL, 0, 6);
  (void)state;
}

/* ln w drifts by sign (eta / w_n) r_pre (2 tau r_post - alpha), and so does not below and above the
 * target, from whatever weight. */
static void multiplicative_drifts_in_proportion(void **state) {
  const char *presets[] = {"akil2021_ie", "akil2021_ei", "akil2021_ii"};
  const double target[] = {10, 20, 20}, sign[] = {1, -1, 1}, w0[] = {0.5, 20, 3};
  quell_value own[] = {{"w_n", 0.15}, {"tie", QUELL_PRE_FIRST}};
  double reads = with_ties(200, 0.5) + without_ties(200, 0.5), rate = 1.5e-5 / 0.15;
  for (size_t i = 0; i < (quick() ? 1 : COUNT(presets)); i++) {
    const double posts[] = {target[i], target[i] / 2, target[i] * 1.4};
    for (size_t k = 0; k < COUNT(posts); k++) {
      drift_run run = {"istdp_multiplicative", presets[i],  own, COUNT(own), w0[i], 15, posts[k],
                       .seconds = 10,          .warm_up = 2};
      double drift = sign[i] * rate * 15 * (reads * posts[k] - 2 * target[i] * 0.2);
      check_drift(&run, log, drift, rate * 15 * 0.1);
    }
  }
  (void)state;
}

/* miehl2022_spiking */

enum { C = 1, MIEHL_PRE, MIEHL_POST, MIEHL_SLOW };

static void miehl_pre(const double *t, double *w, double *var, const void *params) {
  const double *p = params;
  *w -= p[ETA] * p[MIEHL_PRE] / p[MIEHL_POST] * t[1];
  UNUSED(var);
}

static void miehl_post(const double *t, double *w, double *var, const void *params) {
  const double *p = params;
  *w += p[ETA] * t[0] * t[2] / (p[C] * p[MIEHL_SLOW] / 1000);
  UNUSED(var);
}

static const synapse_rule miehl = {
    .name = "miehl2022_spiking",
    .trace = {{QUELL_PRE, QUELL_TRACE_ADD, 0, "tau_pre"},
              {QUELL_POST, QUELL_TRACE_ADD, 0, "tau_post"},
              {QUELL_POST, QUELL_TRACE_ADD, 0, "tau_slow"}},
    .pre = miehl_pre,
    .post = miehl_post,
};

/* A lone pair does not potentiate: the slow trace is that of earlier spikes. */
static double miehl_window(double ms, int tie, double w, const double *p) {
  int sees = ms < 0 || (ms == 0 && tie == QUELL_POST_FIRST);
  return w - sees * p[ETA] * p[MIEHL_PRE] / p[MIEHL_POST] * exp(ms / p[MIEHL_POST]);
}

static void miehl_is_its_equations(void **state) {
  const quell_value own[] = {{"eta", 0.03},    {"c", 14},        {"tau_pre", 17},
                             {"tau_post", 26}, {"tau_slow", 90}, {"w_max", 7}};
  compare_window(&miehl, NULL, own, COUNT(own), 3, miehl_window);
  compare_trains(&miehl, NULL, own, COUNT(own));
  compare_ranges("miehl2022_spiking", NULL, 0, 7);
  (void)state;
}

/* r_pre r_post (r_post / c - 1): depression below the threshold, none at it, potentiation above. */
static void miehl_drifts_by_the_square_of_the_rate(void **state) {
  const quell_value own[] = {{"eta", 1e-3}, {"c", 8}, {"tau_post", 30}, {"tie", QUELL_EXCLUSIVE}};
  const double posts[] = {8, 4, 16};
  for (size_t i = 0; i < (quick() ? 1 : COUNT(posts)); i++) {
    drift_run run = {"miehl2022_spiking", NULL,        own, COUNT(own), 50, 20, posts[i],
                     .seconds = 20,       .warm_up = 1};
    double plus = without_ties(20, 0.5) * without_ties(100, 0.5) / 0.1 * posts[i] / 8;
    double minus = without_ties(30, 0.5) * 20 / 30;
    check_drift(&run, NULL, 1e-3 * 20 * posts[i] * (plus - minus), 1e-3 * 20 * posts[i] * 0.001);
  }
  (void)state;
}

/* A silent post neuron keeps its weights to the bit: an absorbing state. */
static void miehl_does_not_wake_a_silent_neuron(void **state) {
  static float w[DRIFT_PAIRS];
  drift_run run = {"miehl2022_spiking", NULL, NULL, 0, 0.7, 40, 0, .seconds = 2};
  drift_weights(&run, w);
  for (size_t i = 0; i < DRIFT_PAIRS; i++) assert_true(w[i] == 0.7f);
  (void)state;
}

/* Presets. */

enum { MOST = 9 };

typedef struct published {
  const char *rule, *preset;
  quell_value values[MOST];
} published;

/* Amplitudes where traces jump by 1 / tau: areas over tau in s. */
static const published sets[] = {
    {"vogels2011", "auryn", {{"eta", 1e-3}, {"rho0", 3}, {"tau", 20}, {"w_min", 0}, {"w_max", 30}}},
    {"vogels2011", "brian2", {{"eta", 1e-2}, {"rho0", 3}, {"tau", 20}, {"w_max", 100}}},
    {"vogels2011",
     "agnes2020",
     {{"eta", 1e-3}, {"rho0", 5}, {"tau", 20}, {"w_min", 1e-4}, {"w_max", 5}}},
    {"vogels2011",
     "schulz2021",
     {{"eta", 1}, {"rho0", 3}, {"tau", 20}, {"w_min", 48.7}, {"w_max", 243}}},
    {"vogels2011",
     "agnes2024",
     {{"eta", 5e-3}, {"rho0", 7}, {"tau", 20}, {"w_min", 1e-6}, {"w_max", 10}}},
    {"istdp_asymmetric",
     "festa2024_random",
     {{"eta", 5e-3},
      {"a_pre", -0.7},
      {"a_post", 0.2},
      {"a_plus", 1 / 60e-3},
      {"a_minus", -0.7 / 30e-3},
      {"tau_plus", 60},
      {"tau_minus", 30},
      {"w_min", 0},
      {"w_max", 80}}},
    {"istdp_asymmetric",
     "festa2024_sst",
     {{"eta", 1e-3},
      {"a_pre", -0.2},
      {"a_post", 1},
      {"a_plus", 1 / 30e-3},
      {"a_minus", -1 / 30e-3},
      {"tau_plus", 30},
      {"tau_minus", 30},
      {"w_min", 0},
      {"w_max", 80}}},
    {"istdp_asymmetric",
     "festa2024_motif",
     {{"eta", 3e-6},
      {"a_pre", -0.0710},
      {"a_post", 3.98},
      {"a_plus", 0.5 / 50e-3},
      {"a_minus", -0.5 / 50e-3},
      {"tau_plus", 50},
      {"tau_minus", 50}}},
    {"istdp_asymmetric",
     "wilmes2017",
     {{"eta", 1e-3},
      {"a_pre", 0},
      {"a_post", 0},
      {"a_plus", -1},
      {"a_minus", 1},
      {"tau_plus", 20},
      {"tau_minus", 20},
      {"w_min", 0},
      {"w_max", (double)INFINITY}}},
    {"istdp_symmetric",
     "festa2024_pv",
     {{"eta", 2e-3},
      {"a_pre", -0.2},
      {"a_post", 1},
      {"a_1", 1 / 30e-3},
      {"a_2", 1 / 600e-3},
      {"tau_1", 30},
      {"tau_2", 600},
      {"w_min", 0},
      {"w_max", 80}}},
    {"istdp_symmetric",
     "festa2024_random",
     {{"eta", 4e-2},
      {"a_pre", -0.05},
      {"a_post", 0},
      {"a_1", 1 / 60e-3},
      {"a_2", 1 / 1200e-3},
      {"tau_1", 30},
      {"tau_2", 600},
      {"w_min", 0},
      {"w_max", 80}}},
    {"istdp_symmetric",
     "festa2024_motif",
     {{"eta", 3e-6},
      {"a_pre", -0.0302},
      {"a_post", 0.362},
      {"a_1", 0.25 / 50e-3},
      {"a_2", 0.25 / 500e-3},
      {"tau_1", 50},
      {"tau_2", 500}}},
    {"istdp_symmetric",
     "festa2024_motif_rate",
     {{"eta", 4e-7},
      {"a_pre", -25},
      {"a_post", 0},
      {"a_1", 0.5 / 200e-3},
      {"a_2", 0},
      {"tau_1", 200}}},
    {"istdp_multiplicative",
     "akil2021_ie",
     {{"eta", 1.5e-5}, {"rho0", 10}, {"tau", 200}, {"sign", 1}}},
    {"istdp_multiplicative",
     "akil2021_ii",
     {{"eta", 1.5e-5}, {"rho0", 20}, {"tau", 200}, {"sign", 1}}},
    {"istdp_multiplicative",
     "akil2021_ei",
     {{"eta", 1.5e-5}, {"rho0", 20}, {"tau", 200}, {"sign", -1}}},
    {"meta_learnt", NULL, {{"eta", 0.01}, {"w_max", 20}}},
    {"miehl2022_spiking", NULL, {{"c", 1}}},
};

static void presets_are_the_published_values(void **state) {
  for (size_t i = 0; i < COUNT(sets); i++) {
    quell_value values[RULE_PARAMS];
    size_t n = rule_values(sets[i].rule, sets[i].preset, NULL, 0, values);
    for (size_t k = 0; k < MOST && sets[i].values[k].name; k++) {
      const quell_value *want = &sets[i].values[k];
      double got = value_of(values, n, want->name);
      if (got != want->value && !(fabs(got - want->value) <= 1e-12 * fabs(want->value)))
        fail_msg("%s, %s: %s is %g, should be %g", sets[i].rule, sets[i].preset, want->name, got,
                 want->value);
    }
  }
  (void)state;
}

/* The member of the family that is vogels2011, and a symmetric rule that is. */
static void vogels_is_a_special_case(void **state) {
  const quell_value hat[] = {
      {"a_1", 1},       {"a_2", 0},    {"tau_1", 20}, {"tau_2", 20},
      {"a_pre", -0.12}, {"eta", 0.01}, {"w_max", 20}, {"tie", QUELL_EXCLUSIVE}};
  const quell_value tie = {"tie", QUELL_EXCLUSIVE};
  static float family[DRIFT_PAIRS], symmetric_w[DRIFT_PAIRS], plain[DRIFT_PAIRS];
  drift_run run = {"meta_learnt", "vogels2011", &tie, 1, 5, 12, 9, .seconds = 5};
  drift_weights(&run, family);
  run = (drift_run){"istdp_symmetric", NULL, hat, COUNT(hat), 5, 12, 9, .seconds = 5};
  drift_weights(&run, symmetric_w);
  run = (drift_run){"vogels2011", NULL, &tie, 1, 5, 12, 9, .seconds = 5};
  drift_weights(&run, plain);
  for (size_t i = 0; i < DRIFT_PAIRS; i++) {
    CLOSE((double)family[i], (double)plain[i], 100, "meta_learnt", i);
    CLOSE((double)symmetric_w[i], (double)plain[i], 100, "istdp_symmetric", i);
  }
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(asymmetric_is_its_equations),
      cmocka_unit_test(asymmetric_drifts_by_areas_and_constants),
      cmocka_unit_test(sst_preset_drifts_by_its_constants),
      cmocka_unit_test(meta_learnt_is_its_equations),
      cmocka_unit_test(meta_learnt_has_its_target_rate),
      cmocka_unit_test(symmetric_is_its_equations),
      cmocka_unit_test(mexican_hat_has_its_zero),
      cmocka_unit_test(pv_preset_rests_where_its_constants_cancel),
      cmocka_unit_test(multiplicative_is_its_equations),
      cmocka_unit_test(multiplicative_drifts_in_proportion),
      cmocka_unit_test(miehl_is_its_equations),
      cmocka_unit_test(miehl_drifts_by_the_square_of_the_rate),
      cmocka_unit_test(miehl_does_not_wake_a_silent_neuron),
      cmocka_unit_test(presets_are_the_published_values),
      cmocka_unit_test(vogels_is_a_special_case),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

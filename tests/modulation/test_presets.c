/* Kinetics and receptors against the sources that they name. */
#include "support/check.h"
#include "support/setup.h"
#include <math.h>
#include <string.h>

static void near(double got, double want, double tolerance, const char *what) {
  if (!(fabs(got - want) <= tolerance)) fail_msg("%s: %.17g, not %.17g", what, got, want);
}

static void test_all_have_words(void **state) {
  (void)state;
  quell_modulator_preset preset = QUELL_MODULATOR_PRESET_INIT, other = preset;
  for (int receptors = 0; receptors < 2; receptors++) {
    quell_status (*get)(size_t, quell_modulator_preset *) =
        receptors ? quell_modulator_receptor : quell_modulator_kinetics;
    size_t n = 0;
    for (; get(n, &preset) == QUELL_OK; n++) {
      assert_true(*preset.name && *preset.doc && *preset.source);
      for (size_t i = 0; i < n; i++) {
        OK(get(i, &other));
        assert_string_not_equal(preset.name, other.name);
      }
    }
    assert_true(n > 0);
    GIVES(QUELL_E_LENGTH, get(n, &preset));
    GIVES(QUELL_E_NULL, get(0, NULL));
  }
}

/* Every one makes a channel, which begins at its tonic level. */
static void test_all_kinetics_make_channels(void **state) {
  (void)state;
  const setup plain = {0};
  quell_network *net = open_network(&plain);
  quell_modulator_preset preset = QUELL_MODULATOR_PRESET_INIT;
  quell_modulator_options options = QUELL_MODULATOR_OPTIONS_INIT;
  for (size_t i = 0; quell_modulator_kinetics(i, &preset) == QUELL_OK; i++) {
    quell_modulator *m;
    double tonic, tau, level;
    options.preset = preset.name;
    OK(quell_modulator_create(net, preset.name, &options, NULL, 0, &m));
    OK(quell_modulator_get_value(m, "tonic", &tonic));
    OK(quell_modulator_get_value(m, "tau", &tau));
    OK(quell_modulator_get(m, 0, 1, &level));
    assert_true(level == tonic && tau > 0.0);
  }
  options.preset = "adrenaline";
  quell_modulator *none;
  GIVES(QUELL_E_NAME, quell_modulator_create(net, "none", &options, NULL, 0, &none));
  assert_non_null(strstr(quell_network_error(net), "adrenaline"));
  quell_network_destroy(&net);
}

static double parameter(const char *preset, const char *name) {
  const setup plain = {0};
  quell_network *net = open_network(&plain);
  quell_modulator_options options = QUELL_MODULATOR_OPTIONS_INIT;
  quell_modulator *m;
  double value;
  options.preset = preset;
  OK(quell_modulator_create(net, preset, &options, NULL, 0, &m));
  OK(quell_modulator_get_value(m, name, &value));
  quell_network_destroy(&net);
  return value;
}

/* A value that is given counts more than that of the preset. */
static void test_values_are_put_over_a_preset(void **state) {
  (void)state;
  const setup plain = {0};
  const quell_value values[] = {{"tonic", 0.5}};
  quell_network *net = open_network(&plain);
  quell_modulator_options options = QUELL_MODULATOR_OPTIONS_INIT;
  quell_modulator *m;
  double tonic, tau;
  options.preset = "dopamine";
  OK(quell_modulator_create(net, "m", &options, values, 1, &m));
  OK(quell_modulator_get_value(m, "tonic", &tonic));
  OK(quell_modulator_get_value(m, "tau", &tau));
  assert_true(tonic == 0.5 && tau == 200.0);
  quell_network_destroy(&net);
}

/* daspnet multiplies by 0.995 each ms, which is one step of Euler's for 200 ms. */
static void test_izhikevich(void **state) {
  (void)state;
  near(1.0 - 1.0 / parameter("dopamine", "tau"), 0.995, 1e-15, "decay");
  near(parameter("dopamine", "tonic"), 0.002, 0.0, "tonic");
}

/* Half of it is gone after 2.93 s. */
static void test_palij(void **state) {
  (void)state;
  near(exp(-2930.0 / parameter("noradrenaline", "tau")), 0.5, 1e-4, "half-life");
}

/* At the tonic level dopamine is released as fast as it is taken up: neurons fire at 4 Hz, each
 * spike releases `quantum` nM less what D2 receptors with half at 100 nM take of it; uptake is
 * `most` c / (160 + c). The time constant is that of the uptake's slope there. The table has three
 * digits. */
static void uptake(const char *preset, double quantum, double most) {
  double c = parameter(preset, "tonic"), tau = parameter(preset, "tau");
  double release = 4.0 * quantum / (1.0 + 3.0 * c / (100.0 + c));
  double taken = most * c / (160.0 + c), slope = most * 160.0 / ((160.0 + c) * (160.0 + c));
  near(release / taken, 1.0, 1e-3, preset);
  near(tau / 1000.0 * slope, 1.0, 1e-3, preset);
}

static void test_dreyer(void **state) {
  (void)state;
  uptake("dopamine_ventral", 200.0, 1500.0);
  uptake("dopamine_dorsal", 400.0, 4000.0);
}

static double receptor(const char *name, double c) {
  quell_modulator_preset preset = QUELL_MODULATOR_PRESET_INIT;
  double value;
  for (size_t i = 0; quell_modulator_receptor(i, &preset) == QUELL_OK; i++) {
    if (strcmp(preset.name, name)) continue;
    OK(quell_curve_value(&preset.curve, c, &value));
    return value;
  }
  fail_msg("no receptor '%s'", name);
  return 0.0;
}

/* c / (c + half), with the half of each source as it is given there. */
static void test_occupancy(void **state) {
  (void)state;
  const char *const names[] = {"d1",    "d2",    "d2_terminal", "m1",     "nicotinic",
                               "5ht1a", "5ht2a", "alpha1",      "alpha2", "beta"};
  const double half[] = {1000.0,
                         7.0,
                         100.0,
                         1e9 * pow(10.0, -6.08),
                         1700.0,
                         1e9 * pow(10.0, -9.22),
                         1e9 * pow(10.0, -8.9),
                         330.0,
                         56.0,
                         740.0};
  for (size_t i = 0; i < COUNT(names); i++) {
    assert_true(receptor(names[i], 0.0) == 0.0);
    for (double c = 1.0; c < 1e5; c *= 3.0)
      near(receptor(names[i], c), c / (c + half[i]), 1e-4, names[i]);
  }
  near(receptor("alpha7", 1e6), 1.0 / (1.0 + pow(0.153, 0.91)), 1e-14, "alpha7");
}

/* The seven cases of CARLsim's own test, pka_plc_mod.cpp: amplitudes of potentiation and depression
 * that are 0.08 and −0.12 without modulators. */
static void test_push_pull(void **state) {
  (void)state;
  const struct {
    double pka, plc, potentiation, depression;
  } cases[] = {
      {1.0, 1.0, 0.08, -0.12},   {1.0, 0.0, 0.16, 0.12},    {0.0, 1.0, -0.08, -0.24},
      {0.0, 0.0, 0.0, 0.0},      {0.6, 0.6, 0.048, -0.072}, {1.4, 1.4, 0.112, -0.168},
      {1.25, 0.75, 0.14, -0.03},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    double up = 1.0 + receptor("pka_potentiation", cases[i].pka) +
                receptor("plc_potentiation", cases[i].plc);
    double down =
        1.0 + receptor("pka_depression", cases[i].pka) + receptor("plc_depression", cases[i].plc);
    near(0.08 * up, cases[i].potentiation, 1e-15, "potentiation");
    near(-0.12 * down, cases[i].depression, 1e-15, "depression");
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_all_have_words), cmocka_unit_test(test_all_kinetics_make_channels),
      cmocka_unit_test(test_izhikevich),     cmocka_unit_test(test_dreyer),
      cmocka_unit_test(test_palij),          cmocka_unit_test(test_values_are_put_over_a_preset),
      cmocka_unit_test(test_occupancy),      cmocka_unit_test(test_push_pull),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Published kinetics and curves: complete, and usable as they are. */
#include "support/check.h"
#include "support/setup.h"
#include <math.h>
#include <string.h>

static const setup plain = {0};

static double value_of(const quell_modulator *m, const char *name) {
  double value;
  OK(quell_modulator_get_value(m, name, &value));
  return value;
}

static void check_texts(const quell_modulator_preset *p) {
  assert_true(p->name && *p->name && p->doc && *p->doc && p->source && *p->source);
  assert_null(strchr(p->doc, '\n'));
}

static void kinetics_make_channels(void **state) {
  (void)state;
  quell_network *net = open_network(&plain);
  quell_modulator_preset p = QUELL_MODULATOR_PRESET_INIT;
  quell_modulator_options o = QUELL_MODULATOR_OPTIONS_INIT;
  quell_modulator *m;
  size_t n = 0;
  for (; quell_modulator_kinetics(n, &p) == QUELL_OK; n++) {
    check_texts(&p);
    o.preset = p.name;
    OK(quell_modulator_create(net, p.name, &o, NULL, 0, &m)); /* names differ */
    assert_true(value_of(m, "tau") > 0.0 && value_of(m, "min") == 0.0);
  }
  assert_true(n > 0);
  GIVES(QUELL_E_LENGTH, quell_modulator_kinetics(n, &p));
  GIVES(QUELL_E_NULL, quell_modulator_kinetics(0, NULL));
  quell_network_destroy(&net);
}

/* A value that is given counts more than that of the preset. */
static void values_are_put_over_a_preset(void **state) {
  (void)state;
  quell_network *net = open_network(&plain);
  quell_modulator_options o = QUELL_MODULATOR_OPTIONS_INIT;
  const quell_value values[] = {{"tonic", 0.5}};
  quell_modulator *m;
  o.preset = "dopamine";
  OK(quell_modulator_create(net, "m", &o, values, 1, &m));
  assert_true(value_of(m, "tonic") == 0.5);
  assert_float_equal(exp(-1.0 / value_of(m, "tau")), 0.995, 2e-5); /* each ms, in its code */
  quell_network_destroy(&net);
}

static int is_listed(const char *name) {
  quell_modulator_preset p = QUELL_MODULATOR_PRESET_INIT;
  for (size_t i = 0; quell_modulator_receptor(i, &p) == QUELL_OK; i++)
    if (!strcmp(p.name, name)) return 1;
  return 0;
}

static void receptors_are_occupied(void **state) {
  (void)state;
  static const char *const names[] = {"d1",    "d2",     "m1",     "nicotinic", "5ht1a",
                                      "5ht2a", "alpha1", "alpha2", "beta"};
  quell_modulator_preset p = QUELL_MODULATOR_PRESET_INIT;
  for (size_t i = 0; i < COUNT(names); i++) assert_true(is_listed(names[i]));
  for (size_t i = 0; quell_modulator_receptor(i, &p) == QUELL_OK; i++) {
    double none, half, all;
    check_texts(&p);
    OK(quell_curve_value(&p.curve, 0.0, &none));
    OK(quell_curve_value(&p.curve, p.curve.half, &half));
    OK(quell_curve_value(&p.curve, 1e12, &all));
    assert_true(none == 0.0 && fabs(half - 0.5) < 1e-15 && fabs(all - 1.0) < 1e-5);
  }
  GIVES(QUELL_E_NULL, quell_modulator_receptor(0, NULL));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(kinetics_make_channels),
      cmocka_unit_test(values_are_put_over_a_preset),
      cmocka_unit_test(receptors_are_occupied),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

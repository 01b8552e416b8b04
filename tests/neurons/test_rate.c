/* Rate units against closed forms and brute force in double. */
#include "harness.h"

enum { MANY = 300 }; /* more than a chunk */

/* Everything between h and the rate, from the equation. */
static double response(double h, double threshold, double gain, double exponent, double most) {
  double rate = h > threshold ? gain * pow(h - threshold, exponent) : 0.0;
  return rate < most ? rate : most;
}

/* Input that is held: h(t) = h∞ + (h0 − h∞) e^(−t/tau) at every step, whatever dt; it ends at h∞.
 * Catches a wrong sign of either receptor, a wrong unit of the input, and Euler steps. */
static void step_response(void **unused) {
  (void)unused;
  for (double dt = 0.01; dt < 20.0; dt *= 3.0) {
    for (double tau = 0.1; tau < 200.0; tau *= 7.0) {
      const quell_value changes[] = {{"tau", tau}, {"bias", 7.0}, {NULL, 0}};
      harness h = open_model(&ql_rate, MANY, dt, changes);
      const float *states = state_of(&h, "h");
      for (int i = 0; i < MANY; i++) {
        h.input[0][i] = (float)(0.5 * i * dt / 1000.0); /* 0.5 i events a second */
        h.input[1][i] = (float)(40.0 * dt / 1000.0);
      }
      for (int s = 1; s <= 100; s++) {
        step_all(&h);
        for (int i = 0; i < MANY; i++) {
          double end = 7.0 + 0.5 * i - 40.0;
          assert_near(states[i], end - end * exp(-s * dt / tau), 1e-5 * (1.0 + fabs(end)));
        }
      }
      close_model(&h);
    }
  }
}

/* Input that changes at every step, against many small Runge-Kutta steps of the equation. */
static void follows_its_equation(void **unused) {
  (void)unused;
  const double dt = 2.5, tau = 6.0;
  const quell_value changes[] = {{"tau", tau}, {NULL, 0}};
  harness h = open_model(&ql_rate, MANY, dt, changes);
  const float *states = state_of(&h, "h");
  double reference[MANY] = {0};
  uint64_t chance = 3;
  for (int i = 0; i < MANY; i++) param_of(&h, "bias")[i] = (float)(i % 40 - 20);
  for (int s = 0; s < 200; s++) {
    for (int i = 0; i < MANY; i++) {
      h.input[0][i] = (float)next_random(&chance);
      h.input[1][i] = (float)next_random(&chance);
      double drive = i % 40 - 20 + ((double)h.input[0][i] - (double)h.input[1][i]) * 1000.0 / dt;
      for (int k = 0; k < 50; k++) {
        double d = dt / 50, x = reference[i];
        double a = (drive - x) / tau, b = (drive - x - a * d / 2) / tau;
        double c = (drive - x - b * d / 2) / tau, e = (drive - x - c * d) / tau;
        reference[i] += d / 6 * (a + 2 * b + 2 * c + e);
      }
    }
    step_all(&h);
    for (int i = 0; i < MANY; i++) assert_near(states[i], reference[i], 1e-3);
    assert_int_equal(h.spikes[0], 0);
  }
  close_model(&h);
}

/* The rate belongs to the new h: rectified, raised to the power, and at most rate_max. */
static void response_function(void **unused) {
  (void)unused;
  static const double exponents[] = {0.0, 0.5, 1.0, 1.7, 2.0, 3.0};
  static const double largest[] = {0.0, 30.0, INFINITY};
  for (size_t e = 0; e < sizeof exponents / sizeof *exponents; e++) {
    for (size_t m = 0; m < sizeof largest / sizeof *largest; m++) {
      const quell_value changes[] = {
          {"exponent", exponents[e]}, {"rate_max", largest[m]}, {"tau", 1e-3}, {NULL, 0}};
      harness h = open_model(&ql_rate, MANY, 0.1, changes);
      const float *rate = state_of(&h, "rate"), *states = state_of(&h, "h");
      int silent = 0, saturated = 0;
      for (int i = 0; i < MANY; i++) {
        param_of(&h, "bias")[i] = (float)(i % 30) - 10.0f;
        param_of(&h, "threshold")[i] = (float)(i % 7);
        param_of(&h, "gain")[i] = 0.25f * (float)(1 + i % 5);
      }
      step_all(&h);
      for (int i = 0; i < MANY; i++) {
        double gain = 0.25 * (1 + i % 5), steady = i % 30 - 10;
        double want = response(steady, i % 7, gain, exponents[e], largest[m]);
        assert_true(states[i] == (float)steady);
        assert_near(rate[i], want, 2e-6 * (1.0 + want));
        silent += want == 0.0 && rate[i] == 0.0f;
        saturated += want == largest[m] && rate[i] == (float)largest[m];
      }
      assert_true(silent > 50);
      if (m == 1 && exponents[e] > 1.0) assert_true(saturated > 0);
      close_model(&h);
    }
  }
}

/* The published units of Soldado-Magraner et al. 2022 and Eckmann et al. 2024 at a given input. */
static void published_units(void **unused) {
  (void)unused;
  const quell_value inhibitory[] = {
      {"gain", 4.0}, {"threshold", 25.0}, {"rate_max", 250.0}, {"tau", 1e-3}, {NULL, 0}};
  harness h = open_model(&ql_rate, 3, 0.1, inhibitory);
  const float *rate = state_of(&h, "rate");
  param_of(&h, "bias")[0] = 28.5f; /* W_IE 5 − W_II 14 at the set points: 14 Hz */
  param_of(&h, "bias")[1] = 20.0f;
  param_of(&h, "bias")[2] = 100.0f;
  step_all(&h);
  assert_true(rate[0] == 14.0f && rate[1] == 0.0f && rate[2] == 250.0f);
  close_model(&h);
  const quell_value squares[] = {{"gain", 0.04}, {"exponent", 2.0}, {"tau", 1e-3}, {NULL, 0}};
  h = open_model(&ql_rate, 3, 10.0, squares);
  rate = state_of(&h, "rate");
  param_of(&h, "bias")[0] = 10.0f;
  param_of(&h, "bias")[1] = -10.0f;
  step_all(&h);
  assert_near(rate[0], 4.0, 1e-6);
  assert_true(rate[1] == 0.0f);
  close_model(&h);
}

/* Eckmann's iteration h += 1/2 (−h + x) is a step of 10 ms at tau = 10 ms / ln 2. */
static void half_way_in_a_step(void **unused) {
  (void)unused;
  const quell_value changes[] = {{"tau", 10.0 / log(2.0)}, {"bias", 64.0}, {NULL, 0}};
  harness h = open_model(&ql_rate, 1, 10.0, changes);
  for (int s = 1; s <= 6; s++) {
    step_all(&h);
    assert_near(((float *)state_of(&h, "h"))[0], 64.0 - 64.0 / (1 << s), 1e-5);
  }
  close_model(&h);
}

/* However the neurons are cut into tiles. */
static void tiles_change_no_bit(void **unused) {
  (void)unused;
  const quell_value changes[] = {{"exponent", 1.5}, {"tau", 3.0}, {NULL, 0}};
  harness one = open_model(&ql_rate, MANY, 0.1, changes);
  harness two = open_model(&ql_rate, MANY, 0.1, changes);
  uint64_t chance = 9;
  for (int s = 0; s < 50; s++) {
    for (int i = 0; i < MANY; i++) {
      one.input[0][i] = two.input[0][i] = (float)(0.01 * next_random(&chance));
      one.input[1][i] = two.input[1][i] = (float)(0.005 * next_random(&chance));
    }
    step_all(&one);
    step_tiles(&two, 64);
    assert_same_state(&one, &two);
  }
  close_model(&one);
  close_model(&two);
}

/* The ends of all ranges and input without measure: plain numbers, rates in [0, 1e9]. */
static void extremes_stay_numbers(void **unused) {
  (void)unused;
  static const double inputs[] = {0.0, 1e-38, 1e9, 1e20, 1e30};
  for (uint32_t corner = 0; corner < 1u << 6; corner++) {
    quell_value changes[7] = {{NULL, 0}};
    for (uint32_t p = 0; p < ql_rate.n_params; p++) {
      const quell_param_desc *param = &ql_rate.params[p];
      double low = param->flags & QUELL_MIN_OPEN ? 1e-6 : param->min;
      changes[p] = (quell_value){param->name, corner >> p & 1 ? param->max : low};
    }
    harness h = open_model(&ql_rate, 2, 0.001, changes);
    const float *rate = state_of(&h, "rate"), *states = state_of(&h, "h");
    for (size_t k = 0; k < 20; k++) {
      h.input[k & 1][0] = h.input[k / 2 & 1][1] = (float)inputs[k % 5];
      step_all(&h);
      assert_plain_numbers(&h);
      for (int i = 0; i < 2; i++)
        assert_true(rate[i] >= 0.0f && rate[i] <= 1e9f && fabsf(states[i]) <= 1e9f);
    }
    close_model(&h);
  }
}

/* It comes to rest at exactly 0, and not by way of denormal numbers. */
static void silence_is_zero(void **unused) {
  (void)unused;
  harness h = open_model(&ql_rate, MANY, 1.0, NULL);
  for (int i = 0; i < MANY; i++) h.input[0][i] = 1e-3f * (float)i;
  step_all(&h);
  clear_input(&h);
  for (int s = 0; s < 1500; s++) {
    step_all(&h);
    assert_plain_numbers(&h);
  }
  for (int i = 0; i < MANY; i++) assert_true(((float *)state_of(&h, "rate"))[i] == 0.0f);
  close_model(&h);
}

static void what_is_transmitted(void **unused) {
  (void)unused;
  assert_string_equal(ql_rate.states[ql_rate.rate_state - 1].name, "rate");
  assert_int_equal(ql_rate.states[ql_rate.rate_state - 1].type, QUELL_FLOAT32);
  assert_null(ql_rate.receptor_states);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(step_response),         cmocka_unit_test(follows_its_equation),
      cmocka_unit_test(response_function),     cmocka_unit_test(published_units),
      cmocka_unit_test(half_way_in_a_step),    cmocka_unit_test(tiles_change_no_bit),
      cmocka_unit_test(extremes_stay_numbers), cmocka_unit_test(silence_is_zero),
      cmocka_unit_test(what_is_transmitted),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

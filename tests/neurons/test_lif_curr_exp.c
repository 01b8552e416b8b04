/* lif_curr_exp against its own equations: closed forms, and brute force in double. */
#include "harness.h"

/* v after a time t without events, by Runge-Kutta: no formula is shared with the model. */
typedef struct neuron {
  double v, i_E, i_I, i_offset, tau_m, tau_E, tau_I;
} neuron;

static double slope(const neuron *x, double v, double t) {
  double current = x->i_E * exp(-t / x->tau_E) - x->i_I * exp(-t / x->tau_I) + x->i_offset;
  return (-60.0 - v) / x->tau_m + current / 200.0;
}

static void integrate(neuron *x, double time, int steps) {
  double h = time / steps;
  for (int i = 0; i < steps; i++) {
    double a = slope(x, x->v, 0), b = slope(x, x->v + a * h / 2, h / 2);
    double c = slope(x, x->v + b * h / 2, h / 2), d = slope(x, x->v + c * h, h);
    x->v += h / 6 * (a + 2 * b + 2 * c + d);
    x->i_E *= exp(-h / x->tau_E);
    x->i_I *= exp(-h / x->tau_I);
  }
}

enum { MANY = 37, STEPS = 4000 };

/* Exact whatever the step: the error does not grow with dt. Catches any wrong propagator, the sign
 * of inhibition, and a current taken at the wrong end of the step. */
static void exact_at_any_step(void **unused) {
  (void)unused;
  for (double dt = 0.1; dt < 5.0; dt *= 2.0) {
    const quell_value changes[] = {
        {"v_thresh", (double)INFINITY}, {"tau_syn_E", 3.0}, {"tau_syn_I", 30.0}, {NULL, 0}};
    harness h = open_model(&ql_lif_curr_exp, MANY, dt, changes);
    const float *v = state_of(&h, "v");
    neuron reference[MANY];
    for (int i = 0; i < MANY; i++) {
      reference[i] = (neuron){-60.0, 0.0, 0.0, 10.0 * i, 20.0, 3.0, 30.0};
      param_of(&h, "i_offset")[i] = 10.0f * (float)i;
    }
    uint64_t chance = 1;
    for (int s = 0; s < 200; s++) {
      for (int i = 0; i < MANY; i++) {
        h.input[0][i] = next_random(&chance) < 0.2 ? (float)(80.0 * next_random(&chance)) : 0.0f;
        h.input[1][i] = next_random(&chance) < 0.1 ? (float)(30.0 * next_random(&chance)) : 0.0f;
        reference[i].i_E += h.input[0][i];
        reference[i].i_I += h.input[1][i];
      }
      step_all(&h);
      for (int i = 0; i < MANY; i++) {
        integrate(&reference[i], dt, 100);
        assert_near(v[i], reference[i].v, 3e-4);
      }
    }
    close_model(&h);
  }
}

/* v after one step of 0.1 ms from one event of 1000 pA. */
static double response(double tau_m, double tau_syn) {
  const quell_value changes[] = {{"v_rest", 0.0},        {"v_thresh", (double)INFINITY},
                                 {"tau_m", tau_m},       {"tau_syn_E", tau_syn},
                                 {"tau_syn_I", tau_syn}, {NULL, 0}};
  harness h = open_model(&ql_lif_curr_exp, 2, 0.1, changes);
  h.input[0][0] = h.input[1][1] = 1000.0f;
  step_all(&h);
  double v = ((float *)state_of(&h, "v"))[0];
  assert_true(v == -(double)((float *)state_of(&h, "v"))[1]);
  close_model(&h);
  return v;
}

/* The usual formula divides by tau_m - tau_syn. */
static void equal_time_constants_are_no_special_case(void **unused) {
  (void)unused;
  double equal = response(20.0, 20.0);
  assert_near(equal, 1000.0 / 200.0 * 0.1 * exp(-0.1 / 20.0), 1e-7);
  for (double e = 1e-15; e < 1e-2; e *= 10.0) {
    assert_near(response(20.0, 20.0 * (1.0 + e)) / equal, 1.0, 0.003 * e + 1.5e-7);
    assert_near(response(20.0, 20.0 * (1.0 - e)) / equal, 1.0, 0.003 * e + 1.5e-7);
  }
  /* Far apart: 0/0 and infinity × 0 lie here. */
  assert_near(response(1e-5, 1e9), 1000.0 * 1e-5 / 200.0, 1e-10);
  assert_near(response(1e9, 1e-5), 1000.0 * 1e-5 / 200.0, 1e-10);
}

/* NEST's iaf_psc_exp: an event that is there when a step starts moves v within that step. */
static void order_of_a_step(void **unused) {
  (void)unused;
  harness h = open_model(&ql_lif_curr_exp, 1, 0.1, NULL);
  float *v = state_of(&h, "v"), *i_E = state_of(&h, "i_exc");
  h.input[0][0] = 100.0f;
  step_all(&h);
  neuron one = {-60.0, 100.0, 0.0, 0.0, 20.0, 5.0, 5.0};
  integrate(&one, 0.1, 100);
  assert_near(*v, one.v, 1e-5);
  assert_near(*i_E, one.i_E, 1e-4);
  clear_input(&h);

  *i_E = 1e5f;
  step_all(&h);
  assert_int_equal(h.spikes[0], 1);
  for (int s = 1; s <= 20; s++) { /* held for 2 ms while the current decays */
    assert_true(*v == -60.0f);
    assert_near(*i_E, 1e5 * exp(-0.02 * s), 1.0);
    step_all(&h);
    assert_int_equal(h.spikes[0], 0);
  }
  assert_true(*v == -60.0f);
  step_all(&h);
  assert_int_equal(h.spikes[0], 1);
  close_model(&h);
}

/* Interval between spikes against the closed form, with and without refractory time. */
static void constant_current_fires_on_time(void **unused) {
  (void)unused;
  for (int round = 0; round < 2; round++) {
    double tau_refrac = round ? 1.96 : 0.0, held = round ? 20 : 0;
    const quell_value changes[] = {{"tau_refrac", tau_refrac}, {"v_reset", -65.0}, {NULL, 0}};
    harness h = open_model(&ql_lif_curr_exp, MANY, 0.1, changes);
    int last[MANY], spikes[MANY] = {0};
    for (int i = 0; i < MANY; i++) {
      param_of(&h, "i_offset")[i] = 150.0f + 7.0f * (float)i;
      param_of(&h, "v_thresh")[i] = -50.0f - 0.1f * (float)i;
    }
    for (int s = 1; s <= STEPS; s++) {
      step_all(&h);
      for (int i = 0; i < MANY; i++) {
        if (!h.spikes[i]) continue;
        double v_inf = -60.0 + (150.0 + 7.0 * i) / 10.0, threshold = -50.0 - 0.1 * i;
        double steps = 200.0 * log((v_inf + 65.0) / (v_inf - threshold));
        if (spikes[i]++) assert_near(s - last[i], steps + 0.5 + held, 0.51);
        last[i] = s;
      }
    }
    for (int i = 0; i < MANY; i++) assert_true(spikes[i] > 5);
    close_model(&h);
  }
}

static void rest_is_exact(void **unused) {
  (void)unused;
  const quell_value changes[] = {{"v_rest", -61.3}, {"tau_m", 17.7}, {NULL, 0}};
  harness h = open_model(&ql_lif_curr_exp, MANY, 0.1, changes);
  for (int s = 0; s < STEPS; s++) step_all(&h);
  for (int i = 0; i < MANY; i++) assert_true(((float *)state_of(&h, "v"))[i] == -61.3f);
  close_model(&h);
}

/* Jump and slow decay of the threshold, and that it is v_thresh + theta that counts. */
static void threshold_adapts(void **unused) {
  (void)unused;
  const quell_value changes[] = {
      {"theta_jump", 2.0}, {"tau_theta", 1e7}, {"tau_refrac", 0.0}, {NULL, 0}};
  harness h = open_model(&ql_lif_curr_exp, 1, 0.1, changes);
  *param_of(&h, "i_offset") = 201.0f;
  int last = 0, spikes = 0;
  for (int s = 1; s <= STEPS; s++) {
    step_all(&h);
    if (!h.spikes[0]) continue;
    assert_near(s - last, 200.0 * log(20.1 / (10.1 - 2.0 * spikes)) + 0.5, 0.51);
    last = s, spikes++;
  }
  assert_int_equal(spikes, 6);
  double *theta = state_of(&h, "theta"), before = *theta;
  *param_of(&h, "i_offset") = 0.0f;
  for (int s = 0; s < 100000; s++) step_all(&h);
  assert_near(*theta, before * exp(-1e-3), 1e-9);
  h.value[param_index(h.model, "tau_theta")] = 0.0;
  assert_int_equal(prepare_model(&h), QUELL_E_RANGE);
  close_model(&h);
}

static void no_denormals_after_silence(void **unused) {
  (void)unused;
  const quell_value changes[] = {{"v_rest", 0.0},    {"v_thresh", 1e3},   {"tau_m", 10.0},
                                 {"tau_theta", 2.0}, {"theta_jump", 1.0}, {NULL, 0}};
  harness h = open_model(&ql_lif_curr_exp, MANY, 0.1, changes);
  for (uint32_t i = 0; i + 1 < h.model->n_states; i++) set_state(&h, i, 3.0);
  for (int s = 0; s < 20000; s++) {
    step_all(&h);
    assert_plain_numbers(&h);
  }
  for (uint32_t i = 0; i < h.n; i++) assert_true(((float *)state_of(&h, "i_inh"))[i] == 0.0f);
  close_model(&h);
}

static void tiles_do_not_matter(void **unused) {
  (void)unused;
  enum { N = 3 * 64 + 29 };
  harness a = open_model(&ql_lif_curr_exp, N, 0.1, NULL);
  harness b = open_model(&ql_lif_curr_exp, N, 0.1, NULL);
  uint64_t chance = 3;
  for (int s = 0; s < 500; s++) {
    for (int i = 0; i < N; i++)
      for (int r = 0; r < 2; r++)
        a.input[r][i] = b.input[r][i] = (float)(30.0 * next_random(&chance));
    step_all(&a);
    step_tiles(&b, s % 2 ? 64 : 1);
    assert_same_state(&a, &b);
  }
  close_model(&a);
  close_model(&b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(exact_at_any_step),
      cmocka_unit_test(equal_time_constants_are_no_special_case),
      cmocka_unit_test(order_of_a_step),
      cmocka_unit_test(constant_current_fires_on_time),
      cmocka_unit_test(rest_is_exact),
      cmocka_unit_test(threshold_adapts),
      cmocka_unit_test(no_denormals_after_silence),
      cmocka_unit_test(tiles_do_not_matter),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* lif_cond_exp against its own equations, integrated by brute force in double. */
#include "harness.h"

/* The equations again: one neuron, classical Runge-Kutta. */
typedef struct neuron {
  double v, g_E, g_I, i_offset, tau_E, tau_I;
} neuron;

static double slope(const neuron *x, double v, double t) {
  double g_E = x->g_E * exp(-t / x->tau_E), g_I = x->g_I * exp(-t / x->tau_I);
  return (10.0 * (-60.0 - v) + g_E * (0.0 - v) + g_I * (-80.0 - v) + x->i_offset) / 200.0;
}

static void integrate(neuron *x, double time, int steps) {
  double h = time / steps;
  for (int i = 0; i < steps; i++) {
    double a = slope(x, x->v, 0), b = slope(x, x->v + a * h / 2, h / 2);
    double c = slope(x, x->v + b * h / 2, h / 2), d = slope(x, x->v + c * h, h);
    x->v += h / 6 * (a + 2 * b + 2 * c + d);
    x->g_E *= exp(-h / x->tau_E);
    x->g_I *= exp(-h / x->tau_I);
  }
}

/* Error of v after 16 ms from a state with conductances and a current, no events. */
static double error_at(double dt, double tau_E, double tau_I) {
  const quell_value changes[] = {
      {"tau_syn_E", tau_E}, {"tau_syn_I", tau_I}, {"v_thresh", (double)INFINITY}, {NULL, 0}};
  harness h = open_model(&ql_lif_cond_exp, 1, dt, changes);
  float *v = state_of(&h, "v"), *g_E = state_of(&h, "g_exc"), *g_I = state_of(&h, "g_inh");
  *v = -75.0f, *g_E = 10.0f, *g_I = 20.0f, *param_of(&h, "i_offset") = 300.0f;
  for (int i = 0; i < (int)(16.0 / dt + 0.5); i++) step_all(&h);
  neuron exact = {-75.0, 10.0, 20.0, 300.0, tau_E, tau_I};
  integrate(&exact, 16.0, 16000);
  assert_near(*g_E, exact.g_E, 1e-5 * exact.g_E);
  assert_near(*g_I, exact.g_I, 1e-5 * exact.g_I);
  double error = fabs(*v - exact.v);
  close_model(&h);
  return error;
}

/* Catches the conductance taken at one end of the step, which is first order. */
static void second_order_with_decaying_conductances(void **unused) {
  (void)unused;
  for (double dt = 2.0; dt > 0.6; dt /= 2) {
    double ratio = error_at(dt, 5.0, 10.0) / error_at(dt / 2, 5.0, 10.0);
    assert_near(ratio, 4.4, 0.8); /* the next order adds a little; first order would give 2 */
  }
  assert_true(error_at(0.1, 5.0, 10.0) < 1e-3);
}

/* Catches a wrong coefficient of the polynomial. */
static void third_order_with_constant_conductances(void **unused) {
  (void)unused;
  for (double dt = 1.0; dt > 0.4; dt /= 2) {
    double ratio = error_at(dt, 1e9, 1e9) / error_at(dt / 2, 1e9, 1e9);
    assert_near(ratio, 8.0, 1.0);
  }
}

enum { MANY = 37, STEPS = 4000 };

/* Fixed random events; the reference takes a hundred steps for each of ours. */
static void random_input(harness *h, uint64_t *chance, neuron *reference) {
  for (int i = 0; i < MANY; i++) {
    h->input[0][i] = next_random(chance) < 0.2 ? (float)(2.0 * next_random(chance)) : 0.0f;
    h->input[1][i] = next_random(chance) < 0.1 ? (float)(5.0 * next_random(chance)) : 0.0f;
    reference[i].g_E += h->input[0][i];
    reference[i].g_I += h->input[1][i];
  }
}

static void follows_the_equations_under_events(void **unused) {
  (void)unused;
  const quell_value changes[] = {{"v_thresh", (double)INFINITY}, {NULL, 0}};
  harness h = open_model(&ql_lif_cond_exp, MANY, 0.1, changes);
  const float *v = state_of(&h, "v");
  neuron reference[MANY];
  for (int i = 0; i < MANY; i++) {
    reference[i] = (neuron){-60.0, 0.0, 0.0, 10.0 * i, 5.0, 10.0};
    param_of(&h, "i_offset")[i] = 10.0f * (float)i;
  }
  uint64_t chance = 1;
  for (int s = 0; s < 500; s++) {
    random_input(&h, &chance, reference);
    step_all(&h);
    for (int i = 0; i < MANY; i++) {
      integrate(&reference[i], 0.1, 100);
      assert_near(v[i], reference[i].v, 4e-3);
    }
  }
  close_model(&h);
}

/* With spikes: threshold, reset and refractory time as in the header comment. A spike may move by a
 * step where v touches the threshold; a wrong refractory time or order would move them all. */
static void fires_when_the_equations_fire(void **unused) {
  (void)unused;
  harness h = open_model(&ql_lif_cond_exp, MANY, 0.1, NULL);
  neuron reference[MANY];
  int held[MANY] = {0}, ours = 0, theirs = 0, together = 0;
  for (int i = 0; i < MANY; i++) {
    reference[i] = (neuron){-60.0, 0.0, 0.0, 200.0, 5.0, 10.0};
    param_of(&h, "i_offset")[i] = 200.0f;
  }
  uint64_t chance = 2;
  for (int s = 0; s < STEPS; s++) {
    random_input(&h, &chance, reference);
    step_all(&h);
    for (int i = 0; i < MANY; i++) {
      integrate(&reference[i], 0.1, 10);
      if (held[i] > 0) reference[i].v = -60.0;
      int fires = held[i] == 0 && reference[i].v >= -50.0;
      held[i] = fires ? 50 : held[i] > 0 ? held[i] - 1 : 0;
      if (fires) reference[i].v = -60.0;
      ours += h.spikes[i], theirs += fires, together += h.spikes[i] && fires;
    }
  }
  assert_true(theirs > 200);
  assert_near(ours, theirs, 2);
  assert_true(together > theirs * 97 / 100);
  close_model(&h);
}

/* Interval between spikes: whole steps of integration and of refractory time. Catches a refractory
 * time that is off by one, a threshold or current that is shared, a wrong reset. */
static void constant_current_fires_on_time(void **unused) {
  (void)unused;
  for (int round = 0; round < 2; round++) {
    double tau_refrac = round ? 4.96 : 0.0, held = round ? 50 : 0;
    const quell_value changes[] = {{"tau_refrac", tau_refrac}, {"v_reset", -65.0}, {NULL, 0}};
    harness h = open_model(&ql_lif_cond_exp, MANY, 0.1, changes);
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

/* Events act in their own step, v is held for exactly the refractory steps, conductances go on. */
static void order_of_a_step(void **unused) {
  (void)unused;
  harness h = open_model(&ql_lif_cond_exp, 1, 0.1, NULL);
  float *v = state_of(&h, "v"), *g = state_of(&h, "g_exc");
  int32_t *refractory = state_of(&h, "refractory");
  h.input[0][0] = 1000.0f;
  step_all(&h);
  assert_near(*g, 1000.0 * exp(-0.02), 1e-3);
  assert_int_equal(h.spikes[0], 1);
  assert_int_equal(*refractory, 50);
  clear_input(&h);
  for (int s = 1; s <= 50; s++) {
    assert_true(*v == -60.0f);
    assert_near(*g, 1000.0 * exp(-0.02 * s), 1e-2);
    step_all(&h);
    assert_int_equal(h.spikes[0], 0);
  }
  assert_true(*v == -60.0f && *refractory == 0);
  step_all(&h);
  assert_true(*v > -60.0f || h.spikes[0]);
  close_model(&h);
}

/* A reset above the threshold must not fire during the refractory time. */
static void silent_while_refractory(void **unused) {
  (void)unused;
  const quell_value changes[] = {{"v_thresh", -70.0}, {"tau_refrac", 1.0}, {NULL, 0}};
  harness h = open_model(&ql_lif_cond_exp, 1, 0.1, changes);
  int spikes = 0;
  for (int s = 0; s < 110; s++) {
    step_all(&h);
    spikes += h.spikes[0];
  }
  assert_int_equal(spikes, 10);
  close_model(&h);
}

/* Catches a scheme that overshoots (explicit, or Padé [1/2]) and overflow in the polynomial. */
static void stable_at_any_conductance(void **unused) {
  (void)unused;
  for (double g = 1.0; g <= 1e9; g *= 10.0)
    for (double cm = 200.0; cm > 1e-4; cm /= 1000.0) {
      const quell_value changes[] = {{"v_thresh", (double)INFINITY}, {"cm", cm}, {NULL, 0}};
      harness h = open_model(&ql_lif_cond_exp, 2, 1.0, changes);
      float *v = state_of(&h, "v"), *g_E = state_of(&h, "g_exc"), *g_I = state_of(&h, "g_inh");
      g_E[0] = (float)g, g_I[1] = (float)g;
      step_all(&h);
      assert_true(v[0] >= -60.0f && v[0] <= 1e-4f);
      assert_true(v[1] <= -60.0f && v[1] >= -80.0001f);
      if (g >= 1e6) {
        assert_near(v[0], 0.0, 0.1);
        assert_near(v[1], -80.0, 0.1);
      }
      close_model(&h);
    }
}

/* Catches v computed as a weighted mean, which drifts by rounding. */
static void rest_is_exact(void **unused) {
  (void)unused;
  const quell_value changes[] = {{"v_rest", -61.3}, {"tau_m", 17.7}, {NULL, 0}};
  harness h = open_model(&ql_lif_cond_exp, MANY, 0.1, changes);
  for (int s = 0; s < STEPS; s++) step_all(&h);
  for (int i = 0; i < MANY; i++) assert_true(((float *)state_of(&h, "v"))[i] == -61.3f);
  close_model(&h);
}

/* Catches theta in float32, where the decay of a step is lost. */
static void slow_theta_decays(void **unused) {
  (void)unused;
  const quell_value changes[] = {{"theta_jump", 0.05}, {"tau_theta", 1e7}, {NULL, 0}};
  harness h = open_model(&ql_lif_cond_exp, 3, 0.1, changes);
  double *theta = state_of(&h, "theta");
  theta[1] = 20.0;
  for (int s = 0; s < 100000; s++) step_all(&h);
  assert_near(theta[1], 20.0 * exp(-1e-3), 1e-9);
  assert_true(theta[0] == 0.0);
  close_model(&h);
}

/* A spike raises the threshold: the n-th interval is that of a threshold raised n times. */
static void theta_delays_spikes(void **unused) {
  (void)unused;
  const quell_value changes[] = {
      {"theta_jump", 2.0}, {"tau_theta", (double)INFINITY}, {"tau_refrac", 0.0}, {NULL, 0}};
  harness h = open_model(&ql_lif_cond_exp, 1, 0.1, changes);
  *param_of(&h, "i_offset") = 201.0f;
  int last = 0, spikes = 0;
  for (int s = 1; s <= STEPS; s++) {
    step_all(&h);
    if (!h.spikes[0]) continue;
    assert_near(s - last, 200.0 * log(20.1 / (10.1 - 2.0 * spikes)) + 0.5, 0.51);
    last = s, spikes++;
  }
  assert_int_equal(spikes, 6);
  assert_true(*(double *)state_of(&h, "theta") == 12.0);
  close_model(&h);
}

static void settings_that_do_not_fit_are_refused(void **unused) {
  (void)unused;
  harness h = open_model(&ql_lif_cond_exp, 1, 0.1, NULL);
  uint32_t jump = param_index(h.model, "theta_jump"), held = param_index(h.model, "tau_refrac");
  h.value[jump] = 1.0;
  assert_int_equal(prepare_model(&h), QUELL_E_RANGE);
  assert_non_null(strstr(h.message, "tau_theta"));
  h.value[jump] = 0.0, h.value[held] = 1e9;
  assert_int_equal(prepare_model(&h), QUELL_E_RANGE);
  assert_non_null(strstr(h.message, "tau_refrac"));
  h.value[held] = 0.0, h.value[param_index(h.model, "cm")] = 1e-300;
  assert_int_equal(prepare_model(&h), QUELL_E_RANGE);
  assert_non_null(strstr(h.message, "cm"));
  close_model(&h);
}

/* Decay by multiplication alone sticks at a denormal number; v does so where v_rest is 0. */
static void no_denormals_after_silence(void **unused) {
  (void)unused;
  const quell_value changes[] = {{"v_rest", 0.0},    {"v_thresh", 1e3},   {"tau_m", 10.0},
                                 {"tau_theta", 2.0}, {"theta_jump", 1.0}, {NULL, 0}};
  harness h = open_model(&ql_lif_cond_exp, MANY, 0.1, changes);
  for (uint32_t i = 0; i + 1 < h.model->n_states; i++) set_state(&h, i, 3.0);
  for (int s = 0; s < 20000; s++) {
    step_all(&h);
    assert_plain_numbers(&h);
  }
  for (uint32_t i = 0; i < h.n; i++) assert_true(((float *)state_of(&h, "g_exc"))[i] == 0.0f);
  close_model(&h);
}

/* Vector body and remainder, and any tile, give the same bits. */
static void tiles_do_not_matter(void **unused) {
  (void)unused;
  const quell_value changes[] = {{"tau_theta", 100.0}, {"theta_jump", 1.0}, {NULL, 0}};
  enum { N = 3 * 64 + 29 };
  harness a = open_model(&ql_lif_cond_exp, N, 0.1, changes);
  harness b = open_model(&ql_lif_cond_exp, N, 0.1, changes);
  uint64_t chance = 3;
  for (int s = 0; s < 500; s++) {
    for (int i = 0; i < N; i++)
      for (int r = 0; r < 2; r++) a.input[r][i] = b.input[r][i] = (float)next_random(&chance);
    step_all(&a);
    step_tiles(&b, s % 2 ? 64 : 1);
    assert_same_state(&a, &b);
  }
  close_model(&a);
  close_model(&b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(second_order_with_decaying_conductances),
      cmocka_unit_test(third_order_with_constant_conductances),
      cmocka_unit_test(follows_the_equations_under_events),
      cmocka_unit_test(fires_when_the_equations_fire),
      cmocka_unit_test(constant_current_fires_on_time),
      cmocka_unit_test(order_of_a_step),
      cmocka_unit_test(silent_while_refractory),
      cmocka_unit_test(stable_at_any_conductance),
      cmocka_unit_test(rest_is_exact),
      cmocka_unit_test(slow_theta_decays),
      cmocka_unit_test(theta_delays_spikes),
      cmocka_unit_test(settings_that_do_not_fit_are_refused),
      cmocka_unit_test(no_denormals_after_silence),
      cmocka_unit_test(tiles_do_not_matter),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

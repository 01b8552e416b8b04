/* izhikevich against the author's recurrence in double precision, its differential equation, and
 * the properties of its noise. */
#include "harness.h"
#include "support/check.h"

#define FIRING 30.0

/* A neuron as the author's programs step it (ModelDB 84167, daspnet.m), but for the look for
 * spikes, which is theirs at the start of the next step. */
typedef struct cell {
  double a, b, c, d, v, u;
} cell;

/* v in two halves of half a millisecond each, u in one step of a whole one. */
static int published_step(cell *x, double current) {
  x->v += 0.5 * ((0.04 * x->v + 5.0) * x->v + 140.0 - x->u + current);
  x->v += 0.5 * ((0.04 * x->v + 5.0) * x->v + 140.0 - x->u + current);
  x->u += x->a * (x->b * x->v - x->u);
  if (x->v < FIRING) return 0;
  x->v = x->c, x->u += x->d;
  return 1;
}

/* The cells of figure 2 of the paper. */
enum { RS, IB, CH, FS, KINDS };
static const cell kinds[KINDS] = {{0.02, 0.2, -65, 8, -65, -13},
                                  {0.02, 0.2, -55, 4, -65, -13},
                                  {0.02, 0.2, -50, 2, -65, -13},
                                  {0.1, 0.2, -65, 2, -65, -13}};

static void set_kind(harness *h, int i, const cell *x) {
  param_of(h, "a")[i] = (float)x->a, param_of(h, "b")[i] = (float)x->b;
  param_of(h, "c")[i] = (float)x->c, param_of(h, "d")[i] = (float)x->d;
}

/* Every step from the model's own state, so that errors do not add up. A step rounds some ten times
 * terms that are at most 0.04 v² + 5 |v| + 140 + |u| + |i|, with v after half of it: 1e-6 of them
 * is ten roundings of a float. */
static double tolerance(const cell *before, double current) {
  cell half = *before;
  half.v += 0.5 * ((0.04 * half.v + 5.0) * half.v + 140.0 - half.u + current);
  double most = fmax(fabs(before->v), fabs(half.v)), gain = 1.0 + fabs(0.08 * half.v + 5.0);
  return 1e-6 * gain * (0.04 * most * most + 5.0 * most + 140.0 + fabs(before->u) + fabs(current));
}

static void each_step_is_the_published_one(void **unused) {
  (void)unused;
  harness h = open_model(&ql_izhikevich, KINDS, 1.0, NULL);
  float *v = state_of(&h, "v"), *u = state_of(&h, "u");
  for (int i = 0; i < KINDS; i++) set_kind(&h, i, &kinds[i]);
  uint64_t chance = 1;
  int fired = 0;
  for (int s = 0; s < 5000; s++) {
    for (int i = 0; i < KINDS; i++) {
      h.input[0][i] = next_random(&chance) < 0.3 ? (float)(30.0 * next_random(&chance)) : 0.0f;
      h.input[1][i] = next_random(&chance) < 0.1 ? (float)(20.0 * next_random(&chance)) : 0.0f;
      param_of(&h, "i_offset")[i] = (float)(13.0 * (next_random(&chance) - 0.5));
    }
    cell before[KINDS];
    for (int i = 0; i < KINDS; i++) before[i] = kinds[i], before[i].v = v[i], before[i].u = u[i];
    step_all(&h);
    for (int i = 0; i < KINDS; i++) {
      double current = (double)param_of(&h, "i_offset")[i] + h.input[0][i] - h.input[1][i];
      cell after = before[i];
      int fires = published_step(&after, current);
      double near = tolerance(&before[i], current);
      assert_int_equal(h.spikes[i], fires);
      assert_near(v[i], after.v, near);
      assert_near(u[i], after.u, 0.1 * near + 1e-6 * fabs(after.u));
      fired += fires;
    }
  }
  assert_true(fired > 500);
  close_model(&h);
}

/* Intervals between the spikes of one cell, ms. */
typedef struct train {
  int spikes, last, interval[1000];
} train;

static void note(train *t, int time) {
  if (t->spikes) t->interval[t->spikes - 1] = time - t->last;
  t->last = time, t->spikes++;
}

static int longest(const train *t) {
  int most = 0;
  for (int i = 0; i + 1 < t->spikes; i++) most = t->interval[i] > most ? t->interval[i] : most;
  return most;
}

/* A second of constant current. How far v overshoots the threshold, and with it u, depends on the
 * last bits of what was before, so the trains of floats and doubles are the same for the first
 * spikes only, and later in their rates: to 5 %. */
static void kinds_fire_as_published(void **unused) {
  (void)unused;
  harness h =
      open_model(&ql_izhikevich, KINDS, 1.0, (quell_value[]){{"i_offset", 10.0}, {NULL, 0}});
  train model[KINDS] = {{0}}, reference[KINDS] = {{0}};
  cell cells[KINDS];
  for (int i = 0; i < KINDS; i++) set_kind(&h, i, &kinds[i]), cells[i] = kinds[i];
  for (int s = 1; s <= 1000; s++) {
    step_all(&h);
    for (int i = 0; i < KINDS; i++) {
      if (h.spikes[i]) note(&model[i], s);
      if (published_step(&cells[i], 10.0)) note(&reference[i], s);
    }
  }
  for (int i = 0; i < KINDS; i++) {
    assert_memory_equal(model[i].interval, reference[i].interval, 4 * sizeof(int));
    assert_near(model[i].spikes, reference[i].spikes, 0.05 * reference[i].spikes);
  }
  const train *m = model;
  assert_true(m[RS].interval[1] > 1.5 * m[RS].interval[0]);      /* adapts */
  assert_true(m[IB].interval[0] <= 5 && m[IB].interval[1] > 30); /* one burst */
  assert_true(m[CH].interval[1] <= 5 && m[CH].interval[4] <= 5 && longest(&m[CH]) > 40);
  assert_true(m[FS].spikes > 2.5 * m[RS].spikes && longest(&m[FS]) < 30);
  close_model(&h);
}

/* v and u before the first spike, by Euler's rule with steps of dt / 100. */
static double limit(double current, double time, double h) {
  double v = -65.0, u = -13.0;
  for (int s = 0; s < (int)(time / h + 0.5); s++) {
    double slope = 0.04 * v * v + 5.0 * v + 140.0 - u + current;
    u += h * 0.02 * (0.2 * v - u);
    v += h * slope;
  }
  return v;
}

static double error_with(double dt, double current, double time, double exact) {
  harness h = open_model(&ql_izhikevich, 1, dt, (quell_value[]){{"i_offset", current}, {NULL, 0}});
  for (int s = 0; s < (int)(time / dt + 0.5); s++) step_all(&h);
  double error = ((float *)state_of(&h, "v"))[0] - exact;
  close_model(&h);
  return error;
}

/* The error halves with dt; that of dt = 1/32 ms is still a thousand times that of the floats. */
static void converges_with_the_first_order(void **unused) {
  (void)unused;
  const double time = 8.0, current = 4.0;
  double exact = limit(current, time, 1.0 / 12800.0), coarse = 0.0;
  for (int k = 2; k <= 6; k++) {
    double error = error_with(1.0 / (1 << k), current, time, exact);
    if (k > 2) assert_near(error / coarse, 0.5, 0.06);
    coarse = error;
  }
  assert_true(fabs(coarse) < 0.1 && fabs(coarse) > 1e-3);
}

/* Times of spikes with a fine step against those of a step 100 times finer. */
static void fine_steps_fire_on_time(void **unused) {
  (void)unused;
  enum { SPIKES = 12 };
  const double dt = 1.0 / 64.0, h = dt / 100.0;
  double expected[SPIKES], v = -65.0, u = -13.0;
  int n = 0;
  for (int s = 1; n < SPIKES; s++) {
    double slope = 0.04 * v * v + 5.0 * v + 140.0 - u + 10.0;
    u += h * 0.02 * (0.2 * v - u);
    v += h * slope;
    if (v >= FIRING) expected[n++] = s * h, v = -65.0, u += 8.0;
  }
  harness model = open_model(&ql_izhikevich, 1, dt, (quell_value[]){{"i_offset", 10.0}, {NULL, 0}});
  n = 0;
  for (int s = 1; n < SPIKES; s++) {
    step_all(&model);
    if (model.spikes[0]) assert_near(s * dt, expected[n], 0.1 + 0.01 * expected[n]), n++;
  }
  close_model(&model);
}

/* An event moves v in the step in which it arrives, and then no more. */
static void order_of_a_step(void **unused) {
  (void)unused;
  harness h = open_model(&ql_izhikevich, 2, 1.0, NULL);
  float *v = state_of(&h, "v"), *i_exc = state_of(&h, "i_exc");
  cell with = kinds[RS], without = kinds[RS];
  h.input[0][0] = 6.0f;
  step_all(&h);
  published_step(&with, 6.0), published_step(&without, 0.0);
  assert_near(v[0], with.v, 1e-4);
  assert_near(v[1], without.v, 1e-4);
  assert_true(*i_exc == 0.0f);
  clear_input(&h);
  step_all(&h);
  published_step(&with, 0.0);
  assert_near(v[0], with.v, 1e-4);
  v[0] = 29.0f; /* fires, and is found reset */
  step_all(&h);
  assert_int_equal(h.spikes[0], 1);
  assert_true(v[0] == -65.0f);
  close_model(&h);
}

static void currents_decay(void **unused) {
  (void)unused;
  harness h = open_model(&ql_izhikevich, 1, 0.5,
                         (quell_value[]){{"tau_syn_E", 5.0}, {"tau_syn_I", 10.0}, {NULL, 0}});
  float *v = state_of(&h, "v"), *i_exc = state_of(&h, "i_exc"), *i_inh = state_of(&h, "i_inh");
  h.input[0][0] = 3.0f, h.input[1][0] = 2.0f;
  for (int s = 0; s < 20; s++) {
    double before = *v, u = ((float *)state_of(&h, "u"))[0];
    double current = 3.0 * exp(-0.1 * s) - 2.0 * exp(-0.05 * s);
    step_all(&h);
    clear_input(&h);
    assert_near(*v, before + 0.5 * ((0.04 * before + 5.0) * before + 140.0 - u + current), 1e-4);
    assert_near(*i_exc, 3.0 * exp(-0.1 * (s + 1)), 3e-6);
    assert_near(*i_inh, 2.0 * exp(-0.05 * (s + 1)), 3e-6);
  }
  close_model(&h);
}

/* Noise alone, seen through one step of a small dt from the same state: v moves by dt × current. */
enum { MANY = 4096, ROUNDS = 50 };
static const double WIDTH = 1000.0, SHORT = 1.0 / 1024.0;

static void draw_noise(harness *h, double *number) {
  float *v = state_of(h, "v");
  for (uint32_t i = 0; i < h->n; i++) v[i] = 0.0f, ((float *)state_of(h, "u"))[i] = 140.0f;
  step_all(h);
  for (uint32_t i = 0; i < h->n; i++) number[i] = v[i] / SHORT / WIDTH;
}

/* Moments of the uniform distribution; its end points; correlations with the neighbour, the block
 * of four, and the step before. Bounds are five standard errors. */
static void noise_is_uniform_and_independent(void **unused) {
  (void)unused;
  harness h = open_model(&ql_izhikevich, MANY, SHORT,
                         (quell_value[]){{"noise", WIDTH}, {"a", 0.0}, {NULL, 0}});
  double sum = 0, squares = 0, fourth = 0, least = 1, most = -1, neighbour = 0, block = 0, step = 0;
  static double number[MANY], before[MANY];
  for (int r = 0; r < ROUNDS; r++) {
    draw_noise(&h, number);
    for (int i = 0; i < MANY; i++) {
      double x = number[i];
      sum += x, squares += x * x, fourth += x * x * x * x;
      least = fmin(least, x), most = fmax(most, x);
      neighbour += i > 0 ? x * number[i - 1] : 0.0;
      block += i > 3 ? x * number[i - 4] : 0.0;
      step += r > 0 ? x * before[i] : 0.0;
    }
    memcpy(before, number, sizeof number);
  }
  const double n = (double)MANY * ROUNDS;
  assert_near(sum / n, 0.0, 5 * sqrt(1 / 12.0 / n));
  assert_near(squares / n, 1 / 12.0, 5 * sqrt((1 / 80.0 - 1 / 144.0) / n));
  assert_near(fourth / n, 1 / 80.0, 5 * sqrt((1 / 2304.0 - 1 / 6400.0) / n));
  assert_true(least >= -0.5 - 1e-6 && least < -0.4999 && most <= 0.5 + 1e-6 && most > 0.4999);
  assert_near(neighbour / n, 0.0, 5 / 12.0 / sqrt(n));
  assert_near(block / n, 0.0, 5 / 12.0 / sqrt(n));
  assert_near(step / n, 0.0, 5 / 12.0 / sqrt(n));
  close_model(&h);
}

static int same_noise(harness *a, harness *b) {
  static double x[MANY], y[MANY];
  draw_noise(a, x), draw_noise(b, y);
  return memcmp(x, y, a->n * sizeof *x) == 0;
}

/* The key of the noise: seed, population and step. */
static void noise_has_a_key(void **unused) {
  (void)unused;
  const quell_value changes[] = {{"noise", WIDTH}, {"a", 0.0}, {NULL, 0}};
  harness a = open_model(&ql_izhikevich, MANY, SHORT, changes);
  harness b = open_model(&ql_izhikevich, MANY, SHORT, changes);
  assert_true(same_noise(&a, &b));
  b.seed++;
  assert_false(same_noise(&a, &b));
  b.seed--, b.object++;
  assert_false(same_noise(&a, &b));
  b.object--, b.step += (uint64_t)1 << 32;
  assert_false(same_noise(&a, &b));
  b.step = a.step;
  assert_true(same_noise(&a, &b));
  close_model(&a);
  close_model(&b);
}

/* Width is a matter of each neuron, also where the first has none. */
static void noise_may_differ_between_neurons(void **unused) {
  (void)unused;
  harness h = open_model(&ql_izhikevich, 300, SHORT, (quell_value[]){{"a", 0.0}, {NULL, 0}});
  static double number[300];
  draw_noise(&h, number);
  for (int i = 0; i < 300; i++) assert_true(number[i] == 0.0);
  for (int i = 0; i < 300; i += 2) param_of(&h, "noise")[i + 1] = (float)WIDTH;
  draw_noise(&h, number);
  for (int i = 0; i < 300; i++) assert_int_equal(number[i] != 0.0, i % 2);
  close_model(&h);
}

/* The largest input, the smallest, and the largest states: everything stays a number. */
static void nothing_overflows(void **unused) {
  (void)unused;
  const double currents[] = {1e9, -1e9, 1e3, -1e3};
  for (int k = 0; k < 8; k++) { /* with two substeps, and with one */
    harness h = open_model(&ql_izhikevich, 4, k < 4 ? 1.0 : 0.5,
                           (quell_value[]){{"i_offset", currents[k % 4]}, {"a", 1e6}, {NULL, 0}});
    param_of(&h, "a")[0] = 0.02f, param_of(&h, "b")[1] = -1e6f, param_of(&h, "v_thresh")[2] = 1e6f;
    ((float *)state_of(&h, "v"))[3] = -1e6f, ((float *)state_of(&h, "u"))[3] = 1e9f;
    h.input[k % 2][3] = (float)QL_MOST_WEIGHT * 100.0f;
    for (int s = 0; s < 2000; s++) {
      step_all(&h);
      assert_plain_numbers(&h);
      for (int i = 0; i < 4; i++)
        assert_true(fabsf(((float *)state_of(&h, "v"))[i]) <= 1e6f &&
                    fabsf(((float *)state_of(&h, "u"))[i]) <= 1e9f);
    }
    close_model(&h);
  }
}

static void no_denormals_after_silence(void **unused) {
  (void)unused;
  harness h = open_model(&ql_izhikevich, 8, 1.0,
                         (quell_value[]){{"b", 0.0},
                                         {"a", 0.5},
                                         {"tau_syn_E", 2.0},
                                         {"tau_syn_I", 2.0},
                                         {"i_offset", -100},
                                         {NULL, 0}});
  set_state(&h, 2, 3.0), set_state(&h, 3, 3.0);
  for (int s = 0; s < 3000; s++) {
    step_all(&h);
    assert_plain_numbers(&h);
  }
  for (int i = 0; i < 8; i++)
    assert_true(((float *)state_of(&h, "u"))[i] == 0.0f &&
                ((float *)state_of(&h, "i_exc"))[i] == 0.0f);
  close_model(&h);
}

static void tiles_do_not_matter(void **unused) {
  (void)unused;
  enum { N = 5 * 64 + 29 };
  const quell_value changes[] = {{"noise", 13.0}, {"tau_syn_I", 4.0}, {NULL, 0}};
  harness a = open_model(&ql_izhikevich, N, 1.0, changes);
  harness b = open_model(&ql_izhikevich, N, 1.0, changes);
  uint64_t chance = 3;
  int fired = 0;
  for (int s = 0; s < 500; s++) {
    for (int i = 0; i < N; i++)
      for (int r = 0; r < 2; r++)
        a.input[r][i] = b.input[r][i] = (float)((r ? 2.0 : 20.0) * next_random(&chance));
    step_all(&a);
    step_tiles(&b, s % 2 ? 64 : 192);
    assert_same_state(&a, &b);
    for (int i = 0; i < N; i++) fired += a.spikes[i];
  }
  assert_true(fired > 100);
  close_model(&a);
  close_model(&b);
}

static void long_steps_are_refused(void **unused) {
  (void)unused;
  harness h = open_model(&ql_izhikevich, 1, 1.0, NULL);
  h.dt = 1.01;
  assert_int_equal(prepare_model(&h), QUELL_E_RANGE);
  assert_non_null(strstr(h.message, "1 ms"));
  h.dt = 1.0, h.value[param_index(h.model, "tau_syn_I")] = 1e-10;
  assert_int_equal(prepare_model(&h), QUELL_E_RANGE);
  close_model(&h);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_step_is_the_published_one),
      cmocka_unit_test(kinds_fire_as_published),
      cmocka_unit_test(converges_with_the_first_order),
      cmocka_unit_test(fine_steps_fire_on_time),
      cmocka_unit_test(order_of_a_step),
      cmocka_unit_test(currents_decay),
      cmocka_unit_test(noise_is_uniform_and_independent),
      cmocka_unit_test(noise_has_a_key),
      cmocka_unit_test(noise_may_differ_between_neurons),
      cmocka_unit_test(nothing_overflows),
      cmocka_unit_test(no_denormals_after_silence),
      cmocka_unit_test(tiles_do_not_matter),
      cmocka_unit_test(long_steps_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

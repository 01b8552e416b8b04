/* poisson: the distribution of its intervals, and exactness under changes of the rate. */
#include "harness.h"

static harness open_source(uint32_t n, double dt, double rate) {
  const quell_value changes[] = {{"rate", rate}, {NULL, 0}};
  harness h = open_model(&ql_poisson, n, dt, changes);
  start_all(&h);
  return h;
}

static void set_rate(harness *h, float rate) {
  for (uint32_t i = 0; i < h->n; i++) param_of(h, "rate")[i] = rate;
}

static uint64_t sum_of_spikes(const harness *h) {
  uint64_t sum = 0;
  for (uint32_t i = 0; i < h->n; i++) sum += h->spikes[i];
  return sum;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

enum { NEURONS = 1000, INTERVALS = 40, ALL = NEURONS * INTERVALS };

/* The first intervals of each neuron, the one from time 0 included, in units of their mean. Steps
 * are a thousandth of it, so half a step makes up for rounding up. */
static void collect_intervals(double *interval) {
  harness h = open_source(NEURONS, 0.1, 10.0);
  int last[NEURONS] = {0}, count[NEURONS] = {0}, complete = 0;
  for (int s = 1; complete < NEURONS; s++) {
    step_all(&h);
    for (int i = 0; i < NEURONS; i++)
      for (int k = 0; k < h.spikes[i]; k++) {
        if (count[i] < INTERVALS)
          interval[i * INTERVALS + count[i]] = fabs(s - last[i] - 0.5) * 1e-3;
        last[i] = s;
        complete += ++count[i] == INTERVALS;
      }
  }
  close_model(&h);
}

/* Catches a wrong rate, a dead time, a first interval that is special, numbers used twice. */
static void intervals_are_exponential(void **unused) {
  (void)unused;
  static double interval[ALL];
  collect_intervals(interval);
  double sum = 0.0, squares = 0.0, serial = 0.0;
  for (int i = 0; i < ALL; i++) sum += interval[i], squares += interval[i] * interval[i];
  for (int i = 1; i < ALL; i++) serial += (interval[i] - 1.0) * (interval[i - 1] - 1.0);
  double mean = sum / ALL, cv = sqrt(squares / ALL - mean * mean) / mean, error = 1 / sqrt(ALL);
  assert_near(mean, 1.0, 5 * error);
  assert_near(cv, 1.0, 5 * error);
  assert_near(serial / ALL, 0.0, 5 * error);

  qsort(interval, ALL, sizeof(double), ascending);
  double distance = 0.0;
  for (int i = 0; i < ALL; i++)
    distance = fmax(distance, fabs(1.0 - exp(-interval[i]) - (i + 0.5) / ALL));
  assert_true(distance < 1.63 * error + 0.5e-3); /* level 1 %, and half a step */
}

/* Three rates, the middle one 0: the spike falls where the integrated rate reaches the interval.
 * Catches an interval that is drawn in time, drawn anew at a change, or used up in silence. */
static void rate_may_change_within_an_interval(void **unused) {
  (void)unused;
  enum { N = 500 };
  harness h = open_source(N, 0.1, 8.0);
  const double *remaining = state_of(&h, "remaining");
  double interval[N], kept[N];
  int seen = 0;
  for (int i = 0; i < N; i++) interval[i] = remaining[i];
  for (int s = 1; s <= 5000; s++) {
    float rate = s <= 500 ? 8.0f : s <= 3000 ? 0.0f : 16.0f;
    set_rate(&h, rate);
    memcpy(kept, remaining, sizeof kept);
    step_all(&h);
    if (rate == 0.0f) {
      assert_memory_equal(kept, remaining, sizeof kept);
      assert_int_equal(sum_of_spikes(&h), 0);
    }
    for (int i = 0; i < N; i++) {
      if (!h.spikes[i] || interval[i] < 0.0) continue;
      double steps_of_8_hz = interval[i] / 8e-4;
      double at = steps_of_8_hz <= 500 ? steps_of_8_hz : 3000 + (steps_of_8_hz - 500) / 2;
      assert_near(s, at + 0.5, 0.5 + 1e-6);
      interval[i] = -1.0, seen++;
    }
  }
  assert_true(seen > 400);
  close_model(&h);
}

/* Also across tiles that start at another neuron, and with start called tile by tile. */
static void tiles_do_not_matter(void **unused) {
  (void)unused;
  enum { N = 3 * 64 + 29 };
  harness a = open_source(N, 0.1, 0.0);
  harness b = open_model(&ql_poisson, N, 0.1, NULL);
  for (uint32_t first = 0; first < N; first += 64)
    start_tile(&b, first, N - first < 64 ? N - first : 64);
  for (uint32_t i = 0; i < N; i++)
    param_of(&a, "rate")[i] = param_of(&b, "rate")[i] = i % 3 ? 20.0f * (float)i : 0.0f;
  for (int s = 0; s < 2000; s++) {
    step_all(&a);
    step_tiles(&b, s % 2 ? 64 : 128);
    assert_same_state(&a, &b);
  }
  close_model(&a);
  close_model(&b);
}

/* Catches a part of the key that is left out. */
static void neurons_populations_and_seeds_differ(void **unused) {
  (void)unused;
  harness a = open_source(64, 0.1, 0.0);
  const double *x = state_of(&a, "remaining");
  for (int change = 0; change < 4; change++) {
    harness b = open_model(&ql_poisson, 64, 0.1, NULL);
    if (change == 0) b.seed ^= 1;
    if (change == 1) b.seed ^= (uint64_t)1 << 40;
    if (change == 2) b.object++;
    if (change == 3) b.first = 64;
    start_all(&b);
    const double *y = state_of(&b, "remaining");
    for (int i = 0; i < 64; i++)
      for (int j = 0; j < 64; j++) assert_true(x[i] != y[j] && (i == j || x[i] != x[j]));
    close_model(&b);
  }
  close_model(&a);
}

/* 10 spikes in a step: none may be lost, and the count must be Poisson. */
static void many_spikes_in_a_step(void **unused) {
  (void)unused;
  enum { N = 200, STEPS = 1000 };
  harness h = open_source(N, 0.1, 1e5);
  double sum = 0.0, squares = 0.0, n = (double)N * STEPS;
  for (int s = 0; s < STEPS; s++) {
    step_all(&h);
    for (int i = 0; i < N; i++) sum += h.spikes[i], squares += h.spikes[i] * h.spikes[i];
  }
  double mean = sum / n, variance = squares / n - mean * mean;
  assert_near(mean, 10.0, 5 * sqrt(10.0 / n));
  assert_near(variance, 10.0, 5 * sqrt((10.0 + 2 * 10.0 * 10.0) / n));
  int64_t draws = 0;
  for (int i = 0; i < N; i++) draws += ((int32_t *)state_of(&h, "draws"))[i];
  assert_true((double)(draws - N) == sum);
  close_model(&h);
}

/* More than 255 spikes in a step do not fit: the rest follows. */
static void a_full_step_loses_nothing(void **unused) {
  (void)unused;
  harness h = open_source(3, 10.0, 1e5);
  uint64_t spikes = 0;
  for (int s = 0; s < 40; s++) {
    set_rate(&h, s < 5 ? 1e5f : 0.0f);
    step_all(&h);
    if (s < 5) assert_int_equal(h.spikes[1], 255);
    spikes += sum_of_spikes(&h);
  }
  assert_int_equal(sum_of_spikes(&h), 0);
  assert_near((double)spikes, 3 * 5000.0, 5 * sqrt(15000.0));
  close_model(&h);
}

static void a_restored_interval_is_kept(void **unused) {
  (void)unused;
  harness h = open_model(&ql_poisson, 2, 0.1, NULL);
  double *remaining = state_of(&h, "remaining");
  int32_t *draws = state_of(&h, "draws");
  remaining[1] = 0.25, draws[1] = 7;
  start_all(&h);
  assert_true(remaining[0] > 0.0 && draws[0] == 1);
  assert_true(remaining[1] == 0.25 && draws[1] == 7);
  close_model(&h);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(intervals_are_exponential),
      cmocka_unit_test(rate_may_change_within_an_interval),
      cmocka_unit_test(tiles_do_not_matter),
      cmocka_unit_test(neurons_populations_and_seeds_differ),
      cmocka_unit_test(many_spikes_in_a_step),
      cmocka_unit_test(a_full_step_loses_nothing),
      cmocka_unit_test(a_restored_interval_is_kept),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

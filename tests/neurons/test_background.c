/* Poisson background: its distribution, its key, and that tiles have no part in it. */
#include "harness.h"

#include "base/random.h"
#include "neurons/background.h"

enum { N = 4096, STEPS = 250, MOST = 256 };

static const double means[] = {0.001, 0.8, 8.0, 64.0};
enum { MEANS = sizeof means / sizeof means[0] };

static ql_background open_background(double mean, float weight) {
  ql_background background = {.weight = weight, .seed = 20110909, .object = 7};
  ql_background_prepare(&background, mean);
  return background;
}

/* Events of one step as whole numbers. */
static void draw_step(const ql_background *background, uint64_t step, uint32_t first, uint32_t n,
                      float *input) {
  memset(input, 0, n * sizeof(float));
  ql_background_add(background, step, first, n, input);
}

/* How often 0, 1, 2 … events were seen. */
static void histogram(double mean, uint64_t *seen) {
  static float input[N];
  ql_background background = open_background(mean, 1.0f);
  for (int s = 0; s < STEPS; s++) {
    draw_step(&background, (uint64_t)s, 0, N, input);
    for (int i = 0; i < N; i++) {
      assert_true(input[i] >= 0.0f && input[i] < MOST && input[i] == floorf(input[i]));
      seen[(int)input[i]]++;
    }
  }
}

static double probability(double mean, int k) {
  return exp(k * log(mean) - mean - lgamma(k + 1.0));
}

/* Catches thresholds that are shifted by one, and a wrong scale. */
static void mean_and_variance(void **unused) {
  (void)unused;
  for (int m = 0; m < MEANS; m++) {
    uint64_t seen[MOST] = {0};
    histogram(means[m], seen);
    double n = (double)N * STEPS, sum = 0.0, squares = 0.0;
    for (int k = 0; k < MOST; k++)
      sum += k * (double)seen[k], squares += (double)k * k * (double)seen[k];
    double mean = sum / n, variance = squares / n - mean * mean;
    assert_near(mean, means[m], 5 * sqrt(means[m] / n));
    assert_near(variance, means[m], 5 * sqrt((means[m] + 2 * means[m] * means[m]) / n));
  }
}

/* Chi-square over all counts that are expected ten times or more; the rest is one class. Catches
 * single thresholds that are wrong. */
static void every_count_is_as_frequent_as_it_should_be(void **unused) {
  (void)unused;
  for (int m = 0; m < MEANS; m++) {
    uint64_t seen[MOST] = {0};
    histogram(means[m], seen);
    double n = (double)N * STEPS, sum = 0.0, rest = n, rest_seen = n;
    int classes = 0;
    for (int k = 0; k < MOST; k++) {
      double expected = n * probability(means[m], k), off = (double)seen[k] - expected;
      if (expected < 10.0) continue;
      sum += off * off / expected, classes++;
      rest -= expected, rest_seen -= (double)seen[k];
    }
    assert_near(rest_seen, rest, 5 * sqrt(rest) + 5);
    assert_true(classes >= 2 && sum < classes + 5 * sqrt(2.0 * classes));
  }
}

/* Neighbours share a block, steps share a counter: neither may be correlated. */
static void neighbours_and_steps_are_independent(void **unused) {
  (void)unused;
  static float input[2][N];
  const int lags[] = {1, 2, 3, 4, 64};
  ql_background background = open_background(8.0, 1.0f);
  double beside[5] = {0}, after = 0.0, n = (double)N * STEPS;
  for (int s = 0; s < STEPS; s++) {
    draw_step(&background, (uint64_t)s, 0, N, input[s % 2]);
    if (s == 0) continue;
    for (int i = 0; i < N; i++) after += (input[0][i] - 8.0) * (input[1][i] - 8.0);
    for (int l = 0; l < 5; l++)
      for (int i = lags[l]; i < N; i++)
        beside[l] += (input[s % 2][i] - 8.0) * (input[s % 2][i - lags[l]] - 8.0);
  }
  assert_near(after / n, 0.0, 5 * 8.0 / sqrt(n));
  for (int l = 0; l < 5; l++) assert_near(beside[l] / n, 0.0, 5 * 8.0 / sqrt(n));
}

/* The vectorised rounds against the plain generator, also for steps beyond 2^32. */
static void numbers_are_those_of_philox(void **unused) {
  (void)unused;
  ql_background background = open_background(0.8, 1.0f);
  ql_stream stream = ql_stream_open(background.seed, QL_DRAW_BACKGROUND, background.object, 0, 0);
  uint32_t key[2];
  for (int i = 0; i < 2; i++) key[i] = ql_draw_u32(&stream);
  const uint64_t steps[] = {0, 1, 0xfffffffe, 0xffffffff, 0x100000000, 0x123456789a};
  for (int s = 0; s < 6; s++) {
    float input[256];
    draw_step(&background, steps[s], 640, 256, input);
    for (uint32_t i = 0; i < 256; i++) {
      uint32_t counter[4] = {(640 + i) / 4, (uint32_t)steps[s], (uint32_t)(steps[s] >> 32), 0};
      uint32_t number[4], events = 0;
      ql_philox(counter, key, number);
      while (events < background.levels && number[i % 4] >= background.threshold[events]) events++;
      assert_true(input[i] == (float)events);
    }
  }
}

/* A number that equals a threshold reaches it: too rare to be seen by chance. */
static void thresholds_are_reached_by_equality(void **unused) {
  (void)unused;
  ql_background background = open_background(0.8, 1.0f);
  ql_stream stream = ql_stream_open(background.seed, QL_DRAW_BACKGROUND, background.object, 0, 0);
  uint32_t key[2], counter[4] = {0, 3, 0, 0}, number[4];
  for (int i = 0; i < 2; i++) key[i] = ql_draw_u32(&stream);
  ql_philox(counter, key, number);
  background.levels = 1;
  for (uint32_t above = 0; above < 2; above++) {
    float input[4];
    background.threshold[0] = number[2] + above;
    draw_step(&background, 3, 0, 4, input);
    assert_true(input[2] == (above ? 0.0f : 1.0f));
  }
}

static void tiles_do_not_matter(void **unused) {
  (void)unused;
  enum { LENGTH = 5 * 64 + 29 };
  for (int m = 0; m < MEANS; m++) {
    ql_background background = open_background(means[m], 0.3f);
    float whole[LENGTH], tiles[LENGTH];
    for (uint64_t step = 5; step < 50; step++) {
      draw_step(&background, step, 0, LENGTH, whole);
      for (uint32_t first = 0; first < LENGTH; first += 64)
        draw_step(&background, step, first, LENGTH - first < 64 ? LENGTH - first : 64,
                  tiles + first);
      assert_memory_equal(whole, tiles, sizeof whole);
    }
  }
}

/* Catches a part of the key that is left out. */
static void steps_objects_and_seeds_differ(void **unused) {
  (void)unused;
  float a[256], b[256];
  ql_background background = open_background(8.0, 1.0f);
  draw_step(&background, 3, 0, 256, a);
  for (int change = 0; change < 6; change++) {
    ql_background other = background;
    if (change == 2) other.object++;
    if (change == 3) other.seed ^= 1;
    if (change == 4) other.seed ^= (uint64_t)1 << 40;
    uint64_t step = change == 0 ? 4 : change == 1 ? 3 + ((uint64_t)1 << 32) : 3;
    draw_step(&other, step, change == 5 ? 256 : 0, 256, b);
    int same = 0;
    for (int i = 0; i < 256; i++) same += a[i] == b[i];
    assert_in_range(same, 5, 60); /* a chance of 1 in 10 each */
  }
}

/* Adds to what is there, by the weight, and touches nothing past the end. */
static void adds_weighted_events(void **unused) {
  (void)unused;
  ql_background one = open_background(8.0, 1.0f), weighted = open_background(8.0, 0.37f);
  float events[128], input[128];
  draw_step(&one, 9, 64, 128, events);
  for (int i = 0; i < 128; i++) input[i] = 2.5f;
  ql_background_add(&weighted, 9, 64, 70, input);
  for (int i = 0; i < 70; i++) {
    float added = 0.37f * events[i];
    assert_true(input[i] == 2.5f + added);
  }
  for (int i = 70; i < 128; i++) assert_true(input[i] == 2.5f);
}

static void no_events_at_mean_zero(void **unused) {
  (void)unused;
  ql_background background = open_background(0.0, 1.0f);
  float input[64];
  for (uint64_t step = 0; step < 1000; step++) {
    draw_step(&background, step, 0, 64, input);
    for (int i = 0; i < 64; i++) assert_true(input[i] == 0.0f);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(mean_and_variance),
      cmocka_unit_test(every_count_is_as_frequent_as_it_should_be),
      cmocka_unit_test(neighbours_and_steps_are_independent),
      cmocka_unit_test(numbers_are_those_of_philox),
      cmocka_unit_test(thresholds_are_reached_by_equality),
      cmocka_unit_test(tiles_do_not_matter),
      cmocka_unit_test(steps_objects_and_seeds_differ),
      cmocka_unit_test(adds_weighted_events),
      cmocka_unit_test(no_events_at_mean_zero),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

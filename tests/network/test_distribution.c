/* Values of synapses: every kind against its distribution, what happens outside, every refusal. */
#include "network/distribution.h"
#include "support/check.h"
#include "support/statistics.h"
#include <string.h>

enum { N = 50000, CLASSES = 50 };

static quell_distribution distribution(int32_t kind, double a, double b) {
  quell_distribution d = QUELL_DISTRIBUTION_INIT;
  d.kind = kind;
  d.a = a;
  d.b = b;
  return d;
}

static quell_distribution bounded(int32_t kind, double a, double b, int32_t outside, double low,
                                  double high) {
  quell_distribution d = distribution(kind, a, b);
  d.outside = outside;
  d.low = low;
  d.high = high;
  return d;
}

static void draw_all(const quell_distribution *d, uint32_t object, double *values) {
  ql_stream stream = ql_stream_open(1, QL_DRAW_WEIGHT, object, 0, 0);
  OK(ql_distribution_check(d, "weight", NULL, 0));
  for (int i = 0; i < N; i++) assert_true(ql_distribution_draw(d, 1, &stream, &values[i]));
}

/* `ranks` are the values' distribution functions: uniform in (0, 1). */
static void check_ranks(const double *ranks, const char *what) {
  double counts[CLASSES] = {0}, expected[CLASSES];
  for (int i = 0; i < N; i++) counts[(int)fmin(CLASSES - 1, ranks[i] * CLASSES)]++;
  for (int i = 0; i < CLASSES; i++) expected[i] = (double)N / CLASSES;
  check_counts(counts, expected, CLASSES, what);
}

static double normal_rank(double x, double mean, double sd) {
  return 0.5 * erfc((mean - x) / sd / sqrt(2.0));
}

/* Not drawn: the stream stays where it is. */
static void test_fixed_values(void **state) {
  (void)state;
  double value;
  quell_distribution standard = QUELL_DISTRIBUTION_INIT;
  quell_distribution constant = distribution(QUELL_CONSTANT, 2.5, 0);
  ql_stream stream = ql_stream_open(1, QL_DRAW_WEIGHT, 0, 0, 0), before = stream;
  OK(ql_distribution_check(&standard, "weight", NULL, 0));
  OK(ql_distribution_check(&constant, "weight", NULL, 0));
  assert_true(ql_distribution_draw(&standard, 7, &stream, &value) && value == 7);
  assert_true(ql_distribution_draw(&constant, 7, &stream, &value) && value == 2.5);
  assert_memory_equal(&stream, &before, sizeof stream);
}

static void test_uniform(void **state) {
  (void)state;
  static double values[N];
  quell_distribution d = distribution(QUELL_UNIFORM, 1.5, 4);
  draw_all(&d, 1, values);
  for (int i = 0; i < N; i++) {
    assert_true(values[i] >= 1.5 && values[i] <= 4);
    values[i] = (values[i] - 1.5) / 2.5;
  }
  check_ranks(values, "uniform");
}

/* Interpolation that rounds past an end would break a bound. */
static void test_narrow_uniform(void **state) {
  (void)state;
  static double values[N];
  quell_distribution point = distribution(QUELL_UNIFORM, 5.7, 5.7);
  draw_all(&point, 2, values);
  for (int i = 0; i < N; i++) assert_true(values[i] == 5.7);
  double next = nextafter(5.7, 6);
  quell_distribution narrow = distribution(QUELL_UNIFORM, 5.7, next);
  draw_all(&narrow, 3, values);
  for (int i = 0; i < N; i++) assert_true(values[i] == 5.7 || values[i] == next);
}

/* `b` is the standard deviation, not the variance. */
static void test_normal(void **state) {
  (void)state;
  static double values[N];
  quell_distribution d = distribution(QUELL_NORMAL, 5, 0.5);
  draw_all(&d, 4, values);
  check_moments(values, N, 5, 0.25, 0, "normal");
  for (int i = 0; i < N; i++) values[i] = normal_rank(values[i], 5, 0.5);
  check_ranks(values, "normal");
}

/* `a` and `b` are those of the logarithm. */
static void test_lognormal(void **state) {
  (void)state;
  static double values[N];
  quell_distribution d = distribution(QUELL_LOGNORMAL, -0.7, 0.9);
  draw_all(&d, 5, values);
  for (int i = 0; i < N; i++) values[i] = normal_rank(log(values[i]), -0.7, 0.9);
  check_ranks(values, "lognormal");
}

/* Both bounds get the mass beyond them, and inside nothing changes. */
static void test_clip(void **state) {
  (void)state;
  static double values[N];
  double counts[3] = {0}, below = normal_rank(0, 0.3, 0.5), above = 1 - normal_rank(1, 0.3, 0.5);
  quell_distribution d = bounded(QUELL_NORMAL, 0.3, 0.5, QUELL_CLIP, 0, 1);
  draw_all(&d, 6, values);
  for (int i = 0; i < N; i++) {
    assert_true(values[i] >= 0 && values[i] <= 1);
    counts[values[i] <= 0 ? 0 : values[i] < 1 ? 1 : 2]++;
  }
  const double expected[3] = {N * below, N * (1 - below - above), N * above};
  check_counts(counts, expected, 3, "clipped");
}

/* The truncated normal distribution; moments by scipy.stats.truncnorm. */
static void test_redraw(void **state) {
  (void)state;
  static double values[N];
  quell_distribution d = bounded(QUELL_NORMAL, 1, 2, QUELL_REDRAW, 0, 3);
  draw_all(&d, 7, values);
  check_moments(values, N, 1.4132624361230661, 0.6910930363459724, -1.1021705138976785, "redrawn");
  double low = normal_rank(0, 1, 2), high = normal_rank(3, 1, 2);
  for (int i = 0; i < N; i++) {
    assert_true(values[i] >= 0 && values[i] <= 3);
    values[i] = (normal_rank(values[i], 1, 2) - low) / (high - low);
  }
  check_ranks(values, "redrawn");
}

/* No upper bound; values that are not finite never come out. */
static void test_open_bound(void **state) {
  (void)state;
  static double values[N];
  quell_distribution d = bounded(QUELL_NORMAL, -1, 1, QUELL_REDRAW, 0, INFINITY);
  draw_all(&d, 8, values);
  for (int i = 0; i < N; i++) assert_true(values[i] >= 0 && values[i] < 10);
}

static int draw_one(const quell_distribution *d, double *value) {
  ql_stream stream = ql_stream_open(1, QL_DRAW_WEIGHT, 9, 0, 0);
  OK(ql_distribution_check(d, "weight", NULL, 0));
  return ql_distribution_draw(d, 1, &stream, value);
}

static void test_values_refused(void **state) {
  (void)state;
  double value;
  quell_distribution negative = distribution(QUELL_NORMAL, -5, 0.1);
  assert_false(draw_one(&negative, &value));
  assert_true(value < -4 && value > -6); /* for the sentence */
  quell_distribution huge = distribution(QUELL_LOGNORMAL, 1e6, 1);
  assert_false(draw_one(&huge, &value));
  quell_distribution clipped = bounded(QUELL_LOGNORMAL, 1e6, 1, QUELL_CLIP, 0, 10);
  assert_true(draw_one(&clipped, &value) && value == 10);
  quell_distribution open = bounded(QUELL_LOGNORMAL, 1e6, 1, QUELL_CLIP, 0, INFINITY);
  assert_false(draw_one(&open, &value));
  quell_distribution unreachable = bounded(QUELL_NORMAL, 0, 1e-6, QUELL_REDRAW, 1, 2);
  assert_false(draw_one(&unreachable, &value));
  static const double one = 1;
  quell_distribution array = distribution(QUELL_ARRAY, 0, 0);
  array.values = &one;
  array.n = 1;
  assert_false(draw_one(&array, &value));
}

/* A thing that happens once in a thousand draws is found within 10,000 tries. */
static void test_patience(void **state) {
  (void)state;
  double value;
  quell_distribution d = bounded(QUELL_UNIFORM, 0, 1, QUELL_REDRAW, 0.999, 2);
  ql_stream stream = ql_stream_open(1, QL_DRAW_WEIGHT, 10, 0, 0);
  for (int i = 0; i < 200; i++)
    assert_true(ql_distribution_draw(&d, 1, &stream, &value) && value >= 0.999);
}

static void check_refusal(const quell_distribution *d, quell_status want, const char *named) {
  char message[256] = "";
  quell_status status = ql_distribution_check(d, "delay", message, sizeof message);
  if (status == want && strstr(message, named) && !strncmp(message, "delay: ", 7)) return;
  print_error("status %d, not %d; '%s' does not name '%s'\n", status, want, message, named);
  fail();
}

static void test_refusals(void **state) {
  (void)state;
  static const double good = 1, bad[] = {1, 0, -2}, not_a_number[] = {NAN}, endless[] = {INFINITY};
  static const struct {
    quell_distribution distribution;
    quell_status status;
    const char *named;
  } cases[] = {
      {{-1, 0, 0, 0, 0, 0, NULL, 0}, QUELL_E_RANGE, "'kind' must be one of"},
      {{6, 0, 0, 0, 0, 0, NULL, 0}, QUELL_E_RANGE, "got 6"},
      {{QUELL_DEFAULT, 0, 3, 0, 0, 0, NULL, 0}, QUELL_E_RANGE, "'kind' is QUELL_DEFAULT"},
      {{QUELL_DEFAULT, 0, 0, 0, 0, 0, &good, 1}, QUELL_E_RANGE, "'kind' is QUELL_DEFAULT"},
      {{QUELL_CONSTANT, 0, -1, 0, 0, 0, NULL, 0},
       QUELL_E_RANGE,
       "'a' must be >= 0 and finite, got -1"},
      {{QUELL_CONSTANT, 0, NAN, 0, 0, 0, NULL, 0}, QUELL_E_RANGE, "nan"},
      {{QUELL_CONSTANT, 0, INFINITY, 0, 0, 0, NULL, 0}, QUELL_E_RANGE, "inf"},
      {{QUELL_CONSTANT, QUELL_CLIP, 1, 0, 0, 2, NULL, 0}, QUELL_E_RANGE, "not drawn"},
      {{QUELL_UNIFORM, 0, -1, 1, 0, 0, NULL, 0}, QUELL_E_RANGE, "'a' must be >= 0, got -1"},
      {{QUELL_UNIFORM, 0, 2, 1, 0, 0, NULL, 0}, QUELL_E_RANGE, "'b' must be >= 'a', got 1"},
      {{QUELL_UNIFORM, 0, NAN, 1, 0, 0, NULL, 0}, QUELL_E_RANGE, "'a'"},
      {{QUELL_UNIFORM, 0, 0, NAN, 0, 0, NULL, 0}, QUELL_E_RANGE, "'b'"},
      {{QUELL_UNIFORM, 0, 0, INFINITY, 0, 0, NULL, 0}, QUELL_E_RANGE, "'b'"},
      {{QUELL_NORMAL, 0, INFINITY, 1, 0, 0, NULL, 0}, QUELL_E_RANGE, "'a'"},
      {{QUELL_NORMAL, 0, 1, -1, 0, 0, NULL, 0}, QUELL_E_RANGE, "'b' must be >= 0"},
      {{QUELL_LOGNORMAL, 0, NAN, 1, 0, 0, NULL, 0}, QUELL_E_RANGE, "'a'"},
      {{QUELL_LOGNORMAL, 0, 1, NAN, 0, 0, NULL, 0}, QUELL_E_RANGE, "'b'"},
      {{QUELL_NORMAL, 3, 1, 1, 0, 1, NULL, 0}, QUELL_E_RANGE, "'outside' must be"},
      {{QUELL_NORMAL, -1, 1, 1, 0, 1, NULL, 0}, QUELL_E_RANGE, "got -1"},
      {{QUELL_NORMAL, QUELL_CLIP, 1, 1, -1, 1, NULL, 0}, QUELL_E_RANGE, "'low'"},
      {{QUELL_NORMAL, QUELL_CLIP, 1, 1, NAN, 1, NULL, 0}, QUELL_E_RANGE, "'low'"},
      {{QUELL_NORMAL, QUELL_REDRAW, 1, 1, 1, 1, NULL, 0},
       QUELL_E_RANGE,
       "'high' must be > 'low', got 1"},
      {{QUELL_NORMAL, QUELL_REDRAW, 1, 1, 1, NAN, NULL, 0}, QUELL_E_RANGE, "'high'"},
      {{QUELL_ARRAY, 0, 0, 0, 0, 0, NULL, 4}, QUELL_E_NULL, "'values' is NULL, but 'n' is 4"},
      {{QUELL_ARRAY, 0, 0, 0, 0, 0, bad, 3}, QUELL_E_RANGE, "'values[2]'"},
      {{QUELL_ARRAY, 0, 0, 0, 0, 0, not_a_number, 1}, QUELL_E_RANGE, "'values[0]'"},
      {{QUELL_ARRAY, 0, 0, 0, 0, 0, endless, 1}, QUELL_E_RANGE, "got inf"},
  };
  for (size_t i = 0; i < COUNT(cases); i++)
    check_refusal(&cases[i].distribution, cases[i].status, cases[i].named);
  quell_distribution array = {QUELL_ARRAY, 0, 0, 0, 0, 0, bad, 2};
  OK(ql_distribution_check(&array, "delay", NULL, 0));
  quell_distribution below = bounded(QUELL_UNIFORM, -1, 1, QUELL_CLIP, 0, 1);
  OK(ql_distribution_check(&below, "delay", NULL, 0));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_fixed_values),   cmocka_unit_test(test_uniform),
      cmocka_unit_test(test_narrow_uniform), cmocka_unit_test(test_normal),
      cmocka_unit_test(test_lognormal),      cmocka_unit_test(test_clip),
      cmocka_unit_test(test_redraw),         cmocka_unit_test(test_open_bound),
      cmocka_unit_test(test_values_refused), cmocka_unit_test(test_patience),
      cmocka_unit_test(test_refusals),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Values of synapses: every kind against its distribution, what happens outside, every refusal. */
#include "base/random.h"
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

/* N values, as for the synapses of one neuron. */
static void draw_all(const quell_distribution *d, uint32_t object, double *values) {
  const ql_words sequence = {1, QL_DRAW_WEIGHT, object, 0};
  OK(ql_distribution_check(d, "weight", NULL, 0));
  assert_true(ql_distribution_is_drawn(d) && ql_distribution_varies(d));
  ql_sampler sampler = ql_distribution_sampler(d);
  for (uint32_t first = 0; first < N; first += QL_STRIP) {
    uint32_t word[QL_STRIP], n = N - first < QL_STRIP ? N - first : QL_STRIP;
    float value[QL_STRIP];
    ql_draw.words(&sequence, first, n, word);
    ql_draw.values(&sampler, n, word, value);
    for (uint32_t i = 0; i < n; i++) values[first + i] = (double)value[i];
  }
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

static void test_not_drawn(void **state) {
  (void)state;
  for (int32_t kind = QUELL_DEFAULT; kind <= QUELL_ARRAY; kind++) {
    quell_distribution d = distribution(kind, 2.5, 0);
    assert_int_equal(ql_distribution_is_drawn(&d), kind >= QUELL_UNIFORM && kind < QUELL_ARRAY);
    assert_int_equal(ql_distribution_varies(&d), kind >= QUELL_UNIFORM);
  }
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
  quell_distribution point = distribution(QUELL_UNIFORM, 5.75, 5.75);
  draw_all(&point, 2, values);
  for (int i = 0; i < N; i++) assert_true(values[i] == 5.75);
  double next = (double)nextafterf(5.75f, 6);
  quell_distribution narrow = distribution(QUELL_UNIFORM, 5.75, next);
  draw_all(&narrow, 3, values);
  for (int i = 0; i < N; i++) assert_true(values[i] == 5.75 || values[i] == next);
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

static float draw_one(const quell_distribution *d) {
  static double values[N];
  draw_all(d, 9, values);
  return (float)values[0];
}

/* What must be refused comes out of its bounds, and what is clipped within. */
static void test_values_refused(void **state) {
  (void)state;
  quell_distribution negative = distribution(QUELL_NORMAL, -5, 0.1);
  assert_true(draw_one(&negative) < -4 && draw_one(&negative) > -6); /* for the sentence */
  quell_distribution huge = distribution(QUELL_LOGNORMAL, 1e6, 1);
  assert_true(isinf(draw_one(&huge)));
  quell_distribution clipped = bounded(QUELL_LOGNORMAL, 1e6, 1, QUELL_CLIP, 0, 10);
  assert_true(draw_one(&clipped) == 10);
  quell_distribution open = bounded(QUELL_LOGNORMAL, 1e6, 1, QUELL_CLIP, 0, INFINITY);
  assert_true(isinf(draw_one(&open)));
  quell_distribution tiny = distribution(QUELL_LOGNORMAL, -1e6, 1);
  assert_true(draw_one(&tiny) == 0);
}

/* Bounds with next to nothing between them are not kept, so that the values are refused. */
static void test_unreachable(void **state) {
  (void)state;
  const quell_distribution never[] = {
      bounded(QUELL_NORMAL, 0, 1e-6, QUELL_REDRAW, 1, 2),
      bounded(QUELL_NORMAL, 5, 1, QUELL_REDRAW, 11, 12),
      bounded(QUELL_NORMAL, 5, 0, QUELL_REDRAW, 1, 2),
      bounded(QUELL_UNIFORM, 0, 1, QUELL_REDRAW, 2, 3),
      bounded(QUELL_UNIFORM, 0, 1, QUELL_REDRAW, 1 - 1e-7, 3),
      bounded(QUELL_UNIFORM, 5, 5, QUELL_REDRAW, 6, 7),
      bounded(QUELL_LOGNORMAL, 0, 1, QUELL_REDRAW, 1000, INFINITY),
  };
  for (size_t i = 0; i < COUNT(never); i++) {
    double value = (double)draw_one(&never[i]);
    assert_true(value < never[i].low || value > never[i].high);
  }
}

/* In the middle and far out, on either side: [3, inf) standard deviations has 1 in 740 values. */
static void test_redrawn_tails(void **state) {
  (void)state;
  static double values[N];
  static const double bounds[][2] = {{0, 1.5}, {6, 7}, {13, INFINITY}, {9.5, 10.5}, {0, INFINITY}};
  for (size_t k = 0; k < COUNT(bounds); k++) {
    double a = bounds[k][0], b = bounds[k][1];
    quell_distribution d = bounded(QUELL_NORMAL, 10, 1, QUELL_REDRAW, a, b);
    if (a == 0 && b < 2) d.a = 4.5; /* from the lower tail */
    draw_all(&d, 20 + (uint32_t)k, values);
    int upper = a > d.a; /* where distribution functions near 1 would lose digits */
    double low = upper ? normal_rank(-b, -d.a, 1) : normal_rank(a, d.a, 1);
    double high = upper ? normal_rank(-a, -d.a, 1) : normal_rank(b, d.a, 1);
    for (int i = 0; i < N; i++) {
      assert_true(values[i] >= a && values[i] <= b);
      double rank = upper ? normal_rank(-values[i], -d.a, 1) : normal_rank(values[i], d.a, 1);
      values[i] = fmin(fmax((rank - low) / (high - low), 0), 1);
    }
    check_ranks(values, "redrawn from a tail");
  }
}

static void test_redrawn_lognormal(void **state) {
  (void)state;
  static double values[N];
  quell_distribution d = bounded(QUELL_LOGNORMAL, 0.5, 0.8, QUELL_REDRAW, 0, 2);
  draw_all(&d, 30, values);
  double high = normal_rank(log(2), 0.5, 0.8);
  for (int i = 0; i < N; i++) {
    assert_true(values[i] >= 0 && values[i] <= 2);
    values[i] = normal_rank(log(values[i]), 0.5, 0.8) / high;
  }
  check_ranks(values, "redrawn lognormal");
}

/* What happens once in a hundred thousand draws is drawn all the same. */
static void test_rare_values(void **state) {
  (void)state;
  static double values[N];
  quell_distribution d = bounded(QUELL_UNIFORM, 0, 1, QUELL_REDRAW, 0.99999, 2);
  draw_all(&d, 10, values);
  for (int i = 0; i < N; i++) {
    assert_true(values[i] >= 0.9999899 && values[i] <= 1);
  }
}

/* A value stands alone: the same whatever is drawn with it. */
static void test_values_stand_alone(void **state) {
  (void)state;
  const ql_words sequence = {1, QL_DRAW_WEIGHT, 3, 4};
  quell_distribution d = bounded(QUELL_NORMAL, 1, 2, QUELL_REDRAW, 0, 3);
  ql_sampler sampler = ql_distribution_sampler(&d);
  uint32_t all[4 * QL_WORD_GROUP], word[QL_WORD_GROUP];
  float values[4 * QL_WORD_GROUP], value[QL_WORD_GROUP];
  ql_draw.words(&sequence, 0, 4 * QL_WORD_GROUP, all);
  ql_draw.values(&sampler, 4 * QL_WORD_GROUP, all, values);
  for (uint32_t first = 0; first < 4 * QL_WORD_GROUP; first += QL_WORD_GROUP)
    for (uint32_t n = 1; n <= QL_WORD_GROUP; n += 7) {
      ql_draw.words(&sequence, first, n, word);
      ql_draw.values(&sampler, n, word, value);
      assert_memory_equal(word, all + first, n * sizeof *word);
      assert_memory_equal(value, values + first, n * sizeof *value);
    }
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
      cmocka_unit_test(test_not_drawn),      cmocka_unit_test(test_uniform),
      cmocka_unit_test(test_narrow_uniform), cmocka_unit_test(test_normal),
      cmocka_unit_test(test_lognormal),      cmocka_unit_test(test_clip),
      cmocka_unit_test(test_redraw),         cmocka_unit_test(test_open_bound),
      cmocka_unit_test(test_values_refused), cmocka_unit_test(test_unreachable),
      cmocka_unit_test(test_redrawn_tails),  cmocka_unit_test(test_redrawn_lognormal),
      cmocka_unit_test(test_rare_values),    cmocka_unit_test(test_values_stand_alone),
      cmocka_unit_test(test_refusals),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

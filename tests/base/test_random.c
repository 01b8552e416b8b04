/* The generator against its authors' vectors, every draw against its exact distribution. */
#include "base/random.h"
#include "support/check.h"
#include "support/statistics.h"
#include <string.h>

/* Random123's kat_vectors, "philox4x32 10". */
static void test_known_answers(void **state) {
  (void)state;
  static const struct {
    uint32_t counter[4], key[2], out[4];
  } vectors[] = {
      {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
      {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
       {0xffffffff, 0xffffffff},
       {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
      {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
       {0xa4093822, 0x299f31d0},
       {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
  };
  for (size_t i = 0; i < COUNT(vectors); i++) {
    uint32_t out[4];
    ql_philox(vectors[i].counter, vectors[i].key, out);
    assert_memory_equal(out, vectors[i].out, sizeof out);
  }
}

/* A stream hands out the blocks of its counter, all four numbers of each, in order. */
static void test_stream_is_philox(void **state) {
  (void)state;
  ql_stream stream = ql_stream_open(UINT64_C(0x123456789abcdef0), 3, 5, 7, 11);
  const uint32_t key[2] = {0x9abcdef0, 0x12345678};
  for (uint32_t block = 11; block < 14; block++) {
    const uint32_t counter[4] = {block, 7, 5, 3};
    uint32_t out[4];
    ql_philox(counter, key, out);
    for (int i = 0; i < 4; i++) assert_int_equal(ql_draw_u32(&stream), out[i]);
  }
}

/* A part of the key that is left out would give two uses the same numbers. */
static void test_streams_differ(void **state) {
  (void)state;
  ql_stream streams[] = {
      ql_stream_open(1, 1, 1, 1, 1),
      ql_stream_open(2, 1, 1, 1, 1),
      ql_stream_open(1 + (UINT64_C(1) << 32), 1, 1, 1, 1),
      ql_stream_open(1, 2, 1, 1, 1),
      ql_stream_open(1, 1, 2, 1, 1),
      ql_stream_open(1, 1, 1, 2, 1),
      ql_stream_open(1, 1, 1, 1, 2),
  };
  uint32_t numbers[COUNT(streams)];
  for (size_t i = 0; i < COUNT(streams); i++) {
    numbers[i] = ql_draw_u32(&streams[i]);
    for (size_t j = 0; j < i; j++) assert_int_not_equal(numbers[i], numbers[j]);
  }
}

/* A stream of more than 2^32 blocks runs into no other, and not into its own beginning. */
static void test_stream_goes_on(void **state) {
  (void)state;
  ql_stream last = ql_stream_open(9, 1, 2, 3, UINT32_MAX);
  for (int i = 0; i < 4; i++) ql_draw_u32(&last);
  uint32_t next = ql_draw_u32(&last);
  for (uint32_t purpose = 0; purpose < 256; purpose++)
    for (uint32_t object = 0; object < 4; object++)
      for (uint32_t element = 0; element < 8; element++) {
        ql_stream other = ql_stream_open(9, purpose, object, element, 0);
        assert_int_not_equal(next, ql_draw_u32(&other));
      }
}

/* A stream whose next numbers are these. */
static ql_stream stream_of(uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  ql_stream stream = ql_stream_open(1, 1, 1, 1, 1);
  const uint32_t block[4] = {a, b, c, d};
  memcpy(stream.block, block, sizeof block);
  stream.used = 0;
  return stream;
}

/* Neither 0, whose logarithm is infinite, nor 1 by rounding. */
static void test_uniform_is_open(void **state) {
  (void)state;
  ql_stream low = stream_of(0, 0, 0, 1 << 12);
  assert_true(ql_draw_uniform(&low) == 0x1p-53);
  assert_true(ql_draw_uniform(&low) == 0x1p-53 + 0x1p-52);
  ql_stream high = stream_of(UINT32_MAX, UINT32_MAX, UINT32_C(1) << 31, 0);
  assert_true(ql_draw_uniform(&high) == 1.0 - 0x1p-53);
  assert_true(ql_draw_uniform(&high) == 0.5 + 0x1p-53);
}

static void test_uniform(void **state) {
  (void)state;
  enum { N = 100000, CLASSES = 100 };
  static double values[N];
  double counts[CLASSES] = {0}, expected[CLASSES];
  ql_stream stream = ql_stream_open(1, 1, 0, 0, 0);
  for (int i = 0; i < N; i++) {
    values[i] = ql_draw_uniform(&stream);
    counts[(int)(values[i] * CLASSES)]++;
  }
  for (int i = 0; i < CLASSES; i++) expected[i] = (double)N / CLASSES;
  check_counts(counts, expected, CLASSES, "uniform");
  check_moments(values, N, 0.5, 1.0 / 12, -1.2, "uniform");
}

/* In classes of equal chance, by the C library's distribution function. */
static void test_exponential(void **state) {
  (void)state;
  enum { N = 100000, CLASSES = 50 };
  static double values[N];
  double counts[CLASSES] = {0}, expected[CLASSES];
  ql_stream stream = ql_stream_open(3, 1, 0, 0, 0);
  for (int i = 0; i < N; i++) {
    values[i] = ql_draw_exponential(&stream);
    counts[(int)(CLASSES * exp(-values[i]))]++;
  }
  for (int i = 0; i < CLASSES; i++) expected[i] = (double)N / CLASSES;
  check_counts(counts, expected, CLASSES, "exponential");
  check_moments(values, N, 1, 1, 6, "exponential");
}

/* The whole distribution: a wrong start or ratio, or values beyond the ends. */
static void test_binomial(void **state) {
  (void)state;
  enum { N = 50000, MOST = 1000 };
  static const struct {
    int n;
    double p;
  } cases[] = {{1, 0.3},  {2, 0.5},    {10, 0.5},   {20, 0.1},   {50, 0.9},
               {3, 0.99}, {100, 0.01}, {300, 0.37}, {1000, 0.5}, {1000, 0.999}};
  for (size_t c = 0; c < COUNT(cases); c++) {
    double counts[MOST + 1] = {0}, expected[MOST + 1];
    ql_stream stream = ql_stream_open(4, 1, (uint32_t)c, 0, 0);
    for (int i = 0; i < N; i++) {
      uint64_t value = ql_draw_binomial(&stream, (uint64_t)cases[c].n, cases[c].p);
      assert_true(value <= (uint64_t)cases[c].n);
      counts[value]++;
    }
    for (int k = 0; k <= cases[c].n; k++)
      expected[k] = N * binomial_probability(k, cases[c].n, cases[c].p);
    check_counts(counts, expected, cases[c].n + 1, "binomial");
  }
}

static void test_binomial_edges(void **state) {
  (void)state;
  const uint64_t many = UINT64_C(10000000000);
  ql_stream stream = ql_stream_open(5, 1, 0, 0, 0);
  for (int i = 0; i < 100; i++) {
    assert_int_equal(ql_draw_binomial(&stream, 0, 0.5), 0);
    assert_int_equal(ql_draw_binomial(&stream, many, 0.0), 0);
    assert_int_equal(ql_draw_binomial(&stream, many, 1.0), many);
    assert_int_equal(ql_draw_binomial(&stream, many, 0x1p-1074), 0);
    assert_true(ql_draw_binomial(&stream, many, 1.0 - 0x1p-53) >= many - 1);
    assert_int_equal(ql_draw_binomial(&stream, 1, 0x1p-1074), 0);
  }
}

/* The ends of the inversion: the smallest uniform number stays at the mode; the largest, which no
 * sum of rounded chances may reach, comes to its end at once, not after billions of values whose
 * chance is a denormal number that no longer falls. */
static void test_binomial_ends(void **state) {
  (void)state;
  const uint64_t n = UINT64_C(10000000000);
  for (int i = 10; i <= 90; i++) {
    double p = i / 100.0, mean = (double)n * p, sd = sqrt(mean * (1 - p));
    ql_stream low = stream_of(0, 0, 0, 0);
    assert_true(fabs((double)ql_draw_binomial(&low, n, p) - mean) <= 1);
    ql_stream high = stream_of(UINT32_MAX, UINT32_MAX, 0, 0);
    double distance = fabs((double)ql_draw_binomial(&high, n, p) - mean) / sd;
    assert_true(distance < 1e-3 || (distance > 6 && distance < 12));
  }
}

/* As many as the largest networks ask for: cancelling logarithms of factorials would show here. */
static void test_large_binomial(void **state) {
  (void)state;
  enum { N = 500 };
  static const struct {
    uint64_t n;
    double p;
  } cases[] = {{UINT64_C(10000000000), 0.5},
               {UINT64_C(10000000000), 0.01},
               {UINT64_C(10000000000), 3e-9},
               {UINT64_C(10000000000), 1 - 3e-9},
               {10000000, 0.3}};
  for (size_t c = 0; c < COUNT(cases); c++) {
    double values[N], n = (double)cases[c].n, p = cases[c].p;
    double mean = n * p, variance = n * p * (1 - p);
    ql_stream stream = ql_stream_open(6, 1, (uint32_t)c, 0, 0);
    for (int i = 0; i < N; i++) values[i] = (double)ql_draw_binomial(&stream, cases[c].n, p);
    check_moments(values, N, mean, variance, 1 / variance, "large binomial");
  }
}

static void test_hypergeometric(void **state) {
  (void)state;
  enum { N = 50000, MOST = 500 };
  static const struct {
    int total, good, n;
  } cases[] = {{2, 1, 1},    {10, 5, 5},   {10, 7, 8},      {20, 3, 10},      {100, 50, 7},
               {100, 5, 90}, {60, 59, 30}, {1000, 500, 20}, {1000, 300, 500}, {1000, 999, 500}};
  for (size_t c = 0; c < COUNT(cases); c++) {
    int total = cases[c].total, good = cases[c].good, n = cases[c].n;
    double counts[MOST + 1] = {0}, expected[MOST + 1];
    ql_stream stream = ql_stream_open(7, 1, (uint32_t)c, 0, 0);
    for (int i = 0; i < N; i++) {
      int k = (int)ql_draw_hypergeometric(&stream, (uint64_t)total, (uint64_t)good, (uint64_t)n);
      assert_true(k >= 0 && k <= n && k <= good && n - k <= total - good);
      counts[k]++;
    }
    for (int k = 0; k <= n; k++) expected[k] = N * hypergeometric_probability(k, total, good, n);
    check_counts(counts, expected, n + 1, "hypergeometric");
  }
}

static void test_hypergeometric_edges(void **state) {
  (void)state;
  const uint64_t many = UINT64_C(1) << 60;
  ql_stream stream = ql_stream_open(8, 1, 0, 0, 0);
  assert_int_equal(ql_draw_hypergeometric(&stream, many, many / 2, 0), 0);
  assert_int_equal(ql_draw_hypergeometric(&stream, many, 0, 1000), 0);
  assert_int_equal(ql_draw_hypergeometric(&stream, many, many, 1000), 1000);
  assert_int_equal(ql_draw_hypergeometric(&stream, 1000, 400, 1000), 400);
  assert_int_equal(ql_draw_hypergeometric(&stream, 0, 0, 0), 0);
  assert_int_equal(ql_draw_hypergeometric(&stream, 1, 1, 1), 1);
}

static void test_large_hypergeometric(void **state) {
  (void)state;
  enum { N = 500 };
  static const struct {
    uint64_t total, good, n;
  } cases[] = {{UINT64_C(1) << 60, UINT64_C(1) << 59, UINT64_C(10000000000)},
               {UINT64_C(20000000000), UINT64_C(6000000000), UINT64_C(10000000000)},
               {UINT64_C(10000000100), UINT64_C(5000000000), UINT64_C(10000000000)},
               {1000000000, 5000, 1000000},
               {1000000, 300000, 500000}};
  for (size_t c = 0; c < COUNT(cases); c++) {
    double total = (double)cases[c].total, f = (double)cases[c].good / total,
           n = (double)cases[c].n;
    double mean = n * f, variance = n * f * (1 - f) * (total - n) / (total - 1);
    double values[N];
    ql_stream stream = ql_stream_open(9, 1, (uint32_t)c, 0, 0);
    for (int i = 0; i < N; i++)
      values[i] =
          (double)ql_draw_hypergeometric(&stream, cases[c].total, cases[c].good, cases[c].n);
    check_moments(values, N, mean, variance, 1 / variance, "large hypergeometric");
  }
}

/* Every compiler gives these: see test_bits() of test_math.c. */
static void test_bits(void **state) {
  (void)state;
  uint64_t sum = UINT64_C(0xcbf29ce484222325);
  ql_stream stream = ql_stream_open(10, 1, 0, 0, 0);
  for (uint64_t i = 1; i < 2000; i++) {
    double real = ql_draw_exponential(&stream);
    uint64_t numbers[3] = {ql_draw_binomial(&stream, 1000 * i, 0.3),
                           ql_draw_hypergeometric(&stream, 1000 * i, 300 * i, 500 * i)};
    memcpy(numbers + 2, &real, sizeof real);
    for (int j = 0; j < 3; j++) sum = (sum ^ numbers[j]) * UINT64_C(0x100000001b3);
  }
  assert_int_equal(sum, UINT64_C(0xf618d3529a262623));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_known_answers),
      cmocka_unit_test(test_stream_is_philox),
      cmocka_unit_test(test_streams_differ),
      cmocka_unit_test(test_stream_goes_on),
      cmocka_unit_test(test_uniform_is_open),
      cmocka_unit_test(test_uniform),
      cmocka_unit_test(test_exponential),
      cmocka_unit_test(test_binomial),
      cmocka_unit_test(test_binomial_edges),
      cmocka_unit_test(test_binomial_ends),
      cmocka_unit_test(test_large_binomial),
      cmocka_unit_test(test_hypergeometric),
      cmocka_unit_test(test_hypergeometric_edges),
      cmocka_unit_test(test_large_hypergeometric),
      cmocka_unit_test(test_bits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Draws by the block, against the generator and the functions that make one at a time. */
#include "base/math.h"
#include "base/random.h"
#include "network/draw.h"
#include "support/check.h"
#include <math.h>
#include <string.h>

static const ql_sampler standard_normal = {QL_SAMPLE_NORMAL, 0, 1, 0, 1, -INFINITY, INFINITY};

/* Word i is number i % 64 / 16 of block i / 64 × 16 + i % 16. */
static void test_words_are_philox(void **state) {
  (void)state;
  const ql_words sequence = {UINT64_C(0x123456789abcdef0), 3, 5, 7};
  const uint32_t key[2] = {0x9abcdef0, 0x12345678};
  uint32_t word[5 * QL_WORD_GROUP];
  ql_draw.words(&sequence, 3 * QL_WORD_GROUP, 5 * QL_WORD_GROUP, word);
  for (uint32_t i = 0; i < 5 * QL_WORD_GROUP; i++) {
    const uint32_t counter[4] = {(3 + i / 64) * 16 + i % 16, 7, 5, 3};
    uint32_t out[4];
    ql_philox(counter, key, out);
    assert_int_equal(word[i], out[i % 64 / 16]);
  }
}

/* The rank of a word: the middle of its 2^-32. */
static double rank(uint32_t word) {
  return ((double)word + 0.5) * 0x1p-32;
}

static void check_deviates(const ql_sampler *sampler, const uint32_t *word, uint32_t n) {
  float z[QL_STRIP];
  ql_draw.values(sampler, n, word, z);
  for (uint32_t i = 0; i < n; i++) {
    double want = ql_normal_quantile(sampler->rank_low + sampler->rank_span * rank(word[i]));
    if (!(fabs((double)z[i] - want) <= 1e-6 * fabs(want)))
      fail_msg("deviate of word %u is %.9g, not %.9g", (unsigned)word[i], (double)z[i], want);
  }
}

/* Relative to the deviate, also where it is next to 0, in both tails to their ends, and where the
 * two polynomials meet. */
static void test_deviates(void **state) {
  (void)state;
  uint32_t word[QL_STRIP], n = 0;
  for (uint64_t i = 0; i < 1u << (quick() ? 14 : 20); i++) {
    word[n++] = (uint32_t)(i * 2654435761u);
    if (n == QL_STRIP) check_deviates(&standard_normal, word, n), n = 0;
  }
  for (uint32_t i = 0; i < QL_STRIP; i++) word[i] = i < 512 ? i : 0u - 1 - (i - 512);
  check_deviates(&standard_normal, word, QL_STRIP);
  for (uint32_t i = 0; i < QL_STRIP; i++) word[i] = UINT32_C(0x80000000) - 512 + i;
  check_deviates(&standard_normal, word, QL_STRIP);
  for (uint32_t shift = 0; shift < 32; shift++)
    for (uint32_t i = 0; i < QL_STRIP; i += 2) {
      word[i] = (UINT32_C(0xffffffff) >> shift) - i * (UINT32_C(1) << 22 >> shift);
      word[i + 1] = ~word[i];
      if (i == QL_STRIP - 2) check_deviates(&standard_normal, word, QL_STRIP);
    }
}

/* A small part of the lower tail reaches further out than words of all ranks do. */
static void test_deviates_of_a_part(void **state) {
  (void)state;
  ql_sampler part = standard_normal;
  uint32_t word[QL_STRIP];
  for (part.rank_span = 1e-6; part.rank_span < 1; part.rank_span *= 10) {
    for (uint32_t i = 0; i < QL_STRIP; i++) word[i] = i * i * i * 4;
    check_deviates(&part, word, QL_STRIP);
  }
}

/* Every quotient of a product, and a warning whenever a low half is below the end. */
static void test_below(void **state) {
  (void)state;
  static const uint32_t ends[] = {1, 2, 3, 20000, UINT32_C(1) << 30};
  uint32_t word[QL_WORD_GROUP], value[QL_WORD_GROUP];
  const ql_words sequence = {1, 2, 3, 4};
  for (size_t k = 0; k < COUNT(ends); k++)
    for (uint32_t step = 0; step < 2; step++)
      for (uint32_t first = 0; first < 50 * QL_WORD_GROUP; first += QL_WORD_GROUP) {
        int doubtful = 0;
        ql_draw.words(&sequence, first, QL_WORD_GROUP, word);
        if (first == 0) word[QL_WORD_GROUP - 1] = 0;
        int got = ql_draw.below(QL_WORD_GROUP, word, ends[k], step, value);
        for (uint32_t i = 0; i < QL_WORD_GROUP; i++) {
          uint64_t end = ends[k] + i * step, product = word[i] * end;
          assert_true(value[i] == product >> 32);
          doubtful |= (product & UINT32_MAX) < end;
        }
        assert_int_equal(got, doubtful);
      }
}

/* Whole parts of exponentials: of all sizes, from rare to certain success. */
static void test_gaps(void **state) {
  (void)state;
  static const double ps[] = {0.999, 0.5, 0.1, 1e-3, 1e-6, 1e-9};
  uint32_t word[QL_STRIP], fine[QL_STRIP];
  int32_t gap[QL_STRIP];
  const ql_words coarse = {1, 2, 3, 4}, rest = {1, 3, 3, 4};
  for (size_t k = 0; k < COUNT(ps); k++) {
    double scale = -1 / log1p(-ps[k]);
    ql_draw.words(&coarse, 0, QL_STRIP, word);
    ql_draw.words(&rest, 0, QL_STRIP, fine);
    word[0] = fine[0] = fine[1] = 0;
    word[1] = word[2] = fine[2] = UINT32_MAX;
    ql_draw.gaps(QL_STRIP, word, fine, scale, 0x1p30, gap);
    for (uint32_t i = 0; i < QL_STRIP; i++) {
      double u = ((double)word[i] + ((double)fine[i] + 0.5) * 0x1p-32) * 0x1p-32;
      double want = fmin(-log(u) * scale, 0x1p30);
      assert_true(gap[i] >= floor(want - 1e-9 * (want + 1)) && gap[i] <= want + 1e-9 * (want + 1));
    }
  }
}

static void test_steps(void **state) {
  (void)state;
  static const float ms[] = {0, 0.04f, 0.06f, 1.5f, 6553.5f, 6553.6f, 1e30f, INFINITY};
  static const int32_t want[] = {0, 0, 1, 15, 65535, 65536, 65536, 65536};
  int32_t steps[COUNT(ms)];
  ql_draw.steps(COUNT(ms), ms, 0.1, 0, 65536, steps);
  assert_memory_equal(steps, want, sizeof want);
  ql_draw.steps(COUNT(ms), ms, 0.1, 1, 20, steps);
  for (size_t i = 0; i < COUNT(ms); i++)
    assert_int_equal(steps[i], want[i] < 1 ? 1 : want[i] > 20 ? 20 : want[i]);
}

static void test_within(void **state) {
  (void)state;
  float values[QL_WORD_GROUP];
  for (int i = 0; i < QL_WORD_GROUP; i++) values[i] = 1.0f + (float)(i % 3);
  assert_true(ql_draw.within(QL_WORD_GROUP, values, 1, 3));
  assert_false(ql_draw.within(QL_WORD_GROUP, values, 1, nextafterf(3, 2)));
  assert_false(ql_draw.within(QL_WORD_GROUP, values, nextafterf(1, 2), 3));
  values[QL_WORD_GROUP - 1] = NAN;
  assert_false(ql_draw.within(QL_WORD_GROUP, values, 0, 9));
  assert_true(ql_draw.within(QL_WORD_GROUP - 1, values, 0, 9));
}

static void test_extremes(void **state) {
  (void)state;
  const ql_words sequence = {1, 2, 3, 4};
  uint32_t word[QL_STRIP];
  ql_draw.words(&sequence, 0, QL_STRIP, word);
  for (uint32_t n = 1; n <= QL_STRIP; n += 13) {
    uint32_t least = UINT32_MAX, most = 0, got[2];
    for (uint32_t i = 0; i < n; i++) {
      least = word[i] < least ? word[i] : least;
      most = word[i] > most ? word[i] : most;
    }
    ql_draw.extremes(n, word, got);
    assert_true(got[0] == least && got[1] == most);
  }
}

/* Every compiler and instruction set gives these: see test_bits() of test_math.c. */
static void test_bits(void **state) {
  (void)state;
  static const ql_sampler samplers[] = {
      {QL_SAMPLE_UNIFORM, 1, 2, 0, 1, -INFINITY, INFINITY},
      {QL_SAMPLE_NORMAL, 1.5, 0.75, 0.03, 0.9, 0.1f, 6},
      {QL_SAMPLE_LOGNORMAL, -0.5, 0.6, 0, 1, 0, INFINITY},
  };
  uint64_t sum = UINT64_C(0xcbf29ce484222325);
  for (uint32_t post = 0; post < 20; post++)
    for (size_t k = 0; k < COUNT(samplers); k++) {
      const ql_words sequence = {10, 1, (uint32_t)k, post};
      uint32_t word[QL_STRIP];
      union {
        float values[QL_STRIP];
        int32_t gaps[QL_STRIP];
        uint32_t bits[QL_STRIP];
      } out;
      ql_draw.words(&sequence, 0, QL_STRIP, word);
      ql_draw.values(&samplers[k], QL_STRIP, word, out.values);
      for (int i = 0; i < QL_STRIP; i++) sum = (sum ^ out.bits[i]) * UINT64_C(0x100000001b3);
      ql_draw.gaps(QL_STRIP, word, word, 1000, 0x1p30, out.gaps);
      for (int i = 0; i < QL_STRIP; i++) sum = (sum ^ out.bits[i]) * UINT64_C(0x100000001b3);
    }
  assert_int_equal(sum, UINT64_C(0x87317c2f839c03e8));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_words_are_philox),
      cmocka_unit_test(test_deviates),
      cmocka_unit_test(test_deviates_of_a_part),
      cmocka_unit_test(test_below),
      cmocka_unit_test(test_gaps),
      cmocka_unit_test(test_steps),
      cmocka_unit_test(test_within),
      cmocka_unit_test(test_extremes),
      cmocka_unit_test(test_bits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

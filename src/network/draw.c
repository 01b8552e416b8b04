#include "network/draw.h"

#include "base/philox.h"
#include <math.h> /* INFINITY; sqrtf is one instruction, exact by IEEE 754 */
#include <quell/vecmath.h>

enum { BLOCKS = QL_WORD_GROUP / 4 };

static inline void group(const ql_words *s, uint32_t first_block, uint32_t *restrict word) {
  const uint32_t key0 = (uint32_t)s->seed, key1 = (uint32_t)(s->seed >> 32);
  const uint32_t element = s->element, object = s->object, purpose = s->purpose;
  for (uint32_t g = 0; g < BLOCKS; g++) {
    ql_block counter = {first_block + g, element, object, purpose};
    ql_block x = ql_philox_block(key0, key1, counter);
    word[g] = x.x0;
    word[BLOCKS + g] = x.x1;
    word[2 * BLOCKS + g] = x.x2;
    word[3 * BLOCKS + g] = x.x3;
  }
}

static void words(const ql_words *sequence, uint32_t first, uint32_t n, uint32_t *word) {
  for (uint32_t i = 0; i < n; i += QL_WORD_GROUP) group(sequence, (first + i) / 4, word + i);
}

static int below(uint32_t n, const uint32_t *restrict word, uint32_t bound, uint32_t step,
                 uint32_t *restrict value) {
  uint32_t doubtful = 0;
  for (uint32_t i = 0; i < n; i++) {
    uint32_t end = bound + i * step;
    uint64_t scaled = (uint64_t)word[i] * end;
    value[i] = (uint32_t)(scaled >> 32);
    doubtful |= (uint32_t)scaled < end;
  }
  return doubtful != 0;
}

/* Uniform in (0, 1), in steps of 2^-32, from a word with its highest bit flipped: processors
 * convert signed numbers. */
static inline double unit(int32_t flipped) {
  return (double)flipped * 0x1p-32 + (0.5 + 0x1p-33);
}

static inline int32_t flip(uint32_t word) {
  return (int32_t)(word ^ 0x80000000u);
}

static inline double from_bits(uint64_t bits) {
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static inline uint64_t bits_of(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

/* -ln x for a normal x in (0, 1): as ql_log(), with an exponent that is made a double by
 * integer operations that all vector units have. Relative error < 1e-14. */
static inline double minus_log(double x) {
  const uint64_t half = UINT64_C(0x3fe6a09e667f3bcd); /* sqrt(1/2) */
  uint64_t bits = bits_of(x) - half;
  /* bits >> 52, a small negative number or 0, in the low bits of 2^52 + 2^51 */
  uint64_t exponent = (bits >> 52 | UINT64_C(0x4330000000000000)) ^ 0x800;
  double k = from_bits(exponent) - (0x1p52 + 0x800);
  double m = from_bits((bits & UINT64_C(0x000fffffffffffff)) + half);
  double f = (m - 1.0) / (m + 1.0), f2 = f * f;
  double p = 2.0 / 15;
  p = p * f2 + 2.0 / 13;
  p = p * f2 + 2.0 / 11;
  p = p * f2 + 2.0 / 9;
  p = p * f2 + 2.0 / 7;
  p = p * f2 + 2.0 / 5;
  p = p * f2 + 2.0 / 3;
  p = p * f2 + 2.0;
  return -(k * 0.69314718055994530942 + f * p);
}

static void gaps(uint32_t n, const uint32_t *restrict word, const uint32_t *restrict fine,
                 double scale, double most, int32_t *restrict gap) {
  for (uint32_t i = 0; i < n; i++) {
    double u = unit(flip(word[i])) + ((double)flip(fine[i]) * 0x1p-64 + 0x1p-65);
    double x = minus_log(u) * scale;
    gap[i] = (int32_t)(x < most ? x : most);
  }
}

/* The normal deviate of a rank in (0, 1), after Giles 2012, "Approximating the erfinv function": in
 * the middle a polynomial in w = -ln(1 - (2 rank - 1)^2), in the tails, one deviate in 300, one in
 * its square root. Minimax fits by Chebyshev nodes. Relative error < 7e-7 for ranks that are more
 * than 2e-17 from 0 and 1. */
static inline float deviate(double rank) {
  double q = rank - 0.5;
  double tail = q < 0.0 ? rank : 1.0 - rank;
  float w = -quell_logf((float)(4.0 * tail * (1.0 - tail)));
  float c = w - 2.5f;
  float middle = 3.196968031e-8f;
  middle = middle * c + 4.839788248e-7f;
  middle = middle * c - 4.885796044e-6f;
  middle = middle * c - 6.194745731e-6f;
  middle = middle * c + 0.0003087411769f;
  middle = middle * c - 0.001773082819f;
  middle = middle * c - 0.005907660099f;
  middle = middle * c + 0.3488027167f;
  middle = middle * c + 2.123313467f;
  float root = sqrtf(w > 0.0f ? w : 0.0f);
  float s = root - 4.0f;
  float outside = 1.256843813e-6f;
  outside = outside * s - 7.870403865e-6f;
  outside = outside * s + 1.735972067e-5f;
  outside = outside * s - 1.687297978e-5f;
  outside = outside * s + 1.609791359e-5f;
  outside = outside * s - 2.739456738e-5f;
  outside = outside * s - 4.814266127e-5f;
  outside = outside * s + 0.0006761691766f;
  outside = outside * s - 0.003935843109f;
  outside = outside * s + 0.01751744449f;
  outside = outside * s + 1.357568657f;
  outside = outside * root;
  return (float)(2.0 * q) * (w < 5.0f ? middle : outside);
}

static inline double rank_of(const ql_sampler *sampler, uint32_t word) {
  return sampler->rank_low + sampler->rank_span * unit(flip(word));
}

static inline float clip(float x, float low, float high) {
  x = x < low ? low : x;
  return x > high ? high : x;
}

static void uniform(const ql_sampler *sampler, uint32_t n, const uint32_t *restrict word,
                    float *restrict value) {
  const ql_sampler s = *sampler;
  for (uint32_t i = 0; i < n; i++) {
    double u = rank_of(&s, word[i]);
    value[i] = clip((float)((1.0 - u) * s.a + u * s.b), s.low, s.high);
  }
}

static void normal(const ql_sampler *sampler, uint32_t n, const uint32_t *restrict word,
                   float *restrict value) {
  const ql_sampler s = *sampler;
  for (uint32_t i = 0; i < n; i++) {
    double z = (double)deviate(rank_of(&s, word[i]));
    value[i] = clip((float)(s.a + s.b * z), s.low, s.high);
  }
}

static void lognormal(const ql_sampler *sampler, uint32_t n, const uint32_t *restrict word,
                      float *restrict value) {
  const ql_sampler s = *sampler;
  for (uint32_t i = 0; i < n; i++) {
    double z = (double)deviate(rank_of(&s, word[i]));
    float x = (float)(s.a + s.b * z), power = quell_expf(x);
    power = x > 88.0f ? INFINITY : power;
    power = x < -87.0f ? 0.0f : power;
    value[i] = clip(power, s.low, s.high);
  }
}

static void values(const ql_sampler *sampler, uint32_t n, const uint32_t *word, float *value) {
  switch (sampler->kind) {
  case QL_SAMPLE_UNIFORM:
    uniform(sampler, n, word, value);
    break;
  case QL_SAMPLE_NORMAL:
    normal(sampler, n, word, value);
    break;
  case QL_SAMPLE_LOGNORMAL:
    lognormal(sampler, n, word, value);
    break;
  }
}

static int within(uint32_t n, const float *restrict value, float low, float high) {
  int32_t outside = 0;
  for (uint32_t i = 0; i < n; i++) outside |= !(value[i] >= low) | !(value[i] <= high);
  return !outside;
}

static void extremes(uint32_t n, const uint32_t *restrict word, uint32_t *extremes) {
  int32_t least = INT32_MAX, most = INT32_MIN;
  for (uint32_t i = 0; i < n; i++) {
    int32_t x = flip(word[i]);
    least = x < least ? x : least;
    most = x > most ? x : most;
  }
  extremes[0] = (uint32_t)flip((uint32_t)least);
  extremes[1] = (uint32_t)flip((uint32_t)most);
}

static void steps(uint32_t n, const float *restrict ms, double dt, int32_t low, int32_t high,
                  int32_t *restrict steps) {
  const double end = high;
  for (uint32_t i = 0; i < n; i++) {
    double whole = (double)ms[i] / dt + 0.5;
    int32_t x = (int32_t)(whole < end ? whole : end);
    steps[i] = x < low ? low : x;
  }
}

const ql_draw_code ql_draw = {words, below, gaps, values, within, extremes, steps};

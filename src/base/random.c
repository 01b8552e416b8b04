#include "base/random.h"

#include "base/math.h"
#include "base/philox.h"

enum { BLOCK = 4 };

static const double LN_2PI = 1.8378770664093454836;

void ql_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]) {
  ql_block x = {counter[0], counter[1], counter[2], counter[3]};
  x = ql_philox_block(key[0], key[1], x);
  out[0] = x.x0;
  out[1] = x.x1;
  out[2] = x.x2;
  out[3] = x.x3;
}

ql_stream ql_stream_open(uint64_t seed, uint32_t purpose, uint32_t object, uint32_t element,
                         uint32_t first) {
  ql_stream stream = {{(uint32_t)seed, (uint32_t)(seed >> 32)},
                      {first, element, object, purpose},
                      {0, 0, 0, 0},
                      BLOCK};
  return stream;
}

/* After 2^32 blocks the number goes on above the purpose, where no other stream is. */
static void next_block(ql_stream *stream) {
  ql_philox(stream->counter, stream->key, stream->block);
  stream->used = 0;
  if (++stream->counter[0] == 0) stream->counter[3] += 256;
}

uint32_t ql_draw_u32(ql_stream *stream) {
  if (stream->used >= BLOCK) next_block(stream);
  return stream->block[stream->used++];
}

double ql_draw_uniform(ql_stream *stream) {
  uint64_t high = ql_draw_u32(stream);
  uint64_t bits = high << 20 | ql_draw_u32(stream) >> 12;
  return ((double)bits + 0.5) * 0x1p-52;
}

double ql_draw_exponential(ql_stream *stream) {
  return -ql_log(ql_draw_uniform(stream));
}

/* x ln(x / mean) + mean - x, also where the terms nearly cancel. Loader 2000, "Fast and accurate
 * computation of binomial probabilities". */
static double deviance(double x, double mean) {
  double difference = x - mean, v = difference / (x + mean);
  if (v > 0.1 || v < -0.1) return x * ql_log(x / mean) + mean - x;
  double sum = difference * v, power = 2.0 * x * v;
  for (int n = 3; n <= 21; n += 2) {
    power *= v * v;
    sum += power / n;
  }
  return sum;
}

/* Logarithm of the probability of x successes in n ≥ 1 trials; p + q = 1, both > 0. As Loader, so
 * that it keeps its accuracy for a large n. */
static double log_binomial(double x, double n, double p, double q) {
  if (x == 0.0) return -deviance(n, n * q) - n * p;
  if (x == n) return -deviance(n, n * p) - n * q;
  double y = n - x;
  double correction = ql_stirling_error(n) - ql_stirling_error(x) - ql_stirling_error(y);
  return correction - deviance(x, n * p) - deviance(y, n * q) -
         0.5 * (LN_2PI + ql_log(x * (y / n)));
}

/* A distribution over [low, high]. */
typedef struct urn {
  uint64_t n, good, bad; /* binomial: only n */
  uint64_t low, high;
  double odds; /* binomial: p / (1 - p) */
} urn;

/* Probability of x + 1 over that of x. */
typedef double ratio_of(const urn *urn, uint64_t x);

static double binomial_ratio(const urn *urn, uint64_t x) {
  return (double)(urn->n - x) / (double)(x + 1) * urn->odds;
}

static double hypergeometric_ratio(const urn *urn, uint64_t x) {
  return (double)(urn->good - x) * (double)(urn->n - x) /
         ((double)(x + 1) * (double)(urn->bad + x + 1 - urn->n));
}

/* All values less likely than this together have less than the last bit of a uniform number. */
static const double UNREACHABLE = 1e-30;

/* Inversion from `start`, a value of probability p near the mode, outwards on both sides: exact for
 * any start, and soon done from this one. What rounding leaves over in the end is the start's. */
static inline uint64_t outwards(const urn *urn, ratio_of *ratio, uint64_t start, double p,
                                double uniform) {
  uint64_t above = start, below = start;
  double p_above = p, p_below = p;
  if ((uniform -= p) < 0.0) return start;
  do {
    p_above = above < urn->high ? p_above * ratio(urn, above) : 0.0;
    if (p_above > 0.0) above++;
    if ((uniform -= p_above) < 0.0) return above;
    p_below = below > urn->low ? p_below / ratio(urn, below - 1) : 0.0;
    if (p_below > 0.0) below--;
    if ((uniform -= p_below) < 0.0) return below;
  } while (p_above > UNREACHABLE || p_below > UNREACHABLE);
  return start;
}

static uint64_t nearest_in(uint64_t low, uint64_t high, double x) {
  if (x <= (double)low) return low;
  if (x >= (double)high) return high;
  return (uint64_t)x;
}

uint64_t ql_draw_binomial(ql_stream *stream, uint64_t n, double p) {
  if (n == 0 || !(p > 0.0)) return 0;
  if (p >= 1.0) return n;
  double q = 1.0 - p;
  urn urn = {n, 0, 0, 0, n, p / q};
  uint64_t mode = nearest_in(0, n, ((double)n + 1.0) * p);
  double at_mode = ql_exp(log_binomial((double)mode, (double)n, p, q));
  return outwards(&urn, binomial_ratio, mode, at_mode, ql_draw_uniform(stream));
}

/* The quotient of three binomial probabilities, whatever p is; this p makes each of them large. */
static double log_hypergeometric(const urn *urn, uint64_t x) {
  double n = (double)urn->n, total = (double)(urn->good + urn->bad);
  double p = n / total, q = (double)(urn->good + urn->bad - urn->n) / total;
  return log_binomial((double)x, (double)urn->good, p, q) +
         log_binomial((double)(urn->n - x), (double)urn->bad, p, q) - log_binomial(n, total, p, q);
}

uint64_t ql_draw_hypergeometric(ql_stream *stream, uint64_t total, uint64_t good, uint64_t n) {
  uint64_t bad = total - good;
  if (n == 0 || good == 0) return 0;
  if (n == total || bad == 0) return n == total ? good : n;
  urn urn = {n, good, bad, n > bad ? n - bad : 0, n < good ? n : good, 0.0};
  double typical = ((double)n + 1.0) / ((double)total + 2.0) * ((double)good + 1.0);
  uint64_t mode = nearest_in(urn.low, urn.high, typical);
  double at_mode = ql_exp(log_hypergeometric(&urn, mode));
  return outwards(&urn, hypergeometric_ratio, mode, at_mode, ql_draw_uniform(stream));
}

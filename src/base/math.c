#include "base/math.h"

#include <math.h> /* INFINITY and NAN; no function of it is called */
#include <stdint.h>
#include <string.h>

/* ln 2 in two parts; the first has 21 bits, so that its product with an exponent is exact. */
static const double LN2_HIGH = 0x1.62e42p-1;
static const double LN2_LOW = 4.7493250390316726e-07;
static const double LN2_INVERSE = 1.4426950408889634074;
static const double HALF_LN_2PI = 0.91893853320467274178;

enum { MANTISSA_BITS = 52, EXPONENT_BIAS = 1023 };

static uint64_t bits_of(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static double from_bits(uint64_t bits) {
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/* 2^k for a normal result, k in [-1022, 1023]. */
static double power_of_two(int k) {
  return from_bits((uint64_t)(k + EXPONENT_BIAS) << MANTISSA_BITS);
}

/* x × 2^k for x near 1. Results beyond the normal range take a second, single rounding step. */
static double scale(double x, int k) {
  if (k < -1000) return x * power_of_two(k + 1000) * power_of_two(-1000);
  if (k > 1000) return x * power_of_two(k - 1000) * power_of_two(1000);
  return x * power_of_two(k);
}

static double polynomial(const double *coefficients, int n, double x) {
  double sum = coefficients[n - 1];
  for (int i = n - 2; i >= 0; i--) sum = sum * x + coefficients[i];
  return sum;
}

/* Series of (e^x - 1) / x: at |x| = 1/2 the first missing term is below 1e-18. */
static double expm1_over_x(double x) {
  static const double c[] = {1.0,
                             1.0 / 2,
                             1.0 / 6,
                             1.0 / 24,
                             1.0 / 120,
                             1.0 / 720,
                             1.0 / 5040,
                             1.0 / 40320,
                             1.0 / 362880,
                             1.0 / 3628800,
                             1.0 / 39916800,
                             1.0 / 479001600,
                             1.0 / 6227020800,
                             1.0 / 87178291200,
                             1.0 / 1307674368000};
  return polynomial(c, sizeof c / sizeof *c, x);
}

double ql_exp(double x) {
  if (x != x) return x;
  if (x > 709.79) return INFINITY;
  if (x < -746.0) return 0.0;
  int k = (int)(x * LN2_INVERSE + (x < 0.0 ? -0.5 : 0.5));
  double r = (x - k * LN2_HIGH) - k * LN2_LOW;
  return scale(1.0 + r * expm1_over_x(r), k);
}

double ql_expm1(double x) {
  if (x > -0.5 && x < 0.5) return x * expm1_over_x(x);
  return ql_exp(x) - 1.0;
}

/* x = m × 2^k with m in [1/√2, √2). */
static double split(double x, int *k) {
  *k = 0;
  if (x < power_of_two(-1022)) {
    x *= power_of_two(54);
    *k = -54;
  }
  const uint64_t mantissa_mask = (UINT64_C(1) << MANTISSA_BITS) - 1;
  uint64_t bits = bits_of(x);
  *k += (int)(bits >> MANTISSA_BITS) - EXPONENT_BIAS;
  double m = from_bits((bits & mantissa_mask) | (uint64_t)EXPONENT_BIAS << MANTISSA_BITS);
  if (m < 1.4142135623730951) return m;
  *k += 1;
  return 0.5 * m;
}

/* ln m = 2 artanh f with f = (m - 1) / (m + 1), |f| < 0.172. */
double ql_log(double x) {
  static const double c[] = {2.0,      2.0 / 3,  2.0 / 5,  2.0 / 7,  2.0 / 9, 2.0 / 11,
                             2.0 / 13, 2.0 / 15, 2.0 / 17, 2.0 / 19, 2.0 / 21};
  if (x != x || x < 0.0) return NAN;
  if (x == 0.0) return -INFINITY;
  if (x == INFINITY) return x;
  int k;
  double m = split(x, &k);
  double f = (m - 1.0) / (m + 1.0);
  return k * LN2_HIGH + (f * polynomial(c, sizeof c / sizeof *c, f * f) + k * LN2_LOW);
}

/* What rounding does to 1 + x it does to the quotient too (Kahan). */
double ql_log1p(double x) {
  double y = 1.0 + x;
  if (y == 1.0) return x;
  if (!(y > 0.0) || y == INFINITY) return ql_log(y);
  return ql_log(y) * (x / (y - 1.0));
}

double ql_stirling_error(double n) {
  static const double table[] = {
      0.0, /* not defined */
      0.08106146679532725822,
      0.04134069595540929409,
      0.02767792568499833915,
      0.02079067210376509311,
      0.01664469118982119216,
      0.013876128823070748,
      0.0118967099458917701,
      0.0104112652619720965,
      0.009255462182712732918,
      0.008330563433362871256,
      0.007573675487951840795,
      0.006942840107209529866,
      0.006408994188004207068,
      0.005951370112758847736,
      0.005554733551962801371,
  };
  static const double c[] = {1.0 / 12, -1.0 / 360, 1.0 / 1260, -1.0 / 1680, 1.0 / 1188};
  if (n >= 0.0 && n < 16.0) return table[(int)n];
  return polynomial(c, sizeof c / sizeof *c, 1.0 / (n * n)) / n;
}

double ql_log_factorial(double n) {
  if (n != n || n < 0.0) return NAN;
  if (n < 2.0) return 0.0;
  double ln = ql_log(n);
  return n * (ln - 1.0) + (0.5 * ln + (HALF_LN_2PI + ql_stirling_error(n)));
}

/* Newton's method from half the exponent: the first error of 6 % is squared four times. For x in
 * the middle of the range of a double. */
static double square_root(double x) {
  double y = from_bits((bits_of(x) >> 1) + ((uint64_t)EXPONENT_BIAS << (MANTISSA_BITS - 1)));
  for (int i = 0; i < 4; i++) y = 0.5 * (y + x / y);
  return y;
}

/* |p - 1/2| ≤ 0.425, q = p - 1/2. */
static double quantile_in_the_middle(double q) {
  static const double a[] = {3.3871328727963666080e+0, 1.3314166789178437745e+2,
                             1.9715909503065514427e+3, 1.3731693765509461125e+4,
                             4.5921953931549871457e+4, 6.7265770927008700853e+4,
                             3.3430575583588128105e+4, 2.5090809287301226727e+3};
  static const double b[] = {1.0,
                             4.2313330701600911252e+1,
                             6.8718700749205790830e+2,
                             5.3941960214247511077e+3,
                             2.1213794301586595867e+4,
                             3.9307895800092710610e+4,
                             2.8729085735721942674e+4,
                             5.2264952788528545610e+3};
  double r = 0.180625 - q * q;
  return q * polynomial(a, 8, r) / polynomial(b, 8, r);
}

/* r = √(-ln p) ≤ 5 for the tail p. */
static double quantile_in_the_tail(double r) {
  static const double c[] = {1.42343711074968357734e+0, 4.63033784615654529590e+0,
                             5.76949722146069140550e+0, 3.64784832476320460504e+0,
                             1.27045825245236838258e+0, 2.41780725177450611770e-1,
                             2.27238449892691845833e-2, 7.74545014278341407640e-4};
  static const double d[] = {1.0,
                             2.05319162663775882187e+0,
                             1.67638483018380384940e+0,
                             6.89767334985100004550e-1,
                             1.48103976427480074590e-1,
                             1.51986665636164571966e-2,
                             5.47593808499534494600e-4,
                             1.05075007164441684324e-9};
  return polynomial(c, 8, r - 1.6) / polynomial(d, 8, r - 1.6);
}

/* r = √(-ln p) > 5 for the tail p. */
static double quantile_far_out(double r) {
  static const double e[] = {6.65790464350110377720e+0, 5.46378491116411436990e+0,
                             1.78482653991729133580e+0, 2.96560571828504891230e-1,
                             2.65321895265761230930e-2, 1.24266094738807843860e-3,
                             2.71155556874348757815e-5, 2.01033439929228813265e-7};
  static const double f[] = {1.0,
                             5.99832206555887937690e-1,
                             1.36929880922735805310e-1,
                             1.48753612908506148525e-2,
                             7.86869131145613259100e-4,
                             1.84631831751005468180e-5,
                             1.42151175831644588870e-7,
                             2.04426310338993978564e-15};
  return polynomial(e, 8, r - 5.0) / polynomial(f, 8, r - 5.0);
}

double ql_normal_quantile(double p) {
  if (!(p >= 0.0 && p <= 1.0)) return NAN;
  double q = p - 0.5;
  if (q >= -0.425 && q <= 0.425) return quantile_in_the_middle(q);
  double tail = q < 0.0 ? p : 1.0 - p;
  if (tail == 0.0) return q < 0.0 ? -INFINITY : INFINITY;
  double r = square_root(-ql_log(tail));
  double x = r <= 5.0 ? quantile_in_the_tail(r) : quantile_far_out(r);
  return q < 0.0 ? -x : x;
}

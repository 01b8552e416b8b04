/* Checks of what is drawn, with fixed seeds: they fail at five standard deviations, which for a
 * correct draw is one test in three million, and then on every run or on none. */
#ifndef TEST_STATISTICS_H
#define TEST_STATISTICS_H

#include "check.h"
#include <math.h>

/* Chi-square with `df` degrees of freedom lies within five sigma, also from below: draws that are
 * too even are not random. Wilson & Hilferty 1931, 10.1073/pnas.17.12.684. */
static inline void check_chi_square_value(double x, double df, const char *what) {
  double z = (cbrt(x / df) - (1 - 2 / (9 * df))) / sqrt(2 / (9 * df));
  if (df >= 1 && z < 5 && z > -5) return;
  print_error("%s: chi-square %.1f with %.0f degrees of freedom, z = %.1f\n", what, x, df, z);
  fail();
}

/* Counts of n classes against what is expected; neighbours with few are taken together. */
static inline void check_counts(const double *counts, const double *expected, int n,
                                const char *what) {
  double chi_square = 0, got = 0, want = 0, rest = 0;
  int classes = 0;
  for (int i = 0; i < n; i++) rest += expected[i];
  for (int i = 0; i < n; i++) {
    got += counts[i];
    want += expected[i];
    rest -= expected[i];
    if (want < 10 || (rest < 10 && i < n - 1)) continue;
    chi_square += (got - want) * (got - want) / want;
    classes++;
    got = want = 0;
  }
  if (want > 0) chi_square += (got - want) * (got - want) / want;
  check_chi_square_value(chi_square, classes - 1, what);
}

/* Mean and variance of n independent values, given those of the distribution and its excess
 * kurtosis. */
static inline void check_moments(const double *values, int n, double mean, double variance,
                                 double excess, const char *what) {
  double first = 0, second = 0;
  for (int i = 0; i < n; i++) {
    first += (values[i] - mean) / n;
    second += (values[i] - mean) * (values[i] - mean) / n;
  }
  double z_mean = first / sqrt(variance / n);
  double z_variance = (second / variance - 1) / sqrt((2 + excess) / n);
  if (fabs(z_mean) < 5 && fabs(z_variance) < 5) return;
  print_error("%s: mean off by %.1f, variance by %.1f standard errors\n", what, z_mean, z_variance);
  fail();
}

/* ln of n over k, by the C library. */
static inline double ln_choose(double n, double k) {
  return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1);
}

static inline double binomial_probability(int k, int n, double p) {
  return exp(ln_choose(n, k) + k * log(p) + (n - k) * log1p(-p));
}

static inline double hypergeometric_probability(int k, int total, int good, int n) {
  if (k > good || n - k > total - good || k > n) return 0;
  return exp(ln_choose(good, k) + ln_choose(total - good, n - k) - ln_choose(total, n));
}

#endif

/* Elementary functions from additions, multiplications and divisions alone, so that their bits are
 * the same on every machine, compiler and C library. Double precision, relative error < 1e-14. NaN
 * gives NaN. */
#ifndef QL_BASE_MATH_H
#define QL_BASE_MATH_H

/* e^x: 0 below -746, INFINITY above 709.79. */
double ql_exp(double x);
/* e^x - 1, accurate for small x. */
double ql_expm1(double x);
/* Natural logarithm of x > 0; -INFINITY for 0, NaN below. */
double ql_log(double x);
/* ln(1 + x) for x > -1, accurate for small x. */
double ql_log1p(double x);
/* Logarithm of n! for a whole n ≥ 0. */
double ql_log_factorial(double n);
/* What Stirling's formula lacks, ln n! - ((n + 1/2) ln n - n + ln(2π) / 2), for a whole n ≥ 1:
 * absolute error < 2e-16, where the difference of two logarithms of factorials would lose all. */
double ql_stirling_error(double n);
/* Inverse of the standard normal distribution, p in (0, 1). Wichura 1988, 10.2307/2347330. */
double ql_normal_quantile(double p);

#endif

/* Weights that are the soft rectification of a free variable V: w = ln(1 + e^(alpha V)) / alpha. V
 * is never kept: dw/dV = 1 − e^(−alpha w) and the new weight follow from the old one alone. */
#ifndef QL_RULES_SOFTPLUS_H
#define QL_RULES_SOFTPLUS_H

#include <quell/vecmath.h>

/* e^x − 1, exact to rounding also for small x: the error of e^x cancels in the quotient. */
static inline float softplus_expm1(float x) {
  float bounded = x < 80.0f ? x : 80.0f;
  bounded = bounded > -80.0f ? bounded : -80.0f;
  float y = quell_expf(bounded), log = quell_logf(y);
  float ratio = (y - 1.0f) / (log != 0.0f ? log : 1.0f);
  return bounded * (log != 0.0f ? ratio : 1.0f);
}

/* ln(1 + x) for x > −1, likewise. */
static inline float softplus_log1p(float x) {
  float y = 1.0f + x, step = y - 1.0f;
  y = y > 1e-37f ? y : 1e-37f;
  float ratio = quell_logf(y) / (step != 0.0f ? step : 1.0f);
  return x * (step != 0.0f ? ratio : 1.0f);
}

/* dw/dV. */
static inline float softplus_slope(float w, float alpha) {
  return -softplus_expm1(-alpha * w);
}

/* The weight after V has changed, given its slope. Small changes are taken as changes, so that they
 * are not lost in the rounding of V; for large ones V itself is exact enough. A weight of 0 stays.
 */
static inline float softplus_moved(float w, float alpha, float slope, float change) {
  float d = alpha * change;
  float small = w + softplus_log1p(slope * softplus_expm1(d)) / alpha;
  float v = alpha * w + quell_logf(slope > 1e-37f ? slope : 1e-37f) + d; /* alpha V */
  float above = v > 0.0f ? v : 0.0f, below = v > 0.0f ? -v : v;
  float large = (above + softplus_log1p(quell_expf(below))) / alpha;
  return d > -1.0f && d < 1.0f ? small : large;
}

#endif

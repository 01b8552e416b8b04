/**
 * @file vecmath.h
 * Exponential, logarithm and power for the loops of learning rules: from additions,
 * multiplications and integer operations alone, so that the compiler vectorises them and the bits
 * are the same on every machine. Relative error below 3e-7.
 */
#ifndef QUELL_VECMATH_H
#define QUELL_VECMATH_H

#include <stdint.h>
#include <string.h>

/** e^x; x is taken as at least -87 and at most 88; NaN gives NaN. */
static inline float quell_expf(float x) {
  const float log2e = 1.44269504f, ln2_high = 0.693359375f, ln2_low = -2.12194440e-4f;
  const float shifter = 12582912.0f; /* 1.5 × 2^23: adding it rounds to a whole number */
  float y = x > -87.0f ? x : -87.0f;
  y = y < 88.0f ? y : 88.0f;
  float n = (y * log2e + shifter) - shifter;
  float r = (y - n * ln2_high) - n * ln2_low;
  float p = 1.0f / 720.0f;
  p = p * r + 1.0f / 120.0f;
  p = p * r + 1.0f / 24.0f;
  p = p * r + 1.0f / 6.0f;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  uint32_t bits = (uint32_t)((int32_t)n + 127) << 23;
  float scale;
  memcpy(&scale, &bits, sizeof scale);
  return x == x ? p * scale : x;
}

/** Natural logarithm of a normal number x > 0. */
static inline float quell_logf(float x) {
  const uint32_t half = 0x3f3504f3u; /* sqrt(1/2): mantissas are taken around 1 */
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  bits -= half;
  int32_t exponent = (int32_t)bits >> 23;
  bits = (bits & 0x007fffffu) + half;
  float m;
  memcpy(&m, &bits, sizeof m);
  float s = (m - 1.0f) / (m + 1.0f), s2 = s * s;
  float p = 2.0f / 9.0f;
  p = p * s2 + 2.0f / 7.0f;
  p = p * s2 + 2.0f / 5.0f;
  p = p * s2 + 2.0f / 3.0f;
  p = p * s2 + 2.0f;
  return (float)exponent * 0.693147182f + s * p;
}

/** x to the power of y ≥ 0; 0 for x ≤ 0. */
static inline float quell_powf(float x, float y) {
  float positive = x > 1.17549435e-38f ? x : 1.17549435e-38f;
  float power = quell_expf(y * quell_logf(positive));
  return x > 0.0f ? power : 0.0f;
}

#endif

/* Poisson background by inversion: one 32-bit number for each neuron and step, compared with the
 * Poisson distribution function, scaled to 2^32. Probabilities are right to 2^-33. */
#include "neurons/background.h"

#include "base/math.h"
#include "neurons/noise.h"

enum { STRIP = QL_NOISE_STRIP };

void ql_background_prepare(ql_background *background, double mean) {
  const double scale = 4294967296.0;
  double probability = ql_exp(-mean), below = probability;
  uint32_t k = 0;
  for (; k < QL_BACKGROUND_MOST && below * scale + 0.5 < scale; k++) {
    background->threshold[k] = (uint32_t)(below * scale + 0.5);
    probability *= mean / (k + 1);
    below += probability;
  }
  background->levels = k;
}

static void count_strip(const ql_background *background, const int32_t *restrict number,
                        int32_t *restrict count) {
  for (int i = 0; i < STRIP; i++) count[i] = 0;
  for (uint32_t k = 0; k < background->levels; k++) {
    int32_t threshold = (int32_t)(background->threshold[k] ^ 0x80000000u);
    for (int i = 0; i < STRIP; i++) count[i] += number[i] >= threshold;
  }
}

static void add_strip(float weight, uint32_t n, const int32_t *restrict count,
                      float *restrict input) {
  for (uint32_t i = 0; i < n; i++) input[i] += weight * (float)count[i];
}

void ql_background_add(const ql_background *background, uint64_t step, uint32_t first, uint32_t n,
                       float *input) {
  if (background->levels == 0) return;
  ql_noise_key key = ql_noise_key_of(background->seed, QL_DRAW_BACKGROUND, background->object);
  for (uint32_t i = 0; i < n; i += STRIP) {
    int32_t number[STRIP], count[STRIP];
    ql_noise_strip(key, step, (first + i) / 4, number);
    count_strip(background, number, count);
    add_strip(background->weight, n - i < STRIP ? n - i : STRIP, count, input + i);
  }
}

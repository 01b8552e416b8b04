/* Poisson background by inversion: one 32-bit number for each neuron and step, compared with the
 * Poisson distribution function, scaled to 2^32. Probabilities are right to 2^-33.
 *
 * A Philox block of four numbers serves the neurons 4k … 4k + 3 of the population, with the counter
 * (k, step low, step high, 0): neither tiles nor the order of work have a part in it. Blocks are
 * made a strip at a time, in loops over arrays that the compiler vectorises. */
#include "neurons/background.h"

#include "base/math.h"
#include "base/philox.h"
#include "base/random.h"

enum { GROUPS = 16, STRIP = 4 * GROUPS };

typedef struct key {
  uint32_t word[2];
} key;

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

static key key_of(const ql_background *background) {
  ql_stream stream = ql_stream_open(background->seed, QL_DRAW_BACKGROUND, background->object, 0, 0);
  uint32_t first = ql_draw_u32(&stream);
  return (key){{first, ql_draw_u32(&stream)}};
}

/* Numbers for a strip of neurons, uniform over all of int32_t: vector units compare signed numbers.
 */
static void draw_strip(key key, uint64_t step, uint32_t first_group, int32_t *restrict number) {
  for (uint32_t g = 0; g < GROUPS; g++) {
    ql_block counter = {first_group + g, (uint32_t)step, (uint32_t)(step >> 32), 0};
    ql_block x = ql_philox_block(key.word[0], key.word[1], counter);
    number[4 * g] = (int32_t)(x.x0 ^ 0x80000000u);
    number[4 * g + 1] = (int32_t)(x.x1 ^ 0x80000000u);
    number[4 * g + 2] = (int32_t)(x.x2 ^ 0x80000000u);
    number[4 * g + 3] = (int32_t)(x.x3 ^ 0x80000000u);
  }
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
  key key = key_of(background);
  for (uint32_t i = 0; i < n; i += STRIP) {
    int32_t number[STRIP], count[STRIP];
    draw_strip(key, step, (first + i) / 4, number);
    count_strip(background, number, count);
    add_strip(background->weight, n - i < STRIP ? n - i : STRIP, count, input + i);
  }
}

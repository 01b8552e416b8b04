/* A random number for every neuron and step.
 *
 * A Philox block of four numbers serves the neurons 4k … 4k + 3 of the population, with the counter
 * (k, step low, step high, 0): neither tiles nor the order of work have a part in it. Blocks are
 * made a strip at a time, in loops over arrays that the compiler vectorises. */
#ifndef QL_NEURONS_NOISE_H
#define QL_NEURONS_NOISE_H

#include "base/philox.h"
#include "base/random.h"

enum { QL_NOISE_GROUPS = 16, QL_NOISE_STRIP = 4 * QL_NOISE_GROUPS };

typedef struct ql_noise_key {
  uint32_t word[2];
} ql_noise_key;

/* The key of a purpose (QL_DRAW_…) and an object. */
static inline ql_noise_key ql_noise_key_of(uint64_t seed, uint32_t purpose, uint32_t object) {
  ql_stream stream = ql_stream_open(seed, purpose, object, 0, 0);
  uint32_t first = ql_draw_u32(&stream);
  return (ql_noise_key){{first, ql_draw_u32(&stream)}};
}

/* Numbers for a strip of neurons from 4 × first_group on, uniform over all of int32_t: vector units
 * compare signed numbers. */
static inline void ql_noise_strip(ql_noise_key key, uint64_t step, uint32_t first_group,
                                  int32_t *restrict number) {
  for (uint32_t g = 0; g < QL_NOISE_GROUPS; g++) {
    ql_block counter = {first_group + g, (uint32_t)step, (uint32_t)(step >> 32), 0};
    ql_block x = ql_philox_block(key.word[0], key.word[1], counter);
    number[4 * g] = (int32_t)(x.x0 ^ 0x80000000u);
    number[4 * g + 1] = (int32_t)(x.x1 ^ 0x80000000u);
    number[4 * g + 2] = (int32_t)(x.x2 ^ 0x80000000u);
    number[4 * g + 3] = (int32_t)(x.x3 ^ 0x80000000u);
  }
}

#endif

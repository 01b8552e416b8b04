/* Numbers for the tests' own draws (splitmix64, Steele et al. 2014, 10.1145/2714064.2660195):
 * nothing of the library's. */
#ifndef TEST_RANDOM_H
#define TEST_RANDOM_H

#include <stdint.h>

typedef struct random_state {
  uint64_t state;
} random_state;

uint64_t random_u64(random_state *random);
/* In [0, n). */
uint32_t random_below(random_state *random, uint32_t n);
/* In [0, 1). */
double random_uniform(random_state *random);

#endif

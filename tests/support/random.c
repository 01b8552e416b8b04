#include "random.h"

uint64_t random_u64(random_state *random) {
  uint64_t z = (random->state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

uint32_t random_below(random_state *random, uint32_t n) {
  return (uint32_t)((random_u64(random) >> 32) * n >> 32);
}

double random_uniform(random_state *random) {
  return (double)(random_u64(random) >> 11) * 0x1p-53;
}

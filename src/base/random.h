/* Chance without state or order: every number is a function of a key that says what is drawn.
 * Generator: Philox4x32-10 (Salmon et al. 2011, 10.1145/2063384.2063405). */
#ifndef QL_BASE_RANDOM_H
#define QL_BASE_RANDOM_H

#include <stdint.h>

/* What numbers are drawn for; part of the key, so that no two uses share numbers. At most 255. */
enum {
  QL_DRAW_PARTNERS = 1,
  QL_DRAW_PARTNERS_FINE,
  QL_DRAW_PARTNERS_AGAIN,
  QL_DRAW_TOTAL,
  QL_DRAW_WEIGHT,
  QL_DRAW_DELAY,
  QL_DRAW_DELAY_DENDRITIC,
  QL_DRAW_POISSON,
  QL_DRAW_BACKGROUND,
  QL_DRAW_EVENT,
  QL_DRAW_NOISE
};

/* A sequence of numbers for one thing. */
typedef struct ql_stream {
  uint32_t key[2];
  uint32_t counter[4]; /* of the next block: number, element, object, purpose */
  uint32_t block[4];
  uint32_t used; /* numbers of `block` that were given out; 4: a new block is due */
} ql_stream;

void ql_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/* The stream of a purpose (QL_DRAW_…), an object (number of a population or projection) and an
 * element of it (a neuron, a node of a tree). Streams that differ in any of these never overlap.
 * `first` is the number of the block of four that the stream starts with: a way to go on. */
ql_stream ql_stream_open(uint64_t seed, uint32_t purpose, uint32_t object, uint32_t element,
                         uint32_t first);

uint32_t ql_draw_u32(ql_stream *stream);
/* Uniform in the open interval (0, 1), 52 bits. */
double ql_draw_uniform(ql_stream *stream);
/* Exponential with mean 1. */
double ql_draw_exponential(ql_stream *stream);
/* Number of successes in n < 2^53 trials of probability p in [0, 1]. One number of the stream, time
 * in proportion to the standard deviation. */
uint64_t ql_draw_binomial(ql_stream *stream, uint64_t n, double p);
/* Number of good items among n < 2^53 drawn without replacement from `total` < 2^63 of which `good`
 * are good; n and good ≤ total. One number of the stream, time in proportion to the standard
 * deviation. */
uint64_t ql_draw_hypergeometric(ql_stream *stream, uint64_t total, uint64_t good, uint64_t n);

#endif

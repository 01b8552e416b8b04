/* Draws by the block: numbers for the synapses of one post neuron, and what is made of them, in
 * loops over arrays that the compiler vectorises. This is hot code: see base/isa.h. */
#ifndef QL_NETWORK_DRAW_H
#define QL_NETWORK_DRAW_H

#include "base/isa.h"
#include <stdint.h>

enum {
  QL_WORD_GROUP = 64, /* words that are made at a time */
  QL_STRIP = 1024     /* most elements of a call: arrays of a strip stay in the first cache */
};

/* A sequence of 32-bit words, as long as 2^32, for one thing: see ql_stream, whose blocks these
 * are. Word i is number i % 64 / 16 of block i / 64 × 16 + i % 16, an order without shuffling. */
typedef struct ql_words {
  uint64_t seed;
  uint32_t purpose, object, element;
} ql_words;

/* How a word becomes a value: uniform u, restricted to the part of the distribution that is wanted,
 * then u, or the normal deviate of that rank, or e to the power of the deviate; then bounds. */
typedef struct ql_sampler {
  enum { QL_SAMPLE_UNIFORM, QL_SAMPLE_NORMAL, QL_SAMPLE_LOGNORMAL } kind;
  double a, b;
  double rank_low, rank_span; /* u = rank_low + rank_span × a uniform number in (0, 1) */
  float low, high;
} ql_sampler;

typedef struct ql_draw_code {
  /* Words `first` (a multiple of QL_WORD_GROUP) and following; n is rounded up to a multiple of
   * QL_WORD_GROUP, for which word[] must have room. */
  void (*words)(const ql_words *sequence, uint32_t first, uint32_t n, uint32_t *word);

  /* value[i] uniform in [0, end), end = bound + i × step, but for a bias of end / 2^32: returns 0
   * if no word needs a second look, which are those where the low half of word[i] × end is below
   * end. */
  int (*below)(uint32_t n, const uint32_t *word, uint32_t bound, uint32_t step, uint32_t *value);

  /* Whole numbers of failures before a success, at most `most`; `scale` is -1 / ln(chance of
   * failure). `fine` has 32 more bits of each number. */
  void (*gaps)(uint32_t n, const uint32_t *word, const uint32_t *fine, double scale, double most,
               int32_t *gap);

  void (*values)(const ql_sampler *sampler, uint32_t n, const uint32_t *word, float *value);

  /* Whether all values are in [low, high]; NaN is not. */
  int (*within)(uint32_t n, const float *value, float low, float high);

  /* The least and the largest of n > 0 words. */
  void (*extremes)(uint32_t n, const uint32_t *word, uint32_t *extremes);

  /* Times ≥ 0 in ms to the nearest step; those outside [low, high] become the nearer bound, high
   * ≤ 2^30. */
  void (*steps)(uint32_t n, const float *ms, double dt, int32_t low, int32_t high, int32_t *steps);
} ql_draw_code;

#define ql_draw QL_FOR_ISA(ql_draw)
extern const ql_draw_code ql_draw;

#endif

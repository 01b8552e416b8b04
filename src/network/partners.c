#include "network/connectivity.h"

#include "base/math.h"
#include "base/random.h"
#include <string.h>

/* A bit for each candidate. */
size_t ql_partners_scratch(const ql_connectivity *connectivity) {
  int32_t kind = connectivity->connection->kind;
  if (kind != QUELL_FIXED_IN_DEGREE && kind != QUELL_FIXED_TOTAL) return 0;
  return ql_allows_multapses(connectivity) ? 0 : ((size_t)ql_candidates(connectivity) + 63) / 64;
}

static ql_words words_of(const ql_connectivity *c, uint32_t purpose, uint32_t post) {
  return (ql_words){c->seed, purpose, c->object, post};
}

/* From numbers of candidates to pre neurons: those from the neuron itself on move up by one. */
static void name_candidates(const ql_connectivity *c, uint32_t post, uint32_t n, uint32_t *pre) {
  if (!c->no_self) return;
  for (uint32_t i = 0; i < n; i++) pre[i] += pre[i] >= post;
}

static uint32_t every_partner(const ql_connectivity *c, uint32_t *pre) {
  uint32_t n = ql_candidates(c);
  for (uint32_t i = 0; i < n; i++) pre[i] = i;
  return n;
}

/* Numbers to draw for `expected` successes: seldom too few, never many too many. */
static uint32_t strip_for(double expected) {
  double want = 1.125 * expected + 24.0;
  if (want > QL_STRIP) return QL_STRIP;
  return ((uint32_t)want + QL_WORD_GROUP - 1) / QL_WORD_GROUP * QL_WORD_GROUP;
}

/* Numbers of 32 bits put a gap right to 1 / (4 × 10^9 p u), u being the chance of one that is
 * longer. For small p that is not fine enough to reach each candidate alike, and 64 bits are drawn.
 */
static void draw_gaps(const ql_connectivity *c, uint32_t post, uint32_t first, uint32_t n,
                      double scale, int32_t *gap) {
  uint32_t word[QL_STRIP], fine[QL_STRIP];
  ql_words coarse = words_of(c, QL_DRAW_PARTNERS, post);
  ql_words rest = words_of(c, QL_DRAW_PARTNERS_FINE, post);
  c->draw->words(&coarse, first, n, word);
  if (c->connection->p < 0x1p-12)
    c->draw->words(&rest, first, n, fine);
  else
    for (uint32_t i = 0; i < n; i++) fine[i] = UINT32_C(1) << 31;
  c->draw->gaps(n, word, fine, scale, ql_candidates(c), gap);
}

/* Jumps from one success to the next: the failures between them are geometrically distributed. */
static uint32_t partners_by_probability(const ql_connectivity *c, uint32_t post, uint32_t *pre) {
  double p = c->connection->p, scale = -1.0 / ql_log1p(-p);
  if (p == 0.0) return 0;
  if (p == 1.0) return every_partner(c, pre);
  uint32_t n = 0, all = ql_candidates(c), drawn = 0;
  int32_t gap[QL_STRIP];
  for (uint32_t next = 0; next < all;) {
    uint32_t strip = strip_for((all - next) * p);
    draw_gaps(c, post, drawn, strip, scale, gap);
    drawn += strip;
    for (uint32_t i = 0; i < strip; i++) {
      next += (uint32_t)gap[i];
      if (next >= all) break;
      pre[n++] = next++;
    }
  }
  return n;
}

/* A number in [0, end) from the word of synapse i, or where that would be biased, from others that
 * this synapse alone uses. Lemire 2019, 10.1145/3230636: the low half of the product tells. */
static uint32_t draw_again(const ql_connectivity *c, uint32_t post, uint32_t i, uint32_t word,
                           uint32_t end) {
  uint64_t scaled = (uint64_t)word * end;
  uint32_t excess = (0u - end) % end;
  for (uint32_t purpose = QL_DRAW_PARTNERS_AGAIN; (uint32_t)scaled < excess; purpose += 256) {
    ql_stream stream = ql_stream_open(c->seed, purpose, c->object, post, i);
    scaled = (uint64_t)ql_draw_u32(&stream) * end;
  }
  return (uint32_t)(scaled >> 32);
}

/* value[i] uniform in [0, bound + i × step). */
static void draw_below(const ql_connectivity *c, uint32_t post, uint32_t n, uint32_t bound,
                       uint32_t step, uint32_t *value) {
  ql_words sequence = words_of(c, QL_DRAW_PARTNERS, post);
  uint32_t word[QL_STRIP];
  for (uint32_t first = 0; first < n; first += QL_STRIP, bound += QL_STRIP * step) {
    uint32_t strip = n - first < QL_STRIP ? n - first : QL_STRIP;
    c->draw->words(&sequence, first, strip, word);
    if (!c->draw->below(strip, word, bound, step, value + first)) continue;
    for (uint32_t i = 0; i < strip; i++)
      if (word[i] * (bound + i * step) < bound + i * step)
        value[first + i] = draw_again(c, post, first + i, word[i], bound + i * step);
  }
}

/* Floyd's sampling: every set of `n` of all has the same chance, for one number each: the number
 * itself, or the last that there is if that one was taken before. */
static void draw_distinct(const ql_connectivity *c, uint32_t post, uint32_t n, uint64_t *bitmap,
                          uint32_t *choice) {
  uint32_t last = ql_candidates(c) - n;
  draw_below(c, post, n, last + 1, 1, choice);
  for (uint32_t i = 0; i < n; i++, last++) {
    uint64_t taken = bitmap[choice[i] / 64] >> choice[i] % 64 & 1;
    choice[i] = taken ? last : choice[i];
    bitmap[choice[i] / 64] |= UINT64_C(1) << choice[i] % 64;
  }
  for (uint32_t i = 0; i < n; i++) bitmap[choice[i] / 64] = 0;
}

static uint32_t partners_by_count(const ql_connectivity *c, uint32_t post, uint64_t count,
                                  uint64_t *scratch, uint32_t *pre) {
  uint32_t n = (uint32_t)count;
  if (n && ql_allows_multapses(c)) draw_below(c, post, n, ql_candidates(c), 0, pre);
  if (n && !ql_allows_multapses(c)) draw_distinct(c, post, n, scratch, pre);
  return n;
}

static uint32_t partners_by_list(const ql_connectivity *c, uint32_t post, uint32_t *pre,
                                 uint64_t *place) {
  uint32_t n = (uint32_t)ql_pairs(c, post, post + 1);
  if (n == 0) return 0;
  memcpy(place, c->place + (c->offset[post] - c->held), n * sizeof *place);
  for (uint32_t i = 0; i < n; i++) pre[i] = c->connection->pre[place[i]];
  return n;
}

static uint32_t draw_partners(const ql_connectivity *c, uint32_t post, uint64_t *scratch,
                              uint32_t *pre) {
  switch (c->connection->kind) {
  case QUELL_ALL_TO_ALL:
    return every_partner(c, pre);
  case QUELL_FIXED_PROBABILITY:
    return partners_by_probability(c, post, pre);
  case QUELL_FIXED_IN_DEGREE:
    return partners_by_count(c, post, c->connection->count, scratch, pre);
  default:
    return partners_by_count(c, post, ql_pairs(c, post, post + 1), scratch, pre);
  }
}

uint32_t ql_partners(const ql_connectivity *connectivity, uint32_t post, uint64_t *scratch,
                     uint32_t *pre, uint64_t *place) {
  const ql_connectivity *c = connectivity;
  if (c->connection->kind == QUELL_LIST) return partners_by_list(c, post, pre, place);
  if (c->connection->kind == QUELL_ONE_TO_ONE) {
    pre[0] = post;
    return 1;
  }
  uint32_t n = draw_partners(c, post, scratch, pre);
  name_candidates(c, post, n, pre);
  return n;
}

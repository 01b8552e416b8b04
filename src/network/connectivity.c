#include "network/connectivity.h"

#include "base/math.h"
#include "base/message.h"
#include "base/random.h"

#include <inttypes.h>
#include <string.h>

static const uint32_t MOST_PER_NEURON = UINT32_C(1) << 31;
static const uint64_t MOST_IN_ALL = UINT64_C(1) << 40;

/* Where the sentence goes. */
typedef struct sentence {
  char *text;
  size_t size;
} sentence;

static int multapses(const ql_connectivity *c) {
  return !(c->connection->flags & QUELL_NO_MULTAPSES);
}

/* Pre neurons that a post neuron may have. */
static uint32_t candidates(const ql_connectivity *c) {
  return c->no_self ? c->n_pre - 1 : c->n_pre;
}

/* The pre neuron that is candidate i of a post neuron; keeps the order. */
static uint32_t candidate(const ql_connectivity *c, uint32_t post, uint32_t i) {
  return c->no_self && i >= post ? i + 1 : i;
}

/* Checks of a request. Each also sets `most`. */

static quell_status check_all_to_all(ql_connectivity *c) {
  c->most = candidates(c);
  return QUELL_OK;
}

static quell_status check_one_to_one(ql_connectivity *c, sentence s) {
  if (c->n_pre != c->n_post) {
    ql_message(s.text, s.size,
               "connection: one to one needs populations of one size, got %" PRIu32
               " pre and %" PRIu32 " post neurons",
               c->n_pre, c->n_post);
    return QUELL_E_LENGTH;
  }
  if (c->no_self) {
    ql_message(s.text, s.size,
               "connection: one to one within a population is each neuron onto itself, which "
               "QUELL_NO_SELF forbids");
    return QUELL_E_RANGE;
  }
  c->most = 1;
  return QUELL_OK;
}

static quell_status check_probability(ql_connectivity *c, sentence s) {
  double p = c->connection->p;
  if (!(p >= 0.0 && p <= 1.0)) {
    ql_message(s.text, s.size, "connection: 'p' must be in [0, 1], got %g", p);
    return QUELL_E_RANGE;
  }
  c->most = candidates(c);
  return QUELL_OK;
}

/* Most synapses that can be asked for onto one post neuron. */
static uint32_t most_per_neuron(const ql_connectivity *c) {
  uint32_t n = candidates(c);
  if (!multapses(c)) return n;
  return n ? MOST_PER_NEURON : 0;
}

static quell_status check_count(const ql_connectivity *c, uint64_t most, sentence s) {
  uint64_t count = c->connection->count;
  if (count <= most) return QUELL_OK;
  ql_message(s.text, s.size,
             "connection: 'count' must be in [0, %" PRIu64 "] for %" PRIu32
             " possible partners of each of %" PRIu32 " post neurons%s, got %" PRIu64,
             most, candidates(c), c->n_post, multapses(c) ? "" : " without multapses", count);
  return QUELL_E_RANGE;
}

static quell_status check_in_degree(ql_connectivity *c, sentence s) {
  quell_status status = check_count(c, most_per_neuron(c), s);
  if (status == QUELL_OK) c->most = (uint32_t)c->connection->count;
  return status;
}

static quell_status check_total(const ql_connectivity *c, sentence s) {
  uint64_t most = (uint64_t)c->n_post * most_per_neuron(c);
  return check_count(c, most < MOST_IN_ALL ? most : MOST_IN_ALL, s);
}

static quell_status check_index(const char *name, size_t i, uint32_t index, uint32_t n,
                                sentence s) {
  if (index < n) return QUELL_OK;
  ql_message(s.text, s.size,
             "connection: '%s[%zu]' must be below %" PRIu32 ", the number of neurons, got %" PRIu32,
             name, i, n, index);
  return QUELL_E_LENGTH;
}

static quell_status check_pair(const ql_connectivity *c, size_t i, sentence s) {
  uint32_t pre = c->connection->pre[i], post = c->connection->post[i];
  quell_status status = check_index("pre", i, pre, c->n_pre, s);
  if (status == QUELL_OK) status = check_index("post", i, post, c->n_post, s);
  if (status != QUELL_OK || !c->no_self || pre != post) return status;
  ql_message(s.text, s.size,
             "connection: pair %zu connects neuron %" PRIu32
             " with itself, which QUELL_NO_SELF forbids",
             i, pre);
  return QUELL_E_RANGE;
}

static quell_status check_list(const ql_connectivity *c, sentence s) {
  const quell_connection *list = c->connection;
  if (list->n && (!list->pre || !list->post)) {
    ql_message(s.text, s.size, "connection: '%s' is NULL, but 'n' is %zu",
               list->pre ? "post" : "pre", list->n);
    return QUELL_E_NULL;
  }
  uint64_t pairs = (uint64_t)c->n_pre * c->n_post;
  uint64_t most = multapses(c) || pairs > MOST_IN_ALL ? MOST_IN_ALL : pairs;
  if (list->n > most) {
    ql_message(s.text, s.size, "connection: 'n' is %zu, more than the %" PRIu64 " possible pairs",
               list->n, most);
    return QUELL_E_LENGTH;
  }
  for (size_t i = 0; i < list->n; i++) {
    quell_status status = check_pair(c, i, s);
    if (status != QUELL_OK) return status;
  }
  return QUELL_OK;
}

static quell_status check_flags(const quell_connection *connection, sentence s) {
  const uint32_t known = QUELL_NO_SELF | QUELL_NO_MULTAPSES;
  if (!(connection->flags & ~known)) return QUELL_OK;
  ql_message(
      s.text, s.size,
      "connection: 'flags' must be made of QUELL_NO_SELF and QUELL_NO_MULTAPSES, got 0x%" PRIx32,
      connection->flags);
  return QUELL_E_RANGE;
}

static quell_status check(ql_connectivity *c, sentence s) {
  quell_status status = check_flags(c->connection, s);
  if (status != QUELL_OK) return status;
  switch (c->connection->kind) {
  case QUELL_ALL_TO_ALL:
    return check_all_to_all(c);
  case QUELL_ONE_TO_ONE:
    return check_one_to_one(c, s);
  case QUELL_FIXED_PROBABILITY:
    return check_probability(c, s);
  case QUELL_FIXED_IN_DEGREE:
    return check_in_degree(c, s);
  case QUELL_FIXED_TOTAL:
    return check_total(c, s);
  case QUELL_LIST:
    return check_list(c, s);
  default:
    break;
  }
  ql_message(
      s.text, s.size,
      "connection: 'kind' must be one of QUELL_ALL_TO_ALL to QUELL_LIST (%d to %d), got %" PRId32,
      QUELL_ALL_TO_ALL, QUELL_LIST, c->connection->kind);
  return QUELL_E_RANGE;
}

/* What is drawn or sorted for all post neurons together. */

static quell_status no_memory(sentence s) {
  ql_message(s.text, s.size, "connection: no memory");
  return QUELL_E_MEMORY;
}

/* Of `count` synapses onto the neurons [first, middle) and [middle, end): those onto the former.
 * All post neurons have the same number of candidates. A node of the tree is named by its middle,
 * which no other node has. */
static uint64_t share(const ql_connectivity *c, uint32_t first, uint32_t middle, uint32_t end,
                      uint64_t count) {
  ql_stream stream = ql_stream_open(c->seed, QL_DRAW_TOTAL, c->object, middle, 0);
  uint64_t left = middle - first, all = end - first;
  if (multapses(c)) return ql_draw_binomial(&stream, count, (double)left / (double)all);
  uint64_t n = candidates(c);
  return ql_draw_hypergeometric(&stream, n * all, n * left, count);
}

/* Splits `count` over the neurons [first, end), half by half, into offset[neuron + 1]. */
static void split_total(const ql_connectivity *c, uint32_t first, uint32_t end, uint64_t count) {
  if (count == 0) return;
  if (end - first == 1) {
    c->offset[end] = count;
    return;
  }
  uint32_t middle = first + (end - first) / 2;
  uint64_t left = share(c, first, middle, end, count);
  split_total(c, first, middle, left);
  split_total(c, middle, end, count - left);
}

static uint64_t *offsets(ql_memory *memory, uint32_t n) {
  return ql_alloc(memory, (size_t)n + 1, sizeof(uint64_t));
}

static void accumulate(uint64_t *offset, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) offset[i + 1] += offset[i];
}

/* Sets `most` from the offsets. */
static quell_status measure(ql_connectivity *c, sentence s) {
  for (uint32_t i = 0; i < c->n_post; i++) {
    uint64_t n = c->offset[i + 1] - c->offset[i];
    if (n > MOST_PER_NEURON) {
      ql_message(s.text, s.size,
                 "connection: a neuron can have at most %" PRIu32 " synapses, got %" PRIu64
                 " onto neuron %" PRIu32,
                 MOST_PER_NEURON, n, i);
      return QUELL_E_RANGE;
    }
    if (n > c->most) c->most = (uint32_t)n;
  }
  return QUELL_OK;
}

static quell_status prepare_total(ql_connectivity *c, ql_memory *memory, sentence s) {
  c->offset = offsets(memory, c->n_post);
  if (!c->offset) return no_memory(s);
  split_total(c, 0, c->n_post, c->connection->count);
  accumulate(c->offset, c->n_post);
  return measure(c, s);
}

/* Places 0 to n - 1, or those in `order`, into `sorted`, by the key at each place, stably.
 * offset[k] (zero before) becomes the number of smaller keys. */
static void sort_places(const uint32_t *keys, const uint64_t *order, size_t n, uint64_t *offset,
                        uint32_t n_keys, uint64_t *sorted) {
  for (size_t i = 0; i < n; i++) offset[keys[i] + (size_t)1]++;
  accumulate(offset, n_keys);
  for (size_t i = 0; i < n; i++) {
    uint64_t place = order ? order[i] : i;
    sorted[offset[keys[place]]++] = place;
  }
  /* Each offset has moved on to the next. */
  memmove(offset + 1, offset, n_keys * sizeof *offset);
  offset[0] = 0;
}

static int sort_list(ql_connectivity *c, ql_memory *memory) {
  const quell_connection *list = c->connection;
  uint64_t *by_pre = ql_alloc(memory, list->n, sizeof *by_pre);
  uint64_t *pre_offset = offsets(memory, c->n_pre);
  c->offset = offsets(memory, c->n_post);
  c->list_place = ql_alloc(memory, list->n, sizeof *c->list_place);
  int done = by_pre && pre_offset && c->offset && c->list_place;
  if (done) {
    sort_places(list->pre, NULL, list->n, pre_offset, c->n_pre, by_pre);
    sort_places(list->post, by_pre, list->n, c->offset, c->n_post, c->list_place);
  }
  ql_free(memory, pre_offset);
  ql_free(memory, by_pre);
  return done;
}

static quell_status check_repeats(const ql_connectivity *c, sentence s) {
  for (size_t i = 1; i < c->connection->n; i++) {
    uint64_t first = c->list_place[i - 1], second = c->list_place[i];
    uint32_t post = c->connection->post[first];
    if (c->list_pre[i] != c->list_pre[i - 1] || c->connection->post[second] != post) continue;
    ql_message(s.text, s.size,
               "connection: pair %" PRIu64 " repeats pair %" PRIu64 ", neuron %" PRIu32
               " onto neuron %" PRIu32 ", which QUELL_NO_MULTAPSES forbids",
               second, first, c->list_pre[i], post);
    return QUELL_E_RANGE;
  }
  return QUELL_OK;
}

static quell_status prepare_list(ql_connectivity *c, ql_memory *memory, sentence s) {
  size_t n = c->connection->n;
  if (!sort_list(c, memory)) return no_memory(s);
  c->list_pre = ql_alloc(memory, n, sizeof *c->list_pre);
  if (!c->list_pre) return no_memory(s);
  for (size_t i = 0; i < n; i++) c->list_pre[i] = c->connection->pre[c->list_place[i]];
  if (!multapses(c)) {
    quell_status status = check_repeats(c, s);
    if (status != QUELL_OK) return status;
  }
  return measure(c, s);
}

static quell_status prepare(ql_connectivity *c, ql_memory *memory, sentence s) {
  switch (c->connection->kind) {
  case QUELL_FIXED_TOTAL:
    return prepare_total(c, memory, s);
  case QUELL_LIST:
    return prepare_list(c, memory, s);
  default:
    return QUELL_OK;
  }
}

quell_status ql_connectivity_open(ql_connectivity *connectivity, ql_memory *memory,
                                  const quell_connection *connection, uint32_t n_pre,
                                  uint32_t n_post, int same, uint64_t seed, uint32_t object,
                                  char *message, size_t message_size) {
  ql_connectivity c = {.connection = connection,
                       .n_pre = n_pre,
                       .n_post = n_post,
                       .no_self = same && (connection->flags & QUELL_NO_SELF),
                       .seed = seed,
                       .object = object};
  sentence s = {message, message_size};
  quell_status status = check(&c, s);
  if (status == QUELL_OK) status = prepare(&c, memory, s);
  if (status != QUELL_OK) ql_connectivity_close(&c, memory);
  *connectivity = c;
  return status;
}

void ql_connectivity_close(ql_connectivity *connectivity, ql_memory *memory) {
  ql_free(memory, connectivity->offset);
  ql_free(memory, connectivity->list_pre);
  ql_free(memory, connectivity->list_place);
  memset(connectivity, 0, sizeof *connectivity);
}

/* Drawing of the partners of one post neuron. */

/* A bit for each candidate, in front of the second array that sorting needs. */
static size_t bitmap_words(const ql_connectivity *c) {
  return multapses(c) ? 0 : ((size_t)candidates(c) + 63) / 64;
}

size_t ql_partners_scratch(const ql_connectivity *connectivity) {
  int32_t kind = connectivity->connection->kind;
  if (kind != QUELL_FIXED_IN_DEGREE && kind != QUELL_FIXED_TOTAL) return 0;
  return bitmap_words(connectivity) + ((size_t)connectivity->most + 1) / 2;
}

static uint32_t every_partner(const ql_connectivity *c, uint32_t post, uint32_t *pre) {
  uint32_t n = candidates(c);
  for (uint32_t i = 0; i < n; i++) pre[i] = candidate(c, post, i);
  return n;
}

/* Jumps from one success to the next: the failures between them are geometrically distributed. */
static uint32_t partners_by_probability(const ql_connectivity *c, uint32_t post, uint32_t *pre) {
  double p = c->connection->p;
  if (p == 0.0) return 0;
  if (p == 1.0) return every_partner(c, post, pre);
  ql_stream stream = ql_stream_open(c->seed, QL_DRAW_PARTNERS, c->object, post, 0);
  uint32_t n = 0, all = candidates(c);
  double ln_failure = ql_log1p(-p);
  for (uint32_t i = 0; i < all; i++) {
    double failures = ql_log(ql_draw_uniform(&stream)) / ln_failure;
    if (failures >= (double)(all - i)) break;
    i += (uint32_t)failures;
    pre[n++] = candidate(c, post, i);
  }
  return n;
}

static void sort_by_insertion(uint32_t *values, uint32_t n) {
  for (uint32_t i = 1; i < n; i++) {
    uint32_t value = values[i], j = i;
    for (; j > 0 && values[j - 1] > value; j--) values[j] = values[j - 1];
    values[j] = value;
  }
}

static void sort_by_digit(const uint32_t *values, uint32_t n, int shift, uint32_t *sorted) {
  uint32_t start[257] = {0};
  for (uint32_t i = 0; i < n; i++) start[(values[i] >> shift & 255) + 1]++;
  for (int digit = 0; digit < 255; digit++) start[digit + 1] += start[digit];
  for (uint32_t i = 0; i < n; i++) sorted[start[values[i] >> shift & 255]++] = values[i];
}

/* Sorts values that are < end, by bytes from the lowest up; `spare` holds n and is left zero. */
static void sort_ascending(uint32_t *values, uint32_t n, uint32_t end, uint32_t *spare) {
  if (n <= 32) {
    sort_by_insertion(values, n);
    return;
  }
  for (int shift = 0; shift < 32 && (end - 1) >> shift; shift += 8) {
    sort_by_digit(values, n, shift, spare);
    memcpy(values, spare, n * sizeof *values);
  }
  memset(spare, 0, n * sizeof *spare);
}

static int is_taken(const uint64_t *bitmap, uint32_t i) {
  return (int)(bitmap[i / 64] >> i % 64 & 1);
}

/* Floyd's sampling: every set of `count` of n has the same chance, for one number each. */
static void draw_distinct(ql_stream *stream, uint32_t n, uint32_t count, uint64_t *bitmap,
                          uint32_t *drawn) {
  for (uint32_t i = 0; i < count; i++) {
    uint32_t last = n - count + i, choice = ql_draw_below(stream, last + 1);
    if (is_taken(bitmap, choice)) choice = last;
    bitmap[choice / 64] |= UINT64_C(1) << choice % 64;
    drawn[i] = choice;
  }
  for (uint32_t i = 0; i < count; i++) bitmap[drawn[i] / 64] = 0;
}

static uint32_t partners_by_count(const ql_connectivity *c, uint32_t post, uint64_t count,
                                  uint64_t *scratch, uint32_t *pre) {
  uint32_t n = (uint32_t)count, all = candidates(c);
  if (n == 0) return 0;
  ql_stream stream = ql_stream_open(c->seed, QL_DRAW_PARTNERS, c->object, post, 0);
  if (multapses(c))
    for (uint32_t i = 0; i < n; i++) pre[i] = ql_draw_below(&stream, all);
  else
    draw_distinct(&stream, all, n, scratch, pre);
  sort_ascending(pre, n, all, (uint32_t *)(scratch + bitmap_words(c)));
  for (uint32_t i = 0; i < n; i++) pre[i] = candidate(c, post, pre[i]);
  return n;
}

static uint64_t row_length(const ql_connectivity *c, uint32_t post) {
  return c->offset[post + (size_t)1] - c->offset[post];
}

static uint32_t partners_by_list(const ql_connectivity *c, uint32_t post, uint32_t *pre,
                                 uint64_t *place) {
  uint64_t first = c->offset[post], n = row_length(c, post);
  if (n == 0) return 0;
  memcpy(pre, c->list_pre + first, n * sizeof *pre);
  if (place) memcpy(place, c->list_place + first, n * sizeof *place);
  return (uint32_t)n;
}

uint32_t ql_partners(const ql_connectivity *connectivity, uint32_t post, uint64_t *scratch,
                     uint32_t *pre, uint64_t *place) {
  const ql_connectivity *c = connectivity;
  switch (c->connection->kind) {
  case QUELL_ALL_TO_ALL:
    return every_partner(c, post, pre);
  case QUELL_ONE_TO_ONE:
    pre[0] = post;
    return 1;
  case QUELL_FIXED_PROBABILITY:
    return partners_by_probability(c, post, pre);
  case QUELL_FIXED_IN_DEGREE:
    return partners_by_count(c, post, c->connection->count, scratch, pre);
  case QUELL_FIXED_TOTAL:
    return partners_by_count(c, post, row_length(c, post), scratch, pre);
  case QUELL_LIST:
    return partners_by_list(c, post, pre, place);
  default:
    return 0;
  }
}

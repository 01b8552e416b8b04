#include "network/connectivity.h"

#include "base/math.h"
#include "base/message.h"
#include "base/random.h"

#include <inttypes.h>
#include <string.h>

enum { LIST_PARTS = 16 }; /* a list is held in about as many parts */

static const uint32_t MOST_PER_NEURON = UINT32_C(1) << 31;
static const uint64_t MOST_IN_ALL = UINT64_C(1) << 40;

/* Where the sentence goes. */
typedef struct sentence {
  char *text;
  size_t size;
} sentence;

/* Checks of a request. Each also sets `most`. */

static quell_status check_all_to_all(ql_connectivity *c) {
  c->most = ql_candidates(c);
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
  c->most = ql_candidates(c);
  return QUELL_OK;
}

/* Most synapses that can be asked for onto one post neuron. */
static uint32_t most_per_neuron(const ql_connectivity *c) {
  uint32_t n = ql_candidates(c);
  if (!ql_allows_multapses(c)) return n;
  return n ? MOST_PER_NEURON : 0;
}

static quell_status check_count(const ql_connectivity *c, uint64_t most, sentence s) {
  uint64_t count = c->connection->count;
  if (count <= most) return QUELL_OK;
  ql_message(s.text, s.size,
             "connection: 'count' must be in [0, %" PRIu64 "] for %" PRIu32
             " possible partners of each of %" PRIu32 " post neurons%s, got %" PRIu64,
             most, ql_candidates(c), c->n_post, ql_allows_multapses(c) ? "" : " without multapses",
             count);
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
  uint64_t most = ql_allows_multapses(c) || pairs > MOST_IN_ALL ? MOST_IN_ALL : pairs;
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
  if (ql_allows_multapses(c)) return ql_draw_binomial(&stream, count, (double)left / (double)all);
  uint64_t n = ql_candidates(c);
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

/* Lists: the places of the pairs are put in order for a part of the post neurons at a time, so that
 * they take little memory beside the synapses themselves. */

uint32_t ql_connectivity_reach(const ql_connectivity *connectivity, uint32_t first) {
  const ql_connectivity *c = connectivity;
  if (c->connection->kind != QUELL_LIST) return c->n_post;
  uint32_t end = first + 1;
  while (end < c->n_post && ql_pairs(c, first, end + 1) <= c->connection->n / LIST_PARTS) end++;
  return end;
}

void ql_connectivity_hold(ql_connectivity *connectivity, uint32_t first, uint32_t end) {
  ql_connectivity *c = connectivity;
  const quell_connection *list = c->connection;
  if (list->kind != QUELL_LIST) return;
  uint64_t *next = c->offset + first, held = *next;
  for (size_t i = 0; i < list->n; i++) {
    uint32_t post = list->post[i];
    if (post >= first && post < end) c->place[c->offset[post]++ - held] = i;
  }
  /* Each offset has moved on to the next. */
  memmove(next + 1, next, (end - first - 1) * sizeof *next);
  *next = held;
  c->held = held;
}

static uint64_t most_held(const ql_connectivity *c) {
  uint64_t most = 0;
  for (uint32_t first = 0, end; first < c->n_post; first = end) {
    end = ql_connectivity_reach(c, first);
    if (ql_pairs(c, first, end) > most) most = ql_pairs(c, first, end);
  }
  return most;
}

/* `last` is the place after that of the last pair of each pre neuron. */
static quell_status check_repeats_onto(const ql_connectivity *c, uint32_t post, uint64_t *last,
                                       sentence s) {
  const quell_connection *list = c->connection;
  for (uint64_t i = c->offset[post]; i < c->offset[post + (size_t)1]; i++) {
    uint64_t place = c->place[i - c->held], *same = &last[list->pre[place]];
    if (*same && list->post[*same - 1] == post) {
      ql_message(s.text, s.size,
                 "connection: pair %" PRIu64 " repeats pair %" PRIu64 ", neuron %" PRIu32
                 " onto neuron %" PRIu32 ", which QUELL_NO_MULTAPSES forbids",
                 place, *same - 1, list->pre[place], post);
      return QUELL_E_RANGE;
    }
    *same = place + 1;
  }
  return QUELL_OK;
}

static quell_status check_repeats(ql_connectivity *c, ql_memory *memory, sentence s) {
  uint64_t *last = ql_alloc(memory, c->n_pre, sizeof *last);
  if (!last) return no_memory(s);
  quell_status status = QUELL_OK;
  for (uint32_t first = 0, end; !status && first < c->n_post; first = end) {
    end = ql_connectivity_reach(c, first);
    ql_connectivity_hold(c, first, end);
    for (uint32_t post = first; !status && post < end; post++)
      status = check_repeats_onto(c, post, last, s);
  }
  ql_free(memory, last);
  return status;
}

static quell_status prepare_list(ql_connectivity *c, ql_memory *memory, sentence s) {
  const quell_connection *list = c->connection;
  c->offset = offsets(memory, c->n_post);
  if (!c->offset) return no_memory(s);
  for (size_t i = 0; i < list->n; i++) c->offset[list->post[i] + (size_t)1]++;
  accumulate(c->offset, c->n_post);
  c->place = ql_alloc(memory, most_held(c), sizeof *c->place);
  if (!c->place) return no_memory(s);
  quell_status status = ql_allows_multapses(c) ? QUELL_OK : check_repeats(c, memory, s);
  return status ? status : measure(c, s);
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
                                  const ql_draw_code *draw, char *message, size_t message_size) {
  ql_connectivity c = {.connection = connection,
                       .draw = draw,
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
  ql_free(memory, connectivity->place);
  memset(connectivity, 0, sizeof *connectivity);
}

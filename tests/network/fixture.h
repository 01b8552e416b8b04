/* An open connectivity and the partners that it draws: what the tests of this folder share. */
#ifndef TESTS_NETWORK_FIXTURE_H
#define TESTS_NETWORK_FIXTURE_H

#include "network/connectivity.h"
#include "support/check.h"
#include <stdlib.h>
#include <string.h>

/* An open connectivity with what its draws need, and where its sentence goes. */
typedef struct fixture {
  ql_memory memory;
  ql_connectivity connectivity;
  uint64_t *scratch;
  size_t scratch_words;
  uint32_t *pre;
  uint64_t *place;
  char message[256];
} fixture;

static inline quell_connection request(int32_t kind, uint32_t flags, double p, uint64_t count) {
  quell_connection connection = QUELL_CONNECTION_INIT;
  connection.kind = kind;
  connection.flags = flags;
  connection.p = p;
  connection.count = count;
  return connection;
}

static inline quell_status try_open(fixture *f, const quell_connection *connection, uint32_t n_pre,
                                    uint32_t n_post, int same, uint64_t seed, uint32_t object) {
  memset(f, 0, sizeof *f);
  ql_memory_init(&f->memory, NULL);
  return ql_connectivity_open(&f->connectivity, &f->memory, connection, n_pre, n_post, same, seed,
                              object, &ql_draw, f->message, sizeof f->message);
}

static inline void open_fixture(fixture *f, const quell_connection *connection, uint32_t n_pre,
                                uint32_t n_post, int same, uint64_t seed, uint32_t object) {
  quell_status status = try_open(f, connection, n_pre, n_post, same, seed, object);
  if (status != QUELL_OK) print_error("%s\n", f->message);
  assert_int_equal(status, QUELL_OK);
  f->scratch_words = ql_partners_scratch(&f->connectivity);
  f->scratch = must_alloc(f->scratch_words, sizeof *f->scratch);
  f->pre = must_alloc(f->connectivity.most, sizeof *f->pre);
  f->place = must_alloc(f->connectivity.most, sizeof *f->place);
}

static inline void close_fixture(fixture *f) {
  ql_connectivity_close(&f->connectivity, &f->memory);
  ql_connectivity_close(&f->connectivity, &f->memory); /* does no harm */
  free(f->scratch);
  free(f->pre);
  free(f->place);
}

static inline int ascending(const void *a, const void *b) {
  uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
  return (left > right) - (left < right);
}

/* As drawn or listed. */
static inline uint32_t raw_partners(fixture *f, uint32_t post) {
  ql_connectivity *c = &f->connectivity;
  uint32_t first = 0, end = ql_connectivity_reach(c, 0);
  for (; end <= post; end = ql_connectivity_reach(c, end)) first = end;
  ql_connectivity_hold(c, first, end);
  uint32_t n = ql_partners(c, post, f->scratch, f->pre, f->place);
  assert_true(n <= c->most);
  return n;
}

/* The partners of a neuron in ascending order, with all that must hold for any kind. */
static inline uint32_t partners(fixture *f, uint32_t post) {
  const ql_connectivity *c = &f->connectivity;
  uint32_t n = raw_partners(f, post);
  if (n) qsort(f->pre, n, sizeof *f->pre, ascending);
  for (uint32_t i = 0; i < n; i++) {
    assert_true(f->pre[i] < c->n_pre);
    if (c->no_self) assert_int_not_equal(f->pre[i], post);
    if (i && c->connection->flags & QUELL_NO_MULTAPSES) assert_true(f->pre[i] > f->pre[i - 1]);
  }
  for (size_t i = 0; i < f->scratch_words; i++) assert_true(f->scratch[i] == 0);
  return n;
}

/* in[post], out[pre] and the number of synapses. */
static inline uint64_t degrees(fixture *f, double *in, double *out) {
  uint64_t all = 0;
  for (uint32_t post = 0; post < f->connectivity.n_post; post++) {
    uint32_t n = partners(f, post);
    in[post] = n;
    all += n;
    for (uint32_t i = 0; i < n; i++) out[f->pre[i]]++;
  }
  return all;
}

#endif

/* Who is connected: every kind against its exact distribution, every flag, every refusal. */
#include "network/connectivity.h"
#include "support/allocator.h"
#include "support/check.h"
#include "support/random.h"
#include "support/statistics.h"
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

static quell_connection request(int32_t kind, uint32_t flags, double p, uint64_t count) {
  quell_connection connection = QUELL_CONNECTION_INIT;
  connection.kind = kind;
  connection.flags = flags;
  connection.p = p;
  connection.count = count;
  return connection;
}

static quell_status try_open(fixture *f, const quell_connection *connection, uint32_t n_pre,
                             uint32_t n_post, int same, uint64_t seed, uint32_t object) {
  memset(f, 0, sizeof *f);
  ql_memory_init(&f->memory, NULL);
  return ql_connectivity_open(&f->connectivity, &f->memory, connection, n_pre, n_post, same, seed,
                              object, &ql_draw, f->message, sizeof f->message);
}

static void open_fixture(fixture *f, const quell_connection *connection, uint32_t n_pre,
                         uint32_t n_post, int same, uint64_t seed, uint32_t object) {
  quell_status status = try_open(f, connection, n_pre, n_post, same, seed, object);
  if (status != QUELL_OK) print_error("%s\n", f->message);
  assert_int_equal(status, QUELL_OK);
  f->scratch_words = ql_partners_scratch(&f->connectivity);
  f->scratch = must_alloc(f->scratch_words, sizeof *f->scratch);
  f->pre = must_alloc(f->connectivity.most, sizeof *f->pre);
  f->place = must_alloc(f->connectivity.most, sizeof *f->place);
}

static void close_fixture(fixture *f) {
  ql_connectivity_close(&f->connectivity, &f->memory);
  ql_connectivity_close(&f->connectivity, &f->memory); /* does no harm */
  free(f->scratch);
  free(f->pre);
  free(f->place);
}

static int ascending(const void *a, const void *b) {
  uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
  return (left > right) - (left < right);
}

/* As drawn or listed. */
static uint32_t raw_partners(fixture *f, uint32_t post) {
  ql_connectivity *c = &f->connectivity;
  uint32_t first = 0, end = ql_connectivity_reach(c, 0);
  for (; end <= post; end = ql_connectivity_reach(c, end)) first = end;
  ql_connectivity_hold(c, first, end);
  uint32_t n = ql_partners(c, post, f->scratch, f->pre, f->place);
  assert_true(n <= c->most);
  return n;
}

/* The partners of a neuron in ascending order, with all that must hold for any kind. */
static uint32_t partners(fixture *f, uint32_t post) {
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
static uint64_t degrees(fixture *f, double *in, double *out) {
  uint64_t all = 0;
  for (uint32_t post = 0; post < f->connectivity.n_post; post++) {
    uint32_t n = partners(f, post);
    in[post] = n;
    all += n;
    for (uint32_t i = 0; i < n; i++) out[f->pre[i]]++;
  }
  return all;
}

/* How often each number of `values` comes, against binomial(trials, p). */
static void check_binomial(const double *values, uint32_t n, int trials, double p,
                           const char *what) {
  double *counts = must_alloc((size_t)trials + 1, sizeof *counts);
  double *expected = must_alloc((size_t)trials + 1, sizeof *expected);
  for (uint32_t i = 0; i < n; i++) {
    assert_true(values[i] <= trials);
    counts[(int)values[i]]++;
  }
  for (int k = 0; k <= trials; k++) expected[k] = n * binomial_probability(k, trials, p);
  check_counts(counts, expected, trials + 1, what);
  free(counts);
  free(expected);
}

/* Sums of indicators with chance f, whose total is fixed: out-degrees where every post neuron has
 * the same number of distinct partners. */
static void check_even(const double *values, uint32_t n, double trials, double f,
                       const char *what) {
  double sum = 0;
  for (uint32_t i = 0; i < n; i++) sum += pow(values[i] - trials * f, 2) / (trials * f * (1 - f));
  check_chi_square_value(sum * (n - 1) / n, n - 1, what);
}

static void test_all_to_all(void **state) {
  (void)state;
  fixture f;
  quell_connection all = request(QUELL_ALL_TO_ALL, QUELL_NO_SELF, 0, 0);
  open_fixture(&f, &all, 7, 5, 0, 1, 0); /* two populations: the flag has no meaning */
  for (uint32_t post = 0; post < 5; post++) {
    assert_int_equal(partners(&f, post), 7);
    for (uint32_t i = 0; i < 7; i++) assert_int_equal(f.pre[i], i);
  }
  close_fixture(&f);
  open_fixture(&f, &all, 6, 6, 1, 1, 0);
  for (uint32_t post = 0; post < 6; post++) assert_int_equal(partners(&f, post), 5);
  close_fixture(&f);
  open_fixture(&f, &all, 1, 1, 1, 1, 0);
  assert_int_equal(partners(&f, 0), 0);
  close_fixture(&f);
}

static void test_one_to_one(void **state) {
  (void)state;
  fixture f;
  quell_connection one = request(QUELL_ONE_TO_ONE, QUELL_NO_MULTAPSES, 0, 0);
  open_fixture(&f, &one, 9, 9, 1, 1, 0);
  for (uint32_t post = 0; post < 9; post++) {
    assert_int_equal(partners(&f, post), 1);
    assert_int_equal(f.pre[0], post);
  }
  close_fixture(&f);
  one.flags = QUELL_NO_SELF;
  open_fixture(&f, &one, 9, 9, 0, 1, 0);
  assert_int_equal(partners(&f, 8), 1);
  close_fixture(&f);
}

/* Of a billion candidates with p = 1e-6 and less every part is reached alike, down to single ones:
 * the last bits of partners are uniform, and so are their places; gaps are exponential. */
static void test_sparse_partners(void **state) {
  (void)state;
  enum { CLASSES = 64 };
  const uint32_t n_pre = 1u << 30;
  static const struct {
    double p;
    uint32_t n_post;
  } cases[] = {{1e-6, 40}, {1e-7, 400}, {1e-9, 20000}};
  for (size_t k = 0; k < COUNT(cases); k++) {
    fixture f;
    quell_connection connection = request(QUELL_FIXED_PROBABILITY, 0, cases[k].p, 0);
    memset(&f, 0, sizeof f);
    ql_memory_init(&f.memory, NULL);
    OK(ql_connectivity_open(&f.connectivity, &f.memory, &connection, n_pre, cases[k].n_post, 0, 7,
                            (uint32_t)k, &ql_draw, NULL, 0));
    f.pre = must_alloc(2000, sizeof *f.pre); /* of `most`, 4 GiB */
    double low[CLASSES] = {0}, high[CLASSES] = {0}, gaps[CLASSES] = {0}, expected[CLASSES], all = 0;
    for (uint32_t post = 0; post < cases[k].n_post; post++) {
      uint32_t n = ql_partners(&f.connectivity, post, NULL, f.pre, NULL);
      assert_true(n < 2000);
      for (uint32_t i = 0; i < n; i++) {
        low[f.pre[i] % CLASSES]++;
        high[f.pre[i] / (n_pre / CLASSES)]++;
        all++;
        if (i == 0) continue;
        assert_true(f.pre[i] > f.pre[i - 1]);
        if (k < 2) gaps[(int)(CLASSES * exp(-cases[k].p * (f.pre[i] - f.pre[i - 1])))]++;
      }
    }
    double mean = cases[k].p * n_pre * cases[k].n_post;
    assert_true(fabs(all - mean) < 5 * sqrt(mean));
    for (int i = 0; i < CLASSES; i++) expected[i] = all / CLASSES;
    check_counts(low, expected, CLASSES, "last bits of sparse partners");
    check_counts(high, expected, CLASSES, "sparse partners");
    double n_gaps = 0;
    for (int i = 0; i < CLASSES; i++) n_gaps += gaps[i];
    for (int i = 0; i < CLASSES; i++) expected[i] = n_gaps / CLASSES;
    /* Long gaps are cut off by the end of the row: only the first case has next to none. */
    if (k == 0) check_counts(gaps + 1, expected + 1, CLASSES - 1, "sparse gaps");
    close_fixture(&f);
  }
}

/* Where partners are so rare that 2^32 numbers do not reach each candidate, they must not lie on
 * the grid of those that they reach. */
static void test_no_grid(void **state) {
  (void)state;
  enum { CLASSES = 16 };
  const double p = 1e-11;
  double counts[CLASSES] = {0}, expected[CLASSES], all = 0;
  fixture f;
  quell_connection connection = request(QUELL_FIXED_PROBABILITY, 0, p, 0);
  memset(&f, 0, sizeof f);
  ql_memory_init(&f.memory, NULL);
  OK(ql_connectivity_open(&f.connectivity, &f.memory, &connection, 1u << 30, 200000, 0, 8, 0,
                          &ql_draw, NULL, 0));
  for (uint32_t post = 0; post < 200000; post++) {
    uint32_t pre[8];
    if (!ql_partners(&f.connectivity, post, NULL, pre, NULL)) continue;
    double number = -expm1(-p * pre[0]) * 0x1p32; /* that would have made this partner */
    counts[(int)(CLASSES * (number - floor(number)))]++;
    all++;
  }
  for (int i = 0; i < CLASSES; i++) expected[i] = all / CLASSES;
  check_counts(counts, expected, CLASSES, "grid of rare partners");
  close_fixture(&f);
}

/* In-degrees and out-degrees are binomial: the first and the last candidate are neither left out
 * nor preferred, and jumps have the right length, for small and large p. */
static void test_fixed_probability(void **state) {
  (void)state;
  enum { N = 2000 };
  static const struct {
    double p;
    int same;
  } cases[] = {{0.02, 0}, {0.02, 1}, {0.3, 1}, {0.95, 0}};
  for (size_t c = 0; c < COUNT(cases); c++) {
    fixture f;
    double in[N] = {0}, out[N] = {0}, p = cases[c].p;
    int trials = cases[c].same ? N - 1 : N;
    quell_connection connection = request(QUELL_FIXED_PROBABILITY, QUELL_NO_SELF, p, 0);
    open_fixture(&f, &connection, N, N, cases[c].same, 1, (uint32_t)c);
    double all = (double)degrees(&f, in, out);
    assert_true(fabs(all - p * trials * N) < 5 * sqrt(p * (1 - p) * trials * N));
    check_binomial(in, N, trials, p, "in-degree by probability");
    check_binomial(out, N, trials, p, "out-degree by probability");
    close_fixture(&f);
  }
}

/* The 16 sets of four candidates, each pair by itself: neighbours are independent. */
static void test_fixed_probability_sets(void **state) {
  (void)state;
  enum { N = 50000 };
  fixture f;
  double counts[16] = {0}, expected[16];
  quell_connection connection = request(QUELL_FIXED_PROBABILITY, 0, 0.4, 0);
  open_fixture(&f, &connection, 4, N, 0, 2, 0);
  for (uint32_t post = 0; post < N; post++) {
    uint32_t n = partners(&f, post), set = 0;
    for (uint32_t i = 0; i < n; i++) set |= 1u << f.pre[i];
    counts[set]++;
  }
  for (int set = 0; set < 16; set++) {
    expected[set] = N;
    for (int i = 0; i < 4; i++) expected[set] *= set >> i & 1 ? 0.4 : 0.6;
  }
  check_counts(counts, expected, 16, "sets by probability");
  close_fixture(&f);
}

/* The smallest are those where 1 - p is 1, and its logarithm 0. */
static void test_fixed_probability_edges(void **state) {
  (void)state;
  static const double none[] = {0.0, -0.0, 0x1p-1074, 1e-300, 1e-17};
  static const double every[] = {1.0, 1.0 - 0x1p-53};
  for (size_t i = 0; i < COUNT(none); i++) {
    fixture f;
    quell_connection connection = request(QUELL_FIXED_PROBABILITY, 0, none[i], 0);
    open_fixture(&f, &connection, 1u << 20, 100, 0, 1, 0);
    for (uint32_t post = 0; post < 100; post++) assert_int_equal(partners(&f, post), 0);
    close_fixture(&f);
  }
  for (size_t i = 0; i < COUNT(every); i++) {
    fixture f;
    quell_connection connection = request(QUELL_FIXED_PROBABILITY, QUELL_NO_SELF, every[i], 0);
    open_fixture(&f, &connection, 1000, 1000, 1, 1, 0);
    for (uint32_t post = 0; post < 1000; post += 37) assert_int_equal(partners(&f, post), 999);
    close_fixture(&f);
  }
}

/* Each of the candidates as often, each pair of neurons independently as often as chance has it. */
static void test_in_degree_with_multapses(void **state) {
  (void)state;
  enum { N = 1000, POST = 2000, COUNT_IN = 50 };
  for (int same = 0; same <= 1; same++) {
    fixture f;
    double in[POST] = {0}, out[N] = {0}, pairs[COUNT_IN + 1] = {0}, expected[COUNT_IN + 1];
    uint32_t n_post = same ? N : POST, all = same ? N - 1 : N;
    quell_connection connection = request(QUELL_FIXED_IN_DEGREE, QUELL_NO_SELF, 0, COUNT_IN);
    open_fixture(&f, &connection, N, n_post, same, 1, 0);
    assert_int_equal(degrees(&f, in, out), COUNT_IN * n_post);
    for (uint32_t post = 0; post < n_post; post++) assert_true(in[post] == COUNT_IN);
    /* Of n_post × COUNT_IN draws, less those of the neuron itself. */
    int trials = (int)(same ? n_post - 1 : n_post) * COUNT_IN;
    check_binomial(out, N, trials, 1.0 / all, "out-degree with multapses");
    pairs[0] = (double)all * n_post;
    for (uint32_t post = 0; post < n_post; post++) {
      uint32_t n = partners(&f, post);
      for (uint32_t i = 0, run = 1; i < n; i++, run++) {
        if (i + 1 < n && f.pre[i + 1] == f.pre[i]) continue;
        pairs[run]++;
        pairs[0]--;
        run = 0;
      }
    }
    for (int k = 0; k <= COUNT_IN; k++)
      expected[k] = (double)all * n_post * binomial_probability(k, COUNT_IN, 1.0 / all);
    check_counts(pairs, expected, COUNT_IN + 1, "synapses of a pair");
    close_fixture(&f);
  }
}

static void test_in_degree_without_multapses(void **state) {
  (void)state;
  enum { N = 1000 };
  static const uint32_t counts[] = {1, 20, 100, 700};
  for (size_t c = 0; c < COUNT(counts); c++)
    for (int same = 0; same <= 1; same++) {
      fixture f;
      double in[N] = {0}, out[N] = {0};
      int trials = same ? N - 1 : N;
      quell_connection connection =
          request(QUELL_FIXED_IN_DEGREE, QUELL_NO_SELF | QUELL_NO_MULTAPSES, 0, counts[c]);
      open_fixture(&f, &connection, N, N, same, 2, (uint32_t)c);
      assert_int_equal(degrees(&f, in, out), counts[c] * N);
      for (uint32_t post = 0; post < N; post++) assert_true(in[post] == counts[c]);
      check_even(out, N, trials, (double)counts[c] / trials, "out-degree without multapses");
      close_fixture(&f);
    }
}

/* Every set of k of 6 has the same chance, which neither a biased replacement nor a bit that is
 * left in the scratch would give. */
static void test_in_degree_sets(void **state) {
  (void)state;
  enum { N = 20000 };
  for (uint32_t k = 1; k <= 6; k++) {
    fixture f;
    double counts[64] = {0}, chances[64], found[64];
    int sets = 0;
    quell_connection connection = request(QUELL_FIXED_IN_DEGREE, QUELL_NO_MULTAPSES, 0, k);
    open_fixture(&f, &connection, 6, N, 0, 3, 0);
    for (uint32_t post = 0; post < N; post++) {
      uint32_t set = 0;
      assert_int_equal(partners(&f, post), k);
      for (uint32_t i = 0; i < k; i++) set |= 1u << f.pre[i];
      counts[set]++;
    }
    for (uint32_t set = 0; set < 64; set++) {
      uint32_t size = 0;
      for (int i = 0; i < 6; i++) size += set >> i & 1;
      if (size != k) continue;
      chances[sets] = N * exp(-ln_choose(6, k));
      found[sets++] = counts[set];
    }
    if (k < 6) check_counts(found, chances, sets, "sets of partners");
    close_fixture(&f);
  }
}

/* Without drawing again, 3 × 2^28 candidates give every third one more often. */
static void test_no_bias(void **state) {
  (void)state;
  enum { N = 20000 };
  fixture f;
  double counts[3] = {0};
  const double expected[3] = {N, N, N};
  quell_connection connection = request(QUELL_FIXED_IN_DEGREE, 0, 0, N);
  open_fixture(&f, &connection, UINT32_C(3) << 28, 3, 0, 5, 0);
  for (uint32_t post = 0; post < 3; post++)
    for (uint32_t i = raw_partners(&f, post); i-- > 0;) counts[f.pre[i] % 3]++;
  check_counts(counts, expected, 3, "partners of very many candidates");
  close_fixture(&f);
}

/* More than a strip of numbers for one neuron. */
static void test_long_rows(void **state) {
  (void)state;
  static const uint32_t sizes[] = {2, 255, 256, 257, 65536, 65537, 1u << 24, (1u << 24) + 1};
  for (size_t i = 0; i < COUNT(sizes); i++) {
    fixture f;
    double mean = 0, middle = 0.5 * (sizes[i] - 1);
    quell_connection connection = request(QUELL_FIXED_IN_DEGREE, 0, 0, 5000);
    open_fixture(&f, &connection, sizes[i], 3, 0, 4, 0);
    assert_int_equal(partners(&f, 2), 5000);
    for (int k = 0; k < 5000; k++) mean += f.pre[k] / 5000.0;
    assert_true(fabs(mean - middle) < 5 * sqrt((pow(sizes[i], 2) - 1) / 12 / 5000));
    close_fixture(&f);
  }
}

static void test_empty_requests(void **state) {
  (void)state;
  for (int32_t kind = QUELL_FIXED_IN_DEGREE; kind <= QUELL_LIST; kind++) {
    fixture f;
    quell_connection connection = request(kind, QUELL_NO_SELF | QUELL_NO_MULTAPSES, 0, 0);
    open_fixture(&f, &connection, 1, 1, 1, 1, 0);
    assert_int_equal(f.connectivity.most, 0);
    ql_connectivity_hold(&f.connectivity, 0, 1);
    assert_int_equal(ql_partners(&f.connectivity, 0, f.scratch, NULL, NULL), 0);
    close_fixture(&f);
  }
}

/* In-degrees of a large projection are binomial, the total is what was asked for. */
static void test_fixed_total_with_multapses(void **state) {
  (void)state;
  enum { PRE = 500, POST = 3001, TOTAL = 61234 };
  fixture f;
  double in[POST] = {0}, out[PRE] = {0};
  quell_connection connection = request(QUELL_FIXED_TOTAL, 0, 0, TOTAL);
  open_fixture(&f, &connection, PRE, POST, 0, 1, 0);
  assert_int_equal(degrees(&f, in, out), TOTAL);
  check_binomial(in, POST, TOTAL, 1.0 / POST, "in-degree of a total");
  check_binomial(out, PRE, TOTAL, 1.0 / PRE, "out-degree of a total");
  double largest = 0;
  for (uint32_t post = 0; post < POST; post++) largest = fmax(largest, in[post]);
  assert_true(f.connectivity.most == largest);
  close_fixture(&f);
}

static void test_fixed_total_without_multapses(void **state) {
  (void)state;
  enum { N = 300, CELLS = N * (N - 1), TOTAL = 50000 };
  fixture f;
  double in[N] = {0}, out[N] = {0}, counts[N] = {0}, expected[N];
  quell_connection connection =
      request(QUELL_FIXED_TOTAL, QUELL_NO_SELF | QUELL_NO_MULTAPSES, 0, TOTAL);
  open_fixture(&f, &connection, N, N, 1, 2, 0);
  assert_int_equal(degrees(&f, in, out), TOTAL);
  for (int i = 0; i < N; i++) counts[(int)in[i]]++;
  for (int k = 0; k < N; k++) expected[k] = N * hypergeometric_probability(k, CELLS, N - 1, TOTAL);
  check_counts(counts, expected, N, "in-degree of a total of distinct pairs");
  memset(counts, 0, sizeof counts);
  for (int i = 0; i < N; i++) counts[(int)out[i]]++;
  check_counts(counts, expected, N, "out-degree of a total of distinct pairs");
  close_fixture(&f);
}

/* Place of a matrix of synapse numbers, pre × post, in base `base`. */
static uint32_t matrix(fixture *f, uint32_t base) {
  uint32_t code = 0;
  for (uint32_t post = 0; post < f->connectivity.n_post; post++) {
    uint32_t n = partners(f, post), row[3] = {0};
    for (uint32_t i = 0; i < n; i++) row[f->pre[i]]++;
    for (uint32_t pre = 0; pre < f->connectivity.n_pre; pre++) code = code * base + row[pre];
  }
  return code;
}

/* All of a small projection at once: 3 synapses on 2 × 3 cells, multinomial. Halves that are not
 * equal (1 and 2 neurons) and the dependence of neurons are right. */
static void test_fixed_total_matrices(void **state) {
  (void)state;
  enum { N = 40000, BASE = 4, CODES = 4096 };
  static double counts[CODES], expected[CODES];
  quell_connection connection = request(QUELL_FIXED_TOTAL, 0, 0, 3);
  for (uint32_t object = 0; object < N; object++) {
    fixture f;
    open_fixture(&f, &connection, 2, 3, 0, 3, object);
    counts[matrix(&f, BASE)]++;
    close_fixture(&f);
  }
  for (uint32_t code = 0; code < CODES; code++) {
    uint32_t sum = 0;
    expected[code] = 6.0 * N / (6 * 6 * 6); /* 3! / Π n! / 6^3 */
    for (uint32_t rest = code; rest; rest /= BASE) {
      sum += rest % BASE;
      expected[code] /= tgamma(rest % BASE + 1.0);
    }
    if (sum != 3) expected[code] = 0;
    if (sum != 3) assert_true(counts[code] == 0);
  }
  check_counts(counts, expected, CODES, "matrices with multapses");
}

/* 4 distinct pairs of 3 × 3: each of the 126 choices has the same chance; of 6 without self pairs,
 * each of 15. */
static void test_fixed_total_distinct_matrices(void **state) {
  (void)state;
  enum { N = 30000, CODES = 512 };
  for (int same = 0; same <= 1; same++) {
    static double counts[CODES], found[CODES], expected[CODES];
    int choices = same ? 15 : 126, seen = 0;
    memset(counts, 0, sizeof counts);
    quell_connection connection =
        request(QUELL_FIXED_TOTAL, QUELL_NO_SELF | QUELL_NO_MULTAPSES, 0, 4);
    for (uint32_t object = 0; object < N; object++) {
      fixture f;
      open_fixture(&f, &connection, 3, 3, same, 4, object);
      counts[matrix(&f, 2)]++;
      close_fixture(&f);
    }
    for (int code = 0; code < CODES; code++)
      if (counts[code] > 0) {
        expected[seen] = (double)N / choices;
        found[seen++] = counts[code];
      }
    assert_int_equal(seen, choices);
    check_counts(found, expected, seen, "matrices of distinct pairs");
  }
}

static void test_fixed_total_full(void **state) {
  (void)state;
  fixture f;
  quell_connection connection =
      request(QUELL_FIXED_TOTAL, QUELL_NO_SELF | QUELL_NO_MULTAPSES, 0, 13 * 12);
  open_fixture(&f, &connection, 13, 13, 1, 1, 0);
  for (uint32_t post = 0; post < 13; post++) assert_int_equal(partners(&f, post), 12);
  close_fixture(&f);
  connection.count = 1;
  open_fixture(&f, &connection, 13, 13, 1, 1, 0);
  double in[13], out[13] = {0};
  assert_int_equal(degrees(&f, in, out), 1);
  close_fixture(&f);
}

/* More than fits in 32 bits, split exactly. */
static void test_fixed_total_large(void **state) {
  (void)state;
  const uint64_t total = UINT64_C(10000000000);
  for (uint32_t flags = 0; flags <= QUELL_NO_MULTAPSES; flags += QUELL_NO_MULTAPSES) {
    fixture f;
    quell_connection connection = request(QUELL_FIXED_TOTAL, flags, 0, total);
    OK(try_open(&f, &connection, 1u << 30, 1000, 0, 1, 0));
    const uint64_t *offset = f.connectivity.offset;
    assert_true(offset[0] == 0 && offset[1000] == total);
    for (int post = 0; post < 1000; post++)
      assert_true(fabs((double)(offset[post + 1] - offset[post]) - 1e7) < 5 * sqrt(1e7) + 1e3);
    ql_connectivity_close(&f.connectivity, &f.memory);
  }
}

/* By post neuron, then in the caller's order, each with its place. */
static void test_list(void **state) {
  (void)state;
  static const uint32_t pre[] = {4, 0, 4, 2, 4, 0, 1, 4};
  static const uint32_t post[] = {2, 0, 0, 2, 2, 2, 0, 2};
  static const uint32_t rows[3][5] = {{0, 4, 1}, {0}, {4, 2, 4, 0, 4}};
  static const uint64_t places[3][5] = {{1, 2, 6}, {0}, {0, 3, 4, 5, 7}};
  static const uint32_t lengths[] = {3, 0, 5};
  fixture f;
  quell_connection connection = request(QUELL_LIST, 0, 0, 0);
  connection.pre = pre;
  connection.post = post;
  connection.n = COUNT(pre);
  open_fixture(&f, &connection, 5, 3, 0, 1, 0);
  assert_int_equal(f.connectivity.most, 5);
  for (uint32_t i = 3; i-- > 0;) {
    uint32_t n = raw_partners(&f, i);
    assert_int_equal(n, lengths[i]);
    for (uint32_t k = 0; k < n; k++) {
      assert_int_equal(f.pre[k], rows[i][k]);
      assert_true(f.place[k] == places[i][k]);
    }
  }
  close_fixture(&f);
}

static void test_long_list(void **state) {
  (void)state;
  enum { N = 100000, PRE = 300, POST = 700 };
  uint32_t *pre = must_alloc(N, sizeof *pre), *post = must_alloc(N, sizeof *post);
  unsigned char *seen = must_alloc(N, 1);
  random_state random = {1};
  for (int i = 0; i < N; i++) {
    pre[i] = random_below(&random, PRE);
    post[i] = random_below(&random, POST);
  }
  fixture f;
  quell_connection connection = request(QUELL_LIST, 0, 0, 0);
  connection.pre = pre;
  connection.post = post;
  connection.n = N;
  open_fixture(&f, &connection, PRE, POST, 0, 1, 0);
  uint64_t all = 0;
  for (uint32_t i = 0; i < POST; i++) {
    uint32_t n = raw_partners(&f, i);
    all += n;
    for (uint32_t k = 0; k < n; k++) {
      assert_true(pre[f.place[k]] == f.pre[k] && post[f.place[k]] == i && !seen[f.place[k]]);
      seen[f.place[k]] = 1;
      if (k) assert_true(f.place[k] > f.place[k - 1]);
    }
  }
  assert_int_equal(all, N);
  close_fixture(&f);
  free(seen);
  free(post);
  free(pre);
}

/* One refused request: its status and what its sentence must name. */
static void check_refusal(const quell_connection *connection, uint32_t n_pre, uint32_t n_post,
                          int same, quell_status want, const char *named) {
  static const ql_connectivity nothing;
  fixture f;
  quell_status status = try_open(&f, connection, n_pre, n_post, same, 1, 0);
  if (status != want || !strstr(f.message, named) || strncmp(f.message, "connection: ", 12)) {
    print_error("status %d, not %d; '%s' does not name '%s'\n", status, want, f.message, named);
    fail();
  }
  assert_memory_equal(&f.connectivity, &nothing, sizeof nothing);
  ql_memory_init(&f.memory, NULL);
  assert_int_equal(ql_connectivity_open(&f.connectivity, &f.memory, connection, n_pre, n_post, same,
                                        1, 0, &ql_draw, NULL, 0),
                   want);
}

static void test_refusals(void **state) {
  (void)state;
  enum { SELF = QUELL_NO_SELF, ONCE = QUELL_NO_MULTAPSES, IN = QUELL_FIXED_IN_DEGREE };
  static const struct {
    int32_t kind;
    uint32_t flags;
    double p;
    uint64_t count;
    uint32_t n_pre, n_post;
    int same;
    quell_status status;
    const char *named;
  } cases[] = {
      {0, 0, 0, 0, 5, 5, 0, QUELL_E_RANGE, "'kind' must be one of"},
      {7, 0, 0, 0, 5, 5, 0, QUELL_E_RANGE, "got 7"},
      {INT32_MIN, 0, 0, 0, 5, 5, 0, QUELL_E_RANGE, "got -2147483648"},
      {QUELL_ALL_TO_ALL, 4, 0, 0, 5, 5, 0, QUELL_E_RANGE, "'flags'"},
      {QUELL_LIST, 0x80000000, 0, 0, 5, 5, 0, QUELL_E_RANGE, "got 0x80000000"},
      {QUELL_ONE_TO_ONE, 0, 0, 0, 5, 6, 0, QUELL_E_LENGTH, "got 5 pre and 6 post"},
      {QUELL_ONE_TO_ONE, SELF, 0, 0, 5, 5, 1, QUELL_E_RANGE, "QUELL_NO_SELF"},
      {QUELL_FIXED_PROBABILITY, 0, 1.5, 0, 5, 5, 0, QUELL_E_RANGE, "[0, 1], got 1.5"},
      {QUELL_FIXED_PROBABILITY, 0, -1e-9, 0, 5, 5, 0, QUELL_E_RANGE, "got -1e-09"},
      {QUELL_FIXED_PROBABILITY, 0, NAN, 0, 5, 5, 0, QUELL_E_RANGE, "nan"},
      {QUELL_FIXED_PROBABILITY, 0, INFINITY, 0, 5, 5, 0, QUELL_E_RANGE, "inf"},
      {IN, ONCE, 0, 11, 10, 10, 1, QUELL_E_RANGE, "[0, 10]"},
      {IN, ONCE | SELF, 0, 10, 10, 10, 1, QUELL_E_RANGE, "[0, 9]"},
      {IN, ONCE, 0, UINT64_C(1) << 32, 10, 10, 0, QUELL_E_RANGE, "got 4294967296"},
      {IN, 0, 0, UINT64_MAX, 10, 10, 0, QUELL_E_RANGE, "[0, 2147483648]"},
      {IN, ONCE, 0, UINT64_MAX, 10, 10, 0, QUELL_E_RANGE, "got 18446744073709551615"},
      {IN, SELF, 0, 1, 1, 1, 1, QUELL_E_RANGE, "[0, 0]"},
      {QUELL_FIXED_TOTAL, ONCE, 0, 51, 5, 10, 0, QUELL_E_RANGE, "[0, 50]"},
      {QUELL_FIXED_TOTAL, ONCE | SELF, 0, 21, 5, 5, 1, QUELL_E_RANGE, "[0, 20]"},
      {QUELL_FIXED_TOTAL, SELF, 0, 1, 1, 1, 1, QUELL_E_RANGE, "[0, 0]"},
      {QUELL_FIXED_TOTAL, 0, 0, UINT64_MAX, 5, 10, 0, QUELL_E_RANGE, "got 18446744073709551615"},
      {QUELL_FIXED_TOTAL, ONCE, 0, UINT64_MAX, 1u << 30, 1u << 30, 0, QUELL_E_RANGE,
       "[0, 1099511627776]"},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    quell_connection connection =
        request(cases[i].kind, cases[i].flags, cases[i].p, cases[i].count);
    check_refusal(&connection, cases[i].n_pre, cases[i].n_post, cases[i].same, cases[i].status,
                  cases[i].named);
  }
}

static void test_refused_lists(void **state) {
  (void)state;
  static const uint32_t a[] = {0, 3, 2, 0, 1}, b[] = {1, 0, 2, 1, 3};
  quell_connection connection = request(QUELL_LIST, 0, 0, 0);
  connection.n = COUNT(a);
  check_refusal(&connection, 4, 4, 0, QUELL_E_NULL, "'pre' is NULL, but 'n' is 5");
  connection.pre = a;
  check_refusal(&connection, 4, 4, 0, QUELL_E_NULL, "'post' is NULL");
  connection.post = b;
  check_refusal(&connection, 3, 4, 0, QUELL_E_LENGTH, "'pre[1]' must be below 3");
  check_refusal(&connection, 4, 3, 0, QUELL_E_LENGTH, "'post[4]' must be below 3");
  connection.flags = QUELL_NO_SELF;
  check_refusal(&connection, 4, 4, 1, QUELL_E_RANGE, "pair 2 connects neuron 2 with itself");
  connection.flags = QUELL_NO_MULTAPSES;
  check_refusal(&connection, 4, 4, 1, QUELL_E_RANGE,
                "pair 3 repeats pair 0, neuron 0 onto neuron 1");
  fixture f;
  connection.n = 3; /* none twice; neuron 2 onto itself is allowed, as is what the flags permit */
  open_fixture(&f, &connection, 4, 4, 1, 1, 0);
  close_fixture(&f);
  connection.n = COUNT(a);
  connection.flags = QUELL_NO_SELF;
  open_fixture(&f, &connection, 4, 4, 0, 1, 0);
  close_fixture(&f);
}

/* No failed allocation is missed, and nothing stays behind. */
static void test_memory(void **state) {
  (void)state;
  static const uint32_t pair[] = {0, 1};
  static const int32_t kinds[] = {QUELL_FIXED_TOTAL, QUELL_LIST};
  for (size_t k = 0; k < COUNT(kinds); k++) {
    quell_connection connection = request(kinds[k], 0, 0, 5);
    connection.pre = connection.post = pair;
    connection.n = 2;
    for (uint64_t fail_at = 1;; fail_at++) {
      test_allocator allocator = TEST_ALLOCATOR_INIT;
      allocator.fail_at = fail_at;
      quell_allocator hooks = test_allocator_hooks(&allocator);
      fixture f;
      ql_memory_init(&f.memory, &hooks);
      quell_status status = ql_connectivity_open(&f.connectivity, &f.memory, &connection, 2, 2, 0,
                                                 1, 0, &ql_draw, f.message, sizeof f.message);
      if (allocator.failures) assert_int_equal(status, QUELL_E_MEMORY);
      if (allocator.failures) assert_non_null(strstr(f.message, "memory"));
      if (!allocator.failures) assert_int_equal(status, QUELL_OK);
      if (!allocator.failures) ql_connectivity_close(&f.connectivity, &f.memory);
      assert_true(allocator.live == 0 && allocator.faults == 0);
      if (!allocator.failures) break;
      assert_true(fail_at < 20);
    }
  }
}

/* Each row is the same whatever was drawn before, and another for another key. */
static void test_rows_stand_alone(void **state) {
  (void)state;
  enum { N = 200 };
  static const quell_connection none = QUELL_CONNECTION_INIT;
  for (int32_t kind = QUELL_FIXED_PROBABILITY; kind <= QUELL_FIXED_TOTAL; kind++)
    for (uint32_t flags = 0; flags < 4; flags++) {
      quell_connection connection = none;
      connection.kind = kind;
      connection.flags = flags;
      connection.p = 0.2;
      connection.count = kind == QUELL_FIXED_TOTAL ? 40 * N : 40;
      fixture f, again, seed, object;
      open_fixture(&f, &connection, N, N, 1, 1, 1);
      open_fixture(&again, &connection, N, N, 1, 1, 1);
      open_fixture(&seed, &connection, N, N, 1, 2, 1);
      open_fixture(&object, &connection, N, N, 1, 1, 2);
      uint32_t before[N], n_before = 0;
      for (uint32_t i = 0; i < N; i++) {
        uint32_t post = N - 1 - i;
        for (uint32_t other = 0; other < post; other += 50) partners(&again, other);
        uint32_t n = partners(&f, post);
        assert_int_equal(partners(&again, post), n);
        assert_memory_equal(f.pre, again.pre, n * sizeof *f.pre);
        if (partners(&seed, post) == n) assert_memory_not_equal(f.pre, seed.pre, n * sizeof *f.pre);
        if (partners(&object, post) == n)
          assert_memory_not_equal(f.pre, object.pre, n * sizeof *f.pre);
        if (n == n_before) assert_memory_not_equal(f.pre, before, n * sizeof *f.pre);
        memcpy(before, f.pre, n * sizeof *f.pre);
        n_before = n;
      }
      close_fixture(&f);
      close_fixture(&again);
      close_fixture(&seed);
      close_fixture(&object);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_all_to_all),
      cmocka_unit_test(test_one_to_one),
      cmocka_unit_test(test_fixed_probability),
      cmocka_unit_test(test_fixed_probability_sets),
      cmocka_unit_test(test_sparse_partners),
      cmocka_unit_test(test_no_grid),
      cmocka_unit_test(test_fixed_probability_edges),
      cmocka_unit_test(test_in_degree_with_multapses),
      cmocka_unit_test(test_in_degree_without_multapses),
      cmocka_unit_test(test_in_degree_sets),
      cmocka_unit_test(test_no_bias),
      cmocka_unit_test(test_long_rows),
      cmocka_unit_test(test_empty_requests),
      cmocka_unit_test(test_fixed_total_with_multapses),
      cmocka_unit_test(test_fixed_total_without_multapses),
      cmocka_unit_test(test_fixed_total_matrices),
      cmocka_unit_test(test_fixed_total_distinct_matrices),
      cmocka_unit_test(test_fixed_total_full),
      cmocka_unit_test(test_fixed_total_large),
      cmocka_unit_test(test_list),
      cmocka_unit_test(test_long_list),
      cmocka_unit_test(test_refusals),
      cmocka_unit_test(test_refused_lists),
      cmocka_unit_test(test_memory),
      cmocka_unit_test(test_rows_stand_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Who is connected where partners are drawn: every kind against its exact distribution. */
#include "fixture.h"
#include "support/statistics.h"

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

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sparse_partners),
      cmocka_unit_test(test_no_grid),
      cmocka_unit_test(test_fixed_probability),
      cmocka_unit_test(test_fixed_probability_sets),
      cmocka_unit_test(test_fixed_probability_edges),
      cmocka_unit_test(test_in_degree_with_multapses),
      cmocka_unit_test(test_in_degree_without_multapses),
      cmocka_unit_test(test_in_degree_sets),
      cmocka_unit_test(test_no_bias),
      cmocka_unit_test(test_long_rows),
      cmocka_unit_test(test_fixed_total_with_multapses),
      cmocka_unit_test(test_fixed_total_without_multapses),
      cmocka_unit_test(test_fixed_total_matrices),
      cmocka_unit_test(test_fixed_total_distinct_matrices),
      cmocka_unit_test(test_fixed_total_full),
      cmocka_unit_test(test_fixed_total_large),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

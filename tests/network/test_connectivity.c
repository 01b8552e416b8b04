/* Who is connected where nothing is drawn, every flag, every refusal. */
#include "fixture.h"
#include "support/allocator.h"
#include "support/random.h"

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
      cmocka_unit_test(test_all_to_all),       cmocka_unit_test(test_one_to_one),
      cmocka_unit_test(test_empty_requests),   cmocka_unit_test(test_list),
      cmocka_unit_test(test_long_list),        cmocka_unit_test(test_refusals),
      cmocka_unit_test(test_refused_lists),    cmocka_unit_test(test_memory),
      cmocka_unit_test(test_rows_stand_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Networks are built in parallel, in memory that is little more than theirs, and are the same for
 * any tiles and threads; so are the sentences where they cannot be built. */
#include "engine/build.h"
#include "support/allocator.h"
#include "support/check.h"
#include "support/random.h"
#include "support/setup.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PRE = 700, POST = 5000, PAIRS = 60000 };

static const quell_distribution normal = {QUELL_NORMAL, QUELL_REDRAW, 1, 1, 0, 2, NULL, 0};
static const quell_distribution clipped = {QUELL_LOGNORMAL, QUELL_CLIP, 0, 1, 0.5, 9, NULL, 0};
static const quell_distribution uniform = {QUELL_UNIFORM, 0, 0.1, 3, 0, 0, NULL, 0};
static const quell_distribution wide = {QUELL_UNIFORM, 0, 0.1, 60, 0, 0, NULL, 0};
static const quell_distribution few = {QUELL_UNIFORM, 0, 1, 1.4, 0, 0, NULL, 0};

static quell_distribution array(const double *values, size_t n) {
  quell_distribution d = QUELL_DISTRIBUTION_INIT;
  d.kind = QUELL_ARRAY;
  d.values = values;
  d.n = n;
  return d;
}

static quell_connection of_kind(int32_t kind, uint32_t flags) {
  quell_connection c = QUELL_CONNECTION_INIT;
  c.kind = kind;
  c.flags = flags;
  c.p = 0.02;
  c.count = kind == QUELL_FIXED_TOTAL ? PAIRS : 11;
  return c;
}

typedef struct world {
  quell_network *net;
  quell_population *pre, *post;
  quell_rule *rule;
  quell_projection *p;
} world;

static void open_world(world *w, const setup *setup, uint32_t n_pre, uint32_t n_post) {
  memset(w, 0, sizeof *w);
  w->net = open_network(setup);
  OK(quell_population_create(w->net, "pre", "poisson", n_pre, NULL, 0, &w->pre));
  OK(quell_population_create(w->net, "post", "lif_curr_exp", n_post, NULL, 0, &w->post));
}

static void make_plastic(world *w, double w_max) {
  const quell_value bound = {"w_max", w_max};
  OK(quell_rule_create(w->net, "stdp_pair", &bound, 1, &w->rule));
}

static quell_status join(world *w, const quell_connection *c) {
  return quell_connect(w->net, w->pre, w->post, "excitatory", c, w->rule, &w->p);
}

/* Everything that can be read of a projection. */
static uint64_t digest_projection(const quell_projection *p) {
  static const char *const quantities[] = {"weight", "delay", "delay_axonal", "delay_dendritic"};
  uint64_t n = quell_projection_size(p), hash = digest(DIGEST, &n, sizeof n);
  uint32_t *neurons = must_alloc(n, sizeof *neurons);
  float *values = must_alloc(n, sizeof *values);
  OK(quell_projection_endpoints(p, 0, n, neurons, NULL));
  hash = digest(hash, neurons, n * sizeof *neurons);
  OK(quell_projection_endpoints(p, 0, n, NULL, neurons));
  hash = digest(hash, neurons, n * sizeof *neurons);
  for (size_t i = 0; i < COUNT(quantities); i++) {
    OK(quell_projection_get(p, quantities[i], 0, n, values));
    hash = digest(hash, values, n * sizeof *values);
  }
  free(values);
  free(neurons);
  return hash;
}

/* In how many ways a network is built that must be one and the same. */
static const uint32_t tile_sizes[] = {64, 256, 4096, 65536};
static const quell_executor *const executors[] = {NULL, &executor_backwards, &executor_shuffled,
                                                  &executor_threads};

/* The same whatever the tiles are and who builds them; returns what it is. */
static uint64_t check_same(const quell_connection *c, int plastic, const char *what) {
  uint64_t want = 0;
  for (size_t t = 0; t < COUNT(tile_sizes); t++)
    for (size_t e = 0; e < COUNT(executors); e++) {
      const setup setup = {.tile_size = tile_sizes[t], .executor = executors[e], .seed = 9};
      world w;
      open_world(&w, &setup, PRE, POST);
      if (plastic) make_plastic(&w, 10);
      OK(join(&w, c));
      uint64_t got = digest_projection(w.p);
      if (t == 0 && e == 0) want = got;
      if (got != want) fail_msg("%s: another network with %s", what, setup_name(&setup));
      quell_network_destroy(&w.net);
    }
  return want;
}

static void each_kind_is_the_same_for_all_tiles_and_threads(void **state) {
  static const struct {
    int32_t kind;
    uint32_t flags;
    const char *name;
  } kinds[] = {{QUELL_FIXED_PROBABILITY, 0, "probability"},
               {QUELL_FIXED_IN_DEGREE, 0, "in-degree"},
               {QUELL_FIXED_IN_DEGREE, QUELL_NO_MULTAPSES, "distinct in-degree"},
               {QUELL_FIXED_TOTAL, 0, "total"},
               {QUELL_FIXED_TOTAL, QUELL_NO_MULTAPSES, "distinct total"}};
  uint64_t seen[COUNT(kinds)];
  for (size_t i = 0; i < COUNT(kinds); i++) {
    quell_connection c = of_kind(kinds[i].kind, kinds[i].flags);
    c.weight = normal;
    c.delay = uniform;
    seen[i] = check_same(&c, 0, kinds[i].name);
    for (size_t j = 0; j < i; j++) assert_true(seen[i] != seen[j]);
  }
  (void)state;
}

static void each_quantity_is_the_same_for_all_tiles_and_threads(void **state) {
  static double numbers[11 * POST], delays[11 * POST];
  random_state random = {3};
  for (size_t i = 0; i < COUNT(numbers); i++) {
    numbers[i] = random_below(&random, 1000);
    delays[i] = 0.1 * (1 + random_below(&random, 20));
  }
  quell_connection c = of_kind(QUELL_FIXED_IN_DEGREE, 0);
  check_same(&c, 0, "one weight, no delay");
  c.weight = clipped;
  check_same(&c, 0, "clipped weights");
  check_same(&c, 1, "plastic clipped weights");
  c.delay = wide;
  check_same(&c, 0, "delays of two bytes");
  c.weight = array(numbers, COUNT(numbers));
  c.delay = array(delays, COUNT(delays));
  check_same(&c, 0, "arrays by number");
  c.delay = (quell_distribution)QUELL_DISTRIBUTION_INIT;
  c.weight = (quell_distribution)QUELL_DISTRIBUTION_INIT;
  c.delay_axonal = few;
  c.delay_dendritic = uniform;
  check_same(&c, 0, "axonal and dendritic delays");
  c.weight = normal;
  check_same(&c, 1, "axonal and dendritic delays, plastic");
  (void)state;
}

/* More pairs than are held at a time, on some neurons more than that alone. */
static void lists_are_the_same_for_all_tiles_and_threads(void **state) {
  static uint32_t pre[PAIRS], post[PAIRS];
  static double numbers[PAIRS], delays[PAIRS];
  random_state random = {4};
  for (size_t i = 0; i < PAIRS; i++) {
    pre[i] = random_below(&random, PRE);
    post[i] = i % 3 ? random_below(&random, POST) : 77 + 1000 * random_below(&random, 3);
    numbers[i] = (double)i;
    delays[i] = 0.1 * (1 + random_below(&random, 20));
  }
  quell_connection c = of_kind(QUELL_LIST, 0);
  c.pre = pre;
  c.post = post;
  c.n = PAIRS;
  check_same(&c, 0, "list");
  c.weight = normal;
  c.delay_axonal = few;
  check_same(&c, 0, "list with drawn values");
  c.weight = array(numbers, PAIRS);
  c.delay_axonal = array(delays, PAIRS);
  check_same(&c, 0, "list with axonal delays");
  c.delay_axonal = (quell_distribution)QUELL_DISTRIBUTION_INIT;
  c.delay = array(delays, PAIRS);
  check_same(&c, 0, "list with arrays");
  world w;
  open_world(&w, &(setup){.tile_size = 256}, PRE, POST);
  OK(join(&w, &c));
  for (uint64_t i = 0; i < PAIRS; i += 7) {
    uint32_t at_pre, at_post;
    float weight, delay;
    OK(quell_projection_endpoints(w.p, i, 1, &at_pre, &at_post));
    OK(quell_projection_get(w.p, "weight", i, 1, &weight));
    OK(quell_projection_get(w.p, "delay", i, 1, &delay));
    size_t place = (size_t)weight;
    assert_true(pre[place] == at_pre && post[place] == at_post);
    assert_true(fabs((double)delay - delays[place]) < 1e-5);
  }
  quell_network_destroy(&w.net);
  (void)state;
}

static void arrays_go_by_the_synapses_numbers(void **state) {
  static double numbers[11 * POST], delays[11 * POST];
  static float weight[11 * POST], delay[11 * POST];
  for (size_t i = 0; i < COUNT(numbers); i++) {
    numbers[i] = (double)i;
    delays[i] = 0.1 * (double)(3 + i % 300);
  }
  quell_connection c = of_kind(QUELL_FIXED_IN_DEGREE, 0);
  c.weight = array(numbers, COUNT(numbers));
  c.delay = array(delays, COUNT(delays));
  world w;
  open_world(&w, &(setup){.tile_size = 1024}, PRE, POST);
  OK(join(&w, &c));
  OK(quell_projection_get(w.p, "weight", 0, COUNT(weight), weight));
  OK(quell_projection_get(w.p, "delay", 0, COUNT(delay), delay));
  for (size_t i = 0; i < COUNT(numbers); i++)
    assert_true(weight[i] == (float)i && fabs((double)delay[i] - delays[i]) < 1e-4);
  quell_network_destroy(&w.net);
  (void)state;
}

/* A neuron with more synapses than are drawn at a time gets new numbers for the rest. */
static void long_rows_do_not_repeat(void **state) {
  enum { N = 5000 };
  static float weight[N], delay[N];
  quell_connection c = of_kind(QUELL_ALL_TO_ALL, 0);
  c.weight = (quell_distribution){QUELL_UNIFORM, 0, 1, 2, 0, 0, NULL, 0};
  c.delay = wide;
  world w;
  open_world(&w, &(setup){.seed = 1}, N, 1);
  OK(join(&w, &c));
  OK(quell_projection_get(w.p, "weight", 0, N, weight));
  OK(quell_projection_get(w.p, "delay", 0, N, delay));
  for (uint32_t lag = 1; lag < N / 2; lag++) {
    uint32_t same_weights = 0, same_delays = 0;
    for (uint32_t i = lag; i < N; i++) {
      same_weights += weight[i] == weight[i - lag];
      same_delays += delay[i] == delay[i - lag];
    }
    assert_true(same_weights < 20 && same_delays < 60); /* about 8 of 600 delays */
  }
  quell_network_destroy(&w.net);
  (void)state;
}

/* The sentence is that of the lowest post neuron, whoever comes first. */
static void refusals_are_the_same_for_all_tiles_and_threads(void **state) {
  static double numbers[11 * POST];
  quell_connection cases[5];
  for (size_t i = 0; i < COUNT(cases); i++) cases[i] = of_kind(QUELL_FIXED_IN_DEGREE, 0);
  for (size_t i = 0; i < COUNT(numbers); i++) numbers[i] = i % 13701 ? 1 : 2 + (double)i;
  cases[0].weight = (quell_distribution){QUELL_NORMAL, 0, 3.8, 1, 0, 0, NULL, 0};
  cases[1].weight = (quell_distribution){QUELL_NORMAL, QUELL_CLIP, 1, 0.14, 0, 9, NULL, 0};
  cases[2].weight = array(numbers, COUNT(numbers));
  cases[3].delay = (quell_distribution){QUELL_LOGNORMAL, 0, 4, 1.27, 0, 0, NULL, 0};
  cases[4].weight = normal;
  cases[4].delay_axonal = (quell_distribution){QUELL_NORMAL, 0, 3.8, 1, 0, 0, NULL, 0};
  for (size_t i = 0; i < COUNT(cases); i++) {
    char want[512] = "";
    for (size_t t = 0; t < COUNT(tile_sizes); t++)
      for (size_t e = 0; e < COUNT(executors); e++) {
        const setup setup = {.tile_size = tile_sizes[t], .executor = executors[e], .seed = 9};
        world w;
        open_world(&w, &setup, PRE, POST);
        if (i == 1 || i == 2) make_plastic(&w, 1.5);
        GIVES(QUELL_E_RANGE, join(&w, &cases[i]));
        if (!*want) strcpy(want, quell_network_error(w.net));
        assert_string_equal(quell_network_error(w.net), want);
        quell_network_destroy(&w.net);
      }
  }
  world w; /* nobody gave the weight, but it must keep to the bounds like any other */
  quell_connection c = of_kind(QUELL_ALL_TO_ALL, 0);
  open_world(&w, &(setup){0}, 3, 3);
  make_plastic(&w, 0.5);
  GIVES(QUELL_E_RANGE, join(&w, &c));
  assert_non_null(strstr(quell_network_error(w.net), "synapse 0 → 0 must be in [0, 0.5]"));
  assert_non_null(strstr(quell_network_error(w.net), "got 1"));
  quell_network_destroy(&w.net);
  (void)state;
}

/* Of all that building takes at any time, at most 30 % are gone when it is done. */
static void check_peak(const quell_connection *c, uint32_t tile_size, int plastic,
                       const char *what) {
  test_allocator allocator = TEST_ALLOCATOR_INIT;
  quell_allocator hooks = test_allocator_hooks(&allocator);
  const setup setup = {.tile_size = tile_size, .executor = &executor_threads, .allocator = &hooks};
  world w;
  open_world(&w, &setup, 2000, 10000);
  if (plastic) make_plastic(&w, 10);
  uint64_t before = allocator.bytes;
  allocator.peak = before;
  OK(join(&w, c));
  uint64_t n = quell_projection_size(w.p);
  double ratio = (double)(allocator.peak - before) / (double)(allocator.bytes - before);
  if (!(n > 1900000 && ratio <= 1.3))
    fail_msg("%s, tiles of %u: %.2f times the memory of %llu synapses", what, (unsigned)tile_size,
             ratio, (unsigned long long)n);
  quell_network_destroy(&w.net);
  assert_true(allocator.live == 0 && allocator.faults == 0);
}

static void building_takes_little_memory(void **state) {
  enum { N = 2000000 };
  const uint32_t most = quick() ? 4096 : 65536;
  uint32_t *pre = must_alloc(N, sizeof *pre), *post = must_alloc(N, sizeof *post);
  double *values = must_alloc(N, sizeof *values);
  random_state random = {5};
  for (size_t i = 0; i < N; i++) {
    pre[i] = random_below(&random, 2000);
    post[i] = random_below(&random, 10000);
    values[i] = 1 + i % 10;
  }
  for (int32_t kind = QUELL_ALL_TO_ALL; kind <= QUELL_LIST; kind++)
    for (uint32_t flags = 0; flags <= QUELL_NO_MULTAPSES; flags += QUELL_NO_MULTAPSES)
      for (uint32_t tile_size = quick() ? 4096 : 256; tile_size <= most; tile_size *= 16) {
        if (kind == QUELL_ONE_TO_ONE || (kind == QUELL_LIST && flags)) continue;
        quell_connection c = of_kind(kind, flags);
        c.p = 0.1;
        c.count = kind == QUELL_FIXED_TOTAL ? N : N / 10000;
        c.pre = pre;
        c.post = post;
        c.n = N;
        check_peak(&c, tile_size, 0, "one weight");
        c.delay = uniform;
        check_peak(&c, tile_size, 1, "plastic");
        if (kind == QUELL_ALL_TO_ALL) continue;
        c.weight = normal;
        check_peak(&c, tile_size, 0, "drawn");
        if (kind == QUELL_FIXED_PROBABILITY) continue;
        c.weight = c.delay = array(values, N);
        check_peak(&c, tile_size, 0, "arrays");
      }
  free(values);
  free(post);
  free(pre);
  (void)state;
}

/* What has one weight gets many; where there is no memory for them, it keeps the one. */
static void one_weight_becomes_many(void **state) {
  for (uint64_t fail_at = 1;; fail_at++) {
    test_allocator allocator = TEST_ALLOCATOR_INIT;
    quell_allocator hooks = test_allocator_hooks(&allocator);
    world w;
    open_world(&w, &(setup){.tile_size = 64, .allocator = &hooks}, 100, 300);
    quell_connection c = of_kind(QUELL_FIXED_IN_DEGREE, 0);
    c.weight = (quell_distribution){QUELL_CONSTANT, 0, 2.5, 0, 0, 0, NULL, 0};
    c.delay = uniform;
    OK(join(&w, &c));
    assert_false(w.p->stores_weights);
    uint64_t before = digest_projection(w.p), bytes = allocator.bytes, live = allocator.live;
    allocator.fail_at = allocator.calls + fail_at;
    quell_status status = ql_store_weights(w.p);
    allocator.fail_at = 0;
    assert_int_equal(status, allocator.failures ? QUELL_E_MEMORY : QUELL_OK);
    assert_true(digest_projection(w.p) == before && allocator.live == live);
    if (allocator.failures) assert_true(allocator.bytes == bytes && !w.p->stores_weights);
    if (!allocator.failures) {
      float one = 7, weight;
      assert_true(allocator.bytes > bytes && w.p->stores_weights);
      OK(ql_store_weights(w.p));
      OK(quell_projection_set(w.p, "weight", 1234, 1, &one));
      for (uint64_t i = 1233; i < 1236; i++) {
        OK(quell_projection_get(w.p, "weight", i, 1, &weight));
        assert_true(weight == (i == 1234 ? 7.0f : 2.5f));
      }
    }
    quell_network_destroy(&w.net);
    assert_true(allocator.live == 0 && allocator.faults == 0);
    if (!allocator.failures) break;
    assert_true(fail_at < 20);
  }
  (void)state;
}

/* One weight takes no memory; neither does one delay. */
static void bytes_are_those_of_what_differs(void **state) {
  const struct {
    quell_distribution weight, delay;
    int plastic;
    double bytes;
  } cases[] = {{QUELL_DISTRIBUTION_INIT, QUELL_DISTRIBUTION_INIT, 0, 2},
               {{QUELL_CONSTANT, 0, 3, 0, 0, 0, NULL, 0}, uniform, 0, 3},
               {normal, QUELL_DISTRIBUTION_INIT, 0, 6},
               {normal, uniform, 0, 7},
               {normal, wide, 0, 8},
               {{QUELL_CONSTANT, 0, 3, 0, 0, 0, NULL, 0}, uniform, 1, 7}};
  for (size_t i = 0; i < COUNT(cases); i++) {
    world w;
    open_world(&w, &(setup){.tile_size = 4096}, 10, 4096);
    if (cases[i].plastic) make_plastic(&w, 10);
    quell_connection c = of_kind(QUELL_ALL_TO_ALL, 0);
    c.weight = cases[i].weight;
    c.delay = cases[i].delay;
    OK(join(&w, &c));
    quell_projection_info info = QUELL_PROJECTION_INFO_INIT;
    OK(quell_projection_describe(w.p, &info));
    double each = (double)info.bytes / (double)info.size;
    assert_true(each >= cases[i].bytes && each < cases[i].bytes + 0.1);
    quell_network_destroy(&w.net);
  }
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_kind_is_the_same_for_all_tiles_and_threads),
      cmocka_unit_test(each_quantity_is_the_same_for_all_tiles_and_threads),
      cmocka_unit_test(lists_are_the_same_for_all_tiles_and_threads),
      cmocka_unit_test(arrays_go_by_the_synapses_numbers),
      cmocka_unit_test(long_rows_do_not_repeat),
      cmocka_unit_test(refusals_are_the_same_for_all_tiles_and_threads),
      cmocka_unit_test(building_takes_little_memory),
      cmocka_unit_test(one_weight_becomes_many),
      cmocka_unit_test(bytes_are_those_of_what_differs),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

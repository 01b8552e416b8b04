/* What quell_network_stats() tells: events are counted, not guessed; memory is the allocator's. */
#include "support/allocator.h"
#include "support/check.h"
#include "support/setup.h"
#include <string.h>

enum { PRE = 5, POST = 70, STEPS = 200 };

static quell_stats stats_of(const quell_network *net) {
  quell_stats s = QUELL_STATS_INIT;
  OK(quell_network_stats(net, &s));
  return s;
}

static quell_projection *all_to_all(quell_network *net, quell_population *pre,
                                    quell_population *post, quell_rule *rule) {
  quell_connection c = QUELL_CONNECTION_INIT;
  quell_projection *made;
  c.kind = QUELL_ALL_TO_ALL;
  c.weight = (quell_distribution){QUELL_CONSTANT, 0, 0.5, 0, 0, 0, NULL, 0};
  c.delay = (quell_distribution){QUELL_CONSTANT, 0, 0.3, 0, 0, 0, NULL, 0};
  OK(quell_connect(net, pre, post, "inhibitory", &c, rule, &made));
  return made;
}

/* Five pre neurons fire 3, 3, 2, 2 and 2 times, all post neurons twice in between, so that the
 * first and the last visit of a row have those spikes between them. */
static void events_are_counted(void **state) {
  static const double times[] = {1, 1, 1, 1, 1, 6, 6, 11, 11, 11, 11, 11};
  static const uint32_t neurons[] = {0, 1, 2, 3, 4, 0, 1, 0, 1, 2, 3, 4};
  const uint64_t arrivals = 12 * POST;
  for (uint32_t threads = 1; threads < 4; threads++) {
    const setup setup = {.threads = threads, .tile_size = 64, .dt = 0.1};
    quell_network *net = open_network(&setup);
    quell_population *pre, *post, *other;
    quell_rule *rule;
    uint32_t all[POST];
    for (uint32_t j = 0; j < POST; j++) all[j] = j;
    OK(quell_population_create(net, "pre", "spike_source", PRE, NULL, 0, &pre));
    OK(quell_population_create(net, "post", "external", POST, NULL, 0, &post));
    OK(quell_population_create(net, "other", "lif_cond_exp", POST, NULL, 0, &other));
    OK(quell_population_set_spikes(pre, neurons, times, COUNT(times)));
    OK(quell_rule_create(net, "stdp_pair", NULL, 0, &rule));
    all_to_all(net, pre, post, rule);
    all_to_all(net, pre, other, NULL);
    for (uint64_t step = 0; step < STEPS; step++) {
      if (step == 40 || step == 80) OK(quell_population_spikes_in(post, all, POST));
      OK(quell_step(net));
    }
    quell_stats s = stats_of(net);
    assert_int_equal(s.threads, threads);
    assert_int_equal(s.steps, STEPS);
    assert_int_equal(s.tiles, 1 + 2 * 2);
    assert_int_equal(s.batch, 4);
    assert_int_equal(s.spikes, 12 + 2 * POST);
    assert_int_equal(s.synaptic_events, 2 * arrivals);
    assert_int_equal(s.plastic_events, arrivals + PRE * 2 * POST);
    quell_network_destroy(&net);
  }
  (void)state;
}

static void memory_is_that_of_the_allocator(void **state) {
  test_allocator allocator = TEST_ALLOCATOR_INIT;
  quell_allocator host = test_allocator_hooks(&allocator);
  const setup setup = {.allocator = &host};
  quell_population *p;
  quell_network *net = open_network(&setup);
  assert_int_equal(stats_of(net).bytes, allocator.bytes);
  OK(quell_population_create(net, "p", "lif_cond_exp", 1000, NULL, 0, &p));
  all_to_all(net, p, p, NULL);
  OK(quell_run(net, 10));
  quell_stats s = stats_of(net);
  assert_int_equal(s.bytes, allocator.bytes);
  assert_int_equal(s.peak_bytes, allocator.peak);
  assert_true(s.bytes > 2 * 1000 * 1000); /* targets */
  quell_network_destroy(&net);
  assert_int_equal(allocator.bytes, 0);
  (void)state;
}

static void times_are_those_of_what_was_done(void **state) {
  const setup setup = {.dt = 0.1};
  const quell_value drive = {"i_offset", 300};
  quell_population *p;
  quell_network *net = open_network(&setup);
  OK(quell_population_create(net, "p", "lif_cond_exp", 3000, &drive, 1, &p));
  all_to_all(net, p, p, NULL);
  quell_stats before = stats_of(net);
  assert_true(before.build_s > 0.0 && before.run_s == 0.0 && before.update_s == 0.0);
  OK(quell_run(net, 50));
  quell_stats s = stats_of(net);
  assert_true(s.run_s > 0.0 && s.update_s > 0.0 && s.deliver_s > 0.0);
  assert_true(s.plasticity_s == 0.0 && s.exchange_s > 0.0); /* nothing is plastic */
  quell_network_destroy(&net);
  (void)state;
}

static void malformed_calls_are_refused(void **state) {
  const setup setup = {0};
  quell_stats s = QUELL_STATS_INIT;
  quell_network *net = open_network(&setup);
  GIVES(QUELL_E_NULL, quell_network_stats(NULL, &s));
  GIVES(QUELL_E_NULL, quell_network_stats(net, NULL));
  s.struct_size = 8;
  GIVES(QUELL_E_RANGE, quell_network_stats(net, &s));
  quell_network_destroy(&net);
  (void)state;
}

static void threads_that_cannot_be_are_refused(void **state) {
  char error[128] = "";
  quell_network *net = NULL;
  quell_network_options o = QUELL_NETWORK_OPTIONS_INIT;
  o.error = error;
  o.error_size = sizeof error;
  o.threads = 257;
  GIVES(QUELL_E_RANGE, quell_network_create(&o, &net));
  assert_non_null(strstr(error, "'threads' must be in [1, 256]"));
  o.threads = 2;
  o.executor = &executor_backwards;
  GIVES(QUELL_E_RANGE, quell_network_create(&o, &net));
  assert_null(net);
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(events_are_counted),
      cmocka_unit_test(memory_is_that_of_the_allocator),
      cmocka_unit_test(times_are_those_of_what_was_done),
      cmocka_unit_test(malformed_calls_are_refused),
      cmocka_unit_test(threads_that_cannot_be_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

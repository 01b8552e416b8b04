/* Runs that end early: by the progress hook, by a request, at a step boundary, and go on to the
 * same bits. */
#define _POSIX_C_SOURCE 200809L /* nanosleep */
#include "support/check.h"
#include "support/setup.h"
#include <pthread.h>
#include <time.h>

typedef struct world {
  quell_network *net;
  quell_population *neurons;
  quell_projection *synapses;
  quell_recorder *spikes;
  int32_t stop_after; /* reports; 0: never */
  int32_t reports, request;
  uint64_t done, total;
} world;

static int32_t report(void *context, uint64_t done, uint64_t total) {
  world *w = context;
  float weight;
  assert_true(done <= total && done >= w->done && total == w->total);
  w->done = done;
  OK(quell_projection_get(w->synapses, "weight", 0, 1, &weight)); /* may read */
  if (w->request) quell_request_stop(w->net);
  return ++w->reports == w->stop_after && !w->request;
}

static void open_world(world *w) {
  const quell_progress progress = {w, report};
  const quell_value drive = {"i_offset", 130};
  quell_network_options options = QUELL_NETWORK_OPTIONS_INIT;
  quell_connection c = QUELL_CONNECTION_INIT;
  quell_rule *rule;
  *w = (world){0};
  options.progress = &progress;
  options.horizon = 256;
  OK(quell_network_create(&options, &w->net));
  OK(quell_population_create(w->net, "p", "lif_curr_exp", 70, &drive, 1, &w->neurons));
  OK(quell_rule_create(w->net, "vogels2011", NULL, 0, &rule));
  c.kind = QUELL_FIXED_PROBABILITY;
  c.p = 0.2;
  c.delay = (quell_distribution){QUELL_UNIFORM, 0, 0.8, 2, 0, 0, NULL, 0};
  OK(quell_connect(w->net, w->neurons, w->neurons, "inhibitory", &c, rule, &w->synapses));
  OK(quell_record_spikes(w->neurons, NULL, &w->spikes));
}

static uint64_t digest_world(const world *w) {
  uint64_t hash = digest_weights(digest_state(DIGEST, w->neurons, "v"), w->synapses);
  return digest_recording(hash, w->spikes, 0);
}

static uint64_t uninterrupted(uint64_t steps) {
  world w;
  open_world(&w);
  w.total = steps;
  OK(quell_run_steps(w.net, steps));
  uint64_t hash = digest_world(&w);
  quell_network_destroy(&w.net);
  return hash;
}

/* Far longer than anybody waits: only a stop ends it. */
static const uint64_t forever = (uint64_t)1 << 50;

static void check_stopped_run(world *w) {
  uint64_t stopped = quell_network_clock(w->net);
  assert_true(stopped > 0 && stopped < forever);
  uint64_t at_stop = digest_world(w);
  w->stop_after = w->request = 0;
  w->done = 0;
  w->total = 500;
  OK(quell_run_steps(w->net, 500));
  assert_int_equal(quell_network_clock(w->net), stopped + 500);
  uint64_t end = digest_world(w);
  quell_network_destroy(&w->net);
  assert_int_equal(at_stop, uninterrupted(stopped));
  assert_int_equal(end, uninterrupted(stopped + 500));
}

static void progress_hook_stops_and_the_run_goes_on_to_the_same_bits(void **state) {
  world w;
  open_world(&w);
  w.total = forever;
  w.stop_after = quick() ? 1 : 2;
  GIVES(QUELL_STOPPED, quell_run_steps(w.net, forever));
  assert_int_equal(w.reports, w.stop_after);
  check_stopped_run(&w);
  (void)state;
}

static void request_from_the_hook_stops_at_a_step(void **state) {
  world w;
  open_world(&w);
  w.total = forever;
  w.request = 1;
  GIVES(QUELL_STOPPED, quell_run_steps(w.net, forever));
  assert_int_equal(w.reports, 1);
  check_stopped_run(&w);
  (void)state;
}

static void *request_later(void *network) {
  nanosleep(&(struct timespec){0, 20000000}, NULL);
  quell_request_stop(network);
  return NULL;
}

static void request_from_another_thread_stops_at_a_step(void **state) {
  world w;
  pthread_t thread;
  open_world(&w);
  w.total = forever;
  assert_int_equal(pthread_create(&thread, NULL, request_later, w.net), 0);
  GIVES(QUELL_STOPPED, quell_run_steps(w.net, forever));
  pthread_join(thread, NULL);
  check_stopped_run(&w);
  (void)state;
}

static void request_between_runs_ends_the_next_one_before_its_first_step(void **state) {
  world w;
  open_world(&w);
  w.total = 100;
  OK(quell_run_steps(w.net, 100));
  quell_request_stop(w.net);
  quell_request_stop(w.net); /* twice is once */
  w.done = 0;
  GIVES(QUELL_STOPPED, quell_run_steps(w.net, 100));
  assert_int_equal(quell_network_clock(w.net), 100);
  w.done = 0;
  OK(quell_run_steps(w.net, 100)); /* and only that one */
  uint64_t end = digest_world(&w);
  quell_network_destroy(&w.net);
  assert_int_equal(end, uninterrupted(200));
  quell_request_stop(NULL);
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(progress_hook_stops_and_the_run_goes_on_to_the_same_bits),
      cmocka_unit_test(request_from_the_hook_stops_at_a_step),
      cmocka_unit_test(request_from_another_thread_stops_at_a_step),
      cmocka_unit_test(request_between_runs_ends_the_next_one_before_its_first_step),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

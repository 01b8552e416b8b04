/* What happens between two steps: spikes that the host hands in, courses of parameters, requests to
 * stop, and steps that have to be tried again. */
#include "support/check.h"
#include <stdlib.h>

typedef struct stage {
  quell_network *net;
  quell_population *host, *cells;
  quell_recorder *spikes;
  int calls;
} stage;

static int no_memory;

static void *alloc(void *context, size_t size, size_t align) {
  (void)context;
  return no_memory ? NULL : aligned_alloc(align, size);
}

static void release(void *context, void *pointer, size_t size) {
  (void)context, (void)size;
  free(pointer);
}

static int set_stage(void **state) {
  static const quell_allocator allocator = {NULL, alloc, release};
  quell_network_options o = QUELL_NETWORK_OPTIONS_INIT;
  stage *s = must_alloc(1, sizeof *s);
  o.allocator = &allocator;
  OK(quell_network_create(&o, &s->net));
  OK(quell_population_create(s->net, "host", "external", 400, NULL, 0, &s->host));
  OK(quell_population_create(s->net, "cells", "lif_cond_exp", 4, NULL, 0, &s->cells));
  *state = s;
  return 0;
}

static int strike_stage(void **state) {
  stage *s = *state;
  no_memory = 0;
  quell_network_destroy(&s->net);
  free(s);
  return 0;
}

static quell_recording read_spikes(const stage *s) {
  quell_recording r = QUELL_RECORDING_INIT;
  OK(quell_recorder_read(s->spikes, &r));
  return r;
}

static void hand_in(stage *s, uint32_t neuron) {
  OK(quell_population_spikes_in(s->host, &neuron, 1));
}

static void count_call(void *context) {
  stage *s = context;
  s->calls++;
}

/* Called again, the host's neurons would integrate the step twice. */
static void host_is_called_once_for_a_step_that_is_tried_again(void **state) {
  stage *s = *state;
  quell_recorder *v;
  OK(quell_population_on_step(s->host, count_call, s));
  OK(quell_run_steps(s->net, 1));
  OK(quell_record_state(s->cells, "v", NULL, &v));
  s->calls = 0;
  no_memory = 1;
  GIVES(QUELL_E_MEMORY, quell_run_steps(s->net, 1));
  no_memory = 0;
  OK(quell_run_steps(s->net, 1));
  assert_int_equal(s->calls, 1);
}

static void what_was_cleared_does_not_come_back(void **state) {
  stage *s = *state;
  OK(quell_record_spikes(s->host, NULL, &s->spikes));
  OK(quell_run_steps(s->net, 5));
  hand_in(s, 1);
  OK(quell_recorder_clear(s->spikes));
  hand_in(s, 2);
  quell_recording r = read_spikes(s);
  assert_int_equal(r.samples, 1);
  assert_true(r.ids[0] == 2 && r.stamps[0] == 5);
}

static void spikes_handed_in_before_the_recorder_are_to_come(void **state) {
  stage *s = *state;
  OK(quell_run_steps(s->net, 5));
  hand_in(s, 3);
  OK(quell_record_spikes(s->host, NULL, &s->spikes));
  hand_in(s, 1);
  OK(quell_run_steps(s->net, 2));
  quell_recording r = read_spikes(s);
  assert_int_equal(r.samples, 2);
  assert_true(r.ids[0] == 1 && r.ids[1] == 3 && r.stamps[0] == 5 && r.stamps[1] == 5);
}

static void handing_in_without_memory_changes_nothing(void **state) {
  stage *s = *state;
  uint32_t ids[100] = {0};
  const uint32_t *now;
  size_t n;
  OK(quell_record_spikes(s->host, NULL, &s->spikes));
  OK(quell_run_steps(s->net, 1));
  OK(quell_population_spikes_in(s->host, ids, COUNT(ids)));
  OK(quell_run_steps(s->net, 3));
  hand_in(s, 7);
  no_memory = 1;
  GIVES(QUELL_E_MEMORY, quell_population_spikes_in(s->host, ids, COUNT(ids)));
  no_memory = 0;
  OK(quell_population_spikes_out(s->host, &now, &n));
  assert_true(n == 1 && now[0] == 7);
  assert_int_equal(read_spikes(s).samples, 101);
  OK(quell_run_steps(s->net, 1));
}

static double rate_of(quell_population *source) {
  double rate;
  OK(quell_population_get(source, "rate", 0, 1, &rate));
  return rate;
}

static void course_holds_from_its_clock_on(void **state) {
  stage *s = *state;
  const double times[] = {0, 1}, values[] = {10, 20}, later = 3, last = 30;
  const quell_value by_hand = {"rate", 99};
  quell_population *source;
  OK(quell_population_create(s->net, "source", "poisson", 1, NULL, 0, &source));
  OK(quell_population_schedule(source, "rate", times, 2, values, 2));
  assert_true(rate_of(source) == 10);
  OK(quell_run(s->net, 1));
  assert_true(rate_of(source) == 20);
  OK(quell_population_schedule(source, "rate", &later, 1, &last, 1));
  OK(quell_run(s->net, 1));
  assert_true(rate_of(source) == 20); /* the old course was followed up to its end */
  OK(quell_population_set(source, &by_hand, 1));
  OK(quell_step(s->net));
  assert_true(rate_of(source) == 99);
  OK(quell_run(s->net, 1));
  assert_true(rate_of(source) == 30);
}

static void stop_once(void *context) {
  stage *s = context;
  if (!s->calls++) quell_request_stop(s->net);
}

static void late_request_stops_the_next_run(void **state) {
  stage *s = *state;
  OK(quell_population_on_step(s->host, stop_once, s));
  OK(quell_step(s->net)); /* the request comes within the only step */
  GIVES(QUELL_STOPPED, quell_run_steps(s->net, 3));
  assert_int_equal(quell_network_clock(s->net), 1);
  OK(quell_run_steps(s->net, 3));
  assert_int_equal(quell_network_clock(s->net), 4);
}

/* After a failed step the lists of its stamps still held spikes of a whole ring ago. */
static void failed_step_leaves_no_old_spikes(void **state) {
  stage *s = *state;
  const quell_value rate = {"rate", 3000};
  quell_population *source;
  const uint32_t *now;
  size_t n;
  quell_status status;
  OK(quell_population_create(s->net, "source", "poisson", 50, &rate, 1, &source));
  OK(quell_record_spikes(source, NULL, &s->spikes));
  OK(quell_run_steps(s->net, 4));
  no_memory = 1;
  do status = quell_step(s->net);
  while (!status);
  no_memory = 0;
  assert_int_equal(status, QUELL_E_MEMORY);
  GIVES(QUELL_E_FAILED, quell_step(s->net));
  OK(quell_population_spikes_out(source, &now, &n));
  quell_recording r = read_spikes(s);
  for (size_t i = 0; n && i + n <= r.samples; i++) {
    if (r.stamps[i] + 3 < quell_network_clock(s->net) || r.stamps[i] != r.stamps[i + n - 1])
      continue;
    size_t same = 0;
    while (same < n && now[same] == r.ids[i + same]) same++;
    assert_true(same < n);
  }
}

#define ON_STAGE(test) cmocka_unit_test_setup_teardown(test, set_stage, strike_stage)

int main(void) {
  const struct CMUnitTest tests[] = {
      ON_STAGE(host_is_called_once_for_a_step_that_is_tried_again),
      ON_STAGE(what_was_cleared_does_not_come_back),
      ON_STAGE(spikes_handed_in_before_the_recorder_are_to_come),
      ON_STAGE(handing_in_without_memory_changes_nothing),
      ON_STAGE(course_holds_from_its_clock_on),
      ON_STAGE(late_request_stops_the_next_run),
      ON_STAGE(failed_step_leaves_no_old_spikes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Options of recorders that cannot be, for each kind of recorder. */
#include "world.h"
#include <math.h>

typedef quell_status (*record_fn)(world *w, const quell_record_options *o);

static quell_status record_spikes(world *w, const quell_record_options *o) {
  return quell_record_spikes(w->exc, o, OUT(w, quell_recorder *));
}

static quell_status record_state(world *w, const quell_record_options *o) {
  return quell_record_state(w->exc, "v", o, OUT(w, quell_recorder *));
}

static quell_status record_weights(world *w, const quell_record_options *o) {
  return quell_record_weights(w->plastic, o, OUT(w, quell_recorder *));
}

static quell_status record_rate(world *w, const quell_record_options *o) {
  return quell_record_rate(w->exc, o, OUT(w, quell_recorder *));
}

static const record_fn kinds[] = {record_state, record_weights, record_rate, record_spikes};
enum { SAMPLED = 3, WITH_IDS = 2 }; /* the first three have an interval, the first two have ids */

static void intervals_are_whole_steps(void **state) {
  const double intervals[] = {NAN, INFINITY, -INFINITY, -2, 0.05, 0.15, 1e-9, 1e300, 1e8 + 0.05};
  world *w = world_open();
  for (size_t k = 0; k < SAMPLED; k++) {
    for (size_t i = 0; i < COUNT(intervals); i++) {
      quell_record_options o = QUELL_RECORD_OPTIONS_INIT;
      o.interval = intervals[i];
      REFUSED(w, QUELL_E_RANGE, kinds[k](w, &o), "'interval'", "0.1", "got");
    }
  }
  world_close(w);
  (void)state;
}

static void times_are_numbers_and_in_order(void **state) {
  const double starts[] = {NAN, INFINITY, -INFINITY, -1, 1e300};
  const struct {
    double start, stop;
  } spans[] = {{5, 5}, {5, 4}, {5, -1}, {5, NAN}, {0, NAN}, {0, -1}, {0, -INFINITY}};
  world *w = world_open();
  for (size_t k = 0; k < COUNT(kinds); k++) {
    for (size_t i = 0; i < COUNT(starts); i++) {
      quell_record_options o = QUELL_RECORD_OPTIONS_INIT;
      o.start = starts[i];
      REFUSED(w, QUELL_E_RANGE, kinds[k](w, &o), "'start'", "0", "got");
    }
    for (size_t i = 0; i < COUNT(spans); i++) {
      quell_record_options o = QUELL_RECORD_OPTIONS_INIT;
      o.start = spans[i].start;
      o.stop = spans[i].stop;
      REFUSED(w, QUELL_E_RANGE, kinds[k](w, &o), "'stop'", "got");
    }
  }
  world_close(w);
  (void)state;
}

static void ids_ascend_and_exist(void **state) {
  const uint64_t past[] = {0, 240}, far[] = {0, UINT64_MAX}, back[] = {3, 2}, twice[] = {3, 3};
  const struct {
    const uint64_t *ids;
    const char *word;
  } cases[] = {{past, "240"}, {far, "18446744073709551615"}, {back, "id 1"}, {twice, "id 1"}};
  world *w = world_open();
  for (size_t k = 0; k < COUNT(kinds); k++) {
    if (kinds[k] == record_rate) continue;
    for (size_t i = 0; i < COUNT(cases); i++) {
      quell_record_options o = QUELL_RECORD_OPTIONS_INIT;
      o.ids = cases[i].ids;
      o.n = 2;
      REFUSED(w, QUELL_E_LENGTH, kinds[k](w, &o), "id 1", cases[i].word);
    }
  }
  world_close(w);
  (void)state;
}

/* "Not for rates", "Not for spikes": what would be passed over is refused. */
static void options_that_a_kind_does_not_have_are_refused(void **state) {
  const uint64_t ids[] = {1, 2};
  quell_record_options o = QUELL_RECORD_OPTIONS_INIT;
  world *w = world_open();
  o.ids = ids;
  o.n = 2;
  REFUSED(w, QUELL_E_UNSUPPORTED, record_rate(w, &o), "ids");
  o = (quell_record_options)QUELL_RECORD_OPTIONS_INIT;
  o.interval = 2;
  REFUSED(w, QUELL_E_UNSUPPORTED, record_spikes(w, &o), "interval");
  world_close(w);
  (void)state;
}

/* The rate of their spikes would always be 0. */
static void the_rate_of_rate_units_is_a_state(void **state) {
  const setup setup = {0};
  quell_network *net = open_network(&setup);
  quell_population *units;
  quell_recorder *recorder = NULL;
  OK(quell_population_create(net, "units", "rate", 3, NULL, 0, &units));
  GIVES(QUELL_E_UNSUPPORTED, quell_record_rate(units, NULL, &recorder));
  assert_non_null(strstr(quell_network_error(net), "'units'"));
  assert_null(recorder);
  OK(quell_record_state(units, "rate", NULL, &recorder));
  quell_network_destroy(&net);
  (void)state;
}

static void no_ids_record_nothing_and_all_options_may_be_extreme(void **state) {
  const uint64_t ids[] = {0};
  world *w = world_open();
  for (size_t k = 0; k < COUNT(kinds); k++) {
    quell_record_options o = QUELL_RECORD_OPTIONS_INIT;
    o.start = 1e13;
    o.stop = 8e14;
    if (kinds[k] != record_spikes) o.interval = 8e14;
    OK(kinds[k](w, &o));
  }
  quell_record_options none = QUELL_RECORD_OPTIONS_INIT;
  none.ids = ids;
  OK(record_spikes(w, &none));
  for (size_t k = 0; k < WITH_IDS; k++) {
    quell_recording recording = QUELL_RECORDING_INIT;
    OK(kinds[k](w, &none));
    world_run(w, 10);
    OK(quell_recorder_read(*OUT(w, quell_recorder *), &recording));
    assert_int_equal(recording.width, 0);
  }
  world_discard(w);
  (void)state;
}

static void a_recorder_can_be_taken_away_once(void **state) {
  world *w = world_open();
  quell_recorder *extra = NULL;
  OK(quell_record_spikes(w->exc, NULL, &extra));
  quell_recorder_destroy(&extra);
  assert_null(extra);
  quell_recorder_destroy(&extra);
  world_close(w);
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(intervals_are_whole_steps),
      cmocka_unit_test(times_are_numbers_and_in_order),
      cmocka_unit_test(ids_ascend_and_exist),
      cmocka_unit_test(options_that_a_kind_does_not_have_are_refused),
      cmocka_unit_test(the_rate_of_rate_units_is_a_state),
      cmocka_unit_test(no_ids_record_nothing_and_all_options_may_be_extreme),
      cmocka_unit_test(a_recorder_can_be_taken_away_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Numbers that cannot be: not a number, infinite, negative, too small, too large. The sentence
 * names the culprit, what is allowed and what came. */
#include "world.h"
#include <math.h>
#include <stdio.h>

static const double not_numbers[] = {NAN, INFINITY, -INFINITY};

/* A network of these options is refused, with these words. */
static void refuse_options(quell_network_options o, const char *const *words) {
  char error[256] = "", before[8] = "before";
  quell_network *network = (quell_network *)(void *)before;
  o.error = error;
  o.error_size = sizeof error;
  GIVES(QUELL_E_RANGE, quell_network_create(&o, &network));
  assert_ptr_equal(network, before);
  for (; *words; words++)
    if (!strstr(error, *words)) fail_msg("\"%s\" lacks \"%s\"", error, *words);
  o.error_size = 8; /* cut, and ended */
  memset(error, 'x', sizeof error);
  GIVES(QUELL_E_RANGE, quell_network_create(&o, &network));
  assert_int_equal(strlen(error), 7);
  o.error = NULL;
  GIVES(QUELL_E_RANGE, quell_network_create(&o, &network));
}

#define REFUSE_OPTION(member, value, ...)                                                          \
  do {                                                                                             \
    quell_network_options options_ = QUELL_NETWORK_OPTIONS_INIT;                                   \
    options_.member = (value);                                                                     \
    refuse_options(options_, (const char *const[]){"'" #member "'", __VA_ARGS__, NULL});           \
  } while (0)

static void options_outside_their_ranges_are_refused(void **state) {
  const double dts[] = {NAN, INFINITY, -INFINITY, -0.1, 0.000999, 10.001, 1e300, 5e-324};
  const uint32_t tiles[] = {1, 63, 65, 65535, 65600, UINT32_MAX, UINT32_MAX - 63};
  const uint32_t horizons[] = {1, 32, 63, 100, (1u << 24) + 1, 1u << 25, 1u << 31, UINT32_MAX};
  const uint32_t blocks[] = {1, 8, 15, 17, 136, 144, UINT32_MAX, UINT32_MAX - 15};
  const uint64_t starts[] = {(uint64_t)1 << 53, UINT64_MAX};
  for (size_t i = 0; i < COUNT(dts); i++) REFUSE_OPTION(dt, dts[i], "0.001", "10");
  for (size_t i = 0; i < COUNT(tiles); i++) REFUSE_OPTION(tile_size, tiles[i], "64", "65536");
  for (size_t i = 0; i < COUNT(horizons); i++)
    REFUSE_OPTION(horizon, horizons[i], "power of two", "64", "16777216");
  for (size_t i = 0; i < COUNT(blocks); i++) REFUSE_OPTION(block_size, blocks[i], "16", "128");
  for (size_t i = 0; i < COUNT(starts); i++) REFUSE_OPTION(start, starts[i], "2^53");
  (void)state;
}

static void the_largest_options_are_accepted(void **state) {
  quell_network_options o = QUELL_NETWORK_OPTIONS_INIT;
  quell_network *network;
  o.dt = 10;
  o.tile_size = 65536;
  o.horizon = 1u << 24;
  o.start = ((uint64_t)1 << 53) - 2;
  o.seed = UINT64_MAX;
  OK(quell_network_create(&o, &network));
  OK(quell_step(network));
  GIVES(QUELL_E_RANGE, quell_step(network)); /* the clock would reach 2^53 */
  assert_non_null(strstr(quell_network_error(network), "2^53"));
  assert_int_equal(quell_network_clock(network), o.start + 1);
  quell_network_destroy(&network);
  (void)state;
}

static void runs_that_cannot_be_are_refused(void **state) {
  const double durations[] = {NAN, INFINITY, -INFINITY, -0.1, -1e-3, 0.05, 0.14, 1e300, 1e15};
  const uint64_t steps[] = {(uint64_t)1 << 53, UINT64_MAX, UINT64_MAX - 1};
  world *w = world_open();
  for (int after = 0; after < 2; after++) {
    for (size_t i = 0; i < COUNT(durations); i++)
      REFUSED(w, QUELL_E_RANGE, quell_run(w->net, durations[i]), "duration", "multiple of dt",
              "0.1");
    for (size_t i = 0; i < COUNT(steps); i++)
      REFUSED(w, QUELL_E_RANGE, quell_run_steps(w->net, steps[i]), "2^53");
    if (!after) world_run(w, 10);
  }
  world_close(w);
  (void)state;
}

/* However long it is: half a step off is off. The request ends the run if it does begin. */
static void long_durations_must_be_on_the_grid_too(void **state) {
  quell_network *network;
  OK(quell_network_create(NULL, &network));
  quell_request_stop(network);
  GIVES(QUELL_E_RANGE, quell_run(network, 1e8 + 0.05));
  GIVES(QUELL_STOPPED, quell_run(network, 1e8 + 0.1));
  quell_network_destroy(&network);
  (void)state;
}

static void learning_is_0_or_1(void **state) {
  const int32_t on[] = {-1, 2, INT32_MAX, INT32_MIN};
  world *w = world_open();
  for (size_t i = 0; i < COUNT(on); i++) {
    REFUSED(w, QUELL_E_RANGE, quell_network_learning(w->net, on[i]), "0 or 1");
    REFUSED(w, QUELL_E_RANGE, quell_projection_learning(w->plastic, on[i]), "0 or 1");
  }
  REFUSED(w, QUELL_E_UNSUPPORTED, quell_projection_learning(w->still, 1), "rule");
  world_close(w);
  (void)state;
}

static void population_sizes_are_in_range(void **state) {
  const uint32_t sizes[] = {0, (1u << 30) + 1, UINT32_MAX};
  world *w = world_open();
  quell_population **out = OUT(w, quell_population *);
  for (size_t i = 0; i < COUNT(sizes); i++)
    REFUSED(w, QUELL_E_RANGE,
            quell_population_create(w->net, "p", "poisson", sizes[i], NULL, 0, out), "'p'", "size",
            "[1, 1073741824]");
  REFUSED(w, QUELL_E_MEMORY,
          quell_population_create(w->net, "p", "poisson", 1u << 30, NULL, 0, out), "memory");
  world_close(w);
  (void)state;
}

typedef struct bad_value {
  const char *name;
  double value;
  const char *range; /* what the sentence says of it */
} bad_value;

static const bad_value bad_params[] = {
    {"tau_m", 0, "(0, 1e+09]"},
    {"tau_m", -1, "(0, 1e+09]"},
    {"tau_m", NAN, "(0, 1e+09]"},
    {"tau_m", INFINITY, "(0, 1e+09]"},
    {"cm", 0, "(0, 1e+09]"},
    {"cm", -INFINITY, "(0, 1e+09]"},
    {"v_rest", NAN, "[-1e+06, 1e+06]"},
    {"v_rest", INFINITY, "[-1e+06, 1e+06]"},
    {"v_reset", -2e6, "-1e+06"},
    {"v_thresh", NAN, "-1e+06"},
    {"v_thresh", -INFINITY, "-1e+06"},
    {"tau_refrac", -0.1, "[0, 1e+09]"},
    {"tau_syn_E", 0, "(0, 1e+09]"},
    {"tau_syn_I", -5, "(0, 1e+09]"},
    {"i_offset", NAN, "[-1e+09, "},
    {"i_offset", 1e300, "[-1e+09, "},
    {"theta_jump", -1, "[0, 1e+06]"},
    {"tau_theta", NAN, "0"},
    {"tau_theta", -1, "0"},
};

static void parameters_outside_their_ranges_are_refused(void **state) {
  world *w = world_open();
  for (size_t i = 0; i < COUNT(bad_params); i++) {
    const bad_value *bad = &bad_params[i];
    const quell_value values[] = {{"theta_jump", 0.5}, {bad->name, bad->value}};
    size_t from = !strcmp(bad->name, "theta_jump");
    char got[40];
    snprintf(got, sizeof got, "got %g", bad->value);
    REFUSED(w, QUELL_E_RANGE, quell_population_set(w->exc, values + from, 2 - from), "'exc'",
            bad->name, bad->range, got);
    REFUSED(w, QUELL_E_RANGE,
            quell_population_create(w->net, "p", "lif_curr_exp", 5, values + from, 2 - from,
                                    OUT(w, quell_population *)),
            "'p'", bad->name, bad->range, got);
  }
  world_close(w);
  (void)state;
}

static void parameters_that_do_not_fit_together_are_refused(void **state) {
  const quell_value jump[] = {{"theta_jump", 1}, {"tau_theta", 0}};
  const quell_value small = {"cm", 1e-6}, held = {"tau_refrac", 1e9};
  world *w = world_open();
  REFUSED(w, QUELL_E_RANGE, quell_population_set(w->exc, jump, 2), "'exc'", "theta_jump",
          "tau_theta");
  REFUSED(w, QUELL_E_RANGE, quell_population_set(w->inh, &small, 1), "'inh'", "cm");
  REFUSED(w, QUELL_E_RANGE, quell_population_set(w->inh, &held, 1), "'inh'", "tau_refrac");
  world_close(w);
  (void)state;
}

static void values_of_single_neurons_are_checked_one_by_one(void **state) {
  double values[EXC];
  const struct {
    const char *name;
    double good, bad;
  } cases[] = {{"v", -60, NAN},        {"v", -60, 2e6},        {"g_exc", 1, -1},
               {"g_inh", 1, INFINITY}, {"theta", 0, -2e6},     {"refractory", 1, -1},
               {"refractory", 1, 0.5}, {"refractory", 1, 3e9}, {"refractory", 1, NAN},
               {"v_thresh", -50, NAN}, {"i_offset", 0, -2e9}};
  world *w = world_open();
  for (size_t i = 0; i < COUNT(cases); i++) {
    for (size_t j = 0; j < EXC; j++) values[j] = j == 17 ? cases[i].bad : cases[i].good;
    REFUSED(w, QUELL_E_RANGE, quell_population_set_array(w->exc, cases[i].name, 0, EXC, values),
            "'exc'", "17", cases[i].name, "must be", "got");
  }
  world_close(w);
  (void)state;
}

static void backgrounds_outside_their_ranges_are_refused(void **state) {
  const double rates[] = {NAN, INFINITY, -1, 640001, 1e300}, weights[] = {NAN, INFINITY, -1, 1e31};
  world *w = world_open();
  for (size_t i = 0; i < COUNT(rates); i++)
    REFUSED(w, QUELL_E_RANGE, quell_population_background(w->exc, "excitatory", rates[i], 1),
            "'exc'", "rate", "[0, 640000]", "got");
  for (size_t i = 0; i < COUNT(weights); i++) {
    REFUSED(w, QUELL_E_RANGE, quell_population_background(w->exc, "excitatory", 9, weights[i]),
            "'exc'", "weight", "[0, 1e+09]", "got");
    REFUSED(w, QUELL_E_RANGE, quell_population_background(w->exc, "inhibitory", 0, weights[i]),
            "'exc'", "weight");
  }
  world_close(w);
  (void)state;
}

static void courses_with_impossible_times_or_values_are_refused(void **state) {
  const double past[] = {0.5, 3}, back[] = {9, 8}, good[] = {8, 9};
  const double rate[] = {5, -1}, many[] = {5, 2e5}, fine[] = {1, 2};
  world *w = world_open();
  world_run(w, 10);
  REFUSED(w, QUELL_E_RANGE, quell_population_schedule(w->noise, "rate", past, 2, fine, 2),
          "'noise'", "time 0", "1 ms", "0.5");
  REFUSED(w, QUELL_E_RANGE, quell_population_schedule(w->noise, "rate", back, 2, fine, 2),
          "'noise'", "time 1");
  for (size_t i = 0; i < COUNT(not_numbers); i++) {
    const double times[] = {8, not_numbers[i]}, values[] = {8, not_numbers[i]};
    REFUSED(w, QUELL_E_RANGE, quell_population_schedule(w->noise, "rate", times, 2, fine, 2),
            "'noise'", "time 1", "got");
    REFUSED(w, QUELL_E_RANGE, quell_population_schedule(w->noise, "rate", good, 2, values, 2),
            "'noise'", "value 1", "'rate'", "[0, 100000]", "got");
  }
  REFUSED(w, QUELL_E_RANGE, quell_population_schedule(w->noise, "rate", good, 2, rate, 2),
          "value 1", "-1");
  REFUSED(w, QUELL_E_RANGE, quell_population_schedule(w->noise, "rate", good, 2, many, 2),
          "value 1", "200000");
  world_close(w);
  (void)state;
}

static void spikes_before_the_clock_are_refused(void **state) {
  const uint32_t neurons[] = {1, 2};
  const double bad[] = {NAN, INFINITY, -INFINITY, -1, 1e300, 0.9, 1};
  world *w = world_open();
  world_run(w, 10);
  for (size_t i = 0; i < COUNT(bad); i++) {
    const double times[] = {20, bad[i]};
    REFUSED(w, QUELL_E_RANGE, quell_population_set_spikes(w->source, neurons, times, 2), "'source'",
            "spike 1", "1.1 ms", "got");
  }
  world_close(w);
  (void)state;
}

static int all_are_numbers(const quell_population *population) {
  double v[EXC];
  uint32_t n = quell_population_size(population);
  OK(quell_population_get(population, "v", 0, n, v));
  for (uint32_t j = 0; j < n; j++)
    if (!isfinite(v[j])) return 0;
  return 1;
}

/* Time constants far below a step: refused, or the potential remains a number. */
static void check_tiny(int currents, double tiny) {
  static const char *const names[] = {"tau_m", "tau_syn_E", "tau_syn_I", "tau_theta"};
  quell_value values[COUNT(names)];
  world *w = world_open();
  quell_population *population = currents ? w->inh : w->exc;
  for (size_t i = 0; i < COUNT(names); i++) values[i] = (quell_value){names[i], tiny};
  quell_status status = quell_population_set(population, values, COUNT(names));
  HOLDS(w, status == QUELL_OK || status == QUELL_E_RANGE);
  world_run(w, 5);
  if (!all_are_numbers(population)) {
    print_error("%s of %g ms make v no number\n", quell_population_model(population), tiny);
    w->broken++;
  }
  world_discard(w);
}

static void extreme_time_constants_leave_the_potential_a_number(void **state) {
  static const double tiny[] = {5e-324, 1e-310, 1e-300, 1e-30, 1e-6};
  for (size_t i = 0; i < COUNT(tiny); i++) {
    check_tiny(0, tiny[i]);
    check_tiny(1, tiny[i]);
  }
  (void)state;
}

static void large_weights_leave_the_potential_a_number(void **state) {
  const double weights[] = {1e9, 1e20, 1e25, 1e30, 3e38};
  for (size_t i = 0; i < COUNT(weights); i++) {
    world *w = world_open();
    quell_connection c = QUELL_CONNECTION_INIT;
    quell_projection *large;
    c.kind = QUELL_ALL_TO_ALL;
    c.weight = (quell_distribution){QUELL_CONSTANT, 0, weights[i], 0, 0, 0, NULL, 0};
    quell_status status = quell_connect(w->net, w->source, w->exc, "excitatory", &c, NULL, &large);
    HOLDS(w, status == QUELL_OK || status == QUELL_E_RANGE);
    world_run(w, 100);
    if (!all_are_numbers(w->exc)) {
      print_error("a weight of %g nS makes v no number\n", weights[i]);
      w->broken++;
    }
    world_discard(w);
  }
  (void)state;
}

static void statuses_have_names(void **state) {
  for (quell_status status = QUELL_E_FAILED; status <= QUELL_STOPPED; status++)
    assert_memory_equal(quell_status_string(status), "QUELL_", 6);
  assert_string_equal(quell_status_string(QUELL_STOPPED + 1), "unknown status");
  assert_string_equal(quell_status_string(QUELL_E_FAILED - 1), "unknown status");
  assert_string_equal(quell_status_string(INT32_MIN), "unknown status");
  assert_string_equal(quell_status_string(INT32_MAX), "unknown status");
  assert_true(strlen(quell_version()) >= 5);
  (void)state;
}

/* The functions for rules: the ends of their ranges. */
static void vector_mathematics_holds_at_its_ends(void **state) {
  assert_true(quell_expf(-INFINITY) == quell_expf(-87.0f) && quell_expf(-87.0f) > 0.0f);
  assert_true(quell_expf(INFINITY) == quell_expf(88.0f) && isfinite(quell_expf(88.0f)));
  assert_true(isfinite(quell_logf(1.17549435e-38f)) && isfinite(quell_logf(3.4e38f)));
  assert_true(quell_powf(0.0f, 0.0f) == 0.0f && quell_powf(-1.0f, 2.0f) == 0.0f);
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(options_outside_their_ranges_are_refused),
      cmocka_unit_test(the_largest_options_are_accepted),
      cmocka_unit_test(runs_that_cannot_be_are_refused),
      cmocka_unit_test(long_durations_must_be_on_the_grid_too),
      cmocka_unit_test(learning_is_0_or_1),
      cmocka_unit_test(population_sizes_are_in_range),
      cmocka_unit_test(parameters_outside_their_ranges_are_refused),
      cmocka_unit_test(parameters_that_do_not_fit_together_are_refused),
      cmocka_unit_test(values_of_single_neurons_are_checked_one_by_one),
      cmocka_unit_test(backgrounds_outside_their_ranges_are_refused),
      cmocka_unit_test(courses_with_impossible_times_or_values_are_refused),
      cmocka_unit_test(spikes_before_the_clock_are_refused),
      cmocka_unit_test(extreme_time_constants_leave_the_potential_a_number),
      cmocka_unit_test(large_weights_leave_the_potential_a_number),
      cmocka_unit_test(statuses_have_names),
      cmocka_unit_test(vector_mathematics_holds_at_its_ends),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

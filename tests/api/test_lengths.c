/* Lengths and indices: past the end, of the wrong array, so large that products overflow, and so
 * large that no array has them. */
#include "world.h"
#include <math.h>

static quell_status join(world *w, quell_connection c) {
  return quell_connect(w->net, w->inh, w->exc, "inhibitory", &c, NULL, OUT(w, quell_projection *));
}

static quell_connection of_kind(int32_t kind) {
  quell_connection c = QUELL_CONNECTION_INIT;
  c.kind = kind;
  return c;
}

static void slices_of_populations_end_with_it(void **state) {
  static const struct {
    uint32_t first, n;
  } cases[] = {{0, EXC + 1},    {EXC, 1},        {EXC + 1, 0},
               {1, EXC},        {UINT32_MAX, 2}, {2, UINT32_MAX},
               {UINT32_MAX, 0}, {0, UINT32_MAX}, {UINT32_MAX, UINT32_MAX}};
  double values[EXC + 1] = {0};
  world *w = world_open();
  for (size_t i = 0; i < COUNT(cases); i++) {
    uint32_t first = cases[i].first, n = cases[i].n;
    REFUSED(w, QUELL_E_LENGTH, quell_population_get(w->exc, "v", first, n, OUT(w, double)), "'exc'",
            "30");
    REFUSED(w, QUELL_E_LENGTH, quell_population_get(w->exc, "cm", first, n, OUT(w, double)),
            "'exc'", "30");
    REFUSED(w, QUELL_E_LENGTH, quell_population_set_array(w->exc, "v", first, n, values), "'exc'",
            "30");
  }
  world_close(w);
  (void)state;
}

static void slices_of_projections_end_with_it(void **state) {
  enum { SIZE = NOISE * EXC };
  static const struct {
    uint64_t first, n;
  } cases[] = {{0, SIZE + 1},
               {SIZE, 1},
               {SIZE + 1, 0},
               {1, SIZE},
               {UINT64_MAX, 2},
               {2, UINT64_MAX},
               {UINT64_MAX, 0},
               {0, UINT64_MAX},
               {UINT64_MAX, UINT64_MAX},
               {(uint64_t)1 << 32, 1}};
  const float values[1] = {1};
  world *w = world_open();
  assert_int_equal(quell_projection_size(w->still), SIZE);
  for (size_t i = 0; i < COUNT(cases); i++) {
    uint64_t first = cases[i].first, n = cases[i].n;
    REFUSED(w, QUELL_E_LENGTH, quell_projection_get(w->still, "weight", first, n, OUT(w, float)),
            "180");
    REFUSED(w, QUELL_E_LENGTH, quell_projection_get(w->still, "delay", first, n, OUT(w, float)),
            "180");
    REFUSED(w, QUELL_E_LENGTH, quell_projection_set(w->still, "weight", first, n, values), "180");
    REFUSED(w, QUELL_E_LENGTH,
            quell_projection_endpoints(w->still, first, n, OUT(w, uint32_t), OUT(w, uint32_t) + 9),
            "180");
  }
  world_close(w);
  (void)state;
}

static void slices_of_channels_end_with_it(void **state) {
  const double values[] = {1};
  world *w = world_open();
  quell_modulator *const channels[] = {w->da, w->areas, w->each};
  const uint64_t sizes[] = {1, AREAS, EXC};
  for (size_t k = 0; k < COUNT(channels); k++) {
    quell_modulator *m = channels[k];
    const uint64_t size = sizes[k], far = (uint64_t)1 << 32;
    const struct {
      uint64_t first, n;
    } cases[] = {{0, size + 1},   {size, 1}, {size + 1, 0},   {1, size},
                 {UINT64_MAX, 2}, {far, 1},  {0, UINT64_MAX}, {UINT64_MAX, UINT64_MAX}};
    for (size_t i = 0; i < COUNT(cases); i++) {
      uint64_t first = cases[i].first, n = cases[i].n;
      REFUSED(w, QUELL_E_LENGTH, quell_modulator_get(m, first, n, OUT(w, double)), "channel");
      REFUSED(w, QUELL_E_LENGTH, quell_modulator_set(m, first, n, values), "channel");
    }
    REFUSED(w, QUELL_E_LENGTH, quell_modulator_release(m, size, 1, QUELL_NOW), "channel");
    REFUSED(w, QUELL_E_LENGTH, quell_modulator_release(m, far, 1, QUELL_NOW), "4294967296");
    if (m == w->each) continue;
    REFUSED(w, QUELL_E_LENGTH,
            quell_modulator_schedule(m, QUELL_SET_LEVEL, size, values, values, 1), "channel");
    REFUSED(w, QUELL_E_LENGTH, quell_modulator_schedule(m, QUELL_SET_LEVEL, far, values, values, 1),
            "4294967296");
  }
  REFUSED(w, QUELL_E_LENGTH, quell_rule_effective(w->rule, "learning", 1, OUT(w, double)), "1");
  REFUSED(w, QUELL_E_LENGTH, quell_projection_effective(w->plastic, "gain", 1, OUT(w, double)),
          "gain");
  REFUSED(w, QUELL_E_LENGTH, quell_population_effective(w->exc, "i_offset", EXC, OUT(w, double)),
          "'exc'", "30");
  world_close(w);
  (void)state;
}

static void territories_and_matrices_have_their_sizes(void **state) {
  const size_t lengths[] = {0, 1, INH - 1, INH + 1, SIZE_MAX};
  const size_t areas[] = {0, 1, AREAS * AREAS - 1, AREAS * AREAS + 1, AREAS, SIZE_MAX};
  const uint32_t area[INH] = {0, 1}, beyond[INH] = {0, AREAS};
  const double rate[AREAS * AREAS] = {0};
  world *w = world_open();
  for (size_t i = 0; i < COUNT(lengths); i++)
    REFUSED(w, QUELL_E_LENGTH, quell_modulator_territories(w->areas, w->inh, area, lengths[i]),
            "'inh'", "8");
  REFUSED(w, QUELL_E_RANGE, quell_modulator_territories(w->areas, w->inh, beyond, INH), "neuron 1",
          "below 2");
  for (size_t i = 0; i < COUNT(areas); i++)
    REFUSED(w, QUELL_E_LENGTH, quell_modulator_diffusion(w->areas, rate, areas[i]), "2 × 2");
  world_close(w);
  (void)state;
}

static void lists_of_the_catalogue_end(void **state) {
  const quell_rule_desc *rule = quell_registry_find(NULL, "reward_stdp");
  const size_t beyond[] = {0, 1, 1000, SIZE_MAX};
  quell_rule_info info = QUELL_RULE_INFO_INIT;
  quell_variable variable = QUELL_VARIABLE_INIT;
  quell_trace_info trace = QUELL_TRACE_INFO_INIT;
  quell_factor_info factor = QUELL_FACTOR_INFO_INIT;
  quell_eligibility_info eligibility = QUELL_ELIGIBILITY_INFO_INIT;
  quell_preset_info preset = QUELL_PRESET_INFO_INIT;
  OK(quell_rule_describe(rule, &info));
  OK(quell_rule_factor(rule, 0, &factor));
  OK(quell_rule_eligibility_info(rule, 0, &eligibility));
  assert_int_equal(info.n_factors, 1);
  assert_int_equal(info.n_eligibilities, 1);
  assert_int_equal(info.synapse_bytes, 2 * sizeof(float));
  assert_string_equal(factor.name, "reward");
  assert_string_equal(eligibility.name, "eligibility");
  assert_string_equal(eligibility.tau, "tau_e");
  assert_string_equal(eligibility.factor, "reward");
  for (size_t i = 0; i < COUNT(beyond); i++) {
    size_t k = beyond[i], most = SIZE_MAX;
    GIVES(QUELL_E_LENGTH,
          quell_rule_variable(rule, k > most - 9 ? k : info.n_variables + k, &variable));
    GIVES(QUELL_E_LENGTH, quell_rule_trace(rule, k > most - 9 ? k : info.n_traces + k, &trace));
    GIVES(QUELL_E_LENGTH, quell_rule_factor(rule, k > most - 9 ? k : info.n_factors + k, &factor));
    GIVES(QUELL_E_LENGTH, quell_rule_eligibility_info(
                              rule, k > most - 9 ? k : info.n_eligibilities + k, &eligibility));
    GIVES(QUELL_E_LENGTH, quell_rule_preset(rule, k > most - 9 ? k : info.n_presets + k, &preset));
  }
  (void)state;
}

static void presets_of_channels_end(void **state) {
  quell_modulator_preset preset = QUELL_MODULATOR_PRESET_INIT;
  size_t n = 0, m = 0;
  while (!quell_modulator_kinetics(n, &preset)) n++;
  while (!quell_modulator_receptor(m, &preset)) m++;
  assert_true(n > 0 && n < 1000 && m > 0 && m < 1000);
  GIVES(QUELL_E_LENGTH, quell_modulator_kinetics(n, &preset));
  GIVES(QUELL_E_LENGTH, quell_modulator_kinetics(SIZE_MAX, &preset));
  GIVES(QUELL_E_LENGTH, quell_modulator_receptor(m, &preset));
  GIVES(QUELL_E_LENGTH, quell_modulator_receptor(SIZE_MAX, &preset));
  (void)state;
}

/* Also where the product of times and neurons overflows to what was given. */
static void courses_have_a_value_for_each_time_or_each_neuron_too(void **state) {
  static const struct {
    size_t n_times, n_values;
  } cases[] = {{2, 1},
               {2, 3},
               {2, 0},
               {0, 2},
               {2, 2 * NOISE - 1},
               {2, SIZE_MAX},
               {SIZE_MAX, 2},
               {SIZE_MAX / NOISE + 1, (SIZE_MAX / NOISE + 1) * (size_t)NOISE},
               {(size_t)1 << 63, 0}};
  const double times[] = {1, 2}, values[2 * NOISE] = {0};
  world *w = world_open();
  for (size_t i = 0; i < COUNT(cases); i++)
    REFUSED(w, QUELL_E_LENGTH,
            quell_population_schedule(w->noise, "rate", times, cases[i].n_times, values,
                                      cases[i].n_values),
            "'noise'", "times", "6 neurons");
  world_close(w);
  (void)state;
}

static void spikes_of_neurons_past_the_end_are_refused(void **state) {
  const uint32_t neurons[] = {0, SOURCE}, far[] = {0, UINT32_MAX}, host[] = {0, HOST};
  const double times[] = {1, 2};
  world *w = world_open();
  REFUSED(w, QUELL_E_LENGTH, quell_population_set_spikes(w->source, neurons, times, 2), "'source'",
          "spike 1", "neuron 5", "5");
  REFUSED(w, QUELL_E_LENGTH, quell_population_set_spikes(w->source, far, times, 2), "'source'",
          "4294967295");
  REFUSED(w, QUELL_E_LENGTH, quell_population_spikes_in(w->host, host, 2), "'host'", "spike 1",
          "neuron 4");
  REFUSED(w, QUELL_E_LENGTH, quell_population_spikes_in(w->host, far, 2), "'host'", "4294967295");
  world_close(w);
  (void)state;
}

static void lists_name_neurons_that_exist(void **state) {
  const uint32_t good[] = {0, 1, 2}, pre[] = {0, INH, 1}, post[] = {0, 1, EXC};
  world *w = world_open();
  quell_connection c = of_kind(QUELL_LIST);
  c.n = 3;
  REFUSED(w, QUELL_E_NULL, join(w, c), "'pre'", "3");
  c.pre = good;
  REFUSED(w, QUELL_E_NULL, join(w, c), "'post'", "3");
  c.post = post;
  REFUSED(w, QUELL_E_LENGTH, join(w, c), "post[2]", "30");
  c.pre = pre;
  REFUSED(w, QUELL_E_LENGTH, join(w, c), "pre[1]", "8");
  world_close(w);
  (void)state;
}

static void arrays_have_a_value_for_each_synapse(void **state) {
  static const size_t lengths[] = {0, 1, INH * EXC - 1, INH * EXC + 1};
  static const char *const names[] = {"weight", "delay", "delay_dendritic"};
  static const int32_t kinds[] = {QUELL_ALL_TO_ALL, QUELL_FIXED_IN_DEGREE, QUELL_FIXED_TOTAL};
  double values[INH * EXC + 1];
  for (size_t i = 0; i < COUNT(values); i++) values[i] = 1;
  world *w = world_open();
  for (size_t i = 0; i < COUNT(lengths); i++) {
    for (size_t j = 0; j < COUNT(names) * COUNT(kinds); j++) {
      quell_connection c = of_kind(kinds[j / COUNT(names)]);
      quell_distribution *const at[] = {&c.weight, &c.delay, &c.delay_dendritic};
      size_t k = j % COUNT(names);
      c.count = c.kind == QUELL_FIXED_TOTAL ? INH * EXC : INH;
      *at[k] = (quell_distribution){QUELL_ARRAY, 0, 0, 0, 0, 0, values, lengths[i]};
      REFUSED(w, QUELL_E_LENGTH, join(w, c), names[k], "240");
      if (!lengths[i]) continue;
      at[k]->values = NULL;
      REFUSED(w, QUELL_E_NULL, join(w, c), names[k], "values");
    }
  }
  world_close(w);
  (void)state;
}

static void arrays_have_a_value_for_each_pair_of_a_list(void **state) {
  static const char *const names[] = {"weight", "delay", "delay_axonal", "delay_dendritic"};
  const uint32_t neurons[] = {0, 1, 2};
  const double values[] = {1, 1, 1, 1};
  world *w = world_open();
  for (size_t k = 0; k < COUNT(names); k++) {
    quell_connection c = of_kind(QUELL_LIST);
    quell_distribution *const at[] = {&c.weight, &c.delay, &c.delay_axonal, &c.delay_dendritic};
    c.pre = c.post = neurons;
    c.n = 3;
    for (size_t n = 0; n <= 4; n += 2) {
      *at[k] = (quell_distribution){QUELL_ARRAY, 0, 0, 0, 0, 0, values, n};
      REFUSED(w, QUELL_E_LENGTH, join(w, c), names[k], "3");
    }
  }
  world_close(w);
  (void)state;
}

/* Lengths that are wrong, or that no array has, are refused before it is read: the second element
 * is one that would be complained of. */
static const size_t no_lengths[] = {SIZE_MAX, SIZE_MAX / 2, SIZE_MAX / 4 + 2};

#define UNREAD(w, call, complaint)                                                                 \
  do {                                                                                             \
    quell_status status_ = (call);                                                                 \
    const char *error_ = quell_network_error((w)->net);                                            \
    if (status_ >= 0 || strstr(error_, (complaint))) {                                             \
      print_error("%s:%d: reads before it refuses: %s\n  \"%s\"\n", __FILE__, __LINE__, #call,     \
                  error_);                                                                         \
      (w)->broken++;                                                                               \
    }                                                                                              \
  } while (0)

static void impossible_numbers_of_values_are_refused_unread(void **state) {
  const quell_value values[] = {{"theta_jump", 0}, {NULL, 0}}, rule[] = {{"eta", 1}, {NULL, 0}},
                    channel[] = {{"tau", 1}, {NULL, 0}};
  world *w = world_open();
  for (size_t i = 0; i < COUNT(no_lengths); i++) {
    size_t n = no_lengths[i];
    UNREAD(w, quell_population_set(w->exc, values, n), "value 1");
    UNREAD(w,
           quell_population_create(w->net, "p", "lif_curr_exp", 1, values, n,
                                   OUT(w, quell_population *)),
           "value 1");
    UNREAD(w, quell_rule_set(w->rule, rule, n), "value 1");
    UNREAD(w, quell_rule_create(w->net, "vogels2011", rule, n, OUT(w, quell_rule *)), "value 1");
    UNREAD(w, quell_modulator_set_values(w->da, channel, n), "value 1");
    UNREAD(w, quell_modulator_create(w->net, "m", NULL, channel, n, OUT(w, quell_modulator *)),
           "value 1");
  }
  world_close(w);
  (void)state;
}

static void impossible_numbers_of_spikes_and_times_are_refused_unread(void **state) {
  const uint32_t neurons[] = {0, 99};
  const double times[] = {1, NAN};
  world *w = world_open();
  for (size_t i = 0; i < COUNT(no_lengths); i++) {
    size_t n = no_lengths[i];
    UNREAD(w, quell_population_set_spikes(w->source, neurons, times, n), "spike 1");
    UNREAD(w, quell_population_spikes_in(w->host, neurons, n), "spike 1");
    UNREAD(w, quell_population_schedule(w->noise, "rate", times, n, times, n), "time 1");
    UNREAD(w, quell_modulator_schedule(w->da, QUELL_RELEASE_AMOUNT, 0, times, times, n), "a time");
  }
  world_close(w);
  (void)state;
}

static void impossible_numbers_of_ids_are_refused_unread(void **state) {
  const uint64_t ids[] = {0, 0};
  quell_record_options o = QUELL_RECORD_OPTIONS_INIT;
  world *w = world_open();
  o.ids = ids;
  for (size_t i = 0; i <= COUNT(no_lengths); i++) {
    o.n = i < COUNT(no_lengths) ? no_lengths[i] : EXC * INH + 1; /* more than there are */
    UNREAD(w, quell_record_spikes(w->exc, &o, OUT(w, quell_recorder *)), "id 1");
    UNREAD(w, quell_record_state(w->exc, "v", &o, OUT(w, quell_recorder *)), "id 1");
    UNREAD(w, quell_record_weights(w->plastic, &o, OUT(w, quell_recorder *)), "id 1");
  }
  world_close(w);
  (void)state;
}

static void impossible_numbers_of_pairs_are_refused_unread(void **state) {
  const uint32_t pre[] = {0, 99}, post[] = {0, 99};
  quell_connection c = of_kind(QUELL_LIST);
  world *w = world_open();
  c.pre = pre;
  c.post = post;
  for (size_t i = 0; i < COUNT(no_lengths); i++) {
    c.n = no_lengths[i];
    UNREAD(w, join(w, c), "pre[1]");
  }
  c.flags = QUELL_NO_MULTAPSES;
  c.n = EXC * INH + 1; /* more than there are pairs */
  UNREAD(w, join(w, c), "pre[1]");
  world_close(w);
  (void)state;
}

static void wrong_numbers_of_weights_and_delays_are_refused_unread(void **state) {
  const double values[] = {1, NAN};
  const uint32_t neurons[] = {0, 1, 2};
  quell_connection list = of_kind(QUELL_LIST), all = of_kind(QUELL_ALL_TO_ALL);
  world *w = world_open();
  list.pre = list.post = neurons;
  list.n = 3;
  for (size_t i = 0; i < COUNT(no_lengths); i++) {
    const quell_distribution array = {QUELL_ARRAY, 0, 0, 0, 0, 0, values, no_lengths[i]};
    list.weight = all.weight = array;
    UNREAD(w, join(w, list), "values[1]");
    UNREAD(w, join(w, all), "values[1]");
    list.weight = all.weight = (quell_distribution)QUELL_DISTRIBUTION_INIT;
    list.delay_dendritic = all.delay = array;
    UNREAD(w, join(w, list), "values[1]");
    UNREAD(w, join(w, all), "values[1]");
    list.delay_dendritic = all.delay = (quell_distribution)QUELL_DISTRIBUTION_INIT;
  }
  world_close(w);
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(slices_of_populations_end_with_it),
      cmocka_unit_test(slices_of_projections_end_with_it),
      cmocka_unit_test(slices_of_channels_end_with_it),
      cmocka_unit_test(territories_and_matrices_have_their_sizes),
      cmocka_unit_test(lists_of_the_catalogue_end),
      cmocka_unit_test(presets_of_channels_end),
      cmocka_unit_test(courses_have_a_value_for_each_time_or_each_neuron_too),
      cmocka_unit_test(spikes_of_neurons_past_the_end_are_refused),
      cmocka_unit_test(lists_name_neurons_that_exist),
      cmocka_unit_test(arrays_have_a_value_for_each_synapse),
      cmocka_unit_test(arrays_have_a_value_for_each_pair_of_a_list),
      cmocka_unit_test(impossible_numbers_of_values_are_refused_unread),
      cmocka_unit_test(impossible_numbers_of_spikes_and_times_are_refused_unread),
      cmocka_unit_test(impossible_numbers_of_ids_are_refused_unread),
      cmocka_unit_test(impossible_numbers_of_pairs_are_refused_unread),
      cmocka_unit_test(wrong_numbers_of_weights_and_delays_are_refused_unread),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

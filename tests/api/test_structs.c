/* Versioned structs: sizes that cannot be, members of a newer header, reserved members and unknown
 * flags. What this library does not know is refused, not passed over. */
#include "world.h"

enum { TAIL = 32, FILL = 0x5a };

/* Sizes that no sizeof gives: too small to be a struct, beyond reason, or in the middle of the last
 * member. */
static uint32_t bad_size(size_t i, size_t size) {
  const uint32_t sizes[] = {0, 4, 7, UINT32_MAX, (uint32_t)size - 1, (uint32_t)size - 4};
  return sizes[i];
}
enum { BAD_SIZES = 6 };

/* Structs that the library reads. `given` is followed by TAIL bytes. */

typedef quell_status (*read_fn)(world *w, const void *given);

static quell_status read_connection(world *w, const void *given) {
  return quell_connect(w->net, w->inh, w->exc, "inhibitory", given, NULL,
                       OUT(w, quell_projection *));
}

static quell_status read_spike_options(world *w, const void *given) {
  return quell_record_spikes(w->exc, given, OUT(w, quell_recorder *));
}

static quell_status read_state_options(world *w, const void *given) {
  return quell_record_state(w->exc, "v", given, OUT(w, quell_recorder *));
}

static quell_status read_weight_options(world *w, const void *given) {
  return quell_record_weights(w->plastic, given, OUT(w, quell_recorder *));
}

static quell_status read_rate_options(world *w, const void *given) {
  return quell_record_rate(w->exc, given, OUT(w, quell_recorder *));
}

static quell_status read_channel_options(world *w, const void *given) {
  return quell_modulator_create(w->net, "new", given, NULL, 0, OUT(w, quell_modulator *));
}

static quell_status read_source(world *w, const void *given) {
  return quell_modulator_source(w->areas, w->noise, given);
}

static quell_status read_critic(world *w, const void *given) {
  return quell_modulator_critic(w->calm, given);
}

static quell_status read_rule_curve(world *w, const void *given) {
  return quell_rule_bind(w->rule, "learning", w->da, given);
}

static quell_status read_projection_curve(world *w, const void *given) {
  return quell_projection_bind(w->plastic, "gain", w->da, given);
}

static quell_status read_population_curve(world *w, const void *given) {
  return quell_population_bind(w->exc, "i_offset", w->da, given);
}

static const quell_modulator_options one_value = QUELL_MODULATOR_OPTIONS_INIT;
static const quell_source one_each = QUELL_SOURCE_INIT;
static const quell_critic mean_reward = QUELL_CRITIC_INIT;
static const quell_curve as_it_is = QUELL_CURVE_INIT;
static const quell_connection all_to_all = {.struct_size = sizeof all_to_all,
                                            .kind = QUELL_ALL_TO_ALL};
static const quell_record_options every_step = QUELL_RECORD_OPTIONS_INIT;

typedef struct reader {
  read_fn call;
  const void *valid;
  size_t size;
  const char *name;
} reader;

static const reader readers[] = {
    {read_connection, &all_to_all, sizeof all_to_all, "connection"},
    {read_spike_options, &every_step, sizeof every_step, "record options"},
    {read_state_options, &every_step, sizeof every_step, "record options"},
    {read_weight_options, &every_step, sizeof every_step, "record options"},
    {read_rate_options, &every_step, sizeof every_step, "record options"},
    {read_channel_options, &one_value, sizeof one_value, "channel options"},
    {read_source, &one_each, sizeof one_each, "source"},
    {read_critic, &mean_reward, sizeof mean_reward, "critic"},
    {read_rule_curve, &as_it_is, sizeof as_it_is, "curve"},
    {read_projection_curve, &as_it_is, sizeof as_it_is, "curve"},
    {read_population_curve, &as_it_is, sizeof as_it_is, "curve"},
};

typedef struct longer {
  union {
    double align;
    unsigned char bytes[512];
  } at;
} longer;

static void make_longer(longer *given, const void *valid, size_t size, uint32_t struct_size) {
  memset(given->at.bytes, 0, sizeof given->at.bytes);
  memcpy(given->at.bytes, valid, size);
  memcpy(given->at.bytes, &struct_size, sizeof struct_size);
}

static void sizes_that_no_struct_has_are_refused_where_it_is_read(void **state) {
  world *w = world_open();
  longer given;
  for (size_t r = 0; r < COUNT(readers); r++) {
    for (size_t i = 0; i < BAD_SIZES; i++) {
      make_longer(&given, readers[r].valid, readers[r].size, bad_size(i, readers[r].size));
      REFUSED(w, QUELL_E_RANGE, readers[r].call(w, given.at.bytes), readers[r].name, "struct_size");
    }
  }
  world_close(w);
  (void)state;
}

static void members_that_are_not_known_are_refused_where_they_are_set(void **state) {
  world *w = world_open();
  longer given;
  for (size_t r = 0; r < COUNT(readers); r++) {
    for (size_t i = 0; i < TAIL; i += TAIL - 1) { /* the first and the last byte */
      make_longer(&given, readers[r].valid, readers[r].size, (uint32_t)readers[r].size + TAIL);
      given.at.bytes[readers[r].size + i] = 1;
      REFUSED(w, QUELL_E_UNSUPPORTED, readers[r].call(w, given.at.bytes), readers[r].name, "byte");
    }
  }
  world_close(w);
  (void)state;
}

static void members_that_are_not_known_may_be_zero(void **state) {
  world *w = world_open();
  longer given;
  for (size_t r = 0; r < COUNT(readers); r++) {
    make_longer(&given, readers[r].valid, readers[r].size, (uint32_t)readers[r].size + TAIL);
    OK(readers[r].call(w, given.at.bytes));
  }
  world_discard(w);
  (void)state;
}

static void a_network_is_refused_with_sizes_that_its_options_cannot_have(void **state) {
  const quell_network_options valid = QUELL_NETWORK_OPTIONS_INIT;
  quell_network *network = NULL;
  longer given;
  for (size_t i = 0; i < BAD_SIZES; i++) {
    make_longer(&given, &valid, sizeof valid, bad_size(i, sizeof valid));
    quell_status status = quell_network_create((const void *)given.at.bytes, &network);
    if (!status) {
      print_error("struct_size %u is accepted\n", (unsigned)bad_size(i, sizeof valid));
      quell_network_destroy(&network);
    }
    assert_int_equal(status, QUELL_E_RANGE);
  }
  (void)state;
}

static void a_network_is_refused_with_options_that_are_not_known(void **state) {
  char error[200] = "";
  quell_network_options valid = QUELL_NETWORK_OPTIONS_INIT;
  quell_network *network = NULL;
  longer given;
  valid.error = error;
  valid.error_size = sizeof error;
  make_longer(&given, &valid, sizeof valid, sizeof valid + TAIL);
  given.at.bytes[sizeof valid + TAIL - 1] = 1;
  GIVES(QUELL_E_UNSUPPORTED, quell_network_create((const void *)given.at.bytes, &network));
  assert_null(network);
  assert_non_null(strstr(error, "network options"));
  given.at.bytes[sizeof valid + TAIL - 1] = 0;
  OK(quell_network_create((const void *)given.at.bytes, &network));
  quell_network_destroy(&network);
  (void)state;
}

/* Where there is no network to keep a sentence. */
static void a_curve_of_another_header_has_no_value(void **state) {
  double value = -1;
  longer given;
  for (size_t i = 0; i < BAD_SIZES; i++) {
    make_longer(&given, &as_it_is, sizeof as_it_is, bad_size(i, sizeof as_it_is));
    GIVES(QUELL_E_RANGE, quell_curve_value((const void *)given.at.bytes, 1, &value));
  }
  make_longer(&given, &as_it_is, sizeof as_it_is, sizeof as_it_is + TAIL);
  given.at.bytes[sizeof as_it_is] = 1;
  GIVES(QUELL_E_UNSUPPORTED, quell_curve_value((const void *)given.at.bytes, 1, &value));
  assert_true(value == -1);
  given.at.bytes[sizeof as_it_is] = 0;
  OK(quell_curve_value((const void *)given.at.bytes, 3, &value));
  assert_true(value == 3);
  (void)state;
}

/* Structs that the library fills in. */

typedef quell_status (*write_fn)(world *w, void *given);

static quell_status write_model_parameter(world *w, void *given) {
  (void)w;
  return quell_model_parameter("poisson", 0, given);
}

static quell_status write_model_state(world *w, void *given) {
  (void)w;
  return quell_model_state("poisson", 0, given);
}

static quell_status write_rule_parameter(world *w, void *given) {
  (void)w;
  return quell_rule_parameter(quell_registry_rule(NULL, 0), 0, given);
}

/* A rule that has one of everything, but for variables. */
static const quell_rule_desc *full_rule(void) {
  return quell_registry_find(NULL, "reward_stdp");
}

static quell_status write_rule_info(world *w, void *given) {
  (void)w;
  return quell_rule_describe(full_rule(), given);
}

static quell_status write_rule_variable(world *w, void *given) {
  (void)w;
  return quell_rule_variable(quell_registry_find(NULL, "td_stdp"), 0, given);
}

static quell_status write_rule_trace(world *w, void *given) {
  (void)w;
  return quell_rule_trace(full_rule(), 0, given);
}

static quell_status write_rule_factor(world *w, void *given) {
  (void)w;
  return quell_rule_factor(full_rule(), 0, given);
}

static quell_status write_rule_eligibility(world *w, void *given) {
  (void)w;
  return quell_rule_eligibility_info(full_rule(), 0, given);
}

static quell_status write_rule_preset(world *w, void *given) {
  (void)w;
  return quell_rule_preset(full_rule(), 0, given);
}

static quell_status write_kinetics(world *w, void *given) {
  (void)w;
  return quell_modulator_kinetics(0, given);
}

static quell_status write_receptor(world *w, void *given) {
  (void)w;
  return quell_modulator_receptor(0, given);
}

static quell_status write_channel_info(world *w, void *given) {
  return quell_modulator_describe(w->da, given);
}

static quell_status write_view(world *w, void *given) {
  return quell_population_view(w->exc, "v", given);
}

static quell_status write_info(world *w, void *given) {
  return quell_projection_describe(w->plastic, given);
}

static quell_status write_recording(world *w, void *given) {
  return quell_recorder_read(w->spikes, given);
}

typedef struct writer {
  write_fn call;
  size_t size;
  const char *name;
  int has_sentence; /* there is a network to keep it */
} writer;

static const writer writers[] = {
    {write_model_parameter, sizeof(quell_variable), "quell_model_parameter", 0},
    {write_model_state, sizeof(quell_variable), "quell_model_state", 0},
    {write_rule_parameter, sizeof(quell_variable), "quell_rule_parameter", 0},
    {write_rule_info, sizeof(quell_rule_info), "quell_rule_describe", 0},
    {write_rule_variable, sizeof(quell_variable), "quell_rule_variable", 0},
    {write_rule_trace, sizeof(quell_trace_info), "quell_rule_trace", 0},
    {write_rule_factor, sizeof(quell_factor_info), "quell_rule_factor", 0},
    {write_rule_eligibility, sizeof(quell_eligibility_info), "quell_rule_eligibility_info", 0},
    {write_rule_preset, sizeof(quell_preset_info), "quell_rule_preset", 0},
    {write_kinetics, sizeof(quell_modulator_preset), "quell_modulator_kinetics", 0},
    {write_receptor, sizeof(quell_modulator_preset), "quell_modulator_receptor", 0},
    {write_channel_info, sizeof(quell_modulator_info), "quell_modulator_describe", 1},
    {write_view, sizeof(quell_view), "quell_population_view", 1},
    {write_info, sizeof(quell_projection_info), "quell_projection_describe", 1},
    {write_recording, sizeof(quell_recording), "quell_recorder_read", 1},
};

static void start_filled(longer *given, uint32_t struct_size) {
  memset(given->at.bytes, FILL, sizeof given->at.bytes);
  memcpy(given->at.bytes, &struct_size, sizeof struct_size);
}

static int still_filled(const longer *given, size_t from) {
  for (size_t i = from; i < sizeof given->at.bytes; i++)
    if (given->at.bytes[i] != FILL) return 0;
  return 1;
}

static void check_writer(world *w, const writer *writer, const longer *given, quell_status got,
                         quell_status want, size_t from) {
  uint32_t size;
  memcpy(&size, given->at.bytes, sizeof size);
  int kept = still_filled(given, from);
  int said = !writer->has_sentence || strstr(quell_network_error(w->net), "struct_size") ||
             want != QUELL_E_RANGE;
  if (got == want && kept && said) return;
  print_error("%s, struct_size %u: gives %s, should give %s%s%s\n", writer->name, (unsigned)size,
              quell_status_string(got), quell_status_string(want),
              kept ? "" : "; it has written where it must not", said ? "" : "; no sentence");
  w->broken++;
}

static void sizes_that_no_struct_has_are_refused_where_it_is_filled_in(void **state) {
  world *w = world_open();
  longer given;
  for (size_t k = 0; k < COUNT(writers); k++) {
    for (size_t i = 0; i < BAD_SIZES; i++) {
      GIVES(QUELL_E_RANGE, quell_network_learning(w->net, 77));
      start_filled(&given, bad_size(i, writers[k].size));
      quell_status status = writers[k].call(w, given.at.bytes);
      check_writer(w, &writers[k], &given, status, QUELL_E_RANGE, sizeof(uint32_t));
    }
  }
  world_close(w);
  (void)state;
}

static void a_struct_of_a_newer_header_that_is_not_clear_is_refused(void **state) {
  world *w = world_open();
  longer given;
  for (size_t k = 0; k < COUNT(writers); k++) {
    start_filled(&given, (uint32_t)writers[k].size + TAIL);
    quell_status status = writers[k].call(w, given.at.bytes);
    check_writer(w, &writers[k], &given, status, QUELL_E_UNSUPPORTED, sizeof(uint32_t));
  }
  world_close(w);
  (void)state;
}

static void a_struct_of_a_newer_header_that_is_clear_is_filled_in(void **state) {
  world *w = world_open();
  longer given;
  for (size_t k = 0; k < COUNT(writers); k++) {
    uint32_t size = (uint32_t)writers[k].size + TAIL;
    start_filled(&given, size);
    memset(given.at.bytes + sizeof size, 0, size - sizeof size);
    quell_status status = writers[k].call(w, given.at.bytes);
    check_writer(w, &writers[k], &given, status, QUELL_OK, size);
    for (size_t i = writers[k].size; i < size; i++) HOLDS(w, given.at.bytes[i] == 0);
  }
  world_close(w);
  (void)state;
}

static void nothing_is_written_past_a_shorter_struct(void **state) {
  const uint32_t size = 16;
  world *w = world_open();
  longer given;
  for (size_t k = 0; k < COUNT(writers); k++) {
    start_filled(&given, size);
    (void)writers[k].call(w, given.at.bytes); /* refused, or filled as far as it goes */
    if (still_filled(&given, size)) continue;
    print_error("%s writes past struct_size\n", writers[k].name);
    w->broken++;
  }
  world_close(w);
  (void)state;
}

/* Members that mean nothing yet. */

static void reserved_members_must_be_zero(void **state) {
  world *w = world_open();
  quell_connection c = all_to_all;
  quell_record_options o = every_step;
  c.reserved = 1;
  o.reserved = 1;
  REFUSED(w, QUELL_E_UNSUPPORTED, read_connection(w, &c), "connection", "reserved");
  REFUSED(w, QUELL_E_UNSUPPORTED, read_spike_options(w, &o), "record", "reserved");
  REFUSED(w, QUELL_E_UNSUPPORTED, read_state_options(w, &o), "record", "reserved");
  REFUSED(w, QUELL_E_UNSUPPORTED, read_weight_options(w, &o), "record", "reserved");
  REFUSED(w, QUELL_E_UNSUPPORTED, read_rate_options(w, &o), "record", "reserved");
  quell_modulator_options channel = one_value;
  quell_source source = one_each;
  channel.reserved = 1;
  source.reserved = 1;
  REFUSED(w, QUELL_E_RANGE, read_channel_options(w, &channel), "channel", "reserved");
  REFUSED(w, QUELL_E_UNSUPPORTED, read_source(w, &source), "source", "reserved");
  world_close(w);
  (void)state;
}

static void unknown_flags_are_refused(void **state) {
  const uint32_t flags[] = {4, 7, 0x80000000u, UINT32_MAX};
  world *w = world_open();
  for (size_t i = 0; i < COUNT(flags); i++) {
    quell_connection c = all_to_all;
    c.flags = flags[i];
    REFUSED(w, QUELL_E_RANGE, read_connection(w, &c), "flags", "QUELL_NO_SELF");
  }
  world_close(w);
  (void)state;
}

static void unknown_kinds_of_channels_are_refused(void **state) {
  const int32_t kinds[] = {INT32_MIN, -1, 4, 1000, INT32_MAX};
  const double time[] = {1}, value[] = {1};
  world *w = world_open();
  for (size_t i = 0; i < COUNT(kinds); i++) {
    quell_modulator_options options = one_value;
    quell_critic critic = mean_reward;
    quell_curve kind = as_it_is, combine = as_it_is;
    options.scope = critic.kind = kind.kind = combine.combine = kinds[i];
    REFUSED(w, QUELL_E_RANGE, read_channel_options(w, &options), "new", "scope");
    REFUSED(w, QUELL_E_RANGE, read_critic(w, &critic), "calm", "kind");
    REFUSED(w, QUELL_E_RANGE, read_rule_curve(w, &kind), "curve", "kind");
    REFUSED(w, QUELL_E_RANGE, read_rule_curve(w, &combine), "curve", "combine");
    REFUSED(w, QUELL_E_RANGE, quell_modulator_schedule(w->da, kinds[i], 0, time, value, 1), "'da'",
            "kind");
  }
  world_close(w);
  (void)state;
}

static void unknown_kinds_are_refused(void **state) {
  const int32_t kinds[] = {INT32_MIN, -1, 7, 1000, INT32_MAX};
  world *w = world_open();
  for (size_t i = 0; i < COUNT(kinds); i++) {
    quell_connection c = all_to_all;
    c.weight.kind = kinds[i];
    REFUSED(w, QUELL_E_RANGE, read_connection(w, &c), "weight", "kind");
    c = all_to_all;
    c.delay_dendritic = (quell_distribution){QUELL_UNIFORM, kinds[i], 1, 2, 0, 9, NULL, 0};
    REFUSED(w, QUELL_E_RANGE, read_connection(w, &c), "delay_dendritic", "outside");
    c.kind = kinds[i];
    c.delay_dendritic = (quell_distribution)QUELL_DISTRIBUTION_INIT;
    REFUSED(w, QUELL_E_RANGE, read_connection(w, &c), "kind", "QUELL_ALL_TO_ALL");
  }
  quell_connection c = QUELL_CONNECTION_INIT; /* forgotten */
  REFUSED(w, QUELL_E_RANGE, read_connection(w, &c), "kind", "got 0");
  world_close(w);
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sizes_that_no_struct_has_are_refused_where_it_is_read),
      cmocka_unit_test(members_that_are_not_known_are_refused_where_they_are_set),
      cmocka_unit_test(members_that_are_not_known_may_be_zero),
      cmocka_unit_test(a_network_is_refused_with_sizes_that_its_options_cannot_have),
      cmocka_unit_test(a_network_is_refused_with_options_that_are_not_known),
      cmocka_unit_test(a_curve_of_another_header_has_no_value),
      cmocka_unit_test(sizes_that_no_struct_has_are_refused_where_it_is_filled_in),
      cmocka_unit_test(a_struct_of_a_newer_header_that_is_not_clear_is_refused),
      cmocka_unit_test(a_struct_of_a_newer_header_that_is_clear_is_filled_in),
      cmocka_unit_test(nothing_is_written_past_a_shorter_struct),
      cmocka_unit_test(reserved_members_must_be_zero),
      cmocka_unit_test(unknown_flags_are_refused),
      cmocka_unit_test(unknown_kinds_are_refused),
      cmocka_unit_test(unknown_kinds_of_channels_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

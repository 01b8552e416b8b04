/* Rule descriptors that contradict themselves: each thing that can be wrong, one by one. */
#include "rule_kit.h"
#include <math.h>

static char long_name[1500];
static char message[2048];

/* Spoils one thing of a good descriptor. */
#define SPOIL(name, ...)                                                                           \
  static void name(kit *k) {                                                                       \
    __VA_ARGS__;                                                                                   \
  }

SPOIL(larger_struct, k->rule.struct_size += 8)
SPOIL(smaller_struct, k->rule.struct_size = offsetof(quell_rule_desc, prepare))
SPOIL(no_struct_size, k->rule.struct_size = 0)
SPOIL(newer_major, k->rule.abi_major = QUELL_RULE_ABI_MAJOR + 1)
SPOIL(no_major, k->rule.abi_major = 0)
SPOIL(newer_minor, k->rule.abi_minor = QUELL_RULE_ABI_MINOR + 1)
SPOIL(flags, k->rule.flags = 4)
SPOIL(no_name, k->rule.name = NULL)
SPOIL(empty_name, k->rule.name = "")
SPOIL(no_summary, k->rule.summary = NULL)
SPOIL(no_source, k->rule.source = NULL)
SPOIL(taken_name, k->rule.name = "stdp_pair")
SPOIL(no_prepare, k->rule.prepare = NULL)
SPOIL(unknown_ties, k->rule.ties = 8)

SPOIL(null_params, k->rule.params.at = NULL)
SPOIL(null_vars, k->rule.vars.at = NULL)
SPOIL(null_traces, k->rule.traces.at = NULL)
SPOIL(null_events, k->rule.events.at = NULL)
SPOIL(many_params, k->rule.params.count = 65)
SPOIL(countless_params, k->rule.params.count = UINT32_MAX)
SPOIL(many_vars, k->rule.vars.count = 9)
SPOIL(many_traces, k->rule.traces.count = 17)
SPOIL(many_events, k->rule.events.count = 9)
SPOIL(wide_params, k->rule.params.stride += 8)
SPOIL(narrow_params, k->rule.params.stride = 0)
SPOIL(wide_vars, k->rule.vars.stride += 8)
SPOIL(wide_traces, k->rule.traces.stride += 4)
SPOIL(wide_events, k->rule.events.stride = UINT32_MAX)

SPOIL(param_name, k->params[GAIN].name = NULL)
SPOIL(param_empty, k->params[GAIN].name = "")
SPOIL(param_unit, k->params[GAIN].unit = NULL)
SPOIL(param_doc, k->params[GAIN].doc = NULL)
SPOIL(param_twice, k->params[TAU].name = "gain")
SPOIL(param_below, k->params[GAIN].value = -1)
SPOIL(param_above, k->params[GAIN].value = 101)
SPOIL(param_nan, k->params[GAIN].value = NAN)
SPOIL(param_min_nan, k->params[GAIN].min = NAN)
SPOIL(param_max_nan, k->params[GAIN].max = NAN)
SPOIL(param_crossed, k->params[GAIN].min = 50; k->params[GAIN].max = 0)
SPOIL(param_flags, k->params[GAIN].flags = 16)
SPOIL(param_per_neuron, k->params[GAIN].flags = QUELL_PER_NEURON)
SPOIL(param_reserved, k->params[GAIN].reserved = 1)
SPOIL(param_at_open_end, k->params[TAU].value = 0)
SPOIL(param_broken, k->params[GAIN].flags = QUELL_INTEGER; k->params[GAIN].value = 0.5)

SPOIL(no_w_min, k->params[FIRST_STANDARD].name = "wmin")
SPOIL(no_w_max, k->params[FIRST_STANDARD + 1].name = "wmax")
SPOIL(no_tie, k->params[FIRST_STANDARD + 2].name = "ties")
SPOIL(no_params, k->rule.params.count = 0)
SPOIL(negative_w_min, k->params[FIRST_STANDARD].min = -5)
SPOIL(unknown_tie, k->params[FIRST_STANDARD + 2].max = 3)
SPOIL(huge_tie, k->params[FIRST_STANDARD + 2].max = 1e300)
SPOIL(negative_tie, k->params[FIRST_STANDARD + 2].min = -1)
SPOIL(broken_tie, k->params[FIRST_STANDARD + 2].flags = 0)

SPOIL(var_name, k->vars[1].name = NULL)
SPOIL(var_empty, k->vars[1].name = "")
SPOIL(var_unit, k->vars[1].unit = NULL)
SPOIL(var_doc, k->vars[1].doc = NULL)
SPOIL(var_twice, k->vars[1].name = "boost")
SPOIL(var_weight, k->vars[1].name = "weight")
SPOIL(var_delay, k->vars[1].name = "delay")
SPOIL(var_axonal, k->vars[1].name = "delay_axonal")
SPOIL(var_nan, k->vars[1].value = NAN)
SPOIL(var_infinite, k->vars[1].value = INFINITY)
SPOIL(var_no_float, k->vars[1].value = 1e300)

SPOIL(trace_no_side, k->traces[1].side = 0)
SPOIL(trace_side, k->traces[1].side = 4)
SPOIL(trace_no_kind, k->traces[1].kind = 0)
SPOIL(trace_kind, k->traces[1].kind = 4)
SPOIL(trace_tau, k->traces[1].tau = N_PARAMS)
SPOIL(trace_far_tau, k->traces[1].tau = UINT32_MAX)
SPOIL(trace_reserved, k->traces[1].reserved = 1)
SPOIL(trace_side_full, k->rule.traces.count = 10)

SPOIL(no_events, k->rule.events.count = 0)
SPOIL(event_no_kind, k->events[1].kind = 0)
SPOIL(event_kind, k->events[1].kind = 8)
SPOIL(event_param, k->events[1].param = 1)
SPOIL(event_no_call, k->events[1].call = NULL)
SPOIL(event_twice, k->events[1].kind = QUELL_PRE)
SPOIL(event_pre, k->events[1].wants_pre = 2)
SPOIL(event_post, k->events[1].wants_post = UINT64_MAX)
SPOIL(event_last_bit, k->events[1].wants_post = (uint64_t)1 << 63)

static const quell_integral_desc an_integral[] = {{"i", "of x", 0, 0}};
static const quell_row_var_desc bad_rows[][1] = {
    {{"weight", "1", "taken", 0}}, {{"boost", "1", "taken", 0}}, {{"u", "1", "no number", NAN}}};
static const quell_preset_desc bad_preset[] = {{"p", "no table", {NULL, 1, sizeof(quell_value)}}};
static double release(double *row_var, double since, const double *param, const void *instance) {
  (void)row_var, (void)since, (void)param, (void)instance;
  return 1.0;
}
static void release_only(kit *k) {
  k->rule.release = release;
  k->rule.events.count = 1;
  k->events[0].kind = QUELL_RELEASE;
  k->events[0].wants_post = 0;
  k->events[0].wants_pre = 0;
}
SPOIL(late_event_without_time, k->events[1].kind = QUELL_LATE; k->events[1].param = 99)
SPOIL(read_at_random, k->events[1].kind = QUELL_READ; k->events[1].normals = 1)
SPOIL(reduce_without_interval, k->events[1].kind = QUELL_REDUCE)
SPOIL(many_randoms, k->events[1].uniforms = 9)
SPOIL(unknown_signal, k->events[1].wants_signal = 1)
SPOIL(integral_without_step, k->rule.integrals = kit_table(an_integral, 1, sizeof *an_integral))
SPOIL(release_that_learns, k->rule.release = release)
SPOIL(release_reads_traces, release_only(k); k->events[0].wants_pre = 1)
SPOIL(row_var_weight, release_only(k);
      k->rule.row_vars = kit_table(bad_rows[0], 1, sizeof **bad_rows))
SPOIL(row_var_taken, release_only(k);
      k->rule.row_vars = kit_table(bad_rows[1], 1, sizeof **bad_rows))
SPOIL(row_var_nan, release_only(k); k->rule.row_vars = kit_table(bad_rows[2], 1, sizeof **bad_rows))
SPOIL(preset_null, k->rule.presets = kit_table(bad_preset, 1, sizeof *bad_preset))

SPOIL(long_and_wrong, k->rule.name = long_name; k->rule.ties = 8)
SPOIL(percent_and_wrong, k->rule.name = "%s%n"; k->rule.ties = 8)

typedef struct spoilt {
  const char *what;
  void (*spoil)(kit *k);
  quell_status status;
  const char *word;
} spoilt;
#define SPOILT(name, status, word)                                                                 \
  { #name, name, QUELL_E_##status, word }

static const spoilt cases[] = {
    SPOILT(larger_struct, UNSUPPORTED, "bytes"),
    SPOILT(smaller_struct, UNSUPPORTED, "bytes"),
    SPOILT(no_struct_size, UNSUPPORTED, "bytes"),
    SPOILT(newer_major, UNSUPPORTED, "ABI 2."),
    SPOILT(no_major, UNSUPPORTED, "ABI 0."),
    SPOILT(newer_minor, UNSUPPORTED, "ABI 1.2"),
    SPOILT(flags, UNSUPPORTED, "flags"),
    SPOILT(no_name, NAME, "name"),
    SPOILT(empty_name, NAME, "name"),
    SPOILT(no_summary, NAME, "summary"),
    SPOILT(no_source, NAME, "source"),
    SPOILT(taken_name, NAME, "'stdp_pair'"),
    SPOILT(no_prepare, RANGE, "prepare"),
    SPOILT(unknown_ties, RANGE, "ties"),
    SPOILT(null_params, RANGE, "parameters"),
    SPOILT(null_vars, RANGE, "variables"),
    SPOILT(null_traces, RANGE, "traces"),
    SPOILT(null_events, RANGE, "events"),
    SPOILT(many_params, RANGE, "64 parameters"),
    SPOILT(countless_params, RANGE, "4294967295"),
    SPOILT(many_vars, RANGE, "8 variables"),
    SPOILT(many_traces, RANGE, "16 traces"),
    SPOILT(many_events, RANGE, "8 events"),
    SPOILT(wide_params, UNSUPPORTED, "parameters"),
    SPOILT(narrow_params, UNSUPPORTED, "parameters"),
    SPOILT(wide_vars, UNSUPPORTED, "variables"),
    SPOILT(wide_traces, UNSUPPORTED, "traces"),
    SPOILT(wide_events, UNSUPPORTED, "events"),
    SPOILT(param_name, RANGE, "parameter 0"),
    SPOILT(param_empty, RANGE, "parameter 0"),
    SPOILT(param_unit, RANGE, "parameter 0"),
    SPOILT(param_doc, RANGE, "parameter 0"),
    SPOILT(param_twice, RANGE, "'gain'"),
    SPOILT(param_below, RANGE, "'gain'"),
    SPOILT(param_above, RANGE, "'gain'"),
    SPOILT(param_nan, RANGE, "'gain'"),
    SPOILT(param_min_nan, RANGE, "'gain'"),
    SPOILT(param_max_nan, RANGE, "'gain'"),
    SPOILT(param_crossed, RANGE, "'gain'"),
    SPOILT(param_flags, RANGE, "'gain'"),
    SPOILT(param_per_neuron, RANGE, "'gain'"),
    SPOILT(param_reserved, RANGE, "'gain'"),
    SPOILT(param_at_open_end, RANGE, "'tau'"),
    SPOILT(param_broken, RANGE, "'gain'"),
    SPOILT(no_w_min, RANGE, "'w_min'"),
    SPOILT(no_w_max, RANGE, "'w_max'"),
    SPOILT(no_tie, RANGE, "'tie'"),
    SPOILT(no_params, RANGE, "trace 0"),
    SPOILT(negative_w_min, RANGE, "'w_min'"),
    SPOILT(unknown_tie, RANGE, "'tie'"),
    SPOILT(huge_tie, RANGE, "'tie'"),
    SPOILT(negative_tie, RANGE, "'tie'"),
    SPOILT(broken_tie, RANGE, "'tie'"),
    SPOILT(var_name, RANGE, "variable 1"),
    SPOILT(var_empty, RANGE, "variable 1"),
    SPOILT(var_unit, RANGE, "variable 1"),
    SPOILT(var_doc, RANGE, "variable 1"),
    SPOILT(var_twice, RANGE, "'boost'"),
    SPOILT(var_weight, RANGE, "'weight'"),
    SPOILT(var_delay, RANGE, "'delay'"),
    SPOILT(var_axonal, RANGE, "'delay_axonal'"),
    SPOILT(var_nan, RANGE, "'spare'"),
    SPOILT(var_infinite, RANGE, "'spare'"),
    SPOILT(var_no_float, RANGE, "'spare'"),
    SPOILT(trace_no_side, RANGE, "trace 1"),
    SPOILT(trace_side, RANGE, "trace 1"),
    SPOILT(trace_no_kind, RANGE, "trace 1"),
    SPOILT(trace_kind, RANGE, "trace 1"),
    SPOILT(trace_tau, RANGE, "trace 1"),
    SPOILT(trace_far_tau, RANGE, "trace 1"),
    SPOILT(trace_reserved, RANGE, "trace 1"),
    SPOILT(trace_side_full, RANGE, "8 traces"),
    SPOILT(no_events, RANGE, "event"),
    SPOILT(event_no_kind, RANGE, "event 1"),
    SPOILT(event_kind, RANGE, "event 1"),
    SPOILT(event_param, RANGE, "event 1"),
    SPOILT(event_no_call, RANGE, "event 1"),
    SPOILT(event_twice, RANGE, "events of one kind"),
    SPOILT(event_pre, RANGE, "event 1"),
    SPOILT(event_post, RANGE, "event 1"),
    SPOILT(event_last_bit, RANGE, "event 1"),
    SPOILT(late_event_without_time, RANGE, "event 1"),
    SPOILT(read_at_random, RANGE, "chance"),
    SPOILT(reduce_without_interval, RANGE, "interval"),
    SPOILT(many_randoms, RANGE, "random"),
    SPOILT(unknown_signal, RANGE, "signal"),
    SPOILT(integral_without_step, RANGE, "integral"),
    SPOILT(release_that_learns, RANGE, "short-term"),
    SPOILT(release_reads_traces, RANGE, "release"),
    SPOILT(row_var_weight, RANGE, "'weight'"),
    SPOILT(row_var_taken, RANGE, "'boost'"),
    SPOILT(row_var_nan, RANGE, "'u'"),
    SPOILT(preset_null, RANGE, "preset"),
    SPOILT(long_and_wrong, RANGE, "ties"),
    SPOILT(percent_and_wrong, RANGE, "'%s%n'"),
};

/* Returns 1 if it is refused as it should be. */
static int is_refused(quell_registry *registry, const spoilt *c, kit *k) {
  size_t before = quell_registry_count(registry);
  memset(message, 0, sizeof message);
  quell_status status = quell_registry_add(registry, &k->rule, message, sizeof message);
  int names = k->rule.name && *k->rule.name && status == QUELL_E_RANGE;
  if (status == c->status && strstr(message, c->word) &&
      (!names || strstr(message, k->rule.name)) && quell_registry_count(registry) == before)
    return 1;
  print_error("%s: gives %s, should give %s\n  \"%s\", should have \"%s\"\n", c->what,
              quell_status_string(status), quell_status_string(c->status), message, c->word);
  return 0;
}

static void each_contradiction_is_refused(void **state) {
  test_allocator allocator = TEST_ALLOCATOR_INIT;
  quell_allocator hooks = test_allocator_hooks(&allocator);
  size_t broken = 0;
  memset(long_name, 'z', sizeof long_name - 1);
  for (size_t i = 0; i < COUNT(cases); i++) {
    quell_registry *registry;
    kit *k = must_alloc(1, sizeof *k);
    OK(quell_registry_create(&hooks, &registry));
    kit_make(k);
    cases[i].spoil(k);
    uint64_t live = allocator.live;
    broken += !is_refused(registry, &cases[i], k);
    assert_true(allocator.live == live || quell_registry_count(registry) > 3);
    quell_registry_destroy(&registry);
    free(k);
  }
  assert_int_equal(allocator.live, 0);
  assert_int_equal(allocator.faults, 0);
  assert_int_equal(broken, 0);
  (void)state;
}

static void a_good_descriptor_is_taken_once(void **state) {
  static kit k;
  quell_registry *registry;
  char text[100] = "";
  kit_make(&k);
  OK(quell_registry_create(NULL, &registry));
  OK(quell_registry_add(registry, &k.rule, NULL, 0));
  assert_string_equal(quell_registry_find(registry, "kit")->name, "kit");
  assert_null(quell_registry_find(NULL, "kit"));
  GIVES(QUELL_E_NAME, quell_registry_add(registry, &k.rule, text, sizeof text));
  assert_non_null(strstr(text, "'kit'"));
  assert_int_equal(quell_registry_count(registry), quell_registry_count(NULL) + 1);
  quell_registry_destroy(&registry);
  (void)state;
}

static void the_sentence_fits_its_buffer(void **state) {
  static kit k;
  char text[16];
  quell_registry *registry;
  kit_make(&k);
  k.rule.ties = 8;
  OK(quell_registry_create(NULL, &registry));
  for (size_t n = 0; n <= sizeof text; n++) {
    memset(text, '#', sizeof text);
    GIVES(QUELL_E_RANGE, quell_registry_add(registry, &k.rule, text, n));
    assert_true(n == 0 || text[n - 1] == 0);
    assert_true(n == sizeof text || text[n] == '#');
  }
  GIVES(QUELL_E_RANGE, quell_registry_add(registry, &k.rule, NULL, SIZE_MAX));
  quell_registry_destroy(&registry);
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_contradiction_is_refused),
      cmocka_unit_test(a_good_descriptor_is_taken_once),
      cmocka_unit_test(the_sentence_fits_its_buffer),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

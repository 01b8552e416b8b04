/* Descriptors that were compiled with another header: the structs of an older one are smaller,
 * those of a newer one larger. The registry has them all in the structs of this one. */
#include "rule_kit.h"

enum { JUNK = 0xa5, PLACE = 8192 };

/* What the first released structs ended with: ABI 1.0. */
#define FIRST(type, next) offsetof(type, next)

/* Structs `stride` bytes apart, with `fill` where they are longer than ours, and junk after the
 * last. */
static quell_table spread(unsigned char *place, const quell_table *table, size_t stride, int fill) {
  size_t common = stride < table->stride ? stride : table->stride;
  memset(place, JUNK, PLACE);
  for (uint32_t i = 0; i < table->count; i++) {
    memset(place + i * stride, fill, stride);
    memcpy(place + i * stride, (const char *)table->at + (size_t)i * table->stride, common);
  }
  return (quell_table){place, table->count, (uint32_t)stride};
}

static quell_status add(quell_registry *registry, const void *rule, char *message, size_t size) {
  memset(message, 0, size);
  return quell_registry_add(registry, rule, message, size);
}

/* A place for a descriptor of another size, aligned as one. */
typedef union other_rule {
  quell_rule_desc rule;
  unsigned char bytes[1024];
} other_rule;

static float run_it(quell_registry *registry) {
  float w;
  quell_network_options options = QUELL_NETWORK_OPTIONS_INIT;
  quell_network *net;
  quell_population *pre, *post;
  quell_rule *rule;
  quell_projection *synapse;
  quell_connection c = QUELL_CONNECTION_INIT;
  const uint32_t neuron = 0;
  options.registry = registry;
  OK(quell_network_create(&options, &net));
  OK(quell_population_create(net, "pre", "external", 1, NULL, 0, &pre));
  OK(quell_population_create(net, "post", "external", 1, NULL, 0, &post));
  OK(quell_rule_create(net, "kit", NULL, 0, &rule));
  c.kind = QUELL_ONE_TO_ONE;
  OK(quell_connect(net, pre, post, "excitatory", &c, rule, &synapse));
  OK(quell_population_spikes_in(pre, &neuron, 1));
  OK(quell_step(net));
  OK(quell_projection_get(synapse, "weight", 0, 1, &w));
  quell_network_destroy(&net);
  return w;
}

static void the_first_structs_are_taken(void **state) {
  static kit k;
  static other_rule old;
  static _Alignas(16) unsigned char events[PLACE];
  char message[200];
  quell_registry *registry;
  kit_make(&k);
  k.rule.abi_minor = 0;
  k.rule.struct_size = FIRST(quell_rule_desc, post_vars);
  k.rule.events = spread(events, &k.rule.events, FIRST(quell_event_desc, wants_signal), 0);
  memset(old.bytes, JUNK, sizeof old);
  memcpy(old.bytes, &k.rule, k.rule.struct_size);
  OK(quell_registry_create(NULL, &registry));
  OK(add(registry, &old, message, sizeof message));
  const quell_rule_desc *known = quell_registry_find(registry, "kit");
  assert_int_equal(known->struct_size, sizeof *known);
  assert_int_equal(known->abi_minor, 0);
  assert_null(known->presets.at);
  assert_int_equal(known->signals.count, 0);
  assert_true(!known->post_step && !known->decide && !known->release);
  assert_int_equal(known->factors.count + known->eligibilities.count, 0);
  assert_int_equal(known->events.stride, sizeof(quell_event_desc));
  const quell_event_desc *event = known->events.at;
  for (int i = 0; i < 2; i++)
    assert_true(event[i].call == kit_event && !event[i].wants_signal && !event[i].normals);
  assert_true(run_it(registry) == 1.01f);
  quell_registry_destroy(&registry);
  (void)state;
}

/* The rule and its tables may go after the call; the strings and functions stay. */
static void tables_are_copied(void **state) {
  static const quell_value slow = {"tau", 500};
  test_allocator allocator = TEST_ALLOCATOR_INIT;
  quell_allocator hooks = test_allocator_hooks(&allocator);
  quell_registry *registry;
  kit *k = must_alloc(1, sizeof *k);
  quell_value *values = must_alloc(1, sizeof *values);
  char message[200];
  kit_make(k);
  *values = slow;
  const quell_preset_desc preset = {"slow", "for tests", {values, 1, sizeof *values}};
  k->rule.presets = kit_table(&preset, 1, sizeof preset);
  OK(quell_registry_create(&hooks, &registry));
  OK(add(registry, &k->rule, message, sizeof message));
  memset(k, JUNK, sizeof *k);
  memset(values, JUNK, sizeof *values);
  free(k);
  free(values);
  const quell_rule_desc *known = quell_registry_find(registry, "kit");
  const quell_preset_desc *copied = known->presets.at;
  const quell_value *value = copied->values.at;
  assert_string_equal(value->name, "tau");
  assert_true(value->value == 500);
  assert_true(run_it(registry) == 1.01f);
  quell_registry_destroy(&registry);
  assert_int_equal(allocator.live, 0);
  assert_int_equal(allocator.faults, 0);
  (void)state;
}

typedef struct grown {
  const char *what;
  size_t table; /* offset; 0: the descriptor itself */
} grown;

static const grown structs[] = {
    {"descriptor", 0},
    {"parameters", offsetof(quell_rule_desc, params)},
    {"variables", offsetof(quell_rule_desc, vars)},
    {"traces", offsetof(quell_rule_desc, traces)},
    {"events", offsetof(quell_rule_desc, events)},
    {"eligibilities", offsetof(quell_rule_desc, eligibilities)},
};

static void make_with_trail(kit *k) {
  static const quell_eligibility_desc trail = {"trail", "1", "it only decays", TAU, 0};
  kit_make(k);
  k->rule.eligibilities = kit_table(&trail, 1, sizeof trail);
}

/* One struct has grown by two members, which are `fill`. */
static quell_status add_grown(quell_registry *registry, const grown *g, int fill, char *message,
                              size_t size) {
  static kit k;
  static other_rule newer;
  static _Alignas(16) unsigned char structs_of[PLACE];
  make_with_trail(&k);
  if (g->table) {
    quell_table *table = (quell_table *)(void *)((char *)&k.rule + g->table);
    *table = spread(structs_of, table, table->stride + 16, fill);
  } else {
    k.rule.struct_size += 16;
  }
  memset(newer.bytes, fill, sizeof newer);
  memcpy(newer.bytes, &k.rule, sizeof k.rule);
  return add(registry, &newer, message, size);
}

static void larger_structs_are_taken_if_nothing_is_set(void **state) {
  char message[200];
  for (size_t i = 0; i < COUNT(structs); i++) {
    quell_registry *registry;
    OK(quell_registry_create(NULL, &registry));
    GIVES(QUELL_E_UNSUPPORTED, add_grown(registry, &structs[i], 1, message, sizeof message));
    if (!strstr(message, structs[i].what) || !strstr(message, "does not know"))
      fail_msg("\"%s\" lacks \"%s\"", message, structs[i].what);
    OK(add_grown(registry, &structs[i], 0, message, sizeof message));
    assert_true(run_it(registry) == 1.01f);
    quell_registry_destroy(&registry);
  }
  (void)state;
}

/* Smaller than any that was released, and not a multiple of the alignment. */
static void sizes_that_cannot_be_are_refused(void **state) {
  static kit k;
  char message[200];
  quell_registry *registry;
  OK(quell_registry_create(NULL, &registry));
  for (size_t i = 1; i < COUNT(structs); i++) {
    const uint32_t strides[] = {0, 4, 8, 5000, UINT32_MAX};
    for (size_t j = 0; j < COUNT(strides); j++) {
      make_with_trail(&k);
      ((quell_table *)(void *)((char *)&k.rule + structs[i].table))->stride = strides[j];
      GIVES(QUELL_E_UNSUPPORTED, add(registry, &k.rule, message, sizeof message));
      assert_non_null(strstr(message, structs[i].what));
    }
  }
  const uint32_t sizes[] = {0, 16, FIRST(quell_rule_desc, prepare), 4097, UINT32_MAX};
  for (size_t j = 0; j < COUNT(sizes); j++) {
    kit_make(&k);
    k.rule.struct_size = sizes[j];
    GIVES(QUELL_E_UNSUPPORTED, add(registry, &k.rule, message, sizeof message));
    assert_non_null(strstr(message, "bytes"));
  }
  assert_int_equal(quell_registry_count(registry), quell_registry_count(NULL));
  quell_registry_destroy(&registry);
  (void)state;
}

static void presets_without_their_values_are_refused(void **state) {
  static kit k;
  char message[200];
  const quell_value value = {"tau", 5};
  const struct {
    quell_table values;
    quell_status status;
  } cases[] = {
      {{NULL, 1, sizeof value}, QUELL_E_RANGE},
      {{&value, UINT32_MAX, sizeof value}, QUELL_E_RANGE},
      {{&value, 1, sizeof value + 8}, QUELL_E_UNSUPPORTED},
      {{&value, 1, 0}, QUELL_E_UNSUPPORTED},
  };
  quell_registry *registry;
  OK(quell_registry_create(NULL, &registry));
  for (size_t i = 0; i < COUNT(cases); i++) {
    const quell_preset_desc preset = {"one", "for tests", cases[i].values};
    kit_make(&k);
    k.rule.presets = kit_table(&preset, 1, sizeof preset);
    GIVES(cases[i].status, add(registry, &k.rule, message, sizeof message));
    assert_non_null(strstr(message, "'kit'"));
    assert_non_null(strstr(message, "preset"));
  }
  quell_registry_destroy(&registry);
  (void)state;
}

static void failing_memory_leaves_the_registry_as_it_was(void **state) {
  static kit k;
  test_allocator allocator = TEST_ALLOCATOR_INIT;
  quell_allocator hooks = test_allocator_hooks(&allocator);
  quell_registry *registry;
  char message[200];
  unsigned failures = 0;
  kit_make(&k);
  OK(quell_registry_create(&hooks, &registry));
  for (;; failures++) {
    uint64_t live = allocator.live;
    allocator.fail_at = allocator.calls + failures + 1;
    quell_status status = add(registry, &k.rule, message, sizeof message);
    allocator.fail_at = 0;
    if (!status) break;
    assert_int_equal(status, QUELL_E_MEMORY);
    assert_non_null(strstr(message, "memory"));
    assert_int_equal(allocator.live, live);
    assert_null(quell_registry_find(registry, "kit"));
  }
  assert_true(failures >= 3);
  assert_non_null(quell_registry_find(registry, "kit"));
  quell_registry_destroy(&registry);
  assert_int_equal(allocator.live, 0);
  assert_int_equal(allocator.faults, 0);
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_first_structs_are_taken),
      cmocka_unit_test(tables_are_copied),
      cmocka_unit_test(larger_structs_are_taken_if_nothing_is_set),
      cmocka_unit_test(sizes_that_cannot_be_are_refused),
      cmocka_unit_test(presets_without_their_values_are_refused),
      cmocka_unit_test(failing_memory_leaves_the_registry_as_it_was),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

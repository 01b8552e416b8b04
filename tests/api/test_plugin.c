/* Libraries of rules: loading, all that can be wrong with a file, use by networks, unloading. The
 * libraries are those of tests/plugins. */
#define _GNU_SOURCE

#include "support/allocator.h"
#include "support/check.h"
#include <dlfcn.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char message[2048];
static char folder[] = "/tmp/quell-test-XXXXXX"; /* for files that the tests make */

/* --- files --- */

/* The path of a library that the build has made; in one of a few static buffers. */
static const char *built(const char *name) {
  static _Thread_local char paths[4][1024];
  static _Thread_local unsigned next;
  char *path = paths[next++ % COUNT(paths)];
  snprintf(path, sizeof paths[0], "%s/%s.so", QUELL_TEST_PLUGINS, name);
  return path;
}

static const char *made(const char *name) {
  static char paths[4][1024];
  static unsigned next;
  char *path = paths[next++ % COUNT(paths)];
  snprintf(path, sizeof paths[0], "%s/%s", folder, name);
  return path;
}

typedef struct bytes {
  unsigned char *at;
  size_t n;
} bytes;

static bytes read_file(const char *path) {
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  bytes all = {must_alloc(1 << 22, 1), 0};
  all.n = fread(all.at, 1, 1 << 22, file);
  assert_true(all.n > 0 && all.n < 1 << 22);
  fclose(file);
  return all;
}

static void write_file(const char *path, const void *at, size_t n) {
  remove(path); /* not the inode of a file that was loaded */
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(at, 1, n, file), n);
  assert_int_equal(fclose(file), 0);
}

static int open_folder(void **state) {
  (void)state;
  return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state) {
  static const char *const names[] = {"text",       "empty.so", "cut.so",
                                      "changed.so", "link.so",  "loose.so"};
  for (size_t i = 0; i < COUNT(names); i++) remove(made(names[i]));
  (void)state;
  return rmdir(folder);
}

/* --- registries --- */

/* A registry on an allocator that counts. */
typedef struct shelf {
  test_allocator allocator;
  quell_registry *registry;
} shelf;

static shelf *shelf_open(void) {
  shelf *s = must_alloc(1, sizeof *s);
  *s = (shelf){.allocator = TEST_ALLOCATOR_INIT};
  quell_allocator hooks = test_allocator_hooks(&s->allocator);
  OK(quell_registry_create(&hooks, &s->registry));
  return s;
}

static void shelf_close(shelf *s) {
  quell_registry_destroy(&s->registry);
  assert_int_equal(s->allocator.live, 0);
  assert_int_equal(s->allocator.faults, 0);
  free(s);
}

static void load(shelf *s, const char *path) {
  memset(message, 0, sizeof message);
  if (quell_plugin_load(s->registry, path, message, sizeof message)) fail_msg("%s", message);
}

static int has(const shelf *s, const char *rule) {
  return quell_registry_find(s->registry, rule) != NULL;
}

/* The call gives this status and a sentence with both words, and the registry is as it was. */
static void refused(shelf *s, quell_status status, const char *path, const char *word) {
  size_t count = quell_registry_count(s->registry);
  uint64_t live = s->allocator.live, held = s->allocator.bytes;
  memset(message, 0, sizeof message);
  quell_status got = quell_plugin_load(s->registry, path, message, sizeof message);
  if (got != status || !strstr(message, path) || !strstr(message, word))
    fail_msg("%s: gives %s, should give %s\n\"%s\", should have \"%s\"", path,
             quell_status_string(got), quell_status_string(status), message, word);
  assert_null(strchr(message, '\n'));
  assert_int_equal(quell_registry_count(s->registry), count);
  assert_int_equal(s->allocator.live, live);
  assert_int_equal(s->allocator.bytes, held);
}

/* Whether the operating system has it loaded. */
static void is_loaded(const char *path, int want) {
#ifdef __GLIBC__ /* others never unload */
  void *handle = dlopen(path, RTLD_NOW | RTLD_NOLOAD);
  if (handle) dlclose(handle);
  assert_int_equal(handle != NULL, want);
#else
  (void)path;
  (void)want;
#endif
}

/* --- networks --- */

/* One synapse of weight 1 between neurons of the host. */
typedef struct synapse {
  quell_network *net;
  quell_population *pre, *post;
  quell_rule *rule;
  quell_projection *projection;
} synapse;

static synapse synapse_open(quell_registry *registry, const char *rule, const quell_value *value) {
  quell_network_options options = QUELL_NETWORK_OPTIONS_INIT;
  quell_connection c = QUELL_CONNECTION_INIT;
  synapse s;
  options.registry = registry;
  OK(quell_network_create(&options, &s.net));
  OK(quell_population_create(s.net, "pre", "external", 1, NULL, 0, &s.pre));
  OK(quell_population_create(s.net, "post", "external", 1, NULL, 0, &s.post));
  OK(quell_rule_create(s.net, rule, value, value ? 1 : 0, &s.rule));
  c.kind = QUELL_ONE_TO_ONE;
  OK(quell_connect(s.net, s.pre, s.post, "excitatory", &c, s.rule, &s.projection));
  return s;
}

static float get(const synapse *s, const char *variable) {
  float value;
  OK(quell_projection_get(s->projection, variable, 0, 1, &value));
  return value;
}

/* Spikes of one neuron, `interval` steps apart. */
static void fire(const synapse *s, quell_population *population, int spikes, uint64_t interval) {
  const uint32_t neuron = 0;
  for (int i = 0; i < spikes; i++) {
    OK(quell_population_spikes_in(population, &neuron, 1));
    for (uint64_t step = 0; step < interval; step++) OK(quell_step(s->net));
  }
}

/* The rules of kit.h add `gain` at each pre spike. */
static void learns(const synapse *s, double gain) {
  float before = get(s, "weight");
  fire(s, s->pre, 3, 50);
  assert_true(fabs((double)get(s, "weight") - before - 3.0 * gain) < 1e-6);
}

/* --- loading --- */

static void all_rules_of_a_library_are_there(void **state) {
  shelf *s = shelf_open();
  size_t n = quell_registry_count(NULL);
  load(s, built("good"));
  assert_int_equal(quell_registry_count(s->registry), n + 2);
  assert_string_equal(quell_registry_rule(s->registry, n)->name, "plugin_first");
  assert_string_equal(quell_registry_rule(s->registry, n + 1)->name, "plugin_second");
  assert_null(quell_registry_rule(s->registry, n + 2));
  assert_null(quell_registry_find(NULL, "plugin_first"));
  quell_variable gain = QUELL_VARIABLE_INIT;
  OK(quell_rule_parameter(quell_registry_find(s->registry, "plugin_second"), 0, &gain));
  assert_string_equal(gain.name, "gain");
  assert_true(gain.value == 0.25);
  synapse first = synapse_open(s->registry, "plugin_first", NULL);
  synapse second = synapse_open(s->registry, "plugin_second", &(quell_value){"gain", 2.0});
  learns(&first, 0.25);
  learns(&second, 2.0);
  quell_network_destroy(&first.net);
  quell_network_destroy(&second.net);
  shelf_close(s);
  (void)state;
}

static void other_versions_that_are_good_are_taken(void **state) {
  static const char *const names[][2] = {
      {"unspoilt", "spoilt_second"}, {"older_minor", "spoilt_second"}, {"larger", "larger"}};
  for (size_t i = 0; i < COUNT(names); i++) {
    shelf *s = shelf_open();
    load(s, built(names[i][0]));
    synapse one = synapse_open(s->registry, names[i][1], NULL);
    learns(&one, 0.25);
    quell_network_destroy(&one.net);
    shelf_close(s);
  }
  (void)state;
}

typedef struct bad {
  const char *name;
  quell_status status;
  const char *word;
} bad;

static const bad bad_libraries[] = {
    {"no_entry", QUELL_E_UNSUPPORTED, "quell_plugin_entry"},
    {"declines", QUELL_E_UNSUPPORTED, "does not work with rule ABI 1."},
    {"undefined", QUELL_E_UNSUPPORTED, "quell_test_nowhere"},
    {"older_major", QUELL_E_UNSUPPORTED, "ABI 0."},
    {"newer_major", QUELL_E_UNSUPPORTED, "ABI 2."},
    {"newer_minor", QUELL_E_UNSUPPORTED, "ABI 1.1000"},
    {"newer_rule_minor", QUELL_E_UNSUPPORTED, "ABI 1.1000"},
    {"newer_rule", QUELL_E_UNSUPPORTED, "descriptor has a member at byte"},
    {"newer_plugin", QUELL_E_UNSUPPORTED, "quell_plugin has a member at byte"},
    {"small", QUELL_E_UNSUPPORTED, "24 bytes"},
    {"huge", QUELL_E_UNSUPPORTED, "4294967295 bytes"},
    {"reserved", QUELL_E_RANGE, "'reserved'"},
    {"nameless", QUELL_E_NAME, "lacks its name"},
    {"empty", QUELL_E_RANGE, "no rules"},
    {"countless", QUELL_E_RANGE, "table of pointers"},
    {"structs", QUELL_E_RANGE, "table of pointers"},
    {"null_rule", QUELL_E_RANGE, "rule 1 is NULL"},
    {"contradicts", QUELL_E_RANGE, "rule 'spoilt_second': 'ties'"},
    {"twin", QUELL_E_NAME, "'twin'"},
    {"shadow", QUELL_E_NAME, "'vogels2011'"},
    {"other", QUELL_E_NAME, "'plugin_first'"},
    {"same_name", QUELL_E_NAME, "a plugin 'good' already"},
};

static void bad_libraries_are_refused(void **state) {
  shelf *s = shelf_open();
  load(s, built("good"));
  synapse one = synapse_open(s->registry, "plugin_first", NULL);
  for (size_t i = 0; i < COUNT(bad_libraries); i++) {
    const bad *b = &bad_libraries[i];
    refused(s, b->status, built(b->name), b->word);
    is_loaded(built(b->name), 0);
    GIVES(QUELL_E_NAME, quell_plugin_unload(s->registry, built(b->name), NULL, 0));
  }
  assert_false(has(s, "shadow") || has(s, "plugin_third") || has(s, "spoilt_first"));
  learns(&one, 0.25);
  quell_network_destroy(&one.net);
  shelf_close(s);
  (void)state;
}

static void files_that_are_no_libraries_are_refused(void **state) {
  shelf *s = shelf_open();
  char text[5000];
  memset(text, 'x', sizeof text);
  refused(s, QUELL_E_NAME, made("missing.so"), "No such file");
  refused(s, QUELL_E_UNSUPPORTED, "", "");
  refused(s, QUELL_E_UNSUPPORTED, folder, "");
  write_file(made("empty.so"), text, 0);
  write_file(made("text"), text, sizeof text);
#ifdef __linux__
  refused(s, QUELL_E_UNSUPPORTED, made("empty.so"), "no shared library");
  refused(s, QUELL_E_UNSUPPORTED, made("text"), "no shared library");
#endif
  write_file(made("text"), text, 20);
  refused(s, QUELL_E_UNSUPPORTED, made("text"), "");
  shelf_close(s);
  (void)state;
}

#ifdef __linux__
/* Wherever it is cut off: the loader would map what is not there, and the process would end. */
static void a_library_that_is_cut_off_is_refused(void **state) {
  shelf *s = shelf_open();
  bytes all = read_file(built("good"));
  for (size_t n = 1; n < all.n; n += n < 1024 ? 61 : all.n / 23) {
    write_file(made("cut.so"), all.at, n);
    refused(s, QUELL_E_UNSUPPORTED, made("cut.so"), n < 64 ? "" : "cut off");
  }
  write_file(made("cut.so"), all.at, all.n - 1);
  refused(s, QUELL_E_UNSUPPORTED, made("cut.so"), "cut off");
  free(all.at);
  shelf_close(s);
  (void)state;
}

/* Byte 4 is for 32 or 64 bits, 5 for the order of bytes, 18 and 19 for the machine. */
static void a_library_of_another_machine_is_refused(void **state) {
  shelf *s = shelf_open();
  bytes all = read_file(built("good"));
  const struct {
    size_t at;
    unsigned char flip;
  } changes[] = {{4, 3}, {5, 3}, {18, 0x55}, {19, 0x01}};
  for (size_t i = 0; i < COUNT(changes); i++) {
    all.at[changes[i].at] ^= changes[i].flip;
    write_file(made("changed.so"), all.at, all.n);
    refused(s, QUELL_E_UNSUPPORTED, made("changed.so"), "");
#if defined __x86_64__ || defined __aarch64__ || defined __riscv
    refused(s, QUELL_E_UNSUPPORTED, made("changed.so"), "another kind of processor");
#endif
    all.at[changes[i].at] ^= changes[i].flip;
  }
  write_file(made("changed.so"), all.at, all.n);
  load(s, made("changed.so"));
  free(all.at);
  shelf_close(s);
  (void)state;
}
#endif

/* A name without a slash is one of the working directory, not one of the loader's. */
static void nothing_is_searched_for(void **state) {
  shelf *s = shelf_open();
  char before[1024];
  bytes all = read_file(built("good"));
  write_file(made("loose.so"), all.at, all.n);
  assert_non_null(getcwd(before, sizeof before));
  refused(s, QUELL_E_NAME, "loose.so", "No such file");
  refused(s, QUELL_E_NAME, "libc.so.6", "No such file");
  assert_int_equal(chdir(folder), 0);
  load(s, "loose.so");
  refused(s, QUELL_E_NAME, "./loose.so", "already, as 'loose.so'");
  assert_int_equal(chdir(before), 0);
  OK(quell_plugin_unload(s->registry, "loose.so", NULL, 0));
  assert_false(has(s, "plugin_first"));
  free(all.at);
  shelf_close(s);
  (void)state;
}

static void a_file_is_loaded_once(void **state) {
  shelf *s = shelf_open();
  char around[1200];
  load(s, built("good"));
  refused(s, QUELL_E_NAME, built("good"), "it is loaded already");
  snprintf(around, sizeof around, "%s/../plugins/good.so", QUELL_TEST_PLUGINS);
  refused(s, QUELL_E_NAME, around, "it is loaded already");
  remove(made("link.so"));
  assert_int_equal(symlink(built("good"), made("link.so")), 0);
  refused(s, QUELL_E_NAME, made("link.so"), "it is loaded already");
  OK(quell_plugin_unload(s->registry, "good", NULL, 0));
  load(s, made("link.so"));
  assert_true(has(s, "plugin_first"));
  shelf_close(s);
  (void)state;
}

static void null_is_refused_and_a_sentence_fits(void **state) {
  shelf *s = shelf_open();
  char text[24];
  GIVES(QUELL_E_NULL, quell_plugin_load(NULL, built("good"), message, sizeof message));
  GIVES(QUELL_E_NULL, quell_plugin_load(s->registry, NULL, message, sizeof message));
  GIVES(QUELL_E_NULL, quell_plugin_unload(NULL, "good", message, sizeof message));
  GIVES(QUELL_E_NULL, quell_plugin_unload(s->registry, NULL, message, sizeof message));
  GIVES(QUELL_E_NAME, quell_plugin_load(s->registry, made("missing.so"), NULL, 7));
  for (size_t n = 0; n <= sizeof text; n++) {
    memset(text, '#', sizeof text);
    GIVES(QUELL_E_UNSUPPORTED, quell_plugin_load(s->registry, built("declines"), text, n));
    assert_true(n == 0 || text[n - 1] == 0);
    assert_true(n == sizeof text || text[n] == '#');
  }
  shelf_close(s);
  (void)state;
}

/* Each allocation fails once; after it the same call works. */
static void failing_memory_leaves_the_registry_as_it_was(void **state) {
  shelf *s = shelf_open();
  size_t count = quell_registry_count(s->registry);
  quell_status status = QUELL_E_MEMORY;
  unsigned failures = 0;
  while (status) {
    uint64_t live = s->allocator.live;
    s->allocator.fail_at = s->allocator.calls + failures + 1;
    status = quell_plugin_load(s->registry, built("good"), message, sizeof message);
    s->allocator.fail_at = 0;
    if (!status) break;
    failures++;
    assert_int_equal(status, QUELL_E_MEMORY);
    assert_non_null(strstr(message, "good.so"));
    assert_int_equal(s->allocator.live, live);
    assert_int_equal(quell_registry_count(s->registry), count);
  }
  assert_true(failures >= 6); /* the library, the list, and for each rule its copy and its place */
  assert_true(has(s, "plugin_second"));
  shelf_close(s);
  (void)state;
}

/* --- use --- */

static void prepare_that_refuses_changes_nothing(void **state) {
  shelf *s = shelf_open();
  const quell_value unlucky = {"gain", 13.0}, lucky = {"gain", 14.0};
  quell_rule *none = NULL;
  double gain;
  load(s, built("good"));
  synapse one = synapse_open(s->registry, "plugin_first", NULL);
  GIVES(QUELL_E_RANGE, quell_rule_create(one.net, "plugin_second", &unlucky, 1, &none));
  assert_null(none);
  assert_non_null(strstr(quell_network_error(one.net), "unlucky"));
  learns(&one, 0.25);
  GIVES(QUELL_E_RANGE, quell_rule_set(one.rule, &unlucky, 1));
  assert_non_null(strstr(quell_network_error(one.net), "unlucky"));
  OK(quell_rule_get(one.rule, "gain", &gain));
  assert_true(gain == 0.25);
  learns(&one, 0.25);
  OK(quell_rule_set(one.rule, &lucky, 1));
  learns(&one, 14.0);
  quell_network_destroy(&one.net);
  OK(quell_plugin_unload(s->registry, "good", NULL, 0)); /* what was refused does not count */
  shelf_close(s);
  (void)state;
}

static int is_in_use(shelf *s, const char *plugin, const char *rule) {
  memset(message, 0, sizeof message);
  quell_status status = quell_plugin_unload(s->registry, plugin, message, sizeof message);
  return status == QUELL_E_STATE && strstr(message, rule) && strstr(message, plugin);
}

static void a_library_stays_while_a_network_has_a_rule_of_it(void **state) {
  shelf *s = shelf_open();
  load(s, built("good"));
  synapse one = synapse_open(s->registry, "plugin_second", NULL);
  synapse two = synapse_open(s->registry, "plugin_second", NULL);
  synapse foreign = synapse_open(s->registry, "vogels2011", NULL);
  assert_true(is_in_use(s, "good", "'plugin_second'"));
  assert_true(is_in_use(s, built("good"), "'plugin_second'"));
  learns(&one, 0.25);
  quell_network_destroy(&one.net);
  assert_true(is_in_use(s, "good", "'plugin_second'"));
  learns(&two, 0.25);
  quell_network_destroy(&two.net);
  OK(quell_plugin_unload(s->registry, "good", message, sizeof message));
  assert_false(has(s, "plugin_first") || has(s, "plugin_second"));
  assert_int_equal(quell_registry_count(s->registry), quell_registry_count(NULL));
  GIVES(QUELL_E_NAME, quell_plugin_unload(s->registry, "good", message, sizeof message));
  GIVES(QUELL_E_NAME,
        quell_rule_create(foreign.net, "plugin_second", NULL, 0, &(quell_rule *){NULL}));
  fire(&foreign, foreign.pre, 2, 30);
  load(s, built("good"));
  quell_rule *again;
  OK(quell_rule_create(foreign.net, "plugin_second", NULL, 0, &again));
  assert_true(is_in_use(s, "good", "'plugin_second'"));
  quell_network_destroy(&foreign.net);
  shelf_close(s);
  (void)state;
}

static void other_rules_stay_in_their_order(void **state) {
  shelf *s = shelf_open();
  size_t n = quell_registry_count(NULL);
  load(s, built("nan"));
  load(s, built("good"));
  load(s, built("unspoilt"));
  const quell_rule_desc *last = quell_registry_find(s->registry, "spoilt_second");
  synapse one = synapse_open(s->registry, "spoilt_second", NULL);
  OK(quell_plugin_unload(s->registry, "good", NULL, 0));
  assert_int_equal(quell_registry_count(s->registry), n + 3);
  assert_string_equal(quell_registry_rule(s->registry, n)->name, "plugin_nan");
  assert_string_equal(quell_registry_rule(s->registry, n + 1)->name, "spoilt_first");
  assert_ptr_equal(quell_registry_rule(s->registry, n + 2), last);
  load(s, built("other")); /* its rule 'plugin_first' is free now */
  refused(s, QUELL_E_NAME, built("good"), "'plugin_first'");
  learns(&one, 0.25);
  OK(quell_plugin_unload(s->registry, "nan", NULL, 0));
  assert_true(is_in_use(s, "spoilt", "'spoilt_second'"));
  quell_network_destroy(&one.net);
  shelf_close(s);
  (void)state;
}

static void the_last_network_takes_the_library_with_it(void **state) {
  shelf *s = shelf_open();
  const char *path = built("good");
  is_loaded(path, 0);
  load(s, path);
  synapse one = synapse_open(s->registry, "plugin_first", NULL);
  quell_registry_destroy(&s->registry);
  is_loaded(path, 1);
  learns(&one, 0.25);
  quell_network_destroy(&one.net);
  is_loaded(path, 0);
  shelf_close(s);
  (void)state;
}

static void two_registries_have_the_same_file(void **state) {
  shelf *s = shelf_open(), *t = shelf_open();
  load(s, built("good"));
  load(t, built("good"));
  synapse one = synapse_open(s->registry, "plugin_first", NULL);
  synapse two = synapse_open(t->registry, "plugin_first", &(quell_value){"gain", 3.0});
  assert_true(is_in_use(s, "good", "'plugin_first'"));
  quell_network_destroy(&one.net);
  OK(quell_plugin_unload(s->registry, "good", NULL, 0));
  assert_true(has(t, "plugin_first"));
  learns(&two, 3.0);
  assert_true(is_in_use(t, "good", "'plugin_first'"));
  shelf_close(s);
  quell_network_destroy(&two.net);
  shelf_close(t);
  is_loaded(built("good"), 0);
  (void)state;
}

static void *load_and_learn(void *rounds) {
  for (int i = 0; i < *(const int *)rounds; i++) {
    quell_registry *registry;
    OK(quell_registry_create(NULL, &registry));
    OK(quell_plugin_load(registry, built("nan"), NULL, 0));
    OK(quell_plugin_load(registry, built("unspoilt"), NULL, 0));
    synapse one = synapse_open(registry, "spoilt_first", NULL);
    GIVES(QUELL_E_STATE, quell_plugin_unload(registry, "spoilt", NULL, 0));
    OK(quell_plugin_unload(registry, "nan", NULL, 0));
    quell_registry_destroy(&registry);
    learns(&one, 0.25);
    quell_network_destroy(&one.net);
  }
  return NULL;
}

static void threads_load_into_registries_of_their_own(void **state) {
  int rounds = quick() ? 5 : 50;
  pthread_t threads[2];
  for (size_t i = 0; i < COUNT(threads); i++)
    assert_int_equal(pthread_create(&threads[i], NULL, load_and_learn, &rounds), 0);
  for (size_t i = 0; i < COUNT(threads); i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
  (void)state;
}

typedef struct user {
  quell_registry *registry;
  int rounds;
} user;

static void *make_and_drop(void *context) {
  user *u = context;
  for (int i = 0; i < u->rounds; i++) {
    synapse one = synapse_open(u->registry, "plugin_first", NULL);
    learns(&one, 0.25);
    quell_network_destroy(&one.net);
  }
  return NULL;
}

static void networks_in_threads_share_a_library(void **state) {
  shelf *s = shelf_open();
  load(s, built("good"));
  user u = {s->registry, quick() ? 10 : 200};
  pthread_t threads[2];
  for (size_t i = 0; i < COUNT(threads); i++)
    assert_int_equal(pthread_create(&threads[i], NULL, make_and_drop, &u), 0);
  for (size_t i = 0; i < COUNT(threads); i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
  OK(quell_plugin_unload(s->registry, "good", NULL, 0));
  shelf_close(s);
  (void)state;
}

/* --- binaries that are never compiled again --- */

#if defined __linux__ && defined __x86_64__
/* Pre spike at 0 ms, post spikes at 5 and 15 ms, pre spike at 20 ms, all of the full triplet rule
 * with its default parameters. */
static double triplet_weight(void) {
  const double plus = 16.8, minus = 33.7, x = 101, y = 125;
  double w = 1.0;
  w += exp(-5 / plus) * 0.005;
  w += exp(-15 / plus) * (0.005 + 0.0062 * exp(-10 / y));
  w -= (exp(-15 / minus) + exp(-5 / minus)) * (0.007 + 0.0023 * exp(-20 / x));
  return w;
}

static void kept_binaries_work(void **state) {
  static const char *const names[] = {"triplet-abi1.0-x86_64-linux.so",
                                      "triplet-abi1.1-x86_64-linux.so"};
  for (size_t i = 0; i < COUNT(names); i++) {
    char path[1200];
    shelf *s = shelf_open();
    snprintf(path, sizeof path, "%s/%s", QUELL_TEST_KEPT, names[i]);
    load(s, path);
    const quell_rule_desc *rule = quell_registry_find(s->registry, "kept_triplet");
    assert_int_equal(rule->struct_size, sizeof *rule);
    assert_int_equal(rule->events.stride, sizeof(quell_event_desc));
    assert_int_equal(rule->presets.count, 0);
    synapse one = synapse_open(s->registry, "kept_triplet", NULL);
    fire(&one, one.pre, 1, 50);
    fire(&one, one.post, 1, 100);
    fire(&one, one.post, 1, 50);
    fire(&one, one.pre, 1, 50);
    CLOSE(get(&one, "weight"), triplet_weight(), 5.0, names[i], 0);
    assert_true(get(&one, "visits") == 4.0f);
    quell_network_destroy(&one.net);
    OK(quell_plugin_unload(s->registry, "kept", NULL, 0));
    shelf_close(s);
  }
  (void)state;
}
#else
static void kept_binaries_work(void **state) {
  (void)state;
  print_message("the kept binaries are for x86-64 Linux\n");
  skip();
}
#endif

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_rules_of_a_library_are_there),
      cmocka_unit_test(other_versions_that_are_good_are_taken),
      cmocka_unit_test(bad_libraries_are_refused),
      cmocka_unit_test(files_that_are_no_libraries_are_refused),
#ifdef __linux__
      cmocka_unit_test(a_library_that_is_cut_off_is_refused),
      cmocka_unit_test(a_library_of_another_machine_is_refused),
#endif
      cmocka_unit_test(nothing_is_searched_for),
      cmocka_unit_test(a_file_is_loaded_once),
      cmocka_unit_test(null_is_refused_and_a_sentence_fits),
      cmocka_unit_test(failing_memory_leaves_the_registry_as_it_was),
      cmocka_unit_test(prepare_that_refuses_changes_nothing),
      cmocka_unit_test(a_library_stays_while_a_network_has_a_rule_of_it),
      cmocka_unit_test(other_rules_stay_in_their_order),
      cmocka_unit_test(the_last_network_takes_the_library_with_it),
      cmocka_unit_test(two_registries_have_the_same_file),
      cmocka_unit_test(threads_load_into_registries_of_their_own),
      cmocka_unit_test(networks_in_threads_share_a_library),
      cmocka_unit_test(kept_binaries_work),
  };
  return cmocka_run_group_tests(tests, open_folder, remove_folder);
}

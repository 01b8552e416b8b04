/* Every allocation fails once, and everything after it: the call says QUELL_E_MEMORY and has
 * changed nothing, so that calling it again goes on to the same bits; nothing leaks. */
#include "support/allocator.h"
#include "support/check.h"
#include "support/setup.h"
#include <stdlib.h>

enum { EXC = 70, INH = 20 };

typedef struct scenario {
  test_allocator allocator;
  int failed_step; /* a step ended with QUELL_E_MEMORY: the network may have failed for good */
  int gives_up;    /* do not call again after a failure */
  int gave_up;
  uint64_t hash;
} scenario;

/* What may be said, besides QUELL_OK. */
static int memory_or_ok(scenario *s, quell_status status, const char *call) {
  if (status == QUELL_OK) return 1;
  if (status != QUELL_E_MEMORY)
    fail_msg("%s gives %s when allocation %llu fails", call, quell_status_string(status),
             (unsigned long long)s->allocator.fail_at);
  if (s->gives_up) s->gave_up = 1;
  return s->gives_up;
}

/* Calls again until it works; ends the scenario where it gives up. */
#define TRY(call)                                                                                  \
  do {                                                                                             \
    while (!memory_or_ok(s, (call), #call)) {                                                      \
    }                                                                                              \
    if (s->gave_up) return;                                                                        \
  } while (0)

typedef struct parts {
  quell_registry *registry;
  quell_network *net;
  quell_population *exc, *inh, *source, *host;
  quell_rule *rule;
  quell_projection *plastic, *onto_host, *plain;
  quell_recorder *spikes, *weights, *rate, *v;
} parts;

static void build_populations(scenario *s, parts *p) {
  const quell_value drive[] = {{"i_offset", 130}};
  const double times[] = {20, 40}, currents[] = {150, 110};
  uint32_t neurons[100];
  double at[100];
  for (uint32_t i = 0; i < 100; i++) {
    neurons[i] = i % INH;
    at[i] = 1 + i;
  }
  TRY(quell_population_create(p->net, "exc", "lif_cond_exp", EXC, drive, 1, &p->exc));
  TRY(quell_population_create(p->net, "inh", "lif_curr_exp", INH, drive, 1, &p->inh));
  TRY(quell_population_create(p->net, "source", "spike_source", INH, NULL, 0, &p->source));
  TRY(quell_population_create(p->net, "host", "external", INH, NULL, 0, &p->host));
  TRY(quell_population_set_spikes(p->source, neurons, at, 100));
  TRY(quell_population_schedule(p->exc, "i_offset", times, 2, currents, 2));
  TRY(quell_population_background(p->exc, "excitatory", 100, 0.5));
}

static void build_rest(scenario *s, parts *p) {
  quell_connection c = QUELL_CONNECTION_INIT;
  quell_record_options options = QUELL_RECORD_OPTIONS_INIT;
  TRY(quell_rule_create(p->net, "vogels2011", NULL, 0, &p->rule));
  c.kind = QUELL_FIXED_PROBABILITY;
  c.p = 0.5;
  c.delay_dendritic = (quell_distribution){QUELL_UNIFORM, 0, 0, 1.6, 0, 0, NULL, 0};
  TRY(quell_connect(p->net, p->inh, p->exc, "inhibitory", &c, p->rule, &p->plastic));
  TRY(quell_connect(p->net, p->source, p->host, "excitatory", &c, NULL, &p->onto_host));
  c = (quell_connection)QUELL_CONNECTION_INIT;
  c.kind = QUELL_FIXED_TOTAL;
  c.count = 300;
  c.weight = (quell_distribution){QUELL_NORMAL, QUELL_CLIP, 1, 0.2, 0, 2, NULL, 0};
  TRY(quell_connect(p->net, p->source, p->inh, "excitatory", &c, NULL, &p->plain));
  options.interval = 1;
  TRY(quell_record_spikes(p->exc, NULL, &p->spikes));
  TRY(quell_record_weights(p->plastic, &options, &p->weights));
  TRY(quell_record_rate(p->exc, &options, &p->rate));
  TRY(quell_record_state(p->exc, "v", &options, &p->v));
}

/* One step; where it fails, the network must say so again or go on. */
static int step(scenario *s, parts *p) {
  const uint32_t fired[] = {3, 5, 3};
  while (!memory_or_ok(s, quell_population_spikes_in(p->host, fired, 3), "spikes_in")) {
  }
  if (s->gave_up) return 0;
  quell_status status = quell_step(p->net);
  if (status == QUELL_OK) return 1;
  assert_int_equal(status, QUELL_E_MEMORY);
  s->failed_step = 1;
  status = quell_step(p->net);
  assert_true(status == QUELL_OK || status == QUELL_E_FAILED || status == QUELL_E_MEMORY);
  return 0;
}

static void run(scenario *s, parts *p) {
  quell_value value = {"eta", 0.001};
  for (uint32_t i = 0; i < 600; i++) {
    if (!step(s, p)) return;
    if (i == 100 || i == 250) {
      value.value *= 3;
      TRY(quell_rule_set(p->rule, &value, 1));
      TRY(quell_projection_learning(p->plastic, i == 250));
    }
    if (i == 150) TRY(quell_population_background(p->exc, "excitatory", 200, 0.5));
  }
}

/* A network that failed, or did not, can be read. */
static void read(scenario *s, parts *p) {
  float w[EXC * INH];
  double v[EXC];
  quell_recording recording = QUELL_RECORDING_INIT;
  uint64_t n = quell_projection_size(p->plastic);
  uint32_t pre[EXC * INH], post[EXC * INH];
  TRY(quell_projection_get(p->plastic, "weight", 0, n, w));
  TRY(quell_projection_endpoints(p->plastic, 0, n, pre, post));
  TRY(quell_population_get(p->exc, "v", 0, EXC, v));
  OK(quell_recorder_read(p->spikes, &recording));
  s->hash = digest(DIGEST, w, n * sizeof *w);
  s->hash = digest(s->hash, v, sizeof v);
  s->hash = digest_recording(s->hash, p->spikes, 0);
  s->hash = digest_recording(s->hash, p->weights, 0);
  s->hash = digest_recording(s->hash, p->rate, 0);
  s->hash = digest_recording(s->hash, p->v, 0);
}

static void play(scenario *s, parts *p) {
  quell_allocator hooks = test_allocator_hooks(&s->allocator);
  quell_network_options options = QUELL_NETWORK_OPTIONS_INIT;
  TRY(quell_registry_create(&hooks, &p->registry));
  options.registry = p->registry;
  options.allocator = &hooks;
  options.horizon = 64;
  options.tile_size = 64;
  TRY(quell_network_create(&options, &p->net));
  build_populations(s, p);
  if (!s->gave_up) build_rest(s, p);
  if (!s->gave_up) run(s, p);
  if (!s->gave_up) read(s, p);
}

/* Plays the scenario and takes everything down. */
static scenario outcome(uint64_t fail_at, int fail_all) {
  scenario s = {.allocator = TEST_ALLOCATOR_INIT};
  parts p = {0};
  s.allocator.fail_at = fail_at;
  s.allocator.fail_all = s.gives_up = fail_all;
  play(&s, &p);
  quell_registry_destroy(&p.registry);
  quell_network_destroy(&p.net);
  assert_null(p.net);
  if (s.allocator.live || s.allocator.faults)
    fail_msg("allocation %llu fails: %llu blocks are left, %llu faults",
             (unsigned long long)fail_at, (unsigned long long)s.allocator.live,
             (unsigned long long)s.allocator.faults);
  return s;
}

static void each_allocation_may_fail_once(void **state) {
  uint64_t want = outcome(0, 0).hash, steps = quick() ? 7 : 1, failures = 0;
  assert_int_equal(outcome(0, 0).hash, want);
  for (uint64_t n = 1;; n += steps) {
    scenario s = outcome(n, 0);
    if (s.allocator.failures == 0) break;
    failures++;
    if (!s.failed_step && s.hash != want)
      fail_msg("allocation %llu failed, was asked for again, and the bits are others",
               (unsigned long long)n);
  }
  assert_true(failures >= (quick() ? 5 : 30)); /* the scenario does allocate */
  (void)state;
}

static void all_allocations_may_fail_from_any_on(void **state) {
  for (uint64_t n = 1;; n += quick() ? 11 : 1)
    if (outcome(n, 1).allocator.failures == 0) break;
  (void)state;
}

static void thousands_of_networks_leave_nothing(void **state) {
  test_allocator allocator = TEST_ALLOCATOR_INIT;
  quell_allocator hooks = test_allocator_hooks(&allocator);
  uint64_t peak = 0;
  for (int i = 0; i < (quick() ? 100 : 2000); i++) {
    const setup setup = {.allocator = &hooks, .horizon = 256};
    const quell_value drive = {"i_offset", 150};
    quell_connection c = QUELL_CONNECTION_INIT;
    quell_population *p;
    quell_rule *rule;
    quell_projection *synapses;
    quell_recorder *recorder;
    quell_network *net = open_network(&setup);
    c.kind = QUELL_FIXED_IN_DEGREE;
    c.count = 5;
    OK(quell_population_create(net, "p", "lif_cond_exp", 100, &drive, 1, &p));
    OK(quell_rule_create(net, "stdp_pair", NULL, 0, &rule));
    OK(quell_connect(net, p, p, "inhibitory", &c, rule, &synapses));
    OK(quell_record_spikes(p, NULL, &recorder));
    OK(quell_run(net, 20));
    if (i % 2) quell_recorder_destroy(&recorder);
    quell_network_destroy(&net);
    assert_int_equal(allocator.live, 0);
    if (i == 0) peak = allocator.peak;
  }
  assert_int_equal(allocator.peak, peak); /* the same every time */
  assert_int_equal(allocator.faults, 0);
  (void)state;
}

/* Recorders may go, and come again, while the network runs; nothing is left of them. */
static void recorders_that_come_and_go_leave_nothing(void **state) {
  test_allocator allocator = TEST_ALLOCATOR_INIT;
  quell_allocator hooks = test_allocator_hooks(&allocator);
  const setup setup = {.allocator = &hooks};
  quell_population *p;
  quell_network *net = open_network(&setup);
  OK(quell_population_create(net, "p", "lif_curr_exp", 10, NULL, 0, &p));
  OK(quell_run(net, 1));
  uint64_t held = allocator.live;
  for (int i = 0; i < 100; i++) {
    quell_recorder *recorder;
    OK(quell_record_state(p, "v", NULL, &recorder));
    OK(quell_run(net, 1));
    OK(quell_recorder_clear(recorder));
    quell_recorder_destroy(&recorder);
    assert_null(recorder);
  }
  assert_true(allocator.live <= held + 2); /* a table may have grown once */
  quell_network_destroy(&net);
  assert_int_equal(allocator.live, 0);
  assert_int_equal(allocator.faults, 0);
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_allocation_may_fail_once),
      cmocka_unit_test(all_allocations_may_fail_from_any_on),
      cmocka_unit_test(thousands_of_networks_leave_nothing),
      cmocka_unit_test(recorders_that_come_and_go_leave_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

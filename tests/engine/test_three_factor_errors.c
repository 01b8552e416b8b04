/* What is refused of third factors: with which status, and with a sentence that names the culprit;
 * and what happens when there is no memory. */
#include "support/allocator.h"
#include "support/channels.h"
#include "support/check.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const setup plain = {.horizon = 256};
static train none = {NULL, 0, 0};

#define REFUSED(network, status, call, ...)                                                        \
  refused((network), (call), (status), #call, (const char *const[]){__VA_ARGS__, NULL}, __LINE__)

static void refused(const quell_network *network, quell_status got, quell_status want,
                    const char *call, const char *const *word, int line) {
  const char *error = quell_network_error(network);
  if (got != want)
    fail_msg("line %d: %s gives %s, not %s (%s)", line, call, quell_status_string(got),
             quell_status_string(want), error);
  for (; *word; word++)
    if (!strstr(error, *word))
      fail_msg("line %d: %s: '%s' is not in: %s", line, call, *word, error);
}

static channel_case two_traces(double dendritic) {
  return (channel_case){.name = TWO_TRACES,
                        .is = {.n = 2,
                               .change = {{0.1, 0, 0.1, 0}, {0}},
                               .tau_e = {100, 100},
                               .tau_x = 20,
                               .tau_y = 20,
                               .w_max = 10},
                        .dendritic = dendritic,
                        .w = 1};
}

static channel_case vogels(void) {
  return (channel_case){
      .name = "vogels2011",
      .is = {.change = {{0.1, -0.01, 0.1, 0}}, .tau_x = 20, .tau_y = 20, .w_max = 10},
      .w = 1};
}

static quell_modulator *channel_of(bench *b, const char *name, int32_t scope,
                                   quell_population *population) {
  quell_modulator_options o = QUELL_MODULATOR_OPTIONS_INIT;
  quell_modulator *m = NULL;
  o.scope = scope;
  o.population = population;
  if (scope == QUELL_SCOPE_TERRITORY) o.territories = 3;
  if (scope == QUELL_SCOPE_STATE) o.state = "v";
  OK(quell_modulator_create(b->network, name, &o, NULL, 0, &m));
  return m;
}

/* Without its factors a rule does not run; the network goes on when they are there. */
static void a_factor_must_follow_something(void **state) {
  channel_case c = two_traces(0);
  bench b;
  channel_open(&b, &plain, &c, 2, &none, 2, &none);
  quell_modulator *m = channel_of(&b, "dopamine", QUELL_SCOPE_NETWORK, NULL);
  channel_connect(&b, &c);
  OK(quell_rule_bind(b.rule, "reward", m, NULL));
  REFUSED(b.network, QUELL_E_STATE, quell_run_steps(b.network, 5), TWO_TRACES, "arousal",
          "quell_rule_bind");
  assert_int_equal(quell_network_clock(b.network), 0);
  OK(quell_rule_bind(b.rule, "arousal", m, NULL));
  OK(quell_run_steps(b.network, 5));
  REFUSED(b.network, QUELL_E_STATE, quell_rule_bind(b.rule, "gain", m, NULL), "first step");
  bench_close(&b);
  c = vogels(); /* the factor of an eligibility that a rule was given */
  channel_open(&b, &plain, &c, 2, &none, 2, &none);
  OK(quell_rule_eligibility(b.rule, 100));
  channel_connect(&b, &c);
  REFUSED(b.network, QUELL_E_STATE, quell_step(b.network), "vogels2011", "factor");
  bench_close(&b);
  (void)state;
}

static void bindings(void **state) {
  const channel_case c = two_traces(0);
  quell_curve curve = QUELL_CURVE_INIT;
  quell_modulator *m, *wide, *wider, *foreign;
  double value = 7;
  bench b, other;
  channel_open(&b, &plain, &c, 2, &none, 2, &none);
  channel_open(&other, &plain, &c, 2, &none, 2, &none);
  m = channel_of(&b, "dopamine", QUELL_SCOPE_NETWORK, NULL);
  wide = channel_of(&b, "wide", QUELL_SCOPE_TERRITORY, NULL);
  wider = channel_of(&b, "wider", QUELL_SCOPE_NEURON, b.post);
  foreign = channel_of(&other, "foreign", QUELL_SCOPE_NETWORK, NULL);
  GIVES(QUELL_E_NULL, quell_rule_bind(NULL, "reward", m, NULL));
  REFUSED(b.network, QUELL_E_NULL, quell_rule_bind(b.rule, NULL, m, NULL), "target");
  REFUSED(b.network, QUELL_E_NULL, quell_rule_bind(b.rule, "reward", NULL, NULL), "channel");
  REFUSED(b.network, QUELL_E_NAME, quell_rule_bind(b.rule, "punishment", m, NULL), TWO_TRACES,
          "punishment", "learning", "gain", "reward", "arousal");
  REFUSED(b.network, QUELL_E_NAME, quell_rule_bind(b.rule, "tau_x", m, NULL), "tau_x");
  REFUSED(b.network, QUELL_E_OWNER, quell_rule_bind(b.rule, "reward", foreign, NULL), "foreign");
  curve.kind = QUELL_CURVE_HILL;
  curve.half = 0;
  REFUSED(b.network, QUELL_E_RANGE, quell_rule_bind(b.rule, "reward", m, &curve), "half");
  OK(quell_rule_bind(b.rule, "reward", wide, NULL));
  OK(quell_rule_bind(b.rule, "reward", m, NULL));
  REFUSED(b.network, QUELL_E_UNSUPPORTED, quell_rule_bind(b.rule, "reward", wider, NULL), "reward",
          "wide", "wider");
  GIVES(QUELL_E_NULL, quell_rule_effective(NULL, "reward", 0, &value));
  REFUSED(b.network, QUELL_E_NULL, quell_rule_effective(b.rule, "reward", 0, NULL), "NULL");
  REFUSED(b.network, QUELL_E_NAME, quell_rule_effective(b.rule, "punishment", 0, &value),
          "punishment");
  REFUSED(b.network, QUELL_E_LENGTH, quell_rule_effective(b.rule, "reward", 3, &value), "reward",
          "3");
  REFUSED(b.network, QUELL_E_LENGTH, quell_rule_effective(b.rule, "gain", 1, &value), "gain");
  assert_true(value == 7);
  bench_close(&b);
  bench_close(&other);
  (void)state;
}

/* --- eligibilities that are given --- */

static void given_eligibilities(void **state) {
  const channel_case c = vogels(), own = two_traces(0);
  quell_rule *interval, *release, *in_use;
  bench b;
  channel_open(&b, &plain, &c, 2, &none, 2, &none);
  GIVES(QUELL_E_NULL, quell_rule_eligibility(NULL, 100));
  REFUSED(b.network, QUELL_E_RANGE, quell_rule_eligibility(b.rule, 0.39), "tau", "0.4", "0.39");
  REFUSED(b.network, QUELL_E_RANGE, quell_rule_eligibility(b.rule, NAN), "tau");
  REFUSED(b.network, QUELL_E_RANGE, quell_rule_eligibility(b.rule, (double)INFINITY), "tau");
  REFUSED(b.network, QUELL_E_RANGE, quell_rule_eligibility(b.rule, -5), "tau");
  OK(quell_rule_eligibility(b.rule, 0.4));
  REFUSED(b.network, QUELL_E_UNSUPPORTED, quell_rule_eligibility(b.rule, 100), "vogels2011");
  OK(quell_rule_create(b.network, "normalise", NULL, 0, &interval));
  REFUSED(b.network, QUELL_E_UNSUPPORTED, quell_rule_eligibility(interval, 100), "normalise");
  OK(quell_rule_create(b.network, "tsodyks_markram", NULL, 0, &release));
  REFUSED(b.network, QUELL_E_UNSUPPORTED, quell_rule_eligibility(release, 100), "tsodyks_markram");
  OK(quell_rule_create(b.network, "vogels2011", NULL, 0, &in_use));
  b.rule = in_use;
  channel_connect(&b, &c);
  REFUSED(b.network, QUELL_E_STATE, quell_rule_eligibility(in_use, 100), "vogels2011");
  bench_close(&b);
  channel_open(&b, &plain, &own, 2, &none, 2, &none);
  REFUSED(b.network, QUELL_E_UNSUPPORTED, quell_rule_eligibility(b.rule, 100), TWO_TRACES);
  bench_close(&b);
  (void)state;
}

/* The time constant of a rule's own eligibility is checked, and fixed once it has run. */
static void own_time_constants(void **state) {
  const channel_case c = two_traces(0);
  const quell_value shorter = {"tau_slow", 0.3}, other = {"tau_slow", 50};
  bench b;
  channel_open(&b, &plain, &c, 2, &none, 2, &none);
  quell_modulator *m = channel_of(&b, "dopamine", QUELL_SCOPE_NETWORK, NULL);
  REFUSED(b.network, QUELL_E_RANGE, quell_rule_set(b.rule, &shorter, 1), "tau_slow", "0.4");
  OK(quell_rule_set(b.rule, &other, 1));
  OK(quell_rule_bind(b.rule, "reward", m, NULL));
  OK(quell_rule_bind(b.rule, "arousal", m, NULL));
  channel_connect(&b, &c);
  OK(quell_run_steps(b.network, 3));
  REFUSED(b.network, QUELL_E_STATE, quell_rule_set(b.rule, &shorter, 1), "tau_slow");
  bench_close(&b);
  (void)state;
}

/* --- channels by neuron --- */

static void channels_by_neuron(void **state) {
  static const int32_t scopes[] = {QUELL_SCOPE_NEURON, QUELL_SCOPE_STATE};
  for (size_t i = 0; i < COUNT(scopes); i++) {
    for (int late = 0; late < 2; late++) {
      const channel_case c = two_traces(late ? 0.3 : 0.0);
      bench b;
      quell_population *others;
      channel_open(&b, &plain, &c, 2, &none, 2, &none);
      OK(quell_population_create(b.network, "others", "external", 2, NULL, 0, &others));
      quell_modulator *m = channel_of(&b, "signal", scopes[i], late ? b.post : others);
      OK(quell_rule_bind(b.rule, "reward", m, NULL));
      OK(quell_rule_bind(b.rule, "arousal", m, NULL));
      channel_connect(&b, &c);
      if (late)
        REFUSED(b.network, QUELL_E_UNSUPPORTED, quell_step(b.network), TWO_TRACES, "reward",
                "signal", "0.3");
      else
        REFUSED(b.network, QUELL_E_UNSUPPORTED, quell_step(b.network), TWO_TRACES, "reward",
                "signal", "others", "post");
      bench_close(&b);
    }
  }
  (void)state;
}

/* --- where channels lead --- */

static void a_parameter_stays_in_its_range(void **state) {
  const channel_case c = two_traces(0);
  bench b;
  channel_open(&b, &plain, &c, 2, &none, 2, &none);
  quell_modulator *m = channel_of(&b, "dopamine", QUELL_SCOPE_NETWORK, NULL);
  OK(quell_rule_bind(b.rule, "reward", m, NULL));
  OK(quell_rule_bind(b.rule, "arousal", m, NULL));
  OK(quell_rule_bind(b.rule, "gain", m, NULL));
  channel_connect(&b, &c);
  OK(quell_modulator_release(m, 0, 100.5, 1.0));
  OK(quell_run_steps(b.network, 10));
  REFUSED(b.network, QUELL_E_RANGE, quell_run_steps(b.network, 10), TWO_TRACES, "gain", "-100",
          "100", "1 ms");
  bench_close(&b);
  (void)state;
}

/* --- memory --- */

typedef struct scenario {
  test_allocator allocator;
  uint64_t hash;
} scenario;

/* Again until there is memory. */
#define TRY(call)                                                                                  \
  for (quell_status status_ = QUELL_E_MEMORY; status_ != QUELL_OK;) {                              \
    status_ = (call);                                                                              \
    if (status_ != QUELL_OK && status_ != QUELL_E_MEMORY)                                          \
      fail_msg("%s gives %s", #call, quell_status_string(status_));                                \
  }

static void learn(scenario *s) {
  const quell_allocator hooks = test_allocator_hooks(&s->allocator);
  const quell_value drive = {"i_offset", 300};
  const quell_curve table = {sizeof table,     QUELL_CURVE_TABLE,   0, 2, 0, 0, 0, 0, 0,
                             (double[]){0, 1}, (double[]){0.5, 1.5}};
  quell_network_options o = QUELL_NETWORK_OPTIONS_INIT;
  quell_modulator_options by_neuron = QUELL_MODULATOR_OPTIONS_INIT;
  quell_connection c = QUELL_CONNECTION_INIT;
  quell_network *net;
  quell_population *cells;
  quell_rule *rule;
  quell_modulator *m, *signal;
  quell_projection *synapses;
  o.allocator = &hooks;
  o.horizon = 64;
  TRY(quell_network_create(&o, &net));
  TRY(quell_population_create(net, "cells", "lif_curr_exp", 20, &drive, 1, &cells));
  TRY(quell_modulator_create(net, "m", NULL, NULL, 0, &m));
  by_neuron.scope = QUELL_SCOPE_NEURON;
  by_neuron.population = cells;
  TRY(quell_modulator_create(net, "signal", &by_neuron, NULL, 0, &signal));
  TRY(quell_rule_create(net, "vogels2011", NULL, 0, &rule));
  TRY(quell_rule_eligibility(rule, 2.0));
  TRY(quell_rule_bind(rule, "factor", signal, &table));
  TRY(quell_rule_bind(rule, "learning", m, &table));
  c.kind = QUELL_ALL_TO_ALL;
  c.delay_axonal = (quell_distribution){.kind = QUELL_CONSTANT, .a = 1.0};
  TRY(quell_connect(net, cells, cells, "inhibitory", &c, rule, &synapses));
  TRY(quell_run_steps(net, 0));
  TRY(quell_modulator_release(m, 0, 0.5, 3.0));
  TRY(quell_modulator_release(signal, 3, 0.7, QUELL_NOW));
  quell_status status = quell_run_steps(net, 400);
  s->hash = status ? 0 : digest_weights(DIGEST, synapses);
  assert_true(status == QUELL_OK || status == QUELL_E_MEMORY);
  quell_network_destroy(&net);
}

static void each_allocation_may_fail(void **state) {
  scenario whole = {TEST_ALLOCATOR_INIT, 0};
  learn(&whole);
  uint64_t failures = 0;
  for (uint64_t at = 1; at <= whole.allocator.calls; at += quick() ? 3 : 1) {
    scenario s = {TEST_ALLOCATOR_INIT, 0};
    s.allocator.fail_at = at;
    learn(&s);
    failures += s.allocator.failures;
    if (s.hash && s.hash != whole.hash)
      fail_msg("other bits when allocation %llu fails", (unsigned long long)at);
    if (s.allocator.live || s.allocator.faults)
      fail_msg("allocation %llu fails: %llu blocks are left, %llu faults", (unsigned long long)at,
               (unsigned long long)s.allocator.live, (unsigned long long)s.allocator.faults);
  }
  assert_true(failures > 10);
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_factor_must_follow_something),
      cmocka_unit_test(bindings),
      cmocka_unit_test(given_eligibilities),
      cmocka_unit_test(own_time_constants),
      cmocka_unit_test(channels_by_neuron),
      cmocka_unit_test(a_parameter_stays_in_its_range),
      cmocka_unit_test(each_allocation_may_fail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

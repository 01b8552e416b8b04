/* Parameters of rules that cannot be, alone or together, and rules that refuse them themselves. */
#include "rule_kit.h"
#include <math.h>

static kit good;

static quell_registry *registry_with_kit(void) {
  quell_registry *registry;
  OK(quell_registry_create(NULL, &registry));
  kit_make(&good);
  OK(quell_registry_add(registry, &good.rule, NULL, 0));
  return registry;
}

typedef struct bad_param {
  const char *rule, *name;
  double value;
  const char *range; /* what the sentence says of it */
} bad_param;

static const bad_param bad_params[] = {
    {"vogels2011", "eta", -1e-9, "[0, 1e+09]"},
    {"vogels2011", "eta", NAN, "[0, 1e+09]"},
    {"vogels2011", "eta", INFINITY, "[0, 1e+09]"},
    {"vogels2011", "rho0", -1, "[0, 1e+06]"},
    {"vogels2011", "tau", 0, "(0, 1e+09]"},
    {"vogels2011", "tau", -20, "(0, 1e+09]"},
    {"vogels2011", "tau", NAN, "(0, 1e+09]"},
    {"vogels2011", "tau", 1e8, "(0, 1.5e+06]"}, /* 1.5e7 steps */
    {"vogels2011", "w_min", -1, "0"},
    {"vogels2011", "w_max", NAN, "0"},
    {"vogels2011", "w_max", -INFINITY, "0"},
    {"vogels2011", "w_max", 1e31, "1e30"},
    {"vogels2011", "tie", 0.5, "whole number in [0, 2]"},
    {"vogels2011", "tie", 3, "[0, 2]"},
    {"vogels2011", "tie", -1, "[0, 2]"},
    {"vogels2011", "tie", NAN, "[0, 2]"},
    {"vogels2011", "tie", INFINITY, "[0, 2]"},
    {"stdp_pair", "mu_plus", 1.5, "[0, 1]"},
    {"stdp_pair", "mu_minus", -0.1, "[0, 1]"},
    {"stdp_pair", "a_plus", INFINITY, "[-1e+09, 1e+09]"},
    {"stdp_pair", "tau_minus", 0, "(0, 1e+09]"},
};

static void parameters_outside_their_ranges_are_refused(void **state) {
  world *w = world_open();
  for (size_t i = 0; i < COUNT(bad_params); i++) {
    const bad_param *bad = &bad_params[i];
    const quell_value value = {bad->name, bad->value};
    REFUSED(w, QUELL_E_RANGE, quell_rule_create(w->net, bad->rule, &value, 1, OUT(w, quell_rule *)),
            bad->rule, bad->name, bad->range);
    if (strcmp(bad->rule, "vogels2011")) continue;
    REFUSED(w, QUELL_E_RANGE, quell_rule_set(w->rule, &value, 1), bad->rule, bad->name, bad->range);
  }
  world_close(w);
  (void)state;
}

static void parameters_that_do_not_fit_together_are_refused(void **state) {
  const quell_value crossed[] = {{"w_min", 2}, {"w_max", 1}}, above = {"w_min", 101};
  const quell_value unbounded[] = {{"w_max", INFINITY}, {"mu_plus", 0.5}};
  const quell_value endless[] = {{"w_min", INFINITY}, {"w_max", INFINITY}};
  world *w = world_open();
  quell_rule **out = OUT(w, quell_rule *);
  REFUSED(w, QUELL_E_RANGE, quell_rule_create(w->net, "stdp_pair", crossed, 2, out), "'w_min'",
          "'w_max'", "2", "1");
  REFUSED(w, QUELL_E_RANGE, quell_rule_set(w->rule, &above, 1), "'w_min'", "101", "100");
  REFUSED(w, QUELL_E_RANGE, quell_rule_create(w->net, "stdp_pair", unbounded, 2, out), "'mu_plus'",
          "'w_max'");
  REFUSED(w, QUELL_E_RANGE, quell_rule_create(w->net, "vogels2011", endless, 2, out), "'w_min'");
  world_close(w);
  (void)state;
}

static void all_parameters_are_set_or_none(void **state) {
  const quell_value values[] = {{"eta", 0.5}, {"rho0", 7}, {"w_max", -1}};
  world *w = world_open();
  double eta = 0, rho0 = 0;
  REFUSED(w, QUELL_E_RANGE, quell_rule_set(w->rule, values, 3), "'w_max'", "-1");
  OK(quell_rule_get(w->rule, "eta", &eta));
  OK(quell_rule_get(w->rule, "rho0", &rho0));
  assert_true(eta == 0.01 && rho0 == 3);
  world_close(w);
  (void)state;
}

static void ties_that_a_rule_does_not_support_are_refused(void **state) {
  const quell_value exclusive = {"tie", QUELL_EXCLUSIVE}, post_first = {"tie", QUELL_POST_FIRST};
  quell_registry *registry;
  kit_make(&good);
  good.rule.ties = 1u << QUELL_PRE_FIRST | 1u << QUELL_POST_FIRST;
  OK(quell_registry_create(NULL, &registry));
  OK(quell_registry_add(registry, &good.rule, NULL, 0));
  world *w = world_open_with(registry);
  quell_rule *rule;
  REFUSED(w, QUELL_E_RANGE, quell_rule_create(w->net, "kit", &exclusive, 1, OUT(w, quell_rule *)),
          "'kit'", "tie 1");
  OK(quell_rule_create(w->net, "kit", &post_first, 1, &rule));
  REFUSED(w, QUELL_E_RANGE, quell_rule_set(rule, &exclusive, 1), "'kit'", "tie 1");
  world_close(w);
  quell_registry_destroy(&registry);
  (void)state;
}

/* What `prepare` says is what is said. */
static const struct {
  double gain;
  quell_status status;
  const char *word;
} refusals[] = {
    {REFUSES, QUELL_E_RANGE, "kit: 'gain' is unlucky"},
    {REFUSES_WITHOUT_A_WORD, QUELL_E_RANGE, "without a reason"},
    {STOPS, QUELL_E_RANGE, "without a reason"},
    {SAYS_PERCENT, QUELL_E_RANGE, "kit: 100%s %n"},
    {SAYS_MUCH, QUELL_E_RANGE, "yyyyyyyyyy"},
    {RUNS_OUT, QUELL_E_MEMORY, "without a reason"},
};

static void a_rule_may_refuse_at_its_creation(void **state) {
  quell_registry *registry = registry_with_kit();
  world *w = world_open_with(registry);
  for (size_t i = 0; i < COUNT(refusals); i++) {
    const quell_value gain = {"gain", refusals[i].gain};
    REFUSED(w, refusals[i].status, quell_rule_create(w->net, "kit", &gain, 1, OUT(w, quell_rule *)),
            refusals[i].word);
  }
  world_close(w);
  quell_registry_destroy(&registry);
  (void)state;
}

/* Two networks learn with the kit; one of them is refused changes all the time. */
static uint64_t learn_with_kit(quell_registry *registry, int disturbed) {
  world *w = world_new(registry);
  quell_rule *rule;
  quell_projection *synapses;
  quell_connection c = QUELL_CONNECTION_INIT;
  world_populate(w);
  OK(quell_rule_create(w->net, "kit", NULL, 0, &rule));
  c.kind = QUELL_ALL_TO_ALL;
  OK(quell_connect(w->net, w->source, w->exc, "excitatory", &c, rule, &synapses));
  for (size_t i = 0; i < 4 * COUNT(refusals); i++) {
    size_t k = i % COUNT(refusals);
    const quell_value gain = {"gain", refusals[k].gain};
    double kept = 0;
    if (disturbed) REFUSED(w, refusals[k].status, quell_rule_set(rule, &gain, 1), refusals[k].word);
    OK(quell_rule_get(rule, "gain", &kept));
    assert_true(kept == 1);
    world_run(w, 20);
  }
  uint64_t hash = digest_weights(digest_state(DIGEST, w->exc, "v"), synapses);
  world_discard(w);
  return hash;
}

static void a_rule_may_refuse_a_change(void **state) {
  quell_registry *registry = registry_with_kit();
  assert_true(learn_with_kit(registry, 1) == learn_with_kit(registry, 0));
  quell_registry_destroy(&registry);
  (void)state;
}

static void values_of_variables_are_numbers(void **state) {
  const float bad[][2] = {{1, NAN}, {1, INFINITY}, {1, -INFINITY}};
  quell_registry *registry = registry_with_kit();
  world *w = world_open_with(registry);
  quell_rule *rule;
  quell_projection *synapses;
  quell_connection c = QUELL_CONNECTION_INIT;
  c.kind = QUELL_ALL_TO_ALL;
  OK(quell_rule_create(w->net, "kit", NULL, 0, &rule));
  OK(quell_connect(w->net, w->source, w->exc, "excitatory", &c, rule, &synapses));
  for (size_t i = 0; i < COUNT(bad); i++)
    REFUSED(w, QUELL_E_RANGE, quell_projection_set(synapses, "boost", 3, 2, bad[i]), "'boost'",
            "synapse 4", "got");
  world_discard(w);
  quell_registry_destroy(&registry);
  (void)state;
}

/* Parameters at the ends of their ranges, together: refused, or the weights remain numbers. */
static void extreme_parameters_leave_the_weights_numbers(void **state) {
  static const struct {
    const char *rule;
    quell_value values[4];
  } cases[] = {
      {"stdp_pair", {{"a_plus", 1e9}, {"a_minus", 1e9}, {"w_max", 1e30}, {"mu_plus", 0}}},
      {"stdp_pair", {{"a_plus", 1e9}, {"a_minus", 1e9}, {"w_max", 1e30}, {"mu_plus", 1}}},
      {"stdp_pair", {{"a_plus", 1e9}, {"a_minus", 1e9}, {"w_max", 1e-300}, {"mu_plus", 0.5}}},
      {"stdp_pair", {{"a_plus", 1}, {"a_minus", 1}, {"w_max", 0}, {"mu_minus", 0.5}}},
      {"vogels2011", {{"eta", 1e9}, {"rho0", 1e6}, {"tau", 1e6}, {"w_max", INFINITY}}},
      {"vogels2011", {{"eta", 1e9}, {"rho0", 0}, {"tau", 5e-324}, {"w_max", 1e30}}},
  };
  int all_broken = 0;
  for (size_t i = 0; i < COUNT(cases); i++) {
    world *w = world_open();
    quell_rule *rule = NULL;
    quell_projection *synapses;
    quell_connection c = QUELL_CONNECTION_INIT;
    float weights[SOURCE * EXC];
    int broken = 0;
    c.kind = QUELL_ALL_TO_ALL;
    c.weight.kind = QUELL_CONSTANT;
    quell_status status = quell_rule_create(w->net, cases[i].rule, cases[i].values, 4, &rule);
    assert_true(status == QUELL_OK || status == QUELL_E_RANGE);
    if (!status) {
      OK(quell_connect(w->net, w->source, w->exc, "inhibitory", &c, rule, &synapses));
      world_run(w, 400);
      OK(quell_projection_get(synapses, "weight", 0, SOURCE * EXC, weights));
      for (size_t j = 0; j < COUNT(weights); j++) broken |= !isfinite(weights[j]);
      if (broken) print_error("%s, case %d: a weight is no number\n", cases[i].rule, (int)i);
    }
    all_broken |= broken;
    world_discard(w);
  }
  assert_false(all_broken);
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(parameters_outside_their_ranges_are_refused),
      cmocka_unit_test(parameters_that_do_not_fit_together_are_refused),
      cmocka_unit_test(all_parameters_are_set_or_none),
      cmocka_unit_test(ties_that_a_rule_does_not_support_are_refused),
      cmocka_unit_test(a_rule_may_refuse_at_its_creation),
      cmocka_unit_test(a_rule_may_refuse_a_change),
      cmocka_unit_test(values_of_variables_are_numbers),
      cmocka_unit_test(extreme_parameters_leave_the_weights_numbers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

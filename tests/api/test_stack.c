/* The rules of a projection: what can be stacked and what is refused; and a rule that makes
 * something that is no number. */
#include "rule_kit.h"
#include <math.h>

/* Rules of the test: each wants one kind of event. */

static const quell_param_desc interval_params[] = {
    {"period", "ms", "time between two calls", 1, 0, 1e9, QUELL_MIN_OPEN, 0}};
static const quell_param_desc observer_params[] = {
    {"period", "ms", "time between two calls", 1, 0, 1e9, QUELL_MIN_OPEN, 0},
    {"delay", "ms", "time that the news takes", 1, 0, 1e9, 0, 0}};

static quell_status ready(const quell_rule_args *args, void *instance) {
  (void)args, (void)instance;
  return QUELL_OK;
}

static void add_one(const quell_block *block) {
  for (uint32_t i = 0; i < block->n; i++) block->w[i] += 1.0f;
}

static void not_a_number(const quell_block *block) {
  for (uint32_t i = 0; i < block->n; i++) block->w[i] *= NAN;
}

static void infinite_variable(const quell_block *block) {
  for (uint32_t i = 0; i < block->n; i++) block->var[0][i] = INFINITY;
}

static double all(double *row_var, double since, const double *param, const void *instance) {
  (void)row_var, (void)since, (void)param, (void)instance;
  return 1.0;
}

static double no_number(double *row_var, double since, const double *param, const void *instance) {
  (void)row_var, (void)since, (void)param, (void)instance;
  return NAN;
}

/* The sum of the spikes that it was told of. */
static void count_spikes(const quell_post_block *block) {
  for (uint32_t i = 0; i < block->n; i++) block->factor[i] = block->spikes[i];
}

static void add_factor(const quell_block *block) {
  for (uint32_t i = 0; i < block->n; i++) block->w[i] += block->factor[i];
}

static void no_step(const quell_post_block *block) {
  (void)block;
}

static const quell_event_desc at_interval[] = {{.kind = QUELL_INTERVAL, .call = add_one}};
static const quell_event_desc at_interval_nan[] = {{.kind = QUELL_INTERVAL, .call = not_a_number}};
static const quell_event_desc at_pre_nan[] = {{.kind = QUELL_PRE, .call = not_a_number}};
static const quell_event_desc at_post_nan[] = {{.kind = QUELL_POST, .call = not_a_number}};
static const quell_event_desc at_pre_infinite[] = {{.kind = QUELL_PRE, .call = infinite_variable}};
static const quell_param_desc event_params[] = {QUELL_STANDARD_PARAMS(10.0)};
static const quell_var_desc own[] = {{"own", "1", "a variable", 0}};
static const quell_state_desc nowhere[] = {{"dendrite", "no model has it"}};
static const quell_observed_desc guard[] = {{"guard", "a population", 1, 0}};

#define RULE(title)                                                                                \
  .struct_size = sizeof(quell_rule_desc), .abi_major = QUELL_RULE_ABI_MAJOR,                       \
  .abi_minor = QUELL_RULE_ABI_MINOR, .name = title, .summary = "for tests", .source = "tests",     \
  .prepare = ready
#define INTERVAL  .params = QUELL_TABLE(interval_params), .events = QUELL_TABLE(at_interval)
#define AT(calls) .params = QUELL_TABLE(event_params), .events = QUELL_TABLE(calls)

static const quell_rule_desc grows = {RULE("grows"), INTERVAL};
static const quell_rule_desc with_own = {RULE("with_own"), INTERVAL, .vars = QUELL_TABLE(own)};
static const quell_rule_desc same_own = {RULE("same_own"), INTERVAL, .vars = QUELL_TABLE(own)};
static const quell_rule_desc rates = {RULE("rates"), INTERVAL, .flags = QUELL_NEEDS_RATES};
static const quell_rule_desc dendrite = {RULE("dendrite"), INTERVAL, .states = QUELL_TABLE(nowhere),
                                         .post_step = no_step};
static const quell_rule_desc observer = {RULE("observer"), .params = QUELL_TABLE(observer_params),
                                         .events = QUELL_TABLE(at_interval),
                                         .observed = QUELL_TABLE(guard), .post_step = no_step};
static const quell_rule_desc release = {RULE("release"), .release = all};
static const quell_event_desc at_interval_factor[] = {{.kind = QUELL_INTERVAL, .call = add_factor}};
static const quell_event_desc at_release_infinite[] = {
    {.kind = QUELL_RELEASE, .call = infinite_variable}};
static const quell_rule_desc counts = {RULE("counts"), .params = QUELL_TABLE(interval_params),
                                       .events = QUELL_TABLE(at_interval_factor),
                                       .decide = count_spikes};
static const quell_rule_desc release_nan = {RULE("release_nan"), .release = no_number};
static const quell_rule_desc release_infinite = {RULE("release_infinite"), .release = all,
                                                 .vars = QUELL_TABLE(own),
                                                 .events = QUELL_TABLE(at_release_infinite)};
static const quell_row_var_desc own_row[] = {{"own", "1", "a variable of rows", 0}};
static const quell_rule_desc own_release = {RULE("own_release"), .release = all,
                                            .row_vars = QUELL_TABLE(own_row)};
static const quell_trace_desc pre_trace[] = {{"x", QUELL_PRE, QUELL_TRACE_ADD, 0, 0}};
static const quell_rule_desc traced = {RULE("traced"), INTERVAL, .traces = QUELL_TABLE(pre_trace)};
static const quell_rule_desc pre_nan = {RULE("pre_nan"), AT(at_pre_nan)};
static const quell_rule_desc post_nan = {RULE("post_nan"), AT(at_post_nan)};
static const quell_rule_desc interval_nan = {RULE("interval_nan"),
                                             .params = QUELL_TABLE(interval_params),
                                             .events = QUELL_TABLE(at_interval_nan)};
static const quell_rule_desc infinite = {RULE("infinite"), AT(at_pre_infinite),
                                         .vars = QUELL_TABLE(own)};

static const quell_rule_desc *const rules[] = {
    &grows,   &with_own, &same_own,     &rates,       &dendrite,         &observer,
    &release, &pre_nan,  &counts,       &release_nan, &release_infinite, &own_release,
    &traced,  &post_nan, &interval_nan, &infinite};

typedef struct stage {
  quell_registry *registry;
  quell_network *net;
  quell_population *pre, *post;
} stage;

static void nothing(void *context) {
  (void)context;
}

static void stage_open(stage *s) {
  OK(quell_registry_create(NULL, &s->registry));
  for (size_t i = 0; i < COUNT(rules); i++) OK(quell_registry_add(s->registry, rules[i], NULL, 0));
  quell_network_options options = QUELL_NETWORK_OPTIONS_INIT;
  options.registry = s->registry;
  OK(quell_network_create(&options, &s->net));
  const quell_value rate = {"rate", 100};
  OK(quell_population_create(s->net, "pre", "poisson", 10, &rate, 1, &s->pre));
  OK(quell_population_create(s->net, "post", "external", 100, NULL, 0, &s->post));
  OK(quell_population_on_step(s->post, nothing, NULL));
}

static void stage_close(stage *s) {
  quell_network_destroy(&s->net);
  quell_registry_destroy(&s->registry);
}

static quell_rule *make(const stage *s, const char *name) {
  quell_rule *rule;
  OK(quell_rule_create(s->net, name, NULL, 0, &rule));
  return rule;
}

/* A projection with a rule and a stack of up to two, by name. */
static quell_status stack(const stage *s, const char *rule, const char *first, const char *second,
                          quell_projection **projection) {
  quell_rule *above[2];
  quell_connection c = QUELL_CONNECTION_INIT;
  c.kind = QUELL_ALL_TO_ALL;
  c.stack = above;
  if (first) above[c.n_stack++] = make(s, first);
  if (second) above[c.n_stack++] = make(s, second);
  return quell_connect(s->net, s->pre, s->post, "excitatory", &c, rule ? make(s, rule) : NULL,
                       projection);
}

static void says(const stage *s, const char *word) {
  if (!strstr(quell_network_error(s->net), word))
    fail_msg("\"%s\" should have \"%s\"", quell_network_error(s->net), word);
}

static void what_cannot_be_stacked_is_refused(void **state) {
  static const struct {
    const char *rule, *first, *second;
    quell_status status;
    const char *word;
  } cases[] = {
      {"vogels2011", "stdp_pair", NULL, QUELL_E_UNSUPPORTED, "'stdp_pair'"},
      {NULL, "grows", "stdp_pair", QUELL_E_UNSUPPORTED, "'stdp_pair'"},
      {"vogels2011", "release", "release", QUELL_E_UNSUPPORTED, "'release'"},
      {"vogels2011", "with_own", "same_own", QUELL_E_NAME, "'own'"},
      {"vogels2011", "with_own", "own_release", QUELL_E_NAME, "'own'"},
      {NULL, "rates", NULL, QUELL_E_UNSUPPORTED, "'rates'"},
      {"vogels2011", "rates", NULL, QUELL_E_UNSUPPORTED, "'pre'"},
      {NULL, "dendrite", NULL, QUELL_E_NAME, "'dendrite'"},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    stage s;
    quell_projection *projection = NULL;
    stage_open(&s);
    GIVES(cases[i].status, stack(&s, cases[i].rule, cases[i].first, cases[i].second, &projection));
    says(&s, cases[i].word);
    assert_null(projection);
    OK(stack(&s, "vogels2011", "grows", "release", &projection)); /* the network is as it was */
    OK(quell_run_steps(s.net, 20));
    stage_close(&s);
  }
  (void)state;
}

static void a_rule_twice_or_of_another_network_is_refused(void **state) {
  stage s, other;
  stage_open(&s);
  stage_open(&other);
  quell_projection *projection;
  quell_rule *twice[] = {make(&s, "grows"), NULL};
  quell_rule *strange = make(&other, "grows");
  twice[1] = twice[0];
  quell_connection c = QUELL_CONNECTION_INIT;
  c.kind = QUELL_ALL_TO_ALL;
  c.n_stack = 2;
  GIVES(QUELL_E_NULL, quell_connect(s.net, s.pre, s.post, "excitatory", &c, NULL, &projection));
  c.stack = twice;
  GIVES(QUELL_E_UNSUPPORTED,
        quell_connect(s.net, s.pre, s.post, "excitatory", &c, NULL, &projection));
  says(&s, "twice");
  c.stack = &strange;
  c.n_stack = 1;
  GIVES(QUELL_E_OWNER, quell_connect(s.net, s.pre, s.post, "excitatory", &c, NULL, &projection));
  GIVES(QUELL_E_OWNER, quell_connect(s.net, s.pre, s.post, "excitatory", &c, strange, &projection));
  stage_close(&s);
  stage_close(&other);
  (void)state;
}

static void the_stack_can_be_looked_at(void **state) {
  stage s;
  quell_projection *projection;
  quell_projection_info info = QUELL_PROJECTION_INFO_INIT;
  stage_open(&s);
  OK(stack(&s, "vogels2011", "grows", "release", &projection));
  OK(quell_projection_describe(projection, &info));
  assert_int_equal(info.n_rules, 3);
  assert_ptr_equal(info.rule, quell_projection_rule(projection, 0));
  assert_string_equal(quell_rule_name(quell_projection_rule(projection, 1)), "grows");
  assert_string_equal(quell_rule_name(quell_projection_rule(projection, 2)), "release");
  assert_null(quell_projection_rule(projection, 3));
  assert_null(quell_projection_rule(NULL, 0));
  stage_close(&s);
  (void)state;
}

/* Intervals lie on the grid of all multiples, are not applied at the start, and stop and go on with
 * learning. */
static void an_interval_rule_acts_at_its_times(void **state) {
  stage s;
  quell_projection *projection;
  float w;
  stage_open(&s);
  OK(stack(&s, NULL, "grows", NULL, &projection)); /* + 1 at each multiple of 1 ms, 10 steps */
  const struct {
    uint64_t clock;
    int learning;
    float w;
  } at[] = {{0, 1, 1}, {10, 1, 1}, {11, 1, 2}, {20, 0, 2}, {41, 1, 2}, {51, 1, 3}, {61, 1, 4}};
  for (size_t i = 0; i < COUNT(at); i++) {
    OK(quell_run_steps(s.net, at[i].clock - quell_network_clock(s.net)));
    OK(quell_projection_get(projection, "weight", 0, 1, &w));
    assert_true(w == at[i].w);
    OK(quell_projection_learning(projection, at[i].learning));
  }
  stage_close(&s);
  (void)state;
}

static void times_that_are_no_whole_steps_are_refused(void **state) {
  stage s;
  quell_rule *rule;
  stage_open(&s);
  const double bad[] = {0.05, 0.15, 1.03, 1e8 + 0.05};
  for (size_t i = 0; i < COUNT(bad); i++) {
    const quell_value period = {"period", bad[i]};
    GIVES(QUELL_E_RANGE, quell_rule_create(s.net, "grows", &period, 1, &rule));
    says(&s, "'period'");
    says(&s, "steps");
  }
  const quell_value delay = {"delay", 0};
  GIVES(QUELL_E_RANGE, quell_rule_create(s.net, "observer", &delay, 1, &rule));
  says(&s, "'delay'");
  const quell_value later = {"period", 2};
  quell_projection *projection;
  OK(stack(&s, NULL, "grows", NULL, &projection));
  OK(quell_rule_set(quell_projection_rule(projection, 0), &later, 1));
  OK(quell_step(s.net));
  GIVES(QUELL_E_STATE,
        quell_rule_set(quell_projection_rule(projection, 0), &(quell_value){"period", 3}, 1));
  stage_close(&s);
  (void)state;
}

static void observing_is_checked(void **state) {
  stage s, other;
  stage_open(&s);
  stage_open(&other);
  quell_rule *rule = make(&s, "observer"), *plain = make(&s, "grows");
  GIVES(QUELL_E_NULL, quell_rule_observe(NULL, "guard", s.pre));
  GIVES(QUELL_E_NULL, quell_rule_observe(rule, NULL, s.pre));
  GIVES(QUELL_E_NULL, quell_rule_observe(rule, "guard", NULL));
  GIVES(QUELL_E_NAME, quell_rule_observe(rule, "watch", s.pre));
  GIVES(QUELL_E_NAME, quell_rule_observe(plain, "guard", s.pre));
  GIVES(QUELL_E_OWNER, quell_rule_observe(rule, "guard", other.pre));
  OK(quell_rule_observe(rule, "guard", s.pre));
  OK(quell_step(s.net));
  GIVES(QUELL_E_STATE, quell_rule_observe(rule, "guard", s.post));
  stage_close(&s);
  stage_close(&other);
  (void)state;
}

static void decide_knows_which_neurons_fire(void **state) {
  stage s;
  quell_projection *projection;
  const uint32_t twice[] = {3, 3};
  float w[1000];
  stage_open(&s);
  OK(stack(&s, NULL, "counts", NULL, &projection));
  OK(quell_run_steps(s.net, 10));
  OK(quell_population_spikes_in(s.post, twice, 2));
  OK(quell_run_steps(s.net, 1));
  OK(quell_projection_get(projection, "weight", 0, 1000, w));
  assert_true(w[3] == 3 && w[2] == 1);
  stage_close(&s);
  (void)state;
}

static void rates_take_no_traces_and_follow_what_is_written(void **state) {
  stage s;
  quell_population *units, *others;
  quell_projection *projection;
  quell_rule *rule;
  const double rate = 50;
  double h;
  stage_open(&s);
  quell_connection c = QUELL_CONNECTION_INIT;
  c.kind = QUELL_ALL_TO_ALL;
  OK(quell_population_create(s.net, "units", "rate", 1, NULL, 0, &units));
  OK(quell_population_create(s.net, "others", "rate", 1, NULL, 0, &others));
  rule = make(&s, "traced");
  c.stack = &rule;
  c.n_stack = 1;
  GIVES(QUELL_E_UNSUPPORTED,
        quell_connect(s.net, units, others, "excitatory", &c, NULL, &projection));
  c.n_stack = 0;
  OK(quell_connect(s.net, units, others, "excitatory", &c, NULL, &projection));
  OK(quell_run_steps(s.net, 5));
  OK(quell_population_set_array(units, "rate", 0, 1, &rate)); /* for the step that begins */
  OK(quell_run_steps(s.net, 1));
  OK(quell_population_get(others, "h", 0, 1, &h));
  assert_true(h > 0);
  stage_close(&s);
  (void)state;
}

static void tell_voltage(void *context) {
  const stage *s = context;
  const double v = -50, rate = 20;
  OK(quell_population_set_array(s->post, "v", 3, 1, &v));
  GIVES(QUELL_E_STATE, quell_population_set_array(s->pre, "rate", 0, 1, &rate));
}

/* What rules may read of the host's neurons is told when the host is asked for their step. */
static void the_host_tells_the_state_of_its_neurons(void **state) {
  stage s;
  double v[4];
  stage_open(&s);
  OK(quell_population_on_step(s.post, tell_voltage, &s));
  OK(quell_run_steps(s.net, 3));
  OK(quell_population_get(s.post, "v", 0, 4, v));
  assert_true(v[3] == -50 && v[2] == -65);
  stage_close(&s);
  (void)state;
}

/* The run ends at the step boundary with the name of the rule; the network can be read. */
static void what_is_no_number_is_caught_and_named(void **state) {
  static const struct {
    const char *rule, *above;
  } cases[] = {{NULL, "release_nan"},
               {"vogels2011", "release_infinite"},
               {"pre_nan", NULL},
               {"post_nan", NULL},
               {NULL, "interval_nan"},
               {"infinite", NULL},
               {"vogels2011", "interval_nan"}};
  for (size_t i = 0; i < COUNT(cases); i++) {
    stage s;
    quell_projection *projection;
    float w[1000];
    stage_open(&s);
    OK(stack(&s, cases[i].rule, cases[i].above, NULL, &projection));
    const uint32_t all_fire = 3;
    quell_status status = QUELL_OK;
    for (int step = 0; step < 400 && !status; step++) {
      OK(quell_population_spikes_in(s.post, &all_fire, 1));
      status = quell_step(s.net);
    }
    assert_int_equal(status, QUELL_E_RANGE);
    says(&s, cases[i].above ? cases[i].above : cases[i].rule);
    says(&s, "'post'");
    GIVES(QUELL_E_FAILED, quell_step(s.net));
    OK(quell_projection_get(projection, "weight", 0, 1000, w));
    stage_close(&s);
  }
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_cannot_be_stacked_is_refused),
      cmocka_unit_test(a_rule_twice_or_of_another_network_is_refused),
      cmocka_unit_test(the_stack_can_be_looked_at),
      cmocka_unit_test(an_interval_rule_acts_at_its_times),
      cmocka_unit_test(times_that_are_no_whole_steps_are_refused),
      cmocka_unit_test(observing_is_checked),
      cmocka_unit_test(the_host_tells_the_state_of_its_neurons),
      cmocka_unit_test(decide_knows_which_neurons_fire),
      cmocka_unit_test(rates_take_no_traces_and_follow_what_is_written),
      cmocka_unit_test(what_is_no_number_is_caught_and_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

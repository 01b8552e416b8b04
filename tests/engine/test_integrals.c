/* Weights that change at every step by x(t) times a drive of 1: a geometric series. Whatever is
 * read, written elsewhere or switched at any step, ends of windows among them, and whoever owns the
 * neurons.
 */
#include "support/check.h"
#include "support/setup.h"
#include <math.h>

enum { STEPS = 150, ARRIVAL = 3 };

static const quell_param_desc params[] = {
    {"tau_1", "ms", "of the first trace", 1, 0, 1e9, QUELL_MIN_OPEN, 0},
    {"tau_2", "ms", "of the second trace", 1, 0, 1e9, QUELL_MIN_OPEN, 0},
    QUELL_STANDARD_PARAMS(1000.0),
};
static const quell_trace_desc traces[] = {
    {"x_1", QUELL_PRE, QUELL_TRACE_ADD, 0, 0},
    {"x_2", QUELL_PRE, QUELL_TRACE_ADD, 1, 0},
};
static const quell_integral_desc integrals[] = {
    {"first", "of x_1", 0, 0},
    {"second", "of x_2", 1, 0},
};

static void nothing(const quell_block *block) {
  (void)block;
}

static void drive(const quell_post_block *block) {
  for (uint32_t k = 0; k < 2; k++)
    for (uint32_t i = 0; i < block->n; i++) block->drive[k][i] = 1.0f;
}

static quell_status prepare(const quell_rule_args *args, void *instance) {
  (void)args, (void)instance;
  return QUELL_OK;
}

static const quell_event_desc events[] = {{.kind = QUELL_PRE, .call = nothing}};
static const quell_rule_desc driven = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "driven",
    .summary = "for tests",
    .source = "tests",
    .params = QUELL_TABLE(params),
    .traces = QUELL_TABLE(traces),
    .events = QUELL_TABLE(events),
    .integrals = QUELL_TABLE(integrals),
    .prepare = prepare,
    .post_step = drive,
};

typedef struct stage {
  quell_registry *registry;
  quell_network *net;
  quell_projection *synapses;
  double tau[2]; /* steps */
} stage;

static void host(void *context) {
  (void)context;
}

static void stage_open(stage *s, const char *model, double tau_1, double tau_2) {
  const quell_value taus[] = {{"tau_1", tau_1 / 10}, {"tau_2", tau_2 / 10}};
  const uint32_t neuron = 0;
  const double time = ARRIVAL * 0.1;
  quell_population *pre, *post;
  quell_rule *rule;
  quell_network_options options = QUELL_NETWORK_OPTIONS_INIT;
  quell_connection c = QUELL_CONNECTION_INIT;
  OK(quell_registry_create(NULL, &s->registry));
  OK(quell_registry_add(s->registry, &driven, NULL, 0));
  options.registry = s->registry;
  OK(quell_network_create(&options, &s->net));
  OK(quell_population_create(s->net, "pre", "spike_source", 1, NULL, 0, &pre));
  OK(quell_population_set_spikes(pre, &neuron, &time, 1));
  OK(quell_population_create(s->net, "post", model, 2, NULL, 0, &post));
  if (*model == 'e') OK(quell_population_on_step(post, host, NULL));
  OK(quell_rule_create(s->net, "driven", taus, 2, &rule));
  c.kind = QUELL_ALL_TO_ALL;
  OK(quell_connect(s->net, pre, post, "excitatory", &c, rule, &s->synapses));
  s->tau[0] = tau_1;
  s->tau[1] = tau_2;
}

static void stage_close(stage *s) {
  quell_network_destroy(&s->net);
  quell_registry_destroy(&s->registry);
}

/* After all steps up to `step` have been added. */
static double series(const stage *s, int64_t step) {
  double w = 1;
  for (int k = 0; k < 2; k++)
    for (int64_t n = 1; n <= step - ARRIVAL; n++) w += exp(-(double)n / s->tau[k]);
  return w;
}

static void check(const stage *s, uint64_t known, const char *what, uint64_t at) {
  float w;
  OK(quell_projection_get(s->synapses, "weight", 0, 1, &w));
  CLOSE((double)w, series(s, (int64_t)known), 1000.0, what, at);
}

/* The host's state of a step is taken over when the step begins. */
static uint64_t known_at(const char *model, uint64_t clock) {
  return *model == 'e' && clock ? clock - 1 : clock;
}

static void touch(const stage *s, int how) {
  const float other = 5;
  float w;
  if (how == 1) OK(quell_projection_get(s->synapses, "weight", 0, 1, &w));
  if (how == 1) OK(quell_projection_set(s->synapses, "weight", 0, 1, &w)); /* back what was read */
  if (how == 2 || how == 3) OK(quell_projection_learning(s->synapses, 0));
  if (how == 2 || how == 3) OK(quell_projection_learning(s->synapses, 1));
  if (how >= 3) OK(quell_projection_set(s->synapses, "weight", 1, 1, &other));
}

static void weights_are_the_series_at_every_step(void **state) {
  static const char *const models[] = {"lif_curr_exp", "external"};
  static const double taus[][2] = {{10, 10}, {4, 17}, {33, 5}};
  for (size_t m = 0; m < 2; m++)
    for (size_t t = 0; t < COUNT(taus); t++) {
      stage s;
      stage_open(&s, models[m], taus[t][0], taus[t][1]);
      for (uint64_t clock = 0; clock < STEPS; clock++) {
        check(&s, known_at(models[m], clock), models[m], clock);
        OK(quell_run_steps(s.net, 1));
      }
      stage_close(&s);
    }
  (void)state;
}

static void nothing_that_is_done_at_a_stop_changes_the_series(void **state) {
  static const char *const models[] = {"lif_curr_exp", "external"};
  for (size_t m = 0; m < 2; m++)
    for (int how = 1; how <= 4; how++)
      for (uint64_t at = 1; at < 70; at += quick() ? 7 : 1) {
        stage s;
        stage_open(&s, models[m], 10, 12);
        OK(quell_run_steps(s.net, at));
        touch(&s, how);
        OK(quell_run_steps(s.net, STEPS - at));
        check(&s, known_at(models[m], STEPS), models[m], at);
        stage_close(&s);
      }
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(weights_are_the_series_at_every_step),
      cmocka_unit_test(nothing_that_is_done_at_a_stop_changes_the_series),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* NULL for each pointer that must not be one, in every public function. */
#include "world.h"

static const quell_value nameless = {NULL, 1};

static void handles_may_be_null_where_there_is_nothing_to_do(void **state) {
  quell_network *network = NULL;
  quell_recorder *recorder = NULL;
  quell_registry *registry = NULL;
  quell_network_destroy(NULL);
  quell_network_destroy(&network);
  quell_recorder_destroy(NULL);
  quell_recorder_destroy(&recorder);
  quell_registry_destroy(NULL);
  quell_registry_destroy(&registry);
  quell_request_stop(NULL);
  assert_non_null(quell_network_error(NULL));
  assert_true(quell_network_dt(NULL) == 0);
  assert_true(quell_network_time(NULL) == 0);
  assert_int_equal(quell_network_clock(NULL), 0);
  assert_null(quell_population_name(NULL));
  assert_null(quell_population_model(NULL));
  assert_int_equal(quell_population_size(NULL), 0);
  assert_int_equal(quell_projection_size(NULL), 0);
  assert_null(quell_rule_name(NULL));
  assert_null(quell_modulator_find(NULL, "da"));
  (void)state;
}

static void null_networks_are_refused(void **state) {
  quell_connection c = QUELL_CONNECTION_INIT;
  world *w = world_open();
  memset(w->out.bytes, 0xa5, OUT_BYTES);
  GIVES(QUELL_E_NULL, quell_step(NULL));
  GIVES(QUELL_E_NULL, quell_run_steps(NULL, 1));
  GIVES(QUELL_E_NULL, quell_run(NULL, 1));
  GIVES(QUELL_E_NULL, quell_network_learning(NULL, 1));
  GIVES(QUELL_E_NULL,
        quell_population_create(NULL, "p", "poisson", 1, NULL, 0, OUT(w, quell_population *)));
  GIVES(QUELL_E_NULL, quell_rule_create(NULL, "vogels2011", NULL, 0, OUT(w, quell_rule *)));
  GIVES(QUELL_E_NULL,
        quell_connect(NULL, w->inh, w->exc, "inhibitory", &c, NULL, OUT(w, quell_projection *)));
  GIVES(QUELL_E_NULL, quell_modulator_create(NULL, "m", NULL, NULL, 0, OUT(w, quell_modulator *)));
  assert_true(is_untouched(w));
  world_close(w);
  (void)state;
}

static void null_populations_are_refused(void **state) {
  const double number[] = {1};
  const uint32_t neuron[] = {0};
  world *w = world_open();
  memset(w->out.bytes, 0xa5, OUT_BYTES);
  GIVES(QUELL_E_NULL, quell_population_set(NULL, &nameless, 1));
  GIVES(QUELL_E_NULL, quell_population_set_array(NULL, "v", 0, 1, number));
  GIVES(QUELL_E_NULL, quell_population_get(NULL, "v", 0, 1, OUT(w, double)));
  GIVES(QUELL_E_NULL, quell_population_view(NULL, "v", OUT(w, quell_view)));
  GIVES(QUELL_E_NULL, quell_population_schedule(NULL, "rate", number, 1, number, 1));
  GIVES(QUELL_E_NULL, quell_population_background(NULL, "excitatory", 1, 1));
  GIVES(QUELL_E_NULL, quell_population_set_spikes(NULL, neuron, number, 1));
  GIVES(QUELL_E_NULL, quell_population_spikes_in(NULL, neuron, 1));
  GIVES(QUELL_E_NULL,
        quell_population_spikes_out(NULL, OUT(w, const uint32_t *), OUT(w, size_t) + 1));
  GIVES(QUELL_E_NULL,
        quell_population_input(NULL, "excitatory", OUT(w, const float *), OUT(w, uint32_t) + 4));
  GIVES(QUELL_E_NULL, quell_population_on_step(NULL, world_on_step, NULL));
  GIVES(QUELL_E_NULL, quell_record_spikes(NULL, NULL, OUT(w, quell_recorder *)));
  GIVES(QUELL_E_NULL, quell_record_state(NULL, "v", NULL, OUT(w, quell_recorder *)));
  GIVES(QUELL_E_NULL, quell_record_rate(NULL, NULL, OUT(w, quell_recorder *)));
  assert_true(is_untouched(w));
  world_close(w);
  (void)state;
}

static void other_null_handles_are_refused(void **state) {
  const float weight[] = {1};
  world *w = world_open();
  memset(w->out.bytes, 0xa5, OUT_BYTES);
  GIVES(QUELL_E_NULL, quell_projection_describe(NULL, OUT(w, quell_projection_info)));
  GIVES(QUELL_E_NULL,
        quell_projection_endpoints(NULL, 0, 1, OUT(w, uint32_t), OUT(w, uint32_t) + 1));
  GIVES(QUELL_E_NULL, quell_projection_get(NULL, "weight", 0, 1, OUT(w, float)));
  GIVES(QUELL_E_NULL, quell_projection_set(NULL, "weight", 0, 1, weight));
  GIVES(QUELL_E_NULL, quell_projection_learning(NULL, 1));
  GIVES(QUELL_E_NULL, quell_record_weights(NULL, NULL, OUT(w, quell_recorder *)));
  GIVES(QUELL_E_NULL, quell_recorder_read(NULL, OUT(w, quell_recording)));
  GIVES(QUELL_E_NULL, quell_recorder_clear(NULL));
  GIVES(QUELL_E_NULL, quell_rule_set(NULL, &nameless, 1));
  GIVES(QUELL_E_NULL, quell_rule_get(NULL, "eta", OUT(w, double)));
  GIVES(QUELL_E_NULL, quell_rule_bind(NULL, "learning", w->da, NULL));
  GIVES(QUELL_E_NULL, quell_rule_eligibility(NULL, 100));
  GIVES(QUELL_E_NULL, quell_rule_effective(NULL, "learning", 0, OUT(w, double)));
  GIVES(QUELL_E_NULL, quell_projection_bind(NULL, "gain", w->da, NULL));
  GIVES(QUELL_E_NULL, quell_projection_effective(NULL, "gain", 0, OUT(w, double)));
  GIVES(QUELL_E_NULL, quell_population_bind(NULL, "i_offset", w->da, NULL));
  GIVES(QUELL_E_NULL, quell_population_effective(NULL, "i_offset", 0, OUT(w, double)));
  assert_true(is_untouched(w));
  world_close(w);
  (void)state;
}

static void null_channels_are_refused(void **state) {
  const double number[] = {1};
  const uint32_t area[INH] = {0};
  const quell_source source = QUELL_SOURCE_INIT;
  const quell_critic critic = QUELL_CRITIC_INIT;
  world *w = world_open();
  memset(w->out.bytes, 0xa5, OUT_BYTES);
  GIVES(QUELL_E_NULL, quell_modulator_set_values(NULL, &nameless, 1));
  GIVES(QUELL_E_NULL, quell_modulator_get_value(NULL, "tau", OUT(w, double)));
  GIVES(QUELL_E_NULL, quell_modulator_describe(NULL, OUT(w, quell_modulator_info)));
  GIVES(QUELL_E_NULL, quell_modulator_territories(NULL, w->inh, area, INH));
  GIVES(QUELL_E_NULL, quell_modulator_diffusion(NULL, number, 1));
  GIVES(QUELL_E_NULL, quell_modulator_release(NULL, 0, 1, QUELL_NOW));
  GIVES(QUELL_E_NULL, quell_modulator_schedule(NULL, QUELL_SET_LEVEL, 0, number, number, 1));
  GIVES(QUELL_E_NULL, quell_modulator_set(NULL, 0, 1, number));
  GIVES(QUELL_E_NULL, quell_modulator_get(NULL, 0, 1, OUT(w, double)));
  GIVES(QUELL_E_NULL, quell_modulator_source(NULL, w->source, &source));
  GIVES(QUELL_E_NULL, quell_modulator_critic(NULL, &critic));
  GIVES(QUELL_E_NULL, quell_modulator_reward(NULL, 1));
  GIVES(QUELL_E_NULL, quell_modulator_predict(NULL, 1));
  GIVES(QUELL_E_NULL, quell_modulator_restart(NULL, 1));
  GIVES(QUELL_E_NULL, quell_modulator_expected(NULL, OUT(w, double)));
  assert_true(is_untouched(w));
  world_close(w);
  (void)state;
}

static void a_network_needs_a_place_for_its_handle_and_whole_hooks(void **state) {
  const quell_allocator takes = {NULL, world_take, NULL}, gives = {NULL, NULL, world_give};
  const quell_executor executor = {NULL, NULL};
  const quell_log log = {NULL, NULL};
  const quell_progress progress = {NULL, NULL};
  const struct {
    const char *name;
    const quell_allocator *allocator;
    const quell_executor *executor;
    const quell_log *log;
    const quell_progress *progress;
  } cases[] = {{"allocator", &takes, NULL, NULL, NULL},
               {"allocator", &gives, NULL, NULL, NULL},
               {"executor", NULL, &executor, NULL, NULL},
               {"log", NULL, NULL, &log, NULL},
               {"progress", NULL, NULL, NULL, &progress}};
  char error[200] = "";
  quell_network *network = (quell_network *)(void *)error;
  GIVES(QUELL_E_NULL, quell_network_create(NULL, NULL));
  for (size_t i = 0; i < COUNT(cases); i++) {
    quell_network_options o = QUELL_NETWORK_OPTIONS_INIT;
    o.allocator = cases[i].allocator;
    o.executor = cases[i].executor;
    o.log = cases[i].log;
    o.progress = cases[i].progress;
    GIVES(QUELL_E_NULL, quell_network_create(&o, &network)); /* also without a buffer */
    o.error = error;
    o.error_size = sizeof error;
    GIVES(QUELL_E_NULL, quell_network_create(&o, &network));
    assert_non_null(strstr(error, cases[i].name));
    assert_ptr_equal(network, error);
    GIVES(QUELL_E_NULL, quell_network_create(&o, NULL));
  }
  (void)state;
}

static void arguments_for_populations_are_refused(void **state) {
  const double number[] = {1};
  const uint32_t neuron[] = {0};
  world *w = world_open();
  quell_population **out = OUT(w, quell_population *);
  REFUSED(w, QUELL_E_NULL, quell_population_create(w->net, NULL, "poisson", 1, NULL, 0, out),
          "name");
  REFUSED(w, QUELL_E_NULL, quell_population_create(w->net, "p", NULL, 1, NULL, 0, out), "model");
  REFUSED(w, QUELL_E_NULL, quell_population_create(w->net, "p", "poisson", 1, NULL, 0, NULL),
          "handle");
  REFUSED(w, QUELL_E_NULL, quell_population_create(w->net, "p", "poisson", 1, NULL, 1, out), "'p'",
          "values");
  REFUSED(w, QUELL_E_NULL, quell_population_create(w->net, "p", "poisson", 1, &nameless, 1, out),
          "'p'", "value 0");
  REFUSED(w, QUELL_E_NULL, quell_population_set(w->exc, NULL, 1), "'exc'", "values");
  REFUSED(w, QUELL_E_NULL, quell_population_set(w->exc, &nameless, 1), "'exc'", "value 0");
  REFUSED(w, QUELL_E_NULL, quell_population_set_array(w->exc, NULL, 0, 1, number), "name");
  REFUSED(w, QUELL_E_NULL, quell_population_set_array(w->exc, "v", 0, 1, NULL), "'exc'", "values");
  REFUSED(w, QUELL_E_NULL, quell_population_get(w->exc, NULL, 0, 1, OUT(w, double)), "name");
  REFUSED(w, QUELL_E_NULL, quell_population_get(w->exc, "v", 0, 1, NULL), "'exc'", "values");
  REFUSED(w, QUELL_E_NULL, quell_population_view(w->exc, NULL, OUT(w, quell_view)), "name");
  REFUSED(w, QUELL_E_NULL, quell_population_view(w->exc, "v", NULL), "view");
  REFUSED(w, QUELL_E_NULL, quell_population_schedule(w->noise, NULL, number, 1, number, 1),
          "'noise'", "name");
  REFUSED(w, QUELL_E_NULL, quell_population_schedule(w->noise, "rate", NULL, 1, number, 1),
          "'noise'", "times");
  REFUSED(w, QUELL_E_NULL, quell_population_schedule(w->noise, "rate", number, 1, NULL, 1),
          "'noise'", "values");
  REFUSED(w, QUELL_E_NULL, quell_population_background(w->exc, NULL, 1, 1), "receptor");
  REFUSED(w, QUELL_E_NULL, quell_population_set_spikes(w->source, NULL, number, 1), "'source'",
          "neurons");
  REFUSED(w, QUELL_E_NULL, quell_population_set_spikes(w->source, neuron, NULL, 1), "'source'",
          "times");
  REFUSED(w, QUELL_E_NULL, quell_population_spikes_in(w->host, NULL, 1), "'host'", "neurons");
  REFUSED(w, QUELL_E_NULL, quell_population_spikes_out(w->host, NULL, OUT(w, size_t)), "'host'");
  REFUSED(w, QUELL_E_NULL, quell_population_spikes_out(w->host, OUT(w, const uint32_t *), NULL),
          "'host'");
  REFUSED(w, QUELL_E_NULL,
          quell_population_input(w->host, NULL, OUT(w, const float *), OUT(w, uint32_t) + 4),
          "'host'", "receptor");
  REFUSED(w, QUELL_E_NULL,
          quell_population_input(w->host, "excitatory", NULL, OUT(w, uint32_t) + 4), "'host'");
  REFUSED(w, QUELL_E_NULL,
          quell_population_input(w->host, "excitatory", OUT(w, const float *), NULL), "'host'");
  world_close(w);
  (void)state;
}

static void arguments_for_projections_are_refused(void **state) {
  const float weight[] = {1};
  world *w = world_open();
  quell_connection c = QUELL_CONNECTION_INIT;
  quell_projection **out = OUT(w, quell_projection *);
  c.kind = QUELL_ALL_TO_ALL;
  REFUSED(w, QUELL_E_NULL, quell_connect(w->net, NULL, w->exc, "excitatory", &c, NULL, out),
          "NULL");
  REFUSED(w, QUELL_E_NULL, quell_connect(w->net, w->inh, NULL, "excitatory", &c, NULL, out),
          "NULL");
  REFUSED(w, QUELL_E_NULL, quell_connect(w->net, w->inh, w->exc, NULL, &c, NULL, out), "NULL");
  REFUSED(w, QUELL_E_NULL, quell_connect(w->net, w->inh, w->exc, "excitatory", NULL, NULL, out),
          "NULL");
  REFUSED(w, QUELL_E_NULL, quell_connect(w->net, w->inh, w->exc, "excitatory", &c, NULL, NULL),
          "NULL");
  REFUSED(w, QUELL_E_NULL, quell_projection_describe(w->plastic, NULL), "info");
  REFUSED(w, QUELL_E_NULL, quell_projection_get(w->plastic, NULL, 0, 1, OUT(w, float)), "variable");
  REFUSED(w, QUELL_E_NULL, quell_projection_get(w->plastic, "weight", 0, 1, NULL), "array");
  REFUSED(w, QUELL_E_NULL, quell_projection_set(w->plastic, NULL, 0, 1, weight), "variable");
  REFUSED(w, QUELL_E_NULL, quell_projection_set(w->plastic, "weight", 0, 1, NULL), "array");
  OK(quell_projection_endpoints(w->plastic, 0, 1, NULL, NULL));
  world_close(w);
  (void)state;
}

static void arguments_for_rules_and_recorders_are_refused(void **state) {
  world *w = world_open();
  quell_recorder **out = OUT(w, quell_recorder *);
  quell_record_options o = QUELL_RECORD_OPTIONS_INIT;
  o.n = 1;
  REFUSED(w, QUELL_E_NULL, quell_rule_create(w->net, NULL, NULL, 0, OUT(w, quell_rule *)), "name");
  REFUSED(w, QUELL_E_NULL, quell_rule_create(w->net, "vogels2011", NULL, 0, NULL), "handle");
  REFUSED(w, QUELL_E_NULL, quell_rule_create(w->net, "vogels2011", NULL, 1, OUT(w, quell_rule *)),
          "vogels2011", "values");
  REFUSED(w, QUELL_E_NULL,
          quell_rule_create(w->net, "vogels2011", &nameless, 1, OUT(w, quell_rule *)), "vogels2011",
          "value 0");
  REFUSED(w, QUELL_E_NULL, quell_rule_set(w->rule, NULL, 1), "vogels2011", "values");
  REFUSED(w, QUELL_E_NULL, quell_rule_set(w->rule, &nameless, 1), "vogels2011", "value 0");
  REFUSED(w, QUELL_E_NULL, quell_rule_get(w->rule, NULL, OUT(w, double)), "name");
  REFUSED(w, QUELL_E_NULL, quell_rule_get(w->rule, "eta", NULL), "place");
  REFUSED(w, QUELL_E_NULL, quell_record_spikes(w->exc, NULL, NULL), "handle");
  REFUSED(w, QUELL_E_NULL, quell_record_spikes(w->exc, &o, out), "ids");
  REFUSED(w, QUELL_E_NULL, quell_record_state(w->exc, NULL, NULL, out), "variable");
  REFUSED(w, QUELL_E_NULL, quell_record_state(w->exc, "v", NULL, NULL), "handle");
  REFUSED(w, QUELL_E_NULL, quell_record_state(w->exc, "v", &o, out), "ids");
  REFUSED(w, QUELL_E_NULL, quell_record_weights(w->plastic, NULL, NULL), "handle");
  REFUSED(w, QUELL_E_NULL, quell_record_weights(w->plastic, &o, out), "ids");
  REFUSED(w, QUELL_E_NULL, quell_record_rate(w->exc, NULL, NULL), "handle");
  REFUSED(w, QUELL_E_NULL, quell_recorder_read(w->spikes, NULL), "recording");
  world_close(w);
  (void)state;
}

static void arguments_for_channels_are_refused(void **state) {
  const double number[] = {1};
  const quell_source source = QUELL_SOURCE_INIT;
  quell_critic critic = QUELL_CRITIC_INIT;
  quell_modulator_options o = QUELL_MODULATOR_OPTIONS_INIT;
  world *w = world_open();
  quell_modulator **out = OUT(w, quell_modulator *);
  REFUSED(w, QUELL_E_NULL, quell_modulator_create(w->net, NULL, NULL, NULL, 0, out), "name");
  REFUSED(w, QUELL_E_NULL, quell_modulator_create(w->net, "m", NULL, NULL, 0, NULL), "handle");
  REFUSED(w, QUELL_E_NULL, quell_modulator_create(w->net, "m", NULL, NULL, 1, out), "'m'",
          "values");
  REFUSED(w, QUELL_E_NULL, quell_modulator_create(w->net, "m", NULL, &nameless, 1, out), "'m'",
          "value 0");
  o.scope = QUELL_SCOPE_NEURON;
  REFUSED(w, QUELL_E_NULL, quell_modulator_create(w->net, "m", &o, NULL, 0, out), "population");
  o.scope = QUELL_SCOPE_STATE;
  o.population = w->exc;
  REFUSED(w, QUELL_E_NULL, quell_modulator_create(w->net, "m", &o, NULL, 0, out), "state");
  assert_null(quell_modulator_find(w->net, NULL));
  assert_ptr_equal(quell_modulator_find(w->net, "da"), w->da);
  REFUSED(w, QUELL_E_NULL, quell_modulator_set_values(w->da, NULL, 1), "'da'", "values");
  REFUSED(w, QUELL_E_NULL, quell_modulator_set_values(w->da, &nameless, 1), "'da'", "value 0");
  REFUSED(w, QUELL_E_NULL, quell_modulator_get_value(w->da, NULL, OUT(w, double)), "name");
  REFUSED(w, QUELL_E_NULL, quell_modulator_get_value(w->da, "tau", NULL), "place");
  REFUSED(w, QUELL_E_NULL, quell_modulator_describe(w->da, NULL), "info");
  REFUSED(w, QUELL_E_NULL, quell_modulator_territories(w->areas, NULL, NULL, 0), "population");
  REFUSED(w, QUELL_E_NULL, quell_modulator_territories(w->areas, w->inh, NULL, INH), "territories");
  REFUSED(w, QUELL_E_NULL, quell_modulator_diffusion(w->areas, NULL, AREAS * AREAS), "matrix");
  REFUSED(w, QUELL_E_NULL, quell_modulator_schedule(w->da, QUELL_SET_LEVEL, 0, NULL, number, 1),
          "'da'", "times");
  REFUSED(w, QUELL_E_NULL, quell_modulator_schedule(w->da, QUELL_SET_LEVEL, 0, number, NULL, 1),
          "'da'", "values");
  REFUSED(w, QUELL_E_NULL, quell_modulator_set(w->da, 0, 1, NULL), "concentrations");
  REFUSED(w, QUELL_E_NULL, quell_modulator_get(w->da, 0, 1, NULL), "place");
  REFUSED(w, QUELL_E_NULL, quell_modulator_source(w->da, NULL, &source), "population");
  REFUSED(w, QUELL_E_NULL, quell_modulator_source(w->da, w->inh, NULL), "source");
  REFUSED(w, QUELL_E_NULL, quell_modulator_critic(w->calm, NULL), "critic");
  critic.kind = QUELL_CRITIC_POPULATION;
  REFUSED(w, QUELL_E_NULL, quell_modulator_critic(w->calm, &critic), "population");
  REFUSED(w, QUELL_E_NULL, quell_modulator_expected(w->da, NULL), "place");
  world_close(w);
  (void)state;
}

static void arguments_of_what_follows_are_refused(void **state) {
  const quell_curve table = {.struct_size = sizeof table, .kind = QUELL_CURVE_TABLE, .n = 1};
  const quell_curve curve = QUELL_CURVE_INIT;
  double value = 0;
  world *w = world_open();
  REFUSED(w, QUELL_E_NULL, quell_rule_bind(w->rule, NULL, w->da, NULL), "target");
  REFUSED(w, QUELL_E_NULL, quell_rule_bind(w->rule, "learning", NULL, NULL), "channel");
  REFUSED(w, QUELL_E_RANGE, quell_rule_bind(w->rule, "learning", w->da, &table), "table", "NULL");
  REFUSED(w, QUELL_E_NULL, quell_rule_effective(w->rule, NULL, 0, OUT(w, double)), "target");
  REFUSED(w, QUELL_E_NULL, quell_rule_effective(w->rule, "learning", 0, NULL), "place");
  REFUSED(w, QUELL_E_NULL, quell_projection_bind(w->plastic, NULL, w->da, NULL), "target");
  REFUSED(w, QUELL_E_NULL, quell_projection_bind(w->plastic, "gain", NULL, NULL), "channel");
  REFUSED(w, QUELL_E_NULL, quell_projection_effective(w->plastic, NULL, 0, OUT(w, double)),
          "target");
  REFUSED(w, QUELL_E_NULL, quell_projection_effective(w->plastic, "gain", 0, NULL), "place");
  REFUSED(w, QUELL_E_NULL, quell_population_bind(w->exc, NULL, w->da, NULL), "target");
  REFUSED(w, QUELL_E_NULL, quell_population_bind(w->exc, "i_offset", NULL, NULL), "channel");
  REFUSED(w, QUELL_E_NULL, quell_population_effective(w->exc, NULL, 0, OUT(w, double)), "target");
  REFUSED(w, QUELL_E_NULL, quell_population_effective(w->exc, "i_offset", 0, NULL), "place");
  GIVES(QUELL_E_NULL, quell_curve_value(NULL, 1, &value));
  GIVES(QUELL_E_NULL, quell_curve_value(&curve, 1, NULL));
  GIVES(QUELL_E_NULL, quell_modulator_kinetics(0, NULL));
  GIVES(QUELL_E_NULL, quell_modulator_receptor(0, NULL));
  world_close(w);
  (void)state;
}

/* With a rule that has one of everything. */
static void arguments_of_the_catalogue_are_refused(void **state) {
  const quell_rule_desc *rule = quell_registry_find(NULL, "reward_stdp");
  quell_rule_info info = QUELL_RULE_INFO_INIT;
  quell_variable variable = QUELL_VARIABLE_INIT;
  quell_trace_info trace = QUELL_TRACE_INFO_INIT;
  quell_factor_info factor = QUELL_FACTOR_INFO_INIT;
  quell_eligibility_info eligibility = QUELL_ELIGIBILITY_INFO_INIT;
  quell_preset_info preset = QUELL_PRESET_INFO_INIT;
  assert_non_null(rule);
  GIVES(QUELL_E_NULL, quell_rule_describe(NULL, &info));
  GIVES(QUELL_E_NULL, quell_rule_describe(rule, NULL));
  GIVES(QUELL_E_NULL, quell_rule_variable(NULL, 0, &variable));
  GIVES(QUELL_E_NULL, quell_rule_variable(rule, 0, NULL));
  GIVES(QUELL_E_NULL, quell_rule_trace(NULL, 0, &trace));
  GIVES(QUELL_E_NULL, quell_rule_trace(rule, 0, NULL));
  GIVES(QUELL_E_NULL, quell_rule_factor(NULL, 0, &factor));
  GIVES(QUELL_E_NULL, quell_rule_factor(rule, 0, NULL));
  GIVES(QUELL_E_NULL, quell_rule_eligibility_info(NULL, 0, &eligibility));
  GIVES(QUELL_E_NULL, quell_rule_eligibility_info(rule, 0, NULL));
  GIVES(QUELL_E_NULL, quell_rule_preset(NULL, 0, &preset));
  GIVES(QUELL_E_NULL, quell_rule_preset(rule, 0, NULL));
  assert_true(!info.name && !variable.name && !trace.name && !factor.name && !eligibility.name &&
              !preset.name);
  (void)state;
}

static void arguments_of_models_and_registries_are_refused(void **state) {
  const quell_allocator half = {NULL, world_take, NULL};
  quell_variable info = QUELL_VARIABLE_INIT;
  char message[200] = "";
  quell_registry *registry = NULL;
  assert_null(quell_model_doc(NULL));
  assert_null(quell_model_receptor(NULL, 0));
  GIVES(QUELL_E_NULL, quell_model_parameter(NULL, 0, &info));
  GIVES(QUELL_E_NULL, quell_model_parameter("poisson", 0, NULL));
  GIVES(QUELL_E_NULL, quell_model_state(NULL, 0, &info));
  GIVES(QUELL_E_NULL, quell_model_state("poisson", 0, NULL));
  GIVES(QUELL_E_NULL, quell_rule_parameter(NULL, 0, &info));
  GIVES(QUELL_E_NULL, quell_rule_parameter(quell_registry_rule(NULL, 0), 0, NULL));
  assert_null(info.name);
  GIVES(QUELL_E_NULL, quell_registry_create(NULL, NULL));
  GIVES(QUELL_E_NULL, quell_registry_create(&half, &registry));
  assert_null(registry);
  OK(quell_registry_create(NULL, &registry));
  GIVES(QUELL_E_NULL, quell_registry_add(NULL, quell_registry_rule(NULL, 0), NULL, 0));
  GIVES(QUELL_E_NULL, quell_registry_add(registry, NULL, message, sizeof message));
  assert_non_null(strstr(message, "rule"));
  GIVES(QUELL_E_NULL, quell_registry_add(registry, NULL, NULL, sizeof message));
  assert_null(quell_registry_find(registry, NULL));
  assert_null(quell_registry_find(NULL, NULL));
  assert_int_equal(quell_registry_count(registry), quell_registry_count(NULL));
  quell_registry_destroy(&registry);
  (void)state;
}

static void empty_arrays_may_be_null(void **state) {
  world *w = world_open();
  OK(quell_population_set(w->exc, NULL, 0));
  OK(quell_population_set_array(w->exc, "v", 0, 0, NULL));
  OK(quell_population_set_array(w->exc, "v", EXC, 0, NULL));
  OK(quell_population_get(w->exc, "v", EXC, 0, NULL));
  OK(quell_population_schedule(w->noise, "rate", NULL, 0, NULL, 0));
  OK(quell_population_spikes_in(w->host, NULL, 0));
  OK(quell_projection_get(w->plastic, "weight", quell_projection_size(w->plastic), 0, NULL));
  OK(quell_projection_set(w->plastic, "weight", 0, 0, NULL));
  OK(quell_rule_set(w->rule, NULL, 0));
  OK(quell_modulator_set_values(w->da, NULL, 0));
  OK(quell_modulator_schedule(w->da, QUELL_SET_LEVEL, 0, NULL, NULL, 0));
  OK(quell_modulator_set(w->each, EXC, 0, NULL));
  OK(quell_modulator_get(w->each, EXC, 0, NULL));
  world_close(w);
  w = world_open();
  OK(quell_population_set_spikes(w->source, NULL, NULL, 0));
  world_run(w, 100);
  OK(quell_population_set_spikes(w->source, NULL, NULL, 0));
  world_discard(w);
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(handles_may_be_null_where_there_is_nothing_to_do),
      cmocka_unit_test(null_networks_are_refused),
      cmocka_unit_test(null_populations_are_refused),
      cmocka_unit_test(other_null_handles_are_refused),
      cmocka_unit_test(null_channels_are_refused),
      cmocka_unit_test(a_network_needs_a_place_for_its_handle_and_whole_hooks),
      cmocka_unit_test(arguments_for_populations_are_refused),
      cmocka_unit_test(arguments_for_projections_are_refused),
      cmocka_unit_test(arguments_for_rules_and_recorders_are_refused),
      cmocka_unit_test(arguments_for_channels_are_refused),
      cmocka_unit_test(arguments_of_what_follows_are_refused),
      cmocka_unit_test(arguments_of_the_catalogue_are_refused),
      cmocka_unit_test(arguments_of_models_and_registries_are_refused),
      cmocka_unit_test(empty_arrays_may_be_null),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

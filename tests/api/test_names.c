/* Names: unknown, misspelt, empty, given twice, very long, and with % in them. */
#include "world.h"
#include <stdio.h>

enum { LONG = 2000 };

/* What is wrong with a name, and what of it the sentence must repeat. */
typedef struct bad_name {
  const char *name, *said;
} bad_name;

static char long_name[LONG + 1];
static bad_name bad_names[] = {
    {"", "''"},
    {"wheight", "wheight"},
    {"V", "'V'"},
    {"v ", "'v '"},
    {"%s%n%d%s%n", "%s%n%d%s%n"},
    {"100%", "100%"},
    {long_name, "xxxxx"},
    {"\xc3\xa9t\xc3\xa9", "\xc3\xa9t\xc3\xa9"},
    {"a\nb", "a\nb"},
};

static int prepare_names(void **state) {
  memset(long_name, 'x', LONG);
  (void)state;
  return 0;
}

static void unknown_names_of_parameters_and_states_are_refused(void **state) {
  const double number = 1;
  world *w = world_open();
  for (size_t i = 0; i < COUNT(bad_names); i++) {
    const char *name = bad_names[i].name, *said = bad_names[i].said;
    const quell_value value = {name, 1};
    REFUSED(w, QUELL_E_NAME, quell_population_set(w->exc, &value, 1), "'exc'", said, "tau_m");
    REFUSED(
        w, QUELL_E_NAME,
        quell_population_create(w->net, "p", "poisson", 1, &value, 1, OUT(w, quell_population *)),
        "'p'", said, "rate");
    REFUSED(
        w, QUELL_E_NAME,
        quell_population_create(w->net, "p", "external", 1, &value, 1, OUT(w, quell_population *)),
        "'p'", said, "none");
    REFUSED(w, QUELL_E_NAME, quell_population_set_array(w->exc, name, 0, 1, &number), "'exc'", said,
            "lif_cond_exp");
    REFUSED(w, QUELL_E_NAME, quell_population_get(w->exc, name, 0, 1, OUT(w, double)), "'exc'",
            said);
    REFUSED(w, QUELL_E_NAME, quell_population_view(w->exc, name, OUT(w, quell_view)), "'exc'",
            said);
    REFUSED(w, QUELL_E_NAME, quell_population_schedule(w->noise, name, &number, 1, &number, 1),
            "'noise'", said);
    REFUSED(w, QUELL_E_NAME, quell_record_state(w->exc, name, NULL, OUT(w, quell_recorder *)), said,
            "lif_cond_exp");
  }
  world_close(w);
  (void)state;
}

static void unknown_receptors_and_models_are_refused(void **state) {
  world *w = world_open();
  quell_connection c = QUELL_CONNECTION_INIT;
  c.kind = QUELL_ALL_TO_ALL;
  for (size_t i = 0; i < COUNT(bad_names); i++) {
    const char *name = bad_names[i].name, *said = bad_names[i].said;
    REFUSED(w, QUELL_E_NAME, quell_population_background(w->exc, name, 1, 1), "'exc'", said);
    REFUSED(w, QUELL_E_NAME,
            quell_population_input(w->host, name, OUT(w, const float *), OUT(w, uint32_t) + 4),
            "'host'", said);
    REFUSED(w, QUELL_E_NAME,
            quell_connect(w->net, w->inh, w->exc, name, &c, NULL, OUT(w, quell_projection *)),
            "'exc'", said, "excitatory", "inhibitory");
    REFUSED(w, QUELL_E_NAME,
            quell_population_create(w->net, "p", name, 1, NULL, 0, OUT(w, quell_population *)),
            "'p'", "model", said);
  }
  REFUSED(
      w, QUELL_E_NAME,
      quell_connect(w->net, w->inh, w->noise, "excitatory", &c, NULL, OUT(w, quell_projection *)),
      "'noise'", "poisson", "excitatory");
  world_close(w);
  (void)state;
}

static void unknown_rules_and_their_parameters_are_refused(void **state) {
  world *w = world_open();
  for (size_t i = 0; i < COUNT(bad_names); i++) {
    const char *name = bad_names[i].name, *said = bad_names[i].said;
    const quell_value value = {name, 1};
    REFUSED(w, QUELL_E_NAME, quell_rule_create(w->net, name, NULL, 0, OUT(w, quell_rule *)), "rule",
            said);
    REFUSED(w, QUELL_E_NAME,
            quell_rule_create(w->net, "stdp_pair", &value, 1, OUT(w, quell_rule *)), "'stdp_pair'",
            said, "a_plus", "tie");
    REFUSED(w, QUELL_E_NAME, quell_rule_set(w->rule, &value, 1), "'vogels2011'", said, "rho0");
    REFUSED(w, QUELL_E_NAME, quell_rule_get(w->rule, name, OUT(w, double)), "'vogels2011'", said);
  }
  world_close(w);
  (void)state;
}

static void unknown_quantities_of_synapses_are_refused(void **state) {
  const float number = 1;
  world *w = world_open();
  for (size_t i = 0; i < COUNT(bad_names); i++) {
    const char *name = bad_names[i].name, *said = bad_names[i].said;
    REFUSED(w, QUELL_E_NAME, quell_projection_get(w->plastic, name, 0, 1, OUT(w, float)), said,
            "weight", "delay_dendritic");
    REFUSED(w, QUELL_E_NAME, quell_projection_set(w->still, name, 0, 1, &number), said, "weight");
  }
  REFUSED(w, QUELL_E_UNSUPPORTED, quell_projection_set(w->still, "delay", 0, 1, &number),
          "'delay'");
  REFUSED(w, QUELL_E_UNSUPPORTED, quell_projection_set(w->still, "delay_axonal", 0, 1, &number),
          "'delay_axonal'");
  REFUSED(w, QUELL_E_UNSUPPORTED, quell_projection_set(w->still, "delay_dendritic", 0, 1, &number),
          "'delay_dendritic'");
  world_close(w);
  (void)state;
}

static void names_of_populations_are_unique_and_not_empty(void **state) {
  world *w = world_open();
  quell_population **out = OUT(w, quell_population *);
  REFUSED(w, QUELL_E_NAME, quell_population_create(w->net, "", "poisson", 1, NULL, 0, out),
          "empty");
  REFUSED(w, QUELL_E_NAME, quell_population_create(w->net, "exc", "poisson", 1, NULL, 0, out),
          "'exc'", "already");
  world_close(w);
  (void)state;
}

/* A name is the user's own: any length, any characters. */
static void any_name_of_a_population_is_kept_and_said(void **state) {
  const quell_value bad = {"rate", -1};
  world *w = world_open();
  for (size_t i = 1; i < COUNT(bad_names); i++) {
    quell_population *p = NULL;
    char name[LONG + 1];
    strcpy(name, bad_names[i].name);
    OK(quell_population_create(w->net, name, "poisson", 2, NULL, 0, &p));
    memset(name, 0, sizeof name); /* it was copied */
    assert_string_equal(quell_population_name(p), bad_names[i].name);
    REFUSED(w, QUELL_E_RANGE, quell_population_set(p, &bad, 1), bad_names[i].said, "'rate'",
            "[0, 100000]", "-1");
    REFUSED(w, QUELL_E_NAME,
            quell_population_create(w->net, bad_names[i].name, "poisson", 2, NULL, 0,
                                    OUT(w, quell_population *)),
            bad_names[i].said, "already");
    REFUSED(w, QUELL_E_UNSUPPORTED, quell_population_spikes_in(p, NULL, 0), bad_names[i].said,
            "external");
  }
  world_discard(w);
  (void)state;
}

/* However long the name is, what is to be done about it is still said. */
static void a_long_name_does_not_push_out_the_advice(void **state) {
  world *w = world_open();
  quell_population *p;
  quell_projection *onto;
  quell_connection c = QUELL_CONNECTION_INIT;
  c.kind = QUELL_ALL_TO_ALL;
  OK(quell_population_create(w->net, long_name, "external", 2, NULL, 0, &p));
  OK(quell_connect(w->net, w->exc, p, "excitatory", &c, NULL, &onto));
  REFUSED(w, QUELL_E_STATE, quell_run_steps(w->net, 2), "xxxxx", "quell_population_on_step()");
  world_discard(w);
  (void)state;
}

static void names_given_twice_are_refused(void **state) {
  const quell_value twice[] = {{"cm", 250}, {"tau_m", 10}, {"cm", 250}};
  const quell_value rule_twice[] = {{"eta", 0.1}, {"eta", 0.1}};
  world *w = world_open();
  REFUSED(w, QUELL_E_NAME, quell_population_set(w->exc, twice, 3), "'exc'", "'cm'", "twice");
  REFUSED(
      w, QUELL_E_NAME,
      quell_population_create(w->net, "p", "lif_curr_exp", 1, twice, 3, OUT(w, quell_population *)),
      "'p'", "'cm'", "twice");
  REFUSED(w, QUELL_E_NAME, quell_rule_set(w->rule, rule_twice, 2), "'eta'", "twice");
  REFUSED(w, QUELL_E_NAME,
          quell_rule_create(w->net, "vogels2011", rule_twice, 2, OUT(w, quell_rule *)), "'eta'",
          "twice");
  world_close(w);
  (void)state;
}

static void shared_parameters_and_other_models_are_unsupported(void **state) {
  const double number = 1;
  const uint32_t neuron = 0;
  world *w = world_open();
  REFUSED(w, QUELL_E_UNSUPPORTED, quell_population_set_array(w->exc, "tau_m", 0, 1, &number),
          "'exc'", "'tau_m'");
  REFUSED(w, QUELL_E_UNSUPPORTED,
          quell_population_schedule(w->exc, "tau_m", &number, 1, &number, 1), "'exc'", "'tau_m'");
  REFUSED(w, QUELL_E_NAME, quell_population_schedule(w->exc, "v", &number, 1, &number, 1), "'v'");
  REFUSED(w, QUELL_E_NAME, quell_population_view(w->exc, "tau_m", OUT(w, quell_view)), "'tau_m'");
  REFUSED(w, QUELL_E_UNSUPPORTED, quell_population_background(w->noise, "excitatory", 1, 1),
          "'noise'", "poisson");
  REFUSED(w, QUELL_E_UNSUPPORTED, quell_population_background(w->host, "excitatory", 1, 1),
          "'host'", "external");
  REFUSED(w, QUELL_E_UNSUPPORTED, quell_population_set_spikes(w->exc, &neuron, &number, 1), "'exc'",
          "spike_source", "lif_cond_exp");
  REFUSED(w, QUELL_E_UNSUPPORTED, quell_population_spikes_in(w->source, &neuron, 1), "'source'",
          "external", "spike_source");
  REFUSED(w, QUELL_E_UNSUPPORTED,
          quell_population_input(w->exc, "excitatory", OUT(w, const float *), OUT(w, uint32_t) + 4),
          "'exc'", "external");
  REFUSED(w, QUELL_E_UNSUPPORTED, quell_population_on_step(w->noise, world_on_step, w), "'noise'",
          "external");
  world_close(w);
  (void)state;
}

static void models_and_rules_are_looked_up_without_harm(void **state) {
  quell_variable info = QUELL_VARIABLE_INIT;
  assert_null(quell_model_name(quell_model_count()));
  assert_null(quell_model_name(SIZE_MAX));
  assert_null(quell_model_receptor("lif_cond_exp", 2));
  assert_null(quell_model_receptor("lif_cond_exp", SIZE_MAX));
  assert_null(quell_model_receptor("poisson", 0));
  assert_null(quell_registry_rule(NULL, quell_registry_count(NULL)));
  assert_null(quell_registry_rule(NULL, SIZE_MAX));
  for (size_t i = 0; i < COUNT(bad_names); i++) {
    assert_null(quell_model_doc(bad_names[i].name));
    assert_null(quell_model_receptor(bad_names[i].name, 0));
    assert_null(quell_registry_find(NULL, bad_names[i].name));
    GIVES(QUELL_E_NAME, quell_model_parameter(bad_names[i].name, 0, &info));
    GIVES(QUELL_E_NAME, quell_model_state(bad_names[i].name, 0, &info));
  }
  GIVES(QUELL_E_LENGTH, quell_model_parameter("poisson", 1, &info));
  GIVES(QUELL_E_LENGTH, quell_model_parameter("poisson", SIZE_MAX, &info));
  GIVES(QUELL_E_LENGTH, quell_model_state("external", 3, &info));
  GIVES(QUELL_E_LENGTH, quell_model_state("poisson", SIZE_MAX, &info));
  GIVES(QUELL_E_LENGTH, quell_rule_parameter(quell_registry_rule(NULL, 0), 100, &info));
  GIVES(QUELL_E_LENGTH, quell_rule_parameter(quell_registry_rule(NULL, 0), SIZE_MAX, &info));
  assert_null(info.name);
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(unknown_names_of_parameters_and_states_are_refused),
      cmocka_unit_test(unknown_receptors_and_models_are_refused),
      cmocka_unit_test(unknown_rules_and_their_parameters_are_refused),
      cmocka_unit_test(unknown_quantities_of_synapses_are_refused),
      cmocka_unit_test(names_of_populations_are_unique_and_not_empty),
      cmocka_unit_test(any_name_of_a_population_is_kept_and_said),
      cmocka_unit_test(a_long_name_does_not_push_out_the_advice),
      cmocka_unit_test(names_given_twice_are_refused),
      cmocka_unit_test(shared_parameters_and_other_models_are_unsupported),
      cmocka_unit_test(models_and_rules_are_looked_up_without_harm),
  };
  return cmocka_run_group_tests(tests, prepare_names, NULL);
}

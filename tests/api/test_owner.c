/* Handles of another network. */
#include "world.h"

static const quell_connection all_to_all = {.struct_size = sizeof all_to_all,
                                            .kind = QUELL_ALL_TO_ALL};

static void handles_of_another_network_are_refused(void **state) {
  world *w = world_open(), *other = world_open();
  quell_projection **out = OUT(w, quell_projection *);
  const struct {
    quell_population *pre, *post;
    quell_rule *rule;
    const char *said;
  } cases[] = {
      {other->inh, w->exc, NULL, "the pre population"},
      {w->inh, other->exc, NULL, "the post population"},
      {w->inh, w->exc, other->rule, "the rule"},
      {other->inh, other->exc, other->rule, "the pre population"},
      {other->inh, other->exc, w->rule, "the pre population"},
  };
  for (size_t i = 0; i < COUNT(cases); i++)
    REFUSED(w, QUELL_E_OWNER,
            quell_connect(w->net, cases[i].pre, cases[i].post, "inhibitory", &all_to_all,
                          cases[i].rule, out),
            "another network", cases[i].said);
  world_close(w);
  world_close(other);
  (void)state;
}

static void channels_and_their_populations_are_of_one_network(void **state) {
  const uint32_t area[INH] = {0};
  const quell_source source = QUELL_SOURCE_INIT;
  quell_critic critic = QUELL_CRITIC_INIT;
  quell_modulator_options o = QUELL_MODULATOR_OPTIONS_INIT;
  world *w = world_open(), *other = world_open();
  o.scope = QUELL_SCOPE_NEURON;
  o.population = other->exc;
  REFUSED(w, QUELL_E_OWNER,
          quell_modulator_create(w->net, "m", &o, NULL, 0, OUT(w, quell_modulator *)), "'exc'");
  REFUSED(w, QUELL_E_OWNER, quell_modulator_territories(w->areas, other->inh, area, INH), "'inh'");
  REFUSED(w, QUELL_E_OWNER, quell_modulator_source(w->areas, other->inh, &source), "'inh'");
  critic.kind = QUELL_CRITIC_POPULATION;
  critic.population = other->exc;
  REFUSED(w, QUELL_E_OWNER, quell_modulator_critic(w->calm, &critic), "'exc'");
  REFUSED(w, QUELL_E_OWNER, quell_rule_bind(w->rule, "learning", other->da, NULL), "'da'");
  REFUSED(w, QUELL_E_OWNER, quell_projection_bind(w->plastic, "gain", other->da, NULL), "'da'");
  REFUSED(w, QUELL_E_OWNER, quell_population_bind(w->exc, "i_offset", other->da, NULL), "'da'");
  world_close(w);
  world_close(other);
  (void)state;
}

/* The sentence is kept by the network that was asked, and by no other. */
static void the_other_network_is_not_told(void **state) {
  world *w = world_open(), *other = world_open();
  quell_projection *out = NULL;
  GIVES(QUELL_E_OWNER,
        quell_connect(w->net, other->inh, w->exc, "inhibitory", &all_to_all, NULL, &out));
  assert_string_equal(quell_network_error(other->net), "");
  assert_null(out);
  world_close(w);
  world_close(other);
  (void)state;
}

static void one_registry_may_serve_networks_that_outlive_it(void **state) {
  quell_registry *registry;
  OK(quell_registry_create(NULL, &registry));
  world *w = world_open_with(registry), *other = world_open_with(registry);
  quell_registry_destroy(&registry);
  assert_null(registry);
  world_run(w, 100);
  world_run(other, 100);
  assert_true(world_digest(w) == world_digest(other));
  world_discard(w);
  OK(quell_rule_create(other->net, "stdp_pair", NULL, 0, &other->rule));
  world_discard(other);
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(handles_of_another_network_are_refused),
      cmocka_unit_test(channels_and_their_populations_are_of_one_network),
      cmocka_unit_test(the_other_network_is_not_told),
      cmocka_unit_test(one_registry_may_serve_networks_that_outlive_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

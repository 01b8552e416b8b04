/* Calls at the wrong time: after the first step, and from inside the callbacks, where a network can
 * be read, not changed. */
#include "world.h"

static const quell_connection all_to_all = {.struct_size = sizeof all_to_all,
                                            .kind = QUELL_ALL_TO_ALL};

/* Everything that changes a network, with arguments that are in order. */

typedef quell_status (*change_fn)(world *w);

static quell_status create_population(world *w) {
  return quell_population_create(w->net, "new", "poisson", 1, NULL, 0, OUT(w, quell_population *));
}

static quell_status connect(world *w) {
  return quell_connect(w->net, w->inh, w->exc, "inhibitory", &all_to_all, NULL,
                       OUT(w, quell_projection *));
}

static quell_status create_rule(world *w) {
  return quell_rule_create(w->net, "stdp_pair", NULL, 0, OUT(w, quell_rule *));
}

static quell_status set_rule(world *w) {
  const quell_value eta = {"eta", 0.5};
  return quell_rule_set(w->rule, &eta, 1);
}

static quell_status set_rule_to_nothing(world *w) {
  return quell_rule_set(w->rule, NULL, 0);
}

static quell_status set_parameter(world *w) {
  const quell_value cm = {"cm", 300};
  return quell_population_set(w->exc, &cm, 1);
}

static quell_status set_state(world *w) {
  const double v = -55;
  return quell_population_set_array(w->exc, "v", 0, 1, &v);
}

static quell_status schedule(world *w) {
  const double time = 1e6, rate = 5;
  return quell_population_schedule(w->noise, "rate", &time, 1, &rate, 1);
}

static quell_status unschedule(world *w) {
  return quell_population_schedule(w->noise, "rate", NULL, 0, NULL, 0);
}

static quell_status background(world *w) {
  return quell_population_background(w->inh, "excitatory", 10, 1);
}

static quell_status set_spikes(world *w) {
  const uint32_t neuron = 0;
  const double time = 1e6;
  return quell_population_set_spikes(w->source, &neuron, &time, 1);
}

static quell_status spikes_in(world *w) {
  const uint32_t neuron = 0;
  return quell_population_spikes_in(w->host, &neuron, 1);
}

static quell_status on_step(world *w) {
  return quell_population_on_step(w->host, NULL, NULL);
}

static quell_status set_weight(world *w) {
  const float weight = 2;
  return quell_projection_set(w->plastic, "weight", 0, 1, &weight);
}

static quell_status learning(world *w) {
  return quell_projection_learning(w->plastic, 0);
}

static quell_status network_learning(world *w) {
  return quell_network_learning(w->net, 0);
}

static quell_status record_spikes(world *w) {
  return quell_record_spikes(w->exc, NULL, OUT(w, quell_recorder *));
}

static quell_status record_state(world *w) {
  return quell_record_state(w->exc, "v", NULL, OUT(w, quell_recorder *));
}

static quell_status record_weights(world *w) {
  return quell_record_weights(w->plastic, NULL, OUT(w, quell_recorder *));
}

static quell_status record_rate(world *w) {
  return quell_record_rate(w->exc, NULL, OUT(w, quell_recorder *));
}

static quell_status clear_recorder(world *w) {
  return quell_recorder_clear(w->spikes);
}

static quell_status step(world *w) {
  return quell_step(w->net);
}

static quell_status run_nothing(world *w) {
  return quell_run_steps(w->net, 0);
}

static quell_status run_steps(world *w) {
  return quell_run_steps(w->net, 5);
}

static quell_status run(world *w) {
  return quell_run(w->net, 0.5);
}

#define CHANGE(name)                                                                               \
  { #name, name }

static const struct {
  const char *name;
  change_fn call;
} changes[] = {
    CHANGE(create_population), CHANGE(connect),        CHANGE(create_rule),
    CHANGE(set_rule),          CHANGE(set_parameter),  CHANGE(set_rule_to_nothing),
    CHANGE(set_state),         CHANGE(schedule),       CHANGE(unschedule),
    CHANGE(background),        CHANGE(set_spikes),     CHANGE(on_step),
    CHANGE(set_weight),        CHANGE(learning),       CHANGE(network_learning),
    CHANGE(record_spikes),     CHANGE(record_state),   CHANGE(record_weights),
    CHANGE(record_rate),       CHANGE(clear_recorder), CHANGE(step),
    CHANGE(run_nothing),       CHANGE(run_steps),      CHANGE(run),
    CHANGE(spikes_in), /* the last: allowed in on_step */
};
enum { CHANGES = COUNT(changes), CHANGES_ON_STEP = CHANGES - 1 };

/* Callbacks that try to change their network. Broken is printed once for each. */

static void try_changes(world *w, size_t n, const char *where) {
  for (size_t i = 0; i < n; i++) {
    int before = w->broken;
    REFUSED(w, QUELL_E_STATE, changes[i].call(w), "network", "callback");
    if (w->broken != before) print_error("  that was %s in %s\n", changes[i].name, where);
  }
}

static void try_destruction(world *w) {
  quell_network *net = w->net;
  quell_recorder *recorder = w->spikes;
  quell_recorder_destroy(&recorder);
  HOLDS(w, recorder == w->spikes);
  quell_network_destroy(&net);
  HOLDS(w, net == w->net);
}

/* Everything that reads, and the request to stop. */
static void read_all(world *w) {
  const uint32_t *neurons;
  const float *input;
  uint32_t n_input, pre;
  size_t n;
  double v;
  float weight;
  quell_view view = QUELL_VIEW_INIT;
  quell_recording recording = QUELL_RECORDING_INIT;
  quell_projection_info info = QUELL_PROJECTION_INFO_INIT;
  OK(quell_population_get(w->exc, "v", 0, 1, &v));
  OK(quell_population_view(w->exc, "v", &view));
  OK(quell_population_spikes_out(w->exc, &neurons, &n));
  OK(quell_population_input(w->host, "excitatory", &input, &n_input));
  OK(quell_projection_get(w->plastic, "weight", 0, 1, &weight));
  OK(quell_projection_endpoints(w->plastic, 0, 1, &pre, NULL));
  OK(quell_projection_describe(w->plastic, &info));
  OK(quell_rule_get(w->rule, "eta", &v));
  OK(quell_recorder_read(w->spikes, &recording));
  assert_true(quell_network_dt(w->net) == 0.1);
}

static void misbehave_in_step(world *w) {
  if (w->calls != 30) return;
  try_changes(w, CHANGES_ON_STEP, "on_step");
  try_destruction(w);
  read_all(w);
}

static void misbehave_in_report(world *w) {
  try_changes(w, CHANGES, "progress");
  try_destruction(w);
  read_all(w);
}

static void change_in_log(world *w) {
  try_changes(w, CHANGES, "log");
}

static void read_in_log(world *w) {
  read_all(w);
}

static void destroy_in_log(world *w) {
  try_destruction(w);
}

static void nothing_changes_from_inside_on_step(void **state) {
  world *w = world_open();
  w->in_step = misbehave_in_step;
  world_run(w, 60);
  assert_true(w->calls == 60);
  world_close(w);
  (void)state;
}

static void nothing_changes_from_inside_progress(void **state) {
  world *w = world_open();
  w->in_report = misbehave_in_report;
  world_run(w, 60);
  world_run(w, 1);
  world_close(w);
  (void)state;
}

static void a_network_can_be_read_from_inside_log(void **state) {
  world *w = world_open();
  w->in_log = read_in_log;
  world_run(w, 60);
  world_close(w);
  (void)state;
}

static void nothing_changes_from_inside_log(void **state) {
  world *w = world_open();
  w->in_log = change_in_log;
  OK(quell_run_steps(w->net, 60));
  w->steps = 60;
  world_close(w);
  (void)state;
}

static void a_network_is_not_destroyed_from_inside_log(void **state) {
  world *w = world_open();
  w->in_log = destroy_in_log;
  OK(quell_run_steps(w->net, 60));
  w->steps = 60;
  world_close(w);
  (void)state;
}

static void nothing_is_added_after_the_first_step(void **state) {
  for (uint64_t steps = 0; steps < 3; steps++) {
    world *w = world_open();
    OK(quell_run_steps(w->net, steps)); /* 0 fixes the topology too */
    w->steps = steps;
    REFUSED(w, QUELL_E_STATE, create_population(w), "after the first step");
    REFUSED(w, QUELL_E_STATE, connect(w), "after the first step");
    world_close(w);
  }
  (void)state;
}

static void time_constants_and_ties_are_fixed_after_the_first_step(void **state) {
  const quell_value tau = {"tau", 30}, tie = {"tie", 1}, same[] = {{"tau", 20}, {"tie", 0}};
  const quell_value both[] = {{"eta", 0.5}, {"tau", 30}};
  world *w = world_open();
  world_run(w, 1);
  REFUSED(w, QUELL_E_STATE, quell_rule_set(w->rule, &tau, 1), "'vogels2011'", "'tau'", "fixed");
  REFUSED(w, QUELL_E_STATE, quell_rule_set(w->rule, &tie, 1), "'vogels2011'", "'tie'", "fixed");
  REFUSED(w, QUELL_E_STATE, quell_rule_set(w->rule, both, 2), "'tau'", "fixed");
  OK(quell_rule_set(w->rule, same, 2));
  world_close(w);
  (void)state;
}

static void runs_need_a_callback_where_input_would_be_lost(void **state) {
  world *w = world_open();
  OK(quell_population_on_step(w->host, NULL, NULL));
  REFUSED(w, QUELL_E_STATE, quell_run_steps(w->net, 2), "'host'", "quell_population_on_step()");
  REFUSED(w, QUELL_E_STATE, quell_run(w->net, 1), "'host'", "quell_step()");
  OK(quell_population_on_step(w->host, world_on_step, w));
  world_close(w);
  (void)state;
}

/* The state is the first thing that counts: a call that is also wrong otherwise changes nothing. */
static void calls_without_an_order_do_no_harm(void **state) {
  world *w = world_new(NULL);
  OK(quell_run_steps(w->net, 10)); /* an empty network has a clock too */
  assert_int_equal(quell_network_clock(w->net), 10);
  REFUSED(w, QUELL_E_STATE, create_population(w), "first step", "10");
  quell_request_stop(w->net);
  GIVES(QUELL_STOPPED, quell_run(w->net, 1));
  OK(quell_run(w->net, 1));
  world_discard(w);
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nothing_changes_from_inside_on_step),
      cmocka_unit_test(nothing_changes_from_inside_progress),
      cmocka_unit_test(nothing_is_added_after_the_first_step),
      cmocka_unit_test(time_constants_and_ties_are_fixed_after_the_first_step),
      cmocka_unit_test(runs_need_a_callback_where_input_would_be_lost),
      cmocka_unit_test(calls_without_an_order_do_no_harm),
      cmocka_unit_test(a_network_can_be_read_from_inside_log),
      cmocka_unit_test(nothing_changes_from_inside_log),
      cmocka_unit_test(a_network_is_not_destroyed_from_inside_log),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

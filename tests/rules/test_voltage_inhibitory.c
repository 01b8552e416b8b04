/* voltage_inhibitory: the potential is held, follows a course that the host gives, or is that of an
 * integrate-and-fire neuron which the rule then holds at its target. */
#include "support/check.h"
#include "support/compare.h"
#include "support/pairs.h"
#include <math.h>
#include <string.h>

enum { ETA, THETA, TAU_U, ETA_POST };

static double wave(double x) {
  return 4 * fabs(x - floor(x) - 0.5) - 1;
}

static double course(int state, uint64_t step, uint32_t neuron) {
  double t = (double)(step - step % 10);
  if (state != 0) return 0;
  return (double)(float)(-55 + 15 * wave(t / 2300 + neuron / 17.0) + (step / 700 % 3 ? 0 : 9));
}

static double held(int state, uint64_t step, uint32_t neuron) {
  (void)step, (void)neuron;
  return state == 0 ? -44 : 0;
}

/* Above the target; begins at the first potential. */
static void cell(const synapse_cell *cell) {
  const double *p = cell->params;
  double u = course(0, 1, cell->neuron), keep = p[TAU_U] > 0 ? exp(-cell->dt / p[TAU_U]) : 0;
  for (uint64_t s = 1; s < cell->steps; s++) {
    double v = course(0, s, cell->neuron);
    u = v + keep * (u - v);
    cell->signal[0][s] = u - p[THETA];
  }
}

static void on_pre(const double *t, double *w, double *var, const void *params) {
  *w += ((const double *)params)[ETA] * t[SYNAPSE_SIGNAL];
  (void)var;
}

static void on_post(const double *t, double *w, double *var, const void *params) {
  *w += ((const double *)params)[ETA_POST] * t[0];
  (void)var;
}

static const synapse_rule voltage = {
    .name = "voltage_inhibitory",
    .trace = {{QUELL_PRE, QUELL_TRACE_ADD, 0, "tau"}},
    .pre = on_pre,
    .post = on_post,
    .cell = cell,
    .course = course,
};

static void it_equals_its_reference(void **state) {
  const quell_value both[] = {{"eta", 0.02}, {"w_max", 10}, {"eta_post", 0.05}};
  const quell_value plain[] = {{"eta", 0.02}, {"w_max", 10}, {"tau_u", 0}, {"theta", -58}};
  compare_trains(&voltage, NULL, both, COUNT(both));
  compare_trains(&voltage, NULL, plain, COUNT(plain));
  (void)state;
}

static double window_of_pair(double ms, int tie, double w, const double *p) {
  w += p[ETA] * (-44 - p[THETA]);
  if (ms > 0 || (ms == 0 && tie == QUELL_PRE_FIRST)) w += p[ETA_POST] * exp(-ms / 20);
  return w;
}

static void window_is_the_closed_form(void **state) {
  synapse_rule rule = voltage;
  const quell_value own[] = {{"eta", 0.02}, {"w_max", 10}, {"eta_post", 0.7}};
  rule.course = held;
  compare_window(&rule, NULL, own, COUNT(own), 4, window_of_pair);
  (void)state;
}

static void drift_is_pre_rate_times_distance_to_the_target(void **state) {
  const double v[] = {-60, -45};
  for (size_t i = 0; i < COUNT(v); i++) {
    const quell_value own[] = {{"eta", 1e-3}, {"eta_post", 2e-3}, {"tie", QUELL_EXCLUSIVE}};
    pairs run = {.rule = "voltage_inhibitory", .own = own, .n = COUNT(own)};
    run.w0 = 20, run.r_pre = 15, run.r_post = 10, run.seconds = quick() ? 5 : 20, run.v = v[i];
    pairs_check_drift(&run, 1e-3 * 15 * (v[i] + 50) + 2e-3 * 150 * trace_per_rate(20, 0.5));
  }
  (void)state;
}

/* At the target nothing changes at all. */
static void target_is_a_fixed_point(void **state) {
  static float w[PAIRS];
  pairs run = {.rule = "voltage_inhibitory"};
  run.w0 = 20, run.r_pre = 15, run.r_post = 10, run.seconds = 2, run.v = -50;
  pairs_run(&run, "weight", w);
  for (size_t i = 0; i < PAIRS; i++) assert_true(w[i] == 20.0f);
  (void)state;
}

/* The low-pass begins at the first potential, and is one: a step of 10 mV is seen to
 * 10 (1 - e^-1) after tau_u. */
static void potential_is_low_passed(void **state) {
  const setup setup = {0};
  quell_network *net = open_network(&setup);
  quell_population *pre, *post;
  quell_rule *rule;
  quell_projection *synapses;
  const quell_value values[] = {{"eta", 1}, {"theta", -60}, {"tau_u", 100}};
  const uint32_t ids[] = {0, 0};
  const double times[] = {50, 150}, v[] = {-60, -50};
  float w;
  quell_connection c = QUELL_CONNECTION_INIT;
  c.kind = QUELL_ALL_TO_ALL;
  c.weight = (quell_distribution){QUELL_CONSTANT, 0, 20, 0, 0, 0, NULL, 0};
  OK(quell_population_create(net, "pre", "spike_source", 1, NULL, 0, &pre));
  OK(quell_population_create(net, "post", "external", 1, NULL, 0, &post));
  OK(quell_rule_create(net, "voltage_inhibitory", values, 3, &rule));
  OK(quell_connect(net, pre, post, "inhibitory", &c, rule, &synapses));
  OK(quell_population_set_spikes(pre, ids, times, 2));
  for (int k = 0; k < 2; k++) { /* the potential steps up after the events of 50 ms */
    OK(quell_population_set_array(post, "v", 0, 1, &v[k]));
    while (quell_network_time(net) < times[k] + 0.05) OK(quell_step(net));
    OK(quell_projection_get(synapses, "weight", 0, 1, &w));
    double want = 20 + (k ? 10 * (1 - exp(-1)) : 0);
    assert_true(fabs((double)w - want) < 1e-4);
  }
  quell_network_destroy(&net);
  (void)state;
}

static void values_in_range_give_numbers(void **state) {
  compare_cell_ranges("voltage_inhibitory", NULL, 0, 1, course);
  (void)state;
}

static void bits_do_not_depend_on_how_it_is_run(void **state) {
  const quell_value own[] = {{"eta_post", 0.01}, {"theta", -58}};
  check_bits("voltage_inhibitory", NULL, own, COUNT(own), 1, "inhibitory");
  (void)state;
}

/* Integrate-and-fire neurons under excitation, from too little and from too much inhibition: the
 * mean of u at the arrivals of pre spikes becomes theta. */
static void neurons_settle_at_the_target(void **state) {
  enum { CELLS = 20, SOURCES = 80 };
  const double theta[] = {-58, -61}, start[] = {0.3, 5};
  for (size_t i = 0; i < COUNT(theta); i++) {
    const setup setup = {.seed = 8};
    quell_network *net = open_network(&setup);
    quell_population *source[2], *cells;
    const char *const names[] = {"E", "I"}, *const receptors[] = {"excitatory", "inhibitory"};
    const quell_value rate = {"rate", 20};
    const quell_value values[] = {{"eta", 2e-2}, {"theta", theta[i]}, {"tau_u", 200}};
    quell_rule *rule;
    quell_projection *synapses;
    OK(quell_population_create(net, "cells", "lif_cond_exp", CELLS, NULL, 0, &cells));
    OK(quell_rule_create(net, "voltage_inhibitory", values, 3, &rule));
    for (int k = 0; k < 2; k++) {
      quell_connection c = QUELL_CONNECTION_INIT;
      OK(quell_population_create(net, names[k], "poisson", SOURCES, &rate, 1, &source[k]));
      c.kind = QUELL_ALL_TO_ALL;
      c.weight = (quell_distribution){QUELL_CONSTANT, 0, k ? start[i] : 1, 0, 0, 0, NULL, 0};
      OK(quell_connect(net, source[k], cells, receptors[k], &c, k ? rule : NULL, &synapses));
    }
    double u[CELLS], v[CELLS], sum = 0, count = 0;
    const uint64_t settle = 100000;
    for (size_t j = 0; j < CELLS; j++) u[j] = -60;
    for (uint64_t s = 0; s < 2 * settle; s++) {
      const uint32_t *ids;
      size_t n;
      OK(quell_step(net));
      OK(quell_population_get(cells, "v", 0, CELLS, v));
      OK(quell_population_spikes_out(source[1], &ids, &n));
      for (size_t j = 0; j < CELLS; j++) {
        u[j] = v[j] + exp(-0.1 / 200) * (u[j] - v[j]);
        if (s >= settle) sum += (double)n * u[j];
      }
      if (s >= settle) count += (double)n * CELLS;
    }
    if (!(fabs(sum / count - theta[i]) < 0.1))
      fail_msg("u settles at %g mV, should be %g", sum / count, theta[i]);
    quell_network_destroy(&net);
  }
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(it_equals_its_reference),
      cmocka_unit_test(window_is_the_closed_form),
      cmocka_unit_test(drift_is_pre_rate_times_distance_to_the_target),
      cmocka_unit_test(target_is_a_fixed_point),
      cmocka_unit_test(potential_is_low_passed),
      cmocka_unit_test(values_in_range_give_numbers),
      cmocka_unit_test(bits_do_not_depend_on_how_it_is_run),
      cmocka_unit_test(neurons_settle_at_the_target),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

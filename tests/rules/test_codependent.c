/* codependent_inhibitory and codependent_excitatory: excitation and inhibition of the cell are held
 * or follow a course that the host gives. */
#include "support/check.h"
#include "support/compare.h"
#include "support/pairs.h"
#include <math.h>
#include <string.h>

/* The cell, written from the equations. */

typedef struct currents {
  double tau_E, tau_I, g_leak, E_NMDA, E_GABA, mg_factor, mg_slope;
} currents;

static double now_E(const currents *c, double v, double g_exc) {
  return g_exc / c->g_leak / (1 + c->mg_factor * exp(-c->mg_slope * v)) * (c->E_NMDA - v);
}

static double now_I(const currents *c, double v, double g_inh) {
  return g_inh / c->g_leak * (v - c->E_GABA);
}

static double keep(double tau, double dt) {
  return tau > 0 ? exp(-dt / tau) : 0;
}

static double follow(double value, double target, double keep) {
  return target + (value - target) * keep;
}

/* From 1 to -1 and back, in steps of a period of 1. */
static double wave(double x) {
  return 4 * fabs(x - floor(x) - 0.5) - 1;
}

/* A potential that jumps and drifts, conductances that come and go; some cells have no excitation
 * and some no inhibition. */
static double course(int state, uint64_t step, uint32_t neuron) {
  double t = (double)(step - step % 10), j = neuron;
  if (state == 0)
    return (double)(float)(-62 + 15 * wave(t / 2300 + j / 17) + (step / 700 % 3 ? 0 : 9));
  if (state == 1) return neuron % 7 == 3 ? 0 : (double)(float)(12 * (1 + wave(t / 3800 + j / 11)));
  return neuron % 7 == 5 ? 0 : (double)(float)(9 * (1 + wave(t / 5200 + j / 7)));
}

static const double held_v = -60, held_exc = 20, held_inh = 15;

static double held(int state, uint64_t step, uint32_t neuron) {
  (void)step, (void)neuron;
  return state == 0 ? held_v : state == 1 ? held_exc : held_inh;
}

/* Inhibitory. */

enum { I_ETA, I_ALPHA, I_TAU, I_CURRENTS };

static void inhibitory_cell(const synapse_cell *cell) {
  const double *p = cell->params;
  const currents c = {p[I_CURRENTS],     p[I_CURRENTS + 1], p[I_CURRENTS + 2], p[I_CURRENTS + 3],
                      p[I_CURRENTS + 4], p[I_CURRENTS + 5], p[I_CURRENTS + 6]};
  double keep_E = keep(c.tau_E, cell->dt), keep_I = keep(c.tau_I, cell->dt);
  for (uint64_t s = 1; s < cell->steps; s++) {
    double v = course(0, s, cell->neuron), exc = course(1, s, cell->neuron);
    double inh = course(2, s, cell->neuron);
    cell->signal[0][s] = follow(cell->signal[0][s - 1], now_E(&c, v, exc), keep_E);
    cell->signal[1][s] = follow(cell->signal[1][s - 1], now_I(&c, v, inh), keep_I);
  }
}

static double per_pair(const double *p, double E, double I) {
  return p[I_CURRENTS + 2] * p[I_ETA] * E * (E - p[I_ALPHA] * I);
}

static void inhibitory_pre(const double *t, double *w, double *var, const void *params) {
  *w += per_pair(params, t[SYNAPSE_SIGNAL], t[SYNAPSE_SIGNAL + 1]) * t[1];
  (void)var;
}

static void inhibitory_post(const double *t, double *w, double *var, const void *params) {
  *w += per_pair(params, t[SYNAPSE_SIGNAL], t[SYNAPSE_SIGNAL + 1]) * t[0];
  (void)var;
}

static const synapse_rule inhibitory = {
    .name = "codependent_inhibitory",
    .trace = {{QUELL_PRE, QUELL_TRACE_ADD, 0, "tau"}, {QUELL_POST, QUELL_TRACE_ADD, 0, "tau"}},
    .pre = inhibitory_pre,
    .post = inhibitory_post,
    .cell = inhibitory_cell,
    .course = course,
};

static void inhibitory_equals_its_reference(void **state) {
  const quell_value own[] = {{"eta", 4e-6}, {"w_max", 10}, {"alpha", 0.9}};
  const quell_value plain[] = {{"eta", 4e-6},    {"w_max", 10}, {"alpha", 1.6},
                               {"tau_e", 0},     {"tau_i", 0},  {"g_leak", 5},
                               {"mg_factor", 0}, {"e_nmda", 5}, {"e_gaba", -70}};
  compare_trains(&inhibitory, NULL, own, COUNT(own));
  if (!quick()) compare_trains(&inhibitory, NULL, plain, COUNT(plain));
  (void)state;
}

/* Either order of the pair, and the amplitude of the published units. */
static double inhibitory_window(double ms, int tie, double w, const double *p) {
  double E = 20.0 / 10 / (1 + 0.15 * exp(0.08 * 60)) * 60, I = 15.0 / 10 * 20;
  int meets = ms != 0 || tie != QUELL_EXCLUSIVE;
  return w + meets * 10 * p[I_ETA] * E * (E - p[I_ALPHA] * I) * exp(-fabs(ms) / 20);
}

static void window_is_symmetric(void **state) {
  synapse_rule rule = inhibitory;
  const quell_value own[] = {{"eta", 1e-5}, {"w_max", 10}, {"tau_e", 0}, {"tau_i", 0}};
  rule.course = held;
  compare_window(&rule, NULL, own, COUNT(own), 4, inhibitory_window);
  (void)state;
}

/* One synapse in a cell whose states the host sets. */

typedef struct cell {
  quell_network *network;
  quell_population *post;
  quell_projection *synapse;
} cell;

static cell open_cell(const char *rule_name, const char *preset, const quell_value *own, size_t n,
                      double w0, double dendritic, const double *pre_ms, size_t n_pre) {
  const setup setup = {0};
  cell c = {.network = open_network(&setup)};
  quell_population *pre;
  quell_rule *rule;
  quell_value values[RULE_PARAMS];
  uint32_t ids[16] = {0};
  quell_connection connection = QUELL_CONNECTION_INIT;
  size_t count = rule_values(rule_name, preset, own, n, values);
  OK(quell_population_create(c.network, "pre", "spike_source", 1, NULL, 0, &pre));
  OK(quell_population_create(c.network, "post", "external", 1, NULL, 0, &c.post));
  OK(quell_rule_create(c.network, rule_name, values, count, &rule));
  connection.kind = QUELL_ALL_TO_ALL;
  connection.weight = (quell_distribution){QUELL_CONSTANT, 0, w0, 0, 0, 0, NULL, 0};
  connection.delay_dendritic = (quell_distribution){QUELL_CONSTANT, 0, dendritic, 0, 0, 0, NULL, 0};
  OK(quell_connect(c.network, pre, c.post, "excitatory", &connection, rule, &c.synapse));
  OK(quell_population_set_spikes(pre, ids, pre_ms, n_pre));
  return c;
}

static void set_cell(const cell *c, double v, double g_exc, double g_inh) {
  OK(quell_population_set_array(c->post, "v", 0, 1, &v));
  OK(quell_population_set_array(c->post, "g_exc", 0, 1, &g_exc));
  OK(quell_population_set_array(c->post, "g_inh", 0, 1, &g_inh));
}

static void run_to(const cell *c, double ms) {
  while (quell_network_time(c->network) < ms - 0.05) OK(quell_step(c->network));
}

static void fire(const cell *c) {
  const uint32_t id = 0;
  OK(quell_population_spikes_in(c->post, &id, 1));
}

static double weight(const cell *c) {
  float w;
  OK(quell_projection_get(c->synapse, "weight", 0, 1, &w));
  return (double)w;
}

/* A pre spike at 10 ms and a post spike at 15 ms, or the reverse, with everything held. */
static double pair_change(const char *rule, const char *preset, const quell_value *own, size_t n,
                          double w0, double v, double g_exc, double g_inh, int post_first) {
  const double at = post_first ? 15 : 10;
  cell c = open_cell(rule, preset, own, n, w0, 0, &at, 1);
  set_cell(&c, v, g_exc, g_inh);
  run_to(&c, post_first ? 10 : 15);
  fire(&c);
  run_to(&c, 20);
  double change = weight(&c) - w0;
  quell_network_destroy(&c.network);
  return change;
}

/* Without block and filters E is 6 g_exc and I is 2 g_inh. */
static const quell_value bare[] = {
    {"mg_factor", 0}, {"tau_e", 0}, {"tau_i", 0}, {"w_max", 1e4}, {"tie", QUELL_EXCLUSIVE}};

static double inhibitory_pair(double E, double I, int post_first) {
  quell_value own[COUNT(bare) + 1] = {{"eta", 1e-4}};
  for (size_t i = 0; i < COUNT(bare); i++) own[i + 1] = bare[i];
  return pair_change("codependent_inhibitory", "agnes2024_balance", own, COUNT(own), 50, -60, E / 6,
                     I / 2, post_first);
}

static void sign_flips_where_inhibition_balances_excitation(void **state) {
  const double alpha = 0.855, E = 30, unit = 10 * 1e-4 * E * exp(-5.0 / 20);
  for (int post_first = 0; post_first < 2; post_first++) {
    const double part[] = {0, 0.5, 0.999, 1, 1.001, 2};
    for (size_t i = 0; i < COUNT(part); i++) {
      double change = inhibitory_pair(E, part[i] * E / alpha, post_first);
      double want = unit * E * (1 - part[i]);
      assert_true(fabs(change - want) < 1e-5 * (50 + fabs(want)) / 10);
      if (part[i] < 1) assert_true(change > 0);
      if (part[i] > 1) assert_true(change < 0);
    }
    assert_true(fabs(inhibitory_pair(E, E / alpha, post_first)) < 1e-5);
    assert_true(inhibitory_pair(0, 30, post_first) == 0); /* nothing without excitation */
  }
  (void)state;
}

/* A pre event reads the cell as it is, a post event as it was at the spike. */
static void signals_ride_with_the_post_spike_alone(void **state) {
  quell_value own[COUNT(bare) + 1] = {{"eta", 1e-4}};
  for (size_t i = 0; i < COUNT(bare); i++) own[i + 1] = bare[i];
  const double before[] = {2, 5}, after[] = {7, 1}, alpha = 0.855, c = 10 * 1e-4;
  const double E[] = {6 * before[0], 6 * after[0]}, I[] = {2 * before[1], 2 * after[1]};
  const double pre[] = {10, 22};
  cell cell =
      open_cell("codependent_inhibitory", "agnes2024_balance", own, COUNT(own), 50, 5, pre, 2);
  set_cell(&cell, -60, before[0], before[1]);
  run_to(&cell, 15);
  fire(&cell);
  run_to(&cell, 17);
  set_cell(&cell, -60, after[0], after[1]);
  run_to(&cell, 21); /* the post spike of 15 ms meets the synapse at 20 ms */
  double want = 50 + c * E[0] * (E[0] - alpha * I[0]) * exp(-10.0 / 20);
  assert_true(fabs(weight(&cell) - want) < 1e-4);
  run_to(&cell, 23);
  want += c * E[1] * (E[1] - alpha * I[1]) * exp(-2.0 / 20);
  assert_true(fabs(weight(&cell) - want) < 1e-4);
  quell_network_destroy(&cell.network);
  (void)state;
}

static void inhibitory_drifts_by_the_balance_of_currents(void **state) {
  const quell_value own[] = {
      {"eta", 1e-6}, {"mg_factor", 0}, {"tau_e", 0}, {"tau_i", 0}, {"w_max", 1e4}};
  const double I[] = {15, 50};
  for (size_t i = 0; i < COUNT(I); i++) {
    pairs run = {.rule = "codependent_inhibitory",
                 .preset = "agnes2024_balance",
                 .own = own,
                 .n = COUNT(own)};
    run.w0 = 100, run.r_pre = 15, run.r_post = 10, run.seconds = quick() ? 5 : 20;
    run.v = -60, run.g_exc = 5, run.g_inh = I[i] / 2;
    double amplitude = 10 * 1e-6 * 30 * (30 - 0.855 * I[i]);
    pairs_check_drift(&run, amplitude * 2 * trace_per_rate(20, 0.5) * 15 * 10);
  }
  (void)state;
}

/* Changes of a tenth of the rounding of the weight add up. */
static void small_changes_are_not_lost(void **state) {
  quell_value own[COUNT(bare) + 1] = {{"eta", 4e-10}};
  for (size_t i = 0; i < COUNT(bare); i++) own[i + 1] = bare[i];
  const double pre[] = {10};
  double want = 50;
  cell c =
      open_cell("codependent_inhibitory", "agnes2024_balance", own, COUNT(own), want, 0, pre, 1);
  set_cell(&c, -60, 5, 0);
  for (int k = 0; k < 200; k++) { /* the rounding of 50 is 3.8e-6, each of these at most 3.6e-6 */
    run_to(&c, 10.1 + 0.1 * k);
    fire(&c);
    want += 10 * 4e-10 * 900 * exp(-0.1 * (k + 1) / 20);
  }
  run_to(&c, 40);
  assert_true(want - 50 > 4e-4 && fabs(weight(&c) - want) < 4e-6);
  quell_network_destroy(&c.network);
  (void)state;
}

/* Excitatory. */

enum {
  A_LTP,
  A_LTD,
  A_HET,
  TAU_PLUS,
  TAU_MINUS,
  TAU_HET,
  S_OWN,
  I_STAR,
  GAMMA,
  I_BLOCK,
  E_CURRENTS
};

static double gate(const double *p, double I) {
  if (I >= p[I_BLOCK]) return 0;
  return I > 0 ? exp(-pow(I / p[I_STAR], p[GAMMA])) : 1;
}

static void excitatory_cell(const synapse_cell *cell) {
  const double *p = cell->params;
  const currents c = {p[E_CURRENTS],     p[E_CURRENTS + 1], p[E_CURRENTS + 2], p[E_CURRENTS + 3],
                      p[E_CURRENTS + 4], p[E_CURRENTS + 5], p[E_CURRENTS + 6]};
  double keep_E = keep(c.tau_E, cell->dt), keep_I = keep(c.tau_I, cell->dt), I = 0;
  for (uint64_t s = 1; s < cell->steps; s++) {
    double v = course(0, s, cell->neuron), exc = course(1, s, cell->neuron);
    I = follow(I, now_I(&c, v, course(2, s, cell->neuron)), keep_I);
    cell->signal[0][s] = follow(cell->signal[0][s - 1], now_E(&c, v, exc), keep_E);
    cell->signal[1][s] = gate(p, I);
  }
}

static void excitatory_pre(const double *t, double *w, double *var, const void *params) {
  *w -= *w * ((const double *)params)[A_LTD] * t[1] * t[SYNAPSE_SIGNAL + 1];
  (void)var;
}

static void excitatory_post(const double *t, double *w, double *var, const void *params) {
  const double *p = params;
  double E = t[SYNAPSE_SIGNAL], G = t[SYNAPSE_SIGNAL + 1];
  *w += p[E_CURRENTS + 2] * G * (p[A_LTP] * t[0] * E - p[A_HET] * (t[2] + p[S_OWN]) * E * E);
  (void)var;
}

static const synapse_rule excitatory = {
    .name = "codependent_excitatory",
    .trace = {{QUELL_PRE, QUELL_TRACE_ADD, 0, "tau_plus"},
              {QUELL_POST, QUELL_TRACE_ADD, 0, "tau_minus"},
              {QUELL_POST, QUELL_TRACE_ADD, 0, "tau_het"}},
    .pre = excitatory_pre,
    .post = excitatory_post,
    .cell = excitatory_cell,
    .course = course,
};

static void excitatory_equals_its_reference(void **state) {
  const quell_value own[] = {{"a_het", 1e-6}, {"i_star", 25}, {"i_block", 60}};
  const quell_value frequency[] = {{"a_het", 1e-4}};
  compare_trains(&excitatory, "agnes2024_receptive_field", own, COUNT(own));
  if (!quick()) compare_trains(&excitatory, "agnes2024_frequency", frequency, COUNT(frequency));
  (void)state;
}

static double excitatory_window(double ms, int tie, double w, const double *p) {
  double E = 20.0 / 10 / (1 + 0.15 * exp(0.08 * 60)) * 60, I = 15.0 / 10 * 20;
  double G = exp(-pow(I / p[I_STAR], p[GAMMA]));
  double y = ms < 0 || (ms == 0 && tie == QUELL_POST_FIRST) ? exp(ms / 33.7) : 0;
  double x = ms > 0 || (ms == 0 && tie == QUELL_PRE_FIRST) ? exp(-ms / 16.8) : 0;
  double ltd = p[A_LTD] * y * G;
  double change = 10 * G * (p[A_LTP] * x * E - p[A_HET] * p[S_OWN] * E * E);
  return ms > 0 || (ms == 0 && tie != QUELL_POST_FIRST) ? w * (1 - ltd) + change
                                                        : (w + change) * (1 - ltd);
}

static void excitatory_window_is_the_closed_form(void **state) {
  synapse_rule rule = excitatory;
  const quell_value own[] = {
      {"tau_e", 0}, {"tau_i", 0}, {"a_ltp", 3e-3}, {"a_het", 3e-5}, {"i_star", 30}};
  rule.course = held;
  compare_window(&rule, "agnes2024_receptive_field", own, COUNT(own), 4, excitatory_window);
  (void)state;
}

/* What depression shows of the gate, of the published receptive-field set. */
static double gate_at(double I) {
  quell_value own[COUNT(bare) + 1] = {{"a_ltd", 0.5}};
  for (size_t i = 0; i < COUNT(bare); i++) own[i + 1] = bare[i];
  double change = pair_change("codependent_excitatory", "agnes2024_receptive_field", own,
                              COUNT(own), 1, -60, 0, I / 2, 1);
  return -change / (0.5 * exp(-5 / 33.7));
}

static void gate_has_the_published_values(void **state) {
  assert_true(fabs(gate_at(75) - 0.8825) < 5e-5);
  assert_true(fabs(gate_at(150) - 0.3679) < 5e-5);
  assert_true(fabs(gate_at(0) - 1) < 1e-6);
  assert_true(gate_at(169.9) > 0.2 && gate_at(170.1) == 0); /* the hard block */
  (void)state;
}

static void gate_closes_without_a_block(void **state) {
  quell_value own[COUNT(bare) + 2] = {{"a_ltd", 0.5}, {"i_block", (double)INFINITY}};
  for (size_t i = 0; i < COUNT(bare); i++) own[i + 2] = bare[i];
  const char *rule = "codependent_excitatory", *preset = "agnes2024_receptive_field";
  double change = pair_change(rule, preset, own, COUNT(own), 1, -60, 0, 150, 1);
  assert_true(fabs(-change / (0.5 * exp(-5 / 33.7)) - 3.35e-4) < 5e-7);
  own[0] = (quell_value){"i_star", (double)INFINITY};
  change = pair_change(rule, preset, own, COUNT(own), 1, -60, 0, 1e6, 1);
  assert_true(fabs(change + 0.5 / 3 * exp(-5 / 33.7)) < 1e-6); /* no gate at all */
  (void)state;
}

/* Figure 5: potentiation and heterosynaptic depression cancel at E = 5e4 x / s. */
static void potentiation_cancels_heterosynaptic_depression(void **state) {
  const double E = 5e4 * exp(-5 / 16.8), part[] = {0.5, 0.999, 1, 1.001, 2};
  const char *rule = "codependent_excitatory", *preset = "agnes2024_receptive_field";
  for (size_t i = 0; i < COUNT(part); i++) {
    double change = pair_change(rule, preset, bare, COUNT(bare), 1000, -60, part[i] * E / 6, 0, 0);
    double want = 10 * 0.0005 / 3 * exp(-5 / 16.8) * part[i] * E * (1 - part[i]);
    assert_true(fabs(change - want) < 2e-4);
    assert_true(part[i] < 1 ? change > 0 : part[i] > 1 ? change < 0 : 1);
  }
  (void)state;
}

static void excitatory_drifts_as_computed(void **state) {
  const quell_value own[] = {{"mg_factor", 0}, {"tau_e", 0},    {"tau_i", 0},    {"w_max", 1e4},
                             {"a_ltd", 1e-4},  {"a_het", 2e-8}, {"a_ltp", 2e-5}, {"i_star", 30}};
  const double E = 30, I = 20, r_pre = 15, r_post = 10;
  pairs run = {.rule = "codependent_excitatory",
               .preset = "agnes2024_receptive_field",
               .own = own,
               .n = COUNT(own)};
  run.w0 = 100, run.r_pre = r_pre, run.r_post = r_post, run.seconds = quick() ? 5 : 20;
  run.v = -60, run.g_exc = E / 6, run.g_inh = I / 2;
  double G = exp(-pow(I / 30, 3)), x = r_pre * trace_per_rate(16.8, 0.5);
  double y = r_post * trace_per_rate(33.7, 0.5), s = 1 + r_post * trace_per_rate(100, 0.5);
  double up = r_post * 10 * G * (2e-5 * x * E - 2e-8 * s * E * E);
  double rate = r_pre * 1e-4 * y * G; /* of depression, which scales with the weight */
  double after = (100 - up / rate) * exp(-rate * run.seconds) + up / rate;
  pairs_check_drift(&run, (after - 100) / run.seconds);
  (void)state;
}

/* Both. */

static void nothing_changes_without_post_spikes(void **state) {
  const char *const rules[] = {"codependent_inhibitory", "codependent_excitatory"};
  const double pre[] = {10, 11, 12, 30};
  for (size_t i = 0; i < COUNT(rules); i++) {
    cell c = open_cell(rules[i], NULL, NULL, 0, 3, 0, pre, 4);
    set_cell(&c, -50, 100, 100);
    run_to(&c, 50);
    assert_true(weight(&c) == 3);
    quell_network_destroy(&c.network);
  }
  (void)state;
}

static void values_in_range_give_numbers(void **state) {
  compare_cell_ranges("codependent_inhibitory", NULL, 0, 1, course);
  compare_cell_ranges("codependent_excitatory", NULL, 0, 2, course);
  (void)state;
}

/* Neurons without conductances are refused by the name of the state. */
static void currents_are_no_conductances(void **state) {
  const setup setup = {0};
  quell_network *net = open_network(&setup);
  quell_population *post;
  quell_rule *rule;
  quell_projection *synapses;
  quell_connection c = QUELL_CONNECTION_INIT;
  c.kind = QUELL_ALL_TO_ALL;
  OK(quell_population_create(net, "post", "lif_curr_exp", 1, NULL, 0, &post));
  OK(quell_rule_create(net, "codependent_inhibitory", NULL, 0, &rule));
  GIVES(QUELL_E_NAME, quell_connect(net, post, post, "inhibitory", &c, rule, &synapses));
  assert_non_null(strstr(quell_network_error(net), "g_exc"));
  quell_network_destroy(&net);
  (void)state;
}

static void bits_do_not_depend_on_how_it_is_run(void **state) {
  const quell_value own[] = {{"eta", 1e-6}};
  check_bits("codependent_inhibitory", "agnes2024_balance", own, 1, 1, "inhibitory");
  check_bits("codependent_excitatory", "agnes2024_frequency", NULL, 0, 0.5, "excitatory");
  (void)state;
}

/* Integrate-and-fire neurons whose inhibition is plastic. */

enum { CELLS = 20, SOURCES = 80 };

typedef struct world {
  quell_network *network;
  quell_population *source[2], *cells;
} world;

static world open_world(const quell_value *own, size_t n, double w_I) {
  const setup setup = {.seed = 5};
  world w = {.network = open_network(&setup)};
  const quell_value rates[] = {{"rate", 25}, {"rate", 20}};
  const char *const names[] = {"E", "I"}, *const receptors[] = {"excitatory", "inhibitory"};
  quell_value values[RULE_PARAMS];
  size_t count = rule_values("codependent_inhibitory", "agnes2024_balance", own, n, values);
  quell_rule *rule;
  quell_projection *synapses;
  OK(quell_population_create(w.network, "cells", "lif_cond_exp", CELLS, NULL, 0, &w.cells));
  OK(quell_rule_create(w.network, "codependent_inhibitory", values, count, &rule));
  for (int i = 0; i < 2; i++) {
    quell_connection c = QUELL_CONNECTION_INIT;
    OK(quell_population_create(w.network, names[i], "poisson", SOURCES, &rates[i], 1,
                               &w.source[i]));
    c.kind = QUELL_FIXED_PROBABILITY;
    c.p = 0.8;
    c.weight = (quell_distribution){QUELL_CONSTANT, 0, i ? w_I : 1.2, 0, 0, 0, NULL, 0};
    OK(quell_connect(w.network, w.source[i], w.cells, receptors[i], &c, i ? rule : NULL,
                     &synapses));
  }
  return w;
}

/* Sums of E² and E I over the pairing events of all cells: of the pre spikes with y, of the post
 * spikes with x. */
typedef struct balance {
  double E[CELLS], I[CELLS], y[CELLS], x, EE, EI;
} balance;

static void weigh(balance *b, const world *w, int counts) {
  const currents c = {10, 100, 10, 0, -80, 0, 0.08};
  double v[CELLS], exc[CELLS], inh[CELLS];
  const uint32_t *ids, *fired;
  size_t n, n_fired;
  OK(quell_population_get(w->cells, "v", 0, CELLS, v));
  OK(quell_population_get(w->cells, "g_exc", 0, CELLS, exc));
  OK(quell_population_get(w->cells, "g_inh", 0, CELLS, inh));
  OK(quell_population_spikes_out(w->source[1], &ids, &n));
  OK(quell_population_spikes_out(w->cells, &fired, &n_fired));
  for (uint32_t j = 0; j < CELLS; j++) {
    b->E[j] = follow(b->E[j], now_E(&c, v[j], exc[j]), exp(-0.1 / 10));
    b->I[j] = follow(b->I[j], now_I(&c, v[j], inh[j]), exp(-0.1 / 100));
    b->y[j] *= exp(-0.1 / 20);
    if (counts) b->EE += (double)n * b->y[j] * b->E[j] * b->E[j];
    if (counts) b->EI += (double)n * b->y[j] * b->E[j] * b->I[j];
  }
  b->x *= exp(-0.1 / 20);
  for (size_t k = 0; k < n_fired; k++) {
    uint32_t j = fired[k];
    if (counts) b->EE += b->x * b->E[j] * b->E[j];
    if (counts) b->EI += b->x * b->E[j] * b->I[j];
    b->y[j] += 1;
  }
  b->x += (double)n;
}

/* From too little and from too much inhibition: E² = alpha E I in the mean over the pairings. */
static void currents_settle_at_their_balance(void **state) {
  const double alphas[] = {1.3, 1.5}, starts[] = {0.5, 1.8};
  for (size_t i = 0; i < COUNT(alphas); i++) {
    static balance b;
    const quell_value own[] = {{"eta", 1e-5}, {"alpha", alphas[i]}, {"mg_factor", 0}};
    const uint64_t settle = quick() ? 100000 : 200000;
    world w = open_world(own, 3, starts[i]);
    b = (balance){.x = 0};
    for (uint64_t s = 0; s < 2 * settle; s++) {
      OK(quell_step(w.network));
      weigh(&b, &w, s >= settle);
    }
    if (!(fabs(b.EE / b.EI / alphas[i] - 1) <= 0.02))
      fail_msg("E over I settles at %g, should be %g", b.EE / b.EI, alphas[i]);
    quell_network_destroy(&w.network);
  }
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(inhibitory_equals_its_reference),
      cmocka_unit_test(window_is_symmetric),
      cmocka_unit_test(sign_flips_where_inhibition_balances_excitation),
      cmocka_unit_test(signals_ride_with_the_post_spike_alone),
      cmocka_unit_test(inhibitory_drifts_by_the_balance_of_currents),
      cmocka_unit_test(small_changes_are_not_lost),
      cmocka_unit_test(excitatory_equals_its_reference),
      cmocka_unit_test(excitatory_window_is_the_closed_form),
      cmocka_unit_test(gate_has_the_published_values),
      cmocka_unit_test(gate_closes_without_a_block),
      cmocka_unit_test(potentiation_cancels_heterosynaptic_depression),
      cmocka_unit_test(excitatory_drifts_as_computed),
      cmocka_unit_test(nothing_changes_without_post_spikes),
      cmocka_unit_test(values_in_range_give_numbers),
      cmocka_unit_test(currents_are_no_conductances),
      cmocka_unit_test(bits_do_not_depend_on_how_it_is_run),
      cmocka_unit_test(currents_settle_at_their_balance),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

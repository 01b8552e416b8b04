#include "pairs.h"
#include "check.h"
#include "compare.h"
#include "random.h"
#include <math.h>
#include <stdlib.h>

/* Host-owned neurons that fire by chance, one coin for a neuron and step. */
typedef struct coins {
  quell_population *population;
  double probability;
  random_state random;
} coins;

static void toss(void *context) {
  coins *c = context;
  uint32_t ids[PAIRS];
  size_t n = 0;
  double at = -1.0; /* skip ahead by geometric gaps */
  for (;;) {
    at += 1.0 + floor(log(1.0 - random_uniform(&c->random)) / log(1.0 - c->probability));
    if (at >= PAIRS) break;
    ids[n++] = (uint32_t)at;
  }
  if (n) OK(quell_population_spikes_in(c->population, ids, n));
}

/* Host-owned neurons of which the same number fires in every step. */
typedef struct beat {
  quell_population *population;
  size_t n;
} beat;

static void tick(void *context) {
  const beat *b = context;
  uint32_t ids[PAIRS];
  for (uint32_t i = 0; i < b->n; i++) ids[i] = i;
  OK(quell_population_spikes_in(b->population, ids, b->n));
}

static void hold(quell_population *population, const char *state, double value) {
  double values[PAIRS];
  for (size_t i = 0; i < PAIRS; i++) values[i] = value;
  OK(quell_population_set_array(population, state, 0, PAIRS, values));
}

static void observe(quell_network *net, quell_rule *rule, const pairs *p, double dt, beat *beat) {
  if (!p->observe) return;
  OK(quell_population_create(net, "beat", "external", PAIRS, NULL, 0, &beat->population));
  beat->n = (size_t)llround(p->rate * dt / 1000 * PAIRS);
  OK(quell_population_on_step(beat->population, tick, beat));
  OK(quell_rule_observe(rule, p->observe, beat->population));
}

static void connect(quell_network *net, const pairs *p, quell_rule *rule, coins *coins,
                    quell_projection **synapses) {
  quell_population *pre, *post;
  quell_value rate = {"rate", p->r_pre};
  quell_connection c = QUELL_CONNECTION_INIT;
  OK(quell_population_create(net, "pre", "poisson", PAIRS, &rate, 1, &pre));
  OK(quell_population_create(net, "post", "external", PAIRS, NULL, 0, &post));
  hold(post, "v", p->v);
  hold(post, "g_exc", p->g_exc);
  hold(post, "g_inh", p->g_inh);
  c.kind = QUELL_ONE_TO_ONE;
  c.weight.kind = QUELL_CONSTANT;
  c.weight.a = p->w0;
  OK(quell_connect(net, pre, post, "excitatory", &c, rule, synapses));
  coins->population = post;
  if (p->r_post > 0) OK(quell_population_on_step(post, toss, coins));
}

void pairs_run(const pairs *p, const char *quantity, float after[PAIRS]) {
  const setup setup = {.dt = p->dt > 0 ? p->dt : 0.5, .seed = 20110331};
  quell_network *net = open_network(&setup);
  quell_rule *rule;
  quell_projection *synapses;
  quell_value values[RULE_PARAMS];
  coins coins = {NULL, p->r_post * setup.dt / 1000, {7}};
  beat beat = {NULL, 0};
  size_t n = rule_values(p->rule, p->preset, p->own, p->n, values);
  OK(quell_rule_create(net, p->rule, values, n, &rule));
  observe(net, rule, p, setup.dt, &beat);
  connect(net, p, rule, &coins, &synapses);
  if (p->var) {
    for (size_t i = 0; i < PAIRS; i++) after[i] = (float)p->value;
    OK(quell_projection_set(synapses, p->var, 0, PAIRS, after));
  }
  if (p->r_post > 0)
    OK(quell_run(net, p->seconds * 1000));
  else
    for (uint64_t k = (uint64_t)llround(p->seconds * 1000 / setup.dt); k > 0; k--)
      OK(quell_step(net));
  OK(quell_projection_get(synapses, quantity, 0, PAIRS, after));
  quell_network_destroy(&net);
}

void mean_and_error(const float *values, double *mean, double *error) {
  double sum = 0, squares = 0;
  for (size_t i = 0; i < PAIRS; i++) sum += (double)values[i];
  *mean = sum / PAIRS;
  for (size_t i = 0; i < PAIRS; i++)
    squares += ((double)values[i] - *mean) * ((double)values[i] - *mean);
  *error = sqrt(squares / (PAIRS - 1.0) / PAIRS);
}

void pairs_check_drift(const pairs *p, double drift) {
  static float w[PAIRS];
  double mean, error, want = drift * p->seconds;
  pairs_run(p, "weight", w);
  mean_and_error(w, &mean, &error);
  if (!(error > 0 && error < 0.2 * fabs(want)))
    fail_msg("%s: %g ± %g in %g s cannot show %g", p->rule, mean - p->w0, error, p->seconds, want);
  if (fabs(mean - p->w0 - want) > 4 * error)
    fail_msg("%s: %g in %g s, should be %g ± %g", p->rule, mean - p->w0, p->seconds, want, error);
}

double trace_per_rate(double tau, double dt) {
  return dt / 1000 / (exp(dt / tau) - 1);
}

enum { CELLS = 150, SOURCES = 60 };

static quell_projection *connect_cells(quell_network *net, quell_population *pre,
                                       quell_population *post, const char *receptor, double weight,
                                       quell_rule *rule) {
  quell_projection *synapses;
  quell_connection c = QUELL_CONNECTION_INIT;
  const double high = 1.7 * weight, low = 0.3 * weight;
  c.kind = QUELL_FIXED_PROBABILITY;
  c.p = 0.5;
  c.weight = (quell_distribution){QUELL_UNIFORM, QUELL_CLIP, low, high, low, high, NULL, 0};
  c.delay_axonal = (quell_distribution){QUELL_UNIFORM, QUELL_CLIP, 0.5, 1, 0.5, 1, NULL, 0};
  c.delay_dendritic = (quell_distribution){QUELL_UNIFORM, QUELL_CLIP, 0.1, 3, 0.1, 3, NULL, 0};
  OK(quell_connect(net, pre, post, receptor, &c, rule, &synapses));
  return synapses;
}

static uint64_t run_cells(const setup *setup, const char *name, const quell_value *values, size_t n,
                          double w0, const char *receptor) {
  quell_network *net = open_network(setup);
  const quell_rule_desc *desc = quell_registry_find(NULL, name);
  const quell_value rate = {"rate", 30};
  quell_population *sources, *cells;
  quell_rule *rule;
  uint64_t hash = DIGEST;
  OK(quell_population_create(net, "sources", "poisson", SOURCES, &rate, 1, &sources));
  OK(quell_population_create(net, "cells", "lif_cond_exp", CELLS, NULL, 0, &cells));
  OK(quell_rule_create(net, name, values, n, &rule));
  connect_cells(net, sources, cells, "excitatory", 2.5, NULL);
  quell_projection *plastic[] = {connect_cells(net, sources, cells, receptor, w0, rule),
                                 connect_cells(net, cells, cells, receptor, w0, rule)};
  advance(net, setup, quick() ? 3000 : 12000, NULL, NULL);
  for (size_t i = 0; i < COUNT(plastic); i++) {
    uint64_t size = quell_projection_size(plastic[i]);
    float *var = must_alloc(size, sizeof *var);
    hash = digest_weights(hash, plastic[i]);
    for (uint32_t v = 0; v < desc->vars.count; v++) {
      const quell_var_desc *at =
          (const void *)((const char *)desc->vars.at + v * desc->vars.stride);
      OK(quell_projection_get(plastic[i], at->name, 0, size, var));
      hash = digest(hash, var, size * sizeof *var);
    }
    free(var);
  }
  hash = digest_state(hash, cells, "v");
  quell_stats stats = QUELL_STATS_INIT;
  OK(quell_network_stats(net, &stats));
  assert_true(stats.plastic_events > 10000);
  quell_network_destroy(&net);
  return hash;
}

void check_bits(const char *rule, const char *preset, const quell_value *own, size_t n, double w0,
                const char *receptor) {
  static const setup setups[] = {
      {0},
      {.tile_size = 64,
       .horizon = 256,
       .block_size = 16,
       .executor = &executor_shuffled,
       .cut = CUT_PIECES},
      {.tile_size = 128, .block_size = 48, .executor = &executor_threads, .cut = CUT_STEPS},
      {.tile_size = 64, .executor = &executor_backwards, .isa = QUELL_ISA_BASELINE},
  };
  quell_value values[RULE_PARAMS];
  size_t count = rule_values(rule, preset, own, n, values);
  uint64_t first = run_cells(&setups[0], rule, values, count, w0, receptor);
  for (size_t i = 1; i < COUNT(setups); i++)
    if (run_cells(&setups[i], rule, values, count, w0, receptor) != first)
      fail_msg("%s: other bits with %s", rule, setup_name(&setups[i]));
}

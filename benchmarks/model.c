#include "bench.h"

#include <math.h>
#include <stdlib.h>

static _Noreturn void give_up(const char *what, const char *why) {
  fprintf(stderr, "bench: %s: %s\n", what, why);
  exit(1);
}

void check(const model *m, quell_status status) {
  if (status != QUELL_OK) give_up(quell_status_string(status), quell_network_error(m->net));
}

void *must_alloc(size_t n, size_t size) {
  void *memory = calloc(n ? n : 1, size);
  if (!memory) give_up("memory", "there is not enough");
  return memory;
}

quell_population *add_population(model *m, const char *name, const char *kind, uint32_t size,
                                 const quell_value *values, size_t n) {
  if (m->n_populations == MOST_POPULATIONS) give_up(name, "MOST_POPULATIONS is too small");
  quell_population **population = &m->population[m->n_populations++];
  check(m, quell_population_create(m->net, name, kind, size, values, n, population));
  return *population;
}

quell_projection *join(model *m, quell_population *pre, quell_population *post,
                       const char *receptor, const quell_connection *connection, quell_rule *rule) {
  if (m->n_projections == MOST_PROJECTIONS) give_up(receptor, "MOST_PROJECTIONS is too small");
  quell_projection **projection = &m->projection[m->n_projections++];
  check(m, quell_connect(m->net, pre, post, receptor, connection, rule, projection));
  return *projection;
}

quell_rule *add_rule(model *m, const char *name, const quell_value *values, size_t n) {
  quell_rule *rule;
  check(m, quell_rule_create(m->net, name, values, n, &rule));
  return rule;
}

quell_connection sparse(double p, double weight, double delay) {
  quell_connection connection = QUELL_CONNECTION_INIT;
  connection.kind = QUELL_FIXED_PROBABILITY;
  connection.p = p;
  connection.weight = constant(weight);
  connection.delay = constant(delay);
  return connection;
}

quell_distribution constant(double value) {
  quell_distribution distribution = QUELL_DISTRIBUTION_INIT;
  distribution.kind = QUELL_CONSTANT;
  distribution.a = value;
  return distribution;
}

quell_distribution normal_above(double low, double mean, double sd) {
  quell_distribution distribution = QUELL_DISTRIBUTION_INIT;
  distribution.kind = QUELL_NORMAL;
  distribution.outside = QUELL_REDRAW;
  distribution.a = mean;
  distribution.b = sd;
  distribution.low = low;
  distribution.high = (double)INFINITY;
  return distribution;
}

/* SplitMix64 (Steele et al. 2014, 10.1145/2660193.2660195). */
double uniform(uint64_t *state) {
  uint64_t z = *state += 0x9E3779B97F4A7C15u;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  z ^= z >> 31;
  return (double)(z >> 11) * 0x1p-53;
}

/* The polar method. quell_logf() has the same bits on every machine, as log() has not. */
static double normal(uint64_t *state) {
  double x, y, square;
  do {
    x = 2.0 * uniform(state) - 1.0;
    y = 2.0 * uniform(state) - 1.0;
    square = x * x + y * y;
  } while (square >= 1.0 || square < 1e-30);
  return x * sqrt(-2.0 * (double)quell_logf((float)square) / square);
}

/* Populations are told apart by their place, so that no two get the same numbers. */
static uint64_t state_for(const model *m, const quell_population *population) {
  uint64_t i = 0;
  while (i < m->n_populations && m->population[i] != population) i++;
  return (i + 1) << 32;
}

static void set_each(const model *m, quell_population *population, const char *variable,
                     double *values) {
  uint32_t n = quell_population_size(population);
  check(m, quell_population_set_array(population, variable, 0, n, values));
  free(values);
}

void spread_uniform(const model *m, quell_population *population, const char *variable, double low,
                    double high) {
  uint32_t n = quell_population_size(population);
  double *values = must_alloc(n, sizeof *values);
  uint64_t state = state_for(m, population);
  for (uint32_t i = 0; i < n; i++) values[i] = low + (high - low) * uniform(&state);
  set_each(m, population, variable, values);
}

void spread_normal(const model *m, quell_population *population, const char *variable, double mean,
                   double sd) {
  uint32_t n = quell_population_size(population);
  double *values = must_alloc(n, sizeof *values);
  uint64_t state = state_for(m, population);
  for (uint32_t i = 0; i < n; i++) values[i] = mean + sd * normal(&state);
  set_each(m, population, variable, values);
}

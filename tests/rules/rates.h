/* Networks of rate units, built in a line each: what the tests of rate rules share. */
#ifndef TESTS_RULES_RATES_H
#define TESTS_RULES_RATES_H

#include "rules/builtin.h"
#include "support/check.h"
#include "support/random.h"
#include "support/setup.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_VALUES = 16 };

/* Units of one time constant; the other parameters are set with set_all(). */
static inline quell_population *units(quell_network *net, const char *name, uint32_t n,
                                      double tau) {
  quell_population *population = NULL;
  const quell_value value = {"tau", tau};
  OK(quell_population_create(net, name, "rate", n, &value, 1, &population));
  return population;
}

static inline void set_all(quell_population *population, const char *name, double value) {
  const quell_value one = {name, value};
  OK(quell_population_set(population, &one, 1));
}

static inline void set_one(quell_population *population, const char *name, uint32_t i,
                           double value) {
  OK(quell_population_set_array(population, name, i, 1, &value));
}

static inline double get_one(const quell_population *population, const char *name, uint32_t i) {
  double value = NAN;
  OK(quell_population_get(population, name, i, 1, &value));
  return value;
}

/* Units that have the rate of their bias from the start on. */
static inline quell_population *inputs(quell_network *net, const char *name, uint32_t n,
                                       const double *rate) {
  quell_population *population = units(net, name, n, 1e-3);
  for (uint32_t i = 0; i < n; i++) {
    set_one(population, "bias", i, rate[i]);
    set_one(population, "h", i, rate[i]);
    set_one(population, "rate", i, rate[i]);
  }
  return population;
}

static inline const quell_rule_desc *described(const char *name) {
  for (size_t i = 0; ql_builtin_rule(i); i++)
    if (!strcmp(ql_builtin_rule(i)->name, name)) return ql_builtin_rule(i);
  fail_msg("no rule %s", name);
  return NULL;
}

/* A rule of a published set, NULL for none, and with further values up to a null name. */
static inline quell_rule *rule_of(quell_network *net, const char *name, const char *preset,
                                  const quell_value *own) {
  quell_value values[MOST_VALUES];
  size_t n = 0;
  const quell_rule_desc *desc = described(name);
  const quell_preset_desc *all = desc->presets.at, *found = NULL;
  for (uint32_t p = 0; preset && p < desc->presets.count; p++)
    if (!strcmp(all[p].name, preset)) found = &all[p];
  assert_true(!preset || found);
  for (; own && own->name; own++) values[n++] = *own;
  size_t n_own = n;
  for (uint32_t v = 0; found && v < found->values.count; v++) {
    const quell_value *value = (const quell_value *)found->values.at + v;
    int taken = 0;
    for (size_t k = 0; k < n_own; k++) taken |= !strcmp(values[k].name, value->name);
    if (!taken) values[n++] = *value;
  }
  assert_true(n <= MOST_VALUES);
  quell_rule *rule = NULL;
  quell_status status = quell_rule_create(net, name, values, n, &rule);
  if (status) fail_msg("%s", quell_network_error(net));
  return rule;
}

/* All to all, weights by pre and then post neuron; `more` is stacked on `rule`. */
static inline quell_projection *join_stack(quell_network *net, quell_population *pre,
                                           quell_population *post, const char *receptor,
                                           const double *w, quell_rule *rule, quell_rule *more) {
  quell_connection connection = QUELL_CONNECTION_INIT;
  connection.kind = QUELL_ALL_TO_ALL;
  connection.weight.kind = QUELL_ARRAY;
  connection.weight.values = w;
  connection.weight.n = (size_t)quell_population_size(pre) * quell_population_size(post);
  connection.stack = &more;
  connection.n_stack = more != NULL;
  quell_projection *projection = NULL;
  quell_status status = quell_connect(net, pre, post, receptor, &connection, rule, &projection);
  if (status) fail_msg("%s", quell_network_error(net));
  return projection;
}

static inline quell_projection *join(quell_network *net, quell_population *pre,
                                     quell_population *post, const char *receptor, const double *w,
                                     quell_rule *rule) {
  return join_stack(net, pre, post, receptor, w, rule, NULL);
}

/* The weight, or another quantity, of synapse i. */
static inline double quantity_of(const quell_projection *projection, const char *name, uint64_t i) {
  float value = NAN;
  OK(quell_projection_get(projection, name, i, 1, &value));
  return (double)value;
}

static inline double weight_of(const quell_projection *projection, uint64_t i) {
  return quantity_of(projection, "weight", i);
}

/* Within `part` of the larger of |want| and `scale`. */
static inline void near_to(double got, double want, double part, double scale, const char *what,
                           long i) {
  double unit = fabs(want) > scale ? fabs(want) : scale;
  if (fabs(got - want) <= part * unit) return; /* false for NaN */
  fail_msg("%s [%ld]: %.9g, should be %.9g, off by %.3g", what, i, got, want, got - want);
}

#endif

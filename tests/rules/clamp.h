/* Neurons whose voltage the test sets in every step, for the rules that read it. */
#ifndef TESTS_RULES_CLAMP_H
#define TESTS_RULES_CLAMP_H

#include "support/bench.h"
#include "support/check.h"
#include "support/compare.h"
#include <string.h>

/* Post neurons whose voltage the host sets in every step. */
typedef struct clamp {
  quell_network *network;
  quell_population *pre, *post;
  quell_rule *rule;
  quell_projection *part;
  uint32_t n;
} clamp;

static inline void open_clamp(clamp *c, const setup *setup, const quell_value *values,
                              size_t n_values, uint32_t n_pre, const train *pre, uint32_t n,
                              quell_connection *connection) {
  memset(c, 0, sizeof *c);
  c->n = n;
  c->network = open_network(setup);
  OK(quell_population_create(c->network, "pre", "spike_source", n_pre, NULL, 0, &c->pre));
  OK(quell_population_create(c->network, "post", "external", n, NULL, 0, &c->post));
  OK(quell_rule_create(c->network, "clopath2010", values, n_values, &c->rule));
  OK(quell_connect(c->network, c->pre, c->post, "excitatory", connection, c->rule, &c->part));
  give_spikes(c->pre, pre, setup->start, setup->dt);
}

static inline void step_clamp(clamp *c, const double *v) {
  OK(quell_population_set_array(c->post, "v", 0, c->n, v));
  OK(quell_step(c->network));
}

static inline quell_connection one_to_one(double w) {
  quell_connection c = QUELL_CONNECTION_INIT;
  c.kind = QUELL_ONE_TO_ONE;
  c.weight = (quell_distribution){QUELL_CONSTANT, 0, w, 0, 0, 0, NULL, 0};
  return c;
}

static inline double above(double u, double theta) {
  return u > theta ? u - theta : 0;
}

#endif

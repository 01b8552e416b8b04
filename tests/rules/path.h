/* Spikes of which it is kept what they deliver, for short-term plasticity. */
#ifndef TESTS_RULES_PATH_H
#define TESTS_RULES_PATH_H

#include "support/bench.h"
#include "support/check.h"
#include "support/compare.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double dt = 0.1;

/* One pre neuron with given spikes, or several, onto neurons of which the input is kept. */
typedef struct path {
  const setup *setup;
  quell_network *network;
  quell_population *pre, *post;
  quell_rule *rule, *learning;
  quell_projection *part;
  feeder feeder;
  uint32_t n_post;
} path;

typedef struct plan {
  const char *rule, *preset; /* of short-term plasticity */
  const quell_value *own;
  size_t n_own;
  const char *learning; /* event rule; NULL: static */
  const quell_value *learning_own;
  size_t n_learning;
  double w, axonal, dendritic;
  int one_to_one;
} plan;

static inline quell_distribution constantly(double value) {
  return (quell_distribution){QUELL_CONSTANT, 0, value, 0, 0, 0, NULL, 0};
}

static inline void open_path(path *p, const setup *setup, const plan *plan, uint32_t n_pre,
                             const train *pre, uint32_t n_post, const train *post) {
  quell_value values[RULE_PARAMS];
  quell_connection c = QUELL_CONNECTION_INIT;
  size_t n = rule_values(plan->rule, plan->preset, plan->own, plan->n_own, values);
  memset(p, 0, sizeof *p);
  p->setup = setup;
  p->n_post = n_post;
  p->network = open_network(setup);
  OK(quell_population_create(p->network, "pre", "spike_source", n_pre, NULL, 0, &p->pre));
  OK(quell_population_create(p->network, "post", "external", n_post, NULL, 0, &p->post));
  OK(quell_rule_create(p->network, plan->rule, values, n, &p->rule));
  if (plan->learning)
    OK(quell_rule_create(p->network, plan->learning, plan->learning_own, plan->n_learning,
                         &p->learning));
  c.kind = plan->one_to_one ? QUELL_ONE_TO_ONE : QUELL_ALL_TO_ALL;
  c.weight = constantly(plan->w);
  c.delay_axonal = constantly(plan->axonal);
  c.delay_dendritic = constantly(plan->dendritic);
  c.stack = &p->rule;
  c.n_stack = 1;
  OK(quell_connect(p->network, p->pre, p->post, "excitatory", &c, p->learning, &p->part));
  give_spikes(p->pre, pre, setup->start, dt);
  p->feeder = (feeder){p->post, post, 0, 0};
}

static inline void close_path(path *p) {
  quell_network_destroy(&p->network);
}

/* Does one step; the input of the step that it began with. */
static inline const float *step_path(path *p) {
  const float *input = NULL;
  uint32_t n = 0;
  if (p->feeder.train) feed(&p->feeder);
  OK(quell_step(p->network));
  OK(quell_population_input(p->post, "excitatory", &input, &n));
  assert_int_equal(n, p->n_post);
  return input;
}

static inline void add_regular(train *t, uint32_t neuron, uint64_t first, uint64_t interval,
                               size_t n) {
  for (size_t i = 0; i < n; i++) train_add(t, first + i * interval, neuron);
}

/* What the spikes of neuron 0 deliver, in order: the values that are not 0. */
static inline void run_train(const plan *plan, const train *pre, double *delivered) {
  static const setup setup = {0};
  path p;
  open_path(&p, &setup, plan, 1, pre, 1, NULL);
  for (size_t i = 0; i < pre->n;) {
    const float *input = step_path(&p);
    if (input[0] > 0) delivered[i++] = (double)input[0] / plan->w;
    assert_true(quell_network_clock(p.network) < pre->at[pre->n - 1].step + 100);
  }
  close_path(&p);
}

/* The recursion of the page, in another form than the rule's: x from what the last spike left, u
 * relaxing to U. */
typedef struct pool {
  double use, tau_rec, tau_fac, u, x, last;
  int begun;
} pool;

static inline double release(pool *s, double t) {
  if (!s->begun) {
    s->u = s->use, s->x = 1;
  } else {
    double h = t - s->last;
    s->x = 1 + (s->x - s->x * s->u - 1) * exp(-h / s->tau_rec);
    s->u = s->use + (s->tau_fac > 0 ? s->u * (1 - s->use) * exp(-h / s->tau_fac) : 0);
  }
  s->begun = 1;
  s->last = t;
  return s->u * s->x;
}

#endif

/* One synapse, eagerly and in double precision: what the lazy engine must equal. Written from the
 * rules' equations, shares nothing with the library. */
#ifndef TEST_EAGER_H
#define TEST_EAGER_H

#include <quell/quell.h>

enum { EAGER_MAX_VALUES = 12 };

typedef enum eager_kind { EAGER_VOGELS, EAGER_PAIR, EAGER_OJA } eager_kind;

/* A rule and its parameters, named as the library names them. */
typedef struct eager_rule {
  eager_kind kind;
  double eta, rho0, tau, beta;
  double a_plus, a_minus, tau_plus, tau_minus, mu_plus, mu_minus;
  double w_min, w_max, tie;
} eager_rule;

const char *eager_name(const eager_rule *rule);
/* The rule's parameters for quell_rule_create(); returns how many. */
size_t eager_values(const eager_rule *rule, quell_value values[EAGER_MAX_VALUES]);

/* A parameter, "learning" (0 or 1) or "weight" that changes at a step, before its events. */
typedef struct eager_change {
  uint64_t step;
  const char *name;
  double value;
} eager_change;

/* Fill in rule, dt, w, the events as the synapse sees them and the changes, both ascending; the
 * rest is zero. */
typedef struct eager {
  eager_rule rule;
  double dt, w;
  const uint64_t *pre, *post; /* arrival and effective stamps */
  size_t n_pre, n_post;
  const eager_change *change;
  size_t n_change;
  double x, y; /* traces just after the events of `last` */
  uint64_t last;
  size_t i_pre, i_post, i_change;
  int off;          /* learning is off */
  double delivered; /* weight after the last pre event */
} eager;

/* The weight after all events stamped before `step`; calls must ask for ascending steps. */
double eager_at(eager *synapse, uint64_t step);

#endif

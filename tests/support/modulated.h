/* One synapse whose rule follows neuromodulators, eagerly, in double precision and in tenths of a
 * step: the reference for eligibilities, third factors and what else is bound. Shares nothing with
 * the library. */
#ifndef TEST_MODULATED_H
#define TEST_MODULATED_H

#include <stddef.h>
#include <stdint.h>

enum { MODULATED_MOST = 2, MODULATED_TENTHS = 10 };

/* What follows a modulator by steps: factors on changes, on those upward, on those downward, and a
 * parameter of the rule that multiplies all it does. */
typedef enum modulated_dial { LEARNING, POTENTIATION, DEPRESSION, GAIN, N_DIALS } modulated_dial;

/* A pre event changes by gain (pre_y y + pre_1), a post event by gain (post_x x + post_1); the
 * traces count all spikes and do not contain the event's own jump. */
typedef struct modulated_change {
  double pre_y, pre_1, post_x, post_1;
} modulated_change;

/* de/dt = −e / tau_e and dw/dt = sum of e × factor, per second. The weight is brought into its
 * bounds before and after its own events, and when it is read. */
typedef struct modulated_rule {
  modulated_change change[MODULATED_MOST]; /* of each eligibility … */
  double tau_e[MODULATED_MOST];            /* ms */
  size_t n;                                /* … or, if there are none, of the weight: the first */
  double tau_x, tau_y, w_min, w_max;
  int tie;
} modulated_rule;

/* A caller fills in what comes first, lets it run to a step, and may then change all of it. */
typedef struct modulated {
  modulated_rule rule;
  double dt, w, e[MODULATED_MOST];
  const uint64_t *pre, *post; /* stamps of arrivals and of effective post spikes, ascending */
  size_t n_pre, n_post;
  const double *factor[MODULATED_MOST]; /* in each tenth of a step; NULL: 0 */
  const double *dial[N_DIALS];          /* in each step; NULL: 1 */
  int off;                              /* it does not learn */

  double x, y;
  size_t i_pre, i_post;
  uint64_t step; /* whose events are to come */
} modulated;

void modulated_run(modulated *m, uint64_t step);
/* The weight as it is read. */
double modulated_weight(const modulated *m);

#endif

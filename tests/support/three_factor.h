/* One synapse with an eligibility trace, eagerly, in double precision and in tenths of a step: the
 * reference for third factors. Shares nothing with the library. */
#ifndef TEST_THREE_FACTOR_H
#define TEST_THREE_FACTOR_H

#include <stddef.h>
#include <stdint.h>

/* Changes of the eligibility: pre: e += pre_y y + pre_1, post: e += post_x x, where the traces
 * count all spikes and do not contain the event's own jump. */
typedef struct three_rule {
  double pre_y, pre_1, post_x, tau_x, tau_y, tau_e, w_min, w_max;
  int tie; /* QUELL_PRE_FIRST … */
} three_rule;

/* The third factor in steps [0, steps): what is above `tonic` at the start of each, and decays. */
typedef struct three_course {
  const double *phasic;
  double tonic, tau; /* tau: ms, or INFINITY */
} three_course;

typedef struct three_synapse {
  three_rule rule;
  three_course course;
  double dt, w, e;
  const uint64_t *pre, *post; /* stamps of arrivals and of effective post spikes, ascending */
  size_t n_pre, n_post;
  uint64_t off, on; /* it does not learn in steps [off, on) */
} three_synapse;

/* Weight and eligibility before the events of `step`. */
void three_run(three_synapse *s, uint64_t step);

#endif

/* Many independent pairs of neurons under Poisson spiking: the mean change of their weights is the
 * analytic drift. The standard error comes from the spread over the pairs; a check fails at four
 * of them. Seeds are fixed, so it does so on every run or on none. */
#ifndef TEST_PAIRS_H
#define TEST_PAIRS_H

#include "setup.h"

enum { PAIRS = 1000 };

/* A run. What is left at zero is absent, the step 0.5 ms. */
typedef struct pairs {
  const char *rule;
  const char *preset;
  const quell_value *own; /* what differs from the preset, [n] */
  size_t n;
  double w0, r_pre, r_post; /* Hz */
  double seconds, dt;
  double v, g_exc, g_inh; /* of all post neurons, held */
  /* The rule observes this, whose mean rate is held at `rate`, in place of the post neurons. */
  const char *observe;
  double rate;
  const char *var; /* a variable of the synapses that begins at `value` */
  double value;
} pairs;

/* Weights, or a variable, of all pairs after the run. */
void pairs_run(const pairs *pairs, const char *quantity, float after[PAIRS]);

void mean_and_error(const float *values, double *mean, double *error);

/* The mean weight changes by drift × seconds. */
void pairs_check_drift(const pairs *pairs, double drift);

/* Integrate-and-fire neurons that are driven and have plastic synapses under this rule, of varied
 * axonal and dendritic delays, recurrent ones too: the bits of weights, variables and potentials do
 * not depend on tiles, blocks, threads, the order of tasks, and how a run is cut. */
void check_bits(const char *rule, const char *preset, const quell_value *own, size_t n, double w0,
                const char *receptor);

/* What an event reads of the trace of a Poisson train on a grid, over its rate in s, where the
 * spikes of its own step do not count. */
double trace_per_rate(double tau, double dt);

#endif

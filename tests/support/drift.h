/* The mean change of the weight of a rule under independent Poisson spiking, over many independent
 * synapses. */
#ifndef TEST_DRIFT_H
#define TEST_DRIFT_H

#include <quell/quell.h>

enum { DRIFT_PAIRS = 1000 };

/* Zero means default, but for w0, the rates and `seconds`. */
typedef struct drift_run {
  const char *rule, *preset;
  const quell_value *own; /* values that differ from the preset (NULL: from the defaults) */
  size_t n;
  double w0, r_pre, r_post; /* Hz */
  double warm_up, seconds;  /* learning is off while it warms up */
  double dt;                /* ms; default 0.5 */
  uint64_t seed;
} drift_run;

/* Weights of DRIFT_PAIRS synapses after the run. */
void drift_weights(const drift_run *run, float *w);
/* Mean of f(w) - f(w0) over the synapses and its standard error; f NULL is w itself. */
void drift_of(const drift_run *run, double (*f)(double), double *mean, double *error);
/* The mean must be `drift` (per s) times the seconds within 4 standard errors, which must be
 * smaller than `precision` (per s) times the seconds: or the test would see nothing. */
void check_drift(const drift_run *run, double (*f)(double), double drift, double precision);

/* What an event reads on average of independent spikes at 1 Hz on a grid of dt ms (product of
 * traces with the sum 1/tau of their inverse time constants), with the spikes of the same step and
 * without: tau (1 ± dt / 2 tau), in s. */
double with_ties(double tau, double dt);
double without_ties(double tau, double dt);

#endif

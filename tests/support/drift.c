#include "drift.h"
#include "check.h"
#include "compare.h"
#include "random.h"
#include <math.h>

/* Host-owned post neurons that fire by chance, one coin for a neuron and step. */
typedef struct coins {
  quell_population *population;
  double probability;
  random_state random;
} coins;

static void toss(void *context) {
  coins *c = context;
  uint32_t ids[DRIFT_PAIRS];
  size_t n = 0;
  if (c->probability <= 0) return;
  double at = -1; /* skip ahead by geometric gaps */
  for (;;) {
    at += 1 + floor(log(1 - random_uniform(&c->random)) / log(1 - c->probability));
    if (at >= DRIFT_PAIRS) break;
    ids[n++] = (uint32_t)at;
  }
  if (n) OK(quell_population_spikes_in(c->population, ids, n));
}

void drift_weights(const drift_run *run, float *w) {
  const setup setup = {.dt = run->dt > 0 ? run->dt : 0.5, .seed = 20110331 + run->seed};
  quell_network *net = open_network(&setup);
  quell_population *pre, *post;
  quell_rule *rule;
  quell_projection *synapses;
  quell_value values[RULE_PARAMS], rate = {"rate", run->r_pre};
  quell_connection c = QUELL_CONNECTION_INIT;
  coins coins = {NULL, run->r_post * setup.dt / 1000, {7 + run->seed}};
  size_t n = rule_values(run->rule, run->preset, run->own, run->n, values);
  OK(quell_population_create(net, "pre", "poisson", DRIFT_PAIRS, &rate, 1, &pre));
  OK(quell_population_create(net, "post", "external", DRIFT_PAIRS, NULL, 0, &post));
  OK(quell_rule_create(net, run->rule, values, n, &rule));
  c.kind = QUELL_ONE_TO_ONE;
  c.weight.kind = QUELL_CONSTANT;
  c.weight.a = run->w0;
  OK(quell_connect(net, pre, post, "excitatory", &c, rule, &synapses));
  coins.population = post;
  OK(quell_population_on_step(post, toss, &coins));
  if (run->warm_up > 0) {
    OK(quell_projection_learning(synapses, 0));
    OK(quell_run(net, run->warm_up * 1000));
    OK(quell_projection_learning(synapses, 1));
  }
  OK(quell_run(net, run->seconds * 1000));
  OK(quell_projection_get(synapses, "weight", 0, DRIFT_PAIRS, w));
  quell_network_destroy(&net);
}

static double itself(double w) {
  return w;
}

void drift_of(const drift_run *run, double (*f)(double), double *mean, double *error) {
  static float w[DRIFT_PAIRS];
  double sum = 0, squares = 0;
  if (!f) f = itself;
  drift_weights(run, w);
  for (size_t i = 0; i < DRIFT_PAIRS; i++) sum += f((double)w[i]);
  *mean = sum / DRIFT_PAIRS;
  for (size_t i = 0; i < DRIFT_PAIRS; i++)
    squares += (f((double)w[i]) - *mean) * (f((double)w[i]) - *mean);
  *error = sqrt(squares / (DRIFT_PAIRS - 1.0) / DRIFT_PAIRS);
  *mean -= f((double)(float)run->w0);
}

void check_drift(const drift_run *run, double (*f)(double), double drift, double precision) {
  double mean, error;
  drift_of(run, f, &mean, &error);
  if (error <= 0 || error > precision * run->seconds)
    fail_msg("%s: standard error %g in %g s is not below %g", run->rule, error, run->seconds,
             precision * run->seconds);
  if (fabs(mean - drift * run->seconds) > 4 * error)
    fail_msg("%s at %g and %g Hz: %g in %g s, should be %g ± %g", run->rule, run->r_pre,
             run->r_post, mean, run->seconds, drift * run->seconds, error);
}

double with_ties(double tau, double dt) {
  return dt / 1000 / (1 - exp(-dt / tau));
}

double without_ties(double tau, double dt) {
  return dt / 1000 / (exp(dt / tau) - 1);
}

/* Independent Poisson spiking: the mean change of the weight is the analytic drift, and rules that
 * depend on the weight settle where theory says. Intervals are 4.5 standard errors, from the spread
 * over thousands of independent synapses; the seeds are fixed. */
#include "support/bench.h"
#include "support/check.h"
#include "support/random.h"
#include <math.h>
#include <stdlib.h>

enum { PAIRS = 1000 };

typedef struct drift_run {
  eager_rule rule;
  double w0, r_pre, r_post, seconds, dt;
} drift_run;

/* Host-owned post neurons that fire by chance, one coin for a neuron and step. */
typedef struct coins {
  quell_population *population;
  double probability;
  random_state random;
} coins;

static void toss(void *context) {
  coins *c = context;
  uint32_t ids[PAIRS];
  size_t n = 0;
  double at = -1.0; /* skip ahead by geometric gaps */
  for (;;) {
    at += 1.0 + floor(log(1.0 - random_uniform(&c->random)) / log(1.0 - c->probability));
    if (at >= PAIRS) break;
    ids[n++] = (uint32_t)at;
  }
  if (n) OK(quell_population_spikes_in(c->population, ids, n));
}

/* Weights of PAIRS independent pairs after the run. */
static void run_pairs(const drift_run *run, float *w) {
  const setup setup = {.dt = run->dt, .seed = 20110331};
  quell_network *net = open_network(&setup);
  quell_population *pre, *post;
  quell_rule *rule;
  quell_projection *synapses;
  quell_value values[EAGER_MAX_VALUES], rate = {"rate", run->r_pre};
  quell_connection c = QUELL_CONNECTION_INIT;
  coins coins = {NULL, run->r_post * run->dt / 1000, {7}};
  size_t n = eager_values(&run->rule, values);
  OK(quell_population_create(net, "pre", "poisson", PAIRS, &rate, 1, &pre));
  OK(quell_population_create(net, "post", "external", PAIRS, NULL, 0, &post));
  OK(quell_rule_create(net, eager_name(&run->rule), values, n, &rule));
  c.kind = QUELL_ONE_TO_ONE;
  c.weight.kind = QUELL_CONSTANT;
  c.weight.a = run->w0;
  OK(quell_connect(net, pre, post, "excitatory", &c, rule, &synapses));
  coins.population = post;
  OK(quell_population_on_step(post, toss, &coins));
  OK(quell_run(net, run->seconds * 1000));
  OK(quell_projection_get(synapses, "weight", 0, PAIRS, w));
  quell_network_destroy(&net);
}

static void mean_and_error(const float *w, double *mean, double *error) {
  double sum = 0, squares = 0;
  for (size_t i = 0; i < PAIRS; i++) sum += (double)w[i];
  *mean = sum / PAIRS;
  for (size_t i = 0; i < PAIRS; i++) squares += ((double)w[i] - *mean) * ((double)w[i] - *mean);
  *error = sqrt(squares / (PAIRS - 1.0) / PAIRS);
}

static void check_drift(const drift_run *run, double drift) {
  static float w[PAIRS];
  double mean, error;
  run_pairs(run, w);
  mean_and_error(w, &mean, &error);
  assert_true(error > 0 && error < 0.2 * fabs(drift * run->seconds)); /* the test can see it */
  if (fabs(mean - run->w0 - drift * run->seconds) > 4.5 * error)
    fail_msg("%s: %g in %g s, should be %g ± %g", eager_name(&run->rule), mean - run->w0,
             run->seconds, drift * run->seconds, error);
}

/* What a post event reads of a Poisson pre train on a grid, over its rate, in s: with the spikes of
 * the same step, and without. Both are tau (1 ± dt / 2 tau). */
static double with_ties(double tau, double dt) {
  return dt / 1000 / (1 - exp(-dt / tau));
}
static double without_ties(double tau, double dt) {
  return dt / 1000 / (exp(dt / tau) - 1);
}

static void vogels_drifts_by_its_balance_of_rates(void **state) {
  const double post_rates[] = {2, 20}; /* below and above the target of 8 Hz */
  for (size_t i = 0; i < COUNT(post_rates); i++) {
    drift_run run = {{EAGER_VOGELS, .eta = 0.002, .rho0 = 8, .tau = 20, .w_max = 10},
                     5,
                     15,
                     post_rates[i],
                     quick() ? 5 : 20,
                     0.5};
    double reads = with_ties(20, 0.5) + without_ties(20, 0.5); /* 2 tau */
    check_drift(&run, run.rule.eta * run.r_pre * (reads * run.r_post - 2 * 8 * 0.020));
  }
  (void)state;
}

static void vogels_rests_at_its_target_rate(void **state) {
  static float w[PAIRS];
  double mean, error;
  drift_run run = {{EAGER_VOGELS, .eta = 0.002, .rho0 = 8, .tau = 20, .w_max = 10},
                   5,
                   15,
                   8,
                   quick() ? 5 : 20,
                   0.5};
  run_pairs(&run, w);
  mean_and_error(w, &mean, &error);
  assert_true(fabs(mean - 5) < 4.5 * error && error < 0.01);
  (void)state;
}

static void pair_drifts_by_the_areas_of_its_window(void **state) {
  for (int32_t tie = QUELL_PRE_FIRST; tie <= QUELL_POST_FIRST; tie++) {
    drift_run run = {{EAGER_PAIR, .a_plus = 0.0010, .a_minus = 0.0004, .tau_plus = 16.8,
                      .tau_minus = 33.7, .w_max = 1, .tie = tie},
                     0.4,
                     25,
                     15,
                     quick() ? 5 : 20,
                     0.5};
    double plus = tie == QUELL_PRE_FIRST ? with_ties(16.8, 0.5) : without_ties(16.8, 0.5);
    double minus = tie == QUELL_POST_FIRST ? with_ties(33.7, 0.5) : without_ties(33.7, 0.5);
    check_drift(&run, run.r_pre * run.r_post * (0.0010 * plus - 0.0004 * minus));
  }
  (void)state;
}

/* Gütig et al. 2003: W* = 1 / (1 + (a_minus / a_plus)^(1 / mu)) for equal time constants; reached
 * from both sides. Swapped exponents or a W in place of 1 - W would settle elsewhere. */
static void weight_dependent_pair_settles_at_its_fixed_point(void **state) {
  static float w[PAIRS];
  const double mus[] = {1, 0.4, 0.4}, ratios[] = {1.5, 1.05, 1.2}, starts[] = {0.1, 0.6, 0.2};
  for (size_t i = 0; i < (quick() ? 1 : COUNT(mus)); i++) {
    double mean, error, fixed = 1 / (1 + pow(ratios[i], 1 / mus[i]));
    drift_run run = {{EAGER_PAIR, .a_plus = 0.004, .a_minus = 0.004 * ratios[i], .tau_plus = 20,
                      .tau_minus = 20, .mu_plus = mus[i], .mu_minus = mus[i], .w_max = 1,
                      .tie = QUELL_EXCLUSIVE},
                     starts[i],
                     60,
                     60,
                     20,
                     0.5};
    run_pairs(&run, w);
    mean_and_error(w, &mean, &error);
    if (fabs(mean - fixed) > 4.5 * error + 0.006) /* the amplitude is not vanishing */
      fail_msg("mu %g: settles at %g ± %g, should be %g", mus[i], mean, error, fixed);
  }
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(vogels_drifts_by_its_balance_of_rates),
      cmocka_unit_test(vogels_rests_at_its_target_rate),
      cmocka_unit_test(pair_drifts_by_the_areas_of_its_window),
      cmocka_unit_test(weight_dependent_pair_settles_at_its_fixed_point),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

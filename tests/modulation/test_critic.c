/* Critics: what they release, and what they come to expect. */
#include "modulation/channel.h"
#include "support/check.h"
#include "support/random.h"
#include "support/setup.h"
#include <math.h>
#include <string.h>

/* A network with one channel that has a critic. */
typedef struct bench {
  quell_network *net;
  quell_population *values, *host;
  quell_modulator *channel;
} bench;

static void open_with(bench *b, const setup *setup, double tau) {
  const quell_value values[] = {{"tau", tau}};
  b->net = open_network(setup);
  OK(quell_population_create(b->net, "values", "spike_source", 3, NULL, 0, &b->values));
  OK(quell_population_create(b->net, "host", "external", 1, NULL, 0, &b->host));
  OK(quell_modulator_create(b->net, "dopamine", NULL, values, 1, &b->channel));
}

static void open_bench(bench *b, double dt, double tau) {
  const setup s = {.dt = dt};
  open_with(b, &s, tau);
}

static void attach(bench *b, quell_critic critic) {
  OK(quell_modulator_critic(b->channel, &critic));
}

static double level(const bench *b) {
  double c;
  OK(quell_modulator_get(b->channel, 0, 1, &c));
  return c;
}

static double expected(const bench *b) {
  double value;
  OK(quell_modulator_expected(b->channel, &value));
  return value;
}

/* What the step that was done last had, a float. */
static double last_level(const bench *b) {
  uint32_t mask = b->net->horizon - 1;
  return (double)b->channel->level[(b->net->clock - 1) & mask];
}

static void near(double got, double want, double tolerance, const char *what) {
  if (!(fabs(got - want) <= tolerance)) fail_msg("%s: %.17g, not %.17g", what, got, want);
}

/* --- the mean reward --- */

static quell_critic mean_critic(double rate) {
  quell_critic critic = QUELL_CRITIC_INIT;
  critic.rate = rate;
  return critic;
}

/* Rewards 1, 0 and 1 with a rate of a quarter: 1 − 0, 0 − 1/4, 1 − 3/16; all numbers are exact. */
static void test_mean_by_hand(void **state) {
  (void)state;
  bench b;
  open_bench(&b, 0.1, INFINITY);
  attach(&b, mean_critic(0.25));
  OK(quell_modulator_reward(b.channel, 1.0));
  assert_true(expected(&b) == 0.25);
  OK(quell_step(b.net));
  assert_true(level(&b) == 1.0);
  OK(quell_modulator_reward(b.channel, 0.0));
  OK(quell_run_steps(b.net, 50));
  assert_true(level(&b) == 0.75 && expected(&b) == 0.1875);
  OK(quell_modulator_reward(b.channel, 1.0));
  OK(quell_modulator_reward(b.channel, 0.0)); /* in the same step, after the other */
  OK(quell_step(b.net));
  assert_true(expected(&b) == 0.390625 * 0.75);
  assert_true(level(&b) == 0.75 + 0.8125 - 0.390625);
  quell_network_destroy(&b.net);
}

/* Rewards by chance: M comes to their mean p, with the variance rate / (2 − rate) × p (1 − p); and
 * all errors together are M / rate, so that none are left on average. */
static void test_mean_settles(void **state) {
  (void)state;
  enum { REWARDS = 20000 };
  const double rate = 1.0 / 1024, p = 0.3;
  random_state random = {1};
  bench b;
  open_bench(&b, 1.0, INFINITY);
  attach(&b, mean_critic(rate));
  for (int i = 0; i < REWARDS; i++) {
    OK(quell_modulator_reward(b.channel, random_uniform(&random) < p ? 1.0 : 0.0));
    if (i % 10 == 0) OK(quell_step(b.net));
  }
  OK(quell_step(b.net));
  near(expected(&b), p, 5.0 * sqrt(rate / (2.0 - rate) * p * (1.0 - p)), "the mean reward");
  near(level(&b), expected(&b) / rate, 1e-9, "all errors"); /* 2e4 roundings of 1e-14 of ≤ 310 */
  quell_network_destroy(&b.net);
}

/* --- predicted values --- */

static quell_critic value_critic(double tau) {
  quell_critic critic = QUELL_CRITIC_INIT;
  critic.kind = QUELL_CRITIC_VALUE;
  critic.tau = tau;
  return critic;
}

static void test_value_by_hand(void **state) {
  (void)state;
  bench b;
  open_bench(&b, 0.1, INFINITY);
  attach(&b, value_critic(40.0));
  OK(quell_modulator_reward(b.channel, 7.0)); /* before the first prediction: nothing to compare */
  OK(quell_modulator_predict(b.channel, 2.0));
  OK(quell_run_steps(b.net, 30));
  assert_true(level(&b) == 0.0 && expected(&b) == 2.0);
  OK(quell_modulator_reward(b.channel, 0.5));
  OK(quell_run_steps(b.net, 70));
  assert_true(level(&b) == 0.0); /* rewards wait for the prediction */
  OK(quell_modulator_reward(b.channel, 0.25));
  OK(quell_modulator_predict(b.channel, 3.0));
  OK(quell_step(b.net));
  double error = 0.75 + 3.0 * exp(-10.0 / 40.0) - 2.0;
  near(level(&b), error, 1e-13, "the error");
  OK(quell_run_steps(b.net, 9));
  OK(quell_modulator_reward(b.channel, 1.5));
  OK(quell_modulator_predict(b.channel, 0.0)); /* the end: 1.5 − 3 */
  OK(quell_step(b.net));
  near(level(&b), error - 1.5, 1e-13, "the error at the end");
  OK(quell_modulator_reward(b.channel, 9.0));
  OK(quell_modulator_restart(b.channel, 4.0)); /* drops the reward */
  OK(quell_step(b.net));
  near(level(&b), error - 1.5, 1e-13, "a restart");
  OK(quell_modulator_predict(b.channel, 4.0));
  OK(quell_step(b.net));
  near(level(&b), error - 1.5 + 4.0 * (exp(-0.1 / 40.0) - 1.0), 1e-13, "after a restart");
  quell_network_destroy(&b.net);
}

static void test_value_without_discount(void **state) {
  (void)state;
  bench b;
  open_bench(&b, 0.1, INFINITY);
  attach(&b, value_critic(INFINITY));
  OK(quell_modulator_predict(b.channel, 0.5));
  OK(quell_run_steps(b.net, 12345));
  OK(quell_modulator_predict(b.channel, 2.0));
  OK(quell_step(b.net));
  assert_true(level(&b) == 1.5);
  quell_network_destroy(&b.net);
}

/* A walk over five states in a row, to either side with the same chance, 10 ms each; beyond the
 * right end there is a reward of 1 (Sutton 1988, 10.1007/BF00115009). */
enum { STATES = 5, DWELL = 10 };

typedef struct walk {
  bench b;
  double value[STATES + 2]; /* with both ends */
} walk;

/* The error of one transition, as the channel shows it. */
static double error_of(walk *w, int from, int to) {
  OK(quell_modulator_restart(w->b.channel, w->value[from]));
  OK(quell_run_steps(w->b.net, DWELL));
  double before = level(&w->b);
  if (to == STATES + 1) OK(quell_modulator_reward(w->b.channel, 1.0));
  OK(quell_modulator_predict(w->b.channel, w->value[to]));
  OK(quell_step(w->b.net));
  return level(&w->b) - before;
}

/* V_k = γ (V_k−1 + V_k+1) / 2 with V = 0 at the left end and 1 / γ at the right: V_k is
 * sinh(k a) / (γ sinh(6 a)) with cosh a = 1 / γ. */
static double walk_value(int k, double gamma) {
  double a = acosh(1.0 / gamma);
  return sinh(k * a) / (gamma * sinh((STATES + 1) * a));
}

/* Values that learn from the mean error of both transitions contract by γ cos(π/6) each time. */
static void test_walk_reaches_its_values(void **state) {
  (void)state;
  enum { SWEEPS = 120 };
  walk w = {.value = {0}};
  open_bench(&w.b, 1.0, INFINITY);
  attach(&w.b, value_critic(100.0));
  for (int i = 0; i < SWEEPS; i++)
    for (int k = 1; k <= STATES; k++)
      w.value[k] += (error_of(&w, k, k - 1) + error_of(&w, k, k + 1)) / 2.0;
  for (int k = 1; k <= STATES; k++)
    near(w.value[k], walk_value(k, exp(-DWELL / 100.0)), 1e-9, "value of a state");
  quell_network_destroy(&w.b.net);
}

/* --- the value of a population --- */

static quell_critic population_critic(const bench *b) {
  quell_critic critic = QUELL_CRITIC_INIT;
  critic.kind = QUELL_CRITIC_POPULATION;
  critic.population = b->values;
  return critic;
}

static double kernel(double s, double slow, double fast) {
  return s > 0.0 ? (exp(-s / slow) - exp(-s / fast)) / (slow - fast) : 0.0;
}

/* Spikes at odd times against the sum of their kernels. */
static void test_value_of_spikes(void **state) {
  (void)state;
  const uint32_t neurons[] = {0, 1, 1, 2, 0, 2};
  const double times[] = {0.1, 3.0, 3.1, 3.1, 40.0, 41.7};
  quell_critic critic;
  bench b;
  open_bench(&b, 0.1, INFINITY);
  critic = population_critic(&b);
  critic.value = -3.0;
  critic.gain = 0.7;
  critic.tau_slow = 30.0;
  critic.tau_fast = 5.0;
  critic.delay = 2.5;
  attach(&b, critic);
  OK(quell_population_set_spikes(b.values, neurons, times, COUNT(times)));
  for (int at = 0; at < 100; at += 7) {
    double sum = 0.0, now = 0.1 * at * 7;
    for (size_t i = 0; i < COUNT(times); i++) sum += kernel(now - times[i] - 2.5, 30.0, 5.0);
    near(expected(&b), -3.0 + 0.7 * 1000.0 * sum / 3.0, 1e-11, "the value");
    OK(quell_run_steps(b.net, 49));
  }
  quell_network_destroy(&b.net);
}

/* Of the kernel, from 0. */
static double kernel_integral(double s, double slow, double fast) {
  return s > 0.0 ? (fast * expm1(-s / fast) - slow * expm1(-s / slow)) / (slow - fast) : 0.0;
}

/* One spike, seen 2 ms after 5 ms: the error of each step from the kernel and its integral. */
static void error_of_each_step(double dt) {
  const uint32_t neuron = 2;
  const double at = 5.0, height = 0.5 * 1000.0 / 3.0;
  quell_critic critic;
  bench b;
  open_bench(&b, dt, 0.0);
  critic = population_critic(&b);
  critic.value = 3.0;
  critic.gain = 0.5;
  critic.tau = 400.0;
  critic.delay = 2.0;
  attach(&b, critic);
  OK(quell_population_set_spikes(b.values, &neuron, &at, 1));
  for (int i = 0; i < 400; i++) {
    double from = dt * i - 7.0, to = dt * (i + 1) - 7.0;
    if (fabs(from) < 1e-9) from = 0.0; /* its step is 7 ms / dt */
    double gained = height * (kernel(to, 200.0, 50.0) - kernel(from, 200.0, 50.0));
    double area = height * (kernel_integral(to, 200.0, 50.0) - kernel_integral(from, 200.0, 50.0));
    if (to < 1e-9) gained = area = 0.0;
    near(level(&b), (gained - (area + 3.0 * dt) / 400.0) * 1000.0 / dt, 1e-9, "the error");
    OK(quell_step(b.net));
  }
  quell_network_destroy(&b.net);
}

static void test_error_of_each_step(void **state) {
  (void)state;
  error_of_each_step(0.1);
  error_of_each_step(1.0);
}

/* Each neuron of three fires every 30 ms, one after the other: 33⅓ Hz. */
enum { PERIOD = 30, SPIKES = 400 };

static void fire_regularly(const bench *b) {
  uint32_t neurons[SPIKES];
  double times[SPIKES];
  for (int i = 0; i < SPIKES; i++) {
    neurons[i] = (uint32_t)i % 3;
    times[i] = 1.0 + i * (PERIOD / 3);
  }
  OK(quell_population_set_spikes(b->values, neurons, times, SPIKES));
}

/* The mean over a period is value + gain f. Between the steps the kernel is summed, whose error is
 * its slope at 0 × dt² / 12 for a spike, 8e-8 with steps of 0.1 ms. */
static void test_value_is_the_rate(void **state) {
  (void)state;
  quell_critic critic;
  bench b;
  open_bench(&b, 0.1, INFINITY);
  critic = population_critic(&b);
  critic.value = 5.0;
  critic.gain = 2.0;
  attach(&b, critic);
  fire_regularly(&b);
  OK(quell_run(b.net, 3000.0));
  double sum = 0.0;
  for (int i = 0; i < 10 * PERIOD; i++) {
    sum += expected(&b);
    OK(quell_step(b.net));
  }
  /* what is left to come of the first spikes: e^(−3000/200) = 3e-7 */
  near(sum / (10 * PERIOD), 5.0 + 2.0 * 1000.0 / PERIOD, 1e-4, "the mean value");
  quell_network_destroy(&b.net);
}

typedef struct payer {
  bench b;
  double reward;
} payer;

static void pay(void *context) {
  payer *p = context;
  OK(quell_modulator_reward(p->b.channel, p->reward));
}

/* A steady reward r per second and V = tau r: over whole periods nothing is released, whatever the
 * step, because each step takes the error's mean. At the starts of steps of 1 ms the slope alone
 * would release gain × dt / (2 tau_slow tau_fast) for a spike, 3 altogether. */
static void no_error_at_the_value(double dt) {
  payer p = {0};
  quell_critic critic;
  open_bench(&p.b, dt, INFINITY);
  critic = population_critic(&p.b);
  critic.value = 10.0;
  critic.gain = 3.0;
  critic.tau = 2000.0;
  attach(&p.b, critic);
  fire_regularly(&p.b);
  p.reward = (10.0 + 3.0 * 1000.0 / PERIOD) / 2.0 * dt / 1000.0;
  OK(quell_population_on_step(p.b.host, pay, &p));
  OK(quell_run(p.b.net, 100.0 * PERIOD));
  double before = level(&p.b);
  OK(quell_run(p.b.net, 20.0 * PERIOD));
  /* 0.6 s of rewards of 55 per second; V is behind its value by 110 e^(−15) 3e-5 */
  near(level(&p.b) - before, 0.0, 1e-4, "the errors of whole periods");
  quell_network_destroy(&p.b.net);
}

static void test_no_error_at_the_value(void **state) {
  (void)state;
  no_error_at_the_value(0.1);
  no_error_at_the_value(1.0);
}

/* tau = 0: the channel is the error, here −V/tau of a constant V, and r/dt in the step of a reward,
 * which a host gives between steps or in them. */
static void test_channel_is_the_error(void **state) {
  (void)state;
  payer p = {.reward = -0.25};
  quell_critic critic;
  open_bench(&p.b, 0.5, 0.0);
  critic = population_critic(&p.b);
  critic.value = 8.0;
  critic.tau = 4000.0;
  attach(&p.b, critic);
  OK(quell_modulator_reward(p.b.channel, 1.0));
  OK(quell_step(p.b.net));
  assert_true(last_level(&p.b) == 2000.0 - 2.0);
  OK(quell_step(p.b.net));
  assert_true(last_level(&p.b) == -2.0);
  OK(quell_population_on_step(p.b.host, pay, &p));
  OK(quell_step(p.b.net));
  assert_true(last_level(&p.b) == -500.0 - 2.0);
  quell_network_destroy(&p.b.net);
}

/* Through a channel that decays all is the same, however a run is cut and on any threads. */
static void test_cuts_and_threads(void **state) {
  (void)state;
  static const setup setups[] = {{0}, {.cut = CUT_PIECES}, {.cut = CUT_STEPS, .threads = 2}};
  double end[COUNT(setups)], value[COUNT(setups)];
  for (size_t k = 0; k < COUNT(setups); k++) {
    bench b;
    open_with(&b, &setups[k], 200.0);
    quell_critic critic = population_critic(&b);
    critic.delay = 1.3;
    attach(&b, critic);
    const uint32_t neurons[] = {0, 2, 1};
    const double times[] = {1.0, 50.0, 151.0};
    OK(quell_population_set_spikes(b.values, neurons, times, COUNT(times)));
    OK(quell_modulator_reward(b.channel, 0.5));
    advance(b.net, &setups[k], 2000, NULL, NULL);
    end[k] = level(&b);
    value[k] = expected(&b);
    assert_true(end[k] != 0.0 && value[k] != 0.0);
    assert_true(end[k] == end[0] && value[k] == value[0]);
    quell_network_destroy(&b.net);
  }
}

/* --- errors --- */

static void refused(bench *b, quell_status status, quell_critic critic, const char *word) {
  GIVES(status, quell_modulator_critic(b->channel, &critic));
  const char *message = quell_network_error(b->net);
  if (!strstr(message, "dopamine") || !strstr(message, word))
    fail_msg("'%s' does not say '%s'", message, word);
}

static void test_critics_that_are_refused(void **state) {
  (void)state;
  bench b, other;
  quell_population *rates;
  open_bench(&b, 0.1, 200.0);
  open_bench(&other, 0.1, 200.0);
  OK(quell_population_create(b.net, "rates", "rate", 2, NULL, 0, &rates));
  quell_critic critic = mean_critic(0.1), values = value_critic(100.0), spikes;
  spikes = population_critic(&b);
  GIVES(QUELL_E_NULL, quell_modulator_critic(NULL, &critic));
  GIVES(QUELL_E_NULL, quell_modulator_critic(b.channel, NULL));
  critic.kind = 4;
  refused(&b, QUELL_E_RANGE, critic, "kind");
  refused(&b, QUELL_E_RANGE, mean_critic(1.5), "rate");
  refused(&b, QUELL_E_RANGE, mean_critic(NAN), "rate");
  values.tau = 0.0;
  refused(&b, QUELL_E_RANGE, values, "tau");
  critic = spikes;
  critic.tau_fast = critic.tau_slow;
  refused(&b, QUELL_E_RANGE, critic, "tau_slow");
  critic = spikes;
  critic.gain = NAN;
  refused(&b, QUELL_E_RANGE, critic, "gain");
  critic = spikes;
  critic.delay = 0.15;
  refused(&b, QUELL_E_RANGE, critic, "delay");
  critic = spikes;
  critic.population = NULL;
  refused(&b, QUELL_E_NULL, critic, "population");
  critic.population = other.values;
  refused(&b, QUELL_E_OWNER, critic, "another network");
  critic.population = rates;
  refused(&b, QUELL_E_UNSUPPORTED, critic, "spike");
  attach(&b, spikes);
  refused(&b, QUELL_E_STATE, spikes, "already");
  quell_network_destroy(&other.net);
  quell_network_destroy(&b.net);
}

static void test_calls_that_are_refused(void **state) {
  (void)state;
  bench b;
  double value;
  open_bench(&b, 0.1, INFINITY);
  GIVES(QUELL_E_STATE, quell_modulator_reward(b.channel, 1.0));
  GIVES(QUELL_E_STATE, quell_modulator_predict(b.channel, 1.0));
  GIVES(QUELL_E_STATE, quell_modulator_restart(b.channel, 1.0));
  GIVES(QUELL_E_STATE, quell_modulator_expected(b.channel, &value));
  attach(&b, mean_critic(0.5));
  GIVES(QUELL_E_STATE, quell_modulator_predict(b.channel, 1.0));
  GIVES(QUELL_E_STATE, quell_modulator_restart(b.channel, 1.0));
  GIVES(QUELL_E_RANGE, quell_modulator_reward(b.channel, NAN));
  GIVES(QUELL_E_RANGE, quell_modulator_reward(b.channel, -INFINITY));
  GIVES(QUELL_E_NULL, quell_modulator_expected(b.channel, NULL));
  GIVES(QUELL_E_NULL, quell_modulator_reward(NULL, 1.0));
  OK(quell_step(b.net));
  assert_true(level(&b) == 0.0 && expected(&b) == 0.0);
  quell_critic late = mean_critic(0.5);
  GIVES(QUELL_E_STATE, quell_modulator_critic(b.channel, &late));
  quell_network_destroy(&b.net);
}

static void test_critic_has_one_value(void **state) {
  (void)state;
  bench b;
  open_bench(&b, 0.1, 200.0);
  quell_modulator_options options = QUELL_MODULATOR_OPTIONS_INIT;
  options.scope = QUELL_SCOPE_TERRITORY;
  options.territories = 2;
  OK(quell_modulator_create(b.net, "dopamine in two", &options, NULL, 0, &b.channel));
  refused(&b, QUELL_E_UNSUPPORTED, mean_critic(0.1), "one value");
  quell_network_destroy(&b.net);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_mean_by_hand),
      cmocka_unit_test(test_mean_settles),
      cmocka_unit_test(test_value_by_hand),
      cmocka_unit_test(test_value_without_discount),
      cmocka_unit_test(test_walk_reaches_its_values),
      cmocka_unit_test(test_value_of_spikes),
      cmocka_unit_test(test_error_of_each_step),
      cmocka_unit_test(test_value_is_the_rate),
      cmocka_unit_test(test_no_error_at_the_value),
      cmocka_unit_test(test_channel_is_the_error),
      cmocka_unit_test(test_cuts_and_threads),
      cmocka_unit_test(test_critics_that_are_refused),
      cmocka_unit_test(test_calls_that_are_refused),
      cmocka_unit_test(test_critic_has_one_value),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

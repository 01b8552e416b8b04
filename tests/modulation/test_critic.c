/* Critics: rewards against expectations, by hand, by the host's values, by a population. */
#include "support/check.h"
#include "support/random.h"
#include "support/setup.h"
#include <math.h>
#include <string.h>

static const setup plain = {0};

static quell_modulator *open_critic(quell_network *net, double tau, const quell_critic *critic) {
  quell_modulator *m;
  const quell_value values[] = {{"tonic", 0.25}, {"tau", tau}};
  OK(quell_modulator_create(net, "m", NULL, values, COUNT(values), &m));
  OK(quell_modulator_critic(m, critic));
  return m;
}

static double level(const quell_modulator *m) {
  double c;
  OK(quell_modulator_get(m, 0, 1, &c));
  return c;
}

static double expected(const quell_modulator *m) {
  double value;
  OK(quell_modulator_expected(m, &value));
  return value;
}

/* r − M is released, and M follows r; a channel that keeps all has their sum. */
static void a_mean_is_learned(void **state) {
  (void)state;
  quell_critic critic = QUELL_CRITIC_INIT;
  quell_network *net = open_network(&plain);
  double mean = 0.0, sum = 0.25;
  critic.rate = 0.2;
  quell_modulator *m = open_critic(net, (double)INFINITY, &critic);
  for (int i = 0; i < 40; i++) {
    double reward = i % 3 ? 1.0 : -0.5;
    OK(quell_modulator_reward(m, reward));
    sum += reward - mean;
    mean += 0.2 * (reward - mean);
    assert_float_equal(level(m), sum, 1e-12);
    assert_float_equal(expected(m), mean, 1e-12);
    OK(quell_run_steps(net, (uint64_t)(i % 4))); /* none: two rewards in one step */
  }
  quell_network_destroy(&net);
}

/* r + γ V − V', with γ by the time that has passed. */
static void values_are_compared(void **state) {
  (void)state;
  quell_critic critic = QUELL_CRITIC_INIT;
  quell_network *net = open_network(&plain);
  critic.kind = QUELL_CRITIC_VALUE;
  critic.tau = 50.0;
  quell_modulator *m = open_critic(net, 0.0, &critic);
  OK(quell_run_steps(net, 7));
  OK(quell_modulator_predict(m, 0.5)); /* nothing to compare it with */
  assert_float_equal(level(m), 0.25, 1e-15);
  OK(quell_run_steps(net, 30));
  OK(quell_modulator_reward(m, 0.125));
  OK(quell_run_steps(net, 20));
  OK(quell_modulator_reward(m, 1.0));
  OK(quell_modulator_predict(m, 2.0));
  assert_float_equal(level(m), 0.25 + 1.125 + 2.0 * exp(-5.0 / 50.0) - 0.5, 1e-14);
  assert_float_equal(expected(m), 2.0, 0.0);
  OK(quell_step(net));
  assert_float_equal(level(m), 0.25, 1e-15); /* it lasted for one step */
  OK(quell_modulator_reward(m, 3.0));
  OK(quell_modulator_restart(m, 1.0));
  assert_float_equal(level(m), 0.25, 1e-15);
  OK(quell_run_steps(net, 10));
  OK(quell_modulator_predict(m, 0.0));
  assert_float_equal(level(m), 0.25 - 1.0, 1e-14);
  quell_network_destroy(&net);
}

/* A random walk on five states, with a reward at the right end (Sutton & Barto, example 6.2, here
 * with a discount): what TD learns through the channel is the solution of Bellman's equation. */
static void a_random_walk_is_valued(void **state) {
  (void)state;
  enum { STATES = 5 };
  quell_critic critic = QUELL_CRITIC_INIT;
  quell_network *net = open_network(&plain);
  random_state random = {5};
  double value[STATES] = {0}, want[STATES] = {0}, discount = exp(-0.1 / 2.0);
  critic.kind = QUELL_CRITIC_VALUE;
  critic.tau = 2.0;
  quell_modulator *m = open_critic(net, 0.0, &critic);
  for (int k = 0; k < 1000; k++)
    for (int s = 0; s < STATES; s++)
      want[s] = 0.5 * ((s > 0 ? discount * want[s - 1] : 0.0) +
                       (s < STATES - 1 ? discount * want[s + 1] : 1.0));
  for (int episode = 0; episode < 4000; episode++) {
    int at = STATES / 2;
    double rate = 1.0 / (10.0 + 0.1 * episode);
    OK(quell_modulator_restart(m, value[at]));
    while (at >= 0 && at < STATES) {
      int from = at;
      OK(quell_step(net));
      at += random_below(&random, 2) ? 1 : -1;
      if (at == STATES) OK(quell_modulator_reward(m, 1.0));
      OK(quell_modulator_predict(m, at >= 0 && at < STATES ? value[at] : 0.0));
      value[from] += rate * (level(m) - 0.25);
    }
  }
  /* Each value is a mean over about the last 1 / rate visits of an error of at most 1. */
  for (int s = 0; s < STATES; s++) assert_float_equal(value[s], want[s], 0.03);
  quell_network_destroy(&net);
}

typedef struct judge {
  quell_network *net;
  quell_population *neurons;
  quell_modulator *m;
  double reward;
} judge;

static quell_critic population_critic(double tau) {
  quell_critic critic = QUELL_CRITIC_INIT;
  critic.kind = QUELL_CRITIC_POPULATION;
  critic.tau = tau;
  critic.value = 3.0;
  critic.gain = 0.5;
  critic.delay = 2.0;
  return critic;
}

static void open_judge(judge *j, const setup *s, double discount, double tau, uint32_t size) {
  quell_critic critic = population_critic(discount);
  j->net = open_network(s);
  OK(quell_population_create(j->net, "value", "spike_source", size, NULL, 0, &j->neurons));
  critic.population = j->neurons;
  j->m = open_critic(j->net, tau, &critic);
}

static const double slow = 200.0, fast = 50.0;

static double kernel(double t) { /* per ms */
  return t > 0.0 ? (exp(-t / slow) - exp(-t / fast)) / (slow - fast) : 0.0;
}

static double integral(double t) { /* of the kernel, from 0 */
  return t > 0.0 ? (slow * -expm1(-t / slow) - fast * -expm1(-t / fast)) / (slow - fast) : 0.0;
}

/* One spike of one of four neurons at 5 ms, seen at 7 ms: V and δ of each step by the kernel. */
static void one_spike_is_seen(void **state) {
  (void)state;
  static const double dts[] = {0.1, 1.0};
  const uint32_t neuron = 2;
  const double at = 5.0, height = 0.5 * 1000.0 / 4.0;
  for (size_t k = 0; k < COUNT(dts); k++) {
    const setup s = {.dt = dts[k]};
    judge j;
    open_judge(&j, &s, 400.0, 0.0, 4);
    OK(quell_population_set_spikes(j.neurons, &neuron, &at, 1));
    for (int i = 0; i < 400; i++) {
      double t = quell_network_time(j.net) - 7.0, dt = dts[k];
      double change = height * (kernel(t + dt) - kernel(t)) / dt * 1000.0;
      double mean = 3.0 + height * (integral(t + dt) - integral(t)) / dt;
      if (t < -0.5 * dt) change = 0.0, mean = 3.0;
      if (i == 100) OK(quell_modulator_reward(j.m, 0.75));
      double reward = i == 100 ? 0.75 * 1000.0 / dt : 0.0;
      assert_float_equal(level(j.m), 0.25 + change - mean / 0.4 + reward, 1e-8);
      assert_float_equal(expected(j.m), 3.0 + height * kernel(t), 1e-12);
      OK(quell_step(j.net));
    }
    quell_network_destroy(&j.net);
  }
}

static void reward_each_step(void *context) {
  const judge *j = context;
  OK(quell_modulator_reward(j->m, j->reward));
}

/* All fire at f: V is value + gain f on average, and where a reward comes at the rate V / tau,
 * nothing is left to be learned. The channel keeps all δ, so that it has their integral. */
static void a_regular_train_is_predicted(void **state) {
  (void)state;
  enum { SIZE = 5, RATE = 25 };
  static const double dts[] = {0.1, 1.0};
  static uint32_t neuron[SIZE * 300];
  static double time[SIZE * 300];
  const double period = 1000.0 / RATE, want = 3.0 + 0.5 * RATE, tau = 4000.0;
  for (size_t i = 0; i < COUNT(neuron); i++) {
    neuron[i] = (uint32_t)(i % SIZE);
    time[i] = 1.0 + (double)(i % SIZE) * 8.0 + (double)(i / SIZE) * period;
  }
  for (size_t k = 0; k < COUNT(dts); k++) {
    const setup s = {.dt = dts[k]};
    quell_population *host;
    judge j;
    open_judge(&j, &s, tau, (double)INFINITY, SIZE);
    OK(quell_population_set_spikes(j.neurons, neuron, time, COUNT(neuron)));
    OK(quell_population_create(j.net, "host", "external", 1, NULL, 0, &host));
    OK(quell_population_on_step(host, reward_each_step, &j));
    j.reward = want / tau * dts[k]; /* V / tau per ms */
    OK(quell_run(j.net, 8000.0));   /* e^(−8000 / 200) is left of the beginning */
    double before = level(j.m), sum = 0.0;
    long n = (long)(period / dts[k] + 0.5);
    for (long i = 0; i < n; i++) {
      sum += expected(j.m);
      OK(quell_step(j.net));
    }
    /* Sums over points instead of the integral: (dt / tau)² / 12 of the rate. */
    assert_float_equal(sum / (double)n, want, 1e-5 * dts[k] * dts[k] * RATE);
    assert_float_equal(level(j.m), before, 1e-9);
    quell_network_destroy(&j.net);
  }
}

/* Without a discount, all that was released is the change of V. */
static void what_is_released_adds_up_to_the_value(void **state) {
  (void)state;
  const uint32_t neuron[] = {0, 1, 1};
  const double time[] = {5.0, 9.0, 40.0};
  judge j;
  open_judge(&j, &plain, (double)INFINITY, (double)INFINITY, 2);
  OK(quell_population_set_spikes(j.neurons, neuron, time, 3));
  OK(quell_run(j.net, 90.0));
  assert_float_equal(expected(j.m),
                     3.0 + 0.25 * 1000.0 * (kernel(83.0) + kernel(79.0) + kernel(48.0)), 1e-10);
  double released = level(j.m); /* has the step that begins, too */
  OK(quell_step(j.net));
  assert_float_equal(released - 0.25, expected(j.m) - 3.0, 1e-9);
  quell_network_destroy(&j.net);
}

static void cuts_and_threads_change_no_bit(void **state) {
  (void)state;
  static const setup setups[] = {{0},
                                 {.cut = CUT_STEPS},
                                 {.cut = CUT_PIECES, .tile_size = 64},
                                 {.threads = 2, .tile_size = 64},
                                 {.threads = 8, .tile_size = 64, .cut = CUT_PIECES}};
  double first[2] = {0};
  uint32_t neuron[500];
  double time[500];
  random_state random = {9};
  for (size_t i = 0; i < COUNT(neuron); i++) {
    neuron[i] = random_below(&random, 200);
    time[i] = 0.1 * (1 + random_below(&random, 3000));
  }
  for (size_t k = 0; k < COUNT(setups); k++) {
    judge j;
    open_judge(&j, &setups[k], 4000.0, 150.0, 200);
    OK(quell_population_set_spikes(j.neurons, neuron, time, COUNT(neuron)));
    advance(j.net, &setups[k], 2000, NULL, NULL);
    double got[2] = {level(j.m), expected(j.m)};
    if (k == 0) memcpy(first, got, sizeof got);
    assert_memory_equal(first, got, sizeof got);
    quell_network_destroy(&j.net);
  }
}

static void says(const quell_network *net, const char *part) {
  if (!strstr(quell_network_error(net), part))
    fail_msg("expected “%s” in “%s”", part, quell_network_error(net));
}

#define REFUSES(status, call, part)                                                                \
  do {                                                                                             \
    GIVES(status, call);                                                                           \
    says(net, part);                                                                               \
  } while (0)

static void critics_that_are_none(void **state) {
  (void)state;
  quell_network *net = open_network(&plain);
  quell_modulator *m;
  double value;
  quell_critic c = QUELL_CRITIC_INIT;
  OK(quell_modulator_create(net, "m", NULL, NULL, 0, &m));
  REFUSES(QUELL_E_STATE, quell_modulator_reward(m, 1.0), "channel 'm': it has no critic");
  REFUSES(QUELL_E_STATE, quell_modulator_expected(m, &value), "no critic");
  c.kind = 4;
  REFUSES(QUELL_E_RANGE, quell_modulator_critic(m, &c), "'kind'");
  c.kind = QUELL_CRITIC_MEAN;
  c.rate = 1.5;
  REFUSES(QUELL_E_RANGE, quell_modulator_critic(m, &c), "critic's 'rate' must be in [0, 1]");
  c.kind = QUELL_CRITIC_VALUE;
  c.tau = NAN;
  REFUSES(QUELL_E_RANGE, quell_modulator_critic(m, &c), "'tau' must be > 0");
  c = population_critic(4000.0);
  REFUSES(QUELL_E_NULL, quell_modulator_critic(m, &c), "population is NULL");
  c.tau_fast = c.tau_slow;
  REFUSES(QUELL_E_RANGE, quell_modulator_critic(m, &c), "'tau_slow' above it");
  c.kind = QUELL_CRITIC_MEAN;
  c.rate = 0.5;
  OK(quell_modulator_critic(m, &c));
  REFUSES(QUELL_E_STATE, quell_modulator_critic(m, &c), "a critic already");
  REFUSES(QUELL_E_STATE, quell_modulator_predict(m, 1.0), "takes no predictions");
  REFUSES(QUELL_E_RANGE, quell_modulator_reward(m, NAN), "the reward must be in");
  assert_true(expected(m) == 0.0);
  quell_network_destroy(&net);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_mean_is_learned),
      cmocka_unit_test(values_are_compared),
      cmocka_unit_test(a_random_walk_is_valued),
      cmocka_unit_test(one_spike_is_seen),
      cmocka_unit_test(a_regular_train_is_predicted),
      cmocka_unit_test(what_is_released_adds_up_to_the_value),
      cmocka_unit_test(cuts_and_threads_change_no_bit),
      cmocka_unit_test(critics_that_are_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

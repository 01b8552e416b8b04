/* Diffusion between territories against solutions of its equation. */
#include "modulation/channel.h"
#include "support/check.h"
#include "support/random.h"
#include "support/setup.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct bench {
  quell_network *net;
  quell_modulator *channel;
  uint32_t n;
} bench;

static void open_bench(bench *b, uint32_t n, double dt, double tau) {
  const setup s = {.dt = dt};
  const quell_value values[] = {{"tau", tau}, {"tonic", 0.5}};
  quell_modulator_options options = QUELL_MODULATOR_OPTIONS_INIT;
  options.scope = QUELL_SCOPE_TERRITORY;
  options.territories = n;
  b->n = n;
  b->net = open_network(&s);
  OK(quell_modulator_create(b->net, "noradrenaline", &options, values, 2, &b->channel));
}

static void diffuse(bench *b, const double *rate) {
  OK(quell_modulator_diffusion(b->channel, rate, (size_t)b->n * b->n));
}

/* What is above the tonic level. */
static double phasic(const bench *b, uint32_t at) {
  double c;
  OK(quell_modulator_get(b->channel, at, 1, &c));
  return c - 0.5;
}

static void near(double got, double want, double tolerance, const char *what, uint32_t at) {
  if (!(fabs(got - want) <= tolerance))
    fail_msg("%s of territory %u: %.17g, not %.17g", what, (unsigned)at, got, want);
}

/* --- two territories --- */

/* Mean of e^(−a s) over [0, 1]. */
static double mean_decay(double a) {
  return -expm1(-a) / a;
}

/* p ± decay with 1/tau and with 1/tau + 2 rate. The diagonal is not read. */
static void two(double dt, double per_second) {
  const double tau = 150.0, fast = 1.0 / tau + 2.0 * per_second / 1000.0;
  const double rate[] = {NAN, per_second, per_second, -1.0};
  bench b;
  open_bench(&b, 2, dt, tau);
  diffuse(&b, rate);
  OK(quell_modulator_release(b.channel, 0, 3.0, QUELL_NOW));
  for (int step = 0; step < 200; step++) {
    double t = dt * step, sum = 1.5 * exp(-t / tau), difference = 1.5 * exp(-t * fast);
    near(phasic(&b, 0), sum + difference, 1e-13, "level", 0);
    near(phasic(&b, 1), sum - difference, 1e-13, "level", 1);
    OK(quell_step(b.net));
    double mean = sum * mean_decay(dt / tau), apart = difference * mean_decay(dt * fast);
    uint32_t horizon = b.net->horizon, place = (uint32_t)step & (horizon - 1);
    /* floats of at most 3.5 */
    near((double)b.channel->mean[place], 0.5 + mean + apart, 3e-7, "mean", 0);
    near((double)b.channel->mean[horizon + place], 0.5 + mean - apart, 3e-7, "mean", 1);
  }
  quell_network_destroy(&b.net);
}

/* Once with matrices that are a series, once with such that are put together from halves. */
static void test_two(void **state) {
  (void)state;
  two(0.5, 20.0);
  two(5.0, 400.0);
}

/* Rates into either territory of its own: p₀ goes to p₁ with `into[0]`, p₁ to p₀ with `into[1]`.
 * The difference decays with their sum, and into₁ p₀ + into₀ p₁ stays. */
static void test_two_unlike(void **state) {
  (void)state;
  const double into[] = {5.0, 30.0}, rate[] = {0.0, 5.0, 30.0, 0.0};
  bench b;
  open_bench(&b, 2, 0.1, INFINITY);
  diffuse(&b, rate);
  OK(quell_modulator_release(b.channel, 1, 1.0, QUELL_NOW));
  OK(quell_run(b.net, 17.0));
  double end = into[0] / 35.0, apart = exp(-0.035 * 17.0);
  near(phasic(&b, 0), end * (1.0 - apart), 1e-12, "level", 0);
  near(phasic(&b, 1), end + (1.0 - end) * apart, 1e-12, "level", 1);
  quell_network_destroy(&b.net);
}

/* Exchange that is over within a thousandth of a step: many squarings, each of which doubles the
 * relative error. */
static void test_fast_exchange(void **state) {
  (void)state;
  const double rate[] = {0.0, 1e6, 1e6, 0.0};
  bench b;
  open_bench(&b, 2, 10.0, 100.0);
  diffuse(&b, rate);
  OK(quell_modulator_release(b.channel, 0, 2.0, QUELL_NOW));
  OK(quell_step(b.net));
  for (uint32_t at = 0; at < 2; at++) near(phasic(&b, at), exp(-0.1), 1e-10, "level", at);
  quell_network_destroy(&b.net);
}

/* --- more --- */

/* A ring, by its waves: wave m decays with 1/tau + 2 rate (1 − cos(2πm/n)). */
static void test_ring(void **state) {
  (void)state;
  enum { N = 12 };
  const double tau = 80.0, per_ms = 0.04, turn = 2.0 * acos(-1.0) / N;
  double rate[N * N] = {0};
  bench b;
  for (int i = 0; i < N; i++) rate[i * N + (i + 1) % N] = rate[(i + 1) % N * N + i] = 40.0;
  open_bench(&b, N, 0.1, tau);
  diffuse(&b, rate);
  OK(quell_modulator_release(b.channel, 3, 1.0, QUELL_NOW));
  for (int piece = 1; piece <= 20; piece++) {
    OK(quell_run(b.net, 5.0));
    double t = 5.0 * piece;
    for (uint32_t at = 0; at < N; at++) {
      double want = 0.0;
      for (int m = 0; m < N; m++)
        want += cos(turn * m * ((double)at - 3.0)) * exp(-2.0 * per_ms * (1.0 - cos(turn * m)) * t);
      near(phasic(&b, at), want * exp(-t / tau) / N, 1e-13, "level", at);
    }
  }
  quell_network_destroy(&b.net);
}

/* Rates without any order, against small steps of Runge and Kutta. */
enum { MANY = 7 };

static void slope(const double *rate, double tau, const double *p, double *out) {
  for (int i = 0; i < MANY; i++) {
    out[i] = -p[i] / tau;
    for (int j = 0; j < MANY; j++)
      if (i != j) out[i] += rate[i * MANY + j] / 1000.0 * (p[j] - p[i]);
  }
}

static void runge_kutta(const double *rate, double tau, double h, double *p) {
  double k[4][MANY], at[MANY];
  const double part[4] = {0.0, 0.5, 0.5, 1.0};
  for (int stage = 0; stage < 4; stage++) {
    for (int i = 0; i < MANY; i++) at[i] = p[i] + (stage ? part[stage] * h * k[stage - 1][i] : 0.0);
    slope(rate, tau, at, k[stage]);
  }
  for (int i = 0; i < MANY; i++) p[i] += h / 6.0 * (k[0][i] + 2 * k[1][i] + 2 * k[2][i] + k[3][i]);
}

static void random_rates(uint32_t n, int symmetric, double most, double *rate) {
  random_state random = {n};
  for (uint32_t i = 0; i < n; i++)
    for (uint32_t j = 0; j < n; j++) rate[i * n + j] = most * random_uniform(&random);
  for (uint32_t i = 0; symmetric && i < n; i++)
    for (uint32_t j = 0; j < i; j++) rate[i * n + j] = rate[j * n + i];
}

/* The fastest rate is at most 1200 per second, so that the error of a small step is below
 * 0.012^5 / 120, 2e-12, of what is gone after a few ms. */
static void test_any_rates(void **state) {
  (void)state;
  double rate[MANY * MANY], p[MANY] = {0};
  bench b;
  random_rates(MANY, 0, 100.0, rate);
  open_bench(&b, MANY, 1.0, 60.0);
  diffuse(&b, rate);
  p[2] = 1.0;
  p[5] = -0.5;
  OK(quell_modulator_release(b.channel, 2, 1.0, QUELL_NOW));
  OK(quell_modulator_release(b.channel, 5, -0.5, QUELL_NOW));
  for (int ms = 0; ms < 300; ms++) {
    for (int i = 0; i < 100; i++) runge_kutta(rate, 60.0, 0.01, p);
    OK(quell_step(b.net));
    for (uint32_t at = 0; at < MANY; at++) near(phasic(&b, at), p[at], 1e-11, "level", at);
  }
  quell_network_destroy(&b.net);
}

/* A symmetric exchange without decay keeps the sum: ten thousand steps of rounding, no more. */
static void test_conservation(void **state) {
  (void)state;
  enum { N = 31 };
  double *rate = must_alloc(N * N, sizeof *rate), sum = 0.0;
  bench b;
  random_rates(N, 1, 1.0, rate);
  open_bench(&b, N, 0.1, INFINITY);
  diffuse(&b, rate);
  for (uint32_t at = 0; at < N; at++) OK(quell_modulator_release(b.channel, at, at, QUELL_NOW));
  OK(quell_run_steps(b.net, 10000));
  for (uint32_t at = 0; at < N; at++) sum += phasic(&b, at);
  near(sum, N * (N - 1) / 2.0, 1e-9, "sum", 0);
  near(phasic(&b, 0), (N - 1) / 2.0, 1e-3, "end", 0); /* mean rates of 0.5: e^(−N/2), about */
  free(rate);
  quell_network_destroy(&b.net);
}

/* Without any exchange it is a channel like others; with a new tau the matrices are made anew. */
static void test_decay_alone(void **state) {
  (void)state;
  const double rate[4] = {0};
  const quell_value other = {"tau", 20.0};
  bench b;
  open_bench(&b, 2, 0.1, 200.0);
  diffuse(&b, rate);
  OK(quell_modulator_release(b.channel, 1, 1.0, QUELL_NOW));
  OK(quell_run(b.net, 100.0));
  near(phasic(&b, 1), exp(-0.5), 1e-12, "level", 1);
  OK(quell_modulator_set_values(b.channel, &other, 1));
  OK(quell_run(b.net, 30.0));
  near(phasic(&b, 1), exp(-2.0), 1e-12, "level", 1);
  near(phasic(&b, 0), 0.0, 0.0, "level", 0);
  quell_network_destroy(&b.net);
}

static void test_cuts(void **state) {
  (void)state;
  double rate[MANY * MANY], end[2][MANY];
  random_rates(MANY, 0, 50.0, rate);
  for (int cut = 0; cut < 2; cut++) {
    const setup how = {.cut = cut ? CUT_PIECES : CUT_NONE};
    bench b;
    open_bench(&b, MANY, 0.1, 200.0);
    diffuse(&b, rate);
    OK(quell_modulator_release(b.channel, 0, 1.0, 3.7));
    OK(quell_modulator_release(b.channel, 4, 1.0, 111.1));
    advance(b.net, &how, 3000, NULL, NULL);
    OK(quell_modulator_get(b.channel, 0, MANY, end[cut]));
    quell_network_destroy(&b.net);
  }
  assert_memory_equal(end[0], end[1], sizeof end[0]);
}

/* --- errors --- */

static void refused(bench *b, quell_status status, const double *rate, size_t n, const char *word) {
  GIVES(status, quell_modulator_diffusion(b->channel, rate, n));
  const char *message = quell_network_error(b->net);
  if (!strstr(message, "noradrenaline") || !strstr(message, word))
    fail_msg("'%s' does not say '%s'", message, word);
}

static void test_refused(void **state) {
  (void)state;
  const double good[4] = {0}, negative[4] = {0.0, -1.0, 0.0, 0.0}, none[4] = {0.0, 0.0, NAN, 0.0};
  const quell_value zero = {"tau", 0.0};
  bench b, wide;
  open_bench(&b, 2, 0.1, 200.0);
  GIVES(QUELL_E_NULL, quell_modulator_diffusion(NULL, good, 4));
  refused(&b, QUELL_E_NULL, NULL, 4, "matrix");
  refused(&b, QUELL_E_LENGTH, good, 2, "2 × 2");
  refused(&b, QUELL_E_RANGE, negative, 4, "element 1");
  refused(&b, QUELL_E_RANGE, none, 4, "element 2");
  OK(quell_modulator_set_values(b.channel, &zero, 1));
  refused(&b, QUELL_E_UNSUPPORTED, good, 4, "tau");
  open_bench(&wide, 257, 0.1, 200.0);
  refused(&wide, QUELL_E_UNSUPPORTED, good, 257 * 257, "256");
  OK(quell_modulator_create(wide.net, "noradrenaline of all", NULL, NULL, 0, &wide.channel));
  refused(&wide, QUELL_E_UNSUPPORTED, good, 1, "territories");
  quell_network_destroy(&wide.net);
  quell_network_destroy(&b.net);
}

static void test_refused_later(void **state) {
  (void)state;
  const double good[4] = {0};
  const quell_value zero = {"tau", 0.0};
  bench b;
  open_bench(&b, 2, 0.1, 200.0);
  diffuse(&b, good);
  GIVES(QUELL_E_RANGE, quell_modulator_set_values(b.channel, &zero, 1));
  OK(quell_step(b.net));
  GIVES(QUELL_E_RANGE, quell_modulator_set_values(b.channel, &zero, 1));
  GIVES(QUELL_E_STATE, quell_modulator_diffusion(b.channel, good, 4));
  quell_network_destroy(&b.net);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_two),           cmocka_unit_test(test_two_unlike),
      cmocka_unit_test(test_fast_exchange), cmocka_unit_test(test_ring),
      cmocka_unit_test(test_any_rates),     cmocka_unit_test(test_conservation),
      cmocka_unit_test(test_decay_alone),   cmocka_unit_test(test_cuts),
      cmocka_unit_test(test_refused),       cmocka_unit_test(test_refused_later),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

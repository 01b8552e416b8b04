/* Concentrations against closed forms, however a run is cut and on however many threads. */
#include "modulation/channel.h"
#include "support/check.h"
#include "support/random.h"
#include "support/setup.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const setup plain = {0};

static quell_modulator *open_channel(quell_network *net, const char *name, int32_t scope,
                                     uint32_t territories, double tonic, double tau) {
  quell_modulator *m;
  quell_modulator_options options = QUELL_MODULATOR_OPTIONS_INIT;
  const quell_value values[] = {{"tonic", tonic}, {"tau", tau}};
  options.scope = scope;
  options.territories = territories;
  OK(quell_modulator_create(net, name, &options, values, COUNT(values), &m));
  return m;
}

static double level(const quell_modulator *m, uint64_t at) {
  double c;
  OK(quell_modulator_get(m, at, 1, &c));
  return c;
}

/* Sums and exponentials of numbers of about 1: a few hundred roundings at most. */
static void near(double got, double want, const char *what, long i) {
  if (!(fabs(got - want) <= 1e-11 * fmax(1.0, fabs(want))))
    fail_msg("%s %ld: got %.17g, want %.17g", what, i, got, want);
}

/* Makes batches of as many steps as the delay has. */
static quell_population *add_source(quell_network *net, quell_modulator *m, uint32_t size,
                                    double amount, double delay) {
  quell_population *source;
  quell_source s = QUELL_SOURCE_INIT;
  s.amount = amount;
  s.delay = delay;
  OK(quell_population_create(net, "source", "spike_source", size, NULL, 0, &source));
  OK(quell_modulator_source(m, source, &s));
  return source;
}

static void a_release_decays(void **state) {
  (void)state;
  static const double taus[] = {0.0, 0.03, 50.0, 1e9, (double)INFINITY};
  for (size_t k = 0; k < COUNT(taus); k++) {
    quell_network *net = open_network(&plain);
    quell_modulator *m = open_channel(net, "m", QUELL_SCOPE_NETWORK, 0, 0.5, taus[k]);
    near(level(m, 0), 0.5, "before", 0);
    OK(quell_modulator_release(m, 0, 2.0, QUELL_NOW));
    for (long i = 0; i < 300; i++) {
      double left = i == 0 ? 1.0 : taus[k] > 0.0 ? exp(-0.1 * (double)i / taus[k]) : 0.0;
      near(level(m, 0), 0.5 + 2.0 * left, "step", i);
      OK(quell_step(net));
    }
    quell_network_destroy(&net);
  }
}

/* What a reader looks up: the level of a step, and its mean over it. */
static void readers_find_level_and_mean(void **state) {
  (void)state;
  static const double taus[] = {0.0, 0.05, 7.0, (double)INFINITY};
  for (size_t k = 0; k < COUNT(taus); k++) {
    quell_network *net = open_network(&plain);
    quell_modulator *m = open_channel(net, "m", QUELL_SCOPE_NETWORK, 0, 0.25, taus[k]);
    add_source(net, m, 1, 1.0, 3.2);
    OK(quell_modulator_release(m, 0, 3.0, 1.0));
    OK(quell_run_steps(net, 200));
    for (uint32_t s = 0; s < 200; s++) {
      int there = s == 10 || (s > 10 && taus[k] > 0.0);
      double p = there ? 3.0 * exp(s == 10 ? 0.0 : -0.1 * (s - 10.0) / taus[k]) : 0.0;
      double x = 0.1 / taus[k], mean = x > 0.0 && isfinite(x) ? -expm1(-x) / x : 1.0;
      assert_float_equal(m->level[s], 0.25 + p, 3e-7);
      assert_float_equal(m->mean[s], 0.25 + p * mean, 3e-7);
    }
    quell_network_destroy(&net);
  }
}

enum { COURSE = 400, EVENTS = 300 };

/* Random amounts and levels, several on some steps; what they make of the concentration. */
typedef struct course {
  double time[EVENTS], value[EVENTS], level[COURSE];
  int32_t kind[EVENTS];
} course;

static void make_course(course *c, double tonic, double tau) {
  random_state random = {7};
  uint32_t stamp = 0;
  double p = 0.0;
  size_t next = 0;
  for (size_t i = 0; i < EVENTS; i++) {
    stamp += random_below(&random, 3);
    c->time[i] = 0.1 * stamp;
    c->kind[i] = random_below(&random, 4) == 0;
    c->value[i] = 0.01 * random_below(&random, 200) - 0.5;
  }
  for (uint32_t s = 0; s < COURSE; s++, p *= exp(-0.1 / tau)) {
    for (; next < EVENTS && c->time[next] < 0.1 * s + 0.05; next++)
      p = c->kind[next] ? c->value[next] - tonic : p + c->value[next];
    c->level[s] = tonic + p;
  }
}

static void each_release_acts_once_however_a_run_is_cut(void **state) {
  (void)state;
  static const uint64_t cuts[] = {COURSE, 1, 2, 7, 50};
  static course c;
  double first[8] = {0};
  make_course(&c, 0.5, 30.0);
  for (size_t k = 0; k < COUNT(cuts); k++) {
    quell_network *net = open_network(&plain);
    quell_modulator *m = open_channel(net, "m", QUELL_SCOPE_NETWORK, 0, 0.5, 30.0);
    add_source(net, m, 1, 1.0, 6.4);
    for (size_t i = 0; i < EVENTS; i++)
      OK(quell_modulator_schedule(m, c.kind[i], 0, &c.time[i], &c.value[i], 1));
    for (uint64_t s = 0; s < COURSE; s += cuts[k]) {
      near(level(m, 0), c.level[s], "step", (long)s);
      double known = level(m, 0);
      if (k == 0) {
        for (size_t i = 0; i < COUNT(first); i++) {
          OK(quell_run_steps(net, COURSE / COUNT(first)));
          first[i] = level(m, 0);
        }
        break;
      }
      for (size_t i = 0; i < COUNT(first); i++)
        if (s == (i + 1) * (COURSE / COUNT(first))) assert_memory_equal(&known, &first[i], 8);
      OK(quell_run_steps(net, cuts[k] < COURSE - s ? cuts[k] : COURSE - s));
    }
    double end = level(m, 0);
    assert_memory_equal(&end, &first[COUNT(first) - 1], sizeof end);
    quell_network_destroy(&net);
  }
}

/* Schedules that interleave act by time, those of one step in the order in which they came. */
static void courses_are_merged(void **state) {
  (void)state;
  static const double time[] = {0.2, 0.4, 0.4, 0.6}, a[] = {1, 2, 3, 4}, b[] = {10, 20, 30, 40};
  static const double want[] = {0, 0, 40 - 2, 0, 55 - 2, 0, 44 - 2};
  quell_network *net = open_network(&plain);
  quell_modulator *m = open_channel(net, "m", QUELL_SCOPE_NETWORK, 0, 0.0, 0.0);
  OK(quell_modulator_schedule(m, QUELL_RELEASE_AMOUNT, 0, time, a, 4));
  OK(quell_modulator_schedule(m, QUELL_RELEASE_AMOUNT, 0, time, b, 4));
  OK(quell_modulator_release(m, 0, -2.0, 0.2));
  OK(quell_modulator_release(m, 0, -2.0, 0.4));
  OK(quell_modulator_release(m, 0, -2.0, 0.6));
  OK(quell_modulator_release(m, 0, 29.0, 0.2));
  for (size_t s = 0; s < COUNT(want); s++) {
    near(level(m, 0), want[s], "step", (long)s);
    OK(quell_step(net));
  }
  quell_network_destroy(&net);
}

static void levels_are_set_and_kept_within_bounds(void **state) {
  (void)state;
  quell_network *net = open_network(&plain);
  quell_modulator *m = open_channel(net, "m", QUELL_SCOPE_TERRITORY, 2, 1.0, (double)INFINITY);
  const quell_value bounds[] = {{"min", 0.25}, {"max", 3.0}}, tonic[] = {{"tonic", 0.5}};
  const quell_value narrow[] = {{"max", 1.5}};
  const double levels[] = {2.0, 0.25};
  OK(quell_modulator_set_values(m, bounds, 2));
  OK(quell_modulator_set(m, 0, 2, levels));
  near(level(m, 0), 2.0, "set", 0);
  near(level(m, 1), 0.25, "set", 1);
  OK(quell_run_steps(net, 5));
  OK(quell_modulator_release(m, 0, 7.0, QUELL_NOW));
  OK(quell_modulator_release(m, 0, -1.0, QUELL_NOW)); /* after it was cut off at 3 */
  OK(quell_modulator_release(m, 1, -9.0, QUELL_NOW));
  OK(quell_run_steps(net, 5));
  near(level(m, 0), 2.0, "bound", 0);
  near(level(m, 1), 0.25, "bound", 1);
  OK(quell_modulator_set_values(m, tonic, 1)); /* p is 1 and −0.75: the sum would be −0.25 */
  near(level(m, 0), 1.5, "tonic", 0);
  near(level(m, 1), 0.25, "tonic", 1);
  OK(quell_modulator_set_values(m, narrow, 1));
  near(level(m, 0), 1.5, "max", 0);
  GIVES(QUELL_E_RANGE, quell_modulator_set(m, 0, 2, levels));
  quell_network_destroy(&net);
}

enum { SIZE = 200, TRAIN = 600, LONG = 2000 };
static const double amount = 0.3, tau_of_source = 20.0;

/* Spikes on random steps, several neurons and one neuron twice on some of them. */
static void make_train(uint32_t *neuron, double *time, uint64_t start) {
  random_state random = {3};
  for (size_t i = 0; i < TRAIN; i++) {
    neuron[i] = random_below(&random, SIZE);
    time[i] = 0.1 * (double)(start + 1 + random_below(&random, LONG - 1));
  }
}

typedef struct transmission {
  quell_network *net;
  quell_modulator *m;
  quell_population *source;
} transmission;

/* Three territories; also a projection with a delay of its own, which makes batches shorter. */
static void open_transmission(transmission *t, const setup *s, uint32_t delay, double axonal) {
  static uint32_t neuron[TRAIN], territory[SIZE];
  static double time[TRAIN];
  t->net = open_network(s);
  t->m = open_channel(t->net, "m", QUELL_SCOPE_TERRITORY, 3, 0.1, tau_of_source);
  t->source = add_source(t->net, t->m, SIZE, amount, 0.1 * delay);
  for (uint32_t i = 0; i < SIZE; i++) territory[i] = i % 3;
  OK(quell_modulator_territories(t->m, t->source, territory, SIZE));
  make_train(neuron, time, s->start);
  OK(quell_population_set_spikes(t->source, neuron, time, TRAIN));
  if (axonal > 0.0) {
    quell_connection c = QUELL_CONNECTION_INIT;
    quell_projection *p;
    quell_population *post;
    OK(quell_population_create(t->net, "post", "lif_curr_exp", 30, NULL, 0, &post));
    c.kind = QUELL_ALL_TO_ALL;
    c.weight = (quell_distribution){QUELL_CONSTANT, 0, 1, 0, 0, 0, NULL, 0};
    c.delay_axonal = (quell_distribution){QUELL_CONSTANT, 0, axonal, 0, 0, 0, NULL, 0};
    OK(quell_connect(t->net, t->source, post, "excitatory", &c, NULL, &p));
  }
}

static double transmitted(uint32_t territory, uint64_t step, uint64_t delay) {
  uint32_t neuron[TRAIN];
  double time[TRAIN], sum = 0.1;
  make_train(neuron, time, 0);
  for (size_t i = 0; i < TRAIN; i++) {
    double since = 0.1 * ((double)step - (double)delay) - time[i];
    if (neuron[i] % 3 == territory && since > -0.05) sum += amount * exp(-since / tau_of_source);
  }
  return sum;
}

static void spikes_release_after_their_delay(void **state) {
  (void)state;
  static const uint32_t delays[] = {1, 10, 64};
  static const setup setups[] = {{.cut = CUT_STEPS},
                                 {.cut = CUT_PIECES, .tile_size = 64},
                                 {.threads = 2, .tile_size = 64},
                                 {.threads = 8, .tile_size = 64, .cut = CUT_PIECES},
                                 {.executor = &executor_shuffled, .tile_size = 64},
                                 {.horizon = 512}};
  for (size_t d = 0; d < COUNT(delays); d++) {
    double first[3] = {0};
    for (size_t k = 0; k < 2 * COUNT(setups); k++) {
      transmission t;
      double got[3];
      open_transmission(&t, &setups[k / 2], delays[d], k % 2 ? 0.5 : 0.0);
      for (uint64_t clock = 0; clock < LONG; clock += LONG / 8) {
        OK(quell_modulator_get(t.m, 0, 3, got));
        for (uint32_t i = 0; i < 3; i++)
          near(got[i], transmitted(i, clock, delays[d]), "clock", (long)clock);
        advance(t.net, &setups[k / 2], LONG / 8, NULL, NULL);
      }
      OK(quell_modulator_get(t.m, 0, 3, got));
      if (k == 0) memcpy(first, got, sizeof got);
      assert_memory_equal(first, got, sizeof got);
      quell_network_destroy(&t.net);
    }
  }
}

/* Stamps that pass 2^32, and a network that has not begun at 0: no spike is older than it. */
static void stamps_may_be_large(void **state) {
  (void)state;
  setup late = {.start = late_start + 9000, .cut = CUT_PIECES};
  transmission t;
  double got[3];
  open_transmission(&t, &late, 10, 0.0);
  advance(t.net, &late, LONG, NULL, NULL);
  OK(quell_modulator_get(t.m, 0, 3, got));
  for (uint32_t i = 0; i < 3; i++)
    assert_float_equal(got[i], transmitted(i, LONG, 10), 1e-9); /* times of 4e8 ms */
  quell_network_destroy(&t.net);
}

/* The default is one millisecond, whatever the step, but at least one step. */
static void the_default_delay_is_a_millisecond(void **state) {
  (void)state;
  static const double dts[] = {0.1, 0.5, 2.5};
  static const uint64_t steps[] = {10, 2, 1};
  const uint32_t zero = 0;
  for (size_t k = 0; k < COUNT(dts); k++) {
    const setup s = {.dt = dts[k]};
    quell_network *net = open_network(&s);
    quell_modulator *m = open_channel(net, "m", QUELL_SCOPE_NETWORK, 0, 0.0, (double)INFINITY);
    quell_source source = QUELL_SOURCE_INIT;
    quell_population *host;
    OK(quell_population_create(net, "host", "external", 1, NULL, 0, &host));
    OK(quell_modulator_source(m, host, &source));
    OK(quell_population_spikes_in(host, &zero, 1));
    for (uint64_t i = 0; i < 20; i++) {
      assert_true(level(m, 0) == (i >= steps[k]));
      OK(quell_step(net));
    }
    quell_network_destroy(&net);
  }
}

/* Two territories: with the rates a (from 1 to 0) and b (from 0 to 1), the difference decays with
 * a + b, and b p0 + a p1 only with tau. */
static void check_diffusion(double dt, double tau, double a, double b) {
  const setup s = {.dt = dt};
  const double rate[4] = {0.0, a, b, 0.0}, start[2] = {3.0, 0.5};
  quell_network *net = open_network(&s);
  quell_modulator *m = open_channel(net, "m", QUELL_SCOPE_TERRITORY, 2, 0.0, tau);
  double decay = isfinite(tau) ? 1.0 / tau : 0.0, fast = decay + (a + b) / 1000.0;
  OK(quell_modulator_diffusion(m, rate, 4));
  OK(quell_modulator_set(m, 0, 2, start));
  for (long i = 0; i < 50; i++) {
    double t = dt * (double)i, both = exp(-decay * t) * (b * start[0] + a * start[1]) / (a + b);
    double apart = exp(-fast * t) * (start[0] - start[1]);
    near(level(m, 0), both + apart * a / (a + b), "first", i);
    near(level(m, 1), both - apart * b / (a + b), "second", i);
    OK(quell_step(net));
    double mean_both = both * (decay > 0.0 ? -expm1(-decay * dt) / (decay * dt) : 1.0);
    double mean = mean_both + apart * -expm1(-fast * dt) / (fast * dt) * a / (a + b);
    assert_float_equal(m->mean[i], mean, 3e-7);
  }
  quell_network_destroy(&net);
}

static void diffusion_is_exact(void **state) {
  (void)state;
  check_diffusion(0.1, 200.0, 5.0, 5.0);
  check_diffusion(0.1, 20.0, 5.0, 80.0);
  check_diffusion(1.0, 200.0, 3000.0, 1000.0); /* four times over within a step */
  check_diffusion(0.1, (double)INFINITY, 40.0, 40.0);
}

static void symmetric_diffusion_keeps_the_amount(void **state) {
  (void)state;
  enum { N = 20 };
  double rate[N * N], c[N];
  random_state random = {11};
  quell_network *net = open_network(&plain);
  quell_modulator *m = open_channel(net, "m", QUELL_SCOPE_TERRITORY, N, 0.0, (double)INFINITY);
  for (uint32_t i = 0; i < N; i++)
    for (uint32_t j = 0; j <= i; j++)
      rate[i * N + j] = rate[j * N + i] = random_below(&random, 100);
  OK(quell_modulator_diffusion(m, rate, N * N));
  OK(quell_modulator_release(m, 3, 5.0, QUELL_NOW));
  for (int i = 0; i < 20; i++) {
    double sum = 0.0;
    OK(quell_modulator_get(m, 0, N, c));
    for (uint32_t j = 0; j < N; j++) sum += c[j];
    near(sum, 5.0, "sum", i);
    OK(quell_run_steps(net, 50));
  }
  for (uint32_t j = 0; j < N; j++) near(c[j], 5.0 / N, "spread", j); /* after 95 ms of ~1 / ms */
  quell_network_destroy(&net);
}

/* `tau` may change under way. */
static void diffusion_follows_tau(void **state) {
  (void)state;
  const double rate[4] = {0.0, 10.0, 10.0, 0.0};
  const quell_value slower[] = {{"tau", 500.0}}, none[] = {{"tau", 0.0}};
  quell_network *net = open_network(&plain);
  quell_modulator *m = open_channel(net, "m", QUELL_SCOPE_TERRITORY, 2, 0.0, 20.0);
  OK(quell_modulator_diffusion(m, rate, 4));
  OK(quell_modulator_release(m, 0, 1.0, QUELL_NOW));
  OK(quell_run_steps(net, 100));
  OK(quell_modulator_set_values(m, slower, 1));
  OK(quell_run_steps(net, 100));
  near(level(m, 0) + level(m, 1), exp(-10.0 / 20.0 - 10.0 / 500.0), "sum", 0);
  GIVES(QUELL_E_RANGE, quell_modulator_set_values(m, none, 1));
  quell_network_destroy(&net);
}

static quell_modulator *of_neurons(quell_network *net, quell_population *population, int32_t scope,
                                   const char *variable) {
  quell_modulator *m;
  quell_modulator_options options = QUELL_MODULATOR_OPTIONS_INIT;
  const quell_value values[] = {{"tonic", 0.5}, {"tau", 10.0}, {"max", 4.0}};
  options.scope = scope;
  options.population = population;
  options.state = variable;
  OK(quell_modulator_create(net, "m", &options, values, COUNT(values), &m));
  return m;
}

static void neurons_have_their_own(void **state) {
  (void)state;
  static const setup setups[] = {
      {0}, {.threads = 2, .tile_size = 64}, {.threads = 8, .tile_size = 64, .cut = CUT_STEPS}};
  for (size_t k = 0; k < COUNT(setups); k++) {
    quell_network *net = open_network(&setups[k]);
    quell_population *p;
    double c[SIZE];
    OK(quell_population_create(net, "p", "lif_curr_exp", SIZE, NULL, 0, &p));
    quell_modulator *m = of_neurons(net, p, QUELL_SCOPE_NEURON, NULL);
    for (uint32_t j = 0; j < SIZE; j++) OK(quell_modulator_release(m, j, 0.02 * j, QUELL_NOW));
    GIVES(QUELL_E_UNSUPPORTED, quell_modulator_release(m, 0, 1.0, 5.0));
    advance(net, &setups[k], 200, NULL, NULL);
    OK(quell_modulator_get(m, 0, SIZE, c));
    for (uint32_t j = 0; j < SIZE; j++) {
      double given = fmin(0.02 * j, 3.5), mean = -expm1(-0.01) / 0.01;
      near(c[j], 0.5 + given * exp(-2.0), "neuron", j);
      assert_float_equal(m->now[j], 0.5 + given * exp(-1.99), 3e-7); /* of the last step */
      assert_float_equal(m->now_mean[j], 0.5 + given * exp(-1.99) * mean, 3e-7);
    }
    OK(quell_modulator_set(m, 7, 1, (const double[]){2.5}));
    near(level(m, 7), 2.5, "set", 7);
    quell_network_destroy(&net);
  }
}

static void a_state_is_a_channel(void **state) {
  (void)state;
  quell_network *net = open_network(&plain);
  quell_population *p;
  double c[SIZE], v[SIZE], before[SIZE];
  OK(quell_population_create(net, "p", "lif_curr_exp", SIZE, NULL, 0, &p));
  quell_modulator *m = of_neurons(net, p, QUELL_SCOPE_STATE, "v");
  for (uint32_t j = 0; j < SIZE; j++) v[j] = -55.0 + 0.01 * j;
  OK(quell_population_set_array(p, "v", 0, SIZE, v));
  OK(quell_run_steps(net, 100));
  OK(quell_population_get(p, "v", 0, SIZE, before));
  OK(quell_step(net));
  OK(quell_population_get(p, "v", 0, SIZE, v));
  OK(quell_modulator_get(m, 0, SIZE, c));
  assert_memory_equal(c, v, sizeof c);
  assert_true(v[0] != before[0]);
  for (uint32_t j = 0; j < SIZE; j++) {
    assert_true(m->now[j] == (float)before[j]); /* at the start of the step that was done */
    assert_true(m->now_mean[j] == (float)before[j]);
  }
  GIVES(QUELL_E_UNSUPPORTED, quell_modulator_release(m, 0, 1.0, QUELL_NOW));
  GIVES(QUELL_E_UNSUPPORTED, quell_modulator_set(m, 0, 1, c));
  quell_network_destroy(&net);
}

/* What was added to a territory in a step, once, for as long as the horizon. */
static void pulses_are_kept(void **state) {
  (void)state;
  static const double time[] = {0.2, 0.2, 0.5}, value[] = {0.25, 0.5, -0.125};
  const setup s = {.horizon = 512};
  quell_network *net = open_network(&s);
  quell_modulator *m = open_channel(net, "m", QUELL_SCOPE_TERRITORY, 2, 0.0, 5.0);
  m->keeps_pulses = 1;
  OK(quell_modulator_schedule(m, QUELL_RELEASE_AMOUNT, 1, time, value, 3));
  OK(quell_modulator_release(m, 0, 0.0, 0.3));
  OK(quell_run_steps(net, 20));
  assert_int_equal(m->n_pulses, 2);
  assert_true(m->pulse[0].stamp == 2 && m->pulse[0].at == 1 && m->pulse[0].amount == 0.75f);
  assert_true(m->pulse[1].stamp == 5 && m->pulse[1].at == 1 && m->pulse[1].amount == -0.125f);
  OK(quell_run_steps(net, 600));
  assert_int_equal(m->n_pulses, 0);
  quell_network_destroy(&net);
}

typedef struct host {
  quell_modulator *m;
  double level;
  int calls;
} host;

static void on_step(void *context) {
  host *h = context;
  if (h->calls++ == 3) {
    OK(quell_modulator_release(h->m, 0, 1.0, QUELL_NOW));
    OK(quell_modulator_release(h->m, 0, 2.0, 0.5));
    h->level = level(h->m, 0);
    GIVES(QUELL_E_RANGE, quell_modulator_release(h->m, 0, 2.0, 0.2));
    quell_modulator *other;
    GIVES(QUELL_E_STATE, quell_modulator_create(h->m->network, "other", NULL, NULL, 0, &other));
  }
}

static void the_host_may_release_in_its_step(void **state) {
  (void)state;
  quell_network *net = open_network(&plain);
  host h = {open_channel(net, "m", QUELL_SCOPE_NETWORK, 0, 0.0, (double)INFINITY), 0.0, 0};
  quell_population *p;
  OK(quell_population_create(net, "p", "external", 1, NULL, 0, &p));
  OK(quell_population_on_step(p, on_step, &h));
  OK(quell_run_steps(net, 10));
  assert_true(h.level == 1.0);
  for (uint32_t s = 0; s < 10; s++)
    assert_true(h.m->level[s] == (s < 3 ? 0.0f : s < 5 ? 1.0f : 3.0f));
  quell_network_destroy(&net);
}

/* --- what is refused --- */

static void says(const quell_network *net, const char *part) {
  if (!strstr(quell_network_error(net), part))
    fail_msg("expected “%s” in “%s”", part, quell_network_error(net));
}

#define REFUSES(status, call, part)                                                                \
  do {                                                                                             \
    GIVES(status, call);                                                                           \
    says(net, part);                                                                               \
  } while (0)

static void channels_that_are_none(void **state) {
  (void)state;
  quell_network *net = open_network(&plain), *elsewhere = open_network(&plain);
  quell_modulator *m;
  quell_population *p, *foreign;
  quell_modulator_options o = QUELL_MODULATOR_OPTIONS_INIT;
  const quell_value unknown[] = {{"tua", 1.0}}, negative[] = {{"tau", -1.0}};
  const quell_value outside[] = {{"tonic", 2.0}, {"max", 1.0}}, nan_tonic[] = {{"tonic", NAN}};
  OK(quell_population_create(net, "p", "lif_curr_exp", 3, NULL, 0, &p));
  OK(quell_population_create(elsewhere, "f", "lif_curr_exp", 3, NULL, 0, &foreign));
  OK(quell_modulator_create(net, "m", NULL, NULL, 0, &m));
  REFUSES(QUELL_E_NAME, quell_modulator_create(net, "m", NULL, NULL, 0, &m),
          "channel: there is a 'm' already");
  REFUSES(QUELL_E_NAME, quell_modulator_create(net, "", NULL, NULL, 0, &m), "1 to 70 bytes");
  REFUSES(QUELL_E_NAME, quell_modulator_create(net, "n", NULL, unknown, 1, &m),
          "channel 'n': no parameter 'tua'; there are: tonic, tau, min, max");
  REFUSES(QUELL_E_RANGE, quell_modulator_create(net, "n", NULL, negative, 1, &m),
          "channel 'n': 'tau' must be ≥ 0 ms, got -1");
  REFUSES(QUELL_E_RANGE, quell_modulator_create(net, "n", NULL, outside, 2, &m),
          "channel 'n': 'tonic' must be in [min, max] = [-inf, 1], got 2");
  REFUSES(QUELL_E_RANGE, quell_modulator_create(net, "n", NULL, nan_tonic, 1, &m), "'tonic'");
  o.preset = "dopamin";
  REFUSES(QUELL_E_NAME, quell_modulator_create(net, "n", &o, NULL, 0, &m), "no preset 'dopamin'");
  o.preset = NULL;
  o.scope = QUELL_SCOPE_TERRITORY;
  REFUSES(QUELL_E_RANGE, quell_modulator_create(net, "n", &o, NULL, 0, &m), "in [1, 4096]");
  o.scope = QUELL_SCOPE_NEURON;
  REFUSES(QUELL_E_NULL, quell_modulator_create(net, "n", &o, NULL, 0, &m), "population is NULL");
  o.population = foreign;
  REFUSES(QUELL_E_OWNER, quell_modulator_create(net, "n", &o, NULL, 0, &m), "'f' belongs to");
  o.population = p;
  o.scope = QUELL_SCOPE_STATE;
  o.state = "u";
  REFUSES(QUELL_E_NAME, quell_modulator_create(net, "n", &o, NULL, 0, &m), "has no state 'u'");
  assert_null(quell_modulator_find(net, "n"));
  assert_ptr_equal(quell_modulator_find(net, "m"), m);
  OK(quell_step(net));
  REFUSES(QUELL_E_STATE, quell_modulator_create(net, "n", NULL, NULL, 0, &m), "first step");
  quell_network_destroy(&net);
  quell_network_destroy(&elsewhere);
}

static void releases_that_are_none(void **state) {
  (void)state;
  static const double descending[] = {2.0, 1.5}, off[] = {1.5, 2.04}, values[] = {1.0, NAN};
  static const double ones[] = {1.0, 1.0}, high[] = {1.0, 9.0}, late[] = {1.5, 1.6};
  const quell_value bounds[] = {{"max", 5.0}};
  quell_network *net = open_network(&plain);
  quell_modulator *m = open_channel(net, "m", QUELL_SCOPE_TERRITORY, 2, 0.0, 20.0);
  OK(quell_modulator_set_values(m, bounds, 1));
  OK(quell_run_steps(net, 10));
  REFUSES(QUELL_E_LENGTH, quell_modulator_release(m, 2, 1.0, QUELL_NOW),
          "channel 'm': it has 2 values, there is no 2");
  REFUSES(QUELL_E_RANGE, quell_modulator_release(m, 0, NAN, QUELL_NOW), "the amount must be in");
  REFUSES(QUELL_E_RANGE, quell_modulator_release(m, 0, (double)INFINITY, QUELL_NOW), "got inf");
  REFUSES(QUELL_E_RANGE, quell_modulator_release(m, 0, 1.0, 0.9), "from the clock, 1 ms, on");
  REFUSES(QUELL_E_RANGE, quell_modulator_release(m, 0, 1.0, NAN), "whole number of steps");
  REFUSES(QUELL_E_RANGE, quell_modulator_schedule(m, 0, 0, descending, ones, 2), "must ascend");
  REFUSES(QUELL_E_RANGE, quell_modulator_schedule(m, 0, 0, off, ones, 2), "got 2.04 ms");
  REFUSES(QUELL_E_RANGE, quell_modulator_schedule(m, 0, 0, late, values, 2), "amount");
  REFUSES(QUELL_E_RANGE, quell_modulator_schedule(m, 1, 0, late, high, 2),
          "channel 'm': the concentration must be in [-inf, 5], got 9");
  REFUSES(QUELL_E_RANGE, quell_modulator_schedule(m, 2, 0, late, ones, 2), "'kind'");
  REFUSES(QUELL_E_NULL, quell_modulator_schedule(m, 0, 0, late, NULL, 2), "NULL");
  REFUSES(QUELL_E_RANGE, quell_modulator_set(m, 0, 2, high), "got 9");
  REFUSES(QUELL_E_LENGTH, quell_modulator_set(m, 1, 2, ones), "past the end");
  OK(quell_run_steps(net, 30));
  assert_true(level(m, 0) == 0.0 && level(m, 1) == 0.0); /* nothing has been done */
  quell_network_destroy(&net);
}

static void places_and_sources_that_are_none(void **state) {
  (void)state;
  const uint32_t territory[] = {0, 1, 2};
  const double rate[] = {0.0, 1.0, -1.0, 0.0};
  quell_network *net = open_network(&plain);
  quell_modulator *m = open_channel(net, "m", QUELL_SCOPE_TERRITORY, 2, 0.0, 20.0);
  quell_modulator *one = open_channel(net, "one", QUELL_SCOPE_NETWORK, 0, 0.0, 0.0);
  quell_population *p, *rates;
  quell_source s = QUELL_SOURCE_INIT;
  OK(quell_population_create(net, "p", "spike_source", 3, NULL, 0, &p));
  OK(quell_population_create(net, "rates", "rate", 3, NULL, 0, &rates));
  REFUSES(QUELL_E_RANGE, quell_modulator_territories(m, p, territory, 3),
          "the territory of neuron 2 must be below 2, got 2");
  REFUSES(QUELL_E_LENGTH, quell_modulator_territories(m, p, territory, 2), "has 3 neurons");
  REFUSES(QUELL_E_UNSUPPORTED, quell_modulator_territories(one, p, territory, 3), "of that scope");
  REFUSES(QUELL_E_RANGE, quell_modulator_diffusion(m, rate, 4), "element 2 of the matrix");
  REFUSES(QUELL_E_LENGTH, quell_modulator_diffusion(m, rate, 3), "2 × 2");
  REFUSES(QUELL_E_UNSUPPORTED, quell_modulator_diffusion(one, rate, 4), "territories");
  REFUSES(QUELL_E_UNSUPPORTED, quell_modulator_source(m, rates, &s), "rate units");
  s.delay = 0.05;
  REFUSES(QUELL_E_RANGE, quell_modulator_source(m, p, &s), "'delay' must be a whole number");
  s.delay = 1.0;
  s.amount = NAN;
  REFUSES(QUELL_E_RANGE, quell_modulator_source(m, p, &s), "amount of a spike");
  quell_modulator_info info = QUELL_MODULATOR_INFO_INIT;
  OK(quell_modulator_describe(m, &info));
  assert_true(info.sources == 0 && info.size == 2 && info.readers == 0);
  assert_string_equal(info.name, "m");
  quell_network_destroy(&net);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_release_decays),
      cmocka_unit_test(readers_find_level_and_mean),
      cmocka_unit_test(each_release_acts_once_however_a_run_is_cut),
      cmocka_unit_test(courses_are_merged),
      cmocka_unit_test(levels_are_set_and_kept_within_bounds),
      cmocka_unit_test(spikes_release_after_their_delay),
      cmocka_unit_test(stamps_may_be_large),
      cmocka_unit_test(the_default_delay_is_a_millisecond),
      cmocka_unit_test(diffusion_is_exact),
      cmocka_unit_test(symmetric_diffusion_keeps_the_amount),
      cmocka_unit_test(diffusion_follows_tau),
      cmocka_unit_test(neurons_have_their_own),
      cmocka_unit_test(a_state_is_a_channel),
      cmocka_unit_test(pulses_are_kept),
      cmocka_unit_test(the_host_may_release_in_its_step),
      cmocka_unit_test(channels_that_are_none),
      cmocka_unit_test(releases_that_are_none),
      cmocka_unit_test(places_and_sources_that_are_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

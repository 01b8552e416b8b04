/* calcium_graupner2012: its closed form against tiny steps, its noise against the variance of the
 * process, the outcome of protocols against the analytic table, and the same bits however a run is
 * cut and read. */
#include "support/check.h"
#include "support/compare.h"
#include "support/random.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TAU_CA, C_PRE, C_POST, THETA_D, THETA_P, GAMMA_D, GAMMA_P, SIGMA, TAU, DELAY, W_DOWN, W_UP };

static const char *const presets[] = {"dp",
                                      "dpd",
                                      "dpd_prime",
                                      "p",
                                      "d",
                                      "d_prime",
                                      "hippocampal_slices",
                                      "hippocampal_cultures",
                                      "cortical_slices"};

/* The mean of rho after `ms` without events, in double precision, in closed form; c falls. */
static void rest(double *rho, double *c, double ms, const double *p) {
  double d = fmin(fmax(*c > 0 ? p[TAU_CA] * log(*c / p[THETA_D]) : 0, 0), ms);
  double u = fmin(fmax(*c > 0 ? p[TAU_CA] * log(*c / p[THETA_P]) : 0, 0), ms);
  double both = fmin(d, u), one = fmax(d, u) - both, left = ms - both - one;
  double gain = p[GAMMA_P], rate = p[GAMMA_P] + p[GAMMA_D];
  if (rate > 0) *rho = gain / rate + (*rho - gain / rate) * exp(-rate * both / p[TAU]);
  if (d > u) *rho *= exp(-p[GAMMA_D] * one / p[TAU]);
  if (u > d) *rho = 1 - (1 - *rho) * exp(-p[GAMMA_P] * one / p[TAU]);
  double x = *rho - 0.5, z = x * x;
  if (z > 0)
    *rho = 0.5 + copysign(sqrt(0.25 / (1 + (0.25 / z - 1) * exp(-left / (2 * p[TAU])))), x);
  *c *= exp(-ms / p[TAU_CA]);
}

static void pass(const double *t, double *w, double *var, const double *p, double jump) {
  double age = fmin(fmin(t[0], t[1]), t[2]), span = p[W_UP] - p[W_DOWN];
  double rho = (*w - p[W_DOWN]) / span;
  if (age < 1e7) rest(&rho, var, age, p);
  *w = p[W_DOWN] + rho * span;
  var[0] += jump;
}

static void pre(const double *t, double *w, double *var, const void *params) {
  pass(t, w, var, params, 0);
}

static void late(const double *t, double *w, double *var, const void *params) {
  pass(t, w, var, params, ((const double *)params)[C_PRE]);
}

static void post(const double *t, double *w, double *var, const void *params) {
  pass(t, w, var, params, ((const double *)params)[C_POST]);
}

static const synapse_rule calcium = {
    .name = "calcium_graupner2012",
    .trace = {{QUELL_PRE, QUELL_TRACE_AGE, 0, NULL},
              {QUELL_LATE, QUELL_TRACE_AGE, 0, NULL},
              {QUELL_POST, QUELL_TRACE_AGE, 0, NULL}},
    .pre = pre,
    .late = late,
    .post = post,
    .read = pre,
    .late_is = "delay",
    .var_name = {"c"},
    .w_low = 0.8,
    .w_high = 5.5,
};

/* Without noise, and so fast that the weight goes from well to well. */
static void rule_equals_its_reference(void **state) {
  const quell_value quiet[] = {{"sigma", 0}, {"tau", 15e3}};
  const quell_value swapped[] = {{"sigma", 0},   {"tau", 20e3},   {"theta_p", 1}, {"theta_d", 1.3},
                                 {"delay", 3.3}, {"w_down", 0.5}, {"w_max", 7}};
  const quell_value equal[] = {{"sigma", 0}, {"tau", 15e3}, {"theta_p", 1}, {"delay", 0.1}};
  const quell_value depressing[] = {{"sigma", 0}, {"tau", 15e3}, {"gamma_p", 0}};
  compare_trains(&calcium, "dp", quiet, COUNT(quiet));
  compare_trains(&calcium, "hippocampal_slices", quiet, COUNT(quiet));
  compare_trains(&calcium, "cortical_slices", swapped, COUNT(swapped));
  if (quick()) return;
  compare_trains(&calcium, "dpd", equal, COUNT(equal));
  compare_trains(&calcium, "dpd_prime", depressing, COUNT(depressing));
  compare_window(&calcium, "dp", quiet, COUNT(quiet), 2, NULL);
  compare_window(&calcium, "cortical_slices", swapped, COUNT(swapped), 4, NULL);
  (void)state;
}

/* A network with one projection: n_pre neurons, all to all; weights in the order of the posts. */
typedef struct world {
  const setup *setup;
  quell_network *network;
  quell_population *pre, *post;
  quell_rule *rule;
  quell_projection *synapses;
  feeder feeder;
  uint32_t n;
  uint64_t now;
} world;

static void open_world(world *a, const setup *s, uint32_t n_pre, uint32_t n,
                       const train *pre_spikes, const train *post_spikes) {
  memset(a, 0, sizeof *a);
  a->setup = s;
  a->n = n;
  a->network = open_network(s);
  double dt = quell_network_dt(a->network);
  OK(quell_population_create(a->network, "pre", "spike_source", n_pre, NULL, 0, &a->pre));
  OK(quell_population_create(a->network, "post", "external", n, NULL, 0, &a->post));
  if (pre_spikes->n) give_spikes(a->pre, pre_spikes, s->start, dt);
  a->feeder = (feeder){a->post, post_spikes, 0, 0};
  OK(quell_population_on_step(a->post, feed, &a->feeder));
}

static quell_projection *add_synapses(world *a, const char *preset, const quell_value *own,
                                      size_t n_own, const double *w) {
  quell_value values[RULE_PARAMS];
  quell_connection c = QUELL_CONNECTION_INIT;
  size_t n_values = rule_values("calcium_graupner2012", preset, own, n_own, values);
  c.kind = QUELL_ALL_TO_ALL;
  c.weight = (quell_distribution){QUELL_ARRAY, 0, 0, 0,
                                  0,           0, w, a->n * (size_t)quell_population_size(a->pre)};
  OK(quell_rule_create(a->network, "calcium_graupner2012", values, n_values, &a->rule));
  OK(quell_connect(a->network, a->pre, a->post, "excitatory", &c, a->rule, &a->synapses));
  return a->synapses;
}

static void read_all(void *context) {
  const world *a = context;
  float *w = must_alloc(a->n, sizeof *w);
  OK(quell_projection_get(a->synapses, "weight", 0, a->n, w));
  free(w);
}

static void run_to(world *a, uint64_t step) {
  advance(a->network, a->setup, step - a->now, read_all, a);
  a->now = step;
}

static void get(const world *a, const char *what, float *values) {
  OK(quell_projection_get(a->synapses, what, 0, quell_projection_size(a->synapses), values));
}

/* Tiny steps: where calcium crosses a threshold within one, the part of the step above it is found
 * by a straight line. The cubic acts below both thresholds alone, as the rule has it. */
static double part_above(double from, double to, double threshold) {
  if (to > threshold) return 1;
  return from > threshold ? (from - threshold) / (from - to) : 0;
}

static double slope(double rho, double d, double u, const double *p) {
  double cubic = -rho * (1 - rho) * (0.5 - rho) * (1 - fmax(d, u));
  return (cubic + u * p[GAMMA_P] * (1 - rho) - d * p[GAMMA_D] * rho) / p[TAU];
}

static void tiny_steps(double *rho, double *c, double ms, const double *p) {
  long n = lround(ms / 0.01);
  for (long i = 0; i < n; i++) {
    double h = ms / (double)n, next = *c * exp(-h / p[TAU_CA]);
    double d = part_above(*c, next, p[THETA_D]), u = part_above(*c, next, p[THETA_P]);
    double middle = *rho + slope(*rho, d, u, p) * h / 2;
    *rho += slope(middle, d, u, p) * h;
    *c = next;
  }
}

static void closed_form_equals_tiny_steps(void **state) {
  enum { N = 8, END = 20000 };
  const setup setup = {0};
  for (size_t set = 0; set < COUNT(presets); set += quick() ? 4 : 1) {
    const quell_value own[] = {{"sigma", 0}, {"tau", set < 6 ? 30e3 : 80e3}};
    quell_value values[RULE_PARAMS];
    double p[RULE_PARAMS], w[N];
    float got[N];
    world a;
    train before = {NULL, 0, 0}, after = {NULL, 0, 0};
    size_t n = rule_values("calcium_graupner2012", presets[set], own, COUNT(own), values);
    for (size_t i = 0; i < n; i++) p[i] = values[i].value;
    for (uint32_t i = 0; i < N; i++) {
      w[i] = p[W_DOWN] + (p[W_UP] - p[W_DOWN]) * i / (N - 1.0);
      train_poisson(&after, i, 0.001 * (i + 1), 1, END, 5 + set);
    }
    train_poisson(&before, 0, 0.004, 1, END, 6 + set);
    train_sort(&before), train_sort(&after);
    open_world(&a, &setup, 1, N, &before, &after);
    add_synapses(&a, presets[set], own, COUNT(own), w);
    run_to(&a, END + 333);
    get(&a, "weight", got);
    for (uint32_t i = 0; i < N; i++) {
      double rho = i / (N - 1.0), c = 0;
      uint64_t delay = (uint64_t)llround(10 * p[DELAY]), last = 0;
      int begun = 0;
      for (uint64_t step = 0; step <= END + 333; step++) {
        double jump = 0;
        int event = step == END + 333;
        for (size_t k = 0; k < before.n && before.at[k].step <= step; k++) {
          event |= before.at[k].step == step;
          jump += before.at[k].step + delay == step ? p[C_PRE] : 0;
        }
        for (size_t k = 0; k < after.n && after.at[k].step <= step; k++)
          jump += after.at[k].neuron == i && after.at[k].step == step ? p[C_POST] : 0;
        if (!event && jump == 0) continue;
        if (begun) tiny_steps(&rho, &c, (double)(step - last) * 0.1, p);
        begun = 1;
        last = step;
        c += jump;
      }
      CLOSE((double)got[i], p[W_DOWN] + rho * (p[W_UP] - p[W_DOWN]), p[W_UP], presets[set], i);
    }
    quell_network_destroy(&a.network);
    train_free(&before), train_free(&after);
  }
  (void)state;
}

/* Below both thresholds for minutes: rho rolls into its well. */
static void a_synapse_at_rest_falls_into_its_well(void **state) {
  enum { N = 6, END = 1000000 };
  const double rho0[N] = {0, 0.1, 0.45, 0.501, 0.8, 1};
  const quell_value own[] = {{"c_pre", 0.5}, {"tau", 10e3}, {"sigma", 3}};
  const setup setup = {0};
  double w[N];
  float got[N];
  world a;
  train before = {NULL, 0, 0}, after = {NULL, 0, 0};
  for (int i = 0; i < N; i++) w[i] = 1 + 4 * rho0[i];
  train_add(&before, 10000, 0);
  open_world(&a, &setup, 1, N, &before, &after);
  add_synapses(&a, NULL, own, COUNT(own), w);
  for (uint64_t step = 5000; step <= END; step = step * 2 > END && step < END ? END : step * 2) {
    run_to(&a, step);
    get(&a, "weight", got);
    for (int i = 0; i < N; i++) { /* before its first event it stands still */
      double ms = step > 10000 ? 0.1 * (double)(step - 10000) : 0, x = (double)(float)w[i] - 3;
      double z = x * x / 16;
      double want = copysign(sqrt(0.25 / (1 + (0.25 / z - 1) * exp(-ms / 20e3))), x);
      CLOSE((double)got[i], 3 + 4 * want, 5, "at rest", i);
    }
  }
  assert_true(got[0] == 1.0f && got[N - 1] == 5.0f);
  quell_network_destroy(&a.network);
  train_free(&before);
  (void)state;
}

/* One post spike, then a pre spike that changes no calcium until later: what its event adds to what
 * was read just before is the noise of the interval. Its variance is that of the process: within
 * five standard errors, as is its mean; both segments, one, and none. */
static void noise_has_the_variance_of_the_process(void **state) {
  enum { N = 20000 };
  const int after_steps[] = {50, 86, 110, 138, 300};
  const double g_p = 321.808, g_d = 200, tau = 150e3, sigma = 20;
  const quell_value own[] = {{"sigma", sigma}, {"delay", 50}};
  const setup setup = {0};
  static double w[N];
  static float mean[N], got[N];
  for (uint32_t i = 0; i < N; i++) w[i] = 3;
  for (size_t k = 0; k < COUNT(after_steps); k++) {
    double ms = 0.1 * after_steps[k], both = fmin(20 * log(2 / 1.3), ms);
    double one = fmin(20 * log(2.0), ms) - both, rate = (g_p + g_d) / tau, less = g_d / tau;
    double variance = sigma * sigma * 2 / tau * -expm1(-2 * rate * both) / (2 * rate);
    variance *= exp(-2 * less * one);
    variance += sigma * sigma / tau * -expm1(-2 * less * one) / (2 * less);
    world a;
    train before = {NULL, 0, 0}, after = {NULL, 0, 0};
    for (uint32_t i = 0; i < N; i++) train_add(&after, 100, i);
    train_add(&before, (uint64_t)(100 + after_steps[k]), 0);
    open_world(&a, &setup, 1, N, &before, &after);
    add_synapses(&a, "dp", own, COUNT(own), w);
    run_to(&a, (uint64_t)(100 + after_steps[k]));
    get(&a, "weight", mean);
    run_to(&a, (uint64_t)(101 + after_steps[k]));
    get(&a, "weight", got);
    double first = 0, second = 0;
    for (uint32_t i = 0; i < N; i++) {
      double noise = ((double)got[i] - (double)mean[i]) / 4;
      assert_true(mean[i] == mean[0]);
      first += noise / N;
      second += noise * noise / N;
    }
    if (fabs(first) > 5 * sqrt(variance / N) ||
        fabs(second / variance - 1) > 5 * sqrt(2.0 / N) + 1e-3) /* 0.1 ms of drift */
      fail_msg("after %g ms: mean %g, variance %g for %g", ms, first, second, variance);
    quell_network_destroy(&a.network);
    train_free(&before), train_free(&after);
  }
  (void)state;
}

/* Protocols: pairs at a rate, Δt from pre to post. */

typedef struct protocol {
  const char *preset;
  int pairs;
  double hertz, ms;
  double change; /* as computed from the analytic formula by another program; 0: not given */
} protocol;

static const double standard_ms[] = {-50, -20, -10, -5, 0, 5, 10, 20, 30, 50};
static const double table[6][10] = {
    {0.9052, 0.7643, 0.8818, 0.9432, 1.0079, 1.2405, 1.2214, 1.1722, 1.1247, 1.0552},
    {1.0000, 0.9983, 0.8592, 0.8461, 0.9966, 1.1933, 0.9607, 0.8675, 0.9992, 1.0000},
    {0.9137, 0.8107, 0.7714, 0.8013, 1.0412, 1.1389, 0.9712, 0.9003, 0.9190, 0.9375},
    {1.0294, 1.0983, 1.2299, 1.2560, 1.2376, 1.2560, 1.2299, 1.0983, 1.0685, 1.0294},
    {1.0000, 1.0000, 1.0000, 0.9942, 0.6371, 0.9942, 1.0000, 1.0000, 1.0000, 1.0000},
    {0.8741, 0.7349, 0.7192, 0.7530, 0.7837, 0.8107, 0.8336, 0.8681, 0.8904, 0.9128},
};

static double fraction_down(const char *preset) {
  return strcmp(preset, "hippocampal_slices") ? 0.5 : 0.7;
}

/* Parts of a period in which calcium is above either threshold, in the periodic state. */
static void time_above(const protocol *q, const double *p, double *d, double *u) {
  double period = 1000 / q->hertz, at[2] = {p[DELAY], q->ms}, jump[2] = {p[C_PRE], p[C_POST]};
  for (int i = 0; i < 2; i++) at[i] -= period * floor(at[i] / period);
  int first = at[1] < at[0];
  double gap[2] = {fabs(at[1] - at[0]), 0}, c = 0;
  gap[1] = period - gap[0];
  for (int lap = 0; lap < 200; lap++) {
    *d = *u = 0;
    for (int k = 0; k < 2; k++) {
      c += jump[k ? !first : first];
      *d += fmin(fmax(p[TAU_CA] * log(c / p[THETA_D]), 0), gap[k]) / period;
      *u += fmin(fmax(p[TAU_CA] * log(c / p[THETA_P]), 0), gap[k]) / period;
      c *= exp(-gap[k] / p[TAU_CA]);
    }
  }
}

static double outcome(double to_up, double to_down, double beta, double b) {
  return ((1 - to_up) * beta + to_down * (1 - beta) +
          b * (to_up * beta + (1 - to_down) * (1 - beta))) /
         (beta + (1 - beta) * b);
}

/* The authors' formula: averaged rates, no cubic, no bounds. */
static double analytic(const protocol *q, const double *p) {
  double d, u, beta = fraction_down(q->preset);
  time_above(q, p, &d, &u);
  double g_p = p[GAMMA_P] * u, g_d = p[GAMMA_D] * d;
  if (g_p + g_d == 0) return 1;
  double mean = g_p / (g_p + g_d), ms = 1000 * q->pairs / q->hertz;
  double deviation = p[SIGMA] * sqrt((u + d) / (g_p + g_d)), fall = exp(-ms * (g_p + g_d) / p[TAU]);
  double scale = deviation * sqrt(1 - fall * fall);
  double from_down = -(0.5 - mean + mean * fall) / scale;
  double from_up = -(0.5 - mean + (mean - 1) * fall) / scale;
  return outcome(0.5 * (1 + erf(from_down)), 0.5 * (1 - erf(from_up)), beta, p[W_UP] / p[W_DOWN]);
}

static void values_of(const char *preset, double *p) {
  quell_value values[RULE_PARAMS];
  size_t n = rule_values("calcium_graupner2012", preset, NULL, 0, values);
  for (size_t i = 0; i < n; i++) p[i] = values[i].value;
}

/* The formula of this file is that of the table, so that it may stand for it. */
static void formula_gives_the_table(void **state) {
  double p[RULE_PARAMS];
  for (size_t set = 0; set < 6; set++) {
    values_of(presets[set], p);
    for (size_t k = 0; k < COUNT(standard_ms); k++) {
      protocol q = {presets[set], 60, 1, standard_ms[k], 0};
      assert_float_equal(analytic(&q, p), table[set][k], 6e-5);
    }
  }
  (void)state;
}

/* The mean change over N synapses from DOWN and N from UP, and its standard error. */
typedef struct estimate {
  double change, error;
} estimate;

static estimate estimated(const double *up_from_down, const double *up_from_up, double n,
                          const char *preset, double b) {
  double beta = fraction_down(preset), u = *up_from_down / n, s = *up_from_up / n;
  double unit = (b - 1) / (beta + (1 - beta) * b);
  double variance = beta * beta * u * (1 - u) + (1 - beta) * (1 - beta) * s * (1 - s);
  return (estimate){outcome(u, 1 - s, beta, b), unit * sqrt(variance / n)};
}

/* The library: one pre neuron, posts by protocol, initial state and number. All synapses have
 * noise of their own. Protocols of a call have one preset, number of pairs and rate. */
static void simulate(const protocol *q, size_t n_protocols, uint32_t n, estimate *result) {
  const setup setup = {.seed = 9};
  uint32_t posts = (uint32_t)n_protocols * 2 * n;
  double p[RULE_PARAMS], *w = must_alloc(posts, sizeof *w);
  float *got = must_alloc(posts, sizeof *got);
  uint64_t period = (uint64_t)llround(1e4 / q->hertz), end = 0;
  world a;
  train before = {NULL, 0, 0}, after = {NULL, 0, 0};
  values_of(q->preset, p);
  for (int i = 0; i < q->pairs; i++) {
    uint64_t at = 1000 + (uint64_t)i * period;
    train_add(&before, at, 0);
    for (size_t k = 0; k < n_protocols; k++)
      for (uint32_t j = 0; j < 2 * n; j++)
        train_add(&after, (uint64_t)((int64_t)at + llround(10 * q[k].ms)), (uint32_t)k * 2 * n + j);
    end = at + 3000;
  }
  train_add(&before, end - 1, 0); /* reading has no chance: an event must take the last noise in */
  train_sort(&after);
  for (uint32_t j = 0; j < posts; j++) w[j] = j / n % 2 ? p[W_UP] : p[W_DOWN];
  open_world(&a, &setup, 1, posts, &before, &after);
  add_synapses(&a, q->preset, NULL, 0, w);
  run_to(&a, end);
  get(&a, "weight", got);
  for (size_t k = 0; k < n_protocols; k++) {
    double up[2] = {0, 0};
    for (uint32_t j = 0; j < 2 * n; j++)
      up[j / n] += (double)got[k * 2 * n + j] > (p[W_DOWN] + p[W_UP]) / 2;
    result[k] = estimated(&up[0], &up[1], n, q->preset, p[W_UP] / p[W_DOWN]);
  }
  quell_network_destroy(&a.network);
  train_free(&before), train_free(&after);
  free(w), free(got);
}

static void show(const protocol *q, estimate got, double want) {
  if (getenv("QUELL_TEST_SHOW"))
    print_message(
        "# %s, %d pairs, %g Hz, %g ms: %.4f, formula %.4f, off by %.4f, error %.4f (%.1f)\n",
        q->preset, q->pairs, q->hertz, q->ms, got.change, want, got.change - want, got.error,
        (got.change - want) / (got.error + 1e-9));
}

/* The formula leaves out the cubic and averages over the period. That is worth up to 0.015, as the
 * model in small steps shows (0.6475 for 0.6371 in "d" at 0 ms, 200,000 synapses). */
#define SLACK 0.02

static void check_outcomes(const protocol *q, size_t n_protocols, uint32_t n) {
  estimate got[COUNT(standard_ms)];
  double p[RULE_PARAMS];
  values_of(q->preset, p);
  simulate(q, n_protocols, n, got);
  for (size_t k = 0; k < n_protocols; k++) {
    double want = analytic(&q[k], p);
    show(&q[k], got[k], want);
    if (fabs(got[k].change - want) > 4 * got[k].error + SLACK)
      fail_msg("%s at %g ms: %.4f for %.4f, standard error %.4f", q[k].preset, q[k].ms,
               got[k].change, want, got[k].error);
  }
}

static void outcomes_are_those_of_the_table(void **state) {
  for (size_t set = 0; set < 6; set += quick() ? 3 : 1) {
    protocol q[COUNT(standard_ms)];
    for (size_t k = 0; k < COUNT(standard_ms); k++)
      q[k] = (protocol){presets[set], 60, 1, standard_ms[k], table[set][k]};
    check_outcomes(q, COUNT(standard_ms), quick() ? 100 : 200);
  }
  (void)state;
}

/* Fits to experiments, with the numbers of the catalogue; their delays are rounded to steps. */
static void fits_to_experiments_come_out(void **state) {
  static const protocol all[][3] = {
      {{"cortical_slices", 75, 1, -10, 0.691},
       {"cortical_slices", 75, 1, 0, 0.683},
       {"cortical_slices", 75, 1, 10, 1.061}},
      {{"cortical_slices", 75, 20, -10, 0.635},
       {"cortical_slices", 75, 20, 0, 1.232},
       {"cortical_slices", 75, 20, 10, 1.253}},
      {{"cortical_slices", 75, 40, -10, 1.585},
       {"cortical_slices", 75, 40, 0, 1.512},
       {"cortical_slices", 75, 40, 10, 1.553}},
      {{"hippocampal_slices", 200, 5, -10, 0.791},
       {"hippocampal_slices", 200, 5, 10, 0.729},
       {"hippocampal_slices", 200, 5, 0, 0}},
  };
  double p[RULE_PARAMS];
  for (size_t i = 0; i < COUNT(all); i++) {
    values_of(all[i][0].preset, p);
    for (size_t k = 0; k < 3; k++)
      if (all[i][k].change > 0) assert_float_equal(analytic(&all[i][k], p), all[i][k].change, 2e-3);
    check_outcomes(all[i], 3, quick() ? 100 : 300);
  }
  (void)state;
}

/* The full model in small steps, with noise of its own: Euler and Maruyama while calcium is high,
 * the cubic in between. */
static double normal(random_state *random) {
  double u = 1 - random_uniform(random), v = random_uniform(random);
  return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

static void small_steps(double *rho, double *c, double ms, const double *p, random_state *random) {
  const double low = fmin(p[THETA_D], p[THETA_P]), h = 0.1;
  double done = 0;
  for (; done < ms - 1e-9 && *c > low; done += h) {
    double next = *c * exp(-h / p[TAU_CA]);
    double d = part_above(*c, next, p[THETA_D]), u = part_above(*c, next, p[THETA_P]);
    *rho += slope(*rho, d, u, p) * h + p[SIGMA] * sqrt((d + u) * h / p[TAU]) * normal(random);
    *c = next;
  }
  for (int i = 0; i < 10; i++) *rho += slope(*rho, 0, 0, p) * (ms - done) / 10;
  *c *= exp(-(ms - done) / p[TAU_CA]);
}

/* Up at the end or not, from each state; cut at the weight's bound 0 at events as the library's. */
static void in_small_steps(const protocol *q, uint32_t n, double up[2]) {
  double p[RULE_PARAMS], period = 1000 / q->hertz;
  random_state random = {77};
  values_of(q->preset, p);
  double at[3] = {0, p[DELAY], q->ms}, jump[3] = {0, p[C_PRE], p[C_POST]};
  int order[3] = {0, 1, 2};
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 2; j++)
      if (at[order[j]] > at[order[j + 1]]) {
        int swap = order[j];
        order[j] = order[j + 1];
        order[j + 1] = swap;
      }
  for (uint32_t k = 0; k < 2 * n; k++) {
    double rho = k / n, c = 0, now = -100;
    for (int pair = 0; pair < q->pairs; pair++) {
      for (int i = 0; i < 3; i++) {
        double t = pair * period + at[order[i]];
        if (now > -100) small_steps(&rho, &c, t - now, p, &random);
        now = t;
        c += jump[order[i]];
        rho = fmax(rho, -p[W_DOWN] / (p[W_UP] - p[W_DOWN]));
      }
    }
    small_steps(&rho, &c, 200, p, &random);
    up[k / n] += rho > 0.5;
  }
}

/* Both estimates differ by no more than four of their standard errors: no slack. */
static void outcomes_are_those_of_the_model_in_small_steps(void **state) {
  static const protocol all[] = {{"dp", 60, 1, -20, 0},  {"dp", 60, 1, 10, 0},
                                 {"dpd", 60, 1, -10, 0}, {"dpd_prime", 60, 1, 5, 0},
                                 {"d", 60, 1, 0, 0},     {"d_prime", 60, 1, -10, 0},
                                 {"p", 60, 1, 0, 0},     {"cortical_slices", 75, 20, 0, 0}};
  const uint32_t n = quick() ? 200 : 500;
  for (size_t k = 0; k < COUNT(all); k += quick() ? 3 : 1) {
    double p[RULE_PARAMS], up[2] = {0, 0};
    estimate got;
    values_of(all[k].preset, p);
    in_small_steps(&all[k], n, up);
    estimate want = estimated(&up[0], &up[1], n, all[k].preset, p[W_UP] / p[W_DOWN]);
    simulate(&all[k], 1, n, &got);
    show(&all[k], got, analytic(&all[k], p));
    show(&all[k], want, analytic(&all[k], p));
    if (fabs(got.change - want.change) > 4 * hypot(got.error, want.error))
      fail_msg("%s at %g ms: %.4f, in small steps %.4f, standard errors %.4f and %.4f",
               all[k].preset, all[k].ms, got.change, want.change, got.error, want.error);
  }
  (void)state;
}

/* With noise: tiles, blocks, orders, cuts and reads change no bit, late events at 0 and later. */
static uint64_t bits_of(const setup *setup, const char *preset) {
  enum { PRES = 5, POSTS = 200 };
  const uint64_t end = quick() ? 4000 : 12000;
  double *w = must_alloc(PRES * POSTS, sizeof *w);
  float *c = must_alloc(PRES * POSTS, sizeof *c);
  uint64_t hash = DIGEST;
  world a;
  train before = {NULL, 0, 0}, after = {NULL, 0, 0};
  for (uint32_t i = 0; i < PRES * POSTS; i++) w[i] = 1 + 4.0 * i / (PRES * POSTS);
  for (uint32_t i = 0; i < PRES; i++) train_poisson(&before, i, 0.004, 1, end, 90);
  for (uint32_t i = 0; i < POSTS; i++) train_poisson(&after, i, 0.002, 1, end, 91);
  train_sort(&before), train_sort(&after);
  open_world(&a, setup, PRES, POSTS, &before, &after);
  add_synapses(&a, preset, NULL, 0, w);
  for (uint64_t step = 2000; step <= end + 1000; step += 1000) {
    run_to(&a, step);
    hash = digest_weights(hash, a.synapses);
    get(&a, "c", c);
    hash = digest(hash, c, PRES * POSTS * sizeof *c);
  }
  quell_network_destroy(&a.network);
  train_free(&before), train_free(&after);
  free(w), free(c);
  return hash;
}

static void no_setting_changes_a_bit(void **state) {
  const setup setups[] = {
      {.tile_size = 64, .horizon = 64},
      {.block_size = 48, .executor = &executor_backwards, .cut = CUT_PIECES, .read = 1},
      {.block_size = 16, .executor = &executor_shuffled, .cut = CUT_STEPS, .read = 1},
      {.executor = &executor_threads, .tile_size = 64},
      {.threads = 2, .tile_size = 128},
  };
  static const char *const some[] = {"dp", "p"}; /* a late event after 13.7 ms, and at once */
  for (size_t k = 0; k < COUNT(some); k++) {
    const setup plain = {0}, other_seed = {.seed = 5};
    /* Chance goes with the stamp, so another start is another run. */
    const setup wrap = {.start = ((uint64_t)1 << 32) - 3000};
    const setup cut_wrap = {
        .start = wrap.start, .tile_size = 64, .horizon = 128, .cut = CUT_PIECES, .read = 1};
    uint64_t hash = bits_of(&plain, some[k]);
    for (size_t i = 0; i < COUNT(setups); i++)
      if (bits_of(&setups[i], some[k]) != hash)
        fail_msg("%s: other bits with %s", some[k], setup_name(&setups[i]));
    assert_true(bits_of(&other_seed, some[k]) != hash);
    assert_true(bits_of(&wrap, some[k]) == bits_of(&cut_wrap, some[k]));
  }
  (void)state;
}

static void values_in_range_give_numbers(void **state) {
  const quell_value own[] = {{"delay", 2}};
  compare_ranges("calcium_graupner2012", own, COUNT(own), 9);
  (void)state;
}

static void what_does_not_fit_is_refused(void **state) {
  const quell_value exclusive = {"tie", QUELL_EXCLUSIVE}, level = {"w_up", 1};
  const setup setup = {0};
  quell_network *network = open_network(&setup);
  quell_rule *rule = NULL;
  GIVES(QUELL_E_RANGE, quell_rule_create(network, "calcium_graupner2012", &exclusive, 1, &rule));
  assert_non_null(strstr(quell_network_error(network), "tie"));
  GIVES(QUELL_E_RANGE, quell_rule_create(network, "calcium_graupner2012", &level, 1, &rule));
  assert_non_null(strstr(quell_network_error(network), "w_up"));
  quell_network_destroy(&network);
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rule_equals_its_reference),
      cmocka_unit_test(closed_form_equals_tiny_steps),
      cmocka_unit_test(a_synapse_at_rest_falls_into_its_well),
      cmocka_unit_test(noise_has_the_variance_of_the_process),
      cmocka_unit_test(formula_gives_the_table),
      cmocka_unit_test(outcomes_are_those_of_the_table),
      cmocka_unit_test(fits_to_experiments_come_out),
      cmocka_unit_test(outcomes_are_those_of_the_model_in_small_steps),
      cmocka_unit_test(no_setting_changes_a_bit),
      cmocka_unit_test(values_in_range_give_numbers),
      cmocka_unit_test(what_does_not_fit_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

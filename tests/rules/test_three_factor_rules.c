/* Rules with third factors, against closed forms: single pairs, order and lag of what comes after,
 * which modulator turns what into a change. */
#include "support/bench.h"
#include "support/check.h"
#include "support/compare.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SPIKES = 16 };

static const double dt = 0.1;
/* Released into a channel with tau = 0, this is an area of 1 s: a change by the whole eligibility,
 * but for what decays within the step. */
static const double AREA = 1000.0 / 0.1;

/* One synapse with given spikes. */
typedef struct lone {
  quell_network *net;
  quell_population *pre, *post;
  quell_rule *rule;
  quell_projection *synapse;
  train spikes;
  feeder feeder;
  double start;
} lone;

static lone *lone_open(const char *rule, const char *preset, const quell_value *own, size_t n) {
  static const setup s = {.horizon = 1024};
  quell_value values[RULE_PARAMS];
  lone *l = must_alloc(1, sizeof *l);
  *l = (lone){.net = open_network(&s), .start = 0.5};
  size_t n_values = rule_values(rule, preset, own, n, values);
  OK(quell_population_create(l->net, "pre", "spike_source", 1, NULL, 0, &l->pre));
  OK(quell_population_create(l->net, "post", "external", 1, NULL, 0, &l->post));
  OK(quell_rule_create(l->net, rule, values, n_values, &l->rule));
  return l;
}

/* A channel of the same name as what follows it. */
static quell_modulator *channel(const lone *l, const char *target, double tau) {
  quell_modulator *made;
  quell_value value = {"tau", tau};
  OK(quell_modulator_create(l->net, target, NULL, &value, 1, &made));
  OK(quell_rule_bind(l->rule, target, made, NULL));
  return made;
}

/* Spikes in ms. */
static void connect(lone *l, const double *pre, size_t n_pre, const double *post, size_t n_post) {
  static const uint32_t zeros[MOST_SPIKES];
  quell_connection c = QUELL_CONNECTION_INIT;
  c.kind = QUELL_ALL_TO_ALL;
  c.weight = (quell_distribution){.kind = QUELL_CONSTANT, .a = l->start};
  OK(quell_connect(l->net, l->pre, l->post, "excitatory", &c, l->rule, &l->synapse));
  OK(quell_population_set_spikes(l->pre, zeros, pre, n_pre));
  for (size_t i = 0; i < n_post; i++) train_add(&l->spikes, (uint64_t)llround(post[i] / dt), 0);
  l->feeder = (feeder){l->post, &l->spikes, 0, 0};
  OK(quell_population_on_step(l->post, feed, &l->feeder));
}

/* One spike each. */
static void connect_pair(lone *l, double pre, double post) {
  connect(l, &pre, 1, &post, 1);
}

static void lone_close(lone *l) {
  quell_network_destroy(&l->net);
  train_free(&l->spikes);
  free(l);
}

static void release(quell_modulator *channel, double amount, double ms) {
  OK(quell_modulator_release(channel, 0, amount, ms));
}

static void run_to(const lone *l, double ms) {
  OK(quell_run(l->net, ms - quell_network_time(l->net)));
}

static double variable(const lone *l, const char *name) {
  float v = NAN;
  OK(quell_projection_get(l->synapse, name, 0, 1, &v));
  return (double)v;
}

static double change(const lone *l) {
  return variable(l, "weight") - l->start;
}

/* What is left of an eligibility, on the mean over one step. */
static double over_a_step(double tau) {
  return tau / dt * -expm1(-dt / tau);
}

/* Weights are near 0.5, where a float has steps of 6e-8: a few of them, and 1e-5 of the change. */
#define IS(l, want) check_is((l), (want), __LINE__)

static void check_is(const lone *l, double want, int line) {
  double got = change(l);
  if (!(fabs(got - want) <= 2.5e-7 + 1e-5 * fabs(want)))
    fail_msg("line %d: weight changed by %.9g, should be %.9g", line, got, want);
}

static const quell_value unbounded = {"w_max", (double)INFINITY};

/* --- reward_stdp --- */

/* NEST: a spike adds 1/tau_n = 1/200 per ms, the weight changes per ms. The numbers follow from
 * its closed form, for its default amplitudes. */
static void pairs_in_the_units_of_nest(void **state) {
  static const struct {
    double pre, post, lag, want;
  } cases[] = {{50, 60, 100, 0.45734},
               {50, 60, 1000, 0.18594},
               {50, 60, 3000, 0.025164},
               {60, 50, 1000, -0.27891}};
  quell_curve per_ms = QUELL_CURVE_INIT;
  per_ms.slope = 1000.0;
  for (size_t i = 0; i < COUNT(cases); i++) {
    lone *l = lone_open("reward_stdp", "nest", NULL, 0);
    quell_modulator *dopamine;
    l->start = 1.0;
    OK(quell_modulator_create(l->net, "dopamine", NULL, NULL, 0, &dopamine)); /* tau is 200 ms */
    OK(quell_rule_bind(l->rule, "reward", dopamine, &per_ms));
    connect_pair(l, cases[i].pre, cases[i].post);
    release(dopamine, 1.0 / 200.0, 60.0 + cases[i].lag);
    run_to(l, 20000.0);
    if (fabs(change(l) - cases[i].want) > 6e-6) /* the numbers have five digits */
      fail_msg("lag %g: %g, not %g", cases[i].lag, change(l), cases[i].want);
    lone_close(l);
  }
  (void)state;
}

static void nearest_spikes_alone(void **state) {
  static const double pre[] = {20, 35, 50}, post[] = {60};
  for (int nearest = 0; nearest < 2; nearest++) {
    lone *l = lone_open(nearest ? "reward_stdp_nearest" : "reward_stdp", NULL, NULL, 0);
    quell_modulator *reward = channel(l, "reward", 0.0);
    connect(l, pre, 3, post, 1);
    release(reward, AREA, 60.0);
    run_to(l, 61.0);
    double x = exp(-10.0 / 20) + (nearest ? 0 : exp(-25.0 / 20) + exp(-40.0 / 20));
    IS(l, 0.1 * x * over_a_step(1000));
    lone_close(l);
  }
  (void)state;
}

/* --- mstdp, mstdpet --- */

/* Each spike counts with the reward of its own step. */
static void reward_of_the_moment(void **state) {
  static const double pre[] = {50, 200}, post[] = {60, 195};
  static const double when[] = {0, 55, 150}, level[] = {7.0, 2.0, -3.0};
  lone *l = lone_open("mstdp", NULL, NULL, 0);
  quell_modulator *reward = channel(l, "reward", (double)INFINITY);
  connect(l, pre, 2, post, 2);
  OK(quell_modulator_schedule(reward, QUELL_SET_LEVEL, 0, when, level, 3));
  run_to(l, 70.0);
  double want = 2.0 * 0.01 * exp(-10.0 / 20);
  IS(l, want);
  run_to(l, 300.0);
  want += -3.0 * 0.01 * exp(-145.0 / 20);                             /* post at 195 */
  want -= -3.0 * 0.01 * (exp(-5.0 / 20) + exp(-(200.0 - 60.0) / 20)); /* pre at 200 */
  IS(l, want);
  lone_close(l);
  (void)state;
}

/* Under a constant reward a pair changes the weight by its eligibility times tau_e; a reward that
 * comes and goes integrates against what is left of it. */
static void reward_against_the_eligibility(void **state) {
  lone *l = lone_open("mstdpet", NULL, NULL, 0);
  quell_modulator *reward = channel(l, "reward", (double)INFINITY);
  static const double when[] = {0, 80, 100}, level[] = {1.5, 0.0, -2.0};
  connect_pair(l, 50, 60);
  OK(quell_modulator_schedule(reward, QUELL_SET_LEVEL, 0, when, level, 3));
  run_to(l, 1000.0);
  double e = 0.4 * exp(-10.0 / 20) * 0.025;
  IS(l, e * (1.5 * (1 - exp(-20.0 / 25)) - 2.0 * exp(-40.0 / 25)));
  lone_close(l);
  (void)state;
}

/* --- rstdp --- */

enum { TRIALS = 24 };

/* One trial a second; a pair in every second one. The critic compares with the mean of what came
 * before. Returns the sum of what the definition says: Σ (R − M) e over trials. */
static double definition(const double *reward, double rate, double *expected) {
  double e = 0.0, sum = 0.0;
  *expected = 0.0;
  for (int k = 0; k < TRIALS; k++) {
    e *= exp(-1000.0 / 2000);
    if (k % 2 == 0) e += 0.01 * exp(-10.0 / 20);
    sum += (reward[k] - *expected) * e * exp(-500.0 / 2000);
    *expected += rate * (reward[k] - *expected);
  }
  return sum * over_a_step(2000);
}

static void pairs_of_trials(double *pre, double *post) {
  for (int k = 0; k < TRIALS / 2; k++) {
    post[k] = 2000.0 * k + 60.0;
    pre[k] = post[k] - 10.0;
  }
}

static void run_trials(const double *reward, double rate) {
  double pre[TRIALS / 2], post[TRIALS / 2], expected, mean;
  quell_critic critic = QUELL_CRITIC_INIT;
  lone *l = lone_open("rstdp", NULL, NULL, 0);
  quell_modulator *success = channel(l, "success", 0.0);
  critic.rate = rate;
  OK(quell_modulator_critic(success, &critic));
  pairs_of_trials(pre, post);
  connect(l, pre, TRIALS / 2, post, TRIALS / 2);
  for (int k = 0; k < TRIALS; k++) {
    run_to(l, 1000.0 * k + 560.0);
    OK(quell_modulator_reward(success, AREA * reward[k]));
  }
  run_to(l, 1000.0 * TRIALS);
  OK(quell_modulator_expected(success, &mean));
  IS(l, definition(reward, rate, &expected));
  assert_true(fabs(mean / AREA - expected) < 1e-12);
  lone_close(l);
}

static void success_is_reward_beyond_the_mean(void **state) {
  double with[TRIALS], against[TRIALS], steady[TRIALS];
  for (int k = 0; k < TRIALS; k++) {
    with[k] = k % 2 ? 0.0 : 1.0;
    against[k] = 1.0 - with[k];
    steady[k] = 1.0;
  }
  run_trials(with, 0.1);
  run_trials(against, 0.1);
  run_trials(steady, 0.75);
  (void)state;
}

/* The pair comes in every second trial. A success that comes with it, against it, and in every
 * second pair of trials whatever happened, each 0 on the mean: the changes are the covariance, its
 * negative, and 0. */
static void drift_is_the_covariance(void **state) {
  enum { SETTLED = 8 };
  double e = 0.0, eligible[2];
  for (int k = 0; k < 200; k++) { /* the settled cycle */
    e = e * exp(-1000.0 / 2000) + (k % 2 ? 0.0 : 0.01 * exp(-10.0 / 20));
    eligible[k % 2] = e * exp(-500.0 / 2000);
  }
  double covariance = (eligible[0] - eligible[1]) / 4 * over_a_step(2000);
  for (int way = 0; way < 3; way++) {
    double pre[TRIALS / 2], post[TRIALS / 2], before = 0.0;
    lone *l = lone_open("rstdp", NULL, NULL, 0);
    quell_modulator *success = channel(l, "success", 0.0);
    pairs_of_trials(pre, post);
    connect(l, pre, TRIALS / 2, post, TRIALS / 2);
    for (int k = 0; k < TRIALS; k++) {
      int reward = way == 2 ? k % 4 < 2 : k % 2 == way;
      run_to(l, 1000.0 * k + 560.0);
      if (k == TRIALS - SETTLED) before = change(l);
      release(success, AREA * (reward - 0.5), QUELL_NOW);
    }
    run_to(l, 1000.0 * TRIALS);
    static const double sign[] = {1, -1, 0};
    /* the first trials have settled to e^(−16/2) of the eligibility */
    double drift = (change(l) - before) / SETTLED;
    assert_true(fabs(drift - sign[way] * covariance) < 1e-3 * covariance);
    lone_close(l);
  }
  (void)state;
}

/* --- td_stdp --- */

static double potential(double s) {
  return s < 0 ? 0.0 : (exp(-s / 20) - exp(-s / 5)) * 20.0 / 15.0;
}

static double kappa(double t) { /* per second */
  return 1000.0 * (exp(-t / 200) - exp(-t / 50)) / 150.0;
}

/* Both sums of the definition, and the integral over the error by the rule of the midpoint. */
static double owed(const double *pre, size_t n_pre, const double *post, size_t n_post,
                   double released, double tau, double until) {
  double sum = 0.0, h = 0.02;
  for (size_t j = 0; j < n_post; j++) {
    double raised = 0.0, area = 0.0;
    for (size_t i = 0; i < n_pre; i++)
      if (pre[i] <= post[j] && (j == 0 || pre[i] > post[j - 1]))
        raised += potential(post[j] - pre[i]);
    for (double t = post[j] + h / 2; t < until; t += h) {
      double error = 1.0 + (t < released ? 0.0 : 2.0 * exp(-(t - released) / tau));
      area += kappa(t - post[j]) * error * h / 1000.0;
    }
    sum += raised * area;
  }
  return 0.01 * sum;
}

static void temporal_difference(void **state) {
  static const double pre[] = {10, 22, 30, 41, 55, 90, 91, 130}, post[] = {25, 50, 52, 100};
  quell_value values[] = {{"tonic", 1.0}, {"tau", 300.0}};
  for (size_t n_post = 1; n_post <= COUNT(post); n_post += 3) {
    lone *l = lone_open("td_stdp", NULL, NULL, 0);
    quell_modulator *error;
    OK(quell_modulator_create(l->net, "error", NULL, values, 2, &error));
    OK(quell_rule_bind(l->rule, "td_error", error, NULL));
    connect(l, pre, COUNT(pre), post, n_post);
    release(error, 2.0, 150.0);
    run_to(l, 400.0);
    IS(l, owed(pre, COUNT(pre), post, n_post, 150.0, 300.0, 400.0));
    run_to(l, 3000.0);
    IS(l, owed(pre, COUNT(pre), post, n_post, 150.0, 300.0, 3000.0));
    lone_close(l);
  }
  (void)state;
}

/* --- two_traces --- */

/* What one pairing leaves: noradrenaline for pre before post, serotonin for the reverse. */
static void each_modulator_its_order(void **state) {
  static const double lags[] = {0, 500, 2000};
  for (int hebbian = 0; hebbian < 2; hebbian++) {
    for (int up = 0; up < 2; up++) {
      for (size_t i = 0; i < COUNT(lags); i++) {
        lone *l = lone_open("two_traces", NULL, NULL, 0);
        quell_modulator *p = channel(l, "noradrenaline", 0.0);
        quell_modulator *d = channel(l, "serotonin", 0.0);
        connect_pair(l, hebbian ? 50 : 60, hebbian ? 60 : 50);
        release(up ? p : d, AREA, 60.0 + lags[i]);
        run_to(l, 70.0 + lags[i]);
        double tau = up ? 1800 : 800, most = up ? 0.003 : -0.0033;
        double made = -expm1(-0.5 * exp(-10.0 / 20)) * most;
        IS(l, up == hebbian ? made * exp(-lags[i] / tau) * over_a_step(tau) : 0.0);
        lone_close(l);
      }
    }
  }
  (void)state;
}

static void traces_saturate(void **state) {
  static const double pre[] = {50, 250, 450}, post[] = {60, 260, 460};
  double x = 0.0, trace = 0.0;
  lone *l = lone_open("two_traces", NULL, NULL, 0);
  quell_modulator *p = channel(l, "noradrenaline", 0.0);
  channel(l, "serotonin", 0.0);
  connect(l, pre, 3, post, 3);
  release(p, AREA, 460.0);
  run_to(l, 470.0);
  for (int k = 0; k < 3; k++) {
    x = (x * exp(-190.0 / 20) + 1) * exp(-10.0 / 20); /* at the post spike */
    trace *= exp(-200.0 / 1800);
    trace += -expm1(-0.5 * x) * (0.003 - trace);
  }
  IS(l, trace * over_a_step(1800));
  lone_close(l);
  (void)state;
}

/* One modulator for both: where the two traces are equal at the reward, the weight stays. */
static void stops_where_traces_are_equal(void **state) {
  static const double pre[] = {50, 70}, post[] = {60};
  double q = -expm1(-0.5 * exp(-10.0 / 20));
  double balanced = -log1p(-q * exp(-10.0 / 900)) / exp(-10.0 / 20); /* k_d */
  for (int way = -1; way <= 1; way++) {
    quell_value own[] = {{"tau_p", 900},
                         {"tau_d", 900},
                         {"max_p", 0.05},
                         {"max_d", 0.05},
                         {"k_d", balanced * (1 - 0.2 * way)}};
    lone *l = lone_open("two_traces", NULL, own, COUNT(own));
    quell_modulator *one = channel(l, "noradrenaline", 100.0);
    OK(quell_rule_bind(l->rule, "serotonin", one, NULL));
    connect(l, pre, 2, post, 1);
    release(one, 10.0, 200.0);
    run_to(l, 2000.0);
    if (way == 0) IS(l, 0.0);
    if (way != 0) assert_true(change(l) * way > 1e-4);
    lone_close(l);
  }
  (void)state;
}

/* --- ach_da_sequential --- */

static const double PAIR = 0.36787944117144233; /* e^(−10/10), for either order */

static void acetylcholine_depresses_both_orders(void **state) {
  for (int order = 0; order < 2; order++) {
    for (int ach = 0; ach < 2; ach++) {
      lone *l = lone_open("ach_da_sequential", NULL, NULL, 0);
      quell_modulator *level = channel(l, "eta_ach", (double)INFINITY);
      double one = ach;
      channel(l, "dopamine", 0.0);
      connect_pair(l, order ? 60 : 50, order ? 50 : 60);
      OK(quell_modulator_set(level, 0, 1, &one));
      run_to(l, 1000.0);
      IS(l, ach ? -7.3576e-4 : 0.0);
      lone_close(l);
    }
  }
  (void)state;
}

static void dopamine_after_the_pair(void **state) {
  static const struct { double lag, want; } cases[] = {{0, 3.6788e-3}, {2000, 1.3534e-3}};
  for (size_t i = 0; i < COUNT(cases); i++) {
    lone *l = lone_open("ach_da_sequential", NULL, NULL, 0);
    quell_modulator *dopamine = channel(l, "dopamine", 200.0);
    connect_pair(l, 50, 60);
    release(dopamine, 1.0, 60.0 + cases[i].lag);
    run_to(l, 4000.0);
    IS(l, cases[i].want);
    assert_true(variable(l, "p") == 0.0);
    lone_close(l);
  }
  (void)state;
}

static void dopamine_before_the_pair_does_nothing(void **state) {
  lone *l = lone_open("ach_da_sequential", NULL, NULL, 0);
  quell_modulator *dopamine = channel(l, "dopamine", 200.0);
  connect_pair(l, 50, 60);
  release(dopamine, 1.0, 45.0); /* its concentration is still high at the pair */
  run_to(l, 2000.0);
  IS(l, -7.3576e-4);
  assert_true(fabs(variable(l, "p") - 7.3576e-4) < 1e-8);
  lone_close(l);
  (void)state;
}

/* The second release finds nothing left to be undone; with eta_da 0 the first one undoes exactly
 * what was lost. */
static void a_depression_is_undone_once(void **state) {
  for (int rewards = 0; rewards < 2; rewards++) {
    quell_value own = {"eta_da", rewards ? 0.01 : 0.0};
    lone *l = lone_open("ach_da_sequential", NULL, &own, 1);
    quell_modulator *dopamine = channel(l, "dopamine", 0.0);
    connect_pair(l, 50, 60);
    release(dopamine, 1.0, 300.0);
    release(dopamine, 2.0, 700.0);
    run_to(l, 1000.0);
    double e = PAIR * (exp(-240.0 / 2000) + 2.0 * exp(-640.0 / 2000));
    IS(l, own.value * e);
    lone_close(l);
  }
  (void)state;
}

/* --- da_5ht --- */

static void opposite_signs_and_windows(void **state) {
  for (int competitive = 0; competitive < 2; competitive++) {
    for (int order = 0; order < 2; order++) {
      for (int reward = 0; reward < 2; reward++) {
        lone *l = lone_open("da_5ht", competitive ? "competitive" : NULL, NULL, 0);
        quell_modulator *da = channel(l, "dopamine", 0.0), *ht = channel(l, "serotonin", 0.0);
        connect_pair(l, order ? 60 : 50, order ? 50 : 60);
        release(reward ? da : ht, AREA, 1060.0);
        run_to(l, 1100.0);
        double tau = reward ? 2000 : 5000;
        double want = (reward ? 0.01 : -0.01) * PAIR * exp(-1000.0 / tau) * over_a_step(tau);
        IS(l, !reward && !competitive && order ? 0.0 : want);
        lone_close(l);
      }
    }
  }
  (void)state;
}

/* --- teacher --- */

/* Two microzones: the climbing fibre of each teaches its own Purkinje cell. */
static void climbing_fibres_teach_their_zone(void **state) {
  static const double pre[] = {20, 50, 90, 160};
  static const uint32_t zones[] = {0, 1}, zeros[4] = {0};
  static const setup s = {.horizon = 512};
  quell_network *net = open_network(&s);
  quell_population *parallel, *climbing, *purkinje;
  quell_modulator *teacher;
  quell_modulator_options options = QUELL_MODULATOR_OPTIONS_INIT;
  quell_source source = QUELL_SOURCE_INIT;
  quell_value brief = {"tau", 0.0};
  quell_rule *rule;
  quell_projection *synapses;
  quell_connection c = QUELL_CONNECTION_INIT;
  float w[2];
  uint32_t second = 1;
  double fires = 100.0;
  OK(quell_population_create(net, "parallel", "spike_source", 1, NULL, 0, &parallel));
  OK(quell_population_create(net, "climbing", "spike_source", 2, NULL, 0, &climbing));
  OK(quell_population_create(net, "purkinje", "lif_cond_exp", 2, NULL, 0, &purkinje));
  OK(quell_population_set_spikes(parallel, zeros, pre, COUNT(pre)));
  OK(quell_population_set_spikes(climbing, &second, &fires, 1));
  options.scope = QUELL_SCOPE_TERRITORY;
  options.territories = 2;
  OK(quell_modulator_create(net, "climbing", &options, &brief, 1, &teacher));
  OK(quell_modulator_territories(teacher, climbing, zones, 2));
  OK(quell_modulator_territories(teacher, purkinje, zones, 2));
  source.amount = AREA;
  source.delay = 2.0;
  OK(quell_modulator_source(teacher, climbing, &source));
  OK(quell_rule_create(net, "teacher", NULL, 0, &rule));
  OK(quell_rule_bind(rule, "teacher", teacher, NULL));
  c.kind = QUELL_ALL_TO_ALL;
  c.weight = (quell_distribution){.kind = QUELL_CONSTANT, .a = 0.5};
  OK(quell_connect(net, parallel, purkinje, "excitatory", &c, rule, &synapses));
  OK(quell_run(net, 200.0));
  OK(quell_projection_get(synapses, "weight", 0, 2, w));
  double e = exp(-82.0 / 100) + exp(-52.0 / 100) + exp(-12.0 / 100);
  assert_true(fabs((double)w[0] - 0.5 - 4e-4) < 2.5e-7);
  assert_true(fabs((double)w[1] - 0.5 - 4e-4 + 1e-3 * e * over_a_step(100)) < 2.5e-7);
  quell_network_destroy(&net);
  (void)state;
}

/* --- in general --- */

/* Without its channel such a rule does not run, and says what is missing. */
static void a_factor_must_be_bound(void **state) {
  static const char *const rules[] = {"reward_stdp", "mstdpet",    "rstdp",
                                      "td_stdp",     "two_traces", "teacher"};
  for (size_t i = 0; i < COUNT(rules); i++) {
    lone *l = lone_open(rules[i], NULL, &unbounded, 1);
    connect_pair(l, 50, 60);
    GIVES(QUELL_E_STATE, quell_run(l->net, 1.0));
    assert_non_null(strstr(quell_network_error(l->net), rules[i]));
    lone_close(l);
  }
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pairs_in_the_units_of_nest),
      cmocka_unit_test(nearest_spikes_alone),
      cmocka_unit_test(reward_of_the_moment),
      cmocka_unit_test(reward_against_the_eligibility),
      cmocka_unit_test(success_is_reward_beyond_the_mean),
      cmocka_unit_test(drift_is_the_covariance),
      cmocka_unit_test(temporal_difference),
      cmocka_unit_test(each_modulator_its_order),
      cmocka_unit_test(traces_saturate),
      cmocka_unit_test(stops_where_traces_are_equal),
      cmocka_unit_test(acetylcholine_depresses_both_orders),
      cmocka_unit_test(dopamine_after_the_pair),
      cmocka_unit_test(dopamine_before_the_pair_does_nothing),
      cmocka_unit_test(a_depression_is_undone_once),
      cmocka_unit_test(opposite_signs_and_windows),
      cmocka_unit_test(climbing_fibres_teach_their_zone),
      cmocka_unit_test(a_factor_must_be_bound),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Eligibilities under random trains and courses of modulators, against the eager reference: all
 * places of the delay, ties, changes in mid-run; and the trajectory that NEST makes. */
#include "support/channels.h"
#include "support/check.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a modulator may differ by: of the weight, or of 1. What is kept in 32 bits is good for more
 * than that, see the trajectory of NEST below. */
static const double MOST = 2e-5;

enum { PRES = 3, POSTS = 140, STRIDE = 11 };

static uint64_t duration(void) {
  return quick() ? 3000 : 9000;
}

typedef struct delays {
  double axonal, dendritic;
  int spread;
} delays;

static const delays places[] = {{0, 0, 0}, {1.3, 0, 0}, {0, 0.7, 0}, {0.8, 1.1, 0}, {0.5, 2.0, 1}};

#define TWO(tie)                                                                                   \
  {                                                                                                \
    TWO_TRACES, {{{-0.02, 0.003, 0.03, -0.002}, {0.01, -0.004, -0.02, 0.003}},                     \
                 {40, 900},                                                                        \
                 2,                                                                                \
                 17,                                                                               \
                 34,                                                                               \
                 0,                                                                                \
                 1,                                                                                \
                 tie},                                                                             \
        0, 0, 0, 0.5                                                                               \
  }
#define VOGELS(tie)                                                                                \
  { "vogels2011", {{{0.05, -0.02, 0.05, 0}}, {300}, 1, 20, 20, 0, 1, tie}, 0, 0, 0, 0.5 }
#define ASYMMETRIC(tie)                                                                            \
  {                                                                                                \
    "istdp_asymmetric", {{{-0.03, 0.004, 0.04, -0.006}}, {60}, 1, 25, 50, 0.2, 0.9, tie}, 0, 0, 0, \
        0.5                                                                                        \
  }

/* A trial: one rule, and a course for each of its factors. */
typedef struct trial {
  channel_case rule;
  wave wave[2];
  uint64_t seed;
  const setup *setup;
} trial;

typedef struct run {
  bench b;
  train pre, post;
  course course[2];
  double *tenths[2];
  channel_references references;
} run;

static double tau_of(wave w) {
  return w == RAMP || w == STEPS ? (double)INFINITY : w == NOISE ? 30.0 : 200.0;
}

static void open_run(run *r, const trial *t, uint64_t steps) {
  static const char *const factors[] = {"reward", "arousal"};
  int own = !strcmp(t->rule.name, TWO_TRACES);
  *r = (run){.pre = {NULL, 0, 0}};
  modulated like = {0};
  channel_trains(&r->pre, &r->post, PRES, POSTS, steps, t->seed);
  channel_open(&r->b, t->setup, &t->rule, PRES, &r->pre, POSTS, &r->post);
  for (size_t k = 0; k < t->rule.is.n; k++) {
    r->course[k] = course_make(t->wave[k], k ? -0.3 : 0.1, tau_of(t->wave[k]), steps,
                               t->setup->start, t->seed + k);
    quell_modulator *channel = course_channel(r->b.network, factors[k], &r->course[k]);
    OK(quell_rule_bind(r->b.rule, own ? factors[k] : "factor", channel, NULL));
    like.factor[k] = r->tenths[k] = course_tenths(&r->course[k]);
  }
  channel_connect(&r->b, &t->rule);
  r->references = channel_references_make(&r->b, &t->rule, &like);
}

static void close_run(run *r) {
  channel_references_free(&r->references);
  for (size_t k = 0; k < 2; k++) {
    course_free(&r->course[k]);
    free(r->tenths[k]);
  }
  bench_close(&r->b);
  train_free(&r->pre);
  train_free(&r->post);
}

static void check_run(run *r, const trial *t, const char *what) {
  channel_check(&r->b, &t->rule, &r->references, STRIDE, MOST, what);
}

static void compare(const trial *t) {
  run r;
  uint64_t steps = duration();
  open_run(&r, t, steps);
  bench_run_to(&r.b, steps / 3 + 7);
  check_run(&r, t, "a third of the run");
  bench_run_to(&r.b, steps);
  check_run(&r, t, "the whole run");
  close_run(&r);
}

static const setup plain = {.horizon = 1024}, small = {.tile_size = 64, .horizon = 128};

static void all_places(const channel_case *rule) {
  for (size_t d = 0; d < COUNT(places); d++) {
    for (int w = 0; w < N_WAVES; w++) {
      if (quick() && (w + (int)d + rule->is.tie) % 5) continue;
      trial t = {.rule = *rule, .seed = 3 + d, .setup = d % 2 ? &small : &plain};
      t.rule.axonal = places[d].axonal;
      t.rule.dendritic = places[d].dendritic;
      t.rule.spread = places[d].spread;
      t.wave[0] = (wave)w;
      t.wave[1] = (wave)((w + (int)d + 1) % N_WAVES);
      compare(&t);
    }
  }
}

static void two_eligibilities(void **state) {
  for (int tie = 0; tie < 3; tie++) all_places(&(channel_case)TWO(tie));
  (void)state;
}

/* Any rule can be given a third factor. */
static void inhibitory_rules(void **state) {
  for (int tie = 0; tie < 3; tie++) {
    all_places(&(channel_case)VOGELS(tie));
    all_places(&(channel_case)ASYMMETRIC(tie));
  }
  (void)state;
}

/* Noise of several seeds in every step. */
static void seeds(void **state) {
  for (uint64_t seed = 20; seed < (quick() ? 21 : 26); seed++) {
    trial t = {TWO((int)(seed % 3)), {NOISE, NOISE}, seed, &plain};
    t.rule.dendritic = 0.9;
    t.rule.spread = 1;
    compare(&t);
  }
  (void)state;
}

/* Time constants from a few steps to many horizons. */
static void time_constants(void **state) {
  static const double taus[][2] = {{0.4, 0.4}, {0.5, 3000}, {1.7, 20}, {5000, 80}, {1e5, 1e6}};
  for (size_t i = 0; i < COUNT(taus); i++) {
    trial t = {TWO(QUELL_EXCLUSIVE), {PULSES, NOISE}, 40 + i, i % 2 ? &plain : &small};
    t.rule.is.tau_e[0] = taus[i][0];
    t.rule.is.tau_e[1] = taus[i][1];
    compare(&t);
  }
  (void)state;
}

/* --- changes in mid-run --- */

static void for_all(run *r, void (*change)(modulated *m, double value), double value) {
  for (uint64_t i = 0; i < r->references.n; i += STRIDE) {
    modulated_run(&r->references.at[i], bench_now(&r->b));
    change(&r->references.at[i], value);
  }
}

static void set_w_max(modulated *m, double value) {
  m->rule.w_max = value;
}
static void set_off(modulated *m, double value) {
  m->off = value != 0.0;
}
static void set_post_x(modulated *m, double value) {
  m->rule.change[0].post_x = value;
}
static void set_weight(modulated *m, double value) {
  m->w = value;
}
static void set_fast(modulated *m, double value) {
  m->e[0] = value;
}

static void write_all(const bench *b, const char *variable, double value) {
  uint64_t n = quell_projection_size(b->synapses);
  float *values = must_alloc(n, sizeof *values);
  for (uint64_t i = 0; i < n; i++) values[i] = (float)value;
  OK(quell_projection_set(b->synapses, variable, 0, n, values));
  free(values);
}

static void set_param(const bench *b, const char *name, double value) {
  quell_value v = {name, value};
  OK(quell_rule_set(b->rule, &v, 1));
}

/* Bounds that move, parameters, the switch of learning, and what the host writes; at stamps that
 * have events, too: the change comes first. */
static void changes(void **state) {
  for (size_t d = 0; d < COUNT(places); d++) {
    trial t = {TWO((int)(d % 3)), {NOISE, PULSES}, 60 + d, d % 2 ? &small : &plain};
    run r;
    t.rule.axonal = places[d].axonal;
    t.rule.dendritic = places[d].dendritic;
    t.rule.spread = places[d].spread;
    open_run(&r, &t, 6000);
    bench_run_to(&r.b, 711);
    for_all(&r, set_post_x, -0.05);
    set_param(&r.b, "fast_post_x", -0.05);
    bench_run_to(&r.b, 1500);
    check_run(&r, &t, "amplitude");
    for_all(&r, set_weight, 0.75);
    write_all(&r.b, "weight", 0.75);
    check_run(&r, &t, "weight, written");
    bench_run_to(&r.b, 1933);
    for_all(&r, set_fast, -0.4);
    write_all(&r.b, "fast", -0.4);
    check_run(&r, &t, "eligibility, written");
    bench_run_to(&r.b, 2500);
    check_run(&r, &t, "after writing");
    for_all(&r, set_w_max, 0.6);
    set_param(&r.b, "w_max", 0.6);
    bench_run_to(&r.b, 3300);
    check_run(&r, &t, "w_max");
    close_run(&r);
  }
  (void)state;
}

/* The weight stands still while the modulator moves; the eligibility decays and collects nothing.
 */
static void learning_is_switched_off(void **state) {
  for (size_t d = 0; d < COUNT(places); d++) {
    trial t = {TWO((int)(d % 3)), {NOISE, PULSES}, 80 + d, &plain};
    run r;
    float before = NAN, after = NAN;
    t.rule.axonal = places[d].axonal;
    t.rule.dendritic = places[d].dendritic;
    t.rule.spread = places[d].spread;
    t.rule.w = 20.0; /* far from its bounds: see test_three_factor_edges.c */
    t.rule.is.w_max = (double)INFINITY;
    open_run(&r, &t, 5000);
    bench_run_to(&r.b, 1322);
    for_all(&r, set_off, 1);
    OK(quell_projection_learning(r.b.synapses, 0));
    OK(quell_projection_get(r.b.synapses, "weight", 150, 1, &before));
    bench_run_to(&r.b, 2544);
    check_run(&r, &t, "off");
    OK(quell_projection_get(r.b.synapses, "weight", 150, 1, &after));
    assert_true(fabs((double)(before - after)) < 4e-6);
    for_all(&r, set_off, 0);
    OK(quell_projection_learning(r.b.synapses, 1));
    bench_run_to(&r.b, 4000);
    check_run(&r, &t, "on again");
    close_run(&r);
  }
  (void)state;
}

/* --- NEST --- */

enum { MOST_LINES = 1024 };

static size_t read_csv(const char *name, double *first, double *second) {
  char path[512], line[2048];
  size_t n = 0;
  snprintf(path, sizeof path, "%s/reference/%s.csv", QUELL_TEST_DATA, name);
  FILE *file = fopen(path, "r");
  if (!file) fail_msg("cannot read %s", path);
  while (file && n < MOST_LINES && fgets(line, sizeof line, file)) {
    char *rest;
    if (line[0] == '#') continue;
    first[n] = strtod(line, &rest);
    if (second) second[n] = strtod(rest + 1, NULL);
    n++;
  }
  if (file) fclose(file);
  return n;
}

static void read_train(const char *name, train *t) {
  double times[MOST_LINES];
  size_t n = read_csv(name, times, NULL);
  for (size_t i = 0; i < n; i++) train_add(t, (uint64_t)llround(times[i] * 10.0), 0);
}

/* NEST's n jumps by 1 / tau_n per ms at a spike of dopamine, and dw/dt = c (n − b) per ms. */
static void trajectory_of_nest(void **state) {
  const channel_case c = {
      TWO_TRACES,
      {{{-0.02, 0, 0.03, 0}}, {700, 700}, 2, 20, 30, 0, (double)INFINITY, QUELL_EXCLUSIVE},
      1.7,
      1.7,
      0,
      0.5};
  const quell_value kinetics[] = {{"tau", 150}, {"tonic", -0.4}};
  double t[MOST_LINES], w[MOST_LINES], dopamine[MOST_LINES], amount[MOST_LINES];
  train pre = {NULL, 0, 0}, post = {NULL, 0, 0};
  bench b;
  quell_modulator *channel;
  size_t n = read_csv("nest_stdp_dopamine", t, w);
  size_t n_dopamine = read_csv("spikes_dopamine", dopamine, NULL);
  for (size_t i = 0; i < n_dopamine; i++) amount[i] = 1000.0 / 150.0;
  read_train("spikes_pre_dense", &pre);
  read_train("spikes_post_dense", &post);
  channel_open(&b, &plain, &c, 1, &pre, 1, &post);
  OK(quell_modulator_create(b.network, "dopamine", NULL, kinetics, 2, &channel));
  OK(quell_modulator_schedule(channel, QUELL_RELEASE_AMOUNT, 0, dopamine, amount, n_dopamine));
  OK(quell_rule_bind(b.rule, "reward", channel, NULL));
  OK(quell_rule_bind(b.rule, "arousal", channel, NULL));
  channel_connect(&b, &c);
  assert_int_equal(n, 285);
  for (size_t i = 0; i < n; i++) {
    bench_run_to(&b, (uint64_t)llround(t[i] * 10.0));
    CLOSE((double)bench_weight(&b, 0), w[i], 1.0, "weight of NEST", i);
  }
  bench_close(&b);
  train_free(&pre);
  train_free(&post);
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(trajectory_of_nest),       cmocka_unit_test(two_eligibilities),
      cmocka_unit_test(inhibitory_rules),         cmocka_unit_test(seeds),
      cmocka_unit_test(time_constants),           cmocka_unit_test(changes),
      cmocka_unit_test(learning_is_switched_off),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

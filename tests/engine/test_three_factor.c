/* Eligibility traces and third factors: against the eager reference, in every configuration of the
 * engine, and against closed forms. */
#include "support/bench.h"
#include "support/check.h"
#include "support/modulated.h"
#include "support/random.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PRES = 3, POSTS = 150, HORIZON = 1024 };

static uint64_t duration(void) {
  return quick() ? 4000 : 12000;
}

/* --- courses of the modulator --- */

typedef enum wave { PULSES, STEPS, RAMP, NOISE, N_WAVES } wave;

typedef struct modulator_case {
  wave wave;
  double tau, tonic;
} modulator_case;

/* What the channel has above its tonic level at the start of each step, and how it is told: as
 * amounts or as levels, at given steps. */
typedef struct script {
  double *phasic, *time, *value;
  size_t n;
  int32_t kind;
} script;

static double level_of(wave w, uint64_t step, random_state *random) {
  switch (w) {
  case STEPS:
    return step / 700 % 2 ? -0.8 : 1.5;
  case RAMP:
    return (double)(step % 3000) / 1000.0 - 1.0;
  default:
    return 4.0 * random_uniform(random) - 2.0;
  }
}

static script script_of(const modulator_case *m, uint64_t steps, double dt, uint64_t start) {
  random_state random = {91 + (uint64_t)m->wave};
  script s = {must_alloc(steps, 8), must_alloc(steps, 8), must_alloc(steps, 8), 0,
              m->wave == PULSES ? QUELL_RELEASE_AMOUNT : QUELL_SET_LEVEL};
  double left = exp(-dt / m->tau), p = 0.0;
  for (uint64_t k = 0; k < steps; k++) {
    double amount = 0.0;
    int acts =
        m->wave == PULSES ? random_uniform(&random) < 0.002 : m->wave != STEPS || k % 700 == 0;
    if (acts)
      amount =
          m->wave == PULSES ? 5.0 * random_uniform(&random) - 1.0 : level_of(m->wave, k, &random);
    if (acts) {
      p = m->wave == PULSES ? p + amount : amount - m->tonic;
      s.time[s.n] = (double)(start + k) * dt;
      s.value[s.n++] = amount;
    }
    s.phasic[k] = p;
    p *= left;
  }
  return s;
}

static void script_free(script *s) {
  free(s->phasic);
  free(s->time);
  free(s->value);
}

/* --- a bench with a channel --- */

typedef struct trial {
  const char *rule; /* built in; others are given an eligibility of tau_e */
  modulated_rule is;
  modulator_case modulator;
  double axonal, dendritic;
  int spread; /* dendritic delays differ by synapse */
} trial;

static void make_trains(train *pre, train *post, uint64_t steps) {
  for (uint32_t i = 0; i < PRES; i++) train_poisson(pre, i, i ? 0.004 : 0.0007, 0, steps, 5);
  for (uint32_t j = 0; j < POSTS; j++) train_poisson(post, j, j % 3 ? 0.003 : 0.0004, 0, steps, 6);
  for (uint64_t k = 100; k < steps; k += 611) { /* coincidences and bursts */
    train_add(pre, k, 1);
    train_add(pre, k, 1);
    for (uint32_t j = 0; j < POSTS; j += 2) train_add(post, k, j);
    for (uint32_t j = 0; j < POSTS; j += 5) train_add(post, k, j);
  }
  train_sort(pre);
  train_sort(post);
}

static size_t rule_values(const trial *t, quell_value *v) {
  size_t n = 0;
  int reward = !strcmp(t->rule, "reward_stdp");
  v[n++] = (quell_value){"w_min", t->is.w_min};
  v[n++] = (quell_value){"w_max", t->is.w_max};
  v[n++] = (quell_value){"tie", t->is.tie};
  if (reward) {
    v[n++] = (quell_value){"a_plus", t->is.change[0].post_x};
    v[n++] = (quell_value){"a_minus", -t->is.change[0].pre_y};
    v[n++] = (quell_value){"tau_plus", t->is.tau_x};
    v[n++] = (quell_value){"tau_minus", t->is.tau_y};
    v[n++] = (quell_value){"tau_e", t->is.tau_e[0]};
  } else { /* vogels2011 */
    v[n++] = (quell_value){"eta", t->is.change[0].post_x};
    v[n++] = (quell_value){"tau", t->is.tau_x};
    v[n++] = (quell_value){"rho0", -t->is.change[0].pre_1 / t->is.change[0].pre_y * 1000.0 / 2.0 /
                                       t->is.tau_x};
  }
  return n;
}

static quell_modulator *make_channel(quell_network *net, const modulator_case *m) {
  quell_modulator *channel;
  quell_value values[] = {{"tonic", m->tonic}, {"tau", m->tau}};
  OK(quell_modulator_create(net, "dopamine", NULL, values, 2, &channel));
  return channel;
}

static void delays_of(const trial *t, quell_connection *c) {
  c->delay_axonal = (quell_distribution){.kind = QUELL_CONSTANT, .a = t->axonal};
  c->delay_dendritic = (quell_distribution){.kind = QUELL_CONSTANT, .a = t->dendritic};
  if (t->spread)
    c->delay_dendritic = (quell_distribution){.kind = QUELL_UNIFORM, .a = 0.0, .b = t->dendritic};
}

static void open_trial(bench *b, const trial *t, const setup *s, const train *pre,
                       const train *post, quell_modulator **channel) {
  quell_value values[16];
  quell_connection c = QUELL_CONNECTION_INIT;
  memset(b, 0, sizeof *b);
  *b = (bench){.setup = s,
               .start = s->start,
               .n_pre = PRES,
               .n_post = POSTS,
               .pre_spikes = pre,
               .post_spikes = post,
               .network = open_network(s)};
  b->dt = quell_network_dt(b->network);
  OK(quell_population_create(b->network, "pre", "spike_source", PRES, NULL, 0, &b->pre));
  OK(quell_population_create(b->network, "post", "external", POSTS, NULL, 0, &b->post));
  *channel = make_channel(b->network, &t->modulator);
  OK(quell_rule_create(b->network, t->rule, values, rule_values(t, values), &b->rule));
  int own = strcmp(t->rule, "reward_stdp") != 0;
  if (own) OK(quell_rule_eligibility(b->rule, t->is.tau_e[0]));
  OK(quell_rule_bind(b->rule, own ? "factor" : "reward", *channel, NULL));
  c.kind = QUELL_ALL_TO_ALL;
  c.weight = (quell_distribution){.kind = QUELL_CONSTANT, .a = 0.5};
  delays_of(t, &c);
  OK(quell_connect(b->network, b->pre, b->post, "inhibitory", &c, b->rule, &b->synapses));
  give_spikes(b->pre, pre, b->start, b->dt);
  b->feeder = (feeder){b->post, post, 0, 0};
  OK(quell_population_on_step(b->post, feed, &b->feeder));
}

/* The third factor in each tenth of a step. */
static double *tenths_of(const trial *t, const script *s, double dt, uint64_t steps) {
  double *tenths = must_alloc(steps * MODULATED_TENTHS, sizeof *tenths);
  for (uint64_t k = 0; k < steps * MODULATED_TENTHS; k++) {
    double since = ((double)(k % MODULATED_TENTHS) + 0.5) * dt / MODULATED_TENTHS;
    tenths[k] =
        t->modulator.tonic + s->phasic[k / MODULATED_TENTHS] * exp(-since / t->modulator.tau);
  }
  return tenths;
}

static void check_trial(const bench *b, const trial *t, const script *s) {
  uint64_t n = quell_projection_size(b->synapses), now = bench_now(b);
  uint32_t *pre = must_alloc(n, 4), *post = must_alloc(n, 4);
  float *w = must_alloc(n, 4), *e = must_alloc(n, 4), *d = must_alloc(n, 4);
  double *tenths = tenths_of(t, s, b->dt, now);
  OK(quell_projection_endpoints(b->synapses, 0, n, pre, post));
  OK(quell_projection_get(b->synapses, "weight", 0, n, w));
  OK(quell_projection_get(b->synapses, "eligibility", 0, n, e));
  OK(quell_projection_get(b->synapses, "delay_dendritic", 0, n, d));
  for (uint64_t i = 0; i < n; i += 7) {
    modulated r = {.rule = t->is, .factor = {tenths}, .dt = b->dt, .w = 0.5};
    uint64_t axonal = (uint64_t)llround(t->axonal / b->dt);
    uint64_t dendritic = (uint64_t)llround((double)d[i] / b->dt);
    uint64_t *arrivals = train_of(b->pre_spikes, pre[i], axonal, &r.n_pre);
    uint64_t *effective = train_of(b->post_spikes, post[i], dendritic, &r.n_post);
    r.pre = arrivals;
    r.post = effective;
    modulated_run(&r, now);
    double want = modulated_weight(&r);
    if (fabs((double)w[i] - want) > 1e-5 || fabs((double)e[i] - r.e[0]) > 1e-5)
      fail_msg("%s, course %d, tie %d, synapse %llu: w %.8g, not %.8g; e %.8g, not %.8g (%s)",
               t->rule, (int)t->modulator.wave, t->is.tie, (unsigned long long)i, (double)w[i],
               want, (double)e[i], r.e[0], setup_name(b->setup));
    free(arrivals);
    free(effective);
  }
  free(pre);
  free(post);
  free(w);
  free(e);
  free(d);
  free(tenths);
}

#define REWARD(t, e)                                                                               \
  { "reward_stdp", {{{-0.012, 0, 0.02, 0}}, {e}, 1, 17, 34, 0, 1, t}, {PULSES, 200, 0.05}, 0, 0, 0 }
#define INHIBITORY(t)                                                                              \
  {                                                                                                \
    "vogels2011", {{{0.02, -0.008, 0.02, 0}}, {300}, 1, 20, 20, 0, 1, t}, {PULSES, 150, 0.1}, 0,   \
        0, 0                                                                                       \
  }

static uint64_t run_trial(const trial *t, const setup *s, int check) {
  train pre = {NULL, 0, 0}, post = {NULL, 0, 0};
  bench b;
  quell_modulator *channel;
  uint64_t steps = duration();
  make_trains(&pre, &post, steps);
  open_trial(&b, t, s, &pre, &post, &channel);
  script sc = script_of(&t->modulator, steps, b.dt, s->start);
  OK(quell_modulator_schedule(channel, sc.kind, 0, sc.time, sc.value, sc.n));
  bench_run_to(&b, steps / 3);
  if (check) check_trial(&b, t, &sc);
  bench_run_to(&b, steps);
  if (check) check_trial(&b, t, &sc);
  uint64_t hash = digest_weights(DIGEST, b.synapses);
  script_free(&sc);
  bench_close(&b);
  train_free(&pre);
  train_free(&post);
  return hash;
}

static void courses_delays_and_ties(void **state) {
  static const setup plain = {.horizon = HORIZON};
  static const struct {
    double axonal, dendritic;
    int spread;
  } delays[] = {{0, 0, 0}, {1.3, 0, 0}, {0, 0.7, 0}, {0.8, 1.1, 0}, {0.5, 2.0, 1}};
  for (int tie = 0; tie < 3; tie++) {
    for (size_t d = 0; d < COUNT(delays); d++) {
      for (int w = 0; w < N_WAVES; w++) {
        if (quick() && (w + (int)d) % 3) continue;
        trial t = d % 2 ? (trial)INHIBITORY(tie) : (trial)REWARD(tie, w % 2 ? 40 : 1000);
        t.modulator.wave = (wave)w;
        if (w == RAMP || w == STEPS) t.modulator.tau = (double)INFINITY;
        t.axonal = delays[d].axonal;
        t.dendritic = delays[d].dendritic;
        t.spread = delays[d].spread;
        run_trial(&t, &plain, 1);
      }
    }
  }
  (void)state;
}

static const setup setups[] = {
    {0},
    {.tile_size = 64,
     .horizon = 256,
     .block_size = 16,
     .executor = &executor_shuffled,
     .cut = CUT_PIECES},
    {.tile_size = 64,
     .horizon = 512,
     .block_size = 48,
     .threads = 3,
     .read = 1,
     .isa = QUELL_ISA_BASELINE},
    {.cut = CUT_STEPS, .isa = QUELL_ISA_AVX2},
    {.start = ((uint64_t)1 << 32) - 2000, .horizon = 256},
};

static int there_is(int32_t isa) {
  quell_network_options options = QUELL_NETWORK_OPTIONS_INIT;
  quell_network *net;
  options.isa = isa;
  if (quell_network_create(&options, &net)) return 0;
  quell_network_destroy(&net);
  return 1;
}

static void same_bits_in_every_setup(void **state) {
  trial trials[] = {REWARD(QUELL_PRE_FIRST, 60), INHIBITORY(QUELL_POST_FIRST)};
  trials[0].modulator.wave = NOISE;
  trials[1].dendritic = 1.2;
  trials[1].spread = 1;
  for (size_t k = 0; k < COUNT(trials); k++) {
    uint64_t want = run_trial(&trials[k], &setups[0], 0);
    for (size_t i = 1; i < COUNT(setups); i++) {
      if (!there_is(setups[i].isa)) continue;
      if (setups[i].start) continue; /* windows lie on the grid: see the next test */
      if (run_trial(&trials[k], &setups[i], 0) != want)
        fail_msg("%s: other bits with %s", trials[k].rule, setup_name(&setups[i]));
    }
  }
  (void)state;
}

static void the_clock_may_start_late(void **state) {
  trial t = REWARD(QUELL_EXCLUSIVE, 60);
  run_trial(&t, &setups[COUNT(setups) - 1], 1);
  (void)state;
}

/* --- closed forms --- */

typedef struct lone {
  quell_network *net;
  quell_population *pre, *post;
  quell_rule *rule;
  quell_modulator *channel;
  quell_projection *synapse;
  train spikes;
  feeder feeder;
} lone;

/* Pre and post spikes at given steps, NEST's defaults. */
static lone *lone_open(const uint64_t *pre, size_t n_pre, const uint64_t *post, size_t n_post,
                       uint32_t horizon, double tau_c) {
  lone *made = must_alloc(1, sizeof *made);
  *made = (lone){0};
  setup s = {.horizon = horizon};
  quell_value none = {"tau", tau_c};
  quell_value values[] = {{"a_plus", 1.0}, {"a_minus", 1.5}, {"w_max", (double)INFINITY}};
  quell_connection c = QUELL_CONNECTION_INIT;
  double times[8];
  uint32_t zeros[8] = {0};
  made->net = open_network(&s);
  for (size_t i = 0; i < n_pre; i++) times[i] = (double)pre[i] * 0.1;
  OK(quell_population_create(made->net, "pre", "spike_source", 1, NULL, 0, &made->pre));
  OK(quell_population_create(made->net, "post", "external", 1, NULL, 0, &made->post));
  OK(quell_population_set_spikes(made->pre, zeros, times, n_pre));
  OK(quell_modulator_create(made->net, "dopamine", NULL, &none, 1, &made->channel));
  OK(quell_rule_create(made->net, "reward_stdp", values, 3, &made->rule));
  OK(quell_rule_bind(made->rule, "reward", made->channel, NULL));
  c.kind = QUELL_ALL_TO_ALL;
  c.weight = (quell_distribution){.kind = QUELL_CONSTANT, .a = 100.0};
  OK(quell_connect(made->net, made->pre, made->post, "excitatory", &c, made->rule, &made->synapse));
  for (size_t i = 0; i < n_post; i++) train_add(&made->spikes, post[i], 0);
  made->feeder = (feeder){made->post, &made->spikes, 0, 0};
  OK(quell_population_on_step(made->post, feed, &made->feeder));
  return made;
}

static void lone_close(lone *l) {
  quell_network_destroy(&l->net);
  train_free(&l->spikes);
  free(l);
}

static void run_to(const lone *l, uint64_t step) {
  OK(quell_run_steps(l->net, step - quell_network_clock(l->net)));
}

static double value(const lone *l, const char *name) {
  float v = NAN;
  OK(quell_projection_get(l->synapse, name, 0, 1, &v));
  return (double)v;
}

/* Computed from NEST's closed form; see the header of reward_stdp.c for the units. */
static void single_pairs_of_nest(void **state) {
  static const struct {
    int dt;
    double lag, want;
  } cases[] = {
      {10, 100, 0.45734}, {10, 1000, 0.18594}, {10, 3000, 0.025164}, {-10, 1000, -0.27891}};
  for (size_t i = 0; i < COUNT(cases); i++) {
    uint64_t pre = cases[i].dt > 0 ? 500 : 600, post = cases[i].dt > 0 ? 600 : 500;
    lone *l = lone_open(&pre, 1, &post, 1, 4096, 200.0);
    /* 1 / tau_n per ms is 5 per s, in NEST's unit 1 / 200 per ms */
    OK(quell_modulator_release(l->channel, 0, 5.0, 60.0 + cases[i].lag));
    OK(quell_run(l->net, 20000.0));
    /* w is 100, where a float has steps of 7.6e-6 */
    double change = value(l, "weight") - 100.0;
    if (fabs(change - cases[i].want) > 3e-5)
      fail_msg("pair of %d ms, lag %g: %.6g, not %g", cases[i].dt, cases[i].lag, change,
               cases[i].want);
    lone_close(l);
  }
  (void)state;
}

static double eligible(const lone *l) {
  return value(l, "eligibility");
}

static void constant_for_a_long_time(void **state) {
  uint64_t pre = 500, steps = quick() ? 1000000 : 10000000;
  uint64_t post[] = {600, steps + 5};
  lone *l = lone_open(&pre, 1, post, 2, 16384, (double)INFINITY);
  double one = 1.0;
  OK(quell_modulator_set(l->channel, 0, 1, &one));
  run_to(l, steps);
  double want = exp(-0.5); /* e times tau_e, 1 s */
  assert_true(fabs(value(l, "weight") - 100.0 - want) < 3e-5);
  assert_true(eligible(l) == 0.0);
  double before = value(l, "weight");
  OK(quell_run(l->net, 10.0));
  assert_true(value(l, "weight") == before); /* the pre trace is gone by then */
  lone_close(l);
  (void)state;
}

/* --- the published trajectory --- */

static size_t read_column(const char *name, double *at, size_t most) {
  char path[512], line[256];
  size_t n = 0;
  snprintf(path, sizeof path, "%s/reference/%s.csv", QUELL_TEST_DATA, name);
  FILE *file = fopen(path, "r");
  if (!file) fail_msg("cannot read %s", path);
  while (file && n < most && fgets(line, sizeof line, file))
    if (line[0] != '#') at[n++] = strtod(line, NULL);
  if (file) fclose(file);
  return n;
}

static void the_reference_trajectory(void **state) {
  enum { MOST = 1024, ABOVE = 8 }; /* its weight goes below 0, which ours do not */
  double pre[MOST], post[MOST], dopamine[MOST], times[4] = {0};
  char path[512], line[256];
  uint32_t zeros[MOST] = {0};
  train spikes = {NULL, 0, 0};
  setup s = {.horizon = 1024};
  quell_network *net = open_network(&s);
  quell_population *from, *to;
  quell_rule *rule;
  quell_modulator *channel;
  quell_projection *synapse;
  quell_connection c = QUELL_CONNECTION_INIT;
  quell_value unbound = {"w_max", (double)INFINITY};
  size_t n_pre = read_column("spikes_pre", pre, MOST);
  size_t n_post = read_column("spikes_post", post, MOST);
  size_t n_da = read_column("spikes_dopamine", dopamine, MOST);
  OK(quell_population_create(net, "pre", "spike_source", 1, NULL, 0, &from));
  OK(quell_population_create(net, "post", "external", 1, NULL, 0, &to));
  OK(quell_population_set_spikes(from, zeros, pre, n_pre));
  for (size_t i = 0; i < n_post; i++) train_add(&spikes, (uint64_t)llround(post[i] * 10.0), 0);
  feeder f = {to, &spikes, 0, 0};
  OK(quell_population_on_step(to, feed, &f));
  OK(quell_modulator_create(net, "dopamine", NULL, NULL, 0, &channel)); /* tau is 200 ms */
  for (size_t i = 0; i < n_da; i++) OK(quell_modulator_release(channel, 0, 5.0, dopamine[i]));
  OK(quell_rule_create(net, "reward_stdp", &unbound, 1, &rule)); /* the reference's are defaults */
  OK(quell_rule_bind(rule, "reward", channel, NULL));
  c.kind = QUELL_ALL_TO_ALL;
  c.weight = (quell_distribution){.kind = QUELL_CONSTANT, .a = 0.5 + ABOVE};
  OK(quell_connect(net, from, to, "excitatory", &c, rule, &synapse));
  snprintf(path, sizeof path, "%s/reference/reward_stdp.csv", QUELL_TEST_DATA);
  FILE *file = fopen(path, "r");
  assert_non_null(file);
  size_t rows = 0;
  while (fgets(line, sizeof line, file)) {
    char *at = line;
    float w, e;
    double level;
    if (line[0] == '#') continue;
    for (int i = 0; i < 4; i++, at++) times[i] = strtod(at, &at);
    OK(quell_run_steps(net, (uint64_t)llround(times[0] * 10.0) - quell_network_clock(net)));
    OK(quell_projection_get(synapse, "weight", 0, 1, &w));
    OK(quell_projection_get(synapse, "eligibility", 0, 1, &e));
    OK(quell_modulator_get(channel, 0, 1, &level));
    CLOSE((double)w - ABOVE, times[1], 1.0, "weight", rows);
    CLOSE((double)e, times[2], 1.0, "eligibility", rows);
    CLOSE(level, times[3], 1.0, "dopamine", rows);
    rows++;
  }
  assert_int_equal(rows, 101);
  fclose(file);
  train_free(&spikes);
  quell_network_destroy(&net);
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(single_pairs_of_nest),     cmocka_unit_test(constant_for_a_long_time),
      cmocka_unit_test(the_reference_trajectory), cmocka_unit_test(courses_delays_and_ties),
      cmocka_unit_test(same_bits_in_every_setup), cmocka_unit_test(the_clock_may_start_late),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

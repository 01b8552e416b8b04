/* Several rules that follow modulators in one network: on the same neurons, in one projection, and
 * one instance in several projections. Each does what it does alone. */
#include "support/channels.h"
#include "support/check.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PRES = 3, POSTS = 130, STEPS_RUN = 3000, SYNAPSES = PRES * POSTS };

static const setup setups[] = {
    {.horizon = 1024},
    {.tile_size = 64, .horizon = 64, .block_size = 16, .cut = CUT_PIECES},
    {.tile_size = 64, .horizon = 128, .threads = 2, .read = 1},
};

static const channel_case eligible = {
    TWO_TRACES,
    {{{-0.02, 0.003, 0.03, 0}, {0.01, 0, -0.02, 0}}, {40, 300}, 2, 17, 34, 0, 1, QUELL_PRE_FIRST},
    0.4,
    0,
    0,
    0.5};
static const channel_case direct = {
    ONE_WEIGHT, {{{-0.02, 0.003, 0.03, -0.002}}, {0}, 0, 23, 11, 0, 1, QUELL_POST_FIRST}, 0, 0, 0,
    0.5};

/* Also neurons that fire often in one step and for long before a row is visited: their events
 * overflow what is kept at hand. */
static void make_trains(train *pre, train *post) {
  channel_trains(pre, post, PRES, POSTS, STEPS_RUN, 12);
  for (uint64_t k = 200; k < STEPS_RUN; k += 230)
    for (int i = 0; i < 21; i++) train_add(post, k, 65);
  for (uint64_t k = 300; k < STEPS_RUN; k += 9) train_add(post, k, 3);
  train_sort(post);
}

enum { ELIGIBLE = 1, DIRECT = 2, AGAIN = 4 };

typedef struct outcome {
  float w[3][SYNAPSES];
} outcome;

static quell_rule *make_rule(bench *b, const channel_case *c, const char *gain) {
  /* channel_open() has made one of them; the other is like it */
  const modulated_change *a = &c->is.change[0];
  const quell_value values[] = {
      {"tau_x", c->is.tau_x},   {"tau_y", c->is.tau_y},     {"fast_pre_y", a->pre_y},
      {"fast_pre_1", a->pre_1}, {"fast_post_x", a->post_x}, {"fast_post_1", a->post_1},
      {"w_max", c->is.w_max},   {"tie", c->is.tie},
  };
  quell_rule *rule;
  OK(quell_rule_create(b->network, c->name, values, COUNT(values), &rule));
  OK(quell_rule_bind(rule, gain, quell_modulator_find(b->network, "signal"), NULL));
  return rule;
}

/* The host tells each neuron its own signal, now and then. */
static void tell(quell_modulator *signal, uint64_t step) {
  for (uint64_t j = 0; j < POSTS; j++) {
    double value = sin((double)(step + 31 * j));
    OK(quell_modulator_set(signal, j, 1, &value));
  }
}

static void run_network(const setup *s, int which, outcome *out) {
  train pre = {NULL, 0, 0}, post = {NULL, 0, 0};
  quell_projection *synapses[3] = {NULL};
  quell_modulator_options o = QUELL_MODULATOR_OPTIONS_INIT;
  quell_modulator *signal;
  bench b;
  make_trains(&pre, &post);
  channel_open(&b, s, &eligible, PRES, &pre, POSTS, &post);
  o.scope = QUELL_SCOPE_NEURON;
  o.population = b.post;
  OK(quell_modulator_create(b.network, "signal", &o, NULL, 0, &signal));
  OK(quell_rule_bind(b.rule, "reward", signal, NULL));
  OK(quell_rule_bind(b.rule, "arousal", signal, NULL));
  OK(quell_rule_bind(b.rule, "potentiation", signal, NULL));
  if (which & DIRECT) {
    quell_rule *first = b.rule;
    b.rule = make_rule(&b, &direct, "gain");
    channel_connect(&b, &direct);
    synapses[1] = b.synapses;
    b.rule = first;
  }
  if (which & ELIGIBLE) {
    channel_connect(&b, &eligible);
    synapses[0] = b.synapses;
  }
  if (which & AGAIN) { /* the same instance, another delay */
    channel_case c = eligible;
    c.axonal = 1.3;
    channel_connect(&b, &c);
    synapses[2] = b.synapses;
  }
  for (uint64_t step = 0; step < STEPS_RUN; step += 37) {
    bench_run_to(&b, step);
    tell(signal, step);
    if (step == 37 * 20 && synapses[0]) OK(quell_projection_learning(synapses[0], 0));
    if (step == 37 * 40 && synapses[0]) OK(quell_projection_learning(synapses[0], 1));
  }
  bench_run_to(&b, STEPS_RUN);
  for (int k = 0; k < 3; k++)
    if (synapses[k]) OK(quell_projection_get(synapses[k], "weight", 0, SYNAPSES, out->w[k]));
  bench_close(&b);
  train_free(&pre);
  train_free(&post);
}

static void rules_do_not_touch(void **state) {
  static outcome alone, together;
  size_t moved[3] = {0};
  run_network(&setups[0], ELIGIBLE, &alone);
  run_network(&setups[0], DIRECT, &alone);
  run_network(&setups[0], AGAIN, &alone);
  for (size_t i = 0; i < COUNT(setups); i++) {
    run_network(&setups[i], ELIGIBLE | DIRECT | AGAIN, &together);
    for (size_t k = 0; k < 3; k++) {
      for (size_t j = 0; j < SYNAPSES; j++) {
        moved[k] += fabs((double)alone.w[k][j] - 0.5) > 1e-5;
        if (alone.w[k][j] != together.w[k][j])
          fail_msg("projection %zu, synapse %zu: %.9g, and %.9g alone (%s)", k, j,
                   (double)together.w[k][j], (double)alone.w[k][j], setup_name(&setups[i]));
      }
    }
  }
  for (size_t k = 0; k < 3; k++) assert_true(moved[k] > SYNAPSES / 2);
  (void)state;
}

/* --- rules at an interval --- */

/* w := target + (w − target) e^(−period / tau), as much of it as "learning" says. */
static void an_interval_rule_learns_as_much_as_it_may(void **state) {
  const channel_case c = {
      TWO_TRACES, {.n = 2, .tau_e = {1000, 1000}, .tau_x = 20, .tau_y = 20, .w_max = 10}, 0, 0, 0,
      2};
  const quell_value values[] = {{"tau", 50}, {"target", 0.5}, {"interval", 5}};
  const quell_value stays = {"tau", (double)INFINITY};
  train none = {NULL, 0, 0};
  quell_connection how = QUELL_CONNECTION_INIT;
  quell_rule *decay;
  quell_modulator *m, *reward;
  bench b;
  channel_open(&b, &setups[0], &c, 1, &none, 1, &none);
  OK(quell_modulator_create(b.network, "m", NULL, &stays, 1, &m));
  OK(quell_modulator_create(b.network, "reward", NULL, &stays, 1, &reward));
  OK(quell_rule_create(b.network, "decay", values, 3, &decay));
  OK(quell_rule_bind(decay, "learning", m, NULL));
  OK(quell_rule_bind(b.rule, "reward", reward, NULL));
  OK(quell_rule_bind(b.rule, "arousal", m, NULL));
  how.kind = QUELL_ALL_TO_ALL;
  how.weight = (quell_distribution){.kind = QUELL_CONSTANT, .a = 2};
  how.stack = &decay;
  how.n_stack = 1;
  OK(quell_connect(b.network, b.pre, b.post, "inhibitory", &how, b.rule, &b.synapses));
  OK(quell_projection_set(b.synapses, "fast", 0, 1, &(float){0.5f}));
  OK(quell_modulator_set(reward, 0, 1, &(double){4.0}));
  OK(quell_modulator_release(m, 0, 0.25, 10.0)); /* the interval at that stamp sees it */
  double w = 2, factor = 0;
  for (uint64_t step = 50; step <= 200; step += 50) {
    bench_run_to(&b, step + 1);
    w -= 4 * 0.5 * exp(-(double)(step - 50) * 1e-4) * expm1(-50e-4);
    if (step >= 100) factor = 0.25;
    w += factor * (w - 0.5) * expm1(-5.0 / 50.0);
    double since = -4 * 0.5 * exp(-(double)step * 1e-4) * expm1(-1e-4);
    if (fabs((double)bench_weight(&b, 0) - w - since) > 3e-6)
      fail_msg("at step %llu: %.9g, not %.9g", (unsigned long long)step,
               (double)bench_weight(&b, 0), w + since);
  }
  bench_close(&b);
  (void)state;
}

/* --- delivery --- */

/* What a pre spike delivers is the weight as it is read then, within its bounds. */
static void what_is_delivered(void **state) {
  const channel_case c = {
      TWO_TRACES, {.n = 2, .tau_e = {1000, 1000}, .tau_x = 20, .tau_y = 20, .w_max = 2.05}, 0, 0, 0,
      2};
  const quell_value stays = {"tau", (double)INFINITY};
  train pre = {NULL, 0, 0}, none = {NULL, 0, 0};
  quell_modulator *m;
  bench b;
  for (uint64_t k = 100; k <= 900; k += 400) train_add(&pre, k, 0);
  channel_open(&b, &setups[0], &c, 1, &pre, 1, &none);
  OK(quell_modulator_create(b.network, "m", NULL, &stays, 1, &m));
  OK(quell_modulator_set(m, 0, 1, &(double){3.0}));
  OK(quell_rule_bind(b.rule, "reward", m, NULL));
  OK(quell_rule_bind(b.rule, "arousal", m, NULL));
  channel_connect(&b, &c);
  OK(quell_projection_set(b.synapses, "fast", 0, 1, &(float){1.0f}));
  for (uint64_t k = 100; k <= 900; k += 400) {
    const float *got = NULL;
    uint32_t n = 0;
    bench_run_to(&b, k);
    double w = (double)bench_weight(&b, 0);
    if (k == 500) OK(quell_projection_learning(b.synapses, 0));
    OK(quell_step(b.network));
    OK(quell_population_input(b.post, "inhibitory", &got, &n));
    assert_true((double)got[0] == w);
    assert_true(k == 100 ? w > 2 && w < 2.05 : w == (double)2.05f);
  }
  bench_close(&b);
  train_free(&pre);
  (void)state;
}

/* --- the host in a run --- */

typedef struct host {
  feeder feeder; /* must be first: feed() takes it */
  quell_modulator *channel;
} host;

static int releases_at(uint64_t step) {
  return step % 97 == 0;
}

static void feed_and_release(void *context) {
  host *h = context;
  if (releases_at(h->feeder.now)) OK(quell_modulator_release(h->channel, 0, 0.3, QUELL_NOW));
  feed(&h->feeder);
}

static uint64_t run_host(int in_run) {
  train pre = {NULL, 0, 0}, post = {NULL, 0, 0};
  quell_modulator *channel;
  bench b;
  channel_trains(&pre, &post, PRES, POSTS, STEPS_RUN, 3);
  channel_open(&b, &setups[0], &eligible, PRES, &pre, POSTS, &post);
  OK(quell_modulator_create(b.network, "m", NULL, NULL, 0, &channel));
  OK(quell_rule_bind(b.rule, "reward", channel, NULL));
  OK(quell_rule_bind(b.rule, "arousal", channel, NULL));
  OK(quell_rule_bind(b.rule, "gain", channel, NULL));
  channel_connect(&b, &eligible);
  host h = {b.feeder, channel};
  if (in_run) OK(quell_population_on_step(b.post, feed_and_release, &h));
  for (uint64_t step = 0; step < STEPS_RUN && !in_run; step++)
    if (releases_at(step)) OK(quell_modulator_release(channel, 0, 0.3, (double)step * 0.1));
  bench_run_to(&b, STEPS_RUN);
  uint64_t hash = digest_weights(DIGEST, b.synapses);
  bench_close(&b);
  train_free(&pre);
  train_free(&post);
  return hash;
}

/* A release from inside a run acts at the step that begins, as one that was known before. */
static void releases_from_on_step(void **state) {
  assert_true(run_host(1) == run_host(0));
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rules_do_not_touch),
      cmocka_unit_test(an_interval_rule_learns_as_much_as_it_may),
      cmocka_unit_test(what_is_delivered),
      cmocka_unit_test(releases_from_on_step),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

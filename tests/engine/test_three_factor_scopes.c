/* Third factors and parameters that differ by territory or by neuron: each synapse learns as if its
 * channel were the only one. */
#include "support/channels.h"
#include "support/check.h"
#include "support/random.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PRES = 3, POSTS = 150, STEPS_RUN = 4000, PARTS = 3 };

static const setup plain = {.horizon = 1024};

static channel_case two_traces(int tie, double axonal, double dendritic) {
  return (channel_case){TWO_TRACES,
                        {{{-0.02, 0.003, 0.03, -0.002}, {0.01, -0.004, -0.02, 0.003}},
                         {40, 300},
                         2,
                         17,
                         34,
                         0,
                         1,
                         tie},
                        axonal,
                        dendritic,
                        dendritic > 0.0,
                        0.5};
}

/* Which part of the post neurons sees which course. */
static uint32_t part_of(uint32_t neuron) {
  return neuron % 7 % PARTS;
}

/* --- a network that sees one course, or all --- */

enum { ALL = -1 };

typedef struct world {
  const channel_case *rule;
  const setup *setup;
  int32_t scope;
  course course[PARTS], common;
  train pre, post;
} world;

static void world_open(world *w, const channel_case *c, const setup *s, int32_t scope) {
  static const wave waves[PARTS] = {PULSES, STEPS, RAMP};
  *w = (world){.rule = c, .setup = s, .scope = scope};
  for (size_t k = 0; k < PARTS; k++)
    w->course[k] = course_make(waves[k], 0.0, k ? (double)INFINITY : 120.0, STEPS_RUN, 0, 3);
  w->common = course_make(PULSES, 0.4, 300.0, STEPS_RUN, 0, 8);
  channel_trains(&w->pre, &w->post, PRES, POSTS, STEPS_RUN, 6);
}

static void world_close(world *w) {
  for (size_t k = 0; k < PARTS; k++) course_free(&w->course[k]);
  course_free(&w->common);
  train_free(&w->pre);
  train_free(&w->post);
}

static quell_modulator *wide_channel(const world *w, bench *b, double tau) {
  quell_modulator_options o = QUELL_MODULATOR_OPTIONS_INIT;
  const quell_value values[] = {{"tau", tau}};
  uint32_t territory[POSTS];
  quell_modulator *channel;
  o.scope = w->scope;
  if (w->scope == QUELL_SCOPE_TERRITORY) o.territories = PARTS;
  if (w->scope == QUELL_SCOPE_NEURON) o.population = b->post;
  OK(quell_modulator_create(b->network, "wide", &o, values, 1, &channel));
  for (uint32_t j = 0; j < POSTS; j++) territory[j] = part_of(j);
  if (w->scope == QUELL_SCOPE_TERRITORY)
    OK(quell_modulator_territories(channel, b->post, territory, POSTS));
  return channel;
}

static void act(const world *w, const course *c, size_t i, quell_modulator *channel, uint32_t at) {
  if (w->scope == QUELL_SCOPE_TERRITORY) return;
  if (c->kind == QUELL_RELEASE_AMOUNT)
    OK(quell_modulator_release(channel, at, c->value[i], QUELL_NOW));
  else
    OK(quell_modulator_set(channel, at, 1, &c->value[i]));
}

/* Scope neuron: nothing can be scheduled, the host acts at each step. */
static void run_by_hand(const world *w, bench *b, quell_modulator *channel, int only) {
  size_t next[PARTS] = {0};
  for (uint64_t step = 0; step < STEPS_RUN; step++) {
    int acts[PARTS] = {0};
    for (int k = 0; k < PARTS; k++) {
      const course *c = &w->course[k];
      acts[k] = (only == ALL || only == k) && next[k] < c->n &&
                (uint64_t)llround(c->time[next[k]] * 10.0) == step;
    }
    if (acts[0] || acts[1] || acts[2]) bench_run_to(b, step);
    for (uint32_t j = 0; j < POSTS; j++)
      if (acts[part_of(j)]) act(w, &w->course[part_of(j)], next[part_of(j)], channel, j);
    for (int k = 0; k < PARTS; k++) next[k] += (size_t)acts[k];
  }
  bench_run_to(b, STEPS_RUN);
}

static float *values_of(const bench *b, uint64_t *n) {
  *n = quell_projection_size(b->synapses);
  float *values = must_alloc(2 * *n, sizeof *values);
  OK(quell_projection_get(b->synapses, "weight", 0, *n, values));
  OK(quell_projection_get(b->synapses, "fast", 0, *n, values + *n));
  return values;
}

/* Weights and eligibilities at the end. `only`: one course alone, in a channel of the network's
 * scope; ALL: each in its part, in a channel of the world's. The three have one time constant in a
 * world of many parts, so they differ there where they are ALL. */
static float *run_world(const world *w, int only, double tau) {
  bench b;
  uint64_t n;
  channel_open(&b, w->setup, w->rule, PRES, &w->pre, POSTS, &w->post);
  quell_modulator *common = course_channel(b.network, "common", &w->common), *channel;
  if (only == ALL) {
    channel = wide_channel(w, &b, tau);
    for (int k = 0; k < PARTS && w->scope == QUELL_SCOPE_TERRITORY; k++)
      course_schedule(&w->course[k], channel, (uint64_t)k);
  } else {
    course c = w->course[only];
    c.tau = tau;
    channel = course_channel(b.network, "one", &c);
  }
  quell_curve half = QUELL_CURVE_INIT;
  half.slope = 0.5;
  half.low = 0.7;
  OK(quell_rule_bind(b.rule, "reward", channel, NULL));
  OK(quell_rule_bind(b.rule, "reward", common, &half));
  OK(quell_rule_bind(b.rule, "arousal", common, NULL));
  OK(quell_rule_bind(b.rule, "gain", channel, &half));
  OK(quell_rule_bind(b.rule, "depression", channel, &half));
  channel_connect(&b, w->rule);
  if (only == ALL && w->scope == QUELL_SCOPE_NEURON)
    run_by_hand(w, &b, channel, ALL);
  else
    bench_run_to(&b, STEPS_RUN);
  float *values = values_of(&b, &n);
  bench_close(&b);
  return values;
}

static void check_parts(const world *w, double tau) {
  float *all = run_world(w, ALL, tau), *one[PARTS];
  size_t n = PRES * POSTS, moved = 0;
  for (int k = 0; k < PARTS; k++) one[k] = run_world(w, k, tau);
  for (size_t i = 0; i < 2 * n; i++) {
    uint32_t part = part_of((uint32_t)(i % n % POSTS));
    moved += one[0][i] != one[1][i] && one[1][i] != one[2][i];
    if (all[i] != one[part][i])
      fail_msg("value %zu, in part %u, is %.9g, and %.9g alone (%s)", i, part, (double)all[i],
               (double)one[part][i], setup_name(w->setup));
  }
  assert_true(moved > n / 2);
  free(all);
  for (int k = 0; k < PARTS; k++) free(one[k]);
}

static const setup setups[] = {
    {.horizon = 1024},
    {.tile_size = 64, .horizon = 128, .block_size = 16, .cut = CUT_PIECES},
    {.tile_size = 64, .horizon = 256, .threads = 3, .isa = QUELL_ISA_BASELINE},
};

static void each_territory_is_as_if_alone(void **state) {
  for (size_t i = 0; i < COUNT(setups); i++) {
    for (int tie = 0; tie < 3; tie++) {
      if (quick() && (int)i != tie) continue;
      channel_case c = two_traces(tie, i ? 0.6 : 0.0, tie ? 1.2 : 0.0);
      world w;
      world_open(&w, &c, &setups[i], QUELL_SCOPE_TERRITORY);
      check_parts(&w, i == 1 ? (double)INFINITY : 80.0);
      world_close(&w);
    }
  }
  (void)state;
}

static void each_neuron_is_as_if_alone(void **state) {
  for (size_t i = 0; i < COUNT(setups); i++) {
    for (int tie = 0; tie < 3; tie++) {
      if (quick() && (int)i != tie) continue;
      channel_case c = two_traces(tie, i ? 0.6 : 0.0, 0.0);
      world w;
      world_open(&w, &c, &setups[i], QUELL_SCOPE_NEURON);
      check_parts(&w, i == 1 ? (double)INFINITY : 80.0);
      world_close(&w);
    }
  }
  (void)state;
}

/* --- a state of the post neurons --- */

enum { CELLS = 70 };

/* The voltage of neurons that fire by themselves, as recorded: both the third factor and a
 * parameter follow it. */
typedef struct cells {
  bench b;
  train pre, post;
  quell_recorder *spikes, *v;
} cells;

static void cells_open(cells *c, const channel_case *rule, const setup *s, uint64_t steps) {
  quell_modulator_options o = QUELL_MODULATOR_OPTIONS_INIT;
  quell_modulator *voltage;
  quell_curve curve = QUELL_CURVE_INIT;
  double drive[CELLS];
  *c = (cells){.pre = {NULL, 0, 0}};
  channel_trains(&c->pre, &c->post, PRES, 8, steps, 2);
  c->post.n = 0;
  channel_open(&c->b, s, rule, PRES, &c->pre, CELLS, &c->post);
  for (size_t j = 0; j < CELLS; j++) drive[j] = 200.0 + 3.0 * (double)j;
  OK(quell_population_create(c->b.network, "cells", "lif_curr_exp", CELLS, NULL, 0, &c->b.post));
  OK(quell_population_set_array(c->b.post, "i_offset", 0, CELLS, drive));
  OK(quell_record_spikes(c->b.post, NULL, &c->spikes));
  OK(quell_record_state(c->b.post, "v", NULL, &c->v));
  o.scope = QUELL_SCOPE_STATE;
  o.population = c->b.post;
  o.state = "v";
  OK(quell_modulator_create(c->b.network, "voltage", &o, NULL, 0, &voltage));
  curve.low = 5.5;
  curve.slope = 0.1;
  OK(quell_rule_bind(c->b.rule, "reward", voltage, &curve));
  OK(quell_rule_bind(c->b.rule, "arousal", voltage, &curve));
  OK(quell_rule_bind(c->b.rule, "learning", voltage, &curve));
  channel_connect(&c->b, rule);
}

static double value_at(const quell_recording *v, uint64_t step, size_t neuron) {
  return 5.5 + 0.1 * (double)v->values[step * v->width + neuron];
}

/* The course of one neuron, for its references. */
static void follow(const quell_recording *v, size_t neuron, double *by_step, double *tenths) {
  for (uint64_t k = 0; k < v->samples; k++) {
    by_step[k] = value_at(v, k, neuron);
    for (size_t i = 0; i < MODULATED_TENTHS; i++) tenths[k * MODULATED_TENTHS + i] = by_step[k];
  }
}

static void a_state_is_followed(void **state) {
  const uint64_t steps = quick() ? 2000 : 4000;
  for (int tie = 0; tie < 3; tie++) {
    static const setup s = {.tile_size = 64, .horizon = 256};
    channel_case rule = two_traces(tie, 0.3 * tie, 0.0);
    modulated like = {0};
    quell_recording v = QUELL_RECORDING_INIT, spikes = QUELL_RECORDING_INIT;
    cells c;
    cells_open(&c, &rule, &s, steps);
    bench_run_to(&c.b, steps);
    OK(quell_recorder_read(c.v, &v));
    OK(quell_recorder_read(c.spikes, &spikes));
    assert_true(spikes.samples > 100);
    for (size_t i = 0; i < spikes.samples; i++) train_add(&c.post, spikes.stamps[i], spikes.ids[i]);
    double *by_step = must_alloc(steps, sizeof *by_step);
    double *tenths = must_alloc(steps * MODULATED_TENTHS, sizeof *tenths);
    like.dial[LEARNING] = by_step;
    like.factor[0] = like.factor[1] = tenths;
    channel_references r = channel_references_make(&c.b, &rule, &like);
    for (size_t j = 0; j < CELLS; j += 3) {
      follow(&v, j, by_step, tenths);
      for (uint64_t i = j; i < r.n; i += CELLS) modulated_run(&r.at[i], steps);
    }
    float *got = must_alloc(r.n, sizeof *got);
    OK(quell_projection_get(c.b.synapses, "weight", 0, r.n, got));
    for (uint64_t i = 0; i < r.n; i++) {
      if (i % CELLS % 3) continue;
      if (fabs((double)got[i] - modulated_weight(&r.at[i])) > 2e-5)
        fail_msg("tie %d: weight %llu is %.9g, not %.9g", tie, (unsigned long long)i,
                 (double)got[i], modulated_weight(&r.at[i]));
    }
    free(got);
    free(by_step);
    free(tenths);
    channel_references_free(&r);
    bench_close(&c.b);
    train_free(&c.pre);
    train_free(&c.post);
  }
  (void)state;
}

/* What the host writes between steps is there for the step that begins. */
static void a_state_that_the_host_sets(void **state) {
  const channel_case rule = {
      TWO_TRACES, {{{0, 0, 0, 0}}, {1000, 1000}, 2, 20, 20, 0, 100, 0}, 0, 0, 0, 8};
  train none = {NULL, 0, 0};
  quell_modulator_options o = QUELL_MODULATOR_OPTIONS_INIT;
  quell_modulator *voltage;
  bench b;
  double effective = NAN, v = 3.0;
  channel_open(&b, &plain, &rule, 1, &none, 1, &none);
  o.scope = QUELL_SCOPE_STATE;
  o.population = b.post;
  o.state = "v";
  OK(quell_modulator_create(b.network, "voltage", &o, NULL, 0, &voltage));
  OK(quell_rule_bind(b.rule, "reward", voltage, NULL));
  OK(quell_rule_bind(b.rule, "arousal", voltage, NULL));
  channel_connect(&b, &rule);
  OK(quell_projection_set(b.synapses, "fast", 0, 1, &(float){1.0f}));
  OK(quell_population_set_array(b.post, "v", 0, 1, &v));
  bench_run_to(&b, 100);
  v = -2.0;
  OK(quell_population_set_array(b.post, "v", 0, 1, &v));
  OK(quell_rule_effective(b.rule, "reward", 0, &effective));
  assert_true(effective == -2.0);
  bench_run_to(&b, 300);
  double want = 8 - 3 * expm1(-0.01) + 2 * exp(-0.01) * expm1(-0.02);
  assert_true(fabs((double)bench_weight(&b, 0) - want) < 2e-6);
  bench_close(&b);
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_territory_is_as_if_alone),
      cmocka_unit_test(each_neuron_is_as_if_alone),
      cmocka_unit_test(a_state_is_followed),
      cmocka_unit_test(a_state_that_the_host_sets),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What of a rule follows modulators from step to step: "learning", "potentiation", "depression", a
 * bindable parameter and third factors, through all curves and several at a time; under random
 * trains with delays and ties against the eager reference. */
#include "support/channels.h"
#include "support/check.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double MOST = 2e-5; /* of the weight, or of 1 */

enum {
  PRES = 3,
  POSTS = 90,
  STRIDE = 7,
  CHANNELS = 3,
  N_FACTORS = 2,
  N_TARGETS = N_DIALS + N_FACTORS
};

static uint64_t duration(void) {
  return quick() ? 2500 : 7000;
}

static const char *const targets[N_TARGETS] = {"learning", "potentiation", "depression",
                                               "gain",     "reward",       "arousal"};

/* --- curves, anew --- */

static const double table_x[] = {-1.0, -0.25, 0.5, 3.0}, table_y[] = {0.5, 1.5, -0.5, 2.0};

static double table_at(double c) {
  if (c <= table_x[0]) return table_y[0];
  for (size_t i = 1; i < COUNT(table_x); i++)
    if (c <= table_x[i])
      return table_y[i - 1] +
             (table_y[i] - table_y[i - 1]) * (c - table_x[i - 1]) / (table_x[i] - table_x[i - 1]);
  return table_y[COUNT(table_y) - 1];
}

static double curve_at(const quell_curve *q, double c) {
  switch (q->kind) {
  case QUELL_CURVE_HILL:
    return c <= 0.0 ? q->low : q->low + (q->high - q->low) / (1.0 + pow(q->half / c, q->shape));
  case QUELL_CURVE_SIGMOID:
    return q->low + (q->high - q->low) / (1.0 + exp(-(c - q->half) / q->shape));
  case QUELL_CURVE_TABLE:
    return table_at(c);
  default:
    return q->low + q->slope * c;
  }
}

/* --- bindings --- */

typedef struct binding {
  int target, channel;
  int32_t kind, combine;
  double low, slope, high, half, shape;
} binding;

static quell_curve curve_of(const binding *b) {
  quell_curve q = QUELL_CURVE_INIT;
  q.kind = b->kind;
  q.combine = b->combine;
  q.low = b->low;
  q.slope = b->slope;
  q.high = b->high;
  q.half = b->half;
  q.shape = b->shape;
  if (q.kind != QUELL_CURVE_TABLE) return q;
  q.n = COUNT(table_x);
  q.x = table_x;
  q.y = table_y;
  return q;
}

enum { REWARD = N_DIALS, AROUSAL };

static const binding each[] = {
    {LEARNING, 0, QUELL_CURVE_LINEAR, QUELL_MULTIPLY, 0.4, 0.6, 0, 0, 0},
    {POTENTIATION, 1, QUELL_CURVE_HILL, QUELL_MULTIPLY, 0.2, 0, 1.8, 0.7, 2.5},
    {DEPRESSION, 2, QUELL_CURVE_TABLE, QUELL_MULTIPLY, 0, 0, 0, 0, 0},
    {GAIN, 1, QUELL_CURVE_SIGMOID, QUELL_MULTIPLY, -0.5, 0, 1.5, 0.3, -0.4},
    {REWARD, 0, QUELL_CURVE_LINEAR, QUELL_MULTIPLY, 0, 1, 0, 0, 0},
    {AROUSAL, 1, QUELL_CURVE_SIGMOID, QUELL_MULTIPLY, -1, 0, 1, 0.2, 0.5},
};

/* Products and sums; "arousal" has nothing that multiplies and is a sum alone. */
static const binding several[] = {
    {LEARNING, 0, QUELL_CURVE_LINEAR, QUELL_MULTIPLY, 1, 0.2, 0, 0, 0},
    {LEARNING, 1, QUELL_CURVE_LINEAR, QUELL_MULTIPLY, 0.5, 0.3, 0, 0, 0},
    {LEARNING, 2, QUELL_CURVE_TABLE, QUELL_ADD, 0, 0, 0, 0, 0},
    {POTENTIATION, 1, QUELL_CURVE_HILL, QUELL_ADD, 0, 0, 1, 0.5, 1},
    {GAIN, 0, QUELL_CURVE_TABLE, QUELL_MULTIPLY, 0, 0, 0, 0, 0},
    {GAIN, 2, QUELL_CURVE_LINEAR, QUELL_ADD, 0.1, -0.3, 0, 0, 0},
    {REWARD, 0, QUELL_CURVE_LINEAR, QUELL_MULTIPLY, 0, 1, 0, 0, 0},
    {REWARD, 1, QUELL_CURVE_LINEAR, QUELL_MULTIPLY, 0, 1, 0, 0, 0},
    {REWARD, 2, QUELL_CURVE_LINEAR, QUELL_ADD, 0.2, 0.5, 0, 0, 0},
    {AROUSAL, 1, QUELL_CURVE_LINEAR, QUELL_ADD, 0.3, 0.5, 0, 0, 0},
    {AROUSAL, 2, QUELL_CURVE_TABLE, QUELL_ADD, 0, 0, 0, 0, 0},
};

typedef struct trial {
  channel_case rule;
  const binding *binding;
  size_t n;
  const setup *setup;
  double gain; /* without channels */
} trial;

static int has_target(const trial *t, int target) {
  int is_own = !strcmp(t->rule.name, TWO_TRACES) || !strcmp(t->rule.name, ONE_WEIGHT);
  if (target == GAIN) return is_own;
  return target < GAIN || (size_t)(target - REWARD) < t->rule.is.n;
}

static const char *name_of(const trial *t, int target) {
  return target >= REWARD && strcmp(t->rule.name, TWO_TRACES) != 0 ? "factor" : targets[target];
}

/* What a target is for concentrations at n times; NULL if nothing is bound to it. */
static double *target_over(const trial *t, int target, double *const level[CHANNELS], uint64_t n) {
  double *out = NULL;
  int multiplies = target < REWARD;
  for (size_t i = 0; i < t->n; i++)
    multiplies |= t->binding[i].target == target && t->binding[i].combine == QUELL_MULTIPLY;
  for (int adds = 0; adds < 2; adds++) {
    for (size_t i = 0; i < t->n; i++) {
      const binding *b = &t->binding[i];
      if (b->target != target) continue;
      if (!out) {
        out = must_alloc(n, sizeof *out);
        for (uint64_t k = 0; k < n; k++)
          out[k] = !multiplies ? 0.0 : target == GAIN ? t->gain : 1.0;
      }
      if ((b->combine == QUELL_ADD) != adds) continue;
      quell_curve q = curve_of(b);
      for (uint64_t k = 0; k < n; k++) {
        double value = curve_at(&q, level[b->channel][k]);
        out[k] = adds ? out[k] + value : out[k] * value;
      }
    }
  }
  return out;
}

typedef struct run {
  bench b;
  train pre, post;
  course course[CHANNELS];
  double *at[N_TARGETS]; /* by step; factors in tenths */
  channel_references references;
} run;

static void work_out(run *r, const trial *t, modulated *like) {
  double *step[CHANNELS], *tenth[CHANNELS];
  uint64_t steps = duration();
  for (size_t k = 0; k < CHANNELS; k++) {
    step[k] = course_by_step(&r->course[k]);
    tenth[k] = course_tenths(&r->course[k]);
  }
  for (int target = 0; target < N_TARGETS; target++) {
    if (!has_target(t, target)) continue;
    r->at[target] = target < REWARD ? target_over(t, target, step, steps)
                                    : target_over(t, target, tenth, steps * MODULATED_TENTHS);
    if (target < REWARD)
      like->dial[target] = r->at[target];
    else
      like->factor[target - REWARD] = r->at[target];
  }
  for (size_t k = 0; k < CHANNELS; k++) {
    free(step[k]);
    free(tenth[k]);
  }
}

static void open_run(run *r, const trial *t) {
  static const wave waves[CHANNELS] = {NOISE, PULSES, RAMP};
  static const double taus[CHANNELS] = {(double)INFINITY, 150, (double)INFINITY};
  quell_modulator *channel[CHANNELS];
  const quell_value gain = {"gain", t->gain};
  modulated like = {0};
  *r = (run){.pre = {NULL, 0, 0}};
  channel_trains(&r->pre, &r->post, PRES, POSTS, duration(), 9);
  channel_open(&r->b, t->setup, &t->rule, PRES, &r->pre, POSTS, &r->post);
  if (has_target(t, GAIN)) OK(quell_rule_set(r->b.rule, &gain, 1));
  for (size_t k = 0; k < CHANNELS; k++) {
    static const char *const names[] = {"a", "b", "c"};
    r->course[k] = course_make(waves[k], 0.0, taus[k], duration(), t->setup->start, 5 + k);
    channel[k] = course_channel(r->b.network, names[k], &r->course[k]);
  }
  for (size_t i = 0; i < t->n; i++) {
    const binding *b = &t->binding[i];
    quell_curve q = curve_of(b);
    if (has_target(t, b->target))
      OK(quell_rule_bind(r->b.rule, name_of(t, b->target), channel[b->channel], &q));
  }
  channel_connect(&r->b, &t->rule);
  work_out(r, t, &like);
  r->references = channel_references_make(&r->b, &t->rule, &like);
}

static void close_run(run *r) {
  channel_references_free(&r->references);
  for (size_t k = 0; k < CHANNELS; k++) course_free(&r->course[k]);
  for (size_t k = 0; k < N_TARGETS; k++) free(r->at[k]);
  bench_close(&r->b);
  train_free(&r->pre);
  train_free(&r->post);
}

/* What quell_rule_effective() says of the step that begins. A factor is that of the start of the
 * step there, and the reference has its first tenth, where what decays differs by dt / (20 tau). */
static void check_effective(const run *r, const trial *t) {
  uint64_t now = bench_now(&r->b);
  for (int target = 0; target < N_TARGETS; target++) {
    if (!r->at[target]) continue;
    double got = NAN, want = r->at[target][target < REWARD ? now : now * MODULATED_TENTHS];
    double most = target < REWARD ? 1e-6 : 1e-3;
    OK(quell_rule_effective(r->b.rule, name_of(t, target), 0, &got));
    if (fabs(got - want) > most * fmax(1.0, fabs(want)))
      fail_msg("%s of %s at step %llu is %.9g, not %.9g", targets[target], t->rule.name,
               (unsigned long long)now, got, want);
  }
}

static void compare(const trial *t) {
  run r;
  open_run(&r, t);
  for (uint64_t part = 1; part <= 3; part++) {
    bench_run_to(&r.b, duration() * part / 3 - (part < 3 ? 11 : 0));
    channel_check(&r.b, &t->rule, &r.references, STRIDE, MOST, "bound");
    if (part < 3) check_effective(&r, t);
  }
  close_run(&r);
}

/* --- rules, delays, ties --- */

#define CHANGES                                                                                    \
  {                                                                                                \
    {-0.02, 0.003, 0.03, -0.002}, {                                                                \
      0.01, -0.004, -0.02, 0.003                                                                   \
    }                                                                                              \
  }

static const channel_case rules[] = {
    {TWO_TRACES, {CHANGES, {40, 900}, 2, 17, 34, 0, 1, 0}, 0, 0, 0, 0.5},
    {ONE_WEIGHT, {CHANGES, {0}, 0, 17, 34, 0.2, 0.8, 0}, 0, 0, 0, 0.5},
    {"vogels2011", {{{0.05, -0.02, 0.05, 0}}, {0}, 0, 20, 20, 0, 1, 0}, 0, 0, 0, 0.5},
    {"vogels2011", {{{0.05, -0.02, 0.05, 0}}, {300}, 1, 20, 20, 0, 1, 0}, 0, 0, 0, 0.5},
    {"istdp_asymmetric", {{{-0.03, 0.004, 0.04, -0.006}}, {0}, 0, 25, 50, 0, 1, 0}, 0, 0, 0, 0.5},
};

static const struct {
  double axonal, dendritic;
  int spread;
} places[] = {{0, 0, 0}, {0, 0.7, 0}, {0.8, 1.1, 0}, {0.5, 2.0, 1}};

static const setup plain = {.horizon = 1024}, small = {.tile_size = 64, .horizon = 128};

static void all_rules(const binding *binding, size_t n) {
  for (size_t k = 0; k < COUNT(rules); k++) {
    for (size_t d = 0; d < COUNT(places); d++) {
      for (int tie = 0; tie < 3; tie++) {
        if (quick() && (d + (size_t)tie + k) % 3) continue;
        trial t = {rules[k], binding, n, d % 2 ? &small : &plain, 0.8};
        t.rule.is.tie = tie;
        t.rule.axonal = places[d].axonal;
        t.rule.dendritic = places[d].dendritic;
        t.rule.spread = places[d].spread;
        compare(&t);
      }
    }
  }
}

static void each_target_through_a_curve(void **state) {
  all_rules(each, COUNT(each));
  (void)state;
}

static void several_bindings_multiply_and_add(void **state) {
  all_rules(several, COUNT(several));
  (void)state;
}

/* One alone: the others stand still. */
static void one_target_alone(void **state) {
  for (int target = 0; target < REWARD; target++) {
    trial t = {rules[1], &each[target], 1, &plain, 1.0};
    t.rule.dendritic = 0.6;
    compare(&t);
  }
  (void)state;
}

/* --- by hand --- */

/* A modulator that changes at stamp s acts on events stamped s. Without traces the numbers are
 * plain: a pre event adds 0.25. */
static void a_change_at_a_stamp_acts_on_its_events(void **state) {
  const channel_case c = {ONE_WEIGHT, {{{0, 0.25, 0, 0}}, {0}, 0, 20, 20, 0, 100, 0}, 0, 0, 0, 1};
  const quell_value stays = {"tau", (double)INFINITY};
  train pre = {NULL, 0, 0}, post = {NULL, 0, 0};
  bench b;
  quell_modulator *channel;
  for (uint64_t k = 10; k < 14; k++) train_add(&pre, k, 0);
  channel_open(&b, &plain, &c, 1, &pre, 1, &post);
  OK(quell_modulator_create(b.network, "m", NULL, &stays, 1, &channel));
  OK(quell_rule_bind(b.rule, "learning", channel, NULL));
  channel_connect(&b, &c);
  OK(quell_modulator_release(channel, 0, 1.0, 1.1)); /* stamp 11 */
  bench_run_to(&b, 12);
  OK(quell_modulator_release(channel, 0, 3.0, QUELL_NOW));
  static const double want[] = {1.0, 1.0, 1.25, 2.25, 3.25};
  for (uint64_t k = 12; k <= 14; k++) {
    bench_run_to(&b, k);
    assert_true((double)bench_weight(&b, 0) == want[k - 10]);
  }
  bench_close(&b);
  train_free(&pre);
  (void)state;
}

/* A third factor is 0 without a binding, all else as it is. */
static void targets_without_a_channel(void **state) {
  const channel_case *c = &rules[0];
  train pre = {NULL, 0, 0}, post = {NULL, 0, 0};
  static const double want[N_TARGETS] = {1, 1, 1, -2.5, 0, 0};
  const quell_value gain = {"gain", -2.5};
  bench b;
  channel_open(&b, &plain, c, 1, &pre, 1, &post);
  OK(quell_rule_set(b.rule, &gain, 1));
  for (int target = 0; target < N_TARGETS; target++) {
    double got = NAN;
    OK(quell_rule_effective(b.rule, targets[target], 0, &got));
    assert_true(got == want[target]);
  }
  bench_close(&b);
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_change_at_a_stamp_acts_on_its_events),
      cmocka_unit_test(targets_without_a_channel),
      cmocka_unit_test(one_target_alone),
      cmocka_unit_test(each_target_through_a_curve),
      cmocka_unit_test(several_bindings_multiply_and_add),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

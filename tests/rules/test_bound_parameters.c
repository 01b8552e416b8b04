/* Parameters of rules that follow channels: every one of every rule, against the same value given
 * as a constant; and what that does to learning. */
#include "support/bench.h"
#include "support/check.h"
#include "support/compare.h"
#include "support/random.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PRE = 20, POST = 60 };

/* --- every parameter of every rule --- */

typedef struct trial {
  const quell_rule_desc *desc;
  quell_value values[RULE_PARAMS];
  size_t n;
  uint32_t param; /* what is moved … */
  double base;    /* … to its value from this; NAN: it is given as a constant */
} trial;

static const quell_param_desc *param_of(const quell_rule_desc *desc, uint32_t i) {
  return (const void *)((const char *)desc->params.at + (size_t)i * desc->params.stride);
}

static void make_populations(quell_network *net, int rates, quell_population **pre,
                             quell_population **post) {
  const quell_value biased[] = {{"bias", 8}, {"tau", 20}}, noisy = {"rate", 40};
  const quell_value driven[] = {{"i_offset", 480}, {"tau_m", 20}};
  OK(quell_population_create(net, "pre", rates ? "rate" : "poisson", PRE, rates ? biased : &noisy,
                             rates ? 2 : 1, pre));
  OK(quell_population_create(net, "post", rates ? "rate" : "lif_cond_exp", POST,
                             rates ? biased : driven, 2, post));
  if (!rates) OK(quell_population_background(*post, "excitatory", 500, 3));
}

/* All third factors follow a channel of their own. */
static void bind_factors(quell_network *net, const quell_rule_desc *desc, quell_rule *rule) {
  quell_modulator *channel;
  quell_value tonic = {"tonic", 0.5};
  OK(quell_modulator_create(net, "factors", NULL, &tonic, 1, &channel));
  OK(quell_modulator_release(channel, 0, 1.0, 50.0));
  for (uint32_t i = 0; i < desc->factors.count; i++) {
    const quell_factor_desc *factor = (const quell_factor_desc *)desc->factors.at + i;
    OK(quell_rule_bind(rule, factor->name, channel, NULL));
  }
}

/* The channel is 0, and the curve there what is to be added. */
static void bind_parameter(quell_network *net, const trial *t, quell_rule *rule) {
  quell_modulator *channel;
  quell_curve curve = QUELL_CURVE_INIT;
  curve.combine = QUELL_ADD;
  curve.low = t->values[t->param].value - t->base;
  OK(quell_modulator_create(net, "moves", NULL, NULL, 0, &channel));
  OK(quell_rule_bind(rule, t->values[t->param].name, channel, &curve));
}

static quell_rule *make_rule(quell_network *net, const trial *t) {
  quell_value values[RULE_PARAMS];
  quell_rule *rule;
  memcpy(values, t->values, t->n * sizeof *values);
  if (isfinite(t->base)) values[t->param].value = t->base;
  OK(quell_rule_create(net, t->desc->name, values, t->n, &rule));
  bind_factors(net, t->desc, rule);
  if (isfinite(t->base)) bind_parameter(net, t, rule);
  return rule;
}

static uint64_t run(const trial *t) {
  static const setup s = {.seed = 3};
  quell_rule_info info = QUELL_RULE_INFO_INIT;
  quell_population *pre, *post;
  quell_projection *synapses;
  quell_network *net = open_network(&s);
  quell_connection c = QUELL_CONNECTION_INIT;
  OK(quell_rule_describe(t->desc, &info));
  make_populations(net, (info.flags & QUELL_NEEDS_RATES) != 0, &pre, &post);
  quell_rule *rule = make_rule(net, t);
  int event = info.kind == QUELL_RULE_EVENT;
  c.kind = QUELL_ALL_TO_ALL;
  c.weight = (quell_distribution){.kind = QUELL_UNIFORM, .a = 0.2, .b = 0.8};
  c.delay_dendritic = (quell_distribution){.kind = QUELL_UNIFORM, .a = 0.0, .b = 1.0};
  c.stack = &rule;
  c.n_stack = event ? 0 : 1;
  OK(quell_connect(net, pre, post, "inhibitory", &c, event ? rule : NULL, &synapses));
  if (quell_run(net, 200.0)) fail_msg("%s: %s", t->desc->name, quell_network_error(net));
  uint64_t hash = digest_weights(DIGEST, synapses);
  quell_network_destroy(&net);
  return hash;
}

/* Without these a parameter would have no effect here: neurons fire all the time, do not show the
 * voltage of a spike, and inhibit rate units to silence. */
static const struct {
  const char *rule, *param;
  double value;
} wanted[] = {
    {"ltp_i_veto", "window", 0.5},     {"miehl2022", "linear", 1.0},
    {"clopath2010", "t_spike", 2.0},   {"stdp_table", "value_1", 1.0},
    {"stdp_triplet", "a2_plus", 1e-3}, {"stdp_triplet_nearest", "a2_plus", 1e-3},
};

static double value_for(const quell_rule_desc *desc, const quell_param_desc *p) {
  for (size_t i = 0; i < COUNT(wanted); i++)
    if (!strcmp(wanted[i].rule, desc->name) && !strcmp(wanted[i].param, p->name))
      return wanted[i].value;
  if (strstr(p->name, "interval")) return 10.0;
  if (!strcmp(p->name, "w_min")) return 0.0;
  return !strcmp(p->name, "w_max") ? fmax(p->value, 1.0) : p->value;
}

static void take_values(trial *t) {
  const quell_rule_desc *desc = t->desc;
  t->n = desc->params.count;
  for (uint32_t i = 0; i < t->n; i++) {
    const quell_param_desc *p = param_of(desc, i);
    t->values[i] = (quell_value){p->name, value_for(desc, p)};
  }
}

/* A float, so that a constant in double precision is no other; away from the default, in range. */
static double other_value(const quell_param_desc *p, double value) {
  double moved = value == 0.0 ? 0.125 : 1.25 * value;
  if (moved > p->max || moved < p->min) moved = 0.75 * value;
  return (double)(float)moved;
}

/* Whether the parameter is used shows in the weights: those with the default are others. */
static void check_parameter(trial *t, uint32_t param) {
  const quell_param_desc *p = param_of(t->desc, param);
  double before = (double)(float)t->values[param].value;
  t->param = param;
  t->values[param].value = before;
  t->base = NAN;
  uint64_t unmoved = run(t);
  t->values[param].value = other_value(p, before);
  uint64_t constant = run(t);
  t->base = before;
  uint64_t bound = run(t);
  if (bound != constant)
    fail_msg("rule '%s': '%s' bound is not as it is as a constant", t->desc->name, p->name);
  if (bound == unmoved) fail_msg("rule '%s': '%s' has no effect", t->desc->name, p->name);
  t->values[param].value = before;
}

static void bound_is_as_constant(void **state) {
  size_t seen = 0;
  for (size_t r = 0; r < quell_registry_count(NULL); r++) {
    trial t = {.desc = quell_registry_rule(NULL, r)};
    if (t.desc->release) continue; /* see test_short_term */
    take_values(&t);
    for (uint32_t i = 0; i < t.n; i++) {
      if (!(param_of(t.desc, i)->flags & QUELL_BINDABLE)) continue;
      check_parameter(&t, i);
      seen++;
    }
  }
  assert_true(seen > 60);
  (void)state;
}

/* --- what it does to learning --- */

typedef struct lone {
  quell_network *net;
  quell_rule *rule;
  quell_population *pre, *post;
  quell_projection *synapse;
  train spikes;
  feeder feeder;
} lone;

static void lone_open(lone *l, const char *rule) {
  static const setup s = {.horizon = 512};
  quell_value w_max = {"w_max", (double)INFINITY};
  *l = (lone){.net = open_network(&s)};
  OK(quell_population_create(l->net, "pre", "spike_source", 1, NULL, 0, &l->pre));
  OK(quell_population_create(l->net, "post", "external", 1, NULL, 0, &l->post));
  OK(quell_rule_create(l->net, rule, &w_max, 1, &l->rule));
}

/* A channel with a tonic level, read as it is. */
static quell_modulator *bind(const lone *l, const char *target, double tonic, double tau) {
  quell_value values[] = {{"tonic", tonic}, {"tau", tau}};
  quell_modulator *made;
  OK(quell_modulator_create(l->net, target, NULL, values, 2, &made));
  OK(quell_rule_bind(l->rule, target, made, NULL));
  return made;
}

/* Runs to 1 s with spikes at these ms; the change of the weight, which begins at 0.5. */
static double run_lone(lone *l, const double *pre, size_t n_pre, const double *post,
                       size_t n_post) {
  static const uint32_t zeros[8];
  quell_connection c = QUELL_CONNECTION_INIT;
  float w;
  c.kind = QUELL_ALL_TO_ALL;
  c.weight = (quell_distribution){.kind = QUELL_CONSTANT, .a = 0.5};
  OK(quell_connect(l->net, l->pre, l->post, "inhibitory", &c, l->rule, &l->synapse));
  OK(quell_population_set_spikes(l->pre, zeros, pre, n_pre));
  for (size_t i = 0; i < n_post; i++) train_add(&l->spikes, (uint64_t)llround(post[i] * 10), 0);
  l->feeder = (feeder){l->post, &l->spikes, 0, 0};
  OK(quell_population_on_step(l->post, feed, &l->feeder));
  OK(quell_run(l->net, 1000.0));
  OK(quell_projection_get(l->synapse, "weight", 0, 1, &w));
  quell_network_destroy(&l->net);
  train_free(&l->spikes);
  return (double)w - 0.5;
}

/* Weights near 0.5 have steps of 6e-8. */
#define NEAR(got, want) assert_true(fabs((got) - (want)) < 3e-7)

/* Each event with the learning rate of its own step. */
static void learning_rate_of_the_moment(void **state) {
  static const double pre[] = {50, 300}, post[] = {60, 290};
  lone l;
  lone_open(&l, "vogels2011");
  quell_modulator *m = bind(&l, "eta", 0.5, 200.0);
  OK(quell_modulator_release(m, 0, 3.0, 55.0));
  double got = run_lone(&l, pre, 2, post, 2);
  double want = 0.5 * -0.12; /* pre at 50; alpha is 0.12 */
  want += (0.5 + 3.0 * exp(-5.0 / 200)) * exp(-10.0 / 20);
  want += (0.5 + 3.0 * exp(-235.0 / 200)) * exp(-240.0 / 20);
  want += (0.5 + 3.0 * exp(-245.0 / 200)) * (exp(-10.0 / 20) + exp(-240.0 / 20) - 0.12);
  NEAR(got, 0.01 * want);
  (void)state;
}

/* The change of a pair vanishes where rho0 is what the traces stand for, and has opposite signs on
 * its two sides: the bound rate, not that of the table, is the fixed point. */
static void target_rate_moves_the_fixed_point(void **state) {
  static const double pre = 60.0, post = 50.0;
  double rate = 1000.0 * exp(-10.0 / 20) / (2 * 20); /* 15 Hz */
  for (int side = -1; side <= 1; side++) {
    lone l;
    lone_open(&l, "vogels2011");
    bind(&l, "rho0", (rate + 2.0 * side) / 3.0, 0.0); /* times the 3 Hz of the table */
    NEAR(run_lone(&l, &pre, 1, &post, 1), -0.01 * 2.0 * side * 2 * 20 / 1000);
  }
  (void)state;
}

static void factors_on_all_changes(void **state) {
  static const double pre[] = {50, 75}, post[] = {60};
  double up = 0.01 * exp(-10.0 / 20), down = 0.0105 * exp(-15.0 / 20);
  static const struct {
    const char *target;
    double is, up, down;
  } cases[] = {{"learning", -1, -1, -1},
               {"learning", 0.5, 0.5, 0.5},
               {"potentiation", 3, 3, 1},
               {"depression", 0, 1, 0}};
  for (size_t i = 0; i < COUNT(cases); i++) {
    lone l;
    lone_open(&l, "stdp_pair");
    bind(&l, cases[i].target, cases[i].is, 0.0);
    NEAR(run_lone(&l, pre, 2, post, 1), cases[i].up * up - cases[i].down * down);
  }
  lone l;
  lone_open(&l, "stdp_pair");
  bind(&l, "learning", -2.0, 0.0);
  bind(&l, "potentiation", 3.0, 0.0);
  NEAR(run_lone(&l, pre, 2, post, 1), -6.0 * up + 2.0 * down);
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bound_is_as_constant),
      cmocka_unit_test(learning_rate_of_the_moment),
      cmocka_unit_test(target_rate_moves_the_fixed_point),
      cmocka_unit_test(factors_on_all_changes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

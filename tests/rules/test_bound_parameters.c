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

/* Intervals come soon, what is slow is fast. */
static void take_values(trial *t) {
  const quell_rule_desc *desc = t->desc;
  t->n = desc->params.count;
  for (uint32_t i = 0; i < t->n; i++) {
    const quell_param_desc *p = param_of(desc, i);
    double value = p->value;
    if (!strcmp(p->name, "interval")) value = 10.0;
    if (!strcmp(p->name, "consolidation_interval")) value = 10.0;
    if (!strcmp(p->name, "w_min")) value = 0.0;
    if (!strcmp(p->name, "w_max") && value < 1.0) value = 1.0;
    t->values[i] = (quell_value){p->name, value};
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

/* These need what the network here does not have: a factor that multiplies is 0, a rate is never in
 * that range, the term is off. */
static int is_idle(const char *rule, const char *param) {
  static const char *const idle[][2] = {
      {"stdp_exponential", "?"},
  };
  for (size_t i = 0; i < COUNT(idle); i++)
    if (!strcmp(idle[i][0], rule) && !strcmp(idle[i][1], param)) return 1;
  return 0;
}

static void bound_is_as_constant(void **state) {
  size_t seen = 0;
  for (size_t r = 0; r < quell_registry_count(NULL); r++) {
    trial t = {.desc = quell_registry_rule(NULL, r)};
    if (t.desc->release) continue; /* see test_short_term */
    take_values(&t);
    for (uint32_t i = 0; i < t.n; i++) {
      if (!(param_of(t.desc, i)->flags & QUELL_BINDABLE)) continue;
      if (is_idle(t.desc->name, param_of(t.desc, i)->name)) continue;
      check_parameter(&t, i);
      seen++;
    }
  }
  assert_true(seen > 60);
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bound_is_as_constant),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

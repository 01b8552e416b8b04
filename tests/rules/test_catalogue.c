/* Every rule that the library has, with parameters drawn from their ranges, on a network with both
 * delays and every other thing that a projection may have: the same bits whatever the tiles,
 * threads, instruction set, horizon, cut and reading; weights within their bounds; nothing that is
 * no number. */
#include "support/check.h"
#include "support/random.h"
#include "support/setup.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PRE = 40, POST = 200, MAX_VALUES = 64, STACK = 4 };

static uint64_t steps(void) {
  return quick() ? 300 : 900;
}

/* A rule and its parameters. */
typedef struct choice {
  const quell_rule_desc *desc;
  quell_rule_info info;
  quell_value values[MAX_VALUES];
  size_t n;
  int tie;
} choice;

typedef struct world {
  const setup *setup;
  const choice *choice;
  quell_network *network;
  quell_population *pre, *post;
  quell_projection *synapses[2];
  uint64_t hash;
} world;

static int uses(const choice *c, uint32_t flag) {
  return (c->info.flags & flag) != 0;
}

/* A value anywhere in the range, now and then an end of it; wide ranges by orders of magnitude
 * around the default. */
static double draw_value(random_state *random, const quell_variable *p) {
  double low = p->min > -1e6 ? p->min : p->value - 10 * (1 + fabs(p->value));
  double high = p->max < 1e6 ? p->max : p->value + 10 * (1 + fabs(p->value));
  double u = random_uniform(random), value = low + (high - low) * u;
  if (high - low > 100 * (1 + fabs(p->value)))
    value = p->value == 0 ? 10 * u : p->value * pow(10, 2 * u - 1);
  if (u < 0.1) value = low;
  if (p->flags & QUELL_INTEGER) value = floor(value);
  if (value < low || ((p->flags & QUELL_MIN_OPEN) && value <= low)) value = p->value;
  return value > high ? high : value;
}

static int is_time(const quell_variable *p) {
  return !strcmp(p->unit, "ms");
}

/* Which parameters are drawn grows with `round`: none, then few, then all. Times are multiples of
 * the step, and not so long that nothing happens. */
static void draw_values(choice *c, uint64_t seed, uint32_t round) {
  random_state random = {seed};
  c->n = 0;
  for (uint32_t i = 0; i < c->info.n_parameters; i++) {
    quell_variable p = QUELL_VARIABLE_INIT;
    OK(quell_rule_parameter(c->desc, i, &p));
    double value = draw_value(&random, &p);
    int taken = random_below(&random, 4) < 2 * round;
    if (!strcmp(p.name, "w_min") || !strcmp(p.name, "w_max")) continue;
    if (is_time(&p)) value = floor(10 * fmin(fmax(value, 0.5), 60)) / 10;
    if (is_time(&p) && (value < p.min || value > p.max)) continue;
    if (!strcmp(p.name, "tie")) {
      c->tie = (int)(round % 3);
      if (!(c->info.ties >> c->tie & 1)) continue;
      value = c->tie;
    } else if (!taken) {
      continue;
    }
    c->values[c->n++] = (quell_value){p.name, value};
  }
}

/* All third factors, and the learning of every second rule, follow one channel. */
static void bind_factors(world *w, quell_rule *rule) {
  const quell_rule_desc *desc = quell_registry_find(NULL, quell_rule_name(rule));
  quell_modulator *channel = quell_modulator_find(w->network, "modulator");
  if (!channel) {
    double time = 0.0, level = 1.5;
    OK(quell_modulator_create(w->network, "modulator", NULL, NULL, 0, &channel));
    for (int i = 0; i < 40; i++, time += 7.3, level = -0.9 * level)
      OK(quell_modulator_release(channel, 0, level, quell_network_time(w->network) + time));
  }
  for (uint32_t i = 0; i < desc->factors.count; i++) {
    const quell_factor_desc *factor = (const quell_factor_desc *)desc->factors.at + i;
    OK(quell_rule_bind(rule, factor->name, channel, NULL));
  }
}

static quell_rule *make_rule(world *w, const char *name, const quell_value *values, size_t n) {
  quell_rule *rule = NULL;
  quell_status status = quell_rule_create(w->network, name, values, n, &rule);
  /* Parameters that do not fit together are refused with a sentence; then the defaults have to do.
   */
  if (status == QUELL_E_RANGE) {
    assert_true(strstr(quell_network_error(w->network), name) != NULL);
    status = quell_rule_create(w->network, name, NULL, 0, &rule);
  }
  if (status) fail_msg("rule '%s': %s", name, quell_network_error(w->network));
  bind_factors(w, rule);
  return rule;
}

static int has_rule(const char *name) {
  return quell_registry_find(NULL, name) != NULL;
}

static void add(world *w, quell_rule **stack, size_t *n, const char *name) {
  if (has_rule(name)) stack[(*n)++] = make_rule(w, name, NULL, 0);
}

static void make_populations(world *w) {
  const quell_value noisy[] = {{"rate", 25}};
  const quell_value biased[] = {{"bias", 8}, {"tau", 20}};
  const quell_value lif[] = {{"i_offset", 480}, {"tau_m", 20}};
  if (uses(w->choice, QUELL_NEEDS_RATES)) {
    OK(quell_population_create(w->network, "pre", "rate", PRE, biased, 2, &w->pre));
    OK(quell_population_create(w->network, "post", "rate", POST, biased, 2, &w->post));
    return;
  }
  OK(quell_population_create(w->network, "pre", "poisson", PRE, noisy, 1, &w->pre));
  OK(quell_population_create(w->network, "post", "lif_cond_exp", POST, lif, 2, &w->post));
  OK(quell_population_background(w->post, "excitatory", 500, 3));
}

/* Bounds of the weights: those of the rule, if it has such. */
static void bounds(const choice *c, double *low, double *high) {
  *low = 0;
  *high = INFINITY;
  for (uint32_t i = 0; i < c->info.n_parameters; i++) {
    quell_variable p = QUELL_VARIABLE_INIT;
    OK(quell_rule_parameter(c->desc, i, &p));
    if (!strcmp(p.name, "w_min")) *low = p.value;
    if (!strcmp(p.name, "w_max")) *high = p.value;
  }
}

static void connect(world *w, int with_stack) {
  quell_rule *stack[STACK],
      *rule = make_rule(w, w->choice->desc->name, w->choice->values, w->choice->n);
  size_t n = 0;
  int event = w->choice->info.kind == QUELL_RULE_EVENT;
  if (!event) stack[n++] = rule;
  if (with_stack && w->choice->info.kind != QUELL_RULE_SHORT_TERM &&
      !uses(w->choice, QUELL_NEEDS_RATES))
    add(w, stack, &n, with_stack == 1 ? "tsodyks_markram" : "quantal");
  if (with_stack && event) add(w, stack, &n, "decay");
  double low, high;
  bounds(w->choice, &low, &high);
  quell_connection c = QUELL_CONNECTION_INIT;
  c.kind = QUELL_FIXED_PROBABILITY;
  c.p = 0.4;
  c.weight = (quell_distribution){QUELL_UNIFORM, 0, low, high < 3 ? high : low + 3, 0, 0, NULL, 0};
  c.delay_axonal = (quell_distribution){QUELL_CONSTANT, 0, 0.3, 0, 0, 0, NULL, 0};
  c.delay_dendritic = (quell_distribution){QUELL_UNIFORM, 0, 0.2, 1.5, 0, 0, NULL, 0};
  c.stack = stack;
  c.n_stack = n;
  for (int i = 0; i < 2; i++) {
    if (quell_connect(w->network, w->pre, w->post, "inhibitory", &c, event ? rule : NULL,
                      &w->synapses[i]))
      fail_msg("rule '%s': %s", w->choice->desc->name, quell_network_error(w->network));
    c.delay_dendritic = (quell_distribution)QUELL_DISTRIBUTION_INIT;
  }
}

static void digest_variables(world *w, const quell_projection *synapses) {
  uint64_t n = quell_projection_size(synapses);
  float *values = must_alloc(n, sizeof *values);
  for (uint32_t v = 0; v < w->choice->info.n_variables; v++) {
    quell_variable info = QUELL_VARIABLE_INIT;
    OK(quell_rule_variable(w->choice->desc, v, &info));
    OK(quell_projection_get(synapses, info.name, 0, n, values));
    w->hash = digest(w->hash, values, n * sizeof *values);
    for (uint64_t i = 0; i < n; i++) assert_true(isfinite(values[i]));
  }
  free(values);
}

static void check_bounds(world *w, const quell_projection *synapses) {
  uint64_t n = quell_projection_size(synapses);
  float *values = must_alloc(n, sizeof *values);
  double low, high;
  bounds(w->choice, &low, &high);
  OK(quell_projection_get(synapses, "weight", 0, n, values));
  for (uint64_t i = 0; i < n; i++)
    if (!(values[i] >= (float)low && values[i] <= (float)high))
      fail_msg("rule '%s': weight %g", w->choice->desc->name, (double)values[i]);
  free(values);
}

/* Reading at any time must change nothing; it is not part of the digest, because not all setups do.
 */
static void read_all(void *context) {
  world *w = context;
  for (int i = 0; i < 2; i++) digest_weights(DIGEST, w->synapses[i]);
}

static void run_to(world *w, uint64_t until) {
  uint64_t now = quell_network_clock(w->network) - w->setup->start;
  advance(w->network, w->setup, until - now, read_all, w);
}

static void look(world *w) {
  for (int i = 0; i < 2; i++) {
    check_bounds(w, w->synapses[i]);
    w->hash = digest_weights(w->hash, w->synapses[i]);
    digest_variables(w, w->synapses[i]);
  }
}

/* Learning stops and goes on, and weights are written, on the way. */
static uint64_t run_rule(const choice *c, const setup *setup, int with_stack) {
  world w = {.setup = setup, .choice = c, .hash = DIGEST};
  uint64_t end = steps();
  w.network = open_network(setup);
  make_populations(&w);
  connect(&w, with_stack);
  run_to(&w, end / 3);
  look(&w);
  if (c->info.kind != QUELL_RULE_SHORT_TERM) OK(quell_projection_learning(w.synapses[0], 0));
  run_to(&w, end / 2);
  float some[50];
  double low, high;
  bounds(c, &low, &high);
  for (size_t i = 0; i < COUNT(some); i++) some[i] = (float)(high < 2 ? high : low + 1);
  OK(quell_projection_set(w.synapses[1], "weight", 7, COUNT(some), some));
  if (c->info.kind != QUELL_RULE_SHORT_TERM) OK(quell_projection_learning(w.synapses[0], 1));
  run_to(&w, end);
  look(&w);
  w.hash = digest_state(w.hash, w.post, uses(c, QUELL_NEEDS_RATES) ? "rate" : "v");
  quell_network_destroy(&w.network);
  return w.hash;
}

static const setup setups[] = {
    {0},
    {.tile_size = 64, .threads = 2},
    {.tile_size = 128, .horizon = 64, .block_size = 48, .cut = CUT_PIECES},
    {.isa = QUELL_ISA_BASELINE, .executor = &executor_backwards, .tile_size = 64},
    {.read = 1, .block_size = 16},
};

static void check_rule(const quell_rule_desc *desc) {
  choice c = {.desc = desc};
  c.info = (quell_rule_info)QUELL_RULE_INFO_INIT;
  OK(quell_rule_describe(desc, &c.info));
  for (uint32_t round = quick(); round < 3u - quick(); round++) {
    draw_values(&c, 1000 + round, round);
    uint64_t want = run_rule(&c, &setups[0], (int)(round % 3));
    for (size_t i = 1; i < COUNT(setups); i++)
      if (run_rule(&c, &setups[i], (int)(round % 3)) != want)
        fail_msg("rule '%s', round %u: other bits with %s", desc->name, (unsigned)round,
                 setup_name(&setups[i]));
  }
}

static void each_rule_has_one_result(void **state) {
  for (size_t i = 0; i < quell_registry_count(NULL); i++) {
    const quell_rule_desc *desc = quell_registry_rule(NULL, i);
    if (getenv("RULE") && strcmp(getenv("RULE"), desc->name)) continue;
    check_rule(desc);
  }
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(each_rule_has_one_result)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

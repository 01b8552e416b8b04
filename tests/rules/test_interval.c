/* Rules that act at an interval, alone and stacked, against eager references. */
#include "support/bench.h"
#include "support/check.h"
#include "support/compare.h"
#include "support/random.h"
#include "support/synapse.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PRES = 8, POSTS = 90, SYNAPSES = 300, LAST = 20000, PARTS = 2, STACK = 4 };

static const double dt = 0.1;

/* A rule of a stack: its values and what it does, eagerly, to all synapses that share it. */
struct world;
typedef void eager_interval(struct world *world, const double *p);

typedef struct stacked {
  const char *name, *preset;
  quell_value own[8];
  size_t n_own;
  eager_interval *act;
} stacked;

/* An event rule and what stands below it. */
typedef struct tower {
  const char *what;
  const synapse_rule *rule; /* NULL: static */
  quell_value own[8];
  size_t n_own;
  stacked below[STACK];
} tower;

/* Two projections with different delays onto one population, and the reference of each synapse. */
typedef struct world {
  quell_network *network;
  quell_population *pre, *post;
  quell_rule *rule, *below[STACK];
  size_t n_below;
  quell_projection *part[PARTS];
  feeder feeder;
  synapse_rule reference;
  double numbers[RULE_PARAMS], below_numbers[STACK][RULE_PARAMS];
  uint64_t period[STACK]; /* steps */
  eager_interval *act[STACK];
  uint64_t start;
  size_t rate_trace; /* that of scaling, behind those of the event rule */
  synapse at[PARTS * SYNAPSES];
  uint64_t *stamps[PARTS * SYNAPSES][2];
  uint32_t target[PARTS * SYNAPSES];
  uint64_t now; /* the clock for the eager rules */
} world;

/* Eager rules, written from the equations. */

enum { ETA, RHO0, TAU };
static void vogels_pre(const double *t, double *w, double *var, const void *params) {
  const double *p = params;
  (void)var;
  *w += p[ETA] * (t[1] - 2 * p[RHO0] * p[TAU] / 1000);
}
static void vogels_post(const double *t, double *w, double *var, const void *params) {
  const double *p = params;
  (void)var;
  *w += p[ETA] * t[0];
}
static const synapse_rule vogels = {
    .name = "vogels2011",
    .pre = vogels_pre,
    .post = vogels_post,
    .trace = {{QUELL_PRE, QUELL_TRACE_ADD, 0, "tau"}, {QUELL_POST, QUELL_TRACE_ADD, 0, "tau"}}};

enum { A_PLUS, A_MINUS, TAU_PLUS, TAU_MINUS, MU_PLUS, MU_MINUS, A_PRE, A_POST, W_MIN, W_MAX };
static void pair_pre(const double *t, double *w, double *var, const void *params) {
  const double *p = params;
  (void)var;
  *w -= p[W_MAX] * p[A_MINUS] * t[1];
}
static void pair_post(const double *t, double *w, double *var, const void *params) {
  const double *p = params;
  (void)var;
  *w += p[W_MAX] * p[A_PLUS] * t[0];
}
static const synapse_rule pair = {.name = "stdp_pair",
                                  .pre = pair_pre,
                                  .post = pair_post,
                                  .trace = {{QUELL_PRE, QUELL_TRACE_ADD, 0, "tau_plus"},
                                            {QUELL_POST, QUELL_TRACE_ADD, 0, "tau_minus"}}};

static const synapse_rule none = {.w_max = INFINITY};

static void put_weight(const world *w, synapse *s, double value) {
  s->w = fmin(fmax(value, w->reference.w_min), w->reference.w_max);
}

static void decay(world *world, const double *p) {
  for (size_t i = 0; i < COUNT(world->at); i++) {
    synapse *s = &world->at[i];
    put_weight(world, s, p[1] + (s->w - p[1]) * exp(-p[2] / p[0]));
  }
}

static void normalise(world *world, const double *p) {
  double sum[POSTS] = {0};
  for (size_t i = 0; i < COUNT(world->at); i++) sum[world->target[i]] += pow(world->at[i].w, p[1]);
  for (size_t i = 0; i < COUNT(world->at); i++) {
    double norm = pow(sum[world->target[i]], 1 / p[1]);
    if (norm == 0 || (p[2] != 0 && norm < p[0])) continue;
    put_weight(world, &world->at[i], world->at[i].w * p[0] / norm);
  }
}

static void scaling(world *world, const double *p) {
  for (size_t i = 0; i < COUNT(world->at); i++) {
    synapse *s = &world->at[i];
    double rate = 1000 * synapse_trace_at(s, world->rate_trace, world->now) / p[2];
    put_weight(world, s, s->w + p[0] * s->w * (1 - pow(rate / p[1], p[3])));
  }
}

static double well(double r, double w, const double *p) {
  return w - r - p[1] * r * (p[2] / 2 - r) * (p[2] - r);
}

/* The scheme of the rule's page: reference and weight from what they were before. */
static void consolidate(world *world, const double *p) {
  for (size_t i = 0; i < COUNT(world->at); i++) {
    synapse *s = &world->at[i];
    double r = s->var[0], h = p[4] / p[0];
    double slope = -1 - p[1] * (p[2] * p[2] / 2 - 3 * p[2] * r + 3 * r * r);
    s->var[0] = r + h * well(r, s->w, p) / (1 - h * slope);
    put_weight(world, s, s->w + (1 - exp(-p[3] * p[4] / 1000)) * (r - s->w));
  }
}

/* Building. */

static void make_trains(train *pre, train *post) {
  for (uint32_t i = 0; i < PRES; i++) train_poisson(pre, i, 0.001 * (1 + i % 3), 1, LAST, 3);
  for (uint32_t j = 1; j < POSTS; j++) train_poisson(post, j, j % 4 ? 0.001 : 0.008, 1, LAST, 4);
  for (uint64_t step = 1000; step < LAST; step += 1000) { /* where intervals end */
    train_add(pre, step, (uint32_t)(step / 1000 % PRES));
    for (uint32_t j = 0; j < POSTS; j += 7) train_add(post, step, j);
  }
  train_sort(pre);
  train_sort(post);
}

static void make_rules(world *w, const tower *tower) {
  quell_value values[RULE_PARAMS];
  w->reference = none;
  if (tower->rule) {
    size_t n = rule_values(tower->rule->name, NULL, tower->own, tower->n_own, values);
    w->reference = reference_for(tower->rule, values, n, w->numbers);
    OK(quell_rule_create(w->network, tower->rule->name, values, n, &w->rule));
  }
  for (size_t k = 0; k < STACK && tower->below[k].name; k++) {
    const stacked *s = &tower->below[k];
    size_t n = rule_values(s->name, s->preset, s->own, s->n_own, values);
    OK(quell_rule_create(w->network, s->name, values, n, &w->below[k]));
    for (size_t i = 0; i < n; i++) w->below_numbers[k][i] = values[i].value;
    w->period[k] = (uint64_t)llround(value_of(values, n, "interval") / dt);
    w->act[k] = s->act;
    if (s->act == scaling) {
      w->rate_trace = tower->rule ? 2 : 0;
      w->reference.trace[w->rate_trace] =
          (synapse_trace){QUELL_POST, QUELL_TRACE_ADD, value_of(values, n, "tau_hom"), NULL};
    }
    w->n_below++;
  }
}

/* Neuron 1 has no synapse that is not 0; every tenth weight is 0. */
static void connect_part(world *w, size_t part, const train *pre, const train *post) {
  static const double axonal[PARTS] = {1.3, 0}, dendritic[PARTS] = {0.8, 0.3};
  uint32_t from[SYNAPSES], to[SYNAPSES];
  double weight[SYNAPSES];
  random_state random = {part + 1};
  quell_connection c = QUELL_CONNECTION_INIT;
  for (uint32_t i = 0; i < SYNAPSES; i++) {
    from[i] = i % PRES;
    to[i] = random_below(&random, POSTS);
    weight[i] = i % 10 && to[i] != 1 ? (double)(float)(0.1 + 0.8 * random_uniform(&random)) : 0;
  }
  c.kind = QUELL_LIST;
  c.pre = from, c.post = to, c.n = SYNAPSES;
  c.weight = (quell_distribution){QUELL_ARRAY, 0, 0, 0, 0, 0, weight, SYNAPSES};
  c.delay_axonal = (quell_distribution){QUELL_CONSTANT, 0, axonal[part], 0, 0, 0, NULL, 0};
  c.delay_dendritic = (quell_distribution){QUELL_CONSTANT, 0, dendritic[part], 0, 0, 0, NULL, 0};
  c.stack = w->below;
  c.n_stack = w->n_below;
  OK(quell_connect(w->network, w->pre, w->post, part ? "excitatory" : "inhibitory", &c, w->rule,
                   &w->part[part]));
  float start[SYNAPSES];
  OK(quell_projection_endpoints(w->part[part], 0, SYNAPSES, from, to));
  OK(quell_projection_get(w->part[part], "weight", 0, SYNAPSES, start));
  for (uint32_t i = 0; i < SYNAPSES; i++) {
    size_t k = part * SYNAPSES + i, n_pre, n_post;
    w->target[k] = to[i];
    w->stamps[k][0] = train_of(pre, from[i], (uint64_t)llround(axonal[part] / dt), &n_pre);
    w->stamps[k][1] = train_of(post, to[i], (uint64_t)llround(dendritic[part] / dt), &n_post);
    w->at[k] = synapse_open(&w->reference, dt, (double)start[i], w->stamps[k][0], n_pre,
                            w->stamps[k][1], n_post);
  }
}

static world *open_world(const setup *setup, const tower *tower, const train *pre,
                         const train *post) {
  world *w = must_alloc(1, sizeof *w);
  w->start = setup->start;
  w->network = open_network(setup);
  OK(quell_population_create(w->network, "pre", "spike_source", PRES, NULL, 0, &w->pre));
  OK(quell_population_create(w->network, "post", "external", POSTS, NULL, 0, &w->post));
  make_rules(w, tower);
  for (size_t part = 0; part < PARTS; part++) connect_part(w, part, pre, post);
  give_spikes(w->pre, pre, setup->start, dt);
  w->feeder = (feeder){w->post, post, 0, 0};
  OK(quell_population_on_step(w->post, feed, &w->feeder));
  return w;
}

static void close_world(world *w) {
  for (size_t i = 0; i < COUNT(w->stamps); i++) free(w->stamps[i][0]), free(w->stamps[i][1]);
  quell_network_destroy(&w->network);
  free(w);
}

/* All synapses, eagerly, up to a step. At an interval its events come first, then the rules below
 * in their order. */
static void run_eagerly(world *w, uint64_t until) {
  for (uint64_t step = w->now + 1; step < until; step++) {
    int due = 0;
    for (size_t k = 0; k < w->n_below; k++) due |= (w->start + step) % w->period[k] == 0;
    if (!due) continue;
    for (size_t i = 0; i < COUNT(w->at); i++) synapse_at(&w->at[i], step + 1);
    w->now = step;
    for (size_t k = 0; k < w->n_below; k++)
      if ((w->start + step) % w->period[k] == 0) w->act[k](w, w->below_numbers[k]);
  }
  for (size_t i = 0; i < COUNT(w->at); i++) synapse_at(&w->at[i], until);
  w->now = until - 1;
}

static void check_world(const world *w, const char *what) {
  float got[SYNAPSES], reference[SYNAPSES];
  for (size_t part = 0; part < PARTS; part++) {
    const synapse *at = &w->at[part * SYNAPSES];
    int remembers =
        quell_projection_get(w->part[part], "reference", 0, SYNAPSES, reference) == QUELL_OK;
    OK(quell_projection_get(w->part[part], "weight", 0, SYNAPSES, got));
    for (size_t i = 0; i < SYNAPSES; i++) {
      CLOSE((double)got[i], at[i].w, w->reference.w_max, what, i);
      if (remembers) CLOSE((double)reference[i], at[i].var[0], 1, what, i);
    }
  }
}

/* Towers. */

#define DECAY(tau, target, period)                                                                 \
  { "decay", NULL, {{"tau", tau}, {"target", target}, {"interval", period}}, 3, decay }
#define NORMALISE(target, norm, above, period)                                                     \
  {                                                                                                \
    "normalise", NULL,                                                                             \
        {{"target", target}, {"norm", norm}, {"only_above", above}, {"interval", period}}, 4,      \
        normalise                                                                                  \
  }
#define SCALING(beta, rate, tau, power, period)                                                    \
  {                                                                                                \
    "scaling", NULL,                                                                               \
        {{"beta", beta},                                                                           \
         {"target_rate", rate},                                                                    \
         {"tau_hom", tau},                                                                         \
         {"exponent", power},                                                                      \
         {"interval", period}},                                                                    \
        5, scaling                                                                                 \
  }
#define CONSOLIDATE(tau, pull, period)                                                             \
  {                                                                                                \
    "consolidate", NULL,                                                                           \
        {{"tau_c", tau}, {"p", 20}, {"w_p", 0.9}, {"pull", pull}, {"interval", period}}, 5,        \
        consolidate                                                                                \
  }
#define VOGELS &vogels, {{"eta", 0.01}, {"rho0", 8}, {"w_max", 1.5}}, 3
#define PAIR   &pair, {{"a_plus", 0.02}, {"a_minus", 0.013}, {"w_max", 1}}, 3
#define STATIC NULL, {{NULL, 0}}, 0

static const tower towers[] = {
    {"decay alone", STATIC, {DECAY(700, 0.3, 12.5)}},
    {"L1 alone", STATIC, {NORMALISE(2, 1, 0, 100)}},
    {"L2 alone", STATIC, {NORMALISE(2, 2, 0, 50)}},
    {"L1, only above", STATIC, {NORMALISE(3, 1, 1, 50)}},
    {"scaling alone", STATIC, {SCALING(0.01, 12, 300, 3, 10)}},
    {"scaling with another power", STATIC, {SCALING(0.01, 12, 300, 1.5, 10)}},
    {"consolidation alone", STATIC, {CONSOLIDATE(5000, 0.4, 20)}},
    {"everything alone",
     STATIC,
     {DECAY(900, 0.2, 30), SCALING(0.02, 10, 200, 3, 20), CONSOLIDATE(5000, 0.4, 20),
      NORMALISE(2, 1, 0, 60)}},
    {"vogels2011 over decay", VOGELS, {DECAY(500, 0.7, 10)}},
    {"vogels2011 over scaling and L1",
     VOGELS,
     {SCALING(0.02, 10, 500, 3, 50), NORMALISE(2.5, 1, 0, 50)}},
    {"vogels2011 over L1 and scaling",
     VOGELS,
     {NORMALISE(2.5, 1, 0, 50), SCALING(0.02, 10, 500, 3, 50)}},
    {"vogels2011 over consolidation", VOGELS, {CONSOLIDATE(3000, 2, 10), DECAY(2000, 0, 7.3)}},
    {"stdp_pair over L2", PAIR, {NORMALISE(1.5, 2, 0, 100)}},
    {"stdp_pair over four",
     PAIR,
     {CONSOLIDATE(3000, 2, 10), NORMALISE(2.5, 1, 1, 40), SCALING(0.01, 12, 300, 2, 40),
      DECAY(1500, 0.4, 25)}},
};

static const setup setups[] = {
    {.tile_size = 64,
     .horizon = 128,
     .block_size = 16,
     .executor = &executor_shuffled,
     .cut = CUT_PIECES},
    {0},
    {.threads = 2},
    {.tile_size = 64, .block_size = 48, .executor = &executor_backwards, .cut = CUT_STEPS},
    {.read = 1},
    {.start = ((uint64_t)1 << 32) - 10000},
};

static void read_world(void *context) {
  const world *w = context;
  float got[SYNAPSES];
  for (size_t part = 0; part < PARTS; part++)
    OK(quell_projection_get(w->part[part], "weight", 0, SYNAPSES, got));
}

/* Returns the digest of all samples. */
static uint64_t run_tower(const tower *tower, const setup *setup, const train *pre,
                          const train *post, int compare) {
  world *w = open_world(setup, tower, pre, post);
  uint64_t hash = DIGEST;
  for (uint64_t step = LAST / 8; step <= LAST; step += LAST / 8) {
    advance(w->network, setup, LAST / 8, read_world, w);
    if (compare) run_eagerly(w, step);
    if (compare) check_world(w, tower->what);
    for (size_t part = 0; part < PARTS; part++) hash = digest_weights(hash, w->part[part]);
  }
  close_world(w);
  return hash;
}

static void rules_equal_their_references(void **state) {
  const tower *tower = *state;
  train pre = {NULL, 0, 0}, post = {NULL, 0, 0};
  uint64_t first = 0;
  make_trains(&pre, &post);
  for (size_t i = 0; i < (quick() ? 2 : COUNT(setups)); i++) {
    int late = setups[i].start != 0; /* other multiples of the periods */
    if (setups[i].threads && !tower->below[2].name) continue;
    uint64_t hash = run_tower(tower, &setups[i], &pre, &post, i == 0 || late);
    if (i == 0) first = hash;
    if (!late && hash != first)
      fail_msg("%s: other bits with %s", tower->what, setup_name(&setups[i]));
  }
  train_free(&pre);
  train_free(&post);
}

int main(void) {
  struct CMUnitTest tests[COUNT(towers)];
  for (size_t i = 0; i < COUNT(towers); i++)
    tests[i] = (struct CMUnitTest){towers[i].what, rules_equal_their_references, NULL, NULL,
                                   (void *)(uintptr_t)&towers[i]};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

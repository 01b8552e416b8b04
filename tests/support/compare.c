#include "compare.h"
#include "check.h"
#include "random.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PRES = 7, POSTS = 90, SYNAPSES = 600, LAST = 16000 };
enum { REACH = 1000, PAIR_POSTS = 2 * REACH + 1, PAIR_AT = 1500 };

/* Values of parameters. */

static const quell_param_desc *param_of(const quell_rule_desc *rule, size_t i) {
  return (const void *)((const char *)rule->params.at + i * rule->params.stride);
}

static const quell_rule_desc *find_rule(const char *name) {
  const quell_rule_desc *rule = quell_registry_find(NULL, name);
  if (!rule) fail_msg("there is no rule '%s'", name);
  return rule;
}

static void put(const char *rule, const quell_value *value, quell_value *values, size_t n) {
  size_t i = 0;
  while (i < n && strcmp(values[i].name, value->name) != 0) i++;
  if (i == n) fail_msg("rule '%s' has no parameter '%s'", rule, value->name);
  values[i].value = value->value;
}

static void put_preset(const quell_rule_desc *rule, const char *preset, quell_value *values,
                       size_t n) {
  for (uint32_t i = 0; i < rule->presets.count; i++) {
    const quell_preset_desc *set =
        (const void *)((const char *)rule->presets.at + (size_t)i * rule->presets.stride);
    if (strcmp(set->name, preset) != 0) continue;
    for (uint32_t k = 0; k < set->values.count; k++)
      put(rule->name, (const void *)((const char *)set->values.at + (size_t)k * set->values.stride),
          values, n);
    return;
  }
  fail_msg("rule '%s' has no preset '%s'", rule->name, preset);
}

static size_t values_of(const quell_rule_desc *rule, const char *preset, const quell_value *own,
                        size_t n, quell_value *values) {
  size_t count = rule->params.count;
  assert_true(count <= RULE_PARAMS);
  for (size_t i = 0; i < count; i++)
    values[i] = (quell_value){param_of(rule, i)->name, param_of(rule, i)->value};
  if (preset) put_preset(rule, preset, values, count);
  for (size_t i = 0; i < n; i++) put(rule->name, &own[i], values, count);
  return count;
}

size_t rule_values(const char *rule, const char *preset, const quell_value *own, size_t n,
                   quell_value values[RULE_PARAMS]) {
  return values_of(find_rule(rule), preset, own, n, values);
}

double value_of(const quell_value *values, size_t n, const char *name) {
  for (size_t i = 0; i < n; i++)
    if (strcmp(values[i].name, name) == 0) return values[i].value;
  fail_msg("there is no value '%s'", name);
  return NAN;
}

synapse_rule reference_for(const synapse_rule *reference, const quell_value *values, size_t n,
                           double numbers[RULE_PARAMS]) {
  synapse_rule r = *reference;
  for (size_t i = 0; i < n; i++) numbers[i] = values[i].value;
  for (size_t i = 0; i < SYNAPSE_TRACES && r.trace[i].side; i++)
    if (r.trace[i].tau_is) r.trace[i].tau = value_of(values, n, r.trace[i].tau_is);
  if (!r.params) r.params = numbers;
  r.w_min = value_of(values, n, "w_min");
  r.w_max = value_of(values, n, "w_max");
  r.tie = (int)value_of(values, n, "tie");
  if (r.interval_is) r.interval_steps = (uint64_t)llround(value_of(values, n, r.interval_is) / 0.1);
  if (r.w_low == 0 && r.w_high == 0) r.w_low = r.w_min, r.w_high = r.w_max;
  assert_true(isfinite(r.w_high)); /* give w_low and w_high where there is no w_max */
  return r;
}

static const quell_rule_desc *rule_of(const synapse_rule *reference) {
  return reference->desc ? reference->desc : find_rule(reference->name);
}

static int supports(const synapse_rule *reference, int tie) {
  uint32_t ties = rule_of(reference)->ties;
  return !ties || ties >> tie & 1;
}

/* Networks. */

/* A network that knows a rule which is not built in. */
static quell_network *open_with(const setup *s, const quell_rule_desc *rule) {
  quell_network_options o = QUELL_NETWORK_OPTIONS_INIT;
  quell_registry *registry;
  quell_network *network;
  OK(quell_registry_create(NULL, &registry));
  OK(quell_registry_add(registry, rule, NULL, 0));
  o.registry = registry;
  o.tile_size = s->tile_size;
  o.horizon = s->horizon;
  o.block_size = s->block_size;
  o.executor = s->executor;
  o.start = s->start;
  OK(quell_network_create(&o, &network));
  quell_registry_destroy(&registry); /* the network keeps it */
  return network;
}

static quell_status try_open(bench *b, const setup *s, const quell_rule_desc *rule,
                             const quell_value *values, size_t n_values) {
  memset(b, 0, sizeof *b);
  b->setup = s;
  b->start = s->start;
  b->network = quell_registry_find(NULL, rule->name) ? open_network(s) : open_with(s, rule);
  b->dt = quell_network_dt(b->network);
  return quell_rule_create(b->network, rule->name, values, n_values, &b->rule);
}

/* The states of the host's neurons; there is one bench at a time. */
static double (*course_of_states)(int state, uint64_t step, uint32_t neuron);

static void feed_cells(void *context) {
  static const char *const names[] = {"v", "g_exc", "g_inh"};
  feeder *f = context;
  uint32_t n = quell_population_size(f->population);
  double *values = must_alloc(n, sizeof *values);
  for (int state = 0; course_of_states && f->now % 10 == 0 && state < 3; state++) {
    for (uint32_t j = 0; j < n; j++) values[j] = course_of_states(state, f->now, j);
    OK(quell_population_set_array(f->population, names[state], 0, n, values));
  }
  free(values);
  feed(f);
}

static void connect_bench(bench *b, uint32_t n_pre, const train *pre, uint32_t n_post,
                          const train *post, const quell_connection *connection) {
  b->n_pre = n_pre;
  b->n_post = n_post;
  b->pre_spikes = pre;
  b->post_spikes = post;
  OK(quell_population_create(b->network, "pre", "spike_source", n_pre, NULL, 0, &b->pre));
  OK(quell_population_create(b->network, "post", "external", n_post, NULL, 0, &b->post));
  OK(quell_connect(b->network, b->pre, b->post, "inhibitory", connection, b->rule, &b->synapses));
  if (pre->n) give_spikes(b->pre, pre, b->start, b->dt);
  b->feeder = (feeder){b->post, post, 0, 0};
  OK(quell_population_on_step(b->post, feed_cells, &b->feeder));
}

static void open_bench(bench *b, const setup *s, const quell_rule_desc *rule,
                       const quell_value *values, size_t n_values) {
  if (try_open(b, s, rule, values, n_values) != QUELL_OK)
    fail_msg("%s", quell_network_error(b->network));
}

/* The reference of every synapse, to be run up to later and later steps. */
typedef struct references {
  synapse *at;
  uint64_t **stamps;
  double *signals; /* [post neuron][signal][step] */
  size_t n;
} references;

static uint64_t in_steps(double ms, double dt) {
  return (uint64_t)llround(ms / dt);
}

/* Spikes in each step of one neuron, or rates in Hz of all. */
static void count_spikes(const bench *b, uint32_t neuron, int all, uint64_t steps, double *count) {
  const train *t = b->post_spikes;
  double one = all ? 1000 / (b->dt * b->n_post) : 1;
  memset(count, 0, steps * sizeof *count);
  for (size_t i = 0; i < t->n; i++)
    if (t->at[i].step < steps && (all || t->at[i].neuron == neuron)) count[t->at[i].step] += one;
}

static double *open_signals(const bench *b, const synapse_rule *rule, uint64_t steps) {
  if (!rule->cell) return NULL;
  double *spikes = must_alloc(steps, sizeof *spikes), *rate = must_alloc(steps, sizeof *rate);
  double *signals = must_alloc(b->n_post * SYNAPSE_SIGNALS * steps, sizeof *signals);
  count_spikes(b, 0, 1, steps, rate);
  for (uint32_t j = 0; j < b->n_post; j++) {
    double *signal[SYNAPSE_SIGNALS];
    for (size_t k = 0; k < SYNAPSE_SIGNALS; k++)
      signal[k] = signals + (j * SYNAPSE_SIGNALS + k) * steps;
    count_spikes(b, j, 0, steps, spikes);
    rule->cell(&(synapse_cell){rule->params, b->dt, j, steps, spikes, rate, signal});
  }
  free(spikes);
  free(rate);
  return signals;
}

static references open_references(const bench *b, const synapse_rule *rule, uint64_t steps) {
  references r = {.n = quell_projection_size(b->synapses)};
  uint32_t *pre = must_alloc(r.n, sizeof *pre), *post = must_alloc(r.n, sizeof *post);
  float *w = must_alloc(r.n, sizeof *w), *axonal = must_alloc(r.n, sizeof *axonal);
  float *dendritic = must_alloc(r.n, sizeof *dendritic);
  r.at = must_alloc(r.n, sizeof *r.at);
  r.stamps = must_alloc(2 * r.n, sizeof *r.stamps);
  r.signals = open_signals(b, rule, steps);
  OK(quell_projection_endpoints(b->synapses, 0, r.n, pre, post));
  OK(quell_projection_get(b->synapses, "weight", 0, r.n, w));
  OK(quell_projection_get(b->synapses, "delay_axonal", 0, r.n, axonal));
  OK(quell_projection_get(b->synapses, "delay_dendritic", 0, r.n, dendritic));
  for (size_t i = 0; i < r.n; i++) {
    size_t n_pre, n_post;
    uint64_t *arrivals =
        train_of(b->pre_spikes, pre[i], in_steps((double)axonal[i], b->dt), &n_pre);
    uint64_t *seen =
        train_of(b->post_spikes, post[i], in_steps((double)dendritic[i], b->dt), &n_post);
    r.stamps[2 * i] = arrivals;
    r.stamps[2 * i + 1] = seen;
    r.at[i] = synapse_open(rule, b->dt, (double)w[i], arrivals, n_pre, seen, n_post);
    r.at[i].dendritic = in_steps((double)dendritic[i], b->dt);
    for (size_t k = 0; rule->cell && k < SYNAPSE_SIGNALS; k++)
      r.at[i].signal[k] = r.signals + (post[i] * SYNAPSE_SIGNALS + k) * steps;
  }
  free(pre), free(post), free(w), free(axonal), free(dendritic);
  return r;
}

static void close_references(references *r) {
  for (size_t i = 0; i < 2 * r->n; i++) free(r->stamps[i]);
  free(r->stamps);
  free(r->signals);
  free(r->at);
}

static void check_variable(const bench *b, const char *name, size_t n, const double *want,
                           double scale, const char *what) {
  float *got = must_alloc(n, sizeof *got);
  OK(quell_projection_get(b->synapses, name, 0, n, got));
  for (size_t i = 0; i < n; i++) {
    double size = fmax(fabs(want[i]), scale);
    if (fabs((double)got[i] - want[i]) <= 1e-5 * size) continue; /* false for NaN */
    fail_msg("%s: %s [%zu] is %.9g, should be %.9g, off by %.3g, at step %llu", what, name, i,
             (double)got[i], want[i], (double)got[i] - want[i], (unsigned long long)bench_now(b));
  }
  free(got);
}

static double weight_scale(const synapse_rule *rule) {
  return isfinite(rule->w_max) && rule->w_max <= 10 ? rule->w_max : 1;
}

/* All synapses at the clock. */
static void check_references(const bench *b, references *r, const char *what) {
  const synapse_rule *rule = r->at[0].rule;
  double *want[SYNAPSE_VARS + 1], var[SYNAPSE_VARS];
  for (size_t v = 0; v <= SYNAPSE_VARS; v++) want[v] = must_alloc(r->n, sizeof **want);
  for (size_t i = 0; i < r->n; i++) {
    want[SYNAPSE_VARS][i] = synapse_read(&r->at[i], bench_now(b), var);
    for (size_t v = 0; v < SYNAPSE_VARS; v++) want[v][i] = var[v];
  }
  check_variable(b, "weight", r->n, want[SYNAPSE_VARS], weight_scale(rule), what);
  for (size_t v = 0; v < SYNAPSE_VARS && rule->var_name[v]; v++)
    check_variable(b, rule->var_name[v], r->n, want[v],
                   rule->var_scale[v] > 0 ? rule->var_scale[v] : 1, what);
  for (size_t v = 0; v <= SYNAPSE_VARS; v++) free(want[v]);
}

/* Random trains. */

typedef struct trains {
  train pre, post;
} trains;

/* Neuron 0 of each side is silent for most of the time, the last pre neuron fires in bursts with
 * several spikes in a step, every fifth post neuron at 200 Hz. A third of the pre spikes meets a
 * post spike on its step, another third does so when its late event is due. */
static void make_trains(trains *t, uint64_t late, uint64_t seed) {
  random_state random = {seed};
  *t = (trains){{NULL, 0, 0}, {NULL, 0, 0}};
  train_add(&t->pre, 5, 0);
  train_add(&t->pre, LAST - 500, 0);
  train_add(&t->post, 1, 0);
  for (uint32_t i = 1; i < PRES; i++) train_poisson(&t->pre, i, 0.001, 1, LAST, seed);
  for (uint64_t step = 700; step < LAST; step += 2500)
    for (uint64_t k = 0; k < 12; k++) train_add(&t->pre, step + k * (k % 3), PRES - 1);
  for (uint32_t j = 1; j < POSTS; j++)
    train_poisson(&t->post, j, j % 5 ? 0.0015 : 0.02, 0, LAST, seed + 77);
  for (size_t i = 0; i < t->pre.n; i++) {
    uint64_t step = t->pre.at[i].step + (i % 3 == 1 ? late : 0);
    if (i % 3 == 2 || step >= LAST || (i % 3 == 1 && !late)) continue;
    for (uint32_t j = 1; j < POSTS; j += 1 + random_below(&random, 9)) train_add(&t->post, step, j);
  }
  train_sort(&t->pre);
  train_sort(&t->post);
}

static void free_trains(trains *t) {
  train_free(&t->pre);
  train_free(&t->post);
}

typedef enum delay_kind {
  NO_DELAY,
  AXONAL,
  AXONAL_ARRAY,
  DENDRITIC_ARRAY,
  BOTH,
  PLAIN_ARRAY,
  DELAY_KINDS
} delay_kind;

/* SYNAPSES random pairs, some of them several times, a tenth of them at a bound. */
typedef struct wiring {
  uint32_t pre[SYNAPSES], post[SYNAPSES];
  double weight[SYNAPSES], delay[SYNAPSES];
  quell_connection c;
} wiring;

static void wire_delays(wiring *w, delay_kind kind, random_state *random) {
  quell_distribution array = {QUELL_ARRAY, 0, 0, 0, 0, 0, w->delay, SYNAPSES};
  quell_distribution constant = {QUELL_CONSTANT, 0, 1.3, 0, 0, 0, NULL, 0};
  for (size_t i = 0; i < SYNAPSES; i++) {
    w->delay[i] = 0.1 * random_below(random, 17);
    if (kind == PLAIN_ARRAY) w->delay[i] += 0.5;
    if (kind == AXONAL_ARRAY) w->delay[i] = 0.1 * (1 + random_below(random, 200));
  }
  if (kind == AXONAL || kind == BOTH) w->c.delay_axonal = constant;
  if (kind == DENDRITIC_ARRAY || kind == BOTH) w->c.delay_dendritic = array;
  if (kind == AXONAL_ARRAY) w->c.delay_axonal = array;
  if (kind == PLAIN_ARRAY) w->c.delay = array;
}

static void wire(wiring *w, const synapse_rule *rule, delay_kind kind, uint64_t seed) {
  random_state random = {seed};
  w->c = (quell_connection)QUELL_CONNECTION_INIT;
  for (size_t i = 0; i < SYNAPSES; i++) {
    w->pre[i] = random_below(&random, PRES);
    w->post[i] = random_below(&random, w->pre[i] == 2 ? 5 : POSTS);
    w->weight[i] = rule->w_low + (rule->w_high - rule->w_low) * random_uniform(&random);
    if (i % 10 == 0) w->weight[i] = i % 20 ? rule->w_high : rule->w_low;
  }
  w->c.kind = QUELL_LIST;
  w->c.pre = w->pre;
  w->c.post = w->post;
  w->c.n = SYNAPSES;
  w->c.weight = (quell_distribution){QUELL_ARRAY, 0, 0, 0, 0, 0, w->weight, SYNAPSES};
  wire_delays(w, kind, &random);
}

/* What one run takes. */
typedef struct trial {
  const synapse_rule *rule;
  const quell_value *values;
  size_t n_values;
  const trains *trains;
} trial;

/* Returns the digest of all weights at all samples; compares some if asked. */
static uint64_t run_trains(const trial *trial, const setup *setup, delay_kind kind, int compare) {
  static wiring w;
  bench b;
  references r = {0};
  uint64_t hash = DIGEST;
  wire(&w, trial->rule, kind, 5);
  course_of_states = trial->rule->course;
  open_bench(&b, setup, rule_of(trial->rule), trial->values, trial->n_values);
  connect_bench(&b, PRES, &trial->trains->pre, POSTS, &trial->trains->post, &w.c);
  if (compare) r = open_references(&b, trial->rule, LAST + LAST / 10 + 1);
  for (uint64_t step = LAST / 10; step <= LAST + LAST / 10; step += LAST / 10) {
    bench_run_to(&b, step);
    if (compare && (step == LAST / 10 * 3 || step == LAST / 10 * 7 || step > LAST))
      check_references(&b, &r, trial->rule->name);
    hash = digest_weights(hash, b.synapses);
  }
  if (compare) close_references(&r);
  bench_close(&b);
  return hash;
}

static const setup train_setups[] = {
    {.tile_size = 64,
     .horizon = 128,
     .block_size = 16,
     .executor = &executor_shuffled,
     .cut = CUT_PIECES},
    {0},
    {.block_size = 48, .executor = &executor_backwards, .start = ((uint64_t)1 << 32) - 10000},
};

/* With one of the ties for each kind of delay also under the other settings. */
static void run_setups(const trial *trial, delay_kind kind) {
  uint64_t first = run_trains(trial, &train_setups[0], kind, 1);
  if (quick() || trial->rule->tie != (int)kind % 3) return;
  for (size_t i = 1; i < COUNT(train_setups); i++)
    if (run_trains(trial, &train_setups[i], kind, 0) != first)
      fail_msg("%s: other bits with %s", trial->rule->name, setup_name(&train_setups[i]));
}

void compare_trains(const synapse_rule *reference, const char *preset, const quell_value *own,
                    size_t n) {
  quell_value values[RULE_PARAMS];
  double numbers[RULE_PARAMS];
  size_t n_values = values_of(rule_of(reference), preset, own, n, values);
  synapse_rule rule = reference_for(reference, values, n_values, numbers);
  trains t;
  if (rule.late_is) rule.late_steps = in_steps(value_of(values, n_values, rule.late_is), 0.1);
  make_trains(&t, rule.late_steps, 11);
  for (delay_kind kind = NO_DELAY; kind < DELAY_KINDS; kind++) {
    for (int tie = QUELL_PRE_FIRST; tie <= QUELL_POST_FIRST; tie++) {
      trial trial = {&rule, values, n_values, &t};
      if (!supports(reference, tie) || (quick() && tie != (int)kind % 3)) continue;
      put(rule.name, &(quell_value){"tie", tie}, values, n_values);
      rule = reference_for(&rule, values, n_values, numbers);
      run_setups(&trial, kind);
    }
  }
  free_trains(&t);
}

/* Windows. */

typedef struct place {
  int plain, axonal, dendritic; /* steps; plain < 0: the other two are given */
} place;

static const place places[] = {{0, 0, 0},   {-1, 0, 0},  {15, 0, 0}, {-1, 23, 0},
                               {-1, 0, 16}, {-1, 11, 8}, {-1, 8, 8}};

static quell_distribution constantly(double value) {
  return (quell_distribution){QUELL_CONSTANT, 0, value, 0, 0, 0, NULL, 0};
}

static void connect_pairs(quell_connection *c, const place *p, double w0) {
  c->kind = QUELL_ALL_TO_ALL;
  c->weight = constantly(w0);
  if (p->plain >= 0) {
    c->delay = constantly(0.1 * p->plain);
  } else {
    c->delay_axonal = constantly(0.1 * p->axonal);
    c->delay_dendritic = constantly(0.1 * p->dendritic);
  }
}

static void check_window(const trial *trial, const setup *setup, const place *p, double w0,
                         window *closed) {
  static double want[PAIR_POSTS];
  bench b;
  const synapse_rule *rule = trial->rule;
  quell_connection c = QUELL_CONNECTION_INIT;
  int shift = p->plain >= 0 ? -p->plain : p->dendritic - p->axonal;
  connect_pairs(&c, p, w0);
  course_of_states = rule->course;
  open_bench(&b, setup, rule_of(rule), trial->values, trial->n_values);
  connect_bench(&b, 1, &trial->trains->pre, PAIR_POSTS, &trial->trains->post, &c);
  if (rule->cell) assert_non_null(closed); /* signals of so many neurons would be too much */
  references r = {0};
  if (!rule->cell) r = open_references(&b, rule, 1);
  bench_run_to(&b, 2 * PAIR_AT + rule->late_steps);
  if (!rule->cell) check_references(&b, &r, rule->name);
  for (int j = 0; closed && j < PAIR_POSTS; j++)
    want[j] = closed(0.1 * (j - REACH + shift), rule->tie, (double)(float)w0, rule->params);
  if (closed)
    check_variable(&b, "weight", PAIR_POSTS, want, weight_scale(rule), "closed form of the window");
  close_references(&r);
  bench_close(&b);
}

void compare_window(const synapse_rule *reference, const char *preset, const quell_value *own,
                    size_t n, double w0, window *closed) {
  static const setup setups[] = {
      {0}, {.tile_size = 64, .horizon = 64, .block_size = 48, .executor = &executor_backwards}};
  quell_value values[RULE_PARAMS];
  double numbers[RULE_PARAMS];
  size_t n_values = values_of(rule_of(reference), preset, own, n, values);
  trains t = {{NULL, 0, 0}, {NULL, 0, 0}};
  train_add(&t.pre, PAIR_AT, 0);
  for (uint32_t j = 0; j < PAIR_POSTS; j++) train_add(&t.post, PAIR_AT + j - REACH, j);
  for (int tie = QUELL_PRE_FIRST; tie <= QUELL_POST_FIRST; tie++) {
    if (!supports(reference, tie)) continue;
    put(reference->name, &(quell_value){"tie", tie}, values, n_values);
    synapse_rule rule = reference_for(reference, values, n_values, numbers);
    if (rule.late_is) rule.late_steps = in_steps(value_of(values, n_values, rule.late_is), 0.1);
    trial trial = {&rule, values, n_values, &t};
    for (size_t i = 0; i < COUNT(places); i += quick() ? 4 : 1)
      check_window(&trial, &setups[i % 2], &places[i], w0, closed);
  }
  free_trains(&t);
}

/* Ranges. */

static int is_own(const quell_value *own, size_t n, const char *name) {
  for (size_t i = 0; i < n; i++)
    if (strcmp(own[i].name, name) == 0) return 1;
  return 0;
}

/* A value in the range: an end or the default often; else of any magnitude. */
static double draw_value(const quell_param_desc *p, random_state *random) {
  double low = isfinite(p->min) ? p->min : -1e9, high = isfinite(p->max) ? p->max : 1e9;
  double value = p->value, kind = random_uniform(random);
  if (kind < 0.15) {
    value = low;
  } else if (kind < 0.3) {
    value = strcmp(p->name, "w_max") == 0 ? p->max : high;
  } else if (kind < 0.5) {
    value = low + (high - low) * random_uniform(random);
  } else if (kind < 0.8) {
    value = exp(log(1e-6) + log(1e9 / 1e-6) * random_uniform(random));
    if (low < 0 && random_uniform(random) < 0.5) value = -value;
  }
  if (p->flags & QUELL_INTEGER) value = floor(value);
  if (value < low) value = low;
  if (value > p->max) value = p->max;
  if (p->flags & QUELL_MIN_OPEN && value <= p->min) value = p->value;
  return value;
}

/* Bounds and ties that any rule accepts; time constants that the engine does. */
static void draw_values(const quell_rule_desc *rule, const quell_value *own, size_t n,
                        random_state *random, quell_value *values) {
  size_t count = rule_values(rule->name, NULL, own, n, values);
  for (size_t i = 0; i < count; i++) {
    const quell_param_desc *p = param_of(rule, i);
    if (is_own(own, n, p->name)) continue;
    values[i].value = draw_value(p, random);
    if (strcmp(p->unit, "ms") == 0)
      values[i].value = fmin(fmax(values[i].value, fmax(p->min, 0.1)), fmin(p->max, 1e5));
    if (strcmp(p->name, "w_min") == 0) values[i].value = 0;
    if (strcmp(p->name, "tie") == 0) {
      while (rule->ties && !(rule->ties >> (int)values[i].value & 1))
        values[i].value = (double)(((int)values[i].value + 1) % 3);
    }
  }
}

static void check_finite(const bench *b, const quell_rule_desc *rule, const quell_value *values) {
  size_t n = quell_projection_size(b->synapses);
  double low = value_of(values, rule->params.count, "w_min");
  double high = value_of(values, rule->params.count, "w_max");
  float *got = must_alloc(n, sizeof *got);
  for (uint32_t v = 0; v <= rule->vars.count; v++) {
    const quell_var_desc *var =
        (const void *)((const char *)rule->vars.at + (size_t)v * rule->vars.stride);
    const char *name = v < rule->vars.count ? var->name : "weight";
    OK(quell_projection_get(b->synapses, name, 0, n, got));
    for (size_t i = 0; i < n; i++) {
      int good = isfinite(got[i]);
      if (v == rule->vars.count) good = got[i] >= (float)low && got[i] <= (float)high;
      for (size_t k = 0; !good && k < rule->params.count; k++)
        print_error("  %s = %.17g\n", values[k].name, values[k].value);
      if (!good) fail_msg("rule '%s': %s is %g", rule->name, name, (double)got[i]);
    }
  }
  free(got);
}

/* Dense trains of a few neurons, weights over the whole range. Returns 0 if the rule refuses. */
static int run_in_range(const quell_rule_desc *rule, const quell_value *values, const trains *t,
                        uint64_t seed) {
  static const setup setup = {0};
  enum { PAIRS = 64 };
  uint32_t pre[PAIRS], post[PAIRS];
  double w[PAIRS], high = value_of(values, rule->params.count, "w_max");
  random_state random = {seed};
  bench b;
  quell_connection c = QUELL_CONNECTION_INIT;
  quell_status status = try_open(&b, &setup, rule, values, rule->params.count);
  if (status) {
    assert_int_equal(status, QUELL_E_RANGE);
    assert_non_null(strstr(quell_network_error(b.network), rule->name));
    bench_close(&b);
    return 0;
  }
  for (size_t i = 0; i < PAIRS; i++) {
    pre[i] = random_below(&random, PRES);
    post[i] = random_below(&random, POSTS);
    w[i] = i % 4 == 0   ? 0
           : i % 4 == 1 ? fmin(high, 1e9)
                        : fmin(high, 100) * random_uniform(&random);
  }
  c.kind = QUELL_LIST;
  c.pre = pre, c.post = post, c.n = PAIRS;
  c.weight = (quell_distribution){QUELL_ARRAY, 0, 0, 0, 0, 0, w, PAIRS};
  connect_bench(&b, PRES, &t->pre, POSTS, &t->post, &c);
  for (uint64_t step = 500; step <= 3500; step += 1000) {
    bench_run_to(&b, step);
    check_finite(&b, rule, values);
  }
  bench_close(&b);
  return 1;
}

static void check_refusal(const quell_rule_desc *rule, const quell_param_desc *p, double value) {
  const setup setup = {0};
  quell_value bad = {p->name, value};
  bench b;
  assert_int_equal(try_open(&b, &setup, rule, &bad, 1), QUELL_E_RANGE);
  if (!strstr(quell_network_error(b.network), p->name))
    fail_msg("'%s' is not named: %s", p->name, quell_network_error(b.network));
  bench_close(&b);
}

static void check_refusals(const quell_rule_desc *rule) {
  for (uint32_t i = 0; i < rule->params.count; i++) {
    const quell_param_desc *p = param_of(rule, i);
    check_refusal(rule, p, NAN);
    if (isfinite(p->min))
      check_refusal(rule, p,
                    p->flags & QUELL_MIN_OPEN ? p->min : p->min - 1e-6 - fabs(p->min) / 1e6);
    if (isfinite(p->max)) check_refusal(rule, p, p->max * (1 + 1e-6) + 1e-6);
  }
}

void compare_ranges(const char *name, const quell_value *own, size_t n, uint64_t seed) {
  compare_cell_ranges(name, own, n, seed, NULL);
}

void compare_cell_ranges(const char *name, const quell_value *own, size_t n, uint64_t seed,
                         double (*course)(int state, uint64_t step, uint32_t neuron)) {
  const quell_rule_desc *rule = find_rule(name);
  random_state random = {seed};
  trains t;
  size_t tries = quick() ? 20 : 200, accepted = 0;
  course_of_states = course;
  make_trains(&t, 0, seed);
  for (size_t i = 0; i < tries; i++) {
    quell_value values[RULE_PARAMS];
    draw_values(rule, own, n, &random, values);
    accepted += (size_t)run_in_range(rule, values, &t, seed + i);
  }
  if (accepted < tries / 4)
    fail_msg("%s: only %zu of %zu sets are accepted", name, accepted, tries);
  check_refusals(rule);
  free_trains(&t);
}

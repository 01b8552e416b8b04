#include "mixed.h"
#include "check.h"
#include <stdlib.h>
#include <string.h>

const eager_rule mixed_rules[MIXED_RULES] = {
    {EAGER_VOGELS, .eta = 0.02, .rho0 = 8, .tau = 20, .w_max = 10, .tie = QUELL_PRE_FIRST},
    {EAGER_PAIR, .a_plus = 0.01, .a_minus = 0.006, .tau_plus = 16.8, .tau_minus = 33.7,
     .w_max = 0.5, .tie = QUELL_PRE_FIRST},
    {EAGER_PAIR, .a_plus = 0.05, .a_minus = 0.04, .tau_plus = 20, .tau_minus = 20, .mu_plus = 0.5,
     .mu_minus = 1, .w_max = 10, .tie = QUELL_EXCLUSIVE},
    {EAGER_OJA, .eta = 0.02, .beta = 2, .tau = 20, .w_max = 5, .tie = QUELL_POST_FIRST},
};

/* Projection -1 is the network (learning) or says that `rule` changes. */
typedef struct mixed_change {
  uint64_t step;
  int projection, rule;
  const char *name;
  double value;
} mixed_change;

static const mixed_change changes[] = {
    {300, -1, 0, "eta", 0.05},     {450, 3, -1, "learning", 0},   {451, -1, 1, "a_plus", 0.02},
    {700, 2, -1, "learning", 0},   {701, 2, -1, "learning", 1},   {800, -1, 2, "mu_plus", 1},
    {900, 3, -1, "learning", 1},   {1000, -1, 1, "w_max", 0.3},   {1100, -1, -1, "learning", 0},
    {1200, -1, 3, "beta", 1},      {1250, -1, -1, "learning", 1}, {1300, 5, -1, "weight", 1.5},
    {1301, 2, -1, "weight", 0.75}, {1400, -1, 0, "rho0", 3},      {1400, -1, 0, "w_min", 0.125},
};

static int concerns(const mixed_change *change, size_t projection, int rule) {
  if (change->projection >= 0) return (size_t)change->projection == projection;
  return change->rule < 0 || change->rule == rule;
}

/* Which rule a projection has, in the order of connect_all(). */
static const int rule_of[MIXED_PROJECTIONS] = {-1, -1, 0, 1, 2, 3, 1, 0, -1, -1, -1, 0};

size_t mixed_changes(size_t projection, eager_change *out, size_t capacity) {
  size_t n = 0;
  for (size_t i = 0; i < COUNT(changes); i++) {
    if (!concerns(&changes[i], projection, rule_of[projection])) continue;
    assert_true(n < capacity);
    out[n++] = (eager_change){changes[i].step, changes[i].name, changes[i].value};
  }
  return n;
}

/* The host's own neurons: integers, so that they do not depend on the floating-point mode. */
static void host_step(void *context) {
  mixed *m = context;
  uint32_t ids[MIXED_HOST], n = 0, size = 0;
  const float *input = NULL;
  OK(quell_population_input(m->host, "excitatory", &input, &size));
  for (uint32_t i = 0; i < size; i++) {
    m->charge[i] += (int32_t)(input[i] * 1024.0f);
    if (m->charge[i] < 8 * 1024) continue;
    m->charge[i] = 0;
    ids[n++] = i;
  }
  if (n) OK(quell_population_spikes_in(m->host, ids, n));
}

static void make_populations(mixed *m) {
  const quell_value exc[] = {{"i_offset", 108}, {"tau_refrac", 2}, {"v_reset", -58}};
  const quell_value inh[] = {{"i_offset", 103}, {"tau_m", 10}};
  const quell_value rate = {"rate", 20};
  quell_network *net = m->network;
  OK(quell_population_create(net, "exc", "lif_cond_exp", 301, exc, COUNT(exc), &m->exc));
  OK(quell_population_create(net, "inh", "lif_curr_exp", 77, inh, COUNT(inh), &m->inh));
  OK(quell_population_create(net, "noise", "poisson", 130, &rate, 1, &m->noise));
  OK(quell_population_create(net, "source", "spike_source", 13, NULL, 0, &m->source));
  if (!m->options.long_delays) {
    OK(quell_population_create(net, "host", "external", MIXED_HOST, NULL, 0, &m->host));
    OK(quell_population_on_step(m->host, host_step, m));
  }
}

static void make_inputs(mixed *m) {
  double v[301], times[3], rates[3] = {60, 5, 30};
  const uint64_t at[3] = {100, 901, 1203};
  double dt = quell_network_dt(m->network);
  train spikes = {NULL, 0, 0};
  for (size_t i = 0; i < COUNT(v); i++) v[i] = -60 + (double)(i * 37 % 80) * 0.125;
  OK(quell_population_set_array(m->exc, "v", 0, COUNT(v), v));
  OK(quell_population_set_array(m->inh, "v", 0, 77, v));
  for (size_t i = 0; i < COUNT(at); i++) times[i] = (double)(m->setup->start + at[i]) * dt;
  OK(quell_population_schedule(m->noise, "rate", times, 3, rates, 3));
  for (uint32_t i = 0; i < 13; i++)
    for (uint64_t s = i % 2 ? 10 + i : 10; s < 4000; s += i % 2 ? 90 + 7 * i : 67) {
      train_add(&spikes, s, i);
      if (s % 5 == 0) train_add(&spikes, s, i); /* twice in one step */
    }
  give_spikes(m->source, &spikes, m->setup->start, dt);
  train_free(&spikes);
  if (!m->options.background) return;
  OK(quell_population_background(m->exc, "excitatory", 900, 0.375));
  OK(quell_population_background(m->inh, "excitatory", 500, 20));
  OK(quell_population_background(m->inh, "inhibitory", 200, 10));
}

static quell_distribution draw(int32_t kind, double a, double b) {
  return (quell_distribution){kind, QUELL_REFUSE, a, b, 0, 0, NULL, 0};
}

static void add(mixed *m, quell_population *pre, quell_population *post, const char *receptor,
                const quell_connection *c) {
  size_t i = m->n_projections++;
  m->rule_of[i] = rule_of[i];
  OK(quell_connect(m->network, pre, post, receptor, c, rule_of[i] < 0 ? NULL : m->rules[rule_of[i]],
                   &m->projections[i]));
}

static quell_connection of_kind(int32_t kind, double p, uint64_t count) {
  quell_connection c = QUELL_CONNECTION_INIT;
  c.kind = kind;
  c.p = p;
  c.count = count;
  return c;
}

static void connect_neurons(mixed *m, double base) {
  quell_connection c = of_kind(QUELL_FIXED_PROBABILITY, 0.3, 0);
  c.weight = (quell_distribution){QUELL_NORMAL, QUELL_REDRAW, 1, 0.5, 0, 3, NULL, 0};
  c.delay_axonal = draw(QUELL_UNIFORM, 0.1 + base, 0.6 + base);
  c.delay_dendritic = draw(QUELL_UNIFORM, 0, 1);
  add(m, m->noise, m->exc, "excitatory", &c); /* 0 */
  c = of_kind(QUELL_FIXED_IN_DEGREE, 0, 30);
  c.weight = draw(QUELL_CONSTANT, 12, 0);
  c.delay = draw(QUELL_CONSTANT, base, 0);
  add(m, m->exc, m->inh, "excitatory", &c); /* 1 */
  c = of_kind(QUELL_FIXED_PROBABILITY, 0.5, 0);
  c.weight = draw(QUELL_CONSTANT, 0.5, 0);
  c.delay = draw(QUELL_CONSTANT, base ? 1.2 : 0, 0);
  add(m, m->inh, m->exc, "inhibitory", &c); /* 2 */
  c = of_kind(QUELL_FIXED_TOTAL, 0, 6000);
  c.flags = QUELL_NO_SELF;
  c.weight = draw(QUELL_UNIFORM, 0, 0.3);
  c.delay = draw(QUELL_UNIFORM, base ? base : 0.1, 1.6);
  add(m, m->exc, m->exc, "excitatory", &c); /* 3 */
  c = of_kind(QUELL_FIXED_PROBABILITY, 0.2, 0);
  c.weight = draw(QUELL_UNIFORM, 0, 10);
  c.delay_axonal = draw(QUELL_CONSTANT, base ? 1.0 : 0.3, 0);
  c.delay_dendritic = (quell_distribution){QUELL_NORMAL, QUELL_CLIP, 0.8, 0.5, 0, 1.6, NULL, 0};
  add(m, m->exc, m->inh, "excitatory", &c); /* 4 */
  c = of_kind(QUELL_FIXED_IN_DEGREE, 0, 25);
  c.flags = QUELL_NO_SELF | QUELL_NO_MULTAPSES;
  c.weight = draw(QUELL_UNIFORM, 0, 5);
  c.delay_axonal = draw(QUELL_CONSTANT, base, 0);
  c.delay_dendritic = draw(QUELL_CONSTANT, 0.5, 0);
  add(m, m->inh, m->inh, "inhibitory", &c); /* 5 */
  c = of_kind(QUELL_ALL_TO_ALL, 0, 0);
  c.weight = draw(QUELL_UNIFORM, 0, 0.5);
  c.delay_axonal = draw(QUELL_UNIFORM, base, base + 0.5); /* rows are split */
  c.delay_dendritic = draw(QUELL_UNIFORM, 0, 1.6);
  add(m, m->source, m->exc, "excitatory", &c); /* 6 */
}

static void connect_rest(mixed *m, double base) {
  enum { N = 500 };
  uint32_t pre[N], post[N];
  double weight[N];
  quell_connection c = of_kind(QUELL_LIST, 0, 0);
  for (uint32_t i = 0; i < N; i++) {
    pre[i] = i * 7919 % 130;
    post[i] = i * 104729 % 77;
    weight[i] = (double)(i % 64) * 0.125;
  }
  c.pre = pre;
  c.post = post;
  c.n = N;
  c.weight = (quell_distribution){QUELL_ARRAY, 0, 0, 0, 0, 0, weight, N};
  c.delay = draw(QUELL_CONSTANT, 1.5, 0);
  add(m, m->noise, m->inh, "excitatory", &c); /* 7 */
  c = of_kind(QUELL_FIXED_PROBABILITY, 0.02, 0);
  c.weight = draw(QUELL_LOGNORMAL, -2, 0.5);
  c.delay = draw(QUELL_CONSTANT, base ? 2 : 0, 0);
  add(m, m->exc, m->exc, "excitatory", &c); /* 8 */
  c = of_kind(QUELL_ALL_TO_ALL, 0, 0);      /* volleys on split rows: the order of sums shows */
  c.weight = draw(QUELL_UNIFORM, 0, 5);
  c.delay_axonal = draw(QUELL_UNIFORM, base, base + 0.5);
  c.delay_dendritic = draw(QUELL_UNIFORM, 0, 0.3);
  add(m, m->source, m->inh, "excitatory", &c); /* 9 */
  if (!m->host) return;
  c = of_kind(QUELL_FIXED_IN_DEGREE, 0, 40);
  c.weight = draw(QUELL_UNIFORM, 0, 1);
  add(m, m->exc, m->host, "excitatory", &c); /* 10 */
  c = of_kind(QUELL_FIXED_PROBABILITY, 0.2, 0);
  c.weight = draw(QUELL_CONSTANT, 0.25, 0);
  c.delay_dendritic = draw(QUELL_UNIFORM, 0, 1.6);
  add(m, m->host, m->exc, "inhibitory", &c); /* 11 */
}

static void record(mixed *m) {
  static const uint64_t ids[] = {0, 63, 64, 65, 255, 256, 300};
  quell_population *populations[4] = {m->exc, m->inh, m->noise, m->source};
  quell_record_options options = QUELL_RECORD_OPTIONS_INIT;
  for (size_t i = 0; i < 4; i++) OK(quell_record_spikes(populations[i], NULL, &m->spikes[i]));
  options.interval = 1.6;
  OK(quell_record_state(m->inh, "v", &options, &m->others[m->n_others++]));
  OK(quell_record_rate(m->exc, &options, &m->others[m->n_others++]));
  OK(quell_record_weights(m->projections[4], &options, &m->others[m->n_others++]));
  options.ids = ids;
  options.n = COUNT(ids);
  OK(quell_record_state(m->exc, "g_inh", &options, &m->others[m->n_others++]));
  OK(quell_record_weights(m->projections[3], &options, &m->others[m->n_others++]));
  OK(quell_record_spikes(
      m->exc, &(quell_record_options){.struct_size = sizeof options, .ids = ids, .n = COUNT(ids)},
      &m->others[m->n_others++]));
}

void mixed_build(mixed *m, const setup *setup, mixed_options options) {
  memset(m, 0, sizeof *m);
  m->setup = setup;
  m->options = options;
  m->network = open_network(setup);
  make_populations(m);
  make_inputs(m);
  for (size_t i = 0; i < MIXED_RULES; i++) {
    quell_value values[EAGER_MAX_VALUES];
    OK(quell_rule_create(m->network, eager_name(&mixed_rules[i]), values,
                         eager_values(&mixed_rules[i], values), &m->rules[i]));
  }
  connect_neurons(m, options.long_delays ? 0.8 : 0);
  connect_rest(m, options.long_delays ? 0.8 : 0);
  if (options.record) record(m);
}

static void make_change(mixed *m, const mixed_change *change) {
  if (change->projection >= 0 && strcmp(change->name, "weight") == 0) {
    quell_projection *p = m->projections[change->projection];
    uint64_t n = quell_projection_size(p);
    float *w = must_alloc(n, sizeof *w);
    for (uint64_t i = 0; i < n; i++) w[i] = (float)change->value;
    OK(quell_projection_set(p, "weight", 0, n, w));
    free(w);
  } else if (strcmp(change->name, "learning") == 0) {
    if (change->projection >= 0)
      OK(quell_projection_learning(m->projections[change->projection], change->value != 0));
    else
      OK(quell_network_learning(m->network, change->value != 0));
  } else {
    quell_value value = {change->name, change->value};
    OK(quell_rule_set(m->rules[change->rule], &value, 1));
  }
}

/* At every step another projection, and the neurons: reading replays what is not settled. */
static void read_one(void *context) {
  mixed *m = context;
  double v[301];
  quell_projection *p = m->projections[m->reads++ % m->n_projections];
  uint64_t n = quell_projection_size(p);
  float *w = must_alloc(n, sizeof *w);
  OK(quell_projection_get(p, "weight", 0, n, w));
  free(w);
  OK(quell_population_get(m->exc, "v", 0, COUNT(v), v));
}

void mixed_run(mixed *m, uint64_t step) {
  for (size_t i = 0; i < COUNT(changes); i++) {
    if (changes[i].step < m->done || changes[i].step >= step) continue;
    advance(m->network, m->setup, changes[i].step - m->done, read_one, m);
    m->done = changes[i].step;
    while (i < COUNT(changes) && changes[i].step == m->done) make_change(m, &changes[i++]);
    i--;
    if (m->done + 1 > step) return;
    advance(m->network, m->setup, 1, read_one, m); /* so that no change is made twice */
    m->done++;
  }
  if (step > m->done) advance(m->network, m->setup, step - m->done, read_one, m);
  m->done = step;
}

uint64_t mixed_digest(const mixed *m) {
  uint64_t hash = DIGEST;
  for (size_t i = 0; i < m->n_projections; i++) hash = digest_weights(hash, m->projections[i]);
  hash = digest_state(hash, m->exc, "v");
  hash = digest_state(hash, m->exc, "g_exc");
  hash = digest_state(hash, m->exc, "g_inh");
  hash = digest_state(hash, m->inh, "v");
  hash = digest_state(hash, m->inh, "i_exc");
  hash = digest_state(hash, m->inh, "i_inh");
  hash = digest_state(hash, m->noise, "remaining");
  return m->host ? digest(hash, m->charge, sizeof m->charge) : hash;
}

uint64_t mixed_recorded(const mixed *m) {
  uint64_t hash = DIGEST;
  for (size_t i = 0; i < 4; i++) hash = digest_recording(hash, m->spikes[i], m->setup->start);
  for (size_t i = 0; i < m->n_others; i++)
    hash = digest_recording(hash, m->others[i], m->setup->start);
  return hash;
}

void mixed_close(mixed *m) {
  quell_network_destroy(&m->network);
  assert_null(m->network);
}

#include "bench.h"
#include "check.h"
#include "random.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

void train_add(train *t, uint64_t step, uint32_t neuron) {
  if (t->n == t->capacity) {
    t->capacity = t->capacity ? 2 * t->capacity : 64;
    t->at = realloc(t->at, t->capacity * sizeof *t->at);
    assert_non_null(t->at);
  }
  t->at[t->n++] = (spike){step, neuron};
}

static int by_step(const void *left, const void *right) {
  const spike *a = left, *b = right;
  if (a->step != b->step) return a->step < b->step ? -1 : 1;
  return (a->neuron > b->neuron) - (a->neuron < b->neuron);
}

void train_sort(train *t) {
  if (t->n) qsort(t->at, t->n, sizeof *t->at, by_step);
}

void train_free(train *t) {
  free(t->at);
  *t = (train){NULL, 0, 0};
}

uint64_t *train_of(const train *t, uint32_t neuron, uint64_t delay, size_t *n) {
  uint64_t *stamps;
  size_t count = 0;
  for (size_t i = 0; i < t->n; i++) count += t->at[i].neuron == neuron;
  stamps = must_alloc(count, sizeof *stamps);
  *n = 0;
  for (size_t i = 0; i < t->n; i++)
    if (t->at[i].neuron == neuron) stamps[(*n)++] = t->at[i].step + delay;
  return stamps;
}

void train_poisson(train *t, uint32_t neuron, double probability, uint64_t from, uint64_t to,
                   uint64_t seed) {
  random_state random = {seed * 1000003u + neuron};
  for (uint64_t step = from; step < to; step++)
    if (random_uniform(&random) < probability) train_add(t, step, neuron);
}

void feed(void *context) {
  feeder *f = context;
  uint32_t ids[64];
  size_t n = 0;
  for (; f->next < f->train->n && f->train->at[f->next].step == f->now; f->next++) {
    ids[n++] = f->train->at[f->next].neuron;
    if (n < COUNT(ids)) continue;
    OK(quell_population_spikes_in(f->population, ids, n));
    n = 0;
  }
  if (n) OK(quell_population_spikes_in(f->population, ids, n));
  f->now++;
}

void give_spikes(quell_population *source, const train *t, uint64_t start, double dt) {
  uint32_t *neurons = must_alloc(t->n, sizeof *neurons);
  double *times = must_alloc(t->n, sizeof *times);
  for (size_t i = 0; i < t->n; i++) {
    neurons[i] = t->at[i].neuron;
    times[i] = (double)(start + t->at[i].step) * dt;
  }
  OK(quell_population_set_spikes(source, neurons, times, t->n));
  free(neurons);
  free(times);
}

void bench_open(bench *b, const setup *s, const eager_rule *rule, uint32_t n_pre, const train *pre,
                uint32_t n_post, const train *post, const quell_connection *connection) {
  quell_value values[EAGER_MAX_VALUES];
  memset(b, 0, sizeof *b);
  b->setup = s;
  b->start = s->start;
  b->n_pre = n_pre;
  b->n_post = n_post;
  b->pre_spikes = pre;
  b->post_spikes = post;
  b->network = open_network(s);
  b->dt = quell_network_dt(b->network);
  OK(quell_population_create(b->network, "pre", "spike_source", n_pre, NULL, 0, &b->pre));
  OK(quell_population_create(b->network, "post", "external", n_post, NULL, 0, &b->post));
  OK(quell_rule_create(b->network, eager_name(rule), values, eager_values(rule, values), &b->rule));
  OK(quell_connect(b->network, b->pre, b->post, "inhibitory", connection, b->rule, &b->synapses));
  if (pre->n) give_spikes(b->pre, pre, b->start, b->dt);
  b->feeder = (feeder){b->post, post, 0, 0};
  OK(quell_population_on_step(b->post, feed, &b->feeder));
}

void bench_close(bench *b) {
  quell_network_destroy(&b->network);
  assert_null(b->network);
}

static void read_all(void *context) {
  const bench *b = context;
  uint64_t n = quell_projection_size(b->synapses);
  float *w = must_alloc(n, sizeof *w);
  OK(quell_projection_get(b->synapses, "weight", 0, n, w));
  for (uint64_t i = 0; i < n; i++) assert_true(w[i] >= 0.0f);
  free(w);
}

uint64_t bench_now(const bench *b) {
  return quell_network_clock(b->network) - b->start;
}

void bench_run_to(bench *b, uint64_t step) {
  advance(b->network, b->setup, step - bench_now(b), read_all, b);
}

float bench_weight(const bench *b, uint64_t synapse) {
  float w = NAN;
  OK(quell_projection_get(b->synapses, "weight", synapse, 1, &w));
  return w;
}

static void make_change(bench *b, const eager_change *change) {
  if (strcmp(change->name, "learning") == 0) {
    OK(quell_projection_learning(b->synapses, change->value != 0.0));
  } else if (strcmp(change->name, "weight") == 0) {
    uint64_t n = quell_projection_size(b->synapses);
    float *w = must_alloc(n, sizeof *w);
    for (uint64_t i = 0; i < n; i++) w[i] = (float)change->value;
    OK(quell_projection_set(b->synapses, "weight", 0, n, w));
    free(w);
  } else {
    quell_value value = {change->name, change->value};
    OK(quell_rule_set(b->rule, &value, 1));
  }
}

void bench_run_changes(bench *b, const eager_change *change, size_t n_change, uint64_t end) {
  for (size_t i = 0; i < n_change; i++) {
    bench_run_to(b, change[i].step);
    make_change(b, &change[i]);
  }
  bench_run_to(b, end);
}

void bench_check(const bench *b, const eager_rule *rule, const eager_change *change,
                 size_t n_change, const float *initial, const char *what) {
  uint64_t n = quell_projection_size(b->synapses);
  uint32_t *pre = must_alloc(n, sizeof *pre), *post = must_alloc(n, sizeof *post);
  float *w = must_alloc(n, sizeof *w), *dendritic = must_alloc(n, sizeof *dendritic);
  float *axonal = must_alloc(n, sizeof *axonal);
  OK(quell_projection_endpoints(b->synapses, 0, n, pre, post));
  OK(quell_projection_get(b->synapses, "weight", 0, n, w));
  OK(quell_projection_get(b->synapses, "delay_axonal", 0, n, axonal));
  OK(quell_projection_get(b->synapses, "delay_dendritic", 0, n, dendritic));
  for (uint64_t i = 0; i < n; i++) {
    eager s = {.rule = *rule, .dt = b->dt, .w = (double)initial[i]};
    uint64_t *arrivals =
        train_of(b->pre_spikes, pre[i], (uint64_t)llround((double)axonal[i] / b->dt), &s.n_pre);
    uint64_t *effective = train_of(b->post_spikes, post[i],
                                   (uint64_t)llround((double)dendritic[i] / b->dt), &s.n_post);
    s.pre = arrivals;
    s.post = effective;
    s.change = change;
    s.n_change = n_change;
    CLOSE((double)w[i], eager_at(&s, bench_now(b)), rule->w_max, what, i);
    free(arrivals);
    free(effective);
  }
  free(pre);
  free(post);
  free(w);
  free(axonal);
  free(dendritic);
}

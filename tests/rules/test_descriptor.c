/* What a rule's descriptor can say beyond what the built-in rules need: several traces a side,
 * traces that are set, traces read by their own side's event, variables, one kind of event only. */
#include "support/bench.h"
#include "support/check.h"
#include "support/triplet.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#ifndef QUELL_TEST_DATA
#define QUELL_TEST_DATA "tests/data"
#endif

enum { POSTS = 70 };

/* Nearest-neighbour pairs, and a variable that counts post events, halves at pre events, and
 * divides the potentiation. */

static const quell_param_desc nearest_params[] = {
    {"tau", "ms", "time constant of both traces", 20, 0, 1e6, QUELL_MIN_OPEN, 0},
    QUELL_STANDARD_PARAMS((double)INFINITY),
};
static const quell_trace_desc nearest_traces[] = {{"x", QUELL_PRE, QUELL_TRACE_SET, 0, 0},
                                                  {"y", QUELL_POST, QUELL_TRACE_SET, 0, 0}};
static const quell_var_desc nearest_vars[] = {{"unused", "1", "stays", 7.0},
                                              {"busy", "1", "recent post events", 0.25}};

static quell_status nothing_to_prepare(const quell_rule_args *args, void *instance) {
  (void)args, (void)instance;
  return QUELL_OK;
}

static int bad_padding; /* padding that is not as plugin.h says */

/* What a rule finds behind the live elements are zeros or other synapses; what it leaves there,
 * here nonsense, must go nowhere. */
static void spoil_padding(const quell_block *b) {
  for (uint32_t i = b->live; i < b->n; i++) {
    bad_padding |= !(b->w[i] >= 0.0f) || b->var[0][i] != 7.0f || !(b->var[1][i] >= 0.0f) ||
                   (b->pre[0] && !(b->pre[0][i] >= 0.0f && b->pre[0][i] <= 1.0f)) ||
                   (b->post[0] && !(b->post[0][i] >= 0.0f && b->post[0][i] <= 1.0f));
    b->w[i] = b->var[0][i] = b->var[1][i] = NAN;
  }
}

static void nearest_pre(const quell_block *b) {
  spoil_padding(b);
  for (uint32_t i = 0; i < b->n; i++) {
    b->w[i] -= 0.02f * b->post[0][i];
    b->var[1][i] *= 0.5f;
  }
}

static void nearest_post(const quell_block *b) {
  spoil_padding(b);
  for (uint32_t i = 0; i < b->n; i++) {
    b->w[i] += 0.03f * b->pre[0][i] / (1.0f + b->var[1][i]);
    b->var[1][i] += 1.0f;
  }
}

static const quell_event_desc nearest_events[] = {
    {.kind = QUELL_POST, .wants_pre = 1u << 0, .call = nearest_post},
    {.kind = QUELL_PRE, .wants_pre = 1u << 0, .wants_post = 1u << 0, .call = nearest_pre},
};

static const quell_rule_desc nearest = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .name = "test_nearest",
    .summary = "nearest neighbours and a variable",
    .source = "none",
    .params = QUELL_TABLE(nearest_params),
    .vars = QUELL_TABLE(nearest_vars),
    .traces = QUELL_TABLE(nearest_traces),
    .events = QUELL_TABLE(nearest_events),
    .ties = 1u << QUELL_PRE_FIRST,
    .prepare = nothing_to_prepare,
};

/* A network with one pre neuron onto POSTS neurons of the host, all with the same spikes but the
 * last, which is silent. */
typedef struct rig {
  quell_registry *registry;
  quell_network *net;
  quell_population *pre, *post;
  quell_projection *p;
  feeder feeder;
} rig;

static void rig_open(rig *r, const setup *setup, const quell_rule_desc *desc, const train *pre,
                     const train *post, double w0) {
  quell_network_options o = QUELL_NETWORK_OPTIONS_INIT;
  quell_rule *rule;
  OK(quell_registry_create(NULL, &r->registry));
  OK(quell_registry_add(r->registry, desc, NULL, 0));
  o.registry = r->registry;
  o.tile_size = setup->tile_size;
  o.horizon = setup->horizon;
  o.block_size = setup->block_size;
  OK(quell_network_create(&o, &r->net));
  quell_registry_destroy(&r->registry); /* the network keeps it */
  OK(quell_population_create(r->net, "pre", "spike_source", 1, NULL, 0, &r->pre));
  OK(quell_population_create(r->net, "post", "external", POSTS, NULL, 0, &r->post));
  OK(quell_rule_create(r->net, desc->name, NULL, 0, &rule));
  quell_connection c = QUELL_CONNECTION_INIT;
  c.kind = QUELL_ALL_TO_ALL;
  c.weight = (quell_distribution){QUELL_CONSTANT, 0, w0, 0, 0, 0, NULL, 0};
  OK(quell_connect(r->net, r->pre, r->post, "excitatory", &c, rule, &r->p));
  give_spikes(r->pre, pre, 0, quell_network_dt(r->net));
  r->feeder = (feeder){r->post, post, 0, 0};
  OK(quell_population_on_step(r->post, feed, &r->feeder));
}

static size_t read_columns(const char *file, double *first, double *second) {
  char path[512], line[1024];
  size_t n = 0;
  snprintf(path, sizeof path, "%s/reference/%s", QUELL_TEST_DATA, file);
  FILE *in = fopen(path, "r");
  assert_non_null(in);
  while (fgets(line, sizeof line, in)) {
    char *end;
    if (*line == '#') continue;
    first[n] = strtod(line, &end);
    if (second) second[n] = strtod(end + 1, NULL);
    n++;
  }
  fclose(in);
  return n;
}

static void add_times(train *train, const char *file, uint32_t neurons) {
  static double at[2000];
  size_t n = read_columns(file, at, NULL);
  for (size_t i = 0; i < n; i++)
    for (uint32_t j = 0; j < neurons; j++) train_add(train, (uint64_t)llround(at[i] * 10), j);
  train_sort(train);
}

/* Own-side traces read one event too late, or after their jump, miss the file by far. */
static void triplet_rule_equals_the_reference(void **state) {
  static const setup setups[] = {{0}, {.tile_size = 64, .horizon = 64, .block_size = 16}};
  static double t[2000], want[2000];
  size_t samples = read_columns("stdp_triplet_full.csv", t, want);
  train pre = {NULL, 0, 0}, post = {NULL, 0, 0};
  add_times(&pre, "spikes_pre.csv", 1);
  add_times(&post, "spikes_post.csv", POSTS - 1);
  for (size_t i = 0; i < COUNT(setups); i++) {
    rig r;
    float w[POSTS];
    rig_open(&r, &setups[i], &test_triplet, &pre, &post, 1.0);
    for (size_t k = 0; k < samples; k++) {
      OK(quell_run_steps(r.net, (uint64_t)llround(t[k] * 10) - quell_network_clock(r.net)));
      OK(quell_projection_get(r.p, "weight", 0, POSTS, w));
      CLOSE((double)w[0], want[k], 5.0, "triplet, first", k);
      CLOSE((double)w[POSTS - 2], want[k], 5.0, "triplet, last", k);
      assert_true(w[POSTS - 1] == 1.0f);
    }
    quell_network_destroy(&r.net);
  }
  train_free(&pre);
  train_free(&post);
  (void)state;
}

typedef struct eager_nearest {
  double w, busy, last_pre, last_post;
} eager_nearest;

static void eager_step(eager_nearest *e, double now, int pre, int post) {
  double x_before = isfinite(e->last_pre) ? exp(-(now - e->last_pre) / 200) : 0;
  double y = isfinite(e->last_post) ? exp(-(now - e->last_post) / 200) : 0;
  if (pre) {
    e->w = fmax(0, e->w - 0.02 * y);
    e->busy *= 0.5;
    e->last_pre = now;
  }
  if (post) {
    e->w += 0.03 * (pre ? 1 : x_before) / (1 + e->busy);
    e->busy += 1;
    e->last_post = now;
  }
}

static void variables_and_nearest_traces_follow_the_events(void **state) {
  static const setup setups[] = {{0}, {.tile_size = 64, .horizon = 64, .block_size = 48}};
  enum { END = 30000 };
  train pre = {NULL, 0, 0}, post = {NULL, 0, 0};
  train_poisson(&pre, 0, 0.004, 1, END, 3);
  for (uint32_t j = 0; j + 1 < POSTS; j++) train_poisson(&post, j, 0.0005 * (1 + j), 1, END, 4);
  for (size_t i = 0; i < pre.n; i += 4) train_add(&post, pre.at[i].step, (uint32_t)i % (POSTS - 1));
  train_sort(&pre);
  train_sort(&post);
  for (size_t i = 0; i < COUNT(setups); i++) {
    rig r;
    float w[POSTS], busy[POSTS], unused[POSTS];
    rig_open(&r, &setups[i], &nearest, &pre, &post, 1.0);
    OK(quell_run_steps(r.net, END));
    OK(quell_projection_get(r.p, "weight", 0, POSTS, w));
    OK(quell_projection_get(r.p, "busy", 0, POSTS, busy));
    OK(quell_projection_get(r.p, "unused", 0, POSTS, unused));
    for (uint32_t j = 0; j < POSTS; j++) {
      eager_nearest e = {1.0, 0.25, -INFINITY, -INFINITY};
      size_t a = 0, b = 0;
      for (uint64_t step = 0; step < END; step++) {
        int n_pre = 0, n_post = 0;
        for (; a < pre.n && pre.at[a].step == step; a++) n_pre++;
        for (; b < post.n && post.at[b].step == step; b++) n_post += post.at[b].neuron == j;
        if (n_pre || n_post) eager_step(&e, (double)step, n_pre, n_post > 0);
        for (; n_post > 1; n_post--) /* a second post spike on the step */
          eager_step(&e, (double)step, 0, 1);
      }
      CLOSE((double)w[j], e.w, INFINITY, "nearest", j);
      CLOSE((double)busy[j], e.busy, INFINITY, "busy", j);
      assert_true(unused[j] == 7.0f);
    }
    assert_false(bad_padding);
    quell_network_destroy(&r.net);
  }
  train_free(&pre);
  train_free(&post);
  (void)state;
}

static void variables_can_be_written(void **state) {
  train pre = {NULL, 0, 0}, post = {NULL, 0, 0};
  const setup setup = {0};
  const float three = 3.0f, bad = NAN;
  float busy[2];
  rig r;
  train_add(&pre, 50, 0);
  train_add(&post, 20, 0);
  train_add(&post, 20, 1);
  rig_open(&r, &setup, &nearest, &pre, &post, 1.0);
  OK(quell_run_steps(r.net, 30));
  OK(quell_projection_set(r.p, "busy", 1, 1, &three)); /* after the post spike, before the pre */
  GIVES(QUELL_E_RANGE, quell_projection_set(r.p, "busy", 1, 1, &bad));
  OK(quell_run_steps(r.net, 30));
  OK(quell_projection_get(r.p, "busy", 0, 2, busy));
  assert_true(busy[0] == 0.625f); /* (0.25 + 1) / 2 */
  assert_true(busy[1] == 1.5f);
  quell_network_destroy(&r.net);
  train_free(&pre);
  train_free(&post);
  (void)state;
}

static void ties_that_a_rule_does_not_have_are_refused(void **state) {
  quell_registry *registry;
  quell_network *net;
  quell_rule *rule = NULL;
  quell_network_options o = QUELL_NETWORK_OPTIONS_INIT;
  const quell_value tie = {"tie", QUELL_EXCLUSIVE};
  OK(quell_registry_create(NULL, &registry));
  OK(quell_registry_add(registry, &nearest, NULL, 0));
  o.registry = registry;
  OK(quell_network_create(&o, &net));
  GIVES(QUELL_E_RANGE, quell_rule_create(net, "test_nearest", &tie, 1, &rule));
  assert_null(rule);
  quell_network_destroy(&net);
  quell_registry_destroy(&registry);
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(triplet_rule_equals_the_reference),
      cmocka_unit_test(variables_and_nearest_traces_follow_the_events),
      cmocka_unit_test(variables_can_be_written),
      cmocka_unit_test(ties_that_a_rule_does_not_have_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

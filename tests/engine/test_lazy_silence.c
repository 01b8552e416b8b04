/* Pre neurons that are silent for long while their post neurons fire: users' traps L2, L3 (changes
 * and switches in 100 s) and L4 (an hour, and many such neurons). */
#include "support/allocator.h"
#include "support/bench.h"
#include "support/check.h"
#include <math.h>
#include <stdlib.h>

static quell_distribution constant(double a) {
  return (quell_distribution){QUELL_CONSTANT, 0, a, 0, 0, 0, NULL, 0};
}

/* L2, L3. One pre neuron fires at the beginning and 100 s later; of its three post neurons one
 * fires at 10 Hz (float32 drifts in more events), one once, one never. Traces of 100 s keep all of
 * them in the sum. */

static const eager_rule slow_vogels = {EAGER_VOGELS, .eta = 1e-3, .rho0 = 0.2, .tau = 1e5,
                                       .w_max = 10};
static const eager_rule slow_pair = {EAGER_PAIR,      .a_plus = 1e-4,   .a_minus = 1e-5,
                                     .tau_plus = 1e5, .tau_minus = 1e5, .mu_plus = 0.5,
                                     .mu_minus = 1,   .w_max = 10};

/* Steps of 0.1 ms, or 1 ms if time is short. */
static double step_ms(void) {
  return quick() ? 1 : 0.1;
}

static uint64_t at_second(double s) {
  return (uint64_t)llround(s * 1000 / step_ms());
}

static void run_silence(const setup *base, const eager_rule *rule, const eager_change *change,
                        size_t n) {
  setup setup = *base;
  const float initial[3] = {2, 2, 2};
  train pre = {NULL, 0, 0}, post = {NULL, 0, 0};
  quell_connection c = QUELL_CONNECTION_INIT;
  bench b;
  setup.dt = step_ms();
  train_add(&pre, at_second(0.02), 0);
  train_add(&pre, at_second(100), 0);
  train_add(&pre, at_second(100.5), 0);
  for (uint64_t s = at_second(0.03); s < at_second(100.8); s += at_second(0.1))
    train_add(&post, s, 0);
  train_add(&post, at_second(40), 1);
  train_sort(&post);
  c.kind = QUELL_ALL_TO_ALL;
  c.weight = constant(2);
  c.delay_axonal = constant(2);
  c.delay_dendritic = constant(1);
  bench_open(&b, &setup, rule, 1, &pre, 3, &post, &c);
  bench_run_changes(&b, change, n, at_second(101));
  bench_check(&b, rule, change, n, initial, setup_name(&setup));
  bench_close(&b);
  train_free(&pre);
  train_free(&post);
}

static const setup setups[] = {
    {0}, {.horizon = 64}, {.horizon = 65536, .start = ((uint64_t)1 << 32) - 400000}};

static void in_all_setups(const eager_rule *rule, const eager_change *change, size_t n) {
  for (size_t i = 0; i < (quick() ? 1 : COUNT(setups)); i++)
    run_silence(&setups[i], rule, change, n);
}

/* With one value for the whole silence, or one that acts from the wrong event on, the sum of fifty
 * different ones is another. */
static void l2_fifty_changes_in_100_s_of_silence(void **state) {
  eager_change change[50];
  for (size_t i = 0; i < COUNT(change); i++) {
    static const char *const names[] = {"eta", "eta", "rho0", "eta", "w_max"};
    const double values[] = {5e-5, 8e-3, 1.0 + (double)i, 1e-3, i % 2 ? 10 : 6 + 0.05 * (double)i};
    change[i] = (eager_change){at_second(1 + 2 * (double)i) + i, names[i % 5], values[i % 5]};
  }
  in_all_setups(&slow_vogels, change, COUNT(change));
  for (size_t i = 0; i < COUNT(change); i++) {
    static const char *const names[] = {"a_plus", "mu_plus", "a_plus", "a_minus", "w_min"};
    const double values[] = {1e-5, 0.02 * (double)i, 1e-3, 1e-5 * (double)i, 0.01 * (double)i};
    change[i].name = names[i % 5];
    change[i].value = values[i % 5];
  }
  in_all_setups(&slow_pair, change, COUNT(change));
  (void)state;
}

/* Off at the visit too, and on again before the last one; with a change while it is off. */
static void l3_learning_off_on_off_in_100_s_of_silence(void **state) {
  const eager_change change[] = {
      {at_second(10), "learning", 0},    {at_second(30), "learning", 1},
      {at_second(30.05), "eta", 5e-3},   {at_second(50), "learning", 0},
      {at_second(60), "eta", 8e-3},      {at_second(70), "learning", 1},
      {at_second(90), "learning", 0},    {at_second(100.2), "learning", 1},
      {at_second(100.3), "eta", 2e-3},   {at_second(100.4), "learning", 0},
      {at_second(100.45), "learning", 1}};
  in_all_setups(&slow_vogels, change, COUNT(change));
  eager_change of_pair[COUNT(change)];
  for (size_t i = 0; i < COUNT(change); i++) {
    of_pair[i] = change[i];
    if (change[i].name[0] == 'e')
      of_pair[i] = (eager_change){change[i].step, "a_plus", change[i].value / 10};
  }
  in_all_setups(&slow_pair, of_pair, COUNT(change));
  (void)state;
}

/* L4. Two rules of our own show an hour of post events without the drift of float32: one counts
 * them; one adds up the pre trace with the compensation of Kahan 1965, 10.1145/363707.363723. */

static uint64_t counted; /* elements that the counting rule worked on */

static quell_status nothing_to_prepare(const quell_rule_args *args, void *instance) {
  (void)args, (void)instance;
  return QUELL_OK;
}

static void count_post(const quell_block *b) {
  counted += b->live;
  for (uint32_t i = 0; i < b->n; i++) b->w[i] += 1.0f;
}

static void add_trace(const quell_block *b) {
  for (uint32_t i = 0; i < b->n; i++) {
    float term = b->pre[0][i] - b->var[0][i], sum = b->w[i] + term;
    b->var[0][i] = (sum - b->w[i]) - term;
    b->w[i] = sum;
  }
}

static const quell_param_desc no_params[] = {QUELL_STANDARD_PARAMS((double)INFINITY)};
static const quell_param_desc trace_params[] = {
    {"tau", "ms", "time constant", 1e6, 0, 1e9, QUELL_MIN_OPEN, 0},
    QUELL_STANDARD_PARAMS((double)INFINITY),
};
static const quell_trace_desc pre_trace[] = {{"x", QUELL_PRE, QUELL_TRACE_ADD, 0, 0}};
static const quell_var_desc compensation[] = {{"compensation", "1", "of the sum", 0.0}};
static const quell_event_desc counts[] = {{.kind = QUELL_POST, .call = count_post}};
static const quell_event_desc adds[] = {{.kind = QUELL_POST, .wants_pre = 1, .call = add_trace}};

static const quell_rule_desc counter = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .name = "test_counter",
    .summary = "counts post events",
    .source = "none",
    .params = QUELL_TABLE(no_params),
    .events = QUELL_TABLE(counts),
    .prepare = nothing_to_prepare,
};
static const quell_rule_desc adder = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .name = "test_adder",
    .summary = "adds up the pre trace",
    .source = "none",
    .params = QUELL_TABLE(trace_params),
    .vars = QUELL_TABLE(compensation),
    .traces = QUELL_TABLE(pre_trace),
    .events = QUELL_TABLE(adds),
    .prepare = nothing_to_prepare,
};

/* Silent pre neurons onto host neurons that all fire at 100 Hz. */
typedef struct quiet {
  test_allocator allocator;
  quell_network *net;
  quell_population *pre, *post;
  uint64_t steps, every, volleys; /* of the post neurons: until now, between, so many */
} quiet;

static void fire_together(void *context) {
  static const uint32_t ids[] = {0, 1, 2, 3};
  quiet *q = context;
  uint64_t now = q->steps++;
  if (!now || now % q->every) return;
  OK(quell_population_spikes_in(q->post, ids, quell_population_size(q->post)));
  q->volleys++;
}

static void open_quiet(quiet *q, uint32_t n_pre, uint32_t n_post, double dt) {
  quell_allocator hooks;
  quell_registry *registry;
  quell_network_options o = QUELL_NETWORK_OPTIONS_INIT;
  *q = (quiet){.allocator = TEST_ALLOCATOR_INIT, .every = (uint64_t)llround(10 / dt)};
  hooks = test_allocator_hooks(&q->allocator);
  OK(quell_registry_create(NULL, &registry));
  OK(quell_registry_add(registry, &counter, NULL, 0));
  OK(quell_registry_add(registry, &adder, NULL, 0));
  o.registry = registry;
  o.allocator = &hooks;
  o.dt = dt;
  OK(quell_network_create(&o, &q->net));
  quell_registry_destroy(&registry);
  OK(quell_population_create(q->net, "pre", "spike_source", n_pre, NULL, 0, &q->pre));
  OK(quell_population_create(q->net, "post", "external", n_post, NULL, 0, &q->post));
  OK(quell_population_on_step(q->post, fire_together, q));
}

static quell_projection *learn(quiet *q, const char *name, const quell_value *values, size_t n) {
  quell_connection c = QUELL_CONNECTION_INIT;
  quell_rule *rule;
  quell_projection *p;
  c.kind = QUELL_ALL_TO_ALL;
  c.weight = constant(0);
  OK(quell_rule_create(q->net, name, values, n, &rule));
  OK(quell_connect(q->net, q->pre, q->post, "inhibitory", &c, rule, &p));
  return p;
}

static void run_to(quiet *q, uint64_t step) {
  OK(quell_run_steps(q->net, step - quell_network_clock(q->net)));
}

static void close_quiet(quiet *q) {
  quell_network_destroy(&q->net);
  assert_int_equal(q->allocator.faults + q->allocator.live, 0);
}

static double weight_of(const quell_projection *p) {
  float w = NAN;
  OK(quell_projection_get(p, "weight", 0, 1, &w));
  return (double)w;
}

/* What post events every 10 ms add up of a trace of 1000 s that began at 5 ms. */
static double sum_of_traces(uint64_t events) {
  double sum = 0;
  for (uint64_t k = 1; k <= events; k++) sum += exp(-(10 * (double)k - 5) / 1e6);
  return sum;
}

static const eager_rule vogels = {EAGER_VOGELS, .eta = 0.01, .rho0 = 3, .tau = 20, .w_max = 10};

static double eager_vogels(const quiet *q, const uint64_t *pre, size_t n_pre, uint64_t end) {
  eager s = {.rule = vogels, .dt = quell_network_dt(q->net), .pre = pre, .n_pre = n_pre};
  uint64_t *post = must_alloc(q->volleys, sizeof *post);
  for (uint64_t k = 0; k < q->volleys; k++) post[k] = (k + 1) * q->every;
  s.post = post;
  s.n_post = q->volleys;
  double w = eager_at(&s, end);
  free(post);
  return w;
}

/* An hour in steps of 0.1 ms. After a minute nothing more is allocated, and no event is lost or
 * counted twice. If time is short: a minute in steps of 1 ms, of which the half is nearly two
 * horizons. */
static void l4_silence_of_an_hour_is_exact_in_bounded_memory(void **state) {
  const double dt = quick() ? 1 : 0.1;
  const uint64_t hour = (quick() ? 60 : 3600) * (uint64_t)llround(1000 / dt),
                 half = (uint64_t)(5 / dt);
  const uint64_t fires[] = {half, hour + half};
  quell_value values[EAGER_MAX_VALUES];
  quiet q;
  open_quiet(&q, 1, 1, dt);
  quell_projection *count = learn(&q, "test_counter", NULL, 0);
  quell_projection *sum = learn(&q, "test_adder", NULL, 0);
  quell_projection *balance = learn(&q, "vogels2011", values, eager_values(&vogels, values));
  give_spikes(q.pre, &(train){(spike[]){{fires[0], 0}, {fires[1], 0}}, 2, 2}, 0, dt);
  run_to(&q, quick() ? hour / 2 : hour / 60);
  uint64_t calls = q.allocator.calls, bytes = q.allocator.bytes;
  for (uint64_t sixths = 3; sixths <= 6; sixths++) {
    run_to(&q, hour / 6 * sixths);
    assert_true(weight_of(count) == (double)q.volleys);
    CLOSE(weight_of(sum), sum_of_traces(q.volleys), INFINITY, "sum of traces", sixths);
  }
  assert_int_equal(q.allocator.calls, calls);
  assert_int_equal(q.allocator.bytes, bytes);
  run_to(&q, hour + 10 * q.every);
  CLOSE(weight_of(balance), eager_vogels(&q, fires, 2, hour + 10 * q.every), 10, "vogels2011", 0);
  assert_true(weight_of(count) == (double)q.volleys);
  close_quiet(&q);
  (void)state;
}

/* What ten thousand spikes add up to in a trace of 100 s: sum of e^(-(10 k - 5) / tau), k = 1 …. A
 * factor of decay in float32 is off by up to 3e-8 at each of them, always in the same direction. */
static double trace_of_100_s(uint64_t spikes) {
  const double each = exp(-10 / 1e5);
  return exp(5 / 1e5) * each * (1 - pow(each, (double)spikes)) / (1 - each);
}

static void l4_slow_trace_of_post_spikes_is_exact(void **state) {
  const quell_value values[] = {{"eta", 1e-4}, {"rho0", 2}, {"tau", 1e5}, {"w_max", 1}};
  const uint64_t end = 100005;
  quiet q;
  open_quiet(&q, 1, 1, 1);
  quell_projection *balance = learn(&q, "vogels2011", values, 4);
  give_spikes(q.pre, &(train){(spike[]){{end, 0}}, 1, 1}, 0, 1);
  run_to(&q, end + 1);
  CLOSE(weight_of(balance), 1e-4 * (trace_of_100_s(q.volleys) - 2 * 2 * 100), 1, "y", 0);
  close_quiet(&q);
  (void)state;
}

static void l4_slow_trace_of_pre_spikes_is_exact(void **state) {
  const eager_rule rule = {EAGER_PAIR, .a_plus = 1e-4, .tau_plus = 1e5, .tau_minus = 1e5,
                           .w_max = 1};
  const setup setup = {.dt = 1};
  train pre = {NULL, 0, 0}, post = {NULL, 0, 0};
  quell_connection c = QUELL_CONNECTION_INIT;
  bench b;
  for (uint64_t k = 1; k <= 10000; k++) train_add(&pre, 10 * k, 0);
  train_add(&post, 100005, 0);
  c.kind = QUELL_ALL_TO_ALL;
  c.weight = constant(0);
  bench_open(&b, &setup, &rule, 1, &pre, 1, &post, &c);
  bench_run_to(&b, 100006);
  CLOSE((double)bench_weight(&b, 0), 1e-4 * trace_of_100_s(10000), 1, "x", 0);
  bench_close(&b);
  train_free(&pre);
  train_free(&post);
  (void)state;
}

/* Many at once: memory does not grow once a horizon has passed, and the work is linear: every
 * synapse goes through every event once. */
static void l4_many_silent_neurons_go_through_every_event_once(void **state) {
  enum { PRES = 10000, POSTS = 4 };
  const uint32_t n_pre = quick() ? PRES / 10 : PRES;
  const uint64_t end = (quick() ? 4 : 10) * 10000 + 50; /* between two volleys */
  static float w[PRES * POSTS];
  train all = {NULL, 0, 0};
  quiet q;
  open_quiet(&q, n_pre, POSTS, 0.1);
  quell_projection *count = learn(&q, "test_counter", NULL, 0);
  for (uint32_t i = 0; i < n_pre; i++) train_add(&all, end, i);
  give_spikes(q.pre, &all, 0, 0.1);
  counted = 0;
  run_to(&q, 20000);
  uint64_t calls = q.allocator.calls, bytes = q.allocator.bytes;
  run_to(&q, end - 1);
  assert_int_equal(q.allocator.calls, calls);
  assert_int_equal(q.allocator.bytes, bytes);
  run_to(&q, end + 1); /* all rows are visited */
  assert_int_equal(counted, q.volleys * n_pre * POSTS);
  OK(quell_projection_get(count, "weight", 0, n_pre * POSTS, w));
  for (uint32_t i = 0; i < n_pre * POSTS; i++) assert_true(w[i] == (float)q.volleys);
  train_free(&all);
  close_quiet(&q);
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(l2_fifty_changes_in_100_s_of_silence),
      cmocka_unit_test(l3_learning_off_on_off_in_100_s_of_silence),
      cmocka_unit_test(l4_silence_of_an_hour_is_exact_in_bounded_memory),
      cmocka_unit_test(l4_slow_trace_of_post_spikes_is_exact),
      cmocka_unit_test(l4_slow_trace_of_pre_spikes_is_exact),
      cmocka_unit_test(l4_many_silent_neurons_go_through_every_event_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

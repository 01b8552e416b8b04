/* Users' traps 1 to 12, timing and delays, as far as other files do not hold them: 1 and 5 are in
 * rules/test_windows.c, parts of 9, 10 and 12 in test_clock.c. Traps 2 and 8 need batches and are
 * in test_lazy_batches.c, 6 is in test_lazy.c. */
#include "support/allocator.h"
#include "support/bench.h"
#include "support/check.h"
#include "support/triplet.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A rule as the closed forms below need it. */
typedef struct law {
  const char *name;
  quell_value values[8];
  size_t n_values;
  double tau_x, tau_y;
  /* Change by a pre and a post event that read the fast traces x and y of the other side; r and o
   * are the slow traces of their own sides, w is the weight before. */
  double (*change)(double w, double x, double y, double r, double o);
} law;

static double pair_change(double w, double x, double y, double r, double o) {
  (void)w, (void)r, (void)o;
  return 0.05 * x - 0.04 * y;
}
static double vogels_change(double w, double x, double y, double r, double o) {
  (void)w, (void)r, (void)o;
  return 0.05 * (y - 2 * 7 * 0.020) + 0.05 * x;
}
static double oja_change(double w, double x, double y, double r, double o) {
  (void)y, (void)r, (void)o;
  return 0.05 * (0.7 * x - w);
}
static double triplet_change(double w, double x, double y, double r, double o) {
  (void)w;
  return x * (0.025 + 0.031 * o) - y * (0.035 + 0.0115 * r);
}

static const law laws[] = {
    {"stdp_pair",
     {{"a_plus", 0.05}, {"a_minus", 0.04}, {"tau_plus", 16.8}, {"tau_minus", 33.7}, {"w_max", 1}},
     5,
     16.8,
     33.7,
     pair_change},
    {"vogels2011",
     {{"eta", 0.05}, {"rho0", 7}, {"tau", 20}, {"w_max", 1}},
     4,
     20,
     20,
     vogels_change},
    {"stdp_oja", {{"eta", 0.05}, {"beta", 0.7}, {"tau", 20}, {"w_max", 1}}, 4, 20, 20, oja_change},
    {"test_triplet",
     {{"w_max", 1},
      {"a2_plus", 0.025},
      {"a3_plus", 0.031},
      {"a2_minus", 0.035},
      {"a3_minus", 0.0115}},
     5,
     16.8,
     33.7,
     triplet_change},
};

/* One synapse of initial weight 0.5 between two neurons of the host, and their spikes in steps
 * since the start. */
typedef struct story {
  const law *law;
  double tie, dt;
  uint64_t start, axonal, dendritic; /* steps */
  uint64_t pre[8], post[8];
  size_t n_pre, n_post;
} story;

static void hand_in(quell_population *p, const uint64_t *steps, size_t n, uint64_t now) {
  const uint32_t zero = 0;
  for (size_t i = 0; i < n; i++)
    if (steps[i] == now) OK(quell_population_spikes_in(p, &zero, 1));
}

static quell_network *open_story(const story *s) {
  quell_network_options o = QUELL_NETWORK_OPTIONS_INIT;
  quell_registry *registry;
  quell_network *net;
  OK(quell_registry_create(NULL, &registry));
  OK(quell_registry_add(registry, &test_triplet, NULL, 0));
  o.registry = registry;
  o.dt = s->dt;
  o.start = s->start;
  OK(quell_network_create(&o, &net));
  quell_registry_destroy(&registry);
  return net;
}

static quell_distribution constant(double a) {
  return (quell_distribution){QUELL_CONSTANT, 0, a, 0, 0, 0, NULL, 0};
}

/* The weight after all events before `end`. */
static double tell(const story *s, uint64_t end) {
  quell_network *net = open_story(s);
  quell_population *pre, *post;
  quell_rule *rule;
  quell_projection *p;
  quell_connection c = QUELL_CONNECTION_INIT;
  const quell_value tie = {"tie", s->tie};
  double dt = quell_network_dt(net);
  float w;
  OK(quell_population_create(net, "pre", "external", 1, NULL, 0, &pre));
  OK(quell_population_create(net, "post", "external", 1, NULL, 0, &post));
  OK(quell_rule_create(net, s->law->name, s->law->values, s->law->n_values, &rule));
  OK(quell_rule_set(rule, &tie, 1));
  c.kind = QUELL_ALL_TO_ALL;
  c.weight = constant(0.5);
  c.delay_axonal = constant((double)s->axonal * dt);
  c.delay_dendritic = constant((double)s->dendritic * dt);
  OK(quell_connect(net, pre, post, "excitatory", &c, rule, &p));
  for (uint64_t now = 0; now < end; now++) {
    hand_in(pre, s->pre, s->n_pre, now);
    hand_in(post, s->post, s->n_post, now);
    OK(quell_step(net));
  }
  OK(quell_projection_get(p, "weight", 0, 1, &w));
  quell_network_destroy(&net);
  return (double)w;
}

/* Of two post spikes before the next pre spike only the first, or only the last, was taken. */
static void trap_3_two_post_spikes_before_the_next_pre_spike_both_potentiate(void **state) {
  const uint64_t delays[][2] = {{0, 0}, {10, 0}, {0, 10}, {10, 10}};
  for (size_t i = 0; i < COUNT(delays); i++) {
    uint64_t a = delays[i][0], d = delays[i][1];
    story s = {.law = &laws[0], .axonal = a, .dendritic = d};
    s.pre[0] = 20, s.pre[1] = 2000, s.n_pre = 2;
    s.post[0] = 40, s.post[1] = 65, s.n_post = 2;
    double shift = 0.1 * ((double)d - (double)a); /* of post against pre; ms */
    double want = 0.5 + 0.05 * (exp(-(2 + shift) / 16.8) + exp(-(4.5 + shift) / 16.8));
    want -= 0.04 * (exp(-(196 - shift) / 33.7) + exp(-(193.5 - shift) / 33.7));
    CLOSE(tell(&s, 2100), want, 1, "two post spikes", i);
  }
  (void)state;
}

/* A pair whose spikes are exactly one smallest delay (1 ms) apart fell between two windows. */
static void trap_3_pairs_one_delay_apart_count(void **state) {
  const uint64_t pre[] = {30, 30, 30, 40}, post[] = {40, 40, 40, 30};
  const uint64_t delays[][2] = {{10, 10}, {10, 0}, {0, 10}, {10, 10}};
  const double want[] = {0.05 * exp(-1 / 16.8), 0.05, 0.05 * exp(-2 / 16.8),
                         -0.04 * exp(-1 / 33.7)};
  for (size_t i = 0; i < COUNT(pre); i++) {
    story s = {.law = &laws[0], .axonal = delays[i][0], .dendritic = delays[i][1]};
    s.pre[0] = pre[i], s.n_pre = 1;
    s.post[0] = post[i], s.n_post = 1;
    CLOSE(tell(&s, 100), 0.5 + want[i], 1, "one delay apart", i);
  }
  (void)state;
}

/* Pre at 5 ms, post at 7 ms, both at 10 ms (at the synapse): the change at 10 ms, by convention:
 * pre first: pre reads y, post reads x + 1; exclusive: y and x; post first: y + 1 and x,
 * with x = e^(-5/tau_x), y = e^(-3/tau_y). Slow traces of the own side are without its jump. */
static void trap_4_coincidence_by_convention(void **state) {
  const double x_sees[] = {1, 0, 0}, y_sees[] = {0, 0, 1};
  const uint64_t delays[][2] = {{0, 0}, {12, 0}, {0, 12}, {7, 12}};
  for (size_t k = 0; k < COUNT(laws); k++)
    for (int tie = QUELL_PRE_FIRST; tie <= QUELL_POST_FIRST; tie++)
      for (size_t i = 0; i < COUNT(delays); i++) {
        const law *law = &laws[k];
        uint64_t a = delays[i][0], d = delays[i][1];
        story s = {.law = law, .tie = tie, .axonal = a, .dendritic = d};
        s.pre[0] = 50 - a, s.pre[1] = 100 - a, s.n_pre = 2;
        s.post[0] = 70 - d, s.post[1] = 100 - d, s.n_post = 2;
        double before = tell(&s, 100);
        double x = exp(-5 / law->tau_x) + x_sees[tie], y = exp(-3 / law->tau_y) + y_sees[tie];
        double want = law->change(before, x, y, exp(-5.0 / 101), exp(-3.0 / 125));
        CLOSE(tell(&s, 101) - before, want, 1, law->name, tie * 10 + (int)i);
      }
  (void)state;
}

/* A pair 1 ms apart at synapses of which `axonal` and `dendritic` say what is given (0: nothing).
 */
static void check_delays_given(double axonal, double dendritic) {
  test_allocator allocator = TEST_ALLOCATOR_INIT;
  quell_allocator hooks = test_allocator_hooks(&allocator);
  const setup setup = {.allocator = &hooks};
  const eager_rule rule = {EAGER_PAIR, .a_plus = 0.1, .tau_plus = 20, .tau_minus = 20, .w_max = 1};
  train pre = {NULL, 0, 0}, post = {NULL, 0, 0};
  quell_connection c = QUELL_CONNECTION_INIT;
  float a[3], d[3];
  bench b;
  train_add(&pre, 20, 0);
  train_add(&post, 30, 1);
  c.kind = QUELL_ALL_TO_ALL;
  c.weight = constant(0.5);
  if (axonal > 0) c.delay_axonal = constant(axonal);
  if (dendritic > 0) c.delay_dendritic = constant(dendritic);
  bench_open(&b, &setup, &rule, 1, &pre, 3, &post, &c);
  OK(quell_projection_get(b.synapses, "delay_axonal", 0, 3, a));
  OK(quell_projection_get(b.synapses, "delay_dendritic", 0, 3, d));
  for (int i = 0; i < 3; i++) assert_true(a[i] == (float)axonal && d[i] == (float)dendritic);
  bench_run_to(&b, 100);
  CLOSE((double)bench_weight(&b, 1), 0.5 + 0.1 * exp(-(1 + dendritic - axonal) / 20), 1, "pair", 0);
  bench_close(&b);
  assert_int_equal(allocator.faults + allocator.live, 0);
  train_free(&pre);
  train_free(&post);
}

/* What is not given is 0, not what lay in memory: fresh memory is 0xa5 here. */
static void trap_7_a_delay_that_is_not_given_is_0(void **state) {
  check_delays_given(0, 0);
  check_delays_given(0.6, 0);
  check_delays_given(0, 0.6);
  check_delays_given(0.6, 0.3);
  (void)state;
}

/* Where a delay of so many ms is given. */
typedef enum place { PLAIN, AXONAL, DENDRITIC, PLAIN_LIST, AXONAL_LIST, DENDRITIC_LIST } place;

static quell_connection delayed(place place, const double *ms) {
  static const uint32_t zero = 0;
  quell_connection c = QUELL_CONNECTION_INIT;
  quell_distribution *delays[] = {&c.delay, &c.delay_axonal, &c.delay_dendritic};
  quell_distribution list = {QUELL_ARRAY, 0, 0, 0, 0, 0, ms, 1};
  c.kind = QUELL_LIST;
  c.pre = c.post = &zero;
  c.n = 1;
  c.weight = constant(0.5);
  *delays[place % 3] = place < PLAIN_LIST ? constant(*ms) : list;
  return c;
}

/* The same number of steps for what is read, for the step of delivery and for the pair. */
static void check_rounding(double dt, double ms, uint64_t steps, place place) {
  const setup setup = {.dt = dt};
  const eager_rule rule = {EAGER_PAIR, .a_plus = 0.1, .tau_plus = 20, .tau_minus = 20, .w_max = 1};
  train pre = {NULL, 0, 0}, post = {NULL, 0, 0};
  quell_connection c = delayed(place, &ms);
  quell_projection_info info = QUELL_PROJECTION_INFO_INIT;
  const float *input;
  float read;
  uint32_t n;
  bench b;
  double later = place % 3 == DENDRITIC ? (double)steps : -(double)steps; /* post against pre */
  train_add(&pre, 20, 0);
  train_add(&post, 60, 0);
  bench_open(&b, &setup, &rule, 1, &pre, 1, &post, &c);
  OK(quell_projection_get(b.synapses, "delay", 0, 1, &read));
  OK(quell_projection_describe(b.synapses, &info));
  assert_true(read == (float)((double)steps * dt));
  assert_true(info.delay_axonal_max + info.delay_dendritic_max == (double)steps * dt);
  for (uint64_t step = 0; step < 100; step++) {
    bench_run_to(&b, step + 1);
    OK(quell_population_input(b.post, "inhibitory", &input, &n));
    assert_int_equal(input[0] > 0, step == 20 + steps);
  }
  CLOSE((double)bench_weight(&b, 0), 0.5 + 0.1 * exp(-(40 + later) * dt / 20), 1, "rounded", steps);
  bench_close(&b);
  train_free(&pre);
  train_free(&post);
}

/* The plain constant is in test_clock.c too, but not its arrival. */
static void trap_9_delays_are_rounded_alike_everywhere(void **state) {
  const double dt[] = {0.1, 0.1, 0.1, 0.1, 0.1, 0.25, 0.25};
  const double ms[] = {0.1, 0.14, 0.17, 0.2499, 1.0000000001, 0.37, 0.38};
  const uint64_t steps[] = {1, 1, 2, 2, 10, 1, 2};
  for (size_t i = 0; i < COUNT(ms); i++)
    for (place place = PLAIN; place <= DENDRITIC_LIST; place++)
      check_rounding(dt[i], ms[i], steps[i], place);
  (void)state;
}

/* Below one step, beyond the longest (65,535 steps), and beyond a quarter of a given horizon. */
static void trap_9_delays_out_of_range_are_refused(void **state) {
  const double bad[] = {0.04, 0.0999, -0.1, 6553.6, 1e300, INFINITY, NAN}, horizon = 1.7;
  const setup setups[] = {{0}, {.horizon = 64}};
  for (place place = PLAIN; place <= DENDRITIC_LIST; place++)
    for (size_t i = 0; i <= COUNT(bad); i++) {
      int short_horizon = i == COUNT(bad);
      quell_network *net = open_network(&setups[short_horizon]);
      quell_population *pre, *post;
      quell_projection *p = NULL;
      quell_connection c = delayed(place, short_horizon ? &horizon : &bad[i]);
      int axonal = short_horizon && place % 3 != DENDRITIC; /* which no horizon limits */
      OK(quell_population_create(net, "pre", "external", 1, NULL, 0, &pre));
      OK(quell_population_create(net, "post", "external", 1, NULL, 0, &post));
      GIVES(axonal ? QUELL_OK : QUELL_E_RANGE,
            quell_connect(net, pre, post, "excitatory", &c, NULL, &p));
      assert_int_equal(p != NULL, axonal);
      quell_network_destroy(&net);
    }
  (void)state;
}

/* Several spikes of a neuron on one step (`gap` 0) or on steps that follow each other. */
static double volley(const law *law, int tie, uint64_t gap) {
  story s = {.law = law, .tie = tie, .dt = 0.001};
  const uint64_t pre[] = {100, 4000, 4000, 4000, 9000, 9000};
  const uint64_t post[] = {2000, 2000, 6000, 6000, 6000, 7000};
  for (size_t i = 0; i < 6; i++) {
    s.pre[i] = pre[i] + (i && pre[i] == pre[i - 1] ? s.pre[i - 1] + gap - pre[i] : 0);
    s.post[i] = post[i] + (i && post[i] == post[i - 1] ? s.post[i - 1] + gap - post[i] : 0);
  }
  s.n_pre = s.n_post = 6;
  return tell(&s, 10000);
}

/* Spikes of one step are what spikes that come ever closer together tend to: 1 µs apart here, which
 * moves a trace by 6e-5 of its value. */
static void trap_10_multiplicity_is_the_limit_of_close_spikes(void **state) {
  for (size_t k = 0; k < COUNT(laws); k++)
    for (int tie = QUELL_PRE_FIRST; tie <= (quick() ? 0 : QUELL_POST_FIRST); tie++) {
      double together = volley(&laws[k], tie, 0);
      assert_true(fabs(together - 0.5) > 0.01);
      CLOSE(together, volley(&laws[k], tie, 1), 1, laws[k].name, tie);
    }
  (void)state;
}

/* The first spike ever of either side reads no trace, whatever the clock begins with. (Of
 * short-term plasticity, which the trap is about, there is none yet.) */
static void trap_11_first_spike_meets_no_trace_whatever_the_start(void **state) {
  const uint64_t starts[] = {0,
                             1,
                             ((uint64_t)1 << 31) - 5,
                             ((uint64_t)1 << 32) - 5,
                             ((uint64_t)1 << 32) - 500,
                             (uint64_t)3 << 38};
  for (size_t k = 0; k < COUNT(laws); k++)
    for (size_t i = 0; i < COUNT(starts); i++)
      for (int post = 0; post < 2; post++) {
        story s = {.law = &laws[k], .start = starts[i], .pre = {7}, .post = {7}};
        s.n_pre = !post, s.n_post = (size_t)post;
        /* What is left with no trace: the constant of vogels2011 at a pre spike, the decay of
         * stdp_oja at a post spike. */
        double want = 0.5 + laws[k].change(0.5, 0, 0, 0, 0);
        if (strcmp(laws[k].name, post ? "vogels2011" : "stdp_oja") == 0) want = 0.5;
        CLOSE(tell(&s, 20), want, 1, laws[k].name, i);
      }
  (void)state;
}

/* Spikes at step 0, of a source and of the host, and at the last step; how the run is cut has no
 * part in it. That they are recorded once is in test_clock.c. */
static void trap_12_first_and_last_pair_count(void **state) {
  const eager_rule rule = {EAGER_PAIR,     .a_plus = 0.1,   .a_minus = 0.08,
                           .tau_plus = 20, .tau_minus = 20, .w_max = 1};
  const setup setups[] = {{0}, {.cut = CUT_STEPS}, {.start = late_start}};
  const double want[] = {0.5, 0.5 + 0.1, 0.5 + 0.1 + 0.1 * exp(-9.9 / 20),
                         0.5 + 0.1 + 0.1 * exp(-9.9 / 20) - 0.08 * (exp(-0.5) + exp(-0.1 / 20)) +
                             0.1 * (exp(-0.5) + 1)};
  const uint64_t ends[] = {0, 99, 100, 101};
  for (size_t i = 0; i < COUNT(setups); i++) {
    bench b;
    train pre = {NULL, 0, 0}, post = {NULL, 0, 0};
    quell_connection c = QUELL_CONNECTION_INIT;
    train_add(&pre, 0, 0), train_add(&pre, 100, 0);
    train_add(&post, 0, 0), train_add(&post, 99, 0), train_add(&post, 100, 0);
    c.kind = QUELL_ALL_TO_ALL;
    c.weight = constant(0.5);
    bench_open(&b, &setups[i], &rule, 1, &pre, 1, &post, &c);
    for (size_t k = 0; k < COUNT(ends); k++) { /* what is read comes before its step's events */
      bench_run_to(&b, ends[k]);
      CLOSE((double)bench_weight(&b, 0), want[k], 1, setup_name(&setups[i]), ends[k]);
    }
    bench_close(&b);
    train_free(&pre);
    train_free(&post);
  }
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(trap_3_two_post_spikes_before_the_next_pre_spike_both_potentiate),
      cmocka_unit_test(trap_3_pairs_one_delay_apart_count),
      cmocka_unit_test(trap_4_coincidence_by_convention),
      cmocka_unit_test(trap_7_a_delay_that_is_not_given_is_0),
      cmocka_unit_test(trap_9_delays_are_rounded_alike_everywhere),
      cmocka_unit_test(trap_9_delays_out_of_range_are_refused),
      cmocka_unit_test(trap_10_multiplicity_is_the_limit_of_close_spikes),
      cmocka_unit_test(trap_11_first_spike_meets_no_trace_whatever_the_start),
      cmocka_unit_test(trap_12_first_and_last_pair_count),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Connections that cannot be made: kinds, distributions, delays, and weights against the rule. */
#include "world.h"
#include <math.h>

static const quell_distribution unset = QUELL_DISTRIBUTION_INIT;

static quell_distribution constant(double a) {
  quell_distribution d = unset;
  d.kind = QUELL_CONSTANT;
  d.a = a;
  return d;
}

static quell_distribution drawn(int32_t kind, double a, double b) {
  quell_distribution d = unset;
  d.kind = kind;
  d.a = a;
  d.b = b;
  return d;
}

static quell_distribution bounded(quell_distribution d, int32_t outside, double low, double high) {
  d.outside = outside;
  d.low = low;
  d.high = high;
  return d;
}

static quell_connection of_kind(int32_t kind) {
  quell_connection c = QUELL_CONNECTION_INIT;
  c.kind = kind;
  return c;
}

static quell_status join(world *w, quell_connection c, quell_rule *rule) {
  return quell_connect(w->net, w->inh, w->exc, "inhibitory", &c, rule, OUT(w, quell_projection *));
}

static quell_status join_self(world *w, quell_connection c) {
  return quell_connect(w->net, w->exc, w->exc, "excitatory", &c, NULL, OUT(w, quell_projection *));
}

static void impossible_probabilities_are_refused(void **state) {
  const double ps[] = {NAN, INFINITY, -INFINITY, -1e-9, 1.0000001, 1e300};
  world *w = world_open();
  for (size_t i = 0; i < COUNT(ps); i++) {
    quell_connection c = of_kind(QUELL_FIXED_PROBABILITY);
    c.p = ps[i];
    REFUSED(w, QUELL_E_RANGE, join(w, c, NULL), "'p'", "[0, 1]", "got");
  }
  world_close(w);
  (void)state;
}

static void populations_of_different_sizes_are_not_one_to_one(void **state) {
  world *w = world_open();
  quell_connection c = of_kind(QUELL_ONE_TO_ONE);
  REFUSED(w, QUELL_E_LENGTH, join(w, c, NULL), "one size", "8", "30");
  c.flags = QUELL_NO_SELF;
  REFUSED(w, QUELL_E_RANGE, join_self(w, c), "QUELL_NO_SELF");
  world_close(w);
  (void)state;
}

static void more_partners_than_there_are_are_refused(void **state) {
  static const uint64_t huge[] = {(uint64_t)1 << 32, UINT64_MAX / 2, UINT64_MAX};
  world *w = world_open();
  quell_connection c = of_kind(QUELL_FIXED_IN_DEGREE);
  c.flags = QUELL_NO_MULTAPSES;
  c.count = INH + 1;
  REFUSED(w, QUELL_E_RANGE, join(w, c, NULL), "'count'", "[0, 8]", "got 9");
  c.flags = QUELL_NO_MULTAPSES | QUELL_NO_SELF;
  c.count = EXC;
  REFUSED(w, QUELL_E_RANGE, join_self(w, c), "'count'", "[0, 29]", "got 30");
  c.kind = QUELL_FIXED_TOTAL;
  c.count = EXC * (EXC - 1) + 1;
  REFUSED(w, QUELL_E_RANGE, join_self(w, c), "'count'", "[0, 870]", "got 871");
  for (size_t i = 0; i < COUNT(huge); i++) {
    c.count = huge[i];
    c.flags = 0;
    c.kind = QUELL_FIXED_IN_DEGREE;
    REFUSED(w, QUELL_E_RANGE, join(w, c, NULL), "'count'", "got");
    c.kind = QUELL_FIXED_TOTAL;
    c.count = huge[i] < UINT64_MAX / 2 ? (uint64_t)EXC << 32 : huge[i];
    REFUSED(w, QUELL_E_RANGE, join(w, c, NULL), "'count'", "got");
  }
  world_close(w);
  (void)state;
}

/* In range, but there is no memory for it. */
static void what_does_not_fit_the_memory_is_refused(void **state) {
  world *w = world_open();
  quell_connection c = of_kind(QUELL_FIXED_IN_DEGREE);
  c.count = (uint64_t)1 << 31;
  REFUSED(w, QUELL_E_MEMORY, join(w, c, NULL), "memory");
  c.kind = QUELL_FIXED_TOTAL;
  REFUSED(w, QUELL_E_MEMORY, join(w, c, NULL), "memory");
  world_close(w);
  (void)state;
}

static void neurons_without_partners_are_refused_where_they_need_some(void **state) {
  world *w = world_open();
  quell_population *one;
  quell_projection *none = NULL;
  OK(quell_population_create(w->net, "one", "external", 1, NULL, 0, &one));
  quell_connection c = of_kind(QUELL_FIXED_IN_DEGREE);
  c.flags = QUELL_NO_SELF;
  c.count = 1;
  REFUSED(w, QUELL_E_RANGE,
          quell_connect(w->net, one, one, "excitatory", &c, NULL, OUT(w, quell_projection *)),
          "'count'", "[0, 0]");
  c.kind = QUELL_FIXED_TOTAL;
  REFUSED(w, QUELL_E_RANGE,
          quell_connect(w->net, one, one, "excitatory", &c, NULL, OUT(w, quell_projection *)),
          "'count'", "[0, 0]");
  c.count = 0;
  OK(quell_connect(w->net, one, one, "excitatory", &c, NULL, &none));
  assert_int_equal(quell_projection_size(none), 0);
  world_discard(w);
  (void)state;
}

static void pairs_that_the_flags_forbid_are_refused(void **state) {
  const uint32_t pre[] = {0, 1, 2, 1}, post[] = {1, 2, 2, 2};
  world *w = world_open();
  quell_connection c = of_kind(QUELL_LIST);
  c.pre = pre;
  c.post = post;
  c.n = 4;
  c.flags = QUELL_NO_SELF;
  REFUSED(w, QUELL_E_RANGE, join_self(w, c), "pair 2", "neuron 2", "QUELL_NO_SELF");
  c.flags = QUELL_NO_MULTAPSES;
  REFUSED(w, QUELL_E_RANGE, join(w, c, NULL), "pair 3", "pair 1", "QUELL_NO_MULTAPSES");
  world_close(w);
  (void)state;
}

typedef struct bad_distribution {
  quell_distribution d;
  const char *word;
} bad_distribution;

/* Refused whatever it is a distribution of. */
static void distributions_that_contradict_themselves_are_refused(void **state) {
  const quell_distribution normal = drawn(QUELL_NORMAL, 2, 1);
  const bad_distribution cases[] = {
      {constant(-1), "-1"},
      {constant(NAN), "nan"},
      {constant(INFINITY), "inf"},
      {drawn(QUELL_UNIFORM, 2, 1), "'b'"},
      {drawn(QUELL_UNIFORM, NAN, 1), "'a'"},
      {drawn(QUELL_UNIFORM, 0, INFINITY), "'b'"},
      {drawn(QUELL_UNIFORM, -1, 1), "-1"},
      {drawn(QUELL_NORMAL, 1, -1), "'b'"},
      {drawn(QUELL_NORMAL, 1, NAN), "'b'"},
      {drawn(QUELL_NORMAL, NAN, 1), "'a'"},
      {drawn(QUELL_NORMAL, 1, INFINITY), "'b'"},
      {drawn(QUELL_LOGNORMAL, INFINITY, 1), "'a'"},
      {drawn(QUELL_LOGNORMAL, 0, -0.1), "'b'"},
      {drawn(QUELL_DEFAULT, 1, 0), "kind"},
      {bounded(constant(1), QUELL_CLIP, 0, 2), "outside"},
      {bounded(normal, QUELL_CLIP, 2, 2), "'high'"},
      {bounded(normal, QUELL_CLIP, 3, 2), "'high'"},
      {bounded(normal, QUELL_REDRAW, 3, 2), "'high'"},
      {bounded(normal, QUELL_REDRAW, 0, NAN), "'high'"},
      {bounded(normal, QUELL_REDRAW, NAN, 2), "'low'"},
      {bounded(normal, QUELL_CLIP, -1, 2), "'low'"},
      {bounded(normal, QUELL_CLIP, INFINITY, INFINITY), "'low'"},
      {bounded(normal, 3, 0, 2), "outside"},
      {bounded(normal, -1, 0, 2), "outside"},
  };
  static const char *const names[] = {"weight", "delay", "delay_axonal", "delay_dendritic"};
  world *w = world_open();
  for (size_t i = 0; i < COUNT(cases); i++) {
    for (size_t k = 0; k < COUNT(names); k++) {
      quell_connection c = of_kind(QUELL_ALL_TO_ALL);
      quell_distribution *const at[] = {&c.weight, &c.delay, &c.delay_axonal, &c.delay_dendritic};
      *at[k] = cases[i].d;
      REFUSED(w, QUELL_E_RANGE, join(w, c, NULL), names[k], cases[i].word);
    }
  }
  world_close(w);
  (void)state;
}

/* Found out only when they are drawn: the sentence says of which quantity, what came, and what the
 * bounds are, if there are any. */
static void draws_outside_are_refused(void **state) {
  const bad_distribution cases[] = {
      {drawn(QUELL_NORMAL, 0, 1), "drawn"},
      {drawn(QUELL_LOGNORMAL, 1000, 0), "inf"},
      {bounded(drawn(QUELL_NORMAL, 100, 1), QUELL_REDRAW, 1, 2), "[1, 2]"},
      {bounded(drawn(QUELL_UNIFORM, 5, 6), QUELL_REDRAW, 1, 2), "[1, 2]"},
      {bounded(drawn(QUELL_LOGNORMAL, 1000, 0), QUELL_REDRAW, 1, 2), "[1, 2]"},
  };
  static const char *const names[] = {"'weight'", "'delay'", "'delay_axonal'", "'delay_dendritic'"};
  world *w = world_open();
  for (size_t i = 0; i < COUNT(cases); i++) {
    for (size_t k = 0; k < COUNT(names); k++) {
      quell_connection c = of_kind(QUELL_ALL_TO_ALL);
      quell_distribution *const at[] = {&c.weight, &c.delay, &c.delay_axonal, &c.delay_dendritic};
      *at[k] = cases[i].d;
      REFUSED(w, QUELL_E_RANGE, join(w, c, NULL), names[k], cases[i].word);
    }
  }
  world_close(w);
  (void)state;
}

static void distributions_without_width_are_accepted(void **state) {
  world *w = world_open();
  quell_projection *p;
  quell_connection c = of_kind(QUELL_ALL_TO_ALL);
  float weight[2], delay[2];
  c.weight = drawn(QUELL_NORMAL, 2.5, 0);
  c.delay = drawn(QUELL_UNIFORM, 1.5, 1.5);
  OK(quell_connect(w->net, w->inh, w->exc, "inhibitory", &c, NULL, &p));
  OK(quell_projection_get(p, "weight", 0, 2, weight));
  OK(quell_projection_get(p, "delay", 0, 2, delay));
  assert_true(weight[0] == 2.5f && weight[1] == 2.5f && delay[0] == 1.5f && delay[1] == 1.5f);
  c.weight = drawn(QUELL_LOGNORMAL, 0, 0);
  OK(quell_connect(w->net, w->inh, w->exc, "inhibitory", &c, NULL, &p));
  OK(quell_projection_get(p, "weight", 0, 1, weight));
  assert_true(weight[0] == 1);
  world_discard(w);
  (void)state;
}

/* Weights are magnitudes: who gives a sign is told where it comes from. */
static void negative_weights_are_refused_with_the_receptor(void **state) {
  double values[EXC * INH];
  world *w = world_open();
  quell_connection c = of_kind(QUELL_ALL_TO_ALL);
  for (size_t i = 0; i < COUNT(values); i++) values[i] = i == 77 ? -2.5 : 1;
  c.weight = constant(-2.5);
  REFUSED(w, QUELL_E_RANGE, join(w, c, NULL), "weight", "-2.5", "'inhibitory'");
  c.weight = (quell_distribution){QUELL_ARRAY, 0, 0, 0, 0, 0, values, COUNT(values)};
  REFUSED(w, QUELL_E_RANGE, join(w, c, NULL), "weight", "77", "-2.5", "'inhibitory'");
  c.weight = drawn(QUELL_NORMAL, -2.5, 0);
  REFUSED(w, QUELL_E_RANGE, join(w, c, NULL), "weight", "-2.5", "'inhibitory'");
  c.weight = drawn(QUELL_UNIFORM, -2.5, 0);
  REFUSED(w, QUELL_E_RANGE, join(w, c, NULL), "weight", "-2.5", "'inhibitory'");
  const float bad[] = {1, -2.5f}, not_a_number[] = {1, NAN}, infinite[] = {1, INFINITY};
  REFUSED(w, QUELL_E_RANGE, quell_projection_set(w->still, "weight", 4, 2, bad), "synapse 5",
          "-2.5", "'excitatory'");
  REFUSED(w, QUELL_E_RANGE, quell_projection_set(w->still, "weight", 4, 2, not_a_number),
          "synapse 5", "nan");
  REFUSED(w, QUELL_E_RANGE, quell_projection_set(w->still, "weight", 4, 2, infinite), "synapse 5",
          "inf");
  c.weight = constant(1e39); /* not a float */
  REFUSED(w, QUELL_E_RANGE, join(w, c, NULL), "weight", "1e+39");
  world_close(w);
  (void)state;
}

static void weights_outside_the_bounds_of_the_rule_are_refused(void **state) {
  const quell_value bounds[] = {{"w_min", 0.5}, {"w_max", 2}};
  double values[EXC * INH];
  world *w = world_open();
  quell_rule *rule;
  quell_connection c = of_kind(QUELL_ALL_TO_ALL);
  for (size_t i = 0; i < COUNT(values); i++) values[i] = i == 77 ? 3 : 1;
  OK(quell_rule_create(w->net, "stdp_pair", bounds, 2, &rule));
  c.weight = constant(2.5);
  REFUSED(w, QUELL_E_RANGE, join(w, c, rule), "weight", "[0.5, 2]", "stdp_pair", "2.5");
  c.weight = constant(0.25);
  REFUSED(w, QUELL_E_RANGE, join(w, c, rule), "weight", "[0.5, 2]", "stdp_pair", "0.25");
  c.weight = (quell_distribution){QUELL_ARRAY, 0, 0, 0, 0, 0, values, COUNT(values)};
  REFUSED(w, QUELL_E_RANGE, join(w, c, rule), "weight", "[0.5, 2]", "got 3");
  const float high[] = {1, 101}, low[] = {1, -1};
  REFUSED(w, QUELL_E_RANGE, quell_projection_set(w->plastic, "weight", 4, 2, high), "synapse 5",
          "[0, 100]", "101");
  REFUSED(w, QUELL_E_RANGE, quell_projection_set(w->plastic, "weight", 4, 2, low), "synapse 5",
          "[0, 100]", "-1");
  world_close(w);
  (void)state;
}

static void delays_between_nothing_and_a_step_are_refused(void **state) {
  const double values[] = {1, 0.05, 1};
  const uint32_t neurons[] = {0, 1, 2};
  world *w = world_open();
  quell_connection c = of_kind(QUELL_ALL_TO_ALL);
  c.delay = constant(0.05);
  REFUSED(w, QUELL_E_RANGE, join(w, c, NULL), "delay", "0.1", "0.05");
  c.delay = unset;
  c.delay_axonal = constant(0.09);
  REFUSED(w, QUELL_E_RANGE, join(w, c, NULL), "delay", "0.1", "0.09");
  c.delay_axonal = unset;
  c.delay_dendritic = constant(1e-6);
  REFUSED(w, QUELL_E_RANGE, join(w, c, NULL), "delay", "0.1", "1e-06");
  c = of_kind(QUELL_LIST);
  c.pre = c.post = neurons;
  c.n = 3;
  c.delay = (quell_distribution){QUELL_ARRAY, 0, 0, 0, 0, 0, values, 3};
  REFUSED(w, QUELL_E_RANGE, join(w, c, NULL), "delay", "0.1", "0.05");
  world_close(w);
  (void)state;
}

static void delays_that_are_too_long_are_refused(void **state) {
  static const double longs[] = {6553.6, 1e9, 1e300};
  world *w = world_open();
  quell_connection c = of_kind(QUELL_ALL_TO_ALL);
  for (size_t i = 0; i < COUNT(longs); i++) {
    c.delay = constant(longs[i]);
    REFUSED(w, QUELL_E_RANGE, join(w, c, NULL), "delay", "65535 steps");
    c.delay = drawn(QUELL_UNIFORM, longs[i], 2 * longs[i] < INFINITY ? 2 * longs[i] : longs[i]);
    REFUSED(w, QUELL_E_RANGE, join(w, c, NULL), "delay", "65535 steps");
  }
  c.delay = unset;
  c.delay_dendritic = constant(6.5); /* 65 steps; the horizon is 256 */
  REFUSED(w, QUELL_E_RANGE, join(w, c, NULL), "dendritic delay", "65 steps", "'horizon'", "256",
          "64");
  world_close(w);
  (void)state;
}

static void a_delay_has_one_place(void **state) {
  world *w = world_open();
  quell_connection c = of_kind(QUELL_ALL_TO_ALL);
  c.delay = c.delay_axonal = constant(1);
  REFUSED(w, QUELL_E_RANGE, join(w, c, NULL), "'delay'", "'delay_axonal'", "not both");
  c.delay_axonal = unset;
  c.delay_dendritic = constant(1);
  REFUSED(w, QUELL_E_RANGE, join(w, c, NULL), "'delay'", "'delay_dendritic'", "not both");
  c.delay = c.delay_dendritic = constant(0);
  REFUSED(w, QUELL_E_RANGE, join(w, c, NULL), "'delay'", "not both");
  world_close(w);
  (void)state;
}

static void arrays_beside_an_axonal_delay_that_varies_need_a_list(void **state) {
  double values[EXC * INH];
  for (size_t i = 0; i < COUNT(values); i++) values[i] = 1;
  const quell_distribution array = {QUELL_ARRAY, 0, 0, 0, 0, 0, values, COUNT(values)};
  world *w = world_open();
  quell_connection c = of_kind(QUELL_ALL_TO_ALL);
  c.delay_axonal = array;
  REFUSED(w, QUELL_E_UNSUPPORTED, join(w, c, NULL), "'delay_axonal'", "QUELL_LIST");
  c.delay_axonal = drawn(QUELL_UNIFORM, 1, 2);
  c.weight = array;
  REFUSED(w, QUELL_E_UNSUPPORTED, join(w, c, NULL), "'delay_axonal'", "QUELL_LIST");
  c.weight = unset;
  c.delay_dendritic = array;
  REFUSED(w, QUELL_E_UNSUPPORTED, join(w, c, NULL), "'delay_axonal'", "QUELL_LIST");
  world_close(w);
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(impossible_probabilities_are_refused),
      cmocka_unit_test(populations_of_different_sizes_are_not_one_to_one),
      cmocka_unit_test(more_partners_than_there_are_are_refused),
      cmocka_unit_test(what_does_not_fit_the_memory_is_refused),
      cmocka_unit_test(neurons_without_partners_are_refused_where_they_need_some),
      cmocka_unit_test(pairs_that_the_flags_forbid_are_refused),
      cmocka_unit_test(distributions_that_contradict_themselves_are_refused),
      cmocka_unit_test(draws_outside_are_refused),
      cmocka_unit_test(distributions_without_width_are_accepted),
      cmocka_unit_test(negative_weights_are_refused_with_the_receptor),
      cmocka_unit_test(weights_outside_the_bounds_of_the_rule_are_refused),
      cmocka_unit_test(delays_between_nothing_and_a_step_are_refused),
      cmocka_unit_test(delays_that_are_too_long_are_refused),
      cmocka_unit_test(a_delay_has_one_place),
      cmocka_unit_test(arrays_beside_an_axonal_delay_that_varies_need_a_list),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What holds for all rate rules: rates between rate units and spiking neurons, delays, bits that do
 * not depend on the setup, and any parameters in range. */
#include "rates.h"
#include <float.h>
#include <stdio.h>

static const double dt = 0.1;

static quell_projection *join_delayed(quell_network *net, quell_population *pre,
                                      quell_population *post, double w, double axonal,
                                      double dendritic, quell_rule *rule) {
  quell_connection connection = QUELL_CONNECTION_INIT;
  connection.kind = QUELL_ALL_TO_ALL;
  connection.weight = (quell_distribution){.kind = QUELL_CONSTANT, .a = w};
  connection.delay_axonal = (quell_distribution){.kind = QUELL_CONSTANT, .a = axonal};
  connection.delay_dendritic = (quell_distribution){.kind = QUELL_CONSTANT, .a = dendritic};
  quell_projection *projection = NULL;
  OK(quell_connect(net, pre, post, "excitatory", &connection, rule, &projection));
  return projection;
}

/* A rate that changes in step 0 is there from stamp 1 on, arrives after both delays, and moves h in
 * the step that starts then by w × rate × (1 − e^(−dt/tau)), whatever dt. */
static void delays_of_rates(void **unused) {
  (void)unused;
  static const double delays[][2] = {{0, 0}, {0.1, 0}, {1.2, 0}, {0, 0.7}, {0.5, 0.3}, {2.0, 1.9}};
  for (size_t k = 0; k < COUNT(delays); k++) {
    const double nothing = 0.0;
    const setup plain = {.dt = dt};
    quell_network *net = open_network(&plain);
    quell_population *pre = inputs(net, "pre", 1, &nothing), *post = units(net, "post", 1, 8.0);
    join_delayed(net, pre, post, 0.3, delays[k][0], delays[k][1], NULL);
    set_all(pre, "bias", 50.0);
    long arrives = 1 + lround((delays[k][0] + delays[k][1]) / dt);
    for (long stamp = 1; stamp <= arrives + 5; stamp++) {
      OK(quell_step(net));
      double want = stamp > arrives ? 15.0 * -expm1(-(double)(stamp - arrives) * dt / 8.0) : 0.0;
      near_to(get_one(post, "h", 0), want, 1e-6, 0.0, "h", stamp);
    }
    quell_network_destroy(&net);
  }
}

/* A rule reads the pre rate as it arrives: after the axonal delay, before the dendritic one. */
static void rules_read_the_rate_that_arrives(void **unused) {
  (void)unused;
  const quell_value own[] = {
      {"linear", 1.0}, {"c", 0.0}, {"tau_w", 100.0}, {"interval", 0.1}, {NULL, 0}};
  const double nothing = 0.0;
  const setup plain = {.dt = dt};
  quell_network *net = open_network(&plain);
  quell_population *pre = inputs(net, "pre", 1, &nothing), *post = units(net, "post", 1, 1e9);
  set_one(post, "h", 0, 5.0);
  quell_projection *w =
      join_delayed(net, pre, post, 0.3, 1.2, 0.7, rule_of(net, "miehl2022", NULL, own));
  set_all(pre, "bias", 50.0);
  for (long clock = 1; clock <= 20; clock++) {
    OK(quell_step(net)); /* the intervals of stamps below the clock have been */
    long intervals = clock > 13 ? clock - 13 : 0;
    near_to(weight_of(w, 0), 0.3 + (double)intervals * 0.1 / 100.0 * 50.0 * 5.0, 1e-6, 0.0, "w",
            clock);
  }
  quell_network_destroy(&net);
}

/* A spiking cell gets from a rate unit of 100 Hz what it gets from 100 regular spikes a second on
 * average, and in each step w × rate × dt. */
static void rate_units_drive_spiking_cells(void **unused) {
  (void)unused;
  enum { PERIOD = 100 };
  const double rate = 100.0;
  const quell_value silent = {"v_thresh", (double)INFINITY};
  const setup plain = {.dt = dt};
  double times[200], mean[2] = {0};
  uint32_t neuron[200] = {0};
  for (int k = 0; k < 200; k++) times[k] = 10.0 * k;
  quell_network *net = open_network(&plain);
  quell_population *unit = inputs(net, "unit", 1, &rate), *source = NULL, *cell[2] = {NULL};
  OK(quell_population_create(net, "source", "spike_source", 1, NULL, 0, &source));
  OK(quell_population_create(net, "a", "lif_curr_exp", 1, &silent, 1, &cell[0]));
  OK(quell_population_create(net, "b", "lif_curr_exp", 1, &silent, 1, &cell[1]));
  join_delayed(net, unit, cell[0], 20.0, 0.0, 0.0, NULL);
  join_delayed(net, source, cell[1], 20.0, 0.0, 0.0, NULL);
  OK(quell_population_set_spikes(source, neuron, times, 200));
  OK(quell_run_steps(net, 10000));
  for (int s = 0; s < PERIOD; s++) {
    OK(quell_step(net));
    for (int k = 0; k < 2; k++) mean[k] += get_one(cell[k], "i_exc", 0) / PERIOD;
  }
  double decay = exp(-dt / 5.0);
  near_to(get_one(cell[0], "i_exc", 0), 20.0 * rate * dt / 1000.0 * decay / (1.0 - decay), 1e-5, 0,
          "current", 0);
  near_to(mean[1], mean[0], 1e-5, 0.0, "mean", 0);
  quell_network_destroy(&net);
}

/* A spike is a pulse of area w in the input of a rate unit. */
static void spikes_drive_rate_units(void **unused) {
  (void)unused;
  const double time = 2.0;
  const uint32_t neuron = 0;
  const setup plain = {.dt = dt};
  double area = 0.0;
  quell_network *net = open_network(&plain);
  quell_population *source = NULL, *unit = units(net, "unit", 1, 4.0);
  OK(quell_population_create(net, "source", "spike_source", 1, NULL, 0, &source));
  join_delayed(net, source, unit, 0.25, 0.5, 0.0, NULL);
  OK(quell_population_set_spikes(source, &neuron, &time, 1));
  for (long stamp = 1; stamp <= 3000; stamp++) {
    OK(quell_step(net));
    double since = (double)(stamp - 26) * dt, h = get_one(unit, "h", 0);
    double want = since < 0.0 ? 0.0 : 0.25 * 1000.0 / dt * -expm1(-dt / 4.0) * exp(-since / 4.0);
    near_to(h, want, 1e-4, 1e-3, "h", stamp);
    area += h * dt / 1000.0;
  }
  near_to(area, 0.25, 1e-4, 0.0, "area", 0);
  quell_network_destroy(&net);
}

/* Networks with all rules. */

enum { IN = 20, EXC = 150, INH = 70, PROJECTIONS = 7 };

typedef struct rates {
  quell_population *in, *exc, *inh;
  quell_projection *projection[PROJECTIONS];
} rates;

static void draw(double *w, size_t n, double mean, random_state *random) {
  for (size_t i = 0; i < n; i++) w[i] = mean * (0.5 + random_uniform(random));
}

/* dt = 1 ms; intervals are 1, 2 and 4 steps. */
static void add_rates(quell_network *net, rates *r) {
  static double w[EXC * EXC];
  static const struct {
    int pre, post;
    double mean;
  } pair[PROJECTIONS] = {{0, 1, 2.0 / IN},  {1, 1, 0.4 / EXC}, {2, 1, 0.5 / INH}, {0, 2, 1.5 / IN},
                         {1, 2, 0.9 / EXC}, {2, 2, 0.3 / INH}, {2, 1, 0.2 / INH}};
  const quell_value hebb[] = {{"eta", 1e-6}, {"budget", 2.4}, {"interval", 2.0}, {NULL, 0}};
  const quell_value sum[] = {{"eta", 0.0}, {"budget", 0.9}, {"interval", 4.0}, {NULL, 0}};
  const quell_value target[] = {{"eta", 1e-5}, {"alpha", 2.0}, {NULL, 0}};
  const quell_value partner[] = {{"eta", 1e-5}, {"i0", 2.0}, {"interval", 2.0}, {NULL, 0}};
  const quell_value slow[] = {{"tau_w", 1e6}, {"slide", 0.1}, {"c", 2.0}, {NULL, 0}};
  const quell_value cross[] = {
      {"delay", 3.0}, {"w_min", 0.0}, {"interval", 4.0}, {"tau_sensor", 20.0}, {NULL, 0}};
  double rate[IN];
  random_state random = {17};
  for (int i = 0; i < IN; i++) rate[i] = 10.0 * random_uniform(&random);
  r->in = inputs(net, "in", IN, rate);
  r->exc = units(net, "exc", EXC, 10.0);
  r->inh = units(net, "inh", INH, 20.0);
  set_all(r->inh, "exponent", 1.5);
  set_all(r->inh, "gain", 0.1);
  set_all(r->inh, "rate_max", 60.0);
  quell_rule *shared = rule_of(net, "competitive_hebbian", NULL, hebb);
  quell_rule *rule[PROJECTIONS] = {
      shared,
      shared,
      rule_of(net, "rate_inhibitory", NULL, target),
      rule_of(net, "miehl2022", NULL, slow),
      rule_of(net, "rate_partner", NULL, partner),
      rule_of(net, "cross_homeostatic", "ii", cross),
      NULL,
  };
  OK(quell_rule_observe(rule[5], "other", r->exc));
  quell_population *const population[] = {r->in, r->exc, r->inh};
  for (int p = 0; p < PROJECTIONS; p++) {
    quell_population *pre = population[pair[p].pre], *post = population[pair[p].post];
    draw(w, (size_t)quell_population_size(pre) * quell_population_size(post), pair[p].mean,
         &random);
    r->projection[p] =
        join_stack(net, pre, post, pair[p].pre == 2 ? "inhibitory" : "excitatory", w, rule[p],
                   p == 4 ? rule_of(net, "competitive_hebbian", NULL, sum) : NULL);
  }
}

static uint64_t digest_rates(const rates *r) {
  uint64_t all = digest_state(digest_state(DIGEST, r->exc, "h"), r->inh, "rate");
  for (int p = 0; p < PROJECTIONS; p++) all = digest_weights(all, r->projection[p]);
  return all;
}

static void read_some(void *context) {
  const rates *r = context;
  for (int p = 0; p < PROJECTIONS; p++) assert_true(weight_of(r->projection[p], 5) >= 0.0);
}

static uint64_t run_rates(const setup *s) {
  rates r;
  quell_network *net = open_network(s);
  add_rates(net, &r);
  float before[PROJECTIONS];
  for (int p = 0; p < PROJECTIONS; p++) before[p] = (float)weight_of(r.projection[p], 7);
  advance(net, s, 200, read_some, &r);
  for (int p = 0; p < PROJECTIONS - 1; p++) /* all of them learn, and none runs away */
    if ((float)weight_of(r.projection[p], 7) == before[p]) fail_msg("projection %d is still", p);
  for (uint32_t i = 0; i < EXC; i += 10) assert_true(get_one(r.exc, "rate", i) < 100.0);
  assert_true(get_one(r.exc, "rate", 3) > 0.1 && get_one(r.inh, "rate", 3) > 0.1);
  uint64_t all = digest_rates(&r);
  quell_network_destroy(&net);
  return all;
}

static void no_setup_changes_a_bit(void **unused) {
  (void)unused;
  const setup setups[] = {{.isa = QUELL_ISA_BASELINE},
                          {.tile_size = 64},
                          {.block_size = 16},
                          {.block_size = 48, .tile_size = 64, .threads = 3},
                          {.isa = QUELL_ISA_AVX2},
                          {.isa = QUELL_ISA_AVX512},
                          {.tile_size = 64, .executor = &executor_backwards},
                          {.tile_size = 64, .executor = &executor_shuffled},
                          {.tile_size = 64, .executor = &executor_threads},
                          {.cut = CUT_PIECES},
                          {.cut = CUT_STEPS},
                          {.read = 1, .tile_size = 64},
                          {.start = late_start}};
  setup first = {.dt = 1.0};
  uint64_t want = run_rates(&first);
  for (size_t k = 0; k < COUNT(setups); k++) {
    setup s = setups[k];
    if (s.isa && !quell_isa_available(s.isa)) continue;
    s.dt = 1.0;
    if (run_rates(&s) != want) fail_msg("other bits with %s", setup_name(&s));
  }
}

/* Spiking cells that learn, with sources of chance. */
typedef struct spiking {
  quell_population *noise, *cells;
  quell_projection *w;
} spiking;

static void add_spiking(quell_network *net, spiking *s) {
  const quell_value rate = {"rate", 300.0}, current = {"i_offset", 150.0};
  static double in[40 * 100], w[100 * 100];
  random_state random = {5};
  draw(in, COUNT(in), 40.0, &random);
  draw(w, COUNT(w), 3.0, &random);
  OK(quell_population_create(net, "noise", "poisson", 40, &rate, 1, &s->noise));
  OK(quell_population_create(net, "cells", "lif_curr_exp", 100, &current, 1, &s->cells));
  join(net, s->noise, s->cells, "excitatory", in, NULL);
  s->w = join(net, s->cells, s->cells, "inhibitory", w, rule_of(net, "vogels2011", NULL, NULL));
}

static uint64_t digest_spiking(const spiking *s) {
  return digest_weights(digest_state(DIGEST, s->cells, "v"), s->w);
}

/* Both kinds in one network, each as it is alone; and joined, they do change each other. */
static void two_kinds_in_one_network(void **unused) {
  (void)unused;
  uint64_t alone_rates = 0, alone_spiking = 0;
  for (int kind = 0; kind < 4; kind++) {
    const setup plain = {.dt = 1.0, .tile_size = 64};
    spiking s;
    rates r;
    quell_network *net = open_network(&plain);
    if (kind != 1) add_spiking(net, &s);
    if (kind != 0) add_rates(net, &r);
    if (kind == 3) {
      join_delayed(net, r.exc, s.cells, 1.0, 1.0, 0.0, NULL);
      join_delayed(net, s.cells, r.exc, 1e-3, 1.0, 0.0, NULL);
    }
    OK(quell_run_steps(net, 300));
    if (kind == 0) alone_spiking = digest_spiking(&s);
    if (kind == 1) alone_rates = digest_rates(&r);
    if (kind == 2)
      assert_true(digest_spiking(&s) == alone_spiking && digest_rates(&r) == alone_rates);
    if (kind == 3)
      assert_true(digest_spiking(&s) != alone_spiking && digest_rates(&r) != alone_rates);
    quell_network_destroy(&net);
  }
}

/* Parameters. */

static const char *const rules[] = {"miehl2022", "competitive_hebbian", "cross_homeostatic",
                                    "rate_inhibitory", "rate_partner"};

/* A value in range: an end in half of the cases, else any order of magnitude. */
static double value_in_range(const quell_param_desc *param, random_state *random) {
  double low = param->min, high = param->max < 1e15 ? param->max : 1e15;
  if (!strcmp(param->name, "interval") || !strcmp(param->name, "delay"))
    return 1.0 + random_below(random, 3);
  if (param->flags & QUELL_MIN_OPEN) low = 1e-9;
  uint32_t how = random_below(random, 4);
  double value = how == 0   ? low
                 : how == 1 ? high
                            : high * pow(10.0, -20.0 * random_uniform(random));
  if (how == 2 && low < 0.0) value = -value;
  if (param->flags & QUELL_INTEGER) value = floor(value);
  return value < low ? low : value > high ? high : value;
}

static int run_extremes(const quell_rule_desc *desc, const quell_value *values) {
  static const double rate[] = {0.0, 1e-30, 1.0, 1e9},
                      first[] = {1, 0, 2, 1e-30, 3, 1e-3, 1, 5, 7, 1, 1, 1, 2, 4, 8, 9};
  const setup plain = {.dt = 1.0};
  quell_network *net = open_network(&plain);
  quell_rule *rule = NULL;
  quell_status status = quell_rule_create(net, desc->name, values, desc->params.count, &rule);
  double low = 0.0, high = 1e9;
  for (size_t p = 0; p < desc->params.count; p++) {
    if (!strcmp(values[p].name, "w_min")) low = values[p].value;
    if (!strcmp(values[p].name, "w_max")) high = values[p].value;
  }
  if (status) {
    assert_int_equal(status, QUELL_E_RANGE);
    assert_non_null(strstr(quell_network_error(net), desc->name));
    quell_network_destroy(&net);
    return 0;
  }
  double w[16];
  for (int i = 0; i < 16; i++) w[i] = fmin(fmax(first[i], low), high);
  quell_population *pre = inputs(net, "pre", 4, rate), *post = units(net, "post", 4, 1.0);
  OK(quell_population_set_array(post, "bias", 0, 4, (double[]){-1e9, 0.0, 3.0, 1e9}));
  quell_projection *synapses = join(net, pre, post, "inhibitory", w, rule);
  for (int s = 0; s < 40; s++) {
    status = quell_step(net);
    if (status) fail_msg("%s", quell_network_error(net));
    for (uint64_t i = 0; i < 16; i++) {
      double now = weight_of(synapses, i);
      if (!(now >= (double)(float)low && now <= (double)(float)high))
        fail_msg("%s: weight %g outside [%g, %g]", desc->name, now, low, high);
    }
  }
  quell_network_destroy(&net);
  return 1;
}

static void any_parameters_in_range(void **unused) {
  (void)unused;
  random_state random = {23};
  for (size_t k = 0; k < COUNT(rules); k++) {
    const quell_rule_desc *desc = described(rules[k]);
    const quell_param_desc *param = desc->params.at;
    int accepted = 0;
    for (int round = 0; round < (quick() ? 150 : 500); round++) {
      quell_value values[MOST_VALUES];
      for (uint32_t p = 0; p < desc->params.count; p++)
        values[p] = (quell_value){param[p].name, value_in_range(&param[p], &random)};
      accepted += run_extremes(desc, values);
    }
    assert_true(accepted > 50);
  }
}

/* Past either end of its range each parameter is refused by name, and so is an alpha between 0 and
 * what it can be. */
static void out_of_range_is_refused(void **unused) {
  (void)unused;
  const setup plain = {.dt = 1.0};
  quell_network *net = open_network(&plain);
  quell_rule *rule = NULL;
  for (size_t k = 0; k < COUNT(rules); k++) {
    const quell_rule_desc *desc = described(rules[k]);
    const quell_param_desc *param = desc->params.at;
    for (uint32_t p = 0; p < desc->params.count; p++) {
      const double beyond[] = {param[p].flags & QUELL_MIN_OPEN ? param[p].min : param[p].min - 1.0,
                               param[p].max * 1.5 + 1.0, NAN, INFINITY};
      for (size_t b = 0; b < COUNT(beyond); b++) {
        const quell_value value = {param[p].name, beyond[b]};
        GIVES(QUELL_E_RANGE, quell_rule_create(net, rules[k], &value, 1, &rule));
        assert_non_null(strstr(quell_network_error(net), param[p].name));
      }
    }
  }
  const quell_value alpha = {"alpha", 1e-7};
  for (size_t k = 3; k < 5; k++) {
    GIVES(QUELL_E_RANGE, quell_rule_create(net, rules[k], &alpha, 1, &rule));
    assert_non_null(strstr(quell_network_error(net), "'alpha'"));
  }
  quell_network_destroy(&net);
}

/* Rate rules need rates on the side or sides that they read. */
static void spikes_are_refused(void **unused) {
  (void)unused;
  const double rate = 5.0;
  const setup plain = {.dt = 1.0};
  quell_connection connection = QUELL_CONNECTION_INIT;
  connection.kind = QUELL_ALL_TO_ALL;
  quell_network *net = open_network(&plain);
  quell_population *unit = inputs(net, "unit", 1, &rate), *source = NULL, *cell = NULL;
  quell_projection *projection = NULL;
  OK(quell_population_create(net, "source", "poisson", 1, NULL, 0, &source));
  OK(quell_population_create(net, "cell", "lif_curr_exp", 1, NULL, 0, &cell));
  for (size_t k = 0; k < COUNT(rules); k++) {
    quell_rule *rule = rule_of(net, rules[k], NULL, NULL);
    GIVES(QUELL_E_UNSUPPORTED,
          quell_connect(net, source, unit, "inhibitory", &connection, rule, &projection));
    assert_non_null(strstr(quell_network_error(net), rules[k]));
    int reads_post = described(rules[k])->signals.count && strcmp(rules[k], "cross_homeostatic");
    if (reads_post)
      GIVES(QUELL_E_NAME,
            quell_connect(net, unit, cell, "inhibitory", &connection, rule, &projection));
    OK(quell_connect(net, unit, unit, "inhibitory", &connection, rule, &projection));
  }
  quell_network_destroy(&net);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(delays_of_rates),
      cmocka_unit_test(rules_read_the_rate_that_arrives),
      cmocka_unit_test(rate_units_drive_spiking_cells),
      cmocka_unit_test(spikes_drive_rate_units),
      cmocka_unit_test(no_setup_changes_a_bit),
      cmocka_unit_test(two_kinds_in_one_network),
      cmocka_unit_test(any_parameters_in_range),
      cmocka_unit_test(out_of_range_is_refused),
      cmocka_unit_test(spikes_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

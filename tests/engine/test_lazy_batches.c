/* Post spikes inside a batch: rows are visited on the step of the arrival, not when spikes are
 * exchanged. Users' traps L1, L1b, 2 and 8. */
#include "support/bench.h"
#include "support/check.h"
#include "support/random.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static quell_distribution constant(double a) {
  return (quell_distribution){QUELL_CONSTANT, 0, a, 0, 0, 0, NULL, 0};
}

static quell_distribution uniform(double low, double high) {
  return (quell_distribution){QUELL_UNIFORM, 0, low, high, 0, 0, NULL, 0};
}

/* Neurons that are made to fire by a source of their own: one static synapse each, whose delay is
 * the smallest of the network and so makes the batch. The host's neurons would make it 1. */
typedef struct volleys {
  uint32_t n_pre, n_post;
  uint64_t smallest; /* delay, steps: batches of one more */
  uint64_t every;    /* steps between the volleys of a neuron */
  uint64_t width;    /* a volley's four spikes are within so many steps; 0: it is one spike */
  uint64_t end;
  double dt;
  eager_rule rule;
  quell_connection c;
} volleys;

/* A bench whose post neurons are not the host's. */
typedef struct rig {
  bench b;
  quell_population *source;
  quell_projection *drive;
  quell_recorder *recorder;
  train pre, orders, post;
} rig;

static void make_spikes(rig *r, const volleys *v) {
  random_state random = {17};
  for (uint32_t i = 0; i < v->n_pre; i++) train_poisson(&r->pre, i, 0.01, 1, v->end, 3);
  for (uint32_t j = 0; j < v->n_post; j++)
    for (uint64_t s = 1 + random_below(&random, (uint32_t)v->every); s < v->end; s += v->every)
      for (int k = 0; k < (v->width ? 4 : 1); k++)
        train_add(&r->orders, s + (v->width ? random_below(&random, (uint32_t)v->width) : 0), j);
  train_sort(&r->pre);
  train_sort(&r->orders);
}

static void make_cells(rig *r, const volleys *v) {
  const quell_value values[] = {{"tau_refrac", 0}, {"tau_syn_E", v->dt}};
  quell_network *net = r->b.network;
  quell_connection c = QUELL_CONNECTION_INIT;
  OK(quell_population_create(net, "pre", "spike_source", v->n_pre, NULL, 0, &r->b.pre));
  OK(quell_population_create(net, "source", "spike_source", v->n_post, NULL, 0, &r->source));
  OK(quell_population_create(net, "post", "lif_curr_exp", v->n_post, values, 2, &r->b.post));
  c.kind = QUELL_ONE_TO_ONE;
  c.weight = constant(4000 / v->dt); /* 12 mV in the first step */
  c.delay = constant((double)v->smallest * v->dt);
  OK(quell_connect(net, r->source, r->b.post, "excitatory", &c, NULL, &r->drive));
  OK(quell_record_spikes(r->b.post, NULL, &r->recorder));
}

static void open_rig(rig *r, const setup *setup, const volleys *v) {
  quell_value values[EAGER_MAX_VALUES];
  memset(r, 0, sizeof *r);
  r->b = (bench){.setup = setup, .dt = v->dt, .start = setup->start};
  r->b.n_pre = v->n_pre;
  r->b.n_post = v->n_post;
  r->b.pre_spikes = &r->pre;
  r->b.post_spikes = &r->post;
  r->b.network = open_network(setup);
  make_spikes(r, v);
  make_cells(r, v);
  give_spikes(r->b.pre, &r->pre, setup->start, v->dt);
  give_spikes(r->source, &r->orders, setup->start, v->dt);
  OK(quell_rule_create(r->b.network, eager_name(&v->rule), values, eager_values(&v->rule, values),
                       &r->b.rule));
  OK(quell_connect(r->b.network, r->b.pre, r->b.post, "inhibitory", &v->c, r->b.rule,
                   &r->b.synapses));
}

static void close_rig(rig *r) {
  quell_network_destroy(&r->b.network);
  train_free(&r->pre);
  train_free(&r->orders);
  train_free(&r->post);
}

static void take_spikes(rig *r) {
  quell_recording all = QUELL_RECORDING_INIT;
  OK(quell_recorder_read(r->recorder, &all));
  for (size_t i = 0; i < all.samples; i++)
    train_add(&r->post, all.stamps[i] - r->b.start, all.ids[i]);
  train_sort(&r->post);
}

/* Spikes of neuron 0 that follow another one of its own in the same batch. */
static size_t within_batches(const rig *r, uint64_t batch) {
  size_t n = 0, found = 0;
  uint64_t *stamps = train_of(&r->post, 0, 0, &n);
  for (size_t i = 1; i < n; i++) found += (stamps[i] - 1) / batch == (stamps[i - 1] - 1) / batch;
  free(stamps);
  return found;
}

/* One run against eager; the digest of its weights. */
static uint64_t run_volleys(const setup *base, const volleys *v, size_t least_within) {
  setup setup = *base;
  rig r;
  setup.dt = v->dt;
  open_rig(&r, &setup, v);
  uint64_t n = quell_projection_size(r.b.synapses);
  float *initial = must_alloc(n, sizeof *initial);
  OK(quell_projection_get(r.b.synapses, "weight", 0, n, initial));
  advance(r.b.network, &setup, v->end, NULL, NULL);
  take_spikes(&r);
  assert_true(within_batches(&r, v->smallest + 1) >= least_within);
  bench_check(&r.b, &v->rule, NULL, 0, initial, setup_name(&setup));
  uint64_t hash = digest_weights(DIGEST, r.b.synapses);
  free(initial);
  close_rig(&r);
  return hash;
}

static const eager_rule vogels = {EAGER_VOGELS, .eta = 0.01, .rho0 = 12, .tau = 20, .w_max = 10};
static const eager_rule pair = {EAGER_PAIR,       .a_plus = 0.01,    .a_minus = 0.006,
                                .tau_plus = 16.8, .tau_minus = 33.7, .mu_plus = 0.5,
                                .mu_minus = 1,    .w_max = 10};

static void check_setups(const volleys *v, const setup *setups, size_t n, size_t least_within) {
  uint64_t want = run_volleys(&setups[0], v, least_within);
  for (size_t i = 1; i < (quick() ? 2 : n); i++)
    if (run_volleys(&setups[i], v, least_within) != want)
      fail_msg("other bits with %s", setup_name(&setups[i]));
}

/* A row with axonal delays of 0.1 to 20 ms cannot be settled when its spike is emitted: the post
 * spikes before the later arrivals are not known. */
static void l1_axonal_delays_from_0_1_to_20_ms(void **state) {
  const setup setups[] = {{.tile_size = 64, .horizon = 64, .cut = CUT_PIECES},
                          {.executor = &executor_backwards},
                          {.tile_size = 128, .horizon = 1024, .start = late_start}};
  volleys v = {4, 150, 1, 100, 0, quick() ? 800 : 8000, 0.1, vogels, QUELL_CONNECTION_INIT};
  v.c.kind = QUELL_ALL_TO_ALL;
  v.c.weight = uniform(0, 5);
  v.c.delay_axonal = uniform(0.1, 20);
  check_setups(&v, setups, COUNT(setups), 0);
  v.rule = pair;
  v.c.delay_dendritic = uniform(0, 1.6);
  check_setups(&v, setups, COUNT(setups), 0);
  (void)state;
}

/* A delay as long as the batch: a spike that arrives in the middle of one must see the post spikes
 * before it in the same batch, and none after it. One step less and one more as well. */
static void l1b_axonal_delay_of_one_batch(void **state) {
  const setup setups[] = {{.tile_size = 64, .horizon = 64},
                          {.tile_size = 448, .executor = &executor_shuffled},
                          {0},
                          {.tile_size = 64, .executor = &executor_threads, .cut = CUT_PIECES}};
  volleys v = {3,    quick() ? 130 : 500,  14, 150, 15, quick() ? 800 : 2200, 0.1,
               pair, QUELL_CONNECTION_INIT};
  v.c.kind = QUELL_ALL_TO_ALL;
  v.c.weight = uniform(0, 5);
  for (int32_t tie = QUELL_PRE_FIRST; tie <= (quick() ? 0 : QUELL_POST_FIRST); tie++) {
    v.rule.tie = tie;
    v.c.delay_axonal = constant(0.1 * (14 + tie));
    check_setups(&v, setups, COUNT(setups), 5);
  }
  v.rule = vogels;
  v.c.delay_dendritic = uniform(0, 1.6);
  check_setups(&v, setups, COUNT(setups), 5);
  (void)state;
}

/* Many post spikes between two exchanges while delays differ, in ms that are not whole; a horizon
 * that counted ms for steps would forget too early or too late. */
static void trap_2_post_spikes_between_exchanges_with_mixed_delays(void **state) {
  const double dt[] = {0.1, 0.25, 0.05};
  for (size_t i = 0; i < (quick() ? 1 : COUNT(dt)); i++) {
    const setup setups[] = {
        {.horizon = 1024, .tile_size = 64}, {.cut = CUT_PIECES}, {.horizon = 4096}};
    volleys v = {3, 100, 8, 130, 9, quick() ? 800 : 6000, dt[i], vogels, QUELL_CONNECTION_INIT};
    v.c.kind = QUELL_ALL_TO_ALL;
    v.c.weight = uniform(0, 5);
    v.c.delay = uniform(13.7 * dt[i], 13.7 * dt[i] + 9.3);
    check_setups(&v, setups, COUNT(setups), 5);
    v.rule = pair;
    v.c.delay = (quell_distribution)QUELL_DISTRIBUTION_INIT;
    v.c.delay_axonal = constant(9 * dt[i]);
    v.c.delay_dendritic = uniform(0, 7.3);
    check_setups(&v, setups, COUNT(setups), 5);
  }
  (void)state;
}

/* A recurrent network of batches of 9 steps. */
typedef struct culture {
  quell_network *net;
  quell_population *noise, *cells;
  quell_projection *drive, *synapses;
  char batches[64]; /* what the log says of them */
} culture;

static void note_batches(void *context, int32_t level, const char *message) {
  const char *batches = strstr(message, "batches");
  if (batches) strncpy(((culture *)context)->batches, batches, sizeof((culture *)0)->batches - 1);
  (void)level;
}

static void grow(culture *k) {
  const quell_log log = {k, note_batches};
  const quell_value rate = {"rate", 300}, drive = {"i_offset", 90};
  quell_network_options o = QUELL_NETWORK_OPTIONS_INIT;
  quell_connection c = QUELL_CONNECTION_INIT;
  quell_rule *rule;
  memset(k, 0, sizeof *k);
  o.log = &log;
  OK(quell_network_create(&o, &k->net));
  OK(quell_population_create(k->net, "noise", "poisson", 50, &rate, 1, &k->noise));
  OK(quell_population_create(k->net, "cells", "lif_curr_exp", 130, &drive, 1, &k->cells));
  OK(quell_rule_create(k->net, "vogels2011", NULL, 0, &rule));
  c.kind = QUELL_FIXED_IN_DEGREE;
  c.count = 10;
  c.weight = constant(40);
  c.delay = constant(0.8);
  OK(quell_connect(k->net, k->noise, k->cells, "excitatory", &c, NULL, &k->drive));
  c.weight = constant(1);
  c.delay = (quell_distribution){QUELL_UNIFORM, 0, 0.8, 3.1, 0, 0, NULL, 0};
  OK(quell_connect(k->net, k->cells, k->cells, "inhibitory", &c, rule, &k->synapses));
}

static void add_recorders(culture *k) {
  quell_record_options o = QUELL_RECORD_OPTIONS_INIT;
  quell_recorder *r;
  o.interval = 0.3;
  OK(quell_record_spikes(k->cells, NULL, &r));
  OK(quell_record_spikes(k->noise, NULL, &r));
  OK(quell_record_state(k->cells, "v", &o, &r));
  OK(quell_record_weights(k->synapses, &o, &r));
  OK(quell_record_rate(k->cells, &o, &r));
}

/* Stimulators that say nothing: their weight, rate or change is 0. */
static void add_stimulators(culture *k) {
  const quell_value rate = {"rate", 500};
  const double times[] = {10, 20}, same[] = {90, 90};
  quell_connection c = QUELL_CONNECTION_INIT;
  quell_population *poisson, *source;
  quell_projection *p;
  OK(quell_population_create(k->net, "poisson", "poisson", 130, &rate, 1, &poisson));
  OK(quell_population_create(k->net, "source", "spike_source", 7, NULL, 0, &source));
  c.kind = QUELL_ONE_TO_ONE;
  c.weight = constant(0);
  c.delay = constant(1.7);
  OK(quell_connect(k->net, poisson, k->cells, "excitatory", &c, NULL, &p));
  OK(quell_population_background(k->cells, "inhibitory", 800, 0));
  OK(quell_population_schedule(k->cells, "i_offset", times, 2, same, 2));
}

/* All spikes of the cells at the end of each piece, and what is there in the end. */
static uint64_t watch(culture *k) {
  uint64_t hash = DIGEST, spikes = 0;
  for (uint64_t i = 0; i < 600; i++) {
    const uint32_t *ids;
    size_t n;
    OK(quell_run_steps(k->net, 1 + i % 3));
    OK(quell_population_spikes_out(k->cells, &ids, &n));
    hash = digest(hash, ids, n * sizeof *ids);
    spikes += n;
  }
  assert_true(spikes > 100);
  OK(quell_run_steps(k->net, 500)); /* whole batches too */
  hash = digest_weights(digest_state(hash, k->cells, "v"), k->synapses);
  quell_network_destroy(&k->net);
  return hash;
}

/* The half with recorders alone is in test_exactness.c. */
static void trap_8_recorders_and_stimulators_change_nothing(void **state) {
  culture k;
  grow(&k);
  uint64_t want = watch(&k);
  assert_string_equal(k.batches, "batches of at most 9 steps");
  for (int with = 1; with < 4; with++) {
    grow(&k);
    if (with & 1) add_recorders(&k);
    if (with & 2) add_stimulators(&k);
    if (watch(&k) != want) fail_msg("other bits with %s", with & 1 ? "recorders" : "stimulators");
    assert_string_equal(k.batches, "batches of at most 9 steps");
  }
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(l1_axonal_delays_from_0_1_to_20_ms),
      cmocka_unit_test(l1b_axonal_delay_of_one_batch),
      cmocka_unit_test(trap_2_post_spikes_between_exchanges_with_mixed_delays),
      cmocka_unit_test(trap_8_recorders_and_stimulators_change_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

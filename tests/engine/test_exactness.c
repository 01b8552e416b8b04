/* One network, one seed: the same bits whatever the tile size, horizon, block size, executor, cut
 * of the run, reading and recording; and the weights follow from the spikes as the rules say. */
#include "support/check.h"
#include "support/mixed.h"
#include <math.h>
#include <stdlib.h>

static uint64_t run_length(void) {
  return quick() ? 1450 : 2000; /* the last change is at 1400 */
}

static const mixed_options short_delays = {0, 1, 1}, long_delays = {1, 1, 1};

/* Digests of one run: weights and states, and what was recorded (0 if nothing was). */
typedef struct result {
  uint64_t end, recorded;
} result;

static result run_mixed(const setup *setup, mixed_options options) {
  mixed m;
  result result = {0, 0};
  mixed_build(&m, setup, options);
  mixed_run(&m, run_length());
  result.end = mixed_digest(&m);
  if (options.record) result.recorded = mixed_recorded(&m);
  mixed_close(&m);
  return result;
}

static size_t spikes_of(const quell_recorder *recorder) {
  quell_recording r = QUELL_RECORDING_INIT;
  OK(quell_recorder_read(recorder, &r));
  return r.samples;
}

/* If the network were silent, every test here would pass for nothing. */
static void network_is_active_and_learns(void **state) {
  const setup setup = {0};
  const mixed_options *options = *state;
  mixed m;
  mixed_build(&m, &setup, *options);
  mixed_run(&m, 1);
  uint64_t before[MIXED_PROJECTIONS];
  for (size_t i = 0; i < m.n_projections; i++) before[i] = digest_weights(DIGEST, m.projections[i]);
  mixed_run(&m, run_length());
  assert_true(spikes_of(m.spikes[0]) > 500); /* exc */
  assert_true(spikes_of(m.spikes[0]) < 301 * run_length() / 40);
  assert_true(spikes_of(m.spikes[1]) > 100); /* inh */
  assert_true(spikes_of(m.spikes[2]) > 100); /* noise */
  assert_true(spikes_of(m.spikes[3]) > 50);  /* source */
  for (size_t i = 0; i < m.n_projections; i++)
    assert_int_equal(digest_weights(DIGEST, m.projections[i]) != before[i], m.rule_of[i] >= 0);
  mixed_close(&m);
}

/* And if the digest did not see a difference, so would they. */
static void other_seed_gives_other_bits(void **state) {
  const setup one = {.seed = 1}, two = {.seed = 2};
  result a = run_mixed(&one, short_delays), b = run_mixed(&two, short_delays);
  result c = run_mixed(&one, short_delays);
  assert_true(a.end != b.end && a.recorded != b.recorded);
  assert_true(a.end == c.end && a.recorded == c.recorded);
  (void)state;
}

static const setup setups[] = {
    {0},
    {.tile_size = 64,
     .horizon = 64,
     .block_size = 16,
     .executor = &executor_shuffled,
     .cut = CUT_PIECES},
    {.tile_size = 256,
     .horizon = 128,
     .block_size = 48,
     .executor = &executor_backwards,
     .cut = CUT_STEPS},
    {.tile_size = 64, .executor = &executor_threads},
    {.tile_size = 64, .threads = 3, .isa = QUELL_ISA_BASELINE},
    {.tile_size = 128, .threads = 2, .isa = QUELL_ISA_AVX2, .cut = CUT_PIECES},
    {.tile_size = 64, .threads = 8, .isa = QUELL_ISA_AVX512, .cut = CUT_STEPS},
    {.isa = QUELL_ISA_BASELINE},
    {.isa = QUELL_ISA_AVX2},
    {.isa = QUELL_ISA_AVX512},
    {.threads = 1},
    {.threads = 2, .tile_size = 64},
    {.threads = 8, .tile_size = 64, .read = 1},
    {.threads = 3, .horizon = 64, .block_size = 16},
    {.read = 1, .tile_size = 128, .executor = &executor_backwards},
    {.tile_size = 64},
    {.tile_size = 256},
    {.tile_size = 65536},
    {.horizon = 64},
    {.horizon = 1024},
    {.horizon = 1 << 20},
    {.block_size = 16},
    {.block_size = 48},
    {.block_size = 112},
    {.executor = &executor_backwards},
    {.executor = &executor_shuffled},
    {.cut = CUT_PIECES},
    {.cut = CUT_STEPS},
    {.read = 1},
    {.read = 1, .horizon = 64, .tile_size = 64, .block_size = 16},
    {.horizon = 64, .tile_size = 64, .cut = CUT_STEPS, .executor = &executor_threads},
};

static void check_same(const setup *setup, mixed_options options, result want) {
  result got = run_mixed(setup, options);
  if (got.end != want.end) fail_msg("other weights or states with %s", setup_name(setup));
  if (options.record && got.recorded != want.recorded)
    fail_msg("other recordings with %s", setup_name(setup));
}

static void every_configuration_gives_the_same_bits(void **state) {
  mixed_options options = *(const mixed_options *)*state;
  result want = run_mixed(&setups[0], options);
  for (size_t i = 1; i < (quick() ? 7 : COUNT(setups)); i++)
    if (quell_isa_available(setups[i].isa)) check_same(&setups[i], options, want);
}

/* Users' trap 8. */
static void recorders_change_nothing(void **state) {
  mixed_options options = *(const mixed_options *)*state;
  result want = run_mixed(&setups[0], options);
  options.record = 0;
  for (size_t i = 0; i < (quick() ? 2 : 5); i++) check_same(&setups[i], options, want);
}

/* Nothing may hang on an absolute step where no draw is keyed by it: stamps in 32 bits wrap here.
 */
static void start_clock_shifts_the_stamps_and_nothing_else(void **state) {
  mixed_options options = *(const mixed_options *)*state;
  const uint64_t starts[] = {late_start + 10000 - 608, ((uint64_t)1 << 31) - 752,
                             ((uint64_t)1 << 40) + 16};
  options.background = 0;
  result want = run_mixed(&setups[0], options);
  for (size_t i = 0; i < (quick() ? 1 : COUNT(starts)); i++) {
    for (size_t k = 0; k < 3; k++) {
      setup setup = setups[k];
      setup.start = starts[i];
      check_same(&setup, options, want);
    }
  }
}

/* With background the draws depend on the step, but from one start they are always the same. */
static void late_start_gives_the_same_bits_in_every_configuration(void **state) {
  setup setup = {.start = ((uint64_t)1 << 32) - 800};
  mixed_options options = *(const mixed_options *)*state;
  result want = run_mixed(&setup, options);
  for (size_t i = 1; i < (quick() ? 2 : 5); i++) {
    setup = setups[i];
    setup.start = ((uint64_t)1 << 32) - 800;
    check_same(&setup, options, want);
  }
}

/* No state is shared: two networks whose runs alternate, on other settings, give what each gives
 * alone. */
static void networks_in_one_process_do_not_touch(void **state) {
  const setup one = {.seed = 1}, two = {.seed = 2, .tile_size = 64, .horizon = 64};
  result alone[2] = {run_mixed(&one, short_delays), run_mixed(&two, long_delays)};
  mixed a, b;
  mixed_build(&a, &one, short_delays);
  mixed_build(&b, &two, long_delays);
  for (uint64_t step = 0; step < run_length(); step += 37) {
    mixed_run(&a, step);
    mixed_run(&b, step);
  }
  mixed_run(&b, run_length());
  mixed_run(&a, run_length());
  assert_true(mixed_digest(&a) == alone[0].end && mixed_recorded(&a) == alone[0].recorded);
  assert_true(mixed_digest(&b) == alone[1].end && mixed_recorded(&b) == alone[1].recorded);
  mixed_close(&a);
  mixed_close(&b);
  (void)state;
}

static train recorded_train(const mixed *m, size_t which) {
  train t = {NULL, 0, 0};
  quell_recording r = QUELL_RECORDING_INIT;
  OK(quell_recorder_read(m->spikes[which], &r));
  for (size_t i = 0; i < r.samples; i++) train_add(&t, r.stamps[i] - m->setup->start, r.ids[i]);
  return t;
}

enum { EVERY = 16, SAMPLES = 50 }; /* steps between samples: 1.6 ms */

static quell_recording recording_of(const quell_recorder *recorder) {
  quell_recording r = QUELL_RECORDING_INIT;
  OK(quell_recorder_read(recorder, &r));
  return r;
}

/* A sample comes before its step's events, like what the host reads at that clock. */
static void samples_are_what_is_read_at_their_clock(void **state) {
  static double v[SAMPLES][77];
  const setup setup = {0};
  mixed m;
  mixed_build(&m, &setup, *(const mixed_options *)*state);
  uint64_t n = quell_projection_size(m.projections[4]);
  float *w = must_alloc(SAMPLES * n, sizeof *w);
  for (size_t k = 0; k < SAMPLES; k++) {
    mixed_run(&m, k * EVERY);
    OK(quell_projection_get(m.projections[4], "weight", 0, n, w + k * n));
    OK(quell_population_get(m.inh, "v", 0, 77, v[k]));
  }
  mixed_run(&m, SAMPLES * EVERY);
  quell_recording of_v = recording_of(m.others[0]), of_w = recording_of(m.others[2]);
  assert_int_equal(of_v.samples, SAMPLES);
  assert_int_equal(of_w.samples, SAMPLES);
  assert_int_equal(of_w.width, n);
  assert_memory_equal(of_w.values, w, SAMPLES * n * sizeof *w);
  for (size_t k = 0; k < SAMPLES; k++) {
    assert_true(of_v.stamps[k] == k * EVERY && of_w.stamps[k] == k * EVERY);
    for (size_t i = 0; i < 77; i++) assert_true((double)of_v.values[k * 77 + i] == v[k][i]);
  }
  free(w);
  mixed_close(&m);
}

static void rates_and_chosen_spikes_are_those_of_all_spikes(void **state) {
  const uint32_t chosen[] = {0, 63, 64, 65, 255, 256, 300}; /* as mixed.c chooses */
  const setup setup = {.tile_size = 64};
  mixed m;
  mixed_build(&m, &setup, *(const mixed_options *)*state);
  mixed_run(&m, 1000);
  quell_recording all = recording_of(m.spikes[0]), some = recording_of(m.others[5]);
  quell_recording rate = recording_of(m.others[1]);
  size_t found = 0;
  for (size_t i = 0; i < all.samples; i++) {
    int is_chosen = 0;
    for (size_t k = 0; k < COUNT(chosen); k++) is_chosen |= all.ids[i] == chosen[k];
    if (!is_chosen) continue;
    assert_true(found < some.samples);
    assert_true(some.ids[found] == all.ids[i] && some.stamps[found] == all.stamps[i]);
    found++;
  }
  assert_int_equal(found, some.samples);
  assert_int_equal(rate.samples, 1000 / EVERY);
  for (size_t k = 0; k < rate.samples; k++) {
    uint64_t count = 0, end = (k + 1) * EVERY; /* (end - interval, end] */
    for (size_t i = 0; i < all.samples; i++)
      count += all.stamps[i] > end - EVERY && all.stamps[i] <= end;
    assert_int_equal(rate.stamps[k], end);
    assert_true(fabs((double)rate.values[k] - (double)count / 301 / 0.0016) < 1e-3);
  }
  mixed_close(&m);
}

/* A view of projection p as a bench, so that bench_check() can compare it. */
static void check_projection(const mixed *m, size_t p, const train *trains, const float *initial) {
  eager_change changes[32];
  bench b = {.setup = m->setup,
             .dt = 0.1,
             .start = m->setup->start,
             .network = m->network,
             .synapses = m->projections[p]};
  size_t n = mixed_changes(p, changes, COUNT(changes));
  quell_projection_info info = QUELL_PROJECTION_INFO_INIT;
  const quell_population *of[] = {m->exc, m->inh, m->noise, m->source};
  OK(quell_projection_describe(b.synapses, &info));
  for (size_t i = 0; i < COUNT(of); i++) {
    if (of[i] == info.pre) b.pre_spikes = &trains[i];
    if (of[i] == info.post) b.post_spikes = &trains[i];
  }
  if (!b.pre_spikes || !b.post_spikes) return; /* the host's neurons are not recorded */
  bench_check(&b, &mixed_rules[m->rule_of[p]], changes, n, initial, setup_name(m->setup));
}

/* L1b: batches as long as the delay, post spikes inside them, changes on the way. The spikes are
 * the network's own, the weights must be what the rules make of them. */
static void weights_follow_from_the_recorded_spikes(void **state) {
  const mixed_options *options = *state;
  const setup *run = quick() ? &setups[1] : &setups[0];
  float *initial[MIXED_PROJECTIONS] = {NULL};
  train trains[4];
  mixed m;
  mixed_build(&m, run, *options);
  for (size_t p = 0; p < m.n_projections; p++) {
    uint64_t n = quell_projection_size(m.projections[p]);
    initial[p] = must_alloc(n, sizeof *initial[p]);
    OK(quell_projection_get(m.projections[p], "weight", 0, n, initial[p]));
  }
  mixed_run(&m, 1600); /* the last change is at 1400 */
  for (size_t i = 0; i < 4; i++) trains[i] = recorded_train(&m, i);
  for (size_t p = 0; p < m.n_projections; p++) {
    if (m.rule_of[p] >= 0) check_projection(&m, p, trains, initial[p]);
    free(initial[p]);
  }
  for (size_t i = 0; i < 4; i++) train_free(&trains[i]);
  mixed_close(&m);
}

/* Batches that the delays would allow to be longer than the whole horizon. */
static uint64_t run_long_batches(const setup *setup) {
  const quell_value drive = {"i_offset", 140}, quick_traces[] = {{"tau_plus", 5}, {"a_plus", 0.1}};
  quell_connection c = QUELL_CONNECTION_INIT;
  quell_population *p;
  quell_rule *rule;
  quell_projection *synapses;
  double v[80];
  quell_network *net = open_network(setup);
  for (size_t i = 0; i < COUNT(v); i++) v[i] = -60 + 0.125 * (double)i;
  OK(quell_population_create(net, "p", "lif_curr_exp", COUNT(v), &drive, 1, &p));
  OK(quell_population_set_array(p, "v", 0, COUNT(v), v));
  OK(quell_rule_create(net, "stdp_pair", quick_traces, 2, &rule));
  c.kind = QUELL_FIXED_PROBABILITY;
  c.p = 0.3;
  c.weight = (quell_distribution){QUELL_UNIFORM, 0, 0, 1, 0, 0, NULL, 0};
  c.delay_axonal = (quell_distribution){QUELL_CONSTANT, 0, 20, 0, 0, 0, NULL, 0};
  OK(quell_connect(net, p, p, "inhibitory", &c, rule, &synapses));
  advance(net, setup, 6000, NULL, NULL);
  uint64_t hash = digest_weights(digest_state(DIGEST, p, "v"), synapses);
  quell_network_destroy(&net);
  return hash;
}

static void batches_longer_than_the_horizon_give_the_same_bits(void **state) {
  const setup base = {0}, others[] = {{.horizon = 64},
                                      {.horizon = 64, .cut = CUT_PIECES},
                                      {.horizon = 256, .tile_size = 64},
                                      {.cut = CUT_STEPS}};
  uint64_t want = run_long_batches(&base);
  for (size_t i = 0; i < COUNT(others); i++)
    if (run_long_batches(&others[i]) != want)
      fail_msg("other bits with %s", setup_name(&others[i]));
  (void)state;
}

#define BOTH(test)                                                                                 \
  {#test ", short delays", test, NULL, NULL, (void *)(uintptr_t)&short_delays}, {                  \
#test ", long delays", test, NULL, NULL, (void *)(uintptr_t)&long_delays                       \
  }

int main(void) {
  const struct CMUnitTest tests[] = {
      BOTH(network_is_active_and_learns),
      cmocka_unit_test(other_seed_gives_other_bits),
      BOTH(every_configuration_gives_the_same_bits),
      BOTH(recorders_change_nothing),
      BOTH(start_clock_shifts_the_stamps_and_nothing_else),
      BOTH(late_start_gives_the_same_bits_in_every_configuration),
      cmocka_unit_test(networks_in_one_process_do_not_touch),
      cmocka_unit_test(batches_longer_than_the_horizon_give_the_same_bits),
      BOTH(samples_are_what_is_read_at_their_clock),
      BOTH(rates_and_chosen_spikes_are_those_of_all_spikes),
      BOTH(weights_follow_from_the_recorded_spikes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

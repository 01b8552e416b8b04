/* Stamps, delays and cuts: what happens on which step. */
#include "support/bench.h"
#include "support/check.h"
#include "support/setup.h"
#include <math.h>
#include <stdlib.h>

/* An external pre neuron, an external post neuron, and a static synapse of weight 3. */
typedef struct line {
  quell_network *net;
  quell_population *pre, *post;
  quell_projection *synapse;
} line;

static const setup plain = {0};

static void open_line(line *l, const setup *setup, double axonal, double dendritic) {
  quell_connection c = QUELL_CONNECTION_INIT;
  l->net = open_network(setup);
  OK(quell_population_create(l->net, "pre", "external", 1, NULL, 0, &l->pre));
  OK(quell_population_create(l->net, "post", "external", 3, NULL, 0, &l->post));
  c.kind = QUELL_ALL_TO_ALL;
  c.weight = (quell_distribution){QUELL_CONSTANT, 0, 3, 0, 0, 0, NULL, 0};
  c.delay_axonal = (quell_distribution){QUELL_CONSTANT, 0, axonal, 0, 0, 0, NULL, 0};
  c.delay_dendritic = (quell_distribution){QUELL_CONSTANT, 0, dendritic, 0, 0, 0, NULL, 0};
  OK(quell_connect(l->net, l->pre, l->post, "inhibitory", &c, NULL, &l->synapse));
}

static float input_of(const quell_population *p, const char *receptor) {
  const float *input;
  uint32_t n;
  OK(quell_population_input(p, receptor, &input, &n));
  assert_true(n > 0);
  return input[0];
}

/* A second projection, with other delays, onto the other receptor: rings with room for several
 * delays, where a wrong slot cannot wrap around to the right one. */
static void connect_spread(line *l, uint64_t least, const uint64_t *more) {
  const uint32_t pre[3] = {0, 0, 0}, post[3] = {0, 1, 2};
  double delay[3];
  quell_projection *p;
  quell_connection c = QUELL_CONNECTION_INIT;
  for (size_t i = 0; i < 3; i++) delay[i] = 0.1 * (double)(least + more[i]);
  c.kind = QUELL_LIST;
  c.pre = pre;
  c.post = post;
  c.n = 3;
  c.delay = (quell_distribution){QUELL_ARRAY, 0, 0, 0, 0, 0, delay, 3};
  OK(quell_connect(l->net, l->pre, l->post, "excitatory", &c, NULL, &p));
}

static const uint64_t stamps[] = {0, 1, 50, 63, 64, 1000};

/* 1 if a spike of the list arrives in this step. */
static int arrives(uint64_t step, uint64_t delay) {
  for (size_t i = 0; i < COUNT(stamps); i++)
    if (stamps[i] + delay == step) return 1;
  return 0;
}

static void check_arrivals(const setup *setup, uint64_t axonal, uint64_t dendritic,
                           uint64_t least) {
  const uint64_t more[3] = {0, 5, 16};
  const uint32_t zero = 0;
  line l;
  open_line(&l, setup, 0.1 * (double)axonal, 0.1 * (double)dendritic);
  connect_spread(&l, least, more);
  for (uint64_t step = 0; step < 2100; step++) {
    const float *inhibitory, *excitatory;
    uint32_t n;
    if (arrives(step, 0)) OK(quell_population_spikes_in(l.pre, &zero, 1));
    OK(quell_step(l.net)); /* consumes the input of this step */
    OK(quell_population_input(l.post, "inhibitory", &inhibitory, &n));
    OK(quell_population_input(l.post, "excitatory", &excitatory, &n));
    for (uint32_t j = 0; j < n; j++)
      if (inhibitory[j] != 3.0f * (float)arrives(step, axonal + dendritic) ||
          excitatory[j] != (float)arrives(step, least + more[j]))
        fail_msg("delay %d + %d beside %d: wrong input in step %d", (int)axonal, (int)dendritic,
                 (int)least, (int)step);
  }
  quell_network_destroy(&l.net);
}

static void spike_arrives_after_both_delays(void **state) {
  const uint64_t delays[][2] = {{0, 0},  {1, 0},   {0, 1},  {1, 1},   {8, 0},
                                {0, 16}, {15, 16}, {37, 3}, {300, 0}, {1000, 2}};
  const uint64_t least[] = {0, 1, 25};
  const setup setups[] = {
      {0}, {.start = ((uint64_t)1 << 32) - 500}, {.tile_size = 64, .horizon = 64}};
  for (size_t d = 0; d < COUNT(delays); d++)
    for (size_t i = 0; i < COUNT(least); i++)
      for (size_t k = 0; k < COUNT(setups); k++)
        check_arrivals(&setups[k], delays[d][0], delays[d][1], least[i]);
  (void)state;
}

/* The same inside batches of several steps, seen by a recorder: the sample of clock s + 1 is the
 * first to show what arrived in step s. */
static void spike_arrives_inside_batches(void **state) {
  const double delay[] = {0.8, 1.1, 2.4, 0.9};
  const uint32_t pre[] = {0, 0, 0, 1}, post[] = {0, 1, 2, 3}, neurons[] = {0, 1};
  const double times[] = {1.3, 2.0};
  const uint64_t first[] = {13 + 8 + 1, 13 + 11 + 1, 13 + 24 + 1, 20 + 9 + 1};
  quell_network *net = open_network(&plain);
  quell_population *source, *cells;
  quell_projection *p;
  quell_recorder *recorder;
  quell_recording r = QUELL_RECORDING_INIT;
  quell_connection c = QUELL_CONNECTION_INIT;
  OK(quell_population_create(net, "source", "spike_source", 2, NULL, 0, &source));
  OK(quell_population_create(net, "cells", "lif_curr_exp", 4, NULL, 0, &cells));
  OK(quell_population_set_spikes(source, neurons, times, 2));
  c.kind = QUELL_LIST;
  c.pre = pre;
  c.post = post;
  c.n = 4;
  c.delay = (quell_distribution){QUELL_ARRAY, 0, 0, 0, 0, 0, delay, 4};
  OK(quell_connect(net, source, cells, "excitatory", &c, NULL, &p));
  OK(quell_record_state(cells, "i_exc", NULL, &recorder));
  OK(quell_run_steps(net, 100));
  OK(quell_recorder_read(recorder, &r));
  assert_int_equal(r.samples, 100);
  assert_int_equal(r.width, 4);
  for (size_t i = 0; i < r.samples; i++) {
    assert_int_equal(r.stamps[i], i);
    for (size_t j = 0; j < 4; j++) assert_int_equal(r.values[i * 4 + j] > 0.0f, i >= first[j]);
  }
  quell_network_destroy(&net);
  (void)state;
}

/* Whatever order the host names them in: else the sums of weights would depend on it. */
static void order_of_the_hosts_spikes_does_not_matter(void **state) {
  const uint32_t orders[2][6] = {{4, 0, 3, 3, 1, 2}, {3, 1, 2, 4, 3, 0}}, *out;
  const uint32_t sorted[] = {0, 1, 2, 3, 3, 4};
  const double weight[] = {0.1, 1e6, 0.3, 7e-5, 12.7};
  float sum[2];
  for (size_t i = 0; i < 2; i++) {
    quell_network *net = open_network(&plain);
    quell_population *pre, *post;
    quell_projection *p;
    quell_connection c = QUELL_CONNECTION_INIT;
    size_t n;
    OK(quell_population_create(net, "pre", "external", 5, NULL, 0, &pre));
    OK(quell_population_create(net, "post", "external", 1, NULL, 0, &post));
    c.kind = QUELL_ALL_TO_ALL;
    c.weight = (quell_distribution){QUELL_ARRAY, 0, 0, 0, 0, 0, weight, 5};
    OK(quell_connect(net, pre, post, "excitatory", &c, NULL, &p));
    OK(quell_population_spikes_in(pre, orders[i], 2));
    OK(quell_population_spikes_in(pre, orders[i] + 2, 4));
    OK(quell_population_spikes_out(pre, &out, &n));
    assert_int_equal(n, 6);
    assert_memory_equal(out, sorted, sizeof sorted);
    OK(quell_step(net));
    sum[i] = input_of(post, "excitatory");
    quell_network_destroy(&net);
  }
  assert_true(sum[0] == sum[1]);
  (void)state;
}

/* Users' trap 9: to the nearest step, alike for the synapse and what is read back. */
static void delays_are_rounded_to_the_nearest_step(void **state) {
  const struct {
    double delay;
    float read;
    quell_status status;
  } cases[] = {{0.14, 0.1f, QUELL_OK},       {0.17, 0.2f, QUELL_OK},   {0, 0, QUELL_OK},
               {1.0000000001, 1, QUELL_OK},  {0.04, 0, QUELL_E_RANGE}, {-0.1, 0, QUELL_E_RANGE},
               {INFINITY, 0, QUELL_E_RANGE}, {NAN, 0, QUELL_E_RANGE}};
  for (size_t i = 0; i < COUNT(cases); i++) {
    line l;
    float read = -1;
    quell_projection *p = NULL;
    quell_connection c = QUELL_CONNECTION_INIT;
    open_line(&l, &plain, 0, 0);
    c.kind = QUELL_ALL_TO_ALL;
    c.delay = (quell_distribution){QUELL_CONSTANT, 0, cases[i].delay, 0, 0, 0, NULL, 0};
    GIVES(cases[i].status, quell_connect(l.net, l.pre, l.post, "excitatory", &c, NULL, &p));
    if (cases[i].status == QUELL_OK) {
      OK(quell_projection_get(p, "delay", 0, 1, &read));
      assert_true(fabsf(read - cases[i].read) < 1e-6f);
    }
    quell_network_destroy(&l.net);
  }
  (void)state;
}

/* Users' trap 12: spikes at step 0 and with the stamp of the last step count, once each. */
static void first_and_last_spikes_count_once(void **state) {
  for (uint64_t cut = 0; cut <= 10; cut++) {
    quell_population *source;
    quell_recorder *recorder;
    quell_recording r = QUELL_RECORDING_INIT;
    quell_network *net = open_network(&plain);
    const uint32_t neurons[] = {1, 0, 2, 1}, *out;
    const double times[] = {1.0, 0.1, 0.5, 1.1};
    size_t n;
    OK(quell_population_create(net, "source", "spike_source", 3, NULL, 0, &source));
    OK(quell_record_spikes(source, NULL, &recorder));
    OK(quell_population_set_spikes(source, neurons, times, 4));
    OK(quell_run_steps(net, cut));
    OK(quell_run_steps(net, 10 - cut));
    OK(quell_population_spikes_out(source, &out, &n)); /* stamp 10, still to be handled */
    assert_int_equal(n, 1);
    assert_int_equal(out[0], 1);
    OK(quell_run_steps(net, 10));
    OK(quell_recorder_read(recorder, &r));
    assert_int_equal(r.samples, 4);
    const uint64_t stamps[] = {1, 5, 10, 11};
    const uint32_t ids[] = {0, 2, 1, 1};
    assert_memory_equal(r.stamps, stamps, sizeof stamps);
    assert_memory_equal(r.ids, ids, sizeof ids);
    quell_network_destroy(&net);
  }
  (void)state;
}

static void spike_of_the_host_at_step_zero_is_recorded_and_learnt_from(void **state) {
  const eager_rule rule = {EAGER_PAIR, .a_plus = 0.1, .tau_plus = 20, .tau_minus = 20, .w_max = 1};
  quell_value values[EAGER_MAX_VALUES];
  size_t n = eager_values(&rule, values);
  const uint32_t zero = 0;
  line l;
  quell_rule *pair;
  quell_projection *learns;
  quell_recorder *recorder;
  quell_recording r = QUELL_RECORDING_INIT;
  quell_connection c = QUELL_CONNECTION_INIT;
  float w;
  open_line(&l, &plain, 0, 0);
  c.kind = QUELL_ALL_TO_ALL;
  c.weight = (quell_distribution){QUELL_CONSTANT, 0, 0.5, 0, 0, 0, NULL, 0};
  OK(quell_rule_create(l.net, "stdp_pair", values, n, &pair));
  OK(quell_connect(l.net, l.pre, l.post, "excitatory", &c, pair, &learns));
  OK(quell_record_spikes(l.pre, NULL, &recorder));
  OK(quell_population_spikes_in(l.pre, &zero, 1));
  OK(quell_population_spikes_in(l.post, &zero, 1));
  OK(quell_step(l.net));
  assert_true(input_of(l.post, "excitatory") == 0.5f); /* before the post event */
  OK(quell_projection_get(learns, "weight", 0, 1, &w));
  CLOSE((double)w, 0.6, 1, "pre first", 0);
  OK(quell_recorder_read(recorder, &r));
  assert_int_equal(r.samples, 1);
  assert_int_equal(r.stamps[0], 0);
  quell_network_destroy(&l.net);
  (void)state;
}

/* Users' trap 10. */
static void several_spikes_in_one_step_all_count(void **state) {
  line l;
  quell_population *source;
  quell_recorder *recorder;
  quell_recording r = QUELL_RECORDING_INIT;
  quell_projection *p;
  quell_connection c = QUELL_CONNECTION_INIT;
  const uint32_t twice[] = {0, 0}, zeros[] = {0, 0, 0}, *out;
  const double times[] = {0.3, 0.31, 0.29};
  size_t n;
  open_line(&l, &plain, 0, 0);
  OK(quell_population_create(l.net, "source", "spike_source", 1, NULL, 0, &source));
  c.kind = QUELL_ALL_TO_ALL;
  OK(quell_connect(l.net, source, l.post, "excitatory", &c, NULL, &p));
  OK(quell_population_set_spikes(source, zeros, times, 3));
  OK(quell_record_spikes(source, NULL, &recorder));
  OK(quell_population_spikes_in(l.pre, twice, 2));
  OK(quell_population_spikes_in(l.pre, twice, 1)); /* several calls add up */
  OK(quell_population_spikes_out(l.pre, &out, &n));
  assert_int_equal(n, 3);
  OK(quell_step(l.net));
  assert_true(input_of(l.post, "inhibitory") == 9.0f);
  for (int i = 0; i < 3; i++) OK(quell_step(l.net));
  assert_true(input_of(l.post, "excitatory") == 3.0f);
  OK(quell_recorder_read(recorder, &r));
  assert_int_equal(r.samples, 3);
  assert_int_equal(r.stamps[2], 3);
  quell_network_destroy(&l.net);
  (void)state;
}

static void durations_off_the_grid_are_refused(void **state) {
  const double bad[] = {0.05, -1, NAN, INFINITY, 0.1 + 1e-4, 1e300};
  line l;
  open_line(&l, &plain, 0, 0);
  OK(quell_population_on_step(l.post, feed, &(feeder){l.post, &(train){NULL, 0, 0}, 0, 0}));
  for (size_t i = 0; i < COUNT(bad); i++) GIVES(QUELL_E_RANGE, quell_run(l.net, bad[i]));
  assert_int_equal(quell_network_clock(l.net), 0);
  assert_true(quell_network_error(l.net)[0] != '\0');
  OK(quell_run(l.net, 0));
  OK(quell_run(l.net, 0.1 + 0.2)); /* 0.30000000000000004 */
  OK(quell_run(l.net, 123.4));
  assert_int_equal(quell_network_clock(l.net), 3 + 1234);
  assert_true(fabs(quell_network_time(l.net) - 123.7) < 1e-9);
  GIVES(QUELL_E_RANGE, quell_run_steps(l.net, (uint64_t)1 << 53));
  GIVES(QUELL_E_RANGE, quell_run_steps(l.net, UINT64_MAX));
  assert_int_equal(quell_network_clock(l.net), 1237);
  quell_network_destroy(&l.net);
  (void)state;
}

static void first_step_fixes_the_topology(void **state) {
  line l;
  quell_population *late;
  quell_projection *p;
  quell_connection c = QUELL_CONNECTION_INIT;
  c.kind = QUELL_ALL_TO_ALL;
  open_line(&l, &plain, 0, 0);
  OK(quell_run_steps(l.net, 0));
  GIVES(QUELL_E_STATE, quell_population_create(l.net, "late", "poisson", 1, NULL, 0, &late));
  GIVES(QUELL_E_STATE, quell_connect(l.net, l.pre, l.post, "excitatory", &c, NULL, &p));
  GIVES(QUELL_E_STATE, quell_run_steps(l.net, 2)); /* the host's neurons would miss a step */
  OK(quell_run_steps(l.net, 1));
  quell_network_destroy(&l.net);
  (void)state;
}

/* The course acts on its step, as the same change by hand does. */
static void schedule_acts_on_its_step(void **state) {
  const double times[] = {1.0, 2.04, 3.0}, currents[] = {100, -50, 75};
  const uint64_t steps[] = {10, 20, 30};
  quell_population *a, *b;
  quell_network *one = open_network(&plain), *two = open_network(&plain);
  size_t next = 0;
  OK(quell_population_create(one, "a", "lif_curr_exp", 3, NULL, 0, &a));
  OK(quell_population_create(two, "b", "lif_curr_exp", 3, NULL, 0, &b));
  OK(quell_population_schedule(a, "i_offset", times, 3, currents, 3));
  for (uint64_t step = 0; step < 50; step++) {
    double v[2], i_offset;
    quell_value value = {"i_offset", next < 3 ? currents[next] : 0};
    if (next < 3 && steps[next] == step) {
      OK(quell_population_set(b, &value, 1));
      next++;
    }
    OK(quell_step(one));
    OK(quell_step(two));
    OK(quell_population_get(a, "v", 2, 1, &v[0]));
    OK(quell_population_get(b, "v", 2, 1, &v[1]));
    assert_true(v[0] == v[1]);
    assert_int_equal(step < 10, v[0] == -60); /* the first change moves v at the end of step 10 */
    if (step == 24) {
      OK(quell_population_get(a, "i_offset", 0, 1, &i_offset));
      assert_true(i_offset == -50);
    }
  }
  quell_network_destroy(&one);
  quell_network_destroy(&two);
  (void)state;
}

/* Host neurons under quell_run() and by hand: same spikes handed in, same input seen. */
typedef struct host {
  line line;
  uint64_t calls, hash;
} host;

static void on_step(void *context) {
  host *h = context;
  const uint32_t zero = 0;
  float input = input_of(h->line.post, "inhibitory");
  assert_int_equal(quell_network_clock(h->line.net), h->calls);
  h->hash = digest(h->hash, &input, sizeof input);
  if (h->calls % 7 == 0 || input > 0) OK(quell_population_spikes_in(h->line.pre, &zero, 1));
  h->calls++;
}

static void callback_equals_stepping_by_hand(void **state) {
  host runs = {{0}, 0, DIGEST}, steps = runs;
  open_line(&runs.line, &plain, 0.3, 0.2);
  open_line(&steps.line, &plain, 0.3, 0.2);
  OK(quell_population_on_step(runs.line.post, on_step, NULL));
  OK(quell_population_on_step(runs.line.post, NULL, NULL));
  GIVES(QUELL_E_STATE, quell_run_steps(runs.line.net, 5)); /* post receives input, unattended */
  quell_network_destroy(&runs.line.net);
  open_line(&runs.line, &plain, 0.3, 0.2);
  OK(quell_population_on_step(runs.line.post, on_step, &runs));
  OK(quell_run_steps(runs.line.net, 300));
  assert_int_equal(runs.calls, 300);
  for (int i = 0; i < 300; i++) {
    on_step(&steps);
    OK(quell_step(steps.line.net));
  }
  assert_int_equal(runs.hash, steps.hash);
  assert_true(input_of(runs.line.post, "inhibitory") == input_of(steps.line.post, "inhibitory"));
  quell_network_destroy(&runs.line.net);
  quell_network_destroy(&steps.line.net);
  (void)state;
}

/* What a callback of a running network may not do is refused, and breaks nothing. */
static void intrude(void *context) {
  line *l = context;
  quell_value value = {"eta", 1};
  quell_network *network = l->net;
  GIVES(QUELL_E_STATE, quell_step(l->net));
  GIVES(QUELL_E_STATE, quell_run(l->net, 1));
  GIVES(QUELL_E_STATE, quell_population_set(l->pre, &value, 1));
  GIVES(QUELL_E_STATE, quell_network_learning(l->net, 0));
  quell_network_destroy(&network); /* ignored */
}

static void callbacks_cannot_enter_the_network(void **state) {
  line l;
  open_line(&l, &plain, 0, 0);
  OK(quell_population_on_step(l.post, intrude, &l));
  OK(quell_run_steps(l.net, 3));
  assert_int_equal(quell_network_clock(l.net), 3);
  quell_network_destroy(&l.net);
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(spike_arrives_after_both_delays),
      cmocka_unit_test(spike_arrives_inside_batches),
      cmocka_unit_test(order_of_the_hosts_spikes_does_not_matter),
      cmocka_unit_test(delays_are_rounded_to_the_nearest_step),
      cmocka_unit_test(first_and_last_spikes_count_once),
      cmocka_unit_test(spike_of_the_host_at_step_zero_is_recorded_and_learnt_from),
      cmocka_unit_test(several_spikes_in_one_step_all_count),
      cmocka_unit_test(durations_off_the_grid_are_refused),
      cmocka_unit_test(first_step_fixes_the_topology),
      cmocka_unit_test(schedule_acts_on_its_step),
      cmocka_unit_test(callback_equals_stepping_by_hand),
      cmocka_unit_test(callbacks_cannot_enter_the_network),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

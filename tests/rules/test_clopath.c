/* The voltage rule against an eager reference, on voltages that the host makes and that neurons
 * make. */
#include "rules/clamp.h"
#include "support/random.h"
#include <math.h>
#include <stdlib.h>

enum {
  A_LTD,
  A_LTP,
  THETA_MINUS,
  THETA_PLUS,
  TAU_X,
  TAU_MINUS,
  TAU_PLUS,
  LAG,
  U_REF2,
  U_REST,
  TAU_SQUARE,
  V_SPIKE,
  T_SPIKE,
  W_MIN,
  W_MAX
};

/* The eager reference: one synapse and its cell, every step. */

typedef struct eager_cell {
  const double *p;
  double dt, minus, plus, square;
  double *old_minus, *old_plus; /* by step */
  uint64_t begun;               /* steps since the first voltage */
  uint64_t spiking;
  double signal, drive;
} eager_cell;

static eager_cell open_cell(const double *p, double dt, uint64_t steps) {
  return (eager_cell){.p = p,
                      .dt = dt,
                      .old_minus = must_alloc(steps + 2, sizeof(double)),
                      .old_plus = must_alloc(steps + 2, sizeof(double))};
}

static void close_cell(eager_cell *c) {
  free(c->old_minus);
  free(c->old_plus);
}

static void step_cell(eager_cell *c, double u, int fires) {
  const double *p = c->p;
  uint64_t lag = (uint64_t)llround(p[LAG] / c->dt), k = c->begun++;
  if (fires) c->spiking = (uint64_t)llround(p[T_SPIKE] / c->dt);
  if (c->spiking) {
    u = (double)(float)p[V_SPIKE];
    c->spiking--;
  }
  if (k == 0) c->minus = c->plus = u;
  c->old_minus[k] = c->minus;
  c->old_plus[k] = c->plus;
  double factor = p[U_REF2] > 0 ? c->square / p[U_REF2] : 1;
  c->signal = k < lag ? 0 : factor * above(c->old_minus[k - lag], p[THETA_MINUS]);
  c->drive = k < lag ? 0
                     : p[A_LTP] * c->dt / p[TAU_X] * above(u, p[THETA_PLUS]) *
                           above(c->old_plus[k - lag], p[THETA_MINUS]);
  c->minus += (u - c->minus) * (1 - exp(-c->dt / p[TAU_MINUS]));
  c->plus += (u - c->plus) * (1 - exp(-c->dt / p[TAU_PLUS]));
  c->square += (pow(u - p[U_REST], 2) - c->square) * (1 - exp(-c->dt / p[TAU_SQUARE]));
}

typedef struct eager_synapse {
  double w, x;
  uint32_t pre, post;
  const uint64_t *arrival;
  size_t n, next;
} eager_synapse;

static double bounded(const double *p, double w) {
  return w < p[W_MIN] ? p[W_MIN] : w > p[W_MAX] ? p[W_MAX] : w;
}

/* The drive of a stamp comes before its arrivals. */
static void drive_synapse(eager_synapse *s, const eager_cell *c, int learns) {
  s->x *= exp(-c->dt / c->p[TAU_X]);
  if (learns) s->w = bounded(c->p, s->w + s->x * c->drive);
}

static void arrive_at_synapse(eager_synapse *s, const eager_cell *c, uint64_t step, int learns) {
  for (; s->next < s->n && s->arrival[s->next] == step; s->next++) {
    if (learns) s->w = bounded(c->p, s->w - c->p[A_LTD] * c->signal);
    s->x++;
  }
}

/* Random voltages: a walk around rest, plateaus, and upswings of a few steps. */

typedef struct voltage {
  random_state random;
  double v, left;
} voltage;

static double next_voltage(voltage *s) {
  s->v += 0.05 * (-65 - s->v) + 4 * (random_uniform(&s->random) - 0.5);
  if (s->left > 0) {
    s->left--;
    return (double)(float)(s->left > 20 ? s->v + 25 : 30);
  }
  if (random_uniform(&s->random) < 0.004) s->left = random_below(&s->random, 40);
  return (double)(float)s->v;
}

enum { PRES = 6, POSTS = 70, SYNAPSES = 300 };

typedef struct random_case {
  const char *what, *preset;
  quell_value own[10];
  size_t n_own;
  double dt;
  uint64_t steps;
} random_case;

static const random_case random_cases[] = {
    {"visual cortex", "visual_cortex", {{NULL, 0}}, 0, 0.1, 20000},
    {"hippocampus", "hippocampus", {{"theta_minus", -66}, {"theta_plus", -60}}, 2, 0.1, 20000},
    {"homeostasis", "receptive_field", {{"lag", 2.5}, {"tau_square", 300}}, 2, 0.1, 20000},
    {"windows of 6 ms", "visual_cortex", {{"tau_x", 3}, {"a_ltp", 4e-4}}, 2, 0.1, 20000},
    {"long traces", "visual_cortex", {{"tau_x", 900}, {"a_ltp", 1e-3}}, 2, 0.1, 20000},
    {"narrow bounds",
     "visual_cortex",
     {{"a_ltp", 3e-3}, {"a_ltd", 6e-3}, {"w_min", 0.2}, {"w_max", 0.6}},
     4,
     0.1,
     20000},
    {"Hodgkin-Huxley", "hodgkin_huxley_nest", {{"lag", 0}}, 1, 0.1, 20000},
    {"seconds of silence", "visual_cortex", {{"lag", 3}}, 1, 1, 40000},
};

/* Pre neuron 0 is silent but for two spikes far apart, the last one fires in bursts, several times
 * in a step. */
static void make_arrivals(train *t, uint64_t steps) {
  train_add(t, 40, 0);
  train_add(t, steps - 300, 0);
  for (uint32_t i = 1; i < PRES - 1; i++) train_poisson(t, i, 0.002 * i, 1, steps, 5);
  for (uint64_t step = 500; step < steps; step += 1700)
    for (uint64_t k = 0; k < 10; k++) train_add(t, step + k * (k % 3), PRES - 1);
  train_sort(t);
}

static quell_connection wire(random_state *random, uint32_t *pre, uint32_t *post, double *w,
                             double *axonal, double dt, double low, double high) {
  quell_connection c = QUELL_CONNECTION_INIT;
  for (uint32_t i = 0; i < SYNAPSES; i++) {
    pre[i] = random_below(random, PRES);
    post[i] = random_below(random, POSTS);
    w[i] = low + (high - low) * random_uniform(random);
    axonal[i] = dt * (pre[i] % 3 * 4);
  }
  c.kind = QUELL_LIST;
  c.pre = pre, c.post = post, c.n = SYNAPSES;
  c.weight = (quell_distribution){QUELL_ARRAY, 0, 0, 0, 0, 0, w, SYNAPSES};
  c.delay_axonal = (quell_distribution){QUELL_ARRAY, 0, 0, 0, 0, 0, axonal, SYNAPSES};
  c.delay_dendritic = (quell_distribution){QUELL_CONSTANT, 0, 6 * dt, 0, 0, 0, NULL, 0};
  return c;
}

static eager_synapse *open_synapses(const quell_projection *part, const train *arrivals,
                                    double dt) {
  eager_synapse *at = must_alloc(SYNAPSES, sizeof *at);
  uint32_t pre[SYNAPSES], post[SYNAPSES];
  float w[SYNAPSES], axonal[SYNAPSES];
  OK(quell_projection_endpoints(part, 0, SYNAPSES, pre, post));
  OK(quell_projection_get(part, "weight", 0, SYNAPSES, w));
  OK(quell_projection_get(part, "delay_axonal", 0, SYNAPSES, axonal));
  for (size_t i = 0; i < SYNAPSES; i++) {
    at[i] = (eager_synapse){.w = (double)w[i], .pre = pre[i], .post = post[i]};
    at[i].arrival = train_of(arrivals, pre[i], (uint64_t)llround((double)axonal[i] / dt), &at[i].n);
  }
  return at;
}

static void close_synapses(eager_synapse *at) {
  for (size_t i = 0; i < SYNAPSES; i++) free((void *)(uintptr_t)at[i].arrival);
  free(at);
}

static void check_synapses(const quell_projection *part, const eager_synapse *at, double w_max,
                           const char *what) {
  float w[SYNAPSES];
  OK(quell_projection_get(part, "weight", 0, SYNAPSES, w));
  for (size_t i = 0; i < SYNAPSES; i++) CLOSE((double)w[i], at[i].w, w_max, what, i);
}

/* Learning is off from 0.4 to 0.5 of the time; a_ltp is halved at 0.7. */
static void any_voltage_gives_the_reference(void **state) {
  const random_case *k = *state;
  const setup setups[] = {{.dt = k->dt},
                          {.dt = k->dt,
                           .tile_size = 64,
                           .horizon = 256,
                           .block_size = 16,
                           .start = ((uint64_t)1 << 32) - 10000}};
  quell_value values[RULE_PARAMS];
  double p[RULE_PARAMS], w[SYNAPSES], axonal[SYNAPSES];
  uint32_t pre[SYNAPSES], post[SYNAPSES];
  size_t n = rule_values("clopath2010", k->preset, k->own, k->n_own, values);
  train t = {NULL, 0, 0};
  make_arrivals(&t, k->steps);
  for (size_t s = 0; s < COUNT(setups); s++) {
    random_state random = {77};
    clamp c;
    double v[POSTS];
    voltage source[POSTS];
    eager_cell cell[POSTS];
    int learns = 1;
    for (size_t i = 0; i < n; i++) p[i] = values[i].value;
    double high = fmin(p[W_MAX], 1);
    quell_connection connection = wire(&random, pre, post, w, axonal, k->dt, p[W_MIN], high);
    open_clamp(&c, &setups[s], values, n, PRES, &t, POSTS, &connection);
    eager_synapse *at = open_synapses(c.part, &t, k->dt);
    for (uint32_t j = 0; j < POSTS; j++) {
      source[j] = (voltage){{j + 1}, -65, 0};
      cell[j] = open_cell(p, k->dt, k->steps);
    }
    for (uint64_t step = 0; step < k->steps; step++) {
      if (step == k->steps / 10 * 4 || step == k->steps / 10 * 5) {
        learns = !learns;
        OK(quell_projection_learning(c.part, learns));
      }
      if (step == k->steps / 10 * 7) {
        p[A_LTP] /= 2;
        OK(quell_rule_set(c.rule, &(quell_value){"a_ltp", p[A_LTP]}, 1));
      }
      for (uint32_t j = 0; j < POSTS; j++) {
        v[j] = next_voltage(&source[j]);
        if (step) step_cell(&cell[j], v[j], 0);
      }
      step_clamp(&c, v);
      for (size_t i = 0; i < SYNAPSES; i++) {
        drive_synapse(&at[i], &cell[at[i].post], learns);
        arrive_at_synapse(&at[i], &cell[at[i].post], step, learns);
      }
      if (step % (k->steps / 20) == 13) check_synapses(c.part, at, p[W_MAX], k->what);
    }
    check_synapses(c.part, at, p[W_MAX], k->what);
    for (uint32_t j = 0; j < POSTS; j++) close_cell(&cell[j]);
    close_synapses(at);
    quell_network_destroy(&c.network);
  }
  train_free(&t);
}

/* Neurons with a threshold and no upswing, which the rule adds; recorded voltages and spikes go
 * into the reference. Cuts, reads, tiles, orders and threads change no bit. */

typedef struct cells {
  quell_network *network;
  quell_population *pre, *post;
  quell_rule *rule;
  quell_projection *part;
  quell_recorder *v, *spikes;
} cells;

static const setup cell_setups[] = {
    {.dt = 0.1,
     .tile_size = 64,
     .horizon = 256,
     .block_size = 16,
     .executor = &executor_shuffled,
     .cut = CUT_PIECES},
    {.dt = 0.1},
    {.dt = 0.1, .threads = 2, .tile_size = 64},
    {.dt = 0.1, .block_size = 48, .executor = &executor_backwards, .cut = CUT_STEPS},
    {.dt = 0.1, .read = 1},
    {.dt = 0.1, .executor = &executor_threads, .tile_size = 64, .horizon = 128},
};

static void read_weights(void *context) {
  const cells *c = context;
  float w[SYNAPSES];
  OK(quell_projection_get(c->part, "weight", 0, SYNAPSES, w));
}

static uint64_t run_cells(const setup *setup, const train *t, uint64_t steps,
                          const quell_value *values, size_t n, int compare) {
  cells c;
  double p[RULE_PARAMS], w[SYNAPSES], axonal[SYNAPSES];
  uint32_t pre[SYNAPSES], post[SYNAPSES];
  random_state random = {78};
  uint64_t hash = DIGEST;
  for (size_t i = 0; i < n; i++) p[i] = values[i].value;
  memset(&c, 0, sizeof c);
  c.network = open_network(setup);
  OK(quell_population_create(c.network, "pre", "spike_source", PRES, NULL, 0, &c.pre));
  OK(quell_population_create(c.network, "post", "lif_cond_exp", POSTS, NULL, 0, &c.post));
  OK(quell_population_background(c.post, "excitatory", 3000, 1.5));
  OK(quell_rule_create(c.network, "clopath2010", values, n, &c.rule));
  quell_connection connection = wire(&random, pre, post, w, axonal, 0.1, 0, 1);
  OK(quell_connect(c.network, c.pre, c.post, "excitatory", &connection, c.rule, &c.part));
  give_spikes(c.pre, t, 0, 0.1);
  if (compare) OK(quell_record_state(c.post, "v", NULL, &c.v));
  if (compare) OK(quell_record_spikes(c.post, NULL, &c.spikes));
  eager_synapse *at = open_synapses(c.part, t, 0.1);
  for (int part = 0; part < 4; part++) {
    advance(c.network, setup, steps / 4, read_weights, &c);
    hash = digest_weights(hash, c.part);
  }
  hash = digest_state(hash, c.post, "v");
  if (compare) {
    quell_recording v = QUELL_RECORDING_INIT, spikes = QUELL_RECORDING_INIT;
    size_t next = 0, row = 0;
    double now[POSTS];
    eager_cell cell[POSTS];
    OK(quell_population_get(c.post, "v", 0, POSTS, now));
    OK(quell_recorder_read(c.v, &v));
    OK(quell_recorder_read(c.spikes, &spikes));
    assert_true(spikes.samples > 100);
    for (uint32_t j = 0; j < POSTS; j++) cell[j] = open_cell(p, 0.1, steps);
    for (uint64_t step = 0; step <= steps; step++) {
      while (row < v.samples && v.stamps[row] < step) row++;
      int fires[POSTS] = {0};
      for (; next < spikes.samples && spikes.stamps[next] <= step; next++)
        fires[spikes.ids[next]] = 1;
      for (uint32_t j = 0; j < POSTS && step; j++) {
        int last = step == steps; /* is not recorded yet */
        assert_true(last || (row < v.samples && v.stamps[row] == step));
        step_cell(&cell[j], last ? now[j] : (double)v.values[row * v.width + j], fires[j]);
      }
      for (size_t i = 0; i < SYNAPSES; i++) {
        drive_synapse(&at[i], &cell[at[i].post], 1);
        if (step < steps) arrive_at_synapse(&at[i], &cell[at[i].post], step, 1);
      }
    }
    check_synapses(c.part, at, p[W_MAX], "cells");
    for (uint32_t j = 0; j < POSTS; j++) close_cell(&cell[j]);
  }
  close_synapses(at);
  quell_network_destroy(&c.network);
  return hash;
}

static void neurons_give_the_reference_and_the_same_bits(void **state) {
  static const quell_value own[] = {{"theta_minus", -62}, {"theta_plus", -52}, {"v_spike", 30},
                                    {"t_spike", 2},       {"u_ref2", 80},      {"u_rest", -65},
                                    {"w_max", 1.5}};
  quell_value values[RULE_PARAMS];
  size_t n = rule_values("clopath2010", "visual_cortex", own, COUNT(own), values);
  const uint64_t steps = quick() ? 8000 : 24000;
  train t = {NULL, 0, 0};
  uint64_t first = 0;
  make_arrivals(&t, steps);
  for (size_t i = 0; i < (quick() ? 3 : COUNT(cell_setups)); i++) {
    uint64_t hash = run_cells(&cell_setups[i], &t, steps, values, n, i < 2);
    if (i == 0) first = hash;
    if (hash != first) fail_msg("other bits with %s", setup_name(&cell_setups[i]));
  }
  train_free(&t);
  (void)state;
}

static void all_parameters_in_range_give_numbers(void **state) {
  compare_ranges("clopath2010", NULL, 0, 3);
  (void)state;
}

static void presets_are_published_values(void **state) {
  quell_value v[RULE_PARAMS];
  size_t n = rule_values("clopath2010", "visual_cortex", NULL, 0, v);
  assert_true(v[A_LTD].value == 14e-5 && v[A_LTP].value == 8e-5 && v[LAG].value == 3);
  assert_true(v[THETA_MINUS].value == -70.6 && v[THETA_PLUS].value == -45.3);
  assert_true(v[TAU_X].value == 15 && v[TAU_MINUS].value == 10 && v[TAU_PLUS].value == 7);
  assert_true(value_of(v, n, "u_ref2") == 0 && value_of(v, n, "t_spike") == 0);
  n = rule_values("clopath2010", "hippocampus", NULL, 0, v);
  assert_true(v[A_LTD].value == 38e-5 && v[A_LTP].value == 2e-5);
  assert_true(v[THETA_MINUS].value == -41 && v[THETA_PLUS].value == -38);
  n = rule_values("clopath2010", "hodgkin_huxley", NULL, 0, v);
  assert_true(v[A_LTD].value == 1e-5 && v[A_LTP].value == 12e-5 && v[TAU_PLUS].value == 114);
  assert_true(v[THETA_MINUS].value == -64.9 && v[THETA_PLUS].value == -35 && v[LAG].value == 5);
  n = rule_values("clopath2010", "receptive_field", NULL, 0, v);
  assert_true(fabs(v[A_LTD].value - 14e-4) < 1e-12 && fabs(v[A_LTP].value - 8e-4) < 1e-12);
  assert_true(v[U_REF2].value == 60 && v[TAU_SQUARE].value == 1200 && v[W_MAX].value == 3);
  (void)state;
}

int main(void) {
  static const struct CMUnitTest others[] = {
      cmocka_unit_test(neurons_give_the_reference_and_the_same_bits),
      cmocka_unit_test(all_parameters_in_range_give_numbers),
      cmocka_unit_test(presets_are_published_values),
  };
  struct CMUnitTest tests[COUNT(random_cases) + COUNT(others)];
  for (size_t i = 0; i < COUNT(random_cases); i++)
    tests[i] = (struct CMUnitTest){random_cases[i].what, any_voltage_gives_the_reference, NULL,
                                   NULL, (void *)(uintptr_t)&random_cases[i]};
  memcpy(tests + COUNT(random_cases), others, sizeof others);
  return cmocka_run_group_tests(tests, NULL, NULL);
}

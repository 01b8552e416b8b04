/* One population of one model, driven by hand: what the tests of this folder share. */
#ifndef TESTS_NEURONS_HARNESS_H
#define TESTS_NEURONS_HARNESS_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "neurons/model.h"

typedef struct harness {
  const ql_model *model;
  uint32_t n;
  double dt, value[QL_MAX_PARAMS];
  char message[128];
  _Alignas(64) char constants[512];
  void *state[QL_MAX_STATES];
  float *param[QL_MAX_PARAMS], *input[QL_MAX_RECEPTORS], *scratch;
  uint8_t *spikes;
  uint32_t *fired;
  uint64_t seed;
  uint32_t object, first;
  uint64_t step;
} harness;

static inline void *zeros(size_t count, size_t size) {
  size_t bytes = (count * size + 127) / 64 * 64;
  void *block = aligned_alloc(64, bytes);
  assert_non_null(block);
  return memset(block, 0, bytes);
}

static inline size_t size_of_state(const ql_model *model, uint32_t i) {
  return model->states[i].type == QUELL_FLOAT64 ? sizeof(double) : sizeof(float);
}

static inline uint32_t param_index(const ql_model *model, const char *name) {
  for (uint32_t i = 0; i < model->n_params; i++)
    if (strcmp(model->params[i].name, name) == 0) return i;
  fail_msg("no parameter %s", name);
  return 0;
}

static inline void *state_of(harness *h, const char *name) {
  for (uint32_t i = 0; i < h->model->n_states; i++)
    if (strcmp(h->model->states[i].name, name) == 0) return h->state[i];
  fail_msg("no state %s", name);
  return NULL;
}

static inline float *param_of(harness *h, const char *name) {
  return h->param[param_index(h->model, name)];
}

static inline quell_status prepare_model(harness *h) {
  return h->model->prepare(h->value, h->dt, h->constants, h->message, sizeof h->message);
}

static inline void set_state(harness *h, uint32_t s, double value) {
  for (uint32_t i = 0; i < h->n; i++) {
    uint32_t type = h->model->states[s].type;
    if (type == QUELL_FLOAT64) ((double *)h->state[s])[i] = value;
    if (type == QUELL_FLOAT32) ((float *)h->state[s])[i] = (float)value;
    if (type == QUELL_INT32) ((int32_t *)h->state[s])[i] = (int32_t)value;
  }
}

/* `changes`: parameters that differ from their defaults, ended by a null name. */
static inline harness open_model(const ql_model *model, uint32_t n, double dt,
                                 const quell_value *changes) {
  harness h = {.model = model, .n = n, .dt = dt, .seed = 20110909, .object = 5};
  assert_true(model->constants_size <= sizeof h.constants);
  for (uint32_t i = 0; i < model->n_params; i++) h.value[i] = model->params[i].value;
  for (; changes && changes->name; changes++)
    h.value[param_index(model, changes->name)] = changes->value;
  for (uint32_t i = 0; i < model->n_params; i++) {
    if (!(model->params[i].flags & QUELL_PER_NEURON)) continue;
    h.param[i] = zeros(n, sizeof(float));
    for (uint32_t j = 0; j < n; j++) h.param[i][j] = (float)h.value[i];
  }
  for (uint32_t i = 0; i < model->n_states; i++) {
    const ql_state_desc *desc = &model->states[i];
    h.state[i] = zeros(n, size_of_state(model, i));
    set_state(&h, i, desc->from ? h.value[param_index(model, desc->from)] : desc->value);
  }
  for (uint32_t i = 0; i < QL_MAX_RECEPTORS; i++) h.input[i] = zeros(n, sizeof(float));
  h.scratch = zeros(n, sizeof(float));
  h.spikes = zeros(n, 1);
  h.fired = zeros(n, sizeof(uint32_t));
  assert_int_equal(prepare_model(&h), QUELL_OK);
  return h;
}

static inline void close_model(harness *h) {
  for (uint32_t i = 0; i < h->model->n_states; i++) free(h->state[i]);
  for (uint32_t i = 0; i < h->model->n_params; i++) free(h->param[i]);
  for (uint32_t i = 0; i < QL_MAX_RECEPTORS; i++) free(h->input[i]);
  free(h->scratch);
  free(h->spikes);
  free(h->fired);
}

static inline int all_equal(const float *values, uint32_t n) {
  for (uint32_t j = 1; j < n; j++)
    if (values[j] != values[0]) return 0;
  return 1;
}

/* The neurons [first, first + n) as one tile. */
static inline ql_update tile_of(harness *h, uint32_t first, uint32_t n, void **state,
                                const float **param, const float **input) {
  uint32_t uniform = 0;
  for (uint32_t i = 0; i < h->model->n_states; i++)
    state[i] = (char *)h->state[i] + first * size_of_state(h->model, i);
  for (uint32_t i = 0; i < h->model->n_params; i++)
    if (h->param[i]) {
      param[i] = h->param[i] + first;
      if (all_equal(h->param[i], h->n)) uniform |= 1u << i;
    }
  for (uint32_t i = 0; i < QL_MAX_RECEPTORS; i++) input[i] = h->input[i] + first;
  memset(h->spikes + first, 0, n);
  return (ql_update){.constants = h->constants,
                     .n = n,
                     .state = state,
                     .param = param,
                     .uniform = uniform,
                     .input = input,
                     .scratch = h->scratch + first,
                     .spikes = h->spikes + first,
                     .fired = h->fired,
                     .seed = h->seed,
                     .object = h->object,
                     .first = h->first + first,
                     .step = h->step};
}

/* The list of those that fired must say what the counts say. */
static inline void check_fired(const ql_update *u) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < u->n; i++)
    if (u->spikes[i]) assert_true(n < u->n_fired && u->fired[n++] == i);
  assert_int_equal(n, u->n_fired);
}

static inline void update_tile(harness *h, uint32_t first, uint32_t n) {
  void *state[QL_MAX_STATES] = {0};
  const float *param[QL_MAX_PARAMS] = {0}, *input[QL_MAX_RECEPTORS];
  ql_update u = tile_of(h, first, n, state, param, input);
  h->model->update(&u);
  check_fired(&u);
}

static inline void start_tile(harness *h, uint32_t first, uint32_t n) {
  void *state[QL_MAX_STATES] = {0};
  const float *param[QL_MAX_PARAMS] = {0}, *input[QL_MAX_RECEPTORS];
  ql_update u = tile_of(h, first, n, state, param, input);
  h->model->start(&u);
}

static inline void start_all(harness *h) {
  start_tile(h, 0, h->n);
}

static inline void step_all(harness *h) {
  update_tile(h, 0, h->n);
  h->step++;
}

/* The same step in tiles that begin at multiples of 64, each as the engine would hand it over. */
static inline void step_tiles(harness *h, uint32_t tile) {
  for (uint32_t first = 0; first < h->n; first += tile)
    update_tile(h, first, h->n - first < tile ? h->n - first : tile);
  h->step++;
}

static inline void clear_input(harness *h) {
  for (uint32_t i = 0; i < QL_MAX_RECEPTORS; i++) memset(h->input[i], 0, h->n * sizeof(float));
}

static inline void assert_same_state(const harness *a, const harness *b) {
  for (uint32_t i = 0; i < a->model->n_states; i++)
    assert_memory_equal(a->state[i], b->state[i], a->n * size_of_state(a->model, i));
  assert_memory_equal(a->spikes, b->spikes, a->n);
}

static inline void assert_near(double value, double expected, double tolerance) {
  if (!(fabs(value - expected) <= tolerance))
    fail_msg("%.10g is not %.10g within %g", value, expected, tolerance);
}

/* No value of the state may be a denormal number, an infinity or NaN. */
static inline void assert_plain_numbers(const harness *h) {
  for (uint32_t s = 0; s < h->model->n_states; s++)
    for (uint32_t i = 0; i < h->n; i++) {
      uint32_t type = h->model->states[s].type;
      int kind = FP_ZERO;
      if (type == QUELL_FLOAT64) kind = fpclassify(((double *)h->state[s])[i]);
      if (type == QUELL_FLOAT32) kind = fpclassify(((float *)h->state[s])[i]);
      assert_true(kind == FP_ZERO || kind == FP_NORMAL);
    }
}

/* Fixed pseudo-random numbers in [0, 1), so that no test leans on the generator under test. */
static inline double next_random(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (double)(*state >> 11) * 0x1p-53;
}

#endif

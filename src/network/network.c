#include "network/network.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

quell_status ql_fail(const quell_network *network, quell_status status, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  /* The sentence is no part of the network's value: a const network can be asked and can refuse. */
  vsnprintf(((quell_network *)network)->error, sizeof network->error, format, arguments);
  va_end(arguments);
  return status;
}

quell_status ql_no_memory(const quell_network *network) {
  return ql_fail(network, QUELL_E_MEMORY, "network: out of memory");
}

int ql_append(quell_network *network, void ***array, size_t *n, size_t *capacity, void *pointer) {
  if (!ql_grow(&network->memory, (void **)array, capacity, *n + 1, sizeof **array)) return 0;
  (*array)[(*n)++] = pointer;
  return 1;
}

static int ascending(const void *a, const void *b) {
  uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
  return (left > right) - (left < right);
}

double ql_mean_rate(const quell_population *population, const float *rate) {
  double sum = 0.0;
  for (uint32_t j = 0; j < population->size; j++) sum += (double)rate[j];
  return sum / population->size;
}

void ql_publish_rates(quell_population *population) {
  const quell_network *network = population->network;
  uint64_t ring = network->clock & (network->rings - 1);
  float *now = population->rates + ring * population->size;
  memcpy(now, population->state[population->model->rate_state - 1], population->size * sizeof *now);
  population->mean_rate[ring] = ql_mean_rate(population, now);
}

void ql_sort_neurons(uint32_t *neurons, size_t n) {
  for (size_t i = 1; i < n; i++) {
    if (neurons[i] >= neurons[i - 1]) continue;
    qsort(neurons, n, sizeof *neurons, ascending);
    return;
  }
}

void ql_note_uniform(quell_population *population, uint32_t param) {
  const float *value = population->param_array[param];
  uint32_t j = 0;
  while (j < population->size && value[j] == value[0]) j++;
  population->uniform &= ~(1u << param);
  if (j == population->size) population->uniform |= 1u << param;
}

double ql_state_value(const quell_population *population, uint32_t state, uint64_t neuron) {
  const void *values = population->state[state];
  switch (population->model->states[state].type) {
  case QUELL_FLOAT64:
    return ((const double *)values)[neuron];
  case QUELL_INT32:
    return (double)((const int32_t *)values)[neuron];
  default:
    return (double)((const float *)values)[neuron];
  }
}

#include "modulation/dial.h"

#include "modulation/curve.h"
#include <string.h>

static quell_status refuse_scope(const ql_dial *dial, const char *owner, const char *target,
                                 const quell_modulator *channel) {
  return ql_fail(channel->network, QUELL_E_UNSUPPORTED,
                 "%s: '%s' follows channel '%s' already; only one channel of a target may have "
                 "another scope than the network's, and '%s' is a second",
                 owner, target, dial->wide->name, channel->name);
}

/* The points of a table become the dial's own. */
static int copy_points(ql_memory *memory, quell_curve *curve) {
  if (curve->kind != QUELL_CURVE_TABLE) {
    curve->x = curve->y = NULL;
    return 1;
  }
  double *points = ql_alloc(memory, 2 * (size_t)curve->n, sizeof *points);
  if (!points) return 0;
  memcpy(points, curve->x, curve->n * sizeof *points);
  memcpy(points + curve->n, curve->y, curve->n * sizeof *points);
  curve->x = points;
  curve->y = points + curve->n;
  return 1;
}

quell_status ql_dial_bind(ql_dial *dial, const char *owner, const char *target,
                          quell_modulator *channel, const quell_curve *curve) {
  ql_memory *memory = &channel->network->memory;
  int wide = channel->scope != QUELL_SCOPE_NETWORK;
  if (wide && dial->wide && dial->wide != channel)
    return refuse_scope(dial, owner, target, channel);
  ql_binding binding = {channel, *curve};
  if (!ql_grow(memory, (void **)&dial->binding, &dial->capacity, dial->n + 1,
               sizeof *dial->binding) ||
      !copy_points(memory, &binding.curve))
    return ql_no_memory(channel->network);
  dial->binding[dial->n++] = binding;
  if (wide) dial->wide = channel;
  channel->readers++;
  return QUELL_OK;
}

void ql_dial_free(ql_memory *memory, ql_dial *dial) {
  for (size_t i = 0; i < dial->n; i++) ql_free(memory, (void *)dial->binding[i].curve.x);
  ql_free(memory, dial->binding);
  ql_free(memory, dial->ring);
  ql_free(memory, dial->now);
  memset(dial, 0, sizeof *dial);
}

int ql_dial_start(quell_network *network, ql_dial *dial) {
  if (!dial->n) return 1;
  if (ql_dial_is_by_neuron(dial)) {
    dial->now = ql_alloc(&network->memory, dial->wide->size, sizeof *dial->now);
    return dial->now != NULL;
  }
  dial->rows = dial->wide ? dial->wide->size : 1;
  dial->ring =
      ql_alloc(&network->memory, (size_t)dial->rows * network->horizon, sizeof *dial->ring);
  return dial->ring != NULL;
}

void ql_dial_stop(quell_network *network, ql_dial *dial) {
  ql_free(&network->memory, dial->ring);
  ql_free(&network->memory, dial->now);
  dial->ring = dial->now = NULL;
  dial->rows = 0;
}

/* What the curves make of concentrations, which `read` gives for each binding. */
typedef double read_fn(const ql_dial *dial, const ql_binding *binding, uint32_t at, uint64_t stamp);

static double combine(const ql_dial *dial, double base, read_fn *read, uint32_t at,
                      uint64_t stamp) {
  double product = 1.0, sum = 0.0;
  int multiplies = !dial->is_factor;
  for (size_t i = 0; i < dial->n; i++) {
    const ql_binding *binding = &dial->binding[i];
    double value = ql_curve_at(&binding->curve, read(dial, binding, at, stamp));
    if (binding->curve.combine == QUELL_ADD) {
      sum += value;
    } else {
      product *= value;
      multiplies = 1;
    }
  }
  return (multiplies ? base * product : 0.0) + sum;
}

static double read_ring(const ql_dial *dial, const ql_binding *binding, uint32_t at,
                        uint64_t stamp) {
  const quell_modulator *m = binding->channel;
  uint32_t horizon = m->network->horizon, row = m == dial->wide ? at : 0;
  const float *course = dial->is_factor ? m->mean : m->level;
  return (double)course[(size_t)row * horizon + (stamp & (horizon - 1))];
}

void ql_dial_advance(const quell_network *network, ql_dial *dial, double base, uint32_t steps) {
  uint32_t mask = network->horizon - 1;
  if (ql_dial_is_by_neuron(dial)) return;
  for (uint32_t row = 0; row < dial->rows; row++) {
    float *ring = dial->ring + (size_t)row * network->horizon;
    for (uint32_t i = 0; i < steps; i++) {
      uint64_t stamp = network->clock + i;
      ring[stamp & mask] = (float)combine(dial, base, read_ring, row, stamp);
    }
  }
}

static double read_neuron(const ql_dial *dial, const ql_binding *binding, uint32_t at,
                          uint64_t stamp) {
  const quell_modulator *m = binding->channel;
  if (m != dial->wide) return read_ring(dial, binding, 0, stamp);
  return (double)(dial->is_factor ? m->now_mean : m->now)[at];
}

void ql_dial_enter_step(ql_dial *dial, double base, uint64_t stamp, uint32_t first, uint32_t n) {
  for (uint32_t j = first; j < first + n; j++)
    dial->now[j] = (float)combine(dial, base, read_neuron, j, stamp);
}

static double read_clock(const ql_dial *dial, const ql_binding *binding, uint32_t at,
                         uint64_t stamp) {
  const quell_modulator *m = binding->channel;
  (void)stamp;
  return ql_channel_at_clock(m, m == dial->wide ? at : 0);
}

double ql_dial_at_clock(const ql_dial *dial, double base, uint32_t at) {
  if (!dial->n) return base;
  return combine(dial, base, read_clock, at, 0);
}

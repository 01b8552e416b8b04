#include "engine/quantity.h"

#include <math.h> /* INFINITY */
#include <stdio.h>
#include <string.h>

ql_quantity ql_quantity_of(const char *name, const quell_distribution *distribution,
                           double fallback, const quell_connection *connection, uint32_t purpose) {
  ql_quantity quantity = {.name = name,
                          .distribution = distribution,
                          .source = QL_ONE_VALUE,
                          .value = distribution->kind == QUELL_DEFAULT ? fallback : distribution->a,
                          .purpose = purpose,
                          .low = 0.0f,
                          .high = INFINITY};
  if (distribution->kind == QUELL_ARRAY)
    quantity.source = connection->kind == QUELL_LIST ? QL_BY_LIST : QL_BY_NUMBER;
  if (!ql_distribution_is_drawn(distribution)) return quantity;
  quantity.source = QL_DRAWN;
  quantity.sampler = ql_distribution_sampler(distribution);
  if (distribution->outside == QUELL_REDRAW) {
    quantity.low = (float)distribution->low;
    quantity.high = (float)distribution->high;
  }
  return quantity;
}

void ql_weight_bounds(const quell_projection *projection, float *low, float *high) {
  *low = 0.0f;
  *high = (float)QL_MOST_WEIGHT;
  for (uint32_t u = 0; u < projection->n_uses; u++) {
    const ql_instance *instance = projection->use[u].rule->instance;
    if (instance->w_min > *low) *low = instance->w_min;
    if (instance->w_max < *high) *high = instance->w_max;
  }
}

const char *ql_weight_sign(const quell_projection *projection, char *text, size_t size) {
  snprintf(text, size, "; a weight is a magnitude, the receptor '%s' carries the sign",
           projection->post->model->receptors[projection->receptor]);
  return text;
}

static quell_status too_long(const quell_network *network, const char *name, double ms) {
  return ql_fail(network, QUELL_E_RANGE,
                 "connection: '%s' must be at most %d steps of %g ms, got %g ms", name,
                 QL_LONGEST_DELAY, network->dt, ms);
}

quell_status ql_delay_steps(const quell_network *network, const char *name, double ms,
                            uint32_t *steps) {
  double dt = network->dt;
  if (!(ms >= 0.0))
    return ql_fail(network, QUELL_E_RANGE, "connection: '%s' must be ≥ 0 ms, got %g", name, ms);
  if (ms > 0.0 && ms < dt * (1.0 - 1e-9))
    return ql_fail(network, QUELL_E_RANGE,
                   "connection: '%s' must be 0 or at least one step of %g ms, got %g ms", name, dt,
                   ms);
  if (!(ms / dt + 0.5 < QL_LONGEST_DELAY + 1.0)) return too_long(network, name, ms);
  *steps = ql_nearest_step(network, ms);
  return QUELL_OK;
}

/* A value was drawn that its distribution, or the quantity itself, does not allow. */
static quell_status out_of_range(const quell_projection *projection, const ql_refusal *r) {
  const quell_distribution *distribution = r->quantity->distribution;
  const char *name = r->quantity->name;
  char sign[96];
  if (distribution->outside == QUELL_REDRAW)
    return ql_fail(projection->network, QUELL_E_RANGE,
                   "connection: '%s' is next to never drawn in [%g, %g], but for example as %g",
                   name, distribution->low, distribution->high, r->value);
  return ql_fail(projection->network, QUELL_E_RANGE,
                 "connection: '%s' was drawn as %g and must be ≥ 0; give bounds, and clip or "
                 "redraw%s",
                 name, r->value,
                 strcmp(name, "weight") ? "" : ql_weight_sign(projection, sign, sizeof sign));
}

static quell_status bad_weight(const quell_projection *projection, const ql_refusal *r) {
  float low, high;
  char sign[96];
  ql_weight_bounds(projection, &low, &high);
  return ql_fail(projection->network, QUELL_E_RANGE,
                 "connection: 'weight' of synapse %u → %u must be in [%g, %g]%s%s, got %g%s",
                 r->pre, r->post, low, high, projection->rule ? " for rule " : "",
                 projection->rule ? projection->rule->desc->name : "", r->value,
                 r->value < 0.0 ? ql_weight_sign(projection, sign, sizeof sign) : "");
}

quell_status ql_refusal_fail(const quell_projection *projection, const ql_refusal *refusal) {
  switch (refusal->reason) {
  case QL_NO_MEMORY:
    return ql_no_memory(projection->network);
  case QL_OUT_OF_RANGE:
    return out_of_range(projection, refusal);
  case QL_TOO_LONG:
    return too_long(projection->network, refusal->quantity->name, refusal->value);
  case QL_BAD_WEIGHT:
    return bad_weight(projection, refusal);
  case QL_NO_REFUSAL:
    break;
  }
  return QUELL_OK;
}

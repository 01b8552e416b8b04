/*
 * decay: at an interval, weights relax exponentially towards a value.
 *
 *   every period:  w += (1 − e^(−period/tau)) (target − w)
 *
 * After n intervals w = target + (w0 − target) e^(−n period/tau), whatever the period. A step below
 * half of the last bit of a weight vanishes: w stays about 1e-7 tau/period from the target, in
 * parts of it, so that a period of tau/1000 is a good one. May stand alone or below any other rule.
 *
 * Exponential forgetting in general, after no paper in particular.
 */
#include "rules/builtin.h"

enum { TAU, TARGET, PERIOD };
enum { BOUND_TARGET };

static const quell_param_desc params[] = {
    {"tau", "ms", "time constant of the decay", 1e5, 0.0, 1e15, QUELL_MIN_OPEN, 0},
    {"target", "w", "value that the weights decay to", 0.0, 0.0, 1e9, QUELL_BINDABLE, 0},
    {"interval", "ms", "how often the weights are changed", 100.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
};

typedef struct constants {
  float part; /* of the distance that an interval covers */
} constants;

static quell_status prepare(const quell_rule_args *args, void *instance) {
  constants *c = instance;
  c->part = (float)-expm1(-args->value[PERIOD] / args->value[TAU]);
  return QUELL_OK;
}

static void on_interval(const quell_block *block) {
  const constants *c = block->instance;
  float *restrict w = block->w;
  const float *restrict target = block->bound[BOUND_TARGET];
  for (uint32_t i = 0; i < block->n; i++) w[i] += c->part * (target[i] - w[i]);
}

static const quell_event_desc events[] = {
    {.kind = QUELL_INTERVAL, .param = PERIOD, .call = on_interval},
};

const quell_rule_desc QL_RULE(decay) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "decay",
    .summary = "weights decay exponentially towards a value",
    .source = "no paper in particular",
    .params = QUELL_TABLE(params),
    .events = QUELL_TABLE(events),
    .instance_size = sizeof(constants),
    .prepare = prepare,
};

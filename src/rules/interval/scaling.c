/*
 * scaling: homeostatic scaling of all weights of a neuron towards a target rate.
 *
 *   every period:  w += beta w (1 − (r / target_rate)^exponent)
 *
 * r is the rate of the post neuron, a trace of its spikes with time constant tau_hom over tau_hom.
 * Ratios between the weights of a neuron stay. beta is the part of a weight by which a silent
 * neuron's grows at each interval; a factor below 0 counts as 0. Fixed point: r = target_rate, for
 * excitation; stable while the scaling is slower than the trace. May stand alone or below any other
 * rule.
 *
 * The principle is of Turrigiano, Leslie, Desai, Rutherford & Nelson 1998, 10.1038/36103. The form
 * with the cube is that of the simulator Auryn (TripletScalingConnection: every 100 ms, beta = 0.1
 * s over its own "beta"); the exponent as a parameter and the default of beta, a time constant of
 * 1000 s, are ours.
 */
#include "rules/builtin.h"
#include <float.h>
#include <quell/vecmath.h>

enum { BETA, TARGET_RATE, TAU_HOM, EXPONENT, PERIOD };
enum { BOUND_BETA, BOUND_TARGET };

static const quell_param_desc params[] = {
    {"beta", "1", "strength: part of the weight per interval", 1e-4, 0.0, 1.0, QUELL_BINDABLE, 0},
    {"target_rate", "Hz", "rate at which nothing changes", 3.0, 1e-3, 1e6, QUELL_BINDABLE, 0},
    {"tau_hom", "ms", "time constant of the rate", 1e4, 1.0, 1e9, 0, 0},
    {"exponent", "1", "power of the rate", 3.0, 0.0, 10.0, QUELL_MIN_OPEN, 0},
    {"interval", "ms", "how often the weights are changed", 100.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"w_min", "w", "smallest weight", 0.0, 0.0, (double)INFINITY, 0, 0},
    {"w_max", "w", "largest weight", (double)INFINITY, 0.0, (double)INFINITY, 0, 0},
};

static const quell_trace_desc traces[] = {
    {"y", QUELL_POST, QUELL_TRACE_ADD, TAU_HOM, 0},
};

typedef struct constants {
  float exponent;
  float per_trace; /* from the trace to the rate, Hz */
} constants;

static quell_status prepare(const quell_rule_args *args, void *instance) {
  const double *value = args->value;
  constants *c = instance;
  c->exponent = (float)value[EXPONENT];
  c->per_trace = (float)(1000.0 / value[TAU_HOM]);
  return QUELL_OK;
}

/* Rates outside these, in parts of the target, count as these: their powers are normal floats. */
static const float lowest = 1e-30f, highest = 1e12f;

/* The weight where the rate is the `power`-th part of its target. Never infinite, which would
 * become NaN at the next interval. */
static inline float scaled(float w, float beta, float power) {
  float factor = 1.0f + beta * (1.0f - power);
  float next = w * (factor > 0.0f ? factor : 0.0f);
  return next < FLT_MAX ? next : FLT_MAX;
}

static void on_interval(const quell_block *block) {
  const constants c = *(const constants *)block->instance;
  float *restrict w = block->w;
  const float *restrict y = block->post[0];
  const float *restrict beta = block->bound[BOUND_BETA];
  const float *restrict target = block->bound[BOUND_TARGET];
  if (c.exponent == 3.0f) {
    for (uint32_t i = 0; i < block->n; i++) {
      float part = y[i] * (c.per_trace / target[i]);
      part = part < highest ? part : highest;
      w[i] = scaled(w[i], beta[i], part * part * part);
    }
  } else {
    for (uint32_t i = 0; i < block->n; i++) {
      float part = y[i] * (c.per_trace / target[i]);
      part = part > lowest ? part : lowest;
      w[i] = scaled(w[i], beta[i], quell_expf(c.exponent * quell_logf(part)));
    }
  }
}

static const quell_event_desc events[] = {
    {.kind = QUELL_INTERVAL, .param = PERIOD, .wants_post = 1u << 0, .call = on_interval},
};

static const quell_value auryn[] = {{"beta", 0.1},     {"target_rate", 3.0}, {"tau_hom", 1e4},
                                    {"exponent", 3.0}, {"interval", 100.0},  {"w_max", 1.0}};

static const quell_preset_desc presets[] = {
    {"auryn", "defaults of Auryn's TripletScalingConnection, whose author calls beta provisional",
     QUELL_TABLE(auryn)},
};

const quell_rule_desc QL_RULE(scaling) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "scaling",
    .summary = "homeostatic scaling of a neuron's weights towards a target rate",
    .source = "Turrigiano et al. 1998, 10.1038/36103; form of Auryn's TripletScalingConnection",
    .params = QUELL_TABLE(params),
    .traces = QUELL_TABLE(traces),
    .events = QUELL_TABLE(events),
    .instance_size = sizeof(constants),
    .prepare = prepare,
    .presets = QUELL_TABLE(presets),
};

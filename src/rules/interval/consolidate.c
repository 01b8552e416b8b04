/*
 * consolidate: each weight has a reference that follows it slowly and prefers two values, and is
 * drawn to its reference.
 *
 *   tau_c dw̃/dt = w − w̃ − p w̃ (w_p/2 − w̃) (w_p − w̃)        w̃: variable "reference"
 *   dw/dt = pull (w̃ − w)
 *
 * Both are integrated at an interval, from the values at its start: w̃ by a linearly implicit Euler
 * step, which is stable for any weight, w exactly. Fixed points with w = w̃: 0, w_p/2 (unstable) and
 * w_p. At a w that is held, the low branch ends above and the high one below a value: for p = 17.07
 * and w_p = 0.5 these are 0.2516 and 0.2484, for p = 20 they are 0.2608 and 0.2392.
 *
 * The equation of w̃ is that of Zenke, Agnes & Gerstner 2015, 10.1038/ncomms7922 (authors' code; p
 * is 20 in its class, 17.07 in its simulations, 17 in a port), where w follows w̃ at post spikes:
 * see zenke2015. The pull at a constant rate, by which any rule can be consolidated, is ours; its
 * default is about the mean of theirs in a neuron that fires at 5 Hz. May stand alone or below any
 * other rule.
 */
#include "rules/builtin.h"
#include <stdio.h>

enum { TAU_C, P, W_P, PULL, PERIOD };

static const quell_param_desc params[] = {
    {"tau_c", "ms", "time constant of the reference", 1.2e6, 0.0, 1e15, QUELL_MIN_OPEN, 0},
    {"p", "1/w^2", "strength of the two wells", 20.0, 0.0, 1e6, 0, 0},
    {"w_p", "w", "upper well", 0.5, 0.0, 1e6, QUELL_MIN_OPEN, 0},
    {"pull", "Hz", "rate at which the weight is drawn to its reference", 0.01, 0.0, 1e6, 0, 0},
    {"interval", "ms", "how often the weights are changed", 1200.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
};

static const quell_var_desc vars[] = {
    {"reference", "w", "weight that is remembered", 0.0},
};

typedef struct constants {
  double step; /* period over tau_c */
  double p, w_p;
  float pulled; /* part of the way to the reference in an interval */
} constants;

static quell_status prepare(const quell_rule_args *args, void *instance) {
  const double *value = args->value;
  constants *c = instance;
  c->step = value[PERIOD] / value[TAU_C];
  c->p = value[P];
  c->w_p = value[W_P];
  c->pulled = (float)-expm1(-value[PULL] * value[PERIOD] / 1000.0);
  double growth =
      0.25 * c->p * c->w_p * c->w_p - 1.0; /* largest slope, at the middle of the wells */
  if (c->step * growth <= 0.5) return QUELL_OK;
  snprintf(
      args->message, args->message_size,
      "rule 'consolidate': 'interval' must be at most 0.5 'tau_c' / ('p' 'w_p'^2 / 4 - 1), which "
      "is %g ms",
      0.5 * value[TAU_C] / growth);
  return QUELL_E_RANGE;
}

/* In double precision, where the cube of a float is a number. */
static void on_interval(const quell_block *block) {
  const constants *c = block->instance;
  float *restrict w = block->w;
  float *restrict reference = block->var[0];
  for (uint32_t i = 0; i < block->n; i++) {
    double r = (double)reference[i];
    double well = c->p * r * (0.5 * c->w_p - r) * (c->w_p - r);
    double slope = c->p * (0.5 * c->w_p * c->w_p + 3.0 * r * (r - c->w_p));
    double change = c->step * ((double)w[i] - r - well) / (1.0 + c->step * (1.0 + slope));
    w[i] += c->pulled * (reference[i] - w[i]);
    reference[i] = (float)(r + change);
  }
}

static const quell_event_desc events[] = {
    {.kind = QUELL_INTERVAL, .param = PERIOD, .call = on_interval},
};

static const quell_value zenke2015[] = {
    {"tau_c", 1.2e6}, {"p", 0.1 / 0.005859}, {"w_p", 0.5}, {"interval", 1200.0}};
static const quell_value zenke2015_class[] = {
    {"tau_c", 1.2e6}, {"p", 20.0}, {"w_p", 0.5}, {"interval", 1200.0}};
static const quell_value zenke2015_port[] = {
    {"tau_c", 1.2e6}, {"p", 17.0}, {"w_p", 0.5}, {"interval", 1200.0}};

static const quell_preset_desc presets[] = {
    {"zenke2015", "Zenke et al. 2015, simulations of the authors' code", QUELL_TABLE(zenke2015)},
    {"zenke2015_class", "Zenke et al. 2015, defaults in the authors' code",
     QUELL_TABLE(zenke2015_class)},
    {"zenke2015_port", "Zenke et al. 2015, as ported to Brian2", QUELL_TABLE(zenke2015_port)},
};

const quell_rule_desc QL_RULE(consolidate) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "consolidate",
    .summary = "weights are drawn to a slow reference that has two wells",
    .source = "after Zenke, Agnes & Gerstner 2015, 10.1038/ncomms7922",
    .params = QUELL_TABLE(params),
    .vars = QUELL_TABLE(vars),
    .events = QUELL_TABLE(events),
    .instance_size = sizeof(constants),
    .prepare = prepare,
    .presets = QUELL_TABLE(presets),
};

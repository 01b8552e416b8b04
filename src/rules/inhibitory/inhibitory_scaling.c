/*
 * inhibitory_scaling: inhibition that follows the rate of the post neuron, with a dead zone.
 *
 *   R > high r0:   dw/dt = eta w0 (R − r0)
 *   R < low r0:    dw/dt = eta w (R − r0)
 *   between:       dw/dt = 0
 *
 * R is the rate of the post neuron in Hz: it decays with tau_r, and a spike adds 1 / tau_r.
 * Potentiation adds the same to all synapses of a neuron, depression scales them. The change is
 * made at an interval, for the time of the interval, with R as it is then, without a spike on that
 * very step. Depression is e^(eta T (R − r0)) for an interval T, in the form 1 / (1 + z + z²/2 +
 * z³/6) with z = eta T (r0 − R): for small z what the published steps of 0.1 ms add up to.
 *
 * Changes over 0.1 ms are of the order of the rounding of a weight. What is rounded off is
 * therefore kept, in `remainder`, and added at the next interval.
 *
 * Agnes, Luppi & Vogels 2020, Journal of Neuroscience, 10.1523/JNEUROSCI.0276-20.2020;
 * values of the authors' code: 1e-6 per step of 0.1 ms is 0.01 per s. w0 and the weights are there
 * in units of the leak conductance.
 */
#include "rules/builtin.h"
#include <math.h>

enum { ETA, R0, TAU_R, W0, LOW, HIGH, INTERVAL };
enum { BOUND_ETA, BOUND_R0, BOUND_W0 };

static const quell_param_desc params[] = {
    {"eta", "1/(Hz s)", "rate of change per Hz away from R0", 0.01, 0.0, 1e3, QUELL_BINDABLE, 0},
    {"r0", "Hz", "target rate of the post neuron", 5.0, 0.0, 1e6, QUELL_BINDABLE, 0},
    {"tau_r", "ms", "low-pass of the rate", 1000.0, 0.01, 1e9, 0, 0},
    {"w0", "w", "scale of potentiation", 0.8, 0.0, 1e9, QUELL_BINDABLE, 0},
    {"low", "1", "depression below low R0", 0.5, 0.0, 1.0, 0, 0},
    {"high", "1", "potentiation above high R0", 2.0, 1.0, 1e6, 0, 0},
    {"interval", "ms", "time between changes, a whole number of steps", 0.1, 0.0, 1e6,
     QUELL_MIN_OPEN, 0},
    {"w_min", "w", "smallest weight", 1e-4, 0.0, (double)INFINITY, 0, 0},
    {"w_max", "w", "largest weight", 5.0, 0.0, (double)INFINITY, 0, 0},
};

static const quell_var_desc vars[] = {
    {"remainder", "w", "what rounding has left out of the weight so far", 0.0},
};

static const quell_post_var_desc post_vars[] = {
    {"R", "Hz", "low-passed rate", 0.0, 0, 0},
};

static const quell_signal_desc signals[] = {
    {"R", "Hz", "low-passed rate, without a spike on this step", NULL},
};

typedef struct constants {
  double keep, per_spike;
  float seconds, low, high; /* seconds: the interval */
} constants;

static quell_status prepare(const quell_rule_args *args, void *instance) {
  const double *value = args->value;
  constants *c = instance;
  c->keep = exp(-args->dt / value[TAU_R]);
  c->per_spike = 1000.0 / value[TAU_R];
  c->seconds = (float)(value[INTERVAL] / 1000.0);
  c->low = (float)value[LOW];
  c->high = (float)value[HIGH];
  return QUELL_OK;
}

static void post_step(const quell_post_block *block) {
  const constants *c = block->instance;
  const float *restrict spikes = block->spikes;
  double *restrict R = block->var[0];
  float *restrict signal = block->signal[0];
  for (uint32_t i = 0; i < block->n; i++) {
    double now = c->keep * R[i];
    signal[i] = (float)now;
    R[i] = now + c->per_spike * (double)spikes[i];
  }
}

/* e^(−z) − 1 for z ≥ 0, to third order and never below −1. */
static inline float loss(float z) {
  float near = z < 1e6f ? z : 1e6f;
  float q = near * (1.0f + near * (0.5f + near * (1.0f / 6.0f)));
  return -q / (1.0f + q);
}

/* Synapses in a block, at most (quell_block). */
enum { MOST = 128 };

/* Keeps what is rounded off. */
static void add(const quell_block *block, const float *restrict exact) {
  float *restrict w = block->w, *restrict remainder = block->var[0];
  for (uint32_t i = 0; i < block->n; i++) {
    float change = exact[i] + remainder[i];
    float sum = w[i] + change;
    remainder[i] = change - (sum - w[i]);
    w[i] = sum;
  }
}

static void on_interval(const quell_block *block) {
  const constants *c = block->instance;
  float change[MOST];
  const float *restrict w = block->w;
  const float *restrict R = block->signal[0], *restrict eta = block->bound[BOUND_ETA];
  const float *restrict R0 = block->bound[BOUND_R0], *restrict w0 = block->bound[BOUND_W0];
  for (uint32_t i = 0; i < block->n; i++) {
    float per_Hz = eta[i] * c->seconds;
    float too_much = R[i] > c->high * R0[i] ? 1.0f : 0.0f;
    float too_little = R[i] < c->low * R0[i] ? 1.0f : 0.0f;
    float grow = too_much * (per_Hz * w0[i] * (R[i] - R0[i]));
    float z = too_little * (per_Hz * (R0[i] - R[i]));
    change[i] = grow + w[i] * loss(z);
  }
  add(block, change);
}

static const quell_event_desc events[] = {
    {.kind = QUELL_INTERVAL, .param = INTERVAL, .wants_signal = 1u << 0, .call = on_interval},
};

static const quell_value agnes[] = {
    {"eta", 0.01}, {"r0", 5.0},     {"tau_r", 1000.0}, {"w0", 0.8},       {"low", 0.5},
    {"high", 2.0}, {"w_min", 1e-4}, {"w_max", 5.0},    {"interval", 0.1},
};

static const quell_preset_desc presets[] = {
    {"agnes2020", "the authors' code; weight in units of the leak conductance", QUELL_TABLE(agnes)},
};

const quell_rule_desc QL_RULE(inhibitory_scaling) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "inhibitory_scaling",
    .summary = "inhibition follows the rate of the post neuron, with a dead zone",
    .source = "Agnes, Luppi & Vogels 2020, 10.1523/JNEUROSCI.0276-20.2020",
    .params = QUELL_TABLE(params),
    .vars = QUELL_TABLE(vars),
    .events = QUELL_TABLE(events),
    .instance_size = sizeof(constants),
    .prepare = prepare,
    .post_vars = QUELL_TABLE(post_vars),
    .signals = QUELL_TABLE(signals),
    .presets = QUELL_TABLE(presets),
    .post_step = post_step,
};

/*
 * cross_homeostatic: two populations of rate units reach their set points by each other's errors.
 *
 *   dw/dt = sign eta a_pre (target − A)
 *
 * a_pre is the rate of the pre neuron, A the mean rate of the *other* population than the post
 * neuron's, both low-passed with tau_sensor; target is the set point of that other population. Name
 * it with quell_rule_observe(rule, "other", population). An instance for each class of weights:
 *
 *   synapses      sign  other  target (published)
 *   E onto E       +1     I     14 Hz
 *   I onto E       −1     I     14 Hz
 *   E onto I       −1     E      5 Hz
 *   I onto I       +1     E      5 Hz
 *
 * At the end both means are at their set points. Along the way dw_EE / dw_EI = −a_E / a_I, and
 * dw_IE / dw_II likewise. a_pre counts as at least `floor`, so that a silent population gets going.
 *
 * At an interval: a_pre is low-passed (variable "average"), then w changes. A is low-passed at
 * every step, from rates that are `delay` old. Changes below half of the last bit of w, which near
 * the set point they all are, are not lost: the variable "rest" carries them.
 *
 * Soldado-Magraner, Seay, Laje & Buonomano 2022, 10.1073/pnas.2200621119; set points, eta (5e-7 per
 * step of 0.1 ms), tau_sensor, w_min and, for runs by trials, floor (1 Hz) from the authors' code.
 * The delay is ours: news of a population takes at least a step.
 */
#include "rules/builtin.h"
#include <math.h>

enum { ETA, SIGN, TARGET, TAU_SENSOR, FLOOR, DELAY, INTERVAL, W_MIN, W_MAX };
enum { BOUND_ETA };

static const quell_param_desc params[] = {
    {"eta", "w/(ms Hz^2)", "learning rate", 5e-6, 0.0, 1e3, QUELL_BINDABLE, 0},
    {"sign", "1", "1 or -1: direction of the change while the other's rate is below its target",
     1.0, -1.0, 1.0, QUELL_INTEGER, 0},
    {"target", "Hz", "set point of the other population", 14.0, 0.0, 1e6, QUELL_BINDABLE, 0},
    {"tau_sensor", "ms", "time constant of both averages", 1000.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"floor", "Hz", "smallest average of the pre neuron that counts", 0.0, 0.0, 1e6, 0, 0},
    {"delay", "ms", "age of the other's rate, at least one step", 1.0, 0.0, 1e4, QUELL_MIN_OPEN, 0},
    {"interval", "ms", "how often the weights are changed", 1.0, 0.0, 1e6, QUELL_MIN_OPEN, 0},
    {"w_min", "w", "smallest weight", 0.1, 0.0, 1e9, 0, 0},
    {"w_max", "w", "largest weight", 1e9, 0.0, 1e9, 0, 0},
};

enum { AVERAGE, REST };

static const quell_var_desc vars[] = {
    {"average", "Hz", "low-passed rate of the pre neuron", 0.0},
    {"rest", "w", "part of the changes that is less than a bit of the weight", 0.0},
};

static const quell_observed_desc observed[] = {
    {"other", "the population that the post neuron does not belong to", DELAY, 0},
};

static const quell_post_var_desc post_vars[] = {
    {"other", "Hz", "low-passed rate of the other population", 0.0, 0, 0},
};

static const quell_signal_desc signals[] = {
    {"error", "Hz", "target less the low-passed rate of the other population", NULL},
};

typedef struct constants {
  float span; /* the interval, with the sign of the change */
  float floor;
  float follow;       /* part of the way that the pre average goes in an interval … */
  double follow_step; /* … and that of the population in a step */
} constants;

static quell_status prepare(const quell_rule_args *args, void *instance) {
  const double *value = args->value;
  constants *c = instance;
  c->span = (float)(value[SIGN] * value[INTERVAL]);
  c->floor = (float)value[FLOOR];
  c->follow = (float)-expm1(-value[INTERVAL] / value[TAU_SENSOR]);
  c->follow_step = -expm1(-args->dt / value[TAU_SENSOR]);
  return QUELL_OK;
}

static void post_step(const quell_post_block *block) {
  const constants c = *(const constants *)block->instance;
  const double rate = block->observed[0], target = block->param[TARGET];
  double *restrict other = block->var[0];
  float *restrict error = block->signal[0];
  for (uint32_t j = 0; j < block->n; j++) {
    other[j] += (rate - other[j]) * c.follow_step;
    error[j] = (float)(target - other[j]);
  }
}

static void on_interval(const quell_block *block) {
  const constants c = *(const constants *)block->instance;
  const float pre_rate = block->pre_rate;
  float *restrict w = block->w;
  float *restrict average = block->var[AVERAGE], *restrict rest = block->var[REST];
  const float *restrict error = block->signal[0], *restrict eta = block->bound[BOUND_ETA];
  for (uint32_t i = 0; i < block->n; i++) {
    float a = average[i] + (pre_rate - average[i]) * c.follow;
    float counts = a > c.floor ? a : c.floor;
    float change = c.span * eta[i] * counts * error[i] + rest[i];
    float next = w[i] + change;
    average[i] = a;
    rest[i] = change - (next - w[i]);
    w[i] = next;
  }
}

static const quell_event_desc events[] = {
    {.kind = QUELL_INTERVAL, .param = INTERVAL, .wants_signal = 1u << 0, .call = on_interval},
};

static const quell_value to_E_from_E[] = {{"sign", 1.0}, {"target", 14.0}};
static const quell_value to_E_from_I[] = {{"sign", -1.0}, {"target", 14.0}};
static const quell_value to_I_from_E[] = {{"sign", -1.0}, {"target", 5.0}};
static const quell_value to_I_from_I[] = {{"sign", 1.0}, {"target", 5.0}};

static const quell_preset_desc presets[] = {
    {"ee", "excitatory synapses onto excitatory neurons; observes inhibition",
     QUELL_TABLE(to_E_from_E)},
    {"ei", "inhibitory synapses onto excitatory neurons; observes inhibition",
     QUELL_TABLE(to_E_from_I)},
    {"ie", "excitatory synapses onto inhibitory neurons; observes excitation",
     QUELL_TABLE(to_I_from_E)},
    {"ii", "inhibitory synapses onto inhibitory neurons; observes excitation",
     QUELL_TABLE(to_I_from_I)},
};

const quell_rule_desc QL_RULE(cross_homeostatic) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .flags = QUELL_NEEDS_RATES,
    .name = "cross_homeostatic",
    .summary = "rates: each population's weights follow the error of the other population",
    .source = "Soldado-Magraner et al. 2022, 10.1073/pnas.2200621119",
    .params = QUELL_TABLE(params),
    .vars = QUELL_TABLE(vars),
    .events = QUELL_TABLE(events),
    .instance_size = sizeof(constants),
    .prepare = prepare,
    .post_vars = QUELL_TABLE(post_vars),
    .signals = QUELL_TABLE(signals),
    .observed = QUELL_TABLE(observed),
    .presets = QUELL_TABLE(presets),
    .post_step = post_step,
};

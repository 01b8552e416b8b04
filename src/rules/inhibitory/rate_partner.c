/*
 * rate_partner: excitation of interneurons that learn with rate_inhibitory.
 *
 *   at each interval:  dw = eta [(I − i0) r_pre − decay w]       I = Σ w r_pre
 *
 * I is what the synapses of this rule bring to their post unit in all, in Hz; an interneuron so
 * strengthens the inputs that are active when it gets more than its share. i0 is the wanted sum of
 * weights times the target rate of the pre units. The rule grows without bound on its own: stack a
 * rule that keeps the sum of the weights onto each neuron upon it (normalise, or
 * competitive_hebbian with eta = 0), as the paper does after each update. eta is per interval.
 *
 * With alpha > 0 the weights are soft-rectified as in rate_inhibitory. There, V is kept across the
 * normalisation in the authors' code; here V follows the normalised weight. The slope of the
 * interneuron's own rectification, a factor in the code (near 1 at a drive of 5 Hz), is not in the
 * paper's equation and not here.
 *
 * Mackwood, Naumann & Sprekeler 2021, 10.7554/eLife.59715, Eq 4c: the local form of Eq 4b; i0 = 5
 * Hz x 1 Hz, alpha = 0.05 over the mean initial weight, 5/307.
 */
#include "rules/builtin.h"
#include "rules/inhibitory/softplus.h"
#include <stdio.h>

enum { ETA, I0, DECAY, ALPHA, INTERVAL, W_MIN, W_MAX };
enum { BOUND_ETA, BOUND_I0, BOUND_DECAY };

static const quell_param_desc params[] = {
    {"eta", "w/Hz^2", "learning rate, per interval", 1e-5, 0.0, 1e6, QUELL_BINDABLE, 0},
    {"i0", "Hz", "excitation at which nothing changes", 5.0, -1e6, 1e6, QUELL_BINDABLE, 0},
    {"decay", "Hz^2/w", "weight decay", 0.1, 0.0, 1e6, QUELL_BINDABLE, 0},
    {"alpha", "1/w", "sharpness of the soft rectification of weights; 0: none", 0.0, 0.0, 1e6, 0,
     0},
    {"interval", "ms", "how often the weights are changed", 1.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"w_min", "w", "smallest weight", 0.0, 0.0, 1e9, 0, 0},
    {"w_max", "w", "largest weight", 1e9, 0.0, 1e9, 0, 0},
};

typedef struct constants {
  float alpha;
} constants;

static quell_status prepare(const quell_rule_args *args, void *instance) {
  const double *value = args->value;
  constants *c = instance;
  if (value[ALPHA] > 0.0 && value[ALPHA] < 1e-6) {
    snprintf(args->message, args->message_size,
             "rule 'rate_partner': 'alpha' must be 0 or in [1e-6, 1e6], got %g", value[ALPHA]);
    return QUELL_E_RANGE;
  }
  c->alpha = (float)value[ALPHA];
  return QUELL_OK;
}

static void reduce(const quell_block *block) {
  const float *restrict w = block->w;
  const float pre_rate = block->pre_rate;
  float *restrict out = block->out;
  for (uint32_t i = 0; i < block->n; i++) out[i] = w[i] * pre_rate;
}

/* The error of each unit, at most that of the largest rates, so that products stay numbers. */
static void decide(const quell_post_block *block) {
  const double i0 = block->param[I0], most = 1e9;
  const double *restrict sum = block->sum;
  float *restrict factor = block->factor;
  for (uint32_t j = 0; j < block->n; j++) {
    double error = sum[j] - i0;
    factor[j] = (float)(error < most ? error : most);
  }
}

static void on_interval(const quell_block *block) {
  const constants c = *(const constants *)block->instance;
  const float pre_rate = block->pre_rate;
  float *restrict w = block->w;
  const float *restrict error = block->factor;
  const float *restrict eta = block->bound[BOUND_ETA], *restrict decay = block->bound[BOUND_DECAY];
  if (c.alpha == 0.0f) {
    for (uint32_t i = 0; i < block->n; i++)
      w[i] += eta[i] * (error[i] * pre_rate - decay[i] * w[i]);
  } else {
    for (uint32_t i = 0; i < block->n; i++) {
      float slope = softplus_slope(w[i], c.alpha);
      float change = eta[i] * (error[i] * pre_rate * slope - decay[i] * w[i]);
      w[i] = softplus_moved(w[i], c.alpha, slope, change);
    }
  }
}

static const quell_event_desc events[] = {
    {.kind = QUELL_REDUCE, .call = reduce},
    {.kind = QUELL_INTERVAL, .param = INTERVAL, .call = on_interval},
};

static const quell_value mackwood2021[] = {
    {"eta", 1e-5}, {"i0", 5.0}, {"decay", 0.1}, {"alpha", 3.07}, {"w_max", 1e5 * 5.0 / 307.0}};

static const quell_preset_desc presets[] = {
    {"mackwood2021", "Mackwood et al. 2021, local form, with the authors' sizes",
     QUELL_TABLE(mackwood2021)},
};

const quell_rule_desc QL_RULE(rate_partner) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .flags = QUELL_NEEDS_RATES,
    .name = "rate_partner",
    .summary = "rates: excitation of interneurons whose inhibition learns a target",
    .source = "Mackwood et al. 2021, 10.7554/eLife.59715",
    .params = QUELL_TABLE(params),
    .events = QUELL_TABLE(events),
    .instance_size = sizeof(constants),
    .prepare = prepare,
    .presets = QUELL_TABLE(presets),
    .decide = decide,
};

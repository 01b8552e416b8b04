/*
 * rate_inhibitory: inhibition of rate units that brings each post unit to a target.
 *
 *   at each interval:  dw = eta [(h_post − rho0) r_pre − decay w]
 *
 * h is the low-passed input of the post unit, which also says how far below its threshold it is;
 * rectified = 1 takes its rate instead. eta is per interval, not per ms: in the papers one update
 * follows each stimulus, at the steady state.
 *
 * With alpha > 0 weights keep their sign by themselves: w = ln(1 + e^(alpha V)) / alpha, and
 *
 *   dV = eta [(h_post − rho0) r_pre s − decay w]      s = dw/dV = 1 − e^(−alpha w)
 *
 * V is not kept: the new weight follows exactly from the old one and dV, so a weight may be written
 * at any time. A weight of 0 then stays 0. Fixed points: h_post = rho0 without decay; with it, at a
 * single synapse, h_post − rho0 = decay w / (r_pre s), where s = 1 without alpha.
 *
 * A change below half of the last bit of w vanishes: with the published numbers where the error of
 * h is below about 2e-3 Hz over the rate of the pre unit in Hz.
 *
 * Mackwood, Naumann & Sprekeler 2021, 10.7554/eLife.59715, Eq 4a; decay, rho0, eta and alpha (0.05
 * over the mean initial weight, 1/38.4) from text and authors' code, where a weight is at most 1e5
 * times its initial mean. The plain rule with the rectified rate: Weber & Sprekeler 2018,
 * 10.7554/eLife.34560. Partner for the excitatory synapses of the interneurons: rate_partner.
 */
#include "rules/builtin.h"
#include "rules/inhibitory/softplus.h"
#include <stdio.h>

enum { ETA, RHO0, DECAY, ALPHA, RECTIFIED, INTERVAL, W_MIN, W_MAX };
enum { BOUND_ETA, BOUND_RHO0, BOUND_DECAY };

static const quell_param_desc params[] = {
    {"eta", "w/Hz^2", "learning rate, per interval", 1e-5, 0.0, 1e6, QUELL_BINDABLE, 0},
    {"rho0", "Hz", "target of the post unit", 1.0, -1e6, 1e6, QUELL_BINDABLE, 0},
    {"decay", "Hz^2/w", "weight decay", 0.1, 0.0, 1e6, QUELL_BINDABLE, 0},
    {"alpha", "1/w", "sharpness of the soft rectification of weights; 0: none", 0.0, 0.0, 1e6, 0,
     0},
    {"rectified", "1", "1: the rate of the post unit in place of h", 0.0, 0.0, 1.0, QUELL_INTEGER,
     0},
    {"interval", "ms", "how often the weights are changed", 1.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"w_min", "w", "smallest weight", 0.0, 0.0, 1e9, 0, 0},
    {"w_max", "w", "largest weight", 1e9, 0.0, 1e9, 0, 0},
};

enum { H, RATE };

static const quell_signal_desc signals[] = {
    {"h", "Hz", "low-passed input of the post unit", "h"},
    {"rate", "Hz", "rate of the post unit", "rate"},
};

typedef struct constants {
  float alpha;
  uint32_t signal; /* H or RATE */
} constants;

static quell_status prepare(const quell_rule_args *args, void *instance) {
  const double *value = args->value;
  constants *c = instance;
  if (value[ALPHA] > 0.0 && value[ALPHA] < 1e-6) {
    snprintf(args->message, args->message_size,
             "rule 'rate_inhibitory': 'alpha' must be 0 or in [1e-6, 1e6], got %g", value[ALPHA]);
    return QUELL_E_RANGE;
  }
  c->alpha = (float)value[ALPHA];
  c->signal = value[RECTIFIED] != 0.0 ? RATE : H;
  return QUELL_OK;
}

static void on_interval(const quell_block *block) {
  const constants c = *(const constants *)block->instance;
  const float pre_rate = block->pre_rate;
  float *restrict w = block->w;
  const float *restrict post = block->signal[c.signal], *restrict eta = block->bound[BOUND_ETA];
  const float *restrict rho0 = block->bound[BOUND_RHO0];
  const float *restrict decay = block->bound[BOUND_DECAY];
  if (c.alpha == 0.0f) {
    for (uint32_t i = 0; i < block->n; i++)
      w[i] += eta[i] * ((post[i] - rho0[i]) * pre_rate - decay[i] * w[i]);
  } else {
    for (uint32_t i = 0; i < block->n; i++) {
      float slope = softplus_slope(w[i], c.alpha);
      float change = eta[i] * ((post[i] - rho0[i]) * pre_rate * slope - decay[i] * w[i]);
      w[i] = softplus_moved(w[i], c.alpha, slope, change);
    }
  }
}

static const quell_event_desc events[] = {
    {.kind = QUELL_INTERVAL,
     .param = INTERVAL,
     .wants_signal = 1u << H | 1u << RATE,
     .call = on_interval},
};

static const quell_value mackwood2021[] = {
    {"eta", 1e-5}, {"rho0", 1.0}, {"decay", 0.1}, {"alpha", 1.92}, {"w_max", 1e5 / 38.4}};
static const quell_value weber2018[] = {
    {"eta", 8e-6}, {"rho0", 1.0}, {"decay", 0.0}, {"rectified", 1.0}};

static const quell_preset_desc presets[] = {
    {"mackwood2021", "Mackwood et al. 2021, approximate rules, with the authors' sizes",
     QUELL_TABLE(mackwood2021)},
    {"weber2018", "Weber & Sprekeler 2018; eta is that of one figure", QUELL_TABLE(weber2018)},
};

const quell_rule_desc QL_RULE(rate_inhibitory) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .flags = QUELL_NEEDS_RATES,
    .name = "rate_inhibitory",
    .summary = "rates: inhibition that brings each unit to a target",
    .source = "Mackwood et al. 2021, 10.7554/eLife.59715; Weber & Sprekeler 2018, "
              "10.7554/eLife.34560",
    .params = QUELL_TABLE(params),
    .events = QUELL_TABLE(events),
    .instance_size = sizeof(constants),
    .prepare = prepare,
    .signals = QUELL_TABLE(signals),
    .presets = QUELL_TABLE(presets),
};

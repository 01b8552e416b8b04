/*
 * anti_hebbian: vogels2011 with its sign reversed and a learning rate that fades.
 *
 *   pre:   w −= eta d(t) (y − alpha)    x, y: traces of the pre and post spikes, time constant tau
 *   post:  w −= eta d(t) x              alpha = 2 rho0 tau,  d(t) = e^(−t / tau_eta)
 *
 * t is the time since the network began. The rule drives the rate away from rho0 and would run into
 * its bounds; the fading stops it. Under independent Poisson spiking the mean drift is
 * −eta d(t) r_pre (2 tau r_post − alpha), and its integral over all time tau_eta times that of
 * t = 0. A pre event reads d as it is, a post event that of the spike. An infinite tau_eta does not
 * fade.
 *
 * Agnes, Luppi & Vogels 2020, Journal of Neuroscience, 10.1523/JNEUROSCI.0276-20.2020;
 * values of the authors' code, whose weights are in units of the leak conductance and where a pre
 * and a post event on one step do not see each other (tie 1).
 */
#include "rules/builtin.h"
#include <math.h>

enum { ETA, RHO0, TAU, TAU_ETA };
enum { BOUND_ETA, BOUND_RHO0 };

static const quell_param_desc params[] = {
    {"eta", "w", "learning rate at the beginning: change of the weight per pair", 1e-3, 0.0, 1e9,
     QUELL_BINDABLE, 0},
    {"rho0", "Hz", "rate of the post neuron at which the drift turns", 4.125, 0.0, 1e6,
     QUELL_BINDABLE, 0},
    {"tau", "ms", "time constant of both traces", 20.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"tau_eta", "ms", "decay of the learning rate; infinite for none", 250000.0, 0.0,
     (double)INFINITY, QUELL_MIN_OPEN, 0},
    QUELL_STANDARD_PARAMS(5.0),
};

static const quell_trace_desc traces[] = {
    {"x", QUELL_PRE, QUELL_TRACE_ADD, TAU, 0},
    {"y", QUELL_POST, QUELL_TRACE_ADD, TAU, 0},
};

static const quell_post_var_desc post_vars[] = {
    {"d", "1", "part of the learning rate that is left", 1.0, 0, 0},
};

static const quell_signal_desc signals[] = {
    {"d", "1", "part of the learning rate that is left", NULL},
};

typedef struct constants {
  double keep;
  float per_rho0; /* alpha for a rho0 of 1 Hz */
} constants;

static quell_status prepare(const quell_rule_args *args, void *instance) {
  const double *value = args->value;
  constants *c = instance;
  c->keep = exp(-args->dt / value[TAU_ETA]);
  c->per_rho0 = (float)(2.0 * value[TAU] / 1000.0);
  return QUELL_OK;
}

/* What is far below any change of a weight is 0, so that no product becomes a denormal number. */
static void post_step(const quell_post_block *block) {
  const constants *c = block->instance;
  double *restrict d = block->var[0];
  float *restrict signal = block->signal[0];
  for (uint32_t i = 0; i < block->n; i++) {
    double now = d[i] * c->keep;
    d[i] = now > 1e-30 ? now : 0.0;
    signal[i] = (float)d[i];
  }
}

static void on_pre(const quell_block *block) {
  const constants *c = block->instance;
  float *restrict w = block->w;
  const float *restrict y = block->post[0], *restrict d = block->signal[0];
  const float *restrict eta = block->bound[BOUND_ETA], *restrict rho0 = block->bound[BOUND_RHO0];
  for (uint32_t i = 0; i < block->n; i++) w[i] -= eta[i] * d[i] * (y[i] - rho0[i] * c->per_rho0);
}

static void on_post(const quell_block *block) {
  float *restrict w = block->w;
  const float *restrict x = block->pre[0], *restrict d = block->signal[0];
  const float *restrict eta = block->bound[BOUND_ETA];
  for (uint32_t i = 0; i < block->n; i++) w[i] -= eta[i] * d[i] * x[i];
}

static const quell_event_desc events[] = {
    {.kind = QUELL_PRE, .wants_post = 1u << 0, .wants_signal = 1u << 0, .call = on_pre},
    {.kind = QUELL_POST, .wants_pre = 1u << 0, .wants_signal = 1u << 0, .call = on_post},
};

static const quell_value agnes[] = {
    {"eta", 1e-3},  {"rho0", 4.125},          {"tau", 20.0}, {"tau_eta", 250000.0}, {"w_min", 1e-4},
    {"w_max", 5.0}, {"tie", QUELL_EXCLUSIVE},
};

static const quell_preset_desc presets[] = {
    {"agnes2020", "the authors' code; weight in units of the leak conductance", QUELL_TABLE(agnes)},
};

const quell_rule_desc QL_RULE(anti_hebbian) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "anti_hebbian",
    .summary = "symmetric anti-Hebbian inhibitory plasticity whose learning rate fades",
    .source = "Agnes, Luppi & Vogels 2020, 10.1523/JNEUROSCI.0276-20.2020",
    .params = QUELL_TABLE(params),
    .traces = QUELL_TABLE(traces),
    .events = QUELL_TABLE(events),
    .instance_size = sizeof(constants),
    .prepare = prepare,
    .post_vars = QUELL_TABLE(post_vars),
    .signals = QUELL_TABLE(signals),
    .presets = QUELL_TABLE(presets),
    .post_step = post_step,
};

/*
 * istdp_multiplicative: homeostatic plasticity of inhibitory synapses in proportion to their
 * weight, on excitatory and on inhibitory cells, and of excitatory synapses onto inhibitory cells.
 *
 *   pre:   w += sign eta (w / w_n) (y − alpha)      x, y: traces of the pre and post spikes, tau
 *   post:  w += sign eta (w / w_n) x                alpha = 2 rho0 tau
 *
 * sign is 1 for inhibitory synapses: they grow where the post cell fires above rho0. It is −1 for
 * excitatory synapses onto inhibitory cells: they shrink there. For small eta and independent
 * Poisson spiking the mean of ln w drifts by sign (eta / w_n) r_pre (2 tau r_post − alpha),
 * and a weight does not reach 0. It never leaves 0.
 *
 * Akil, Rosenbaum & Josić 2021, 10.1371/journal.pcbi.1008958: values and form as in the authors'
 * code. There w_n is 150 / √N for inhibition of excitatory cells, 250 / √N of inhibitory cells, and
 * 112.5 / √N for excitation of inhibitory cells, with N neurons in the network: it is not in the
 * presets, since N is the user's.
 */
#include "rules/builtin.h"
#include <stdio.h>

enum { ETA, RHO0, TAU, W_N, SIGN, W_MIN, W_MAX };
enum { BOUND_ETA, BOUND_RHO0 };

static const quell_param_desc params[] = {
    {"eta", "w", "learning rate: change per pair of spikes of a weight of w_n", 0.01, 0.0, 1e9,
     QUELL_BINDABLE, 0},
    {"rho0", "Hz", "target rate of the post neuron", 10.0, 0.0, 1e6, QUELL_BINDABLE, 0},
    {"tau", "ms", "time constant of both traces", 200.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"w_n", "w", "weight that changes by eta", 1.0, 1e-9, 1e9, 0, 0},
    {"sign", "1", "1 from inhibitory cells, -1 from excitatory onto inhibitory ones", 1.0, -1.0,
     1.0, QUELL_INTEGER, 0},
    QUELL_STANDARD_PARAMS(100.0),
};

static const quell_value akil2021_ie[] = {
    {"eta", 1.5e-5}, {"rho0", 10.0}, {"tau", 200.0}, {"sign", 1.0}};
static const quell_value akil2021_ii[] = {
    {"eta", 1.5e-5}, {"rho0", 20.0}, {"tau", 200.0}, {"sign", 1.0}};
static const quell_value akil2021_ei[] = {
    {"eta", 1.5e-5}, {"rho0", 20.0}, {"tau", 200.0}, {"sign", -1.0}};

static const quell_preset_desc presets[] = {
    {"akil2021_ie", "inhibitory onto excitatory; authors' code, without w_n",
     QUELL_TABLE(akil2021_ie)},
    {"akil2021_ii", "inhibitory onto inhibitory; authors' code, without w_n",
     QUELL_TABLE(akil2021_ii)},
    {"akil2021_ei", "excitatory onto inhibitory; authors' code, without w_n",
     QUELL_TABLE(akil2021_ei)},
};

static const quell_trace_desc traces[] = {
    {"x", QUELL_PRE, QUELL_TRACE_ADD, TAU, 0},
    {"y", QUELL_POST, QUELL_TRACE_ADD, TAU, 0},
};

typedef struct constants {
  float scale, per_rho0; /* alpha for a target of 1 Hz */
} constants;

/* Growth in proportion to itself ends only at a bound. */
static quell_status prepare(const quell_rule_args *args, void *instance) {
  const double *value = args->value;
  constants *c = instance;
  if (!(value[W_MAX] < (double)INFINITY)) {
    snprintf(args->message, args->message_size,
             "rule 'istdp_multiplicative': 'w_max' must be finite, at most 1e30");
    return QUELL_E_RANGE;
  }
  c->scale = (float)(value[SIGN] / value[W_N]);
  c->per_rho0 = (float)(2.0 * value[TAU] / 1000.0);
  return QUELL_OK;
}

static void on_pre(const quell_block *block) {
  const constants *c = block->instance;
  float *restrict w = block->w;
  const float *restrict y = block->post[0];
  const float *restrict eta = block->bound[BOUND_ETA], *restrict rho0 = block->bound[BOUND_RHO0];
  for (uint32_t i = 0; i < block->n; i++)
    w[i] += w[i] * (c->scale * eta[i] * (y[i] - rho0[i] * c->per_rho0));
}

static void on_post(const quell_block *block) {
  const constants *c = block->instance;
  float *restrict w = block->w;
  const float *restrict x = block->pre[0], *restrict eta = block->bound[BOUND_ETA];
  for (uint32_t i = 0; i < block->n; i++) w[i] += w[i] * (c->scale * eta[i] * x[i]);
}

static const quell_event_desc events[] = {
    {.kind = QUELL_PRE, .wants_post = 1u << 0, .call = on_pre},
    {.kind = QUELL_POST, .wants_pre = 1u << 0, .call = on_post},
};

const quell_rule_desc QL_RULE(istdp_multiplicative) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "istdp_multiplicative",
    .summary = "homeostatic plasticity in proportion to the weight, also onto inhibitory cells",
    .source = "Akil, Rosenbaum & Josić 2021, 10.1371/journal.pcbi.1008958",
    .params = QUELL_TABLE(params),
    .traces = QUELL_TABLE(traces),
    .events = QUELL_TABLE(events),
    .instance_size = sizeof(constants),
    .prepare = prepare,
    .presets = QUELL_TABLE(presets),
};

/*
 * vogels2011: inhibitory plasticity that balances excitation.
 *
 *   pre:   w += eta (y − alpha)        x, y: traces of the pre and post spikes, time constant tau
 *   post:  w += eta x                  alpha = 2 rho0 tau
 *
 * Under independent Poisson spiking the mean drift is eta r_pre (2 tau r_post − alpha), which is
 * zero at r_post = rho0. With correlated spikes the rate settles above rho0.
 *
 * Vogels, Sprekeler, Zenke, Clopath & Gerstner 2011, Science 334:1569, 10.1126/science.1211095. tau
 * is 20 ms in all codes that we know; the learning rates differ with the unit of the weight, and
 * the paper's own was not seen. The defaults are those of Brian2's example.
 */
#include "rules/builtin.h"

enum { ETA, RHO0, TAU };
enum { BOUND_ETA, BOUND_RHO0 };

static const quell_param_desc params[] = {
    {"eta", "w", "learning rate: change of the weight per pair of spikes", 0.01, 0.0, 1e9,
     QUELL_BINDABLE, 0},
    {"rho0", "Hz", "target rate of the post neuron", 3.0, 0.0, 1e6, QUELL_BINDABLE, 0},
    {"tau", "ms", "time constant of both traces", 20.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    QUELL_STANDARD_PARAMS(100.0),
};

static const quell_value auryn[] = {{"eta", 1e-3}, {"rho0", 3.0}, {"tau", 20.0}, {"w_max", 30.0}};
static const quell_value brian2[] = {{"eta", 1e-2}, {"rho0", 3.0}, {"tau", 20.0}, {"w_max", 100.0}};
static const quell_value agnes2020[] = {
    {"eta", 1e-3}, {"rho0", 5.0}, {"tau", 20.0}, {"w_min", 1e-4}, {"w_max", 5.0}};
static const quell_value schulz2021[] = {
    {"eta", 1.0}, {"rho0", 3.0}, {"tau", 20.0}, {"w_min", 48.7}, {"w_max", 243.0}};
static const quell_value agnes2024[] = {
    {"eta", 5e-3}, {"rho0", 7.0}, {"tau", 20.0}, {"w_min", 1e-6}, {"w_max", 10.0}};

static const quell_preset_desc presets[] = {
    {"auryn", "Auryn's sim_isp_orig, weights in units of the leak", QUELL_TABLE(auryn)},
    {"brian2", "Brian2's example of the paper, nS; eta as in the last part of it",
     QUELL_TABLE(brian2)},
    {"agnes2020", "authors' code of 10.1523/JNEUROSCI.0276-20.2020, units of the leak",
     QUELL_TABLE(agnes2020)},
    {"schulz2021", "authors' code of 10.7554/eLife.65309, pF", QUELL_TABLE(schulz2021)},
    {"agnes2024", "comparison in authors' code of 10.1038/s41593-024-01597-4, units of the leak",
     QUELL_TABLE(agnes2024)},
};

static const quell_trace_desc traces[] = {
    {"x", QUELL_PRE, QUELL_TRACE_ADD, TAU, 0},
    {"y", QUELL_POST, QUELL_TRACE_ADD, TAU, 0},
};

typedef struct constants {
  float per_rho0; /* alpha for a target of 1 Hz */
} constants;

static quell_status prepare(const quell_rule_args *args, void *instance) {
  constants *c = instance;
  c->per_rho0 = (float)(2.0 * args->value[TAU] / 1000.0);
  return QUELL_OK;
}

static void on_pre(const quell_block *block) {
  const constants *c = block->instance;
  float *restrict w = block->w;
  const float *restrict y = block->post[0];
  const float *restrict eta = block->bound[BOUND_ETA], *restrict rho0 = block->bound[BOUND_RHO0];
  for (uint32_t i = 0; i < block->n; i++) w[i] += eta[i] * (y[i] - rho0[i] * c->per_rho0);
}

static void on_post(const quell_block *block) {
  float *restrict w = block->w;
  const float *restrict x = block->pre[0], *restrict eta = block->bound[BOUND_ETA];
  for (uint32_t i = 0; i < block->n; i++) w[i] += eta[i] * x[i];
}

static const quell_event_desc events[] = {
    {.kind = QUELL_PRE, .wants_post = 1u << 0, .call = on_pre},
    {.kind = QUELL_POST, .wants_pre = 1u << 0, .call = on_post},
};

const quell_rule_desc QL_RULE(vogels2011) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "vogels2011",
    .summary = "symmetric inhibitory plasticity with a target rate",
    .source = "Vogels et al. 2011, 10.1126/science.1211095",
    .params = QUELL_TABLE(params),
    .traces = QUELL_TABLE(traces),
    .events = QUELL_TABLE(events),
    .instance_size = sizeof(constants),
    .prepare = prepare,
    .presets = QUELL_TABLE(presets),
};

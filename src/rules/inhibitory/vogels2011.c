/*
 * vogels2011: inhibitory plasticity that balances excitation.
 *
 *   pre:   w += eta (y − alpha)        x, y: traces of the pre and post spikes, time constant tau
 *   post:  w += eta x                  alpha = 2 rho0 tau
 *
 * Under independent Poisson spiking the mean drift is eta r_pre (2 tau r_post − alpha), which is
 * zero at r_post = rho0.
 *
 * Vogels, Sprekeler, Zenke, Clopath & Gerstner 2011, Science 334:1569, 10.1126/science.1211095.
 */
#include "rules/builtin.h"

enum { ETA, RHO0, TAU };

static const quell_param_desc params[] = {
    {"eta", "w", "learning rate: change of the weight per pair of spikes", 0.01, 0.0, 1e9, 0, 0},
    {"rho0", "Hz", "target rate of the post neuron", 3.0, 0.0, 1e6, 0, 0},
    {"tau", "ms", "time constant of both traces", 20.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    QUELL_STANDARD_PARAMS(100.0),
};

static const quell_trace_desc traces[] = {
    {"x", QUELL_PRE, QUELL_TRACE_ADD, TAU, 0},
    {"y", QUELL_POST, QUELL_TRACE_ADD, TAU, 0},
};

typedef struct constants {
  float eta, alpha;
} constants;

static quell_status prepare(const quell_rule_args *args, void *instance) {
  constants *c = instance;
  c->eta = (float)args->value[ETA];
  c->alpha = (float)(2.0 * args->value[RHO0] * args->value[TAU] / 1000.0);
  return QUELL_OK;
}

static void on_pre(const quell_block *block) {
  const constants *c = block->instance;
  float *restrict w = block->w;
  const float *restrict y = block->post[0];
  for (uint32_t i = 0; i < block->n; i++) w[i] += c->eta * (y[i] - c->alpha);
}

static void on_post(const quell_block *block) {
  const constants *c = block->instance;
  float *restrict w = block->w;
  const float *restrict x = block->pre[0];
  for (uint32_t i = 0; i < block->n; i++) w[i] += c->eta * x[i];
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
};

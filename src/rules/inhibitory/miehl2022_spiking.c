/*
 * miehl2022_spiking: inhibitory plasticity that follows r_pre r_post (r_post − c): nonlinear in the
 * post rate. A form for spikes, ours, of a rule that is published for rates.
 *
 *   pre:   w −= eta (tau_pre / tau_post) y         x: pre trace, tau_pre; y: post trace, tau_post
 *   post:  w += eta x z / (c tau_slow)             z: slow post trace, tau_slow; without the spike
 *                                                  itself
 *
 * Under independent Poisson spiking the mean drift is eta tau_pre r_pre r_post (r_post / c − 1):
 * zero at r_post = c, and zero for a silent post neuron, which this rule does not wake. Inhibition
 * grows above c. This is the minimal triplet rule on an inhibitory synapse.
 *
 * Miehl & Gjorgjieva 2022, 10.1371/journal.pcbi.1010682: dw/dt = r_pre r_post (r_post − c) / tau_w;
 * c is theirs (authors' code), the time constants are ours.
 */
#include "rules/builtin.h"

enum { ETA, C, TAU_PRE, TAU_POST, TAU_SLOW };
enum { BOUND_ETA, BOUND_C };

static const quell_param_desc params[] = {
    {"eta", "w", "learning rate: change per pair of spikes at the threshold", 0.01, 0.0, 1e9,
     QUELL_BINDABLE, 0},
    {"c", "Hz", "threshold: the rate of the post neuron at which nothing changes", 1.0, 1e-3, 1e6,
     QUELL_BINDABLE, 0},
    {"tau_pre", "ms", "time constant of the pre trace", 20.0, 1e-3, 1e9, 0, 0},
    {"tau_post", "ms", "time constant of the post trace", 20.0, 1e-3, 1e9, 0, 0},
    {"tau_slow", "ms", "time constant of the slow post trace", 100.0, 1e-3, 1e9, 0, 0},
    QUELL_STANDARD_PARAMS(100.0),
};

static const quell_trace_desc traces[] = {
    {"x", QUELL_PRE, QUELL_TRACE_ADD, TAU_PRE, 0},
    {"y", QUELL_POST, QUELL_TRACE_ADD, TAU_POST, 0},
    {"z", QUELL_POST, QUELL_TRACE_ADD, TAU_SLOW, 0},
};

typedef struct constants {
  float depress, potentiate; /* for eta = 1, and the latter for c = 1 Hz */
} constants;

static quell_status prepare(const quell_rule_args *args, void *instance) {
  const double *value = args->value;
  constants *c = instance;
  c->depress = (float)(value[TAU_PRE] / value[TAU_POST]);
  c->potentiate = (float)(1000.0 / value[TAU_SLOW]);
  return QUELL_OK;
}

static void on_pre(const quell_block *block) {
  const constants *c = block->instance;
  float *restrict w = block->w;
  const float *restrict y = block->post[0], *restrict eta = block->bound[BOUND_ETA];
  for (uint32_t i = 0; i < block->n; i++) w[i] -= c->depress * eta[i] * y[i];
}

static void on_post(const quell_block *block) {
  const constants *c = block->instance;
  float *restrict w = block->w;
  const float *restrict x = block->pre[0], *restrict z = block->post[1];
  const float *restrict eta = block->bound[BOUND_ETA], *restrict at = block->bound[BOUND_C];
  for (uint32_t i = 0; i < block->n; i++) w[i] += c->potentiate * (eta[i] / at[i]) * x[i] * z[i];
}

static const quell_event_desc events[] = {
    {.kind = QUELL_PRE, .wants_post = 1u << 0, .call = on_pre},
    {.kind = QUELL_POST, .wants_pre = 1u << 0, .wants_post = 1u << 1, .call = on_post},
};

const quell_rule_desc QL_RULE(miehl2022_spiking) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "miehl2022_spiking",
    .summary = "inhibitory plasticity with a threshold in the post rate, as a triplet rule",
    .source = "after Miehl & Gjorgjieva 2022, 10.1371/journal.pcbi.1010682",
    .params = QUELL_TABLE(params),
    .traces = QUELL_TABLE(traces),
    .events = QUELL_TABLE(events),
    .instance_size = sizeof(constants),
    .prepare = prepare,
};

/*
 * miehl2022: nonlinear plasticity of excitatory and inhibitory synapses between rate units.
 *
 *   dw/dt = r_pre r_post (r_post − c) / tau_w        linear = 1:  dw/dt = r_pre (r_post − c) /
 * tau_w
 *
 * The same equation on excitatory and on inhibitory synapses, with time constants of their own; the
 * linear form is the paper's comparison rule. Rates in Hz; tau_w in ms takes the other units: with
 * w without unit it is ms Hz^3 (linear: ms Hz^2). Forward Euler steps of `interval`; what is less
 * than a bit of a weight is not lost, the variable "rest" carries it.
 *
 * Where both learn with one c, a post rate that is the linear, fast sum of the inputs obeys
 * dr/dt = −K r (r − c), K = n_I r_I^2 / tau_I − n_E r_E^2 / tau_E (n: synapses): it ends at c if
 * K > 0. Δw tau_w / r_pre is the same for all synapses of a neuron, so the ratio of inhibitory and
 * excitatory weights comes to depend on the pre rates alone. A silent post neuron stays silent
 * under the nonlinear rule, and only there.
 *
 * Sliding threshold: c of a neuron moves by `slide` times the sum of the changes of its weights,
 *
 *   c += slide Σ Δw        slide > 0 on excitatory, < 0 on inhibitory synapses
 *
 * where Δw is the change before any bound, all synapses of the neuron and all projections of this
 * instance together. In the authors' code, which has one synapse of each kind, the factor is
 * dt / tau_c = 0.05 (0.1 ms over 2 ms) for every step of 0.1 ms. A change of the weights by hand
 * does not move c.
 *
 * Miehl & Gjorgjieva 2022, 10.1371/journal.pcbi.1010682; c, tau_w, the linear form and the sliding
 * threshold from the authors' code. The paper has no rule for spikes; a triplet rule has this mean.
 */
#include "rules/builtin.h"

enum { C, TAU_W, LINEAR, SLIDE, INTERVAL, W_MIN, W_MAX };
enum { BOUND_C };

static const quell_param_desc params[] = {
    {"c", "Hz", "threshold: post rate at which nothing changes", 1.0, -1e6, 1e6, QUELL_BINDABLE, 0},
    {"tau_w", "ms", "time constant, for rates in Hz", 200.0, 1e-3, 1e15, 0, 0},
    {"linear", "1", "1: the linear rule", 0.0, 0.0, 1.0, QUELL_INTEGER, 0},
    {"slide", "Hz/w", "change of the threshold per change of the summed weights", 0.0, -1e6, 1e6, 0,
     0},
    {"interval", "ms", "how often the weights are changed", 1.0, 0.0, 1e6, QUELL_MIN_OPEN, 0},
    {"w_min", "w", "smallest weight", 0.0, 0.0, 1e9, 0, 0},
    {"w_max", "w", "largest weight", 1e9, 0.0, 1e9, 0, 0},
};

static const quell_var_desc vars[] = {
    {"rest", "w", "part of the changes that is less than a bit of the weight", 0.0},
};

static const quell_post_var_desc post_vars[] = {
    {"slid", "Hz", "how far the threshold has moved", 0.0, 0, 0},
};

enum { RATE, SLID };

static const quell_signal_desc signals[] = {
    {"rate", "Hz", "rate of the post neuron", "rate"},
    {"slid", "Hz", "how far its threshold has moved", NULL},
};

typedef struct constants {
  float eta; /* of one interval */
  double slide;
  int linear;
} constants;

static quell_status prepare(const quell_rule_args *args, void *instance) {
  const double *value = args->value;
  constants *k = instance;
  k->eta = (float)(value[INTERVAL] / value[TAU_W]);
  k->slide = value[SLIDE];
  k->linear = value[LINEAR] != 0.0;
  return QUELL_OK;
}

/* What a synapse is to change by. Within any float, with rates of at most 1e9 Hz. */
static inline float change_of(const constants *k, float eta, float r, float c) {
  float distance = r - c;
  return eta * (k->linear ? distance : r * distance);
}

static void reduce(const quell_block *block) {
  const constants k = *(const constants *)block->instance;
  const float eta = k.eta * block->pre_rate;
  const float *restrict r = block->signal[RATE], *restrict slid = block->signal[SLID];
  const float *restrict c = block->bound[BOUND_C];
  float *restrict out = block->out;
  for (uint32_t i = 0; i < block->n; i++) out[i] = change_of(&k, eta, r[i], c[i] + slid[i]);
}

static void on_interval(const quell_block *block) {
  const constants k = *(const constants *)block->instance;
  const float eta = k.eta * block->pre_rate;
  const float *restrict r = block->signal[RATE], *restrict slid = block->signal[SLID];
  const float *restrict c = block->bound[BOUND_C];
  float *restrict w = block->w, *restrict rest = block->var[0];
  for (uint32_t i = 0; i < block->n; i++) {
    float change = change_of(&k, eta, r[i], c[i] + slid[i]) + rest[i];
    float next = w[i] + change;
    rest[i] = change - (next - w[i]);
    w[i] = next;
  }
}

/* Kept within the range of rates, so that a weight that runs away takes no infinity along. */
static void decide(const quell_post_block *block) {
  const double slide = ((const constants *)block->instance)->slide, most = 1e9;
  const double *restrict sum = block->sum;
  double *restrict slid = block->var[0];
  float *restrict factor = block->factor;
  for (uint32_t j = 0; j < block->n; j++) {
    double next = slid[j] + slide * sum[j];
    next = next < most ? next : most;
    slid[j] = next > -most ? next : -most;
    factor[j] = 0.0f;
  }
}

static void post_step(const quell_post_block *block) {
  const double *restrict slid = block->var[0];
  float *restrict signal = block->signal[SLID];
  for (uint32_t j = 0; j < block->n; j++) signal[j] = (float)slid[j];
}

#define READS (1u << RATE | 1u << SLID)

static const quell_event_desc events[] = {
    {.kind = QUELL_REDUCE, .wants_signal = READS, .call = reduce},
    {.kind = QUELL_INTERVAL, .param = INTERVAL, .wants_signal = READS, .call = on_interval},
};

static const quell_value excitatory[] = {{"tau_w", 1000.0}, {"interval", 0.1}};
static const quell_value inhibitory[] = {{"tau_w", 200.0}, {"interval", 0.1}};
static const quell_value sliding_E[] = {{"tau_w", 1000.0}, {"slide", 0.05}, {"interval", 0.1}};
static const quell_value sliding_I[] = {{"tau_w", 200.0}, {"slide", -0.05}, {"interval", 0.1}};

static const quell_preset_desc presets[] = {
    {"excitatory", "excitatory synapses, Figs 1 and 2", QUELL_TABLE(excitatory)},
    {"inhibitory", "inhibitory synapses, Figs 1 and 2", QUELL_TABLE(inhibitory)},
    {"excitatory_sliding", "excitatory synapses, sliding threshold, S4 Fig",
     QUELL_TABLE(sliding_E)},
    {"inhibitory_sliding", "inhibitory synapses, sliding threshold, S4 Fig",
     QUELL_TABLE(sliding_I)},
};

const quell_rule_desc QL_RULE(miehl2022) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .flags = QUELL_NEEDS_RATES,
    .name = "miehl2022",
    .summary = "rates: potentiation above a post rate, depression below, nonlinear",
    .source = "Miehl & Gjorgjieva 2022, 10.1371/journal.pcbi.1010682",
    .params = QUELL_TABLE(params),
    .vars = QUELL_TABLE(vars),
    .events = QUELL_TABLE(events),
    .instance_size = sizeof(constants),
    .prepare = prepare,
    .post_vars = QUELL_TABLE(post_vars),
    .signals = QUELL_TABLE(signals),
    .presets = QUELL_TABLE(presets),
    .post_step = post_step,
    .decide = decide,
};

/*
 * voltage_inhibitory: inhibitory plasticity that holds the membrane potential at a target.
 *
 *   pre:   w += eta (u − theta)        u: membrane potential, low-passed with tau_u
 *   post:  w += eta_post x             x: trace of the pre spikes, time constant tau
 *
 * Inhibition grows where the cell is too depolarised and shrinks where it is not. Without the post
 * term (eta_post 0, the default) the mean drift is eta r_pre (⟨u⟩ − theta), with the mean over the
 * arrivals of pre spikes: it is zero where that mean is theta. u begins at the first potential that
 * is seen. A pre event reads u as it is, whatever the dendritic delay.
 *
 * That inhibitory plasticity follows presynaptic spikes and sets a target for the potential over
 * a long time is Pedrosa & Clopath 2020, 10.1101/2020.12.08.416263 (abstract); their equation was
 * not found, and this form is ours, after them. Published equations of the same principle, of
 * rates: Sacramento et al. 2018 (NeurIPS), eq. 9, where v is dendritic and theta the resting
 * potential; Hertäg & Sprekeler 2020. The two terms with theta −50 mV, tau_u 200 ms and one
 * learning rate for both are the iSTDPPotential of SNNModels.jl.
 */
#include "rules/builtin.h"
#include <math.h>

enum { ETA, THETA, TAU_U, ETA_POST, TAU };
enum { BOUND_ETA, BOUND_THETA, BOUND_ETA_POST };

/* Potentials are kept within what no product of them makes infinite. */
#define MOST_MV 1e6

static const quell_param_desc params[] = {
    {"eta", "w/mV", "learning rate: change per pre spike and mV above theta", 1e-3, 0.0, 1e9,
     QUELL_BINDABLE, 0},
    {"theta", "mV", "target of the low-passed potential", -50.0, -MOST_MV, MOST_MV, QUELL_BINDABLE,
     0},
    {"tau_u", "ms", "low-pass of the potential; 0 for none", 200.0, 0.0, 1e9, 0, 0},
    {"eta_post", "w", "change per pair at a post spike", 0.0, 0.0, 1e9, QUELL_BINDABLE, 0},
    {"tau", "ms", "time constant of the pre trace", 20.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    QUELL_STANDARD_PARAMS(100.0),
};

static const quell_trace_desc traces[] = {
    {"x", QUELL_PRE, QUELL_TRACE_ADD, TAU, 0},
};

static const quell_state_desc states[] = {
    {"v", "membrane potential, somatic or dendritic, mV"},
};

enum { LOW_PASSED, SEEN };

static const quell_post_var_desc post_vars[] = {
    {"u", "mV", "low-passed potential", 0.0, 0, 0},
    {"seen", "1", "0 before the first potential, then 1", 0.0, 0, 0},
};

static const quell_signal_desc signals[] = {
    {"above", "mV", "low-passed potential above theta; 0 before the first", NULL},
};

typedef struct constants {
  double keep;
} constants;

static quell_status prepare(const quell_rule_args *args, void *instance) {
  const double *value = args->value;
  constants *c = instance;
  c->keep = exp(-args->dt / value[TAU_U]);
  return QUELL_OK;
}

static void post_step(const quell_post_block *block) {
  const constants *c = block->instance;
  const double theta = block->param[THETA];
  const float *restrict v = block->state[0];
  double *restrict u = block->var[LOW_PASSED], *restrict seen = block->var[SEEN];
  float *restrict above = block->signal[0];
  for (uint32_t i = 0; i < block->n; i++) {
    double low = (double)v[i] > -MOST_MV ? (double)v[i] : -MOST_MV;
    double now = low < MOST_MV ? low : MOST_MV;
    double before = seen[i] > 0.0 ? u[i] : now;
    u[i] = now + c->keep * (before - now);
    seen[i] = 1.0;
    above[i] = (float)(u[i] - theta);
  }
}

static void on_pre(const quell_block *block) {
  float *restrict w = block->w;
  const float *restrict above = block->signal[0], *restrict eta = block->bound[BOUND_ETA];
  for (uint32_t i = 0; i < block->n; i++) w[i] += eta[i] * above[i];
}

static void on_post(const quell_block *block) {
  float *restrict w = block->w;
  const float *restrict x = block->pre[0], *restrict eta = block->bound[BOUND_ETA_POST];
  for (uint32_t i = 0; i < block->n; i++) w[i] += eta[i] * x[i];
}

static const quell_event_desc events[] = {
    {.kind = QUELL_PRE, .wants_signal = 1u << 0, .call = on_pre},
    {.kind = QUELL_POST, .wants_pre = 1u << 0, .call = on_post},
};

static const quell_value potential[] = {
    {"eta", 1e-3},
    {"theta", -50.0},
    {"tau_u", 200.0},
    {"eta_post", 1e-3},
};

static const quell_preset_desc presets[] = {
    {"snnmodels", "iSTDPPotential of SNNModels.jl, with its post term; its trace is not known",
     QUELL_TABLE(potential)},
};

const quell_rule_desc QL_RULE(voltage_inhibitory) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "voltage_inhibitory",
    .summary = "inhibition holds the low-passed potential at a target",
    .source = "ours, after Pedrosa & Clopath 2020, 10.1101/2020.12.08.416263",
    .params = QUELL_TABLE(params),
    .traces = QUELL_TABLE(traces),
    .events = QUELL_TABLE(events),
    .instance_size = sizeof(constants),
    .prepare = prepare,
    .post_vars = QUELL_TABLE(post_vars),
    .states = QUELL_TABLE(states),
    .signals = QUELL_TABLE(signals),
    .presets = QUELL_TABLE(presets),
    .post_step = post_step,
};

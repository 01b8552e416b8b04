/*
 * codependent_inhibitory: inhibitory plasticity that balances the currents of the cell, not its
 * rate.
 *
 *   pre:   w += g_leak eta E (E − alpha I) y      x, y: traces of the pre and post spikes, tau
 *   post:  w += g_leak eta E (E − alpha I) x
 *
 *   E: (g_exc / g_leak) B(v) (e_nmda − v), low-passed with tau_e
 *   I: (g_inh / g_leak) (v − e_gaba), low-passed with tau_i
 *   B(v) = 1 / (1 + mg_factor e^(−mg_slope v))
 *
 * E and I, in mV, are of the cell: all its excitatory and inhibitory input, by the neuron's
 * conductances `g_exc` and `g_inh` in nS. `g_exc` stands for the NMDA current of the paper, where
 * AMPA does not count; B is its magnesium block, with the values of the paper; mg_factor 0 is no
 * block. g_leak is the leak conductance of the neuron (cm / tau_m): the paper has conductances,
 * weights and their changes in units of it.
 *
 * With E and I held, a pair changes the weight by g_leak eta E (E − alpha I) e^(−|dt|/tau) in
 * either order; under independent Poisson spiking the mean drift is that amplitude times
 * 2 tau r_pre r_post. Nothing changes at E / I = alpha, the balance to which the rule drives the
 * cell. A pre event reads E and I as they are; a post event those of the spike, whatever the
 * dendritic delay. Without excitation, or without a partner of the pair, nothing changes.
 *
 * Single changes of the published sets are of the order of the rounding of a weight. What is
 * rounded off is therefore kept, in `remainder`, and added at the next event.
 *
 * Agnes & Vogels 2024, Nature Neuroscience, 10.1038/s41593-024-01597-4; equations and values as in
 * the authors' code. There eta is the product of two factors, and a pre and a post event on one
 * step do not see each other (tie 1).
 */
#include "rules/builtin.h"
#include <math.h>
#include <string.h>

enum { ETA, ALPHA, TAU, TAU_E, TAU_I, G_LEAK, E_NMDA, E_GABA, MG_FACTOR, MG_SLOPE };
enum { BOUND_ETA, BOUND_ALPHA };

/* Currents are kept within what no product of them makes infinite. */
#define MOST_MV 1e6

static const quell_param_desc params[] = {
    {"eta", "1/mV2", "learning rate: change per pair and mV2, in units of g_leak", 1.5e-8, 0.0, 1e3,
     QUELL_BINDABLE, 0},
    {"alpha", "1", "ratio of E to I at which nothing changes", 0.855, 0.0, 1e6, QUELL_BINDABLE, 0},
    {"tau", "ms", "time constant of both traces", 20.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"tau_e", "ms", "low-pass of the excitatory current; 0 for none", 10.0, 0.0, 1e9, 0, 0},
    {"tau_i", "ms", "low-pass of the inhibitory current; 0 for none", 100.0, 0.0, 1e9, 0, 0},
    {"g_leak", "nS", "leak conductance of the post neuron, cm / tau_m", 10.0, 1e-6, 1e6, 0, 0},
    {"e_nmda", "mV", "reversal potential of excitation", 0.0, -MOST_MV, MOST_MV, 0, 0},
    {"e_gaba", "mV", "reversal potential of inhibition", -80.0, -MOST_MV, MOST_MV, 0, 0},
    {"mg_factor", "1",
     "magnesium block: factor in 1 / (1 + mg_factor e^(-mg_slope v)); 0: no block", 0.15, 0.0, 1e9,
     0, 0},
    {"mg_slope", "1/mV", "magnesium block: its steepness", 0.08, 0.0, 1e3, 0, 0},
    QUELL_STANDARD_PARAMS(100.0),
};

static const quell_var_desc vars[] = {
    {"remainder", "w", "what rounding has left out of the weight so far", 0.0},
};

static const quell_trace_desc traces[] = {
    {"x", QUELL_PRE, QUELL_TRACE_ADD, TAU, 0},
    {"y", QUELL_POST, QUELL_TRACE_ADD, TAU, 0},
};

enum { STATE_V, STATE_EXC, STATE_INH };

static const quell_state_desc states[] = {
    {"v", "membrane potential, mV"},
    {"g_exc", "excitatory conductance, nS"},
    {"g_inh", "inhibitory conductance, nS"},
};

enum { CURRENT_E, CURRENT_I };

static const quell_post_var_desc post_vars[] = {
    {"E", "mV", "low-passed excitatory current", 0.0, 0, 0},
    {"I", "mV", "low-passed inhibitory current", 0.0, 0, 0},
};

static const quell_signal_desc signals[] = {
    {"E", "mV", "low-passed excitatory current", NULL},
    {"I", "mV", "low-passed inhibitory current", NULL},
};

typedef struct constants {
  double keep_E, keep_I, per_leak, E_NMDA, E_GABA;
  float g_leak, mg_factor, mg_slope;
} constants;

static quell_status prepare(const quell_rule_args *args, void *instance) {
  const double *value = args->value;
  constants *c = instance;
  c->keep_E = exp(-args->dt / value[TAU_E]);
  c->keep_I = exp(-args->dt / value[TAU_I]);
  c->per_leak = 1.0 / value[G_LEAK];
  c->E_NMDA = value[E_NMDA];
  c->E_GABA = value[E_GABA];
  c->g_leak = (float)value[G_LEAK];
  c->mg_factor = (float)value[MG_FACTOR];
  c->mg_slope = (float)value[MG_SLOPE];
  return QUELL_OK;
}

static inline double within(double current) {
  double low = current > -MOST_MV ? current : -MOST_MV;
  return low < MOST_MV ? low : MOST_MV;
}

/* `signal` holds a conductance and becomes its low-passed current, through restrict arguments and
 * in loops of one kind of number, because the compiler then vectorises them. */
static void low_pass(uint32_t n, double keep, double per_leak, double reversal,
                     const float *restrict v, double *restrict current, float *restrict signal) {
  for (uint32_t i = 0; i < n; i++) {
    double now = within(per_leak * (double)signal[i] * (reversal - (double)v[i]));
    current[i] = now + keep * (current[i] - now);
    signal[i] = (float)current[i];
  }
}

static void unblocked(const constants *c, uint32_t n, const float *restrict v,
                      const float *restrict exc, float *restrict signal) {
  for (uint32_t i = 0; i < n; i++)
    signal[i] = exc[i] / (1.0f + c->mg_factor * quell_expf(-c->mg_slope * v[i]));
}

static void post_step(const quell_post_block *block) {
  const constants *c = block->instance;
  const float *v = block->state[STATE_V];
  float *E = block->signal[CURRENT_E], *I = block->signal[CURRENT_I];
  unblocked(c, block->n, v, block->state[STATE_EXC], E);
  memcpy(I, block->state[STATE_INH], block->n * sizeof *I);
  low_pass(block->n, c->keep_E, c->per_leak, c->E_NMDA, v, block->var[CURRENT_E], E);
  low_pass(block->n, c->keep_I, -c->per_leak, c->E_GABA, v, block->var[CURRENT_I], I);
}

/* Synapses in a block, at most (quell_block). */
enum { MOST = 128 };

/* Keeps what is rounded off. */
static void add(const quell_block *block, const float *restrict exact) {
  float *restrict w = block->w, *restrict remainder = block->var[0];
  for (uint32_t i = 0; i < block->n; i++) {
    float change = exact[i] + remainder[i];
    float sum = w[i] + change;
    remainder[i] = change - (sum - w[i]);
    w[i] = sum;
  }
}

static void pair(const quell_block *block, const float *restrict partner) {
  const constants *c = block->instance;
  float change[MOST];
  const float *restrict E = block->signal[CURRENT_E], *restrict I = block->signal[CURRENT_I];
  const float *restrict eta = block->bound[BOUND_ETA], *restrict alpha = block->bound[BOUND_ALPHA];
  for (uint32_t i = 0; i < block->n; i++)
    change[i] = c->g_leak * eta[i] * E[i] * (E[i] - alpha[i] * I[i]) * partner[i];
  add(block, change);
}

static void on_pre(const quell_block *block) {
  pair(block, block->post[0]);
}

static void on_post(const quell_block *block) {
  pair(block, block->pre[0]);
}

#define SIGNALS (1u << CURRENT_E | 1u << CURRENT_I)

static const quell_event_desc events[] = {
    {.kind = QUELL_PRE, .wants_post = 1u << 0, .wants_signal = SIGNALS, .call = on_pre},
    {.kind = QUELL_POST, .wants_pre = 1u << 0, .wants_signal = SIGNALS, .call = on_post},
};

/* Weights, as all that is a conductance, for a leak of 10 nS. */
static const quell_value balance[] = {
    {"alpha", 0.855}, {"eta", 1.5e-8}, {"tau_e", 10.0},  {"tau_i", 100.0},
    {"g_leak", 10.0}, {"w_min", 1e-5}, {"w_max", 100.0}, {"tie", QUELL_EXCLUSIVE},
};
static const quell_value receptive_field[] = {
    {"alpha", 0.93},  {"eta", 1.5e-9}, {"tau_e", 10.0},  {"tau_i", 100.0},
    {"g_leak", 10.0}, {"w_min", 1e-2}, {"w_max", 100.0}, {"tie", QUELL_EXCLUSIVE},
};
static const quell_value dendrites[] = {
    {"alpha", 1.75},  {"eta", 1e-7},   {"tau_e", 10.0},  {"tau_i", 100.0},
    {"g_leak", 10.0}, {"w_min", 1e-3}, {"w_max", 100.0}, {"tie", QUELL_EXCLUSIVE},
};

static const quell_preset_desc presets[] = {
    {"agnes2024_balance", "balance of E and I, figure 4; for a leak of 10 nS",
     QUELL_TABLE(balance)},
    {"agnes2024_receptive_field", "receptive fields, figure 5; for a leak of 10 nS",
     QUELL_TABLE(receptive_field)},
    {"agnes2024_dendrites", "dendrites, figure 6; for a leak of 10 nS", QUELL_TABLE(dendrites)},
};

const quell_rule_desc QL_RULE(codependent_inhibitory) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "codependent_inhibitory",
    .summary = "balances excitatory and inhibitory currents of the cell",
    .source = "Agnes & Vogels 2024, 10.1038/s41593-024-01597-4",
    .params = QUELL_TABLE(params),
    .vars = QUELL_TABLE(vars),
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

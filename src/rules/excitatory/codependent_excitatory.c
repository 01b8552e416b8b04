/*
 * codependent_excitatory: excitatory plasticity that needs excitation around and that inhibition
 * shuts off.
 *
 *   pre:   w −= w a_ltd y G                                           G = e^(−(I / i_star)^gamma)
 *   post:  w += g_leak G (a_ltp x E − a_het (s + s_own) E²)           G = 0 at I ≥ i_block
 *
 * x: pre trace, tau_plus. y, s: post traces, tau_minus and tau_het. s_own 1 says that the slow
 * trace has the present spike in it already: in some of the authors' programs the adaptation of the
 * neuron serves as s. E and I, in mV:
 *
 *   E: (g_exc / g_leak) B(v) (e_nmda − v), low-passed with tau_e
 *   I: (g_inh / g_leak) (v − e_gaba), low-passed with tau_i
 *   B(v) = 1 / (1 + mg_factor e^(−mg_slope v))
 *
 * They are of the cell: all its input, through the neuron's conductances `g_exc` and `g_inh` in nS.
 * `g_exc` stands for the NMDA current of the paper, where AMPA does not count; B is its magnesium
 * block, with the values of the paper; mg_factor 0 is no block. g_leak is the leak conductance of
 * the neuron (cm / tau_m): the paper has conductances and weights in units of it. An infinite
 * i_star is no gate, an infinite i_block no block; an I below 0 leaves the gate open.
 *
 * Potentiation and heterosynaptic depression cancel at E = a_ltp x / (a_het (s + s_own)). With a
 * silent post neuron nothing changes. A pre event reads I as it is; a post event E and I of the
 * spike, whatever the dendritic delay.
 *
 * Agnes & Vogels 2024, Nature Neuroscience, 10.1038/s41593-024-01597-4; equations and values as in
 * the authors' code. There a pre and a post event on one step do not see each other (tie 1). In
 * its figure on distance a synapse has an E of its own, to which that of a neighbour is added;
 * here E is one for the cell.
 */
#include "rules/builtin.h"
#include <math.h>
#include <string.h>

enum {
  A_LTP,
  A_LTD,
  A_HET,
  TAU_PLUS,
  TAU_MINUS,
  TAU_HET,
  S_OWN,
  I_STAR,
  GAMMA,
  I_BLOCK,
  TAU_E,
  TAU_I,
  G_LEAK,
  E_NMDA,
  E_GABA,
  MG_FACTOR,
  MG_SLOPE
};
enum { LTP, LTD, HET }; /* those that are bindable */

/* Currents are kept within what no product of them makes infinite. */
#define MOST_MV 1e6

static const quell_param_desc params[] = {
    {"a_ltp", "1/mV", "potentiation by a pair and mV of E, in units of g_leak", 0.0005 / 3.0, 0.0,
     1e6, QUELL_BINDABLE, 0},
    {"a_ltd", "1", "depression by a pair, as a part of the weight", 0.5 / 3.0, 0.0, 1e6,
     QUELL_BINDABLE, 0},
    {"a_het", "1/mV2", "heterosynaptic depression per mV2 of E2, in units of g_leak", 1e-8 / 3.0,
     0.0, 1e3, QUELL_BINDABLE, 0},
    {"tau_plus", "ms", "time constant of the pre trace", 16.8, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"tau_minus", "ms", "time constant of the fast post trace", 33.7, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"tau_het", "ms", "time constant of the slow post trace", 100.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"s_own", "1", "1: the slow trace has the present spike in it; 0: it has not", 1.0, 0.0, 1.0,
     QUELL_INTEGER, 0},
    {"i_star", "mV", "inhibition at which the gate has fallen to 1/e; infinite for no gate", 150.0,
     1e-6, (double)INFINITY, 0, 0},
    {"gamma", "1", "steepness of the gate", 3.0, 0.0, 100.0, QUELL_MIN_OPEN, 0},
    {"i_block", "mV", "inhibition from which nothing changes; infinite for none", (double)INFINITY,
     -MOST_MV, (double)INFINITY, 0, 0},
    {"tau_e", "ms", "low-pass of the excitatory current; 0 for none", 10.0, 0.0, 1e9, 0, 0},
    {"tau_i", "ms", "low-pass of the inhibitory current; 0 for none", 100.0, 0.0, 1e9, 0, 0},
    {"g_leak", "nS", "leak conductance of the post neuron, cm / tau_m", 10.0, 1e-6, 1e6, 0, 0},
    {"e_nmda", "mV", "reversal potential of excitation", 0.0, -MOST_MV, MOST_MV, 0, 0},
    {"e_gaba", "mV", "reversal potential of inhibition", -80.0, -MOST_MV, MOST_MV, 0, 0},
    {"mg_factor", "1",
     "magnesium block: factor in 1 / (1 + mg_factor e^(-mg_slope v)); 0: no block", 0.15, 0.0, 1e9,
     0, 0},
    {"mg_slope", "1/mV", "magnesium block: its steepness", 0.08, 0.0, 1e3, 0, 0},
    QUELL_STANDARD_PARAMS(10.0),
};

static const quell_trace_desc traces[] = {
    {"x", QUELL_PRE, QUELL_TRACE_ADD, TAU_PLUS, 0},
    {"y", QUELL_POST, QUELL_TRACE_ADD, TAU_MINUS, 0},
    {"s", QUELL_POST, QUELL_TRACE_ADD, TAU_HET, 0},
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

enum { SIGNAL_E, SIGNAL_GATE };

static const quell_signal_desc signals[] = {
    {"E", "mV", "low-passed excitatory current", NULL},
    {"gate", "1", "what inhibition lets through", NULL},
};

typedef struct constants {
  double keep_E, keep_I, per_leak, E_NMDA, E_GABA;
  float per_I_star, I_block, g_leak, s_own, gamma, mg_factor, mg_slope;
} constants;

static quell_status prepare(const quell_rule_args *args, void *instance) {
  const double *value = args->value;
  constants *c = instance;
  c->keep_E = exp(-args->dt / value[TAU_E]);
  c->keep_I = exp(-args->dt / value[TAU_I]);
  c->per_leak = 1.0 / value[G_LEAK];
  c->E_NMDA = value[E_NMDA];
  c->E_GABA = value[E_GABA];
  c->per_I_star = (float)(1.0 / value[I_STAR]);
  c->I_block = (float)value[I_BLOCK];
  c->g_leak = (float)value[G_LEAK];
  c->s_own = (float)value[S_OWN];
  c->gamma = (float)value[GAMMA];
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

/* `gate` holds I and becomes what that lets through. */
static void close_gate(const constants *c, uint32_t n, float *restrict gate) {
  for (uint32_t i = 0; i < n; i++) {
    float passes = quell_expf(-quell_powf(gate[i] * c->per_I_star, c->gamma));
    gate[i] = gate[i] < c->I_block ? passes : 0.0f;
  }
}

static void post_step(const quell_post_block *block) {
  const constants *c = block->instance;
  const float *v = block->state[STATE_V];
  float *E = block->signal[SIGNAL_E], *gate = block->signal[SIGNAL_GATE];
  unblocked(c, block->n, v, block->state[STATE_EXC], E);
  memcpy(gate, block->state[STATE_INH], block->n * sizeof *gate);
  low_pass(block->n, c->keep_E, c->per_leak, c->E_NMDA, v, block->var[CURRENT_E], E);
  low_pass(block->n, c->keep_I, -c->per_leak, c->E_GABA, v, block->var[CURRENT_I], gate);
  close_gate(c, block->n, gate);
}

static void on_pre(const quell_block *block) {
  float *restrict w = block->w;
  const float *restrict y = block->post[0], *restrict gate = block->signal[SIGNAL_GATE];
  const float *restrict ltd = block->bound[LTD];
  for (uint32_t i = 0; i < block->n; i++) w[i] -= w[i] * (ltd[i] * y[i] * gate[i]);
}

static void on_post(const quell_block *block) {
  const constants *c = block->instance;
  float *restrict w = block->w;
  const float *restrict x = block->pre[0], *restrict s = block->post[1];
  const float *restrict E = block->signal[SIGNAL_E], *restrict gate = block->signal[SIGNAL_GATE];
  const float *restrict ltp = block->bound[LTP], *restrict het = block->bound[HET];
  for (uint32_t i = 0; i < block->n; i++)
    w[i] += c->g_leak * gate[i] * E[i] * (ltp[i] * x[i] - het[i] * (s[i] + c->s_own) * E[i]);
}

static const quell_event_desc events[] = {
    {.kind = QUELL_PRE, .wants_post = 1u << 0, .wants_signal = 1u << SIGNAL_GATE, .call = on_pre},
    {.kind = QUELL_POST,
     .wants_pre = 1u << 0,
     .wants_post = 1u << 1,
     .wants_signal = 1u << SIGNAL_E | 1u << SIGNAL_GATE,
     .call = on_post},
};

/* Weights, as all that is a conductance, for a leak of 10 nS. */
#define SHARED                                                                                     \
  {"g_leak", 10.0}, {"w_max", 10.0}, {                                                             \
    "tie", QUELL_EXCLUSIVE                                                                         \
  }

static const quell_value voltage[] = {
    {"a_ltp", 2.5e-4},
    {"a_ltd", 3.98e-4},
    {"a_het", 1e-9},
    {"tau_het", 100.0},
    {"s_own", 0.0},
    {"tau_e", 50.0},
    {"i_star", (double)INFINITY},
    {"w_min", 1e-4},
    SHARED,
};
static const quell_value frequency[] = {
    {"a_ltp", 2.5e-3}, {"a_ltd", 0.012}, {"a_het", 1e-5},  {"tau_het", 125.0},
    {"s_own", 0.0},    {"tau_e", 50.0},  {"tau_i", 500.0}, {"i_star", 10.0},
    {"gamma", 1.0},    {"w_min", 1e-4},  SHARED,
};
static const quell_value distance[] = {
    {"a_ltp", 0.5},
    {"a_ltd", 0.02},
    {"a_het", 1.01},
    {"tau_het", 300.0},
    {"s_own", 0.0},
    {"tau_e", 2.5e5},
    {"i_star", (double)INFINITY},
    {"w_min", 1e-3},
    SHARED,
};
static const quell_value receptive_field[] = {
    {"a_ltp", 0.0005 / 3.0}, {"a_ltd", 0.5 / 3.0}, {"a_het", 1e-8 / 3.0}, {"tau_het", 100.0},
    {"s_own", 1.0},          {"tau_e", 10.0},      {"tau_i", 100.0},      {"i_star", 150.0},
    {"gamma", 3.0},          {"i_block", 170.0},   {"w_min", 1e-3},       SHARED,
};
static const quell_value dendrites[] = {
    {"a_ltp", 3e-5}, {"a_ltd", 1.5e-3}, {"a_het", 6e-9},  {"tau_het", 100.0},
    {"s_own", 1.0},  {"tau_e", 10.0},   {"tau_i", 100.0}, {"i_star", 50.0},
    {"gamma", 1.0},  {"w_min", 1e-4},   SHARED,
};

static const quell_preset_desc presets[] = {
    {"agnes2024_voltage", "dependence on voltage, figure 2b: no gate; for a leak of 10 nS",
     QUELL_TABLE(voltage)},
    {"agnes2024_frequency", "dependence on frequency, figure 2c, e; for a leak of 10 nS",
     QUELL_TABLE(frequency)},
    {"agnes2024_distance",
     "distance between synapses, figure 2h-j, without the neighbour's share; for a leak of 10 nS",
     QUELL_TABLE(distance)},
    {"agnes2024_receptive_field", "receptive fields, figure 5; for a leak of 10 nS",
     QUELL_TABLE(receptive_field)},
    {"agnes2024_dendrites", "dendrites, figure 6; for a leak of 10 nS", QUELL_TABLE(dendrites)},
};

const quell_rule_desc QL_RULE(codependent_excitatory) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "codependent_excitatory",
    .summary = "pairs count by the excitatory current around and while inhibition permits",
    .source = "Agnes & Vogels 2024, 10.1038/s41593-024-01597-4",
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

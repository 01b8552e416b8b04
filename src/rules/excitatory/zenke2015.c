/*
 * zenke2015: triplet plasticity with heterosynaptic and transmitter-triggered terms, and slow
 * consolidation.
 *
 *   pre:   w += delta − a_minus m y
 *   post:  w += a_plus x z − beta (w − reference) y³
 *   at an interval T:  v += (T / tau_c) (w − v − p v (w_p/2 − v) (w_p − v)),  v = reference
 *
 * x: pre trace, tau_plus. y, z: post traces, tau_minus and tau_slow. `reference` is the slow weight
 * of the synapse, to which bursts of the post neuron bring w back; it begins at 0 and follows w
 * within a double well, with stable states near 0 and w_p. m holds the rate down, in the three
 * variants of the authors' programs, by nu, the rate of the post neuron in Hz (decays with tau_hom,
 * a spike adds 1 / tau_hom; begins at 1 Hz):
 *
 *   homeostasis 0 (P10):  m = 1
 *   homeostasis 1 (P11):  m = (nu / kappa)²
 *   homeostasis 2 (P12):  m = nu / kappa within [0.5, 1.2]
 *
 * The authors' P12 has nu follow z / tau_slow, which makes it later by tau_slow; tau_hom is an
 * hour.
 *
 * Mean drift under independent Poisson spiking, r the rate of the post neuron:
 *   r_pre (a_plus tau_plus tau_slow r² − a_minus m tau_minus r + delta)
 *     − beta r ⟨y³⟩ (w − reference),  ⟨y³⟩ = a³ + (3/2) a² + a / 3 with a = r tau_minus
 * With m = 1, tau_plus = tau_minus, a_plus = a_minus and without delta its first line turns at
 * r = 1 / tau_slow, 10 Hz.
 *
 * The old weight of a pre event is delivered, as in the authors' programs, where a pre and a post
 * event on one step do not see each other (tie 1). A pre event reads nu as it is, whatever the
 * dendritic delay. Euler's step of the reference, whose flow stays between 0 and the largest of w,
 * w_p and the reference, is kept in there. Near a fixed point steps below the rounding of the
 * reference are lost, which is some 1e-5 of it with the published values.
 *
 * Zenke, Agnes & Gerstner 2015, Nature Communications, 10.1038/ncomms7922. Values of the
 * authors' run scripts; where the classes of their program have others (P 20 for 17.07, beta 0.1
 * for 0.05, tau_hom 1200 s for 600 s) these are a preset. Weights are in units of the leak
 * conductance. The table of the paper was not seen.
 */
#include "rules/builtin.h"
#include <math.h>
#include <stdio.h>

enum {
  A_PLUS,
  A_MINUS,
  BETA,
  DELTA,
  TAU_PLUS,
  TAU_MINUS,
  TAU_SLOW,
  HOMEOSTASIS,
  KAPPA,
  TAU_HOM,
  TAU_C,
  CONSOLIDATION_INTERVAL,
  DEPTH,
  W_P,
  W_MIN,
  W_MAX
};

enum { PLUS, MINUS, BOUND_BETA, BOUND_DELTA, BOUND_KAPPA }; /* those that are bindable */

enum { NONE, SQUARE, CLIPPED };

/* 0.1 over the value of x (x − c/2) (x − c) at x = c/4, with c = w_p = 0.5. */
#define SCRIPT_P (0.1 / 0.005859375)

static const quell_param_desc params[] = {
    {"a_plus", "w", "potentiation by a triplet", 1e-3, 0.0, 1e6, QUELL_BINDABLE, 0},
    {"a_minus", "w", "depression by a pair", 1e-3, 0.0, 1e6, QUELL_BINDABLE, 0},
    {"beta", "1", "heterosynaptic strength", 0.05, 0.0, 1e6, QUELL_BINDABLE, 0},
    {"delta", "w", "potentiation by a pre spike alone", 2e-5, 0.0, 1e6, QUELL_BINDABLE, 0},
    {"tau_plus", "ms", "time constant of the pre trace", 20.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"tau_minus", "ms", "time constant of the fast post trace", 20.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"tau_slow", "ms", "time constant of the slow post trace", 100.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"homeostasis", "1", "0 none, 1 square of the rate, 2 clipped rate", 1.0, 0.0, 2.0,
     QUELL_INTEGER, 0},
    {"kappa", "Hz", "rate at which depression has the strength A_minus", 10.0, 1e-3, 1e6,
     QUELL_BINDABLE, 0},
    {"tau_hom", "ms", "time constant of that rate", 600000.0, 0.01, 1e9, 0, 0},
    {"tau_c", "ms", "time constant of consolidation", 1200000.0, 0.0, 1e12, QUELL_MIN_OPEN, 0},
    {"consolidation_interval", "ms", "time between its steps, at most tau_c", 1200.0, 0.0, 1e9,
     QUELL_MIN_OPEN, 0},
    {"p", "1/w2", "depth of the double well", SCRIPT_P, 0.0, 1e9, 0, 0},
    {"w_p", "w", "upper stable state of the reference", 0.5, 0.0, 1e6, 0, 0},
    QUELL_STANDARD_PARAMS(5.0),
};

static const quell_var_desc vars[] = {
    {"reference", "w", "slow weight", 0.0},
};

static const quell_trace_desc traces[] = {
    {"x", QUELL_PRE, QUELL_TRACE_ADD, TAU_PLUS, 0},
    {"y", QUELL_POST, QUELL_TRACE_ADD, TAU_MINUS, 0},
    {"z", QUELL_POST, QUELL_TRACE_ADD, TAU_SLOW, 0},
};

static const quell_post_var_desc post_vars[] = {
    {"nu", "Hz", "low-passed rate", 1.0, 0, 0},
};

static const quell_signal_desc signals[] = {
    {"nu", "Hz", "low-passed rate, without a spike on this step", NULL},
};

typedef struct constants {
  double keep, per_spike;
  float step, P, half, w_P; /* of consolidation */
  int32_t homeostasis;
} constants;

static quell_status prepare(const quell_rule_args *args, void *instance) {
  const double *value = args->value;
  constants *c = instance;
  if (value[CONSOLIDATION_INTERVAL] > value[TAU_C]) {
    snprintf(args->message, args->message_size,
             "rule 'zenke2015': 'consolidation_interval' must be at most 'tau_c'");
    return QUELL_E_RANGE;
  }
  if (value[W_MAX] > 1e6) {
    snprintf(args->message, args->message_size,
             "rule 'zenke2015': 'w_max' must be at most 1e6, because the third power of a weight "
             "is taken");
    return QUELL_E_RANGE;
  }
  c->keep = exp(-args->dt / value[TAU_HOM]);
  c->per_spike = 1000.0 / value[TAU_HOM];
  c->step = (float)(value[CONSOLIDATION_INTERVAL] / value[TAU_C]);
  c->P = (float)value[DEPTH];
  c->half = (float)(value[W_P] / 2.0);
  c->w_P = (float)value[W_P];
  c->homeostasis = (int32_t)value[HOMEOSTASIS];
  return QUELL_OK;
}

static void post_step(const quell_post_block *block) {
  const constants *c = block->instance;
  const float *restrict spikes = block->spikes;
  double *restrict nu = block->var[0];
  float *restrict signal = block->signal[0];
  for (uint32_t i = 0; i < block->n; i++) {
    double now = c->keep * nu[i];
    signal[i] = (float)now;
    nu[i] = now + c->per_spike * (double)spikes[i];
  }
}

/* A loop of its own for each variant. */
static void on_pre(const quell_block *block) {
  const constants *c = block->instance;
  float *restrict w = block->w;
  const float *restrict y = block->post[0], *restrict nu = block->signal[0];
  const float *restrict delta = block->bound[BOUND_DELTA], *restrict minus = block->bound[MINUS];
  const float *restrict kappa = block->bound[BOUND_KAPPA];
  if (c->homeostasis == NONE) {
    for (uint32_t i = 0; i < block->n; i++) w[i] += delta[i] - minus[i] * y[i];
  } else if (c->homeostasis == SQUARE) {
    for (uint32_t i = 0; i < block->n; i++) {
      float ratio = nu[i] / kappa[i];
      w[i] += delta[i] - minus[i] * (ratio * ratio) * y[i];
    }
  } else {
    for (uint32_t i = 0; i < block->n; i++) {
      float ratio = nu[i] / kappa[i];
      float above = ratio > 0.5f ? ratio : 0.5f;
      float m = above < 1.2f ? above : 1.2f;
      w[i] += delta[i] - minus[i] * m * y[i];
    }
  }
}

static void on_post(const quell_block *block) {
  float *restrict w = block->w;
  const float *restrict reference = block->var[0], *restrict x = block->pre[0];
  const float *restrict y = block->post[0], *restrict z = block->post[1];
  const float *restrict plus = block->bound[PLUS], *restrict beta = block->bound[BOUND_BETA];
  for (uint32_t i = 0; i < block->n; i++)
    w[i] += plus[i] * x[i] * z[i] - beta[i] * (w[i] - reference[i]) * (y[i] * y[i] * y[i]);
}

static void on_interval(const quell_block *block) {
  const constants *c = block->instance;
  const float *restrict w = block->w;
  float *restrict reference = block->var[0];
  for (uint32_t i = 0; i < block->n; i++) {
    float r = reference[i];
    float well = c->P * r * (c->half - r) * (c->w_P - r);
    float next = r + c->step * ((w[i] - r) - well);
    float top = w[i] > c->w_P ? w[i] : c->w_P;
    top = top > r ? top : r;
    next = next < top ? next : top;
    reference[i] = next > 0.0f ? next : 0.0f;
  }
}

static const quell_event_desc events[] = {
    {.kind = QUELL_PRE, .wants_post = 1u << 0, .wants_signal = 1u << 0, .call = on_pre},
    {.kind = QUELL_POST, .wants_pre = 1u << 0, .wants_post = 3u << 0, .call = on_post},
    {.kind = QUELL_INTERVAL, .param = CONSOLIDATION_INTERVAL, .call = on_interval},
};

/* All of the authors' programs. */
#define SHARED                                                                                     \
  {"a_plus", 1e-3}, {"a_minus", 1e-3}, {"delta", 2e-5}, {"tau_plus", 20.0}, {"tau_minus", 20.0},   \
      {"tau_slow", 100.0}, {"kappa", 10.0}, {"tau_c", 1200000.0},                                  \
      {"consolidation_interval", 1200.0}, {"w_p", 0.5}, {"w_max", 5.0}, {                          \
    "tie", QUELL_EXCLUSIVE                                                                         \
  }

static const quell_value p10[] = {
    {"homeostasis", NONE},
    {"beta", 0.05},
    {"p", SCRIPT_P},
    SHARED,
};
static const quell_value p11[] = {
    {"homeostasis", SQUARE}, {"tau_hom", 600000.0}, {"beta", 0.05}, {"p", SCRIPT_P}, SHARED,
};
static const quell_value p11_class[] = {
    {"homeostasis", SQUARE}, {"tau_hom", 1200000.0}, {"beta", 0.1}, {"p", 20.0}, SHARED,
};
static const quell_value p12[] = {
    {"homeostasis", CLIPPED}, {"tau_hom", 3600000.0}, {"beta", 0.05}, {"p", SCRIPT_P}, SHARED,
};

static const quell_preset_desc presets[] = {
    {"p10", "without homeostasis, values of the run scripts", QUELL_TABLE(p10)},
    {"p11", "depression by the square of the rate, values of the run scripts", QUELL_TABLE(p11)},
    {"p11_class", "the same with the defaults of the authors' class", QUELL_TABLE(p11_class)},
    {"p12", "depression by the clipped rate, values of the run scripts", QUELL_TABLE(p12)},
};

const quell_rule_desc QL_RULE(zenke2015) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .flags = QUELL_TRANSMIT_FIRST,
    .name = "zenke2015",
    .summary = "triplet, heterosynaptic and transmitter-triggered plasticity with consolidation",
    .source = "Zenke, Agnes & Gerstner 2015, 10.1038/ncomms7922",
    .params = QUELL_TABLE(params),
    .vars = QUELL_TABLE(vars),
    .traces = QUELL_TABLE(traces),
    .events = QUELL_TABLE(events),
    .instance_size = sizeof(constants),
    .prepare = prepare,
    .post_vars = QUELL_TABLE(post_vars),
    .signals = QUELL_TABLE(signals),
    .presets = QUELL_TABLE(presets),
    .post_step = post_step,
};

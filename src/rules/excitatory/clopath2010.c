/*
 * clopath2010: plasticity that depends on the voltage u of the post neuron.
 *
 *   pre:       w −= a_ltd H [u_minus(t − lag) − theta_minus]₊
 *   each step: w += a_ltp dt x [u − theta_plus]₊ [u_plus(t − lag) − theta_minus]₊
 *
 * x: trace of the pre spikes with tau_x and the jump 1/tau_x (so that its mean is the rate);
 * u_minus and u_plus: u low-passed with tau_minus and tau_plus, beginning at the first u. They hold
 * the voltages of earlier steps, not the present one, and are 0 behind the thresholds in the first
 * lag. The lag, which the paper does not mention but the authors' code has, lets them be what they
 * were before the present spike.
 *
 * H = mean square of u − u_rest over tau_square, divided by u_ref2; 1 where u_ref2 = 0, the
 * default. This is the form of the authors' code; re-implementations filter other things (NEST:
 * u_minus in absolute mV, squared afterwards).
 *
 * The rule needs to see the upswing of the spike. For neurons without one, such as lif_cond_exp,
 * the rule takes u as v_spike for t_spike after each spike; t_spike = 0, the default, takes u as it
 * is. (NEST clamps its neuron itself: 33 mV for 2 ms.)
 *
 * At a held voltage and a pre rate r the drift is r (a_ltp [u − theta_plus]₊ − a_ltd)
 * [u − theta_minus]₊: visual cortex changes sign at −43.55 mV, hippocampus at −19 mV.
 *
 * Clopath, Büsing, Vasilaki & Gerstner 2010, 10.1038/nn.2479; Clopath & Gerstner 2010,
 * 10.3389/fnsyn.2010.00025. Low-passes are exact for a voltage that is constant over a step; the
 * authors' code takes Euler steps of 1 ms, which are the same with
 * tau = −1 ms / ln(1 − 1 ms/tau_authors).
 */
#include "rules/builtin.h"

enum {
  A_LTD,
  A_LTP,
  THETA_MINUS,
  THETA_PLUS,
  TAU_X,
  TAU_MINUS,
  TAU_PLUS,
  LAG,
  U_REF2,
  U_REST,
  TAU_SQUARE,
  V_SPIKE,
  T_SPIKE
};
enum { BOUND_A_LTD };

static const quell_param_desc params[] = {
    {"a_ltd", "w/mV", "amplitude of depression", 14e-5, 0.0, 1e6, QUELL_BINDABLE, 0},
    {"a_ltp", "w/mV^2", "amplitude of potentiation", 8e-5, 0.0, 1e6, QUELL_BINDABLE, 0},
    {"theta_minus", "mV", "threshold of the low-passed voltages", -70.6, -1e4, 1e4, 0, 0},
    {"theta_plus", "mV", "threshold of the voltage in potentiation", -45.3, -1e4, 1e4, 0, 0},
    {"tau_x", "ms", "time constant of the pre trace", 15.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"tau_minus", "ms", "time constant of the voltage in depression", 10.0, 0.0, 1e9,
     QUELL_MIN_OPEN, 0},
    {"tau_plus", "ms", "time constant of the voltage in potentiation", 7.0, 0.0, 1e9,
     QUELL_MIN_OPEN, 0},
    {"lag", "ms", "how old the low-passed voltages are", 3.0, 0.0, 1000.0, 0, 0},
    {"u_ref2", "mV^2", "mean square depolarisation at which a_ltd holds; 0: no homeostasis", 0.0,
     0.0, 1e9, 0, 0},
    {"u_rest", "mV", "from where depolarisation is measured", -70.6, -1e4, 1e4, 0, 0},
    {"tau_square", "ms", "time constant of the mean square", 1200.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"v_spike", "mV", "voltage of a spike, where t_spike is not 0", 33.0, -1e4, 1e4, 0, 0},
    {"t_spike", "ms", "how long a spike is; 0: as the neuron says", 0.0, 0.0, 1000.0, 0, 0},
    QUELL_STANDARD_PARAMS(3.0),
};

static const quell_trace_desc traces[] = {
    {"x", QUELL_PRE, QUELL_TRACE_ADD, TAU_X, 0},
};

/* A low-pass that has not begun: below any threshold. */
#define NOT_YET (-1e9)

enum { MINUS, PLUS, OLD_MINUS, OLD_PLUS, SQUARE, SPIKING };

static const quell_post_var_desc post_vars[] = {
    {"u_minus", "mV", "low-passed voltage of depression", NOT_YET, 0, 0},
    {"u_plus", "mV", "low-passed voltage of potentiation", NOT_YET, 0, 0},
    {"old_u_minus", "mV", "u_minus in the last steps", NOT_YET, 1 + LAG, 0},
    {"old_u_plus", "mV", "u_plus in the last steps", NOT_YET, 1 + LAG, 0},
    {"square", "mV^2", "mean square depolarisation", 0.0, 0, 0},
    {"spiking", "1", "steps that the last spike still has", 0.0, 0, 0},
};

static const quell_state_desc states[] = {
    {"v", "membrane potential"},
};

static const quell_signal_desc signals[] = {
    {"u_minus", "mV", "lagged u_minus above its threshold, times the homeostatic factor", NULL},
};

static const quell_integral_desc integrals[] = {
    {"ltp", "potentiation by depolarisation", 0, 0},
};

typedef struct constants {
  double ltp; /* for an a_ltp of 1, per step and unit of the engine's trace, which jumps by 1 */
  double theta_minus, theta_plus;
  double minus, plus, square; /* parts of the way of the low-passes in a step */
  double u_rest, fixed, per_ref2;
  double v_spike, spike_steps;
  uint64_t depth; /* of the delay lines */
} constants;

static double part_per_step(double dt, double tau) {
  return -expm1(-dt / tau);
}

static quell_status prepare(const quell_rule_args *args, void *instance) {
  const double *value = args->value;
  constants *c = instance;
  int homeostatic = value[U_REF2] > 0.0;
  c->ltp = args->dt / value[TAU_X];
  c->theta_minus = value[THETA_MINUS];
  c->theta_plus = value[THETA_PLUS];
  c->minus = part_per_step(args->dt, value[TAU_MINUS]);
  c->plus = part_per_step(args->dt, value[TAU_PLUS]);
  c->square = part_per_step(args->dt, value[TAU_SQUARE]);
  c->u_rest = value[U_REST];
  c->fixed = homeostatic ? 0.0 : 1.0;
  c->per_ref2 = homeostatic ? 1.0 / value[U_REF2] : 0.0;
  c->v_spike = value[V_SPIKE];
  c->spike_steps = floor(value[T_SPIKE] / args->dt + 0.5);
  c->depth = (uint64_t)(value[LAG] / args->dt + 0.5) + 1;
  return QUELL_OK;
}

static inline double above(double u, double theta) {
  return u > theta ? u - theta : 0.0;
}

/* The voltage that the rule takes from the neuron's: during a spike, that of the spike. Kept in
 * `seen`, which is the drive's place and written over later. */
static void see_voltage(const quell_post_block *block, double *restrict spiking,
                        float *restrict seen) {
  const constants *c = block->instance;
  const float *restrict v = block->state[0], *restrict spikes = block->spikes;
  const double steps = c->spike_steps;
  const float high = (float)c->v_spike;
  for (uint32_t i = 0; i < block->n; i++) {
    double left = spikes[i] > 0.0f ? steps : spiking[i];
    seen[i] = left > 0.0 ? high : v[i];
    spiking[i] = left > 0.0 ? left - 1.0 : 0.0;
  }
}

/* One low-pass: writes its present value into the delay line, then takes up the voltage. */
static void low_pass(const float *restrict u, double part, uint32_t n, double *restrict mean,
                     double *restrict line) {
  for (uint32_t i = 0; i < n; i++) {
    double old = mean[i] > 0.5 * NOT_YET ? mean[i] : (double)u[i];
    line[i] = old;
    mean[i] = old + part * ((double)u[i] - old);
  }
}

static void post_step(const quell_post_block *block) {
  const constants *c = block->instance;
  const double a_ltp = block->param[A_LTP] * c->ltp;
  uint32_t n = block->n;
  uint64_t now = block->step % c->depth, oldest = (block->step + 1) % c->depth;
  float *restrict drive = block->drive[0], *restrict signal = block->signal[0];
  double *restrict square = block->var[SQUARE];
  const double *restrict minus = block->var[OLD_MINUS] + oldest * n;
  const double *restrict plus = block->var[OLD_PLUS] + oldest * n;
  see_voltage(block, block->var[SPIKING], drive);
  low_pass(drive, c->minus, n, block->var[MINUS], block->var[OLD_MINUS] + now * n);
  low_pass(drive, c->plus, n, block->var[PLUS], block->var[OLD_PLUS] + now * n);
  for (uint32_t i = 0; i < n; i++) {
    double u = (double)drive[i], away = u - c->u_rest;
    double factor = c->fixed + c->per_ref2 * square[i];
    signal[i] = (float)(factor * above(minus[i], c->theta_minus));
    drive[i] = (float)(a_ltp * above(u, c->theta_plus) * above(plus[i], c->theta_minus));
    square[i] += c->square * (away * away - square[i]);
  }
}

static void on_pre(const quell_block *block) {
  float *restrict w = block->w;
  const float *restrict u_minus = block->signal[0], *restrict a_ltd = block->bound[BOUND_A_LTD];
  for (uint32_t i = 0; i < block->n; i++) w[i] -= a_ltd[i] * u_minus[i];
}

static const quell_event_desc events[] = {
    {.kind = QUELL_PRE, .wants_signal = 1u << 0, .call = on_pre},
};

static const quell_value visual_cortex[] = {
    {"a_ltd", 14e-5}, {"a_ltp", 8e-5},     {"theta_minus", -70.6}, {"theta_plus", -45.3},
    {"tau_x", 15.0},  {"tau_minus", 10.0}, {"tau_plus", 7.0},      {"lag", 3.0}};
static const quell_value visual_cortex_nest[] = {
    {"a_ltd", 14e-5}, {"a_ltp", 8e-5},     {"theta_minus", -70.6}, {"theta_plus", -45.3},
    {"tau_x", 15.0},  {"tau_minus", 10.0}, {"tau_plus", 7.0},      {"lag", 4.0}};
static const quell_value receptive_field[] = {
    {"a_ltd", 14e-4}, {"a_ltp", 8e-4},     {"theta_minus", -70.6}, {"theta_plus", -45.3},
    {"tau_x", 15.0},  {"tau_minus", 10.0}, {"tau_plus", 7.0},      {"lag", 0.0},
    {"u_ref2", 60.0}, {"u_rest", -70.6},   {"tau_square", 1200.0}, {"w_max", 3.0}};
static const quell_value hippocampus[] = {
    {"a_ltd", 38e-5}, {"a_ltp", 2e-5},     {"theta_minus", -41.0}, {"theta_plus", -38.0},
    {"tau_x", 15.0},  {"tau_minus", 10.0}, {"tau_plus", 7.0}};
static const quell_value hodgkin_huxley[] = {
    {"a_ltd", 1e-5}, {"a_ltp", 12e-5},    {"theta_minus", -64.9}, {"theta_plus", -35.0},
    {"tau_x", 15.0}, {"tau_minus", 10.0}, {"tau_plus", 114.0},    {"lag", 5.0}};
static const quell_value hodgkin_huxley_nest[] = {
    {"a_ltd", 14e-5}, {"a_ltp", 8e-5},     {"theta_minus", -64.9}, {"theta_plus", -35.0},
    {"tau_x", 15.0},  {"tau_minus", 10.0}, {"tau_plus", 114.0},    {"lag", 5.0}};

static const quell_preset_desc presets[] = {
    {"visual_cortex", "visual cortex, authors' code for the pairing protocol",
     QUELL_TABLE(visual_cortex)},
    {"visual_cortex_nest", "the same with the lag of NEST's examples",
     QUELL_TABLE(visual_cortex_nest)},
    {"receptive_field", "visual cortex ten times faster, homeostasis; authors' receptive fields",
     QUELL_TABLE(receptive_field)},
    {"hippocampus",
     "voltage clamp in hippocampus, as in Larisch 2019; its time constants are those "
     "of visual cortex",
     QUELL_TABLE(hippocampus)},
    {"hodgkin_huxley", "Hodgkin-Huxley neuron of the authors' code for NEURON",
     QUELL_TABLE(hodgkin_huxley)},
    {"hodgkin_huxley_nest", "the same in NEST's test", QUELL_TABLE(hodgkin_huxley_nest)},
};

const quell_rule_desc QL_RULE(clopath2010) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "clopath2010",
    .summary = "voltage-based plasticity with homeostasis",
    .source = "Clopath et al. 2010, 10.1038/nn.2479",
    .params = QUELL_TABLE(params),
    .traces = QUELL_TABLE(traces),
    .events = QUELL_TABLE(events),
    .instance_size = sizeof(constants),
    .prepare = prepare,
    .post_vars = QUELL_TABLE(post_vars),
    .states = QUELL_TABLE(states),
    .signals = QUELL_TABLE(signals),
    .integrals = QUELL_TABLE(integrals),
    .presets = QUELL_TABLE(presets),
    .post_step = post_step,
};

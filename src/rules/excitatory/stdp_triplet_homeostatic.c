/*
 * stdp_triplet_homeostatic: the minimal triplet rule with a sliding threshold, as in BCM.
 *
 *   pre:   w −= a2_minus y                       x: pre trace, tau_plus; y: post trace, tau_minus
 *   post:  w += a3_plus x z                      z: slow post trace, tau_y
 *
 *   a2_minus = a3_plus (tau_plus tau_y / tau_minus) nu² / kappa,     nu = h / tau_hom
 *
 * All traces are read before the jump of the event itself.
 * h is a post trace of the long time constant tau_hom, so that nu estimates the rate of the post
 * neuron. Under independent Poisson spiking the mean drift is a3_plus tau_plus tau_y r_pre r_post
 * (r_post − nu² / kappa): it is zero where r_post = nu = kappa. The estimate begins at 0, so in the
 * first few tau_hom there is too little depression.
 *
 * Pfister & Gerstner 2006, 10.1523/JNEUROSCI.1425-06.2006 (minimal rule, visual cortex, all to all,
 * remark on a sliding amplitude); form and values as in Auryn's TripletConnection, Zenke & Gerstner
 * 2014, 10.3389/fninf.2014.00076, used in Zenke, Hennequin & Gerstner 2013,
 * 10.1371/journal.pcbi.1003330.
 */
#include "rules/builtin.h"
#include <stdio.h>

enum { A3_PLUS, KAPPA, TAU_PLUS, TAU_MINUS, TAU_Y, TAU_HOM };
enum { BOUND_A3_PLUS, BOUND_KAPPA };

static const quell_param_desc params[] = {
    {"a3_plus", "w", "potentiation by post, pre, post", 6.5e-3, 0.0, 1e9, QUELL_BINDABLE, 0},
    {"kappa", "Hz", "target rate of the post neuron", 3.0, 1e-3, 1e6, QUELL_BINDABLE, 0},
    {"tau_plus", "ms", "time constant of the pre trace", 16.8, 1e-3, 1e9, 0, 0},
    {"tau_minus", "ms", "time constant of the post trace", 33.7, 1e-3, 1e9, 0, 0},
    {"tau_y", "ms", "time constant of the slow post trace", 114.0, 1e-3, 1e9, 0, 0},
    {"tau_hom", "ms", "time over which the rate of the post neuron is estimated", 10000.0, 1e-3,
     1e9, 0, 0},
    QUELL_STANDARD_PARAMS(1.0),
};

static const quell_value auryn[] = {
    {"a3_plus", 6.5e-3}, {"kappa", 3.0},       {"tau_plus", 16.8}, {"tau_minus", 33.7},
    {"tau_y", 114.0},    {"tau_hom", 10000.0}, {"w_max", 1.0},
};

static const quell_preset_desc presets[] = {
    {"auryn", "defaults of Auryn's TripletConnection", QUELL_TABLE(auryn)},
};

static const quell_trace_desc traces[] = {
    {"x", QUELL_PRE, QUELL_TRACE_ADD, TAU_PLUS, 0},
    {"y", QUELL_POST, QUELL_TRACE_ADD, TAU_MINUS, 0},
    {"z", QUELL_POST, QUELL_TRACE_ADD, TAU_Y, 0},
    {"h", QUELL_POST, QUELL_TRACE_ADD, TAU_HOM, 0},
};

typedef struct constants {
  float depress; /* a2_minus is this times a3_plus h² / kappa */
} constants;

static quell_status prepare(const quell_rule_args *args, void *instance) {
  const double *value = args->value;
  constants *c = instance;
  double area = value[TAU_PLUS] * value[TAU_Y] / value[TAU_MINUS] / 1000.0;
  double per_h = 1000.0 / value[TAU_HOM];
  double depress = area * per_h * per_h;
  if (!(depress * value[A3_PLUS] / value[KAPPA] <= 1e20)) {
    snprintf(
        args->message, args->message_size,
        "rule 'stdp_triplet_homeostatic': depression, 'a3_plus' times 'tau_plus' times 'tau_y' "
        "over 'tau_minus', 'kappa' and the square of 'tau_hom', must be at most 1e20");
    return QUELL_E_RANGE;
  }
  c->depress = (float)depress;
  return QUELL_OK;
}

static void on_pre(const quell_block *block) {
  const constants *c = block->instance;
  float *restrict w = block->w;
  const float *restrict y = block->post[0], *restrict h = block->post[2];
  const float *restrict a3_plus = block->bound[BOUND_A3_PLUS];
  const float *restrict kappa = block->bound[BOUND_KAPPA];
  for (uint32_t i = 0; i < block->n; i++)
    w[i] -= (a3_plus[i] / kappa[i] * c->depress * h[i]) * (h[i] * y[i]);
}

static void on_post(const quell_block *block) {
  float *restrict w = block->w;
  const float *restrict x = block->pre[0], *restrict z = block->post[1];
  const float *restrict a3_plus = block->bound[BOUND_A3_PLUS];
  for (uint32_t i = 0; i < block->n; i++) w[i] += a3_plus[i] * x[i] * z[i];
}

static const quell_event_desc events[] = {
    {.kind = QUELL_PRE, .wants_post = 1u << 0 | 1u << 2, .call = on_pre},
    {.kind = QUELL_POST, .wants_pre = 1u << 0, .wants_post = 1u << 1, .call = on_post},
};

const quell_rule_desc QL_RULE(stdp_triplet_homeostatic) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "stdp_triplet_homeostatic",
    .summary = "minimal triplet rule whose depression follows the post rate",
    .source = "Pfister & Gerstner 2006, 10.1523/JNEUROSCI.1425-06.2006; Zenke & Gerstner 2014, "
              "10.3389/fninf.2014.00076",
    .params = QUELL_TABLE(params),
    .traces = QUELL_TABLE(traces),
    .events = QUELL_TABLE(events),
    .instance_size = sizeof(constants),
    .prepare = prepare,
    .presets = QUELL_TABLE(presets),
};

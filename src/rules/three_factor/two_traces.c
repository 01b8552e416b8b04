/*
 * two_traces: pre before post makes an eligibility for potentiation, post before pre one for
 * depression; two modulators turn them into changes.
 *
 *   post:  T_p += (1 − e^(−k_p x)) (max_p − T_p)      x: pre trace with tau_plus
 *   pre:   T_d += (1 − e^(−k_d y)) (max_d − T_d)      y: post trace with tau_minus
 *   always:  dw/dt = T_p × noradrenaline − T_d × serotonin,  per second
 *
 * T_p and T_d saturate at max_p and max_d and decay with tau_p and tau_d. Bound to one channel
 * both, the weight stops where T_p equals T_d at the reward: a stop rule.
 *
 * The pairing and which modulator does what: He et al. 2015, 10.1016/j.neuron.2015.09.037
 * (abstract; the experiment's constants were not found). Saturating traces: Huertas et al. 2016,
 * 10.3389/fnsyn.2016.00037; this is an event form of ours after them, with the time constants and
 * maxima of the authors' code (FLEX, recurrent synapses; there they follow products of rates, so
 * the gains k are ours).
 */
#include "rules/builtin.h"
#include <quell/vecmath.h>

enum { K_P, K_D, MAX_P, MAX_D, TAU_PLUS, TAU_MINUS, TAU_P, TAU_D };
enum { GAIN_P, GAIN_D }; /* bindable */

static const quell_param_desc params[] = {
    {"k_p", "1", "gain of the trace for potentiation", 0.5, 0.0, 1e6, QUELL_BINDABLE, 0},
    {"k_d", "1", "gain of the trace for depression", 0.5, 0.0, 1e6, QUELL_BINDABLE, 0},
    {"max_p", "w", "largest trace for potentiation", 0.003, 0.0, 1e9, 0, 0},
    {"max_d", "w", "largest trace for depression", 0.0033, 0.0, 1e9, 0, 0},
    {"tau_plus", "ms", "time constant of the pre trace", 20.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"tau_minus", "ms", "time constant of the post trace", 20.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"tau_p", "ms", "decay of the trace for potentiation", 1800.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"tau_d", "ms", "decay of the trace for depression", 800.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    QUELL_STANDARD_PARAMS(1.0),
};

static const quell_value feedforward[] = {
    {"max_p", 0.0015}, {"max_d", 0.004}, {"tau_p", 2000.0}, {"tau_d", 800.0}};

static const quell_preset_desc presets[] = {
    {"feedforward", "time constants and maxima of FLEX's feed-forward synapses",
     QUELL_TABLE(feedforward)},
};

static const quell_trace_desc traces[] = {
    {"x", QUELL_PRE, QUELL_TRACE_ADD, TAU_PLUS, 0},
    {"y", QUELL_POST, QUELL_TRACE_ADD, TAU_MINUS, 0},
};

static const quell_factor_desc factors[] = {
    {"noradrenaline", "turns the trace for potentiation into change"},
    {"serotonin", "turns the trace for depression into change, downward"},
};

/* That for depression is kept below 0. */
static const quell_eligibility_desc eligibilities[] = {
    {"ltp", "w", "trace for potentiation", TAU_P, 1},
    {"ltd", "w", "minus the trace for depression", TAU_D, 2},
};

typedef struct constants {
  float max_p, max_d;
} constants;

static quell_status prepare(const quell_rule_args *args, void *instance) {
  *(constants *)instance = (constants){(float)args->value[MAX_P], (float)args->value[MAX_D]};
  return QUELL_OK;
}

static void on_pre(const quell_block *block) {
  const float most = ((const constants *)block->instance)->max_d;
  float *restrict ltd = block->elig[1];
  const float *restrict gain = block->bound[GAIN_D], *restrict y = block->post[0];
  for (uint32_t i = 0; i < block->n; i++)
    ltd[i] -= (1.0f - quell_expf(-gain[i] * y[i])) * (most + ltd[i]);
}

static void on_post(const quell_block *block) {
  const float most = ((const constants *)block->instance)->max_p;
  float *restrict ltp = block->elig[0];
  const float *restrict gain = block->bound[GAIN_P], *restrict x = block->pre[0];
  for (uint32_t i = 0; i < block->n; i++)
    ltp[i] += (1.0f - quell_expf(-gain[i] * x[i])) * (most - ltp[i]);
}

static const quell_event_desc events[] = {
    {.kind = QUELL_PRE, .wants_post = 1u << 0, .call = on_pre},
    {.kind = QUELL_POST, .wants_pre = 1u << 0, .call = on_post},
};

const quell_rule_desc QL_RULE(two_traces) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "two_traces",
    .summary =
        "separate saturating traces for potentiation and depression, each with its modulator",
    .source = "He et al. 2015, 10.1016/j.neuron.2015.09.037; Huertas et al. 2016, "
              "10.3389/fnsyn.2016.00037",
    .params = QUELL_TABLE(params),
    .traces = QUELL_TABLE(traces),
    .events = QUELL_TABLE(events),
    .prepare = prepare,
    .eligibilities = QUELL_TABLE(eligibilities),
    .instance_size = sizeof(constants),
    .presets = QUELL_TABLE(presets),
    .factors = QUELL_TABLE(factors),
};

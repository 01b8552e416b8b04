/*
 * ricker: inhibitory plasticity with a Mexican-hat window, nearest spikes, soft bounds.
 *
 *   pre, post:  w += eta v B(W)        v = a R(t) + f,  R(t) = (1 − (t/s)²) e^(−(t/s)²/2)
 *
 *   t     time since the last spike of the other side (R = 0 where there was none)
 *   W     (w − w_min) / (w_max − w_min)
 *   B(W)  tanh(k (1 − W)) if v > 0, tanh(k W) if v < 0
 *   k     steepness of the bounds
 *
 * R crosses 0 at |t| = s and is least, −2 e^(−3/2) = −0.4463, at sqrt(3) s. Every spike of either
 * side also brings the offset f ("forgetting").
 *
 * The authors have two sorts of inhibitory cells. A "Hebbian" cell raises its (negative) coupling
 * with correlated spikes, so its inhibition grows weaker: a < 0 here, where a weight is a
 * magnitude. An "anti-Hebbian" cell does the reverse. Window, constants, offset and bounds are read
 * in the authors' code (QIF.h), which takes one Runge–Kutta step of 1 ms with learning rate 1 at
 * each step that has a spike: eta 1e-3, w from 0 to 1, offset 0.2 over the number of stimuli. Ours:
 * the change is taken from the weight before it (a difference of second order in eta), and of
 * coincident spikes the second one pairs with the first and the first one with the spike before
 * (their code makes one change, that of t = 0).
 *
 * Bergoin, Torcini, Deco, Quoy & Zamora-López 2025, PLoS Comput Biol, 10.1371/journal.pcbi.1012973.
 */
#include "rules/builtin.h"
#include <float.h>
#include <stdio.h>

enum { ETA, A, S, F, K, W_MIN, W_MAX };
enum { BOUND_ETA, BOUND_A, BOUND_F };

static const quell_param_desc params[] = {
    {"eta", "w", "learning rate: change of the weight by v = 1", 1e-3, 0.0, 1e9, QUELL_BINDABLE, 0},
    {"a", "1", "height of the window at 0; below 0: correlation weakens", 3.0, -1e6, 1e6,
     QUELL_BINDABLE, 0},
    {"s", "ms", "width: the window crosses 0 there", 100.0, 0.01, 1e6, 0, 0},
    {"f", "1", "offset, by each spike of either side", -0.1, -1e6, 1e6, QUELL_BINDABLE, 0},
    {"k", "1", "steepness of the soft bounds", 100.0, 0.0, 1e6, QUELL_MIN_OPEN, 0},
    QUELL_STANDARD_PARAMS(1.0),
};

static const quell_trace_desc traces[] = {
    {"pre_age", QUELL_PRE, QUELL_TRACE_AGE, 0, 0},
    {"post_age", QUELL_POST, QUELL_TRACE_AGE, 0, 0},
};

typedef struct constants {
  float k, per_s, w_min, per_span;
} constants;

static quell_status prepare(const quell_rule_args *args, void *instance) {
  const double *value = args->value;
  constants *c = instance;
  double span = value[W_MAX] - value[W_MIN];
  if (!(span >= 1e-30 && span <= (double)FLT_MAX)) {
    snprintf(args->message, args->message_size,
             "rule 'ricker': 'w_max' must be finite and above 'w_min', its bounds are soft");
    return QUELL_E_RANGE;
  }
  *c = (constants){
      .k = (float)value[K],
      .per_s = (float)(1.0 / value[S]),
      .w_min = (float)value[W_MIN],
      .per_span = (float)(1.0 / span),
  };
  return QUELL_OK;
}

/* For x ≥ 0; exactly 0 at 0, so that a weight at its bound stays there. */
static inline float soft(float x) {
  float up = x > 0.0f ? x : 0.0f;
  return 1.0f - 2.0f / (quell_expf(2.0f * up) + 1.0f);
}

static void on_spike(const quell_block *block, const float *restrict age) {
  const constants *c = block->instance;
  float *restrict w = block->w;
  const float *restrict eta = block->bound[BOUND_ETA], *restrict a = block->bound[BOUND_A];
  const float *restrict f = block->bound[BOUND_F];
  for (uint32_t i = 0; i < block->n; i++) {
    float t = age[i] * c->per_s, t2 = t * t;
    float r = (1.0f - t2) * quell_expf(-0.5f * t2);
    float v = a[i] * (t2 < 160.0f ? r : 0.0f) + f[i];
    float above = (w[i] - c->w_min) * c->per_span;
    w[i] += eta[i] * v * soft(c->k * (v > 0.0f ? 1.0f - above : above));
  }
}

static void on_pre(const quell_block *block) {
  on_spike(block, block->post[0]);
}

static void on_post(const quell_block *block) {
  on_spike(block, block->pre[0]);
}

static const quell_event_desc events[] = {
    {.kind = QUELL_PRE, .wants_post = 1u << 0, .call = on_pre},
    {.kind = QUELL_POST, .wants_pre = 1u << 0, .call = on_post},
};

static const quell_value hebbian[] = {{"eta", 1e-3}, {"a", -3.0},  {"s", 100.0},
                                      {"f", 0.1},    {"k", 100.0}, {"w_max", 1.0}};
static const quell_value anti_hebbian[] = {{"eta", 1e-3}, {"a", 3.0},   {"s", 100.0},
                                           {"f", -0.1},   {"k", 100.0}, {"w_max", 1.0}};

static const quell_preset_desc presets[] = {
    {"bergoin2025_hebbian", "Hebbian cell, two stimuli: correlated spikes weaken inhibition",
     QUELL_TABLE(hebbian)},
    {"bergoin2025_anti_hebbian", "anti-Hebbian cell, two stimuli: they strengthen it",
     QUELL_TABLE(anti_hebbian)},
};

const quell_rule_desc QL_RULE(ricker) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "ricker",
    .summary = "inhibitory plasticity with a Ricker window and soft bounds, nearest spikes",
    .source = "Bergoin et al. 2025, 10.1371/journal.pcbi.1012973",
    .params = QUELL_TABLE(params),
    .traces = QUELL_TABLE(traces),
    .events = QUELL_TABLE(events),
    .instance_size = sizeof(constants),
    .prepare = prepare,
    .presets = QUELL_TABLE(presets),
};

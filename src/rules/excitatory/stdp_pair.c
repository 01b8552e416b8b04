/*
 * stdp_pair: spike-timing-dependent plasticity from pairs of spikes, all to all.
 *
 *   pre:   w += w_max (a_pre − a_minus W^mu_minus y)          W = w / w_max
 *   post:  w += w_max (a_post + a_plus (1 − W)^mu_plus x)     x, y: traces with tau_plus, tau_minus
 *
 *   mu_plus  mu_minus
 *      0        0      additive (Song, Miller & Abbott 2000, 10.1038/78829)
 *      1        1      multiplicative (Rubin, Lee & Sompolinsky 2001,
 *                      10.1103/PhysRevLett.86.364)
 *      0        1      additive potentiation and multiplicative depression (the weight dependence
 *                      of van Rossum, Bi & Turrigiano 2000,
 *                      10.1523/JNEUROSCI.20-23-08812.2000)
 *     mu       mu      in between (Gütig et al. 2003, 10.1523/JNEUROSCI.23-09-03697.2003)
 *
 * With a negative a_minus the window is symmetric; with both amplitudes negative it is reversed.
 * a_pre and a_post are what single spikes do, whatever the weight.
 *
 * The preset song2000 has what a toolbox quotes from Song & Abbott 2001; the paper itself was not
 * seen. nest has the defaults of NEST's stdp_synapse: w_max 100, in its unit.
 *
 * Without an upper bound (w_max infinite) there is no W: then mu_plus = mu_minus = 0, and
 * amplitudes are in the unit of the weight. Mean drift of the additive rule under independent
 * Poisson spiking: w_max [r_pre r_post (a_plus tau_plus − a_minus tau_minus) + a_pre r_pre + a_post
 * r_post].
 */
#include "rules/builtin.h"
#include <float.h>
#include <quell/vecmath.h>
#include <stdio.h>

enum { A_PLUS, A_MINUS, TAU_PLUS, TAU_MINUS, MU_PLUS, MU_MINUS, A_PRE, A_POST, W_MIN, W_MAX };
enum { PLUS, MINUS, PRE, POST }; /* those that are bindable */

static const quell_param_desc params[] = {
    {"a_plus", "1", "potentiation by a pair, as a part of w_max", 0.01, -1e9, 1e9, QUELL_BINDABLE,
     0},
    {"a_minus", "1", "depression by a pair, as a part of w_max", 0.0105, -1e9, 1e9, QUELL_BINDABLE,
     0},
    {"tau_plus", "ms", "time constant of the pre trace", 20.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"tau_minus", "ms", "time constant of the post trace", 20.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"mu_plus", "1", "exponent of (1 - w / w_max) in potentiation", 0.0, 0.0, 1.0, 0, 0},
    {"mu_minus", "1", "exponent of w / w_max in depression", 0.0, 0.0, 1.0, 0, 0},
    {"a_pre", "1", "change by a pre spike alone, as a part of w_max", 0.0, -1e9, 1e9,
     QUELL_BINDABLE, 0},
    {"a_post", "1", "change by a post spike alone, as a part of w_max", 0.0, -1e9, 1e9,
     QUELL_BINDABLE, 0},
    QUELL_STANDARD_PARAMS(1.0),
};

static const quell_value song2000[] = {
    {"a_plus", 0.005},   {"a_minus", 0.00525}, {"tau_plus", 20.0},
    {"tau_minus", 20.0}, {"mu_plus", 0.0},     {"mu_minus", 0.0},
};
static const quell_value nest[] = {
    {"a_plus", 0.01}, {"a_minus", 0.01}, {"tau_plus", 20.0}, {"tau_minus", 20.0},
    {"mu_plus", 1.0}, {"mu_minus", 1.0}, {"w_max", 100.0},
};

static const quell_value symmetric[] = {{"a_plus", 0.01}, {"a_minus", -0.01}};

static const quell_preset_desc presets[] = {
    {"song2000", "additive; second hand, by a toolbox that cites Song & Abbott 2001",
     QUELL_TABLE(song2000)},
    {"symmetric", "potentiation by pairs in either order; the amplitudes are ours",
     QUELL_TABLE(symmetric)},
    {"nest", "defaults of NEST's stdp_synapse, multiplicative", QUELL_TABLE(nest)},
};

static const quell_trace_desc traces[] = {
    {"x", QUELL_PRE, QUELL_TRACE_ADD, TAU_PLUS, 0},
    {"y", QUELL_POST, QUELL_TRACE_ADD, TAU_MINUS, 0},
};

typedef struct constants {
  float scale; /* w_max, or 1 where that is infinite */
  float mu_plus, mu_minus;
  float per_w_max;
} constants;

static quell_status prepare(const quell_rule_args *args, void *instance) {
  const double *value = args->value;
  constants *c = instance;
  int bounded = value[W_MAX] < (double)INFINITY;
  double scale = bounded ? value[W_MAX] : 1.0;
  if (!bounded && (value[MU_PLUS] > 0.0 || value[MU_MINUS] > 0.0)) {
    snprintf(args->message, args->message_size,
             "rule 'stdp_pair': 'mu_plus' and 'mu_minus' must be 0 where 'w_max' is infinite");
    return QUELL_E_RANGE;
  }
  static const int amplitudes[] = {A_PLUS, A_MINUS, A_PRE, A_POST};
  for (int i = 0; i < 4; i++) {
    if (scale * fabs(value[amplitudes[i]]) <= FLT_MAX) continue;
    snprintf(args->message, args->message_size,
             "rule 'stdp_pair': 'w_max' times '%s' is beyond any float",
             params[amplitudes[i]].name);
    return QUELL_E_RANGE;
  }
  c->scale = (float)scale;
  c->mu_plus = (float)value[MU_PLUS];
  c->mu_minus = (float)value[MU_MINUS];
  c->per_w_max = bounded && scale > 0.0 ? (float)(1.0 / scale) : 0.0f;
  return QUELL_OK;
}

/* A loop of its own for each form of the exponent: the common ones need no power. */
static void on_pre(const quell_block *block) {
  const constants *c = block->instance;
  float *restrict w = block->w;
  const float *restrict y = block->post[0];
  const float *restrict pre = block->bound[PRE], *restrict minus = block->bound[MINUS];
  const float mu = c->mu_minus; /* loaded in the loop it would keep that from being vectorised */
  if (mu == 0.0f) {
    for (uint32_t i = 0; i < block->n; i++) w[i] += c->scale * (pre[i] - minus[i] * y[i]);
  } else if (mu == 1.0f) {
    for (uint32_t i = 0; i < block->n; i++)
      w[i] += c->scale * (pre[i] - minus[i] * (w[i] * c->per_w_max) * y[i]);
  } else {
    for (uint32_t i = 0; i < block->n; i++)
      w[i] += c->scale * (pre[i] - minus[i] * quell_powf(w[i] * c->per_w_max, mu) * y[i]);
  }
}

static void on_post(const quell_block *block) {
  const constants *c = block->instance;
  float *restrict w = block->w;
  const float *restrict x = block->pre[0];
  const float *restrict post = block->bound[POST], *restrict plus = block->bound[PLUS];
  const float mu = c->mu_plus;
  if (mu == 0.0f) {
    for (uint32_t i = 0; i < block->n; i++) w[i] += c->scale * (post[i] + plus[i] * x[i]);
  } else if (mu == 1.0f) {
    for (uint32_t i = 0; i < block->n; i++)
      w[i] += c->scale * (post[i] + plus[i] * (1.0f - w[i] * c->per_w_max) * x[i]);
  } else {
    for (uint32_t i = 0; i < block->n; i++)
      w[i] += c->scale * (post[i] + plus[i] * quell_powf(1.0f - w[i] * c->per_w_max, mu) * x[i]);
  }
}

static const quell_event_desc events[] = {
    {.kind = QUELL_PRE, .wants_post = 1u << 0, .call = on_pre},
    {.kind = QUELL_POST, .wants_pre = 1u << 0, .call = on_post},
};

const quell_rule_desc QL_RULE(stdp_pair) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "stdp_pair",
    .summary = "pair rule: additive, multiplicative, or between (Gütig)",
    .source = "Song et al. 2000, 10.1038/78829; Gütig et al. 2003, "
              "10.1523/JNEUROSCI.23-09-03697.2003",
    .params = QUELL_TABLE(params),
    .traces = QUELL_TABLE(traces),
    .events = QUELL_TABLE(events),
    .instance_size = sizeof(constants),
    .prepare = prepare,
    .presets = QUELL_TABLE(presets),
};

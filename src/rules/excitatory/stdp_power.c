/*
 * stdp_power: potentiation by a power of the weight, depression in proportion to it, no bound.
 *
 *   pre:   w −= eta alpha w y                    x, y: traces with tau_plus and tau_minus
 *   post:  w += eta w_0 (w / w_0)^mu x
 *
 * Under independent Poisson spiking the weight settles where potentiation and depression are equal:
 * w = w_0 (tau_plus / (alpha tau_minus))^(1 / (1 − mu)), for small eta.
 *
 * Morrison, Aertsen & Diesmann 2007, 10.1162/neco.2007.19.6.1437; values as in NEST's
 * stdp_pl_synapse_hom, where eta is called lambda and w_0 is 1 (of any unit), and in its
 * hpc_benchmark. A weight of 0 stays 0 for mu > 0. Without a bound that ends the growth for large
 * mu, w_max is 1e30 in place of infinite.
 */
#include "rules/builtin.h"
#include <math.h>
#include <quell/vecmath.h>
#include <stdio.h>

enum { ETA, ALPHA, MU, W_0, TAU_PLUS, TAU_MINUS, W_MIN, W_MAX };
enum { BOUND_ETA, BOUND_ALPHA };

static const quell_param_desc params[] = {
    {"eta", "1", "potentiation by a pair, as a part of w_0, at this weight", 0.1, 0.0, 1e9,
     QUELL_BINDABLE, 0},
    {"alpha", "1", "depression over potentiation, at the weight w_0", 1.0, 0.0, 1e9, QUELL_BINDABLE,
     0},
    {"mu", "1", "exponent of the weight in potentiation", 0.4, 0.0, 1.0, 0, 0},
    {"w_0", "w", "reference weight", 1.0, 1e-9, 1e9, 0, 0},
    {"tau_plus", "ms", "time constant of the pre trace", 20.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"tau_minus", "ms", "time constant of the post trace", 20.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    QUELL_STANDARD_PARAMS(1e30),
};

static const quell_value nest[] = {
    {"eta", 0.1}, {"alpha", 1.0}, {"mu", 0.4}, {"tau_plus", 20.0}, {"tau_minus", 20.0},
};
static const quell_value hpc_benchmark[] = {
    {"eta", 0.1}, {"alpha", 0.0513}, {"mu", 0.4}, {"tau_plus", 15.0}, {"tau_minus", 30.0},
};

static const quell_preset_desc presets[] = {
    {"nest", "defaults of NEST's stdp_pl_synapse_hom and of its neurons", QUELL_TABLE(nest)},
    {"hpc_benchmark", "NEST's benchmark of that name, weights in pA", QUELL_TABLE(hpc_benchmark)},
};

static const quell_trace_desc traces[] = {
    {"x", QUELL_PRE, QUELL_TRACE_ADD, TAU_PLUS, 0},
    {"y", QUELL_POST, QUELL_TRACE_ADD, TAU_MINUS, 0},
};

typedef struct constants {
  float scale, mu; /* scale: w_0^(1 − mu) */
} constants;

static quell_status prepare(const quell_rule_args *args, void *instance) {
  const double *value = args->value;
  constants *c = instance;
  if (!(value[W_MAX] < (double)INFINITY)) {
    snprintf(args->message, args->message_size,
             "rule 'stdp_power': 'w_max' must be finite, at most 1e30");
    return QUELL_E_RANGE;
  }
  c->scale = (float)pow(value[W_0], 1.0 - value[MU]);
  c->mu = (float)value[MU];
  return QUELL_OK;
}

static void on_pre(const quell_block *block) {
  float *restrict w = block->w;
  const float *restrict y = block->post[0];
  const float *restrict eta = block->bound[BOUND_ETA], *restrict alpha = block->bound[BOUND_ALPHA];
  for (uint32_t i = 0; i < block->n; i++) w[i] -= w[i] * (eta[i] * alpha[i] * y[i]);
}

static void on_post(const quell_block *block) {
  const constants *c = block->instance;
  float *restrict w = block->w;
  const float *restrict x = block->pre[0], *restrict eta = block->bound[BOUND_ETA];
  const float mu = c->mu; /* loaded in the loop it would keep that from being vectorised */
  if (mu == 0.0f) {       /* a power of 0 is not 0 here */
    for (uint32_t i = 0; i < block->n; i++) w[i] += c->scale * eta[i] * x[i];
  } else {
    for (uint32_t i = 0; i < block->n; i++)
      w[i] += quell_powf(w[i], mu) * (c->scale * eta[i] * x[i]);
  }
}

static const quell_event_desc events[] = {
    {.kind = QUELL_PRE, .wants_post = 1u << 0, .call = on_pre},
    {.kind = QUELL_POST, .wants_pre = 1u << 0, .call = on_post},
};

const quell_rule_desc QL_RULE(stdp_power) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "stdp_power",
    .summary = "pair rule with power-law potentiation and multiplicative depression",
    .source = "Morrison, Aertsen & Diesmann 2007, 10.1162/neco.2007.19.6.1437",
    .params = QUELL_TABLE(params),
    .traces = QUELL_TABLE(traces),
    .events = QUELL_TABLE(events),
    .instance_size = sizeof(constants),
    .prepare = prepare,
    .presets = QUELL_TABLE(presets),
};

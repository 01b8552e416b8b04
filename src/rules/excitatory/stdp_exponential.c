/*
 * stdp_exponential: a pair rule with exponential dependence on the weight and a constant loss at
 * each spike, which approximates learning by the probabilities of inputs.
 *
 *   pre:   w −= eta (alpha exp(nu_minus w) y + beta)     x, y: traces with tau_plus and tau_minus
 *   post:  w += eta (exp(nu_plus w) x − beta)
 *
 * Under independent Poisson spiking and small eta the mean drift is
 *
 *   eta [r_pre r_post (exp(nu_plus w) tau_plus − alpha exp(nu_minus w) tau_minus)
 *        − beta (r_pre + r_post)],                       tau in s, r in Hz.
 *
 * The rules of Nessler et al. 2013 (10.1371/journal.pcbi.1003037), Legenstein et al. 2016
 * (arXiv:1611.03698) and Jonke et al. 2017 (arXiv:1705.07614) are of this form; so is NEST's
 * jonke_synapse, which calls eta lambda and nu mu. Its page says that changes are in proportion to
 * w_max; its code, which is followed here, has no such factor. An exponent of nu w_max up to 40 is
 * allowed.
 */
#include "rules/builtin.h"
#include <quell/vecmath.h>
#include <stdio.h>

enum { ETA, ALPHA, BETA, NU_PLUS, NU_MINUS, TAU_PLUS, TAU_MINUS, W_MIN, W_MAX };
enum { BOUND_ETA, BOUND_ALPHA, BOUND_BETA };

static const quell_param_desc params[] = {
    {"eta", "w", "learning rate: potentiation by a pair at weight 0", 0.01, 0.0, 1e9,
     QUELL_BINDABLE, 0},
    {"alpha", "1", "depression over potentiation at weight 0", 1.0, 0.0, 1e9, QUELL_BINDABLE, 0},
    {"beta", "1", "loss at each pre and each post spike, as a part of eta", 0.0, -1e9, 1e9,
     QUELL_BINDABLE, 0},
    {"nu_plus", "1/w", "exponent of the weight in potentiation", 0.0, -1e9, 1e9, 0, 0},
    {"nu_minus", "1/w", "exponent of the weight in depression", 0.0, -1e9, 1e9, 0, 0},
    {"tau_plus", "ms", "time constant of the pre trace", 20.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"tau_minus", "ms", "time constant of the post trace", 20.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    QUELL_STANDARD_PARAMS(100.0),
};

static const quell_value nest[] = {
    {"eta", 0.01},     {"alpha", 1.0},     {"beta", 0.0},       {"nu_plus", 0.0},
    {"nu_minus", 0.0}, {"tau_plus", 20.0}, {"tau_minus", 20.0}, {"w_max", 100.0},
};

static const quell_preset_desc presets[] = {
    {"nest", "defaults of NEST's jonke_synapse and of its neurons", QUELL_TABLE(nest)},
};

static const quell_trace_desc traces[] = {
    {"x", QUELL_PRE, QUELL_TRACE_ADD, TAU_PLUS, 0},
    {"y", QUELL_POST, QUELL_TRACE_ADD, TAU_MINUS, 0},
};

typedef struct constants {
  float nu_plus, nu_minus;
} constants;

static quell_status check_exponent(const quell_rule_args *args, int param, const char *name) {
  if (!(args->value[param] > 0.0) || args->value[param] * args->value[W_MAX] <= 40.0)
    return QUELL_OK;
  snprintf(args->message, args->message_size,
           "rule 'stdp_exponential': '%s' times 'w_max' must be at most 40, got %g", name,
           args->value[param] * args->value[W_MAX]);
  return QUELL_E_RANGE;
}

static quell_status prepare(const quell_rule_args *args, void *instance) {
  const double *value = args->value;
  constants *c = instance;
  quell_status status = check_exponent(args, NU_PLUS, "nu_plus");
  if (!status) status = check_exponent(args, NU_MINUS, "nu_minus");
  if (status) return status;
  c->nu_plus = (float)value[NU_PLUS];
  c->nu_minus = (float)value[NU_MINUS];
  return QUELL_OK;
}

static void on_pre(const quell_block *block) {
  const constants *c = block->instance;
  float *restrict w = block->w;
  const float *restrict y = block->post[0], *restrict eta = block->bound[BOUND_ETA];
  const float *restrict alpha = block->bound[BOUND_ALPHA];
  const float *restrict beta = block->bound[BOUND_BETA];
  for (uint32_t i = 0; i < block->n; i++)
    w[i] -= eta[i] * (alpha[i] * quell_expf(c->nu_minus * w[i]) * y[i] + beta[i]);
}

static void on_post(const quell_block *block) {
  const constants *c = block->instance;
  float *restrict w = block->w;
  const float *restrict x = block->pre[0];
  const float *restrict eta = block->bound[BOUND_ETA], *restrict beta = block->bound[BOUND_BETA];
  for (uint32_t i = 0; i < block->n; i++)
    w[i] += eta[i] * (quell_expf(c->nu_plus * w[i]) * x[i] - beta[i]);
}

static const quell_event_desc events[] = {
    {.kind = QUELL_PRE, .wants_post = 1u << 0, .call = on_pre},
    {.kind = QUELL_POST, .wants_pre = 1u << 0, .call = on_post},
};

const quell_rule_desc QL_RULE(stdp_exponential) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "stdp_exponential",
    .summary = "pair rule with exponential dependence on the weight",
    .source =
        "Nessler et al. 2013, 10.1371/journal.pcbi.1003037; Jonke et al. 2017, arXiv:1705.07614",
    .params = QUELL_TABLE(params),
    .traces = QUELL_TABLE(traces),
    .events = QUELL_TABLE(events),
    .instance_size = sizeof(constants),
    .prepare = prepare,
    .presets = QUELL_TABLE(presets),
};

/*
 * meta_learnt: the family of pair rules in which rules are searched by meta-learning, for synapses
 * of any class (E or I onto E or I).
 *
 *   pre:   w += eta (alpha + kappa y)      y: post trace, tau_post
 *   post:  w += eta (beta + gamma x)       x: pre trace, tau_pre
 *
 * Mean drift under independent Poisson spiking:
 *
 *   eta [alpha r_pre + beta r_post + (kappa tau_post + gamma tau_pre) r_pre r_post],
 *
 * tau in s and r in Hz. From inhibitory cells with alpha < 0 and beta = 0 it is zero at r_post =
 * −alpha / (kappa tau_post + gamma tau_pre). The search draws alpha, beta, gamma and kappa from
 * [−2, 2]. With other names the rule is istdp_asymmetric; the names here are those of published
 * data, which list (tau_pre, tau_post, alpha, beta, gamma, kappa) for a class of synapses.
 *
 * Confavreux et al. 2023 (NeurIPS) and 2025, 10.1371/journal.pcbi.1012910; eta and w_max as in the
 * authors' code. Their forms with more coefficients, which read weights, voltages and currents, are
 * not here.
 */
#include "rules/builtin.h"

enum { ETA, TAU_PRE, TAU_POST, ALPHA, BETA, GAMMA, KAPPA };
enum { BOUND_ETA, BOUND_ALPHA, BOUND_BETA, BOUND_GAMMA, BOUND_KAPPA };

static const quell_param_desc params[] = {
    {"eta", "w", "learning rate, on which all coefficients are", 0.01, 0.0, 1e9, QUELL_BINDABLE, 0},
    {"tau_pre", "ms", "time constant of the pre trace", 20.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"tau_post", "ms", "time constant of the post trace", 20.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"alpha", "1", "change by each pre spike", -0.12, -1e9, 1e9, QUELL_BINDABLE, 0},
    {"beta", "1", "change by each post spike", 0.0, -1e9, 1e9, QUELL_BINDABLE, 0},
    {"gamma", "1", "window where pre comes before post", 1.0, -1e9, 1e9, QUELL_BINDABLE, 0},
    {"kappa", "1", "window where post comes before pre", 1.0, -1e9, 1e9, QUELL_BINDABLE, 0},
    QUELL_STANDARD_PARAMS(20.0),
};

static const quell_value vogels2011[] = {
    {"tau_pre", 20.0}, {"tau_post", 20.0}, {"alpha", -0.12},
    {"beta", 0.0},     {"gamma", 1.0},     {"kappa", 1.0},
};

static const quell_preset_desc presets[] = {
    {"vogels2011", "the rule of that name as a member of the family, target 3 Hz",
     QUELL_TABLE(vogels2011)},
};

static const quell_trace_desc traces[] = {
    {"x", QUELL_PRE, QUELL_TRACE_ADD, TAU_PRE, 0},
    {"y", QUELL_POST, QUELL_TRACE_ADD, TAU_POST, 0},
};

static quell_status prepare(const quell_rule_args *args, void *instance) {
  (void)args, (void)instance; /* all coefficients may move */
  return QUELL_OK;
}

static void on_pre(const quell_block *block) {
  float *restrict w = block->w;
  const float *restrict y = block->post[0], *restrict eta = block->bound[BOUND_ETA];
  const float *restrict alpha = block->bound[BOUND_ALPHA];
  const float *restrict kappa = block->bound[BOUND_KAPPA];
  for (uint32_t i = 0; i < block->n; i++) w[i] += eta[i] * (alpha[i] + kappa[i] * y[i]);
}

static void on_post(const quell_block *block) {
  float *restrict w = block->w;
  const float *restrict x = block->pre[0], *restrict eta = block->bound[BOUND_ETA];
  const float *restrict beta = block->bound[BOUND_BETA];
  const float *restrict gamma = block->bound[BOUND_GAMMA];
  for (uint32_t i = 0; i < block->n; i++) w[i] += eta[i] * (beta[i] + gamma[i] * x[i]);
}

static const quell_event_desc events[] = {
    {.kind = QUELL_PRE, .wants_post = 1u << 0, .call = on_pre},
    {.kind = QUELL_POST, .wants_pre = 1u << 0, .call = on_post},
};

const quell_rule_desc QL_RULE(meta_learnt) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "meta_learnt",
    .summary = "six-parameter family of pair rules, found by meta-learning",
    .source = "Confavreux et al. 2025, 10.1371/journal.pcbi.1012910",
    .params = QUELL_TABLE(params),
    .traces = QUELL_TABLE(traces),
    .events = QUELL_TABLE(events),
    .prepare = prepare,
    .presets = QUELL_TABLE(presets),
};

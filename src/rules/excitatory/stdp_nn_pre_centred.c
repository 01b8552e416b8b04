/*
 * stdp_nn_pre_centred: spike-timing-dependent plasticity from nearest neighbours, presynaptic-
 * centred scheme.
 *
 *   pre:   w −= w_max a_minus W^mu_minus y              W = w / w_max
 *   post:  w += w_max a_plus (1 − W)^mu_plus (x − p z)
 *          p = x
 *
 *   x, y: pre trace, grows by 1, tau_plus; post trace, set to 1, tau_minus
 *   z     e^(−age/tau_plus) of the post spike before this one
 *   p     variable "paired": x as the post spike before this one read it
 *
 * A pre spike pairs with the last post spike before it, a post spike with all pre spikes since the
 * post spike before it. Those are what x holds beyond p z, the rest of what earlier post spikes
 * have used. A variable that counts the pre spikes itself would need no difference, but could not
 * tell, at a post spike that meets a pre spike, whether it is to see it; x is what the post spike
 * sees under each setting of "tie". The difference is exact to 3e-7 of x, and cut at 0. The
 * exclusive tie is NEST's (stdp_nn_pre_centered_synapse).
 *
 * Post spikes that pass while learning is off use up nothing; the first one after that may find too
 * little to pair with.
 *
 * mu_plus and mu_minus are those of stdp_pair, as are a_plus and a_minus in the unit of the weight
 * where w_max is infinite. Mean drift of the additive rule under independent Poisson spiking:
 * w_max r_pre r_post (a_plus tau_plus / (1 + r_post tau_plus) − a_minus tau_minus / (1 + r_post
 * tau_minus)).
 *
 * Morrison, Diesmann & Gerstner 2008, Biol Cybern 98:459, figure 7B, 10.1007/s00422-008-0233-1.
 */
#include "rules/builtin.h"
#include "rules/excitatory/weight_dependence.h"

static const quell_param_desc params[] = {QL_PAIR_PARAMS};

static const quell_trace_desc traces[] = {
    {"x", QUELL_PRE, QUELL_TRACE_ADD, TAU_PLUS, 0},
    {"y", QUELL_POST, QUELL_TRACE_SET, TAU_MINUS, 0},
    {"z", QUELL_POST, QUELL_TRACE_SET, TAU_PLUS, 0},
};

static const quell_var_desc vars[] = {
    {"paired", "1", "pre trace that the last post spike read", 0.0},
};

static quell_status prepare(const quell_rule_args *args, void *instance) {
  return ql_prepare_pair(args, "stdp_nn_pre_centred", instance);
}

static void on_pre(const quell_block *block) {
  ql_depress(block->instance, block, block->post[0]);
}

static void on_post(const quell_block *block) {
  const float *restrict x = block->pre[0], *restrict z = block->post[1];
  float *restrict paired = block->var[0];
  float fresh[QL_PAIR_BLOCK];
  for (uint32_t i = 0; i < block->n; i++) {
    float rest = x[i] - paired[i] * z[i];
    fresh[i] = rest > 0.0f ? rest : 0.0f;
    paired[i] = x[i];
  }
  ql_potentiate(block->instance, block, fresh);
}

static const quell_event_desc events[] = {
    {.kind = QUELL_PRE, .wants_post = 1u << 0, .call = on_pre},
    {.kind = QUELL_POST, .wants_pre = 1u << 0, .wants_post = 1u << 1, .call = on_post},
};

static const quell_preset_desc presets[] = {QL_NEST_PAIR_PRESET};

const quell_rule_desc QL_RULE(stdp_nn_pre_centred) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "stdp_nn_pre_centred",
    .summary = "pair rule, a post spike with all pre spikes since the one before it",
    .source = "Morrison et al. 2008, figure 7B, 10.1007/s00422-008-0233-1",
    .params = QUELL_TABLE(params),
    .vars = QUELL_TABLE(vars),
    .traces = QUELL_TABLE(traces),
    .events = QUELL_TABLE(events),
    .instance_size = sizeof(ql_pair_change),
    .prepare = prepare,
    .presets = QUELL_TABLE(presets),
};

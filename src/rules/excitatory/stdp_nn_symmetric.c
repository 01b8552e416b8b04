/*
 * stdp_nn_symmetric: spike-timing-dependent plasticity from nearest neighbours, symmetric scheme.
 *
 *   pre:   w −= w_max a_minus W^mu_minus y          W = w / w_max
 *   post:  w += w_max a_plus (1 − W)^mu_plus x      x, y: e^(−age/tau) of the last spike
 *
 * A pre spike pairs with the last post spike before it, a post spike with the last pre spike before
 * it: the traces are set to 1 in place of growing by 1. What coincident spikes do is "tie"; the
 * exclusive setting is NEST's (stdp_nn_symm_synapse), where each of the two pairs with the next
 * older partner.
 *
 * mu_plus and mu_minus are those of stdp_pair, as are a_plus and a_minus in the unit of the weight
 * where w_max is infinite. Mean drift of the additive rule under independent Poisson spiking:
 * w_max r_pre r_post (a_plus tau_plus / (1 + r_pre tau_plus) − a_minus tau_minus / (1 + r_post
 * tau_minus)).
 *
 * Morrison, Diesmann & Gerstner 2008, Biol Cybern 98:459, figure 7A, 10.1007/s00422-008-0233-1.
 */
#include "rules/builtin.h"
#include "rules/excitatory/weight_dependence.h"

static const quell_param_desc params[] = {QL_PAIR_PARAMS};

static const quell_trace_desc traces[] = {
    {"x", QUELL_PRE, QUELL_TRACE_SET, TAU_PLUS, 0},
    {"y", QUELL_POST, QUELL_TRACE_SET, TAU_MINUS, 0},
};

static quell_status prepare(const quell_rule_args *args, void *instance) {
  return ql_prepare_pair(args, "stdp_nn_symmetric", instance);
}

static void on_pre(const quell_block *block) {
  ql_depress(block->instance, block, block->post[0]);
}

static void on_post(const quell_block *block) {
  ql_potentiate(block->instance, block, block->pre[0]);
}

static const quell_event_desc events[] = {
    {.kind = QUELL_PRE, .wants_post = 1u << 0, .call = on_pre},
    {.kind = QUELL_POST, .wants_pre = 1u << 0, .call = on_post},
};

static const quell_preset_desc presets[] = {QL_NEST_PAIR_PRESET};

const quell_rule_desc QL_RULE(stdp_nn_symmetric) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "stdp_nn_symmetric",
    .summary = "pair rule, each spike with its nearest neighbour",
    .source = "Morrison et al. 2008, figure 7A, 10.1007/s00422-008-0233-1",
    .params = QUELL_TABLE(params),
    .traces = QUELL_TABLE(traces),
    .events = QUELL_TABLE(events),
    .instance_size = sizeof(ql_pair_change),
    .prepare = prepare,
    .presets = QUELL_TABLE(presets),
};

/*
 * stdp_nn_restricted: spike-timing-dependent plasticity from nearest neighbours, restricted
 * symmetric scheme: no spike is in two pairs of the same direction.
 *
 *   pre:   w −= w_max a_minus W^mu_minus y       if no earlier pre spike has seen that post spike
 *   post:  w += w_max a_plus (1 − W)^mu_plus x   if no earlier post spike has seen that pre spike
 *
 *   W = w / w_max; x, y: e^(−age/tau) of the last spike
 *
 * A post spike is new to a pre spike if it is younger than the pre spike before this one, and the
 * same the other way round: a comparison of ages. Where the two are of one age, they came on one
 * step, and "tie" says whether they have seen each other. With the exclusive tie they have not, and
 * each may still pair with a later spike (and pairs with the next older partner on its own step);
 * NEST (stdp_nn_restr_synapse) describes that, but its code lets coincident spikes open an
 * interval, which changes pairs near them.
 *
 * mu_plus and mu_minus are those of stdp_pair, as are a_plus and a_minus in the unit of the weight
 * where w_max is infinite. Mean drift of the additive rule under independent Poisson spiking:
 * w_max (a_plus tau_plus / (1 + (r_pre + r_post) tau_plus) − a_minus tau_minus / (1 + (r_pre +
 * r_post) tau_minus)) r_pre r_post.
 *
 * Morrison, Diesmann & Gerstner 2008, Biol Cybern 98:459, figure 7C, 10.1007/s00422-008-0233-1.
 */
#include "rules/builtin.h"
#include "rules/excitatory/weight_dependence.h"

static const quell_param_desc params[] = {QL_PAIR_PARAMS};

enum { X, PRE_AGE };  /* pre traces */
enum { Y, POST_AGE }; /* post traces */

static const quell_trace_desc traces[] = {
    {"x", QUELL_PRE, QUELL_TRACE_SET, TAU_PLUS, 0},
    {"pre_age", QUELL_PRE, QUELL_TRACE_AGE, 0, 0},
    {"y", QUELL_POST, QUELL_TRACE_SET, TAU_MINUS, 0},
    {"post_age", QUELL_POST, QUELL_TRACE_AGE, 0, 0},
};

typedef struct constants {
  ql_pair_change pair;
  /* Spikes of one step are half a step apart here, one way or the other. */
  float post_lead, pre_lead;
} constants;

static quell_status prepare(const quell_rule_args *args, void *instance) {
  constants *c = instance;
  float half_step = (float)(0.5 * args->dt);
  c->post_lead = args->value[TIE] == (double)QUELL_POST_FIRST ? -half_step : half_step;
  c->pre_lead = args->value[TIE] == (double)QUELL_PRE_FIRST ? -half_step : half_step;
  return ql_prepare_pair(args, "stdp_nn_restricted", &c->pair);
}

/* The trace of the other side's last spike where that is new. */
static void take_new(uint32_t n, const float *restrict trace, const float *restrict its_age,
                     const float *restrict own_age, float lead, float *restrict fresh) {
  for (uint32_t i = 0; i < n; i++)
    fresh[i] = trace[i] * (its_age[i] < own_age[i] + lead ? 1.0f : 0.0f);
}

static void on_pre(const quell_block *block) {
  const constants *c = block->instance;
  float fresh[QL_PAIR_BLOCK];
  take_new(block->n, block->post[Y], block->post[POST_AGE], block->pre[PRE_AGE], c->post_lead,
           fresh);
  ql_depress(&c->pair, block, fresh);
}

static void on_post(const quell_block *block) {
  const constants *c = block->instance;
  float fresh[QL_PAIR_BLOCK];
  take_new(block->n, block->pre[X], block->pre[PRE_AGE], block->post[POST_AGE], c->pre_lead, fresh);
  ql_potentiate(&c->pair, block, fresh);
}

static const quell_event_desc events[] = {
    {.kind = QUELL_PRE,
     .wants_pre = 1u << PRE_AGE,
     .wants_post = 1u << Y | 1u << POST_AGE,
     .call = on_pre},
    {.kind = QUELL_POST,
     .wants_pre = 1u << X | 1u << PRE_AGE,
     .wants_post = 1u << POST_AGE,
     .call = on_post},
};

static const quell_preset_desc presets[] = {QL_NEST_PAIR_PRESET};

const quell_rule_desc QL_RULE(stdp_nn_restricted) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "stdp_nn_restricted",
    .summary = "pair rule, nearest neighbours that were not paired before",
    .source = "Morrison et al. 2008, figure 7C, 10.1007/s00422-008-0233-1",
    .params = QUELL_TABLE(params),
    .traces = QUELL_TABLE(traces),
    .events = QUELL_TABLE(events),
    .instance_size = sizeof(constants),
    .prepare = prepare,
    .presets = QUELL_TABLE(presets),
};

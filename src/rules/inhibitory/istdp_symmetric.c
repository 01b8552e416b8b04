/*
 * istdp_symmetric: inhibitory plasticity whose window is the same for both orders of spikes and may
 * change its sign with their distance.
 *
 *   pre:   w += eta (a_pre + a_1 y1 − a_2 y2)      x1, y1: pre and post traces, tau_1
 *   post:  w += eta (a_post + a_1 x1 − a_2 x2)     x2, y2: the same with tau_2
 *
 * The window is eta [a_1 exp(−|Δt| / tau_1) − a_2 exp(−|Δt| / tau_2)]: a Mexican hat where a_1 >
 * a_2 and tau_1 < tau_2, with its zero at ln(a_1 / a_2) / (1 / tau_1 − 1 / tau_2). Its area is B
 * eta with B = 2 (a_1 tau_1 − a_2 tau_2). Under independent Poisson spiking the mean drift is
 *
 *   eta [a_pre r_pre + a_post r_post + B r_pre r_post],        tau in s, r in Hz,
 *
 * so that for B = 0 the window follows the covariance of the spikes and the constants the rates.
 * With tie 1 (neither of two spikes in a step sees the other) B is smaller by (a_1 − a_2) dt, which
 * a large product of rates shows; with the other ties it is as said.
 *
 * Festa, Cusseddu & Gjorgjieva (10.1101/2024.10.12.618014) have traces that jump by 1 / tau, which
 * makes their amplitudes areas: a_1 = area / tau_1 with tau_1 in s. Here the area of the window is
 * B: a_1 = (1 + B) / (4 tau_1) and a_2 = (1 − B) / (4 tau_2) in their package, without the 1/4 in
 * the ring network's notebook (and 1/2 in that of the random network). The figures' captions have
 * other constants than the code (−0.12 and 1.45 for the motif, four times those of the package;
 * −0.1 and 0 for the ring): the presets are the code's.
 *
 * Presets in which numbers are ours: mexican_hat, the default (no source for 10 and 30 ms was
 * found), and after_woodin2003: spiking within 20 ms of an inhibitory spike weakens inhibition
 * (Woodin, Ganguly & Poo 2003, 10.1016/S0896-6273(03)00507-5).
 *
 * After Lagzi et al. 2021 (10.1101/2021.09.06.459211) synapses from parvalbumin cells onto
 * excitatory ones have a symmetric window. Their equations are not known to us: festa2024_pv is
 * what Festa et al. use for these synapses. vogels2011 is a_1 = 1, a_2 = 0, a_post = 0, a_pre =
 * −alpha.
 */
#include "rules/builtin.h"

enum { ETA, A_PRE, A_POST, A_1, A_2, TAU_1, TAU_2 };
enum { BOUND_ETA, PRE, POST, FIRST, SECOND }; /* those that are bindable */

static const quell_param_desc params[] = {
    {"eta", "w", "learning rate, on which all amplitudes are", 0.01, 0.0, 1e9, QUELL_BINDABLE, 0},
    {"a_pre", "1", "change by each pre spike", 0.0, -1e9, 1e9, QUELL_BINDABLE, 0},
    {"a_post", "1", "change by each post spike", 0.0, -1e9, 1e9, QUELL_BINDABLE, 0},
    {"a_1", "1", "amplitude of the part of the window that is added", 1.0, -1e9, 1e9,
     QUELL_BINDABLE, 0},
    {"a_2", "1", "amplitude of the part that is subtracted", 1.0 / 3.0, -1e9, 1e9, QUELL_BINDABLE,
     0},
    {"tau_1", "ms", "time constant of the part that is added", 10.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"tau_2", "ms", "time constant of the part that is subtracted", 30.0, 0.0, 1e9, QUELL_MIN_OPEN,
     0},
    QUELL_STANDARD_PARAMS(100.0),
};

static const quell_value festa2024_pv[] = {
    {"eta", 2e-3},        {"a_pre", -0.2}, {"a_post", 1.0},  {"a_1", 1.0 / 0.030},
    {"a_2", 1.0 / 0.600}, {"tau_1", 30.0}, {"tau_2", 600.0}, {"w_max", 80.0},
};
static const quell_value festa2024_random[] = {
    {"eta", 4e-2},        {"a_pre", -0.05}, {"a_post", 0.0},  {"a_1", 0.5 / 0.030},
    {"a_2", 0.5 / 0.600}, {"tau_1", 30.0},  {"tau_2", 600.0}, {"w_max", 80.0},
};
static const quell_value festa2024_motif[] = {
    {"eta", 3e-6},         {"a_pre", -0.0302}, {"a_post", 0.362}, {"a_1", 0.25 / 0.050},
    {"a_2", 0.25 / 0.500}, {"tau_1", 50.0},    {"tau_2", 500.0},
};
static const quell_value festa2024_motif_rate[] = {
    {"eta", 4e-7}, {"a_pre", -25.0}, {"a_post", 0.0},  {"a_1", 0.5 / 0.200},
    {"a_2", 0.0},  {"tau_1", 200.0}, {"tau_2", 200.0},
};
static const quell_value mexican_hat[] = {
    {"a_1", 1.0},
    {"a_2", 1.0 / 3.0},
    {"tau_1", 10.0},
    {"tau_2", 30.0},
};
static const quell_value after_woodin2003[] = {
    {"a_1", -1.0},
    {"a_2", 0.0},
    {"tau_1", 20.0},
    {"tau_2", 20.0},
};

static const quell_preset_desc presets[] = {
    {"festa2024_pv",
     "PV to E, after Lagzi et al. 2021; authors' notebook, "
     "10.1101/2024.10.12.618014, nS",
     QUELL_TABLE(festa2024_pv)},
    {"festa2024_random", "random network; authors' notebook as above, nS",
     QUELL_TABLE(festa2024_random)},
    {"festa2024_motif", "pair of linear cells, covariance alone; the authors' package",
     QUELL_TABLE(festa2024_motif)},
    {"festa2024_motif_rate", "pair of linear cells, dominated by rates; the authors' package",
     QUELL_TABLE(festa2024_motif_rate)},
    {"mexican_hat", "near spikes strengthen, far ones weaken, no area; ours",
     QUELL_TABLE(mexican_hat)},
    {"after_woodin2003",
     "spikes within 20 ms weaken, after 10.1016/S0896-6273(03)00507-5; the numbers "
     "are ours",
     QUELL_TABLE(after_woodin2003)},
};

static const quell_trace_desc traces[] = {
    {"x1", QUELL_PRE, QUELL_TRACE_ADD, TAU_1, 0},
    {"x2", QUELL_PRE, QUELL_TRACE_ADD, TAU_2, 0},
    {"y1", QUELL_POST, QUELL_TRACE_ADD, TAU_1, 0},
    {"y2", QUELL_POST, QUELL_TRACE_ADD, TAU_2, 0},
};

static quell_status prepare(const quell_rule_args *args, void *instance) {
  (void)args, (void)instance; /* all amplitudes may move */
  return QUELL_OK;
}

/* `alone` is what the spike does without a partner; the traces are of the other side. */
static void on_spike(const quell_block *block, const float *restrict alone,
                     const float *restrict trace_1, const float *restrict trace_2) {
  float *restrict w = block->w;
  const float *restrict eta = block->bound[BOUND_ETA];
  const float *restrict first = block->bound[FIRST], *restrict second = block->bound[SECOND];
  for (uint32_t i = 0; i < block->n; i++)
    w[i] += eta[i] * (alone[i] + (first[i] * trace_1[i] - second[i] * trace_2[i]));
}

static void on_pre(const quell_block *block) {
  on_spike(block, block->bound[PRE], block->post[0], block->post[1]);
}

static void on_post(const quell_block *block) {
  on_spike(block, block->bound[POST], block->pre[0], block->pre[1]);
}

static const quell_event_desc events[] = {
    {.kind = QUELL_PRE, .wants_post = 1u << 0 | 1u << 1, .call = on_pre},
    {.kind = QUELL_POST, .wants_pre = 1u << 0 | 1u << 1, .call = on_post},
};

const quell_rule_desc QL_RULE(istdp_symmetric) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "istdp_symmetric",
    .summary = "inhibitory pair rule with a symmetric window of two time constants",
    .source = "Festa, Cusseddu & Gjorgjieva 2024, 10.1101/2024.10.12.618014",
    .params = QUELL_TABLE(params),
    .traces = QUELL_TABLE(traces),
    .events = QUELL_TABLE(events),
    .prepare = prepare,
    .presets = QUELL_TABLE(presets),
};

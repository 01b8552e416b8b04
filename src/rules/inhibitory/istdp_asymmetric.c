/*
 * istdp_asymmetric: inhibitory plasticity whose window differs for the two orders of spikes.
 *
 *   pre:   w += eta (a_pre + a_minus y)       y: post trace, tau_minus
 *   post:  w += eta (a_post + a_plus x)       x: pre trace, tau_plus
 *
 * Pre before post adds eta a_plus exp(−Δt / tau_plus), post before pre eta a_minus exp(Δt /
 * tau_minus). Hebbian: a_plus > 0 > a_minus; anti-Hebbian: the reverse. Under independent Poisson
 * spiking the mean drift is
 *
 *   eta [a_pre r_pre + a_post r_post + (a_plus tau_plus + a_minus tau_minus) r_pre r_post],
 *
 * tau in s and r in Hz. On a grid the pair within a step belongs to the window of pre before post
 * (tie 0) or of post before pre (2) or to none (1): a window without area has none with tie 1, and
 * ± eta a dt with the others.
 *
 * Festa, Cusseddu & Gjorgjieva (10.1101/2024.10.12.618014) have traces that jump by 1 / tau, so
 * that their amplitudes are areas: a_plus = area / tau_plus with tau_plus in s, here 16.7 for an
 * area of 1 and 60 ms. The values of the presets are those of the authors' notebooks and package.
 *
 * Luz & Shamir 2012 (10.1371/journal.pcbi.1002334; 2014: 10.1371/journal.pone.0101109) find that
 * the Hebbian form feeds back negatively and balances; Kleberg, Fukai & Gilson 2014
 * (10.3389/fncom.2014.00053) that the anti-Hebbian form serves balance by pathway. Only the signs
 * are known to us, so the numbers of after_luz2012, which are also the defaults, are ours.
 *
 * Wilmes, Schleimer & Schreiber 2017 (10.1111/ejn.13326) shift an anti-Hebbian window by 1.27 ms:
 * the arrival acts that much later. Here that is an axonal delay of the projection, longer by 1.27
 * ms, which delays what is delivered too. Their mechanism has 20 ms as time constants, the table of
 * their driver 10 ms (which it does not set).
 *
 * After Lagzi et al. 2021 (10.1101/2021.09.06.459211) synapses from somatostatin cells onto
 * excitatory ones have a Hebbian window. Their equations are not known to us: festa2024_sst is what
 * Festa et al. use for these synapses.
 */
#include "rules/builtin.h"

enum { ETA, A_PRE, A_POST, A_PLUS, A_MINUS, TAU_PLUS, TAU_MINUS };
enum { BOUND_ETA, PRE, POST, PLUS, MINUS }; /* those that are bindable */

static const quell_param_desc params[] = {
    {"eta", "w", "learning rate, on which all amplitudes are", 0.01, 0.0, 1e9, QUELL_BINDABLE, 0},
    {"a_pre", "1", "change by each pre spike", 0.0, -1e9, 1e9, QUELL_BINDABLE, 0},
    {"a_post", "1", "change by each post spike", 0.0, -1e9, 1e9, QUELL_BINDABLE, 0},
    {"a_plus", "1", "window where pre comes before post", 1.0, -1e9, 1e9, QUELL_BINDABLE, 0},
    {"a_minus", "1", "window where post comes before pre", -1.0, -1e9, 1e9, QUELL_BINDABLE, 0},
    {"tau_plus", "ms", "time constant of the pre trace", 20.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"tau_minus", "ms", "time constant of the post trace", 20.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    QUELL_STANDARD_PARAMS(100.0),
};

static const quell_value festa2024_random[] = {
    {"eta", 5e-3},           {"a_pre", -0.7},           {"a_post", 0.2},
    {"a_plus", 1.0 / 0.060}, {"a_minus", -0.7 / 0.030}, {"tau_plus", 60.0},
    {"tau_minus", 30.0},     {"w_max", 80.0},
};
static const quell_value festa2024_sst[] = {
    {"eta", 1e-3},           {"a_pre", -0.2},           {"a_post", 1.0},
    {"a_plus", 1.0 / 0.030}, {"a_minus", -1.0 / 0.030}, {"tau_plus", 30.0},
    {"tau_minus", 30.0},     {"w_max", 80.0},
};
static const quell_value festa2024_motif[] = {
    {"eta", 3e-6},           {"a_pre", -0.0710},        {"a_post", 3.98},
    {"a_plus", 0.5 / 0.050}, {"a_minus", -0.5 / 0.050}, {"tau_plus", 50.0},
    {"tau_minus", 50.0},
};
static const quell_value wilmes2017[] = {
    {"eta", 1e-3},      {"a_plus", -1.0},    {"a_minus", 1.0},
    {"tau_plus", 20.0}, {"tau_minus", 20.0}, {"w_max", (double)INFINITY},
};
static const quell_value after_luz2012[] = {
    {"a_plus", 1.0},
    {"a_minus", -1.0},
    {"tau_plus", 20.0},
    {"tau_minus", 20.0},
};

static const quell_preset_desc presets[] = {
    {"festa2024_random", "random network; authors' notebook, 10.1101/2024.10.12.618014, nS",
     QUELL_TABLE(festa2024_random)},
    {"festa2024_sst", "SST to E, after Lagzi et al. 2021; authors' notebook as above, nS",
     QUELL_TABLE(festa2024_sst)},
    {"festa2024_motif", "pair of linear cells, window without area; the authors' package",
     QUELL_TABLE(festa2024_motif)},
    {"wilmes2017",
     "anti-Hebbian, eta as a part of their w_max; 10.1111/ejn.13326, its shift of 1.27 "
     "ms is an axonal delay",
     QUELL_TABLE(wilmes2017)},
    {"after_luz2012", "Hebbian, after 10.1371/journal.pcbi.1002334; the numbers are ours",
     QUELL_TABLE(after_luz2012)},
};

static const quell_trace_desc traces[] = {
    {"x", QUELL_PRE, QUELL_TRACE_ADD, TAU_PLUS, 0},
    {"y", QUELL_POST, QUELL_TRACE_ADD, TAU_MINUS, 0},
};

static quell_status prepare(const quell_rule_args *args, void *instance) {
  (void)args, (void)instance; /* all amplitudes may move */
  return QUELL_OK;
}

static void on_pre(const quell_block *block) {
  float *restrict w = block->w;
  const float *restrict y = block->post[0], *restrict eta = block->bound[BOUND_ETA];
  const float *restrict pre = block->bound[PRE], *restrict minus = block->bound[MINUS];
  for (uint32_t i = 0; i < block->n; i++) w[i] += eta[i] * (pre[i] + minus[i] * y[i]);
}

static void on_post(const quell_block *block) {
  float *restrict w = block->w;
  const float *restrict x = block->pre[0], *restrict eta = block->bound[BOUND_ETA];
  const float *restrict post = block->bound[POST], *restrict plus = block->bound[PLUS];
  for (uint32_t i = 0; i < block->n; i++) w[i] += eta[i] * (post[i] + plus[i] * x[i]);
}

static const quell_event_desc events[] = {
    {.kind = QUELL_PRE, .wants_post = 1u << 0, .call = on_pre},
    {.kind = QUELL_POST, .wants_pre = 1u << 0, .call = on_post},
};

const quell_rule_desc QL_RULE(istdp_asymmetric) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "istdp_asymmetric",
    .summary = "inhibitory pair rule with a window of free signs and constants per spike",
    .source =
        "Festa, Cusseddu & Gjorgjieva 2024, 10.1101/2024.10.12.618014; after Luz & Shamir 2012, "
        "10.1371/journal.pcbi.1002334",
    .params = QUELL_TABLE(params),
    .traces = QUELL_TABLE(traces),
    .events = QUELL_TABLE(events),
    .prepare = prepare,
    .presets = QUELL_TABLE(presets),
};

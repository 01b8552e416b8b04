/*
 * competitive_hebbian: Hebbian learning between rate units under a budget for each post neuron.
 *
 *   at each interval, in this order:
 *     w ← max(w + eta r_pre r_post, 0)
 *     w ← w budget / Σ w
 *
 * Σ goes over the synapses of the post neuron in all projections that share this instance of the
 * rule: give feed-forward and recurrent excitation one instance, and inhibition another. Neurons
 * whose weights are all 0 are left alone. The sums are the budget to rounding, unless a bound of
 * another rule cuts a weight. With eta = 0 it only normalises. eta is per interval, not per ms.
 *
 * Where the post rate is linear in the inputs, r_post = Σ w r_pre, and the patterns have the
 * correlations C = <r_pre r_pre^T>, the fixed points are the non-negative eigenvectors of C with
 * the sum `budget`; the one of the largest eigenvalue is stable.
 *
 * A change below half of the last bit of a weight vanishes: eta r_pre r_post must stay above 6e-8
 * w, which the published rates do at the published weights of about 0.01 once r_pre r_post > 1
 * Hz^2.
 *
 * Eckmann, Young & Gjorgjieva 2024 (preprint 10.1101/2022.03.11.483899); order, learning rates and
 * budgets from the authors' code, where an interval is an iteration of 10 ms.
 */
#include "rules/builtin.h"

enum { ETA, BUDGET, INTERVAL };
enum { BOUND_ETA };

static const quell_param_desc params[] = {
    {"eta", "w/Hz^2", "learning rate, per interval", 1e-9, 0.0, 1e6, QUELL_BINDABLE, 0},
    {"budget", "w", "sum of the weights onto a neuron", 0.6, 0.0, 1e6, QUELL_BINDABLE, 0},
    {"interval", "ms", "how often the weights are changed", 10.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
};

static const quell_signal_desc signals[] = {
    {"rate", "Hz", "rate of the post neuron", "rate"},
};

static quell_status prepare(const quell_rule_args *args, void *instance) {
  (void)args, (void)instance; /* both may move */
  return QUELL_OK;
}

static inline float learnt(float w, float eta, float r) {
  float next = w + eta * r;
  return next > 0.0f ? next : 0.0f;
}

static void reduce(const quell_block *block) {
  const float pre_rate = block->pre_rate;
  const float *restrict w = block->w, *restrict r = block->signal[0];
  const float *restrict eta = block->bound[BOUND_ETA];
  float *restrict out = block->out;
  for (uint32_t i = 0; i < block->n; i++) out[i] = learnt(w[i], eta[i] * pre_rate, r[i]);
}

/* A sum below any that is meant counts as 0: the factor stays a number that floats can hold. */
static void decide(const quell_post_block *block) {
  const double budget = block->param[BUDGET];
  const double *restrict sum = block->sum;
  float *restrict factor = block->factor;
  for (uint32_t j = 0; j < block->n; j++) {
    double ratio = budget / (sum[j] > 1e-30 ? sum[j] : 1.0);
    factor[j] = (float)(sum[j] > 1e-30 ? ratio : 1.0);
  }
}

static void on_interval(const quell_block *block) {
  const float pre_rate = block->pre_rate;
  float *restrict w = block->w;
  const float *restrict r = block->signal[0], *restrict factor = block->factor;
  const float *restrict eta = block->bound[BOUND_ETA];
  for (uint32_t i = 0; i < block->n; i++) w[i] = learnt(w[i], eta[i] * pre_rate, r[i]) * factor[i];
}

static const quell_event_desc events[] = {
    {.kind = QUELL_REDUCE, .wants_signal = 1u << 0, .call = reduce},
    {.kind = QUELL_INTERVAL, .param = INTERVAL, .wants_signal = 1u << 0, .call = on_interval},
};

static const quell_value to_E_from_E[] = {{"eta", 1e-9}, {"budget", 0.6}};
static const quell_value to_E_from_I[] = {{"eta", 2e-9}, {"budget", 0.3}};
static const quell_value to_I_from_E[] = {{"eta", 1.5e-9}, {"budget", 0.85}};
static const quell_value to_I_from_I[] = {{"eta", 2.5e-9}, {"budget", 0.35}};

static const quell_preset_desc presets[] = {
    {"eckmann2024_ee", "excitatory inputs of excitatory neurons", QUELL_TABLE(to_E_from_E)},
    {"eckmann2024_ei", "inhibitory inputs of excitatory neurons", QUELL_TABLE(to_E_from_I)},
    {"eckmann2024_ie", "excitatory inputs of inhibitory neurons", QUELL_TABLE(to_I_from_E)},
    {"eckmann2024_ii", "inhibitory inputs of inhibitory neurons", QUELL_TABLE(to_I_from_I)},
};

const quell_rule_desc QL_RULE(competitive_hebbian) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .flags = QUELL_NEEDS_RATES,
    .name = "competitive_hebbian",
    .summary = "rates: Hebbian, with a budget of weight for each post neuron",
    .source = "Eckmann et al. 2024, 10.1101/2022.03.11.483899",
    .params = QUELL_TABLE(params),
    .events = QUELL_TABLE(events),
    .prepare = prepare,
    .signals = QUELL_TABLE(signals),
    .presets = QUELL_TABLE(presets),
    .decide = decide,
};

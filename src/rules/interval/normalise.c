/*
 * normalise: at an interval, the weights onto each post neuron get a given norm.
 *
 *   every period:  w *= target / N        N = Σ w (norm 1) or sqrt(Σ w²) (norm 2)
 *
 * The sum goes over all synapses onto the post neuron in all projections that share this instance
 * of the rule, so that several pathways may have one budget. A neuron whose weights are all 0 is
 * left alone. With only_above, weights are scaled down where the norm is above the target and never
 * up. Ratios between the weights of a neuron stay, and the norm is exact to rounding, unless a
 * bound of the rule that this one is stacked on cuts a weight. May stand alone.
 *
 * Budgets of Eckmann, Young & Gjorgjieva 2024, 10.1101/2022.03.11.483899, from the authors' code:
 * norm 1, all excitatory inputs together and all inhibitory ones, every 10 ms. Dividing by the sum
 * is the oldest form: von der Malsburg 1973, 10.1007/BF00288907.
 */
#include "rules/builtin.h"

enum { TARGET, NORM, ONLY_ABOVE, PERIOD };

static const quell_param_desc params[] = {
    {"target", "w", "norm of the weights onto a neuron", 1.0, 0.0, 1e9, QUELL_BINDABLE, 0},
    {"norm", "1", "1: sum of the weights; 2: root of the sum of their squares", 1.0, 1.0, 2.0,
     QUELL_INTEGER, 0},
    {"only_above", "1", "1: a norm below the target is left alone", 0.0, 0.0, 1.0, QUELL_INTEGER,
     0},
    {"interval", "ms", "how often the weights are changed", 1000.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
};

typedef struct constants {
  double largest; /* factor that is allowed */
  int squares;
} constants;

/* A finite factor even where the norm is next to nothing, or 0 and the ratio no number. */
static const double no_limit = 1e30;

static quell_status prepare(const quell_rule_args *args, void *instance) {
  constants *c = instance;
  c->squares = args->value[NORM] == 2.0;
  c->largest = args->value[ONLY_ABOVE] != 0.0 ? 1.0 : no_limit;
  return QUELL_OK;
}

static void reduce(const quell_block *block) {
  const constants *c = block->instance;
  const float *restrict w = block->w;
  float *restrict out = block->out;
  if (c->squares) {
    for (uint32_t i = 0; i < block->n; i++) out[i] = w[i] * w[i];
  } else {
    for (uint32_t i = 0; i < block->n; i++) out[i] = w[i];
  }
}

/* The square root, unlike other functions of the C library, is rounded exactly everywhere. */
static void decide(const quell_post_block *block) {
  const constants c = *(const constants *)block->instance;
  const double target = block->param[TARGET], *restrict sum = block->sum;
  float *restrict factor = block->factor;
  for (uint32_t i = 0; i < block->n; i++) {
    double norm = c.squares ? sqrt(sum[i]) : sum[i];
    double ratio = target / norm;
    factor[i] = (float)(ratio < c.largest ? ratio : c.largest);
  }
}

static void on_interval(const quell_block *block) {
  float *restrict w = block->w;
  const float *restrict factor = block->factor;
  for (uint32_t i = 0; i < block->n; i++) w[i] *= factor[i];
}

static const quell_event_desc events[] = {
    {.kind = QUELL_REDUCE, .call = reduce},
    {.kind = QUELL_INTERVAL, .param = PERIOD, .call = on_interval},
};

#define BUDGET(name, target)                                                                       \
  static const quell_value name[] = {{"target", target}, {"interval", 10.0}}
BUDGET(eckmann_ee, 0.6);
BUDGET(eckmann_ie, 0.3);
BUDGET(eckmann_ei, 0.85);
BUDGET(eckmann_ii, 0.35);

static const quell_preset_desc presets[] = {
    {"eckmann2024_ee", "Eckmann et al. 2024: excitatory inputs of excitatory neurons",
     QUELL_TABLE(eckmann_ee)},
    {"eckmann2024_ie", "Eckmann et al. 2024: inhibitory inputs of excitatory neurons",
     QUELL_TABLE(eckmann_ie)},
    {"eckmann2024_ei", "Eckmann et al. 2024: excitatory inputs of inhibitory neurons",
     QUELL_TABLE(eckmann_ei)},
    {"eckmann2024_ii", "Eckmann et al. 2024: inhibitory inputs of inhibitory neurons",
     QUELL_TABLE(eckmann_ii)},
};

const quell_rule_desc QL_RULE(normalise) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "normalise",
    .summary = "weights onto each neuron keep a norm, over all projections of the rule",
    .source = "von der Malsburg 1973, 10.1007/BF00288907; Eckmann et al. 2024, "
              "10.1101/2022.03.11.483899",
    .params = QUELL_TABLE(params),
    .events = QUELL_TABLE(events),
    .instance_size = sizeof(constants),
    .prepare = prepare,
    .presets = QUELL_TABLE(presets),
    .decide = decide,
};

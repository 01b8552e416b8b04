/*
 * quantal: short-term plasticity with stochastic release. A synapse has n_sites sites, each full or
 * empty; a spike empties each full one with probability u and delivers the weight times the part of
 * all sites that it emptied.
 *
 *   since the last spike:  each empty site has filled with probability 1 − e^(−h/tau_rec)
 *   at a spike:            u ← u e^(−h/tau_fac),  u ← u + U (1 − u)     (h since the last spike)
 *                          k of the full sites release, binomial(full, u);  deliver w k / n_sites
 *
 * u is one for each pre neuron, "available" (the part of its sites that is full just after the last
 * spike) is each synapse's own. At the first spike all sites are full, whatever "available" says.
 * The mean over synapses is what tsodyks_markram delivers. n_sites = 1 is Bernoulli release.
 *
 * Form of NEST's quantal_stp_synapse (Fuhrmann, Segev, Markram & Tsodyks 2002,
 * 10.1152/jn.00258.2001).
 */
#include "rules/builtin.h"
#include "rules/short_term/pathways.h"
#include <quell/vecmath.h>

enum { USE, TAU_REC, TAU_FAC, N_SITES };
enum { BOUND_TAU_REC = TAU_REC }; /* the bindable ones are the first */

/* More sites would take the probability of the least number that the inversion starts from,
 * 2^-n, out of the range of a float. */
enum { MOST_SITES = 100, BLOCK = 128 };

static const quell_param_desc params[] = {
    {"U", "1", "probability that a full site releases at the first spike", 0.5, 0.0, 1.0,
     QUELL_BINDABLE, 0},
    {"tau_rec", "ms", "time constant with which empty sites fill", 800.0, 0.0, 1e9, QUELL_BINDABLE,
     0},
    {"tau_fac", "ms", "time constant with which facilitation decays; 0: none", 0.0, 0.0, 1e9,
     QUELL_BINDABLE, 0},
    {"n_sites", "1", "release sites of a synapse", 1.0, 1.0, MOST_SITES, QUELL_INTEGER, 0},
};

static const quell_var_desc vars[] = {
    {"available", "1", "part of the sites that is full just after the last spike", 1.0},
};

static const quell_row_var_desc row_vars[] = {
    {"u", "1", "probability of release at the last spike", 0.0},
};

typedef struct constants {
  uint32_t n_sites;
} constants;

static quell_status prepare(const quell_rule_args *args, void *instance) {
  *(constants *)instance = (constants){(uint32_t)args->value[N_SITES]};
  return QUELL_OK;
}

static double release(double *row_var, double since, const double *param, const void *instance) {
  (void)instance;
  row_var[0] = ql_facilitate(row_var[0], since, param[USE], param[TAU_FAC]);
  return row_var[0];
}

/* The number of successes in trials[i] ≤ most trials of probability p ≤ 1/2: how many terms of the
 * distribution add up to less than the uniform number. */
static void invert_binomial(const float *restrict trials, float p, uint32_t most,
                            const float *restrict uniform, uint32_t n, float *restrict successes) {
  float term[BLOCK], sum[BLOCK];
  float q = 1.0f - p, odds = p / q;
  for (uint32_t i = 0; i < n; i++) term[i] = 1.0f;
  for (uint32_t k = 0; k < most; k++)
    for (uint32_t i = 0; i < n; i++) term[i] *= (float)k < trials[i] ? q : 1.0f;
  for (uint32_t i = 0; i < n; i++) {
    sum[i] = term[i];
    successes[i] = 0.0f;
  }
  for (uint32_t k = 0; k < most; k++) {
    for (uint32_t i = 0; i < n; i++) {
      int more = (float)k < trials[i];
      successes[i] += (more & (uniform[i] > sum[i])) ? 1.0f : 0.0f;
      term[i] *= more ? odds * (trials[i] - (float)k) / (float)(k + 1) : 0.0f;
      sum[i] += term[i];
    }
  }
}

/* For any p: where it is above 1/2, the failures are drawn. */
static void draw_binomial(const float *restrict trials, float p, uint32_t most,
                          const float *restrict uniform, uint32_t n, float *restrict successes) {
  int rare = p <= 0.5f;
  invert_binomial(trials, rare ? p : 1.0f - p, most, uniform, n, successes);
  if (rare) return;
  for (uint32_t i = 0; i < n; i++) successes[i] = trials[i] - successes[i];
}

static void on_release(const quell_block *block) {
  const constants *c = block->instance;
  double tau_rec = (double)block->bound[BOUND_TAU_REC][0]; /* one value for the row */
  float filled_by_now = (float)(1.0 - ql_left_after((double)block->elapsed, tau_rec));
  float sites = (float)c->n_sites, per_site = 1.0f / sites;
  float empty[BLOCK] = {0}, full[BLOCK] = {0}, drawn[BLOCK];
  float *restrict w = block->w;
  float *restrict available = block->var[0];
  for (uint32_t i = 0; i < block->n; i++) { /* rounds to a whole number of sites */
    float had = available[i] * sites + 0.5f;
    had = had > 0.0f ? had : 0.0f;
    had = had < sites ? had : sites;
    full[i] = (float)(int32_t)had;
    empty[i] = sites - full[i];
  }
  draw_binomial(empty, filled_by_now, c->n_sites, block->random[0], block->n, drawn);
  for (uint32_t i = 0; i < block->n; i++) full[i] += drawn[i];
  draw_binomial(full, block->efficacy, c->n_sites, block->random[1], block->n, drawn);
  for (uint32_t i = 0; i < block->n; i++) {
    available[i] = (full[i] - drawn[i]) * per_site;
    w[i] *= drawn[i] * per_site;
  }
}

static const quell_event_desc events[] = {
    {.kind = QUELL_RELEASE, .call = on_release, .uniforms = 2},
};

QL_PATHWAYS(QL_PATHWAY_VALUES)
static const quell_preset_desc presets[] = {QL_PATHWAYS(QL_PATHWAY_PRESET)};

const quell_rule_desc QL_RULE(quantal) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "quantal",
    .summary = "short-term plasticity with stochastic release from a number of sites",
    .source = "Fuhrmann et al. 2002, 10.1152/jn.00258.2001; form of NEST's quantal_stp_synapse",
    .params = QUELL_TABLE(params),
    .vars = QUELL_TABLE(vars),
    .events = QUELL_TABLE(events),
    .instance_size = sizeof(constants),
    .prepare = prepare,
    .row_vars = QUELL_TABLE(row_vars),
    .presets = QUELL_TABLE(presets),
    .release = release,
};

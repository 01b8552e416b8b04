/*
 * td_stdp: what a post spike owes to a pre neuron, filtered, times the temporal-difference error.
 *
 *   post:  e_slow += X / (tau_slow − tau_fast),  e_fast −= the same
 *   always:  dw/dt = eta (e_slow + e_fast) × td_error,  each e decaying with its time constant
 *
 * X is the potential that the pre neuron has raised since the last post spike: the sum over its
 * arrivals of (e^(−s/tau_m) − e^(−s/tau_s)) tau_m / (tau_m − tau_s), s in time since the arrival.
 * So the eligibility of a pair is κ(t) = (e^(−t/tau_slow) − e^(−t/tau_fast)) / (tau_slow −
 * tau_fast) after its post spike, as in the critic QUELL_CRITIC_POPULATION, whose channel, with tau
 * = 0, is meant to be the factor.
 *
 * Two variables hold what the pre traces were at the last post spike, because only what came after
 * it counts.
 *
 * Frémaux, Sprekeler & Gerstner 2013, 10.1371/journal.pcbi.1003024. Kernel and time constants as in
 * two public codes after it, where the potential is of unit weight; the learning rate is ours.
 */
#include "rules/builtin.h"
#include <quell/vecmath.h>
#include <stdio.h>

enum { ETA, TAU_M, TAU_S, TAU_SLOW, TAU_FAST };

static const quell_param_desc params[] = {
    {"eta", "w", "learning rate", 0.01, -1e9, 1e9, 0, 0},
    {"tau_m", "ms", "decay of the potential", 20.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"tau_s", "ms", "rise of the potential, below tau_m", 5.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"tau_slow", "ms", "decay of the eligibility", 200.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"tau_fast", "ms", "rise of the eligibility, below tau_slow", 50.0, 0.0, 1e9, QUELL_MIN_OPEN,
     0},
    QUELL_STANDARD_PARAMS(3.0),
};

static const quell_trace_desc traces[] = {
    {"x_m", QUELL_PRE, QUELL_TRACE_ADD, TAU_M, 0},
    {"x_s", QUELL_PRE, QUELL_TRACE_ADD, TAU_S, 0},
    {"since", QUELL_POST, QUELL_TRACE_AGE, 0, 0},
};

enum { SEEN_M, SEEN_S };

static const quell_var_desc vars[] = {
    {"seen_m", "1", "slow pre trace at the last post spike", 0.0},
    {"seen_s", "1", "fast pre trace at the last post spike", 0.0},
};

static const quell_factor_desc factors[] = {
    {"td_error", "temporal-difference error of the value, per second"},
};

static const quell_eligibility_desc eligibilities[] = {
    {"slow", "w", "decaying part of the eligibility", TAU_SLOW, 1},
    {"fast", "w", "rising part of the eligibility, below 0", TAU_FAST, 1},
};

typedef struct constants {
  float scale;                /* of a potential that adds to the eligibility */
  float per_tau_m, per_tau_s; /* per ms */
} constants;

static quell_status prepare(const quell_rule_args *args, void *instance) {
  const double *v = args->value;
  if (!(v[TAU_M] > v[TAU_S]) || !(v[TAU_SLOW] > v[TAU_FAST])) {
    snprintf(args->message, args->message_size,
             "rule 'td_stdp': 'tau_s' must be below 'tau_m', and 'tau_fast' below 'tau_slow'");
    return QUELL_E_RANGE;
  }
  double potential = v[TAU_M] / (v[TAU_M] - v[TAU_S]);
  *(constants *)instance =
      (constants){(float)(v[ETA] * potential * 1000.0 / (v[TAU_SLOW] - v[TAU_FAST])),
                  (float)(1.0 / v[TAU_M]), (float)(1.0 / v[TAU_S])};
  return QUELL_OK;
}

/* Synapses in a block, at most (quell_block). */
enum { MOST = 128 };

/* What came into a trace since the last post spike, and the trace for the next one. */
static void take_new(uint32_t n, float per_tau, const float *restrict since,
                     const float *restrict x, float *restrict seen, float *restrict fresh) {
  for (uint32_t i = 0; i < n; i++) {
    fresh[i] = x[i] - seen[i] * quell_expf(-since[i] * per_tau);
    seen[i] = x[i];
  }
}

static void on_post(const quell_block *block) {
  const constants *c = block->instance;
  float fresh_m[MOST], fresh_s[MOST];
  float *restrict slow = block->elig[0], *restrict fast = block->elig[1];
  take_new(block->n, c->per_tau_m, block->post[0], block->pre[0], block->var[SEEN_M], fresh_m);
  take_new(block->n, c->per_tau_s, block->post[0], block->pre[1], block->var[SEEN_S], fresh_s);
  for (uint32_t i = 0; i < block->n; i++) {
    float owed = c->scale * (fresh_m[i] - fresh_s[i]);
    slow[i] += owed;
    fast[i] -= owed;
  }
}

static const quell_event_desc events[] = {
    {.kind = QUELL_POST, .wants_pre = 3u, .wants_post = 1u << 0, .call = on_post},
};

const quell_rule_desc QL_RULE(td_stdp) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "td_stdp",
    .summary = "post spikes after pre potentials, under a temporal-difference error",
    .source = "Frémaux et al. 2013, 10.1371/journal.pcbi.1003024",
    .params = QUELL_TABLE(params),
    .traces = QUELL_TABLE(traces),
    .events = QUELL_TABLE(events),
    .prepare = prepare,
    .eligibilities = QUELL_TABLE(eligibilities),
    .vars = QUELL_TABLE(vars),
    .instance_size = sizeof(constants),
    .factors = QUELL_TABLE(factors),
};

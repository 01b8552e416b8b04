/* What the rules share whose pairs of spikes make an eligibility. They differ in their names, their
 * traces and their published sets.
 *
 *   pre:   e −= a_minus y          x, y: traces with tau_plus, tau_minus
 *   post:  e += a_plus x           de/dt = −e / tau_e
 */
#ifndef QL_RULES_THREE_FACTOR_ELIGIBLE_PAIRS_H
#define QL_RULES_THREE_FACTOR_ELIGIBLE_PAIRS_H

#include "rules/builtin.h"

enum { A_PLUS, A_MINUS, TAU_PLUS, TAU_MINUS, TAU_E };
enum { PLUS, MINUS }; /* those that are bindable */

#define QL_ELIGIBLE_PAIR_PARAMS(plus, minus, tau_of_e, most)                                        \
  {"a_plus", "w", "eligibility by a pair, pre before post", (plus), -1e9, 1e9, QUELL_BINDABLE, 0},  \
      {"a_minus",      "w", "loss of it by a pair, post before pre", (minus), -1e9, 1e9,            \
       QUELL_BINDABLE, 0},                                                                          \
      {"tau_plus", "ms", "time constant of the pre trace", 20.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},      \
      {"tau_minus", "ms", "time constant of the post trace", 20.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},    \
      {"tau_e", "ms", "time constant of the eligibility", (tau_of_e), 0.0, 1e9, QUELL_MIN_OPEN, 0}, \
      QUELL_STANDARD_PARAMS(most)

#define QL_ELIGIBLE_PAIR_TRACES(kind)                                                              \
  {"x", QUELL_PRE, (kind), TAU_PLUS, 0}, {                                                         \
    "y", QUELL_POST, (kind), TAU_MINUS, 0                                                          \
  }

/* Their factor's name is the rule's. */
static const quell_eligibility_desc eligibilities[] = {
    {"eligibility", "w", "change that the factor would make, per second and unit of it", TAU_E, 1},
};

static quell_status prepare(const quell_rule_args *args, void *instance) {
  (void)args, (void)instance; /* the amplitudes may move */
  return QUELL_OK;
}

static void on_pre(const quell_block *block) {
  float *restrict e = block->elig[0];
  const float *restrict minus = block->bound[MINUS], *restrict y = block->post[0];
  for (uint32_t i = 0; i < block->n; i++) e[i] -= minus[i] * y[i];
}

static void on_post(const quell_block *block) {
  float *restrict e = block->elig[0];
  const float *restrict plus = block->bound[PLUS], *restrict x = block->pre[0];
  for (uint32_t i = 0; i < block->n; i++) e[i] += plus[i] * x[i];
}

static const quell_event_desc events[] = {
    {.kind = QUELL_PRE, .wants_post = 1u << 0, .call = on_pre},
    {.kind = QUELL_POST, .wants_pre = 1u << 0, .call = on_post},
};

/* A descriptor but for its name, summary and source. */
#define QL_ELIGIBLE_PAIR_RULE                                                                      \
  .struct_size = sizeof(quell_rule_desc), .abi_major = QUELL_RULE_ABI_MAJOR,                       \
  .abi_minor = QUELL_RULE_ABI_MINOR, .params = QUELL_TABLE(params), .traces = QUELL_TABLE(traces), \
  .events = QUELL_TABLE(events), .prepare = prepare, .presets = QUELL_TABLE(presets),              \
  .factors = QUELL_TABLE(factors), .eligibilities = QUELL_TABLE(eligibilities)

#endif

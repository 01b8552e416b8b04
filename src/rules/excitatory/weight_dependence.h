/* What the nearest-neighbour rules share: they pair spikes in different ways, and a pair does
 *
 *   depression:    w −= w_max a_minus W^mu_minus y          W = w / w_max
 *   potentiation:  w += w_max a_plus (1 − W)^mu_plus x      x, y: what the pairing says
 *
 * as in stdp_pair, where the names of the exponents' values are explained. */
#ifndef QL_RULES_EXCITATORY_WEIGHT_DEPENDENCE_H
#define QL_RULES_EXCITATORY_WEIGHT_DEPENDENCE_H

#include <float.h>
#include <quell/plugin.h>
#include <stdio.h>

/* Synapses in a block, at most (quell_block). */
#define QL_PAIR_BLOCK 128

enum { A_PLUS, A_MINUS, TAU_PLUS, TAU_MINUS, MU_PLUS, MU_MINUS, W_MIN, W_MAX, TIE };
enum { PLUS, MINUS }; /* those that are bindable */

#define QL_PAIR_PARAMS                                                                             \
  {                                                                                                \
      "a_plus",       "1", "potentiation by a pair, as a part of w_max", 0.01, 0.0, 1e9,           \
      QUELL_BINDABLE, 0},                                                                          \
      {"a_minus",      "1", "depression by a pair, as a part of w_max", 0.0105, 0.0, 1e9,          \
       QUELL_BINDABLE, 0},                                                                         \
      {"tau_plus", "ms", "time constant of potentiation", 20.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},      \
      {"tau_minus", "ms", "time constant of depression", 20.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},       \
      {"mu_plus", "1", "exponent of (1 - w / w_max) in potentiation", 0.0, 0.0, 1.0, 0, 0},        \
      {"mu_minus", "1", "exponent of w / w_max in depression", 0.0, 0.0, 1.0, 0, 0},               \
      QUELL_STANDARD_PARAMS(1.0)

typedef struct ql_pair_change {
  float scale; /* w_max, or 1 where that is infinite */
  float mu_plus, mu_minus;
  float per_w_max;
} ql_pair_change;

static inline quell_status ql_prepare_pair(const quell_rule_args *args, const char *rule,
                                           ql_pair_change *c) {
  const double *value = args->value;
  int bounded = value[W_MAX] < (double)INFINITY;
  double scale = bounded ? value[W_MAX] : 1.0;
  if (!bounded && (value[MU_PLUS] > 0.0 || value[MU_MINUS] > 0.0)) {
    snprintf(args->message, args->message_size,
             "rule '%s': 'mu_plus' and 'mu_minus' must be 0 where 'w_max' is infinite", rule);
    return QUELL_E_RANGE;
  }
  if (scale * value[A_PLUS] > (double)FLT_MAX || scale * value[A_MINUS] > (double)FLT_MAX) {
    snprintf(args->message, args->message_size,
             "rule '%s': 'w_max' times 'a_plus' or 'a_minus' is beyond any float", rule);
    return QUELL_E_RANGE;
  }
  c->scale = (float)scale;
  c->mu_plus = (float)value[MU_PLUS];
  c->mu_minus = (float)value[MU_MINUS];
  c->per_w_max = bounded && scale > 0.0 ? (float)(1.0 / scale) : 0.0f;
  return QUELL_OK;
}

/* A loop of its own for each form of the exponent: the common ones need no power. */
static inline void ql_depress(const ql_pair_change *c, const quell_block *block,
                              const float *restrict y) {
  const uint32_t n = block->n;
  float *restrict w = block->w;
  const float *restrict minus = block->bound[MINUS];
  const float mu = c->mu_minus; /* loaded in the loop it would keep that from being vectorised */
  if (mu == 0.0f) {
    for (uint32_t i = 0; i < n; i++) w[i] -= c->scale * minus[i] * y[i];
  } else if (mu == 1.0f) {
    for (uint32_t i = 0; i < n; i++) w[i] -= c->scale * minus[i] * (w[i] * c->per_w_max) * y[i];
  } else {
    for (uint32_t i = 0; i < n; i++)
      w[i] -= c->scale * minus[i] * quell_powf(w[i] * c->per_w_max, mu) * y[i];
  }
}

static inline void ql_potentiate(const ql_pair_change *c, const quell_block *block,
                                 const float *restrict x) {
  const uint32_t n = block->n;
  float *restrict w = block->w;
  const float *restrict plus = block->bound[PLUS];
  const float mu = c->mu_plus;
  if (mu == 0.0f) {
    for (uint32_t i = 0; i < n; i++) w[i] += c->scale * plus[i] * x[i];
  } else if (mu == 1.0f) {
    for (uint32_t i = 0; i < n; i++)
      w[i] += c->scale * plus[i] * (1.0f - w[i] * c->per_w_max) * x[i];
  } else {
    for (uint32_t i = 0; i < n; i++)
      w[i] += c->scale * plus[i] * quell_powf(1.0f - w[i] * c->per_w_max, mu) * x[i];
  }
}

/* The defaults of NEST 3 for its three nearest-neighbour synapses. */
static const quell_value ql_nest_pair[] = {
    {"a_plus", 0.01}, {"a_minus", 0.01}, {"tau_plus", 20.0}, {"tau_minus", 20.0},
    {"mu_plus", 1.0}, {"mu_minus", 1.0}, {"w_max", 100.0},   {"tie", QUELL_EXCLUSIVE},
};

#define QL_NEST_PAIR_PRESET                                                                        \
  { "nest", "defaults of NEST's synapse of this scheme", QUELL_TABLE(ql_nest_pair) }

#endif

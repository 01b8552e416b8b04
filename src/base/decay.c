#include "base/decay.h"

#include "base/math.h"

/* The table's length depends on tau alone, so that no option of a network changes a bit. */
enum { LONGEST_TABLE = 16384 };
static const double GONE = 69.3; /* e^-69.3 < 2^-99 */

static float value_over(double tau, double age) {
  double exponent = age / tau;
  return exponent > GONE ? 0.0f : (float)ql_exp(-exponent);
}

ql_decay *ql_decay_create(ql_memory *memory, double tau_steps) {
  ql_decay *decay = ql_alloc(memory, 1, sizeof *decay);
  if (!decay) return NULL;
  double span = GONE * tau_steps + 1.0;
  decay->tau = tau_steps;
  decay->n = span < LONGEST_TABLE ? (uint32_t)span : LONGEST_TABLE;
  decay->table = ql_alloc(memory, decay->n, sizeof *decay->table);
  if (!decay->table) {
    ql_free(memory, decay);
    return NULL;
  }
  for (uint32_t age = 0; age < decay->n; age++) decay->table[age] = value_over(tau_steps, age);
  return decay;
}

void ql_decay_destroy(ql_decay *decay, ql_memory *memory) {
  if (!decay) return;
  ql_free(memory, decay->table);
  ql_free(memory, decay);
}

float ql_decay_far(const ql_decay *decay, uint32_t age) {
  return value_over(decay->tau, age);
}

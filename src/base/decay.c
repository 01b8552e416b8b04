#include "base/decay.h"

#include "base/math.h"

/* The table's length depends on tau alone, so that no option of a network changes a bit. */
enum { LONGEST_TABLE = 16384, LONG_TAU = 10000 /* steps */ };
static const double GONE = 69.0; /* e^-69 is about 2^-99.5 */

ql_decay *ql_decay_create(ql_memory *memory, double tau_steps) {
  ql_decay *decay = ql_alloc(memory, 1, sizeof *decay);
  if (!decay) return NULL;
  decay->tau = tau_steps;
  decay->end = (uint32_t)(GONE * tau_steps) + 1;
  decay->n = decay->end < LONGEST_TABLE ? decay->end : LONGEST_TABLE;
  decay->table = ql_alloc(memory, decay->n, sizeof *decay->table);
  if (!decay->table) {
    ql_free(memory, decay);
    return NULL;
  }
  for (uint32_t age = 0; age < decay->n; age++) decay->table[age] = ql_decay_far(decay, age);
  return decay;
}

void ql_decay_destroy(ql_decay *decay, ql_memory *memory) {
  if (!decay) return;
  ql_free(memory, decay->table);
  ql_free(memory, decay);
}

float ql_decay_far(const ql_decay *decay, uint32_t age) {
  return (float)ql_exp(-(double)age / decay->tau);
}

double ql_decay_carry(const ql_decay *decay, uint32_t age) {
  if (decay->tau < LONG_TAU) return (double)ql_decay_over(decay, age);
  return age < decay->end ? ql_exp(-(double)age / decay->tau) : 0.0;
}

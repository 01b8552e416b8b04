/* Exponential decay over whole steps: a table where it is short, the exponential where it is not.
 */
#ifndef QL_BASE_DECAY_H
#define QL_BASE_DECAY_H

#include "base/memory.h"

typedef struct ql_decay {
  double tau;   /* steps */
  uint32_t n;   /* entries of the table */
  uint32_t end; /* the value is 0 from this age on */
  float *table; /* e^(-age / tau) */
} ql_decay;

/* Longest time constant in steps: over 2^30 steps everything that it carries is gone. */
#define QL_DECAY_LONGEST 1.5e7

/* Returns NULL if there is no memory. */
ql_decay *ql_decay_create(ql_memory *memory, double tau_steps);
void ql_decay_destroy(ql_decay *decay, ql_memory *memory);
/* The value where the table has ended. */
float ql_decay_far(const ql_decay *decay, uint32_t age);
/* What a trace is carried on with from event to event. One with a long time constant adds up so
 * many events that the rounding of a float would show: its decay has the precision of a double. */
double ql_decay_carry(const ql_decay *decay, uint32_t age);

/* e^(-age / tau); exactly 0 below 2^-99. */
static inline float ql_decay_over(const ql_decay *decay, uint32_t age) {
  if (age < decay->n) return decay->table[age];
  return age < decay->end ? ql_decay_far(decay, age) : 0.0f;
}

#endif

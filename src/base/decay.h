/* Exponential decay over whole steps, computed where it is needed: tables for every time constant
 * would push what matters out of the first cache. */
#ifndef QL_BASE_DECAY_H
#define QL_BASE_DECAY_H

#include <quell/vecmath.h>

typedef struct ql_decay {
  double tau;   /* steps */
  float rate;   /* 1 / tau */
  uint32_t end; /* the value is 0 from this age on */
} ql_decay;

/* Longest time constant in steps: over 2^30 steps everything that it carries is gone. */
#define QL_DECAY_LONGEST 1.5e7

ql_decay ql_decay_of(double tau_steps);

/* What a trace is carried on with from event to event. One with a long time constant adds up so
 * many events that the rounding of a float would show: its decay has the precision of a double. */
double ql_decay_carry(const ql_decay *decay, uint32_t age);

/* e^(-rate age), exactly 0 from `end` on; for loops that the compiler vectorises. */
static inline float ql_decay_over(float rate, uint32_t end, uint32_t age) {
  float value = quell_expf(-rate * (float)(int32_t)age);
  return age < end ? value : 0.0f;
}

#endif

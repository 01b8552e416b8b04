#include "base/decay.h"

#include "base/math.h"

enum { LONG_TAU = 10000 };       /* steps */
static const double GONE = 69.0; /* e^-69 is about 2^-99.5 */

ql_decay ql_decay_of(double tau_steps) {
  return (ql_decay){tau_steps, (float)(1.0 / tau_steps), (uint32_t)(GONE * tau_steps) + 1};
}

double ql_decay_carry(const ql_decay *decay, uint32_t age) {
  if (decay->tau < LONG_TAU) return (double)ql_decay_over(decay->rate, decay->end, age);
  return age < decay->end ? ql_exp(-(double)age / decay->tau) : 0.0;
}

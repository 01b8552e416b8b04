/* Poisson background: an independent number of events for every neuron and step. */
#ifndef QL_NEURONS_BACKGROUND_H
#define QL_NEURONS_BACKGROUND_H

#include "base/isa.h"
#include <stdint.h>

enum { QL_BACKGROUND_MOST = 192 }; /* more events than this in one step are never drawn */

typedef struct ql_background {
  float weight; /* of one event */
  uint64_t seed;
  uint32_t object; /* number of the population and receptor: 2 × population + receptor */
  uint32_t levels; /* thresholds in use */
  uint32_t
      threshold[QL_BACKGROUND_MOST]; /* k events if the number drawn reaches threshold[k - 1] */
} ql_background;

#define ql_background_prepare QL_FOR_ISA(ql_background_prepare)
#define ql_background_add     QL_FOR_ISA(ql_background_add)

/* Prepares the table; `mean` = events per neuron and step, in [0, 64]. */
void ql_background_prepare(ql_background *background, double mean);

/* Adds the events of step `step` to the input of the neurons [first, first + n); `first` is a
 * multiple of 64. The numbers depend on (seed, object, step, neuron) alone. */
void ql_background_add(const ql_background *background, uint64_t step, uint32_t first, uint32_t n,
                       float *input);

#endif

/* The network of stdp10k, for any rule. */
#ifndef STDP10K_H
#define STDP10K_H

#include "../bench.h"

/* Makes the neurons and the synapses, of which those between excitatory neurons, the first
 * projection, follow the rule. */
void stdp10k_join(model *m, quell_rule *rule);

#endif

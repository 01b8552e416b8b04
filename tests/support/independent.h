/* Many independent synapses of one rule at once: synapse i from neuron i of a "spike_source" to
 * neuron i of an "external" population. For means over synapses, and for standard errors measured
 * over them. */
#ifndef TEST_INDEPENDENT_H
#define TEST_INDEPENDENT_H

#include "bench.h"

typedef struct independent {
  const setup *setup;
  uint32_t n;
  uint64_t now; /* steps done */
  quell_network *network;
  quell_population *pre, *post;
  quell_rule *rule;
  quell_projection *synapses;
  feeder feeder;
} independent;

/* Synapse i begins at w[i]; w NULL: all at w0. No delays. The rule has its defaults, a preset (NULL
 * for none), then own values. Fails the test if the rule is refused. */
void independent_open(independent *net, const setup *setup, const char *rule, const char *preset,
                      const quell_value *own, size_t n_own, uint32_t n, const double *w, double w0,
                      const train *pre, const train *post);
void independent_close(independent *net);
/* Runs up to a step and gets all weights as they are read there; w NULL: only runs. */
void independent_run_to(independent *net, uint64_t step, float *w);

/* Independent spikes with `probability` per step in [from, to), drawn gap by gap; for all of n
 * neurons; sorted. */
void train_independent(train *train, uint32_t n, double probability, uint64_t from, uint64_t to,
                       uint64_t seed);

/* The mean of n values is `mean` within 4 standard errors, which are measured over the values, and
 * `slack` besides. */
void check_mean(const double *value, size_t n, double mean, double slack, const char *what);

#endif

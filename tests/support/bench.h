/* A bench for plastic synapses: pre and post neurons with given spikes, one projection that learns,
 * and the eager reference of each of its synapses. */
#ifndef TEST_BENCH_H
#define TEST_BENCH_H

#include "eager.h"
#include "setup.h"

/* Spikes in steps since the start. */
typedef struct spike {
  uint64_t step;
  uint32_t neuron;
} spike;
typedef struct train {
  spike *at;
  size_t n, capacity;
} train;

void train_add(train *train, uint64_t step, uint32_t neuron);
/* Ascending steps; to be called before the train is used. */
void train_sort(train *train);
void train_free(train *train);
/* Stamps of one neuron, each plus `delay`; the caller frees them. */
uint64_t *train_of(const train *train, uint32_t neuron, uint64_t delay, size_t *n);
/* Adds independent spikes with `probability` per step in [from, to). */
void train_poisson(train *train, uint32_t neuron, double probability, uint64_t from, uint64_t to,
                   uint64_t seed);

/* Hands a train to an external population, step by step. */
typedef struct feeder {
  quell_population *population;
  const train *train;
  size_t next;
  uint64_t now; /* steps since the start, counted by the feeder itself */
} feeder;

/* For quell_population_on_step(), with a feeder as context. */
void feed(void *context);

/* Gives a "spike_source" all spikes of a train. */
void give_spikes(quell_population *source, const train *train, uint64_t start, double dt);

typedef struct bench {
  const setup *setup;
  double dt;
  uint64_t start;
  uint32_t n_pre, n_post;
  const train *pre_spikes, *post_spikes;
  quell_network *network;
  quell_population *pre, *post;
  quell_rule *rule;
  quell_projection *synapses;
  feeder feeder;
} bench;

/* Builds the network: "spike_source" onto "external", receptor "inhibitory". */
void bench_open(bench *bench, const setup *setup, const eager_rule *rule, uint32_t n_pre,
                const train *pre, uint32_t n_post, const train *post,
                const quell_connection *connection);
void bench_close(bench *bench);
/* Runs up to a step counted from the start. */
void bench_run_to(bench *bench, uint64_t step);
/* Steps done since the start. */
uint64_t bench_now(const bench *bench);
float bench_weight(const bench *bench, uint64_t synapse);

/* Changes of the rule's parameters, of learning, and of all weights: what they are for the library
 * and for the eager reference. Runs to each step of the list and makes the change there. */
void bench_run_changes(bench *bench, const eager_change *change, size_t n_change, uint64_t end);

/* Compares every synapse of the projection with its eager reference at the clock. */
void bench_check(const bench *bench, const eager_rule *rule, const eager_change *change,
                 size_t n_change, const float *initial, const char *what);

#endif

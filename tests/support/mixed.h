/* A closed-loop network that has a bit of everything: two neuron models of odd sizes, sources,
 * background, host-owned neurons, static and plastic projections with every kind of delay, all
 * ties, a schedule, and changes of parameters, learning and weights on the way. */
#ifndef TEST_MIXED_H
#define TEST_MIXED_H

#include "bench.h"

enum { MIXED_HOST = 65, MIXED_RULES = 4, MIXED_PROJECTIONS = 12, MIXED_RECORDERS = 12 };

typedef struct mixed_options {
  int long_delays; /* smallest delay 0.8 ms and no host-owned neurons: batches of several steps */
  int background;  /* its draws depend on the step, so another start gives other bits */
  int record;      /* recorders of every kind */
} mixed_options;

typedef struct mixed {
  const setup *setup;
  mixed_options options;
  quell_network *network;
  quell_population *exc, *inh, *noise, *source, *host;
  quell_rule *rules[MIXED_RULES];
  quell_projection *projections[MIXED_PROJECTIONS];
  int rule_of[MIXED_PROJECTIONS]; /* index of its rule, -1 if static */
  size_t n_projections;
  quell_recorder *spikes[4]; /* exc, inh, noise, source; if recorded */
  quell_recorder *others[MIXED_RECORDERS];
  size_t n_others;
  int32_t charge[MIXED_HOST];
  uint64_t done; /* steps since the start */
  size_t reads;
} mixed;

/* The rules as the eager reference knows them. */
extern const eager_rule mixed_rules[MIXED_RULES];

void mixed_build(mixed *mixed, const setup *setup, mixed_options options);
/* Runs up to `step`, making the changes that lie before it. */
void mixed_run(mixed *mixed, uint64_t step);
/* Weights of all projections and states of all neurons. */
uint64_t mixed_digest(const mixed *mixed);
/* All that was recorded. */
uint64_t mixed_recorded(const mixed *mixed);
void mixed_close(mixed *mixed);

/* What a projection's synapses went through, for the eager reference; returns how many. */
size_t mixed_changes(size_t projection, eager_change *changes, size_t capacity);

#endif

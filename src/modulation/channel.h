/* A neuromodulator channel: what it is, and how its concentration moves. All that changes a
 * channel of the scopes network and territory is known when a batch of steps begins, so its course
 * over the batch is worked out then, in double precision, on one thread; whatever follows it looks
 * it up by stamp. Channels by neuron are kept by the tiles, step by step. */
#ifndef QL_MODULATION_CHANNEL_H
#define QL_MODULATION_CHANNEL_H

#include "network/network.h"

typedef struct ql_critic ql_critic;
typedef struct ql_diffusion ql_diffusion;

enum { QL_TONIC, QL_TAU, QL_MIN, QL_MAX, QL_CHANNEL_PARAMS };

/* A release or level to come. */
typedef struct ql_due {
  uint64_t stamp;
  uint32_t at;
  int32_t kind; /* QUELL_RELEASE_AMOUNT, QUELL_SET_LEVEL */
  double value;
} ql_due;

/* Spikes that release. */
typedef struct ql_source {
  const quell_population *population;
  double amount;
  uint32_t delay; /* steps */
} ql_source;

/* What was released in a step, by territory; kept for events of the kind pulse. */
typedef struct ql_pulse {
  uint64_t stamp;
  uint32_t at;
  float amount;
} ql_pulse;

struct quell_modulator {
  quell_network *network;
  uint32_t number;
  char *name;
  int32_t scope;
  uint32_t size; /* values: 1, territories, neurons */
  double param[QL_CHANNEL_PARAMS];
  quell_population *population; /* scopes neuron and state: whose */
  uint32_t state;               /* scope state: which */
  uint32_t readers;             /* bindings */

  double *phasic;       /* p at the clock, [size]; not of the scope state */
  uint32_t **territory; /* by number of the population, [its size] each; NULL: all 0 … */
  size_t n_territories; /* … as from this number on */
  ql_due *due;          /* by stamp, and by the order in which they were given */
  size_t n_due, due_capacity;
  size_t n_acted; /* of those due, the first so many have acted */
  ql_source *sources;
  size_t n_sources, source_capacity;
  ql_critic *critic;       /* NULL: none */
  ql_diffusion *diffusion; /* NULL: none */

  /* Scopes network and territory, from the first step on: concentration at each step and its mean
   * over it, [size][horizon], the step with stamp s at s & (horizon - 1). */
  float *level, *mean;
  int keeps_pulses; /* some rule wants them; set before the start */
  ql_pulse *pulse;  /* ascending, not older than the horizon */
  size_t n_pulses, pulse_capacity;
  double *before; /* p before the releases of a step, [size]; if it keeps pulses */

  /* Scopes neuron and state, from the first step on: the same for the step that is being done,
   * [size]. */
  float *now, *now_mean;
};

/* The territory of each neuron of a population; NULL: all are in territory 0. */
static inline const uint32_t *ql_channel_territory(const quell_modulator *m,
                                                   const quell_population *population) {
  return population->number < m->n_territories ? m->territory[population->number] : NULL;
}

/* What exists from the first step on, of all channels of a network whose horizon is known. Returns
 * 0 if there is no memory; what was made is then undone by ql_channels_stop(). */
int ql_channels_start(quell_network *network);
void ql_channels_stop(quell_network *network);

/* The shortest time that news of spikes takes to a channel, steps; UINT32_MAX if there is none. The
 * longest is raised where it is longer. */
uint32_t ql_channels_news(const quell_network *network, uint32_t *longest);

/* Works out the steps with the stamps [clock, clock + steps), and brings `phasic` to their end.
 * Returns 0 if there is no memory for what is kept of it. */
int ql_channels_advance(quell_network *network, uint32_t steps);

/* Channels by neuron, for the neurons [first, first + n) of a population: `now` and `now_mean` at
 * the start of a step, and the decay at its end. From the tiles' threads. */
void ql_channels_enter_step(const quell_population *population, uint32_t first, uint32_t n);
void ql_channels_leave_step(const quell_population *population, uint32_t first, uint32_t n);

/* Adds to p, and keeps the concentration within its bounds. */
void ql_channel_release(const quell_modulator *m, double *phasic, double amount);
void ql_channel_bound(const quell_modulator *m, double *phasic);

/* Concentration in the step that begins at the clock: with all that is due there, the spikes that
 * arrive and the error of the critic. */
double ql_channel_at_clock(const quell_modulator *m, uint32_t at);

void ql_channel_free(quell_modulator *m);

#endif

/* What a network is: its parts and what they hold. How they run is the engine's business. */
#ifndef QL_NETWORK_NETWORK_H
#define QL_NETWORK_NETWORK_H

#include "base/decay.h"
#include "base/memory.h"
#include "neurons/background.h"
#include "neurons/model.h"
#include "rules/shape.h"
#include <quell/quell.h>

typedef struct ql_tile ql_tile;
typedef struct ql_part ql_part;
typedef struct ql_code ql_code;
typedef struct ql_side ql_side;
typedef struct ql_group ql_group;
typedef struct ql_pool ql_pool;
typedef struct ql_dial ql_dial;
typedef struct ql_moving ql_moving;

/* A growing array of pointers or numbers: `at` has room for `capacity` elements. */
typedef struct ql_spikes {
  uint32_t *at; /* neurons, ascending */
  size_t n, capacity;
} ql_spikes;

/* The constants that a rule's `prepare` made of one set of parameters. */
typedef struct ql_instance {
  uint32_t references;
  float w_min, w_max;
  float bound[QL_MAX_BOUND]; /* the parameters that may follow a modulator */
  void *constants;
} ql_instance;

/* From `start` on, a projection learns with `instance`, or does not learn. */
typedef struct ql_epoch {
  uint64_t start;
  ql_instance *instance;
  int32_t on;
} ql_epoch;

struct quell_rule {
  quell_network *network;
  uint32_t number;
  const quell_rule_desc *desc;
  ql_shape shape;
  double *value; /* parameters in the descriptor's order */
  ql_instance *instance;
  quell_population *observed[QL_MAX_OBSERVED]; /* NULL: the post population */
  double eligibility; /* time constant of what quell_rule_eligibility() gave it, ms; 0: nothing */
  ql_dial *dial;      /* what may follow modulators, [n_dials]: see ql_dial_of */
  uint32_t n_dials;
  int in_use; /* a projection has it */
};

/* The dials of a rule: factors on its changes, the parameters with QUELL_BINDABLE, its factors. */
enum { QL_LEARNING, QL_POTENTIATION, QL_DEPRESSION, QL_FIRST_BOUND };

enum { QL_MAX_STACK = 8 };

/* A rule in a projection's stack, and where its own are among what the projection keeps. */
typedef struct ql_use {
  quell_rule *rule;
  uint32_t first_var, first_pre;
  ql_side *side;                      /* set at the first step; NULL: it has none … */
  ql_moving *moving;                  /* … likewise: what follows modulators */
  uint32_t post_trace[QL_MAX_TRACES]; /* the population's trace for each; not for ages */
} ql_use;

/* A parameter's course in time. */
typedef struct ql_course {
  uint32_t param;
  int per_neuron;
  size_t n, next;
  uint64_t *step;
  double *value;
} ql_course;

/* For each parameter, and behind them for each receptor, one that multiplies and one that adds. */
enum { QL_POPULATION_DIALS = 2 * (QL_MAX_PARAMS + QL_MAX_RECEPTORS) };

struct quell_population {
  quell_network *network;
  uint32_t number;
  char *name;
  const ql_model *model;
  uint32_t size;
  double param[QL_MAX_PARAMS];       /* last uniform value */
  float *param_array[QL_MAX_PARAMS]; /* per-neuron parameters, [size]; else NULL */
  uint32_t uniform;                  /* bit i: all values of param_array[i] are equal */
  void *state[QL_MAX_STATES];
  void *constants;
  float *input[QL_MAX_RECEPTORS]; /* external: the sums of the last step */
  ql_background *background[QL_MAX_RECEPTORS];
  ql_course *course[QL_MAX_PARAMS];
  ql_dial *dial; /* [QL_POPULATION_DIALS]; NULL: nothing follows a channel */
  void (*on_step)(void *context);
  void *on_step_context;

  /* spike source: what is still to come */
  uint64_t *source_stamp;
  uint32_t *source_neuron;
  size_t source_n, source_next;

  quell_projection **incoming; /* in order of creation */
  size_t n_incoming, incoming_capacity;
  ql_tile *tiles;
  uint32_t n_tiles;

  /* Spikes by stamp: those of stamp s are in spikes[s & (network->rings - 1)]. */
  ql_spikes *spikes;

  /* For the incoming projections, set at the first step. */
  ql_trace_use *trace; /* post traces that they read, each kept once */
  uint32_t n_traces;
  int modulated; /* a channel is of its neurons */
  int remembers; /* post events are kept, because one of them learns */
  ql_side **sides;
  size_t n_sides, side_capacity;
  const float **remembered; /* signals that events keep, each [size] */
  uint32_t n_remembered;
  ql_group *groups; /* rules that act at an interval, in the order in which they do */
  uint32_t n_groups;

  /* Rate units, by stamp like the spikes: the rates [size], and their mean. */
  float *rates;
  double *mean_rate;
};

struct quell_projection {
  quell_network *network;
  uint32_t number;
  quell_population *pre, *post;
  uint32_t receptor;
  quell_rule *rule;         /* that learns at events: that of use[0]; NULL if there is none */
  ql_use use[QL_MAX_STACK]; /* it, and what is stacked on it */
  uint32_t n_uses;
  const ql_use *release; /* short-term plasticity; NULL: none */
  ql_dial *gain;         /* a factor on what is delivered; NULL: none follows a channel */
  uint64_t size;
  /* A row is the synapses of one pre neuron with one axonal delay: row k × pre->size + i has delay
   * axonal[k] and pre neuron i. One value of the delay is the rule, several the exception. */
  uint32_t n_rows;
  uint64_t *row_start; /* number of the first synapse of each row, [n_rows + 1] */
  uint32_t *axonal;    /* steps, ascending, [n_axonal] */
  uint32_t n_axonal;
  uint32_t dendritic_min, dendritic_max;
  uint32_t delay_bytes; /* of a synapse's dendritic delay: 0 (all are dendritic_min), 1 or 2 */
  uint32_t n_vars, n_pre, n_row_vars; /* of all rules together; variables with eligibilities */
  uint32_t n_row_units;               /* numbers that a row keeps for parameters that may move */
  float var_value[QL_MAX_VARS];       /* with which they begin */
  double row_var_value[QL_MAX_ROW_VARS];
  ql_trace pre_trace[QL_MAX_TRACES];
  int marked;         /* rows know when their last spike arrived */
  int can_learn;      /* it has a rule that changes its weights */
  int stores_weights; /* 0: static, and all weights are `weight` */
  float weight;
  int distinct;   /* no pair of neurons has two synapses */
  ql_part *parts; /* [post->n_tiles] */
  ql_epoch *epoch;
  size_t n_epochs, epoch_capacity;

  /* set at the first step */
  uint32_t *lag; /* a spike stamped s is handled at clock s + lag[k]: late first, if there are late
                    events, and delivered at clock s + lag[n_late + k]; [n_late + n_axonal] */
  uint32_t n_late; /* n_axonal, or 0 */
  ql_decay pre_decay[QL_MAX_TRACES];
};

/* What quell_network_stats() tells beside the tiles' part of it. */
typedef struct ql_measure {
  uint64_t spikes, steps;
  uint64_t batches, timed_steps; /* in some batches the phases are timed */
  double build, run, exchange;   /* seconds; exchange in the timed batches */
} ql_measure;

typedef enum ql_phase { QL_BUILDING, QL_READY, QL_FAILED } ql_phase;
typedef enum ql_activity { QL_IDLE, QL_IN_RUN, QL_IN_ON_STEP } ql_activity;

struct quell_network {
  ql_memory memory;
  quell_registry *registry;
  const ql_code *code;
  quell_executor executor; /* the host's, or that of `pool` */
  ql_pool *pool;
  uint32_t threads; /* of the library's own; 0 with the host's executor */
  quell_log log;
  quell_progress progress;
  double dt;
  uint64_t seed, start, clock;
  uint64_t told; /* the on_step functions were called for this clock, plus 1 */
  uint32_t tile_size, block_size;
  uint32_t horizon; /* as asked for, 0 if it is left to us; its value from the first step on */

  quell_population **populations;
  quell_projection **projections;
  quell_rule **rules;
  quell_recorder **recorders;
  quell_modulator **modulators;
  size_t n_populations, n_projections, n_rules, n_recorders, n_modulators;
  size_t population_capacity, projection_capacity, rule_capacity, recorder_capacity;
  size_t modulator_capacity;

  ql_phase phase;
  ql_activity activity;
  atomic_int stop;

  /* set at the first step */
  ql_tile **tiles;
  uint32_t n_tiles;
  float *input;   /* the rings of all tiles, in one piece because they are visited at random */
  uint32_t batch; /* most steps between two exchanges of spikes */
  uint32_t rings; /* lists of spikes that a population keeps, a power of two */

  ql_measure measure;

  char error[512];
};

/* Notes whether all neurons have the same value of a parameter, after it was written. */
void ql_note_uniform(quell_population *population, uint32_t param);

/* The list of the spikes with a stamp that is still kept. */
static inline ql_spikes *ql_spikes_at(const quell_population *population, uint64_t stamp) {
  return &population->spikes[stamp & (population->network->rings - 1)];
}

/* The rate that unit `neuron` had `delay` steps before the clock, Hz; 0 before the start. */
static inline float ql_rate_at(const quell_population *population, uint64_t clock, uint64_t delay,
                               uint32_t neuron) {
  const quell_network *network = population->network;
  if (clock - network->start < delay) return 0.0f;
  uint64_t ring = (clock - delay) & (network->rings - 1);
  return population->rates[ring * population->size + neuron];
}

/* Value of a state of a neuron, whatever its type. */
double ql_state_value(const quell_population *population, uint32_t state, uint64_t neuron);

/* Mean of the rates of all units, summed in their order. */
double ql_mean_rate(const quell_population *population, const float *rate);

/* The rates of rate units at the clock are those of their state. */
void ql_publish_rates(quell_population *population);

/* Puts neurons in ascending order, at no cost where they are. */
void ql_sort_neurons(uint32_t *neurons, size_t n);

/* Notes the sentence and hands the status on. */
quell_status ql_fail(const quell_network *network, quell_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
quell_status ql_no_memory(const quell_network *network);

/* Appends a pointer to an array of pointers. Returns 0 if there is no memory. */
int ql_append(quell_network *network, void ***array, size_t *n, size_t *capacity, void *pointer);

#endif

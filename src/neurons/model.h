/* What a neuron model is: parameters, state, and the function that advances a block of neurons by
 * one step. One file per model; table.c lists them. */
#ifndef QL_NEURONS_MODEL_H
#define QL_NEURONS_MODEL_H

#include "base/isa.h"
#include <quell/plugin.h>
#include <quell/types.h>

/* Largest weight that is accepted, nS or pA: far beyond anything meant, near enough that sums of
 * them stay far from the largest float. */
#define QL_MOST_WEIGHT 1e9

enum { QL_MAX_PARAMS = 32, QL_MAX_STATES = 8, QL_MAX_RECEPTORS = 2 };

typedef enum ql_model_kind {
  QL_NEURON,       /* has receptors and an update */
  QL_SOURCE,       /* has an update, no receptors */
  QL_SPIKE_SOURCE, /* its spikes are given as a list */
  QL_EXTERNAL      /* its spikes are handed in by the host, step by step */
} ql_model_kind;

typedef struct ql_state_desc {
  const char *name, *unit, *doc;
  uint32_t type;    /* QUELL_FLOAT32, QUELL_FLOAT64, QUELL_INT32 */
  double value;     /* initial value … */
  const char *from; /* … or the parameter that gives it; NULL if none does */
  double min, max;  /* what may be written */
} ql_state_desc;

/* Neurons of one tile, for one step. All arrays start at the first neuron of the tile, are 64-byte
 * aligned, and do not overlap. */
typedef struct ql_update {
  const void *constants;     /* made by prepare() */
  uint32_t n;                /* neurons */
  void *const *state;        /* [states], in declared order, [n] each */
  const float *const *param; /* [params]: array of a parameter that is per neuron, else NULL */
  uint32_t uniform;          /* bit i: all values of param[i] are equal */
  const float *const *input; /* [receptors]: sum of the weights that arrive in this step, [n]; NULL
                                if they have been added to the receptor's state already */
  float *scratch;            /* [n], for the model's own use inside the call */
  uint8_t *spikes;  /* out: number of spikes of each neuron in this step, [n], all 0 before */
  uint32_t *fired;  /* out: the neurons that have spikes, ascending, room for n */
  uint32_t n_fired; /* out: how many */
  uint64_t seed;    /* of the network */
  uint32_t object;  /* number of the population */
  uint32_t first;   /* index of the first neuron in its population, a multiple of 64 */
  uint64_t step;    /* number of the step that begins */
} ql_update;

typedef struct ql_model {
  const char *name, *doc;
  ql_model_kind kind;
  const quell_param_desc *params; /* flags may hold QUELL_PER_NEURON */
  uint32_t n_params;
  const ql_state_desc *states;
  uint32_t n_states;
  const char *const *receptors;
  const uint32_t *receptor_states; /* the state that the input of each is added to; NULL: none */
  uint32_t n_receptors;
  uint32_t rate_state; /* rate units: 1 + the state that is transmitted, float, Hz; else 0 */
  uint32_t constants_size;
  /* Pure function of the parameters in declared order (per-neuron ones hold their last uniform
   * value and must not be used). Each is in its range; returns QUELL_E_RANGE and a sentence if they
   * do not fit together. */
  quell_status (*prepare)(const double *params, double dt, void *constants, char *message,
                          size_t message_size);
  /* Sets what a state needs beyond its initial value; NULL if nothing. Called once, before the
   * first step, for all neurons of the population. */
  void (*start)(const ql_update *update);
  void (*update)(ql_update *update);
} ql_model;

#define ql_lif_cond_exp QL_FOR_ISA(ql_lif_cond_exp)
#define ql_lif_curr_exp QL_FOR_ISA(ql_lif_curr_exp)
#define ql_izhikevich   QL_FOR_ISA(ql_izhikevich)
#define ql_rate         QL_FOR_ISA(ql_rate)
#define ql_poisson      QL_FOR_ISA(ql_poisson)
#define ql_spike_source QL_FOR_ISA(ql_spike_source)
#define ql_external     QL_FOR_ISA(ql_external)
extern const ql_model ql_lif_cond_exp, ql_lif_curr_exp, ql_izhikevich, ql_rate, ql_poisson,
    ql_spike_source, ql_external;

#define ql_model_count QL_FOR_ISA(ql_model_count)
#define ql_model_at    QL_FOR_ISA(ql_model_at)
#define ql_model_find  QL_FOR_ISA(ql_model_find)
size_t ql_model_count(void);
const ql_model *ql_model_at(size_t i);
const ql_model *ql_model_find(const char *name); /* NULL if there is none */

#endif

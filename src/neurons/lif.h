/* What the integrate-and-fire models share: limits, small helpers, the adaptive threshold, and the
 * way through the neurons of a tile.
 *
 * Adaptive threshold: a neuron fires at v ≥ v_thresh + theta; a spike adds theta_jump to theta, and
 * theta decays with tau_theta (0: there is no adaptive threshold and theta does not count;
 * infinite: theta stays). Order in a step: compare, jump, decay. theta is kept in double:
 * with the published tau_theta of 10⁷ ms (Diehl & Cook 2015, 10.3389/fncom.2015.00099) the decay
 * factor of a step is 1 - 10⁻⁸, which is 1 in float32. */
#ifndef QL_NEURONS_LIF_H
#define QL_NEURONS_LIF_H

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/math.h"
#include "neurons/model.h"

/* Far beyond anything meant, near enough that no product of them overflows a float. */
#define QL_MOST_MS     1e9
#define QL_MOST_MV     1e6
#define QL_MOST_PA     1e9
#define QL_MOST_PF     1e9
#define QL_MOST_NS     1e9
#define QL_MOST_DT_CM  1e4 /* dt / cm */
#define QL_MOST_DT_TAU 1e9 /* dt / tau */

/* Below this a decaying value is set to 0, so that none becomes a denormal number. */
#define QL_TINY 1e-30f

#define QL_THETA_JUMP_PARAM                                                                        \
  { "theta_jump", "mV", "what a spike adds to theta", 0.0, 0.0, QL_MOST_MV, 0, 0 }

#define QL_TAU_THETA_PARAM                                                                         \
  {                                                                                                \
    "tau_theta", "ms", "decay of theta; 0: no adaptive threshold", 0.0, 0.0, (double)INFINITY, 0,  \
        0                                                                                          \
  }

#define QL_THETA_STATE                                                                             \
  {                                                                                                \
    "theta", "mV", "adaptive part of the threshold", QUELL_FLOAT64, 0.0, NULL, -QL_MOST_MV,        \
        QL_MOST_MV                                                                                 \
  }

#define QL_REFRACTORY_STATE                                                                        \
  { "refractory", "1", "steps for which v is held", QUELL_INT32, 0.0, NULL, 0.0, INT32_MAX }

typedef struct ql_theta {
  double jump;
  double decay; /* of one step; 0: there is no adaptive threshold */
} ql_theta;

/* (e^x - 1) / x: the mean of e^(x s) for s in [0, 1]. */
static inline double ql_mean_exp(double x) {
  return x == 0.0 ? 1.0 : ql_expm1(x) / x;
}

static inline float ql_without_denormals(float x) {
  return fabsf(x) < QL_TINY ? 0.0f : x;
}

/* The same for what is never negative, one operation less. */
static inline float ql_decayed(float x) {
  return x < QL_TINY ? 0.0f : x;
}

static inline quell_status ql_refuse(char *message, size_t message_size, const char *sentence) {
  snprintf(message, message_size, "%s", sentence);
  return QUELL_E_RANGE;
}

/* Whole steps of the refractory time, to nearest. */
static inline quell_status ql_refractory_prepare(double tau_refrac, double dt, int32_t *steps,
                                                 char *message, size_t message_size) {
  double nearest = tau_refrac / dt + 0.5;
  if (!(nearest < INT32_MAX))
    return ql_refuse(message, message_size, "tau_refrac is more than 2^31 steps");
  *steps = (int32_t)nearest;
  return QUELL_OK;
}

static inline quell_status ql_theta_prepare(double jump, double tau, double dt, ql_theta *theta,
                                            char *message, size_t message_size) {
  if (jump > 0.0 && tau == 0.0)
    return ql_refuse(message, message_size, "theta_jump > 0 needs a tau_theta > 0");
  /* A decay of exactly 0 stands for "none", so a tau_theta far below a step stops just short. */
  double decay = tau > 0.0 ? ql_exp(-dt / tau) : 0.0;
  *theta = (ql_theta){jump, tau > 0.0 && decay < 1e-300 ? 1e-300 : decay};
  return QUELL_OK;
}

/* The thresholds of this step: v_thresh itself, or v_thresh + theta in `scratch`. */
static inline const float *ql_thresholds(const ql_theta *constants, uint32_t n,
                                         const float *restrict v_thresh,
                                         const double *restrict theta, float *restrict scratch) {
  if (constants->decay == 0.0) return v_thresh;
  for (uint32_t i = 0; i < n; i++) scratch[i] = (float)((double)v_thresh[i] + theta[i]);
  return scratch;
}

/* Neurons are advanced by chunks that stay in the first cache together with what is known of them
 * only inside the step: whether they fire. That is in 32 bits, because mixed widths make compilers
 * work on more neurons at a time than there are registers for. */
enum { QL_CHUNK = 256 };

/* Input of the neurons of a chunk. */
static inline const float *ql_chunk_input(const ql_update *u, uint32_t receptor, uint32_t first) {
  static const float none[QL_CHUNK];
  return u->input[receptor] ? u->input[receptor] + first : none;
}

/* The neurons of a chunk from `first` on that fire. They are few, so most groups are passed over;
 * fires[] has zeros from n on up to a whole group. */
static inline void ql_note_spikes(ql_update *u, uint32_t first, uint32_t n,
                                  const int32_t *restrict fires) {
  enum { GROUP = 16 };
  for (uint32_t i = 0; i < n; i += GROUP) {
    int32_t any = 0;
    for (uint32_t k = i; k < i + GROUP; k++) any |= fires[k];
    for (uint32_t k = i; any && k < i + GROUP; k++) {
      if (!fires[k]) continue;
      u->fired[u->n_fired++] = first + k;
      u->spikes[first + k] = 1;
    }
  }
}

static inline void ql_theta_advance(const ql_theta *constants, uint32_t n,
                                    const uint8_t *restrict spikes, double *restrict theta) {
  const double jump = constants->jump, decay = constants->decay;
  if (decay == 0.0) return;
  for (uint32_t i = 0; i < n; i++) {
    double x = (theta[i] + jump * spikes[i]) * decay;
    theta[i] = fabs(x) < (double)QL_TINY ? 0.0 : x;
  }
}

/* How a model advances its neurons. Its states are v, what the excitatory receptor is added to,
 * what the inhibitory one is, theta and the refractory steps, in this order. */
typedef struct ql_lif {
  uint32_t v_thresh, i_offset; /* parameters */
  /* What a constant current does in a step. */
  void (*steady)(const void *constants, uint32_t n, const float *restrict i_offset,
                 float *restrict steady);
  /* One step of n neurons; fires[] says which fire. Returns whether any does. */
  int32_t (*advance)(const void *constants, uint32_t n, const float *restrict input_E,
                     const float *restrict input_I, const float *restrict steady,
                     const float *restrict threshold, float *restrict v, float *restrict exc,
                     float *restrict inh, int32_t *restrict refractory, int32_t *restrict fires);
} ql_lif;

/* Chunk by chunk. Where all neurons have the same current or threshold, one chunk of it serves for
 * all: it stays in the first cache. */
static inline void ql_lif_update(const ql_lif *lif, const ql_theta *theta, ql_update *u) {
  enum { V, EXC, INH, THETA, REFRACTORY };
  float *v = u->state[V], *exc = u->state[EXC], *inh = u->state[INH];
  int32_t *refractory = u->state[REFRACTORY], fires[QL_CHUNK];
  float steady[QL_CHUNK], shared[QL_CHUNK];
  const float *i_offset = u->param[lif->i_offset], *v_thresh = u->param[lif->v_thresh];
  const float *threshold = ql_thresholds(theta, u->n, v_thresh, u->state[THETA], u->scratch);
  int share_offset = u->uniform >> lif->i_offset & 1;
  int share_threshold = u->uniform >> lif->v_thresh & 1 && threshold == v_thresh;
  uint32_t most = u->n < QL_CHUNK ? u->n : QL_CHUNK;
  for (uint32_t i = 0; i < most; i++) shared[i] = threshold[0];
  lif->steady(u->constants, most, i_offset, steady);
  for (uint32_t first = 0; first < u->n; first += QL_CHUNK) {
    uint32_t n = u->n - first < QL_CHUNK ? u->n - first : QL_CHUNK;
    if (n < QL_CHUNK) memset(fires + n, 0, (QL_CHUNK - n) * sizeof *fires);
    if (!share_offset) lif->steady(u->constants, n, i_offset + first, steady);
    int32_t any =
        lif->advance(u->constants, n, ql_chunk_input(u, 0, first), ql_chunk_input(u, 1, first),
                     steady, share_threshold ? shared : threshold + first, v + first, exc + first,
                     inh + first, refractory + first, fires);
    if (any) ql_note_spikes(u, first, n, fires);
  }
  ql_theta_advance(theta, u->n, u->spikes, u->state[THETA]);
}

#endif

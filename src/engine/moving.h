/* What of a rule moves from step to step because it follows neuromodulators, as the synapses of a
 * projection see it: dials, and the eligibilities' weights.
 *
 * An eligibility e decays with tau, and dw/dt = e g(t) with a factor g that may be another in every
 * step. In a window of steps that begins at step b,
 *
 *   w(t) = w' + e' A(t),   e(t) = e' / B(t),
 *   A(t) = sum over the steps s in [b, t) of g(s) e^(-(s - b) / tau) tau (1 - e^(-1 / tau)),
 *   B(t) = e^((t - b) / tau),
 *
 * so w' and e' are all that is kept by synapse, and they stay as they are until the synapse's next
 * event or the window's end: there is no time and no step of its own. A and B are the projection's:
 * A stands still while learning is off. Windows lie on the grid of steps and are about two of the
 * shortest time constants long, so that no factor grows large. */
#ifndef QL_ENGINE_MOVING_H
#define QL_ENGINE_MOVING_H

#include "engine/tile.h"
#include "modulation/dial.h"

enum { QL_MAX_DIALS = QL_FIRST_BOUND + QL_MAX_BOUND };

/* A number that moves from step to step, as synapses read it: by stamp, and by the territory of
 * their post neuron; or by post neuron, at the clock and as its events remember it. */
typedef struct ql_reading {
  const float *ring;         /* [territories][horizon]; NULL: … */
  const uint32_t *territory; /* of each post neuron; NULL: 0 for all */
  float *now;                /* … by neuron of the population; NULL too: it does not move */
  uint32_t word;             /* where post events keep it */
} ql_reading;

typedef struct ql_anchor {
  ql_dial *factor;   /* NULL: A is 0 */
  double tau;        /* steps */
  double per_step;   /* tau (1 - e^(-1 / tau)), seconds */
  float over_window; /* what is left of e after a window */
  size_t n;          /* values of A: 1, territories, or neurons */
  ql_reading area;   /* A */
  float *ring;       /* its own, [n][horizon], if it is not by neuron */
  float *end;        /* A at the ends of the last windows, [n_ends][n] */
  double *sum;       /* A without rounding, [n] */
  ql_pace *pace;     /* by stamp, [horizon] */
} ql_anchor;

struct ql_moving {
  ql_reading dial[QL_MAX_DIALS]; /* without the factors */
  int scales;                    /* any of the first three moves */
  uint32_t n;                    /* eligibilities */
  ql_anchor anchor[QL_MAX_ELIGIBILITIES];
  uint32_t window; /* steps */
  uint32_t n_ends;
  const quell_modulator *pulses; /* whose releases are events; NULL: none are */
  /* Short-term plasticity: for a time constant that moves, the time since the start in units of it,
   * by stamp, [horizon]; NULL for others. */
  double *units[QL_MAX_BOUND], passed[QL_MAX_BOUND];
};

static inline int ql_moves(const ql_reading *reading) {
  return reading->ring || reading->now;
}

static inline const ql_anchor *ql_anchors(const ql_use *use) {
  return use->moving && use->moving->n ? use->moving->anchor : NULL;
}

/* Number of the window that a stamp lies in. */
static inline uint64_t ql_moving_window(const ql_moving *moving, uint64_t stamp) {
  return stamp / moving->window;
}

/* The third factor of an eligibility: a dial of the rule; NULL: none. */
ql_dial *ql_factor_of(const quell_rule *rule, uint32_t eligibility);
/* Time constant of an eligibility, ms. */
double ql_eligibility_tau(const quell_rule *rule, uint32_t eligibility);
/* Name of an eligibility or factor. */
const char *ql_eligibility_name(const quell_rule *rule, uint32_t eligibility);
const char *ql_factor_name(const quell_rule *rule, uint32_t factor);
/* Name of a variable: of a synapse, eligibilities last, and then of a row. */
const char *ql_var_name(const quell_rule *rule, uint32_t v);
/* Index of the dial that is called so; -1 if there is none. */
int ql_dial_index(const quell_rule *rule, const char *name);
/* What a dial is where no channel moves it. */
double ql_dial_base(const quell_rule *rule, uint32_t d);

/* The parameters of a rule in a step of the last; in `room` if some of them move. */
const double *ql_params_at(const quell_rule *rule, uint64_t step, double *room);
/* The same for an arrival at a row with short-term plasticity, which has seen `units` at its last;
 * they are brought up to this one. */
const double *ql_params_at_arrival(const ql_use *use, uint64_t clock, double since, double *units,
                                   double *room);

/* Checks at the first step that all is bound that must be; the sentence is noted. */
quell_status ql_moving_check(const quell_network *network);
/* Makes what follows modulators. Returns 0 if there is no memory; ql_moving_stop() undoes it. */
int ql_moving_start(quell_network *network);
void ql_moving_stop(quell_network *network);
void ql_moving_free(quell_projection *projection);
/* Asks the channels for the releases that are events. Before they start. */
void ql_moving_keep_pulses(const quell_network *network);
/* Works out dials and A for steps that the channels have been worked out for. An error if a
 * parameter leaves its range. */
quell_status ql_moving_advance(quell_network *network, uint32_t steps);

#endif

/* A dial: something that follows channels through their curves. Its owner says what its value is
 * without them. */
#ifndef QL_MODULATION_DIAL_H
#define QL_MODULATION_DIAL_H

#include "modulation/channel.h"

typedef struct ql_binding {
  quell_modulator *channel;
  quell_curve curve; /* its points, if it has any, are the dial's own */
} ql_binding;

typedef struct ql_dial {
  ql_binding *binding; /* [n]; none: the dial stands still */
  size_t n, capacity;
  int is_factor; /* 0 without a curve that multiplies, and it takes means over steps */
  const quell_modulator *wide; /* the channel that is not of the network's scope; NULL: none */

  /* From the first step on: by stamp, as the channels have it, [rows][horizon] … */
  uint32_t rows; /* 1, or territories; 0: … */
  float *ring;
  float *now; /* … or by neuron, for the step that is being done, [wide->size] */
} ql_dial;

static inline int ql_dial_is_by_neuron(const ql_dial *dial) {
  return dial->wide && dial->wide->scope >= QUELL_SCOPE_NEURON;
}

/* Adds a binding through a checked curve. On failure the sentence is noted, and nothing has
 * changed; `owner` begins it, such as "rule 'vogels2011'". */
quell_status ql_dial_bind(ql_dial *dial, const char *owner, const char *target,
                          quell_modulator *channel, const quell_curve *curve);
void ql_dial_free(ql_memory *memory, ql_dial *dial);

/* From the first step on, for all that is bound. Returns 0 if there is no memory. */
int ql_dial_start(quell_network *network, ql_dial *dial);
void ql_dial_stop(quell_network *network, ql_dial *dial);

/* Works out the steps that the channels have been worked out for; `base` is the owner's value. */
void ql_dial_advance(const quell_network *network, ql_dial *dial, double base, uint32_t steps);

/* By neuron: the step that the channels have entered, for neurons [first, first + n). */
void ql_dial_enter_step(ql_dial *dial, double base, uint64_t stamp, uint32_t first, uint32_t n);

/* The value for the step that begins at the clock. */
double ql_dial_at_clock(const ql_dial *dial, double base, uint32_t at);

#endif

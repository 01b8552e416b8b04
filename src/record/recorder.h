/* Recorders: growing arrays of stamps, neurons and values. The engine fills them. */
#ifndef QL_RECORD_RECORDER_H
#define QL_RECORD_RECORDER_H

#include "network/network.h"

typedef enum ql_record_kind {
  QL_RECORD_SPIKES,
  QL_RECORD_STATE,
  QL_RECORD_WEIGHTS,
  QL_RECORD_RATE
} ql_record_kind;

struct quell_recorder {
  quell_network *network;
  ql_record_kind kind;
  quell_population *population;   /* NULL for weights */
  quell_projection *projection;   /* NULL for the others */
  uint32_t state;                 /* which state variable */
  uint64_t interval, start, stop; /* steps */
  uint64_t *ids;                  /* ascending; NULL: all */
  size_t n_ids, width;

  size_t samples;
  uint64_t *stamps;
  uint32_t *neurons;
  float *values;
  size_t stamps_capacity, neurons_capacity, values_capacity;
  size_t batch;    /* first sample of the current batch */
  uint64_t open;   /* rate: spikes since the last multiple of the interval */
  uint64_t closed; /* rate: spikes behind the last sample */
};

/* Makes room for the samples that are due at the clocks [clock, clock + steps). All return 0 if
 * there is no memory. */
int ql_recorder_reserve(quell_recorder *recorder, uint64_t clock, uint32_t steps);
/* Gives back what was reserved for a batch that is not run. */
void ql_recorder_unreserve(quell_recorder *recorder);
/* Where the sample of `clock` goes, [width]; NULL if none is due or it is empty. */
float *ql_recorder_sample(const quell_recorder *recorder, uint64_t clock);
/* Takes the spikes of one stamp, if it is after the start; stamps come in order. */
int ql_recorder_spikes(quell_recorder *recorder, uint64_t stamp, const ql_spikes *spikes);

/* Spikes that are handed in get the stamp of the clock, whose spikes were taken before: room for
 * them is made first, and then they come to those; at the start itself, too. */
int ql_recorder_make_room(quell_recorder *recorder, size_t n);
void ql_recorder_hand_in(quell_recorder *recorder, uint64_t stamp, const uint32_t *neurons,
                         size_t n);
/* Takes back the spikes of the last stamp. */
void ql_recorder_forget(quell_recorder *recorder, uint64_t stamp);
void ql_recorder_free(quell_recorder *recorder);

#endif

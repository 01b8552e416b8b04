/* A tile: a range of neurons of one population with all that concerns them, so that it can be
 * advanced on its own between two exchanges of spikes. */
#ifndef QL_ENGINE_TILE_H
#define QL_ENGINE_TILE_H

#include "engine/history.h"
#include "network/network.h"

enum { QL_BLOCK = 128 }; /* most synapses in one call of a rule */

/* The fragment of a row that lands in a tile. */
typedef struct ql_row {
  uint32_t line;   /* where it starts in the arena, in units of 64 bytes */
  uint32_t length; /* synapses */
  uint32_t place;  /* synapses of the row that lie in earlier tiles */
} ql_row;

/* How far a plastic fragment has come. Stamps are the low 32 bits. */
typedef struct ql_mark {
  uint32_t arrived;  /* stamp of the last pre arrival */
  uint32_t arrivals; /* how many at that stamp; 0: there was none yet */
  uint32_t fresh;    /* first stamp whose post events are not applied yet */
} ql_mark;

/* A projection's synapses onto one tile. A fragment is one piece of the arena:
 * weights float[n] | variables float[n] each | targets uint16[n] | dendritic delays uint8/16[n]. */
struct ql_part {
  ql_row *row; /* [n_rows] */
  unsigned char *arena;
  size_t lines;
  ql_mark *mark;    /* [n_rows], plastic only */
  float *pre_trace; /* [n_rows][pre traces]: value just before the arrivals at mark->arrived */
};

/* Working space for one block of synapses, all arrays 64-byte aligned. */
typedef struct ql_scratch {
  float w[QL_BLOCK], gathered_w[QL_BLOCK];
  float var[QL_MAX_VARS][QL_BLOCK], gathered_var[QL_MAX_VARS][QL_BLOCK];
  float pre[QL_MAX_TRACES][QL_BLOCK], post[QL_MAX_TRACES][QL_BLOCK];
  uint32_t delay[QL_BLOCK];
  uint32_t next[QL_BLOCK], end[QL_BLOCK]; /* post events that are due, by number */
  uint32_t lane[QL_BLOCK];
} ql_scratch;

struct ql_tile {
  quell_population *population;
  uint32_t number; /* in its population */
  uint32_t first, count;

  /* set at the first step */
  float *ring[QL_MAX_RECEPTORS]; /* [slots][count]: input by step */
  uint32_t slots;                /* a power of two */
  ql_history history;
  ql_scratch *scratch;
  float *model_scratch;
  uint8_t *fired;
  uint64_t sweep_credit; /* fragments to inspect, times a quarter of the horizon */
  uint64_t sweep_at;     /* the next fragment to inspect */

  /* spikes of the current batch, one step after the other */
  ql_spikes spikes;
  size_t *spikes_end;
  quell_status status;
};

/* A fragment's arrays. */
typedef struct ql_fragment {
  uint32_t n;
  float *w;
  float *var[QL_MAX_VARS];
  uint16_t *target;
  void *delay;
} ql_fragment;

ql_fragment ql_fragment_of(const quell_projection *projection, const ql_part *part, uint32_t row);
size_t ql_fragment_bytes(const quell_projection *projection, uint32_t n);
/* Dendritic delays of the synapses [from, from + n), in steps. */
void ql_fragment_delays(const quell_projection *projection, const ql_fragment *fragment,
                        uint32_t from, uint32_t n, uint32_t *delay);

/* Adds weights to the input of their targets: each in the slot of `first_slot` plus its delay. */
void ql_deliver(ql_tile *tile, const quell_projection *projection, uint32_t first_slot, uint32_t n,
                const uint16_t *target, const uint32_t *delay, const float *w);

/* The row of a synapse: the last that starts at or before it. */
uint32_t ql_row_of(const quell_projection *projection, uint64_t synapse);

/* Makes the tiles of a population. Returns 0 if there is no memory. */
int ql_tiles_create(quell_population *population);
void ql_tiles_destroy(quell_population *population);
/* Makes and frees what exists from the first step on. */
int ql_tile_start(ql_tile *tile, uint32_t slots);
void ql_tile_stop(ql_tile *tile);

#endif

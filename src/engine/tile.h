/* A tile: a range of neurons of one population with all that concerns them, so that it can be
 * advanced on its own between two exchanges of spikes. */
#ifndef QL_ENGINE_TILE_H
#define QL_ENGINE_TILE_H

#include "engine/history.h"
#include "network/network.h"

enum { QL_BLOCK = 128 }; /* most synapses in one call of a rule */

/* Where the fragment of a row that lands in a tile is: see fragment.h. */
typedef struct ql_row {
  uint32_t line;   /* where it starts in the arena, in units of 64 bytes */
  uint32_t length; /* synapses */
  uint32_t place;  /* synapses of the row that lie in earlier tiles */
} ql_row;

/* A projection's synapses onto one tile. */
struct ql_part {
  ql_row *row; /* [n_rows] */
  unsigned char *arena;
  size_t lines;
};

/* What an event needs of an eligibility at its stamp, side by side, because events come in the
 * order of lanes: see moving.h. */
typedef struct ql_pace {
  float area;         /* A, if it is the same for all synapses */
  float grow, shrink; /* B and 1 / B */
  float unused;
} ql_pace;

/* Working space for one block of synapses, all arrays 64-byte aligned. A lane is a synapse of the
 * block. Those with post events that are due are brought together, the most events first: so each
 * round of events is a run of lanes from the first on. */
typedef struct ql_scratch {
  float w[QL_BLOCK], due_w[QL_BLOCK];
  float var[QL_MAX_VARS][QL_BLOCK], due_var[QL_MAX_VARS][QL_BLOCK];
  float pre[QL_MAX_TRACES][QL_BLOCK], post[QL_MAX_TRACES][QL_BLOCK];
  float signal[QL_MAX_SIGNALS][QL_BLOCK], random[2 * QL_MAX_RANDOM][QL_BLOCK];
  float bound[QL_MAX_BOUND][QL_BLOCK], pulse[QL_BLOCK];
  float scale[QL_FIRST_BOUND][QL_BLOCK];                        /* factors on changes … */
  float was[1 + QL_MAX_ELIGIBILITIES][QL_BLOCK];                /* … and what was before them */
  float area[QL_MAX_ELIGIBILITIES][QL_BLOCK];                   /* see moving.h: A, … */
  float grow[QL_MAX_ELIGIBILITIES][QL_BLOCK], shrink[QL_BLOCK]; /* … B and 1 / B, */
  ql_pace pace[QL_BLOCK];                                       /* and as they are kept */
  float out[QL_BLOCK], factor[QL_BLOCK]; /* out: what is delivered, what is added to a sum */
  uint32_t delay[QL_BLOCK];
  uint32_t late[QL_BLOCK];                  /* events that are too late, if any lane has such */
  uint32_t newest[QL_BLOCK];                /* stamp of the newest other … */
  uint32_t at[QL_BLOCK];                    /* … and its place among the recent ones */
  uint32_t stamp[QL_KEPT][QL_BLOCK];        /* stamps of the older ones, by age and lane */
  uint32_t due_at_age[QL_KEPT];             /* lanes with a due event of each age */
  uint32_t lane[QL_BLOCK], spare[QL_BLOCK]; /* lanes with due events */
  uint32_t when[QL_BLOCK];                  /* stamps of a round's events */
} ql_scratch;

/* What a tile has done so far. */
typedef struct ql_work {
  uint64_t synaptic, plastic;                 /* events */
  double update, deliver, plasticity, record; /* seconds, in the batches that were timed */
} ql_work;

/* On cache lines of its own: its neighbours may be with other threads. */
struct ql_tile {
  _Alignas(64) quell_population *population;
  uint32_t number; /* in its population */
  uint32_t first, count;

  /* set at the first step */
  float *ring[QL_MAX_RECEPTORS]; /* [slots][count]: input by step … */
  int direct[QL_MAX_RECEPTORS];  /* … or, one slot being enough, the state that it is added to */
  uint32_t slots[QL_MAX_RECEPTORS]; /* powers of two */
  ql_history history;
  ql_scratch *scratch;
  float *model_scratch;
  float *sway[QL_MAX_PARAMS]; /* parameters that follow channels, [count] each; else NULL */
  uint64_t sided;             /* the stamp that the post side has come to */
  float *spiked;              /* for the post side: how often each neuron fired, [count]; */
  float *post_traces;         /* what `decide` reads … */
  double *sum;                /* … from the synapses … */
  float *factor;              /* … and says */
  uint32_t *fired;            /* neurons that fired in the step … */
  uint8_t *times;             /* … and how often each did, [count], zero between steps */
  uint64_t sweep_credit;      /* fragments to inspect, times a quarter of the horizon */
  uint64_t sweep_at;          /* the next fragment to inspect */

  /* spikes of the current batch, one step after the other */
  ql_spikes spikes;
  size_t *spikes_end;
  quell_status status;
  const quell_rule *wrong; /* that made something that is no number, … */
  uint32_t swayed;         /* … or 1 + what followed channels out of its range, … */
  float swayed_to;         /* … to this */

  ql_work work;
  int timed;    /* this batch */
  double since; /* when the current phase began, if timed */
};

/* The row of a synapse: the last that starts at or before it. */
uint32_t ql_row_of(const quell_projection *projection, uint64_t synapse);

/* Makes the tiles of a population. Returns 0 if there is no memory. */
int ql_tiles_create(quell_population *population);
void ql_tiles_destroy(quell_population *population);
/* Floats that the rings of a tile take, with `slots` by receptor. */
size_t ql_tile_rings(const ql_tile *tile, const uint32_t *slots);
/* Makes and frees what exists from the first step on; its rings are at `rings`. Returns 0 if there
 * is no memory. */
int ql_tile_start(ql_tile *tile, const uint32_t *slots, float *rings);
void ql_tile_stop(ql_tile *tile);

#endif

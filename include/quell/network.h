/**
 * @file network.h
 * The network: a clock, a seed, and the owner of everything else.
 *
 * Time advances in steps of `dt`. A spike has the stamp of the end of its step, and the events of a
 * stamp are handled at the start of the step of that number. So at clock s, before quell_step():
 * what the host changes acts on events stamped s and later, and what it reads comes before them.
 *
 * Results do not depend on the tile size, the horizon, the block size, the executor, how a run is
 * cut into calls, or what is read in between: not by a bit.
 */
#ifndef QUELL_NETWORK_H
#define QUELL_NETWORK_H

#include <quell/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How a network is made. Zero means default in every member. */
typedef struct quell_network_options {
  uint32_t struct_size;     /**< sizeof(quell_network_options) of the caller */
  uint32_t tile_size;       /**< neurons per tile, a multiple of 64 in [64, 65536]; default 4096 */
  double dt;                /**< step in ms, in [0.001, 10]; default 0.1 */
  uint64_t seed;            /**< seed of every random draw; default 0 */
  uint64_t start;           /**< clock at the beginning, in steps, below 2^53; default 0 */
  uint32_t horizon;         /**< how many steps back learning may lag behind, a power of two in
                                 [64, 2^24] and at least four times the longest dendritic delay;
                                 default 16384 or more where delays ask for it */
  uint32_t block_size;      /**< synapses per call of a rule, a multiple of 16 in [16, 128];
                                 default 128 */
  quell_registry *registry; /**< rules; default the built-in ones. Kept alive. */
  const quell_allocator *allocator; /**< memory, copied; default malloc */
  const quell_executor *executor;   /**< threads, copied; default the calling thread alone */
  const quell_log *log;             /**< messages, copied; default none */
  const quell_progress *progress;   /**< progress of runs, copied; default none */
  char *error;                      /**< buffer for the sentence if creation fails, may be NULL */
  size_t error_size;                /**< bytes in `error` */
  uint32_t threads;                 /**< threads of the library's own, in [1, 256], the calling one
                                         included; default 1. Not together with `executor`. As any
                                         threads, they are not there in a forked process: a network
                                         with more than one must not be used or destroyed in it */
  int32_t isa;                      /**< instruction set, QUELL_ISA_…; default the best */
} quell_network_options;
/** Initialiser of #quell_network_options: all defaults. */
#define QUELL_NETWORK_OPTIONS_INIT                                                                 \
  { sizeof(quell_network_options), 0, 0.0, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, 0 }

/**
 * Makes an empty network.
 * @param options see there; NULL for all defaults
 * @param network receives the handle
 * @return #QUELL_E_NULL, #QUELL_E_RANGE, #QUELL_E_MEMORY, #QUELL_E_UNSUPPORTED
 */
QUELL_API quell_status quell_network_create(const quell_network_options *options,
                                            quell_network **network);

/** Frees the network and all that belongs to it, and sets the pointer to NULL. A null handle is
 *  left alone. From inside a callback of the network the call is ignored. */
QUELL_API void quell_network_destroy(quell_network **network);

/** The sentence of the last call that failed on this network; "" if none did. Valid until the next
 *  call that fails. */
QUELL_API const char *quell_network_error(const quell_network *network);

/** Step in ms; 0 for a null handle. */
QUELL_API double quell_network_dt(const quell_network *network);

/** The clock, in steps; 0 for a null handle. */
QUELL_API uint64_t quell_network_clock(const quell_network *network);

/** The clock times dt, in ms; 0 for a null handle. */
QUELL_API double quell_network_time(const quell_network *network);

/**
 * Advances one step.
 * @param network the network
 * @return #QUELL_E_NULL, #QUELL_E_STATE, #QUELL_E_MEMORY, #QUELL_E_FAILED
 */
QUELL_API quell_status quell_step(quell_network *network);

/**
 * Advances some steps.
 * @param network the network
 * @param steps how many; 0 only fixes the topology
 * @return #QUELL_STOPPED if the progress hook or quell_request_stop() ended it early;
 * #QUELL_E_NULL; #QUELL_E_STATE inside a callback, or if steps > 1 and an external population that
 *         receives input has no callback; #QUELL_E_RANGE if the clock would reach 2^53;
 *         #QUELL_E_MEMORY; #QUELL_E_FAILED
 */
QUELL_API quell_status quell_run_steps(quell_network *network, uint64_t steps);

/**
 * Advances some time.
 * @param network the network
 * @param duration in ms, ≥ 0, a whole number of steps
 * @return as quell_run_steps(); #QUELL_E_RANGE if `duration` is not on the grid
 */
QUELL_API quell_status quell_run(quell_network *network, double duration);

/** Asks the current run to end at the next step boundary, or the next run to end before its first
 *  step. The only function that another thread may call while a network runs. */
QUELL_API void quell_request_stop(quell_network *network);

/**
 * Switches learning of all projections on or off; see quell_projection_learning().
 * @param network the network
 * @param on 0 or 1
 * @return #QUELL_E_NULL, #QUELL_E_RANGE, #QUELL_E_STATE, #QUELL_E_MEMORY
 */
QUELL_API quell_status quell_network_learning(quell_network *network, int32_t on);

/** 1 if the library has code for this instruction set (QUELL_ISA_…) and the processor can run it,
 *  else 0. */
QUELL_API int32_t quell_isa_available(int32_t isa);

/** Name of an instruction set: "baseline", "avx2", "avx512"; "unknown" for other values. */
QUELL_API const char *quell_isa_name(int32_t isa);

/**
 * What a network has done, and where the time went. Times are sums over threads in seconds; they
 * are measured on one batch of steps in sixteen and scaled, so that measuring costs next to
 * nothing.
 */
typedef struct quell_stats {
  uint32_t struct_size;     /**< sizeof(quell_stats) of the caller */
  int32_t isa;              /**< instruction set in use, QUELL_ISA_… */
  uint32_t threads;         /**< threads of the library's own; 0 with the host's executor */
  uint32_t tiles;           /**< tiles of all populations */
  uint32_t batch;           /**< most steps between two exchanges of spikes; 0 before the first */
  uint32_t reserved;        /**< 0 */
  uint64_t steps;           /**< steps so far */
  uint64_t spikes;          /**< spikes so far, of all populations */
  uint64_t synaptic_events; /**< arrivals of a spike at a synapse so far, at plastic ones too */
  uint64_t plastic_events;  /**< pre and post events that a rule has been applied to so far; a row
                                 that is behind has some to come */
  uint64_t bytes;           /**< memory in use, allocator's headers included */
  uint64_t peak_bytes;      /**< most that was in use at any time */
  double build_s;           /**< wall time in quell_connect() and in fixing the topology */
  double run_s;             /**< wall time in steps */
  double update_s;          /**< neurons */
  double deliver_s;         /**< spikes to static synapses */
  double plasticity_s;      /**< spikes to plastic synapses, their learning, and the sweep */
  double exchange_s;        /**< spikes between tiles, on the calling thread */
  double record_s;          /**< samples of recorders */
} quell_stats;
/** Initialiser of #quell_stats. */
#define QUELL_STATS_INIT                                                                           \
  { sizeof(quell_stats), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0 }

/**
 * Fills in what the network has done so far. May be called at any time from the thread that runs
 * the network, from callbacks too.
 * @param network the network
 * @param stats receives the figures
 * @return #QUELL_E_NULL, #QUELL_E_UNSUPPORTED
 */
QUELL_API quell_status quell_network_stats(const quell_network *network, quell_stats *stats);

#ifdef __cplusplus
}
#endif

#endif

/**
 * @file recorder.h
 * Recorders: spikes, state variables, weights and population rates, kept in memory. A recorder
 * changes no bit of the simulation and plays no part in its speed other than its own work.
 */
#ifndef QUELL_RECORDER_H
#define QUELL_RECORDER_H

#include <quell/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What is recorded, and when. Zero means default in every member. */
typedef struct quell_record_options {
  uint32_t struct_size; /**< sizeof(quell_record_options) of the caller */
  uint32_t reserved;    /**< 0 */
  double interval;      /**< ms between samples, a whole number of steps; default one step. Samples
                             are taken at its multiples. Not for spikes. */
  double start;         /**< first time, ms; default the current time */
  double stop;          /**< end, ms; default never (0). Samples are taken before it. */
  const uint64_t
      *ids; /**< which neurons or synapses, [n], ascending; default all. Not for rates. */
  size_t n; /**< number of ids */
} quell_record_options;
/** Initialiser of #quell_record_options: all defaults. */
#define QUELL_RECORD_OPTIONS_INIT                                                                  \
  { sizeof(quell_record_options), 0, 0.0, 0.0, 0.0, NULL, 0 }

/**
 * Records spikes.
 * @param population any population
 * @param options see there; NULL for all defaults. Spikes with start < stamp ≤ stop are kept, and
 *        those that the host hands in at the start.
 * @param recorder receives the handle
 * @return #QUELL_E_NULL; #QUELL_E_RANGE; #QUELL_E_LENGTH for an id past the end or out of order;
 *         #QUELL_E_UNSUPPORTED; #QUELL_E_STATE inside a callback; #QUELL_E_MEMORY
 */
QUELL_API quell_status quell_record_spikes(quell_population *population,
                                           const quell_record_options *options,
                                           quell_recorder **recorder);

/**
 * Records a state variable: the sample of clock s is taken before the step of that number.
 * @param population any population
 * @param variable such as "v"
 * @param options see there; NULL for all defaults
 * @param recorder receives the handle
 * @return as quell_record_spikes(); #QUELL_E_NAME
 */
QUELL_API quell_status quell_record_state(quell_population *population, const char *variable,
                                          const quell_record_options *options,
                                          quell_recorder **recorder);

/**
 * Records weights: the sample of clock s comes after all events stamped before s.
 * @param projection any projection
 * @param options see there; NULL for all defaults
 * @param recorder receives the handle
 * @return as quell_record_spikes()
 */
QUELL_API quell_status quell_record_weights(quell_projection *projection,
                                            const quell_record_options *options,
                                            quell_recorder **recorder);

/**
 * Records the mean rate of a population in consecutive intervals, in Hz. The sample with stamp s is
 * of the spikes stamped in (s − interval, s]; only whole intervals inside [start, stop] count.
 * @param population any population but rate units, whose state "rate" is recorded instead
 * @param options see there; NULL for all defaults
 * @param recorder receives the handle
 * @return as quell_record_spikes(); #QUELL_E_UNSUPPORTED for rate units
 */
QUELL_API quell_status quell_record_rate(quell_population *population,
                                         const quell_record_options *options,
                                         quell_recorder **recorder);

/** What a recorder holds, without a copy: valid until the network runs or the recorder is cleared
 *  or destroyed. */
typedef struct quell_recording {
  uint32_t struct_size;   /**< sizeof(quell_recording) of the caller */
  uint32_t reserved;      /**< 0 */
  size_t samples;         /**< number of spikes or samples */
  size_t width;           /**< values per sample: neurons or synapses recorded, 1 for a rate, 0 for
                               spikes */
  const uint64_t *stamps; /**< [samples], in steps, ascending */
  const uint32_t *ids;    /**< spikes: the neuron of each, [samples], ascending within a stamp;
                               otherwise NULL */
  const float *values;    /**< [samples × width], one sample after the other; NULL for spikes */
} quell_recording;
/** Initialiser of a #quell_recording that a function is to fill in. */
#define QUELL_RECORDING_INIT                                                                       \
  { sizeof(quell_recording), 0, 0, 0, NULL, NULL, NULL }

/** What a recorder holds. @param recorder the recorder @param recording receives it
 *  @return #QUELL_E_NULL, #QUELL_E_UNSUPPORTED for a struct of a newer header */
QUELL_API quell_status quell_recorder_read(const quell_recorder *recorder,
                                           quell_recording *recording);

/** Forgets what was recorded and goes on. @param recorder the recorder
 *  @return #QUELL_E_NULL, #QUELL_E_STATE inside a callback */
QUELL_API quell_status quell_recorder_clear(quell_recorder *recorder);

/** Ends and frees a recorder and sets the pointer to NULL. A null handle is left alone. From inside
 *  a callback the call is ignored. */
QUELL_API void quell_recorder_destroy(quell_recorder **recorder);

#ifdef __cplusplus
}
#endif

#endif

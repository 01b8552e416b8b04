/**
 * @file population.h
 * Neurons of one model, sources of spikes, and neurons that the host owns.
 *
 * Models: "lif_cond_exp", "lif_curr_exp" (neurons with the receptors "excitatory" and
 * "inhibitory"), "poisson", "spike_source" (sources), "external" (the host's own neurons, with the
 * same two receptors).
 */
#ifndef QUELL_POPULATION_H
#define QUELL_POPULATION_H

#include <quell/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Number of neuron models. Any thread. */
QUELL_API size_t quell_model_count(void);

/** Name of model i; NULL past the end. Any thread. */
QUELL_API const char *quell_model_name(size_t i);

/** What a model is, in a paragraph with its equation; NULL for an unknown model. Any thread. */
QUELL_API const char *quell_model_doc(const char *model);

/** Name of receptor i of a model; NULL past the last one or for an unknown model. Any thread. */
QUELL_API const char *quell_model_receptor(const char *model, size_t i);

/**
 * Parameter i of a model.
 * @param model name of the model
 * @param i index from 0
 * @param info receives name, unit, doc, default, range and flags
 * @return #QUELL_E_NULL, #QUELL_E_NAME for an unknown model, #QUELL_E_LENGTH past the last one.
 *         Any thread.
 */
QUELL_API quell_status quell_model_parameter(const char *model, size_t i, quell_variable *info);

/** State variable i of a model; arguments and errors as quell_model_parameter(). Any thread. */
QUELL_API quell_status quell_model_state(const char *model, size_t i, quell_variable *info);

/**
 * Makes a population.
 * @param network where it belongs
 * @param name its name, not empty, not yet taken by a population of this network; copied
 * @param model name of its model
 * @param size number of neurons, in [1, 2^30]
 * @param values parameters that differ from their defaults, [n]; NULL if n is 0
 * @param n number of values
 * @param population receives the handle
 * @return #QUELL_E_NULL; #QUELL_E_NAME for an unknown model or parameter, one given twice, or a
 *         population name that is empty or taken; #QUELL_E_RANGE; #QUELL_E_STATE after the first
 *         step; #QUELL_E_MEMORY
 */
QUELL_API quell_status quell_population_create(quell_network *network, const char *name,
                                               const char *model, uint32_t size,
                                               const quell_value *values, size_t n,
                                               quell_population **population);

/** Name of a population; NULL for a null handle. */
QUELL_API const char *quell_population_name(const quell_population *population);

/** Name of a population's model; NULL for a null handle. */
QUELL_API const char *quell_population_model(const quell_population *population);

/** Number of neurons; 0 for a null handle. */
QUELL_API uint32_t quell_population_size(const quell_population *population);

/**
 * Sets parameters, all or none, each to one value for all neurons. Acts from the current step on.
 * @param population the population
 * @param values names and values, [n]
 * @param n number of values
 * @return #QUELL_E_NULL, #QUELL_E_NAME, #QUELL_E_RANGE, #QUELL_E_STATE inside a callback,
 *         #QUELL_E_MEMORY
 */
QUELL_API quell_status quell_population_set(quell_population *population, const quell_value *values,
                                            size_t n);

/**
 * Sets a state variable, or a parameter that may differ from neuron to neuron
 * (#QUELL_PER_NEURON), neuron by neuron. Acts from the current step on.
 * @param population the population
 * @param name parameter or state variable
 * @param first first neuron
 * @param n number of neurons
 * @param values one for each neuron, [n]
 * @return #QUELL_E_NULL; #QUELL_E_NAME; #QUELL_E_LENGTH if first + n > size; #QUELL_E_RANGE, with
 *         the index of the culprit; #QUELL_E_UNSUPPORTED for a parameter that all neurons share;
 *         #QUELL_E_STATE inside a callback, but for the state of an external population in its
 *         on_step function
 */
QUELL_API quell_status quell_population_set_array(quell_population *population, const char *name,
                                                  uint32_t first, uint32_t n, const double *values);

/**
 * Reads a parameter or state variable as it is at the clock.
 * @param population the population
 * @param name parameter or state variable
 * @param first first neuron
 * @param n number of neurons
 * @param values receives one for each neuron, [n]
 * @return #QUELL_E_NULL, #QUELL_E_NAME, #QUELL_E_LENGTH
 */
QUELL_API quell_status quell_population_get(const quell_population *population, const char *name,
                                            uint32_t first, uint32_t n, double *values);

/**
 * A look at a state variable without a copy, one element for each neuron. To write, use
 * quell_population_set_array().
 * @param population the population
 * @param name state variable
 * @param view receives it
 * @return #QUELL_E_NULL, #QUELL_E_NAME, #QUELL_E_UNSUPPORTED for a struct of a newer header
 */
QUELL_API quell_status quell_population_view(const quell_population *population, const char *name,
                                             quell_view *view);

/**
 * Lets a parameter that may differ from neuron to neuron (#QUELL_PER_NEURON) follow a course in
 * time, constant from each of the given times to the next: the rate of a Poisson source, the
 * current into a neuron. Replaces an earlier course of this parameter; a value that is set by hand
 * holds until the next time of the course.
 * @param population the population
 * @param name the parameter
 * @param times when it changes, in ms, [n_times], ascending, not before the current time; rounded
 *        to the nearest step. 0 times remove the course.
 * @param n_times number of times
 * @param values [n_times] one for all neurons, or [n_times × size], the neurons of one time
 * together
 * @param n_values n_times or n_times × size
 * @return #QUELL_E_NULL; #QUELL_E_NAME; #QUELL_E_LENGTH; #QUELL_E_RANGE, with the index of the
 *         culprit; #QUELL_E_UNSUPPORTED for a parameter that all neurons share; #QUELL_E_STATE
 *         inside a callback; #QUELL_E_MEMORY
 */
QUELL_API quell_status quell_population_schedule(quell_population *population, const char *name,
                                                 const double *times, size_t n_times,
                                                 const double *values, size_t n_values);

/**
 * Gives every neuron its own Poisson train of events on a receptor, from the current step on: the
 * background of the rest of the brain. Replaces an earlier background of this receptor.
 * @param population neurons, not a source and not external
 * @param receptor such as "excitatory"
 * @param rate in Hz, ≥ 0, at most 64 events per step; 0 switches it off
 * @param weight of one event, ≥ 0, in the receptor's unit (nS or pA)
 * @return #QUELL_E_NULL, #QUELL_E_NAME, #QUELL_E_RANGE, #QUELL_E_UNSUPPORTED for a source or an
 *         external population, #QUELL_E_STATE inside a callback, #QUELL_E_MEMORY
 */
QUELL_API quell_status quell_population_background(quell_population *population,
                                                   const char *receptor, double rate,
                                                   double weight);

/**
 * Replaces the spikes of a "spike_source".
 * @param population the source
 * @param neurons which neuron fires, [n]
 * @param times when, in ms, [n], in any order; rounded to the nearest step, then later than the
 *        clock, or at the clock itself before the first step. The stamp of a spike is the end of
 * the step in which the neuron fires.
 * @param n number of spikes; 0 removes all. Two spikes of one neuron on one step are two spikes.
 * @return #QUELL_E_NULL; #QUELL_E_LENGTH for a neuron past the end; #QUELL_E_RANGE for a time that
 *         is not a number or not after the clock; #QUELL_E_UNSUPPORTED for another model;
 *         #QUELL_E_STATE inside a callback; #QUELL_E_MEMORY
 */
QUELL_API quell_status quell_population_set_spikes(quell_population *population,
                                                   const uint32_t *neurons, const double *times,
                                                   size_t n);

/**
 * Tells that neurons of an "external" population fired: the spikes get the stamp of the current
 * clock. To be called before the step of that number; several calls add up.
 * @param population the external population
 * @param neurons which, [n], in any order; one that is named twice fires twice
 * @param n number of spikes
 * @return #QUELL_E_NULL; #QUELL_E_LENGTH for a neuron past the end; #QUELL_E_UNSUPPORTED for
 * another model; #QUELL_E_STATE inside a callback other than that of quell_population_on_step();
 *         #QUELL_E_MEMORY
 */
QUELL_API quell_status quell_population_spikes_in(quell_population *population,
                                                  const uint32_t *neurons, size_t n);

/**
 * The spikes with the stamp of the current clock: what the last step emitted, and what the host
 * handed in since.
 * @param population any population
 * @param neurons receives their indices, ascending, [n], valid until the network is next changed
 * @param n receives their number
 * @return #QUELL_E_NULL
 */
QUELL_API quell_status quell_population_spikes_out(const quell_population *population,
                                                   const uint32_t **neurons, size_t *n);

/**
 * The summed input that an "external" population received in the last step, for the host's own
 * integration of that step.
 * @param population the external population
 * @param receptor "excitatory" or "inhibitory"
 * @param input receives the array of sums of weights, [n], valid until the network is next changed
 * @param n receives the number of neurons
 * @return #QUELL_E_NULL, #QUELL_E_NAME, #QUELL_E_UNSUPPORTED for another model
 */
QUELL_API quell_status quell_population_input(const quell_population *population,
                                              const char *receptor, const float **input,
                                              uint32_t *n);

/**
 * Lets the host's neurons take part in quell_run(): the function is called at the start of every
 * step, on the calling thread, and may call quell_population_input() for the step before, and
 * quell_population_spikes_in() and quell_population_set_array() for this one. The state of an
 * external population is what rules may read of its neurons.
 * @param population an external population
 * @param on_step the function; NULL removes it
 * @param context its first argument
 * @return #QUELL_E_NULL, #QUELL_E_UNSUPPORTED for another model, #QUELL_E_STATE inside a callback
 */
QUELL_API quell_status quell_population_on_step(quell_population *population,
                                                void (*on_step)(void *context), void *context);

#ifdef __cplusplus
}
#endif

#endif

/**
 * @file modulator.h
 * Neuromodulators: channels whose concentration the host, spikes or a critic change, and what
 * follows them.
 *
 * A channel's concentration is c = tonic + p, where p decays with `tau`. A release of an amount a
 * at a step adds a to p from that step on; a pulse acts once, however a run is cut into calls. What
 * reads a channel does so through a #quell_curve: quell_rule_bind(), quell_projection_bind(),
 * quell_population_bind(). A parameter that is bound has in the step s → s + 1, and for events
 * stamped s, the value of the curve at c after the releases stamped s; an eligibility trace, which
 * goes on between events, takes the curve at the mean of c over the step.
 *
 * Parameters of a channel, by name:
 *
 * | name | unit | default | |
 * | --- | --- | --- | --- |
 * | tonic | 1 | 0 | the level without release |
 * | tau | ms | 200 | decay of p; 0: a release lasts for one step; infinite: it stays |
 * | min | 1 | −infinity | smallest concentration, at most `tonic` … |
 * | max | 1 | infinity | … and largest, at least `tonic`: what a release makes is kept within */
#ifndef QUELL_MODULATOR_H
#define QUELL_MODULATOR_H

#include <quell/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Where a channel has values of its own. */
enum {
  QUELL_SCOPE_NETWORK = 0,   /**< one value */
  QUELL_SCOPE_TERRITORY = 1, /**< one for each territory: see quell_modulator_territories() */
  QUELL_SCOPE_NEURON = 2,    /**< one for each neuron of a population: a learning signal */
  QUELL_SCOPE_STATE = 3      /**< a state variable of a population: nothing is released. c is the
                                  state at the start of the step. */
};

/** A time that is the clock's. */
#define QUELL_NOW (-1.0)

/** What a channel is, beside its parameters. */
typedef struct quell_modulator_options {
  uint32_t struct_size;         /**< sizeof(quell_modulator_options) of the caller */
  int32_t scope;                /**< #QUELL_SCOPE_NETWORK … */
  uint32_t territories;         /**< #QUELL_SCOPE_TERRITORY: how many, 1 to 4096; else 0 */
  uint32_t reserved;            /**< 0 */
  quell_population *population; /**< #QUELL_SCOPE_NEURON, #QUELL_SCOPE_STATE: whose neurons */
  const char *state;            /**< #QUELL_SCOPE_STATE: name of the state, such as "g_exc" */
  const char *preset;           /**< kinetics from the literature, such as "dopamine"; NULL: none */
} quell_modulator_options;
/** Initialiser of #quell_modulator_options. */
#define QUELL_MODULATOR_OPTIONS_INIT                                                               \
  { sizeof(quell_modulator_options), 0, 0, 0, NULL, NULL, NULL }

/**
 * Makes a channel, before the first step. The network owns it.
 * @param network where it belongs
 * @param name its name, 1 to 70 bytes, one of each in a network
 * @param options scope and preset; NULL: one value, no preset
 * @param values parameters that differ from the preset or the defaults, [n]
 * @param n number of values
 * @param modulator receives the handle
 * @return #QUELL_E_NULL; #QUELL_E_NAME for a name that is taken, an unknown parameter, state or
 *         preset; #QUELL_E_RANGE; #QUELL_E_OWNER; #QUELL_E_STATE after the first step;
 *         #QUELL_E_MEMORY
 */
QUELL_API quell_status quell_modulator_create(quell_network *network, const char *name,
                                              const quell_modulator_options *options,
                                              const quell_value *values, size_t n,
                                              quell_modulator **modulator);

/** The channel of a name; NULL if there is none. @param network where @param name its name */
QUELL_API quell_modulator *quell_modulator_find(const quell_network *network, const char *name);

/**
 * Changes parameters, all or none, from the current step on. p stays as it is, but for new bounds.
 * @return #QUELL_E_NULL; #QUELL_E_NAME; #QUELL_E_RANGE; #QUELL_E_STATE
 */
QUELL_API quell_status quell_modulator_set_values(quell_modulator *modulator,
                                                  const quell_value *values, size_t n);

/** Reads a parameter. @return #QUELL_E_NULL, #QUELL_E_NAME */
QUELL_API quell_status quell_modulator_get_value(const quell_modulator *modulator, const char *name,
                                                 double *value);

/** What can be known about a channel. */
typedef struct quell_modulator_info {
  uint32_t struct_size;         /**< sizeof(quell_modulator_info) of the caller */
  int32_t scope;                /**< #QUELL_SCOPE_NETWORK … */
  uint64_t size;                /**< values: 1, territories, or neurons */
  const char *name;             /**< its name, valid as long as the network */
  quell_population *population; /**< whose neurons; NULL: none in particular */
  uint32_t sources;             /**< populations whose spikes release, and 1 for a critic */
  uint32_t readers;             /**< bindings to it */
} quell_modulator_info;
/** Initialiser of a #quell_modulator_info that a function is to fill in. */
#define QUELL_MODULATOR_INFO_INIT                                                                  \
  { sizeof(quell_modulator_info), 0, 0, NULL, NULL, 0, 0 }

/** Describes a channel. @param modulator the channel @param info receives it
 *  @return #QUELL_E_NULL; #QUELL_E_RANGE or #QUELL_E_UNSUPPORTED for another `struct_size` */
QUELL_API quell_status quell_modulator_describe(const quell_modulator *modulator,
                                                quell_modulator_info *info);

/* --- where it is --- */

/**
 * Says in which territory the neurons of a population lie: as readers, and as sources. Neurons of
 * other populations lie in territory 0. Before the first step.
 * @param modulator a channel with #QUELL_SCOPE_TERRITORY
 * @param population the neurons
 * @param territory number of each neuron's territory, [n]
 * @param n neurons of the population
 * @return #QUELL_E_NULL; #QUELL_E_LENGTH; #QUELL_E_RANGE; #QUELL_E_OWNER; #QUELL_E_UNSUPPORTED for
 *         another scope; #QUELL_E_STATE; #QUELL_E_MEMORY
 */
QUELL_API quell_status quell_modulator_territories(quell_modulator *modulator,
                                                   quell_population *population,
                                                   const uint32_t *territory, size_t n);

/**
 * Diffusion between territories: dp_i/dt += Σ_j rate_ij (p_j − p_i), integrated exactly over each
 * step. A symmetric matrix keeps Σ p. Before the first step.
 * @param modulator a channel with #QUELL_SCOPE_TERRITORY and a `tau` of at least 0.001 ms
 * @param rate rows i, columns j, per second, ≥ 0; the diagonal is not read; [n]
 * @param n territories², with at most 256 territories
 * @return as quell_modulator_territories()
 */
QUELL_API quell_status quell_modulator_diffusion(quell_modulator *modulator, const double *rate,
                                                 size_t n);

/* --- what changes it --- */

/**
 * Releases an amount, now or at a step to come.
 * @param modulator the channel, of any scope but #QUELL_SCOPE_STATE
 * @param at 0; or the territory, or the neuron
 * @param amount what is added to the concentration; negative for a dip
 * @param time ms, from the clock on, in whole steps; #QUELL_NOW. #QUELL_SCOPE_NEURON: now only
 * @return #QUELL_E_NULL; #QUELL_E_LENGTH for `at`; #QUELL_E_RANGE; #QUELL_E_UNSUPPORTED;
 *         #QUELL_E_STATE inside a callback other than on_step; #QUELL_E_MEMORY
 */
QUELL_API quell_status quell_modulator_release(quell_modulator *modulator, uint64_t at,
                                               double amount, double time);

/** Kinds of quell_modulator_schedule(). */
enum {
  QUELL_RELEASE_AMOUNT = 0, /**< adds to the concentration */
  QUELL_SET_LEVEL = 1       /**< sets the concentration, from where it goes on to decay */
};

/**
 * A course of releases or levels. Those of one step act in the order in which they were given,
 * after those that other calls have given before; nothing else is replaced.
 * @param modulator the channel, of scope #QUELL_SCOPE_NETWORK or #QUELL_SCOPE_TERRITORY
 * @param kind #QUELL_RELEASE_AMOUNT or #QUELL_SET_LEVEL
 * @param at 0, or the territory
 * @param time ms, ascending, from the clock on, in whole steps, [n]
 * @param value amounts or levels, [n]
 * @param n how many
 * @return as quell_modulator_release()
 */
QUELL_API quell_status quell_modulator_schedule(quell_modulator *modulator, int32_t kind,
                                                uint64_t at, const double *time,
                                                const double *value, size_t n);

/**
 * Sets concentrations, from the current step on.
 * @param modulator the channel, of any scope but #QUELL_SCOPE_STATE
 * @param first first territory or neuron, or 0
 * @param n how many
 * @param concentration [n], within `min` and `max`
 * @return as quell_modulator_release()
 */
QUELL_API quell_status quell_modulator_set(quell_modulator *modulator, uint64_t first, uint64_t n,
                                           const double *concentration);

/**
 * Reads concentrations of the step that begins at the clock, with all that is released in it: what
 * is due, spikes of its sources that arrive, and the error of its critic.
 * @param modulator the channel
 * @param first first territory or neuron, or 0
 * @param n how many
 * @param concentration receives them, [n]
 * @return #QUELL_E_NULL; #QUELL_E_LENGTH
 */
QUELL_API quell_status quell_modulator_get(const quell_modulator *modulator, uint64_t first,
                                           uint64_t n, double *concentration);

/** Spikes that release: volume transmission. */
typedef struct quell_source {
  uint32_t struct_size; /**< sizeof(quell_source) of the caller */
  uint32_t reserved;    /**< 0 */
  double amount;        /**< released by each spike, in the territory of its neuron */
  double delay;         /**< ms until it acts, in whole steps; 0: 1 ms. Batches of steps are at most
                             as long. */
} quell_source;
/** Initialiser of a #quell_source. */
#define QUELL_SOURCE_INIT                                                                          \
  { sizeof(quell_source), 0, 1.0, 0.0 }

/**
 * Lets the spikes of a population release: an amount each. Before the first step; any number of
 * populations.
 * @param modulator a channel of scope #QUELL_SCOPE_NETWORK or #QUELL_SCOPE_TERRITORY
 * @param population whose spikes, no rate units
 * @param source amount and delay
 * @return #QUELL_E_NULL; #QUELL_E_RANGE; #QUELL_E_OWNER; #QUELL_E_UNSUPPORTED; #QUELL_E_STATE;
 *         #QUELL_E_MEMORY
 */
QUELL_API quell_status quell_modulator_source(quell_modulator *modulator,
                                              quell_population *population,
                                              const quell_source *source);

/* --- the critic --- */

/** What a critic compares a reward with. */
enum {
  QUELL_CRITIC_MEAN = 1,  /**< with the mean reward so far, M: a reward r releases r − M, and then
                               M += rate (r − M) */
  QUELL_CRITIC_VALUE = 2, /**< with values that the host predicts: quell_modulator_predict() */
  QUELL_CRITIC_POPULATION = 3 /**< with the value that the firing of a population stands for */
};

/**
 * A reward-prediction error as the source of a channel.
 *
 * #QUELL_CRITIC_VALUE: a prediction V at time t, after the prediction V' at t', releases
 * r + e^(−(t − t') / tau) V − V', where r are the rewards since then. The first releases nothing.
 *
 * #QUELL_CRITIC_POPULATION (Frémaux, Sprekeler & Gerstner 2013, 10.1371/journal.pcbi.1003024): the
 * value V(t) = value + gain × (mean over the neurons of κ ∗ spikes), in Hz, with
 * κ(s) = (e^(−s/tau_slow) − e^(−s/tau_fast)) / (tau_slow − tau_fast), and the error
 * δ = dV/dt − V/tau + r(t), per second, taken as its exact mean over each step. δ is what is
 * released per second; where the channel's `tau` is 0, its concentration is tonic + δ. A reward r
 * adds r/dt to δ in one step.
 *
 * The λ of TD(λ) is with the reader: an eligibility trace with the time constant tau_e has
 * γλ = e^(−Δ/tau_e) for states Δ apart.
 */
typedef struct quell_critic {
  uint32_t struct_size;         /**< sizeof(quell_critic) of the caller */
  int32_t kind;                 /**< #QUELL_CRITIC_MEAN … */
  double rate;                  /**< MEAN: in [0, 1] */
  double tau;                   /**< VALUE, POPULATION: discount, ms; may be infinite */
  quell_population *population; /**< POPULATION: the value neurons */
  double value;                 /**< POPULATION: V without spikes */
  double gain;                  /**< POPULATION: V per Hz */
  double tau_slow;              /**< POPULATION: of κ, ms, > tau_fast */
  double tau_fast;              /**< POPULATION: of κ, ms, > 0 */
  double delay;                 /**< POPULATION: as in #quell_source */
} quell_critic;
/** Initialiser of a #quell_critic: the mean reward, with the kernel of Frémaux et al. 2013. */
#define QUELL_CRITIC_INIT                                                                          \
  { sizeof(quell_critic), QUELL_CRITIC_MEAN, 0.1, 4000.0, NULL, 0.0, 1.0, 200.0, 50.0, 0.0 }

/**
 * Gives a channel its critic, before the first step; one at most.
 * @param modulator a channel of scope #QUELL_SCOPE_NETWORK
 * @param critic which
 * @return as quell_modulator_source()
 */
QUELL_API quell_status quell_modulator_critic(quell_modulator *modulator,
                                              const quell_critic *critic);

/** A reward, or with r < 0 a punishment, in the current step. @param modulator a channel with a
 *  critic @param reward r @return #QUELL_E_NULL; #QUELL_E_RANGE; #QUELL_E_STATE without a critic */
QUELL_API quell_status quell_modulator_reward(quell_modulator *modulator, double reward);

/** A prediction of the value, in the current step. The first of all is as
 *  quell_modulator_restart(). @param modulator a channel with a critic
 *  #QUELL_CRITIC_VALUE @param value V; 0 at the end of an episode
 *  @return #QUELL_E_NULL; #QUELL_E_RANGE; #QUELL_E_STATE without such a critic */
QUELL_API quell_status quell_modulator_predict(quell_modulator *modulator, double value);

/** Begins an episode: a prediction with nothing before it to be compared with; rewards since the
 *  last one are dropped. @return as quell_modulator_predict() */
QUELL_API quell_status quell_modulator_restart(quell_modulator *modulator, double value);

/** What the critic expects: M, or V. @param modulator a channel with a critic
 *  @param value receives it @return #QUELL_E_NULL; #QUELL_E_STATE without a critic */
QUELL_API quell_status quell_modulator_expected(const quell_modulator *modulator, double *value);

/* --- what reads it --- */

/** Shapes of a #quell_curve. */
enum {
  QUELL_CURVE_LINEAR = 0, /**< low + slope c */
  QUELL_CURVE_HILL = 1, /**< low + (high − low) c^shape / (half^shape + c^shape); low for c ≤ 0 */
  QUELL_CURVE_SIGMOID = 2, /**< low + (high − low) / (1 + e^(−(c − half) / shape)) */
  QUELL_CURVE_TABLE = 3    /**< linear between points (x, y); beyond them as at the last */
};

/** How several bindings of one target are put together. */
enum {
  QUELL_MULTIPLY = 0, /**< target = value × product of these curves … */
  QUELL_ADD = 1       /**< … + sum of these */
};

/** What a reader makes of a concentration. */
typedef struct quell_curve {
  uint32_t struct_size; /**< sizeof(quell_curve) of the caller */
  int32_t kind;         /**< #QUELL_CURVE_LINEAR … */
  int32_t combine;      /**< #QUELL_MULTIPLY or #QUELL_ADD */
  uint32_t n;           /**< TABLE: number of points, 1 to 65536 */
  double low;           /**< the curve at 0 (LINEAR), or at its low end */
  double slope;         /**< LINEAR */
  double high;          /**< HILL, SIGMOID: at its other end */
  double half;          /**< HILL (> 0), SIGMOID: where it is half-way */
  double shape;         /**< HILL: exponent, > 0; SIGMOID: width, not 0 */
  const double *x;      /**< TABLE: concentrations, ascending, [n]; copied */
  const double *y;      /**< TABLE: values, [n]; copied */
} quell_curve;
/** Initialiser of a #quell_curve: the concentration itself. */
#define QUELL_CURVE_INIT                                                                           \
  {                                                                                                \
    sizeof(quell_curve), QUELL_CURVE_LINEAR, QUELL_MULTIPLY, 0, 0.0, 1.0, 1.0, 1.0, 1.0, NULL,     \
        NULL                                                                                       \
  }

/** Value of a curve. @param curve any @param concentration c @param value receives it
 *  @return #QUELL_E_NULL; #QUELL_E_RANGE for a curve that is none; #QUELL_E_UNSUPPORTED */
QUELL_API quell_status quell_curve_value(const quell_curve *curve, double concentration,
                                         double *value);

/**
 * Lets something of a rule follow a channel, before the first step. Targets are
 *
 * - a parameter with the flag #QUELL_BINDABLE, such as "rho0" of vogels2011;
 * - "learning", "potentiation", "depression": factors, 1 without a binding, on all changes that the
 *   rule makes, on those upward, and on those downward. A negative one turns the sign. Any rule has
 *   them but short-term plasticity and rules that change weights at every step;
 * - the third factors that the rule names, such as "reward" of reward_stdp: they are 0 without a
 *   binding and must have one. A factor is the product of the curves that multiply, if there are
 *   any, plus the sum of the others.
 *
 * @param rule the instance; the projections that share it share this
 * @param target what follows
 * @param modulator the channel. #QUELL_SCOPE_NEURON and _STATE: the rule's projections must end on
 *                  its population and have no dendritic delay. At most one channel of a target may
 *                  have another scope than #QUELL_SCOPE_NETWORK.
 * @param curve through which; NULL: the concentration itself, multiplied
 * @return #QUELL_E_NULL; #QUELL_E_NAME for no such target; #QUELL_E_RANGE; #QUELL_E_OWNER;
 *         #QUELL_E_UNSUPPORTED; #QUELL_E_STATE after the first step; #QUELL_E_MEMORY
 */
QUELL_API quell_status quell_rule_bind(quell_rule *rule, const char *target,
                                       quell_modulator *modulator, const quell_curve *curve);

/**
 * Gives any rule that learns at events a third factor: what it would do to the weight goes into a
 * variable "eligibility", which decays with tau, and dw/dt = eligibility × factor per second. The
 * target of quell_rule_bind() is "factor". Before the rule is connected.
 * @param rule an instance of a rule with pre, post or late events and without third factors
 * @param tau ms, at least 4 steps
 * @return #QUELL_E_NULL; #QUELL_E_RANGE; #QUELL_E_UNSUPPORTED for another rule; #QUELL_E_NAME if
 *         the rule has a variable "eligibility"; #QUELL_E_STATE once it is in use
 */
QUELL_API quell_status quell_rule_eligibility(quell_rule *rule, double tau);

/**
 * The value that a target has now, for the step that begins.
 * @param rule the instance
 * @param target as in quell_rule_bind(), bound or not
 * @param at 0; or the territory, or the neuron
 * @param value receives it
 * @return #QUELL_E_NULL; #QUELL_E_NAME; #QUELL_E_LENGTH
 */
QUELL_API quell_status quell_rule_effective(const quell_rule *rule, const char *target, uint64_t at,
                                            double *value);

/**
 * Lets a projection follow a channel: what it delivers is scaled. The factor is that of the moment
 * when the spike arrives at the synapse.
 * @param projection synapses
 * @param target "gain"
 * @param modulator the channel, of scope #QUELL_SCOPE_NETWORK or _TERRITORY
 * @param curve through which; NULL: the concentration itself
 * @return as quell_rule_bind()
 */
QUELL_API quell_status quell_projection_bind(quell_projection *projection, const char *target,
                                             quell_modulator *modulator, const quell_curve *curve);

/** As quell_rule_effective(), for a projection. */
QUELL_API quell_status quell_projection_effective(const quell_projection *projection,
                                                  const char *target, uint64_t at, double *value);

/**
 * Lets a population follow a channel: a parameter that may differ between neurons, such as
 * "i_offset" or "v_thresh", or the name of a receptor, such as "inhibitory": a factor on all that
 * arrives there.
 * @param population the neurons
 * @param target what follows
 * @param modulator the channel; #QUELL_SCOPE_NEURON and _STATE of this population
 * @param curve through which; NULL: the concentration itself
 * @return as quell_rule_bind()
 */
QUELL_API quell_status quell_population_bind(quell_population *population, const char *target,
                                             quell_modulator *modulator, const quell_curve *curve);

/** As quell_rule_effective(), for a neuron of a population. */
QUELL_API quell_status quell_population_effective(const quell_population *population,
                                                  const char *target, uint64_t neuron,
                                                  double *value);

/* --- from the literature --- */

/** A set of kinetics, or a receptor's curve, with its source. */
typedef struct quell_modulator_preset {
  uint32_t struct_size; /**< sizeof(quell_modulator_preset) of the caller */
  uint32_t reserved;    /**< 0 */
  const char *name;     /**< such as "dopamine", "d1" */
  const char *doc;      /**< one line */
  const char *source;   /**< where the numbers were read; says so where they are ours */
  quell_curve curve;    /**< of a receptor; not used for kinetics */
} quell_modulator_preset;
/** Initialiser of a #quell_modulator_preset that a function is to fill in. */
#define QUELL_MODULATOR_PRESET_INIT                                                                \
  { sizeof(quell_modulator_preset), 0, NULL, NULL, NULL, QUELL_CURVE_INIT }

/** Kinetics number i. @param i from 0 @param preset receives it
 *  @return #QUELL_E_NULL; #QUELL_E_LENGTH past the last. Any thread. */
QUELL_API quell_status quell_modulator_kinetics(size_t i, quell_modulator_preset *preset);

/** Receptor number i. @param i from 0 @param preset receives it
 *  @return #QUELL_E_NULL; #QUELL_E_LENGTH past the last. Any thread. */
QUELL_API quell_status quell_modulator_receptor(size_t i, quell_modulator_preset *preset);

#ifdef __cplusplus
}
#endif

#endif

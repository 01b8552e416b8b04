/**
 * @file plugin.h
 * How a learning rule is written. The built-in rules are registered through this header and
 * nothing else; src/rules/ has one file for each, made to be copied.
 *
 * A rule declares its parameters, the traces that it reads, its variables, and the events that it
 * wants. For each event it has a function that works on a block of synapses: a plain loop over
 * arrays, which the compiler vectorises. The engine gathers the synapses that have the event,
 * calls, keeps the weights within [w_min, w_max], and stores them.
 *
 * "pre" is the arrival of a spike at the synapse (after the axonal delay), "post" the spike of the
 * post neuron as the synapse sees it (after the dendritic delay). A trace that is read at an event
 * does not contain that event's own jump. The change of a pre event comes before its weight is
 * delivered. What a rule reads of the cell itself (#quell_signal_desc) is not delayed: at a pre
 * event it is the present value, at a post event the value at the time of the spike.
 *
 * What a member of a rule may be for:
 *
 * | the rule … | … declares |
 * | --- | --- |
 * | compares times of spikes | traces; events #QUELL_PRE, #QUELL_POST |
 * | looks again some time after a pre spike | an event #QUELL_LATE |
 * | reads the voltage, a current, a rate of the post neuron | signals; `states` and `post_step` |
 * | changes with the voltage at every step | integrals |
 * | follows the activity of a whole population | `observed` and `post_step` |
 * | acts at an interval, or on the rates of rate units | an event #QUELL_INTERVAL |
 * | needs a sum over all synapses of a neuron | an event #QUELL_REDUCE and `decide` |
 * | goes on between its events (a bistable synapse) | an event #QUELL_READ |
 * | is stochastic | `uniforms` or `normals` of an event |
 * | lets a parameter follow a neuromodulator | the flag #QUELL_BINDABLE |
 * | changes weights when a third factor comes, later than the spikes | factors, eligibilities |
 * | does something at each release of a neuromodulator | factors; an event #QUELL_PULSE |
 * | scales what is delivered (short-term plasticity) | `release`; an event #QUELL_RELEASE |
 */
#ifndef QUELL_PLUGIN_H
#define QUELL_PLUGIN_H

#include <math.h>
#include <quell/types.h>
#include <quell/vecmath.h>

#ifdef __cplusplus
extern "C" {
#endif

/** ABI of the rule descriptor: the major number changes when old descriptors no longer work. */
#define QUELL_RULE_ABI_MAJOR 1
/** ABI of the rule descriptor: the minor number changes when something is added. */
#define QUELL_RULE_ABI_MINOR 1

/** Kinds of event; the first three are also the sides of a trace. */
enum {
  QUELL_PRE = 1,  /**< arrival at the synapse */
  QUELL_POST = 2, /**< spike of the post neuron, as the synapse sees it */
  QUELL_LATE = 3, /**< a time after each arrival that is a parameter. Since 1.1, as all below. One
                       that meets other events on a step comes first. */
  QUELL_INTERVAL = 4, /**< at all multiples of a period that is a parameter, after the other events
                           of the step */
  QUELL_REDUCE = 5,   /**< before #QUELL_INTERVAL, on all synapses: what each adds to the sum of its
                           post neuron, for `decide` */
  QUELL_READ = 6,     /**< the host reads: what weight and variables are now, between events.
                           Nothing is kept. What stands for the time since the last event is not
                           seen by interval rules that are stacked on it, and a weight that is
                           written begins there too. */
  QUELL_RELEASE = 7,  /**< delivery: `w` is a copy, which becomes what is delivered */
  QUELL_PULSE = 8     /**< a step in which something is released into a channel that a factor is
                           bound to, after the other events of that stamp */
};

/** What a trace is. */
enum {
  QUELL_TRACE_ADD = 1, /**< jumps by 1 at a spike and decays: all spikes count */
  QUELL_TRACE_SET = 2, /**< becomes 1 and decays: only the nearest spike counts */
  QUELL_TRACE_AGE = 3  /**< time since the last spike, ms; at least 1e7 if there was none. Its `tau`
                            is not used. */
};

/** Flags of a rule. */
enum {
  QUELL_TRANSMIT_FIRST = 1, /**< the weight from before a pre event's change is delivered */
  QUELL_NEEDS_RATES = 2     /**< the pre neurons must be rate units: it reads `pre_rate` */
};

/** Values of the parameter "tie": what happens when a pre and a post event meet at a synapse on one
 *  step. In all three cases neither reads its own jump. */
enum {
  QUELL_PRE_FIRST = 0, /**< the post event sees the pre event, not the reverse (as in Brian2) */
  QUELL_EXCLUSIVE = 1, /**< neither sees the other (as in NEST) */
  QUELL_POST_FIRST = 2 /**< the pre event sees the post event, not the reverse */
};

/** A table of `count` structs, `stride` bytes apart, so that its structs can grow. */
typedef struct quell_table {
  const void *at;  /**< the first struct */
  uint32_t count;  /**< how many */
  uint32_t stride; /**< sizeof of one */
} quell_table;
/** A #quell_table over an array. */
#define QUELL_TABLE(array)                                                                         \
  { (array), (uint32_t)(sizeof(array) / sizeof((array)[0])), (uint32_t)sizeof((array)[0]) }

/** A parameter of a rule. */
typedef struct quell_param_desc {
  const char *name;  /**< such as "eta" */
  const char *unit;  /**< such as "ms"; "1" if it has none, "w" for the unit of the weight */
  const char *doc;   /**< one line */
  double value;      /**< default */
  double min;        /**< smallest value; -INFINITY for none */
  double max;        /**< largest value; INFINITY for none, and INFINITY is then allowed */
  uint32_t flags;    /**< #QUELL_MIN_OPEN, #QUELL_INTEGER; #QUELL_BINDABLE: events read it from
                          `bound`, and `post_step`, `decide` and `release` from `param`, because it
                          may move from step to step within [min, max]; what `prepare` sees of it
                          stays behind. 8 at most; no `tau` of a trace, no bound of the weight. */
  uint32_t reserved; /**< 0 */
} quell_param_desc;

/** The three parameters that every rule has, to end its table with: bounds of the weight in its
 *  unit, and the tie setting. */
#define QUELL_STANDARD_PARAMS(default_w_max)                                                       \
  {"w_min", "w", "smallest weight", 0.0, 0.0, (double)INFINITY, 0, 0},                             \
      {"w_max", "w", "largest weight", (default_w_max), 0.0, (double)INFINITY, 0, 0}, {            \
    "tie", "1", "coincidence: 0 pre first, 1 exclusive, 2 post first", 0.0, 0.0, 2.0,              \
        QUELL_INTEGER, 0                                                                           \
  }

/** A variable that each synapse has beside its weight; costs 4 bytes a synapse. */
typedef struct quell_var_desc {
  const char *name; /**< by which it is read, written and recorded */
  const char *unit; /**< its unit, "1" if it has none */
  const char *doc;  /**< one line */
  double value;     /**< initial value */
} quell_var_desc;

/** A trace: what is remembered of the spikes of one side. */
typedef struct quell_trace_desc {
  const char *name;  /**< such as "x" */
  uint32_t side;     /**< #QUELL_PRE, #QUELL_POST or #QUELL_LATE */
  uint32_t kind;     /**< #QUELL_TRACE_ADD, #QUELL_TRACE_SET or #QUELL_TRACE_AGE */
  uint32_t tau;      /**< index of the parameter with its time constant, ms */
  uint32_t reserved; /**< 0 */
} quell_trace_desc;

/** A variable that each post neuron has for a rule, in double precision. Since 1.1. */
typedef struct quell_post_var_desc {
  const char *name;  /**< name */
  const char *unit;  /**< its unit, "1" if it has none */
  const char *doc;   /**< one line */
  double value;      /**< initial value */
  uint32_t depth;    /**< 0: one value. Else 1 + the index of a parameter in ms: there are as many
                          values as steps in it, and one more, for a delay line */
  uint32_t reserved; /**< 0 */
} quell_post_var_desc;

/** A state variable of the post neuron that `post_step` reads. A population without it is refused
 *  when it is connected. Since 1.1. */
typedef struct quell_state_desc {
  const char *name; /**< such as "v" */
  const char *doc;  /**< one line */
} quell_state_desc;

/** A quantity of the post neuron that the synapses read. Since 1.1. */
typedef struct quell_signal_desc {
  const char *name;  /**< such as "u_minus" */
  const char *unit;  /**< its unit, "1" if it has none */
  const char *doc;   /**< one line */
  const char *state; /**< the state variable that it is; NULL: `post_step` writes it */
} quell_signal_desc;

/** Something that changes the weights at every step: dw = (pre trace) × drive, where `post_step`
 *  says the drive of each post neuron. It costs nothing between events. A rule that has one has no
 *  event #QUELL_POST. Since 1.1. */
typedef struct quell_integral_desc {
  const char *name;  /**< such as "ltp" */
  const char *doc;   /**< one line */
  uint32_t trace;    /**< index among the pre traces; of kind #QUELL_TRACE_ADD or _SET */
  uint32_t reserved; /**< 0 */
} quell_integral_desc;

/** A population whose mean rate a rule follows: that of the post neurons, unless
 *  quell_rule_observe() names another. Since 1.1. */
typedef struct quell_observed_desc {
  const char *name;  /**< such as "guard" */
  const char *doc;   /**< one line */
  uint32_t delay;    /**< index of the parameter with the time that the news takes, ms, at least one
                          step; batches are at most as long */
  uint32_t reserved; /**< 0 */
} quell_observed_desc;

/** A variable that the synapses of one pre neuron share, in double precision. Since 1.1. */
typedef struct quell_row_var_desc {
  const char *name; /**< name */
  const char *unit; /**< its unit, "1" if it has none */
  const char *doc;  /**< one line */
  double value;     /**< initial value */
} quell_row_var_desc;

/** A third factor: what neuromodulators do to the synapses of a rule. quell_rule_bind() says which,
 *  and how; without it the rule does not run. Since 1.1. */
typedef struct quell_factor_desc {
  const char *name; /**< such as "reward" */
  const char *doc;  /**< one line */
} quell_factor_desc;

/** A variable of a synapse that decays, and that changes the weight as long as it is there:
 *  de/dt = −e / tau, dw/dt = e × factor, per second. Events change it like `var`. It costs 4 bytes
 * a synapse, and between events nothing, however the factor moves. The bounds of the weight hold at
 *  events and where it is read or delivered. Since 1.1. */
typedef struct quell_eligibility_desc {
  const char *name; /**< by which it is read, written and recorded */
  const char *unit; /**< its unit, "1" if it has none */
  const char *doc;  /**< one line */
  uint32_t tau;     /**< index of the parameter with its time constant, ms */
  uint32_t factor;  /**< 1 + index of the factor; 0: it only decays */
} quell_eligibility_desc;

/** A published set of parameters. Since 1.1. */
typedef struct quell_preset_desc {
  const char *name;   /**< such as "festa2024_pv" */
  const char *doc;    /**< what it is and where it comes from, one line */
  quell_table values; /**< of #quell_value */
} quell_preset_desc;

/** A block of synapses that have the same kind of event. Owned by the engine, valid during the
 *  call; the arrays are 64-byte aligned and no two overlap. */
typedef struct quell_block {
  uint32_t struct_size;    /**< sizeof(quell_block) of the engine */
  uint32_t event;          /**< #QUELL_PRE … */
  uint32_t n;              /**< length of the arrays, a multiple of 16, at most 128 */
  uint32_t live;           /**< elements from here on are padding: weights, variables and traces are
                                those of some synapse, or 0 and variables as they begin; what is
                                written there is dropped */
  const void *instance;    /**< what `prepare` made of the parameters */
  float *w;                /**< weights, [n], to be changed; may leave the bounds */
  float *const *var;       /**< own variables, in the order of their table, each [n] */
  const float *const *pre; /**< traces of the sides pre and late, in the order of the table counted
                                without the post traces, each [n]; NULL where the event does not
                                want it */
  const float *const *post;   /**< post traces likewise */
  const float *const *signal; /**< signals in the order of their table, each [n]; NULL where the
                                   event does not want it. Since 1.1, as all below. */
  const float *const *random; /**< uniform numbers in (0, 1), then standard normal ones, each [n]:
                                   fresh for each synapse and event, the same in every run */
  const float *factor;        /**< #QUELL_INTERVAL: what `decide` made for the post neuron, [n] */
  float *out;                 /**< #QUELL_REDUCE: what the synapse adds, [n], to be written */
  float pre_rate; /**< #QUELL_INTERVAL, #QUELL_REDUCE: rate of the pre neuron as it arrives, Hz, if
                       it is a rate unit; else 0 */
  float elapsed;  /**< #QUELL_INTERVAL: the period, ms; #QUELL_RELEASE: since the last arrival, ms,
                       INFINITY at the first */
  float efficacy; /**< #QUELL_RELEASE: what `release` returned */
  uint32_t reserved;  /**< 0 */
  float *const *elig; /**< eligibilities, in the order of their table, each [n], to be changed */
  const float *const *bound; /**< the parameters with #QUELL_BINDABLE, in the order of the table
                                  counted without the others, each [n]: as they are at the event */
  const float *pulse;        /**< #QUELL_PULSE: what was released, [n]; 0 in other territories */
} quell_block;

/** An event that a rule wants. */
typedef struct quell_event_desc {
  uint32_t kind;       /**< #QUELL_PRE … */
  uint32_t param;      /**< #QUELL_LATE: index of the parameter with the time after the arrival, ms;
                            #QUELL_INTERVAL: with the period, ms, a whole number of steps;
                            #QUELL_PULSE: index of the factor; else 0 */
  uint64_t wants_pre;  /**< bit i: it reads trace i of the sides pre and late */
  uint64_t wants_post; /**< bit i: it reads post trace i */
  /**
   * Changes `w` and `var` of the n elements. Element by element: the result may not depend on n, on
   * the place in the block, or on anything but that element and the instance. Called from any
   * thread, many at once. No allocation, locks, I/O or change of the floating-point state.
   */
  void (*call)(const quell_block *block);
  uint64_t wants_signal; /**< bit i: it reads signal i. Since 1.1, as all below. */
  uint32_t uniforms;     /**< random numbers per synapse, uniform in (0, 1), at most 8 … */
  uint32_t normals;      /**< … and standard normal, at most 8 */
} quell_event_desc;

/** The neurons of a tile, for `post_step` and `decide`. Since 1.1. */
typedef struct quell_post_block {
  uint32_t struct_size;      /**< sizeof(quell_post_block) of the engine */
  uint32_t n;                /**< neurons: length of the arrays, which are 64-byte aligned */
  uint64_t step;             /**< stamp of this step */
  const void *instance;      /**< what `prepare` made of the parameters */
  const float *const *state; /**< `states`, in their order, after the neurons' update, each [n] */
  const float *spikes;       /**< how often each neuron fires at this stamp, [n] */
  double *const *var;        /**< own variables, each [depth][n] */
  float *const *signal;      /**< signals to be written, each [n]; NULL for one that is a state */
  float *const *drive;       /**< integrals: the drive of this step, to be written, each [n] */
  const double *observed;    /**< mean rate of each observed population, Hz, as it was its delay
                                  ago: spikes per neuron in that step over its length */
  const float *const *post;  /**< `decide`: post traces, in their order, each [n] */
  const double *sum;         /**< `decide`: sums over the synapses, [n], taken in their order */
  float *factor;             /**< `decide`: to be written, [n] */
  const double *param;       /**< all parameters as they are in this step; those that are bound
                                  follow channels of one value */
} quell_post_block;

/** What `prepare` is given. */
typedef struct quell_rule_args {
  uint32_t struct_size; /**< sizeof(quell_rule_args) of the engine */
  uint32_t n;           /**< number of parameters */
  const double *value;  /**< parameters in the order of their table, [n], each in its range */
  double dt;            /**< step, ms */
  char *message;        /**< where a sentence goes on failure */
  size_t message_size;  /**< bytes in `message` */
} quell_rule_args;

/**
 * A learning rule. A member left at zero is absent.
 *
 * A projection has at most one rule that wants #QUELL_PRE, #QUELL_POST or #QUELL_LATE, at most one
 * that has `release`, and any number that want nothing but #QUELL_INTERVAL and #QUELL_REDUCE.
 */
typedef struct quell_rule_desc {
  uint32_t struct_size;   /**< sizeof(quell_rule_desc) */
  uint32_t abi_major;     /**< #QUELL_RULE_ABI_MAJOR */
  uint32_t abi_minor;     /**< #QUELL_RULE_ABI_MINOR */
  uint32_t flags;         /**< #QUELL_TRANSMIT_FIRST, #QUELL_NEEDS_RATES */
  const char *name;       /**< such as "vogels2011" */
  const char *summary;    /**< what it does, in one line */
  const char *source;     /**< paper and DOI */
  quell_table params;     /**< of #quell_param_desc; ends with #QUELL_STANDARD_PARAMS if the rule
                               wants #QUELL_PRE, #QUELL_POST or #QUELL_LATE. An interval rule may
                               have w_min and w_max too, and then keeps the weights within both
                               these and the bounds of the rule that it is stacked on. */
  quell_table vars;       /**< of #quell_var_desc */
  quell_table traces;     /**< of #quell_trace_desc */
  quell_table events;     /**< of #quell_event_desc; at most one of each kind */
  uint32_t instance_size; /**< bytes of the constants that `prepare` makes */
  uint32_t ties;          /**< bit set of supported values of "tie"; 0 for all */
  /**
   * Makes the constants of the callbacks from the parameters: a pure function, called on creation
   * and on each change of a parameter, on the calling thread. Returns #QUELL_OK, or an error with a
   * sentence in `args->message`: nothing has then changed.
   */
  quell_status (*prepare)(const quell_rule_args *args, void *instance);
  quell_table post_vars; /**< of #quell_post_var_desc. Since 1.1, as all below. */
  quell_table states;    /**< of #quell_state_desc */
  quell_table signals;   /**< of #quell_signal_desc */
  quell_table integrals; /**< of #quell_integral_desc */
  quell_table observed;  /**< of #quell_observed_desc */
  quell_table row_vars;  /**< of #quell_row_var_desc */
  quell_table presets;   /**< of #quell_preset_desc */
  /** Called for each tile in each step, after the neurons' update and before the next step's
   *  events; neuron by neuron, with the same duties as `call`. Before the first call, which is at
   * the end of the first step, the signals that it writes are 0. */
  void (*post_step)(const quell_post_block *block);
  /** At an interval, between the reduction and #QUELL_INTERVAL. */
  void (*decide)(const quell_post_block *block);
  /**
   * Short-term plasticity: called at each arrival of a row, before its weights are delivered.
   * @param row_var the variables of the row, changed
   * @param since time since the last arrival, ms; INFINITY at the first
   * @param param all parameters as they are at the arrival; one with the unit ms that follows a
   *              channel: since / ∫ ds / param(s), the time constant that stands for all the time
   *              since the last arrival
   * @param instance what `prepare` made of the parameters
   * @return the factor on the weights
   */
  double (*release)(double *row_var, double since, const double *param, const void *instance);
  quell_table factors;       /**< of #quell_factor_desc */
  quell_table eligibilities; /**< of #quell_eligibility_desc; the rule wants #QUELL_PRE, #QUELL_POST
                                  or #QUELL_LATE, and has no integrals */
} quell_rule_desc;

/** Makes the entry of a library of rules visible where all else is hidden. */
#if defined _WIN32
#define QUELL_PLUGIN_EXPORT __declspec(dllexport)
#elif defined __GNUC__
#define QUELL_PLUGIN_EXPORT __attribute__((visibility("default")))
#else
#define QUELL_PLUGIN_EXPORT
#endif

/**
 * A library of rules: a shared object that quell_plugin_load() takes. It needs this header and is
 * linked with nothing. This struct and all that it points to stay as they are while it is loaded.
 * Since 1.1.
 */
typedef struct quell_plugin {
  uint32_t struct_size; /**< sizeof(quell_plugin) */
  uint32_t abi_major;   /**< #QUELL_RULE_ABI_MAJOR */
  uint32_t abi_minor;   /**< #QUELL_RULE_ABI_MINOR, or an older one that is enough for it */
  uint32_t reserved;    /**< 0 */
  const char *name;     /**< such as "my_rules"; a registry has one of each name */
  const char *version;  /**< its own, such as "1.2.0" */
  const char *summary;  /**< what it has, in one line */
  quell_table rules;    /**< of `const quell_rule_desc *` */
  /** May be NULL: what else it has, by name; NULL for a name that it does not know. Growth that
   *  needs no new version of the ABI; so far there are no names. */
  const void *(*extension)(const char *id);
} quell_plugin;

/**
 * The entry of a library of rules, which the library defines: the only symbol that is looked for,
 * and the only function that is called before its version and all of its rules have been checked.
 * @param host_major #QUELL_RULE_ABI_MAJOR of the library that loads it
 * @param host_minor #QUELL_RULE_ABI_MINOR of the library that loads it
 * @return what it has; NULL if it has nothing for this version. Any thread.
 */
QUELL_PLUGIN_EXPORT const quell_plugin *quell_plugin_entry(uint32_t host_major,
                                                           uint32_t host_minor);

#ifdef __cplusplus
}
#endif

#endif

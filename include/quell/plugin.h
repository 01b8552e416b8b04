/**
 * @file plugin.h
 * How a learning rule is written. The built-in rules are registered through this header and
 * nothing else; src/rules/ has one file for each, made to be copied.
 *
 * A rule declares its parameters, the traces that it reads, its per-synapse variables, and the
 * events that it wants. For each event it has a function that works on a block of synapses: a plain
 * loop over arrays, which the compiler vectorises. The engine gathers the synapses that have the
 * event, calls, keeps the weights within [w_min, w_max], and stores them.
 *
 * A trace decays exponentially with its time constant and jumps at the spikes of its side; one that
 * is read at an event does not contain that event's own jump. "pre" is the arrival of a spike at
 * the synapse (after the axonal delay), "post" the spike of the post neuron as the synapse sees it
 * (after the dendritic delay). The change of a pre event comes before its weight is delivered.
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
#define QUELL_RULE_ABI_MINOR 0

/** Which spikes an event or a trace follows. */
enum {
  QUELL_PRE = 1, /**< arrivals at the synapse */
  QUELL_POST = 2 /**< spikes of the post neuron, as the synapse sees them */
};

/** What a trace does at a spike. */
enum {
  QUELL_TRACE_ADD = 1, /**< jumps by 1: all spikes count */
  QUELL_TRACE_SET = 2  /**< becomes 1: only the nearest spike counts */
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
  uint32_t flags;    /**< #QUELL_MIN_OPEN, #QUELL_INTEGER */
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

/** An exponential trace. */
typedef struct quell_trace_desc {
  const char *name;  /**< such as "x" */
  uint32_t side;     /**< #QUELL_PRE or #QUELL_POST */
  uint32_t kind;     /**< #QUELL_TRACE_ADD or #QUELL_TRACE_SET */
  uint32_t tau;      /**< index of the parameter with its time constant, ms */
  uint32_t reserved; /**< 0 */
} quell_trace_desc;

/** A block of synapses that have the same kind of event. Owned by the engine, valid during the
 *  call; the arrays are 64-byte aligned and no two overlap. */
typedef struct quell_block {
  uint32_t struct_size;    /**< sizeof(quell_block) of the engine */
  uint32_t event;          /**< #QUELL_PRE or #QUELL_POST */
  uint32_t n;              /**< length of the arrays, a multiple of 16, at most 128 */
  uint32_t live;           /**< elements from here on are padding: weights, variables and traces are
                                those of some synapse, or 0 and variables as they begin; what is
                                written there is dropped */
  const void *instance;    /**< what `prepare` made of the parameters */
  float *w;                /**< weights, [n], to be changed; may leave the bounds */
  float *const *var;       /**< own variables, in the order of their table, each [n] */
  const float *const *pre; /**< pre traces, in the order of the table of traces counted without
                                the post traces, each [n]; NULL where the event does not want it */
  const float *const *post; /**< post traces likewise */
} quell_block;

/** An event that a rule wants. */
typedef struct quell_event_desc {
  uint32_t kind;       /**< #QUELL_PRE or #QUELL_POST */
  uint32_t reserved;   /**< 0 */
  uint64_t wants_pre;  /**< bit i: it reads pre trace i */
  uint64_t wants_post; /**< bit i: it reads post trace i */
  /**
   * Changes `w` and `var` of the n elements. Element by element: the result may not depend on n, on
   * the place in the block, or on anything but that element and the instance. Called from any
   * thread, many at once. No allocation, locks, I/O or change of the floating-point state.
   */
  void (*call)(const quell_block *block);
} quell_event_desc;

/** What `prepare` is given. */
typedef struct quell_rule_args {
  uint32_t struct_size; /**< sizeof(quell_rule_args) of the engine */
  uint32_t n;           /**< number of parameters */
  const double *value;  /**< parameters in the order of their table, [n], each in its range */
  double dt;            /**< step, ms */
  char *message;        /**< where a sentence goes on failure */
  size_t message_size;  /**< bytes in `message` */
} quell_rule_args;

/** A learning rule. A member left at zero is absent. */
typedef struct quell_rule_desc {
  uint32_t struct_size;   /**< sizeof(quell_rule_desc) */
  uint32_t abi_major;     /**< #QUELL_RULE_ABI_MAJOR */
  uint32_t abi_minor;     /**< #QUELL_RULE_ABI_MINOR */
  uint32_t flags;         /**< 0 */
  const char *name;       /**< such as "vogels2011" */
  const char *summary;    /**< what it does, in one line */
  const char *source;     /**< paper and DOI */
  quell_table params;     /**< of #quell_param_desc, ending with #QUELL_STANDARD_PARAMS */
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
} quell_rule_desc;

#ifdef __cplusplus
}
#endif

#endif

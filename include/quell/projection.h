/**
 * @file projection.h
 * Synapses from one population onto a receptor of another: how they are drawn, their delays and
 * weights, and the rule by which they learn.
 *
 * Delay has a place. The synapse sees the pre spike at t_pre + axonal delay, the post spike at
 * t_post + dendritic delay, and the post-synaptic cell feels the spike after both, in the step that
 * starts then. A plain `delay` becomes axonal where it is constant; where it varies, its smallest
 * value is axonal and the rest dendritic. An axonal delay that varies over synapses costs time and
 * memory, because it splits the row of a pre neuron into one for each of its values; a dendritic
 * delay that varies costs next to nothing. All delays are rounded to the nearest step.
 *
 * The synapses of a projection are numbered in the order (axonal delay, pre, post, order of drawing
 * or listing), whatever order they were given in.
 */
#ifndef QUELL_PROJECTION_H
#define QUELL_PROJECTION_H

#include <quell/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How the synapses of a projection are chosen. */
enum {
  QUELL_ALL_TO_ALL = 1,        /**< every pair */
  QUELL_ONE_TO_ONE = 2,        /**< neuron i to neuron i; both populations have one size */
  QUELL_FIXED_PROBABILITY = 3, /**< every pair with probability `p`, independently */
  QUELL_FIXED_IN_DEGREE = 4,   /**< `count` synapses onto every post neuron */
  QUELL_FIXED_TOTAL = 5,       /**< `count` synapses in all */
  QUELL_LIST = 6               /**< the pairs (`pre[i]`, `post[i]`) */
};

/** Flags of a #quell_connection. */
enum {
  QUELL_NO_SELF = 1,     /**< no synapse of a neuron onto itself; within one population only */
  QUELL_NO_MULTAPSES = 2 /**< at most one synapse for a pair; a list with a pair twice is refused */
};

/** Kinds of a #quell_distribution. */
enum {
  QUELL_DEFAULT = 0,   /**< weight 1, delay 0 */
  QUELL_CONSTANT = 1,  /**< `a` */
  QUELL_UNIFORM = 2,   /**< between `a` and `b` */
  QUELL_NORMAL = 3,    /**< mean `a`, standard deviation `b` */
  QUELL_LOGNORMAL = 4, /**< e to the normal variable of mean `a` and standard deviation `b` */
  QUELL_ARRAY = 5      /**< `values`, one for each synapse */
};

/** What happens to a value that is drawn outside [`low`, `high`]. */
enum {
  QUELL_REFUSE = 0, /**< creation fails with #QUELL_E_RANGE; the bounds are those of the quantity */
  QUELL_CLIP = 1,   /**< it becomes the nearer bound */
  QUELL_REDRAW = 2  /**< as if drawn again until it is inside: the distribution between the bounds;
                         they must hold at least 1e-6 of it, else #QUELL_E_RANGE */
};

/** A value for each synapse. This struct never changes. */
typedef struct quell_distribution {
  int32_t kind;         /**< #QUELL_DEFAULT … #QUELL_ARRAY */
  int32_t outside;      /**< #QUELL_REFUSE; for drawn kinds also #QUELL_CLIP or #QUELL_REDRAW */
  double a;             /**< first number, see the kind */
  double b;             /**< second number, see the kind */
  double low;           /**< lower bound for #QUELL_CLIP and #QUELL_REDRAW */
  double high;          /**< upper bound for these; must be > low, may be INFINITY */
  const double *values; /**< for #QUELL_ARRAY: [n], in the order of the list, or else of the
                             synapses' numbers */
  size_t n;             /**< number of values; must be the number of synapses */
} quell_distribution;

/** How a projection is made. Zero means default in every member but `kind`. */
typedef struct quell_connection {
  uint32_t struct_size;               /**< sizeof(quell_connection) of the caller */
  int32_t kind;                       /**< #QUELL_ALL_TO_ALL … #QUELL_LIST */
  uint32_t flags;                     /**< #QUELL_NO_SELF, #QUELL_NO_MULTAPSES; default both
                                           allowed */
  uint32_t reserved;                  /**< 0 */
  double p;                           /**< #QUELL_FIXED_PROBABILITY: in [0, 1] */
  uint64_t count;                     /**< #QUELL_FIXED_IN_DEGREE, #QUELL_FIXED_TOTAL */
  const uint32_t *pre;                /**< #QUELL_LIST: pre neurons, [n] */
  const uint32_t *post;               /**< #QUELL_LIST: post neurons, [n] */
  size_t n;                           /**< #QUELL_LIST: number of pairs */
  quell_distribution weight;          /**< magnitude, ≥ 0, nS or pA; default 1 */
  quell_distribution delay;           /**< ms; 0, or at least one step; default 0 */
  quell_distribution delay_axonal;    /**< ms; in place of `delay`. Where it varies, arrays need
                                           #QUELL_LIST, whose order they then follow. */
  quell_distribution delay_dendritic; /**< ms; in place of `delay` */
  quell_rule *const *stack; /**< further rules, [n_stack], in the order in which they act at
                                 an interval, and at most one for short-term plasticity. An
                                 interval rule that several projections onto a population
                                 share takes their synapses together. */
  size_t n_stack;           /**< number of rules in `stack`; with `rule` at most 8 */
} quell_connection;
/** A #quell_distribution with its default. */
#define QUELL_DISTRIBUTION_INIT                                                                    \
  { 0, 0, 0.0, 0.0, 0.0, 0.0, NULL, 0 }
/** Initialiser of a #quell_connection: all defaults; `kind` remains to be set. */
#define QUELL_CONNECTION_INIT                                                                      \
  {                                                                                                \
    sizeof(quell_connection), 0, 0, 0, 0.0, 0, NULL, NULL, 0, QUELL_DISTRIBUTION_INIT,             \
        QUELL_DISTRIBUTION_INIT, QUELL_DISTRIBUTION_INIT, QUELL_DISTRIBUTION_INIT, NULL, 0         \
  }

/**
 * Makes a projection. The draws depend on the network's seed, the number of projections made
 * before, and the post neuron, and on nothing else.
 * @param network where it belongs
 * @param pre where the spikes come from
 * @param post whose receptor the synapses are on; a population with receptors
 * @param receptor such as "inhibitory"
 * @param connection how the synapses are chosen, and their weights and delays
 * @param rule how they learn; NULL if they do not. More rules go into the connection's `stack`.
 * @param projection receives the handle
 * @return #QUELL_E_NULL; #QUELL_E_OWNER if a handle is of another network; #QUELL_E_NAME for an
 *         unknown receptor, a state that a rule reads and the model lacks, or two variables of one
 *         name; #QUELL_E_UNSUPPORTED for rules that cannot be stacked, or that do not suit rate
 *         units or spikes; #QUELL_E_RANGE, also for what cannot be drawn (more distinct partners
 *         than there are); #QUELL_E_LENGTH; #QUELL_E_UNSUPPORTED; #QUELL_E_STATE after the first
 *         step; #QUELL_E_MEMORY. The network is then as it was.
 */
QUELL_API quell_status quell_connect(quell_network *network, quell_population *pre,
                                     quell_population *post, const char *receptor,
                                     const quell_connection *connection, quell_rule *rule,
                                     quell_projection **projection);

/** What a projection is. */
typedef struct quell_projection_info {
  uint32_t struct_size;       /**< sizeof(quell_projection_info) of the caller */
  int32_t learning;           /**< 1 if learning is on */
  uint64_t size;              /**< number of synapses */
  quell_population *pre;      /**< where the spikes come from */
  quell_population *post;     /**< where they go */
  const char *receptor;       /**< on which receptor */
  quell_rule *rule;           /**< how it learns; NULL if it does not */
  double delay_axonal_min;    /**< smallest axonal delay, ms */
  double delay_axonal_max;    /**< largest axonal delay, ms */
  double delay_dendritic_min; /**< smallest dendritic delay, ms */
  double delay_dendritic_max; /**< largest dendritic delay, ms */
  uint64_t bytes;             /**< memory of all that is kept per synapse and per row */
  uint32_t n_rules;           /**< rules in its stack, see quell_projection_rule() */
  uint32_t reserved;          /**< 0 */
} quell_projection_info;
/** Initialiser of a #quell_projection_info that a function is to fill in. */
#define QUELL_PROJECTION_INFO_INIT                                                                 \
  { sizeof(quell_projection_info), 0, 0, NULL, NULL, NULL, NULL, 0.0, 0.0, 0.0, 0.0, 0, 0, 0 }

/** What a projection is. @param projection the projection @param info receives it
 *  @return #QUELL_E_NULL, #QUELL_E_UNSUPPORTED for a struct of a newer header */
QUELL_API quell_status quell_projection_describe(const quell_projection *projection,
                                                 quell_projection_info *info);

/** Rule i of the projection's stack, the one that learns at events first; NULL past the last. */
QUELL_API quell_rule *quell_projection_rule(const quell_projection *projection, size_t i);

/** Number of synapses; 0 for a null handle. */
QUELL_API uint64_t quell_projection_size(const quell_projection *projection);

/**
 * Between which neurons the synapses are.
 * @param projection the projection
 * @param first number of the first synapse
 * @param n how many
 * @param pre receives the pre neurons, [n]; may be NULL
 * @param post receives the post neurons, [n]; may be NULL
 * @return #QUELL_E_NULL, #QUELL_E_LENGTH if first + n > size
 */
QUELL_API quell_status quell_projection_endpoints(const quell_projection *projection,
                                                  uint64_t first, uint64_t n, uint32_t *pre,
                                                  uint32_t *post);

/**
 * Reads a quantity of the synapses: "weight", "delay", "delay_axonal", "delay_dendritic" (ms), or a
 * variable of its rules by name; that of a row has one value for all synapses of it. Learnt
 * quantities are as they are after all events stamped before the clock. Reading changes nothing,
 * now or later.
 * @param projection the projection
 * @param variable which quantity
 * @param first number of the first synapse
 * @param n how many
 * @param values receives them, [n]
 * @return #QUELL_E_NULL, #QUELL_E_NAME, #QUELL_E_LENGTH, #QUELL_E_MEMORY
 */
QUELL_API quell_status quell_projection_get(const quell_projection *projection,
                                            const char *variable, uint64_t first, uint64_t n,
                                            float *values);

/**
 * Writes "weight" or a variable of a rule. Events stamped before the clock act on the old value,
 * later ones on the new. A weight outside the rule's bounds is refused.
 * @param projection the projection
 * @param variable which quantity
 * @param first number of the first synapse
 * @param n how many
 * @param values the new values, [n]
 * @return #QUELL_E_NULL; #QUELL_E_NAME; #QUELL_E_LENGTH; #QUELL_E_RANGE, with the number of the
 *         culprit; #QUELL_E_UNSUPPORTED for a delay or a variable of rows; #QUELL_E_STATE inside a
 * callback; #QUELL_E_MEMORY if the weights were one for all so far and now need room of their own
 */
QUELL_API quell_status quell_projection_set(quell_projection *projection, const char *variable,
                                            uint64_t first, uint64_t n, const float *values);

/**
 * Switches learning on or off, for events from the current step on. Traces run on while it is off.
 * @param projection the projection
 * @param on 0 or 1
 * @return #QUELL_E_NULL; #QUELL_E_RANGE; #QUELL_E_UNSUPPORTED if the projection has no rule;
 *         #QUELL_E_STATE inside a callback; #QUELL_E_MEMORY
 */
QUELL_API quell_status quell_projection_learning(quell_projection *projection, int32_t on);

#ifdef __cplusplus
}
#endif

#endif

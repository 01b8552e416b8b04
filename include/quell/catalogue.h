/**
 * @file catalogue.h
 * What can be known about a rule from its descriptor: for lists, bindings and documentation. All
 * functions may be called from any thread.
 */
#ifndef QUELL_CATALOGUE_H
#define QUELL_CATALOGUE_H

#include <quell/plugin.h>
#include <quell/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Kinds of rule. */
enum {
  QUELL_RULE_EVENT = 1,     /**< learns at spikes; a projection has at most one */
  QUELL_RULE_INTERVAL = 2,  /**< acts at an interval; any number, stacked */
  QUELL_RULE_SHORT_TERM = 3 /**< short-term plasticity; at most one, stacked */
};

/** What a rule is and what it costs. */
typedef struct quell_rule_info {
  uint32_t struct_size;     /**< sizeof(quell_rule_info) of the caller */
  int32_t kind;             /**< #QUELL_RULE_EVENT … */
  const char *name;         /**< name, constant like all strings here */
  const char *summary;      /**< what it does, one line */
  const char *source;       /**< paper and DOI */
  uint32_t flags;           /**< #QUELL_TRANSMIT_FIRST, #QUELL_NEEDS_RATES */
  uint32_t events;          /**< bit k: it wants events of kind k (#QUELL_PRE …) */
  uint32_t ties;            /**< bit t: it supports the value t of "tie"; 0: it has no ties */
  uint32_t n_parameters;    /**< see quell_rule_parameter() */
  uint32_t n_variables;     /**< of a synapse, see quell_rule_variable() */
  uint32_t n_presets;       /**< see quell_rule_preset() */
  uint32_t synapse_bytes;   /**< for each synapse: weight, variables and eligibilities (the target
                                 takes 2 more, a dendritic delay that varies 1 or 2) */
  uint32_t row_bytes;       /**< for each pre neuron and tile of post neurons */
  uint32_t neuron_bytes;    /**< for each post neuron: history of its spikes, traces, signals and
                                 variables, without delay lines and the windows of integrals; rules
                                 on one population share the history and equal traces */
  uint32_t n_traces;        /**< see quell_rule_trace() */
  uint32_t n_factors;       /**< third factors, see quell_rule_factor() */
  uint32_t n_eligibilities; /**< see quell_rule_eligibility_info() */
} quell_rule_info;
/** Initialiser of a #quell_rule_info that a function is to fill in. */
#define QUELL_RULE_INFO_INIT                                                                       \
  { sizeof(quell_rule_info), 0, NULL, NULL, NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }

/**
 * What a rule is.
 * @param rule the descriptor, from quell_registry_rule() or quell_registry_find()
 * @param info receives it
 * @return #QUELL_E_NULL; #QUELL_E_UNSUPPORTED for a struct of a newer header; what
 *         quell_registry_add() says to a descriptor that contradicts itself
 */
QUELL_API quell_status quell_rule_describe(const quell_rule_desc *rule, quell_rule_info *info);

/**
 * Variable i that each synapse has beside its weight.
 * @param rule the descriptor
 * @param i index in [0, n_variables)
 * @param info receives name, unit, doc and initial value
 * @return #QUELL_E_NULL; #QUELL_E_LENGTH past the last; #QUELL_E_UNSUPPORTED
 */
QUELL_API quell_status quell_rule_variable(const quell_rule_desc *rule, size_t i,
                                           quell_variable *info);

/** A trace of a rule. */
typedef struct quell_trace_info {
  uint32_t struct_size; /**< sizeof(quell_trace_info) of the caller */
  uint32_t side;        /**< #QUELL_PRE, #QUELL_POST or #QUELL_LATE */
  uint32_t kind;        /**< #QUELL_TRACE_ADD, #QUELL_TRACE_SET or #QUELL_TRACE_AGE */
  uint32_t reserved;    /**< 0 */
  const char *name;     /**< name */
  const char *tau;      /**< the parameter with its time constant; NULL for an age */
} quell_trace_info;
/** Initialiser of a #quell_trace_info that a function is to fill in. */
#define QUELL_TRACE_INFO_INIT                                                                      \
  { sizeof(quell_trace_info), 0, 0, 0, NULL, NULL }
/** Trace i of a rule. @param rule the descriptor @param i index in [0, n_traces) @param info
 * receives it @return as quell_rule_variable() */
QUELL_API quell_status quell_rule_trace(const quell_rule_desc *rule, size_t i,
                                        quell_trace_info *info);

/** A third factor of a rule: a target of quell_rule_bind(). */
typedef struct quell_factor_info {
  uint32_t struct_size; /**< sizeof(quell_factor_info) of the caller */
  uint32_t reserved;    /**< 0 */
  const char *name;     /**< name */
  const char *doc;      /**< what it is, one line */
} quell_factor_info;
/** Initialiser of a #quell_factor_info that a function is to fill in. */
#define QUELL_FACTOR_INFO_INIT                                                                     \
  { sizeof(quell_factor_info), 0, NULL, NULL }
/** Third factor i of a rule. @param rule the descriptor @param i index in [0, n_factors) @param
 * info receives it @return as quell_rule_variable() */
QUELL_API quell_status quell_rule_factor(const quell_rule_desc *rule, size_t i,
                                         quell_factor_info *info);

/** A variable of a synapse that decays and changes the weight: see #quell_eligibility_desc. */
typedef struct quell_eligibility_info {
  uint32_t struct_size; /**< sizeof(quell_eligibility_info) of the caller */
  uint32_t reserved;    /**< 0 */
  const char *name;     /**< name */
  const char *unit;     /**< unit, "1" if it has none */
  const char *doc;      /**< one line */
  const char *tau;      /**< the parameter with its time constant */
  const char *factor;   /**< the factor with which it changes the weight; NULL: it only decays */
} quell_eligibility_info;
/** Initialiser of a #quell_eligibility_info that a function is to fill in. */
#define QUELL_ELIGIBILITY_INFO_INIT                                                                \
  { sizeof(quell_eligibility_info), 0, NULL, NULL, NULL, NULL, NULL }
/** Eligibility i of a rule. @param rule the descriptor @param i index in [0, n_eligibilities)
 * @param info receives it @return as quell_rule_variable() */
QUELL_API quell_status quell_rule_eligibility_info(const quell_rule_desc *rule, size_t i,
                                                   quell_eligibility_info *info);

/** A published set of parameters. */
typedef struct quell_preset_info {
  uint32_t struct_size;      /**< sizeof(quell_preset_info) of the caller */
  uint32_t reserved;         /**< 0 */
  const char *name;          /**< name */
  const char *doc;           /**< what it is and where it comes from, one line */
  const quell_value *values; /**< parameters that differ from the defaults, [n] */
  size_t n;                  /**< number of values */
} quell_preset_info;
/** Initialiser of a #quell_preset_info that a function is to fill in. */
#define QUELL_PRESET_INFO_INIT                                                                     \
  { sizeof(quell_preset_info), 0, NULL, NULL, NULL, 0 }
/** Preset i of a rule; hand its values to quell_rule_create(). @param rule the descriptor @param i
 *  index in [0, n_presets) @param info receives it @return as quell_rule_variable() */
QUELL_API quell_status quell_rule_preset(const quell_rule_desc *rule, size_t i,
                                         quell_preset_info *info);

#ifdef __cplusplus
}
#endif

#endif

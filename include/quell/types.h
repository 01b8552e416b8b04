/**
 * @file types.h
 * What every other header needs: status codes, name-value pairs, introspection records, and the
 * hooks that a host may give (allocator, log, executor, progress).
 *
 * Conventions that hold everywhere:
 * - Every function that can fail returns a #quell_status and changes nothing when it fails. The
 *   sentence that explains the failure is quell_network_error().
 * - A struct whose first member is `struct_size` is set up with its `_INIT` macro; a member left
 *   at zero has its default. A struct of a newer header, with members that this library does not
 *   know set to something other than zero, is refused with #QUELL_E_UNSUPPORTED.
 * - Units: ms, mV, nS, pF, pA, Hz. Weights are magnitudes (nS or pA); the receptor has the sign.
 * - One network is used by one thread at a time, any thread. Different networks are independent.
 */
#ifndef QUELL_TYPES_H
#define QUELL_TYPES_H

#include <stddef.h>
#include <stdint.h>

#if defined _WIN32 && defined QUELL_BUILD
#define QUELL_API __declspec(dllexport)
#elif defined _WIN32 && !defined QUELL_STATIC
#define QUELL_API __declspec(dllimport)
#elif defined __GNUC__
/** Marks a function as part of the ABI. */
#define QUELL_API __attribute__((visibility("default")))
#else
#define QUELL_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** Outcome of a call: #QUELL_OK, #QUELL_STOPPED, or a negative error. */
typedef int32_t quell_status;

/** Values of #quell_status. */
enum {
  QUELL_OK = 0,        /**< done */
  QUELL_STOPPED = 1,   /**< a run ended early at a step boundary, because it was asked to */
  QUELL_E_NULL = -1,   /**< an argument that must not be NULL is NULL */
  QUELL_E_RANGE = -2,  /**< a value is outside its allowed range, NaN or not possible */
  QUELL_E_NAME = -3,   /**< there is nothing of that name, or the name is taken */
  QUELL_E_LENGTH = -4, /**< an array has the wrong length, or an index lies past the end */
  QUELL_E_STATE = -5,  /**< the call is not allowed now (after the first step, in a callback) */
  QUELL_E_OWNER = -6,  /**< a handle belongs to another network */
  QUELL_E_MEMORY = -7, /**< the allocator has no memory */
  QUELL_E_UNSUPPORTED = -8, /**< this version cannot do it */
  QUELL_E_FAILED = -9       /**< an earlier step failed: the network can be read and destroyed */
};

/**
 * Name of a status, such as "QUELL_E_RANGE".
 * @param status any value
 * @return a constant string; "unknown status" for a value that is none. Any thread.
 */
QUELL_API const char *quell_status_string(quell_status status);

/** Version of the library that is linked, as "major.minor.patch". Any thread. */
QUELL_API const char *quell_version(void);

/** A parameter or state variable and its value, by name. This struct never changes. */
typedef struct quell_value {
  const char *name; /**< such as "tau_m" */
  double value;     /**< in the unit of that name */
} quell_value;

/** Flags of a #quell_variable. */
enum {
  QUELL_PER_NEURON = 1, /**< may differ from neuron to neuron */
  QUELL_MIN_OPEN = 2,   /**< the value must be greater than `min`, not equal */
  QUELL_INTEGER = 4,    /**< the value must be a whole number */
  QUELL_BINDABLE = 8    /**< may follow a modulator: quell_rule_bind() */
};

/** What can be known about a parameter or a state variable: introspection. */
typedef struct quell_variable {
  uint32_t struct_size; /**< sizeof(quell_variable) of the caller */
  uint32_t flags;       /**< #QUELL_PER_NEURON, #QUELL_MIN_OPEN … */
  const char *name;     /**< name, constant */
  const char *unit;     /**< unit, "1" if it has none */
  const char *doc;      /**< one line */
  double value;         /**< default or initial value */
  double min;           /**< smallest allowed value; -INFINITY if there is none */
  double max;           /**< largest allowed value; INFINITY if there is none */
} quell_variable;
/** Initialiser of a #quell_variable that a function is to fill in. */
#define QUELL_VARIABLE_INIT                                                                        \
  { sizeof(quell_variable), 0, NULL, NULL, NULL, 0.0, 0.0, 0.0 }

/** Element types of a #quell_view. */
enum {
  QUELL_FLOAT32 = 1, /**< float */
  QUELL_FLOAT64 = 2, /**< double */
  QUELL_INT32 = 3    /**< int32_t */
};

/** A look at an array inside the library, without a copy. Valid until the network is destroyed;
 *  its values are those of the clock, except inside a running call. */
typedef struct quell_view {
  uint32_t struct_size; /**< sizeof(quell_view) of the caller */
  uint32_t type;        /**< #QUELL_FLOAT32, #QUELL_FLOAT64 or #QUELL_INT32 */
  const void *data;     /**< first element, 64-byte aligned */
  size_t n;             /**< number of elements */
} quell_view;
/** Initialiser of a #quell_view that a function is to fill in. */
#define QUELL_VIEW_INIT                                                                            \
  { sizeof(quell_view), 0, NULL, 0 }

/**
 * The host's memory. All memory of a network or registry comes from here. Calls for one network
 * never overlap, but may come from the executor's threads.
 */
typedef struct quell_allocator {
  void *context; /**< first argument of both functions */
  /** Returns `size` bytes (> 0) aligned to `align` (a power of two ≤ 4096), or NULL. */
  void *(*alloc)(void *context, size_t size, size_t align);
  /** Takes back what `alloc` returned for this `size`; `pointer` is never NULL. */
  void (*release)(void *context, void *pointer, size_t size);
} quell_allocator;

/** Levels of a log message. */
enum {
  QUELL_LOG_INFO = 0,   /**< what was built */
  QUELL_LOG_WARNING = 1 /**< probably not what you want */
};

/** Receives messages, on the calling thread. The library itself prints nothing. */
typedef struct quell_log {
  void *context; /**< first argument of the function */
  /** `message` is one line without a line end, valid during the call. */
  void (*write)(void *context, int32_t level, const char *message);
} quell_log;

/**
 * The host's threads: a function that runs n independent tasks and returns when all are done, in
 * any order, on any threads, one after another or at the same time. No result depends on which.
 */
typedef struct quell_executor {
  void *context; /**< first argument of the function */
  /** Must call `task(argument, i)` exactly once for each i in [0, n). */
  void (*run)(void *context, uint32_t n, void (*task)(void *argument, uint32_t i), void *argument);
} quell_executor;

/** Is told how far a run of more than one step has come, a few times a second and when it is done,
 * on the calling thread, at a step boundary. It may call functions that only read, and
 *  quell_request_stop(). */
typedef struct quell_progress {
  void *context; /**< first argument of the function */
  /** `done` of `total` steps of this run are done. Return 0 to go on, anything else to stop: the
   *  run then returns #QUELL_STOPPED, and running on later gives the same bits. */
  int32_t (*report)(void *context, uint64_t done, uint64_t total);
} quell_progress;

/** Instruction sets that the hot loops are compiled for, from one source. Results do not depend on
 *  which is used. */
enum {
  QUELL_ISA_BEST = 0,     /**< the best that this processor has */
  QUELL_ISA_BASELINE = 1, /**< what the library was compiled for; always there */
  QUELL_ISA_AVX2 = 2,     /**< x86-64 with AVX2 */
  QUELL_ISA_AVX512 = 3    /**< x86-64 with AVX-512 F, BW, DQ and VL */
};

/** The rules that networks may use. See registry.h. */
typedef struct quell_registry quell_registry;
/** A clock, a seed, and everything that runs on them. See network.h. */
typedef struct quell_network quell_network;
/** Neurons of one model, a source, or neurons that the host owns. See population.h. */
typedef struct quell_population quell_population;
/** Synapses from one population onto a receptor of another. See projection.h. */
typedef struct quell_projection quell_projection;
/** A learning rule with its parameters, shared by any number of projections. See rule.h. */
typedef struct quell_rule quell_rule;
/** Collects spikes, states, weights or rates. See recorder.h. */
typedef struct quell_recorder quell_recorder;
/** A neuromodulator channel. */
typedef struct quell_modulator quell_modulator;

#ifdef __cplusplus
}
#endif

#endif

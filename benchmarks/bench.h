/* One program that times networks and parts of the library.
 *
 * A benchmark describes a network; measure.c builds it, lets it settle, and times the part that
 * counts; report.c prints the result; bench.c chooses what is run and how often. Everything goes
 * through the public interface. Nothing depends on the machine's mathematical library but numbers
 * that are rounded at once, so that digests can be compared between machines. */
#ifndef BENCH_H
#define BENCH_H

#include <quell/quell.h>
#include <stdio.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { MOST_POPULATIONS = 8, MOST_PROJECTIONS = 64 };

/* From the command line. */
typedef struct settings {
  uint32_t threads;
  int32_t isa;      /* QUELL_ISA_… */
  double seconds;   /* biological, measured; 0: what the benchmark says */
  double scale;     /* of the microcircuit, in (0, 1] */
  unsigned repeats; /* 0: once for a network, three times for a micro-benchmark */
} settings;

/* A network that is being made. */
typedef struct model {
  quell_network *net;
  quell_population *population[MOST_POPULATIONS]; /* the excitatory one first, for the CV */
  quell_projection *projection[MOST_PROJECTIONS];
  unsigned n_populations, n_projections;
  double scale; /* 0 where a network has one size only */
} model;

/* What came out. Has no pointers, because it goes from one process to another. */
typedef struct result {
  quell_stats stats; /* of the measured part; isa and threads in use, build_s of the whole */
  uint64_t neurons, synapses;
  double bio_s, wall_s;
  double cv; /* mean over neurons of the first population; NAN if too few spikes */
  double scale;
  double ratio;          /* of a case that is compared: its time by that of the first; else 0 */
  double learning_ratio; /* the same of the time in which synapses learn */
  unsigned n_rates, n_sizes;
  struct {
    char population[16];
    double hz;
  } rate[MOST_POPULATIONS];
  struct {
    char projection[32];
    double bytes_per_synapse;
  } size[MOST_PROJECTIONS];
  uint64_t peak_rss_bytes;
  uint64_t digest; /* of every spike of the measured part and every weight at its end */
} result;

/* The number that a micro-benchmark is about. */
typedef struct figure {
  const char *unit;
  double (*of)(const result *r);
} figure;

typedef struct benchmark {
  const char *name, *summary;
  const char *const *cases; /* labels, ended by NULL */
  unsigned by_name;         /* how many of them the name alone stands for */
  int by_request;           /* runs only if it is named */
  int large;                /* at full scale only by name */
  int each_isa;             /* for every instruction set that there is, unless one is asked for */
  double warm_up, seconds;  /* biological; 0 seconds: building is what is measured */
  const figure *figure;     /* of a micro-benchmark; NULL for a network */
  int compared;             /* the cases come to the same result: run by turns, against the first */
  /* Loads rules that are not built in; NULL for none. Returns what the library does. */
  quell_status (*load)(quell_registry *registry, const settings *s, char *message, size_t size);
  void (*build)(model *m, const settings *s, unsigned which);
} benchmark;

extern const benchmark coba4k, vogels2011, stdp10k, reward10k, microcircuit;
extern const benchmark update, delivery, plasticity, plugin_overhead, building, rules;

/* Fills in the cases of `rules`; called before any of them is looked at. */
void name_rules(void);

/* measure.c */

/* Builds and runs a case once. A failure ends the process with a sentence. */
void measure(const benchmark *b, unsigned which, const settings *s, result *r);

/* report.c */

void print_heading(void);
void print_row(const benchmark *b, unsigned which, const result *r);
void write_json(FILE *file, const benchmark *b, unsigned which, const result *r);

/* model.c: how networks are made. Each ends the process with a sentence if the library refuses. */

void check(const model *m, quell_status status);

quell_population *add_population(model *m, const char *name, const char *kind, uint32_t size,
                                 const quell_value *values, size_t n);

quell_projection *join(model *m, quell_population *pre, quell_population *post,
                       const char *receptor, const quell_connection *connection, quell_rule *rule);

quell_rule *add_rule(model *m, const char *name, const quell_value *values, size_t n);

/* Every pair with probability p; one weight and one delay for all. */
quell_connection sparse(double p, double weight, double delay);

quell_distribution constant(double value);

/* Normal, drawn again below `low`. */
quell_distribution normal_above(double low, double mean, double sd);

/* Sets a quantity of every neuron to a number of its own, the same on every machine. */
void spread_uniform(const model *m, quell_population *population, const char *variable, double low,
                    double high);
void spread_normal(const model *m, quell_population *population, const char *variable, double mean,
                   double sd);

/* Uniform in [0, 1), from a state that begins at any number. */
double uniform(uint64_t *state);

void *must_alloc(size_t n, size_t size);

#endif

/* One synapse, eagerly and in double precision, under any rule: the generic reference. A test gives
 * the rule's formulas as small functions and the traces as a table; this file knows when they are
 * called and what they read. Shares nothing with the library. */
#ifndef TEST_SYNAPSE_H
#define TEST_SYNAPSE_H

#include <quell/plugin.h>

enum { SYNAPSE_TRACES = 16, SYNAPSE_VARS = 8, SYNAPSE_SIGNALS = 4 };
/* Where events find the signals of the cell: behind the traces, of which there are fewer then. */
enum { SYNAPSE_SIGNAL = SYNAPSE_TRACES - SYNAPSE_SIGNALS };

/* Changes the weight and the variables at an event. `t` holds the traces in the order of the
 * reference's table, as this event reads them: without its own jump. */
typedef void synapse_event(const double *t, double *w, double *var, const void *params);

/* A trace. An age is in ms and 1e7 where there was no spike. */
typedef struct synapse_trace {
  int side;           /* QUELL_PRE, QUELL_POST or QUELL_LATE; 0 ends the table */
  int kind;           /* QUELL_TRACE_ADD, _SET or _AGE */
  double tau;         /* ms; or else */
  const char *tau_is; /* the name of the rule's parameter, see compare.h */
} synapse_trace;

struct synapse;

/* A post neuron, for what a rule computes for it in every step. */
typedef struct synapse_cell {
  const double *params;
  double dt;
  uint32_t neuron;
  uint64_t steps;        /* length of what follows */
  const double *spikes;  /* how often the neuron fires in each step … */
  const double *rate;    /* … and the mean rate of its population, Hz */
  double *const *signal; /* to be written, from step 1 on: in step 0 no signal is there yet */
} synapse_cell;

/* A rule. What is left at zero is absent. */
typedef struct synapse_rule {
  const char *name; /* as the library knows it */
  synapse_trace trace[SYNAPSE_TRACES];
  synapse_event *pre, *post, *late;
  synapse_event *read; /* what weight and variables are between events, see synapse_read() */
  /* Called in every step, before and after its events: for signals, intervals. */
  void (*begin)(struct synapse *synapse, uint64_t step);
  void (*end)(struct synapse *synapse, uint64_t step);
  /* At all multiples of a time, after the other events of the step; not in step 0. */
  synapse_event *interval;
  uint64_t interval_steps;
  const void *params; /* for the callbacks; compare.h: NULL for the values as doubles */
  double w_min, w_max;
  int tie;
  uint64_t late_steps; /* from the arrival to the late event */
  double var[SYNAPSE_VARS];
  int transmit_first; /* the weight from before the pre event is delivered */
  /* For compare.h alone. */
  const quell_rule_desc *desc;            /* a rule that is not built in */
  const char *late_is;                    /* the parameter with the time of the late event, ms */
  const char *var_name[SYNAPSE_VARS];     /* variables to be compared, by name; NULL ends them */
  double var_scale[SYNAPSE_VARS];         /* error of one is relative to at least this; 0 means 1 */
  double w_low, w_high;                   /* initial weights; both 0 for the bounds */
  const char *interval_is;                /* the parameter with the time of the interval, ms */
  void (*cell)(const synapse_cell *cell); /* the signals of a neuron */
  /* States of the post neurons: v (0), g_exc (1), g_inh (2); the same for ten steps each. */
  double (*course)(int state, uint64_t step, uint32_t neuron);
} synapse_rule;

typedef struct synapse {
  const synapse_rule *rule;
  double dt, w;
  double var[SYNAPSE_VARS];
  const uint64_t *pre, *post; /* stamps as the synapse sees them */
  size_t n_pre, n_post;
  void *user; /* the test's own */
  /* By step; a pre event and an interval read them as they are, a post event as they were when the
   * spike was emitted, `dendritic` steps before. */
  const double *signal[SYNAPSE_SIGNALS];
  uint64_t dendritic;
  double delivered;             /* at the last arrival */
  double value[SYNAPSE_TRACES]; /* just after the events of `last` */
  uint64_t last, next;          /* all steps before `next` are done */
  size_t i_pre, i_post, i_late; /* how many events are done */
} synapse;

/* A synapse before step 0. The stamps ascend; several may be equal. */
synapse synapse_open(const synapse_rule *rule, double dt, double w, const uint64_t *pre,
                     size_t n_pre, const uint64_t *post, size_t n_post);
/* The weight after all events stamped before `step`; calls must ask for ascending steps. */
double synapse_at(synapse *synapse, uint64_t step);
/* The same for what a host reads then: with the rule's `read`; `var` may be NULL. */
double synapse_read(synapse *synapse, uint64_t step, double *var);
/* Trace i at a step, before its events; for `begin`, and after synapse_at(). */
double synapse_trace_at(const synapse *synapse, size_t i, uint64_t step);

#endif

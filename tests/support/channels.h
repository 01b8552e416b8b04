/* Networks whose rule follows neuromodulators: courses of concentrations, a rule with two
 * eligibilities, and the reference of each synapse. */
#ifndef TEST_CHANNELS_H
#define TEST_CHANNELS_H

#include "bench.h"
#include "modulated.h"
#include <quell/plugin.h>

/* "two_traces_rule" has the eligibilities "fast" and "slow" with the third factors "reward" and
 * "arousal", and "one_weight_rule" none: it changes the weight. Both have the bindable parameter
 * "gain". Other names are those of built-in rules. */
#define TWO_TRACES "two_traces_rule"
#define ONE_WEIGHT "one_weight_rule"

typedef enum wave { PULSES, ONE_PULSE, STEPS, RAMP, NOISE, N_WAVES } wave;

/* A concentration over some steps, and how a channel is told of it. */
typedef struct course {
  double tonic, tau, dt;
  uint64_t steps, start;
  double *phasic; /* what is above `tonic` after the releases of each step */
  int32_t kind;   /* of quell_modulator_schedule() */
  double *time, *value;
  size_t n;
} course;

course course_make(wave wave, double tonic, double tau, uint64_t steps, uint64_t start,
                   uint64_t seed);
void course_free(course *course);
/* A channel of the network's scope that has this course. */
quell_modulator *course_channel(quell_network *network, const char *name, const course *course);
void course_schedule(const course *course, quell_modulator *channel, uint64_t at);
/* Concentrations in the middle of each tenth of a step, and at each step; the caller frees them. */
double *course_tenths(const course *course);
double *course_by_step(const course *course);

/* A rule and its projection. */
typedef struct channel_case {
  const char *name;
  modulated_rule is;
  double axonal, dendritic; /* ms */
  int spread;               /* dendritic delays differ between synapses, up to that one */
  double w;
} channel_case;

/* Random trains with bursts, coincidences and silence, of neurons of different rates. */
void channel_trains(train *pre, train *post, uint32_t n_pre, uint32_t n_post, uint64_t steps,
                    uint64_t seed);

/* Makes network, populations and rule, built-in rules with an eligibility if the case has one. Then
 * channels can be made and bound; then the synapses are connected, all to all. */
void channel_open(bench *b, const setup *setup, const channel_case *c, uint32_t n_pre,
                  const train *pre, uint32_t n_post, const train *post);
void channel_connect(bench *b, const channel_case *c);

/* References of all synapses. */
typedef struct channel_references {
  modulated *at;
  uint64_t n;
} channel_references;

/* Factors and dials are copied from `like`. */
channel_references channel_references_make(const bench *b, const channel_case *c,
                                           const modulated *like);
void channel_references_free(channel_references *r);
/* Runs some of them, every `stride`-th, to the clock and compares weights and eligibilities: they
 * may differ by `most` × max(|value|, 1). */
void channel_check(const bench *b, const channel_case *c, channel_references *r, uint64_t stride,
                   double most, const char *what);

#endif

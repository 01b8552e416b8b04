/* A rule of the library against its reference in synapse.h, in networks of "spike_source" onto
 * "external". The reference's formulas read the values of the rule's parameters, in the order of
 * the rule's table, as an array of doubles; traces and late events name theirs. So the test of a
 * rule is its table of traces, its formulas and one call. */
#ifndef TEST_COMPARE_H
#define TEST_COMPARE_H

#include "bench.h"
#include "synapse.h"

enum { RULE_PARAMS = 64 };

/* All values of a rule, in the order of its table: defaults, then those of a preset (by name; NULL
 * for none), then `own`. Returns how many. A name that the rule does not know fails the test. */
size_t rule_values(const char *rule, const char *preset, const quell_value *own, size_t n,
                   quell_value values[RULE_PARAMS]);
/* One of them. */
double value_of(const quell_value *values, size_t n, const char *name);

/* The reference with its parameters, time constants, bounds, tie and late event filled in from the
 * values; `numbers` is where the formulas find them. */
synapse_rule reference_for(const synapse_rule *reference, const quell_value *values, size_t n,
                           double numbers[RULE_PARAMS]);

/* Random trains with bursts, coincidences, several spikes in a step, silences, multapses; without
 * delays, with axonal and dendritic ones, constant and varied; all ties; several tile sizes, block
 * sizes, orders and cuts. Compares weights and variables of all synapses with the reference at
 * several times, and the bits between the settings. `own` are the values that differ from the
 * preset (NULL for the rule's defaults); "tie" is set here. Ties that the rule does not support
 * are left out. */
void compare_trains(const synapse_rule *reference, const char *preset, const quell_value *own,
                    size_t n);

/* The weight after one pre and one post spike that meet the synapse `ms` apart (post - pre): the
 * closed form. `w` is the initial weight, `p` as in the reference's formulas. At 0 it is asked with
 * the tie in force. */
typedef double window(double ms, int tie, double w, const double *p);

/* Single pairs from -100 to 100 ms in steps of 0.1 ms, for all ties and places of the delay, from
 * the initial weight w0: against the closed form (may be NULL) and against the reference. */
void compare_window(const synapse_rule *reference, const char *preset, const quell_value *own,
                    size_t n, double w0, window *closed);

/* Random values in the ranges of the table, ends of the range often, under dense random trains: no
 * weight or variable is ever NaN or infinite, or a weight outside its bounds. Sets of values that
 * the rule refuses are passed over; most must be accepted. Values given in `own` stay. Each
 * parameter just outside its range must be refused with a sentence that names it. */
void compare_ranges(const char *rule, const quell_value *own, size_t n, uint64_t seed);
/* The same with states of the post neurons, see synapse.h. */
void compare_cell_ranges(const char *rule, const quell_value *own, size_t n, uint64_t seed,
                         double (*course)(int state, uint64_t step, uint32_t neuron));

#endif

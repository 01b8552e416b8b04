/*
 * ltp_i_veto: inhibition grows with each pre spike, unless a post spike comes close to it.
 *
 *   pre + window:  w += eta if there was no post spike within `window` of the pre spike
 *
 * The decision falls `window` after the arrival, when both sides of it are known; until then the
 * weight is as before. "Within" is nearer than the window: a post spike at exactly that distance
 * does not veto, before as after. "tie" does not matter.
 *
 * Mean drift under Poisson spiking: eta r_pre e^(−2 window r_post). On its own the rule only
 * potentiates, up to w_max.
 *
 * After Maffei et al. 2006, who saw that inhibitory spikes potentiate where the post neuron stays
 * silent, and Bourjaily & Miller 2011, who made a model of it. Neither text was read: window and
 * steps are those of a third party's copy of a program of that line of work, which also has a limit
 * on the change in a trial, a scaling of all weights (a rule of its own here), and optionally a
 * voltage above which the synapse learns at all. What this file has is the veto.
 *
 * Maffei, Nataraj, Nelson & Turrigiano 2006, Nature 443:81, 10.1038/nature05079; Bourjaily & Miller
 * 2011, Front Comput Neurosci 5:37, 10.3389/fncom.2011.00037.
 */
#include "rules/builtin.h"
#include <math.h>

enum { ETA, WINDOW };
enum { BOUND_ETA };

static const quell_param_desc params[] = {
    {"eta", "w", "change of the weight by a pre spike without veto", 0.005, 0.0, 1e9,
     QUELL_BINDABLE, 0},
    {"window", "ms", "a post spike nearer than this is a veto", 20.0, 0.0, 1e6, QUELL_MIN_OPEN, 0},
    QUELL_STANDARD_PARAMS(20.0),
};

static const quell_trace_desc traces[] = {
    {"post_age", QUELL_POST, QUELL_TRACE_AGE, 0, 0},
};

typedef struct constants {
  float clear; /* age of the post spike from which on there is no veto, ms */
} constants;

/* Seen from the late event the pre spike is `window` old, and a post spike that came `window`
 * before it is twice as old. Half a step keeps rounding out of the comparison. */
static quell_status prepare(const quell_rule_args *args, void *instance) {
  constants *c = instance;
  c->clear = (float)((2.0 * round(args->value[WINDOW] / args->dt) - 0.5) * args->dt);
  return QUELL_OK;
}

static void on_late(const quell_block *block) {
  const constants *c = block->instance;
  float *restrict w = block->w;
  const float *restrict age = block->post[0], *restrict eta = block->bound[BOUND_ETA];
  for (uint32_t i = 0; i < block->n; i++) w[i] += eta[i] * (age[i] > c->clear ? 1.0f : 0.0f);
}

static const quell_event_desc events[] = {
    {.kind = QUELL_LATE, .param = WINDOW, .wants_post = 1u << 0, .call = on_late},
};

static const quell_value slow[] = {{"eta", 0.001}, {"window", 20.0}, {"w_max", 20.0}};
static const quell_value fast[] = {{"eta", 0.005}, {"window", 20.0}, {"w_max", 20.0}};

static const quell_preset_desc presets[] = {
    {"third_party_slow", "0.1 % of the initial weight by a spike, if that is 1; see the file",
     QUELL_TABLE(slow)},
    {"third_party_fast", "0.5 % of it", QUELL_TABLE(fast)},
};

const quell_rule_desc QL_RULE(ltp_i_veto) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "ltp_i_veto",
    .summary = "inhibition grows with pre spikes that no post spike is near to",
    .source = "after Maffei et al. 2006, 10.1038/nature05079, and Bourjaily & Miller 2011, "
              "10.3389/fncom.2011.00037",
    .params = QUELL_TABLE(params),
    .traces = QUELL_TABLE(traces),
    .events = QUELL_TABLE(events),
    .instance_size = sizeof(constants),
    .prepare = prepare,
    .presets = QUELL_TABLE(presets),
};

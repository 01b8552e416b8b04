/*
 * stdp_triplet_nearest: plasticity from pairs and triplets of spikes, nearest spikes alone.
 *
 *   pre:   w −= o1 (a2_minus + a3_minus r2)      r1, r2: pre traces, tau_plus and tau_x
 *   post:  w += r1 (a2_plus + a3_plus o2)        o1, o2: post traces, tau_minus and tau_y
 *
 * The traces become 1 at a spike, so that they tell of the last spike alone, and are read before
 * the jump of the event itself.
 *
 * Pfister & Gerstner 2006, 10.1523/JNEUROSCI.1425-06.2006. The presets are four of their eight fits
 * (nearest spikes), as tabulated by public code; changes are relative to an initial weight of 1.
 * The minimal forms lack a3_minus, and tau_x then has no effect. w_max is ours.
 */
#include "rules/builtin.h"
#include "rules/excitatory/triplet.h"

static const quell_param_desc params[] = {
    {"a2_plus", "w", "potentiation by a pair", 8.8e-11, 0.0, 1e9, QUELL_BINDABLE, 0},
    {"a3_plus", "w", "potentiation by post, pre, post", 5.3e-2, 0.0, 1e9, QUELL_BINDABLE, 0},
    {"a2_minus", "w", "depression by a pair", 6.6e-3, 0.0, 1e9, QUELL_BINDABLE, 0},
    {"a3_minus", "w", "depression by pre, post, pre", 3.1e-3, 0.0, 1e9, QUELL_BINDABLE, 0},
    {"tau_plus", "ms", "time constant of the pre trace", 16.8, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"tau_minus", "ms", "time constant of the post trace", 33.7, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"tau_x", "ms", "time constant of the slow pre trace", 714.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"tau_y", "ms", "time constant of the slow post trace", 40.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    QUELL_STANDARD_PARAMS(10.0),
};

static const quell_value visual_full[] = {
    {"a2_plus", 8.8e-11}, {"a3_plus", 5.3e-2}, {"a2_minus", 6.6e-3}, {"a3_minus", 3.1e-3},
    {"tau_plus", 16.8},   {"tau_minus", 33.7}, {"tau_x", 714.0},     {"tau_y", 40.0}};
static const quell_value visual_minimal[] = {
    {"a2_plus", 0.0},   {"a3_plus", 5e-2},   {"a2_minus", 8e-3}, {"a3_minus", 0.0},
    {"tau_plus", 16.8}, {"tau_minus", 33.7}, {"tau_y", 40.0}};
static const quell_value hippocampal_full[] = {
    {"a2_plus", 4.6e-3}, {"a3_plus", 9.1e-3}, {"a2_minus", 3e-3}, {"a3_minus", 7.5e-9},
    {"tau_plus", 16.8},  {"tau_minus", 33.7}, {"tau_x", 575.0},   {"tau_y", 47.0}};
static const quell_value hippocampal_minimal[] = {
    {"a2_plus", 4.6e-3}, {"a3_plus", 9.1e-3}, {"a2_minus", 3e-3}, {"a3_minus", 0.0},
    {"tau_plus", 16.8},  {"tau_minus", 33.7}, {"tau_y", 48.0}};

static const quell_preset_desc presets[] = {
    {"visual_full", "visual cortex, full form", QUELL_TABLE(visual_full)},
    {"visual_minimal", "visual cortex, minimal form (5e-2; one package has 5.2e-2)",
     QUELL_TABLE(visual_minimal)},
    {"hippocampal_full", "hippocampal culture, full form", QUELL_TABLE(hippocampal_full)},
    {"hippocampal_minimal", "hippocampal culture, minimal form", QUELL_TABLE(hippocampal_minimal)},
};

static const quell_trace_desc traces[] = {
    {"r1", QUELL_PRE, QUELL_TRACE_SET, TAU_PLUS, 0},
    {"r2", QUELL_PRE, QUELL_TRACE_SET, TAU_X, 0},
    {"o1", QUELL_POST, QUELL_TRACE_SET, TAU_MINUS, 0},
    {"o2", QUELL_POST, QUELL_TRACE_SET, TAU_Y, 0},
};

const quell_rule_desc QL_RULE(stdp_triplet_nearest) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "stdp_triplet_nearest",
    .summary = "pairs and triplets of spikes, nearest spikes",
    .source = "Pfister & Gerstner 2006, 10.1523/JNEUROSCI.1425-06.2006",
    .params = QUELL_TABLE(params),
    .traces = QUELL_TABLE(traces),
    .events = QUELL_TABLE(events),
    .prepare = prepare,
    .presets = QUELL_TABLE(presets),
};

/*
 * stdp_triplet: spike-timing-dependent plasticity from pairs and triplets of spikes, all to all.
 *
 *   pre:   w −= o1 (a2_minus + a3_minus r2)      r1, r2: pre traces, tau_plus and tau_x
 *   post:  w += r1 (a2_plus + a3_plus o2)        o1, o2: post traces, tau_minus and tau_y
 *
 * All traces are read before the jump of the event itself. Mean drift under independent Poisson
 * spiking, tau in s and r in Hz:
 *
 *   r_pre r_post [a3_plus tau_plus tau_y r_post + a2_plus tau_plus − a2_minus tau_minus
 *                 − a3_minus tau_minus tau_x r_pre],
 *
 * so that without a3_minus depression turns into potentiation where r_post rises above
 * (a2_minus tau_minus − a2_plus tau_plus) / (a3_plus tau_plus tau_y).
 *
 * Pfister & Gerstner 2006, 10.1523/JNEUROSCI.1425-06.2006. The presets are four of their eight fits
 * (all-to-all), as tabulated by public code; changes are relative to an initial weight of 1. The
 * minimal forms lack a3_minus, and tau_x then has no effect. w_max is ours.
 */
#include "rules/builtin.h"
#include "rules/excitatory/triplet.h"

static const quell_param_desc params[] = {
    {"a2_plus", "w", "potentiation by a pair", 5e-10, 0.0, 1e9, QUELL_BINDABLE, 0},
    {"a3_plus", "w", "potentiation by post, pre, post", 6.2e-3, 0.0, 1e9, QUELL_BINDABLE, 0},
    {"a2_minus", "w", "depression by a pair", 7e-3, 0.0, 1e9, QUELL_BINDABLE, 0},
    {"a3_minus", "w", "depression by pre, post, pre", 2.3e-4, 0.0, 1e9, QUELL_BINDABLE, 0},
    {"tau_plus", "ms", "time constant of the pre trace", 16.8, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"tau_minus", "ms", "time constant of the post trace", 33.7, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"tau_x", "ms", "time constant of the slow pre trace", 101.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"tau_y", "ms", "time constant of the slow post trace", 125.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    QUELL_STANDARD_PARAMS(10.0),
};

static const quell_value visual_full[] = {
    {"a2_plus", 5e-10}, {"a3_plus", 6.2e-3}, {"a2_minus", 7e-3}, {"a3_minus", 2.3e-4},
    {"tau_plus", 16.8}, {"tau_minus", 33.7}, {"tau_x", 101.0},   {"tau_y", 125.0}};
static const quell_value visual_minimal[] = {
    {"a2_plus", 0.0},   {"a3_plus", 6.5e-3}, {"a2_minus", 7.1e-3}, {"a3_minus", 0.0},
    {"tau_plus", 16.8}, {"tau_minus", 33.7}, {"tau_y", 114.0}};
static const quell_value hippocampal_full[] = {
    {"a2_plus", 6.1e-3}, {"a3_plus", 6.7e-3}, {"a2_minus", 1.6e-3}, {"a3_minus", 1.4e-3},
    {"tau_plus", 16.8},  {"tau_minus", 33.7}, {"tau_x", 946.0},     {"tau_y", 27.0}};
static const quell_value hippocampal_minimal[] = {
    {"a2_plus", 5.3e-3}, {"a3_plus", 8e-3},   {"a2_minus", 3.5e-3}, {"a3_minus", 0.0},
    {"tau_plus", 16.8},  {"tau_minus", 33.7}, {"tau_y", 40.0}};

static const quell_preset_desc presets[] = {
    {"visual_full", "visual cortex, full form", QUELL_TABLE(visual_full)},
    {"visual_minimal", "visual cortex, minimal form", QUELL_TABLE(visual_minimal)},
    {"hippocampal_full", "hippocampal culture, full form", QUELL_TABLE(hippocampal_full)},
    {"hippocampal_minimal", "hippocampal culture, minimal form", QUELL_TABLE(hippocampal_minimal)},
};

static const quell_trace_desc traces[] = {
    {"r1", QUELL_PRE, QUELL_TRACE_ADD, TAU_PLUS, 0},
    {"r2", QUELL_PRE, QUELL_TRACE_ADD, TAU_X, 0},
    {"o1", QUELL_POST, QUELL_TRACE_ADD, TAU_MINUS, 0},
    {"o2", QUELL_POST, QUELL_TRACE_ADD, TAU_Y, 0},
};

const quell_rule_desc QL_RULE(stdp_triplet) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "stdp_triplet",
    .summary = "pairs and triplets of spikes, all to all",
    .source = "Pfister & Gerstner 2006, 10.1523/JNEUROSCI.1425-06.2006",
    .params = QUELL_TABLE(params),
    .traces = QUELL_TABLE(traces),
    .events = QUELL_TABLE(events),
    .prepare = prepare,
    .presets = QUELL_TABLE(presets),
};

/* The full triplet rule (Pfister & Gerstner 2006, 10.1523/JNEUROSCI.1425-06.2006), as a library of
 * rules that is compiled once and kept: see README.md.
 *
 *   pre:   w -= o1 (a2_minus + a3_minus r2)     r1, r2: fast and slow trace of the pre spikes
 *   post:  w += r1 (a2_plus + a3_plus o2)       o1, o2: of the post spikes; without their own jump
 */
#include <quell/plugin.h>

#ifndef QUELL_PLUGIN_EXPORT /* ABI 1.0 had descriptors, but no libraries of rules */
#define QUELL_PLUGIN_EXPORT __attribute__((visibility("default")))
typedef struct quell_plugin {
  uint32_t struct_size, abi_major, abi_minor, reserved;
  const char *name, *version, *summary;
  quell_table rules;
  const void *(*extension)(const char *id);
} quell_plugin;
QUELL_PLUGIN_EXPORT const quell_plugin *quell_plugin_entry(uint32_t host_major,
                                                           uint32_t host_minor);
#endif

enum { TAU_PLUS, TAU_MINUS, TAU_X, TAU_Y, A2_PLUS, A3_PLUS, A2_MINUS, A3_MINUS };

static const quell_param_desc params[] = {
    {"tau_plus", "ms", "fast pre trace", 16.8, 0, 1e6, QUELL_MIN_OPEN, 0},
    {"tau_minus", "ms", "fast post trace", 33.7, 0, 1e6, QUELL_MIN_OPEN, 0},
    {"tau_x", "ms", "slow pre trace", 101, 0, 1e6, QUELL_MIN_OPEN, 0},
    {"tau_y", "ms", "slow post trace", 125, 0, 1e6, QUELL_MIN_OPEN, 0},
    {"a2_plus", "w", "pair potentiation", 0.005, 0, 1, 0, 0},
    {"a3_plus", "w", "triplet potentiation", 0.0062, 0, 1, 0, 0},
    {"a2_minus", "w", "pair depression", 0.007, 0, 1, 0, 0},
    {"a3_minus", "w", "triplet depression", 0.0023, 0, 1, 0, 0},
    QUELL_STANDARD_PARAMS(5.0),
};

static const quell_var_desc vars[] = {{"visits", "1", "events so far", 0.0}};

static const quell_trace_desc traces[] = {
    {"r1", QUELL_PRE, QUELL_TRACE_ADD, TAU_PLUS, 0},
    {"o1", QUELL_POST, QUELL_TRACE_ADD, TAU_MINUS, 0},
    {"r2", QUELL_PRE, QUELL_TRACE_ADD, TAU_X, 0},
    {"o2", QUELL_POST, QUELL_TRACE_ADD, TAU_Y, 0},
};

typedef struct amplitudes {
  float a2_plus, a3_plus, a2_minus, a3_minus;
} amplitudes;

static quell_status prepare(const quell_rule_args *args, void *instance) {
  amplitudes *a = instance;
  a->a2_plus = (float)args->value[A2_PLUS];
  a->a3_plus = (float)args->value[A3_PLUS];
  a->a2_minus = (float)args->value[A2_MINUS];
  a->a3_minus = (float)args->value[A3_MINUS];
  return QUELL_OK;
}

static void on_pre(const quell_block *block) {
  const amplitudes *a = block->instance;
  float *restrict w = block->w, *restrict visits = block->var[0];
  const float *restrict o1 = block->post[0], *restrict r2 = block->pre[1];
  for (uint32_t i = 0; i < block->n; i++) {
    w[i] -= o1[i] * (a->a2_minus + a->a3_minus * r2[i]);
    visits[i] += 1.0f;
  }
}

static void on_post(const quell_block *block) {
  const amplitudes *a = block->instance;
  float *restrict w = block->w, *restrict visits = block->var[0];
  const float *restrict r1 = block->pre[0], *restrict o2 = block->post[1];
  for (uint32_t i = 0; i < block->n; i++) {
    w[i] += r1[i] * (a->a2_plus + a->a3_plus * o2[i]);
    visits[i] += 1.0f;
  }
}

static const quell_event_desc events[] = {
    {.kind = QUELL_PRE, .wants_pre = 1u << 1, .wants_post = 1u << 0, .call = on_pre},
    {.kind = QUELL_POST, .wants_pre = 1u << 0, .wants_post = 1u << 1, .call = on_post},
};

static const quell_rule_desc triplet = {
    .struct_size = sizeof triplet,
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "kept_triplet",
    .summary = "full triplet rule",
    .source = "Pfister & Gerstner 2006, 10.1523/JNEUROSCI.1425-06.2006",
    .params = QUELL_TABLE(params),
    .vars = QUELL_TABLE(vars),
    .traces = QUELL_TABLE(traces),
    .events = QUELL_TABLE(events),
    .instance_size = sizeof(amplitudes),
    .prepare = prepare,
};

static const quell_rule_desc *const rules[] = {&triplet};

static const quell_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "kept",
    .version = "1.0",
    .summary = "the triplet rule",
    .rules = QUELL_TABLE(rules),
};

const quell_plugin *quell_plugin_entry(uint32_t host_major, uint32_t host_minor) {
  (void)host_minor;
  return host_major == 1 ? &plugin : NULL;
}

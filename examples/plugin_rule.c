/*
 * A library of learning rules, which programs load at run time: see load_plugin.c and
 * doc/plugins.md. It is compiled by
 *
 *   cc -O3 -fPIC -shared -fvisibility=hidden -ffp-contract=off $(pkg-config --cflags quell) \
 *     plugin_rule.c -o plugin_rule.so
 *
 * "saturating" is a rule for inhibitory synapses whose weights approach their bounds and never
 * reach them, because each change is a fraction of the way that is left:
 *
 *   pre:   w -= eta alpha (w - w_min)
 *   post:  w += eta x (w_max - w)           x: trace of the pre spikes, time constant tau
 */
#include <quell/plugin.h>
#include <stdio.h>

enum { ETA, ALPHA, TAU, W_MIN, W_MAX }; /* as in the table */
static const quell_param_desc params[] = {
    {"eta", "1", "part of the way to a bound", 0.01, 0.0, 0.1, 0, 0},
    {"alpha", "1", "depression by a pre spike, relative to a pair", 0.2, 0.0, 10.0, 0, 0},
    {"tau", "ms", "time constant of the trace", 20.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    QUELL_STANDARD_PARAMS(10.0),
};

static const quell_trace_desc traces[] = {{"x", QUELL_PRE, QUELL_TRACE_SET, TAU, 0}};

typedef struct constants {
  float up, down, w_min, w_max;
} constants;

static quell_status prepare(const quell_rule_args *args, void *instance) {
  const double *value = args->value;
  constants *c = instance;
  if (value[W_MAX] > 1e6) {
    snprintf(args->message, args->message_size,
             "rule 'saturating': 'w_max' must be at most 1e6, got %g", value[W_MAX]);
    return QUELL_E_RANGE;
  }
  c->up = (float)value[ETA];
  c->down = (float)(value[ETA] * value[ALPHA]);
  c->w_min = (float)value[W_MIN];
  c->w_max = (float)value[W_MAX];
  return QUELL_OK;
}

static void on_pre(const quell_block *block) {
  const constants *c = block->instance;
  float *restrict w = block->w;
  for (uint32_t i = 0; i < block->n; i++) w[i] -= c->down * (w[i] - c->w_min);
}

static void on_post(const quell_block *block) {
  const constants *c = block->instance;
  float *restrict w = block->w;
  const float *restrict x = block->pre[0];
  for (uint32_t i = 0; i < block->n; i++) w[i] += c->up * x[i] * (c->w_max - w[i]);
}

static const quell_event_desc events[] = {
    {.kind = QUELL_PRE, .call = on_pre},
    {.kind = QUELL_POST, .wants_pre = 1u << 0, .call = on_post}, /* reads pre trace 0, x */
};

static const quell_rule_desc saturating = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "saturating",
    .summary = "inhibitory plasticity with soft bounds",
    .source = "this file",
    .params = QUELL_TABLE(params),
    .traces = QUELL_TABLE(traces),
    .events = QUELL_TABLE(events),
    .instance_size = sizeof(constants),
    .prepare = prepare,
};

static const quell_rule_desc *const rules[] = {&saturating};

static const quell_plugin plugin = {
    .struct_size = sizeof(quell_plugin),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "example",
    .version = "1.0",
    .summary = "one rule, to be copied",
    .rules = QUELL_TABLE(rules),
};

/* The only symbol that leaves the file. The library that loads it compares versions itself; one
 * that has other rules for older libraries would choose here. */
const quell_plugin *quell_plugin_entry(uint32_t host_major, uint32_t host_minor) {
  (void)host_minor;
  return host_major == QUELL_RULE_ABI_MAJOR ? &plugin : NULL;
}

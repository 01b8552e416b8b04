/*
 * stdp_table: spike-timing-dependent plasticity with any window, given as a table; nearest spikes.
 *
 *   post:  w += eta V(t)       t: time since the last pre spike
 *   pre:   w += eta V(−t)      t: time since the last post spike
 *
 * V is linear between the points of a grid, value_m16 at −16 spacings, ..., value_0 at 0, ...,
 * value_16 at 16 spacings, and 0 beyond them. Its argument is post minus pre.
 *
 * "tie" says what coincident spikes do. Pre first: the post spike sees the pre spike at distance 0
 * and brings V(0), the pre spike pairs with the post spike before. Post first: the pre spike brings
 * V(0). Exclusive: neither does, value_0 only bends the window on its way to 0.
 *
 * Mean drift under independent Poisson spiking: eta r_pre r_post times the integrals of V(t) e^(−r
 * t) over both sides, with r = r_pre for t > 0, r_post for t < 0.
 *
 * Presets have heights of about 1; eta scales them. A jump in a window is one spacing wide here.
 *
 *   pulse       1 up to 12 ms, −1.2 up to 40 ms, the same on both sides: form and values of the
 *               PulseCurve in CARLsim's tests
 *   gamma       istdp_gamma with alpha 1 /ms and beta 10, see there
 *   bi_sigmoid  1 − 1/(1 + e^(−k0 (t − t0))) − 1/(1 + e^(−k1 (t − t1))), k0 0.4747, t0 20.78,
 *               k1 0.7571, t1 48.94, a fit to spintronic synapses: BindsNET, pull request 684. It
 *               gives no unit of time, ms is ours, and takes any sign of t, as here
 *
 * Windows of one's own: Bi & Poo 1998, J Neurosci 18:10464, 10.1523/JNEUROSCI.18-24-10464.1998 is
 * where the first measured one stands.
 */
#include "rules/builtin.h"

enum { REACH = 16, ETA = 0, SPACING, FIRST, ZERO = FIRST + REACH, MOST = 128 };
enum { BOUND_ETA };

#define VALUE(name)                                                                                \
  { name, "1", "the window at this many spacings, m for minus", 0.0, -1e9, 1e9, 0, 0 }

static const quell_param_desc params[] = {
    {"eta", "w", "learning rate: change of the weight where the window is 1", 0.01, 0.0, 1e9,
     QUELL_BINDABLE, 0},
    {"spacing", "ms", "distance of the points of the window", 4.0, 1e-3, 1e6, 0, 0},
    VALUE("value_m16"),
    VALUE("value_m15"),
    VALUE("value_m14"),
    VALUE("value_m13"),
    VALUE("value_m12"),
    VALUE("value_m11"),
    VALUE("value_m10"),
    VALUE("value_m9"),
    VALUE("value_m8"),
    VALUE("value_m7"),
    VALUE("value_m6"),
    VALUE("value_m5"),
    VALUE("value_m4"),
    VALUE("value_m3"),
    VALUE("value_m2"),
    VALUE("value_m1"),
    VALUE("value_0"),
    VALUE("value_1"),
    VALUE("value_2"),
    VALUE("value_3"),
    VALUE("value_4"),
    VALUE("value_5"),
    VALUE("value_6"),
    VALUE("value_7"),
    VALUE("value_8"),
    VALUE("value_9"),
    VALUE("value_10"),
    VALUE("value_11"),
    VALUE("value_12"),
    VALUE("value_13"),
    VALUE("value_14"),
    VALUE("value_15"),
    VALUE("value_16"),
    QUELL_STANDARD_PARAMS(1.0),
};

static const quell_trace_desc traces[] = {
    {"pre_age", QUELL_PRE, QUELL_TRACE_AGE, 0, 0},
    {"post_age", QUELL_POST, QUELL_TRACE_AGE, 0, 0},
};

typedef struct constants {
  float per_spacing;
  float after[REACH + 1], before[REACH + 1]; /* the window outwards from 0 */
} constants;

static quell_status prepare(const quell_rule_args *args, void *instance) {
  const double *value = args->value;
  constants *c = instance;
  c->per_spacing = (float)(1.0 / value[SPACING]);
  for (int i = 0; i <= REACH; i++) {
    c->after[i] = (float)value[ZERO + i];
    c->before[i] = (float)value[ZERO - i];
  }
  return QUELL_OK;
}

/* A distance at the last point, after rounding, belongs to the table. Padding may have any age.
 * Looked up in a loop of its own: the rest is vectorised everywhere, that only where there are
 * gathers. */
static void add_window(const quell_block *block, const float *restrict side,
                       const float *restrict age) {
  const constants *c = block->instance;
  const uint32_t n = block->n;
  const float per_spacing = c->per_spacing;
  float *restrict w = block->w;
  const float *restrict eta = block->bound[BOUND_ETA];
  int32_t point[MOST];
  float from[MOST], step[MOST];
  for (uint32_t i = 0; i < n; i++) {
    float place = age[i] * per_spacing;
    float inside = place < (float)REACH ? place : (float)REACH;
    int32_t k = (int32_t)(inside > 0.0f ? inside : 0.0f);
    point[i] = k < REACH ? k : REACH - 1;
  }
  for (uint32_t i = 0; i < n; i++) {
    from[i] = side[point[i]];
    step[i] = side[point[i] + 1] - from[i];
  }
  for (uint32_t i = 0; i < n; i++) {
    float place = age[i] * per_spacing;
    float inside = place < (float)REACH ? place : (float)REACH;
    float change = from[i] + (inside - (float)point[i]) * step[i];
    w[i] += eta[i] * change * (place < (float)REACH * 1.00001f ? 1.0f : 0.0f);
  }
}

static void on_pre(const quell_block *block) {
  add_window(block, ((const constants *)block->instance)->before, block->post[0]);
}

static void on_post(const quell_block *block) {
  add_window(block, ((const constants *)block->instance)->after, block->pre[0]);
}

static const quell_event_desc events[] = {
    {.kind = QUELL_PRE, .wants_post = 1u << 0, .call = on_pre},
    {.kind = QUELL_POST, .wants_pre = 1u << 0, .call = on_post},
};

static const quell_value pulse[] = {
    {"spacing", 4.0},   {"value_m16", 0.0}, {"value_m15", 0.0}, {"value_m14", 0.0},
    {"value_m13", 0.0}, {"value_m12", 0.0}, {"value_m11", 0.0}, {"value_m10", -1.2},
    {"value_m9", -1.2}, {"value_m8", -1.2}, {"value_m7", -1.2}, {"value_m6", -1.2},
    {"value_m5", -1.2}, {"value_m4", -1.2}, {"value_m3", 1.0},  {"value_m2", 1.0},
    {"value_m1", 1.0},  {"value_0", 1.0},   {"value_1", 1.0},   {"value_2", 1.0},
    {"value_3", 1.0},   {"value_4", -1.2},  {"value_5", -1.2},  {"value_6", -1.2},
    {"value_7", -1.2},  {"value_8", -1.2},  {"value_9", -1.2},  {"value_10", -1.2},
    {"value_11", 0.0},  {"value_12", 0.0},  {"value_13", 0.0},  {"value_14", 0.0},
    {"value_15", 0.0},  {"value_16", 0.0},
};
static const quell_value gamma_window[] = {
    {"spacing", 2.0},
    {"value_m16", -3.14066187e-05},
    {"value_m15", -0.00012170906},
    {"value_m14", -0.000451107076},
    {"value_m13", -0.00158862638},
    {"value_m12", -0.00527217322},
    {"value_m11", -0.0163189806},
    {"value_m10", -0.0464895281},
    {"value_m9", -0.119775832},
    {"value_m8", -0.272541684},
    {"value_m7", -0.529788381},
    {"value_m6", -0.837960402},
    {"value_m5", -1.0},
    {"value_m4", -0.793393857},
    {"value_m3", -0.330134135},
    {"value_m2", -0.0423025751},
    {"value_m1", -0.000305250098},
    {"value_0", 0.0},
    {"value_1", 0.000305250098},
    {"value_2", 0.0423025751},
    {"value_3", 0.330134135},
    {"value_4", 0.793393857},
    {"value_5", 1.0},
    {"value_6", 0.837960402},
    {"value_7", 0.529788381},
    {"value_8", 0.272541684},
    {"value_9", 0.119775832},
    {"value_10", 0.0464895281},
    {"value_11", 0.0163189806},
    {"value_12", 0.00527217322},
    {"value_13", 0.00158862638},
    {"value_14", 0.000451107076},
    {"value_15", 0.00012170906},
    {"value_16", 3.14066187e-05},
};
static const quell_value bi_sigmoid[] = {
    {"spacing", 4.0},
    {"value_m16", 1.0},
    {"value_m15", 1.0},
    {"value_m14", 1.0},
    {"value_m13", 1.0},
    {"value_m12", 1.0},
    {"value_m11", 1.0},
    {"value_m10", 1.0},
    {"value_m9", 1.0},
    {"value_m8", 1.0},
    {"value_m7", 1.0},
    {"value_m6", 0.999999999},
    {"value_m5", 0.999999996},
    {"value_m4", 0.999999974},
    {"value_m3", 0.999999825},
    {"value_m2", 0.999998834},
    {"value_m1", 0.999992214},
    {"value_0", 0.999948001},
    {"value_1", 0.99965283},
    {"value_2", 0.997685989},
    {"value_3", 0.98474633},
    {"value_4", 0.906249},
    {"value_5", 0.59140572},
    {"value_6", 0.178123556},
    {"value_7", 0.0314314873},
    {"value_8", 0.00483293187},
    {"value_9", 0.000671348059},
    {"value_10", -0.00104069648},
    {"value_11", -0.0232120607},
    {"value_12", -0.329465988},
    {"value_13", -0.910331836},
    {"value_14", -0.995255316},
    {"value_15", -0.999769318},
    {"value_16", -0.999988832},
};

static const quell_preset_desc presets[] = {
    {"pulse", "symmetric: up to 12 ms potentiation, up to 40 ms depression (CARLsim's tests)",
     QUELL_TABLE(pulse)},
    {"gamma", "istdp_gamma with alpha 1 /ms, beta 10: peaks at 10 ms", QUELL_TABLE(gamma_window)},
    {"bi_sigmoid", "1, then 0 from 21 ms on, then -1 from 49 ms on (BindsNET, pull request 684)",
     QUELL_TABLE(bi_sigmoid)},
};

const quell_rule_desc QL_RULE(stdp_table) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "stdp_table",
    .summary = "pair rule with any window as a table, nearest spikes",
    .source = "windows as in Bi & Poo 1998, 10.1523/JNEUROSCI.18-24-10464.1998; the table is ours",
    .params = QUELL_TABLE(params),
    .traces = QUELL_TABLE(traces),
    .events = QUELL_TABLE(events),
    .instance_size = sizeof(constants),
    .prepare = prepare,
    .presets = QUELL_TABLE(presets),
};

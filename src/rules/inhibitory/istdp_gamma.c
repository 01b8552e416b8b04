/*
 * istdp_gamma: inhibitory plasticity with a window like a gamma density, nearest spikes.
 *
 *   post:  w += g0 G(t; alpha_plus, beta_plus)       t: time since the last pre spike
 *   pre:   w −= g0 G(t; alpha_minus, beta_minus)     t: time since the last post spike
 *
 *   G(t; alpha, beta) = (alpha t)^beta e^(−alpha t) / (beta^beta e^(−beta))
 *
 * G is 1 at its peak, t = beta/alpha, and 0 at t = 0: coincident spikes change nothing, whatever
 * "tie" says (but it says which spike is nearest). Area of a lobe: beta! e^beta / (alpha beta^beta)
 * g0. A negative g0 turns both lobes round, as at the reciprocal synapse of Talathi et al.
 *
 * In entorhinal cortex inhibition grows where pre comes before post and shrinks where it comes
 * after, most at 10 ms (Haas et al., abstract). Form, alpha 1 /ms and beta 10 are read in public
 * code of a co-author (T. Nowotny; ModelDB 119159), the sets of Talathi et al. in theirs; an alpha
 * of 0.94 /ms, often quoted, was found in neither. Separate alpha and beta for the two sides are
 * ours.
 *
 * Mean drift under independent Poisson spiking, rates in 1/ms: g0 r_pre r_post (K(r_pre, plus) −
 * K(r_post, minus)), K(r) = integral of G(t) e^(−r t) = beta! e^beta / beta^beta · alpha^beta /
 * (alpha + r)^(beta + 1).
 *
 * Haas, Nowotny & Abarbanel 2006, J Neurophysiol 96:3305, 10.1152/jn.00551.2006; Talathi, Hwang &
 * Ditto 2008, J Comput Neurosci, 10.1007/s10827-008-0077-7.
 */
#include "rules/builtin.h"

enum { G0, ALPHA_PLUS, BETA_PLUS, ALPHA_MINUS, BETA_MINUS };
enum { BOUND_G0 };

static const quell_param_desc params[] = {
    {"g0", "w", "largest change by a pair", 0.0023336, -1e9, 1e9, QUELL_BINDABLE, 0},
    {"alpha_plus", "1/ms", "rate of the window where pre comes before post", 1.0, 1e-3, 1e3, 0, 0},
    {"beta_plus", "1", "exponent of that; the peak is at beta/alpha", 10.0, 0.1, 100.0, 0, 0},
    {"alpha_minus", "1/ms", "rate of the window where post comes before pre", 1.0, 1e-3, 1e3, 0, 0},
    {"beta_minus", "1", "exponent of that", 10.0, 0.1, 100.0, 0, 0},
    QUELL_STANDARD_PARAMS(1.0),
};

static const quell_trace_desc traces[] = {
    {"pre_age", QUELL_PRE, QUELL_TRACE_AGE, 0, 0},
    {"post_age", QUELL_POST, QUELL_TRACE_AGE, 0, 0},
};

typedef struct lobe {
  float sign, per_peak, beta; /* per_peak: 1 / time of the peak */
} lobe;

typedef struct constants {
  lobe plus, minus;
} constants;

static quell_status prepare(const quell_rule_args *args, void *instance) {
  const double *value = args->value;
  constants *c = instance;
  c->plus = (lobe){1.0f, (float)(value[ALPHA_PLUS] / value[BETA_PLUS]), (float)value[BETA_PLUS]};
  c->minus =
      (lobe){-1.0f, (float)(value[ALPHA_MINUS] / value[BETA_MINUS]), (float)value[BETA_MINUS]};
  return QUELL_OK;
}

/* With r = t / peak, G = (r e^(1 − r))^beta, where no term is large near the peak. It ends where it
 * is below e^−80. */
static void add_lobe(const lobe *c, const quell_block *block, const float *restrict age) {
  float *restrict w = block->w;
  const float *restrict g0 = block->bound[BOUND_G0];
  for (uint32_t i = 0; i < block->n; i++) {
    float r = age[i] * c->per_peak;
    float positive = r > 1e-30f ? r : 1e-30f;
    float exponent = c->beta * ((quell_logf(positive) + 1.0f) - r);
    float g = quell_expf(exponent);
    g = exponent > -80.0f ? g : 0.0f;
    w[i] += c->sign * g0[i] * (r > 1e-30f ? g : 0.0f);
  }
}

static void on_pre(const quell_block *block) {
  const constants *c = block->instance;
  add_lobe(&c->minus, block, block->post[0]);
}

static void on_post(const quell_block *block) {
  const constants *c = block->instance;
  add_lobe(&c->plus, block, block->pre[0]);
}

static const quell_event_desc events[] = {
    {.kind = QUELL_PRE, .wants_post = 1u << 0, .call = on_pre},
    {.kind = QUELL_POST, .wants_pre = 1u << 0, .call = on_post},
};

static const quell_value haas2006[] = {
    {"g0", 0.0023336},    {"alpha_plus", 1.0},  {"beta_plus", 10.0},
    {"alpha_minus", 1.0}, {"beta_minus", 10.0}, {"w_max", 1.0},
};
static const quell_value talathi2008[] = {
    {"g0", 0.015},         {"alpha_plus", 0.25}, {"beta_plus", 5.0},
    {"alpha_minus", 0.25}, {"beta_minus", 5.0},
};
static const quell_value talathi2008_fast[] = {
    {"g0", 0.01},         {"alpha_plus", 1.0},  {"beta_plus", 10.0},
    {"alpha_minus", 1.0}, {"beta_minus", 10.0},
};

static const quell_preset_desc presets[] = {
    {"haas2006", "peak at 10 ms, as T. Nowotny's code has it (fit to data), in units of w_max",
     QUELL_TABLE(haas2006)},
    {"talathi2008", "peak at 20 ms: the runs of Talathi et al. 2008, their code",
     QUELL_TABLE(talathi2008)},
    {"talathi2008_fast", "peak at 10 ms: the alternative in the same code",
     QUELL_TABLE(talathi2008_fast)},
};

const quell_rule_desc QL_RULE(istdp_gamma) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "istdp_gamma",
    .summary = "inhibitory plasticity with a gamma-like window, nearest spikes",
    .source = "Haas et al. 2006, 10.1152/jn.00551.2006; Talathi et al. 2008, "
              "10.1007/s10827-008-0077-7",
    .params = QUELL_TABLE(params),
    .traces = QUELL_TABLE(traces),
    .events = QUELL_TABLE(events),
    .instance_size = sizeof(constants),
    .prepare = prepare,
    .presets = QUELL_TABLE(presets),
};

/*
 * global_secreted: inhibitory plasticity under a factor that the whole population secretes.
 *
 *   pre:   w += eta G (y + xi)       x, y: traces of the pre and post spikes, time constant tau
 *   post:  w += eta G x              G = H / gamma − 1
 *
 * H is the mean rate in Hz of the observed population (that of the post neurons, unless another is
 * named), low-passed with tau_h; the news takes `delay` to come, which does not matter beside
 * tau_h. H begins at gamma, so that G begins at 0. With independent Poisson spiking and G held, the
 * mean drift is eta G r_pre (xi + 2 tau r_post): inhibition of all neurons grows until the rate of
 * the population, not of each neuron, is gamma. The xi at pre spikes lets silent neurons take part.
 * Where gamma follows a channel, H / gamma of each step is what is low-passed.
 *
 * A pre event reads G as it is; a post event that of the spike. The old weight of a pre event is
 * delivered, as in the authors' code, where a pre and a post event on one step do not see each
 * other (tie 1). Weights are there in units of the leak conductance, and G counts spikes of the
 * population: eta (H_sum − gamma N) / (gamma N) with N neurons, which is the same.
 *
 * Zenke, Agnes & Gerstner 2015, Nature Communications, 10.1038/ncomms7922; values of the
 * authors' run scripts, whose gamma of 4 Hz is 3 Hz by default in their program.
 */
#include "rules/builtin.h"
#include <math.h>

enum { ETA, GAMMA, TAU_H, XI, TAU, DELAY };
enum { BOUND_ETA, BOUND_GAMMA, BOUND_XI };

static const quell_param_desc params[] = {
    {"eta", "w", "learning rate: change of the weight per pair where H is twice gamma", 2e-5, 0.0,
     1e9, QUELL_BINDABLE, 0},
    {"gamma", "Hz", "target of the mean rate of the population", 4.0, 1e-3, 1e6, QUELL_BINDABLE, 0},
    {"tau_h", "ms", "low-pass of that rate; 0 for none", 10000.0, 0.0, 1e9, 0, 0},
    {"xi", "1", "what a pre spike counts without any post spike", 1.0, 0.0, 1e6, QUELL_BINDABLE, 0},
    {"tau", "ms", "time constant of both traces", 20.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"delay", "ms", "time that the news of the rate takes, at least one step", 1.0, 0.0, 1e4,
     QUELL_MIN_OPEN, 0},
    QUELL_STANDARD_PARAMS(5.0),
};

static const quell_trace_desc traces[] = {
    {"x", QUELL_PRE, QUELL_TRACE_ADD, TAU, 0},
    {"y", QUELL_POST, QUELL_TRACE_ADD, TAU, 0},
};

static const quell_observed_desc observed[] = {
    {"population", "whose mean rate is to become gamma", DELAY, 0},
};

static const quell_post_var_desc post_vars[] = {
    {"level", "1", "H / gamma", 1.0, 0, 0},
};

static const quell_signal_desc signals[] = {
    {"G", "1", "H / gamma - 1", NULL},
};

typedef struct constants {
  double keep;
} constants;

static quell_status prepare(const quell_rule_args *args, void *instance) {
  const double *value = args->value;
  constants *c = instance;
  c->keep = exp(-args->dt / value[TAU_H]);
  return QUELL_OK;
}

static void post_step(const quell_post_block *block) {
  const constants *c = block->instance;
  const double now = block->observed[0] / block->param[GAMMA];
  double *restrict level = block->var[0];
  float *restrict G = block->signal[0];
  for (uint32_t i = 0; i < block->n; i++) {
    level[i] = now + c->keep * (level[i] - now);
    G[i] = (float)(level[i] - 1.0);
  }
}

static void on_pre(const quell_block *block) {
  float *restrict w = block->w;
  const float *restrict y = block->post[0], *restrict G = block->signal[0];
  const float *restrict eta = block->bound[BOUND_ETA], *restrict xi = block->bound[BOUND_XI];
  for (uint32_t i = 0; i < block->n; i++) w[i] += eta[i] * G[i] * (y[i] + xi[i]);
}

static void on_post(const quell_block *block) {
  float *restrict w = block->w;
  const float *restrict x = block->pre[0], *restrict G = block->signal[0];
  const float *restrict eta = block->bound[BOUND_ETA];
  for (uint32_t i = 0; i < block->n; i++) w[i] += eta[i] * G[i] * x[i];
}

static const quell_event_desc events[] = {
    {.kind = QUELL_PRE, .wants_post = 1u << 0, .wants_signal = 1u << 0, .call = on_pre},
    {.kind = QUELL_POST, .wants_pre = 1u << 0, .wants_signal = 1u << 0, .call = on_post},
};

static const quell_value zenke[] = {
    {"eta", 2e-5}, {"gamma", 4.0}, {"tau_h", 10000.0}, {"xi", 1.0},
    {"tau", 20.0}, {"w_min", 0.0}, {"w_max", 5.0},     {"tie", QUELL_EXCLUSIVE},
};

static const quell_preset_desc presets[] = {
    {"zenke2015", "the authors' run scripts; weight in units of the leak conductance",
     QUELL_TABLE(zenke)},
};

const quell_rule_desc QL_RULE(global_secreted) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .flags = QUELL_TRANSMIT_FIRST,
    .name = "global_secreted",
    .summary = "inhibition follows the mean rate of a population, through a secreted factor",
    .source = "Zenke, Agnes & Gerstner 2015, 10.1038/ncomms7922",
    .params = QUELL_TABLE(params),
    .traces = QUELL_TABLE(traces),
    .events = QUELL_TABLE(events),
    .instance_size = sizeof(constants),
    .prepare = prepare,
    .post_vars = QUELL_TABLE(post_vars),
    .signals = QUELL_TABLE(signals),
    .observed = QUELL_TABLE(observed),
    .presets = QUELL_TABLE(presets),
    .post_step = post_step,
};

/*
 * A learning rule of one's own, made outside the library with quell/plugin.h.
 *
 * "maturing" is inhibitory plasticity with a target rate (Vogels et al. 2011,
 * 10.1126/science.1211095) whose synapses change the less the more they have changed. Each has a
 * variable u of its own, at first 0:
 *
 *   pre:   d = y - alpha     w += eta d / (1 + kappa u), then u += |d|     alpha = 2 rho0 tau
 *   post:  d = x             the same              x, y: traces of the pre and post spikes
 *
 * The program registers the rule, lists its parameters, and lets one synapse see the same pair of
 * spikes ten times: each pair changes it less than the one before.
 */
#include <math.h>
#include <quell/quell.h>
#include <stdio.h>
#include <stdlib.h>

#define TRY(call)                                                                                  \
  do {                                                                                             \
    quell_status status_ = (call);                                                                 \
    if (status_ != QUELL_OK) return status_;                                                       \
  } while (0)

enum { ETA, RHO0, TAU, KAPPA }; /* as in the table */
static const quell_param_desc params[] = {
    {"eta", "w", "learning rate of a young synapse", 0.01, 0.0, 1e9, 0, 0},
    {"rho0", "Hz", "target rate of the post neuron", 5.0, 0.0, 1e6, 0, 0},
    {"tau", "ms", "time constant of both traces", 20.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    {"kappa", "1", "how fast synapses mature; 0 for never", 0.1, 0.0, 1e6, 0, 0},
    QUELL_STANDARD_PARAMS(100.0),
};
static const quell_var_desc vars[] = {{"u", "1", "sum of all changes so far", 0.0}};
static const quell_trace_desc traces[] = {{"x", QUELL_PRE, QUELL_TRACE_ADD, TAU, 0},
                                          {"y", QUELL_POST, QUELL_TRACE_ADD, TAU, 0}};

typedef struct constants {
  float eta, alpha, kappa;
} constants;

static quell_status prepare(const quell_rule_args *args, void *instance) {
  const double *value = args->value;
  constants *c = instance;
  c->eta = (float)value[ETA];
  c->alpha = (float)(2.0 * value[RHO0] * value[TAU] / 1000.0);
  c->kappa = (float)value[KAPPA];
  return QUELL_OK;
}

/* An event with d = trace - offset, for all synapses of a block. */
static void change(const quell_block *block, const float *restrict trace, float offset) {
  const constants *c = block->instance;
  float *restrict w = block->w, *restrict u = block->var[0];
  for (uint32_t i = 0; i < block->n; i++) {
    float d = trace[i] - offset;
    w[i] += c->eta * d / (1.0f + c->kappa * u[i]);
    u[i] += fabsf(d);
  }
}

static void on_pre(const quell_block *block) {
  change(block, block->post[0], ((const constants *)block->instance)->alpha);
}

static void on_post(const quell_block *block) {
  change(block, block->pre[0], 0.0f);
}

static const quell_event_desc events[] = {
    {.kind = QUELL_PRE, .wants_post = 1u << 0, .call = on_pre},  /* reads post trace 0, y */
    {.kind = QUELL_POST, .wants_pre = 1u << 0, .call = on_post}, /* reads pre trace 0, x */
};

static const quell_rule_desc maturing = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "maturing",
    .summary = "inhibitory plasticity that slows down with use",
    .source = "this program",
    .params = QUELL_TABLE(params),
    .vars = QUELL_TABLE(vars),
    .traces = QUELL_TABLE(traces),
    .events = QUELL_TABLE(events),
    .instance_size = sizeof(constants),
    .prepare = prepare,
};

static void print_parameters(const quell_rule_desc *rule) {
  quell_variable p = QUELL_VARIABLE_INIT;
  printf("rule '%s', %s\n", rule->name, rule->summary);
  for (size_t i = 0; quell_rule_parameter(rule, i, &p) == QUELL_OK; i++)
    printf("  %-5s %5g %-2s  %s\n", p.name, p.value, p.unit, p.doc);
}

/* Each second a pre spike, and 5 ms later a post spike; `worst` receives the largest error of w. */
static quell_status repeat_pair(quell_network *net, double *worst) {
  const double eta = 0.5, kappa = 2.0, alpha = 2.0 * 5.0 * 20.0 / 1000.0, x = exp(-5.0 / 20.0);
  const quell_value values[] = {{"eta", eta}, {"kappa", kappa}};
  const uint32_t neuron = 0;
  double expected = 1.0;
  quell_connection one = QUELL_CONNECTION_INIT;
  quell_population *pre, *post;
  quell_projection *synapse;
  quell_rule *rule;
  one.kind = QUELL_ONE_TO_ONE; /* of weight 1, the default */
  TRY(quell_population_create(net, "pre", "external", 1, NULL, 0, &pre));
  TRY(quell_population_create(net, "post", "external", 1, NULL, 0, &post));
  TRY(quell_rule_create(net, "maturing", values, 2, &rule));
  TRY(quell_connect(net, pre, post, "inhibitory", &one, rule, &synapse));
  for (int pair = 0; pair < 10; pair++) {
    float w, u;
    for (int step = 0; step < 10000; step++) { /* of 0.1 ms */
      if (step == 100) TRY(quell_population_spikes_in(pre, &neuron, 1));
      if (step == 150) TRY(quell_population_spikes_in(post, &neuron, 1));
      TRY(quell_step(net));
    }
    TRY(quell_projection_get(synapse, "weight", 0, 1, &w));
    TRY(quell_projection_get(synapse, "u", 0, 1, &u));
    expected += eta * -alpha / (1.0 + kappa * pair * (alpha + x)) +
                eta * x / (1.0 + kappa * (pair * (alpha + x) + alpha));
    *worst = fmax(*worst, fabs((double)w - expected));
    printf("after pair %2d: u %.4f, w %.6f, closed form %.6f\n", pair + 1, (double)u, (double)w,
           expected);
  }
  return QUELL_OK;
}

int main(void) {
  char message[200] = "";
  quell_network_options options = QUELL_NETWORK_OPTIONS_INIT;
  options.error = message;
  options.error_size = sizeof message;
  quell_network *net = NULL;
  double worst = 0.0;
  quell_status status = quell_registry_create(NULL, &options.registry);
  if (!status) status = quell_registry_add(options.registry, &maturing, message, sizeof message);
  if (!status) print_parameters(quell_registry_find(options.registry, "maturing"));
  if (!status) status = quell_network_create(&options, &net);
  quell_registry_destroy(&options.registry); /* the network keeps it alive */
  if (!status) status = repeat_pair(net, &worst);
  if (status)
    fprintf(stderr, "%s\n", net ? quell_network_error(net) : message);
  else if (worst > 1e-5)
    fprintf(stderr, "the weight should be within 1e-5 of the closed form\n");
  quell_network_destroy(&net);
  return status || worst > 1e-5 ? EXIT_FAILURE : EXIT_SUCCESS;
}

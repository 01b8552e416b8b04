#include "channels.h"

#include "check.h"
#include "random.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- the rules --- */

enum { GAIN_PARAM, TAU_X, TAU_Y, TAU_FAST, TAU_SLOW, FAST };

#define AMPLITUDE(name)                                                                            \
  { name, "w", "amplitude", 0.0, -1e9, 1e9, 0, 0 }
#define TIME(name)                                                                                 \
  { name, "ms", "time constant", 20.0, 0.0, 1e9, QUELL_MIN_OPEN, 0 }

static const quell_param_desc params[] = {
    {"gain", "1", "factor on all that it does", 1.0, -100.0, 100.0, QUELL_BINDABLE, 0},
    TIME("tau_x"),
    TIME("tau_y"),
    TIME("tau_fast"),
    TIME("tau_slow"),
    AMPLITUDE("fast_pre_y"),
    AMPLITUDE("fast_pre_1"),
    AMPLITUDE("fast_post_x"),
    AMPLITUDE("fast_post_1"),
    AMPLITUDE("slow_pre_y"),
    AMPLITUDE("slow_pre_1"),
    AMPLITUDE("slow_post_x"),
    AMPLITUDE("slow_post_1"),
    QUELL_STANDARD_PARAMS((double)INFINITY),
};

static const quell_trace_desc traces[] = {
    {"x", QUELL_PRE, QUELL_TRACE_ADD, TAU_X, 0},
    {"y", QUELL_POST, QUELL_TRACE_ADD, TAU_Y, 0},
};

typedef struct constants {
  float pre_y[MODULATED_MOST], pre_1[MODULATED_MOST], post_x[MODULATED_MOST],
      post_1[MODULATED_MOST];
} constants;

static quell_status prepare(const quell_rule_args *args, void *instance) {
  constants *c = instance;
  for (size_t k = 0; k < MODULATED_MOST; k++) {
    const double *amplitude = args->value + FAST + 4 * k;
    c->pre_y[k] = (float)amplitude[0];
    c->pre_1[k] = (float)amplitude[1];
    c->post_x[k] = (float)amplitude[2];
    c->post_1[k] = (float)amplitude[3];
  }
  return QUELL_OK;
}

static void add(const quell_block *block, float slope, const float *trace, float constant,
                float *to) {
  for (uint32_t i = 0; i < block->n; i++)
    to[i] += block->bound[0][i] * (slope * trace[i] + constant);
}

static void eligible_pre(const quell_block *block) {
  const constants *c = block->instance;
  for (int k = 0; k < MODULATED_MOST; k++)
    add(block, c->pre_y[k], block->post[0], c->pre_1[k], block->elig[k]);
}

static void eligible_post(const quell_block *block) {
  const constants *c = block->instance;
  for (int k = 0; k < MODULATED_MOST; k++)
    add(block, c->post_x[k], block->pre[0], c->post_1[k], block->elig[k]);
}

static void direct_pre(const quell_block *block) {
  const constants *c = block->instance;
  add(block, c->pre_y[0], block->post[0], c->pre_1[0], block->w);
}

static void direct_post(const quell_block *block) {
  const constants *c = block->instance;
  add(block, c->post_x[0], block->pre[0], c->post_1[0], block->w);
}

static const quell_event_desc eligible_events[] = {
    {.kind = QUELL_PRE, .wants_post = 1, .call = eligible_pre},
    {.kind = QUELL_POST, .wants_pre = 1, .call = eligible_post},
};
static const quell_event_desc direct_events[] = {
    {.kind = QUELL_PRE, .wants_post = 1, .call = direct_pre},
    {.kind = QUELL_POST, .wants_pre = 1, .call = direct_post},
};
static const quell_factor_desc factors[] = {{"reward", "of fast"}, {"arousal", "of slow"}};
static const quell_eligibility_desc eligibilities[] = {
    {"fast", "w", "changes with reward", TAU_FAST, 1},
    {"slow", "w", "changes with arousal", TAU_SLOW, 2},
};

#define RULE_OF(rule_name)                                                                         \
  .struct_size = sizeof(quell_rule_desc), .abi_major = QUELL_RULE_ABI_MAJOR,                       \
  .abi_minor = QUELL_RULE_ABI_MINOR, .name = rule_name, .summary = "for tests", .source = "tests", \
  .params = QUELL_TABLE(params), .traces = QUELL_TABLE(traces),                                    \
  .instance_size = sizeof(constants), .prepare = prepare

static const quell_rule_desc two_traces = {
    RULE_OF(TWO_TRACES), .events = QUELL_TABLE(eligible_events), .factors = QUELL_TABLE(factors),
    .eligibilities = QUELL_TABLE(eligibilities)};
static const quell_rule_desc one_weight = {RULE_OF(ONE_WEIGHT),
                                           .events = QUELL_TABLE(direct_events)};

/* --- courses --- */

static double level_of(wave w, uint64_t step, random_state *random) {
  if (w == STEPS) return step / 700 % 2 ? -0.8 : 1.5;
  if (w == RAMP) return (double)(step % 3000) / 1000.0 - 1.0;
  return 4.0 * random_uniform(random) - 2.0;
}

static int acts_at(wave w, uint64_t step, random_state *random) {
  if (w == PULSES) return random_uniform(random) < 0.002;
  if (w == ONE_PULSE) return step == 1500;
  return w != STEPS || step % 700 == 0;
}

course course_make(wave w, double tonic, double tau, uint64_t steps, uint64_t start,
                   uint64_t seed) {
  random_state random = {seed * 77 + (uint64_t)w};
  int adds = w == PULSES || w == ONE_PULSE;
  course c = {.tonic = tonic,
              .tau = tau,
              .dt = 0.1,
              .steps = steps,
              .start = start,
              .phasic = must_alloc(steps, sizeof(double)),
              .kind = adds ? QUELL_RELEASE_AMOUNT : QUELL_SET_LEVEL,
              .time = must_alloc(steps, sizeof(double)),
              .value = must_alloc(steps, sizeof(double))};
  double left = exp(-c.dt / tau), p = 0.0;
  for (uint64_t k = 0; k < steps; k++, p *= left) {
    if (acts_at(w, k, &random)) {
      double value = adds ? 6.0 * random_uniform(&random) - 1.5 : level_of(w, k, &random);
      p = adds ? p + value : value - tonic;
      c.time[c.n] = (double)(start + k) * c.dt;
      c.value[c.n++] = value;
    }
    c.phasic[k] = p;
  }
  return c;
}

void course_free(course *c) {
  free(c->phasic);
  free(c->time);
  free(c->value);
}

void course_schedule(const course *c, quell_modulator *channel, uint64_t at) {
  OK(quell_modulator_schedule(channel, c->kind, at, c->time, c->value, c->n));
}

quell_modulator *course_channel(quell_network *network, const char *name, const course *c) {
  const quell_value values[] = {{"tonic", c->tonic}, {"tau", c->tau}};
  quell_modulator *channel;
  OK(quell_modulator_create(network, name, NULL, values, 2, &channel));
  course_schedule(c, channel, 0);
  return channel;
}

double *course_tenths(const course *c) {
  double *tenths = must_alloc(c->steps * MODULATED_TENTHS, sizeof *tenths);
  double left[MODULATED_TENTHS];
  for (int i = 0; i < MODULATED_TENTHS; i++)
    left[i] = exp(-(i + 0.5) * c->dt / MODULATED_TENTHS / c->tau);
  for (uint64_t k = 0; k < c->steps * MODULATED_TENTHS; k++)
    tenths[k] = c->tonic + c->phasic[k / MODULATED_TENTHS] * left[k % MODULATED_TENTHS];
  return tenths;
}

double *course_by_step(const course *c) {
  double *levels = must_alloc(c->steps, sizeof *levels);
  for (uint64_t k = 0; k < c->steps; k++) levels[k] = c->tonic + c->phasic[k];
  return levels;
}

/* --- networks --- */

void channel_trains(train *pre, train *post, uint32_t n_pre, uint32_t n_post, uint64_t steps,
                    uint64_t seed) {
  for (uint32_t i = 0; i < n_pre; i++)
    train_poisson(pre, i, i ? 0.004 : 0.0007, 0, steps, 2 * seed + 1);
  for (uint32_t j = 0; j < n_post; j++)
    train_poisson(post, j, j % 3 ? 0.003 : 0.0004, 0, steps, 2 * seed + 2);
  for (uint64_t k = 100; k < steps; k += 611) {
    for (int twice = 0; twice < 2; twice++) train_add(pre, k, 1 % n_pre);
    for (uint32_t j = 0; j < n_post; j += 2) train_add(post, k, j);
    for (uint32_t j = 0; j < n_post; j += 5) train_add(post, k, j);
    for (uint64_t i = 0; i < 6; i++) train_add(post, k + 20 + 3 * i, 7 % n_post);
  }
  train_sort(pre);
  train_sort(post);
}

static quell_network *open_registered(const setup *s) {
  quell_network_options o = QUELL_NETWORK_OPTIONS_INIT;
  quell_registry *registry;
  quell_network *network;
  OK(quell_registry_create(NULL, &registry));
  OK(quell_registry_add(registry, &two_traces, NULL, 0));
  OK(quell_registry_add(registry, &one_weight, NULL, 0));
  o.registry = registry;
  o.tile_size = s->tile_size;
  o.horizon = s->horizon;
  o.block_size = s->block_size;
  o.executor = s->executor;
  o.threads = s->threads;
  o.isa = s->isa;
  o.start = s->start;
  o.seed = s->seed;
  OK(quell_network_create(&o, &network));
  quell_registry_destroy(&registry); /* the network keeps it */
  return network;
}

static int is_own(const channel_case *c) {
  return !strcmp(c->name, TWO_TRACES) || !strcmp(c->name, ONE_WEIGHT);
}

static size_t own_values(const modulated_rule *r, quell_value *v) {
  size_t n = 0;
  v[n++] = (quell_value){"tau_x", r->tau_x};
  v[n++] = (quell_value){"tau_y", r->tau_y};
  if (r->n) v[n++] = (quell_value){"tau_fast", r->tau_e[0]};
  if (r->n > 1) v[n++] = (quell_value){"tau_slow", r->tau_e[1]};
  for (size_t k = 0; k < MODULATED_MOST; k++) {
    const modulated_change *c = &r->change[k];
    v[n++] = (quell_value){params[FAST + 4 * k].name, c->pre_y};
    v[n++] = (quell_value){params[FAST + 4 * k + 1].name, c->pre_1};
    v[n++] = (quell_value){params[FAST + 4 * k + 2].name, c->post_x};
    v[n++] = (quell_value){params[FAST + 4 * k + 3].name, c->post_1};
  }
  return n;
}

/* Built-in rules that are of the form of the reference. */
static size_t built_in_values(const char *name, const modulated_rule *r, quell_value *v) {
  const modulated_change *c = &r->change[0];
  size_t n = 0;
  if (!strcmp(name, "vogels2011")) {
    v[n++] = (quell_value){"eta", c->post_x};
    v[n++] = (quell_value){"tau", r->tau_x};
    v[n++] = (quell_value){"rho0", -c->pre_1 / c->pre_y * 1000.0 / 2.0 / r->tau_x};
  } else { /* istdp_asymmetric */
    v[n++] = (quell_value){"eta", 1.0};
    v[n++] = (quell_value){"a_pre", c->pre_1};
    v[n++] = (quell_value){"a_minus", c->pre_y};
    v[n++] = (quell_value){"a_post", c->post_1};
    v[n++] = (quell_value){"a_plus", c->post_x};
    v[n++] = (quell_value){"tau_plus", r->tau_x};
    v[n++] = (quell_value){"tau_minus", r->tau_y};
  }
  return n;
}

void channel_open(bench *b, const setup *s, const channel_case *c, uint32_t n_pre, const train *pre,
                  uint32_t n_post, const train *post) {
  quell_value values[20];
  *b = (bench){.setup = s,
               .start = s->start,
               .n_pre = n_pre,
               .n_post = n_post,
               .pre_spikes = pre,
               .post_spikes = post,
               .network = open_registered(s)};
  b->dt = quell_network_dt(b->network);
  OK(quell_population_create(b->network, "pre", "spike_source", n_pre, NULL, 0, &b->pre));
  OK(quell_population_create(b->network, "post", "external", n_post, NULL, 0, &b->post));
  size_t n = is_own(c) ? own_values(&c->is, values) : built_in_values(c->name, &c->is, values);
  values[n++] = (quell_value){"w_min", c->is.w_min};
  values[n++] = (quell_value){"w_max", c->is.w_max};
  values[n++] = (quell_value){"tie", c->is.tie};
  OK(quell_rule_create(b->network, c->name, values, n, &b->rule));
  if (!is_own(c) && c->is.n) OK(quell_rule_eligibility(b->rule, c->is.tau_e[0]));
  if (pre->n) give_spikes(b->pre, pre, b->start, b->dt);
  b->feeder = (feeder){b->post, post, 0, 0};
  OK(quell_population_on_step(b->post, feed, &b->feeder));
}

void channel_connect(bench *b, const channel_case *c) {
  quell_connection how = QUELL_CONNECTION_INIT;
  how.kind = QUELL_ALL_TO_ALL;
  how.weight = (quell_distribution){.kind = QUELL_CONSTANT, .a = c->w};
  how.delay_axonal = (quell_distribution){.kind = QUELL_CONSTANT, .a = c->axonal};
  how.delay_dendritic = (quell_distribution){.kind = QUELL_CONSTANT, .a = c->dendritic};
  if (c->spread)
    how.delay_dendritic = (quell_distribution){.kind = QUELL_UNIFORM, .b = c->dendritic};
  OK(quell_connect(b->network, b->pre, b->post, "inhibitory", &how, b->rule, &b->synapses));
}

/* --- comparing --- */

channel_references channel_references_make(const bench *b, const channel_case *c,
                                           const modulated *like) {
  channel_references r = {NULL, quell_projection_size(b->synapses)};
  uint32_t *pre = must_alloc(r.n, sizeof *pre), *post = must_alloc(r.n, sizeof *post);
  float *d = must_alloc(r.n, sizeof *d);
  r.at = must_alloc(r.n, sizeof *r.at);
  OK(quell_projection_endpoints(b->synapses, 0, r.n, pre, post));
  OK(quell_projection_get(b->synapses, "delay_dendritic", 0, r.n, d));
  for (uint64_t i = 0; i < r.n; i++) {
    modulated *m = &r.at[i];
    *m = *like;
    m->rule = c->is;
    m->dt = b->dt;
    m->w = c->w;
    m->pre = train_of(b->pre_spikes, pre[i], (uint64_t)llround(c->axonal / b->dt), &m->n_pre);
    m->post =
        train_of(b->post_spikes, post[i], (uint64_t)llround((double)d[i] / b->dt), &m->n_post);
  }
  free(pre);
  free(post);
  free(d);
  return r;
}

void channel_references_free(channel_references *r) {
  for (uint64_t i = 0; i < r->n; i++) {
    free((void *)(uintptr_t)r->at[i].pre);
    free((void *)(uintptr_t)r->at[i].post);
  }
  free(r->at);
}

static void check_values(const bench *b, const channel_case *c, const char *variable,
                         const double *want, uint64_t n, uint64_t stride, double most,
                         const char *what) {
  float *got = must_alloc(n, sizeof *got);
  OK(quell_projection_get(b->synapses, variable, 0, n, got));
  for (uint64_t i = 0; i < n; i += stride) {
    if (fabs((double)got[i] - want[i]) <= most * fmax(fabs(want[i]), 1.0)) continue;
    fail_msg("%s: %s, tie %d, delays %g and %g ms: %s of synapse %llu at step %llu is %.8g, not "
             "%.8g (%s)",
             what, c->name, c->is.tie, c->axonal, c->dendritic, variable, (unsigned long long)i,
             (unsigned long long)bench_now(b), (double)got[i], want[i], setup_name(b->setup));
  }
  free(got);
}

void channel_check(const bench *b, const channel_case *c, channel_references *r, uint64_t stride,
                   double most, const char *what) {
  static const char *const own[] = {"fast", "slow"};
  double *want[1 + MODULATED_MOST];
  for (size_t k = 0; k <= c->is.n; k++) want[k] = must_alloc(r->n, sizeof(double));
  for (uint64_t i = 0; i < r->n; i += stride) {
    modulated_run(&r->at[i], bench_now(b));
    want[0][i] = modulated_weight(&r->at[i]);
    for (size_t k = 0; k < c->is.n; k++) want[1 + k][i] = r->at[i].e[k];
  }
  check_values(b, c, "weight", want[0], r->n, stride, most, what);
  for (size_t k = 0; k < c->is.n; k++)
    check_values(b, c, is_own(c) ? own[k] : "eligibility", want[1 + k], r->n, stride, most, what);
  for (size_t k = 0; k <= c->is.n; k++) free(want[k]);
}

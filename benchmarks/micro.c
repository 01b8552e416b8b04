/* Parts of the library on their own. Each network does nearly nothing but what it measures. */
#include "bench.h"

#include <math.h>
#include <stdlib.h>

/* --- update: neurons, with the ring of their input --- */

static const struct {
  const char *kind;
  uint32_t size;
  double rate; /* of a Poisson background, Hz */
} updates[] = {
    {"lif_cond_exp", 4096, 0.0},    {"lif_cond_exp", 10000, 0.0},
    {"lif_curr_exp", 4096, 0.0},    {"lif_curr_exp", 10000, 0.0},
    {"lif_cond_exp", 4096, 1000.0}, {"lif_cond_exp", 10000, 1000.0},
    {"lif_curr_exp", 4096, 1000.0}, {"lif_curr_exp", 10000, 1000.0},
};

static const char *const update_cases[] = {
    "cond-4096",         "cond-10000",         "curr-4096",
    "curr-10000",        "cond-4096-poisson",  "cond-10000-poisson",
    "curr-4096-poisson", "curr-10000-poisson", NULL};

static void build_update(model *m, const settings *s, unsigned which) {
  (void)s;
  quell_population *population =
      add_population(m, "neurons", updates[which].kind, updates[which].size, NULL, 0);
  if (updates[which].rate > 0.0)
    check(m, quell_population_background(population, "excitatory", updates[which].rate, 0.1));
}

static double ns_per_neuron_step(const result *r) {
  return 1e9 * r->wall_s / ((double)r->neurons * (double)r->stats.steps);
}

static const figure update_figure = {"ns per neuron and step", ns_per_neuron_step};

const benchmark update = {
    .name = "update",
    .summary = "neurons without synapses, for each instruction set; by model, size, background",
    .cases = update_cases,
    .by_name = COUNT(updates),
    .each_isa = 1,
    .warm_up = 0.1,
    .seconds = 2.0,
    .figure = &update_figure,
    .build = build_update,
};

/* --- delivery and plasticity: from listed spikes onto neurons --- */

/* Sources whose neurons fire at random, each `rate` times a second on average, until `end`. */
static quell_population *add_source(model *m, uint32_t size, double rate, double end) {
  quell_population *source = add_population(m, "source", "spike_source", size, NULL, 0);
  size_t n = (size_t)(size * rate * end);
  uint32_t *neurons = must_alloc(n, sizeof *neurons);
  double *times = must_alloc(n, sizeof *times);
  uint64_t state = 1;
  for (size_t i = 0; i < n; i++) {
    neurons[i] = (uint32_t)(size * uniform(&state));
    times[i] = 1000.0 * end * uniform(&state);
  }
  check(m, quell_population_set_spikes(source, neurons, times, n));
  free(neurons);
  free(times);
  return source;
}

static double end_of(const benchmark *b, const settings *s) {
  return b->warm_up + (s->seconds > 0.0 ? s->seconds : b->seconds);
}

enum { UNIFORM_WEIGHT, OWN_WEIGHT, OWN_WEIGHT_AND_DELAY };

static const char *const delivery_cases[] = {"uniform-weight", "own-weight", "own-weight-delay",
                                             NULL};

/* 100 spikes a step, each to 1,000 of 10,000 neurons that never fire. */
static void build_delivery(model *m, const settings *s, unsigned which) {
  const quell_value silent = {"v_thresh", (double)INFINITY};
  quell_population *source = add_source(m, 1000, 1000.0, end_of(&delivery, s));
  quell_population *target = add_population(m, "target", "lif_curr_exp", 10000, &silent, 1);
  quell_connection connection = sparse(0.1, 1.0, 1.5);
  if (which != UNIFORM_WEIGHT) connection.weight = normal_above(0.0, 1.0, 0.1);
  if (which == OWN_WEIGHT_AND_DELAY) connection.delay = normal_above(0.05, 1.5, 0.75);
  join(m, source, target, "excitatory", &connection, NULL);
}

static double ns_per_event(const result *r) {
  return 1e9 * r->wall_s / (double)r->stats.synaptic_events;
}

static const figure delivery_figure = {"ns per event", ns_per_event};

const benchmark delivery = {
    .name = "delivery",
    .summary = "spikes to static synapses; by what each synapse has of its own",
    .cases = delivery_cases,
    .by_name = 3,
    .warm_up = 0.05,
    .seconds = 0.2,
    .figure = &delivery_figure,
    .build = build_delivery,
};

static const char *const plasticity_cases[] = {"vogels2011", "stdp_pair", NULL};

/* 4 million synapses, both sides at about 10 Hz. The target is made to fire by a constant current,
 * which costs nothing, and is so large that what is learnt has hardly any effect on its rate. */
static void build_learning(model *m, double end, const char *learning) {
  const quell_value driven[] = {{"cm", 200e3}, {"i_offset", 100.7e3}}, bound = {"w_max", 1.0};
  quell_population *source = add_source(m, 4000, 10.0, end);
  quell_population *target =
      add_population(m, "target", "lif_curr_exp", 4000, driven, COUNT(driven));
  spread_uniform(m, target, "v", -60.0, -50.0);
  quell_rule *rule = add_rule(m, learning, &bound, 1);
  const quell_connection connection = sparse(0.25, 0.5, 1.5);
  join(m, source, target, "excitatory", &connection, rule);
}

static void build_plasticity(model *m, const settings *s, unsigned which) {
  build_learning(m, end_of(&plasticity, s), plasticity_cases[which]);
}

static double ns_per_plastic_event(const result *r) {
  return 1e9 * r->wall_s / (double)r->stats.plastic_events;
}

static const figure plasticity_figure = {"ns per pre or post event", ns_per_plastic_event};

const benchmark plasticity = {
    .name = "plasticity",
    .summary = "synapses that learn, at 10 Hz on both sides; by rule",
    .cases = plasticity_cases,
    .by_name = 2,
    .warm_up = 0.2,
    .seconds = 1.0,
    .figure = &plasticity_figure,
    .build = build_plasticity,
};

/* --- plugin_overhead: the same source, built in and loaded --- */

#ifdef QUELL_BENCH_PLUGINS

static const char *const overhead_cases[] = {"built-in", "plugin", NULL};

static quell_status load_vogels(quell_registry *registry, const settings *s, char *message,
                                size_t size) {
  char path[1024];
  snprintf(path, sizeof path, "%s/plugin_vogels2011_%s.so", QUELL_BENCH_PLUGINS,
           quell_isa_name(s->isa));
  return quell_plugin_load(registry, path, message, size);
}

static void build_overhead(model *m, const settings *s, unsigned which) {
  build_learning(m, end_of(&plugin_overhead, s), which ? "plugin_vogels2011" : "vogels2011");
}

const benchmark plugin_overhead = {
    .name = "plugin_overhead",
    .summary = "the rule vogels2011, built in and as a plugin, for each instruction set",
    .cases = overhead_cases,
    .by_name = 2,
    .each_isa = 1,
    .warm_up = 0.2,
    .seconds = 1.0,
    .figure = &plasticity_figure,
    .compared = 1,
    .load = load_vogels,
    .build = build_overhead,
};

#endif

/* --- building --- */

enum { PROBABILITY, TOTAL };

static const char *const building_cases[] = {"probability-uniform", "total-normal", NULL};

static void build_synapses(model *m, const settings *s, unsigned which) {
  (void)s;
  quell_population *neurons = add_population(m, "neurons", "lif_curr_exp", 10000, NULL, 0);
  quell_connection connection = sparse(0.05, 1.0, 1.5);
  if (which == TOTAL) {
    connection.kind = QUELL_FIXED_TOTAL;
    connection.p = 0.0;
    connection.count = 4000000;
    connection.weight = normal_above(0.0, 1.0, 0.1);
    connection.delay = normal_above(0.05, 1.5, 0.75);
  }
  join(m, neurons, neurons, "excitatory", &connection, NULL);
}

static double millions_per_second(const result *r) {
  return 1e-6 * (double)r->synapses / r->stats.build_s;
}

static const figure building_figure = {"million synapses per second", millions_per_second};

const benchmark building = {
    .name = "building",
    .summary = "drawing synapses and putting them in place; by how they are chosen",
    .cases = building_cases,
    .by_name = 2,
    .figure = &building_figure,
    .build = build_synapses,
};

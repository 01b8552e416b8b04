/* Every rule of the library: what an event costs, and what a synapse takes. */
#include "bench.h"

#include <string.h>

enum { MOST_RULES = 128, NEURONS = 2000 };

static const char *names[MOST_RULES + 1];

void name_rules(void) {
  for (size_t i = 0; i < quell_registry_count(NULL) && i < MOST_RULES; i++)
    names[i] = quell_registry_rule(NULL, i)->name;
}

static quell_rule_info info_of(unsigned which) {
  quell_rule_info info = QUELL_RULE_INFO_INIT;
  quell_rule_describe(quell_registry_rule(NULL, which), &info);
  return info;
}

/* A rule that acts at an interval does so at every step: then all that is timed is its work. */
static quell_rule *make_rule(model *m, unsigned which) {
  const quell_rule_desc *desc = quell_registry_rule(NULL, which);
  const quell_value every_step = {"interval", 0.1};
  for (size_t i = 0; i < info_of(which).n_parameters; i++) {
    quell_variable parameter = QUELL_VARIABLE_INIT;
    check(m, quell_rule_parameter(desc, i, &parameter));
    if (!strcmp(parameter.name, every_step.name)) return add_rule(m, names[which], &every_step, 1);
  }
  return add_rule(m, names[which], NULL, 0);
}

/* Events on both sides at 10 Hz; the target is so large that what is learnt has hardly any effect.
 */
static void build_spiking(model *m, unsigned which, const quell_rule_info *info) {
  const quell_value driven[] = {{"cm", 200e3}, {"i_offset", 100.7e3}};
  const quell_value noise = {"rate", 10.0};
  quell_population *source = add_population(m, "source", "poisson", NEURONS, &noise, 1);
  quell_population *target =
      add_population(m, "target", "lif_cond_exp", NEURONS, driven, COUNT(driven));
  spread_uniform(m, target, "v", -60.0, -50.0);
  quell_rule *rule = make_rule(m, which);
  quell_connection connection = sparse(0.25, 0.5, 1.5);
  connection.n_stack = info->kind != QUELL_RULE_EVENT;
  connection.stack = &rule;
  join(m, source, target, "excitatory", &connection, connection.n_stack ? NULL : rule);
}

static void build_rates(model *m, unsigned which) {
  const quell_value bias = {"bias", 10.0};
  quell_population *source = add_population(m, "source", "rate", 500, &bias, 1);
  quell_population *target = add_population(m, "target", "rate", 500, &bias, 1);
  quell_rule *rule = make_rule(m, which);
  quell_connection connection = sparse(0.25, 0.2, 1.5);
  connection.n_stack = 1;
  connection.stack = &rule;
  join(m, source, target, "excitatory", &connection, NULL);
}

static void build_rule(model *m, const settings *s, unsigned which) {
  (void)s;
  quell_rule_info info = info_of(which);
  if (info.flags & QUELL_NEEDS_RATES)
    build_rates(m, which);
  else
    build_spiking(m, which, &info);
}

/* Short-term plasticity changes no weight: its events are deliveries. */
static double ns_per_event(const result *r) {
  const quell_stats *stats = &r->stats;
  if (!stats->plastic_events) return 1e9 * stats->deliver_s / (double)stats->synaptic_events;
  return 1e9 * stats->plasticity_s / (double)stats->plastic_events;
}

static const figure rule_figure = {"ns per event", ns_per_event};

const benchmark rules = {
    .name = "rules",
    .summary = "every rule, at 10 Hz on both sides or on rate units; time of delivery and learning",
    .cases = names,
    .by_name = MOST_RULES,
    .by_request = 1,
    .warm_up = 0.2,
    .seconds = 1.0,
    .figure = &rule_figure,
    .build = build_rule,
};

#include "engine/bind.h"

#include "engine/interval.h"
#include "engine/moving.h"
#include "engine/side.h"
#include <math.h>
#include <string.h>

uint32_t ql_steps_in(const quell_network *network, double ms) {
  return (uint32_t)floor(ms / network->dt + 0.5);
}

static double value_of(const quell_rule *rule, uint32_t param) {
  return rule->value[param];
}

uint32_t ql_late_steps(const quell_projection *projection) {
  const ql_event *late = &projection->rule->shape.event[QUELL_LATE];
  return ql_steps_in(projection->network, value_of(projection->rule, late->param));
}

uint32_t ql_shortest_news(const quell_network *network, uint32_t *longest) {
  uint32_t shortest = UINT32_MAX;
  for (size_t r = 0; r < network->n_rules; r++) {
    const quell_rule *rule = network->rules[r];
    for (uint32_t i = 0; i < rule->shape.n_observed; i++) {
      uint32_t delay = ql_rule_observed(rule->desc, i)->delay;
      uint32_t steps = ql_steps_in(network, value_of(rule, delay));
      if (steps < shortest) shortest = steps;
      if (steps > *longest) *longest = steps;
    }
  }
  uint32_t spikes = ql_channels_news(network, longest);
  return spikes < shortest ? spikes : shortest;
}

/* Traces. */

static ql_decay decay_for(const quell_rule *rule, uint32_t tau) {
  return ql_decay_of(value_of(rule, tau) / rule->network->dt);
}

/* The population's trace of this kind and decay, made if there is none yet. */
static int share_trace(quell_population *population, uint32_t kind, ql_decay decay,
                       uint32_t *index) {
  for (*index = 0; *index < population->n_traces; ++*index)
    if (population->trace[*index].kind == kind && population->trace[*index].decay.tau == decay.tau)
      return 1;
  size_t capacity = population->n_traces;
  if (!ql_grow(&population->network->memory, (void **)&population->trace, &capacity, *index + 1,
               sizeof *population->trace))
    return 0;
  population->trace[population->n_traces++] = (ql_trace_use){kind, decay};
  return 1;
}

static int bind_traces(quell_projection *projection, ql_use *use) {
  const quell_rule *rule = use->rule;
  for (uint32_t i = 0; i < rule->shape.n_pre; i++) {
    const ql_trace *trace = &rule->shape.pre[i];
    if (trace->kind == QUELL_TRACE_AGE) continue;
    projection->pre_decay[use->first_pre + i] = decay_for(rule, trace->tau);
  }
  for (uint32_t i = 0; i < rule->shape.n_post; i++) {
    const ql_trace *trace = &rule->shape.post[i];
    if (trace->kind == QUELL_TRACE_AGE) continue;
    if (!share_trace(projection->post, trace->kind, decay_for(rule, trace->tau),
                     &use->post_trace[i]))
      return 0;
  }
  if (rule->shape.learns || rule->shape.n_post) projection->post->remembers = 1;
  return 1;
}

/* Post sides. */

static int state_index(const quell_population *population, const char *name) {
  for (uint32_t i = 0; i < population->model->n_states; i++)
    if (!strcmp(population->model->states[i].name, name)) return (int)i;
  return -1;
}

static int make_vars(ql_side *side) {
  const quell_rule *rule = side->rule;
  quell_network *network = rule->network;
  size_t size = side->population->size;
  for (uint32_t i = 0; i < rule->shape.n_post_vars; i++) {
    const quell_post_var_desc *var = ql_rule_post_var(rule->desc, i);
    side->depth[i] = var->depth ? ql_steps_in(network, value_of(rule, var->depth - 1)) + 1 : 1;
    side->var[i] = ql_alloc(&network->memory, size, side->depth[i] * sizeof *side->var[i]);
    if (!side->var[i]) return 0;
    for (size_t j = 0; j < size * side->depth[i]; j++) side->var[i][j] = var->value;
  }
  return 1;
}

static int is_float(const quell_population *population, int state) {
  return population->model->states[state].type == QUELL_FLOAT32;
}

static int find_states(ql_side *side) {
  const quell_population *population = side->population;
  ql_memory *memory = &population->network->memory;
  for (uint32_t i = 0; i < side->rule->shape.n_inputs; i++) {
    int state = state_index(population, ql_rule_state(side->rule->desc, i)->name);
    side->input[i] = (uint32_t)state;
    if (is_float(population, state)) continue;
    side->as_float[i] = ql_alloc(memory, population->size, sizeof *side->as_float[i]);
    if (!side->as_float[i]) return 0;
  }
  return 1;
}

int ql_remember(quell_population *population, const float *signal, uint32_t *index) {
  size_t capacity = population->n_remembered;
  if (!ql_grow(&population->network->memory, (void **)&population->remembered, &capacity,
               population->n_remembered + 1, sizeof *population->remembered))
    return 0;
  *index = population->n_remembered;
  population->remembered[population->n_remembered++] = signal;
  return 1;
}

/* `word` is for now the place among the signals: the number of traces is not known yet. */
static int make_signals(ql_side *side) {
  quell_population *population = side->population;
  const ql_shape *shape = &side->rule->shape;
  for (uint32_t i = 0; i < shape->n_signals; i++) {
    const char *name = ql_rule_signal(side->rule->desc, i)->state;
    int state = side->state_of[i] = name ? state_index(population, name) : -1;
    if (state >= 0 && is_float(population, state))
      side->signal[i] = population->state[state];
    else
      side->signal[i] =
          ql_alloc(&population->network->memory, population->size, sizeof *side->signal[i]);
    if (!side->signal[i]) return 0;
    if (shape->event[QUELL_POST].wants_signal >> i & 1 &&
        !ql_remember(population, side->signal[i], &side->word[i]))
      return 0;
  }
  return 1;
}

/* Windows of two of the shorter time constant, and enough of their ends for a row that lags behind
 * by the whole horizon. */
static int make_integrals(ql_side *side) {
  const quell_rule *rule = side->rule;
  quell_network *network = rule->network;
  ql_memory *memory = &network->memory;
  size_t size = side->population->size;
  double shortest = INFINITY;
  for (uint32_t i = 0; i < rule->shape.n_integrals; i++) {
    uint32_t trace = ql_rule_integral(rule->desc, i)->trace;
    side->tau[i] = value_of(rule, rule->shape.pre[trace].tau) / network->dt;
    if (side->tau[i] < shortest) shortest = side->tau[i];
  }
  if (!rule->shape.n_integrals) return 1;
  side->window = (uint32_t)(2.0 * shortest); /* not of the horizon, which changes no bit */
  side->n_ends = network->horizon / side->window + 3;
  for (uint32_t i = 0; i < rule->shape.n_integrals; i++) {
    side->drive[i] = ql_alloc(memory, size, sizeof *side->drive[i]);
    side->now[i] = ql_alloc(memory, size, sizeof *side->now[i]);
    side->area[i] = ql_alloc(memory, size, sizeof *side->area[i]);
    side->end[i] = ql_alloc(memory, size, side->n_ends * sizeof *side->end[i]);
    if (!side->drive[i] || !side->now[i] || !side->area[i] || !side->end[i]) return 0;
  }
  return 1;
}

static ql_side *find_side(const quell_population *population, const quell_rule *rule) {
  for (size_t i = 0; i < population->n_sides; i++)
    if (population->sides[i]->rule == rule) return population->sides[i];
  return NULL;
}

static ql_side *make_side(quell_population *population, quell_rule *rule) {
  quell_network *network = population->network;
  ql_side *side = ql_alloc(&network->memory, 1, sizeof *side);
  if (!side) return NULL;
  if (!ql_append(network, (void ***)&population->sides, &population->n_sides,
                 &population->side_capacity, side)) {
    ql_free(&network->memory, side);
    return NULL;
  }
  side->rule = rule;
  side->population = population;
  for (uint32_t i = 0; i < rule->shape.n_observed; i++)
    side->news[i] = ql_steps_in(network, value_of(rule, ql_rule_observed(rule->desc, i)->delay));
  return make_vars(side) && find_states(side) && make_signals(side) && make_integrals(side) ? side
                                                                                            : NULL;
}

static int bind_side(quell_projection *projection, ql_use *use) {
  use->side = NULL;
  if (!ql_has_side(&use->rule->shape, use->rule->desc)) return 1;
  use->side = find_side(projection->post, use->rule);
  if (!use->side) use->side = make_side(projection->post, use->rule);
  return use->side != NULL;
}

static void free_side(ql_side *side) {
  ql_memory *memory = &side->population->network->memory;
  for (uint32_t i = 0; i < QL_MAX_POST_VARS; i++) ql_free(memory, side->var[i]);
  for (uint32_t i = 0; i < QL_MAX_INPUTS; i++) ql_free(memory, side->as_float[i]);
  for (uint32_t i = 0; i < side->rule->shape.n_signals; i++) {
    int state = side->state_of[i];
    if (state < 0 || !is_float(side->population, state)) ql_free(memory, side->signal[i]);
  }
  for (uint32_t i = 0; i < QL_MAX_INTEGRALS; i++) {
    ql_free(memory, side->drive[i]);
    ql_free(memory, side->now[i]);
    ql_free(memory, side->area[i]);
    ql_free(memory, side->end[i]);
  }
  ql_free(memory, side);
}

/* Events keep the traces first. */
static void place_signals(quell_population *population) {
  for (size_t i = 0; i < population->n_sides; i++) {
    ql_side *side = population->sides[i];
    for (uint32_t k = 0; k < side->rule->shape.n_signals; k++)
      if (side->rule->shape.event[QUELL_POST].wants_signal >> k & 1)
        side->word[k] += 1 + population->n_traces;
  }
}

/* Intervals. */

static ql_group *find_group(const quell_population *population, const quell_rule *rule) {
  for (uint32_t g = 0; g < population->n_groups; g++)
    if (population->groups[g].rule == rule) return &population->groups[g];
  return NULL;
}

static int add_group(quell_population *population, quell_rule *rule) {
  size_t capacity = population->n_groups;
  if (!ql_grow(&population->network->memory, (void **)&population->groups, &capacity,
               population->n_groups + 1, sizeof *population->groups))
    return 0;
  const ql_event *event = &rule->shape.event[QUELL_INTERVAL];
  population->groups[population->n_groups++] =
      (ql_group){.rule = rule,
                 .side = find_side(population, rule),
                 .period = ql_steps_in(rule->network, value_of(rule, event->param))};
  return 1;
}

static int add_member(quell_population *population, quell_projection *projection,
                      const ql_use *use) {
  ql_group *group = find_group(population, use->rule);
  size_t capacity = group->n;
  if (!ql_grow(&population->network->memory, (void **)&group->member, &capacity, group->n + 1,
               sizeof *group->member))
    return 0;
  group->member[group->n++] = (struct ql_member){projection, use};
  return 1;
}

/* In the order of the stacks: first what is first in any of them. */
static int make_groups(quell_population *population) {
  for (uint32_t place = 0; place < QL_MAX_STACK; place++) {
    for (size_t p = 0; p < population->n_incoming; p++) {
      quell_projection *projection = population->incoming[p];
      if (place >= projection->n_uses) continue;
      const ql_use *use = &projection->use[place];
      if (!use->rule->shape.event[QUELL_INTERVAL].call) continue;
      if (!find_group(population, use->rule) && !add_group(population, use->rule)) return 0;
    }
  }
  for (size_t p = 0; p < population->n_incoming; p++) {
    quell_projection *projection = population->incoming[p];
    for (uint32_t i = 0; i < projection->n_uses; i++)
      if (projection->use[i].rule->shape.event[QUELL_INTERVAL].call &&
          !add_member(population, projection, &projection->use[i]))
        return 0;
  }
  return 1;
}

/* All of it. */

int ql_bind(quell_network *network) {
  for (size_t i = 0; i < network->n_projections; i++) {
    quell_projection *projection = network->projections[i];
    for (uint32_t k = 0; k < projection->n_uses; k++)
      if (!bind_traces(projection, &projection->use[k]) ||
          !bind_side(projection, &projection->use[k]))
        return 0;
  }
  if (!ql_moving_start(network)) return 0;
  for (size_t i = 0; i < network->n_populations; i++) {
    place_signals(network->populations[i]);
    if (!make_groups(network->populations[i])) return 0;
  }
  return 1;
}

void ql_unbind(quell_population *population) {
  ql_memory *memory = &population->network->memory;
  for (size_t i = 0; i < population->n_sides; i++) free_side(population->sides[i]);
  for (uint32_t g = 0; g < population->n_groups; g++) ql_free(memory, population->groups[g].member);
  ql_free(memory, population->trace);
  ql_free(memory, population->sides);
  ql_free(memory, population->remembered);
  ql_free(memory, population->groups);
  population->trace = NULL;
  population->sides = NULL;
  population->remembered = NULL;
  population->groups = NULL;
  population->n_traces = population->n_remembered = population->n_groups = 0;
  population->n_sides = population->side_capacity = 0;
  population->remembers = 0;
}

#include "engine/moving.h"

#include "base/math.h"
#include "engine/bind.h"
#include "engine/epoch.h"
#include <math.h>
#include <string.h>

/* --- names --- */

ql_dial *ql_factor_of(const quell_rule *rule, uint32_t eligibility) {
  ql_dial *factors = rule->dial + QL_FIRST_BOUND + rule->shape.n_bound;
  if (rule->shape.defers) return factors;
  uint32_t factor = ql_rule_eligibility(rule->desc, eligibility)->factor;
  return factor ? factors + factor - 1 : NULL;
}

double ql_eligibility_tau(const quell_rule *rule, uint32_t eligibility) {
  if (rule->shape.defers) return rule->eligibility;
  return rule->value[ql_rule_eligibility(rule->desc, eligibility)->tau];
}

const char *ql_eligibility_name(const quell_rule *rule, uint32_t eligibility) {
  return rule->shape.defers ? "eligibility" : ql_rule_eligibility(rule->desc, eligibility)->name;
}

const char *ql_factor_name(const quell_rule *rule, uint32_t factor) {
  return rule->shape.defers ? "factor" : ql_rule_factor(rule->desc, factor)->name;
}

const char *ql_var_name(const quell_rule *rule, uint32_t v) {
  const ql_shape *shape = &rule->shape;
  if (v < shape->n_vars) return ql_rule_var(rule->desc, v)->name;
  if (v < ql_kept_vars(shape)) return ql_eligibility_name(rule, v - shape->n_vars);
  return ql_rule_row_var(rule->desc, v - ql_kept_vars(shape))->name;
}

static const char *bound_name(const quell_rule *rule, uint32_t i) {
  return ql_rule_param(rule->desc, rule->shape.bound[i])->name;
}

static const char *dial_name(const quell_rule *rule, uint32_t d) {
  static const char *const standard[] = {"learning", "potentiation", "depression"};
  if (d < QL_FIRST_BOUND) return standard[d];
  d -= QL_FIRST_BOUND;
  return d < rule->shape.n_bound ? bound_name(rule, d)
                                 : ql_factor_name(rule, d - rule->shape.n_bound);
}

int ql_dial_index(const quell_rule *rule, const char *name) {
  for (uint32_t d = 0; d < rule->n_dials; d++)
    if (!strcmp(dial_name(rule, d), name)) return (int)d;
  return -1;
}

double ql_dial_base(const quell_rule *rule, uint32_t d) {
  uint32_t bound = d - QL_FIRST_BOUND;
  int is_param = d >= QL_FIRST_BOUND && bound < rule->shape.n_bound;
  return is_param ? rule->value[rule->shape.bound[bound]] : 1.0;
}

/* --- parameters that are read once --- */

static int any_bound(const quell_rule *rule) {
  for (uint32_t i = 0; i < rule->shape.n_bound; i++)
    if (rule->dial[QL_FIRST_BOUND + i].n) return 1;
  return 0;
}

const double *ql_params_at(const quell_rule *rule, uint64_t step, double *room) {
  if (!any_bound(rule)) return rule->value;
  memcpy(room, rule->value, rule->shape.n_params * sizeof *room);
  uint32_t mask = rule->network->horizon - 1;
  for (uint32_t i = 0; i < rule->shape.n_bound; i++) {
    const ql_dial *dial = &rule->dial[QL_FIRST_BOUND + i];
    if (dial->n) room[rule->shape.bound[i]] = (double)dial->ring[step & mask];
  }
  return room;
}

const double *ql_params_at_arrival(const ql_use *use, uint64_t clock, double since, double *units,
                                   double *room) {
  const quell_rule *rule = use->rule;
  const double *param = ql_params_at(rule, clock, room);
  uint32_t mask = rule->network->horizon - 1;
  for (uint32_t i = 0; use->moving && i < rule->shape.n_bound; i++) {
    if (!use->moving->units[i]) continue;
    double now = use->moving->units[i][clock & mask];
    double passed = now - units[i]; /* 0 for a second arrival in one step */
    if (isfinite(since) && passed > 0.0) room[rule->shape.bound[i]] = since / passed;
    units[i] = now;
  }
  return param;
}

/* --- checks --- */

static quell_status check_factors(const quell_rule *rule) {
  const ql_dial *factor = rule->dial + QL_FIRST_BOUND + rule->shape.n_bound;
  for (uint32_t f = 0; f < rule->shape.n_factors; f++) {
    if (factor[f].n) continue;
    return ql_fail(rule->network, QUELL_E_STATE,
                   "rule '%s': its third factor '%s' follows no channel; quell_rule_bind() says "
                   "which it is to follow",
                   rule->desc->name, ql_factor_name(rule, f));
  }
  const ql_event *pulse = &rule->shape.event[QUELL_PULSE];
  if (!pulse->call || (factor[pulse->param].n == 1 && !ql_dial_is_by_neuron(&factor[pulse->param])))
    return QUELL_OK;
  return ql_fail(rule->network, QUELL_E_UNSUPPORTED,
                 "rule '%s': the releases of one channel are events for it; '%s' must follow one, "
                 "of one value or of territories",
                 rule->desc->name, ql_factor_name(rule, pulse->param));
}

static int is_computed_once(const quell_rule *rule) {
  return rule->shape.releases || rule->desc->post_step || rule->desc->decide;
}

static quell_status check_dial(const quell_projection *projection, const quell_rule *rule,
                               uint32_t d) {
  const ql_dial *dial = &rule->dial[d];
  if (!dial->wide) return QUELL_OK;
  if (d >= QL_FIRST_BOUND && d < QL_FIRST_BOUND + rule->shape.n_bound && is_computed_once(rule))
    return ql_fail(rule->network, QUELL_E_UNSUPPORTED,
                   "rule '%s': '%s' is read once for many synapses, and channel '%s' has not one "
                   "value",
                   rule->desc->name, dial_name(rule, d), dial->wide->name);
  if (!ql_dial_is_by_neuron(dial)) return QUELL_OK;
  if (projection->post != dial->wide->population)
    return ql_fail(rule->network, QUELL_E_UNSUPPORTED,
                   "rule '%s': '%s' follows channel '%s', which is of the neurons of population "
                   "'%.70s', but synapses of the rule end on '%.70s'",
                   rule->desc->name, dial_name(rule, d), dial->wide->name,
                   dial->wide->population->name, projection->post->name);
  if (!projection->dendritic_max) return QUELL_OK;
  return ql_fail(rule->network, QUELL_E_UNSUPPORTED,
                 "rule '%s': '%s' follows channel '%s', which has a value for each neuron; then "
                 "there must be no dendritic delay, and it is up to %g ms",
                 rule->desc->name, dial_name(rule, d), dial->wide->name,
                 projection->dendritic_max * rule->network->dt);
}

quell_status ql_moving_check(const quell_network *network) {
  quell_status status = QUELL_OK;
  for (size_t p = 0; p < network->n_projections && !status; p++) {
    const quell_projection *projection = network->projections[p];
    for (uint32_t u = 0; u < projection->n_uses && !status; u++) {
      const quell_rule *rule = projection->use[u].rule;
      status = check_factors(rule);
      for (uint32_t d = 0; d < rule->n_dials && !status; d++)
        status = check_dial(projection, rule, d);
    }
  }
  return status;
}

/* --- start --- */

/* How the synapses of a projection read what has a ring, or is by neuron. Returns 0 if there is no
 * memory. */
static int read_from(ql_reading *reading, quell_projection *projection, const ql_dial *dial,
                     const float *ring, float *now) {
  quell_population *post = projection->post;
  *reading = (ql_reading){.ring = ring, .now = now};
  if (ring && dial && dial->wide) reading->territory = ql_channel_territory(dial->wide, post);
  if (!now) return 1;
  uint32_t index;
  if (!ql_remember(post, now, &index)) return 0;
  reading->word = 1 + post->n_traces + index;
  return 1;
}

static int start_anchor(ql_anchor *anchor, quell_projection *projection, const ql_use *use,
                        uint32_t i) {
  quell_network *network = projection->network;
  ql_memory *memory = &network->memory;
  const ql_moving *moving = use->moving;
  anchor->factor = ql_factor_of(use->rule, i);
  anchor->tau = ql_eligibility_tau(use->rule, i) / network->dt;
  anchor->per_step = -ql_expm1(-1.0 / anchor->tau) * anchor->tau * network->dt / 1000.0;
  anchor->over_window = (float)ql_exp(-(double)moving->window / anchor->tau);
  int by_neuron = anchor->factor && ql_dial_is_by_neuron(anchor->factor);
  anchor->n = by_neuron ? projection->post->size : anchor->factor ? anchor->factor->rows : 1;
  anchor->sum = ql_alloc(memory, anchor->n, sizeof *anchor->sum);
  anchor->end = ql_alloc(memory, moving->n_ends * anchor->n, sizeof *anchor->end);
  anchor->pace = ql_alloc(memory, network->horizon, sizeof *anchor->pace);
  float *area =
      ql_alloc(memory, by_neuron ? anchor->n : anchor->n * network->horizon, sizeof *area);
  *(by_neuron ? &anchor->area.now : &anchor->ring) = area;
  if (!anchor->sum || !anchor->end || !anchor->pace || !area) return 0;
  return read_from(&anchor->area, projection, anchor->factor, by_neuron ? NULL : area,
                   by_neuron ? area : NULL);
}

/* B at a stamp. */
static void note_growth(const ql_moving *moving, ql_anchor *anchor, uint64_t stamp,
                        uint32_t horizon) {
  double since = (double)(stamp % moving->window) / anchor->tau;
  ql_pace *pace = &anchor->pace[stamp & (horizon - 1)];
  pace->grow = (float)ql_exp(since);
  pace->shrink = (float)ql_exp(-since);
}

static int start_anchors(quell_projection *projection, const ql_use *use) {
  const quell_network *network = projection->network;
  ql_moving *moving = use->moving;
  moving->n = use->rule->shape.n_eligibilities;
  double shortest = INFINITY;
  for (uint32_t i = 0; i < moving->n; i++) {
    double tau = ql_eligibility_tau(use->rule, i) / network->dt;
    if (tau < shortest) shortest = tau;
  }
  if (!moving->n) return 1;
  double steps = 2.0 * shortest; /* not of the horizon, which changes no bit */
  moving->window = steps < (double)(1u << 30) ? (uint32_t)steps : 1u << 30;
  moving->n_ends = network->horizon / moving->window + 3;
  for (uint32_t i = 0; i < moving->n; i++) {
    if (!start_anchor(&moving->anchor[i], projection, use, i)) return 0;
    note_growth(moving, &moving->anchor[i], network->clock, network->horizon);
  }
  return 1;
}

static int start_dials(quell_projection *projection, const ql_use *use) {
  const quell_rule *rule = use->rule;
  for (uint32_t d = 0; d < QL_FIRST_BOUND + rule->shape.n_bound; d++) {
    const ql_dial *dial = &rule->dial[d];
    if (!dial->n) continue;
    if (d < QL_FIRST_BOUND) use->moving->scales = 1;
    if (!read_from(&use->moving->dial[d], projection, dial, dial->ring, dial->now)) return 0;
  }
  return 1;
}

/* Time constants of short-term plasticity. */
static int start_units(quell_network *network, const ql_use *use) {
  const quell_rule *rule = use->rule;
  for (uint32_t i = 0; rule->shape.releases && i < rule->shape.n_bound; i++) {
    if (!rule->dial[QL_FIRST_BOUND + i].n) continue;
    if (strcmp(ql_rule_param(rule->desc, rule->shape.bound[i])->unit, "ms")) continue;
    double *units = ql_alloc(&network->memory, network->horizon, sizeof *units);
    if (!units) return 0;
    use->moving->units[i] = units;
  }
  return 1;
}

static int any_dial(const quell_rule *rule) {
  for (uint32_t d = 0; d < rule->n_dials; d++)
    if (rule->dial[d].n) return 1;
  return 0;
}

static int start_use(quell_projection *projection, ql_use *use) {
  const quell_rule *rule = use->rule;
  use->moving = NULL;
  if (!rule->shape.n_eligibilities && !any_dial(rule)) return 1;
  use->moving = ql_alloc(&projection->network->memory, 1, sizeof *use->moving);
  if (!use->moving) return 0;
  const ql_event *pulse = &rule->shape.event[QUELL_PULSE];
  if (pulse->call)
    use->moving->pulses =
        rule->dial[QL_FIRST_BOUND + rule->shape.n_bound + pulse->param].binding[0].channel;
  return start_dials(projection, use) && start_anchors(projection, use) &&
         start_units(projection->network, use);
}

/* Dials of populations and projections. */
static int start_others(quell_network *network) {
  for (size_t p = 0; p < network->n_projections; p++) {
    ql_dial *gain = network->projections[p]->gain;
    if (gain && !ql_dial_start(network, gain)) return 0;
  }
  for (size_t p = 0; p < network->n_populations; p++) {
    ql_dial *dial = network->populations[p]->dial;
    for (uint32_t d = 0; dial && d < QL_POPULATION_DIALS; d++)
      if (!ql_dial_start(network, &dial[d])) return 0;
  }
  return 1;
}

int ql_moving_start(quell_network *network) {
  if (!start_others(network)) return 0;
  for (size_t r = 0; r < network->n_rules; r++)
    for (uint32_t d = 0; d < network->rules[r]->n_dials; d++)
      if (!ql_dial_start(network, &network->rules[r]->dial[d])) return 0;
  for (size_t p = 0; p < network->n_projections; p++) {
    quell_projection *projection = network->projections[p];
    for (uint32_t u = 0; u < projection->n_uses; u++)
      if (!start_use(projection, &projection->use[u])) return 0;
  }
  return 1;
}

void ql_moving_free(quell_projection *projection) {
  ql_memory *memory = &projection->network->memory;
  for (uint32_t u = 0; u < projection->n_uses; u++) {
    ql_moving *moving = projection->use[u].moving;
    for (uint32_t i = 0; moving && i < moving->n; i++) {
      ql_anchor *anchor = &moving->anchor[i];
      ql_free(memory, anchor->sum);
      ql_free(memory, anchor->end);
      ql_free(memory, anchor->pace);
      ql_free(memory, anchor->ring);
      ql_free(memory, anchor->area.now);
    }
    for (uint32_t i = 0; moving && i < QL_MAX_BOUND; i++) ql_free(memory, moving->units[i]);
    ql_free(memory, moving);
    projection->use[u].moving = NULL;
  }
}

void ql_moving_stop(quell_network *network) {
  for (size_t p = 0; p < network->n_projections; p++) ql_moving_free(network->projections[p]);
  for (size_t r = 0; r < network->n_rules; r++)
    for (uint32_t d = 0; d < network->rules[r]->n_dials; d++)
      ql_dial_stop(network, &network->rules[r]->dial[d]);
  for (size_t p = 0; p < network->n_projections; p++)
    if (network->projections[p]->gain) ql_dial_stop(network, network->projections[p]->gain);
  for (size_t p = 0; p < network->n_populations; p++) {
    ql_dial *dial = network->populations[p]->dial;
    for (uint32_t d = 0; dial && d < QL_POPULATION_DIALS; d++) ql_dial_stop(network, &dial[d]);
  }
}

void ql_moving_keep_pulses(const quell_network *network) {
  for (size_t r = 0; r < network->n_rules; r++) {
    const quell_rule *rule = network->rules[r];
    const ql_event *pulse = &rule->shape.event[QUELL_PULSE];
    if (!pulse->call) continue;
    const ql_dial *factor = &rule->dial[QL_FIRST_BOUND + rule->shape.n_bound + pulse->param];
    for (size_t i = 0; i < factor->n; i++) factor->binding[i].channel->keeps_pulses = 1;
  }
}

/* --- step by step --- */

/* The first step in which a dial is no number, or its parameter is outside its range; `steps` if
 * there is none. */
static uint32_t first_bad(const quell_network *network, const quell_rule *rule, uint32_t d,
                          uint32_t steps, float *bad) {
  const ql_dial *dial = &rule->dial[d];
  uint32_t bound = d - QL_FIRST_BOUND, mask = network->horizon - 1;
  int is_param = d >= QL_FIRST_BOUND && bound < rule->shape.n_bound;
  const quell_param_desc *param =
      is_param ? ql_rule_param(rule->desc, rule->shape.bound[bound]) : NULL;
  for (uint32_t i = 0; i < steps; i++) {
    for (uint32_t row = 0; row < dial->rows; row++) {
      *bad = dial->ring[(size_t)row * network->horizon + ((network->clock + i) & mask)];
      double value = (double)*bad;
      if (!isfinite(value) || (param && !(value >= param->min && value <= param->max))) return i;
    }
  }
  return steps;
}

static quell_status check_course(const quell_network *network, const quell_rule *rule, uint32_t d,
                                 uint32_t steps) {
  float bad = 0.0f;
  uint32_t i = first_bad(network, rule, d, steps, &bad);
  if (i == steps) return QUELL_OK;
  double ms = (double)(network->clock + i) * network->dt;
  if (!isfinite(bad))
    return ql_fail(network, QUELL_E_RANGE,
                   "rule '%s': '%s' follows its channels to no finite number at %g ms",
                   rule->desc->name, dial_name(rule, d), ms);
  const quell_param_desc *param = ql_rule_param(rule->desc, rule->shape.bound[d - QL_FIRST_BOUND]);
  return ql_fail(network, QUELL_E_RANGE,
                 "rule '%s': '%s' must be in [%g, %g] %s, and follows its channels to %g at %g ms",
                 rule->desc->name, param->name, param->min, param->max, param->unit, (double)bad,
                 ms);
}

static void advance_anchor(const quell_projection *projection, const ql_moving *moving,
                           ql_anchor *anchor, uint64_t stamp) {
  uint32_t horizon = projection->network->horizon, mask = horizon - 1;
  uint64_t next = stamp + 1;
  note_growth(moving, anchor, next, horizon);
  if (!anchor->ring) return;
  int ends = next % moving->window == 0;
  int moves = anchor->factor && projection->epoch[projection->n_epochs - 1].on;
  double weight = anchor->per_step * ql_exp(-(double)(stamp % moving->window) / anchor->tau);
  float *end = anchor->end + (next / moving->window - 1) % moving->n_ends * anchor->n;
  for (size_t row = 0; row < anchor->n; row++) {
    const float *factor = moves ? anchor->factor->ring + row * horizon : NULL;
    if (factor) anchor->sum[row] += (double)factor[stamp & mask] * weight;
    if (ends) end[row] = (float)anchor->sum[row];
    if (ends) anchor->sum[row] = 0.0;
    anchor->ring[row * horizon + (next & mask)] = (float)anchor->sum[row];
  }
  anchor->pace[next & mask].area = anchor->ring[next & mask];
}

static void advance_anchors(const quell_projection *projection, uint32_t steps) {
  ql_moving *moving = projection->n_uses ? projection->use[0].moving : NULL;
  for (uint32_t k = 0; moving && k < moving->n; k++)
    for (uint32_t i = 0; i < steps; i++)
      advance_anchor(projection, moving, &moving->anchor[k], projection->network->clock + i);
}

/* More than this many time constants in a step leave nothing, and a sum of them stays finite. */
static const double MOST_UNITS = 1000.0;

static void advance_units(const quell_network *network, const ql_use *use, uint32_t steps) {
  ql_moving *moving = use->moving;
  uint32_t mask = network->horizon - 1;
  for (uint32_t k = 0; moving && k < use->rule->shape.n_bound; k++) {
    const ql_dial *dial = &use->rule->dial[QL_FIRST_BOUND + k];
    for (uint32_t i = 0; moving->units[k] && i < steps; i++) {
      uint64_t stamp = network->clock + i;
      double units = network->dt / (double)dial->ring[stamp & mask];
      moving->passed[k] += units < MOST_UNITS ? units : MOST_UNITS;
      moving->units[k][(stamp + 1) & mask] = moving->passed[k];
    }
  }
}

static quell_status advance_gain(const quell_network *network, ql_dial *gain, uint32_t steps) {
  ql_dial_advance(network, gain, 1.0, steps);
  for (uint32_t row = 0; row < gain->rows; row++) {
    const float *ring = gain->ring + (size_t)row * network->horizon;
    for (uint32_t i = 0; i < steps; i++) {
      double value = (double)ring[(network->clock + i) & (network->horizon - 1)];
      if (value >= 0.0 && value <= 1e9) continue;
      return ql_fail(network, QUELL_E_RANGE,
                     "projection: 'gain' must be in [0, 1e+09], and follows its channels to %g at "
                     "%g ms",
                     value, (double)(network->clock + i) * network->dt);
    }
  }
  return QUELL_OK;
}

static quell_status advance_others(quell_network *network, uint32_t steps) {
  for (size_t p = 0; p < network->n_populations; p++) {
    ql_dial *dial = network->populations[p]->dial;
    for (uint32_t d = 0; dial && d < QL_POPULATION_DIALS; d++)
      if (dial[d].n) ql_dial_advance(network, &dial[d], d % 2 ? 0.0 : 1.0, steps);
  }
  quell_status status = QUELL_OK;
  for (size_t p = 0; p < network->n_projections && !status; p++)
    if (network->projections[p]->gain)
      status = advance_gain(network, network->projections[p]->gain, steps);
  return status;
}

quell_status ql_moving_advance(quell_network *network, uint32_t steps) {
  quell_status others = advance_others(network, steps);
  if (others) return others;
  for (size_t r = 0; r < network->n_rules; r++) {
    const quell_rule *rule = network->rules[r];
    for (uint32_t d = 0; d < rule->n_dials; d++) {
      if (!rule->dial[d].n) continue;
      ql_dial_advance(network, &rule->dial[d], ql_dial_base(rule, d), steps);
      quell_status status = check_course(network, rule, d, steps);
      if (status) return status;
    }
  }
  for (size_t p = 0; p < network->n_projections; p++) {
    const quell_projection *projection = network->projections[p];
    advance_anchors(projection, steps);
    if (projection->release) advance_units(network, projection->release, steps);
  }
  return QUELL_OK;
}

#include "engine/start.h"

#include "base/fpmode.h"
#include "base/message.h"
#include "base/seconds.h"

#include "engine/fragment.h"

enum { DEFAULT_HORIZON = 16384 };

static uint32_t power_of_two(uint32_t at_least) {
  uint32_t power = 1;
  while (power < at_least) power *= 2;
  return power;
}

/* Most steps between two exchanges: what is emitted in the first of them must be known when it is
 * due. It depends on the network alone, and so does the order in which inputs are added up. */
static uint32_t longest_batch(const quell_network *network) {
  uint32_t shortest = UINT32_MAX;
  for (size_t i = 0; i < network->n_projections; i++) {
    const quell_projection *p = network->projections[i];
    if (!p->size) continue;
    uint32_t delay = p->axonal[0] + (p->rule ? 0 : p->dendritic_min);
    if (delay < shortest) shortest = delay;
  }
  int none = shortest == UINT32_MAX;
  return none ? 1 : shortest + 1;
}

static uint32_t choose_horizon(const quell_network *network) {
  if (network->horizon) return network->horizon;
  uint32_t longest = 0;
  for (size_t i = 0; i < network->n_projections; i++)
    if (network->projections[i]->dendritic_max > longest)
      longest = network->projections[i]->dendritic_max;
  return 4 * longest > DEFAULT_HORIZON ? power_of_two(4 * longest) : DEFAULT_HORIZON;
}

static ql_decay decay_for(const quell_network *network, double tau) {
  return ql_decay_of(tau / network->dt);
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

static int bind_traces(quell_projection *projection) {
  const quell_rule *rule = projection->rule;
  if (!rule) return 1;
  projection->post->remembers = 1;
  for (uint32_t i = 0; i < rule->shape.n_pre; i++) {
    projection->pre_decay[i] = decay_for(projection->network, rule->value[rule->shape.pre[i].tau]);
  }
  for (uint32_t i = 0; i < rule->shape.n_post; i++) {
    const ql_trace *trace = &rule->shape.post[i];
    ql_decay decay = decay_for(projection->network, rule->value[trace->tau]);
    if (!share_trace(projection->post, trace->kind, decay, &projection->post_trace[i])) return 0;
  }
  return 1;
}

int ql_spikes_create(quell_population *population, uint32_t rings) {
  population->spikes = ql_alloc(&population->network->memory, rings, sizeof *population->spikes);
  return population->spikes != NULL;
}

void ql_spikes_destroy(quell_population *population, uint32_t rings) {
  for (uint32_t i = 0; population->spikes && i < rings; i++)
    ql_free(&population->network->memory, population->spikes[i].at);
  ql_free(&population->network->memory, population->spikes);
  population->spikes = NULL;
}

/* A population's single list becomes a ring of lists; what was handed in stays. */
static int widen_spikes(quell_population *population, uint32_t rings) {
  ql_spikes *single = population->spikes;
  if (!ql_spikes_create(population, rings)) {
    population->spikes = single;
    return 0;
  }
  population->spikes[population->network->clock & (rings - 1)] = *single;
  ql_free(&population->network->memory, single);
  return 1;
}

static void narrow_spikes(quell_population *population, uint32_t rings) {
  ql_spikes *ring = population->spikes;
  ql_spikes *kept = &ring[population->network->clock & (rings - 1)];
  ring[0] = *kept;
  if (kept != ring) *kept = (ql_spikes){0};
}

/* The slots of a receptor's rings: enough for the longest delay onto it. */
static uint32_t slots_for(const quell_population *population, uint32_t receptor) {
  uint32_t longest = 0;
  for (size_t i = 0; i < population->n_incoming; i++) {
    const quell_projection *p = population->incoming[i];
    if (!p->size || p->receptor != receptor) continue;
    uint32_t last = p->n_axonal - 1, ahead = p->axonal[last] + p->dendritic_max - p->lag[last];
    if (ahead > longest) longest = ahead;
  }
  return power_of_two(longest + 1);
}

static void undo(quell_network *network) {
  for (size_t i = 0; i < network->n_populations; i++) {
    quell_population *population = network->populations[i];
    for (uint32_t t = 0; t < population->n_tiles; t++) ql_tile_stop(&population->tiles[t]);
    ql_free(&network->memory, population->trace);
    population->trace = NULL;
    population->n_traces = 0;
    population->remembers = 0;
  }
  ql_free(&network->memory, network->input);
  network->input = NULL;
  ql_free(&network->memory, network->tiles);
  network->tiles = NULL;
  network->n_tiles = 0;
}

static void slots_of(const quell_population *population, uint32_t *slots) {
  for (uint32_t r = 0; r < QL_MAX_RECEPTORS; r++) slots[r] = slots_for(population, r);
}

static int start_rings(quell_network *network) {
  uint32_t slots[QL_MAX_RECEPTORS];
  size_t n = 0;
  for (size_t i = 0; i < network->n_populations; i++) {
    const quell_population *population = network->populations[i];
    slots_of(population, slots);
    for (uint32_t t = 0; t < population->n_tiles; t++)
      n += ql_tile_rings(&population->tiles[t], slots);
  }
  network->input = ql_alloc(&network->memory, n, sizeof *network->input);
  return network->input != NULL;
}

static int start_tiles(quell_network *network) {
  uint32_t n = 0, slots[QL_MAX_RECEPTORS];
  for (size_t i = 0; i < network->n_populations; i++) n += network->populations[i]->n_tiles;
  network->tiles = ql_alloc(&network->memory, n, sizeof *network->tiles);
  if (!network->tiles || !start_rings(network)) return 0;
  float *rings = network->input;
  for (size_t i = 0; i < network->n_populations; i++) {
    quell_population *population = network->populations[i];
    slots_of(population, slots);
    for (uint32_t t = 0; t < population->n_tiles; t++) {
      ql_tile *tile = &population->tiles[t];
      if (!ql_tile_start(tile, slots, rings)) return 0;
      rings += ql_tile_rings(tile, slots);
      network->tiles[network->n_tiles++] = tile;
    }
  }
  return 1;
}

static int start_spikes(quell_network *network, uint32_t rings) {
  for (size_t i = 0; i < network->n_populations; i++) {
    if (widen_spikes(network->populations[i], rings)) continue;
    while (i--) narrow_spikes(network->populations[i], rings);
    return 0;
  }
  network->rings = rings;
  return 1;
}

static void say_what_was_built(const quell_network *network) {
  if (!network->log.write) return;
  uint64_t neurons = 0, synapses = 0;
  for (size_t i = 0; i < network->n_populations; i++) neurons += network->populations[i]->size;
  for (size_t i = 0; i < network->n_projections; i++) synapses += network->projections[i]->size;
  char message[160];
  ql_message(message, sizeof message,
             "network: %llu neurons, %llu synapses, %u tiles, batches of at most %u steps",
             (unsigned long long)neurons, (unsigned long long)synapses, network->n_tiles,
             network->batch);
  network->log.write(network->log.context, QUELL_LOG_INFO, message);
}

/* All post events from now on are still to be applied. */
static void mark_rows(quell_projection *projection) {
  for (uint32_t t = 0; t < projection->post->n_tiles; t++) {
    for (uint32_t row = 0; row < projection->n_rows; row++) {
      ql_fragment fragment = ql_fragment_of(projection, &projection->parts[t], row);
      if (fragment.n) fragment.mark->fresh = (uint32_t)projection->network->clock;
    }
  }
}

static quell_status start(quell_network *network) {
  uint32_t longest_lag = 0;
  network->batch = longest_batch(network);
  for (size_t i = 0; i < network->n_projections; i++) {
    quell_projection *projection = network->projections[i];
    for (uint32_t k = 0; k < projection->n_axonal; k++) {
      projection->lag[k] = projection->rule ? projection->axonal[k] : network->batch - 1;
      if (projection->lag[k] > longest_lag) longest_lag = projection->lag[k];
    }
    if (!bind_traces(projection)) {
      undo(network);
      return ql_no_memory(network);
    }
  }
  uint32_t rings = power_of_two(longest_lag + network->batch + 1);
  if (!start_tiles(network) || !start_spikes(network, rings)) {
    undo(network);
    return ql_no_memory(network);
  }
  for (size_t i = 0; i < network->n_projections; i++)
    if (network->projections[i]->rule) mark_rows(network->projections[i]);
  network->horizon = choose_horizon(network);
  network->phase = QL_READY;
  return QUELL_OK;
}

quell_status ql_start(quell_network *network) {
  double began = ql_seconds();
  ql_fpmode mode = ql_fpmode_enter();
  quell_status status = start(network);
  ql_fpmode_leave(mode);
  network->measure.build += ql_seconds() - began;
  if (!status) say_what_was_built(network);
  return status;
}

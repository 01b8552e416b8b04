#include "engine/start.h"

#include "base/fpmode.h"
#include "base/message.h"
#include "base/seconds.h"

#include "engine/bind.h"
#include "engine/fragment.h"
#include "engine/moving.h"
#include "engine/side.h"
#include <string.h>

enum { DEFAULT_HORIZON = 16384 };

static uint32_t power_of_two(uint32_t at_least) {
  uint32_t power = 1;
  while (power < at_least) power *= 2;
  return power;
}

/* Whether its spikes are handled when they arrive at the synapse, and not as soon as they can. */
static int waits(const quell_projection *projection) {
  return projection->n_uses || projection->gain;
}

/* Most steps between two exchanges: what is emitted in the first of them must be known when it is
 * due. It depends on the network alone, and so does the order in which inputs are added up. */
static uint32_t longest_batch(const quell_network *network) {
  uint32_t shortest = UINT32_MAX;
  for (size_t i = 0; i < network->n_projections; i++) {
    const quell_projection *p = network->projections[i];
    if (!p->size) continue;
    uint32_t delay = p->axonal[0] + (waits(p) ? 0 : p->dendritic_min);
    if (delay < shortest) shortest = delay;
  }
  uint32_t longest_news = 0, news = ql_shortest_news(network, &longest_news);
  if (news != UINT32_MAX && news - 1 < shortest) shortest = news - 1;
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
    uint32_t last = p->n_axonal - 1, lag = p->lag[p->n_late + last];
    uint32_t ahead = p->axonal[last] + p->dendritic_max - lag;
    if (ahead > longest) longest = ahead;
  }
  return power_of_two(longest + 1);
}

static void undo(quell_network *network) {
  ql_moving_stop(network);
  ql_channels_stop(network);
  for (size_t i = 0; i < network->n_populations; i++) {
    quell_population *population = network->populations[i];
    for (uint32_t t = 0; t < population->n_tiles; t++) ql_tile_stop(&population->tiles[t]);
    ql_unbind(population);
    ql_free(&network->memory, population->rates);
    ql_free(&network->memory, population->mean_rate);
    population->rates = NULL;
    population->mean_rate = NULL;
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

/* The rates of rate units are kept like the spikes of others. */
static int start_rates(quell_network *network, uint32_t rings) {
  for (size_t i = 0; i < network->n_populations; i++) {
    quell_population *population = network->populations[i];
    int state = population->model->rate_state - 1;
    if (state < 0) continue;
    population->rates =
        ql_alloc(&network->memory, (size_t)rings * population->size, sizeof *population->rates);
    population->mean_rate = ql_alloc(&network->memory, rings, sizeof *population->mean_rate);
    if (!population->rates || !population->mean_rate) return 0;
    float *now = population->rates + (network->clock & (rings - 1)) * population->size;
    memcpy(now, population->state[state], population->size * sizeof *now);
    population->mean_rate[network->clock & (rings - 1)] = ql_mean_rate(population, now);
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

/* Eligibilities that were written before the first step, as they are kept from now on. */
static void anchor(const quell_projection *projection, const ql_fragment *fragment,
                   uint64_t clock) {
  const ql_moving *moving = projection->use[0].moving;
  uint32_t mask = projection->network->horizon - 1, first = projection->use[0].rule->shape.n_vars;
  fragment->mark->window = (uint32_t)ql_moving_window(moving, clock);
  for (uint32_t i = 0; i < moving->n; i++)
    for (uint32_t j = 0; j < fragment->n; j++)
      fragment->var[first + i][j] *= moving->anchor[i].pace[clock & mask].grow;
}

/* All post events from now on are still to be applied. */
static void mark_rows(quell_projection *projection) {
  uint64_t clock = projection->network->clock;
  for (uint32_t t = 0; t < projection->post->n_tiles; t++) {
    for (uint32_t row = 0; row < projection->n_rows; row++) {
      ql_fragment fragment = ql_fragment_of(projection, &projection->parts[t], row);
      if (!fragment.n) continue;
      fragment.mark->fresh = fragment.mark->pulsed = (uint32_t)clock;
      if (projection->rule && projection->rule->shape.n_eligibilities)
        anchor(projection, &fragment, clock);
      if (projection->rule && projection->rule->shape.n_integrals)
        fragment.mark->window = (uint32_t)ql_window_of(projection->use->side, clock);
    }
  }
}

/* When the spikes of a projection are handled; returns the longest lag. */
static uint32_t set_lags(quell_projection *projection) {
  uint32_t longest = 0, n = projection->n_axonal, batch = projection->network->batch;
  for (uint32_t k = 0; k < n; k++) {
    uint32_t spike = waits(projection) ? projection->axonal[k] : batch - 1;
    projection->lag[projection->n_late + k] = spike;
    if (projection->n_late) projection->lag[k] = projection->axonal[k] + ql_late_steps(projection);
    for (uint32_t i = k; i < n + projection->n_late; i += n)
      if (projection->lag[i] > longest) longest = projection->lag[i];
  }
  return longest;
}

static quell_status start(quell_network *network) {
  uint32_t longest = 0, asked = network->horizon;
  quell_status status = ql_moving_check(network);
  if (status) return status;
  network->horizon = choose_horizon(network);
  network->batch = longest_batch(network);
  ql_shortest_news(network, &longest);
  for (size_t i = 0; i < network->n_projections; i++) {
    uint32_t lag = set_lags(network->projections[i]);
    if (lag > longest) longest = lag;
  }
  uint32_t rings = power_of_two(longest + network->batch + 1);
  ql_moving_keep_pulses(network);
  if (!ql_channels_start(network) || !ql_bind(network) || !start_tiles(network) ||
      !start_rates(network, rings) || !start_spikes(network, rings)) {
    undo(network);
    network->horizon = asked;
    return ql_no_memory(network);
  }
  for (size_t i = 0; i < network->n_projections; i++)
    if (network->projections[i]->marked) mark_rows(network->projections[i]);
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

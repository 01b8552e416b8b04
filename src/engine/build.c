#include "engine/build.h"

#include "engine/tile.h"
#include "network/connectivity.h"
#include "network/distribution.h"
#include <float.h>
#include <string.h>

enum { LONGEST_DELAY = 65535 }; /* steps, for each of the two parts */

/* Where delays come from: one distribution for the whole, or one for the dendritic part. */
typedef struct build {
  quell_projection *projection;
  quell_network *network;
  const quell_connection *connection;
  const quell_distribution *delay; /* of the part that may vary over synapses */
  uint32_t delay_draw;             /* key of its draws */
  uint32_t shift;                  /* steps of it that are axonal */
  ql_connectivity connectivity;
  uint32_t *pre;     /* partners of one post neuron, [most] */
  uint64_t *place;   /* of each in the caller's list, [most] */
  uint64_t *scratch;
  uint32_t *filled;  /* synapses of each fragment that are in place, [pre] */
} build;

static int varies(const quell_distribution *distribution) {
  return distribution->kind != QUELL_DEFAULT && distribution->kind != QUELL_CONSTANT;
}

static int is_given(const quell_distribution *distribution) {
  return distribution->kind != QUELL_DEFAULT;
}

/* Draws once more for every post neuron of every tile: `synapse` is told of each. */
typedef quell_status (*synapse_fn)(build *b, ql_tile *tile, uint32_t post, uint32_t pre,
                                   uint64_t place, ql_stream *weight, ql_stream *delay);

static quell_status for_each_synapse(build *b, synapse_fn synapse) {
  const quell_projection *projection = b->projection;
  uint32_t object = projection->number;
  uint64_t seed = b->network->seed;
  for (uint32_t t = 0; t < projection->post->n_tiles; t++) {
    ql_tile *tile = &projection->post->tiles[t];
    memset(b->filled, 0, projection->pre->size * sizeof *b->filled);
    for (uint32_t post = tile->first; post < tile->first + tile->count; post++) {
      uint32_t n = ql_partners(&b->connectivity, post, b->scratch, b->pre, b->place);
      ql_stream weight = ql_stream_open(seed, QL_DRAW_WEIGHT, object, post, 0);
      ql_stream delay = ql_stream_open(seed, b->delay_draw, object, post, 0);
      for (uint32_t i = 0; i < n; i++) {
        quell_status status = synapse(b, tile, post, b->pre[i], b->place[i], &weight, &delay);
        if (status) return status;
      }
    }
  }
  return QUELL_OK;
}

static quell_status count_synapse(build *b, ql_tile *tile, uint32_t post, uint32_t pre,
                                  uint64_t place, ql_stream *weight, ql_stream *delay) {
  (void)post, (void)place, (void)weight, (void)delay;
  b->projection->parts[tile->number].row[pre].length++;
  return QUELL_OK;
}

static void number_rows(quell_projection *projection) {
  uint64_t n = 0;
  for (uint32_t pre = 0; pre < projection->pre->size; pre++) {
    projection->row_start[pre] = n;
    for (uint32_t t = 0; t < projection->post->n_tiles; t++) {
      ql_row *row = &projection->parts[t].row[pre];
      row->place = (uint32_t)(n - projection->row_start[pre]);
      n += row->length;
    }
  }
  projection->row_start[projection->pre->size] = projection->size = n;
}

/* A delay in ms as steps; the caller has checked that it is a number ≥ 0. */
static quell_status to_steps(const build *b, double ms, int exact, uint32_t *steps) {
  double dt = b->network->dt, whole = ms / dt + 0.5;
  if (exact && ms > 0.0 && ms < dt * (1.0 - 1e-9))
    return ql_fail(b->network, QUELL_E_RANGE,
                   "connection: 'delay' must be 0 or at least one step of %g ms, got %g ms", dt, ms);
  if (!(whole < LONGEST_DELAY + 1.0))
    return ql_fail(b->network, QUELL_E_RANGE,
                   "connection: 'delay' must be at most %d steps of %g ms, got %g ms",
                   LONGEST_DELAY, dt, ms);
  *steps = (uint32_t)whole;
  return QUELL_OK;
}

/* The element of an array that belongs to a synapse: by the caller's list, or by its number. */
static uint64_t array_index(const build *b, const ql_tile *tile, uint32_t pre, uint64_t place) {
  if (b->connection->kind == QUELL_LIST) return place;
  return b->projection->row_start[pre] + b->projection->parts[tile->number].row[pre].place +
         b->filled[pre];
}

static quell_status draw_delay(const build *b, const ql_tile *tile, uint32_t pre, uint64_t place,
                               ql_stream *stream, uint32_t *steps) {
  double ms;
  if (b->delay->kind == QUELL_ARRAY) {
    ms = b->delay->values[array_index(b, tile, pre, place)];
    if (!(ms >= 0.0))
      return ql_fail(b->network, QUELL_E_RANGE, "connection: 'delay' must be ≥ 0 ms, got %g", ms);
  } else if (!ql_distribution_draw(b->delay, 0.0, stream, &ms) || !(ms >= 0.0)) {
    return ql_fail(b->network, QUELL_E_RANGE,
                   "connection: 'delay' drew %g ms, outside its range; give bounds, and clip or "
                   "redraw", ms);
  }
  return to_steps(b, ms, b->delay->kind == QUELL_ARRAY, steps);
}

static quell_status measure_delay(build *b, ql_tile *tile, uint32_t post, uint32_t pre,
                                  uint64_t place, ql_stream *weight, ql_stream *delay) {
  (void)post, (void)weight;
  uint32_t steps = 0;
  quell_status status = draw_delay(b, tile, pre, place, delay, &steps);
  if (status) return status;
  b->filled[pre]++;
  quell_projection *projection = b->projection;
  if (steps < projection->dendritic_min) projection->dendritic_min = steps;
  if (steps > projection->dendritic_max) projection->dendritic_max = steps;
  return QUELL_OK;
}

static quell_status check_dendritic(const build *b) {
  uint32_t horizon = b->network->horizon, longest = b->projection->dendritic_max;
  if (!horizon || longest <= horizon / 4) return QUELL_OK;
  return ql_fail(b->network, QUELL_E_RANGE,
                 "connection: the longest dendritic delay is %u steps; the network's 'horizon' of "
                 "%u steps allows %u", longest, horizon, horizon / 4);
}

static quell_status place_delays(build *b) {
  const quell_connection *c = b->connection;
  quell_projection *projection = b->projection;
  quell_status status;
  int split = is_given(&c->delay_axonal) || is_given(&c->delay_dendritic);
  b->delay = split ? &c->delay_dendritic : &c->delay;
  b->delay_draw = split ? QL_DRAW_DELAY_DENDRITIC : QL_DRAW_DELAY;
  uint32_t axonal = 0, steps = 0;
  if (is_given(&c->delay_axonal) && (status = to_steps(b, c->delay_axonal.a, 1, &axonal)))
    return status;
  if (varies(b->delay) && projection->size) {
    projection->dendritic_min = UINT32_MAX;
    projection->dendritic_max = 0;
    if ((status = for_each_synapse(b, measure_delay))) return status;
  } else {
    if (is_given(b->delay) && !varies(b->delay) && (status = to_steps(b, b->delay->a, 1, &steps)))
      return status;
    projection->dendritic_min = projection->dendritic_max = steps;
  }
  if (!split) {
    b->shift = axonal = projection->dendritic_min;
    projection->dendritic_min = 0;
    projection->dendritic_max -= b->shift;
  }
  projection->axonal = axonal;
  if (projection->dendritic_max > projection->dendritic_min)
    projection->delay_bytes = projection->dendritic_max > UINT8_MAX ? 2 : 1;
  return check_dendritic(b);
}

static quell_status draw_weight(const build *b, const ql_tile *tile, uint32_t post, uint32_t pre,
                                uint64_t place, ql_stream *stream, float *w) {
  const quell_distribution *distribution = &b->connection->weight;
  const quell_projection *projection = b->projection;
  double value;
  if (distribution->kind == QUELL_ARRAY) {
    value = distribution->values[array_index(b, tile, pre, place)];
  } else if (!ql_distribution_draw(distribution, 1.0, stream, &value)) {
    return ql_fail(b->network, QUELL_E_RANGE,
                   "connection: 'weight' drew %g, outside its range; give bounds, and clip or redraw",
                   value);
  }
  if (!(value >= 0.0 && value <= FLT_MAX))
    return ql_fail(b->network, QUELL_E_RANGE,
                   "connection: 'weight' of synapse %u → %u must be a magnitude ≥ 0, got %g; the "
                   "receptor '%s' carries the sign", pre, post, value,
                   projection->post->model->receptors[projection->receptor]);
  *w = (float)value;
  if (!projection->rule) return QUELL_OK;
  const ql_instance *instance = projection->rule->instance;
  if (*w >= instance->w_min && *w <= instance->w_max) return QUELL_OK;
  return ql_fail(b->network, QUELL_E_RANGE,
                 "connection: 'weight' of synapse %u → %u must be in [%g, %g] for rule '%s', got %g",
                 pre, post, instance->w_min, instance->w_max, projection->rule->desc->name, value);
}

static quell_status place_synapse(build *b, ql_tile *tile, uint32_t post, uint32_t pre,
                                  uint64_t place, ql_stream *weight, ql_stream *delay) {
  quell_projection *projection = b->projection;
  ql_fragment fragment = ql_fragment_of(projection, &projection->parts[tile->number], pre);
  uint32_t i = b->filled[pre];
  quell_status status = draw_weight(b, tile, post, pre, place, weight, &fragment.w[i]);
  if (status) return status;
  fragment.target[i] = (uint16_t)(post - tile->first);
  for (uint32_t v = 0; v < projection->n_vars; v++)
    fragment.var[v][i] = (float)ql_rule_var(projection->rule->desc, v)->value;
  if (projection->delay_bytes) {
    uint32_t steps = 0;
    if ((status = draw_delay(b, tile, pre, place, delay, &steps))) return status;
    steps -= b->shift;
    if (projection->delay_bytes == 1) ((uint8_t *)fragment.delay)[i] = (uint8_t)steps;
    else ((uint16_t *)fragment.delay)[i] = (uint16_t)steps;
  }
  b->filled[pre]++;
  return QUELL_OK;
}

static int allocate_part(quell_projection *projection, ql_part *part) {
  ql_memory *memory = &projection->network->memory;
  uint32_t n_pre = projection->pre->size;
  for (uint32_t pre = 0; pre < n_pre; pre++) {
    part->row[pre].line = (uint32_t)part->lines;
    part->lines += (ql_fragment_bytes(projection, part->row[pre].length) + 63) / 64;
    if (part->lines > UINT32_MAX) return 0;
  }
  part->arena = ql_alloc(memory, part->lines, 64);
  if (!part->arena) return 0;
  if (!projection->rule) return 1;
  part->mark = ql_alloc(memory, n_pre, sizeof *part->mark);
  part->pre_trace = ql_alloc(memory, (size_t)n_pre * projection->rule->shape.n_pre,
                             sizeof *part->pre_trace);
  if (!part->mark || !part->pre_trace) return 0;
  for (uint32_t pre = 0; pre < n_pre; pre++)
    part->mark[pre].fresh = (uint32_t)projection->network->clock;
  return 1;
}

static quell_status check_array(const build *b, const quell_distribution *distribution,
                                const char *quantity) {
  if (distribution->kind != QUELL_ARRAY || distribution->n == b->projection->size) return QUELL_OK;
  return ql_fail(b->network, QUELL_E_LENGTH,
                 "connection: '%s' has %llu values for %llu synapses", quantity,
                 (unsigned long long)distribution->n, (unsigned long long)b->projection->size);
}

static quell_status allocate_rows(build *b) {
  quell_projection *projection = b->projection;
  ql_memory *memory = &b->network->memory;
  uint32_t n_pre = projection->pre->size, n_tiles = projection->post->n_tiles;
  projection->parts = ql_alloc(memory, n_tiles, sizeof *projection->parts);
  projection->row_start = ql_alloc(memory, (size_t)n_pre + 1, sizeof *projection->row_start);
  if (!projection->parts || !projection->row_start) return ql_no_memory(b->network);
  for (uint32_t t = 0; t < n_tiles; t++) {
    projection->parts[t].row = ql_alloc(memory, n_pre, sizeof *projection->parts[t].row);
    if (!projection->parts[t].row) return ql_no_memory(b->network);
  }
  b->pre = ql_alloc(memory, b->connectivity.most, sizeof *b->pre);
  b->place = ql_alloc(memory, b->connectivity.most, sizeof *b->place);
  b->scratch = ql_alloc(memory, ql_partners_scratch(&b->connectivity), sizeof *b->scratch);
  b->filled = ql_alloc(memory, n_pre, sizeof *b->filled);
  if (!b->pre || !b->place || !b->scratch || !b->filled) return ql_no_memory(b->network);
  return QUELL_OK;
}

static quell_status form_rows(build *b) {
  const quell_connection *c = b->connection;
  quell_status status = allocate_rows(b);
  if (!status) status = for_each_synapse(b, count_synapse);
  if (status) return status;
  number_rows(b->projection);
  if ((status = check_array(b, &c->weight, "weight")) ||
      (status = check_array(b, &c->delay, "delay")) ||
      (status = check_array(b, &c->delay_dendritic, "delay_dendritic")))
    return status;
  if ((status = place_delays(b))) return status;
  for (uint32_t t = 0; t < b->projection->post->n_tiles; t++)
    if (!allocate_part(b->projection, &b->projection->parts[t])) return ql_no_memory(b->network);
  return for_each_synapse(b, place_synapse);
}

static quell_status check_distributions(const quell_network *network, const quell_connection *c) {
  const struct {
    const quell_distribution *distribution;
    const char *name;
  } all[] = {{&c->weight, "weight"},
             {&c->delay, "delay"},
             {&c->delay_axonal, "delay_axonal"},
             {&c->delay_dendritic, "delay_dendritic"}};
  for (int i = 0; i < 4; i++) {
    char message[256];
    quell_status status =
        ql_distribution_check(all[i].distribution, all[i].name, message, sizeof message);
    if (status) return ql_fail(network, status, "%s", message);
  }
  if (is_given(&c->delay) && (is_given(&c->delay_axonal) || is_given(&c->delay_dendritic)))
    return ql_fail(network, QUELL_E_RANGE,
                   "connection: give 'delay', or 'delay_axonal' and 'delay_dendritic', not both");
  if (varies(&c->delay_axonal))
    return ql_fail(network, QUELL_E_UNSUPPORTED,
                   "connection: 'delay_axonal' must be constant; let 'delay_dendritic' vary");
  return QUELL_OK;
}

quell_status ql_build(quell_projection *projection, const quell_connection *connection) {
  quell_network *network = projection->network;
  quell_status status = check_distributions(network, connection);
  if (status) return status;
  build b = {.projection = projection, .network = network, .connection = connection};
  char message[256];
  status = ql_connectivity_open(&b.connectivity, &network->memory, connection,
                                projection->pre->size, projection->post->size,
                                projection->pre == projection->post, network->seed,
                                projection->number, message, sizeof message);
  if (status) return ql_fail(network, status, "%s", message);
  status = form_rows(&b);
  ql_free(&network->memory, b.pre);
  ql_free(&network->memory, b.place);
  ql_free(&network->memory, b.scratch);
  ql_free(&network->memory, b.filled);
  ql_connectivity_close(&b.connectivity, &network->memory);
  return status;
}

void ql_parts_free(quell_projection *projection) {
  ql_memory *memory = &projection->network->memory;
  for (uint32_t t = 0; projection->parts && t < projection->post->n_tiles; t++) {
    ql_part *part = &projection->parts[t];
    ql_free(memory, part->row);
    ql_free(memory, part->arena);
    ql_free(memory, part->mark);
    ql_free(memory, part->pre_trace);
  }
  ql_free(memory, projection->parts);
  ql_free(memory, projection->row_start);
}

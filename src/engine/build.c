#include "engine/build.h"

#include "engine/fragment.h"
#include "network/connectivity.h"
#include "network/distribution.h"
#include <stdio.h>
#include <string.h>

enum { LONGEST_DELAY = 65535 }; /* steps, for each of the two parts */

/* A projection on its way. Its synapses are drawn several times over, always the same ones: to
 * find the axonal delays, to count, to find the dendritic delays, and to put them in place. */
typedef struct build {
  quell_projection *projection;
  quell_network *network;
  const quell_connection *connection;
  ql_connectivity connectivity;
  int splits; /* the axonal delay varies, and with it the row of a pre neuron */
  const quell_distribution *delay; /* of the part that is kept per synapse … */
  const char *delay_name;
  uint32_t shift;  /* … less the steps of it that turned out to be axonal */
  char sign[96];   /* end of a sentence about a weight */
  uint32_t *pre;   /* partners of one post neuron, [most] */
  uint64_t *place; /* of each in the caller's list, [most] */
  uint64_t *scratch;
  uint32_t
      *axonal_index; /* where each axonal delay is in projection->axonal, [LONGEST_DELAY + 1] */
  uint32_t *filled;  /* synapses of each fragment that are in place, [n_rows] */
} build;

/* A synapse as it is drawn. */
typedef struct synapse {
  ql_tile *tile;
  uint32_t pre, post, row;
  uint64_t place;                  /* in the caller's list */
  ql_stream weight, delay, axonal; /* of its post neuron */
} synapse;

typedef quell_status (*synapse_fn)(build *b, synapse *s);

static int is_given(const quell_distribution *distribution) {
  return distribution->kind != QUELL_DEFAULT;
}

static int varies(const quell_distribution *distribution) {
  return is_given(distribution) && distribution->kind != QUELL_CONSTANT;
}

/* A delay in ms as steps. */
static quell_status to_steps(const build *b, const char *name, double ms, int exact,
                             uint32_t *steps) {
  double dt = b->network->dt, whole = ms / dt + 0.5;
  if (exact && !(ms >= 0.0))
    return ql_fail(b->network, QUELL_E_RANGE, "connection: '%s' must be ≥ 0 ms, got %g", name, ms);
  if (exact && ms > 0.0 && ms < dt * (1.0 - 1e-9))
    return ql_fail(b->network, QUELL_E_RANGE,
                   "connection: '%s' must be 0 or at least one step of %g ms, got %g ms", name, dt,
                   ms);
  if (!(whole < LONGEST_DELAY + 1.0))
    return ql_fail(b->network, QUELL_E_RANGE,
                   "connection: '%s' must be at most %d steps of %g ms, got %g ms", name,
                   LONGEST_DELAY, dt, ms);
  *steps = (uint32_t)whole;
  return QUELL_OK;
}

/* The element of an array that belongs to a synapse: by the caller's list, or by its number. */
static uint64_t array_index(const build *b, const synapse *s) {
  if (b->connection->kind == QUELL_LIST) return s->place;
  const ql_row *row = &b->projection->parts[s->tile->number].row[s->row];
  return b->projection->row_start[s->row] + row->place + b->filled[s->row];
}

/* A value was drawn that its distribution, or the quantity itself, does not allow. */
static quell_status refuse_draw(const build *b, const char *name,
                                const quell_distribution *distribution, double value) {
  if (distribution->outside == QUELL_REDRAW)
    return ql_fail(b->network, QUELL_E_RANGE,
                   "connection: '%s' was drawn again and again, but never in [%g, %g]; last as %g",
                   name, distribution->low, distribution->high, value);
  return ql_fail(b->network, QUELL_E_RANGE,
                 "connection: '%s' was drawn as %g and must be ≥ 0; give bounds, and clip or "
                 "redraw%s",
                 name, value, strcmp(name, "weight") ? "" : b->sign);
}

static quell_status draw_delay(const build *b, const char *name, const quell_distribution *delay,
                               const synapse *s, ql_stream *stream, uint32_t *steps) {
  double ms = 0.0;
  if (delay->kind == QUELL_ARRAY)
    return to_steps(b, name, delay->values[array_index(b, s)], 1, steps);
  if (!ql_distribution_draw(delay, 0.0, stream, &ms)) return refuse_draw(b, name, delay, ms);
  return to_steps(b, name, ms, !varies(delay), steps);
}

static quell_status find_row(const build *b, synapse *s) {
  uint32_t axonal = 0;
  s->row = s->pre;
  if (!b->splits) return QUELL_OK;
  quell_status status =
      draw_delay(b, "delay_axonal", &b->connection->delay_axonal, s, &s->axonal, &axonal);
  if (!status) s->row += b->axonal_index[axonal] * b->projection->pre->size;
  return status;
}

static quell_status for_each_synapse(build *b, synapse_fn call) {
  const quell_projection *projection = b->projection;
  uint32_t object = projection->number;
  uint64_t seed = b->network->seed;
  int both = is_given(&b->connection->delay_axonal) || is_given(&b->connection->delay_dendritic);
  uint32_t delay_draw = both ? QL_DRAW_DELAY_DENDRITIC : QL_DRAW_DELAY;
  for (uint32_t t = 0; t < projection->post->n_tiles; t++) {
    synapse s = {.tile = &projection->post->tiles[t]};
    if (b->filled) memset(b->filled, 0, projection->n_rows * sizeof *b->filled);
    for (uint32_t j = 0; j < s.tile->count; j++) {
      s.post = s.tile->first + j;
      s.weight = ql_stream_open(seed, QL_DRAW_WEIGHT, object, s.post, 0);
      s.delay = ql_stream_open(seed, delay_draw, object, s.post, 0);
      s.axonal = ql_stream_open(seed, QL_DRAW_DELAY, object, s.post, 0);
      uint32_t n = ql_partners(&b->connectivity, s.post, b->scratch, b->pre, b->place);
      for (uint32_t i = 0; i < n; i++) {
        s.pre = b->pre[i];
        s.place = b->place[i];
        quell_status status = find_row(b, &s);
        if (!status) status = call(b, &s);
        if (status) return status;
      }
    }
  }
  return QUELL_OK;
}

/* 1. Axonal delays: each value has its own rows. */

static quell_status note_axonal(build *b, synapse *s) {
  uint32_t axonal = 0;
  s->row = s->pre;
  quell_status status =
      draw_delay(b, "delay_axonal", &b->connection->delay_axonal, s, &s->axonal, &axonal);
  b->axonal_index[axonal] = 1;
  return status;
}

static quell_status collect_axonal(build *b) {
  uint32_t n = 0;
  for (uint32_t steps = 0; steps <= LONGEST_DELAY; steps++) n += b->axonal_index[steps];
  if (n > b->projection->n_axonal) {
    ql_memory *memory = &b->network->memory;
    ql_free(memory, b->projection->axonal);
    b->projection->axonal = ql_alloc(memory, n, sizeof *b->projection->axonal);
    if (!b->projection->axonal) return ql_no_memory(b->network);
    b->projection->n_axonal = n;
  }
  n = 0;
  for (uint32_t steps = 0; steps <= LONGEST_DELAY; steps++) {
    if (!b->axonal_index[steps]) continue;
    b->projection->axonal[n] = steps;
    b->axonal_index[steps] = n++;
  }
  return QUELL_OK;
}

static quell_status find_axonal(build *b) {
  const quell_distribution *axonal = &b->connection->delay_axonal;
  quell_projection *projection = b->projection;
  ql_memory *memory = &b->network->memory;
  projection->axonal = ql_alloc(memory, 1, sizeof *projection->axonal);
  if (!projection->axonal) return ql_no_memory(b->network);
  projection->n_axonal = 1;
  if (!varies(axonal))
    return is_given(axonal) ? to_steps(b, "delay_axonal", axonal->a, 1, projection->axonal)
                            : QUELL_OK;
  b->axonal_index = ql_alloc(memory, LONGEST_DELAY + 1, sizeof *b->axonal_index);
  if (!b->axonal_index) return ql_no_memory(b->network);
  quell_status status = for_each_synapse(b, note_axonal);
  if (!status) status = collect_axonal(b);
  b->splits = 1;
  return status;
}

/* 2. Rows. */

static quell_status count_synapse(build *b, synapse *s) {
  b->projection->parts[s->tile->number].row[s->row].length++;
  return QUELL_OK;
}

static int is_distinct(const quell_connection *c) {
  return c->kind == QUELL_ALL_TO_ALL || c->kind == QUELL_ONE_TO_ONE ||
         c->kind == QUELL_FIXED_PROBABILITY || (c->flags & QUELL_NO_MULTAPSES);
}

static quell_status allocate_rows(build *b) {
  quell_projection *projection = b->projection;
  ql_memory *memory = &b->network->memory;
  uint64_t rows = (uint64_t)projection->n_axonal * projection->pre->size;
  if (rows > INT32_MAX)
    return ql_fail(b->network, QUELL_E_RANGE,
                   "connection: %u axonal delays × %u pre neurons are more than 2^31 rows",
                   projection->n_axonal, projection->pre->size);
  projection->n_rows = (uint32_t)rows;
  projection->distinct = is_distinct(b->connection);
  projection->parts = ql_alloc(memory, projection->post->n_tiles, sizeof *projection->parts);
  projection->lag = ql_alloc(memory, projection->n_axonal, sizeof *projection->lag);
  projection->row_start = ql_alloc(memory, rows + 1, sizeof *projection->row_start);
  b->filled = ql_alloc(memory, rows, sizeof *b->filled);
  if (!projection->parts || !projection->lag || !projection->row_start || !b->filled)
    return ql_no_memory(b->network);
  for (uint32_t t = 0; t < projection->post->n_tiles; t++) {
    projection->parts[t].row = ql_alloc(memory, rows, sizeof *projection->parts[t].row);
    if (!projection->parts[t].row) return ql_no_memory(b->network);
  }
  return QUELL_OK;
}

static void number_synapses(quell_projection *projection) {
  uint64_t n = 0;
  for (uint32_t r = 0; r < projection->n_rows; r++) {
    projection->row_start[r] = n;
    for (uint32_t t = 0; t < projection->post->n_tiles; t++) {
      ql_row *row = &projection->parts[t].row[r];
      row->place = (uint32_t)(n - projection->row_start[r]);
      n += row->length;
    }
  }
  projection->row_start[projection->n_rows] = projection->size = n;
}

static quell_status check_array(const build *b, const quell_distribution *distribution,
                                const char *quantity) {
  if (distribution->kind != QUELL_ARRAY || distribution->n == b->projection->size) return QUELL_OK;
  return ql_fail(b->network, QUELL_E_LENGTH, "connection: '%s' has %llu values for %llu synapses",
                 quantity, (unsigned long long)distribution->n,
                 (unsigned long long)b->projection->size);
}

static quell_status form_rows(build *b) {
  const quell_connection *c = b->connection;
  quell_status status = allocate_rows(b);
  if (!status) status = for_each_synapse(b, count_synapse);
  if (status) return status;
  number_synapses(b->projection);
  status = check_array(b, &c->weight, "weight");
  if (!status) status = check_array(b, &c->delay, "delay");
  if (!status) status = check_array(b, &c->delay_axonal, "delay_axonal");
  if (!status) status = check_array(b, &c->delay_dendritic, "delay_dendritic");
  return status;
}

/* 3. Dendritic delays. */

static quell_status note_dendritic(build *b, synapse *s) {
  quell_projection *projection = b->projection;
  uint32_t steps = 0;
  quell_status status = draw_delay(b, b->delay_name, b->delay, s, &s->delay, &steps);
  b->filled[s->row]++;
  if (steps < projection->dendritic_min) projection->dendritic_min = steps;
  if (steps > projection->dendritic_max) projection->dendritic_max = steps;
  return status;
}

static quell_status measure_dendritic(build *b) {
  quell_projection *projection = b->projection;
  if (varies(b->delay) && projection->size) {
    projection->dendritic_min = UINT32_MAX;
    return for_each_synapse(b, note_dendritic);
  }
  uint32_t steps = 0;
  quell_status status = QUELL_OK;
  if (is_given(b->delay) && !varies(b->delay))
    status = to_steps(b, b->delay_name, b->delay->a, 1, &steps);
  projection->dendritic_min = projection->dendritic_max = steps;
  return status;
}

static quell_status place_delays(build *b) {
  const quell_connection *c = b->connection;
  quell_projection *projection = b->projection;
  int both = is_given(&c->delay_axonal) || is_given(&c->delay_dendritic);
  b->delay = both ? &c->delay_dendritic : &c->delay;
  b->delay_name = both ? "delay_dendritic" : "delay";
  quell_status status = measure_dendritic(b);
  if (status) return status;
  if (!both) {
    b->shift = projection->axonal[0] = projection->dendritic_min;
    projection->dendritic_min = 0;
    projection->dendritic_max -= b->shift;
  }
  if (projection->dendritic_max > projection->dendritic_min)
    projection->delay_bytes = projection->dendritic_max > UINT8_MAX ? 2 : 1;
  uint32_t horizon = b->network->horizon;
  if (!horizon || projection->dendritic_max <= horizon / 4) return QUELL_OK;
  return ql_fail(b->network, QUELL_E_RANGE,
                 "connection: the longest dendritic delay is %u steps; the network's 'horizon' of "
                 "%u steps allows %u",
                 projection->dendritic_max, horizon, horizon / 4);
}

/* 4. Synapses. */

static int allocate_part(quell_projection *projection, ql_part *part) {
  ql_memory *memory = &projection->network->memory;
  uint32_t n_rows = projection->n_rows;
  for (uint32_t r = 0; r < n_rows; r++) {
    part->row[r].line = (uint32_t)part->lines;
    part->lines += (ql_fragment_bytes(projection, part->row[r].length) + 63) / 64;
    if (part->lines > UINT32_MAX) return 0;
  }
  part->arena = ql_alloc(memory, part->lines, 64);
  if (!part->arena) return 0;
  return 1;
}

static quell_status check_weight(const build *b, const synapse *s, double weight) {
  const quell_projection *projection = b->projection;
  double low = 0.0, high = QL_MOST_WEIGHT;
  if (projection->rule) {
    const ql_instance *instance = projection->rule->instance;
    low = instance->w_min;
    if (instance->w_max < high) high = instance->w_max;
  }
  if ((float)weight >= low && (float)weight <= high) return QUELL_OK;
  return ql_fail(b->network, QUELL_E_RANGE,
                 "connection: 'weight' of synapse %u → %u must be in [%g, %g]%s%s, got %g%s",
                 s->pre, s->post, low, high, projection->rule ? " for rule " : "",
                 projection->rule ? projection->rule->desc->name : "", weight,
                 weight < 0.0 ? b->sign : "");
}

static quell_status draw_weight(const build *b, synapse *s, float *w) {
  const quell_distribution *distribution = &b->connection->weight;
  double weight = 0.0;
  if (distribution->kind == QUELL_ARRAY)
    weight = distribution->values[array_index(b, s)];
  else if (!ql_distribution_draw(distribution, 1.0, &s->weight, &weight))
    return refuse_draw(b, "weight", distribution, weight);
  quell_status status = check_weight(b, s, weight);
  if (!status) *w = (float)weight;
  return status;
}

static quell_status place_synapse(build *b, synapse *s) {
  quell_projection *projection = b->projection;
  ql_fragment fragment = ql_fragment_of(projection, &projection->parts[s->tile->number], s->row);
  uint32_t i = b->filled[s->row], steps = 0;
  float w = 0.0f;
  quell_status status = draw_weight(b, s, &w);
  if (!status && projection->delay_bytes)
    status = draw_delay(b, b->delay_name, b->delay, s, &s->delay, &steps);
  if (status) return status;
  if (fragment.w) fragment.w[i] = w;
  fragment.target[i] = (uint16_t)(s->post - s->tile->first);
  for (uint32_t v = 0; v < projection->n_vars; v++)
    fragment.var[v][i] = (float)ql_rule_var(projection->rule->desc, v)->value;
  if (projection->delay_bytes == 1) ((uint8_t *)fragment.delay)[i] = (uint8_t)(steps - b->shift);
  if (projection->delay_bytes == 2) ((uint16_t *)fragment.delay)[i] = (uint16_t)(steps - b->shift);
  b->filled[s->row]++;
  return QUELL_OK;
}

static quell_status place_synapses(build *b) {
  for (uint32_t t = 0; t < b->projection->post->n_tiles; t++)
    if (!allocate_part(b->projection, &b->projection->parts[t])) return ql_no_memory(b->network);
  return for_each_synapse(b, place_synapse);
}

static quell_status check_arrays(const quell_network *network, const quell_connection *c) {
  if (is_given(&c->delay) && (is_given(&c->delay_axonal) || is_given(&c->delay_dendritic)))
    return ql_fail(network, QUELL_E_RANGE,
                   "connection: give 'delay', or 'delay_axonal' and 'delay_dendritic', not both");
  if (!varies(&c->delay_axonal) || c->kind == QUELL_LIST) return QUELL_OK;
  if (c->weight.kind == QUELL_ARRAY || c->delay_axonal.kind == QUELL_ARRAY ||
      c->delay_dendritic.kind == QUELL_ARRAY)
    return ql_fail(network, QUELL_E_UNSUPPORTED,
                   "connection: where 'delay_axonal' varies, arrays need the kind QUELL_LIST");
  return QUELL_OK;
}

static quell_status check_distributions(const build *b) {
  const quell_network *network = b->network;
  const quell_connection *c = b->connection;
  const struct {
    const quell_distribution *distribution;
    const char *name;
  } all[] = {{&c->weight, "weight"},
             {&c->delay, "delay"},
             {&c->delay_axonal, "delay_axonal"},
             {&c->delay_dendritic, "delay_dendritic"}};
  for (int i = 0; i < 4; i++) {
    char message[256];
    const quell_distribution *distribution = all[i].distribution;
    if (c->kind == QUELL_LIST && distribution->kind == QUELL_ARRAY && distribution->n != c->n)
      return ql_fail(network, QUELL_E_LENGTH, "connection: '%s' has %zu values for a list of %zu",
                     all[i].name, distribution->n, c->n);
    quell_status status = ql_distribution_check(distribution, all[i].name, message, sizeof message);
    if (status) return ql_fail(network, status, "connection: %s%s", message, i ? "" : b->sign);
  }
  return check_arrays(network, c);
}

static quell_status allocate_scratch(build *b) {
  ql_memory *memory = &b->network->memory;
  b->pre = ql_alloc(memory, b->connectivity.most, sizeof *b->pre);
  b->place = ql_alloc(memory, b->connectivity.most, sizeof *b->place);
  b->scratch = ql_alloc(memory, ql_partners_scratch(&b->connectivity), sizeof *b->scratch);
  return b->pre && b->place && b->scratch ? QUELL_OK : ql_no_memory(b->network);
}

static void free_scratch(build *b) {
  ql_memory *memory = &b->network->memory;
  ql_free(memory, b->pre);
  ql_free(memory, b->place);
  ql_free(memory, b->scratch);
  ql_free(memory, b->axonal_index);
  ql_free(memory, b->filled);
  ql_connectivity_close(&b->connectivity, memory);
}

quell_status ql_build(quell_projection *projection, const quell_connection *connection) {
  quell_network *network = projection->network;
  build b = {.projection = projection, .network = network, .connection = connection};
  snprintf(b.sign, sizeof b.sign, "; a weight is a magnitude, the receptor '%s' carries the sign",
           projection->post->model->receptors[projection->receptor]);
  quell_status status = check_distributions(&b);
  if (status) return status;
  char message[256];
  status =
      ql_connectivity_open(&b.connectivity, &network->memory, connection, projection->pre->size,
                           projection->post->size, projection->pre == projection->post,
                           network->seed, projection->number, message, sizeof message);
  if (status) return ql_fail(network, status, "%s", message);
  status = allocate_scratch(&b);
  if (!status) status = find_axonal(&b);
  if (!status) status = form_rows(&b);
  if (!status) status = place_delays(&b);
  if (!status) status = place_synapses(&b);
  free_scratch(&b);
  return status;
}

void ql_parts_free(quell_projection *projection) {
  ql_memory *memory = &projection->network->memory;
  for (uint32_t t = 0; projection->parts && t < projection->post->n_tiles; t++) {
    ql_part *part = &projection->parts[t];
    ql_free(memory, part->row);
    ql_free(memory, part->arena);
  }
  ql_free(memory, projection->parts);
  ql_free(memory, projection->row_start);
  ql_free(memory, projection->axonal);
  ql_free(memory, projection->lag);
}

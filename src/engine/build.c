/* A projection is built in two sweeps over its synapses, which are drawn anew in each: the first
 * finds the delays and counts the synapses of each fragment, the second puts them in place. So the
 * synapses take no memory but their own. Where the axonal delay varies, a sweep before tells which
 * rows there are. */
#include "engine/build.h"

#include "base/random.h"
#include "engine/code.h"
#include "engine/delays.h"
#include "engine/place.h"

static int is_given(const quell_distribution *distribution) {
  return distribution->kind != QUELL_DEFAULT;
}

/* Rows. */

static int is_distinct(const quell_connection *c) {
  return c->kind == QUELL_ALL_TO_ALL || c->kind == QUELL_ONE_TO_ONE ||
         c->kind == QUELL_FIXED_PROBABILITY || (c->flags & QUELL_NO_MULTAPSES);
}

static quell_status allocate_rows(ql_plan *plan) {
  quell_projection *projection = plan->projection;
  ql_memory *memory = &plan->network->memory;
  uint64_t rows = (uint64_t)projection->n_axonal * projection->pre->size;
  if (rows > INT32_MAX)
    return ql_fail(plan->network, QUELL_E_RANGE,
                   "connection: %u axonal delays × %u pre neurons are more than 2^31 rows",
                   projection->n_axonal, projection->pre->size);
  projection->n_rows = (uint32_t)rows;
  projection->distinct = is_distinct(plan->connection);
  projection->parts = ql_alloc(memory, projection->post->n_tiles, sizeof *projection->parts);
  projection->lag = ql_alloc(memory, 2 * (size_t)projection->n_axonal, sizeof *projection->lag);
  if (projection->rule && projection->rule->shape.event[QUELL_LATE].call)
    projection->n_late = projection->n_axonal;
  projection->row_start = ql_alloc(memory, rows + 1, sizeof *projection->row_start);
  return projection->parts && projection->lag && projection->row_start
             ? QUELL_OK
             : ql_no_memory(plan->network);
}

static int begin_rows(ql_share *share) {
  const quell_projection *projection = share->plan->projection;
  ql_row **row = &share->part->row;
  *row = ql_alloc(&share->plan->network->memory, projection->n_rows, sizeof **row);
  return *row != NULL;
}

static void count_synapses(ql_share *share, const ql_chunk *chunk) {
  const ql_quantity *delay = &share->plan->delay;
  ql_row *row = share->part->row;
  if (delay->source == QL_DRAWN && !ql_chunk_range(share, chunk, delay, &share->delays)) return;
  for (uint32_t i = 0; i < chunk->n; i++) row[chunk->row[i]].length++;
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

static quell_status check_length(const ql_plan *plan, const quell_distribution *distribution,
                                 const char *quantity) {
  uint64_t size = plan->projection->size;
  if (distribution->kind != QUELL_ARRAY || distribution->n == size) return QUELL_OK;
  return ql_fail(plan->network, QUELL_E_LENGTH,
                 "connection: '%s' has %llu values for %llu synapses", quantity,
                 (unsigned long long)distribution->n, (unsigned long long)size);
}

static quell_status form_rows(ql_plan *plan, ql_range *drawn) {
  static const ql_sweep_work count = {begin_rows, count_synapses, NULL};
  const quell_connection *c = plan->connection;
  quell_status status = allocate_rows(plan);
  if (!status) status = ql_sweep(plan, &count, drawn);
  if (status) return status;
  number_synapses(plan->projection);
  status = check_length(plan, &c->weight, "weight");
  if (!status) status = check_length(plan, &c->delay, "delay");
  if (!status) status = check_length(plan, &c->delay_axonal, "delay_axonal");
  if (!status) status = check_length(plan, &c->delay_dendritic, "delay_dendritic");
  return status;
}

/* All of it. */

static quell_status check_arrays(const quell_network *network, const quell_connection *c) {
  if (is_given(&c->delay) && (is_given(&c->delay_axonal) || is_given(&c->delay_dendritic)))
    return ql_fail(network, QUELL_E_RANGE,
                   "connection: give 'delay', or 'delay_axonal' and 'delay_dendritic', not both");
  if (!ql_distribution_varies(&c->delay_axonal) || c->kind == QUELL_LIST) return QUELL_OK;
  if (c->weight.kind == QUELL_ARRAY || c->delay_axonal.kind == QUELL_ARRAY ||
      c->delay_dendritic.kind == QUELL_ARRAY)
    return ql_fail(network, QUELL_E_UNSUPPORTED,
                   "connection: where 'delay_axonal' varies, arrays need the kind QUELL_LIST");
  return QUELL_OK;
}

static quell_status check_distributions(const quell_projection *projection,
                                        const quell_connection *c) {
  const quell_network *network = projection->network;
  const struct {
    const quell_distribution *distribution;
    const char *name;
  } all[] = {{&c->weight, "weight"},
             {&c->delay, "delay"},
             {&c->delay_axonal, "delay_axonal"},
             {&c->delay_dendritic, "delay_dendritic"}};
  for (int i = 0; i < 4; i++) {
    char message[256], sign[96];
    const quell_distribution *distribution = all[i].distribution;
    if (c->kind == QUELL_LIST && distribution->kind == QUELL_ARRAY && distribution->n != c->n)
      return ql_fail(network, QUELL_E_LENGTH, "connection: '%s' has %zu values for a list of %zu",
                     all[i].name, distribution->n, c->n);
    quell_status status = ql_distribution_check(distribution, all[i].name, message, sizeof message);
    if (status)
      return ql_fail(network, status, "connection: %s%s", message,
                     i ? "" : ql_weight_sign(projection, sign, sizeof sign));
  }
  return check_arrays(network, c);
}

static ql_plan plan_for(quell_projection *projection, const quell_connection *c) {
  int both = is_given(&c->delay_axonal) || is_given(&c->delay_dendritic);
  return (ql_plan){.projection = projection,
                   .network = projection->network,
                   .connection = c,
                   .draw = projection->network->code->draw,
                   .weight = ql_quantity_of("weight", &c->weight, 1.0, c, QL_DRAW_WEIGHT),
                   .axonal =
                       ql_quantity_of("delay_axonal", &c->delay_axonal, 0.0, c, QL_DRAW_DELAY),
                   .delay = both ? ql_quantity_of("delay_dendritic", &c->delay_dendritic, 0.0, c,
                                                  QL_DRAW_DELAY_DENDRITIC)
                                 : ql_quantity_of("delay", &c->delay, 0.0, c, QL_DRAW_DELAY)};
}

static quell_status build(ql_plan *plan) {
  ql_range drawn;
  quell_status status = ql_find_axonal(plan);
  if (!status) status = form_rows(plan, &drawn);
  if (!status) status = ql_place_delays(plan, drawn);
  if (!status) status = ql_place_synapses(plan);
  return status;
}

quell_status ql_build(quell_projection *projection, const quell_connection *connection) {
  quell_network *network = projection->network;
  quell_status status = check_distributions(projection, connection);
  if (status) return status;
  ql_plan plan = plan_for(projection, connection);
  char message[256];
  status =
      ql_connectivity_open(&plan.connectivity, &network->memory, connection, projection->pre->size,
                           projection->post->size, projection->pre == projection->post,
                           network->seed, projection->number, plan.draw, message, sizeof message);
  if (status) return ql_fail(network, status, "%s", message);
  projection->stores_weights = projection->can_learn || plan.weight.source != QL_ONE_VALUE;
  projection->weight = (float)plan.weight.value;
  status = build(&plan);
  ql_free(&network->memory, plan.axonal_used);
  ql_free(&network->memory, plan.axonal_index);
  ql_connectivity_close(&plan.connectivity, &network->memory);
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

#include <quell/projection.h>

#include "api/check.h"
#include "api/free.h"
#include "api/stack.h"
#include "base/seconds.h"
#include "engine/build.h"
#include "engine/code.h"
#include "engine/epoch.h"
#include "engine/frame.h"
#include "engine/moving.h"
#include "engine/quantity.h"
#include <float.h>
#include <string.h>

static quell_status check_handles(const quell_network *network, const quell_population *pre,
                                  const quell_population *post) {
  if (pre->network == network && post->network == network) return QUELL_OK;
  return ql_fail(network, QUELL_E_OWNER, "connection: the %s population belongs to another network",
                 pre->network != network ? "pre" : "post");
}

static quell_status find_receptor(const quell_population *post, const char *receptor,
                                  uint32_t *index) {
  const ql_model *model = post->model;
  for (uint32_t i = 0; i < model->n_receptors; i++) {
    if (strcmp(model->receptors[i], receptor)) continue;
    *index = i;
    return QUELL_OK;
  }
  return ql_fail(post->network, QUELL_E_NAME,
                 "connection: population '%.70s' (model '%s') has no receptor '%.60s'%s",
                 post->name, model->name, receptor,
                 model->n_receptors ? "; there are: excitatory, inhibitory" : "");
}

static quell_status set_up(quell_projection *projection, const quell_connection *connection) {
  quell_network *network = projection->network;
  quell_status status = ql_build(projection, connection);
  if (status) return status;
  if (projection->can_learn) {
    if ((status = ql_epoch_reserve(projection))) return status;
    ql_epoch_begin(projection, projection->rule ? projection->rule->instance : NULL, 1);
  }
  quell_population *post = projection->post;
  if (!ql_append(network, (void ***)&post->incoming, &post->n_incoming, &post->incoming_capacity,
                 projection))
    return ql_no_memory(network);
  if (ql_append(network, (void ***)&network->projections, &network->n_projections,
                &network->projection_capacity, projection))
    return QUELL_OK;
  post->n_incoming--;
  return ql_no_memory(network);
}

quell_status quell_connect(quell_network *network, quell_population *pre, quell_population *post,
                           const char *receptor, const quell_connection *connection,
                           quell_rule *rule, quell_projection **out) {
  if (!network) return QUELL_E_NULL;
  if (!pre || !post || !receptor || !connection || !out)
    return ql_fail(network, QUELL_E_NULL,
                   "connection: a population, the receptor, the connection or the place for the "
                   "handle is NULL");
  quell_connection known;
  char message[200];
  uint32_t index = 0;
  quell_status status = ql_check_building(network);
  if (!status) status = check_handles(network, pre, post);
  if (!status) status = find_receptor(post, receptor, &index);
  if (status) return status;
  status = ql_struct_in(&known, sizeof known, connection, "connection", message, sizeof message);
  if (status) return ql_fail(network, status, "%s", message);
  if (known.reserved)
    return ql_fail(network, QUELL_E_UNSUPPORTED, "connection: 'reserved' must be 0, got %u",
                   known.reserved);
  quell_projection *projection = ql_alloc(&network->memory, 1, sizeof *projection);
  if (!projection) return ql_no_memory(network);
  projection->network = network;
  projection->number = (uint32_t)network->n_projections;
  projection->pre = pre;
  projection->post = post;
  projection->receptor = index;
  double began = ql_seconds();
  ql_fpmode mode = ql_fpmode_enter();
  status = ql_stack_rules(projection, rule, known.stack, known.n_stack);
  if (!status) status = set_up(projection, &known);
  ql_fpmode_leave(mode);
  network->measure.build += ql_seconds() - began;
  if (status)
    ql_projection_free(projection);
  else
    *out = projection;
  return status;
}

static uint64_t bytes_of(const quell_projection *projection) {
  uint64_t rows = projection->n_rows, bytes = (rows + 1) * sizeof *projection->row_start;
  for (uint32_t t = 0; t < projection->post->n_tiles; t++)
    bytes += projection->parts[t].lines * 64 + rows * sizeof(ql_row);
  return bytes;
}

quell_status quell_projection_describe(const quell_projection *projection,
                                       quell_projection_info *info) {
  if (!projection) return QUELL_E_NULL;
  if (!info) return ql_fail(projection->network, QUELL_E_NULL, "projection: the info is NULL");
  double dt = projection->network->dt;
  const quell_projection_info known = {
      .learning = projection->can_learn && projection->epoch[projection->n_epochs - 1].on,
      .size = projection->size,
      .pre = projection->pre,
      .post = projection->post,
      .receptor = projection->post->model->receptors[projection->receptor],
      .rule = projection->rule,
      .delay_axonal_min = projection->axonal[0] * dt,
      .delay_axonal_max = projection->axonal[projection->n_axonal - 1] * dt,
      .delay_dendritic_min = projection->dendritic_min * dt,
      .delay_dendritic_max = projection->dendritic_max * dt,
      .bytes = bytes_of(projection),
      .n_rules = projection->n_uses};
  return ql_fill(projection->network, info, &known, sizeof known, "projection info");
}

quell_rule *quell_projection_rule(const quell_projection *projection, size_t i) {
  return projection && i < projection->n_uses ? projection->use[i].rule : NULL;
}

uint64_t quell_projection_size(const quell_projection *projection) {
  return projection ? projection->size : 0;
}

/* A run of synapses that lie in one fragment. */
typedef struct piece {
  ql_tile *tile;
  uint32_t row, from, n; /* synapses [from, from + n) of the fragment */
  uint64_t at;           /* number of the first, counted from the first that was asked for */
} piece;

typedef void (*piece_fn)(const quell_projection *projection, const piece *piece, void *argument);

static void for_each_piece(const quell_projection *projection, uint64_t first, uint64_t n,
                           piece_fn call, void *argument) {
  uint64_t end = first + n;
  for (uint32_t r = n ? ql_row_of(projection, first) : 0; first < end; r++) {
    for (uint32_t t = 0; t < projection->post->n_tiles && first < end; t++) {
      const ql_row *row = &projection->parts[t].row[r];
      uint64_t start = projection->row_start[r] + row->place, stop = start + row->length;
      if (first < start || first >= stop) continue;
      uint64_t last = stop < end ? stop : end;
      piece piece = {&projection->post->tiles[t], r, (uint32_t)(first - start),
                     (uint32_t)(last - first), n - (end - first)};
      call(projection, &piece, argument);
      first = last;
    }
  }
}

static ql_fragment fragment_of(const quell_projection *projection, const piece *piece) {
  return ql_fragment_of(projection, &projection->parts[piece->tile->number], piece->row);
}

typedef struct endpoints {
  uint32_t *pre, *post;
} endpoints;

static void read_endpoints(const quell_projection *projection, const piece *piece, void *argument) {
  const endpoints *out = argument;
  ql_fragment fragment = fragment_of(projection, piece);
  for (uint32_t i = 0; i < piece->n; i++) {
    if (out->pre) out->pre[piece->at + i] = piece->row % projection->pre->size;
    if (out->post) out->post[piece->at + i] = piece->tile->first + fragment.target[piece->from + i];
  }
}

quell_status quell_projection_endpoints(const quell_projection *projection, uint64_t first,
                                        uint64_t n, uint32_t *pre, uint32_t *post) {
  if (!projection) return QUELL_E_NULL;
  quell_status status =
      ql_check_slice(projection->network, "projection", first, n, projection->size);
  if (status) return status;
  endpoints out = {pre, post};
  for_each_piece(projection, first, n, read_endpoints, &out);
  return QUELL_OK;
}

typedef struct quantity {
  enum { LEARNT, ROW, DELAY, AXONAL, DENDRITIC } kind;
  int var; /* of the projection or its rows; -1: the weight */
  float *values;
} quantity;

static int find_row_var(const quell_projection *projection, const char *name, quantity *q) {
  for (uint32_t v = 0; v < projection->n_row_vars; v++) {
    if (strcmp(ql_rule_row_var(projection->release->rule->desc, v)->name, name)) continue;
    q->kind = ROW;
    q->var = (int)v;
    return 1;
  }
  return 0;
}

static int find_quantity(const quell_projection *projection, const char *name, quantity *q) {
  static const char *const delays[] = {"delay", "delay_axonal", "delay_dendritic"};
  for (int i = 0; i < 3; i++) {
    if (strcmp(name, delays[i])) continue;
    q->kind = DELAY + i;
    return 1;
  }
  q->kind = LEARNT;
  q->var = -1;
  for (uint32_t u = 0; u < projection->n_uses && q->var < 0; u++) {
    const ql_use *use = &projection->use[u];
    for (uint32_t v = 0; v < ql_kept_vars(&use->rule->shape); v++)
      if (!strcmp(ql_var_name(use->rule, v), name)) q->var = (int)(use->first_var + v);
  }
  return q->var >= 0 || !strcmp(name, "weight") || find_row_var(projection, name, q);
}

static quell_status check_access(const quell_projection *projection, const char *variable,
                                 uint64_t first, uint64_t n, const float *values, quantity *q) {
  const quell_network *network = projection->network;
  if (!variable || (n && !values))
    return ql_fail(network, QUELL_E_NULL, "projection: the variable or the array is NULL");
  if (!find_quantity(projection, variable, q))
    return ql_fail(network, QUELL_E_NAME,
                   "projection: no quantity '%.60s'; there are weight, delay, delay_axonal, "
                   "delay_dendritic and the variables of the rules",
                   variable);
  return ql_check_slice(network, "projection", first, n, projection->size);
}

static void read_quantity(const quell_projection *projection, const piece *piece, void *argument) {
  const quantity *q = argument;
  float *values = q->values + piece->at;
  if (q->kind == LEARNT) {
    projection->network->code->peek(piece->tile, projection, piece->row, projection->network->clock,
                                    q->var, piece->from, piece->n, values);
    return;
  }
  ql_fragment fragment = fragment_of(projection, piece);
  for (uint32_t i = 0; q->kind == ROW && i < piece->n; i++)
    values[i] = (float)fragment.row_var[q->var];
  for (uint32_t i = 0; q->kind != ROW && i < piece->n; i++) {
    uint32_t steps = ql_fragment_delay(projection, &fragment, piece->from + i);
    uint32_t axonal = projection->axonal[piece->row / projection->pre->size];
    if (q->kind == AXONAL) steps = axonal;
    if (q->kind == DELAY) steps += axonal;
    values[i] = (float)(steps * projection->network->dt);
  }
}

quell_status quell_projection_get(const quell_projection *projection, const char *variable,
                                  uint64_t first, uint64_t n, float *values) {
  if (!projection) return QUELL_E_NULL;
  quantity q = {.values = values};
  quell_status status = check_access(projection, variable, first, n, values, &q);
  if (status) return status;
  ql_fpmode mode = ql_fpmode_enter();
  for_each_piece(projection, first, n, read_quantity, &q);
  ql_fpmode_leave(mode);
  return QUELL_OK;
}

static quell_status check_weights(const quell_projection *projection, uint64_t first, uint64_t n,
                                  const float *values) {
  float low, high;
  ql_weight_bounds(projection, &low, &high);
  for (uint64_t i = 0; i < n; i++)
    if (!(values[i] >= low && values[i] <= high))
      return ql_fail(projection->network, QUELL_E_RANGE,
                     "projection: the weight of synapse %llu must be a magnitude in [%g, %g], got "
                     "%g; the receptor '%s' carries the sign",
                     (unsigned long long)(first + i), low, high, values[i],
                     projection->post->model->receptors[projection->receptor]);
  return QUELL_OK;
}

static quell_status check_vars(const quell_projection *projection, const char *variable,
                               uint64_t first, uint64_t n, const float *values) {
  for (uint64_t i = 0; i < n; i++)
    if (!(values[i] >= -FLT_MAX && values[i] <= FLT_MAX))
      return ql_fail(projection->network, QUELL_E_RANGE,
                     "projection: '%s' of synapse %llu must be a number, got %g", variable,
                     (unsigned long long)(first + i), values[i]);
  return QUELL_OK;
}

/* Whether the weights are not kept as they are, but as they were: see engine/frame.h. */
static int is_driven(const quell_projection *projection) {
  return projection->network->phase != QL_BUILDING && projection->rule &&
         projection->rule->shape.n_integrals && projection->epoch[projection->n_epochs - 1].on;
}

static void close_written(const piece *piece, const ql_fragment *fragment,
                          const quell_projection *projection) {
  for (uint32_t i = piece->from; i < piece->from + piece->n; i++)
    fragment->w[i] -= ql_frame_offset(projection, fragment->mark,
                                      ql_frame_clock(piece->tile, projection->network->clock),
                                      piece->tile->first + fragment->target[i]);
}

/* Whether they are kept in the frame of engine/moving.h. */
static int is_anchored(const quell_projection *projection) {
  return projection->network->phase != QL_BUILDING && projection->rule &&
         projection->rule->shape.n_eligibilities;
}

static void write_quantity(const quell_projection *projection, const piece *piece, void *argument) {
  const quantity *q = argument;
  const quell_network *network = projection->network;
  if (is_anchored(projection)) {
    network->code->write(piece->tile, projection, piece->row, network->clock, q->var, piece->from,
                         piece->n, q->values + piece->at);
    return;
  }
  if (projection->rule && network->phase != QL_BUILDING)
    network->code->settle(piece->tile, projection, piece->row, network->clock);
  if (q->var < 0 && is_driven(projection))
    network->code->reframe(piece->tile, projection, piece->row, network->clock, QL_ADVANCED);
  ql_fragment fragment = fragment_of(projection, piece);
  float *to = q->var < 0 ? fragment.w : fragment.var[q->var];
  memcpy(to + piece->from, q->values + piece->at, piece->n * sizeof *to);
  if (q->var < 0 && is_driven(projection)) close_written(piece, &fragment, projection);
}

/* Weights that were all the same may now differ. */
static quell_status make_storage(quell_projection *projection, uint64_t n, const float *values) {
  if (projection->stores_weights) return QUELL_OK;
  for (uint64_t i = 0; i < n; i++)
    if (values[i] != projection->weight) return ql_store_weights(projection);
  return QUELL_OK;
}

quell_status quell_projection_set(quell_projection *projection, const char *variable,
                                  uint64_t first, uint64_t n, const float *values) {
  if (!projection) return QUELL_E_NULL;
  quantity q = {LEARNT, -1, NULL};
  quell_status status = ql_check_idle(projection->network);
  if (!status) status = check_access(projection, variable, first, n, values, &q);
  if (status) return status;
  if (q.kind != LEARNT)
    return ql_fail(projection->network, QUELL_E_UNSUPPORTED, "projection: '%s' cannot be written",
                   variable);
  status = q.var < 0 ? check_weights(projection, first, n, values)
                     : check_vars(projection, variable, first, n, values);
  if (status) return status;
  q.values = (float *)values; /* only read from here on */
  ql_fpmode mode = ql_fpmode_enter();
  if (q.var < 0) status = make_storage(projection, n, values);
  if (!status && (q.var >= 0 || projection->stores_weights))
    for_each_piece(projection, first, n, write_quantity, &q);
  ql_fpmode_leave(mode);
  return status;
}

quell_status quell_projection_learning(quell_projection *projection, int32_t on) {
  if (!projection) return QUELL_E_NULL;
  quell_network *network = projection->network;
  quell_status status = ql_check_idle(network);
  if (status) return status;
  if (!projection->can_learn)
    return ql_fail(network, QUELL_E_UNSUPPORTED, "projection: it has no rule to learn with");
  if (on != 0 && on != 1)
    return ql_fail(network, QUELL_E_RANGE, "projection: learning must be 0 or 1, got %d", on);
  ql_fpmode mode = ql_fpmode_enter();
  status = ql_epoch_reserve(projection);
  if (!status) ql_epoch_begin(projection, projection->rule ? projection->rule->instance : NULL, on);
  ql_fpmode_leave(mode);
  return status;
}

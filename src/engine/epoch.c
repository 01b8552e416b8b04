#include "engine/epoch.h"

#include "engine/code.h"

/* Epochs of one projection after which its rows are brought up to date, so that a visit never has
 * to look through many. */
enum { MANY_EPOCHS = 64 };

static void settle(quell_projection *projection) {
  const quell_network *network = projection->network;
  for (uint32_t t = 0; t < projection->post->n_tiles; t++)
    for (uint32_t row = 0; row < projection->n_rows; row++)
      network->code->settle(&projection->post->tiles[t], projection, row, network->clock);
}

ql_epoch *ql_epoch_last(quell_projection *projection) {
  return &projection->epoch[projection->n_epochs - 1];
}

const ql_epoch *ql_epoch_at(const quell_projection *projection, uint64_t stamp) {
  const ql_epoch *epoch = &projection->epoch[projection->n_epochs - 1];
  while (epoch > projection->epoch && epoch->start > stamp) epoch--;
  return epoch;
}

void ql_instance_release(quell_network *network, ql_instance *instance) {
  if (!instance || --instance->references) return;
  ql_free(&network->memory, instance->constants);
  ql_free(&network->memory, instance);
}

/* Forgets the epochs that end at or before `stamp`. */
static void forget_epochs(quell_projection *projection, uint64_t stamp) {
  size_t gone = 0;
  while (gone + 1 < projection->n_epochs && projection->epoch[gone + 1].start <= stamp) {
    ql_instance_release(projection->network, projection->epoch[gone].instance);
    gone++;
  }
  projection->n_epochs -= gone;
  for (size_t i = 0; i < projection->n_epochs; i++)
    projection->epoch[i] = projection->epoch[i + gone];
}

quell_status ql_epoch_reserve(quell_projection *projection) {
  quell_network *network = projection->network;
  if (network->phase == QL_READY) {
    if (network->clock - network->start > network->horizon)
      forget_epochs(projection, network->clock - network->horizon);
    if (projection->n_epochs >= MANY_EPOCHS) {
      settle(projection);
      forget_epochs(projection, network->clock);
    }
  }
  if (!ql_grow(&network->memory, (void **)&projection->epoch, &projection->epoch_capacity,
               projection->n_epochs + 1, sizeof *projection->epoch))
    return ql_no_memory(network);
  return QUELL_OK;
}

/* Weights that integrals change are opened for the time that they stand still. */
static void reframe(quell_projection *projection, ql_reframing to) {
  const quell_network *network = projection->network;
  for (uint32_t t = 0; t < projection->post->n_tiles; t++)
    for (uint32_t row = 0; row < projection->n_rows; row++)
      network->code->reframe(&projection->post->tiles[t], projection, row, network->clock, to);
}

void ql_epoch_begin(quell_projection *projection, ql_instance *instance, int32_t on) {
  uint64_t clock = projection->network->clock;
  int driven = projection->network->phase == QL_READY && projection->rule &&
               projection->rule->shape.n_integrals;
  if (driven && on != ql_epoch_last(projection)->on)
    reframe(projection, on ? QL_CLOSED : QL_OPENED);
  if (instance) instance->references++;
  if (projection->n_epochs && ql_epoch_last(projection)->start == clock) {
    ql_instance_release(projection->network, ql_epoch_last(projection)->instance);
    projection->n_epochs--;
  }
  projection->epoch[projection->n_epochs++] = (ql_epoch){clock, instance, on};
}

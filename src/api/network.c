#include <quell/network.h>

#include "api/check.h"
#include "api/free.h"
#include "base/message.h"
#include "base/pool.h"
#include "engine/code.h"
#include "engine/epoch.h"
#include "engine/run.h"
#include "rules/registry.h"
#include <stdio.h>

#define TEXT(x)  TEXT_(x)
#define TEXT_(x) #x

const char *quell_version(void) {
  return TEXT(QUELL_VERSION_MAJOR) "." TEXT(QUELL_VERSION_MINOR) "." TEXT(QUELL_VERSION_PATCH);
}

const char *quell_status_string(quell_status status) {
  switch (status) {
  case QUELL_OK:
    return "QUELL_OK";
  case QUELL_STOPPED:
    return "QUELL_STOPPED";
  case QUELL_E_NULL:
    return "QUELL_E_NULL";
  case QUELL_E_RANGE:
    return "QUELL_E_RANGE";
  case QUELL_E_NAME:
    return "QUELL_E_NAME";
  case QUELL_E_LENGTH:
    return "QUELL_E_LENGTH";
  case QUELL_E_STATE:
    return "QUELL_E_STATE";
  case QUELL_E_OWNER:
    return "QUELL_E_OWNER";
  case QUELL_E_MEMORY:
    return "QUELL_E_MEMORY";
  case QUELL_E_UNSUPPORTED:
    return "QUELL_E_UNSUPPORTED";
  case QUELL_E_FAILED:
    return "QUELL_E_FAILED";
  default:
    return "unknown status";
  }
}

static int is_power_of_two(uint32_t n) {
  return n && !(n & (n - 1));
}

static quell_status refuse(quell_network_options *o, const char *what, const char *allowed,
                           double got) {
  ql_message(o->error, o->error_size, "network: '%s' must be %s, got %g", what, allowed, got);
  return QUELL_E_RANGE;
}

static quell_status refuse_null(quell_network_options *o, const char *what) {
  ql_message(o->error, o->error_size, "network: '%s' lacks a function", what);
  return QUELL_E_NULL;
}

static quell_status refuse_isa(quell_network_options *o) {
  ql_message(o->error, o->error_size,
             "network: 'isa' is %s, for which there is no code, or which this processor lacks",
             quell_isa_name(o->isa));
  return QUELL_E_UNSUPPORTED;
}

/* Puts the defaults in and checks the rest. */
static quell_status complete(quell_network_options *o) {
  if (o->dt == 0.0) o->dt = 0.1;
  if (!o->block_size) o->block_size = 128;
  if (!o->threads && !o->executor) o->threads = 1;
  if (!(o->dt >= 0.001 && o->dt <= 10.0)) return refuse(o, "dt", "in [0.001, 10] ms", o->dt);
  if (o->threads > QL_MOST_THREADS) return refuse(o, "threads", "in [1, 256]", o->threads);
  if (o->threads && o->executor) return refuse(o, "threads", "0 with an executor", o->threads);
  if (o->isa < QUELL_ISA_BEST || o->isa > QUELL_ISA_AVX512)
    return refuse(o, "isa", "one of QUELL_ISA_BEST to QUELL_ISA_AVX512 (0 to 3)", o->isa);
  if (!ql_code_for(o->isa)) return refuse_isa(o);
  if (o->tile_size % 64 || o->tile_size > 65536)
    return refuse(o, "tile_size", "a multiple of 64 in [64, 65536]", o->tile_size);
  if (o->block_size % 16 || o->block_size > 128)
    return refuse(o, "block_size", "a multiple of 16 in [16, 128]", o->block_size);
  if (o->horizon && (!is_power_of_two(o->horizon) || o->horizon < 64 || o->horizon > 1u << 24))
    return refuse(o, "horizon", "a power of two in [64, 16777216]", o->horizon);
  if (o->start >> 53) return refuse(o, "start", "below 2^53", (double)o->start);
  if (o->allocator && (!o->allocator->alloc || !o->allocator->release))
    return refuse_null(o, "allocator");
  if (o->executor && !o->executor->run) return refuse_null(o, "executor");
  if (o->log && !o->log->write) return refuse_null(o, "log");
  if (o->progress && !o->progress->report) return refuse_null(o, "progress");
  return QUELL_OK;
}

static quell_network *make(const quell_network_options *o) {
  ql_memory memory;
  ql_memory_init(&memory, o->allocator);
  quell_network *network = ql_alloc(&memory, 1, sizeof *network);
  if (!network) return NULL;
  ql_memory_init(&network->memory, o->allocator);
  network->memory.bytes = network->memory.peak = memory.bytes; /* its own */
  network->registry = o->registry;
  ql_registry_hold(o->registry);
  network->code = ql_code_for(o->isa);
  network->threads = o->threads;
  if (o->executor) network->executor = *o->executor;
  if (o->log) network->log = *o->log;
  if (o->progress) network->progress = *o->progress;
  network->dt = o->dt;
  network->seed = o->seed;
  network->start = network->clock = o->start;
  network->tile_size = o->tile_size;
  network->block_size = o->block_size;
  network->horizon = o->horizon;
  network->rings = 1;
  atomic_init(&network->stop, 0);
  return network;
}

/* Threads of the library's own, if more than the calling one are asked for. */
static quell_status hire(quell_network *network, quell_network_options *o) {
  if (network->threads < 2) return QUELL_OK;
  network->pool = ql_pool_create(&network->memory, network->threads);
  if (network->pool) {
    network->executor = (quell_executor){network->pool, ql_pool_run};
    return QUELL_OK;
  }
  ql_message(o->error, o->error_size, "network: there are no %u threads to be had", o->threads);
  return QUELL_E_MEMORY;
}

quell_status quell_network_create(const quell_network_options *options, quell_network **network) {
  quell_network_options known = QUELL_NETWORK_OPTIONS_INIT;
  char message[200] = "";
  quell_status status = QUELL_OK;
  if (options)
    status =
        ql_struct_in(&known, sizeof known, options, "network options", message, sizeof message);
  if (status) {
    if (options->struct_size >= sizeof known)
      ql_message(options->error, options->error_size, "%s", message);
    return status;
  }
  if (!network) {
    ql_message(known.error, known.error_size, "network: the place for the handle is NULL");
    return QUELL_E_NULL;
  }
  ql_fpmode mode = ql_fpmode_enter();
  status = complete(&known);
  if (!status && !(*network = make(&known))) {
    ql_message(known.error, known.error_size, "network: out of memory");
    status = QUELL_E_MEMORY;
  }
  if (!status && (status = hire(*network, &known))) {
    ql_network_free(*network);
    *network = NULL;
  }
  ql_fpmode_leave(mode);
  return status;
}

void quell_network_destroy(quell_network **network) {
  if (!network || !*network || (*network)->activity != QL_IDLE) return;
  ql_network_free(*network);
  *network = NULL;
}

const char *quell_network_error(const quell_network *network) {
  return network ? network->error : "network: the handle is NULL";
}

double quell_network_dt(const quell_network *network) {
  return network ? network->dt : 0.0;
}

uint64_t quell_network_clock(const quell_network *network) {
  return network ? network->clock : 0;
}

double quell_network_time(const quell_network *network) {
  return network ? (double)network->clock * network->dt : 0.0;
}

static quell_status check_run(const quell_network *network, uint64_t steps) {
  quell_status status = ql_check_idle(network);
  if (status) return status;
  if (steps >> 53 || (network->clock + steps) >> 53)
    return ql_fail(network, QUELL_E_RANGE, "network: the clock must stay below 2^53 steps");
  for (size_t i = 0; steps > 1 && i < network->n_populations; i++) {
    const quell_population *population = network->populations[i];
    if (population->model->kind == QL_EXTERNAL && population->n_incoming && !population->on_step)
      return ql_fail(network, QUELL_E_STATE,
                     "network: the input of the external population '%.70s' would be lost; give it "
                     "quell_population_on_step(), or advance with quell_step()",
                     population->name);
  }
  return QUELL_OK;
}

quell_status quell_run_steps(quell_network *network, uint64_t steps) {
  if (!network) return QUELL_E_NULL;
  quell_status status = check_run(network, steps);
  return status ? status : ql_advance(network, steps);
}

quell_status quell_step(quell_network *network) {
  return quell_run_steps(network, 1);
}

quell_status quell_run(quell_network *network, double duration) {
  if (!network) return QUELL_E_NULL;
  uint64_t steps;
  ql_fpmode mode = ql_fpmode_enter();
  int on_grid = ql_time_on_grid(network, duration, &steps);
  ql_fpmode_leave(mode);
  if (!on_grid)
    return ql_fail(network, QUELL_E_RANGE,
                   "network: the duration must be ≥ 0 and a multiple of dt = %g ms, got %g ms",
                   network->dt, duration);
  return quell_run_steps(network, steps);
}

void quell_request_stop(quell_network *network) {
  if (network) atomic_store(&network->stop, 1);
}

quell_status quell_network_learning(quell_network *network, int32_t on) {
  if (!network) return QUELL_E_NULL;
  quell_status status = ql_check_idle(network);
  if (status) return status;
  if (on != 0 && on != 1)
    return ql_fail(network, QUELL_E_RANGE, "network: learning must be 0 or 1, got %d", on);
  ql_fpmode mode = ql_fpmode_enter();
  for (size_t i = 0; !status && i < network->n_projections; i++)
    if (network->projections[i]->can_learn) status = ql_epoch_reserve(network->projections[i]);
  for (size_t i = 0; !status && i < network->n_projections; i++) {
    quell_projection *projection = network->projections[i];
    if (projection->can_learn)
      ql_epoch_begin(projection, projection->rule ? projection->rule->instance : NULL, on);
  }
  ql_fpmode_leave(mode);
  return status;
}

int32_t quell_isa_available(int32_t isa) {
  return ql_code_for(isa) != NULL;
}

const char *quell_isa_name(int32_t isa) {
  static const char *const names[] = {"best", "baseline", "avx2", "avx512"};
  return isa >= QUELL_ISA_BEST && isa <= QUELL_ISA_AVX512 ? names[isa] : "unknown";
}

static void add_tiles(const quell_network *network, quell_stats *stats) {
  for (uint32_t i = 0; i < network->n_tiles; i++) {
    const ql_work *work = &network->tiles[i]->work;
    stats->synaptic_events += work->synaptic;
    stats->plastic_events += work->plastic;
    stats->update_s += work->update;
    stats->deliver_s += work->deliver;
    stats->plasticity_s += work->plasticity;
    stats->record_s += work->record;
  }
}

/* What was measured in some of the steps stands for all of them. */
static void scale_times(const ql_measure *measure, quell_stats *stats) {
  if (!measure->timed_steps) return;
  double scale = (double)measure->steps / (double)measure->timed_steps;
  stats->update_s *= scale;
  stats->deliver_s *= scale;
  stats->plasticity_s *= scale;
  stats->exchange_s *= scale;
  stats->record_s *= scale;
}

quell_status quell_network_stats(const quell_network *network, quell_stats *stats) {
  if (!network) return QUELL_E_NULL;
  if (!stats) return ql_fail(network, QUELL_E_NULL, "network: the stats are NULL");
  const ql_measure *measure = &network->measure;
  quell_stats known = {.isa = network->code->isa,
                       .threads = network->threads,
                       .tiles = network->n_tiles,
                       .batch = network->batch,
                       .steps = measure->steps,
                       .spikes = measure->spikes,
                       .bytes = network->memory.bytes,
                       .peak_bytes = network->memory.peak,
                       .build_s = measure->build,
                       .run_s = measure->run,
                       .exchange_s = measure->exchange};
  ql_fpmode mode = ql_fpmode_enter();
  add_tiles(network, &known);
  scale_times(measure, &known);
  ql_fpmode_leave(mode);
  return ql_fill(network, stats, &known, sizeof known, "stats");
}

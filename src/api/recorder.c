#include <quell/recorder.h>

#include "api/check.h"
#include "record/recorder.h"
#include <math.h>
#include <string.h>

static quell_status check_ids(const quell_network *network, const quell_record_options *o,
                              uint64_t size) {
  if (o->n && !o->ids) return ql_fail(network, QUELL_E_NULL, "recorder: 'ids' is NULL");
  if (o->n > size)
    return ql_fail(network, QUELL_E_LENGTH, "recorder: %zu ids, but there are %llu", o->n,
                   (unsigned long long)size);
  for (size_t i = 0; i < o->n; i++) {
    if (o->ids[i] >= size)
      return ql_fail(network, QUELL_E_LENGTH, "recorder: id %zu is %llu, there are %llu", i,
                     (unsigned long long)o->ids[i], (unsigned long long)size);
    if (i && o->ids[i] <= o->ids[i - 1])
      return ql_fail(network, QUELL_E_LENGTH, "recorder: id %zu is not above the one before it", i);
  }
  return QUELL_OK;
}

static quell_status read_times(quell_recorder *recorder, const quell_record_options *o) {
  const quell_network *network = recorder->network;
  recorder->interval = 1;
  recorder->start = network->clock;
  recorder->stop = UINT64_MAX;
  if (o->interval != 0.0 &&
      (!ql_time_on_grid(network, o->interval, &recorder->interval) || !recorder->interval))
    return ql_fail(network, QUELL_E_RANGE,
                   "recorder: 'interval' must be a multiple of dt = %g ms, got %g", network->dt,
                   o->interval);
  if (o->start != 0.0 && !ql_time_to_steps(network, o->start, &recorder->start))
    return ql_fail(network, QUELL_E_RANGE, "recorder: 'start' must be ≥ 0 ms, got %g", o->start);
  if (recorder->start < network->clock) recorder->start = network->clock;
  if (o->stop == 0.0 || o->stop == (double)INFINITY) return QUELL_OK;
  if (!ql_time_to_steps(network, o->stop, &recorder->stop) || recorder->stop <= recorder->start)
    return ql_fail(network, QUELL_E_RANGE,
                   "recorder: 'stop' must be after 'start' and the clock, %g ms, got %g",
                   (double)recorder->start * network->dt, o->stop);
  return QUELL_OK;
}

static quell_status copy_ids(quell_recorder *recorder, const quell_record_options *o,
                             uint64_t size) {
  recorder->width = recorder->kind == QL_RECORD_RATE ? 1 : o->ids ? o->n : size;
  if (!o->ids) return QUELL_OK;
  recorder->n_ids = o->n;
  recorder->ids = ql_alloc(&recorder->network->memory, o->n, sizeof *recorder->ids);
  if (!recorder->ids) return ql_no_memory(recorder->network);
  memcpy(recorder->ids, o->ids, o->n * sizeof *o->ids);
  return QUELL_OK;
}

/* What was handed in for the step to come belongs to what is recorded from now on. */
static quell_status take_handed_in(quell_recorder *recorder) {
  const quell_network *network = recorder->network;
  const quell_population *population = recorder->population;
  if (!population) return QUELL_OK;
  if (network->phase != QL_BUILDING && population->model->kind != QL_EXTERNAL) return QUELL_OK;
  const ql_spikes *now = ql_spikes_at(population, network->clock);
  if (!ql_recorder_make_room(recorder, now->n)) return ql_no_memory(network);
  ql_recorder_hand_in(recorder, network->clock, now->at, now->n);
  return QUELL_OK;
}

static quell_status set_up(quell_recorder *recorder, const quell_record_options *o, uint64_t size) {
  quell_network *network = recorder->network;
  quell_status status = check_ids(network, o, size);
  if (!status) status = read_times(recorder, o);
  if (!status) status = copy_ids(recorder, o, size);
  if (!status) status = take_handed_in(recorder);
  if (!status && !ql_append(network, (void ***)&network->recorders, &network->n_recorders,
                            &network->recorder_capacity, recorder))
    status = ql_no_memory(network);
  return status;
}

static quell_status create(quell_recorder wanted, uint64_t size,
                           const quell_record_options *options, quell_recorder **out) {
  quell_network *network = wanted.network;
  if (!out) return ql_fail(network, QUELL_E_NULL, "recorder: the place for the handle is NULL");
  quell_record_options known = QUELL_RECORD_OPTIONS_INIT;
  char message[200];
  quell_status status = ql_check_idle(network);
  if (status) return status;
  if (options && (status = ql_struct_in(&known, sizeof known, options, "record options", message,
                                        sizeof message)))
    return ql_fail(network, status, "%s", message);
  if (wanted.kind == QL_RECORD_RATE && (known.n || known.ids))
    return ql_fail(network, QUELL_E_UNSUPPORTED,
                   "recorder: a rate is of all neurons, not of 'ids'");
  if (wanted.kind == QL_RECORD_SPIKES && known.interval != 0.0)
    return ql_fail(network, QUELL_E_UNSUPPORTED, "recorder: spikes have no 'interval'");
  if (known.reserved)
    return ql_fail(network, QUELL_E_UNSUPPORTED, "record options: 'reserved' must be 0, got %u",
                   known.reserved);
  quell_recorder *recorder = ql_alloc(&network->memory, 1, sizeof *recorder);
  if (!recorder) return ql_no_memory(network);
  *recorder = wanted;
  ql_fpmode mode = ql_fpmode_enter();
  status = set_up(recorder, &known, size);
  ql_fpmode_leave(mode);
  if (status)
    ql_recorder_free(recorder);
  else
    *out = recorder;
  return status;
}

static quell_recorder of_population(quell_population *population, ql_record_kind kind) {
  return (quell_recorder){.network = population->network, .kind = kind, .population = population};
}

quell_status quell_record_spikes(quell_population *population, const quell_record_options *options,
                                 quell_recorder **recorder) {
  if (!population) return QUELL_E_NULL;
  return create(of_population(population, QL_RECORD_SPIKES), population->size, options, recorder);
}

static quell_status unknown_state(const quell_population *population, const char *variable) {
  char known[160] = "";
  for (uint32_t i = 0; i < population->model->n_states; i++)
    ql_list_name(known, sizeof known, population->model->states[i].name);
  return ql_fail(population->network, QUELL_E_NAME,
                 "recorder: the model '%s' has no state variable '%.60s'; there are: %s",
                 population->model->name, variable, *known ? known : "none");
}

quell_status quell_record_state(quell_population *population, const char *variable,
                                const quell_record_options *options, quell_recorder **recorder) {
  if (!population) return QUELL_E_NULL;
  if (!variable)
    return ql_fail(population->network, QUELL_E_NULL, "recorder: the variable is NULL");
  const ql_model *model = population->model;
  quell_recorder wanted = of_population(population, QL_RECORD_STATE);
  while (wanted.state < model->n_states && strcmp(model->states[wanted.state].name, variable))
    wanted.state++;
  if (wanted.state == model->n_states) return unknown_state(population, variable);
  return create(wanted, population->size, options, recorder);
}

quell_status quell_record_weights(quell_projection *projection, const quell_record_options *options,
                                  quell_recorder **recorder) {
  if (!projection) return QUELL_E_NULL;
  quell_recorder wanted = {
      .network = projection->network, .kind = QL_RECORD_WEIGHTS, .projection = projection};
  return create(wanted, projection->size, options, recorder);
}

quell_status quell_record_rate(quell_population *population, const quell_record_options *options,
                               quell_recorder **recorder) {
  if (!population) return QUELL_E_NULL;
  if (population->model->rate_state)
    return ql_fail(population->network, QUELL_E_UNSUPPORTED,
                   "recorder: population '%.70s' has rate units, which send no spikes; record the "
                   "state '%s'",
                   population->name,
                   population->model->states[population->model->rate_state - 1].name);
  return create(of_population(population, QL_RECORD_RATE), population->size, options, recorder);
}

quell_status quell_recorder_read(const quell_recorder *recorder, quell_recording *recording) {
  if (!recorder) return QUELL_E_NULL;
  if (!recording)
    return ql_fail(recorder->network, QUELL_E_NULL, "recorder: the recording is NULL");
  int spikes = recorder->kind == QL_RECORD_SPIKES;
  const quell_recording known = {.samples = recorder->samples,
                                 .width = spikes ? 0 : recorder->width,
                                 .stamps = recorder->stamps,
                                 .ids = spikes ? recorder->neurons : NULL,
                                 .values = spikes ? NULL : recorder->values};
  return ql_fill(recorder->network, recording, &known, sizeof known, "recording");
}

quell_status quell_recorder_clear(quell_recorder *recorder) {
  if (!recorder) return QUELL_E_NULL;
  quell_status status = ql_check_idle(recorder->network);
  if (!status) recorder->samples = 0;
  return status;
}

void quell_recorder_destroy(quell_recorder **recorder) {
  if (!recorder || !*recorder || (*recorder)->network->activity != QL_IDLE) return;
  quell_network *network = (*recorder)->network;
  size_t i = 0;
  while (network->recorders[i] != *recorder) i++;
  for (; i + 1 < network->n_recorders; i++) network->recorders[i] = network->recorders[i + 1];
  network->n_recorders--;
  ql_recorder_free(*recorder);
  *recorder = NULL;
}

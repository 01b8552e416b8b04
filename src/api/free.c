#include "api/free.h"

#include "base/pool.h"
#include "engine/bind.h"
#include "engine/build.h"
#include "engine/epoch.h"
#include "engine/moving.h"
#include "engine/start.h"
#include "engine/tile.h"
#include "record/recorder.h"
#include "rules/registry.h"

void ql_course_free(ql_memory *memory, ql_course *course) {
  if (!course) return;
  ql_free(memory, course->step);
  ql_free(memory, course->value);
  ql_free(memory, course);
}

void ql_population_free(quell_population *population) {
  if (!population) return;
  ql_memory *memory = &population->network->memory;
  ql_tiles_destroy(population);
  ql_spikes_destroy(population, population->network->rings);
  for (int i = 0; i < QL_MAX_PARAMS; i++) {
    ql_free(memory, population->param_array[i]);
    ql_course_free(memory, population->course[i]);
  }
  for (int i = 0; i < QL_MAX_STATES; i++) ql_free(memory, population->state[i]);
  for (int i = 0; i < QL_MAX_RECEPTORS; i++) {
    ql_free(memory, population->input[i]);
    ql_free(memory, population->background[i]);
  }
  for (uint32_t d = 0; population->dial && d < QL_POPULATION_DIALS; d++)
    ql_dial_free(memory, &population->dial[d]);
  ql_free(memory, population->dial);
  ql_free(memory, population->name);
  ql_free(memory, population->constants);
  ql_free(memory, population->source_stamp);
  ql_free(memory, population->source_neuron);
  ql_free(memory, population->incoming);
  ql_unbind(population);
  ql_free(memory, population->rates);
  ql_free(memory, population->mean_rate);
  ql_free(memory, population);
}

void ql_projection_free(quell_projection *projection) {
  if (!projection) return;
  ql_moving_free(projection);
  if (projection->gain) ql_dial_free(&projection->network->memory, projection->gain);
  ql_free(&projection->network->memory, projection->gain);
  ql_parts_free(projection);
  for (size_t i = 0; i < projection->n_epochs; i++)
    ql_instance_release(projection->network, projection->epoch[i].instance);
  ql_free(&projection->network->memory, projection->epoch);
  ql_free(&projection->network->memory, projection);
}

void ql_rule_free(quell_rule *rule) {
  if (!rule) return;
  ql_registry_unuse(rule->network->registry, rule->desc);
  ql_instance_release(rule->network, rule->instance);
  ql_free(&rule->network->memory, rule->value);
  for (uint32_t d = 0; rule->dial && d < rule->n_dials; d++)
    ql_dial_free(&rule->network->memory, &rule->dial[d]);
  ql_free(&rule->network->memory, rule->dial);
  ql_free(&rule->network->memory, rule);
}

void ql_network_free(quell_network *network) {
  ql_memory *memory = &network->memory;
  for (size_t i = 0; i < network->n_recorders; i++) ql_recorder_free(network->recorders[i]);
  for (size_t i = 0; i < network->n_projections; i++) ql_projection_free(network->projections[i]);
  for (size_t i = 0; i < network->n_populations; i++) ql_population_free(network->populations[i]);
  for (size_t i = 0; i < network->n_rules; i++) ql_rule_free(network->rules[i]);
  for (size_t i = 0; i < network->n_modulators; i++) ql_channel_free(network->modulators[i]);
  ql_free(memory, network->modulators);
  ql_free(memory, network->recorders);
  ql_free(memory, network->projections);
  ql_free(memory, network->rules);
  ql_free(memory, network->populations);
  ql_free(memory, network->tiles);
  ql_free(memory, network->input);
  ql_pool_destroy(network->pool);
  ql_registry_release(network->registry);
  ql_memory last;
  ql_memory_init(&last, &memory->host);
  ql_free(&last, network);
}

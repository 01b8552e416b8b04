/* All neuron models. A new one is a file beside this one, a declaration in model.h and a line
 * here. */
#include "neurons/model.h"

#include <string.h>

static const ql_model *const models[] = {
    &ql_lif_cond_exp, &ql_lif_curr_exp, &ql_izhikevich, &ql_rate,
    &ql_poisson,      &ql_spike_source, &ql_external,
};

enum { COUNT = sizeof models / sizeof models[0] };

size_t ql_model_count(void) {
  return COUNT;
}

const ql_model *ql_model_at(size_t i) {
  return i < COUNT ? models[i] : NULL;
}

const ql_model *ql_model_find(const char *name) {
  for (size_t i = 0; i < COUNT; i++)
    if (strcmp(models[i]->name, name) == 0) return models[i];
  return NULL;
}

#include <quell/population.h>

#include "api/check.h"
#include <string.h>

size_t quell_model_count(void) {
  return ql_model_count();
}

const char *quell_model_name(size_t i) {
  const ql_model *model = ql_model_at(i);
  return model ? model->name : NULL;
}

const char *quell_model_doc(const char *name) {
  const ql_model *model = name ? ql_model_find(name) : NULL;
  return model ? model->doc : NULL;
}

const char *quell_model_receptor(const char *name, size_t i) {
  const ql_model *model = name ? ql_model_find(name) : NULL;
  return model && i < model->n_receptors ? model->receptors[i] : NULL;
}

quell_status quell_model_parameter(const char *name, size_t i, quell_variable *info) {
  if (!name || !info) return QUELL_E_NULL;
  const ql_model *model = ql_model_find(name);
  if (!model) return QUELL_E_NAME;
  if (i >= model->n_params) return QUELL_E_LENGTH;
  const quell_param_desc *p = &model->params[i];
  const quell_variable known = {0, p->flags, p->name, p->unit, p->doc, p->value, p->min, p->max};
  return ql_struct_out(info, &known, sizeof known, "variable", NULL, 0);
}

quell_status quell_model_state(const char *name, size_t i, quell_variable *info) {
  if (!name || !info) return QUELL_E_NULL;
  const ql_model *model = ql_model_find(name);
  if (!model) return QUELL_E_NAME;
  if (i >= model->n_states) return QUELL_E_LENGTH;
  const ql_state_desc *s = &model->states[i];
  double value = s->value;
  for (uint32_t p = 0; s->from && p < model->n_params; p++)
    if (!strcmp(model->params[p].name, s->from)) value = model->params[p].value;
  const quell_variable known = {0,     QUELL_PER_NEURON, s->name, s->unit, s->doc,
                                value, s->min,           s->max};
  return ql_struct_out(info, &known, sizeof known, "variable", NULL, 0);
}

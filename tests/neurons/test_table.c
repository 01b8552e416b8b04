/* The list of models, and that each describes itself completely: what introspection relies on. */
#include "harness.h"

static void models_are_found_by_name(void **unused) {
  (void)unused;
  const char *const names[] = {"lif_cond_exp", "lif_curr_exp", "izhikevich", "rate",
                               "poisson",      "spike_source", "external"};
  enum { COUNT = sizeof names / sizeof names[0] };
  assert_int_equal(ql_model_count(), COUNT);
  for (size_t i = 0; i < COUNT; i++) {
    assert_string_equal(ql_model_at(i)->name, names[i]);
    assert_ptr_equal(ql_model_find(names[i]), ql_model_at(i));
  }
  assert_null(ql_model_at(COUNT));
  assert_null(ql_model_find("lif"));
  assert_null(ql_model_find(""));
}

static void check_param(const quell_param_desc *param) {
  assert_true(*param->name && *param->unit && *param->doc);
  assert_true(param->value >= param->min && param->value <= param->max);
  if (param->flags & QUELL_MIN_OPEN) assert_true(param->value > param->min);
  assert_int_equal(param->flags & ~(uint32_t)(QUELL_PER_NEURON | QUELL_MIN_OPEN), 0);
}

static void check_state(const ql_model *model, const ql_state_desc *state) {
  assert_true(*state->name && *state->unit && *state->doc);
  assert_true(state->type >= QUELL_FLOAT32 && state->type <= QUELL_INT32);
  assert_true(state->value >= state->min && state->value <= state->max);
  if (state->from) param_index(model, state->from);
}

static void names_differ(const ql_model *model) {
  const char *names[QL_MAX_PARAMS + QL_MAX_STATES];
  uint32_t n = 0;
  for (uint32_t i = 0; i < model->n_params; i++) names[n++] = model->params[i].name;
  for (uint32_t i = 0; i < model->n_states; i++) names[n++] = model->states[i].name;
  for (uint32_t i = 0; i < n; i++)
    for (uint32_t j = 0; j < i; j++) assert_string_not_equal(names[i], names[j]);
}

static void models_describe_themselves(void **unused) {
  (void)unused;
  for (size_t m = 0; m < ql_model_count(); m++) {
    const ql_model *model = ql_model_at(m);
    assert_true(strlen(model->doc) > 20);
    assert_true(model->n_params <= QL_MAX_PARAMS && model->n_states <= QL_MAX_STATES);
    for (uint32_t i = 0; i < model->n_params; i++) check_param(&model->params[i]);
    for (uint32_t i = 0; i < model->n_states; i++) check_state(model, &model->states[i]);
    names_differ(model);
    int has_update = model->kind == QL_NEURON || model->kind == QL_SOURCE;
    assert_int_equal(model->update != NULL, has_update);
    assert_int_equal(model->prepare != NULL, has_update);
    int has_receptors = model->kind == QL_NEURON || model->kind == QL_EXTERNAL;
    assert_int_equal(model->n_receptors, has_receptors ? 2 : 0);
    if (!has_receptors) continue;
    assert_string_equal(model->receptors[0], "excitatory");
    assert_string_equal(model->receptors[1], "inhibitory");
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(models_are_found_by_name),
      cmocka_unit_test(models_describe_themselves),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

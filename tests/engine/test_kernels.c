/* The hot loops of every instruction set against those of the baseline, bit for bit, on random
 * state with extremes and denormal numbers in it, for lengths around those of vectors. */
#include "engine/code.h"
#include "neurons/harness.h"
#include "support/check.h"
#include "support/random.h"

static const int32_t sets[] = {QUELL_ISA_AVX2, QUELL_ISA_AVX512};

static int one_in(random_state *random, uint32_t n) {
  return random_below(random, n) == 0;
}

/* Mostly ordinary, sometimes zero, of either sign, denormal, tiny, or at the ends of the range. */
static double any_number(random_state *random, double low, double high) {
  static const double special[] = {0.0, -0.0, 1e-45, 1e-40, -1e-39, 1.2e-38, 1e-31, -1e-30, 1e-20};
  double value = low + (high - low) * random_uniform(random);
  if (one_in(random, 5)) value = special[random_below(random, COUNT(special))];
  if (one_in(random, 50)) value = one_in(random, 2) ? low : high;
  return value < low ? low : value > high ? high : value;
}

static double any_state(random_state *random, const ql_state_desc *state) {
  int wide = one_in(random, 20);
  double low = state->min < -100 && !wide ? -100 : state->min;
  double high = state->max > 100 && !wide ? (state->type == QUELL_INT32 ? 3 : 100) : state->max;
  double value = any_number(random, low, high);
  return state->type == QUELL_INT32 ? floor(value) : value;
}

static void put_state(harness *h, uint32_t s, uint32_t i, double value) {
  uint32_t type = h->model->states[s].type;
  if (type == QUELL_FLOAT64) ((double *)h->state[s])[i] = value;
  if (type == QUELL_FLOAT32) ((float *)h->state[s])[i] = (float)value;
  if (type == QUELL_INT32) ((int32_t *)h->state[s])[i] = (int32_t)value;
}

/* The same random numbers for each call with the same seed. */
static void randomise(harness *h, uint64_t seed) {
  random_state random = {seed};
  for (uint32_t s = 0; s < h->model->n_states; s++)
    for (uint32_t i = 0; i < h->n; i++)
      put_state(h, s, i, any_state(&random, &h->model->states[s]));
  int each = one_in(&random, 2); /* else all neurons share their parameters */
  for (uint32_t p = 0; p < h->model->n_params; p++) {
    for (uint32_t i = 0; h->param[p] && each && i < h->n; i++) {
      double low = h->model->params[p].min < -500 ? -500 : h->model->params[p].min;
      double high = h->model->params[p].max > 500 ? 500 : h->model->params[p].max;
      h->param[p][i] = (float)any_number(&random, low, high);
      if (!strcmp(h->model->params[p].name, "v_thresh"))
        h->param[p][i] = one_in(&random, 30) ? INFINITY : -55.0f + (float)random_uniform(&random);
    }
  }
  for (uint32_t r = 0; r < QL_MAX_RECEPTORS; r++)
    for (uint32_t i = 0; i < h->n; i++)
      h->input[r][i] = (float)any_number(&random, 0, one_in(&random, 30) ? QL_MOST_WEIGHT : 5);
}

static void compare_model(const char *name, int32_t isa, uint32_t n, const quell_value *changes) {
  harness plain = open_model(ql_code_for(QUELL_ISA_BASELINE)->find_model(name), n, 0.1, changes);
  harness fast = open_model(ql_code_for(isa)->find_model(name), n, 0.1, changes);
  for (uint64_t seed = 1; seed < 8; seed++) {
    randomise(&plain, seed);
    randomise(&fast, seed);
    for (int step = 0; step < 20; step++) {
      step_all(&plain);
      step_all(&fast);
      assert_same_state(&plain, &fast);
    }
  }
  close_model(&plain);
  close_model(&fast);
}

static void models_give_the_same_bits(void **state) {
  static const char *const names[] = {"lif_cond_exp", "lif_curr_exp", "poisson", "izhikevich"};
  static const uint32_t lengths[] = {1, 7, 15, 16, 17, 63, 64, 65, 255, 256, 257, 700};
  static const quell_value adaptive[] = {{"theta_jump", 0.5}, {"tau_theta", 1e7}, {NULL, 0}};
  for (size_t k = 0; k < COUNT(sets); k++) {
    if (!quell_isa_available(sets[k])) continue;
    for (size_t m = 0; m < COUNT(names); m++)
      for (size_t i = 0; i < COUNT(lengths); i++) {
        compare_model(names[m], sets[k], lengths[i], NULL);
        if (m < 2) compare_model(names[m], sets[k], lengths[i], adaptive);
      }
  }
  (void)state;
}

enum { BLOCK = 128, ARRAYS = 8 };

/* A block with arrays of its own. */
typedef struct lanes {
  _Alignas(64) float w[BLOCK], var[ARRAYS][BLOCK], pre[ARRAYS][BLOCK], post[ARRAYS][BLOCK];
  _Alignas(64) float signal[ARRAYS][128];
  _Alignas(64) float random[ARRAYS][128];
  _Alignas(64) float elig[ARRAYS][128], bound[ARRAYS][128];
  _Alignas(64) float pulse[128];
  _Alignas(64) float factor[128];
  _Alignas(64) float out[128];
} lanes;

static void randomise_lanes(lanes *l, uint64_t seed, double w_max) {
  random_state random = {seed};
  for (uint32_t i = 0; i < BLOCK; i++) {
    l->w[i] = (float)any_number(&random, 0, w_max);
    l->factor[i] = (float)any_number(&random, 0, 2);
    l->out[i] = 0.0f;
    l->pulse[i] = (float)any_number(&random, -1, 1);
    for (int a = 0; a < ARRAYS; a++) {
      l->var[a][i] = (float)any_number(&random, 0, 2);
      l->pre[a][i] = (float)any_number(&random, 0, 8);
      l->post[a][i] = (float)any_number(&random, 0, 8);
      l->signal[a][i] = (float)any_number(&random, -5, 30);
      l->random[a][i] = (float)any_number(&random, 0.001, 0.999);
      l->elig[a][i] = (float)any_number(&random, -1, 1);
      l->bound[a][i] = (float)any_number(&random, 0, 2);
    }
  }
}

static void call(const quell_rule_desc *rule, uint32_t e, const void *instance, uint32_t n,
                 lanes *l) {
  const quell_event_desc *event = (const quell_event_desc *)rule->events.at + e;
  float *var[ARRAYS], *elig[ARRAYS];
  const float *pre[ARRAYS], *post[ARRAYS], *signal[ARRAYS], *random[ARRAYS], *bound[ARRAYS];
  for (int a = 0; a < ARRAYS; a++) {
    var[a] = l->var[a];
    pre[a] = l->pre[a];
    post[a] = l->post[a];
    signal[a] = l->signal[a];
    random[a] = l->random[a];
    elig[a] = l->elig[a];
    bound[a] = l->bound[a];
  }
  quell_block block = {.struct_size = sizeof block,
                       .event = event->kind,
                       .n = n,
                       .live = n,
                       .instance = instance,
                       .w = l->w,
                       .var = var,
                       .pre = pre,
                       .post = post,
                       .signal = signal,
                       .random = random,
                       .elig = elig,
                       .bound = bound,
                       .pulse = l->pulse,
                       .factor = l->factor,
                       .out = l->out,
                       .pre_rate = 7.0f,
                       .elapsed = 3.0f,
                       .efficacy = 0.4f};
  event->call(&block);
}

/* Parameters in their ranges: the defaults, or exponents between 0 and 1 where there are such. */
static void choose_values(const quell_rule_desc *rule, double *value, int exponents) {
  for (uint32_t p = 0; p < rule->params.count; p++) {
    const quell_param_desc *param = (const quell_param_desc *)rule->params.at + p;
    value[p] = param->value;
    if (!strncmp(param->name, "mu_", 3)) value[p] = exponents == 2 ? 1.0 : 0.4 * exponents;
  }
}

static void compare_rule(const quell_rule_desc *plain, const quell_rule_desc *fast, int exponents) {
  static lanes a, b;
  _Alignas(64) char one[256], two[256];
  double value[64];
  char message[128];
  choose_values(plain, value, exponents);
  quell_rule_args args = {sizeof args, plain->params.count, value, 0.1, message, sizeof message};
  assert_true(plain->instance_size <= sizeof one && plain->instance_size == fast->instance_size);
  memset(one, 0, sizeof one);
  memset(two, 0, sizeof two);
  OK(plain->prepare(&args, one));
  OK(fast->prepare(&args, two));
  assert_memory_equal(one, two, sizeof one);
  for (uint64_t seed = 1; seed < 30; seed++) {
    randomise_lanes(&a, seed, 1.0);
    randomise_lanes(&b, seed, 1.0);
    for (uint32_t e = 0; e < plain->events.count; e++) {
      uint32_t n = 16 * (1 + (uint32_t)seed % 8);
      call(plain, e, one, n, &a);
      call(fast, e, two, n, &b);
      assert_memory_equal(&a, &b, sizeof a);
    }
  }
}

static void rules_give_the_same_bits(void **state) {
  for (size_t k = 0; k < COUNT(sets); k++) {
    const ql_code *code = ql_code_for(sets[k]);
    for (size_t i = 0; code && i < quell_registry_count(NULL); i++) {
      const quell_rule_desc *plain = quell_registry_rule(NULL, i);
      const quell_rule_desc *fast = ql_code_rule(code, plain);
      assert_true(fast != plain && !strcmp(fast->name, plain->name));
      for (int exponents = 0; exponents < 3; exponents++) compare_rule(plain, fast, exponents);
    }
  }
  (void)state;
}

/* A rule that is not built in has the code that its author gave it. */
static void other_rules_are_left_alone(void **state) {
  const quell_rule_desc *own = quell_registry_rule(NULL, 0);
  quell_rule_desc copy = *own;
  assert_ptr_equal(ql_code_rule(ql_code_for(QUELL_ISA_BEST), &copy), &copy);
  (void)state;
}

static void what_is_not_there_is_refused(void **state) {
  char error[128] = "";
  quell_network *net = NULL;
  quell_network_options o = QUELL_NETWORK_OPTIONS_INIT;
  o.error = error;
  o.error_size = sizeof error;
  o.isa = 4;
  GIVES(QUELL_E_RANGE, quell_network_create(&o, &net));
  assert_non_null(strstr(error, "'isa'"));
  o.isa = -1;
  GIVES(QUELL_E_RANGE, quell_network_create(&o, &net));
  assert_false(quell_isa_available(4) || quell_isa_available(-1));
  assert_true(quell_isa_available(QUELL_ISA_BEST) && quell_isa_available(QUELL_ISA_BASELINE));
  for (size_t k = 0; k < COUNT(sets); k++) {
    o.isa = sets[k];
    GIVES(quell_isa_available(sets[k]) ? QUELL_OK : QUELL_E_UNSUPPORTED,
          quell_network_create(&o, &net));
    quell_network_destroy(&net);
  }
  assert_string_equal(quell_isa_name(QUELL_ISA_AVX512), "avx512");
  assert_string_equal(quell_isa_name(17), "unknown");
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(models_give_the_same_bits),
      cmocka_unit_test(rules_give_the_same_bits),
      cmocka_unit_test(other_rules_are_left_alone),
      cmocka_unit_test(what_is_not_there_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Short-term plasticity: what is delivered, against published and closed forms. */
#include "rules/path.h"
#include "support/random.h"
#include "support/synapse.h"
#include <stdio.h>

#ifndef QUELL_TEST_DATA
#define QUELL_TEST_DATA "tests/data"
#endif

/* Published and closed forms. */

typedef struct published {
  const char *preset;
  double use, tau_rec, tau_fac;
  double steady[5];   /* at 1, 5, 10, 20, 50 Hz */
  double train[2][5]; /* first five at 20 and 50 Hz, relative to the first; 0: not given */
} published;

static const published numbers[] = {
    {"nest_default",
     0.5,
     800,
     0,
     {0.4164, 0.1811, 0.1051, 0.0571, 0.0241},
     {{1, 0.5303, 0.3097, 0.2060, 0.1574}, {0}}},
    {"pc_to_sst",
     0.09,
     138,
     670,
     {0.1131, 0.2554, 0.2992, 0.2489, 0.1297},
     {{1, 1.7290, 2.1693, 2.3966, 2.5011}, {1, 1.7366, 2.1239, 2.2106, 2.1122}}},
    {"bbp_l23_pc",
     0.46,
     671,
     17,
     {0.4057, 0.1979, 0.1191, 0.0665, 0.0287},
     {{1, 0.5894, 0.3624, 0.2510, 0.1966}, {0}}},
    {"sst_to_pc", 0.30, 1250, 2, {0.2410, 0.1099, 0.0652, 0.0359, 0.0153}, {{0}, {0}}},
    {"basket_to_pc", 0.14, 875, 22, {0.1314, 0.0906, 0.0652, 0.0425, 0.0209}, {{0}, {0}}},
};

static void steady_states_are_those_of_the_closed_form(void **state) {
  static const double rates[] = {1, 5, 10, 20, 50};
  static const size_t spikes_at[] = {20, 60, 60, 150, 150};
  for (size_t k = 0; k < COUNT(numbers); k++) {
    for (size_t i = 0; i < COUNT(rates); i++) {
      const published *p = &numbers[k];
      train t = {NULL, 0, 0};
      double got[150], h = 1000 / rates[i];
      size_t spikes = spikes_at[i];
      plan plan = {.rule = "tsodyks_markram", .preset = p->preset, .w = 2.5};
      add_regular(&t, 0, 7, (uint64_t)llround(h / dt), spikes);
      run_train(&plan, &t, got);
      double fac = p->tau_fac > 0 ? exp(-h / p->tau_fac) : 0, rec = exp(-h / p->tau_rec);
      double u = p->use / (1 - (1 - p->use) * fac), x = (1 - rec) / (1 - (1 - u) * rec);
      double last = got[spikes - 1];
      if (fabs(last / (u * x) - 1) > 1e-5 || fabs(last - p->steady[i]) > 6e-5)
        fail_msg("%s at %g Hz: %.7g, closed form %.7g, published %g", p->preset, rates[i], last,
                 u * x, p->steady[i]);
      train_free(&t);
    }
  }
  (void)state;
}

static void trains_are_the_published_ones(void **state) {
  static const double rates[] = {20, 50};
  for (size_t k = 0; k < COUNT(numbers); k++) {
    for (size_t i = 0; i < COUNT(rates); i++) {
      const published *p = &numbers[k];
      train t = {NULL, 0, 0};
      double got[5];
      plan plan = {.rule = "tsodyks_markram", .preset = p->preset, .w = 1};
      add_regular(&t, 0, 1, (uint64_t)llround(1000 / rates[i] / dt), 5);
      run_train(&plan, &t, got);
      if (fabs(got[0] / p->use - 1) > 1e-6) fail_msg("%s: %g at first", p->preset, got[0]);
      for (size_t n = 0; n < 5 && p->train[i][0] > 0; n++)
        if (fabs(got[n] / got[0] - p->train[i][n]) > 6e-5)
          fail_msg("%s at %g Hz, spike %zu: %.5f", p->preset, rates[i], n, got[n] / got[0]);
      train_free(&t);
    }
  }
  (void)state;
}

/* The trajectory of the reference, in the library's row variables too. */

enum { LINES = 200 };

typedef struct trajectory {
  size_t n;
  double t[LINES], u[LINES], x[LINES], released[LINES];
} trajectory;

static void read_trajectory(trajectory *r) {
  char line[256];
  FILE *file = fopen(QUELL_TEST_DATA "/reference/tsodyks_markram.csv", "r");
  assert_non_null(file);
  r->n = 0;
  while (file && fgets(line, sizeof line, file)) {
    char *rest = line;
    if (line[0] == '#') continue;
    assert_true(r->n < LINES);
    r->t[r->n] = strtod(rest, &rest);
    r->u[r->n] = strtod(rest + 1, &rest);
    r->x[r->n] = strtod(rest + 1, &rest);
    r->released[r->n++] = strtod(rest + 1, &rest);
  }
  fclose(file);
  assert_true(r->n > 100);
}

static const setup setups[] = {
    {0},
    {.tile_size = 64, .horizon = 128, .block_size = 16, .executor = &executor_shuffled},
    {.executor = &executor_threads, .tile_size = 64},
    {.block_size = 48, .executor = &executor_backwards, .start = ((uint64_t)1 << 32) - 10000},
};

static void trajectory_is_that_of_the_reference(void **state) {
  static const quell_value own[] = {{"U", 0.15}, {"tau_rec", 120}, {"tau_fac", 600}};
  static const double delays[][2] = {{0, 0}, {1.5, 0}, {0, 0.7}, {2.3, 1.1}};
  enum { POSTS = 150 };
  trajectory *r = must_alloc(1, sizeof *r);
  train t = {NULL, 0, 0};
  read_trajectory(r);
  for (size_t i = 0; i < r->n; i++) train_add(&t, (uint64_t)llround(r->t[i] / dt), 0);
  for (size_t k = 0; k < (quick() ? 2 : COUNT(setups) + COUNT(delays) - 1); k++) {
    const double *delay = delays[k % COUNT(delays)];
    plan plan = {.rule = "tsodyks_markram",
                 .own = own,
                 .n_own = COUNT(own),
                 .w = 3,
                 .axonal = delay[0],
                 .dendritic = delay[1]};
    path p;
    size_t seen = 0, arrived = 0;
    uint64_t late = (uint64_t)llround(delay[0] / dt);
    uint64_t later = late + (uint64_t)llround(delay[1] / dt);
    open_path(&p, &setups[k < COUNT(setups) ? k : 0], &plan, 1, &t, POSTS, NULL);
    for (uint64_t step = 0; step < t.at[t.n - 1].step + 50; step++) {
      const float *input = step_path(&p);
      if (arrived < t.n && step == t.at[arrived].step + late) {
        float u, x;
        OK(quell_projection_get(p.part, "u", POSTS / 2, 1, &u));
        OK(quell_projection_get(p.part, "x", POSTS / 2, 1, &x));
        if (fabs((double)u - r->u[arrived]) > 1e-6 ||
            fabs((double)x - (r->x[arrived] - r->released[arrived])) > 1e-6)
          fail_msg("spike %zu: u %.8g, x %.8g", arrived, (double)u, (double)x);
        arrived++;
      }
      int due = seen < t.n && step == t.at[seen].step + later;
      double want = due ? 3 * r->released[seen++] : 0;
      for (size_t j = 0; j < POSTS; j += 29)
        if (fabs((double)input[j] - want) > 1e-5 * want)
          fail_msg("step %llu: %.8g, not %.8g", (unsigned long long)step, (double)input[j], want);
    }
    assert_true(seen == t.n && arrived == t.n);
    close_path(&p);
  }
  train_free(&t);
  free(r);
  (void)state;
}

/* Several spikes on one step, no recovery time, no use at all. */
static void special_cases(void **state) {
  static const quell_value none[] = {{"U", 0}}, all[] = {{"U", 1}, {"tau_rec", 0}};
  static const quell_value facilitated[] = {{"U", 0.2}, {"tau_rec", 100}, {"tau_fac", 50}};
  const setup setup = {0};
  train t = {NULL, 0, 0};
  double got[3];
  path p;
  add_regular(&t, 0, 1, 10, 3);
  plan plan = {.rule = "tsodyks_markram", .own = all, .n_own = 2, .w = 2};
  run_train(&plan, &t, got);
  assert_true(got[0] == 1 && got[1] == 1 && got[2] == 1);
  plan.own = none, plan.n_own = 1;
  open_path(&p, &setup, &plan, 1, &t, 1, NULL);
  for (int i = 0; i < 30; i++) assert_true(step_path(&p)[0] == 0);
  close_path(&p);
  train_free(&t);
  add_regular(&t, 0, 1, 0, 2); /* the second finds what the first left, and its facilitation */
  plan.own = facilitated, plan.n_own = 3;
  open_path(&p, &setup, &plan, 1, &t, 1, NULL);
  step_path(&p);
  double input = (double)step_path(&p)[0];
  assert_true(fabs(input - 2 * (0.2 + 0.36 * 0.8)) < 1e-6);
  close_path(&p);
  train_free(&t);
  (void)state;
}

/* A plastic projection learns as if there were no short-term plasticity, and delivers the learnt
 * weight times what is released. */

enum { ETA, RHO0, TAU };
static void vogels_pre(const double *t, double *w, double *var, const void *params) {
  const double *p = params;
  (void)var;
  *w += p[ETA] * (t[1] - 2 * p[RHO0] * p[TAU] / 1000);
}
static void vogels_post(const double *t, double *w, double *var, const void *params) {
  const double *p = params;
  (void)var;
  *w += p[ETA] * t[0];
}
static const synapse_rule vogels = {
    .name = "vogels2011",
    .pre = vogels_pre,
    .post = vogels_post,
    .trace = {{QUELL_PRE, QUELL_TRACE_ADD, 0, "tau"}, {QUELL_POST, QUELL_TRACE_ADD, 0, "tau"}}};

static void plastic_weights_are_delivered_in_part(void **state) {
  enum { POSTS = 130, LAST = 12000 };
  static const quell_value own[] = {{"eta", 0.02}, {"rho0", 5}, {"w_max", 3}};
  static const double delays[][2] = {{0, 0}, {1.2, 0}, {0, 0.9}, {0.6, 0.4}};
  train pre = {NULL, 0, 0}, post = {NULL, 0, 0};
  train_poisson(&pre, 0, 0.003, 1, LAST, 8);
  for (uint32_t j = 0; j < POSTS; j++) train_poisson(&post, j, 0.002, 1, LAST, 9);
  for (size_t i = 0; i < pre.n; i += 3) train_add(&post, pre.at[i].step, (uint32_t)(i % POSTS));
  train_sort(&pre);
  train_sort(&post);
  for (size_t k = 0; k < COUNT(delays); k++) {
    quell_value values[RULE_PARAMS];
    double reals[RULE_PARAMS];
    size_t n_values = rule_values("vogels2011", NULL, own, COUNT(own), values), n, seen = 0;
    synapse_rule rule = reference_for(&vogels, values, n_values, reals);
    uint64_t ax = (uint64_t)llround(delays[k][0] / dt), den = (uint64_t)llround(delays[k][1] / dt);
    uint64_t *arrivals = train_of(&pre, 0, ax, &n);
    pool pool = {.use = 0.09, .tau_rec = 138, .tau_fac = 670};
    plan plan = {.rule = "tsodyks_markram",
                 .preset = "pc_to_sst",
                 .learning = "vogels2011",
                 .learning_own = own,
                 .n_learning = COUNT(own),
                 .w = 1,
                 .axonal = delays[k][0],
                 .dendritic = delays[k][1]};
    synapse at[3];
    uint64_t *effective[3];
    float w[POSTS];
    path p;
    for (uint32_t j = 0; j < 3; j++) {
      size_t n_post;
      effective[j] = train_of(&post, 63 * j, den, &n_post);
      at[j] = synapse_open(&rule, dt, 1, arrivals, n, effective[j], n_post);
    }
    open_path(&p, &setups[k], &plan, 1, &pre, POSTS, &post);
    for (uint64_t step = 0; step < LAST + 30; step++) {
      const float *input = step_path(&p);
      int due = seen < n && step == arrivals[seen] + den;
      double part = due ? release(&pool, (double)arrivals[seen] * dt) : 0;
      for (uint32_t j = 0; j < 3; j++) {
        double w_now = due ? (synapse_at(&at[j], arrivals[seen] + 1), at[j].delivered) : 0;
        CLOSE((double)input[63 * j], w_now * part, 1, "delivered", step);
      }
      seen += (size_t)due;
    }
    assert_true(seen == n);
    OK(quell_projection_get(p.part, "weight", 0, POSTS, w));
    for (uint32_t j = 0; j < 3; j++) {
      CLOSE((double)w[63 * j], synapse_at(&at[j], LAST + 30), 3, "learnt", j);
      free(effective[j]);
    }
    free(arrivals);
    close_path(&p);
  }
  train_free(&pre);
  train_free(&post);
  (void)state;
}

/* Without facilitation the mean field under Poisson spiking is exact: 1 / (1 + U tau_rec r) of the
 * resources. Independent neurons give the standard error; the first second is left out. */
static void mean_field_is_exact_without_facilitation(void **state) {
  enum { NEURONS = 400 };
  static const quell_value own[] = {{"U", 0.4}, {"tau_rec", 150}, {"tau_fac", 0}};
  const setup setup = {0};
  const double rate = 12;
  const uint64_t steps = quick() ? 60000 : 200000;
  double sum = 0, squares = 0;
  double *total = must_alloc(NEURONS, sizeof *total), *count = must_alloc(NEURONS, sizeof *count);
  train t = {NULL, 0, 0};
  path p;
  plan plan = {.rule = "tsodyks_markram", .own = own, .n_own = COUNT(own), .w = 1, .one_to_one = 1};
  for (uint32_t i = 0; i < NEURONS; i++) train_poisson(&t, i, rate * dt / 1000, 1, steps, 21);
  train_sort(&t);
  open_path(&p, &setup, &plan, NEURONS, &t, NEURONS, NULL);
  for (uint64_t step = 0; step < steps; step++) {
    const float *input = step_path(&p);
    for (uint32_t i = 0; i < NEURONS && step > 10000; i++) {
      total[i] += (double)input[i];
      count[i] += input[i] > 0;
    }
  }
  for (uint32_t i = 0; i < NEURONS; i++) {
    double mean = total[i] / count[i];
    sum += mean / NEURONS;
    squares += mean * mean / NEURONS;
  }
  double error = sqrt((squares - sum * sum) / NEURONS);
  double want = 0.4 / (1 + 0.4 * 0.15 * rate);
  /* Neurons with few spikes weigh as much as others: that bias is some parts of a thousand. */
  if (fabs(sum - want) > 4 * error + 0.004 * want || error > 0.01 * want)
    fail_msg("released %g ± %g, not %g", sum, error, want);
  close_path(&p);
  train_free(&t);
  free(total);
  free(count);
  (void)state;
}

/* Ranges, presets. */

static const quell_param_desc *param_of(const quell_rule_desc *rule, uint32_t i) {
  return (const void *)((const char *)rule->params.at + (size_t)i * rule->params.stride);
}

static void all_parameters_in_range_give_numbers(void **state) {
  static const char *const rules[] = {"tsodyks_markram", "quantal"};
  const setup setup = {0};
  train t = {NULL, 0, 0};
  train_poisson(&t, 0, 0.05, 1, 2000, 5);
  add_regular(&t, 0, 50, 0, 3);
  train_sort(&t);
  for (size_t r = 0; r < COUNT(rules); r++) {
    const quell_rule_desc *rule = quell_registry_find(NULL, rules[r]);
    random_state random = {r + 1};
    for (int i = 0; i < (quick() ? 10 : 100); i++) {
      quell_value values[RULE_PARAMS];
      path p;
      for (uint32_t k = 0; k < rule->params.count; k++) {
        const quell_param_desc *d = param_of(rule, k);
        double kind = random_uniform(&random), value = d->value;
        if (kind < 0.25) value = d->min;
        if (kind >= 0.25 && kind < 0.5) value = d->max;
        if (kind >= 0.5 && kind < 0.8) value = d->min + (d->max - d->min) * random_uniform(&random);
        if (kind >= 0.8 && d->max > 1e3) value = exp(20 * random_uniform(&random) - 5);
        values[k] = (quell_value){d->name, d->flags & QUELL_INTEGER ? floor(value) : value};
      }
      plan plan = {.rule = rules[r], .own = values, .n_own = rule->params.count, .w = 1};
      open_path(&p, &setup, &plan, 1, &t, 4, NULL);
      for (int step = 0; step < 2000; step++) {
        const float *input = step_path(&p);
        for (int j = 0; j < 4; j++)
          if (!(input[j] >= 0 && input[j] <= 3)) /* at most four spikes in a step … */
            fail_msg("%s: delivered %g", rules[r], (double)input[j]);
      }
      close_path(&p);
    }
    quell_network *network = open_network(&setup);
    for (uint32_t k = 0; k < rule->params.count; k++) {
      const double bad[] = {param_of(rule, k)->min - 0.01, param_of(rule, k)->max * 1.01, NAN};
      for (size_t b = 0; b < COUNT(bad); b++) {
        quell_value value = {param_of(rule, k)->name, bad[b]};
        quell_rule *instance;
        GIVES(QUELL_E_RANGE, quell_rule_create(network, rules[r], &value, 1, &instance));
        assert_non_null(strstr(quell_network_error(network), value.name));
      }
    }
    quell_network_destroy(&network);
  }
  train_free(&t);
  (void)state;
}

/* All pathways of the page, in both rules. */
static void presets_are_published_values(void **state) {
  static const struct {
    const char *name;
    double use, rec, fac;
  } all[] = {
      {"nest_default", 0.5, 800, 0},
      {"tsodyks2000_ee", 0.5, 800, 0},
      {"tsodyks2000_ei", 0.04, 100, 1000},
      {"tsodyks2000_ii", 0.04, 100, 1000},
      {"tsodyks2000_ie", 0.5, 800, 0},
      {"maass2002_ee", 0.5, 1100, 50},
      {"maass2002_ei", 0.05, 125, 1200},
      {"maass2002_ie", 0.25, 700, 20},
      {"maass2002_ii", 0.32, 144, 60},
      {"bbp_e2", 0.5, 671, 17},
      {"bbp_l23_pc", 0.46, 671, 17},
      {"bbp_l5_ttpc", 0.38, 365.6, 25.7},
      {"bbp_l5_ttpc_refit", 0.5, 672.7, 15.9},
      {"l4_ss_to_l23_pc", 0.79, 671, 17},
      {"l4_pc", 0.86, 671, 17},
      {"pc_to_sst", 0.09, 138, 670},
      {"sst_to_pc", 0.3, 1250, 2},
      {"basket_to_pc", 0.14, 875, 22},
      {"zenke2015", 0.2, 200, 600},
      {"zenke2015_late", 0.2, 150, 600},
  };
  static const char *const rules[] = {"tsodyks_markram", "quantal"};
  for (size_t r = 0; r < COUNT(rules); r++) {
    assert_int_equal(quell_registry_find(NULL, rules[r])->presets.count, COUNT(all));
    for (size_t i = 0; i < COUNT(all); i++) {
      quell_value v[RULE_PARAMS];
      size_t n = rule_values(rules[r], all[i].name, NULL, 0, v);
      assert_true(value_of(v, n, "U") == all[i].use);
      assert_true(value_of(v, n, "tau_rec") == all[i].rec);
      assert_true(value_of(v, n, "tau_fac") == all[i].fac);
    }
  }
  (void)state;
}

static void two_kinds_on_one_projection_are_refused(void **state) {
  const setup setup = {0};
  quell_network *network = open_network(&setup);
  quell_population *pre, *post;
  quell_rule *rules[2];
  quell_projection *part;
  quell_connection c = QUELL_CONNECTION_INIT;
  OK(quell_population_create(network, "pre", "spike_source", 1, NULL, 0, &pre));
  OK(quell_population_create(network, "post", "external", 1, NULL, 0, &post));
  OK(quell_rule_create(network, "tsodyks_markram", NULL, 0, &rules[0]));
  OK(quell_rule_create(network, "quantal", NULL, 0, &rules[1]));
  c.kind = QUELL_ALL_TO_ALL;
  c.stack = rules;
  c.n_stack = 2;
  GIVES(QUELL_E_UNSUPPORTED, quell_connect(network, pre, post, "excitatory", &c, NULL, &part));
  quell_network_destroy(&network);
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(steady_states_are_those_of_the_closed_form),
      cmocka_unit_test(trains_are_the_published_ones),
      cmocka_unit_test(trajectory_is_that_of_the_reference),
      cmocka_unit_test(special_cases),
      cmocka_unit_test(plastic_weights_are_delivered_in_part),
      cmocka_unit_test(mean_field_is_exact_without_facilitation),
      cmocka_unit_test(all_parameters_in_range_give_numbers),
      cmocka_unit_test(presets_are_published_values),
      cmocka_unit_test(two_kinds_on_one_projection_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

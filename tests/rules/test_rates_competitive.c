/* competitive_hebbian against Eckmann's iteration in double, its budgets, and its eigenvectors. */
#include "rates.h"

enum { IN = 24, E = 16, I = 5, STEPS = 400 };

/* Six classes of weights, as in the paper: the inputs and E onto E and I, I onto both. */
enum { IN_E, E_E, I_E, IN_I, E_I, I_I, CLASSES };

static const struct {
  int pre, post; /* 0 inputs, 1 E, 2 I */
  int budget;    /* class whose budget it shares */
  double eta, total;
} classes[CLASSES] = {{0, 1, IN_E, 1e-5, 0.6},    {1, 1, IN_E, 1e-5, 0.6},
                      {2, 1, I_E, 2e-5, 0.3},     {0, 2, IN_I, 1.5e-5, 0.85},
                      {1, 2, IN_I, 1.5e-5, 0.85}, {2, 2, I_I, 2.5e-5, 0.35}};
static const int sizes[] = {IN, E, I};
/* Steps of 10 ms in which h goes 1/2 and 1/1.7 of its way. */
static const double part[] = {1.0, 1.0 / 2.0, 1.0 / 1.7};

typedef struct model {
  double w[CLASSES][IN * IN]; /* by pre, then post */
  double h[3][IN], r[3][IN], input[IN];
} model;

/* 12° wide bumps of inputs on a ring of 180°, 140 Hz high. */
static void stimulus(double *input, double angle) {
  for (int i = 0; i < IN; i++) {
    double d = fabs(angle - 180.0 * i / IN);
    if (d > 90.0) d = 180.0 - d;
    input[i] = 140.0 * exp(-d * d / (2.0 * 12.0 * 12.0));
  }
}

static void drives(const model *m, double drive[3][IN]) {
  for (int c = 0; c < CLASSES; c++) {
    int pre = classes[c].pre, post = classes[c].post;
    for (int i = 0; i < sizes[pre]; i++)
      for (int j = 0; j < sizes[post]; j++)
        drive[post][j] += (pre == 2 ? -1 : 1) * m->w[c][i * sizes[post] + j] * m->r[pre][i];
  }
}

static void learn(model *m) {
  double sum[CLASSES][IN] = {{0}};
  for (int c = 0; c < CLASSES; c++) {
    int pre = classes[c].pre, post = classes[c].post;
    for (int i = 0; i < sizes[pre]; i++)
      for (int j = 0; j < sizes[post]; j++) {
        double *w = &m->w[c][i * sizes[post] + j];
        *w = fmax(*w + classes[c].eta * m->r[pre][i] * m->r[post][j], 0.0);
        sum[classes[c].budget][j] += *w;
      }
  }
  for (int c = 0; c < CLASSES; c++)
    for (int i = 0; i < sizes[classes[c].pre]; i++)
      for (int j = 0; j < sizes[classes[c].post]; j++)
        m->w[c][i * sizes[classes[c].post] + j] *= classes[c].total / sum[classes[c].budget][j];
}

/* The order of a step: delivery, then the weights from the rates of the stamp, then the units. */
static void model_step(model *m, int first) {
  double drive[3][IN] = {{0}};
  memcpy(drive[0], m->input, sizeof m->input);
  drives(m, drive);
  if (!first) learn(m);
  for (int p = 0; p < 3; p++)
    for (int i = 0; i < sizes[p]; i++) {
      m->h[p][i] += part[p] * (drive[p][i] - m->h[p][i]);
      double above = fmax(m->h[p][i], 0.0);
      m->r[p][i] = p == 0 ? above : 0.04 * above * above;
    }
}

typedef struct world {
  quell_network *net;
  quell_population *population[3];
  quell_projection *projection[CLASSES];
} world;

static void open_world(world *v, model *m, const char *const presets[CLASSES]) {
  static const char *const names[] = {"in", "E", "I"};
  const setup plain = {.dt = 10.0, .tile_size = 64};
  random_state random = {7};
  quell_rule *rule[CLASSES] = {NULL};
  memset(m, 0, sizeof *m);
  v->net = open_network(&plain);
  for (int p = 0; p < 3; p++) {
    v->population[p] =
        units(v->net, names[p], (uint32_t)sizes[p], p ? -10.0 / log(1.0 - part[p]) : 1e-3);
    if (!p) continue;
    set_all(v->population[p], "gain", 0.04);
    set_all(v->population[p], "exponent", 2.0);
  }
  for (int c = 0; c < CLASSES; c++) {
    const quell_value own[] = {
        {"eta", classes[c].eta}, {"budget", classes[c].total}, {"interval", 10.0}, {NULL, 0}};
    int budget = classes[c].budget, n = sizes[classes[c].pre] * sizes[classes[c].post];
    if (!rule[budget])
      rule[budget] =
          rule_of(v->net, "competitive_hebbian", presets ? presets[c] : NULL, presets ? NULL : own);
    for (int k = 0; k < n; k++)
      m->w[c][k] = (double)(float)((0.5 + random_uniform(&random)) * classes[c].total / 20.0);
    v->projection[c] =
        join(v->net, v->population[classes[c].pre], v->population[classes[c].post],
             classes[c].pre == 2 ? "inhibitory" : "excitatory", m->w[c], rule[budget]);
  }
}

static void show(world *v, model *m, double angle) {
  stimulus(m->input, angle);
  OK(quell_population_set_array(v->population[0], "bias", 0, IN, m->input));
}

/* The largest distance of a neuron's sums from its budgets, in parts of them. */
static double off_budget(const world *v) {
  double sum[CLASSES][IN] = {{0}}, worst = 0.0;
  float w[IN * IN];
  for (int c = 0; c < CLASSES; c++) {
    int n_post = sizes[classes[c].post], n = sizes[classes[c].pre] * n_post;
    OK(quell_projection_get(v->projection[c], "weight", 0, (uint64_t)n, w));
    for (int k = 0; k < n; k++) {
      assert_true(w[k] >= 0.0f);
      sum[classes[c].budget][k % n_post] += (double)w[k];
    }
  }
  for (int c = 0; c < CLASSES; c++)
    for (int j = 0; j < sizes[classes[c].post] && classes[c].budget == c; j++)
      worst = fmax(worst, fabs(sum[c][j] / classes[c].total - 1.0));
  return worst;
}

/* All six classes at once, as published but for faster learning; the sums hold at every step. */
static void iteration_in_double(void **unused) {
  (void)unused;
  world v;
  model m;
  double moved = 0.0;
  random_state random = {11};
  open_world(&v, &m, NULL);
  model first = m;
  for (int s = 0; s < STEPS; s++) {
    if (s % 20 == 0) show(&v, &m, 180.0 * random_uniform(&random));
    OK(quell_step(v.net));
    model_step(&m, s == 0);
    if (s > 0) assert_true(off_budget(&v) < 2e-7);
  }
  for (int c = 0; c < CLASSES; c++) {
    int n = sizes[classes[c].pre] * sizes[classes[c].post];
    for (int k = 0; k < n; k++) {
      near_to(weight_of(v.projection[c], (uint64_t)k), m.w[c][k], 1e-5, classes[c].total, "w", c);
      moved = fmax(moved, fabs(m.w[c][k] / first.w[c][k] - 1.0));
    }
  }
  for (int p = 1; p < 3; p++)
    for (int i = 0; i < sizes[p]; i++)
      near_to(get_one(v.population[p], "rate", (uint32_t)i), m.r[p][i], 1e-4, 1.0, "rate", i);
  assert_true(moved > 0.5);
  quell_network_destroy(&v.net);
}

/* The published sets have the published budgets and learning rates. */
static void published_sets(void **unused) {
  (void)unused;
  static const char *const presets[CLASSES] = {"eckmann2024_ee", NULL, "eckmann2024_ei",
                                               "eckmann2024_ie", NULL, "eckmann2024_ii"};
  static const double eta[CLASSES] = {1e-9, 0, 2e-9, 1.5e-9, 0, 2.5e-9};
  world v;
  model m;
  open_world(&v, &m, presets);
  for (int s = 0; s < 100; s++) {
    if (s % 20 == 0) show(&v, &m, 30.0 * s / 20.0);
    OK(quell_step(v.net));
    if (s > 0) assert_true(off_budget(&v) < 2e-7);
  }
  for (int c = 0; c < CLASSES; c++) {
    double value = 0.0;
    if (!presets[c]) continue;
    OK(quell_rule_get(quell_projection_rule(v.projection[c], 0), "eta", &value));
    assert_true(value == eta[c]);
    OK(quell_rule_get(quell_projection_rule(v.projection[c], 0), "interval", &value));
    assert_true(value == 10.0);
  }
  quell_network_destroy(&v.net);
}

/* Fixed points of a linear unit are the non-negative eigenvectors of C = <r_pre r^T>, where r are
 * the rates that the post rate comes from: those of the step before, and so of the pattern before
 * in one step of ten. From anywhere the weights come to the Perron vector, found here by
 * multiplying with C many times. */
enum { N = 6, PATTERNS = 4, HELD = 10 };

static const double pattern[PATTERNS][N] = {
    {5, 1, 0, 0, 2, 1}, {4, 3, 1, 0, 0, 1}, {0, 2, 6, 1, 0, 1}, {1, 0, 2, 3, 3, 1}};

static void find_perron(double budget, double *want) {
  double C[N][N] = {{0}};
  for (int p = 0; p < PATTERNS; p++)
    for (int i = 0; i < N; i++)
      for (int j = 0; j < N; j++)
        C[i][j] += pattern[p][i] *
                   ((HELD - 1) * pattern[p][j] + pattern[(p + PATTERNS - 1) % PATTERNS][j]);
  for (int i = 0; i < N; i++) want[i] = 1.0;
  for (int k = 0; k < 1000; k++) {
    double next[N] = {0}, sum = 0.0;
    for (int i = 0; i < N; i++)
      for (int j = 0; j < N; j++) next[i] += C[i][j] * want[j];
    for (int i = 0; i < N; i++) sum += next[i];
    for (int i = 0; i < N; i++) want[i] = next[i] * budget / sum;
  }
}

static void perron_vector(void **unused) {
  (void)unused;
  const double budget = 0.9;
  double want[N];
  find_perron(budget, want);
  for (int start = 0; start < 2; start++) {
    const setup plain = {.dt = 1.0};
    const quell_value own[] = {{"eta", 2e-5}, {"budget", budget}, {"interval", 1.0}, {NULL, 0}};
    double first[N];
    for (int i = 0; i < N; i++) first[i] = start ? 0.01 + 0.3 * i : 2.0 - 0.3 * i;
    quell_network *net = open_network(&plain);
    quell_population *in = inputs(net, "in", N, pattern[0]), *post = units(net, "post", 1, 1e-3);
    quell_projection *w =
        join(net, in, post, "excitatory", first, rule_of(net, "competitive_hebbian", NULL, own));
    for (int s = 0; s < 8000; s++) {
      OK(quell_population_set_array(in, "bias", 0, N, pattern[s % PATTERNS]));
      OK(quell_run_steps(net, HELD));
    }
    for (int i = 0; i < N; i++)
      near_to(weight_of(w, (uint64_t)i), want[i], 1e-3, budget, "eigenvector", i);
    quell_network_destroy(&net);
  }
}

/* With one pattern C has one eigenvector, the pattern itself, which is reached exactly. */
static void single_pattern(void **unused) {
  (void)unused;
  const double pattern[] = {1, 2, 5}, first[] = {0.3, 0.3, 0.3};
  const setup plain = {.dt = 1.0};
  const quell_value own[] = {{"eta", 1e-2}, {"budget", 0.9}, {"interval", 1.0}, {NULL, 0}};
  quell_network *net = open_network(&plain);
  quell_population *in = inputs(net, "in", 3, pattern), *post = units(net, "post", 1, 1e-3);
  quell_projection *w =
      join(net, in, post, "excitatory", first, rule_of(net, "competitive_hebbian", NULL, own));
  OK(quell_run_steps(net, 2000));
  for (int i = 0; i < 3; i++)
    near_to(weight_of(w, (uint64_t)i), 0.9 * pattern[i] / 8.0, 1e-6, 0.1, "w", i);
  quell_network_destroy(&net);
}

/* Weights that are all 0 stay so; without learning the first interval normalises, the others change
 * nothing but roundings. */
static void zero_and_no_learning(void **unused) {
  (void)unused;
  const double rate[] = {3, 4}, first[] = {0, 0.2, 0, 0.6};
  const setup plain = {.dt = 1.0};
  const quell_value own[] = {{"eta", 0.0}, {"budget", 0.4}, {"interval", 1.0}, {NULL, 0}};
  quell_network *net = open_network(&plain);
  quell_population *in = inputs(net, "in", 2, rate), *post = units(net, "post", 2, 1e-3);
  quell_projection *w =
      join(net, in, post, "inhibitory", first, rule_of(net, "competitive_hebbian", NULL, own));
  OK(quell_run_steps(net, 1000));
  assert_true(weight_of(w, 0) == 0.0 && weight_of(w, 2) == 0.0);
  near_to(weight_of(w, 1), 0.1, 2e-7, 0.1, "w", 1);
  near_to(weight_of(w, 3), 0.3, 2e-7, 0.1, "w", 3);
  quell_network_destroy(&net);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(iteration_in_double),  cmocka_unit_test(published_sets),
      cmocka_unit_test(perron_vector),        cmocka_unit_test(single_pattern),
      cmocka_unit_test(zero_and_no_learning),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

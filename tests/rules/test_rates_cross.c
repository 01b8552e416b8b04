/* cross_homeostatic: its equations in double, its end state, and the way there. */
#include "rates.h"

/* The published units: E, I. */
static const double gain[] = {1.0, 4.0}, threshold[] = {4.8, 25.0}, tau[] = {10.0, 2.0};
static const double saturation[] = {100.0, 250.0}, target[] = {5.0, 14.0};

/* Classes of weights by pre and post population: EE, EI (onto E), IE, II. */
enum { EE, EI, IE, II, CLASSES };
static const int pre_of[] = {0, 1, 0, 1}, post_of[] = {0, 0, 1, 1};
static const char *const presets[] = {"ee", "ei", "ie", "ii"};
static const double sign[] = {1, -1, -1, 1};

typedef struct world {
  quell_network *net;
  quell_population *population[2];
  quell_projection *projection[CLASSES];
} world;

/* `rate`: what h of both populations begins at; the rates themselves are 0 until the first step. */
static world open_world(double dt, const uint32_t *size, double *const *w, const double *rate,
                        const quell_value *own) {
  static const char *const names[] = {"E", "I"};
  const setup plain = {.dt = dt};
  world v = {.net = open_network(&plain)};
  for (int p = 0; p < 2; p++) {
    v.population[p] = units(v.net, names[p], size[p], tau[p]);
    set_all(v.population[p], "gain", gain[p]);
    set_all(v.population[p], "threshold", threshold[p]);
    set_all(v.population[p], "rate_max", saturation[p]);
    for (uint32_t i = 0; i < size[p]; i++) {
      set_one(v.population[p], "h", i, threshold[p] + rate[p] / gain[p]);
    }
  }
  for (int c = 0; c < CLASSES; c++) {
    quell_rule *rule = rule_of(v.net, "cross_homeostatic", presets[c], own);
    OK(quell_rule_observe(rule, "other", v.population[1 - post_of[c]]));
    v.projection[c] = join(v.net, v.population[pre_of[c]], v.population[post_of[c]],
                           pre_of[c] ? "inhibitory" : "excitatory", w[c], rule);
  }
  return v;
}

/* Two excitatory and three inhibitory units with a floor and a delay, against the equations. */
static void equations_in_double(void **unused) {
  (void)unused;
  enum { STEPS = 3000, NEWS = 12, EVERY = 5, MOST = 3 };
  static const uint32_t size[] = {2, 3};
  const double dt = 0.1, tau_sensor = 200.0, eta = 5e-6 * 40.0, floor = 3.0;
  const quell_value own[] = {{"eta", eta},         {"tau_sensor", tau_sensor}, {"floor", floor},
                             {"delay", NEWS * dt}, {"interval", EVERY * dt},   {NULL, 0}};
  double start[] = {6.7, 1.0}, w[CLASSES][MOST * MOST], *pointers[CLASSES];
  double h[2][MOST], r[2][MOST], average[CLASSES][MOST] = {{0}}, other[2] = {0};
  static double mean[2][STEPS + 1];
  const double initial[] = {2.1, 3.0, 4.0, 2.0};
  for (int c = 0; c < CLASSES; c++) {
    pointers[c] = w[c];
    for (int k = 0; k < MOST * MOST; k++)
      w[c][k] = (double)(float)(initial[c] / size[pre_of[c]] * (1.0 + 0.05 * (k % 3)));
  }
  world v = open_world(dt, size, pointers, start, own);
  for (int p = 0; p < 2; p++)
    for (uint32_t i = 0; i < size[p]; i++) {
      r[p][i] = mean[p][0] = 0.0;
      h[p][i] = threshold[p] + start[p] / gain[p];
    }
  for (int s = 0; s < STEPS; s++) {
    double input[2][MOST] = {{0}};
    for (int c = 0; c < CLASSES; c++) {
      int pre = pre_of[c], post = post_of[c];
      double error = target[1 - post] - other[post];
      for (uint32_t i = 0; i < size[pre]; i++)
        for (uint32_t j = 0; j < size[post]; j++)
          input[post][j] += (pre ? -1 : 1) * w[c][i * size[post] + j] * r[pre][i];
      if (s == 0 || s % EVERY) continue;
      for (uint32_t i = 0; i < size[pre]; i++) {
        average[c][i] += (r[pre][i] - average[c][i]) * -expm1(-EVERY * dt / tau_sensor);
        for (uint32_t j = 0; j < size[post]; j++) {
          double *weight = &w[c][i * size[post] + j];
          *weight += sign[c] * eta * EVERY * dt * fmax(average[c][i], floor) * error;
          *weight = fmax(*weight, 0.1);
        }
      }
    }
    for (int p = 0; p < 2; p++) {
      mean[p][s + 1] = 0.0;
      for (uint32_t j = 0; j < size[p]; j++) {
        h[p][j] += (input[p][j] - h[p][j]) * -expm1(-dt / tau[p]);
        r[p][j] = fmin(gain[p] * fmax(h[p][j] - threshold[p], 0.0), saturation[p]);
        mean[p][s + 1] += r[p][j] / size[p];
      }
    }
    for (int p = 0; p < 2; p++) { /* what the units of p know of the others */
      double news = s + 1 >= NEWS ? mean[1 - p][s + 1 - NEWS] : 0.0;
      other[p] += (news - other[p]) * -expm1(-dt / tau_sensor);
    }
    OK(quell_step(v.net));
    if (s % 100 != 99) continue;
    for (int c = 0; c < CLASSES; c++)
      for (uint32_t k = 0; k < size[pre_of[c]] * size[post_of[c]]; k++) {
        near_to(weight_of(v.projection[c], k), w[c][k], 1e-5, 1.0, presets[c], s);
        near_to(quantity_of(v.projection[c], "average", k), average[c][k / size[post_of[c]]], 1e-5,
                1.0, "average", s);
      }
  }
  for (int c = 0; c < CLASSES; c++)
    assert_true(fabs(w[c][0] * size[pre_of[c]] - initial[c]) > 0.02);
  quell_network_destroy(&v.net);
}

static double change(double *last, double now) {
  double moved = now - *last;
  *last = now;
  return moved;
}

/* Published: rates at their set points, and w_EE 5 − w_EI 14 = 9.8, w_IE 5 − w_II 14 = 28.5. */
static void check_end(const world *v) {
  double w[CLASSES];
  for (int c = 0; c < CLASSES; c++) w[c] = weight_of(v->projection[c], 0);
  for (int p = 0; p < 2; p++)
    near_to(get_one(v->population[p], "rate", 0), target[p], 2e-3, 0.0, "set point", p);
  near_to(w[EE] * 5.0 - w[EI] * 14.0, 9.8, 2e-3, 0.0, "onto E", 0);
  near_to(w[IE] * 5.0 - w[II] * 14.0, 28.5, 2e-3, 0.0, "onto I", 0);
}

/* Along the way dw_EE / dw_EI = −a_E / a_I and dw_IE / dw_II = −a_E / a_I, until a weight is at its
 * lower bound. From the published start, at the published rate of learning and ten times it. */
static void published_run(void **unused) {
  (void)unused;
  static const uint32_t one[] = {1, 1};
  double first[CLASSES] = {2.1, 3.0, 4.0, 2.0}, last[CLASSES] = {2.1, 3.0, 4.0, 2.0};
  double *pointers[CLASSES] = {&first[0], &first[1], &first[2], &first[3]};
  double start[] = {6.7, 0.9};
  const double faster = 10.0;
  const quell_value own[] = {{"eta", 5e-6 * (quick() ? faster : 1.0)}, {NULL, 0}};
  world v = open_world(0.1, one, pointers, start, own);
  int compared = 0;
  for (int part = 0; part < 3000; part++) {
    OK(quell_run_steps(v.net, 10)); /* one interval */
    double a_E = quantity_of(v.projection[EE], "average", 0);
    double a_I = quantity_of(v.projection[EI], "average", 0), moved[CLASSES];
    for (int c = 0; c < CLASSES; c++)
      moved[c] =
          change(&last[c], weight_of(v.projection[c], 0) + quantity_of(v.projection[c], "rest", 0));
    for (int onto = 0; onto < 2; onto++) {
      double excitation = moved[2 * onto], inhibition = moved[2 * onto + 1];
      if (fabs(excitation) < 1e-8 || fabs(inhibition) < 1e-8 || last[II] < 0.101) continue;
      near_to(excitation / inhibition, -a_E / a_I, 1e-5, 0.0, "slope", part);
      compared++;
    }
  }
  assert_true(compared > 3000);
  OK(quell_run_steps(v.net, quick() ? 400000 : 4000000));
  check_end(&v);
  assert_true(weight_of(v.projection[EE], 0) > 2.0); /* unstable without its inhibition */
  quell_network_destroy(&v.net);
}

/* Another start, near which the end lies, with the excitatory subnetwork unstable on its own: its
 * rate runs into saturation once the inhibition is taken away. */
static void inhibition_stabilised(void **unused) {
  (void)unused;
  static const uint32_t one[] = {1, 1};
  double first[CLASSES] = {5.0, 1.1, 10.0, 1.5};
  double *pointers[CLASSES] = {&first[0], &first[1], &first[2], &first[3]};
  double start[] = {5.0, 10.0};
  world v = open_world(0.1, one, pointers, start, NULL);
  OK(quell_run_steps(v.net, 800000));
  check_end(&v);
  for (int c = 0; c < CLASSES; c++) assert_true(weight_of(v.projection[c], 0) > 0.2);
  OK(quell_projection_learning(v.projection[EI], 0));
  const float little = 0.1f;
  OK(quell_projection_set(v.projection[EI], "weight", 0, 1, &little));
  OK(quell_run_steps(v.net, 2000));
  assert_true(get_one(v.population[0], "rate", 0) == 100.0);
  quell_network_destroy(&v.net);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(equations_in_double),
      cmocka_unit_test(published_run),
      cmocka_unit_test(inhibition_stabilised),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* miehl2022 against closed forms, published end points, and its equations in double. */
#include "rates.h"

/* The published circuit: an input of 2 Hz excites the post unit, and by a static weight of 0.5 an
 * inhibitory unit with a bias of 0.5 Hz, which so has 1.5 Hz. */
typedef struct circuit {
  quell_network *net;
  quell_population *in, *inh, *post;
  quell_projection *excitation, *inhibition;
} circuit;

static circuit open_circuit(double tau_post, double w_E, double w_I, const char *preset_E,
                            const char *preset_I, const quell_value *own_I) {
  const double rate = 2.0, half = 0.5;
  const setup plain = {.dt = 0.1};
  circuit c = {.net = open_network(&plain)};
  c.in = inputs(c.net, "in", 1, &rate);
  c.inh = units(c.net, "inh", 1, 10.0);
  c.post = units(c.net, "post", 1, tau_post);
  set_all(c.inh, "bias", 0.5);
  set_one(c.inh, "h", 0, 1.5);
  set_one(c.inh, "rate", 0, 1.5);
  double start = 2.0 * w_E - 1.5 * w_I;
  set_one(c.post, "h", 0, start);
  set_one(c.post, "rate", 0, start > 0.0 ? start : 0.0);
  join(c.net, c.in, c.inh, "excitatory", &half, NULL);
  quell_rule *rule_E = preset_E ? rule_of(c.net, "miehl2022", preset_E, NULL) : NULL;
  quell_rule *rule_I = rule_of(c.net, "miehl2022", preset_I, own_I);
  c.excitation = join(c.net, c.in, c.post, "excitatory", &w_E, rule_E);
  c.inhibition = join(c.net, c.inh, c.post, "inhibitory", &w_I, rule_I);
  return c;
}

static void run_ms(circuit *c, double ms) {
  OK(quell_run_steps(c->net, (uint64_t)llround(ms * 10.0)));
}

/* Published: from (1.5, 0.5) to (1.84483, 1.79310), from (2.5, 1) to (3.18966, 3.58621); the ratio
 * is 1.02885 and 0.88942, and on the way (w_E − w_E(0)) tau_E / r_E is the same of inhibition. */
static void published_end_points(void **unused) {
  (void)unused;
  static const struct {
    double w_E, w_I, end_E, end_I, ratio;
  } runs[] = {{1.5, 0.5, 1.84483, 1.79310, 1.02885}, {2.5, 1.0, 3.18966, 3.58621, 0.88942}};
  for (size_t i = 0; i < COUNT(runs); i++) {
    circuit c = open_circuit(10.0, runs[i].w_E, runs[i].w_I, "excitatory", "inhibitory", NULL);
    for (int part = 0; part < 20; part++) {
      run_ms(&c, 150.0);
      double gained_E = weight_of(c.excitation, 0) - runs[i].w_E;
      double gained_I = weight_of(c.inhibition, 0) - runs[i].w_I;
      assert_true(gained_E > 0.01);
      near_to(gained_E * 1000.0 / 2.0, gained_I * 200.0 / 1.5, 1e-5, 1.0, "conserved", part);
    }
    double end_E = weight_of(c.excitation, 0), end_I = weight_of(c.inhibition, 0);
    near_to(end_E, runs[i].end_E, 5e-6, 1.0, "excitation", (long)i);
    near_to(end_I, runs[i].end_I, 5e-6, 1.0, "inhibition", (long)i);
    near_to(end_E / end_I, runs[i].ratio, 1e-5, 1.0, "ratio", (long)i);
    near_to(get_one(c.post, "rate", 0), 1.0, 1e-4, 1.0, "rate", (long)i);
    quell_network_destroy(&c.net);
  }
}

/* The ratio of large weights comes to that of the rates, 1.5 / 2. */
static void large_weights(void **unused) {
  (void)unused;
  circuit c = open_circuit(0.001, 200.0, 180.0, "excitatory", "inhibitory", NULL);
  run_ms(&c, 3000.0);
  near_to(weight_of(c.excitation, 0) / weight_of(c.inhibition, 0), 0.75, 0.005, 1.0, "ratio", 0);
  near_to(get_one(c.post, "rate", 0), 1.0, 1e-3, 1.0, "rate", 0);
  quell_network_destroy(&c.net);
}

/* With a fast post unit dr/dt = −K r (r − 1), K = 1.5²/200 − 2²/1000 = 0.00725, which is a logistic
 * curve. With slower inhibition, tau_w = 1125, K is −0.002 and the same curve leads away from 1. */
static void logistic(void **unused) {
  (void)unused;
  static const struct {
    double tau_I, w_I, time;
  } runs[] = {{200.0, 0.5, 400.0}, {200.0, 1.6, 800.0}, {1125.0, 1.1, 150.0}, {1125.0, 1.6, 900.0}};
  for (size_t i = 0; i < COUNT(runs); i++) {
    const quell_value own[] = {{"tau_w", runs[i].tau_I}, {NULL, 0}};
    circuit c = open_circuit(0.001, 1.5, runs[i].w_I, "excitatory", "inhibitory", own);
    double K = 2.25 / runs[i].tau_I - 4.0 / 1000.0, first = 3.0 - 1.5 * runs[i].w_I;
    if (i == 0) assert_true(fabs(K - 0.00725) < 1e-12);
    for (int part = 1; part <= 10; part++) {
      run_ms(&c, runs[i].time / 10.0);
      double t = part * runs[i].time / 10.0, want = 1.0 / (1.0 + (1.0 / first - 1.0) * exp(-K * t));
      near_to(get_one(c.post, "rate", 0), want, 4e-3, 0.1, "rate", (long)i);
    }
    double end = get_one(c.post, "rate", 0);
    assert_true(K > 0.0 ? fabs(end - 1.0) < 0.1 : fabs(end - 1.0) > 1.1 * fabs(first - 1.0));
    quell_network_destroy(&c.net);
  }
}

/* A silent neuron stays so under the nonlinear rule; the linear one brings it to c. */
static void silence(void **unused) {
  (void)unused;
  circuit c = open_circuit(10.0, 0.5, 1.0, "excitatory", "inhibitory", NULL);
  run_ms(&c, 500.0);
  assert_true(weight_of(c.excitation, 0) == 0.5 && weight_of(c.inhibition, 0) == 1.0);
  quell_network_destroy(&c.net);
  const quell_value linear[] = {{"linear", 1.0}, {NULL, 0}};
  c = open_circuit(10.0, 0.5, 1.0, NULL, "inhibitory", linear);
  run_ms(&c, 5.0); /* dw/dt = 1.5 (0 − 1) / 200 while it is silent; the interval at 0 is left out */
  near_to(weight_of(c.inhibition, 0), 1.0 - 49 * 0.1 * 1.5 / 200.0, 1e-5, 1.0, "slope", 0);
  run_ms(&c, 5000.0);
  near_to(get_one(c.post, "rate", 0), 1.0, 2e-4, 1.0, "rate", 0);
  quell_network_destroy(&c.net);
}

/* Two synapses of either kind with thresholds that slide, against the equations in double. The
 * order of a step: delivery, then the weights from the rates of the stamp, then the units. */
static void sliding_threshold(void **unused) {
  (void)unused;
  const double rates_E[] = {2.0, 1.0}, rates_I[] = {1.5, 0.5};
  const double first_E[] = {1.0, 0.8}, first_I[] = {0.7, 0.4};
  const setup plain = {.dt = 0.1};
  for (int slides = 0; slides < 2; slides++) {
    quell_network *net = open_network(&plain);
    quell_population *in = inputs(net, "in", 2, rates_E), *inh = inputs(net, "inh", 2, rates_I);
    quell_population *post = units(net, "post", 1, 10.0);
    quell_rule *rule_E =
        rule_of(net, "miehl2022", slides ? "excitatory_sliding" : "excitatory", NULL);
    quell_rule *rule_I =
        rule_of(net, "miehl2022", slides ? "inhibitory_sliding" : "inhibitory", NULL);
    quell_projection *excitation = join(net, in, post, "excitatory", first_E, rule_E);
    quell_projection *inhibition = join(net, inh, post, "inhibitory", first_I, rule_I);
    double E[] = {1.0, 0.8}, I[] = {0.7, 0.4}, c_E = 1.0, c_I = 1.0, h = 0.0, r = 0.0;
    const double slide = slides ? 0.1 / 2.0 : 0.0, pull = -expm1(-0.1 / 10.0);
    for (int s = 0; s < 4000; s++) {
      double input = 2.0 * E[0] + E[1] - 1.5 * I[0] - 0.5 * I[1], sum_E = 0.0, sum_I = 0.0;
      for (int k = 0; s > 0 && k < 2; k++) {
        double change_E = rates_E[k] * r * (r - c_E) / 1000.0 * 0.1;
        double change_I = rates_I[k] * r * (r - c_I) / 200.0 * 0.1;
        E[k] += change_E;
        I[k] += change_I;
        sum_E += change_E;
        sum_I += change_I;
      }
      c_E += slide * sum_E;
      c_I -= slide * sum_I;
      h += (input - h) * pull;
      r = h > 0.0 ? h : 0.0;
      OK(quell_step(net));
      if (s % 500 != 499) continue;
      for (uint32_t k = 0; k < 2; k++) {
        near_to(weight_of(excitation, k), E[k], 1e-5, 1.0, "excitation", s);
        near_to(weight_of(inhibition, k), I[k], 1e-5, 1.0, "inhibition", s);
      }
      near_to(get_one(post, "rate", 0), r, 1e-5, 1.0, "rate", s);
    }
    assert_true(fabs(I[0] - first_I[0]) > 0.01);
    if (slides) assert_true(c_E > 1.0005 && c_I < 0.998);
    quell_network_destroy(&net);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(published_end_points),
      cmocka_unit_test(large_weights),
      cmocka_unit_test(logistic),
      cmocka_unit_test(silence),
      cmocka_unit_test(sliding_threshold),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

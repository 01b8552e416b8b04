/* rate_inhibitory and rate_partner against their equations in double and their fixed points. */
#include "rates.h"

typedef struct softened {
  double eta, target, decay, alpha;
} softened;

/* One update of a weight as it is written, by way of V. */
static double updated(const softened *k, double w, double error, double r_pre) {
  if (k->alpha == 0.0) return fmax(w + k->eta * (error * r_pre - k->decay * w), 0.0);
  long double alpha = k->alpha, v = logl(expm1l(alpha * w)) / alpha;
  long double slope = 1.0L / (1.0L + expl(-alpha * v));
  v += k->eta * (error * r_pre * slope - k->decay * w);
  return (double)(alpha * v > 100.0L ? v : log1pl(expl(alpha * v)) / alpha);
}

/* Units whose h stays where it is put. */
static quell_population *held(quell_network *net, uint32_t n, const double *h) {
  quell_population *population = units(net, "held", n, 1e9);
  OK(quell_population_set_array(population, "h", 0, n, h));
  return population;
}

/* A single update of weights from 1e-6 to 300, for errors of both signs, weak and strong changes,
 * on h and on the rectified rate; to 2e-6 of the change and the rounding of the weight. */
static void single_updates(void **unused) {
  (void)unused;
  enum { PRE = 9, POST = 7 };
  static const double h[POST] = {-20, -0.5, 0.25, 1, 3, 7.5, 50};
  static const double rate[PRE] = {0, 0.5, 1, 2, 3, 5, 8, 20, 100};
  static const softened rules[] = {{1e-5, 1, 0.1, 0},    {1e-3, 1, 0, 0},   {1e-2, -2, 3, 0},
                                   {1e-5, 1, 0.1, 1.92}, {1e-3, 5, 0, 0.1}, {1e-2, 1, 1, 50}};
  for (size_t k = 0; k < COUNT(rules); k++) {
    for (int rectified = 0; rectified < 2; rectified++) {
      const softened *c = &rules[k];
      const quell_value own[] = {{"eta", c->eta},
                                 {"rho0", c->target},
                                 {"decay", c->decay},
                                 {"alpha", c->alpha},
                                 {"rectified", rectified},
                                 {"interval", 0.001},
                                 {NULL, 0}};
      const setup plain = {.dt = 0.001}; /* so short that the input does not move h */
      double w[PRE * POST];
      for (int i = 0; i < PRE * POST; i++)
        w[i] = (double)(float)(1e-6 * pow(3e8, (i * 29 % (PRE * POST)) / (PRE * POST - 1.0)));
      quell_network *net = open_network(&plain);
      quell_population *pre = inputs(net, "pre", PRE, rate), *post = held(net, POST, h);
      quell_projection *synapses =
          join(net, pre, post, "inhibitory", w, rule_of(net, "rate_inhibitory", NULL, own));
      OK(quell_run_steps(net, 2)); /* the interval of stamp 1 */
      for (int i = 0; i < PRE * POST; i++) {
        double error = (rectified ? fmax(h[i % POST], 0.0) : h[i % POST]) - c->target;
        double want = updated(c, w[i], error, rate[i / POST]);
        double slack = 2e-6 * fabs(want - w[i]) + 1.2e-7 * fmax(want, w[i]);
        if (!(fabs(weight_of(synapses, (uint64_t)i) - want) <= slack))
          fail_msg("rule %zu: w %g error %g rate %g gives %.9g, not %.9g", k, w[i], error,
                   rate[i / POST], weight_of(synapses, (uint64_t)i), want);
      }
      quell_network_destroy(&net);
    }
  }
}

enum { CELLS = 5 };
static const double drive[CELLS] = {3, 8, 15, 22, 40};
static const double rate_I = 4.0;

typedef struct balance {
  quell_network *net;
  quell_population *post;
  quell_projection *w;
} balance;

/* Driven units, each inhibited by one unit of 4 Hz with weights from far below to far above. */
static balance run_balance(const char *preset, const quell_value *own) {
  static const double first[CELLS] = {2.0, 0.1, 5.0, 1.0, 0.5};
  const setup plain = {.dt = 1.0};
  balance b = {.net = open_network(&plain)};
  quell_population *inh = inputs(b.net, "inh", 1, &rate_I);
  b.post = units(b.net, "post", CELLS, 10.0);
  OK(quell_population_set_array(b.post, "bias", 0, CELLS, drive));
  b.w =
      join(b.net, inh, b.post, "inhibitory", first, rule_of(b.net, "rate_inhibitory", preset, own));
  OK(quell_run_steps(b.net, 30000));
  return b;
}

/* Without decay every unit ends at its target, whatever alpha; so does the published set of Weber &
 * Sprekeler, whose targets are of rates. */
static void target_without_decay(void **unused) {
  (void)unused;
  for (int k = 0; k < 3; k++) {
    const quell_value own[] = {
        {"eta", 1e-3}, {"decay", 0.0}, {"alpha", k == 1 ? 1.92 : 0.0}, {NULL, 0}};
    const quell_value faster[] = {{"eta", 1e-3}, {NULL, 0}};
    balance b = run_balance(k == 2 ? "weber2018" : NULL, k == 2 ? faster : own);
    for (uint32_t i = 0; i < CELLS; i++) {
      near_to(get_one(b.post, "rate", i), 1.0, 2e-4, 1.0, "rate", i);
      near_to(weight_of(b.w, i), (drive[i] - 1.0) / rate_I, 1e-4, 1.0, "w", i);
    }
    quell_network_destroy(&b.net);
  }
}

/* With decay h − rho0 = decay w / (r_I s), s = 1 − e^(−alpha w). */
static void target_with_decay(void **unused) {
  (void)unused;
  for (int k = 0; k < 2; k++) {
    const double alpha = k ? 1.92 : 0.0, decay = 0.1;
    const quell_value own[] = {{"eta", 1e-3}, {"alpha", alpha}, {NULL, 0}};
    balance b = run_balance("mackwood2021", own);
    for (uint32_t i = 0; i < CELLS; i++) {
      double w = weight_of(b.w, i), slope = k ? 1.0 - exp(-alpha * w) : 1.0;
      double off = get_one(b.post, "h", i) - 1.0;
      assert_true(off > 0.01);
      near_to(off, decay * w / (rate_I * slope), 5e-3, 0.0, "off target", i);
    }
    quell_network_destroy(&b.net);
  }
}

/* Far below the target the weights go to 0: cut off without alpha, gently and for ever with it. */
static void weights_keep_their_sign(void **unused) {
  (void)unused;
  for (int k = 0; k < 2; k++) {
    const double h[] = {-1e4, -30.0}, rate = 50.0, first[] = {1.0, 1.0};
    const quell_value own[] = {{"eta", 1e-2}, {"decay", 0.0}, {"alpha", k ? 2.0 : 0.0}, {NULL, 0}};
    const setup plain = {.dt = 1.0};
    quell_network *net = open_network(&plain);
    quell_population *pre = inputs(net, "pre", 1, &rate), *post = held(net, 2, h);
    quell_projection *w =
        join(net, pre, post, "inhibitory", first, rule_of(net, "rate_inhibitory", NULL, own));
    double last[] = {1.0, 1.0};
    for (int s = 0; s < 50; s++) {
      OK(quell_run_steps(net, 2));
      for (uint64_t i = 0; i < 2; i++) {
        double now = weight_of(w, i);
        assert_true(now >= 0.0 && now <= last[i]);
        last[i] = now;
      }
    }
    if (!k) assert_true(last[0] == 0.0 && last[1] == 0.0);
    if (k) assert_true(last[1] > 0.0 && last[1] < 0.02);
    quell_network_destroy(&net);
  }
}

/* With alpha a weight of 0 is no synapse: nothing brings it back, however strong. */
static void zero_stays_with_alpha(void **unused) {
  (void)unused;
  const double h[] = {50.0, 1e4}, rate = 50.0, first[] = {0.0, 0.0};
  const quell_value own[] = {{"eta", 1e-2}, {"alpha", 2.0}, {NULL, 0}};
  const setup plain = {.dt = 1.0};
  quell_network *net = open_network(&plain);
  quell_population *pre = inputs(net, "pre", 1, &rate), *post = held(net, 2, h);
  quell_projection *w =
      join(net, pre, post, "inhibitory", first, rule_of(net, "rate_inhibitory", NULL, own));
  OK(quell_run_steps(net, 100));
  assert_true(weight_of(w, 0) == 0.0 && weight_of(w, 1) == 0.0);
  quell_network_destroy(&net);
}

/* Excitation of three interneurons by eight cells of changing rates, with the sum of each brought
 * to 5 after every update, against the same in double. */
static void partner_and_its_sum(void **unused) {
  (void)unused;
  enum { PRE = 8, POST = 3, STEPS = 300 };
  for (int k = 0; k < 2; k++) {
    const softened c = {1e-3, 5.0, 0.1, k ? 3.07 : 0.0};
    const quell_value own[] = {{"eta", c.eta}, {"alpha", c.alpha}, {NULL, 0}};
    const quell_value sum[] = {{"eta", 0.0}, {"budget", 5.0}, {"interval", 1.0}, {NULL, 0}};
    const setup plain = {.dt = 1.0};
    random_state random = {31};
    double w[PRE * POST], rate[PRE] = {0}, moved = 0.0;
    for (int i = 0; i < PRE * POST; i++) w[i] = (double)(float)(1.2 * random_uniform(&random));
    quell_network *net = open_network(&plain);
    quell_population *pre = inputs(net, "pre", PRE, rate), *post = units(net, "post", POST, 25.0);
    quell_projection *synapses = join_stack(net, pre, post, "excitatory", w,
                                            rule_of(net, "rate_partner", "mackwood2021", own),
                                            rule_of(net, "competitive_hebbian", NULL, sum));
    double first = w[0];
    for (int s = 0; s < STEPS; s++) {
      for (int j = 0; s > 0 && j < POST; j++) {
        double input = 0.0, total = 0.0;
        for (int i = 0; i < PRE; i++) input += w[i * POST + j] * rate[i];
        for (int i = 0; i < PRE; i++) {
          w[i * POST + j] = updated(&c, w[i * POST + j], input - 5.0, rate[i]);
          total += w[i * POST + j];
        }
        for (int i = 0; i < PRE; i++) w[i * POST + j] *= 5.0 / total;
      }
      for (int i = 0; i < PRE; i++) rate[i] = (double)(float)(3.0 * random_uniform(&random));
      OK(quell_population_set_array(pre, "bias", 0, PRE, rate));
      OK(quell_step(net));
      for (int j = 0; s > 0 && j < POST; j++) {
        double total = 0.0;
        for (int i = 0; i < PRE; i++) total += weight_of(synapses, (uint64_t)(i * POST + j));
        near_to(total, 5.0, 2e-7, 1.0, "sum", s);
      }
    }
    for (int i = 0; i < PRE * POST; i++)
      near_to(weight_of(synapses, (uint64_t)i), w[i], 1e-5, 1.0, "w", i);
    moved = fabs(w[0] / first - 1.0);
    assert_true(moved > 0.05);
    quell_network_destroy(&net);
  }
}

/* The published experiment in small: excitatory cells tuned on a ring and untuned interneurons, one
 * update of both rules after each stimulus. Sizes, ring and learning rates are ours, the rest as
 * published. */
static const double pi = 3.14159265358979323846;
enum { N_E = 32, N_I = 8, STIMULI = 8, TRIAL = 300 };

typedef struct ring {
  quell_network *net;
  quell_population *exc, *inh;
  quell_projection *onto_I, *onto_E;
} ring;

static void lognormal(double *w, int n, double mean, random_state *random) {
  for (int i = 0; i < n; i++) {
    double radius = sqrt(-2.0 * log(1.0 - random_uniform(random)));
    double normal = radius * cos(2.0 * pi * random_uniform(random));
    w[i] = mean * exp(0.65 * normal - 0.65 * 0.65 / 2.0);
  }
}

static ring open_ring(double eta_partner) {
  static double w[N_E * N_E];
  const quell_value partner[] = {
      {"eta", eta_partner}, {"alpha", 0.05 * N_E / 5.0}, {"interval", TRIAL}, {NULL, 0}};
  const quell_value inhibitory[] = {
      {"eta", 1e-3}, {"alpha", 0.05 * N_I}, {"interval", TRIAL}, {NULL, 0}};
  const quell_value sum[] = {{"eta", 0.0}, {"budget", 5.0}, {"interval", TRIAL}, {NULL, 0}};
  const setup plain = {.dt = 1.0};
  random_state random = {1};
  ring r = {.net = open_network(&plain)};
  r.exc = units(r.net, "exc", N_E, 50.0);
  r.inh = units(r.net, "inh", N_I, 25.0);
  set_all(r.exc, "rate_max", 1000.0);
  set_all(r.inh, "rate_max", 1000.0);
  set_all(r.inh, "bias", 5.0);
  lognormal(w, N_E * N_I, 5.0 / N_E, &random);
  r.onto_I = join_stack(r.net, r.exc, r.inh, "excitatory", w,
                        rule_of(r.net, "rate_partner", "mackwood2021", partner),
                        rule_of(r.net, "competitive_hebbian", NULL, sum));
  lognormal(w, N_E * N_I, 1.0 / N_I, &random);
  r.onto_E = join(r.net, r.inh, r.exc, "inhibitory", w,
                  rule_of(r.net, "rate_inhibitory", "mackwood2021", inhibitory));
  lognormal(w, N_I * N_I, 1.0 / N_I, &random);
  join(r.net, r.inh, r.inh, "inhibitory", w, NULL);
  return r;
}

/* Shows all stimuli once; the mean distance of h from the target. */
static double show_all(const ring *r) {
  double off = 0.0, input[N_E];
  for (int s = 0; s < STIMULI; s++) {
    for (int j = 0; j < N_E; j++) {
      double angle = 2.0 * pi * (3.0 * s / STIMULI - (double)j / N_E);
      input[j] = 5.0 + 50.0 * (exp(cos(angle) - 1.0) - exp(-2.0)) / (1.0 - exp(-2.0));
    }
    OK(quell_population_set_array(r->exc, "bias", 0, N_E, input));
    OK(quell_run_steps(r->net, TRIAL));
    for (uint32_t j = 0; j < N_E; j++) off += fabs(get_one(r->exc, "h", j) - 1.0) / (N_E * STIMULI);
  }
  return off;
}

/* What a row of weights points at on the ring, as a vector of length 1 where all point one way. */
static void points_at(const quell_projection *w, uint64_t first, uint64_t stride, double *vector) {
  double sum = 0.0;
  vector[0] = vector[1] = 0.0;
  for (uint64_t j = 0; j < N_E; j++) {
    double weight = weight_of(w, first + j * stride), angle = 2.0 * pi * (double)j / N_E;
    vector[0] += weight * cos(angle);
    vector[1] += weight * sin(angle);
    sum += weight;
  }
  vector[0] /= sum;
  vector[1] /= sum;
}

/* How much the inputs and the outputs of interneurons are tuned, and to the same stimuli. */
static double assembly(const ring *r) {
  double all = 0.0;
  for (uint64_t i = 0; i < N_I; i++) {
    double input[2], output[2];
    points_at(r->onto_I, i, N_I, input);
    points_at(r->onto_E, i * N_E, 1, output);
    all += (input[0] * output[0] + input[1] * output[1]) / N_I;
  }
  return all;
}

/* Both rules together make assemblies of cells and interneurons that share a preference, and bring
 * the cells to their target for every stimulus. Without the partner there are none (the paper's
 * knock-out), and the target is missed. */
static void assemblies_need_the_partner(void **unused) {
  (void)unused;
  for (int knocked_out = 0; knocked_out < 2; knocked_out++) {
    double off = 0.0;
    ring r = open_ring(knocked_out ? 0.0 : 1e-3);
    for (int pass = 0; pass < 41; pass++) off = show_all(&r);
    if (knocked_out)
      assert_true(assembly(&r) < 0.06 && off > 12.0);
    else
      assert_true(assembly(&r) > 0.3 && off < 8.0);
    quell_network_destroy(&r.net);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(single_updates),
      cmocka_unit_test(target_without_decay),
      cmocka_unit_test(target_with_decay),
      cmocka_unit_test(weights_keep_their_sign),
      cmocka_unit_test(zero_stays_with_alpha),
      cmocka_unit_test(partner_and_its_sum),
      cmocka_unit_test(assemblies_need_the_partner),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

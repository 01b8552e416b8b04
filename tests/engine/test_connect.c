/* How projections are drawn: numbers, order, statistics, arrays, and what is impossible. Expected
 * values are those of the distributions, with intervals of 4.5 standard errors and fixed seeds. */
#include "support/check.h"
#include "support/random.h"
#include "support/setup.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* All synapses of one projection between `n_pre` and `n_post` neurons; n_pre 0: within one. */
typedef struct drawn {
  quell_network *net;
  quell_projection *p;
  uint64_t n;
  uint32_t *pre, *post;
  float *weight, *delay, *axonal;
} drawn;

static quell_status try_draw(drawn *d, const setup *setup, uint32_t n_pre, uint32_t n_post,
                             const quell_connection *c) {
  quell_population *pre, *post;
  memset(d, 0, sizeof *d);
  d->net = open_network(setup);
  OK(quell_population_create(d->net, "post", "lif_cond_exp", n_post, NULL, 0, &post));
  pre = post;
  if (n_pre) OK(quell_population_create(d->net, "pre", "poisson", n_pre, NULL, 0, &pre));
  return quell_connect(d->net, pre, post, "inhibitory", c, NULL, &d->p);
}

static void draw(drawn *d, const setup *setup, uint32_t n_pre, uint32_t n_post,
                 const quell_connection *c) {
  OK(try_draw(d, setup, n_pre, n_post, c));
  d->n = quell_projection_size(d->p);
  d->pre = must_alloc(d->n, sizeof *d->pre);
  d->post = must_alloc(d->n, sizeof *d->post);
  d->weight = must_alloc(d->n, sizeof *d->weight);
  d->delay = must_alloc(d->n, sizeof *d->delay);
  d->axonal = must_alloc(d->n, sizeof *d->axonal);
  OK(quell_projection_endpoints(d->p, 0, d->n, d->pre, d->post));
  OK(quell_projection_get(d->p, "weight", 0, d->n, d->weight));
  OK(quell_projection_get(d->p, "delay", 0, d->n, d->delay));
  OK(quell_projection_get(d->p, "delay_axonal", 0, d->n, d->axonal));
  for (uint64_t i = 0; i < d->n; i++) {
    assert_true(d->post[i] < n_post && d->pre[i] < (n_pre ? n_pre : n_post));
    if (i == 0) continue; /* numbered by (axonal delay, pre, post) */
    assert_true(d->axonal[i - 1] <= d->axonal[i]);
    if (d->axonal[i - 1] < d->axonal[i]) continue;
    assert_true(d->pre[i - 1] < d->pre[i] ||
                (d->pre[i - 1] == d->pre[i] && d->post[i - 1] <= d->post[i]));
  }
}

static void discard(drawn *d) {
  free(d->pre);
  free(d->post);
  free(d->weight);
  free(d->delay);
  free(d->axonal);
  quell_network_destroy(&d->net);
}

static quell_connection of_kind(int32_t kind) {
  quell_connection c = QUELL_CONNECTION_INIT;
  c.kind = kind;
  return c;
}

static const setup plain = {.seed = 42};

static int has_self(const drawn *d) {
  for (uint64_t i = 0; i < d->n; i++)
    if (d->pre[i] == d->post[i]) return 1;
  return 0;
}

static int has_multapse(const drawn *d) {
  for (uint64_t i = 1; i < d->n; i++)
    if (d->pre[i] == d->pre[i - 1] && d->post[i] == d->post[i - 1]) return 1;
  return 0;
}

static void all_to_all_has_every_pair(void **state) {
  drawn d;
  quell_connection c = of_kind(QUELL_ALL_TO_ALL);
  draw(&d, &plain, 70, 300, &c);
  assert_int_equal(d.n, 70 * 300);
  for (uint64_t i = 0; i < d.n; i++)
    assert_true(d.pre[i] == i / 300 && d.post[i] == i % 300 && d.weight[i] == 1 && d.delay[i] == 0);
  discard(&d);
  c.flags = QUELL_NO_SELF;
  draw(&d, &plain, 0, 130, &c);
  assert_int_equal(d.n, 130 * 129);
  assert_false(has_self(&d));
  discard(&d);
  (void)state;
}

static void one_to_one_has_equal_indices(void **state) {
  drawn d;
  quell_connection c = of_kind(QUELL_ONE_TO_ONE);
  draw(&d, &plain, 300, 300, &c);
  assert_int_equal(d.n, 300);
  for (uint64_t i = 0; i < d.n; i++) assert_true(d.pre[i] == i && d.post[i] == i);
  discard(&d);
  GIVES(QUELL_E_LENGTH, try_draw(&d, &plain, 299, 300, &c));
  quell_network_destroy(&d.net);
  (void)state;
}

/* Chi-square of counts against equal expectation; mean `df`, variance 2 df. */
static void check_even(const uint32_t *count, size_t n, double expected, double variance) {
  double chi = 0;
  for (size_t i = 0; i < n; i++)
    chi += ((double)count[i] - expected) * ((double)count[i] - expected) / variance;
  if (fabs(chi - (double)n) > 4.5 * sqrt(2.0 * (double)n))
    fail_msg("counts are not spread as they should: chi² %g of %d", chi, (int)n);
}

static void fixed_probability_connects_each_pair_alike(void **state) {
  enum { PRE = 400, POST = 500 };
  uint32_t in[POST] = {0}, out[PRE] = {0};
  drawn d;
  quell_connection c = of_kind(QUELL_FIXED_PROBABILITY);
  c.p = 0.1;
  draw(&d, &plain, PRE, POST, &c);
  double mean = 0.1 * PRE * POST;
  assert_true(fabs((double)d.n - mean) < 4.5 * sqrt(mean * 0.9));
  assert_false(has_multapse(&d));
  for (uint64_t i = 0; i < d.n; i++) in[d.post[i]]++, out[d.pre[i]]++;
  check_even(in, POST, 0.1 * PRE, 0.1 * PRE * 0.9);
  check_even(out, PRE, 0.1 * POST, 0.1 * POST * 0.9);
  discard(&d);
  c.p = 0;
  draw(&d, &plain, PRE, POST, &c);
  assert_int_equal(d.n, 0);
  discard(&d);
  c.p = 1;
  c.flags = QUELL_NO_SELF;
  draw(&d, &plain, 0, 100, &c);
  assert_int_equal(d.n, 100 * 99);
  discard(&d);
  (void)state;
}

static void fixed_in_degree_gives_each_post_neuron_its_number(void **state) {
  enum { PRE = 50, POST = 700, COUNT_IN = 20 };
  const uint32_t flags[] = {0, QUELL_NO_MULTAPSES};
  for (size_t k = 0; k < COUNT(flags); k++) {
    uint32_t in[POST] = {0}, out[PRE] = {0};
    drawn d;
    quell_connection c = of_kind(QUELL_FIXED_IN_DEGREE);
    c.count = COUNT_IN;
    c.flags = flags[k];
    draw(&d, &plain, PRE, POST, &c);
    assert_int_equal(d.n, COUNT_IN * POST);
    for (uint64_t i = 0; i < d.n; i++) in[d.post[i]]++, out[d.pre[i]]++;
    for (size_t j = 0; j < POST; j++) assert_int_equal(in[j], COUNT_IN);
    assert_int_equal(has_multapse(&d), flags[k] == 0);
    double p = (double)COUNT_IN / PRE;
    double variance = flags[k] ? POST * p * (1 - p) : (double)POST * COUNT_IN / PRE;
    check_even(out, PRE, POST * p, variance);
    discard(&d);
  }
  (void)state;
}

static void in_degree_without_self_or_multapses_takes_all_others(void **state) {
  drawn d;
  quell_connection c = of_kind(QUELL_FIXED_IN_DEGREE);
  c.flags = QUELL_NO_SELF | QUELL_NO_MULTAPSES;
  c.count = 69;
  draw(&d, &plain, 0, 70, &c); /* only one way to do it */
  assert_int_equal(d.n, 70 * 69);
  assert_false(has_self(&d) || has_multapse(&d));
  discard(&d);
  (void)state;
}

static void fixed_total_is_the_total(void **state) {
  enum { PRE = 40, POST = 300, TOTAL = 6000 };
  const uint32_t flags[] = {0, QUELL_NO_MULTAPSES};
  for (size_t k = 0; k < COUNT(flags); k++) {
    uint32_t in[POST] = {0}, out[PRE] = {0};
    drawn d;
    quell_connection c = of_kind(QUELL_FIXED_TOTAL);
    c.count = TOTAL;
    c.flags = flags[k];
    draw(&d, &plain, PRE, POST, &c);
    assert_int_equal(d.n, TOTAL);
    for (uint64_t i = 0; i < d.n; i++) in[d.post[i]]++, out[d.pre[i]]++;
    assert_int_equal(has_multapse(&d), flags[k] == 0);
    double thin = flags[k] ? 1 - (double)TOTAL / (PRE * POST) : 1;
    check_even(in, POST, (double)TOTAL / POST, (double)TOTAL / POST * thin);
    check_even(out, PRE, (double)TOTAL / PRE, (double)TOTAL / PRE * thin);
    discard(&d);
  }
  quell_connection c = of_kind(QUELL_FIXED_TOTAL);
  drawn d;
  c.count = 70 * 69;
  c.flags = QUELL_NO_SELF | QUELL_NO_MULTAPSES;
  draw(&d, &plain, 0, 70, &c);
  assert_int_equal(d.n, 70 * 69);
  assert_false(has_self(&d) || has_multapse(&d));
  discard(&d);
  (void)state;
}

/* Users' trap 47: an error, not an endless loop. */
static void what_cannot_be_drawn_is_refused(void **state) {
  const struct {
    int32_t kind;
    uint32_t n_pre, flags;
    double p;
    uint64_t count;
  } cases[] = {{QUELL_FIXED_IN_DEGREE, 10, QUELL_NO_MULTAPSES, 0, 11},
               {QUELL_FIXED_IN_DEGREE, 0, QUELL_NO_SELF | QUELL_NO_MULTAPSES, 0, 20},
               {QUELL_FIXED_TOTAL, 10, QUELL_NO_MULTAPSES, 0, 201},
               {QUELL_FIXED_TOTAL, 0, QUELL_NO_SELF | QUELL_NO_MULTAPSES, 0, 381},
               {QUELL_FIXED_PROBABILITY, 10, 0, 1.5, 0},
               {QUELL_FIXED_PROBABILITY, 10, 0, -0.1, 0},
               {QUELL_FIXED_PROBABILITY, 10, 0, NAN, 0},
               {0, 10, 0, 0, 0},
               {99, 10, 0, 0, 0}};
  for (size_t i = 0; i < COUNT(cases); i++) {
    drawn d;
    quell_connection c = of_kind(cases[i].kind);
    c.flags = cases[i].flags;
    c.p = cases[i].p;
    c.count = cases[i].count;
    GIVES(QUELL_E_RANGE, try_draw(&d, &plain, cases[i].n_pre, 20, &c));
    assert_true(quell_network_error(d.net)[0] != '\0');
    quell_network_destroy(&d.net);
  }
  drawn d; /* one neuron that may not reach itself */
  quell_connection c = of_kind(QUELL_FIXED_IN_DEGREE);
  c.count = 1;
  c.flags = QUELL_NO_SELF;
  GIVES(QUELL_E_RANGE, try_draw(&d, &plain, 0, 1, &c));
  quell_network_destroy(&d.net);
  (void)state;
}

/* Moments of the weights of 40,000 synapses. */
static void check_moments(const quell_distribution *weight, double mean, double sd, double low,
                          double high) {
  drawn d;
  double sum = 0, squares = 0, fourth = 0;
  quell_connection c = of_kind(QUELL_ALL_TO_ALL);
  c.weight = *weight;
  draw(&d, &plain, 200, 200, &c);
  for (uint64_t i = 0; i < d.n; i++) {
    double x = (double)d.weight[i] - mean;
    assert_true((double)d.weight[i] >= low - 1e-6 && (double)d.weight[i] <= high + 1e-6);
    sum += x;
    squares += x * x;
    fourth += x * x * x * x;
  }
  double n = (double)d.n, variance = squares / n;
  double error = sqrt(fmax(0, fourth / n - variance * variance) / n);
  if (fabs(sum / n) > 4.5 * sd / sqrt(n) + 1e-6 * mean)
    fail_msg("mean is off by %g, not within %g", sum / n, 4.5 * sd / sqrt(n));
  if (fabs(variance - sd * sd) > 4.5 * error + 1e-9)
    fail_msg("variance %g, should be %g ± %g", variance, sd * sd, error);
  discard(&d);
}

/* Normal density and distribution at x. */
static double density(double x) {
  return exp(-x * x / 2) / sqrt(2 * acos(-1));
}
static double below(double x) {
  return 0.5 * erfc(-x / sqrt(2));
}

static void weights_have_the_moments_of_their_distribution(void **state) {
  const quell_distribution constant = {QUELL_CONSTANT, 0, 2.5, 0, 0, 0, NULL, 0};
  const quell_distribution uniform = {QUELL_UNIFORM, 0, 1, 4, 0, 0, NULL, 0};
  const quell_distribution normal = {QUELL_NORMAL, 0, 50, 5, 0, 0, NULL, 0};
  const quell_distribution lognormal = {QUELL_LOGNORMAL, 0, -0.5, 0.6, 0, 0, NULL, 0};
  const quell_distribution redrawn = {QUELL_NORMAL, QUELL_REDRAW, 1, 2, 0, 3, NULL, 0};
  const quell_distribution clipped = {QUELL_NORMAL, QUELL_CLIP, 0, 1, 0, 100, NULL, 0};
  const quell_distribution no_spread = {QUELL_NORMAL, 0, 3, 0, 0, 0, NULL, 0};
  check_moments(&constant, 2.5, 0, 2.5, 2.5);
  check_moments(&uniform, 2.5, 3 / sqrt(12), 1, 4);
  check_moments(&normal, 50, 5, 0, 100);
  double mean = exp(-0.5 + 0.18);
  check_moments(&lognormal, mean, mean * sqrt(exp(0.36) - 1), 0, INFINITY);
  double z = below(1) - below(-0.5), shift = (density(-0.5) - density(1)) / z;
  double spread = 1 + (-0.5 * density(-0.5) - density(1)) / z - shift * shift;
  check_moments(&redrawn, 1 + 2 * shift, 2 * sqrt(spread), 0, 3);
  check_moments(&clipped, density(0), sqrt(0.5 - density(0) * density(0)), 0, 100);
  check_moments(&no_spread, 3, 0, 3, 3); /* a spread of 0 is accepted */
  (void)state;
}

static void values_outside_are_refused(void **state) {
  const quell_distribution bad[] = {
      {QUELL_CONSTANT, 0, -1, 0, 0, 0, NULL, 0},
      {QUELL_CONSTANT, 0, NAN, 0, 0, 0, NULL, 0},
      {QUELL_NORMAL, 0, 0, 1, 0, 0, NULL, 0},
      {QUELL_NORMAL, 0, 1, -1, 0, 0, NULL, 0},
      {QUELL_UNIFORM, 0, 2, 1, 0, 0, NULL, 0},
      {QUELL_NORMAL, QUELL_CLIP, 1, 1, 3, 2, NULL, 0},
      {QUELL_NORMAL, QUELL_REDRAW, 0, 1, 1e6, 2e6, NULL, 0}, /* no end in sight */
      {QUELL_LOGNORMAL, 0, 0, -1, 0, 0, NULL, 0},
      {77, 0, 0, 0, 0, 0, NULL, 0},
      {QUELL_CONSTANT, 9, 1, 0, 0, 0, NULL, 0}};
  for (size_t i = 0; i < COUNT(bad); i++) {
    drawn d;
    quell_connection c = of_kind(QUELL_ALL_TO_ALL);
    c.weight = bad[i];
    GIVES(QUELL_E_RANGE, try_draw(&d, &plain, 30, 30, &c));
    assert_true(quell_network_error(d.net)[0] != '\0');
    quell_network_destroy(&d.net);
  }
  (void)state;
}

static void delays_are_drawn_on_the_grid(void **state) {
  drawn d;
  double sum = 0;
  quell_projection_info info = QUELL_PROJECTION_INFO_INIT;
  quell_connection c = of_kind(QUELL_ALL_TO_ALL);
  c.delay = (quell_distribution){QUELL_UNIFORM, 0, 0.5, 2.5, 0, 0, NULL, 0};
  draw(&d, &plain, 100, 100, &c);
  for (uint64_t i = 0; i < d.n; i++) {
    double steps = (double)d.delay[i] * 10;
    assert_true(fabs(steps - round(steps)) < 1e-4 && steps > 4.9 && steps < 25.1);
    sum += (double)d.delay[i];
  }
  assert_true(fabs(sum / 1e4 - 1.5) < 4.5 * 2 / sqrt(12.0 * 1e4));
  OK(quell_projection_describe(d.p, &info));
  assert_true(fabs(info.delay_axonal_min - 0.5) < 1e-9);
  assert_true(info.delay_dendritic_min == 0 && fabs(info.delay_dendritic_max - 2.0) < 1e-9);
  discard(&d);
  c.delay_axonal = (quell_distribution){QUELL_CONSTANT, 0, 1, 0, 0, 0, NULL, 0};
  assert_int_not_equal(try_draw(&d, &plain, 10, 10, &c), QUELL_OK); /* both forms */
  quell_network_destroy(&d.net);
  c.delay = (quell_distribution)QUELL_DISTRIBUTION_INIT;
  c.delay_axonal.kind = QUELL_UNIFORM;
  c.delay_axonal.b = 2; /* rows are split, and numbered, by the axonal delay first */
  draw(&d, &plain, 100, 100, &c);
  OK(quell_projection_describe(d.p, &info));
  assert_true(fabs(info.delay_axonal_min - 1) < 1e-9 && fabs(info.delay_axonal_max - 2) < 1e-9);
  discard(&d);
  static double weight[100];
  c.weight = (quell_distribution){QUELL_ARRAY, 0, 0, 0, 0, 0, weight, COUNT(weight)};
  assert_int_equal(try_draw(&d, &plain, 10, 10, &c), QUELL_E_UNSUPPORTED);
  quell_network_destroy(&d.net);
  (void)state;
}

/* Users' trap 48: arrays come in the caller's order and land on their synapse. */
static void arrays_land_on_their_synapse(void **state) {
  enum { N = 2000, PRE = 40, POST = 30 };
  static uint32_t pre[N], post[N];
  static double weight[N], delay[N];
  random_state random = {8};
  drawn d;
  quell_connection c = of_kind(QUELL_LIST);
  for (size_t i = 0; i < N; i++) {
    pre[i] = random_below(&random, PRE);
    post[i] = random_below(&random, POST);
    weight[i] = (double)i;
    delay[i] = 0.1 * (double)(1 + i % 12);
  }
  c.pre = pre;
  c.post = post;
  c.n = N;
  c.weight = (quell_distribution){QUELL_ARRAY, 0, 0, 0, 0, 0, weight, N};
  c.delay = (quell_distribution){QUELL_ARRAY, 0, 0, 0, 0, 0, delay, N};
  draw(&d, &plain, PRE, POST, &c);
  assert_int_equal(d.n, N);
  for (size_t i = 0; i < N; i++) {
    size_t k = (size_t)d.weight[i]; /* place in the list */
    assert_true(d.pre[i] == pre[k] && d.post[i] == post[k]);
    assert_true(fabs((double)d.delay[i] - delay[k]) < 1e-5);
    if (i && d.pre[i] == d.pre[i - 1] && d.post[i] == d.post[i - 1])
      assert_true(d.weight[i - 1] < d.weight[i]); /* then as listed */
  }
  discard(&d);
  c.flags = QUELL_NO_MULTAPSES;
  assert_int_not_equal(try_draw(&d, &plain, PRE, POST, &c), QUELL_OK);
  quell_network_destroy(&d.net);
  c.flags = 0;
  c.weight.n = N - 1;
  GIVES(QUELL_E_LENGTH, try_draw(&d, &plain, PRE, POST, &c));
  quell_network_destroy(&d.net);
  c.weight.n = N;
  pre[N - 1] = PRE;
  GIVES(QUELL_E_LENGTH, try_draw(&d, &plain, PRE, POST, &c));
  quell_network_destroy(&d.net);
  c = of_kind(QUELL_ALL_TO_ALL); /* (pre, post) order */
  c.weight = (quell_distribution){QUELL_ARRAY, 0, 0, 0, 0, 0, weight, PRE * POST};
  draw(&d, &(setup){.tile_size = 64}, PRE, POST, &c);
  for (size_t i = 0; i < d.n; i++) assert_true(d.weight[i] == (float)i);
  discard(&d);
  (void)state;
}

static void tiles_do_not_change_the_network(void **state) {
  const int32_t kinds[] = {QUELL_FIXED_PROBABILITY, QUELL_FIXED_IN_DEGREE, QUELL_FIXED_TOTAL};
  const uint32_t tiles[] = {64, 256, 65536};
  for (size_t k = 0; k < COUNT(kinds); k++) {
    uint64_t want = 0;
    for (size_t i = 0; i < COUNT(tiles); i++) {
      const setup setup = {.tile_size = tiles[i], .seed = 9};
      drawn d;
      quell_connection c = of_kind(kinds[k]);
      c.p = 0.05;
      c.count = kinds[k] == QUELL_FIXED_TOTAL ? 20000 : 15;
      c.flags = k == 1 ? QUELL_NO_SELF : 0;
      c.weight = (quell_distribution){QUELL_NORMAL, QUELL_REDRAW, 1, 1, 0, 2, NULL, 0};
      c.delay = (quell_distribution){QUELL_UNIFORM, 0, 0.1, 3, 0, 0, NULL, 0};
      draw(&d, &setup, 0, 1000, &c);
      uint64_t hash = digest(DIGEST, d.pre, d.n * sizeof *d.pre);
      hash = digest(hash, d.post, d.n * sizeof *d.post);
      hash = digest(hash, d.weight, d.n * sizeof *d.weight);
      hash = digest(hash, d.delay, d.n * sizeof *d.delay);
      if (i == 0) want = hash;
      assert_int_equal(hash, want);
      discard(&d);
    }
  }
  (void)state;
}

/* Users' trap 17. */
static void reading_past_the_end_is_refused(void **state) {
  drawn d;
  float w[2] = {-1, -1};
  uint32_t pre[2];
  quell_connection c = of_kind(QUELL_ALL_TO_ALL);
  draw(&d, &plain, 3, 4, &c);
  GIVES(QUELL_E_LENGTH, quell_projection_get(d.p, "weight", 11, 2, w));
  GIVES(QUELL_E_LENGTH, quell_projection_get(d.p, "weight", UINT64_MAX, 2, w));
  GIVES(QUELL_E_LENGTH, quell_projection_endpoints(d.p, 13, 1, pre, NULL));
  GIVES(QUELL_E_LENGTH, quell_projection_set(d.p, "weight", 12, 1, w));
  GIVES(QUELL_E_NAME, quell_projection_get(d.p, "wheight", 0, 1, w));
  GIVES(QUELL_E_UNSUPPORTED, quell_projection_set(d.p, "delay", 0, 1, w));
  GIVES(QUELL_E_UNSUPPORTED, quell_projection_learning(d.p, 1)); /* no rule */
  assert_true(w[0] == -1 && w[1] == -1);
  OK(quell_projection_get(d.p, "weight", 12, 0, w));
  discard(&d);
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_to_all_has_every_pair),
      cmocka_unit_test(one_to_one_has_equal_indices),
      cmocka_unit_test(fixed_probability_connects_each_pair_alike),
      cmocka_unit_test(fixed_in_degree_gives_each_post_neuron_its_number),
      cmocka_unit_test(in_degree_without_self_or_multapses_takes_all_others),
      cmocka_unit_test(fixed_total_is_the_total),
      cmocka_unit_test(what_cannot_be_drawn_is_refused),
      cmocka_unit_test(weights_have_the_moments_of_their_distribution),
      cmocka_unit_test(values_outside_are_refused),
      cmocka_unit_test(delays_are_drawn_on_the_grid),
      cmocka_unit_test(arrays_land_on_their_synapse),
      cmocka_unit_test(tiles_do_not_change_the_network),
      cmocka_unit_test(reading_past_the_end_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

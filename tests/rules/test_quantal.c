/* Stochastic release: distribution, correlation in time, and the same draws everywhere. */
#include "rules/path.h"

/* Stochastic release. Given the times of the spikes, sites are independent and each releases with
 * the probability u x of the deterministic form. */

typedef struct quanta {
  double use, tau_rec, tau_fac;
  int sites;
} quanta;

static const quanta kinds[] = {
    {0.5, 100, 0, 1},      {0.3, 80, 200, 5}, {0.9, 50, 0, 7},
    {0.15, 200, 300, 100}, {1, 60, 0, 3},     {0, 100, 0, 4},
};

static double binomial(int k, int n, double p) {
  double term = pow(1 - p, n - k) * pow(p, k);
  for (int i = 0; i < k; i++) term *= (double)(n - i) / (i + 1);
  return term;
}

/* Mean and variance of one spike's counts, within 4 standard errors; with the kurtosis of the
 * binomial. */
static void check_counts_of(const float *input, uint32_t n, int sites, double p, size_t spike) {
  double mean = 0, variance = 0;
  for (uint32_t j = 0; j < n; j++) {
    double k = (double)input[j] * sites;
    if (fabs(k - floor(k + 0.5)) > 1e-4 || k < -0.5 || k > sites + 0.5)
      fail_msg("%g of %d sites", k, sites);
    mean += k / n;
  }
  for (uint32_t j = 0; j < n; j++) variance += pow((double)input[j] * sites - mean, 2) / n;
  double want = sites * p * (1 - p), excess = want > 0 ? (1 - 6 * p * (1 - p)) / want : 0;
  if (fabs(mean - sites * p) > 4 * sqrt(want / n) + 1e-5 * sites ||
      fabs(variance - want) > 4 * want * sqrt((2 + excess) / n) + 16 * want / n + 1e-6)
    fail_msg("%d sites, spike %zu, p %g: mean %g (%g), variance %g (%g)", sites, spike, p, mean,
             sites * p, variance, want);
}

static void releases_are_binomial(void **state) {
  enum { POSTS = 3000, SPIKES = 12 };
  static const uint64_t at[SPIKES] = {5,    105,  205,  206,  900,  1000,
                                      1100, 1101, 1101, 3000, 3200, 9000};
  const quanta *q = *state;
  const setup setup = {0};
  const quell_value own[] = {
      {"U", q->use}, {"tau_rec", q->tau_rec}, {"tau_fac", q->tau_fac}, {"n_sites", q->sites}};
  plan plan = {.rule = "quantal", .own = own, .n_own = COUNT(own), .w = 1};
  pool pool = {.use = q->use, .tau_rec = q->tau_rec, .tau_fac = q->tau_fac};
  train t = {NULL, 0, 0};
  path p;
  float *available = must_alloc(POSTS, sizeof *available),
        *before = must_alloc(POSTS, sizeof *before);
  for (size_t i = 0; i < SPIKES; i++)
    if (!i || at[i] != at[i - 1]) train_add(&t, at[i], 0);
  open_path(&p, &setup, &plan, 1, &t, POSTS, NULL);
  double last_p = 0, last_t = 0, all = 0;
  size_t seen = 0;
  for (uint64_t step = 0; seen < t.n; step++) {
    const float *input = step_path(&p);
    if (step != t.at[seen].step) continue;
    double now = (double)step * dt, chance = release(&pool, now);
    check_counts_of(input, POSTS, q->sites, chance, seen);
    OK(quell_projection_get(p.part, "available", 0, POSTS, available));
    check_counts_of(available, POSTS, q->sites, pool.x - chance, seen);
    if (seen) { /* a site that released must have filled again */
      double refilled = 1 - exp(-(now - last_t) / q->tau_rec), both = 0;
      double want = last_p * refilled * pool.u - last_p * chance; /* covariance of a site */
      for (uint32_t j = 0; j < POSTS; j++)
        both += ((double)before[j] - last_p) * ((double)input[j] - chance) * q->sites / POSTS;
      double error = sqrt((last_p * (1 - last_p) * chance * (1 - chance) + want * want) / POSTS) +
                     sqrt(1.0 / POSTS / POSTS);
      if (fabs(both - want) > 4 * error + 1e-6)
        fail_msg("%d sites, spike %zu: covariance %g, not %g ± %g", q->sites, seen, both, want,
                 error);
    }
    for (uint32_t j = 0; j < POSTS; j++) all += (double)input[j], before[j] = input[j];
    last_p = chance, last_t = now;
    seen++;
  }
  if (q->use == 0) assert_true(all == 0);
  close_path(&p);
  train_free(&t);
  free(available);
  free(before);
}

/* The whole distribution at the first spike. */
static void numbers_of_quanta_have_the_right_distribution(void **state) {
  enum { POSTS = 20000, SITES = 6 };
  static const double uses[] = {0.2, 0.5, 0.75};
  const setup setup = {0};
  for (size_t u = 0; u < COUNT(uses); u++) {
    const quell_value own[] = {{"U", uses[u]}, {"n_sites", SITES}};
    plan plan = {.rule = "quantal", .own = own, .n_own = COUNT(own), .w = 1};
    train t = {NULL, 0, 0};
    path p;
    double count[SITES + 1] = {0};
    train_add(&t, 3, 0);
    open_path(&p, &setup, &plan, 1, &t, POSTS, NULL);
    for (int i = 0; i < 3; i++) step_path(&p);
    const float *input = step_path(&p);
    for (uint32_t j = 0; j < POSTS; j++) count[(int)((double)input[j] * SITES + 0.5)]++;
    for (int k = 0; k <= SITES; k++) {
      double chance = binomial(k, SITES, uses[u]), want = POSTS * chance;
      if (fabs(count[k] - want) > 4 * sqrt(want * (1 - chance)))
        fail_msg("U %g: %d sites in %g synapses, not %g", uses[u], k, count[k], want);
    }
    close_path(&p);
    train_free(&t);
  }
  (void)state;
}

/* The same bits whatever the tiles, blocks, threads, orders and cuts; the draws depend on the seed.
 */
static uint64_t digest_quantal(const setup *setup, const train *pre, const train *post) {
  enum { PRES = 5, POSTS = 300, LAST = 4000 };
  static const quell_value own[] = {{"U", 0.4}, {"tau_rec", 60}, {"tau_fac", 40}, {"n_sites", 4}};
  plan plan = {.rule = "quantal",
               .own = own,
               .n_own = COUNT(own),
               .learning = "vogels2011",
               .w = 1,
               .axonal = 0.8,
               .dendritic = 0.3};
  path p;
  uint64_t hash = DIGEST;
  float available[PRES * POSTS];
  open_path(&p, setup, &plan, PRES, pre, POSTS, post);
  if (setup->cut == CUT_STEPS) {
    for (uint64_t step = 0; step < LAST; step++) step_path(&p);
  } else {
    OK(quell_population_on_step(p.post, feed, &p.feeder));
    advance(p.network, setup, LAST, NULL, NULL);
  }
  OK(quell_projection_get(p.part, "available", 0, PRES * POSTS, available));
  hash = digest(hash, available, sizeof available);
  hash = digest_weights(hash, p.part);
  for (int i = 0; i < 30; i++) { /* some input too, with the spikes that are left */
    quell_population_on_step(p.post, NULL, NULL);
    hash = digest(hash, step_path(&p), POSTS * sizeof(float));
  }
  close_path(&p);
  return hash;
}

static void chance_is_the_same_in_every_configuration(void **state) {
  static const setup varied[] = {
      {0},
      {.tile_size = 64, .horizon = 128, .block_size = 16, .executor = &executor_shuffled},
      {.threads = 2, .tile_size = 128, .cut = CUT_PIECES},
      {.block_size = 48, .executor = &executor_backwards, .cut = CUT_STEPS},
      {.executor = &executor_threads, .tile_size = 64, .cut = CUT_PIECES},
  };
  train pre = {NULL, 0, 0}, post = {NULL, 0, 0};
  for (uint32_t i = 0; i < 5; i++) train_poisson(&pre, i, 0.004, 1, 4030, 31);
  for (uint64_t step = 4001; step < 4022; step += 4) train_add(&pre, step, 2);
  for (uint32_t j = 0; j < 300; j++) train_poisson(&post, j, 0.002, 1, 4000, 32);
  train_sort(&pre);
  train_sort(&post);
  uint64_t first = digest_quantal(&varied[0], &pre, &post);
  for (size_t i = 1; i < COUNT(varied); i++)
    if (digest_quantal(&varied[i], &pre, &post) != first)
      fail_msg("other bits with %s", setup_name(&varied[i]));
  setup seeded = {.seed = 5};
  assert_true(digest_quantal(&seeded, &pre, &post) != first);
  train_free(&pre);
  train_free(&post);
  (void)state;
}

int main(void) {
  static const struct CMUnitTest others[] = {
      cmocka_unit_test(numbers_of_quanta_have_the_right_distribution),
      cmocka_unit_test(chance_is_the_same_in_every_configuration),
  };
  struct CMUnitTest tests[COUNT(kinds) + COUNT(others)];
  for (size_t i = 0; i < COUNT(kinds); i++)
    tests[i] = (struct CMUnitTest){"releases_are_binomial", releases_are_binomial, NULL, NULL,
                                   (void *)(uintptr_t)&kinds[i]};
  memcpy(tests + COUNT(kinds), others, sizeof others);
  return cmocka_run_group_tests(tests, NULL, NULL);
}

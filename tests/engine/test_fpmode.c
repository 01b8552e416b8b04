/* A host that was linked with fast-math, or that rounds upwards, gets the same bits, and finds its
 * floating-point mode as it was after every call. */
#include "support/check.h"
#include "support/mixed.h"
#include <math.h>

#if defined __SSE__ || defined __x86_64__
#include <xmmintrin.h>
/* Rounding and flush bits; the low six are exception flags, which may be raised. */
static unsigned get_mode(void) {
  return _mm_getcsr() & ~0x3fu;
}
static void set_mode(unsigned mode) {
  _mm_setcsr(mode);
}
static const unsigned modes[] = {
    0x1f80 | 0x8000 | 0x0040,          /* FTZ, DAZ */
    0x1f80 | 0x4000,                   /* upwards */
    0x1f80 | 0x2000,                   /* downwards */
    0x1f80 | 0x8000 | 0x0040 | 0x6000, /* FTZ, DAZ, towards zero */
};
#else
#include <fenv.h>
static unsigned get_mode(void) {
  return (unsigned)fegetround();
}
static void set_mode(unsigned mode) {
  fesetround((int)mode);
}
static const unsigned modes[] = {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
#endif

enum { STEPS = 800 };

static const mixed_options options = {0, 1, 1};

/* Everything that a test computes for the library is exact, so it does not depend on the mode. */
static uint64_t run(unsigned mode, const setup *setup) {
  unsigned before = get_mode();
  mixed m;
  if (mode) set_mode(mode);
  mixed_build(&m, setup, options);
  mixed_run(&m, STEPS);
  uint64_t hash = mixed_digest(&m) ^ mixed_recorded(&m);
  mixed_close(&m);
  unsigned after = get_mode();
  set_mode(before);
  assert_int_equal(after, mode ? mode : before);
  return hash;
}

static void bits_do_not_depend_on_the_hosts_mode(void **state) {
  const setup setups[] = {{0}, {.tile_size = 64, .executor = &executor_threads}};
  for (size_t k = 0; k < (quick() ? 1 : COUNT(setups)); k++) {
    uint64_t want = run(0, &setups[k]);
    for (size_t i = 0; i < COUNT(modes); i++)
      if (run(modes[i], &setups[k]) != want)
        fail_msg("other bits in mode 0x%x with %s", modes[i], setup_name(&setups[k]));
  }
  (void)state;
}

/* Denormal conductances: with FTZ in force a decay would end at another value. */
static void decays_end_alike(void **state) {
  double g[2];
  for (size_t i = 0; i < 2; i++) {
    const setup setup = {0};
    unsigned before = get_mode();
    const double tiny = 1e-25;
    quell_population *p;
    quell_network *net = open_network(&setup);
    if (i) set_mode(modes[0]);
    OK(quell_population_create(net, "p", "lif_cond_exp", 1, NULL, 0, &p));
    OK(quell_population_set_array(p, "g_exc", 0, 1, &tiny));
    OK(quell_run_steps(net, 5000));
    OK(quell_population_get(p, "g_exc", 0, 1, &g[i]));
    set_mode(before);
    quell_network_destroy(&net);
  }
  assert_true(g[0] == g[1] && g[0] == 0); /* not stuck at a denormal either */
  (void)state;
}

/* One call of each kind, successful or refused. */
static void every_call_restores_the_mode(void **state) {
  const setup setup = {0};
  const mixed_options no_host = {1, 1, 0};
  unsigned before = get_mode();
  mixed m;
  double value = 1;
  float w = 0.5f;
  quell_connection c = QUELL_CONNECTION_INIT;
  quell_projection *p;
  quell_view view = QUELL_VIEW_INIT;
  const quell_value eta = {"eta", 0.01}, bad = {"eta", NAN};
  const double times[] = {1}, rates[] = {1};
  const uint32_t one = 0;
#define KEEPS(call)                                                                                \
  do {                                                                                             \
    set_mode(modes[1]);                                                                            \
    (void)(call);                                                                                  \
    unsigned mode = get_mode();                                                                    \
    set_mode(before);                                                                              \
    if (mode != modes[1]) fail_msg("%s changes the floating-point mode", #call);                   \
  } while (0)
  mixed_build(&m, &setup, no_host);
  c.kind = 99;
  KEEPS(quell_connect(m.network, m.exc, m.exc, "excitatory", &c, NULL, &p));
  c.kind = QUELL_ONE_TO_ONE;
  c.weight.kind = QUELL_NORMAL;
  KEEPS(quell_connect(m.network, m.exc, m.exc, "excitatory", &c, NULL, &p));
  KEEPS(quell_rule_set(m.rules[0], &eta, 1));
  KEEPS(quell_rule_set(m.rules[0], &bad, 1));
  KEEPS(quell_rule_get(m.rules[0], "eta", &value));
  KEEPS(quell_run(m.network, 0.05));
  KEEPS(quell_run(m.network, 5.0));
  KEEPS(quell_run_steps(m.network, 3));
  KEEPS(quell_step(m.network));
  KEEPS(quell_run_steps(m.network, UINT64_MAX));
  KEEPS(quell_population_set(m.exc, &eta, 1));
  KEEPS(quell_population_set_array(m.exc, "v", 0, 1, &value));
  KEEPS(quell_population_get(m.exc, "v", 0, 1, &value));
  KEEPS(quell_population_view(m.exc, "v", &view));
  KEEPS(quell_population_schedule(m.noise, "rate", times, 1, rates, 1));
  KEEPS(quell_population_background(m.exc, "excitatory", 100, 0.1));
  KEEPS(quell_population_set_spikes(m.source, &one, times, 1));
  KEEPS(quell_projection_get(m.projections[2], "weight", 0, 1, &w));
  KEEPS(quell_projection_set(m.projections[2], "weight", 0, 1, &w));
  KEEPS(quell_projection_learning(m.projections[2], 0));
  KEEPS(quell_network_learning(m.network, 1));
  KEEPS(quell_network_time(m.network));
#undef KEEPS
  mixed_close(&m);
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bits_do_not_depend_on_the_hosts_mode),
      cmocka_unit_test(decays_end_alike),
      cmocka_unit_test(every_call_restores_the_mode),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Populations, projections and short-term plasticity that follow channels, against the same network
 * whose parameters are changed, or whose weights are scaled, by hand. */
#include "support/check.h"
#include "support/setup.h"
#include <math.h>
#include <string.h>

enum { CELLS = 100 };

static const setup setups[] = {{0},
                               {.tile_size = 64, .cut = CUT_PIECES},
                               {.tile_size = 64, .threads = 2, .cut = CUT_STEPS},
                               {.isa = QUELL_ISA_BASELINE, .executor = &executor_shuffled}};

static quell_distribution constant(double value) {
  return (quell_distribution){.kind = QUELL_CONSTANT, .a = value};
}

static quell_modulator *channel_of(quell_network *net, double tau) {
  quell_modulator *channel;
  quell_value values[] = {{"tonic", 1.0}, {"tau", tau}};
  OK(quell_modulator_create(net, "ach", NULL, values, 2, &channel));
  return channel;
}

static quell_population *cells_of(quell_network *net) {
  quell_population *cells;
  quell_value values[] = {{"i_offset", 220.0}, {"tau_refrac", 2.0}};
  OK(quell_population_create(net, "cells", "lif_cond_exp", CELLS, values, 2, &cells));
  return cells;
}

/* --- populations --- */

/* The channel is 1, then 3 from 50 ms on; i_offset is 100 c + 20, or what a schedule says. */
static uint64_t run_cells(const setup *s, int follows) {
  quell_network *net = open_network(s);
  quell_population *cells = cells_of(net);
  double time = 50.0, three = 3.0;
  if (follows) {
    quell_modulator *channel = channel_of(net, (double)INFINITY);
    quell_curve twenty = QUELL_CURVE_INIT, scale = QUELL_CURVE_INIT;
    quell_value base = {"i_offset", 50.0};
    twenty.combine = QUELL_ADD;
    twenty.low = 20.0;
    twenty.slope = 0.0;
    scale.slope = 2.0;
    OK(quell_population_set(cells, &base, 1));
    OK(quell_population_bind(cells, "i_offset", channel, &scale));
    OK(quell_population_bind(cells, "i_offset", channel, &twenty));
    OK(quell_modulator_schedule(channel, QUELL_SET_LEVEL, 0, &time, &three, 1));
  } else {
    quell_value before = {"i_offset", 120.0};
    double then = 320.0;
    OK(quell_population_set(cells, &before, 1));
    OK(quell_population_schedule(cells, "i_offset", &time, 1, &then, 1));
  }
  advance(net, s, 1500, NULL, NULL);
  double now = 0.0;
  if (follows) OK(quell_population_effective(cells, "i_offset", 7, &now));
  if (follows) assert_true(now == 320.0);
  uint64_t hash = digest_state(DIGEST, cells, "v");
  quell_network_destroy(&net);
  return hash;
}

static void a_parameter_follows(void **state) {
  uint64_t want = run_cells(&setups[0], 0);
  for (size_t i = 0; i < COUNT(setups); i++) assert_true(run_cells(&setups[i], 1) == want);
  (void)state;
}

/* Receptors: conductances of double weights, or of weights that are doubled on arrival. */
static uint64_t run_receptor(const setup *s, int follows, const char *how) {
  quell_network *net = open_network(s);
  quell_population *cells = cells_of(net), *source;
  quell_projection *synapses;
  quell_connection c = QUELL_CONNECTION_INIT;
  quell_value rate = {"rate", 40.0};
  OK(quell_population_create(net, "source", "poisson", 40, &rate, 1, &source));
  c.kind = QUELL_ALL_TO_ALL;
  c.weight = constant(follows ? 0.5 : 1.0);
  c.delay = constant(strcmp(how, "gain") ? 0.0 : 1.5);
  OK(quell_connect(net, source, cells, "excitatory", &c, NULL, &synapses));
  if (follows) {
    quell_modulator *channel = channel_of(net, 0.0);
    quell_curve two = QUELL_CURVE_INIT;
    two.slope = 2.0;
    if (strcmp(how, "gain"))
      OK(quell_population_bind(cells, "excitatory", channel, &two));
    else
      OK(quell_projection_bind(synapses, "gain", channel, &two));
  }
  advance(net, s, 1500, NULL, NULL);
  uint64_t hash = digest_state(digest_state(DIGEST, cells, "v"), cells, "g_exc");
  quell_network_destroy(&net);
  return hash;
}

static void receptors_and_gains_scale(void **state) {
  static const char *const how[] = {"receptor", "gain"};
  for (size_t k = 0; k < COUNT(how); k++) {
    uint64_t want = run_receptor(&setups[0], 0, how[k]);
    for (size_t i = 0; i < COUNT(setups); i++)
      assert_true(run_receptor(&setups[i], 1, how[k]) == want);
  }
  (void)state;
}

/* --- a gain acts when the spike arrives at the synapse, by the territory of its target --- */

static void gains_by_territory_and_arrival(void **state) {
  for (size_t i = 0; i < COUNT(setups); i++) {
    quell_network *net = open_network(&setups[i]);
    quell_population *source, *cells;
    quell_modulator *channel;
    quell_projection *synapses;
    quell_modulator_options options = QUELL_MODULATOR_OPTIONS_INIT;
    quell_connection c = QUELL_CONNECTION_INIT;
    uint32_t zero = 0, territory[CELLS];
    double emitted = 1.0, at = 3.0, high = 5.0, tonic = 1.0;
    quell_value values[] = {{"tonic", tonic}, {"tau", (double)INFINITY}};
    options.scope = QUELL_SCOPE_TERRITORY;
    options.territories = 2;
    for (uint32_t j = 0; j < CELLS; j++) territory[j] = j % 2;
    OK(quell_population_create(net, "source", "spike_source", 1, NULL, 0, &source));
    OK(quell_population_create(net, "cells", "lif_cond_exp", CELLS, NULL, 0, &cells));
    OK(quell_population_set_spikes(source, &zero, &emitted, 1));
    OK(quell_modulator_create(net, "ach", &options, values, 2, &channel));
    OK(quell_modulator_territories(channel, cells, territory, CELLS));
    c.kind = QUELL_ALL_TO_ALL;
    c.weight = constant(0.25);
    c.delay_axonal = constant(2.0);
    c.delay_dendritic = constant(0.5);
    OK(quell_connect(net, source, cells, "inhibitory", &c, NULL, &synapses));
    OK(quell_projection_bind(synapses, "gain", channel, NULL));
    /* the spike arrives at 3.0 ms: the level of that step counts, not that of the next */
    OK(quell_modulator_schedule(channel, QUELL_SET_LEVEL, 1, &at, &high, 1));
    at = 3.1;
    OK(quell_modulator_schedule(channel, QUELL_SET_LEVEL, 1, &at, &tonic, 1));
    advance(net, &setups[i], 36, NULL, NULL); /* one step after the input of 3.5 ms */
    quell_view g = QUELL_VIEW_INIT;
    OK(quell_population_view(cells, "g_inh", &g));
    for (uint32_t j = 0; j < CELLS; j++) {
      double want = (j % 2 ? 5.0 : 1.0) * 0.25 * exp(-0.1 / 10.0);
      double got = (double)((const float *)g.data)[j];
      if (fabs(got - want) > 1e-6) fail_msg("cell %u: %g, not %g", j, got, want);
    }
    quell_network_destroy(&net);
  }
  (void)state;
}

/* --- short-term plasticity --- */

/* u and x of a train under U(t), tau_rec(t): the recursion in double precision. */
static double released(const double *u_of, const double *tau_of, const uint64_t *at, size_t n) {
  double u = 0.0, x = 1.0, sum = 0.0;
  uint64_t last = 0;
  for (size_t i = 0; i < n; i++) {
    double units = 0.0;
    for (uint64_t s = last; i && s < at[i]; s++) units += 0.1 / tau_of[s];
    if (i) x = 1.0 - (1.0 - x) * exp(-units);
    u = u_of[at[i]];
    sum += u * x;
    x -= u * x;
    last = at[i];
  }
  return sum;
}

static void short_term_plasticity_follows(void **state) {
  enum { STEPS = 3000 };
  static double u[STEPS], tau[STEPS];
  static const uint64_t at[] = {100, 180, 900, 901, 2500};
  for (size_t k = 0; k < COUNT(setups); k++) {
    quell_network *net = open_network(&setups[k]);
    quell_population *source, *host;
    quell_modulator *channel;
    quell_rule *stp;
    quell_projection *synapses;
    quell_connection c = QUELL_CONNECTION_INIT;
    quell_curve up = QUELL_CURVE_INIT, down = QUELL_CURVE_INIT;
    quell_value values[] = {{"U", 0.4}, {"tau_rec", 100.0}};
    uint32_t zeros[COUNT(at)] = {0};
    double times[COUNT(at)];
    for (size_t i = 0; i < COUNT(at); i++) times[i] = (double)at[i] * 0.1;
    OK(quell_population_create(net, "source", "spike_source", 1, NULL, 0, &source));
    OK(quell_population_create(net, "host", "lif_cond_exp", 1, NULL, 0, &host));
    OK(quell_population_set_spikes(source, zeros, times, COUNT(at)));
    channel = channel_of(net, 50.0);
    OK(quell_modulator_release(channel, 0, 1.0, 15.0));
    OK(quell_modulator_release(channel, 0, 0.5, 120.0));
    OK(quell_rule_create(net, "tsodyks_markram", values, 2, &stp));
    up.slope = 0.5;     /* U from 0.2 to 0.4 */
    down.slope = -0.25; /* tau_rec from 75 to 50 ms */
    down.low = 1.0;
    OK(quell_rule_bind(stp, "U", channel, &up));
    OK(quell_rule_bind(stp, "tau_rec", channel, &down));
    for (uint64_t s = 0; s < STEPS; s++) {
      double t = (double)s * 0.1, level = 1.0;
      if (s >= 150) level += exp(-(t - 15.0) / 50.0);
      if (s >= 1200) level += 0.5 * exp(-(t - 120.0) / 50.0);
      u[s] = 0.4 * 0.5 * level;
      tau[s] = 100.0 * (1.0 - 0.25 * level);
    }
    c.kind = QUELL_ALL_TO_ALL;
    c.weight = constant(1.0);
    c.stack = &stp;
    c.n_stack = 1;
    OK(quell_connect(net, source, host, "excitatory", &c, NULL, &synapses));
    advance(net, &setups[k], STEPS, NULL, NULL);
    /* the row variable is what is left just after the last spike */
    float x = NAN;
    OK(quell_projection_get(synapses, "x", 0, 1, &x));
    double all = released(u, tau, at, COUNT(at)), but_last = released(u, tau, at, COUNT(at) - 1);
    double last = all - but_last, want = last / u[2500] * (1.0 - u[2500]);
    if (fabs((double)x - want) > 1e-6) fail_msg("x is %.9g, not %.9g", (double)x, want);
    quell_network_destroy(&net);
  }
  (void)state;
}

/* --- what is refused --- */

static void says(const quell_network *net, const char *part) {
  if (!strstr(quell_network_error(net), part))
    fail_msg("'%s' has no '%s'", quell_network_error(net), part);
}

static void what_cannot_follow(void **state) {
  quell_network *net = open_network(&setups[0]), *other = open_network(&setups[0]);
  quell_population *cells = cells_of(net), *more;
  quell_modulator *channel = channel_of(net, 10.0), *foreign = channel_of(other, 10.0), *own;
  quell_modulator_options options = QUELL_MODULATOR_OPTIONS_INIT;
  quell_curve bad = QUELL_CURVE_INIT;
  bad.kind = QUELL_CURVE_HILL;
  bad.half = 0.0;
  OK(quell_population_create(net, "more", "lif_cond_exp", 3, NULL, 0, &more));
  GIVES(QUELL_E_NAME, quell_population_bind(cells, "tau_m", channel, NULL));
  says(net, "'tau_m'");
  says(net, "i_offset");
  GIVES(QUELL_E_OWNER, quell_population_bind(cells, "i_offset", foreign, NULL));
  GIVES(QUELL_E_RANGE, quell_population_bind(cells, "i_offset", channel, &bad));
  says(net, "'half'");
  GIVES(QUELL_E_NULL, quell_population_bind(cells, NULL, channel, NULL));
  options.scope = QUELL_SCOPE_NEURON;
  options.population = cells;
  OK(quell_modulator_create(net, "own", &options, NULL, 0, &own));
  GIVES(QUELL_E_UNSUPPORTED, quell_population_bind(more, "i_offset", own, NULL));
  OK(quell_population_bind(cells, "i_offset", own, NULL));
  OK(quell_run(net, 1.0));
  GIVES(QUELL_E_STATE, quell_population_bind(cells, "i_offset", channel, NULL));
  quell_network_destroy(&net);
  quell_network_destroy(&other);
  (void)state;
}

static void out_of_range_ends_the_run(void **state) {
  quell_network *net = open_network(&setups[0]);
  quell_population *cells = cells_of(net);
  quell_modulator *channel = channel_of(net, 10.0);
  OK(quell_population_bind(cells, "inhibitory", channel, NULL));
  OK(quell_modulator_release(channel, 0, -3.0, 5.0));
  OK(quell_run(net, 5.0));
  GIVES(QUELL_E_RANGE, quell_run(net, 5.0));
  says(net, "'inhibitory'");
  says(net, "-2");
  GIVES(QUELL_E_FAILED, quell_run(net, 5.0));
  quell_network_destroy(&net);
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_parameter_follows),
      cmocka_unit_test(receptors_and_gains_scale),
      cmocka_unit_test(gains_by_territory_and_arrival),
      cmocka_unit_test(short_term_plasticity_follows),
      cmocka_unit_test(what_cannot_follow),
      cmocka_unit_test(out_of_range_ends_the_run),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

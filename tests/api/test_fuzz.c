/* Malformed calls at random: any handle or none, good and bad names, nasty numbers. Nothing
 * crashes, what is refused holds no memory and has its sentence, and the network still runs. */
#include "support/random.h"
#include "world.h"
#include <math.h>

enum { ROUNDS = 24, CALLS = 150, MOST_POPULATIONS = 40, MOST_HANDLES = 64, ARRAY = 64 };

typedef struct fuzz {
  world *w;
  random_state random;
  quell_population *populations[MOST_POPULATIONS];
  quell_projection *projections[MOST_HANDLES];
  quell_rule *rules[MOST_HANDLES];
  quell_recorder *recorders[MOST_HANDLES];
  size_t n_populations, n_projections, n_rules, n_recorders;
  quell_value values[4];
  double doubles[ARRAY];
  float floats[ARRAY];
  uint32_t indices[ARRAY];
  uint64_t ids[ARRAY];
} fuzz;

static char endless[700]; /* a name */

static const char *const names[] = {"exc",        "inh",
                                    "noise",      "source",
                                    "host",       "lif_cond_exp",
                                    "poisson",    "lif_curr_exp",
                                    "external",   "spike_source",
                                    "excitatory", "inhibitory",
                                    "v",          "rate",
                                    "tau_m",      "cm",
                                    "i_offset",   "v_thresh",
                                    "g_exc",      "refractory",
                                    "remaining",  "weight",
                                    "delay",      "delay_axonal",
                                    "eta",        "tau",
                                    "w_max",      "w_min",
                                    "tie",        "a_plus",
                                    "vogels2011", "stdp_pair",
                                    "stdp_oja",   "",
                                    "%s%n%s%n",   "nothing",
                                    "V",          "\xff\xfe",
                                    endless,      NULL};

static const double doubles[] = {
    0,         -0.0,   1,      0.5,   2,      -1,   0.1, 0.05,
    1e-9,      5e-324, 1e-310, 20,    -60,    100,  1e9, -1e9,
    1e30,      3.4e38, 1e39,   1e300, -1e300, NAN,  3,   INFINITY,
    -INFINITY, 0.3,    1.5,    12.7,  255.5,  1e-3, 50,  9007199254740992.0};

static const uint64_t integers[] = {0,
                                    1,
                                    2,
                                    3,
                                    5,
                                    7,
                                    8,
                                    16,
                                    29,
                                    30,
                                    31,
                                    40,
                                    63,
                                    64,
                                    65,
                                    (uint64_t)1 << 31,
                                    UINT32_MAX,
                                    (uint64_t)1 << 32,
                                    (uint64_t)1 << 53,
                                    UINT64_MAX / 2,
                                    UINT64_MAX - 1,
                                    UINT64_MAX};

static uint32_t below(fuzz *f, size_t n) {
  return random_below(&f->random, (uint32_t)n);
}

static int one_in(fuzz *f, uint32_t n) {
  return below(f, n) == 0;
}

static const char *name(fuzz *f) {
  return names[below(f, COUNT(names))];
}

static double number(fuzz *f) {
  return one_in(f, 4) ? doubles[below(f, COUNT(doubles))] : 10 * random_uniform(&f->random);
}

static uint64_t integer(fuzz *f) {
  return integers[below(f, COUNT(integers))];
}

/* How many elements of an array are given: never more than it has. */
static size_t length(fuzz *f) {
  return one_in(f, 2) ? below(f, ARRAY + 1) : below(f, 4);
}

#define PICK(f, handles, n) ((n) == 0 || one_in((f), 20) ? NULL : (handles)[below((f), (n))])

static quell_population *population(fuzz *f) {
  return PICK(f, f->populations, f->n_populations);
}

static quell_projection *projection(fuzz *f) {
  return PICK(f, f->projections, f->n_projections);
}

static quell_rule *rule(fuzz *f) {
  return PICK(f, f->rules, f->n_rules);
}

static quell_network *network(fuzz *f) {
  return one_in(f, 20) ? NULL : f->w->net;
}

static void fill_arrays(fuzz *f) {
  int nasty = one_in(f, 2);
  double base = one_in(f, 2) ? 1 : number(f);
  for (size_t i = 0; i < ARRAY; i++) {
    f->doubles[i] = nasty ? number(f) : base + (double)i;
    f->floats[i] = (float)(fabs(f->doubles[i]) <= 3e38 ? f->doubles[i] : NAN);
    f->indices[i] = nasty && one_in(f, 9) ? (uint32_t)integer(f) : below(f, 8);
    f->ids[i] = nasty && one_in(f, 9) ? integer(f) : i;
  }
}

static size_t fill_values(fuzz *f) {
  for (size_t i = 0; i < COUNT(f->values); i++) f->values[i] = (quell_value){name(f), number(f)};
  return below(f, COUNT(f->values) + 1);
}

static const double *maybe_doubles(fuzz *f) {
  return one_in(f, 10) ? NULL : f->doubles;
}

static const uint32_t *maybe_indices(fuzz *f) {
  return one_in(f, 10) ? NULL : f->indices;
}

/* Delays stay short, so that little memory is asked for. */
static quell_distribution distribution(fuzz *f, int is_delay) {
  quell_distribution d = QUELL_DISTRIBUTION_INIT;
  if (one_in(f, 2)) return d;
  d.kind = one_in(f, 9) ? (int32_t)integer(f) : (int32_t)below(f, 6);
  d.outside = one_in(f, 9) ? (int32_t)integer(f) : (int32_t)below(f, 3);
  d.a = number(f);
  d.b = number(f);
  if (is_delay && d.a > 100) d.a = 1;
  if (is_delay && d.b > 100) d.b = NAN;
  d.low = one_in(f, 2) ? 0 : number(f);
  d.high = number(f);
  d.values = maybe_doubles(f);
  d.n = length(f);
  return d;
}

static quell_connection connection(fuzz *f) {
  quell_connection c = QUELL_CONNECTION_INIT;
  if (one_in(f, 20)) c.struct_size = below(f, sizeof c) / 8 * 8;
  c.kind = one_in(f, 20) ? (int32_t)integer(f) : 1 + (int32_t)below(f, 6);
  c.flags = one_in(f, 20) ? (uint32_t)integer(f) : below(f, 4);
  c.reserved = one_in(f, 20);
  c.p = one_in(f, 3) ? number(f) : random_uniform(&f->random);
  c.count = one_in(f, 3) ? integer(f) : below(f, 20);
  c.pre = maybe_indices(f);
  c.post = maybe_indices(f);
  c.n = length(f);
  c.weight = distribution(f, 0);
  if (one_in(f, 2)) c.delay = distribution(f, 1);
  if (one_in(f, 4)) c.delay_axonal = distribution(f, 1);
  if (one_in(f, 4)) c.delay_dendritic = distribution(f, 1);
  return c;
}

static quell_record_options options(fuzz *f) {
  quell_record_options o = QUELL_RECORD_OPTIONS_INIT;
  if (one_in(f, 20)) o.struct_size = below(f, sizeof o) / 8 * 8;
  o.reserved = one_in(f, 20);
  if (one_in(f, 2)) o.interval = one_in(f, 2) ? 2 : number(f);
  if (one_in(f, 3)) o.start = number(f);
  if (one_in(f, 3)) o.stop = number(f);
  if (one_in(f, 3)) o.ids = f->ids;
  if (o.ids || one_in(f, 9)) o.n = length(f);
  return o;
}

/* The calls. Each returns the status, or QUELL_OK where there is none. */

static quell_status make_population(fuzz *f) {
  static const char *const models[] = {"lif_cond_exp", "lif_curr_exp", "poisson", "spike_source",
                                       "external"};
  quell_population *made = NULL;
  const char *model = one_in(f, 9) ? name(f) : models[below(f, COUNT(models))];
  size_t n = one_in(f, 2) ? 0 : fill_values(f);
  if (f->n_populations == MOST_POPULATIONS) return QUELL_OK;
  quell_status status =
      quell_population_create(network(f), name(f), model, (uint32_t)integer(f),
                              one_in(f, 10) ? NULL : f->values, n, one_in(f, 20) ? NULL : &made);
  if (made) f->populations[f->n_populations++] = made;
  return status;
}

static quell_status make_rule(fuzz *f) {
  static const char *const rules[] = {"vogels2011", "stdp_pair", "stdp_oja"};
  quell_rule *made = NULL;
  size_t n = one_in(f, 2) ? 0 : fill_values(f);
  if (f->n_rules == MOST_HANDLES) return QUELL_OK;
  quell_status status = quell_rule_create(network(f), one_in(f, 9) ? name(f) : rules[below(f, 3)],
                                          f->values, n, one_in(f, 20) ? NULL : &made);
  if (made) f->rules[f->n_rules++] = made;
  return status;
}

static quell_status make_projection(fuzz *f) {
  quell_projection *made = NULL;
  quell_connection c = connection(f);
  if (f->n_projections == MOST_HANDLES) return QUELL_OK;
  quell_status status = quell_connect(
      network(f), population(f), population(f), one_in(f, 4) ? name(f) : "inhibitory",
      one_in(f, 20) ? NULL : &c, one_in(f, 2) ? NULL : rule(f), one_in(f, 20) ? NULL : &made);
  if (made) f->projections[f->n_projections++] = made;
  return status;
}

static quell_status make_recorder(fuzz *f) {
  quell_recorder *made = NULL, **place = one_in(f, 20) ? NULL : &made;
  quell_record_options o = options(f);
  const quell_record_options *given = one_in(f, 5) ? NULL : &o;
  quell_status status;
  if (f->n_recorders == MOST_HANDLES) return QUELL_OK;
  switch (below(f, 4)) {
  case 0:
    status = quell_record_spikes(population(f), given, place);
    break;
  case 1:
    status = quell_record_state(population(f), one_in(f, 2) ? "v" : name(f), given, place);
    break;
  case 2:
    status = quell_record_weights(projection(f), given, place);
    break;
  default:
    status = quell_record_rate(population(f), given, place);
  }
  if (made) f->recorders[f->n_recorders++] = made;
  return status;
}

static quell_status use_recorder(fuzz *f) {
  quell_recording recording = QUELL_RECORDING_INIT;
  size_t i = below(f, MOST_HANDLES);
  quell_recorder *recorder = i < f->n_recorders ? f->recorders[i] : NULL;
  if (one_in(f, 9)) recording.struct_size = below(f, sizeof recording) / 8 * 8;
  if (one_in(f, 2)) return quell_recorder_clear(recorder);
  if (!recorder || one_in(f, 2))
    return quell_recorder_read(recorder, one_in(f, 9) ? NULL : &recording);
  quell_recorder_destroy(&f->recorders[i]);
  f->recorders[i] = f->recorders[--f->n_recorders];
  return QUELL_OK;
}

static quell_status set_population(fuzz *f) {
  size_t n = fill_values(f);
  switch (below(f, 4)) {
  case 0:
    return quell_population_set(population(f), one_in(f, 10) ? NULL : f->values, n);
  case 1:
    return quell_population_set_array(population(f), name(f), (uint32_t)integer(f),
                                      (uint32_t)length(f), maybe_doubles(f));
  case 2:
    return quell_population_schedule(population(f), one_in(f, 2) ? "rate" : name(f),
                                     maybe_doubles(f), n, maybe_doubles(f),
                                     one_in(f, 2) ? n : length(f));
  default:
    return quell_population_background(population(f), name(f), number(f), number(f));
  }
}

static quell_status read_population(fuzz *f) {
  static double values[ARRAY];
  const uint32_t *neurons;
  const float *input;
  size_t n;
  uint32_t n_input;
  quell_view view = QUELL_VIEW_INIT;
  switch (below(f, 4)) {
  case 0:
    return quell_population_get(population(f), name(f), (uint32_t)integer(f), (uint32_t)length(f),
                                one_in(f, 10) ? NULL : values);
  case 1:
    return quell_population_view(population(f), name(f), one_in(f, 9) ? NULL : &view);
  case 2:
    return quell_population_spikes_out(population(f), one_in(f, 9) ? NULL : &neurons, &n);
  default:
    return quell_population_input(population(f), name(f), one_in(f, 9) ? NULL : &input, &n_input);
  }
}

static quell_status give_spikes_to(fuzz *f) {
  size_t n = length(f);
  if (one_in(f, 9)) return quell_population_on_step(population(f), NULL, NULL);
  if (one_in(f, 2)) return quell_population_spikes_in(population(f), maybe_indices(f), n);
  return quell_population_set_spikes(population(f), maybe_indices(f), maybe_doubles(f), n);
}

static quell_status use_projection(fuzz *f) {
  static float weights[ARRAY];
  static uint32_t pre[ARRAY], post[ARRAY];
  quell_projection_info info = QUELL_PROJECTION_INFO_INIT;
  const char *variable = one_in(f, 2) ? "weight" : name(f);
  uint64_t first = integer(f), n = one_in(f, 2) ? length(f) : below(f, 3);
  switch (below(f, 5)) {
  case 0:
    return quell_projection_describe(projection(f), one_in(f, 9) ? NULL : &info);
  case 1:
    return quell_projection_endpoints(projection(f), first, n, one_in(f, 9) ? NULL : pre, post);
  case 2:
    return quell_projection_get(projection(f), variable, first, n, one_in(f, 9) ? NULL : weights);
  case 3:
    return quell_projection_set(projection(f), variable, first, n, one_in(f, 9) ? NULL : f->floats);
  default:
    return quell_projection_learning(projection(f), one_in(f, 2) ? 1 : (int32_t)integer(f));
  }
}

static quell_status use_rule(fuzz *f) {
  double value;
  size_t n = fill_values(f);
  if (one_in(f, 2)) return quell_rule_get(rule(f), name(f), one_in(f, 9) ? NULL : &value);
  return quell_rule_set(rule(f), one_in(f, 9) ? NULL : f->values, n);
}

static quell_status run(fuzz *f) {
  static const uint64_t steps[] = {0, 1, 2, 30, (uint64_t)1 << 53, UINT64_MAX};
  static const double times[] = {0, 0.1, 2.5, 0.05, -1, NAN, INFINITY, 1e300};
  if (one_in(f, 4)) quell_request_stop(network(f));
  if (one_in(f, 3)) return quell_network_learning(network(f), (int32_t)integer(f));
  if (one_in(f, 3)) return quell_step(network(f));
  if (one_in(f, 2)) return quell_run(network(f), times[below(f, COUNT(times))]);
  return quell_run_steps(network(f), steps[below(f, COUNT(steps))]);
}

static quell_status look_up(fuzz *f) {
  quell_variable info = QUELL_VARIABLE_INIT;
  const quell_rule_desc *desc = quell_registry_find(NULL, name(f));
  (void)quell_model_receptor(name(f), (size_t)integer(f));
  (void)quell_model_doc(name(f));
  (void)quell_rule_parameter(desc, (size_t)integer(f), &info);
  (void)quell_model_state(name(f), (size_t)integer(f), &info);
  return quell_model_parameter(name(f), (size_t)integer(f), one_in(f, 9) ? NULL : &info);
}

typedef quell_status (*call_fn)(fuzz *f);

static const call_fn building[] = {make_population, make_rule, make_projection, make_projection,
                                   make_projection};
static const call_fn running[] = {make_recorder,   use_recorder,   set_population, set_population,
                                  read_population, give_spikes_to, use_projection, use_projection,
                                  use_rule,        look_up};

static void call_once(fuzz *f, int may_run) {
  world *w = f->w;
  fill_arrays(f);
  uint64_t live = w->allocator.live;
  if (may_run && one_in(f, 4)) {
    quell_status status = run(f);
    assert_true(status > QUELL_E_MEMORY); /* nothing here may fail for good */
    return;
  }
  int builds = one_in(f, may_run ? 10 : 2);
  call_fn call = builds ? building[below(f, COUNT(building))] : running[below(f, COUNT(running))];
  quell_status status = call(f);
  assert_string_not_equal(quell_status_string(status), "unknown status");
  assert_true(strlen(quell_network_error(w->net)) < 512);
  if (status < 0) assert_int_equal(w->allocator.live, live);
}

static void check_it_still_runs(fuzz *f) {
  for (size_t i = 0; i < f->n_populations; i++)
    if (!strcmp(quell_population_model(f->populations[i]), "external"))
      OK(quell_population_on_step(f->populations[i], world_on_step, f->w));
  uint64_t clock = quell_network_clock(f->w->net);
  while (quell_run_steps(f->w->net, 50) == QUELL_STOPPED) { /* as it was asked before */
  }
  assert_int_equal(quell_network_clock(f->w->net), clock + 50);
  if (f->w->broken) fail();
}

static void round_of_calls(uint64_t seed) {
  fuzz f = {.w = world_open(), .random = {seed}};
  world *w = f.w;
  quell_population *const populations[] = {w->exc, w->inh, w->noise, w->source, w->host};
  memcpy(f.populations, populations, sizeof populations);
  f.n_populations = COUNT(populations);
  f.projections[f.n_projections++] = w->plastic;
  f.projections[f.n_projections++] = w->still;
  f.rules[f.n_rules++] = w->rule;
  f.recorders[f.n_recorders++] = w->weights;
  for (int i = 0; i < CALLS; i++) call_once(&f, i > CALLS / 3);
  check_it_still_runs(&f);
  world_discard(w);
}

static void malformed_calls_do_no_harm(void **state) {
  memset(endless, 'e', sizeof endless - 1);
  for (uint64_t seed = 1; seed <= (quick() ? 8 : ROUNDS); seed++) round_of_calls(seed);
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(malformed_calls_do_no_harm)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

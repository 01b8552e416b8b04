/* One pre and one post spike at every distance from -100 to 100 ms: the change of the weight is the
 * closed form, for each rule, tie and place of the delay. No pre spike follows, so the last change
 * shows only because reading replays it. */
#include "support/bench.h"
#include "support/check.h"
#include <math.h>

enum { REACH = 1000, POSTS = 2 * REACH + 1, PRE_STEP = 1500, END = 2 * PRE_STEP };

#define PAIR(mu_p, mu_m)                                                                           \
  {                                                                                                \
    EAGER_PAIR, .a_plus = 0.02, .a_minus = 0.03, .tau_plus = 16.8, .tau_minus = 33.7,              \
                .mu_plus = mu_p, .mu_minus = mu_m, .w_max = 1                                      \
  }

static const eager_rule vogels = {EAGER_VOGELS, .eta = 0.05, .rho0 = 7, .tau = 20, .w_max = 10};
static const eager_rule additive = PAIR(0, 0);
static const eager_rule multiplicative = PAIR(1, 1);
static const eager_rule mixed = PAIR(0, 1); /* van Rossum et al. 2000 */
static const eager_rule power = PAIR(0.4, 0.4);
static const eager_rule asymmetric = PAIR(0.3, 0.8);
static const eager_rule large_bound = {EAGER_PAIR,       .a_plus = 0.02,    .a_minus = 0.03,
                                       .tau_plus = 16.8, .tau_minus = 33.7, .mu_minus = 1,
                                       .w_max = 24}; /* amplitudes are parts of w_max */
static const eager_rule oja = {EAGER_OJA, .eta = 0.05, .beta = 0.7, .tau = 20, .w_max = 1};

static double initial(const eager_rule *rule) {
  return rule->w_max * 0.4;
}

static double after_pre(const eager_rule *r, double w, double y) {
  if (r->kind == EAGER_VOGELS) return w + r->eta * (y - 2 * r->rho0 * r->tau / 1000);
  if (r->kind == EAGER_PAIR) return w - r->w_max * r->a_minus * pow(w / r->w_max, r->mu_minus) * y;
  return w;
}

static double after_post(const eager_rule *r, double w, double x) {
  if (r->kind == EAGER_VOGELS) return w + r->eta * x;
  if (r->kind == EAGER_PAIR)
    return w + r->w_max * r->a_plus * pow(1 - w / r->w_max, r->mu_plus) * x;
  return w + r->eta * (r->beta * x - w);
}

/* The weight after a pair whose post spike meets the synapse `steps` later than the pre spike. */
static double window(const eager_rule *r, int32_t steps) {
  double w = initial(r), ms = fabs((double)steps) * 0.1;
  double tau_x = r->kind == EAGER_PAIR ? r->tau_plus : r->tau;
  double tau_y = r->kind == EAGER_PAIR ? r->tau_minus : r->tau;
  if (steps > 0) return after_post(r, after_pre(r, w, 0), exp(-ms / tau_x));
  if (steps < 0) return after_pre(r, after_post(r, w, 0), exp(-ms / tau_y));
  if (r->tie == QUELL_PRE_FIRST) return after_post(r, after_pre(r, w, 0), 1);
  if (r->tie == QUELL_POST_FIRST) return after_pre(r, after_post(r, w, 0), 1);
  return after_post(r, after_pre(r, w, 0), 0);
}

typedef struct delays {
  int32_t plain, axonal, dendritic; /* steps; plain < 0: the other two are given */
} delays;

static void connect(quell_connection *c, const eager_rule *rule, const delays *d) {
  c->kind = QUELL_ALL_TO_ALL;
  c->weight.kind = QUELL_CONSTANT;
  c->weight.a = initial(rule);
  if (d->plain >= 0) {
    c->delay.kind = QUELL_CONSTANT;
    c->delay.a = 0.1 * d->plain;
    return;
  }
  c->delay_axonal.kind = c->delay_dendritic.kind = QUELL_CONSTANT;
  c->delay_axonal.a = 0.1 * d->axonal;
  c->delay_dendritic.a = 0.1 * d->dendritic;
}

static void check_window(const eager_rule *rule, const setup *setup, const delays *d) {
  static float w[POSTS];
  bench b;
  train pre = {NULL, 0, 0}, post = {NULL, 0, 0};
  quell_connection c = QUELL_CONNECTION_INIT;
  int32_t shift = d->plain >= 0 ? -d->plain : d->dendritic - d->axonal;
  train_add(&pre, PRE_STEP, 0);
  for (uint32_t j = 0; j < POSTS; j++) train_add(&post, PRE_STEP + j - REACH, j);
  train_sort(&post);
  connect(&c, rule, d);
  bench_open(&b, setup, rule, 1, &pre, POSTS, &post, &c);
  bench_run_to(&b, END);
  OK(quell_projection_get(b.synapses, "weight", 0, POSTS, w));
  for (int32_t j = 0; j < POSTS; j++)
    CLOSE((double)w[j], window(rule, j - REACH + shift), rule->w_max, eager_name(rule), j - REACH);
  bench_close(&b);
  train_free(&pre);
  train_free(&post);
}

/* Users' trap 5. */
static void window_is_the_closed_form_for_each_tie_and_delay(void **state) {
  static const delays places[] = {{-1, 0, 0},  {0, 0, 0},  {15, 0, 0}, {-1, 23, 0}, {-1, 0, 16},
                                  {-1, 11, 8}, {-1, 8, 8}, {-1, 1, 0}, {-1, 0, 1}};
  static const setup setups[] = {
      {0}, {.tile_size = 64, .horizon = 64, .block_size = 48, .executor = &executor_backwards}};
  eager_rule rule = *(const eager_rule *)*state;
  for (int32_t tie = QUELL_PRE_FIRST; tie <= QUELL_POST_FIRST; tie++) {
    rule.tie = tie;
    for (size_t i = 0; i < COUNT(places); i += quick() ? 5 : 1)
      for (size_t k = 0; k < COUNT(setups); k++) check_window(&rule, &setups[k], &places[i]);
  }
}

/* The same with a step of 0.25 ms: dt must not be taken for 0.1 or 1 ms anywhere. */
static void window_does_not_depend_on_the_step(void **state) {
  const setup setup = {.dt = 0.25};
  const uint64_t distance[] = {1, 4, 40, 400};
  for (size_t i = 0; i < COUNT(distance); i++) {
    bench b;
    train pre = {NULL, 0, 0}, post = {NULL, 0, 0};
    quell_connection c = QUELL_CONNECTION_INIT;
    double w = initial(&vogels), ms = 0.25 * (double)distance[i];
    connect(&c, &vogels, &(delays){0, 0, 0});
    train_add(&pre, 10, 0);
    train_add(&post, 10 + distance[i], 0);
    bench_open(&b, &setup, &vogels, 1, &pre, 1, &post, &c);
    bench_run_to(&b, 1000);
    CLOSE((double)bench_weight(&b, 0), after_post(&vogels, after_pre(&vogels, w, 0), exp(-ms / 20)),
          10, "dt 0.25 ms", distance[i]);
    bench_close(&b);
    train_free(&pre);
    train_free(&post);
  }
  (void)state;
}

/* Users' trap 1: history that is pruned too early loses the post spikes of one delay ago. */
static void post_spikes_are_remembered_across_the_delay(void **state) {
  bench b;
  train pre = {NULL, 0, 0}, post = {NULL, 0, 0};
  eager_rule rule = {EAGER_PAIR, .a_minus = 0.02, .tau_plus = 20, .tau_minus = 20, .w_max = 1};
  quell_connection c = QUELL_CONNECTION_INIT;
  const setup setup = {.horizon = 64};
  const uint64_t t_pre[] = {20, 30, 100}, t_post[] = {10, 20, 30};
  double w = 0.4;
  connect(&c, &rule, &(delays){-1, 10, 10});
  for (size_t i = 0; i < 3; i++) {
    train_add(&pre, t_pre[i], 0);
    train_add(&post, t_post[i], 0);
  }
  bench_open(&b, &setup, &rule, 1, &pre, 1, &post, &c);
  bench_run_to(&b, 200);
  for (size_t i = 0; i < 3; i++) /* both sides are 1 ms late; ties do not see the post spike */
    for (size_t k = 0; k < 3; k++)
      if (t_post[k] < t_pre[i]) w -= 0.02 * exp(-0.1 * (double)(t_pre[i] - t_post[k]) / 20);
  CLOSE((double)bench_weight(&b, 0), w, 1, "three pairs", 0);
  bench_close(&b);
  train_free(&pre);
  train_free(&post);
  (void)state;
}

#define WINDOW(rule)                                                                               \
  {                                                                                                \
    "window of " #rule, window_is_the_closed_form_for_each_tie_and_delay, NULL, NULL,              \
        (void *)(uintptr_t)&rule                                                                   \
  }

int main(void) {
  const struct CMUnitTest tests[] = {
      WINDOW(vogels),
      WINDOW(additive),
      WINDOW(multiplicative),
      WINDOW(mixed),
      WINDOW(power),
      WINDOW(asymmetric),
      WINDOW(large_bound),
      WINDOW(oja),
      cmocka_unit_test(window_does_not_depend_on_the_step),
      cmocka_unit_test(post_spikes_are_remembered_across_the_delay),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

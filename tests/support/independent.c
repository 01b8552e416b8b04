#include "independent.h"

#include "check.h"
#include "compare.h"
#include "random.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

void independent_open(independent *net, const setup *s, const char *rule, const char *preset,
                      const quell_value *own, size_t n_own, uint32_t n, const double *w, double w0,
                      const train *pre, const train *post) {
  quell_value values[RULE_PARAMS];
  size_t n_values = rule_values(rule, preset, own, n_own, values);
  quell_connection c = QUELL_CONNECTION_INIT;
  memset(net, 0, sizeof *net);
  net->setup = s;
  net->n = n;
  net->network = open_network(s);
  double dt = quell_network_dt(net->network);
  if (quell_rule_create(net->network, rule, values, n_values, &net->rule) != QUELL_OK)
    fail_msg("%s", quell_network_error(net->network));
  c.kind = QUELL_ONE_TO_ONE;
  c.weight = w ? (quell_distribution){QUELL_ARRAY, 0, 0, 0, 0, 0, w, n}
               : (quell_distribution){QUELL_CONSTANT, 0, w0, 0, 0, 0, NULL, 0};
  OK(quell_population_create(net->network, "pre", "spike_source", n, NULL, 0, &net->pre));
  OK(quell_population_create(net->network, "post", "external", n, NULL, 0, &net->post));
  OK(quell_connect(net->network, net->pre, net->post, "inhibitory", &c, net->rule, &net->synapses));
  if (pre->n) give_spikes(net->pre, pre, s->start, dt);
  net->feeder = (feeder){net->post, post, 0, 0};
  OK(quell_population_on_step(net->post, feed, &net->feeder));
}

void independent_close(independent *net) {
  quell_network_destroy(&net->network);
}

static void read_all(void *context) {
  const independent *net = context;
  float *w = must_alloc(net->n, sizeof *w);
  OK(quell_projection_get(net->synapses, "weight", 0, net->n, w));
  free(w);
}

void independent_run_to(independent *net, uint64_t step, float *w) {
  advance(net->network, net->setup, step - net->now, read_all, net);
  net->now = step;
  if (w) OK(quell_projection_get(net->synapses, "weight", 0, net->n, w));
}

void train_independent(train *t, uint32_t n, double probability, uint64_t from, uint64_t to,
                       uint64_t seed) {
  random_state random = {seed};
  for (uint32_t i = 0; i < n; i++) {
    double step = (double)from;
    for (;;) {
      step += floor(log1p(-random_uniform(&random)) / log1p(-probability));
      if (step >= (double)to) break;
      train_add(t, (uint64_t)step, i);
      step += 1;
    }
  }
  train_sort(t);
}

void check_mean(const double *value, size_t n, double mean, double slack, const char *what) {
  double sum = 0, squares = 0;
  for (size_t i = 0; i < n; i++) sum += value[i];
  double got = sum / (double)n;
  for (size_t i = 0; i < n; i++) squares += (value[i] - got) * (value[i] - got);
  double error = sqrt(squares / (double)(n - 1) / (double)n);
  if (getenv("QUELL_TEST_SHOW"))
    print_message("# %s: %.6g, should be %.6g, standard error %.2g (%.1f)\n", what, got, mean,
                  error, (got - mean) / error);
  if (fabs(got - mean) <= 4 * error + slack) return; /* false for NaN */
  fail_msg("%s: the mean is %.6g, should be %.6g; standard error %.2g", what, got, mean, error);
}

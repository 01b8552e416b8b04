/*
 * Inhibition that learns to balance excitation: from runaway to asynchronous irregular firing.
 *
 * The network of Vogels, Sprekeler, Zenke, Clopath & Gerstner 2011 (10.1126/science.1211095), with
 * the weights of the authors' script (ModelDB 143751); those of the paper are ten times larger.
 *
 * What the rule holds at its target is the window sum: exp(-|t_post - t_pre| / tau), summed over
 * all post spikes, per pre spike. The mean weight changes by eta (window sum - alpha) per pre
 * spike, alpha = 2 rho0 tau, so its drift tells the window sum. For independent trains that is the
 * rate rho0. Here spikes are rarer around inhibitory ones, and the rate settles above rho0.
 *
 * usage: balance [excitatory neurons, default 8000]
 */
#include <math.h>
#include <quell/quell.h>
#include <stdio.h>
#include <stdlib.h>

#define TRY(call)                                                                                  \
  do {                                                                                             \
    quell_status status_ = (call);                                                                 \
    if (status_ != QUELL_OK) return status_;                                                       \
  } while (0)

enum { MEASURED = 10, BINS = 20 * MEASURED, BIN = 500 };     /* s; bins of 500 steps, 50 ms */
static const double rho0 = 3.0, tau = 20.0, second = 1000.0; /* Hz, ms, ms */

typedef struct model {
  uint32_t n;
  quell_network *net;
  quell_population *exc, *inh;
  quell_projection *plastic;
  quell_rule *rule;
  quell_recording exc_spikes, inh_spikes; /* of the last call of run() */
  double weight;                          /* mean, nS */
} model;

static quell_status build(model *m) {
  const quell_value drive[] = {{"i_offset", 200.0}};
  const quell_value learning[] = {{"rho0", rho0}, {"tau", tau}, {"w_max", 100.0}};
  quell_connection sparse = QUELL_CONNECTION_INIT;
  quell_projection *fixed;
  TRY(quell_population_create(m->net, "exc", "lif_cond_exp", m->n, drive, 1, &m->exc));
  TRY(quell_population_create(m->net, "inh", "lif_cond_exp", m->n / 4, drive, 1, &m->inh));
  TRY(quell_rule_create(m->net, "vogels2011", learning, 3, &m->rule));
  sparse.kind = QUELL_FIXED_PROBABILITY;
  sparse.p = 0.02 * 8000.0 / m->n; /* a smaller network keeps the number of inputs of a neuron */
  sparse.weight.kind = QUELL_CONSTANT;
  sparse.weight.a = 0.3;
  TRY(quell_connect(m->net, m->exc, m->exc, "excitatory", &sparse, NULL, &fixed));
  TRY(quell_connect(m->net, m->exc, m->inh, "excitatory", &sparse, NULL, &fixed));
  sparse.weight.a = 3.0;
  TRY(quell_connect(m->net, m->inh, m->inh, "inhibitory", &sparse, NULL, &fixed));
  sparse.weight.a = 0.0;
  return quell_connect(m->net, m->inh, m->exc, "inhibitory", &sparse, m->rule, &m->plastic);
}

static quell_status read_mean_weight(model *m) {
  uint64_t n = quell_projection_size(m->plastic);
  float *w = malloc(n * sizeof *w);
  quell_status status = w ? quell_projection_get(m->plastic, "weight", 0, n, w) : QUELL_E_MEMORY;
  m->weight = 0.0;
  for (uint64_t i = 0; !status && i < n; i++)
    m->weight += (double)w[i] / (double)n;
  free(w);
  return status;
}

static quell_status run(model *m, double eta, int seconds) {
  quell_recorder *exc, *inh;
  TRY(quell_record_spikes(m->exc, NULL, &exc));
  TRY(quell_record_spikes(m->inh, NULL, &inh));
  TRY(quell_rule_set(m->rule, &(quell_value){"eta", eta}, 1));
  m->exc_spikes.samples = m->inh_spikes.samples = 0;
  for (int i = 0; i < seconds; i++) {
    size_t exc_before = m->exc_spikes.samples, inh_before = m->inh_spikes.samples;
    TRY(quell_run(m->net, second));
    TRY(quell_recorder_read(exc, &m->exc_spikes));
    TRY(quell_recorder_read(inh, &m->inh_spikes));
    TRY(read_mean_weight(m));
    printf("%3.0f s, eta %.2f nS: E %6.2f Hz, I %6.2f Hz, mean weight %.4f nS\n",
           quell_network_time(m->net) / second, eta,
           (double)(m->exc_spikes.samples - exc_before) / m->n,
           (double)(m->inh_spikes.samples - inh_before) / (m->n / 4), m->weight);
    fflush(stdout);
  }
  return QUELL_OK;
}

/* Mean coefficient of variation of the intervals, over neurons with at least ten. */
static double irregularity(const quell_recording *spikes, uint32_t n) {
  struct cell {
    double last, n, sum, squares;
  } *cells = calloc(n, sizeof *cells);
  double cv = 0.0, counted = 0.0;
  for (size_t i = 0; cells && i < spikes->samples; i++) {
    struct cell *c = &cells[spikes->ids[i]];
    double stamp = (double)spikes->stamps[i], interval = c->last > 0.0 ? stamp - c->last : 0.0;
    *c = (struct cell){stamp, c->n + (interval > 0.0), c->sum + interval,
                       c->squares + interval * interval};
  }
  for (uint32_t i = 0; cells && i < n; i++) {
    if (cells[i].n < 10.0) continue;
    cv += sqrt(cells[i].squares * cells[i].n / (cells[i].sum * cells[i].sum) - 1.0);
    counted++;
  }
  free(cells);
  return cv / counted;
}

/* Mean correlation of two neurons' spike counts. In short bins the variance of one count is its
 * mean, and so that of the sum of n counts is its mean times 1 + (n - 1) correlation. */
static double correlation(const quell_recording *spikes, uint32_t n, uint64_t start) {
  double count[BINS + 1] = {0}, mean = (double)spikes->samples / BINS, variance = 0.0;
  for (size_t i = 0; i < spikes->samples; i++)
    count[(spikes->stamps[i] - start) / BIN]++;
  for (int b = 0; b < BINS; b++)
    variance += (count[b] - mean) * (count[b] - mean) / (BINS - 1);
  return (variance / mean - 1.0) / (n - 1);
}

static quell_status demonstrate(model *m, int *holds) {
  const double eta = 0.02, alpha = 2.0 * rho0 * tau / second;
  TRY(build(m));
  TRY(run(m, 0.0, 1));
  int runaway = m->exc_spikes.samples > 100 * (size_t)m->n;
  TRY(run(m, 0.2, 15)); /* fast at first, then so slow that learning itself makes no noise */
  TRY(run(m, eta, 5));
  double weight = m->weight;
  uint64_t start = quell_network_clock(m->net);
  TRY(run(m, eta, MEASURED));
  double rate = (double)m->exc_spikes.samples / m->n / MEASURED;
  double arrivals = (double)m->inh_spikes.samples / (m->n / 4); /* per synapse */
  double window = 1.0 + (m->weight - weight) / (eta * alpha * arrivals);
  double cv = irregularity(&m->exc_spikes, m->n);
  double rho = correlation(&m->exc_spikes, m->n, start);
  printf("the last %d s: window sum %.3f alpha; E %.2f Hz, above rho0 = %g Hz as explained in the "
         "source; CV of intervals %.2f; correlation of counts in 50 ms %.4f\n",
         MEASURED, window, rate, rho0, cv, rho);
  *holds = runaway && fabs(window - 1.0) < 0.05 && rate > rho0 && rate < 2.0 * rho0 && cv > 0.8 &&
           cv < 1.2 && fabs(rho) < 0.02;
  return QUELL_OK;
}

int main(int argc, char **argv) {
  model m = {.n = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 8000,
             .exc_spikes = QUELL_RECORDING_INIT,
             .inh_spikes = QUELL_RECORDING_INIT};
  int holds = 0;
  quell_status status = quell_network_create(NULL, &m.net);
  if (!status) status = demonstrate(&m, &holds);
  if (status)
    fprintf(stderr, "%s: %s\n", quell_status_string(status), quell_network_error(m.net));
  else if (!holds)
    fprintf(stderr,
            "it should be: E above 100 Hz at first; then a window sum within 5 %% of alpha, E "
            "in (rho0, 2 rho0), CV in (0.8, 1.2), correlation below 0.02\n");
  quell_network_destroy(&m.net);
  return holds ? EXIT_SUCCESS : EXIT_FAILURE;
}

/*
 * Inhibition that learns to balance excitation: from runaway to asynchronous irregular firing. The
 * network of Vogels, Sprekeler, Zenke, Clopath & Gerstner 2011 (10.1126/science.1211095), with the
 * weights of the authors' script (ModelDB 143751); those of the paper are ten times larger.
 *
 * What the rule holds at its target is the window sum: exp(-|t_post - t_pre| / tau), summed over
 * all post spikes, per pre spike. The mean weight changes by eta (window sum - alpha) per pre
 * spike, alpha = 2 rho0 tau, so its drift tells the window sum. For independent trains that is the
 * rate rho0. Here spikes are rarer after inhibitory ones, and the rate settles above rho0.
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
  uint32_t n; /* excitatory neurons, the program's argument */
  quell_network *net;
  quell_population *exc, *inh;
  quell_projection *plastic;
  quell_rule *rule;
  quell_recorder *exc_recorder, *inh_recorder;
  quell_recording exc_spikes, inh_spikes; /* of the last call of run() */
  double weight;                          /* mean, nS */
} model;

static quell_status build(model *m) {
  const quell_value drive = {"i_offset", 200.0}, learning[] = {{"rho0", rho0}, {"tau", tau}};
  quell_connection sparse = QUELL_CONNECTION_INIT;
  quell_projection *fixed;
  TRY(quell_population_create(m->net, "exc", "lif_cond_exp", m->n, &drive, 1, &m->exc));
  TRY(quell_population_create(m->net, "inh", "lif_cond_exp", m->n / 4, &drive, 1, &m->inh));
  TRY(quell_rule_create(m->net, "vogels2011", learning, 2, &m->rule));
  sparse.kind = QUELL_FIXED_PROBABILITY;
  sparse.p = 0.02 * 8000.0 / m->n; /* a smaller network keeps the number of inputs of a neuron */
  sparse.weight.kind = QUELL_CONSTANT;
  sparse.weight.a = 0.3;
  TRY(quell_connect(m->net, m->exc, m->exc, "excitatory", &sparse, NULL, &fixed));
  TRY(quell_connect(m->net, m->exc, m->inh, "excitatory", &sparse, NULL, &fixed));
  sparse.weight.a = 3.0;
  TRY(quell_connect(m->net, m->inh, m->inh, "inhibitory", &sparse, NULL, &fixed));
  sparse.weight.a = 0.0;
  TRY(quell_connect(m->net, m->inh, m->exc, "inhibitory", &sparse, m->rule, &m->plastic));
  TRY(quell_record_spikes(m->exc, NULL, &m->exc_recorder));
  return quell_record_spikes(m->inh, NULL, &m->inh_recorder);
}

static quell_status read_mean_weight(model *m) {
  uint64_t n = quell_projection_size(m->plastic);
  float *w = malloc(n * sizeof *w);
  quell_status status = w ? quell_projection_get(m->plastic, "weight", 0, n, w) : QUELL_E_MEMORY;
  m->weight = 0.0;
  for (uint64_t i = 0; !status && i < n; i++) m->weight += (double)w[i] / (double)n;
  free(w);
  return status;
}

static quell_status run(model *m, double eta, int seconds) {
  size_t before = 0;
  TRY(quell_recorder_clear(m->exc_recorder));
  TRY(quell_recorder_clear(m->inh_recorder));
  TRY(quell_rule_set(m->rule, &(quell_value){"eta", eta}, 1));
  for (int i = 0; i < seconds; i++) {
    TRY(quell_run(m->net, second));
    TRY(quell_recorder_read(m->exc_recorder, &m->exc_spikes));
    TRY(quell_recorder_read(m->inh_recorder, &m->inh_spikes));
    TRY(read_mean_weight(m));
    printf("%3.0f s, eta %.2f nS: E %6.2f Hz, mean weight from I to E %.4f nS\n",
           quell_network_time(m->net) / second, eta,
           (double)(m->exc_spikes.samples - before) / m->n, m->weight);
    before = m->exc_spikes.samples;
  }
  return QUELL_OK;
}

/* Mean coefficient of variation of the intervals, over neurons with at least ten. */
static double irregularity(const quell_recording *spikes, uint32_t n) {
  double(*cells)[4] = calloc(n, sizeof *cells); /* last stamp; number, sum, squares of intervals */
  double cv = 0.0, counted = 0.0;
  for (size_t i = 0; cells && i < spikes->samples; i++) {
    double *c = cells[spikes->ids[i]], stamp = (double)spikes->stamps[i];
    double gap = c[0] > 0.0 ? stamp - c[0] : 0.0;
    c[0] = stamp, c[1] += gap > 0.0, c[2] += gap, c[3] += gap * gap;
  }
  for (uint32_t i = 0; cells && i < n; i++) {
    const double *c = cells[i];
    cv += c[1] < 10.0 ? 0.0 : sqrt(c[3] * c[1] / (c[2] * c[2]) - 1.0);
    counted += c[1] >= 10.0;
  }
  free(cells);
  return cv / counted;
}

/* Mean correlation of two neurons' spike counts. In short bins the variance of one count is its
 * mean, and so that of the sum of n counts is its mean times 1 + (n - 1) correlation. */
static double correlation(const quell_recording *spikes, uint32_t n) {
  double count[BINS + 1] = {0}, mean = (double)spikes->samples / BINS, variance = 0.0;
  for (size_t i = 0; i < spikes->samples; i++)
    count[(spikes->stamps[i] - spikes->stamps[0]) / BIN]++;
  for (int b = 0; b < BINS; b++) variance += (count[b] - mean) * (count[b] - mean) / (BINS - 1);
  return (variance / mean - 1.0) / (n - 1);
}

static int between(const char *name, double low, double value, double high) {
  int holds = value > low && value < high;
  printf("%s: %.4g, %s between %g and %g\n", name, value, holds ? "is" : "SHOULD BE", low, high);
  return holds;
}

static quell_status demonstrate(model *m, int *holds) {
  const double eta = 0.02, alpha = 2.0 * rho0 * tau / second;
  TRY(build(m));
  TRY(run(m, 0.0, 1));
  *holds = between("E before learning, Hz", 100.0, (double)m->exc_spikes.samples / m->n, 200.0);
  TRY(run(m, 0.2, 15)); /* fast at first, then so slow that learning itself makes no noise */
  TRY(run(m, eta, 5));
  double weight = m->weight;
  TRY(run(m, eta, MEASURED));
  double arrivals = (double)m->inh_spikes.samples / (m->n / 4); /* per synapse */
  double window = 1.0 + (m->weight - weight) / (eta * alpha * arrivals);
  *holds &= between("window sum / alpha", 0.95, window, 1.05) &
            between("E, Hz, somewhat above rho0", rho0,
                    (double)m->exc_spikes.samples / m->n / MEASURED, 2.0 * rho0) &
            between("CV of intervals", 0.8, irregularity(&m->exc_spikes, m->n), 1.2) &
            between("correlation", -0.02, correlation(&m->exc_spikes, m->n), 0.02);
  return QUELL_OK;
}

int main(int argc, char **argv) {
  model m = {.exc_spikes = QUELL_RECORDING_INIT, .inh_spikes = QUELL_RECORDING_INIT};
  int holds = 0;
  m.n = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 8000;
  quell_status status = quell_network_create(NULL, &m.net);
  if (!status) status = demonstrate(&m, &holds);
  if (status) fprintf(stderr, "%s\n", quell_network_error(m.net));
  quell_network_destroy(&m.net);
  return holds ? EXIT_SUCCESS : EXIT_FAILURE;
}

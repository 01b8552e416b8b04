#define _XOPEN_SOURCE 700

#include "bench.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { CHUNK = 1 << 20, FEWEST_INTERVALS = 5 };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void create(model *m, const benchmark *b, const settings *s) {
  char error[500] = "";
  quell_network_options options = QUELL_NETWORK_OPTIONS_INIT;
  options.seed = 1;
  options.threads = s->threads;
  options.isa = s->isa;
  options.error = error;
  options.error_size = sizeof error;
  quell_status status = QUELL_OK;
  if (b->load) status = quell_registry_create(NULL, &options.registry);
  if (b->load && !status) status = b->load(options.registry, s, error, sizeof error);
  if (!status) status = quell_network_create(&options, &m->net);
  quell_registry_destroy(&options.registry);
  if (!status) return;
  fprintf(stderr, "bench: %s\n", error);
  exit(1);
}

/* Rounded to whole steps. */
static void run(const model *m, double seconds) {
  double steps = floor(1000.0 * seconds / quell_network_dt(m->net) + 0.5);
  check(m, quell_run_steps(m->net, (uint64_t)steps));
}

static quell_stats stats_of(const model *m) {
  quell_stats stats = QUELL_STATS_INIT;
  check(m, quell_network_stats(m->net, &stats));
  return stats;
}

/* What happened in between; what is no sum is as it is at the end. */
static quell_stats difference(quell_stats end, const quell_stats *start) {
  end.steps -= start->steps;
  end.spikes -= start->spikes;
  end.synaptic_events -= start->synaptic_events;
  end.plastic_events -= start->plastic_events;
  end.run_s -= start->run_s;
  end.update_s -= start->update_s;
  end.deliver_s -= start->deliver_s;
  end.plasticity_s -= start->plasticity_s;
  end.exchange_s -= start->exchange_s;
  end.record_s -= start->record_s;
  return end;
}

static uint64_t peak_rss(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
#ifdef __APPLE__
  return (uint64_t)usage.ru_maxrss;
#else
  return (uint64_t)usage.ru_maxrss * 1024;
#endif
}

/* FNV-1a over 64-bit words; the shift lets high bits act on low ones. */
static uint64_t hash_word(uint64_t hash, uint64_t word) {
  hash = (hash ^ word) * 0x100000001B3u;
  return hash ^ hash >> 32;
}

static uint64_t hash_spikes(uint64_t hash, const quell_recording *spikes) {
  for (size_t i = 0; i < spikes->samples; i++)
    hash = hash_word(hash_word(hash, spikes->stamps[i]), spikes->ids[i]);
  return hash_word(hash, spikes->samples);
}

static uint64_t hash_weights(uint64_t hash, const model *m, const quell_projection *projection) {
  uint64_t size = quell_projection_size(projection);
  float *weights = must_alloc(CHUNK, sizeof *weights);
  for (uint64_t first = 0; first < size; first += CHUNK) {
    uint64_t n = size - first < CHUNK ? size - first : CHUNK;
    check(m, quell_projection_get(projection, "weight", first, n, weights));
    for (uint64_t i = 0; i < n; i++) {
      uint32_t bits;
      memcpy(&bits, &weights[i], sizeof bits);
      hash = hash_word(hash, bits);
    }
  }
  free(weights);
  return hash_word(hash, size);
}

/* Of the intervals between the spikes of a neuron. */
typedef struct intervals {
  uint64_t last; /* stamp */
  uint32_t spikes;
  double sum, squares;
} intervals;

static double cv_of(const intervals *neuron) {
  double n = neuron->spikes - 1.0, mean = neuron->sum / n;
  return sqrt(fmax(0.0, neuron->squares / n - mean * mean)) / mean;
}

static void add_spike(intervals *neuron, uint64_t stamp) {
  if (neuron->spikes++) {
    double interval = (double)(stamp - neuron->last);
    neuron->sum += interval;
    neuron->squares += interval * interval;
  }
  neuron->last = stamp;
}

/* Mean over the neurons that have intervals enough. */
static double mean_cv(const quell_recording *spikes, uint32_t neurons) {
  intervals *of = must_alloc(neurons, sizeof *of);
  double sum = 0.0, counted = 0.0;
  for (size_t i = 0; i < spikes->samples; i++) add_spike(&of[spikes->ids[i]], spikes->stamps[i]);
  for (uint32_t i = 0; i < neurons; i++) {
    if (of[i].spikes <= FEWEST_INTERVALS) continue;
    sum += cv_of(&of[i]);
    counted += 1.0;
  }
  free(of);
  return counted > 0.0 ? sum / counted : (double)NAN;
}

static void start_recorders(const model *m, quell_recorder **recorder) {
  for (unsigned i = 0; i < m->n_populations; i++)
    check(m, quell_record_spikes(m->population[i], NULL, &recorder[i]));
}

static void read_spikes(const model *m, quell_recorder *const *recorder, result *r) {
  for (unsigned i = 0; i < m->n_populations; i++) {
    const quell_population *population = m->population[i];
    uint32_t size = quell_population_size(population);
    quell_recording spikes = QUELL_RECORDING_INIT;
    check(m, quell_recorder_read(recorder[i], &spikes));
    r->neurons += size;
    r->digest = hash_spikes(r->digest, &spikes);
    if (i == 0) r->cv = mean_cv(&spikes, size);
    snprintf(r->rate[i].population, sizeof r->rate[i].population, "%s",
             quell_population_name(population));
    r->rate[i].hz = r->bio_s > 0.0 ? (double)spikes.samples / size / r->bio_s : (double)NAN;
  }
  r->n_rates = m->n_populations;
}

static void read_projections(const model *m, result *r) {
  for (unsigned i = 0; i < m->n_projections; i++) {
    quell_projection_info info = QUELL_PROJECTION_INFO_INIT;
    check(m, quell_projection_describe(m->projection[i], &info));
    r->synapses += info.size;
    r->digest = hash_weights(r->digest, m, m->projection[i]);
    snprintf(r->size[i].projection, sizeof r->size[i].projection, "%s->%s",
             quell_population_name(info.pre), quell_population_name(info.post));
    r->size[i].bytes_per_synapse = (double)info.bytes / (double)info.size;
  }
  r->n_sizes = m->n_projections;
}

static double seconds_of(const benchmark *b, const settings *s) {
  return b->seconds > 0.0 && s->seconds > 0.0 ? s->seconds : b->seconds;
}

void measure(const benchmark *b, unsigned which, const settings *s, result *r) {
  model m = {.net = NULL};
  quell_recorder *recorder[MOST_POPULATIONS];
  *r = (result){.digest = 0xCBF29CE484222325u};

  create(&m, b, s);
  b->build(&m, s, which);
  run(&m, 0.0); /* the topology is fixed here */
  run(&m, b->warm_up);

  start_recorders(&m, recorder);
  quell_stats start = stats_of(&m);
  double started = now();
  run(&m, seconds_of(b, s));
  r->wall_s = now() - started;
  r->stats = difference(stats_of(&m), &start);
  r->peak_rss_bytes = peak_rss(); /* before this program needs memory for itself */

  r->bio_s = (double)r->stats.steps * quell_network_dt(m.net) / 1000.0;
  r->scale = m.scale;
  read_spikes(&m, recorder, r);
  read_projections(&m, r);
  quell_network_destroy(&m.net);
}

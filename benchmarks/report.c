#include "bench.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static const char columns[] = "%-15s %-22s %7s  %-9s %9s  %s";

static double real_time_factor(const result *r) {
  return r->bio_s > 0.0 ? r->wall_s / r->bio_s : (double)NAN;
}

/* --- the table --- */

void print_heading(void) {
  printf(columns, "name", "case", "threads", "isa", "rtf", "what came out\n");
}

static void print_rates(const result *r) {
  for (unsigned i = 0; i < r->n_rates; i++)
    printf("%s%s %.3g", i ? ", " : "", r->rate[i].population, r->rate[i].hz);
  printf(" Hz");
  if (!isnan(r->cv)) printf("; cv %.2f", r->cv);
}

/* Of synapses that learn. */
static void print_learning(const result *r) {
  printf("; %.3g ns per plastic event, %.3g bytes per synapse",
         1e9 * r->stats.plasticity_s / (double)r->stats.plastic_events,
         r->size[0].bytes_per_synapse);
}

static void print_figure(const benchmark *b, const result *r) {
  printf("%.3g %s", b->figure->of(r), b->figure->unit);
  for (unsigned i = 0; i < r->n_sizes; i++)
    printf(", %.3g bytes per synapse", r->size[i].bytes_per_synapse);
}

void print_row(const benchmark *b, unsigned which, const result *r) {
  char label[40], threads[16], rtf[16] = "-";
  snprintf(label, sizeof label, "%s", b->cases[which]);
  if (r->scale > 0.0) snprintf(label, sizeof label, "%s, scale %g", b->cases[which], r->scale);
  snprintf(threads, sizeof threads, "%" PRIu32, r->stats.threads);
  if (r->bio_s > 0.0) snprintf(rtf, sizeof rtf, "%.4f", real_time_factor(r));
  printf(columns, b->name, label, threads, quell_isa_name(r->stats.isa), rtf, "");
  if (b->figure)
    print_figure(b, r);
  else
    print_rates(r);
  if (!b->figure && b->compared) print_learning(r);
  if (r->ratio > 0.0)
    printf(", %.3f times %s, its learning %.3f times", r->ratio, b->cases[0], r->learning_ratio);
  printf("\n");
  fflush(stdout);
}

/* --- JSON: names and units of this program's own, so that no string needs an escape --- */

/* JSON has neither NaN nor infinity. */
static void write_value(FILE *file, double value) {
  if (isfinite(value))
    fprintf(file, "%.9g", value);
  else
    fprintf(file, "null");
}

static void write_number(FILE *file, const char *key, double value) {
  fprintf(file, ", \"%s\": ", key);
  write_value(file, value);
}

static void write_count(FILE *file, const char *key, uint64_t value) {
  fprintf(file, ", \"%s\": %" PRIu64, key, value);
}

static void write_rates(FILE *file, const result *r) {
  fprintf(file, ", \"rates_hz\": {");
  for (unsigned i = 0; i < r->n_rates; i++) {
    fprintf(file, "%s\"%s\": ", i ? ", " : "", r->rate[i].population);
    write_value(file, r->rate[i].hz);
  }
  fprintf(file, "}");
}

static void write_sizes(FILE *file, const result *r) {
  fprintf(file, ", \"bytes_per_synapse\": {");
  for (unsigned i = 0; i < r->n_sizes; i++)
    fprintf(file, "%s\"%s\": %.4g", i ? ", " : "", r->size[i].projection,
            r->size[i].bytes_per_synapse);
  fprintf(file, "}");
}

static void write_phases(FILE *file, const quell_stats *stats) {
  fprintf(file,
          ", \"phases\": {\"update\": %.6g, \"deliver\": %.6g, \"plasticity\": %.6g, "
          "\"exchange\": %.6g, \"record\": %.6g}",
          stats->update_s, stats->deliver_s, stats->plasticity_s, stats->exchange_s,
          stats->record_s);
}

void write_json(FILE *file, const benchmark *b, unsigned which, const result *r) {
  const quell_stats *stats = &r->stats;
  fprintf(file, "{\"name\": \"%s\", \"case\": \"%s\"", b->name, b->cases[which]);
  if (r->scale > 0.0) write_number(file, "scale", r->scale);
  if (r->ratio > 0.0) write_number(file, "ratio", r->ratio);
  if (r->ratio > 0.0) write_number(file, "learning_ratio", r->learning_ratio);
  write_count(file, "threads", stats->threads);
  fprintf(file, ", \"isa\": \"%s\"", quell_isa_name(stats->isa));
  write_number(file, "bio_s", r->bio_s);
  write_number(file, "wall_s", r->wall_s);
  write_number(file, "rtf", real_time_factor(r));
  if (b->figure) {
    fprintf(file, ", \"figure\": {\"unit\": \"%s\"", b->figure->unit);
    write_number(file, "value", b->figure->of(r));
    fprintf(file, "}");
  }
  write_number(file, "build_s", stats->build_s);
  write_count(file, "neurons", r->neurons);
  write_count(file, "synapses", r->synapses);
  write_rates(file, r);
  if (!isnan(r->cv)) write_number(file, "cv", r->cv);
  write_count(file, "synaptic_events", stats->synaptic_events);
  write_count(file, "plastic_events", stats->plastic_events);
  write_number(file, "ns_per_event", 1e9 * r->wall_s / (double)stats->synaptic_events);
  write_sizes(file, r);
  write_count(file, "peak_rss_bytes", r->peak_rss_bytes);
  write_phases(file, stats);
  fprintf(file, ", \"version\": \"%s\", \"digest\": \"%016" PRIx64 "\"}", quell_version(),
          r->digest);
}

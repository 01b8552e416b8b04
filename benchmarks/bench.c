#define _XOPEN_SOURCE 700

#include "bench.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const benchmark *const benchmarks[] = {&coba4k,          &vogels2011,   &stdp10k,
                                              &reward10k,       &microcircuit, &update,
                                              &delivery,        &plasticity,   &building,
#ifdef QUELL_BENCH_PLUGINS
                                              &plugin_overhead, &rules
#endif
};

static const char usage[] =
    "usage: bench [NAME…] [OPTION…]\n"
    "\n"
    "Times networks and parts of the library, each in a process of its own. A NAME is one of\n"
    "--list, one of its cases (coba4k/0.8ms), or micro: all parts. Without names, everything runs\n"
    "but rules and the full-scale microcircuit, which needs 2.5 GB of memory.\n"
    "\n"
    "  --threads N    threads of the library (default 1)\n"
    "  --isa NAME     instruction set: baseline, avx2 or avx512 (default the best)\n"
    "  --seconds S    biological seconds that are measured (default: each network's own)\n"
    "  --scale S      size of the microcircuit, above 0 and at most 1 (default 1)\n"
    "  --repeat R     builds and runs R times, checks that the results are the same, and reports\n"
    "                 the median of a network (default 1) or of cases that are compared by\n"
    "                 turns (default 5), the fastest of a part (default 3)\n"
    "  --json FILE    writes the results as an array of objects\n"
    "  --list         names, cases and what they are\n"
    "\n"
    "rtf is wall seconds per biological second, without building and warm-up.\n";

enum { MOST_REPEATS = 100, MOST_THREADS = 256, MOST_COMPARED = 6 };

typedef struct arguments {
  settings settings;
  const char *json;
  char **names; /* what is no option, moved to the front of argv */
  int n_names;
} arguments;

/* Ends the program because of what it was asked. */
#define REFUSE(...)                                                                                \
  (fputs("bench: ", stderr), fprintf(stderr, __VA_ARGS__), fputs("\n", stderr), exit(2))

/* --- which --- */

static void list(void) {
  for (size_t i = 0; i < COUNT(benchmarks); i++) {
    const benchmark *b = benchmarks[i];
    printf("%-15s %s\n", b->name, b->summary);
    for (unsigned which = 0; b->cases[which]; which++)
      printf("  %s/%s%s\n", b->name, b->cases[which],
             which < b->by_name ? "" : " (only by this name)");
  }
}

static int is_called(const benchmark *b, unsigned which, const char *name) {
  size_t length = strlen(b->name);
  if (!strcmp(name, b->name) || (b->figure && !b->by_request && !strcmp(name, "micro")))
    return which < b->by_name;
  return !strncmp(name, b->name, length) && name[length] == '/' &&
         !strcmp(name + length + 1, b->cases[which]);
}

static int is_wanted(const benchmark *b, unsigned which, const arguments *a) {
  if (!a->n_names)
    return which < b->by_name && !b->by_request && !(b->large && a->settings.scale == 1.0);
  for (int i = 0; i < a->n_names; i++)
    if (is_called(b, which, a->names[i])) return 1;
  return 0;
}

static void check_name(const char *name) {
  for (size_t i = 0; i < COUNT(benchmarks); i++)
    for (unsigned which = 0; benchmarks[i]->cases[which]; which++)
      if (is_called(benchmarks[i], which, name)) return;
  REFUSE("there is no benchmark '%s'; --list shows what there is", name);
}

/* --- arguments --- */

static double number(const char *option, const char *text, double least, double most) {
  char *end;
  double value = strtod(text, &end);
  if (end == text || *end || !(value >= least && value <= most))
    REFUSE("%s must be a number from %g to %g, got '%s'", option, least, most, text);
  return value;
}

static uint32_t whole(const char *option, const char *text, uint32_t most) {
  double value = number(option, text, 1.0, most);
  if (value != (uint32_t)value) REFUSE("%s must be a whole number, got '%s'", option, text);
  return (uint32_t)value;
}

static int32_t isa_called(const char *name) {
  for (int32_t isa = QUELL_ISA_BASELINE; isa <= QUELL_ISA_AVX512; isa++) {
    if (strcmp(name, quell_isa_name(isa))) continue;
    if (!quell_isa_available(isa)) REFUSE("--isa %s is not available on this machine", name);
    return isa;
  }
  REFUSE("--isa must be baseline, avx2 or avx512, got '%s'", name);
}

static void set_option(arguments *a, const char *option, const char *value) {
  if (!strcmp(option, "--threads"))
    a->settings.threads = whole(option, value, MOST_THREADS);
  else if (!strcmp(option, "--isa"))
    a->settings.isa = isa_called(value);
  else if (!strcmp(option, "--seconds"))
    a->settings.seconds = number(option, value, 0.0001, 1e6);
  else if (!strcmp(option, "--scale"))
    a->settings.scale = number(option, value, 0.001, 1.0);
  else if (!strcmp(option, "--repeat"))
    a->settings.repeats = whole(option, value, MOST_REPEATS);
  else
    a->json = value;
}

static int takes_value(const char *option) {
  static const char *const options[] = {"--threads", "--isa",    "--seconds",
                                        "--scale",   "--repeat", "--json"};
  for (size_t i = 0; i < COUNT(options); i++)
    if (!strcmp(option, options[i])) return 1;
  return 0;
}

static arguments parse(int argc, char **argv) {
  arguments a = {.settings = {.threads = 1, .scale = 1.0}, .names = argv};
  for (int i = 1; i < argc; i++) {
    if (argv[i][0] != '-') {
      check_name(argv[i]);
      a.names[a.n_names++] = argv[i];
    } else if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) {
      fputs(usage, stdout);
      exit(0);
    } else if (!strcmp(argv[i], "--list")) {
      list();
      exit(0);
    } else if (!takes_value(argv[i])) {
      REFUSE("there is no option '%s'; --help shows the options", argv[i]);
    } else if (i + 1 == argc) {
      REFUSE("%s needs a value", argv[i]);
    } else {
      set_option(&a, argv[i], argv[i + 1]);
      i++;
    }
  }
  return a;
}

/* --- runs --- */

static _Noreturn void child(const benchmark *b, unsigned which, const settings *s, int pipe_end) {
  result r;
  measure(b, which, s, &r);
  FILE *out = fdopen(pipe_end, "wb");
  exit(!out || fwrite(&r, sizeof r, 1, out) != 1 || fclose(out) ? 1 : 0);
}

/* In a process of its own, so that no benchmark finds the memory, and the peak of it, that another
 * has left behind. Returns 0 if it failed. */
static int run_apart(const benchmark *b, unsigned which, const settings *s, result *r) {
  int ends[2], status = 0;
  pid_t process = -1;
  fflush(NULL); /* or the child prints it once more */
  if (pipe(ends) || (process = fork()) < 0) {
    perror("bench");
    exit(1);
  }
  if (process == 0) child(b, which, s, ends[1]);
  close(ends[1]);
  FILE *in = fdopen(ends[0], "rb");
  int complete = in && fread(r, sizeof *r, 1, in) == 1;
  if (in) fclose(in);
  waitpid(process, &status, 0);
  if (complete && status == 0) return 1;
  fprintf(stderr, "bench: %s/%s failed\n", b->name, b->cases[which]);
  return 0;
}

/* What a run is judged by. */
static double time_of(const benchmark *b, const result *r) {
  return b->seconds > 0.0 ? r->wall_s : r->stats.build_s;
}

/* Puts a run where it belongs, the fastest first. */
static void insert(const benchmark *b, result *runs, unsigned n, const result *r) {
  unsigned i = n;
  for (; i && time_of(b, &runs[i - 1]) > time_of(b, r); i--) runs[i] = runs[i - 1];
  runs[i] = *r;
}

static int are_same(const benchmark *b, unsigned which, const result *one, const result *other) {
  if (one->digest == other->digest) return 1;
  fprintf(stderr, "bench: %s/%s: two runs differ: digests %016" PRIx64 " and %016" PRIx64 "\n",
          b->name, b->cases[which], one->digest, other->digest);
  return 0;
}

/* Runs a case as often as asked for, and chooses the run to report: the fastest of a part, the
 * median of a network, or the slower one of two in the middle. Returns 0 if a run failed, or
 * differed from the others. */
static int run_case(const benchmark *b, unsigned which, const settings *s, result *chosen) {
  static result runs[MOST_REPEATS];
  unsigned repeats = s->repeats ? s->repeats : b->figure ? 3 : 1;
  for (unsigned n = 0; n < repeats; n++) {
    result r;
    if (!run_apart(b, which, s, &r)) return 0;
    if (n && !are_same(b, which, &runs[0], &r)) return 0;
    insert(b, runs, n, &r);
  }
  *chosen = runs[b->figure ? 0 : repeats / 2];
  return 1;
}

static FILE *open_json(const char *path) {
  FILE *file = path ? fopen(path, "w") : NULL;
  if (path && !file) REFUSE("'%s' cannot be written", path);
  if (file) fprintf(file, "[");
  return file;
}

static int close_json(FILE *file, const char *path) {
  if (!file) return 1;
  fprintf(file, "\n]\n");
  int failed = ferror(file);
  if (!fclose(file) && !failed) return 1;
  fprintf(stderr, "bench: '%s' could not be written\n", path);
  return 0;
}

static void tell(const benchmark *b, unsigned which, const result *r, FILE *json) {
  static const char *separator = "\n";
  print_row(b, which, r);
  if (!json) return;
  fputs(separator, json);
  write_json(json, b, which, r);
  separator = ",\n";
}

static int report_case(const benchmark *b, unsigned which, const settings *s, FILE *json) {
  result r;
  if (!run_case(b, which, s, &r)) return 0;
  tell(b, which, &r, json);
  return 1;
}

static int compare_numbers(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* How often and in what order the cases of a comparison have been run. */
typedef struct turns {
  unsigned n_cases;
  result runs[MOST_COMPARED][MOST_REPEATS]; /* the fastest first */
  double ratio[MOST_COMPARED][MOST_REPEATS], learning[MOST_COMPARED][MOST_REPEATS];
} turns;

/* Turn number n: each case once, every other turn from the last to the first. Returns 0 if one
 * failed, or came to another result. */
static int take_turn(const benchmark *b, const settings *s, turns *t, unsigned n) {
  result r[MOST_COMPARED];
  for (unsigned i = 0; i < t->n_cases; i++) {
    unsigned which = n % 2 ? t->n_cases - 1 - i : i;
    if (!run_apart(b, which, s, &r[which])) return 0;
  }
  for (unsigned i = 0; i < t->n_cases; i++) {
    if (!are_same(b, i, n ? &t->runs[0][0] : &r[0], &r[i])) return 0;
    insert(b, t->runs[i], n, &r[i]);
    t->ratio[i][n] = time_of(b, &r[i]) / time_of(b, &r[0]);
    t->learning[i][n] = r[i].stats.plasticity_s / r[0].stats.plasticity_s;
  }
  return 1;
}

static double median(double *values, unsigned n) {
  qsort(values, n, sizeof *values, compare_numbers);
  return values[n / 2];
}

/* Runs all cases by turns, and reports the median of each and those of the ratios of the turns:
 * what else the machine does meets all. They must come to the same result. */
static int report_turns(const benchmark *b, const settings *s, FILE *json) {
  static turns t;
  unsigned repeats = s->repeats ? s->repeats : 5;
  for (t.n_cases = 0; b->cases[t.n_cases];) t.n_cases++;
  for (unsigned n = 0; n < repeats; n++)
    if (!take_turn(b, s, &t, n)) return 0;
  for (unsigned i = 0; i < t.n_cases; i++) {
    result *chosen = &t.runs[i][repeats / 2];
    if (i) chosen->ratio = median(t.ratio[i], repeats);
    if (i) chosen->learning_ratio = median(t.learning[i], repeats);
    tell(b, i, chosen, json);
  }
  return 1;
}

static int all_wanted(const benchmark *b, const arguments *a) {
  for (unsigned which = 0; b->cases[which]; which++)
    if (!is_wanted(b, which, a)) return 0;
  return 1;
}

/* For one instruction set, or for each: a case, or with `by_turns` all of them. */
static int report_isas(const benchmark *b, unsigned which, int by_turns, const settings *s,
                       FILE *json) {
  int good = 1, each = b->each_isa && s->isa == QUELL_ISA_BEST;
  for (int32_t isa = QUELL_ISA_BASELINE; isa <= QUELL_ISA_AVX512; isa++) {
    settings one = *s;
    if (each) one.isa = isa;
    if (each && !quell_isa_available(isa)) continue;
    good &= by_turns ? report_turns(b, &one, json) : report_case(b, which, &one, json);
    if (!each) break;
  }
  return good;
}

int main(int argc, char **argv) {
  name_rules();
  arguments a = parse(argc, argv);
  FILE *json = open_json(a.json);
  int good = 1;
  print_heading();
  for (size_t i = 0; i < COUNT(benchmarks); i++) {
    const benchmark *b = benchmarks[i];
    for (unsigned which = 0; b->cases[which]; which++) {
      if (!is_wanted(b, which, &a)) continue;
      int by_turns = b->compared && all_wanted(b, &a);
      good &= report_isas(b, which, by_turns, &a.settings, json);
      if (by_turns) break; /* it has told of all */
    }
  }
  good &= close_json(json, a.json);
  return good ? 0 : 1;
}

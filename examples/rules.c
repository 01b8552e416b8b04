/*
 * Lists the learning rules that the library has: what each does and where it is from, what it acts
 * at, its parameters with unit, default, range and whether a modulator may have them, the variables
 * of a synapse, its third factors and eligibilities, and its presets.
 * `rules NAME…` lists only these.
 */
#include <math.h>
#include <quell/quell.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const events[] = {"",       "pre",  "post",    "late", "interval",
                                     "reduce", "read", "release", "pulse"};
static const char *const kinds[] = {"", "learns at spikes", "acts at an interval",
                                    "short-term plasticity"};
static const char *const ties[] = {"pre first", "exclusive", "post first"};

/* The names of the bits that are set, behind a title; nothing if there are none. */
static void print_bits(const char *title, uint32_t bits, const char *const *names, uint32_t n) {
  const char *between = title;
  for (uint32_t i = 0; i < n; i++) {
    if (!(bits >> i & 1)) continue;
    printf("%s%s", between, names[i]);
    between = ", ";
  }
}

static void print_range(const quell_variable *v) {
  const char *least = v->flags & QUELL_MIN_OPEN ? ">" : ">=";
  if (isfinite(v->min)) printf(", %s %g", least, v->min);
  if (isfinite(v->max)) printf(", <= %g", v->max);
  if (v->flags & QUELL_INTEGER) printf(", whole");
  if (v->flags & QUELL_BINDABLE) printf(", bindable");
}

static void print_variable(const quell_variable *v) {
  printf("    %-12s %s (%g%s%s", v->name, v->doc, v->value, strcmp(v->unit, "1") ? " " : "",
         strcmp(v->unit, "1") ? v->unit : "");
  print_range(v);
  printf(")\n");
}

static void print_trace(const quell_trace_info *trace) {
  static const char *const what[] = {"", "all spikes", "the nearest spike", "time since the last"};
  printf("    %-12s %s, %s%s%s\n", trace->name, events[trace->side], what[trace->kind],
         trace->tau ? ", decays with " : "", trace->tau ? trace->tau : "");
}

static void print_eligibility(const quell_eligibility_info *e) {
  printf("    %-12s %s, decays with %s%s%s\n", e->name, e->doc, e->tau,
         e->factor ? ", acts with " : "", e->factor ? e->factor : "");
}

static void print_preset(const quell_preset_info *preset) {
  printf("    %-12s %s (", preset->name, preset->doc);
  for (size_t i = 0; i < preset->n; i++)
    printf("%s%s = %g", i ? ", " : "", preset->values[i].name, preset->values[i].value);
  printf(")\n");
}

static void print_tables(const quell_rule_desc *rule) {
  quell_variable v = QUELL_VARIABLE_INIT;
  quell_trace_info trace = QUELL_TRACE_INFO_INIT;
  quell_factor_info factor = QUELL_FACTOR_INFO_INIT;
  quell_eligibility_info e = QUELL_ELIGIBILITY_INFO_INIT;
  quell_preset_info preset = QUELL_PRESET_INFO_INIT;
  printf("  parameters:\n");
  for (size_t i = 0; quell_rule_parameter(rule, i, &v) == QUELL_OK; i++) print_variable(&v);
  for (size_t i = 0; quell_rule_variable(rule, i, &v) == QUELL_OK; i++) {
    if (!i) printf("  variables of a synapse:\n");
    print_variable(&v);
  }
  for (size_t i = 0; quell_rule_trace(rule, i, &trace) == QUELL_OK; i++) {
    if (!i) printf("  traces:\n");
    print_trace(&trace);
  }
  for (size_t i = 0; quell_rule_factor(rule, i, &factor) == QUELL_OK; i++) {
    if (!i) printf("  third factors:\n");
    printf("    %-12s %s\n", factor.name, factor.doc);
  }
  for (size_t i = 0; quell_rule_eligibility_info(rule, i, &e) == QUELL_OK; i++) {
    if (!i) printf("  eligibilities of a synapse:\n");
    print_eligibility(&e);
  }
  for (size_t i = 0; quell_rule_preset(rule, i, &preset) == QUELL_OK; i++) {
    if (!i) printf("  presets:\n");
    print_preset(&preset);
  }
}

static quell_status print_rule(const quell_rule_desc *rule) {
  quell_rule_info info = QUELL_RULE_INFO_INIT;
  quell_status status = quell_rule_describe(rule, &info);
  if (status) return status;
  printf("%s: %s\n  %s\n", info.name, info.summary, info.source);
  printf("  %s", kinds[info.kind]);
  print_bits(": ", info.events, events, sizeof events / sizeof *events);
  print_bits("; ties: ", info.ties, ties, sizeof ties / sizeof *ties);
  if (info.flags & QUELL_TRANSMIT_FIRST) printf("; delivers the old weight");
  if (info.flags & QUELL_NEEDS_RATES) printf("; for rate units");
  printf("\n  %u bytes a synapse, %u a row, %u a post neuron\n", info.synapse_bytes, info.row_bytes,
         info.neuron_bytes);
  print_tables(rule);
  printf("\n");
  return QUELL_OK;
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    const quell_rule_desc *rule = quell_registry_find(NULL, argv[i]); /* NULL: the built-in rules */
    if (!rule || print_rule(rule)) {
      fprintf(stderr, "there is no rule '%s'\n", argv[i]);
      return EXIT_FAILURE;
    }
  }
  for (size_t i = 0; argc == 1 && i < quell_registry_count(NULL); i++)
    if (print_rule(quell_registry_rule(NULL, i))) return EXIT_FAILURE;
  return EXIT_SUCCESS;
}

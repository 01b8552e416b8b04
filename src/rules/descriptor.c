#include "rules/descriptor.h"

#include "base/message.h"
#include <stdalign.h>
#include <stdio.h>
#include <string.h>

/* Bytes of a struct and length of a table, beyond which a number is no size. */
enum { LARGEST = 4096, LONGEST = 1024, ALIGNMENT = 16 };

/* A table of the descriptor, and its structs. */
typedef struct kind {
  const char *what;
  size_t at; /* where the quell_table lies in the descriptor */
  size_t first, size, align;
} kind;
#define KIND(table, what, type, last)                                                              \
  { what, offsetof(quell_rule_desc, table), QL_END(type, last), sizeof(type), alignof(type) }

/* `last` is the last member that the struct had when it was released. */
static const kind kinds[] = {
    KIND(params, "parameters", quell_param_desc, reserved),
    KIND(vars, "variables", quell_var_desc, value),
    KIND(traces, "traces", quell_trace_desc, reserved),
    KIND(events, "events", quell_event_desc, call),
    KIND(post_vars, "post variables", quell_post_var_desc, reserved),
    KIND(states, "states", quell_state_desc, doc),
    KIND(signals, "signals", quell_signal_desc, state),
    KIND(integrals, "integrals", quell_integral_desc, reserved),
    KIND(observed, "observed populations", quell_observed_desc, reserved),
    KIND(row_vars, "row variables", quell_row_var_desc, value),
    KIND(presets, "presets", quell_preset_desc, values),
    KIND(factors, "factors", quell_factor_desc, doc),
    KIND(eligibilities, "eligibilities", quell_eligibility_desc, factor),
};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

/* A member that is new may be a table: it is then to be named above. */
_Static_assert(sizeof(quell_rule_desc) == QL_END(quell_rule_desc, eligibilities), "a new member");

/* --- one struct --- */

quell_status ql_grown_in(void *known, size_t size, size_t first, const void *given,
                         size_t given_size, const char *name, char *message, size_t message_size) {
  if (given_size < first || given_size > LARGEST) {
    ql_message(message, message_size, "%s has %zu bytes, this library knows %zu to %zu", name,
               given_size, first, size);
    return QUELL_E_UNSUPPORTED;
  }
  for (size_t i = size; i < given_size; i++) {
    if (!((const unsigned char *)given)[i]) continue;
    ql_message(message, message_size,
               "%s has a member at byte %zu that this library, with %zu bytes, does not know", name,
               i, size);
    return QUELL_E_UNSUPPORTED;
  }
  memset(known, 0, size);
  memcpy(known, given, given_size < size ? given_size : size);
  return QUELL_OK;
}

quell_status ql_abi_check(const char *what, uint32_t major, uint32_t minor, char *message,
                          size_t message_size) {
  if (major == QUELL_RULE_ABI_MAJOR && minor <= QUELL_RULE_ABI_MINOR) return QUELL_OK;
  ql_message(message, message_size, "%s built for rule ABI %u.%u, this library has %d.%d", what,
             major, minor, QUELL_RULE_ABI_MAJOR, QUELL_RULE_ABI_MINOR);
  return QUELL_E_UNSUPPORTED;
}

/* Version and sizes lie at the same place in the descriptor of every version. */
static quell_status copy_head(quell_rule_desc *known, const quell_rule_desc *given, char *message,
                              size_t message_size) {
  quell_status status =
      ql_abi_check("rule: it was", given->abi_major, given->abi_minor, message, message_size);
  if (!status)
    status = ql_grown_in(known, sizeof *known, QL_END(quell_rule_desc, prepare), given,
                         given->struct_size, "rule: the descriptor", message, message_size);
  known->struct_size = sizeof *known;
  return status;
}

/* --- tables --- */

static const char *name_of(const quell_rule_desc *rule) {
  return rule->name ? rule->name : "";
}

static quell_table *table_of(quell_rule_desc *rule, const kind *k) {
  return (quell_table *)(void *)((char *)rule + k->at);
}

static quell_status check_length(const quell_rule_desc *rule, const quell_table *table,
                                 const char *what, char *message, size_t message_size) {
  if (!table->count || (table->at && table->count <= LONGEST)) return QUELL_OK;
  if (!table->at)
    ql_message(message, message_size, "rule '%s': the table of %s is NULL", name_of(rule), what);
  else
    ql_message(message, message_size, "rule '%s': at most %u %s, got %u", name_of(rule), LONGEST,
               what, table->count);
  return QUELL_E_RANGE;
}

/* The structs must lie as the compiler would have put them. */
static quell_status check_stride(const quell_rule_desc *rule, const quell_table *table,
                                 const kind *k, char *message, size_t message_size) {
  if (!table->count ||
      (table->stride >= k->first && table->stride <= LARGEST && table->stride % k->align == 0))
    return QUELL_OK;
  ql_message(message, message_size,
             "rule '%s': the structs in the table of %s have %u bytes, this library knows %zu to "
             "%zu",
             name_of(rule), k->what, table->stride, k->first, k->size);
  return QUELL_E_UNSUPPORTED;
}

static size_t rounded(size_t bytes) {
  return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* Adds what the values of a preset need to *bytes. They never grow. */
static quell_status check_presets(const quell_rule_desc *rule, size_t *bytes, char *message,
                                  size_t message_size) {
  const quell_table *presets = &rule->presets;
  for (uint32_t i = 0; i < presets->count; i++) {
    const quell_preset_desc *preset =
        (const void *)((const char *)presets->at + (size_t)i * presets->stride);
    const quell_table *values = &preset->values;
    quell_status status = check_length(rule, values, "values of a preset", message, message_size);
    if (status) return status;
    if (values->count && values->stride != sizeof(quell_value)) {
      ql_message(message, message_size, "rule '%s': preset %u: its values have %u bytes, not %zu",
                 name_of(rule), i, values->stride, sizeof(quell_value));
      return QUELL_E_UNSUPPORTED;
    }
    *bytes += rounded(values->count * sizeof(quell_value));
  }
  return QUELL_OK;
}

/* Adds what the copies of all tables need to *bytes. */
static quell_status check_tables(quell_rule_desc *rule, size_t *bytes, char *message,
                                 size_t message_size) {
  for (size_t i = 0; i < N_KINDS; i++) {
    const quell_table *table = table_of(rule, &kinds[i]);
    quell_status status = check_length(rule, table, kinds[i].what, message, message_size);
    if (!status) status = check_stride(rule, table, &kinds[i], message, message_size);
    if (status) return status;
    *bytes += rounded(table->count * kinds[i].size);
  }
  return check_presets(rule, bytes, message, message_size);
}

static quell_status copy_table(const quell_rule_desc *rule, const kind *k, quell_table *table,
                               char **place, char *message, size_t message_size) {
  char name[200];
  const char *given = table->at;
  uint32_t stride = table->stride;
  snprintf(name, sizeof name, "rule '%.80s': a struct in the table of %s", name_of(rule), k->what);
  for (uint32_t i = 0; i < table->count; i++) {
    quell_status status =
        ql_grown_in(*place + i * k->size, k->size, k->first, given + (size_t)i * stride, stride,
                    name, message, message_size);
    if (status) return status;
  }
  *table = (quell_table){table->count ? *place : NULL, table->count, (uint32_t)k->size};
  *place += rounded(table->count * k->size);
  return QUELL_OK;
}

static void copy_values(quell_preset_desc *preset, char **place) {
  size_t bytes = preset->values.count * sizeof(quell_value);
  if (!bytes) return;
  memcpy(*place, preset->values.at, bytes);
  preset->values.at = *place;
  *place += rounded(bytes);
}

/* The tables of `rule` move to `place`. */
static quell_status copy_tables(quell_rule_desc *rule, char *place, char *message,
                                size_t message_size) {
  for (size_t i = 0; i < N_KINDS; i++) {
    quell_status status =
        copy_table(rule, &kinds[i], table_of(rule, &kinds[i]), &place, message, message_size);
    if (status) return status;
  }
  quell_preset_desc *presets = (quell_preset_desc *)rule->presets.at;
  for (uint32_t i = 0; i < rule->presets.count; i++) copy_values(&presets[i], &place);
  return QUELL_OK;
}

quell_status ql_descriptor_copy(ql_memory *memory, const quell_rule_desc *given,
                                quell_rule_desc **copy, char *message, size_t message_size) {
  quell_rule_desc known;
  size_t bytes = rounded(sizeof known);
  quell_status status = copy_head(&known, given, message, message_size);
  if (!status) status = check_tables(&known, &bytes, message, message_size);
  if (status) return status;
  quell_rule_desc *made = ql_alloc(memory, 1, bytes);
  if (!made) {
    ql_message(message, message_size, "rule '%s': out of memory", name_of(&known));
    return QUELL_E_MEMORY;
  }
  *made = known;
  status = copy_tables(made, (char *)made + rounded(sizeof known), message, message_size);
  if (status)
    ql_free(memory, made);
  else
    *copy = made;
  return status;
}

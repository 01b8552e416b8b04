/* What the plugins of the tests have in common: a rule that adds "gain" to the weight at each pre
 * event, and whose `prepare` refuses 13. */
#ifndef TEST_PLUGINS_KIT_H
#define TEST_PLUGINS_KIT_H

#include <quell/plugin.h>

static const quell_param_desc params[] = {
    {"gain", "w", "added at each pre event", 0.25, 0.0, 100.0, 0, 0},
    QUELL_STANDARD_PARAMS(100.0),
};

static quell_status prepare(const quell_rule_args *args, void *instance) {
  static const char sentence[] = "kit: 'gain' is unlucky";
  *(float *)instance = (float)args->value[0];
  if (args->value[0] != 13.0) return QUELL_OK;
  for (size_t i = 0; i < sizeof sentence && i < args->message_size; i++)
    args->message[i] = sentence[i];
  return QUELL_E_RANGE;
}

#ifndef GAIN
#define GAIN *(const float *)block->instance
#endif

static void on_pre(const quell_block *block) {
  for (uint32_t i = 0; i < block->n; i++) block->w[i] += GAIN;
}

static const quell_event_desc events[] = {{.kind = QUELL_PRE, .call = on_pre}};

/* A descriptor; more members may follow the name. */
#define RULE(...)                                                                                  \
  {                                                                                                \
    .struct_size = sizeof(quell_rule_desc), .abi_major = QUELL_RULE_ABI_MAJOR,                     \
    .summary = "for tests", .source = "tests", .params = QUELL_TABLE(params),                      \
    .events = QUELL_TABLE(events), .instance_size = sizeof(float), .prepare = prepare,             \
    .name = __VA_ARGS__                                                                            \
  }

/* The entry of a library with the rules of an array of pointers. */
#define PLUGIN(plugin_name, rules_)                                                                \
  static const quell_plugin plugin = {.struct_size = sizeof(quell_plugin),                         \
                                      .abi_major = QUELL_RULE_ABI_MAJOR,                           \
                                      .abi_minor = QUELL_RULE_ABI_MINOR,                           \
                                      .name = plugin_name,                                         \
                                      .version = "1.0",                                            \
                                      .summary = "for tests",                                      \
                                      .rules = QUELL_TABLE(rules_)};                               \
  const quell_plugin *quell_plugin_entry(uint32_t host_major, uint32_t host_minor) {               \
    return host_major == 1 && host_minor >= 1 ? &plugin : NULL;                                    \
  }

#endif

/* Compiled with a header in which both structs have grown; NEWS is what the new members are. */
#include "kit.h"

typedef struct larger_rule {
  quell_rule_desc known;
  uint64_t news[4];
} larger_rule;

typedef struct larger_plugin {
  quell_plugin known;
  const char *news;
} larger_plugin;

static const larger_rule rule = {
    .known =
        {
            .struct_size = sizeof rule,
            .abi_major = QUELL_RULE_ABI_MAJOR,
            .abi_minor = QUELL_RULE_ABI_MINOR,
            .name = "larger",
            .summary = "for tests",
            .source = "tests",
            .params = QUELL_TABLE(params),
            .events = QUELL_TABLE(events),
            .instance_size = sizeof(float),
            .prepare = prepare,
        },
    .news = {0, RULE_NEWS},
};
static const quell_rule_desc *const rules[] = {&rule.known};

static const larger_plugin plugin = {
    .known =
        {
            .struct_size = sizeof plugin,
            .abi_major = QUELL_RULE_ABI_MAJOR,
            .abi_minor = QUELL_RULE_ABI_MINOR,
            .name = "larger",
            .version = "1.0",
            .summary = "for tests",
            .rules = QUELL_TABLE(rules),
        },
    .news = PLUGIN_NEWS,
};

const quell_plugin *quell_plugin_entry(uint32_t host_major, uint32_t host_minor) {
  (void)host_major;
  (void)host_minor;
  return &plugin.known;
}

/* The built-in rule vogels2011, from the very same source, as a plugin. */
#include "../src/rules/inhibitory/vogels2011.c"

static quell_rule_desc renamed; /* its own name is taken */
static const quell_rule_desc *const rules[] = {&renamed};

static const quell_plugin plugin = {
    .struct_size = sizeof(quell_plugin),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "plugin_vogels2011",
    .version = "1.0",
    .summary = "for the benchmark plugin_overhead",
    .rules = QUELL_TABLE(rules),
};

const quell_plugin *quell_plugin_entry(uint32_t host_major, uint32_t host_minor) {
  (void)host_major;
  (void)host_minor;
  renamed = QL_RULE(vogels2011);
  renamed.name = "plugin_vogels2011";
  return &plugin;
}

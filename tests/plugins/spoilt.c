/* A library with two rules, the second of which may be spoilt, or the library itself: meson.build
 * says by which definition. */
#include "kit.h"

#ifndef STRUCT_SIZE
#define STRUCT_SIZE sizeof(quell_plugin)
#endif
#ifndef MAJOR
#define MAJOR QUELL_RULE_ABI_MAJOR
#endif
#ifndef MINOR
#define MINOR QUELL_RULE_ABI_MINOR
#endif
#ifndef RESERVED
#define RESERVED 0
#endif
#ifndef NAME
#define NAME "spoilt"
#endif
#ifndef COUNT
#define COUNT 2
#endif
#ifndef STRIDE
#define STRIDE sizeof(void *)
#endif
#ifndef RULE_MINOR
#define RULE_MINOR QUELL_RULE_ABI_MINOR
#endif
#ifndef TIES
#define TIES 0
#endif
#ifndef SECOND
#define SECOND &second
#endif

static const quell_rule_desc first = RULE("spoilt_first");
extern const quell_rule_desc second;
static const quell_rule_desc *const rules[] = {&first, SECOND};

const quell_rule_desc second = RULE("spoilt_second", .abi_minor = RULE_MINOR, .ties = TIES);

static const quell_plugin plugin = {
    .struct_size = STRUCT_SIZE,
    .abi_major = MAJOR,
    .abi_minor = MINOR,
    .reserved = RESERVED,
    .name = NAME,
    .version = "1.0",
    .summary = "for tests",
    .rules = {rules, COUNT, STRIDE},
};

const quell_plugin *quell_plugin_entry(uint32_t host_major, uint32_t host_minor) {
  (void)host_major;
  (void)host_minor;
  return &plugin;
}

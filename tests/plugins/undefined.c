/* It needs a function that is nowhere. Bound lazily, it would load and fail in the middle of a run.
 */
#include "kit.h"

float quell_test_nowhere(float w);

static void on_post(const quell_block *block) {
  for (uint32_t i = 0; i < block->n; i++) block->w[i] = quell_test_nowhere(block->w[i]);
}

static const quell_event_desc lost[] = {{.kind = QUELL_POST, .call = on_post}};
static const quell_rule_desc rule = {
    .struct_size = sizeof rule,
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .name = "undefined",
    .summary = "for tests",
    .source = "tests",
    .params = QUELL_TABLE(params),
    .events = QUELL_TABLE(lost),
    .instance_size = sizeof(float),
    .prepare = prepare,
};
static const quell_rule_desc another = RULE("defined");
static const quell_rule_desc *const rules[] = {&rule, &another};

PLUGIN("undefined", rules)

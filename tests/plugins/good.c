/* Two rules without fault. */
#include "kit.h"

static const quell_rule_desc first = RULE("plugin_first");
static const quell_rule_desc second = RULE("plugin_second");
static const quell_rule_desc *const rules[] = {&first, &second};

PLUGIN("good", rules)

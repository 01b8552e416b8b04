/* A rule of its own, and one whose name good.c has too. */
#include "kit.h"

static const quell_rule_desc third = RULE("plugin_third");
static const quell_rule_desc first = RULE("plugin_first");
static const quell_rule_desc *const rules[] = {&third, &first};

PLUGIN("other", rules)

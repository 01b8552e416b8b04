/* A rule of its own, and one with the name of a built-in rule. */
#include "kit.h"

static const quell_rule_desc fresh = RULE("shadow");
static const quell_rule_desc taken = RULE("vogels2011");
static const quell_rule_desc *const rules[] = {&fresh, &taken};

PLUGIN("shadow", rules)

/* Two rules of one name. */
#include "kit.h"

static const quell_rule_desc left = RULE("twin");
static const quell_rule_desc right = RULE("twin");
static const quell_rule_desc *const rules[] = {&left, &right};

PLUGIN("twin", rules)

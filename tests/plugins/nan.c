/* A rule that makes weights NaN. */
#define GAIN (float)NAN
#include "kit.h"

static const quell_rule_desc rule = RULE("plugin_nan");
static const quell_rule_desc *const rules[] = {&rule};

PLUGIN("nan", rules)

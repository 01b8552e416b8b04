/* A rule that needs more of the descriptor than the built-in ones: see triplet.c. */
#ifndef TEST_TRIPLET_H
#define TEST_TRIPLET_H

#include <quell/plugin.h>

extern const quell_rule_desc test_triplet;

#endif

/* How handles are freed, whole or half made. */
#ifndef QL_API_FREE_H
#define QL_API_FREE_H

#include "network/network.h"

void ql_network_free(quell_network *network);
void ql_population_free(quell_population *population);
void ql_projection_free(quell_projection *projection);
void ql_rule_free(quell_rule *rule);
void ql_course_free(ql_memory *memory, ql_course *course);

#endif

/* Synapses of a projection that is being built are put in place. */
#ifndef QL_ENGINE_PLACE_H
#define QL_ENGINE_PLACE_H

#include "engine/sweep.h"

/* Allocates the fragments, whose lengths are known, and fills them. */
quell_status ql_place_synapses(ql_plan *plan);

#endif

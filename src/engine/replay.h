/* The post events that a row has not seen yet, applied in the order in which they happened. */
#ifndef QL_ENGINE_REPLAY_H
#define QL_ENGINE_REPLAY_H

#include "engine/lanes.h"

/* Replays the post events stamped in [fresh, until), each with what held at its stamp. Afterwards
 * the lanes are located at `until`. */
#define ql_replay QL_FOR_ISA(ql_replay)
void ql_replay(ql_lanes *k, uint64_t fresh, uint64_t until);

#endif

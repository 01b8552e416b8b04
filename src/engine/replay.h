/* The post events that a row has not seen yet, applied in the order in which they happened. */
#ifndef QL_ENGINE_REPLAY_H
#define QL_ENGINE_REPLAY_H

#include "engine/lanes.h"

/* Replays the post events stamped in [fresh, until), each with what held at its stamp, and the
 * releases that are events stamped before `at`, which is `until` or the stamp before. Afterwards
 * the lanes are located at `until`, and eligibilities are kept for the window of `at`. */
#define ql_replay QL_FOR_ISA(ql_replay)
void ql_replay(ql_lanes *k, uint64_t fresh, uint64_t until, uint64_t at);

/* An event of the whole block at `stamp`, which is the `ordinal`th of its kind at that stamp; the
 * row's traces are as they were `before` it. Eligibilities are open. */
#define ql_row_event QL_FOR_ISA(ql_row_event)
void ql_row_event(ql_lanes *k, uint32_t kind, const ql_epoch *epoch, uint32_t stamp,
                  uint32_t ordinal, const double *before);
/* The same where they are not. */
#define ql_closed_event QL_FOR_ISA(ql_closed_event)
void ql_closed_event(ql_lanes *k, uint32_t kind, const ql_epoch *epoch, uint32_t stamp,
                     uint32_t ordinal, const double *before);

#endif

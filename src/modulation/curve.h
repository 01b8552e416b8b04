/* What a reader makes of a concentration. */
#ifndef QL_MODULATION_CURVE_H
#define QL_MODULATION_CURVE_H

#include <quell/modulator.h>

/* The caller's curve as this library knows it, checked; a sentence goes to `message`. NULL gives
 * the concentration itself. The points of a table stay the caller's. */
quell_status ql_curve_read(const quell_curve *given, quell_curve *known, char *message,
                           size_t message_size);

/* Value of a checked curve. */
double ql_curve_at(const quell_curve *curve, double concentration);

#endif

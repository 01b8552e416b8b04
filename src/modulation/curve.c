#include "modulation/curve.h"

#include "base/math.h"
#include "base/message.h"
#include "base/versioned.h"
#include <math.h>

enum { MOST_POINTS = 65536 };

static const char *fault(const quell_curve *c) {
  if (c->kind < QUELL_CURVE_LINEAR || c->kind > QUELL_CURVE_TABLE)
    return "its 'kind' must be linear (0), Hill (1), sigmoid (2) or table (3)";
  if (c->combine != QUELL_MULTIPLY && c->combine != QUELL_ADD)
    return "its 'combine' must be multiply (0) or add (1)";
  if (!isfinite(c->low) || !isfinite(c->high) || !isfinite(c->slope) || !isfinite(c->half) ||
      !isfinite(c->shape))
    return "its numbers must be finite";
  if (c->kind == QUELL_CURVE_HILL && !(c->half > 0.0 && c->shape > 0.0))
    return "'half' and 'shape' of a Hill curve must be > 0";
  if (c->kind == QUELL_CURVE_SIGMOID && c->shape == 0.0)
    return "'shape' of a sigmoid, its width, must not be 0";
  if (c->kind != QUELL_CURVE_TABLE) return NULL;
  if (!c->x || !c->y) return "'x' or 'y' of the table is NULL";
  if (c->n < 1 || c->n > MOST_POINTS) return "a table must have 1 to 65536 points";
  for (uint32_t i = 0; i < c->n; i++) {
    if (!isfinite(c->x[i]) || !isfinite(c->y[i])) return "the points of a table must be finite";
    if (i && !(c->x[i] > c->x[i - 1])) return "'x' of a table must ascend";
  }
  return NULL;
}

quell_status ql_curve_read(const quell_curve *given, quell_curve *known, char *message,
                           size_t message_size) {
  const quell_curve linear = QUELL_CURVE_INIT;
  *known = linear;
  if (!given) return QUELL_OK;
  quell_status status = ql_struct_in(known, sizeof *known, given, "curve", message, message_size);
  if (status) return status;
  const char *wrong = fault(known);
  if (wrong) ql_message(message, message_size, "curve: %s", wrong);
  return wrong ? QUELL_E_RANGE : QUELL_OK;
}

/* The last point at or before c, of at least two; c lies between the first and the last. */
static uint32_t point_before(const quell_curve *curve, double c) {
  uint32_t low = 0, high = curve->n - 1;
  while (high - low > 1) {
    uint32_t middle = (low + high) / 2;
    if (curve->x[middle] <= c)
      low = middle;
    else
      high = middle;
  }
  return low;
}

static double table_at(const quell_curve *curve, double c) {
  const double *x = curve->x, *y = curve->y;
  if (c <= x[0]) return y[0];
  if (c >= x[curve->n - 1]) return y[curve->n - 1];
  uint32_t i = point_before(curve, c);
  return y[i] + (y[i + 1] - y[i]) * ((c - x[i]) / (x[i + 1] - x[i]));
}

/* Both saturating curves are low + (high − low) / (1 + e^−z). */
static double saturating(const quell_curve *curve, double z) {
  return curve->low + (curve->high - curve->low) / (1.0 + ql_exp(-z));
}

double ql_curve_at(const quell_curve *curve, double c) {
  switch (curve->kind) {
  case QUELL_CURVE_HILL:
    return c > 0.0 ? saturating(curve, curve->shape * ql_log(c / curve->half)) : curve->low;
  case QUELL_CURVE_SIGMOID:
    return saturating(curve, (c - curve->half) / curve->shape);
  case QUELL_CURVE_TABLE:
    return table_at(curve, c);
  default:
    return curve->low + curve->slope * c;
  }
}

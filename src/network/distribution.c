#include "network/distribution.h"

#include "base/math.h"
#include "base/message.h"

#include <float.h>
#include <inttypes.h>

enum { TRIES = 10000 };

/* Whose sentence, and where it goes. */
typedef struct sentence {
  const char *quantity;
  char *text;
  size_t size;
} sentence;

static int finite(double x) {
  return x >= -DBL_MAX && x <= DBL_MAX;
}

static int allowed(double x) {
  return x >= 0.0 && x <= DBL_MAX;
}

static int is_drawn(const quell_distribution *d) {
  return d->kind == QUELL_UNIFORM || d->kind == QUELL_NORMAL || d->kind == QUELL_LOGNORMAL;
}

static quell_status out_of_range(const char *name, const char *range, double value, sentence s) {
  ql_message(s.text, s.size, "%s: '%s' must be %s, got %g", s.quantity, name, range, value);
  return QUELL_E_RANGE;
}

/* Numbers without a kind: the kind was forgotten. */
static quell_status check_default(const quell_distribution *d, sentence s) {
  if (d->a == 0.0 && d->b == 0.0 && !d->values && !d->n) return QUELL_OK;
  ql_message(s.text, s.size, "%s: 'kind' is QUELL_DEFAULT, but 'a', 'b', 'values' or 'n' is set",
             s.quantity);
  return QUELL_E_RANGE;
}

static quell_status check_constant(const quell_distribution *d, sentence s) {
  return allowed(d->a) ? QUELL_OK : out_of_range("a", ">= 0 and finite", d->a, s);
}

static quell_status check_uniform(const quell_distribution *d, sentence s) {
  if (!finite(d->a)) return out_of_range("a", "finite", d->a, s);
  if (d->outside == QUELL_REFUSE && d->a < 0.0) return out_of_range("a", ">= 0", d->a, s);
  if (!finite(d->b)) return out_of_range("b", "finite", d->b, s);
  return d->b >= d->a ? QUELL_OK : out_of_range("b", ">= 'a'", d->b, s);
}

static quell_status check_normal(const quell_distribution *d, sentence s) {
  if (!finite(d->a)) return out_of_range("a", "finite", d->a, s);
  return allowed(d->b) ? QUELL_OK : out_of_range("b", ">= 0 and finite", d->b, s);
}

static quell_status check_array(const quell_distribution *d, sentence s) {
  if (d->n && !d->values) {
    ql_message(s.text, s.size, "%s: 'values' is NULL, but 'n' is %zu", s.quantity, d->n);
    return QUELL_E_NULL;
  }
  if (d->n > SIZE_MAX / sizeof *d->values) {
    ql_message(s.text, s.size, "%s: 'n' is %zu, more than any memory holds", s.quantity, d->n);
    return QUELL_E_LENGTH;
  }
  for (size_t i = 0; i < d->n; i++) {
    if (allowed(d->values[i])) continue;
    ql_message(s.text, s.size, "%s: 'values[%zu]' must be >= 0 and finite, got %g", s.quantity, i,
               d->values[i]);
    return QUELL_E_RANGE;
  }
  return QUELL_OK;
}

static quell_status check_kind(const quell_distribution *d, sentence s) {
  switch (d->kind) {
  case QUELL_DEFAULT:
    return check_default(d, s);
  case QUELL_CONSTANT:
    return check_constant(d, s);
  case QUELL_UNIFORM:
    return check_uniform(d, s);
  case QUELL_NORMAL:
  case QUELL_LOGNORMAL:
    return check_normal(d, s);
  case QUELL_ARRAY:
    return check_array(d, s);
  default:
    break;
  }
  ql_message(s.text, s.size,
             "%s: 'kind' must be one of QUELL_DEFAULT to QUELL_ARRAY (%d to %d), got %" PRId32,
             s.quantity, QUELL_DEFAULT, QUELL_ARRAY, d->kind);
  return QUELL_E_RANGE;
}

static quell_status check_outside(const quell_distribution *d, sentence s) {
  if (d->outside == QUELL_REFUSE) {
    if (d->low == 0.0 && d->high == 0.0) return QUELL_OK;
    ql_message(s.text, s.size,
               "%s: 'low' or 'high' is set, but 'outside' is neither QUELL_CLIP nor QUELL_REDRAW",
               s.quantity);
    return QUELL_E_RANGE;
  }
  if (d->outside != QUELL_CLIP && d->outside != QUELL_REDRAW) {
    ql_message(s.text, s.size,
               "%s: 'outside' must be QUELL_REFUSE, QUELL_CLIP or QUELL_REDRAW, got %" PRId32,
               s.quantity, d->outside);
    return QUELL_E_RANGE;
  }
  if (!is_drawn(d)) {
    ql_message(s.text, s.size,
               "%s: 'outside' must be QUELL_REFUSE for a kind that is not drawn, got %" PRId32,
               s.quantity, d->outside);
    return QUELL_E_RANGE;
  }
  if (!allowed(d->low)) return out_of_range("low", ">= 0 and finite", d->low, s);
  return d->high > d->low ? QUELL_OK : out_of_range("high", "> 'low'", d->high, s);
}

quell_status ql_distribution_check(const quell_distribution *distribution, const char *quantity,
                                   char *message, size_t message_size) {
  sentence s = {quantity, message, message_size};
  quell_status status = check_outside(distribution, s);
  return status == QUELL_OK ? check_kind(distribution, s) : status;
}

static double clip(double x, double low, double high) {
  return x < low ? low : x > high ? high : x;
}

/* Clipped, because rounding must not lead past an end. */
static double uniform_between(double a, double b, double u) {
  return clip((1.0 - u) * a + u * b, a, b);
}

static double draw_once(const quell_distribution *d, ql_stream *stream) {
  switch (d->kind) {
  case QUELL_UNIFORM:
    return uniform_between(d->a, d->b, ql_draw_uniform(stream));
  case QUELL_NORMAL:
    return d->a + d->b * ql_draw_normal(stream);
  default:
    return ql_exp(d->a + d->b * ql_draw_normal(stream));
  }
}

static int redraw(const quell_distribution *d, ql_stream *stream, double *value) {
  for (int i = 0; i < TRIES; i++) {
    *value = draw_once(d, stream);
    if (*value >= d->low && *value <= d->high) return allowed(*value);
  }
  return 0;
}

int ql_distribution_draw(const quell_distribution *distribution, double fallback, ql_stream *stream,
                         double *value) {
  const quell_distribution *d = distribution;
  if (is_drawn(d) && d->outside == QUELL_REDRAW) return redraw(d, stream, value);
  if (is_drawn(d))
    *value = draw_once(d, stream);
  else
    *value = d->kind == QUELL_DEFAULT ? fallback : d->a;
  if (is_drawn(d) && d->outside == QUELL_CLIP) *value = clip(*value, d->low, d->high);
  return allowed(*value) && d->kind != QUELL_ARRAY;
}

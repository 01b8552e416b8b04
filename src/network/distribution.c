#include "network/distribution.h"

#include "base/math.h"
#include "base/message.h"

#include <float.h>
#include <inttypes.h>
#include <math.h> /* INFINITY */

/* Bounds between which fewer values than this lie are refused. */
static const double LEAST_CHANCE = 1e-6;

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
  if (!ql_distribution_is_drawn(d)) {
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

/* The distribution function of the standard normal distribution. */
static double normal_rank(double z) {
  if (z > 0.0) return 1.0 - normal_rank(-z);
  double low = 0.0, high = 0.5;
  for (int i = 0; i < 64; i++) {
    double middle = 0.5 * (low + high);
    if (ql_normal_quantile(middle) < z)
      low = middle;
    else
      high = middle;
  }
  return high;
}

/* Keeps the ranks of what lies in [low, high]. */
static void restrict_normal(ql_sampler *s, double low, double high) {
  if (s->b == 0.0) {
    s->rank_span = low <= s->a && s->a <= high;
    return;
  }
  s->rank_low = normal_rank((low - s->a) / s->b);
  s->rank_span = normal_rank((high - s->a) / s->b) - s->rank_low;
}

static void restrict_uniform(ql_sampler *s, double low, double high) {
  double width = s->b - s->a;
  if (low < s->a) low = s->a;
  if (high > s->b) high = s->b;
  s->rank_span = width > 0.0 ? (high - low) / width : low <= high;
  s->a = low;
  s->b = high;
}

/* A value that is drawn again until it lies within bounds has the distribution's part between them:
 * it is drawn from that part at once, by inversion. */
static int restrict_to(ql_sampler *s, double low, double high) {
  switch (s->kind) {
  case QL_SAMPLE_UNIFORM:
    restrict_uniform(s, low, high);
    if (s->rank_span < LEAST_CHANCE) return 0;
    s->rank_span = 1.0;
    return 1;
  case QL_SAMPLE_NORMAL:
    restrict_normal(s, low, high);
    break;
  case QL_SAMPLE_LOGNORMAL:
    restrict_normal(s, ql_log(low), ql_log(high));
    break;
  }
  return s->rank_span >= LEAST_CHANCE;
}

int ql_distribution_is_drawn(const quell_distribution *d) {
  return d->kind == QUELL_UNIFORM || d->kind == QUELL_NORMAL || d->kind == QUELL_LOGNORMAL;
}

int ql_distribution_varies(const quell_distribution *d) {
  return ql_distribution_is_drawn(d) || d->kind == QUELL_ARRAY;
}

ql_sampler ql_distribution_sampler(const quell_distribution *d) {
  const ql_sampler all = {.kind = d->kind == QUELL_UNIFORM  ? QL_SAMPLE_UNIFORM
                                  : d->kind == QUELL_NORMAL ? QL_SAMPLE_NORMAL
                                                            : QL_SAMPLE_LOGNORMAL,
                          .a = d->a,
                          .b = d->b,
                          .rank_span = 1.0,
                          .low = -INFINITY,
                          .high = INFINITY};
  ql_sampler sampler = all;
  if (d->outside == QUELL_REFUSE) return all;
  if (d->outside == QUELL_REDRAW && !restrict_to(&sampler, d->low, d->high)) return all;
  sampler.low = (float)d->low;
  sampler.high = (float)d->high;
  return sampler;
}

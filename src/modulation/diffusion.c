#include "modulation/diffusion.h"

#include <math.h>
#include <string.h>

ql_diffusion *ql_diffusion_make(ql_memory *memory, const double *rate, uint32_t n) {
  ql_diffusion *d = ql_alloc(memory, 1, sizeof *d);
  double *copy = ql_alloc(memory, (size_t)n * n, sizeof *copy);
  if (!d || !copy) {
    ql_free(memory, d);
    ql_free(memory, copy);
    return NULL;
  }
  memcpy(copy, rate, (size_t)n * n * sizeof *rate);
  d->n = n;
  d->rate = copy;
  return d;
}

void ql_diffusion_free(ql_memory *memory, ql_diffusion *d) {
  if (!d) return;
  ql_free(memory, d->rate);
  ql_free(memory, d->step);
  ql_free(memory, d->mean);
  ql_free(memory, d->made);
  ql_free(memory, d);
}

/* --- matrices, by columns --- */

/* y = a x. Column by column, so that each sum has its order whatever the length of vectors. */
static void apply(uint32_t n, const double *restrict a, const double *restrict x,
                  double *restrict y) {
  memset(y, 0, n * sizeof *y);
  for (uint32_t j = 0; j < n; j++)
    for (uint32_t i = 0; i < n; i++) y[i] += a[(size_t)j * n + i] * x[j];
}

/* c = a b */
static void multiply(uint32_t n, const double *a, const double *b, double *c) {
  for (uint32_t j = 0; j < n; j++) apply(n, a, b + (size_t)j * n, c + (size_t)j * n);
}

static void add_identity(uint32_t n, double *a) {
  for (uint32_t i = 0; i < n; i++) a[(size_t)i * n + i] += 1.0;
}

/* M dt. */
static void generator(const ql_diffusion *d, const quell_modulator *m, double *out) {
  double dt = m->network->dt, tau = m->param[QL_TAU];
  uint32_t n = d->n;
  for (uint32_t i = 0; i < n; i++) {
    double left = isfinite(tau) ? dt / tau : 0.0;
    for (uint32_t j = 0; j < n; j++) {
      if (i == j) continue;
      double gained = d->rate[(size_t)i * n + j] * dt / 1000.0;
      out[(size_t)j * n + i] = gained;
      left += gained;
    }
    out[(size_t)i * n + i] = -left;
  }
}

/* How often the time is halved until no row of M dt has a sum of magnitudes above a quarter. */
static int halvings_of(uint32_t n, const double *a) {
  double norm = 0.0;
  for (uint32_t i = 0; i < n; i++) norm = fmax(norm, -2.0 * a[(size_t)i * n + i]);
  int halvings = 0;
  for (; norm > 0.25; norm /= 2.0) halvings++;
  return halvings;
}

/* Of a small matrix: the mean Σ a^k / (k + 1)! by Horner, and e^a = 1 + a × mean. */
static void series(uint32_t n, const double *a, double *step, double *mean, double *room) {
  enum { TERMS = 12 }; /* the next is below 0.25^13 / 14!, 2e-19 */
  size_t size = (size_t)n * n;
  memset(mean, 0, size * sizeof *mean);
  add_identity(n, mean);
  for (int k = TERMS; k > 0; k--) {
    multiply(n, a, mean, room);
    for (size_t i = 0; i < size; i++) mean[i] = room[i] / (k + 1);
    add_identity(n, mean);
  }
  multiply(n, a, mean, step);
  add_identity(n, step);
}

/* Twice the time: the mean over both halves, then the step. */
static void double_time(uint32_t n, double *step, double *mean, double *room) {
  size_t size = (size_t)n * n;
  multiply(n, mean, step, room);
  for (size_t i = 0; i < size; i++) mean[i] = (mean[i] + room[i]) / 2.0;
  multiply(n, step, step, room);
  memcpy(step, room, size * sizeof *room);
}

static int make_room(ql_memory *memory, ql_diffusion *d) {
  size_t n = d->n;
  if (!d->step) d->step = ql_alloc(memory, n * n, sizeof *d->step);
  if (!d->mean) d->mean = ql_alloc(memory, n * n, sizeof *d->mean);
  if (!d->made) d->made = ql_alloc(memory, n, sizeof *d->made);
  return d->step && d->mean && d->made;
}

int ql_diffusion_start(ql_diffusion *d, const quell_modulator *m) {
  ql_memory *memory = &m->network->memory;
  uint32_t n = d->n;
  size_t size = (size_t)n * n;
  double *a = ql_alloc(memory, size, sizeof *a);
  double *room = ql_alloc(memory, size, sizeof *room);
  int made = a && room && make_room(memory, d);
  if (made) {
    generator(d, m, a);
    int halvings = halvings_of(n, a);
    double part = 1.0;
    for (int i = 0; i < halvings; i++) part /= 2.0;
    for (size_t i = 0; i < size; i++) a[i] *= part;
    series(n, a, d->step, d->mean, room);
    for (int i = 0; i < halvings; i++) double_time(n, d->step, d->mean, room);
  }
  ql_free(memory, a);
  ql_free(memory, room);
  return made;
}

/* --- steps --- */

void ql_diffusion_step(const ql_diffusion *d, double *phasic) {
  apply(d->n, d->step, phasic, d->made);
  memcpy(phasic, d->made, d->n * sizeof *phasic);
}

const double *ql_diffusion_mean(const ql_diffusion *d, const double *phasic) {
  apply(d->n, d->mean, phasic, d->made);
  return d->made;
}

#include "modulation/diffusion.h"

#include <math.h>
#include <string.h>

ql_diffusion *ql_diffusion_make(ql_memory *memory, const double *rate, uint32_t n) {
  ql_diffusion *d = ql_alloc(memory, 1, sizeof *d);
  if (!d) return NULL;
  d->n = n;
  d->rate = ql_alloc(memory, (size_t)n * n, sizeof *d->rate);
  if (!d->rate) {
    ql_free(memory, d);
    return NULL;
  }
  memcpy(d->rate, rate, (size_t)n * n * sizeof *rate);
  return d;
}

void ql_diffusion_free(ql_memory *memory, ql_diffusion *d) {
  if (!d) return;
  ql_free(memory, d->rate);
  ql_free(memory, d->step);
  ql_free(memory, d->mean);
  ql_free(memory, d->room);
  ql_free(memory, d);
}

/* c = a b */
static void multiply(uint32_t n, const double *a, const double *b, double *c) {
  memset(c, 0, (size_t)n * n * sizeof *c);
  for (uint32_t i = 0; i < n; i++)
    for (uint32_t k = 0; k < n; k++)
      for (uint32_t j = 0; j < n; j++) c[i * n + j] += a[i * n + k] * b[k * n + j];
}

/* M dt. */
static void generator(const ql_diffusion *d, const quell_modulator *m, double *out) {
  double dt = m->network->dt, tau = m->param[QL_TAU];
  uint32_t n = d->n;
  for (uint32_t i = 0; i < n; i++) {
    double left = isfinite(tau) ? dt / tau : 0.0;
    for (uint32_t j = 0; j < n; j++) {
      if (i == j) continue;
      out[i * n + j] = d->rate[i * n + j] * dt / 1000.0;
      left += out[i * n + j];
    }
    out[i * n + i] = -left;
  }
}

static int squarings_for(uint32_t n, const double *a) {
  double norm = 0.0;
  for (uint32_t i = 0; i < n; i++) norm = fmax(norm, 2.0 * fabs(a[i * n + i]));
  int squarings = 0;
  for (; norm > 0.25; norm /= 2.0) squarings++;
  return squarings;
}

/* Of a small matrix a: the sums of a^k / k! and of a^k / (k + 1)!, by Horner. */
static void series(uint32_t n, const double *a, double *exponential, double *mean, double *room) {
  enum { TERMS = 14 }; /* 0.25^14 / 14! is below 1e-19 */
  double *const out[] = {exponential, mean};
  for (int which = 0; which < 2; which++) {
    double *sum = out[which];
    memset(sum, 0, (size_t)n * n * sizeof *sum);
    for (uint32_t i = 0; i < n; i++) sum[i * n + i] = 1.0;
    for (int k = TERMS; k > 0; k--) {
      multiply(n, a, sum, room);
      for (size_t i = 0; i < (size_t)n * n; i++) sum[i] = room[i] / (k + which);
      for (uint32_t i = 0; i < n; i++) sum[i * n + i] += 1.0;
    }
  }
}

/* Twice the time: the mean over both halves, then the exponential. */
static void double_time(uint32_t n, double *exponential, double *mean, double *room) {
  multiply(n, mean, exponential, room);
  for (size_t i = 0; i < (size_t)n * n; i++) mean[i] = (mean[i] + room[i]) / 2.0;
  multiply(n, exponential, exponential, room);
  memcpy(exponential, room, (size_t)n * n * sizeof *room);
}

static int make_room(ql_memory *memory, ql_diffusion *d) {
  size_t n = d->n;
  if (!d->step) d->step = ql_alloc(memory, n * n, sizeof *d->step);
  if (!d->mean) d->mean = ql_alloc(memory, n * n, sizeof *d->mean);
  if (!d->room) d->room = ql_alloc(memory, n, sizeof *d->room);
  return d->step && d->mean && d->room;
}

int ql_diffusion_start(ql_diffusion *d, const quell_modulator *m) {
  ql_memory *memory = &m->network->memory;
  uint32_t n = d->n;
  double *a = ql_alloc(memory, (size_t)n * n, sizeof *a);
  double *room = ql_alloc(memory, (size_t)n * n, sizeof *room);
  int made = a && room && make_room(memory, d);
  if (made) {
    generator(d, m, a);
    int squarings = squarings_for(n, a);
    double part = ldexp(1.0, -squarings);
    for (size_t i = 0; i < (size_t)n * n; i++) a[i] *= part;
    series(n, a, d->step, d->mean, room);
    for (int i = 0; i < squarings; i++) double_time(n, d->step, d->mean, room);
  }
  ql_free(memory, a);
  ql_free(memory, room);
  return made;
}

double ql_diffusion_mean(const ql_diffusion *d, const double *phasic, uint32_t at) {
  double sum = 0.0;
  for (uint32_t j = 0; j < d->n; j++) sum += d->mean[(size_t)at * d->n + j] * phasic[j];
  return sum;
}

void ql_diffusion_step(const ql_diffusion *d, double *phasic) {
  for (uint32_t i = 0; i < d->n; i++) {
    d->room[i] = 0.0;
    for (uint32_t j = 0; j < d->n; j++) d->room[i] += d->step[(size_t)i * d->n + j] * phasic[j];
  }
  memcpy(phasic, d->room, d->n * sizeof *phasic);
}

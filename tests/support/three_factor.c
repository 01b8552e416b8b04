#include "three_factor.h"

#include <math.h>
#include <quell/quell.h>

enum { PARTS = 10 };

typedef struct state {
  double x, y; /* with all spikes so far */
  size_t pre, post;
  int learns;
} state;

static void clip(three_synapse *s) {
  if (s->w < s->rule.w_min) s->w = s->rule.w_min;
  if (s->w > s->rule.w_max) s->w = s->rule.w_max;
}

/* An event changes e; the weight is kept within its bounds there. */
static void change(three_synapse *s, const state *t, double by) {
  if (!t->learns) return;
  clip(s);
  s->e += by;
}

static size_t count(const uint64_t *stamps, size_t n, size_t *next, uint64_t step) {
  size_t events = 0;
  for (; *next < n && stamps[*next] == step; ++*next) events++;
  return events;
}

/* Pre events read the traces of post spikes of earlier steps, or of this one too; and the other way
 * round. */
static void events(three_synapse *s, state *t, uint64_t step) {
  const three_rule *r = &s->rule;
  size_t n_pre = count(s->pre, s->n_pre, &t->pre, step);
  size_t n_post = count(s->post, s->n_post, &t->post, step);
  double x = t->x, y = t->y;
  if (r->tie == QUELL_POST_FIRST) {
    for (size_t i = 0; i < n_post; i++) change(s, t, r->post_x * x);
    for (size_t i = 0; i < n_pre; i++) change(s, t, r->pre_y * (y + (double)n_post) + r->pre_1);
  } else {
    for (size_t i = 0; i < n_pre; i++) change(s, t, r->pre_y * y + r->pre_1);
    double seen = r->tie == QUELL_PRE_FIRST ? x + (double)n_pre : x;
    for (size_t i = 0; i < n_post; i++) change(s, t, r->post_x * seen);
  }
  t->x = x + (double)n_pre;
  t->y = y + (double)n_post;
}

static void integrate(three_synapse *s, state *t, double phasic) {
  const three_course *c = &s->course;
  double h = s->dt / PARTS, e_half = exp(-h / 2.0 / s->rule.tau_e);
  for (int i = 0; i < PARTS; i++) {
    double middle = phasic * exp(-(i + 0.5) * h / c->tau); /* 1 where tau is infinite */
    double e = s->e * e_half;
    if (t->learns) s->w += e * (c->tonic + middle) * h / 1000.0;
    s->e = e * e_half;
  }
  t->x *= exp(-s->dt / s->rule.tau_x);
  t->y *= exp(-s->dt / s->rule.tau_y);
}

void three_run(three_synapse *s, uint64_t step) {
  state t = {0};
  for (uint64_t k = 0; k < step; k++) {
    t.learns = k < s->off || k >= s->on;
    events(s, &t, k);
    integrate(s, &t, s->course.phasic[k]);
  }
  clip(s);
}

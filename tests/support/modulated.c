#include "modulated.h"

#include <math.h>
#include <quell/quell.h>

static double within(const modulated_rule *rule, double w) {
  return w < rule->w_min ? rule->w_min : w > rule->w_max ? rule->w_max : w;
}

static double dial_at(const modulated *m, modulated_dial d) {
  return m->dial[d] ? m->dial[d][m->step] : 1.0;
}

static double scaled(const modulated *m, double change) {
  double side = dial_at(m, change > 0.0 ? POTENTIATION : DEPRESSION);
  return change * dial_at(m, LEARNING) * side;
}

static double change_by(const modulated *m, size_t i, int is_pre, double trace) {
  const modulated_change *c = &m->rule.change[i];
  double change = is_pre ? c->pre_y * trace + c->pre_1 : c->post_x * trace + c->post_1;
  return scaled(m, dial_at(m, GAIN) * change);
}

static void events_of(modulated *m, size_t n, int is_pre, double trace) {
  for (; n && !m->off; n--) {
    m->w = within(&m->rule, m->w);
    for (size_t i = 0; i < m->rule.n; i++) m->e[i] += change_by(m, i, is_pre, trace);
    if (!m->rule.n) m->w = within(&m->rule, m->w + change_by(m, 0, is_pre, trace));
  }
}

static size_t due(const uint64_t *stamps, size_t n, size_t *next, uint64_t step) {
  size_t events = 0;
  for (; *next < n && stamps[*next] == step; ++*next) events++;
  return events;
}

/* Each side reads the other's trace with the spikes of this step or without them. */
static void events(modulated *m) {
  size_t n_pre = due(m->pre, m->n_pre, &m->i_pre, m->step);
  size_t n_post = due(m->post, m->n_post, &m->i_post, m->step);
  double x = m->x, y = m->y;
  m->x += (double)n_pre;
  m->y += (double)n_post;
  if (m->rule.tie == QUELL_POST_FIRST) events_of(m, n_post, 0, x);
  events_of(m, n_pre, 1, m->rule.tie == QUELL_POST_FIRST ? m->y : y);
  if (m->rule.tie != QUELL_POST_FIRST)
    events_of(m, n_post, 0, m->rule.tie == QUELL_PRE_FIRST ? m->x : x);
}

/* Through one step; e is taken at the middle of each tenth. */
static void integrate(modulated *m, size_t i) {
  double h = m->dt / MODULATED_TENTHS, half = exp(-h / 2.0 / m->rule.tau_e[i]);
  const double *factor = m->factor[i] ? m->factor[i] + m->step * MODULATED_TENTHS : NULL;
  for (int k = 0; k < MODULATED_TENTHS; k++) {
    double e = m->e[i] * half;
    if (factor && !m->off) m->w += e * factor[k] * h / 1000.0;
    m->e[i] = e * half;
  }
}

void modulated_run(modulated *m, uint64_t step) {
  for (; m->step < step; m->step++) {
    events(m);
    for (size_t i = 0; i < m->rule.n; i++) integrate(m, i);
    m->x *= exp(-m->dt / m->rule.tau_x);
    m->y *= exp(-m->dt / m->rule.tau_y);
  }
}

double modulated_weight(const modulated *m) {
  return within(&m->rule, m->w);
}

#include "eager.h"
#include "check.h"
#include <math.h>
#include <string.h>

const char *eager_name(const eager_rule *rule) {
  static const char *const names[] = {"vogels2011", "stdp_pair", "stdp_oja"};
  return names[rule->kind];
}

size_t eager_values(const eager_rule *r, quell_value values[EAGER_MAX_VALUES]) {
  size_t n = 0;
#define VALUE(member)                                                                              \
  values[n++] = (quell_value) {                                                                    \
#member, r->member                                                                             \
  }
  if (r->kind == EAGER_VOGELS) {
    VALUE(eta), VALUE(rho0), VALUE(tau);
  } else if (r->kind == EAGER_PAIR) {
    VALUE(a_plus), VALUE(a_minus), VALUE(tau_plus), VALUE(tau_minus);
    VALUE(mu_plus), VALUE(mu_minus);
  } else {
    VALUE(eta), VALUE(beta), VALUE(tau);
  }
  VALUE(w_min), VALUE(w_max), VALUE(tie);
#undef VALUE
  return n;
}

static void apply_change(eager *s, const eager_change *change) {
  struct {
    const char *name;
    double *at;
  } member[] = {{"eta", &s->rule.eta},           {"rho0", &s->rule.rho0},
                {"beta", &s->rule.beta},         {"a_plus", &s->rule.a_plus},
                {"a_minus", &s->rule.a_minus},   {"mu_plus", &s->rule.mu_plus},
                {"mu_minus", &s->rule.mu_minus}, {"w_min", &s->rule.w_min},
                {"w_max", &s->rule.w_max},       {"weight", &s->w}};
  if (strcmp(change->name, "learning") == 0) {
    s->off = change->value == 0.0;
    return;
  }
  for (size_t i = 0; i < COUNT(member); i++) {
    if (strcmp(change->name, member[i].name) != 0) continue;
    *member[i].at = change->value;
    return;
  }
  fail_msg("the eager reference knows no '%s'", change->name);
}

static void clip(eager *s) {
  if (s->w > s->rule.w_max) s->w = s->rule.w_max;
  if (s->w < s->rule.w_min) s->w = s->rule.w_min;
}

static void pre_event(eager *s, double y) {
  const eager_rule *r = &s->rule;
  if (!s->off && r->kind == EAGER_VOGELS) {
    s->w += r->eta * (y - 2.0 * r->rho0 * r->tau * 1e-3);
    clip(s);
  }
  if (!s->off && r->kind == EAGER_PAIR) {
    s->w -= r->w_max * r->a_minus * pow(fmax(0.0, s->w / r->w_max), r->mu_minus) * y;
    clip(s);
  }
  s->delivered = s->w;
}

static void post_event(eager *s, double x) {
  const eager_rule *r = &s->rule;
  if (s->off) return;
  if (r->kind == EAGER_VOGELS) s->w += r->eta * x;
  if (r->kind == EAGER_PAIR)
    s->w += r->w_max * r->a_plus * pow(fmax(0.0, 1.0 - s->w / r->w_max), r->mu_plus) * x;
  if (r->kind == EAGER_OJA) s->w += r->eta * (r->beta * x - s->w);
  clip(s);
}

/* All events of one step. */
static void events(eager *s, uint64_t step) {
  const eager_rule *r = &s->rule;
  double tau_x = r->kind == EAGER_PAIR ? r->tau_plus : r->tau;
  double tau_y = r->kind == EAGER_PAIR ? r->tau_minus : r->tau;
  double elapsed = (double)(step - s->last) * s->dt;
  double x = s->x * exp(-elapsed / tau_x), y = s->y * exp(-elapsed / tau_y);
  size_t n_pre = 0, n_post = 0;
  for (; s->i_change < s->n_change && s->change[s->i_change].step == step; s->i_change++)
    apply_change(s, &s->change[s->i_change]);
  for (; s->i_pre < s->n_pre && s->pre[s->i_pre] == step; s->i_pre++) n_pre++;
  for (; s->i_post < s->n_post && s->post[s->i_post] == step; s->i_post++) n_post++;
  s->x = x + (double)n_pre;
  s->y = y + (double)n_post;
  s->last = step;
  if (r->tie == QUELL_POST_FIRST)
    for (size_t i = 0; i < n_post; i++) post_event(s, x);
  for (size_t i = 0; i < n_pre; i++) pre_event(s, r->tie == QUELL_POST_FIRST ? s->y : y);
  if (r->tie != QUELL_POST_FIRST)
    for (size_t i = 0; i < n_post; i++) post_event(s, r->tie == QUELL_PRE_FIRST ? s->x : x);
}

double eager_at(eager *s, uint64_t step) {
  for (;;) {
    uint64_t next = UINT64_MAX;
    if (s->i_pre < s->n_pre) next = s->pre[s->i_pre];
    if (s->i_post < s->n_post && s->post[s->i_post] < next) next = s->post[s->i_post];
    if (s->i_change < s->n_change && s->change[s->i_change].step < next)
      next = s->change[s->i_change].step;
    if (next >= step) return s->w;
    events(s, next);
  }
}

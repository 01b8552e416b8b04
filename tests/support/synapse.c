#include "synapse.h"
#include <math.h>
#include <string.h>

#define NEVER 1e7 /* an age */

/* Before the first event of its side a trace is 0, an age is NEVER. */
synapse synapse_open(const synapse_rule *rule, double dt, double w, const uint64_t *pre,
                     size_t n_pre, const uint64_t *post, size_t n_post) {
  synapse s = {
      .rule = rule, .dt = dt, .w = w, .pre = pre, .n_pre = n_pre, .post = post, .n_post = n_post};
  for (size_t i = 0; i < SYNAPSE_TRACES && rule->trace[i].side; i++)
    s.value[i] = rule->trace[i].kind == QUELL_TRACE_AGE ? NEVER : 0;
  memcpy(s.var, rule->var, sizeof s.var);
  return s;
}

static double jumped(int kind, double value) {
  return kind == QUELL_TRACE_ADD ? value + 1 : kind == QUELL_TRACE_SET ? 1 : 0;
}

/* The traces of one side take an event. */
static void jump(const synapse_rule *rule, int side, double *value) {
  for (size_t i = 0; i < SYNAPSE_TRACES && rule->trace[i].side; i++)
    if (rule->trace[i].side == side) value[i] = jumped(rule->trace[i].kind, value[i]);
}

static void copy_side(const synapse_rule *rule, int side, const double *from, double *to) {
  for (size_t i = 0; i < SYNAPSE_TRACES && rule->trace[i].side; i++)
    if (rule->trace[i].side == side) to[i] = from[i];
}

double synapse_trace_at(const synapse *s, size_t i, uint64_t step) {
  double ms = (double)(step - s->last) * s->dt, value = s->value[i];
  if (s->rule->trace[i].kind != QUELL_TRACE_AGE) return value * exp(-ms / s->rule->trace[i].tau);
  return value >= NEVER ? NEVER : value + ms;
}

static void call(synapse *s, synapse_event *event, const double *t) {
  const synapse_rule *rule = s->rule;
  if (!event) return;
  event(t, &s->w, s->var, rule->params);
  if (s->w > rule->w_max) s->w = rule->w_max;
  if (s->w < rule->w_min) s->w = rule->w_min;
}

/* The n events of one side at one stamp: each reads the jumps of those before it on its own side.
 */
static void run_side(synapse *s, int side, size_t n, double *t) {
  const synapse_rule *rule = s->rule;
  for (size_t i = 0; i < n; i++) {
    double before = s->w;
    call(s, side == QUELL_PRE ? rule->pre : side == QUELL_POST ? rule->post : rule->late, t);
    if (side == QUELL_PRE) s->delivered = rule->transmit_first ? before : s->w;
    jump(rule, side, t);
  }
}

/* How many stamps are equal to `step`. */
static size_t take(const uint64_t *stamp, size_t n, size_t *next, uint64_t offset, uint64_t step) {
  size_t count = 0;
  for (; *next < n && stamp[*next] + offset == step; ++*next) count++;
  return count;
}

static void read_signals(const synapse *s, uint64_t step, double *t) {
  for (size_t i = 0; i < SYNAPSE_SIGNALS && s->signal[i]; i++)
    t[SYNAPSE_SIGNAL + i] = s->signal[i][step];
}

/* Late events come before all else. Of pre and post each starts from what it sees of the other: as
 * it was before the step, or after all of the step's. */
static void events(synapse *s, uint64_t step) {
  const synapse_rule *rule = s->rule;
  size_t n_late = rule->late_steps ? take(s->pre, s->n_pre, &s->i_late, rule->late_steps, step) : 0;
  size_t n_pre = take(s->pre, s->n_pre, &s->i_pre, 0, step);
  size_t n_post = take(s->post, s->n_post, &s->i_post, 0, step);
  double t[SYNAPSE_TRACES] = {0}, seen_by_pre[SYNAPSE_TRACES], seen_by_post[SYNAPSE_TRACES];
  for (size_t i = 0; i < SYNAPSE_TRACES && rule->trace[i].side; i++)
    t[i] = synapse_trace_at(s, i, step);
  run_side(s, QUELL_LATE, n_late, t);
  memcpy(seen_by_pre, t, sizeof t);
  memcpy(seen_by_post, t, sizeof t);
  read_signals(s, step, seen_by_pre);
  if (n_post) read_signals(s, step - s->dendritic, seen_by_post);
  for (size_t i = 0; i < n_post && rule->tie == QUELL_POST_FIRST; i++)
    jump(rule, QUELL_POST, seen_by_pre);
  for (size_t i = 0; i < n_pre && rule->tie == QUELL_PRE_FIRST; i++)
    jump(rule, QUELL_PRE, seen_by_post);
  if (rule->tie == QUELL_POST_FIRST) run_side(s, QUELL_POST, n_post, seen_by_post);
  run_side(s, QUELL_PRE, n_pre, seen_by_pre);
  if (rule->tie != QUELL_POST_FIRST) run_side(s, QUELL_POST, n_post, seen_by_post);
  copy_side(rule, QUELL_PRE, seen_by_pre, t);
  copy_side(rule, QUELL_POST, seen_by_post, t);
  memcpy(s->value, t, sizeof t);
  s->last = step;
  if (rule->interval && step && step % rule->interval_steps == 0) {
    read_signals(s, step, t);
    call(s, rule->interval, t);
  }
}

/* The step of the next event; every step where something is to be done in every step. */
static uint64_t next_event(const synapse *s) {
  const synapse_rule *rule = s->rule;
  uint64_t next = UINT64_MAX;
  if (rule->begin || rule->end) return s->next;
  if (s->i_pre < s->n_pre) next = s->pre[s->i_pre];
  if (s->i_post < s->n_post && s->post[s->i_post] < next) next = s->post[s->i_post];
  if (rule->late_steps && s->i_late < s->n_pre && s->pre[s->i_late] + rule->late_steps < next)
    next = s->pre[s->i_late] + rule->late_steps;
  if (rule->interval) {
    uint64_t at = (s->next + rule->interval_steps - 1) / rule->interval_steps;
    if (at == 0) at = 1;
    if (at * rule->interval_steps < next) next = at * rule->interval_steps;
  }
  return next;
}

double synapse_at(synapse *s, uint64_t step) {
  for (;;) {
    uint64_t next = next_event(s);
    if (next >= step) return s->w;
    if (s->rule->begin) s->rule->begin(s, next);
    events(s, next);
    if (s->rule->end) s->rule->end(s, next);
    s->next = next + 1;
  }
}

double synapse_read(synapse *s, uint64_t step, double *var) {
  const synapse_rule *rule = s->rule;
  synapse_at(s, step);
  synapse copy = *s;
  double t[SYNAPSE_TRACES] = {0};
  for (size_t i = 0; i < SYNAPSE_TRACES && rule->trace[i].side; i++)
    t[i] = synapse_trace_at(s, i, step);
  call(&copy, rule->read, t);
  if (var) memcpy(var, copy.var, sizeof copy.var);
  return copy.w;
}

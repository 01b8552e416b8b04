#include "modulation/channel.h"

#include "base/math.h"
#include "modulation/critic.h"
#include "modulation/diffusion.h"
#include <math.h>
#include <string.h>

/* --- one step --- */

/* What is left of p after a step, and its mean over the step in parts of p. */
static double left_of(const quell_modulator *m) {
  double tau = m->param[QL_TAU];
  return tau > 0.0 ? ql_exp(-m->network->dt / tau) : 0.0;
}

static double mean_of(const quell_modulator *m) {
  double steps = m->param[QL_TAU] / m->network->dt;
  return steps > 0.0 && isfinite(steps) ? -ql_expm1(-1.0 / steps) * steps : 1.0;
}

void ql_channel_bound(const quell_modulator *m, double *phasic) {
  double low = m->param[QL_MIN] - m->param[QL_TONIC], high = m->param[QL_MAX] - m->param[QL_TONIC];
  *phasic = *phasic < low ? low : *phasic > high ? high : *phasic;
}

void ql_channel_release(const quell_modulator *m, double *phasic, double amount) {
  *phasic += amount;
  ql_channel_bound(m, phasic);
}

/* Where it is released: into the values [first, first + n) of a channel, which are at `phasic`. */
typedef struct part {
  double *phasic;
  uint32_t first, n;
} part;

static void apply_due(const quell_modulator *m, const ql_due *due, const part *part) {
  if (due->at - part->first >= part->n) return;
  double *p = &part->phasic[due->at - part->first];
  if (due->kind == QUELL_SET_LEVEL) *p = 0.0;
  ql_channel_release(m, p,
                     due->kind == QUELL_SET_LEVEL ? due->value - m->param[QL_TONIC] : due->value);
}

/* All spikes of a step add the same amount, so that their order does not matter. */
static void apply_spikes(const quell_modulator *m, const ql_source *source, uint64_t stamp,
                         const part *part) {
  if (stamp - m->network->start < source->delay) return;
  const ql_spikes *spikes = ql_spikes_at(source->population, stamp - source->delay);
  const uint32_t *territory = ql_channel_territory(m, source->population);
  for (size_t i = 0; i < spikes->n; i++) {
    uint32_t at = territory ? territory[spikes->at[i]] : 0;
    if (at - part->first < part->n)
      ql_channel_release(m, &part->phasic[at - part->first], source->amount);
  }
}

/* What is released in a step, in the order in which it acts. Of what is due, all before `*next` has
 * acted. */
static void release_into(const quell_modulator *m, ql_critic *critic, uint64_t stamp, size_t *next,
                         const part *part) {
  for (; *next < m->n_due && m->due[*next].stamp <= stamp; ++*next)
    apply_due(m, &m->due[*next], part);
  for (size_t i = 0; i < m->n_sources; i++) apply_spikes(m, &m->sources[i], stamp, part);
  if (critic) ql_channel_release(m, part->phasic, ql_critic_release(critic, m, stamp));
}

static void forget_pulses(quell_modulator *m, uint64_t oldest) {
  size_t gone = 0;
  while (gone < m->n_pulses && m->pulse[gone].stamp < oldest) gone++;
  if (!gone) return;
  m->n_pulses -= gone;
  memmove(m->pulse, m->pulse + gone, m->n_pulses * sizeof *m->pulse);
}

/* What a step has added to p. Returns 0 if there is no memory. */
static int note_pulses(quell_modulator *m, uint64_t stamp, const double *before) {
  for (uint32_t at = 0; at < m->size; at++) {
    if (m->phasic[at] == before[at]) continue;
    if (!ql_grow(&m->network->memory, (void **)&m->pulse, &m->pulse_capacity, m->n_pulses + 1,
                 sizeof *m->pulse))
      return 0;
    m->pulse[m->n_pulses++] = (ql_pulse){stamp, at, (float)(m->phasic[at] - before[at])};
  }
  return 1;
}

static int release_all(quell_modulator *m, uint64_t stamp) {
  const part all = {m->phasic, 0, m->size};
  if (m->keeps_pulses) memcpy(m->before, m->phasic, m->size * sizeof *m->phasic);
  release_into(m, m->critic, stamp, &m->n_acted, &all);
  return !m->keeps_pulses || note_pulses(m, stamp, m->before);
}

/* Now and then, so that a long course is not moved at each of its steps. */
static void forget_due(quell_modulator *m) {
  if (m->n_acted <= m->n_due / 2) return;
  m->n_due -= m->n_acted;
  memmove(m->due, m->due + m->n_acted, m->n_due * sizeof *m->due);
  m->n_acted = 0;
}

static void note_levels(const quell_modulator *m, uint64_t stamp) {
  uint32_t horizon = m->network->horizon;
  double mean = mean_of(m), tonic = m->param[QL_TONIC];
  const double *means = m->diffusion ? ql_diffusion_mean(m->diffusion, m->phasic) : NULL;
  for (uint32_t at = 0; at < m->size; at++) {
    size_t place = (size_t)at * horizon + (stamp & (horizon - 1));
    double over_step = means ? means[at] : m->phasic[at] * mean;
    m->level[place] = (float)(tonic + m->phasic[at]);
    m->mean[place] = (float)(tonic + over_step);
  }
}

static void decay(const quell_modulator *m) {
  double left = left_of(m);
  if (m->diffusion)
    ql_diffusion_step(m->diffusion, m->phasic);
  else
    for (uint32_t at = 0; at < m->size; at++) m->phasic[at] *= left;
}

static int advance(quell_modulator *m, uint32_t steps) {
  uint64_t clock = m->network->clock;
  if (clock - m->network->start > m->network->horizon)
    forget_pulses(m, clock - m->network->horizon);
  for (uint32_t i = 0; i < steps; i++) {
    if (!release_all(m, clock + i)) return 0;
    note_levels(m, clock + i);
    decay(m);
  }
  forget_due(m);
  return 1;
}

static int has_course(const quell_modulator *m) {
  return m->scope <= QUELL_SCOPE_TERRITORY;
}

int ql_channels_advance(quell_network *network, uint32_t steps) {
  for (size_t i = 0; i < network->n_modulators; i++)
    if (has_course(network->modulators[i]) && !advance(network->modulators[i], steps)) return 0;
  return 1;
}

/* The step that comes has not happened yet: the critic stays as it is. */
double ql_channel_at_clock(const quell_modulator *m, uint32_t at) {
  if (m->scope == QUELL_SCOPE_STATE) return ql_state_value(m->population, m->state, at);
  double phasic = m->phasic[at];
  const part one = {&phasic, at, 1};
  size_t next = m->n_acted;
  ql_critic critic = m->critic ? *m->critic : (ql_critic){0};
  if (has_course(m)) release_into(m, m->critic ? &critic : NULL, m->network->clock, &next, &one);
  return m->param[QL_TONIC] + phasic;
}

/* --- by neuron --- */

static int is_of(const quell_modulator *m, const quell_population *population) {
  return !has_course(m) && m->population == population;
}

void ql_channels_enter_step(const quell_population *population, uint32_t first, uint32_t n) {
  const quell_network *network = population->network;
  for (size_t i = 0; i < network->n_modulators; i++) {
    const quell_modulator *m = network->modulators[i];
    if (!is_of(m, population)) continue;
    double mean = mean_of(m), tonic = m->param[QL_TONIC];
    for (uint32_t j = first; j < first + n; j++) {
      int is_state = m->scope == QUELL_SCOPE_STATE;
      double now = is_state ? ql_state_value(population, m->state, j) : tonic + m->phasic[j];
      m->now[j] = (float)now;
      m->now_mean[j] = (float)(is_state ? now : tonic + m->phasic[j] * mean);
    }
  }
}

void ql_channels_leave_step(const quell_population *population, uint32_t first, uint32_t n) {
  const quell_network *network = population->network;
  for (size_t i = 0; i < network->n_modulators; i++) {
    const quell_modulator *m = network->modulators[i];
    if (!is_of(m, population) || m->scope == QUELL_SCOPE_STATE) continue;
    double left = left_of(m);
    for (uint32_t j = first; j < first + n; j++) m->phasic[j] *= left;
  }
}

/* --- life --- */

static int start(quell_modulator *m) {
  quell_network *network = m->network;
  ql_memory *memory = &network->memory;
  size_t n = has_course(m) ? (size_t)m->size * network->horizon : m->size;
  float *a = ql_alloc(memory, n, sizeof *a), *b = ql_alloc(memory, n, sizeof *b);
  *(has_course(m) ? &m->level : &m->now) = a;
  *(has_course(m) ? &m->mean : &m->now_mean) = b;
  if (m->keeps_pulses) m->before = ql_alloc(memory, m->size, sizeof *m->before);
  if (!a || !b || (m->keeps_pulses && !m->before)) return 0;
  return !m->diffusion || ql_diffusion_start(m->diffusion, m);
}

int ql_channels_start(quell_network *network) {
  for (size_t i = 0; i < network->n_modulators; i++)
    if (!start(network->modulators[i])) return 0;
  return 1;
}

void ql_channels_stop(quell_network *network) {
  for (size_t i = 0; i < network->n_modulators; i++) {
    quell_modulator *m = network->modulators[i];
    float **arrays[] = {&m->level, &m->mean, &m->now, &m->now_mean};
    for (size_t k = 0; k < sizeof arrays / sizeof *arrays; k++) {
      ql_free(&network->memory, *arrays[k]);
      *arrays[k] = NULL;
    }
    ql_free(&network->memory, m->before);
    m->before = NULL;
  }
}

static void take(uint32_t delay, uint32_t *shortest, uint32_t *longest) {
  if (delay < *shortest) *shortest = delay;
  if (delay > *longest) *longest = delay;
}

uint32_t ql_channels_news(const quell_network *network, uint32_t *longest) {
  uint32_t shortest = UINT32_MAX;
  for (size_t i = 0; i < network->n_modulators; i++) {
    const quell_modulator *m = network->modulators[i];
    for (size_t k = 0; k < m->n_sources; k++) take(m->sources[k].delay, &shortest, longest);
    if (m->critic && ql_critic_delay(m->critic))
      take(ql_critic_delay(m->critic), &shortest, longest);
  }
  return shortest;
}

void ql_channel_free(quell_modulator *m) {
  if (!m) return;
  ql_memory *memory = &m->network->memory;
  for (size_t i = 0; i < m->n_territories; i++) ql_free(memory, m->territory[i]);
  ql_free(memory, m->territory);
  ql_free(memory, m->name);
  ql_free(memory, m->phasic);
  ql_free(memory, m->due);
  ql_free(memory, m->sources);
  ql_free(memory, m->critic);
  ql_diffusion_free(memory, m->diffusion);
  ql_free(memory, m->level);
  ql_free(memory, m->mean);
  ql_free(memory, m->now);
  ql_free(memory, m->now_mean);
  ql_free(memory, m->before);
  ql_free(memory, m->pulse);
  ql_free(memory, m);
}

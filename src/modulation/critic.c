#include "modulation/critic.h"

#include "base/math.h"
#include <math.h>

/* V without its constant: the gain times the mean over the neurons of the kernel's rate, Hz. The
 * traces are sums of e^(-s / tau) over spikes, per neuron. */
static double value_of(const quell_critic *is, double slow, double fast) {
  return is->value + is->gain * 1000.0 * (slow - fast) / (is->tau_slow - is->tau_fast);
}

/* dV/dt, per second. */
static double slope_of(const quell_critic *is, double slow, double fast) {
  double per_ms = fast / is->tau_fast - slow / is->tau_slow;
  return is->gain * 1e6 * per_ms / (is->tau_slow - is->tau_fast);
}

/* The error at the start of a step, with the spikes that have arrived by then: their kernel begins
 * at 0, so that they move its slope at once and its value from there on. */
static double population_error(ql_critic *c, const quell_modulator *m, uint64_t stamp) {
  const quell_network *network = m->network;
  const quell_critic *is = &c->is;
  if (stamp - network->start >= c->delay) {
    const ql_spikes *spikes = ql_spikes_at(is->population, stamp - c->delay);
    double per_neuron = (double)spikes->n / is->population->size;
    c->slow += per_neuron;
    c->fast += per_neuron;
  }
  double discount = isfinite(is->tau) ? 1000.0 / is->tau : 0.0;
  double error = slope_of(is, c->slow, c->fast) - discount * value_of(is, c->slow, c->fast);
  c->slow *= ql_exp(-network->dt / is->tau_slow);
  c->fast *= ql_exp(-network->dt / is->tau_fast);
  return error;
}

double ql_critic_release(ql_critic *c, const quell_modulator *m, uint64_t stamp) {
  double per_second = 1000.0 / m->network->dt, error = c->error;
  c->error = 0.0;
  if (c->is.kind != QUELL_CRITIC_POPULATION) return error;
  error = population_error(c, m, stamp) + c->reward * per_second;
  c->reward = 0.0;
  return m->param[QL_TAU] > 0.0 ? error / per_second : error;
}

uint32_t ql_critic_delay(const ql_critic *c) {
  return c->is.kind == QUELL_CRITIC_POPULATION ? c->delay : 0;
}

void ql_critic_reward(ql_critic *c, double reward) {
  if (c->is.kind != QUELL_CRITIC_MEAN) {
    c->reward += reward;
    return;
  }
  c->error += reward - c->expected;
  c->expected += c->is.rate * (reward - c->expected);
}

void ql_critic_predict(ql_critic *c, const quell_network *network, double value, int fresh) {
  double passed = (double)(network->clock - c->stamp) * network->dt;
  double kept = isfinite(c->is.tau) ? ql_exp(-passed / c->is.tau) : 1.0;
  if (c->predicted && !fresh) c->error += c->reward + kept * value - c->expected;
  c->reward = 0.0;
  c->expected = value;
  c->predicted = 1;
  c->stamp = network->clock;
}

double ql_critic_expected(const ql_critic *c) {
  if (c->is.kind != QUELL_CRITIC_POPULATION) return c->expected;
  return value_of(&c->is, c->slow, c->fast);
}

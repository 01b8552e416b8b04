#include "modulation/critic.h"

#include "base/math.h"
#include <math.h>

/* V without its constant: the gain times the mean over the neurons of the kernel's rate, Hz. The
 * traces are sums of e^(-s / tau) over spikes, per neuron. */
static double value_of(const quell_critic *is, double slow, double fast) {
  return is->value + is->gain * 1000.0 * (slow - fast) / (is->tau_slow - is->tau_fast);
}

static double left_of(double tau, double dt) {
  return ql_exp(-dt / tau);
}

static double mean_of(double tau, double dt) {
  return -ql_expm1(-dt / tau) * (tau / dt);
}

static void take_spikes(ql_critic *c, const quell_network *network, uint64_t stamp) {
  if (stamp - network->start < c->delay) return;
  double n = (double)ql_spikes_at(c->is.population, stamp - c->delay)->n;
  c->slow += n / c->is.population->size;
  c->fast += n / c->is.population->size;
}

/* Mean of dV/dt - V / tau over a step, per second. The kernel begins at 0, so that V does not jump
 * at the spikes that come in with the step. */
static double population_error(ql_critic *c, const quell_network *network, uint64_t stamp) {
  const quell_critic *is = &c->is;
  double dt = network->dt, discount = isfinite(is->tau) ? 1000.0 / is->tau : 0.0;
  take_spikes(c, network, stamp);
  double before = value_of(is, c->slow, c->fast);
  double mean =
      value_of(is, c->slow * mean_of(is->tau_slow, dt), c->fast * mean_of(is->tau_fast, dt));
  c->slow *= left_of(is->tau_slow, dt);
  c->fast *= left_of(is->tau_fast, dt);
  return (value_of(is, c->slow, c->fast) - before) * (1000.0 / dt) - discount * mean;
}

double ql_critic_release(ql_critic *c, const quell_modulator *m, uint64_t stamp) {
  double per_second = 1000.0 / m->network->dt, error = c->error;
  c->error = 0.0;
  if (c->is.kind != QUELL_CRITIC_POPULATION) return error;
  error = population_error(c, m->network, stamp) + c->reward * per_second;
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

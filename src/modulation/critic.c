#include "modulation/critic.h"

#include "base/math.h"
#include <math.h>

/* The gain on a trace: V is this × (slow − fast) above its constant. The traces are sums of
 * e^(-s / tau) over the spikes, per neuron. */
static double scale_of(const quell_critic *is) {
  return is->gain * 1000.0 / (is->tau_slow - is->tau_fast);
}

/* The spikes that arrive at the start of a step. Their kernel begins at 0: they change the slope of
 * V at once and V from there on. */
static void take_spikes(ql_critic *c, const quell_network *network, uint64_t stamp) {
  const quell_population *population = c->is.population;
  if (stamp - network->start < c->delay) return;
  double per_neuron = (double)ql_spikes_at(population, stamp - c->delay)->n / population->size;
  c->slow += per_neuron;
  c->fast += per_neuron;
}

/* The error's mean over a step, per second, and the traces carried to its end. The mean, because
 * the errors of all steps together are then what V gains less what its decay takes, whatever the
 * step: the value at one time of each would see the slope after a spike, and not all that cancels
 * it. */
static double mean_error(ql_critic *c, double dt) {
  const quell_critic *is = &c->is;
  double slow = -c->slow * ql_expm1(-dt / is->tau_slow);
  double fast = -c->fast * ql_expm1(-dt / is->tau_fast);
  double gained = scale_of(is) * (fast - slow);
  double area = scale_of(is) * (is->tau_slow * slow - is->tau_fast * fast) + is->value * dt;
  c->slow -= slow;
  c->fast -= fast;
  double lost = isfinite(is->tau) ? area / is->tau : 0.0;
  return (gained - lost) * 1000.0 / dt;
}

double ql_critic_release(ql_critic *c, const quell_modulator *m, uint64_t stamp) {
  double dt = m->network->dt, error = c->error;
  c->error = 0.0;
  if (c->is.kind != QUELL_CRITIC_POPULATION) return error;
  take_spikes(c, m->network, stamp);
  error = mean_error(c, dt) + c->reward * 1000.0 / dt;
  c->reward = 0.0;
  return m->param[QL_TAU] > 0.0 ? error * dt / 1000.0 : error;
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

void ql_critic_restart(ql_critic *c, const quell_network *network, double value) {
  c->reward = 0.0;
  c->expected = value;
  c->stamp = network->clock;
  c->has_predicted = 1;
}

void ql_critic_predict(ql_critic *c, const quell_network *network, double value) {
  double passed = (double)(network->clock - c->stamp) * network->dt;
  double kept = isfinite(c->is.tau) ? ql_exp(-passed / c->is.tau) : 1.0;
  if (c->has_predicted) c->error += c->reward + kept * value - c->expected;
  ql_critic_restart(c, network, value);
}

double ql_critic_expected(const ql_critic *c) {
  if (c->is.kind != QUELL_CRITIC_POPULATION) return c->expected;
  return c->is.value + scale_of(&c->is) * (c->slow - c->fast);
}

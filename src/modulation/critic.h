/* A reward-prediction error as the source of a channel: see quell_critic in modulator.h. */
#ifndef QL_MODULATION_CRITIC_H
#define QL_MODULATION_CRITIC_H

#include "modulation/channel.h"

struct ql_critic {
  quell_critic is;
  uint32_t delay; /* POPULATION: steps */

  double expected;   /* MEAN: M; VALUE: the last prediction … */
  uint64_t stamp;    /* … when it was made … */
  int has_predicted; /* … and whether there was one */
  double reward;     /* VALUE: since the last prediction; POPULATION: at the clock */
  double slow, fast; /* POPULATION: traces of the mean spike count, as at the next step */
  double error;      /* what is to be released at the clock by what was called there */
};

/* What is released in a step; called once for each, in their order. */
double ql_critic_release(ql_critic *critic, const quell_modulator *m, uint64_t stamp);

/* Steps until the spikes of its population reach it; 0: it has none. */
uint32_t ql_critic_delay(const ql_critic *critic);

void ql_critic_reward(ql_critic *critic, double reward);
/* VALUE: compared with the prediction before it, or not. */
void ql_critic_predict(ql_critic *critic, const quell_network *network, double value);
void ql_critic_restart(ql_critic *critic, const quell_network *network, double value);
double ql_critic_expected(const ql_critic *critic);

#endif

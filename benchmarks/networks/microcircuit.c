/* The cortical microcircuit of Potjans & Diesmann 2014, the network by which simulators are
 * compared: 77,169 neurons, 0.3 billion synapses, each with its own weight and delay, and about a
 * billion synaptic events a second. The rest of the brain is a constant current (case dc) or
 * Poisson events (case poisson).
 *
 * A smaller network has `scale` times the neurons and `scale` times the synapses per neuron, as
 * published: weights grow by 1/sqrt(scale), which keeps the variance of the input, and a constant
 * current makes up for what its mean then lacks. In a small network without Poisson events that sum
 * of currents is below what a neuron needs to fire (375 pA), so that silence is stable: the case dc
 * is alive at scale 0.2 and dead at 0.1. */
#include "../bench.h"
#include "pd14.h"

#include <math.h>

enum { DC, POISSON };
enum { L23E, L4E = 2 };

static int is_inhibitory(unsigned population) {
  return population % 2 == 1;
}

/* Mean current of an event at full scale, pA; a magnitude. */
static double weight_of(unsigned post, unsigned pre) {
  double psp = post == L23E && pre == L4E ? pd14_psp_L4E_to_L23E : pd14_psp;
  return pd14_pA_per_mV * psp * (is_inhibitory(pre) ? pd14_inhibition : 1.0);
}

/* Synapses at full scale: pairs are drawn with replacement, and p is the probability that two
 * neurons have at least one. */
static double synapses_of(unsigned post, unsigned pre) {
  double pairs = (double)pd14_size[pre] * pd14_size[post];
  return floor(log1p(-pd14_probability[post][pre]) / log1p(-1.0 / pairs) + 0.5);
}

/* The mean of a current whose events arrive at a rate in Hz. */
static double mean_current(double weight, double rate) {
  return weight * rate * pd14_tau_syn / 1000.0;
}

static double current_from_inside(unsigned post) {
  double sum = 0.0;
  for (unsigned pre = 0; pre < PD14_POPULATIONS; pre++) {
    double rate = synapses_of(post, pre) / pd14_size[post] * pd14_rate[pre];
    sum += mean_current(weight_of(post, pre), rate) * (is_inhibitory(pre) ? -1.0 : 1.0);
  }
  return sum;
}

static double rate_from_outside(unsigned post) {
  return pd14_outside[post] * pd14_outside_rate;
}

/* DC and what is lost by scaling: events are worth sqrt(scale) of what they were. */
static double constant_current(unsigned post, double scale, unsigned which) {
  double outside = mean_current(weight_of(L23E, L23E), rate_from_outside(post));
  double lost = 1.0 - sqrt(scale);
  return lost * current_from_inside(post) + (which == DC ? 1.0 : lost) * outside;
}

static quell_population *add(model *m, unsigned i, unsigned which) {
  uint32_t size = (uint32_t)(m->scale * pd14_size[i] + 0.5);
  quell_population *population = add_population(
      m, pd14_name[i], "lif_curr_exp", size > 1 ? size : 1, pd14_neuron, COUNT(pd14_neuron));
  const quell_value current = {"i_offset", constant_current(i, m->scale, which)};
  check(m, quell_population_set(population, &current, 1));
  spread_normal(m, population, "v", pd14_v_mean[i], pd14_v_sd[i]);
  if (which == POISSON)
    check(m, quell_population_background(population, "excitatory", m->scale * rate_from_outside(i),
                                         weight_of(L23E, L23E) / sqrt(m->scale)));
  return population;
}

/* Delays below half a step would be rounded to none. */
static void connect(model *m, unsigned post, unsigned pre) {
  double weight = weight_of(post, pre) / sqrt(m->scale);
  double delay = is_inhibitory(pre) ? pd14_delay_inh : pd14_delay_exc;
  double half_step = quell_network_dt(m->net) / 2.0;
  quell_connection connection = QUELL_CONNECTION_INIT;
  connection.kind = QUELL_FIXED_TOTAL;
  connection.count = (uint64_t)(m->scale * m->scale * synapses_of(post, pre) + 0.5);
  connection.weight = normal_above(0.0, weight, pd14_weight_sd * weight);
  connection.delay = normal_above(half_step, delay, pd14_delay_sd * delay);
  if (connection.count)
    join(m, m->population[pre], m->population[post],
         is_inhibitory(pre) ? "inhibitory" : "excitatory", &connection, NULL);
}

static void build(model *m, const settings *s, unsigned which) {
  m->scale = s->scale;
  for (unsigned i = 0; i < PD14_POPULATIONS; i++) add(m, i, which);
  for (unsigned post = 0; post < PD14_POPULATIONS; post++)
    for (unsigned pre = 0; pre < PD14_POPULATIONS; pre++) connect(m, post, pre);
}

static const char *const cases[] = {"dc", "poisson", NULL};

const benchmark microcircuit = {
    .name = "microcircuit",
    .summary = "77,169 neurons of a cortical column (Potjans & Diesmann 2014); by input",
    .cases = cases,
    .by_name = 1,
    .large = 1,
    .warm_up = 0.5,
    .seconds = 10.0,
    .build = build,
};

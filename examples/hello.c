/*
 * One neuron, a constant current, and a recorder: the smallest complete program.
 *
 * A leaky integrator that is driven to v_rest + R I above threshold fires every
 *
 *   T = t_ref + tau ln(R I / (R I - (v_thresh - v_reset))),   R = tau / C,
 *
 * and on a grid of steps each interval is T rounded up to the next step.
 */
#include <math.h>
#include <quell/quell.h>
#include <stdio.h>
#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Every call returns a status; the network keeps the sentence that explains a failure. */
#define TRY(call)                                                                                  \
  do {                                                                                             \
    quell_status status = (call);                                                                  \
    if (status != QUELL_OK) return status;                                                         \
  } while (0)

static const double tau = 20.0, capacitance = 200.0, t_ref = 2.0, v_rest = -60.0, v_thresh = -50.0,
                    current = 120.0;

static quell_status simulate(quell_network *net, quell_recording *spikes) {
  const quell_value neuron[] = {
      {"tau_m", tau},      {"cm", capacitance},    {"tau_refrac", t_ref}, {"v_rest", v_rest},
      {"v_reset", v_rest}, {"v_thresh", v_thresh}, {"i_offset", current},
  };
  quell_population *population;
  quell_recorder *recorder;
  TRY(quell_population_create(net, "neuron", "lif_curr_exp", 1, neuron, COUNT(neuron),
                              &population));
  TRY(quell_record_spikes(population, NULL, &recorder));
  TRY(quell_run(net, 200.0));
  return quell_recorder_read(recorder, spikes);
}

/* Prints the spikes; returns the largest distance of an interval from `expected`. */
static double compare(const quell_recording *spikes, double dt, double expected) {
  double worst = spikes->samples >= 2 ? 0.0 : INFINITY;
  for (size_t i = 0; i < spikes->samples; i++) {
    printf("spike at %6.1f ms", (double)spikes->stamps[i] * dt);
    if (i > 0) {
      double interval = (double)(spikes->stamps[i] - spikes->stamps[i - 1]) * dt;
      printf(", %.1f ms after the last", interval);
      worst = fmax(worst, fabs(interval - expected));
    }
    printf("\n");
  }
  return worst;
}

int main(void) {
  quell_network_options options = QUELL_NETWORK_OPTIONS_INIT;
  options.dt = 0.1;
  quell_network *net;
  if (quell_network_create(&options, &net) != QUELL_OK) {
    fprintf(stderr, "no network\n");
    return EXIT_FAILURE;
  }
  printf("quell %s\n", quell_version());

  quell_recording spikes = QUELL_RECORDING_INIT;
  quell_status status = simulate(net, &spikes);
  if (status != QUELL_OK) {
    fprintf(stderr, "%s: %s\n", quell_status_string(status), quell_network_error(net));
    quell_network_destroy(&net);
    return EXIT_FAILURE;
  }

  double drive = tau / capacitance * current;
  double expected = t_ref + tau * log(drive / (drive - (v_thresh - v_rest)));
  double worst = compare(&spikes, options.dt, expected);
  quell_network_destroy(&net);
  printf("closed form: %.3f ms; the intervals are within %.3f ms of it\n", expected, worst);
  if (worst <= options.dt) return EXIT_SUCCESS;
  fprintf(stderr, "the intervals should be within one step, %.1f ms\n", options.dt);
  return EXIT_FAILURE;
}

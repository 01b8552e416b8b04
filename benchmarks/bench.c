/* Times a balanced network whose inhibition learns: Vogels et al. 2011 (10.1126/science.1211095) in
 * the form of Brian2's published example. Prints one JSON object.
 *
 * usage: bench [NEURONS [SECONDS [WARM_UP_SECONDS]]]      default: 10000 2 10 */
#define _POSIX_C_SOURCE 199309L

#include <quell/quell.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

static quell_network *net;

static void check(quell_status status) {
  if (status == QUELL_OK) return;
  fprintf(stderr, "bench: %s: %s\n", quell_status_string(status), quell_network_error(net));
  exit(1);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double argument(int argc, char **argv, int i, double fallback) {
  if (argc <= i) return fallback;
  double value = strtod(argv[i], NULL);
  if (value > 0.0) return value;
  fprintf(stderr, "usage: bench [NEURONS [SECONDS [WARM_UP_SECONDS]]]\n");
  exit(2);
}

static quell_projection *connect(quell_population *pre, quell_population *post,
                                 const char *receptor, double p, double weight, quell_rule *rule) {
  quell_connection connection = QUELL_CONNECTION_INIT;
  connection.kind = QUELL_FIXED_PROBABILITY;
  connection.p = p;
  connection.weight.kind = QUELL_CONSTANT;
  connection.weight.a = weight;
  connection.delay.kind = QUELL_CONSTANT;
  connection.delay.a = 0.8;
  quell_projection *projection;
  check(quell_connect(net, pre, post, receptor, &connection, rule, &projection));
  return projection;
}

/* Spikes per neuron and second. */
static double rate(const quell_recorder *spikes, uint32_t neurons, double seconds) {
  quell_recording recording = QUELL_RECORDING_INIT;
  check(quell_recorder_read(spikes, &recording));
  return (double)recording.samples / neurons / seconds;
}

int main(int argc, char **argv) {
  uint32_t neurons = (uint32_t)argument(argc, argv, 1, 10000.0);
  double seconds = argument(argc, argv, 2, 2.0), warm_up = argument(argc, argv, 3, 10.0);
  uint32_t n_inh = neurons / 5, n_exc = neurons - n_inh;
  double p = 200.0 / neurons < 1.0 ? 200.0 / neurons : 1.0; /* 200 inputs each, whatever the size */

  quell_network_options options = QUELL_NETWORK_OPTIONS_INIT;
  options.seed = 1;
  check(quell_network_create(&options, &net));

  const quell_value driven[] = {{"i_offset", 200.0}};
  quell_population *exc, *inh;
  check(quell_population_create(net, "exc", "lif_cond_exp", n_exc, driven, N(driven), &exc));
  check(quell_population_create(net, "inh", "lif_cond_exp", n_inh, driven, N(driven), &inh));

  const quell_value learning[] = {{"eta", 0.01}, {"rho0", 3.0}, {"w_max", 100.0}};
  quell_rule *balance;
  check(quell_rule_create(net, "vogels2011", learning, N(learning), &balance));
  double start = now();
  connect(exc, exc, "excitatory", p, 0.3, NULL);
  connect(exc, inh, "excitatory", p, 0.3, NULL);
  connect(inh, inh, "inhibitory", p, 3.0, NULL);
  quell_projection *plastic = connect(inh, exc, "inhibitory", p, 0.0, balance);

  check(quell_run(net, 0.0));
  double built = now() - start;
  check(quell_run(net, 1000.0 * warm_up));

  quell_recorder *exc_spikes, *inh_spikes;
  check(quell_record_spikes(exc, NULL, &exc_spikes));
  check(quell_record_spikes(inh, NULL, &inh_spikes));
  start = now();
  check(quell_run(net, 1000.0 * seconds));
  double wall = now() - start;

  printf("{\"name\": \"vogels2011\", \"version\": \"%s\", \"neurons\": %u, \"plastic_synapses\": "
         "%llu, "
         "\"build_s\": %.3f, \"bio_s\": %g, \"wall_s\": %.4f, \"rtf\": %.4f, "
         "\"rates\": {\"exc\": %.3f, \"inh\": %.3f}}\n",
         quell_version(), (unsigned)neurons, (unsigned long long)quell_projection_size(plastic),
         built, seconds, wall, wall / seconds, rate(exc_spikes, n_exc, seconds),
         rate(inh_spikes, n_inh, seconds));
  quell_network_destroy(&net);
  return 0;
}

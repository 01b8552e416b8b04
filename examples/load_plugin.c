/*
 * Loads the library of rules that plugin_rule.c is, and lets one synapse learn with its rule:
 *
 *   ./load_plugin ./plugin_rule.so
 *
 * A pre spike and, 5 ms later, a post spike must change the weight as the closed form says. The
 * library cannot be unloaded while the network has its rule, and can when the network is gone.
 */
#include <math.h>
#include <quell/quell.h>
#include <stdio.h>
#include <stdlib.h>

#define TRY(call)                                                                                  \
  do {                                                                                             \
    quell_status status_ = (call);                                                                 \
    if (status_ != QUELL_OK) return status_;                                                       \
  } while (0)

static quell_status see_pair(quell_network *net, double *error) {
  const double eta = 0.1, alpha = 0.2, w_max = 10.0;
  const quell_value values[] = {{"eta", eta}};
  const uint32_t neuron = 0;
  quell_connection one = QUELL_CONNECTION_INIT;
  quell_population *pre, *post;
  quell_projection *synapse;
  quell_rule *rule;
  float w;
  one.kind = QUELL_ONE_TO_ONE; /* of weight 1, the default */
  TRY(quell_population_create(net, "pre", "external", 1, NULL, 0, &pre));
  TRY(quell_population_create(net, "post", "external", 1, NULL, 0, &post));
  TRY(quell_rule_create(net, "saturating", values, 1, &rule));
  TRY(quell_connect(net, pre, post, "inhibitory", &one, rule, &synapse));
  for (int step = 0; step < 100; step++) { /* of 0.1 ms */
    if (step == 10) TRY(quell_population_spikes_in(pre, &neuron, 1));
    if (step == 60) TRY(quell_population_spikes_in(post, &neuron, 1));
    TRY(quell_step(net));
  }
  TRY(quell_projection_get(synapse, "weight", 0, 1, &w));
  double expected = 1.0 - eta * alpha * 1.0;
  expected += eta * exp(-5.0 / 20.0) * (w_max - expected);
  printf("w %.6f, closed form %.6f\n", (double)w, expected);
  *error = fabs((double)w - expected);
  return QUELL_OK;
}

static int fail(const char *sentence) {
  fprintf(stderr, "load_plugin: %s\n", sentence);
  return EXIT_FAILURE;
}

int main(int argc, char **argv) {
  char message[300] = "";
  double error = INFINITY;
  quell_network_options options = QUELL_NETWORK_OPTIONS_INIT;
  quell_network *net;
  if (argc != 2) return fail("usage: load_plugin FILE");
  if (quell_registry_create(NULL, &options.registry)) return fail("out of memory");
  if (quell_plugin_load(options.registry, argv[1], message, sizeof message)) return fail(message);
  printf("'%s' has brought %zu rule\n", argv[1],
         quell_registry_count(options.registry) - quell_registry_count(NULL));

  if (quell_network_create(&options, &net)) return fail("out of memory");
  if (see_pair(net, &error)) return fail(quell_network_error(net));
  if (error > 1e-5) return fail("the weight should be within 1e-5 of the closed form");
  if (quell_plugin_unload(options.registry, "example", message, sizeof message) != QUELL_E_STATE)
    return fail("a library in use should stay");
  printf("%s\n", message);

  quell_network_destroy(&net);
  if (quell_plugin_unload(options.registry, "example", message, sizeof message))
    return fail(message);
  quell_registry_destroy(&options.registry);
  return EXIT_SUCCESS;
}

/* Neurons that the host advances: it reads the summed input of a step and hands in the spikes, and
 * what the rules are to know of the cells. */
#include "neurons/model.h"

static const char *const receptors[] = {"excitatory", "inhibitory"};

static const ql_state_desc states[] = {
    {"v", "mV", "membrane potential, for rules that read it; set by the host before each step",
     QUELL_FLOAT32, -65.0, NULL, -1e6, 1e6},
    {"g_exc", "nS", "excitatory conductance, likewise", QUELL_FLOAT32, 0.0, NULL, 0.0, 1e9},
    {"g_inh", "nS", "inhibitory conductance, likewise", QUELL_FLOAT32, 0.0, NULL, 0.0, 1e9},
};

const ql_model ql_external = {
    .name = "external",
    .doc = "Neurons that the host advances itself: in each step it reads the summed input of the "
           "receptors excitatory and inhibitory and hands in the spikes, see "
           "quell_population_on_step().",
    .kind = QL_EXTERNAL,
    .states = states,
    .n_states = 3,
    .receptors = receptors,
    .n_receptors = 2,
};

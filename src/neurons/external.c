/* Neurons that the host advances: it reads the summed input of a step and hands in the spikes. */
#include "neurons/model.h"

static const char *const receptors[] = {"excitatory", "inhibitory"};

const ql_model ql_external = {
    .name = "external",
    .doc = "Neurons that the host advances itself: in each step it reads the summed input of the "
           "receptors excitatory and inhibitory and hands in the spikes, see "
           "quell_population_on_step().",
    .kind = QL_EXTERNAL,
    .receptors = receptors,
    .n_receptors = 2,
};

/* Source whose spikes the host gives as a list. The engine emits them; there is nothing to
 * advance. */
#include "neurons/model.h"

const ql_model ql_spike_source = {
    .name = "spike_source",
    .doc = "Emits the spikes that it is given as a list of neurons and times, see "
           "quell_population_set_spikes().",
    .kind = QL_SPIKE_SOURCE,
};

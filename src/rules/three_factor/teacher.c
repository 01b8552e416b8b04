/*
 * teacher: what was active before a teacher's signal is depressed; every pre spike potentiates a
 * little. The rule of the cerebellum: parallel fibres are pre, the teacher is the climbing fibre.
 *
 *   pre:   w += a_plus,  e += 1                de/dt = −e / tau_e
 *   always:  dw/dt = −a_minus e × teacher      per second
 *
 * "teacher" is a channel, as a rule with tau = 0 and the spikes of the climbing fibres as its
 * source (quell_modulator_source), and with a territory for each microzone
 * (quell_modulator_territories): a spike then stands in the channel for one step, and one that
 * releases 1000 / dt [ms] depresses by a_minus e. The post neuron's own spikes have no part.
 *
 * Marr 1969, 10.1113/jphysiol.1969.sp008820; Albus 1971, 10.1016/0025-5564(71)90051-4. The kernel
 * is a plain exponential, and the constants are ours: public models of the cerebellum use kernels
 * that peak about 100 ms before the teacher's signal, which this is not.
 */
#include "rules/builtin.h"

enum { A_PLUS, A_MINUS, TAU_E };
enum { BOUND_PLUS, BOUND_MINUS };

static const quell_param_desc params[] = {
    {"a_plus", "w", "potentiation by a pre spike", 1e-4, 0.0, 1e9, QUELL_BINDABLE, 0},
    {"a_minus", "w", "depression by the teacher, for a pre spike just before it", 1e-3, 0.0, 1e9,
     QUELL_BINDABLE, 0},
    {"tau_e", "ms", "how long a pre spike is remembered", 100.0, 0.0, 1e9, QUELL_MIN_OPEN, 0},
    QUELL_STANDARD_PARAMS(1.0),
};

static const quell_factor_desc factors[] = {
    {"teacher", "the teacher's signal at the post neuron, such as spikes of its climbing fibre"},
};

static const quell_eligibility_desc eligibilities[] = {
    {"eligibility", "w", "minus the depression by a teacher of 1 per second", TAU_E, 1},
};

static quell_status prepare(const quell_rule_args *args, void *instance) {
  (void)args, (void)instance; /* both amplitudes may move */
  return QUELL_OK;
}

static void on_pre(const quell_block *block) {
  const float *restrict plus = block->bound[BOUND_PLUS];
  const float *restrict minus = block->bound[BOUND_MINUS];
  float *restrict w = block->w, *restrict e = block->elig[0];
  for (uint32_t i = 0; i < block->n; i++) {
    w[i] += plus[i];
    e[i] -= minus[i];
  }
}

static const quell_event_desc events[] = {
    {.kind = QUELL_PRE, .call = on_pre},
};

const quell_rule_desc QL_RULE(teacher) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "teacher",
    .summary =
        "a teacher depresses the inputs that were active before it, each input potentiates alone",
    .source = "after cerebellar models: Marr 1969, Albus 1971",
    .params = QUELL_TABLE(params),
    .events = QUELL_TABLE(events),
    .prepare = prepare,
    .eligibilities = QUELL_TABLE(eligibilities),
    .factors = QUELL_TABLE(factors),
};

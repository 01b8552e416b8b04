/* Rate unit: threshold-linear, or a power of what is above the threshold.
 *
 *   tau dh/dt = -h + bias + excitation - inhibition
 *   rate = gain [h - threshold]₊^exponent, at most rate_max
 *
 * Everything is in Hz but tau (ms) and, with an exponent other than 1, gain (Hz^(1 - exponent)). A
 * rate unit has no spikes: a synapse of weight w delivers w × rate × dt / 1000 in each step, w
 * times the number of spikes that a cell of that rate has on average. So what arrives in a step,
 * times 1000 / dt, is excitation or inhibition in Hz: from rate units w × rate, from a spike a
 * pulse of area w. The defaults are ours.
 *
 * Order in the step s → s + 1:
 *   1. h over the step, with the input of the step held: h → h∞ + (h - h∞) e^(-dt/tau), which is
 *      exact whatever dt
 *   2. rate from the new h; it is what leaves from stamp s + 1 on
 * Both are kept below 1e9 Hz in magnitude, so that a network that runs away stays in numbers.
 *
 * The units of the papers that the rate rules come from are this one: Mackwood, Naumann & Sprekeler
 * 2021, 10.7554/eLife.59715 (exponent 1); Eckmann, Young & Gjorgjieva
 * 2024, 10.1101/2022.03.11.483899 (exponent 2); Soldado-Magraner et al.
 * 2022, 10.1073/pnas.2200621119 (saturates; there the low-pass follows the rectification). */
#include "neurons/lif.h"
#include "neurons/model.h"
#include <quell/vecmath.h>

#define MOST_HZ 1e9

enum { TAU, BIAS, THRESHOLD, GAIN, EXPONENT, RATE_MAX, N_PARAMS };

enum { H, RATE, N_STATES };

static const quell_param_desc params[N_PARAMS] = {
    {"tau", "ms", "time constant of h", 10.0, 0.0, QL_MOST_MS, QUELL_MIN_OPEN, 0},
    {"bias", "Hz", "constant input", 0.0, -MOST_HZ, MOST_HZ, QUELL_PER_NEURON, 0},
    {"threshold", "Hz", "h below which the rate is 0; infinite for silence", 0.0, -MOST_HZ,
     (double)INFINITY, QUELL_PER_NEURON, 0},
    {"gain", "1", "rate per h above the threshold, to the power of exponent", 1.0, 0.0, 1e9,
     QUELL_PER_NEURON, 0},
    {"exponent", "1", "power of h above the threshold", 1.0, 0.0, 10.0, 0, 0},
    {"rate_max", "Hz", "largest rate", (double)INFINITY, 0.0, (double)INFINITY, 0, 0},
};

static const ql_state_desc states[N_STATES] = {
    {"h", "Hz", "low-passed input", QUELL_FLOAT32, 0.0, NULL, -MOST_HZ, MOST_HZ},
    {"rate", "Hz", "rate, which follows from h at each step", QUELL_FLOAT32, 0.0, NULL, 0.0,
     MOST_HZ},
};

static const char *const receptors[] = {"excitatory", "inhibitory"};

typedef struct constants {
  float pull;   /* 1 - e^(-dt/tau) */
  float per_dt; /* Hz per event in a step */
  float exponent, rate_max;
} constants;

static quell_status prepare(const double *value, double dt, void *out, char *message,
                            size_t message_size) {
  (void)message, (void)message_size;
  double most = value[RATE_MAX] < MOST_HZ ? value[RATE_MAX] : MOST_HZ;
  *(constants *)out = (constants){
      .pull = (float)-ql_expm1(-dt / value[TAU]),
      .per_dt = (float)(1000.0 / dt),
      .exponent = (float)value[EXPONENT],
      .rate_max = (float)most,
  };
  return QUELL_OK;
}

static inline float at_most(float x, float most) {
  return x < most ? x : most;
}

static inline float above_threshold(float h, float threshold) {
  float x = h - threshold;
  return x > 0.0f ? x : 0.0f;
}

QL_LOOP void integrate(const constants *c, uint32_t n, const float *restrict input_E,
                       const float *restrict input_I, const float *restrict bias,
                       float *restrict h) {
  const float pull = c->pull, per_dt = c->per_dt, most = (float)MOST_HZ;
  for (uint32_t i = 0; i < n; i++) {
    float input = bias[i] + (input_E[i] - input_I[i]) * per_dt;
    float next = at_most(h[i] + (input - h[i]) * pull, most);
    h[i] = ql_without_denormals(next > -most ? next : -most);
  }
}

/* A loop of its own for the common exponents, which need no power. */
QL_LOOP void respond(const constants *c, uint32_t n, const float *restrict h,
                     const float *restrict threshold, const float *restrict gain,
                     float *restrict rate) {
  const float exponent = c->exponent, most = c->rate_max;
  if (exponent == 1.0f) {
    for (uint32_t i = 0; i < n; i++)
      rate[i] = ql_decayed(at_most(gain[i] * above_threshold(h[i], threshold[i]), most));
  } else if (exponent == 2.0f) {
    for (uint32_t i = 0; i < n; i++) {
      float x = above_threshold(h[i], threshold[i]);
      rate[i] = ql_decayed(at_most(gain[i] * (x * x), most));
    }
  } else {
    for (uint32_t i = 0; i < n; i++) {
      float power = quell_powf(above_threshold(h[i], threshold[i]), exponent);
      rate[i] = ql_decayed(at_most(gain[i] * power, most));
    }
  }
}

static void update(ql_update *u) {
  float *h = u->state[H], *rate = u->state[RATE];
  for (uint32_t first = 0; first < u->n; first += QL_CHUNK) {
    uint32_t n = u->n - first < QL_CHUNK ? u->n - first : QL_CHUNK;
    integrate(u->constants, n, ql_chunk_input(u, 0, first), ql_chunk_input(u, 1, first),
              u->param[BIAS] + first, h + first);
    respond(u->constants, n, h + first, u->param[THRESHOLD] + first, u->param[GAIN] + first,
            rate + first);
  }
}

const ql_model ql_rate = {
    .name = "rate",
    .doc =
        "Rate unit without spikes: tau dh/dt = -h + bias + excitation - inhibition; rate = gain "
        "[h - threshold]+^exponent, at most rate_max. A synapse of weight w from a rate unit "
        "delivers w x rate x dt/1000 in each step, as spikes of that rate would on average; what "
        "arrives at a rate unit acts as w x rate in Hz, and a spike as a pulse of area w. Exact "
        "at the time grid, with the input of a step held.",
    .kind = QL_NEURON,
    .params = params,
    .n_params = N_PARAMS,
    .states = states,
    .n_states = N_STATES,
    .rate_state = 1 + RATE,
    .receptors = receptors,
    .n_receptors = 2,
    .constants_size = sizeof(constants),
    .prepare = prepare,
    .update = update,
};

/* The simple model of Izhikevich (2003, 10.1109/TNN.2003.820440).
 *
 *   dv/dt = 0.04 v² + 5 v + 140 - u + i,   du/dt = a (b v - u)
 *   i = i_offset + i_exc - i_inh + noise × uniform number in [-1/2, 1/2], a new one in each step
 *   fires at v ≥ v_thresh: v = c, u += d
 *
 * The capacitance is 1, so currents, weights and u are in mV/ms; v and c in mV; a and b per ms. An
 * event of weight w adds w to i_exc or i_inh, magnitudes that decay with tau_syn_E and tau_syn_I;
 * with 0 an event acts for the step in which it arrives, and moves v by w dt. The noise is that of
 * the author's programs, where dt is 1 ms; with another dt its effect is another.
 *
 * Defaults: a regular spiking cell (a 0.02, b 0.2, c -65, d 8), v = -65 and u = b v = -13 at the
 * start, v_thresh 30, no noise. Of the paper: fast spiking a 0.1, d 2; intrinsically bursting
 * c -55, d 4; chattering c -50, d 2.
 *
 * Order in the step s → s + 1:
 *   1. currents += input of the step
 *   2. v by Euler's rule, with u and i held: in one substep if dt ≤ 0.5 ms, else in two halves
 *   3. u += dt a (b v - u), with the new v
 *   4. spike (stamp s + 1) if v ≥ v_thresh: v = c, u += d
 *   5. currents decay
 * With dt = 1 ms these are the author's programs (2003, and daspnet of ModelDB 84167), which look
 * for spikes at the start of the next step. They let v overshoot the threshold, within a step and
 * in the equation of u: so do we. The error is of first order in dt; a dt above 1 ms is refused.
 *
 * v is kept within 1e6 mV after each substep and u within 1e9 mV/ms, where no sensible input brings
 * them, so that the square of v never overflows. A v_thresh at or below c fires in every step. */
#include "neurons/lif.h"
#include "neurons/model.h"
#include "neurons/noise.h"

#define MOST_MV_MS 1e9

enum { A, B, C, D, V_THRESH, TAU_SYN_E, TAU_SYN_I, I_OFFSET, NOISE, N_PARAMS };

enum { V, U, I_EXC, I_INH, N_STATES };

static const quell_param_desc params[N_PARAMS] = {
    {"a", "1/ms", "rate of the recovery", 0.02, 0.0, 1e6, QUELL_PER_NEURON, 0},
    {"b", "1/ms", "how much v drives the recovery", 0.2, -1e6, 1e6, QUELL_PER_NEURON, 0},
    {"c", "mV", "potential after a spike", -65.0, -QL_MOST_MV, QL_MOST_MV, QUELL_PER_NEURON, 0},
    {"d", "mV/ms", "what a spike adds to u", 8.0, -QL_MOST_MV, QL_MOST_MV, QUELL_PER_NEURON, 0},
    {"v_thresh", "mV", "potential at which the neuron fires", 30.0, -QL_MOST_MV, QL_MOST_MV,
     QUELL_PER_NEURON, 0},
    {"tau_syn_E", "ms", "decay of the excitatory current; 0: lasts for one step", 0.0, 0.0,
     QL_MOST_MS, 0, 0},
    {"tau_syn_I", "ms", "decay of the inhibitory current; 0: lasts for one step", 0.0, 0.0,
     QL_MOST_MS, 0, 0},
    {"i_offset", "mV/ms", "constant current", 0.0, -MOST_MV_MS, MOST_MV_MS, QUELL_PER_NEURON, 0},
    {"noise", "mV/ms", "width of a uniform random current, drawn anew in each step", 0.0, 0.0,
     MOST_MV_MS, QUELL_PER_NEURON, 0},
};

static const ql_state_desc states[N_STATES] = {
    {"v", "mV", "membrane potential", QUELL_FLOAT32, -65.0, NULL, -QL_MOST_MV, QL_MOST_MV},
    {"u", "mV/ms", "recovery", QUELL_FLOAT32, -13.0, NULL, -MOST_MV_MS, MOST_MV_MS},
    {"i_exc", "mV/ms", "excitatory current", QUELL_FLOAT32, 0.0, NULL, 0.0, MOST_MV_MS},
    {"i_inh", "mV/ms", "inhibitory current, a magnitude", QUELL_FLOAT32, 0.0, NULL, 0.0,
     MOST_MV_MS},
};

static const char *const receptors[] = {"excitatory", "inhibitory"};
static const uint32_t receptor_states[] = {I_EXC, I_INH};

typedef struct constants {
  float dt, first, second; /* ms: of u, and of the two substeps of v; the second may be 0 */
  float decay_E, decay_I;
} constants;

static quell_status prepare(const double *value, double dt, void *out, char *message,
                            size_t message_size) {
  double tau_E = value[TAU_SYN_E], tau_I = value[TAU_SYN_I];
  if (!(dt <= 1.0)) return ql_refuse(message, message_size, "the time step must be at most 1 ms");
  if ((tau_E > 0.0 && !(dt / tau_E <= QL_MOST_DT_TAU)) ||
      (tau_I > 0.0 && !(dt / tau_I <= QL_MOST_DT_TAU)))
    return ql_refuse(message, message_size, "a time constant is too small for this time step");
  double first = dt > 0.5 ? dt / 2.0 : dt;
  *(constants *)out = (constants){
      .dt = (float)dt,
      .first = (float)first,
      .second = (float)(dt - first),
      .decay_E = tau_E > 0.0 ? (float)ql_exp(-dt / tau_E) : 0.0f,
      .decay_I = tau_I > 0.0 ? (float)ql_exp(-dt / tau_I) : 0.0f,
  };
  return QUELL_OK;
}

QL_LOOP void collect(const constants *c, uint32_t n, const float *restrict input_E,
                     const float *restrict input_I, const float *restrict i_offset,
                     float *restrict i_exc, float *restrict i_inh, float *restrict current) {
  const float decay_E = c->decay_E, decay_I = c->decay_I;
  for (uint32_t i = 0; i < n; i++) {
    float i_E = i_exc[i] + input_E[i], i_I = i_inh[i] + input_I[i];
    current[i] = i_offset[i] + i_E - i_I;
    i_exc[i] = ql_decayed(i_E * decay_E);
    i_inh[i] = ql_decayed(i_I * decay_I);
  }
}

QL_LOOP void add_strip(uint32_t n, const float *restrict width, const int32_t *restrict number,
                       float *restrict current) {
  for (uint32_t i = 0; i < n; i++) current[i] += width[i] * ((float)number[i] * 0x1p-32f);
}

/* The numbers of a chunk depend on (seed, population, step, neuron) alone. */
static void add_noise(const ql_update *u, uint32_t first, uint32_t n, const float *width,
                      float *current) {
  ql_noise_key key = ql_noise_key_of(u->seed, QL_DRAW_NOISE, u->object);
  for (uint32_t i = 0; i < n; i += QL_NOISE_STRIP) {
    int32_t number[QL_NOISE_STRIP];
    ql_noise_strip(key, u->step, (u->first + first + i) / 4, number);
    add_strip(n - i < QL_NOISE_STRIP ? n - i : QL_NOISE_STRIP, width + i, number, current + i);
  }
}

static inline float within(float x, float most) {
  float low = x < most ? x : most;
  return low > -most ? low : -most;
}

static inline float advanced(float v, float u, float current, float time) {
  return within(v + time * ((0.04f * v + 5.0f) * v + 140.0f - u + current), (float)QL_MOST_MV);
}

/* Returns whether any neuron fires. */
QL_LOOP int32_t integrate(const constants *constant, uint32_t n, const float *restrict current,
                          const float *restrict a, const float *restrict b, const float *restrict c,
                          const float *restrict d, const float *restrict threshold,
                          float *restrict v, float *restrict u, int32_t *restrict fires) {
  const float dt = constant->dt, first = constant->first, second = constant->second;
  int32_t any = 0;
  for (uint32_t i = 0; i < n; i++) {
    float half = advanced(v[i], u[i], current[i], first);
    float whole = advanced(half, u[i], current[i], second);
    float recovery = u[i] + dt * (a[i] * (b[i] * whole - u[i]));
    int32_t fire = whole >= threshold[i];
    float jump = fire ? d[i] : 0.0f;
    v[i] = fire ? c[i] : whole;
    u[i] = ql_without_denormals(within(recovery + jump, (float)MOST_MV_MS));
    fires[i] = fire;
    any |= fire;
  }
  return any;
}

static int is_noisy(const ql_update *u) {
  return !(u->uniform >> NOISE & 1) || u->param[NOISE][0] > 0.0f;
}

static void update(ql_update *u) {
  const constants *c = u->constants;
  float *v = u->state[V], *recovery = u->state[U], *i_exc = u->state[I_EXC],
        *i_inh = u->state[I_INH], current[QL_CHUNK];
  const float *const *param = u->param;
  int32_t fires[QL_CHUNK], noisy = is_noisy(u);
  for (uint32_t first = 0; first < u->n; first += QL_CHUNK) {
    uint32_t n = u->n - first < QL_CHUNK ? u->n - first : QL_CHUNK;
    if (n < QL_CHUNK) memset(fires + n, 0, (QL_CHUNK - n) * sizeof *fires);
    collect(c, n, ql_chunk_input(u, 0, first), ql_chunk_input(u, 1, first), param[I_OFFSET] + first,
            i_exc + first, i_inh + first, current);
    if (noisy) add_noise(u, first, n, param[NOISE] + first, current);
    int32_t any =
        integrate(c, n, current, param[A] + first, param[B] + first, param[C] + first,
                  param[D] + first, param[V_THRESH] + first, v + first, recovery + first, fires);
    if (any) ql_note_spikes(u, first, n, fires);
  }
}

const ql_model ql_izhikevich = {
    .name = "izhikevich",
    .doc = "Simple model of Izhikevich (2003): dv/dt = 0.04 v^2 + 5 v + 140 - u + i, du/dt = "
           "a (b v - u), with i = i_offset + i_exc - i_inh + noise x a number in [-1/2, 1/2] that "
           "is drawn anew in each step. Fires at v >= v_thresh: v = c, u += d. Currents, weights "
           "and u are in mV/ms; i_exc and i_inh rise by the weight of each event and decay with "
           "tau_syn_E and tau_syn_I, or last for one step where these are 0. v advances by Euler's "
           "rule in substeps of at most 0.5 ms, u once a step, as in the author's programs, which "
           "have a step of 1 ms; a longer one is refused.",
    .kind = QL_NEURON,
    .params = params,
    .n_params = N_PARAMS,
    .states = states,
    .n_states = N_STATES,
    .receptors = receptors,
    .receptor_states = receptor_states,
    .n_receptors = 2,
    .constants_size = sizeof(constants),
    .prepare = prepare,
    .update = update,
};

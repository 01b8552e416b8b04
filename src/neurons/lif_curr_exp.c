/* Leaky integrate-and-fire neuron with exponential currents.
 *
 *   cm dv/dt = (cm / tau_m) (v_rest - v) + i_exc - i_inh + i_offset
 *   di_exc/dt = -i_exc / tau_syn_E,  di_inh/dt = -i_inh / tau_syn_I
 *
 * Units ms, mV, pF, pA. An event of weight w adds w pA to its current; both currents are
 * magnitudes. Names are those of PyNN's IF_curr_exp (Davison et al. 2009,
 * 10.3389/neuro.11.011.2008), but capacitance and current are in pF and pA here; theta_jump and
 * tau_theta are our own. Defaults: cm 200 pF, tau_m 20 ms, v_rest = v_reset -60 mV, v_thresh -50
 * mV, tau_refrac 2 ms, tau_syn_E = tau_syn_I = 5 ms.
 *
 * Order in the step s → s + 1:
 *   1. currents += input of the step
 *   2. v over the step, with currents that decay; held at v_reset while refractory
 *   3. spike (stamp s + 1) if not refractory and v ≥ v_thresh + theta: v = v_reset, refractory for
 *      round(tau_refrac / dt) steps, theta += theta_jump
 *   4. currents and theta decay
 * The same trajectory as NEST's iaf_psc_exp with the same delays. A threshold at or below v_reset
 * or v_rest makes the neuron fire without input.
 *
 * v is exact at the grid (Rotter & Diesmann 1999, 10.1007/s004220050570): the equation is linear,
 * so a step adds (v_rest - v)(1 - e^(-dt/tau_m)) and each current times its propagator. Written as
 * an increment, because float32 then loses one rounding of v a step and a neuron without input
 * stays at v_rest to the bit. The error is that of float32, whatever dt. */
#include "neurons/lif.h"
#include "neurons/model.h"

enum {
  CM,
  TAU_M,
  V_REST,
  V_RESET,
  V_THRESH,
  TAU_REFRAC,
  TAU_SYN_E,
  TAU_SYN_I,
  I_OFFSET,
  THETA_JUMP,
  TAU_THETA,
  N_PARAMS
};

enum { V, I_EXC, I_INH, THETA, REFRACTORY, N_STATES };

static const quell_param_desc params[N_PARAMS] = {
    {"cm", "pF", "capacitance of the membrane", 200.0, 0.0, QL_MOST_PF, QUELL_MIN_OPEN, 0},
    {"tau_m", "ms", "time constant of the membrane", 20.0, 0.0, QL_MOST_MS, QUELL_MIN_OPEN, 0},
    {"v_rest", "mV", "potential without input", -60.0, -QL_MOST_MV, QL_MOST_MV, 0, 0},
    {"v_reset", "mV", "potential after a spike", -60.0, -QL_MOST_MV, QL_MOST_MV, 0, 0},
    {"v_thresh", "mV", "potential at which the neuron fires; infinite for never", -50.0,
     -QL_MOST_MV, (double)INFINITY, QUELL_PER_NEURON, 0},
    {"tau_refrac", "ms", "refractory time, rounded to whole steps", 2.0, 0.0, QL_MOST_MS, 0, 0},
    {"tau_syn_E", "ms", "decay of the excitatory current", 5.0, 0.0, QL_MOST_MS, QUELL_MIN_OPEN, 0},
    {"tau_syn_I", "ms", "decay of the inhibitory current", 5.0, 0.0, QL_MOST_MS, QUELL_MIN_OPEN, 0},
    {"i_offset", "pA", "constant current", 0.0, -QL_MOST_PA, QL_MOST_PA, QUELL_PER_NEURON, 0},
    QL_THETA_JUMP_PARAM,
    QL_TAU_THETA_PARAM,
};

static const ql_state_desc states[N_STATES] = {
    {"v", "mV", "membrane potential", QUELL_FLOAT32, 0.0, "v_rest", -QL_MOST_MV, QL_MOST_MV},
    {"i_exc", "pA", "excitatory current", QUELL_FLOAT32, 0.0, NULL, 0.0, QL_MOST_PA},
    {"i_inh", "pA", "inhibitory current, a magnitude", QUELL_FLOAT32, 0.0, NULL, 0.0, QL_MOST_PA},
    QL_THETA_STATE,
    QL_REFRACTORY_STATE,
};

static const char *const receptors[] = {"excitatory", "inhibitory"};
static const uint32_t receptor_states[] = {I_EXC, I_INH};

typedef struct constants {
  float v_rest, v_reset;
  float leak;           /* 1 - e^(-dt/tau_m) */
  float from_E, from_I; /* mV at the end of a step per pA of a current at its start */
  float from_offset;    /* the same for a constant current */
  float decay_E, decay_I;
  int32_t refractory;
  ql_theta theta;
} constants;

/* Integral over a step of e^(-(dt - s)/a) e^(-s/b), symmetric in a and b, with the slower decay
 * in front so that nothing overflows. */
static double propagator(double dt, double a, double b) {
  double slow = a > b ? a : b, fast = a > b ? b : a;
  return dt * ql_exp(-dt / slow) * ql_mean_exp(dt / slow - dt / fast);
}

static quell_status prepare(const double *value, double dt, void *out, char *message,
                            size_t message_size) {
  constants *c = out;
  double cm = value[CM], tau_m = value[TAU_M];
  if (!(dt / cm <= QL_MOST_DT_CM))
    return ql_refuse(message, message_size, "cm is too small for this time step");
  if (!(dt / tau_m <= QL_MOST_DT_TAU && dt / value[TAU_SYN_E] <= QL_MOST_DT_TAU &&
        dt / value[TAU_SYN_I] <= QL_MOST_DT_TAU))
    return ql_refuse(message, message_size, "a time constant is too small for this time step");
  *c = (constants){
      .v_rest = (float)value[V_REST],
      .v_reset = (float)value[V_RESET],
      .leak = (float)-ql_expm1(-dt / tau_m),
      .from_E = (float)(propagator(dt, tau_m, value[TAU_SYN_E]) / cm),
      .from_I = (float)(propagator(dt, tau_m, value[TAU_SYN_I]) / cm),
      .from_offset = (float)(dt * ql_mean_exp(-dt / tau_m) / cm),
      .decay_E = (float)ql_exp(-dt / value[TAU_SYN_E]),
      .decay_I = (float)ql_exp(-dt / value[TAU_SYN_I]),
  };
  quell_status status =
      ql_refractory_prepare(value[TAU_REFRAC], dt, &c->refractory, message, message_size);
  if (status) return status;
  return ql_theta_prepare(value[THETA_JUMP], value[TAU_THETA], dt, &c->theta, message,
                          message_size);
}

/* What a step adds to v whatever happens in it, but for the leak. */
static void steady_pull(const void *prepared, uint32_t n, const float *restrict i_offset,
                        float *restrict steady) {
  const constants *c = prepared;
  for (uint32_t i = 0; i < n; i++) steady[i] = i_offset[i] * c->from_offset;
}

/* Returns whether any neuron fires. The selects are not nested, because gcc 12 then makes branches
 * of them for SSE2. */
static int32_t advance(const void *prepared, uint32_t n, const float *restrict input_E,
                       const float *restrict input_I, const float *restrict steady,
                       const float *restrict threshold, float *restrict v, float *restrict i_exc,
                       float *restrict i_inh, int32_t *restrict refractory,
                       int32_t *restrict fires) {
  const constants k = *(const constants *)prepared;
  int32_t any = 0;
  for (uint32_t i = 0; i < n; i++) {
    float i_E = i_exc[i] + input_E[i], i_I = i_inh[i] + input_I[i];
    float integrated =
        v[i] + ((k.v_rest - v[i]) * k.leak + steady[i] + i_E * k.from_E - i_I * k.from_I);

    int32_t held = refractory[i] > 0;
    int32_t fire = (integrated >= threshold[i]) & !held;
    float unheld = ql_without_denormals(integrated);
    v[i] = (held | fire) ? k.v_reset : unheld;
    refractory[i] = fire ? k.refractory : refractory[i] - held;
    fires[i] = fire;
    any |= fire;
    i_exc[i] = ql_decayed(i_E * k.decay_E);
    i_inh[i] = ql_decayed(i_I * k.decay_I);
  }
  return any;
}

static void update(ql_update *u) {
  static const ql_lif lif = {V_THRESH, I_OFFSET, steady_pull, advance};
  ql_lif_update(&lif, &((const constants *)u->constants)->theta, u);
}

const ql_model ql_lif_curr_exp = {
    .name = "lif_curr_exp",
    .doc = "Leaky integrate-and-fire neuron with exponential currents: cm dv/dt = (cm/tau_m) "
           "(v_rest - v) + i_exc - i_inh + i_offset; i_exc and i_inh decay with tau_syn_E and "
           "tau_syn_I and rise by the weight (pA) of each event. Fires at v >= v_thresh + theta; "
           "v is then held at v_reset for tau_refrac, and theta, which decays with tau_theta, "
           "rises by theta_jump. A threshold at or below v_reset or v_rest fires without input. "
           "Exact at the time grid; equals NEST's iaf_psc_exp.",
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

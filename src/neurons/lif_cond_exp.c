/* Leaky integrate-and-fire neuron with exponential conductances.
 *
 *   cm dv/dt = g_leak (v_rest - v) + g_exc (e_rev_E - v) + g_inh (e_rev_I - v) + i_offset
 *   dg_exc/dt = -g_exc / tau_syn_E,  dg_inh/dt = -g_inh / tau_syn_I,  g_leak = cm / tau_m
 *
 * Units ms, mV, nS, pF, pA. An event of weight w adds w nS to its conductance. Names are those of
 * PyNN's IF_cond_exp (Davison et al. 2009, 10.3389/neuro.11.011.2008), but capacitance and current
 * are in pF and pA here; theta_jump and tau_theta are our own. Defaults are those of Vogels et al.
 * 2011 (10.1126/science.1211095): cm 200 pF, tau_m 20 ms, v_rest = v_reset -60 mV, v_thresh -50 mV,
 * tau_refrac 5 ms, tau_syn_E 5 ms, tau_syn_I 10 ms, e_rev_E 0 mV, e_rev_I -80 mV.
 *
 * Order in the step s → s + 1:
 *   1. conductances += input of the step
 *   2. v over the step, with the conductances' means over it; held at v_reset while refractory
 *   3. spike (stamp s + 1) if not refractory and v ≥ v_thresh + theta: v = v_reset, refractory for
 *      round(tau_refrac / dt) steps, theta += theta_jump
 *   4. conductances and theta decay
 * A threshold at or below v_reset or v_rest makes the neuron fire without input.
 *
 * v: with constant conductances of sum G, v relaxes to v_inf by the factor e^-z, z = dt G / cm. We
 * take 1 / (1 + z + z²/2 + z³/6) for e^-z, the Padé form [0/3]: no exponential in the loop, and
 * always between 0 and 1, so that v stays between the reversal potentials however large z is. With
 * q = 1 + z/2 + z²/6 this is v += (v_inf - v) z q / (1 + z q). Third order in dt for constant
 * conductances, second for decaying ones, whose mean over the step is used: an error of about
 * dt² / 12. Written as an increment, because float32 then loses one rounding of v a step and not
 * one of every term, and a neuron without input stays at v_rest to the bit. */
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
  E_REV_E,
  E_REV_I,
  I_OFFSET,
  THETA_JUMP,
  TAU_THETA,
  N_PARAMS
};

enum { V, G_EXC, G_INH, THETA, REFRACTORY, N_STATES };

static const quell_param_desc params[N_PARAMS] = {
    {"cm", "pF", "capacitance of the membrane", 200.0, 0.0, QL_MOST_PF, QUELL_MIN_OPEN, 0},
    {"tau_m", "ms", "time constant of the membrane", 20.0, 0.0, QL_MOST_MS, QUELL_MIN_OPEN, 0},
    {"v_rest", "mV", "potential without input", -60.0, -QL_MOST_MV, QL_MOST_MV, 0, 0},
    {"v_reset", "mV", "potential after a spike", -60.0, -QL_MOST_MV, QL_MOST_MV, 0, 0},
    {"v_thresh", "mV", "potential at which the neuron fires; infinite for never", -50.0,
     -QL_MOST_MV, (double)INFINITY, QUELL_PER_NEURON, 0},
    {"tau_refrac", "ms", "refractory time, rounded to whole steps", 5.0, 0.0, QL_MOST_MS, 0, 0},
    {"tau_syn_E", "ms", "decay of the excitatory conductance", 5.0, 0.0, QL_MOST_MS, QUELL_MIN_OPEN,
     0},
    {"tau_syn_I", "ms", "decay of the inhibitory conductance", 10.0, 0.0, QL_MOST_MS,
     QUELL_MIN_OPEN, 0},
    {"e_rev_E", "mV", "reversal potential of excitation", 0.0, -QL_MOST_MV, QL_MOST_MV, 0, 0},
    {"e_rev_I", "mV", "reversal potential of inhibition", -80.0, -QL_MOST_MV, QL_MOST_MV, 0, 0},
    {"i_offset", "pA", "constant current", 0.0, -QL_MOST_PA, QL_MOST_PA, QUELL_PER_NEURON, 0},
    QL_THETA_JUMP_PARAM,
    QL_TAU_THETA_PARAM,
};

static const ql_state_desc states[N_STATES] = {
    {"v", "mV", "membrane potential", QUELL_FLOAT32, 0.0, "v_rest", -QL_MOST_MV, QL_MOST_MV},
    {"g_exc", "nS", "excitatory conductance", QUELL_FLOAT32, 0.0, NULL, 0.0, QL_MOST_NS},
    {"g_inh", "nS", "inhibitory conductance", QUELL_FLOAT32, 0.0, NULL, 0.0, QL_MOST_NS},
    QL_THETA_STATE,
    QL_REFRACTORY_STATE,
};

static const char *const receptors[] = {"excitatory", "inhibitory"};
static const uint32_t receptor_states[] = {G_EXC, G_INH};

/* Conductances come as z, their part of dt G / cm. */
typedef struct constants {
  float z_leak, pull_leak; /* pull_leak = z_leak v_rest */
  float z_E, z_I;          /* per nS at the start of the step; has the mean over the step in it */
  float decay_E, decay_I;  /* of a conductance over a step */
  float v_reset, e_rev_E, e_rev_I;
  float dt_cm;
  int32_t refractory;
  ql_theta theta;
} constants;

static quell_status prepare(const double *value, double dt, void *out, char *message,
                            size_t message_size) {
  constants *c = out;
  double dt_cm = dt / value[CM];
  if (!(dt_cm <= QL_MOST_DT_CM))
    return ql_refuse(message, message_size, "cm is too small for this time step");
  if (!(dt / value[TAU_M] <= QL_MOST_DT_TAU))
    return ql_refuse(message, message_size, "tau_m is too small for this time step");
  *c = (constants){
      .z_leak = (float)(dt / value[TAU_M]),
      .pull_leak = (float)(dt / value[TAU_M] * value[V_REST]),
      .z_E = (float)(dt_cm * ql_mean_exp(-dt / value[TAU_SYN_E])),
      .z_I = (float)(dt_cm * ql_mean_exp(-dt / value[TAU_SYN_I])),
      .decay_E = (float)ql_exp(-dt / value[TAU_SYN_E]),
      .decay_I = (float)ql_exp(-dt / value[TAU_SYN_I]),
      .v_reset = (float)value[V_RESET],
      .e_rev_E = (float)value[E_REV_E],
      .e_rev_I = (float)value[E_REV_I],
      .dt_cm = (float)dt_cm,
  };
  quell_status status =
      ql_refractory_prepare(value[TAU_REFRAC], dt, &c->refractory, message, message_size);
  if (status) return status;
  return ql_theta_prepare(value[THETA_JUMP], value[TAU_THETA], dt, &c->theta, message,
                          message_size);
}

/* The part of the pull on v that does not change within a step. */
static void steady_pull(const void *prepared, uint32_t n, const float *restrict i_offset,
                        float *restrict steady) {
  const constants *c = prepared;
  for (uint32_t i = 0; i < n; i++) steady[i] = c->pull_leak + i_offset[i] * c->dt_cm;
}

/* Returns whether any neuron fires. The selects are not nested, because gcc 12 then makes branches
 * of them for SSE2. */
static int32_t advance(const void *prepared, uint32_t n, const float *restrict input_E,
                       const float *restrict input_I, const float *restrict steady,
                       const float *restrict threshold, float *restrict v, float *restrict g_exc,
                       float *restrict g_inh, int32_t *restrict refractory,
                       int32_t *restrict fires) {
  const constants k = *(const constants *)prepared;
  int32_t any = 0;
  for (uint32_t i = 0; i < n; i++) {
    float g_E = g_exc[i] + input_E[i], g_I = g_inh[i] + input_I[i];
    float z_E = g_E * k.z_E, z_I = g_I * k.z_I, z = k.z_leak + z_E + z_I;
    float pull = steady[i] + z_E * k.e_rev_E + z_I * k.e_rev_I;
    float q = 1.0f + z * (0.5f + z * (1.0f / 6.0f));
    float integrated = v[i] + (pull - z * v[i]) * (q / (1.0f + z * q));

    int32_t held = refractory[i] > 0;
    int32_t fire = (integrated >= threshold[i]) & !held;
    float unheld = ql_without_denormals(integrated);
    v[i] = (held | fire) ? k.v_reset : unheld;
    refractory[i] = fire ? k.refractory : refractory[i] - held;
    fires[i] = fire;
    any |= fire;
    g_exc[i] = ql_decayed(g_E * k.decay_E);
    g_inh[i] = ql_decayed(g_I * k.decay_I);
  }
  return any;
}

static void update(ql_update *u) {
  static const ql_lif lif = {V_THRESH, I_OFFSET, steady_pull, advance};
  ql_lif_update(&lif, &((const constants *)u->constants)->theta, u);
}

const ql_model ql_lif_cond_exp = {
    .name = "lif_cond_exp",
    .doc = "Leaky integrate-and-fire neuron with exponential conductances: cm dv/dt = (cm/tau_m) "
           "(v_rest - v) + g_exc (e_rev_E - v) + g_inh (e_rev_I - v) + i_offset; g_exc and g_inh "
           "decay with tau_syn_E and tau_syn_I and rise by the weight (nS) of each event. Fires "
           "at v >= v_thresh + theta; v is then held at v_reset for tau_refrac, and theta, which "
           "decays with tau_theta, rises by theta_jump. A threshold at or below v_reset or v_rest "
           "fires without input. Advanced by a second-order, unconditionally stable scheme.",
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

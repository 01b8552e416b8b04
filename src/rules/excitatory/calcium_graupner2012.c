/*
 * calcium_graupner2012: bistable synapses driven by calcium.
 *
 *   pre + delay:  c += c_pre
 *   post:         c += c_post
 *   dc/dt = −c / tau_ca
 *   tau drho/dt = −rho (1 − rho) (1/2 − rho) + gamma_p (1 − rho) [c > theta_p]
 *                 − gamma_d rho [c > theta_d] + sigma sqrt(tau ([c > theta_p] + [c > theta_d])) xi
 *   w = w_down + rho (w_up − w_down)
 *
 *   c           calcium, which jumps `delay` after a pre spike
 *   rho         efficacy: 0 is DOWN, 1 is UP, both are stable while calcium is low
 *   xi          white noise of unit variance, while calcium is above a threshold
 *
 * The weight is the efficacy; a synapse has c (just after its last event) beside it. Between events
 * all is solved in closed form. c falls through the thresholds at tau_ca ln(c/theta), which makes
 * up to three segments: above both, above one, below both. Above a threshold the cubic is left out,
 * as the authors do (it is hundreds of times smaller), so rho is an Ornstein–Uhlenbeck process and
 * takes one normal number for the segment; below both, u = rho − 1/2 goes as
 * u / sqrt(4 u² + (1 − 4 u²) e^(−t/(2 tau))). Thresholds may have any order.
 *
 * Noise takes rho out of [0, 1], and the model has no bound there. w_min and w_max are no wells but
 * bounds of the weight as in every rule: they cut at events, and as a weight is a magnitude, rho
 * never lies below −w_down / (w_up − w_down). Where they are w_down and w_up, synapses at a
 * well lose half of the noise there.
 *
 * What is read between events is the mean of the weight to come, given the last event: without
 * noise. A synapse that has had no event stays as it began. A weight that is written counts as the
 * weight at the last event. While learning is off, so is the passing of calcium: what c held then
 * is taken to be there at the last event before learning goes on. Changes of less than half the
 * weight's last bit (1.2e-7 of w_up) vanish, as a drift below both thresholds may in intervals of
 * less than 1 ms.
 *
 * All nine sets, the noise, and leaving out the cubic are read in the authors' code
 * (CalciumBasedPlasticityModel); rho* = 1/2 is in all sets and fixed here, as it makes the cubic
 * solvable. Presets have w_down 1, so w_up is their b, and delays in whole steps of 0.1 ms (18.8008
 * and 4.6098 ms in hippocampal and cortical slices). Their fraction of synapses that begin DOWN,
 * beta, is 0.7 in hippocampal slices and 0.5 in all others.
 *
 * Graupner & Brunel 2012, PNAS 109:3991, 10.1073/pnas.1109359109; noise corrected in
 * 10.1073/pnas.1220044110.
 */
#include "rules/builtin.h"
#include <stdio.h>

enum { TAU_CA, C_PRE, C_POST, THETA_D, THETA_P, GAMMA_D, GAMMA_P, SIGMA, TAU, DELAY, W_DOWN, W_UP };

static const quell_param_desc params[] = {
    {"tau_ca", "ms", "time constant of calcium", 20.0, 1e-3, 1e6, 0, 0},
    {"c_pre", "1", "calcium that a pre spike brings", 1.0, 0.0, 1e6, 0, 0},
    {"c_post", "1", "calcium that a post spike brings", 2.0, 0.0, 1e6, 0, 0},
    {"theta_d", "1", "calcium above which depression acts", 1.0, 1e-6, 1e6, 0, 0},
    {"theta_p", "1", "calcium above which potentiation acts", 1.3, 1e-6, 1e6, 0, 0},
    {"gamma_d", "1", "rate of depression, in 1/tau", 200.0, 0.0, 1e6, 0, 0},
    {"gamma_p", "1", "rate of potentiation, in 1/tau", 321.808, 0.0, 1e6, 0, 0},
    {"sigma", "1", "size of the noise", 2.8284, 0.0, 1e3, 0, 0},
    {"tau", "ms", "time constant of the efficacy", 150e3, 1.0, 1e9, 0, 0},
    {"delay", "ms", "from a pre spike to its calcium", 13.7, 0.0, 1e4, 0, 0},
    {"w_down", "w", "weight in the DOWN state", 1.0, 0.0, 1e9, 0, 0},
    {"w_up", "w", "weight in the UP state", 5.0, 0.0, 1e9, 0, 0},
    QUELL_STANDARD_PARAMS((double)INFINITY),
};

static const quell_var_desc vars[] = {
    {"c", "1", "calcium just after the last event; when it is read, what it is then", 0.0},
};

enum { PRE_AGE, LATE_AGE }; /* of the sides pre and late */

static const quell_trace_desc traces[] = {
    {"pre_age", QUELL_PRE, QUELL_TRACE_AGE, 0, 0},
    {"late_age", QUELL_LATE, QUELL_TRACE_AGE, 0, 0},
    {"post_age", QUELL_POST, QUELL_TRACE_AGE, 0, 0},
};

/* While calcium is above a threshold: drho = (gain − rate rho) dt + sqrt(2 noise) xi, 1/ms. */
typedef struct above {
  float gain, rate, noise;
} above;

typedef struct constants {
  above one, both;         /* the lower threshold alone; both */
  float per_low, per_high; /* 1 / threshold */
  float tau_ca, per_tau_ca, per_2tau;
  float c_pre, c_post;
  float w_down, span, per_span;
} constants;

static quell_status prepare(const quell_rule_args *args, void *instance) {
  const double *value = args->value;
  constants *c = instance;
  double span = value[W_UP] - value[W_DOWN], tau = value[TAU];
  double up = value[GAMMA_P] / tau, down = value[GAMMA_D] / tau;
  double noise = value[SIGMA] * value[SIGMA] / (2.0 * tau);
  int depression_is_low = value[THETA_D] <= value[THETA_P];
  if (!(span >= 1e-9)) {
    snprintf(args->message, args->message_size,
             "rule 'calcium_graupner2012': 'w_up' must be above 'w_down' by 1e-9 or more");
    return QUELL_E_RANGE;
  }
  *c = (constants){
      .one = {depression_is_low ? 0.0f : (float)up, (float)(depression_is_low ? down : up),
              (float)noise},
      .both = {(float)up, (float)(up + down), (float)(2.0 * noise)},
      .per_low = (float)(1.0 / (depression_is_low ? value[THETA_D] : value[THETA_P])),
      .per_high = (float)(1.0 / (depression_is_low ? value[THETA_P] : value[THETA_D])),
      .tau_ca = (float)value[TAU_CA],
      .per_tau_ca = (float)(1.0 / value[TAU_CA]),
      .per_2tau = (float)(0.5 / tau),
      .c_pre = (float)value[C_PRE],
      .c_post = (float)value[C_POST],
      .w_down = (float)value[W_DOWN],
      .span = (float)span,
      .per_span = (float)(1.0 / span),
  };
  return QUELL_OK;
}

static inline float least(float a, float b) {
  return a < b ? a : b;
}

static inline float most(float a, float b) {
  return a > b ? a : b;
}

/* (1 − e^(−x)) / x for x ≥ 0. */
static inline float relaxed(float x) {
  float p = -1.0f / 40320.0f;
  p = p * x + 1.0f / 5040.0f;
  p = p * x - 1.0f / 720.0f;
  p = p * x + 1.0f / 120.0f;
  p = p * x - 1.0f / 24.0f;
  p = p * x + 1.0f / 6.0f;
  p = p * x - 0.5f;
  p = p * x + 1.0f;
  float large = most(x, 0.5f), quotient = (1.0f - quell_expf(-large)) / large;
  return x < 0.5f ? p : quotient;
}

/* All is done stage by stage for a whole block, in loops that the compiler vectorises. What rho
 * gains is kept apart from rho, so that a small gain keeps its digits. */
enum { MOST = 128 };
typedef float lanes[MOST];

typedef struct stages {
  lanes t;         /* time since the last event */
  lanes both, one; /* that with calcium above both thresholds, above the lower one alone */
  lanes rho, gain; /* then; since then */
} stages;

/* The last event may have been of any kind: it was the least of the ages ago. Before the first one
 * there is none: 1e7 ms or more, and no calcium. */
static void take_times(uint32_t n, const float *restrict pre, const float *restrict late,
                       const float *restrict post, const float *restrict c, float *restrict t) {
  for (uint32_t i = 0; i < n; i++) {
    float age = least(least(pre[i], late[i]), post[i]);
    t[i] = ((age < 1e7f) | (c[i] > 0.0f)) ? age : 0.0f;
  }
}

static void cut_times(const constants *k, uint32_t n, const float *restrict c, stages *restrict s) {
  for (uint32_t i = 0; i < n; i++) {
    float high = k->tau_ca * quell_logf(most(c[i] * k->per_high, 1e-30f));
    float low = k->tau_ca * quell_logf(most(c[i] * k->per_low, 1e-30f));
    s->both[i] = least(most(high, 0.0f), s->t[i]);
    s->one[i] = least(most(low, 0.0f), s->t[i]) - s->both[i];
  }
}

/* Far from both wells only finiteness matters. */
static void take_rho(const constants *k, uint32_t n, const float *restrict w, stages *restrict s) {
  for (uint32_t i = 0; i < n; i++) {
    float rho = (w[i] - k->w_down) * k->per_span;
    s->rho[i] = least(most(rho, -1e3f), 1e3f);
    s->gain[i] = 0.0f;
  }
}

/* Above thresholds for t ms: the mean, exactly. */
static void drift(const above *a, uint32_t n, const float *restrict t, const float *restrict rho,
                  float *restrict gain) {
  for (uint32_t i = 0; i < n; i++)
    gain[i] += (a->gain - a->rate * (rho[i] + gain[i])) * (t[i] * relaxed(a->rate * t[i]));
}

/* And what chance adds to it. */
static void shake(const above *a, uint32_t n, const float *restrict t, const float *restrict normal,
                  float *restrict gain) {
  for (uint32_t i = 0; i < n; i++) {
    float variance = 2.0f * a->noise * (t[i] * relaxed(2.0f * a->rate * t[i]));
    gain[i] += quell_powf(variance, 0.5f) * normal[i];
  }
}

/* Below both thresholds for the rest: with s = 4 u² + (1 − 4 u²) e^(−x),
 * u/sqrt(s) − u = u (1 − s) / (sqrt(s) + s). */
static void roll(const constants *k, uint32_t n, stages *restrict s) {
  for (uint32_t i = 0; i < n; i++) {
    float x = least((s->t[i] - s->both[i] - s->one[i]) * k->per_2tau, 80.0f);
    float u = s->rho[i] + s->gain[i] - 0.5f;
    float fall = (1.0f - 4.0f * u * u) * (x * relaxed(x)); /* 1 − s */
    float rest = most(1.0f - fall, 1e-30f);
    float root = quell_expf(0.5f * quell_logf(rest));
    s->gain[i] += u * fall / (root + rest);
  }
}

static void forget(const constants *k, uint32_t n, const float *restrict t, float *restrict c) {
  for (uint32_t i = 0; i < n; i++) {
    float decay = t[i] * k->per_tau_ca;
    float left = c[i] * quell_expf(-decay);
    c[i] = decay < 80.0f ? left : 0.0f;
  }
}

/* Takes weight and calcium over the time since the last event; without `random` to the mean. */
static void advance(const quell_block *block, const float *const *random) {
  const constants *k = block->instance;
  const uint32_t n = block->n;
  float *restrict w = block->w, *restrict c = block->var[0];
  stages s;
  take_times(n, block->pre[PRE_AGE], block->pre[LATE_AGE], block->post[0], c, s.t);
  cut_times(k, n, c, &s);
  take_rho(k, n, w, &s);
  drift(&k->both, n, s.both, s.rho, s.gain);
  if (random) shake(&k->both, n, s.both, random[0], s.gain);
  drift(&k->one, n, s.one, s.rho, s.gain);
  if (random) shake(&k->one, n, s.one, random[1], s.gain);
  roll(k, n, &s);
  for (uint32_t i = 0; i < n; i++) w[i] += k->span * s.gain[i];
  forget(k, n, s.t, c);
}

static void jump(uint32_t n, float by, float *restrict c) {
  for (uint32_t i = 0; i < n; i++) c[i] += by;
}

/* For the weight that is delivered. */
static void on_pre(const quell_block *block) {
  advance(block, block->random);
}

static void on_late(const quell_block *block) {
  const constants *k = block->instance;
  advance(block, block->random);
  jump(block->n, k->c_pre, block->var[0]);
}

static void on_post(const quell_block *block) {
  const constants *k = block->instance;
  advance(block, block->random);
  jump(block->n, k->c_post, block->var[0]);
}

static void on_read(const quell_block *block) {
  advance(block, NULL);
}

#define ALL_AGES .wants_pre = 1u << PRE_AGE | 1u << LATE_AGE, .wants_post = 1u << 0

static const quell_event_desc events[] = {
    {.kind = QUELL_PRE, ALL_AGES, .normals = 2, .call = on_pre},
    {.kind = QUELL_LATE, .param = DELAY, ALL_AGES, .normals = 2, .call = on_late},
    {.kind = QUELL_POST, ALL_AGES, .normals = 2, .call = on_post},
    {.kind = QUELL_READ, ALL_AGES, .call = on_read},
};

#define SET(name, tau_ca, c_pre, c_post, theta_p, gamma_d, gamma_p, sigma, tau, delay, b)          \
  static const quell_value name[] = {                                                              \
      {"tau_ca", tau_ca},      {"c_pre", c_pre},     {"c_post", c_post},   {"theta_d", 1.0},       \
      {"theta_p", theta_p},    {"gamma_d", gamma_d}, {"gamma_p", gamma_p}, {"sigma", sigma},       \
      {"tau", 1000.0 * (tau)}, {"delay", delay},     {"w_down", 1.0},      {"w_up", b},            \
  }

SET(dp, 20.0, 1.0, 2.0, 1.3, 200.0, 321.808, 2.8284, 150.0, 13.7, 5.0);
SET(dpd, 20.0, 0.9, 0.9, 1.3, 250.0, 550.0, 2.8284, 150.0, 4.6, 5.0);
SET(dpd_prime, 20.0, 1.0, 2.0, 2.5, 50.0, 600.0, 2.8284, 150.0, 2.2, 5.0);
SET(p, 20.0, 2.0, 2.0, 1.3, 160.0, 257.447, 2.8284, 150.0, 0.0, 5.0);
SET(d, 20.0, 0.6, 0.6, 1.3, 500.0, 550.0, 5.6568, 150.0, 0.0, 5.0);
SET(d_prime, 20.0, 1.0, 2.0, 3.5, 60.0, 600.0, 2.8284, 150.0, 0.0, 5.0);
SET(slices, 48.8373, 1.0, 0.275865, 1.3, 313.0965, 1645.59, 9.1844, 688.355, 18.8, 5.28145);
SET(cultures, 11.9536, 0.58156, 1.76444, 1.3, 61.141, 113.6545, 2.5654, 33.7596, 10.0, 36.0263);
SET(cortex, 22.6936, 0.5617539, 1.23964, 1.3, 331.909, 725.085, 3.3501, 346.3615, 4.6, 5.40988);

static const quell_preset_desc presets[] = {
    {"dp", "depression, then potentiation, as post minus pre grows", QUELL_TABLE(dp)},
    {"dpd", "depression on both sides of potentiation", QUELL_TABLE(dpd)},
    {"dpd_prime", "the same at other thresholds", QUELL_TABLE(dpd_prime)},
    {"p", "potentiation alone", QUELL_TABLE(p)},
    {"d", "depression alone", QUELL_TABLE(d)},
    {"d_prime", "depression alone, wide", QUELL_TABLE(d_prime)},
    {"hippocampal_slices", "fit to slices of hippocampus; 70 % begin DOWN", QUELL_TABLE(slices)},
    {"hippocampal_cultures", "fit to cultured hippocampal cells", QUELL_TABLE(cultures)},
    {"cortical_slices", "fit to slices of cortex", QUELL_TABLE(cortex)},
};

/* With the exclusive tie a post spike would not know of the pre event of its step, and time would
 * pass twice. The order of the two has no effect but on the weight that is delivered. */
const quell_rule_desc QL_RULE(calcium_graupner2012) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "calcium_graupner2012",
    .summary = "bistable synapses driven by calcium, with noise",
    .source = "Graupner & Brunel 2012, 10.1073/pnas.1109359109",
    .params = QUELL_TABLE(params),
    .vars = QUELL_TABLE(vars),
    .traces = QUELL_TABLE(traces),
    .events = QUELL_TABLE(events),
    .instance_size = sizeof(constants),
    .ties = 1u << QUELL_PRE_FIRST | 1u << QUELL_POST_FIRST,
    .prepare = prepare,
    .presets = QUELL_TABLE(presets),
};

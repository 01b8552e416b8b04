/* Source of Poisson spike trains.
 *
 * Parameter: rate (Hz, per neuron, may change at any step; no dead time). The n-th interval of a
 * neuron is exponential with mean 1 in units of the integrated rate, so a train is right for any
 * course of the rate, and silence costs no random numbers. Interval n depends on (seed, population,
 * neuron, n) alone.
 *
 * Order in the step s → s + 1: remaining -= rate dt; while remaining ≤ 0: one more spike (stamp
 * s + 1), remaining += the next interval. Several spikes in one step are possible. A step holds at
 * most 255 of them, more than a rate in range gives at any dt ≤ 1 ms; what is over follows in the
 * next step. */
#include "base/random.h"
#include "neurons/model.h"

enum { RATE, N_PARAMS };
enum { REMAINING, DRAWS, N_STATES };
enum { STRIP = 64, MOST_SPIKES = 255 };

static const quell_param_desc params[N_PARAMS] = {
    {"rate", "Hz", "expected number of spikes per second", 0.0, 0.0, 1e5, QUELL_PER_NEURON, 0},
};

static const ql_state_desc states[N_STATES] = {
    {"remaining", "1", "integral of the rate until the next spike", QUELL_FLOAT64, 0.0, NULL, 0.0,
     1e9},
    {"draws", "1", "number of intervals drawn so far", QUELL_INT32, 0.0, NULL, 0.0, INT32_MAX},
};

typedef struct constants {
  double seconds; /* of one step */
} constants;

static quell_status prepare(const double *value, double dt, void *out, char *message,
                            size_t message_size) {
  (void)value, (void)message, (void)message_size;
  *(constants *)out = (constants){dt / 1000.0};
  return QUELL_OK;
}

/* Adds the next interval of neuron i. */
static void draw(const ql_update *u, uint32_t i) {
  double *remaining = u->state[REMAINING];
  int32_t *draws = u->state[DRAWS];
  ql_stream stream =
      ql_stream_open(u->seed, QL_DRAW_POISSON, u->object, u->first + i, (uint32_t)draws[i]);
  remaining[i] += ql_draw_exponential(&stream);
  draws[i] = (int32_t)((uint32_t)draws[i] + 1);
}

/* A neuron that already has an interval, because its state was restored, keeps it. */
static void start(const ql_update *u) {
  const int32_t *draws = u->state[DRAWS];
  for (uint32_t i = 0; i < u->n; i++)
    if (draws[i] == 0) draw(u, i);
}

/* Lets time pass; returns 0 if none of the n ≤ STRIP neurons is due. The second loop works in
 * float32 because gcc 12 does not vectorise it in double for SSE2; rounding may name a neuron that
 * is not due yet, never the reverse. */
static int pass(double seconds, uint32_t n, const float *restrict rate,
                double *restrict remaining) {
  float rounded[STRIP];
  int32_t due = 0;
  for (uint32_t i = 0; i < n; i++) {
    remaining[i] -= (double)rate[i] * seconds;
    rounded[i] = (float)remaining[i];
  }
  for (uint32_t i = 0; i < n; i++) due |= rounded[i] <= 0.0f;
  return due;
}

static void fire(ql_update *u, uint32_t first, uint32_t n) {
  const double *remaining = u->state[REMAINING];
  for (uint32_t i = first; i < first + n; i++) {
    if (remaining[i] > 0.0) continue;
    u->fired[u->n_fired++] = i;
    for (; remaining[i] <= 0.0 && u->spikes[i] < MOST_SPIKES; u->spikes[i]++) draw(u, i);
  }
}

static void update(ql_update *u) {
  const constants *c = u->constants;
  double *remaining = u->state[REMAINING];
  for (uint32_t i = 0; i < u->n; i += STRIP) {
    uint32_t n = u->n - i < STRIP ? u->n - i : STRIP;
    if (pass(c->seconds, n, u->param[RATE] + i, remaining + i)) fire(u, i, n);
  }
}

const ql_model ql_poisson = {
    .name = "poisson",
    .doc = "Independent Poisson spike trains of a given rate, which may differ from neuron to "
           "neuron and change at any step. Several spikes of a neuron in one step are possible.",
    .kind = QL_SOURCE,
    .params = params,
    .n_params = N_PARAMS,
    .states = states,
    .n_states = N_STATES,
    .constants_size = sizeof(constants),
    .prepare = prepare,
    .start = start,
    .update = update,
};

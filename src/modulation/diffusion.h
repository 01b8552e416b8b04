/* Exchange between the territories of a channel, together with its decay: p' = M p, exactly. */
#ifndef QL_MODULATION_DIFFUSION_H
#define QL_MODULATION_DIFFUSION_H

#include "modulation/channel.h"

struct ql_diffusion {
  uint32_t n;
  double *rate; /* from column to row, per second, [n][n] */

  /* From the first step on: e^(M dt), its mean over the step, [n][n]; room for a step, [n]. */
  double *step, *mean, *room;
};

/* NULL if there is no memory; the rates are copied. */
ql_diffusion *ql_diffusion_make(ql_memory *memory, const double *rate, uint32_t n);
void ql_diffusion_free(ql_memory *memory, ql_diffusion *diffusion);

/* Works out the matrices, and again after `tau` has changed. Returns 0 if there is no memory. */
int ql_diffusion_start(ql_diffusion *diffusion, const quell_modulator *m);

/* One step; and the mean of one value over the step that begins with `phasic`. */
void ql_diffusion_step(const ql_diffusion *diffusion, double *phasic);
double ql_diffusion_mean(const ql_diffusion *diffusion, const double *phasic, uint32_t at);

#endif

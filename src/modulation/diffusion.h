/* Exchange between the territories of a channel, together with its decay: p' = M p, exactly. */
#ifndef QL_MODULATION_DIFFUSION_H
#define QL_MODULATION_DIFFUSION_H

#include "modulation/channel.h"

struct ql_diffusion {
  uint32_t n;
  double *rate; /* from column to row, per second, [n][n] */

  /* From the first step on: e^(M dt) and its mean over the step, by columns, [n][n] each; what a
   * step makes, [n]. */
  double *step, *mean, *made;
};

/* NULL if there is no memory; the rates are copied. */
ql_diffusion *ql_diffusion_make(ql_memory *memory, const double *rate, uint32_t n);
void ql_diffusion_free(ql_memory *memory, ql_diffusion *diffusion);

/* Works out the matrices, and again after `tau` has changed. Returns 0, leaving all as it was, if
 * there is no memory. */
int ql_diffusion_start(ql_diffusion *diffusion, const quell_modulator *m);

/* One step. */
void ql_diffusion_step(const ql_diffusion *diffusion, double *phasic);
/* The means over the step that begins with `phasic`, [n], valid until the next call. */
const double *ql_diffusion_mean(const ql_diffusion *diffusion, const double *phasic);

#endif

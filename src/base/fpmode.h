/* The floating-point mode of the host's thread may be anything (rounding, flush to zero): while the
 * library computes it is the default one, and afterwards it is as it was. */
#ifndef QL_BASE_FPMODE_H
#define QL_BASE_FPMODE_H

#if defined __x86_64__ || defined _M_X64

#include <xmmintrin.h>

typedef unsigned ql_fpmode;

enum { QL_FPMODE_DEFAULT = 0x1f80 }; /* round to nearest, no flushing, exceptions masked */

static inline ql_fpmode ql_fpmode_enter(void) {
  ql_fpmode mode = _mm_getcsr();
  _mm_setcsr(QL_FPMODE_DEFAULT);
  return mode;
}

static inline void ql_fpmode_leave(ql_fpmode mode) {
  _mm_setcsr(mode);
}

#else

#include <fenv.h>

typedef fenv_t ql_fpmode;

static inline ql_fpmode ql_fpmode_enter(void) {
  ql_fpmode mode;
  fegetenv(&mode);
  fesetenv(FE_DFL_ENV);
  return mode;
}

static inline void ql_fpmode_leave(ql_fpmode mode) {
  fesetenv(&mode);
}

#endif

#endif

#define _POSIX_C_SOURCE 200809L

#include "base/seconds.h"

#include <time.h>

double ql_seconds(void) {
  struct timespec now;
#ifdef CLOCK_MONOTONIC
  clock_gettime(CLOCK_MONOTONIC, &now);
#else
  timespec_get(&now, TIME_UTC);
#endif
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

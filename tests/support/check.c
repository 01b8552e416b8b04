#include "check.h"
#include <math.h>
#include <stdlib.h>

void check_status(quell_status got, quell_status want, const char *call, const char *file,
                  int line) {
  if (got == want) return;
  print_error("%s\n  gives %s, not %s\n", call, quell_status_string(got),
              quell_status_string(want));
  _fail(file, line);
}

void check_close(double w, double reference, double w_max, const char *what, long i,
                 const char *file, int line) {
  double scale = isfinite(w_max) && w_max <= 10.0 ? w_max : 1.0;
  if (fabs(reference) > scale) scale = fabs(reference);
  if (fabs(w - reference) <= 1e-5 * scale) return; /* false for NaN */
  print_error("%s [%ld]: %.9g, should be %.9g, off by %.3g\n", what, i, w, reference,
              w - reference);
  _fail(file, line);
}

int quick(void) {
  const char *value = getenv("QUELL_TEST_QUICK");
  return value && *value && *value != '0';
}

void *must_alloc(size_t count, size_t size) {
  void *memory = calloc(count ? count : 1, size);
  assert_non_null(memory);
  return memory;
}

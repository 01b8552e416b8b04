/* Checks that name the failing call, and what every test file includes. */
#ifndef TEST_CHECK_H
#define TEST_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <quell/quell.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The call must return QUELL_OK. */
#define OK(call) check_status((call), QUELL_OK, #call, __FILE__, __LINE__)
/* The call must return this status. */
#define GIVES(status, call) check_status((call), (status), #call, __FILE__, __LINE__)

void check_status(quell_status got, quell_status want, const char *call, const char *file,
                  int line);

/* |w - reference| ≤ 1e-5 max(|reference|, scale), with scale = w_max where it is finite and ≤ 10,
 * else 1. `what` and `i` say where it failed. */
#define CLOSE(w, reference, w_max, what, i)                                                        \
  check_close((w), (reference), (w_max), (what), (long)(i), __FILE__, __LINE__)

void check_close(double w, double reference, double w_max, const char *what, long i,
                 const char *file, int line);

/* 1 if the environment asks for a reduced matrix (QUELL_TEST_QUICK=1), for valgrind and sanitizers.
 */
int quick(void);

/* malloc and calloc that end the test when there is no memory. */
void *must_alloc(size_t count, size_t size);

#endif

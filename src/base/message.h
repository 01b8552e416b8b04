/* Sentences for people: what was wrong, what is allowed, what came. */
#ifndef QL_BASE_MESSAGE_H
#define QL_BASE_MESSAGE_H

#include <stddef.h>

#if defined __GNUC__
#define QL_PRINTF(text, first) __attribute__((__format__(__printf__, text, first)))
#else
#define QL_PRINTF(text, first)
#endif

/* Writes a sentence, cut to `size` bytes with its end. A NULL buffer or a size of 0 is nothing. */
void ql_message(char *buffer, size_t size, const char *format, ...) QL_PRINTF(3, 4);

#endif

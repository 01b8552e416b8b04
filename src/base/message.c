#include "base/message.h"

#include <stdarg.h>
#include <stdio.h>

void ql_message(char *buffer, size_t size, const char *format, ...) {
  if (!buffer || !size) return;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(buffer, size, format, arguments);
  va_end(arguments);
}

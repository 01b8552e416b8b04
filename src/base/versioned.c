#include "base/versioned.h"

#include "base/message.h"
#include <string.h>

enum { LARGEST = 65536 };

/* Every struct so far has the size that it was released with. */
static quell_status check(const void *given, size_t size, const char *name, uint32_t *given_size,
                          char *message, size_t message_size) {
  memcpy(given_size, given, sizeof *given_size);
  if (*given_size < size || *given_size > LARGEST) {
    ql_message(message, message_size,
               "%s: 'struct_size' must be at least %zu, got %u; set the struct up with its _INIT "
               "macro",
               name, size, *given_size);
    return QUELL_E_RANGE;
  }
  for (size_t i = size; i < *given_size; i++) {
    if (!((const unsigned char *)given)[i]) continue;
    ql_message(message, message_size,
               "%s: a member at byte %zu is set that this library, with %zu bytes, does not know",
               name, i, size);
    return QUELL_E_UNSUPPORTED;
  }
  return QUELL_OK;
}

quell_status ql_struct_in(void *known, size_t size, const void *given, const char *name,
                          char *message, size_t message_size) {
  uint32_t given_size;
  quell_status status = check(given, size, name, &given_size, message, message_size);
  if (!status) memcpy(known, given, size);
  return status;
}

quell_status ql_struct_out(void *given, const void *known, size_t size, const char *name,
                           char *message, size_t message_size) {
  uint32_t given_size;
  quell_status status = check(given, size, name, &given_size, message, message_size);
  const size_t head = sizeof given_size;
  if (!status) memcpy((char *)given + head, (const char *)known + head, size - head);
  return status;
}

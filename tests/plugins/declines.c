/* It fits no version. */
#include <quell/plugin.h>

const quell_plugin *quell_plugin_entry(uint32_t host_major, uint32_t host_minor) {
  (void)host_major;
  (void)host_minor;
  return NULL;
}

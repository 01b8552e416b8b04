/* The smallest program that uses an installed quell: runs a network and prints the version. */
#include <quell/quell.h>
#include <stdio.h>

int main(void) {
  quell_network *network;
  if (quell_network_create(NULL, &network) != QUELL_OK) return 1;
  quell_status status = quell_run(network, 1.0);
  quell_network_destroy(&network);
  return status != QUELL_OK || puts(quell_version()) < 0;
}

#include "rates.h"
int main(void) { return 0; }

#include "support/compare.h"
int main(void) { return 0; }

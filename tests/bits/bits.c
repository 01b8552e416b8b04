/* Prints digests of networks that have a bit of everything, one line each. The lines must be the
 * same from every compiler, at every optimisation level: ./dev test compares them. Within this
 * program they must be the same for every instruction set. */
#include "support/check.h"
#include "support/mixed.h"
#include <stdio.h>

enum { STEPS = 1500, LAST_CHANGE = 1400 };

static uint64_t digest_of(mixed_options options, int32_t isa) {
  const setup setup = {.isa = isa};
  mixed m;
  mixed_build(&m, &setup, options);
  mixed_run(&m, STEPS);
  uint64_t all = mixed_digest(&m);
  if (options.record) all ^= mixed_recorded(&m);
  mixed_close(&m);
  return all;
}

int main(void) {
  static const struct {
    const char *name;
    mixed_options options;
  } networks[] = {
      {"short delays", {0, 1, 1}}, {"long delays", {1, 1, 1}}, {"no background", {0, 0, 1}}};
  _Static_assert(STEPS > LAST_CHANGE, "all changes that mixed.c makes take part");
  int status = 0;
  for (size_t i = 0; i < COUNT(networks); i++) {
    uint64_t want = digest_of(networks[i].options, QUELL_ISA_BASELINE);
    printf("%s %016llx\n", networks[i].name, (unsigned long long)want);
    for (int32_t isa = QUELL_ISA_AVX2; isa <= QUELL_ISA_AVX512; isa++) {
      if (!quell_isa_available(isa) || digest_of(networks[i].options, isa) == want) continue;
      printf("%s: other bits with %s\n", networks[i].name, quell_isa_name(isa));
      status = 1;
    }
  }
  return status;
}

#include "modulation/presets.h"

#include <math.h>
#include <string.h>

static const ql_kinetics kinetics[] = {
    {"dopamine",
     "relative to a reward of 0.5; tonic 0.002",
     "Izhikevich 2007, 10.1093/cercor/bhl152: its code, ModelDB 84167 (daspnet), where the level "
     "falls by the factor 0.995 each ms and 0.002 is added to it",
     {0.002, 200.0, 0.0, (double)INFINITY}},
};

const ql_kinetics *ql_kinetics_at(size_t i) {
  return i < sizeof kinetics / sizeof *kinetics ? &kinetics[i] : NULL;
}

const ql_kinetics *ql_kinetics_find(const char *name) {
  for (size_t i = 0; ql_kinetics_at(i); i++)
    if (!strcmp(kinetics[i].name, name)) return &kinetics[i];
  return NULL;
}

const ql_receptor *ql_receptor_at(size_t i) {
  (void)i;
  return NULL;
}

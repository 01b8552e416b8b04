/* Kinetics of channels and curves of receptors, with where their numbers come from. */
#ifndef QL_MODULATION_PRESETS_H
#define QL_MODULATION_PRESETS_H

#include "modulation/channel.h"

typedef struct ql_kinetics {
  const char *name, *doc, *source;
  double param[QL_CHANNEL_PARAMS];
} ql_kinetics;

typedef struct ql_receptor {
  const char *name, *doc, *source;
  quell_curve curve;
} ql_receptor;

/* NULL past the end, or if there is none of that name. */
const ql_kinetics *ql_kinetics_at(size_t i);
const ql_kinetics *ql_kinetics_find(const char *name);
const ql_receptor *ql_receptor_at(size_t i);

#endif

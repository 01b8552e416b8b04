/* The hot code, once for each instruction set: the engine's inner loops, draws by the block, the
 * neuron models and the built-in rules. A network keeps to one of them. */
#ifndef QL_ENGINE_CODE_H
#define QL_ENGINE_CODE_H

#include "engine/plasticity.h"
#include "network/draw.h"

struct ql_code {
  int32_t isa; /* QUELL_ISA_… */
  const ql_model *(*find_model)(const char *name);
  const quell_rule_desc *(*builtin_rule)(size_t i);
  const ql_draw_code *draw;
  void (*tile_steps)(ql_tile *tile, uint64_t clock, uint32_t steps);
  void (*settle)(ql_tile *tile, const quell_projection *projection, uint32_t row, uint64_t until);
  void (*peek)(ql_tile *tile, const quell_projection *projection, uint32_t row, uint64_t until,
               int var, uint32_t from, uint32_t n, float *values);
  void (*reframe)(ql_tile *tile, const quell_projection *projection, uint32_t row, uint64_t clock,
                  ql_reframing to);
  void (*write)(ql_tile *tile, const quell_projection *projection, uint32_t row, uint64_t clock,
                int var, uint32_t from, uint32_t n, const float *values);
};

/* NULL if there is none for `isa` or the processor cannot run it. */
const ql_code *ql_code_for(int32_t isa);

/* A built-in rule as this code has it; any other rule as it is. */
const quell_rule_desc *ql_code_rule(const ql_code *code, const quell_rule_desc *rule);

#endif

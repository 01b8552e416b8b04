/* The ways into the hot code: compiled with it, once for each instruction set. */
#include "engine/code.h"
#include "engine/plasticity.h"
#include "engine/step.h"
#include "rules/builtin.h"

enum {
  number_baseline = QUELL_ISA_BASELINE,
  number_avx2 = QUELL_ISA_AVX2,
  number_avx512 = QUELL_ISA_AVX512
};

extern const ql_code QL_FOR_ISA(ql_code);

const ql_code QL_FOR_ISA(ql_code) = {
    .isa = QL_FOR_ISA(number),
    .find_model = ql_model_find,
    .builtin_rule = ql_builtin_rule,
    .draw = &ql_draw,
    .tile_steps = ql_tile_steps,
    .settle = ql_settle,
    .peek = ql_peek,
    .reframe = ql_reframe,
    .write = ql_write,
};

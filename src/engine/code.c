#include "engine/code.h"

#include "rules/builtin.h"

extern const ql_code ql_code_baseline;

#ifdef QL_HAS_X86

extern const ql_code ql_code_avx2, ql_code_avx512;

static const ql_code *avx2(void) {
  return __builtin_cpu_supports("avx2") ? &ql_code_avx2 : NULL;
}

static const ql_code *avx512(void) {
  int there = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
              __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  return there ? &ql_code_avx512 : NULL;
}

#else

static const ql_code *avx2(void) {
  return NULL;
}

static const ql_code *avx512(void) {
  return NULL;
}

#endif

static const ql_code *best(void) {
  const ql_code *code = avx512();
  if (!code) code = avx2();
  return code ? code : &ql_code_baseline;
}

const ql_code *ql_code_for(int32_t isa) {
  switch (isa) {
  case QUELL_ISA_BEST:
    return best();
  case QUELL_ISA_BASELINE:
    return &ql_code_baseline;
  case QUELL_ISA_AVX2:
    return avx2();
  case QUELL_ISA_AVX512:
    return avx512();
  default:
    return NULL;
  }
}

const quell_rule_desc *ql_code_rule(const ql_code *code, const quell_rule_desc *rule) {
  for (size_t i = 0; ql_builtin_rule(i); i++)
    if (rule == ql_builtin_rule(i)) return code->builtin_rule(i);
  return rule;
}

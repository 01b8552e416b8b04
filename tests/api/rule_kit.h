/* A rule whose descriptor can be spoilt, and whose `prepare` can be made to refuse. */
#ifndef TEST_API_RULE_KIT_H
#define TEST_API_RULE_KIT_H

#include "world.h"
#include <stdio.h>

enum { MOST = 70, GAIN = 0, TAU = 1, FIRST_STANDARD = 2, N_PARAMS = 5 };

/* `gain` says how prepare ends: see kit_prepare(). */
enum { REFUSES = 13, REFUSES_WITHOUT_A_WORD, STOPS, SAYS_PERCENT, SAYS_MUCH, RUNS_OUT };

typedef struct kit {
  quell_rule_desc rule;
  quell_param_desc params[MOST];
  quell_var_desc vars[MOST];
  quell_trace_desc traces[MOST];
  quell_event_desc events[MOST];
} kit;

static inline void kit_event(const quell_block *block) {
  for (uint32_t i = 0; i < block->n; i++) block->w[i] += 0.01f * block->var[0][i];
}

static inline quell_status kit_prepare(const quell_rule_args *args, void *instance) {
  double gain = args->value[GAIN];
  memset(instance, 0x11, sizeof(float));
  if (gain == REFUSES) snprintf(args->message, args->message_size, "kit: 'gain' is unlucky");
  if (gain == SAYS_PERCENT) snprintf(args->message, args->message_size, "%s", "kit: 100%s %n");
  if (gain == SAYS_MUCH) memset(args->message, 'y', args->message_size - 1);
  if (gain == STOPS) return QUELL_STOPPED;
  if (gain == RUNS_OUT) return QUELL_E_MEMORY;
  return gain >= REFUSES ? QUELL_E_RANGE : QUELL_OK;
}

static inline quell_table kit_table(const void *at, uint32_t count, size_t stride) {
  return (quell_table){at, count, (uint32_t)stride};
}

/* A descriptor without fault: it points into the kit, which must not move. */
static inline void kit_make(kit *k) {
  const quell_param_desc params[N_PARAMS] = {
      {"gain", "1", "says how prepare ends", 1, 0, 100, 0, 0},
      {"tau", "ms", "time constant", 20, 0, 1e9, QUELL_MIN_OPEN, 0},
      QUELL_STANDARD_PARAMS(10.0)};
  memset(k, 0, sizeof *k);
  memcpy(k->params, params, sizeof params);
  k->vars[0] = (quell_var_desc){"boost", "1", "added up", 1};
  k->vars[1] = (quell_var_desc){"spare", "1", "not used", 0};
  for (uint32_t i = 0; i < MOST; i++)
    k->traces[i] = (quell_trace_desc){"x", QUELL_PRE, QUELL_TRACE_ADD, TAU, 0};
  k->traces[1] = (quell_trace_desc){"y", QUELL_POST, QUELL_TRACE_SET, TAU, 0};
  k->events[0] =
      (quell_event_desc){.kind = QUELL_PRE, .wants_pre = 1, .wants_post = 1, .call = kit_event};
  k->events[1] =
      (quell_event_desc){.kind = QUELL_POST, .wants_pre = 1, .wants_post = 1, .call = kit_event};
  k->rule = (quell_rule_desc){.struct_size = sizeof k->rule,
                              .abi_major = QUELL_RULE_ABI_MAJOR,
                              .abi_minor = QUELL_RULE_ABI_MINOR,
                              .name = "kit",
                              .summary = "for tests",
                              .source = "tests",
                              .params = kit_table(k->params, N_PARAMS, sizeof *k->params),
                              .vars = kit_table(k->vars, 2, sizeof *k->vars),
                              .traces = kit_table(k->traces, 2, sizeof *k->traces),
                              .events = kit_table(k->events, 2, sizeof *k->events),
                              .instance_size = sizeof(float),
                              .prepare = kit_prepare};
}

#endif

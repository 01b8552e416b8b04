#include "api/check.h"

#include "base/message.h"
#include <float.h>
#include <math.h>
#include <string.h>

enum { MOST_VALUES = 64 }; /* no model or rule has more parameters */

#define FIRST_WITHOUT_HALVES 4503599627370496.0 /* 2^52: such doubles are whole numbers */

#define MOST_STEPS 9007199254740992.0 /* 2^53: beyond it, steps are no longer exact in double */

void ql_list_name(char *list, size_t size, const char *name) {
  size_t used = strlen(list);
  ql_message(list + used, size - used, used ? ", %s" : "%s", name);
}

quell_status ql_fill(const quell_network *network, void *given, const void *known, size_t size,
                     const char *name) {
  char message[200];
  quell_status status = ql_struct_out(given, known, size, name, message, sizeof message);
  return status ? ql_fail(network, status, "%s", message) : QUELL_OK;
}

quell_status ql_check_idle(const quell_network *network) {
  if (network->activity == QL_IDLE) return QUELL_OK;
  return ql_fail(network, QUELL_E_STATE,
                 "network: it is running; inside a callback it can be read, not changed");
}

quell_status ql_check_building(const quell_network *network) {
  quell_status status = ql_check_idle(network);
  if (status || network->phase == QL_BUILDING) return status;
  return ql_fail(network, QUELL_E_STATE,
                 "network: nothing can be added after the first step (clock %llu)",
                 (unsigned long long)network->clock);
}

int ql_value_fits(const quell_param_desc *param, double value) {
  int open = param->flags & QUELL_MIN_OPEN;
  int inside = (open ? value > param->min : value >= param->min) && value <= param->max;
  return inside && !((param->flags & QUELL_INTEGER) && value != floor(value));
}

quell_status ql_check_value(const quell_network *network, const char *owner,
                            const quell_param_desc *param, double value) {
  int open = param->flags & QUELL_MIN_OPEN;
  if (ql_value_fits(param, value)) return QUELL_OK;
  const char *unit = strcmp(param->unit, "1") ? param->unit : "", *space = *unit ? " " : "";
  if (param->flags & QUELL_INTEGER)
    return ql_fail(network, QUELL_E_RANGE, "%s: '%s' must be a whole number in [%g, %g], got %g",
                   owner, param->name, param->min, param->max, value);
  if (isinf(param->max))
    return ql_fail(network, QUELL_E_RANGE, "%s: '%s' must be %s %g%s%s, got %g", owner, param->name,
                   open ? ">" : "≥", param->min, space, unit, value);
  return ql_fail(network, QUELL_E_RANGE, "%s: '%s' must be in %c%g, %g]%s%s, got %g", owner,
                 param->name, open ? '(' : '[', param->min, param->max, space, unit, value);
}

static quell_status unknown_name(const quell_network *network, const char *owner,
                                 const quell_param_desc *params, uint32_t n_params,
                                 const char *name) {
  char known[320] = "";
  for (uint32_t i = 0; i < n_params; i++) ql_list_name(known, sizeof known, params[i].name);
  return ql_fail(network, QUELL_E_NAME, "%s: no parameter '%.60s'; there are: %s", owner, name,
                 *known ? known : "none");
}

quell_status ql_take_values(const quell_network *network, const char *owner,
                            const quell_param_desc *params, uint32_t n_params,
                            const quell_value *values, size_t n, double *value) {
  if (n && !values)
    return ql_fail(network, QUELL_E_NULL, "%s: %zu values, but the array is NULL", owner, n);
  if (n > MOST_VALUES)
    return ql_fail(network, QUELL_E_LENGTH, "%s: %zu values, but there are %u parameters", owner, n,
                   n_params);
  uint64_t given = 0;
  for (size_t k = 0; k < n; k++) {
    const char *name = values[k].name;
    if (!name) return ql_fail(network, QUELL_E_NULL, "%s: the name of value %zu is NULL", owner, k);
    uint32_t i = 0;
    while (i < n_params && strcmp(params[i].name, name)) i++;
    if (i == n_params) return unknown_name(network, owner, params, n_params, name);
    if (given >> i & 1)
      return ql_fail(network, QUELL_E_NAME, "%s: '%s' is given twice", owner, name);
    quell_status status = ql_check_value(network, owner, &params[i], values[k].value);
    if (status) return status;
    given |= (uint64_t)1 << i;
    value[i] = values[k].value;
  }
  return QUELL_OK;
}

quell_status ql_check_slice(const quell_network *network, const char *owner, uint64_t first,
                            uint64_t n, uint64_t size) {
  if (first <= size && n <= size - first) return QUELL_OK;
  return ql_fail(network, QUELL_E_LENGTH, "%s: [%llu, %llu + %llu) is past the end, %llu", owner,
                 (unsigned long long)first, (unsigned long long)first, (unsigned long long)n,
                 (unsigned long long)size);
}

int ql_time_to_steps(const quell_network *network, double ms, uint64_t *steps) {
  double exact = ms / network->dt;
  double whole = exact < FIRST_WITHOUT_HALVES ? floor(exact + 0.5) : exact;
  if (!(whole >= 0.0 && whole < MOST_STEPS)) return 0;
  *steps = (uint64_t)whole;
  return 1;
}

int ql_time_on_grid(const quell_network *network, double ms, uint64_t *steps) {
  if (!ql_time_to_steps(network, ms, steps)) return 0;
  double exact = ms / network->dt, rounding = 1e-6 + 4.0 * DBL_EPSILON * exact;
  return fabs(exact - (double)*steps) <= (rounding < 0.25 ? rounding : 0.25);
}

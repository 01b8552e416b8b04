/* Checks of arguments that the public functions share. Only src/api sees bad arguments. */
#ifndef QL_API_CHECK_H
#define QL_API_CHECK_H

#include "base/fpmode.h"
#include "base/versioned.h"
#include "network/network.h"

/* ql_struct_out() with the sentence noted. */
quell_status ql_fill(const quell_network *network, void *given, const void *known, size_t size,
                     const char *name);

/* Appends a name to a list in a sentence. */
void ql_list_name(char *list, size_t size, const char *name);

/* Whether the network may be changed now; the sentence is noted. */
quell_status ql_check_idle(const quell_network *network);
/* Whether something may be added to it now. */
quell_status ql_check_building(const quell_network *network);

/* Whether a value is in the range of its parameter. */
int ql_value_fits(const quell_param_desc *param, double value);
/* The same with the sentence noted if it is not. `owner` is the beginning of the sentence. */
quell_status ql_check_value(const quell_network *network, const char *owner,
                            const quell_param_desc *param, double value);
/* Puts named values into value[n_params]; on failure that may hold some of them. */
quell_status ql_take_values(const quell_network *network, const char *owner,
                            const quell_param_desc *params, uint32_t n_params,
                            const quell_value *values, size_t n, double *value);
/* Whether [first, first + n) lies in [0, size). */
quell_status ql_check_slice(const quell_network *network, const char *owner, uint64_t first,
                            uint64_t n, uint64_t size);

/* A time in ms as a number of steps, rounded to the nearest; 0 if it is not one below 2^53. */
int ql_time_to_steps(const quell_network *network, double ms, uint64_t *steps);
/* The same for a time that must lie on the grid. */
int ql_time_on_grid(const quell_network *network, double ms, uint64_t *steps);

#endif

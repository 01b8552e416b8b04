/*
 * tsodyks_markram: short-term plasticity, deterministic. A spike uses the part u of the resources x
 * of its synapses and delivers w u x.
 *
 *   at a spike:  u ← u + U (1 − u),  deliver w u x,  x ← x − u x
 *   between:     du/dt = −u / tau_fac,  dx/dt = (1 − x) / tau_rec
 *
 * At the first spike u = U and x = 1. tau_fac = 0: no facilitation, u = U always. Steady state at a
 * regular interval h: u = U / (1 − (1 − U) F), x = (1 − R) / (1 − (1 − u) R), with
 * F = e^(−h/tau_fac) and R = e^(−h/tau_rec). Under Poisson spiking at rate r the mean fields are
 * u = U (1 + tau_fac r) / (1 + U tau_fac r) and x = 1 / (1 + u tau_rec r), exact for tau_fac = 0.
 *
 * Gives the same sequence as NEST's tsodyks2_synapse. One pair of u and x for each pre neuron; the
 * row variables hold them as they are just after the last spike.
 *
 * Tsodyks & Markram 1997, 10.1073/pnas.94.2.719; Markram, Wang & Tsodyks 1998,
 * 10.1073/pnas.95.9.5323; Maass & Markram 2002, 10.1016/S0893-6080(01)00144-7 (these equations).
 */
#include "rules/builtin.h"
#include "rules/short_term/pathways.h"

enum { USE, TAU_REC, TAU_FAC };

static const quell_param_desc params[] = {
    {"U", "1", "part of the resources that the first spike uses", 0.5, 0.0, 1.0, QUELL_BINDABLE, 0},
    {"tau_rec", "ms", "time constant with which resources recover", 800.0, 0.0, 1e9, QUELL_BINDABLE,
     0},
    {"tau_fac", "ms", "time constant with which facilitation decays; 0: none", 0.0, 0.0, 1e9,
     QUELL_BINDABLE, 0},
};

enum { U, X };

static const quell_row_var_desc row_vars[] = {
    {"u", "1", "part of the resources that the last spike used", 0.0},
    {"x", "1", "resources just after the last spike", 1.0},
};

static quell_status prepare(const quell_rule_args *args, void *instance) {
  (void)args, (void)instance; /* all parameters may move */
  return QUELL_OK;
}

static double release(double *row_var, double since, const double *param, const void *instance) {
  (void)instance;
  double u = ql_facilitate(row_var[U], since, param[USE], param[TAU_FAC]);
  double x = 1.0 + (row_var[X] - 1.0) * ql_left_after(since, param[TAU_REC]);
  row_var[U] = u;
  row_var[X] = x - u * x;
  return u * x;
}

QL_PATHWAYS(QL_PATHWAY_VALUES)
static const quell_preset_desc presets[] = {QL_PATHWAYS(QL_PATHWAY_PRESET)};

const quell_rule_desc QL_RULE(tsodyks_markram) = {
    .struct_size = sizeof(quell_rule_desc),
    .abi_major = QUELL_RULE_ABI_MAJOR,
    .abi_minor = QUELL_RULE_ABI_MINOR,
    .name = "tsodyks_markram",
    .summary = "short-term depression and facilitation",
    .source = "Tsodyks & Markram 1997, 10.1073/pnas.94.2.719; Markram et al. 1998, "
              "10.1073/pnas.95.9.5323",
    .params = QUELL_TABLE(params),
    .prepare = prepare,
    .row_vars = QUELL_TABLE(row_vars),
    .presets = QUELL_TABLE(presets),
    .release = release,
};

/* What both forms of short-term plasticity share: the published values for kinds of connections,
 * and the recursion of the use of resources. */
#ifndef QL_RULES_SHORT_TERM_PATHWAYS_H
#define QL_RULES_SHORT_TERM_PATHWAYS_H

#include <quell/plugin.h>

/* PATHWAY(name, U, tau_rec, tau_fac, doc) for each. Values of the Blue Brain recipe and of the
 * pathways after it are quoted by public code, not read in the papers that it names. */
#define QL_PATHWAYS(PATHWAY)                                                                       \
  PATHWAY(nest_default, 0.5, 800.0, 0.0, "default of NEST's tsodyks2_synapse")                     \
  PATHWAY(tsodyks2000_ee, 0.5, 800.0, 0.0, "Tsodyks, Uziel & Markram 2000, excitatory onto same")  \
  PATHWAY(tsodyks2000_ei, 0.04, 100.0, 1000.0, "Tsodyks et al. 2000, excitatory onto inhibitory")  \
  PATHWAY(tsodyks2000_ie, 0.5, 800.0, 0.0, "Tsodyks et al. 2000, inhibitory onto excitatory")      \
  PATHWAY(tsodyks2000_ii, 0.04, 100.0, 1000.0, "Tsodyks et al. 2000, inhibitory onto same")        \
  PATHWAY(maass2002_ee, 0.5, 1100.0, 50.0, "Maass et al. 2002, excitatory onto same")              \
  PATHWAY(maass2002_ei, 0.05, 125.0, 1200.0, "Maass et al. 2002, excitatory onto inhibitory")      \
  PATHWAY(maass2002_ie, 0.25, 700.0, 20.0, "Maass et al. 2002, inhibitory onto excitatory")        \
  PATHWAY(maass2002_ii, 0.32, 144.0, 60.0, "Maass et al. 2002, inhibitory onto same")              \
  PATHWAY(bbp_e2, 0.5, 671.0, 17.0, "Blue Brain, excitatory onto excitatory in general")           \
  PATHWAY(bbp_l23_pc, 0.46, 671.0, 17.0, "Blue Brain, pyramidal cells of layer 2/3")               \
  PATHWAY(bbp_l5_ttpc, 0.38, 365.6, 25.7, "Blue Brain, thick-tufted cells of layer 5")             \
  PATHWAY(bbp_l5_ttpc_refit, 0.5, 672.7, 15.9, "the same, fitted anew later")                      \
  PATHWAY(l4_ss_to_l23_pc, 0.79, 671.0, 17.0, "spiny stellate of layer 4 onto layer 2/3")          \
  PATHWAY(l4_pc, 0.86, 671.0, 17.0, "pyramidal cells of layer 4")                                  \
  PATHWAY(pc_to_sst, 0.09, 138.0, 670.0, "pyramidal onto Martinotti, Silberberg & Markram 2007")   \
  PATHWAY(sst_to_pc, 0.3, 1250.0, 2.0, "Martinotti onto pyramidal, Silberberg & Markram 2007")     \
  PATHWAY(basket_to_pc, 0.14, 875.0, 22.0, "nest basket (PV) onto pyramidal, Wang et al. 2002")    \
  PATHWAY(zenke2015, 0.2, 200.0, 600.0, "Zenke et al. 2015, onto excitatory, authors' code")       \
  PATHWAY(zenke2015_late, 0.2, 150.0, 600.0, "the same, in the later scripts of that code")

/* Values and table of presets for a rule with the parameters U, tau_rec and tau_fac. */
#define QL_PATHWAY_VALUES(name, u, rec, fac, doc)                                                  \
  static const quell_value name[] = {{"U", u}, {"tau_rec", rec}, {"tau_fac", fac}};
#define QL_PATHWAY_PRESET(name, u, rec, fac, doc) {#name, doc, QUELL_TABLE(name)},

/* What is left of an exponential after a time: e^(−time/tau); 0 for tau = 0. Only products, so that
 * the bits are the same everywhere; relative error below 1e-12. */
static inline double ql_left_after(double time, double tau) {
  enum { SQUARINGS = 12, TERMS = 10 };
  static const double inverse[TERMS + 1] = {0,       1.0,     1.0 / 2, 1.0 / 3, 1.0 / 4, 1.0 / 5,
                                            1.0 / 6, 1.0 / 7, 1.0 / 8, 1.0 / 9, 1.0 / 10};
  double x = time / tau; /* NaN where both are 0 */
  if (!(x < 700.0)) return 0.0;
  x *= -1.0 / (1 << SQUARINGS);
  double left = 1.0;
  for (int i = TERMS; i > 0; i--) left = 1.0 + x * inverse[i] * left;
  for (int i = 0; i < SQUARINGS; i++) left *= left;
  return left;
}

/* The part u of the resources that a spike uses, given that of the last spike. */
static inline double ql_facilitate(double u, double since, double use, double tau_fac) {
  u *= ql_left_after(since, tau_fac);
  return u + use * (1.0 - u);
}

#endif

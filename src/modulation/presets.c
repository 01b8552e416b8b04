#include "modulation/presets.h"

#include <math.h>
#include <string.h>

#define CARLSIM                                                                                    \
  "default of CARLsim 6, carlsim.h and snn_datastructures.h: the same for all four modulators, a " \
  "convention and no measurement"

#define DREYER                                                                                     \
  "J. Dreyer's toolbox, github.com/Lundbeck-Biometrics/Dopamine-Simulation-Tools, DopamineToolbox"

#define INF ((double)INFINITY)

static const ql_kinetics kinetics[] = {
    {"dopamine",
     "in units of which a reward releases 0.5; not below 0, so that a dip is small",
     "Izhikevich 2007, 10.1093/cercor/bhl152: its code, ModelDB 84167 (daspnet.m), where the level "
     "falls by the factor 0.995 each ms and 0.002 is added to it where it is read",
     {0.002, 200.0, 0.0, INF}},
    {"dopamine_ventral",
     "nM, ventral striatum: at 4 spikes/s, decay for small deviations from there",
     DREYER " (VTA): uptake 1500 nM/s, half at 160 nM, and its steady state. The time constant is "
            "ours: its uptake made linear at that level",
     {55.5, 193.5, 0.0, INF}},
    {"dopamine_dorsal",
     "nM, dorsal striatum: at 4 spikes/s, decay for small deviations from there",
     DREYER " (SNc): uptake 4000 nM/s, half at 160 nM, and its steady state. The time constant is "
            "ours: its uptake made linear at that level",
     {42.7, 64.2, 0.0, INF}},
    {"noradrenaline",
     "any unit, above the level at rest; uptake in the locus coeruleus",
     "Palij & Stamford 1994, 10.1016/0006-8993(94)91930-5, abstract: half-life of 2.93 s in slices "
     "of the rat, that is 4227 ms for the factor e. Ours: that the level at rest counts as 0",
     {0.0, 4227.0, 0.0, INF}},
    {"acetylcholine", "relative to the level at rest, which is 1", CARLSIM, {1.0, 100.0, 0.0, INF}},
    {"serotonin", "relative to the level at rest, which is 1", CARLSIM, {1.0, 100.0, 0.0, INF}},
};

/* Occupied or active part. */
#define PART(half, exponent)                                                                       \
  {                                                                                                \
    sizeof(quell_curve), QUELL_CURVE_HILL, QUELL_MULTIPLY, 0, 0.0, 0.0, 1.0, (half), (exponent),   \
        NULL, NULL                                                                                 \
  }

/* A summand of a factor that is 1 without it. */
#define ADDED(low, slope)                                                                          \
  {                                                                                                \
    sizeof(quell_curve), QUELL_CURVE_LINEAR, QUELL_ADD, 0, (low), (slope), 1.0, 1.0, 1.0, NULL,    \
        NULL                                                                                       \
  }

#define EJDRUP                                                                                     \
  "github.com/Ejdrup/striatal-dopamine-modelling (Ejdrup et al. 2024), sim_functions.py"

#define NORADRENALINE                                                                               \
  "Ki of noradrenaline at human receptors (α1 330, α2 56, β1 740 nM), read in the product page " \
  "B000456 of BenchChem, which gives no paper for them; their order as in Ramos & Arnsten 2007, "   \
  "10.1016/j.pharmthera.2006.11.006"

#define PUSH_PULL                                                                                  \
  "CARLsim 6, snn_cpu_module.cpp, PKA_PLC_MOD, after Nadim & Bucher 2014, "                        \
  "10.1016/j.conb.2014.05.003: potentiation × (2 PKA − PLC), depression × (2 PLC − PKA)"

static const ql_receptor receptors[] = {
    {"d1", "occupied D1 receptors; dopamine in nM, half at 1000 nM", EJDRUP "; the same in " DREYER,
     PART(1000.0, 1.0)},
    {"d2", "occupied D2 receptors; dopamine in nM, half at 7 nM",
     EJDRUP ", where it is from PMC8071183. " DREYER " has 1000 nM for post neurons",
     PART(7.0, 1.0)},
    {"d2_terminal", "occupied D2 receptors of dopamine terminals; dopamine in nM, half at 100 nM",
     DREYER ", TerminalFeedback: rates 0.3/s and 0.003/(nM s)", PART(100.0, 1.0)},
    {"m1", "muscarinic M1: active part at a level of acetylcholine in nM",
     "ours: the value of carbachol, pEC50 6.08 (GTPγS binding, CHO cells with M1; Mol Pharmacol, "
     "table 53504 of its site) for acetylcholine, because the two do not discriminate subtypes "
     "(Pharmacol Rev, table 16998)",
     PART(831.8, 1.0)},
    {"nicotinic", "nicotinic α4β2: active part at a level of acetylcholine in nM",
     "EC50 of acetylcholine, 1.7 µM (human α4β2 in SH-EP1 cells, Rb efflux; Mol Pharmacol, table "
     "44436 of its site, where other systems give 3 to 92 µM). Ours: exponent 1",
     PART(1700.0, 1.0)},
    {"alpha7", "nicotinic α7: active part at a level of acetylcholine in nM",
     "EC50 153 µM, Hill coefficient 0.91 (α7 in Xenopus oocytes; J Pharmacol Exp Ther, table 70324 "
     "of its site)",
     PART(153000.0, 0.91)},
    {"5ht1a", "serotonin 5-HT1A: active part at a level in nM",
     "pEC50 9.22 (human 5-HT1A in CHO cells, activation of Gαi3; Mol Pharmacol, table 41371 of its "
     "site). Ours: without the fall above 50 nM that was seen there",
     PART(0.6026, 1.0)},
    {"5ht2a", "serotonin 5-HT2A, high-affinity state: occupied part at a level in nM",
     "IUPHAR/BPS Guide to Pharmacology, target 6: pKd 8.9 of 5-hydroxytryptamine, human",
     PART(1.259, 1.0)},
    {"alpha1", "noradrenaline α1: occupied part at a level in nM", NORADRENALINE, PART(330.0, 1.0)},
    {"alpha2", "noradrenaline α2: occupied part at a level in nM", NORADRENALINE, PART(56.0, 1.0)},
    {"beta", "noradrenaline β1: occupied part at a level in nM", NORADRENALINE, PART(740.0, 1.0)},
    {"pka_potentiation", "a modulator that drives PKA, on 'potentiation'; with plc_potentiation",
     PUSH_PULL, ADDED(-1.0, 2.0)},
    {"pka_depression", "a modulator that drives PKA, on 'depression'; with plc_depression",
     PUSH_PULL, ADDED(0.0, -1.0)},
    {"plc_potentiation", "a modulator that drives PLC, on 'potentiation'; with pka_potentiation",
     PUSH_PULL, ADDED(0.0, -1.0)},
    {"plc_depression", "a modulator that drives PLC, on 'depression'; with pka_depression",
     PUSH_PULL, ADDED(-1.0, 2.0)},
};

const ql_kinetics *ql_kinetics_at(size_t i) {
  return i < sizeof kinetics / sizeof *kinetics ? &kinetics[i] : NULL;
}

const ql_kinetics *ql_kinetics_find(const char *name) {
  for (size_t i = 0; i < sizeof kinetics / sizeof *kinetics; i++)
    if (!strcmp(kinetics[i].name, name)) return &kinetics[i];
  return NULL;
}

const ql_receptor *ql_receptor_at(size_t i) {
  return i < sizeof receptors / sizeof *receptors ? &receptors[i] : NULL;
}

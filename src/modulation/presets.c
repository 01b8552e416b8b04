#include "modulation/presets.h"

#include <math.h>
#include <string.h>

#define INF ((double)INFINITY)

static const ql_kinetics kinetics[] = {
    {"dopamine",
     "relative to a reward of 0.5; tonic 0.002",
     "Izhikevich 2007, 10.1093/cercor/bhl152: its code, ModelDB 84167 (daspnet), where the level "
     "falls by the factor 0.995 each ms and 0.002 is added to it",
     {0.002, 200.0, 0.0, INF}},
    {"dopamine_nm",
     "ventral striatum, nM; small changes about a tonic level of 50 nM",
     "DopamineToolbox.py of J. K. Dreyer (github Lundbeck-Biometrics/Dopamine-Simulation-Tools): "
     "uptake with Vmax 1500 nM/s and Km 160 nM, initial level 50 nM; ours: the time constant "
     "(Km + 50 nM)² / (Vmax Km) to which this comes there",
     {50.0, 183.75, 0.0, INF}},
    {"noradrenaline",
     "any unit, above the level at rest; uptake in the locus coeruleus",
     "Palij & Stamford 1994, 10.1016/0006-8993(94)91930-5, abstract: half-life of 2.93 s in slices "
     "of the rat, that is 4227 ms for the factor e; ours: that the level at rest counts as 0",
     {0.0, 4227.0, 0.0, INF}},
    {"acetylcholine",
     "relative to the level at rest, which is 1",
     "CARLsim 4, setNeuromodulator() in carlsim.h and carlsim.cpp: default baseline and time "
     "constant, for which no measurement is given",
     {1.0, 100.0, 0.0, INF}},
    {"serotonin",
     "relative to the level at rest, which is 1",
     "CARLsim 4, setNeuromodulator() in carlsim.h and carlsim.cpp: default baseline and time "
     "constant, for which no measurement is given",
     {1.0, 100.0, 0.0, INF}},
};

/* Occupied or active part at a concentration in nM. */
#define OCCUPIED(half, exponent)                                                                   \
  {                                                                                                \
    sizeof(quell_curve), QUELL_CURVE_HILL, QUELL_MULTIPLY, 0, 0.0, 0.0, 1.0, (half), (exponent),   \
        NULL, NULL                                                                                 \
  }

#define AFFINITIES_OF_NORADRENALINE                                                                 \
  "Ki of noradrenaline at human receptors (α1 330, α2 56, β1 740 nM), read in the product page " \
  "B000456 of BenchChem, which gives no paper for them; their order as in Ramos & Arnsten 2007, "   \
  "10.1016/j.pharmthera.2006.11.006"

static const ql_receptor receptors[] = {
    {"d1", "dopamine D1, medium spiny neurons: occupied part at a level in nM",
     "DopamineToolbox.py of J. K. Dreyer (github Lundbeck-Biometrics/Dopamine-Simulation-Tools), "
     "PostSynapticNeuron: k_off / k_on = 10 / 0.01 nM",
     OCCUPIED(1000.0, 1.0)},
    {"d2", "dopamine D2, autoreceptors on terminals: occupied part at a level in nM",
     "DopamineToolbox.py of J. K. Dreyer (github Lundbeck-Biometrics/Dopamine-Simulation-Tools), "
     "class DA: k_off / k_on = 0.3 / 0.003 nM; D2 of medium spiny neurons has 1000 nM there",
     OCCUPIED(100.0, 1.0)},
    {"m1", "muscarinic M1: active part at a level of acetylcholine in nM",
     "ours: the value of carbachol, pEC50 6.08 (GTPγS binding, CHO cells with M1; Mol Pharmacol, "
     "table 53504 of its site) for acetylcholine, because the two do not discriminate subtypes "
     "(Pharmacol Rev, table 16998)",
     OCCUPIED(831.8, 1.0)},
    {"nicotinic", "nicotinic α4β2: active part at a level of acetylcholine in nM",
     "EC50 of acetylcholine, 1.7 µM (human α4β2 in SH-EP1 cells, Rb efflux; Mol Pharmacol, table "
     "44436 of its site, where other systems give 3 to 92 µM); ours: exponent 1",
     OCCUPIED(1700.0, 1.0)},
    {"alpha7", "nicotinic α7: active part at a level of acetylcholine in nM",
     "EC50 153 µM, Hill coefficient 0.91 (α7 in Xenopus oocytes; J Pharmacol Exp Ther, table 70324 "
     "of its site)",
     OCCUPIED(153000.0, 0.91)},
    {"5ht1a", "serotonin 5-HT1A: active part at a level in nM",
     "pEC50 9.22 (human 5-HT1A in CHO cells, activation of Gαi3; Mol Pharmacol, table 41371 of its "
     "site); ours: without the fall above 50 nM that was seen there",
     OCCUPIED(0.6026, 1.0)},
    {"5ht2a", "serotonin 5-HT2A, high-affinity state: occupied part at a level in nM",
     "IUPHAR/BPS Guide to Pharmacology, target 6: pKd 8.9 of 5-hydroxytryptamine, human",
     OCCUPIED(1.259, 1.0)},
    {"alpha1", "noradrenaline α1: occupied part at a level in nM", AFFINITIES_OF_NORADRENALINE,
     OCCUPIED(330.0, 1.0)},
    {"alpha2", "noradrenaline α2: occupied part at a level in nM", AFFINITIES_OF_NORADRENALINE,
     OCCUPIED(56.0, 1.0)},
    {"beta", "noradrenaline β1: occupied part at a level in nM", AFFINITIES_OF_NORADRENALINE,
     OCCUPIED(740.0, 1.0)},
};

const ql_kinetics *ql_kinetics_at(size_t i) {
  return i < sizeof kinetics / sizeof *kinetics ? &kinetics[i] : NULL;
}

const ql_kinetics *ql_kinetics_find(const char *name) {
  for (size_t i = 0; ql_kinetics_at(i); i++)
    if (!strcmp(kinetics[i].name, name)) return &kinetics[i];
  return NULL;
}

const ql_receptor *ql_receptor_at(size_t i) {
  return i < sizeof receptors / sizeof *receptors ? &receptors[i] : NULL;
}

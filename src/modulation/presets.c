#include "modulation/presets.h"

#include <math.h>
#include <string.h>

#define CARLSIM                                                                                    \
  "default of CARLsim 6, carlsim.h and snn_datastructures.h: the same for all four modulators, a " \
  "convention and no measurement"

#define DREYER                                                                                     \
  "J. Dreyer's toolbox, github.com/Lundbeck-Biometrics/Dopamine-Simulation-Tools, DopamineToolbox"

static const ql_kinetics kinetics[] = {
    {"dopamine",
     "in units of which a reward releases 0.5; not below 0, so that a dip is small",
     "Izhikevich 2007, 10.1093/cercor/bhl152: its code, ModelDB 84167 (daspnet.m), where the level "
     "falls by the factor 0.995 each ms and 0.002 is added to it where it is read",
     {0.002, 200.0, 0.0, (double)INFINITY}},
    {"dopamine_ventral",
     "nM, ventral striatum: at 4 spikes/s, decay for small deviations from there",
     DREYER " (VTA): uptake 1500 nM/s, half at 160 nM, and its steady state. The time constant is "
            "ours: its uptake made linear at that level",
     {55.5, 193.5, 0.0, (double)INFINITY}},
    {"dopamine_dorsal",
     "nM, dorsal striatum: at 4 spikes/s, decay for small deviations from there",
     DREYER " (SNc): uptake 4000 nM/s, half at 160 nM, and its steady state. The time constant is "
            "ours: its uptake made linear at that level",
     {42.7, 64.2, 0.0, (double)INFINITY}},
    {"acetylcholine", "relative to the tonic level", CARLSIM, {1.0, 100.0, 0.0, (double)INFINITY}},
    {"noradrenaline", "relative to the tonic level", CARLSIM, {1.0, 100.0, 0.0, (double)INFINITY}},
    {"serotonin", "relative to the tonic level", CARLSIM, {1.0, 100.0, 0.0, (double)INFINITY}},
};

/* Part of the receptors that is occupied, with one binding site. */
#define OCCUPANCY(half)                                                                            \
  {                                                                                                \
    sizeof(quell_curve), QUELL_CURVE_HILL, QUELL_MULTIPLY, 0, 0.0, 1.0, 1.0, (half), 1.0, NULL,    \
        NULL                                                                                       \
  }

/* A summand of a factor that is 1 without it. */
#define ADDED(low, slope)                                                                          \
  {                                                                                                \
    sizeof(quell_curve), QUELL_CURVE_LINEAR, QUELL_ADD, 0, (low), (slope), 1.0, 1.0, 1.0, NULL,    \
        NULL                                                                                       \
  }

#define EJDRUP                                                                                     \
  "github.com/Ejdrup/striatal-dopamine-modelling (Ejdrup et al. 2024), sim_functions.py"

#define PUSH_PULL                                                                                  \
  "CARLsim 6, snn_cpu_module.cpp, PKA_PLC_MOD, after Nadim & Bucher 2014, "                        \
  "10.1016/j.conb.2014.05.003: potentiation × (2 PKA − PLC), depression × (2 PLC − PKA)"

static const ql_receptor receptors[] = {
    {"d1", "occupied D1 receptors; dopamine in nM, half at 1000 nM", EJDRUP "; the same in " DREYER,
     OCCUPANCY(1000.0)},
    {"d2", "occupied D2 receptors; dopamine in nM, half at 7 nM",
     EJDRUP ", where it is from PMC8071183. " DREYER " has 1000 nM for post neurons",
     OCCUPANCY(7.0)},
    {"d2_terminal", "occupied D2 receptors of dopamine terminals; dopamine in nM, half at 100 nM",
     DREYER ", TerminalFeedback: rates 0.3/s and 0.003/(nM s)", OCCUPANCY(100.0)},
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

/* Parameters of the cortical microcircuit of Potjans & Diesmann 2014 (10.1093/cercor/bhs358), with
 * the values and the initial potentials that its users have agreed on (Senk et al. 2026,
 * 10.1088/2634-4386/ae379a). Units are ms, mV, pF and Hz. */
#ifndef PD14_H
#define PD14_H

#include <quell/quell.h>

enum { PD14_POPULATIONS = 8 };

static const char *const pd14_name[PD14_POPULATIONS] = {"L23E", "L23I", "L4E", "L4I",
                                                        "L5E",  "L5I",  "L6E", "L6I"};
static const uint32_t pd14_size[PD14_POPULATIONS] = {20683, 5834, 21915, 5479,
                                                     4850,  1065, 14395, 2948};

/* [post][pre] */
static const double pd14_probability[PD14_POPULATIONS][PD14_POPULATIONS] = {
    {0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0, 0.0076, 0.0},
    {0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0, 0.0042, 0.0},
    {0.0077, 0.0059, 0.0497, 0.135, 0.0067, 0.0003, 0.0453, 0.0},
    {0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0, 0.1057, 0.0},
    {0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0},
    {0.0548, 0.0269, 0.0257, 0.0022, 0.06, 0.3158, 0.0086, 0.0},
    {0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252},
    {0.0364, 0.001, 0.0034, 0.0005, 0.0277, 0.008, 0.0658, 0.1443}};

static const double pd14_tau_syn = 0.5;
static const quell_value pd14_neuron[] = {
    {"cm", 250.0},     {"tau_m", 10.0},     {"tau_syn_E", 0.5}, {"tau_syn_I", 0.5},
    {"v_rest", -65.0}, {"v_thresh", -50.0}, {"v_reset", -65.0}, {"tau_refrac", 2.0}};

/* Of the initial potential. */
static const double pd14_v_mean[PD14_POPULATIONS] = {-68.28, -63.16, -63.33, -63.45,
                                                     -63.11, -61.66, -66.72, -61.43};
static const double pd14_v_sd[PD14_POPULATIONS] = {5.36, 4.57, 4.74, 4.94, 4.94, 4.55, 5.46, 4.48};

/* The current of one event in pA that moves the potential by 1 mV at its peak: with
 * r = tau_m / tau_syn, (r - 1) cm / (tau_m (r^(-1/(r-1)) - r^(-r/(r-1)))). A number, so that no
 * machine's power function has a part in it. */
static const double pd14_pA_per_mV = 585.3899568613897;
static const double pd14_psp = 0.15;
static const double pd14_psp_L4E_to_L23E = 0.3;
static const double pd14_inhibition = 4.0; /* as a multiple of excitation */
static const double pd14_weight_sd = 0.1;  /* as a part of the mean */

static const double pd14_delay_exc = 1.5;
static const double pd14_delay_inh = 0.75;
static const double pd14_delay_sd = 0.5; /* as a part of the mean */

/* Synapses from outside onto each neuron, and how often each of them is active. */
static const double pd14_outside[PD14_POPULATIONS] = {1600, 1500, 2100, 1900,
                                                      2000, 1900, 2900, 2100};
static const double pd14_outside_rate = 8.0;

/* Of the full network; what a smaller one lacks of its input is replaced by their mean. */
static const double pd14_rate[PD14_POPULATIONS] = {0.903, 2.965, 4.414, 5.876,
                                                   7.569, 8.633, 1.105, 7.829};

#endif

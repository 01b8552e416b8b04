"""The cortical microcircuit of Potjans & Diesmann 2014 in numbers, for any scale.

The numbers are those of ../networks/pd14.h, and scaling is that of ../networks/microcircuit.c.
Units are ms, mV, pF, pA and Hz. Matrices are [post][pre], in the order of NAMES.
"""

import math

NAMES = ("L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I")
SIZES = (20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948)
PROBABILITIES = (
    (0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0, 0.0076, 0.0),
    (0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0, 0.0042, 0.0),
    (0.0077, 0.0059, 0.0497, 0.135, 0.0067, 0.0003, 0.0453, 0.0),
    (0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0, 0.1057, 0.0),
    (0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0),
    (0.0548, 0.0269, 0.0257, 0.0022, 0.06, 0.3158, 0.0086, 0.0),
    (0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252),
    (0.0364, 0.001, 0.0034, 0.0005, 0.0277, 0.008, 0.0658, 0.1443),
)
NEURON = {
    "C_m": 250.0,
    "tau_m": 10.0,
    "tau_syn": 0.5,
    "E_L": -65.0,
    "V_th": -50.0,
    "V_reset": -65.0,
    "t_ref": 2.0,
}
V_MEAN = (-68.28, -63.16, -63.33, -63.45, -63.11, -61.66, -66.72, -61.43)
V_SD = (5.36, 4.57, 4.74, 4.94, 4.94, 4.55, 5.46, 4.48)
# The current of one event that moves the potential by 1 mV at its peak.
PA_PER_MV = 585.3899568613897
PSP_MV, PSP_L4E_TO_L23E_MV, INHIBITION = 0.15, 0.3, -4.0
OUTSIDE_WEIGHT = PA_PER_MV * PSP_MV
WEIGHT_REL_SD, DELAY_REL_SD = 0.1, 0.5
DELAY_EXC, DELAY_INH = 1.5, 0.75
OUTSIDE, OUTSIDE_RATE = (1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100), 8.0
RATES = (0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829)


def is_inhibitory(population):
    return population % 2 == 1


def weight(post, pre):
    """Mean weight at full scale, negative if inhibitory."""
    psp = PSP_L4E_TO_L23E_MV if (NAMES[post], NAMES[pre]) == ("L23E", "L4E") else PSP_MV
    return PA_PER_MV * psp * (INHIBITION if is_inhibitory(pre) else 1.0)


def synapses(post, pre):
    """Number at full scale, of pairs drawn with replacement."""
    pairs = SIZES[pre] * SIZES[post]
    return round(math.log1p(-PROBABILITIES[post][pre]) / math.log1p(-1.0 / pairs))


def outside_rate(post):
    """Of all events from outside onto one neuron, at full scale."""
    return OUTSIDE[post] * OUTSIDE_RATE


def constant_current(post, scale, drive):
    """A `drive` "dc" from outside, and what weights divided by sqrt(scale) lack of their mean."""
    inside = sum(
        weight(post, pre) * synapses(post, pre) / SIZES[post] * RATES[pre]
        for pre in range(len(NAMES))
    )
    outside = OUTSIDE_WEIGHT * outside_rate(post)
    lost = 1.0 - math.sqrt(scale)
    events = lost * inside + (1.0 if drive == "dc" else lost) * outside
    return NEURON["tau_syn"] / 1000.0 * events

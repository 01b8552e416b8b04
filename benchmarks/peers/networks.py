"""The networks of ../networks in numbers, and the command line that the peers' programs share.

Units are ms, mV, nS, pF, pA and Hz unless a name says otherwise.
"""

import argparse
import json
from dataclasses import dataclass

DT = 0.1
# With this one the rates of stdp10k, which differ by a tenth between graphs, are near quell's.
SEED = 7


@dataclass(frozen=True)
class Network:
    """One benchmark: its cases, and for how long it settles and is measured.

    Cases are a delay in ms, or None, by a label of quell's program. Of a pair of seconds, quell and
    Brian2 take the first and NEST, which is slow, the second.
    """

    cases: dict
    warm_up_s: tuple
    seconds: tuple


NETWORKS = {
    "coba4k": Network({"0.1ms": 0.1, "0.8ms": 0.8}, (0.0, 0.0), (10.0, 1.0)),
    "vogels2011": Network({"0ms": 0.0, "0.8ms": 0.8}, (10.0, 1.0), (5.0, 0.5)),
    "stdp10k": Network({"1.5ms": 1.5}, (1.0, 0.2), (2.0, 0.5)),
    "reward10k": Network({"neurons": 1.5}, (0.1, 0.02), (0.2, 0.05)),
    "microcircuit": Network({"dc": None, "poisson": None}, (0.5, 0.5), (2.0, 1.0)),
}

# Conductance-based neurons of coba4k and vogels2011.
COBA = {"C": 200.0, "g_L": 10.0, "E_L": -60.0, "V_th": -50.0, "V_reset": -60.0, "t_ref": 5.0}
COBA |= {"E_exc": 0.0, "E_inh": -80.0, "tau_exc": 5.0, "tau_inh": 10.0}

COBA4K = {"n_exc": 3200, "n_inh": 800, "p": 0.02, "i_offset": 110.0, "w_exc": 6.0, "w_inh": 67.0}

VOGELS = {"n_exc": 8000, "n_inh": 2000, "p": 0.02, "i_offset": 200.0, "w_exc": 0.3, "w_inh": 3.0}
VOGELS |= {"w_0": 1e-10, "w_max": 100.0, "eta": 0.01, "tau": 20.0, "alpha": 2 * 3.0 * 20.0e-3}

# Current-based neurons and additive pair STDP of stdp10k.
STDP = {"n_exc": 8000, "n_inh": 2000, "p": 0.125, "i_offset": 500.0, "w_exc": 12.0, "w_inh": 96.0}
STDP |= {
    "C": 200.0,
    "tau_m": 20.0,
    "E_L": -60.0,
    "V_th": -50.0,
    "V_reset": -60.0,
    "t_ref": 2.0,
    "tau_syn": 5.0,
}
STDP |= {"w_max": 24.0, "a_plus": 0.024, "a_minus": 0.0252, "tau": 20.0}


# What reward10k has besides: eligibility and dopamine, ms, and neurons that release it at `rate`.
# Dopamine is so little that no weight changes to speak of: all engines have the spikes of fixed
# weights.
REWARD = {"tau_e": 1000.0, "tau_dopamine": 200.0, "neurons": 10, "rate": 10.0, "amount": 5e-11}


def arguments(description, names):
    """Reads the command line of a peer's program that has the networks `names`."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", choices=names)
    parser.add_argument("--case", help="one of the network's cases; default the first")
    parser.add_argument("--seconds", type=float, help="biological seconds to measure")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--scale", type=float, default=0.1, help="of the microcircuit")
    parser.add_argument("--build", default="build/peers/brian2", help="folder for generated code")
    args = parser.parse_args()
    args.case = args.case or next(iter(NETWORKS[args.name].cases))
    if args.case not in NETWORKS[args.name].cases:
        parser.error(f"{args.name} has the cases {', '.join(NETWORKS[args.name].cases)}")
    return args


def emit(args, seconds, wall_s, build_s, rates_hz, **more):
    """Prints the result as one JSON object; times in wall seconds, rates in spikes/neuron/s."""
    result = {"name": args.name, "case": args.case, "threads": args.threads, "bio_s": seconds}
    result |= {"wall_s": wall_s, "rtf": wall_s / seconds, "build_s": build_s, "rates_hz": rates_hz}
    print(json.dumps(result | more))

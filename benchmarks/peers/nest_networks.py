"""The benchmark networks in NEST; prints one JSON object.

    nest_networks.py coba4k|vogels2011|stdp10k|reward10k|microcircuit [--case C] [--seconds S]
                     [--threads N] [--scale X]

Timed is nest.Run() of the measured part alone; `build_s` is everything up to the first step. Spikes
are counted by recorders in memory, which cost little beside NEST's own work. Delays are dendritic,
and a delay of 0 is one step, the smallest that NEST has. iaf_cond_exp, NEST's neuron with
conductances, is integrated by an adaptive method, which takes time. So in vogels2011 one second of
learning at ten times the rate stands for ten seconds of settling.
"""

import math
import os
import time

import pd14
from networks import COBA, COBA4K, DT, NETWORKS, REWARD, SEED, STDP, VOGELS, arguments, emit

os.environ["PYNEST_QUIET"] = "1"
import nest

SETTLING_FASTER = 10.0


def conducting(size, v, i_offset):
    """`size` conductance-based neurons."""
    values = {"C_m": COBA["C"], "g_L": COBA["g_L"], "I_e": i_offset, "V_m": v}
    values |= {"E_ex": COBA["E_exc"], "E_in": COBA["E_inh"]}
    values |= {"tau_syn_ex": COBA["tau_exc"], "tau_syn_in": COBA["tau_inh"]}
    values |= {name: COBA[name] for name in ("E_L", "V_th", "V_reset", "t_ref")}
    return nest.Create("iaf_cond_exp", size, values)


def connect(pre, post, p, weight, delay, model="static_synapse"):
    """Random synapses with the probability p; inhibitory weights are negative."""
    synapse = {"synapse_model": model, "weight": weight, "delay": max(delay, DT)}
    nest.Connect(pre, post, {"rule": "pairwise_bernoulli", "p": p}, synapse)


def coba4k(args):
    c, delay = COBA4K, NETWORKS["coba4k"].cases[args.case]
    neurons = conducting(c["n_exc"] + c["n_inh"], nest.random.uniform(-60.0, -50.0), c["i_offset"])
    exc, inh = neurons[: c["n_exc"]], neurons[c["n_exc"] :]
    connect(exc, neurons, c["p"], c["w_exc"], delay)
    connect(inh, neurons, c["p"], -c["w_inh"], delay)
    return {"exc": exc, "inh": inh}


def vogels2011(args):
    c, delay = VOGELS, NETWORKS["vogels2011"].cases[args.case]
    neurons = conducting(c["n_exc"] + c["n_inh"], COBA["E_L"], c["i_offset"])
    exc, inh = neurons[: c["n_exc"]], neurons[c["n_exc"] :]
    rule = {
        "Wmax": -c["w_max"],
        "alpha": c["alpha"],
        "tau": c["tau"],
        "eta": SETTLING_FASTER * c["eta"],
    }
    nest.CopyModel("vogels_sprekeler_synapse", "balance", rule | {"weight": -c["w_0"]})
    exc.tau_minus = c["tau"]
    connect(exc, neurons, c["p"], c["w_exc"], delay)
    connect(inh, inh, c["p"], -c["w_inh"], delay)
    connect(inh, exc, c["p"], -c["w_0"], delay, "balance")
    return {"exc": exc, "inh": inh}


def stdp_neurons():
    """The neurons of stdp10k: all, excitatory and inhibitory ones."""
    c = STDP
    values = {
        "C_m": c["C"],
        "tau_syn_ex": c["tau_syn"],
        "tau_syn_in": c["tau_syn"],
        "I_e": c["i_offset"],
    }
    values |= {name: c[name] for name in ("tau_m", "E_L", "V_th", "V_reset", "t_ref")}
    values |= {"tau_minus": c["tau"], "V_m": nest.random.uniform(-60.0, -50.0)}
    neurons = nest.Create("iaf_psc_exp", c["n_exc"] + c["n_inh"], values)
    return neurons, neurons[: c["n_exc"]], neurons[c["n_exc"] :]


def stdp_connect(neurons, exc, inh, delay, model):
    """The synapses of stdp10k; those between excitatory neurons learn."""
    c = STDP
    connect(exc, exc, c["p"], c["w_exc"], delay, model)
    connect(exc, inh, c["p"], c["w_exc"], delay)
    connect(inh, neurons, c["p"], -c["w_inh"], delay)
    return {"exc": exc, "inh": inh}


def stdp10k(args):
    c = STDP
    rule = {"Wmax": c["w_max"], "tau_plus": c["tau"], "lambda": c["a_plus"] / c["w_max"]}
    rule |= {"alpha": c["a_minus"] / c["a_plus"], "mu_plus": 0.0, "mu_minus": 0.0}
    nest.CopyModel("stdp_synapse", "pair", rule)
    return stdp_connect(*stdp_neurons(), NETWORKS["stdp10k"].cases[args.case], "pair")


def reward10k(args):
    noise = nest.Create("poisson_generator", params={"rate": REWARD["rate"]})
    dopamine = nest.Create("parrot_neuron", REWARD["neurons"])
    transmitter = nest.Create("volume_transmitter", params={"deliver_interval": 1})
    nest.Connect(noise, dopamine, "all_to_all", {"delay": 1.5})
    nest.Connect(dopamine, transmitter, "all_to_all", {"delay": 1.5})
    # A spike adds 1 / tau_n to the dopamine here, so the amplitudes are what is little.
    little = REWARD["amount"] * REWARD["tau_dopamine"] / 1000.0
    rule = {"A_plus": little * STDP["a_plus"], "A_minus": little * STDP["a_minus"], "b": 0.0}
    rule |= {"tau_c": REWARD["tau_e"], "tau_n": REWARD["tau_dopamine"], "tau_plus": STDP["tau"]}
    rule |= {"Wmin": 0.0, "Wmax": STDP["w_max"], "volume_transmitter": transmitter}
    nest.CopyModel("stdp_dopamine_synapse", "rewarded", rule)
    return stdp_connect(*stdp_neurons(), NETWORKS["reward10k"].cases[args.case], "rewarded")


def column_population(i, scale, drive):
    """Population i of the microcircuit; `drive` is "dc" or "poisson"."""
    values = {name: value for name, value in pd14.NEURON.items() if name != "tau_syn"}
    values |= {"tau_syn_ex": pd14.NEURON["tau_syn"], "tau_syn_in": pd14.NEURON["tau_syn"]}
    values |= {"I_e": pd14.constant_current(i, scale, drive)}
    values |= {"V_m": nest.random.normal(pd14.V_MEAN[i], pd14.V_SD[i])}
    neurons = nest.Create("iaf_psc_exp", round(scale * pd14.SIZES[i]), values)
    if drive == "poisson":
        noise = nest.Create("poisson_generator", params={"rate": scale * pd14.outside_rate(i)})
        weight = pd14.OUTSIDE_WEIGHT / math.sqrt(scale)
        nest.Connect(noise, neurons, "all_to_all", {"weight": weight, "delay": pd14.DELAY_EXC})
    return neurons


def column_synapse(post, pre, scale):
    """Weights and delays, drawn again where the sign is wrong or the delay rounds to none."""
    weight = pd14.weight(post, pre) / math.sqrt(scale)
    delay = pd14.DELAY_INH if pd14.is_inhibitory(pre) else pd14.DELAY_EXC
    low, high = (-math.inf, 0.0) if weight < 0 else (0.0, math.inf)
    weights = nest.random.normal(weight, abs(weight) * pd14.WEIGHT_REL_SD)
    delays = nest.random.normal(delay, delay * pd14.DELAY_REL_SD)
    return {
        "weight": nest.math.redraw(weights, min=low, max=high),
        "delay": nest.math.redraw(delays, min=DT / 2, max=math.inf),
    }


def microcircuit(args):
    populations = [column_population(i, args.scale, args.case) for i in range(len(pd14.NAMES))]
    for post, target in enumerate(populations):
        for pre, source in enumerate(populations):
            number = round(args.scale**2 * pd14.synapses(post, pre))
            rule = {"rule": "fixed_total_number", "N": number}
            if number:
                nest.Connect(source, target, rule, column_synapse(post, pre, args.scale))
    return dict(zip(pd14.NAMES, populations))


BUILDERS = {
    "coba4k": coba4k,
    "vogels2011": vogels2011,
    "stdp10k": stdp10k,
    "reward10k": reward10k,
    "microcircuit": microcircuit,
}


def build(args, warm_up_s):
    """Makes the network, ready to run; returns populations and their counters by name."""
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.set(resolution=DT, local_num_threads=args.threads, rng_seed=SEED)
    populations = BUILDERS[args.name](args)
    counters = {}
    for name, neurons in populations.items():
        counters[name] = nest.Create("spike_recorder", params={"start": 1000.0 * warm_up_s})
        nest.Connect(neurons, counters[name])
    with nest.RunManager():
        pass  # synapses are sorted when a run is prepared for the first time
    return populations, counters


def settle(args, warm_up_s):
    """Runs the part that is not measured; returns a remark on it or None."""
    nest.Simulate(1000.0 * warm_up_s)
    if args.name != "vogels2011":
        return None
    nest.GetConnections(synapse_model="balance").eta = VOGELS["eta"]
    return f"settled for {warm_up_s:g} s with eta {SETTLING_FASTER:g} times larger"


def measure(seconds):
    """Wall time of `seconds` of the network's."""
    with nest.RunManager():
        start = time.perf_counter()
        nest.Run(1000.0 * seconds)
        return time.perf_counter() - start


def main():
    args = arguments(__doc__, BUILDERS)
    network = NETWORKS[args.name]
    seconds, warm_up_s = args.seconds or network.seconds[1], network.warm_up_s[1]
    start = time.perf_counter()
    populations, counters = build(args, warm_up_s)
    build_s = time.perf_counter() - start
    note = settle(args, warm_up_s)
    wall_s = measure(seconds)
    rates = {n: counters[n].n_events / len(p) / seconds for n, p in populations.items()}
    more = {"version": nest.__version__} | ({"note": note} if note else {})
    emit(args, seconds, wall_s, build_s, rates, **more)


if __name__ == "__main__":
    main()

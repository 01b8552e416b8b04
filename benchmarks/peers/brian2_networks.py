"""The benchmark networks in Brian2's C++ standalone mode; prints one JSON object.

    brian2_networks.py coba4k|vogels2011|stdp10k|reward10k [--case C] [--seconds S] [--threads N]

Timed is the loop of the measured part alone: time stamps are compiled in around each run() and in
front of the code that makes the network. `build_s` is that code's time, compilation not included.
Spikes are counted by monitors that do not store them. Delays are axonal. Neurons with conductances
are integrated by Euler's method, as in Brian2's example of vogels2011; "exponential_euler" makes
coba4k three times slower. Eligibility and dopamine of reward10k are differential equations of every
synapse, as in Brian2's example of Izhikevich 2007.
"""

import re
from pathlib import Path

import brian2 as b
from networks import COBA, COBA4K, DT, NETWORKS, REWARD, SEED, STDP, VOGELS, arguments, emit

# Brian2's default has -ffast-math besides, which made no difference that could be measured.
FLAGS = ["-w", "-O3", "-march=native", "-std=c++11"]

STAMP = """{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  printf("stamp %.9f\\n", now.tv_sec + 1e-9 * now.tv_nsec);
}"""

COBA_EQUATIONS = """
dv/dt = (g_L*(E_L - v) + g_exc*(E_exc - v) + g_inh*(E_inh - v) + i_offset)/C
        : volt (unless refractory)
dg_exc/dt = -g_exc/tau_exc : siemens
dg_inh/dt = -g_inh/tau_inh : siemens
"""
STDP_EQUATIONS = """
dv/dt = (E_L - v)/tau_m + (i_syn + i_offset)/C : volt (unless refractory)
di_syn/dt = -i_syn/tau_syn : amp
"""
TRACES = """
w : {unit}
dpre/dt = -pre/tau : {trace} (event-driven)
dpost/dt = -post/tau : {trace} (event-driven)
"""
VOGELS_PRE = """
pre += 1
w = clip(w + eta*(post - alpha), 0*nS, w_max)
g_inh_post += w
"""
VOGELS_POST = """
post += 1
w = clip(w + eta*pre, 0*nS, w_max)
"""
STDP_PRE = """
i_syn_post += w
pre += a_plus
w = clip(w - post, 0*pA, w_max)
"""
STDP_POST = """
post += a_minus
w = clip(w + pre, 0*pA, w_max)
"""
REWARD_MODEL = """
dc/dt = -c/tau_e : amp (clock-driven)
dd/dt = -d/tau_dopamine : 1 (clock-driven)
dw/dt = c*d/second : amp (clock-driven)
dpre/dt = -pre/tau : amp (event-driven)
dpost/dt = -post/tau : amp (event-driven)
"""
REWARD_PRE = """
i_syn_post += w
pre += a_plus
c -= post
w = clip(w, 0*pA, w_max)
"""
REWARD_POST = """
post += a_minus
c += pre
w = clip(w, 0*pA, w_max)
"""

UNITS = {
    "C": b.pF,
    "g_L": b.nS,
    "E_L": b.mV,
    "E_exc": b.mV,
    "E_inh": b.mV,
    "V_th": b.mV,
    "V_reset": b.mV,
}
UNITS |= {
    "t_ref": b.ms,
    "tau_m": b.ms,
    "tau_syn": b.ms,
    "tau_exc": b.ms,
    "tau_inh": b.ms,
    "i_offset": b.pA,
}


def neurons(size, values, equations, method):
    """`size` neurons with the parameters that `values` has by name."""
    namespace = {name: values[name] * unit for name, unit in UNITS.items() if name in values}
    return b.NeuronGroup(
        size,
        equations,
        method=method,
        threshold="v > V_th",
        reset="v = V_reset",
        refractory=values["t_ref"] * b.ms,
        namespace=namespace,
    )


def connect(pre, post, p, delay, on_pre, **plastic):
    """Random synapses with the probability p; `delay` in ms."""
    synapses = b.Synapses(pre, post, on_pre=on_pre, delay=delay * b.ms, **plastic)
    synapses.connect(p=p)
    return synapses


def coba4k(delay):
    c = COBA4K
    group = neurons(c["n_exc"] + c["n_inh"], COBA | c, COBA_EQUATIONS, "euler")
    group.v = "(-60 + 10*rand())*mV"
    exc, inh = group[: c["n_exc"]], group[c["n_exc"] :]
    return {"exc": exc, "inh": inh}, [
        group,
        connect(exc, group, c["p"], delay, f"g_exc_post += {c['w_exc']}*nS"),
        connect(inh, group, c["p"], delay, f"g_inh_post += {c['w_inh']}*nS"),
    ]


def vogels2011(delay):
    c = VOGELS
    group = neurons(c["n_exc"] + c["n_inh"], COBA | c, COBA_EQUATIONS, "euler")
    group.v = COBA["E_L"] * b.mV
    exc, inh = group[: c["n_exc"]], group[c["n_exc"] :]
    rule = {
        "alpha": c["alpha"],
        "tau": c["tau"] * b.ms,
        "eta": c["eta"] * b.nS,
        "w_max": c["w_max"] * b.nS,
    }
    plastic = {
        "model": TRACES.format(unit="siemens", trace=1),
        "on_post": VOGELS_POST,
        "namespace": rule,
    }
    balance = connect(inh, exc, c["p"], delay, VOGELS_PRE, **plastic)
    balance.w = c["w_0"] * b.nS
    return {"exc": exc, "inh": inh}, [
        group,
        connect(exc, group, c["p"], delay, f"g_exc_post += {c['w_exc']}*nS"),
        connect(inh, inh, c["p"], delay, f"g_inh_post += {c['w_inh']}*nS"),
        balance,
    ]


def stdp_neurons():
    """The neurons of stdp10k: all, excitatory and inhibitory ones."""
    c = STDP
    group = neurons(c["n_exc"] + c["n_inh"], c, STDP_EQUATIONS, "exact")
    group.v = "(-60 + 10*rand())*mV"
    return group, group[: c["n_exc"]], group[c["n_exc"] :]


def stdp_rule(*amplitudes):
    """The constants of pairs of spikes."""
    return {name: STDP[name] * b.pA for name in amplitudes} | {"tau": STDP["tau"] * b.ms}


def stdp_parts(group, exc, inh, learning, delay):
    """What stdp10k consists of, with the synapses that learn."""
    c = STDP
    learning.w = c["w_exc"] * b.pA
    return [
        group,
        learning,
        connect(exc, inh, c["p"], delay, f"i_syn_post += {c['w_exc']}*pA"),
        connect(inh, group, c["p"], delay, f"i_syn_post -= {c['w_inh']}*pA"),
    ]


def stdp10k(delay):
    group, exc, inh = stdp_neurons()
    plastic = {
        "model": TRACES.format(unit="amp", trace="amp"),
        "on_post": STDP_POST,
        "namespace": stdp_rule("a_plus", "a_minus", "w_max"),
    }
    learning = connect(exc, exc, STDP["p"], delay, STDP_PRE, **plastic)
    return {"exc": exc, "inh": inh}, stdp_parts(group, exc, inh, learning, delay)


def reward10k(delay):
    group, exc, inh = stdp_neurons()
    times = {name: REWARD[name] * b.ms for name in ("tau_e", "tau_dopamine")}
    plastic = {
        "model": REWARD_MODEL,
        "on_post": REWARD_POST,
        "namespace": stdp_rule("a_plus", "a_minus", "w_max") | times,
        "method": "euler",
    }
    learning = connect(exc, exc, STDP["p"], delay, REWARD_PRE, **plastic)
    source = b.PoissonGroup(REWARD["neurons"], REWARD["rate"] * b.Hz)
    release = b.Synapses(source, learning, model="", on_pre=f"d_post += {REWARD['amount']}")
    release.connect()
    parts = stdp_parts(group, exc, inh, learning, delay)
    return {"exc": exc, "inh": inh}, [*parts, source, release]


BUILDERS = {"coba4k": coba4k, "vogels2011": vogels2011, "stdp10k": stdp10k, "reward10k": reward10k}


def set_up(threads):
    """C++ standalone mode, with stamps in the program."""
    b.set_device("cpp_standalone", build_on_run=False)
    b.prefs.codegen.cpp.extra_compile_args_gcc = FLAGS
    b.prefs.devices.cpp_standalone.openmp_threads = threads if threads > 1 else 0
    b.defaultclock.dt = DT * b.ms
    b.seed(SEED)
    for slot in ("before_start", "before_network_run", "after_network_run"):
        b.device.insert_code(slot, STAMP)


def main():
    args = arguments(__doc__, BUILDERS)
    network = NETWORKS[args.name]
    seconds = args.seconds or network.seconds[0]
    set_up(args.threads)
    populations, parts = BUILDERS[args.name](network.cases[args.case])
    net = b.Network(parts)
    net.run(network.warm_up_s[0] * b.second)
    counters = {name: b.SpikeMonitor(group, record=False) for name, group in populations.items()}
    net.add(counters.values())
    net.run(seconds * b.second)

    folder = Path(args.build, f"{args.name} {args.case} {args.threads}".replace(" ", "-")).resolve()
    b.device.build(directory=str(folder), with_output=False)
    stdout = (folder / "results" / "stdout.txt").read_text()
    start, built, *_, begin, end = (float(t) for t in re.findall(r"stamp (\S+)", stdout))
    rates = {n: float(m.num_spikes) / populations[n].N / seconds for n, m in counters.items()}
    emit(args, seconds, end - begin, built - start, rates, version=b.__version__)


if __name__ == "__main__":
    main()

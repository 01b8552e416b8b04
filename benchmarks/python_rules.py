"""How fast rules are that are written in Python: the same two rules in C (built in), compiled by
Numba, and interpreted, on the same network, one after the other in every round.

    python benchmarks/python_rules.py [--rounds N] [--duration MS]

Prints the median time per plastic event (a pre or post event of one synapse), of the whole run and
of the part in which synapses learn, and how it compares with C. Needs the packages quell and numba.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
import warnings
from collections.abc import Callable

import numpy as np
import quell as q

PRE, POST, P = 2000, 1000, 0.5


def vogels(numba: bool) -> q.Description:
    """Inhibitory plasticity with a target rate."""

    @q.rule(
        params=dict(eta=(0.01, "w"), rho0=(3.0, "Hz"), tau=(20.0, "ms")),
        traces=dict(x=q.pre("tau"), y=q.post("tau")),
        numba=numba,
    )
    class my_vogels:
        def constants(p):
            return dict(per_rho0=2 * p.tau / 1000)

        def pre(w, y, p):
            return w + p.eta * (y - p.rho0 * p.per_rho0)

        def post(w, x, p):
            return w + p.eta * x

    return my_vogels(eta=1e-4, rho0=15, w_max=1)


def pair(numba: bool) -> q.Description:
    """Multiplicative pair plasticity."""

    @q.rule(
        params=dict(a_plus=0.01, a_minus=0.0105, tau=(20.0, "ms"), w_max=1.0),
        traces=dict(x=q.pre("tau"), y=q.post("tau")),
        numba=numba,
    )
    class my_pair:
        def constants(p):
            return dict(plus=p.w_max * p.a_plus, minus=p.w_max * p.a_minus, per_w_max=1 / p.w_max)

        def pre(w, y, p):
            return w - p.minus * (w * p.per_w_max) * y

        def post(w, x, p):
            return w + p.plus * (1 - w * p.per_w_max) * x

    return my_pair(w_max=1)


RULES: dict[str, tuple[q.Description, Callable[[bool], q.Description]]] = {
    "vogels2011": (q.rules.vogels2011(eta=1e-4, rho0=15, w_max=1), vogels),
    "stdp_pair": (q.rules.stdp_pair(mu_plus=1, mu_minus=1, w_max=1), pair),
}


def measure(rule: q.Description, duration: float) -> tuple[float, float, np.ndarray]:
    """Ns per plastic event of the run, of its learning, and the weights in the end."""
    with q.Network(seed=1) as net:
        pre = net.population("pre", PRE, "poisson", rate=10)
        drive = np.linspace(200, 400, POST)
        post = net.population("post", POST, "lif_cond_exp", i_offset=drive)
        synapses = net.connect(
            pre, post, "inhibitory", p=P, weight=q.uniform(0, 0.02), delay=1.5, rule=rule
        )
        net.run(100)
        before = net.stats()
        start = time.perf_counter()
        net.run(duration)
        took = time.perf_counter() - start
        after = net.stats()
        events = after.plastic_events - before.plastic_events
        learning = after.plasticity_s - before.plasticity_s
        return 1e9 * took / events, 1e9 * learning / events, synapses.weights


def compare(name: str, rounds: int, duration: float) -> None:
    """Prints the lines of one rule."""
    built_in, make = RULES[name]
    # The interpreted one runs for a shorter time, so its weights are those of an earlier time.
    variants = {
        "C": (built_in, duration),
        "Numba": (make(True), duration),
        "interpreted": (make(False), duration / 20),
    }
    times: dict[str, list[tuple[float, float]]] = {variant: [] for variant in variants}
    weights = {}
    for _ in range(rounds):
        for variant, (rule, length) in variants.items():
            whole, learning, weights[variant] = measure(rule, length)
            times[variant].append((whole, learning))
    medians = {
        variant: [statistics.median(column) for column in zip(*rows)]
        for variant, rows in times.items()
    }
    for variant, (whole, learning) in medians.items():
        print(
            f"{name:11} {variant:12} {whole:8.2f} ns ({whole / medians['C'][0]:6.2f} × C)"
            f"   learning {learning:8.2f} ns ({learning / medians['C'][1]:6.2f} × C)"
        )
    same = np.array_equal(weights["C"].view(np.uint32), weights["Numba"].view(np.uint32))
    print(f"{name:11} C and Numba end with the same bits: {'yes' if same else 'NO'}")


def main() -> int:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--duration", type=float, default=1000, help="ms, default 1000")
    options = parser.parse_args()
    import numba

    warnings.simplefilter("ignore", RuntimeWarning)  # that the interpreted ones are slow
    best = q.instruction_sets()[-1]
    print(f"quell {q.__version__} ({best}), Numba {numba.__version__}; {PRE} × {POST} neurons")
    print(f"median of {options.rounds} rounds of {options.duration:g} ms")
    for name in RULES:
        compare(name, options.rounds, options.duration)
    return 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""The distal reward problem: which of 80,000 synapses earned a reward that comes seconds later?

Izhikevich 2007, Cerebral Cortex 17:2443, 10.1093/cercor/bhl152, with the numbers of the author's
program (daspnet of ModelDB 84167). A thousand spontaneously active neurons; one synapse is chosen,
with the weight 0. Whenever its post neuron fires within 20 ms after its pre neuron, dopamine is
released 1 to 3 s later, when all neurons have fired many times since. Pairs of nearest spikes leave
an eligibility at each synapse, which fades within a second and which dopamine turns into a change.

Controls are the same networks with as many releases at random times, and with none. Writes
OUT/report.png and OUT/report.json.

The program differs from the author's in this: the targets of a neuron are all different (there,
of several synapses of one pair only one acts), weights change at every step and not at every tenth,
and the noise is drawn by quell.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import quell

import distal_reward_figure as figure

OUT = Path(__file__).resolve().parents[2] / "out" / "distal_reward"

EXC, INH, TARGETS = 800, 200, 100  # neurons, and synapses of each
NOISE = 13.0  # mV/ms, width of the uniform current that each neuron gets in each ms
W_START, W_MAX = 1.0, 4.0  # mV/ms
STRONG = 0.95 * W_MAX
TAU_DOPAMINE = -1.0 / math.log(0.995)  # ms: a factor of 0.995 each ms
BASELINE, REWARD = 0.002, 0.5  # dopamine
RATE = 100.0  # the program adds dopamine × eligibility to the weights 100 times a second
COINCIDENCE = 20  # ms
DELAY = (1000, 2000)  # ms, from the coincidence to the reward: the least, and how much more at most
CHUNK = 1000  # ms: no longer than the least delay, so that no reward comes too late
SAMPLE = 10  # chunks from one look at the weights to the next

SEEDS = 10  # for which the criteria are made
MOST_P = 0.01
MOST_STRONG = 0.03
CONDITIONS = ("rewarded", "yoked", "unrewarded")


class Wiring:
    """Who is connected with whom, and which synapse is chosen: the first of the first neuron."""

    def __init__(self, seed: int) -> None:
        random = np.random.default_rng(seed)
        size = EXC + INH
        self.exc = np.array([random.permutation(size)[:TARGETS] for _ in range(EXC)])
        self.inh = np.array([random.permutation(EXC)[:TARGETS] for _ in range(INH)])
        self.pre, self.post = 0, int(self.exc[0, 0])

    def pairs(self, targets: np.ndarray, first: int, n: int) -> tuple[np.ndarray, np.ndarray]:
        """The synapses from all rows of `targets` onto the neurons [first, first + n)."""
        row, column = np.nonzero((targets >= first) & (targets < first + n))
        return row, targets[row, column] - first


class Network:
    """The network of one seed, with its dopamine."""

    def __init__(self, seed: int) -> None:
        wiring = Wiring(seed)
        self.net = net = quell.Network(dt=1.0, seed=seed, threads=1)
        self.exc = net.population("exc", EXC, "izhikevich", a=0.02, d=8.0, noise=NOISE)
        self.inh = net.population("inh", INH, "izhikevich", a=0.1, d=2.0, noise=NOISE)
        self.dopamine = net.modulator("dopamine", tonic=BASELINE, tau=TAU_DOPAMINE)
        # At a post spike the program reads the pre traces of the step before.
        rule = quell.rules.reward_stdp_nearest(
            preset="izhikevich2007", a_plus=0.1 / 0.95, w_max=W_MAX, tie=2
        ).bind("reward", self.dopamine, quell.linear(slope=RATE))
        self.plastic = [
            net.connect(self.exc, post, "excitatory", weight=W_START, rule=rule,
                        pairs=wiring.pairs(wiring.exc, first, len(post)))
            for post, first in ((self.exc, 0), (self.inh, EXC))
        ]  # fmt: skip
        net.connect(self.inh, self.exc, "inhibitory", weight=W_START,
                    pairs=wiring.pairs(wiring.inh, 0, EXC))  # fmt: skip
        self.watch_rates = [
            net.record(population, "rate", interval=CHUNK) for population in (self.exc, self.inh)
        ]
        self._choose(wiring)

    def _choose(self, wiring: Wiring) -> None:
        """Sets the chosen synapse to 0, and watches it and its two neurons."""
        onto_exc = wiring.post < EXC
        self.chosen_in = self.plastic[0 if onto_exc else 1]
        post = wiring.post - (0 if onto_exc else EXC)
        found = (self.chosen_in.pre == wiring.pre) & (self.chosen_in.post == post)
        self.chosen = int(np.flatnonzero(found)[0])
        weights = self.chosen_in.weights
        weights[self.chosen] = 0.0
        self.chosen_in.weights = weights
        self.watch_pre = self.net.record(self.exc, "spikes", ids=[wiring.pre])
        self.watch_post = self.net.record(self.chosen_in.target, "spikes", ids=[post])

    def spikes(self) -> tuple[np.ndarray, np.ndarray]:
        """Times of the chosen pre and post neuron since this was last asked for, ms."""
        times = self.watch_pre.times, self.watch_post.times
        self.watch_pre.clear()
        self.watch_post.clear()
        return times

    def rates(self) -> list[float]:
        """Mean rates of both populations, Hz."""
        return [float(watch.values.mean()) for watch in self.watch_rates]

    def weights(self) -> tuple[float, np.ndarray]:
        """Weight of the chosen synapse, and those of all other plastic ones."""
        weights = [projection.weights for projection in self.plastic]
        which = self.plastic.index(self.chosen_in)
        chosen = float(weights[which][self.chosen])
        weights[which] = np.delete(weights[which], self.chosen)
        return chosen, np.concatenate(weights)

    def close(self) -> None:
        """Frees it."""
        self.net.close()


@dataclass
class Teacher:
    """Says when rewards come, from the spikes of the chosen neurons."""

    random: np.random.Generator
    last_pre: float = -math.inf
    coincidences: list[float] = field(default_factory=list)  # ms, times of the post spikes
    rewards: list[float] = field(default_factory=list)  # ms

    def watch(self, pre: np.ndarray, post: np.ndarray) -> list[float]:
        """The rewards for the spikes of a chunk; all of them lie after it."""
        new = []
        events = sorted([(at, 0) for at in pre] + [(at, 1) for at in post])
        for at, is_post in events:
            if not is_post:
                self.last_pre = at
            elif 0 < at - self.last_pre < COINCIDENCE:
                self.coincidences.append(at)
                new.append(at + DELAY[0] + int(self.random.integers(1, DELAY[1] + 1)))
        self.rewards += new
        return new


@dataclass
class Course:
    """What became of one network. Weights are looked at every SAMPLE chunks."""

    seed: int
    condition: str
    onto: str  # the population of the post neuron
    weight: list[float] = field(default_factory=list)  # of the chosen synapse
    mean: list[float] = field(default_factory=list)  # of the others
    strong: list[float] = field(default_factory=list)  # part of the others that are
    coincidences: list[float] = field(default_factory=list)  # ms
    rewards: list[float] = field(default_factory=list)  # ms
    rates: list[float] = field(default_factory=list)  # Hz, of both populations
    others: np.ndarray = field(default_factory=lambda: np.empty(0))  # weights at the end

    def see(self, network: Network) -> None:
        """Notes the weights."""
        chosen, self.others = network.weights()
        self.weight.append(chosen)
        self.mean.append(float(self.others.mean()))
        self.strong.append(float((self.others >= STRONG).mean()))

    @property
    def samples(self) -> np.ndarray:
        """Times of the looks at the weights, s."""
        return np.arange(1, len(self.weight) + 1) * (SAMPLE * CHUNK / 1000)

    @property
    def first_strong(self) -> int | None:
        """The look at which the chosen synapse was first strong."""
        strong = np.flatnonzero(np.array(self.weight) >= STRONG)
        return int(strong[0]) if strong.size else None

    @property
    def values(self) -> dict[str, Any]:
        """All numbers of this network."""
        first = self.first_strong
        return {
            "seed": self.seed,
            "condition": self.condition,
            "onto": self.onto,
            "reached": first is not None,
            "reached_s": None if first is None else float(self.samples[first]),
            "others_strong_then": None if first is None else self.strong[first],
            "weight": self.weight[-1],
            "rank": float((self.others < self.weight[-1]).mean()),
            "mean": self.mean[-1],
            "others_strong": self.strong[-1],
            "coincidences": len(self.coincidences),
            "rewards": len(self.rewards),
            "rate_exc_hz": self.rates[0],
            "rate_inh_hz": self.rates[1],
        }


def random_times(seed: int, n: int, chunks: int) -> np.ndarray:
    """As many times as there were rewards, anywhere in the run, ms."""
    random = np.random.default_rng([seed, 1])
    return np.sort(random.integers(1, chunks * CHUNK, n)).astype(float)


def simulate(
    seed: int, condition: str, chunks: int, rewards: int = 0, done: Callable[[], object] = int
) -> Course:
    """One network: rewarded, or with `rewards` releases at random times. Calls `done` after each
    chunk."""
    network, teacher = Network(seed), Teacher(np.random.default_rng([seed, 2]))
    course = Course(seed, condition, network.chosen_in.target.name)
    if condition == "yoked":
        course.rewards = list(random_times(seed, rewards, chunks))
        network.dopamine.schedule(course.rewards, REWARD)
    for chunk in range(1, chunks + 1):
        network.net.run(CHUNK)
        earned = teacher.watch(*network.spikes())
        if condition == "rewarded":
            course.rewards += earned
            for at in earned:
                network.dopamine.release(REWARD, time=at)
        if chunk % SAMPLE == 0:
            course.see(network)
        done()
    course.rewards = [at for at in sorted(course.rewards) if at < chunks * CHUNK]
    course.coincidences, course.rates = teacher.coincidences, network.rates()
    network.close()
    return course


@dataclass
class Closer:
    """The first reward of a network, step by step."""

    time: np.ndarray  # ms
    dopamine: np.ndarray
    eligibility: np.ndarray  # of the chosen synapse
    weight: np.ndarray
    spikes: list[tuple[np.ndarray, np.ndarray]]  # times and neurons of both populations
    pre: np.ndarray  # spikes of the chosen neurons, ms
    post: np.ndarray


def closer(course: Course, before: int = 500, after: int = 1000, every: int = 5) -> Closer | None:
    """The same network once more, from before the first coincidence until after its reward; None if
    it had no reward."""
    if not course.rewards:
        return None
    network = Network(course.seed)
    network.dopamine.schedule(course.rewards, REWARD)
    first = max(course.coincidences[0] - before, 0)
    network.net.run(first)
    network.spikes()
    watch = [network.net.record(each, "spikes") for each in (network.exc, network.inh)]
    rows = []
    while network.net.time < course.rewards[0] + after:
        network.net.run(every)
        eligibility = network.chosen_in.get("eligibility")[network.chosen]
        weight, _ = network.weights()
        rows.append((network.net.time, network.dopamine.concentration, eligibility, weight))
    spikes = [(each.times, each.neurons) for each in watch]
    pre, post = network.spikes()
    network.close()
    return Closer(*np.array(rows).T, spikes, pre, post)


def fisher(hits: int, n: int, others: int, m: int) -> float:
    """Fisher's exact test, two-sided: the chance that `hits` of n and `others` of m come from one
    population, or what is no more likely."""
    total = hits + others

    def ways(k: int) -> int:
        return math.comb(n, k) * math.comb(m, total - k)

    possible = range(max(0, total - m), min(n, total) + 1)
    return sum(ways(k) for k in possible if ways(k) <= ways(hits)) / math.comb(n + m, total)


def summarise(courses: dict[str, list[Course]], hours: float, wall: float) -> dict[str, Any]:
    """What goes into report.json: the criteria at the top, and every network."""
    values = {name: [course.values for course in group] for name, group in courses.items()}
    n = len(values["rewarded"])
    reached = {name: sum(each["reached"] for each in group) for name, group in values.items()}
    strong = sum(
        each["reached"] and each["others_strong_then"] < MOST_STRONG for each in values["rewarded"]
    )
    p = fisher(reached["rewarded"], n, reached["yoked"], n)
    least = math.ceil(0.9 * n)
    criteria = [
        {"meaning": f"seeds whose rewarded synapse reaches {STRONG:g} within {hours:g} h",
         "value": reached["rewarded"], "bound": f">= {least}", "met": reached["rewarded"] >= least},
        {"meaning": f"… while fewer than {MOST_STRONG:.0%} of the others are as strong",
         "value": strong, "bound": f">= {least}", "met": strong >= least},
        {"meaning": "Fisher's exact p, rewarded against yoked", "value": p,
         "bound": f"< {MOST_P}", "met": p < MOST_P},
    ]  # fmt: skip
    enough = n >= SEEDS and hours >= 1
    for criterion in criteria:
        criterion["met"] = criterion["met"] if enough else None
    return {
        "criteria": criteria,
        "all_met": all(c["met"] for c in criteria) if enough else None,
        "reached": reached, "networks": values, "hours": hours, "seeds": n, "wall_s": wall,
    }  # fmt: skip


def table(summary: dict[str, Any]) -> str:
    """The numbers as text."""
    words = {True: "met", False: "NOT MET", None: ""}
    lines = [
        f"{c['meaning']:62} {c['value']:8.3g}  {c['bound']:8} {words[c['met']]}"
        for c in summary["criteria"]
    ]
    for name, group in summary["networks"].items():
        lines.append("")
        lines.append(
            f"{name:10} seed  onto  strong at  others then  weight  rank    mean  strong  rewards"
        )
        for each in group:
            at, then = each["reached_s"], each["others_strong_then"]
            reached = "       –            –" if at is None else f"{at:6.0f} s     {then:8.2%}"
            lines.append(
                f"{'':10} {each['seed']:4}   {each['onto']}   {reached}  {each['weight']:6.3f}  "
                f"{each['rank']:6.1%}  {each['mean']:5.3f}  {each['others_strong']:5.2%}  "
                f"{each['rewards']:5}"
            )
    lines.append("")
    if summary["all_met"] is None:
        lines.append(f"Criteria are for {SEEDS} seeds of 1 h, so without verdict.")
    lines.append(f"{summary['wall_s']:.0f} s")
    return "\n".join(lines)


class Progress:
    """A line a while, on the error stream."""

    def __init__(self, total: int) -> None:
        self.total, self.done, self.begin = total, 0, time.perf_counter()
        self.next = 0.0
        self.lock = Lock()

    def __call__(self) -> None:
        with self.lock:
            self.done += 1
            spent = time.perf_counter() - self.begin
            if spent < self.next and self.done < self.total:
                return
            self.next = spent + 10
            left = spent * (self.total / self.done - 1)
        share = self.done / self.total
        print(f"{share:6.1%}, {spent:.0f} s, {left:.0f} s to go", file=sys.stderr, flush=True)


def run(seeds: int, chunks: int, jobs: int) -> dict[str, list[Course]]:
    """All networks, `jobs` at a time. A yoked one needs to know the number of rewards."""
    progress = Progress(seeds * len(CONDITIONS) * chunks)

    def of_seed(seed: int) -> list[Course]:
        rewarded = simulate(seed, "rewarded", chunks, done=progress)
        yoked = simulate(seed, "yoked", chunks, len(rewarded.rewards), progress)
        return [rewarded, yoked, simulate(seed, "unrewarded", chunks, done=progress)]

    with ThreadPoolExecutor(jobs) as pool:
        each = list(pool.map(of_seed, range(seeds)))
    return {name: [courses[i] for courses in each] for i, name in enumerate(CONDITIONS)}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0], allow_abbrev=False)
    parser.add_argument("--seeds", type=int, default=SEEDS, help="networks of each condition")
    parser.add_argument("--hours", type=float, default=1.0, help="biological time of each")
    parser.add_argument("--out", type=Path, default=OUT, help="folder for the report")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="networks at a time")
    parser.add_argument("--quick", action="store_true", help="two seeds of two minutes")
    options = parser.parse_args()
    if options.quick:
        options.seeds, options.hours = 2, 1 / 30
    chunks = max(round(options.hours * 3600_000 / CHUNK / SAMPLE), 1) * SAMPLE
    begin = time.perf_counter()
    courses = run(options.seeds, chunks, options.jobs)
    summary = summarise(courses, options.hours, time.perf_counter() - begin)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "report.json").write_text(json.dumps(summary, indent=2) + "\n")
    figure.draw(courses, closer(courses["rewarded"][0]), summary, options.out / "report.png")
    print(table(summary))


if __name__ == "__main__":
    main()

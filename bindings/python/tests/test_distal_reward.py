"""The experiment on distal reward: its network and its learning against the author's program,
written anew with NumPy, and that it runs from end to end. Whether the synapse is found takes hours
of biological time: that is for the experiment itself to say."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from conftest import ROOT

FOLDER = ROOT / "examples" / "experiments"


@pytest.fixture
def experiment(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The script as a module."""
    pytest.importorskip("matplotlib")
    monkeypatch.syspath_prepend(str(FOLDER))
    import distal_reward

    yield distal_reward


class Eager:
    """The loop of daspnet (ModelDB 84167), a ms at a time. Synapses are [1000, 100]; rows of
    inhibitory neurons do not learn."""

    def __init__(self, targets: np.ndarray, seed: int) -> None:
        self.post = targets
        self.random = np.random.default_rng(seed)
        self.is_exc = np.arange(1000) < 800
        self.a, self.d = np.where(self.is_exc, 0.02, 0.1), np.where(self.is_exc, 8.0, 2.0)
        self.v, self.u = np.full(1000, -65.0), np.full(1000, -13.0)
        self.s = np.where(self.is_exc[:, None], 1.0, -1.0) * np.ones((1000, 100))
        self.sd = np.zeros((1000, 100))
        self.trace, self.trace_before, self.dopamine, self.t = np.zeros(1000), np.zeros(1000), 0, 0
        order = np.argsort(targets[:800], axis=None, kind="stable")
        ends = np.searchsorted(targets[:800].ravel()[order], np.arange(1001))
        self.onto = [order[ends[i] : ends[i + 1]] for i in range(1000)]  # places in sd

    def neurons(self, fired: np.ndarray) -> np.ndarray:
        """Resets those that fired, moves all by a ms, and returns who fires next."""
        self.v[fired] = -65.0
        self.u[fired] += self.d[fired]
        current = 13 * (self.random.random(1000) - 0.5)
        np.add.at(current, self.post[fired], self.s[fired])
        for _ in range(2):
            self.v += 0.5 * ((0.04 * self.v + 5) * self.v + 140 - self.u + current)
        self.u += self.a * (0.2 * self.v - self.u)
        return np.flatnonzero(self.v >= 30)

    def learn(self, fired: np.ndarray, released: float) -> None:
        """What the spikes of a ms do to the eligibilities, and every ten ms these to the weights;
        `released` is dopamine that is there from the next ms on."""
        self.t += 1
        self.trace[fired] = 0.1
        for k in fired:
            where = self.onto[k]
            self.sd.ravel()[where] += self.trace_before[where // 100]
        self.sd[fired] -= 1.5 * self.trace[self.post[fired]]
        self.trace_before = self.trace.copy()
        self.trace *= 0.95
        self.dopamine *= 0.995
        if self.t % 10 == 0:
            self.s[:800] = np.clip(self.s[:800] + (0.002 + self.dopamine) * self.sd[:800], 0, 4)
            self.sd *= 0.99
        self.dopamine += released


def of_synapses(network: Any, variable: str, wiring: Any) -> np.ndarray:
    """A variable of all plastic synapses, [800, 100], in the order of the targets."""
    matrix = np.full((800, 1000), np.nan)
    for projection, first in zip(network.plastic, (0, 800)):
        matrix[projection.pre, projection.post + first] = projection.get(variable)
    return np.take_along_axis(matrix, wiring.exc, axis=1)


def targets_of(wiring: Any) -> np.ndarray:
    """Targets of all neurons, [1000, 100]."""
    return np.concatenate([wiring.exc, wiring.inh])


def test_learns_from_the_same_spikes_what_the_program_learns(experiment: ModuleType) -> None:
    network, wiring = experiment.Network(3), experiment.Wiring(3)
    watch = [network.net.record(each, "spikes") for each in (network.exc, network.inh)]
    times = np.array([2500.0, 4000.0, 4010.0, 7300.0])
    network.dopamine.schedule(times, 0.5)
    network.net.run(10_000)
    stamps = np.concatenate([each.times for each in watch])
    neurons = np.concatenate([watch[0].neurons, watch[1].neurons + np.uint32(800)])
    order = np.argsort(stamps, kind="stable")
    edges = np.searchsorted(stamps[order], np.arange(10_002))

    eager = Eager(targets_of(wiring), 0)
    eager.s[0, 0] = 0.0
    for t in range(1, 10_000):
        eager.learn(neurons[order[edges[t] : edges[t + 1]]], 0.5 * np.sum(times == t))
    weights, eligibility = (
        of_synapses(network, name, wiring) for name in ("weight", "eligibility")
    )
    moved = weights.std()
    assert moved > 0.02
    # The program's step of ten milliseconds is 1 % of an eligibility, and 5 % of a release: what it
    # adds up is within 2.5 % of the integral.
    assert np.abs(eligibility - eager.sd[:800]).max() < 0.01 * np.abs(eligibility).max()
    assert np.abs(weights - eager.s[:800]).std() < 0.025 * moved
    network.close()


def test_the_network_fires_and_learns_as_the_program_does(experiment: ModuleType) -> None:
    """Five seconds without reward, four networks of each kind: rates and eligibilities within the
    scatter of the networks."""
    steps = 5_000
    mine, theirs = [], []
    for seed in range(4):
        network, wiring = experiment.Network(seed), experiment.Wiring(seed)
        network.net.run(steps)
        eligibility = of_synapses(network, "eligibility", wiring)
        mine.append([*network.rates(), eligibility.std()])
        network.close()
        eager = Eager(targets_of(wiring), seed + 100)
        fired, counts = np.empty(0, int), np.zeros(1000)
        for _ in range(steps):
            eager.learn(fired, 0.0)
            fired = eager.neurons(fired)
            counts[fired] += 1
        rates = counts / (steps / 1000)
        theirs.append([rates[:800].mean(), rates[800:].mean(), eager.sd[:800].std()])
    a, b = np.array(mine), np.array(theirs)
    error = np.sqrt((a.var(axis=0, ddof=1) + b.var(axis=0, ddof=1)) / 4)
    assert np.all(np.abs(a.mean(axis=0) - b.mean(axis=0)) < 4 * error)
    assert np.all(error < 0.03 * b.mean(axis=0))  # or this says nothing


def test_rewards_follow_coincidences(experiment: ModuleType) -> None:
    teacher = experiment.Teacher(np.random.default_rng(1))
    assert teacher.watch(np.array([10.0, 100.0]), np.array([10.0, 30.0, 119.0, 120.0])) != []
    assert teacher.coincidences == [119.0]
    assert 1119 < teacher.rewards[0] <= 3119
    assert len(teacher.watch(np.array([]), np.array([]))) == 0
    teacher.watch(np.array([995.0]), np.array([]))
    teacher.watch(np.array([]), np.array([1001.0, 1002.0]))  # in the next chunk
    assert teacher.coincidences == [119.0, 1001.0, 1002.0]


def test_fisher(experiment: ModuleType) -> None:
    # The lady tasting tea (Fisher 1935): 3 of 4 right, and all 4.
    assert experiment.fisher(3, 4, 1, 4) == pytest.approx(34 / 70)
    assert experiment.fisher(4, 4, 0, 4) == pytest.approx(2 / 70)
    assert experiment.fisher(10, 10, 10, 10) == 1


def test_quick_experiment_writes_its_report(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    command = [sys.executable, str(FOLDER / "distal_reward.py"), "--quick", "--out", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "report.png").stat().st_size > 50_000
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["all_met"] is None and len(report["criteria"]) == 3
    networks = report["networks"]
    assert all(len(networks[name]) == 2 for name in ("rewarded", "yoked", "unrewarded"))
    for rewarded, yoked, neither in zip(*networks.values()):
        assert rewarded["rewards"] == yoked["rewards"] > 0 == neither["rewards"]
        assert rewarded["coincidences"] >= rewarded["rewards"]
        assert rewarded["weight"] > neither["weight"]
        assert 1.0 < rewarded["rate_exc_hz"] < 1.6

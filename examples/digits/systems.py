"""What is done with networks: training, controls, damage and recovery. Each function is one
independent system; the demo runs them side by side."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.cluster import KMeans
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import measure
from network import DigitNetwork, Settings

Progress = Callable[[float], object]

JUMP = 3.0  # mV, standard deviation of what damage does to the thresholds
LOWEST = -9.0  # mV: a threshold at rest would fire without input, and nothing could hold it
RECOVERY_PASSES = 2


@dataclass(frozen=True)
class Data:
    """Images of 8 × 8 pixels in [0, 1], and their classes."""

    train: np.ndarray
    train_classes: np.ndarray
    test: np.ndarray
    test_classes: np.ndarray

    def first(self, train: int, test: int) -> Data:
        """Only some of the images."""
        return Data(
            self.train[:train], self.train_classes[:train],
            self.test[:test], self.test_classes[:test],
        )  # fmt: skip


def load_data() -> Data:
    """The digits of scikit-learn: 1257 images to train, 540 to test."""
    digits = load_digits()
    train, test, train_classes, test_classes = train_test_split(
        digits.data / 16.0, digits.target, test_size=0.3, random_state=0, stratify=digits.target
    )
    return Data(train, train_classes, test, test_classes)


@dataclass
class Outcome:
    """How good a system is. Arrays are there where the picture needs them."""

    accuracy: float
    accuracy_train: float
    selectivity: float  # mean over the cells that fire, held-out images
    spikes: float  # of all cells, per held-out image
    silent: float  # part of the cells that never fire, training images
    labels: np.ndarray
    history: dict[str, list[float]]
    cpu_s: float = 0.0
    fields: np.ndarray | None = None
    offset: np.ndarray | None = None  # of the thresholds, mV
    inhibition: np.ndarray | None = None  # nS
    exc: np.ndarray | None = None  # weights, nS
    inh: np.ndarray | None = None


def train(network: DigitNetwork, data: Data, seed: int, progress: Progress) -> dict:
    """Shows the training images in random order, pass after pass. The classes have no part in it:
    they serve the curves alone, by labels from one half of a pass and a score on the other."""
    rng = np.random.default_rng([seed, 1])
    history: dict[str, list[float]] = {
        name: [] for name in ("accuracy", "selectivity", "rate", "rate_low", "rate_high", "silent")
    }
    network.learn(exc=True, inh=True)
    for done in range(network.settings.passes):
        network.anneal(done)
        order = rng.permutation(len(data.train))
        counts = network.train(data.train[order], progress)
        classes = data.train_classes[order]
        halves = [slice(0, None, 2), slice(1, None, 2)]
        scores = [
            measure.accuracy(counts[b], classes[b], measure.labels(counts[a], classes[a]))
            for a, b in (halves, halves[::-1])
        ]
        selective = measure.selectivity(counts, classes)
        rates = counts.mean(axis=0) / (network.settings.period * 1e-3)
        history["accuracy"].append(float(np.mean(scores)))
        history["selectivity"].append(float(selective.mean()) if len(selective) else 0.0)
        history["rate"].append(float(rates.mean()))
        history["rate_low"].append(float(np.percentile(rates, 10)))
        history["rate_high"].append(float(np.percentile(rates, 90)))
        history["silent"].append(float((rates == 0).mean()))
    return history


def assess(network: DigitNetwork, data: Data, progress: Progress) -> Outcome:
    """Labels from the training images, then the held-out images; nothing learns."""
    network.learn(exc=False, inh=False)
    counts = network.show(data.train, progress)
    labels = measure.labels(counts, data.train_classes)
    held_out = network.show(data.test, progress)
    selective = measure.selectivity(held_out, data.test_classes)
    return Outcome(
        accuracy=measure.accuracy(held_out, data.test_classes, labels),
        accuracy_train=measure.accuracy(counts, data.train_classes, labels),
        selectivity=float(selective.mean()) if len(selective) else 0.0,
        spikes=float(held_out.sum(axis=1).mean()),
        silent=float((counts.sum(axis=0) == 0).mean()),
        labels=labels,
        history={},
    )


def system(
    settings: Settings, data: Data, seed: int, inhibition: str | float, progress: Progress
) -> Outcome:
    """A network from its random start to its score."""
    begin = time.thread_time()
    network = DigitNetwork(settings, seed, inhibition)
    history = train(network, data, seed, progress)
    outcome = assess(network, data, progress)
    outcome.history = history
    outcome.fields = network.receptive_fields()
    outcome.offset = network.offset
    outcome.exc = network.exc.weights
    if network.plastic:
        outcome.inhibition = network.inhibition()
        outcome.inh = network.inh.weights
    network.net.close()
    outcome.cpu_s = time.thread_time() - begin
    return outcome


def copy(settings: Settings, seed: int, trained: Outcome) -> DigitNetwork:
    """The trained network once more."""
    network = DigitNetwork(settings, seed)
    network.exc.weights = trained.exc
    network.inh.weights = trained.inh
    network.anneal(settings.passes)
    return network


def levelled(
    settings: Settings, data: Data, seed: int, trained: Outcome, progress: Progress
) -> Outcome:
    """The trained network with the same inhibition for all cells, given new labels."""
    begin = time.thread_time()
    network = copy(settings, seed, trained)
    network.inh.weights = float(trained.inh.mean())
    outcome = assess(network, data, progress)
    network.net.close()
    outcome.cpu_s = time.thread_time() - begin
    return outcome


def kmeans(settings: Settings, data: Data, seed: int) -> float:
    """As many centres as there are cells; each takes the commonest class of its images."""
    centres = KMeans(settings.cells, n_init=1, random_state=seed).fit(data.train)
    votes = np.zeros((settings.cells, measure.CLASSES))
    np.add.at(votes, (centres.labels_, data.train_classes), 1)
    found = votes.argmax(axis=1)[centres.predict(data.test)]
    return float((found == data.test_classes).mean())


@dataclass
class Recovery:
    """Accuracy with the labels from before the damage."""

    before: float  # at once, held-out images
    after: float  # after two passes, held-out images
    curve: list[float]  # meanwhile, in groups of the images that are shown
    cpu_s: float


def recovery(
    settings: Settings, data: Data, seed: int, trained: Outcome, learns: str, progress: Progress
) -> Recovery:
    """Damages all thresholds, and lets one kind of synapse learn.

    Args:
        learns: "inh", "exc" or "".
    """
    begin = time.thread_time()
    network = copy(settings, seed, trained)
    rng = np.random.default_rng([seed, 2])
    network.offset = np.maximum(network.offset + rng.normal(0.0, JUMP, settings.cells), LOWEST)

    def test() -> float:
        network.learn(exc=False, inh=False)
        counts = network.show(data.test, progress)
        return measure.accuracy(counts, data.test_classes, trained.labels)

    before, curve = test(), []
    for done in range(RECOVERY_PASSES):
        network.anneal(done)
        network.learn(exc=learns == "exc", inh=learns == "inh")
        order = rng.permutation(len(data.train))
        show = network.train if learns == "exc" else network.show
        counts = show(data.train[order], progress)
        for group in np.array_split(np.arange(len(order)), 10):
            classes = data.train_classes[order[group]]
            curve.append(measure.accuracy(counts[group], classes, trained.labels))
    after = test()
    network.net.close()
    return Recovery(before, after, curve, time.thread_time() - begin)


@dataclass
class Currents:
    """Mean currents around the first spike of an image, pA; the cell that fires it and the cells
    of other classes."""

    times: np.ndarray  # ms
    winner_exc: np.ndarray
    winner_inh: np.ndarray
    rivals_exc: np.ndarray
    rivals_inh: np.ndarray


def currents(
    settings: Settings, data: Data, seed: int, trained: Outcome, images: int, progress: Progress
) -> Currents:
    """Records currents in the trained network while it sees held-out images."""
    network = copy(settings, seed, trained)
    network.learn(exc=False, inh=False)
    net, cells, every = network.net, network.cells, 1.0
    recorders = [net.record(cells, name, interval=every) for name in ("v", "g_exc", "g_inh")]
    network.show(data.test[:images], progress)
    v, g_exc, g_inh = (recorder.values for recorder in recorders)
    times, neurons = network.spikes.times, network.spikes.neurons
    net.close()
    exc, inh = g_exc * (0.0 - v), g_inh * (-80.0 - v)
    window = np.arange(-40, 31)
    seen = []
    for image in range(images):
        i = np.searchsorted(times, image * settings.period, side="right")
        if i == len(times) or times[i] > (image + 1) * settings.period:
            continue
        at, winner = int(times[i] // every) + window, neurons[i]
        if at[0] < 0 or at[-1] >= len(v):
            continue
        rivals = trained.labels != trained.labels[winner]
        seen.append([exc[at, winner], inh[at, winner], exc[at][:, rivals].mean(axis=1),
                     inh[at][:, rivals].mean(axis=1)])  # fmt: skip
    return Currents(window * every, *np.mean(seen, axis=0))


def quick(settings: Settings) -> Settings:
    """A small network that only shows that everything runs."""
    return replace(settings, cells=100, pool=20, passes=2, pool_start=0.1, eta_inh=1.5e-3)


class Stopped(Exception):
    """The demo was interrupted."""


class Shared:
    """Progress of all systems together, and the way to stop them."""

    def __init__(self, bar: Any) -> None:
        self.bar = bar
        self.stopping = threading.Event()
        self._lock = threading.Lock()

    def __call__(self, images: float) -> None:
        if self.stopping.is_set():
            raise Stopped
        with self._lock:
            self.bar.update(min(images, self.bar.total - self.bar.n))

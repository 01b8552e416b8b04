#!/usr/bin/env python3
"""Spiking cells learn handwritten digits, and what plastic inhibition is worth in it.

Act 1: a network learns without labels; beside it the same network with frozen inhibition, and its
peers. Act 2: all thresholds are damaged, and inhibitory plasticity alone repairs the network.
Writes OUT/report.png and OUT/report.json.
"""

from __future__ import annotations

import argparse
import json
import operator
import os
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm.auto import tqdm

import report
import systems
from network import Settings

OUT = Path(__file__).resolve().parents[2] / "out" / "demo"


@dataclass(frozen=True)
class Criterion:
    """What a mean over the seeds must be; fixed before any tuning."""

    name: str
    sign: str
    bound: float
    meaning: str

    def met(self, value: float) -> bool:
        """Whether a value fulfils it."""
        return {">=": operator.ge, "<=": operator.le}[self.sign](value, self.bound)

    def verdict(self, summary: dict[str, Any]) -> str:
        """In words; a few seeds say too little for one."""
        if len(summary["seeds"]) < SEEDS:
            return ""  # the bounds are for their mean
        return "met" if self.met(summary["mean"][self.name]) else "NOT MET"


SEEDS = 5  # of which the criteria are about the mean
CRITERIA = (
    Criterion("accuracy", ">=", 0.93, "plastic inhibition, held-out images"),
    Criterion("accuracy_frozen", "<=", 0.25, "inhibition frozen at its start value"),
    Criterion("accuracy_frozen_mean", "<=", 0.50, "inhibition frozen at the mean learnt one"),
    Criterion("accuracy_levelled", "<=", 0.50, "inhibition levelled after training"),
    Criterion("correlation", "<=", -0.90, "threshold and learnt inhibition of a cell"),
    Criterion("recovery_before", "<=", 0.45, "thresholds damaged"),
    Criterion("recovery_after", ">=", 0.90, "two passes later, inhibition plastic"),
    Criterion("recovery_frozen", "<=", 0.45, "two passes later, nothing plastic"),
)
# Beside them, without a bound.
SHOWN = (
    ("accuracy_adaptive_threshold", "peer: adaptive thresholds, no pool"),
    ("accuracy_kmeans", "peer: k-means, as many centres"),
    ("recovery_exc_only", "two passes later, excitation plastic only"),
    ("accuracy_train", "plastic inhibition, training images"),
    ("selectivity", "selectivity of a cell, plastic inhibition"),
    ("selectivity_frozen", "the same, inhibition frozen at its start value"),
    ("selectivity_frozen_mean", "the same, inhibition frozen at the mean learnt one"),
)


class SeedRun:
    """All systems of one seed, as futures."""

    def __init__(self, pool: ThreadPoolExecutor, settings: Settings, data: Any, seed: int) -> None:
        self.seed = seed
        self.args = (settings, data, seed)
        self.pool = pool

    def begin(self, progress: systems.Progress) -> None:
        """Starts what depends on nothing."""
        submit, args = self.pool.submit, self.args
        start = self.args[0].pool_start
        self.plastic = submit(systems.system, *args, "plastic", progress)
        self.frozen = submit(systems.system, *args, start, progress)
        self.adaptive = submit(systems.system, *args, "adaptive", progress)
        self.kmeans = submit(systems.kmeans, *args)

    def go_on(self, progress: systems.Progress, images: int) -> None:
        """Starts what needs the trained network: these wait for it, so all of begin() must have
        been called before. Currents are recorded while so many images are shown."""
        args = self.args

        def later(function: Any, *rest: Any) -> Future[Any]:
            return self.pool.submit(lambda: function(*args, self.plastic.result(), *rest, progress))

        self.frozen_mean = self.pool.submit(
            lambda: systems.system(*args, float(self.plastic.result().inh.mean()), progress)
        )
        self.levelled = later(systems.levelled)
        self.recovery = {learns: later(systems.recovery, learns) for learns in ("inh", "exc", "")}
        self.currents = later(systems.currents, images) if images else None

    @property
    def values(self) -> dict[str, float]:
        """All numbers of this seed."""
        plastic, frozen, mean = (
            self.plastic.result(), self.frozen.result(), self.frozen_mean.result()
        )  # fmt: skip
        recovery = {learns: future.result() for learns, future in self.recovery.items()}
        spiking = [plastic, frozen, mean, self.adaptive.result(), self.levelled.result()]
        return {
            "accuracy": plastic.accuracy,
            "accuracy_train": plastic.accuracy_train,
            "accuracy_frozen": frozen.accuracy,
            "accuracy_frozen_mean": mean.accuracy,
            "accuracy_levelled": self.levelled.result().accuracy,
            "accuracy_adaptive_threshold": self.adaptive.result().accuracy,
            "accuracy_kmeans": self.kmeans.result(),
            "correlation": float(np.corrcoef(plastic.offset, plastic.inhibition)[0, 1]),
            "selectivity": plastic.selectivity,
            "selectivity_frozen": frozen.selectivity,
            "selectivity_frozen_mean": mean.selectivity,
            "silent": plastic.silent,
            "silent_frozen": frozen.silent,
            "silent_frozen_mean": mean.silent,
            "spikes_per_image": plastic.spikes,
            "recovery_before": recovery["inh"].before,
            "recovery_after": recovery["inh"].after,
            "recovery_frozen": recovery[""].after,
            "recovery_exc_only": recovery["exc"].after,
            "cpu_s": sum(each.cpu_s for each in (*spiking, *recovery.values())),
        }


def simulate(settings: Settings, data: Any, seeds: int, jobs: int, images: int) -> list[SeedRun]:
    """Runs all systems of all seeds, `jobs` at a time."""
    shown = settings.passes * len(data.train) + len(data.train) + len(data.test)
    again = systems.RECOVERY_PASSES * len(data.train) + 2 * len(data.test)
    total = seeds * (4 * shown + len(data.train) + len(data.test) + 3 * again) + images
    form = "{l_bar}{bar}| {n:.0f}/{total:.0f} images [{elapsed}<{remaining}]"
    every = 0.1 if sys.stderr.isatty() else 10.0  # s; a log file needs few lines
    bar = tqdm(total=total, bar_format=form, desc="digits", mininterval=every)
    with bar, ThreadPoolExecutor(jobs) as pool:
        progress = systems.Shared(bar)
        runs = [SeedRun(pool, settings, data, seed) for seed in range(seeds)]
        try:
            for run in runs:
                run.begin(progress)
            for run in runs:
                run.go_on(progress, images if run is runs[0] else 0)
            for run in runs:
                _ = run.values
            runs[0].currents.result()
        except BaseException:
            progress.stopping.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return runs


def table(summary: dict[str, Any]) -> str:
    """The numbers as text, with a verdict on each criterion."""
    mean, several = summary["mean"], len(summary["seeds"]) > 1

    def number(name: str) -> str:
        return f"{mean[name]:7.3f}" + (f" ± {summary['sd'][name]:.3f}" if several else "")

    lines = [f"{'':50} {'mean ± SD over seeds' if several else 'one seed'}"]
    for c in CRITERIA:
        verdict = c.verdict(summary)
        bound = f"{c.sign.replace('>=', '≥').replace('<=', '≤')} {c.bound:5.2f}"
        lines.append(f"{c.meaning:50} {number(c.name)}   {bound}  {verdict}")
    lines += [f"{meaning:50} {number(name)}" for name, meaning in SHOWN]
    if len(summary["seeds"]) < SEEDS:
        lines.append(
            f"Bounds are for the mean of {SEEDS} seeds (--seeds {SEEDS}), so without verdict."
        )
    lines.append(f"{summary['wall_s']:.0f} s; {mean['cpu_s']:.0f} s of processor time per seed")
    return "\n".join(lines)


def summarise(runs: list[SeedRun], settings: Settings, wall: float) -> dict[str, Any]:
    """What goes into report.json: means at the top, and every seed."""
    seeds = [{"seed": run.seed, **run.values} for run in runs]
    names = list(runs[0].values)
    values = {name: np.array([seed[name] for seed in seeds]) for name in names}
    mean = {name: float(array.mean()) for name, array in values.items()}
    ddof = min(1, len(runs) - 1)
    sd = {name: float(array.std(ddof=ddof)) for name, array in values.items()}
    enough = len(runs) >= SEEDS
    criteria = [
        {**asdict(c), "value": mean[c.name], "met": c.met(mean[c.name]) if enough else None}
        for c in CRITERIA
    ]
    return {
        **mean, "wall_s": wall, "seed": [run.seed for run in runs] if len(runs) > 1 else 0,
        "mean": mean, "sd": sd, "criteria": criteria,
        "all_met": all(c["met"] for c in criteria) if enough else None,
        "seeds": seeds, "settings": asdict(settings),
    }  # fmt: skip


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0], allow_abbrev=False)
    parser.add_argument("--seeds", type=int, default=1, help="number of random seeds")
    parser.add_argument("--out", type=Path, default=OUT, help="folder for the report")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="systems at a time")
    parser.add_argument("--quick", action="store_true", help="a small network that learns little")
    options = parser.parse_args()
    settings, data, images = Settings(), systems.load_data(), 100
    if options.quick:
        settings, data, images = systems.quick(settings), data.first(300, 100), 10
    begin = time.perf_counter()
    runs = simulate(settings, data, options.seeds, options.jobs, images)
    summary = summarise(runs, settings, time.perf_counter() - begin)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "report.json").write_text(json.dumps(summary, indent=2) + "\n")
    report.draw(runs, summary, CRITERIA, options.out / "report.png")
    print(table(summary))
    if options.quick:
        print("quick: too small and too short to meet the criteria")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("stopped")

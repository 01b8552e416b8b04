#!/usr/bin/env python3
"""A spiking agent learns to cross Gymnasium's FrozenLake, and what its dopamine is worth in it.

Beside the agent, whose dopamine is the error of the reward prediction: the same network without
dopamine; with the same amounts of dopamine in another order; and steps at random. Writes
OUT/report.png and OUT/report.json.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from itertools import cycle, repeat
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np

from agent import DEFAULT, Agent
from report import draw

OUT = Path(__file__).resolve().parents[2] / "out" / "gymnasium"
SYSTEMS = {
    "dopamine": "dopamine: error of the prediction",
    "withheld": "no dopamine",
    "shuffled": "the same dopamine, in another order",
    "random": "steps at random",
}
LAST = 100  # episodes over which success is measured at the end
SHORTEST = 6  # steps to the goal
LONGEST = 30  # steps of an episode, after which it counts as failed


@dataclass(frozen=True)
class Course:
    """What came of a system: success and steps of each episode, the error of the prediction at
    each decision, and what was learnt."""

    success: np.ndarray
    steps: np.ndarray
    errors: np.ndarray
    policy: np.ndarray  # mean weight of the synapses from a place onto an action, pA
    value: np.ndarray


def lake() -> Any:
    """The environment: 4 × 4 places, of which four are holes; the ice is not slippery."""
    return gymnasium.make(
        "FrozenLake-v1", map_name="4x4", is_slippery=False, max_episode_steps=LONGEST
    )


def train(seed: int, episodes: int, releases: Sequence[float] | None) -> Course:
    """The course of a spiking agent; `releases` are gone through again and again."""
    env = lake()
    places, actions = int(env.observation_space.n), int(env.action_space.n)
    agent = Agent(places, actions, seed, None if releases is None else cycle(releases))
    success, steps, errors = [], [], []
    for episode in range(episodes):
        place, _ = env.reset(seed=seed * episodes + episode)
        agent.begin(place)
        ended, n = False, 0
        while not ended:
            then, reward, terminated, truncated, _ = env.step(agent.decide(place))
            errors.append(agent.learn(place, float(reward), None if terminated else then))
            place, ended, n = then, terminated or truncated, n + 1
        success.append(reward > 0)
        steps.append(n)
    weights = agent.synapses.weights.reshape(places, agent.settings.cells, actions, -1)
    agent.net.close()
    policy = weights.mean(axis=(1, 3))
    return Course(np.array(success), np.array(steps), np.array(errors), policy, agent.value)


def at_random(seed: int, episodes: int) -> Course:
    """The same with actions drawn at random."""
    env, rng = lake(), np.random.default_rng(seed)
    success, steps = [], []
    for episode in range(episodes):
        env.reset(seed=seed * episodes + episode)
        ended, n = False, 0
        while not ended:
            _, reward, terminated, truncated, _ = env.step(int(rng.integers(env.action_space.n)))
            ended, n = terminated or truncated, n + 1
        success.append(reward > 0)
        steps.append(n)
    nothing = np.empty(0)
    return Course(np.array(success), np.array(steps), nothing, nothing, nothing)


def one_seed(seed: int, episodes: int) -> dict[str, Course]:
    """All systems of a seed."""
    taught = train(seed, episodes, None)
    shuffled = np.random.default_rng(seed).permutation(taught.errors)
    return {
        "dopamine": taught,
        "withheld": train(seed, episodes, [0.0]),
        "shuffled": train(seed, episodes, shuffled.tolist()),
        "random": at_random(seed, episodes),
    }


def learnt_after(success: np.ndarray, window: int = 50, enough: float = 0.9) -> int | None:
    """The first episode after which `enough` of the next `window` succeed; None: there is none."""
    if len(success) < window:
        return None
    means = np.convolve(success, np.full(window, 1 / window), "valid")
    reached = np.flatnonzero(means >= enough - 1e-9)
    return int(reached[0]) if reached.size else None


def summarise(runs: list[dict[str, Course]], episodes: int, wall: float) -> dict[str, Any]:
    """What goes into report.json."""
    last = min(LAST, episodes)
    systems = {}
    for name, meaning in SYSTEMS.items():
        ends = [run[name].success[-last:] for run in runs]
        paths = [run[name].steps[-last:][end] for run, end in zip(runs, ends)]
        success = [float(end.mean()) for end in ends]
        systems[name] = {
            "meaning": meaning,
            "success": success,
            "success_mean": float(np.mean(success)),
            "success_sd": float(np.std(success, ddof=min(1, len(runs) - 1))),
            "steps_to_goal": [float(path.mean()) if path.size else None for path in paths],
            "learnt_after": [learnt_after(run[name].success) for run in runs],
        }
    return {
        "environment": "FrozenLake-v1, 4x4, not slippery",
        "gymnasium": gymnasium.__version__,
        "episodes": episodes, "seeds": len(runs), "last": last, "shortest_path": SHORTEST,
        "longest_episode": LONGEST,
        "systems": systems, "settings": asdict(DEFAULT), "wall_s": wall,
    }  # fmt: skip


def table(summary: dict[str, Any]) -> str:
    """The numbers as text."""
    lines = [f"success in the last {summary['last']} of {summary['episodes']} episodes, "
             f"mean ± SD over {summary['seeds']} seeds"]  # fmt: skip
    for system in summary["systems"].values():
        known = [n for n in system["steps_to_goal"] if n is not None]
        path = f", {np.mean(known):.1f} steps to the goal" if known else ""
        success = f"{system['success_mean']:.3f} ± {system['success_sd']:.3f}"
        lines.append(f"{system['meaning']:40} {success}{path}")
    after = summary["systems"]["dopamine"]["learnt_after"]
    lines.append(f"90 % of 50 episodes, from episode {', '.join(map(str, after))} on")
    lines.append(f"{summary['wall_s']:.0f} s")
    return "\n".join(lines)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0], allow_abbrev=False)
    parser.add_argument("--seeds", type=int, default=5, help="number of random seeds")
    parser.add_argument("--episodes", type=int, default=400, help="of each system")
    parser.add_argument("--out", type=Path, default=OUT, help="folder for the report")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="seeds at a time")
    options = parser.parse_args()
    begin = time.perf_counter()
    with ProcessPoolExecutor(options.jobs) as pool:
        runs = list(pool.map(one_seed, range(options.seeds), repeat(options.episodes)))
    summary = summarise(runs, options.episodes, time.perf_counter() - begin)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "report.json").write_text(json.dumps(summary, indent=2) + "\n")
    draw(runs, summary, lake().unwrapped.desc, options.out / "report.png")
    print(table(summary))


if __name__ == "__main__":
    main()

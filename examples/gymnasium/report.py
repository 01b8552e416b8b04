"""One picture: what was learnt, from what, and what it is worth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

# Okabe & Ito: told apart with any kind of colour vision.
COLOURS = {"dopamine": "#D55E00", "withheld": "#0072B2", "shuffled": "#009E73", "random": "#8a8a8a"}
ARROWS = ((-1, 0), (0, 1), (1, 0), (0, -1))  # left, down, right, up, as the environment has them
WINDOW = 25  # episodes

STYLE = {
    "font.size": 10, "axes.titlesize": 11, "axes.titleweight": "bold", "axes.titlelocation": "left",
    "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False,
    "figure.facecolor": "white",
}  # fmt: skip


def draw(runs: list[Any], summary: dict[str, Any], lake: np.ndarray, path: Path) -> None:
    """Draws all panels into one file; the map and the errors are those of the first seed."""
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(
            1, 3, figsize=(15, 4.6), width_ratios=(1.4, 1, 0.9), layout="constrained"
        )
        curves(axes[0], runs, summary)
        errors(axes[1], runs[0]["dopamine"])
        policy(axes[2], runs[0]["dopamine"], lake)
        taught = summary["systems"]["dopamine"]
        figure.suptitle(
            f"With dopamine as the error of the reward prediction, the agent crosses the lake in "
            f"{taught['success_mean']:.1%} of the last {summary['last']} episodes "
            f"(mean of {summary['seeds']} seeds)", fontweight="bold", x=0.02, ha="left",
        )  # fmt: skip
        figure.savefig(path, dpi=120)
        plt.close(figure)


def curves(ax: Axes, runs: list[Any], summary: dict[str, Any]) -> None:
    """Success over training."""
    for name, colour in COLOURS.items():
        window = min(WINDOW, summary["episodes"])
        kernel = np.full(window, 1 / window)
        each = np.array([np.convolve(run[name].success, kernel, "valid") for run in runs])
        episode = np.arange(window, summary["episodes"] + 1)
        ax.plot(episode, each.T, color=colour, linewidth=0.7, alpha=0.5)
        label = summary["systems"][name]["meaning"]
        ax.plot(episode, each.mean(axis=0), color=colour, linewidth=2.5, label=label)
    ax.set(xlabel="episode", ylabel=f"part of the last {WINDOW} episodes that reach the goal")
    ax.set(ylim=(-0.03, 1.45), yticks=np.arange(0, 1.1, 0.25))
    ax.set_title(f"Learning curves of {len(runs)} seeds, and their mean")
    ax.legend(loc="upper left", ncols=2, fontsize=9)


def errors(ax: Axes, course: Any) -> None:
    """The error of the prediction at the goal and before it, by success."""
    ends = np.cumsum(course.steps) - 1
    goal = course.errors[ends[course.success]]
    before = [course.errors[end - 3] for end in ends[course.success]]
    times = np.arange(1, len(goal) + 1)
    ax.plot(times, goal, color="#CC79A7", linewidth=2, label="at the goal")
    ax.plot(times, before, color="#56B4E9", linewidth=2, label="three steps before")
    ax.set_xscale("log")
    ax.set(xlabel="times that the goal was reached", ylabel="error of the prediction")
    ax.set_title("Dopamine moves to what predicts the goal")
    ax.legend(loc="upper right", fontsize=9)


def policy(ax: Axes, course: Any, lake: np.ndarray) -> None:
    """The lake, what the critic expects of each place, and the action with the largest weights."""
    rows, columns = lake.shape
    ax.imshow(course.value.reshape(rows, columns), cmap="Oranges", vmin=0, vmax=1)
    for place, weights in enumerate(course.policy):
        row, column = divmod(place, columns)
        kind = lake[row, column].decode()
        if kind in "HG":
            name = {"H": "hole", "G": "goal"}[kind]
            ax.text(column, row, name, ha="center", va="center", color="#444444")
            continue
        dx, dy = ARROWS[int(weights.argmax())]
        head = (column + 0.3 * dx, row + 0.3 * dy)
        tail = (column - 0.3 * dx, row - 0.3 * dy)
        ax.annotate("", head, tail, arrowprops={"arrowstyle": "->", "linewidth": 2})
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    ax.set_title("Strongest action; value (colour)")

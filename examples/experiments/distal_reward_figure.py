"""The figure of distal_reward.py."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.gridspec import SubplotSpec

# Okabe & Ito: told apart with any kind of colour vision.
BLACK, GREY = "#222222", "#8a8a8a"
COLOURS = {"rewarded": "#D55E00", "yoked": "#0072B2", "unrewarded": "#BBBBBB"}
DOPAMINE = "#009E73"
STYLE = {
    "font.size": 10, "axes.titlesize": 11, "axes.titleweight": "bold", "axes.titlelocation": "left",
    "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": GREY,
    "axes.labelcolor": BLACK, "xtick.color": BLACK, "ytick.color": BLACK, "legend.frameon": False,
    "figure.facecolor": "white",
}  # fmt: skip
SHOWN = (80, 20)  # neurons of both populations in the raster
W_MAX = 4.0


def draw(
    courses: dict[str, Sequence[Any]], closer: Any, summary: dict[str, Any], path: Path
) -> None:
    """Draws all panels into one file. Panels of one network show the first seed."""
    with plt.rc_context(STYLE):
        figure = plt.figure(figsize=(15, 9))
        grid = figure.add_gridspec(2, 3, top=0.88, bottom=0.07, left=0.05, right=0.98, wspace=0.28,
                                   hspace=0.38)  # fmt: skip
        first_reward(figure, grid[0, 0], closer)
        weights(figure.add_subplot(grid[0, 1:]), courses)
        histogram(figure.add_subplot(grid[1, 0]), courses["rewarded"][0])
        others(figure.add_subplot(grid[1, 1]), courses)
        outcomes(figure.add_subplot(grid[1, 2]), courses, summary)
        reached, n = summary["reached"], summary["seeds"]
        figure.suptitle(
            f"Reward seconds later finds the synapse that earned it in {reached['rewarded']} of "
            f"{n} networks; rewards at random times in {reached['yoked']}",
            fontsize=14, fontweight="bold", x=0.02, y=0.96, ha="left",
        )  # fmt: skip
        figure.savefig(path, dpi=130)
        plt.close(figure)


def first_reward(figure: Any, place: SubplotSpec, closer: Any) -> None:
    """Spikes, dopamine and eligibility around the first reward."""
    inner = place.subgridspec(2, 1, height_ratios=(1.6, 1), hspace=0.12)
    raster, below = figure.add_subplot(inner[0]), figure.add_subplot(inner[1])
    raster.set(title="The first reward")
    if closer is None:
        raster.text(0.5, 0.5, "there was none", transform=raster.transAxes, ha="center")
        return
    origin, row = closer.time[0], 0
    for (times, neurons), n in zip(closer.spikes, SHOWN):
        shown = neurons < n
        colour = BLACK if row == 0 else COLOURS["yoked"]
        raster.plot((times[shown] - origin) / 1e3, neurons[shown] + row, ".", ms=1.5, c=colour)
        row += n
    for times, at, name in ((closer.pre, row + 6, "pre"), (closer.post, row + 14, "post")):
        raster.plot((times - origin) / 1e3, np.full(len(times), at), "|", ms=9, mew=1.8,
                    c=COLOURS["rewarded"])  # fmt: skip
        raster.text(1.01, at, name, transform=raster.get_yaxis_transform(), va="center", fontsize=8)
    end = (closer.time[-1] - origin) / 1e3
    raster.set(ylabel="neuron", xlim=(0, end), xticklabels=[], ylim=(-2, row + 20))
    time = (closer.time - origin) / 1e3
    below.plot(time, closer.dopamine, c=DOPAMINE, label="dopamine")
    below.plot(time, closer.eligibility, c=COLOURS["rewarded"], label="eligibility")
    below.plot(time, closer.weight, c=BLACK, ls=":", label="weight")
    below.set(xlabel="time (s)", xlim=(0, end))
    below.legend(fontsize=8, ncol=3, loc="upper left", borderaxespad=0, columnspacing=1)
    below.set_ylim(top=1.45 * max(0.5, closer.dopamine.max(), closer.weight.max()))


def weights(ax: Axes, courses: dict[str, Sequence[Any]]) -> None:
    """The chosen synapse in all networks."""
    for name, group in reversed(courses.items()):
        for i, course in enumerate(group):
            ax.plot(course.samples / 60, course.weight, c=COLOURS[name], lw=1.1, alpha=0.8,
                    label=name if i == 0 else None)  # fmt: skip
    ax.axhline(0.95 * W_MAX, c=GREY, lw=0.8, ls="--")
    handles, labels = ax.get_legend_handles_labels()
    ax.legend(handles[::-1], labels[::-1], loc="upper left", bbox_to_anchor=(0, 0.93))
    ax.set(title="The chosen synapse", xlabel="time (min)", ylabel="weight (mV/ms)",
           ylim=(-0.05, 1.05 * W_MAX))  # fmt: skip


def histogram(ax: Axes, course: Any) -> None:
    """Weights of all synapses of one network at the end."""
    ax.hist(course.others, bins=np.linspace(0, W_MAX, 81), color=GREY)
    ax.annotate("chosen", (course.weight[-1], 0.35), (course.weight[-1], 0.6), ha="center",
                xycoords=ax.get_xaxis_transform(), color=COLOURS["rewarded"],
                arrowprops={"arrowstyle": "->", "color": COLOURS["rewarded"]})  # fmt: skip
    ax.set(title="All weights at the end, rewarded", xlabel="weight (mV/ms)", ylabel="synapses",
           yscale="log")  # fmt: skip


def others(ax: Axes, courses: dict[str, Sequence[Any]]) -> None:
    """Mean of the other synapses, and how many of them are strong."""
    right = ax.twinx()
    for name, group in courses.items():
        time = group[0].samples / 60
        ax.plot(time, np.mean([course.mean for course in group], axis=0), c=COLOURS[name])
        strong = 100 * np.mean([course.strong for course in group], axis=0)
        right.plot(time, strong, c=COLOURS[name], ls=":")
    right.spines["right"].set_visible(True)
    right.axhline(3, c=GREY, lw=0.8, ls="--")
    right.set(ylabel="strong, % (dotted)", ylim=(0, 10))
    ax.set(title="All other synapses", xlabel="time (min)", ylabel="mean weight (mV/ms)",
           ylim=(0, 1.05))  # fmt: skip


def outcomes(ax: Axes, courses: dict[str, Sequence[Any]], summary: dict[str, Any]) -> None:
    """Where the chosen synapse ends among all others."""
    spread = np.linspace(-0.25, 0.25, max(summary["seeds"], 2))
    for x, (name, group) in enumerate(courses.items()):
        ranks = [100 * each["rank"] for each in summary["networks"][name]]
        ax.plot(x + spread[: len(group)], ranks, "o", c=COLOURS[name])
        ax.text(x, 107, f"{summary['reached'][name]} of {len(group)} strong", ha="center")
    p = summary["criteria"][-1]["value"]
    ax.set(title=f"Its rank among all synapses (p = {p:.2g})", ylabel="weaker synapses (%)",
           ylim=(-3, 115), xlim=(-0.6, 2.6))  # fmt: skip
    ax.set_xticks(range(len(courses)), list(courses))

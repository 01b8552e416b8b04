"""One picture of everything: what was learnt, how, and what it is worth."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

import measure

# Okabe & Ito: told apart with any kind of colour vision.
BLACK, GREY = "#222222", "#8a8a8a"
EXC, INH, PEER, BAD = "#D55E00", "#0072B2", "#009E73", "#BBBBBB"
ACT = "#CC79A7"

SIDES = {"left": 0.06, "right": 0.94, "wspace": 0.3}
STYLE = {
    "font.size": 10, "axes.titlesize": 11, "axes.titleweight": "bold", "axes.titlelocation": "left",
    "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": GREY,
    "axes.labelcolor": BLACK, "xtick.color": BLACK, "ytick.color": BLACK, "legend.frameon": False,
    "lines.linewidth": 2, "figure.facecolor": "white",
}  # fmt: skip


def draw(runs: Sequence[Any], summary: dict[str, Any], criteria: Sequence[Any], path: Path) -> None:
    """Draws all panels into one file. Panels of single cells show the first seed."""
    first = runs[0]
    trained = first.plastic.result()
    with plt.rc_context(STYLE):
        figure = plt.figure(figsize=(15, 13))
        top = figure.add_gridspec(1, 3, top=0.915, bottom=0.68, **SIDES)
        middle = figure.add_gridspec(1, 3, top=0.605, bottom=0.385, **SIDES)
        bottom = figure.add_gridspec(1, 2, top=0.31, bottom=0.055, left=0.06, right=0.865,
                                     wspace=0.52, width_ratios=(1, 1.05))  # fmt: skip
        fields(figure.add_subplot(top[0]), trained)
        learning(figure.add_subplot(top[1]), runs)
        rates(figure.add_subplot(top[2]), trained, first.args[0].target)
        winner = figure.add_subplot(middle[0])
        rivals = figure.add_subplot(middle[1], sharey=winner)
        currents(winner, rivals, first.currents.result())
        threshold(figure.add_subplot(middle[2]), trained, summary["seeds"][0]["correlation"])
        recovery(figure.add_subplot(bottom[0]), runs)
        controls(figure.add_subplot(bottom[1]), summary, criteria)
        seeds = f" (mean of {len(runs)} seeds)" if len(runs) > 1 else ""
        figure.suptitle(
            f"With plastic inhibition {len(trained.labels)} spiking cells learn digits without "
            f"labels: {summary['accuracy']:.1%} of unseen images right{seeds}",
            fontsize=14, fontweight="bold", x=0.03, y=0.975, ha="left",
        )  # fmt: skip
        figure.savefig(path, dpi=130)
        plt.close(figure)


def fields(ax: Axes, trained: Any) -> None:
    """Weights of the pixels of some cells, a row for each digit."""
    across, gap, side = 12, 1, 8
    step = side + gap
    canvas = np.full((10 * step - gap, across * step - gap), np.nan)
    for digit in range(10):
        chosen = np.flatnonzero(trained.labels == digit)
        chosen = chosen[np.linspace(0, len(chosen) - 1, min(across, len(chosen))).astype(int)]
        for column, cell in enumerate(chosen):
            image = trained.fields[cell].reshape(side, side)
            rows, columns = digit * step, column * step
            canvas[rows : rows + side, columns : columns + side] = image / image.max()
    ax.imshow(canvas, cmap="magma", interpolation="nearest")
    ax.set_yticks(np.arange(10) * step + 3.5, [str(digit) for digit in range(10)])
    ax.set_xticks([])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set(title="Each cell has become a digit", ylabel="digit for which the cells fire most")
    ax.set_xlabel("weights of the 8 × 8 pixels, twelve cells of each")


def learning(ax: Axes, runs: Sequence[Any]) -> None:
    """Accuracy and selectivity over training."""
    systems = (
        ("plastic inhibition", INH, "o", [run.plastic for run in runs]),
        ("adaptive threshold", PEER, "s", [run.adaptive for run in runs]),
        ("frozen inhibition", GREY, "^", [run.frozen for run in runs]),
    )
    for name, colour, marker, futures in systems:
        for what, dash in (("accuracy", "-"), ("selectivity", ":")):
            curves = np.array([future.result().history[what] for future in futures])
            passes = np.arange(1, curves.shape[1] + 1)
            ax.plot(
                passes, curves.mean(axis=0), dash, color=colour, marker=marker, markersize=4,
                label=name if what == "accuracy" else None,
            )  # fmt: skip
    ax.axhline(0.1, color=BLACK, linewidth=0.8, linestyle=(0, (2, 4)))
    ax.text(passes[-1], 0.075, "chance", ha="right", va="top", fontsize=9)
    ax.plot([], [], "-", color=BLACK, label="accuracy")
    ax.plot([], [], ":", color=BLACK, label="selectivity")
    ax.set(title="It fails with frozen inhibition", xlabel="pass over the training images")
    ax.set(ylabel="accuracy, selectivity", ylim=(0, 1.4), yticks=np.arange(0, 1.1, 0.2))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend(loc="upper right", ncols=2, fontsize=9)


def rates(ax: Axes, trained: Any, target: float) -> None:
    """Rates of the cells over training."""
    history = trained.history
    passes = np.arange(1, len(history["rate"]) + 1)
    ax.fill_between(
        passes, history["rate_low"], history["rate_high"], color=INH, alpha=0.25, linewidth=0,
        label="10 to 90 % of the cells",
    )  # fmt: skip
    ax.plot(passes, history["rate"], "o-", color=INH, markersize=4, label="mean of all cells")
    ax.axhline(target, color=BLACK, linestyle="--", linewidth=1.2, label="target of the rule")
    ax.set(title="Every cell comes to take part", xlabel="pass over the training images")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_ylabel("rate of a cell (Hz)")
    ax.set_ylim(0, 1.5 * max(*history["rate_high"], target))
    other = ax.twinx()
    other.plot(passes, 100 * np.array(history["silent"]), "^:", color=EXC, markersize=4)
    other.set_ylim(0, 105)
    other.set_ylabel("cells that never fire (%)", color=EXC)
    other.tick_params(axis="y", labelcolor=EXC)
    ax.legend(loc="upper right", fontsize=9)


def currents(winner: Axes, rivals: Axes, data: Any) -> None:
    """Excitatory and inhibitory current around the first spike of an image."""
    for ax, exc, inh in (
        (winner, data.winner_exc, data.winner_inh),
        (rivals, data.rivals_exc, data.rivals_inh),
    ):
        ax.plot(data.times, exc, color=EXC, label="excitation")
        ax.plot(data.times, -inh, color=INH, label="inhibition (sign reversed)")
        ax.axvline(0, color=BLACK, linewidth=1, linestyle="--")
        ax.set(xlabel="time from the first spike of the image (ms)", xlim=data.times[[0, -1]])
    winner.set(title="Excitation outruns inhibition in the winner …", ylabel="current (pA)")
    winner.legend(loc="lower left", fontsize=9)
    rivals.set(title="… while inhibition holds its rivals", ylabel="current (pA)")
    rivals.set_ylim(bottom=0)


def threshold(ax: Axes, trained: Any, correlation: float) -> None:
    """Threshold of each cell against the inhibition that it has learnt."""
    x, y = trained.offset, trained.inhibition
    fires = trained.labels != measure.NO_LABEL
    ax.plot(x[fires], y[fires], "o", color=INH, markersize=4, alpha=0.6, markeredgewidth=0)
    ax.plot(x[~fires], y[~fires], "x", color=EXC, markersize=5, label="never fires")
    slope, origin = np.polyfit(x, y, 1)
    edge = np.array([x.min(), x.max()])
    ax.plot(edge, origin + slope * edge, color=BLACK, linewidth=1.2)
    r = f"r = {correlation:.2f}".replace("-", "−")
    ax.text(0.97, 0.94, r, transform=ax.transAxes, ha="right", va="top")
    ax.set(title="Inhibition evens out unequal cells", ylabel="learnt inhibition, in all (nS)")
    ax.set_xlabel("threshold of the cell, from the mean (mV)")
    if (~fires).any():
        ax.legend(loc="lower left", fontsize=9)


def recovery(ax: Axes, runs: Sequence[Any]) -> None:
    """Accuracy before and after damage, and while it is repaired."""
    kinds = (
        ("inh", "inhibition plastic", INH, "o"),
        ("exc", "excitation plastic", EXC, "s"),
        ("", "nothing plastic", GREY, "^"),
    )
    for learns, name, colour, marker in kinds:
        done = [run.recovery[learns].result() for run in runs]
        curve = np.mean([[each.before, *each.curve, each.after] for each in done], axis=0)
        groups = len(done[0].curve)
        passes = 2 * np.array([0, *(np.arange(groups) + 0.5), groups]) / groups
        ax.plot(passes, curve, marker=marker, markersize=4, color=colour, label=name)
        ax.plot(passes[[0, -1]], curve[[0, -1]], marker, markersize=9, color=colour, clip_on=False)
    intact = np.mean([run.plastic.result().accuracy for run in runs])
    ax.plot([-0.6, 0], [intact, intact], color=INH)
    ax.plot([0, 0], [intact, curve[0]], color=ACT, linestyle="--")
    ax.text(-0.06, 0.62, "every\nthreshold\njumps by\n3 mV (SD)", fontsize=9, color=ACT, ha="right")
    ax.set(title="Damage, and the inhibition that repairs it", ylabel="accuracy, labels kept")
    ax.set(xlabel="passes over the training images after the damage", xticks=(0, 0.5, 1, 1.5, 2))
    ax.set(xlim=(-0.6, 2.05), ylim=(0, 1.02))
    ax.plot([], [], "o", markersize=9, color=BLACK, label="held-out images")
    ax.legend(loc="center right", bbox_to_anchor=(1, 0.75), fontsize=9)


def controls(ax: Axes, summary: dict[str, Any], criteria: Sequence[Any]) -> None:
    """Accuracy of all systems on held-out images, with the bounds of the criteria."""
    bars = (
        ("accuracy", "plastic inhibition", INH),
        ("accuracy_adaptive_threshold", "adaptive threshold instead", PEER),
        ("accuracy_kmeans", "k-means, as many centres", PEER),
        ("accuracy_frozen", "frozen at the start value", BAD),
        ("accuracy_frozen_mean", "frozen at the learnt mean", BAD),
        ("accuracy_levelled", "learnt, then levelled", BAD),
    )
    bounds = {c.name: c for c in criteria}
    for row, (name, _, colour) in enumerate(bars):
        value = summary[name]
        ax.barh(row, value, color=colour, height=0.62)
        each = [seed[name] for seed in summary["seeds"]]
        if len(each) > 1:
            ax.plot(each, [row] * len(each), "o", color=BLACK, markersize=3.5, alpha=0.8)
        ax.text(1.03, row, f"{value:.3f}", va="center", fontweight="bold")
        if name in bounds:
            c = bounds[name]
            ax.plot([c.bound] * 2, [row - 0.42, row + 0.42], color=EXC, linewidth=2.5)
            sign = c.sign.replace(">=", "≥").replace("<=", "≤")
            text = f"{sign} {c.bound:.2f} {c.verdict(summary)}"
            ax.text(1.14, row, text, va="center", color=EXC, fontsize=9)
        else:
            ax.text(1.14, row, "peer", va="center", color=PEER, fontsize=9)
    ax.set_yticks(range(len(bars)), [label for _, label, _ in bars])
    ax.invert_yaxis()
    ax.set(title="What inhibition is worth", xlim=(0, 1.0))
    dots = "dots: seeds; " if len(summary["seeds"]) > 1 else ""
    ax.set_xlabel(f"accuracy on held-out images ({dots}bounds: for the mean of five)")
    ax.set_xticks(np.arange(0, 1.01, 0.2))
    ax.tick_params(axis="y", length=0)

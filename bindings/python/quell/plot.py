"""Pictures of what was recorded. Needs matplotlib, which is imported when a picture is drawn.

Every function draws into `ax`, or into a new figure of its own, and returns the figure:

    >>> quell.plot.raster(spikes).savefig("raster.png")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from .errors import RangeError
from .projection import Projection
from .recorder import (
    RateRecorder,
    SpikeRecorder,
    StateRecorder,
    WeightRecorder,
    weight_unit,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["balance", "raster", "rates", "weights"]


def _axes(ax: Axes | None) -> tuple[Figure, Axes]:
    if ax is not None:
        return cast("Figure", ax.figure), ax
    try:
        from matplotlib.figure import Figure
    except ImportError as problem:
        raise ImportError("quell.plot needs the package matplotlib") from problem
    figure = Figure(layout="constrained")
    return figure, figure.add_subplot()


def _expect(recorder: Any, kinds: Any, what: str) -> None:
    if not isinstance(recorder, kinds):
        raise TypeError(f"{what}, got {recorder!r}")


def raster(recorder: SpikeRecorder, ax: Axes | None = None) -> Figure:
    """A dot for each spike: time (ms) against neuron."""
    _expect(recorder, SpikeRecorder, "raster() needs a recorder of spikes")
    figure, ax = _axes(ax)
    times, neurons = recorder.times, recorder.neurons
    size = max(0.2, min(3.0, 4e3 / (len(times) + 1)))
    ax.plot(times, neurons, ".", markersize=size, color="black", rasterized=True)
    ax.set(xlabel="time (ms)", ylabel=f"neuron of '{recorder.target.name}'")
    ax.margins(x=0.01)
    return figure


def rates(
    recorder: SpikeRecorder | RateRecorder, ax: Axes | None = None, *, bin: float = 10.0
) -> Figure:
    """The mean rate of a population (Hz) over time (ms).

    Args:
        recorder: of spikes or of the rate.
        ax: where to draw.
        bin: ms in which spikes are counted, for a recorder of spikes.
    """
    _expect(recorder, (SpikeRecorder, RateRecorder), "rates() needs a recorder of spikes or rates")
    if isinstance(recorder, RateRecorder):
        times, values = recorder.times, recorder.values
    else:
        times, values = _binned(recorder, bin)
    figure, ax = _axes(ax)
    ax.plot(times, values, label=recorder.target.name)
    ax.set(xlabel="time (ms)", ylabel="rate (Hz)")
    ax.set_ylim(bottom=0)
    return figure


def _binned(recorder: SpikeRecorder, width: float) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the bins and the mean rate in each; a bin holds begin < time ≤ end."""
    dt = recorder.network.dt
    steps = round(width / dt)
    if steps < 1:
        raise RangeError(f"bin must be at least a step of {dt:g} ms, got {width:g}")
    begin, end = (round(edge / dt) for edge in recorder.span)
    bins = max(0, end - begin) // steps
    place = (recorder.stamps.astype(np.int64) - begin - 1) // steps
    counts = np.bincount(place[(place >= 0) & (place < bins)], minlength=bins)
    neurons = len(recorder.target) if recorder.ids is None else len(recorder.ids)
    ends = (begin + steps * np.arange(1, bins + 1)) * dt
    return ends, counts / (neurons * steps * dt * 1e-3)


def weights(what: Projection | WeightRecorder, ax: Axes | None = None, *, bins: int = 50) -> Figure:
    """Weights: of a projection now, as a histogram; of a recorder over time (ms), as their mean and
    the range that holds 10 to 90 % of them."""
    _expect(what, (Projection, WeightRecorder), "weights() needs a projection or its recorder")
    figure, ax = _axes(ax)
    if isinstance(what, Projection):
        ax.hist(what.weights, bins=bins)
        ax.set(xlabel=f"weight ({weight_unit(what)})", ylabel="number of synapses")
        return figure
    times, values = what.times, what.values
    if values.size:
        low, high = np.percentile(values, [10, 90], axis=1)
        ax.fill_between(times, low, high, alpha=0.3, linewidth=0, label="10 to 90 %")
        ax.plot(times, values.mean(axis=1), label="mean")
        ax.legend()
    ax.set(xlabel="time (ms)", ylabel=f"weight ({what.unit})")
    return figure


def balance(
    excitatory: StateRecorder,
    inhibitory: StateRecorder,
    v: StateRecorder | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Excitation, inhibition and their sum over time (ms), as means over the recorded neurons.

    Args:
        excitatory: recorder of "i_exc" (pA) or "g_exc" (nS).
        inhibitory: recorder of "i_inh" or "g_inh", with the same sample times.
        v: recorder of "v" with the same sample times and neurons: turns conductances into the
            currents that they drive, g (e_rev - v). Without it conductances are drawn as they are.
        ax: where to draw.
    """
    for recorder in (excitatory, inhibitory, *([] if v is None else [v])):
        _expect(recorder, StateRecorder, "balance() needs recorders of state variables")
    times, exc, inh = excitatory.times, excitatory.values, inhibitory.values
    if exc.shape != inh.shape:
        raise RangeError(
            f"balance() needs recorders with the same samples, got {exc.shape} and {inh.shape}"
        )
    unit = excitatory.unit
    if v is not None:
        potential = v.values
        if potential.shape != exc.shape:
            raise RangeError(
                f"balance() needs recorders with the same samples, got {potential.shape} for v"
            )
        exc = exc * (excitatory.target["e_rev_E"] - potential)
        inh = inh * (inhibitory.target["e_rev_I"] - potential)
        unit = "pA"
    else:
        inh = -inh
    figure, ax = _axes(ax)
    exc, inh = exc.mean(axis=1), inh.mean(axis=1)
    ax.plot(times, exc, color="tab:red", label="excitation")
    ax.plot(times, inh, color="tab:blue", label="inhibition")
    ax.plot(times, exc + inh, color="black", label="sum")
    quantity = "current" if unit == "pA" else "conductance"
    ax.set(xlabel="time (ms)", ylabel=f"{quantity} ({unit})")
    ax.legend()
    return figure

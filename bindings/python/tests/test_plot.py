"""Every picture can be drawn, written, and says what its axes are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import quell as q

matplotlib = pytest.importorskip("matplotlib")


def labels(figure: object) -> tuple[str, str]:
    (ax,) = figure.axes
    return ax.get_xlabel(), ax.get_ylabel()


def write(figure: object, folder: Path) -> None:
    path = folder / "figure.png"
    figure.savefig(path)
    assert path.stat().st_size > 1000


def test_spikes_and_rates(small: q.Network, tmp_path: Path) -> None:
    spikes = small.record(small["exc"], "spikes")
    rate = small.record(small["exc"], "rate", interval=10)
    for empty in (q.plot.raster(spikes), q.plot.rates(spikes), q.plot.rates(rate)):
        write(empty, tmp_path)
    small.run(100)
    figure = q.plot.raster(spikes)
    write(figure, tmp_path)
    assert labels(figure) == ("time (ms)", "neuron of 'exc'")
    for recorder in (spikes, rate):
        figure = q.plot.rates(recorder)
        write(figure, tmp_path)
        assert labels(figure) == ("time (ms)", "rate (Hz)")
    counted = q.plot.rates(spikes, bin=10).axes[0].lines[0].get_ydata()
    assert np.allclose(counted, rate.values, rtol=1e-4)
    with pytest.raises(q.RangeError):
        q.plot.rates(spikes, bin=0)


def test_weights(small: q.Network, tmp_path: Path) -> None:
    gaba = small.projections[-1]
    recorder = small.record(gaba, "weight", interval=10)
    write(q.plot.weights(recorder), tmp_path)
    small.run(100)
    figure = q.plot.weights(gaba)
    write(figure, tmp_path)
    assert labels(figure) == ("weight (nS)", "number of synapses")
    figure = q.plot.weights(recorder)
    write(figure, tmp_path)
    assert labels(figure) == ("time (ms)", "weight (nS)")


def test_balance(small: q.Network, tmp_path: Path) -> None:
    exc = small["exc"]
    conductances = [small.record(exc, name) for name in ("g_exc", "g_inh")]
    v = small.record(exc, "v")
    coarse = small.record(exc, "v", interval=1)
    small.run(50)
    figure = q.plot.balance(*conductances)
    write(figure, tmp_path)
    assert labels(figure) == ("time (ms)", "conductance (nS)")
    figure = q.plot.balance(*conductances, v)
    write(figure, tmp_path)
    assert labels(figure) == ("time (ms)", "current (pA)")
    excitation, inhibition, _ = (line.get_ydata() for line in figure.axes[0].lines)
    assert excitation.max() > 0 and inhibition.min() < 0
    expected = (conductances[0].values * (0 - v.values)).mean(axis=1)
    assert np.allclose(excitation, expected, rtol=1e-4)
    with pytest.raises(q.RangeError):
        q.plot.balance(*conductances, coarse)
    with pytest.raises(q.RangeError):
        q.plot.balance(conductances[0], coarse)


def test_balance_of_currents(net: q.Network, tmp_path: Path) -> None:
    pop = net.population("a", 5, "lif_curr_exp")
    pop.background("excitatory", 1000, 50)
    pop.background("inhibitory", 1000, 50)
    currents = [net.record(pop, name) for name in ("i_exc", "i_inh")]
    net.run(20)
    figure = q.plot.balance(*currents)
    write(figure, tmp_path)
    assert labels(figure) == ("time (ms)", "current (pA)")


def test_drawing_into_axes(small: q.Network) -> None:
    from matplotlib.figure import Figure

    spikes = small.record(small["exc"], "spikes")
    small.run(10)
    figure = Figure()
    ax = figure.add_subplot()
    assert q.plot.raster(spikes, ax) is figure
    assert q.plot.rates(spikes, ax=ax) is figure
    assert ax.lines


def test_wrong_objects(small: q.Network) -> None:
    rate = small.record(small["exc"], "rate")
    for draw in (
        lambda: q.plot.raster(rate),
        lambda: q.plot.rates(small),
        lambda: q.plot.weights(rate),
        lambda: q.plot.balance(rate, rate),
    ):
        with pytest.raises(TypeError, match="needs"):
            draw()

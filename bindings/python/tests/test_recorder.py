"""Recorders."""

from __future__ import annotations

import numpy as np
import pytest
import quell as q


@pytest.fixture
def source(net: q.Network) -> q.Population:
    pop = net.population("a", 3, "spike_source")
    pop.set_spikes([0, 1, 1, 0, 2], [1, 1, 5, 10, 15])
    return pop


def test_spikes(net: q.Network, source: q.Population) -> None:
    spikes = net.record(source, "spikes")
    assert len(spikes) == 0
    assert (spikes.times.size, spikes.neurons.size) == (0, 0)
    net.run(10)
    times, neurons = spikes.times, spikes.neurons
    assert np.allclose(times, [1, 1, 5, 10])
    assert neurons.tolist() == [0, 1, 1, 0]
    assert (times.dtype, neurons.dtype) == (np.float64, np.uint32)
    assert spikes.counts().tolist() == [2, 2, 0]
    assert np.allclose(spikes.rates(), [200, 200, 0])
    assert spikes.counts(last=5).tolist() == [1, 0, 0]
    assert np.allclose(spikes.rates(last=5), [200, 0, 0])
    assert spikes.counts(window=(0, 5)).tolist() == [1, 2, 0]
    assert spikes.counts(window=(5, 5)).tolist() == [0, 0, 0]
    net.run(10)
    assert times.size == 4
    assert len(spikes) == 5
    assert spikes.rates(last=10).tolist() == [0, 0, 100]
    assert "spikes" in repr(spikes)
    spikes.clear()
    assert len(spikes) == 0
    net.run(10)
    assert spikes.counts().tolist() == [0, 0, 0]
    assert spikes.span == pytest.approx((20, 30))


def test_bad_windows(net: q.Network, source: q.Population) -> None:
    spikes = net.record(source, "spikes")
    with pytest.raises(q.RangeError):
        spikes.rates()
    net.run(10)
    with pytest.raises(q.RangeError, match="not inside"):
        spikes.rates(last=11)
    with pytest.raises(q.RangeError, match="not inside"):
        spikes.rates(window=(5, 11))
    with pytest.raises(q.RangeError):
        spikes.rates(window=(5, 5))
    with pytest.raises(TypeError):
        spikes.rates(last=5, window=(0, 5))


def test_spikes_of_some_neurons_in_a_window(net: q.Network, source: q.Population) -> None:
    spikes = net.record(source, "spikes", ids=[1, 2], start=2, stop=15)
    net.run(20)
    assert spikes.neurons.tolist() == [1, 2]  # at 5 and 15 ms: the stop itself belongs to it
    assert spikes.counts().tolist() == [1, 1]
    assert spikes.ids.tolist() == [1, 2]
    assert spikes.span == pytest.approx((2, 15))
    assert spikes.rates()[0] == pytest.approx(1000 / 13)


def test_state(small: q.Network) -> None:
    exc = small["exc"]
    v = small.record(exc, "v", interval=1, ids=[0, 5, 7])
    all_v = small.record(exc, "v", interval=1)
    small.run(10)
    assert v.unit == "mV"
    assert np.allclose(v.times, np.arange(10))
    assert (v.values.shape, v.values.dtype) == ((10, 3), np.float32)
    assert np.array_equal(v.values, all_v.values[:, [0, 5, 7]])
    assert len(v) == 10
    old = v.values
    kept = old.copy()
    small.run(50)
    assert np.array_equal(old, kept)
    every = small.record(exc, "g_exc")
    small.run(1)
    assert every.values.shape == (10, 30)


def test_weights(small: q.Network) -> None:
    gaba = small.projections[-1]
    weights = small.record(gaba, "weight", interval=10)
    small.run(50)
    assert weights.values.shape == (5, len(gaba))
    assert weights.unit == "nS"
    small.run(50)
    assert not np.array_equal(weights.values[0], weights.values[-1])
    with pytest.raises(q.Error, match="spikes"):
        small.record(gaba, "spikes")


def test_rate(small: q.Network) -> None:
    exc = small["exc"]
    rate = small.record(exc, "rate", interval=10)
    spikes = small.record(exc, "spikes")
    small.run(100)
    assert rate.values.shape == (10,)
    assert np.allclose(rate.times, np.arange(10, 101, 10))
    assert rate.unit == "Hz"
    assert rate.values.mean() == pytest.approx(spikes.rates().mean(), rel=1e-4)


@pytest.mark.parametrize(
    ("what", "options", "error"),
    [
        ("u", {}, q.UnknownName),
        ("v\0", {}, q.UnknownName),
        (3, {}, TypeError),
        ("v", {"interval": 0.05}, q.RangeError),
        ("v", {"interval": 0}, q.RangeError),
        ("v", {"interval": -1}, q.RangeError),
        ("v", {"interval": "often"}, TypeError),
        ("v", {"ids": []}, q.LengthError),
        ("v", {"ids": [2, 1]}, q.LengthError),
        ("v", {"ids": [30]}, q.LengthError),
        ("v", {"ids": [-1]}, q.LengthError),
        ("v", {"ids": [0.5]}, TypeError),
        ("v", {"ids": [[1, 2]]}, q.LengthError),
        ("v", {"start": np.nan}, q.RangeError),
        ("v", {"stop": 0}, q.RangeError),
        ("v", {"start": 5, "stop": 4}, q.RangeError),
        ("v", {"colour": 4}, TypeError),
        ("rate", {"ids": [1]}, TypeError),
        ("spikes", {"interval": 1}, TypeError),
    ],
)
def test_bad_recordings(
    small: q.Network, what: object, options: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        small.record(small["exc"], what, **options)
    assert small.recorders == []


def test_bad_targets(small: q.Network) -> None:
    for target in ("exc", None, small):
        with pytest.raises(TypeError, match="a population or a projection"):
            small.record(target, "spikes")


def test_a_dropped_recorder_goes_on(small: q.Network) -> None:
    small.record(small["exc"], "spikes")
    small.run(50)
    (recorder,) = small.recorders
    assert len(recorder) > 0


def test_closing_a_recorder(small: q.Network) -> None:
    spikes = small.record(small["exc"], "spikes")
    small.run(10)
    spikes.close()
    assert small.recorders == []
    for use in (lambda: spikes.times, spikes.clear, spikes.close, lambda: len(spikes)):
        with pytest.raises(q.StateError, match="closed"):
            use()
    small.run(10)


def test_rate_of_rate_units_is_their_state() -> None:
    with q.Network(dt=1) as net:
        units = net.population("units", 3, "rate", bias=10, tau=10)
        rate = net.record(units, "rate", ids=[0, 2])
        net.run(100)
        assert isinstance(rate, q.StateRecorder)
        assert rate.values.shape == (100, 2)
        assert rate.values[-1, 0] == pytest.approx(10 * (1 - np.exp(-9.9)), abs=1e-4)

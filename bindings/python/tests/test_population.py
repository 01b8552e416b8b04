"""Populations: parameters, state, views, spikes in and out."""

from __future__ import annotations

import gc

import numpy as np
import pytest
import quell as q


def test_parameters(net: q.Network) -> None:
    thresholds = np.array([-50.0, -49, -48])
    pop = net.population("a", 3, "lif_cond_exp", tau_m=15, v_thresh=thresholds)
    assert len(pop) == 3
    assert (pop.name, pop.model) == ("a", q.models.lif_cond_exp)
    assert repr(pop) == "<Population 'a': 3 lif_cond_exp>"
    assert pop["tau_m"] == 15.0
    assert np.allclose(pop["v_thresh"], thresholds)
    pop["v_thresh"] = -45
    assert np.allclose(pop["v_thresh"], -45)
    pop["v_thresh"] = [-40, -41, -42]
    pop["tau_m"] = np.float32(12)
    assert np.allclose(pop["v_thresh"], [-40, -41, -42])
    assert pop["tau_m"] == 12.0
    pop.set(v_thresh=np.array([-1, -2, -3], np.int8), i_offset=7, v_rest=-65)
    assert np.allclose(pop["v_thresh"], [-1, -2, -3])
    assert np.allclose(pop["i_offset"], 7)
    assert pop["v_rest"] == -65.0
    assert pop["cm"] == pop.model.parameters["cm"].default


def test_state(net: q.Network) -> None:
    start = np.linspace(-60, -50, 4)
    pop = net.population("a", 4, q.models.lif_cond_exp, v=start, g_exc=2)
    assert np.allclose(pop["v"], start)
    assert np.allclose(pop["g_exc"], 2)
    pop["v"] = -55
    assert np.allclose(pop["v"], -55)
    net.run(1)
    assert not np.allclose(pop["v"], -55)


@pytest.mark.parametrize(
    ("values", "error", "words"),
    [
        ({"tau_n": 3}, q.UnknownName, "tau_n"),
        ({"tau_n": [1, 2, 3]}, q.UnknownName, "tau_n"),
        ({"tau_m": -3}, q.RangeError, "tau_m"),
        ({"tau_m": 0}, q.RangeError, "tau_m"),
        ({"tau_m": np.nan}, q.RangeError, "tau_m"),
        ({"tau_m": [1, 2, 3]}, q.Unsupported, "tau_m"),
        ({"tau_m": "long"}, TypeError, "tau_m"),
        ({"tau_m": None}, TypeError, "tau_m"),
        ({"tau_m": 1j}, TypeError, "tau_m"),
        ({"i_offset": [1, 2]}, q.LengthError, "i_offset"),
        ({"i_offset": np.zeros((3, 1))}, q.LengthError, "i_offset"),
        ({"i_offset": []}, q.LengthError, "i_offset"),
        ({"i_offset": [1, np.nan, 2]}, q.RangeError, r"i_offset'\[1\]"),
        ({"i_offset": ["a", "b", "c"]}, TypeError, "i_offset"),
        ({"i_offset": [1j, 1, 2]}, TypeError, "i_offset"),
        ({"i_offset": [None, 1, 2]}, TypeError, "i_offset"),
        ({"g_exc": [1, 1, -1]}, q.RangeError, r"g_exc'\[2\]"),
    ],
)
def test_bad_values(
    net: q.Network, values: dict[str, object], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        net.population("a", 3, "lif_cond_exp", **values)
    pop = net.population("a", 3, "lif_cond_exp", v_thresh=-51)
    before = {name: pop[name] for name in pop.model.parameters}
    with pytest.raises(error, match=words):
        pop.set(v_thresh=[-1, -2, -3], v_rest=-61, **values)
    for name, value in before.items():
        assert np.array_equal(pop[name], value), name


def test_unknown_names(net: q.Network) -> None:
    pop = net.population("a", 3, "lif_cond_exp")
    for name in ("tau_n", "", "tau_m\0"):
        with pytest.raises(q.UnknownName):
            _ = pop[name]
    with pytest.raises(TypeError):
        _ = pop[3]
    with pytest.raises(TypeError):
        pop[3] = 3
    with pytest.raises(q.UnknownName):
        pop.view("tau_m")


def test_views_follow_the_simulation(net: q.Network) -> None:
    pop = net.population("a", 5, "lif_cond_exp", i_offset=300)
    v = pop.view("v")
    assert (v.shape, v.dtype) == ((5,), np.float32)
    net.run(3)
    assert np.allclose(v, pop["v"])
    assert v.max() > -60
    pop["v"] = [-61, -62, -63, -64, -65]
    assert np.allclose(v, [-61, -62, -63, -64, -65])
    with pytest.raises(ValueError, match="read-only"):
        v[0] = 0
    with pytest.raises(ValueError, match="WRITEABLE"):
        v.flags.writeable = True
    address = v.ctypes.data
    assert pop.view("v").ctypes.data == address
    del v


def test_a_network_with_views_in_use_stays_open(net: q.Network) -> None:
    pop = net.population("a", 5, "lif_cond_exp")
    part = pop.view("v")[1:3]
    gc.collect()
    with pytest.raises(q.StateError, match="view"):
        net.close()
    assert not net.closed
    net.run(1)
    assert np.isfinite(part).all()
    copy = part.copy()
    del part
    net.close()
    assert np.isfinite(copy).all()


def test_a_view_keeps_a_dropped_network() -> None:
    net = q.Network()
    v = net.population("a", 1000, "lif_cond_exp", v=-58).view("v")
    destroyed = net._handle._finalizer
    del net
    gc.collect()
    assert destroyed.alive
    assert np.allclose(v, -58)
    del v
    gc.collect()
    assert not destroyed.alive


def test_a_block_that_fails_with_a_view_in_use_raises_its_own_error() -> None:
    kept = []
    with pytest.raises(ZeroDivisionError), q.Network() as net:
        kept.append(net.population("a", 3, "lif_cond_exp").view("v"))
        _ = 1 / 0
    assert not net.closed
    assert np.isfinite(kept[0]).all()
    kept.clear()
    net.close()


def test_schedules(net: q.Network) -> None:
    source = net.population("a", 2, "poisson")
    source.schedule("rate", [0, 10, 20], [0, 100, 0])
    net.run(15)
    assert np.allclose(source["rate"], 100)
    net.run(10)
    assert np.allclose(source["rate"], 0)
    source.schedule("rate", [30, 40], [[1, 2], [3, 4]])
    net.run(10)
    assert np.allclose(source["rate"], [1, 2])
    source.schedule("rate", [], [])
    net.run(10)
    assert np.allclose(source["rate"], [1, 2])
    with pytest.raises(q.LengthError):
        source.schedule("rate", [50, 60], [1, 2, 3])
    with pytest.raises(q.LengthError):
        source.schedule("rate", [50, 60], [[1, 2, 3], [1, 2, 3]])
    with pytest.raises(q.RangeError):
        source.schedule("rate", [60, 50], [1, 2])
    with pytest.raises(q.RangeError):
        source.schedule("rate", [60], [-1])
    with pytest.raises(q.UnknownName):
        source.schedule("rte", [60], [1])


def test_background(net: q.Network) -> None:
    pop = net.population("a", 20, "lif_cond_exp")
    pop.background("excitatory", 2000, 2)
    recorder = net.record(pop, "spikes")
    net.run(200)
    assert len(recorder) > 0
    with pytest.raises(q.RangeError):
        pop.background("excitatory", -1, 2)
    with pytest.raises(q.UnknownName, match="modulatory"):
        pop.background("modulatory", 1, 2)
    source = q.Network().population("s", 2, "poisson")
    with pytest.raises(q.Unsupported):
        source.background("excitatory", 1, 2)


def test_spike_source(net: q.Network) -> None:
    source = net.population("a", 3, "spike_source")
    recorder = net.record(source, "spikes")
    source.set_spikes([2, 0, 1], [3.0, 1.0, 2.04])
    net.run(5)
    assert recorder.stamps.tolist() == [10, 20, 30]
    assert recorder.neurons.tolist() == [0, 1, 2]
    with pytest.raises(q.LengthError):
        source.set_spikes([3], [10])
    with pytest.raises(q.LengthError, match="2 neurons but 1 times"):
        source.set_spikes([1, 2], [10])
    with pytest.raises(q.LengthError, match="-1"):
        source.set_spikes([-1], [10])
    with pytest.raises(q.LengthError):
        source.set_spikes([2**32], [10])
    with pytest.raises(TypeError):
        source.set_spikes([0.5], [10])
    with pytest.raises(q.RangeError):
        source.set_spikes([0], [np.nan])
    with pytest.raises(q.RangeError):
        source.set_spikes([0], [1])
    source.set_spikes([], [])
    net.run(1)


def test_host_neurons(net: q.Network) -> None:
    host = net.population("host", 4, "external")
    cells = net.population("cells", 2, "lif_cond_exp", i_offset=400)
    net.connect(host, cells, "excitatory", all_to_all=True, weight=0.5)
    net.connect(cells, host, "inhibitory", pairs=([0, 1], [1, 3]), weight=[2, 3])
    net.connect(host, host, "excitatory", pairs=([0], [2]), weight=4, delay=0.1)
    host.spikes_in([0, 0])
    host.spikes_in(1)
    assert host.spikes.tolist() == [0, 0, 1]
    net.step()
    net.step()
    assert host.input("excitatory").tolist() == [0, 0, 8, 0]
    total = np.zeros(4)
    for _ in range(1000):
        net.step()
        values = host.input("inhibitory")
        assert (values.shape, values.dtype) == ((4,), np.float32)
        total += values
    assert total[1] > 0 and total[3] > 0
    assert total[0] == total[2] == 0
    with pytest.raises(q.StateError):
        net.run(1)
    with pytest.raises(q.UnknownName):
        host.input("modulatory")
    with pytest.raises(q.LengthError):
        host.spikes_in([4])
    with pytest.raises(q.Unsupported):
        cells.spikes_in([0])
    with pytest.raises(q.Unsupported):
        cells.input("excitatory")


def test_attributes_are_not_parameters(net: q.Network) -> None:
    pop = net.population("sealed", 3, "lif_cond_exp")
    with pytest.raises(AttributeError, match=r"population\['i_offset'\]"):
        pop.i_offset = 100
    with pytest.raises(AttributeError, match="cannot be changed"):
        net.dt = 1.0
    with pytest.raises(AttributeError):
        net.record(pop, "spikes").ids = [1]

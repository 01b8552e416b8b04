"""The network: life, clock, options, stopping."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
import quell as q


def test_clock_and_time(net: q.Network) -> None:
    net.population("a", 3, "poisson", rate=10)
    assert (net.clock, net.time, net.dt) == (0, 0.0, 0.1)
    assert net.run(5) is True
    assert net.clock == 50
    net.step()
    assert net.clock == 51
    assert net.time == pytest.approx(5.1)
    assert net.run(0)
    assert "1 populations" in repr(net)


def test_start() -> None:
    with q.Network(dt=0.5, start=100) as net:
        assert (net.clock, net.time) == (200, 100.0)
    with pytest.raises(q.RangeError, match="whole number of steps"):
        q.Network(dt=0.5, start=0.3)
    with pytest.raises(q.RangeError, match="start"):
        q.Network(start=-1)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"dt": -0.1}, q.RangeError),
        ({"dt": 0}, q.RangeError),
        ({"dt": np.nan}, q.RangeError),
        ({"dt": "0.1"}, TypeError),
        ({"seed": -1}, q.RangeError),
        ({"seed": 2**64}, q.RangeError),
        ({"seed": 1.5}, TypeError),
        ({"tile_size": 65}, q.RangeError),
        ({"tile_size": 0}, q.RangeError),
        ({"horizon": 100}, q.RangeError),
        ({"block_size": 17}, q.RangeError),
        ({"threads": 0}, q.RangeError),
        ({"threads": -1}, q.RangeError),
        ({"threads": 257}, q.RangeError),
        ({"threads": 2**32 + 1}, q.RangeError),
        ({"threads": 1.5}, TypeError),
        ({"isa": "sse"}, q.UnknownName),
        ({"isa": 1}, TypeError),
        ({"threads": 1, "executor": lambda n, task: None}, TypeError),
        ({"threads": 2, "executor": lambda n, task: None}, TypeError),
        ({"executor": 3}, TypeError),
        ({"colour": 1}, TypeError),
    ],
)
def test_bad_options(options: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        q.Network(**options)
    assert str(caught.value)


def test_how_many_threads_there_can_be() -> None:
    for threads in (0, -1):
        with pytest.raises(q.RangeError, match=rf"threads must be at least 1 .*got {threads}$"):
            q.Network(threads=threads)
    with pytest.raises(q.RangeError, match=r"'threads' must be in \[1, 256\], got 257"):
        q.Network(threads=257)
    with q.Network(threads=8) as net:
        assert net.stats().threads == 8


def test_the_sentence_of_the_library_is_the_message() -> None:
    with pytest.raises(q.RangeError, match="dt") as caught:
        q.Network(dt=1000)
    assert "1000" in str(caught.value)
    assert caught.value.status == -2


def test_results_do_not_depend_on_the_options() -> None:
    def spikes(**options: object) -> np.ndarray:
        with q.Network(seed=3, **options) as net:
            pop = net.population("a", 200, "lif_cond_exp", i_offset=220)
            net.connect(pop, pop, "excitatory", p=0.1, weight=0.5, delay=1)
            recorder = net.record(pop, "spikes")
            net.run(100)
            return np.stack([recorder.stamps, recorder.neurons.astype(np.uint64)])

    first = spikes()
    assert first.size
    assert np.array_equal(first, spikes(tile_size=64, block_size=16, horizon=2048))
    assert np.array_equal(first, spikes(tile_size=64, threads=2))


def test_runs_add_up(small: q.Network) -> None:
    recorder = small.record(small["exc"], "spikes")
    for _ in range(10):
        small.run(5)
    small.run(50)
    assert small.clock == 1000
    assert len(recorder) > 0


def test_bad_durations(net: q.Network) -> None:
    net.population("a", 1, "poisson")
    for duration in (-1, np.nan, np.inf, 0.123456):
        with pytest.raises(q.RangeError):
            net.run(duration)
    with pytest.raises(TypeError):
        net.run("long")
    with pytest.raises(TypeError):
        net.run(1, progress=3)
    assert net.clock == 0


def test_stop_from_outside(small: q.Network) -> None:
    small.request_stop()
    assert small.run(10) is False
    assert small.clock == 0
    assert small.run(10) is True


def test_populations_by_name(small: q.Network) -> None:
    assert small["exc"] is small.populations["exc"]
    with pytest.raises(q.UnknownName, match="'pv'"):
        _ = small["pv"]


def test_names_that_are_taken_or_wrong(net: q.Network) -> None:
    net.population("a", 3, "poisson")
    with pytest.raises(q.UnknownName, match="'a'"):
        net.population("a", 3, "poisson")
    with pytest.raises(q.UnknownName):
        net.population("", 3, "poisson")
    with pytest.raises(q.UnknownName, match="null"):
        net.population("b\0c", 3, "poisson")
    with pytest.raises(q.UnknownName, match="hodgkin"):
        net.population("b", 3, "hodgkin")
    with pytest.raises(TypeError):
        net.population(3, 3, "poisson")
    with pytest.raises(TypeError):
        net.population("b", 3, 7)
    for size in (0, -1, 2**31, 2**40):
        with pytest.raises(q.RangeError):
            net.population("b", size, "poisson")
    with pytest.raises(TypeError):
        net.population("b", 2.5, "poisson")
    assert list(net.populations) == ["a"]


def test_construction_ends_with_the_first_step(net: q.Network) -> None:
    pop = net.population("a", 3, "lif_cond_exp")
    net.step()
    with pytest.raises(q.StateError):
        net.population("b", 3, "poisson")
    with pytest.raises(q.StateError):
        net.connect(pop, pop, "excitatory", all_to_all=True)


def test_learning_of_the_whole_network(small: q.Network) -> None:
    gaba = small.projections[-1]
    small.learning(False)
    assert not gaba.learning
    before = gaba.weights
    small.run(100)
    assert np.array_equal(gaba.weights, before)
    small.learning(True)
    small.run(100)
    assert not np.array_equal(gaba.weights, before)


def test_closing(small: q.Network) -> None:
    exc, gaba = small["exc"], small.projections[-1]
    recorder = small.record(exc, "spikes")
    rule = gaba.rule
    small.run(1)
    small.close()
    small.close()
    assert small.closed
    assert "closed" in repr(small)
    assert "exc" in repr(exc)
    assert len(exc) == 30
    uses = [
        lambda: small.run(1),
        lambda: small.step(),
        lambda: small.time,
        lambda: small.stats(),
        lambda: small.request_stop(),
        lambda: small.learning(True),
        lambda: small.population("b", 3, "poisson"),
        lambda: small.connect(exc, exc, "excitatory", all_to_all=True),
        lambda: small.record(exc, "v"),
        lambda: small.rule(q.rules.vogels2011()),
        lambda: small.__enter__(),
        lambda: exc["v"],
        lambda: exc.set(i_offset=1),
        lambda: exc.view("v"),
        lambda: exc.spikes,
        lambda: exc.background("excitatory", 1, 1),
        lambda: gaba.weights,
        lambda: gaba.set(weight=1),
        lambda: gaba.pre,
        lambda: gaba.learning,
        lambda: rule["eta"],
        lambda: rule.set(eta=1),
        lambda: recorder.times,
        lambda: recorder.clear(),
        lambda: recorder.close(),
        lambda: len(recorder),
    ]
    for use in uses:
        with pytest.raises(q.StateError, match="closed"):
            use()


def test_a_failing_block_closes_the_network() -> None:
    with pytest.raises(ZeroDivisionError), q.Network() as net:
        _ = 1 / 0
    assert net.closed


def test_a_dropped_network_is_destroyed() -> None:
    net = q.Network()
    pop = net.population("a", 3, "poisson")
    handle = weakref.ref(net._handle)
    destroyed = net._handle._finalizer
    del net
    assert destroyed.alive
    assert len(pop["rate"]) == 3
    del pop
    gc.collect()
    assert handle() is None
    assert not destroyed.alive


def test_many_networks() -> None:
    for seed in range(200):
        with q.Network(seed=seed) as net:
            pop = net.population("a", 10, "poisson", rate=100)
            net.connect(pop, net.population("b", 5, "lif_curr_exp"), "excitatory", p=0.5)
            net.run(1)


def test_objects_of_another_network(net: q.Network) -> None:
    mine = net.population("a", 3, "lif_cond_exp")
    with q.Network() as other:
        theirs = other.population("a", 3, "lif_cond_exp")
        rule = other.rule(q.rules.vogels2011())
        for pre, post in ((mine, theirs), (theirs, mine)):
            with pytest.raises(q.OwnerError, match="another network"):
                net.connect(pre, post, "excitatory", all_to_all=True)
        with pytest.raises(q.OwnerError):
            net.connect(mine, mine, "excitatory", all_to_all=True, rule=rule)
        with pytest.raises(q.OwnerError):
            net.record(theirs, "spikes")
    with pytest.raises(q.OwnerError):
        net.connect(theirs, mine, "excitatory", all_to_all=True)
    assert net.projections == []

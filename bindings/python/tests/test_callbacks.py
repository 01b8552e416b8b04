"""What C calls back: progress, on_step, executors, log, rules; exceptions in there."""

from __future__ import annotations

import ctypes
import gc
import io
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import quell as q
from quell import _abi


class Boom(Exception):
    """Raised inside a callback."""


@pytest.fixture
def host(net: q.Network) -> q.Population:
    """Neurons of the host that receive from neurons of the network."""
    host = net.population("host", 4, "external")
    cells = net.population("cells", 10, "lif_cond_exp", i_offset=300)
    net.connect(host, cells, "excitatory", p=0.5)
    net.connect(cells, host, "inhibitory", p=0.5)
    return host


# Progress


def test_progress_is_told_in_ms(small: q.Network) -> None:
    told: list[tuple[float, float]] = []
    assert small.run(2000, progress=lambda done, total: told.append((done, total))) is True
    assert all(0 <= done <= total for done, total in told)
    assert {round(total) for _, total in told} <= {2000}
    assert told == sorted(told)


def test_progress_may_stop_a_run() -> None:
    def spikes(*durations: float) -> np.ndarray:
        with q.Network(seed=5) as net:
            pop = net.population("a", 500, "lif_cond_exp", i_offset=220)
            net.connect(pop, pop, "excitatory", p=0.05, weight=0.2, delay=1)
            recorder = net.record(pop, "spikes")
            if not durations:
                assert net.run(1e7, progress=lambda done, total: True) is False
                assert 0 <= net.clock < 1e8
                assert net.run(100) is True
                return net.time, recorder.stamps, recorder.neurons
            for duration in durations:
                net.run(duration)
            return net.time, recorder.stamps, recorder.neurons

    end, stamps, neurons = spikes()
    _, all_stamps, all_neurons = spikes(end)
    assert np.array_equal(stamps, all_stamps)
    assert np.array_equal(neurons, all_neurons)


def test_progress_may_raise(small: q.Network) -> None:
    def progress(done: float, total: float) -> None:
        raise Boom(f"at {done}")

    with pytest.raises(Boom, match="at "):
        small.run(1e7, progress=progress)
    assert small.clock < 1e8
    small.step()
    assert small.run(10) is True


def test_progress_may_read(small: q.Network) -> None:
    seen: list[object] = []

    def progress(done: float, total: float) -> bool:
        gaba = small.projections[-1]
        seen.append((small.time, small["exc"]["v"].mean(), gaba.weights.mean()))
        with pytest.raises(q.StateError):
            small.close()
        with pytest.raises(q.StateError):
            small.run(1)
        with pytest.raises(q.StateError):
            gaba.weights = 1
        return True

    small.run(1e7, progress=progress)
    assert seen


def test_progress_bar(small: q.Network, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("tqdm")
    small.run(100, progress=True)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "100/100 ms" in captured.err


@pytest.mark.parametrize(("terminal", "pictures"), [(True, range(4, 8)), (False, [2])])
def test_a_progress_bar_in_a_file_is_brief(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, pictures: range | list[int]
) -> None:
    pytest.importorskip("tqdm")
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: terminal, raising=False)
    monkeypatch.setattr(sys, "stderr", stream)
    with q.network._bar(50) as report:
        for done in range(10, 60, 10):
            time.sleep(0.12)
            report(done, 50)
    assert stream.getvalue().count("/50 ms") in pictures
    assert "50/50 ms" in stream.getvalue()


# on_step


def test_on_step(net: q.Network, host: q.Population) -> None:
    calls: list[int] = []

    @host.on_step
    def drive(population: q.Population) -> None:
        assert population is host
        calls.append(net.clock)
        if population.input("inhibitory").sum() == 0:
            population.spikes_in([0, 3])

    recorder = net.record(host, "spikes")
    gc.collect()
    net.run(20)
    assert calls == list(range(200))
    assert set(recorder.neurons) == {0, 3}
    host.on_step(lambda population: population.spikes_in([1]))
    del drive
    gc.collect()
    recorder.clear()
    net.run(10)
    assert set(recorder.neurons) == {1}
    host.on_step(None)
    with pytest.raises(q.StateError):
        net.run(1)
    net.step()
    with pytest.raises(TypeError):
        host.on_step(3)
    with pytest.raises(q.Unsupported):
        net["cells"].on_step(drive_nothing)
    net.step()


def drive_nothing(population: q.Population) -> None:
    """Does nothing."""


def test_on_step_may_raise(net: q.Network, host: q.Population) -> None:
    calls = 0

    @host.on_step
    def drive(population: q.Population) -> None:
        nonlocal calls
        calls += 1
        if calls == 5:
            raise Boom("in step five")

    with pytest.raises(Boom, match="in step five"):
        net.run(100)
    assert net.clock == 5
    assert net.run(1) is True
    assert net.clock == 15
    calls = 4
    with pytest.raises(Boom):
        net.step()
    assert net.run(1) is True
    assert net.clock == 26


def test_on_step_may_stop(net: q.Network, host: q.Population) -> None:
    host.on_step(lambda population: net.request_stop() if net.clock == 7 else None)
    assert net.run(100) is False
    assert net.clock == 8
    assert net.run(1) is True


def test_on_step_may_not_change_the_network(net: q.Network, host: q.Population) -> None:
    refused: list[type[BaseException]] = []

    @host.on_step
    def drive(population: q.Population) -> None:
        for use in (
            lambda: net.step(),
            lambda: net.close(),
            lambda: population.on_step(None),
            lambda: net.population("late", 3, "poisson"),
            lambda: net["cells"].set(i_offset=1),
        ):
            try:
                use()
            except q.StateError as error:
                refused.append(type(error))

    net.step()
    assert len(refused) == 5


# Executors


@pytest.mark.parametrize("kind", ["serial", "reversed", "pool"])
def test_executors(kind: str) -> None:
    def spikes(executor: object) -> np.ndarray:
        with q.Network(seed=2, tile_size=64, executor=executor) as net:
            gc.collect()
            pop = net.population("a", 300, "lif_cond_exp", i_offset=220)
            rule = q.rules.vogels2011()
            net.connect(pop, pop, "inhibitory", p=0.1, weight=0.5, rule=rule)
            recorder = net.record(pop, "spikes")
            net.run(50)
            return np.concatenate([recorder.stamps, recorder.neurons])

    calls: list[int] = []
    pool = ThreadPoolExecutor(2)

    def serial(n: int, task: object) -> None:
        calls.append(n)
        for i in range(n):
            task(i)

    def backwards(n: int, task: object) -> None:
        calls.append(n)
        for i in reversed(range(n)):
            task(np.int64(i))

    def pooled(n: int, task: object) -> None:
        calls.append(n)
        list(pool.map(task, range(n)))

    chosen = {"serial": serial, "reversed": backwards, "pool": pooled}[kind]
    assert np.array_equal(spikes(chosen), spikes(None))
    assert calls
    pool.shutdown()


def bad_executors() -> dict[str, object]:
    kept: list[object] = []

    def lazy(n: int, task: object) -> None:
        kept.append(task)

    def raising(n: int, task: object) -> None:
        task(0)
        raise Boom("half way")

    def twice(n: int, task: object) -> None:
        for i in [*range(n), 0]:
            task(i)

    def past(n: int, task: object) -> None:
        for i in range(n + 1):
            task(i)

    def background(n: int, task: object) -> None:
        threading.Thread(target=lambda: [task(i) for i in range(n)], daemon=True).start()
        raise Boom("with tasks running")

    return {
        "lazy": (lazy, q.StateError),
        "raising": (raising, Boom),
        "twice": (twice, q.RangeError),
        "past": (past, q.RangeError),
        "background": (background, Boom),
    }


@pytest.mark.parametrize("kind", bad_executors())
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_bad_executor_is_an_error_and_breaks_nothing(kind: str) -> None:
    executor, error = bad_executors()[kind]
    with q.Network(seed=2, tile_size=64, executor=executor) as net:
        pop = net.population("a", 300, "lif_cond_exp", i_offset=400)
        with pytest.raises(error):
            net.run(5)
        assert np.isfinite(pop["v"]).all()
        with pytest.raises(error):
            net.step()


# Log


def test_messages_go_to_logging(caplog: pytest.LogCaptureFixture) -> None:
    hooks = q._callbacks.Hooks(None)
    with caplog.at_level("INFO", logger="quell"):
        hooks.log.write(None, _abi.QUELL_LOG_WARNING, b"a sentence with 100 %")
        hooks.log.write(None, _abi.QUELL_LOG_INFO, b"another")
    assert caplog.record_tuples == [
        ("quell", 30, "a sentence with 100 %"),
        ("quell", 20, "another"),
    ]


# A rule that C calls


def test_a_rule_of_ones_own() -> None:
    """The same table that a C plugin has, with callbacks in Python."""
    prepare_type = _abi.callback_type(_abi.quell_rule_desc, "prepare")
    call_type = _abi.callback_type(_abi.quell_event_desc, "call")

    def prepare(arguments: object, instance: int) -> int:
        step = np.float32(arguments.contents.value[0])
        ctypes.memmove(instance, ctypes.byref(ctypes.c_float(step)), 4)
        return 0

    def on_pre(block: object) -> None:
        item = block.contents
        step = ctypes.c_float.from_address(item.instance).value
        for i in range(item.n):
            item.w[i] += step

    infinity = float("inf")
    params = (_abi.quell_param_desc * 4)(
        (b"step", b"w", b"growth per event", 0.5, 0.0, 10.0, 0, 0),
        (b"w_min", b"w", b"smallest weight", 0.0, 0.0, infinity, 0, 0),
        (b"w_max", b"w", b"largest weight", 5.0, 0.0, infinity, 0, 0),
        (b"tie", b"1", b"coincidence", 0.0, 0.0, 2.0, _abi.QUELL_INTEGER, 0),
    )
    events = (_abi.quell_event_desc * 1)()
    events[0].kind = _abi.QUELL_PRE
    events[0].call = call_type(on_pre)
    rule = _abi.sized(
        _abi.quell_rule_desc,
        abi_major=_abi.QUELL_RULE_ABI_MAJOR,
        abi_minor=_abi.QUELL_RULE_ABI_MINOR,
        name=b"growth",
        summary=b"grows",
        source=b"none",
        instance_size=4,
        params=(ctypes.addressof(params), 4, ctypes.sizeof(_abi.quell_param_desc)),
        events=(ctypes.addressof(events), 1, ctypes.sizeof(_abi.quell_event_desc)),
        prepare=prepare_type(prepare),
    )
    registry = q.Registry()
    growth = registry.add(rule)
    assert registry.growth is growth
    assert registry.names() == [*q.rules.names(), "growth"]
    assert "growth" in dir(registry)
    with pytest.raises(q.UnknownName, match="growth"):
        registry.add(rule)
    gc.collect()
    with q.Network(registry=registry) as net:
        source = net.population("a", 1, "spike_source")
        source.set_spikes([0, 0, 0], [1, 2, 3])
        cell = net.population("b", 1, "lif_cond_exp")
        made = net.connect(
            source, cell, "excitatory", all_to_all=True, weight=1, rule=growth(step=0.25)
        )
        net.run(10)
        assert made.weights.tolist() == [1.75]
    with q.Network(registry=registry, tile_size=64, threads=3) as net:
        source = net.population("a", 1, "spike_source")
        source.set_spikes([0, 0, 0], [1, 2, 3])
        cells = net.population("b", 200, "lif_cond_exp")
        rule = growth(step=0.25)
        made = net.connect(source, cells, "excitatory", all_to_all=True, weight=1, rule=rule)
        net.run(10)
        assert made.weights.tolist() == [1.75] * 200
    with q.Network() as net, pytest.raises(q.UnknownName, match="growth"):
        net.rule(growth())

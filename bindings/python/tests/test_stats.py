"""What a network tells about its work: counts, memory, times."""

from __future__ import annotations

import ctypes
import dataclasses
import threading
import time

import numpy as np
import pytest
import quell as q
from quell import _abi

TIMES = ("update_s", "deliver_s", "plasticity_s", "exchange_s", "record_s")


def test_every_member_of_the_library_is_there() -> None:
    members = {name for name, _ in _abi.quell_stats._fields_} - {"struct_size", "reserved"}
    assert {field.name for field in dataclasses.fields(q.Stats)} == members
    for name in members:
        assert f"{name}: " in q.Stats.__doc__ or f"`{name}`" in q.Stats.__doc__


def test_an_empty_network(net: q.Network) -> None:
    stats = net.stats()
    assert isinstance(stats, q.Stats)
    assert (stats.steps, stats.spikes, stats.synaptic_events, stats.plastic_events) == (0, 0, 0, 0)
    assert (stats.threads, stats.tiles, stats.batch) == (1, 0, 0)
    assert stats.isa == q.instruction_sets()[-1]
    assert 0 <= stats.bytes <= stats.peak_bytes
    assert [getattr(stats, name) for name in ("run_s", *TIMES)] == [0] * 6
    with pytest.raises(dataclasses.FrozenInstanceError):
        stats.steps = 1


def test_counts_add_up(net: q.Network) -> None:
    source = net.population("source", 2, "spike_source")
    source.set_spikes([0, 0, 1], [1, 2, 3])
    cells = net.population("cells", 5, "lif_cond_exp")
    net.connect(source, cells, "excitatory", all_to_all=True, weight=0, delay=1)
    rule = q.rules.stdp_pair()
    gaba = net.connect(source, cells, "inhibitory", all_to_all=True, weight=0, delay=4, rule=rule)
    net.run(2.5)  # two spikes, one has arrived at the static synapses, none at the plastic ones
    stats = net.stats()
    assert (stats.steps, stats.spikes, stats.synaptic_events) == (25, 2, 5)
    assert stats.tiles == 2
    assert 1 < stats.batch < 25  # as many as the shortest delay lets it
    net.run(7.5)
    stats = net.stats()
    assert (stats.steps, stats.spikes, stats.synaptic_events) == (100, 3, 30)
    assert stats.plastic_events == 15
    assert len(gaba.weights) == 10


def test_stats_grow(small: q.Network) -> None:
    spikes = {pop: small.record(pop, "spikes") for pop in small.populations.values()}
    seen = [small.stats()]
    began = time.perf_counter()
    for _ in range(5):
        small.run(100)
        seen.append(small.stats())
        assert seen[-1].steps == small.clock
        assert seen[-1].spikes == sum(len(recorder) for recorder in spikes.values())
    elapsed = time.perf_counter() - began
    growing = ("steps", "spikes", "synaptic_events", "plastic_events", "run_s")
    for before, after in zip(seen, seen[1:]):
        for name in growing:
            assert getattr(before, name) < getattr(after, name), name
        assert before.peak_bytes <= after.peak_bytes
        assert 0 < after.bytes <= after.peak_bytes
        assert all(getattr(after, name) >= 0 for name in TIMES)
    last = seen[-1]
    assert last.run_s <= elapsed
    assert last.update_s > 0 and last.plasticity_s > 0 and last.record_s > 0
    assert sum(getattr(last, name) for name in TIMES) < 100 * last.run_s


def test_memory_and_time_of_building(net: q.Network) -> None:
    pop = net.population("a", 300, "lif_cond_exp")
    before = net.stats()
    began = time.perf_counter()
    net.connect(pop, pop, "excitatory", all_to_all=True)
    elapsed = time.perf_counter() - began
    after = net.stats()
    assert after.bytes - before.bytes > 300 * 300 * 2  # targets; the weight is one for all
    assert before.build_s < after.build_s <= before.build_s + elapsed


def test_steps_are_those_that_were_made() -> None:
    with q.Network(start=10) as net:
        net.population("a", 1, "poisson")
        net.run(1)
        assert (net.clock, net.stats().steps) == (110, 10)


def test_in_callbacks(net: q.Network) -> None:
    host = net.population("host", 3, "external")
    cells = net.population("cells", 70, "lif_cond_exp", i_offset=300)
    net.connect(cells, host, "excitatory", p=0.5)
    told: list[q.Stats] = []
    ahead: list[int] = []

    @host.on_step
    def step(population: q.Population) -> None:
        told.append(net.stats())

    def progress(done: float, total: float) -> None:
        ahead.append(net.stats().steps - round(done / net.dt))

    net.run(20, progress=progress)
    assert len(told) == 200
    assert [stats.spikes for stats in told] == sorted(stats.spikes for stats in told)
    assert told[-1].spikes > 0
    assert set(ahead) == {0}
    refused: list[str] = []

    def other() -> None:
        try:
            net.stats()
        except q.StateError as error:
            refused.append(str(error))

    def in_another_thread(population: q.Population) -> None:
        worker = threading.Thread(target=other)
        worker.start()
        worker.join()

    host.on_step(in_another_thread)
    net.step()
    assert refused == ["the network is in use by another thread"]


class Memory:
    """An allocator that can be told to have no memory any more."""

    def __init__(self) -> None:
        self.empty = False
        self.taken: dict[int, ctypes.Array[ctypes.c_char]] = {}
        kind = _abi.quell_allocator
        self.allocator = kind(
            alloc=_abi.callback_type(kind, "alloc")(self.alloc),
            release=_abi.callback_type(kind, "release")(self.release),
        )

    def alloc(self, _context: object, size: int, align: int) -> int | None:
        if self.empty:
            return None
        block = ctypes.create_string_buffer(size + align)
        address = -(-ctypes.addressof(block) // align) * align
        self.taken[address] = block
        return address

    def release(self, _context: object, address: int, size: int) -> None:
        del self.taken[address]


def test_after_a_failed_step(monkeypatch: pytest.MonkeyPatch) -> None:
    memory, sized = Memory(), _abi.sized

    def with_memory(kind: type, **members: object) -> object:
        made = sized(kind, **members)
        if kind is _abi.quell_network_options:
            made.allocator = ctypes.pointer(memory.allocator)
        return made

    monkeypatch.setattr(_abi, "sized", with_memory)
    with q.Network(seed=1) as net:
        pop = net.population("a", 100, "poisson", rate=500)
        net.record(pop, "spikes")
        net.run(10)
        before = net.stats()
        memory.empty = True
        with pytest.raises(q.OutOfMemory):
            net.run(100_000)
        with pytest.raises(q.Failed):
            net.step()
        after = net.stats()
        assert after.steps > before.steps and after.spikes > before.spikes
        assert str(after)
    assert not memory.taken


def test_a_closed_network(small: q.Network) -> None:
    stats = small.stats()
    small.close()
    with pytest.raises(q.StateError, match="closed"):
        small.stats()
    assert stats.steps == 0


TABLE = """\
steps                        1,000  in batches of up to 15
spikes                      23,456
synaptic events      9,876,543,210
plastic events                 150
memory                    123.5 MB  peak 1,234.0 MB
build                      0.500 s
run                    1,002.500 s  avx2, 2 threads, 1 tile
  update                   1.000 s   12.5%
  deliver                  2.000 s   25.0%
  plasticity               4.000 s   50.0%
  exchange                 0.600 s    7.5%
  record                   0.400 s    5.0%"""


def test_the_table() -> None:
    counts = {"steps": 1000, "spikes": 23456, "synaptic_events": 9876543210, "plastic_events": 150}
    parts = dict(zip(TIMES, (1.0, 2.0, 4.0, 0.6, 0.4)))
    memory = {"bytes": 123_456_789, "peak_bytes": 1_234_000_000}
    wall = {"build_s": 0.5, "run_s": 1002.5}
    stats = q.Stats("avx2", 2, 1, 15, **counts, **memory, **wall, **parts)
    assert str(stats) == TABLE
    alone = str(dataclasses.replace(stats, threads=1, tiles=3))
    assert "avx2, 1 thread, 3 tiles" in alone
    hosted = str(dataclasses.replace(stats, threads=0))
    assert "avx2, an executor, 1 tile" in hosted
    none = str(dataclasses.replace(stats, batch=0, **dict.fromkeys(TIMES, 0.0)))
    assert "%" not in none and "batches" not in none


# Threads and instruction sets


@pytest.fixture(scope="module")
def expected() -> list[np.ndarray]:
    return results()[1]


def results(**options: object) -> tuple[q.Stats, list[np.ndarray]]:
    """What a network of seven tiles does that learns."""
    with q.Network(seed=3, tile_size=64, **options) as net:
        exc = net.population("exc", 300, "lif_cond_exp", i_offset=250)
        inh = net.population("inh", 100, "lif_curr_exp", i_offset=400)
        noise = net.population("noise", 50, "poisson", rate=50)
        net.connect(noise, [exc, inh], "excitatory", p=0.2, weight=q.uniform(0, 2), delay=1)
        stdp = q.rules.stdp_pair(w_max=10)
        net.connect(exc, inh, "excitatory", p=0.1, weight=5, rule=stdp, delay=0.5)
        rule = q.rules.vogels2011(eta=0.1)
        gaba = net.connect(inh, exc, "inhibitory", p=0.1, weight=0.5, rule=rule, delay=0.7)
        spikes = [net.record(pop, "spikes") for pop in (exc, inh, noise)]
        net.run(200)
        arrays = [array for item in spikes for array in (item.stamps, item.neurons)]
        assert all(array.size for array in arrays)
        return net.stats(), [*arrays, exc["v"], inh["v"], gaba.weights]


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("isa", q.instruction_sets())
def test_bits_do_not_depend_on_threads_and_instruction_sets(
    threads: int, isa: str, expected: list[np.ndarray]
) -> None:
    stats, arrays = results(threads=threads, isa=isa)
    assert (stats.threads, stats.isa) == (threads, isa)
    assert stats.tiles > threads
    for one, other in zip(arrays, expected):
        assert one.tobytes() == other.tobytes()


def test_an_executor_has_the_threads() -> None:
    def executor(n: int, task: q.Executor) -> None:
        for i in range(n):
            task(i)

    assert results(executor=executor)[0].threads == 0


def test_instruction_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    names = q.instruction_sets()
    assert names == [name for name in ("baseline", "avx2", "avx512") if name in names]
    assert names[0] == "baseline"
    lacking = {_abi.QUELL_ISA_AVX512}
    monkeypatch.setattr(q._lib, "quell_isa_available", lambda isa: isa not in lacking)
    assert q.instruction_sets() == ["baseline", "avx2"]
    with pytest.raises(q.UnknownName, match=r"no instruction set 'sse'; .*'baseline', 'avx2'\]"):
        q.Network(isa="sse")
    with pytest.raises(q.UnknownName, match="did you mean 'avx2'"):
        q.Network(isa="avx-2")
    with pytest.raises(TypeError, match="isa must be a string"):
        q.Network(isa=2)


SENTENCE = "network: 'isa' is avx512, for which there is no code, or which this processor lacks"


def test_an_instruction_set_that_is_not_available(monkeypatch: pytest.MonkeyPatch) -> None:
    if "avx512" in q.instruction_sets():  # the library is then made to say what it would say

        def create(options: ctypes._Pointer, network: object) -> int:
            assert options._obj.isa == _abi.QUELL_ISA_AVX512
            ctypes.memmove(options._obj.error, SENTENCE.encode() + b"\0", len(SENTENCE) + 1)
            return _abi.QUELL_E_UNSUPPORTED

        monkeypatch.setattr(q._lib, "quell_network_create", create)
    with pytest.raises(q.Unsupported) as caught:
        q.Network(isa="avx512")
    assert str(caught.value) == SENTENCE

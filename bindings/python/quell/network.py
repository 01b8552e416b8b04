"""The network: a clock, a seed, and the owner of everything else."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Union, overload

import numpy as np
from numpy.typing import ArrayLike

from . import _abi
from ._callbacks import Executor, Hooks
from ._handle import Handle
from ._isa import by_name
from ._library import lib
from ._sealed import Sealed
from ._values import number, option, text, whole, whole_option
from .distributions import Distribution, in_python
from .errors import Error, OwnerError, RangeError, StateError, UnknownName
from .models import Model
from .modulators import Modulator
from .population import Population
from .projection import Projection, connection
from .recorder import (
    RateRecorder,
    Recorder,
    SpikeRecorder,
    StateRecorder,
    WeightRecorder,
    record,
)
from .rules import Description, Registry, Rule
from .stats import Stats, stats

if TYPE_CHECKING:
    from typing_extensions import Unpack

#: Is told (done, total) in ms; a true result stops the run.
Progress = Callable[[float, float], object]
PerSynapse = Union[ArrayLike, Distribution]
#: One rule, or several of which at most one learns at spikes.
Rules = Union[Description, Rule, Sequence[Union[Description, Rule]]]


class HowToConnect(TypedDict, total=False):
    """The keyword arguments of :meth:`Network.connect`."""

    p: float | None
    in_degree: int | None
    total: int | None
    one_to_one: bool
    all_to_all: bool
    pairs: tuple[ArrayLike, ArrayLike] | None
    weight: PerSynapse | None
    delay: PerSynapse | None
    delay_axonal: PerSynapse | None
    delay_dendritic: PerSynapse | None
    rule: Rules | None
    self_connections: bool
    multapses: bool


class WhenToRecord(TypedDict, total=False):
    """The keyword arguments of :meth:`Network.record`."""

    interval: float | None
    start: float | None
    stop: float | None
    ids: ArrayLike | None


class Network(Sealed):
    """A spiking network: everything else belongs to one.

    Use it as a context manager, or call :meth:`close`; what belongs to a closed network raises a
    StateError. One thread at a time may use a network, any thread; different networks are
    independent and run at the same time, without the GIL. Results do not depend on the tile size,
    the horizon, the block size, the threads, the instruction set or how a run is cut into calls.

    Args:
        dt: step, ms, in [0.001, 10].
        seed: of every random draw.
        tile_size: neurons per tile, a multiple of 64 in [64, 65536].
        horizon: how many steps back learning may lag behind, a power of two in [64, 2^24].
        block_size: synapses per call of a rule, a multiple of 16 in [16, 128].
        start: time at the beginning, ms, a whole number of steps.
        threads: threads of the library's own, in [1, 256], the calling one included; default 1.
            They share out the tiles, so a network of one tile keeps only one of them busy.
        executor: threads of one's own in place of these: ``executor(n, task)`` must call
            ``task(i)`` once for each i in [0, n), in any order, on any threads, and return when all
            are done. This takes some tens of µs for every batch of steps.
        registry: rules; by default the built-in ones, and those made with :func:`quell.rule` when
            they are used.
        isa: instruction set, one of :func:`quell.instruction_sets`; by default the best.
    """

    def __init__(
        self,
        dt: float = 0.1,
        seed: int = 0,
        *,
        tile_size: int | None = None,
        horizon: int | None = None,
        block_size: int | None = None,
        start: float | None = None,
        threads: int | None = None,
        executor: Executor | None = None,
        registry: Registry | None = None,
        isa: str | None = None,
    ) -> None:
        if threads is not None and executor is not None:
            raise TypeError("give either threads or an executor")
        if executor is not None and not callable(executor):
            raise TypeError(f"the executor must be callable, got {executor!r}")
        options = _abi.sized(_abi.quell_network_options)
        options.dt = option(dt, "dt")
        options.seed = whole(seed, "seed", 64)
        options.tile_size = whole_option(tile_size, "tile_size")
        options.horizon = whole_option(horizon, "horizon")
        options.block_size = whole_option(block_size, "block_size")
        options.threads = whole_option(threads, "threads")
        options.isa = by_name(isa)
        options.start = 0 if start is None else _steps(number(start, "start"), options.dt)
        self._registry = Registry() if registry is None else registry
        self._registry_is_ours = registry is None
        options.registry = self._registry._pointer
        self.seed = int(seed)
        self.populations: dict[str, Population] = {}
        self.projections: list[Projection] = []
        self.recorders: list[Recorder] = []
        self.modulators: dict[str, Modulator] = {}
        self._rules: dict[int, tuple[Description, Rule]] = {}
        self._hooks = Hooks(executor)
        self._handle = Handle(options, self._hooks, self._registry)
        self.dt: float = lib.quell_network_dt(self._handle.pointer)

    # Life

    def __enter__(self) -> Network:
        with self._handle:
            return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self.close()
        except StateError:
            if error is None:
                raise

    def close(self) -> None:
        """Destroys the network and all that belongs to it. A second call does nothing.

        Raises a StateError, and leaves the network as it is, while arrays from
        :meth:`Population.view` are in use, from inside a callback, and while another thread uses
        the network. A network that is dropped without this is destroyed with its last object.
        """
        self._handle.close()

    @property
    def closed(self) -> bool:
        """Whether the network was destroyed."""
        return self._handle.closed

    def __repr__(self) -> str:
        if self.closed:
            return "<Network, closed>"
        return (
            f"<Network: {len(self.populations)} populations, {len(self.projections)} projections, "
            f"dt = {self.dt:g} ms>"
        )

    def __getitem__(self, name: str) -> Population:
        """A population by its name."""
        try:
            return self.populations[name]
        except KeyError:
            known = list(self.populations)
            raise UnknownName(f"there is no population {name!r}; there are {known}") from None

    # Construction

    def population(
        self, name: str, size: int, model: str | Model, /, **parameters: ArrayLike
    ) -> Population:
        """Makes neurons of one model.

        Args:
            name: not yet taken.
            size: number of neurons.
            model: one of :mod:`quell.models`, or its name.
            parameters: parameters that differ from their defaults, and initial values of state
                variables: a number for all neurons, or an array with one for each, [size].
        """
        kind = model.name if isinstance(model, Model) else model
        text(kind, "the model")
        made = Population(self, name, whole(size, "size"), kind, parameters)
        self.populations[name] = made
        return made

    @overload
    def connect(
        self, pre: Population, post: Population, receptor: str, **how: Unpack[HowToConnect]
    ) -> Projection: ...

    @overload
    def connect(
        self,
        pre: Population,
        post: Sequence[Population],
        receptor: str,
        **how: Unpack[HowToConnect],
    ) -> list[Projection]: ...

    def connect(
        self,
        pre: Population,
        post: Population | Sequence[Population],
        receptor: str,
        *,
        p: float | None = None,
        in_degree: int | None = None,
        total: int | None = None,
        one_to_one: bool = False,
        all_to_all: bool = False,
        pairs: tuple[ArrayLike, ArrayLike] | None = None,
        weight: PerSynapse | None = None,
        delay: PerSynapse | None = None,
        delay_axonal: PerSynapse | None = None,
        delay_dendritic: PerSynapse | None = None,
        rule: Rules | None = None,
        self_connections: bool = True,
        multapses: bool = True,
    ) -> Projection | list[Projection]:
        """Makes synapses. Exactly one of `p` … `pairs` says which.

        Args:
            pre: where the spikes come from.
            post: where they go; several populations give a list of projections.
            receptor: such as "inhibitory".
            p: every pair with this probability.
            in_degree: so many synapses onto every post neuron.
            total: so many synapses in all.
            one_to_one: neuron i to neuron i.
            all_to_all: every pair.
            pairs: (pre neurons [n], post neurons [n]).
            weight: magnitude, ≥ 0, nS or pA: a number, :func:`quell.uniform` and the like, or an
                array with one for each synapse, in the order of the pairs or else of the synapses'
                numbers. Default 1.
            delay: ms, in the same ways; every delay is rounded to the nearest step, so that 0.26
                becomes 0.3 where dt is 0.1. A plain number is 0 or at least one step. Default 0.
            delay_axonal: ms, with `delay_dendritic` in place of `delay`: before the synapse.
            delay_dendritic: ms: from the synapse to the cell.
            rule: how they learn; default not at all. A list stacks rules on one another: at most
                one that learns at spikes, anywhere in the list; any number that act at an interval,
                in the order in which they do; and at most one for short-term plasticity. One
                description that is given several times stands for one instance.
            self_connections: whether a neuron may have a synapse onto itself.
            multapses: whether a pair may have several synapses.
        """
        targets = [post] if isinstance(post, Population) else list(post)
        for one in (pre, *targets):
            self._own(one, Population, "connect() needs populations")
        how = {
            "p": p,
            "in_degree": in_degree,
            "total": total,
            "pairs": pairs,
            "one_to_one": one_to_one,
            "all_to_all": all_to_all,
        }
        values = {
            "weight": weight,
            "delay": delay,
            "delay_axonal": delay_axonal,
            "delay_dendritic": delay_dendritic,
        }
        multiple = 0 if multapses else _abi.QUELL_NO_MULTAPSES
        stack = [self.rule(item) for item in _several(rule)]
        made = []
        for target in targets:
            alone = 0 if self_connections or target is not pre else _abi.QUELL_NO_SELF
            description, kept = connection(how, values, multiple | alone)
            try:
                made.append(Projection(self, pre, target, receptor, description, stack))
            except Error as error:
                error.args = (in_python(str(error), values),)
                raise
            self.projections.append(made[-1])
            del kept
        return made[0] if isinstance(post, Population) else made

    def rule(self, rule: Description | Rule, /, **observed: Population) -> Rule:
        """The instance of a description in this network, made when it is first asked for.

        Args:
            rule: such as ``quell.rules.vogels2011(eta=0.01)``.
            observed: populations whose mean rate it follows, as in ``guard=exc``; see
                :meth:`Rule.observe`.
        """
        instance = self._instance(rule)
        for name, population in observed.items():
            instance.observe(name, population)
        return instance

    def _instance(self, rule: Description | Rule) -> Rule:
        if isinstance(rule, Rule):
            self._own(rule, Rule, "")
            return rule
        if not isinstance(rule, Description):
            raise TypeError(f"a rule is given as quell.rules.NAME(…), got {rule!r}")
        if id(rule) not in self._rules:
            self._registry.provide(rule.type, self._registry_is_ours)
            self._rules[id(rule)] = (rule, Rule(self, rule))
        return self._rules[id(rule)][1]

    def modulator(
        self,
        name: str,
        /,
        *,
        preset: str | None = None,
        scope: str | None = None,
        territories: int | None = None,
        population: Population | None = None,
        state: str | None = None,
        **parameters: float,
    ) -> Modulator:
        """Makes a neuromodulator channel; before the first step.

        Args:
            name: not yet taken.
            preset: kinetics from the literature, one of :func:`quell.modulators.kinetics`.
            scope: "network", "territory", "neuron" or "state"; by default what the next three say.
            territories: number of territories, in [1, 4096], each with a value of its own.
            population: whose neurons have a value each.
            state: the state variable of `population` that the channel is, such as "g_exc".
            parameters: tonic, tau, min, max, as far as they differ from the preset or the defaults;
                see :class:`Modulator`.
        """
        if population is not None:
            self._own(population, Population, "modulator() needs a population")
        if scope is None:
            scope = "state" if state else "neuron" if population else "network"
            scope = "territory" if territories is not None else scope
        areas = 0 if territories is None else whole(territories, "territories")
        made = Modulator(self, name, scope, areas, population, state, preset, parameters)
        self.modulators[name] = made
        return made

    @overload
    def record(  # type: ignore[overload-overlap]
        self, target: Population, what: Literal["spikes"], **when: Unpack[WhenToRecord]
    ) -> SpikeRecorder: ...

    @overload
    def record(  # type: ignore[overload-overlap]
        self, target: Population, what: Literal["rate"], **when: Unpack[WhenToRecord]
    ) -> RateRecorder: ...

    @overload
    def record(
        self, target: Population, what: str, **when: Unpack[WhenToRecord]
    ) -> StateRecorder: ...

    @overload
    def record(
        self, target: Projection, what: str, **when: Unpack[WhenToRecord]
    ) -> WeightRecorder: ...

    def record(
        self,
        target: Population | Projection,
        what: str,
        *,
        interval: float | None = None,
        start: float | None = None,
        stop: float | None = None,
        ids: ArrayLike | None = None,
    ) -> Recorder:
        """Records from now on.

        Args:
            target: a population or a projection.
            what: "spikes", "rate" or a state variable of a population; "weight" of a projection.
                The rate of rate units is the state of that name, one value for each.
            interval: ms between samples, a whole number of steps; default one step. Not for spikes.
            start: first time, ms; default now.
            stop: end, ms; default never. Spikes up to it are kept, samples before it.
            ids: which neurons or synapses, ascending; default all. Not for rates.

        Returns:
            A :class:`SpikeRecorder`, :class:`RateRecorder`, :class:`StateRecorder` or
            :class:`WeightRecorder`.
        """
        self._own(target, (Population, Projection), "record() needs a population or a projection")
        recorder = record(target, what, interval, start, stop, ids)
        self.recorders.append(recorder)
        return recorder

    def _forget(self, recorder: Recorder) -> None:
        self.recorders.remove(recorder)

    def _own_channel(self, item: Any) -> None:
        self._own(item, Modulator, "bind() needs a channel, made with Network.modulator()")

    def _own(self, item: Any, kind: Any, what: str) -> None:
        if not isinstance(item, kind):
            raise TypeError(f"{what}, got {item!r}")
        if item.network is not self:
            raise OwnerError(f"{item!r} belongs to another network")

    # Running

    def run(self, duration: float, progress: bool | Progress = False) -> bool:
        """Advances the network.

        Ctrl-C ends the run at a step boundary with a KeyboardInterrupt; the network can then be
        read and run on, to the same bits.

        Args:
            duration: ms, a whole number of steps.
            progress: True shows a bar on the error stream (needs tqdm), which is written anew only
                every ten seconds where that is no terminal; a function is called a few times a
                second with the time done and in all, ms, and stops the run by returning something
                true.

        Returns:
            True, or False if the run was stopped before its end.
        """
        duration = number(duration, "the duration")
        if progress is True:
            with _bar(duration) as report:
                return self._run(duration, report)
        if progress is False or progress is None:
            return self._run(duration, None)
        if not callable(progress):
            raise TypeError(f"progress must be True, False or a function, got {progress!r}")
        return self._run(duration, progress)

    def _run(self, duration: float, progress: Progress | None) -> bool:
        hooks, dt = self._hooks, self.dt

        def report(done: int, total: int) -> object:
            return progress is not None and progress(done * dt, total * dt)

        with self._handle:
            before = hooks.report, hooks.stoppable
            hooks.report, hooks.stoppable = report, True
            try:
                status = self._handle.guarded(lib.quell_run, self._handle.pointer, duration)
            finally:
                hooks.report, hooks.stoppable = before
        return status != _abi.QUELL_STOPPED

    def step(self) -> None:
        """Advances one step: for a host that has the clock."""
        self._handle.guarded(lib.quell_step, self._handle.pointer)

    def request_stop(self) -> None:
        """Asks the current run to end at the next step boundary, or the next run to end before its
        first step. May be called by any thread while the network runs."""
        self._handle.request_stop()

    def learning(self, on: bool) -> None:
        """Switches learning of all projections on or off."""
        self._handle.call(lib.quell_network_learning, self._handle.pointer, int(bool(on)))

    def stats(self) -> Stats:
        """What the network has done so far, and where the time went; ``print(net.stats())`` shows a
        table. May be called from callbacks and after a failed step."""
        values = _abi.sized(_abi.quell_stats)
        self._handle.call(lib.quell_network_stats, self._handle.pointer, ctypes.byref(values))
        return stats(values)

    @property
    def clock(self) -> int:
        """The clock, in steps."""
        return int(self._handle.ask(lib.quell_network_clock, self._handle.pointer))

    @property
    def time(self) -> float:
        """The clock, in ms."""
        return float(self._handle.ask(lib.quell_network_time, self._handle.pointer))


def _several(rule: Rules | None) -> list[Any]:
    if rule is None:
        return []
    return list(rule) if isinstance(rule, (list, tuple)) else [rule]


def _steps(time: float, dt: float) -> int:
    """A time as a whole number of steps."""
    if not np.isfinite(time) or time < 0:
        raise RangeError(f"start must be a time ≥ 0 ms, got {time:g}")
    steps = round(time / dt)
    if abs(time / dt - steps) > 1e-6 * max(1.0, steps * sys.float_info.epsilon * 1e6):
        raise RangeError(f"start must be a whole number of steps of {dt:g} ms, got {time:g}")
    return whole(steps, "start", 64)


@contextmanager
def _bar(duration: float) -> Iterator[Progress]:
    """A progress bar on the error stream."""
    try:
        from tqdm.auto import tqdm  # type: ignore[import-untyped]
    except ImportError as problem:
        raise ImportError("progress=True needs the package tqdm") from problem
    form = "{l_bar}{bar}| {n:.0f}/{total:.0f} ms [{elapsed}<{remaining}]"
    with tqdm(total=duration, bar_format=form, mininterval=_interval(tqdm)) as bar:

        def report(done: float, _total: float) -> None:
            bar.update(done - bar.n)

        yield report


def _interval(bar: type) -> float:
    """Seconds between two pictures of a bar: in a file, every one of them stays."""
    notebook = any(base.__module__ == "tqdm.notebook" for base in bar.__mro__)
    terminal = sys.stderr is not None and sys.stderr.isatty()
    return 0.1 if notebook or terminal else 10.0

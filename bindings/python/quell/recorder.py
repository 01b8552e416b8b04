"""What was recorded: spikes, state variables, weights and population rates.

A recorder belongs to its network and goes on until it is closed, also if Python drops it. All
arrays are copies: they stay as they are when the network runs on.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Union

import numpy as np
from numpy.typing import ArrayLike

from . import _abi
from ._library import lib
from ._sealed import Sealed
from ._values import address, copied, indices, number, option, text
from .errors import LengthError, RangeError, StateError

if TYPE_CHECKING:
    from .network import Network
    from .population import Population
    from .projection import Projection

    Target = Union[Population, Projection]


class Recorder(Sealed):
    """Base of all recorders. Made by :meth:`quell.Network.record`.

    Attributes:
        target: the population or projection that is recorded.
        variable: what is recorded.
        unit: unit of the values.
        ids: the recorded neurons or synapses, uint64; None for all.
    """

    def __init__(
        self,
        target: Target,
        variable: str,
        unit: str,
        create: Callable[..., int],
        interval: float | None,
        start: float | None,
        stop: float | None,
        ids: ArrayLike | None,
    ) -> None:
        self.target = target
        self.variable = variable
        self.unit = unit
        self.network: Network = target.network
        self.ids: np.ndarray | None = None
        self._handle = self.network._handle
        self._pointer = ctypes.POINTER(_abi.quell_recorder)()
        options = _abi.sized(_abi.quell_record_options)
        options.interval = option(interval, "interval")
        options.start = 0.0 if start is None else number(start, "start")
        options.stop = option(stop, "stop")
        if ids is not None:
            self.ids = indices(ids, "ids", np.uint64)
            if self.ids.size == 0:
                raise LengthError("ids must not be empty")
            options.ids, options.n = address(self.ids), self.ids.size
        self._start = max(self.network.time, options.start)
        self._stop = math.inf if stop is None else options.stop
        self._handle.guarded(
            create, target._pointer, ctypes.byref(options), ctypes.byref(self._pointer)
        )

    def _read(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Copies of stamps, ids and values."""
        data = _abi.sized(_abi.quell_recording)
        with self._handle:
            self._check()
            self._handle.call(lib.quell_recorder_read, self._pointer, ctypes.byref(data))
            n, width = data.samples, data.width
            return (
                copied(data.stamps, n, np.uint64),
                copied(data.ids, n if data.ids else 0, np.uint32),
                copied(data.values, n * width, np.float32).reshape(n, width),
            )

    def _check(self) -> None:
        if not self._pointer:
            raise StateError("the recorder is closed")

    def __len__(self) -> int:
        """Number of spikes or samples so far."""
        data = _abi.sized(_abi.quell_recording)
        with self._handle:
            self._check()
            self._handle.call(lib.quell_recorder_read, self._pointer, ctypes.byref(data))
            return int(data.samples)

    def __repr__(self) -> str:
        name = getattr(self.target, "name", None) or repr(self.target)
        return f"<{type(self).__name__} of '{self.variable}' of {name}>"

    @property
    def stamps(self) -> np.ndarray:
        """When, in steps: uint64 [n], ascending."""
        return self._read()[0]

    @property
    def times(self) -> np.ndarray:
        """When, in ms: float64 [n], ascending."""
        return self._read()[0] * self.network.dt

    def clear(self) -> None:
        """Forgets what was recorded and goes on."""
        with self._handle:
            self._check()
            self._handle.call(lib.quell_recorder_clear, self._pointer)
            self._start = max(self._start, self.network.time)

    def close(self) -> None:
        """Ends the recording and frees its memory."""
        with self._handle:
            self._check()
            if self._handle.inside:
                raise StateError("a recorder cannot be closed from inside a callback")
            lib.quell_recorder_destroy(ctypes.byref(self._pointer))
            self.network._forget(self)


class SpikeRecorder(Recorder):
    """Spikes of a population: ``times`` (ms) and ``neurons``, one of each for a spike."""

    target: Population

    @property
    def neurons(self) -> np.ndarray:
        """Which neuron fired: uint32 [n], ascending within a step."""
        return self._read()[1]

    @property
    def span(self) -> tuple[float, float]:
        """From when to when spikes were recorded, ms: those with begin < time ≤ end."""
        return self._start, min(self.network.time, self._stop)

    def _window(self, last: float | None, window: tuple[float, float] | None) -> tuple[int, int]:
        """First and last step of (begin, end], inside of what was recorded."""
        dt = self.network.dt
        begin, end = self.span
        if last is not None and window is not None:
            raise TypeError("give either last or window")
        low, high = begin, end
        if last is not None:
            low = end - number(last, "last")
        if window is not None:
            low, high = (number(edge, "window") for edge in window)
        steps = [round(low / dt), round(high / dt)]
        if steps[0] < round(begin / dt) or steps[1] > round(end / dt):
            raise RangeError(
                f"the window ({low:g}, {high:g}] ms is not inside of what was recorded, "
                f"({begin:g}, {end:g}] ms"
            )
        return steps[0], steps[1]

    def counts(
        self, last: float | None = None, window: tuple[float, float] | None = None
    ) -> np.ndarray:
        """Number of spikes of each neuron; see :meth:`rates` for the arguments.

        Returns:
            int64 [size], or [ids] if only some neurons are recorded.
        """
        low, high = self._window(last, window)
        stamps, neurons, _ = self._read()
        first, end = np.searchsorted(stamps, np.array([low, high], np.uint64), side="right")
        counts = np.bincount(neurons[first:end], minlength=len(self.target))
        return counts if self.ids is None else counts[self.ids.astype(np.intp)]

    def rates(
        self, last: float | None = None, window: tuple[float, float] | None = None
    ) -> np.ndarray:
        """Rate of each neuron, Hz.

        Args:
            last: only the last so many ms.
            window: only from the first to the second time, ms: spikes with begin < time ≤ end.
                By default all that was recorded.

        Returns:
            float64 [size], or [ids] if only some neurons are recorded.
        """
        low, high = self._window(last, window)
        if high <= low:
            raise RangeError("rates need a window that is longer than 0 ms")
        return self.counts(last, window) / ((high - low) * self.network.dt * 1e-3)


class _Sampled(Recorder):
    """Recorders that take samples at an interval."""

    @property
    def values(self) -> np.ndarray:
        """The samples: float32 [n, recorded neurons or synapses]."""
        return self._read()[2]


class StateRecorder(_Sampled):
    """A state variable: ``times`` (ms) and ``values`` [n, neurons]."""

    target: Population


class WeightRecorder(_Sampled):
    """Weights of a projection: ``times`` (ms) and ``values`` [n, synapses], nS or pA."""

    target: Projection


class RateRecorder(_Sampled):
    """Mean rate of a population: ``times`` (ms, ends of the intervals) and ``values`` [n], Hz."""

    target: Population

    @property
    def values(self) -> np.ndarray:
        """Mean rate in each interval, Hz: float32 [n]."""
        return self._read()[2].reshape(-1)


def weight_unit(projection: Projection) -> str:
    """Unit of the weights: that of the conductance or current that they add to."""
    states = projection.target.model.state
    for name in ("g_exc", "i_exc"):
        if name in states:
            return states[name].unit
    return "nS or pA"


def record(
    target: Target,
    what: str,
    interval: float | None,
    start: float | None,
    stop: float | None,
    ids: ArrayLike | None,
) -> Recorder:
    """Makes the recorder that fits."""
    from .population import Population

    key = text(what, "what to record")
    timing: Any = (interval, start, stop, ids)
    if not isinstance(target, Population):
        if what not in ("weight", "weights"):
            raise RangeError(f"a projection can record 'weight', got '{what}'")
        unit = weight_unit(target)
        return WeightRecorder(target, "weight", unit, lib.quell_record_weights, *timing)
    if what == "spikes" and interval is not None:
        raise TypeError("spikes have no interval")
    is_rate = what == "rate" and "rate" not in target.model.state  # rate units have it as a state
    if is_rate and ids is not None:
        raise TypeError("the rate is that of the whole population: it takes no ids")
    if what == "spikes":
        return SpikeRecorder(target, what, "1", lib.quell_record_spikes, *timing)
    if is_rate:
        return RateRecorder(target, what, "Hz", lib.quell_record_rate, *timing)
    state = target.model.state.get(what)

    def create(population: Any, *rest: Any) -> int:
        return int(lib.quell_record_state(population, key, *rest))

    return StateRecorder(target, what, state.unit if state else "1", create, *timing)

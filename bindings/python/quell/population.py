"""Neurons of one model, sources of spikes, and neurons that the host owns."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from . import _abi, models
from ._describe import Variable, unknown
from ._following import effective, follow
from ._handle import View
from ._library import lib
from ._sealed import Sealed
from ._values import address, copied, floats, indices, is_scalar, number, pairs, text
from .errors import LengthError, RangeError, Unsupported

if TYPE_CHECKING:
    from .curves import Curve
    from .modulators import Modulator
    from .network import Network


class Population(Sealed):
    """Neurons of one model. Made by :meth:`quell.Network.population`.

    Parameters and state variables are read and written by name: ``pop["v_thresh"]`` is an array
    with one value for each neuron, or one number for a parameter that all neurons share;
    ``pop["v_thresh"] = -50`` sets all, an array sets each. What is written acts from the current
    step on.

    Attributes:
        network: where it belongs.
        name: its name.
        model: what it is, a :class:`quell.models.Model`.
    """

    def __init__(
        self, network: Network, name: str, size: int, model: str, values: Mapping[str, Any]
    ) -> None:
        self.network = network
        self.name = name
        self._handle = network._handle
        self._size = size
        self._pointer = ctypes.POINTER(_abi.quell_population)()
        scalars: Mapping[str, Any] = values
        arrays: dict[str, np.ndarray] = {}
        if model in models.names():
            self.model = models.get(model)
            scalars, arrays = self._apart(values)
        array, n = pairs(scalars, f"population '{name}'")
        self._handle.guarded(
            lib.quell_population_create,
            self._handle.pointer,
            text(name, "the name of a population"),
            text(model, "the model"),
            size,
            array,
            n,
            ctypes.byref(self._pointer),
        )
        for key, each in arrays.items():
            self._set_array(key, each)

    def _variable(self, name: str) -> Variable | None:
        """What is known of a parameter or state variable."""
        return self.model.parameters.get(name) or self.model.state.get(name)

    def _apart(self, values: Mapping[str, Any]) -> tuple[dict[str, float], dict[str, np.ndarray]]:
        """One number for all, and arrays with one for each neuron, which have been checked."""
        scalars, arrays = {}, {}
        for name, value in values.items():
            if is_scalar(value) and name not in self.model.state:
                scalars[name] = number(value, f"population '{self.name}': '{name}'")
            else:
                arrays[name] = self._checked(name, value)
        return scalars, arrays

    def _checked(self, name: str, values: Any) -> np.ndarray:
        """An array for all neurons that C will take, because the creation of a population that has
        been done cannot be undone."""
        what = f"population '{self.name}': '{name}'"
        item = self._variable(name)
        if item is None:
            known = [*self.model.parameters, *self.model.state]
            raise unknown(f"population '{self.name}': there is no parameter", name, known)
        if name in self.model.parameters and not item.per_neuron:
            raise Unsupported(f"{what} is one value for all neurons, got an array")
        array = floats(values, what)
        if array.ndim == 0:
            array = np.full(self._size, array[()])
        if array.shape != (self._size,):
            raise LengthError(
                f"{what} must be one value or one for each of {self._size} neurons, got the shape "
                f"{array.shape}"
            )
        wrong = ~item.allows(array)
        if wrong.any():
            index = int(np.argmax(wrong))
            allowed = item.range or "a number"
            raise RangeError(f"{what}[{index}] must be {allowed}, got {array[index]:g}")
        return array

    def _set_array(self, name: str, values: np.ndarray) -> None:
        self._handle.call(
            lib.quell_population_set_array,
            self._pointer,
            text(name, "the name of a parameter"),
            0,
            len(values),
            address(values),
        )

    def _get_array(self, name: str, n: int) -> np.ndarray:
        values = np.empty(n, np.float64)
        self._handle.call(
            lib.quell_population_get,
            self._pointer,
            text(name, "the name of a parameter"),
            0,
            n,
            address(values),
        )
        return values

    def __len__(self) -> int:
        """Number of neurons."""
        return self._size

    def __repr__(self) -> str:
        return f"<Population '{self.name}': {self._size} {self.model.name}>"

    def __getitem__(self, name: str) -> Any:
        """A parameter or state variable at the clock: float64 [size], or a number if all neurons
        share it."""
        item = self._variable(name) if isinstance(name, str) else None
        if item is not None and name in self.model.parameters and not item.per_neuron:
            return float(self._get_array(name, 1)[0])
        return self._get_array(name, self._size)

    def __setitem__(self, name: str, value: ArrayLike) -> None:
        self.set(**{text(name, "the name of a parameter").decode(): value})

    def set(self, **values: ArrayLike) -> None:
        """Sets parameters and state variables, all or none.

        Args:
            values: a number for all neurons, or an array with one for each, [size].
        """
        scalars, arrays = self._apart(values)
        with self._handle:
            before = {name: self._get_array(name, self._size) for name in arrays}
            done: list[str] = []
            try:
                for name, array in arrays.items():
                    self._set_array(name, array)
                    done.append(name)
                items, n = pairs(scalars, f"population '{self.name}'")
                self._handle.call(lib.quell_population_set, self._pointer, items, n)
            except BaseException:
                for name in done:
                    self._set_array(name, before[name])
                raise

    def view(self, name: str) -> np.ndarray:
        """A state variable without a copy: a read-only array [size] that follows the simulation.

        While such an array (or a slice of it) is in use, the network cannot be closed:
        :meth:`quell.Network.close` raises a StateError. A network that is dropped without close()
        lives as long as its views.
        """
        view = _abi.sized(_abi.quell_view)
        key = text(name, "the name of a state variable")
        with self._handle:
            self._handle.call(lib.quell_population_view, self._pointer, key, ctypes.byref(view))
            return np.asarray(View(self._handle, view))

    def schedule(self, name: str, times: ArrayLike, values: ArrayLike) -> None:
        """Lets a parameter follow a course in time, constant from each time to the next.

        Args:
            name: a parameter that may differ from neuron to neuron.
            times: when it changes, ms, [n], ascending, not before the current time. None of them
                removes the course.
            values: [n], or [n, size] with one for each neuron.
        """
        what = f"population '{self.name}': '{name}'"
        at = floats(times, f"{what}, times").reshape(-1)
        course = floats(values, f"{what}, values")
        if course.shape not in ((len(at),), (len(at), self._size)):
            raise LengthError(
                f"{what}: the values must have the shape ({len(at)},) or ({len(at)}, {self._size}),"
                f" got {course.shape}"
            )
        self._handle.call(
            lib.quell_population_schedule,
            self._pointer,
            text(name, "the name of a parameter"),
            address(at),
            at.size,
            address(course),
            course.size,
        )

    def bind(self, target: str, channel: Modulator, curve: Curve | None = None) -> None:
        """Lets a population follow a modulator; before the first step.

        Args:
            target: a parameter that may differ from neuron to neuron, such as "i_offset"; or a
                receptor, such as "inhibitory": a factor on all that arrives there.
            channel: of the same network; scopes "neuron" and "state": of this population.
            curve: through which; default the concentration itself, multiplied.
        """
        follow(self, lib.quell_population_bind, target, channel, curve)

    def effective(self, target: str, neuron: int = 0) -> float:
        """The value that a target of :meth:`bind` has now for a neuron, bound or not."""
        return effective(self, lib.quell_population_effective, target, neuron)

    def background(self, receptor: str, rate: float, weight: float) -> None:
        """Gives every neuron its own Poisson train on a receptor, from the current step on.

        Args:
            receptor: such as "excitatory".
            rate: Hz; 0 switches it off.
            weight: of one event, nS or pA.
        """
        self._handle.call(
            lib.quell_population_background,
            self._pointer,
            text(receptor, "the receptor"),
            number(rate, "the rate"),
            number(weight, "the weight"),
        )

    def set_spikes(self, neurons: ArrayLike, times: ArrayLike) -> None:
        """Replaces the spikes of a "spike_source".

        Args:
            neurons: which neuron fires, [n].
            times: when, ms, [n], in any order, later than the clock; rounded to the nearest step.
        """
        which = indices(neurons, f"population '{self.name}': neurons")
        at = floats(times, f"population '{self.name}': times").reshape(-1)
        if which.size != at.size:
            raise LengthError(f"population '{self.name}': {which.size} neurons but {at.size} times")
        self._handle.call(
            lib.quell_population_set_spikes,
            self._pointer,
            address(which),
            address(at),
            which.size,
        )

    def spikes_in(self, neurons: ArrayLike) -> None:
        """Tells that neurons of an "external" population fired, with the stamp of the clock.

        Args:
            neurons: which, [n], in any order; one that is named twice fires twice.
        """
        which = indices(neurons, f"population '{self.name}': neurons")
        self._handle.call(lib.quell_population_spikes_in, self._pointer, address(which), which.size)

    @property
    def spikes(self) -> np.ndarray:
        """Who fired in the last step: uint32 [n], ascending."""
        neurons = ctypes.POINTER(ctypes.c_uint32)()
        n = ctypes.c_size_t()
        with self._handle:
            self._handle.call(
                lib.quell_population_spikes_out,
                self._pointer,
                ctypes.byref(neurons),
                ctypes.byref(n),
            )
            return copied(neurons, n.value, np.uint32)

    def input(self, receptor: str) -> np.ndarray:
        """The summed weights that an "external" population received in the last step: float32
        [size], in nS or pA."""
        values = ctypes.POINTER(ctypes.c_float)()
        n = ctypes.c_uint32()
        key = text(receptor, "the receptor")
        with self._handle:
            self._handle.call(
                lib.quell_population_input,
                self._pointer,
                key,
                ctypes.byref(values),
                ctypes.byref(n),
            )
            return copied(values, n.value, np.float32)

    def on_step(
        self, function: Callable[[Population], object] | None
    ) -> Callable[[Population], object] | None:
        """Lets the host's neurons take part in a run, as a call or as a decorator.

        Args:
            function: called with this population at the start of every step; it may call
                :meth:`input` for the step before and :meth:`spikes_in` for this one. None removes
                it. An exception ends the run at the next step boundary and is raised there.
        """
        if function is not None and not callable(function):
            raise TypeError(f"on_step needs a function, got {function!r}")
        with self._handle:
            kind = _abi.FUNCTIONS["quell_population_on_step"][0][1]
            thunk = kind()
            if function is not None:
                thunk = self._handle.step_callback(lambda: function(self))
            self._handle.call(lib.quell_population_on_step, self._pointer, thunk, None)
            self._handle.callbacks[self.name] = thunk  # the one before was in use until here
        return function

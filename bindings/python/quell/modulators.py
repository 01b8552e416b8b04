"""Neuromodulators: channels whose concentration the host, spikes or a critic change, and what is
known of them from the literature.

    >>> dopamine = net.modulator("dopamine", tau=200)
    >>> dopamine.release(0.5)
    >>> quell.modulators.receptors()["d1"].source

What follows a channel does so through a curve: see :meth:`quell.Rule.bind`,
:meth:`quell.Projection.bind` and :meth:`quell.Population.bind`.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from . import _abi
from ._describe import listed, unknown
from ._library import lib
from ._sealed import Sealed
from ._values import address, floats, indices, number, pairs, text, whole
from .curves import Curve, from_struct
from .errors import LengthError
from .population import Population

if TYPE_CHECKING:
    from .network import Network

__all__ = ["Kinetics", "Modulator", "Receptor", "kinetics", "receptor", "receptors"]

_SCOPES = {
    "network": _abi.QUELL_SCOPE_NETWORK,
    "territory": _abi.QUELL_SCOPE_TERRITORY,
    "neuron": _abi.QUELL_SCOPE_NEURON,
    "state": _abi.QUELL_SCOPE_STATE,
}
_CRITICS = {
    "mean": _abi.QUELL_CRITIC_MEAN,
    "value": _abi.QUELL_CRITIC_VALUE,
    "population": _abi.QUELL_CRITIC_POPULATION,
}
_PARAMETERS = ("tonic", "tau", "min", "max")
_NOW = -1.0  # QUELL_NOW


class Modulator(Sealed):
    """A neuromodulator channel. Made by :meth:`quell.Network.modulator`.

    Its concentration is c = tonic + p, and p decays with `tau`. Parameters are read and written by
    name, ``channel["tau"]``, or several at once with :meth:`set`; a change acts from the current
    step on:

    ======  ====  =========  ====================================================================
    tonic   1     0          the level without release
    tau     ms    200        decay of p; 0: a release lasts for one step; infinite: it stays
    min     1     −infinity  smallest concentration, at most `tonic` …
    max     1     infinity   … and largest, at least `tonic`: what a release makes is kept within
    ======  ====  =========  ====================================================================

    Attributes:
        network: where it belongs.
        name: its name.
        scope: "network": one value; "territory": one for each; "neuron": one for each neuron of
            `population`; "state": a state variable of `population`, into which nothing is released.
        population: whose neurons, or None.
    """

    def __init__(
        self,
        network: Network,
        name: str,
        scope: str,
        territories: int,
        population: Population | None,
        state: str | None,
        preset: str | None,
        values: Mapping[str, float],
    ) -> None:
        if scope not in _SCOPES:
            raise unknown("there is no scope", scope, _SCOPES)
        self.network = network
        self.name = name
        self.scope = scope
        self.population = population
        options = _abi.sized(_abi.quell_modulator_options, scope=_SCOPES[scope])
        options.territories = territories
        if population is not None:
            options.population = population._pointer
        options.state = None if state is None else text(state, "the state variable")
        options.preset = None if preset is None else text(preset, "the preset")
        array, n = pairs(values, f"channel '{name}'")
        self._handle = network._handle
        self._pointer = ctypes.POINTER(_abi.quell_modulator)()
        self._handle.call(
            lib.quell_modulator_create,
            self._handle.pointer,
            text(name, "the name of a channel"),
            ctypes.byref(options),
            array,
            n,
            ctypes.byref(self._pointer),
        )
        self._size = int(self._info().size)

    def _info(self) -> Any:
        info = _abi.sized(_abi.quell_modulator_info)
        self._handle.call(lib.quell_modulator_describe, self._pointer, ctypes.byref(info))
        return info

    def __len__(self) -> int:
        """Number of values: 1, territories, or neurons."""
        return self._size

    def __repr__(self) -> str:
        many = "" if self._size == 1 else f", {self._size} values"
        return f"<Modulator '{self.name}': {self.scope}{many}>"

    @property
    def sources(self) -> int:
        """Number of populations whose spikes release, and 1 for a critic."""
        return int(self._info().sources)

    @property
    def readers(self) -> int:
        """Number of bindings to it."""
        return int(self._info().readers)

    # Parameters

    @property
    def parameters(self) -> dict[str, float]:
        """All parameters and their current values."""
        return {name: self[name] for name in _PARAMETERS}

    def set(self, **values: float) -> None:
        """Changes parameters, all or none; the concentration goes on from where it is."""
        array, n = pairs(values, f"channel '{self.name}'")
        self._handle.call(lib.quell_modulator_set_values, self._pointer, array, n)

    def __getitem__(self, name: str) -> float:
        value = ctypes.c_double()
        key = text(name, "the name of a parameter")
        self._handle.call(lib.quell_modulator_get_value, self._pointer, key, ctypes.byref(value))
        return value.value

    def __setitem__(self, name: str, value: float) -> None:
        self.set(**{text(name, "the name of a parameter").decode(): value})

    # Where it is

    def territories(self, population: Population, territory: ArrayLike) -> None:
        """Says in which territory the neurons of a population lie, as readers and as sources;
        those of other populations lie in territory 0. Before the first step.

        Args:
            population: the neurons.
            territory: of each neuron, [size]; or one number for all.
        """
        self.network._own(population, Population, "territories() needs a population")
        which = indices(territory, f"channel '{self.name}': territories")
        if np.ndim(territory) == 0:
            which = np.full(len(population), which[0])
        self._handle.call(
            lib.quell_modulator_territories,
            self._pointer,
            population._pointer,
            address(which),
            which.size,
        )

    def diffusion(self, rate: ArrayLike) -> None:
        """Diffusion between territories: dp_i/dt += Σ_j rate_ij (p_j − p_i). Before the first step.

        Args:
            rate: per second, ≥ 0, [territories, territories]; the diagonal is not read.
        """
        matrix = floats(rate, f"channel '{self.name}': rates")
        if matrix.shape != (self._size, self._size):
            raise LengthError(
                f"channel '{self.name}': the rates must have the shape "
                f"({self._size}, {self._size}), got {matrix.shape}"
            )
        self._handle.call(
            lib.quell_modulator_diffusion, self._pointer, address(matrix), matrix.size
        )

    # What changes it

    def release(self, amount: float, time: float | None = None, at: int = 0) -> None:
        """Releases an amount.

        Args:
            amount: what is added to the concentration; negative for a dip.
            time: when, ms, from the clock on, in whole steps; default now. Scope "neuron": now.
            at: the territory or the neuron.
        """
        self._handle.call(
            lib.quell_modulator_release,
            self._pointer,
            whole(at, f"channel '{self.name}': at", 64),
            number(amount, "the amount"),
            _NOW if time is None else number(time, "the time"),
        )

    def schedule(self, times: ArrayLike, amounts: ArrayLike, at: int = 0) -> None:
        """Releases to come, beside those that were given before.

        Args:
            times: ms, ascending, from the clock on, in whole steps, [n].
            amounts: [n], or one for all.
            at: the territory.
        """
        self._course(_abi.QUELL_RELEASE_AMOUNT, times, amounts, at)

    def levels(self, times: ArrayLike, values: ArrayLike, at: int = 0) -> None:
        """Concentrations to which it is set at times to come, and from which it goes on to decay;
        arguments as for :meth:`schedule`."""
        self._course(_abi.QUELL_SET_LEVEL, times, values, at)

    def _course(self, kind: int, times: ArrayLike, values: ArrayLike, at: int) -> None:
        what = f"channel '{self.name}'"
        when = floats(times, f"{what}: times").reshape(-1)
        course = floats(values, f"{what}: values")
        if course.ndim == 0:
            course = np.full(when.size, course[()])
        if course.shape != when.shape:
            raise LengthError(f"{what}: {when.size} times but {course.size} values")
        self._handle.call(
            lib.quell_modulator_schedule,
            self._pointer,
            kind,
            whole(at, f"{what}: at", 64),
            address(when),
            address(course),
            when.size,
        )

    def source(self, population: Population, amount: float = 1.0, delay: float = 0.0) -> None:
        """Lets the spikes of a population release: volume transmission. Before the first step.

        Args:
            population: whose spikes.
            amount: released by each spike, in the territory of its neuron.
            delay: ms until it acts, in whole steps; 0: 1 ms. Batches of steps are at most as long.
        """
        self.network._own(population, Population, "source() needs a population")
        source = _abi.sized(
            _abi.quell_source,
            amount=number(amount, "the amount"),
            delay=number(delay, "the delay"),
        )
        self._handle.call(
            lib.quell_modulator_source, self._pointer, population._pointer, ctypes.byref(source)
        )

    @property
    def concentration(self) -> Any:
        """Concentration at the clock: a number, or float64 [size] of territories or neurons.

        Can be set to a number for all or to an array, within `min` and `max`; it goes on to decay
        from there.
        """
        values = np.empty(self._size, np.float64)
        self._handle.call(lib.quell_modulator_get, self._pointer, 0, self._size, address(values))
        return float(values[0]) if self.scope == "network" else values

    @concentration.setter
    def concentration(self, values: ArrayLike) -> None:
        array = floats(values, f"channel '{self.name}': concentrations")
        if array.ndim == 0:
            array = np.full(self._size, array[()])
        if array.shape != (self._size,):
            raise LengthError(
                f"channel '{self.name}': the concentration must be one value or one for each of "
                f"{self._size}, got the shape {array.shape}"
            )
        self._handle.call(lib.quell_modulator_set, self._pointer, 0, array.size, address(array))

    # The critic

    def critic(
        self,
        kind: str = "mean",
        *,
        rate: float = 0.1,
        tau: float = 4000.0,
        population: Population | None = None,
        value: float = 0.0,
        gain: float = 1.0,
        tau_slow: float = 200.0,
        tau_fast: float = 50.0,
        delay: float = 0.0,
    ) -> None:
        """Makes a reward-prediction error the source of the channel. Before the first step; one
        critic at most.

        Args:
            kind: "mean": a reward r releases r − M, and then M += rate (r − M); "value": what the
                host predicts, see :meth:`predict`; "population": the value is value + gain × (mean
                filtered rate of `population`, Hz), and the error δ = dV/dt − V/tau + r is released
                per second (Frémaux, Sprekeler & Gerstner 2013, 10.1371/journal.pcbi.1003024).
            rate: "mean": in [0, 1].
            tau: "value", "population": discount, ms; may be infinite.
            population: "population": the value neurons.
            value: "population": the value without spikes.
            gain: "population": value per Hz.
            tau_slow: "population": of the filter, ms, above `tau_fast`.
            tau_fast: "population": of the filter, ms, above 0.
            delay: "population": ms until spikes act, in whole steps; 0: 1 ms.
        """
        if kind not in _CRITICS:
            raise unknown("there is no kind of critic", kind, _CRITICS)
        critic = _abi.sized(_abi.quell_critic, kind=_CRITICS[kind])
        numbers = dict(
            rate=rate, tau=tau, value=value, gain=gain, tau_slow=tau_slow, tau_fast=tau_fast,
            delay=delay,
        )  # fmt: skip
        for name, item in numbers.items():
            setattr(critic, name, number(item, f"critic: {name}"))
        if population is not None:
            self.network._own(population, Population, "critic() needs a population")
            critic.population = population._pointer
        self._handle.call(lib.quell_modulator_critic, self._pointer, ctypes.byref(critic))

    def reward(self, reward: float) -> None:
        """A reward, or below 0 a punishment, in the current step; needs a critic."""
        self._tell(lib.quell_modulator_reward, reward, "the reward")

    def predict(self, value: float) -> None:
        """A prediction of the value, in the current step; needs a critic of kind "value".

        After a prediction V' at t', a prediction V at t releases r + e^(−(t − t') / tau) V − V',
        where r are the rewards since then. At the end of an episode V is 0.
        """
        self._tell(lib.quell_modulator_predict, value, "the value")

    def restart(self, value: float) -> None:
        """Begins an episode: a prediction that is not compared with the one before."""
        self._tell(lib.quell_modulator_restart, value, "the value")

    def _tell(self, function: Any, value: float, what: str) -> None:
        self._handle.call(function, self._pointer, number(value, what))

    @property
    def expected(self) -> float:
        """What the critic expects: the mean reward, or the value."""
        value = ctypes.c_double()
        self._handle.call(lib.quell_modulator_expected, self._pointer, ctypes.byref(value))
        return value.value


# From the literature


@dataclass(frozen=True)
class Kinetics:
    """Kinetics of a modulator, for ``net.modulator(…, preset="NAME")``.

    Attributes:
        name: by which they are asked for.
        doc: what they are, in one line.
        source: where the numbers were read.
    """

    name: str
    doc: str
    source: str

    def __str__(self) -> str:
        return f"{self.name}: {self.doc} ({self.source})"


@dataclass(frozen=True)
class Receptor:
    """A receptor's curve; :func:`receptor` gives it alone.

    Attributes:
        name: by which it is asked for.
        doc: what it is, in one line.
        source: where the numbers were read.
        curve: what it makes of a concentration.
    """

    name: str
    doc: str
    source: str
    curve: Curve

    def __str__(self) -> str:
        return f"{self.name}: {self.doc}, {self.curve} ({self.source})"


def kinetics() -> dict[str, Kinetics]:
    """All sets of kinetics, by name."""
    return {item.name: item for item in map(_kinetics, _presets(lib.quell_modulator_kinetics))}


def receptors() -> dict[str, Receptor]:
    """All receptors, by name."""
    return {item.name: item for item in map(_receptor, _presets(lib.quell_modulator_receptor))}


def receptor(
    name: str, *, low: float | None = None, high: float | None = None, combine: str | None = None
) -> Curve:
    """The curve of a receptor.

    Args:
        name: one of :func:`receptors`, such as "d1".
        low: what it should be without occupancy, in place of that of the preset.
        high: what it should be with full occupancy.
        combine: "multiply" or "add", see :class:`quell.Curve`; default as in the preset.
    """
    known = receptors()
    if name not in known:
        raise unknown("there is no receptor", text(name, "the receptor").decode(), known)
    curve = known[name].curve
    values = dict(curve.values)
    for key, item in (("low", low), ("high", high)):
        if item is None:
            continue
        if key not in values:
            raise TypeError(f"the curve of '{name}', {curve!r}, has no {key!r}")
        values[key] = number(item, key)
    return replace(curve, values=tuple(values.items()), combine=combine or curve.combine)


def _presets(function: Any) -> Any:
    """All structs that `function(i, &struct)` fills in."""
    return listed(lambda _of, i, info: function(i, info), None, _abi.quell_modulator_preset)


def _kinetics(info: Any) -> Kinetics:
    return Kinetics(info.name.decode(), info.doc.decode(), info.source.decode())


def _receptor(info: Any) -> Receptor:
    name, doc, source = (item.decode() for item in (info.name, info.doc, info.source))
    return Receptor(name, doc, source, from_struct(info.curve))

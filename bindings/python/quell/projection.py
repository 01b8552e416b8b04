"""Synapses from one population onto a receptor of another."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from . import _abi
from ._following import effective, follow
from ._library import lib
from ._sealed import Sealed
from ._values import address, floats, indices, number, text, whole
from .distributions import fill
from .errors import LengthError

if TYPE_CHECKING:
    from .curves import Curve
    from .modulators import Modulator
    from .network import Network
    from .population import Population
    from .rules import Rule

_KINDS = {
    "p": _abi.QUELL_FIXED_PROBABILITY,
    "in_degree": _abi.QUELL_FIXED_IN_DEGREE,
    "total": _abi.QUELL_FIXED_TOTAL,
    "pairs": _abi.QUELL_LIST,
    "one_to_one": _abi.QUELL_ONE_TO_ONE,
    "all_to_all": _abi.QUELL_ALL_TO_ALL,
}


def connection(how: Mapping[str, Any], values: Mapping[str, Any], flags: int) -> tuple[Any, Any]:
    """A ``quell_connection``, and what must be kept until C has read it.

    Args:
        how: p, in_degree, total, pairs, one_to_one, all_to_all: exactly one is not None or False.
        values: weight, delay, delay_axonal, delay_dendritic.
        flags: QUELL_NO_SELF, QUELL_NO_MULTAPSES.
    """
    chosen = [name for name, value in how.items() if value is not None and value is not False]
    if len(chosen) != 1:
        got = " and ".join(chosen) or "none"
        raise TypeError(f"connect() needs exactly one of {', '.join(_KINDS)}; got {got}")
    (name,) = chosen
    result = _abi.sized(_abi.quell_connection, kind=_KINDS[name], flags=flags)
    kept = []
    if name == "p":
        result.p = number(how["p"], "p")
    elif name in ("in_degree", "total"):
        result.count = whole(how[name], name, 64)
    elif name == "pairs":
        pre, post = _endpoints(how["pairs"])
        result.pre, result.post, result.n = address(pre), address(post), pre.size
        kept += [pre, post]
    for key, value in values.items():
        kept.append(fill(getattr(result, key), value, key))
    return result, kept


def _endpoints(pairs: Any) -> tuple[np.ndarray, np.ndarray]:
    try:
        pre, post = pairs
    except (TypeError, ValueError):
        raise TypeError("pairs must be two arrays: (pre, post)") from None
    pre, post = indices(pre, "pairs, pre"), indices(post, "pairs, post")
    if pre.size != post.size:
        raise LengthError(f"pairs: {pre.size} pre neurons but {post.size} post neurons")
    return pre, post


class Projection(Sealed):
    """Synapses from one population onto a receptor of another. Made by
    :meth:`quell.Network.connect`.

    The synapses are numbered in the order (axonal delay, pre, post, order of drawing or listing),
    and every array here has that order. ``proj["weight"]`` and ``proj["delay"]`` read a quantity.

    Attributes:
        network: where it belongs.
        source: the population that the spikes come from.
        target: the population that they go to.
        receptor: on which receptor.
        rule: the rule that learns at spikes, or None.
        rules: all rules, that one first.
    """

    def __init__(
        self,
        network: Network,
        source: Population,
        target: Population,
        receptor: str,
        description: Any,
        rules: Sequence[Rule],
    ) -> None:
        self.network = network
        self.source = source
        self.target = target
        self.receptor = receptor
        stack = list(rules)
        at_spikes = [i for i, rule in enumerate(stack) if rule.description.type.kind == "event"]
        self.rule: Rule | None = stack.pop(at_spikes[0]) if at_spikes else None
        self.rules = tuple(stack) if self.rule is None else (self.rule, *stack)
        pointers = (ctypes.POINTER(_abi.quell_rule) * len(stack))(*(r._pointer for r in stack))
        description.stack, description.n_stack = pointers, len(stack)
        self._handle = network._handle
        self._pointer = ctypes.POINTER(_abi.quell_projection)()
        self._handle.guarded(
            lib.quell_connect,
            self._handle.pointer,
            source._pointer,
            target._pointer,
            text(receptor, "the receptor"),
            ctypes.byref(description),
            None if self.rule is None else self.rule._pointer,
            ctypes.byref(self._pointer),
        )
        self._size = int(self._handle.ask(lib.quell_projection_size, self._pointer))

    def _info(self) -> Any:
        info = _abi.sized(_abi.quell_projection_info)
        self._handle.call(lib.quell_projection_describe, self._pointer, ctypes.byref(info))
        return info

    def __len__(self) -> int:
        """Number of synapses."""
        return self._size

    def __repr__(self) -> str:
        rules = "".join(f", {rule.name}" for rule in self.rules)
        return (
            f"<Projection {self.source.name} → {self.target.name}, {self.receptor}: "
            f"{self._size} synapses{rules}>"
        )

    @property
    def pre(self) -> np.ndarray:
        """Pre neuron of each synapse: uint32 [n]."""
        pre = np.empty(self._size, np.uint32)
        self._handle.call(
            lib.quell_projection_endpoints, self._pointer, 0, self._size, address(pre), None
        )
        return pre

    @property
    def post(self) -> np.ndarray:
        """Post neuron of each synapse: uint32 [n]."""
        post = np.empty(self._size, np.uint32)
        self._handle.call(
            lib.quell_projection_endpoints, self._pointer, 0, self._size, None, address(post)
        )
        return post

    def get(self, variable: str) -> np.ndarray:
        """Reads a quantity of the synapses, as it is at the clock.

        Args:
            variable: "weight" (nS or pA), "delay", "delay_axonal", "delay_dendritic" (ms), or a
                variable of one of the rules; that of a row has one value for all of its synapses.

        Returns:
            A copy, float32 [n].
        """
        values = np.empty(self._size, np.float32)
        self._handle.call(
            lib.quell_projection_get,
            self._pointer,
            text(variable, "the variable"),
            0,
            self._size,
            address(values),
        )
        return values

    def set(self, **values: ArrayLike) -> None:
        """Writes "weight" or variables of the rules, all or none; acts from the current step on.

        Args:
            values: one number for all synapses, or an array with one for each, [n].
        """
        arrays = {name: self._each(name, value) for name, value in values.items()}
        with self._handle:
            before = {name: self.get(name) for name in arrays} if len(arrays) > 1 else {}
            done: list[str] = []
            try:
                for name, array in arrays.items():
                    self._write(name, array)
                    done.append(name)
            except BaseException:
                for name in done:
                    self._write(name, before[name])
                raise

    def _each(self, name: str, value: ArrayLike) -> np.ndarray:
        array = floats(value, f"{self._name}: '{name}'", np.float32)
        if array.ndim == 0:
            return np.full(self._size, array[()])
        if array.shape != (self._size,):
            raise LengthError(
                f"{self._name}: '{name}' must be one value or one for each of {self._size} "
                f"synapses, got the shape {array.shape}"
            )
        return array

    def _write(self, name: str, values: np.ndarray) -> None:
        self._handle.call(
            lib.quell_projection_set,
            self._pointer,
            text(name, "the variable"),
            0,
            self._size,
            address(values),
        )

    @property
    def _name(self) -> str:
        return f"projection {self.source.name} → {self.target.name}"

    def __getitem__(self, variable: str) -> np.ndarray:
        return self.get(variable)

    def __setitem__(self, variable: str, values: ArrayLike) -> None:
        self.set(**{text(variable, "the variable").decode(): values})

    @property
    def weights(self) -> np.ndarray:
        """Weight of each synapse, a magnitude in nS or pA: a copy, float32 [n]. Can be set to one
        number for all or to an array."""
        return self.get("weight")

    @weights.setter
    def weights(self, values: ArrayLike) -> None:
        self.set(weight=values)

    @property
    def delay(self) -> np.ndarray:
        """Whole delay of each synapse, ms: float32 [n]."""
        return self.get("delay")

    @property
    def delay_axonal(self) -> np.ndarray:
        """The part of the delay before the synapse, ms: float32 [n]."""
        return self.get("delay_axonal")

    @property
    def delay_dendritic(self) -> np.ndarray:
        """The part of the delay after the synapse, ms: float32 [n]."""
        return self.get("delay_dendritic")

    @property
    def nbytes(self) -> int:
        """Memory of all that is kept for each synapse and row, in bytes."""
        return int(self._info().bytes)

    @property
    def learning(self) -> bool:
        """Whether the synapses learn. Can be switched; traces run on while it is off."""
        return bool(self._info().learning)

    @learning.setter
    def learning(self, on: bool) -> None:
        self._handle.call(lib.quell_projection_learning, self._pointer, int(bool(on)))

    def bind(self, target: str, channel: Modulator, curve: Curve | None = None) -> None:
        """Lets a projection follow a modulator; before the first step.

        Args:
            target: "gain": what is delivered is scaled, by the factor of the moment when the spike
                arrives at the synapse.
            channel: of the same network, with the scope "network" or "territory".
            curve: through which; default the concentration itself.
        """
        follow(self, lib.quell_projection_bind, target, channel, curve)

    def effective(self, target: str, at: int = 0) -> float:
        """The value that a target of :meth:`bind` has now, bound or not; `at`: the territory."""
        return effective(self, lib.quell_projection_effective, target, at)

    def matrix(self, variable: str = "weight", missing: float = 0.0) -> np.ndarray:
        """A quantity as a dense matrix.

        Args:
            variable: as for :meth:`get`.
            missing: what stands where there is no synapse, such as nan.

        Returns:
            float32 [pre neurons, post neurons]. Several synapses of one pair are summed.
        """
        values = self.get(variable)
        shape = (len(self.source), len(self.target))
        matrix = np.full(shape, missing, np.float32)
        if values.size:
            place = self.pre.astype(np.int64) * shape[1] + self.post
            order = np.argsort(place, kind="stable")
            place, values = place[order], values[order]
            starts = np.flatnonzero(np.diff(place, prepend=-1))
            sums = np.add.reduceat(values, starts, dtype=np.float64)
            matrix.reshape(-1)[place[starts]] = sums
        return matrix

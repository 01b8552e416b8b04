"""What the library says about its models, rules and their parameters."""

from __future__ import annotations

import ctypes
import difflib
import itertools
import math
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from . import _abi
from .errors import UnknownName


@dataclass(frozen=True)
class Variable:
    """A parameter or a state variable.

    Attributes:
        name: by which it is set and read.
        unit: its unit; "1" if it has none, "w" for the unit of the weight.
        doc: what it is, in one line.
        default: default or initial value.
        min: smallest allowed value, -inf if there is none.
        max: largest allowed value, inf if there is none.
        min_open: whether `min` itself is not allowed.
        integer: whether it must be a whole number.
        per_neuron: whether it may differ from neuron to neuron.
        bindable: whether it may follow a modulator: see :meth:`quell.Rule.bind`.
    """

    name: str
    unit: str
    doc: str
    default: float
    min: float
    max: float
    min_open: bool
    integer: bool
    per_neuron: bool
    bindable: bool = False

    @property
    def range(self) -> str:
        """The allowed values, such as "> 0" or "0 … 1"; "" if all are."""
        if math.isinf(self.min) and math.isinf(self.max):
            return ""
        if math.isinf(self.min):
            return f"≤ {self.max:g}"
        if math.isinf(self.max):
            return f"{'>' if self.min_open else '≥'} {self.min:g}"
        return f"{'> ' if self.min_open else ''}{self.min:g} … {self.max:g}"

    def allows(self, values: np.ndarray) -> np.ndarray:
        """Which values are in the allowed range: bool, of the same shape."""
        low = values > self.min if self.min_open else values >= self.min
        allowed = low & (values <= self.max)
        return allowed & (values == np.floor(values)) if self.integer else allowed

    def __str__(self) -> str:
        unit = "" if self.unit == "1" else f" {self.unit}"
        notes = [f"default {self.default:g}{unit}"]
        if self.range:
            notes.append(self.range)
        if self.per_neuron:
            notes.append("per neuron")
        if self.bindable:
            notes.append("bindable")
        return f"{self.name}: {self.doc} ({', '.join(notes)})"


@dataclass(frozen=True)
class Trace:
    """What is remembered of the spikes of one side.

    Attributes:
        side: "pre", "post" or "late".
        kind: "add": it jumps by 1 at a spike and decays; "set": it becomes 1 and decays; "age": the
            time since the last spike, ms, at least 1e7 if there was none.
        tau: the parameter with its time constant; None for an age.
        name: by which the functions of a rule read it.
    """

    side: str
    kind: str = "add"
    tau: str | None = None
    name: str = ""

    def __str__(self) -> str:
        decay = f", time constant {self.tau}" if self.tau else ""
        return f"{self.name}: of {self.side} spikes, {self.kind}{decay}"


@dataclass(frozen=True)
class Eligibility:
    """A variable of a synapse that decays: de/dt = −e / tau, dw/dt = e × factor, per second.

    Attributes:
        name: by which it is read, written and recorded.
        unit: its unit; "1" if it has none.
        doc: what it is, in one line.
        tau: the parameter with its time constant.
        factor: the third factor that makes it change the weight; None: it only decays.
    """

    name: str
    unit: str = "1"
    doc: str = ""
    tau: str = ""
    factor: str | None = None

    def __str__(self) -> str:
        what = f"{self.doc}, " if self.doc else ""
        acts = f", acts with {self.factor}" if self.factor else ""
        return f"{self.name}: {what}time constant {self.tau}{acts}"


@dataclass(frozen=True)
class Preset:
    """A published set of parameters.

    Attributes:
        name: by which it is asked for, as in ``quell.rules.NAME(preset="…")``.
        doc: what it is and where it comes from, in one line.
        values: parameters that differ from the defaults.
    """

    name: str
    doc: str
    values: Mapping[str, float] = field(hash=False)

    def __str__(self) -> str:
        values = ", ".join(f"{name}={value:g}" for name, value in self.values.items())
        return f"{self.name}: {self.doc} ({values})"


@dataclass(frozen=True)
class Bytes:
    """Memory that a rule takes.

    Attributes:
        synapse: for each synapse: weight and variables. The target takes 2 more, and a dendritic
            delay that varies 1 or 2.
        row: for each pre neuron and tile of post neurons.
        neuron: for each post neuron, without delay lines and the windows of integrals.
    """

    synapse: int
    row: int
    neuron: int


def variable(info: Any) -> Variable:
    """A Variable from a ``quell_variable``."""
    return Variable(
        name=info.name.decode(),
        unit=(info.unit or b"1").decode(),
        doc=(info.doc or b"").decode(),
        default=info.value,
        min=info.min,
        max=info.max,
        min_open=bool(info.flags & _abi.QUELL_MIN_OPEN),
        integer=bool(info.flags & _abi.QUELL_INTEGER),
        per_neuron=bool(info.flags & _abi.QUELL_PER_NEURON),
        bindable=bool(info.flags & _abi.QUELL_BINDABLE),
    )


def table(function: Any, of: Any) -> dict[str, Variable]:
    """The variables that `function(of, i, &info)` lists, by name."""
    items = (variable(info) for info in listed(function, of, _abi.quell_variable))
    return {item.name: item for item in items}


def listed(function: Any, of: Any, kind: Any) -> Iterator[Any]:
    """All structs that `function(of, i, &struct)` fills in."""
    for i in itertools.count():
        info = _abi.sized(kind)
        if function(of, i, ctypes.byref(info)) < 0:
            return
        yield info


def section(title: str, items: Iterable[object]) -> str:
    """A block of a docstring with one line for each item."""
    lines = [f"    {item}" for item in items]
    return "\n".join([f"{title}:", *lines]) if lines else ""


def wrapped(text: str) -> str:
    """A paragraph in lines."""
    return textwrap.fill(text, 96, break_long_words=False, break_on_hyphens=False)


def paragraphs(*parts: str) -> str:
    """Parts that are not empty, with a line between them."""
    return "\n\n".join(part for part in parts if part)


def unknown(what: str, name: str, known: Iterable[str]) -> UnknownName:
    """The error for a name that does not exist, with the nearest ones that do."""
    names = list(known)
    near = difflib.get_close_matches(name, names, n=3)
    hint = f"did you mean {', '.join(map(repr, near))}?" if near else f"there are {names}"
    return UnknownName(f"{what} {name!r}; {hint}")

"""What the library says about its models, rules and their parameters."""

from __future__ import annotations

import ctypes
import difflib
import math
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
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
        return f"{self.name}: {self.doc} ({', '.join(notes)})"


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
    )


def table(function: Any, of: Any) -> dict[str, Variable]:
    """All that `function(of, i, &info)` lists, by name."""
    found: dict[str, Variable] = {}
    while True:
        info = _abi.sized(_abi.quell_variable)
        if function(of, len(found), ctypes.byref(info)) < 0:
            return found
        item = variable(info)
        found[item.name] = item


def section(title: str, variables: Iterable[Variable]) -> str:
    """A block of a docstring with one line for each variable."""
    lines = [f"    {item}" for item in variables]
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

"""Curves: what something that follows a modulator makes of its concentration.

    >>> rule.bind("eta", dopamine, quell.hill(half=0.5, low=0.2, high=2))

A curve is handed to ``bind()``, and can be called with a concentration or an array of them.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from . import _abi
from ._describe import unknown
from ._library import lib
from ._values import floats, number
from .errors import LengthError, from_status

__all__ = ["Curve", "hill", "linear", "sigmoid", "table"]

_KINDS = {
    "linear": _abi.QUELL_CURVE_LINEAR,
    "hill": _abi.QUELL_CURVE_HILL,
    "sigmoid": _abi.QUELL_CURVE_SIGMOID,
    "table": _abi.QUELL_CURVE_TABLE,
}
_COMBINE = {"multiply": _abi.QUELL_MULTIPLY, "add": _abi.QUELL_ADD}
#: How the functions below call the members of a ``quell_curve``.
_MEMBERS = {
    "linear": {"slope": "slope", "offset": "low"},
    "hill": {"half": "half", "exponent": "shape", "low": "low", "high": "high"},
    "sigmoid": {"half": "half", "width": "shape", "low": "low", "high": "high"},
    "table": {},
}


@dataclass(frozen=True)
class Curve:
    """A curve; made by :func:`linear`, :func:`hill`, :func:`sigmoid`, :func:`table` or
    :func:`quell.receptor`.

    Attributes:
        kind: "linear", "hill", "sigmoid" or "table".
        values: its numbers, by the name that the function of that kind gives them.
        points: of a table: (x, y), each a tuple.
        combine: "multiply": a target is its value times all curves that multiply; "add": plus the
            sum of all that add.
    """

    kind: str
    values: tuple[tuple[str, float], ...]
    points: tuple[tuple[float, ...], tuple[float, ...]] = ((), ())
    combine: str = "multiply"

    def __post_init__(self) -> None:
        if self.combine not in _COMBINE:
            raise unknown("a curve can be combined by", self.combine, _COMBINE)
        self(0.0)  # refuses what is no curve

    def __call__(self, concentration: ArrayLike) -> Any:
        """The value at a concentration, or float64 with the shape of an array of them."""
        given = floats(concentration, "the concentration")
        curve, _kept = self.struct()
        values = np.empty(given.shape, np.float64)
        value = ctypes.c_double()
        for i, c in np.ndenumerate(given):
            status = lib.quell_curve_value(ctypes.byref(curve), c, ctypes.byref(value))
            if status < 0:
                raise from_status(status, f"{self!r} is no curve: {_SENSE[self.kind]}")
            values[i] = value.value
        return values if values.ndim else float(values)

    def struct(self) -> tuple[Any, Any]:
        """A ``quell_curve``, and what must be kept until C has read it."""
        curve = _abi.sized(_abi.quell_curve, kind=_KINDS[self.kind], combine=_COMBINE[self.combine])
        for name, value in self.values:
            setattr(curve, _MEMBERS[self.kind][name], value)
        n = len(self.points[0])
        x, y = ((ctypes.c_double * n)(*numbers) for numbers in self.points)
        if n:
            curve.x, curve.y, curve.n = x, y, n
        return curve, (x, y)

    def __repr__(self) -> str:
        given = [f"{name}={value:g}" for name, value in self.values]
        if self.kind == "table":
            given = [repr(list(numbers)) for numbers in self.points]
        if self.combine != "multiply":
            given.append(f"combine={self.combine!r}")
        return f"quell.{self.kind}({', '.join(given)})"


_SENSE = {
    "linear": "its numbers must be finite",
    "hill": "half and exponent must be above 0, and all numbers finite",
    "sigmoid": "width must not be 0, and all numbers be finite",
    "table": "there must be 1 to 65536 points, finite, with x ascending",
}


def linear(slope: float = 1.0, offset: float = 0.0, *, combine: str = "multiply") -> Curve:
    """offset + slope × c; without arguments the concentration itself."""
    return _curve("linear", combine, slope=slope, offset=offset)


def hill(
    half: float,
    exponent: float = 1.0,
    low: float = 0.0,
    high: float = 1.0,
    *,
    combine: str = "multiply",
) -> Curve:
    """low + (high − low) cⁿ / (halfⁿ + cⁿ) with n = `exponent`: occupancy of receptors.

    Args:
        half: concentration at which it is half-way, > 0.
        exponent: > 0.
        low: value at c ≤ 0.
        high: value that it tends to.
        combine: "multiply" or "add", see :class:`Curve`.
    """
    return _curve("hill", combine, half=half, exponent=exponent, low=low, high=high)


def sigmoid(
    half: float,
    width: float = 1.0,
    low: float = 0.0,
    high: float = 1.0,
    *,
    combine: str = "multiply",
) -> Curve:
    """low + (high − low) / (1 + e^(−(c − half) / width)).

    Args:
        half: concentration at which it is half-way.
        width: not 0; below 0 the curve falls from `high` to `low`.
        low: value that it tends to for small c.
        high: value that it tends to for large c.
        combine: "multiply" or "add", see :class:`Curve`.
    """
    return _curve("sigmoid", combine, half=half, width=width, low=low, high=high)


def table(x: ArrayLike, y: ArrayLike, *, combine: str = "multiply") -> Curve:
    """Linear between points, and beyond them as at the last one.

    Args:
        x: concentrations, ascending, [n], n in [1, 65536].
        y: values, [n].
        combine: "multiply" or "add", see :class:`Curve`.
    """
    across, up = floats(x, "x").reshape(-1), floats(y, "y").reshape(-1)
    if across.size != up.size:
        raise LengthError(f"a table has a y for each x, got {across.size} and {up.size}")
    return Curve("table", (), (tuple(across.tolist()), tuple(up.tolist())), combine)


def _curve(kind: str, combine: str, **values: float) -> Curve:
    checked = ((name, number(value, f"{kind}: {name}")) for name, value in values.items())
    return Curve(kind, tuple(checked), combine=combine)


def from_struct(curve: Any) -> Curve:
    """The Curve of a ``quell_curve``."""
    kind = next(name for name, number in _KINDS.items() if number == curve.kind)
    combine = next(name for name, number in _COMBINE.items() if number == curve.combine)
    values = tuple((name, getattr(curve, member)) for name, member in _MEMBERS[kind].items())
    points: tuple[Sequence[float], Sequence[float]] = (curve.x[: curve.n], curve.y[: curve.n])
    return Curve(kind, values, (tuple(points[0]), tuple(points[1])), combine)

"""Values that are drawn for each synapse: weights and delays."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import _abi
from ._values import address, floats, is_scalar, number
from .errors import LengthError

_KINDS = {
    "uniform": _abi.QUELL_UNIFORM,
    "normal": _abi.QUELL_NORMAL,
    "lognormal": _abi.QUELL_LOGNORMAL,
}
#: What `a` and `b` of C are called here.
_NAMES = {
    "uniform": ("low", "high"),
    "normal": ("mean", "sd"),
    "lognormal": ("mu", "sigma"),
}
_OUTSIDE = {
    "refuse": _abi.QUELL_REFUSE,
    "clip": _abi.QUELL_CLIP,
    "redraw": _abi.QUELL_REDRAW,
}


@dataclass(frozen=True)
class Distribution:
    """A distribution, to be given as a weight or a delay; made by uniform() and the others."""

    kind: str
    a: float
    b: float
    low: float = 0.0
    high: float = np.inf
    outside: str = "refuse"

    def __repr__(self) -> str:
        bounds = ""
        if self.outside != "refuse":
            bounds = f", low={self.low:g}, high={self.high:g}, outside={self.outside!r}"
        return f"quell.{self.kind}({self.a:g}, {self.b:g}{bounds})"


def uniform(low: float, high: float) -> Distribution:
    """Between `low` and `high`."""
    return Distribution("uniform", number(low, "low"), number(high, "high"))


def normal(
    mean: float,
    sd: float,
    *,
    low: float | None = None,
    high: float | None = None,
    outside: str | None = None,
) -> Distribution:
    """Normal, with a mean and a standard deviation.

    Args:
        mean: in the unit of the quantity.
        sd: in the unit of the quantity.
        low: lower bound; 0 if only the other one is given.
        high: upper bound; infinite if only the other one is given.
        outside: what becomes of a value outside the bounds: "redraw" (the default if a bound is
            given) draws it again, "clip" takes the nearer bound. Without bounds a value that the
            quantity does not allow, such as a negative weight, is an error.
    """
    return _bounded("normal", mean, sd, low, high, outside)


def lognormal(
    mu: float,
    sigma: float,
    *,
    low: float | None = None,
    high: float | None = None,
    outside: str | None = None,
) -> Distribution:
    """e to the normal variable of mean `mu` and standard deviation `sigma`; bounds as in normal().

    The median is e^mu, and the mean e^(mu + sigma²/2), in the unit of the quantity.
    """
    return _bounded("lognormal", mu, sigma, low, high, outside)


def _bounded(
    kind: str, a: float, b: float, low: float | None, high: float | None, outside: str | None
) -> Distribution:
    bounded = low is not None or high is not None
    if outside is None:
        outside = "redraw" if bounded else "refuse"
    if outside not in _OUTSIDE:
        raise ValueError(f"outside must be 'clip', 'redraw' or 'refuse', got {outside!r}")
    if outside == "refuse" and bounded:
        raise ValueError("bounds need outside='clip' or outside='redraw'")
    return Distribution(
        kind,
        number(a, "the first number"),
        number(b, "the second number"),
        0.0 if low is None else number(low, "low"),
        np.inf if high is None else number(high, "high"),
        outside,
    )


def fill(target: Any, value: Any, what: str) -> Any:
    """Writes a number, a Distribution or an array into a ``quell_distribution``.

    Returns what must be kept until C has read it.
    """
    if value is None:
        return None
    if isinstance(value, Distribution):
        target.kind = _KINDS[value.kind]
        target.outside = _OUTSIDE[value.outside]
        target.a, target.b = value.a, value.b
        if value.outside != "refuse":
            target.low, target.high = value.low, value.high
        return None
    if is_scalar(value):
        target.kind = _abi.QUELL_CONSTANT
        target.a = number(value, what)
        return None
    array = floats(value, what)
    if array.ndim != 1:
        raise LengthError(f"{what} must be one value for each synapse, got shape {array.shape}")
    target.kind = _abi.QUELL_ARRAY
    target.values = address(array)
    target.n = array.size
    return array


def in_python(sentence: str, values: Mapping[str, Any]) -> str:
    """The library's sentence about one of the quantities, with the names that the user has given
    numbers by.

    Args:
        sentence: such as "connection: weight: 'a' must be >= 0, got -1; …".
        values: a number, a Distribution, an array or None for each quantity.
    """
    found = re.match(r"connection: (\w+): (?='(?:a|b|values\[\d+\])')", sentence)
    if found is None or found[1] not in values:
        return sentence
    quantity, rest = found[1], sentence[found.end() :]
    value = values[quantity]
    if isinstance(value, Distribution):
        a, b = _NAMES[value.kind]
        rest = rest.replace("'a'", f"'{a}'").replace("'b'", f"'{b}'")
        return f"connection: {quantity}: {rest}"
    return "connection: " + re.sub(r"'(?:a|values(\[\d+\]))'", rf"'{quantity}\1'", rest, count=1)

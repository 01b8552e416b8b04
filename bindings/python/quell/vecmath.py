"""Exponential, logarithm, power and choice for rules written in Python (:func:`quell.rule`).

They give the bits of ``quell/vecmath.h`` on every machine, compiled as well as interpreted, and
compiled loops over them are vectorised; functions of :mod:`math` are neither. All of them take and
give float32, single numbers or arrays. Relative error below 3e-7.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["exp", "log", "power", "where"]

_F = np.float32
_SHIFTER = _F(12582912.0)  # 1.5 × 2^23: adding it rounds to a whole number
_SIXTH, _SEVENTH, _FIFTH, _THIRD = _F(1) / _F(6), _F(2) / _F(7), _F(2) / _F(5), _F(2) / _F(3)
_ROOT_HALF = np.int32(0x3F3504F3)  # mantissas are taken around 1
_SMALLEST = _F(1.17549435e-38)


def where(condition: Any, yes: Any, no: Any) -> Any:
    """`yes` where the condition holds, else `no`."""
    return np.where(condition, _single(yes), _single(no))


def exp(x: Any) -> Any:
    """e^x; x is taken as at least −87 and at most 88."""
    x = _single(x)
    y = np.where(x > _F(-87), x, _F(-87))
    y = np.where(y < _F(88), y, _F(88))
    n = (y * _F(1.44269504) + _SHIFTER) - _SHIFTER
    r = (y - n * _F(0.693359375)) - n * _F(-2.12194440e-4)
    p: Any = _F(1) / _F(720)
    for term in (_F(1) / _F(120), _F(1) / _F(24), _SIXTH, _F(0.5), _F(1), _F(1)):
        p = p * r + term
    scale = np.asarray((n.astype(np.int32) + np.int32(127)) << np.int32(23)).view(_F)
    return np.where(x == x, p * scale, x)


def log(x: Any) -> Any:
    """Natural logarithm of a normal number x > 0."""
    bits = _single(x).view(np.int32) - _ROOT_HALF
    exponent = bits >> np.int32(23)
    m = np.asarray((bits & np.int32(0x007FFFFF)) + _ROOT_HALF).view(_F)
    s = (m - _F(1)) / (m + _F(1))
    s2 = s * s
    p: Any = _F(2) / _F(9)
    for term in (_SEVENTH, _FIFTH, _THIRD, _F(2)):
        p = p * s2 + term
    return exponent.astype(_F) * _F(0.693147182) + s * p


def power(x: Any, y: Any) -> Any:
    """x to the power of y ≥ 0; 0 for x ≤ 0."""
    x = _single(x)
    positive = np.where(x > _SMALLEST, x, _SMALLEST)
    return np.where(x > _F(0), exp(_single(y) * log(positive)), _F(0))


def _single(x: Any) -> Any:
    return np.asarray(x, dtype=np.float32)

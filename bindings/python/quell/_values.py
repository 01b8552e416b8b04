"""Turns what a user passes into what C takes, and refuses what C would misread."""

from __future__ import annotations

import ctypes
import operator
from collections.abc import Mapping
from typing import Any

import numpy as np

from . import _abi
from .errors import LengthError, RangeError, UnknownName


def text(value: object, what: str) -> bytes:
    """A name as C reads it."""
    if not isinstance(value, str):
        raise TypeError(f"{what} must be a string, got {value!r}")
    if "\0" in value:
        raise UnknownName(f"{what} must not contain a null character, got {value!r}")
    return value.encode()


def number(value: Any, what: str) -> float:
    """One real number."""
    if isinstance(value, (str, bytes)) or np.iscomplexobj(value):
        raise TypeError(f"{what} must be a number, got {value!r}")
    try:
        return float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{what} must be a number, got {value!r}") from None


def whole(value: Any, what: str, bits: int = 32, least: int = 0) -> int:
    """A whole number that fits into an unsigned integer of C; ctypes would wrap it silently."""
    try:
        result = operator.index(value)
    except TypeError:
        raise TypeError(f"{what} must be a whole number, got {value!r}") from None
    if not least <= result < 2**bits:
        raise RangeError(f"{what} must be at least {least} and below 2^{bits}, got {result}")
    return result


def option(value: Any, what: str) -> float:
    """A number for which C takes zero as "default": here that is None, and zero is refused."""
    if value is None:
        return 0.0
    result = number(value, what)
    if result == 0.0:
        raise RangeError(f"{what} must not be 0")
    return result


def whole_option(value: Any, what: str) -> int:
    """A whole number for which C takes zero as "default"."""
    return 0 if value is None else whole(value, what, least=1)


def is_scalar(value: Any) -> bool:
    """Whether a value stands for all, and is not an array with one for each."""
    return isinstance(value, (str, bytes)) or np.ndim(value) == 0


def floats(values: Any, what: str, dtype: Any = np.float64) -> np.ndarray:
    """A contiguous array of real numbers, of the shape that it has."""
    array = np.asarray(values)
    if array.size == 0:
        array = array.astype(dtype)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{what} must be numbers, got an array of {array.dtype}")
    return np.asarray(array, dtype=dtype, order="C")  # unlike ascontiguousarray, keeps 0-d


def indices(values: Any, what: str, dtype: Any = np.uint32) -> np.ndarray:
    """A contiguous, one-dimensional array of indices."""
    array = np.asarray(values)
    if array.ndim == 0:
        array = array.reshape(1)
    if array.ndim != 1:
        raise LengthError(f"{what} must be one-dimensional, got the shape {array.shape}")
    if array.size == 0:
        return np.empty(0, dtype)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{what} must be whole numbers, got an array of {array.dtype}")
    most = np.iinfo(dtype).max
    if int(array.min()) < 0 or int(array.max()) > most:
        culprit = int(array.min()) if int(array.min()) < 0 else int(array.max())
        raise LengthError(f"{what} must be indices from 0, got {culprit}")
    return np.ascontiguousarray(array, dtype=dtype)


def address(array: np.ndarray) -> Any:
    """A typed pointer to the first element; it keeps the array alive."""
    return array.ctypes.data_as(ctypes.POINTER(np.ctypeslib.as_ctypes_type(array.dtype)))


def pairs(values: Mapping[str, Any], owner: str) -> tuple[Any, int]:
    """Names and values as an array of ``quell_value``, and its length."""
    array = (_abi.quell_value * len(values))()
    for item, (name, value) in zip(array, values.items()):
        item.name = text(name, f"{owner}: a parameter's name")
        item.value = number(value, f"{owner}: '{name}'")
    return array, len(values)


def copied(source: Any, n: int, dtype: Any) -> np.ndarray:
    """A copy of n elements behind a pointer of C, which may be null if n is 0."""
    if n == 0:
        return np.empty(0, dtype)
    return np.array(np.ctypeslib.as_array(source, shape=(n,)), dtype=dtype, copy=True)

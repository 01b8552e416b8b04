"""What rules, projections and populations have in common that follow modulators."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

from ._values import text, whole
from .curves import Curve

if TYPE_CHECKING:
    from .modulators import Modulator


def follow(owner: Any, function: Any, target: str, channel: Modulator, curve: Curve | None) -> None:
    """Binds a target of an owner that has `network`, `_handle` and `_pointer`."""
    owner.network._own_channel(channel)
    if curve is not None and not isinstance(curve, Curve):
        raise TypeError(f"a curve is given as quell.hill(…) or the like, got {curve!r}")
    given, _kept = (None, None) if curve is None else curve.struct()
    owner._handle.call(
        function,
        owner._pointer,
        text(target, "the target"),
        channel._pointer,
        None if given is None else ctypes.byref(given),
    )


def effective(owner: Any, function: Any, target: str, at: int) -> float:
    """The value that a target has now."""
    value = ctypes.c_double()
    owner._handle.call(
        function,
        owner._pointer,
        text(target, "the target"),
        whole(at, "at", 64),
        ctypes.byref(value),
    )
    return value.value

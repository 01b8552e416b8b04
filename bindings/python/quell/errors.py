"""What goes wrong, as exceptions. The message is the sentence of the C library.

Every error is a :class:`quell.Error` and also the Python error that fits, so that ``except
ValueError`` catches a value out of range.
"""

from __future__ import annotations

from . import _abi


class Error(Exception):
    """Any failure that quell reports.

    Attributes:
        status: the ``quell_status`` of C, a negative number.
    """

    status: int = 0

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        if status is not None:
            self.status = status


class RangeError(Error, ValueError):
    """A value is outside its allowed range, not a number, or not possible."""

    status = _abi.QUELL_E_RANGE


class UnknownName(Error, LookupError):
    """There is nothing of that name, or the name is taken."""

    status = _abi.QUELL_E_NAME


class LengthError(Error, ValueError):
    """An array has the wrong length or shape, or an index lies past the end."""

    status = _abi.QUELL_E_LENGTH


class StateError(Error, RuntimeError):
    """The call is not allowed now: after the first step, in a callback, on a closed network."""

    status = _abi.QUELL_E_STATE


class OwnerError(Error, ValueError):
    """An object belongs to another network."""

    status = _abi.QUELL_E_OWNER


class OutOfMemory(Error, MemoryError):
    """There is no memory for it; the network is as it was."""

    status = _abi.QUELL_E_MEMORY


class Unsupported(Error, NotImplementedError):
    """This version, or this kind of object, cannot do it."""

    status = _abi.QUELL_E_UNSUPPORTED


class Failed(Error, RuntimeError):
    """An earlier step failed: the network can be read and closed, nothing else."""

    status = _abi.QUELL_E_FAILED


class RuleError(Error, TypeError):
    """A rule written in Python cannot be made: one of its functions cannot be compiled, or asks for
    what there is not."""


_BY_STATUS = {
    kind.status: kind
    for kind in (
        RangeError,
        UnknownName,
        LengthError,
        StateError,
        OwnerError,
        OutOfMemory,
        Unsupported,
        Failed,
    )
}


def from_status(status: int, message: str) -> Error:
    """The exception of a negative ``quell_status``."""
    return _BY_STATUS.get(status, Error)(message, status)

"""Functions of a rule that stay in Python: called for a whole block of synapses, on NumPy arrays
that look at the library's memory, or synapse by synapse if they cannot work on arrays."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import numpy as np

from . import _abi
from ._callbacks import keep_cause
from ._parts import Argument, Event
from .errors import RuleError


def callback(event: Event) -> tuple[Any, Any]:
    """The function that C calls for a block, and what must be kept as long as it may be called."""
    apply = _choose(event)

    def call(pointer: Any) -> None:
        block = pointer.contents
        try:
            with np.errstate(all="ignore"):
                apply(event, _Block(block, event))
        except BaseException as error:  # cannot travel through C: the run ends at what is no number
            keep_cause(error)
            _floats(block.w, block.n)[:] = np.nan

    return _abi.callback_type(_abi.quell_event_desc, "call")(call), call


class _Block:
    """What C hands over, as arrays: arguments and what can be written."""

    def __init__(self, block: Any, event: Event) -> None:
        self.n = int(block.n)
        self.outputs = [_floats(block.w, self.n)]
        self.outputs += [_floats(getattr(block, key)[i], self.n) for key, i in event.outputs]
        self.arguments = [self._argument(block, event, item) for item in event.arguments]

    def _argument(self, block: Any, event: Event, argument: Argument) -> Any:
        if argument.source == "w":
            return self.outputs[0]
        if (argument.source, argument.index) in event.outputs:
            return self.outputs[1 + event.outputs.index((argument.source, argument.index))]
        if argument.source == "block":
            return np.float32(getattr(block, argument.member))
        if argument.source == "p":
            count = len(event.constants._fields)  # type: ignore[attr-defined]
            values = (ctypes.c_float * count).from_address(block.instance)
            return event.constants(*map(np.float32, values))
        return _floats(getattr(block, argument.source)[argument.index], self.n)


def _floats(pointer: Any, n: int) -> np.ndarray:
    return np.ctypeslib.as_array(pointer, shape=(n,))


def _whole_block(event: Event, block: _Block) -> None:
    _store(event, event.function(*block.arguments), block.outputs)


def _one_by_one(event: Event, block: _Block) -> None:
    for i in range(block.n):
        arguments = [
            argument[i : i + 1] if source.per_synapse else argument
            for source, argument in zip(event.arguments, block.arguments)
        ]
        outputs = [output[i : i + 1] for output in block.outputs]
        _store(event, event.function(*arguments), outputs)


def _store(event: Event, result: Any, outputs: list[np.ndarray]) -> None:
    several = isinstance(result, tuple)
    values = result if several else (result,)
    if several and len(values) != 1 + len(event.outputs):
        raise RuleError(
            f"{event.title} must return {event.shape}, and returned {len(values)} values"
        )
    arrays = [np.array(value) for value in values]  # which may be views of the outputs
    if any(array.dtype.kind not in "iuf" for array in arrays):
        raise RuleError(f"{event.title} must return numbers, and returned {result!r}")
    for output, array in zip(outputs, arrays):
        output[:] = array


def _choose(event: Event) -> Callable[[Event, _Block], None]:
    """Tries the function: whether it works on arrays."""
    for apply in (_whole_block, _one_by_one):
        try:
            with np.errstate(all="ignore"):
                apply(event, _trial(event))
            return apply
        except RuleError:
            raise
        except (TypeError, ValueError) as error:
            refused = error
        except Exception as error:
            raise _failure(event, error) from error
    raise _failure(event, refused) from refused


def _failure(event: Event, error: Exception) -> RuleError:
    return RuleError(f"{event.title} raised {type(error).__name__}: {error}")


def _trial(event: Event) -> _Block:
    """A block of ordinary values."""
    trial = _Block.__new__(_Block)
    trial.n = 16
    n = 1 + len(event.outputs)
    trial.outputs = [np.linspace(0.25, 1, 16, dtype=np.float32) for _ in range(n)]
    single = np.float32(1)
    fixed = {
        "p": event.constants(*[single] * len(event.constants._fields)),  # type: ignore
        "block": single,
        "w": trial.outputs[0],
    }
    trial.arguments = []
    for argument in event.arguments:
        kept = (argument.source, argument.index)
        if kept in event.outputs:
            trial.arguments.append(trial.outputs[1 + event.outputs.index(kept)])
        else:
            ramp = np.linspace(0, 1, 16, dtype=np.float32)
            trial.arguments.append(fixed.get(argument.source, ramp))
    return trial

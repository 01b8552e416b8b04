"""The descriptor in C of a rule written in Python."""

from __future__ import annotations

import ctypes
import math
import types
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from . import _abi
from ._describe import Variable
from ._parts import EVENTS, SIDES, TRACES, Event, Parts, read_event
from ._values import number
from .errors import RangeError, RuleError


class _Tables:
    """Makes the tables of a descriptor, and keeps all that they point to."""

    def __init__(self) -> None:
        self.kept: list[Any] = []

    def text(self, value: str) -> bytes:
        if not isinstance(value, str) or "\0" in value:
            raise TypeError(f"names, units and lines must be strings, got {value!r}")
        self.kept.append(value.encode())
        return self.kept[-1]  # type: ignore[no-any-return]

    def table(self, items: Sequence[Any]) -> Any:
        if not items:
            return _abi.quell_table()
        array = (type(items[0]) * len(items))(*items)
        self.kept += [array, *items]
        size = ctypes.sizeof(type(items[0]))
        return _abi.quell_table(at=ctypes.addressof(array), count=len(items), stride=size)


def build(
    parts: Parts, summary: str, source: str, flags: int, native: bool
) -> tuple[Any, list[Any]]:
    """A ``quell_rule_desc``, and what must be kept as long as it is in use."""
    constants = Constants(parts)
    tables = _Tables()
    prepare = _abi.callback_type(_abi.quell_rule_desc, "prepare")(constants.prepare)
    events = []
    for name in EVENTS:
        if name in parts.functions:
            event = read_event(parts, name, constants.tuple)
            events.append(_event_struct(parts, event, native, tables))
    index = {key: i for i, key in enumerate(parts.params)}
    text = tables.text
    descriptor = _abi.sized(
        _abi.quell_rule_desc,
        abi_major=_abi.QUELL_RULE_ABI_MAJOR,
        abi_minor=_abi.QUELL_RULE_ABI_MINOR,
        flags=flags,
        name=text(parts.name),
        summary=text(summary),
        source=text(source),
        params=tables.table([_param_struct(item, text) for item in parts.params.values()]),
        vars=tables.table(
            [
                _abi.quell_var_desc(text(v.name), text(v.unit), text(v.doc), v.default)
                for v in parts.variables.values()
            ]
        ),
        traces=tables.table(
            [
                _abi.quell_trace_desc(
                    text(t.name), SIDES[t.side], TRACES[t.kind], index.get(t.tau or "", 0), 0
                )
                for t in parts.traces.values()
            ]
        ),
        factors=tables.table(
            [_abi.quell_factor_desc(text(key), text(doc)) for key, doc in parts.factors.items()]
        ),
        eligibilities=tables.table(_eligibility_structs(parts, text)),
        signals=tables.table(
            [
                _abi.quell_signal_desc(text(key), text(unit), text(doc), text(state))
                for key, (state, unit, doc) in parts.signals.items()
            ]
        ),
        events=tables.table(events),
        instance_size=4 * max(1, len(constants.names)),
        prepare=prepare,
    )
    return descriptor, [*tables.kept, prepare, constants]


def _eligibility_structs(parts: Parts, text: Callable[[str], bytes]) -> list[Any]:
    params, factors = list(parts.params), list(parts.factors)
    return [
        _abi.quell_eligibility_desc(
            text(e.name),
            text(e.unit),
            text(e.doc),
            params.index(e.tau),
            0 if e.factor is None else 1 + factors.index(e.factor),
        )
        for e in parts.eligibilities.values()
    ]


def _param_struct(item: Variable, text: Callable[[str], bytes]) -> Any:
    flags = _abi.QUELL_MIN_OPEN if item.min_open else 0
    flags |= _abi.QUELL_INTEGER if item.integer else 0
    flags |= _abi.QUELL_BINDABLE if item.bindable else 0
    strings = [text(value) for value in (item.name, item.unit, item.doc)]
    return _abi.quell_param_desc(*strings, item.default, item.min, item.max, flags, 0)


def _event_struct(parts: Parts, event: Event, native: bool, tables: _Tables) -> Any:
    if native:
        from ._compiled import callback
    else:
        from ._interpreted import callback
    function, kept = callback(event)
    tables.kept += [function, kept]
    wants = dict.fromkeys(("pre", "post", "signal"), 0)
    for argument in event.arguments:
        if argument.source in wants:
            wants[argument.source] |= 1 << argument.index
    time = parts.times.get(event.name)
    return _abi.quell_event_desc(
        kind=EVENTS[event.name],
        param=0 if time is None else list(parts.params).index(time),
        wants_pre=wants["pre"],
        wants_post=wants["post"],
        wants_signal=wants["signal"],
        call=function,
    )


class Constants:
    """What the functions find in `p`: the parameters that stay and what is derived from them, as
    float32.

    Attributes:
        names: in the order in which C keeps them.
        tuple: a named tuple of them.
    """

    def __init__(self, parts: Parts) -> None:
        self.rule = parts.name
        self.places = [i for i, item in enumerate(parts.params.values()) if not item.bindable]
        self.params = [list(parts.params)[i] for i in self.places]
        self.function = parts.functions.get("constants")
        self.derived: list[str] = []
        defaults = [item.default for item in parts.params.values() if not item.bindable]
        if self.function is not None:
            self.derived = list(self._derive(defaults, 0.1))
        self.names = list(dict.fromkeys([*self.params, *self.derived]))
        self.tuple = _tuple_of(self.rule, self.names)

    def _derive(self, values: Sequence[float], dt: float) -> dict[str, Any]:
        given = types.SimpleNamespace(**{"dt": dt, **dict(zip(self.params, values))})
        try:
            made = self.function(given)  # type: ignore[misc]
        except ValueError as error:
            raise RangeError(f"rule '{self.rule}': {error}") from error
        except Exception as error:
            kind = type(error).__name__
            raise RuleError(f"rule '{self.rule}': 'constants' raised {kind}: {error}") from error
        if not isinstance(made, Mapping):
            raise RuleError(
                f"rule '{self.rule}': 'constants' must return a dictionary, got {made!r}"
            )
        return dict(made)

    def values(self, values: Sequence[float], dt: float) -> list[float]:
        """All constants, for all parameters in the order of their table."""
        values = [values[i] for i in self.places]
        made: dict[str, Any] = dict(zip(self.params, values))
        if self.function is not None:
            derived = self._derive(values, dt)
            if list(derived) != self.derived:
                raise RuleError(
                    f"rule '{self.rule}': 'constants' returned {list(derived)} this time, "
                    f"{self.derived} before"
                )
            made.update(derived)
        return [_as_float(self.rule, name, made[name]) for name in self.names]

    def prepare(self, args: Any, instance: int) -> int:
        """The callback of C."""
        given = args.contents
        try:
            values = self.values(given.value[: given.n], given.dt)
            made = (ctypes.c_float * len(values))(*values)
            ctypes.memmove(instance, made, ctypes.sizeof(made))
        except Exception as error:
            sentence = str(error) if isinstance(error, (RangeError, RuleError)) else repr(error)
            room = min(len(sentence.encode()), given.message_size - 1)
            ctypes.memmove(given.message, sentence.encode()[:room] + b"\0", room + 1)
            return int(_abi.QUELL_E_RANGE)
        return int(_abi.QUELL_OK)


def _as_float(rule: str, name: str, given: Any) -> float:
    value = number(given, f"rule '{rule}': the constant '{name}'")
    if math.isnan(value):
        raise RangeError(f"rule '{rule}': '{name}' is not a number with these parameters")
    if math.isfinite(value) and math.isinf(ctypes.c_float(value).value):
        raise RangeError(f"rule '{rule}': '{name}' is beyond any float32 with these parameters")
    return value


def _tuple_of(rule: str, names: list[str]) -> Any:
    try:
        return namedtuple("p", names)
    except (TypeError, ValueError) as error:
        raise RuleError(f"rule '{rule}': a name of 'constants' cannot be used: {error}") from error

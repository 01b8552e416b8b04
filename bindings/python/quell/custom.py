"""Learning rules written in Python.

    >>> @quell.rule(
    ...     params=dict(eta=(0.01, "w", "learning rate"), tau=(20, "ms", "of the trace")),
    ...     traces=dict(x=quell.pre("tau")),
    ... )
    ... class hebb:
    ...     def post(w, x, p):
    ...         return w + p.eta * x
    >>> net.connect(a, b, "excitatory", p=0.1, rule=hebb(eta=0.02))

With Numba the functions are compiled, and run in the loops of the library as those of a rule in C
do: on any thread, without the interpreter. Without it they are called with whole blocks of synapses
as arrays, which gives the same bits and takes ten to a hundred times as long. The page
``doc/python_rules.md`` has the whole story.
"""

from __future__ import annotations

import ctypes
import importlib.util
import inspect
import math
import types
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Union

from . import _abi
from ._describe import Trace, Variable, unknown
from ._values import number
from .errors import RangeError, RuleError
from .rules import Registry, RuleType

__all__ = ["PythonRule", "late", "param", "post", "pre", "rule"]

#: A default, or the arguments of :func:`param`.
Parameter = Union[float, Sequence[Any], Variable]
#: An initial value, or that and a unit and one line.
OwnVariable = Union[float, Sequence[Any]]
#: The name of a state variable, or that and a unit and one line.
Signal = Union[str, Sequence[str]]

_EVENTS = {
    "pre": _abi.QUELL_PRE,
    "post": _abi.QUELL_POST,
    "late": _abi.QUELL_LATE,
    "interval": _abi.QUELL_INTERVAL,
}
_SIDES = {"pre": _abi.QUELL_PRE, "post": _abi.QUELL_POST, "late": _abi.QUELL_LATE}
_TRACES = {
    "add": _abi.QUELL_TRACE_ADD,
    "set": _abi.QUELL_TRACE_SET,
    "age": _abi.QUELL_TRACE_AGE,
}
_OF_BLOCK = ("elapsed", "pre_rate")  # one number for the whole block, at an interval
_LONGEST = 1e9  # ms, as for the built-in rules


def param(
    value: float,
    unit: str = "1",
    doc: str = "",
    low: float = -math.inf,
    high: float = math.inf,
    *,
    open_low: bool = False,
    integer: bool = False,
) -> Variable:
    """A parameter of a rule.

    Args:
        value: default.
        unit: such as "ms"; "w" for the unit of the weight, "1" for none.
        doc: what it is, in one line.
        low: smallest value.
        high: largest value; where it is infinite, the parameter may be.
        open_low: whether `low` itself is not allowed.
        integer: whether it must be a whole number.
    """
    value, low, high = (number(item, "a parameter") for item in (value, low, high))
    return Variable("", unit, doc, value, low, high, bool(open_low), bool(integer), False)


def pre(tau: str | None = None, kind: str = "add") -> Trace:
    """A trace of the arrivals of spikes at the synapse.

    Args:
        tau: the parameter with its time constant, ms; none for an age.
        kind: "add": it jumps by 1 at a spike and decays; "set": it becomes 1 and decays; "age": the
            time since the last spike, ms, at least 1e7 if there was none.
    """
    return _trace("pre", tau, kind)


def post(tau: str | None = None, kind: str = "add") -> Trace:
    """A trace of the spikes of the post neuron, as the synapse sees them; see :func:`pre`."""
    return _trace("post", tau, kind)


def late(tau: str | None = None, kind: str = "add") -> Trace:
    """A trace of the late events; see :func:`pre`."""
    return _trace("late", tau, kind)


def _trace(side: str, tau: str | None, kind: str) -> Trace:
    if kind not in _TRACES:
        raise unknown("there is no kind of trace", kind, _TRACES)
    if (tau is None) != (kind == "age"):
        raise TypeError('a trace has the name of its time constant, or is of kind "age"')
    return Trace(side, kind, tau)


@dataclass(frozen=True)
class Argument:
    """Where an argument of an event's function comes from: "w", "p", "var", "pre", "post", "signal"
    (with an index among its kind) or "block" (with the name of a member)."""

    source: str
    index: int = 0
    member: str = ""

    @property
    def per_synapse(self) -> bool:
        return self.source not in ("p", "block")


@dataclass(frozen=True)
class Event:
    """A function of a rule: what it is called with, and how many variables there are to return."""

    rule: str
    name: str
    function: Callable[..., Any]
    arguments: tuple[Argument, ...]
    n_vars: int
    constants: type  # a named tuple of what `p` has

    @property
    def title(self) -> str:
        return f"rule '{self.rule}': '{self.name}'"


class Parts(NamedTuple):
    """What a rule is made of, with all names filled in."""

    name: str
    params: dict[str, Variable]
    traces: dict[str, Trace]
    variables: dict[str, Variable]
    signals: dict[str, tuple[str, str, str]]
    functions: dict[str, Callable[..., Any]]
    times: dict[str, str]


class PythonRule(RuleType):
    """A rule written in Python; made by :func:`rule`. Call it with parameters, as any other rule.

    Attributes:
        native: whether its functions are compiled, and not interpreted.
    """

    _place = ""

    def __init__(self, parts: Parts, descriptor: Any, kept: list[Any], native: bool) -> None:
        Registry()._add(descriptor)
        super().__init__(ctypes.pointer(descriptor))
        self.native = native
        self._parts = parts
        self._descriptor = descriptor
        self._kept = kept  # all that the descriptor points to

    def __repr__(self) -> str:
        return f"<PythonRule {self.name}>"


def rule(
    cls: type | None = None,
    /,
    *,
    params: Mapping[str, Parameter] | None = None,
    traces: Mapping[str, Trace] | None = None,
    variables: Mapping[str, OwnVariable] | None = None,
    signals: Mapping[str, Signal] | None = None,
    late: str | None = None,
    interval: str | None = None,
    transmit_first: bool = False,
    name: str | None = None,
    summary: str | None = None,
    source: str = "",
    numba: bool | None = None,
) -> Any:
    """Makes a learning rule of a class of functions.

    The functions `pre`, `post`, `late` and `interval` of the class say what happens to one synapse
    at these events. They are given what their arguments are called: `w` (the weight), a trace, a
    variable or a signal by its name, and `p`, which has the parameters and what `constants` makes
    of them; `interval` may also ask for `elapsed` (the period, ms) and `pre_rate` (Hz, of rate
    units). They return the new weight, or a tuple of it and all variables in their order. All
    numbers are float32. The weight is kept within w_min and w_max by the library.

    ``constants(p)`` is optional, plain Python, and gets the parameters as floats and `dt` (ms). It
    returns a dictionary of numbers, which `p` then has too, or raises a ValueError whose sentence
    the user of these parameters is given. It must depend on nothing else.

    Args:
        params: by name: a default, or a tuple (default, unit, doc, low, high), or :func:`param`.
            A rule with `pre`, `post` or `late` also has `w_min`, `w_max` and `tie`.
        traces: by name: :func:`pre`, :func:`post` or :func:`late`.
        variables: what each synapse has beside its weight, by name: an initial value, or a tuple
            (value, unit, doc).
        signals: state variables of the post neuron, by the name that the functions use: the state
            variable, or a tuple (state variable, unit, doc).
        late: the parameter with the time from an arrival to `late`, ms.
        interval: the parameter with the period of `interval`, ms.
        transmit_first: whether the weight from before the change of `pre` is delivered.
        name: name of the rule; by default that of the class.
        summary: what it does; by default the first line of the class's docstring.
        source: paper and DOI.
        numba: True needs Numba, False does without; by default it is used if it is there.

    Returns:
        A :class:`quell.custom.PythonRule`, or without a class a decorator that makes one.

    Raises:
        RuleError: a function cannot be compiled, or asks for what there is not.
    """

    def make(kind: type) -> PythonRule:
        title = str(kind.__name__ if name is None else name)
        doc = inspect.getdoc(kind) if "__doc__" in vars(kind) else None
        functions = _functions(title, kind)
        times = {"late": late, "interval": interval}
        parts = Parts(
            title,
            _params(title, params or {}, traces or {}, times, functions),
            {key: replace(item, name=key) for key, item in (traces or {}).items()},
            {key: _variable(key, item) for key, item in (variables or {}).items()},
            {key: _signal(item) for key, item in (signals or {}).items()},
            functions,
            {key: item for key, item in times.items() if item is not None},
        )
        _check(parts)
        line = summary if summary is not None else (doc or title).splitlines()[0]
        flags = _abi.QUELL_TRANSMIT_FIRST if transmit_first else 0
        return _build(parts, line, source, flags, _has_numba(numba))

    return make if cls is None else make(cls)


_warned = False


def _has_numba(wanted: bool | None) -> bool:
    global _warned
    there = wanted is not False and importlib.util.find_spec("numba") is not None
    if wanted and not there:
        raise ImportError("numba=True needs the package numba: pip install 'quell[numba]'")
    if not there and not _warned:
        _warned = True
        reason = "numba=False" if wanted is False else "Numba is not installed"
        warnings.warn(
            f"{reason}: rules written in Python are interpreted, which is ten to a hundred times "
            "as slow; pip install 'quell[numba]' makes them as fast as those in C",
            RuntimeWarning,
            stacklevel=3,
        )
    return there


# What the decorator is given


def _functions(title: str, kind: type) -> dict[str, Callable[..., Any]]:
    if not isinstance(kind, type):
        raise TypeError(f"quell.rule is for a class of functions, got {kind!r}")
    found: dict[str, Callable[..., Any]] = {}
    for key, item in vars(kind).items():
        item = item.__func__ if isinstance(item, staticmethod) else item
        if key.startswith("_"):
            continue
        if key not in (*_EVENTS, "constants") or not isinstance(item, types.FunctionType):
            raise unknown(f"rule '{title}': there is no event", key, [*_EVENTS, "constants"])
        found[key] = item
    return found


def _params(
    title: str,
    given: Mapping[str, Parameter],
    traces: Mapping[str, Trace],
    times: Mapping[str, str | None],
    functions: Mapping[str, Any],
) -> dict[str, Variable]:
    positive = {item.tau for item in traces.values()} | {times["interval"]}
    params = {}
    for key, value in given.items():
        item = _param(value)
        if key in positive and math.isinf(item.min):
            item = replace(item, min=0.0, max=min(item.max, _LONGEST), min_open=True)
        if key == times["late"] and math.isinf(item.min):
            item = replace(item, min=0.0, max=min(item.max, _LONGEST))
        params[key] = replace(item, name=key)
    at_spikes = {"pre", "post", "late"} & set(functions)
    for item in _STANDARD:  # behind the others, as in C
        if item.name in params or at_spikes:
            params[item.name] = _standard(item, params.pop(item.name, item))
    roles = [*((f"the trace '{key}'", item.tau) for key, item in traces.items()), *times.items()]
    for role, wanted in roles:
        if wanted is not None and wanted not in params:
            raise unknown(f"rule '{title}': {role} needs a parameter", wanted, params)
    return params


def _param(given: Parameter) -> Variable:
    if isinstance(given, Variable):
        return given
    return param(*given) if isinstance(given, (tuple, list)) else param(given)  # type: ignore


_STANDARD = (
    replace(param(0.0, "w", "smallest weight", 0.0), name="w_min"),
    replace(param(math.inf, "w", "largest weight", 0.0), name="w_max"),
    replace(
        param(0, "1", "coincidence: 0 pre first, 1 exclusive, 2 post first", 0, 2, integer=True),
        name="tie",
    ),
)


def _standard(item: Variable, given: Variable) -> Variable:
    """A standard parameter with what was given of it."""
    return replace(
        item,
        default=given.default,
        doc=given.doc or item.doc,
        min=max(given.min, item.min),
        max=min(given.max, item.max),
    )


def _variable(key: str, item: OwnVariable) -> Variable:
    value, unit, doc = _three(item, 0.0, key)
    value = number(value, f"the variable '{key}'")
    return Variable(key, unit, doc, value, -math.inf, math.inf, False, False, False)


def _signal(item: Signal) -> tuple[str, str, str]:
    return _three(item, "", "a signal")


def _three(item: Any, nothing: Any, what: str) -> tuple[Any, str, str]:
    values = list(item) if isinstance(item, (tuple, list)) else [item]
    if not 1 <= len(values) <= 3:
        raise TypeError(f"{what}: needs at most a value, a unit and one line, got {item!r}")
    value, unit, doc = values + [nothing, "1", ""][len(values) :]
    return value, unit, doc


def _check(parts: Parts) -> None:
    names = ["w", "p", *_OF_BLOCK, *parts.traces, *parts.variables, *parts.signals]
    for key in names:
        if names.count(key) > 1:
            raise RuleError(f"rule '{parts.name}': two things are called '{key}'")
    for key in (*names, *parts.params):
        if not key.isidentifier() or key.startswith("_"):
            raise RuleError(f"rule '{parts.name}': '{key}' cannot be the name of an argument")
    for key in ("late", "interval"):
        if (key in parts.functions) != (key in parts.times):
            raise RuleError(
                f"rule '{parts.name}': a function '{key}' needs {key}=\"…\", the name of the "
                "parameter with its time, and the reverse"
            )
    if not set(_EVENTS) & set(parts.functions):
        raise RuleError(f"rule '{parts.name}': it has none of the functions {', '.join(_EVENTS)}")


def _event(parts: Parts, name: str, constants: type) -> Event:
    function = parts.functions[name]
    before = [key for key, item in parts.traces.items() if item.side != "post"]
    after = [key for key, item in parts.traces.items() if item.side == "post"]
    known = {"w": Argument("w"), "p": Argument("p")}
    for source, keys in (
        ("var", parts.variables),
        ("pre", before),
        ("post", after),
        ("signal", parts.signals),
    ):
        known.update({key: Argument(source, i) for i, key in enumerate(keys)})
    if name == "interval":
        known.update({key: Argument("block", member=key) for key in _OF_BLOCK})
    arguments = []
    for key, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is not inspect.Parameter.POSITIONAL_OR_KEYWORD:
            raise RuleError(f"rule '{parts.name}': '{name}' may only have plain arguments")
        if key not in known:
            hint = unknown("", key, known).args[0].split("; ")[1]
            raise RuleError(f"rule '{parts.name}': '{name}' asks for '{key}'; {hint}")
        arguments.append(known[key])
    return Event(parts.name, name, function, tuple(arguments), len(parts.variables), constants)


# What C is given


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


def _build(parts: Parts, summary: str, source: str, flags: int, native: bool) -> PythonRule:
    constants = Constants(parts)
    tables = _Tables()
    prepare = _abi.callback_type(_abi.quell_rule_desc, "prepare")(constants.prepare)
    events = []
    for name in _EVENTS:
        if name in parts.functions:
            event = _event(parts, name, constants.tuple)
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
                    text(t.name), _SIDES[t.side], _TRACES[t.kind], index.get(t.tau or "", 0), 0
                )
                for t in parts.traces.values()
            ]
        ),
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
    return PythonRule(parts, descriptor, [*tables.kept, prepare, constants], native)


def _param_struct(item: Variable, text: Callable[[str], bytes]) -> Any:
    flags = _abi.QUELL_MIN_OPEN if item.min_open else 0
    flags |= _abi.QUELL_INTEGER if item.integer else 0
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
        kind=_EVENTS[event.name],
        param=0 if time is None else list(parts.params).index(time),
        wants_pre=wants["pre"],
        wants_post=wants["post"],
        wants_signal=wants["signal"],
        call=function,
    )


class Constants:
    """What the functions find in `p`: the parameters and what is derived from them, as float32.

    Attributes:
        names: in the order in which C keeps them.
        tuple: a named tuple of them.
    """

    def __init__(self, parts: Parts) -> None:
        self.rule = parts.name
        self.params = list(parts.params)
        self.function = parts.functions.get("constants")
        self.derived: list[str] = []
        defaults = [item.default for item in parts.params.values()]
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
        """All constants, for parameters in the order of their table."""
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
    from collections import namedtuple

    try:
        return namedtuple("p", names)
    except (TypeError, ValueError) as error:
        raise RuleError(f"rule '{rule}': a name of 'constants' cannot be used: {error}") from error

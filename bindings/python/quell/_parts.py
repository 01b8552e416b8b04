"""What a rule written in Python is made of, from what :func:`quell.rule` is given."""

from __future__ import annotations

import inspect
import keyword
import math
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Union

from . import _abi
from ._describe import Eligibility, Trace, Variable, unknown
from ._values import number
from .errors import RuleError

#: A default, or the arguments of :func:`param`.
Parameter = Union[float, Sequence[Any], Variable]
#: An initial value, or that and a unit and one line.
OwnVariable = Union[float, Sequence[Any]]
#: The name of a state variable, or that and a unit and one line.
Signal = Union[str, Sequence[str]]
#: The parameter with the time constant, or that, the factor, a unit and one line.
OwnEligibility = Union[str, Sequence[Any]]

EVENTS = {
    "pre": _abi.QUELL_PRE,
    "post": _abi.QUELL_POST,
    "late": _abi.QUELL_LATE,
    "interval": _abi.QUELL_INTERVAL,
}
SIDES = {"pre": _abi.QUELL_PRE, "post": _abi.QUELL_POST, "late": _abi.QUELL_LATE}
TRACES = {
    "add": _abi.QUELL_TRACE_ADD,
    "set": _abi.QUELL_TRACE_SET,
    "age": _abi.QUELL_TRACE_AGE,
}
_OF_BLOCK = ("elapsed", "pre_rate")  # one number for the whole block, at an interval
_LONGEST = 1e9  # ms, as for the built-in rules


@dataclass(frozen=True)
class Argument:
    """Where an argument of an event's function comes from: "w", "p", "var", "elig", "pre", "post",
    "signal", "bound" (with an index among its kind) or "block" (with the name of a member)."""

    source: str
    index: int = 0
    member: str = ""

    @property
    def per_synapse(self) -> bool:
        """Whether it is an array with one value for each synapse."""
        return self.source not in ("p", "block")


@dataclass(frozen=True)
class Event:
    """A function of a rule: what it is called with, and how many variables and eligibilities there
    are to return."""

    rule: str
    name: str
    function: Callable[..., Any]
    arguments: tuple[Argument, ...]
    n_vars: int
    n_eligs: int
    constants: type  # a named tuple of what `p` has

    @property
    def title(self) -> str:
        """How sentences call it."""
        return f"rule '{self.rule}': '{self.name}'"

    @property
    def outputs(self) -> list[tuple[str, int]]:
        """What it returns beside the weight: arrays of the block, each with an index."""
        kept = (("var", self.n_vars), ("elig", self.n_eligs))
        return [(member, i) for member, n in kept for i in range(n)]

    @property
    def shape(self) -> str:
        """What it must return, in words."""
        what = f"{self.n_vars} variables"
        what += f" and {self.n_eligs} eligibilities" if self.n_eligs else ""
        return f"the weight, or a tuple of it and all {what}"


class Parts(NamedTuple):
    """What a rule is made of, with all names filled in."""

    name: str
    params: dict[str, Variable]
    traces: dict[str, Trace]
    variables: dict[str, Variable]
    eligibilities: dict[str, Eligibility]
    factors: dict[str, str]
    signals: dict[str, tuple[str, str, str]]
    functions: dict[str, Callable[..., Any]]
    times: dict[str, str]

    @property
    def bound(self) -> list[str]:
        """The parameters that may follow a modulator."""
        return [key for key, item in self.params.items() if item.bindable]


def param(
    value: float,
    unit: str = "1",
    doc: str = "",
    low: float = -math.inf,
    high: float = math.inf,
    *,
    open_low: bool = False,
    integer: bool = False,
    bindable: bool = False,
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
        bindable: whether it may follow a modulator: see :meth:`quell.Rule.bind`. Functions then ask
            for it by its name, and `p` does not have it.
    """
    value, low, high = (number(item, "a parameter") for item in (value, low, high))
    flags = (bool(open_low), bool(integer), False, bool(bindable))
    return Variable("", unit, doc, value, low, high, *flags)


def read_functions(title: str, kind: type) -> dict[str, Callable[..., Any]]:
    """The functions of a class, by the event."""
    if not isinstance(kind, type):
        raise TypeError(f"quell.rule is for a class of functions, got {kind!r}")
    found: dict[str, Callable[..., Any]] = {}
    for key, item in vars(kind).items():
        item = item.__func__ if isinstance(item, staticmethod) else item
        if key.startswith("_"):
            continue
        if key not in (*EVENTS, "constants") or not isinstance(item, types.FunctionType):
            raise unknown(f"rule '{title}': there is no event", key, [*EVENTS, "constants"])
        found[key] = item
    return found


def read_params(
    title: str,
    given: Mapping[str, Parameter],
    traces: Mapping[str, Trace],
    eligibilities: Mapping[str, Eligibility],
    times: Mapping[str, str | None],
    functions: Mapping[str, Any],
) -> dict[str, Variable]:
    """The parameters with their names, and the ranges and standard ones that go without saying."""
    decaying = [*traces.values(), *eligibilities.values()]
    positive = {item.tau for item in decaying} | {times["interval"]}
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
    roles = [(f"the trace '{key}'", item.tau) for key, item in traces.items()]
    roles += [(f"the eligibility '{key}'", item.tau) for key, item in eligibilities.items()]
    roles += times.items()
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


def read_variable(key: str, item: OwnVariable) -> Variable:
    """A variable of a synapse."""
    value, unit, doc = _three(item, 0.0, key)
    value = number(value, f"the variable '{key}'")
    return Variable(key, unit, doc, value, -math.inf, math.inf, False, False, False)


def read_eligibility(title: str, key: str, item: OwnEligibility, factors: Any) -> Eligibility:
    """An eligibility of a synapse."""
    given = [item] if isinstance(item, str) else list(item)
    if not 1 <= len(given) <= 4:
        raise TypeError(
            f"the eligibility '{key}' needs at most a time constant, a factor, a unit and one "
            f"line, got {item!r}"
        )
    tau, factor, unit, doc = [*given, *(None, "1", "")[len(given) - 1 :]]
    if factor is not None and factor not in factors:
        raise unknown(f"rule '{title}': the eligibility '{key}' needs a factor", factor, factors)
    return Eligibility(key, unit, doc, tau, factor)


def read_signal(item: Signal) -> tuple[str, str, str]:
    """State variable, unit and line of a signal."""
    return _three(item, "", "a signal")


def _three(item: Any, nothing: Any, what: str) -> tuple[Any, str, str]:
    values = list(item) if isinstance(item, (tuple, list)) else [item]
    if not 1 <= len(values) <= 3:
        raise TypeError(f"{what}: needs at most a value, a unit and one line, got {item!r}")
    value, unit, doc = values + [nothing, "1", ""][len(values) :]
    return value, unit, doc


def check(parts: Parts) -> None:
    """Refuses what does not fit together."""
    names = ["w", "p", *_OF_BLOCK, *parts.traces, *parts.variables, *parts.eligibilities]
    names += [*parts.signals, *parts.bound]
    for key in names:
        if names.count(key) > 1:
            raise RuleError(f"rule '{parts.name}': two things are called '{key}'")
    for key in (*names, *parts.params, *parts.factors):
        if not key.isidentifier() or keyword.iskeyword(key) or key.startswith("_"):
            raise RuleError(f"rule '{parts.name}': '{key}' cannot be the name of an argument")
    for key in ("late", "interval"):
        if (key in parts.functions) != (key in parts.times):
            raise RuleError(
                f"rule '{parts.name}': a function '{key}' needs {key}=\"…\", the name of the "
                "parameter with its time, and the reverse"
            )
    if not set(EVENTS) & set(parts.functions):
        raise RuleError(f"rule '{parts.name}': it has none of the functions {', '.join(EVENTS)}")


def read_event(parts: Parts, name: str, constants: type) -> Event:
    """What the function of an event asks for."""
    function = parts.functions[name]
    before = [key for key, item in parts.traces.items() if item.side != "post"]
    after = [key for key, item in parts.traces.items() if item.side == "post"]
    known = {"w": Argument("w"), "p": Argument("p")}
    for source, keys in (
        ("var", parts.variables),
        ("elig", parts.eligibilities),
        ("bound", parts.bound),
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
    n_vars, n_eligs = len(parts.variables), len(parts.eligibilities)
    return Event(parts.name, name, function, tuple(arguments), n_vars, n_eligs, constants)

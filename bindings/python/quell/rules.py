"""The learning rules, as the library describes them, and their instances.

Calling a rule describes what is wanted; the network makes it real when a projection uses it:

    >>> rule = quell.rules.vogels2011(eta=0.01, rho0=3, w_max=100)
    >>> net.connect(inh, exc, "inhibitory", p=0.02, weight=0, rule=rule)

Every projection that is given the same description shares one instance, whose parameters can be
changed with ``net.rule(rule)["eta"] = 0``. ``rule.bind("eta", channel)`` lets a parameter follow a
modulator, in the network of the channel. ``preset="NAME"`` takes a published set of parameters,
over which the others go. A rule of one's own is written with :func:`quell.rule`.
"""

from __future__ import annotations

import ctypes
import inspect
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from . import _abi
from ._describe import (
    Bytes,
    Eligibility,
    Preset,
    Trace,
    Variable,
    listed,
    paragraphs,
    section,
    table,
    unknown,
    wrapped,
)
from ._following import effective, follow
from ._library import lib
from ._sealed import Sealed
from ._values import number, pairs, text
from .errors import StateError, UnknownName, from_status
from .modulators import Modulator
from .population import Population

if TYPE_CHECKING:
    from .curves import Curve
    from .network import Network

__all__ = ["Description", "Registry", "Rule", "RuleType", "builtin", "get", "names"]

_KINDS = {
    _abi.QUELL_RULE_EVENT: "event",
    _abi.QUELL_RULE_INTERVAL: "interval",
    _abi.QUELL_RULE_SHORT_TERM: "short_term",
}
_STACKED = {
    "interval": "Acts at an interval, alone or in a list of rules.",
    "short_term": "Short-term plasticity, alone or in a list of rules.",
}
_EVENTS = {
    _abi.QUELL_PRE: "pre",
    _abi.QUELL_POST: "post",
    _abi.QUELL_LATE: "late",
    _abi.QUELL_INTERVAL: "interval",
    _abi.QUELL_REDUCE: "reduce",
    _abi.QUELL_READ: "read",
    _abi.QUELL_RELEASE: "release",
    _abi.QUELL_PULSE: "pulse",
}
_TIES = {
    _abi.QUELL_PRE_FIRST: "pre_first",
    _abi.QUELL_EXCLUSIVE: "exclusive",
    _abi.QUELL_POST_FIRST: "post_first",
}
_FLAGS = {_abi.QUELL_TRANSMIT_FIRST: "transmit_first", _abi.QUELL_NEEDS_RATES: "needs_rates"}
_TRACES = {
    _abi.QUELL_TRACE_ADD: "add",
    _abi.QUELL_TRACE_SET: "set",
    _abi.QUELL_TRACE_AGE: "age",
}


class Description:
    """A rule and the parameters that differ from their defaults. Belongs to no network yet.

    Attributes:
        type: which rule.
        parameters: the values that were given.
    """

    def __init__(self, kind: RuleType, parameters: Mapping[str, float]) -> None:
        self.type = kind
        self.parameters: Mapping[str, float] = MappingProxyType(dict(parameters))
        self._eligibility: float | None = None
        self._is_made = False  # in some network

    def bind(self, target: str, channel: Modulator, curve: Curve | None = None) -> Description:
        """Lets something of the rule follow a modulator, in the network of the channel; before the
        first step. The instance of that network is made if there is none yet: see
        :meth:`Rule.bind`.

        Returns:
            This description, for ``rule=description.bind(…)``.
        """
        if not isinstance(channel, Modulator):
            raise TypeError(
                f"bind() needs a channel, made with Network.modulator(), got {channel!r}"
            )
        channel.network.rule(self).bind(target, channel, curve)
        return self

    def eligibility(self, tau: float) -> Description:
        """Gives any rule that learns at spikes a third factor: see :meth:`Rule.eligibility`. Before
        the description is used.

        Returns:
            This description, for ``rule=description.eligibility(500)``.
        """
        if self._is_made:
            raise StateError(
                f"rule '{self.name}': a network has an instance of it already; eligibility() comes "
                "before bind() and connect()"
            )
        self._eligibility = number(tau, f"rule '{self.name}': tau")
        return self

    @property
    def name(self) -> str:
        """Name of the rule."""
        return self.type.name

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value:g}" for name, value in self.parameters.items())
        return f"{self.type._place}{self.name}({values})"


class RuleType:
    """A learning rule. Call it with parameters to describe an instance.

    Attributes:
        name: name of the rule.
        summary: what it does, in one line.
        source: paper and DOI.
        kind: "event": it learns at spikes, and a projection has at most one such rule; "interval":
            it acts at an interval; "short_term": short-term plasticity, at most one.
        events: what it acts at, such as ("pre", "post").
        ties: values of the parameter "tie" that it supports, 0 first: "pre_first", "exclusive",
            "post_first"; empty if it has no ties.
        flags: "transmit_first": the weight from before a pre event's change is delivered;
            "needs_rates": the pre neurons must be rate units.
        parameters: by name.
        variables: variables that each synapse has beside its weight, by name.
        traces: what it remembers of spikes, by name.
        factors: third factors, with one line for each, by name; they must be bound to a modulator.
        eligibilities: variables of a synapse that decay and change the weight with a factor, by
            name.
        presets: published sets of parameters, by name.
        observed: populations whose rate it follows, with one line for each, by name; that of the
            post neurons unless :meth:`Rule.observe` says otherwise.
        bytes: memory that it takes.
    """

    _place = "quell.rules."

    def __init__(self, descriptor: Any) -> None:
        info = _abi.sized(_abi.quell_rule_info)
        status = lib.quell_rule_describe(descriptor, ctypes.byref(info))
        if status < 0:
            raise from_status(status, "the descriptor of the rule contradicts itself")
        self.name: str = info.name.decode()
        self.summary: str = info.summary.decode()
        self.source: str = info.source.decode()
        self.kind: str = _KINDS[info.kind]
        self.events = tuple(name for kind, name in _EVENTS.items() if info.events >> kind & 1)
        self.ties = tuple(name for tie, name in _TIES.items() if info.ties >> tie & 1)
        self.flags = tuple(name for flag, name in _FLAGS.items() if info.flags & flag)
        self.parameters: dict[str, Variable] = table(lib.quell_rule_parameter, descriptor)
        self.variables: dict[str, Variable] = table(lib.quell_rule_variable, descriptor)
        self.traces: dict[str, Trace] = {item.name: item for item in _traces(descriptor)}
        self.factors: dict[str, str] = dict(_factors(descriptor))
        self.eligibilities = {item.name: item for item in _eligibilities(descriptor)}
        self.presets: dict[str, Preset] = {item.name: item for item in _presets(descriptor)}
        self.observed: dict[str, str] = dict(_observed(descriptor))
        self.bytes = Bytes(info.synapse_bytes, info.row_bytes, info.neuron_bytes)
        self.__name__ = self.__qualname__ = self.name
        self.__doc__ = self._text()
        self.__signature__ = self._signature()

    def _text(self) -> str:
        observed = (f"{name}: {doc}" for name, doc in self.observed.items())
        factors = (f"{name}: {doc}" for name, doc in self.factors.items())
        return paragraphs(
            wrapped(self.summary),
            _STACKED.get(self.kind, ""),
            wrapped(f"Source: {self.source}") if self.source else "",
            section("Parameters", self.parameters.values()),
            section("Variables of a synapse", self.variables.values()),
            section("Traces", self.traces.values()),
            section("Third factors", factors),
            section("Eligibilities of a synapse", self.eligibilities.values()),
            section("Observed populations", observed),
            section("Presets", self.presets.values()),
        )

    def _signature(self) -> inspect.Signature:
        keyword = inspect.Parameter.KEYWORD_ONLY
        names = [inspect.Parameter("preset", keyword, default=None)] if self.presets else []
        for name, item in self.parameters.items():
            names.append(inspect.Parameter(name, keyword, default=item.default))
        return inspect.Signature(names)

    def __call__(self, *, preset: str | None = None, **parameters: float) -> Description:
        """Describes an instance.

        Args:
            preset: a published set of parameters, one of `presets`.
            parameters: what differs from it, or from the defaults.
        """
        values = {} if preset is None else dict(self._preset(preset).values)
        for name, value in parameters.items():
            if name not in self.parameters:
                raise unknown(f"rule '{self.name}' has no parameter", name, self.parameters)
            values[name] = number(value, f"rule '{self.name}': '{name}'")
        return Description(self, values)

    def _preset(self, name: str) -> Preset:
        text(name, f"rule '{self.name}': the preset")
        if name not in self.presets:
            raise unknown(f"rule '{self.name}' has no preset", name, self.presets)
        return self.presets[name]

    def described(self) -> dict[str, Any]:
        """All of this as plain lists and dictionaries, ready for JSON. What is infinite is
        the string "inf" or "-inf"."""
        return {
            "name": self.name,
            "summary": self.summary,
            "source": self.source,
            "kind": self.kind,
            "events": list(self.events),
            "ties": list(self.ties),
            "flags": list(self.flags),
            "parameters": [_plain(item) for item in self.parameters.values()],
            "variables": [_plain(item) for item in self.variables.values()],
            "traces": [asdict(item) for item in self.traces.values()],
            "factors": self.factors,
            "eligibilities": [asdict(item) for item in self.eligibilities.values()],
            "observed": self.observed,
            "presets": [
                {"name": item.name, "doc": item.doc, "values": _finite(item.values)}
                for item in self.presets.values()
            ],
            "bytes": asdict(self.bytes),
        }

    def __repr__(self) -> str:
        return f"<RuleType {self.name}>"

    def __str__(self) -> str:
        return f"{self.name}\n{self.__doc__}"


def _plain(item: Variable) -> dict[str, Any]:
    values = asdict(item)
    del values["per_neuron"]  # of a rule, none is
    return _finite(values)


def _finite(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(v) if v in (math.inf, -math.inf) else v for name, v in values.items()}


def _traces(descriptor: Any) -> Iterator[Trace]:
    for info in listed(lib.quell_rule_trace, descriptor, _abi.quell_trace_info):
        tau = None if info.tau is None else info.tau.decode()
        yield Trace(_EVENTS[info.side], _TRACES[info.kind], tau, info.name.decode())


def _factors(descriptor: Any) -> Iterator[tuple[str, str]]:
    for info in listed(lib.quell_rule_factor, descriptor, _abi.quell_factor_info):
        yield info.name.decode(), info.doc.decode()


def _eligibilities(descriptor: Any) -> Iterator[Eligibility]:
    for info in listed(lib.quell_rule_eligibility_info, descriptor, _abi.quell_eligibility_info):
        factor = None if info.factor is None else info.factor.decode()
        name, unit, doc, tau = (s.decode() for s in (info.name, info.unit, info.doc, info.tau))
        yield Eligibility(name, unit, doc, tau, factor)


def _presets(descriptor: Any) -> Iterator[Preset]:
    for info in listed(lib.quell_rule_preset, descriptor, _abi.quell_preset_info):
        values = {info.values[i].name.decode(): info.values[i].value for i in range(info.n)}
        yield Preset(info.name.decode(), info.doc.decode(), MappingProxyType(values))


def _observed(descriptor: Any) -> Iterator[tuple[str, str]]:
    part = descriptor.contents.observed
    for i in range(part.count):
        item = _abi.quell_observed_desc.from_address(part.at + i * part.stride)
        yield item.name.decode(), item.doc.decode()


class _Namespace:
    """Rules as attributes."""

    def __init__(self, pointer: Any) -> None:
        self._pointer = pointer
        self._known: dict[str, RuleType] = {}

    def names(self) -> list[str]:
        """Names of all rules."""
        count = lib.quell_registry_count(self._pointer)
        rules = (lib.quell_registry_rule(self._pointer, i) for i in range(count))
        return [rule.contents.name.decode() for rule in rules]

    def get(self, name: str) -> RuleType:
        """A rule by its name."""
        if name not in self._known:
            found = lib.quell_registry_find(self._pointer, text(name, "the name of a rule"))
            if not found:
                raise unknown("there is no rule", name, self.names())
            self._known[name] = RuleType(found)
        return self._known[name]

    def __getattr__(self, name: str) -> RuleType:
        if not name.startswith("_") and name in self.names():
            return self.get(name)
        raise AttributeError(f"there is no rule {name!r}; there are {', '.join(self.names())}")

    def __dir__(self) -> list[str]:
        return [*self.names(), "get", "names"]


class Registry(_Namespace):
    """The built-in rules, to which rules of one's own can be added, for ``Network(registry=…)``."""

    def __init__(self) -> None:
        pointer = ctypes.POINTER(_abi.quell_registry)()
        status = lib.quell_registry_create(None, ctypes.byref(pointer))
        if status < 0:
            raise from_status(status, "a registry cannot be made")
        super().__init__(pointer)
        self._kept: list[Any] = []

    def add(self, descriptor: Any) -> RuleType:
        """Adds a rule.

        Args:
            descriptor: a rule made with :func:`quell.rule`, or the address of a ``quell_rule_desc``
                (``plugin.h``), for example of one in a library that was loaded with ctypes: a
                ctypes struct, a pointer, or a number. It must stay valid as long as the registry is
                in use; what is given as an object of Python is kept that long.
        """
        rule = self._add(descriptor)
        self._kept.append(descriptor)
        name = rule.contents.name.decode()
        if isinstance(descriptor, RuleType):
            self._known[name] = descriptor
        return self.get(name)

    def _add(self, descriptor: Any) -> Any:
        """Adds a descriptor in C, and returns the pointer to it; does not keep it."""
        rule = _pointer_to(descriptor)
        self._call(lib.quell_registry_add, rule)
        return rule

    def load_plugin(self, path: str | os.PathLike[str]) -> list[RuleType]:
        """Loads a library of rules (``quell_plugin_load()``) and adds all of them, or none.

        Args:
            path: the file; it is never searched for. Its code is run: load what you trust.

        Returns:
            The rules that it has brought.
        """
        before = set(self.names())
        self._call(lib.quell_plugin_load, os.fsencode(path))
        return [self.get(name) for name in self.names() if name not in before]

    def unload_plugin(self, plugin: str | os.PathLike[str]) -> None:
        """Takes the rules of a library out again; not while a network has one of them.

        Args:
            plugin: its path as it was loaded, or its name.
        """
        self._call(lib.quell_plugin_unload, os.fsencode(plugin))
        left = set(self.names())
        self._known = {name: rule for name, rule in self._known.items() if name in left}

    def provide(self, rule: RuleType, may_add: bool) -> None:
        """Sees to it that a rule made with :func:`quell.rule` is here."""
        if not hasattr(rule, "_descriptor") or self._known.get(rule.name) is rule:
            return
        if not may_add:
            raise UnknownName(
                f"the rule '{rule.name}' is not in the registry that the network was given: "
                f"registry.add({rule.name}) adds it"
            )
        self.add(rule)

    def _call(self, function: Any, argument: Any) -> None:
        message = ctypes.create_string_buffer(1024)
        status = function(self._pointer, argument, message, len(message))
        if status < 0:
            raise from_status(status, message.value.decode(errors="replace") or "refused")

    def __del__(self) -> None:
        pointer = self.__dict__.get("_pointer")
        if pointer:
            lib.quell_registry_destroy(ctypes.byref(pointer))


def _pointer_to(descriptor: Any) -> Any:
    """A ``const quell_rule_desc *``."""
    if isinstance(descriptor, RuleType):
        if not hasattr(descriptor, "_descriptor"):
            raise TypeError(f"{descriptor!r} is no rule made with quell.rule, but of a registry")
        descriptor = descriptor._descriptor
    if isinstance(descriptor, ctypes.Structure):
        descriptor = ctypes.addressof(descriptor)
    return ctypes.cast(descriptor, ctypes.POINTER(_abi.quell_rule_desc))


class Rule(Sealed):
    """An instance of a rule, shared by any number of projections of one network.

    Parameters are read and written by name: ``rule["eta"]``, ``rule["eta"] = 0.001``, or several at
    once with :meth:`set`. A change acts on events from the current step on.
    """

    def __init__(self, network: Network, description: Description) -> None:
        self.network = network
        self.description = description
        self._handle = network._handle
        self._pointer = ctypes.POINTER(_abi.quell_rule)()
        values, n = pairs(description.parameters, f"rule '{description.name}'")
        self._handle.guarded(
            lib.quell_rule_create,
            self._handle.pointer,
            description.name.encode(),
            values,
            n,
            ctypes.byref(self._pointer),
        )
        if description._eligibility is not None:
            self.eligibility(description._eligibility)
        description._is_made = True

    @property
    def name(self) -> str:
        """Name of the rule."""
        return self.description.name

    @property
    def parameters(self) -> dict[str, float]:
        """All parameters and their current values."""
        return {name: self[name] for name in self.description.type.parameters}

    def set(self, **values: float) -> None:
        """Changes parameters, all or none; the others keep their values."""
        array, n = pairs(values, f"rule '{self.name}'")
        self._handle.call(lib.quell_rule_set, self._pointer, array, n)

    def bind(self, target: str, channel: Modulator, curve: Curve | None = None) -> Rule:
        """Lets something of the rule follow a modulator, in all projections that share it; before
        the first step.

        A target that is bound several times is its value times all curves that multiply, plus the
        sum of those that add.

        Args:
            target: a parameter that is bindable; "learning", "potentiation" or "depression":
                factors, 1 without a binding, on all changes that the rule makes, on those upward,
                and on those downward; or one of the rule's third factors, such as "reward".
            channel: of the same network. Scopes "neuron" and "state": the rule's projections must
                end on its population, without dendritic delay.
            curve: through which, such as ``quell.hill(0.5)``; default the concentration itself,
                multiplied.

        Returns:
            This rule, for ``rule=net.rule(…).bind(…)``.
        """
        follow(self, lib.quell_rule_bind, target, channel, curve)
        return self

    def eligibility(self, tau: float) -> Rule:
        """Gives any rule that learns at spikes a third factor: what it would do to the weight goes
        into the variable "eligibility" of the synapse, which decays with `tau`, and the weight
        changes by eligibility × factor per second. The target of :meth:`bind` is "factor". Before
        the rule is connected.

        Args:
            tau: ms, at least 4 steps.

        Returns:
            This rule.
        """
        tau = number(tau, f"rule '{self.name}': tau")
        self._handle.call(lib.quell_rule_eligibility, self._pointer, tau)
        return self

    def effective(self, target: str, at: int = 0) -> float:
        """The value that a target of :meth:`bind` has now, bound or not; `at`: the territory or the
        neuron."""
        return effective(self, lib.quell_rule_effective, target, at)

    def observe(self, name: str, population: Population) -> None:
        """Names the population whose mean rate the rule follows, in place of that of its post
        neurons; before the first step.

        Args:
            name: one of ``rule.description.type.observed``, such as "guard".
            population: of the same network.
        """
        self.network._own(population, Population, "observe() needs a population")
        key = text(name, "the name of an observed population")
        self._handle.call(lib.quell_rule_observe, self._pointer, key, population._pointer)

    def __getitem__(self, name: str) -> float:
        value = ctypes.c_double()
        key = text(name, "the name of a parameter")
        self._handle.call(lib.quell_rule_get, self._pointer, key, ctypes.byref(value))
        return value.value

    def __setitem__(self, name: str, value: float) -> None:
        self.set(**{name: value})

    def __repr__(self) -> str:
        return f"<Rule {self.name}>"


#: The rules that every network has.
builtin = _Namespace(None)


def names() -> list[str]:
    """Names of all built-in rules."""
    return builtin.names()


def get(name: str) -> RuleType:
    """A built-in rule by its name."""
    return builtin.get(name)


def __getattr__(name: str) -> RuleType:
    return getattr(builtin, name)  # type: ignore[no-any-return]


def __dir__() -> list[str]:
    return [*names(), *__all__]

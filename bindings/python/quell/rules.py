"""The learning rules, as the library describes them, and their instances.

Calling a rule describes what is wanted; the network makes it real when a projection uses it:

    >>> rule = quell.rules.vogels2011(eta=0.01, rho0=3, w_max=100)
    >>> net.connect(inh, exc, "inhibitory", p=0.02, weight=0, rule=rule)

Every projection that is given the same description shares one instance, whose parameters can be
changed with ``net.rule(rule)["eta"] = 0``.
"""

from __future__ import annotations

import ctypes
import inspect
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from . import _abi
from ._describe import Variable, paragraphs, section, table, unknown, wrapped
from ._library import lib
from ._sealed import Sealed
from ._values import number, pairs, text
from .errors import from_status

if TYPE_CHECKING:
    from .network import Network

__all__ = ["Description", "Registry", "Rule", "RuleType", "builtin", "get", "names"]


class Description:
    """A rule and the parameters that differ from their defaults. Belongs to no network yet.

    Attributes:
        type: which rule.
        parameters: the values that were given.
    """

    def __init__(self, kind: RuleType, parameters: Mapping[str, float]) -> None:
        self.type = kind
        self.parameters: Mapping[str, float] = MappingProxyType(dict(parameters))

    @property
    def name(self) -> str:
        """Name of the rule."""
        return self.type.name

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value:g}" for name, value in self.parameters.items())
        return f"quell.rules.{self.name}({values})"


class RuleType:
    """A learning rule. Call it with parameters to describe an instance.

    Attributes:
        name: name of the rule.
        summary: what it does, in one line.
        source: paper and DOI.
        parameters: by name.
        variables: variables that each synapse has beside its weight: name and one line.
    """

    def __init__(self, descriptor: Any) -> None:
        rule = descriptor.contents
        self.name: str = rule.name.decode()
        self.summary: str = (rule.summary or b"").decode()
        self.source: str = (rule.source or b"").decode()
        self.parameters: dict[str, Variable] = table(lib.quell_rule_parameter, descriptor)
        self.variables: dict[str, str] = dict(_variables(rule.vars))
        self.__name__ = self.__qualname__ = self.name
        self.__doc__ = self._text()
        self.__signature__ = inspect.Signature(
            [
                inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=item.default)
                for name, item in self.parameters.items()
            ]
        )

    def _text(self) -> str:
        synapse = [f"    {name}: {doc}" for name, doc in self.variables.items()]
        return paragraphs(
            wrapped(self.summary),
            wrapped(f"Source: {self.source}") if self.source else "",
            section("Parameters", self.parameters.values()),
            "\n".join(["Variables of a synapse:", *synapse]) if synapse else "",
        )

    def __call__(self, **parameters: float) -> Description:
        """Describes an instance; parameters that are left out have their defaults."""
        values = {}
        for name, value in parameters.items():
            if name not in self.parameters:
                raise unknown(f"rule '{self.name}' has no parameter", name, self.parameters)
            values[name] = number(value, f"rule '{self.name}': '{name}'")
        return Description(self, values)

    def __repr__(self) -> str:
        return f"<RuleType {self.name}>"

    def __str__(self) -> str:
        return f"{self.name}\n{self.__doc__}"


def _variables(part: Any) -> Iterator[tuple[str, str]]:
    for i in range(part.count):
        item = _abi.quell_var_desc.from_address(part.at + i * part.stride)
        unit = "" if item.unit in (None, b"1") else f" ({item.unit.decode()})"
        yield item.name.decode(), (item.doc or b"").decode() + unit


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
            descriptor: the address of a ``quell_rule_desc`` (``plugin.h``), for example of one
                in a library that was loaded with ctypes: a ctypes struct, a pointer, or a number.
                It must stay valid as long as the registry is in use.
        """
        self._kept.append(descriptor)
        if isinstance(descriptor, ctypes.Structure):
            descriptor = ctypes.addressof(descriptor)
        rule = ctypes.cast(descriptor, ctypes.POINTER(_abi.quell_rule_desc))
        message = ctypes.create_string_buffer(1024)
        status = lib.quell_registry_add(self._pointer, rule, message, len(message))
        if status < 0:
            self._kept.pop()
            raise from_status(status, message.value.decode(errors="replace") or "refused")
        return self.get(rule.contents.name.decode())

    def __del__(self) -> None:
        pointer = self.__dict__.get("_pointer")
        if pointer:
            lib.quell_registry_destroy(ctypes.byref(pointer))


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

"""What is known of a rule: its source file, its header comment, its descriptor."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import quell as q
from quell import _abi
from quell._library import lib

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("inhibitory", "excitatory", "three_factor", "interval", "short_term")
DOI = re.compile(r"\b10\.\d{4,9}/[^\s,;\"]*[^\s,;.:)\"]")


@dataclass(frozen=True)
class Part:
    """A paragraph of a comment: prose, or lines that stay as they are."""

    text: str
    is_prose: bool


@dataclass(frozen=True)
class Event:
    """An event that a rule wants, and what it reads there."""

    name: str
    reads: tuple[str, ...]
    uniforms: int
    normals: int
    time: str | None  # the parameter with the time after the arrival, or with the period


@dataclass(frozen=True)
class Facts:
    """All of it.

    Attributes:
        type: what the Python package says.
        path: the file, from the root of the tree.
        kind: the folder that it lies in, one of KINDS.
        header: its comment.
        events: in the order of the descriptor.
        states: state variables of the post neuron that it needs, with one line for each.
        signals: what synapses read of the post neuron, likewise.
        integrals: what changes at every step, likewise.
        post_variables: what each post neuron has for the rule, likewise.
        row_variables: what the synapses of a pre neuron share, likewise.
    """

    type: q.rules.RuleType
    path: Path
    kind: str
    header: tuple[Part, ...]
    events: tuple[Event, ...]
    states: dict[str, str]
    signals: dict[str, str]
    integrals: dict[str, str]
    post_variables: dict[str, str]
    row_variables: dict[str, str]

    @property
    def name(self) -> str:
        """Name of the rule."""
        return self.type.name

    @property
    def comment(self) -> str:
        """The header comment as text."""
        return "\n\n".join(part.text for part in self.header)


def all_rules() -> list[Facts]:
    """Every rule that the library has."""
    return [of(name) for name in q.rules.names()]


def of(name: str) -> Facts:
    """One rule. That it has no file, or a file without a comment, is an error."""
    rule = q.rules.get(name)
    path = source_of(name)
    descriptor = lib.quell_registry_find(None, name.encode()).contents
    return Facts(
        type=rule,
        path=path.relative_to(ROOT),
        kind=path.parent.name,
        header=tuple(_parts(header_of(path), name)),
        events=tuple(_events(rule, descriptor)),
        states=_docs(descriptor.states, _abi.quell_state_desc),
        signals=_docs(descriptor.signals, _abi.quell_signal_desc),
        integrals=_docs(descriptor.integrals, _abi.quell_integral_desc),
        post_variables=_docs(descriptor.post_vars, _abi.quell_post_var_desc),
        row_variables=_docs(descriptor.row_vars, _abi.quell_row_var_desc),
    )


# Sources


def source_of(name: str) -> Path:
    """The file that defines a rule."""
    found = [ROOT / "src" / "rules" / kind / f"{name}.c" for kind in KINDS]
    found = [path for path in found if path.is_file()]
    if len(found) != 1:
        raise LookupError(f"the rule '{name}' must be one file src/rules/KIND/{name}.c")
    return found[0]


def header_of(path: Path) -> str:
    """The comment at the top of a file, without its stars."""
    match = re.match(r"/\*(.*?)\*/", path.read_text(encoding="utf-8"), re.DOTALL)
    if not match:
        raise LookupError(f"{path}: there is no comment at the top")
    return "\n".join(re.sub(r"^ ?\* ?", "", line) for line in match[1].splitlines()).strip()


def _parts(comment: str, name: str) -> Iterator[Part]:
    """Indented lines stay as they are; those at the margin are prose. The name that a comment
    begins with is the title of the page."""
    comment = comment.removeprefix(f"{name}:")
    for paragraph in re.split(r"\n\s*\n", comment.strip()):
        lines: list[str] = []
        indented = False
        for line in paragraph.splitlines():
            if lines and line.startswith("  ") != indented:
                yield _part(lines, indented)
                lines = []
            indented = line.startswith("  ")
            lines.append(line.rstrip())
        yield _part(lines, indented)


def _part(lines: list[str], indented: bool) -> Part:
    if not indented:
        return Part(" ".join(lines), is_prose=True)
    margin = min(len(line) - len(line.lstrip()) for line in lines)
    return Part("\n".join(line[margin:] for line in lines), is_prose=False)


def conventions() -> str:
    """How plugin.h explains events, delays and coincidences: its second paragraphs."""
    text = header_of(ROOT / "include" / "quell" / "plugin.h")
    (found,) = (part for part in text.split("\n\n") if part.startswith('"pre" is'))
    return " ".join(found.replace("#quell_", "quell_").split())


def ties() -> dict[str, str]:
    """How plugin.h explains each tie setting, by the names that Python has for them."""
    text = (ROOT / "include" / "quell" / "plugin.h").read_text(encoding="utf-8")
    found = re.findall(r"QUELL_(PRE_FIRST|EXCLUSIVE|POST_FIRST) = \d,?\s*/\*\*< (.*?) \*/", text)
    return {name.lower(): doc for name, doc in found}


# Descriptors


def _structs(table: Any, kind: Any) -> Iterator[Any]:
    for i in range(table.count):
        yield kind.from_address(table.at + i * table.stride)


def _docs(table: Any, kind: Any) -> dict[str, str]:
    return {item.name.decode(): item.doc.decode() for item in _structs(table, kind)}


def _events(rule: q.rules.RuleType, descriptor: Any) -> Iterator[Event]:
    kinds = {
        getattr(_abi, f"QUELL_{name.upper()}"): name
        for name in ("pre", "post", "late", "interval", "reduce", "read", "release", "pulse")
    }
    traces = list(rule.traces.values())
    pre = [trace.name for trace in traces if trace.side != "post"]
    post = [trace.name for trace in traces if trace.side == "post"]
    signals = list(_docs(descriptor.signals, _abi.quell_signal_desc))
    for item in _structs(descriptor.events, _abi.quell_event_desc):
        reads = (
            *_chosen(pre, item.wants_pre),
            *_chosen(post, item.wants_post),
            *_chosen(signals, item.wants_signal),
        )
        name = kinds[item.kind]
        timed = name in ("late", "interval")
        time = list(rule.parameters)[item.param] if timed else None
        yield Event(name, reads, item.uniforms, item.normals, time)


def _chosen(names: list[str], bits: int) -> list[str]:
    return [name for i, name in enumerate(names) if bits >> i & 1]

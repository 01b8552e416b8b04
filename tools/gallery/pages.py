"""The pages: Markdown for Doxygen."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import quell as q
from quell._describe import Variable

from . import facts, protocols
from .facts import Facts

KINDS = {
    "inhibitory": "Inhibitory synapses",
    "excitatory": "Excitatory synapses",
    "three_factor": "Three factors: spikes and neuromodulators",
    "interval": "At an interval, alone or below another rule",
    "short_term": "Short-term plasticity",
}
DOI = "https://doi.org/"


def make(folder: Path, costs: dict[str, float]) -> dict[tuple[str, str], dict[str, Any]]:
    """Writes all pages and pictures.

    Args:
        folder: where they go.
        costs: ns per event by the name of a rule; empty if they were not measured.

    Returns:
        The variables of each protocol after its run, by (rule, script).
    """
    folder.mkdir(parents=True, exist_ok=True)
    rules = facts.all_rules()
    ran = {}
    pages = {"rules.md": index(rules), "papers.md": papers(rules)}
    for about in rules:
        chosen = protocols.of(about)
        for i, protocol in enumerate(chosen):
            variables = ran[about.name, protocol.script] = protocol.run()
            figure = variables["figure"]
            figure.savefig(folder / picture(about, protocol))
            if i == 0:
                thumbnail(figure, folder / f"{about.name}-small.png")
            plt.close(figure)
        pages[f"rule-{about.name}.md"] = page(about, chosen, costs)
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")
    return ran


def costs_from(path: Path | None) -> dict[str, float]:
    """ns per event of each rule, from what ``./dev bench rules --json FILE`` has written."""
    if path is None:
        return {}
    results = json.loads(path.read_text(encoding="utf-8"))
    figures = {one["case"]: one["figure"]["value"] for one in results if one["name"] == "rules"}
    return {name: value for name, value in figures.items() if value is not None}


# Pictures


def picture(about: Facts, protocol: protocols.Protocol) -> str:
    """File name of what a protocol draws."""
    return f"{about.name}-{protocol.script}.png"


def thumbnail(figure: Any, path: Path) -> None:
    """The first axes with more than a flat line in them, without words."""
    with plt.style.context(protocols.HERE / "style.mplstyle"):
        kept = next((ax for ax in figure.axes if _tells(ax)), figure.axes[0])
        for ax in list(figure.axes):
            if ax is not kept:
                ax.remove()
        for text in figure.texts:
            text.set_visible(False)
        kept.set(xlabel="", ylabel="", title="", xticks=[], yticks=[])
        kept.set_position([0, 0, 1, 1])
        if kept.get_legend():
            kept.get_legend().remove()
        figure.set_size_inches(1.6, 1.0)
        figure.savefig(path, dpi=100)


def _tells(ax: Any) -> bool:
    lines = [line.get_ydata() for line in ax.lines if len(line.get_ydata()) > 2]
    return any(max(y) > min(y) for y in lines)


# Markdown


def escaped(text: str) -> str:
    """Prose that Doxygen shows as it is, with its DOIs as links."""
    parts = []
    last = 0
    for match in facts.DOI.finditer(text):
        parts += [_plain(text[last : match.start()]), _link(match[0])]
        last = match.end()
    return "".join([*parts, _plain(text[last:])])


def _plain(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\*_`\[\]#@%~|$])", r"\\\1", text)


def _link(doi: str) -> str:
    return f"[{_plain(doi)}]({DOI}{doi})"


def code(text: str, language: str = "txt") -> str:
    """A block that stays as it is."""
    return f"~~~~{{.{language}}}\n{text.rstrip()}\n~~~~"


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A table, or nothing if it has no rows."""
    if not rows:
        return ""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def section(title: str, *parts: str) -> str:
    """A section, or nothing if nothing is in it."""
    body = "\n\n".join(part for part in parts if part)
    return f"## {title}\n\n{body}" if body else ""


# The page of a rule


def page(about: Facts, chosen: list[protocols.Protocol], costs: dict[str, float]) -> str:
    """All that is known of a rule."""
    rule = about.type
    parts = [
        f"# {about.name} {{#rule_{about.name}}}",
        f"![]({picture(about, chosen[0])})",
        _equation(about),
        section("Parameters", _parameters(rule)),
        section("Presets", _presets(rule)),
        section("What it reads, and when", _pairing(rule), _reads(about), _variables(about)),
        section("Coincidences and delays", _ties(about)),
        section("Bounds", _bounds(rule)),
        section("Cost", _cost(rule, costs)),
        *[_protocol(about, protocol, i > 0) for i, protocol in enumerate(chosen)],
        section("Source", escaped(rule.source), f"Code: `{about.path.as_posix()}`"),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _equation(about: Facts) -> str:
    return section(
        "Equations",
        *[escaped(part.text) if part.is_prose else code(part.text) for part in about.header],
    )


def _parameters(rule: q.rules.RuleType) -> str:
    def row(item: Variable) -> tuple[str, ...]:
        default = f"{item.default:g}".replace("inf", "∞")
        unit = "" if item.unit == "1" else escaped(item.unit)
        return f"`{item.name}`", unit, default, _range(item), escaped(item.doc)

    rows = [row(item) for item in rule.parameters.values()]
    text = table(("parameter", "unit", "default", "range", "what it is"), rows)
    weights = any(item.unit.startswith("w") for item in rule.parameters.values())
    return text + "\n\nw is the unit of the weight, such as nS or pA." * weights


def _range(item: Variable) -> str:
    text = item.range.replace(">", "&gt;")
    return f"{text}, whole" if item.integer else text


def _presets(rule: q.rules.RuleType) -> str:
    def row(item: Any) -> tuple[str, ...]:
        values = ", ".join(f"`{name}={value:g}`" for name, value in item.values.items())
        if len(item.values) > 20:
            values = f"{len(item.values)} values"
        return f"`{item.name}`", escaped(item.doc), values

    return table(("preset", "where it is from", "values"), [row(x) for x in rule.presets.values()])


TRACES = {
    "add": "jumps by 1 at each spike and decays with `{tau}`: all spikes count",
    "set": "becomes 1 at each spike and decays with `{tau}`: only the nearest one counts",
    "age": "time since the last spike: only the nearest one counts",
}


def _pairing(rule: q.rules.RuleType) -> str:
    rows = [
        (f"`{trace.name}`", trace.side, TRACES[trace.kind].format(tau=trace.tau))
        for trace in rule.traces.values()
    ]
    return table(("trace", "spikes", "what it is"), rows)


def _reads(about: Facts) -> str:
    rows = []
    for event in about.events:
        drawn = [
            f"{count} {what} random number{'s' * (count > 1)}"
            for count, what in ((event.uniforms, "uniform"), (event.normals, "normal"))
            if count
        ]
        reads = [f"`{name}`" for name in event.reads]
        rows.append((_event(event), ", ".join([*reads, *drawn]) or "nothing"))
    return table(("event", "reads"), rows)


def _event(event: facts.Event) -> str:
    times = {"late": " (`{}` after the pre spike)", "interval": " (every `{}`)"}
    return event.name + times.get(event.name, "").format(event.time)


def _variables(about: Facts) -> str:
    groups = {
        "needs of the post neuron": about.states,
        "reads of the post neuron": about.signals,
        "changes at every step": about.integrals,
        "follows the rate of": about.type.observed,
        "follows, as its third factor": about.type.factors,
        "keeps for each synapse": {
            x.name: x.doc
            for group in (about.type.variables, about.type.eligibilities)
            for x in group.values()
        },
        "keeps for each pre neuron": about.row_variables,
        "keeps for each post neuron": about.post_variables,
    }
    rows = [
        (what, f"`{name}`", escaped(doc))
        for what, group in groups.items()
        for name, doc in group.items()
    ]
    if "needs_rates" in about.type.flags:
        rows.insert(0, ("needs of the pre neuron", "`rate`", "it must be a rate unit"))
    return table(("the rule …", "name", "what it is"), rows)


def _ties(about: Facts) -> str:
    rule = about.type
    if rule.kind != "event":
        return ""
    explained = facts.ties()
    rows = [
        (f"{number}", f"`{name}`", escaped(explained[name]) if name in rule.ties else "refused")
        for number, name in enumerate(explained)
    ]
    parts = [escaped(facts.conventions())]
    if "transmit_first" in rule.flags:
        parts.append("Of this rule that does not hold: a pre event delivers the weight before it.")
    parts.append(table(("`tie`", "", "pre and post event on one step"), rows))
    return "\n\n".join(parts)


def _bounds(rule: q.rules.RuleType) -> str:
    if rule.kind == "short_term":
        return "It changes no weight: it scales what is delivered."
    bounds = [rule.parameters.get(name) for name in ("w_min", "w_max")]
    if None in bounds:
        return "None of its own: those of the rule that it is stacked on hold, and 0."
    low, high = (f"{item.default:g}".replace("inf", "∞") for item in bounds if item)
    return (
        f"After each change the weight is cut to [`w_min`, `w_max`], by default [{low}, {high}]. "
        "A weight is a magnitude; the receptor has the sign."
    )


def _cost(rule: q.rules.RuleType, costs: dict[str, float]) -> str:
    size = rule.bytes
    rows = [
        (f"{size.synapse} bytes", "a synapse, with its weight; the target takes 2 more"),
        (f"{size.row} bytes", "a pre neuron and tile of post neurons"),
        (f"{size.neuron} bytes", "a post neuron"),
    ]
    if rule.name in costs:
        rows.insert(0, (f"{costs[rule.name]:.2g} ns", "an event of a synapse, one thread"))
    text = table(("cost", "of"), rows)
    if rule.name not in costs:
        text += (
            "\n\nTime was not measured for this page: `./dev bench rules --json FILE`, then "
            "`./dev docs FILE`."
        )
    return text


def _protocol(about: Facts, protocol: protocols.Protocol, draw: bool) -> str:
    title = protocol.title.split("\n")[0].rstrip(".")
    return section(
        escaped(title),
        f"![]({picture(about, protocol)})" if draw else "",
        "This program draws the picture" + ("." if draw else " at the top of the page."),
        code(protocol.code, "py"),
    )


# The pages about all of them


def index(rules: list[Facts]) -> str:
    """The list, after what doc/rules.md says."""
    text = (facts.ROOT / "doc" / "rules.md").read_text(encoding="utf-8").split("<!-- gallery")[0]
    parts = [text.rstrip()]
    for kind, title in KINDS.items():
        rows = [
            (
                f'<a href="rule_{about.name}.html"><img src="{about.name}-small.png" alt=""/></a>',
                f'\\subpage rule_{about.name} "{about.name}"',
                escaped(about.type.summary),
            )
            for about in sorted(rules, key=lambda about: about.name)
            if about.kind == kind
        ]
        parts.append(section(title, table(("", "rule", "what it does"), rows)))
    parts.append("\\subpage papers")
    return "\n\n".join(parts) + "\n"


def papers(rules: list[Facts]) -> str:
    """Which paper is in which file: from the source that each rule names."""
    rows = []
    for about in sorted(rules, key=lambda about: about.type.source.lower()):
        dois = facts.DOI.findall(about.type.source)
        elsewhere = facts.DOI.findall(about.comment)
        cited = [doi for doi in dict.fromkeys(elsewhere) if doi not in dois]
        paper = facts.DOI.sub("", about.type.source)
        paper = re.sub(r"(\s*,)+\s*(?=[;,]|$)", "", paper)
        rows.append(
            (
                f'\\ref rule_{about.name} "{about.name}"',
                escaped(paper),
                ", ".join(map(_link, dois)),
                ", ".join(map(_link, cited)),
                f"`{about.path.as_posix()}`",
            )
        )
    head = ("rule", "paper", "DOI", "also cited in its file", "file")
    text = "From papers to code: what each rule names as its source, and what its file cites."
    return f"# Papers {{#papers}}\n\n{text}\n\n{table(head, rows)}\n"

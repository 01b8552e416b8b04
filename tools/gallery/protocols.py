"""Which protocols show what a rule does, their code, and running it.

A protocol is a script in scripts/ that runs as it is. What differs from rule to rule are its first
assignments, which are replaced. The page shows the result, and that is what draws the picture.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import quell as q

from . import facts

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Protocol:
    """A script with what is special about a rule.

    Attributes:
        script: its name in scripts/.
        settings: replaces `name = …` at the top of it; what is text is code.
    """

    script: str
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """The program."""
        text = (HERE / "scripts" / f"{self.script}.py").read_text(encoding="utf-8")
        for names, value in self.settings.items():
            found = re.search(rf"^{re.escape(names)} = ([^#\n]*?)(  #.*)?$", text, re.MULTILINE)
            if not found:
                raise LookupError(f"scripts/{self.script}.py does not set '{names}'")
            text = text[: found.start(1)] + value + text[found.end(1) :]
        return text

    @property
    def title(self) -> str:
        """What it shows, in one line: the docstring of the script."""
        return re.match(r'"""(.*?)"""', self.code, re.DOTALL)[1]  # type: ignore[index]

    def run(self) -> dict[str, Any]:
        """Runs it; returns its variables, `figure` among them."""
        names: dict[str, Any] = {"__name__": f"gallery.{self.script}"}
        with plt.style.context(HERE / "style.mplstyle"):
            exec(compile(self.code, f"{self.script}.py", "exec"), names)
        return names


# Rules of which the pair window is not the first thing to know, or not all of it.


def _frequency(rule: q.rules.RuleType) -> Protocol:
    return Protocol("frequency", {"rule": _type(rule), "presets": _listed(rule.presets)})


def _drift(weight: float, **settings: str) -> Protocol:
    return Protocol("drift", {"weight": f"{weight:g}", **settings})


def _course(weights: str, **settings: str) -> Protocol:
    return Protocol("course", {"weights": weights, **settings})


UP_AND_DOWN = "np.linspace(0, 6, 13)"
RATES = "pre_rate, post_rates"
TIMES = "settling, learning"
DURATION = "duration, dt"
FIRST = "v, g_exc, inhibition"

#: In place of the window.
INSTEAD: dict[str, Protocol] = {
    "calcium_graupner2012": Protocol("calcium"),
    "clopath2010": Protocol("voltage", {"weight": "1.5"}),
    "codependent_excitatory": Protocol(
        "cell", {"receptor": '"excitatory"', FIRST: "-50.0, 20.0, (0.0, 40.0, 60.0)"}
    ),
    "codependent_inhibitory": Protocol("cell"),
    "competitive_hebbian": Protocol(
        "rates",
        {
            "rule": "{rule}(eta=1e-6)",
            "receptor": '"excitatory"',
            "pre_rates": "[20.0, 40.0, 60.0]",
            "weights": "[0.3, 0.2, 0.1]",
            "bias": "0.0",
            DURATION: "60e3, 1.0",
        },
    ),
    "consolidate": _course(
        "np.linspace(0.05, 0.6, 12)",
        rates="[]",
        variables='("reference",)',
        **{DURATION: "3600e3, 10.0"},
    ),
    "cross_homeostatic": Protocol("cross"),
    "decay": _course("[0.5, 1.0, 2.0]", rates="[]", **{DURATION: "300e3, 1.0"}),
    "global_secreted": _course(
        "[0.1]", rates="[4.0, 8.0, 2.0]", pre_rate="10.0", **{DURATION: "180e3, 1.0"}
    ),
    "inhibitory_scaling": _course(
        "[0.2, 0.5, 1.0]",
        rule="{rule}(interval=1)",
        rates="[5.0, 15.0, 1.0]",
        **{DURATION: "90e3, 1.0"},
    ),
    "miehl2022": Protocol(
        "rates",
        {
            "rule": "{rule}(tau_w=2e4)",
            "pre_rates": "[1.0, 2.0, 3.0]",
            "weights": "[0.1, 0.1, 0.1]",
            "bias": "4.0",
            DURATION: "10e3, 1.0",
        },
    ),
    "normalise": _course("[0.2, 0.3, 1.0]", rates="[]", **{DURATION: "5e3, 1.0"}),
    "quantal": Protocol("train", {"synapses_drawn": "2"}),
    "rate_inhibitory": Protocol("rates"),
    "rate_partner": Protocol(
        "rates",
        {
            "rule": "[{rule}(), q.rules.normalise(target=3, interval=1)]",
            "receptor": '"excitatory"',
            "pre_rates": "[1.0, 2.0, 3.0]",
            "weights": "[1.0, 1.0, 1.0]",
            "bias": "0.0",
            DURATION: "60e3, 1.0",
        },
    ),
    **{
        name: Protocol("reward", {"rule": "{rule}"})
        for name in (
            "ach_da_sequential",
            "da_5ht",
            "mstdp",
            "mstdpet",
            "reward_stdp",
            "reward_stdp_nearest",
            "rstdp",
            "td_stdp",
            "two_traces",
        )
    },
    "scaling": _course("[0.5, 1.0, 1.5]"),
    "teacher": Protocol("reward", {"rule": "{rule}", "weight": "0.5"}),
    "tsodyks_markram": Protocol("train"),
    "voltage_inhibitory": Protocol("voltage"),
}

#: The weight that a pair window starts from, where _start() finds none that tells much.
START = {"stdp_oja": 0.005}

#: Before the window.
FIRST_OF_ALL = {"stdp_triplet": _frequency, "stdp_triplet_nearest": _frequency}

#: What tells the schemes of pairing apart. With another tie, pairs within a step, which is 1 ms
#: here, would all be on one side.
NEAREST = _drift(
    0.5, rule="{rule}(tie=1)", **{RATES: "10.0, np.linspace(0, 50, 21)", TIMES: "1.0, 5.0"}
)

#: After the window.
AS_WELL: dict[str, Protocol] = {
    "anti_hebbian": _drift(2.5),
    "istdp_multiplicative": _drift(1.0, **{TIMES: "2.0, 1.0"}),
    "ltp_i_veto": _drift(5.0, **{RATES: "10.0, np.linspace(0, 50, 21)"}),
    "meta_learnt": _drift(10.0),
    "miehl2022_spiking": _drift(50.0, **{RATES: f"10.0, {UP_AND_DOWN} / 2"}),
    **{f"stdp_nn_{scheme}": NEAREST for scheme in ("pre_centred", "restricted", "symmetric")},
    "stdp_pair": NEAREST,
    "stdp_triplet": _drift(5.0, **{RATES: "10.0, np.linspace(0, 40, 21)", TIMES: "1.0, 20.0"}),
    "stdp_triplet_homeostatic": _drift(0.5, **{RATES: f"10.0, {UP_AND_DOWN}", TIMES: "50.0, 40.0"}),
    "vogels2011": _drift(50.0),
    "zenke2015": _drift(0.5, **{RATES: "10.0, np.linspace(0, 40, 21)", TIMES: "1.0, 1.0"}),
}


def _type(rule: q.rules.RuleType) -> str:
    return f"q.rules.{rule.name}"


def of(about: facts.Facts) -> list[Protocol]:
    """The protocols of a rule, what is most telling first."""
    rule = about.type
    if rule.name in INSTEAD:
        return [_filled(INSTEAD[rule.name], rule)]
    if rule.kind != "event":
        raise LookupError(f"tools/gallery/protocols.py: '{rule.name}' needs a protocol of its own")
    chosen = [FIRST_OF_ALL[rule.name](rule)] if rule.name in FIRST_OF_ALL else []
    chosen.append(window(about))
    if rule.name in AS_WELL:
        chosen.append(_filled(AS_WELL[rule.name], rule))
    return chosen


def _listed(names: Iterable[str]) -> str:
    """A tuple, as code."""
    line = ", ".join(f'"{name}"' for name in names)
    if len(line) > 80:
        return "(\n    " + textwrap.fill(line, 94, subsequent_indent="    ") + ",\n)"
    return f"({line},)" if line else "()"


def _filled(protocol: Protocol, rule: q.rules.RuleType) -> Protocol:
    """With the name of the rule, and its presets where the script draws them."""
    text = (HERE / "scripts" / f"{protocol.script}.py").read_text(encoding="utf-8")
    called = re.search(r"^rule = .*\)$", text, re.MULTILINE)
    settings = {"rule": f"{_type(rule)}()" if called else _type(rule)}
    if re.search(r"^presets = ", text, re.MULTILINE):
        names = tuple(rule.presets) if protocol.script == "calcium" else _different(rule)
        settings["presets"] = _listed(names[: 3 if protocol.script == "train" else 9])
    for name, value in protocol.settings.items():
        settings[name] = value.replace("{rule}", _type(rule))
    return Protocol(protocol.script, settings)


def _different(rule: q.rules.RuleType) -> tuple[str, ...]:
    """Presets that differ from the defaults."""
    default = {name: item.default for name, item in rule.parameters.items()}
    return tuple(
        name
        for name, preset in rule.presets.items()
        if any(default[key] != value for key, value in preset.values.items())
    )


# The pair window, and the weight to start from


def window(about: facts.Facts) -> Protocol:
    """The pair window of a rule and of its presets."""
    rule = about.type
    names = _pair_window(rule, 1.0).run_function()
    presets = {name: _start(names, rule, name) for name in _different(rule)}
    weight = START.get(rule.name) or _start(names, rule, None)
    return _pair_window(rule, weight, presets)


class _Window(Protocol):
    def run_function(self) -> Any:
        """The function `window` of the script, without its figure."""
        names: dict[str, Any] = {}
        exec(self.code.split("\nchange = ")[0], names)
        return names["window"]


def _pair_window(
    rule: q.rules.RuleType, weight: float, presets: dict[str, float] | None = None
) -> _Window:
    listed = ", ".join(f'"{name}": {start:g}' for name, start in (presets or {}).items())
    if len(listed) > 80:
        listed = "\n    " + textwrap.fill(listed, 94, subsequent_indent="    ") + ",\n"
    settings = {"rule": _type(rule), "weight": f"{weight:g}", "presets": f"{{{listed}}}"}
    return _Window("window", settings)


def _start(change: Any, rule: q.rules.RuleType, preset: str | None) -> float:
    """The weight to start from. Where the change depends on it, this is the middle of the bounds;
    else it is small, so that the rounding of the weight does not show."""
    description = rule(preset=preset)
    low, high = (
        description.parameters.get(name, rule.parameters[name].default)
        for name in ("w_min", "w_max")
    )
    middle = (low + high) / 2 if high < 1e6 else max(1.0, 2 * low)
    at_middle = change(description, middle)
    most = float(np.abs(at_middle).max())
    small = float(f"{low + 4 * most:.1g}")
    if not low + 2 * most < small < middle:
        return middle
    same = np.allclose(
        change(description, small), at_middle, rtol=0, atol=0.01 * most + 2e-7 * middle
    )
    return small if same else middle

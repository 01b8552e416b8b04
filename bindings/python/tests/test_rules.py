"""What a rule says of itself, presets, stacks of rules, populations that one follows, and libraries
of rules."""

from __future__ import annotations

import ctypes
import json
import math
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import quell as q
from conftest import ROOT
from quell import _abi

pytestmark = pytest.mark.filterwarnings("ignore:numba=False")


KEPT: list[Any] = []  # what descriptors point to


def table(*items: Any) -> Any:
    array = (type(items[0]) * len(items))(*items)
    KEPT.extend([array, *items])
    return _abi.quell_table(ctypes.addressof(array), len(items), ctypes.sizeof(type(items[0])))


def function(kind: Any, member: str) -> Callable[[Any], Any]:
    def make(python: Any) -> Any:
        KEPT.append(_abi.callback_type(kind, member)(python))
        return KEPT[-1]

    return make


@function(_abi.quell_rule_desc, "prepare")
def prepare(_args: Any, _instance: Any) -> int:
    return 0


def descriptor(name: bytes, **members: Any) -> Any:
    return _abi.sized(
        _abi.quell_rule_desc,
        abi_major=_abi.QUELL_RULE_ABI_MAJOR,
        abi_minor=_abi.QUELL_RULE_ABI_MINOR,
        name=name,
        summary=b"for the tests",
        source=b"none",
        instance_size=4,
        prepare=prepare,
        **members,
    )


HALF = (_abi.quell_value * 1)((b"factor", 0.5))


def short_term(name: bytes = b"test_depression") -> Any:
    """Every arrival but the first delivers a part of the weight."""

    @function(_abi.quell_rule_desc, "release")
    def release(_row: Any, since: float, _param: Any, _instance: Any) -> float:
        return 1.0 if math.isinf(since) else 0.25

    return descriptor(
        name,
        params=table(_abi.quell_param_desc(b"factor", b"1", b"unused", 1, 0, 2, 0, 0)),
        row_vars=table(_abi.quell_row_var_desc(b"resources", b"1", b"what is left", 0.75)),
        presets=table(
            _abi.quell_preset_desc(
                b"half_2026",
                b"half of it; this file",
                _abi.quell_table(ctypes.addressof(HALF), 1, ctypes.sizeof(_abi.quell_value)),
            ),
            _abi.quell_preset_desc(b"whole", b"all of it"),
        ),
        release=release,
    )


def follower() -> Any:
    """Sets every weight to the rate of an observed population at an interval."""

    @function(_abi.quell_rule_desc, "post_step")
    def post_step(block: Any) -> None:
        b = block.contents
        for i in range(b.n):
            b.signal[0][i] = b.observed[0]

    @function(_abi.quell_event_desc, "call")
    def call(block: Any) -> None:
        b = block.contents
        for i in range(b.n):
            b.w[i] = max(b.w[i], b.signal[0][i])

    return descriptor(
        b"test_follower",
        params=table(
            _abi.quell_param_desc(b"delay", b"ms", b"of the news", 1, 0, 100, 0, 0),
            _abi.quell_param_desc(b"interval", b"ms", b"of the changes", 1, 0, 100, 0, 0),
        ),
        signals=table(_abi.quell_signal_desc(b"rate", b"Hz", b"of the population", None)),
        observed=table(_abi.quell_observed_desc(b"guard", b"who watches", 0, 0)),
        events=table(
            _abi.quell_event_desc(_abi.QUELL_INTERVAL, 1, 0, 0, call, 1, 0, 0),
        ),
        post_step=post_step,
    )


@pytest.fixture
def registry() -> q.Registry:
    """The built-in rules and those above."""
    made = q.Registry()
    made.add(short_term())
    made.add(follower())
    return made


@pytest.fixture(scope="module")
def doubling() -> q.custom.PythonRule:
    @q.rule(params=dict(every=(10, "ms")), interval="every", numba=False)
    class doubling:
        def interval(w):
            return w * 2

    return doubling


@pytest.fixture(scope="module")
def adding() -> q.custom.PythonRule:
    @q.rule(params=dict(every=(10, "ms")), interval="every", numba=False)
    class adding:
        def interval(w):
            return w + 1

    return adding


# What a rule says of itself


def test_events_ties_traces_and_bytes(registry: q.Registry) -> None:
    rule = q.rules.vogels2011
    assert (rule.kind, rule.events) == ("event", ("pre", "post"))
    assert rule.ties == ("pre_first", "exclusive", "post_first")
    assert rule.flags == () and rule.observed == {} and rule.variables == {}
    assert {name: (item.side, item.kind, item.tau) for name, item in rule.traces.items()} == {
        "x": ("pre", "add", "tau"),
        "y": ("post", "add", "tau"),
    }
    assert rule.bytes.synapse == 4 and rule.bytes.row > 0 and rule.bytes.neuron > 0
    assert "x: of pre spikes, add, time constant tau" in rule.__doc__
    depression, follows = registry.test_depression, registry.test_follower
    assert (depression.kind, depression.events, depression.ties) == ("short_term", (), ())
    assert "Short-term plasticity" in depression.__doc__
    assert (follows.kind, follows.events) == ("interval", ("interval",))
    assert follows.observed == {"guard": "who watches"}
    assert "guard: who watches" in follows.__doc__


def test_all_of_it_goes_into_json(registry: q.Registry) -> None:
    for name in registry.names():
        rule = registry.get(name)
        described = json.loads(json.dumps(rule.described(), allow_nan=False))
        assert described["name"] == name
        assert [item["name"] for item in described["parameters"]] == list(rule.parameters)
        for item in described["parameters"]:
            assert float(item["min"]) == rule.parameters[item["name"]].min
            assert float(item["default"]) == rule.parameters[item["name"]].default
        assert [item["name"] for item in described["presets"]] == list(rule.presets)


@pytest.mark.parametrize("name", q.rules.names())
def test_every_rule_and_every_preset_of_it_can_be_made(name: str, net: q.Network) -> None:
    rule = q.rules.get(name)
    assert rule.source and rule.summary
    assert rule.kind in ("event", "interval", "short_term")
    for preset in [None, *rule.presets]:
        made = net.rule(rule(preset=preset))
        expected = {} if preset is None else rule.presets[preset].values
        for parameter, value in made.parameters.items():
            assert value == expected.get(parameter, rule.parameters[parameter].default)
        for variable in rule.variables.values():
            assert variable.doc and variable.unit


# Presets


def test_presets(registry: q.Registry) -> None:
    rule = registry.test_depression
    assert list(rule.presets) == ["half_2026", "whole"]
    assert rule.presets["half_2026"].doc == "half of it; this file"
    assert dict(rule.presets["half_2026"].values) == {"factor": 0.5}
    assert dict(rule(preset="half_2026").parameters) == {"factor": 0.5}
    assert dict(rule(preset="half_2026", factor=0.75).parameters) == {"factor": 0.75}
    assert dict(rule(preset="whole").parameters) == {}
    assert "half_2026: half of it; this file (factor=0.5)" in rule.__doc__
    assert "preset" in rule.__signature__.parameters
    with pytest.raises(q.UnknownName, match=r"has no preset 'half_2025'; did you mean 'half_2026'"):
        rule(preset="half_2025")
    with pytest.raises(TypeError, match="preset"):
        rule(preset=1)
    with pytest.raises(q.UnknownName, match="'vogels2011' has no preset 'x'"):
        q.rules.vogels2011(preset="x")
    with q.Network(registry=registry) as net:
        assert net.rule(rule(preset="half_2026"))["factor"] == 0.5


# Stacks


def pair_of(net: q.Network) -> tuple[q.Population, q.Population]:
    return net.population("a", 3, "spike_source"), net.population("b", 3, "lif_cond_exp")


def test_the_rule_that_learns_may_be_anywhere(
    registry: q.Registry, doubling: q.custom.PythonRule, adding: q.custom.PythonRule
) -> None:
    for rule in (doubling, adding):
        registry.add(rule)
    learns, depression = q.rules.vogels2011(w_max=1000), registry.test_depression()
    for stack, weight in (
        ([doubling(), adding(), learns, depression], 3),
        ((depression, learns, adding(), doubling()), 4),
        ([doubling(), adding()], 3),
        (adding(), 2),
    ):
        with q.Network(registry=registry) as net:
            a, b = pair_of(net)
            made = net.connect(a, b, "excitatory", all_to_all=True, rule=stack)
            given = list(stack) if isinstance(stack, (list, tuple)) else [stack]
            others = [item for item in given if item is not learns]
            expected = [learns, *others] if learns in given else others
            assert [rule.description for rule in made.rules] == expected
            assert made.rule is (made.rules[0] if learns in given else None)
            assert all(net.rule(item) in made.rules for item in given)
            assert ", ".join(rule.name for rule in made.rules) in repr(made)
            net.run(10.1)
            assert set(made.weights) == {weight}
            if depression in given:
                assert set(made["resources"]) == {0.75}


def test_short_term_plasticity_acts_on_what_is_delivered(registry: q.Registry) -> None:
    with q.Network(registry=registry) as net:
        a, b = pair_of(net)
        rules = [registry.test_depression(), q.rules.stdp_pair(a_plus=0, a_minus=0, w_max=5)]
        made = net.connect(a, b, "excitatory", one_to_one=True, weight=4, rule=rules)
        a.set_spikes([0, 0], [1, 2])
        g = net.record(b, "g_exc", ids=[0])
        net.run(3)
        jumps = np.diff(g.values[:, 0])
        assert jumps.max() == pytest.approx(4, rel=0.05)
        assert sorted(jumps)[-2] == pytest.approx(1, abs=0.2)
        assert set(made.weights) == {4}


def test_learning_normalisation_and_short_term_plasticity_together(net: q.Network) -> None:
    pre = net.population("pre", 30, "poisson", rate=50)
    post = net.population("post", 20, "lif_cond_exp", i_offset=300)
    rules = [
        q.rules.normalise(target=2, interval=50),
        q.rules.stdp_pair(a_plus=0.1),
        q.rules.tsodyks_markram(preset="bbp_l5_ttpc", U=0.4),
    ]
    made = net.connect(pre, post, "excitatory", all_to_all=True, weight=0.1, rule=rules)
    assert [rule.name for rule in made.rules] == ["stdp_pair", "normalise", "tsodyks_markram"]
    assert (made.rules[2]["U"], made.rules[2]["tau_rec"]) == (0.4, 365.6)
    net.run(200.1)
    assert made.matrix().sum(axis=0) == pytest.approx(np.full(20, 2), rel=1e-5)
    assert made.weights.std() > 0


def test_one_description_is_one_instance_in_stacks(
    net: q.Network, doubling: q.custom.PythonRule
) -> None:
    a, b = pair_of(net)
    shared = doubling()
    first = net.connect(a, b, "excitatory", p=1, rule=[q.rules.vogels2011(), shared])
    second = net.connect(a, b, "inhibitory", p=1, rule=[shared, q.rules.vogels2011()])
    third = net.connect(a, b, "inhibitory", p=1, rule=[first.rules[1], doubling()])
    assert first.rules[1] is second.rules[1] is third.rules[0] is net.rule(shared)
    assert third.rules[1] is not third.rules[0]
    assert first.rule is not second.rule


def test_stacks_that_cannot_be(
    registry: q.Registry, doubling: q.custom.PythonRule, net: q.Network
) -> None:
    a, b = pair_of(net)
    twice = doubling()
    pair = q.rules.stdp_pair()
    for rules, error, sentence in (
        ([q.rules.vogels2011(), pair], q.Unsupported, "one such rule"),
        ([pair, pair], q.Unsupported, "one such rule"),
        ([twice, twice], q.Unsupported, "twice"),
        ([pair, "normalise"], TypeError, "quell.rules.NAME"),
        ([pair, None], TypeError, "quell.rules.NAME"),
        ([registry.test_depression()], q.UnknownName, "test_depression"),
        ([pair, *(doubling() for _ in range(9))], q.Unsupported, "at most"),
    ):
        with pytest.raises(error, match=sentence):
            net.connect(a, b, "excitatory", p=1, rule=rules)
    assert net.projections == []
    with q.Network(registry=registry) as other:
        c, d = pair_of(other)
        with pytest.raises(q.OwnerError):
            other.connect(c, d, "excitatory", p=1, rule=[net.rule(pair)])
        both = [registry.test_depression(), registry.test_depression()]
        with pytest.raises(q.Unsupported, match="both short-term"):
            other.connect(c, d, "excitatory", p=1, rule=both)
        assert len(other.connect(c, d, "excitatory", p=1, rule=[]).rules) == 0


# Populations that a rule follows


@pytest.mark.parametrize("how", ["method", "keyword"])
def test_observing(registry: q.Registry, how: str) -> None:
    with q.Network(registry=registry) as net, q.Network() as other:
        a, b = pair_of(net)
        guard = net.population("guard", 4, "external")
        description = registry.test_follower()
        rule = net.rule(description)
        with pytest.raises(q.UnknownName, match="gard"):
            rule.observe("gard", guard)
        with pytest.raises(TypeError, match="needs a population"):
            rule.observe("guard", "guard")
        with pytest.raises(q.OwnerError):
            rule.observe("guard", other.population("x", 1, "external"))
        if how == "method":
            rule.observe("guard", guard)
        else:
            assert net.rule(description, guard=guard) is rule
        made = net.connect(a, b, "excitatory", p=1, weight=0, rule=description)
        guard.on_step(lambda pop: pop.spikes_in([0, 1, 2]) if net.clock == 20 else None)
        net.run(6)
        assert set(made.weights) == {7500}  # three of four neurons in 0.1 ms
        with pytest.raises(q.StateError):
            rule.observe("guard", guard)


# Libraries of rules


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example, compiled."""
    source = ROOT / "examples" / "plugin_rule.c"
    if shutil.which("cc") is None or not source.is_file() or os.name != "posix":
        pytest.skip("needs a C compiler and the source tree")
    made = tmp_path_factory.mktemp("plugin") / "plugin_rule.so"
    command = ["cc", "-O2", "-fPIC", "-shared", "-fvisibility=hidden", "-ffp-contract=off"]
    include = f"-I{ROOT / 'include'}"
    subprocess.run([*command, include, str(source), "-o", str(made)], check=True)
    return made


def test_plugins(plugin: Path) -> None:
    registry = q.Registry()
    (rule,) = registry.load_plugin(plugin)
    assert rule is registry.saturating
    assert rule.name not in q.rules.names()
    with pytest.raises(q.UnknownName, match="loaded"):
        registry.load_plugin(str(plugin))
    with q.Network(seed=1, registry=registry) as net:
        pre = net.population("a", 20, "poisson", rate=100)
        post = net.population("b", 20, "lif_cond_exp", i_offset=400)
        made = net.connect(pre, post, "inhibitory", all_to_all=True, weight=0.5, rule=rule())
        net.run(100)
        assert made.weights.std() > 0
        with pytest.raises(q.StateError, match="saturating"):
            registry.unload_plugin(plugin)
    registry.unload_plugin(plugin)
    assert "saturating" not in registry.names()
    with pytest.raises(q.UnknownName):
        registry.get("saturating")
    registry.load_plugin(plugin)
    registry.unload_plugin("example")
    with pytest.raises(q.UnknownName):
        registry.unload_plugin("example")


def test_files_that_are_no_plugins(tmp_path: Path) -> None:
    registry = q.Registry()
    before = registry.names()
    with pytest.raises(q.UnknownName, match="nowhere"):
        registry.load_plugin(tmp_path / "nowhere.so")
    (tmp_path / "text.so").write_text("no library")
    with pytest.raises(q.Unsupported, match=r"text\.so"):
        registry.load_plugin(tmp_path / "text.so")
    assert registry.names() == before

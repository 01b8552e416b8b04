"""Neuromodulator channels, curves, and what follows them."""

from __future__ import annotations

import math
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import quell as q
from conftest import ROOT

pytestmark = pytest.mark.filterwarnings("ignore:numba=False")


def refuses(error: type[q.Error], sentence: str | None, call: Any) -> None:
    with pytest.raises(error, match=sentence):
        call()


# Curves


def test_curves_have_their_values() -> None:
    assert q.linear()(0.3) == pytest.approx(0.3, rel=1e-15)
    assert q.linear(slope=-2, offset=5)(1.5) == 2
    assert q.hill(0.5)(0.5) == 0.5
    assert q.hill(2, exponent=3, low=1, high=5)(4) == pytest.approx(1 + 4 * 64 / 72, rel=1e-12)
    assert q.hill(2, low=0.25)(-1) == 0.25
    assert q.sigmoid(1, width=-0.5, low=2, high=4)(2) == pytest.approx(
        2 + 2 / (1 + math.exp(2)), rel=1e-12
    )
    table = q.table([0, 1, 3], [1, 3, -1])
    assert [table(c) for c in (-5, 0.5, 2, 9)] == [1, 2, 1, -1]
    values = table([[0, 1], [3, 4]])
    assert values.dtype == np.float64 and values.tolist() == [[1, 3], [-1, -1]]


def test_curves_say_what_they_are_and_are_equal_if_they_are() -> None:
    assert repr(q.hill(0.5, low=2, combine="add")) == (
        "quell.hill(half=0.5, exponent=1, low=2, high=1, combine='add')"
    )
    assert eval(repr(q.table([0, 1], [2, 3])), {"quell": q}) == q.table([0, 1], [2, 3])
    assert q.linear(2) == q.linear(2) != q.linear(3)


def test_what_is_no_curve() -> None:
    refuses(q.RangeError, "half and exponent must be above 0", lambda: q.hill(0))
    refuses(q.RangeError, "width must not be 0", lambda: q.sigmoid(1, width=0))
    refuses(q.RangeError, "must be finite", lambda: q.linear(math.inf))
    refuses(q.RangeError, "x ascending", lambda: q.table([1, 1], [0, 0]))
    refuses(q.RangeError, "1 to 65536", lambda: q.table([], []))
    refuses(q.LengthError, "a y for each x, got 2 and 1", lambda: q.table([1, 2], [0]))
    refuses(q.UnknownName, "'ad'.*'add'", lambda: q.linear(combine="ad"))
    with pytest.raises(TypeError, match="hill: half must be a number"):
        q.hill("d1")


# Channels


def test_a_channel_decays_from_what_is_released(net: q.Network) -> None:
    da = net.modulator("dopamine", tau=100, tonic=0.25)
    assert net.modulators == {"dopamine": da}
    assert (da.name, da.scope, da.population, len(da)) == ("dopamine", "network", None, 1)
    assert (da.sources, da.readers) == (0, 0)
    assert repr(da) == "<Modulator 'dopamine': network>"
    da.release(0.5)
    da.release(1, time=20)
    assert da.concentration == 0.75
    net.run(10)
    assert da.concentration == pytest.approx(0.25 + 0.5 * math.exp(-0.1), rel=1e-9)
    net.run(30)
    assert da.concentration == pytest.approx(0.25 + 0.5 * math.exp(-0.4) + math.exp(-0.2), rel=1e-9)


def test_courses(net: q.Network) -> None:
    da = net.modulator("da", tau=math.inf)
    da.schedule([1, 2, 2], [1, 10, 100])
    da.schedule([3, 4], 0.5)
    da.levels([5], [-7])
    seen = []
    for _ in range(5):
        net.run(1)
        seen.append(da.concentration)
    assert seen == [1, 111, 111.5, 112, -7]
    refuses(q.LengthError, "2 times but 3 values", lambda: da.schedule([6, 7], [1, 2, 3]))
    refuses(q.RangeError, None, lambda: da.schedule([7, 6], [1, 2]))
    refuses(q.RangeError, None, lambda: da.levels([1], [1]))


def test_parameters_of_a_channel(net: q.Network) -> None:
    da = net.modulator("da", tau=50, max=2)
    assert da.parameters == {"tonic": 0, "tau": 50, "min": -math.inf, "max": 2}
    da["tau"] = 20
    da.set(tonic=0.5, min=0)
    assert (da["tau"], da["tonic"], da["min"]) == (20, 0.5, 0)
    da.release(99)
    assert da.concentration == 2
    refuses(q.RangeError, "tonic", lambda: da.set(tau=1, tonic=3))
    assert da["tau"] == 20
    refuses(q.UnknownName, "half", lambda: da["half"])
    refuses(q.UnknownName, "tua", lambda: net.modulator("x", tua=3))
    with pytest.raises(AttributeError, match=r"modulator\['tau'\] = value"):
        da.tau = 3


def test_concentrations_can_be_set(net: q.Network) -> None:
    pop = net.population("pop", 4, "lif_cond_exp")
    one = net.modulator("one", max=9)
    areas = net.modulator("areas", territories=3)
    each = net.modulator("each", population=pop)
    one.concentration = 8.5
    areas.concentration = [1, 2, 3]
    each.concentration = 0.25
    assert one.concentration == 8.5
    assert areas.concentration.tolist() == [1, 2, 3]
    assert each.concentration.tolist() == [0.25] * 4
    with pytest.raises(q.LengthError, match=r"each of 3, got the shape \(2,\)"):
        areas.concentration = [1, 2]
    with pytest.raises(q.RangeError):
        one.concentration = 10
    assert one.concentration == 8.5


def test_scopes(net: q.Network) -> None:
    pop = net.population("pop", 4, "lif_cond_exp")
    areas = net.modulator("areas", territories=2, tau=math.inf)
    each = net.modulator("each", population=pop)
    state = net.modulator("state", population=pop, state="g_exc")
    assert [m.scope for m in (areas, each, state)] == ["territory", "neuron", "state"]
    assert [len(m) for m in (areas, each, state)] == [2, 4, 4]
    assert each.population is pop and repr(each) == "<Modulator 'each': neuron, 4 values>"
    areas.territories(pop, [0, 1, 1, 0])
    areas.territories(pop, 1)
    areas.release(3, at=1)
    each.release(2, at=3)
    assert areas.concentration.tolist() == [0, 3]
    assert each.concentration.tolist() == [0, 0, 0, 2]
    pop["g_exc"] = 1.5
    assert state.concentration.tolist() == [1.5] * 4
    areas.diffusion([[0, 2], [2, 0]])
    net.run(250)  # the difference falls by 2 × 2 per second
    assert np.diff(areas.concentration)[0] == pytest.approx(3 * math.exp(-1), rel=1e-9)
    assert areas.concentration.sum() == pytest.approx(3, rel=1e-12)


def test_channels_that_cannot_be(net: q.Network) -> None:
    pop = net.population("pop", 4, "lif_cond_exp")
    da, areas = net.modulator("da"), net.modulator("areas", territories=2)
    state = net.modulator("state", population=pop, state="v")
    with q.Network() as other:
        theirs = other.population("x", 1, "poisson")
        refuses(q.OwnerError, "another network", lambda: net.modulator("x", population=theirs))
        refuses(q.OwnerError, "another network", lambda: da.source(theirs))
        refuses(q.OwnerError, "another network", lambda: areas.territories(theirs, [0]))
    refuses(q.UnknownName, "da", lambda: net.modulator("da"))
    refuses(q.UnknownName, "'sates'", lambda: net.modulator("x", scope="sates"))
    refuses(q.UnknownName, "'g'", lambda: net.modulator("x", population=pop, state="g"))
    refuses(q.UnknownName, "'d'", lambda: net.modulator("x", preset="d"))
    refuses(q.RangeError, "territories", lambda: net.modulator("x", territories=5000))
    refuses(q.RangeError, None, lambda: net.modulator("x", scope="territory"))
    refuses(q.Unsupported, None, lambda: da.territories(pop, [0, 0, 0, 0]))
    refuses(q.LengthError, None, lambda: areas.territories(pop, [0, 0, 0]))
    refuses(q.RangeError, None, lambda: areas.territories(pop, [0, 0, 0, 2]))
    refuses(q.LengthError, r"\(2, 2\)", lambda: areas.diffusion([0, 1]))
    refuses(q.LengthError, None, lambda: areas.release(1, at=2))
    refuses(q.RangeError, "at must be", lambda: areas.release(1, at=-1))
    refuses(q.Unsupported, None, lambda: state.release(1))
    with pytest.raises(TypeError, match="source\\(\\) needs a population"):
        da.source("pop")
    assert set(net.modulators) == {"da", "areas", "state"}
    net.step()
    refuses(q.StateError, None, lambda: net.modulator("late"))
    refuses(q.StateError, None, lambda: da.source(pop))


def test_spikes_release(net: q.Network) -> None:
    cells = net.population("cells", 3, "spike_source")
    da = net.modulator("da", tau=math.inf)
    da.source(cells, amount=0.5, delay=2)
    assert da.sources == 1
    cells.set_spikes([0, 1, 2], [1, 1, 4])
    net.run(2.9)
    assert da.concentration == 0
    net.run(0.2)
    assert da.concentration == 1
    net.run(5)
    assert da.concentration == 1.5


# Critics


def test_a_critic_of_the_mean(net: q.Network) -> None:
    da = net.modulator("da", tau=math.inf)
    da.critic("mean", rate=0.5)
    assert (da.sources, da.expected) == (1, 0)
    for reward, expected, total in ((1, 0.5, 1), (1, 0.75, 1.5), (0, 0.375, 0.75)):
        da.reward(reward)
        net.step()
        assert (da.expected, da.concentration) == (expected, total)
    refuses(q.StateError, None, lambda: da.predict(1))


def test_a_critic_of_values(net: q.Network) -> None:
    da = net.modulator("da", tau=math.inf)
    da.critic("value", tau=10)
    da.restart(2)
    net.run(10)
    da.reward(0.25)
    da.predict(1)
    net.step()
    assert da.concentration == pytest.approx(0.25 + math.exp(-1) - 2, rel=1e-9)
    assert da.expected == 1
    da.restart(5)
    net.step()
    assert da.concentration == pytest.approx(0.25 + math.exp(-1) - 2, rel=1e-9)


def test_a_critic_of_a_population(net: q.Network) -> None:
    """One spike of one of two neurons: V = gain κ / 2, and δ = dV/dt − V / tau."""
    cells = net.population("cells", 2, "spike_source")
    da = net.modulator("da", tau=math.inf)
    da.critic("population", population=cells, gain=2, tau=math.inf, tau_slow=20, tau_fast=5)
    cells.set_spikes([0], [1])
    net.run(11)
    s = 9.0  # ms since the spike, which takes 1 ms
    value = 1000 * (math.exp(-s / 20) - math.exp(-s / 5)) / 15
    assert da.expected == pytest.approx(value, rel=0.02)  # s is known to a step
    assert da.concentration == pytest.approx(value, rel=0.02)  # ∫ dV


def test_critics_that_cannot_be(net: q.Network) -> None:
    da, other = net.modulator("da"), net.modulator("other", territories=2)
    refuses(q.StateError, None, lambda: da.reward(1))
    refuses(q.StateError, None, lambda: da.expected)
    refuses(q.UnknownName, "did you mean 'mean'", lambda: da.critic("meen"))
    refuses(q.RangeError, "rate", lambda: da.critic(rate=2))
    refuses(q.Unsupported, None, lambda: other.critic())
    with pytest.raises(q.Error, match="population"):
        da.critic("population")
    with pytest.raises(TypeError, match="needs a population"):
        da.critic("population", population=3)
    assert da.sources == 0


def test_defaults_are_those_of_the_header() -> None:
    header = ROOT / "include" / "quell" / "modulator.h"
    if not header.is_file():
        pytest.skip("not in the source tree")
    text = header.read_text()
    numbers = re.search(r"QUELL_CRITIC_MEAN, ([-\d., NUL]+)\}", text)[1]
    wanted = [float(item) for item in numbers.split(",") if item.strip() != "NULL"]
    given = q.Modulator.critic.__kwdefaults__
    names = ("rate", "tau", "value", "gain", "tau_slow", "tau_fast", "delay")
    assert [given[name] for name in names] == wanted
    source = re.search(r"sizeof\(quell_source\), 0, ([-\d., ]+)\}", text)[1]
    assert q.Modulator.source.__defaults__ == tuple(map(float, source.split(",")))


# Rules that follow


def pair(net: q.Network, post: str = "lif_cond_exp") -> tuple[q.Population, q.Population]:
    return net.population("a", 1, "spike_source"), net.population("b", 1, post)


def test_a_description_is_bound_in_the_network_of_the_channel(net: q.Network) -> None:
    ach = net.modulator("ach", tonic=2)
    description = q.rules.stdp_pair(a_plus=0.01, a_pre=0.01, w_max=10)
    assert description.bind("potentiation", ach, q.linear(3)) is description
    rule = net.rule(description)
    assert rule.effective("potentiation") == 6
    assert rule.effective("learning") == 1
    assert ach.readers == 1
    a, b = pair(net)
    made = net.connect(a, b, "excitatory", one_to_one=True, weight=1, rule=description)
    assert made.rule is rule
    a.set_spikes([0], [1])
    net.run(2)
    assert made.weights[0] == pytest.approx(1 + 6 * 0.01 * 10, rel=1e-6)
    with q.Network() as other:
        assert other.rule(description).effective("potentiation") == 1
        foreign = other.modulator("x")
        refuses(q.OwnerError, "another network", lambda: rule.bind("learning", foreign))


def test_curves_multiply_and_add(net: q.Network) -> None:
    one, two = net.modulator("one", tonic=3), net.modulator("two", tonic=0.5)
    rule = net.rule(q.rules.stdp_pair())
    assert rule.bind("learning", one) is rule
    rule.bind("learning", two, q.hill(0.5)).bind("learning", two, q.linear(4, combine="add"))
    assert rule.effective("learning") == 3 * 0.5 + 2


def test_an_eligibility_for_any_rule(net: q.Network) -> None:
    """The change of a pre spike waits, decays, and acts while there is dopamine."""
    da = net.modulator("da", tau=0)
    description = q.rules.stdp_pair(a_pre=0.1, w_max=10).eligibility(200)
    description.bind("factor", da)
    rule = net.rule(description)
    refuses(q.UnknownName, "there are .*factor", lambda: rule.bind("fctor", da))
    a, b = pair(net)
    made = net.connect(a, b, "excitatory", one_to_one=True, weight=1, rule=description)
    a.set_spikes([0], [1])
    net.run(101)
    assert made["eligibility"][0] == pytest.approx(math.exp(-0.5), rel=2e-3)
    assert made.weights[0] == 1
    da.release(100)
    net.run(10)
    change = 100 * 0.1e-3 * math.exp(-0.5)  # for one step of 0.1 ms
    assert made.weights[0] - 1 == pytest.approx(change, rel=2e-3)


def test_an_eligibility_comes_first(net: q.Network) -> None:
    description = q.rules.vogels2011()
    rule = net.rule(description)
    refuses(q.StateError, "has an instance", lambda: description.eligibility(100))
    assert rule.eligibility(100) is rule
    refuses(q.RangeError, "tau", lambda: net.rule(q.rules.vogels2011()).eligibility(0.1))
    refuses(q.Unsupported, None, lambda: net.rule(q.rules.normalise()).eligibility(100))
    with pytest.raises(TypeError, match="tau must be a number"):
        q.rules.vogels2011().eligibility("long")


def test_bindings_that_cannot_be(net: q.Network) -> None:
    da = net.modulator("da")
    rule = net.rule(q.rules.vogels2011())
    refuses(q.UnknownName, "nothing called 'w_max'.*learning", lambda: rule.bind("w_max", da))
    for bind in (rule.bind, q.rules.vogels2011().bind):
        with pytest.raises(TypeError, match="needs a channel"):
            bind("learning", "da")
    with pytest.raises(TypeError, match=r"quell\.hill"):
        rule.bind("learning", da, 3)
    refuses(q.UnknownName, "nothing called", lambda: rule.effective("w_max"))
    refuses(q.LengthError, None, lambda: rule.effective("learning", at=1))
    net.step()
    refuses(q.StateError, None, lambda: rule.bind("learning", da))
    assert da.readers == 0


def test_a_rule_says_what_can_follow() -> None:
    rule = q.rules.reward_stdp
    assert rule.parameters["a_plus"].bindable and not rule.parameters["tau_e"].bindable
    assert "bindable" in str(rule.parameters["a_plus"])
    assert list(rule.factors) == ["reward"] and "dopamine" in rule.factors["reward"]
    item = rule.eligibilities["eligibility"]
    assert (item.tau, item.factor, item.unit) == ("tau_e", "reward", "w")
    assert "time constant tau_e, acts with reward" in str(item)
    assert "Third factors:\n    reward: " in rule.__doc__
    assert "Eligibilities of a synapse:\n    eligibility: " in rule.__doc__
    assert rule.bytes.synapse == 8
    described = rule.described()
    assert described["factors"] == rule.factors
    assert described["eligibilities"][0]["tau"] == "tau_e"
    assert described["parameters"][0]["bindable"] is True


# Projections and populations that follow


def test_a_gain(net: q.Network) -> None:
    ach = net.modulator("ach", tonic=1)
    a, b = pair(net, "external")
    made = net.connect(a, b, "excitatory", one_to_one=True, weight=2)
    assert made.effective("gain") == 1
    made.bind("gain", ach, q.linear(0.5, offset=1))
    assert made.effective("gain") == 1.5
    a.set_spikes([0], [1])
    arrived = []
    b.on_step(lambda pop: arrived.append(float(pop.input("excitatory")[0])))
    net.run(3)
    assert max(arrived) == 3
    refuses(q.UnknownName, "gian", lambda: made.effective("gian"))
    refuses(q.StateError, None, lambda: made.bind("gain", ach))


def test_neurons_follow(net: q.Network) -> None:
    ach = net.modulator("ach", tonic=0.5)
    pop = net.population("pop", 2, "lif_cond_exp", i_offset=[100, 200])
    each = net.modulator("each", population=pop)
    pop.bind("i_offset", ach, q.linear(2))
    pop.bind("v_thresh", each, q.linear(combine="add"))
    pop.bind("inhibitory", ach)
    each.release(3, at=1)
    assert [pop.effective("i_offset", i) for i in range(2)] == [100, 200]
    assert [pop.effective("v_thresh", i) for i in range(2)] == [-50, -47]
    assert pop.effective("inhibitory") == 0.5
    assert pop.effective("excitatory") == 1
    refuses(q.UnknownName, "tau_m", lambda: pop.bind("tau_m", ach))
    refuses(q.LengthError, None, lambda: pop.effective("i_offset", 2))


# From the literature


def test_presets_from_the_literature(net: q.Network) -> None:
    kinetics, receptors = q.modulators.kinetics(), q.modulators.receptors()
    assert "dopamine" in kinetics and "d1" in receptors
    for key, item in {**kinetics, **receptors}.items():
        assert item.name == key and item.doc and item.source
        assert str(item).startswith(f"{key}: ")
    for key in kinetics:
        made = net.modulator(f"my {key}", preset=key)
        assert made["tau"] >= 0 and made["min"] <= made["tonic"] <= made["max"]
    assert net.modulator("slow", preset="dopamine", tau=321)["tau"] == 321
    for key, item in receptors.items():
        assert q.receptor(key) == item.curve
        assert math.isfinite(item.curve(1.0))
    refuses(q.UnknownName, "did you mean", lambda: q.receptor("d11"))


def test_a_receptor_can_be_scaled() -> None:
    curve = q.modulators.receptors()["d1"].curve
    scaled = q.receptor("d1", low=1, high=3, combine="add")
    assert scaled.combine == "add"
    low, high = dict(curve.values)["low"], dict(curve.values)["high"]
    assert (low, high) == (0, 1)
    for c in (0, 0.3, 2):
        assert scaled(c) == pytest.approx(1 + 2 * curve(c), rel=1e-12)


# Rules in Python


def both(numba: bool, **more: Any) -> q.custom.PythonRule:
    if numba:
        pytest.importorskip("numba")

    @q.rule(
        params=dict(
            gain=q.param(0.5, "w", bindable=True), tau=(20, "ms"), tau_e=(200, "ms"), keep=2.0
        ),
        traces=dict(x=q.pre("tau")),
        variables=dict(n=0),
        factors=dict(reward="what came of it"),
        eligibilities=dict(
            e=("tau_e", "reward", "w", "what is due"),
            silent="tau_e",
        ),
        numba=numba,
        **more,
    )
    class three:
        """For the tests."""

        def pre(w, n, e, silent, gain, p):
            return w, n + 1, e + gain, silent + p.keep

    return three


@pytest.mark.parametrize("numba", [True, False])
def test_rules_in_python_have_factors_and_eligibilities(net: q.Network, numba: bool) -> None:
    rule = both(numba)
    assert rule.parameters["gain"].bindable and not rule.parameters["keep"].bindable
    assert rule.factors == {"reward": "what came of it"}
    assert [item.factor for item in rule.eligibilities.values()] == ["reward", None]
    assert rule.parameters["tau_e"].min_open
    assert rule.bytes.synapse == 16
    da, ach = net.modulator("da", tau=0), net.modulator("ach", tonic=4)
    description = rule().bind("reward", da).bind("gain", ach)
    a, b = pair(net)
    made = net.connect(a, b, "excitatory", one_to_one=True, weight=1, rule=description)
    a.set_spikes([0], [1])
    net.run(101)
    left = math.exp(-0.5)
    assert made["e"][0] == pytest.approx(2 * left, rel=2e-3)
    assert made["silent"][0] == pytest.approx(2 * left, rel=2e-3)
    assert (made["n"][0], made.weights[0]) == (1, 1)
    da.release(50)
    net.run(10)
    assert made.weights[0] - 1 == pytest.approx(50 * 0.1e-3 * 2 * left, rel=2e-3)


@pytest.mark.parametrize("numba", [True, False])
def test_what_is_wrong_with_a_rule_in_python(numba: bool) -> None:
    if numba:
        pytest.importorskip("numba")

    def rule(function: Any, **more: Any) -> Any:
        params = dict(g=q.param(1, bindable=True), tau=(20, "ms"))
        more.setdefault("eligibilities", dict(e="tau"))
        return q.rule(type("bad", (), {"pre": function}), params=params, numba=numba, **more)

    for function, more, error, sentence in (
        (lambda w, p: w + p.g, {}, q.RuleError, "g"),
        (lambda w, e: (w, e, e), {}, q.RuleError, "all 0 variables and 1 eligibilities"),
        (lambda w: w, dict(eligibilities=dict(e="tua")), q.UnknownName, "'e' needs a parameter"),
        (lambda w: w, dict(eligibilities=dict(e=("tau", "r"))), q.UnknownName, "needs a factor"),
        (lambda w: w, dict(eligibilities=dict(g="tau")), q.RuleError, "two things are called 'g'"),
        (lambda w: w, dict(eligibilities=dict(e=())), TypeError, "at most a time constant"),
    ):
        with pytest.raises(error, match=sentence):
            rule(function, **more)


# The lister, and the page


def run(*command: str) -> str:
    done = subprocess.run(
        [sys.executable, *command],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(q.__file__).parents[1])},
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_lister_shows_what_can_follow() -> None:
    text = run("-m", "quell", "rules", "reward_stdp")
    assert re.search(r"a_plus: .*bindable", text)
    assert "Third factors:" in text and "Eligibilities of a synapse:" in text


def test_the_page_about_modulators_is_true(tmp_path: Path) -> None:
    page = ROOT / "doc" / "modulators.md"
    if not page.is_file():
        pytest.skip("not in the source tree")
    blocks = re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.S | re.M)
    assert len(blocks) >= 5
    (tmp_path / "page.py").write_text("\n".join(blocks), encoding="utf-8")
    run("-W", "ignore", str(tmp_path / "page.py"))

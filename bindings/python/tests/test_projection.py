"""Projections: how they are drawn, values of their synapses, rules."""

from __future__ import annotations

import re

import numpy as np
import pytest
import quell as q


@pytest.fixture
def pops(net: q.Network) -> tuple[q.Population, q.Population]:
    return net.population("a", 4, "lif_cond_exp"), net.population("b", 3, "lif_cond_exp")


def test_kinds(net: q.Network, pops: tuple[q.Population, q.Population]) -> None:
    a, b = pops
    assert len(net.connect(a, b, "excitatory", all_to_all=True)) == 12
    assert len(net.connect(a, a, "excitatory", one_to_one=True)) == 4
    assert len(net.connect(a, a, "excitatory", all_to_all=True, self_connections=False)) == 12
    assert len(net.connect(a, b, "excitatory", all_to_all=True, self_connections=False)) == 12
    assert len(net.connect(a, b, "excitatory", p=0)) == 0
    assert len(net.connect(a, b, "excitatory", p=1)) == 12
    assert len(net.connect(a, b, "excitatory", total=7)) == 7
    some = net.connect(a, b, "inhibitory", in_degree=2, multapses=False)
    assert np.bincount(some.post).tolist() == [2, 2, 2]
    assert repr(some) == "<Projection a → b, inhibitory: 6 synapses>"
    assert (some.source, some.target, some.receptor, some.rule) == (a, b, "inhibitory", None)
    assert some.nbytes >= 0
    both = net.connect(a, [a, b], "excitatory", p=0.5)
    assert [item.target for item in both] == [a, b]
    assert len(net.projections) == 10


def test_lists(net: q.Network, pops: tuple[q.Population, q.Population]) -> None:
    a, b = pops
    proj = net.connect(
        a,
        b,
        "excitatory",
        pairs=([3, 0, 0, 3], [1, 2, 0, 1]),
        weight=[1, 2, 3, 4],
        delay=[1, 2, 1, 3],
    )
    assert proj.pre.tolist() == [0, 0, 3, 3]
    assert proj.post.tolist() == [0, 2, 1, 1]
    assert (proj.pre.dtype, proj.weights.dtype) == (np.uint32, np.float32)
    assert proj.weights.tolist() == [3, 2, 1, 4]
    assert np.allclose(proj.delay, [1, 2, 1, 3])
    assert proj.delay_axonal == pytest.approx(np.ones(len(proj)))
    assert np.allclose(proj.delay_dendritic, [0, 1, 0, 2])
    dense = proj.matrix(missing=np.nan)
    assert (dense.shape, dense.dtype) == ((4, 3), np.float32)
    assert np.isnan(dense).sum() == 9
    assert (dense[0, 0], dense[0, 2], dense[3, 1]) == (3, 2, 5)
    assert proj.matrix()[1, 1] == 0
    assert net.connect(a, b, "excitatory", p=0).matrix().tolist() == [[0] * 3] * 4


def test_axonal_delays_may_vary(net: q.Network, pops: tuple[q.Population, q.Population]) -> None:
    proj = net.connect(
        *pops,
        "excitatory",
        pairs=([0, 1, 2, 0], [0, 1, 2, 0]),
        weight=[1, 2, 3, 4],
        delay_axonal=[2, 1, 2, 1],
    )
    assert sorted(zip(proj.delay_axonal, proj.pre, proj.weights)) == [
        (1, 0, 4),
        (1, 1, 2),
        (2, 0, 1),
        (2, 2, 3),
    ]
    assert proj.matrix()[[0, 1, 2], [0, 1, 2]].tolist() == [5, 2, 3]


def test_writing(net: q.Network, pops: tuple[q.Population, q.Population]) -> None:
    proj = net.connect(*pops, "excitatory", all_to_all=True)
    assert np.allclose(proj.weights, 1)
    proj.weights = np.arange(12)
    assert proj["weight"].tolist() == list(range(12))
    proj.weights = 2
    proj["weight"] = proj.weights * 2
    proj.set(weight=proj.weights + np.float64(1))
    assert np.allclose(proj.weights, 5)
    for value, error in (
        ([1, 2], q.LengthError),
        (np.ones((4, 3)), q.LengthError),
        (-1, q.RangeError),
        (np.nan, q.RangeError),
        ("heavy", TypeError),
        ([1j] * 12, TypeError),
    ):
        with pytest.raises(error):
            proj.weights = value
    with pytest.raises(q.UnknownName, match="wait"):
        proj.set(wait=1)
    with pytest.raises(q.UnknownName):
        proj.get("wait")
    with pytest.raises(TypeError):
        proj.get(1)
    with pytest.raises(q.Unsupported):
        proj.set(delay=1)
    with pytest.raises(q.Error):
        proj.set(weight=1, delay=1)
    assert np.allclose(proj.weights, 5)
    with pytest.raises(q.Unsupported):
        proj.learning = True


def test_distributions(net: q.Network) -> None:
    a = net.population("a", 100, "lif_cond_exp")

    def weights(weight: object) -> np.ndarray:
        return net.connect(a, a, "excitatory", all_to_all=True, weight=weight).weights

    flat = weights(q.uniform(1, 3))
    assert flat.min() >= 1 and flat.max() <= 3
    assert flat.mean() == pytest.approx(2, abs=0.05)
    clipped = weights(q.normal(1, 1, low=0.5, high=1.5, outside="clip"))
    assert (clipped == np.float32(0.5)).sum() > 1000
    redrawn = weights(q.normal(1, 1, low=0.5, high=1.5))
    assert redrawn.min() >= 0.5 and redrawn.max() <= 1.5
    assert (redrawn == np.float32(0.5)).sum() < 10
    log = weights(q.lognormal(0, 0.5))
    assert np.log(log).mean() == pytest.approx(0, abs=0.05)
    with pytest.raises(q.RangeError):
        weights(q.normal(0, 1))
    with pytest.raises(q.RangeError):
        weights(q.uniform(-2, -1))
    delayed = net.connect(
        a, a, "excitatory", p=0.1, delay_axonal=1, delay_dendritic=q.uniform(0.5, 2)
    )
    assert delayed.delay_axonal == pytest.approx(np.ones(len(delayed)))
    assert 1.4 < delayed.delay.min() < delayed.delay.max() < 3.1


@pytest.mark.parametrize(
    ("quantity", "value", "sentence"),
    [
        ("weight", -1, "connection: 'weight' must be >= 0"),
        ("delay_dendritic", -1, "connection: 'delay_dendritic' must be >= 0"),
        ("weight", [1] * 5 + [-1] + [1] * 6, r"connection: 'weight\[5\]' must be >= 0"),
        ("weight", q.uniform(-1, 2), "weight: 'low' must be >= 0, got -1"),
        ("weight", q.uniform(3, 2), "weight: 'high' must be >= 'low', got 2"),
        ("delay", q.normal(np.nan, 1), "delay: 'mean' must be finite"),
        ("delay_axonal", q.normal(1, -2), "delay_axonal: 'sd' must be >= 0"),
        ("weight", q.lognormal(np.inf, 1), "weight: 'mu' must be finite"),
        ("weight", q.lognormal(0, -1), "weight: 'sigma' must be >= 0"),
        ("weight", q.normal(1, 1, low=2, high=1), "weight: 'high' must be > 'low', got 1"),
        ("weight", q.normal(0, 1), "'weight' was drawn as -"),
    ],
)
def test_sentences_have_the_names_of_python(
    net: q.Network,
    pops: tuple[q.Population, q.Population],
    quantity: str,
    value: object,
    sentence: str,
) -> None:
    with pytest.raises(q.RangeError, match=sentence) as caught:
        net.connect(*pops, "excitatory", all_to_all=True, **{quantity: value})
    assert not {"'a'", "'b'", "'values"} & set(re.findall(r"'\w+'?", str(caught.value)))
    assert caught.value.status == -2


def test_delays_are_rounded(net: q.Network, pops: tuple[q.Population, q.Population]) -> None:
    for delay, rounded in ((0.26, 0.3), (1.04, 1.0), (q.uniform(0.26, 0.27), 0.3)):
        made = net.connect(*pops, "excitatory", all_to_all=True, delay=delay)
        assert made.delay == pytest.approx(np.full(12, rounded))
    with pytest.raises(q.RangeError, match=r"0 or at least one step of 0\.1 ms, got 0\.06"):
        net.connect(*pops, "excitatory", all_to_all=True, delay=0.06)


@pytest.mark.parametrize(
    ("how", "error"),
    [
        ({}, TypeError),
        ({"p": 0.1, "total": 3}, TypeError),
        ({"p": 1.5}, q.RangeError),
        ({"p": -0.1}, q.RangeError),
        ({"p": np.nan}, q.RangeError),
        ({"p": "often"}, TypeError),
        ({"in_degree": -1}, q.RangeError),
        ({"in_degree": 2.5}, TypeError),
        ({"in_degree": 5, "multapses": False}, q.RangeError),
        ({"one_to_one": True}, (q.LengthError, q.RangeError)),
        ({"pairs": ([0, 1], [0])}, q.LengthError),
        ({"pairs": ([0, 4], [0, 0])}, q.LengthError),
        ({"pairs": ([0, -1], [0, 0])}, q.LengthError),
        ({"pairs": ([0.5], [0])}, TypeError),
        ({"pairs": 3}, TypeError),
        ({"pairs": ([0, 0], [1, 1]), "multapses": False}, q.Error),
        ({"all_to_all": True, "weight": -1}, q.RangeError),
        ({"all_to_all": True, "weight": [1, 2]}, q.LengthError),
        ({"all_to_all": True, "weight": np.ones((4, 3))}, q.LengthError),
        ({"all_to_all": True, "weight": "heavy"}, TypeError),
        ({"all_to_all": True, "delay": -1}, q.RangeError),
        ({"all_to_all": True, "delay": [1] * 11 + [np.nan]}, q.RangeError),
        ({"all_to_all": True, "rule": "vogels2011"}, TypeError),
        ({"all_to_all": True, "rule": q.rules.vogels2011}, TypeError),
        ({"all_to_all": True, "rule": q.rules.vogels2011(eta=-1e30)}, q.RangeError),
        ({"all_to_all": True, "wait": 1}, TypeError),
    ],
)
def test_bad_connections(
    net: q.Network,
    pops: tuple[q.Population, q.Population],
    how: dict[str, object],
    error: type[Exception],
) -> None:
    with pytest.raises(error) as caught:
        net.connect(*pops, "excitatory", **how)
    assert str(caught.value)
    assert net.projections == []
    net.connect(*pops, "excitatory", p=0.5)


def test_bad_ends(net: q.Network, pops: tuple[q.Population, q.Population]) -> None:
    a, _ = pops
    source = net.population("s", 3, "poisson")
    with pytest.raises(q.UnknownName, match="modulatory"):
        net.connect(a, a, "modulatory", p=0.5)
    with pytest.raises(q.Error):
        net.connect(a, source, "excitatory", p=0.5)
    with pytest.raises(TypeError, match="populations"):
        net.connect("a", a, "excitatory", p=0.5)
    with pytest.raises(TypeError, match="populations"):
        net.connect(a, [a, None], "excitatory", p=0.5)
    with pytest.raises(TypeError):
        net.connect(a, a, 1, p=0.5)
    assert net.projections == []


def test_one_description_is_one_instance(
    net: q.Network, pops: tuple[q.Population, q.Population]
) -> None:
    a, b = pops
    description = q.rules.vogels2011(eta=0.5)
    first, second = net.connect(a, [a, b], "inhibitory", p=0.5, rule=description)
    third = net.connect(b, a, "inhibitory", p=0.5, rule=q.rules.vogels2011(eta=0.5))
    assert first.rule is second.rule is net.rule(description)
    assert third.rule is not first.rule
    fourth = net.connect(b, a, "inhibitory", p=0.5, rule=third.rule)
    assert fourth.rule is third.rule
    with q.Network() as other:
        assert other.rule(description) is not first.rule


def test_rules_are_read_and_changed(net: q.Network) -> None:
    rule = net.rule(q.rules.vogels2011(eta=0.5, w_max=10))
    assert rule.name == "vogels2011"
    assert (rule["eta"], rule["w_max"]) == (0.5, 10.0)
    rule["eta"] = 0.25
    rule.set(rho0=7, w_max=20)
    assert (rule["eta"], rule["rho0"], rule["w_max"]) == (0.25, 7.0, 20.0)
    assert rule.parameters.keys() == q.rules.vogels2011.parameters.keys()
    with pytest.raises(q.UnknownName, match="etta"):
        _ = rule["etta"]
    with pytest.raises(q.UnknownName, match="etta"):
        rule.set(etta=1)
    with pytest.raises(q.RangeError, match="tau"):
        rule.set(rho0=1, tau=-1)
    with pytest.raises(TypeError):
        rule["eta"] = "large"
    assert rule["rho0"] == 7.0
    assert repr(rule) == "<Rule vogels2011>"


def test_learning(small: q.Network) -> None:
    gaba = small.projections[-1]
    assert gaba.learning
    before = gaba.weights
    gaba.learning = False
    small.run(50)
    assert np.array_equal(gaba.weights, before)
    gaba.learning = True
    small.run(100)
    after = gaba.weights
    assert not np.array_equal(after, before)
    assert after.min() >= 0 and after.max() <= 50
    with pytest.raises(q.RangeError):
        gaba.weights = 51
    gaba.rule["eta"] = 0
    still = gaba.weights
    small.run(50)
    assert np.array_equal(gaba.weights, still)
    with pytest.raises(q.StateError):
        gaba.rule["tau"] = 10

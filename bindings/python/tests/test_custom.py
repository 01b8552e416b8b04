"""Rules written in Python, compiled and interpreted."""

from __future__ import annotations

import ctypes
import gc
import importlib.util
import math
import os
import re
import shutil
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import quell as q
from conftest import ROOT
from quell import custom, vecmath

HAS_NUMBA = importlib.util.find_spec("numba") is not None
needs_numba = pytest.mark.skipif(not HAS_NUMBA, reason="needs Numba")
needs_numpy_2 = pytest.mark.skipif(
    int(np.__version__.split(".")[0]) < 2,
    reason="NumPy 1 computes with numbers in double precision",
)
WAYS = [
    pytest.param(True, marks=needs_numba, id="compiled"),
    pytest.param(False, marks=needs_numpy_2, id="interpreted"),
]
both_ways = pytest.mark.parametrize("numba", WAYS)

pytestmark = pytest.mark.filterwarnings("ignore:numba=False")


def vogels(numba: bool, **more: Any) -> q.custom.PythonRule:
    @q.rule(
        params=dict(eta=(0.01, "w"), rho0=(3, "Hz"), tau=(20, "ms")),
        traces=dict(x=q.pre("tau"), y=q.post("tau")),
        numba=numba,
        **more,
    )
    class my_vogels:
        """Inhibitory plasticity with a target rate."""

        def constants(p):
            return dict(per_rho0=2 * p.tau / 1000)

        def pre(w, y, p):
            return w + p.eta * (y - p.rho0 * p.per_rho0)

        def post(w, x, p):
            return w + p.eta * x

    return my_vogels


def pair(numba: bool) -> q.custom.PythonRule:
    @q.rule(
        params=dict(plus=0.01, minus=0.0105, tau_plus=20, tau_minus=20, w_max=1),
        traces=dict(x=q.pre("tau_plus"), y=q.post("tau_minus")),
        numba=numba,
    )
    class my_pair:
        def pre(w, y, p):
            return w - p.minus * y

        def post(w, x, p):
            return w + p.plus * x

    return my_pair


def learn(
    rule: q.Description, variables: tuple[str, ...] = (), low: float = 0, **options: Any
) -> list[np.ndarray]:
    """Weights and variables after random trains, with delays of both kinds, as bits."""
    with q.Network(seed=3, **options) as net:
        pre = net.population("pre", 30, "poisson", rate=40)
        post = net.population("post", 90, "lif_cond_exp", i_offset=np.linspace(190, 450, 90))
        made = net.connect(
            pre,
            post,
            "inhibitory",
            p=0.5,
            weight=q.uniform(low, 1),
            delay=q.uniform(0.3, 3),
            rule=rule,
        )
        net.run(400)
        return [made[name].view(np.uint32) for name in ("weight", *variables)]


@both_ways
@pytest.mark.parametrize("tie", [0, 1, 2])
def test_vogels_has_the_bits_of_the_built_in_rule(numba: bool, tie: int) -> None:
    values = dict(eta=0.05, rho0=7, tau=15, w_max=1.5, tie=tie)
    rule = vogels(numba)
    assert rule.native is numba
    (mine,), (built_in,) = learn(rule(**values)), learn(q.rules.vogels2011(**values))
    assert np.array_equal(mine, built_in)
    assert np.unique(mine).size > 0.5 * mine.size  # or else there is nothing to compare


@both_ways
def test_pairs_have_the_bits_of_the_built_in_rule(numba: bool) -> None:
    mine = learn(pair(numba)(plus=0.02, minus=0.021, tau_minus=30))
    built_in = learn(q.rules.stdp_pair(a_plus=0.02, a_minus=0.021, tau_minus=30))
    assert np.array_equal(mine, built_in)


@both_ways
def test_threads_tiles_and_blocks_do_not_matter(numba: bool) -> None:
    rule = vogels(numba)(eta=0.05)
    expected = learn(rule)
    assert np.array_equal(learn(rule, threads=2, tile_size=64), expected)
    assert np.array_equal(learn(rule, block_size=16), expected)
    for isa in q.instruction_sets():
        assert np.array_equal(learn(rule, isa=isa), expected)


HALF = 0.5  # numbers from outside of a function are float32, too
ROUNDS = 3


def everything(numba: bool) -> q.custom.PythonRule:
    @q.rule(
        params=dict(eta=(0.02, "w"), tau=20.0, pause=5.0, every=10.0),
        traces=dict(
            x=q.pre("tau", "set"),
            y=q.post("tau"),
            z=q.late("tau"),
            since=q.post(kind="age"),
            ago=q.pre(kind="age"),
        ),
        variables=dict(u=(0.5, "1", "sum"), k=0),
        signals=dict(v="v"),
        late="pause",
        interval="every",
        numba=numba,
    )
    class everything:
        def pre(w, u, k, y, since, v, p):
            d = y - HALF + (1 if since < 5 else 0)
            c = 0
            for _ in range(ROUNDS):
                c = c + 0.1
            return w + p.eta * d * 2 - 0.001 * (v + 65) * c, u + abs(d), k + 1

        def post(w, x, z, ago, p, u):
            if x > 0.3:
                w = w + p.eta * x
            else:
                w = w - 0.1 * p.eta * vecmath.exp(-x) + 1e-4 * vecmath.log(ago)
            return w * (1 + 0.1 / (1.0 + u**2)) + z * p.eta + vecmath.power(x, 0.3)

        def late(w, y, p):
            return vecmath.where(y > 0.2, max(w - 0.1 * y * p.eta, 0), w)

        def interval(w, elapsed, pre_rate):
            return w * (1 - 1e-4 * elapsed) + pre_rate

    return everything


@needs_numba
@needs_numpy_2
def test_all_that_a_rule_may_have_is_the_same_in_both_ways() -> None:
    compiled = learn(everything(True)(w_max=3), ("u", "k"))
    interpreted = learn(everything(False)(w_max=3), ("u", "k"))
    for mine, theirs in zip(compiled, interpreted):
        assert np.array_equal(mine, theirs)
        assert np.unique(mine).size > 5


def test_what_the_functions_are_given() -> None:
    """One synapse, two pre spikes and one post spike, against closed forms."""
    seen: dict[str, list[Any]] = {"pre": [], "post": [], "late": [], "interval": []}

    @q.rule(
        params=dict(tau=(20, "ms"), pause=(7, "ms"), every=(50, "ms")),
        traces=dict(
            add=q.pre("tau"),
            near=q.pre("tau", "set"),
            y=q.post("tau"),
            age=q.post(kind="age"),
            z=q.late("tau"),
        ),
        variables=dict(u=(2.5, "mV", "a variable")),
        signals=dict(v=("v", "mV", "voltage")),
        late="pause",
        interval="every",
        numba=False,
    )
    class spy:
        def pre(w, u, add, y, age, v, p):
            seen["pre"].append([min(float(x[0]), 1e7) for x in (w, u, add, y, age, v)])
            return w + 1, u + 1

        def post(w, near, add, z):
            seen["post"].append([float(x[0]) for x in (w, near, add, z)])
            return w + 10

        def late(w, y, p):
            seen["late"].append([float(w[0]), float(y[0]), float(p.pause)])
            return w + 100

        def interval(w, u, elapsed, pre_rate):
            seen["interval"].append([float(w[0]), float(u[0]), float(elapsed), float(pre_rate)])
            return w * 2

    for events in seen.values():
        events.clear()  # what the trial has left
    with q.Network() as net:
        pre, post = net.population("a", 1, "spike_source"), net.population("b", 1, "external")
        synapse = net.connect(pre, post, "excitatory", one_to_one=True, weight=1, rule=spy())
        post["v"] = -61
        pre.set_spikes([0, 0], [10, 20])

        def fire(_population: q.Population) -> None:
            if net.clock == 150:
                post.spikes_in([0])

        post.on_step(fire)
        net.run(60)
        weight, u = float(synapse.weights[0]), float(synapse["u"][0])

    def decay(time: float) -> float:
        return math.exp(-time / 20)

    near = {"abs": 1e-5, "rel": 1e-5}
    assert seen["pre"][0] == pytest.approx([1, 2.5, 0, 0, 1e7, -61], **near)
    assert seen["post"] == [pytest.approx([2, decay(5), decay(5), 0], **near)]
    assert seen["late"][0] == pytest.approx([12, decay(2), 7], **near)
    assert seen["pre"][1] == pytest.approx([112, 3.5, decay(10), decay(5), 5, -61], **near)
    assert seen["late"][1] == pytest.approx([113, decay(12), 7], **near)
    assert seen["interval"][-1] == pytest.approx([213, 4.5, 50, 0], **near)
    assert (weight, u) == (426, 4.5)


@both_ways
def test_variables_may_become_what_the_weight_was(numba: bool) -> None:
    @q.rule(variables=dict(before=0, twice=0), numba=numba)
    class remembers:
        def pre(w, before, twice):
            return w + 1, w, before

    with q.Network() as net:
        pre, post = net.population("a", 1, "spike_source"), net.population("b", 2, "lif_cond_exp")
        made = net.connect(pre, post, "excitatory", all_to_all=True, weight=5, rule=remembers())
        pre.set_spikes([0, 0, 0], [1, 2, 3])
        net.run(4)
        assert [set(made[name]) for name in ("weight", "before", "twice")] == [{8}, {7}, {6}]


@both_ways
def test_bounds_and_standard_parameters(numba: bool) -> None:
    rule = pair(numba)
    assert list(rule.parameters)[-3:] == ["w_min", "w_max", "tie"]
    assert rule.parameters["w_max"].default == 1
    assert (rule.parameters["w_max"].unit, rule.parameters["w_max"].min) == ("w", 0)
    assert rule.parameters["tau_plus"].min_open
    weights = learn(rule(plus=0.5, minus=0.5, w_min=0.25), low=0.25)[0].view(np.float32)
    assert weights.min() == 0.25 and weights.max() == 1


@both_ways
def test_what_a_rule_says_of_itself(numba: bool) -> None:
    rule = everything(numba)
    assert (rule.name, rule.kind) == ("everything", "event")
    assert rule.events == ("pre", "post", "late", "interval")
    assert rule.ties == ("pre_first", "exclusive", "post_first")
    assert list(rule.traces) == ["x", "y", "z", "since", "ago"]
    assert rule.traces["x"] == q.custom.Trace("pre", "set", "tau", "x")
    assert rule.traces["ago"] == q.custom.Trace("pre", "age", None, "ago")
    assert rule.variables["u"].default == 0.5
    assert rule.bytes.synapse == 12
    assert repr(rule(eta=0.5)) == "everything(eta=0.5)"
    first = vogels(numba, transmit_first=True, source="a paper", name="other")
    assert (first.summary, first.source) == ("Inhibitory plasticity with a target rate.", "a paper")
    assert (first.name, first.flags) == ("other", ("transmit_first",))
    with pytest.raises(q.UnknownName, match="did you mean 'eta'"):
        first(etta=1)


def test_interval_rules_have_no_bounds_unless_they_say_so() -> None:
    @q.rule(params=dict(every=(10, "ms")), interval="every", numba=False)
    class halves:
        def interval(w):
            return w / 2

    assert (halves.kind, list(halves.parameters), halves.ties) == ("interval", ["every"], ())
    with q.Network() as net:
        pop = net.population("a", 3, "lif_cond_exp")
        made = net.connect(pop, pop, "excitatory", all_to_all=True, weight=1, rule=halves())
        assert made.rule is None and [rule.name for rule in made.rules] == ["halves"]
        net.run(30.1)
        assert set(made.weights) == {0.125}


# Parameters


@both_ways
def test_constants_may_refuse(numba: bool) -> None:
    @q.rule(params=dict(a=(1, "w", "a number", 0, 2), b=1), numba=numba)
    class picky:
        def constants(p):
            if p.a + p.b > 3:
                raise ValueError("'a' and 'b' together must be at most 3")
            return dict(c=1 / (p.b + 1), big=p.b * 1e38, dt=p.dt)

        def pre(w, p):
            return w + p.a * p.c * p.dt

    with q.Network(dt=0.5) as net:
        rule = net.rule(picky(b=1.5))
        with pytest.raises(q.RangeError, match=r"^rule 'picky': 'a' and 'b' together"):
            rule.set(a=2)
        with pytest.raises(q.RangeError, match="'a' must be in"):
            rule["a"] = 3
        with pytest.raises(q.RangeError, match=r"rule 'picky': .*ZeroDivisionError"):
            rule["b"] = -1
        with pytest.raises(q.RangeError, match="rule 'picky': 'big' is beyond any float32"):
            rule.set(b=-11)
        assert (rule["a"], rule["b"]) == (1, 1.5)
        source = net.population("s", 1, "spike_source")
        target = net.population("t", 1, "lif_cond_exp")
        made = net.connect(source, target, "excitatory", one_to_one=True, weight=0, rule=rule)
        source.set_spikes([0, 0], [5, 10])
        net.run(7)
        rule["a"] = 2 / 3
        net.run(7)
        assert made.weights[0] == pytest.approx((1 + 2 / 3) * 0.4 * 0.5)


# What is wrong with a rule


def make(functions: dict[str, Any], numba: bool, **more: Any) -> Any:
    return q.rule(type("bad", (), functions), numba=numba, **more)


def no_number(w):
    return None


def some_number(w):
    if w > 0.5:
        return w


def not_there(w):
    return w + not_there_either  # noqa: F821


def no_member(w, y, p):
    return w + p.nothing * y


TRACE = dict(params=dict(tau=1), traces=dict(y=q.post("tau")))


@both_ways
@pytest.mark.parametrize(
    ("functions", "more", "error", "sentence"),
    [
        ({"pre": not_there}, {}, q.RuleError, "rule 'bad': 'pre' .*not_there_either"),
        ({"pre": no_member}, TRACE, q.RuleError, "rule 'bad': 'pre' .*'nothing'"),
        ({"pre": no_number}, {}, q.RuleError, "'pre' must return numbers.*[nN]one"),
        ({"post": some_number}, {}, q.RuleError, "'post' must return numbers"),
        ({"pre": lambda w: "a"}, {}, q.RuleError, "must return numbers"),
        ({"pre": lambda w: (w, w)}, {}, q.RuleError, "the weight, or a tuple of it and all 0"),
        ({"pre": lambda w, weigth: w}, {}, q.RuleError, "'pre' asks for 'weigth'"),
        ({"pre": lambda w, elapsed: w}, {}, q.RuleError, "'pre' asks for 'elapsed'"),
        ({"pre": lambda *w: w}, {}, q.RuleError, "only have plain arguments"),
        ({"prre": lambda w: w}, {}, q.UnknownName, "there is no event 'prre'; did you mean 'pre'"),
        ({"pre": 3}, {}, q.UnknownName, "there is no event 'pre'"),
        ({}, {}, q.RuleError, "none of the functions pre, post"),
        ({"late": lambda w: w}, {}, q.RuleError, 'needs late="…"'),
        ({"pre": lambda w: w}, {"interval": "p"}, q.UnknownName, "interval needs a parameter 'p'"),
        ({"pre": lambda w: w, "constants": lambda p: 1}, {}, q.RuleError, "a dictionary"),
        ({"pre": lambda w: w, "constants": lambda p: p.x}, {}, q.RuleError, "'constants' raised"),
        (
            {"pre": lambda w: w, "constants": lambda p: {"no name": 1}},
            {},
            q.RuleError,
            "a name of 'constants'",
        ),
        ({"pre": lambda w: w}, {"traces": {"y": q.post("tau")}}, q.UnknownName, "the trace 'y'"),
        ({"pre": lambda w: w}, {"variables": {"w": 1}}, q.RuleError, "two things are called 'w'"),
        ({"pre": lambda w: w}, {"params": {"lambda": 1}}, q.RuleError, "'lambda' cannot be the"),
        ({"pre": lambda w: w}, {"variables": {"a b": 1}}, q.RuleError, "'a b' cannot be the name"),
        (
            {"pre": lambda w: w},
            {"params": {"a": (3, "1", "", 0, 2)}},
            q.RangeError,
            "default of 'a'",
        ),
        ({"pre": lambda w: w}, {"params": {"a": (3, 4)}}, TypeError, "must be strings, got 4"),
        ({"pre": lambda w: w}, {"params": {"a": "x"}}, TypeError, "must be a number"),
        (
            {"pre": lambda w: w},
            {"name": "vogels2011"},
            q.UnknownName,
            "a rule 'vogels2011' already",
        ),
    ],
)
def test_bad_rules(
    numba: bool, functions: Any, more: Any, error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        make(functions, numba, **more)


def test_bad_traces() -> None:
    with pytest.raises(q.UnknownName, match="did you mean 'add'"):
        q.pre("tau", "ad")
    with pytest.raises(TypeError, match="time constant"):
        q.post()
    with pytest.raises(TypeError, match="time constant"):
        q.late("tau", "age")
    with pytest.raises(TypeError, match="class of functions"):
        q.rule(lambda w: w, numba=False)


@needs_numba
def test_compiled_functions_cannot_raise_and_the_line_is_named() -> None:
    def raises(w):
        if w > 1:
            raise ValueError("too much")
        return w

    with pytest.raises(q.RuleError, match=r"cannot raise \(.*test_custom\.py, line \d+\)"):
        make({"pre": raises}, True)


@both_ways
@pytest.mark.parametrize("threads", [1, 2])
def test_no_number_ends_the_run(numba: bool, threads: int) -> None:
    @q.rule(numba=numba)
    class explodes:
        def pre(w):
            return w / (w - w)

    with q.Network(threads=threads, tile_size=64) as net:
        pre = net.population("a", 5, "poisson", rate=200)
        post = net.population("b", 100, "lif_cond_exp")
        net.connect(pre, post, "excitatory", all_to_all=True, rule=explodes())
        with pytest.raises(q.RangeError, match=r"rule 'explodes': between .* no finite number"):
            net.run(100)
        with pytest.raises(q.Failed):
            net.run(100)


@pytest.mark.parametrize("threads", [1, 2])
def test_what_an_interpreted_function_raises_is_the_cause(threads: int) -> None:
    calls = []

    @q.rule(numba=False)
    class gives_up:
        def pre(w):
            calls.append(1)
            if len(calls) > 5:
                raise KeyError("enough")
            return w

    with q.Network(threads=threads, tile_size=64) as net:
        pre = net.population("a", 5, "poisson", rate=200)
        post = net.population("b", 100, "lif_cond_exp")
        net.connect(pre, post, "excitatory", all_to_all=True, rule=gives_up())
        with pytest.raises(q.RangeError, match="rule 'gives_up'") as caught:
            net.run(100)
        assert isinstance(caught.value.__cause__, KeyError)


# Networks, registries, lifetimes


@both_ways
def test_registries(numba: bool) -> None:
    rule = pair(numba)
    registry = q.Registry()
    with q.Network(registry=registry) as net:
        with pytest.raises(q.UnknownName, match=r"registry\.add\(my_pair\)"):
            net.rule(rule())
        assert registry.add(rule) is rule is registry.my_pair
        assert net.rule(rule(plus=0.5))["plus"] == 0.5
    with pytest.raises(q.UnknownName, match="already"):
        registry.add(pair(numba))
    with pytest.raises(TypeError, match=r"no rule made with quell\.rule"):
        registry.add(q.rules.vogels2011)
    with q.Network() as net, q.Network() as other:
        assert net.rule(rule()).name == other.rule(rule()).name == "my_pair"
        with pytest.raises(q.UnknownName, match="already"):
            net.rule(pair(numba)())
    assert "my_pair" not in q.rules.names()


@both_ways
def test_functions_live_as_long_as_the_network(numba: bool) -> None:
    def build() -> q.Projection:
        registry = q.Registry()
        net = q.Network(seed=1, registry=registry)
        rule = registry.add(pair(numba))
        pre = net.population("a", 20, "poisson", rate=100)
        post = net.population("b", 20, "lif_cond_exp", i_offset=400)
        return net.connect(pre, post, "excitatory", all_to_all=True, weight=0.5, rule=rule())

    made = build()
    gc.collect()
    made.network.run(200)
    assert made.weights.std() > 0
    made.network.close()


# The way without Numba


def test_without_numba_there_is_one_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(custom, "_warned", False)
    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.warns(RuntimeWarning, match=r"Numba cannot be imported \(.*interpreted") as caught:
        rule = vogels(None)  # type: ignore[arg-type]
    assert not rule.native
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        vogels(None)  # type: ignore[arg-type]
    with pytest.raises(ImportError, match=r"quell\[numba\]"):
        vogels(True)


def test_numba_is_not_imported_until_it_is_needed() -> None:
    code = "import sys, quell; assert 'numba' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(q.__file__).parents[1])


# quell.vecmath

VECMATH = """
#include <quell/vecmath.h>
#include <stddef.h>
void all(size_t n, const float *x, float *e, float *l, float *p) {
  for (size_t i = 0; i < n; i++) {
    e[i] = quell_expf(x[i]);
    l[i] = quell_logf(x[i] > 0 ? x[i] : 1);
    p[i] = quell_powf(x[i], 0.37f);
  }
}
"""


@pytest.fixture(scope="module")
def in_c(tmp_path_factory: pytest.TempPathFactory) -> tuple[np.ndarray, list[np.ndarray]]:
    """Numbers, and their exponential, logarithm and power in C."""
    if shutil.which("cc") is None or not (ROOT / "include").is_dir():
        pytest.skip("needs a C compiler and the headers")
    folder = tmp_path_factory.mktemp("vecmath")
    (folder / "v.c").write_text(VECMATH)
    command = ["cc", "-O2", "-shared", "-fPIC", "-ffp-contract=off", f"-I{ROOT / 'include'}"]
    subprocess.run([*command, str(folder / "v.c"), "-o", str(folder / "v.so")], check=True)
    rng = np.random.default_rng(1)
    x = np.concatenate(
        [
            rng.uniform(-100, 100, 20000),
            np.exp(rng.uniform(-80, 80, 20000)),
            [0, -1, 1, -87, 88, np.inf, 1.2e-38, 0.70710678, math.nan],
        ]
    ).astype(np.float32)
    results = [np.empty_like(x) for _ in range(3)]
    library = ctypes.CDLL(str(folder / "v.so"))
    pointers = [item.ctypes.data_as(ctypes.c_void_p) for item in (x, *results)]
    library.all(ctypes.c_size_t(x.size), *pointers)
    return x, results


def same(ours: Any, theirs: np.ndarray) -> bool:
    ours = np.asarray(ours)
    assert ours.dtype == np.float32
    number = ~np.isnan(theirs)
    assert np.array_equal(np.isnan(ours), ~number)
    return np.array_equal(ours[number].view(np.uint32), theirs[number].view(np.uint32))


@needs_numpy_2
def test_vecmath_has_the_bits_of_c(in_c: tuple[np.ndarray, list[np.ndarray]]) -> None:
    x, (exp, log, power) = in_c
    with np.errstate(all="ignore"):
        assert same(vecmath.exp(x), exp)
        assert same(vecmath.log(np.where(x > 0, x, np.float32(1))), log)
        assert same(vecmath.power(x, 0.37), power)
    assert vecmath.exp(1.0) == pytest.approx(math.e, rel=3e-7)
    assert vecmath.where(True, 1, 2) == 1


@needs_numba
def test_compiled_vecmath_has_the_bits_of_c(in_c: tuple[np.ndarray, list[np.ndarray]]) -> None:
    import numba
    import quell._compiled  # noqa: F401 (which tells Numba of these functions)

    @numba.njit(error_model="numpy")
    def all_of(x, e, lg, p):
        for i in range(x.size):
            e[i] = vecmath.exp(x[i])
            lg[i] = vecmath.log(vecmath.where(x[i] > 0, x[i], 1))
            p[i] = vecmath.power(x[i], np.float32(0.37))

    x, expected = in_c
    results = [np.empty_like(x) for _ in range(3)]
    all_of(x, *results)
    for ours, theirs in zip(results, expected):
        assert same(ours, theirs)


@needs_numba
def test_loops_are_vectorised_and_exact() -> None:
    for rule in (vogels(True), pair(True), everything(True)):
        for compiled in (item for item in rule._kept if hasattr(item, "inspect_llvm")):
            code = compiled.inspect_llvm()
            arithmetic = re.findall(r"= (?:fadd|fsub|fmul|fdiv) (.*)", code)
            assert arithmetic
            assert not [line for line in arithmetic if "fast" in line or "contract" in line]
            assert not [line for line in arithmetic if "double" in line]
            assert "llvm.fma" not in code and "llvm.fmuladd" not in code
            if rule.name != "everything":
                assert [line for line in arithmetic if re.match(r"<\d+ x float>", line)]


# The page and the benchmark


def run(*command: str) -> str:
    """The output of a program, which imports the same package."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", *command],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(q.__file__).parents[1])},
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@needs_numpy_2
def test_the_page_about_rules_in_python_is_true(tmp_path: Path) -> None:
    page = ROOT / "doc" / "python_rules.md"
    if not page.is_file():
        pytest.skip("not in the source tree")
    blocks = re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.S | re.M)
    assert len(blocks) >= 5
    assert "class my_vogels" in blocks[0]
    rule = blocks[0].split("\n\n", 1)[1]
    assert len([line for line in rule.splitlines() if line.strip() and '"""' not in line]) <= 10
    (tmp_path / "page.py").write_text("\n".join(blocks), encoding="utf-8")
    output = run(str(tmp_path / "page.py"))
    assert "weights, all the same" in output


@needs_numba
def test_the_benchmark_runs() -> None:
    script = ROOT / "benchmarks" / "python_rules.py"
    if not script.is_file():
        pytest.skip("not in the source tree")
    text = run(str(script), "--rounds", "1", "--duration", "20")
    assert text.count("the same bits: yes") == 2
    assert "× C" in text

"""The gallery of rules (tools/gallery): its pictures show what is right, no rule is left out."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Dict, Tuple  # noqa: UP035

import numpy as np
import pytest
import quell as q
from conftest import ROOT

pytest.importorskip("matplotlib")
sys.path.insert(0, str(ROOT / "tools"))

from gallery import facts, pages, protocols

RULES = {about.name: about for about in facts.all_rules()}
Drawn = Tuple[Path, Dict[Tuple[str, str], Dict[str, Any]]]  # noqa: UP006


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    """All pages and pictures, and what each protocol has computed."""
    folder = tmp_path_factory.mktemp("gallery")
    return folder, pages.make(folder, {"vogels2011": 5.25})


# The windows, in closed form: change of the weight w by one pre and one post spike, where the post
# spike comes d ms later (d = 0: the post spike sees the pre spike, not the reverse); p: parameters.

Window = Callable[[np.ndarray, float, Dict[str, float]], np.ndarray]  # noqa: UP006


def decay(d: np.ndarray, tau: float) -> np.ndarray:
    return np.exp(-np.abs(d) / tau)


def sides(d: np.ndarray, plus: Any, minus: Any) -> np.ndarray:
    return np.where(d >= 0, plus, minus)


def vogels2011(d: np.ndarray, w: float, p: dict[str, float]) -> np.ndarray:
    return p["eta"] * (decay(d, p["tau"]) - 2 * p["rho0"] * p["tau"] / 1000)


def anti_hebbian(d: np.ndarray, w: float, p: dict[str, float]) -> np.ndarray:
    at_pre, at_post = np.exp(-150 / p["tau_eta"]), np.exp(-(150 + d) / p["tau_eta"])
    pair = decay(d, p["tau"]) * sides(d, at_post, at_pre)
    return -p["eta"] * (pair - at_pre * 2 * p["rho0"] * p["tau"] / 1000)


def istdp_asymmetric(d: np.ndarray, w: float, p: dict[str, float]) -> np.ndarray:
    pair = sides(d, p["a_plus"] * decay(d, p["tau_plus"]), p["a_minus"] * decay(d, p["tau_minus"]))
    return p["eta"] * (p["a_pre"] + p["a_post"] + pair)


def istdp_symmetric(d: np.ndarray, w: float, p: dict[str, float]) -> np.ndarray:
    hat = p["a_1"] * decay(d, p["tau_1"]) - p["a_2"] * decay(d, p["tau_2"])
    return p["eta"] * (p["a_pre"] + p["a_post"] + hat)


def istdp_multiplicative(d: np.ndarray, w: float, p: dict[str, float]) -> np.ndarray:
    c = p["sign"] * p["eta"] / p["w_n"]
    alpha, e = 2 * p["rho0"] * p["tau"] / 1000, decay(d, p["tau"])
    return w * sides(d, (1 - c * alpha) * (1 + c * e) - 1, c * (e - alpha))


def gamma(t: np.ndarray, alpha: float, beta: float) -> np.ndarray:
    return (alpha * t / beta) ** beta * np.exp(beta - alpha * t)


def istdp_gamma(d: np.ndarray, w: float, p: dict[str, float]) -> np.ndarray:
    t = np.abs(d)
    before = gamma(t, p["alpha_plus"], p["beta_plus"])
    return p["g0"] * sides(d, before, -gamma(t, p["alpha_minus"], p["beta_minus"]))


def ltp_i_veto(d: np.ndarray, w: float, p: dict[str, float]) -> np.ndarray:
    return np.where(np.abs(d) < p["window"], 0, p["eta"])


def meta_learnt(d: np.ndarray, w: float, p: dict[str, float]) -> np.ndarray:
    pair = sides(d, p["gamma"] * decay(d, p["tau_pre"]), p["kappa"] * decay(d, p["tau_post"]))
    return p["eta"] * (p["alpha"] + p["beta"] + pair)


def miehl2022_spiking(d: np.ndarray, w: float, p: dict[str, float]) -> np.ndarray:
    return sides(d, 0, -p["eta"] * p["tau_pre"] / p["tau_post"] * decay(d, p["tau_post"]))


def ricker(d: np.ndarray, w: float, p: dict[str, float]) -> np.ndarray:
    """In the middle between the bounds these have no effect: tanh(50) is 1."""
    t = (d / p["s"]) ** 2
    return p["eta"] * (p["a"] * (1 - t) * np.exp(-t / 2) + 2 * p["f"])


def stdp_pair(d: np.ndarray, w: float, p: dict[str, float]) -> np.ndarray:
    up = p["w_max"] * p["a_plus"] * (1 - w / p["w_max"]) ** p["mu_plus"]
    down = p["w_max"] * p["a_minus"] * (w / p["w_max"]) ** p["mu_minus"]
    alone = p["w_max"] * (p.get("a_pre", 0) + p.get("a_post", 0))
    return alone + sides(d, up * decay(d, p["tau_plus"]), -down * decay(d, p["tau_minus"]))


def stdp_exponential(d: np.ndarray, w: float, p: dict[str, float]) -> np.ndarray:
    up = np.exp(p["nu_plus"] * w) * decay(d, p["tau_plus"])
    down = p["alpha"] * np.exp(p["nu_minus"] * w) * decay(d, p["tau_minus"])
    return p["eta"] * (sides(d, up, -down) - 2 * p["beta"])


def stdp_oja(d: np.ndarray, w: float, p: dict[str, float]) -> np.ndarray:
    return p["eta"] * (p["beta"] * sides(d, decay(d, p["tau"]), 0) - w)


def stdp_power(d: np.ndarray, w: float, p: dict[str, float]) -> np.ndarray:
    up = p["w_0"] * (w / p["w_0"]) ** p["mu"] * decay(d, p["tau_plus"])
    return p["eta"] * sides(d, up, -p["alpha"] * w * decay(d, p["tau_minus"]))


def stdp_table(d: np.ndarray, w: float, p: dict[str, float]) -> np.ndarray:
    names = [f"value_m{-k}" if k < 0 else f"value_{k}" for k in range(-16, 17)]
    grid, values = p["spacing"] * np.arange(-16, 17), [p[name] for name in names]
    inside = np.abs(d) <= 16 * p["spacing"]
    return p["eta"] * np.where(inside, np.interp(d, grid, values), 0)


def stdp_triplet(d: np.ndarray, w: float, p: dict[str, float]) -> np.ndarray:
    x, y = decay(d, p["tau_plus"]), decay(d, p["tau_minus"])
    return sides(d, p["a2_plus"] * x, -p["a2_minus"] * y)


def stdp_triplet_homeostatic(d: np.ndarray, w: float, p: dict[str, float]) -> np.ndarray:
    nu = decay(d, p["tau_hom"]) / (p["tau_hom"] / 1000)
    a2 = p["a3_plus"] * (p["tau_plus"] * p["tau_y"] / p["tau_minus"] / 1000) * nu**2 / p["kappa"]
    return sides(d, 0, -a2 * decay(d, p["tau_minus"]))


def zenke2015(d: np.ndarray, w: float, p: dict[str, float]) -> np.ndarray:
    """The rate begins at 1 Hz, 150 ms before the pre spike."""
    nu = np.exp(-150 / p["tau_hom"]) + decay(d, p["tau_hom"]) / (p["tau_hom"] / 1000)
    m = [1, (nu / p["kappa"]) ** 2, np.clip(nu / p["kappa"], 0.5, 1.2)][int(p["homeostasis"])]
    return sides(d, p["delta"], p["delta"] - p["a_minus"] * m * decay(d, p["tau_minus"]))


WINDOWS: dict[str, Window] = {
    "anti_hebbian": anti_hebbian,
    "istdp_asymmetric": istdp_asymmetric,
    "istdp_gamma": istdp_gamma,
    "istdp_multiplicative": istdp_multiplicative,
    "istdp_symmetric": istdp_symmetric,
    "ltp_i_veto": ltp_i_veto,
    "meta_learnt": meta_learnt,
    "miehl2022_spiking": miehl2022_spiking,
    "ricker": ricker,
    "stdp_exponential": stdp_exponential,
    "stdp_nn_pre_centred": stdp_pair,
    "stdp_nn_restricted": stdp_pair,
    "stdp_nn_symmetric": stdp_pair,
    "stdp_oja": stdp_oja,
    "stdp_pair": stdp_pair,
    "stdp_power": stdp_power,
    "stdp_table": stdp_table,
    "stdp_triplet": stdp_triplet,
    "stdp_triplet_homeostatic": stdp_triplet_homeostatic,
    "stdp_triplet_nearest": stdp_triplet,
    "vogels2011": vogels2011,
    "zenke2015": zenke2015,
}


def window(name: str, d: np.ndarray, weight: float, description: q.Description) -> np.ndarray:
    """With the exclusive tie, two spikes on one step are as if they were far from each other."""
    p = parameters(description)
    return WINDOWS[name](np.where((d == 0) & (p["tie"] == 1), -1e4, d), weight, p)


def close(name: str, got: np.ndarray, want: np.ndarray, weight: float) -> None:
    """To 1e-5 of the largest change, and what rounding a weight to float may cost."""
    tolerance = 1e-5 * np.abs(want).max() + 2 * np.spacing(np.float32(weight))
    assert np.abs(got - want).max() <= tolerance, f"{name}: {np.abs(got - want).max():g}"


def parameters(description: q.Description) -> dict[str, float]:
    defaults = {name: item.default for name, item in description.type.parameters.items()}
    return {**defaults, **description.parameters}


def test_every_window_that_is_drawn_has_a_closed_form(drawn: Drawn) -> None:
    assert {name for name, script in drawn[1] if script == "window"} == set(WINDOWS)


@pytest.mark.parametrize("name", WINDOWS)
def test_windows(name: str, drawn: Drawn) -> None:
    ran = drawn[1][name, "window"]
    rule, d = ran["rule"], ran["distance"] / 10
    assert (d[0], d[-1]) == (-100, 100)
    assert np.ptp(ran["change"]) > 0 or name == "stdp_table"
    close(name, ran["change"], window(name, d, ran["weight"], rule()), ran["weight"])
    for preset, weight in ran["presets"].items():
        description = rule(preset=preset)
        want = window(name, d, weight, description)
        close(f"{name}, {preset}", ran["window"](description, weight), want, weight)


def test_windows_of_a_cell(drawn: Drawn) -> None:
    """With E and I held and settled: 2 s are twenty of their longest time constant."""
    ran = drawn[1]["codependent_inhibitory", "cell"]
    p, d, v = parameters(ran["rule"]), ran["distance"] / 10, ran["v"]
    block = 1 / (1 + p["mg_factor"] * np.exp(-p["mg_slope"] * v))
    E = ran["g_exc"] / p["g_leak"] * block * (p["e_nmda"] - v)
    for g_inh, change in ran["change"].items():
        inh = g_inh / p["g_leak"] * (v - p["e_gaba"])
        want = p["g_leak"] * p["eta"] * E * (E - p["alpha"] * inh) * decay(d, p["tau"])
        assert np.abs(change - want).max() < 1e-5 * np.abs(want).max()


def test_excitatory_windows_of_a_cell(drawn: Drawn) -> None:
    ran = drawn[1]["codependent_excitatory", "cell"]
    p, d, v, w = parameters(ran["rule"]), ran["distance"] / 10, ran["v"], ran["weight"]
    block = 1 / (1 + p["mg_factor"] * np.exp(-p["mg_slope"] * v))
    E = ran["g_exc"] / p["g_leak"] * block * (p["e_nmda"] - v)
    for g_inh, change in ran["change"].items():
        inh = g_inh / p["g_leak"] * (v - p["e_gaba"])
        gate = np.exp(-((inh / p["i_star"]) ** p["gamma"]))
        ltp = p["a_ltp"] * E * sides(d, decay(d, p["tau_plus"]), 0)
        post = p["g_leak"] * gate * (ltp - p["a_het"] * p["s_own"] * E**2)
        before = np.where(d < 0, w + post, w)
        pre = -before * p["a_ltd"] * gate * sides(d, 0, decay(d, p["tau_minus"]))
        close(f"{g_inh} nS", change, post + pre, w)


def agrees(ran: dict[str, Any], drift: np.ndarray) -> None:
    """Within 4 standard errors over forty pre and forty post neurons; seeds are fixed."""
    each = ran["change"].reshape(40, 40, -1) / ran["learning"]  # [pre, post, rate]
    spread = [each.mean(axis=side).std(axis=0, ddof=1) for side in (0, 1)]
    error = np.hypot(*spread) / np.sqrt(40)
    assert (np.abs(ran["drift"] - drift) <= 4 * error + 1e-9).all()


def seen(p: np.ndarray, tau: float, last: np.ndarray) -> np.ndarray:
    """Mean trace of earlier steps of 1 ms with a spike at the probability p, of those spikes alone
    after which there was none at the probability `last`; 0: all."""
    e = np.exp(-1 / tau)
    return p * e / (1 - (1 - last) * e)


@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("stdp_pair", lambda pre, post: (0, 0)),
        ("stdp_nn_symmetric", lambda pre, post: (pre, post)),
        ("stdp_nn_pre_centred", lambda pre, post: (post, post)),
    ],
)
def test_drift_of_nearest_pairs(name: str, last: Any, drawn: Drawn) -> None:
    ran = drawn[1][name, "drift"]
    p, pre, post = parameters(ran["rule"]), ran["pre_rate"] / 1000, ran["post_rates"] / 1000
    pre_last, post_last = last(pre, post)
    up = p["a_plus"] * post * seen(pre, p["tau_plus"], pre_last)
    down = p["a_minus"] * pre * seen(post, p["tau_minus"], post_last)
    agrees(ran, 1000 * (up - down))


@pytest.mark.parametrize("name", ["vogels2011", "anti_hebbian", "meta_learnt"])
def test_drift_towards_a_target(name: str, drawn: Drawn) -> None:
    """eta r_pre (2 tau r_post − alpha); the learning rate of anti_hebbian fades in 250 s."""
    ran = drawn[1][name, "drift"]
    p = parameters(ran["rule"])
    tau = p.get("tau", p.get("tau_pre")) / 1000
    alpha = 2 * p["rho0"] * tau if "rho0" in p else -p["alpha"]
    want = p["eta"] * ran["pre_rate"] * (2 * tau * ran["post_rates"] - alpha)
    if name == "anti_hebbian":
        want *= -p["tau_eta"] * (np.exp(-1e3 / p["tau_eta"]) - np.exp(-41e3 / p["tau_eta"])) / 40e3
    agrees(ran, want)


def test_a_held_voltage(drawn: Drawn) -> None:
    """Each pre spike brings eta (v − theta)."""
    ran = drawn[1]["voltage_inhibitory", "voltage"]
    p = parameters(ran["rule"]())
    spikes = len(np.arange(1, ran["duration"] * ran["pre_rate"]))
    want = spikes * p["eta"] * (ran["v"] - p["theta"])
    close("voltage_inhibitory", ran["drift"](ran["rule"]()) * ran["duration"], want, ran["weight"])


def test_trains_of_short_term_plasticity(drawn: Drawn) -> None:
    """The sequence of Tsodyks & Markram; quantal release has it as its mean over 200 synapses."""
    ran = drawn[1]["tsodyks_markram", "train"]
    noisy = drawn[1]["quantal", "train"]
    for preset in (None, *ran["presets"]):
        p = parameters(ran["rule"](preset=preset))
        fall = lambda h, tau: np.exp(-h / tau) if tau > 0 else 0.0  # noqa: E731
        u, x, want = p["U"], 1.0, []
        for i, h in enumerate(np.diff(ran["times"], prepend=0)):
            if i:
                x = 1 - (1 - x * (1 - u)) * fall(h, p["tau_rec"])
                u *= fall(h, p["tau_fac"])
                u += p["U"] * (1 - u)
            want.append(u * x)
        got = ran["delivered"](ran["rule"](preset=preset))
        assert np.abs(got - np.array(want)[:, None]).max() < 1e-5
        mean = noisy["delivered"](noisy["rule"](preset=preset), 4000).mean(axis=1)
        assert np.abs(mean - want).max() < 4 * 0.5 / np.sqrt(4000)  # of a yes or no


def test_decay_and_norms_over_time(drawn: Drawn) -> None:
    ran = drawn[1]["decay", "course"]
    p = parameters(ran["rule"])
    want = p["target"] + (np.array(ran["weights"])[:, None] - p["target"]) * np.exp(
        -1000 * np.array(ran["times"]) / p["tau"]
    )
    intervals = np.abs(np.diff(want, axis=1)).max()  # a sample may miss the last interval
    assert np.abs(ran["course"].mean(axis=2).T - want).max() < 0.2 * intervals
    norms = drawn[1]["normalise", "course"]["course"].sum(axis=1)
    assert np.allclose(norms[-1], 1, atol=1e-6)


@pytest.mark.parametrize("name", ["rate_inhibitory", "miehl2022"])
def test_rate_units_end_at_their_target(name: str, drawn: Drawn) -> None:
    assert drawn[1][name, "rates"]["rate"][-1] == pytest.approx(1, abs=0.05)  # Hz, both


@pytest.mark.parametrize("name", ["reward_stdp", "reward_stdp_nearest", "rstdp", "mstdpet"])
def test_a_reward_after_a_pair(name: str, drawn: Drawn) -> None:
    """What is left of the pair's eligibility, times the integral of the release under its decay."""
    ran = drawn[1][name, "reward"]
    p = parameters(ran["rule"]())
    both = p["tau_e"] * ran["tau"] / (p["tau_e"] + ran["tau"])
    since = np.maximum(ran["times"] - 100 - ran["lag"], 0)
    area = ran["amount"] * both / 1000 * (1 - np.exp(-since / both))
    first = p["a_plus"] * np.exp(-ran["apart"] / p["tau_plus"])
    second = -p["a_minus"] * np.exp(-ran["apart"] / p["tau_minus"])
    late = np.exp(-np.array([ran["lag"] - ran["apart"], ran["lag"]]) / p["tau_e"])
    want = ran["weight"] + area[:, None] * np.array([first, second]) * late
    want = np.clip(want, p["w_min"], p["w_max"])
    assert np.abs(ran["course"] - want).max() < 1e-6


# Pages


@pytest.mark.parametrize("name", RULES)
def test_every_rule_has_a_page(name: str, drawn: Drawn) -> None:
    folder, ran = drawn
    about = RULES[name]
    text = (folder / f"rule-{name}.md").read_text(encoding="utf-8")
    for part in about.header:
        assert part.is_prose or part.text in text
    for item in (*about.type.parameters, *about.type.presets, *about.type.traces):
        assert f"`{item}`" in text
    for line in ("## Equations", "## Bounds", "## Cost", "## Source"):
        assert line in text.splitlines()
    assert ("## Coincidences and delays" in text) == (about.type.kind == "event")
    pictures = re.findall(r"!\[\]\((.*?)\)", text)
    assert pictures == [f"{name}-{script}.png" for rule, script in ran if rule == name]
    assert all((folder / file).stat().st_size > 2000 for file in pictures)
    assert (folder / f"{name}-small.png").stat().st_size > 200


@pytest.mark.parametrize("name", RULES)
def test_the_comment_of_a_rule_says_where_it_is_from(name: str) -> None:
    about = RULES[name]
    assert any(not part.is_prose for part in about.header), "there is no equation"
    assert facts.DOI.search(about.comment) or re.search(r"\b(ours|after)\b", about.comment)
    assert about.type.source


def test_what_the_page_shows_is_what_was_run(drawn: Drawn) -> None:
    text = (drawn[0] / "rule-vogels2011.md").read_text(encoding="utf-8")
    (program,) = [
        block
        for block in re.findall(r"~~~~\{\.py\}\n(.*?)~~~~", text, re.DOTALL)
        if "def window" in block
    ]
    names: dict[str, Any] = {}
    exec(program.split("\nfigure, ")[0], names)
    assert np.array_equal(names["change"], drawn[1]["vogels2011", "window"]["change"])


@pytest.mark.parametrize("path", sorted((ROOT / "tools/gallery/scripts").glob("*.py")))
def test_scripts_run_as_they_are(path: Path, drawn: Drawn) -> None:
    """That is: each names a rule, is used, and what it sets at its top is what is replaced."""
    assert path.stem in {script for _, script in drawn[1]}
    assert "q.rules." in path.read_text(encoding="utf-8")
    with pytest.raises(LookupError):
        protocols.Protocol(path.stem, {"no_such_setting": "1"}).code  # noqa: B018


def test_costs(drawn: Drawn, tmp_path: Path) -> None:
    text = (drawn[0] / "rule-vogels2011.md").read_text(encoding="utf-8")
    assert "| 5.2 ns |" in text
    assert "./dev bench rules" in (drawn[0] / "rule-stdp_pair.md").read_text(encoding="utf-8")
    file = tmp_path / "costs.json"
    file.write_text(
        '[{"name": "rules", "case": "decay", "figure": {"unit": "ns per event", "value": 2.5}},'
        ' {"name": "stdp10k", "case": "", "rtf": 1}]'
    )
    assert pages.costs_from(file) == {"decay": 2.5}
    assert pages.costs_from(None) == {}


def test_the_index_and_the_papers(drawn: Drawn) -> None:
    index = (drawn[0] / "rules.md").read_text(encoding="utf-8")
    papers = (drawn[0] / "papers.md").read_text(encoding="utf-8")
    for name, about in RULES.items():
        assert index.count(f"\\subpage rule_{name} ") == 1
        (line,) = [line for line in papers.splitlines() if f"\\ref rule_{name} " in line]
        assert about.path.as_posix() in line
        for doi in facts.DOI.findall(about.type.source):
            assert f"](https://doi.org/{doi})" in line


def test_conventions_are_those_of_the_header() -> None:
    assert "after the axonal delay" in facts.conventions()
    assert set(facts.ties()) == {"pre_first", "exclusive", "post_first"}


@pytest.mark.skipif(not shutil.which("doxygen"), reason="doxygen is not installed")
def test_doxygen_takes_the_pages(drawn: Drawn, tmp_path: Path) -> None:
    """Warnings are errors there; pages beside these are the business of ./dev lint."""
    settings = f"""
        @INCLUDE = {ROOT / "doc" / "Doxyfile"}
        INPUT = {drawn[0]}
        USE_MDFILE_AS_MAINPAGE = {drawn[0] / "rules.md"}
    """
    variables = {"QUELL_ROOT": ROOT, "QUELL_DOCS": tmp_path, "QUELL_GALLERY": drawn[0]}
    done = subprocess.run(
        ["doxygen", "-"],
        input=settings,
        env={**os.environ, **{name: str(value) for name, value in variables.items()}},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    made = {path.name for path in (tmp_path / "html").glob("*.html")}
    assert {f"rule_{name}.html" for name in RULES} | {"papers.html"} <= made

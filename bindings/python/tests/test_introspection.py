"""What the library says about its models and rules."""

from __future__ import annotations

import inspect
import math

import pytest
import quell as q


def test_models() -> None:
    assert {"lif_cond_exp", "lif_curr_exp", "poisson", "spike_source", "external"} <= set(
        q.models.names()
    )
    assert set(q.models.names()) <= set(dir(q.models))
    model = q.models.lif_cond_exp
    assert model is q.models.get("lif_cond_exp")
    assert model.receptors == ("excitatory", "inhibitory")
    tau = model.parameters["tau_m"]
    assert (tau.unit, tau.min, tau.min_open, tau.per_neuron) == ("ms", 0.0, True, False)
    assert tau.range.startswith("> 0")
    assert model.parameters["v_thresh"].per_neuron
    assert model.state["v"].unit == "mV"
    assert "tau_m: " in model.__doc__
    assert "default 20 ms" in model.__doc__
    assert repr(model) == "<Model lif_cond_exp>"


def test_rules() -> None:
    assert "vogels2011" in q.rules.names()
    assert set(q.rules.names()) <= set(dir(q.rules))
    rule = q.rules.vogels2011
    assert "10.1126/science" in rule.source
    assert {"eta", "rho0", "tau", "w_min", "w_max", "tie"} <= set(rule.parameters)
    assert rule.parameters["tie"].integer
    assert rule.parameters["w_max"].max == math.inf
    assert "rho0: " in rule.__doc__
    assert rule.source in rule.__doc__
    parameters = inspect.signature(rule).parameters
    assert [name for name in parameters if name != "preset"] == list(rule.parameters)
    assert parameters["rho0"].default == rule.parameters["rho0"].default


@pytest.mark.parametrize("module", [q.models, q.rules])
def test_every_name_has_a_full_description(module: object) -> None:
    for name in module.names():
        item = getattr(module, name)
        assert item.name == name
        assert item.__doc__
        for variable in item.parameters.values():
            assert variable.doc
            assert variable.unit
            assert variable.min <= variable.default <= variable.max
            assert str(variable).startswith(f"{variable.name}: ")


def test_unknown_names() -> None:
    with pytest.raises(AttributeError, match="there is no rule 'vogels'"):
        _ = q.rules.vogels
    with pytest.raises(AttributeError, match="there is no model 'lif'"):
        _ = q.models.lif
    with pytest.raises(q.UnknownName, match="did you mean 'vogels2011'"):
        q.rules.get("vogels2012")
    with pytest.raises(q.UnknownName, match="'lif_cond_exp'"):
        q.models.get("lif_cond")
    with pytest.raises(q.UnknownName, match=r"has no parameter 'etta'; did you mean .*'eta'"):
        q.rules.vogels2011(etta=1)
    with pytest.raises(TypeError, match="'eta' must be a number"):
        q.rules.vogels2011(eta="large")


def test_descriptions() -> None:
    rule = q.rules.vogels2011(eta=0.01, rho0=3)
    assert rule.name == "vogels2011"
    assert dict(rule.parameters) == {"eta": 0.01, "rho0": 3.0}
    assert repr(rule) == "quell.rules.vogels2011(eta=0.01, rho0=3)"
    with pytest.raises(TypeError):
        rule.parameters["eta"] = 1


def test_errors_are_also_the_python_errors_that_fit() -> None:
    fitting = {
        q.RangeError: ValueError,
        q.UnknownName: LookupError,
        q.LengthError: ValueError,
        q.StateError: RuntimeError,
        q.OwnerError: ValueError,
        q.OutOfMemory: MemoryError,
        q.Unsupported: NotImplementedError,
        q.Failed: RuntimeError,
    }
    statuses = set()
    for kind, builtin in fitting.items():
        error = q.errors.from_status(kind.status, "a sentence")
        assert type(error) is kind
        assert isinstance(error, q.Error)
        assert isinstance(error, builtin)
        assert str(error) == "a sentence"
        assert error.status < 0
        statuses.add(error.status)
    assert len(statuses) == len(fitting)
    assert type(q.errors.from_status(-1, "")) is q.Error


def test_distributions() -> None:
    assert repr(q.uniform(0, 2)) == "quell.uniform(0, 2)"
    assert q.normal(1, 0.2).outside == "refuse"
    bounded = q.normal(1, 0.2, low=0.5)
    assert (bounded.outside, bounded.low, bounded.high) == ("redraw", 0.5, math.inf)
    assert q.lognormal(0, 1, high=3, outside="clip").outside == "clip"
    with pytest.raises(ValueError, match="outside must be"):
        q.normal(1, 1, outside="wrap")
    with pytest.raises(ValueError, match="bounds need"):
        q.normal(1, 1, low=0, outside="refuse")
    with pytest.raises(TypeError, match="must be a number"):
        q.uniform("a", 2)

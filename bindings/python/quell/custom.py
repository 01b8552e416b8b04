"""Learning rules written in Python.

    >>> @quell.rule(
    ...     params=dict(eta=(0.01, "w", "learning rate"), tau=(20, "ms", "of the trace")),
    ...     traces=dict(x=quell.pre("tau")),
    ... )
    ... class hebb:
    ...     def post(w, x, p):
    ...         return w + p.eta * x
    >>> net.connect(a, b, "excitatory", p=0.1, rule=hebb(eta=0.02))

With Numba the functions are compiled, and run in the loops of the library as those of a rule in C
do: on any thread, without the interpreter. Without it they are called with whole blocks of synapses
as arrays, which gives the same bits and takes ten to a hundred times as long. The page
``doc/python_rules.md`` has the whole story.
"""

from __future__ import annotations

import ctypes
import inspect
import warnings
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from . import _abi
from ._describe import Trace, unknown
from ._descriptor import build
from ._parts import (
    TRACES,
    OwnEligibility,
    OwnVariable,
    Parameter,
    Parts,
    Signal,
    check,
    param,
    read_eligibility,
    read_functions,
    read_params,
    read_signal,
    read_variable,
)
from .rules import Registry, RuleType

__all__ = ["PythonRule", "late", "param", "post", "pre", "rule"]


def pre(tau: str | None = None, kind: str = "add") -> Trace:
    """A trace of the arrivals of spikes at the synapse.

    Args:
        tau: the parameter with its time constant, ms; none for an age.
        kind: "add": it jumps by 1 at a spike and decays; "set": it becomes 1 and decays; "age": the
            time since the last spike, ms, at least 1e7 if there was none.
    """
    return _trace("pre", tau, kind)


def post(tau: str | None = None, kind: str = "add") -> Trace:
    """A trace of the spikes of the post neuron, as the synapse sees them; see :func:`pre`."""
    return _trace("post", tau, kind)


def late(tau: str | None = None, kind: str = "add") -> Trace:
    """A trace of the late events; see :func:`pre`."""
    return _trace("late", tau, kind)


def _trace(side: str, tau: str | None, kind: str) -> Trace:
    if kind not in TRACES:
        raise unknown("there is no kind of trace", kind, TRACES)
    if (tau is None) != (kind == "age"):
        raise TypeError('a trace has the name of its time constant, or is of kind "age"')
    return Trace(side, kind, tau)


class PythonRule(RuleType):
    """A rule written in Python; made by :func:`rule`. Call it with parameters, as any other rule.

    Attributes:
        native: whether its functions are compiled, and not interpreted.
    """

    _place = ""

    def __init__(self, descriptor: Any, kept: list[Any], native: bool) -> None:
        Registry()._add(descriptor)
        super().__init__(ctypes.pointer(descriptor))
        self.native = native
        self._descriptor = descriptor
        self._kept = kept  # all that the descriptor points to

    def __repr__(self) -> str:
        return f"<PythonRule {self.name}>"


def rule(
    cls: type | None = None,
    /,
    *,
    params: Mapping[str, Parameter] | None = None,
    traces: Mapping[str, Trace] | None = None,
    variables: Mapping[str, OwnVariable] | None = None,
    factors: Mapping[str, str] | None = None,
    eligibilities: Mapping[str, OwnEligibility] | None = None,
    signals: Mapping[str, Signal] | None = None,
    late: str | None = None,
    interval: str | None = None,
    transmit_first: bool = False,
    name: str | None = None,
    summary: str | None = None,
    source: str = "",
    numba: bool | None = None,
) -> Any:
    """Makes a learning rule of a class of functions.

    The functions `pre`, `post`, `late` and `interval` of the class say what happens to one synapse
    at these events. They are given what their arguments are called: `w` (the weight), a trace, a
    variable, an eligibility, a signal or a bindable parameter by its name, and `p`, which has the
    other parameters and what `constants` makes of them; `interval` may also ask for `elapsed` (the
    period, ms) and `pre_rate` (Hz, of rate units). They return the new weight, or a tuple of it,
    all variables and all eligibilities in their order. All numbers are float32. The weight is kept
    within w_min and w_max by the library.

    ``constants(p)`` is optional, plain Python, and gets these other parameters as floats and `dt`
    (ms). It returns a dictionary of numbers, which `p` then has too, or raises a ValueError whose
    sentence the user of these parameters is given. It must depend on nothing else.

    Args:
        params: by name: a default, or a tuple (default, unit, doc, low, high), or :func:`param`.
            A rule with `pre`, `post` or `late` also has `w_min`, `w_max` and `tie`.
        traces: by name: :func:`pre`, :func:`post` or :func:`late`.
        variables: what each synapse has beside its weight, by name: an initial value, or a tuple
            (value, unit, doc).
        factors: third factors, to be bound to a modulator, by name: one line for each.
        eligibilities: variables of a synapse that decay and change the weight, de/dt = −e / tau,
            dw/dt = e × factor per second, by name: the parameter with the time constant, or a tuple
            (that, the factor, unit, doc). Without a factor they only decay.
        signals: state variables of the post neuron, by the name that the functions use: the state
            variable, or a tuple (state variable, unit, doc).
        late: the parameter with the time from an arrival to `late`, ms.
        interval: the parameter with the period of `interval`, ms.
        transmit_first: whether the weight from before the change of `pre` is delivered.
        name: name of the rule; by default that of the class.
        summary: what it does; by default the first line of the class's docstring.
        source: paper and DOI.
        numba: True needs Numba, False does without; by default it is used if it is there.

    Returns:
        A :class:`quell.custom.PythonRule`, or without a class a decorator that makes one.

    Raises:
        RuleError: a function cannot be compiled, or asks for what there is not.
    """

    def make(kind: type) -> PythonRule:
        title = str(kind.__name__ if name is None else name)
        doc = inspect.getdoc(kind) if "__doc__" in vars(kind) else None
        functions = read_functions(title, kind)
        times = {"late": late, "interval": interval}
        kept = {
            key: read_eligibility(title, key, item, factors or {})
            for key, item in (eligibilities or {}).items()
        }
        parts = Parts(
            title,
            read_params(title, params or {}, traces or {}, kept, times, functions),
            {key: replace(item, name=key) for key, item in (traces or {}).items()},
            {key: read_variable(key, item) for key, item in (variables or {}).items()},
            kept,
            dict(factors or {}),
            {key: read_signal(item) for key, item in (signals or {}).items()},
            functions,
            {key: item for key, item in times.items() if item is not None},
        )
        check(parts)
        line = summary if summary is not None else (doc or title).splitlines()[0]
        flags = _abi.QUELL_TRANSMIT_FIRST if transmit_first else 0
        native = _has_numba(numba)
        return PythonRule(*build(parts, line, source, flags, native), native)

    return make if cls is None else make(cls)


_warned = False


def _has_numba(wanted: bool | None) -> bool:
    global _warned
    reason = "numba=False"
    if wanted is not False:
        try:
            import numba  # noqa: F401
        except ImportError as problem:
            if wanted:
                raise ImportError("numba=True needs Numba: pip install 'quell[numba]'") from problem
            reason = f"Numba cannot be imported ({problem})"
        else:
            return True
    if not _warned:
        _warned = True
        warnings.warn(
            f"{reason}: rules written in Python are interpreted, which is ten to a hundred times "
            "as slow; pip install 'quell[numba]' makes them as fast as those in C",
            RuntimeWarning,
            stacklevel=3,
        )
    return False

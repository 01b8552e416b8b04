"""Spiking networks with inhibitory plasticity.

    >>> import quell as q
    >>> with q.Network(dt=0.1, seed=1) as net:
    ...     exc = net.population("exc", 800, "lif_cond_exp", i_offset=200)
    ...     inh = net.population("inh", 200, "lif_cond_exp", i_offset=200)
    ...     net.connect(exc, [exc, inh], "excitatory", p=0.02, weight=0.3)
    ...     rule = q.rules.vogels2011(eta=0.01, rho0=3, w_max=100)
    ...     gaba = net.connect(inh, exc, "inhibitory", p=0.02, weight=0, rule=rule)
    ...     spikes = net.record(exc, "spikes")
    ...     net.run(1000)
    ...     print(spikes.rates(last=500).mean(), gaba.weights.mean())

Units: ms, mV, nS, pF, pA, Hz. Weights are magnitudes, and the receptor has the sign.
"""

from . import custom, models, modulators, plot, rules, vecmath
from ._callbacks import Executor
from ._isa import instruction_sets
from ._library import lib as _lib
from .curves import Curve, hill, linear, sigmoid, table
from .custom import late, param, post, pre, rule
from .distributions import Distribution, lognormal, normal, uniform
from .errors import (
    Error,
    Failed,
    LengthError,
    OutOfMemory,
    OwnerError,
    RangeError,
    RuleError,
    StateError,
    UnknownName,
    Unsupported,
)
from .modulators import Modulator, receptor
from .network import Network
from .population import Population
from .projection import Projection
from .recorder import (
    RateRecorder,
    Recorder,
    SpikeRecorder,
    StateRecorder,
    WeightRecorder,
)
from .rules import Description, Registry, Rule
from .stats import Stats

#: Version of the library that is loaded.
__version__: str = _lib.quell_version().decode()

__all__ = [
    "Curve",
    "Description",
    "Distribution",
    "Error",
    "Executor",
    "Failed",
    "LengthError",
    "Modulator",
    "Network",
    "OutOfMemory",
    "OwnerError",
    "Population",
    "Projection",
    "RangeError",
    "RateRecorder",
    "Recorder",
    "Registry",
    "Rule",
    "RuleError",
    "SpikeRecorder",
    "StateError",
    "StateRecorder",
    "Stats",
    "UnknownName",
    "Unsupported",
    "WeightRecorder",
    "custom",
    "hill",
    "instruction_sets",
    "late",
    "linear",
    "lognormal",
    "models",
    "modulators",
    "normal",
    "param",
    "plot",
    "post",
    "pre",
    "receptor",
    "rule",
    "rules",
    "sigmoid",
    "table",
    "uniform",
    "vecmath",
]

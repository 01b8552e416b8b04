"""What the tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

os.environ.setdefault("MPLBACKEND", "Agg")

import quell as q

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def net() -> Iterator[q.Network]:
    """An empty network that is closed at the end, unless the test has done so."""
    network = q.Network(seed=1)
    yield network
    network.close()


@pytest.fixture
def small(net: q.Network) -> q.Network:
    """Forty noisy neurons, ten of them inhibitory, with a plastic projection."""
    exc = net.population("exc", 30, "lif_cond_exp", i_offset=250)
    inh = net.population("inh", 10, "lif_cond_exp", i_offset=np.linspace(200, 300, 10))
    net.connect(exc, [exc, inh], "excitatory", p=0.3, weight=0.5, delay=0.5)
    rule = q.rules.vogels2011(eta=0.1, rho0=5, w_max=50)
    net.connect(inh, exc, "inhibitory", all_to_all=True, weight=0.2, rule=rule)
    return net

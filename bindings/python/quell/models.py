"""The neuron models, as the library describes them.

>>> quell.models.names()
['lif_cond_exp', 'lif_curr_exp', 'poisson', 'spike_source', 'external']
>>> quell.models.lif_cond_exp.parameters["tau_m"].unit
'ms'
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from ._describe import Variable, paragraphs, section, table, unknown, wrapped
from ._library import lib

__all__ = ["Model", "get", "names"]


@dataclass(frozen=True, repr=False)
class Model:
    """A neuron model, a source, or the host's own neurons.

    Attributes:
        name: by which a population asks for it.
        doc: what it is, with its equation.
        receptors: onto which projections can go.
        parameters: by name.
        state: state variables, by name.
    """

    name: str
    doc: str
    receptors: tuple[str, ...]
    parameters: dict[str, Variable] = field(hash=False)
    state: dict[str, Variable] = field(hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "__doc__", self._text())

    def _text(self) -> str:
        return paragraphs(
            wrapped(self.doc),
            f"Receptors: {', '.join(self.receptors)}" if self.receptors else "",
            section("Parameters", self.parameters.values()),
            section("State", self.state.values()),
        )

    def __repr__(self) -> str:
        return f"<Model {self.name}>"

    def __str__(self) -> str:
        return f"{self.name}\n{self._text()}"


def names() -> list[str]:
    """Names of all models."""
    return [lib.quell_model_name(i).decode() for i in range(lib.quell_model_count())]


@cache
def get(name: str) -> Model:
    """A model by its name."""
    key = name.encode()
    doc = lib.quell_model_doc(key)
    if doc is None:
        raise unknown("there is no model", name, names())
    receptors: list[str] = []
    while (receptor := lib.quell_model_receptor(key, len(receptors))) is not None:
        receptors.append(receptor.decode())
    return Model(
        name=name,
        doc=doc.decode(),
        receptors=tuple(receptors),
        parameters=table(lib.quell_model_parameter, key),
        state=table(lib.quell_model_state, key),
    )


def __getattr__(name: str) -> Model:
    if not name.startswith("_") and name in names():
        return get(name)
    raise AttributeError(f"there is no model {name!r}; there are {', '.join(names())}")


def __dir__() -> list[str]:
    return [*names(), *__all__]

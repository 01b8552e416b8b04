"""The instruction sets that the library has code for."""

from __future__ import annotations

from . import _abi
from ._describe import unknown
from ._library import lib
from ._values import text

_KNOWN = {
    lib.quell_isa_name(isa).decode(): isa
    for isa in sorted(
        value
        for name, value in vars(_abi).items()
        if name.startswith("QUELL_ISA_") and value != _abi.QUELL_ISA_BEST
    )
}


def instruction_sets() -> list[str]:
    """Names of the instruction sets that ``Network(isa=…)`` can use here, the best one last."""
    return [name for name, isa in _KNOWN.items() if lib.quell_isa_available(isa)]


def by_name(name: str | None) -> int:
    """The number of an instruction set; None stands for the best one."""
    if name is None:
        return int(_abi.QUELL_ISA_BEST)
    text(name, "isa")
    if name not in _KNOWN:
        raise unknown("there is no instruction set", name, instruction_sets())
    return int(_KNOWN[name])

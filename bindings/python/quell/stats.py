"""What a network has done, and where the time went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ._library import lib

_PARTS = ("update", "deliver", "plasticity", "exchange", "record")


@dataclass(frozen=True)
class Stats:
    """What a network has done so far; made by :meth:`quell.Network.stats`. ``print`` shows a table.

    Times are estimates: they are measured on some of the steps and scaled to all. The parts
    `update_s` … `record_s` are sums over the threads, and may exceed `run_s`.

    Attributes:
        isa: instruction set in use, one of :func:`quell.instruction_sets`.
        threads: threads of the library's own, the calling one included; 0 with an executor.
        tiles: tiles of all populations.
        batch: most steps between two exchanges of spikes; 0 before the first step.
        steps: steps so far.
        spikes: spikes so far, of all populations.
        synaptic_events: arrivals of a spike at a synapse so far, at plastic ones too.
        plastic_events: pre and post events that a rule has been applied to so far; a row of
            synapses that is behind has some to come.
        bytes: memory in use, bytes.
        peak_bytes: most that was in use at any time, bytes.
        build_s: wall time in connect() and in fixing the topology, s.
        run_s: wall time in steps, s.
        update_s: time for neurons, s.
        deliver_s: time for spikes to static synapses, s.
        plasticity_s: time for spikes to plastic synapses and for their learning, s.
        exchange_s: time for spikes between tiles, on the calling thread, s.
        record_s: time for samples of recorders, s.
    """

    isa: str
    threads: int
    tiles: int
    batch: int
    steps: int
    spikes: int
    synaptic_events: int
    plastic_events: int
    bytes: int
    peak_bytes: int
    build_s: float
    run_s: float
    update_s: float
    deliver_s: float
    plasticity_s: float
    exchange_s: float
    record_s: float

    def __str__(self) -> str:
        threads = _several(self.threads, "thread") if self.threads else "an executor"
        how = f"{self.isa}, {threads}, {_several(self.tiles, 'tile')}"
        batches = f"in batches of up to {self.batch}" if self.batch else ""
        parts = {name: float(getattr(self, f"{name}_s")) for name in _PARTS}
        total = sum(parts.values())
        lines = [
            _line("steps", f"{self.steps:,}", batches),
            _line("spikes", f"{self.spikes:,}"),
            _line("synaptic events", f"{self.synaptic_events:,}"),
            _line("plastic events", f"{self.plastic_events:,}"),
            _line("memory", f"{self.bytes / 1e6:,.1f} MB", f"peak {self.peak_bytes / 1e6:,.1f} MB"),
            _line("build", f"{self.build_s:,.3f} s"),
            _line("run", f"{self.run_s:,.3f} s", how),
        ]
        for name, seconds in parts.items():
            share = f"{seconds / total:6.1%}" if total > 0 else ""
            lines.append(_line(f"  {name}", f"{seconds:,.3f} s", share))
        return "\n".join(lines)


def _several(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n:,} {what}s"


def _line(name: str, value: str, note: str = "") -> str:
    return f"{name:<16}{value:>18}  {note}".rstrip()


def stats(values: Any) -> Stats:
    """The Stats of a ``quell_stats``."""
    members = {name: getattr(values, name) for name in Stats.__dataclass_fields__}
    members["isa"] = lib.quell_isa_name(values.isa).decode()
    return Stats(**members)

"""The agent that learns by dopamine runs from end to end, and dopamine is what it learns by."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

SCRIPT = ROOT / "examples" / "gymnasium" / "frozen_lake.py"


def test_the_agent_learns_by_dopamine_alone(tmp_path: Path) -> None:
    pytest.importorskip("gymnasium")
    pytest.importorskip("matplotlib")
    if not SCRIPT.is_file():
        pytest.skip("not in the source tree")
    command = [sys.executable, str(SCRIPT), "--seeds", "2", "--jobs", "2"]
    command += ["--episodes", "300", "--out", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "report.png").stat().st_size > 20_000
    report = json.loads((tmp_path / "report.json").read_text())
    systems = report["systems"]
    assert min(systems["dopamine"]["success"]) >= 0.9
    assert max(systems["dopamine"]["steps_to_goal"]) < 7  # the shortest way has 6
    for control in ("withheld", "shuffled", "random"):
        assert max(systems[control]["success"]) <= 0.2

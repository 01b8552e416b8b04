"""The digits demo runs from end to end. What it reaches is for the demo itself to say."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

DEMO = ROOT / "examples" / "digits" / "demo.py"


def test_quick_demo_writes_its_report(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    pytest.importorskip("matplotlib")
    command = [sys.executable, str(DEMO), "--quick", "--jobs", "2", "--out", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "report.png").stat().st_size > 50_000
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["accuracy"] > 0.6
    assert report["accuracy"] > report["accuracy_frozen"] + 0.2
    assert report["recovery_after"] > report["recovery_before"] + 0.3
    assert report["correlation"] < -0.7
    assert {"met", "value", "bound"} <= set(report["criteria"][0])
    assert report["seed"] == 0 and report["wall_s"] > 0

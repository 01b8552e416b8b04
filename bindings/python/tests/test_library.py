"""Loading the library, and what stands in its place when that fails."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import quell as q
from quell import _library


def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
        cwd=Path(q.__file__).parents[1],
    )


def test_version() -> None:
    assert q.__version__ == q._lib.quell_version().decode()
    assert len(q.__version__.split(".")) == 3


def test_a_missing_library_is_an_import_error(tmp_path: Path) -> None:
    with pytest.raises(ImportError, match="QUELL_LIBRARY"):
        _library.find(tmp_path)
    with pytest.raises(ImportError, match=r"cannot be loaded from .*nowhere"):
        _library.load(tmp_path / "nowhere.so")


def test_the_environment_variable_is_read() -> None:
    done = run("import quell", QUELL_LIBRARY="/nowhere/libquell.so")
    assert done.returncode != 0
    assert "ImportError: libquell cannot be loaded from /nowhere/libquell.so" in done.stderr


def test_another_library_is_refused() -> None:
    import _ctypes

    with pytest.raises(ImportError, match=r"has no quell_status_string\(\)"):
        _library.load(_ctypes.__file__)


def test_importing_writes_nothing_and_leaves_matplotlib_alone() -> None:
    done = run("import sys, quell; assert 'matplotlib' not in sys.modules")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_module_as_a_program() -> None:
    command = [sys.executable, "-m", "quell"]
    cwd = Path(q.__file__).parents[1]
    utf8 = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(command, capture_output=True, check=True, cwd=cwd, env=utf8)
    text = done.stdout.decode()
    assert text.startswith(f"quell {q.__version__}")
    for name in [*q.models.names(), *q.rules.names(), "tau_m", "eta", "default 20 ms"]:
        assert name in text
    one = subprocess.run(
        [*command, "vogels2011"], capture_output=True, check=True, cwd=cwd, env=utf8
    )
    assert "rho0" in one.stdout.decode()
    assert "tau_m" not in one.stdout.decode()
    wrong = subprocess.run([*command, "nothing"], capture_output=True, check=False, cwd=cwd)
    assert wrong.returncode == 2
    assert b"there is no model or rule 'nothing'" in wrong.stderr


def test_the_rules_as_a_program() -> None:
    command = [sys.executable, "-m", "quell", "rules"]
    cwd = Path(q.__file__).parents[1]
    utf8 = {**os.environ, "PYTHONIOENCODING": "utf-8"}

    def output(*arguments: str) -> str:
        done = subprocess.run(
            [*command, *arguments], capture_output=True, check=True, cwd=cwd, env=utf8
        )
        return done.stdout.decode()

    everything = output()
    for name in q.rules.names():
        assert f"{name}\n" in everything
        for preset in q.rules.get(name).presets:
            assert preset in everything
    assert "lif_cond_exp\n" not in everything
    assert output("stdp_pair") == f"{q.rules.stdp_pair}\n"
    listed = json.loads(output("--json"))
    assert [rule["name"] for rule in listed] == q.rules.names()
    (one,) = json.loads(output("vogels2011", "--json"))
    assert one == json.loads(json.dumps(q.rules.vogels2011.described()))
    wrong = subprocess.run([*command, "lif_cond_exp"], capture_output=True, check=False, cwd=cwd)
    assert wrong.returncode == 2
    assert b"there is no rule 'lif_cond_exp'" in wrong.stderr

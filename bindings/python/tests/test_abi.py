"""The generated declarations agree with the headers and with the compiler."""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from quell import _abi

GENERATOR = ROOT / "tools" / "generate_ctypes.py"
INCLUDE = ROOT / "include"

needs_headers = pytest.mark.skipif(not GENERATOR.is_file(), reason="not in the source tree")
needs_compiler = pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")


def declarations() -> str:
    """The headers without their comments."""
    text = "\n".join(header.read_text() for header in sorted(INCLUDE.glob("quell/*.h")))
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


def generate(include: Path, output: Path) -> subprocess.CompletedProcess[str]:
    pytest.importorskip("pycparser_fake_libc")
    command = [sys.executable, str(GENERATOR), "--output", str(output), str(include)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@needs_headers
def test_every_function_is_there() -> None:
    exported = re.findall(r"QUELL_API\s[^;{]*?\b(quell_\w+)\s*\(", declarations())
    assert len(exported) > 50
    assert sorted(exported) == sorted(_abi.FUNCTIONS)


@needs_headers
def test_every_struct_and_enumerator_is_there() -> None:
    text = declarations()
    structs = re.findall(r"typedef struct (quell_\w+) \{", text)
    assert len(structs) > 15
    for name in structs:
        assert getattr(_abi, name)._fields_
    enumerators = re.findall(r"^\s+(QUELL_[A-Z0-9_]+)\s*=", text, flags=re.MULTILINE)
    assert len(enumerators) > 30
    for name in [*enumerators, "QUELL_RULE_ABI_MAJOR", "QUELL_VERSION_MINOR"]:
        assert isinstance(getattr(_abi, name), int)


@needs_headers
@needs_compiler
def test_the_output_is_deterministic_and_is_what_is_installed(tmp_path: Path) -> None:
    first, second = tmp_path / "first.py", tmp_path / "second.py"
    for output in (first, second):
        done = generate(INCLUDE, output)
        assert done.returncode == 0, done.stderr
    assert first.read_text() == second.read_text() == Path(_abi.__file__).read_text()
    assert str(ROOT) not in first.read_text()


@needs_headers
@needs_compiler
def test_sizes_and_offsets_are_those_of_the_compiler(tmp_path: Path) -> None:
    structs = [
        item
        for item in vars(_abi).values()
        if isinstance(item, type)
        and issubclass(item, ctypes.Structure)
        and "_fields_" in vars(item)
    ]
    lines, expected = [], []
    for item in structs:
        lines.append(f'printf("%zu\\n", sizeof({item.__name__}));')
        expected.append(ctypes.sizeof(item))
        for name, _ in item._fields_:
            lines.append(f'printf("%zu\\n", offsetof({item.__name__}, {name}));')
            expected.append(getattr(item, name).offset)
    source = tmp_path / "layout.c"
    body = "\n".join(lines)
    source.write_text(f"#include <stdio.h>\n#include <quell/quell.h>\nint main(void) {{{body}}}\n")
    program = tmp_path / "layout"
    subprocess.run(["cc", f"-I{INCLUDE}", str(source), "-o", str(program)], check=True)
    output = subprocess.run([str(program)], capture_output=True, text=True, check=True).stdout
    assert [int(line) for line in output.split()] == expected


@needs_headers
@needs_compiler
@pytest.mark.parametrize(
    ("declaration", "sentence"),
    [
        ("struct quell_s { int32_t x : 3; };", "bit-field 'x'"),
        ("QUELL_API void quell_f(const char *form, ...);", "variadic"),
        ("QUELL_API void quell_f(long x);", "'long' has no fixed size"),
        ("union quell_u { int32_t x; };", "union"),
        ("extern int32_t quell_x;", "exported variable 'quell_x'"),
        ("int f(", "quell.h"),
        ("#error no", "failed"),
    ],
)
def test_what_has_no_translation_stops_the_build(
    tmp_path: Path, declaration: str, sentence: str
) -> None:
    folder = tmp_path / "include" / "quell"
    folder.mkdir(parents=True)
    text = "#include <stdint.h>\n#define QUELL_API\nQUELL_API void quell_g(void);\n"
    (folder / "quell.h").write_text(f"{text}{declaration}\n")
    done = generate(tmp_path / "include", tmp_path / "out.py")
    assert done.returncode == 1
    assert sentence in done.stderr
    assert not (tmp_path / "out.py").exists()


def test_sized_structs() -> None:
    options = _abi.sized(_abi.quell_record_options, interval=2.0)
    assert options.struct_size == ctypes.sizeof(_abi.quell_record_options)
    assert options.interval == 2.0

#!/usr/bin/env python3
"""Writes the ctypes declarations of the Python package from the public C headers.

    generate_ctypes.py --output _abi.py include/

Every struct, function, enumerator and whole-number macro of INCLUDE_DIR/quell/*.h goes into the
output; nothing is listed by hand. What cannot be expressed stops the build with a sentence.

Needs pycparser, pycparser-fake-libc and a C compiler that understands -E and -dM (gcc or clang;
--cc, or the environment variable CC, or "cc"). The output needs neither.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pycparser_fake_libc
from pycparser import c_ast, c_parser

# Types that are known by their name. Their typedefs in the fake headers mean nothing.
NAMED = {
    "int8_t": "c_int8",
    "int16_t": "c_int16",
    "int32_t": "c_int32",
    "int64_t": "c_int64",
    "uint8_t": "c_uint8",
    "uint16_t": "c_uint16",
    "uint32_t": "c_uint32",
    "uint64_t": "c_uint64",
    "size_t": "c_size_t",
    "float": "c_float",
    "double": "c_double",
}

# Declared in the headers, defined by plugins.
THEIRS = {"quell_plugin_entry"}

# Plain C types whose size differs between platforms have no place in the ABI: they are refused.
INTEGER = re.compile(r"\(?(-?(?:0[xX][0-9a-fA-F]+|\d+))[uUlL]*\)?")

HELPERS = '''

def sized(kind: Any, /, **members: Any) -> Any:
    """An instance of a struct that begins with its size: what its _INIT macro does in C."""
    return kind(struct_size=ctypes.sizeof(kind), **members)


def callback_type(kind: Any, member: str) -> Any:
    """The function type of a callback that is a member of a struct."""
    return dict(kind._fields_)[member]
'''


class Failure(Exception):
    """Something in the headers that has no translation."""


def preprocess(command: list[str], include: Path, header: Path, extra: list[str]) -> str:
    full = [
        *command,
        "-E",
        *extra,
        "-nostdinc",
        "-D__attribute__(x)=",
        "-D__declspec(x)=",
        "-I",
        str(include),
        "-I",
        pycparser_fake_libc.directory,
        "-x",
        "c",
        str(header),
    ]
    done = subprocess.run(full, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failure(f"{shlex.join(full)} failed:\n{done.stderr}")
    return done.stdout


class Translator:
    """Collects the declarations of the headers in `folder` from one translation unit."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.typedefs: dict[str, c_ast.Node] = {}
        self.structs: dict[str, list[tuple[str, str]] | None] = {}
        self.order: list[str] = []  # complete structs, so that members by value come first
        self.enumerators: dict[str, int] = {}
        self.functions: dict[str, tuple[str, list[str]]] = {}

    def ours(self, node: c_ast.Node) -> bool:
        coord = node.coord
        return coord is not None and Path(coord.file).resolve().parent == self.folder

    def read(self, unit: c_ast.FileAST) -> None:
        for node in unit.ext:
            if not self.ours(node):
                continue
            if isinstance(node, c_ast.Typedef):
                self.typedefs[node.name] = node.type
                self.define(node.type)
            elif isinstance(node, c_ast.Decl):
                self.define(node.type)
                if node.name in THEIRS:
                    continue
                if isinstance(node.type, c_ast.FuncDecl):
                    self.function(node.name, node.type)
                elif node.name is not None:
                    raise Failure(f"{node.coord}: exported variable '{node.name}'")
            elif not is_static(node):  # inline helpers of the headers are not part of the ABI
                raise Failure(f"{node.coord}: {type(node).__name__} in a header")

    def define(self, node: c_ast.Node) -> None:
        """Takes in the struct or enum that a declaration may carry."""
        while isinstance(node, (c_ast.TypeDecl, c_ast.PtrDecl, c_ast.ArrayDecl)):
            node = node.type
        if isinstance(node, c_ast.Enum):
            self.enum(node)
        elif isinstance(node, c_ast.Union):
            raise Failure(f"{node.coord}: a union in the ABI")
        elif isinstance(node, c_ast.Struct):
            if node.name is None:
                raise Failure(f"{node.coord}: a struct without a name")
            self.structs.setdefault(node.name, None)
            if node.decls is not None:
                self.structs[node.name] = [self.member(decl) for decl in node.decls]
                self.order.append(node.name)

    def member(self, decl: c_ast.Decl) -> tuple[str, str]:
        if decl.bitsize is not None:
            raise Failure(f"{decl.coord}: bit-field '{decl.name}'")
        return decl.name, self.translate(decl.type)

    def enum(self, node: c_ast.Enum) -> None:
        following = 0
        for item in node.values.enumerators if node.values else []:
            value = following if item.value is None else self.constant(item.value)
            self.enumerators[item.name] = value
            following = value + 1

    def constant(self, node: c_ast.Node) -> int:
        if isinstance(node, c_ast.Constant):
            return parse_integer(node.value)
        if isinstance(node, c_ast.ID) and node.name in self.enumerators:
            return self.enumerators[node.name]
        if isinstance(node, c_ast.UnaryOp) and node.op in "+-~":
            value = self.constant(node.expr)
            return {"+": value, "-": -value, "~": ~value}[node.op]
        if isinstance(node, c_ast.BinaryOp) and node.op in ("+", "-", "*", "|", "&", "<<", ">>"):
            left, right = self.constant(node.left), self.constant(node.right)
            return {
                "+": left + right,
                "-": left - right,
                "*": left * right,
                "|": left | right,
                "&": left & right,
                "<<": left << right,
                ">>": left >> right,
            }[node.op]
        raise Failure(f"{node.coord}: the value of an enumerator is not a simple constant")

    def function(self, name: str, node: c_ast.FuncDecl) -> None:
        result, arguments = self.signature(node)
        if name in self.functions and self.functions[name] != (result, arguments):
            raise Failure(f"{node.coord}: '{name}' is declared twice in different ways")
        self.functions[name] = (result, arguments)

    def signature(self, node: c_ast.FuncDecl) -> tuple[str, list[str]]:
        arguments = []
        for item in node.args.params if node.args else []:
            if isinstance(item, c_ast.EllipsisParam):
                raise Failure(f"{node.coord}: a variadic function in the ABI")
            arguments.append(self.translate(item.type))
        if arguments == ["None"]:
            arguments = []
        return self.translate(node.type), arguments

    def translate(self, node: c_ast.Node) -> str:
        """The ctypes expression of a C type."""
        if isinstance(node, (c_ast.TypeDecl, c_ast.Typename)):
            return self.translate(node.type)
        if isinstance(node, c_ast.IdentifierType):
            return self.named(node)
        if isinstance(node, c_ast.Struct):
            self.structs.setdefault(node.name, None)
            return str(node.name)
        if isinstance(node, c_ast.Enum):
            return "c_int"
        if isinstance(node, c_ast.PtrDecl):
            return self.pointer(node.type)
        if isinstance(node, c_ast.ArrayDecl):
            return f"{self.translate(node.type)} * {self.constant(node.dim)}"
        if isinstance(node, c_ast.FuncDecl):
            result, arguments = self.signature(node)
            return f"CFUNCTYPE({', '.join([result, *arguments])})"
        raise Failure(f"{node.coord}: {type(node).__name__} has no translation")

    def named(self, node: c_ast.IdentifierType) -> str:
        name = " ".join(node.names)
        if name == "void":
            return "None"
        if name in NAMED:
            return NAMED[name]
        if name in self.structs:
            return name
        if name in self.typedefs:
            return self.translate(self.typedefs[name])
        raise Failure(f"{node.coord}: the type '{name}' has no fixed size or is not known")

    def pointer(self, target: c_ast.Node) -> str:
        if isinstance(target, c_ast.FuncDecl):
            return self.translate(target)
        if isinstance(target, c_ast.TypeDecl) and isinstance(target.type, c_ast.IdentifierType):
            if target.type.names == ["void"]:
                return "c_void_p"
            if target.type.names == ["char"]:
                return "c_char_p" if "const" in target.quals else "POINTER(c_char)"
        return f"POINTER({self.translate(target)})"


def is_static(node: c_ast.Node) -> bool:
    return isinstance(node, c_ast.FuncDef) and "static" in node.decl.storage


def parse_integer(text: str) -> int:
    match = INTEGER.fullmatch(text.strip())
    if match is None:
        raise Failure(f"'{text}' is not a whole number")
    digits = match.group(1)
    octal = re.fullmatch(r"-?0\d+", digits)
    return int(digits, 8) if octal else int(digits, 0)


def integer_macros(text: str) -> dict[str, int]:
    """Macros of the library that stand for a whole number, from the output of -dM."""
    macros = {}
    for line in text.splitlines():
        match = re.fullmatch(r"#define (QUELL_\w+) (.+)", line)
        if match and INTEGER.fullmatch(match.group(2).strip()):
            macros[match.group(1)] = parse_integer(match.group(2))
    return dict(sorted(macros.items()))


def wrapped(head: str, items: list[str], tail: str, indent: str = "") -> list[str]:
    """`head`, the items and `tail` on one line if they fit, else one item a line."""
    line = indent + head + ", ".join(items) + tail
    if len(line) <= 100:
        return [line]
    return [indent + head, *(f"{indent}    {item}," for item in items), indent + tail]


def render(translator: Translator, macros: dict[str, int]) -> str:
    body: list[str] = []
    for name, value in {**macros, **translator.enumerators}.items():
        body.append(f"{name} = {value}")
    for name in translator.structs:
        body += ["", "", f"class {name}(Structure):", f'    """`struct {name}`."""']
    body += ["", ""]
    for name in translator.order:
        members = translator.structs[name] or []
        body.append(f"{name}._fields_ = [")
        for member, kind in members:
            body += wrapped(f'("{member}", ', [kind], "),", "    ")
        body.append("]")
    body += [
        "",
        "#: Argument types and result type of every function.",
        "FUNCTIONS: dict[str, tuple[list[Any], Any]] = {",
    ]
    for name, (result, arguments) in translator.functions.items():
        listed = "[" + ", ".join(arguments) + "]"
        line = f'    "{name}": ({listed}, {result}),'
        if len(line) <= 100:
            body.append(line)
            continue
        body.append(f'    "{name}": (')
        body += wrapped("[", arguments, "],", "        ")
        body += [f"        {result},", "    ),"]
    body += ["}", ""]
    text = "\n".join(body)
    used = sorted(
        name
        for name in {"CFUNCTYPE", "POINTER", "Structure", *re.findall(r"\bc_\w+", text)}
        if re.search(rf"\b{name}\b", text)
    )
    head = ['"""The C ABI of quell for ctypes.', ""]
    head += ["Generated from the public headers by tools/generate_ctypes.py. Do not edit.", '"""']
    head += ["", "import ctypes", *wrapped("from ctypes import (", used, ")")]
    if len(head[-1]) <= 100 and head[-1].startswith("from"):
        head[-1] = "from ctypes import " + ", ".join(used)
    head.append("from typing import Any")
    return "\n".join(head) + "\n\n" + text.lstrip("\n").rstrip("\n") + "\n" + HELPERS


def generate(include: Path, command: list[str]) -> str:
    header = include / "quell" / "quell.h"
    if not header.is_file():
        raise Failure(f"there is no {header}")
    translator = Translator(header.parent)
    unit = c_parser.CParser().parse(preprocess(command, include, header, []), str(header))
    translator.read(unit)
    if not translator.functions:
        raise Failure(f"{header} declares no function")
    macros = integer_macros(preprocess(command, include, header, ["-dM"]))
    return render(translator, macros)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("include", type=Path, metavar="INCLUDE_DIR", help="has quell/quell.h")
    parser.add_argument("--output", type=Path, required=True, metavar="FILE")
    parser.add_argument("--cc", default=os.environ.get("CC") or "cc", help="C compiler")
    parser.add_argument("--depfile", type=Path, help="where to list the headers, for the build")
    options = parser.parse_args()
    try:
        text = generate(options.include, shlex.split(options.cc))
    except (Failure, OSError) as problem:
        print(f"generate_ctypes.py: {problem}", file=sys.stderr)
        return 1
    options.output.write_text(text, encoding="utf-8")
    if options.depfile:
        headers = sorted((options.include / "quell").glob("*.h"))
        listed = " ".join(str(header).replace(" ", "\\ ") for header in headers)
        options.depfile.write_text(f"{options.output}: {listed}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

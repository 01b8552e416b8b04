"""Functions of a rule as machine code, made by Numba.

What comes out must have the bits that the same function has in C without contraction. So every
number written in it is taken as float32, where Numba would make it a float64 or an int64 and all
that it meets with it; nothing is reordered (fastmath is off), and LLVM does not contract what it is
not allowed to.
"""

# mypy: disable-error-code="no-untyped-call, import-untyped, untyped-decorator"

from __future__ import annotations

import ctypes
import operator
import re
from typing import Any

import numba
import numpy as np
from llvmlite import ir as llvm
from numba.core import errors, ir, types
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import FunctionPass, register_pass
from numba.core.untyped_passes import IRProcessing
from numba.extending import intrinsic, overload

from . import _abi, vecmath
from ._parts import Argument, Event
from .errors import RuleError

_POWERS = (operator.pow, operator.ipow)
_POINTER = ctypes.sizeof(ctypes.c_void_p)


def callback(event: Event) -> tuple[Any, Any]:
    """The function that C calls for a block, and what must be kept as long as it may be called."""
    compiler: Any = numba.njit(pipeline_class=_Compiler, error_model="numpy", forceinline=True)
    function = compiler(event.function)
    arguments = tuple(
        numba.typeof(event.constants(*[np.float32(0)] * len(event.constants._fields)))  # type: ignore
        if argument.source == "p"
        else types.float32
        for argument in event.arguments
    )
    try:
        function.compile(arguments)
        result = function.overloads[arguments].signature.return_type
        source = _kernel(event, _outputs(event, result))
        names = {"function": function, "constants": event.constants, **_HELPERS}
        exec(source, names)
        made = numba.cfunc(types.void(types.intp), error_model="numpy")(names["kernel"])
    except errors.NumbaError as error:
        raise RuleError(f"{event.title} cannot be compiled: {_sentence(error)}") from error
    kind = _abi.callback_type(_abi.quell_event_desc, "call")
    return kind(made.address), made


def _sentence(error: Exception) -> str:
    """What is to be known of an error of Numba, which comes in many lines: what and where."""
    said: list[str] = []
    for line in map(str.strip, str(error).splitlines()):
        if line.startswith(("During:", "File ", "There are ", "Enable logging")):
            break
        if line and not line.startswith("Failed in "):
            said.append(line)
    place = re.search(r'File "([^"]+)", line (\d+)', str(error))
    where = f" ({place[1]}, line {place[2]})" if place else ""
    return " ".join(said) + where


def _outputs(event: Event, result: Any) -> int:
    """How many values of a tuple the function returns; 0 for a weight alone."""
    several = isinstance(result, types.BaseTuple)
    parts = [result[i] for i in range(len(result))] if several else [result]
    if not all(isinstance(part, (types.Float, types.Integer)) for part in parts):
        raise RuleError(
            f"{event.title} must return numbers on all of its ways, and returns {result}"
        )
    if several and len(parts) != 1 + len(event.outputs):
        raise RuleError(f"{event.title} must return {event.shape}, and returns {len(parts)} values")
    return len(parts) if several else 0


def _kernel(event: Event, outputs: int) -> str:
    """The source of a loop over a block."""
    lines = ["def kernel(block):", f"    n = uint32_at(block, {_offset('n')})"]
    lines.append(f"    w = floats(address_at(block, {_offset('w')}))")
    for member, i in event.outputs:
        lines.append(f"    {member}{i} = {_array(member, i)}")
    calls = []
    for argument in event.arguments:
        name, line = _loaded(event, argument)
        lines += [f"    {line}"] if line else []
        calls.append(f"{name}[i]" if argument.per_synapse else name)
    call = f"function({', '.join(calls)})"
    lines.append("    for i in range(n):")
    if not outputs:
        lines.append(f"        w[i] = single({call})")
    else:
        lines.append(f"        result = {call}")
        lines.append("        w[i] = single(result[0])")
        for place, (member, i) in enumerate(event.outputs, 1):
            lines.append(f"        {member}{i}[i] = single(result[{place}])")
    return "\n".join(lines)


def _loaded(event: Event, argument: Argument) -> tuple[str, str]:
    """The name of what an argument is, and the line that loads it."""
    if argument.source == "w":
        return "w", ""
    if (argument.source, argument.index) in event.outputs:
        return f"{argument.source}{argument.index}", ""
    if argument.source == "block":
        return argument.member, f"{argument.member} = float_at(block, {_offset(argument.member)})"
    if argument.source == "p":
        at = f"address_at(block, {_offset('instance')})"
        values = ", ".join(f"float_at(at, {4 * i})" for i in range(len(event.constants._fields)))  # type: ignore
        return "p", f"at = {at}; p = constants({values})"
    name = f"{argument.source}{argument.index}"
    return name, f"{name} = {_array(argument.source, argument.index)}"


def _array(member: str, index: int) -> str:
    return f"floats(address_at(address_at(block, {_offset(member)}), {index * _POINTER}))"


def _offset(member: str) -> int:
    return int(getattr(_abi.quell_block, member).offset)


# How a block is read

_intrinsic: Any = intrinsic  # whose types leave out the compiler's context


def _reader(result: Any, kind: Any) -> Any:
    """Reads a number that lies `offset` bytes behind an address."""

    @_intrinsic
    def read(_context: Any, _address: Any, _offset: Any) -> Any:
        def code(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            place = builder.inttoptr(builder.add(*arguments), kind.as_pointer())
            return builder.load(place)

        return result(types.intp, types.intp), code

    return read


@_intrinsic
def _floats(_context: Any, _address: Any) -> Any:
    """An address as that of an array."""

    def code(target: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], target.get_value_type(signature.return_type))

    return types.CPointer(types.float32)(types.intp), code


_HELPERS = {
    "uint32_at": _reader(types.uint32, llvm.IntType(32)),
    "address_at": _reader(types.intp, llvm.IntType(8 * _POINTER)),
    "float_at": _reader(types.float32, llvm.FloatType()),
    "floats": _floats,
    "single": np.float32,
}


# Numbers are float32


@register_pass(mutates_CFG=False, analysis_only=False)
class _SinglePrecision(FunctionPass):
    """Makes every number in a function a float32, except exponents, indices, and the arguments of
    range()."""

    _name = "quell_single_precision"

    def __init__(self) -> None:
        FunctionPass.__init__(self)

    def run_pass(self, state: Any) -> bool:
        """Called by the compiler; says whether anything has changed."""
        statements = [item for block in state.func_ir.blocks.values() for item in block.body]
        for item in statements:
            if isinstance(item, (ir.Raise, ir.StaticRaise)):
                raise errors.UnsupportedError("a function of a rule cannot raise", item.loc)
        assignments = [item for item in statements if isinstance(item, ir.Assign)]
        values = {item.target.name: item.value for item in assignments}
        whole = {name for item in assignments for name in _whole(item.value, values)}
        for item in assignments:
            constant = item.value
            if not isinstance(constant, (ir.Const, ir.Global, ir.FreeVar)):
                continue
            if type(constant.value) is float or (
                type(constant.value) is int and item.target.name not in whole
            ):
                item.value = ir.Const(np.float32(constant.value), constant.loc)
        return True


def _whole(value: Any, values: dict[str, Any]) -> list[str]:
    """The variables that an expression needs as whole numbers."""
    if not isinstance(value, ir.Expr):
        return []
    if value.op in ("binop", "inplace_binop"):
        return [value.rhs.name] if value.fn in _POWERS else []
    if value.op == "call":
        called = getattr(values.get(value.func.name), "value", None)
        return [item.name for item in value.list_vars()] if called is range else []
    return [item.name for item in value.list_vars()] if "getitem" in value.op else []


class _Compiler(CompilerBase):
    """Numba's compiler with that pass."""

    def define_pipelines(self) -> list[Any]:
        passes = DefaultPassBuilder.define_nopython_pipeline(self.state)
        passes.add_pass_after(_SinglePrecision, IRProcessing)
        passes.finalize()
        return [passes]


# quell.vecmath


@_intrinsic
def _bits(_context: Any, _x: Any) -> Any:
    """The bits of a float32."""

    def code(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], llvm.IntType(32))

    return types.int32(types.float32), code


@_intrinsic
def _of_bits(_context: Any, _bits: Any) -> Any:
    """The float32 that has these bits, the lowest 32 of them."""

    def code(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.bitcast(builder.trunc(arguments[0], llvm.IntType(32)), llvm.FloatType())

    return types.float32(types.int64), code


_F = np.float32
_INLINE: Any = {"error_model": "numpy", "forceinline": True}
_TERMS = (_F(1) / _F(120), _F(1) / _F(24), _F(1) / _F(6), _F(0.5), _F(1), _F(1))
_E0, _E1, _E2, _E3, _E4, _E5 = _TERMS
_FIRST = _F(1) / _F(720)
_L0, _L1, _L2, _L3, _L4 = (_F(2) / _F(n) for n in (9, 7, 5, 3, 1))
_ONE, _LOW, _HIGH, _ZERO = _F(1), _F(-87), _F(88), _F(0)
_LOG2E, _LN2_HIGH, _LN2_LOW = _F(1.44269504), _F(0.693359375), _F(-2.12194440e-4)
_LN2, _SHIFTER, _SMALLEST = _F(0.693147182), _F(12582912.0), _F(1.17549435e-38)


@overload(vecmath.where, jit_options=_INLINE)
def _where(condition: Any, yes: Any, no: Any) -> Any:
    def where(condition: Any, yes: Any, no: Any) -> Any:
        return _F(yes) if condition else _F(no)

    return where


@overload(vecmath.exp, jit_options=_INLINE)
def _exp(x: Any) -> Any:
    def exp(x: Any) -> Any:
        x = _F(x)
        y = x if x > _LOW else _LOW
        y = y if y < _HIGH else _HIGH
        n = (y * _LOG2E + _SHIFTER) - _SHIFTER
        r = (y - n * _LN2_HIGH) - n * _LN2_LOW
        p = _FIRST * r + _E0
        p = p * r + _E1
        p = p * r + _E2
        p = p * r + _E3
        p = p * r + _E4
        p = p * r + _E5
        scale = _of_bits((np.int32(n) + 127) << 23)
        return p * scale if x == x else x

    return exp


@overload(vecmath.log, jit_options=_INLINE)
def _log(x: Any) -> Any:
    def log(x: Any) -> Any:
        bits = _bits(_F(x)) - 0x3F3504F3
        exponent = np.int32(bits >> 23)
        m = _of_bits((bits & 0x007FFFFF) + 0x3F3504F3)
        s = (m - _ONE) / (m + _ONE)
        s2 = s * s
        p = _L0 * s2 + _L1
        p = p * s2 + _L2
        p = p * s2 + _L3
        p = p * s2 + _L4
        return _F(exponent) * _LN2 + s * p

    return log


@overload(vecmath.power, jit_options=_INLINE)
def _power(x: Any, y: Any) -> Any:
    def power(x: Any, y: Any) -> Any:
        x = _F(x)
        positive = x if x > _SMALLEST else _SMALLEST
        result = vecmath.exp(_F(y) * vecmath.log(positive))
        return result if x > _ZERO else _ZERO

    return power

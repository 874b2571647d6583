"""Expressions: the C++ that they become, and what is said of bad ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from codegen.expression import Compiler, Scope, Value, names_in, tensor_attribute
from codegen.model import DeclarationError, Op, parse

DECLARATIONS = Path(__file__).resolve().parents[3] / "torch" / "csrc" / "declarations"
SCOPE = Scope(
    {
        "x": Value("x", "Tensor"),
        "y": Value("y", "Tensor"),
        "s": Value("s", "Scalar"),
        "d": Value("d", "int"),
        "m": Value("m", "Scalar?"),
    },
    tensor_attribute,
)


@pytest.fixture(scope="module")
def ops() -> tuple[Op, ...]:
    return parse(DECLARATIONS)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("x * y", "ops::mul(x, y)"),
        ("x + y", "ops::add(x, y, number(int64_t{1}))"),
        ("x * s", "ops::mul(x, s)"),
        ("2 * x", "ops::mul(x, number(2))"),
        ("1 - x", "ops::rsub(x, number(1))"),
        ("1.5 / x", "ops::rdiv(x, number(1.5))"),
        ("-x", "ops::neg(x)"),
        ("x ** 2", "ops::pow(x, number(2))"),
        ("x * (s - 1)", "ops::mul(x, scalar_sub(s, number(1)))"),
        ("x / x.numel", "ops::div(x, number(x.numel()))"),
        ("sum(x)", "ops::sum(x)"),
        ("sum(x, d, True)", "ops::sum(x, d, true)"),
        ("expand(x, y.size)", "ops::expand(x, y.sizes())"),
        ("reshape(x, (-1, d))", "ops::reshape(x, Sizes{-1, d})"),
        ("zeros((2,), dtype=x.dtype)", "ops::zeros(Sizes{2}, x.dtype())"),
        ("clamp(x, m, None)", "ops::clamp(x, m, std::nullopt)"),
        ("max(x, 0)[1]", "std::get<1>(ops::max(x, 0, false))"),
        ("x if s == 0 else y", "(THScalar_toDouble(s) == THScalar_toDouble(number(0)) ? x : y)"),
    ],
)
def test_compiles(ops: tuple[Op, ...], text: str, code: str) -> None:
    assert Compiler(ops).compile(text, SCOPE, ops[0]).code == code


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x *", "invalid syntax"),
        ("z + 1", "unknown name 'z', known are d, m, s, x, y"),
        ("sine(x)", "unknown op 'sine'"),
        ("mul(x)", r"no overload of mul takes \(Tensor\)"),
        ("sum(x, axis=0)", r"no overload of sum takes \(Tensor, axis=literal int\)"),
        ("x.shape", "attribute 'shape', expected one of size"),
        ("x == y", "for tensors call eq"),
        ("[x]", "not part of the expression language"),
        ("x if s == 0 else s", "the choices are Tensor and Scalar"),
    ],
)
def test_errors_name_the_declaration(ops: tuple[Op, ...], text: str, message: str) -> None:
    with pytest.raises(DeclarationError, match=message) as caught:
        Compiler(ops).compile(text, SCOPE, ops[0])
    assert str(caught.value).startswith(f"{ops[0].place}: {ops[0].identifier}: in {text!r}: ")


def test_names_in() -> None:
    assert names_in("sum_to(grad * other, self.size)") == ({"grad", "other"}, {("self", "size")})
    assert names_in("mul(self, self.size[dim])") == ({"self", "dim"}, {("self", "size")})

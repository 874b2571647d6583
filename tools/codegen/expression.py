"""Expressions over declared ops, in Python's syntax, compiled to C++ that calls `torch::ops`.

Types are inferred from the declarations, so that overloads resolve here, with an error that names the declaration, and not in
the C++ compiler. Known: names, numbers, tuples, `+ - * / ** @ == != < <= > >=`, `a if c else b`, calls of ops with
keywords and defaults, `x.size`, `x.size[dim]`, `x.numel`, `x.ndim`, `x.dtype` of a tensor, `op(...)[1]` of a tuple.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from codegen.model import Argument, DeclarationError, Op, Type

_BINARY = {ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.Pow: "pow", ast.MatMult: "matmul"}
_REFLECTED = {ast.Add: "add", ast.Mult: "mul", ast.Sub: "rsub", ast.Div: "rdiv"}
_SCALAR = {ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul"}
_COMPARE = {ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
ATTRIBUTES = {"size": "int[]", "numel": "int", "ndim": "int", "device": "int", "dtype": "dtype"}
_NUMBERS = ("Scalar", "int", "float", "literal int", "literal float")


@dataclass(frozen=True)
class Value:
    """A piece of C++ and the kind of what it computes: a declared type as text, 'literal int', 'literal float', 'None',
    'literal bool', or 'tuple' for an op of several results.
    """

    code: str
    kind: str


@dataclass(frozen=True)
class Scope:
    """What an expression may name. `attribute(name, attribute)` gives the C++ of `name.attribute` for a tensor in scope."""

    names: Mapping[str, Value]
    attribute: Callable[[str, str], str]


class Compiler:
    """Compiles expressions against one set of ops."""

    def __init__(self, ops: tuple[Op, ...]) -> None:
        self._overloads: dict[str, list[Op]] = {}
        for op in ops:
            self._overloads.setdefault(op.name, []).append(op)

    def compile(self, text: str, scope: Scope, op: Op) -> Value:
        """The C++ of `text`; a DeclarationError begins with the place of `op`."""
        try:
            return _Visitor(self._overloads, scope).visit(ast.parse(text, mode="eval").body)
        except (SyntaxError, ValueError) as error:
            raise DeclarationError(f"{op.place}: {op.identifier}: in {text!r}: {error}") from error


def names_in(text: str) -> tuple[set[str], set[tuple[str, str]]]:
    """The names whose values `text` uses, and the (name, attribute) pairs of which it uses only the attribute."""
    values: set[str] = set()
    attributes: set[tuple[str, str]] = set()

    def walk(node: ast.AST) -> None:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            attributes.add((node.value.id, node.attr))
            return
        if isinstance(node, ast.Call):
            for child in [*node.args, *(keyword.value for keyword in node.keywords)]:
                walk(child)
            return
        if isinstance(node, ast.Name):
            values.add(node.id)
        for part in ast.iter_child_nodes(node):
            walk(part)

    walk(ast.parse(text, mode="eval").body)
    return values, attributes


def convert(value: Value, wanted: Type) -> str | None:
    """The C++ of `value` as an argument of type `wanted`, or None if it does not fit."""
    kind, code = value.kind, value.code
    if kind == "None":
        return _absent(wanted) if wanted.optional else None
    if wanted.base == "Scalar":
        if kind == "Scalar?":
            return code if wanted.optional else None
        if kind not in _NUMBERS:
            return None
        number = code if kind == "Scalar" else f"number({code})"
        return f"std::optional<Scalar>({number})" if wanted.optional else number
    if kind in (str(wanted), str(wanted).removesuffix("?"), f"{wanted}?" if wanted.base in ("Tensor", "dtype") else ""):
        return code
    if kind == "literal int" and wanted.base in ("int", "float") and not wanted.is_list:
        return f"{code}.0" if wanted.base == "float" else code
    if kind in ("float", "literal float") and wanted.base == "float":
        return code
    if kind == "literal bool" and wanted.base == "bool":
        return code
    return None


def default_code(argument: Argument) -> str:
    """The C++ of an argument's default."""
    value, kind = argument.default, argument.type
    if value is None:
        return _absent(kind)
    if kind.is_list:
        items = value if isinstance(value, tuple | list) else (value,)
        return "Sizes{" + ", ".join(str(item) for item in items) + "}"
    if kind.base == "bool":
        return "true" if value else "false"
    if kind.base == "Scalar":
        return f"number({_number(value)})"
    if kind.base == "float":
        return _number(float(value))
    return str(value)


def _number(value: int | float) -> str:
    if isinstance(value, float):
        if value in (float("inf"), float("-inf")):
            return ("-" if value < 0 else "") + "std::numeric_limits<double>::infinity()"
        return repr(value)
    return f"int64_t{{{value}}}"


def _absent(kind: Type) -> str:
    if kind.base == "Tensor":
        return "Tensor()"
    if kind.base == "Generator":
        return "nullptr"
    if kind.base == "dtype":
        return "THDtype_None"
    return "std::nullopt"


class _Visitor:
    """One walk over one expression. Raises ValueError with what is wrong."""

    def __init__(self, overloads: Mapping[str, list[Op]], scope: Scope) -> None:
        self._overloads = overloads
        self._scope = scope

    def visit(self, node: ast.expr) -> Value:
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is None:
            raise ValueError(f"{ast.unparse(node)!r} is not part of the expression language")
        result: Value = method(node)
        return result

    def _constant(self, node: ast.Constant) -> Value:
        if node.value is None:
            return Value("", "None")
        if isinstance(node.value, bool):
            return Value("true" if node.value else "false", "literal bool")
        if isinstance(node.value, int):
            return Value(str(node.value), "literal int")
        if isinstance(node.value, float):
            return Value(repr(node.value), "literal float")
        raise ValueError(f"constant {node.value!r}")

    def _name(self, node: ast.Name) -> Value:
        if node.id not in self._scope.names:
            raise ValueError(f"unknown name {node.id!r}, known are {', '.join(sorted(self._scope.names))}")
        return self._scope.names[node.id]

    def _tuple(self, node: ast.Tuple) -> Value:
        items = [self.visit(item) for item in node.elts]
        if any(item.kind not in ("int", "literal int") for item in items):
            raise ValueError(f"{ast.unparse(node)!r}: a tuple holds integers only")
        return Value("Sizes{" + ", ".join(item.code for item in items) + "}", "int[]")

    def _attribute(self, node: ast.Attribute) -> Value:
        if node.attr not in ATTRIBUTES:
            raise ValueError(f"attribute {node.attr!r}, expected one of {', '.join(ATTRIBUTES)}")
        kind = ATTRIBUTES[node.attr]
        if isinstance(node.value, ast.Name) and node.value.id in self._scope.names:
            return Value(self._scope.attribute(node.value.id, node.attr), kind)
        return Value(tensor_attribute(self.visit(node.value).code, node.attr), kind)

    def _subscript(self, node: ast.Subscript) -> Value:
        value, index = self.visit(node.value), self.visit(node.slice)
        if value.kind == "tuple" and index.kind == "literal int":
            return Value(f"std::get<{index.code}>({value.code})", "Tensor")
        if value.kind == "int[]" and index.kind in ("int", "literal int"):
            return Value(f"size_at({value.code}, {index.code})", "int")
        raise ValueError(f"{ast.unparse(node)!r}: cannot index")

    def _unaryop(self, node: ast.UnaryOp) -> Value:
        value = self.visit(node.operand)
        if not isinstance(node.op, ast.USub):
            raise ValueError(f"{ast.unparse(node)!r}: only the unary minus is known")
        if value.kind == "Tensor":
            return self._resolve("neg", [value], {})
        if value.kind == "Scalar":
            return Value(f"scalar_neg({value.code})", "Scalar")
        return Value(f"-{value.code}", value.kind)

    def _binop(self, node: ast.BinOp) -> Value:
        left, right = self.visit(node.left), self.visit(node.right)
        kind = type(node.op)
        if left.kind == "Tensor" and kind in _BINARY:
            return self._resolve(_BINARY[kind], [left, right], {})
        if right.kind == "Tensor" and kind in _REFLECTED:
            return self._resolve(_REFLECTED[kind], [right, left], {})
        if right.kind == "Tensor" and kind is ast.Pow:
            return self._resolve("pow", [left, right], {})
        if left.kind in _NUMBERS and right.kind in _NUMBERS and kind in _SCALAR:
            if "Scalar" not in (left.kind, right.kind):
                wide = "float" if "float" in left.kind + right.kind else "int"
                symbol = {"add": "+", "sub": "-", "mul": "*"}[_SCALAR[kind]]
                return Value(f"({left.code} {symbol} {right.code})", wide)
            number = Type("Scalar")
            return Value(f"scalar_{_SCALAR[kind]}({convert(left, number)}, {convert(right, number)})", "Scalar")
        raise ValueError(f"{ast.unparse(node)!r}: no such operation on {left.kind} and {right.kind}")

    def _compare(self, node: ast.Compare) -> Value:
        if len(node.ops) != 1 or type(node.ops[0]) not in _COMPARE:
            raise ValueError(f"{ast.unparse(node)!r}: one comparison of two numbers is known")
        sides = [self.visit(node.left), self.visit(node.comparators[0])]
        if any(side.kind not in _NUMBERS for side in sides):
            raise ValueError(
                f"{ast.unparse(node)!r}: compares {sides[0].kind} and {sides[1].kind}; for tensors call eq, lt, ..."
            )
        left, right = (convert(side, Type("Scalar")) for side in sides)
        return Value(f"THScalar_toDouble({left}) {_COMPARE[type(node.ops[0])]} THScalar_toDouble({right})", "bool")

    def _ifexp(self, node: ast.IfExp) -> Value:
        test, yes, no = self.visit(node.test), self.visit(node.body), self.visit(node.orelse)
        if test.kind not in ("bool", "literal bool") or yes.kind != no.kind:
            raise ValueError(f"{ast.unparse(node)!r}: the condition is {test.kind}, the choices are {yes.kind} and {no.kind}")
        return Value(f"({test.code} ? {yes.code} : {no.code})", yes.kind)

    def _call(self, node: ast.Call) -> Value:
        if not isinstance(node.func, ast.Name):
            raise ValueError(f"{ast.unparse(node)!r}: only ops can be called")
        positional = [self.visit(argument) for argument in node.args]
        keywords = {keyword.arg or "": self.visit(keyword.value) for keyword in node.keywords}
        if node.func.id == "scalar_log":
            return Value(f"scalar_log({positional[0].code})", "Scalar")
        return self._resolve(node.func.id, positional, keywords)

    def _resolve(self, name: str, positional: list[Value], keywords: dict[str, Value]) -> Value:
        if name not in self._overloads:
            raise ValueError(f"unknown op {name!r}")
        for op in self._overloads[name]:
            code = _match(op, positional, keywords)
            if code is not None:
                kind = str(op.results[0].type) if len(op.results) == 1 else "tuple"
                return Value(f"ops::{name}({code})", kind)
        given = ", ".join([value.kind for value in positional] + [f"{k}={v.kind}" for k, v in keywords.items()])
        raise ValueError(f"no overload of {name} takes ({given})")


def _match(op: Op, positional: list[Value], keywords: dict[str, Value]) -> str | None:
    """The C++ arguments of a call of `op`, or None if it does not fit."""
    places = [argument for argument in op.arguments if not argument.keyword_only]
    if len(positional) > len(places) or any(op.argument(name) is None for name in keywords):
        return None
    given = {argument.name: value for argument, value in zip(places, positional, strict=False)}
    if given.keys() & keywords.keys():
        return None
    given.update(keywords)
    codes = []
    for argument in op.arguments:
        if argument.name not in given and not argument.has_default:
            return None
        code = convert(given[argument.name], argument.type) if argument.name in given else default_code(argument)
        if code is None:
            return None
        codes.append(code)
    return ", ".join(codes)


def tensor_attribute(code: str, attribute: str) -> str:
    """The C++ of `.size`, `.numel`, `.ndim`, `.device` or `.dtype` of a tensor."""
    if attribute == "ndim":
        return f"int64_t{{{code}.ndim()}}"
    return f"{code}.{'sizes' if attribute == 'size' else attribute}()"

"""The declared ops: TOML files read once into frozen dataclasses, which all emitters share.

Declarations name things and say nothing about output; an emitter must not read a TOML file itself.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

BASES = ("Tensor", "Scalar", "int", "bool", "float", "Generator", "dtype")
VARIANTS = ("method", "function", "inplace", "out")
NAMESPACES = ("torch", "nn")
DTYPES = ("all", "floating")
OPERATORS = (
    *("+", "-", "*", "/", "%", "**", "@", "&", "|", "^", "<<", ">>", "<", "<=", ">", ">=", "==", "!="),
    *("neg", "abs", "~", "r-", "r/", "r**"),
)

# The files of ops whose tensors broadcast.
_BROADCASTING = ("arithmetic", "pointwise", "elementary", "compare")

_SCHEMA = re.compile(r"^\s*(?P<name>[a-z_]\w*)(?:\.(?P<overload>\w+))?\s*\((?P<arguments>.*)\)\s*->\s*(?P<results>.+?)\s*$")
_ARGUMENT = re.compile(r"^(?P<type>\w+(?:\[\])?\??)\s+(?P<name>[a-zA-Z_]\w*)\s*(?:=\s*(?P<default>.+))?$")
_KEYS = (
    *("schema", "call", "composite", "native", "variants", "operator", "dtypes", "grad", "nondifferentiable", "namespace"),
    *("inplace_size", "view", "factory", "doc", "example", "samples"),
)


class DeclarationError(ValueError):
    """A declaration that cannot be used; the text begins with file and line."""


@dataclass(frozen=True)
class Type:
    """`Tensor`, `Tensor?`, `Tensor[]`, `int[]`, `dtype?` and so on."""

    base: str
    is_list: bool = False
    optional: bool = False

    def __str__(self) -> str:
        return self.base + ("[]" if self.is_list else "") + ("?" if self.optional else "")

    @property
    def is_tensor(self) -> bool:
        """One tensor, perhaps an absent one; not a list of them."""
        return self.base == "Tensor" and not self.is_list


@dataclass(frozen=True)
class Argument:
    """One argument. `default` is a Python value (None, bool, int, float, tuple of int) and counts only if `has_default`."""

    name: str
    type: Type
    has_default: bool = False
    default: Any = None
    keyword_only: bool = False


@dataclass(frozen=True)
class Result:
    """One result. A single unnamed one is called `out`."""

    name: str
    type: Type


@dataclass(frozen=True)
class Op:
    """One overload of one op. Exactly one of `call`, `composite` and `native` says how it computes.

    call: a C call on the names of arguments and results; `THTensor_new...` returns the result.
    composite: an expression over declared ops. native: written by hand in csrc/ops/ under the C++ name of the op
    (and NAME_out).
    A name that ends in `_` writes its first argument and returns it.
    inplace_size: an expression for the size that the first argument must have for the variant `inplace`.
    """

    name: str
    overload: str
    arguments: tuple[Argument, ...]
    results: tuple[Result, ...]
    call: str = ""
    composite: str = ""
    native: bool = False
    variants: tuple[str, ...] = ()
    operator: str = ""
    dtypes: str = "all"
    gradients: tuple[tuple[str, str], ...] = ()
    namespace: str = "torch"
    view: bool = False
    factory: bool = False
    nondifferentiable: tuple[str, ...] = ()
    inplace_size: str = ""
    doc: str = ""
    example: str = ""
    samples: tuple[str, ...] = ()
    group: str = ""
    file: str = ""
    line: int = 0
    schema: str = field(default="", compare=False)

    @property
    def identifier(self) -> str:
        """Unique over all ops, and a C++ name: `add`, `add_Scalar`."""
        return f"{self.name}_{self.overload}" if self.overload else self.name

    @property
    def mutates(self) -> bool:
        """The op exists only in place: `fill_`, `index_add_`."""
        return self.name.endswith("_")

    @property
    def broadcasts(self) -> bool:
        """Its tensors are expanded to one shape."""
        return self.group in _BROADCASTING and self.name != "equal"

    @property
    def facts(self) -> str:
        """What the declaration says of shapes and dtypes, as sentences for help()."""
        tensors = sum(a.type.is_tensor for a in self.arguments)
        sentences = (
            ("Any shape.", self.broadcasts and tensors == 1),
            ("The shapes broadcast.", self.broadcasts and tensors > 1),
            ("Floating dtypes only.", self.dtypes == "floating"),
            ("Shares memory with `self`.", self.view),
        )
        return " ".join(sentence for sentence, holds in sentences if holds)

    @property
    def place(self) -> str:
        """`file:line`, the beginning of every error text about this op."""
        return f"{self.file}:{self.line}"

    def has(self, variant: str) -> bool:
        """True if the op is offered as `variant`."""
        return variant in self.variants

    def argument(self, name: str) -> Argument | None:
        """The argument of that name."""
        return next((a for a in self.arguments if a.name == name), None)

    @property
    def tensors(self) -> tuple[Argument, ...]:
        """The arguments that are one tensor (or an absent one) or a list of tensors."""
        return tuple(a for a in self.arguments if a.type.base == "Tensor")


def parse(folder: Path) -> tuple[Op, ...]:
    """Reads every `*.toml` in `folder`, in the order of their names; raises DeclarationError."""
    ops: list[Op] = []
    for path in sorted(folder.glob("*.toml")):
        ops.extend(_parse_file(path))
    if not ops:
        raise DeclarationError(f"{folder}: no declarations found, expected *.toml files with [[op]] tables")
    seen: dict[str, Op] = {}
    for op in ops:
        if op.identifier in seen:
            first = seen[op.identifier]
            raise DeclarationError(f"{op.place}: {op.identifier} is declared twice, first at {first.place}; name an overload")
        seen[op.identifier] = op
    return tuple(ops)


def groups(ops: Iterable[Op]) -> dict[str, tuple[Op, ...]]:
    """The ops by the file they were declared in."""
    found: dict[str, list[Op]] = {}
    for op in ops:
        found.setdefault(op.group, []).append(op)
    return {name: tuple(members) for name, members in found.items()}


def _parse_file(path: Path) -> Iterator[Op]:
    text = path.read_text(encoding="utf-8")
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DeclarationError(f"{path.name}: not valid TOML: {error}") from error
    lines = [number for number, line in enumerate(text.splitlines(), 1) if line.strip() == "[[op]]"]
    unknown = sorted(set(table) - {"op"})
    if unknown:
        raise DeclarationError(f"{path.name}:1: unknown table {unknown[0]!r}, expected only [[op]]")
    for line, entry in zip(lines, table.get("op", []), strict=True):
        yield _parse_op(entry, group=path.stem, file=path.name, line=line)


def _parse_op(entry: dict[str, Any], *, group: str, file: str, line: int) -> Op:
    def fail(text: str) -> DeclarationError:
        return DeclarationError(f"{file}:{line}: {text}")

    for key in entry:
        if key not in _KEYS:
            raise fail(f"unknown key {key!r}, expected one of {', '.join(sorted(_KEYS))}")
    if "schema" not in entry:
        raise fail("the key 'schema' is missing")
    schema = str(entry["schema"])
    match = _SCHEMA.match(schema)
    if match is None:
        raise fail(f"schema {schema!r}, expected 'name.overload(Type argument, ...) -> Type'")
    try:
        arguments = tuple(_parse_arguments(match["arguments"]))
        results = tuple(_parse_results(match["results"]))
    except ValueError as error:
        raise fail(f"schema {schema!r}: {error}") from error
    op = Op(
        name=match["name"],
        overload=match["overload"] or "",
        arguments=arguments,
        results=results,
        call=entry.get("call", ""),
        composite=entry.get("composite", ""),
        native=entry.get("native", False),
        variants=tuple(entry.get("variants", ())),
        operator=entry.get("operator", ""),
        dtypes=entry.get("dtypes", "all"),
        gradients=tuple((str(k), str(v)) for k, v in entry.get("grad", {}).items()),
        namespace=entry.get("namespace", "torch"),
        view=entry.get("view", False),
        factory=entry.get("factory", False),
        nondifferentiable=tuple(entry.get("nondifferentiable", ())),
        inplace_size=entry.get("inplace_size", ""),
        doc=entry.get("doc", "").strip(),
        example=entry.get("example", "").strip(),
        samples=tuple(entry.get("samples", ())),
        group=group,
        file=file,
        line=line,
        schema=schema,
    )
    problem = _problem(op)
    if problem:
        raise fail(f"{op.identifier}: {problem}")
    return op


def _problem(op: Op) -> str:
    """What is wrong with the op as a whole, or ''."""
    ways = [way for way in ("call", "composite", "native") if getattr(op, way)]
    if len(ways) != 1:
        return f"exactly one of 'call', 'composite' and 'native' is needed, found {ways or 'none'}"
    if op.gradients and any(argument.name == "grad" for argument in op.arguments):
        return "an argument is called 'grad', which in gradients means what came back"
    for variant in op.variants:
        if variant not in VARIANTS:
            return f"variant {variant!r}, expected one of {', '.join(VARIANTS)}"
    if op.has("method") and not (op.arguments and op.arguments[0].name == "self"):
        return "a method needs 'Tensor self' as first argument"
    if (op.has("inplace") and not op.call) or (op.has("out") and op.composite):
        return "the variant 'inplace' needs a 'call', 'out' a 'call' or a hand-written NAME_out"
    if op.operator and op.operator not in OPERATORS:
        return f"operator {op.operator!r}, expected one of {' '.join(OPERATORS)}"
    if op.dtypes not in DTYPES:
        return f"dtypes {op.dtypes!r}, expected one of {', '.join(DTYPES)}"
    if op.namespace not in NAMESPACES:
        return f"namespace {op.namespace!r}, expected one of {', '.join(NAMESPACES)}"
    if op.gradients and not op.call:
        return "only an op with a 'call' has gradients; others get them from the ops they are made of"
    for name, _ in op.gradients:
        found = op.argument(name)
        if found is None or found.type.base != "Tensor":
            return f"gradient of {name!r}, which is no Tensor argument"
    if op.gradients and (op.mutates or op.has("inplace")) and op.gradients[0][0] != op.arguments[0].name:
        return f"an op that works in place lists the gradient of {op.arguments[0].name!r} first"
    for name in op.nondifferentiable:
        if all(name != r.name for r in op.results):
            return f"nondifferentiable {name!r}, which is no result"
    return ""


def _parse_arguments(text: str) -> Iterator[Argument]:
    keyword_only = False
    names: set[str] = set()
    for part in _split(text):
        if part == "*":
            keyword_only = True
            continue
        match = _ARGUMENT.match(part)
        if match is None:
            raise ValueError(f"argument {part!r}, expected 'Type name' or 'Type name=default'")
        if match["name"] in names:
            raise ValueError(f"argument {match['name']!r} appears twice")
        names.add(match["name"])
        kind = _parse_type(match["type"])
        has_default = match["default"] is not None
        default = ast.literal_eval(match["default"]) if has_default else None
        if kind.is_list and isinstance(default, int):
            default = (default,)
        yield Argument(match["name"], kind, has_default, default, keyword_only)


def _parse_results(text: str) -> Iterator[Result]:
    if not text.startswith("("):
        yield Result("out", _parse_type(text))
        return
    for part in _split(text[1:-1]):
        type_text, _, name = part.partition(" ")
        if not name.strip():
            raise ValueError(f"result {part!r}, expected 'Type name'")
        yield Result(name.strip(), _parse_type(type_text))


def _parse_type(text: str) -> Type:
    optional = text.endswith("?")
    text = text.removesuffix("?")
    is_list = text.endswith("[]")
    base = text.removesuffix("[]")
    if base not in BASES:
        raise ValueError(f"type {base!r}, expected one of {', '.join(BASES)}")
    return Type(base, is_list, optional)


def _split(text: str) -> list[str]:
    """The parts between commas that are not inside brackets."""
    parts, depth, current = [], 0, ""
    for char in text:
        depth += (char in "([") - (char in ")]")
        if char == "," and depth == 0:
            parts.append(current.strip())
            current = ""
        else:
            current += char
    if current.strip():
        parts.append(current.strip())
    return parts

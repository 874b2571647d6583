"""The type stubs: `extension_stub.pyi.in` with the declared ops filled in, and the functions that `torch` takes from it."""

from __future__ import annotations

import re
from pathlib import Path

from .binding_slots import BINARY, COMPARE, UNARY
from .emit_bindings import FREE, Function, Overload, Parameter, functions
from .model import Op

TEMPLATE = Path(__file__).parent / "extension_stub.pyi.in"
KINDS = {
    "Tensor": "Tensor", "TensorOrNone": "Tensor | None", "TensorList": "Sequence[Tensor]", "Scalar": "_Number",
    "ScalarOrNone": "_Number | None", "Int": "_int", "IntOrNone": "_int | None", "IntList": "_Sizes", "Bool": "_bool",
    "Float": "_float", "Generator": "Generator | None", "Dtype": "_dtype | None", "Device": "_Device",
    "Layout": "_layout | None",
}  # fmt: skip
RESULTS = {
    "Tensor": "Tensor",
    "Tensor[]": "tuple[Tensor, ...]",
    "bool": "_bool",
    "int": "_int",
    "float": "_float",
    "Scalar": "_Number",
}
SPECIAL = {
    "+": ("add", "radd", "iadd"), "-": ("sub", "rsub", "isub"), "*": ("mul", "rmul", "imul"),
    "/": ("truediv", "rtruediv", "itruediv"),
    "%": ("mod", "", "imod"), "**": ("pow", "rpow", "ipow"), "@": ("matmul", "", ""),
    "&": ("and", "rand", "iand"), "|": ("or", "ror", "ior"), "^": ("xor", "rxor", "ixor"),
    "<<": ("lshift", "", "ilshift"), ">>": ("rshift", "", "irshift"),
    "<": ("lt", "", ""), "<=": ("le", "", ""), ">": ("gt", "", ""), ">=": ("ge", "", ""), "==": ("eq", "", ""),
    "!=": ("ne", "", ""),
    "neg": ("neg", "", ""), "abs": ("abs", "", ""), "~": ("invert", "", ""),
}  # fmt: skip


def emit(ops: tuple[Op, ...]) -> dict[str, str]:
    """`_C.pyi` and `_functions.pyi`."""
    found = list(functions(ops))
    methods = [_function(f, static=False) for f in found if f.form not in FREE]
    free = {
        namespace: [_function(f, static=True) for f in found if f.form in FREE and f.namespace == namespace]
        for namespace in ("torch", "nn")
    }
    text = TEMPLATE.read_text(encoding="utf-8")
    text = text.replace("@METHODS@\n", "".join(methods) + _operators(ops))
    text = text.replace("@FUNCTIONS@\n", "".join(free["torch"])).replace("@NN_FUNCTIONS@\n", "".join(free["nn"]))
    return {"_C.pyi": text, "_functions.pyi": _functions(text)}


def _functions(stub: str) -> str:
    """What `torch/__init__.py` does at run time for all that `_C.ops` holds, for type checkers."""
    functions = re.search(r"^class ops:\n((?:    .*\n|\n)*)", stub, re.MULTILINE)
    assert functions is not None
    names = sorted(set(re.findall(r"    def ([a-z]\w*)\(", functions[1])))
    head = '"""Functions of torch that are those of the extension. Generated; only type checkers read it."""\n\n'
    return head + "from torch import _C\n\n" + "".join(f"{name} = _C.ops.{name}\n" for name in names)


def _function(function: Function, *, static: bool) -> str:
    signatures: list[str] = []
    for overload in function.overloads:
        signatures += [s for s in _signatures(function.name, overload, static=static) if s not in signatures]
    before = ["    @overload\n"] if len(signatures) > 1 else [""]
    if static:
        before.append("    @staticmethod\n")
    return "".join("".join(before) + f"    {signature}\n" for signature in signatures)


def _signatures(name: str, overload: Overload, *, static: bool) -> list[str]:
    """One `def`, or two if the sizes may be spread."""
    parameters = overload.parameters if static else overload.parameters[1:]
    positional = overload.positional - (0 if static else 1)
    first = [] if static else ["self"]
    ordered = [_parameter(p) for p in parameters[:positional]]
    keywords = [_parameter(p) for p in parameters[positional:]]
    result = _result(overload.op)
    marked = ["*", *keywords] if keywords else []
    found = [f"def {name}({', '.join(first + ordered + marked)}) -> {result}: ..."]
    if overload.varargs:
        spread = [*ordered[:-1], f"*{parameters[positional - 1].name}: _int", *keywords]
        found.append(f"def {name}({', '.join(first + spread)}) -> {result}: ...")
    return found


def _parameter(parameter: Parameter) -> str:
    kind = KINDS[parameter.kind]
    if parameter.name == "requires_grad":
        return "requires_grad: _bool = False"
    if parameter.name == "out" and parameter.kind == "TensorList":
        kind = "Sequence[Tensor] | None"
    return f"{parameter.name}: {kind}" + ("" if parameter.required else " = ...")


def _result(op: Op) -> str:
    if len(op.results) > 1:
        return f"tuple[{', '.join('Tensor' for _ in op.results)}]"
    return RESULTS[str(op.results[0].type)]


def _operators(ops: tuple[Op, ...]) -> str:
    lines = []
    for operator in dict.fromkeys(op.operator for op in ops if op.operator in {**BINARY, **UNARY, **COMPARE}):
        plain, reflected, inplace = SPECIAL[operator]
        if operator in UNARY:
            lines.append(f"    def __{plain}__(self) -> Tensor: ...\n")
            continue
        other = "Tensor" if operator == "@" else "Tensor | _Number"
        note = "  # type: ignore[override]" if operator in ("==", "!=") else ""
        lines.append(f"    def __{plain}__(self, other: {other}) -> Tensor: ...{note}\n")
        if reflected:
            lines.append(f"    def __{reflected}__(self, other: _Number) -> Tensor: ...\n")
        if inplace and any(op.has("inplace") for op in ops if op.operator == operator):
            lines.append(f"    def __{inplace}__(self, other: {other}) -> Self: ...\n")
    return "".join(lines)

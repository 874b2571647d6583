"""How a declared op looks in C++: the types of its parameters and results."""

from __future__ import annotations

from codegen.model import DeclarationError, Op, Type

_TYPES = {
    "Tensor": "const Tensor&",
    "Tensor?": "const Tensor&",
    "Tensor[]": "const std::vector<Tensor>&",
    "Scalar": "Scalar",
    "Scalar?": "std::optional<Scalar>",
    "int": "int64_t",
    "int?": "std::optional<int64_t>",
    "int[]": "const Sizes&",
    "bool": "bool",
    "float": "double",
    "float?": "std::optional<double>",
    "Generator?": "THGenerator*",
    "dtype": "THDtype",
    "dtype?": "THDtype",
}
_RESULTS = {
    "Tensor": "Tensor",
    "Tensor[]": "std::vector<Tensor>",
    "bool": "bool",
    "int": "int64_t",
    "int[]": "Sizes",
    "Scalar": "Scalar",
}


def cpp_type(kind: Type, op: Op) -> str:
    """The C++ type of a parameter."""
    if str(kind) not in _TYPES:
        raise DeclarationError(f"{op.place}: {op.identifier}: no C++ type for {kind}")
    return _TYPES[str(kind)]


def parameters(op: Op) -> str:
    """`const Tensor& self, Scalar alpha`."""
    return ", ".join(f"{cpp_type(a.type, op)} {a.name}" for a in op.arguments)


def result_type(op: Op) -> str:
    """What the C++ function returns."""
    if op.mutates:
        return "const Tensor&"
    kinds = []
    for result in op.results:
        if str(result.type) not in _RESULTS:
            raise DeclarationError(f"{op.place}: {op.identifier}: no op returns {result.type}")
        kinds.append(_RESULTS[str(result.type)])
    return kinds[0] if len(kinds) == 1 else f"std::tuple<{', '.join(kinds)}>"


def out_type(op: Op) -> str:
    """What the `out=` form returns: its single output, or nothing."""
    return "const Tensor&" if len(op.results) == 1 else "void"


def out_parameters(op: Op) -> str:
    """The outputs first, then the arguments."""
    return ", ".join([f"const Tensor& {r.name}" for r in op.results] + [parameters(op)])

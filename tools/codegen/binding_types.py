"""How the types and defaults of schemas look in C++, and which parser kind takes them."""

from __future__ import annotations

from .model import Argument, Type

KINDS = {
    "Tensor": "Tensor", "Tensor?": "TensorOrNone", "Tensor[]": "TensorList", "Scalar": "Scalar", "Scalar?": "ScalarOrNone",
    "int": "Int", "int?": "IntOrNone", "int[]": "IntList", "bool": "Bool", "float": "Float", "Generator?": "Generator",
    "Generator": "Generator", "dtype?": "Dtype", "dtype": "Dtype", "float?": "ScalarOrNone",
}  # fmt: skip


def cpp_type(kind: Type) -> str:
    names = {"Tensor?": "Tensor", "Scalar": "Scalar", "Scalar?": "std::optional<Scalar>", "int": "int64_t", "int[]": "Sizes",
             "int?": "std::optional<int64_t>", "float?": "std::optional<double>", "bool": "bool", "float": "double",
             "dtype?": "THDtype"}  # fmt: skip
    return "THGenerator* const" if kind.base == "Generator" else names[str(kind)]


def literal(argument: Argument) -> str:
    """The default as C++."""
    kind, value = str(argument.type), argument.default
    if kind.startswith("Scalar"):
        if value is None:
            return "std::nullopt"
        return f"THScalar_fromDouble({value!r})" if isinstance(value, float) else f"THScalar_fromLong({int(value)})"
    if value is None and kind in ("int?", "float?"):
        return "std::nullopt"
    if kind == "int?":
        return str(int(value))
    if kind == "int[]":
        values = value if isinstance(value, (tuple, list)) else () if value is None else (value,)
        return "{" + ", ".join(str(int(v)) for v in values) + "}"
    if kind.startswith("Generator"):
        return "nullptr"
    if kind.startswith("dtype"):
        return "THDtype_None"
    if kind == "Tensor?":
        return "Tensor()"
    if kind == "bool":
        return cpp_bool(bool(value))
    return repr(float(value)) if kind.startswith("float") else str(int(value))


def cpp_bool(value: bool) -> str:
    return "true" if value else "false"

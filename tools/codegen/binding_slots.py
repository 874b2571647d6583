"""Operators of torch.Tensor: the number slots and the rich comparison, from the ops' `operator`."""

from __future__ import annotations

from collections.abc import Iterable

from .binding_types import literal
from .model import Op

# operator -> (slot, slot of the in-place form)
BINARY = {
    "+": ("add", "inplace_add"), "-": ("subtract", "inplace_subtract"), "*": ("multiply", "inplace_multiply"),
    "/": ("true_divide", "inplace_true_divide"), "%": ("remainder", "inplace_remainder"), "**": ("power", "inplace_power"),
    "@": ("matrix_multiply", ""), "&": ("and", "inplace_and"), "|": ("or", "inplace_or"), "^": ("xor", "inplace_xor"),
    "<<": ("lshift", "inplace_lshift"), ">>": ("rshift", "inplace_rshift"),
}  # fmt: skip
UNARY = {"neg": "negative", "abs": "absolute", "~": "invert"}
COMPARE = {"<": "LT", "<=": "LE", "==": "EQ", "!=": "NE", ">": "GT", ">=": "GE"}
COMMUTE = ("+", "*", "&", "|", "^")  # number + tensor is tensor + number


def emit_slots(members: Iterable[Op], ops: tuple[Op, ...]) -> str:
    """The slot functions of the operators whose first op is among `members`."""
    parts: list[str] = []
    done: set[str] = set()
    for op in members:
        if not op.operator or op.operator in done or op.operator.startswith("r"):
            continue
        done.add(op.operator)
        family = [other for other in ops if other.operator == op.operator]
        if op.operator in UNARY:
            parts.append(_unary(UNARY[op.operator], op))
        elif op.operator in COMPARE:
            parts.append(_binary(f"compare_{COMPARE[op.operator]}", family, reflected=None, ternary=False))
        else:
            slot, inplace = BINARY[op.operator]
            reflected = next((other for other in ops if other.operator == "r" + op.operator), None)
            if op.operator in COMMUTE:
                reflected = next((other for other in family if _takes_scalar(other)), None)
            ternary = op.operator == "**"
            parts.append(_binary(f"slot_{slot}", family, reflected=reflected, ternary=ternary))
            if inplace and any(other.has("inplace") for other in family):
                parts.append(_inplace(f"slot_{inplace}", [other for other in family if other.has("inplace")], ternary=ternary))
    return "\n".join(parts)


def slot_names(ops: tuple[Op, ...]) -> str:
    """Declarations of the slot functions, the comparison by operator, and the table `generated_slots`."""
    declared, entries, cases = [], [], []
    for operator in dict.fromkeys(op.operator for op in ops if op.operator):
        family = [op for op in ops if op.operator == operator]
        if operator in COMPARE:
            declared.append(f"PyObject* compare_{COMPARE[operator]}(PyObject* left, PyObject* right);")
            cases.append(f"    case Py_{COMPARE[operator]}:\n      return compare_{COMPARE[operator]}(left, right);")
        elif operator in UNARY:
            declared.append(f"PyObject* slot_{UNARY[operator]}(PyObject* object);")
            entries.append(UNARY[operator])
        elif operator in BINARY:
            slots = [BINARY[operator][0]]
            if BINARY[operator][1] and any(op.has("inplace") for op in family):
                slots.append(BINARY[operator][1])
            modulo = ", PyObject* modulo" if operator == "**" else ""
            declared += [f"PyObject* slot_{slot}(PyObject* left, PyObject* right{modulo});" for slot in slots]
            entries += slots
    rows = "\n".join(f"    {{Py_nb_{entry}, reinterpret_cast<void*>(slot_{entry})}}," for entry in entries)
    if cases:
        rows += "\n    {Py_tp_richcompare, reinterpret_cast<void*>(compare)},"
    return (
        "\n".join(declared)
        + "\n\nnamespace {\n\nPyObject* compare(PyObject* left, PyObject* right, int op) {\n  switch (op) {\n"
        + "\n".join(cases)
        + "\n  }\n  Py_RETURN_NOTIMPLEMENTED;\n}\n\n}  // namespace\n\n"
        + f"const PyType_Slot generated_slots[] = {{\n{rows}\n    {{0, nullptr}},\n}};\n"
    )


def _takes_scalar(op: Op) -> bool:
    return len(op.arguments) > 1 and op.arguments[1].type.base == "Scalar"


def _call(op: Op, name: str, first: str, second: str) -> str:
    """`ops::name(first, second, defaults...)`; `first` is the tensor, wherever the op takes it."""
    if op.arguments[0].type.base == "Scalar":
        first, second = second, first
    values = [first, second] + [literal(a) for a in op.arguments[2:]]
    return f"ops::{name}({', '.join(values)})"


def _scope(op: Op, numel: str) -> str:
    return f'const OpScope scope("{op.name}", {numel});'


def _unary(slot: str, op: Op) -> str:
    return (
        f"PyObject* slot_{slot}(PyObject* object);\nPyObject* slot_{slot}(PyObject* object) {{\n  TORCH_PY_TRY\n"
        f"  const Tensor& self = as_tensor(object);\n"
        f"  return wrap([&] {{ {_scope(op, 'self.numel()')} return ops::{op.name}(self); }}());\n"
        "  TORCH_PY_CATCH(nullptr)\n}\n"
    )


def _binary(function: str, family: list[Op], *, reflected: Op | None, ternary: bool) -> str:
    tensor = next((op for op in family if not _takes_scalar(op)), None)
    scalar = next((op for op in family if _takes_scalar(op)), None)
    arguments = "PyObject* left, PyObject* right" + (", PyObject* modulo" if ternary else "")
    lines = [f"PyObject* {function}({arguments});", f"PyObject* {function}({arguments}) {{", "  TORCH_PY_TRY"]
    if ternary:
        lines.append("  if (modulo != Py_None) Py_RETURN_NOTIMPLEMENTED;")
    if scalar or reflected:
        lines.append("  Scalar number;")
    lines += ["  if (is_tensor(left)) {", "    const Tensor& self = as_tensor(left);"]
    if tensor:
        lines += ["    if (is_tensor(right)) {", "      const Tensor& other = as_tensor(right);",
                  f"      return wrap([&] {{ {_scope(tensor, 'self.numel() + other.numel()')} "
                  f"return {_call(tensor, tensor.name, 'self', 'other')}; }}());", "    }"]  # fmt: skip
    if scalar:
        lines += ["    if (number_to_scalar(right, &number)) {",
                  f"      return wrap([&] {{ {_scope(scalar, 'self.numel()')} "
                  f"return {_call(scalar, scalar.name, 'self', 'number')}; }}());", "    }"]  # fmt: skip
    if reflected:
        lines += ["  } else if (number_to_scalar(left, &number)) {", "    const Tensor& self = as_tensor(right);",
                  f"    return wrap([&] {{ {_scope(reflected, 'self.numel()')} "
                  f"return {_call(reflected, reflected.name, 'self', 'number')}; }}());"]  # fmt: skip
    lines += ["  }", f"  return {_retry(function, ternary=ternary)};", "  TORCH_PY_CATCH(nullptr)", "}\n"]
    return "\n".join(lines)


def _retry(function: str, *, ternary: bool) -> str:
    """What an operator does with operands that are neither tensors nor numbers: arrays become tensors."""
    slot = f"[](PyObject* a, PyObject* b) {{ return {function}(a, b, Py_None); }}" if ternary else function
    return f"with_arrays(left, right, {slot})"


def _inplace(function: str, family: list[Op], *, ternary: bool) -> str:
    arguments = "PyObject* left, PyObject* right" + (", PyObject*" if ternary else "")
    lines = [f"PyObject* {function}({arguments});", f"PyObject* {function}({arguments}) {{", "  TORCH_PY_TRY",
             "  const Tensor& self = as_tensor(left);"]  # fmt: skip
    if any(_takes_scalar(op) for op in family):
        lines.append("  Scalar number;")
    for op in family:
        if _takes_scalar(op):
            lines += ["  if (number_to_scalar(right, &number)) {", f"    {_scope(op, 'self.numel()')}",
                      f"    {_call(op, op.name + '_', 'self', 'number')};"]  # fmt: skip
        else:
            lines += ["  if (is_tensor(right)) {", "    const Tensor& other = as_tensor(right);",
                      f"    {_scope(op, 'self.numel() + other.numel()')}",
                      f"    {_call(op, op.name + '_', 'self', 'other')};"]  # fmt: skip
        lines.append("  } else")
    lines += ["  {", f'    if (PyObject* answer = answer_sparse("{family[0].name}_", left, &right, 1, nullptr)) return answer;',
              f"    return {_retry(function, ternary=ternary)};", "  }", "  Py_INCREF(left);", "  return left;",
              "  TORCH_PY_CATCH(nullptr)",
              "}\n"]  # fmt: skip
    return "\n".join(lines)

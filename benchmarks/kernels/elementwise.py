"""Rows of `kernels.py`: operations element by element, with the result given and with one allocated."""

from __future__ import annotations

from rows import Row

# Elements of Half are NumPy's float16; integers are of both signs where the dtype has them, and never 0 where they divide.
_DATA = """import numpy as np
source = np.random.default_rng(0)
if '{dtype}' in ('float32', 'float64', 'float16'):
    a, b, c = (source.standard_normal({n}, dtype='f4').astype('{dtype}') for _ in range(3))
else:
    a, b, c = (source.integers(1, 100, {n}).astype('{dtype}') for _ in range(3))
"""
_TORCH = (
    _DATA
    + """import torch
x, y, w = (torch.from_numpy(t) for t in (a, b, c))
out = x.clone(); z = x.abs() + 0.5 if '{dtype}'[0] == 'f' else x
line = x[:{columns}]; rows = x.view(-1, {columns}); whole = rows.clone()
"""
)
_NUMPY = (
    _DATA
    + """x, y, w = a, b, c
out = x.copy(); z = np.abs(x) + x.dtype.type(0.5) if '{dtype}'[0] == 'f' else x; line = x[:{columns}]
rows = x.reshape(-1, {columns}); whole = rows.copy(); two = x.dtype.type(2); one = x.dtype.type(1)
"""
)
# Name, torch, NumPy. `{out}` is where the result goes: `, out=out`, or nothing.
_COPY = (("copy", "out.copy_(x)", "np.copyto(out, x)"), ("fill", "out.fill_(2)", "out.fill(2)"))
_ARITHMETIC = (
    ("add", "torch.add(x, y{out})", "np.add(x, y{out})"),
    ("mul", "torch.mul(x, y{out})", "np.multiply(x, y{out})"),
)
_BROADCAST = (
    ("mul by a number", "torch.mul(x, 2{out})", "np.multiply(x, two{out})"),
    ("add of a row", "torch.add(rows, line{whole})", "np.add(rows, line{whole})"),
    ("clamp", "torch.clamp(x, 1, 2{out})", "np.clip(x, one, two{out})"),
)
_FRACTIONS = (
    ("div", "torch.div(x, z{out})", "np.divide(x, z{out})"),
    ("sqrt", "torch.sqrt(z{out})", "np.sqrt(z{out})"),
    ("exp", "torch.exp(x{out})", "np.exp(x{out})"),
    ("log", "torch.log(z{out})", "np.log(z{out})"),
    ("tanh", "torch.tanh(x{out})", "np.tanh(x{out})"),
    ("sigmoid", "torch.sigmoid(x{out})", ""),
    ("erf", "torch.erf(x{out})", ""),
)
_MORE = (
    ("addcmul", "torch.addcmul(x, y, w{out})", ""),
    ("erfc", "torch.erfc(x{out})", ""),
    ("log1p", "torch.log1p(z{out})", "np.log1p(z{out})"),
    ("expm1", "torch.expm1(x{out})", "np.expm1(x{out})"),
    ("sin", "torch.sin(x{out})", "np.sin(x{out})"),
    ("atan", "torch.atan(x{out})", "np.arctan(x{out})"),
    ("tan", "torch.tan(x{out})", "np.tan(x{out})"),
    ("lgamma", "torch.lgamma(z{out})", ""),
    ("pow", "torch.pow(z, x{out})", "np.power(z, x{out})"),
)
_COMPARISON = (("lt", "x < y", "x < y"),)
_STATEMENTS = {
    "float32": (*_COPY, *_ARITHMETIC, *_BROADCAST, *_FRACTIONS, *_MORE, *_COMPARISON),
    "float64": (*_COPY, *_ARITHMETIC, *_FRACTIONS, *_MORE, *_COMPARISON),
    "int64": (*_COPY, *_ARITHMETIC, *_BROADCAST, *_COMPARISON),
    "uint8": (*_COPY, *_ARITHMETIC, *_BROADCAST, *_COMPARISON),
    "float16": (*_COPY, *_ARITHMETIC, *_FRACTIONS[:4]),
}
# What is measured with an allocated result as well: the cost of new memory does not depend on the function.
_ALSO_NEW = (
    "add",
    "mul by a number",
    "add of a row",
    "exp",
    "log",
    "tanh",
    "sigmoid",
    "sqrt",
    "erf",
    "div",
    "clamp",
    "addcmul",
)
_NAMES = {"float16": "half"}


def _forms(name: str, dtype: str, ours: str, theirs: str) -> list[tuple[str, str, str]]:
    given = {"out": ", out=out", "whole": ", out=whole"}
    forms = [(name, ours.format(**given), theirs.format(**given))]
    if dtype == "float32" and name in _ALSO_NEW:
        nothing = {"out": "", "whole": ""}
        forms.append((f"{name}, new", ours.format(**nothing), theirs.format(**nothing)))
    return forms


def rows(n: int) -> list[Row]:
    """All dtypes with n elements. Without `, new` in its name an operation has its result's memory, but for comparisons."""
    result = []
    for dtype, statements in _STATEMENTS.items():
        label = f"{_NAMES.get(dtype, dtype)}, {n:.0e}".replace("e+0", "e")
        torch_setup, numpy_setup = (text.format(n=n, columns=min(n // 10, 1000), dtype=dtype) for text in (_TORCH, _NUMPY))
        for case in statements:
            for name, ours, theirs in _forms(case[0], dtype, case[1], case[2]):
                result.append(Row(f"{name} ({label})", torch_setup, ours, numpy_setup, theirs))
    return result

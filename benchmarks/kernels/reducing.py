"""Rows of `kernels.py`: sums, extremes and norms over everything, over rows and over columns."""

from __future__ import annotations

from rows import Row

_DATA = """import numpy as np
source = np.random.default_rng(0)
a = source.standard_normal({n}, dtype='f4') if '{dtype}'[0] == 'f' else source.integers(0, 100, {n})
a = a.astype('{dtype}'); m = a.reshape(-1, {columns})
"""
_TORCH = _DATA + "import torch\na, m = torch.from_numpy(a), torch.from_numpy(m)"
# Name, torch, NumPy of everything; then of one dimension, whose number is put in. A norm is the Euclidean one.
_WHOLE = (
    ("sum", "a.sum()", "a.sum()"),
    ("mean", "a.mean()", "a.mean()"),
    ("max", "a.max()", "a.max()"),
    ("argmax", "a.argmax()", "a.argmax()"),
    ("var", "a.var()", "a.var(ddof=1)"),
    ("norm", "a.norm()", "np.linalg.norm(a)"),
)
_ONE = (
    ("sum", "m.sum({dim})", "m.sum({dim})"),
    ("mean", "m.mean({dim})", "m.mean({dim})"),
    ("max, with places", "m.max({dim})", "m.max({dim}); m.argmax({dim})"),
    ("argmax", "m.argmax({dim})", "m.argmax({dim})"),
    ("var", "m.var({dim})", "m.var({dim}, ddof=1)"),
    ("norm", "m.norm(2, {dim})", "np.linalg.norm(m, axis={dim})"),
)
_WHOLE_NUMBERS = ("sum", "max", "argmax", "max, with places")
_SIDES = {10_000: 100, 1_000_000: 1000, 10_000_000: 2500}


def _of(statements: tuple[tuple[str, str, str], ...], dtype: str) -> list[tuple[str, str, str]]:
    return [case for case in statements if dtype == "float32" or case[0] in _WHOLE_NUMBERS]


def rows(n: int) -> list[Row]:
    """Of n elements, of which rows and columns are made."""
    result = []
    columns = _SIDES.get(n, 100)
    for dtype in ("float32", "float64", "int64", "uint8"):
        setup = [text.format(n=n, columns=columns, dtype=dtype) for text in (_TORCH, _DATA)]
        size, shape = f"{n:.0e}".replace("e+0", "e"), f"{n // columns}x{columns}"
        for name, ours, theirs in _of(_WHOLE, dtype):
            result.append(Row(f"{name} ({dtype}, {size})", setup[0], ours, setup[1], theirs))
        for dim, of in ((1, "rows"), (0, "columns")):
            for name, ours, theirs in _of(_ONE, dtype):
                call, other = ours.format(dim=dim), theirs.format(dim=dim)
                result.append(Row(f"{name} of {of} ({dtype}, {shape})", setup[0], call, setup[1], other))
    return result

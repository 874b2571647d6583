"""Rows of `kernels.py`: sorting, selecting, running sums and moving by index."""

from __future__ import annotations

from rows import Row

_DATA = """import numpy as np
source = np.random.default_rng(0)
a = source.standard_normal(1_000_000).astype('f4'); m = a.reshape(1000, 1000)
d = a.astype('f8'); whole = source.integers(0, 100_000, 1_000_000); places = source.integers(0, 1_000_000, 1_000_000)
table = source.standard_normal((50_000, 64)).astype('f4'); lines = source.integers(0, 50_000, 20_000)
mask = a > 0; sparse = m * (m > 1); few = source.integers(0, 1_000_000, 20_000); some = a[:20_000]
"""
_TORCH = (
    _DATA
    + """import torch
arrays = (a, m, d, whole, places, table, lines, sparse, few, some)
a, m, d, whole, places, table, lines, sparse, few, some = map(torch.from_numpy, arrays)
mask = a > 0
wide = (places % 1000).view(1000, 1000); zeros = torch.zeros(1_000_000); part = table[:20_000].clone()
"""
)
_NUMPY = _DATA + "wide = (places % 1000).reshape(1000, 1000); zeros = np.zeros(1_000_000, 'f4'); part = table[:20_000].copy()"
# Name, torch, NumPy. Where NumPy has only one of several results, or sorts without stability, it has less to do.
_STATEMENTS = (
    ("sort (float32, 1e6)", "torch.sort(a)", "i = np.argsort(a); a[i]"),
    ("sort (float64, 1e6)", "torch.sort(d)", "i = np.argsort(d); d[i]"),
    ("sort (int64 below 1e5, 1e6)", "torch.sort(whole)", "i = np.argsort(whole); whole[i]"),
    ("argsort (float32, 1e6)", "torch.sort(a)[1]", "np.argsort(a)"),
    ("sort rows (float32, 1000x1000)", "torch.sort(m, 1)", "i = np.argsort(m, 1); np.take_along_axis(m, i, 1)"),
    ("sort columns (float32, 1000x1000)", "torch.sort(m, 0)", "i = np.argsort(m, 0); np.take_along_axis(m, i, 0)"),
    ("topk 10 (float32, 1e6)", "torch.topk(a, 10)", "i = np.argpartition(a, -10)[-10:]; a[i]"),
    ("topk 1000 (float32, 1e6)", "torch.topk(a, 1000)", "i = np.argpartition(a, -1000)[-1000:]; a[i]"),
    ("topk 5 of rows (float32, 1000x1000)", "torch.topk(m, 5, 1)", "np.argpartition(m, -5, 1)[:, -5:]"),
    ("kthvalue (float32, 1e6)", "torch.kthvalue(a, 300_000)", "np.partition(a, 299_999)[299_999]"),
    ("kthvalue (float64, 1e6)", "torch.kthvalue(d, 300_000)", "np.partition(d, 299_999)[299_999]"),
    ("median (float32, 1e6)", "torch.median(a)", "np.median(a)"),
    ("median of rows (float32, 1000x1000)", "torch.median(m, 1)", "np.median(m, 1)"),
    ("mode of rows (int64, 1000x1000)", "torch.mode(wide, 1)", ""),
    ("unique (float32, 1e6)", "torch.unique(a)", "np.unique(a)"),
    ("unique (int64 below 1e5, 1e6)", "torch.unique(whole)", "np.unique(whole)"),
    ("unique with inverse (int64, 1e6)", "torch.unique(whole, return_inverse=True)", "np.unique(whole, return_inverse=True)"),
    ("cumsum (float32, 1e6)", "torch.cumsum(a, 0)", "np.cumsum(a)"),
    ("cumsum of rows (float32, 1000x1000)", "torch.cumsum(m, 1)", "np.cumsum(m, 1)"),
    ("cumsum of columns (float32, 1000x1000)", "torch.cumsum(m, 0)", "np.cumsum(m, 0)"),
    ("cumprod (float32, 1e6)", "torch.cumprod(a, 0)", "np.cumprod(a)"),
    ("masked_select (float32, 1e6)", "torch.masked_select(a, mask)", "a[mask]"),
    ("nonzero (float32, 1000x1000)", "torch.nonzero(sparse)", "np.argwhere(sparse)"),
    ("take (float32, 1e6 of 1e6)", "torch.take(a, places)", "np.take(a, places)"),
    ("gather (float32, 1000x1000)", "torch.gather(m, 1, wide)", "np.take_along_axis(m, wide, 1)"),
    ("scatter_add (float32, 1e6 to 1e6)", "zeros.scatter_add_(0, places, a)", "np.add.at(zeros, places, a)"),
    ("index_select (20000 rows of 64)", "torch.index_select(table, 0, lines)", "table[lines]"),
    ("index_add (20000 rows of 64)", "table.index_add_(0, lines, part)", "np.add.at(table, lines, part)"),
    ("assign by index (float32, 20000 of 1e6)", "zeros[few] = some", "zeros[few] = some"),
    ("assign a number by index (float32, 20000 of 1e6)", "zeros[few] = 3", "zeros[few] = 3"),
    ("flip (float32, 1000x1000)", "m.flip(1)", "np.flip(m, 1).copy()"),
    ("tril (float32, 1000x1000)", "m.tril()", "np.tril(m)"),
)


def rows() -> list[Row]:
    """The same statements for every library."""
    return [Row(name, _TORCH, ours, _NUMPY, theirs) for name, ours, theirs in _STATEMENTS]

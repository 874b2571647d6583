"""Rows of `kernels.py`: products, decompositions, random numbers, layouts and conversions."""

from __future__ import annotations

from rows import Row

_DATA = """import numpy as np
source = np.random.default_rng(0)
a, b = (source.standard_normal(({n}, {n})).astype('{dtype}') for _ in range(2))
v = source.standard_normal({n}).astype('{dtype}'); s = a + a.T
out = a.copy(); long = source.standard_normal(1_000_000).astype('f4')
batch, other = (source.standard_normal((64, 64, 64)).astype('{dtype}') for _ in range(2))
"""
# gesv and symeig have other names in later versions.
_TORCH = (
    _DATA
    + """import torch
a, b, v, s, out, long, batch, other = (torch.from_numpy(t) for t in (a, b, v, s, out, long, batch, other))
if hasattr(torch, 'gesv'):
    solve, decompose = torch.gesv, torch.svd; eigen = lambda x: torch.symeig(x, eigenvectors=True)
else:
    solve = lambda x, y: torch.linalg.solve(y, x); eigen = torch.linalg.eigh
    decompose = lambda x: torch.linalg.svd(x, full_matrices=False)
"""
)
_PRODUCTS = (
    (64, "gemm 64", "torch.mm(a, b, out=out)", "np.matmul(a, b, out=out)"),
    (256, "gemm 256", "torch.mm(a, b, out=out)", "np.matmul(a, b, out=out)"),
    (1024, "gemm 1024", "torch.mm(a, b, out=out)", "np.matmul(a, b, out=out)"),
    (64, "bmm 64 of 64x64", "torch.bmm(batch, other)", "np.matmul(batch, other)"),
    (1024, "mv 1024x1024", "torch.mv(a, v)", "np.matmul(a, v)"),
    (64, "dot of 1e6", "torch.dot(long, long)", "np.dot(long, long)"),
    (256, "gesv 256", "solve(b, a)", "np.linalg.solve(a, b)"),
    (128, "svd 128", "decompose(a)", "np.linalg.svd(a, full_matrices=False)"),
    (128, "syev 128", "eigen(s)", "np.linalg.eigh(s)"),
)
# NumPy's generator is Generator, with Ziggurat for the normal one; it has no bernoulli, so it compares uniform numbers.
_RANDOM_SETUP = "import torch; out = torch.empty(1_000_000); {more}"
_RANDOM_NUMPY = "import numpy as np; source = np.random.default_rng(0); out = np.empty(1_000_000, 'f4')"
_RANDOM = (
    ("uniform (float32, 1e6)", "out.uniform_()", "source.random(out=out, dtype='f4')"),
    ("normal (float32, 1e6)", "out.normal_()", "source.standard_normal(out=out, dtype='f4')"),
    ("bernoulli (float32, 1e6)", "out.bernoulli_(0.3)", "np.less(source.random(out=out, dtype='f4'), 0.3, out=out)"),
    ("randperm 1e6", "torch.randperm(1_000_000)", "source.permutation(1_000_000)"),
)
_WEIGHTS = "weights = torch.rand(1000) + 0.01"
_LAYOUT_DATA = """import numpy as np
source = np.random.default_rng(0)
m = source.standard_normal((2048, 2048)).astype('f4'); out = m.copy()
cube = source.standard_normal((64, 128, 128)).astype('f4'); turned = np.empty((128, 64, 128), 'f4')
last = np.empty((128, 128, 64), 'f4')
a = source.standard_normal(1_000_000).astype('f4'); i = (a * 10).astype('i8'); h = a.astype('f2'); y = (i % 100).astype('u1')
"""
_LAYOUT_TORCH = (
    _LAYOUT_DATA
    + "import torch\nm, out, cube, turned, last, a, i, h, y = map(torch.from_numpy, (m, out, cube, turned, last, a, i, h, y))"
)
_LAYOUTS = (
    ("transpose copy 2048 (float32)", "out.copy_(m.t())", "np.copyto(out, m.T)"),
    (
        "permuted copy 1, 0, 2 of 64x128x128",
        "turned.copy_(cube.permute(1, 0, 2))",
        "np.copyto(turned, cube.transpose(1, 0, 2))",
    ),
    ("permuted copy 1, 2, 0 of 64x128x128", "last.copy_(cube.permute(1, 2, 0))", "np.copyto(last, cube.transpose(1, 2, 0))"),
    ("cat of rows, two of 1e6", "torch.cat((a, a))", "np.concatenate((a, a))"),
    ("cat of columns, two of 2048x2048", "torch.cat((m, m), 1)", "np.concatenate((m, m), 1)"),
    ("float32 to float64, 1e6", "a.double()", "a.astype('f8')"),
    ("float32 to int64, 1e6", "a.long()", "a.astype('i8')"),
    ("float32 to half, 1e6", "a.half()", "a.astype('f2')"),
    ("half to float32, 1e6", "h.float()", "h.astype('f4')"),
    ("int64 to float32, 1e6", "i.float()", "i.astype('f4')"),
    ("uint8 to float32, 1e6", "y.float()", "y.astype('f4')"),
)


def rows() -> list[Row]:
    """Everything that does not go through sizes."""
    result = []
    for dtype in ("float32", "float64"):
        for n, name, ours, theirs in _PRODUCTS:
            if dtype == "float32" or name.startswith("gemm 256"):
                setup, numpy_setup = (text.format(n=n, dtype=dtype) for text in (_TORCH, _DATA))
                result.append(Row(f"{name} ({dtype})", setup, ours, numpy_setup, theirs))
    for name, ours, theirs in _RANDOM:
        result.append(Row(name, _RANDOM_SETUP.format(more=""), ours, _RANDOM_NUMPY, theirs))
    draw = "torch.multinomial(weights, 10_000, True)"
    numpy_setup = _RANDOM_NUMPY + "; weights = source.random(1000) + 0.01; weights /= weights.sum()"
    theirs = "source.choice(1000, 10_000, p=weights)"
    result.append(Row("multinomial, 1e4 of 1000", _RANDOM_SETUP.format(more=_WEIGHTS), draw, numpy_setup, theirs))
    return [*result, *(Row(name, _LAYOUT_TORCH, ours, _LAYOUT_DATA, theirs) for name, ours, theirs in _LAYOUTS)]

"""Throughput of kernels beside NumPy and PyTorch: the same outputs and dtypes, one thread and two.

python benchmarks/kernels/kernels.py --peer-python /path/to/peer/bin/python
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import fourier
import ordering
from common import compare, parser, peers, report
from layer_rows import LAYERS
from rows import Row


def _vector(n: int) -> tuple[str, str]:
    data = f"import numpy as np; a = np.random.default_rng(0).standard_normal({n}).astype('f4'); "
    return (
        data + "import torch; x = torch.from_numpy(a); y = x.clone(); out = x.clone(); z = x.abs() + 0.5",
        data + "x = a; y = x.copy(); out = x.copy(); z = np.abs(x) + np.float32(0.5)",
    )


def _pointwise(n: int) -> list[Row]:
    torch_setup, numpy_setup = _vector(n)
    label = f"float32, {n:.0e}".replace("e+0", "e")
    statements = (
        ("copy", "out.copy_(x)", "np.copyto(out, x)"),
        ("add, out=", "torch.add(x, y, out=out)", "np.add(x, y, out=out)"),
        ("add, new", "x + y", "x + y"),
        ("mul by a number", "torch.mul(x, 2.0, out=out)", "np.multiply(x, np.float32(2), out=out)"),
        ("lt", "x < y", "x < y"),
        ("exp", "torch.exp(x, out=out)", "np.exp(x, out=out)"),
        ("log", "torch.log(z, out=out)", "np.log(z, out=out)"),
        ("tanh", "torch.tanh(x, out=out)", "np.tanh(x, out=out)"),
        ("sigmoid", "torch.sigmoid(x, out=out)", ""),
        ("atan", "torch.atan(x, out=out)", "np.arctan(x, out=out)"),
        ("tan", "torch.tan(x, out=out)", "np.tan(x, out=out)"),
        ("expm1", "torch.expm1(x, out=out)", "np.expm1(x, out=out)"),
        ("erf", "torch.erf(x, out=out)", ""),
        ("lgamma", "torch.lgamma(z, out=out)", ""),
        ("pow", "torch.pow(z, x, out=out)", "np.power(z, x, out=out)"),
        ("sum", "x.sum()", "x.sum()"),
        ("max", "x.max()", "x.max()"),
        ("argmax", "x.argmax()", "x.argmax()"),
        ("mean", "x.mean()", "x.mean()"),
    )
    return [Row(f"{name} ({label})", torch_setup, ours, numpy_setup, theirs) for name, ours, theirs in statements]


def _matrices() -> list[Row]:
    t = "import torch; a = torch.randn({n}, {n}); b = torch.randn({n}, {n}); out = torch.empty({n}, {n})"
    n = "import numpy as np; a = np.random.default_rng(0).random(({n}, {n}), 'f4'); b = a.copy(); out = a.copy()"
    rows = [
        Row(
            f"gemm {size} (float32)",
            t.format(n=size),
            "torch.mm(a, b, out=out)",
            n.format(n=size),
            "np.matmul(a, b, out=out)",
        )
        for size in (64, 256, 1024)
    ]
    rows.append(
        Row("transpose copy 2048 (float32)", t.format(n=2048), "out.copy_(a.t())", n.format(n=2048), "np.copyto(out, a.T)")
    )
    rows.append(Row("sum of rows 2048 (float32)", t.format(n=2048), "a.sum(1)", n.format(n=2048), "a.sum(1)"))
    rows.append(Row("sum of columns 2048 (float32)", t.format(n=2048), "a.sum(0)", n.format(n=2048), "a.sum(0)"))
    return rows


def every_row(sizes: Iterable[int]) -> list[Row]:
    """All rows; those of pointwise operations at each number of elements."""
    return [*(row for size in sizes for row in _pointwise(size)), *_matrices(), *LAYERS, *ordering.rows(), *fourier.rows()]


def main() -> None:
    options = parser(__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--threads", type=int, nargs="+", default=[1, 2], help="numbers of threads (default: 1 2)")
    options.add_argument("--sizes", type=int, nargs="+", default=[10_000, 1_000_000, 10_000_000], help="elements")
    arguments = options.parse_args()
    rows = [row for row in every_row(arguments.sizes) if arguments.only in row.name]
    columns = [peer.label for peer in peers(arguments)[1:]]
    for threads in arguments.threads:
        results = compare(rows, arguments, threads=threads)
        report(f"Kernels, {threads} thread{'s' if threads > 1 else ''}", results, arguments, columns)


if __name__ == "__main__":
    main()

"""Throughput of kernels beside NumPy and PyTorch: the same outputs and dtypes, one thread and two.

python benchmarks/kernels/kernels.py --peer-python /path/to/peer/bin/python
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import algebra
import distribution_rows
import elementwise
import fourier
import ordering
import reducing
from common import chosen, compare, parser, peers, report
from layer_rows import LAYERS
from rows import Row


def every_row(sizes: Iterable[int]) -> list[Row]:
    """All rows; those of pointwise operations and reductions at each number of elements."""
    sized = [row for size in sizes for row in (*elementwise.rows(size), *reducing.rows(size))]
    return [*sized, *algebra.rows(), *LAYERS, *ordering.rows(), *fourier.rows(), *distribution_rows.rows()]


def main() -> None:
    options = parser(__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--threads", type=int, nargs="+", default=[1, 2], help="numbers of threads (default: 1 2)")
    options.add_argument("--sizes", type=int, nargs="+", default=[10_000, 1_000_000, 10_000_000], help="elements")
    arguments = options.parse_args()
    rows = chosen(every_row(arguments.sizes), arguments)
    columns = [peer.label for peer in peers(arguments)[1:]]
    for threads in arguments.threads:
        results = compare(rows, arguments, threads=threads)
        report(f"Kernels, {threads} thread{'s' if threads > 1 else ''}", results, arguments, columns)


if __name__ == "__main__":
    main()

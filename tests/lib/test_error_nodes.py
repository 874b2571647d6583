"""The tables behind erf and erfc hold what their first lines say: values and slopes at the nodes, rounded from 40 digits."""

from __future__ import annotations

import re
from pathlib import Path

import mpmath
import numpy as np
import pytest

KERNELS = Path(__file__).resolve().parents[2] / "lib" / "TH" / "src" / "kernels"

TABLES = [  # file, dtype, nodes in 1, last node of erf and of erfc, what erfc is times
    ("THErrorNodesDouble.h", np.float64, 64, 6, 6, 1),
    ("THErrorNodesSingle.h", np.float32, 32, 4, 10.0625, 2**64),
]


def nodes_of(text: str, name: str) -> list[tuple[float, float]]:
    """The pairs of one table."""
    table = re.search(rf"{name}\[ERROR_NODES\] = \{{(.*?)\}};", text, re.DOTALL)
    assert table is not None
    pairs = re.findall(r"\{\s*([-\w.+]+?)f?,\s*([-\w.+]+?)f?\}", table[1])
    return [(float.fromhex(value), float.fromhex(slope)) for value, slope in pairs]


@pytest.mark.parametrize(("file", "dtype", "step", "last_erf", "last_erfc", "scale"), TABLES)
def test_nodes_are_rounded_values(file: str, dtype: type, step: int, last_erf: float, last_erfc: float, scale: int) -> None:
    text = (KERNELS / file).read_text(encoding="utf-8")
    with mpmath.workdps(40):
        for name, last, function, sign, less, times in (
            ("erfNodes", last_erf, mpmath.erf, 1, 1, 1),
            ("erfcNodes", last_erfc, mpmath.erfc, -1, 0, scale),
        ):
            found = nodes_of(text, name)
            assert len(found) == last * step + 1
            for i, pair in enumerate(found):
                x = mpmath.mpf(i) / step
                slope = sign * 2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-x * x) - less
                exact = [function(x) * times, slope * times]
                assert [dtype(each) for each in pair] == [dtype(mpmath.nstr(each, 25)) for each in exact], (name, i)

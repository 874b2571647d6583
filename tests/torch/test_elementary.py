"""Elementary and special functions: mpmath in 40 digits as the oracle; layouts, dtypes, edges, each CPU level.

The C tests sweep the bit patterns of what long double arithmetic knows; here is what it does not know.
"""

from __future__ import annotations

import math
import os
import random
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

import torch

NAN, INF = math.nan, math.inf
UNARY = {
    "tan": mpmath.tan, "asin": mpmath.asin, "acos": mpmath.acos, "atan": mpmath.atan, "sinh": mpmath.sinh, "cosh": mpmath.cosh,
    "expm1": mpmath.expm1, "log2": lambda x: mpmath.log(x, 2), "log10": mpmath.log10, "erf": mpmath.erf, "erfc": mpmath.erfc,
    "erfinv": mpmath.erfinv, "lgamma": mpmath.loggamma, "digamma": mpmath.digamma,
}  # fmt: skip
BOUNDED = ("asin", "acos", "erfinv")
POSITIVE = ("log2", "log10", "lgamma", "digamma")
CUDA_BOUND = {"erfc": 4.0, "erfinv": 3.0}  # as THC/THCTensor.h says
DOUBLE_BOUND = {"erfinv": 8.0, "lgamma": 8.0, "digamma": 8.0}


def points(name: str, count: int = 60) -> list[float]:
    """Numbers of the function's domain, of all magnitudes that it bears, those near its edges included."""
    source = random.Random(name)
    if name in BOUNDED:
        near = [1 - 2.0**-k for k in range(1, 24)]
        return [*near, *(-x for x in near), *(source.uniform(-1, 1) for _ in range(count)), 1e-5, -1e-9]
    if name in POSITIVE:
        near = [1 + s * 2.0**-k for k in range(3, 22, 3) for s in (1, -1)]
        return [*near, 2.0**-20, 2 + 2.0**-14, *(10 ** source.uniform(-4, 6) for _ in range(count))]
    return [source.choice((1, -1)) * 10 ** source.uniform(-6, 0.9) for _ in range(count)]


def ulps(got: float, exact: Any, dtype: np.dtype[Any]) -> float:
    """The distance in units of the last place of the correctly rounded result."""
    unit = float(np.spacing(dtype.type(abs(float(exact)))))
    return float(abs(mpmath.mpf(got) - exact) / unit)


@pytest.mark.parametrize("name", UNARY)
@pytest.mark.parametrize("dtype", [np.dtype("f4"), np.dtype("f8")], ids=str)
def test_against_mpmath(name: str, dtype: np.dtype[Any]) -> None:
    x = np.array(points(name), dtype)
    found = getattr(torch, name)(torch.from_numpy(x)).numpy()
    bound = DOUBLE_BOUND.get(name, 2.0) if dtype == np.dtype("f8") else 2.0
    if torch.zeros(0).is_cuda:
        bound = max(bound, CUDA_BOUND.get(name, 2.0))
    with mpmath.workdps(40):
        for value, got in zip(x.tolist(), found.tolist(), strict=True):
            exact = UNARY[name](mpmath.mpf(value))
            assert ulps(got, exact, dtype) <= bound, (name, value, got)


@pytest.mark.parametrize("n", [0, 1, 2, 5, 30])
def test_polygamma(n: int) -> None:
    x = np.array([10 ** random.Random(k).uniform(-3, 4) for k in range(40)])
    found = torch.polygamma(n, torch.from_numpy(x)).numpy()
    with mpmath.workdps(40):
        for value, got in zip(x.tolist(), found.tolist(), strict=True):
            exact = mpmath.psi(n, mpmath.mpf(value))
            if float(exact) != 0 and abs(exact) < 1e308:
                assert ulps(got, exact, np.dtype("f8")) <= 8, (n, value, got)


@pytest.mark.parametrize(("name", "function"), [("lgamma", lambda x: mpmath.log(abs(mpmath.gamma(x)))),
                                                ("digamma", mpmath.digamma),
                                                ("trigamma", lambda x: mpmath.psi(1, x)),
                                                ("tetragamma", lambda x: mpmath.psi(2, x))])  # fmt: skip
def test_gamma_of_negative_numbers(name: str, function: Callable[[Any], Any]) -> None:
    """Terms of both signs cancel there: the error is measured against the largest of them."""
    ours = {"trigamma": lambda x: torch.polygamma(1, x), "tetragamma": lambda x: torch.polygamma(2, x)}
    x = np.array([-0.5, -1.5, -2.25, -3.875, -7.1, -20.01, -0.001, -100.6])
    found = ours.get(name, getattr(torch, name, None))(torch.from_numpy(x)).numpy()
    for value, got in zip(x.tolist(), found.tolist(), strict=True):
        exact = float(function(mpmath.mpf(value)))
        largest = max(abs(exact), 40.0 / abs(value - round(value)) ** 3)
        assert abs(got - exact) <= 16 * 2.0**-53 * largest, (name, value, got)


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("tan", [0.0, -0.0, INF, NAN], [0.0, -0.0, NAN, NAN]),
        ("asin", [1.0, -1.0, 1.5, -INF], [math.pi / 2, -math.pi / 2, NAN, NAN]),
        ("acos", [1.0, -1.0, 1.5, NAN], [0.0, math.pi, NAN, NAN]),
        ("atan", [INF, -INF, -0.0, 1e300], [math.pi / 2, -math.pi / 2, -0.0, math.pi / 2]),
        ("sinh", [INF, -INF, -0.0, 800.0], [INF, -INF, -0.0, INF]),
        ("cosh", [INF, -INF, 0.0, -800.0], [INF, INF, 1.0, INF]),
        ("expm1", [INF, -INF, -0.0, 800.0], [INF, -1.0, -0.0, INF]),
        ("log2", [0.0, -1.0, INF, 1.0], [-INF, NAN, INF, 0.0]),
        ("log10", [0.0, -1.0, INF, 1000.0], [-INF, NAN, INF, 3.0]),
        ("erf", [INF, -INF, -0.0, 7.0], [1.0, -1.0, -0.0, 1.0]),
        ("erfc", [INF, -INF, 0.0, 30.0], [0.0, 2.0, 1.0, 0.0]),
        ("erfinv", [1.0, -1.0, 1.5, -0.0], [INF, -INF, NAN, -0.0]),
        ("lgamma", [1.0, 2.0, 0.0, -3.0, INF, -INF], [0.0, 0.0, INF, INF, INF, INF]),
        ("digamma", [0.0, -0.0, -3.0, INF, -INF], [-INF, INF, NAN, INF, NAN]),
        ("frac", [1.75, -1.75, INF, -0.0], [0.75, -0.75, 0.0, -0.0]),
    ],
)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_special_values(name: str, values: list[float], expected: list[float], dtype: torch.dtype) -> None:
    found = getattr(torch, name)(torch.tensor(values, dtype=dtype)).numpy()
    wanted = np.array(expected, found.dtype)
    assert np.array_equal(found, wanted, equal_nan=True)
    assert np.array_equal(np.signbit(found[~np.isnan(wanted)]), np.signbit(wanted[~np.isnan(wanted)]))


@pytest.mark.parametrize("name", [*UNARY, "frac"])
def test_layouts(name: str) -> None:
    """Transposed, sliced, expanded, empty, without dimensions, in place, into `out`: the same numbers."""
    function = getattr(torch, name)
    base = torch.rand(6, 10, dtype=torch.float32) * 0.9 + 0.05
    want = function(base.contiguous())
    assert function(base.t()).tolist() == want.t().tolist()
    assert function(base[1::2, ::3]).tolist() == want[1::2, ::3].tolist()
    assert function(base[:, :1].expand(6, 4)).tolist() == want[:, :1].expand(6, 4).tolist()
    assert function(torch.empty(0, 3)).shape == (0, 3)
    assert function(base[0, 0]).item() == want[0, 0].item()
    copy = base.clone()
    assert getattr(copy.t(), f"{name}_")().tolist() == want.t().tolist()
    assert copy.tolist() == want.tolist()
    out = torch.empty(10, 6).t()
    function(base, out=out)
    assert out.tolist() == want.tolist()


@pytest.mark.parametrize("name", [*UNARY, "frac", "exp", "sqrt", "neg"])
def test_half_computes_in_float(name: str) -> None:
    x = (torch.rand(40, 3) * 0.9 + 0.05).half()
    function = getattr(torch, name)
    found = function(x.t())
    assert found.dtype == torch.float16
    assert found.float().tolist() == function(x.float()).half().float().t().tolist()


def test_half_arithmetic() -> None:
    a, b = (np.random.default_rng(k).standard_normal((4, 5)).astype("f2") for k in (1, 2))
    x, y = torch.from_numpy(a), torch.from_numpy(b)
    assert np.array_equal((x + y).numpy(), a + b)
    assert np.array_equal((x * y.t().contiguous().t()).numpy(), a * b)
    assert np.array_equal((x / 3).numpy(), a / np.float16(3))
    assert np.array_equal((x < y).numpy().astype(bool), a < b)
    assert np.array_equal(x.clamp(-0.5, 0.5).numpy(), a.clip(-0.5, 0.5))
    assert np.array_equal(torch.max(x, y).numpy(), np.maximum(a, b))


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_two_arguments(dtype: str) -> None:
    source = np.random.default_rng(3)
    y, x = source.standard_normal((4, 1)).astype(dtype), source.standard_normal(7).astype(dtype)
    eps = np.finfo(dtype).eps
    found = torch.atan2(torch.from_numpy(y), torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(found, np.arctan2(y, x), rtol=3 * eps)
    base = np.abs(y)
    found = torch.pow(torch.from_numpy(base), torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(found, np.power(base.astype("f8"), x.astype("f8")), rtol=2 * eps)
    np.testing.assert_allclose((torch.from_numpy(base) ** 2.5).numpy(), base.astype("f8") ** 2.5, rtol=2 * eps)
    np.testing.assert_allclose((2.5 ** torch.from_numpy(x)).numpy(), 2.5 ** x.astype("f8"), rtol=2 * eps)
    ends = torch.lerp(torch.from_numpy(y), torch.from_numpy(x), 0.25).numpy()
    np.testing.assert_allclose(ends, y + dtype_of(dtype)(0.25) * (x - y), rtol=2 * eps)


def dtype_of(name: str) -> type[Any]:
    return np.dtype(name).type


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64], ids=str)
def test_shifts(dtype: torch.dtype) -> None:
    x = torch.tensor([1, 5, 100], dtype=dtype)
    assert (x << 1).tolist() == (x.numpy() << 1).tolist()
    assert (x >> torch.tensor([0, 1, 2], dtype=dtype)).tolist() == [1, 2, 25]
    assert (x << 100).tolist() == [0, 0, 0]
    alias = x
    x <<= 1
    x >>= 1
    assert alias is x
    if dtype != torch.uint8:
        assert (torch.tensor([-5, -1], dtype=dtype) >> 1).tolist() == [-3, -1]
        assert (torch.tensor([-5], dtype=dtype) >> 64).tolist() == [-1]


def test_shifts_of_floats_scale() -> None:
    assert (torch.tensor([1.5, -2.0]) << 3).tolist() == [12.0, -16.0]
    assert (torch.tensor([1.5, -2.0]) >> 1).tolist() == [0.75, -1.0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: torch.erf(torch.tensor([1, 2])), r"\[erf\] not implemented for Long"),
        (lambda: torch.polygamma(-1, torch.ones(2)), r"\[polygamma\] n, -1: must be 0 to 170"),
        (lambda: torch.polygamma(2**40, torch.ones(2)), r"\[polygamma\] n, \d+: must be 0 to 170"),
        (lambda: torch.atan2(torch.ones(2), torch.ones(3)), r"\[atan2\]"),
        (lambda: torch.atan2(torch.ones(2), torch.ones(2).double()), r"\[atan2\] expected tensors of one dtype"),
        (lambda: torch.ones(2) & torch.ones(2), r"\[bitand\] self, of dtype Float: only integers"),
        (lambda: torch.ones(3).atan2_(torch.ones(2, 3)), "doesn't match the broadcast shape"),
    ],
)
def test_errors(call: Callable[[], object], message: str) -> None:
    with pytest.raises((RuntimeError, TypeError), match=message):
        call()


LEVELS = """
import torch
x = torch.linspace(-3, 3, 301).double()
for name in {names!r}:
    print(name, *(v.hex() for v in getattr(torch, name)(x.abs() + 0.01 if name in {positive!r} else x / 3.1).tolist()))
"""


def test_every_cpu_level_is_as_exact() -> None:
    """Levels with and without fma may differ in the last bits only."""
    names = tuple(UNARY)
    script = LEVELS.format(names=names, positive=POSITIVE)
    runs = []
    for level in ("BASE", "AVX2", "AVX512"):
        run = subprocess.run([sys.executable, "-c", script], env={**os.environ, "TH_CPU_LEVEL": level}, capture_output=True,
                             text=True, check=True)  # fmt: skip
        runs.append([[float.fromhex(v) for v in line.split()[1:]] for line in run.stdout.splitlines()])
    for other in runs[1:]:
        for name, first, second in zip(names, runs[0], other, strict=True):
            np.testing.assert_allclose(second, first, rtol=16 * 2.0**-53, atol=2.0**-60, err_msg=name)

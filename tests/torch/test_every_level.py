"""What TH computes beside NumPy, for each dtype, on each layout, with special values, at every CPU level that this machine has.

Functions of one number that have no closed form (exp, erf, ...) are compared with mpmath in test_elementary.py.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import torch

TH = ctypes.CDLL(str(Path(torch.__file__).parent / "lib" / "libTH.so.1"))
LEVELS = [name for code, name in enumerate(("base", "avx2", "avx512")) if code <= TH.THCpu_best()]
INTEGERS = ["uint8", "int8", "int16", "int32", "int64"]
FLOATS = ["float32", "float64"]
LAYOUTS = ["contiguous", "transposed", "sliced", "expanded", "no elements", "one element", "no dimensions"]


@pytest.fixture(params=LEVELS, autouse=True)
def level(request: pytest.FixtureRequest) -> Iterator[str]:
    """The level in force; the best one again afterwards."""
    assert TH.THCpu_force(LEVELS.index(request.param)) == 0
    yield request.param
    TH.THCpu_force(TH.THCpu_best())


def special(dtype: str) -> list[Any]:
    if dtype in INTEGERS:
        limits = np.iinfo(dtype)
        return [limits.min, limits.max, 0, 1]
    limits = np.finfo(dtype)
    return [np.nan, np.inf, -np.inf, 0.0, -0.0, limits.max, -limits.max, limits.tiny, limits.smallest_subnormal, 1.0, -1.0]


def numbers(dtype: str, shape: tuple[int, ...], seed: int, *, specials: bool = True) -> np.ndarray:
    """Small numbers with fractions, among which the special ones stand in places that differ with the seed."""
    source = np.random.default_rng(seed)
    count = int(np.prod(shape, dtype=np.int64))
    low = 0 if dtype == "uint8" else -40
    values = (source.integers(low, 41, count) / (1 if dtype in INTEGERS else 8)).astype(dtype)
    if specials and count > 20:
        for k, value in enumerate(special(dtype)):
            values[(7 * k + 3 * seed) % count] = value
    return values.reshape(shape)


def laid_out(layout: str, dtype: str, seed: int, *, specials: bool = True) -> tuple[torch.Tensor, np.ndarray]:
    """A tensor of this layout and the same in NumPy; long enough that a kernel's whole width and its rest are both run."""
    if layout == "transposed":
        array = numbers(dtype, (37, 9), seed, specials=specials)
        return torch.from_numpy(array).t(), array.T
    if layout == "sliced":
        array = numbers(dtype, (9, 111), seed, specials=specials)
        return torch.from_numpy(array)[:, 1::3], array[:, 1::3]
    if layout == "expanded":
        array = numbers(dtype, (1, 37), seed, specials=specials)
        return torch.from_numpy(array).expand(9, 37), np.broadcast_to(array, (9, 37))
    shape = {"no elements": (9, 0), "one element": (1, 1), "no dimensions": ()}.get(layout, (9, 37))
    array = numbers(dtype, shape, seed, specials=specials)
    return torch.tensor(array.tolist(), dtype=getattr(torch, dtype)).view(shape), array


def close(found: torch.Tensor, expected: Any, ulp: float = 0) -> None:
    """Equal, nan for nan; of floats within `ulp` units in the last place of the expected value, rounded to their dtype."""
    values, wanted = found.numpy(), np.asarray(expected)
    assert values.shape == wanted.shape
    if ulp == 0 or values.dtype.kind != "f":
        np.testing.assert_array_equal(values, wanted.astype(values.dtype))
        return
    rounded = wanted.astype(values.dtype)
    finite = np.isfinite(rounded) & np.isfinite(values)
    np.testing.assert_array_equal(values[~finite], rounded[~finite])
    room = ulp * np.spacing(np.abs(rounded[finite])).astype(np.longdouble)
    assert (np.abs(values[finite].astype(np.longdouble) - wanted[finite]) <= room).all()


def wide(array: np.ndarray) -> np.ndarray:
    """In more digits than the dtype has."""
    return array.astype(np.longdouble if array.dtype == np.float64 else np.float64)


@pytest.fixture(autouse=True)
def no_warnings() -> Iterator[None]:
    with np.errstate(all="ignore"):
        yield


# --- element by element ----------------------------------------------------------------------------------------------------


def quotient(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    if a.dtype.kind == "f":
        return np.divide(a, b)
    least = b == -1 if a.dtype.kind == "i" else np.zeros(b.shape, bool)  # int64's least value by -1 wraps
    exact = np.where(least, -a, np.abs(a.astype(object)) // np.abs(b.astype(object)) * np.sign(a).astype(object) * np.sign(b))
    return exact.astype(a.dtype)


BINARY: list[tuple[str, Callable[..., Any], Callable[..., Any]]] = [
    ("add", torch.add, np.add),
    ("sub", torch.sub, np.subtract),
    ("mul", torch.mul, np.multiply),
    ("max", torch.max, np.maximum),
    ("min", torch.min, np.minimum),
    ("lt", torch.lt, np.less),
    ("le", torch.le, np.less_equal),
    ("gt", torch.gt, np.greater),
    ("ge", torch.ge, np.greater_equal),
    ("eq", torch.eq, np.equal),
    ("ne", torch.ne, np.not_equal),
    ("where", lambda a, b: torch.where(a > b, a, b), lambda a, b: np.where(a > b, a, b)),
]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", [*INTEGERS, "float16", *FLOATS])
@pytest.mark.parametrize(("name", "function", "oracle"), BINARY, ids=[row[0] for row in BINARY])
def test_two_tensors(name: str, function: Any, oracle: Any, dtype: str, layout: str) -> None:
    a, x = laid_out(layout, dtype, 1)
    b, y = laid_out(layout, dtype, 2)
    close(function(a, b), oracle(x, y))
    if name not in ("max", "min", "where"):
        close(function(a, 3), oracle(x, np.asarray(3, dtype)))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", INTEGERS + FLOATS)
def test_divisions(dtype: str, layout: str) -> None:
    a, x = laid_out(layout, dtype, 1)
    b, y = laid_out(layout, dtype, 2)
    if dtype in INTEGERS:
        b = torch.where(b == 0, torch.ones_like(b), b)
        y = b.numpy()
    close(torch.div(a, b), quotient(x, y))
    close(torch.fmod(a, b), np.fmod(x, y))
    close(a / 3, quotient(x, np.asarray(3, dtype)))
    close(torch.fmod(a, 3), np.fmod(x, np.asarray(3, dtype)))
    finite = laid_out(layout, dtype, 1, specials=False), laid_out(layout, dtype, 2, specials=False)
    (a, x), (b, y) = finite
    b = torch.where(b == 0, torch.ones_like(b), b)
    close(torch.remainder(a, b), np.remainder(x, b.numpy()))
    close(torch.remainder(a, 3), np.remainder(x, np.asarray(3, dtype)))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", INTEGERS + FLOATS)
def test_one_tensor(dtype: str, layout: str) -> None:
    a, x = laid_out(layout, dtype, 3)
    close(-a, np.negative(x))
    close(torch.abs(a), np.abs(x))
    close(torch.sign(a), np.sign(x))
    close(torch.clamp(a, 2, 5), np.clip(x, np.asarray(2, dtype), np.asarray(5, dtype)))
    close(a.clone(), x)
    close(torch.zeros(a.shape, dtype=a.dtype).copy_(a), x)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", FLOATS)
def test_floats(dtype: str, layout: str) -> None:
    a, x = laid_out(layout, dtype, 3)
    b, y = laid_out(layout, dtype, 4)
    for function, oracle in ((torch.floor, np.floor), (torch.ceil, np.ceil), (torch.trunc, np.trunc), (torch.round, np.round)):
        close(function(a), oracle(x))
    close(torch.sqrt(a), np.sqrt(wide(x)), 0.501)
    close(torch.rsqrt(a), 1 / np.sqrt(wide(x)), 2)
    close(torch.reciprocal(a), 1 / wide(x), 0.501)
    close(torch.atan2(a, b), np.arctan2(wide(x), wide(y)), 2)
    (a, x), (b, y), (c, z) = (laid_out(layout, dtype, seed, specials=False) for seed in (5, 6, 7))
    room = np.finfo(dtype).eps * 2 * (np.abs(x) + np.abs(y * z) * 2)
    assert (np.abs(torch.addcmul(a, b, c, value=2).numpy() - (wide(x) + 2 * wide(y) * wide(z))) <= room).all()
    room = np.finfo(dtype).eps * 2 * (np.abs(x) + np.abs(y - x))
    assert (np.abs(torch.lerp(a, b, 0.25).numpy() - (wide(x) + (wide(y) - wide(x)) / 4)) <= room).all()


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", INTEGERS)
def test_bits(dtype: str, layout: str) -> None:
    a, x = laid_out(layout, dtype, 1)
    b, y = laid_out(layout, dtype, 2)
    close(a & b, x & y)
    close(a | b, x | y)
    close(a ^ b, x ^ y)
    close(a << 3, np.left_shift(x, np.asarray(3, dtype)))
    close(a >> 3, np.right_shift(x, np.asarray(3, dtype)))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", INTEGERS + FLOATS)
@pytest.mark.parametrize("target", [*INTEGERS, *FLOATS, "float16"])
def test_conversions(target: str, dtype: str, layout: str) -> None:
    a, x = laid_out(layout, dtype, 5, specials=target in FLOATS or dtype in INTEGERS)
    close(a.to(getattr(torch, target)).to(torch.float64), x.astype(target).astype(np.float64))
    if dtype in FLOATS:
        half = a.half()
        close(half.to(a.dtype), x.astype(np.float16).astype(dtype))


# --- over dimensions -------------------------------------------------------------------------------------------------------


def summed(x: np.ndarray, dim: int | None) -> np.ndarray:
    return wide(x).sum(dim) if x.dtype.kind == "f" else x.astype(np.int64).sum(dim)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", INTEGERS + FLOATS)
def test_sums_and_extremes(dtype: str, layout: str) -> None:
    for specials in (False, True):
        a, x = laid_out(layout, dtype, 8, specials=specials)
        for dim in (None, *range(x.ndim)):
            given = () if dim is None else (dim,)
            total = summed(x, dim)
            if dtype in FLOATS and not specials:
                room = np.finfo(dtype).eps * np.abs(wide(x)).sum(dim) * 2
                assert (np.abs(a.sum(*given).numpy() - total) <= room).all()
            elif dtype in INTEGERS:
                close(a.sum(*given), total)
                close(a.prod(*given), x.astype(np.int64).prod(dim))
            if x.size and x.shape[dim or 0 if x.ndim else 0 :]:
                for name in ("max", "min"):
                    found = getattr(a, name)(*given)
                    close(found if dim is None else found[0], getattr(np, name)(x, dim))
                    close(getattr(a, f"arg{name}")(*given), getattr(np, f"arg{name}")(x, dim))


@pytest.mark.parametrize("layout", ["contiguous", "transposed", "sliced", "expanded", "one element"])
@pytest.mark.parametrize("dtype", FLOATS)
def test_means_norms_and_variances(dtype: str, layout: str) -> None:
    a, x = laid_out(layout, dtype, 8, specials=False)
    exact: dict[str, Any] = {"rtol": 16 * np.finfo(dtype).eps, "atol": 64 * np.finfo(dtype).eps}
    for dim in (0, 1):
        np.testing.assert_allclose(a.mean(dim).numpy(), wide(x).mean(dim), **exact)
        np.testing.assert_allclose(torch.logsumexp(a, dim).numpy(), np.log(np.exp(wide(x)).sum(dim)), **exact)
        for p in (0, 1, 2, 3, np.inf):
            wanted = (
                (np.abs(wide(x)) ** p).sum(dim) ** (1 / p) if 0 < p < np.inf else np.linalg.norm(wide(x).astype("f8"), p, dim)
            )
            np.testing.assert_allclose(a.norm(p, dim).numpy(), wanted, **exact)
        if x.shape[dim] > 1:
            np.testing.assert_allclose(a.var(dim).numpy(), wide(x).var(dim, ddof=1), **exact)
            np.testing.assert_allclose(a.std(dim, False).numpy(), wide(x).std(dim), **exact)
        norms = np.sqrt((wide(x) ** 2).sum(1 - dim, keepdims=True))
        wanted = np.where(norms > 5, wide(x) * (5 / (norms + 1e-7)), wide(x))
        np.testing.assert_allclose(
            torch.renorm(a, 2, dim, 5).numpy(),
            wanted,
            rtol=1e-6 if dtype == "float32" else 1e-14,
            atol=1e-6 if dtype == "float32" else 1e-14,
        )


@pytest.mark.parametrize("dtype", FLOATS)
def test_sums_are_pairwise(dtype: str) -> None:
    """A million equal numbers: the error of a running sum would be hundreds of times the bound."""
    for shape in ((1 << 20,), (2, 1 << 19), (1 << 19, 2)):
        a = torch.full(shape, 0.1, dtype=getattr(torch, dtype))
        for dim in range(len(shape)):
            exact = float(a.view(-1)[0]) * shape[dim]
            assert (np.abs(a.sum(dim).numpy() / exact - 1) <= 24 * np.finfo(dtype).eps).all()


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", INTEGERS + FLOATS)
def test_running_results(dtype: str, layout: str) -> None:
    a, x = laid_out(layout, dtype, 9, specials=False)
    for dim in range(max(x.ndim, 0)):
        if dtype in INTEGERS:
            close(a.cumsum(dim).long(), x.astype(np.int64).cumsum(dim))
            close(a.cumprod(dim).long(), x.astype(np.int64).cumprod(dim))
        else:
            room = np.finfo(dtype).eps * np.abs(wide(x)).cumsum(dim) * 2
            assert (np.abs(a.cumsum(dim).numpy() - wide(x).cumsum(dim)) <= room).all()


# --- order and places ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", INTEGERS + FLOATS)
def test_order(dtype: str, layout: str) -> None:
    a, x = laid_out(layout, dtype, 10)
    for dim in range(x.ndim):
        values, places = a.sort(dim)
        close(values, np.sort(x, dim, kind="stable"))
        close(places, np.argsort(x, dim, kind="stable"))
        if x.shape[dim]:
            close(a.topk(1, dim, largest=False)[0], np.sort(x, dim).take([0], dim))
            close(a.kthvalue(1, dim)[0], np.sort(x, dim).take(0, dim))
            middle = np.sort(x, dim).take((x.shape[dim] - 1) // 2, dim)
            close(a.median(dim)[0], np.where(np.isnan(x).any(dim), np.nan, middle) if dtype in FLOATS else middle)
    close(torch.unique(a, sorted=True), np.unique(x, equal_nan=True))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", INTEGERS + FLOATS)
def test_places(dtype: str, layout: str) -> None:
    a, x = laid_out(layout, dtype, 11)
    mask = a > 1
    close(a.masked_select(mask), x[x > 1])
    close(a.nonzero(), np.stack(np.nonzero(x), -1) if x.ndim else np.argwhere(x))
    for dim in range(x.ndim):
        if x.shape[dim] == 0:
            continue
        index = torch.tensor([x.shape[dim] - 1, 0, 0])
        close(a.index_select(dim, index), x.take(index.numpy(), dim))
        places = torch.zeros(x.shape, dtype=torch.int64) + x.shape[dim] // 2
        close(a.gather(dim, places), np.take_along_axis(x, places.numpy(), dim))
        (b, y), target = laid_out(layout, dtype, 12, specials=False), np.zeros(x.shape, dtype)
        np.put_along_axis(target, places.numpy(), 0, dim)
        wanted = np.zeros(x.shape, np.int64 if dtype in INTEGERS else np.float64)
        np.add.at(wanted, tuple(places.numpy() if d == dim else g for d, g in enumerate(np.indices(x.shape))), y)
        found = torch.zeros(x.shape, dtype=a.dtype).scatter_add_(dim, places, b)
        close(found, wanted.astype(dtype), 64)


# --- products --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", INTEGERS + FLOATS)
def test_products(dtype: str) -> None:
    for n, k, m in ((1, 1, 1), (3, 5, 7), (17, 33, 19), (64, 70, 65), (3, 0, 4)):
        x, y = numbers(dtype, (n, k), 1, specials=False), numbers(dtype, (m, k), 2, specials=False)
        a, b = torch.from_numpy(x), torch.from_numpy(y).t()
        kind = np.int64 if dtype in INTEGERS else np.longdouble
        exact = x.astype(kind) @ y.T.astype(kind)
        room = 0 if dtype in INTEGERS else np.finfo(dtype).eps * k * (np.abs(x).astype(kind) @ np.abs(y.T).astype(kind))
        for found, wanted, bound in (
            (torch.mm(a, b), exact, room),
            (torch.bmm(a.expand(2, n, k), b.expand(2, k, m))[1], exact, room),
            (torch.mv(a, b[:, 0]), exact[:, 0], room[:, 0] if dtype in FLOATS else 0),
            (torch.dot(a[0], b[:, 0]), exact[0, 0], room[0, 0] if dtype in FLOATS else 0),
        ):
            values = found.numpy()
            assert (np.abs(values.astype(kind) - (wanted.astype(values.dtype) if dtype in INTEGERS else wanted)) <= bound).all()
        close(
            torch.ger(a[:, 0], b[0]) if k else torch.ger(a.sum(1), b.sum(0)),
            np.outer(x[:, 0], y[:, 0]) if k else np.zeros((n, m)),
        )

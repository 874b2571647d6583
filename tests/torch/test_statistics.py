"""Histograms, norms and logarithms of sums beside NumPy and SciPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import logsumexp

import torch

INTEGERS = ["uint8", "int8", "int16", "int32", "int64"]
FLOATS = ["float32", "float64"]


def normal(shape: tuple[int, ...], dtype: str = "float64") -> Any:
    return np.random.default_rng(1).standard_normal(shape).astype(dtype)


@pytest.mark.parametrize("dtype", INTEGERS)
def test_bincount(dtype: str) -> None:
    array = np.random.default_rng(0).integers(0, 100, 300).astype(dtype)
    weights = normal((300,))
    x = torch.from_numpy(np.repeat(array, 2))[::2]
    assert np.array_equal(torch.bincount(x).numpy(), np.bincount(array))
    assert np.array_equal(x.bincount(minlength=150).numpy(), np.bincount(array, minlength=150))
    np.testing.assert_allclose(x.bincount(torch.from_numpy(weights)).numpy(), np.bincount(array, weights), rtol=1e-12)
    single = x.bincount(torch.from_numpy(weights).float())
    assert single.dtype == torch.float32
    np.testing.assert_allclose(single.numpy(), np.bincount(array, weights), rtol=1e-4, atol=1e-5)
    assert x.bincount(torch.ones(300).long()).dtype == torch.float64
    assert torch.zeros(0, dtype=x.dtype).bincount(minlength=2).tolist() == [0, 0]


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("limits", [(0, 0), (-1, 2), (-0.3, 0.3), (5, 6)])
@pytest.mark.parametrize("bins", [1, 7, 100])
def test_histc(bins: int, limits: tuple[float, float], dtype: str) -> None:
    array = normal((20, 30), dtype)
    array[0, :11] = np.linspace(*limits, 11) if limits[0] < limits[1] else 0  # elements on the edges
    span = limits if limits[0] < limits[1] else (array.min(), array.max())
    expected, _ = np.histogram(array.astype("f8"), bins, (float(span[0]), float(span[1])))
    for x in (torch.from_numpy(array), torch.from_numpy(np.ascontiguousarray(array.T)).t()):
        found = x.histc(bins, *limits)
        assert found.dtype == x.dtype and np.array_equal(found.numpy(), expected)


def test_histc_does_not_count_nan() -> None:
    assert torch.tensor([float("nan"), 1, float("inf")]).histc(2, 0, 2).tolist() == [0, 1]
    with pytest.raises(RuntimeError, match=r"\[histc\] range of"):
        torch.tensor([float("nan"), 1]).histc(2)
    assert torch.zeros(0).histc(3).tolist() == [0, 0, 0]


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("shape", [(7,), (4, 6), (3, 4, 5), (2, 0), (0, 3)])
def test_logsumexp(shape: tuple[int, ...], dtype: str) -> None:
    array = normal(shape, dtype) * 50
    if array.size:
        array.reshape(-1)[:3] = [np.inf, -np.inf, 1000]
    tolerance = 1e-6 if dtype == "float32" else 1e-13
    for dim in range(-len(shape), len(shape)):
        wide = array.astype("f8")
        expected = logsumexp(wide, dim) if array.shape[dim] else np.full(np.delete(shape, dim), -np.inf)
        np.testing.assert_allclose(torch.from_numpy(array).logsumexp(dim).numpy(), expected, rtol=tolerance)
        assert torch.logsumexp(torch.from_numpy(array), dim, True).shape[dim] == 1
    assert torch.full((3,), float("-inf")).logsumexp(0).item() == float("-inf")
    assert np.isnan(torch.tensor([float("nan"), 1]).logsumexp(0).item())


@pytest.mark.parametrize("p", [0.5, 1, 2, 3, float("inf")])
def test_dist(p: float) -> None:
    a, b = normal((3, 4)), normal((4,))
    x, y = torch.from_numpy(a), torch.from_numpy(b)
    assert x.dist(y, p).item() == pytest.approx(np.linalg.norm((a - b).reshape(-1), p))
    assert torch.dist(x, x, p).item() == 0


@pytest.mark.parametrize("p", [0.5, 1, 2, 3, float("inf")])
@pytest.mark.parametrize("dim", [0, 1, -1])
def test_renorm(dim: int, p: float) -> None:
    array = normal((3, 4, 5))
    lines = np.moveaxis(array, dim, 0).reshape(array.shape[dim], -1)
    norms = np.array([np.linalg.norm(line, p) for line in lines])
    limit = float(np.median(norms)) * 0.99
    factors = np.where(norms > limit, limit / (norms + 1e-7), 1).reshape([-1 if d == dim % 3 else 1 for d in range(3)])
    x = torch.from_numpy(array.copy())
    np.testing.assert_allclose(x.renorm(p, dim, limit).numpy(), array * factors, rtol=1e-12)
    assert x.renorm_(p, dim, limit) is x
    np.testing.assert_allclose(x.numpy(), array * factors, rtol=1e-12)


@pytest.mark.parametrize("dtype", FLOATS)
def test_std(dtype: str) -> None:
    array = normal((5, 6), dtype)
    x = torch.from_numpy(array)
    for unbiased in (True, False):
        ddof = int(unbiased)
        assert x.std(unbiased).item() == pytest.approx(array.astype("f8").std(ddof=ddof))
        for dim in (0, 1):
            expected = array.astype("f8").std(dim, ddof=ddof)
            np.testing.assert_allclose(x.std(dim, unbiased).numpy(), expected, rtol=1e-6)
            out = torch.zeros(0, dtype=x.dtype)
            assert torch.std(x, dim, unbiased, True, out=out) is out and out.shape[dim] == 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: torch.tensor([1, -2]).bincount(), "[bincount] element -2"),
        (lambda: torch.tensor([1, 2**62]).bincount(), "[bincount] element 4611686018427387904: too large"),
        (lambda: torch.zeros(2).bincount(), "[bincount] tensor is Float, expected integers"),
        (lambda: torch.zeros(2, 2).long().bincount(), "[bincount] a tensor of 2 dimensions"),
        (lambda: torch.zeros(2).long().bincount(torch.zeros(3)), "[bincount] weights must have the tensor's size"),
        (lambda: torch.zeros(2).histc(0), "[histc] bins, 0"),
        (lambda: torch.zeros(2).long().histc(3), "[histc] not implemented for Long"),
        (lambda: torch.zeros(2, 2).renorm(2, 0, -1), "[renorm] maxnorm -1"),
        (lambda: torch.zeros(2).logsumexp(1), "[logsumexp]"),
        (lambda: torch.zeros(2).long().logsumexp(0), "[logsumexp] not implemented for Long"),
    ],
)
def test_refusals(call: Any, message: str) -> None:
    with pytest.raises((RuntimeError, IndexError)) as caught:
        call()
    assert message in str(caught.value)

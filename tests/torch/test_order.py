"""Sorting, selecting and counting beside NumPy, in which nan is the greatest as well."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import torch

DTYPES = ["uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]
SHAPES = [(), (1,), (7,), (60,), (600,), (5000,), (5, 6), (3, 4, 5), (2, 70, 3)]


def sample(shape: tuple[int, ...], dtype: str, few: bool = False) -> Any:
    """Elements with repetitions; floating ones with nan, infinities and both zeros."""
    source = np.random.default_rng(len(shape) + sum(shape))
    high = 5 if few else 100
    array = np.asarray(source.integers(0 if dtype == "uint8" else -high, high, shape)).astype(dtype)
    if array.dtype.kind == "f" and array.size > 4:
        flat = array.reshape(-1)
        flat[:: max(2, array.size // 9)] = np.resize(
            np.array([np.nan, np.inf, -0.0, 0.0, -np.inf], dtype), flat[:: max(2, array.size // 9)].shape
        )
    return array


def layouts(array: Any) -> list[torch.Tensor]:
    """The same elements contiguous, transposed in memory, and as every second element of a larger tensor."""
    views = [torch.from_numpy(array.copy())]
    if array.ndim > 1:
        views.append(torch.from_numpy(np.ascontiguousarray(array.T)).permute(*range(array.ndim - 1, -1, -1)))
    if array.ndim > 0:
        views.append(torch.from_numpy(np.repeat(array, 2, axis=-1))[..., ::2])
    return views


def dims(array: Any) -> range:
    return range(-max(array.ndim, 1), max(array.ndim, 1))


def stable_order(array: Any, dim: int, descending: bool) -> Any:
    """np.argsort, stable in both directions."""
    array = np.atleast_1d(array)
    if not descending:
        return np.argsort(array, axis=dim, kind="stable")
    turned = np.flip(array, dim)
    return np.flip(array.shape[dim] - 1 - np.argsort(turned, axis=dim, kind="stable"), dim)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_sort(shape: tuple[int, ...], dtype: str) -> None:
    array = sample(shape, dtype)
    for tensor in layouts(array):
        for dim in dims(array):
            for descending in (False, True):
                values, indices = tensor.sort(dim, descending)
                order = stable_order(array, dim, descending).reshape(shape)
                assert np.array_equal(indices.numpy(), order)
                expected = np.take_along_axis(array, order, dim) if shape else array
                np.testing.assert_array_equal(values.numpy(), expected)
                assert np.array_equal(np.signbit(values.numpy()), np.signbit(expected))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_topk(shape: tuple[int, ...], dtype: str) -> None:
    array = sample(shape, dtype)
    for tensor in layouts(array):
        for dim in dims(array):
            size = np.atleast_1d(array).shape[dim]
            for k in {1, size // 2 or 1, size}:
                for largest in (True, False):
                    values, indices = tensor.topk(k, dim, largest)
                    order = stable_order(array, dim, largest)
                    expected = np.take(order, range(k), dim).reshape(indices.shape)
                    assert np.array_equal(indices.numpy(), expected)
                    found = torch.topk(tensor, k, dim, largest, sorted=False)[1]
                    assert np.array_equal(
                        np.sort(found.numpy(), dim) if shape else found.numpy(), np.sort(expected, dim) if shape else expected
                    )
                    if shape:
                        np.testing.assert_array_equal(values.numpy(), np.take_along_axis(array, expected, dim))


def test_topk_of_nothing() -> None:
    values, indices = torch.zeros(2, 3).topk(0)
    assert values.shape == indices.shape == (2, 0)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [shape for shape in SHAPES if shape])
def test_picks(shape: tuple[int, ...], dtype: str) -> None:
    """kthvalue, median and mode are what the sorted line says; their place is the first of equals."""
    array = sample(shape, dtype, few=True)
    for tensor in layouts(array):
        for dim in dims(array):
            lines = np.moveaxis(array, dim, -1)
            size = lines.shape[-1]
            ordered = np.sort(lines, -1)
            k = (size + 2) // 3
            nan = np.isnan(lines).any(-1)
            middle = np.where(nan, np.array(np.nan).astype(dtype) if nan.any() else 0, ordered[..., (size - 1) // 2]).astype(
                dtype
            )
            check(tensor.kthvalue(k, dim), lines, ordered[..., k - 1])
            check(tensor.median(dim), lines, middle)
            modes = np.apply_along_axis(mode, -1, lines)
            check(tensor.mode(dim), lines, modes)
            kept = tensor.kthvalue(k, dim, keepdim=True)
            assert kept[0].shape == tuple(1 if d == dim % array.ndim else n for d, n in enumerate(shape))
            assert torch.equal(kept[1].squeeze(dim), tensor.kthvalue(k, dim)[1])


def mode(line: Any) -> Any:
    values, counts = np.unique(line, return_counts=True)
    return values[np.argmax(counts)]


def check(found: tuple[torch.Tensor, torch.Tensor], lines: Any, expected: Any) -> None:
    np.testing.assert_array_equal(found[0].numpy(), expected)
    same = (lines == expected[..., None]) | (np.isnan(lines) & np.isnan(expected[..., None]))
    assert np.array_equal(found[1].numpy(), np.argmax(same, -1))


@pytest.mark.parametrize("dtype", DTYPES)
def test_median_of_all(dtype: str) -> None:
    for shape in SHAPES:
        array = sample(shape, dtype)
        array = np.where(np.isnan(array), np.array(1, dtype), array) if len(shape) != 2 else array
        expected = np.sort(array.reshape(-1))[(array.size - 1) // 2]
        for tensor in layouts(array):
            assert tensor.median().item() == expected or (np.isnan(array).any() and np.isnan(tensor.median().item()))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_unique(shape: tuple[int, ...], dtype: str) -> None:
    array = sample(shape, dtype)
    expected, inverse = np.unique(array, return_inverse=True)
    for tensor in layouts(array):
        np.testing.assert_array_equal(torch.unique(tensor).numpy(), expected)
        values, places = tensor.unique(sorted=True, return_inverse=True)
        np.testing.assert_array_equal(values.numpy(), expected)
        assert np.array_equal(places.numpy(), inverse.reshape(shape))


@pytest.mark.parametrize("dtype", DTYPES)
def test_picks_from_long_lines(dtype: str) -> None:
    """So long that a sample says where to look, typical or not."""
    size = 40_000
    source = np.random.default_rng(4)
    rare = np.full(size, 5)
    rare[source.integers(0, size, 30)] = 90
    for array in (source.integers(0, 120, size), np.sort(source.integers(0, 120, size)), np.full(size, 7), rare):
        line = array.astype(dtype)
        ordered = np.sort(line)
        for k in (1, 2, 17, size // 3, size - 40, size - 10, size):
            value, place = torch.from_numpy(line).kthvalue(k)
            assert value.item() == ordered[k - 1] and place.item() == np.argmax(line == ordered[k - 1])
        assert torch.from_numpy(line).median().item() == ordered[(size - 1) // 2]
        values, places = torch.from_numpy(line).topk(50)
        order = stable_order(line, 0, True)[:50]
        assert np.array_equal(places.numpy(), order) and np.array_equal(values.numpy(), line[order])


def test_no_elements() -> None:
    empty = torch.zeros(2, 0)
    assert [t.shape for t in empty.sort()] == [(2, 0), (2, 0)]
    assert [t.shape for t in empty.sort(0)] == [(2, 0), (2, 0)]
    assert empty.median(0)[0].shape == (0,)
    assert torch.unique(empty).shape == (0,)
    assert [t.shape for t in torch.unique(empty, return_inverse=True)] == [(0,), (2, 0)]


def test_out() -> None:
    x = torch.tensor([[3.0, 1.0, 2.0], [6.0, 5.0, 4.0]])
    values, indices = torch.zeros(3, 2).t(), torch.zeros(0, dtype=torch.int64)
    torch.sort(x, 1, out=(values, indices))
    assert values.tolist() == [[1, 2, 3], [4, 5, 6]] and indices.tolist() == [[1, 2, 0], [2, 1, 0]]
    assert torch.topk(x, 1, out=(torch.zeros(0), torch.zeros(0).long()))[0].tolist() == [[3], [6]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: x.sort(2), "[sort]"),
        (lambda x: x.topk(4), "[topk] k, 4: selected index k out of range, dimension 1 has size 3"),
        (lambda x: x.kthvalue(0), "[kthvalue] k, 0"),
        (lambda x: torch.zeros(0).median(), "[median] a tensor without elements"),
        (lambda x: torch.zeros(2, 0).mode(), "[mode] dimension 1 of size 0"),
        (lambda x: torch.sort(x, out=(x, torch.zeros(2, 3).long())), "[sort] output shares memory"),
        (lambda x: torch.sort(x, out=(torch.zeros(2, 3), torch.zeros(2, 3))), "[sort] indices are Float, expected Long"),
    ],
)
def test_refusals(call: Any, message: str) -> None:
    x = torch.tensor([[3.0, 1.0, 2.0], [6.0, 5.0, 4.0]])
    with pytest.raises((RuntimeError, IndexError)) as caught:
        call(x)
    assert message in str(caught.value)
    assert x.tolist() == [[3, 1, 2], [6, 5, 4]]


def test_sort_of_equal_elements_has_a_gradient_for_each() -> None:
    x = torch.tensor([1.0, 1.0, 0.0], requires_grad=True)
    (x.sort()[0] * torch.tensor([1.0, 2.0, 3.0])).sum().backward()
    assert x.grad is not None and x.grad.tolist() == [2, 3, 1]

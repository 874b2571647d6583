"""Turning around and parts of matrices, beside NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import torch

DTYPES = ["uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]
COMPUTING = [dtype for dtype in DTYPES if dtype != "float16"]


def matrix(rows: int, columns: int, dtype: str = "float32") -> Any:
    return np.random.default_rng(rows * 10 + columns).integers(0, 9, (rows, columns)).astype(dtype)


def layouts(array: Any) -> list[torch.Tensor]:
    wide = np.repeat(array, 2, axis=-1)
    turned = torch.from_numpy(np.ascontiguousarray(array.T)).permute(*range(array.ndim - 1, -1, -1))
    return [torch.from_numpy(array.copy()), turned, torch.from_numpy(wide)[..., ::2]]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("dims", [(0,), (1,), (-1,), (0, 2), (2, 1, 0), ()])
def test_flip(dims: tuple[int, ...], dtype: str) -> None:
    array = np.arange(24).reshape(2, 3, 4).astype(dtype)
    for tensor in layouts(array):
        assert np.array_equal(torch.flip(tensor, dims).numpy(), np.flip(array, dims))
    assert torch.zeros(0, 3).flip(0, 1).shape == (0, 3)
    wide = torch.tensor([1, 2]).expand(3, 2)
    assert wide.flip([1]).tolist() == [[2, 1]] * 3


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", [(4, 4), (3, 5), (5, 3), (0, 3), (1, 1)])
def test_triangles_and_diagonals(size: tuple[int, int], dtype: str) -> None:
    array = matrix(*size, dtype)
    for tensor in layouts(array):
        for k in range(-6, 7):
            assert np.array_equal(torch.tril(tensor, k).numpy(), np.tril(array, k))
            assert np.array_equal(torch.triu(tensor, k).numpy(), np.triu(array, k))
            assert np.array_equal(tensor.clone().tril_(k).numpy(), np.tril(array, k))
            assert np.array_equal(tensor.diag(k).numpy(), np.diag(array, k))
            assert np.array_equal(tensor.diagonal(k).numpy(), np.diagonal(array, k))
            assert np.array_equal(tensor.diagonal(k, 1, 0).numpy(), np.diagonal(array, k, 1, 0))
            assert np.array_equal(torch.diagflat(tensor, k).numpy(), np.diagflat(array, k))


@pytest.mark.parametrize("k", range(-3, 4))
def test_diag_of_a_vector(k: int) -> None:
    for n in (0, 1, 4):
        array = np.arange(1, n + 1)
        assert np.array_equal(torch.from_numpy(array).diag(k).numpy(), np.diag(array, k))


@pytest.mark.parametrize("dtype", COMPUTING)
def test_trace(dtype: str) -> None:
    for size in ((4, 4), (3, 5), (5, 3), (0, 3)):
        array = matrix(*size, dtype)
        for tensor in layouts(array):
            found = tensor.trace()
            assert found.item() == np.trace(array.astype("int64"))
            assert found.dtype == (tensor.dtype if dtype.startswith("f") else torch.int64)


@pytest.mark.parametrize("dtype", COMPUTING)
def test_cross(dtype: str) -> None:
    x, y = (np.random.default_rng(k).integers(0, 5, (2, 3, 3, 2)).astype(dtype) for k in (1, 2))
    for dim in (1, 2, -2):
        expected = np.cross(x, y, axis=dim)
        for a, b in zip(layouts(x), layouts(y), strict=True):
            found = a.cross(b, dim) if dim >= 0 else torch.cross(a, b, dim + 4)
            assert np.array_equal(found.numpy(), expected)
    assert np.array_equal(torch.cross(torch.from_numpy(x), torch.from_numpy(y)).numpy(), np.cross(x, y, axis=1))


def test_diagonal_is_a_view() -> None:
    x = torch.zeros(3, 4)
    x.diagonal(1).fill_(2)
    assert np.array_equal(x.numpy(), np.eye(3, 4, 1) * 2)
    y = torch.zeros(2, 2, requires_grad=True)
    z = y * 1
    z.diagonal().mul_(3)
    z.sum().backward()
    assert y.grad is not None and y.grad.tolist() == [[3, 1], [1, 3]]


def test_meshgrid() -> None:
    a, b, c = torch.tensor([1, 2]), torch.tensor([3, 4, 5]), torch.tensor(6)
    expected = np.meshgrid([1, 2], [3, 4, 5], [6], indexing="ij")
    for found in (torch.meshgrid(a, b, c), torch.meshgrid([a, b, c])):
        assert all(np.array_equal(x.numpy(), y) for x, y in zip(found, expected, strict=True))
    with pytest.raises(RuntimeError, match=r"\[meshgrid\] tensor 1 of size \(1, 1\)"):
        torch.meshgrid(a, torch.zeros(1, 1))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: x.flip(0, -2), "[flip] dims, dimension 0 appears twice"),
        (lambda x: x.flip(2**40), "[flip]"),
        (lambda x: x[0].tril(), "[tril] a tensor of 1 dimensions, expected a matrix"),
        (lambda x: x.view(2, 3, 1).diag(), "[diag] a tensor of 3 dimensions"),
        (lambda x: x.diagonal(0, 1, 1), "[diagonal] diagonal dimensions cannot be identical"),
        (lambda x: x[0].trace(), "[trace] a tensor of 1 dimensions, expected a matrix"),
        (lambda x: x.cross(x, 0), "[cross] dimension 0 of size 2, expected 3"),
        (lambda x: x.cross(x.t()), "[cross] inconsistent tensors"),
        (lambda x: torch.tril(x, out=x[0].expand(2, 3)), "[tril] output"),
    ],
)
def test_refusals(call: Any, message: str) -> None:
    x = torch.tensor([[3.0, 1.0, 2.0], [6.0, 5.0, 4.0]])
    with pytest.raises((RuntimeError, IndexError)) as caught:
        call(x)
    assert message in str(caught.value)
    assert x.tolist() == [[3, 1, 2], [6, 5, 4]]


@pytest.mark.parametrize("dim", [0, 1, 2, -1])
def test_gradients_of_cat_beside_vectors_without_elements(dim: int) -> None:
    """They are left out, whatever the dimension, and have a gradient of their own size."""
    x, nothing = torch.ones(2, 3, 4, requires_grad=True), torch.ones(0, requires_grad=True)
    joined = torch.cat([nothing, x * 2, torch.ones(0), x * 3], dim)
    weights = torch.arange(float(joined.numel())).view(joined.size())
    (joined * weights).sum().backward()
    first, second = weights.chunk(2, dim)
    assert torch.equal(x.grad, 2 * first + 3 * second) and nothing.grad.size() == (0,)
    assert torch.autograd.grad(torch.cat([nothing, nothing]).sum(), nothing)[0].size() == (0,)

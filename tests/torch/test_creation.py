"""Functions that make tensors."""

from __future__ import annotations

import array
import math
from typing import Any

import numpy as np
import pytest

import torch


@pytest.mark.parametrize("make", [torch.zeros, torch.ones, torch.empty, torch.rand, torch.randn], ids=lambda f: f.__name__)
def test_sizes_and_options(make: Any) -> None:
    for tensor in (make(2, 3), make((2, 3)), make([2, 3]), make(torch.Size([2, 3])), make(size=(2, 3))):
        assert tensor.shape == (2, 3)
        assert tensor.dtype is torch.float32
        assert not tensor.requires_grad
    assert make(()).shape == ()
    assert make(0).numel() == 0
    tensor = make(2, dtype=torch.float64, device="cpu", layout=torch.strided, requires_grad=True)
    assert (tensor.dtype, tensor.requires_grad) == (torch.float64, True)
    out = torch.ones(0)
    assert make(3, out=out) is out
    assert out.shape == (3,)
    with pytest.raises(RuntimeError):
        make(-1)
    with pytest.raises(RuntimeError, match="dtype of out"):
        make(2, out=out, dtype=torch.float64)
    if make in (torch.zeros, torch.empty):
        assert make(2, layout=torch.sparse_coo).layout is torch.sparse_coo
    else:  # no sparse tensor is full of ones or of random numbers
        with pytest.raises(RuntimeError, match="torch.strided"):
            make(2, layout=torch.sparse_coo)


def test_values() -> None:
    assert torch.zeros(2).tolist() == [0, 0]
    assert torch.ones(2, dtype=torch.int64).tolist() == [1, 1]
    assert torch.full((2,), 1.5).tolist() == [1.5, 1.5]
    assert torch.eye(2, 3).tolist() == [[1, 0, 0], [0, 1, 0]]
    assert torch.arange(4).tolist() == [0, 1, 2, 3]
    assert torch.arange(1, 3, 0.5).tolist() == [1, 1.5, 2, 2.5]
    assert torch.arange(3).dtype is torch.int64
    assert torch.arange(3.0).dtype is torch.float32
    assert torch.arange(3, dtype=torch.uint8).dtype is torch.uint8
    assert torch.linspace(0, 1, 5).tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert sorted(torch.randperm(10).tolist()) == list(range(10))
    x = torch.rand(1000)
    assert 0 <= x.min().item() and x.max().item() < 1
    x = torch.randint(3, 7, (1000,))
    assert set(x.tolist()) == {3, 4, 5, 6}


def test_like_and_new() -> None:
    x = torch.zeros(2, 3, dtype=torch.float64)
    for name in ("zeros_like", "ones_like", "empty_like", "rand_like", "randn_like"):
        y = getattr(torch, name)(x)
        assert (y.shape, y.dtype) == (x.shape, x.dtype)
        assert getattr(torch, name)(x, dtype=torch.float32).dtype is torch.float32
    assert torch.full_like(x, 2).tolist() == [[2, 2, 2], [2, 2, 2]]
    assert x.new_zeros(2).dtype is torch.float64
    assert x.new_ones((1, 2), dtype=torch.int32).tolist() == [[1, 1]]
    assert x.new_full((2,), 7).tolist() == [7, 7]
    assert x.new_empty(2, 2).shape == (2, 2)
    assert x.new_tensor([1, 2]).dtype is torch.float64
    assert x.new(3).dtype is torch.float64
    assert x.new([1, 2]).tolist() == [1, 2]


def test_manual_seed_repeats() -> None:
    torch.manual_seed(3)
    a = torch.randn(5)
    torch.manual_seed(3)
    assert torch.randn(5).tolist() == a.tolist()
    assert torch.initial_seed() == 3


@pytest.mark.parametrize(
    ("data", "dtype", "values"),
    [
        (1, torch.int64, 1), (1.5, torch.float32, 1.5), (True, torch.uint8, 1), ([], torch.float32, []),
        ([1, 2], torch.int64, [1, 2]), ([1, 2.5], torch.float32, [1, 2.5]), ([True, False], torch.uint8, [1, 0]),
        (((1, 2), [3, 4]), torch.int64, [[1, 2], [3, 4]]), ([[], []], torch.float32, [[], []]),
        (range(3), torch.int64, [0, 1, 2]),
        (np.float32(2), torch.float32, 2), ([np.int64(2)], torch.int64, [2]), (np.array([1.5]), torch.float64, [1.5]),
        ([np.array([1, 2]), np.array([3, 4])], torch.int64, [[1, 2], [3, 4]]), (np.array([True]), torch.uint8, [1]),
        (np.arange(3)[::-1], torch.int64, [2, 1, 0]), (array.array("i", [1, 2]), torch.int32, [1, 2]),
        (torch.tensor([1, 2]), torch.int64, [1, 2]), ([torch.tensor(1.5), torch.tensor(2.0)], torch.float32, [1.5, 2]),
        ([2**62 + 1], torch.int64, [2**62 + 1]),
    ],
    ids=repr,
)  # fmt: skip
def test_tensor_from_data(data: Any, dtype: torch.dtype, values: Any) -> None:
    tensor = torch.tensor(data)
    assert tensor.dtype is dtype
    assert tensor.tolist() == values


def test_tensor_copies() -> None:
    source = np.zeros(3, dtype=np.float32)
    tensor = torch.tensor(source)
    source[0] = 1
    assert tensor.tolist() == [0, 0, 0]
    other = torch.tensor(tensor)
    other[0] = 1
    assert tensor.tolist() == [0, 0, 0]


def test_tensor_options() -> None:
    assert torch.tensor([1, 2], dtype=torch.float64).dtype is torch.float64
    assert torch.tensor([1.9], dtype=torch.int64).tolist() == [1]
    assert torch.tensor([1.0], requires_grad=True).requires_grad
    assert math.isnan(torch.tensor(float("nan")).item())
    with pytest.raises(RuntimeError, match="floating point"):
        torch.tensor([1], requires_grad=True)


@pytest.mark.parametrize(
    ("data", "error", "text"),
    [
        ("a", TypeError, "str"),
        (["a"], TypeError, "str"),
        (None, TypeError, "NoneType"),
        ({1, 2}, TypeError, "set"),
        ([[1, 2], [3]], ValueError, r"length 2 at dim 1 \(got 1\)"),
        ([[1], 2], ValueError, "dim 1"),
        ([1, [2]], ValueError, "list"),
        ([2**64], OverflowError, "64-bit"),
    ],
    ids=repr,
)
def test_bad_data(data: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        torch.tensor(data)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1e30])
def test_floats_that_are_no_integers(value: float) -> None:
    with pytest.raises(ValueError, match=r"\[tensor\] data, .*does not fit into an integer"):
        torch.tensor([value], dtype=torch.int64)
    assert torch.tensor([-1.5, 2.9], dtype=torch.int64).tolist() == [-1, 2]


@pytest.mark.parametrize("seed", [2**64, -(2**63) - 1])
def test_seeds_out_of_range(seed: int) -> None:
    with pytest.raises(OverflowError, match=rf"\[manual_seed\] seed, {seed}"):
        torch.manual_seed(seed)
    assert torch.Generator().manual_seed(-1).initial_seed() == 2**64 - 1


def test_values_out_of_range() -> None:
    with pytest.raises(RuntimeError):
        torch.tensor([300], dtype=torch.uint8)


def test_recursive_list_is_refused() -> None:
    data: list[Any] = []
    data.append(data)
    with pytest.raises(ValueError, match="too many dimensions"):
        torch.tensor(data)


@pytest.mark.host("torch.Tensor makes tensors of the host")
def test_legacy_constructors() -> None:
    assert torch.Tensor(2, 3).shape == (2, 3)
    assert torch.Tensor().shape == (0,)
    assert torch.Tensor([1, 2]).tolist() == [1, 2]
    assert torch.Tensor((1, 2)).tolist() == [1, 2]
    assert torch.Tensor(torch.Size([2, 3])).shape == (2, 3)
    assert torch.Tensor(np.array([1, 2])).dtype is torch.float32
    assert torch.FloatTensor([1.5]).dtype is torch.float32
    assert torch.LongTensor([1, 2]).dtype is torch.int64
    assert torch.DoubleTensor(2).shape == (2,)
    shared = torch.ones(2)
    assert torch.Tensor(shared).data_ptr() == shared.data_ptr()
    with pytest.raises(TypeError, match="convert it first"):
        torch.LongTensor(torch.ones(2))
    with pytest.raises(RuntimeError):
        torch.Tensor(-1)
    with pytest.raises(TypeError):
        torch.Tensor(2, "a")


def test_default_dtype() -> None:
    try:
        torch.set_default_dtype(torch.float64)
        assert torch.zeros(1).dtype is torch.float64
        assert torch.tensor(1.5).dtype is torch.float64
        assert torch.Tensor(1).dtype is torch.float64
        assert torch.get_default_dtype() is torch.float64
    finally:
        torch.set_default_dtype(torch.float32)
    with pytest.raises(TypeError, match="floating"):
        torch.set_default_dtype(torch.int64)


def test_numbers_and_products_go_to_out() -> None:
    out, p, vector = torch.zeros(0), torch.full((50,), 0.5), torch.ones(3)
    assert torch.normal(torch.zeros(2), torch.zeros(2), out=out) is out and out.tolist() == [0, 0]
    assert torch.normal(torch.ones(2), 0.0, out=out) is out and out.tolist() == [1, 1]
    assert torch.normal(3.0, torch.zeros(2), out=out) is out and out.tolist() == [3, 3]
    assert torch.matmul(torch.ones(2, 3), vector, out=out) is out and out.tolist() == [3, 3]
    assert torch.matmul(torch.ones(3, 3), vector, out=vector) is vector and vector.tolist() == [3, 3, 3]
    torch.manual_seed(1)
    want = torch.bernoulli(p)
    torch.manual_seed(1)
    assert torch.bernoulli(p, out=p) is p and torch.equal(p, want)
    with pytest.raises(RuntimeError, match="don't support automatic differentiation"):
        torch.matmul(torch.ones(2, 3, requires_grad=True), vector, out=out)
    with pytest.raises(RuntimeError, match="must have dtype Double"):
        torch.matmul(torch.ones(2, 3).double(), vector.double(), out=out)
    assert out.tolist() == [3, 3]

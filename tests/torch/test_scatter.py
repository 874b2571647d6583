"""Moving elements by index, beside plain loops of NumPy; what `gather` and its kind do not show in gradient samples."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import torch

DTYPES = ["uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]
COMPUTING = [dtype for dtype in DTYPES if dtype != "float16"]


def layouts(array: Any) -> list[torch.Tensor]:
    """Writable tensors of the same elements: contiguous, transposed in memory, every second element of a larger one."""
    turned = torch.from_numpy(np.ascontiguousarray(array.T)).permute(*range(array.ndim - 1, -1, -1))
    return [torch.from_numpy(array.copy()), turned, torch.from_numpy(np.repeat(array, 2, axis=-1))[..., ::2]]


def arrays(dtype: str) -> tuple[Any, Any]:
    source = np.random.default_rng(5)
    return source.integers(0, 60, (4, 5, 6)).astype(dtype), source.integers(0, 60, (5, 6, 7)).astype(dtype)


def index_for(dim: int, high: int) -> Any:
    """Different along dim, smaller than the arrays elsewhere."""
    size = [3, 4, 5]
    size[dim] = high - 1
    ranks = np.random.default_rng(dim).random(size[:dim] + [high] + size[dim + 1 :]).argsort(dim)
    return np.take(ranks, range(high - 1), dim).astype("int64")


def scattered(array: Any, dim: int, index: Any, values: Any, add: bool) -> Any:
    result = array.copy()
    for place in np.ndindex(*index.shape):
        target = list(place)
        target[dim] = index[place]
        value = values[place] if isinstance(values, np.ndarray) else values
        result[tuple(target)] = result[tuple(target)] + value if add else value
    return result


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("dim", [0, 1, 2])
def test_scatter(dim: int, dtype: str) -> None:
    array, values = arrays(dtype)
    index = index_for(dim, array.shape[dim])
    where = torch.from_numpy(index)
    for base, source in zip(layouts(array), layouts(values), strict=True):
        kept = base.clone()
        assert base.scatter_(dim, where, source) is base
        assert np.array_equal(base.numpy(), scattered(array, dim, index, values, add=False))
        base.copy_(kept).scatter_(dim - 3, where, 7)
        assert np.array_equal(base.numpy(), scattered(array, dim, index, 7, add=False))
        if dtype != "float16":
            base.copy_(kept).scatter_add_(dim, where, source)
            assert np.array_equal(base.numpy(), scattered(array, dim, index, values, add=True))


def test_the_last_of_several_stays_whatever_the_threads() -> None:
    index = torch.zeros(3, 50_000, dtype=torch.int64)
    source = torch.arange(150_000).view(3, 50_000)
    assert torch.zeros(3, 1).long().scatter_(1, index, source).tolist() == [[49_999], [99_999], [149_999]]
    assert torch.zeros(1, 50_000).long().scatter_(0, index, source).equal(source[2:])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("dim", [0, 1, 2])
def test_index_fill(dim: int, dtype: str) -> None:
    array, _ = arrays(dtype)
    for base in layouts(array):
        expected = array.copy()
        expected[(slice(None),) * dim + ([0, -1, 2],)] = 9
        assert base.index_fill_(dim, torch.tensor([0, -1, 2]), 9) is base
        assert np.array_equal(base.numpy(), expected)
    assert torch.tensor(3).index_fill_(0, torch.tensor([0]), 4).item() == 4


@pytest.mark.parametrize("dtype", DTYPES)
def test_take_and_put(dtype: str) -> None:
    array, values = arrays(dtype)
    index = np.array([[0, 119, -1], [7, -120, 64]])
    where = torch.from_numpy(index)
    for base, source in zip(layouts(array), layouts(values), strict=True):
        assert np.array_equal(torch.take(base, where).numpy(), array.take(index))
        expected = array.copy()
        expected.put(index, values[0, 0])
        assert np.array_equal(base.put_(where, source[0, 0, :6]).numpy(), expected)
    if dtype != "float16":
        sums = torch.from_numpy(np.zeros((2, 2), dtype))
        sums.t().put_(torch.tensor([1, 1, 2]), torch.from_numpy(np.array([2, 3, 4], dtype)), accumulate=True)
        assert sums.tolist() == [[0, 4], [5, 0]]
    assert torch.take(torch.zeros(0), torch.zeros(2, 0).long()).shape == (2, 0)


def test_index_put() -> None:
    x = torch.zeros(2, 3)
    assert x.index_put_((torch.tensor([0, 1]), torch.tensor([2, 0])), torch.tensor([5.0, 6.0])) is x
    assert x.tolist() == [[0, 0, 5], [6, 0, 0]]


def test_source_may_be_the_tensor_itself() -> None:
    x = torch.tensor([1, 2, 3])
    assert x.scatter_(0, torch.tensor([2, 1, 0]), x).tolist() == [3, 2, 1]
    assert x.put_(torch.tensor([1, 2, 0]), x).tolist() == [1, 3, 2]
    index = torch.tensor([2, 0, 1])
    assert index.scatter_(0, index, 5).tolist() == [5, 5, 5]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x, i: x.scatter_(0, i + 3, x), "[scatter] index 3 at place 0 is out of range"),
        (lambda x, i: x.scatter_(0, i, x[:1]), "[scatter] source of size (1, 3), expected at least the index's (2, 3)"),
        (lambda x, i: x.scatter_(0, i, x.double()), "[scatter] expected tensors of one dtype"),
        (lambda x, i: x.scatter_(0, i - 1, 2), "[scatterFill] index -1 at place 0"),
        (lambda x, i: x.scatter_(1, i[0], 2), "[scatterFill] index of size (3,)"),
        (lambda x, i: x.scatter_(0, i.int(), 2), "[scatterFill] index is Int, expected Long"),
        (lambda x, i: x.long().scatter_(0, i, 2.5), "value, 2.5"),
        (lambda x, i: x.index_fill_(1, torch.tensor([0, 3]), 1), "[indexFill] index 3 at place 1"),
        (lambda x, i: x.index_fill_(0, i, 1), "[indexFill] index has 2 dimensions"),
        (lambda x, i: x.take(i + 6), "[take] index 6 at place 0"),
        (lambda x, i: x.put_(i[0] - 7, x[0]), "[put] index -7 at place 0"),
        (lambda x, i: x.put_(i, x[0]), "[put] source of 3 elements, expected the index's 6"),
        (lambda x, i: x[0].expand(2, 3).scatter_(0, i, 1), "output is expanded along dimension 0"),
        (lambda x, i: torch.take(x, i, out=x), "[take] output shares memory"),
    ],
)
def test_refusals(call: Any, message: str) -> None:
    x = torch.tensor([[3.0, 1.0, 2.0], [6.0, 5.0, 4.0]])
    with pytest.raises((RuntimeError, IndexError)) as caught:
        call(x, torch.zeros(2, 3, dtype=torch.int64))
    assert message in str(caught.value)
    assert x.tolist() == [[3, 1, 2], [6, 5, 4]]

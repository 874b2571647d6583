"""x[...] and x[...] = ... beside NumPy, which has the same rules."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import torch

KEYS: list[Any] = [
    0, -1, slice(None), slice(1, 3), slice(None, None, 2), slice(-2, None), slice(5, 1), Ellipsis, None,
    (0, 1), (0, slice(1)), (slice(None), 1), (Ellipsis, 1), (1, Ellipsis), (None, 0, None), (slice(None), None, 2),
    (slice(1), slice(1, 3), slice(None, None, 3)), (Ellipsis, None), (0, 0, 0), (),
    np.array([2, 0, 0]), np.array([-1, 1]), np.array([[0, 1], [2, 0]]), [0, 2],
    (slice(None), np.array([1, 0])), (np.array([0, 1]), np.array([1, 2])), (np.array([[0], [1]]), np.array([1, 2])),
    (slice(None), np.array([0, 1]), np.array([3, 2])), (np.array([0, 1]), slice(None), np.array([3, 2])),
    (0, np.array([1, 1])), (np.array([1, 1]), None), (Ellipsis, np.array([0, 3])), (np.array([], dtype=np.int64),),
    True, False, (True, 0), (slice(None), True, 1), (Ellipsis, False),
]  # fmt: skip


def to_torch(key: Any) -> Any:
    """The same key with tensors for arrays."""
    if isinstance(key, tuple):
        return tuple(to_torch(item) for item in key)
    return torch.from_numpy(key.copy()) if isinstance(key, np.ndarray) else key


def example() -> np.ndarray[Any, Any]:
    return np.arange(3 * 4 * 5, dtype=np.float32).reshape(3, 4, 5)


@pytest.mark.parametrize("key", KEYS, ids=repr)
def test_reading(key: Any) -> None:
    expected = example()[key]
    result = torch.from_numpy(example())[to_torch(key)]
    assert tuple(result.shape) == expected.shape
    assert np.array_equal(result.numpy(), expected)


@pytest.mark.parametrize("key", KEYS, ids=repr)
def test_writing_a_number_and_a_tensor(key: Any) -> None:
    for value in (np.float32(-1), -np.arange(np.prod(example()[key].shape), dtype=np.float32).reshape(example()[key].shape)):
        array, tensor = example(), torch.from_numpy(example())
        array[key] = value
        tensor[to_torch(key)] = float(value) if value.ndim == 0 else torch.from_numpy(value)
        if np.unique(example()[key]).size == example()[key].size:  # with repeats the order of writes is open
            assert np.array_equal(tensor.numpy(), array)


def test_views_share_memory() -> None:
    x = torch.zeros(3, 4)
    x[1][2] = 5
    x[:, 0] += 1
    x[..., 3].fill_(7)
    assert x.tolist() == [[1, 0, 0, 7], [1, 0, 5, 7], [1, 0, 0, 7]]
    assert x[...] is not x
    assert x[...].data_ptr() == x.data_ptr()


def test_masks() -> None:
    array, x = example(), torch.from_numpy(example())
    mask = x > 30
    assert np.array_equal(x[mask].numpy(), array[array > 30])
    rows = torch.tensor([1, 0, 1], dtype=torch.uint8)
    assert np.array_equal(x[rows].numpy(), array[[True, False, True]])
    assert np.array_equal(x[rows, 1].numpy(), array[[True, False, True], 1])
    x[mask] = 0
    array[array > 30] = 0
    assert np.array_equal(x.numpy(), array)
    x[x == 0] = torch.tensor(9.0)
    array[array == 0] = 9
    assert np.array_equal(x.numpy(), array)


def test_masked_values_are_taken_in_order() -> None:
    x = torch.zeros(4)
    x[torch.tensor([0, 1, 0, 1], dtype=torch.uint8)] = torch.tensor([5.0, 6.0])
    assert x.tolist() == [0, 5, 0, 6]


def test_masks_without_dimensions() -> None:
    x = torch.tensor(3.0)
    assert x[x > 2].tolist() == [3] and x[x > 5].tolist() == []
    x[x > 2] = 7
    assert x.item() == 7
    y = torch.zeros(2, 3)
    y[torch.tensor(1, dtype=torch.uint8)] = 4
    assert y.sum().item() == 24 and y[torch.tensor(0, dtype=torch.uint8)].size() == (0, 2, 3)


def test_sequences_and_arrays_are_values() -> None:
    x = torch.zeros(2, 3)
    x[0] = [1, 2, 3]
    x[:, 2] = np.array([7, 8])
    assert x.tolist() == [[1, 2, 7], [0, 0, 8]]
    x[torch.tensor([1, 0])] = ((9, 9, 9), (5, 5, 5))
    assert x.tolist() == [[5, 5, 5], [9, 9, 9]]
    x[x > 6] = [1, 2, 3]
    assert x[1].tolist() == [1, 2, 3]
    with pytest.raises(TypeError, match="str"):
        x[0] = ["a", "b", "c"]


def test_values_broadcast_and_convert() -> None:
    x = torch.zeros(2, 3)
    x[:] = torch.tensor([1.0, 2.0, 3.0])
    assert x.tolist() == [[1, 2, 3], [1, 2, 3]]
    x[0] = torch.tensor([[4, 5, 6]])
    assert x[0].tolist() == [4, 5, 6]
    x[torch.tensor([1])] = torch.ones(3)
    assert x[1].tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("key", "error", "text"),
    [
        (3, IndexError, "3"),
        (-4, IndexError, "-4"),
        ((0, 0, 0, 0), IndexError, "too many indices"),
        ((Ellipsis, Ellipsis), IndexError, "ellipsis"),
        (slice(None, None, -1), ValueError, "step must be positive"),
        (slice(None, None, 0), ValueError, "zero"),
        ("a", TypeError, "str"),
        (1.5, TypeError, "float"),
        (torch.tensor([5]), IndexError, "5 (at place 0 )?is out of range"),
        (torch.tensor([0.0]), IndexError, "long or byte"),
        (torch.tensor([1, 0], dtype=torch.uint8), IndexError, "mask"),
    ],
    ids=repr,
)
def test_bad_keys(key: Any, error: type[Exception], text: str) -> None:
    x = torch.zeros(3, 4, 5)
    with pytest.raises(error, match=text):
        x[key]
    with pytest.raises(error, match=text):
        x[key] = 1
    assert x.sum().item() == 0


def test_bad_values() -> None:
    x = torch.zeros(3)
    with pytest.raises(TypeError, match="str"):
        x[0] = "a"
    with pytest.raises(RuntimeError):
        x[:] = torch.ones(2)
    with pytest.raises(RuntimeError):
        torch.zeros(3, dtype=torch.int64)[0] = 1.5
    with pytest.raises(TypeError, match="deleting"):
        del x[0]
    for wrong in (1, -1):
        with pytest.raises(IndexError, match="0-dim"):
            torch.tensor(1.0)[wrong]
        with pytest.raises(IndexError, match="0-dim"):
            torch.tensor(1.0)[wrong] = 2


def test_index_0_of_a_scalar_warns_and_works() -> None:
    """As in 0.4, where `loss.data[0]` stands in all programs of before."""
    x = torch.tensor(1.5, requires_grad=True)
    with pytest.warns(UserWarning, match=r"invalid index of a 0-dim tensor. This will be an error in PyTorch 0.5") as seen:
        row = (x * 2)[0]
    assert row.item() == 3.0 and row.size() == () and seen[0].filename == __file__
    row.backward()
    assert x.grad is not None and x.grad.item() == 2.0
    with pytest.warns(UserWarning, match="0-dim"):
        x.data[0] = 4.0
    assert x.item() == 4.0
    with warnings.catch_warnings(), pytest.raises(UserWarning, match="0-dim"):
        warnings.simplefilter("error")
        x.data[0]


def test_gradients_flow_through_reading_and_writing() -> None:
    x = torch.ones(3, 4, requires_grad=True)
    (x[1, 2:] * 2 + x[torch.tensor([0, 0]), torch.tensor([1, 1])]).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [[0, 2, 0, 0], [0, 0, 2, 2], [0, 0, 0, 0]]
    y = torch.ones(3, requires_grad=True)
    z = y * 2
    z[1] = 0
    z[torch.tensor([2])] = z[0] * 5
    z.sum().backward()
    assert y.grad is not None
    assert y.grad.tolist() == [12, 0, 0]


def test_a_wrong_index_is_named_and_nothing_is_written() -> None:
    x = torch.zeros(4, 5)
    column, row = torch.tensor([0, 4, 5]), torch.tensor([1, -4, 3])
    for change in (lambda: x[:, column], lambda: x[:, column].fill_(1), lambda: x.__setitem__((slice(None), column), 1)):
        with pytest.raises(IndexError, match="index 5 at place 2 is out of range for a dimension of size 5"):
            change()
    with pytest.raises(IndexError, match="index 5 is out of range for dimension 1 with size 5"):
        x[row, column] = torch.ones(3)
    assert x.sum().item() == 0
    x[row, column - 1] = 7
    assert x[1, -1].item() == x[0, 3].item() == x[3, 4].item() == 7 and x.sum().item() == 21


def test_an_index_that_lies_where_it_writes() -> None:
    x = torch.tensor([2, 0, 1])
    x[x] = torch.tensor([5, 6, 7])
    assert x.tolist() == [6, 7, 5]
    y = torch.tensor([2, 0, 1])
    y[y] = 4
    assert y.tolist() == [4, 4, 4] and torch.tensor([2, 0, 1])[y - 2].tolist() == [1, 1, 1]


def test_the_batch_loss_idiom() -> None:
    scores, target = torch.arange(6.0).view(2, 3), torch.tensor([2, 0])
    assert scores[torch.arange(2), target].tolist() == [2, 3]

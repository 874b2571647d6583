"""Random index expressions beside NumPy: what they read, what they write, and the gradient of both."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import torch


def slices(size: int) -> st.SearchStrategy[slice]:
    bound = st.none() | st.integers(-size - 1, size + 1)
    return st.builds(slice, bound, bound, st.none() | st.integers(1, 3))


@st.composite
def basic(draw: st.DrawFn, shape: tuple[int, ...]) -> tuple[Any, ...]:
    """ints, slices, None and an ellipsis."""
    taken = draw(st.integers(0, len(shape)))
    key: list[Any] = [draw(slices(size) | (st.integers(-size, size - 1) if size else slices(size))) for size in shape[:taken]]
    if draw(st.booleans()):
        key.append(Ellipsis)
    for _ in range(draw(st.integers(0, 2))):
        key.insert(draw(st.integers(0, len(key))), None)
    return tuple(key)


@st.composite
def advanced(draw: st.DrawFn, shape: tuple[int, ...]) -> tuple[Any, ...]:
    """Index arrays that broadcast together, masks, slices and None."""
    common = draw(st.sampled_from([(), (1,), (3,), (2, 1), (2, 3)]))
    key: list[Any] = []
    masked = False
    for size in shape:
        kind = draw(st.sampled_from(["slice", "array", "mask" if not masked and not common else "array"]))
        if kind == "slice" or (kind == "array" and size == 0):
            key.append(draw(slices(size)))
        elif kind == "array":
            sizes = tuple(draw(st.sampled_from([n, 1])) for n in common) or (1,)
            count = int(np.prod(sizes))
            values = draw(st.lists(st.integers(-size, size - 1), min_size=count, max_size=count))
            key.append(np.array(values, dtype=np.int64).reshape(sizes))
        else:
            masked = True
            key.append(np.array(draw(st.lists(st.booleans(), min_size=size, max_size=size)), dtype=bool))
    if draw(st.booleans()):
        key.insert(draw(st.integers(0, len(key))), None)
    return tuple(key)


@st.composite
def arrays_and_keys(draw: st.DrawFn) -> tuple[Any, tuple[Any, ...]]:
    shape = tuple(draw(st.lists(st.integers(0, 4), min_size=1, max_size=4)))
    array = np.arange(np.prod(shape), dtype=np.float64).reshape(shape)
    if draw(st.booleans()):
        array = array.T
    return array, draw(basic(array.shape) | advanced(array.shape))


def tensors(key: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(
        torch.tensor(item.astype(np.uint8) if item.dtype == bool else item) if isinstance(item, np.ndarray) else item
        for item in key
    )


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(arrays_and_keys())
def test_reads_writes_and_gradients(case: tuple[Any, tuple[Any, ...]]) -> None:
    array, key = case
    try:
        expected = array[key]
    except IndexError:  # arrays and a mask whose counts do not broadcast
        return
    x = torch.from_numpy(array.copy(order="K")).requires_grad_()
    result = x[tensors(key)]
    assert tuple(result.size()) == expected.shape
    assert np.array_equal(result.detach().numpy(), expected)

    weight = np.arange(1, expected.size + 1, dtype=np.float64).reshape(expected.shape)
    (result * torch.from_numpy(weight)).sum().backward()
    counted = np.zeros(array.shape)
    np.add.at(counted, key, weight)
    assert np.array_equal(x.grad.numpy(), counted)

    if np.unique(expected).size == expected.size:  # else the order of writes is open
        y = torch.zeros(*array.shape, dtype=torch.float64)
        value = torch.from_numpy(weight).requires_grad_()
        written = y * 1
        written[tensors(key)] = value
        reference = np.zeros(array.shape)
        reference[key] = weight
        assert np.array_equal(written.detach().numpy(), reference)
        if value.numel():
            (written * 3).sum().backward()
            assert value.grad.tolist() == np.full(weight.shape, 3.0).tolist()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(0, 3), max_size=4), st.lists(st.integers(0, 3), max_size=4))
def test_broadcasting(a: list[int], b: list[int]) -> None:
    x, y = np.ones(a), np.full(b, 2.0)
    try:
        expected = x * y
    except ValueError:
        expected = None
    left, right = torch.ones(a, dtype=torch.float64, requires_grad=True), torch.from_numpy(y).requires_grad_()
    if expected is None:
        try:
            left * right
        except RuntimeError as error:
            assert "[mul]" in str(error)
            return
        raise AssertionError("shapes that do not broadcast were multiplied")
    result = left * right
    assert result.detach().numpy().tolist() == expected.tolist() and tuple(result.size()) == expected.shape
    result.sum().backward()
    repeats = expected.size / max(x.size, 1)
    assert left.grad.size() == left.size() and (expected.size == 0 or left.grad.tolist() == (x * 2 * repeats).tolist())

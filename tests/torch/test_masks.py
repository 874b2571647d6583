"""The operators that combine masks: bits of integers beside NumPy."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import torch

OPERATORS: tuple[Callable[[Any, Any], Any], ...] = (operator.and_, operator.or_, operator.xor)
IN_PLACE: tuple[Callable[[Any, Any], Any], ...] = (operator.iand, operator.ior, operator.ixor)


def arrays(dtype: str) -> tuple[Any, Any]:
    """Two operands that broadcast, one of them transposed."""
    values = np.random.default_rng(3).integers(0, 128, (2, 3, 4)).astype(dtype)
    if values.dtype.kind == "i":
        values[0] = -values[0]
    return values[0].T, values[1, 0].reshape(4, 1)


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int16", "int32", "int64"])
@pytest.mark.parametrize("combine", OPERATORS)
def test_bits(combine: Callable[[Any, Any], Any], dtype: str) -> None:
    a, b = arrays(dtype)
    left, right = torch.from_numpy(np.ascontiguousarray(a.T)).t(), torch.from_numpy(b.copy())
    assert not left.is_contiguous()
    result = combine(left, right)
    assert result.dtype == left.dtype
    assert np.array_equal(result.numpy(), combine(a, b))
    assert np.array_equal(combine(left, 5).numpy(), combine(a, np.array(5, dtype)))
    assert np.array_equal(combine(5, left).numpy(), combine(a, np.array(5, dtype)))


@pytest.mark.parametrize("combine", IN_PLACE)
def test_in_place(combine: Callable[[Any, Any], Any]) -> None:
    a, b = arrays("uint8")
    target = torch.from_numpy(a.copy())
    view, version = target[1:], target._version
    assert combine(view, torch.from_numpy(b.copy())[1:]) is view
    expected = a.copy()
    expected[1:] = combine(expected[1:].copy(), b[1:])
    assert np.array_equal(target.numpy(), expected) and target._version > version
    with pytest.raises(RuntimeError, match="doesn't match the broadcast shape"):
        combine(torch.zeros(1).byte(), torch.zeros(2).byte())


def test_masks_of_comparisons() -> None:
    x = torch.tensor([-1.0, 0.5, 2.0])
    assert ((x > 0) & (x < 1)).tolist() == [0, 1, 0]
    assert ((x < 0) | (x > 1)).tolist() == [1, 0, 1]
    assert (~(x > 0)).tolist() == [1, 0, 0]
    assert x[(x > 0) ^ (x > 1)].tolist() == [0.5]


def test_out_may_be_an_operand() -> None:
    a, b = torch.tensor([12, 10]), torch.tensor([[10], [3]])
    torch.bitwise_xor(a, b[0], out=a)
    assert a.tolist() == [6, 0]
    with pytest.raises(RuntimeError, match="does not have the broadcast size"):
        torch.bitwise_xor(a, b, out=a)
    assert torch.bitwise_and(torch.zeros(0).long(), 1).size() == (0,)


def test_what_has_no_bits() -> None:
    mask = torch.ones(2).byte()
    with pytest.raises(RuntimeError, match="only integers have bits"):
        torch.ones(2) & torch.ones(2)
    with pytest.raises(RuntimeError, match="expected tensors of one dtype"):
        mask & torch.ones(2).long()
    with pytest.raises(RuntimeError, match="without losing its fraction"):
        mask & 0.5
    with pytest.raises(RuntimeError, match="only implemented on byte tensors"):
        ~torch.ones(2)
    with pytest.raises(TypeError, match="unsupported operand"):
        mask & "x"  # type: ignore[operator]

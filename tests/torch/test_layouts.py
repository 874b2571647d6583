"""Operations along a dimension on arbitrary views, beside NumPy: shapes, steps and permutations that hypothesis finds."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import torch


@st.composite
def views(draw: st.DrawFn) -> tuple[torch.Tensor, Any, int]:
    """A tensor, the NumPy array of the same elements, and one of their dimensions."""
    ndim = draw(st.integers(1, 4))
    size = [draw(st.integers(0 if ndim == 1 else 1, 5)) for _ in range(ndim)]
    array = np.random.default_rng(draw(st.integers(0, 99))).integers(0, 9, size).astype(draw(st.sampled_from(["f4", "i8"])))
    tensor = torch.from_numpy(array)
    order = draw(st.permutations(range(ndim)))
    array, tensor = array.transpose(order), tensor.permute(*order)
    dim = draw(st.integers(0, ndim - 1))
    step = draw(st.integers(1, 3))
    array, tensor = (
        array[(slice(None),) * dim + (slice(None, None, step),)],
        tensor[(slice(None),) * dim + (slice(None, None, step),)],
    )
    if draw(st.booleans()):
        array, tensor = np.broadcast_to(array, (2, *array.shape)), tensor.expand(2, *tensor.shape)
    return tensor, array, draw(st.integers(-array.ndim, array.ndim - 1))


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(views())
def test_along_a_dimension(view: tuple[torch.Tensor, Any, int]) -> None:
    x, array, dim = view
    values, indices = x.sort(dim)
    assert np.array_equal(indices.numpy(), np.argsort(array, dim, kind="stable"))
    assert np.array_equal(values.numpy(), np.sort(array, dim))
    assert np.array_equal(x.gather(dim, indices).numpy(), values.numpy())
    assert np.array_equal(torch.zeros(x.shape, dtype=x.dtype).scatter_(dim, indices, values).numpy(), array)
    assert np.array_equal(x.cumsum(dim).numpy(), np.cumsum(array, dim))
    assert np.array_equal(x.cumprod(dim).numpy(), np.cumprod(array.astype("f8"), dim).astype(array.dtype))
    assert np.array_equal(x.flip(dim).numpy(), np.flip(array, dim))
    assert np.array_equal(torch.unique(x).numpy(), np.unique(array))
    if array.shape[dim]:
        size = array.shape[dim]
        assert np.array_equal(x.median(dim)[0].numpy(), np.take(np.sort(array, dim), (size - 1) // 2, dim))
        assert np.array_equal(x.topk(size, dim)[0].numpy(), np.flip(np.sort(array, dim), dim))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(views(), st.integers(-6, 6))
def test_parts_of_matrices(view: tuple[torch.Tensor, Any, int], k: int) -> None:
    x, array, _ = view
    if array.ndim >= 2:
        assert np.array_equal(x.diagonal(k, -1, 0).numpy(), np.diagonal(array, k, -1, 0))
    if array.ndim == 2:
        assert np.array_equal(x.tril(k).numpy(), np.tril(array, k))
        assert np.array_equal(x.triu(k).numpy(), np.triu(array, k))
        assert np.array_equal(x.diag(k).numpy(), np.diag(array, k))
        assert x.trace().item() == np.trace(array)

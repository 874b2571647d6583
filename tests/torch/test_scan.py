"""Running sums and products beside NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import torch
from torch.autograd import gradcheck, gradgradcheck

DTYPES = ["uint8", "int8", "int16", "int32", "int64", "float32", "float64"]
SHAPES = [(), (1,), (5,), (4, 6), (3, 300), (300, 3), (2, 3, 4), (0,), (2, 0, 3)]


def sample(shape: tuple[int, ...], dtype: str) -> Any:
    source = np.random.default_rng(sum(shape))
    if dtype.startswith("f"):
        return np.asarray(source.uniform(0.8, 1.3, shape)).astype(dtype)
    return np.asarray(source.integers(1, 100, shape)).astype(dtype)


def layouts(array: Any) -> list[torch.Tensor]:
    views = [torch.from_numpy(array.copy())]
    if array.ndim > 1:
        views.append(torch.from_numpy(np.ascontiguousarray(array.T)).permute(*range(array.ndim - 1, -1, -1)))
        views.append(torch.from_numpy(np.repeat(array, 2, axis=-1))[..., ::2])
    return views


@pytest.mark.parametrize("name", ["cumsum", "cumprod"])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_running_results(shape: tuple[int, ...], dtype: str, name: str) -> None:
    array = sample(shape, dtype)
    wide = array.astype("float64" if dtype.startswith("f") else "int64")
    for tensor in layouts(array):
        for dim in range(-max(1, len(shape)), max(1, len(shape))):
            found = getattr(tensor, name)(dim)
            expected = getattr(np, name)(np.atleast_1d(wide), axis=dim).reshape(shape)
            assert found.dtype == (tensor.dtype if dtype.startswith("f") else torch.int64)
            tolerance = {"float32": 6e-8, "float64": 1e-13}.get(dtype, 0)  # a float result is rounded once
            np.testing.assert_allclose(found.numpy(), expected, rtol=tolerance, atol=0)


def test_a_long_sum_of_floats_is_as_good_as_a_sum_in_double() -> None:
    array = np.random.default_rng(0).random(300_000).astype("f4")
    exact = np.cumsum(array.astype("f8"))
    assert np.abs(torch.from_numpy(array).cumsum(0).numpy() - exact).max() <= np.spacing(np.float32(exact[-1])) / 2
    assert np.abs(np.cumsum(array) - exact).max() > 0.01


def test_nan_and_infinities_go_on() -> None:
    x = torch.tensor([1.0, float("inf"), 2.0, float("-inf"), 3.0, 0.0])
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(x.cumsum(0).numpy(), np.cumsum(x.numpy()))
        np.testing.assert_array_equal(x.cumprod(0).numpy(), np.cumprod(x.numpy()))


def test_no_overflow_on_the_way() -> None:
    big = np.array([-1e308, -0.5e308, 1e308, 1e308, 1e308, 1, 2], "f8")
    np.testing.assert_array_equal(torch.from_numpy(big).cumsum(0).numpy(), np.cumsum(big))
    tiny = np.array([1e300, 1e-200, 1e-200, 1e200, 1e-200, 1e300, 3, 4], "f8")
    np.testing.assert_array_equal(torch.from_numpy(tiny).cumprod(0).numpy(), np.cumprod(tiny))


def test_out_may_be_the_input() -> None:
    x = torch.arange(6).view(2, 3)
    torch.cumsum(x, 1, out=x)
    assert x.tolist() == [[0, 1, 3], [3, 7, 12]]
    with pytest.raises(RuntimeError, match=r"\[cumsum\] output shares memory"):
        torch.cumsum(x[:, :2], 1, out=x[:, 1:])


@pytest.mark.parametrize("zeros", [(), (0,), (2,), (4,), (1, 3), (0, 1, 2, 3, 4)])
def test_gradients_of_cumprod_and_prod_with_zeros(zeros: tuple[int, ...]) -> None:
    values = torch.tensor([1.5, -0.5, 2.0, 0.75, -1.25], dtype=torch.float64)
    for place in zeros:
        values[place] = 0
    x = torch.stack([values, values * 2]).requires_grad_()
    for function in (lambda t: t.cumprod(1), lambda t: t.prod(1), lambda t: t.prod()):
        assert gradcheck(function, (x,))
        assert gradgradcheck(function, (x,))


def test_refusals() -> None:
    with pytest.raises((IndexError, RuntimeError), match="cumsum"):
        torch.zeros(2, 3).cumsum(2)
    with pytest.raises((IndexError, RuntimeError), match="cumsum"):
        torch.zeros(2, 3).half().cumsum(2)

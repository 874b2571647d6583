"""Convolutions, poolings and foldings as modules: against loops in NumPy, with their gradients, repr and refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from windows import avg_pool, boxes, convolve, max_pool, transpose_convolve

import torch
import torch.nn.functional as F
from torch import nn
from torch.autograd import gradcheck

CONVOLUTIONS = {
    "1d": (nn.Conv1d, (4, 6, 3), {"stride": 2, "padding": 1, "groups": 2}, (2, 4, 9)),
    "2d": (nn.Conv2d, (3, 2, (3, 2)), {"stride": (2, 1), "padding": (1, 0), "dilation": (1, 2)}, (2, 3, 6, 5)),
    "2d-depthwise": (nn.Conv2d, (4, 4, 3), {"groups": 4, "padding": 1, "bias": False}, (1, 4, 5, 4)),
    "3d": (nn.Conv3d, (2, 3, (2, 1, 3)), {"stride": (1, 2, 1), "padding": (1, 0, 1)}, (1, 2, 3, 4, 4)),
    "3d-depthwise": (nn.Conv3d, (2, 2, 2), {"groups": 2, "padding": 1, "stride": 2}, (1, 2, 3, 3, 4)),
}
TRANSPOSED = {
    "1d": (nn.ConvTranspose1d, (4, 6, 3), {"stride": 3, "padding": 1, "output_padding": 2, "groups": 2}, (2, 4, 5)),
    "1d-pairs of taps": (nn.ConvTranspose1d, (3, 2, 4), {"stride": 2, "padding": 1}, (2, 3, 41)),
    "1d-odd taps": (nn.ConvTranspose1d, (3, 2, 5), {"stride": 2, "padding": 4, "output_padding": 1}, (2, 3, 23)),
    "1d-taps outside": (nn.ConvTranspose1d, (3, 2, 7), {"stride": 2, "padding": 3}, (2, 3, 2)),
    "2d-pairs of taps": (nn.ConvTranspose2d, (3, 2, (3, 4)), {"stride": 2, "padding": (0, 3)}, (2, 3, 3, 9)),
    "2d": (nn.ConvTranspose2d, (3, 2, (3, 2)), {"stride": (2, 1), "dilation": (1, 3), "output_padding": (1, 2)}, (2, 3, 3, 4)),
    "1d-one tap": (nn.ConvTranspose1d, (2, 4, 1), {"dilation": 2, "output_padding": 1, "groups": 2}, (1, 2, 17)),
    "2d-one tap": (nn.ConvTranspose2d, (3, 2, 1), {"dilation": (1, 3), "output_padding": (0, 2)}, (2, 3, 4, 3)),
    "3d": (nn.ConvTranspose3d, (2, 1, 2), {"stride": (1, 2, 1), "padding": (1, 0, 0)}, (1, 2, 3, 2, 2)),
}


def arrays(layer: Any) -> tuple[np.ndarray, np.ndarray | None]:
    return layer.weight.data.numpy(), None if layer.bias is None else layer.bias.data.numpy()


def check_gradients(layer: nn.Module, x: torch.Tensor) -> None:
    x.requires_grad_()
    assert gradcheck(lambda x, *_: layer(x), (x, *layer.parameters()))


@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_convolution(name: str) -> None:
    torch.manual_seed(0)
    kind, sizes, settings, shape = CONVOLUTIONS[name]
    layer, x = kind(*sizes, **settings).double(), torch.randn(*shape, dtype=torch.float64)
    expected = convolve(x.numpy(), *arrays(layer), layer.stride, layer.padding, layer.dilation, layer.groups)
    np.testing.assert_allclose(layer(x).detach().numpy(), expected, rtol=1e-9, atol=1e-11)
    single = kind(*sizes, **settings)
    single.load_state_dict(layer.float().state_dict())
    np.testing.assert_allclose(single(x.float()).detach().numpy(), expected, rtol=1e-3, atol=1e-4)
    assert single(x[:0].float()).size() == (0, *expected.shape[1:])
    check_gradients(layer.double(), x)


@pytest.mark.parametrize("name", TRANSPOSED)
def test_transposed_convolution(name: str) -> None:
    torch.manual_seed(0)
    kind, sizes, settings, shape = TRANSPOSED[name]
    layer, x = kind(*sizes, **settings).double(), torch.randn(*shape, dtype=torch.float64)
    expected = transpose_convolve(
        x.numpy(), *arrays(layer), layer.stride, layer.padding, layer.dilation, layer.output_padding, layer.groups
    )
    np.testing.assert_allclose(layer(x).detach().numpy(), expected, rtol=1e-9, atol=1e-11)
    check_gradients(layer, x)


def test_output_size_of_a_transposed_convolution() -> None:
    down, up = nn.Conv2d(2, 3, 3, stride=2, padding=1), nn.ConvTranspose2d(3, 2, 3, stride=2, padding=1)
    for size in (11, 12):
        x = torch.randn(1, 2, size, size)
        assert up(down(x), output_size=x.size()).size() == x.size()
    with pytest.raises(ValueError, match=r"valid sizes of dimension 0 range from 11 to 12"):
        up(down(x), output_size=(15, 12))


@pytest.mark.parametrize("ceil", [False, True])
def test_poolings(ceil: bool) -> None:
    shapes = {1: (2, 3, 9), 2: (2, 2, 7, 6), 3: (1, 2, 4, 5, 6)}
    for dims, shape in shapes.items():
        x = torch.randn(*shape, dtype=torch.float64)
        kernel, stride, pad, ones = (3,) * dims, (2,) * dims, (1,) * dims, (1,) * dims
        largest = getattr(nn, f"MaxPool{dims}d")(3, 2, 1, ceil_mode=ceil)
        np.testing.assert_array_equal(largest(x).numpy(), max_pool(x.numpy(), kernel, stride, pad, ones, ceil=ceil))
        mean = getattr(nn, f"AvgPool{dims}d")(3, 2, 1, ceil_mode=ceil, count_include_pad=False)
        expected = avg_pool(x.numpy(), kernel, stride, pad, ceil=ceil, include_pad=False)
        np.testing.assert_allclose(mean(x).numpy(), expected, rtol=1e-12)
        np.testing.assert_array_equal(largest(x[0]).numpy(), largest(x)[0].numpy())


def test_adaptive_poolings() -> None:
    for dims, shape in {1: (2, 3, 9), 2: (2, 2, 7, 6), 3: (1, 2, 4, 5, 6)}.items():
        x = torch.randn(*shape, dtype=torch.float64)
        size = (3, 2, 4)[:dims]
        expected = [np.zeros((*shape[:2], *size)) for _ in range(2)]
        for place, box in boxes(shape[2:], size):
            part, axes = x.numpy()[(..., *box)], tuple(range(-dims, 0))
            expected[0][(..., *place)], expected[1][(..., *place)] = part.max(axes), part.mean(axes)
        values, indices = getattr(nn, f"AdaptiveMaxPool{dims}d")(size, return_indices=True)(x)
        np.testing.assert_array_equal(values.numpy(), expected[0])
        flat = x.numpy().reshape(*shape[:2], -1)
        picked = np.take_along_axis(flat, indices.numpy().reshape(*shape[:2], -1), 2)
        np.testing.assert_array_equal(picked.reshape(values.size()), expected[0])
        np.testing.assert_allclose(getattr(nn, f"AdaptiveAvgPool{dims}d")(size)(x).numpy(), expected[1], rtol=1e-12)
    assert nn.AdaptiveAvgPool2d((None, 1))(torch.randn(1, 2, 5, 7)).size() == (1, 2, 5, 1)
    np.testing.assert_allclose(
        nn.AdaptiveAvgPool1d(1)(x[0, 0, 0][None]).numpy(), x.numpy()[0, 0, 0].mean(1, keepdims=True)[None]
    )


@pytest.mark.parametrize("size", [(1, 1), (2, 1), (3, 2), (5, 7)], ids=str)
@pytest.mark.parametrize("shape", [(2, 3, 1, 70), (1, 2, 6, 300), (1, 1, 3, 1500)], ids=str)
def test_adaptive_average_of_wide_images(shape: tuple[int, ...], size: tuple[int, int]) -> None:
    """Windows of whole rows, rows that are added up before they are cut into windows, and rows that are too wide for that."""
    x = torch.randn(*shape)
    x.requires_grad_()
    expected, seen = np.zeros((*shape[:2], *size)), np.zeros(shape)
    gradient = np.random.default_rng(0).standard_normal(expected.shape)
    for place, box in boxes(shape[2:], size):
        part = x.detach().double().numpy()[(..., *box)]
        expected[(..., *place)] = part.mean((-2, -1))
        seen[(..., *box)] += (gradient[(..., *place)] / (part.shape[-2] * part.shape[-1]))[..., None, None]
    result = F.adaptive_avg_pool2d(x, size)
    np.testing.assert_allclose(result.detach().numpy(), expected, atol=1e-5)
    result.backward(torch.from_numpy(gradient).float())
    np.testing.assert_allclose(x.grad.numpy(), seen, atol=1e-6)


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_unpooling(dims: int) -> None:
    x = torch.randn(2, 3, *[6] * dims, dtype=torch.float64)
    values, indices = getattr(nn, f"MaxPool{dims}d")(2, return_indices=True)(x)
    back = getattr(nn, f"MaxUnpool{dims}d")(2)(values, indices)
    kept = back != 0
    np.testing.assert_array_equal(back.numpy()[kept.numpy() == 1], x.numpy()[kept.numpy() == 1])
    assert kept.sum().item() == values.numel() and back.size() == x.size()
    other = getattr(F, f"max_unpool{dims}d")(values, indices, 2, output_size=[7] * dims)
    assert other.size() == (2, 3, *[7] * dims)
    with pytest.raises(ValueError, match="invalid output_size"):
        getattr(F, f"max_unpool{dims}d")(values, indices, 2, output_size=[9] * dims)


def test_fractional_and_lp_pooling() -> None:
    torch.manual_seed(0)
    x = torch.rand(2, 3, 10, 8, dtype=torch.float64)
    values, indices = nn.FractionalMaxPool2d(2, output_ratio=(0.5, 0.75), return_indices=True)(x)
    assert values.size() == (2, 3, 5, 6)
    picked = np.take_along_axis(x.numpy().reshape(2, 3, -1), indices.numpy().reshape(2, 3, -1), 2)
    np.testing.assert_array_equal(picked, values.numpy().reshape(2, 3, -1))
    expected = (avg_pool(x.numpy() ** 3, (2, 3), (2, 3), (0, 0)) * 6) ** (1 / 3)
    np.testing.assert_allclose(nn.LPPool2d(3, (2, 3))(x).numpy(), expected, rtol=1e-10)
    line = x[:, :, 0]
    expected = (avg_pool(line.numpy() ** 2, (3,), (2,), (0,)) * 3) ** 0.5
    np.testing.assert_allclose(nn.LPPool1d(2, 3, 2)(line).numpy(), expected, rtol=1e-10)


def test_fold_undoes_unfold() -> None:
    x = torch.randn(2, 3, 6, 5, dtype=torch.float64)
    columns = nn.Unfold((2, 3), padding=1)(x)
    assert columns.size() == (2, 18, 7 * 5)
    counts = nn.Fold((6, 5), (2, 3), padding=1)(nn.Unfold((2, 3), padding=1)(torch.ones_like(x)))
    np.testing.assert_allclose((nn.Fold((6, 5), (2, 3), padding=1)(columns) / counts).numpy(), x.numpy(), rtol=1e-12)
    with pytest.raises(RuntimeError, match=r"Fold\(\(6, 5\), \(2, 3\)\): input has 35 columns, expected 15"):
        nn.Fold((6, 5), (2, 3))(columns)


@pytest.mark.parametrize(
    ("module", "text"),
    [
        (nn.Conv1d(2, 4, 3, padding=1), "Conv1d(2, 4, kernel_size=(3,), stride=(1,), padding=(1,))"),
        (
            nn.ConvTranspose2d(4, 2, 3, stride=2, output_padding=1, bias=False),
            "ConvTranspose2d(4, 2, kernel_size=(3, 3), stride=(2, 2), output_padding=(1, 1), bias=False)",
        ),
        (nn.MaxPool3d(2), "MaxPool3d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)"),
        (nn.AdaptiveAvgPool2d((None, 3)), "AdaptiveAvgPool2d(output_size=(None, 3))"),
        (nn.Unfold(3), "Unfold(kernel_size=3, dilation=1, padding=0, stride=1)"),
    ],
)
def test_repr(module: nn.Module, text: str) -> None:
    assert repr(module) == text


def test_errors_name_the_layer() -> None:
    with pytest.raises(RuntimeError, match=r"^Conv3d\(2, 3, 2\): input has 4 dimensions, expected 5 \(N x C x D x H x W\)"):
        nn.Conv3d(2, 3, 2)(torch.randn(1, 2, 3, 3))
    with pytest.raises(RuntimeError, match=r"^ConvTranspose1d\(2, 3, 2\): input has 3 channels, weight expects 2"):
        nn.ConvTranspose1d(2, 3, 2)(torch.randn(1, 3, 3))
    with pytest.raises(RuntimeError, match=r"^MaxPool2d\(5, stride=5\): input has H 3, with padding 3: smaller than"):
        nn.MaxPool2d(5)(torch.randn(1, 2, 3, 3))
    with pytest.raises(
        RuntimeError, match=r"^AvgPool1d\(2, stride=2, padding=2\): padding is 2, expected at most half of kernel_size"
    ):
        nn.AvgPool1d(2, padding=2)(torch.randn(1, 2, 3))
    with pytest.raises(RuntimeError, match=r"output padding must be smaller than either stride or dilation"):
        nn.ConvTranspose1d(2, 3, 2, output_padding=1)(torch.randn(1, 2, 3))

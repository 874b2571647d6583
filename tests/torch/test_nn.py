"""Layers, losses and initial values against NumPy."""

from __future__ import annotations

import numpy as np
import pytest

import torch
import torch.nn.functional as F
from torch import nn


def test_linear() -> None:
    layer, x = nn.Linear(3, 2), torch.randn(4, 3)
    expected = x.numpy() @ layer.weight.data.numpy().T + layer.bias.data.numpy()
    np.testing.assert_allclose(layer(x).detach().numpy(), expected, rtol=1e-5, atol=1e-6)
    assert abs(layer.weight.data.numpy()).max() <= 3**-0.5


def _convolution(x: np.ndarray, w: np.ndarray, b: np.ndarray, stride: int, padding: int, dilation: int) -> np.ndarray:
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    height = (x.shape[2] - dilation * (w.shape[2] - 1) - 1) // stride + 1
    width = (x.shape[3] - dilation * (w.shape[3] - 1) - 1) // stride + 1
    out = np.zeros((x.shape[0], w.shape[0], height, width))
    for i in range(height):
        for j in range(width):
            rows = slice(i * stride, i * stride + dilation * (w.shape[2] - 1) + 1, dilation)
            columns = slice(j * stride, j * stride + dilation * (w.shape[3] - 1) + 1, dilation)
            out[:, :, i, j] = np.einsum("nchw,ochw->no", x[:, :, rows, columns], w) + b
    return out


@pytest.mark.parametrize(("stride", "padding", "dilation"), [(1, 0, 1), (2, 1, 1), (1, 2, 2)])
def test_conv2d(stride: int, padding: int, dilation: int) -> None:
    layer = nn.Conv2d(2, 3, 3, stride=stride, padding=padding, dilation=dilation).double()
    x = torch.randn(2, 2, 7, 6, dtype=torch.float64)
    expected = _convolution(x.numpy(), layer.weight.data.numpy(), layer.bias.data.numpy(), stride, padding, dilation)
    np.testing.assert_allclose(layer(x).detach().numpy(), expected, rtol=1e-10, atol=1e-12)


def test_conv2d_groups() -> None:
    layer = nn.Conv2d(4, 6, 3, groups=2).double()
    x = torch.randn(1, 4, 5, 5, dtype=torch.float64)
    w, b = layer.weight.data.numpy(), layer.bias.data.numpy()
    a = x.numpy()
    halves = [_convolution(a[:, :2], w[:3], b[:3], 1, 0, 1), _convolution(a[:, 2:], w[3:], b[3:], 1, 0, 1)]
    np.testing.assert_allclose(layer(x).detach().numpy(), np.concatenate(halves, 1), rtol=1e-10, atol=1e-12)
    with pytest.raises(ValueError, match=r"groups \(3\) must divide"):
        nn.Conv2d(4, 6, 3, groups=3)


def test_pooling() -> None:
    x = torch.randn(2, 3, 6, 4, dtype=torch.float64)
    blocks = x.numpy().reshape(2, 3, 3, 2, 2, 2)
    np.testing.assert_array_equal(nn.MaxPool2d(2)(x).numpy(), blocks.max((3, 5)))
    np.testing.assert_allclose(nn.AvgPool2d(2)(x).numpy(), blocks.mean((3, 5)), rtol=1e-12)
    values, indices = nn.MaxPool2d(2, return_indices=True)(x)
    flat = x.numpy().reshape(2, 3, -1)
    picked = np.take_along_axis(flat, indices.numpy().reshape(2, 3, -1), 2)
    np.testing.assert_array_equal(picked, values.numpy().reshape(2, 3, -1))


def test_softmax_and_losses() -> None:
    x = torch.randn(4, 5, dtype=torch.float64)
    a = x.numpy()
    log_p = a - np.log(np.exp(a).sum(1, keepdims=True))
    np.testing.assert_allclose(nn.LogSoftmax(dim=1)(x).numpy(), log_p, rtol=1e-10)
    np.testing.assert_allclose(nn.Softmax(dim=1)(x).numpy(), np.exp(log_p), rtol=1e-10)
    target = torch.tensor([0, 4, 2, 2])
    picked = -log_p[np.arange(4), target.numpy()]
    assert nn.CrossEntropyLoss()(x, target).item() == pytest.approx(picked.mean())
    assert nn.NLLLoss(reduction="sum")(F.log_softmax(x, 1), target).item() == pytest.approx(picked.sum())
    np.testing.assert_allclose(F.cross_entropy(x, target, reduce=False).numpy(), picked, rtol=1e-10)
    weight = torch.tensor([1, 2, 3, 4, 5.0], dtype=torch.float64)
    factors = weight.numpy()[target.numpy()]
    assert nn.CrossEntropyLoss(weight)(x, target).item() == pytest.approx((picked * factors).sum() / factors.sum())
    ignored = nn.CrossEntropyLoss(ignore_index=2)(x, target).item()
    assert ignored == pytest.approx(picked[:2].mean())
    y = torch.randn(4, 5, dtype=torch.float64)
    assert nn.MSELoss()(x, y).item() == pytest.approx(((a - y.numpy()) ** 2).mean())
    assert F.mse_loss(x, y, size_average=False).item() == pytest.approx(((a - y.numpy()) ** 2).sum())
    with pytest.raises(ValueError, match="reduction must be"):
        nn.MSELoss(reduction="average")


def test_activations() -> None:
    x = torch.tensor([-1.5, 0.0, 2.0])
    assert nn.ReLU()(x).tolist() == [0.0, 0.0, 2.0]
    assert nn.ReLU(inplace=True)(x) is x and x.tolist() == [0.0, 0.0, 2.0]
    np.testing.assert_allclose(nn.Tanh()(x).numpy(), np.tanh(x.numpy()), rtol=1e-6)
    np.testing.assert_allclose(nn.Sigmoid()(x).numpy(), 1 / (1 + np.exp(-x.numpy())), rtol=1e-6)


def test_inplace_relu_has_the_gradient_of_relu() -> None:
    x = torch.tensor([-1.0, 2.0, 3.0], requires_grad=True)
    F.relu(x * 2, inplace=True).sum().backward()
    assert x.grad.tolist() == [0.0, 2.0, 2.0]


def test_softmax_without_dim_warns() -> None:
    with pytest.warns(UserWarning, match="Implicit dimension choice for softmax has been deprecated"):
        assert F.softmax(torch.ones(2, 4)).sum(1).tolist() == [1.0, 1.0]


def test_dropout() -> None:
    torch.manual_seed(0)
    layer, x = nn.Dropout(0.25), torch.ones(10_000)
    out = layer(x)
    assert sorted(set(np.round(out.numpy(), 6))) == [0.0, pytest.approx(1 / 0.75, abs=1e-5)]
    assert 0.73 < (out != 0).float().mean().item() < 0.77
    assert layer.eval()(x) is x
    assert F.dropout(x, 1.0, training=True).sum().item() == 0
    with pytest.raises(ValueError, match=r"between 0 and 1, but got 1\.5"):
        nn.Dropout(1.5)


@pytest.mark.parametrize(
    ("module", "size"),
    [
        (nn.Linear(3, 2), (2, 3)),
        (nn.Conv2d(1, 2, 2), (1, 1, 3, 3)),
        (nn.AvgPool2d(2), (1, 1, 4, 4)),
        (nn.MaxPool2d(2), (1, 1, 4, 4)),
        (nn.Tanh(), (3,)),
        (nn.LogSoftmax(dim=1), (2, 3)),
        (nn.Softmax(dim=1), (2, 3)),
    ],
    ids=lambda v: type(v).__name__ if isinstance(v, nn.Module) else "",
)
def test_gradients(module: nn.Module, size: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    module = module.double()
    x = torch.randn(*size, dtype=torch.float64, requires_grad=True)
    parameters = tuple(module.parameters())
    assert torch.autograd.gradcheck(lambda x, *_: module(x), (x, *parameters))


# --- init ------------------------------------------------------------------------------------------------------------


def test_init() -> None:
    torch.manual_seed(0)
    weight = nn.Parameter(torch.empty(200, 100))
    assert nn.init.kaiming_normal_(weight, nonlinearity="relu") is weight and weight.requires_grad and weight.is_leaf
    assert weight.data.numpy().std() == pytest.approx((2 / 100) ** 0.5, rel=0.03)
    nn.init.xavier_uniform_(weight)
    assert abs(weight.data.numpy()).max() <= (6 / 300) ** 0.5
    nn.init.constant_(weight, 3)
    assert weight.data.numpy().min() == weight.data.numpy().max() == 3
    assert nn.init.eye_(torch.empty(2, 3)).tolist() == [[1, 0, 0], [0, 1, 0]]
    with pytest.raises(ValueError, match="fewer than 2 dimensions"):
        nn.init.xavier_uniform_(torch.empty(3))


def test_parameter() -> None:
    parameter = nn.Parameter(torch.ones(2))
    assert parameter.requires_grad and parameter.is_leaf and isinstance(parameter, torch.Tensor)
    assert repr(parameter) == "Parameter containing:\ntensor([1., 1.], requires_grad=True)"
    assert type(parameter * 2) is torch.Tensor

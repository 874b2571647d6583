"""Normalisation, dropout and the rest of the activations against NumPy; what their modules keep, print and refuse."""

from __future__ import annotations

import numpy as np
import pytest

import torch
import torch.nn.functional as F
from torch import nn
from torch.autograd import gradcheck, gradgradcheck

SHAPES = {nn.BatchNorm1d: (6, 3), nn.BatchNorm2d: (3, 3, 2, 4), nn.BatchNorm3d: (2, 3, 2, 2, 3)}
INSTANCES = {nn.InstanceNorm1d: (2, 3, 5), nn.InstanceNorm2d: (2, 3, 4, 3), nn.InstanceNorm3d: (2, 3, 2, 2, 3)}


def normal(x: np.ndarray, axes: tuple[int, ...], eps: float = 1e-5) -> np.ndarray:
    return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + eps)


def channels(vector: torch.Tensor, ndim: int) -> np.ndarray:
    return vector.data.numpy().reshape(1, -1, *[1] * (ndim - 2))


@pytest.mark.parametrize("kind", SHAPES)
def test_batch_norm(kind: type[nn.Module]) -> None:
    torch.manual_seed(0)
    layer, x = kind(3).double(), torch.randn(*SHAPES[kind], dtype=torch.float64) * 2 + 1
    a, axes = x.numpy(), (0, *range(2, x.dim()))
    scale, shift = channels(layer.weight, x.dim()), channels(layer.bias, x.dim())
    np.testing.assert_allclose(layer(x).detach().numpy(), normal(a, axes) * scale + shift, rtol=1e-9, atol=1e-12)
    count = a.size // 3
    np.testing.assert_allclose(layer.running_mean.numpy(), 0.1 * a.mean(axes), rtol=1e-12)
    np.testing.assert_allclose(layer.running_var.numpy(), 0.9 + 0.1 * a.var(axes) * count / (count - 1), rtol=1e-12)
    assert layer.num_batches_tracked.item() == 1
    mean, var = channels(layer.running_mean, x.dim()), channels(layer.running_var, x.dim())
    expected = (a - mean) / np.sqrt(var + 1e-5) * scale + shift
    np.testing.assert_allclose(layer.eval()(x).detach().numpy(), expected, rtol=1e-9, atol=1e-12)
    x.requires_grad_()
    assert gradcheck(lambda x, *_: layer(x), (x, layer.weight, layer.bias))
    layer.train()
    assert gradcheck(lambda x, *_: F.batch_norm(x, None, None, layer.weight, layer.bias, True), (x, layer.weight, layer.bias))
    assert gradgradcheck(lambda x, *_: F.batch_norm(x, None, None, layer.weight, None, True), (x, layer.weight))


def test_batch_norm_over_all_batches() -> None:
    layer = nn.BatchNorm1d(2, momentum=None)
    batches = [torch.randn(5, 2) for _ in range(3)]
    for batch in batches:
        layer(batch)
    np.testing.assert_allclose(
        layer.running_mean.numpy(), np.mean([b.numpy().mean(0) for b in batches], 0), rtol=1e-4, atol=1e-6
    )


def test_batch_norm_in_float_and_strided() -> None:
    x = torch.randn(4, 5, 300, 3).transpose(1, 2) + 100
    found = F.batch_norm(x, None, None, training=True).numpy()
    np.testing.assert_allclose(found, normal(x.numpy().astype("f8"), (0, 2, 3)), atol=2e-4)


@pytest.mark.parametrize("kind", INSTANCES)
def test_instance_norm(kind: type[nn.Module]) -> None:
    x = torch.randn(*INSTANCES[kind], dtype=torch.float64)
    axes = tuple(range(2, x.dim()))
    np.testing.assert_allclose(kind(3)(x).numpy(), normal(x.numpy(), axes), rtol=1e-9, atol=1e-12)
    layer = kind(3, affine=True, track_running_stats=True).double()
    layer(x)
    np.testing.assert_allclose(layer.running_mean.numpy(), 0.1 * x.numpy().mean(axes).mean(0), rtol=1e-10)
    x.requires_grad_()
    assert gradcheck(lambda x, *_: layer.eval()(x), (x, layer.weight, layer.bias))


def test_layer_and_group_norm() -> None:
    x = torch.randn(2, 4, 3, dtype=torch.float64)
    a = x.numpy()
    layer = nn.LayerNorm((4, 3)).double()
    layer.weight.data.uniform_()
    np.testing.assert_allclose(layer(x).detach().numpy(), normal(a, (1, 2)) * layer.weight.data.numpy(), rtol=1e-9)
    groups = nn.GroupNorm(2, 4).double()
    expected = normal(a.reshape(2, 2, 6), (2,)).reshape(2, 4, 3)
    np.testing.assert_allclose(groups(x).detach().numpy(), expected, rtol=1e-9)
    assert repr(nn.LayerNorm(3)) == "LayerNorm((3,), eps=1e-05, elementwise_affine=True)"
    with pytest.raises(RuntimeError, match=r"LayerNorm\(5\): input does not end in normalized_shape"):
        nn.LayerNorm(5)(x)
    with pytest.raises(RuntimeError, match=r"GroupNorm\(3, 6\): Expected number of channels"):
        nn.GroupNorm(3, 6)(x)


def test_local_response_norm() -> None:
    x = torch.randn(2, 5, 3, 2, dtype=torch.float64)
    a, squares = x.numpy(), x.numpy() ** 2
    sums = np.stack([squares[:, max(0, c - 1) : c + 2].sum(1) for c in range(5)], 1)
    expected = a / (2 + 0.3 * sums / 3) ** 0.5
    np.testing.assert_allclose(nn.LocalResponseNorm(3, 0.3, 0.5, 2)(x).numpy(), expected, rtol=1e-10)
    with pytest.raises(ValueError, match=r"\[local_response_norm\] size is 0, expected 1 or more"):
        F.local_response_norm(torch.ones(1, 2, 3), 0)


def test_errors_name_the_layer() -> None:
    with pytest.raises(ValueError, match=r"BatchNorm2d\(3\): expected 4D input \(got 2D input\)"):
        nn.BatchNorm2d(3)(torch.randn(2, 3))
    with pytest.raises(ValueError, match=r"BatchNorm1d\(3\): input has 4 channels, expected 3"):
        nn.BatchNorm1d(3)(torch.randn(2, 4))
    with pytest.raises(RuntimeError, match=r"BatchNorm1d\(3\): Expected more than 1 value per channel when training"):
        nn.BatchNorm1d(3)(torch.randn(1, 3))
    with pytest.raises(RuntimeError, match=r"^Conv2d\(3, 8, 3\): input has 4 channels, weight expects 3"):
        nn.Conv2d(3, 8, 3)(torch.randn(1, 4, 5, 5))
    with pytest.raises(RuntimeError, match=r"^Conv2d\(3, 8, 3, padding=1, bias=False\): input has 4 channels"):
        nn.Sequential(nn.Conv2d(3, 8, 3, padding=1, bias=False))(torch.randn(1, 4, 5, 5))


def test_checkpoints_of_older_versions_lack_a_counter() -> None:
    net = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    state = {name: value for name, value in net.state_dict().items() if not name.endswith("num_batches_tracked")}
    net.load_state_dict(state)
    del state["1.running_mean"]
    with pytest.raises(RuntimeError, match=r'Missing key\(s\) in state_dict: "1.running_mean"\.'):
        net.load_state_dict(state)


@pytest.mark.parametrize(("kind", "size"), [(nn.Dropout2d, (200, 50, 2, 2)), (nn.Dropout3d, (200, 50, 1, 2, 2))])
def test_channels_drop_out(kind: type[nn.Module], size: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    x = torch.ones(*size)
    rows = kind(0.25)(x).view(200 * 50, -1).numpy()
    assert (rows == rows[:, :1]).all() and sorted(set(rows[:, 0].round(5).tolist())) == [0.0, pytest.approx(4 / 3, abs=1e-4)]
    assert 0.73 < (rows[:, 0] > 0).mean() < 0.77
    assert kind().eval()(x) is x


def test_alpha_dropout_keeps_mean_and_variance() -> None:
    torch.manual_seed(0)
    x = torch.randn(200_000)
    found = nn.AlphaDropout(0.3)(x)
    assert abs(found.mean().item()) < 0.02 and abs(found.std().item() - 1) < 0.02
    assert nn.AlphaDropout(0.3).eval()(x) is x


def test_activations_made_of_others() -> None:
    x = torch.linspace(-2, 2, 9).double()
    a = x.numpy()
    np.testing.assert_allclose(nn.Softsign()(x).numpy(), a / (1 + abs(a)), rtol=1e-12)
    np.testing.assert_allclose(nn.Tanhshrink()(x).numpy(), a - np.tanh(a), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(nn.ReLU6()(x * 5).numpy(), np.clip(5 * a, 0, 6), rtol=1e-12)
    np.testing.assert_allclose(nn.Softmin(dim=0)(x).numpy(), np.exp(-a) / np.exp(-a).sum(), rtol=1e-12)
    alpha, scale = 1.6732632423543772, 1.0507009873554805
    np.testing.assert_allclose(nn.SELU()(x).numpy(), scale * np.where(a > 0, a, alpha * np.expm1(a)), rtol=1e-12)
    image = torch.randn(2, 3, 2, 2)
    np.testing.assert_allclose(nn.Softmax2d()(image).numpy().sum(1), np.ones((2, 2, 2)), rtol=1e-6)
    with pytest.raises(ValueError, match=r"Softmax2d\(\): input has 2 dimensions"):
        nn.Softmax2d()(torch.ones(2, 2))
    with pytest.raises(ValueError, match=r"max_val \(-1\) must be above"):
        nn.Hardtanh(0, -1)


def test_in_place_forms() -> None:
    for name in ("threshold_", "relu_", "hardtanh_", "elu_", "leaky_relu_", "rrelu_"):
        x = torch.linspace(-2, 2, 5)
        arguments = (0.5, 0.25) if name == "threshold_" else ()
        expected = getattr(F, name[:-1])(x, *arguments).tolist()
        assert getattr(F, name)(x, *arguments) is x and x.tolist() == expected


def test_gumbel_softmax() -> None:
    torch.manual_seed(0)
    logits = torch.log(torch.tensor([[0.1, 0.2, 0.7]])).expand(20_000, 3)
    hard = F.gumbel_softmax(logits, tau=0.5, hard=True)
    assert sorted(set(hard.view(-1).numpy().round(6).tolist())) == [0.0, 1.0]
    np.testing.assert_allclose(hard.mean(0).numpy(), [0.1, 0.2, 0.7], atol=0.02)
    leaf = torch.zeros(4, 3, requires_grad=True)
    F.gumbel_softmax(leaf, hard=True)[:, 0].sum().backward()
    assert leaf.grad.abs().sum().item() > 0


@pytest.mark.parametrize(
    ("module", "text"),
    [
        (nn.ELU(), "ELU(alpha=1.0)"),
        (nn.Hardtanh(-2, 2, True), "Hardtanh(min_val=-2, max_val=2, inplace)"),
        (nn.PReLU(3), "PReLU(num_parameters=3)"),
        (nn.BatchNorm2d(3), "BatchNorm2d(3, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)"),
        (nn.Threshold(0.1, 20), "Threshold(threshold=0.1, value=20)"),
        (nn.Dropout2d(0.2, True), "Dropout2d(p=0.2, inplace)"),
        (nn.Softshrink(), "Softshrink(0.5)"),
    ],
)
def test_repr(module: nn.Module, text: str) -> None:
    assert repr(module) == text


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize(("shape", "dims"), [((70, 33), 1), ((3, 1, 257), 1), ((5, 4, 50), 2), ((300,), 1), ((2, 3, 1), 1)])
def test_layer_norm_and_its_gradients(shape: tuple[int, ...], dims: int, dtype: str) -> None:
    """Beside NumPy in float64: rows and columns shorter and longer than the kernels' blocks, a mean far from 0, strides."""
    source = np.random.default_rng(4)
    x, gy = (source.standard_normal(shape) + 7, source.standard_normal(shape))
    weight, bias = source.standard_normal((2, *shape[-dims:]))
    axes = tuple(range(-dims, 0))
    n = normal(x, axes)
    scale, scaled = 1 / np.sqrt(x.var(axes, keepdims=True) + 1e-5), gy * weight
    gx = scale * (scaled - scaled.mean(axes, keepdims=True) - n * (scaled * n).mean(axes, keepdims=True))
    rows = tuple(range(len(shape) - dims))
    tensors = [torch.from_numpy(array.astype(dtype)) for array in (x, weight, bias)]
    tensors[0] = tensors[0].t().contiguous().t() if len(shape) == 2 else tensors[0]
    for tensor in tensors:
        tensor.requires_grad_()
    found = F.layer_norm(tensors[0], shape[-dims:], *tensors[1:])
    found.backward(torch.from_numpy(gy.astype(dtype)))
    near = 2e-4 if dtype == "f4" else 1e-10
    np.testing.assert_allclose(found.detach().numpy(), n * weight + bias, rtol=near, atol=near)
    for tensor, wanted in zip(tensors, (gx, (gy * n).sum(rows), gy.sum(rows)), strict=True):
        assert tensor.grad is not None
        np.testing.assert_allclose(tensor.grad.numpy(), wanted, rtol=near, atol=near * 10)


def test_layer_norm_does_not_depend_on_threads() -> None:
    torch.manual_seed(0)
    x, weight, gy = torch.randn(400, 300), torch.randn(300), torch.randn(400, 300)
    before, runs = torch.get_num_threads(), []
    for threads in (1, 2, 5):
        torch.set_num_threads(threads)
        leaves = [t.clone().requires_grad_() for t in (x, weight)]
        y = F.layer_norm(leaves[0], (300,), leaves[1])
        y.backward(gy)
        runs.append([y.detach(), *(t.grad for t in leaves)])
    torch.set_num_threads(before)
    for run in runs[1:]:
        assert all(torch.equal(a, b) for a, b in zip(runs[0], run, strict=True))


def test_layer_norm_at_the_edges() -> None:
    weight, bias = torch.randn(4, requires_grad=True), torch.randn(4, requires_grad=True)
    y = F.layer_norm(torch.empty(0, 4, requires_grad=True), (4,), weight, bias)
    assert y.shape == (0, 4)
    y.sum().backward()
    assert weight.grad is not None
    assert weight.grad.tolist() == [0.0] * 4
    np.testing.assert_array_equal(F.layer_norm(torch.full((2, 4), 3.0), (4,), None, bias).detach(), bias.detach().expand(2, 4))
    assert np.isnan(F.layer_norm(torch.tensor([[1.0, np.nan], [1.0, 2.0]]), (2,)).numpy()).tolist() == [[True] * 2, [False] * 2]
    with pytest.raises(RuntimeError, match="weight"):
        F.layer_norm(torch.ones(2, 4), (4,), torch.ones(3))
    with pytest.raises(RuntimeError, match="weight"):
        F.layer_norm(torch.ones(2, 4), (4,), torch.ones(4).double())
    if not torch.zeros(0).is_cuda:  # where halves are computed in float
        with pytest.raises(RuntimeError, match="Half"):
            F.layer_norm(torch.ones(2, 4).half(), (4,))
    x = torch.randn(3, 5, dtype=torch.float64, requires_grad=True)
    scale = torch.randn(5, dtype=torch.float64, requires_grad=True)
    assert gradgradcheck(lambda x, w: F.layer_norm(x, (5,), w), (x, scale))


# Runs shorter and longer than the kernels' blocks, one element a channel, one channel a group, one group, one sample.
GROUPED = [
    ((3, 6), 2),
    ((4, 6, 5), 3),
    ((2, 8, 19), 4),
    ((2, 4, 7, 7), 1),
    ((1, 6, 70), 6),
    ((2, 4, 31, 133), 2),
    ((300, 8, 3), 2),
]


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize(("shape", "groups"), GROUPED)
def test_group_norm_and_its_gradients(shape: tuple[int, ...], groups: int, dtype: str) -> None:
    """Beside NumPy in float64: a mean far from 0, strides, with and without weight and bias."""
    source = np.random.default_rng(5)
    x, gy = (source.standard_normal(shape) + 7, source.standard_normal(shape))
    weight, bias = source.standard_normal((2, shape[1]))
    near = 5e-4 if dtype == "f4" else 1e-10
    for scale, shift in ((weight, bias), (weight, None), (None, bias), (None, None)):
        rows, by_channel = (shape[0], groups, -1), (1, -1, *[1] * (len(shape) - 2))
        n = normal(x.reshape(rows), (2,))
        scaled = (gy * (1 if scale is None else scale.reshape(by_channel))).reshape(rows)
        invstd = 1 / np.sqrt(x.reshape(rows).var(2, keepdims=True) + 1e-5)
        gx = invstd * (scaled - scaled.mean(2, keepdims=True) - n * (scaled * n).mean(2, keepdims=True))
        normed, axes = n.reshape(shape), (0, *range(2, len(shape)))
        wanted = normed * (1 if scale is None else scale.reshape(by_channel))
        wanted = wanted + (0 if shift is None else shift.reshape(by_channel))
        tensors = [None if a is None else torch.from_numpy(a.astype(dtype)).requires_grad_() for a in (x, scale, shift)]
        leaf = torch.from_numpy(x.astype(dtype)).transpose(0, 1).contiguous().transpose(0, 1).requires_grad_()
        found = F.group_norm(leaf, groups, *tensors[1:])
        found.backward(torch.from_numpy(gy.astype(dtype)))
        np.testing.assert_allclose(found.detach().numpy(), wanted, rtol=near, atol=near)
        gradients = (gx.reshape(shape), (gy * normed).sum(axes), gy.sum(axes))
        for tensor, gradient in zip((leaf, *tensors[1:]), gradients, strict=True):
            if tensor is None:
                continue
            assert tensor.grad is not None
            np.testing.assert_allclose(tensor.grad.numpy(), gradient, rtol=near, atol=near * gy[:, 0].size ** 0.5)


def test_group_norm_does_not_depend_on_threads() -> None:
    torch.manual_seed(0)
    x, weight, gy = torch.randn(40, 12, 300), torch.randn(12), torch.randn(40, 12, 300)
    before, runs = torch.get_num_threads(), []
    for threads in (1, 2, 5):
        torch.set_num_threads(threads)
        leaves = [t.clone().requires_grad_() for t in (x, weight, weight)]
        y = F.group_norm(leaves[0], 3, *leaves[1:])
        y.backward(gy)
        runs.append([y.detach(), *(t.grad for t in leaves)])
    torch.set_num_threads(before)
    for run in runs[1:]:
        assert all(torch.equal(a, b) for a, b in zip(runs[0], run, strict=True))


def test_group_norm_at_the_edges() -> None:
    weight, bias = torch.randn(4, requires_grad=True), torch.randn(4, requires_grad=True)
    for shape in ((0, 4, 3), (2, 4, 0)):
        y = F.group_norm(torch.empty(*shape, requires_grad=True), 2, weight, bias)
        assert y.shape == shape
        y.sum().backward()
        assert weight.grad is not None and weight.grad.tolist() == [0.0] * 4
    flat = F.group_norm(torch.full((2, 4, 3), 3.0), 2, None, bias).detach()
    np.testing.assert_array_equal(flat, bias.detach().view(4, 1).expand(2, 4, 3))
    x = torch.ones(2, 4)
    x[1, 3] = np.nan
    assert np.isnan(F.group_norm(x, 2).numpy()).tolist() == [[False] * 4, [False, False, True, True]]
    with pytest.raises(RuntimeError, match="weight has 3 elements"):
        F.group_norm(x, 2, torch.ones(3))
    with pytest.raises(RuntimeError, match="weight|expected tensors of one dtype"):
        F.group_norm(x, 2, torch.ones(4).double())
    if not x.is_cuda:  # where halves are computed in float
        with pytest.raises(RuntimeError, match="Half"):
            F.group_norm(x.half(), 2)
    alone = torch.tensor([[1.0, np.nan, -3.0, 0.0]], requires_grad=True)  # each value is its group's mean
    y = F.group_norm(alone, 4, weight, bias)
    assert torch.equal(y[0, 2:], bias[2:]) and np.isnan(y[0, 1].item())
    assert torch.autograd.grad(y[0, 2:].sum(), alone)[0].numpy()[0, 2:].tolist() == [0.0, 0.0]
    with pytest.raises(RuntimeError, match="Expected more than 1 value per channel"):
        F.instance_norm(torch.ones(2, 4, 1))
    wide = torch.randn(2, 4, 3, dtype=torch.float64, requires_grad=True)
    scale, shift = (torch.randn(4, dtype=torch.float64, requires_grad=True) for _ in range(2))
    for leaves in ((wide, scale, shift), (wide[:, :, 0].detach().requires_grad_(), scale, shift), (wide,)):
        assert gradcheck(lambda x, *more: F.group_norm(x, 2, *more), leaves)
        assert gradgradcheck(lambda x, *more: F.group_norm(x, 2, *more), leaves)
    assert gradcheck(lambda x, *more: F.instance_norm(x, None, None, *more), (wide, scale, shift))
    assert gradgradcheck(lambda x, *more: F.instance_norm(x, None, None, *more), (wide, scale, shift))

"""Padding, interpolation, sampling, tables and the bilinear map as functions and modules."""

from __future__ import annotations

import numpy as np
import pytest

import torch
import torch.nn.functional as F
from torch import nn
from torch.autograd import gradcheck

X = torch.from_numpy(np.random.default_rng(0).standard_normal((2, 3, 4, 5)))


def padded(x: torch.Tensor, sides: list[tuple[int, int]], mode: str, **more: float) -> np.ndarray:
    return np.pad(x.numpy(), [(0, 0)] * (x.dim() - len(sides)) + sides, mode, **more)  # type: ignore[call-overload]


def test_padding() -> None:
    line, volume = X[:, :, 0], X.unsqueeze(2).expand(2, 3, 2, 4, 5)
    cases = [
        (nn.ConstantPad1d((1, 2), 3.5), line, padded(line, [(1, 2)], "constant", constant_values=3.5)),
        (nn.ConstantPad2d((1, 0, 2, 3), -1), X, padded(X, [(2, 3), (1, 0)], "constant", constant_values=-1)),
        (nn.ConstantPad3d(1, 0), volume, padded(volume, [(1, 1)] * 3, "constant")),
        (nn.ZeroPad2d((1, 2, 0, 1)), X, padded(X, [(0, 1), (1, 2)], "constant")),
        (nn.ReflectionPad1d(3), line, padded(line, [(3, 3)], "reflect")),
        (nn.ReflectionPad2d((1, 4, 2, 3)), X, padded(X, [(2, 3), (1, 4)], "reflect")),
        (nn.ReplicationPad1d((7, 1)), line, padded(line, [(7, 1)], "edge")),
        (nn.ReplicationPad2d(6), X, padded(X, [(6, 6), (6, 6)], "edge")),
        (nn.ReplicationPad3d((1, 2, 3, 0, 4, 5)), volume, padded(volume, [(4, 5), (3, 0), (1, 2)], "edge")),
    ]
    for module, x, expected in cases:
        np.testing.assert_array_equal(module(x).numpy(), expected)
    np.testing.assert_array_equal(nn.ZeroPad2d((-1, -2, 0, -1))(X).numpy(), X.numpy()[:, :, :-1, 1:-2])
    with pytest.raises(RuntimeError, match=r"ReflectionPad1d\(5\): Padding size should be less than"):
        nn.ReflectionPad1d(5)(line)
    with pytest.raises(ValueError, match="has 3 numbers, expected 4"):
        nn.ZeroPad2d((1, 2, 3))
    assert repr(nn.ConstantPad1d(2, 1.5)) == "ConstantPad1d(padding=(2, 2), value=1.5)"


def test_interpolation() -> None:
    np.testing.assert_array_equal(nn.Upsample(scale_factor=2)(X).numpy(), X.numpy().repeat(2, 2).repeat(2, 3))
    np.testing.assert_array_equal(nn.UpsamplingNearest2d((8, 5))(X).numpy(), X.numpy().repeat(2, 2))
    middle = F.interpolate(X, size=(7, 9), mode="bilinear", align_corners=True).numpy()
    np.testing.assert_allclose(middle[:, :, ::2, ::2], X.numpy(), rtol=1e-12)
    np.testing.assert_allclose(middle[:, :, 1::2, ::2], (X.numpy()[:, :, 1:] + X.numpy()[:, :, :-1]) / 2, rtol=1e-10)
    np.testing.assert_allclose(nn.UpsamplingBilinear2d((7, 9))(X).numpy(), middle, rtol=1e-12)
    ramp = torch.arange(12.0).view(1, 1, 12)
    np.testing.assert_allclose(F.interpolate(ramp, scale_factor=0.5, mode="linear").numpy()[0, 0], np.arange(0.5, 12, 2))
    cubes = X.unsqueeze(2).expand(2, 3, 2, 4, 5)
    assert F.interpolate(cubes, size=3, mode="trilinear").size() == (2, 3, 3, 3, 3)
    with pytest.raises(ValueError, match="takes inputs of 4 dimensions, got 5"):
        F.interpolate(cubes, size=3, mode="bilinear")
    with pytest.raises(ValueError, match="exactly one of size and scale_factor"):
        F.interpolate(X)
    with pytest.warns(UserWarning, match="upsample_nearest is deprecated"):
        assert F.upsample_nearest(X, scale_factor=3).size() == (2, 3, 12, 15)


def test_grids() -> None:
    identity = torch.tensor([[[1.0, 0, 0], [0, 1, 0]]]).double().expand(2, 2, 3)
    np.testing.assert_allclose(F.grid_sample(X, F.affine_grid(identity, X.size())).numpy(), X.numpy(), rtol=1e-10, atol=1e-12)
    mirror = torch.tensor([[[-1.0, 0, 0], [0, 1, 0]]]).double().expand(2, 2, 3)
    flipped = F.grid_sample(X, F.affine_grid(mirror, X.size()), padding_mode="border")
    np.testing.assert_allclose(flipped.numpy(), X.numpy()[..., ::-1], rtol=1e-10, atol=1e-12)
    grid = (torch.rand(2, 3, 2, 2, dtype=torch.float64) * 2.2 - 1.1).requires_grad_()
    x = X.clone().requires_grad_()
    for mode in ("zeros", "border"):
        assert gradcheck(lambda x, g, m=mode: F.grid_sample(x, g, padding_mode=m), (x, grid))
    (first,) = torch.autograd.grad(F.grid_sample(x, grid).sum(), [x], create_graph=True)
    with pytest.raises(RuntimeError, match="grid_sample has no second derivative"):
        (first * first).sum().backward()


def test_pixel_shuffle() -> None:
    x = torch.arange(2 * 8 * 2 * 3).view(2, 8, 2, 3)
    expected = x.numpy().reshape(2, 2, 2, 2, 2, 3).transpose(0, 1, 4, 2, 5, 3).reshape(2, 2, 4, 6)
    np.testing.assert_array_equal(nn.PixelShuffle(2)(x).numpy(), expected)
    with pytest.raises(ValueError, match="8 channels cannot be divided"):
        nn.PixelShuffle(3)(x)


def test_embedding() -> None:
    table = nn.Embedding(5, 3, padding_idx=-1).double()
    assert table.weight.data[4].tolist() == [0, 0, 0]
    indices = torch.tensor([[0, 4, 2], [2, 2, 1]])
    np.testing.assert_array_equal(table(indices).detach().numpy(), table.weight.data.numpy()[indices.numpy()])
    table(indices).sum().backward()
    assert table.weight.grad[:, 0].tolist() == [1, 1, 3, 0, 0]
    scaled = nn.Embedding(5, 3, scale_grad_by_freq=True)
    scaled(indices).sum().backward()
    np.testing.assert_allclose(scaled.weight.grad[:, 0].numpy(), [1, 1, 1, 0, 1])
    short = nn.Embedding(5, 3, max_norm=0.5)
    assert short(indices).norm(2, 2).max().item() <= 0.5 + 1e-6
    fixed = nn.Embedding.from_pretrained(torch.eye(3))
    assert not fixed.weight.requires_grad and fixed(torch.tensor(1)).tolist() == [0, 1, 0]
    assert repr(table) == "Embedding(5, 3, padding_idx=4)"
    with pytest.raises((RuntimeError, IndexError), match=r"^Embedding\(5, 3\): "):
        nn.Embedding(5, 3)(torch.tensor([5]))
    with pytest.raises(ValueError, match=r"padding_idx \(7\) must be within"):
        nn.Embedding(5, 3, padding_idx=7)


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
def test_embedding_bag(mode: str) -> None:
    bag = nn.EmbeddingBag(5, 3, mode=mode).double()
    rows = bag.weight.data.numpy()
    indices, offsets = torch.tensor([4, 0, 1, 2, 2]), torch.tensor([0, 2, 2])
    reduce = getattr(np, mode)
    expected = np.stack([reduce(rows[[4, 0]], 0), np.zeros(3), reduce(rows[[1, 2, 2]], 0)])
    np.testing.assert_allclose(bag(indices, offsets).detach().numpy(), expected, rtol=1e-12)
    matrix = torch.tensor([[0, 1], [3, 3]])
    np.testing.assert_allclose(bag(matrix).detach().numpy(), reduce(rows[matrix.numpy()], 1), rtol=1e-12)
    assert gradcheck(lambda w: F.embedding_bag(indices, w, offsets, mode=mode), (bag.weight,))
    with pytest.raises(ValueError, match="offsets have to begin with 0"):
        bag(indices, torch.tensor([1, 2]))


def test_bilinear() -> None:
    layer = nn.Bilinear(3, 4, 2).double()
    x, y = torch.randn(5, 3, dtype=torch.float64), torch.randn(5, 4, dtype=torch.float64)
    expected = np.einsum("ni,oij,nj->no", x.numpy(), layer.weight.data.numpy(), y.numpy()) + layer.bias.data.numpy()
    np.testing.assert_allclose(layer(x, y).detach().numpy(), expected, rtol=1e-10)
    assert gradcheck(lambda x, y, *_: layer(x, y), (x.requires_grad_(), y.requires_grad_(), *layer.parameters()))
    with pytest.raises(ValueError, match="inputs have 4 and 3 features, weight expects 3 and 4"):
        layer(y, x)


def resample(size: int, out: int, align: bool) -> np.ndarray:
    """The matrix of linear interpolation along one axis: out x size."""
    matrix = np.zeros((out, size))
    for o in range(out):
        at = o * (size - 1) / max(out - 1, 1) if align else max((o + 0.5) * size / out - 0.5, 0)
        low = min(int(at), size - 1)
        matrix[o, low] += 1 - (at - low)
        matrix[o, min(low + 1, size - 1)] += at - low
    return matrix


@pytest.mark.parametrize("align", [False, True])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize(
    ("size", "out"),
    [
        ((5, 7), (10, 14)), ((5, 7), (11, 3)), ((9, 4), (4, 37)), ((6, 5), (6, 5)), ((1, 3), (4, 6)), ((4, 1), (9, 1)),
        ((3, 4, 5), (6, 8, 10)), ((3, 4, 5), (2, 9, 7)), ((5, 3, 4), (7, 2, 3)), ((2, 1, 3), (5, 4, 2)),
    ],
)  # fmt: skip
def test_linear_interpolation_and_its_gradient(size: tuple[int, ...], out: tuple[int, ...], dtype: str, align: bool) -> None:
    """Beside matrices, axis by axis: larger and smaller, and both at once."""
    source = np.random.default_rng(8)
    matrices = [resample(n, m, align) for n, m in zip(size, out, strict=True)]
    x, gy = source.standard_normal((2, 3, *size)), source.standard_normal((2, 3, *out))
    formula = "zyx"[-len(size) :]
    names = ",".join(f"{o}{i}" for o, i in zip("ZYX"[-len(size) :], formula, strict=True))
    expected = np.einsum(f"nc{formula},{names}->nc{formula.upper()}", x, *matrices)
    gradient = np.einsum(f"nc{formula.upper()},{names}->nc{formula}", gy, *matrices)
    tensor = torch.from_numpy(x.astype(dtype)).requires_grad_()
    mode = "bilinear" if len(size) == 2 else "trilinear"
    found = F.interpolate(tensor, size=out, mode=mode, align_corners=align)
    found.backward(torch.from_numpy(gy.astype(dtype)))
    near = {"rtol": 1e-4, "atol": 1e-5} if dtype == "f4" else {"rtol": 1e-10, "atol": 1e-11}
    np.testing.assert_allclose(found.detach().numpy(), expected, **near)
    assert tensor.grad is not None
    np.testing.assert_allclose(tensor.grad.numpy(), gradient, **near)

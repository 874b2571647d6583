"""torch.nn.utils: clipping, vectors of parameters, computed weights, sequences of different lengths."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import torch
from torch import nn
from torch.nn import utils
from torch.nn.utils import rnn

GRADS = ([[1.0, -2.0], [3.0, 0.5]], [-4.0, 0.25])


def params() -> list[torch.Tensor]:
    result = [torch.zeros(2, 2, requires_grad=True), torch.zeros(2, requires_grad=True)]
    for param, grad in zip(result, GRADS, strict=True):
        (param * torch.tensor(grad)).sum().backward()
    return [*result, torch.zeros(1, requires_grad=True)]  # the last has no gradient


def grads(found: list[torch.Tensor]) -> list[float]:
    return [number for param in found[:2] for number in param.grad.contiguous().view(-1).tolist()]


FLAT = np.array([1.0, -2.0, 3.0, 0.5, -4.0, 0.25])


@pytest.mark.parametrize("order", [0.5, 1, 2, 3.5, math.inf, "inf"])
@pytest.mark.parametrize("bound", [0.1, 1, 1000])
def test_clip_norm(order: Any, bound: float) -> None:
    p = float(order)
    norm = np.abs(FLAT).max() if p == math.inf else (np.abs(FLAT) ** p).sum() ** (1 / p)
    found = params()
    assert utils.clip_grad_norm_(iter(found), bound, order) == pytest.approx(norm, rel=1e-6)
    np.testing.assert_allclose(grads(found), FLAT * min(1, bound / norm), rtol=1e-5)


def test_clip_norm_of_one_tensor() -> None:
    param = params()[1]
    utils.clip_grad_norm_(param, 1)
    assert param.grad.norm().item() == pytest.approx(1)


def test_clip_without_gradients() -> None:
    assert utils.clip_grad_norm_([torch.zeros(1, requires_grad=True)], 1) == 0
    assert utils.clip_grad_norm_([], 1, math.inf) == 0


def test_clip_norm_under_its_old_name() -> None:
    with pytest.warns(UserWarning, match="is now deprecated in favor of torch.nn.utils.clip_grad_norm_"):
        utils.clip_grad_norm(params(), 1)


def test_clip_value() -> None:
    found = params()
    assert utils.clip_grad_value_(found, 1.5) is None  # type: ignore[func-returns-value]
    assert grads(found) == np.clip(FLAT, -1.5, 1.5).tolist()


def test_to_vector_and_back() -> None:
    net = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
    vector = utils.parameters_to_vector(net.parameters())
    assert vector.tolist() == [n for param in net.parameters() for n in param.contiguous().view(-1).tolist()]
    (vector * torch.arange(13.0)).sum().backward()
    assert net[1].bias.grad.tolist() == [12.0]
    new = torch.arange(13.0)
    utils.vector_to_parameters(new, net.parameters())
    assert utils.parameters_to_vector(net.parameters()).tolist() == new.tolist()
    new[12] = -1
    assert net[1].bias.tolist() == [-1.0] and net[1].bias.requires_grad


def test_vector_must_fit() -> None:
    net = nn.Linear(2, 3)
    with pytest.raises(TypeError, match="expected torch.Tensor, but got: list"):
        utils.vector_to_parameters([1.0], net.parameters())  # type: ignore[arg-type]
    for size in ([8], [10], [3, 3]):
        with pytest.raises(ValueError, match="take a vector of 9 elements"):
            utils.vector_to_parameters(torch.zeros(*size), net.parameters())


# --- weight_norm -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dim", [0, 1, -1, None])
def test_weight_norm(dim: int | None) -> None:
    torch.manual_seed(0)
    net = nn.Linear(4, 3).double()
    before = np.array(net.weight.tolist())
    x = torch.randn(5, 4, dtype=torch.float64)
    expected = net(x)
    assert utils.weight_norm(net, dim=dim) is net
    assert sorted(name for name, _ in net.named_parameters()) == ["bias", "weight_g", "weight_v"]
    norm = np.linalg.norm(before, axis=None if dim is None else {0: 1, 1: 0, -1: 0}[dim], keepdims=dim is not None)
    np.testing.assert_allclose(net.weight_g.tolist(), norm)
    np.testing.assert_allclose(net(x).tolist(), expected.tolist(), rtol=1e-12)
    with torch.no_grad():
        net.weight_g.mul_(2)
        net.weight_v.mul_(7)  # a direction: its length does not matter
    net(x)
    np.testing.assert_allclose(net.weight.tolist(), 2 * before, rtol=1e-12)
    utils.remove_weight_norm(net)
    assert sorted(name for name, _ in net.named_parameters()) == ["bias", "weight"]
    np.testing.assert_allclose(net.weight.tolist(), 2 * before, rtol=1e-12)


def test_weight_norm_gradients() -> None:
    """Salimans and Kingma, equation 3, for each row."""
    torch.manual_seed(0)
    net = utils.weight_norm(nn.Linear(4, 3).double())
    (net(torch.randn(5, 4, dtype=torch.float64)) ** 2).sum().backward()
    v, g = np.array(net.weight_v.tolist()), np.array(net.weight_g.tolist())
    plain = nn.Linear(4, 3).double()
    plain.load_state_dict({"weight": net.weight.detach(), "bias": net.bias.detach()})
    torch.manual_seed(0)
    nn.Linear(4, 3)
    (plain(torch.randn(5, 4, dtype=torch.float64)) ** 2).sum().backward()
    grad = np.array(plain.weight.grad.tolist())
    length = np.linalg.norm(v, axis=1, keepdims=True)
    grad_g = (grad * v).sum(1, keepdims=True) / length
    np.testing.assert_allclose(net.weight_g.grad.tolist(), grad_g, rtol=1e-9)
    np.testing.assert_allclose(
        net.weight_v.grad.tolist(), g / length * grad - g * grad_g / length**2 * v, rtol=1e-9, atol=1e-12
    )


def test_weight_norm_of_a_convolution_trains() -> None:
    net = utils.weight_norm(nn.Conv2d(2, 3, 3))
    assert net.weight_g.size() == (3, 1, 1, 1)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    x = torch.randn(4, 2, 5, 5)
    losses = []
    for _ in range(5):
        optimizer.zero_grad()
        loss = (net(x) ** 2).sum()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]


@pytest.mark.parametrize("kind", ["weight_norm", "spectral_norm"])
def test_once_and_only_what_is_there(kind: str) -> None:
    apply, remove = getattr(utils, kind), getattr(utils, "remove_" + kind)
    net = nn.Linear(2, 2)
    with pytest.raises(ValueError, match=f"{kind} of 'weight' not found in Linear"):
        remove(net)
    apply(net)
    with pytest.raises(RuntimeError, match="is applied to 'weight' already"):
        apply(net)


# --- spectral_norm -----------------------------------------------------------------------------------------------------


def test_spectral_norm() -> None:
    torch.manual_seed(0)
    net = nn.Conv2d(2, 4, 3).double()
    weight = np.array(net.weight.tolist())
    largest = np.linalg.svd(weight.reshape(4, -1), compute_uv=False)[0]
    utils.spectral_norm(net, n_power_iterations=200)
    x = torch.randn(1, 2, 5, 5, dtype=torch.float64)
    net(x).sum().backward()
    np.testing.assert_allclose(net.weight.tolist(), weight / largest, rtol=1e-9)
    assert net.weight_orig.grad is not None
    assert sorted(net.state_dict()) == ["bias", "weight", "weight_orig", "weight_u"]
    utils.remove_spectral_norm(net)
    assert sorted(net.state_dict()) == ["bias", "weight"]
    np.testing.assert_allclose(net.weight.tolist(), weight / largest, rtol=1e-9)


def test_spectral_norm_gradient() -> None:
    """sigma = u^T W v with constant u and v, so dL/dW = (G - <G, W / sigma> u v^T) / sigma (Miyato et al., equation 12)."""
    torch.manual_seed(0)
    net = utils.spectral_norm(nn.Linear(4, 3, bias=False).double(), n_power_iterations=300)
    x = torch.randn(5, 4, dtype=torch.float64)
    (net(x) ** 2).sum().backward()
    w = np.array(net.weight_orig.tolist())
    u, s, vt = np.linalg.svd(w)
    normalised = w / s[0]
    g = 2 * (np.array(x.tolist()) @ normalised.T).T @ np.array(x.tolist())
    expected = (g - (g * normalised).sum() * np.outer(u[:, 0], vt[0])) / s[0]
    np.testing.assert_allclose(net.weight_orig.grad.tolist(), expected, rtol=1e-7, atol=1e-9)


def test_spectral_norm_in_evaluation() -> None:
    """It refines its estimate in training only."""
    net = utils.spectral_norm(nn.Linear(6, 6))
    x = torch.randn(2, 6)
    net(x)
    net.eval()
    u, weight = net.weight_u.tolist(), net.weight.tolist()
    first, second = net(x), net(x)
    assert first.tolist() == second.tolist()
    assert net.weight_u.tolist() == u and net.weight.tolist() == weight
    net.train()(x)
    assert net.weight_u.tolist() != u


def test_spectral_norm_refuses() -> None:
    with pytest.raises(ValueError, match="Expected n_power_iterations to be positive, but got n_power_iterations=0"):
        utils.spectral_norm(nn.Linear(2, 2), n_power_iterations=0)


# --- rnn ---------------------------------------------------------------------------------------------------------------

LENGTHS = [4, 2, 2, 1]


def sequences(*rest: int) -> list[torch.Tensor]:
    torch.manual_seed(0)
    return [torch.randn(length, *rest) for length in LENGTHS]


@pytest.mark.parametrize("rest", [(), (3,), (2, 3)])
@pytest.mark.parametrize("batch_first", [False, True])
def test_pack_and_pad(rest: tuple[int, ...], batch_first: bool) -> None:
    parts = sequences(*rest)
    padded = rnn.pad_sequence(parts, batch_first, padding_value=-7)
    assert padded.size() == ((4, 4, *rest))
    for index, part in enumerate(parts):
        column = padded[index] if batch_first else padded[:, index]
        assert column[: len(part)].tolist() == part.tolist()
        assert (column[len(part) :] == -7).all() or len(part) == 4
    packed = rnn.pack_padded_sequence(padded, torch.tensor(LENGTHS), batch_first)
    assert packed.batch_sizes.tolist() == [4, 3, 1, 1]
    by_time = [parts[i][t] for t in range(4) for i in range(4) if t < LENGTHS[i]]
    assert packed.data.tolist() == torch.stack(by_time).tolist()
    assert rnn.pack_sequence(parts).data.tolist() == packed.data.tolist()
    again, lengths = rnn.pad_packed_sequence(packed, batch_first, padding_value=-7)
    assert again.tolist() == padded.tolist() and lengths.tolist() == LENGTHS
    longer, _ = rnn.pad_packed_sequence(packed, batch_first, padding_value=-7, total_length=6)
    assert longer.size(1 if batch_first else 0) == 6
    tail = longer[:, 4:] if batch_first else longer[4:]
    assert (tail == -7).all()


def test_gradients_pass_through() -> None:
    x = torch.randn(4, 4, 3, requires_grad=True)
    packed = rnn.pack_padded_sequence(x, LENGTHS)
    padded, _ = rnn.pad_packed_sequence(rnn.PackedSequence(packed.data * 2, packed.batch_sizes))
    padded.sum().backward()
    expected = [[[2.0 if t < length else 0.0] * 3 for length in LENGTHS] for t in range(4)]
    assert x.grad.tolist() == expected


@pytest.mark.host("goes to devices itself")
def test_packed_sequences_convert() -> None:
    packed = rnn.pack_sequence(sequences(2)).to(torch.float64)
    assert packed.data.dtype is torch.float64 and packed.batch_sizes.dtype is torch.int64 and not packed.is_cuda
    names = {"double": "float64", "float": "float32", "half": "float16", "long": "int64", "int": "int32", "short": "int16"}
    for name, dtype in {**names, "char": "int8", "byte": "uint8"}.items():
        converted = getattr(packed, name)()
        assert type(converted) is rnn.PackedSequence and converted.data.dtype is getattr(torch, dtype)
        assert converted.batch_sizes is packed.batch_sizes
    assert packed.cpu().data.tolist() == packed.data.tolist()
    if not torch.cuda.is_available():
        with pytest.raises(RuntimeError, match="no tensor can live on cuda"):
            packed.cuda()


@pytest.mark.parametrize(
    ("lengths", "text"),
    [
        ([4, 2, 2], "lengths array has incorrect size"),
        ([2, 4, 2, 1], "lengths array has to be sorted in decreasing order"),
        ([4, 2, 2, 0], "greater than 0"),
        ([5, 2, 2, 1], "lengths array names 5 elements, the input has 4"),
    ],
)
def test_packing_refuses(lengths: list[int], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        rnn.pack_padded_sequence(torch.zeros(4, 4), lengths)


def test_padding_refuses() -> None:
    with pytest.raises(ValueError, match="Expected total_length to be at least the length of the longest sequence"):
        rnn.pad_packed_sequence(rnn.pack_sequence(sequences()), total_length=3)

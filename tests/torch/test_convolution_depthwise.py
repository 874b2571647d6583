"""Convolutions with one input channel in each group, their gradients too, against sums over taps in NumPy."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import torch
import torch.nn.functional as F

# name -> input, filters (outputs of each group first), stride, padding, dilation; rows of outputs shorter than a vector, as
# long as one to four of them, longer, and such that are no multiple
CASES = {
    "image": ((3, 5, 56, 56), (1, 3, 3), (1, 1), (1, 1), (1, 1)),
    "image, two outputs of each": ((2, 3, 19, 33), (2, 3, 3), (1, 1), (1, 1), (1, 1)),
    "image, narrow": ((2, 4, 9, 3), (3, 5, 5), (1, 1), (2, 2), (1, 1)),
    "image, sixteen": ((1, 2, 7, 16), (1, 3, 3), (1, 1), (1, 1), (1, 1)),
    "image, wide": ((1, 2, 6, 150), (2, 4, 7), (1, 1), (2, 3), (1, 1)),
    "image, dilated": ((2, 3, 17, 40), (1, 3, 4), (1, 1), (3, 5), (2, 3)),
    "image, strided rows": ((2, 3, 18, 40), (2, 3, 3), (2, 1), (1, 1), (1, 1)),
    "image, strided": ((2, 3, 18, 40), (2, 3, 3), (2, 2), (1, 0), (1, 2)),
    "image, more padding than taps": ((1, 2, 5, 20), (2, 2, 2), (1, 1), (3, 4), (1, 1)),
    "image, no padding": ((1, 2, 8, 70), (1, 3, 3), (1, 1), (0, 0), (1, 1)),
    "signal": ((2, 3, 403), (2, 5), (1,), (2,), (1,)),
    "volume": ((2, 3, 5, 6, 20), (2, 3, 2, 3), (1, 1, 1), (1, 0, 1), (1, 1, 1)),
    "volume, strided slices": ((2, 3, 6, 6, 20), (1, 3, 2, 3), (2, 1, 1), (1, 1, 1), (1, 2, 1)),
}


def taps_of(x: np.ndarray, case: str, out: tuple[int, ...]) -> dict[tuple[int, ...], tuple[slice, ...]]:
    """Where each tap looks in the input with its padding, as slices of the spatial dimensions."""
    _, filters, stride, _, dilation = CASES[case]
    return {
        tap: tuple(slice(k * d, k * d + (n - 1) * s + 1, s) for k, d, n, s in zip(tap, dilation, out, stride, strict=True))
        for tap in itertools.product(*(range(k) for k in filters[1:]))
    }


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("case", CASES)
def test_values_and_gradients(case: str, dtype: str) -> None:
    shape, filters, stride, padding, dilation = CASES[case]
    channels, each = shape[1], filters[0]
    source = np.random.default_rng(3)
    x, weight = source.standard_normal(shape), source.standard_normal((channels * each, 1, *filters[1:]))
    bias = source.standard_normal(channels * each)
    tensors = [torch.from_numpy(a.astype(dtype)).requires_grad_() for a in (x, weight, bias)]
    call = {3: F.conv1d, 4: F.conv2d, 5: F.conv3d}[x.ndim]
    found = call(*tensors, stride, padding, dilation, channels)
    gy = source.standard_normal(tuple(found.shape))
    found.backward(torch.from_numpy(gy.astype(dtype)))

    margins = [(0, 0), (0, 0), *((p, p) for p in padding)]
    padded = np.pad(x, margins).repeat(each, 1)
    spatial = [1] * len(padding)
    expected = np.zeros(gy.shape) + bias.reshape(-1, *spatial)
    gx, gw = np.zeros(padded.shape), np.zeros(weight.shape)
    axes = (0, *range(2, x.ndim))
    for tap, seen in taps_of(padded, case, gy.shape[2:]).items():
        a = weight[:, 0][(slice(None), *tap)].reshape(-1, *spatial)
        expected += a * padded[(slice(None), slice(None), *seen)]
        gx[(slice(None), slice(None), *seen)] += a * gy
        gw[(slice(None), 0, *tap)] = (padded[(slice(None), slice(None), *seen)] * gy).sum(axes)
    inner = tuple(slice(p, p + n) for p, n in zip(padding, shape[2:], strict=True))
    gx = gx.reshape(shape[0], channels, each, *gx.shape[2:]).sum(2)[(slice(None), slice(None), *inner)]
    near = {"rtol": 1e-4, "atol": 1e-3} if dtype == "f4" else {"rtol": 1e-9, "atol": 1e-9}
    np.testing.assert_allclose(found.detach().numpy(), expected, **near)
    for tensor, wanted in zip(tensors, (gx, gw, gy.sum(axes)), strict=True):
        assert tensor.grad is not None
        np.testing.assert_allclose(tensor.grad.numpy(), wanted, **near)


def test_outputs_of_others_stay_as_they_are() -> None:
    """A vector that writes past a row must not write past its channel: channels of a larger tensor, written by two threads."""
    torch.manual_seed(0)
    x, w = torch.randn(7, 6, 5, 19), torch.randn(6, 1, 3, 3)
    whole = F.conv2d(x, w, None, 1, 1, 1, 6)
    for c in range(6):
        alone = F.conv2d(x[:, c : c + 1].contiguous(), w[c : c + 1], None, 1, 1)
        np.testing.assert_allclose(whole[:, c : c + 1].numpy(), alone.numpy(), rtol=1e-5, atol=1e-5)
    before, runs = torch.get_num_threads(), []
    x, w, gy = torch.randn(20, 32, 30, 21), torch.randn(32, 1, 3, 3), torch.randn(20, 32, 30, 21)
    for threads in (1, 2, 5):
        torch.set_num_threads(threads)
        leaves = [t.clone().requires_grad_() for t in (x, w)]
        y = F.conv2d(*leaves, None, 1, 1, 1, 32)
        y.backward(gy)
        runs.append([y.detach(), *(leaf.grad for leaf in leaves)])
    torch.set_num_threads(before)
    for run in runs[1:]:
        assert all(torch.equal(a, b) for a, b in zip(runs[0], run, strict=True))


def test_a_missing_number_reaches_what_sees_it() -> None:
    x = torch.zeros(1, 2, 6, 40)
    x[0, 0, 2, 20] = np.nan
    found = np.isnan(F.conv2d(x, torch.ones(2, 1, 3, 3), None, 1, 1, 1, 2).numpy())
    assert found.sum() == 9 and found[0, 0, 1:4, 19:22].all()


def test_a_batch_of_none() -> None:
    x, w = torch.empty(0, 3, 5, 20, requires_grad=True), torch.ones(3, 1, 3, 3, requires_grad=True)
    y = F.conv2d(x, w, None, 1, 1, 1, 3)
    y.sum().backward()
    assert y.shape == (0, 3, 5, 20) and w.grad is not None and x.grad is not None
    assert w.grad.abs().sum().item() == 0 and x.grad.shape == x.shape

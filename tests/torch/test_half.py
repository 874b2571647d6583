"""float16 is stored in 16 bits and computes in float32: each result is that of float32, rounded once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import torch

X = torch.linspace(-3, 5, 2400).view(4, 600).half()


@pytest.mark.parametrize(
    "reduce",
    [
        lambda x: x.sum(),
        lambda x: x.sum(0),
        lambda x: x.t().sum(0, keepdim=True),
        lambda x: x.mean(),
        lambda x: x.mean(-1),
        lambda x: x[:, :9].prod(1),
        lambda x: x.norm(),
        lambda x: x.norm(3, 1),
        lambda x: x.var(),
        lambda x: x.std(1),
        lambda x: x.max(),
        lambda x: x.min(1)[0],
    ],
)
def test_reductions(reduce: Callable[[torch.Tensor], torch.Tensor]) -> None:
    found, wanted = reduce(X), reduce(X.float())
    assert found.dtype == torch.float16
    assert found.shape == wanted.shape
    assert (found.float() - wanted).abs().max() <= wanted.abs().max() * 2.0**-10


def test_sums_go_beyond_what_halves_count_to() -> None:
    assert torch.ones(5000).half().sum().item() == 5000


def test_places() -> None:
    assert X.max(1)[1].tolist() == X.float().max(1)[1].tolist()
    assert X.argmin().item() == 0
    assert X.argmax(0).tolist() == [3] * 600


def test_gradient() -> None:
    x = torch.ones(3).half().requires_grad_()
    (x * x).sum().backward()
    assert x.grad.tolist() == [2, 2, 2]
    assert x.grad.dtype == torch.float16

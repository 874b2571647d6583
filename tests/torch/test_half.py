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
        lambda x: x[:, :40].cumsum(1),
        lambda x: x.t()[:40].cumsum(0),
        lambda x: x[:, ::100].cumprod(-1),
        lambda x: torch.logsumexp(x, 1, keepdim=True),
        lambda x: torch.renorm(x, 2, 1, 3),
        lambda x: torch.renorm(x.t(), 1, 0, 2),
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


def test_what_is_added_to_places() -> None:
    """Sums in float32, rounded once: what halves would lose on the way is there."""
    index = torch.zeros(600, dtype=torch.int64)
    target = torch.full((4, 1), 2048).half()
    ones = torch.ones(4, 600).half()
    assert target.clone().scatter_add_(1, index.expand(4, 600), ones).tolist() == [[2648.0]] * 4
    assert target.clone().index_add_(1, index, ones).tolist() == [[2648.0]] * 4
    assert target.clone().put_(index, ones[0], accumulate=True).tolist() == [[2648.0], [2048.0], [2048.0], [2048.0]]
    wide = torch.zeros(4, 2).half().t()
    assert wide.index_add_(0, torch.tensor([1, 1]), X[:2, :4]).tolist() == [[0] * 4, (X[0, :4] + X[1, :4]).tolist()]
    with pytest.raises(RuntimeError, match="expected tensors of one dtype, got Half and Float"):
        target.scatter_add_(1, index.expand(4, 600), ones.float())
    with pytest.raises(RuntimeError, match="cannot be written"):
        target[0].expand(4).index_add_(0, index[:1], ones[0, :1])


def test_where_and_whether() -> None:
    x = torch.tensor([[0.0, -0.0, float("nan")], [5.9e-8, 0.0, 1.0]]).half()
    assert x.nonzero().tolist() == [[0, 2], [1, 0], [1, 2]]
    assert x.t().nonzero().tolist() == [[0, 1], [2, 0], [2, 1]]
    assert not x.equal(x) and x[1].equal(x[1].clone()) and x[:, 1].equal(torch.zeros(2).half())


def test_running_results_in_place_and_refused() -> None:
    x = X[0, :8].clone()
    wanted = x.float().cumsum(0).half().tolist()
    assert torch.cumsum(x, 0, out=x).tolist() == wanted
    out = torch.ones(8)
    with pytest.raises(
        RuntimeError, match=r"\[cumsum\] (the output is Float, expected|output, a tensor of dtype Float: must have dtype) Half"
    ):
        torch.cumsum(X[0, :8], 0, out=out)
    assert out.tolist() == [1] * 8

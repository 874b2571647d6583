"""Distances, and the losses made of them."""

from __future__ import annotations

from torch import _C
from torch.nn.functions.losses import _reduce, _reduction

Tensor = _C.Tensor


def normalize(input: Tensor, p: float = 2, dim: int = 1, eps: float = 1e-12) -> Tensor:
    """`input` over its p-norm along `dim`, which counts as `eps` at least.

    >>> F.normalize(torch.tensor([[3., 4.], [0., 0.]]))
    tensor([[0.6000, 0.8000],
            [0.0000, 0.0000]])
    """
    return input / input.norm(p, dim, True).clamp(min=eps).expand_as(input)


def pairwise_distance(x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Tensor:
    """The p-norms of the rows of x1 - x2 + eps: N x D and N x D give N.

    >>> F.pairwise_distance(torch.tensor([[0., 0.], [1., 1.]]), torch.tensor([[3., 4.], [1., 2.]]))
    tensor([5.0000, 1.0000])
    """
    return (x1 - x2 + eps).norm(p, 1, keepdim)


def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """x1 . x2 / max(|x1| |x2|, eps) along `dim`.

    >>> F.cosine_similarity(torch.tensor([[1., 0.], [1., 1.]]), torch.tensor([[0., 2.], [3., 3.]])).abs()
    tensor([0.0000, 1.0000])
    """
    dot = (x1 * x2).sum(dim)
    return dot / (x1.norm(2, dim) * x2.norm(2, dim)).clamp(min=eps)


def cosine_embedding_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "elementwise_mean",
) -> Tensor:
    """1 - cosine where target is 1, max(0, cosine - margin) where it is -1; inputs N x D (or D), target N.

    >>> a, b = torch.tensor([[1., 0.], [1., 0.]]), torch.tensor([[0., 1.], [1., 0.]])
    >>> F.cosine_embedding_loss(a, b, torch.tensor([1., -1.]), reduction="none")
    tensor([1., 1.])
    """
    dim = input1.dim() - 1
    tiny = 1e-12  # as 0.4: a zero vector has the cosine 0
    dot = (input1 * input2).sum(dim)
    cosine = dot / (((input1 * input1).sum(dim) + tiny) * ((input2 * input2).sum(dim) + tiny)).sqrt()
    zeros = _C.ops.zeros_like(cosine)
    near = _C.ops.where(target == 1, 1 - cosine, zeros)
    far = _C.ops.where(target == -1, (cosine - margin).clamp(min=0), zeros)
    return _reduce(near + far, _reduction(size_average, reduce, reduction))


def triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "elementwise_mean",
) -> Tensor:
    """max(0, d(anchor, positive) - d(anchor, negative) + margin) with d the `pairwise_distance`; all N x D.

    swap: the nearer of d(anchor, negative) and d(positive, negative) counts (Balntas et al., 2016).

    >>> anchor, positive, negative = torch.tensor([[0., 0.]]), torch.tensor([[3., 4.]]), torch.tensor([[0., 2.]])
    >>> F.triplet_margin_loss(anchor, positive, negative)
    tensor(4.0000)
    """
    near = pairwise_distance(anchor, positive, p, eps)
    far = pairwise_distance(anchor, negative, p, eps)
    if swap:
        far = _C.ops.min(far, pairwise_distance(positive, negative, p, eps))
    return _reduce((near - far + margin).clamp(min=0), _reduction(size_average, reduce, reduction))

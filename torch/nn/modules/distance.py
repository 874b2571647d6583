"""Distances between vectors."""

from __future__ import annotations

from torch import _C
from torch.nn import functional as F
from torch.nn.modules.module import Module


class PairwiseDistance(Module):
    """The p-norm of x1 - x2 + eps: N x D and N x D give N, or N x 1 with `keepdim`.

    >>> nn.PairwiseDistance(p=1, eps=0)(torch.tensor([[0., 0.]]), torch.tensor([[3., 4.]]))
    tensor([7.])
    """

    def __init__(self, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> None:
        super().__init__()
        self.norm = p
        self.eps = eps
        self.keepdim = keepdim

    def forward(self, x1: _C.Tensor, x2: _C.Tensor) -> _C.Tensor:
        return F.pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)

    def extra_repr(self) -> str:
        return f"p={self.norm}"


class CosineSimilarity(Module):
    """x1 . x2 / max(|x1| |x2|, eps) along `dim`, which disappears.

    >>> nn.CosineSimilarity(dim=1)(torch.tensor([[1., 0.]]), torch.tensor([[0., 2.]])).abs()
    tensor([0.])
    """

    def __init__(self, dim: int = 1, eps: float = 1e-8) -> None:
        super().__init__()
        self.dim = dim
        self.eps = eps

    def forward(self, x1: _C.Tensor, x2: _C.Tensor) -> _C.Tensor:
        return F.cosine_similarity(x1, x2, self.dim, self.eps)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"

"""Dropout: while training, parts of the input become zero at random."""

from __future__ import annotations

from torch import _C

Tensor = _C.Tensor


def _check(p: float) -> None:
    if not 0 <= p <= 1:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")


def dropout(input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False) -> Tensor:
    """Each element is zero with probability `p`, else scaled by 1 / (1 - p); without `training`, `input` itself.

    >>> x = F.dropout(torch.ones(1000), p=0.75, training=True)
    >>> torch.unique(x)
    tensor([0., 4.])
    >>> F.dropout(torch.ones(3), p=0.75)
    tensor([1., 1., 1.])
    """
    _check(p)
    if not training or p == 0:
        return input
    if inplace:
        return input.mul_(_C.nn.dropout(_C.ops.ones_like(input.data), p, True))
    return _C.nn.dropout(input, p, True)


def _feature_dropout(input: Tensor, p: float, training: bool, inplace: bool) -> Tensor:
    _check(p)
    if not training or p == 0:
        return input
    if input.dim() < 2:
        raise ValueError(f"[dropout] input has {input.dim()} dimensions, expected 2 or more (N x C x *)")
    channels = _C.ops.ones(*input.size()[:2], *[1] * (input.dim() - 2), dtype=input.dtype, device=input.device)
    mask = _C.nn.dropout(channels, p, True).expand_as(input)
    return input.mul_(mask) if inplace else input * mask


def dropout2d(input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False) -> Tensor:
    """`dropout` of whole channels of N x C x H x W (Tompson et al., 2014).

    >>> x = F.dropout2d(torch.ones(100, 8, 2, 2), p=0.5, training=True)
    >>> torch.unique(x.sum(3).sum(2))
    tensor([0., 8.])
    """
    return _feature_dropout(input, p, training, inplace)


def dropout3d(input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False) -> Tensor:
    """`dropout` of whole channels of N x C x D x H x W.

    >>> x = F.dropout3d(torch.ones(100, 8, 2, 2, 2), p=0.5, training=True)
    >>> torch.unique(x.view(100, 8, -1).sum(2))
    tensor([ 0., 16.])
    """
    return _feature_dropout(input, p, training, inplace)


def alpha_dropout(input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False) -> Tensor:
    """Dropout for SELU: elements become its negative limit, and mean 0 and variance 1 stay (Klambauer et al., 2017).

    >>> x = F.alpha_dropout(torch.randn(100000), p=0.5, training=True)
    >>> abs(x.mean().item()) < 0.1, abs(x.std().item() - 1) < 0.1
    (True, True)
    """
    _check(p)
    if not training or p == 0:
        return input
    if p == 1:
        return input.mul_(0) if inplace else input * 0
    limit = -1.7580993408473766  # of SELU towards minus infinity
    keep = _C.ops.empty_like(input.data).bernoulli_(1 - p)
    scale = ((1 - p) * (1 + p * limit**2)) ** -0.5
    shift = (1 - keep) * (limit * scale) - limit * scale * p
    return input.mul_(keep * scale).add_(shift) if inplace else input * (keep * scale) + shift

"""Dropout, in training only: without it these modules return their input."""

from __future__ import annotations

from torch import _C
from torch.nn import functional as F
from torch.nn.modules.layer_settings import refuse
from torch.nn.modules.module import Module


class _DropoutBase(Module):
    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            refuse(self, f"dropout probability has to be between 0 and 1, but got {p}")
        self.p = p
        self.inplace = inplace

    def extra_repr(self) -> str:
        return f"p={self.p}" + (", inplace" if self.inplace else "")


class Dropout(_DropoutBase):
    """Each element is zero with probability `p`, else scaled by 1 / (1 - p). Srivastava et al., JMLR 2014.

    >>> layer = nn.Dropout(p=0.75)
    >>> torch.unique(layer(torch.ones(1000)))
    tensor([0., 4.])
    >>> layer.eval()(torch.ones(3))
    tensor([1., 1., 1.])
    """

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return F.dropout(input, self.p, self.training, self.inplace)


class Dropout2d(_DropoutBase):
    """`Dropout` of whole channels of N x C x H x W.

    >>> torch.unique(nn.Dropout2d()(torch.ones(100, 8, 2, 2)).sum(3).sum(2))
    tensor([0., 8.])
    """

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return F.dropout2d(input, self.p, self.training, self.inplace)


class Dropout3d(_DropoutBase):
    """`Dropout` of whole channels of N x C x D x H x W.

    >>> torch.unique(nn.Dropout3d()(torch.ones(100, 8, 2, 2, 2)).view(100, 8, -1).sum(2))
    tensor([ 0., 16.])
    """

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return F.dropout3d(input, self.p, self.training, self.inplace)


class AlphaDropout(_DropoutBase):
    """Dropout that keeps mean 0 and variance 1, for networks of `SELU`.

    >>> x = nn.AlphaDropout()(torch.randn(100000))
    >>> abs(x.mean().item()) < 0.1, abs(x.std().item() - 1) < 0.1
    (True, True)
    """

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return F.alpha_dropout(input, self.p, self.training, self.inplace)

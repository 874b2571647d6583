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
    """Each element is zero with probability `p`, else scaled by 1 / (1 - p). Srivastava et al., JMLR 2014."""

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return F.dropout(input, self.p, self.training, self.inplace)


class Dropout2d(_DropoutBase):
    """`Dropout` of whole channels of N x C x H x W."""

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return F.dropout2d(input, self.p, self.training, self.inplace)


class Dropout3d(_DropoutBase):
    """`Dropout` of whole channels of N x C x D x H x W."""

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return F.dropout3d(input, self.p, self.training, self.inplace)


class AlphaDropout(_DropoutBase):
    """Dropout that keeps mean 0 and variance 1, for networks of `SELU`."""

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return F.alpha_dropout(input, self.p, self.training, self.inplace)

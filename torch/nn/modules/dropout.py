"""Dropout."""

from __future__ import annotations

from torch import _C
from torch.nn import functional as F
from torch.nn.modules.module import Module


class Dropout(Module):
    """In training, each element is zero with probability `p`, else scaled by 1 / (1 - p). Srivastava et al., JMLR 2014."""

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
        self.p = p
        self.inplace = inplace

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return F.dropout(input, self.p, self.training, self.inplace)

    def extra_repr(self) -> str:
        return f"p={self.p}" + (", inplace" if self.inplace else "")

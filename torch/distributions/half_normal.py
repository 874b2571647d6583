"""The half-normal distribution."""

from __future__ import annotations

import math

from torch import _C
from torch.distributions.folded import Folded
from torch.distributions.normal import Normal


class HalfNormal(Folded):
    """|x| for normal x of mean 0 and standard deviation `scale`.

    >>> from torch.distributions import HalfNormal
    >>> HalfNormal(1.).cdf(torch.tensor([0., 1.]))
    tensor([0.0000, 0.6827])
    """

    base_kind = Normal

    @property
    def mean(self) -> _C.Tensor:
        return self.scale * math.sqrt(2 / math.pi)

    @property
    def variance(self) -> _C.Tensor:
        return self.scale * self.scale * (1 - 2 / math.pi)

    def cdf(self, value: _C.Tensor) -> _C.Tensor:
        self._validate_sample(value)
        return (value.clamp(min=0) / (self.scale * math.sqrt(2))).erf()

    def icdf(self, value: _C.Tensor) -> _C.Tensor:
        return self.scale * math.sqrt(2) * value.erfinv()

"""The half-Cauchy distribution."""

from __future__ import annotations

import math

from torch import _C
from torch.distributions.cauchy import Cauchy
from torch.distributions.folded import Folded


class HalfCauchy(Folded):
    """|x| for x of the Cauchy distribution of median 0 and half width `scale`; it has no finite mean.

    >>> from torch.distributions import HalfCauchy
    >>> HalfCauchy(2.).icdf(torch.tensor(0.5))
    tensor(2.)
    """

    base_kind = Cauchy

    @property
    def mean(self) -> _C.Tensor:
        return _C.ops.full_like(self.scale, math.inf)

    @property
    def variance(self) -> _C.Tensor:
        return self.base_dist.variance

    def cdf(self, value: _C.Tensor) -> _C.Tensor:
        self._validate_sample(value)
        return (value.clamp(min=0) / self.scale).atan() * (2 / math.pi)

    def icdf(self, value: _C.Tensor) -> _C.Tensor:
        lower, upper = (value * (math.pi / 2)).tan(), 1 / ((1 - value) * (math.pi / 2)).tan()
        return self.scale * _C.ops.where(value < 0.5, lower, upper)

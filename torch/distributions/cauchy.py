"""The Cauchy distribution."""

from __future__ import annotations

import math

from torch import _C
from torch.distributions.distribution import log1p_square
from torch.distributions.location_scale import LocationScale

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class Cauchy(LocationScale):
    """The Cauchy distribution of median `loc` and half width `scale`; it has no mean.

    >>> from torch.distributions import Cauchy
    >>> Cauchy(0., 1.).icdf(torch.tensor([0.25, 0.75]))
    tensor([-1.,  1.])
    """

    @property
    def mean(self) -> _C.Tensor:
        return _C.ops.full_like(self.loc, math.nan)

    @property
    def variance(self) -> _C.Tensor:
        return _C.ops.full_like(self.loc, math.inf)

    def rsample(self, sample_shape: Iterable[int] = ()) -> _C.Tensor:
        return self.loc + self.scale * self._room(sample_shape, self.loc).cauchy_()

    def log_prob(self, value: _C.Tensor) -> _C.Tensor:
        self._validate_sample(value)
        z = self._standardized(value)
        return -math.log(math.pi) - self.scale.log() - log1p_square(z)

    def cdf(self, value: _C.Tensor) -> _C.Tensor:
        self._validate_sample(value)
        z = (self.loc - value) / self.scale
        return _C.ops.atan2(_C.ops.ones_like(z), z) / math.pi  # keeps the digits of small probabilities

    def icdf(self, value: _C.Tensor) -> _C.Tensor:
        z = _C.ops.where(value < 0.5, -1 / (math.pi * value).tan(), 1 / (math.pi * (1 - value)).tan())
        return self.loc + self.scale * z

    def entropy(self) -> _C.Tensor:
        return math.log(4 * math.pi) + self.scale.log()
